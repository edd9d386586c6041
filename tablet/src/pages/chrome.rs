//! The frame of every page: who, where in the procedure, connection, queue, battery.

use super::{Connection, Notice, Queue, Screen, State};
use regulation::encounter::{Language, Stage};

#[derive(Clone, Debug, PartialEq)]
pub struct ChromeView {
    pub language: Language,
    pub training: bool,
    /// "Sergeant · 4th unit": never the officer's name on a page that the citizen sees.
    pub rank: String,
    pub unit: String,
    pub connection: Connection,
    pub queue: Queue,
    pub battery: Option<u8>,
    pub notice: Option<Notice>,
    /// Five steps inside an encounter, none outside.
    pub steps: Vec<ProcedureStep>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcedureStep {
    pub name: StepName,
    pub state: StepState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepName {
    Introduce,
    Ground,
    Identify,
    Answer,
    Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    Done,
    Now,
    Next,
}

pub(super) fn view(state: &State) -> ChromeView {
    let session = state.session.as_ref();
    ChromeView {
        language: state.language,
        training: state.training,
        rank: session.map(|s| s.rank.clone()).unwrap_or_default(),
        unit: session.map(|s| s.unit.clone()).unwrap_or_default(),
        connection: state.connection,
        queue: state.queue.clone(),
        battery: state.battery,
        notice: state.notice,
        steps: steps(state),
    }
}

fn steps(state: &State) -> Vec<ProcedureStep> {
    let now = match state.screen {
        Screen::Login | Screen::Home => return Vec::new(),
        Screen::Introduce => StepName::Introduce,
        Screen::Ground => StepName::Ground,
        Screen::Method | Screen::Document | Screen::Finger | Screen::NoFingerprint => {
            StepName::Identify
        }
        Screen::Pending | Screen::Answer => StepName::Answer,
        Screen::Outcome | Screen::Closed => StepName::Outcome,
    };
    let closed = state
        .current_entry()
        .is_some_and(|e| e.encounter.stage == Stage::Closed);
    [
        StepName::Introduce,
        StepName::Ground,
        StepName::Identify,
        StepName::Answer,
        StepName::Outcome,
    ]
    .into_iter()
    .map(|name| ProcedureStep {
        name,
        state: if closed || (name as u8) < (now as u8) {
            StepState::Done
        } else if name == now {
            StepState::Now
        } else {
            StepState::Next
        },
    })
    .collect()
}
