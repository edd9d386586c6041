//! §17, §23: a bodycam is received.

use super::State;
use regulation::bodycam::Refusal;

/// What the officer typed and confirmed, as typed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ReceiveForm {
    pub serial: String,
    /// Percent.
    pub battery: String,
    pub emptied: bool,
    pub worn: bool,
}

#[derive(Clone, Default)]
pub struct ReceiveState {
    pub problem: Option<ReceiveProblem>,
    /// What the officer was told of, with the form that it was told for: that form goes through.
    pub warned: Option<(ReceiveForm, ReceiveWarnings)>,
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

super::hidden_debug!(ReceiveForm, ReceiveState, ReceiveView);

pub(super) fn view(state: &State) -> ReceiveView {
    let (edition, receive) = (&state.edition, &state.bodycam.receive);
    let labels = &edition.camera_labels;
    let first = state.bodycam.duty.camera.is_none();
    let assigned = state.custody.kit.camera.as_ref().filter(|_| first);
    ReceiveView {
        first,
        serial: assigned.map(ToString::to_string).unwrap_or_default(),
        problem: receive.problem,
        warnings: receive.warned.as_ref().map(|(_, warnings)| *warnings),
        least_battery: edition.limits.camera_battery_percent,
        worn: edition.camera_worn.get(state.language).to_owned(),
        labels: [&labels.uz, &labels.ru, &labels.en].map(Clone::clone),
        refusal: state.bodycam.refusal.map(|r| (r, r.paragraph().0)),
    }
}
