//! What central says to a question.

use regulation::encounter::AnswerKind;
use regulation::identity::{BirthDate, DocumentNumber, PersonName, Pinfl};
use regulation::{Date, EncounterId, QuestionId, Timestamp};
use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub question: QuestionId,
    pub encounter: EncounterId,
    pub answered_at: Timestamp,
    /// Milliseconds from the question's arrival at central to its answer.
    pub took_ms: u64,
    /// The gallery that was searched; absent for a look-up by document or PINFL.
    pub gallery: Option<GallerySearched>,
    pub result: AnswerResult,
}

/// A claim of a match, or of none, is worth as much as the gallery behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GallerySearched {
    pub prints: u64,
    pub people: u64,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum AnswerResult {
    /// One record. From a fingerprint it is a candidate until a person confirms it.
    Found { person: PersonRecord },
    /// Candidates to be verified by a person, best first.
    Possible { candidates: Vec<PersonRecord> },
    /// Everything that was asked answered; no such person.
    NotFound,
    /// Part of the gallery or of the registers did not answer.
    Incomplete,
    /// The picture cannot be used.
    Unusable,
    /// The question came after its time; nothing was looked up.
    Expired,
}

/// §3, §5: who it is, and on which registers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRecord {
    pub name: PersonName,
    pub birth_date: BirthDate,
    pub address: String,
    pub pinfl: Option<Pinfl>,
    pub document: Option<DocumentNumber>,
    /// Entries, the gravest first.
    pub entries: Vec<RegisterEntry>,
    /// Every register that was asked, with its source and date: "clear" means these, and no other.
    pub asked: Vec<RegisterAsked>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Register {
    Wanted,
    Missing,
    Convicted,
    Supervision,
    Probation,
    Preventive,
}

impl Register {
    pub const ALL: [Self; 6] = [
        Self::Wanted,
        Self::Missing,
        Self::Convicted,
        Self::Supervision,
        Self::Probation,
        Self::Preventive,
    ];
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterEntry {
    pub register: Register,
    /// Who keeps the register.
    pub source: String,
    /// Day of the entry (of the conviction, for one).
    pub date: Date,
    /// A conviction that is spent; `None` where it does not apply.
    pub spent: Option<bool>,
    pub note: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterAsked {
    pub register: Register,
    pub source: String,
    /// State of the register that answered.
    pub as_of: Date,
}

impl AnswerResult {
    /// What the answer amounts to for the procedure.
    #[must_use]
    pub fn kind(&self) -> AnswerKind {
        match self {
            Self::Found { person } => AnswerKind::Found {
                wanted: person.is_on(Register::Wanted),
                missing: person.is_on(Register::Missing),
            },
            Self::Possible { .. } => AnswerKind::Possible,
            Self::NotFound => AnswerKind::NotFound,
            Self::Incomplete => AnswerKind::Incomplete,
            Self::Unusable => AnswerKind::Unusable,
            Self::Expired => AnswerKind::Expired,
        }
    }
}

impl PersonRecord {
    /// Whether the register is among those that answered.
    #[must_use]
    pub fn was_asked(&self, register: Register) -> bool {
        self.asked.iter().any(|a| a.register == register)
    }

    #[must_use]
    pub fn is_on(&self, register: Register) -> bool {
        self.entries.iter().any(|e| e.register == register)
    }
}

crate::hidden_debug!(
    Answer,
    AnswerResult,
    PersonRecord,
    RegisterEntry,
    RegisterAsked
);
