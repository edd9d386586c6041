//! The bodycam's shift (§17 to §21, §23, §32): what may follow what, what is flagged, what must never
//! happen, and the names on the wire.

use proptest::prelude::*;
use regulation::bodycam::*;
use regulation::{Edition, FaultId, MeansId, PauseId, Timestamp};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use uuid::Uuid;

static EDITION: LazyLock<Edition> = LazyLock::new(|| Edition::shipped().unwrap());
const FIXTURE: &str = include_str!("../fixtures/bodycam-v1.json");
const MINUTE: i64 = 60_000;

fn p(n: u128) -> PauseId {
    PauseId(Uuid::from_u128(n))
}

fn f(n: u128) -> FaultId {
    FaultId(Uuid::from_u128(n))
}

fn received() -> Event {
    Event::Received {
        camera: "BK-0001".parse().unwrap(),
        battery_percent: 97,
        battery: None,
        emptied: true,
        worn: true,
    }
}

fn asked(n: u128) -> Event {
    Event::PauseAsked {
        pause: p(n),
        why: "meal".into(),
        minutes: 30,
    }
}

fn decided(n: u128, granted: bool) -> Event {
    Event::PauseDecided {
        pause: p(n),
        granted,
    }
}

fn by_voice(n: u128) -> Event {
    Event::PausePermittedByVoice {
        pause: p(n),
        by: PermittedBy::DutyUnit,
        name: "Navbatchiyev Namuna".into(),
    }
}

fn began(n: u128) -> Event {
    Event::PauseBegan { pause: p(n) }
}

fn faulted(n: u128) -> Event {
    Event::Faulted {
        fault: f(n),
        what: "flat_battery".into(),
        note: None,
    }
}

fn other_means() -> Event {
    Event::RecordedByOtherMeans {
        means: None,
        device: "phone".into(),
        owner: DeviceOwner::Own,
        from: Timestamp(1),
        to: Timestamp(2),
        note: None,
    }
}

/// The same, with what the desk takes it in by.
fn given(n: u128) -> Event {
    Event::RecordedByOtherMeans {
        means: Some(MeansId(Uuid::from_u128(n))),
        device: "phone".into(),
        owner: DeviceOwner::Own,
        from: Timestamp(1),
        to: Timestamp(2),
        note: None,
    }
}

fn by_step(step: &str) -> Event {
    Event::Received {
        camera: "BK-0002".parse().unwrap(),
        battery_percent: 60,
        battery: Some(step.into()),
        emptied: true,
        worn: true,
    }
}

fn carried(on: bool) -> Event {
    Event::CarriedOver {
        camera: "BK-0001".parse().unwrap(),
        since: Timestamp(0),
        on,
    }
}

/// A shift, event by event, each a minute after the one before.
struct Shift {
    duty: Duty,
    at: i64,
}

impl Shift {
    fn of(events: &[Event]) -> Self {
        let mut shift = Self {
            duty: Duty::default(),
            at: 0,
        };
        for event in events {
            shift.may(event.clone());
        }
        shift
    }

    fn recording() -> Self {
        Self::of(&[received(), Event::SwitchedOn])
    }

    fn later(&mut self, minutes: i64) -> &mut Self {
        self.at += (minutes - 1) * MINUTE;
        self
    }

    fn step(&mut self, event: Event) -> Result<(), Refusal> {
        self.at += MINUTE;
        let recorded = Recorded {
            at: Timestamp(self.at),
            event,
        };
        self.duty = transition(&EDITION, &self.duty, &recorded)?;
        Ok(())
    }

    fn may(&mut self, event: Event) -> &mut Self {
        let told = format!("{event:?}");
        assert_eq!(self.step(event), Ok(()), "{told}");
        self
    }

    fn refuses(&mut self, event: Event, refusal: Refusal) -> &mut Self {
        let before = self.duty.clone();
        assert_eq!(self.step(event), Err(refusal));
        assert_eq!(self.duty, before);
        self
    }
}

