//! The bodycam through one shift (§17 to §21, §23, §32): issued, on, paused by permission, faulty,
//! off, returned.
//!
//! [`transition`] is strict: it is what the tablet's worker asks before it records anything, so that
//! no order of taps reaches a pause without a named permission. [`record`] is lenient: it is what
//! central runs over what arrives. It never refuses; what does not fit becomes a [`Flag`].

mod event;
mod machine;
mod state;

pub use event::*;
pub use machine::{record, transition};
pub use state::*;
