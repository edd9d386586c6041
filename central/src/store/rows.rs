//! What goes into the store and what comes out of it.

use protocol::answer::Answer;
use protocol::{
    CaptureId, DeviceId, Digest, Envelope, MessageBody, Officer, SessionId, WipeReport,
};
use regulation::encounter::Flag;
use regulation::{EncounterId, OfficerId, QuestionId, Timestamp};
use serde::{Deserialize, Serialize};

/// An envelope's place: its device and number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    pub device: DeviceId,
    pub seq: u64,
}

#[derive(Clone, Debug)]
pub struct NewCode {
    pub hash: [u8; 32],
    pub device_name: String,
    pub expires_at: Timestamp,
}

#[derive(Clone, Debug)]
pub struct Enrolment {
    pub code_hash: [u8; 32],
    pub device: DeviceId,
    /// Uncompressed SEC1 point.
    pub journal_key: Vec<u8>,
    pub at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    pub id: DeviceId,
    pub name: String,
    pub journal_key: Vec<u8>,
    pub revoked: bool,
    /// Reported lost, and not found since.
    pub lost_at: Option<Timestamp>,
    /// It was lost and has wiped itself; it is revoked as well.
    pub wiped: bool,
}

/// What is enough to believe a device's batches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRecord {
    pub id: DeviceId,
    pub name: String,
    /// Uncompressed SEC1 point.
    pub journal_key: Vec<u8>,
}

/// A lost tablet's word on its wiping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredWipe {
    /// When the stage was reported first.
    pub at: Timestamp,
    pub report: WipeReport,
}

/// An officer with the hash of their password.
#[derive(Clone, Debug)]
pub struct OfficerRow {
    pub officer: Officer,
    pub login: String,
    pub password: String,
    pub active: bool,
}

#[derive(Clone, Debug)]
pub struct NewSession {
    pub id: SessionId,
    pub device: DeviceId,
    pub officer: OfficerId,
    pub token_hash: [u8; 32],
    pub at: Timestamp,
    pub lease_until: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub device: DeviceId,
    pub officer: OfficerId,
    pub lease_until: Timestamp,
    pub ended: bool,
}

impl Session {
    /// Whether answers still go to this session.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        !self.ended && now < self.lease_until
    }
}

/// How far a device's journal has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marks {
    pub stored_through: u64,
    pub safe_through: u64,
    /// Digest of the envelope `stored_through`; zeros before the first.
    pub head: Digest,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEnvelope {
    pub envelope: Envelope,
    pub digest: Digest,
    pub batch: u64,
    pub arrived_at: Timestamp,
}

impl StoredEnvelope {
    #[must_use]
    pub fn place(&self) -> Place {
        Place {
            device: self.envelope.device,
            seq: self.envelope.seq,
        }
    }
}

/// A batch's signature and what it is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchSignature {
    pub device: DeviceId,
    /// Digests in the order sent.
    #[serde(with = "serde_digests")]
    pub digests: Vec<Digest>,
    #[serde(with = "serde_signature")]
    pub signature: Vec<u8>,
}

/// A batch with the envelopes that were new in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredBatch {
    pub id: u64,
    pub signed: BatchSignature,
    pub envelopes: Vec<Envelope>,
}

mod serde_signature {
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        struct Bytes(Vec<u8>);
        impl<'de> serde::Deserialize<'de> for Bytes {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visit;
                impl serde::de::Visitor<'_> for Visit {
                    type Value = Bytes;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("bytes")
                    }
                    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                        Ok(Bytes(bytes.to_vec()))
                    }
                    fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
                        Ok(Bytes(bytes))
                    }
                }
                deserializer.deserialize_byte_buf(Visit)
            }
        }
        Ok(Bytes::deserialize(deserializer)?.0)
    }
}

mod serde_digests {
    use protocol::Digest;
    use serde::{Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(
        digests: &[Digest],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&super::join(digests))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Digest>, D::Error> {
        let bytes = super::serde_signature::deserialize(deserializer)?;
        super::split(&bytes).ok_or_else(|| D::Error::custom("not digests"))
    }
}

pub(crate) fn join(digests: &[Digest]) -> Vec<u8> {
    digests.iter().flat_map(|d| d.0).collect()
}

pub(crate) fn split(bytes: &[u8]) -> Option<Vec<Digest>> {
    let (digests, rest) = bytes.as_chunks::<32>();
    rest.is_empty()
        .then(|| digests.iter().map(|d| Digest(*d)).collect())
}

/// A capture as the first part of it announced it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewCapture {
    pub id: CaptureId,
    pub device: DeviceId,
    /// Bytes of the sealed file, and their SHA-256.
    pub size: u64,
    pub digest: Digest,
}

