//! Biometric data interchange records: what other systems write and read.
//!
//! * [`minutiae`]: finger minutiae records of ISO/IEC 19794-2, editions 2005 and 2011.
//!
//! Readers are strict: every length, count, code and reserved bit is checked before it is used,
//! and whatever a standard does not allow is refused by name. They never panic and allocate no
//! more than the bytes given justify.

mod cursor;
pub mod minutiae;
