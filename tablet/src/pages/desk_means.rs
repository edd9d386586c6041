//! §32: a recording by other means, at the desk: handed over, deleted from something private.

use super::State;
use super::desk::{AlertRow, rows};

#[derive(Clone, PartialEq, Eq)]
pub struct DeskMeansView {
    /// `None`: nothing is left to do with it.
    pub alert: Option<AlertRow>,
    pub text_problem: bool,
    /// What was typed is no SHA-256.
    pub digest_problem: bool,
    /// Characters that a name or a remark may have.
    pub text_chars: usize,
}

super::hidden_debug!(DeskMeansView);

pub(super) fn view(state: &State) -> DeskMeansView {
    let desk = state.desk.as_ref();
    let means = desk.and_then(|desk| desk.means).map(|id| id.to_string());
    DeskMeansView {
        alert: rows(state)
            .into_iter()
            .find(|row| Some(&row.id) == means.as_ref()),
        text_problem: desk.is_some_and(|desk| desk.text_problem),
        digest_problem: desk.is_some_and(|desk| desk.digest_problem),
        text_chars: state.edition.limits.text_chars,
    }
}
