//! What can happen in an encounter.

use crate::hidden::{Hidden, Id};
use crate::hidden_debug;
use crate::identity::{BirthDate, DocumentNumber, PersonName, Pinfl, Sex};
use crate::{Date, QuestionId, Timestamp};
use serde::{Deserialize, Serialize};

/// One event with the moment it happened by the tablet's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    pub at: Timestamp,
    pub event: Event,
}

/// Everything an officer does, or is told, in an encounter.
///
/// Texts typed by the officer are personal data: `Debug` leaves them out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// §1: the encounter begins, at a place.
    Opened {
        place: Place,
        citizen_language: Language,
    },
    /// §12: the officer introduced themselves before speaking with the citizen.
    Introduced { service_id: ServiceId },
    /// §12: the citizen asked for the service ID card later on, and it was shown until read.
    ServiceIdShown,
    /// §8: the ground of the stop (its id in the edition) and the fact it rests on.
    GroundStated { ground: String, fact: String },
    /// §8: reasons and grounds of the stop and of the demand to establish identity were explained.
    Explained { how: Explanation },
    /// §8: established from an identity document alone; central is not asked.
    IdentifiedByDocument {
        document: DocumentKind,
        number: Option<DocumentNumber>,
        person: Person,
    },
    /// §8, §28: what the document says by whose number the next question asks; shown back and
    /// confirmed. Name and date of birth are [`Event::PersonEntered`].
    DocumentStated { said: DocumentData },
    /// §3, §6: "who is this?" goes to central. The notice of §6 is this event itself.
    Asked { question: QuestionId, basis: Basis },
    /// §12: the scanner gave no usable print (fault's id as the driver names it).
    FingerprintAttempted { finger: Finger, fault: String },
    /// §12: fingers that the person does not have, or that cannot be taken; all of this kind. Noted
    /// once an encounter, and again to be corrected.
    FingersUnavailable {
        fingers: Vec<Finger>,
        why: FingerLack,
    },
    /// §12: a fingerprint is not possible; reason by its id in the edition.
    FingerprintImpossible {
        reason: String,
        note: Option<String>,
    },
    /// A question not yet answered is taken back.
    QuestionWithdrawn { question: QuestionId },
    /// Central's answer reached the tablet.
    AnswerArrived {
        question: QuestionId,
        answer: AnswerKind,
    },
    /// §7, §29: the covered answer was uncovered.
    Revealed { question: QuestionId },
    /// A person, the officer, confirmed that the record found is the person present.
    IdentityConfirmed { question: QuestionId },
    /// "This is not me", or the officer sees that it is not.
    IdentityDisputed { question: QuestionId },
    /// §7, §29: one of several candidates was uncovered; by their place in the answer, from 0.
    CandidateRevealed { question: QuestionId, candidate: u8 },
    /// A person, the officer, has compared, and this candidate is the person present.
    CandidateConfirmed {
        question: QuestionId,
        candidate: Chosen,
    },
    /// A person, the officer, has compared: none of the candidates is the person present.
    NoneOfThese { question: QuestionId },
    /// §28: what the citizen said of themselves, typed, shown back and confirmed.
    PersonEntered { person: Person },
    /// §9: the tablet cannot identify the person.
    Unidentifiable { why: Unidentified },
    /// §9: how the encounter ended.
    OutcomeRecorded { outcome: Outcome },
    /// The record is complete.
    Closed,
}

/// Languages of the product; the citizen's is chosen apart from the officer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Language {
    #[serde(rename = "uz-Cyrl")]
    UzbekCyrillic,
    #[serde(rename = "uz-Latn")]
    UzbekLatin,
    #[serde(rename = "ru")]
    Russian,
    #[serde(rename = "en")]
    English,
}

impl Language {
    /// In the order of the product.
    pub const ALL: [Self; 4] = [
        Self::UzbekCyrillic,
        Self::UzbekLatin,
        Self::Russian,
        Self::English,
    ];
}

/// §1: where it happened.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Typed or chosen by the officer; 1 to [`crate::edition::Limits::text_chars`] characters.
    pub text: String,
    /// How the place came to be known.
    pub source: PlaceSource,
}

