//! Which scanner a play is done with, and what lies on its glass.

use crate::emulator::{EmulatedScanner, Glass, ScannerPanel, Skin};
use sbi::verify::{RootsError, TrustRoots};
use sbi::{SbiConfig, SbiScanner};
use sbi_simulator::{KeysError, Options, Simulator, StartError};
use std::sync::Arc;
use std::time::Duration;
use tablet::device::Scanner;

/// A simulated device that does not answer: longer than a capture waits (15 seconds by the edition).
const SILENT: Duration = Duration::from_secs(20);

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
    Emulated(Arc<EmulatedScanner>, ScannerPanel),
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
            let outside = Outside::Emulated(scanner.clone(), panel);
            return Ok((scanner, Self(outside)));
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

    /// Puts a finger on the glass. A finger that was not seen before takes some tenths of a second to
    /// grow: not on the screen's thread.
    pub fn place(&self, glass: Glass) {
        match &self.0 {
            Outside::Emulated(scanner, panel) => {
                scanner.prepare(glass.finger);
                panel.place(glass);
            }
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

    /// Takes the finger off.
    pub fn lift(&self) {
        match &self.0 {
            Outside::Emulated(_, panel) => panel.lift(),
            Outside::Sbi(simulator) => simulator.panel().lift(),
        }
    }

    pub fn set_plugged(&self, plugged: bool) {
        match &self.0 {
            Outside::Emulated(_, panel) => panel.set_plugged(plugged),
            Outside::Sbi(simulator) => simulator.panel().set_plugged(plugged),
        }
    }

    /// Another program holds the device.
    pub fn set_busy(&self, busy: bool) {
        match &self.0 {
            Outside::Emulated(_, panel) => panel.set_busy(busy),
            Outside::Sbi(simulator) => simulator.panel().set_status(match busy {
                true => sbi_simulator::Status::Busy,
                false => sbi_simulator::Status::Ready,
            }),
        }
    }

    /// The device answers no more, but is plugged in.
    pub fn set_silent(&self, silent: bool) {
        match &self.0 {
            Outside::Emulated(_, panel) => panel.set_silent(silent),
            Outside::Sbi(simulator) => simulator.panel().set_delay(match silent {
                true => SILENT,
                false => Duration::ZERO,
            }),
        }
    }

    /// The lamp under the glass is broken.
    pub fn set_blind(&self, blind: bool) {
        match &self.0 {
            Outside::Emulated(_, panel) => panel.set_blind(blind),
            Outside::Sbi(simulator) => simulator.panel().set_blind(blind),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use regulation::encounter::Finger;
    use tablet::device::{Cancel, CaptureRequest, ScannerFault};

    fn capture(scanner: &dyn Scanner, timeout_ms: u64) -> Option<ScannerFault> {
        let request = CaptureRequest {
            finger: Finger::RightIndex,
            timeout: Duration::from_millis(timeout_ms),
            enough: 40,
        };
        let taken = scanner.capture(&request, &mut |_| {}, &Cancel::default());
        taken.err()
    }

    /// What the panel does is met by the tablet, whichever scanner it has.
    #[test]
    fn the_panel_moves_the_finger_and_breaks_the_scanner_of_either_kind() {
        for (kind, dark) in [
            (ScannerKind::Emulated, ScannerFault::NoPicture),
            (ScannerKind::Sbi, ScannerFault::Failed),
        ] {
            let (scanner, outside) = Scanning::start(kind).unwrap();
            let finger = |skin| Glass {
                finger: 3,
                skin,
                touch: 5,
            };
            let met = |timeout_ms| capture(scanner.as_ref(), timeout_ms);
            outside.place(finger(Skin::Ordinary));
            assert_eq!(met(20_000), None, "{kind:?}");
            outside.place(finger(Skin::Dry));
            assert_eq!(met(20_000), Some(ScannerFault::TooDry), "{kind:?}");
            outside.lift();
            assert_eq!(met(1500), Some(ScannerFault::NoFinger), "{kind:?}");
            outside.place(finger(Skin::Ordinary));
            outside.set_busy(true);
            assert_eq!(met(5000), Some(ScannerFault::Busy), "{kind:?}");
            outside.set_busy(false);
            outside.set_blind(true);
            assert_eq!(met(20_000), Some(dark), "{kind:?}");
            outside.set_blind(false);
            outside.set_plugged(false);
            let gone = Some(ScannerFault::NotConnected);
            assert_eq!(scanner.discover().err(), gone, "{kind:?}");
            outside.set_plugged(true);
            assert_eq!(met(20_000), None, "{kind:?}: mended");
            outside.lift();
            outside.set_silent(true);
            assert_eq!(met(1000), Some(ScannerFault::TimedOut), "{kind:?}");
        }
    }
}
