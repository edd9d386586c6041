//! The duty desk (§4, §6, §9, §20, §21, §31): what it sees of its unit, and what it decides.
//!
//! It sees by a query that waits until something has changed; it decides by facts of its own, which
//! travel as every fact does. Central carries a decision to the officer's session.

use crate::{CaptureId, DeviceId, SessionId};
use regulation::bodycam::{DeviceOwner, PermittedBy, Serial, Status};
use regulation::custody::{Level, Party};
use regulation::encounter::AnswerKind;
use regulation::incident::{Incident, Report};
use regulation::{
    CustodyId, EncounterId, FaultId, IncidentId, MeansId, OfficerId, PauseId, QuestionId, Timestamp,
};
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
    /// The desk knows that somebody wanted or missing was found in a session that is open.
    FoundSeen { question: QuestionId },
    /// The answer of a session that had ended was passed on or dealt with; `how`: in words, if any.
    AnswerSettled {
        question: QuestionId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        how: Option<String>,
    },
    /// §9: the desk knows of the resistance.
    ResistanceSeen { encounter: EncounterId },
    /// §32: the file of a recording by other means is handed over, and on what it lies now.
    MeansHandedOver {
        means: MeansId,
        carrier: String,
        /// SHA-256 of the file, if it was taken.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        digest: Option<crate::Digest>,
    },
    /// §32, §7: it is deleted from the private device, and who confirms that. Not before it is handed over.
    MeansDeleted {
        means: MeansId,
        confirmed_by: String,
    },
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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<CaptureId>,
    pub heard_at: Option<Timestamp>,
    /// §31.
    #[serde(default, skip_serializing_if = "TabletStanding::is_good")]
    pub standing: TabletStanding,
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
    /// People of the encounter: whom central's answers name and nobody disputes, and whom the officer
    /// knew by a document that was read.
    pub people: Vec<IncidentPerson>,
    /// What desks decided on it, oldest first; at most [`crate::limits::BOARD_ROWS`].
    pub history: Vec<IncidentStep>,
    /// Recordings held with it.
    pub held: Vec<HeldRecording>,
    pub closed: bool,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentPerson {
    /// `None`: by a document, and central was not asked.
    pub question: Option<regulation::QuestionId>,
    /// As [`crate::PersonRecord`] has it; `None`: the question has no answer that names anybody, or
    /// nobody has confirmed the candidate.
    pub person: Option<crate::PersonRecord>,
    #[serde(default, skip_serializing_if = "KnownBy::is_answer")]
    pub by: KnownBy,
}

/// By what somebody in a report is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "known_by", rename_all = "snake_case")]
pub enum KnownBy {
    /// Central's answer found one record.
    #[default]
    Answer,
    /// A candidate of a fingerprint, whom the officer confirmed.
    Confirmed,
    /// §8, §28: a document that the officer read; name and date of birth as typed and confirmed.
    Document {
        document: regulation::encounter::DocumentKind,
        typed: regulation::encounter::Person,
    },
    /// Of a newer central.
    #[serde(other)]
    Unknown,
}

impl KnownBy {
    fn is_answer(&self) -> bool {
        *self == Self::Answer
    }
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
        /// Recordings that are held with it.
        #[serde(default, skip_serializing_if = "crate::report::is_none")]
        held: u32,
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
    /// §3, §6: an answer to a session that is open names somebody wanted or missing; nothing of the
    /// person is here. Until the encounter is closed, or a desk has seen it.
    PersonFound {
        question: QuestionId,
        /// [`AnswerKind::Found`], or [`AnswerKind::Possible`]: one of the candidates is.
        answer: AnswerKind,
        wanted: bool,
        /// Where the encounter is, as the officer named it.
        place: Option<String>,
    },
    /// §9: resistance in an encounter, `case` by its id in the edition; until a desk has seen it.
    Resistance {
        encounter: EncounterId,
        case: String,
        place: Option<String>,
    },
    /// An answer that its officer does not have: the session had ended. Nothing of the person is here;
    /// the answer itself is asked for by [`crate::path::LATE_ANSWER`].
    LateAnswer {
        question: QuestionId,
        answer: AnswerKind,
        wanted: bool,
        missing: bool,
        asked_at: Timestamp,
        /// §8, by its id in the edition.
        ground: Option<String>,
    },
    /// A tablet on duty that was not heard of since `at`, for longer than the edition allows.
    Silent { device: DeviceId },
    /// A tablet is heard of, and something that it recorded before does not come.
    QueueStuck { device: DeviceId },
    /// §32: a recording by other means that is not handed over, or not deleted from a private device.
    OtherMeans {
        means: MeansId,
        /// Which device, by its id in the edition.
        what: String,
        owner: DeviceOwner,
        from: Timestamp,
        to: Timestamp,
        note: Option<String>,
        /// Its deletion is to be confirmed.
        private: bool,
        handed_over: bool,
        /// The days of the edition are over.
        overdue: bool,
    },
    /// §19: on by the log, and the dock has found no recording of it.
    NotRecorded {
        camera: Serial,
        from: Timestamp,
        to: Timestamp,
    },
    /// Of a newer central.
    #[serde(other)]
    Unknown,
}

