//! The audit journal: who did what, by codes and ids. It can be appended to and read, no more.

use protocol::{DeviceId, SessionId};
use regulation::{OfficerId, Timestamp};

/// What is worth an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuditEvent {
    CodeIssued,
    CodeRefused,
    DeviceEnrolled,
    DeviceRevoked,
    /// The desk unlocked a tablet after too many wrong passwords; the subject is the serial.
    DeviceUnlocked,
    /// The subject is the new key's id.
    SealingKeyRotated,
    DeviceReportedLost,
    DeviceReportedFound,
    /// A lost tablet reported that nothing on it can be read any more.
    ReadingKeysDestroyed,
    /// A lost tablet reported that it has wiped itself; the subject is the number of events that were
    /// not safe.
    DeviceWiped,
    OfficerCreated,
    OfficerDeactivated,
    OfficerReactivated,
    /// Name, rank, unit, role or password.
    OfficerChanged,
    LoginAccepted,
    LoginRefused,
    LoginThrottled,
    /// The login has had too many wrong passwords; whether anybody has it is not said.
    LoginLocked,
    LoginUnlocked,
    /// A session that a roster had promised began.
    ReservedSessionBegun,
    /// The batch was signed by another key than the device's.
    SignatureRefused,
    /// Another envelope with the same number was there already.
    SequenceConflict,
    /// An envelope does not fit the chain; it was stored all the same.
    ChainBroken,
    /// A capture of another tablet, or another file under a known name.
    CaptureRefused,
    /// §4, §31: photos of a tablet, of its condition and of incidents, were listed.
    PhotosListed,
    /// … and one of them was looked at; the subject is its id.
    PhotoRead,
    /// §26: a citizen's complaint was registered; the subject is the encounter.
    ComplaintRegistered,
    /// §26: what is held was listed.
    HoldsListed,
    /// An exported queue was taken in from a file.
    QueueImported,
    /// Numbers of a device were declared lost.
    GapAcknowledged,
    /// The look-up was run: this is the look at a person's record.
    LookedUp,
    /// The question was archived and not looked up.
    NotLookedUp,
    PeopleImported,
    PrintAdded,
    PrintsRemoved,
    /// Answers for the duty desk were read.
    DutyRead,
    /// A desk's session looked at its unit's board for the first time: the purpose of every further
    /// look of it is the same, the duty desk (§4).
    BoardRead,
    /// A unit's figures were read, for the check of how its officers serve (§4); the subject is the
    /// period and the unit. By an officer, or by the administrator.
    ReportRead,
    /// A desk decided on a pause or a fault; the subject is its id.
    PauseGranted,
    PauseRefused,
    FaultAssigned,
    FaultClosed,
    /// A decision that does not count; the envelope's flag says why.
    DecisionRefused,
    /// A desk decided on an incident (§22); the subject is its id.
    IncidentReceived,
    IncidentClassified,
    IncidentAsked,
    IncidentLinked,
    IncidentClosed,
    /// A desk read an incident, with the people it names (§4); the subject is its id.
    IncidentRead,
    /// A desk settled what stood against each other in a tablet's custody; the subject is its id.
    CustodySettled,
    /// A desk knows of somebody wanted or missing; the subject is the question's id.
    FoundSeen,
    /// A desk passed a late answer on or dealt with it; the subject is the question's id.
    AnswerSettled,
    /// A desk knows of the resistance (§9); the subject is the encounter's id.
    ResistanceSeen,
    /// A desk looked at an answer that its officer does not have, to pass it on (§4, §6): a look at a
    /// person's record. The subject is the question's id.
    LateAnswerRead,
    /// A desk took in the file of a recording by other means (§32), or confirmed its deletion; the subject
    /// is its id.
    MeansHandedOver,
    MeansDeleted,
    /// Readings of a dock were imported (§19); the subject is how many recorded times were new.
    DockImported,
    /// The officer confirmed a hand-out or hand-in (§16) in the session of another; the subject is that
    /// one's id.
    CustodyConfirmed,
    /// A tablet's chain of custody was read.
    CustodyRead,
    /// §14: a tablet was assigned to an officer, or is no more.
    TabletAssigned,
    TabletUnassigned,
    /// A bodycam was assigned to an officer, or is no more; the subject is its serial number.
    CameraAssigned,
    CameraUnassigned,
    /// §16: a place of a unit was named, or is none any more.
    PlaceNamed,
    PlaceRemoved,
    /// A notice was given to a unit; the subject is its number.
    NoticeGiven,
    /// The oldest program that is up to date; the subject is its version.
    MinimumVersionSet,
    /// The database was older than its replica; batches up to the subject were read from there.
    TakenBack,
    /// A device was not known to the database, and was taken from its replica.
    DeviceTakenBack,
    /// The replica holds batches, so many, of a device that is not known.
    NotTakenBack,
    /// A new replica was begun.
    ReplicaBegun,
}

