//! Custody of a tablet (§13 to §16, §30, §31): taken over, checked, handed in. A chain without gaps.
//!
//! [`transition`] is strict: it is what the tablet's worker asks before it records anything.
//! [`record`] is lenient: central runs it over a tablet's whole life, in the order of its journal. It
//! never refuses: that an officer has the tablet in hand is true, whoever should have had it.

mod event;
mod machine;
mod readiness;
mod state;

pub use event::*;
pub use machine::{record, transition};
pub use readiness::*;
pub use state::*;