/// How a desk is called to an alert.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlertUrgency {
    /// At once: it goes on until somebody looks.
    Alarm,
    /// A word is awaited, or something is wrong.
    Notice,
    /// To be looked at in its turn.
    #[default]
    Quiet,
}

impl AlertKind {
    /// The one list of what comes first: boards are in this order, and desks are called by it.
    #[must_use]
    pub fn urgency(&self) -> (AlertUrgency, u8) {
        use AlertUrgency::{Alarm, Notice, Quiet};
        match self {
            Self::PersonFound { wanted: true, .. } | Self::LateAnswer { wanted: true, .. } => {
                (Alarm, 0)
            }
            Self::PersonFound { .. } | Self::LateAnswer { missing: true, .. } => (Alarm, 1),
            Self::Resistance { .. } => (Alarm, 2),
            Self::Incident {
                received: false, ..
            } => (Notice, 0),
            Self::Fault {
                administrator: None,
                ..
            } => (Notice, 1),
            Self::PauseAsked { .. } => (Notice, 2),
            Self::VoiceToConfirm { .. } => (Notice, 3),
            Self::Silent { .. } => (Notice, 4),
            Self::QueueStuck { .. } => (Notice, 5),
            Self::Gap { .. } => (Notice, 6),
            Self::NotRecorded { .. } => (Notice, 7),
            Self::LateAnswer { .. } => (Notice, 8),
            Self::CustodyConflict { .. } => (Notice, 9),
            Self::CameraHeldTwice { .. } => (Notice, 10),
            Self::NotReady { .. } => (Notice, 11),
            Self::Incident { .. } => (Quiet, 0),
            Self::Fault { .. } => (Quiet, 1),
            Self::PauseOverran { .. } => (Quiet, 2),
            Self::NotHandedIn { .. } => (Quiet, 3),
            Self::OtherMeans { .. } => (Quiet, 4),
            Self::Unknown => (Quiet, 5),
        }
    }
}

/// An answer that its officer does not have, for a desk of the officer's unit. Each is a look at a
/// person's record (§4), and audited as one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LateAnswer {
    pub answer: crate::Answer,
    pub encounter: EncounterId,
    /// Who asked.
    pub officer: OfficerId,
    pub name: String,
    pub rank: String,
    pub asked_at: Timestamp,
    /// §8, by its id in the edition.
    pub ground: Option<String>,
    pub place: Option<String>,
}

/// What a desk has central do about a tablet of its unit. Online only: an order that waits unseen would
/// be taken for one that was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TabletRequest {
    pub device: DeviceId,
    pub order: TabletOrder,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TabletOrder {
    /// Lost or stolen: it is refused everything but its evidence, and wipes itself.
    Lost,
    /// Found before it wiped itself.
    Found,
    /// It may be logged in to again after too many wrong passwords.
    Unlock,
}

/// §31: how a tablet stands with central.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "standing", rename_all = "snake_case")]
pub enum TabletStanding {
    #[default]
    Good,
    /// It says that too many wrong passwords were typed on it.
    Locked,
    /// Reported lost since then.
    Lost { since: Timestamp },
    /// Lost, and nothing on it can be read any more.
    KeysDestroyed { since: Timestamp },
    /// It has wiped itself.
    Wiped { since: Timestamp },
    /// Of a newer central.
    #[serde(other)]
    Unknown,
}

impl TabletStanding {
    /// Whether there is nothing to say of it.
    #[must_use]
    pub fn is_good(&self) -> bool {
        *self == Self::Good
    }
}

/// What became of a [`TabletRequest`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TabletOrdered {
    pub device: DeviceId,
    /// Central's clock.
    pub at: Timestamp,
    pub standing: TabletStanding,
}

crate::hidden_debug!(
    LateAnswer,
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