#[test]
fn p18_it_records_from_start_to_end_and_a_gap_is_flagged() {
    let mut shift = Shift::of(&[]);
    assert_eq!(shift.duty.warning(), Some(Warning::NotAssigned));
    shift.refuses(Event::SwitchedOn, Refusal::NotReceived);
    shift.may(received());
    assert_eq!(shift.duty.warning(), Some(Warning::NotOn));
    shift.refuses(received(), Refusal::AlreadyReceived);
    shift.may(Event::SwitchedOn);
    assert_eq!(shift.duty.warning(), None);
    shift.refuses(Event::SwitchedOn, Refusal::AlreadyOn);
    shift.refuses(
        Event::Returned {
            battery_percent: None,
        },
        Refusal::StillOn,
    );
    assert!(shift.duty.flags.is_empty());
    // §19: switched off and on again, with neither permission nor fault.
    shift.may(Event::SwitchedOff);
    let from = Timestamp(shift.at);
    shift.refuses(Event::SwitchedOff, Refusal::NotOn);
    shift.later(7).may(Event::SwitchedOn);
    let to = Timestamp(shift.at);
    assert_eq!(shift.duty.flags, [Flag::Gap { from, to }]);
}

#[test]
fn p18_the_way_to_the_desk_is_no_gap_and_hours_are_one() {
    let returned = Event::Returned {
        battery_percent: Some(20),
    };
    let limit = i64::try_from(EDITION.limits.camera_off_minutes).unwrap();
    for (minutes, flags) in [(limit, 0), (limit + 1, 1)] {
        let mut shift = Shift::recording();
        shift.may(Event::SwitchedOff).later(minutes);
        assert_eq!(
            shift
                .duty
                .ended(&EDITION, Timestamp(shift.at + MINUTE))
                .flags
                .len(),
            flags
        );
        shift.may(returned.clone());
        assert_eq!(shift.duty.flags.len(), flags, "{minutes} minutes");
        assert_eq!(shift.duty.status, Status::NotAssigned);
    }
    // Never on at all.
    let mut shift = Shift::of(&[received()]);
    assert_eq!(
        shift.duty.ended(&EDITION, Timestamp(9)).flags,
        [Flag::NeverOn]
    );
    shift.may(returned);
    assert_eq!(shift.duty.flags, [Flag::NeverOn]);
}

#[test]
fn p17_and_p23_what_is_not_as_it_is_to_be_is_recorded_and_flagged() {
    let shift = Shift::of(&[Event::Received {
        camera: "bk 77".parse().unwrap(),
        battery_percent: 5,
        battery: None,
        emptied: false,
        worn: false,
    }]);
    assert_eq!(
        shift.duty.flags,
        [Flag::MemoryNotEmpty, Flag::NotWornAsRequired]
    );
    assert_eq!(shift.duty.camera.clone().unwrap().to_string(), "BK77");
    Shift::of(&[]).refuses(
        Event::Received {
            camera: "BK-1".parse().unwrap(),
            battery_percent: 101,
            battery: None,
            emptied: true,
            worn: true,
        },
        Refusal::Battery,
    );
    for wrong in ["", "abc", "БК-0001", "BK_0001", &"A".repeat(33)] {
        assert!(wrong.parse::<Serial>().is_err(), "{wrong}");
    }
    assert!(serde_json::from_str::<Serial>("\"x\"").is_err());
}

