//! `transition(state, event)`: the order of the procedure.

use super::event::*;
use super::outcome;
use super::state::*;
use crate::{Edition, typed};

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
    Step {
        edition,
        at: recorded.at,
        encounter: &mut next,
    }
    .apply(&recorded.event)?;
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
            Event::Opened {
                place,
                citizen_language,
            } => {
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
            Event::IdentifiedByDocument {
                document,
                number,
                person,
            } => {
                self.encounter.may_identify()?;
                if let Some(number) = number {
                    self.text(&number.0, Refusal::PersonIncomplete)?;
                }
                self.person(person)?;
                self.encounter.by_document = Some(*document);
                self.encounter.unidentified = None;
                self.encounter.stage = Stage::Answered;
            }
            Event::DocumentStated { said } => self.stated(said)?,
            Event::Asked { question, basis } => {
                match basis {
                    Basis::Face => self.encounter.may_capture_face()?,
                    Basis::Fingerprint { .. } => self.encounter.may_capture_fingerprint()?,
                    Basis::Document { .. } | Basis::Pinfl => self.encounter.may_identify()?,
                }
                if self.encounter.question(*question).is_some() {
                    return Err(Refusal::QuestionRepeated);
                }
                let stated = match basis {
                    Basis::Document { .. } | Basis::Pinfl => self.encounter.stated.take(),
                    Basis::Fingerprint { .. } | Basis::Face => None,
                };
                self.encounter.questions.push(QuestionState {
                    id: *question,
                    basis: *basis,
                    asked_at: self.at,
                    stated,
                    status: QuestionStatus::Waiting,
                    confirmation: Confirmation::Open,
                    late: false,
                    revealed: false,
                    looked_at: Vec::new(),
                    chosen: None,
                });
                // A new means is tried: "cannot identify" is to be said anew, if at all (§9).
                self.encounter.unidentified = None;
                self.encounter.stage = Stage::Pending;
            }
            Event::FingerprintAttempted { finger, fault } => {
                self.encounter.may_capture_fingerprint()?;
                self.text(fault, Refusal::ReasonUnknown)?;
                self.encounter.failed_attempts = self.encounter.failed_attempts.saturating_add(1);
                self.encounter.attempts.push(FingerAttempt {
                    finger: *finger,
                    at: self.at,
                });
                self.advance(Stage::Identifying);
            }
            Event::FingersUnavailable { fingers, why } => {
                self.encounter.may_identify()?;
                self.unavailable(fingers, *why);
            }
            Event::FingerprintImpossible { reason, note } => {
                self.no_fingerprint(reason, note.as_deref())?;
            }
            Event::QuestionWithdrawn { question } => {
                self.waiting_question(*question)?.status = QuestionStatus::Withdrawn;
                self.settle_stage();
            }
            Event::AnswerArrived { question, answer } => self.answer(*question, *answer)?,
            Event::Revealed { question } => self.revealed(*question)?,
            Event::IdentityConfirmed { question } => {
                self.confirmable(*question)?.confirmation = Confirmation::Confirmed;
            }
            Event::IdentityDisputed { question } => {
                self.confirmable(*question)?.confirmation = Confirmation::Disputed;
                self.encounter.flag(Flag::IdentityDisputed);
            }
            Event::CandidateRevealed {
                question,
                candidate,
            } => self.candidate_revealed(*question, *candidate)?,
            Event::CandidateConfirmed {
                question,
                candidate,
            } => {
                let question = self.of_candidates(*question)?;
                if !question.looked_at.contains(&candidate.place) {
                    return Err(Refusal::CandidateNotSeen);
                }
                question.confirmation = Confirmation::Confirmed;
                question.chosen = Some(*candidate);
            }
            Event::NoneOfThese { question } => {
                let question = self.of_candidates(*question)?;
                question.confirmation = Confirmation::NoneOfThese;
                question.chosen = None;
            }
            Event::PersonEntered { person } => self.person(person)?,
            Event::Unidentifiable { why } => self.unidentifiable(*why)?,
            Event::OutcomeRecorded { outcome } => {
                self.outcome_texts(outcome)?;
                if self
                    .encounter
                    .outcome
                    .as_ref()
                    .is_some_and(|earlier| earlier != outcome)
                {
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
                if self.encounter.not_possible_yet() {
                    self.encounter.flag(Flag::ExplanationNeverGiven);
                }
                if self.encounter.service_id.is_none() && self.encounter.identification_began() {
                    self.encounter.flag(Flag::OutcomeBeforeProcedure);
                }
                self.encounter.stage = Stage::Closed;
                self.encounter.closed_at = Some(self.at);
            }
        }
        Ok(())
    }

    /// What is true of every event: opened once, and after the end only the late answer, and the
    /// officer looking at that answer.
    fn check_stage(&self, event: &Event) -> Result<(), Refusal> {
        match (self.encounter.stage, event) {
            (Stage::NotOpen, Event::Opened { .. }) => Ok(()),
            (Stage::NotOpen, _) => Err(Refusal::NotOpen),
            (_, Event::Opened { .. }) => Err(Refusal::AlreadyOpen),
            (
                Stage::Closed,
                Event::AnswerArrived { .. }
                | Event::Revealed { .. }
                | Event::CandidateRevealed { .. },
            ) => Ok(()),
            (Stage::Closed, _) => Err(Refusal::AlreadyClosed),
            _ => Ok(()),
        }
    }

    fn advance(&mut self, to: Stage) {
        self.encounter.stage = self.encounter.stage.max(to);
    }

    fn text(&self, text: &str, empty: Refusal) -> Result<(), Refusal> {
        let chars = self.edition.limits.text_chars;
        typed::check(text, chars, empty, Refusal::TextTooLong)
    }

    fn length(&self, text: &str) -> Result<(), Refusal> {
        if !self.edition.limits.hold(text) {
            return Err(Refusal::TextTooLong);
        }
        Ok(())
    }

    /// §28: the person as typed. A name may have one part only; it is never blank.
    fn person(&mut self, person: &Person) -> Result<(), Refusal> {
        let name = &person.name;
        if name.surname.trim().is_empty() && name.given.trim().is_empty() {
            return Err(Refusal::PersonIncomplete);
        }
        for part in [&name.surname, &name.given]
            .into_iter()
            .chain(&name.patronymic)
        {
            self.length(part)?;
        }
        self.encounter.person = Some(person.clone());
        Ok(())
    }

    /// §8, §28: like a question by it, it needs the ground and its explanation.
    fn stated(&mut self, said: &DocumentData) -> Result<(), Refusal> {
        self.encounter.may_identify()?;
        let number = said.number.as_ref().map(|n| n.0.as_str());
        let pinfl = said.pinfl.as_ref().map(|p| p.0.as_str());
        if number.is_none() && pinfl.is_none() {
            return Err(Refusal::PersonIncomplete);
        }
        for text in number.into_iter().chain(pinfl) {
            self.text(text, Refusal::PersonIncomplete)?;
        }
        self.encounter.stated = Some(said.clone());
        Ok(())
    }

    fn ground(&mut self, ground: &str, fact: &str) -> Result<(), Refusal> {
        if self.encounter.service_id.is_none() && !self.encounter.not_possible_yet() {
            return Err(Refusal::NotIntroduced);
        }
        if self.edition.ground(ground).is_none() {
            return Err(Refusal::GroundUnknown);
        }
        self.text(fact, Refusal::FactMissing)?;
        let stated = Ground {
            id: ground.into(),
            fact: fact.trim().into(),
        };
        if self.encounter.ground.as_ref() == Some(&stated) {
            return Ok(());
        }
        // Another ground wants its own explanation (§8); that none is possible yet stays true.
        if !self.encounter.not_possible_yet() {
            self.encounter.explanation = None;
        }
        if self.encounter.stage <= Stage::GroundExplained {
            self.encounter.stage = if self.encounter.explanation.is_some() {
                Stage::GroundExplained
            } else {
                Stage::GroundStated
            };
        } else if self.encounter.ground.is_some() {
            self.encounter.flag(Flag::GroundChanged);
        }
        self.encounter.ground = Some(stated);
        Ok(())
    }

    /// "Not possible yet" may be said before everything else: where there is no speaking with the
    /// citizen there is no introduction either, and nobody has to record one that was not.
    fn explained(&mut self, how: &Explanation) -> Result<(), Refusal> {
        if let Explanation::NotPossibleYet { why } = how {
            self.text(why, Refusal::WhyMissing)?;
            self.encounter.flag(Flag::ExplanationDelayed);
            self.encounter.explanation_asked_again =
                self.encounter.not_possible_yet() && self.encounter.stage > Stage::GroundExplained;
        } else {
            if self.encounter.service_id.is_none() {
                return Err(Refusal::NotIntroduced);
            }
            if self.encounter.ground.is_none() {
                return Err(Refusal::GroundMissing);
            }
        }
        self.encounter.explanation = Some(how.clone());
        if self.encounter.ground.is_some() {
            self.advance(Stage::GroundExplained);
        }
        Ok(())
    }

    /// All of one kind anew; a finger is of one kind.
    fn unavailable(&mut self, fingers: &[Finger], why: FingerLack) {
        let known = |finger: Finger| {
            self.encounter
                .unavailable
                .iter()
                .find(|lacking| lacking.finger == finger && lacking.why != why)
                .copied()
        };
        self.encounter.unavailable = Finger::ALL
            .into_iter()
            .filter_map(|finger| {
                if fingers.contains(&finger) {
                    Some(UnavailableFinger { finger, why })
                } else {
                    known(finger)
                }
            })
            .collect();
    }

    fn no_fingerprint(&mut self, reason: &str, note: Option<&str>) -> Result<(), Refusal> {
        self.encounter.may_identify()?;
        let Some(known) = self.edition.no_fingerprint_reason(reason) else {
            return Err(Refusal::ReasonUnknown);
        };
        let note = note.filter(|note| !note.trim().is_empty());
        if let Some(note) = note {
            self.length(note)?;
        }
        if known.review {
            self.encounter.flag(Flag::ReasonForReview);
        }
        if !outcome::reason_fits(self.edition, self.encounter, known, note, self.at) {
            self.encounter.flag(Flag::ReasonDoesNotFit);
        }
        self.encounter.no_fingerprint = Some(reason.into());
        self.advance(Stage::Identifying);
        Ok(())
    }

    /// After the close only a late answer may be looked at: the need for the others is over (§7).
    fn revealed(&mut self, id: crate::QuestionId) -> Result<(), Refusal> {
        let closed = self.encounter.stage == Stage::Closed;
        let question = self.answered_question(id)?;
        if closed && !question.late {
            return Err(Refusal::AlreadyClosed);
        }
        question.revealed = true;
        Ok(())
    }

    /// As [`Self::revealed`], of one of several candidates.
    fn candidate_revealed(&mut self, id: crate::QuestionId, candidate: u8) -> Result<(), Refusal> {
        self.of_candidates(id)?;
        self.revealed(id)?;
        let question = self.of_candidates(id)?;
        if !question.looked_at.contains(&candidate) {
            question.looked_at.push(candidate);
        }
        Ok(())
    }

    /// A question that candidates came for.
    fn of_candidates(&mut self, id: crate::QuestionId) -> Result<&mut QuestionState, Refusal> {
        let question = self.answered_question(id)?;
        match question.status {
            QuestionStatus::Answered {
                answer: AnswerKind::Possible,
            } => Ok(question),
            _ => Err(Refusal::NothingToConfirm),
        }
    }

    fn waiting_question(&mut self, id: crate::QuestionId) -> Result<&mut QuestionState, Refusal> {
        let question = self
            .encounter
            .question_mut(id)
            .ok_or(Refusal::QuestionUnknown)?;
        match question.status {
            QuestionStatus::Waiting => Ok(question),
            QuestionStatus::Withdrawn => Err(Refusal::QuestionWithdrawn),
            QuestionStatus::Answered { .. } => Err(Refusal::QuestionAnswered),
        }
    }

    fn answered_question(&mut self, id: crate::QuestionId) -> Result<&mut QuestionState, Refusal> {
        let question = self
            .encounter
            .question_mut(id)
            .ok_or(Refusal::QuestionUnknown)?;
        match question.status {
            QuestionStatus::Answered { .. } => Ok(question),
            _ => Err(Refusal::QuestionNotAnswered),
        }
    }

    fn confirmable(&mut self, id: crate::QuestionId) -> Result<&mut QuestionState, Refusal> {
        let question = self.answered_question(id)?;
        match question.status {
            QuestionStatus::Answered {
                answer: AnswerKind::Found { .. } | AnswerKind::Possible,
            } => Ok(question),
            _ => Err(Refusal::NothingToConfirm),
        }
    }

    fn answer(&mut self, id: crate::QuestionId, answer: AnswerKind) -> Result<(), Refusal> {
        let stage = self.encounter.stage;
        let question = self.waiting_question(id)?;
        question.status = QuestionStatus::Answered { answer };
        question.late = stage == Stage::Closed;
        let stands = question.stands();
        if stage == Stage::Closed {
            self.encounter.flag(Flag::LateAnswer);
        }
        if stage < Stage::Outcome && stands {
            // "Cannot identify" was said before this answer, and is to be said anew, if at all.
            self.encounter.unidentified = None;
        }
        self.settle_stage();
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
        self.encounter.stage = match (self.encounter.unidentified, answered, waiting) {
            (Some(_), _, _) => Stage::Unidentifiable,
            (None, true, _) => Stage::Answered,
            (None, false, true) => Stage::Pending,
            (None, false, false) => Stage::Identifying,
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
            Outcome::TakenToStation { case } => self
                .edition
                .station_case(case)
                .map(|_| ())
                .ok_or(Refusal::CaseUnknown),
            Outcome::ProtocolOnTheSpot { number } => self.text(number, Refusal::OutcomeIncomplete),
            Outcome::TakenOnOtherGround {
                article,
                by_order_of,
            } => {
                self.text(article, Refusal::OutcomeIncomplete)?;
                self.text(by_order_of, Refusal::OutcomeIncomplete)
            }
        }
    }
}
