//! §13 to §16, §31: the tablet's custody over lock, restart and a full disk; who confirms it.

use crate::kit::{LONG, PIN, Tablet, Turned};
use crate::server::{self, GIVER, GIVERS_PASSWORD};
use crate::support::{Central, LOGIN, PASSWORD};
use protocol::{Assignment, ErrorCode, FactKind, Kit, Role};
use regulation::Timestamp;
use regulation::custody::{
    Check, CheckKind, ConfirmedBy, Event, HandInReason, Level, Party, Readiness, Refusal,
};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tablet::pages::{
    ConfirmProblem, HandInForm, HandInView, Notice, Page, PageView, PartyForm, Screen,
    TakeOverForm, TakeOverView,
};
use tablet::vault::Vault;
use tablet::worker::{Command, CustodyCommand, LockPolicy};
use zeroize::Zeroizing;

const PLACE: &str = "Навбатчилик қисми";
const OTHER: (&str, &str) = ("b.ikkinchi", "boshqa-parol");

fn policy() -> LockPolicy {
    LockPolicy {
        pin: false,
        ..LockPolicy::default()
    }
}

fn kit() -> Kit {
    Kit {
        tablet: Assignment::AnotherTablet,
        camera: Some("BK-0042".parse().unwrap()),
        held: None,
        places: vec![PLACE.into(), "Омбор".into()],
        notices: vec!["Эътибор беринг".into()],
        minimum_version: None,
    }
}

fn from_place() -> TakeOverForm {
    TakeOverForm {
        from: PartyForm::Place(PLACE.into()),
        damage: None,
        overridden: String::new(),
    }
}

fn from_person() -> TakeOverForm {
    TakeOverForm {
        from: PartyForm::Person,
        ..from_place()
    }
}

fn to_place(why: HandInReason) -> HandInForm {
    HandInForm {
        to: PartyForm::Place(PLACE.into()),
        why,
        damage: None,
    }
}

fn roster(central: &Central, vault: &Vault) {
    let officers = [(OTHER.0, OTHER.1, 1), (LOGIN, PASSWORD, 1)];
    let roster = central.roster(Timestamp(90_000_000), &officers);
    vault.keep_roster(&roster, None).unwrap();
}

fn taking(page: PageView) -> TakeOverView {
    match page.page {
        Page::TakeOver(view) => view,
        other => panic!("{other:?}"),
    }
}

fn handing(page: PageView) -> HandInView {
    match page.page {
        Page::HandIn(view) => view,
        other => panic!("{other:?}"),
    }
}

impl Tablet {
    /// At the first page of a shift.
    fn at_take_over(policy: LockPolicy, kit: Kit, prepare: impl FnOnce(&Central, &Vault)) -> Self {
        let clock = Arc::new(Turned::default());
        let change = |grant: &mut protocol::LoginResponse| grant.kit = kit;
        let mut tablet = Self::of_grant(change, policy, clock.clone(), clock, prepare);
        tablet.log_in();
        if policy.pin {
            tablet.choose_pin();
        }
        tablet.looked_at();
        tablet
    }

    /// Taken over from the place, and at home.
    fn held(policy: LockPolicy) -> Self {
        let mut tablet = Self::at_take_over(policy, kit(), roster);
        tablet.custody(CustodyCommand::TakeOver(from_place()));
        tablet.screen(Screen::Receive);
        tablet.send(Command::GoHome);
        tablet.screen(Screen::Home);
        tablet
    }

    /// On the page of the taking over, with every check come back.
    fn looked_at(&mut self) -> TakeOverView {
        let all =
            |p: &PageView| matches!(&p.page, Page::TakeOver(t) if t.readiness.level.is_some());
        taking(self.wait("all checks", all))
    }

    fn custody(&self, command: CustodyCommand) {
        self.send(Command::Custody(command));
    }

