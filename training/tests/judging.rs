//! An encounter played as asked meets everything; and everything that is asked can be missed.
#![allow(clippy::unwrap_used, clippy::panic)]

use regulation::encounter::*;
use regulation::identity::{BirthDate, DocumentNumber, PersonName};
use regulation::{Date, Edition, QuestionId, Timestamp};
use training::judge::judge;
use training::scenario::{Act, Asked, Ending, Scenario, ScenarioError, Who, read, shipped};

fn shown(scenario: &Scenario) -> Person {
    let patronymic = (scenario.person != Who::NoPatronymic).then(|| "Намуна ўғли".to_owned());
    Person {
        name: PersonName {
            surname: "Синовов".into(),
            given: "Мисол".into(),
            patronymic,
        },
        birth_date: BirthDate(Date::new(1990, 3, 4).unwrap()),
    }
}

fn found(who: Who) -> AnswerKind {
    AnswerKind::Found {
        wanted: who == Who::Wanted,
        missing: who == Who::MissingChild,
    }
}

const FIRST: QuestionId = QuestionId(uuid::Uuid::from_u128(1));
const FACE: QuestionId = QuestionId(uuid::Uuid::from_u128(2));

/// What a tablet records of a situation that is played as asked.
fn as_asked(scenario: &Scenario) -> Vec<Event> {
    let mut events = vec![Event::Opened {
        place: Place {
            text: "Намуна бекати".into(),
            source: PlaceSource::Typed,
        },
        citizen_language: scenario.speaks,
    }];
    let offline = scenario.id == "no-network";
    for act in &scenario.as_asked {
        match act {
            Act::Introduce { card } => events.push(Event::Introduced {
                service_id: match card {
                    true => ServiceId::AskedForAndShown,
                    false => ServiceId::NotAskedFor,
                },
            }),
            Act::Ground { ground } | Act::GroundUnexplained { ground } => {
                events.push(Event::GroundStated {
                    ground: ground.clone(),
                    fact: scenario.fact.clone(),
                });
                let how = match act {
                    Act::Ground { .. } => Explanation::Full,
                    _ => Explanation::NotPossibleYet { why: "х".into() },
                };
                events.push(Event::Explained { how });
            }
            Act::Explain => events.push(Event::Explained {
                how: Explanation::Full,
            }),
            Act::Finger => {
                let basis = Basis::Fingerprint {
                    finger: Finger::RightIndex,
                    quality: 80,
                };
                events.push(Event::Asked {
                    question: FIRST,
                    basis,
                });
                if !offline {
                    events.push(Event::AnswerArrived {
                        question: FIRST,
                        answer: found(scenario.person),
                    });
                }
            }
            Act::FingerFails => {}
            Act::NoteInjured => events.push(Event::FingersUnavailable {
                fingers: Finger::ALL.to_vec(),
                why: FingerLack::Injured,
            }),
            Act::Reason { reason } => events.push(Event::FingerprintImpossible {
                reason: reason.clone(),
                note: None,
            }),
            Act::Face => {
                events.push(Event::Asked {
                    question: FACE,
                    basis: Basis::Face,
                });
                events.push(Event::AnswerArrived {
                    question: FACE,
                    answer: AnswerKind::Possible,
                });
            }
            Act::Compare => {
                events.push(Event::CandidateRevealed {
                    question: FACE,
                    candidate: 0,
                });
                events.push(Event::CandidateConfirmed {
                    question: FACE,
                    candidate: Chosen {
                        place: 0,
                        wanted: false,
                        missing: false,
                    },
                });
            }
            Act::Document => events.push(Event::IdentifiedByDocument {
                document: DocumentKind::IdCard,
                number: Some(DocumentNumber("ZZ0000009".into())),
                person: shown(scenario),
            }),
            Act::Hold => events.push(Event::Revealed { question: FIRST }),
            Act::Confirm => events.push(Event::IdentityConfirmed { question: FIRST }),
            Act::Dispute => events.push(Event::IdentityDisputed { question: FIRST }),
            Act::End(ending) => {
                events.push(Event::OutcomeRecorded {
                    outcome: outcome(ending),
                });
                events.push(Event::Closed);
            }
        }
    }
    if offline {
        events.push(Event::AnswerArrived {
            question: FIRST,
            answer: found(scenario.person),
        });
    }
    events
}

