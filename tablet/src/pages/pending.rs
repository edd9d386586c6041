//! The question is asked; its answer is not here. Never to be read as "clear" or "not found".

use super::{Connection, EncounterEntry, State, clock_text};
use regulation::encounter::{Event, Recorded, Unidentified, transition};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingView {
    /// When the question was asked; the notice of §6 carries this time.
    pub asked_at: String,
    pub waited_s: u64,
    /// The ministry's limit: after it, pending may be called "cannot identify" (§9).
    pub limit_s: u64,
    pub over_limit: bool,
    pub connection: Connection,
    /// The question is still on this tablet alone.
    pub unsent: bool,
}

pub(super) fn view(state: &State, entry: &EncounterEntry) -> PendingView {
    let asked_at = entry
        .encounter
        .waiting()
        .map(|q| q.asked_at)
        .min()
        .unwrap_or(state.now);
    let waited_s = state.now.millis_since(asked_at) / 1000;
    PendingView {
        asked_at: clock_text(state, asked_at),
        waited_s,
        limit_s: state.edition.limits.pending_limit_seconds,
        over_limit: cannot_identify(state, entry) == Some(Unidentified::WaitedTooLong),
        connection: state.connection,
        unsent: entry.delivery.waiting > 0,
    }
}

/// Which "cannot identify" the Regulation would accept now.
pub(super) fn cannot_identify(state: &State, entry: &EncounterEntry) -> Option<Unidentified> {
    [
        Unidentified::NotFound,
        Unidentified::WaitedTooLong,
        Unidentified::NoMeansLeft,
    ]
    .into_iter()
    .find(|why| {
        let event = Event::Unidentifiable { why: *why };
        let recorded = Recorded {
            at: state.now,
            event,
        };
        transition(&state.edition, &entry.encounter, &recorded).is_ok()
    })
}
