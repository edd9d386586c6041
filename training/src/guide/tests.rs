#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use demo::cable::Cable;
use demo::emulator::{EmulatedCamera, EmulatedScanner};
use regulation::Timestamp;
use regulation::encounter::{Event, Place, PlaceSource};
use std::net::SocketAddr;
use tablet::device::SystemClock;
use tablet::pages::{ClosedView, Delivery, IntroduceView, Screen};

#[path = "../../tests/drawn/mod.rs"]
mod drawn;
use drawn::{of, page};

/// A guide between nobody and nobody; its central has nothing.
async fn guide() -> (Guide, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let config = central::Config::new(dir.path().join("central"), listen);
    central::Central::init(&config).unwrap();
    let archive = central::Admin::open(&config).unwrap().archive();
    let edition = Arc::new(Edition::shipped().unwrap());
    let scenarios: Arc<[Scenario]> = crate::scenario::shipped(&edition).unwrap().into();
    let (scanner, panel) = EmulatedScanner::new();
    let cable = Cable::new(listen, 0).await.unwrap();
    let results = dir.path().join("results");
    std::fs::create_dir(&results).unwrap();
    let parts = Parts {
        scenarios,
        edition,
        words: Arc::new(Words::shipped().unwrap()),
        outside: Outside {
            cable,
            scanner,
            panel,
            camera: EmulatedCamera::new().1,
        },
        archive,
        clock: Arc::new(SystemClock::new()),
        results,
    };
    let (to_screen, _) = unbounded_channel();
    let (to_worker, _) = unbounded_channel();
    let (told, _) = unbounded_channel();
    (Guide::new(parts, to_screen, to_worker, told), dir)
}

fn id(encounter: u128) -> EncounterId {
    EncounterId(uuid::Uuid::from_u128(encounter))
}

fn home(session: u128) -> PageView {
    of(session, page(Screen::Home))
}

fn inside(session: u128, encounter: u128, shown: Page) -> PageView {
    of(session, drawn::inside(encounter, shown))
}

fn introduce(session: u128, encounter: u128) -> PageView {
    let shown = IntroduceView {
        words: String::new(),
        citizen_language: Language::UzbekCyrillic,
        places: Vec::new(),
        reminders: Vec::new(),
        warning: None,
    };
    inside(session, encounter, Page::Introduce(shown))
}

fn finger(session: u128, encounter: u128) -> PageView {
    of(session, drawn::finger(encounter, FingerStatus::Ready))
}

fn closed(session: u128, encounter: u128) -> PageView {
    let shown = ClosedView {
        id: id(encounter),
        place: String::new(),
        opened_at: String::new(),
        closed_at: String::new(),
        minutes: 1,
        outcome: None,
        flags: Vec::new(),
        delivery: Delivery::default(),
        waiting: 0,
        answer: false,
        attention: false,
        receipt: false,
    };
    inside(session, encounter, Page::Closed(shown))
}

/// What central tells of an encounter, begun in that minute.
fn found(encounter: u128, minute: i64) -> Found {
    let at = |minute: i64| Timestamp(1_795_836_000_000 + minute * 60_000);
    let opened = Event::Opened {
        place: Place {
            text: "Намуна бекати".into(),
            source: PlaceSource::Typed,
        },
        citizen_language: Language::UzbekCyrillic,
    };
    Found {
        encounter: id(encounter),
        events: vec![
            Recorded {
                at: at(minute),
                event: opened,
            },
            Recorded {
                at: at(minute + 1),
                event: Event::Closed,
            },
        ],
    }
}

fn named(guide: &Guide, id: &str) -> usize {
    let mut scenarios = guide.parts.scenarios.iter();
    scenarios.position(|s| s.id == id).unwrap()
}

fn begin(guide: &mut Guide, number: usize) {
    guide.command(TrainingCommand::Course);
    guide.command(TrainingCommand::Choose(number));
    guide.command(TrainingCommand::Begin);
    assert_eq!(guide.running(), Some(number));
}

/// When the tries of a situation were opened, in their order.
fn opened(results: &Results, number: usize) -> Vec<i64> {
    results.of(number).iter().map(|t| t.opened.0).collect()
}

fn waiting(guide: &Guide) -> Vec<usize> {
    let rows = guide.course(Language::English).rows.into_iter().enumerate();
    rows.filter(|(_, row)| row.title.ends_with("waiting for central"))
        .map(|(n, _)| n)
        .collect()
}

