//! Log-in.

use super::{LoginProblem, State};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginView {
    pub busy: bool,
    pub problem: Option<LoginProblem>,
    /// A shift is open on this tablet: its officer can go on with no connection.
    pub shift_open: bool,
    /// Enrolled, and not reported lost: somebody may log in.
    pub enrolled: bool,
}

pub(super) fn view(state: &State) -> LoginView {
    LoginView {
        busy: state.login_busy,
        problem: match (state.enrolled, state.lost) {
            (_, true) => Some(LoginProblem::TabletLost),
            (true, false) => state.login_problem,
            (false, false) => Some(LoginProblem::NotEnrolled),
        },
        shift_open: state.shift_open && !state.lost,
        enrolled: state.enrolled && !state.lost,
    }
}
