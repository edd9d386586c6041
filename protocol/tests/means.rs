//! What bodycams carried over, recordings by other means and the dock look like on the wire, as the first
//! version that knew them wrote it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod golden;

use protocol::*;
use regulation::bodycam::{DeviceOwner, Event, Recorded};
use regulation::encounter::{DocumentKind, Person};
use regulation::identity::{BirthDate, PersonName};
use regulation::{MeansId, QuestionId, Timestamp};
use uuid::Uuid;

const NAME: &str = "Namunayev Namuna";

fn means() -> MeansId {
    MeansId(Uuid::from_u128(12))
}

fn facts() -> Vec<Fact> {
    let recorded = [
        Event::CarriedOver {
            camera: "BK-0001".parse().unwrap(),
            since: Timestamp(1_789_999_000_000),
            on: true,
        },
        Event::Received {
            camera: "BK-0001".parse().unwrap(),
            battery_percent: 80,
            battery: Some("full".into()),
            emptied: true,
            worn: true,
        },
        Event::RecordedByOtherMeans {
            means: Some(means()),
            device: "phone".into(),
            owner: DeviceOwner::Own,
            from: Timestamp(1),
            to: Timestamp(2),
            note: Some("bozor".into()),
        },
    ];
    let recorded = recorded.map(|event| FactKind::Bodycam {
        recorded: Recorded {
            at: Timestamp(1_790_000_000_000),
            event,
        },
    });
    let decided = [
        DeskEvent::MeansHandedOver {
            means: means(),
            carrier: "USB 17".into(),
            digest: Some(Digest([7; 32])),
        },
        DeskEvent::MeansHandedOver {
            means: means(),
            carrier: "USB 17".into(),
            digest: None,
        },
        DeskEvent::MeansDeleted {
            means: means(),
            confirmed_by: NAME.into(),
        },
    ];
    let decided = decided.map(|event| FactKind::Desk { event });
    recorded
        .into_iter()
        .chain(decided)
        .map(golden::fact)
        .collect()
}

type Told = (Vec<AlertKind>, Vec<MessageBody>, Kit, Vec<IncidentPerson>);

fn told() -> Told {
    let alerts = vec![
        AlertKind::OtherMeans {
            means: means(),
            what: "phone".into(),
            owner: DeviceOwner::Colleague,
            from: Timestamp(1),
            to: Timestamp(2),
            note: Some("bozor".into()),
            private: true,
            handed_over: true,
            overdue: false,
        },
        AlertKind::NotRecorded {
            camera: "BK-0001".parse().unwrap(),
            from: Timestamp(1),
            to: Timestamp(2),
        },
    ];
    let messages = vec![
        MessageBody::MeansHandedOver { means: means() },
        MessageBody::MeansDeleted { means: means() },
    ];
    let kit = Kit {
        held: Some(HeldCamera {
            camera: "BK-0001".parse().unwrap(),
            since: Timestamp(1_789_999_000_000),
            on: false,
        }),
        ..Kit::default()
    };
    let typed = Person {
        name: PersonName {
            surname: "NAMUNAYEV".into(),
            given: "NAMUNA".into(),
            patronymic: None,
        },
        birth_date: BirthDate("1990-01-01".parse().unwrap()),
    };
    let people = vec![
        IncidentPerson {
            question: Some(QuestionId(Uuid::from_u128(6))),
            person: None,
            by: KnownBy::Confirmed,
        },
        IncidentPerson {
            question: None,
            person: None,
            by: KnownBy::Document {
                document: DocumentKind::IdCard,
                typed,
            },
        },
    ];
    (alerts, messages, kit, people)
}

#[test]
fn facts_read_and_write_as_they_did() {
    golden::facts(&facts(), include_str!("fixtures/means-facts-v1.hex"));
}

#[test]
fn what_is_told_reads_and_writes_as_it_did() {
    golden::json(&told(), include_str!("fixtures/means-v1.json"));
}

#[test]
fn debug_says_nothing_of_what_was_typed() {
    let told = format!("{:?} {:?}", facts(), told());
    for word in ["Namuna", "NAMUNA", "bozor", "USB"] {
        assert!(!told.contains(word), "{told}");
    }
}
