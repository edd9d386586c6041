//! Incident reports (§22): what is refused, what is kept, and the names on the wire.

use proptest::prelude::*;
use regulation::incident::*;
use regulation::{CaptureId, Edition, EncounterId, IncidentId, QuestionId, Timestamp};
use std::sync::LazyLock;
use uuid::Uuid;

static EDITION: LazyLock<Edition> = LazyLock::new(|| Edition::shipped().unwrap());
const FIXTURE: &str = include_str!("../fixtures/incident-v1.json");

fn id(n: u128) -> IncidentId {
    IncidentId(Uuid::from_u128(n))
}

fn report() -> Report {
    Report {
        kind: "dispute".into(),
        to: AddressedTo::DutyUnit,
        happened_at: Timestamp(1_000),
        place: "Namuna bozori".into(),
        encounter: Some(EncounterId(Uuid::from_u128(5))),
        people: vec![QuestionId(Uuid::from_u128(6))],
        text: "Ikki kishi janjallashdi.".into(),
        photos: Vec::new(),
    }
}

fn reported(n: u128, report: Report) -> Event {
    Event::Reported {
        incident: id(n),
        report,
    }
}

fn supplemented(n: u128, text: &str) -> Event {
    Event::Supplemented {
        incident: id(n),
        text: text.into(),
        photos: Vec::new(),
    }
}

fn at(millis: i64, event: Event) -> Recorded {
    Recorded {
        at: Timestamp(millis),
        event,
    }
}

fn refusal(of: Report) -> Option<Refusal> {
    let recorded = at(2_000, reported(1, of));
    transition(&EDITION, &Incidents::default(), &recorded).err()
}

#[test]
fn p22_a_report_says_what_where_when_and_nothing_else_is_needed() {
    assert_eq!(refusal(report()), None);
    let alone = Report {
        encounter: None,
        people: Vec::new(),
        ..report()
    };
    assert_eq!(refusal(alone), None);
    let cases = [
        (
            Report {
                kind: "rumour".into(),
                ..report()
            },
            Refusal::KindUnknown,
        ),
        (
            Report {
                place: " ".into(),
                ..report()
            },
            Refusal::PlaceMissing,
        ),
        (
            Report {
                text: "\n".into(),
                ..report()
            },
            Refusal::TextMissing,
        ),
        (
            Report {
                happened_at: Timestamp(2_001),
                ..report()
            },
            Refusal::NotYet,
        ),
        (
            Report {
                encounter: None,
                ..report()
            },
            Refusal::PeopleWithoutEncounter,
        ),
        (
            Report {
                people: vec![QuestionId(Uuid::nil()); 33],
                ..report()
            },
            Refusal::TooMany,
        ),
        (
            Report {
                text: "m".repeat(EDITION.limits.report_chars + 1),
                ..report()
            },
            Refusal::TextTooLong,
        ),
        (
            Report {
                place: "m".repeat(EDITION.limits.text_chars + 1),
                ..report()
            },
            Refusal::TextTooLong,
        ),
    ];
    for (report, expected) in cases {
        assert_eq!(refusal(report), Some(expected));
        assert_eq!(expected.paragraph().0, 22);
    }
    let longest = Report {
        text: "ў".repeat(EDITION.limits.report_chars),
        ..report()
    };
    assert_eq!(refusal(longest), None, "characters, not bytes");
}

#[test]
fn p22_what_is_added_is_history_and_what_was_reported_stays() {
    let mut incidents = Incidents::default();
    let mut step = |recorded: Recorded| {
        let next = transition(&EDITION, &incidents, &recorded)?;
        incidents = next;
        Ok::<_, Refusal>(incidents.clone())
    };
    assert_eq!(step(at(2_000, supplemented(1, "x"))), Err(Refusal::Unknown));
    step(at(2_000, reported(1, report()))).unwrap();
    assert_eq!(
        step(at(3_000, reported(1, report()))),
        Err(Refusal::KnownAlready)
    );
    assert_eq!(
        step(at(3_000, supplemented(1, " "))),
        Err(Refusal::TextMissing)
    );
    for n in 0..64 {
        step(at(3_000 + n, supplemented(1, "yana"))).unwrap();
    }
    assert_eq!(
        step(at(9_000, supplemented(1, "yana"))),
        Err(Refusal::TooMany)
    );
    let incident = incidents.get(id(1)).unwrap();
    assert!(incident.report == report());
    assert_eq!(incident.supplements.len(), 64);
    assert_eq!(incident.supplements[63].at, Timestamp(3_063));
}

