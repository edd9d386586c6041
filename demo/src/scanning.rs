//! Which scanner a play is done with, and what lies on its glass.

use crate::emulator::{EmulatedScanner, Glass, ScannerPanel, Skin};
use sbi::verify::{RootsError, TrustRoots};
use sbi::{SbiConfig, SbiScanner};
use sbi_simulator::{KeysError, Options, Simulator, StartError};
use std::sync::Arc;
use tablet::device::Scanner;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScannerKind {
    /// Behind the tablet's own interface, in its process.
    #[default]
    Emulated,
    /// A simulated device behind the Secure Biometric Interface, reached over HTTP by the driver of
    /// certified scanners; each answer is signed and verified.
    Sbi,
}

/// Why there is no scanner.
#[derive(Debug, thiserror::Error)]
pub enum ScanningError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error("the simulated authority cannot be trusted: {0}")]
    Roots(#[from] RootsError),
}

/// A scanner, and the world outside it.
pub struct Scanning(Outside);

enum Outside {
    Emulated(ScannerPanel),
    Sbi(Box<Simulator>),
}

impl std::fmt::Debug for Scanning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scanning(..)")
    }
}

impl Scanning {
    /// A scanner of that kind, and the driver that the tablet has of it.
    ///
    /// # Errors
    /// The simulator does not start.
    pub fn start(kind: ScannerKind) -> Result<(Arc<dyn Scanner>, Self), ScanningError> {
        if kind == ScannerKind::Emulated {
            let (scanner, panel) = EmulatedScanner::new();
            return Ok((scanner, Self(Outside::Emulated(panel))));
        }
        let options = Options::default();
        let roots = TrustRoots::from_pem(options.keys.root_certificate()?.as_bytes())?;
        let environment = options.environment.clone();
        let simulator = Simulator::start(options)?;
        let port = simulator.port();
        let config = SbiConfig {
            ports: port..=port,
            environment,
            ..SbiConfig::new(roots)
        };
        let outside = Outside::Sbi(Box::new(simulator));
        Ok((SbiScanner::new(config), Self(outside)))
    }

    pub fn place(&self, glass: Glass) {
        match &self.0 {
            Outside::Emulated(panel) => panel.place(glass),
            Outside::Sbi(simulator) => simulator.panel().place(sbi_simulator::Glass {
                finger: glass.finger,
                skin: match glass.skin {
                    Skin::Ordinary => sbi_simulator::Skin::Ordinary,
                    Skin::Dry => sbi_simulator::Skin::Dry,
                    Skin::Wet => sbi_simulator::Skin::Wet,
                    Skin::Partial => sbi_simulator::Skin::Partial,
                    Skin::Two => sbi_simulator::Skin::Two,
                    Skin::Moving => sbi_simulator::Skin::Moving,
                },
                touch: glass.touch,
            }),
        }
    }

    pub fn lift(&self) {
        match &self.0 {
            Outside::Emulated(panel) => panel.lift(),
            Outside::Sbi(simulator) => simulator.panel().lift(),
        }
    }
}
