//! §22: this shift's incident reports, what the duty unit says of them, and more to add.

use super::{PhotosView, State, clock_text, photo, title};
use regulation::incident::{AddressedTo, Incident, Refusal, Supplement};
use regulation::{IncidentId, Timestamp};

#[derive(Clone, PartialEq, Eq)]
pub struct ReportsView {
    /// The newest first.
    pub rows: Vec<ReportRow>,
    pub open: Option<ReportView>,
    /// Of what is being added to the one that is open.
    pub photos: PhotosView,
    pub refusal: Option<(Refusal, u8)>,
    /// Grows with what was recorded: the form is done with.
    pub done: u32,
}

#[derive(Clone, PartialEq, Eq)]
pub struct ReportRow {
    pub id: IncidentId,
    pub at: String,
    /// In the officer's language.
    pub kind: String,
    pub place: String,
    pub state: ReportState,
}

/// How far a report is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportState {
    /// Recorded; the duty unit has not taken it in.
    Reported,
    Received,
    /// The duty unit asks, and waits for an answer.
    Asked,
    Closed,
}

#[derive(Clone, PartialEq, Eq)]
pub struct ReportView {
    pub row: ReportRow,
    pub to: AddressedTo,
    pub happened_at: String,
    pub people: usize,
    pub text: String,
    /// Photos of the report itself.
    pub photos: usize,
    /// What was added and what was asked, in the order of time.
    pub lines: Vec<ReportLine>,
}

#[derive(Clone, PartialEq, Eq)]
pub struct ReportLine {
    pub at: String,
    /// Asked by the duty unit; otherwise added by the officer.
    pub asked: bool,
    pub text: String,
    /// Photos added with it.
    pub photos: usize,
}

super::hidden_debug!(ReportsView, ReportRow, ReportView, ReportLine);

pub(super) fn view(state: &State) -> ReportsView {
    let incident = &state.incident;
    let reported = &incident.incidents.reported;
    ReportsView {
        rows: reported.iter().rev().map(|i| row(state, i)).collect(),
        open: incident
            .open
            .and_then(|id| incident.incidents.get(id))
            .map(|incident| report(state, incident)),
        photos: photo::photos(state),
        refusal: incident.refusal.map(|r| (r, r.paragraph().0)),
        done: incident.done,
    }
}

/// How many reports the duty unit waits for an answer to.
pub(super) fn awaited(state: &State) -> usize {
    let reported = &state.incident.incidents.reported;
    let awaited = |incident: &&Incident| row(state, incident).state == ReportState::Asked;
    reported.iter().filter(awaited).count()
}

fn row(state: &State, incident: &Incident) -> ReportRow {
    let says = state.incident.desk.get(&incident.id);
    ReportRow {
        id: incident.id,
        at: clock_text(state, incident.at),
        kind: title(state, state.edition.incident_kind(&incident.report.kind)),
        place: incident.report.place.clone(),
        state: match says {
            Some(says) if says.closed => ReportState::Closed,
            _ if state.incident.awaits_answer(incident.id) => ReportState::Asked,
            Some(says) if says.received => ReportState::Received,
            _ => ReportState::Reported,
        },
    }
}

fn added(more: &Supplement) -> (Timestamp, bool, &String, usize) {
    (more.at, false, &more.text, more.photos.len())
}

fn report(state: &State, incident: &Incident) -> ReportView {
    let says = state.incident.desk.get(&incident.id);
    let asked = says.map(|says| says.asked.as_slice()).unwrap_or_default();
    let mut lines: Vec<_> = asked
        .iter()
        .map(|(at, text)| (*at, true, text, 0))
        .chain(incident.supplements.iter().map(added))
        .collect();
    lines.sort_by_key(|(at, ..)| *at);
    let from = incident.report.encounter;
    let entry = from.and_then(|id| state.encounters.iter().find(|e| e.id == id));
    ReportView {
        row: row(state, incident),
        to: incident.report.to,
        happened_at: clock_text(state, incident.report.happened_at),
        people: entry.map_or(0, |e| e.named_people(&incident.report.people)),
        text: incident.report.text.clone(),
        photos: incident.report.photos.len(),
        lines: lines
            .into_iter()
            .map(|(at, asked, text, photos)| ReportLine {
                at: clock_text(state, at),
                asked,
                text: text.clone(),
                photos,
            })
            .collect(),
    }
}