#[test]
fn p20_no_pause_without_permission_and_for_rest_and_meals_only() {
    let mut shift = Shift::recording();
    let other = |why: &str, minutes| Event::PauseAsked {
        pause: p(1),
        why: why.into(),
        minutes,
    };
    shift
        .refuses(other("tired", 30), Refusal::PauseReasonUnknown)
        .refuses(other("rest", 0), Refusal::PauseLength)
        .refuses(
            other("rest", EDITION.limits.pause_minutes + 1),
            Refusal::PauseLength,
        )
        .refuses(began(1), Refusal::PauseUnknown)
        .may(asked(1))
        .refuses(asked(2), Refusal::PauseOpen)
        .refuses(began(1), Refusal::PauseNotPermitted)
        .may(decided(1, true))
        .refuses(decided(1, false), Refusal::PauseDecided)
        .may(began(1));
    assert_eq!(shift.duty.warning(), Some(Warning::Paused));
    shift
        .refuses(began(1), Refusal::NotOn)
        .refuses(Event::SwitchedOn, Refusal::AlreadyOn)
        .may(Event::Resumed)
        .refuses(Event::Resumed, Refusal::NotPaused)
        .refuses(began(1), Refusal::PauseUnknown);
    assert!(shift.duty.flags.is_empty());
    // Refused, or taken back: the next may be asked for.
    shift
        .may(asked(2))
        .may(decided(2, false))
        .refuses(began(2), Refusal::PauseUnknown)
        .may(asked(3))
        .may(Event::PauseWithdrawn { pause: p(3) })
        .refuses(began(3), Refusal::PauseUnknown)
        .refuses(asked(3), Refusal::PauseOpen)
        .may(asked(4));
}

#[test]
fn p20_what_was_asked_for_goes_with_the_bodycam_that_is_handed_back() {
    let ways: [&[Event]; 3] = [&[], &[decided(1, true)], &[by_voice(1)]];
    for permission in ways {
        let mut shift = Shift::recording();
        shift.may(asked(1));
        for event in permission {
            shift.may(event.clone());
        }
        shift.may(Event::SwitchedOff).may(Event::Returned {
            battery_percent: None,
        });
        assert!(shift.duty.open_pause().is_none());
        shift
            .may(received())
            .may(Event::SwitchedOn)
            .refuses(began(1), Refusal::PauseUnknown)
            .may(asked(2));
    }
}

#[test]
fn p20_permission_by_voice_has_a_name_and_is_confirmed_or_flagged() {
    for confirmed in [true, false] {
        let mut shift = Shift::recording();
        shift
            .may(asked(1))
            .refuses(
                Event::PausePermittedByVoice {
                    pause: p(1),
                    by: PermittedBy::Commander,
                    name: "  ".into(),
                },
                Refusal::NameMissing,
            )
            .may(by_voice(1))
            .refuses(by_voice(1), Refusal::PauseDecided)
            .may(began(1))
            // What happened is on record: the pause goes on.
            .may(decided(1, confirmed))
            .refuses(decided(1, true), Refusal::PauseDecided)
            .may(Event::Resumed);
        let flags: &[Flag] = if confirmed {
            &[]
        } else {
            &[Flag::VoiceNotConfirmed { pause: p(1) }]
        };
        assert_eq!(shift.duty.flags, flags);
    }
}

#[test]
fn p20_a_pause_longer_than_permitted_is_flagged_however_it_ends() {
    let ends: [fn(&mut Shift); 4] = [
        |shift| {
            shift.may(Event::Resumed);
        },
        |shift| {
            shift.may(Event::SwitchedOff);
        },
        |shift| {
            shift.may(faulted(1));
        },
        |shift| shift.duty = shift.duty.ended(&EDITION, Timestamp(shift.at + MINUTE)),
    ];
    for end in ends {
        for (minutes, overran) in [(30, false), (31, true)] {
            let mut shift = Shift::recording();
            shift.may(asked(1)).may(decided(1, true)).may(began(1));
            end(shift.later(minutes));
            let flag = Flag::PauseOverran { pause: p(1) };
            assert_eq!(shift.duty.flags.contains(&flag), overran);
            assert!(shift.duty.open_pause().is_none());
        }
    }
}