impl AuditEvent {
    /// Every event.
    pub const ALL: [Self; 71] = [
        Self::CodeIssued,
        Self::CodeRefused,
        Self::DeviceEnrolled,
        Self::DeviceRevoked,
        Self::DeviceUnlocked,
        Self::SealingKeyRotated,
        Self::DeviceReportedLost,
        Self::DeviceReportedFound,
        Self::ReadingKeysDestroyed,
        Self::DeviceWiped,
        Self::OfficerCreated,
        Self::OfficerDeactivated,
        Self::OfficerReactivated,
        Self::OfficerChanged,
        Self::LoginAccepted,
        Self::LoginRefused,
        Self::LoginThrottled,
        Self::LoginLocked,
        Self::LoginUnlocked,
        Self::ReservedSessionBegun,
        Self::SignatureRefused,
        Self::SequenceConflict,
        Self::ChainBroken,
        Self::CaptureRefused,
        Self::PhotosListed,
        Self::PhotoRead,
        Self::ComplaintRegistered,
        Self::HoldsListed,
        Self::QueueImported,
        Self::GapAcknowledged,
        Self::LookedUp,
        Self::NotLookedUp,
        Self::PeopleImported,
        Self::PrintAdded,
        Self::PrintsRemoved,
        Self::DutyRead,
        Self::BoardRead,
        Self::ReportRead,
        Self::PauseGranted,
        Self::PauseRefused,
        Self::FaultAssigned,
        Self::FaultClosed,
        Self::DecisionRefused,
        Self::IncidentReceived,
        Self::IncidentClassified,
        Self::IncidentAsked,
        Self::IncidentLinked,
        Self::IncidentClosed,
        Self::IncidentRead,
        Self::CustodySettled,
        Self::FoundSeen,
        Self::AnswerSettled,
        Self::ResistanceSeen,
        Self::LateAnswerRead,
        Self::MeansHandedOver,
        Self::MeansDeleted,
        Self::DockImported,
        Self::CustodyConfirmed,
        Self::CustodyRead,
        Self::TabletAssigned,
        Self::TabletUnassigned,
        Self::CameraAssigned,
        Self::CameraUnassigned,
        Self::PlaceNamed,
        Self::PlaceRemoved,
        Self::NoticeGiven,
        Self::MinimumVersionSet,
        Self::TakenBack,
        Self::DeviceTakenBack,
        Self::NotTakenBack,
        Self::ReplicaBegun,
    ];

