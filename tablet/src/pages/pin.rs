//! The PIN of the shift is chosen: typed twice.

use super::State;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinView {
    /// The second time of two.
    pub again: bool,
    pub busy: bool,
    pub problem: Option<PinProblem>,
}

/// Why a number was not taken, and so what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinProblem {
    Length,
    Trivial,
    /// The second was not the first: both anew.
    Differs,
}

pub(super) fn view(state: &State) -> PinView {
    PinView {
        again: state.pin.again,
        busy: state.pin.busy,
        problem: state.pin.problem,
    }
}
