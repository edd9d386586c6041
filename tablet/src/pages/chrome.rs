//! The frame of every page: who, where in the procedure, connection, queue, battery.

use super::{Connection, DeskWord, Notice, Queue, Screen, Settings, State};
use regulation::encounter::{Language, Stage};

#[derive(Clone, PartialEq)]
pub struct ChromeView {
    pub language: Language,
    /// How the screen looks.
    pub settings: Settings,
    /// Whether it has the colours of the night now.
    pub night: bool,
    pub training: bool,
    /// "Sergeant · 4th unit": never the officer's name on a page that the citizen sees.
    pub rank: String,
    pub unit: String,
    pub connection: Connection,
    pub queue: Queue,
    pub battery: Option<u8>,
    pub notice: Option<Notice>,
    /// What the duty desk has said, not read yet.
    pub word: Option<DeskWord>,
    /// The operating system may write what is in memory to a disk.
    pub unprotected: bool,
    /// There is something to lock.
    pub lockable: bool,
    /// Five steps inside an encounter, none outside.
    pub steps: Vec<ProcedureStep>,
}

/// Whose tablet it is stays out.
impl std::fmt::Debug for ChromeView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChromeView")
            .field("connection", &self.connection)
            .field("queue", &self.queue)
            .field("notice", &self.notice)
            .finish_non_exhaustive()
    }
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
    if state.screen == Screen::Locked {
        return locked(state);
    }
    ChromeView {
        language: state.language,
        settings: state.settings,
        night: state.night,
        training: state.training,
        rank: session.map(|s| s.rank.clone()).unwrap_or_default(),
        unit: session.map(|s| s.unit.clone()).unwrap_or_default(),
        connection: state.connection,
        queue: state.queue.clone(),
        battery: state.battery,
        notice: state.notice,
        word: state.word,
        unprotected: state.unprotected,
        lockable: session.is_some() && state.screen != Screen::Pin,
        steps: steps(state),
    }
}

/// Whoever finds the tablet learns whether there is a connection, and nothing else.
fn locked(state: &State) -> ChromeView {
    ChromeView {
        language: state.language,
        settings: state.settings,
        night: state.night,
        training: false,
        rank: String::new(),
        unit: String::new(),
        connection: state.connection,
        queue: Queue::default(),
        battery: state.battery,
        notice: None,
        word: None,
        unprotected: false,
        lockable: false,
        steps: Vec::new(),
    }
}

fn steps(state: &State) -> Vec<ProcedureStep> {
    let now = match state.screen {
        Screen::Login
        | Screen::Pin
        | Screen::Locked
        | Screen::TakeOver
        | Screen::Receive
        | Screen::Home
        | Screen::Bodycam
        | Screen::Incident
        | Screen::Reports
        | Screen::Tablet
        | Screen::HandIn
        | Screen::Help
        | Screen::Desk
        | Screen::DeskFault
        | Screen::DeskMeans
        | Screen::DeskCustody
        | Screen::DeskIncident
        | Screen::DeskAnswer
        | Screen::DeskFigures
        | Screen::DeskTablet
        | Screen::DeskPhoto => return Vec::new(),
        Screen::Introduce => StepName::Introduce,
        Screen::Ground => StepName::Ground,
        Screen::Method
        | Screen::Document
        | Screen::Finger
        | Screen::NoFingerprint
        | Screen::Face => StepName::Identify,
        Screen::Pending | Screen::Answer => StepName::Answer,
        Screen::Outcome | Screen::Closed | Screen::Receipt => StepName::Outcome,
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
