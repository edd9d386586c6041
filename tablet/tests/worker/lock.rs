//! PIN, idle lock, lock on suspend: what the pages show, what is kept, what comes back.

use crate::kit::{FACT, LONG, PIN, PLACE, Tablet, Turned};
use crate::support::{Central, NAME};
use protocol::Role;
use regulation::Timestamp;
use regulation::encounter::{DocumentKind, Explanation, Language};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tablet::device::{KeyStore, SystemClock};
use tablet::pages::{DocumentForm, LoginProblem, Page, PageView, PinProblem, Screen};
use tablet::vault::Vault;
use tablet::worker::{Command, LockPolicy};
use zeroize::Zeroizing;

/// Shows every word of a page, as the screen would.
fn words(page: &PageView) -> String {
    let mut words = vec![page.chrome.rank.clone(), page.chrome.unit.clone()];
    words.extend(page.typed.clone());
    match &page.page {
        Page::Home(home) => {
            words.push(home.officer.clone());
            words.extend(home.rows.iter().map(|r| r.place.clone()));
        }
        Page::Introduce(page) => {
            words.push(page.words.clone());
            words.extend(page.places.clone());
        }
        Page::Ground(page) => words.push(page.fact.clone()),
        _ => {}
    }
    words.join("\n")
}

#[test]
fn a_pin_is_asked_for_twice_and_easy_ones_are_refused() {
    let mut tablet = Tablet::new(LockPolicy::default());
    tablet.log_in();
    let page = tablet.screen(Screen::Pin);
    assert!(!page.chrome.lockable, "there is no PIN to open it again");
    let expect = |tablet: &mut Tablet, typed: &str, expected: PinProblem| {
        tablet.send(Command::ChoosePin(Zeroizing::new(typed.into())));
        tablet.wait(
            "the problem",
            |p| matches!(&p.page, Page::Pin(v) if v.problem == Some(expected) && !v.again),
        );
    };
    expect(&mut tablet, "12", PinProblem::Length);
    expect(&mut tablet, "1234", PinProblem::Trivial);
    tablet.send(Command::ChoosePin(Zeroizing::new(PIN.into())));
    tablet.wait("again", |p| matches!(&p.page, Page::Pin(v) if v.again));
    expect(&mut tablet, "4071", PinProblem::Differs);
    // No work before there is a PIN.
    tablet.send(Command::NewEncounter);
    tablet.choose_pin();
    tablet.screen(Screen::TakeOver);
}

#[test]
fn the_locked_page_holds_nothing_of_the_shift_and_the_pin_brings_back_where_it_was() {
    let mut tablet = Tablet::at_home(LockPolicy::default());
    tablet.reach_ground();
    let before = tablet.page.clone().unwrap();
    let shown: String = tablet.history.iter().map(words).collect();
    assert!(shown.contains(NAME) && shown.contains("leytenant"));
    tablet.typed(&["suspicion", FACT, "full", ""]);
    let locked = tablet.lock();
    assert_eq!(locked.stamp.session, None);
    assert_eq!(locked.stamp.encounter, None);
    assert_eq!(
        (locked.chrome.rank.as_str(), locked.chrome.unit.as_str()),
        ("", "")
    );
    assert_eq!(words(&locked).trim(), "");
    assert_ne!(before.chrome.queue, Default::default());
    assert_eq!(locked.chrome.queue, Default::default());
    assert!(locked.chrome.steps.is_empty() && locked.typed.is_empty());
    let Page::Locked(view) = &locked.page else {
        panic!("{:?}", locked.page)
    };
    assert_eq!(view.clock, "05:16");
    assert_eq!((view.busy, view.tries_left), (false, None));

    tablet.unlock("5555");
    tablet.wait(
        "a wrong PIN told",
        |p| matches!(&p.page, Page::Locked(v) if v.tries_left == Some(4)),
    );
    tablet.unlock(PIN);
    let after = tablet.screen(Screen::Ground);
    assert_eq!(after.stamp, before.stamp);
    assert_eq!(after.chrome.rank, before.chrome.rank);
    assert_eq!(after.typed, ["suspicion", FACT, "full", ""]);
    tablet.send(Command::StateGround {
        ground: "suspicion".into(),
        fact: FACT.into(),
        explanation: Explanation::Full,
    });
    let method = tablet.screen(Screen::Method);
    assert!(method.typed.is_empty(), "what was typed stays on its page");
    tablet.send(Command::ReviewGround);
    assert!(tablet.screen(Screen::Ground).typed.is_empty());
}

