//! §12: why a fingerprint is not possible.

use super::{ChoiceView, EncounterEntry, State};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoFingerprintView {
    pub reasons: Vec<ChoiceView>,
    /// Ids of the reasons that will be marked for a leader's review.
    pub for_review: Vec<String>,
    /// Id of the reason that the encounter shows by itself.
    pub proposed: Option<String>,
}

pub(super) fn view(state: &State, entry: &EncounterEntry) -> NoFingerprintView {
    let reasons = &state.edition.no_fingerprint_reasons;
    NoFingerprintView {
        reasons: reasons
            .iter()
            .map(|r| ChoiceView {
                id: r.id.clone(),
                title: r.title.get(state.language).to_owned(),
                detail: String::new(),
            })
            .collect(),
        for_review: reasons
            .iter()
            .filter(|r| r.review)
            .map(|r| r.id.clone())
            .collect(),
        proposed: entry
            .encounter
            .proposed_reason(&state.edition, state.now)
            .map(|r| r.id.clone()),
    }
}
