//! Log-in.

use super::{LoginProblem, State};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginView {
    pub busy: bool,
    pub problem: Option<LoginProblem>,
    /// A shift is open on this tablet: its officer can go on with no connection.
    pub shift_open: bool,
    pub enrolled: bool,
}

pub(super) fn view(state: &State) -> LoginView {
    LoginView {
        busy: state.login_busy,
        problem: if state.enrolled {
            state.login_problem
        } else {
            Some(LoginProblem::NotEnrolled)
        },
        shift_open: state.shift_open,
        enrolled: state.enrolled,
    }
}
