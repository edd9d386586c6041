//! A simulator, and a driver that trusts it and looks for it on its port alone.

use regulation::encounter::Finger;
use sbi::verify::TrustRoots;
use sbi::{SbiConfig, SbiScanner};
use sbi_simulator::{Glass, Keys, Options, Panel, Simulator, Skin};
use std::sync::Arc;
use std::time::Duration;
use tablet::device::{Cancel, CaptureRequest, Captured, Preview, Scanner as _, ScannerFault};

pub struct Kit {
    pub simulator: Simulator,
    pub scanner: Arc<SbiScanner>,
    pub panel: Panel,
}

/// A port of its own for every test: they run beside each other.
pub fn options() -> Options {
    Options {
        port: Some(0),
        ..Options::default()
    }
}

pub fn roots() -> TrustRoots {
    let root = Keys::default().root_certificate().unwrap();
    TrustRoots::from_pem(root.as_bytes()).unwrap()
}

pub fn config(ports: std::ops::RangeInclusive<u16>) -> SbiConfig {
    SbiConfig {
        ports,
        environment: "Staging".into(),
        ..SbiConfig::new(roots())
    }
}

pub fn kit(options: Options) -> Kit {
    let simulator = Simulator::start(options).unwrap();
    let port = simulator.port();
    Kit {
        scanner: SbiScanner::new(config(port..=port)),
        panel: simulator.panel(),
        simulator,
    }
}

pub fn glass(skin: Skin) -> Glass {
    Glass {
        finger: 3,
        skin,
        touch: 5,
    }
}

/// With an ordinary finger on the glass.
pub fn with_finger(options: Options) -> Kit {
    let kit = kit(options);
    kit.panel.place(glass(Skin::Ordinary));
    kit
}

pub fn request(finger: Finger, timeout: Duration) -> CaptureRequest {
    CaptureRequest {
        finger,
        timeout,
        enough: 40,
    }
}

impl Kit {
    pub fn capture(&self) -> Result<Captured, ScannerFault> {
        self.capture_within(Duration::from_secs(10))
    }

    pub fn capture_within(&self, timeout: Duration) -> Result<Captured, ScannerFault> {
        let request = request(Finger::RightIndex, timeout);
        self.scanner
            .capture(&request, &mut |_| {}, &Cancel::default())
    }

    pub fn fault(&self) -> Option<ScannerFault> {
        self.capture().err()
    }

    /// With every preview.
    pub fn watch(&self) -> (Result<Captured, ScannerFault>, Vec<Preview>) {
        let mut seen = Vec::new();
        let request = request(Finger::RightIndex, Duration::from_secs(10));
        let captured = self.scanner.capture(
            &request,
            &mut |preview| seen.push(preview.clone()),
            &Cancel::default(),
        );
        (captured, seen)
    }
}