#[tokio::test]
async fn a_situation_that_was_locked_in_the_middle_is_judged() {
    let (mut guide, dir) = guide().await;
    let dead = named(&guide, "dead-scanner");
    guide.page(home(1));
    begin(&mut guide, dead);
    guide.page(finger(1, 5));
    guide.page(page(Screen::Login));
    assert_eq!(guide.running(), Some(dead));
    guide.page(finger(1, 5));
    guide.page(closed(1, 5));
    // And locked again, while central is waited for.
    guide.page(page(Screen::Login));
    guide.judged(&found(5, 0));
    guide.page(home(1));
    assert_eq!(opened(guide.results().unwrap(), dead), [1_795_836_000_000]);
    assert!(matches!(&guide.at, At::Feedback(n, _, Some(_)) if *n == dead));
    let files = std::fs::read_dir(dir.path().join("results")).unwrap();
    assert_eq!(files.count(), 2);
}

#[tokio::test]
async fn what_central_has_not_confirmed_is_judged_while_another_is_played() {
    let (mut guide, _dir) = guide().await;
    let (offline, clear) = (named(&guide, "no-network"), named(&guide, "clear"));
    guide.page(home(1));
    begin(&mut guide, offline);
    guide.page(finger(1, 5));
    guide.page(closed(1, 5));
    assert_eq!(waiting(&guide), [offline]);
    // The same once more, and another one, before central has told of any.
    guide.page(home(1));
    begin(&mut guide, offline);
    guide.page(finger(1, 6));
    guide.page(closed(1, 6));
    guide.page(home(1));
    begin(&mut guide, clear);
    guide.page(finger(1, 7));
    // The later one comes first.
    guide.judged(&found(6, 10));
    assert_eq!(waiting(&guide), [offline]);
    guide.judged(&found(5, 0));
    assert!(waiting(&guide).is_empty());
    let first = 1_795_836_000_000;
    assert_eq!(
        opened(guide.results().unwrap(), offline),
        [first, first + 600_000]
    );
    assert_eq!(guide.running(), Some(clear), "it goes on");
    guide.page(closed(1, 7));
    // Nothing is judged twice.
    guide.judged(&found(5, 0));
    assert!(matches!(&guide.at, At::Feedback(n, _, None) if *n == clear));
    guide.judged(&found(7, 20));
    assert!(matches!(&guide.at, At::Feedback(n, _, Some(_)) if *n == clear));
    assert_eq!(opened(guide.results().unwrap(), offline).len(), 2);
    assert_eq!(opened(guide.results().unwrap(), clear).len(), 1);
}

#[tokio::test]
async fn a_try_that_is_confirmed_late_is_told_of_who_played_it() {
    let (mut guide, dir) = guide().await;
    let offline = named(&guide, "no-network");
    guide.typed_login = Some("birinchi".into());
    guide.page(home(1));
    begin(&mut guide, offline);
    guide.page(finger(1, 5));
    guide.page(closed(1, 5));
    guide.page(page(Screen::Login));
    guide.typed_login = Some("ikkinchi".into());
    guide.page(home(2));
    assert!(waiting(&guide).is_empty(), "not of who is there now");
    guide.judged(&found(5, 0));
    let told: Vec<_> = guide
        .sittings
        .iter()
        .map(|results| (results.trainee(), results.of(offline).len()))
        .collect();
    assert_eq!(told, [("birinchi", 1), ("ikkinchi", 0)]);
    for file in std::fs::read_dir(dir.path().join("results")).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert!(name.starts_with("birinchi-"), "{name}");
    }
}

#[tokio::test]
async fn an_encounter_left_before_its_first_record_and_begun_anew_is_still_the_situation() {
    let (mut guide, _dir) = guide().await;
    let clear = named(&guide, "clear");
    guide.page(home(1));
    begin(&mut guide, clear);
    guide.page(introduce(1, 5));
    guide.page(home(1));
    guide.page(introduce(1, 6));
    guide.page(finger(1, 6));
    // One that is only looked at is not it.
    guide.page(introduce(1, 8));
    guide.page(closed(1, 6));
    assert_eq!(guide.running(), None);
    guide.judged(&found(6, 0));
    assert_eq!(opened(guide.results().unwrap(), clear).len(), 1);
}