/// A capture, as far as it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaptureRow {
    pub announced: NewCapture,
    /// Bytes from the start that are on the disk.
    pub received: u64,
    /// When all of it was there, with the digest that was announced.
    pub complete_at: Option<Timestamp>,
}

/// What became of an announcement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaptureBegun {
    /// It is there, now or since before, as announced.
    Open(CaptureRow),
    /// Another device's.
    Foreign,
    /// Announced before, with another size or digest.
    Conflict,
    /// The device's captures together would be above the bound; nothing was stored.
    OverBound,
}

/// An envelope's place in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    pub seq: u64,
    pub previous: Digest,
    pub digest: Digest,
    pub batch: u64,
}

/// What a leader, or an examiner, should know of an envelope. Evidence is kept whatever it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArchiveFlag {
    /// It does not follow the envelope before it, or is not followed by the one after it.
    ChainBroken,
    /// Sealed to a key that central does not have.
    KeyUnknown,
    /// The seal does not open: damaged, or bound to something else.
    Unopenable,
    /// What was sealed is not a fact.
    Undecodable,
    /// A fact of a kind, or an event, that this central does not know.
    UnknownKind,
    /// It happened under an edition that is not the one in force here.
    EditionUnknown,
    /// An event of an encounter, with no encounter on the envelope.
    EncounterMissing,
    /// The encounter belongs to another device.
    EncounterOfOtherDevice,
    /// No such session was opened on that device.
    SessionUnknown,
    /// The fact names another officer than the session's.
    OfficerMismatch,
    /// Training and real records met.
    TrainingMismatch,
    /// The question is not the one that its event speaks of, or rests on something else.
    QuestionMismatch,
    /// A question with this id is there already.
    QuestionRepeated,
    /// The procedure did not allow the question where it stands; it was not looked up.
    NotLookedUp,
    /// The encounter has more events, or longer ones, than are replayed; this one was not looked
    /// into.
    EncounterTooLong,
    /// Of no encounter, with one on the envelope: it counts for nothing.
    EncounterNamed,
    /// The session has more facts outside encounters than are replayed; this one was not looked into.
    SessionTooLong,
    /// The tablet has recorded a word of the desk on a pause that the desk has not given.
    NotDecided,
    /// A decision that is not this officer's: no role for it, another unit, something of their own, or
    /// a tablet that is lost.
    NotEntitled,
    /// It was decided before.
    DecidedAlready,
    /// A decision on something that is not known.
    DecidesUnknown,
    /// A decision without the text that it needs, or with one that is too long; or with a kind of
    /// offence or times that are none.
    DecisionIncomplete,
    /// A report that names an encounter which is not known here as one of the same officer on the same
    /// tablet.
    IncidentOfOtherEncounter,
    /// A report that is none by the edition, or that is there already, or a supplement to none: it counts
    /// for nothing.
    IncidentOutOfOrder,
    /// One more decision on an incident than are kept with it.
    DecisionsTooMany,
    /// A step of a tablet's custody that is longer than is looked into.
    CustodyTooLong,
    /// A deletion that is confirmed before what was to be deleted is handed over.
    DeletedTooEarly,
    /// The bodycam was on from here by the log, and the dock lacks recordings of it (§19).
    NotRecorded,
}

impl ArchiveFlag {
    /// Every flag.
    pub const ALL: [Self; 28] = [
        Self::ChainBroken,
        Self::KeyUnknown,
        Self::Unopenable,
        Self::Undecodable,
        Self::UnknownKind,
        Self::EditionUnknown,
        Self::EncounterMissing,
        Self::EncounterOfOtherDevice,
        Self::SessionUnknown,
        Self::OfficerMismatch,
        Self::TrainingMismatch,
        Self::QuestionMismatch,
        Self::QuestionRepeated,
        Self::NotLookedUp,
        Self::EncounterTooLong,
        Self::EncounterNamed,
        Self::SessionTooLong,
        Self::NotDecided,
        Self::NotEntitled,
        Self::DecidedAlready,
        Self::DecidesUnknown,
        Self::DecisionIncomplete,
        Self::IncidentOfOtherEncounter,
        Self::IncidentOutOfOrder,
        Self::DecisionsTooMany,
        Self::CustodyTooLong,
        Self::DeletedTooEarly,
        Self::NotRecorded,
    ];

