//! `transition(state, event)`: the order of the procedure.

use super::event::*;
use super::outcome;
use super::state::*;
use crate::Edition;

/// The encounter after `recorded`, or why it cannot happen now.
///
/// # Errors
/// A [`Refusal`] that names its paragraph; `state` is untouched.
pub fn transition(
    edition: &Edition,
    state: &Encounter,
    recorded: &Recorded,
) -> Result<Encounter, Refusal> {
    let mut next = state.clone();
    Step { edition, at: recorded.at, encounter: &mut next }.apply(&recorded.event)?;
    Ok(next)
}

/// The encounter after `recorded`, whatever it is: an event that does not fit leaves the state as
/// it was and raises [`Flag::OutOfOrder`]. Central runs this over what arrives.
#[must_use]
pub fn record(edition: &Edition, state: &Encounter, recorded: &Recorded) -> Encounter {
    match transition(edition, state, recorded) {
        Ok(next) => next,
        Err(refusal) => {
            let mut same = state.clone();
            same.flag(Flag::OutOfOrder { refusal });
            same
        }
    }
}

struct Step<'a> {
    edition: &'a Edition,
    at: crate::Timestamp,
    encounter: &'a mut Encounter,
}

impl Step<'_> {
    fn apply(&mut self, event: &Event) -> Result<(), Refusal> {
        self.check_stage(event)?;
        match event {
            Event::Opened { place, citizen_language } => {
                self.text(&place.text, Refusal::PlaceMissing)?;
                self.encounter.stage = Stage::Opened;
                self.encounter.opened_at = Some(self.at);
                self.encounter.place = Some(place.clone());
                self.encounter.citizen_language = Some(*citizen_language);
            }
            Event::Introduced { service_id } => {
                if self.encounter.service_id.is_some() {
                    return Err(Refusal::AlreadyIntroduced);
                }
                self.encounter.service_id = Some(*service_id);
                self.advance(Stage::Introduced);
            }
            Event::ServiceIdShown => {
                if self.encounter.service_id.is_none() {
                    return Err(Refusal::NotIntroduced);
                }
                self.encounter.service_id = Some(ServiceId::AskedForAndShown);
            }
            Event::GroundStated { ground, fact } => self.ground(ground, fact)?,
            Event::Explained { how } => self.explained(how)?,
            Event::IdentifiedByDocument { document, number: _, person } => {
                self.encounter.may_identify()?;
                self.encounter.by_document = Some(*document);
                self.encounter.person = Some(person.clone());
                self.encounter.stage = Stage::Answered;
            }
            Event::Asked { question, basis } => {
                self.encounter.may_identify()?;
                if matches!(basis, Basis::Face) {
                    self.encounter.may_capture_face()?;
                }
                if self.encounter.question(*question).is_some() {
                    return Err(Refusal::QuestionRepeated);
                }
                self.encounter.questions.push(QuestionState {
                    id: *question,
                    basis: *basis,
                    asked_at: self.at,
                    status: QuestionStatus::Waiting,
                    confirmation: Confirmation::Open,
                    late: false,
                    revealed: false,
                });
                self.encounter.stage = Stage::Pending;
            }
            Event::FingerprintAttempted { finger: _, fault } => {
                self.encounter.may_capture_fingerprint()?;
                self.text(fault, Refusal::ReasonUnknown)?;
                self.encounter.failed_attempts = self.encounter.failed_attempts.saturating_add(1);
                self.advance(Stage::Identifying);
            }
            Event::FingerprintImpossible { reason, note } => self.no_fingerprint(reason, note)?,
            Event::QuestionWithdrawn { question } => {
                self.waiting_question(*question)?.status = QuestionStatus::Withdrawn;
                self.settle_stage();
            }
            Event::AnswerArrived { question, answer } => self.answer(*question, *answer)?,
            Event::Revealed { question } => self.answered_question(*question)?.revealed = true,
            Event::IdentityConfirmed { question } => {
                self.confirmable(*question)?.confirmation = Confirmation::Confirmed;
            }
            Event::IdentityDisputed { question } => {
                self.confirmable(*question)?.confirmation = Confirmation::Disputed;
                self.encounter.flag(Flag::IdentityDisputed);
            }
            Event::PersonEntered { person } => self.encounter.person = Some(person.clone()),
            Event::Unidentifiable { why } => self.unidentifiable(*why)?,
            Event::OutcomeRecorded { outcome } => {
                self.outcome_texts(outcome)?;
                if self.encounter.outcome.is_some() {
                    self.encounter.flag(Flag::OutcomeCorrected);
                }
                for flag in outcome::flags(self.edition, self.encounter, outcome) {
                    self.encounter.flag(flag);
                }
                self.encounter.outcome = Some(outcome.clone());
                self.encounter.stage = Stage::Outcome;
            }
            Event::Closed => {
                if self.encounter.outcome.is_none() {
                    return Err(Refusal::OutcomeMissing);
                }
                if self.encounter.explanation_owed() {
                    return Err(Refusal::ExplanationOwed);
                }
                if matches!(self.encounter.explanation, Some(Explanation::NotPossibleYet { .. })) {
                    self.encounter.flag(Flag::ExplanationNeverGiven);
                }
                self.encounter.stage = Stage::Closed;
                self.encounter.closed_at = Some(self.at);
            }
        }
        Ok(())
    }

    /// What is true of every event: opened once, and after the end only the late answer, and the
    /// officer looking at it.
    fn check_stage(&self, event: &Event) -> Result<(), Refusal> {
        match (self.encounter.stage, event) {
            (Stage::NotOpen, Event::Opened { .. }) => Ok(()),
            (Stage::NotOpen, _) => Err(Refusal::NotOpen),
            (_, Event::Opened { .. }) => Err(Refusal::AlreadyOpen),
            (Stage::Closed, Event::AnswerArrived { .. } | Event::Revealed { .. }) => Ok(()),
            (Stage::Closed, _) => Err(Refusal::AlreadyClosed),
            _ => Ok(()),
        }
    }

    fn advance(&mut self, to: Stage) {
        self.encounter.stage = self.encounter.stage.max(to);
    }

    fn text(&self, text: &str, empty: Refusal) -> Result<(), Refusal> {
        if text.trim().is_empty() {
            return Err(empty);
        }
        if text.chars().count() > self.edition.limits.text_chars {
            return Err(Refusal::TextTooLong);
        }
        Ok(())
    }

    fn ground(&mut self, ground: &str, fact: &str) -> Result<(), Refusal> {
        if self.encounter.service_id.is_none() {
            return Err(Refusal::NotIntroduced);
        }
        if self.edition.ground(ground).is_none() {
            return Err(Refusal::GroundUnknown);
        }
        self.text(fact, Refusal::FactMissing)?;
        if self.encounter.stage > Stage::GroundExplained {
            self.encounter.flag(Flag::GroundChanged);
        } else {
            // Another ground wants its own explanation (§8).
            self.encounter.explanation = None;
            self.encounter.stage = Stage::GroundStated;
        }
        self.encounter.ground = Some(Ground { id: ground.into(), fact: fact.trim().into() });
        Ok(())
    }

    fn explained(&mut self, how: &Explanation) -> Result<(), Refusal> {
        if self.encounter.ground.is_none() {
            return Err(Refusal::GroundMissing);
        }
        if let Explanation::NotPossibleYet { why } = how {
            self.text(why, Refusal::WhyMissing)?;
            self.encounter.flag(Flag::ExplanationDelayed);
            self.encounter.explanation_asked_again =
                matches!(self.encounter.explanation, Some(Explanation::NotPossibleYet { .. }))
                    && self.encounter.stage > Stage::GroundExplained;
        }
        self.encounter.explanation = Some(how.clone());
        self.advance(Stage::GroundExplained);
        Ok(())
    }

    fn no_fingerprint(&mut self, reason: &str, note: &Option<String>) -> Result<(), Refusal> {
        self.encounter.may_identify()?;
        let Some(known) = self.edition.no_fingerprint_reason(reason) else {
            return Err(Refusal::ReasonUnknown);
        };
        if let Some(note) = note {
            self.text(note, Refusal::WhyMissing)?;
        }
        if known.review {
            self.encounter.flag(Flag::ReasonForReview);
        }
        if !outcome::reason_fits(self.edition, self.encounter, known) {
            self.encounter.flag(Flag::ReasonDoesNotFit);
        }
        self.encounter.no_fingerprint = Some(reason.into());
        self.advance(Stage::Identifying);
        Ok(())
    }

    fn waiting_question(
        &mut self,
        id: crate::QuestionId,
    ) -> Result<&mut QuestionState, Refusal> {
        let question = self.encounter.question_mut(id).ok_or(Refusal::QuestionUnknown)?;
        match question.status {
            QuestionStatus::Waiting => Ok(question),
            QuestionStatus::Withdrawn => Err(Refusal::QuestionWithdrawn),
            QuestionStatus::Answered { .. } => Err(Refusal::QuestionAnswered),
        }
    }

    fn answered_question(
        &mut self,
        id: crate::QuestionId,
    ) -> Result<&mut QuestionState, Refusal> {
        let question = self.encounter.question_mut(id).ok_or(Refusal::QuestionUnknown)?;
        match question.status {
            QuestionStatus::Answered { .. } => Ok(question),
            _ => Err(Refusal::QuestionNotAnswered),
        }
    }

    fn confirmable(&mut self, id: crate::QuestionId) -> Result<&mut QuestionState, Refusal> {
        let question = self.answered_question(id)?;
        match question.status {
            QuestionStatus::Answered { answer: AnswerKind::Found { .. } | AnswerKind::Possible } => {
                Ok(question)
            }
            _ => Err(Refusal::NothingToConfirm),
        }
    }

    fn answer(&mut self, id: crate::QuestionId, answer: AnswerKind) -> Result<(), Refusal> {
        let closed = self.encounter.stage == Stage::Closed;
        let question = self.waiting_question(id)?;
        question.status = QuestionStatus::Answered { answer };
        question.late = closed;
        if closed {
            self.encounter.flag(Flag::LateAnswer);
        } else {
            self.settle_stage();
        }
        Ok(())
    }

    /// The stage that the questions show. Never leaves an outcome already recorded.
    fn settle_stage(&mut self) {
        if self.encounter.stage >= Stage::Outcome {
            return;
        }
        let waiting = self.encounter.waiting().next().is_some();
        let answered = self.encounter.by_document.is_some()
            || self
                .encounter
                .questions
                .iter()
                .any(|q| matches!(q.status, QuestionStatus::Answered { .. }));
        self.encounter.stage = match (answered, waiting) {
            (true, _) => Stage::Answered,
            (false, true) => Stage::Pending,
            (false, false) => Stage::Identifying,
        };
    }

    fn unidentifiable(&mut self, why: Unidentified) -> Result<(), Refusal> {
        self.encounter.may_identify()?;
        outcome::may_be_unidentifiable(self.edition, self.encounter, why, self.at)?;
        self.encounter.unidentified = Some(why);
        self.encounter.stage = Stage::Unidentifiable;
        Ok(())
    }

    fn outcome_texts(&self, outcome: &Outcome) -> Result<(), Refusal> {
        match outcome {
            Outcome::Released => Ok(()),
            Outcome::TakenToStation { case } => {
                self.edition.station_case(case).map(|_| ()).ok_or(Refusal::CaseUnknown)
            }
            Outcome::ProtocolOnTheSpot { number } => self.text(number, Refusal::OutcomeIncomplete),
            Outcome::TakenOnOtherGround { article, by_order_of } => {
                self.text(article, Refusal::OutcomeIncomplete)?;
                self.text(by_order_of, Refusal::OutcomeIncomplete)
            }
        }
    }
}
