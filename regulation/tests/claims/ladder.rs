//! §12: which finger is proposed next, and when it is time to go on.

use super::walk::*;
use proptest::prelude::*;
use regulation::Edition;
use regulation::encounter::*;

fn failed(finger: Finger) -> Event {
    Event::FingerprintAttempted {
        finger,
        fault: "too_dry".into(),
    }
}

fn by(finger: Finger, n: u128) -> Event {
    asked(
        n,
        Basis::Fingerprint {
            finger,
            quality: 60,
        },
    )
}

fn lacking(fingers: &[Finger], why: FingerLack) -> Event {
    Event::FingersUnavailable {
        fingers: fingers.to_vec(),
        why,
    }
}

fn next(walk: &Walk) -> Option<NextFinger> {
    walk.state.next_finger(&walk.edition, walk.at)
}

fn reason(walk: &Walk) -> Option<String> {
    let reason = walk.state.proposed_reason(&walk.edition, walk.at)?;
    Some(reason.id.clone())
}

#[test]
fn p12_the_same_finger_again_then_another_of_the_hand_then_the_other_hand_then_on() {
    let walk = Walk::explained();
    assert_eq!(next(&walk), None);
    assert_eq!(walk.state.first_finger(), Some(Finger::RightIndex));
    let walk = walk.ok(failed(Finger::RightIndex));
    assert_eq!(next(&walk), Some(NextFinger::Same(Finger::RightIndex)));
    let walk = walk.ok(failed(Finger::RightIndex));
    assert_eq!(next(&walk), Some(NextFinger::OfTheHand(Finger::RightThumb)));
    let edition = Edition {
        limits: regulation::edition::Limits {
            fingerprint_attempts: 9,
            ..walk.edition.limits.clone()
        },
        ..walk.edition.clone()
    };
    let walk = Walk { edition, ..walk }
        .ok(failed(Finger::RightThumb))
        .ok(failed(Finger::RightThumb));
    assert_eq!(next(&walk), Some(NextFinger::OtherHand(Finger::LeftIndex)));
    assert_eq!(reason(&walk), None);
    let walk = Walk::explained()
        .ok(failed(Finger::RightIndex))
        .ok(failed(Finger::RightIndex))
        .ok(failed(Finger::RightThumb))
        .ok(failed(Finger::LeftIndex));
    assert_eq!(next(&walk), Some(NextFinger::GoOn(GoOn::Attempts)));
    assert_eq!(reason(&walk).as_deref(), Some("quality"));
    walk.ok(impossible("quality")).flagged(&[]);
}

#[test]
fn p12_after_the_time_of_the_edition_going_on_is_proposed_and_the_reason_fits() {
    let walk = Walk::explained().ok(failed(Finger::RightIndex));
    let early = walk.try_event(impossible("quality")).unwrap();
    assert_eq!(early.flags, [Flag::ReasonDoesNotFit]);
    let walk = walk.wait(89);
    assert_eq!(next(&walk), Some(NextFinger::Same(Finger::RightIndex)));
    let walk = walk.wait(1);
    assert_eq!(next(&walk), Some(NextFinger::GoOn(GoOn::Time)));
    assert_eq!(reason(&walk).as_deref(), Some("quality"));
    // Proposed, not forced: a capture is accepted all the same.
    walk.ok(failed(Finger::RightIndex))
        .ok(by(Finger::RightIndex, 1))
        .ok(impossible("quality"))
        .flagged(&[]);
}

#[test]
fn p12_time_runs_from_the_first_capture_that_failed_not_from_the_page() {
    let walk = Walk::explained().wait(1000).ok(failed(Finger::RightIndex));
    assert_eq!(next(&walk), Some(NextFinger::Same(Finger::RightIndex)));
}