/// §1: how a place came to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceSource {
    Typed,
    Chosen,
    Position,
}

/// §12: the service ID card is shown where it is asked for, and never handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceId {
    NotAskedFor,
    AskedForAndShown,
}

/// §8: the explanation is never left out; service information may be.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum Explanation {
    Full,
    ServiceInformationLeftOut,
    /// It truly cannot be given yet (unconscious, violence): opens the way, is asked again, flagged.
    NotPossibleYet {
        why: String,
    },
}

/// §8: kinds of identity documents. ID card and passport are those of Uzbekistan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    IdCard,
    Passport,
    Other,
}

/// §28: surname, given name, patronymic, date of birth.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub name: PersonName,
    pub birth_date: BirthDate,
}

/// §8: what an identity document says besides name and date of birth, as far as it was typed or
/// read from its zone; a number or a PINFL is there.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentData {
    pub document: DocumentKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<DocumentNumber>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinfl: Option<Pinfl>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
    /// Last day on which it is valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<Date>,
}

/// What a question rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "basis", rename_all = "snake_case")]
pub enum Basis {
    /// `quality`: 0..=100 as measured on the tablet.
    Fingerprint {
        finger: Finger,
        quality: u8,
    },
    Face,
    Document {
        document: DocumentKind,
    },
    Pinfl,
}

/// Finger positions of ISO/IEC 19794-2, 1 (right thumb) to 10 (left little finger).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finger {
    RightThumb = 1,
    RightIndex,
    RightMiddle,
    RightRing,
    RightLittle,
    LeftThumb,
    LeftIndex,
    LeftMiddle,
    LeftRing,
    LeftLittle,
}

impl Finger {
    /// In the order of the standard.
    pub const ALL: [Self; 10] = [
        Self::RightThumb,
        Self::RightIndex,
        Self::RightMiddle,
        Self::RightRing,
        Self::RightLittle,
        Self::LeftThumb,
        Self::LeftIndex,
        Self::LeftMiddle,
        Self::LeftRing,
        Self::LeftLittle,
    ];
}

/// §12: why a finger cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FingerLack {
    Missing,
    Injured,
}

/// What central's answer amounts to for the procedure; the person's record is not in here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum AnswerKind {
    /// One record found. For a fingerprint it is a candidate until a person confirms it.
    Found { wanted: bool, missing: bool },
    /// Several candidates, or one below the identification threshold: to be verified by a person.
    Possible,
    /// The whole gallery, or register, answered and holds no such person. Not "clear".
    NotFound,
    /// Part of the gallery did not answer: neither "found" nor "not found".
    Incomplete,
    /// The picture cannot be used.
    Unusable,
    /// The question reached central after its time was over; nothing was looked up.
    Expired,
    /// Central has no search of this kind; nothing was looked up. Another means is to be tried.
    NotOffered,
}

/// A candidate that a person has confirmed, and what their record says for the procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// In the order of the answer, from 0.
    pub place: u8,
    pub wanted: bool,
    pub missing: bool,
}

/// §9: why the tablet cannot identify.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unidentified {
    /// Nothing is waiting, a fingerprint or face question was answered in full, and no answer
    /// names the person. An incomplete, expired or unusable answer is never "not found".
    NotFound,
    /// The ministry's waiting limit has passed for every question that waits or was answered in
    /// part only. An outage alone is not "cannot identify".
    WaitedTooLong,
    /// No means is left: no usable fingerprint (reason recorded), no document, and no question
    /// cut short before the waiting limit.
    NoMeansLeft,
}

/// §9: how an encounter ends. Released is the default.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    Released,
    /// Taken to the station to clarify identity; the case by its id in the edition.
    TakenToStation {
        case: String,
    },
    /// Administrative protocol drawn up on the spot.
    ProtocolOnTheSpot {
        number: String,
    },
    /// Taken on another legal ground than §9.
    TakenOnOtherGround {
        article: String,
        by_order_of: String,
    },
}

hidden_debug!(Place, Person, DocumentData);

impl std::fmt::Debug for Explanation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Full => f.write_str("Full"),
            Self::ServiceInformationLeftOut => f.write_str("ServiceInformationLeftOut"),
            Self::NotPossibleYet { why: _ } => f
                .debug_struct("NotPossibleYet")
                .field("why", &Hidden)
                .finish(),
        }
    }
}

