//! What the bodycam and the duty desk put on the wire, as its first version wrote it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod golden;

use protocol::*;
use regulation::bodycam::{Event, PermittedBy, Recorded, Status};
use regulation::{FaultId, OfficerId, PauseId, Timestamp};
use uuid::Uuid;

const NAME: &str = "Namunayev Namuna";

fn pause() -> PauseId {
    PauseId(Uuid::from_u128(8))
}

fn fault() -> FaultId {
    FaultId(Uuid::from_u128(9))
}

fn fact(kind: FactKind) -> Fact {
    Fact {
        edition: "399-2022-07-22".into(),
        machine: 1,
        officer: OfficerId(Uuid::from_u128(3)),
        at: Timestamp(1_790_000_000_000),
        uptime_ms: 12,
        training: false,
        kind,
    }
}

fn facts() -> Vec<Fact> {
    let events = [
        DeskEvent::PauseDecided {
            pause: pause(),
            granted: true,
        },
        DeskEvent::FaultAssigned {
            fault: fault(),
            administrator: NAME.into(),
        },
        DeskEvent::FaultClosed {
            fault: fault(),
            how: "batareya almashtirildi".into(),
        },
    ];
    let recorded = Recorded {
        at: Timestamp(1_790_000_000_000),
        event: Event::PauseAsked {
            pause: pause(),
            why: "rest".into(),
            minutes: 15,
        },
    };
    std::iter::once(FactKind::Bodycam { recorded })
        .chain(events.map(|event| FactKind::Desk { event }))
        .map(fact)
        .collect()
}

fn messages() -> Vec<MessageBody> {
    vec![
        MessageBody::PauseDecided {
            pause: pause(),
            granted: false,
        },
        MessageBody::FaultAssigned {
            fault: fault(),
            administrator: NAME.into(),
        },
        MessageBody::FaultClosed { fault: fault() },
    ]
}

fn board() -> DeskBoard {
    let session = SessionId(Uuid::from_u128(2));
    let alert = |at, kind| Alert {
        at: Timestamp(at),
        session,
        name: NAME.into(),
        rank: "serjant".into(),
        kind,
    };
    DeskBoard {
        version: "v.7".into(),
        now: Timestamp(1_790_000_000_000),
        on_duty: vec![OnDuty {
            session,
            officer: OfficerId(Uuid::from_u128(3)),
            name: NAME.into(),
            rank: "serjant".into(),
            device: DeviceId(Uuid::from_u128(1)),
            since: Timestamp(1),
            heard_at: Timestamp(2),
            camera: Some("BK-0001".parse().unwrap()),
            status: Status::Paused {
                pause: pause(),
                since: Timestamp(3),
            },
            flags: 1,
        }],
        alerts: vec![
            alert(
                1,
                AlertKind::Fault {
                    fault: fault(),
                    camera: None,
                    what: "flat_battery".into(),
                    note: None,
                    administrator: Some(NAME.into()),
                },
            ),
            alert(
                2,
                AlertKind::PauseAsked {
                    pause: pause(),
                    why: "meal".into(),
                    minutes: 30,
                },
            ),
            alert(
                3,
                AlertKind::VoiceToConfirm {
                    pause: pause(),
                    why: "rest".into(),
                    minutes: 15,
                    by: PermittedBy::Commander,
                    permitted_by: NAME.into(),
                },
            ),
            alert(
                4,
                AlertKind::Gap {
                    from: Timestamp(1),
                    to: Timestamp(2),
                },
            ),
            alert(5, AlertKind::PauseOverran { pause: pause() }),
        ],
        tablets: Vec::new(),
        more: false,
    }
}

#[test]
fn facts_of_the_first_version_read_and_write_as_they_did() {
    golden::facts(&facts(), include_str!("fixtures/desk-facts-v1.hex"));
}

#[test]
fn messages_and_boards_of_the_first_version_read_and_write_as_they_did() {
    golden::json(
        &(messages(), board()),
        include_str!("fixtures/desk-v1.json"),
    );
}

#[test]
fn an_alert_of_a_newer_central_hides_no_other() {
    let json = r#"{"alert":"flood","level":3}"#;
    let kind: AlertKind = serde_json::from_str(json).unwrap();
    assert!(kind == AlertKind::Unknown);
}

#[test]
fn debug_says_nothing_of_a_person() {
    let told = format!("{:?} {:?} {:?}", facts(), messages(), board());
    assert!(
        !told.contains("Namuna") && !told.contains("almash"),
        "{told}"
    );
}
