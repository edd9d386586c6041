//! What an encounter shows, and what is refused or flagged in it.

use super::event::*;
use crate::hidden::{Hidden, Id};
use crate::{QuestionId, Timestamp};
use serde::{Deserialize, Serialize};

/// Where the encounter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Before [`Event::Opened`].
    NotOpen,
    Opened,
    Introduced,
    GroundStated,
    GroundExplained,
    Identifying,
    Pending,
    Answered,
    Unidentifiable,
    Outcome,
    Closed,
}

/// One encounter as its events made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encounter {
    pub stage: Stage,
    pub opened_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    pub place: Option<Place>,
    pub citizen_language: Option<Language>,
    pub service_id: Option<ServiceId>,
    pub ground: Option<Ground>,
    pub explanation: Option<Explanation>,
    /// "Not possible yet" was said again later, after identification began or at the outcome
    /// (§8: it is asked again).
    pub explanation_asked_again: bool,
    pub failed_attempts: u32,
    /// §12: the captures that failed, in the order of their events.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<FingerAttempt>,
    /// §12: fingers that cannot be taken, in the order of the standard.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unavailable: Vec<UnavailableFinger>,
    /// Reason why no fingerprint can be taken (§12); opens the way to the face.
    pub no_fingerprint: Option<String>,
    pub questions: Vec<QuestionState>,
    /// §8: identified by a document that the officer read; central was not asked.
    pub by_document: Option<DocumentKind>,
    /// §28: the person as typed; the last entry counts, earlier ones stay in the journal.
    pub person: Option<Person>,
    /// §8, §28: what the document says by which the next question will ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated: Option<DocumentData>,
    pub unidentified: Option<Unidentified>,
    pub outcome: Option<Outcome>,
    /// In the order in which they were raised; no flag twice.
    pub flags: Vec<Flag>,
}

impl Default for Encounter {
    fn default() -> Self {
        Self {
            stage: Stage::NotOpen,
            opened_at: None,
            closed_at: None,
            place: None,
            citizen_language: None,
            service_id: None,
            ground: None,
            explanation: None,
            explanation_asked_again: false,
            failed_attempts: 0,
            attempts: Vec::new(),
            unavailable: Vec::new(),
            no_fingerprint: None,
            questions: Vec::new(),
            by_document: None,
            person: None,
            stated: None,
            unidentified: None,
            outcome: None,
            flags: Vec::new(),
        }
    }
}

/// §8: the ground stated, by its id in the edition, and the fact it rests on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ground {
    pub id: String,
    pub fact: String,
}

impl std::fmt::Debug for Ground {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ground")
            .field("id", &Id(&self.id))
            .field("fact", &Hidden)
            .finish()
    }
}

/// §12: a capture that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FingerAttempt {
    pub finger: Finger,
    pub at: Timestamp,
}

/// §12: a finger that cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnavailableFinger {
    pub finger: Finger,
    pub why: FingerLack,
}

/// §3, §6: one question of the encounter, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionState {
    pub id: QuestionId,
    pub basis: Basis,
    pub asked_at: Timestamp,
    /// What the document says that it asks by; the answer is compared with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated: Option<DocumentData>,
    pub status: QuestionStatus,
    pub confirmation: Confirmation,
    /// The answer came after the encounter was closed.
    pub late: bool,
    pub revealed: bool,
    /// Places of the candidates that the officer has looked at, in the order of looking.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looked_at: Vec<u8>,
    /// The candidate that was confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<Chosen>,
}

/// Whether a question has its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum QuestionStatus {
    Waiting,
    /// Taken back by the officer; an answer that comes all the same is not used.
    Withdrawn,
    Answered {
        answer: AnswerKind,
    },
}

/// A candidate is an identity only when a person says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confirmation {
    Open,
    Confirmed,
    Disputed,
    /// Of several candidates nobody is the person present.
    NoneOfThese,
}

impl Encounter {
    /// The question with this id, if it was asked in this encounter.
    #[must_use]
    pub fn question(&self, id: QuestionId) -> Option<&QuestionState> {
        self.questions.iter().find(|q| q.id == id)
    }

    pub(super) fn question_mut(&mut self, id: QuestionId) -> Option<&mut QuestionState> {
        self.questions.iter_mut().find(|q| q.id == id)
    }

    /// Questions that still wait for their answer.
    pub fn waiting(&self) -> impl Iterator<Item = &QuestionState> {
        self.questions
            .iter()
            .filter(|q| q.status == QuestionStatus::Waiting)
    }

    /// §8, §12: whether a fingerprint may be captured now.
    ///
    /// # Errors
    /// The refusal, with its paragraph, that a capture would meet.
    pub fn may_capture_fingerprint(&self) -> Result<(), Refusal> {
        self.may_identify()
    }

