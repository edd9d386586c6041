//! What central says to a question.

use regulation::encounter::AnswerKind;
use regulation::identity::{BirthDate, DocumentNumber, PersonName, Pinfl};
use regulation::{Date, EncounterId, QuestionId, Timestamp};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU64;

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub question: QuestionId,
    pub encounter: EncounterId,
    pub answered_at: Timestamp,
    /// Milliseconds from the question's arrival at central to its answer.
    pub took_ms: u64,
    pub result: AnswerResult,
}

/// A claim of a match, or of none, is worth as much as the gallery behind it: no match by
/// fingerprint can be written down without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GallerySearched {
    pub prints: u64,
    pub people: u64,
}

/// False-positive identification rate of a match (ISO/IEC 19795-1), as odds: of searches for
/// people who are in no record of the gallery, at most one in this many comes up with a match as
/// good. It holds for the gallery searched, at its size, and for no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fpir {
    /// Searches to one accident.
    pub one_in: NonZeroU64,
}

impl Fpir {
    /// No match is called rarer than one in this many: nobody has measured so far.
    pub const RAREST: u64 = 1_000_000_000;

    /// From a chance of 0 to 1. Searches are rounded down, so that no match seems rarer than it
    /// is; what is not a chance says nothing: one in one.
    #[must_use]
    pub fn of_chance(chance: f64) -> Self {
        let searches = if chance >= 0.0 { 1.0 / chance } else { 1.0 };
        // The cast saturates: no chance at all is one in infinitely many.
        let one_in = (searches as u64).min(Self::RAREST);
        Self {
            one_in: NonZeroU64::new(one_in).unwrap_or(NonZeroU64::MIN),
        }
    }
}

#[allow(
    clippy::large_enum_variant,
    reason = "answers are few, and most of them name somebody"
)]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum AnswerResult {
    /// One record. From a fingerprint it is a candidate until a person confirms it.
    Found { person: PersonRecord, by: FoundBy },
    /// Candidates by fingerprint, to be verified by a person, best first.
    Possible {
        candidates: Vec<Candidate>,
        gallery: GallerySearched,
    },
    /// Everything that was asked answered; no such person.
    NotFound {
        /// The gallery that was searched; absent for a look-up by document or PINFL.
        gallery: Option<GallerySearched>,
    },
    /// §12: faces that resemble the probe, best first: for a person to compare, one at a time. No
    /// face, however alike, is an identity.
    Resembling {
        candidates: Vec<Resemblance>,
        gallery: FacesSearched,
    },
    /// Every face of the gallery was compared, and none is alike enough to be worth a look.
    NobodyAlike { gallery: FacesSearched },
    /// Part of the gallery or of the registers did not answer.
    Incomplete,
    /// The picture is none of a finger, or shows too little of it: nobody could be found by it, so
    /// that nobody was found means nothing.
    Unusable,
    /// The question came after its time; nothing was looked up.
    Expired,
    /// This central searches by no such means; nothing was looked up.
    NotOffered,
}

/// What the record was found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "means", rename_all = "snake_case")]
pub enum FoundBy {
    /// The number of a document, or the PINFL.
    Number,
    Fingerprint {
        fpir: Fpir,
        gallery: GallerySearched,
    },
}

/// Somebody whose print comes near.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub person: PersonRecord,
    pub fpir: Fpir,
}

/// The gallery of faces behind a claim that somebody is alike, or nobody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacesSearched {
    /// One a person.
    pub faces: u64,
}

/// Somebody whose face resembles the probe's.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resemblance {
    pub person: PersonRecord,
    pub false_match: FalseMatch,
}

/// What so much resemblance is worth in the gallery searched, and in no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FalseMatch {
    pub likeness: Likeness,
    /// Strangers as alike that are to be expected in this gallery, in millionths of one, for
    /// people of the same sex, age and origin; the basis is in `docs/faces.md`.
    pub strangers_millionths: u64,
}

/// The score in words. By the strangers as alike that are to be expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// Ten or more: this says next to nothing.
    Common,
    /// One to ten.
    Some,
    /// Less than one.
    Few,
    /// Less than one in a hundred searches.
    Rare,
}

/// A portrait for a person to compare, as JPEG of at most [`crate::limits::PORTRAIT_BYTES`]; from
/// the register, never from a street capture.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Portrait(#[serde(with = "crate::bytes::base64_text")] pub Vec<u8>);

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
    /// As the register has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portrait: Option<Portrait>,
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
            Self::Found { person, .. } => AnswerKind::Found {
                wanted: person.is_on(Register::Wanted),
                missing: person.is_on(Register::Missing),
            },
            Self::Possible { .. } | Self::Resembling { .. } => AnswerKind::Possible,
            Self::NotFound { .. } | Self::NobodyAlike { .. } => AnswerKind::NotFound,
            Self::Incomplete => AnswerKind::Incomplete,
            Self::Unusable => AnswerKind::Unusable,
            Self::Expired => AnswerKind::Expired,
            Self::NotOffered => AnswerKind::NotOffered,
        }
    }

    /// The people it names, best first: the person found, or the candidates.
    #[must_use]
    pub fn people(&self) -> Vec<&PersonRecord> {
        match self {
            Self::Found { person, .. } => vec![person],
            Self::Possible { candidates, .. } => candidates.iter().map(|c| &c.person).collect(),
            Self::Resembling { candidates, .. } => candidates.iter().map(|c| &c.person).collect(),
            Self::NotFound { .. }
            | Self::NobodyAlike { .. }
            | Self::Incomplete
            | Self::Unusable
            | Self::Expired
            | Self::NotOffered => Vec::new(),
        }
    }

    /// Whether its people are candidates to compare one at a time: faces always are, prints where
    /// there are several.
    #[must_use]
    pub fn is_to_be_compared(&self) -> bool {
        match self {
            Self::Possible { candidates, .. } => candidates.len() > 1,
            Self::Resembling { .. } => true,
            _ => false,
        }
    }

    /// Whether it names somebody who is on the register: the person, or one of the candidates.
    #[must_use]
    pub fn names(&self, register: Register) -> bool {
        self.people().iter().any(|person| person.is_on(register))
    }

    /// The gallery of prints that was searched; `None` for a look-up by document, PINFL or face, and
    /// where the answer says nothing of who it is.
    #[must_use]
    pub fn gallery(&self) -> Option<GallerySearched> {
        match self {
            Self::Found {
                by: FoundBy::Fingerprint { gallery, .. },
                ..
            }
            | Self::Possible { gallery, .. } => Some(*gallery),
            Self::NotFound { gallery } => *gallery,
            Self::Found {
                by: FoundBy::Number,
                ..
            }
            | Self::Resembling { .. }
            | Self::NobodyAlike { .. }
            | Self::Incomplete
            | Self::Unusable
            | Self::Expired
            | Self::NotOffered => None,
        }
    }

    /// The gallery of faces that was searched.
    #[must_use]
    pub fn faces(&self) -> Option<FacesSearched> {
        match self {
            Self::Resembling { gallery, .. } | Self::NobodyAlike { gallery } => Some(*gallery),
            _ => None,
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
    Candidate,
    Resemblance,
    Portrait,
    PersonRecord,
    RegisterEntry,
    RegisterAsked
);
