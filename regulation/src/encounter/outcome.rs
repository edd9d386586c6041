//! §9: what an encounter must show for a case to fit, and what is flagged when it does not.

use super::event::*;
use super::state::*;
use crate::edition::{CaseFits, NoFingerprintReason, ReasonNeeds};
use crate::{Edition, Timestamp};

/// An answer names a person who has not been disputed.
fn named(q: &QuestionState) -> bool {
    matches!(q.status, QuestionStatus::Answered { answer: AnswerKind::Found { .. } })
        && q.confirmation != Confirmation::Disputed
}

/// §9: whether the tablet truly cannot identify, for the reason given.
pub(super) fn may_be_unidentifiable(
    edition: &Edition,
    encounter: &Encounter,
    why: Unidentified,
    at: Timestamp,
) -> Result<(), Refusal> {
    if encounter.by_document.is_some() || encounter.questions.iter().any(named) {
        return Err(Refusal::AnswerIsThere);
    }
    let limit = edition.limits.pending_limit_ms();
    let waiting: Vec<_> = encounter.waiting().collect();
    match why {
        Unidentified::WaitedTooLong => {
            let over = |q: &&QuestionState| at.millis_since(q.asked_at) >= limit;
            if waiting.is_empty() || !waiting.iter().all(over) {
                return Err(Refusal::StillWaiting);
            }
        }
        Unidentified::NotFound => {
            if !waiting.is_empty() {
                return Err(Refusal::StillWaiting);
            }
            let answered =
                |q: &QuestionState| matches!(q.status, QuestionStatus::Answered { .. });
            if !encounter.questions.iter().any(answered) {
                return Err(Refusal::MeansAreLeft);
            }
        }
        Unidentified::NoMeansLeft => {
            if !waiting.is_empty() {
                return Err(Refusal::StillWaiting);
            }
            if encounter.no_fingerprint.is_none() {
                return Err(Refusal::MeansAreLeft);
            }
        }
    }
    Ok(())
}

/// §12: whether the encounter shows what the reason for no fingerprint says.
pub(super) fn reason_fits(
    edition: &Edition,
    encounter: &Encounter,
    reason: &NoFingerprintReason,
) -> bool {
    match reason.needs {
        ReasonNeeds::Nothing => true,
        ReasonNeeds::FailedAttempts => {
            encounter.failed_attempts >= edition.limits.fingerprint_attempts
        }
        ReasonNeeds::NoMatch => encounter.questions.iter().any(|q| {
            matches!(q.basis, Basis::Fingerprint { .. })
                && matches!(
                    q.status,
                    QuestionStatus::Answered {
                        answer: AnswerKind::NotFound
                            | AnswerKind::Unusable
                            | AnswerKind::Possible
                    }
                )
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
    if let Outcome::TakenToStation { case } = outcome {
        let fits = edition.station_case(case).map(|case| case.fits);
        station_flags(encounter, fits, &mut flags);
    }
    flags
}

fn station_flags(encounter: &Encounter, fits: Option<CaseFits>, flags: &mut Vec<Flag>) {
    // §9 speaks of a citizen without documents; a wanted or missing person is taken all the same.
    let document_seen = encounter.by_document.is_some()
        || encounter.questions.iter().any(|q| matches!(q.basis, Basis::Document { .. }) && named(q));
    if document_seen && fits != Some(CaseFits::WantedOrMissing) {
        flags.push(Flag::TakenThoughDocumentsPresent);
    }
    match fits {
        Some(CaseFits::CannotIdentify) => {
            if encounter.unidentified.is_none() {
                flags.push(Flag::CaseDoesNotFit);
            }
        }
        Some(CaseFits::WantedOrMissing) => {
            let hit = |q: &&QuestionState| {
                named(q)
                    && matches!(
                        q.status,
                        QuestionStatus::Answered {
                            answer: AnswerKind::Found { wanted: true, .. }
                                | AnswerKind::Found { missing: true, .. }
                        }
                    )
            };
            match encounter.questions.iter().find(hit) {
                None => flags.push(Flag::CaseDoesNotFit),
                Some(q) if q.confirmation == Confirmation::Open => {
                    flags.push(Flag::IdentityNotConfirmed);
                }
                Some(_) => {}
            }
        }
        Some(CaseFits::Resisted) => {
            if encounter.flags.contains(&Flag::ReasonForReview) {
                flags.push(Flag::RefusalIsNotResistance);
            }
        }
        Some(CaseFits::CaughtOffending) | None => {}
    }
}
