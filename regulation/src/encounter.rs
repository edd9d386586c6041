//! The encounter (§8, §9, §12): what may follow what, and what is flagged when life does not fit.
//!
//! [`transition`] is strict: it is what the tablet's worker asks before it records anything, so no
//! order of taps reaches a capture without a ground and its explanation. [`record`] is lenient: it
//! is what central runs over what arrives. It never refuses; what does not fit becomes a [`Flag`].

mod event;
mod ladder;
mod machine;
mod outcome;
mod state;

pub use event::*;
pub use ladder::{GoOn, Hand, NextFinger};
pub use machine::{record, transition};
pub use state::*;

/// Version of the machine, stamped on every event so that an old record is read by its own rules.
pub const MACHINE_VERSION: u16 = 1;