    /// §12: whether a face may be captured now: after a recorded reason why no fingerprint.
    ///
    /// # Errors
    /// The refusal, with its paragraph, that a capture would meet.
    pub fn may_capture_face(&self) -> Result<(), Refusal> {
        self.may_identify()?;
        if self.no_fingerprint.is_none() {
            return Err(Refusal::FaceWithoutReason);
        }
        Ok(())
    }

    /// §8: identification begins only with a ground, the fact it rests on, and the explanation.
    /// Where speech is not possible yet, neither is the introduction of §12.
    pub(super) fn may_identify(&self) -> Result<(), Refusal> {
        match self.stage {
            Stage::NotOpen => Err(Refusal::NotOpen),
            Stage::Closed => Err(Refusal::AlreadyClosed),
            Stage::Outcome => Err(Refusal::OutcomeAlreadyRecorded),
            _ if self.service_id.is_none() && !self.not_possible_yet() => {
                Err(Refusal::NotIntroduced)
            }
            _ if self.ground.is_none() => Err(Refusal::GroundMissing),
            _ if self.explanation.is_none() => Err(Refusal::ExplanationMissing),
            _ => Ok(()),
        }
    }

    /// §8: the explanation must still be given, or said again to be not possible, before the
    /// encounter can be closed: "not possible yet" was said once only, or the ground was changed
    /// after identification had begun and the new one is not explained.
    #[must_use]
    pub fn explanation_owed(&self) -> bool {
        match self.explanation {
            Some(Explanation::NotPossibleYet { .. }) => !self.explanation_asked_again,
            Some(_) => false,
            None => self.identification_began(),
        }
    }

    /// §8: the explanation on record is that none can be given yet.
    pub(super) fn not_possible_yet(&self) -> bool {
        matches!(self.explanation, Some(Explanation::NotPossibleYet { .. }))
    }

    /// A means of identification was tried, or given up, in this encounter.
    pub(super) fn identification_began(&self) -> bool {
        self.by_document.is_some()
            || self.failed_attempts > 0
            || self.no_fingerprint.is_some()
            || !self.questions.is_empty()
    }

    pub(super) fn flag(&mut self, flag: Flag) {
        if !self.flags.contains(&flag) {
            self.flags.push(flag);
        }
    }
}

/// A paragraph of the Regulation, e.g. "§8".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paragraph(pub u8);

impl std::fmt::Display for Paragraph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "§{}", self.0)
    }
}

/// Why an event is not accepted now. Holds no personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    #[error("the encounter is not open")]
    NotOpen,
    #[error("the encounter is open already")]
    AlreadyOpen,
    #[error("the encounter is closed")]
    AlreadyClosed,
    #[error("the outcome is recorded already")]
    OutcomeAlreadyRecorded,
    #[error("the place is missing")]
    PlaceMissing,
    #[error("the officer has introduced themselves already")]
    AlreadyIntroduced,
    #[error("the officer has not introduced themselves")]
    NotIntroduced,
    #[error("no ground is stated")]
    GroundMissing,
    #[error("the edition knows no such ground")]
    GroundUnknown,
    #[error("the fact that the ground rests on is missing")]
    FactMissing,
    #[error("reasons and grounds are not explained")]
    ExplanationMissing,
    #[error("the explanation is still owed")]
    ExplanationOwed,
    #[error("it is not said why the explanation is not possible yet")]
    WhyMissing,
    #[error("the edition knows no such reason")]
    ReasonUnknown,
    #[error("a face needs a recorded reason why no fingerprint")]
    FaceWithoutReason,
    #[error("this question was asked already")]
    QuestionRepeated,
    #[error("no such question in this encounter")]
    QuestionUnknown,
    #[error("this question was withdrawn")]
    QuestionWithdrawn,
    #[error("this question is not answered")]
    QuestionNotAnswered,
    #[error("this question is answered already")]
    QuestionAnswered,
    #[error("no record was found that could be confirmed or disputed")]
    NothingToConfirm,
    #[error("the candidate was not looked at")]
    CandidateNotSeen,
    #[error("the waiting limit has not passed")]
    StillWaiting,
    #[error("an answer that names the person is there")]
    AnswerIsThere,
    #[error("means to identify are left")]
    MeansAreLeft,
    #[error("the edition knows no such case")]
    CaseUnknown,
    #[error("a field of the outcome is missing")]
    OutcomeIncomplete,
    #[error("no outcome is recorded")]
    OutcomeMissing,
    #[error("a field of the person or of the document is missing")]
    PersonIncomplete,
    #[error("a text is too long")]
    TextTooLong,
}

