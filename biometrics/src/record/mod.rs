//! Biometric data interchange records: what other systems write and read.
//!
//! * [`minutiae`]: finger minutiae records of ISO/IEC 19794-2, editions 2005 and 2011.
//! * [`finger_image`]: finger image records of ISO/IEC 19794-4, editions 2005 and 2011.
//! * [`face_image`]: face image records of ISO/IEC 19794-5, editions 2005 and 2011.
//! * [`picture`]: the pictures inside image records, decoded.
//!
//! Readers are strict: every length, count, code and reserved bit is checked before it is used,
//! and whatever a standard does not allow is refused by name. They never panic and allocate no
//! more than the bytes given justify. Image records of real devices often fail their standard in
//! small ways: these readers can also read over what is harmless, and list it.

mod capture;
mod codes;
mod cursor;
pub mod face_image;
mod fault;
pub mod finger_image;
pub mod minutiae;
pub mod picture;

pub use capture::{CaptureTime, Certification, Device, QualityBlock};
pub use fault::{Fault, MAX_DEVIATIONS, Problem};
