//! §17, §23: a bodycam is received.

use super::{ChoiceView, State, clock_text};
use protocol::HeldCamera;
use regulation::bodycam::{Refusal, Serial};

/// What the officer typed and confirmed, as typed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ReceiveForm {
    pub serial: String,
    /// Percent; empty: `step` says how full it is.
    pub battery: String,
    /// By its id in the edition.
    pub step: String,
    pub emptied: bool,
    pub worn: bool,
}

#[derive(Clone, Default)]
pub struct ReceiveState {
    pub problem: Option<ReceiveProblem>,
    /// What the officer was told of, with the form that it was told for: that form goes through.
    pub warned: Option<(ReceiveForm, ReceiveWarnings)>,
    /// The serial number that a code said last, and how many have said one.
    pub read: (Option<Serial>, u32),
}

/// Which field cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiveProblem {
    Serial,
    Battery,
}

/// What is not as it is to be. It can be recorded so, and most of it will be flagged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReceiveWarnings {
    pub low_battery: bool,
    pub not_emptied: bool,
    pub not_worn: bool,
}

#[derive(Clone, PartialEq, Eq)]
pub struct ReceiveView {
    /// The first of this shift.
    pub first: bool,
    /// Of the bodycam that is assigned to the officer; empty: none is, or it was received before.
    pub serial: String,
    /// What a code said last, to be put into the field, and how many have said something.
    pub read: (String, u32),
    /// The officer has one still.
    pub carried: Option<CarriedView>,
    /// How full the battery may be, the fullest first; `detail`: "80–100 %".
    pub steps: Vec<ChoiceView>,
    pub problem: Option<ReceiveProblem>,
    pub warnings: Option<ReceiveWarnings>,
    /// Percent below which no bodycam is to be issued.
    pub least_battery: u8,
    /// §17: how it is worn.
    pub worn: String,
    /// §17: the three labels, as the edition has them.
    pub labels: [String; 3],
    pub refusal: Option<(Refusal, u8)>,
}

/// §18: a bodycam that is held from an earlier session.
#[derive(Clone, PartialEq, Eq)]
pub struct CarriedView {
    pub serial: String,
    /// It recorded, as far as is known; otherwise it is off since then.
    pub on: bool,
    /// "12:04".
    pub since: String,
}

super::hidden_debug!(ReceiveForm, ReceiveState, ReceiveView, CarriedView);

/// §18: the bodycam that this session can carry over: the first of the shift alone, and only while what
/// is known of it is of the same duty.
pub(crate) fn carried(state: &State) -> Option<&HeldCamera> {
    let held = state.custody.kit.held.as_ref()?;
    let hours = state.edition.limits.camera_carried_hours;
    let fresh = state.now.millis_since(held.since) <= hours.saturating_mul(3_600_000);
    let first = state.bodycam.duty.camera.is_none();
    (fresh && first).then_some(held)
}

/// Steps of a battery with what each says in percent.
fn steps(state: &State) -> Vec<ChoiceView> {
    let mut most = 100;
    let steps = state.edition.camera_battery.iter().map(|step| {
        let view = ChoiceView {
            id: step.id.clone(),
            title: step.title.get(state.language).to_owned(),
            detail: format!("{}–{most} %", step.from_percent),
        };
        most = step.from_percent.saturating_sub(1);
        view
    });
    steps.collect()
}

pub(super) fn view(state: &State) -> ReceiveView {
    let (edition, receive) = (&state.edition, &state.bodycam.receive);
    let labels = &edition.camera_labels;
    let first = state.bodycam.duty.camera.is_none();
    let assigned = state.custody.kit.camera.as_ref().filter(|_| first);
    ReceiveView {
        first,
        serial: assigned.map(ToString::to_string).unwrap_or_default(),
        read: (
            receive
                .read
                .0
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            receive.read.1,
        ),
        carried: carried(state).map(|held| CarriedView {
            serial: held.camera.to_string(),
            on: held.on,
            since: clock_text(state, held.since),
        }),
        steps: steps(state),
        problem: receive.problem,
        warnings: receive.warned.as_ref().map(|(_, warnings)| *warnings),
        least_battery: edition.limits.camera_battery_percent,
        worn: edition.camera_worn.get(state.language).to_owned(),
        labels: [&labels.uz, &labels.ru, &labels.en].map(Clone::clone),
        refusal: state.bodycam.refusal.map(|r| (r, r.paragraph().0)),
    }
}