#[test]
fn p21_a_fault_is_reported_at_once_whatever_it_does() {
    let mut shift = Shift::of(&[]);
    shift.refuses(faulted(1), Refusal::NotReceived);
    let mut paused = Shift::recording();
    paused.may(asked(1)).may(decided(1, true)).may(began(1));
    let mut off = Shift::recording();
    off.may(Event::SwitchedOff);
    for mut shift in [Shift::of(&[received()]), Shift::recording(), paused, off] {
        shift
            .refuses(
                Event::Faulted {
                    fault: f(1),
                    what: "dropped".into(),
                    note: None,
                },
                Refusal::FaultKindUnknown,
            )
            .may(faulted(1))
            .refuses(faulted(2), Refusal::FaultOpen)
            .refuses(asked(9), Refusal::NotOn)
            .refuses(Event::Mended { fault: f(2) }, Refusal::FaultUnknown);
        assert_eq!(shift.duty.warning(), Some(Warning::Faulty));
        shift.may(Event::Mended { fault: f(1) });
        assert_eq!(shift.duty.status, Status::Recording);
        shift.refuses(faulted(1), Refusal::FaultOpen);
        // Another in its place.
        shift.may(faulted(3)).may(Event::Returned {
            battery_percent: None,
        });
        shift.may(received()).may(Event::SwitchedOn);
        assert_eq!(shift.duty.faults.len(), 2);
        assert!(shift.duty.faults[0].mended_at.is_some());
    }
}

#[test]
fn p32_other_means_may_always_be_recorded_and_want_a_fault() {
    let mut shift = Shift::of(&[other_means()]);
    assert_eq!(shift.duty.flags, [Flag::OtherMeansWithoutFault]);
    shift.refuses(
        Event::RecordedByOtherMeans {
            means: None,
            device: "drone".into(),
            owner: DeviceOwner::Colleague,
            from: Timestamp(1),
            to: Timestamp(2),
            note: None,
        },
        Refusal::DeviceUnknown,
    );
    shift.refuses(
        Event::RecordedByOtherMeans {
            means: None,
            device: "phone".into(),
            owner: DeviceOwner::Colleague,
            from: Timestamp(3),
            to: Timestamp(2),
            note: None,
        },
        Refusal::TimesReversed,
    );
    let mut shift = Shift::recording();
    shift.may(faulted(1)).may(other_means());
    assert!(shift.duty.flags.is_empty());
    assert_eq!(shift.duty.other_means.len(), 1);
}

#[test]
fn p18_what_is_carried_over_leaves_no_hole_in_the_log() {
    let mut shift = Shift::of(&[]);
    shift.later(30).refuses(
        Event::CarriedOver {
            camera: "BK-0001".parse().unwrap(),
            since: Timestamp(100 * MINUTE),
            on: true,
        },
        Refusal::TimesReversed,
    );
    shift.may(carried(true));
    assert_eq!(shift.duty.warning(), None);
    let from = Timestamp(0);
    assert_eq!(
        (shift.duty.on[0].from, shift.duty.held[0].from),
        (from, from)
    );
    shift.refuses(carried(true), Refusal::AlreadyReceived);
    shift.refuses(received(), Refusal::AlreadyReceived);
    // Off since then: on again, and all of it is a gap (§19).
    let mut shift = Shift::of(&[]);
    shift.later(30).may(carried(false));
    assert_eq!(shift.duty.status, Status::Off { since: from });
    shift.may(Event::SwitchedOn);
    let to = Timestamp(shift.at);
    assert_eq!(shift.duty.flags, [Flag::Gap { from, to }]);
}

#[test]
fn p19_the_log_says_when_it_recorded() {
    let mut shift = Shift::recording();
    shift.may(asked(1)).may(decided(1, true)).may(began(1));
    shift.may(Event::Resumed).may(faulted(1));
    shift.may(Event::Mended { fault: f(1) });
    shift.may(Event::SwitchedOff);
    shift.may(Event::Returned {
        battery_percent: None,
    });
    let times = |spans: &[Span]| {
        let minute = |at: Timestamp| at.0 / MINUTE;
        let each = spans.iter().map(|s| (minute(s.from), s.to.map(minute)));
        each.collect::<Vec<_>>()
    };
    let on = [(2, Some(5)), (6, Some(7)), (8, Some(9))];
    assert_eq!(times(&shift.duty.on), on);
    assert_eq!(times(&shift.duty.held), [(1, Some(10))]);
    shift.may(by_step("full")).may(Event::SwitchedOn);
    assert_eq!(times(&shift.duty.held), [(1, Some(10)), (11, None)]);
    assert_eq!(shift.duty.on[3].camera.to_string(), "BK-0002");
}

