//! The duty desk: what wants a decision or a look, and who is on duty with what (§4, §6, §9, §20, §21).

use super::bodycam::of_status;
use super::{Connection, DutyView, Mark, State, clock_text, day_and_time, title};
use protocol::{Alert, AlertKind, DeskBoard, DeskRight, DeviceId, OnDuty};
use regulation::bodycam::{DeviceOwner, PermittedBy};
use regulation::encounter::AnswerKind;
use regulation::incident::Report;
use regulation::{
    CustodyId, EncounterId, FaultId, IncidentId, MeansId, PauseId, QuestionId, Timestamp,
};

/// What the desk's pages are made from.
#[derive(Clone, Default)]
pub struct DeskState {
    /// The last one that central sent.
    pub board: Option<DeskBoard>,
    /// Decided here, and still listed in that board.
    pub decided: Vec<Decided>,
    /// The fault whose page is open.
    pub fault: Option<FaultId>,
    /// §16: what is to be settled on the page of the tablets.
    pub conflict: Option<CustodyId>,
    /// §32: the recording whose page is open.
    pub means: Option<MeansId>,
    /// What was typed for its file is no SHA-256.
    pub digest_problem: bool,
    /// The incident whose page is open.
    pub incident: super::DeskIncident,
    /// A name or a remark is missing, or too long.
    pub text_problem: bool,
    /// The late answer whose page is open.
    pub answer: super::DeskAnswer,
    /// §4: the figures of the unit.
    pub figures: super::DeskFigures,
    /// §31: the tablet whose page is open.
    pub tablet: super::DeskTablet,
    /// The photos whose page is open.
    pub photo: super::DeskPhoto,
}

/// Why central did not say what a desk waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryProblem {
    /// There is no way to central, or it does not work.
    NoConnection,
    /// The officer's role is none for this.
    NotAllowed,
    /// There is no such thing in the own unit, or not any more.
    Gone,
    /// Central says no for another reason.
    Refused,
}

/// A decision made on this tablet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    Pause(PauseId),
    Assigned(FaultId),
    Closed(FaultId),
    /// Closed.
    Incident(IncidentId),
    /// Settled.
    Custody(CustodyId),
    /// A find seen.
    Found(QuestionId),
    /// A late answer passed on or dealt with.
    Answer(QuestionId),
    /// Resistance seen.
    Resistance(EncounterId),
    HandedOver(MeansId),
    Deleted(MeansId),
}

impl Decided {
    /// Whether an alert is about what was decided, and does not show the decision yet.
    #[must_use]
    pub fn is_of(&self, kind: &AlertKind) -> bool {
        match (self, kind) {
            (
                Self::Pause(decided),
                AlertKind::PauseAsked { pause, .. } | AlertKind::VoiceToConfirm { pause, .. },
            ) => decided == pause,
            (
                Self::Assigned(decided),
                AlertKind::Fault {
                    fault,
                    administrator: None,
                    ..
                },
            )
            | (Self::Closed(decided), AlertKind::Fault { fault, .. }) => decided == fault,
            (Self::Custody(decided), AlertKind::CustodyConflict { custody, .. }) => {
                decided == custody
            }
            (
                Self::HandedOver(decided),
                AlertKind::OtherMeans {
                    means,
                    handed_over: false,
                    ..
                },
            )
            | (Self::Deleted(decided), AlertKind::OtherMeans { means, .. }) => decided == means,
            (Self::Incident(decided), AlertKind::Incident { incident, .. }) => decided == incident,
            (Self::Found(decided), AlertKind::PersonFound { question, .. })
            | (Self::Answer(decided), AlertKind::LateAnswer { question, .. }) => {
                decided == question
            }
            (Self::Resistance(decided), AlertKind::Resistance { encounter, .. }) => {
                decided == encounter
            }
            _ => false,
        }
    }
}

/// What a board says of an incident: its alert, and the report in it.
#[must_use]
pub fn incident_of(board: &DeskBoard, id: IncidentId) -> Option<(&Alert, &Report)> {
    board.alerts.iter().find_map(|alert| match &alert.kind {
        AlertKind::Incident {
            incident, report, ..
        } if *incident == id => Some((alert, &**report)),
        _ => None,
    })
}

#[derive(Clone, PartialEq, Eq)]
pub struct DeskView {
    /// Rank and name; the desk is not shown to citizens.
    pub officer: String,
    /// When central said what is shown; `None`: nothing was heard of it yet.
    pub as_of: Option<String>,
    /// There is no connection: it may be otherwise by now.
    pub stale: bool,
    pub alerts: Vec<AlertRow>,
    pub on_duty: Vec<DutyRow>,
    /// The role deals with tablets (§16), and how many there are.
    pub tablets: Option<usize>,
    /// The role looks at the unit's figures (§4).
    pub figures: bool,
    /// Central left some out.
    pub more: bool,
}

