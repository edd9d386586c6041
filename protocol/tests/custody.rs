//! What custody (§13 to §16, §30, §31) puts on the wire, as its first version wrote it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod golden;

use protocol::*;
use regulation::custody::{
    Check, CheckKind, Condition, ConfirmedBy, Event, HandInReason, Level, Party, Readiness,
    Recorded,
};
use regulation::{CustodyId, OfficerId, Timestamp};
use uuid::Uuid;

const NAME: &str = "Namunayev Namuna";

fn custody() -> CustodyId {
    CustodyId(Uuid::from_u128(12))
}

fn device() -> DeviceId {
    DeviceId(Uuid::from_u128(1))
}

fn place() -> Party {
    Party::Place {
        place: "1-xona".into(),
    }
}

fn confirmed() -> Party {
    Party::Confirmed {
        officer: OfficerId(Uuid::from_u128(4)),
        name: NAME.into(),
        by: ConfirmedBy::Roster,
    }
}

fn readiness() -> Readiness {
    let check = |kind, level, value| Check { kind, level, value };
    Readiness {
        checks: vec![
            check(CheckKind::Battery, Level::Attention, Some(41)),
            check(CheckKind::Scanner, Level::NotReady, None),
            check(CheckKind::Version, Level::Ready, None),
        ],
    }
}

fn cracked() -> Condition {
    Condition {
        damage: Some("ekran yorilgan".into()),
        photos: Vec::new(),
    }
}

fn facts() -> Vec<Fact> {
    let events = [
        Event::TakenOver {
            custody: custody(),
            from: Party::Named { name: NAME.into() },
            readiness: readiness(),
            condition: Condition::default(),
            overridden: Some(NAME.into()),
        },
        Event::Checked {
            readiness: readiness(),
        },
        Event::Damaged {
            note: "ekran yorilgan".into(),
            photos: Vec::new(),
        },
        Event::HandedIn {
            to: confirmed(),
            why: HandInReason::Dismissed,
            condition: cracked(),
            waiting: 7,
        },
        Event::HandedIn {
            to: place(),
            why: HandInReason::EndOfDuty,
            condition: Condition::default(),
            waiting: 0,
        },
    ];
    let recorded = events.map(|event| FactKind::Custody {
        recorded: Recorded {
            at: Timestamp(1_790_000_000_000),
            event,
        },
    });
    let settled = DeskEvent::CustodySettled {
        custody: custody(),
        how: "qaytarildi".into(),
    };
    recorded
        .into_iter()
        .chain([FactKind::Desk { event: settled }])
        .map(golden::fact)
        .collect()
}

fn board() -> DeskBoard {
    let kinds = [
        AlertKind::CustodyConflict {
            custody: custody(),
            device: device(),
            held_by: NAME.into(),
        },
        AlertKind::CameraHeldTwice {
            camera: "BK-0001".parse().unwrap(),
            other: String::new(),
        },
        AlertKind::NotReady { device: device() },
        AlertKind::NotHandedIn {
            custody: custody(),
            device: device(),
        },
    ];
    let alert = |kind| Alert {
        at: Timestamp(1_790_000_000_000),
        session: SessionId(Uuid::from_u128(2)),
        name: NAME.into(),
        rank: "serjant".into(),
        kind,
    };
    let row = |holder| TabletRow {
        device: device(),
        holder,
        readiness: Some(Level::Attention),
        damage: cracked().damage,
        photos: Vec::new(),
        heard_at: Some(Timestamp(1_790_000_000_000)),
        standing: TabletStanding::Good,
    };
    let (name, rank) = (String::from(NAME), String::from("serjant"));
    DeskBoard {
        version: "v.8".into(),
        now: Timestamp(1_790_000_000_000),
        on_duty: Vec::new(),
        alerts: kinds.map(alert).into(),
        tablets: vec![
            row(TabletHolder::Officer {
                name: name.clone(),
                rank: rank.clone(),
                since: Timestamp(1),
                from: place(),
                on_duty: true,
            }),
            row(TabletHolder::Party {
                party: confirmed(),
                since: Timestamp(2),
                name,
                rank,
            }),
        ],
        more: false,
    }
}

fn kit() -> Kit {
    Kit {
        tablet: Assignment::AnotherTablet,
        camera: Some("BK-0001".parse().unwrap()),
        held: None,
        places: vec!["1-xona".into()],
        notices: vec!["yigʻilish soat 9 da".into()],
        minimum_version: Some("0.1.0".into()),
    }
}

#[test]
fn facts_of_the_first_version_read_and_write_as_they_did() {
    golden::facts(&facts(), include_str!("fixtures/custody-facts-v1.hex"));
}

#[test]
fn boards_and_kits_of_the_first_version_read_and_write_as_they_did() {
    golden::json(&(board(), kit()), include_str!("fixtures/custody-v1.json"));
}

#[test]
fn a_holder_and_a_check_of_a_newer_program_hide_nothing() {
    let holder: TabletHolder = serde_json::from_str(r#"{"holder":"court"}"#).unwrap();
    assert!(holder == TabletHolder::Unknown);
    let kind: CheckKind = serde_json::from_str(r#""radio""#).unwrap();
    assert_eq!(kind, CheckKind::Other);
    let kit_of_before: Kit = serde_json::from_str("{}").unwrap();
    assert!(kit_of_before == Kit::default());
}

#[test]
fn debug_says_nothing_of_a_person_or_a_place() {
    let told = format!("{:?} {:?} {:?}", facts(), board(), kit());
    for word in ["Namuna", "xona", "ekran", "qaytarildi", "soat"] {
        assert!(!told.contains(word), "{told}");
    }
}
