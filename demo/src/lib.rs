//! A central, a tablet and emulated devices, wired together; every person in it is invented.
//!
//! The emulators implement the tablet's own device traits and know nothing of the tablet; the
//! network between tablet and central is a real one on loopback, with a plug that can be pulled.

pub mod cable;
#[cfg(feature = "screen")]
pub mod cli;
#[cfg(feature = "screen")]
pub mod day;
pub mod emulator;
#[cfg(feature = "screen")]
pub mod headless;
#[cfg(feature = "screen")]
pub mod journey;
#[cfg(feature = "screen")]
pub mod measure;
#[cfg(feature = "screen")]
pub mod outside;
pub mod people;
pub mod scan;
pub mod scanning;
#[cfg(feature = "screen")]
pub mod speed;
#[cfg(feature = "screen")]
pub mod stage;
#[cfg(feature = "screen")]
pub mod steps;
pub mod tablet_kit;
#[cfg(feature = "screen")]
pub mod window;
pub mod world;
