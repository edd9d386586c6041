//! Training (R-3b): the same application on invented people, in situations whose record is judged by what
//! the Regulation asks.
//!
//! A situation is data ([`scenario`]); judging is a pure function over what was recorded ([`judge`]). A
//! production tablet holds none of this: training is a composition of its own ([`compose`]), of a central, a
//! tablet with emulated devices, and a [`guide`] between the tablet's worker and its screen.

pub mod cast;
pub mod cli;
pub mod compose;
pub mod guide;
pub mod headless;
pub mod judge;
mod outside;
pub mod place;
pub mod results;
pub mod scenario;
mod window;
pub mod words;

pub use outside::Outside;
