//! The names on the wire: every event ever shipped can be read for ever.

use super::catalogue::*;
use super::walk::*;
use regulation::Timestamp;
use regulation::encounter::*;
use regulation::identity::{DocumentNumber, Pinfl};
use std::collections::BTreeSet;

const FIXTURE: &str = include_str!("../fixtures/events-v1.json");

fn samples() -> Vec<Recorded> {
    let mut plain = person();
    plain.name.patronymic = None;
    let mut events: Vec<Event> = [
        PlaceSource::Typed,
        PlaceSource::Chosen,
        PlaceSource::Position,
    ]
    .into_iter()
    .zip(Language::ALL)
    .map(|(source, citizen_language)| Event::Opened {
        place: Place {
            text: "Namuna koʻchasi, 1".into(),
            source,
        },
        citizen_language,
    })
    .collect();
    events.extend([
        Event::Opened {
            place: place(),
            citizen_language: Language::English,
        },
        Event::Introduced {
            service_id: ServiceId::NotAskedFor,
        },
        Event::Introduced {
            service_id: ServiceId::AskedForAndShown,
        },
        Event::ServiceIdShown,
        ground("suspicion", "fakt"),
        explained(),
        Event::Explained {
            how: Explanation::ServiceInformationLeftOut,
        },
        not_yet(),
        document(),
        Event::IdentifiedByDocument {
            document: DocumentKind::Passport,
            number: Some(DocumentNumber("AA1234567".into())),
            person: plain.clone(),
        },
        Event::IdentifiedByDocument {
            document: DocumentKind::Other,
            number: Some(DocumentNumber("N 1".into())),
            person: plain.clone(),
        },
    ]);
    events.extend(Finger::ALL.map(|finger| {
        asked(
            1,
            Basis::Fingerprint {
                finger,
                quality: finger as u8,
            },
        )
    }));
    events.extend([Basis::Face, ID_CARD, Basis::Pinfl].map(|basis| asked(2, basis)));
    events.extend([
        attempt(),
        impossible("injury"),
        Event::FingerprintImpossible {
            reason: "other".into(),
            note: Some("eslatma".into()),
        },
        withdrawn(1),
    ]);
    let first = ANSWERS
        .into_iter()
        .filter(|kind| *kind != AnswerKind::NotOffered);
    events.extend(first.map(|kind| answer(1, kind)));
    events.extend([revealed(1), confirmed(1), disputed(1)]);
    events.push(Event::PersonEntered { person: plain });
    events.extend(
        [
            Unidentified::NotFound,
            Unidentified::WaitedTooLong,
            Unidentified::NoMeansLeft,
        ]
        .map(unidentifiable),
    );
    events.extend(valid_outcomes());
    events.push(Event::Closed);
    // What came after the first events were pinned stands behind them.
    events.extend([
        answer(1, AnswerKind::NotOffered),
        looked_at(1, 3),
        chosen(1, 3, true),
        none_of_these(1),
        stated(),
        Event::DocumentStated {
            said: DocumentData {
                document: DocumentKind::Passport,
                number: None,
                pinfl: Some(Pinfl("30101900000011".into())),
                sex: None,
                expiry: None,
            },
        },
        Event::FingersUnavailable {
            fingers: vec![Finger::RightIndex, Finger::LeftLittle],
            why: FingerLack::Missing,
        },
        Event::FingersUnavailable {
            fingers: Vec::new(),
            why: FingerLack::Injured,
        },
    ]);
    let moments = (0_i64..).map(|n| Timestamp(1_800_000_000_000 + n));
    moments
        .zip(events)
        .map(|(at, event)| Recorded { at, event })
        .collect()
}

#[test]
fn the_samples_hold_every_kind_of_event() {
    let samples = samples();
    let kinds: BTreeSet<_> = samples.iter().map(|r| kind(&r.event)).collect();
    assert_eq!(kinds.len(), KINDS);
}

#[test]
fn every_event_is_written_as_version_1_wrote_it() {
    let pinned: serde_json::Value = serde_json::from_str(FIXTURE).unwrap();
    let written = serde_json::to_value(samples()).unwrap();
    for (pinned, written) in pinned
        .as_array()
        .unwrap()
        .iter()
        .zip(written.as_array().unwrap())
    {
        assert_eq!(written, pinned);
    }
    assert_eq!(written, pinned, "pinned and written differ in length");
}

#[test]
fn every_event_of_version_1_is_read_as_it_was_meant() {
    let read: Vec<Recorded> = serde_json::from_str(FIXTURE).unwrap();
    assert!(read == samples());
    assert_eq!(MACHINE_VERSION, 1);
}

#[test]
fn the_kind_of_an_event_is_its_name_on_the_wire() {
    for recorded in samples() {
        let written = serde_json::to_value(&recorded).unwrap();
        assert_eq!(written["event"]["event"], kind(&recorded.event));
    }
}

#[test]
fn a_field_that_an_event_may_lack_may_be_missing() {
    let read: Event =
        serde_json::from_str(r#"{"event":"fingerprint_impossible","reason":"injury"}"#).unwrap();
    assert_eq!(read, impossible("injury"));
}

#[test]
fn refusals_flags_and_stages_have_stable_names() {
    let json = |value: &dyn Fn() -> serde_json::Result<String>| value().unwrap();
    let refusal = Refusal::FaceWithoutReason;
    let flag = Flag::OutOfOrder { refusal };
    assert_eq!(
        json(&|| serde_json::to_string(&flag)),
        r#"{"flag":"out_of_order","refusal":"face_without_reason"}"#
    );
    assert_eq!(
        json(&|| serde_json::to_string(&Flag::LateAnswer)),
        r#"{"flag":"late_answer"}"#
    );
    assert_eq!(
        json(&|| serde_json::to_string(&Stage::GroundExplained)),
        r#""ground_explained""#
    );
    for refusal in REFUSALS {
        let written = serde_json::to_string(&refusal).unwrap();
        assert_eq!(serde_json::from_str::<Refusal>(&written).unwrap(), refusal);
    }
    for flag in FLAGS {
        let written = serde_json::to_string(&flag).unwrap();
        assert_eq!(serde_json::from_str::<Flag>(&written).unwrap(), flag);
    }
}

#[test]
fn ids_are_written_and_read_as_uuids() {
    let text = "00000000-0000-0000-0000-000000000001";
    assert_eq!(q(1).to_string(), text);
    assert_eq!(text.parse::<regulation::QuestionId>().unwrap(), q(1));
    assert_eq!(
        text.parse::<regulation::OfficerId>().unwrap().to_string(),
        text
    );
    assert_eq!(
        text.parse::<regulation::EncounterId>().unwrap().to_string(),
        text
    );
    assert!("1".parse::<regulation::QuestionId>().is_err());
}