    fn confirm(&self, login: &str, password: &str) {
        self.custody(CustodyCommand::Confirm {
            login: login.into(),
            password: Zeroizing::new(password.into()),
        });
    }

    /// The answer to what was tried is not taken for the answer to what comes.
    fn named(&mut self) {
        self.custody(CustodyCommand::Named { name: "А".into() });
        let named = |p: &PageView| matches!(&p.page, Page::TakeOver(t) if t.party.person == "А");
        self.wait("named", named);
    }

    fn confirm_problem(&mut self, problem: ConfirmProblem) {
        let told = |p: &PageView| matches!(&p.page, Page::TakeOver(t) if t.party.confirm.problem == Some(problem));
        let view = taking(self.wait(&format!("{problem:?}"), told));
        assert!(view.party.person.is_empty() && !view.party.confirm.busy);
    }

    fn refused(&mut self, refusal: Refusal) {
        let told = |p: &PageView| match &p.page {
            Page::TakeOver(view) => view.refusal == Some((refusal, refusal.paragraph().0)),
            Page::Tablet(view) => view.refusal == Some((refusal, refusal.paragraph().0)),
            Page::HandIn(view) => view.refusal == Some((refusal, refusal.paragraph().0)),
            _ => false,
        };
        self.wait(&format!("{refusal:?}"), told);
    }

    pub fn custodies(&self) -> Vec<Event> {
        let journal = self.vault.journal(&self.shift).unwrap();
        let custodies = journal
            .into_iter()
            .filter_map(|entry| match entry.fact.kind {
                FactKind::Custody { recorded } => Some(recorded.event),
                _ => None,
            });
        custodies.collect()
    }

    fn from(&self) -> Party {
        match self.custodies().as_slice() {
            [Event::TakenOver { from, .. }] => from.clone(),
            other => panic!("{other:?}"),
        }
    }

    fn logged_out(&mut self) {
        self.wait(
            "log-in",
            |p| matches!(&p.page, Page::Login(l) if !l.shift_open),
        );
    }
}

fn levels(readiness: &Readiness) -> Vec<(CheckKind, Level)> {
    let checks = readiness.checks.iter();
    checks
        .map(|Check { kind, level, .. }| (*kind, *level))
        .collect()
}

#[test]
fn a_shift_begins_with_the_tablet_and_one_tap_takes_it_over() {
    let mut tablet = Tablet::at_take_over(policy(), kit(), roster);
    let view = tablet.looked_at();
    assert!(view.anothers);
    assert_eq!(view.notices, kit().notices);
    assert_eq!(view.party.places, kit().places);
    tablet.custody(CustodyCommand::TakeOver(from_place()));
    let Page::Receive(receive) = tablet.screen(Screen::Receive).page else {
        panic!()
    };
    assert_eq!(receive.serial, "BK-0042");
    let events = tablet.custodies();
    let [
        Event::TakenOver {
            from,
            readiness,
            condition,
            overridden,
            ..
        },
    ] = events.as_slice()
    else {
        panic!("{events:?}")
    };
    assert!(
        *from
            == Party::Place {
                place: PLACE.into()
            }
    );
    assert!(condition.damage.is_none() && overridden.is_none());
    // Nobody is there: no connection, and central's clock is not known.
    assert_eq!(
        levels(readiness),
        [
            (CheckKind::Storage, readiness.checks[0].level),
            (CheckKind::Clock, Level::Attention),
            (CheckKind::Scanner, Level::Ready),
            (CheckKind::Camera, Level::Ready),
            (CheckKind::Connection, Level::Attention),
            (CheckKind::Certificate, Level::Ready),
            (CheckKind::Lease, Level::Ready),
            (CheckKind::Queue, Level::Ready),
            (CheckKind::Version, Level::Ready),
        ]
    );
    assert!(readiness.checks[0].value.is_some_and(|mib| mib > 0));
    tablet.send(Command::GoHome);
    let Page::Home(home) = tablet.screen(Screen::Home).page else {
        panic!()
    };
    assert!(home.tablet.unwrap().held);
    tablet.custody(CustodyCommand::Open);
    let Page::Tablet(view) = tablet.screen(Screen::Tablet).page else {
        panic!()
    };
    assert_eq!(view.since, "05:16");
}

