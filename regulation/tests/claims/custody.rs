//! The custody of a tablet (§13 to §16, §30, §31): what may follow what, what is flagged, what must
//! never happen, and the names on the wire.

use proptest::prelude::*;
use regulation::custody::*;
use regulation::{CaptureId, CustodyId, Edition, OfficerId, Timestamp};
use std::sync::LazyLock;
use uuid::Uuid;

static EDITION: LazyLock<Edition> = LazyLock::new(|| Edition::shipped().unwrap());
const FIXTURE: &str = include_str!("../fixtures/custody-v1.json");

fn officer(n: u128) -> OfficerId {
    OfficerId(Uuid::from_u128(n))
}

fn place() -> Party {
    Party::Place {
        place: "Navbatchilik qismi".into(),
    }
}

fn confirmed(n: u128) -> Party {
    Party::Confirmed {
        officer: officer(n),
        name: "Omborchiyev Namuna".into(),
        by: ConfirmedBy::Central,
    }
}

fn named(name: &str) -> Party {
    Party::Named { name: name.into() }
}

fn readiness(level: Level) -> Readiness {
    Readiness {
        checks: vec![Check {
            kind: CheckKind::Battery,
            level,
            value: Some(50),
        }],
    }
}

fn damaged(what: &str) -> Condition {
    Condition {
        damage: Some(what.into()),
        photos: Vec::new(),
    }
}

fn photos(count: u128) -> Vec<CaptureId> {
    (0..count).map(|n| CaptureId(Uuid::from_u128(n))).collect()
}

fn taken_from(from: Party) -> Event {
    Event::TakenOver {
        custody: CustodyId(Uuid::from_u128(1)),
        from,
        readiness: readiness(Level::Ready),
        condition: Condition::default(),
        overridden: None,
    }
}

fn taken() -> Event {
    taken_from(place())
}

fn taken_red(overridden: Option<&str>) -> Event {
    Event::TakenOver {
        custody: CustodyId(Uuid::from_u128(2)),
        from: place(),
        readiness: readiness(Level::NotReady),
        condition: Condition::default(),
        overridden: overridden.map(str::to_owned),
    }
}

fn handed_in(to: Party, why: HandInReason, condition: Condition) -> Event {
    Event::HandedIn {
        to,
        why,
        condition,
        waiting: 3,
    }
}

fn end() -> Event {
    handed_in(place(), HandInReason::EndOfDuty, Condition::default())
}

fn noted(note: &str) -> Event {
    Event::Damaged {
        note: note.into(),
        photos: Vec::new(),
    }
}

/// A tablet, event by event.
#[derive(Default)]
struct Tablet {
    custody: Custody,
    at: i64,
}

impl Tablet {
    fn step(&mut self, by: u128, event: Event) -> Result<Vec<Flag>, Refusal> {
        self.at += 1000;
        let recorded = Recorded {
            at: Timestamp(self.at),
            event,
        };
        let step = transition(&EDITION, &self.custody, officer(by), &recorded)?;
        self.custody = step.custody;
        Ok(step.flags)
    }

    fn may(&mut self, by: u128, event: Event, flags: &[Flag]) -> &mut Self {
        let told = format!("{event:?}");
        assert_eq!(self.step(by, event).as_deref(), Ok(flags), "{told}");
        self
    }

    fn refuses(&mut self, by: u128, event: Event, refusal: Refusal) -> &mut Self {
        let before = self.custody.clone();
        let told = format!("{event:?}");
        assert_eq!(self.step(by, event), Err(refusal), "{told}");
        assert_eq!(self.custody, before);
        self
    }
}

#[test]
fn p13_red_is_taken_by_name_alone_and_a_change_in_mid_shift_is_flagged() {
    let mut tablet = Tablet::default();
    tablet
        .refuses(1, taken_red(None), Refusal::NotReady)
        .refuses(1, taken_red(Some("  ")), Refusal::NotReady)
        .refuses(1, taken_red(Some(&"a".repeat(2000))), Refusal::TextTooLong)
        .may(1, taken_red(Some("Navbatchiyev")), &[Flag::NotReady]);
    let checked = |level| Event::Checked {
        readiness: readiness(level),
    };
    tablet
        .may(1, checked(Level::Attention), &[])
        .may(1, checked(Level::NotReady), &[Flag::NotReady])
        .refuses(2, checked(Level::Ready), Refusal::HeldByAnother);
    // Where nothing was checked, nothing is ready.
    assert_eq!(Readiness::default().level(), Level::NotReady);
}

