//! A central, a tablet and emulated devices, wired together; every person in it is invented.
//!
//! The emulators implement the tablet's own device traits and know nothing of the tablet; the
//! network between tablet and central is a real one on loopback, with a plug that can be pulled.

pub mod cable;
pub mod emulator;
pub mod people;
pub mod tablet_kit;
pub mod world;
