//! The duty desk (§4, §20, §21): what it sees of its unit, and what it decides.
//!
//! It sees by a query that waits until something has changed; it decides by facts of its own, which
//! travel as every fact does. Central carries a decision to the officer's session.

use crate::{DeviceId, SessionId};
use regulation::bodycam::{PermittedBy, Serial, Status};
use regulation::custody::{Level, Party};
use regulation::incident::{Incident, Report};
use regulation::{CustodyId, FaultId, IncidentId, OfficerId, PauseId, Timestamp};
use serde::{Deserialize, Serialize};

/// What the desk decides, on something of another officer's session. Of decisions that are made once
/// the first counts; a later one is stored and flagged. An incident may be asked about, classified and
/// linked again: all of it is its history.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum DeskEvent {
    /// §20: on a pause that was asked for; or afterwards on one that a voice has permitted.
    PauseDecided { pause: PauseId, granted: bool },
    /// §21: an administrator, by name, sees to the fault.
    FaultAssigned {
        fault: FaultId,
        administrator: String,
    },
    /// §21: seen to, and how.
    FaultClosed { fault: FaultId, how: String },
    /// §22: the report is taken in. Once.
    IncidentReceived { incident: IncidentId },
    /// §22: by kind of offence, an id of the edition; the latest stands.
    IncidentClassified { incident: IncidentId, class: String },
    /// §22: what the officer is asked to add.
    IncidentAsked { incident: IncidentId, text: String },
    /// §22: recordings of a bodycam that belong to it; they are held from now on.
    IncidentLinked {
        incident: IncidentId,
        camera: Serial,
        from: Timestamp,
        to: Timestamp,
    },
    /// §22: done with, and how. Once, and nothing after it; what it holds stays held.
    IncidentClosed { incident: IncidentId, how: String },
    /// §16: what stands against each other in a tablet's custody was looked at, and how it is settled.
    CustodySettled { custody: CustodyId, how: String },
}

/// What the desk sees, of its own unit alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskBoard {
    /// `after` of the next request, which waits until there is another one.
    pub version: String,
    /// Central's clock.
    pub now: Timestamp,
    /// Who is on duty, by name. At most [`crate::limits::BOARD_ROWS`].
    pub on_duty: Vec<OnDuty>,
    /// What wants a decision or a look, the most urgent first, then the oldest. At most
    /// [`crate::limits::BOARD_ROWS`].
    pub alerts: Vec<Alert>,
    /// §16: the tablets of the unit; empty for a role that does not deal with custody. At most
    /// [`crate::limits::BOARD_ROWS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tablets: Vec<TabletRow>,
    /// More than these were left out.
    pub more: bool,
}

/// §16: a tablet, who has it, since when, and from whom.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TabletRow {
    pub device: DeviceId,
    pub holder: TabletHolder,
    /// §13: what it found out about itself last.
    pub readiness: Option<Level>,
    /// §31.
    pub damage: Option<String>,
    /// §31: photos of its condition, since it last changed hands.
    #[serde(default, skip_serializing_if = "is_none")]
    pub photos: u32,
    pub heard_at: Option<Timestamp>,
}

fn is_none(count: &u32) -> bool {
    *count == 0
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "holder", rename_all = "snake_case")]
pub enum TabletHolder {
    Officer {
        name: String,
        rank: String,
        since: Timestamp,
        from: Party,
        /// The shift on it is open.
        on_duty: bool,
    },
    /// Handed in: to whom, when, by whom.
    Party {
        party: Party,
        since: Timestamp,
        name: String,
        rank: String,
    },
    /// Of a newer central.
    #[serde(other)]
    Unknown,
}

/// §22: an incident as the duty unit sees it, with its history.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentView {
    pub incident: Incident,
    pub session: SessionId,
    pub officer: OfficerId,
    pub name: String,
    pub rank: String,
    /// People of the encounter, as central's answers named them.
    pub people: Vec<IncidentPerson>,
    /// What desks decided on it, oldest first; at most [`crate::limits::BOARD_ROWS`].
    pub history: Vec<IncidentStep>,
    /// Recordings held with it.
    pub held: Vec<HeldRecording>,
    pub closed: bool,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentPerson {
    pub question: regulation::QuestionId,
    /// As [`crate::PersonRecord`] has it; `None`: the question has no answer that names anybody.
    pub person: Option<crate::PersonRecord>,
}

/// A decision on an incident, by name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentStep {
    pub at: Timestamp,
    pub name: String,
    pub rank: String,
    pub event: DeskEvent,
}

/// §22, §26: a recording that is held: of which bodycam, and which time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldRecording {
    pub camera: Serial,
    pub from: Timestamp,
    pub to: Timestamp,
}

/// An officer with an open session.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnDuty {
    pub session: SessionId,
    pub officer: OfficerId,
    pub name: String,
    pub rank: String,
    pub device: DeviceId,
    pub since: Timestamp,
    /// When the tablet was last heard of; facts may lie on it that central has not seen.
    pub heard_at: Timestamp,
    pub camera: Option<Serial>,
    pub status: Status,
    /// Flags of the bodycam's shift.
    pub flags: u32,
}

/// Something that wants a decision or a look.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// When it happened, by the officer's tablet.
    pub at: Timestamp,
    pub session: SessionId,
    pub name: String,
    pub rank: String,
    pub kind: AlertKind,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "alert", rename_all = "snake_case")]
pub enum AlertKind {
    /// §20: permission is asked for; `why` by its id in the edition.
    PauseAsked {
        pause: PauseId,
        why: String,
        minutes: u16,
    },
    /// §21, by its id in the edition.
    Fault {
        fault: FaultId,
        camera: Option<Serial>,
        what: String,
        note: Option<String>,
        administrator: Option<String>,
    },
    /// §20: permission is said to have been given by voice; to be confirmed or not.
    VoiceToConfirm {
        pause: PauseId,
        why: String,
        minutes: u16,
        by: PermittedBy,
        permitted_by: String,
    },
    /// §19: off in mid-duty with neither permission nor fault.
    Gap { from: Timestamp, to: Timestamp },
    /// §20: longer than permitted.
    PauseOverran { pause: PauseId },
    /// §22: a report that is not closed; `asked`: the desk's last question has no answer yet.
    Incident {
        incident: IncidentId,
        report: Box<Report>,
        received: bool,
        asked: bool,
        supplements: u32,
        class: Option<String>,
    },
    /// §16: `name` and `rank` took the tablet over while somebody else had not handed it in.
    CustodyConflict {
        custody: CustodyId,
        device: DeviceId,
        held_by: String,
    },
    /// §16: the shift is over, and the tablet is not handed in.
    NotHandedIn {
        custody: CustodyId,
        device: DeviceId,
    },
    /// §13: gone on with, though not fit for duty.
    NotReady { device: DeviceId },
    /// §30: the same bodycam is held by two officers, by their tablets.
    CameraHeldTwice { camera: Serial, other: String },
    /// Of a newer central.
    #[serde(other)]
    Unknown,
}

crate::hidden_debug!(
    DeskEvent,
    DeskBoard,
    OnDuty,
    Alert,
    AlertKind,
    TabletRow,
    TabletHolder,
    IncidentView,
    IncidentPerson,
    IncidentStep
);
