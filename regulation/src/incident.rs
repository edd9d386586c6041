//! The incident report (*bildirgi*, §22): what an officer reports to the duty unit or the immediate
//! superior, and adds to it afterwards.
//!
//! [`transition`] is strict and is asked before anything is recorded; [`record`] is lenient and is run
//! by central over what arrives.

mod event;
mod machine;
mod state;

pub use event::*;
pub use machine::{record, transition};
pub use state::*;