#[test]
fn p23_a_battery_may_be_told_by_a_step_of_the_edition_alone() {
    Shift::of(&[]).refuses(by_step("half"), Refusal::Battery);
    Shift::of(&[by_step("low")]);
}

#[test]
fn p32_a_recording_is_told_once() {
    let mut shift = Shift::recording();
    shift.may(faulted(1)).may(given(1)).may(given(2));
    shift.refuses(given(1), Refusal::MeansKnown);
    let ids: Vec<_> = shift.duty.other_means.iter().map(|m| m.id).collect();
    assert_eq!(ids, [1, 2].map(|n| Some(MeansId(Uuid::from_u128(n)))));
}

#[test]
fn p32_a_phone_of_somebodys_own_is_private_and_a_bodycam_never() {
    let private = |device, owner| EDITION.is_private(device, owner);
    assert!(private("phone", DeviceOwner::Own) && private("phone", DeviceOwner::Colleague));
    assert!(!private("phone", DeviceOwner::Service));
    assert!(!private("bodycam", DeviceOwner::Colleague));
}

#[test]
fn a_text_has_its_limit() {
    let long = "й".repeat(EDITION.limits.text_chars + 1);
    let mut shift = Shift::recording();
    shift.may(asked(1));
    for event in [
        Event::PausePermittedByVoice {
            pause: p(1),
            by: PermittedBy::DutyUnit,
            name: long.clone(),
        },
        Event::Faulted {
            fault: f(1),
            what: "other".into(),
            note: Some(long.clone()),
        },
        Event::RecordedByOtherMeans {
            means: None,
            device: "phone".into(),
            owner: DeviceOwner::Own,
            from: Timestamp(1),
            to: Timestamp(2),
            note: Some(long.clone()),
        },
    ] {
        shift.refuses(event, Refusal::TextTooLong);
    }
}

fn samples() -> Vec<Recorded> {
    let events = [
        received(),
        Event::SwitchedOn,
        asked(1),
        Event::PauseWithdrawn { pause: p(1) },
        asked(2),
        decided(2, true),
        by_voice(3),
        Event::PausePermittedByVoice {
            pause: p(4),
            by: PermittedBy::Commander,
            name: "Qoʻmondonov Namuna".into(),
        },
        began(2),
        Event::Resumed,
        faulted(1),
        Event::Faulted {
            fault: f(2),
            what: "other".into(),
            note: Some("kanareyka".into()),
        },
        Event::Mended { fault: f(1) },
        other_means(),
        Event::RecordedByOtherMeans {
            means: None,
            device: "bodycam".into(),
            owner: DeviceOwner::Colleague,
            from: Timestamp(5),
            to: Timestamp(6),
            note: Some("kanareyka".into()),
        },
        Event::RecordedByOtherMeans {
            means: None,
            device: "other".into(),
            owner: DeviceOwner::Service,
            from: Timestamp(5),
            to: Timestamp(6),
            note: None,
        },
        Event::SwitchedOff,
        Event::Returned {
            battery_percent: Some(12),
        },
        Event::Returned {
            battery_percent: None,
        },
        by_step("enough"),
        carried(true),
        carried(false),
        given(7),
    ];
    (1..)
        .map(|n| Timestamp(n * 1000))
        .zip(events)
        .map(|(at, event)| Recorded { at, event })
        .collect()
}

#[test]
fn every_event_is_written_as_version_1_wrote_it_and_read_so() {
    let written = serde_json::to_string_pretty(&samples()).unwrap();
    assert_eq!(written, FIXTURE.trim_end());
    let read: Vec<Recorded> = serde_json::from_str(FIXTURE).unwrap();
    assert_eq!(read, samples());
    let value = serde_json::to_value(samples()).unwrap();
    let kinds: BTreeSet<_> = value
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["event"]["event"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds.len(), KINDS);
}

