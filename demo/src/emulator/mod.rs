//! Emulated hardware behind the tablet's driver interfaces.

mod camera;
mod power;
mod scanner;

pub use camera::{CameraPanel, EmulatedCamera, Scene, Trouble};
pub use power::EmulatedPower;
pub use scanner::{EmulatedScanner, Glass, ScannerPanel, Skin};
