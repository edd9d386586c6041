//! Invented identity documents as pictures: their zone in OCR-B, before a pattern, seen by a camera.
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss
)]

mod camera;
mod document;
mod font;
mod random;
pub mod train;

pub use camera::{Difficulty, Shot, photograph};
pub use document::{Document, Kind, Print};
pub use font::Font;
pub use random::Random;