    /// The code that is stored.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::CodeIssued => "code_issued",
            Self::CodeRefused => "code_refused",
            Self::DeviceEnrolled => "device_enrolled",
            Self::DeviceRevoked => "device_revoked",
            Self::DeviceUnlocked => "device_unlocked",
            Self::SealingKeyRotated => "sealing_key_rotated",
            Self::DeviceReportedLost => "device_reported_lost",
            Self::DeviceReportedFound => "device_reported_found",
            Self::ReadingKeysDestroyed => "reading_keys_destroyed",
            Self::DeviceWiped => "device_wiped",
            Self::OfficerCreated => "officer_created",
            Self::OfficerDeactivated => "officer_deactivated",
            Self::OfficerReactivated => "officer_reactivated",
            Self::OfficerChanged => "officer_changed",
            Self::LoginAccepted => "login_accepted",
            Self::LoginRefused => "login_refused",
            Self::LoginThrottled => "login_throttled",
            Self::LoginLocked => "login_locked",
            Self::LoginUnlocked => "login_unlocked",
            Self::ReservedSessionBegun => "reserved_session_begun",
            Self::SignatureRefused => "signature_refused",
            Self::SequenceConflict => "sequence_conflict",
            Self::ChainBroken => "chain_broken",
            Self::CaptureRefused => "capture_refused",
            Self::PhotosListed => "photos_listed",
            Self::PhotoRead => "photo_read",
            Self::ComplaintRegistered => "complaint_registered",
            Self::HoldsListed => "holds_listed",
            Self::QueueImported => "queue_imported",
            Self::GapAcknowledged => "gap_acknowledged",
            Self::LookedUp => "looked_up",
            Self::NotLookedUp => "not_looked_up",
            Self::PeopleImported => "people_imported",
            Self::PrintAdded => "print_added",
            Self::PrintsRemoved => "prints_removed",
            Self::DutyRead => "duty_read",
            Self::BoardRead => "board_read",
            Self::ReportRead => "report_read",
            Self::PauseGranted => "pause_granted",
            Self::PauseRefused => "pause_refused",
            Self::FaultAssigned => "fault_assigned",
            Self::FaultClosed => "fault_closed",
            Self::DecisionRefused => "decision_refused",
            Self::IncidentReceived => "incident_received",
            Self::IncidentClassified => "incident_classified",
            Self::IncidentAsked => "incident_asked",
            Self::IncidentLinked => "incident_linked",
            Self::IncidentClosed => "incident_closed",
            Self::IncidentRead => "incident_read",
            Self::CustodySettled => "custody_settled",
            Self::FoundSeen => "found_seen",
            Self::AnswerSettled => "answer_settled",
            Self::ResistanceSeen => "resistance_seen",
            Self::LateAnswerRead => "late_answer_read",
            Self::MeansHandedOver => "means_handed_over",
            Self::MeansDeleted => "means_deleted",
            Self::DockImported => "dock_imported",
            Self::CustodyConfirmed => "custody_confirmed",
            Self::CustodyRead => "custody_read",
            Self::TabletAssigned => "tablet_assigned",
            Self::TabletUnassigned => "tablet_unassigned",
            Self::CameraAssigned => "camera_assigned",
            Self::CameraUnassigned => "camera_unassigned",
            Self::PlaceNamed => "place_named",
            Self::PlaceRemoved => "place_removed",
            Self::NoticeGiven => "notice_given",
            Self::MinimumVersionSet => "minimum_version_set",
            Self::TakenBack => "taken_back",
            Self::DeviceTakenBack => "device_taken_back",
            Self::NotTakenBack => "not_taken_back",
            Self::ReplicaBegun => "replica_begun",
        }
    }
}

/// One entry. `subject` is an id, a number or a unit, never the name of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    pub at: Timestamp,
    pub event: AuditEvent,
    pub device: Option<DeviceId>,
    pub session: Option<SessionId>,
    pub officer: Option<OfficerId>,
    pub subject: Option<String>,
}

impl AuditEntry {
    #[must_use]
    pub fn new(at: Timestamp, event: AuditEvent) -> Self {
        Self {
            at,
            event,
            device: None,
            session: None,
            officer: None,
            subject: None,
        }
    }

    #[must_use]
    pub fn device(mut self, device: DeviceId) -> Self {
        self.device = Some(device);
        self
    }

    #[must_use]
    pub fn session(mut self, session: SessionId) -> Self {
        self.session = Some(session);
        self
    }

    #[must_use]
    pub fn officer(mut self, officer: OfficerId) -> Self {
        self.officer = Some(officer);
        self
    }

    #[must_use]
    pub fn subject(mut self, subject: impl ToString) -> Self {
        self.subject = Some(subject.to_string());
        self
    }
}
