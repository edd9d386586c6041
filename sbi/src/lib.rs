//! Fingerprint scanners behind the Secure Biometric Interface (SBI) 0.9.5, an open specification of
//! MOSIP by which certified scanners are reached: the vendor's service listens on loopback and
//! answers HTTP/1.1 with verbs of its own. <https://docs.mosip.io/1.2.0/biometrics/secure-biometric-interface>
//!
//! ```text
//! ports 4501–4600 ──MOSIPDISC──▶ a device ──MOSIPDINFO──▶ who it is, signed
//!                                   │
//!          STREAM (JPEG by frame) ──┤ preview
//!                                   └──RCAPTURE──▶ verify ──▶ picture_of ──▶ assess ──▶ Captured
//! ```
//!
//! * [`SbiScanner`]: the driver, behind [`tablet::device::Scanner`]; plain threads, no runtime.
//! * [`verify`]: pure functions that decide whether an answer may be trusted.
//! * [`picture_of`]: the ISO/IEC 19794-4 record of an answer as a picture.
//!
//! A leaf: nothing of ours depends on it but the application. It was tried against the simulator
//! alone (`sbi-simulator`), not against a certified scanner.

mod config;
mod discovery;
mod driver;
mod fault;
mod fingers;
mod http;
mod message;
mod moment;
mod picture;
mod stream;
pub mod verify;

pub use config::SbiConfig;
pub use driver::SbiScanner;
pub use picture::{PictureFault, Pictured, picture_of};

/// Readers of foreign bytes, for the tests that feed them hostile ones.
#[doc(hidden)]
pub mod readers {
    pub use crate::http::{Head, HttpFault, read_head};
    pub use crate::message::{Biometric, Device, Info, Unreadable};
    pub use crate::message::{read_answer, read_devices, read_infos};
    pub use crate::moment::{read as read_moment, written};
    pub use crate::stream::{Frames, NotAStream};
}