#[test]
fn later_records_nothing_and_home_offers_it() {
    let mut tablet = Tablet::at_take_over(policy(), Kit::default(), |_, _| ());
    tablet.custody(CustodyCommand::Later);
    tablet.screen(Screen::Receive);
    tablet.send(Command::GoHome);
    let Page::Home(home) = tablet.screen(Screen::Home).page else {
        panic!()
    };
    assert!(!home.tablet.unwrap().held);
    assert!(tablet.custodies().is_empty());
    tablet.custody(CustodyCommand::Open);
    tablet.looked_at();
    // Without a place: neither an empty one nor nobody.
    let nowhere = TakeOverForm {
        from: PartyForm::Place(" ".into()),
        ..from_place()
    };
    tablet.custody(CustodyCommand::TakeOver(nowhere));
    tablet.refused(Refusal::PartyMissing);
    tablet.custody(CustodyCommand::TakeOver(from_person()));
    tablet.refused(Refusal::PartyMissing);
    // What was never taken over is not handed in.
    tablet.send(Command::GoHome);
    tablet.screen(Screen::Home);
    tablet.send(Command::EndShift);
    tablet.logged_out();
    assert!(
        !tablet
            .history
            .iter()
            .any(|p| p.stamp.screen == Screen::HandIn)
    );
}

#[test]
fn a_desk_takes_no_tablet_over() {
    let clock = Arc::new(Turned::default());
    let mut tablet = Tablet::of_role(Role::Duty, policy(), clock.clone(), clock, |_, _| ());
    tablet.log_in();
    tablet.screen(Screen::Desk);
    tablet.custody(CustodyCommand::Open);
    tablet.send(Command::EndShift);
    tablet.logged_out();
    let custody = [Screen::TakeOver, Screen::Tablet, Screen::HandIn];
    assert!(
        !tablet
            .history
            .iter()
            .any(|p| custody.contains(&p.stamp.screen))
    );
}

#[test]
fn red_is_taken_over_by_name_alone() {
    let old = Kit {
        minimum_version: Some("999.0.0".into()),
        ..kit()
    };
    let mut tablet = Tablet::at_take_over(policy(), old, |_, _| ());
    assert_eq!(tablet.looked_at().readiness.level, Some(Level::NotReady));
    tablet.custody(CustodyCommand::TakeOver(from_place()));
    tablet.refused(Refusal::NotReady);
    assert!(tablet.custodies().is_empty());
    let by_name = TakeOverForm {
        overridden: "Навбатчиев".into(),
        ..from_place()
    };
    tablet.custody(CustodyCommand::TakeOver(by_name));
    tablet.screen(Screen::Receive);
    assert!(matches!(
        tablet.custodies().as_slice(),
        [Event::TakenOver { overridden: Some(name), .. }] if name == "Навбатчиев"
    ));
}

