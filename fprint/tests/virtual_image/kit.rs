//! libfprint's virtual image device from outside: a feeder on its socket, and a process a test.
//!
//! libfprint reads `FP_VIRTUAL_IMAGE` from the environment, which a test may not change of itself:
//! each runs its own binary anew with the variable set.

use biometrics::finger::GreyImage;
use biometrics::finger::synth::{Finger as SyntheticFinger, Impression};
use fprint::{LibfprintConfig, LibfprintScanner};
use regulation::encounter::Finger;
use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tablet::device::{Cancel, CaptureRequest, Captured, Preview, Scanner as _, ScannerFault};

/// Set in the process of one test: where the socket of the virtual device is.
const SOCKET: &str = "FPRINT_TEST_SOCKET";
pub const VIRTUAL_IMAGE: &str = "FP_VIRTUAL_IMAGE";
/// A virtual reader that compares prints by itself.
pub const VIRTUAL_DEVICE: &str = "FP_VIRTUAL_DEVICE";

/// Runs `test` in a process of its own, where `variable` names the socket of a virtual device; none
/// is plugged in where there is no `variable`.
pub fn plugged(name: &str, variable: Option<&str>, test: impl FnOnce(&Path)) {
    if let Some(socket) = std::env::var_os(SOCKET) {
        return test(&PathBuf::from(socket));
    }
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("reader");
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args([name, "--exact", "--nocapture", "--test-threads=1"])
        .env(SOCKET, &socket)
        .env_remove(VIRTUAL_IMAGE)
        .env_remove(VIRTUAL_DEVICE);
    if let Some(variable) = variable {
        child.env(variable, &socket);
    }
    let output = child.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{log}");
    assert!(said.contains("1 passed"), "no test of that name: {said}");
}

pub fn scanner() -> Arc<LibfprintScanner> {
    LibfprintScanner::new(LibfprintConfig::with_ppi(500).unwrap())
}

pub fn request(timeout_ms: u64) -> CaptureRequest {
    CaptureRequest {
        finger: Finger::RightIndex,
        timeout: Duration::from_millis(timeout_ms),
        enough: 40,
    }
}

/// One capture with all that it showed.
pub fn capture(
    scanner: &LibfprintScanner,
    timeout_ms: u64,
) -> (Result<Captured, ScannerFault>, Vec<Preview>) {
    let mut shown = Vec::new();
    let taken = scanner.capture(
        &request(timeout_ms),
        &mut |preview| shown.push(preview.clone()),
        &Cancel::default(),
    );
    (taken, shown)
}

/// The fault of a capture that is long enough for all but waiting.
pub fn fault(scanner: &LibfprintScanner) -> ScannerFault {
    capture(scanner, 20_000).0.unwrap_err()
}

pub fn print(finger: u64, touch: &Impression) -> GreyImage {
    SyntheticFinger::from_seed(finger).impression(touch)
}

/// The other end of the socket: what happens at the reader.
pub struct Feeder(UnixStream);

impl Feeder {
    /// Connects as soon as the driver has opened the device.
    pub fn connect(socket: &Path) -> Self {
        let patience = Instant::now() + Duration::from_secs(20);
        let stream = loop {
            match UnixStream::connect(socket) {
                Ok(stream) => break stream,
                Err(error) if Instant::now() > patience => panic!("{error}"),
                Err(_) => std::thread::sleep(Duration::from_millis(10)),
            }
        };
        // Between opening and capturing the device throws away what comes.
        std::thread::sleep(Duration::from_millis(400));
        Self(stream)
    }

    fn send(&mut self, first: i32, second: i32) {
        self.0.write_all(&first.to_ne_bytes()).unwrap();
        self.0.write_all(&second.to_ne_bytes()).unwrap();
    }

    pub fn picture(&mut self, picture: &GreyImage) {
        let side = |side: u32| i32::try_from(side).unwrap();
        self.raw(
            side(picture.width()),
            side(picture.height()),
            picture.pixels(),
        );
    }

    pub fn raw(&mut self, width: i32, height: i32, pixels: &[u8]) {
        self.send(width, height);
        self.0.write_all(pixels).unwrap();
    }

    /// A code of `FpDeviceRetry`.
    pub fn retry(&mut self, code: i32) {
        self.send(-1, code);
    }

    /// A code of `FpDeviceError`.
    pub fn error(&mut self, code: i32) {
        self.send(-2, code);
    }

    /// The finger comes and goes as the feeder says, not with the picture.
    pub fn by_hand(&mut self) {
        self.send(-3, 0);
    }

    pub fn finger(&mut self, present: bool) {
        self.send(-4, i32::from(present));
    }

    pub fn unplug(&mut self) {
        self.send(-5, 0);
    }
}

/// Does `what` at the reader while `meanwhile` runs; the connection holds until both are done.
pub fn while_fed<T>(
    socket: &Path,
    what: impl FnOnce(&mut Feeder) + Send,
    meanwhile: impl FnOnce() -> T,
) -> T {
    std::thread::scope(|scope| {
        let feeding = scope.spawn(|| {
            let mut feeder = Feeder::connect(socket);
            what(&mut feeder);
            feeder
        });
        let result = meanwhile();
        drop(feeding.join().unwrap());
        result
    })
}