fn outcome(ending: &Ending) -> Outcome {
    match ending {
        Ending::Released => Outcome::Released,
        Ending::TakenToStation { case } => Outcome::TakenToStation { case: case.clone() },
        Ending::ProtocolOnTheSpot => Outcome::ProtocolOnTheSpot {
            number: "12".into(),
        },
        Ending::TakenOnOtherGround => Outcome::TakenOnOtherGround {
            article: "1".into(),
            by_order_of: "х".into(),
        },
    }
}

fn judged(edition: &Edition, scenario: &Scenario, events: &[Event]) -> Vec<bool> {
    let recorded: Vec<_> = events
        .iter()
        .enumerate()
        .map(|(n, event)| Recorded {
            at: Timestamp(1_800_000_000_000 + n as i64 * 60_000),
            event: event.clone(),
        })
        .collect();
    judge(edition, scenario, &shown(scenario), &recorded)
}

/// What an officer may do wrong: each is the play with one thing in it left out, moved or otherwise.
fn mistakes(edition: &Edition, scenario: &Scenario) -> Vec<(String, Vec<Event>)> {
    let right = as_asked(scenario);
    let mut plays = Vec::new();
    for n in 0..right.len() {
        let mut without = right.clone();
        without.remove(n);
        plays.push((format!("without {n}"), without));
        if n > 0 {
            let mut swapped = right.clone();
            swapped.swap(n - 1, n);
            plays.push((format!("{n} too early"), swapped));
        }
        for (what, event) in otherwise(edition, &right[n]) {
            let mut other = right.clone();
            other[n] = event;
            plays.push((format!("{n}: {what}"), other));
        }
    }
    // Something besides, before the outcome.
    let end = right
        .iter()
        .position(|e| matches!(e, Event::OutcomeRecorded { .. }))
        .unwrap();
    for (what, event) in besides(scenario) {
        let mut more = right.clone();
        more.insert(end, event);
        plays.push((what.to_owned(), more));
    }
    plays
}

