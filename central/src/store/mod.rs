//! Central's memory as a trait: every method is one whole transaction of the domain.
//!
//! Whoever implements it keeps three promises, and [`contract`] tests them: what a method has
//! returned `Ok` for is on disk; what it has returned `Err` for left no trace; and what cannot be
//! stored now is [`StoreError::Full`] or [`StoreError::Fault`], never silence.

mod access;
mod complaint;
pub mod contract;
mod custody;
mod desk;
mod dock;
mod incident;
mod report;
mod rows;
pub mod sqlite;

pub use access::*;
pub use complaint::*;
pub use custody::*;
pub use desk::*;
pub use dock::*;
pub use incident::*;
pub use report::*;
pub use rows::*;

use crate::audit::AuditEntry;
use crate::people::{NewPerson, RegisterSource};
use protocol::{
    Batch, CaptureId, DeviceId, Kit, LateAnswer, Officer, PersonRecord, SessionId, TabletStanding,
    WipeReport,
};
use regulation::bodycam::Serial;
use regulation::custody::Custody;
use regulation::identity::{DocumentNumber, Pinfl};
use regulation::{EncounterId, IncidentId, OfficerId, QuestionId, Timestamp};
use std::path::PathBuf;

/// Why the store did not do it. Holds no personal data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    #[error("the database {0} is damaged; it was left as it is")]
    Damaged(PathBuf),
    #[error("the database {0} was written by a newer central")]
    Newer(PathBuf),
    #[error("there is no database {0}; run `central init` first")]
    Absent(PathBuf),
    /// Nothing of duty is ever called a training.
    #[error("the database {0} was served for duty; a training needs one of its own")]
    OfDuty(PathBuf),
    #[error("there is no room left")]
    Full,
    /// Code of the database.
    #[error("the database answered with error {0}")]
    Fault(i32),
    /// A stored value does not read back.
    #[error("a stored {0} cannot be read")]
    Unreadable(&'static str),
}

/// What happened to a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchOutcome {
    /// All of it is stored, now or before. `broken`: new envelopes that do not fit the chain.
    Stored { broken: Vec<u64> },
    /// Another envelope with this number is there; nothing of the batch was stored.
    Conflict { seq: u64 },
}

/// What became of a wipe report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WipeOutcome {
    /// It is kept. `first`: no report of this stage was there before.
    Kept { first: bool },
    /// The device is not reported lost; nothing was kept.
    NotLost,
    /// The stage before it was not reported, or the one after it was; nothing was kept.
    OutOfOrder,
}

/// What happened to a batch that the replica has and this store had not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenBack {
    Stored,
    /// It names a device that is not there; nothing of it was stored, and its number is given to no
    /// other batch.
    UnknownDevice,
    /// A batch has its number, or another envelope one of its places; nothing was stored.
    Conflict,
}

/// What became of a gap that was to be acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapOutcome {
    Acknowledged,
    UnknownDevice,
    /// This number is stored; nothing was acknowledged.
    NotMissing {
        seq: u64,
    },
    /// Nothing is stored above it: what has not come yet is not missing.
    NotBelowStored,
}

/// Where an answer went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerPlace {
    Inbox(SessionId),
    /// The session has ended.
    Duty,
    /// It was answered or withdrawn before; nothing was stored.
    Nowhere,
}

/// Why people were not imported; nothing of them was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportFault {
    #[error("person {0} has a document number that another person has")]
    DocumentTaken(usize),
    #[error("person {0} has a PINFL that another person has")]
    PinflTaken(usize),
    #[error("person {0} is on a register that is not among the registers")]
    RegisterUnknown(usize),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Central's memory.
