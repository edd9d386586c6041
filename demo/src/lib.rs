//! A central, a tablet and emulated devices, wired together; every person in it is invented.
//!
//! The emulators implement the tablet's own device traits and know nothing of the tablet; the
//! network between tablet and central is a real one on loopback, with a plug that can be pulled.

pub mod cable;
pub mod cli;
pub mod emulator;
pub mod headless;
pub mod measure;
pub mod people;
pub mod stage;
pub mod tablet_kit;
pub mod window;
pub mod world;
