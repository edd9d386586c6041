//! Training: the same application on invented people, in situations whose record is judged by what the
//! Regulation asks.
//!
//! A situation is data ([`scenario`]); judging is a pure function over what was recorded ([`judge`]). A
//! production tablet holds none of this: training is a composition of its own.

pub mod judge;
pub mod scenario;
pub mod words;
