//! Emulated hardware behind the tablet's driver interfaces.

mod camera;
mod clock;
mod power;
mod scanner;
mod speaker;

pub use camera::{CameraPanel, Code, EmulatedCamera, Head, Scene, Trouble};
pub use clock::MovedClock;
/// What a camera may look at.
pub use mrz::synth::Document;
pub use power::EmulatedPower;
pub use scanner::{EmulatedScanner, Glass, ScannerPanel, Skin};
pub use speaker::EmulatedSpeaker;