#[test]
fn what_becomes_worse_in_mid_shift_is_recorded_once_and_within_a_minute() {
    let mut tablet = Tablet::held(policy());
    let worst = |p: &PageView| matches!(&p.page, Page::Home(h) if h.tablet.unwrap().worst == Some(CheckKind::Scanner));
    let minute = |tablet: &Tablet| {
        tablet.clock.uptime.fetch_add(61_000, Ordering::SeqCst);
        tablet.send(Command::Touched);
    };
    tablet.scanner.1.0.store(true, Ordering::SeqCst);
    tablet.send(Command::Touched);
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(tablet.custodies().len(), 1, "not looked at yet");
    // The page says it as soon as the scanner does; it is recorded when every device has answered.
    let recorded = |tablet: &Tablet, count: usize| {
        let until = Instant::now() + LONG;
        while tablet.custodies().len() != count {
            assert!(Instant::now() < until, "{:?}", tablet.custodies());
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    minute(&tablet);
    tablet.wait("red", worst);
    recorded(&tablet, 2);
    let pictures = tablet.camera.given.load(Ordering::SeqCst);
    minute(&tablet);
    let until = Instant::now() + LONG;
    while tablet.camera.given.load(Ordering::SeqCst) == pictures {
        assert!(Instant::now() < until, "not looked at again");
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(50));
    tablet.send(Command::Touched);
    tablet.wait("red", worst);
    let events = tablet.custodies();
    let [_, Event::Checked { readiness }] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(readiness.level(), Level::NotReady);
    tablet.scanner.1.0.store(false, Ordering::SeqCst);
    minute(&tablet);
    tablet.wait("well again", |p| !worst(p));
    recorded(&tablet, 3);
}

#[test]
fn a_shift_that_is_resumed_has_its_tablet_and_its_kit_as_they_were() {
    let mut tablet = Tablet::held(policy());
    tablet.custody(CustodyCommand::Open);
    tablet.screen(Screen::Tablet);
    tablet.custody(CustodyCommand::Damaged { note: " ".into() });
    tablet.refused(Refusal::DamageMissing);
    tablet.custody(CustodyCommand::Damaged {
        note: "Экран ёрилган".into(),
    });
    let damaged = |p: &PageView| matches!(&p.page, Page::Tablet(t) if t.damage == "Экран ёрилган" && t.done == 1);
    tablet.wait("the damage", damaged);
    let before = tablet.custodies();
    let mut tablet = tablet.restarted();
    tablet.log_in();
    // The bodycam was not received yet; the tablet is taken over.
    tablet.screen(Screen::Receive);
    assert_eq!(tablet.custodies(), before);
    tablet.send(Command::EndShift);
    let view = handing(tablet.screen(Screen::HandIn));
    assert_eq!(view.damage, "Экран ёрилган");
    assert_eq!(view.party.places, kit().places);
    assert!(!view.early);
}

#[test]
fn who_has_confirmed_stays_across_the_lock_and_goes_with_the_page() {
    let mut tablet = Tablet::at_take_over(LockPolicy::default(), kit(), roster);
    tablet.confirm(OTHER.0, OTHER.1);
    let confirmed = |p: &PageView| matches!(&p.page, Page::TakeOver(t) if t.party.confirmed);
    tablet.wait("confirmed", confirmed);
    tablet.lock();
    tablet.unlock(PIN);
    tablet.wait("confirmed", confirmed);
    tablet.send(Command::GoHome);
    tablet.screen(Screen::Home);
    tablet.custody(CustodyCommand::Open);
    assert!(tablet.looked_at().party.person.is_empty());
}

#[test]
fn with_no_connection_the_roster_checks_who_confirms() {
    let mut tablet = Tablet::at_take_over(policy(), kit(), roster);
    tablet.confirm(OTHER.0, "xato");
    tablet.confirm_problem(ConfirmProblem::NotOnRoster);
    tablet.named();
    tablet.confirm("hech.kim", OTHER.1);
    tablet.confirm_problem(ConfirmProblem::NotOnRoster);
    // Wrong ones make the next one wait.
    tablet.clock.wall.fetch_add(600_000, Ordering::SeqCst);
    tablet.confirm(LOGIN, PASSWORD);
    tablet.confirm_problem(ConfirmProblem::Themselves);
    tablet.confirm(OTHER.0, OTHER.1);
    let confirmed = |p: &PageView| matches!(&p.page, Page::TakeOver(t) if t.party.confirmed);
    tablet.wait("confirmed", confirmed);
    tablet.custody(CustodyCommand::TakeOver(from_person()));
    tablet.screen(Screen::Receive);
    assert!(matches!(
        tablet.from(),
        Party::Confirmed {
            by: ConfirmedBy::Roster,
            ..
        }
    ));
}

#[test]
fn wrong_passwords_of_who_confirms_are_counted_as_at_the_log_in() {
    let mut tablet = Tablet::at_take_over(policy(), kit(), roster);
    let throttled = |p: &PageView| matches!(&p.page, Page::TakeOver(t) if matches!(t.party.confirm.problem, Some(ConfirmProblem::Throttled { .. })));
    for _ in 0..20 {
        tablet.confirm(OTHER.0, "xato");
        let page = tablet.wait(
            "an answer",
            |p| matches!(&p.page, Page::TakeOver(t) if t.party.confirm.problem.is_some()),
        );
        if throttled(&page) {
            break;
        }
        // The answer to this one is not taken for the answer to the next.
        tablet.custody(CustodyCommand::Named { name: "А".into() });
        tablet.wait(
            "named",
            |p| matches!(&p.page, Page::TakeOver(t) if t.party.person == "А"),
        );
    }
    tablet.wait("throttled", throttled);
    // The right one waits as well.
    tablet.named();
    tablet.confirm(OTHER.0, OTHER.1);
    tablet.wait("throttled", throttled);
}

#[test]
fn who_cannot_confirm_stands_by_name() {
    let mut tablet = Tablet::at_take_over(policy(), kit(), |_, _| ());
    tablet.confirm(OTHER.0, OTHER.1);
    tablet.confirm_problem(ConfirmProblem::NobodyToAsk);
    tablet.custody(CustodyCommand::Named { name: " ".into() });
    tablet.refused(Refusal::PartyMissing);
    tablet.custody(CustodyCommand::Named {
        name: "а".repeat(5000),
    });
    tablet.refused(Refusal::TextTooLong);
    let name = " Омборчиев ".to_owned();
    tablet.custody(CustodyCommand::Named { name });
    tablet.wait("named", |p| {
        matches!(&p.page, Page::TakeOver(t) if t.party.person == "Омборчиев" && !t.party.confirmed)
    });
    tablet.custody(CustodyCommand::TakeOver(from_person()));
    tablet.screen(Screen::Receive);
    assert!(matches!(tablet.from(), Party::Named { name } if name == "Омборчиев"));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_connection_central_checks_who_confirms() {
    let central = server::Central::new();
    let running = central.serve(([127, 0, 0, 1], 0).into()).await;
    let mut tablet = Tablet::online(policy(), &running.url(), central.ca_pem()).await;
    tablet.log_in();
    tablet.looked_at();
    tablet.confirm(GIVER, "xato");
    tablet.confirm_problem(ConfirmProblem::WrongCredentials);
    tablet.confirm(LOGIN, PASSWORD);
    tablet.confirm_problem(ConfirmProblem::Themselves);
    for (code, problem) in [
        (ErrorCode::OfficerInactive, ConfirmProblem::Inactive),
        (ErrorCode::OfficerLocked, ConfirmProblem::Locked),
        (
            ErrorCode::Throttled,
            ConfirmProblem::Throttled { seconds: 1 },
        ),
        (ErrorCode::NotAllowed, ConfirmProblem::NobodyToAsk),
    ] {
        central.record.lock().unwrap().confirm_code = Some(code);
        tablet.confirm(GIVER, GIVERS_PASSWORD);
        tablet.confirm_problem(problem);
    }
    central.record.lock().unwrap().confirm_code = None;
    tablet.confirm(GIVER, GIVERS_PASSWORD);
    let confirmed = |p: &PageView| matches!(&p.page, Page::TakeOver(t) if t.party.confirmed);
    tablet.wait("confirmed", confirmed);
    tablet.custody(CustodyCommand::TakeOver(from_person()));
    tablet.screen(Screen::Receive);
    assert!(matches!(
        tablet.from(),
        Party::Confirmed {
            by: ConfirmedBy::Central,
            ..
        }
    ));
    // The log-in of this program was by password alone: central's clock came with the roster.
    let clock = |p: &PageView| matches!(&p.page, Page::Tablet(t) if t.readiness.rows.iter().any(|c| c.kind == CheckKind::Clock && c.level == Level::Ready));
    tablet.send(Command::GoHome);
    tablet.screen(Screen::Home);
    tablet.custody(CustodyCommand::Open);
    tablet.wait("central's clock", clock);
}

#[test]
fn on_a_full_disk_the_tablet_is_not_taken_over_and_the_page_says_so() {
    let mut tablet = Tablet::at_take_over(policy(), kit(), |_, _| ());
    tablet.fill_the_disk();
    tablet.custody(CustodyCommand::TakeOver(from_place()));
    let full = |p: &PageView| p.chrome.notice == Some(Notice::StorageFull);
    assert_eq!(tablet.wait("full", full).stamp.screen, Screen::TakeOver);
    assert!(tablet.custodies().is_empty());
    tablet.vault.limit_pages(None).unwrap();
    tablet.custody(CustodyCommand::TakeOver(from_place()));
    tablet.screen(Screen::Receive);
    assert_eq!(tablet.custodies().len(), 1);
    // Nor is it handed in; the shift ends all the same.
    tablet.fill_the_disk();
    tablet.send(Command::EndShift);
    tablet.screen(Screen::HandIn);
    tablet.custody(CustodyCommand::HandIn(to_place(HandInReason::EndOfDuty)));
    assert_eq!(tablet.wait("full", full).stamp.screen, Screen::HandIn);
    assert_eq!(tablet.custodies().len(), 1);
    tablet.send(Command::EndShift);
    tablet.logged_out();
}

#[test]
fn the_shift_ends_with_the_hand_in_and_without_it_all_the_same() {
    for hands_in in [true, false] {
        let mut tablet = Tablet::held(policy());
        tablet.send(Command::EndShift);
        let view = handing(tablet.screen(Screen::HandIn));
        let waiting = tablet.vault.queue().unwrap().waiting;
        assert_eq!(view.waiting, waiting);
        tablet.custody(CustodyCommand::HandIn(to_place(HandInReason::Dismissed)));
        tablet.refused(Refusal::PersonNeeded);
        // Back to work: it is asked again the next time.
        tablet.send(Command::GoHome);
        tablet.screen(Screen::Home);
        tablet.send(Command::EndShift);
        tablet.screen(Screen::HandIn);
        if hands_in {
            tablet.custody(CustodyCommand::HandIn(to_place(HandInReason::EndOfDuty)));
        } else {
            tablet.send(Command::EndShift);
        }
        tablet.logged_out();
        let more = tablet.vault.queue().unwrap().waiting - waiting;
        assert_eq!(more, 1 + u64::from(hands_in));
        assert!(tablet.handed_over || tablet.vault.open_sessions().unwrap().is_empty());
    }
}

#[test]
fn early_it_is_handed_in_from_its_own_page() {
    let mut tablet = Tablet::held(policy());
    tablet.custody(CustodyCommand::Open);
    tablet.screen(Screen::Tablet);
    tablet.custody(CustodyCommand::HandInNow);
    assert!(handing(tablet.screen(Screen::HandIn)).early);
    tablet.send(Command::GoHome);
    tablet.screen(Screen::Home);
    tablet.send(Command::EndShift);
    assert!(!handing(tablet.screen(Screen::HandIn)).early);
    tablet.confirm(OTHER.0, OTHER.1);
    tablet.wait(
        "confirmed",
        |p| matches!(&p.page, Page::HandIn(h) if h.party.confirmed),
    );
    tablet.custody(CustodyCommand::HandIn(HandInForm {
        to: PartyForm::Person,
        ..to_place(HandInReason::Dismissed)
    }));
    tablet.logged_out();
}