fn otherwise(edition: &Edition, event: &Event) -> Vec<(String, Event)> {
    match event {
        Event::Opened { place, .. } => Language::ALL
            .into_iter()
            .map(|citizen_language| {
                let place = place.clone();
                let opened = Event::Opened {
                    place,
                    citizen_language,
                };
                (format!("spoken to in {citizen_language:?}"), opened)
            })
            .collect(),
        Event::Introduced { .. } => vec![(
            "the card not shown".into(),
            Event::Introduced {
                service_id: ServiceId::NotAskedFor,
            },
        )],
        Event::GroundStated { fact, .. } => edition
            .grounds
            .iter()
            .map(|ground| {
                let (ground, fact) = (ground.id.clone(), fact.clone());
                (
                    format!("ground {ground}"),
                    Event::GroundStated { ground, fact },
                )
            })
            .collect(),
        Event::FingerprintImpossible { .. } => edition
            .no_fingerprint_reasons
            .iter()
            .map(|reason| {
                let (reason, note) = (reason.id.clone(), None);
                (
                    format!("reason {reason}"),
                    Event::FingerprintImpossible { reason, note },
                )
            })
            .collect(),
        Event::IdentityConfirmed { question } => vec![(
            "disputed".into(),
            Event::IdentityDisputed {
                question: *question,
            },
        )],
        Event::IdentityDisputed { question } => vec![(
            "confirmed".into(),
            Event::IdentityConfirmed {
                question: *question,
            },
        )],
        Event::IdentifiedByDocument {
            document,
            number,
            person,
        } => {
            let mut wrong = person.clone();
            wrong.name.surname = "Хаёлиев".into();
            vec![(
                "another surname".into(),
                Event::IdentifiedByDocument {
                    document: *document,
                    number: number.clone(),
                    person: wrong,
                },
            )]
        }
        Event::OutcomeRecorded { .. } => edition
            .station_cases
            .iter()
            .map(|case| Outcome::TakenToStation {
                case: case.id.clone(),
            })
            .chain([Outcome::Released])
            .map(|outcome| {
                (
                    format!("ended {outcome:?}"),
                    Event::OutcomeRecorded { outcome },
                )
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn besides(scenario: &Scenario) -> Vec<(&'static str, Event)> {
    vec![
        ("taken back", Event::QuestionWithdrawn { question: FIRST }),
        (
            "given up",
            Event::Unidentifiable {
                why: Unidentified::WaitedTooLong,
            },
        ),
        (
            "asked without need",
            Event::Asked {
                question: QuestionId(uuid::Uuid::from_u128(3)),
                basis: Basis::Pinfl,
            },
        ),
        (
            "another finger asked for",
            Event::FingerprintAttempted {
                finger: Finger::RightIndex,
                fault: "no_finger".into(),
            },
        ),
        (
            "entered otherwise",
            Event::PersonEntered {
                person: Person {
                    birth_date: BirthDate(Date::new(1991, 3, 4).unwrap()),
                    ..shown(scenario)
                },
            },
        ),
    ]
}

#[test]
fn a_situation_played_as_asked_meets_everything_that_is_asked() {
    let edition = Edition::shipped().unwrap();
    let course = shipped(&edition).unwrap();
    assert_eq!(course.len(), 10);
    for scenario in &course {
        let met = judged(&edition, scenario, &as_asked(scenario));
        assert_eq!(met.len(), scenario.asked.len());
        let missed: Vec<_> = scenario
            .asked
            .iter()
            .zip(&met)
            .filter(|(_, met)| !**met)
            .map(|(asked, _)| asked.id())
            .collect();
        assert!(missed.is_empty(), "{}: {missed:?}", scenario.id);
    }
}

#[test]
fn everything_that_is_asked_is_missed_by_some_mistake() {
    let edition = Edition::shipped().unwrap();
    for scenario in shipped(&edition).unwrap() {
        let plays = mistakes(&edition, &scenario);
        for (n, asked) in scenario.asked.iter().enumerate() {
            let missed = plays
                .iter()
                .any(|(_, events)| !judged(&edition, &scenario, events)[n]);
            assert!(missed, "{}: {} cannot be missed", scenario.id, asked.id());
        }
    }
}

/// Nothing recorded meets nothing, but what is asked not to be.
#[test]
fn who_does_nothing_has_not_done_what_is_asked() {
    let edition = Edition::shipped().unwrap();
    for scenario in shipped(&edition).unwrap() {
        let met = judged(&edition, &scenario, &[]);
        for (asked, met) in scenario.asked.iter().zip(met) {
            let of_not_doing = matches!(
                asked,
                Asked::CandidatesCompared
                    | Asked::RefusalIsNotResistance
                    | Asked::OutageIsNoReason
                    | Asked::NothingToReview { .. }
            );
            assert_eq!(met, of_not_doing, "{}: {}", scenario.id, asked.id());
        }
    }
}

/// One situation, one mistake: what it misses, by name.
#[test]
fn a_mistake_misses_what_it_is_about() {
    let edition = Edition::shipped().unwrap();
    let course = shipped(&edition).unwrap();
    let of = |id: &str| course.iter().find(|s| s.id == id).unwrap();
    let missed = |id: &str, change: &dyn Fn(&mut Vec<Event>)| -> Vec<&'static str> {
        let scenario = of(id);
        let mut events = as_asked(scenario);
        change(&mut events);
        let met = judged(&edition, scenario, &events);
        let asked = scenario.asked.iter().zip(met);
        asked.filter(|(_, met)| !met).map(|(a, _)| a.id()).collect()
    };
    let end_as = |case: &'static str| {
        move |events: &mut Vec<Event>| {
            for event in events {
                if let Event::OutcomeRecorded { outcome } = event {
                    *outcome = Outcome::TakenToStation { case: case.into() };
                }
            }
        }
    };
    // A lost child is not a suspect.
    let suspect = missed("lost-child", &|events| {
        for event in events {
            if let Event::GroundStated { ground, .. } = event {
                *ground = "suspicion".into();
            }
        }
    });
    assert_eq!(suspect, ["ground"]);
    // A refusal is not resistance, and a document was there.
    assert_eq!(
        missed("refusal", &end_as("resisted")),
        ["refusal_is_not_resistance", "ending", "nothing_to_review"]
    );
    // An outage is not "cannot identify".
    assert_eq!(
        missed("no-network", &end_as("cannot_identify")),
        ["outage_is_no_reason", "ending", "nothing_to_review"]
    );
    // Not looked at.
    let unseen = missed("wanted", &|events| {
        events.retain(|e| !matches!(e, Event::Revealed { .. }));
    });
    assert_eq!(unseen, ["looked_at"]);
    // A late explanation that never came.
    let owed = missed("violence", &|events| {
        events.retain(|e| {
            !matches!(
                e,
                Event::Explained {
                    how: Explanation::Full
                }
            )
        });
    });
    assert_eq!(
        owed,
        ["explanation_made_good", "nothing_to_review", "closed"]
    );
    // The name in Latin script is the same name.
    let latin = missed("document", &|events| {
        for event in events {
            if let Event::IdentifiedByDocument { person, .. } = event {
                person.name.surname = "Sinovov".into();
                person.name.given = "Misol".into();
            }
        }
    });
    assert_eq!(latin, Vec::<&str>::new());
}

#[test]
fn what_is_no_situation_is_refused_with_its_reason() {
    let edition = Edition::shipped().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let good = include_str!("../scenarios/10-violence.toml");
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    assert!(matches!(
        read(dir.path(), &edition),
        Err(ScenarioError::Count)
    ));
    write("a.toml", good);
    write("notes.txt", "no situation");
    assert_eq!(read(dir.path(), &edition).unwrap().len(), 1);
    for (from, to, why) in [
        ("of = [\"suspicion\"]", "of = [\"mood\"]", "no such ground"),
        (
            "case = \"caught_offending\"",
            "case = \"x\"",
            "no such case",
        ),
        ("id = \"violence\"", "id = \"../violence\"", "the id"),
        ("ru = \"Объяснить нельзя\"", "ru = \" \"", "a text is empty"),
        (
            "person = \"supervised\"",
            "person = \"the_minister\"",
            "unknown variant",
        ),
        ("what = \"closed\"", "what = \"shot\"", "unknown variant"),
        ("fact = ", "fast = ", "unknown field"),
        (
            "asked = [",
            "changes = [{ at = \"method\", what = \"network_cut\" }]\nasked = [",
            "does not come back",
        ),
    ] {
        assert!(good.contains(from), "{from}");
        write("a.toml", &good.replacen(from, to, 1));
        let error = read(dir.path(), &edition).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
        assert!(error.contains("a.toml"), "{error}");
    }
    write("a.toml", good);
    write("b.toml", good);
    assert!(matches!(
        read(dir.path(), &edition),
        Err(ScenarioError::Twice(id)) if id == "violence"
    ));
    write("b.toml", &"#".repeat(65 * 1024));
    assert!(matches!(
        read(dir.path(), &edition),
        Err(ScenarioError::TooLarge(_))
    ));
}
