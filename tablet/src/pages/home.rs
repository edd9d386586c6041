//! Home: this shift's encounters, and what calls for attention.

use super::{DutyView, EncounterEntry, State, TabletLine, clock_text};
use regulation::EncounterId;
use regulation::encounter::{Outcome, Stage};

#[derive(Clone, PartialEq, Eq)]
pub struct HomeView {
    /// Rank and name; home is not shown to citizens.
    pub officer: String,
    /// The bodycam; `None` for those who wear none.
    pub bodycam: Option<DutyView>,
    /// This tablet; `None` for those who take none over.
    pub tablet: Option<TabletLine>,
    /// The encounter that is not closed yet, if there is one: it is gone on with first.
    pub open: Option<EncounterRow>,
    /// This shift's encounters, the newest first.
    pub rows: Vec<EncounterRow>,
    /// Incident reports of this shift, and how many the duty unit asks about (§22).
    pub reports: usize,
    pub asked: usize,
    /// Late answers not looked at.
    pub attention: usize,
    /// Questions without an answer.
    pub waiting: usize,
}

#[derive(Clone, PartialEq, Eq)]
pub struct EncounterRow {
    pub id: EncounterId,
    pub opened_at: String,
    pub place: String,
    pub state: RowState,
    /// A late answer waits to be looked at.
    pub attention: bool,
    /// Events that are on this tablet alone.
    pub unsent: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowState {
    Open,
    /// Closed, its answer still to come.
    ClosedWaiting,
    Released,
    TakenToStation,
    ProtocolOnTheSpot,
    TakenOnOtherGround,
}

super::hidden_debug!(HomeView, EncounterRow);

pub(super) fn view(state: &State) -> HomeView {
    let rows: Vec<_> = state
        .encounters
        .iter()
        .rev()
        .map(|e| row(state, e))
        .collect();
    HomeView {
        officer: state.officer(),
        bodycam: state.on_patrol().then(|| super::bodycam::duty(state)),
        tablet: state.on_patrol().then(|| super::custody::line(state)),
        open: rows.iter().find(|r| r.state == RowState::Open).cloned(),
        reports: state.incident.incidents.reported.len(),
        asked: super::reports::awaited(state),
        attention: rows.iter().filter(|r| r.attention).count(),
        waiting: state
            .encounters
            .iter()
            .map(|e| e.encounter.waiting().count())
            .sum(),
        rows,
    }
}

fn row(state: &State, entry: &EncounterEntry) -> EncounterRow {
    let encounter = &entry.encounter;
    EncounterRow {
        id: entry.id,
        opened_at: encounter
            .opened_at
            .map(|at| clock_text(state, at))
            .unwrap_or_default(),
        place: encounter
            .place
            .as_ref()
            .map(|p| p.text.clone())
            .unwrap_or_default(),
        state: match (&encounter.outcome, encounter.stage) {
            (Some(_), Stage::Closed) if encounter.waiting().next().is_some() => {
                RowState::ClosedWaiting
            }
            (Some(Outcome::Released), Stage::Closed) => RowState::Released,
            (Some(Outcome::TakenToStation { .. }), Stage::Closed) => RowState::TakenToStation,
            (Some(Outcome::ProtocolOnTheSpot { .. }), Stage::Closed) => RowState::ProtocolOnTheSpot,
            (Some(Outcome::TakenOnOtherGround { .. }), Stage::Closed) => {
                RowState::TakenOnOtherGround
            }
            _ => RowState::Open,
        },
        attention: entry.attention,
        unsent: entry.delivery.waiting + entry.delivery.stuck,
    }
}