#[derive(Clone, Default, PartialEq, Eq)]
pub struct AlertRow {
    /// Of the pause or the fault; empty where nothing is to be decided.
    pub id: String,
    pub at: String,
    /// Rank and name.
    pub who: String,
    pub kind: AlertRowKind,
    /// The edition's words: for what the pause, which fault.
    pub what: String,
    pub minutes: u16,
    /// Who is said to have permitted it.
    pub by: Option<PermittedBy>,
    /// That person's name, or the administrator's.
    pub named: String,
    pub note: String,
    pub camera: String,
    /// End of a gap.
    pub until: String,
    /// What an answer amounts to, and how alert to be.
    pub answer: Option<AnswerKind>,
    pub mark: Mark,
    /// The beginning of a tablet's number.
    pub tablet: String,
    /// Where an encounter or an incident is. Of an incident: the kind of offence (id in the edition;
    /// empty: none yet), whether it is taken in, and whether an answer to the desk's question is
    /// awaited.
    pub place: String,
    pub class: String,
    pub received: bool,
    pub asked: bool,
    /// §32: whose device recorded, whether it is something private, and whether the days are over.
    pub owner: Option<DeviceOwner>,
    pub private: bool,
    pub overdue: bool,
    /// Decided here; on its way.
    pub decided: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AlertRowKind {
    Fault,
    FaultAssigned,
    PauseAsked,
    VoiceToConfirm,
    Gap,
    PauseOverran,
    Incident,
    CustodyConflict,
    NotHandedIn,
    NotReady,
    CameraHeldTwice,
    /// Somebody wanted or missing is found, or among the candidates.
    WantedFound,
    MissingFound,
    Resistance,
    /// An answer that its officer does not have.
    LateAnswer,
    /// A tablet on duty that is not heard of.
    Silent,
    QueueStuck,
    /// §32: recorded by other means, and not handed over.
    OtherMeans,
    /// … handed over, and not deleted from something private.
    OtherMeansKept,
    NotRecorded,
    /// Of a newer central.
    #[default]
    Unknown,
}

#[derive(Clone, PartialEq, Eq)]
pub struct DutyRow {
    pub who: String,
    pub since: String,
    pub heard: String,
    pub camera: String,
    /// What the bodycam does, as central knows it.
    pub duty: DutyView,
    pub flags: u32,
}

super::hidden_debug!(DeskState, DeskView, AlertRow, DutyRow);

pub(super) fn view(state: &State) -> DeskView {
    let desk = state.desk.as_ref();
    let board = desk.and_then(|desk| desk.board.as_ref());
    DeskView {
        officer: state.officer(),
        as_of: board.map(|board| clock_text(state, board.now)),
        stale: state.connection != Connection::Online,
        alerts: rows(state),
        on_duty: board
            .map(|board| board.on_duty.iter().map(|o| duty_row(state, o)).collect())
            .unwrap_or_default(),
        tablets: state
            .session
            .as_ref()
            .filter(|session| session.role.may(DeskRight::Custody))
            .map(|_| board.map_or(0, |board| board.tablets.len())),
        figures: state
            .session
            .as_ref()
            .is_some_and(|session| session.role.may(DeskRight::Figures)),
        more: board.is_some_and(|board| board.more),
    }
}

pub(super) fn rows(state: &State) -> Vec<AlertRow> {
    let Some((desk, board)) = state
        .desk
        .as_ref()
        .and_then(|desk| Some((desk, desk.board.as_ref()?)))
    else {
        return Vec::new();
    };
    board
        .alerts
        .iter()
        .map(|alert| {
            let mut row = alert_row(state, alert);
            row.decided = desk.decided.iter().any(|d| d.is_of(&alert.kind));
            row
        })
        .collect()
}

fn alert_row(state: &State, alert: &Alert) -> AlertRow {
    let mut row = AlertRow {
        at: clock_text(state, alert.at),
        who: format!("{} {}", alert.rank, alert.name),
        ..AlertRow::default()
    };
    match &alert.kind {
        AlertKind::PauseAsked {
            pause,
            why,
            minutes,
        } => {
            row.kind = AlertRowKind::PauseAsked;
            row.id = pause.to_string();
            row.what = title(state, state.edition.pause_reason(why));
            row.minutes = *minutes;
        }
        AlertKind::VoiceToConfirm {
            pause,
            why,
            minutes,
            by,
            permitted_by,
        } => {
            row.kind = AlertRowKind::VoiceToConfirm;
            row.id = pause.to_string();
            row.what = title(state, state.edition.pause_reason(why));
            row.minutes = *minutes;
            row.by = Some(*by);
            row.named.clone_from(permitted_by);
        }
        AlertKind::Fault {
            fault,
            camera,
            what,
            note,
            administrator,
        } => {
            row.kind = if administrator.is_some() {
                AlertRowKind::FaultAssigned
            } else {
                AlertRowKind::Fault
            };
            row.id = fault.to_string();
            row.what = title(state, state.edition.camera_fault(what));
            row.note = note.clone().unwrap_or_default();
            row.named = administrator.clone().unwrap_or_default();
            row.camera = camera.as_ref().map(ToString::to_string).unwrap_or_default();
        }
        AlertKind::Gap { from, to } => {
            row.kind = AlertRowKind::Gap;
            row.at = clock_text(state, *from);
            row.until = clock_text(state, *to);
        }
        AlertKind::PauseOverran { .. } => row.kind = AlertRowKind::PauseOverran,
        AlertKind::Incident {
            incident,
            report,
            received,
            asked,
            supplements: _,
            class,
            held: _,
        } => {
            row.kind = AlertRowKind::Incident;
            row.id = incident.to_string();
            row.what = title(state, state.edition.incident_kind(&report.kind));
            row.place.clone_from(&report.place);
            row.note = beginning(&report.text);
            row.received = *received;
            row.asked = *asked;
            row.class = class.clone().unwrap_or_default();
            row.named = title(state, state.edition.offence_class(&row.class));
        }
        AlertKind::CustodyConflict {
            custody, held_by, ..
        } => {
            row.kind = AlertRowKind::CustodyConflict;
            row.id = custody.to_string();
            row.named.clone_from(held_by);
        }
        AlertKind::NotHandedIn { .. } => row.kind = AlertRowKind::NotHandedIn,
        AlertKind::NotReady { .. } => row.kind = AlertRowKind::NotReady,
        AlertKind::CameraHeldTwice { camera, other } => {
            row.kind = AlertRowKind::CameraHeldTwice;
            row.camera = camera.to_string();
            row.named.clone_from(other);
        }
        AlertKind::PersonFound {
            question,
            answer,
            wanted,
            place,
        } => {
            row.kind = if *wanted {
                AlertRowKind::WantedFound
            } else {
                AlertRowKind::MissingFound
            };
            row.id = question.to_string();
            row.answer = Some(*answer);
            row.mark = mark(*answer, *wanted, !wanted);
            row.place = place.clone().unwrap_or_default();
        }
        AlertKind::Resistance {
            encounter,
            case,
            place,
        } => {
            row.kind = AlertRowKind::Resistance;
            row.id = encounter.to_string();
            let case = state.edition.station_case(case);
            row.what = case
                .map(|case| case.title.get(state.language).to_owned())
                .unwrap_or_default();
            row.place = place.clone().unwrap_or_default();
        }
        AlertKind::LateAnswer {
            question,
            answer,
            wanted,
            missing,
            asked_at,
            ground,
        } => {
            row.kind = AlertRowKind::LateAnswer;
            row.id = question.to_string();
            row.answer = Some(*answer);
            row.mark = mark(*answer, *wanted, *missing);
            row.at = moment(state, alert.at);
            row.until = moment(state, *asked_at);
            row.what = ground
                .as_ref()
                .and_then(|id| state.edition.ground(id))
                .map(|ground| ground.title.get(state.language).to_owned())
                .unwrap_or_default();
        }
        AlertKind::Silent { device } => {
            row.kind = AlertRowKind::Silent;
            row.tablet = short(*device);
        }
        AlertKind::QueueStuck { device } => {
            row.kind = AlertRowKind::QueueStuck;
            row.tablet = short(*device);
        }
        AlertKind::OtherMeans {
            means,
            what,
            owner,
            from,
            to,
            note,
            private,
            handed_over,
            overdue,
        } => {
            row.kind = if *handed_over {
                AlertRowKind::OtherMeansKept
            } else {
                AlertRowKind::OtherMeans
            };
            row.id = means.to_string();
            row.what = title(state, state.edition.recording_device(what));
            row.at = day_and_time(state, *from);
            row.until = clock_text(state, *to);
            row.note = note.clone().unwrap_or_default();
            row.owner = Some(*owner);
            row.private = *private;
            row.overdue = *overdue;
        }
        AlertKind::NotRecorded { camera, from, to } => {
            row.kind = AlertRowKind::NotRecorded;
            row.camera = camera.to_string();
            row.at = day_and_time(state, *from);
            row.until = clock_text(state, *to);
        }
        AlertKind::Unknown => {}
    }
    row
}

/// With its day, unless that is today: what came too late may lie there for days.
fn moment(state: &State, at: Timestamp) -> String {
    let day = |at: Timestamp| at.local_date(state.edition.limits.utc_offset_minutes);
    if day(at) == day(state.now) {
        clock_text(state, at)
    } else {
        day_and_time(state, at)
    }
}

/// How alert to be at an answer that the desk has not seen.
fn mark(answer: AnswerKind, wanted: bool, missing: bool) -> Mark {
    match answer {
        _ if wanted => Mark::Alert,
        _ if missing => Mark::Missing,
        // Whether every register that matters was asked, the answer itself says.
        AnswerKind::Found { .. } => Mark::Notice,
        _ => Mark::Unclear,
    }
}

/// The beginning of a tablet's number, as it is written on it.
pub(super) fn short(device: DeviceId) -> String {
    device.to_string().chars().take(8).collect()
}

/// As much of a text as a card shows.
fn beginning(text: &str) -> String {
    const CHARS: usize = 120;
    let mut shown: String = text.chars().take(CHARS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

fn duty_row(state: &State, officer: &OnDuty) -> DutyRow {
    DutyRow {
        who: format!("{} {}", officer.rank, officer.name),
        since: clock_text(state, officer.since),
        heard: clock_text(state, officer.heard_at),
        camera: officer
            .camera
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        duty: of_status(state, officer.status),
        flags: officer.flags,
    }
}
