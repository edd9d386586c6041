//! The encounter is closed: what is on record, and where the record is.

use super::{Delivery, EncounterEntry, State, clock_text};
use regulation::EncounterId;
use regulation::encounter::{Flag, Outcome};

#[derive(Clone, PartialEq, Eq)]
pub struct ClosedView {
    pub id: EncounterId,
    pub place: String,
    pub opened_at: String,
    pub closed_at: String,
    pub minutes: u64,
    pub outcome: Option<Outcome>,
    pub flags: Vec<FlagView>,
    pub delivery: Delivery,
    /// Questions whose answer is still to come.
    pub waiting: usize,
    /// An answer is there to be looked at.
    pub answer: bool,
    /// … and it came late and was not looked at yet.
    pub attention: bool,
    /// A receipt can be shown to the citizen.
    pub receipt: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlagView {
    pub flag: Flag,
    pub paragraph: u8,
}

super::hidden_debug!(ClosedView);

pub(super) fn view(state: &State, entry: &EncounterEntry) -> ClosedView {
    let encounter = &entry.encounter;
    let (opened, closed) = (encounter.opened_at, encounter.closed_at);
    ClosedView {
        id: entry.id,
        place: encounter
            .place
            .as_ref()
            .map(|p| p.text.clone())
            .unwrap_or_default(),
        opened_at: opened.map(|at| clock_text(state, at)).unwrap_or_default(),
        closed_at: closed.map(|at| clock_text(state, at)).unwrap_or_default(),
        minutes: match (opened, closed) {
            (Some(opened), Some(closed)) => closed.millis_since(opened).div_ceil(60_000),
            _ => 0,
        },
        outcome: encounter.outcome.clone(),
        flags: encounter
            .flags
            .iter()
            .map(|flag| FlagView {
                flag: *flag,
                paragraph: flag.paragraph().0,
            })
            .collect(),
        delivery: entry.delivery,
        waiting: encounter.waiting().count(),
        answer: entry.next_answer().is_some(),
        attention: entry.attention,
        receipt: entry.has_receipt(),
    }
}
