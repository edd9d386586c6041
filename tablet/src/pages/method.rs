//! §8: an identity document, or E-patrul.

use super::{EncounterEntry, State};
use regulation::encounter::Unidentified;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodView {
    /// A reason for no fingerprint is recorded.
    pub fingerprint_impossible: bool,
    /// §8: the explanation is still owed.
    pub explanation_owed: bool,
    /// §28: somebody was entered, and can be corrected.
    pub person_entered: bool,
    /// "Cannot identify" (§9) would hold now, and why.
    pub cannot_identify: Option<Unidentified>,
}

pub(super) fn view(state: &State, entry: &EncounterEntry) -> MethodView {
    MethodView {
        fingerprint_impossible: entry.encounter.no_fingerprint.is_some(),
        person_entered: entry.encounter.person.is_some(),
        explanation_owed: entry.encounter.explanation_owed(),
        cannot_identify: super::pending::cannot_identify(state, entry),
    }
}
