//! §8: an identity document, or E-patrul.

use super::{EncounterEntry, State};
use regulation::encounter::{AnswerKind, Basis, Confirmation, QuestionStatus, Unidentified};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodView {
    /// A reason for no fingerprint is recorded.
    pub fingerprint_impossible: bool,
    /// §8: the explanation is still owed.
    pub explanation_owed: bool,
    /// §12: a print left it in doubt, or could not be used: another finger may settle it.
    pub another_finger: bool,
    /// §28: somebody was entered, and can be corrected.
    pub person_entered: bool,
    /// "Cannot identify" (§9) would hold now, and why.
    pub cannot_identify: Option<Unidentified>,
}

pub(super) fn view(state: &State, entry: &EncounterEntry) -> MethodView {
    MethodView {
        fingerprint_impossible: entry.encounter.no_fingerprint.is_some(),
        another_finger: another_finger(entry),
        person_entered: entry.encounter.person.is_some(),
        explanation_owed: entry.encounter.explanation_owed(),
        cannot_identify: super::pending::cannot_identify(state, entry),
    }
}

/// The latest print that was answered did not settle who it is, and no answer was confirmed.
pub(super) fn another_finger(entry: &EncounterEntry) -> bool {
    let questions = &entry.encounter.questions;
    let latest = questions
        .iter()
        .rev()
        .filter(|q| matches!(q.basis, Basis::Fingerprint { .. }))
        .find_map(|q| match q.status {
            QuestionStatus::Answered { answer } => Some(answer),
            QuestionStatus::Waiting | QuestionStatus::Withdrawn => None,
        });
    let settled =
        |q: &regulation::encounter::QuestionState| q.confirmation == Confirmation::Confirmed;
    matches!(latest, Some(AnswerKind::Possible | AnswerKind::Unusable))
        && !questions.iter().any(settled)
        && entry.encounter.no_fingerprint.is_none()
        && entry.encounter.may_capture_fingerprint().is_ok()
}
