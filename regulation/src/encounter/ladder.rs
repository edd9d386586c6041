//! §12: which finger comes next, and when it is time to go on to another means. Only ever a
//! proposal: the officer takes another finger, or goes on with a reason, at any moment.

use super::event::*;
use super::state::*;
use crate::edition::{NoFingerprintReason, Proposed};
use crate::{Edition, Timestamp};

/// What is proposed after a capture that failed, or a print that left it in doubt who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NextFinger {
    /// The same finger again.
    Same(Finger),
    /// Another finger of the same hand.
    OfTheHand(Finger),
    OtherHand(Finger),
    /// On to another means, with a reason.
    GoOn(GoOn),
}

/// Why it is time to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GoOn {
    /// All fingers are noted as missing or injured.
    NoFingerLeft,
    /// As many captures failed as [`crate::edition::Limits::fingerprint_attempts`].
    Attempts,
    /// [`crate::edition::Limits::fingerprint_seconds`] have passed since the first that failed.
    Time,
}

/// A hand of the person checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hand {
    Right,
    Left,
}

impl Finger {
    /// Whose finger it is.
    #[must_use]
    pub fn hand(self) -> Hand {
        if self <= Self::RightLittle {
            Hand::Right
        } else {
            Hand::Left
        }
    }
}

/// Fingers in the order in which they are proposed: those that give most of a print first.
const ORDER: [Finger; 10] = [
    Finger::RightIndex,
    Finger::RightThumb,
    Finger::RightMiddle,
    Finger::RightRing,
    Finger::RightLittle,
    Finger::LeftIndex,
    Finger::LeftThumb,
    Finger::LeftMiddle,
    Finger::LeftRing,
    Finger::LeftLittle,
];

/// Fingers of one hand that are tried before the other hand.
const OF_ONE_HAND: usize = 2;

/// A print that was taken, or was not.
#[derive(Clone, Copy)]
struct Try {
    finger: Finger,
    at: Timestamp,
    failed: bool,
}

impl Encounter {
    /// Whether the finger is not noted as missing or injured.
    #[must_use]
    pub fn has_finger(&self, finger: Finger) -> bool {
        self.unavailable
            .iter()
            .all(|lacking| lacking.finger != finger)
    }

    /// The finger to begin with; `None`: none is left.
    #[must_use]
    pub fn first_finger(&self) -> Option<Finger> {
        ORDER.into_iter().find(|finger| self.has_finger(*finger))
    }

    /// What is proposed now; `None` as long as nothing failed and nothing was asked by a print.
    #[must_use]
    pub fn next_finger(&self, edition: &Edition, at: Timestamp) -> Option<NextFinger> {
        if self.first_finger().is_none() {
            return Some(NextFinger::GoOn(GoOn::NoFingerLeft));
        }
        let tries = self.tries();
        let last = tries.last()?;
        if let Some(why) = self.time_to_go_on(edition, at) {
            return Some(NextFinger::GoOn(why));
        }
        let again = tries
            .iter()
            .filter(|t| t.failed && t.finger == last.finger)
            .count();
        if last.failed
            && again < usize_of(edition.limits.fingerprint_same_finger)
            && self.has_finger(last.finger)
        {
            return Some(NextFinger::Same(last.finger));
        }
        let tried = |finger: Finger| tries.iter().any(|t| t.finger == finger);
        let own = last.finger.hand();
        let fresh = |of_own: bool| {
            ORDER
                .into_iter()
                .filter(|finger| (finger.hand() == own) == of_own)
                .find(|finger| self.has_finger(*finger) && !tried(*finger))
        };
        let of_hand = ORDER
            .into_iter()
            .filter(|finger| finger.hand() == own && tried(*finger))
            .count();
        let (hand, other) = (fresh(true), fresh(false));
        let hand_first = of_hand < OF_ONE_HAND;
        match (hand, other) {
            (Some(finger), _) if hand_first => Some(NextFinger::OfTheHand(finger)),
            (_, Some(finger)) => Some(NextFinger::OtherHand(finger)),
            (Some(finger), None) => Some(NextFinger::OfTheHand(finger)),
            // Every finger that is there was tried: the last one, or any.
            (None, None) if self.has_finger(last.finger) => Some(NextFinger::Same(last.finger)),
            (None, None) => self.first_finger().map(|finger| {
                if finger.hand() == own {
                    NextFinger::OfTheHand(finger)
                } else {
                    NextFinger::OtherHand(finger)
                }
            }),
        }
    }

