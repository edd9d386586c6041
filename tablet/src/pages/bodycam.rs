//! §17 to §21, §23, §32: the bodycam of this shift, and what can be done with it now.

use super::{ChoiceView, State, choices, clock_text, title};
use regulation::FaultId;
use regulation::bodycam::{Duty, Fault, Pause, Permission, Refusal, Status};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Lengths of a pause to choose from, minutes, as far as the edition allows them.
const PAUSES: [u16; 3] = [15, 30, 60];

/// The bodycam's shift, and the pages that belong to it.
#[derive(Clone, Default)]
pub struct BodycamState {
    pub duty: Duty,
    /// What the officer has recorded since the page came: its forms are put away when this grows.
    pub done: u32,
    /// §21: who sees to a fault.
    pub administrators: BTreeMap<FaultId, String>,
    /// §21: faults that the desk has closed.
    pub closed: BTreeSet<FaultId>,
    pub refusal: Option<Refusal>,
    pub receive: super::receive::ReceiveState,
    /// The shift is to end when the bodycam is handed back.
    pub ending: bool,
}

/// What the duty desk has said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeskWord {
    PausePermitted,
    PauseRefused,
    /// Of a permission by voice.
    VoiceConfirmed,
    VoiceNotConfirmed,
    FaultAssigned,
    FaultClosed,
    IncidentReceived,
    IncidentAsked,
    IncidentClosed,
    /// §32, of a recording by other means.
    MeansHandedOver,
    MeansDeleted,
}

/// What the bodycam does, in one word of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CameraState {
    NotAssigned,
    Received,
    Recording,
    PauseAsked,
    PausePermitted,
    Paused,
    /// Paused for longer than permitted.
    PauseOver,
    Faulty,
    Off,
}

/// The bodycam in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutyView {
    pub state: CameraState,
    /// "12:04"; empty where it says nothing.
    pub since: String,
    /// When the pause is to end; empty: none is under way.
    pub due: String,
}

#[derive(Clone, PartialEq, Eq)]
pub struct BodycamView {
    /// Serial number; empty: none is held.
    pub camera: String,
    pub duty: DutyView,
    pub ending: bool,
    pub pause: Option<PauseView>,
    pub fault: Option<FaultView>,
    /// §32: how often other means have recorded.
    pub other_means: usize,
    pub reasons: Vec<ChoiceView>,
    /// Minutes.
    pub lengths: Vec<u16>,
    pub faults: Vec<ChoiceView>,
    pub devices: Vec<ChoiceView>,
    pub refusal: Option<(Refusal, u8)>,
    /// See [`BodycamState::done`].
    pub done: u32,
}

/// The pause that is open, or the last one if the desk refused it.
#[derive(Clone, PartialEq, Eq)]
pub struct PauseView {
    /// In the officer's language.
    pub why: String,
    pub minutes: u16,
    pub refused: bool,
    /// Permitted by voice: `Some(None)` until the desk has said whether it confirms it.
    pub by_voice: Option<Option<bool>>,
}

/// The fault that is not mended.
#[derive(Clone, PartialEq, Eq)]
pub struct FaultView {
    /// In the officer's language.
    pub what: String,
    /// "12:04".
    pub at: String,
    /// Empty: nobody yet.
    pub administrator: String,
    /// The desk has closed it.
    pub closed: bool,
}

super::hidden_debug!(BodycamState, BodycamView, PauseView, FaultView);

pub(super) fn duty(state: &State) -> DutyView {
    let duty = &state.bodycam.duty;
    let mut view = of_status(state, duty.status);
    match (duty.status, duty.open_pause()) {
        (Status::Recording, Some(pause)) if pause.is_permitted() => {
            view.state = CameraState::PausePermitted;
        }
        (Status::Recording, Some(pause)) => {
            view.state = CameraState::PauseAsked;
            view.since = clock_text(state, pause.asked_at);
        }
        (Status::Paused { pause, .. }, _) => {
            if let Some(due) = duty.pause(pause).and_then(Pause::due) {
                if state.now > due {
                    view.state = CameraState::PauseOver;
                }
                view.due = clock_text(state, due);
            }
        }
        _ => {}
    }
    view
}

/// What a status says by itself.
pub(super) fn of_status(state: &State, status: Status) -> DutyView {
    let (shown, since) = match status {
        Status::NotAssigned => (CameraState::NotAssigned, None),
        Status::Received => (CameraState::Received, None),
        Status::Recording => (CameraState::Recording, None),
        Status::Paused { since, .. } => (CameraState::Paused, Some(since)),
        Status::Faulty { since, .. } => (CameraState::Faulty, Some(since)),
        Status::Off { since } => (CameraState::Off, Some(since)),
    };
    DutyView {
        state: shown,
        since: since.map(|at| clock_text(state, at)).unwrap_or_default(),
        due: String::new(),
    }
}

pub(super) fn view(state: &State) -> BodycamView {
    let (bodycam, edition) = (&state.bodycam, &state.edition);
    let duty = &bodycam.duty;
    BodycamView {
        camera: match &duty.camera {
            Some(camera) if duty.is_held() => camera.to_string(),
            _ => String::new(),
        },
        duty: self::duty(state),
        ending: bodycam.ending,
        pause: duty
            .open_pause()
            .or_else(|| {
                let last = duty.pauses.last().filter(|p| refused(p));
                last.filter(|_| duty.status == Status::Recording)
            })
            .map(|pause| PauseView {
                why: title(state, edition.pause_reason(&pause.why)),
                minutes: pause.minutes,
                refused: refused(pause),
                by_voice: match pause.permission {
                    Permission::ByVoice { confirmed, .. } => Some(confirmed),
                    _ => None,
                },
            }),
        fault: open_fault(duty).map(|fault| FaultView {
            what: title(state, edition.camera_fault(&fault.what)),
            at: clock_text(state, fault.at),
            administrator: bodycam
                .administrators
                .get(&fault.id)
                .cloned()
                .unwrap_or_default(),
            closed: bodycam.closed.contains(&fault.id),
        }),
        other_means: duty.other_means.len(),
        reasons: choices(state, &edition.pause_reasons),
        lengths: lengths(edition.limits.pause_minutes),
        faults: choices(state, &edition.camera_faults),
        devices: choices(state, &edition.recording_devices),
        refusal: bodycam.refusal.map(|r| (r, r.paragraph().0)),
        done: bodycam.done,
    }
}

/// The last fault, unless it is mended.
pub(crate) fn open_fault(duty: &Duty) -> Option<&Fault> {
    duty.faults.last().filter(|f| f.mended_at.is_none())
}

fn refused(pause: &Pause) -> bool {
    pause.permission == Permission::Refused
}

fn lengths(most: u16) -> Vec<u16> {
    let mut lengths: Vec<_> = PAUSES.into_iter().filter(|l| *l <= most).collect();
    if lengths.is_empty() {
        lengths.push(most);
    }
    lengths
}
