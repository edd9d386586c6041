//! Synthetic fingers: for the demonstration and for tests, never for claims about accuracy.
//!
//! A finger is a ridge flow with cores and deltas (zero-pole model: Sherlock, Monro, Pattern
//! Recognition 26(7), 1993), bent by smooth noise, in which ridges grow from noise by repeated
//! oriented filtering (Cappelli, Maio, Maltoni, SFinGe, 2000). An impression is a rotated,
//! shifted, stretched picture of it with dryness, moisture, pores and a limited contact area.
//! Everything follows from seeds, on every machine the same up to floating-point rounding.

mod background;
mod field;
mod impression;
mod master;
mod reseen;
pub(crate) mod rng;

pub use background::background_template;
pub use impression::{Impression, no_finger, two_fingers};
pub use master::Finger;
pub use reseen::reseen_template;