    /// From when on going on is proposed, if nothing else happens; `None` as long as nothing failed.
    #[must_use]
    pub fn go_on_at(&self, edition: &Edition) -> Option<Timestamp> {
        let longest = edition.limits.fingerprint_seconds.saturating_mul(1000);
        let first = self.tries().into_iter().find(|t| t.failed)?;
        Some(first.at.plus_millis(longest))
    }

    /// The reason that the encounter shows by itself, if it shows one.
    #[must_use]
    pub fn proposed_reason<'a>(
        &self,
        edition: &'a Edition,
        at: Timestamp,
    ) -> Option<&'a NoFingerprintReason> {
        let proposed = match self.next_finger(edition, at)? {
            NextFinger::GoOn(GoOn::NoFingerLeft) => Proposed::NoFingerLeft,
            NextFinger::GoOn(GoOn::Attempts | GoOn::Time) => Proposed::CapturesFailed,
            NextFinger::Same(_) | NextFinger::OfTheHand(_) | NextFinger::OtherHand(_) => {
                return None;
            }
        };
        edition
            .no_fingerprint_reasons
            .iter()
            .find(|reason| reason.proposed == Some(proposed))
    }

    /// Questions by prints of other fingers of this person that left it in doubt who it is, the
    /// latest of each finger and `most` of them: to be searched together with one of `finger`.
    #[must_use]
    pub fn prints_in_doubt(&self, finger: Finger, most: usize) -> Vec<crate::QuestionId> {
        let doubtful = QuestionStatus::Answered {
            answer: AnswerKind::Possible,
        };
        let mut fingers = vec![finger];
        let mut questions = Vec::new();
        for question in self.questions.iter().rev() {
            let Basis::Fingerprint { finger, .. } = question.basis else {
                continue;
            };
            if question.status == doubtful && !fingers.contains(&finger) && questions.len() < most {
                fingers.push(finger);
                questions.push(question.id);
            }
        }
        questions
    }

    /// As many captures failed as are enough, or for as long.
    pub(super) fn time_to_go_on(&self, edition: &Edition, at: Timestamp) -> Option<GoOn> {
        let failed = self.tries().into_iter().filter(|t| t.failed).count();
        if failed >= usize_of(edition.limits.fingerprint_attempts) {
            return Some(GoOn::Attempts);
        }
        (self.go_on_at(edition)? <= at).then_some(GoOn::Time)
    }

    /// Captures that failed, prints that central could not use, and prints that it looked up; in
    /// the order of time.
    fn tries(&self) -> Vec<Try> {
        let captures = self.attempts.iter().map(|attempt| Try {
            finger: attempt.finger,
            at: attempt.at,
            failed: true,
        });
        let asked = self.questions.iter().filter_map(|q| match q.basis {
            Basis::Fingerprint { finger, .. } if q.status != QuestionStatus::Withdrawn => {
                let unusable = QuestionStatus::Answered {
                    answer: AnswerKind::Unusable,
                };
                Some(Try {
                    finger,
                    at: q.asked_at,
                    failed: q.status == unusable,
                })
            }
            _ => None,
        });
        let mut tries: Vec<_> = captures.chain(asked).collect();
        tries.sort_by_key(|t| t.at);
        tries
    }
}

fn usize_of(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
