//! Invented identity documents as pictures: their zone in OCR-B, before a pattern, seen by a camera.

mod camera;
mod document;
mod font;
mod random;
pub mod train;

pub use camera::{Difficulty, Shot, photograph};
pub use document::{Document, Kind, Print};
pub use font::Font;
pub use random::Random;
