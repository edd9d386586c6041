//! §22: one incident report at the duty desk: taken in, classified, asked about, linked, closed.

use super::desk::{incident_of, rows};
use super::{ChoiceView, State, choices, clock_text, title};
use protocol::{DeskEvent, IncidentPerson, IncidentView, KnownBy};
use regulation::IncidentId;
use regulation::Timestamp;
use regulation::incident::{AddressedTo, Report};

/// The incident whose page is open at the desk.
#[derive(Clone, Default)]
pub struct DeskIncident {
    pub id: Option<IncidentId>,
    /// As central has it.
    pub view: Option<Box<IncidentView>>,
    /// Central is being asked.
    pub asking: bool,
    /// Central could not be asked, or does not say.
    pub failed: bool,
    /// Decided here, and not in central's history yet.
    pub sent: Vec<DeskEvent>,
    pub problem: Option<DeskIncidentProblem>,
    /// Grows with what was recorded: the forms are done with.
    pub done: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeskIncidentProblem {
    /// Missing, or too long.
    Text,
    /// No such serial number.
    Serial,
}

#[derive(Clone, PartialEq, Eq)]
pub struct DeskIncidentView {
    /// `None`: it is no longer open, and central has not said what it was.
    pub report: Option<DeskReport>,
    /// `None`: central was not heard; of the people and the history nothing is known.
    pub known: Option<KnownIncident>,
    pub asking: bool,
    /// Decisions on their way.
    pub sent: usize,
    pub received: bool,
    pub closed: bool,
    /// Id in the edition, and its title; empty: not classified.
    pub class: String,
    pub class_title: String,
    pub classes: Vec<ChoiceView>,
    pub text_chars: usize,
    pub problem: Option<DeskIncidentProblem>,
    pub done: u32,
}

#[derive(Clone, PartialEq, Eq)]
pub struct DeskReport {
    pub at: String,
    /// Rank and name.
    pub who: String,
    pub kind: String,
    pub to: AddressedTo,
    pub happened_at: String,
    pub place: String,
    pub text: String,
    /// Of the report, and of what was added as far as it is known.
    pub photos: usize,
}

#[derive(Clone, PartialEq, Eq)]
pub struct KnownIncident {
    pub people: Vec<PersonLine>,
    pub lines: Vec<IncidentLine>,
    pub held: Vec<HeldRow>,
}

/// Somebody in a report.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PersonLine {
    /// Name and date of birth; empty: the question's answer names nobody.
    pub who: String,
    pub by: PersonBy,
}

/// By what somebody in a report is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PersonBy {
    #[default]
    Answer,
    /// A candidate whom the officer confirmed.
    Confirmed,
    /// A document that the officer read; central was not asked.
    Document,
}

