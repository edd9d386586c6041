//! The locked tablet: a clock, the language, the PIN. Nothing of the shift.

use super::{State, clock_text};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockView {
    /// "12:04".
    pub clock: String,
    pub busy: bool,
    /// The last PIN was wrong; so many tries are left.
    pub tries_left: Option<u32>,
}

pub(super) fn view(state: &State) -> LockView {
    LockView {
        clock: clock_text(state, state.now),
        busy: state.lock.busy,
        tries_left: state.lock.tries_left,
    }
}