#[test]
fn what_was_typed_before_anything_is_recorded_comes_back_with_its_encounter() {
    let mut tablet = Tablet::at_home(LockPolicy::default());
    tablet.send(Command::NewEncounter);
    let before = tablet.screen(Screen::Introduce);
    tablet.send(Command::SetCitizenLanguage(Language::Russian));
    tablet.typed(&[PLACE, "", "1"]);
    tablet.lock();
    // Locked and opened twice: nobody touched the page between.
    tablet.unlock(PIN);
    tablet.screen(Screen::Introduce);
    tablet.lock();
    tablet.unlock(PIN);
    let after = tablet.screen(Screen::Introduce);
    assert_eq!(after.stamp, before.stamp);
    assert_eq!(after.typed, [PLACE, "", "1"]);
    assert!(matches!(&after.page, Page::Introduce(v) if v.citizen_language == Language::Russian));
}

#[test]
fn a_document_shown_back_is_shown_back_again() {
    let mut tablet = Tablet::at_home(LockPolicy::default());
    tablet.reach_method();
    tablet.send(Command::ChooseDocument);
    tablet.screen(Screen::Document);
    tablet.send(Command::ReviewDocument(DocumentForm {
        kind: Some(DocumentKind::Passport),
        number: "AA0000001".into(),
        surname: "Намунаев".into(),
        given: "Синов".into(),
        no_patronymic: true,
        birth_date: "01.01.1960".into(),
        ..DocumentForm::default()
    }));
    let shown_back = |p: &PageView| matches!(&p.page, Page::Document(d) if d.review.is_some());
    tablet.wait("shown back", shown_back);
    tablet.lock();
    tablet.unlock(PIN);
    tablet.wait("shown back", shown_back);
    tablet.send(Command::ConfirmDocument);
    tablet.screen(Screen::Outcome);
}

#[test]
fn five_wrong_pins_ask_for_the_password_and_for_a_new_pin() {
    let mut tablet = Tablet::at_home(LockPolicy::default());
    tablet.reach_ground();
    tablet.typed(&["suspicion", FACT, "", ""]);
    tablet.lock();
    for left in (1..5).rev() {
        tablet.unlock("5555");
        tablet.wait(
            "a wrong PIN told",
            |p| matches!(&p.page, Page::Locked(v) if v.tries_left == Some(left) && !v.busy),
        );
    }
    tablet.unlock("5555");
    let page = tablet.screen(Screen::Login);
    let Page::Login(view) = &page.page else {
        panic!("{:?}", page.page)
    };
    assert_eq!(view.problem, Some(LoginProblem::PinGone));
    assert!(view.shift_open);
    assert!(!tablet.keystore.entries().unwrap().contains(&"pin".into()));
    tablet.unlock(PIN);
    tablet.log_in();
    tablet.choose_pin();
    assert_eq!(
        tablet.screen(Screen::Ground).typed,
        ["suspicion", FACT, "", ""]
    );
}

#[test]
fn the_password_can_be_asked_for_instead() {
    let mut tablet = Tablet::at_home(LockPolicy::default());
    tablet.lock();
    tablet.send(Command::UsePassword);
    let page = tablet.screen(Screen::Login);
    assert!(matches!(&page.page, Page::Login(v) if v.shift_open && v.problem.is_none()));
    tablet.log_in();
    tablet.screen(Screen::Pin);
}

