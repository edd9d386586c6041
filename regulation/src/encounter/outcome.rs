//! §9: what an encounter must show for a case to fit, and what is flagged when it does not.

use super::event::*;
use super::state::*;
use crate::edition::{CaseFits, NoFingerprintReason, ReasonNeeds};
use crate::{Edition, Timestamp};

impl QuestionState {
    /// The answer, once there is one.
    fn answer(&self) -> Option<AnswerKind> {
        match self.status {
            QuestionStatus::Answered { answer } => Some(answer),
            QuestionStatus::Waiting | QuestionStatus::Withdrawn => None,
        }
    }

    /// A record or candidates were found, and nobody has said that they are not this person.
    pub(super) fn stands(&self) -> bool {
        matches!(
            self.answer(),
            Some(AnswerKind::Found { .. } | AnswerKind::Possible)
        ) && !matches!(
            self.confirmation,
            Confirmation::Disputed | Confirmation::NoneOfThese
        )
    }

    /// The record found, or the candidate that was confirmed, is of somebody wanted or missing.
    fn is_wanted_or_missing(&self) -> bool {
        let of_record = match self.answer() {
            Some(AnswerKind::Found { wanted, missing }) => wanted || missing,
            _ => false,
        };
        of_record || self.chosen.is_some_and(|c| c.wanted || c.missing)
    }

    /// Everything that was asked answered, and what it found, if anything, is not this person.
    fn names_nobody(&self) -> bool {
        match self.answer() {
            Some(AnswerKind::NotFound) => true,
            Some(AnswerKind::Found { .. } | AnswerKind::Possible) => !self.stands(),
            _ => false,
        }
    }

    fn is_biometric(&self) -> bool {
        matches!(self.basis, Basis::Fingerprint { .. } | Basis::Face)
    }

    /// Nothing was looked up, or a part did not answer: an outage, not an answer.
    fn answered_in_part(&self) -> bool {
        matches!(
            self.answer(),
            Some(AnswerKind::Incomplete | AnswerKind::Expired)
        )
    }

    /// Central answered: whole gallery or register, or that the picture cannot be used.
    fn answered_in_full(&self) -> bool {
        self.answer().is_some() && !self.answered_in_part()
    }
}

/// The questions that pass `filter` (none answered in full does) and that no later question by the
/// same means made good.
fn not_made_good(
    encounter: &Encounter,
    filter: fn(&QuestionState) -> bool,
) -> impl Iterator<Item = &QuestionState> {
    encounter
        .questions
        .iter()
        .enumerate()
        .filter_map(move |(i, q)| {
            let means = std::mem::discriminant(&q.basis);
            let good = encounter.questions.iter().skip(i).any(|later| {
                std::mem::discriminant(&later.basis) == means && later.answered_in_full()
            });
            (filter(q) && !good).then_some(q)
        })
}

/// §9: whether the tablet truly cannot identify, for the reason given.
pub(super) fn may_be_unidentifiable(
    edition: &Edition,
    encounter: &Encounter,
    why: Unidentified,
    at: Timestamp,
) -> Result<(), Refusal> {
    if somebody_stands(encounter) {
        return Err(Refusal::AnswerIsThere);
    }
    let over = |q: &QuestionState| at.millis_since(q.asked_at) >= edition.limits.pending_limit_ms();
    let waiting = encounter.waiting().next().is_some();
    match why {
        Unidentified::WaitedTooLong => {
            let mut cut = encounter
                .waiting()
                .chain(not_made_good(encounter, QuestionState::answered_in_part))
                .peekable();
            if cut.peek().is_none() || !cut.all(over) {
                return Err(Refusal::StillWaiting);
            }
        }
        Unidentified::NotFound => {
            if waiting {
                return Err(Refusal::StillWaiting);
            }
            let nobody = |q: &QuestionState| q.is_biometric() && q.names_nobody();
            if !encounter.questions.iter().any(nobody)
                || not_made_good(encounter, QuestionState::answered_in_part)
                    .next()
                    .is_some()
            {
                return Err(Refusal::MeansAreLeft);
            }
        }
        Unidentified::NoMeansLeft => {
            // A question taken back is no way round the waiting limit.
            let cut =
                |q: &QuestionState| q.status == QuestionStatus::Withdrawn || q.answered_in_part();
            if waiting || !not_made_good(encounter, cut).all(over) {
                return Err(Refusal::StillWaiting);
            }
            if encounter.no_fingerprint.is_none() {
                return Err(Refusal::MeansAreLeft);
            }
        }
    }
    Ok(())
}

