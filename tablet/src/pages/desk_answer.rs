//! An answer whose session had ended, at the duty desk: covered until held. While it is covered nothing
//! of the person is on this tablet: each look asks central, which keeps that it was looked at.

use super::answer::people;
use super::desk::{AlertRow, QueryProblem, rows};
use super::{PersonView, State};
use protocol::{AnswerResult, GallerySearched, LateAnswer};
use regulation::QuestionId;

/// The late answer whose page is open at the desk.
#[derive(Clone, Default)]
pub struct DeskAnswer {
    pub id: Option<QuestionId>,
    /// A finger rests on it.
    pub held: bool,
    /// Counts the holds: what comes for an earlier one is dropped.
    pub hold: u64,
    pub problem: Option<QueryProblem>,
    /// Only while it is held.
    pub shown: Option<Box<LateAnswer>>,
}

#[derive(Clone, PartialEq, Eq)]
pub struct DeskAnswerView {
    /// Who asked, when, on which ground; `None`: somebody has dealt with it.
    pub alert: Option<AlertRow>,
    pub covered: bool,
    /// It is held, and central was not heard yet.
    pub asking: bool,
    pub problem: Option<QueryProblem>,
    /// While it is held.
    pub place: String,
    pub people: Vec<PersonView>,
    pub gallery: Option<GallerySearched>,
    pub text_problem: bool,
    /// Characters that a remark may have.
    pub text_chars: usize,
}

super::hidden_debug!(DeskAnswer, DeskAnswerView);

pub(super) fn view(state: &State) -> DeskAnswerView {
    let desk = state.desk.as_ref();
    let open = desk.map(|desk| &desk.answer);
    let id = open.and_then(|open| open.id).map(|id| id.to_string());
    let alert = rows(state)
        .into_iter()
        .find(|row| Some(&row.id) == id.as_ref());
    let held = open.is_some_and(|open| open.held) && alert.is_some();
    let shown = open.and_then(|open| open.shown.as_deref());
    let shown = shown.filter(|_| held);
    let result: Option<&AnswerResult> = shown.map(|shown| &shown.answer.result);
    DeskAnswerView {
        alert,
        covered: shown.is_none(),
        asking: held && shown.is_none() && open.is_some_and(|open| open.problem.is_none()),
        problem: open.and_then(|open| open.problem),
        place: shown
            .and_then(|shown| shown.place.clone())
            .unwrap_or_default(),
        people: result.map(people).unwrap_or_default(),
        gallery: result.and_then(AnswerResult::gallery),
        text_problem: desk.is_some_and(|desk| desk.text_problem),
        text_chars: state.edition.limits.text_chars,
    }
}