#[test]
fn p12_fingers_noted_once_are_skipped_and_none_left_is_its_own_reason() {
    use Finger::*;
    let walk = Walk::explained().ok(lacking(&[RightIndex, RightThumb], FingerLack::Missing));
    assert_eq!(next(&walk), None);
    assert_eq!(walk.state.first_finger(), Some(RightMiddle));
    let walk = walk.ok(failed(RightMiddle)).ok(failed(RightMiddle));
    assert_eq!(next(&walk), Some(NextFinger::OfTheHand(RightRing)));
    let walk = walk.ok(lacking(&[RightRing, RightLittle], FingerLack::Injured));
    assert_eq!(next(&walk), Some(NextFinger::OtherHand(LeftIndex)));
    assert_eq!(walk.state.unavailable.len(), 4);
    // All of a kind anew: the correction takes the place of what was noted.
    let walk = walk.ok(lacking(&[RightIndex], FingerLack::Injured));
    let noted: Vec<_> = walk
        .state
        .unavailable
        .iter()
        .map(|u| (u.finger, u.why))
        .collect();
    assert_eq!(
        noted,
        [
            (RightThumb, FingerLack::Missing),
            (RightIndex, FingerLack::Injured)
        ]
    );
    let walk = walk.ok(lacking(&Finger::ALL, FingerLack::Missing));
    assert_eq!(walk.state.first_finger(), None);
    assert_eq!(next(&walk), Some(NextFinger::GoOn(GoOn::NoFingerLeft)));
    assert_eq!(reason(&walk).as_deref(), Some("no_usable_fingers"));
    walk.ok(impossible("no_usable_fingers")).flagged(&[]);
}

#[test]
fn p12_a_print_that_left_it_in_doubt_asks_for_another_finger() {
    let walk = Walk::explained()
        .ok(by(Finger::RightIndex, 1))
        .ok(answer(1, AnswerKind::Possible));
    assert_eq!(next(&walk), Some(NextFinger::OfTheHand(Finger::RightThumb)));
    // One that could not be used is one that failed.
    let walk = Walk::explained()
        .ok(by(Finger::LeftIndex, 1))
        .ok(answer(1, AnswerKind::Unusable));
    assert_eq!(next(&walk), Some(NextFinger::Same(Finger::LeftIndex)));
    let taken_back = Walk::explained()
        .ok(by(Finger::LeftIndex, 1))
        .ok(withdrawn(1));
    assert_eq!(next(&taken_back), None);
}

#[test]
fn p08_fingers_are_noted_after_the_explanation_and_before_the_outcome() {
    Walk::new()
        .all([opened(), introduced()])
        .no(lacking(&[], FingerLack::Missing), Refusal::GroundMissing);
    Walk::explained().ok(released()).no(
        lacking(&[], FingerLack::Missing),
        Refusal::OutcomeAlreadyRecorded,
    );
}

fn fingers() -> impl Strategy<Value = Vec<Finger>> {
    prop::collection::vec(prop::sample::select(Finger::ALL.to_vec()), 0..12)
}

proptest! {
    /// However it goes, what is proposed is a finger that is there, and the way on is never shut.
    #[test]
    fn p12_no_finger_is_proposed_that_is_not_there(
        missing in fingers(), injured in fingers(), tried in fingers(), seconds in 0_i64..40
    ) {
        let mut walk = Walk::explained()
            .ok(lacking(&missing, FingerLack::Missing))
            .ok(lacking(&injured, FingerLack::Injured));
        for (n, finger) in tried.into_iter().enumerate() {
            walk = if n % 3 == 2 {
                walk.ok(by(finger, n as u128)).ok(answer(n as u128, AnswerKind::Possible))
            } else {
                walk.ok(failed(finger))
            }
            .wait(seconds);
            match next(&walk).unwrap() {
                NextFinger::Same(f) | NextFinger::OfTheHand(f) | NextFinger::OtherHand(f) => {
                    prop_assert!(walk.state.has_finger(f));
                }
                NextFinger::GoOn(GoOn::NoFingerLeft) => {
                    prop_assert_eq!(walk.state.first_finger(), None);
                }
                NextFinger::GoOn(_) => {
                    let next = walk.try_event(impossible("quality")).unwrap();
                    prop_assert_eq!(next.flags, []);
                }
            }
            prop_assert!(walk.try_event(impossible("injury")).is_ok());
            prop_assert!(walk.state.unavailable.len() <= Finger::ALL.len());
        }
    }
}