impl std::fmt::Debug for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Released => f.write_str("Released"),
            Self::TakenToStation { case } => f
                .debug_struct("TakenToStation")
                .field("case", &Id(case))
                .finish(),
            Self::ProtocolOnTheSpot { number: _ } => f
                .debug_struct("ProtocolOnTheSpot")
                .field("number", &Hidden)
                .finish(),
            Self::TakenOnOtherGround {
                article: _,
                by_order_of: _,
            } => f
                .debug_struct("TakenOnOtherGround")
                .field("article", &Hidden)
                .field("by_order_of", &Hidden)
                .finish(),
        }
    }
}

impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Opened {
                place,
                citizen_language,
            } => f
                .debug_struct("Opened")
                .field("place", place)
                .field("citizen_language", citizen_language)
                .finish(),
            Self::Introduced { service_id } => f
                .debug_struct("Introduced")
                .field("service_id", service_id)
                .finish(),
            Self::ServiceIdShown => f.write_str("ServiceIdShown"),
            Self::GroundStated { ground, fact: _ } => f
                .debug_struct("GroundStated")
                .field("ground", &Id(ground))
                .field("fact", &Hidden)
                .finish(),
            Self::Explained { how } => f.debug_struct("Explained").field("how", how).finish(),
            Self::IdentifiedByDocument {
                document,
                number,
                person,
            } => f
                .debug_struct("IdentifiedByDocument")
                .field("document", document)
                .field("number", number)
                .field("person", person)
                .finish(),
            Self::DocumentStated { said } => f
                .debug_struct("DocumentStated")
                .field("said", said)
                .finish(),
            Self::Asked { question, basis } => f
                .debug_struct("Asked")
                .field("question", question)
                .field("basis", basis)
                .finish(),
            Self::FingerprintAttempted { finger, fault } => f
                .debug_struct("FingerprintAttempted")
                .field("finger", finger)
                .field("fault", &Id(fault))
                .finish(),
            Self::FingersUnavailable { fingers, why } => f
                .debug_struct("FingersUnavailable")
                .field("fingers", fingers)
                .field("why", why)
                .finish(),
            Self::FingerprintImpossible { reason, note } => f
                .debug_struct("FingerprintImpossible")
                .field("reason", &Id(reason))
                .field("note", &note.as_ref().map(|_| Hidden))
                .finish(),
            Self::QuestionWithdrawn { question } => f
                .debug_struct("QuestionWithdrawn")
                .field("question", question)
                .finish(),
            Self::AnswerArrived { question, answer } => f
                .debug_struct("AnswerArrived")
                .field("question", question)
                .field("answer", answer)
                .finish(),
            Self::Revealed { question } => f
                .debug_struct("Revealed")
                .field("question", question)
                .finish(),
            Self::IdentityConfirmed { question } => f
                .debug_struct("IdentityConfirmed")
                .field("question", question)
                .finish(),
            Self::IdentityDisputed { question } => f
                .debug_struct("IdentityDisputed")
                .field("question", question)
                .finish(),
            Self::CandidateRevealed {
                question,
                candidate,
            } => f
                .debug_struct("CandidateRevealed")
                .field("question", question)
                .field("candidate", candidate)
                .finish(),
            Self::CandidateConfirmed {
                question,
                candidate,
            } => f
                .debug_struct("CandidateConfirmed")
                .field("question", question)
                .field("candidate", candidate)
                .finish(),
            Self::NoneOfThese { question } => f
                .debug_struct("NoneOfThese")
                .field("question", question)
                .finish(),
            Self::PersonEntered { person } => f
                .debug_struct("PersonEntered")
                .field("person", person)
                .finish(),
            Self::Unidentifiable { why } => {
                f.debug_struct("Unidentifiable").field("why", why).finish()
            }
            Self::OutcomeRecorded { outcome } => f
                .debug_struct("OutcomeRecorded")
                .field("outcome", outcome)
                .finish(),
            Self::Closed => f.write_str("Closed"),
        }
    }
}