/// What was decided on an incident, or added to it.
#[derive(Clone, PartialEq, Eq)]
pub struct IncidentLine {
    pub at: String,
    /// Rank and name.
    pub who: String,
    pub kind: IncidentLineKind,
    /// What was asked, added or said, or the class's title, or the serial number.
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncidentLineKind {
    Added,
    Received,
    Classified,
    Asked,
    Linked,
    Closed,
    /// Of a newer central.
    Other,
}

#[derive(Clone, PartialEq, Eq)]
pub struct HeldRow {
    pub camera: String,
    pub from: String,
    pub to: String,
}

super::hidden_debug!(
    DeskIncident,
    DeskIncidentView,
    DeskReport,
    KnownIncident,
    PersonLine,
    IncidentLine,
    HeldRow
);

pub(super) fn view(state: &State) -> DeskIncidentView {
    let desk = state.desk.as_ref();
    let open = desk.map(|desk| &desk.incident);
    let id = open.and_then(|open| open.id);
    let alert = id.and_then(|id| {
        let id = id.to_string();
        rows(state).into_iter().find(|row| row.id == id)
    });
    let view = open.and_then(|open| open.view.as_deref());
    let sent = open.map(|open| open.sent.as_slice()).unwrap_or_default();
    let class = sent
        .iter()
        .rev()
        .chain(
            view.into_iter()
                .flat_map(|v| v.history.iter().rev().map(|s| &s.event)),
        )
        .find_map(|event| match event {
            DeskEvent::IncidentClassified { class, .. } => Some(class.clone()),
            _ => None,
        })
        .or_else(|| alert.as_ref().map(|row| row.class.clone()))
        .unwrap_or_default();
    let decided = |is: fn(&DeskEvent) -> bool| {
        sent.iter().any(is) || view.is_some_and(|v| v.history.iter().any(|s| is(&s.event)))
    };
    DeskIncidentView {
        report: view
            .map(|view| of_view(state, view))
            .or_else(|| of_board(state, id?)),
        known: view.map(|view| known(state, view)),
        asking: open.is_some_and(|open| open.asking),
        sent: sent.len(),
        received: decided(|e| matches!(e, DeskEvent::IncidentReceived { .. }))
            || alert.as_ref().is_some_and(|row| row.received),
        closed: decided(|e| matches!(e, DeskEvent::IncidentClosed { .. }))
            || view.is_some_and(|view| view.closed),
        class_title: title(state, state.edition.offence_class(&class)),
        class,
        classes: choices(state, &state.edition.offence_classes),
        text_chars: state.edition.limits.text_chars,
        problem: open.and_then(|open| open.problem),
        done: open.map(|open| open.done).unwrap_or_default(),
    }
}

fn shown(state: &State, at: Timestamp, (rank, name): (&str, &str), report: &Report) -> DeskReport {
    DeskReport {
        at: clock_text(state, at),
        who: format!("{rank} {name}"),
        kind: title(state, state.edition.incident_kind(&report.kind)),
        to: report.to,
        happened_at: clock_text(state, report.happened_at),
        place: report.place.clone(),
        text: report.text.clone(),
        photos: report.photos.len(),
    }
}

fn of_view(state: &State, view: &IncidentView) -> DeskReport {
    let incident = &view.incident;
    let who = (view.rank.as_str(), view.name.as_str());
    DeskReport {
        photos: incident.photos().count(),
        ..shown(state, incident.at, who, &incident.report)
    }
}

/// What the board says of it: central need not be heard.
fn of_board(state: &State, id: IncidentId) -> Option<DeskReport> {
    let board = state.desk.as_ref()?.board.as_ref()?;
    let (alert, report) = incident_of(board, id)?;
    let who = (alert.rank.as_str(), alert.name.as_str());
    Some(shown(state, alert.at, who, report))
}

fn known(state: &State, view: &IncidentView) -> KnownIncident {
    let officer = format!("{} {}", view.rank, view.name);
    let added = view.incident.supplements.iter().map(|supplement| {
        let line = IncidentLine {
            at: clock_text(state, supplement.at),
            who: officer.clone(),
            kind: IncidentLineKind::Added,
            text: supplement.text.clone(),
        };
        (supplement.at, line)
    });
    let decided = view.history.iter().map(|step| {
        let (kind, text) = said(state, &step.event);
        let line = IncidentLine {
            at: clock_text(state, step.at),
            who: format!("{} {}", step.rank, step.name),
            kind,
            text,
        };
        (step.at, line)
    });
    let mut lines: Vec<_> = added.chain(decided).collect();
    lines.sort_by_key(|(at, _)| *at);
    KnownIncident {
        people: view.people.iter().map(person).collect(),
        lines: lines.into_iter().map(|(_, line)| line).collect(),
        held: view
            .held
            .iter()
            .map(|held| HeldRow {
                camera: held.camera.to_string(),
                from: clock_text(state, held.from),
                to: clock_text(state, held.to),
            })
            .collect(),
    }
}

fn person(known: &IncidentPerson) -> PersonLine {
    let (name, born) = match (&known.person, &known.by) {
        (Some(record), _) => (&record.name, record.birth_date),
        (None, KnownBy::Document { typed, .. }) => (&typed.name, typed.birth_date),
        (None, _) => return PersonLine::default(),
    };
    let patronymic = name.patronymic.as_deref().unwrap_or_default();
    let born = born.0.typed();
    let parts = [&name.surname, &name.given, patronymic, &born];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    PersonLine {
        who: parts.collect::<Vec<_>>().join(" "),
        by: match known.by {
            KnownBy::Document { .. } => PersonBy::Document,
            KnownBy::Confirmed => PersonBy::Confirmed,
            KnownBy::Answer | KnownBy::Unknown => PersonBy::Answer,
        },
    }
}

fn said(state: &State, event: &DeskEvent) -> (IncidentLineKind, String) {
    match event {
        DeskEvent::IncidentReceived { .. } => (IncidentLineKind::Received, String::new()),
        DeskEvent::IncidentClassified { class, .. } => (
            IncidentLineKind::Classified,
            title(state, state.edition.offence_class(class)),
        ),
        DeskEvent::IncidentAsked { text, .. } => (IncidentLineKind::Asked, text.clone()),
        DeskEvent::IncidentLinked { camera, .. } => (IncidentLineKind::Linked, camera.to_string()),
        DeskEvent::IncidentClosed { how, .. } => (IncidentLineKind::Closed, how.clone()),
        DeskEvent::PauseDecided { .. }
        | DeskEvent::FaultAssigned { .. }
        | DeskEvent::FaultClosed { .. }
        | DeskEvent::MeansHandedOver { .. }
        | DeskEvent::MeansDeleted { .. }
        | DeskEvent::CustodySettled { .. }
        | DeskEvent::FoundSeen { .. }
        | DeskEvent::AnswerSettled { .. }
        | DeskEvent::ResistanceSeen { .. } => (IncidentLineKind::Other, String::new()),
    }
}