/// Variants of [`Event`].
const KINDS: usize = 14;

#[test]
fn debug_says_nothing_that_was_typed() {
    for recorded in samples() {
        let told = format!("{recorded:?}");
        assert!(
            !told.contains("kanareyka") && !told.contains("Namuna"),
            "{told}"
        );
    }
    let mut duty = Duty::default();
    for recorded in samples() {
        duty = record(&EDITION, &duty, &recorded);
    }
    let told = format!("{duty:?}");
    assert!(
        !told.contains("kanareyka") && !told.contains("Namuna"),
        "{told}"
    );
}

/// An event out of a few numbers.
fn any_event(kind: u8, n: u128, yes: bool) -> Event {
    match kind {
        0 => received(),
        1 => Event::SwitchedOn,
        2 => asked(n),
        3 => Event::PauseWithdrawn { pause: p(n) },
        4 => decided(n, yes),
        5 => by_voice(n),
        6 => began(n),
        7 => Event::Resumed,
        8 => faulted(n),
        9 => Event::Mended { fault: f(n) },
        10 => other_means(),
        11 => Event::SwitchedOff,
        12 => carried(yes),
        _ => Event::Returned {
            battery_percent: None,
        },
    }
}

proptest! {
    /// Judged by the accepted events alone, never by the machine's own state.
    #[test]
    fn no_order_of_taps_pauses_without_a_permission(
        steps in prop::collection::vec((0_u8..14, 1_u128..4, any::<bool>(), 0_i64..40), 1..60)
    ) {
        let (mut strict, mut lenient) = (Duty::default(), Duty::default());
        let mut at = 0;
        let mut permitted = BTreeSet::new();
        let mut on = false;
        let mut paused = false;
        for (kind, n, yes, minutes) in steps {
            at += minutes * MINUTE;
            let event = any_event(kind, n, yes);
            let recorded = Recorded { at: Timestamp(at), event: event.clone() };
            let accepted = transition(&EDITION, &strict, &recorded);
            lenient = record(&EDITION, &lenient, &recorded);
            let Ok(next) = accepted else { continue };
            strict = next;
            match event {
                Event::PauseDecided { pause, granted: true }
                | Event::PausePermittedByVoice { pause, .. } => drop(permitted.insert(pause)),
                Event::PauseBegan { pause } => {
                    prop_assert!(permitted.remove(&pause), "a pause that nobody permitted");
                    prop_assert!(on && !paused);
                    paused = true;
                }
                Event::Resumed => {
                    prop_assert!(paused);
                    paused = false;
                }
                Event::SwitchedOn | Event::Mended { .. } | Event::CarriedOver { on: true, .. } => {
                    (on, paused) = (true, false);
                }
                Event::SwitchedOff | Event::Faulted { .. } => (on, paused) = (false, false),
                Event::Returned { .. } => prop_assert!(!on && !paused),
                _ => {}
            }
            prop_assert_eq!(strict.warning().is_none(), on && !paused);
            // §19: what the log says of its times is what it says of it now.
            let goes_on = |spans: &[Span]| spans.iter().filter(|s| s.to.is_none()).count();
            prop_assert_eq!(goes_on(&strict.on), usize::from(on && !paused));
            prop_assert_eq!(goes_on(&strict.held), usize::from(strict.is_held()));
            // What was accepted is flagged as nothing out of order.
            let out = strict.flags.iter().any(|flag| matches!(flag, Flag::OutOfOrder { .. }));
            prop_assert!(!out);
        }
        // The lenient one ends where the strict one does, and says what did not fit.
        let mut plain = lenient.clone();
        plain.flags.retain(|flag| !matches!(flag, Flag::OutOfOrder { .. }));
        prop_assert_eq!(plain, strict);
    }
}