#[test]
fn p13_levels_turn_at_the_numbers_of_the_edition() {
    let limits = &EDITION.limits.readiness;
    let less = [
        (CheckKind::Battery, limits.battery_percent),
        (CheckKind::Storage, limits.storage_mib),
        (CheckKind::Certificate, limits.certificate_days),
        (CheckKind::Lease, limits.lease_minutes),
    ];
    let more = [
        (CheckKind::Clock, limits.clock_seconds),
        (CheckKind::Queue, limits.queue_events),
    ];
    let of = |kind, value| Check::measured(limits, kind, value).level;
    for (kind, bound) in less {
        assert_eq!(of(kind, bound.attention), Level::Ready, "{kind:?}");
        assert_eq!(of(kind, bound.attention - 1), Level::Attention);
        assert_eq!(of(kind, bound.not_ready), Level::Attention);
        assert_eq!(of(kind, bound.not_ready - 1), Level::NotReady);
    }
    for (kind, bound) in more {
        assert_eq!(of(kind, bound.attention), Level::Ready, "{kind:?}");
        assert_eq!(of(kind, bound.attention + 1), Level::Attention);
        assert_eq!(of(kind, bound.not_ready), Level::Attention);
        assert_eq!(of(kind, bound.not_ready + 1), Level::NotReady);
    }
    let mut later = readiness(Level::Ready);
    later.checks[0].value = Some(49);
    assert!(!later.differs(&readiness(Level::Ready)), "numbers alone");
    assert!(later.differs(&readiness(Level::Attention)));
    assert!(later.differs(&Readiness::default()));
}

#[test]
fn p31_photos_are_of_one_holding_and_no_more_than_the_edition_takes() {
    let most = u128::try_from(EDITION.limits.condition_photos).unwrap();
    let shown = |count| Condition {
        damage: None,
        photos: photos(count),
    };
    let more = |count| Event::Damaged {
        note: "burchagi singan".into(),
        photos: photos(count),
    };
    let taken = |count| Event::TakenOver {
        custody: CustodyId(Uuid::from_u128(1)),
        from: place(),
        readiness: readiness(Level::Ready),
        condition: shown(count),
        overridden: None,
    };
    let mut tablet = Tablet::default();
    tablet
        .refuses(1, taken(most + 1), Refusal::TooManyPhotos)
        .may(1, taken(most - 1), &[])
        .may(1, more(1), &[Flag::NewDamage])
        .refuses(1, more(1), Refusal::TooManyPhotos)
        .may(1, more(0), &[]);
    // Those of the taking over come first and stay.
    let mut expected = photos(most - 1);
    expected.extend(photos(1));
    assert_eq!(tablet.custody.photos, expected);
    let back = |count| handed_in(place(), HandInReason::EndOfDuty, shown(count));
    tablet
        .refuses(1, back(most + 1), Refusal::TooManyPhotos)
        .may(1, back(2), &[]);
    assert_eq!(tablet.custody.photos, photos(2));
    assert_eq!(Refusal::TooManyPhotos.paragraph().0, 31);
}

#[test]
fn p15_after_dismissal_it_goes_to_a_person_and_never_to_a_place() {
    let dismissed = |to| handed_in(to, HandInReason::Dismissed, Condition::default());
    let mut tablet = Tablet::default();
    tablet
        .may(1, taken(), &[])
        .refuses(1, dismissed(place()), Refusal::PersonNeeded)
        .may(1, dismissed(confirmed(9)), &[]);
}

#[test]
fn p16_from_hand_to_hand_with_both_confirming() {
    let mut tablet = Tablet::default();
    tablet
        .refuses(1, end(), Refusal::NotHeld)
        .refuses(1, taken_from(named(" ")), Refusal::PartyMissing)
        .refuses(1, taken_from(confirmed(1)), Refusal::ToThemselves)
        .may(1, taken_from(confirmed(9)), &[])
        .refuses(1, taken(), Refusal::AlreadyHeld)
        .refuses(2, end(), Refusal::HeldByAnother)
        .may(1, end(), &[])
        .may(2, taken_from(named("Namunayev")), &[Flag::NotConfirmed]);
    // Not handed in, and taken all the same: that is told, and is no reason to refuse.
    tablet.may(3, taken(), &[Flag::NotHandedIn { by: officer(2) }]);
    assert_eq!(tablet.custody.holder.officer(), Some(officer(3)));
}

/// As central replays it.
fn replayed(tablet: &mut Tablet, by: u128, event: Event) -> Vec<Flag> {
    tablet.at += 1000;
    let at = Timestamp(tablet.at);
    let step = record(
        &EDITION,
        &tablet.custody,
        officer(by),
        &Recorded { at, event },
    );
    tablet.custody = step.custody;
    step.flags
}