    /// The code that is stored.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::ChainBroken => "chain_broken",
            Self::KeyUnknown => "key_unknown",
            Self::Unopenable => "unopenable",
            Self::Undecodable => "undecodable",
            Self::UnknownKind => "unknown_kind",
            Self::EditionUnknown => "edition_unknown",
            Self::EncounterMissing => "encounter_missing",
            Self::EncounterOfOtherDevice => "encounter_of_other_device",
            Self::SessionUnknown => "session_unknown",
            Self::OfficerMismatch => "officer_mismatch",
            Self::TrainingMismatch => "training_mismatch",
            Self::QuestionMismatch => "question_mismatch",
            Self::QuestionRepeated => "question_repeated",
            Self::NotLookedUp => "not_looked_up",
            Self::EncounterTooLong => "encounter_too_long",
            Self::EncounterNamed => "encounter_named",
            Self::SessionTooLong => "session_too_long",
            Self::NotDecided => "not_decided",
            Self::NotEntitled => "not_entitled",
            Self::DecidedAlready => "decided_already",
            Self::DecidesUnknown => "decides_unknown",
            Self::DecisionIncomplete => "decision_incomplete",
            Self::IncidentOfOtherEncounter => "incident_of_other_encounter",
            Self::IncidentOutOfOrder => "incident_out_of_order",
            Self::DecisionsTooMany => "decisions_too_many",
            Self::CustodyTooLong => "custody_too_long",
            Self::DeletedTooEarly => "deleted_too_early",
            Self::NotRecorded => "not_recorded",
        }
    }
}

/// What looking into envelopes found.
#[derive(Clone, Debug, Default)]
pub struct Assessment {
    pub at: Timestamp,
    /// Envelopes that are now assessed.
    pub assessed: Vec<Place>,
    pub flags: Vec<(Place, ArchiveFlag)>,
    /// Questions as they stand now; one that is answered stays so, one that runs can be withdrawn.
    pub questions: Vec<QuestionStand>,
    /// The encounter as the machine left it.
    pub summary: Option<Summary>,
    /// The session's shift as the machine left it.
    pub duty: Option<super::DutyStand>,
    /// The session's incident reports as the machine left them.
    pub reports: Option<super::ReportsStand>,
    /// Steps of one tablet's custody, in order, up to its last.
    pub custody: Vec<super::CustodyStep>,
    pub decision: Option<super::Decision>,
    /// The encounter as a report counts it.
    pub figures: Option<super::EncounterFigures>,
    /// When sessions began and ended.
    pub served: Vec<super::Served>,
    /// It was looked into again.
    pub again: Option<super::Again>,
}

/// Where a question stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionStand {
    pub id: QuestionId,
    pub place: Place,
    pub session: SessionId,
    pub encounter: EncounterId,
    /// By the tablet's clock, and no later than it came.
    pub asked_at: Timestamp,
    pub arrived_at: Timestamp,
    pub expires_at: Timestamp,
    pub state: QuestionState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuestionState {
    /// The procedure does not allow it as far as its encounter has arrived.
    Held,
    Queued,
    Withdrawn,
    Answered,
}

impl QuestionState {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Queued => "queued",
            Self::Withdrawn => "withdrawn",
            Self::Answered => "answered",
        }
    }

    pub(crate) fn from_code(code: &str) -> Option<Self> {
        [Self::Held, Self::Queued, Self::Withdrawn, Self::Answered]
            .into_iter()
            .find(|s| s.code() == code)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionRow {
    pub stand: QuestionStand,
    pub answer: Option<Answer>,
}

/// An encounter in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    pub encounter: EncounterId,
    pub device: DeviceId,
    pub session: SessionId,
    pub stage: regulation::encounter::Stage,
    pub flags: Vec<Flag>,
    pub at: Timestamp,
}

/// A message of the inbox, not yet wrapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub cursor: u64,
    pub body: MessageBody,
}

/// An answer for the duty desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutyAnswer {
    pub session: SessionId,
    pub at: Timestamp,
    pub answer: Answer,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    pub people: u64,
    pub prints: u64,
    pub portraits: u64,
}

/// A template to be stored.
#[derive(Clone)]
pub struct StoredPrint {
    /// Position of ISO/IEC 19794-2, 1 to 10.
    pub finger: u8,
    pub template: Vec<u8>,
}

impl std::fmt::Debug for StoredPrint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoredPrint(..)")
    }
}

/// A face of the gallery as stored.
#[derive(Clone)]
pub struct FaceRow {
    pub person: u64,
    /// [`crate::people::portrait::to_bytes`]; absent until central had the model that makes it.
    pub embedding: Option<Vec<u8>>,
    /// There where the embedding is not.
    pub jpeg: Option<Vec<u8>>,
}

impl std::fmt::Debug for FaceRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FaceRow({})", self.person)
    }
}

/// A print of the gallery as stored.
#[derive(Clone)]
pub struct PrintRow {
    pub id: u64,
    pub person: u64,
    pub print: StoredPrint,
}

impl std::fmt::Debug for PrintRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PrintRow({})", self.id)
    }
}