#[test]
fn without_a_pin_the_lock_asks_for_the_password() {
    let mut tablet = Tablet::at_home(LockPolicy {
        pin: false,
        ..LockPolicy::default()
    });
    tablet.reach_ground();
    tablet.send(Command::Lock);
    let page = tablet.screen(Screen::Login);
    assert_eq!(page.stamp.session, None);
    tablet.log_in();
    tablet.screen(Screen::Ground);
}

#[test]
fn a_tablet_left_alone_locks_itself() {
    let mut tablet = Tablet::at_home(LockPolicy::default());
    let minutes = |tablet: &Tablet, n: u64| {
        tablet.clock.uptime.fetch_add(n * 60_000, Ordering::SeqCst);
    };
    minutes(&tablet, 2);
    tablet.send(Command::Touched);
    // Answered: the touch before it is taken as well.
    tablet.send(Command::SetLanguage(Language::Russian));
    tablet.wait("Russian", |p| p.chrome.language == Language::Russian);
    minutes(&tablet, 2);
    tablet.send(Command::NewEncounter);
    tablet.screen(Screen::Introduce);
    minutes(&tablet, 3);
    // The tap itself comes too late.
    tablet.send(Command::GoHome);
    tablet.screen(Screen::Locked);
    tablet.unlock(PIN);
    tablet.screen(Screen::Introduce);
}

#[test]
fn a_desk_is_looked_at_for_longer_without_being_touched() {
    let clock = Arc::new(Turned::default());
    let policy = LockPolicy::default();
    let mut desk = Tablet::of_role(Role::Duty, policy, clock.clone(), clock, |_, _| ());
    desk.log_in();
    desk.choose_pin();
    desk.screen(Screen::Desk);
    let minutes = |desk: &Tablet, n: u64| {
        desk.clock.uptime.fetch_add(n * 60_000, Ordering::SeqCst);
    };
    minutes(&desk, 29);
    desk.send(Command::SetLanguage(Language::Russian));
    desk.wait("Russian", |p| p.chrome.language == Language::Russian);
    assert_eq!(desk.page.as_ref().unwrap().stamp.screen, Screen::Desk);
    minutes(&desk, 31);
    desk.send(Command::SetLanguage(Language::English));
    desk.screen(Screen::Locked);
}

#[test]
fn nobody_need_touch_it_for_that() {
    let policy = LockPolicy {
        idle: Duration::from_millis(400),
        ..LockPolicy::default()
    };
    let clock = Arc::new(Turned::default());
    let mut tablet = Tablet::with(policy, clock, Arc::new(SystemClock::new()));
    tablet.screen(Screen::Login);
    tablet.log_in();
    tablet.wait("the PIN page, or the lock", |p| {
        matches!(p.stamp.screen, Screen::Pin)
    });
    tablet.wait("log-in again", |p| p.stamp.screen == Screen::Login);
}

#[test]
fn a_running_capture_is_no_idleness() {
    let mut tablet = Tablet::at_home(LockPolicy::default());
    tablet.reach_method();
    tablet.send(Command::ChooseFingerprint);
    tablet.screen(Screen::Finger);
    tablet.send(Command::StartCapture);
    while !tablet.scanner.0.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(2));
    }
    tablet.clock.uptime.fetch_add(10 * 60_000, Ordering::SeqCst);
    tablet.send(Command::Touched);
    tablet.send(Command::CancelCapture);
    tablet.send(Command::Back);
    tablet.screen(Screen::Method);
    assert!(
        tablet
            .history
            .iter()
            .all(|p| p.stamp.screen != Screen::Locked)
    );
}

#[test]
fn a_lock_stops_the_capture() {
    let mut tablet = Tablet::at_home(LockPolicy::default());
    tablet.reach_method();
    tablet.send(Command::ChooseFingerprint);
    tablet.screen(Screen::Finger);
    tablet.send(Command::StartCapture);
    while !tablet.scanner.0.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(2));
    }
    tablet.lock();
    tablet.unlock(PIN);
    let page = tablet.screen(Screen::Finger);
    assert!(matches!(&page.page, Page::Finger(v) if v.quality.is_none()));
}