#[test]
fn p16_who_goes_on_in_another_session_has_not_handed_it_to_anybody() {
    let mut tablet = Tablet::default();
    assert_eq!(replayed(&mut tablet, 1, taken()), []);
    assert_eq!(replayed(&mut tablet, 1, taken()), [], "a new session");
    let red = replayed(&mut tablet, 1, taken_red(Some("Namunayev")));
    assert_eq!(red, [Flag::NotReady], "what it shows is told all the same");
    let nameless = replayed(&mut tablet, 1, taken_red(None));
    let refusal = Refusal::NotReady;
    assert_eq!(nameless, [Flag::OutOfOrder { refusal }]);
    assert_eq!(tablet.custody.holder.officer(), Some(officer(1)));
    assert_eq!(replayed(&mut tablet, 1, end()), []);
}

#[test]
fn p31_damage_is_flagged_once_and_by_whom_it_was_seen_first() {
    let mut tablet = Tablet::default();
    let with = |what: &str| handed_in(place(), HandInReason::EndOfDuty, damaged(what));
    tablet
        .may(1, taken(), &[])
        .refuses(1, noted(" "), Refusal::DamageMissing)
        .may(1, noted("ekran"), &[Flag::NewDamage])
        .refuses(1, with(""), Refusal::DamageMissing)
        .may(1, with(" ekran "), &[]);
    assert_eq!(tablet.custody.damage.as_deref(), Some("ekran"));
    tablet.may(2, taken(), &[]);
    assert_eq!(tablet.custody.damage, None, "mended meanwhile");
    tablet.may(2, with("burchak"), &[Flag::NewDamage]);
}

#[test]
fn every_event_is_written_as_version_1_wrote_it_and_read_so() {
    let written = serde_json::to_string_pretty(&samples()).unwrap();
    assert_eq!(written, FIXTURE.trim_end());
    let read: Vec<Recorded> = serde_json::from_str(FIXTURE).unwrap();
    assert_eq!(read, samples());
    // What a newer program checks is read, too.
    let newer = r#"{"kind":"of_the_future","level":"ready","value":null}"#;
    let check: Check = serde_json::from_str(newer).unwrap();
    assert_eq!(check.kind, CheckKind::Other);
}

#[test]
fn debug_says_nothing_that_was_typed() {
    let mut custody = Custody::default();
    for recorded in samples() {
        custody = record(&EDITION, &custody, officer(1), &recorded).custody;
        let told = format!("{recorded:?} {custody:?}");
        for typed in ["amuna", "ekran", "burchak", "chiyev", "qismi"] {
            assert!(!told.contains(typed), "{told}");
        }
    }
}

fn samples() -> Vec<Recorded> {
    let events = every_event().into_iter().zip(1..);
    let recorded = events.map(|(event, n)| Recorded {
        at: Timestamp(n * 1000),
        event,
    });
    recorded.collect()
}

fn every_event() -> Vec<Event> {
    let kinds = [
        CheckKind::Battery,
        CheckKind::Storage,
        CheckKind::Clock,
        CheckKind::Scanner,
        CheckKind::Camera,
        CheckKind::Connection,
        CheckKind::Certificate,
        CheckKind::Lease,
        CheckKind::Queue,
        CheckKind::Version,
    ];
    let every_check = |level| Readiness {
        checks: kinds
            .map(|kind| Check {
                kind,
                level,
                value: None,
            })
            .to_vec(),
    };
    let by_roster = Party::Confirmed {
        officer: officer(8),
        name: "Namunayev N.".into(),
        by: ConfirmedBy::Roster,
    };
    vec![
        taken(),
        Event::TakenOver {
            custody: CustodyId(Uuid::from_u128(3)),
            from: confirmed(9),
            readiness: every_check(Level::NotReady),
            condition: damaged("ekran"),
            overridden: Some("Navbatchiyev".into()),
        },
        Event::Checked {
            readiness: every_check(Level::Attention),
        },
        noted("burchak"),
        handed_in(place(), HandInReason::EndOfDuty, Condition::default()),
        handed_in(by_roster, HandInReason::NotNeeded, damaged("ekran")),
        handed_in(
            named("Omborchiyev"),
            HandInReason::Broken,
            Condition::default(),
        ),
        handed_in(confirmed(9), HandInReason::Dismissed, Condition::default()),
    ]
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just(" \n".to_owned()),
        Just("Namuna".to_owned()),
        Just("n".repeat(3000)),
    ]
}

fn any_party() -> impl Strategy<Value = Party> {
    prop_oneof![
        any_text().prop_map(|place| Party::Place { place }),
        any_text().prop_map(|name| Party::Named { name }),
        (1..4_u128).prop_map(confirmed),
    ]
}

/// Also more than are taken.
fn any_photos() -> impl Strategy<Value = Vec<CaptureId>> {
    (0..10_u128).prop_map(photos)
}