impl Refusal {
    /// The paragraph of the Regulation that the refusal rests on.
    #[must_use]
    pub fn paragraph(self) -> Paragraph {
        Paragraph(match self {
            Self::NotOpen
            | Self::AlreadyOpen
            | Self::AlreadyClosed
            | Self::PlaceMissing
            | Self::TextTooLong => 1,
            Self::NotIntroduced
            | Self::AlreadyIntroduced
            | Self::ReasonUnknown
            | Self::FaceWithoutReason => 12,
            Self::GroundMissing
            | Self::GroundUnknown
            | Self::FactMissing
            | Self::ExplanationMissing
            | Self::ExplanationOwed
            | Self::WhyMissing => 8,
            Self::QuestionRepeated
            | Self::QuestionUnknown
            | Self::QuestionWithdrawn
            | Self::QuestionNotAnswered
            | Self::QuestionAnswered
            | Self::NothingToConfirm
            | Self::CandidateNotSeen => 5,
            Self::StillWaiting
            | Self::AnswerIsThere
            | Self::MeansAreLeft
            | Self::CaseUnknown
            | Self::OutcomeAlreadyRecorded
            | Self::OutcomeIncomplete
            | Self::OutcomeMissing => 9,
            Self::PersonIncomplete => 28,
        })
    }
}

/// What a leader should look at. A flag never blocks; it stays with the encounter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "flag", rename_all = "snake_case")]
pub enum Flag {
    /// §8: the explanation could not be given at first.
    ExplanationDelayed,
    /// §8: the explanation was never given.
    ExplanationNeverGiven,
    /// §8: the ground or its fact was changed after identification had begun or an outcome was
    /// recorded.
    GroundChanged,
    /// §12: the reason for no fingerprint is marked for review in the edition (a refusal).
    ReasonForReview,
    /// §12: the recorded reason is not what the encounter shows.
    ReasonDoesNotFit,
    /// §9: the case is not what the encounter shows (or: the tablet's means were not all tried).
    CaseDoesNotFit,
    /// §9 is about a citizen without identity documents; one was there.
    TakenThoughDocumentsPresent,
    /// §9: a refusal of the fingerprint was the only sign of "resistance".
    RefusalIsNotResistance,
    /// No introduction, ground or explanation on record (§8, §12) at an outcome other than
    /// release; or no introduction at the close of an encounter in which means of identification
    /// were tried.
    OutcomeBeforeProcedure,
    /// The outcome rests on a record that nobody confirmed.
    IdentityNotConfirmed,
    /// The citizen or the officer said that the record found is not this person. The result is
    /// then possible, not identified.
    IdentityDisputed,
    /// An answer came after the encounter was closed.
    LateAnswer,
    /// The outcome was replaced by a different one.
    OutcomeCorrected,
    /// Central: the event does not fit where it stands; recorded as it came.
    OutOfOrder { refusal: Refusal },
}

impl Flag {
    /// Its kind as it is written, by which flags are counted.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::ExplanationDelayed => "explanation_delayed",
            Self::ExplanationNeverGiven => "explanation_never_given",
            Self::GroundChanged => "ground_changed",
            Self::ReasonForReview => "reason_for_review",
            Self::ReasonDoesNotFit => "reason_does_not_fit",
            Self::CaseDoesNotFit => "case_does_not_fit",
            Self::TakenThoughDocumentsPresent => "taken_though_documents_present",
            Self::RefusalIsNotResistance => "refusal_is_not_resistance",
            Self::OutcomeBeforeProcedure => "outcome_before_procedure",
            Self::IdentityNotConfirmed => "identity_not_confirmed",
            Self::IdentityDisputed => "identity_disputed",
            Self::LateAnswer => "late_answer",
            Self::OutcomeCorrected => "outcome_corrected",
            Self::OutOfOrder { .. } => "out_of_order",
        }
    }

    /// The paragraph of the Regulation that the flag rests on.
    #[must_use]
    pub fn paragraph(self) -> Paragraph {
        Paragraph(match self {
            Self::ExplanationDelayed
            | Self::ExplanationNeverGiven
            | Self::GroundChanged
            | Self::OutcomeBeforeProcedure => 8,
            Self::ReasonForReview | Self::ReasonDoesNotFit => 12,
            Self::CaseDoesNotFit
            | Self::TakenThoughDocumentsPresent
            | Self::RefusalIsNotResistance
            | Self::OutcomeCorrected => 9,
            Self::IdentityNotConfirmed | Self::IdentityDisputed | Self::LateAnswer => 5,
            Self::OutOfOrder { refusal } => return refusal.paragraph(),
        })
    }
}
