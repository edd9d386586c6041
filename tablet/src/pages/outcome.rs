//! §9: how the encounter ends. Released is the default.

use super::{ChoiceView, EncounterEntry, State};
use regulation::encounter::{Event, Flag, Outcome, Recorded, transition};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeView {
    pub cases: Vec<CaseView>,
    /// §8: the explanation is still owed, and is asked for before the end.
    pub explanation_owed: bool,
    /// §28: somebody was entered, and can be corrected.
    pub person_entered: bool,
    /// Questions whose answer is still to come; it will reach this officer's list.
    pub waiting: usize,
    /// A receipt can be shown to the citizen.
    pub receipt: bool,
}

/// One of the four cases of §9.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseView {
    pub choice: ChoiceView,
    /// What would be flagged: the encounter does not show this. It can be recorded all the same.
    pub flags: Vec<Flag>,
}

pub(super) fn view(state: &State, entry: &EncounterEntry) -> OutcomeView {
    OutcomeView {
        cases: state
            .edition
            .station_cases
            .iter()
            .map(|case| CaseView {
                choice: ChoiceView {
                    id: case.id.clone(),
                    title: case.title.get(state.language).to_owned(),
                    detail: case.detail.get(state.language).to_owned(),
                },
                flags: new_flags(state, entry, &case.id),
            })
            .collect(),
        person_entered: entry.encounter.person.is_some(),
        explanation_owed: entry.encounter.explanation_owed(),
        waiting: entry.encounter.waiting().count(),
        receipt: entry.has_receipt(),
    }
}

fn new_flags(state: &State, entry: &EncounterEntry, case: &str) -> Vec<Flag> {
    let outcome = Outcome::TakenToStation {
        case: case.to_owned(),
    };
    let recorded = Recorded {
        at: state.now,
        event: Event::OutcomeRecorded { outcome },
    };
    match transition(&state.edition, &entry.encounter, &recorded) {
        Ok(next) => next
            .flags
            .into_iter()
            .filter(|f| !entry.encounter.flags.contains(f))
            .collect(),
        Err(_) => Vec::new(),
    }
}