fn any_condition() -> impl Strategy<Value = Condition> {
    let damage = proptest::option::of(any_text());
    (damage, any_photos()).prop_map(|(damage, photos)| Condition { damage, photos })
}

fn any_readiness() -> impl Strategy<Value = Readiness> {
    prop_oneof![
        Just(Readiness::default()),
        Just(readiness(Level::Ready)),
        Just(readiness(Level::Attention)),
        Just(readiness(Level::NotReady)),
    ]
}

fn any_event() -> impl Strategy<Value = Event> {
    let why = prop_oneof![
        Just(HandInReason::EndOfDuty),
        Just(HandInReason::Broken),
        Just(HandInReason::Dismissed),
    ];
    prop_oneof![
        (
            any_party(),
            any_readiness(),
            any_condition(),
            proptest::option::of(any_text())
        )
            .prop_map(
                |(from, readiness, condition, overridden)| Event::TakenOver {
                    custody: CustodyId(Uuid::from_u128(5)),
                    from,
                    readiness,
                    condition,
                    overridden,
                }
            ),
        any_readiness().prop_map(|readiness| Event::Checked { readiness }),
        (any_text(), any_photos()).prop_map(|(note, photos)| Event::Damaged { note, photos }),
        (any_party(), why, any_condition())
            .prop_map(|(to, why, condition)| handed_in(to, why, condition)),
    ]
}

proptest! {
    #[test]
    fn no_order_of_taps_hands_in_what_is_not_held_or_takes_red_without_a_name(
        events in proptest::collection::vec((1..4_u128, any_event()), 1..40)
    ) {
        let mut tablet = Tablet::default();
        for (by, event) in events {
            let before = tablet.custody.clone();
            let held = before.holder.officer();
            match tablet.step(by, event.clone()) {
                Err(_) => prop_assert_eq!(&tablet.custody, &before),
                Ok(flags) => match event {
                    Event::TakenOver { from, readiness, overridden, .. } => {
                        prop_assert_ne!(held, Some(officer(by)));
                        let red = readiness.level() == Level::NotReady;
                        let name = overridden.unwrap_or_default();
                        prop_assert!(!red || !name.trim().is_empty());
                        prop_assert_eq!(red, flags.contains(&Flag::NotReady));
                        let named = matches!(from, Party::Named { .. });
                        prop_assert_eq!(named, flags.contains(&Flag::NotConfirmed));
                        prop_assert_eq!(
                            held.map(|by| Flag::NotHandedIn { by }),
                            flags.iter().find(|f| matches!(f, Flag::NotHandedIn { .. })).copied()
                        );
                        prop_assert_eq!(tablet.custody.holder.officer(), Some(officer(by)));
                    }
                    Event::HandedIn { to, why, .. } => {
                        prop_assert_eq!(held, Some(officer(by)));
                        let place = matches!(to, Party::Place { .. });
                        prop_assert!(!(why == HandInReason::Dismissed && place));
                        prop_assert_eq!(tablet.custody.holder.officer(), None);
                    }
                    Event::Checked { .. } | Event::Damaged { .. } => {
                        prop_assert_eq!(held, Some(officer(by)));
                        prop_assert_eq!(&tablet.custody.holder, &before.holder);
                    }
                },
            }
        }
    }

    #[test]
    fn whatever_arrives_is_recorded_and_what_is_true_is_kept(
        events in proptest::collection::vec((1..4_u128, any_event()), 1..40)
    ) {
        let mut custody = Custody::default();
        for (n, (by, event)) in events.into_iter().enumerate() {
            let at = Timestamp(i64::try_from(n).unwrap());
            let recorded = Recorded { at, event: event.clone() };
            let strict = transition(&EDITION, &custody, officer(by), &recorded);
            let before = custody.holder.officer();
            let step = record(&EDITION, &custody, officer(by), &recorded);
            match strict {
                Ok(strict) => prop_assert_eq!(&step, &strict),
                // Gone on with in another session.
                Err(Refusal::AlreadyHeld) => {
                    let refusal = Refusal::AlreadyHeld;
                    let flag = Flag::OutOfOrder { refusal };
                    prop_assert!(!step.flags.contains(&flag));
                }
                Err(refusal) => {
                    let flag = Flag::OutOfOrder { refusal };
                    prop_assert!(step.flags.contains(&flag));
                }
            }
            custody = step.custody;
            let after = custody.holder.officer();
            match event {
                // Who says to have it in hand has it; who says to have handed it in has it no more.
                Event::TakenOver { .. } => prop_assert_eq!(after, Some(officer(by))),
                Event::HandedIn { .. } => prop_assert_ne!(after, Some(officer(by))),
                Event::Checked { .. } | Event::Damaged { .. } => prop_assert_eq!(after, before),
            }
        }
    }
}