#[test]
fn a_tablet_that_slept_is_locked_before_anything_else_is_shown() {
    let mut tablet = Tablet::at_home(LockPolicy::default());
    tablet.reach_ground();
    // Clocks read one after the other differ a little.
    tablet.clock.slept.fetch_add(900, Ordering::SeqCst);
    tablet.send(Command::GoHome);
    tablet.screen(Screen::Home);
    let seen = tablet.history.len();
    tablet.clock.slept.fetch_add(1_000, Ordering::SeqCst);
    tablet.send(Command::NewEncounter);
    tablet.screen(Screen::Locked);
    for page in &tablet.history[seen..] {
        assert_eq!(page.stamp.screen, Screen::Locked, "shown after the sleep");
    }
    tablet.unlock(PIN);
    tablet.screen(Screen::Home);
}

#[test]
fn a_stale_tap_does_nothing_behind_the_lock() {
    let mut tablet = Tablet::at_home(LockPolicy::default());
    let home = tablet.page.clone().unwrap().stamp;
    tablet.lock();
    tablet.commands.send((home, Command::NewEncounter)).unwrap();
    tablet.commands.send((home, Command::EndShift)).unwrap();
    tablet.send(Command::NewEncounter);
    tablet.send(Command::SetLanguage(Language::English));
    let page = tablet.wait("English", |p| p.chrome.language == Language::English);
    assert_eq!(page.stamp.screen, Screen::Locked);
    assert!(!tablet.vault.open_sessions().unwrap().is_empty());
}

#[test]
fn the_end_of_the_shift_asks_for_a_new_process_and_leaves_no_key() {
    let mut tablet = Tablet::at_home(LockPolicy::default());
    tablet.send(Command::EndShift);
    tablet.wait(
        "log-in",
        |p| matches!(&p.page, Page::Login(v) if !v.shift_open),
    );
    let until = Instant::now() + LONG;
    while !tablet.handed_over {
        assert!(Instant::now() < until);
        tablet.wait("log-in", |_| true);
    }
    assert!(tablet.keystore.entries().unwrap().is_empty());
    // An unlock that comes late finds nothing to open.
    tablet.unlock(PIN);
    tablet.send(Command::SetLanguage(Language::Russian));
    let page = tablet.wait("Russian", |p| p.chrome.language == Language::Russian);
    assert_eq!(page.stamp.screen, Screen::Login);
}

#[test]
fn a_lock_that_comes_while_the_pin_is_tried_ends_locked() {
    let mut tablet = Tablet::at_home(LockPolicy::default());
    tablet.reach_ground();
    tablet.typed(&["suspicion", FACT, "full", ""]);
    tablet.lock();
    let seen = tablet.history.len();
    tablet.unlock(PIN);
    tablet.send(Command::Lock);
    tablet.wait(
        "the PIN tried",
        |p| matches!(&p.page, Page::Locked(v) if v.busy),
    );
    tablet.wait(
        "the lock",
        |p| matches!(&p.page, Page::Locked(v) if !v.busy),
    );
    for page in &tablet.history[seen..] {
        assert_eq!(page.stamp.screen, Screen::Locked);
    }
    // It was the right one, and asked for before the lock: the next opens.
    tablet.unlock(PIN);
    let page = tablet.screen(Screen::Ground);
    assert_eq!(page.typed, ["suspicion", FACT, "full", ""]);
    // A lock before a wrong one is over with it.
    tablet.lock();
    tablet.unlock("5555");
    tablet.send(Command::Lock);
    tablet.wait(
        "a wrong PIN told",
        |p| matches!(&p.page, Page::Locked(v) if v.tries_left == Some(4)),
    );
    tablet.unlock(PIN);
    tablet.screen(Screen::Ground);
}

