//! What the bodycam and the duty desk put on the wire, as its first version wrote it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod golden;

use protocol::*;
use regulation::bodycam::{Event, PermittedBy, Recorded, Status};
use regulation::encounter::AnswerKind;
use regulation::{EncounterId, FaultId, OfficerId, PauseId, QuestionId, Timestamp};
use uuid::Uuid;

const NAME: &str = "Namunayev Namuna";

fn pause() -> PauseId {
    PauseId(Uuid::from_u128(8))
}

fn fault() -> FaultId {
    FaultId(Uuid::from_u128(9))
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
        .map(golden::fact)
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

fn found(wanted: bool) -> AlertKind {
    AlertKind::PersonFound {
        question: question(),
        answer: AnswerKind::Found {
            wanted,
            missing: !wanted,
        },
        wanted,
        place: Some("bozor".into()),
    }
}

fn late(wanted: bool, missing: bool) -> AlertKind {
    AlertKind::LateAnswer {
        question: question(),
        answer: AnswerKind::Found { wanted, missing },
        wanted,
        missing,
        asked_at: Timestamp(1),
        ground: Some("suspicion".into()),
    }
}

fn question() -> QuestionId {
    QuestionId(Uuid::from_u128(10))
}

fn encounter() -> EncounterId {
    EncounterId(Uuid::from_u128(11))
}

fn device() -> DeviceId {
    DeviceId(Uuid::from_u128(1))
}

fn resistance() -> AlertKind {
    AlertKind::Resistance {
        encounter: encounter(),
        case: "resisted".into(),
        place: None,
    }
}

#[test]
fn what_desks_see_of_encounters_and_tablets_reads_and_writes_as_it_did() {
    let decisions = vec![
        DeskEvent::FoundSeen {
            question: question(),
        },
        DeskEvent::AnswerSettled {
            question: question(),
            how: None,
        },
        DeskEvent::AnswerSettled {
            question: question(),
            how: Some("xodimga aytildi".into()),
        },
        DeskEvent::ResistanceSeen {
            encounter: encounter(),
        },
    ];
    let device = device();
    let kinds = vec![
        found(true),
        late(false, true),
        resistance(),
        AlertKind::Silent { device },
        AlertKind::QueueStuck { device },
    ];
    let since = Timestamp(2);
    let standings = vec![
        TabletStanding::Good,
        TabletStanding::Locked,
        TabletStanding::Lost { since },
        TabletStanding::KeysDestroyed { since },
        TabletStanding::Wiped { since },
    ];
    let orders = [TabletOrder::Lost, TabletOrder::Found, TabletOrder::Unlock];
    let requests: Vec<_> = orders.map(|order| TabletRequest { device, order }).into();
    let ordered = TabletOrdered {
        device,
        at: since,
        standing: TabletStanding::Lost { since },
    };
    let answer = LateAnswer {
        answer: Answer {
            question: question(),
            encounter: encounter(),
            answered_at: Timestamp(5),
            took_ms: 4,
            result: AnswerResult::NotFound { gallery: None },
        },
        encounter: encounter(),
        officer: OfficerId(Uuid::from_u128(3)),
        name: NAME.into(),
        rank: "serjant".into(),
        asked_at: Timestamp(1),
        ground: None,
        place: Some("bozor".into()),
    };
    golden::json(
        &(decisions, kinds, standings, requests, ordered, answer),
        include_str!("fixtures/desk-encounters-v1.json"),
    );
    // A row of before there was a standing.
    let newer: TabletStanding = serde_json::from_str(r#"{"standing":"melted"}"#).unwrap();
    assert_eq!(newer, TabletStanding::Unknown);
}

#[test]
fn whoever_is_wanted_comes_first_and_what_only_wants_a_look_last() {
    let device = device();
    let incident = |received| AlertKind::Incident {
        incident: regulation::IncidentId(Uuid::from_u128(12)),
        report: Box::new(regulation::incident::Report {
            kind: "crime".into(),
            to: regulation::incident::AddressedTo::DutyUnit,
            happened_at: Timestamp(0),
            place: String::new(),
            encounter: None,
            people: Vec::new(),
            text: String::new(),
            photos: Vec::new(),
        }),
        received,
        asked: false,
        supplements: 0,
        class: None,
        held: 0,
    };
    let mut kinds = vec![
        AlertKind::Unknown,
        incident(true),
        late(false, false),
        AlertKind::Gap {
            from: Timestamp(1),
            to: Timestamp(2),
        },
        AlertKind::Silent { device },
        AlertKind::PauseAsked {
            pause: pause(),
            why: "meal".into(),
            minutes: 30,
        },
        incident(false),
        resistance(),
        late(false, true),
        found(true),
    ];
    let asked = kinds.clone();
    kinds.sort_by_key(AlertKind::urgency);
    let mut reversed = asked;
    reversed.reverse();
    assert!(kinds == reversed);
    let calls: Vec<_> = kinds.iter().map(|kind| kind.urgency().0).collect();
    assert_eq!(calls[..3], [AlertUrgency::Alarm; 3]);
    assert_eq!(calls[3..8], [AlertUrgency::Notice; 5]);
    assert_eq!(calls[8..], [AlertUrgency::Quiet; 2]);
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