#[test]
fn p22_photos_are_counted_over_report_and_supplements_and_may_stand_for_words() {
    let most = EDITION.limits.incident_photos;
    let photos = |count: usize| vec![CaptureId(Uuid::from_u128(9)); count];
    let with = |count| Report {
        photos: photos(count),
        ..report()
    };
    assert_eq!(refusal(with(most + 1)), Some(Refusal::TooManyPhotos));
    let more = |text: &str, count| Event::Supplemented {
        incident: id(1),
        text: text.into(),
        photos: photos(count),
    };
    let mut incidents = Incidents::default();
    for (event, expected) in [
        (reported(1, with(most - 2)), Ok(())),
        (more("", 1), Ok(())),
        (more(" ", 1), Err(Refusal::TextMissing)),
        (more("", 0), Err(Refusal::TextMissing)),
        (more("yana", 2), Err(Refusal::TooManyPhotos)),
        (more("yana", 1), Ok(())),
        (more("", 1), Err(Refusal::TooManyPhotos)),
        (more("yana", 0), Ok(())),
    ] {
        let next = transition(&EDITION, &incidents, &at(2_000, event));
        assert_eq!(next.as_ref().map(|_| ()).map_err(|r| *r), expected);
        incidents = next.unwrap_or(incidents);
    }
    let incident = incidents.get(id(1)).unwrap();
    assert_eq!(incident.photos().count(), most);
    assert_eq!(Refusal::TooManyPhotos.paragraph().0, 22);
}

fn any_event() -> impl Strategy<Value = Event> {
    let text = prop_oneof!["[a-z ]{0,8}", Just("m".repeat(5_000))];
    let kind = prop_oneof![Just("crime".to_owned()), "[a-z]{0,8}"];
    let made = (0..3_u128, kind, text.clone(), text.clone(), 0..4_000_i64);
    let reports = made.prop_map(|(n, kind, place, text, happened_at)| {
        reported(
            n,
            Report {
                kind,
                place,
                text,
                happened_at: Timestamp(happened_at),
                ..report()
            },
        )
    });
    prop_oneof![
        reports,
        (0..3_u128, text).prop_map(|(n, text)| supplemented(n, &text))
    ]
}

proptest! {
    /// What was recorded once is never lost or changed by what comes after, and what does not fit
    /// leaves a flag.
    #[test]
    fn a_history_only_grows(events in prop::collection::vec(any_event(), 0..40)) {
        let mut incidents = Incidents::default();
        for (n, event) in events.into_iter().enumerate() {
            let recorded = at(i64::try_from(n).unwrap() * 100, event);
            let next = record(&EDITION, &incidents, &recorded);
            match transition(&EDITION, &incidents, &recorded) {
                Ok(strict) => prop_assert_eq!(&next, &strict),
                Err(refusal) => {
                    let told = Flag::OutOfOrder { refusal };
                    prop_assert!(next.flags.contains(&told));
                    prop_assert_eq!(&next.reported, &incidents.reported);
                }
            }
            for (before, after) in incidents.reported.iter().zip(&next.reported) {
                prop_assert_eq!((before.id, before.at), (after.id, after.at));
                prop_assert!(before.report == after.report);
                prop_assert!(after.supplements.starts_with(&before.supplements));
                prop_assert!(EDITION.incident_kind(&after.report.kind).is_some());
            }
            prop_assert!(next.reported.len() >= incidents.reported.len());
            incidents = next;
        }
    }
}

#[test]
fn events_read_as_the_first_version_wrote_them() {
    let alone = Report {
        to: AddressedTo::ImmediateSuperior,
        encounter: None,
        people: Vec::new(),
        ..report()
    };
    let events = [
        at(2_000, reported(1, report())),
        at(2_500, reported(2, alone)),
        at(3_000, supplemented(1, "Guvoh bor.")),
    ];
    let golden: serde_json::Value = serde_json::from_str(FIXTURE).unwrap();
    assert_eq!(serde_json::to_value(&events).unwrap(), golden);
    let read: Vec<Recorded> = serde_json::from_str(FIXTURE).unwrap();
    assert!(read == events);
}

#[test]
fn debug_says_nothing_of_what_was_reported() {
    let mut incidents = Incidents::default();
    for recorded in [
        at(2_000, reported(1, report())),
        at(3_000, supplemented(1, "Guvoh bor.")),
    ] {
        let told = format!("{recorded:?}");
        assert!(!told.contains("Namuna") && !told.contains("kishi") && !told.contains("Guvoh"));
        incidents = record(&EDITION, &incidents, &recorded);
    }
    let told = format!("{incidents:?}");
    assert!(!told.contains("Namuna") && !told.contains("kishi") && !told.contains("Guvoh"));
}
