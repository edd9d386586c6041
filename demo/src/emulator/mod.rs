//! Emulated hardware behind the tablet's driver interfaces.

mod power;
mod scanner;

pub use power::EmulatedPower;
pub use scanner::{EmulatedScanner, Glass, ScannerPanel, Skin};
