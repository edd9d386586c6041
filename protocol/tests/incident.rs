//! What incident reports (§22) put on the wire, as their first version wrote it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod golden;

use protocol::*;
use regulation::incident::{AddressedTo, Event, Incident, Recorded, Report, Supplement};
use regulation::{EncounterId, IncidentId, OfficerId, QuestionId, Timestamp};
use uuid::Uuid;

const NAME: &str = "Namunayev Namuna";

fn incident() -> IncidentId {
    IncidentId(Uuid::from_u128(11))
}

fn report() -> Report {
    Report {
        kind: "dispute".into(),
        to: AddressedTo::ImmediateSuperior,
        happened_at: Timestamp(1_789_999_000_000),
        place: "bozor, Namuna koʻchasi".into(),
        encounter: Some(EncounterId(Uuid::from_u128(5))),
        people: vec![QuestionId(Uuid::from_u128(6))],
        text: "ikki kishi janjallashdi".into(),
        photos: Vec::new(),
    }
}

fn supplement() -> Supplement {
    Supplement {
        at: Timestamp(1_790_000_100_000),
        text: "uchinchi kishi koʻrdi".into(),
        photos: Vec::new(),
    }
}

fn decisions() -> Vec<DeskEvent> {
    vec![
        DeskEvent::IncidentReceived {
            incident: incident(),
        },
        DeskEvent::IncidentClassified {
            incident: incident(),
            class: "administrative_offence".into(),
        },
        DeskEvent::IncidentAsked {
            incident: incident(),
            text: "kim koʻrdi?".into(),
        },
        DeskEvent::IncidentLinked {
            incident: incident(),
            camera: "BK-0001".parse().unwrap(),
            from: Timestamp(1_789_998_000_000),
            to: Timestamp(1_789_999_500_000),
        },
        DeskEvent::IncidentClosed {
            incident: incident(),
            how: "bayonnoma tuzildi".into(),
        },
    ]
}

fn facts() -> Vec<Fact> {
    let events = [
        Event::Reported {
            incident: incident(),
            report: report(),
        },
        Event::Supplemented {
            incident: incident(),
            text: supplement().text,
            photos: Vec::new(),
        },
    ];
    let recorded = events.map(|event| FactKind::Incident {
        recorded: Recorded {
            at: Timestamp(1_790_000_000_000),
            event,
        },
    });
    recorded
        .into_iter()
        .chain(
            decisions()
                .into_iter()
                .map(|event| FactKind::Desk { event }),
        )
        .map(golden::fact)
        .collect()
}

fn messages() -> Vec<MessageBody> {
    vec![
        MessageBody::IncidentReceived {
            incident: incident(),
        },
        MessageBody::IncidentAsked {
            incident: incident(),
            at: Timestamp(1_790_000_060_000),
            text: "kim koʻrdi?".into(),
        },
        MessageBody::IncidentClosed {
            incident: incident(),
        },
    ]
}

fn alert(held: u32) -> Alert {
    Alert {
        at: Timestamp(1_790_000_000_000),
        session: SessionId(Uuid::from_u128(2)),
        name: NAME.into(),
        rank: "serjant".into(),
        kind: AlertKind::Incident {
            incident: incident(),
            report: Box::new(report()),
            received: true,
            asked: false,
            supplements: 1,
            class: Some("administrative_offence".into()),
            held,
        },
    }
}

fn view() -> IncidentView {
    let step = |event| IncidentStep {
        at: Timestamp(1_790_000_200_000),
        name: NAME.into(),
        rank: "leytenant".into(),
        event,
    };
    IncidentView {
        incident: Incident {
            id: incident(),
            at: Timestamp(1_790_000_000_000),
            report: report(),
            supplements: vec![supplement()],
        },
        session: SessionId(Uuid::from_u128(2)),
        officer: OfficerId(Uuid::from_u128(3)),
        name: NAME.into(),
        rank: "serjant".into(),
        people: vec![IncidentPerson {
            question: Some(QuestionId(Uuid::from_u128(6))),
            person: None,
            by: KnownBy::Answer,
        }],
        history: decisions().into_iter().map(step).collect(),
        held: vec![HeldRecording {
            camera: "BK-0001".parse().unwrap(),
            from: Timestamp(1_789_997_200_000),
            to: Timestamp(1_790_000_000_000),
        }],
        closed: true,
    }
}

#[test]
fn facts_of_the_first_version_read_and_write_as_they_did() {
    golden::facts(&facts(), include_str!("fixtures/incident-facts-v1.hex"));
}

#[test]
fn messages_alerts_and_views_of_the_first_version_read_and_write_as_they_did() {
    golden::json(
        &(messages(), alert(0), view()),
        include_str!("fixtures/incident-v1.json"),
    );
}

#[test]
fn how_many_recordings_are_held_reads_back() {
    let written = serde_json::to_string(&alert(2)).unwrap();
    assert!(written.contains("\"held\":2"));
    assert!(serde_json::from_str::<Alert>(&written).unwrap() == alert(2));
}

#[test]
fn debug_says_nothing_of_what_was_reported() {
    let told = format!("{:?} {:?} {:?} {:?}", facts(), messages(), alert(2), view());
    for word in ["Namuna", "kishi", "bozor", "koʻrdi", "bayonnoma"] {
        assert!(!told.contains(word), "{told}");
    }
}
