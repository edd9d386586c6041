//! §21: one fault of a bodycam, at the duty desk.

use super::State;
use super::desk::{AlertRow, rows};

#[derive(Clone, PartialEq, Eq)]
pub struct DeskFaultView {
    /// `None`: it is no longer open.
    pub alert: Option<AlertRow>,
    pub text_problem: bool,
    /// Characters that a name or a remark may have.
    pub text_chars: usize,
}

super::hidden_debug!(DeskFaultView);

pub(super) fn view(state: &State) -> DeskFaultView {
    let desk = state.desk.as_ref();
    let fault = desk.and_then(|desk| desk.fault).map(|id| id.to_string());
    DeskFaultView {
        alert: rows(state)
            .into_iter()
            .find(|row| Some(&row.id) == fault.as_ref()),
        text_problem: desk.is_some_and(|desk| desk.text_problem),
        text_chars: state.edition.limits.text_chars,
    }
}
