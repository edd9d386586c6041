//! The procedure's machine under any sequence of events.

use crate::Depth;
use crate::draw::{MARKER, NOW, event, moment, opening, rarely};
use arbitrary::{Result, Unstructured};
use regulation::encounter::*;
use regulation::{Edition, QuestionId};
use std::sync::LazyLock;
use uuid::Uuid;

static EDITION: LazyLock<Edition> = LazyLock::new(|| Edition::shipped().expect("it is tested"));
/// Events of one run.
const MOST: usize = 40;

/// A sequence of events drawn from the bytes.
pub fn encounter(data: &[u8]) {
    run(&mut Unstructured::new(data)).expect("bytes are always drawn");
}

fn run(u: &mut Unstructured<'_>) -> Result<()> {
    let questions = [1, 2, 3].map(|n| QuestionId(Uuid::from_u128(n)));
    let mut state = Encounter::default();
    let mut last = NOW;
    let (mut grounds, mut explained, mut outcome) = (false, false, false);
    // Most runs begin as a procedure does: behind it lies most of the machine.
    let mut begun = if rarely(u, 4)? {
        Vec::new()
    } else {
        opening().to_vec()
    };
    begun.reverse();
    for _ in 0..MOST {
        if u.is_empty() && begun.is_empty() {
            break;
        }
        let event = match begun.pop() {
            Some(event) => event,
            None => event(u, &questions)?,
        };
        let recorded = Recorded {
            event,
            at: moment(u, &mut last)?,
        };
        assert!(!format!("{recorded:?}").contains(MARKER));
        let (before, flags) = (state.stage, state.flags.len());
        let taken = transition(&EDITION, &state, &recorded);
        let next = record(&EDITION, &state, &recorded);
        match taken {
            Ok(taken) => {
                assert_eq!(taken, next);
                if !state.questions.is_empty() {
                    Depth::Identifying.reach();
                }
                grounds |= matches!(recorded.event, Event::GroundStated { .. });
                explained |= matches!(recorded.event, Event::Explained { .. });
                outcome |= matches!(recorded.event, Event::OutcomeRecorded { .. });
                match recorded.event {
                    Event::Opened { .. } => assert_eq!(before, Stage::NotOpen),
                    Event::Asked { .. }
                    | Event::FingerprintAttempted { .. }
                    | Event::FingersUnavailable { .. }
                    | Event::DocumentStated { .. }
                    | Event::IdentifiedByDocument { .. } => assert!(grounds && explained),
                    Event::Closed => assert!(outcome && next.stage == Stage::Closed),
                    _ => assert_ne!(before, Stage::NotOpen),
                }
            }
            Err(refusal) => {
                let mut same = next.clone();
                same.flags.truncate(flags);
                assert_eq!(same, state, "a refusal changes nothing but its flag");
                assert!(next.flags.contains(&Flag::OutOfOrder { refusal }));
                assert!(refusal.paragraph().0 > 0 && !refusal.to_string().is_empty());
            }
        }
        if next.may_capture_fingerprint().is_ok() {
            assert!(
                grounds && explained,
                "no capture before ground and explanation"
            );
        }
        if next.may_capture_face().is_ok() {
            assert!(next.no_fingerprint.is_some());
        }
        assert!(next.waiting().count() <= next.questions.len());
        state = next;
    }
    Ok(())
}