/// A document, a record or a candidate stands for who the person is.
pub(super) fn somebody_stands(encounter: &Encounter) -> bool {
    encounter.by_document.is_some() || encounter.questions.iter().any(QuestionState::stands)
}

/// §12: whether the encounter shows what the reason for no fingerprint says.
pub(super) fn reason_fits(
    edition: &Edition,
    encounter: &Encounter,
    reason: &NoFingerprintReason,
    note: Option<&str>,
    at: Timestamp,
) -> bool {
    let mut fingerprints = encounter
        .questions
        .iter()
        .filter(|q| matches!(q.basis, Basis::Fingerprint { .. }));
    match reason.needs {
        ReasonNeeds::Nothing => true,
        ReasonNeeds::Note => note.is_some(),
        ReasonNeeds::FailedAttempts => encounter.time_to_go_on(edition, at).is_some(),
        ReasonNeeds::NoMatch => fingerprints.any(|q| {
            q.names_nobody()
                || (q.answer() == Some(AnswerKind::Possible)
                    && q.confirmation != Confirmation::Confirmed)
        }),
    }
}

/// What is to be flagged if `outcome` is recorded now.
pub(super) fn flags(edition: &Edition, encounter: &Encounter, outcome: &Outcome) -> Vec<Flag> {
    let mut flags = Vec::new();
    if *outcome == Outcome::Released {
        return flags;
    }
    if encounter.service_id.is_none()
        || encounter.ground.is_none()
        || encounter.explanation.is_none()
    {
        flags.push(Flag::OutcomeBeforeProcedure);
    }
    match outcome {
        Outcome::TakenToStation { case } => {
            if let Some(case) = edition.station_case(case) {
                station_flags(encounter, case.fits, &mut flags);
            }
        }
        // A protocol names a person.
        Outcome::ProtocolOnTheSpot { .. } => {
            let confirmed =
                |q: &QuestionState| q.stands() && q.confirmation == Confirmation::Confirmed;
            if encounter.by_document.is_none()
                && encounter.questions.iter().any(QuestionState::stands)
                && !encounter.questions.iter().any(confirmed)
            {
                flags.push(Flag::IdentityNotConfirmed);
            }
        }
        Outcome::TakenOnOtherGround { .. } | Outcome::Released => {}
    }
    flags
}

fn station_flags(encounter: &Encounter, fits: CaseFits, flags: &mut Vec<Flag>) {
    // All four cases of §9 are about a citizen without identity documents.
    let document = |q: &QuestionState| matches!(q.basis, Basis::Document { .. }) && q.stands();
    if encounter.by_document.is_some() || encounter.questions.iter().any(document) {
        flags.push(Flag::TakenThoughDocumentsPresent);
    }
    match fits {
        CaseFits::CannotIdentify => {
            // The face is a means of the tablet too (§12); waiting in vain stands for both.
            let kept = |q: &QuestionState| q.status != QuestionStatus::Withdrawn;
            let tried = match encounter.unidentified {
                None => false,
                Some(Unidentified::WaitedTooLong) => encounter
                    .questions
                    .iter()
                    .any(|q| q.is_biometric() && kept(q)),
                Some(Unidentified::NotFound | Unidentified::NoMeansLeft) => encounter
                    .questions
                    .iter()
                    .any(|q| q.basis == Basis::Face && kept(q)),
            };
            if !tried || somebody_stands(encounter) {
                flags.push(Flag::CaseDoesNotFit);
            }
        }
        CaseFits::WantedOrMissing => {
            let hit = |q: &&QuestionState| q.stands() && q.is_wanted_or_missing();
            let mut hits = encounter.questions.iter().filter(hit).peekable();
            if hits.peek().is_none() {
                flags.push(Flag::CaseDoesNotFit);
            } else if hits.all(|q| q.confirmation != Confirmation::Confirmed) {
                flags.push(Flag::IdentityNotConfirmed);
            }
        }
        CaseFits::Resisted => {
            if encounter.flags.contains(&Flag::ReasonForReview) {
                flags.push(Flag::RefusalIsNotResistance);
            }
        }
        // "Except where an administrative protocol is drawn up on the spot."
        CaseFits::CaughtOffending => {
            if matches!(encounter.outcome, Some(Outcome::ProtocolOnTheSpot { .. })) {
                flags.push(Flag::CaseDoesNotFit);
            }
        }
    }
}
