//! Photos on the wire: captures of a tablet's custody and of incidents, and the events that name them.
#![allow(clippy::unwrap_used, clippy::panic)]

mod golden;

use protocol::*;
use regulation::custody::{Condition, HandInReason, Party};
use regulation::incident::{AddressedTo, Report};
use regulation::{CustodyId, IncidentId, Timestamp, custody, incident};
use uuid::Uuid;

fn capture(n: u128) -> CaptureId {
    CaptureId(Uuid::from_u128(n))
}

fn reference(kind: CaptureKind) -> CaptureRef {
    CaptureRef {
        id: capture(8),
        kind,
        plain_bytes: 100_000,
        size: CaptureRef::sealed_bytes(100_000),
        digest: Digest([1; 32]),
        key: vec![2; 32],
    }
}

fn facts() -> Vec<Fact> {
    let at = Timestamp(1_790_000_000_000);
    let custody = CustodyId(Uuid::from_u128(11));
    let incident = IncidentId(Uuid::from_u128(12));
    let captures = [
        (CaptureKind::Condition, CaptureOf::Custody { custody }),
        (CaptureKind::Scene, CaptureOf::Incident { incident }),
    ];
    let custodies = [
        custody::Event::Damaged {
            note: "ekran yorilgan".into(),
            photos: vec![capture(8)],
        },
        custody::Event::HandedIn {
            to: Party::Place {
                place: "Navbatchilik".into(),
            },
            why: HandInReason::EndOfDuty,
            condition: Condition {
                damage: None,
                photos: vec![capture(8), capture(9)],
            },
            waiting: 2,
        },
    ];
    let incidents = [
        incident::Event::Reported {
            incident,
            report: Report {
                kind: "dispute".into(),
                to: AddressedTo::DutyUnit,
                happened_at: at,
                place: "bozor".into(),
                encounter: None,
                people: Vec::new(),
                text: "ikki kishi janjallashdi".into(),
                photos: vec![capture(8)],
            },
        },
        incident::Event::Supplemented {
            incident,
            text: String::new(),
            photos: vec![capture(9)],
        },
    ];
    captures
        .map(|(kind, of)| FactKind::Capture {
            capture: reference(kind),
            of: Some(of),
        })
        .into_iter()
        .chain(custodies.map(|event| FactKind::Custody {
            recorded: custody::Recorded { at, event },
        }))
        .chain(incidents.map(|event| FactKind::Incident {
            recorded: incident::Recorded { at, event },
        }))
        .map(golden::fact)
        .collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let byte = |n: usize| u8::from_str_radix(&text[n..n + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}

#[test]
fn facts_of_photos_are_written_as_the_first_version_wrote_them() {
    golden::facts(&facts(), include_str!("fixtures/photo-facts-v1.hex"));
}

/// What was written before captures could belong to anything but an encounter is read, and written
/// again, byte for byte.
#[test]
fn a_capture_of_an_encounter_is_written_as_it_always_was() {
    let bytes = unhex(include_str!("fixtures/capture-fact-v1.hex").trim());
    let fact: Fact = from_cbor(&bytes).unwrap();
    let FactKind::Capture { capture, of } = &fact.kind else {
        panic!("another kind");
    };
    assert_eq!((capture.kind, *of), (CaptureKind::Scene, None));
    assert!(*capture == reference(CaptureKind::Scene));
    assert_eq!(to_cbor(&fact).unwrap(), bytes);
}

#[test]
fn what_a_newer_tablet_takes_photos_of_is_still_a_capture() {
    #[derive(serde::Serialize)]
    struct Newer {
        of: &'static str,
        drone: u8,
    }
    let newer = to_cbor(&Newer {
        of: "drone",
        drone: 1,
    });
    let of: CaptureOf = from_cbor(&newer.unwrap()).unwrap();
    assert_eq!(of, CaptureOf::Unknown);
}