pub trait Store: std::fmt::Debug + Send + Sync + 'static {
    // Tablets.

    /// Keeps the hash of a one-time code.
    fn add_code(&self, code: &NewCode) -> Result<(), StoreError>;
    /// Whether the code can be spent now.
    fn code_is_good(&self, hash: &[u8; 32], at: Timestamp) -> Result<bool, StoreError>;
    /// Spends the code and adds the device, named as the code says; `false` if the code is wrong,
    /// spent or too old.
    fn enrol(&self, enrolment: &Enrolment) -> Result<bool, StoreError>;
    fn device(&self, device: DeviceId) -> Result<Option<Device>, StoreError>;
    fn devices(&self) -> Result<Vec<Device>, StoreError>;
    /// Revokes the device, ends its sessions, and its assignment with its entry; `false` if it is
    /// unknown.
    fn revoke_device(&self, device: DeviceId, at: Timestamp) -> Result<bool, StoreError>;
    /// Raises the serial by which the tablet knows that the desk unlocks it; the new one, from 1 on.
    /// `None` if the device is unknown.
    fn unlock_device(&self, device: DeviceId) -> Result<Option<u64>, StoreError>;
    /// Reports the device lost: its sessions end, and those promised to it are void. `false` if it is
    /// unknown or revoked. The time of the first report stays.
    fn report_lost(&self, device: DeviceId, at: Timestamp) -> Result<bool, StoreError>;
    /// Takes the report back, with what the tablet said of its wiping; `false` unless it is lost and
    /// not wiped.
    fn report_found(&self, device: DeviceId) -> Result<bool, StoreError>;
    /// Keeps a report whose signature has been checked. With the last stage the device is revoked.
    fn keep_wipe_report(
        &self,
        report: &WipeReport,
        at: Timestamp,
    ) -> Result<WipeOutcome, StoreError>;
    /// What the device said of its wiping, by stage.
    fn wipe_reports(&self, device: DeviceId) -> Result<Vec<StoredWipe>, StoreError>;

    // Officers and sessions.

    /// `false` if the login is taken.
    fn add_officer(&self, officer: &OfficerRow) -> Result<bool, StoreError>;
    fn officer_by_login(&self, login: &str) -> Result<Option<OfficerRow>, StoreError>;
    /// The password's hash of the officer whose login comes next in order, or first of all: the same
    /// for a login while officers neither come nor go. `None` if there are none.
    fn password_beside(&self, login: &str) -> Result<Option<String>, StoreError>;
    /// Deactivates the officer, ends their sessions, and what is assigned to them (§15), with its
    /// entries in the audit journal; `false` if unknown.
    fn deactivate_officer(&self, officer: OfficerId, at: Timestamp) -> Result<bool, StoreError>;
    /// Makes the officer active again; `false` if unknown.
    fn reactivate_officer(&self, officer: OfficerId) -> Result<bool, StoreError>;
    /// Changes an officer. The open sessions, which find it in their inbox; a new password ends them
    /// instead, and every session that a roster promised. `None` if the officer is unknown.
    fn change_officer(&self, change: &OfficerChange) -> Result<Option<Vec<SessionId>>, StoreError>;
    /// Counts a log-in as failed, or says why it may not be tried; success takes the count back.
    fn begin_login(&self, attempt: &LoginAttempt<'_>) -> Result<LoginTurn, StoreError>;
    /// Forgets the failures of login and tablet.
    fn login_succeeded(&self, login: &Who, device: &Who) -> Result<(), StoreError>;
    /// Forgets the failures of a login; `false` if there were none.
    fn unlock_login(&self, login: &Who) -> Result<bool, StoreError>;
    /// Whom the tablet's roster holds. Sessions that were reserved and not used are given again,
    /// others are reserved by `reserve`; the session of the request that is open, and its officer on
    /// the roster, goes on until the roster's lease ends.
    fn roster(
        &self,
        request: &RosterRequest,
        reserve: &mut dyn FnMut() -> Reserved,
    ) -> Result<RosterRows, StoreError>;
    /// First use of a reserved session's token by its tablet: it begins, and every other session of
    /// the tablet ends. Those that did; `None` if the token is not reserved there any more.
    fn begin_reserved(
        &self,
        token: &[u8; 32],
        device: DeviceId,
        at: Timestamp,
    ) -> Result<Option<Vec<SessionId>>, StoreError>;
    /// Opens a session, if device and officer are still what they were when the password was checked
    /// against the hash `password`: that takes its time, and a dismissal meanwhile counts.
    fn open_session(
        &self,
        session: &NewSession,
        password: &str,
    ) -> Result<SessionOpened, StoreError>;
    /// Ends the session if it is the device's and open. What it never fetched goes to the duty desk.
    fn end_session(
        &self,
        session: SessionId,
        device: DeviceId,
        at: Timestamp,
    ) -> Result<bool, StoreError>;
    fn session(&self, session: SessionId) -> Result<Option<Session>, StoreError>;
    fn session_by_token(&self, token: &[u8; 32]) -> Result<Option<Session>, StoreError>;

    // Outbox and archive.

    /// Stores a batch whose signature has been checked, whole or not at all. A reserved session whose
    /// first envelope comes with it begins, and ends no other: which one the tablet has open, its
    /// token says.
    fn store_batch(&self, batch: &Batch, at: Timestamp) -> Result<BatchOutcome, StoreError>;
    /// Stores a batch under the number that it had before the store was restored from an older
    /// backup. Messages to open sessions get numbers beyond any that was given out before.
    fn take_back(&self, batch: &StoredBatch, at: Timestamp) -> Result<TakenBack, StoreError>;
    /// Adds a device that was enrolled before the store was restored from an older backup; `false` if
    /// it is there.
    fn take_back_device(&self, device: &DeviceRecord, at: Timestamp) -> Result<bool, StoreError>;
    /// The highest number that a batch was given, or that was passed over.
    fn batch_numbers(&self) -> Result<u64, StoreError>;
    /// The device's marks; batches up to `replicated` are replicated.
    fn marks(&self, device: DeviceId, replicated: u64) -> Result<Marks, StoreError>;
    /// The mark of what is stored, whatever became of the event that it stands on; 0 for an unknown
    /// device.
    fn stored_through(&self, device: DeviceId) -> Result<u64, StoreError>;
    /// Declares numbers of a device lost: the marks pass over them once what follows is stored. An
    /// envelope that comes late all the same is stored as any other.
    fn acknowledge_gap(
        &self,
        device: DeviceId,
        first: u64,
        last: u64,
        at: Timestamp,
    ) -> Result<GapOutcome, StoreError>;
    /// Gaps of the device that were acknowledged, first and last number of each, in order.
    fn acknowledged_gaps(&self, device: DeviceId) -> Result<Vec<(u64, u64)>, StoreError>;
    /// Changes whenever another program has changed the store.
    fn changed_by_others(&self) -> Result<u64, StoreError>;
    /// Batches with a number above `after`, in order, of about `bytes` bytes together.
    fn batches_after(&self, after: u64, bytes: usize) -> Result<Vec<StoredBatch>, StoreError>;
    /// Batches of a device with a number above `after`, in order, without their envelopes.
    fn batches_of(
        &self,
        device: DeviceId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<(u64, BatchSignature)>, StoreError>;
    fn batch(&self, batch: u64) -> Result<Option<BatchSignature>, StoreError>;
    /// Places of envelopes that were stored and not assessed yet, oldest first.
    fn unassessed(&self, limit: usize) -> Result<Vec<Place>, StoreError>;
    fn envelope(&self, device: DeviceId, seq: u64) -> Result<Option<StoredEnvelope>, StoreError>;
    /// The device that named the encounter first.
    fn encounter_device(&self, encounter: EncounterId) -> Result<Option<DeviceId>, StoreError>;
    /// The device's envelopes that name the encounter, with numbers above `after`, in order.
    fn encounter_envelopes(
        &self,
        encounter: EncounterId,
        device: DeviceId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StoredEnvelope>, StoreError>;
    /// A device's numbers and links from `from` on, in order.
    fn links(&self, device: DeviceId, from: u64, limit: usize) -> Result<Vec<Link>, StoreError>;
    /// The device's envelopes of the session that name no encounter, with numbers above `after`, in
    /// order.
    fn session_envelopes(
        &self,
        session: SessionId,
        device: DeviceId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StoredEnvelope>, StoreError>;
    /// What the assessment of envelopes found: questions are taken up or taken back, a shift and its
    /// reports replace what was known of them, a desk's decision counts or is flagged, with its entry
    /// in the audit journal. What a report holds stays held. Open sessions that were told of a
    /// decision.
    fn assess(&self, assessment: &Assessment) -> Result<Vec<SessionId>, StoreError>;
    fn flags(&self, encounter: EncounterId) -> Result<Vec<(Place, ArchiveFlag)>, StoreError>;
    fn device_flags(&self, device: DeviceId) -> Result<Vec<(Place, ArchiveFlag)>, StoreError>;
    fn encounter_summary(&self, encounter: EncounterId) -> Result<Option<Summary>, StoreError>;
    fn encounters(&self, limit: usize) -> Result<Vec<Summary>, StoreError>;

    // Captures.

    /// Envelopes sent as those that name a capture, after `after`, in order.
    fn capture_envelopes(
        &self,
        after: Option<Place>,
        limit: usize,
    ) -> Result<Vec<StoredEnvelope>, StoreError>;
    fn capture(&self, capture: CaptureId) -> Result<Option<CaptureRow>, StoreError>;
    /// Announces a capture; the sizes of all of a device's stay within `bound` bytes.
    fn begin_capture(&self, capture: &NewCapture, bound: u64) -> Result<CaptureBegun, StoreError>;
    /// How much of an announced capture is on the disk now, more or less than before.
    fn capture_received(
        &self,
        capture: CaptureId,
        received: u64,
        complete_at: Option<Timestamp>,
    ) -> Result<(), StoreError>;

    // Questions and answers.

    /// Questions to be looked up: first the last one of each session, whose citizen stands there,
    /// then what was asked before (left over from hours without a network); as they came in each.
    fn queued(&self, limit: usize) -> Result<Vec<QuestionRow>, StoreError>;
    fn question(&self, question: QuestionId) -> Result<Option<QuestionRow>, StoreError>;
    fn questions(&self, encounter: EncounterId) -> Result<Vec<QuestionRow>, StoreError>;
    /// Keeps the answer of a queued question and puts it where the asker, or the duty desk, finds it;
    /// `person`: whom it found.
    fn answer(
        &self,
        answer: &protocol::Answer,
        person: Option<u64>,
    ) -> Result<AnswerPlace, StoreError>;
    /// At every start, before anything is answered: the database may be an older one.
    fn begin_numbers(&self, now: Timestamp) -> Result<(), StoreError>;
    /// Messages of the session above `after`, oldest first; `after` is confirmed. Where no message has
    /// so great a number (the database was restored from an older backup), those that were not
    /// confirmed are given greater ones.
    fn inbox(
        &self,
        session: SessionId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Letter>, StoreError>;
    fn duty_answers(&self) -> Result<Vec<DutyAnswer>, StoreError>;

    // The duty desk.

    fn officer(&self, officer: OfficerId) -> Result<Option<Officer>, StoreError>;
    /// Keeps that the session has looked at its board, with the entry; `false`, and nothing is
    /// written, if it had before.
    fn look(&self, session: SessionId, entry: &AuditEntry) -> Result<bool, StoreError>;
    /// What the unit's board is made of, as far as the role deals with it.
    fn board(&self, request: &BoardRequest) -> Result<BoardRows, StoreError>;
    /// An incident of the unit's officers; `None` if it is none, or another unit's.
    fn incident(
        &self,
        incident: IncidentId,
        unit: &str,
    ) -> Result<Option<StoredIncident>, StoreError>;
    /// An answer of the unit's officers that its session does not have and nobody has dealt with;
    /// `None` if it is none, or another unit's.
    fn late_answer(
        &self,
        question: QuestionId,
        unit: &str,
    ) -> Result<Option<LateAnswer>, StoreError>;
    /// §31: does what the desk says about a tablet of its unit, with its entry in the audit journal;
    /// how the tablet stands then. `None`, and nothing is written, if it is none of the unit's.
    fn order_tablet(&self, order: &OrderedTablet) -> Result<Option<TabletStanding>, StoreError>;

    // Custody of tablets; what a shift begins with.

    /// The custody of the device before that number.
    fn custody_before(&self, device: DeviceId, seq: u64) -> Result<Custody, StoreError>;
    /// Steps of the device's custody from that number on, in order.
    fn custody_steps(&self, device: DeviceId, seq: u64) -> Result<Vec<CustodyStep>, StoreError>;
    /// The device's whole chain, in order, with names.
    fn custody_chain(&self, device: DeviceId) -> Result<Vec<NamedStep>, StoreError>;
    /// §14: one officer a tablet, one tablet an officer. The same assignment again is no other.
    fn assign_tablet(
        &self,
        device: DeviceId,
        officer: OfficerId,
        at: Timestamp,
    ) -> Result<AssignOutcome, StoreError>;
    /// Whose it was; `None` if it was nobody's.
    fn unassign_tablet(&self, device: DeviceId) -> Result<Option<OfficerId>, StoreError>;
    fn assign_camera(
        &self,
        camera: &Serial,
        officer: OfficerId,
        at: Timestamp,
    ) -> Result<AssignOutcome, StoreError>;
    /// Whose it was; `None` if it was nobody's.
    fn unassign_camera(&self, camera: &Serial) -> Result<Option<OfficerId>, StoreError>;
    /// §16: a place of the unit; `false`, and nothing is stored, where `limits::KIT_ROWS` others are.
    fn name_place(&self, unit: &str, place: &str) -> Result<bool, StoreError>;
    /// `false` if there was none.
    fn remove_place(&self, unit: &str, place: &str) -> Result<bool, StoreError>;
    /// A notice to the unit; its number. Those that are over go.
    fn give_notice(
        &self,
        unit: &str,
        text: &str,
        until: Timestamp,
        at: Timestamp,
    ) -> Result<u64, StoreError>;
    fn set_minimum_version(&self, version: &str) -> Result<(), StoreError>;
    /// What a shift of the officer on that device begins with; the newest notices.
    fn kit(&self, request: &KitRequest) -> Result<Kit, StoreError>;

    // The dock.

    /// Keeps what readings of bodycams found, whole or not at all, and compares it with the log of every
    /// shift that had one of them; `tolerance_ms`: what the two may differ by. What is there already is
    /// no other.
    fn import_dock(
        &self,
        readings: &DockReadings,
        tolerance_ms: u64,
        at: Timestamp,
    ) -> Result<DockImported, StoreError>;

    // What is held.

    /// Keeps a complaint; `false` if it was known. What is recorded of its encounter is held from now on,
    /// or from when it comes.
    fn register_complaint(&self, complaint: &Complaint) -> Result<bool, StoreError>;
    /// Recordings that nobody may delete, and why, by the time of their beginning; from that one on.
    fn holds(&self, from: usize, limit: usize) -> Result<Vec<Hold>, StoreError>;

    // The commander's report.

    /// What was assessed before a report needed more of it, and was not looked into again yet.
    fn again(&self, limit: usize) -> Result<Vec<Again>, StoreError>;
    /// What the report of a unit is made of.
    fn report(&self, request: &ReportRequest) -> Result<ReportRows, StoreError>;

    // People, registers, prints.

    /// Adds or replaces people, whole or not at all.
    fn import(
        &self,
        registers: &[RegisterSource],
        people: &mut dyn Iterator<Item = NewPerson>,
        at: Timestamp,
    ) -> Result<Imported, ImportFault>;
    fn person(&self, person: u64) -> Result<Option<PersonRecord>, StoreError>;
    fn person_id(&self, external: &str) -> Result<Option<u64>, StoreError>;
    /// With the person's number.
    fn person_by_document(
        &self,
        number: &DocumentNumber,
    ) -> Result<Option<(u64, PersonRecord)>, StoreError>;
    /// The same.
    fn person_by_pinfl(&self, pinfl: &Pinfl) -> Result<Option<(u64, PersonRecord)>, StoreError>;
    fn people_count(&self) -> Result<u64, StoreError>;
    fn add_print(&self, person: u64, print: &StoredPrint) -> Result<(), StoreError>;
    /// Removes the person's prints of a finger; how many there were.
    fn remove_prints(&self, person: u64, finger: u8) -> Result<u64, StoreError>;
    /// Prints with an id above `after`, in order.
    fn prints_after(&self, after: u64, limit: usize) -> Result<Vec<PrintRow>, StoreError>;
    /// Portraits of people with a number above `after`, in order.
    fn faces_after(&self, after: u64, limit: usize) -> Result<Vec<FaceRow>, StoreError>;
    /// Embeddings made of portraits that had none; of people who are gone nothing is kept.
    fn keep_embeddings(&self, made: &[(u64, Vec<u8>)]) -> Result<(), StoreError>;
    /// Rises with every change of the prints or the portraits.
    fn gallery_generation(&self) -> Result<u64, StoreError>;

    // Audit.

    fn audit(&self, entry: &AuditEntry) -> Result<(), StoreError>;
    /// The newest entries first.
    fn audit_entries(&self, limit: usize) -> Result<Vec<AuditEntry>, StoreError>;
}
