//! What a unit's report looks like on the wire, as its first version wrote it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod golden;

use protocol::report::{OUTCOME_KINDS, outcome_kind};
use protocol::*;
use regulation::encounter::Outcome;
use regulation::{EncounterId, OfficerId, Timestamp};
use uuid::Uuid;

const NAME: &str = "Namunayev Namuna";

fn figures() -> Figures {
    let count = |kind: &str, n| (kind.to_owned(), n);
    Figures {
        encounters: 7,
        by_ground: [count("suspicion", 4), count("witness", 2)].into(),
        by_outcome: [count("released", 5)].into(),
        without_outcome: 1,
        not_closed: 1,
        flagged: 2,
        flags: [count("explanation_delayed", 2), count("chain_broken", 1)].into(),
        asked: 6,
        answered: 5,
        revealed: 4,
        median_minutes: Some(3),
        longest_minutes: Some(21),
        duty: DutyFigures {
            shifts: 2,
            minutes: 960,
            pauses: 3,
            overruns: 1,
            faults: 1,
            gaps: 1,
            ..DutyFigures::default()
        },
    }
}

fn report() -> UnitReport {
    UnitReport {
        unit: "1".into(),
        from: Timestamp(1_790_000_000_000),
        to: Timestamp(1_790_604_800_000),
        made_at: Timestamp(1_790_604_800_001),
        pending: 1,
        totals: figures(),
        officers: vec![OfficerFigures {
            officer: OfficerId(Uuid::from_u128(3)),
            name: NAME.into(),
            rank: "serjant".into(),
            figures: figures(),
        }],
        again: 3,
        checked_again: vec![CheckedAgain {
            person: 17,
            times: 3,
            officers: 2,
            encounters: [9, 8, 7].map(|n| EncounterId(Uuid::from_u128(n))).into(),
        }],
        more: false,
    }
}

#[test]
fn reports_of_the_first_version_read_and_write_as_they_did() {
    golden::json(&report(), include_str!("fixtures/report-v1.json"));
}

#[test]
fn outcomes_are_counted_by_what_they_are_called_on_the_wire() {
    let text = String::new;
    let outcomes = [
        Outcome::Released,
        Outcome::TakenToStation { case: text() },
        Outcome::ProtocolOnTheSpot { number: text() },
        Outcome::TakenOnOtherGround {
            article: text(),
            by_order_of: text(),
        },
    ];
    for (outcome, kind) in outcomes.iter().zip(OUTCOME_KINDS) {
        assert_eq!(outcome_kind(outcome), kind);
        assert_eq!(serde_json::to_value(outcome).unwrap()["outcome"], kind);
    }
}

#[test]
fn debug_says_nothing_of_a_person() {
    let told = format!("{:?} {:?}", report(), report().officers);
    assert!(!told.contains("Namuna"), "{told}");
}