#[test]
fn a_lock_that_comes_while_the_password_is_tried_ends_locked() {
    let mut tablet = Tablet::new(LockPolicy::default());
    tablet.log_in();
    tablet.send(Command::Lock);
    let busy = |p: &PageView| matches!(&p.page, Page::Login(v) if v.busy);
    tablet.wait("the password tried", busy);
    tablet.wait("the log-in page", |p| !busy(p));
    for page in &tablet.history {
        assert_eq!(page.stamp.screen, Screen::Login);
    }
    tablet.log_in();
    tablet.screen(Screen::Pin);
}

#[test]
fn another_officers_log_in_over_a_locked_shift_asks_for_a_new_process() {
    const OTHER: (&str, &str) = ("b.ikkinchi", "boshqa-parol");
    let clock = Arc::new(Turned::default());
    let roster = |central: &Central, vault: &Vault| {
        let lease = Timestamp(2_000_000);
        let roster = central.roster(lease, &[(OTHER.0, OTHER.1, 1)]);
        vault.keep_roster(&roster, None).unwrap();
    };
    let policy = LockPolicy::default();
    let mut tablet = Tablet::prepared(policy, clock.clone(), clock, roster);
    tablet.log_in();
    tablet.choose_pin();
    tablet.screen(Screen::TakeOver);
    tablet.lock();
    tablet.send(Command::UsePassword);
    tablet.log_in();
    tablet.choose_pin();
    tablet.screen(Screen::TakeOver);
    assert!(!tablet.handed_over, "the same shift goes on");
    let first = tablet.vault.open_sessions().unwrap();
    tablet.lock();
    tablet.send(Command::UsePassword);
    tablet.screen(Screen::Login);
    let seen = tablet.history.len();
    let log_in = |tablet: &Tablet| {
        tablet.send(Command::Login {
            login: OTHER.0.into(),
            password: Zeroizing::new(OTHER.1.into()),
        });
    };
    log_in(&tablet);
    tablet.wait("log-in", |p| matches!(&p.page, Page::Login(v) if v.busy));
    tablet.wait(
        "log-in",
        |p| matches!(&p.page, Page::Login(v) if !v.busy && v.shift_open && v.problem.is_none()),
    );
    let until = Instant::now() + LONG;
    while !tablet.handed_over {
        assert!(Instant::now() < until);
        tablet.wait("log-in", |_| true);
    }
    for page in &tablet.history[seen..] {
        assert_eq!(page.stamp.screen, Screen::Login, "nothing of the second");
    }
    let second = tablet.vault.open_sessions().unwrap();
    assert!(second.len() == 1 && second != first);
    let mut entries = tablet.keystore.entries().unwrap();
    entries.retain(|entry| entry != "roster");
    assert_eq!(entries, [second[0].to_string()]);
    // As in the new process: the shift is begun, and opens by its password.
    log_in(&tablet);
    tablet.screen(Screen::Pin);
    assert_eq!(tablet.vault.open_sessions().unwrap(), second);
}

#[test]
fn a_lost_tablet_that_starts_again_goes_on_wiping_and_replaces_no_process() {
    let clock = Arc::new(Turned::default());
    let lost = |central: &Central, vault: &Vault| {
        let challenge = uuid::Uuid::from_u128(77);
        let order = central.wipe_order(challenge);
        vault.begin_wipe(&order, challenge).unwrap();
    };
    let policy = LockPolicy::default();
    let mut tablet = Tablet::prepared(policy, clock.clone(), clock, lost);
    let says = |p: &PageView| matches!(&p.page, Page::Login(v) if v.problem == Some(LoginProblem::TabletLost));
    tablet.wait("the lost tablet's page", says);
    // The link says it again as soon as it looks; that must not end the program that is to send.
    std::thread::sleep(Duration::from_millis(500));
    tablet.wait("the lost tablet's page", says);
    assert!(!tablet.handed_over);
}
