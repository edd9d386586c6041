//! The worker: one loop that owns the state, takes commands, and tells the screen.

mod command;

pub use command::{Command, Update};
