//! The page of the tablet and of help: reached with and without a shift, and what the tablet is set to.

use crate::kit::{Tablet, Turned};
use crate::support::{LOGIN, NAME};
use regulation::custody::CheckKind;
use regulation::encounter::Language;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tablet::pages::{HelpPart, Page, PageView, Screen, Settings, Stretch, ThemeChoice, WayAdvice};
use tablet::worker::{Command, HelpCommand, LockPolicy};

fn policy() -> LockPolicy {
    LockPolicy {
        pin: false,
        ..LockPolicy::default()
    }
}

fn at_log_in() -> Tablet {
    let mut tablet = Tablet::new(policy());
    tablet.screen(Screen::Login);
    tablet
}

fn help(tablet: &mut Tablet, command: HelpCommand) {
    tablet.send(Command::Help(command));
}

fn open(tablet: &mut Tablet, part: HelpPart) {
    help(tablet, HelpCommand::Open);
    tablet.screen(Screen::Help);
    help(tablet, HelpCommand::Show(part));
    tablet.wait(
        "the part",
        |p| matches!(&p.page, Page::Help(h) if h.part == part),
    );
}

#[test]
fn help_is_reached_from_the_log_in_and_from_home_and_leads_back() {
    let mut tablet = at_log_in();
    open(&mut tablet, HelpPart::Settings);
    help(&mut tablet, HelpCommand::Close);
    tablet.screen(Screen::Login);
    let mut tablet = Tablet::at_home(policy());
    open(&mut tablet, HelpPart::Settings);
    help(&mut tablet, HelpCommand::Close);
    tablet.screen(Screen::Home);
    // Within an encounter it is not.
    tablet.reach_ground();
    help(&mut tablet, HelpCommand::Open);
    help(&mut tablet, HelpCommand::Theme(ThemeChoice::Night));
    let page = tablet.wait("night", |p| p.chrome.night);
    assert_eq!(page.stamp.screen, Screen::Ground);
}

#[test]
fn what_the_tablet_is_set_to_outlasts_shift_lock_and_restart() {
    let mut tablet = at_log_in();
    tablet.send(Command::SetLanguage(Language::Russian));
    open(&mut tablet, HelpPart::Settings);
    let wanted = Settings {
        theme: ThemeChoice::Night,
        motion: false,
        text_percent: 150,
    };
    help(&mut tablet, HelpCommand::Theme(wanted.theme));
    help(&mut tablet, HelpCommand::Motion(wanted.motion));
    help(&mut tablet, HelpCommand::TextPercent(wanted.text_percent));
    // Not offered.
    help(&mut tablet, HelpCommand::TextPercent(900));
    let set = |p: &PageView| {
        p.chrome.settings == wanted && p.chrome.night && p.chrome.language == Language::Russian
    };
    tablet.wait("set", |p| {
        set(p) && matches!(&p.page, Page::Help(h) if h.settings == wanted)
    });
    help(&mut tablet, HelpCommand::Close);
    tablet.log_in();
    tablet.reach_receive();
    tablet.wait("set in the shift", set);
    tablet.send(Command::Lock);
    tablet.wait("set when locked", |p| p.stamp.session.is_none() && set(p));
    let mut tablet = tablet.restarted();
    tablet.screen(Screen::Login);
    tablet.wait("set after the restart", set);
}

#[test]
fn colours_go_by_the_tablets_own_clock() {
    let clock = Arc::new(Turned::default());
    let mut tablet = Tablet::with(policy(), clock.clone(), clock.clone());
    tablet.screen(Screen::Login);
    // 1 January, a quarter past five in the morning.
    let page = tablet.page.clone().unwrap();
    assert!(!page.chrome.night, "day is what a new tablet is set to");
    help(&mut tablet, HelpCommand::Theme(ThemeChoice::ByTime));
    tablet.wait("night before sunrise", |p| p.chrome.night);
    for (hours, night) in [(4, false), (11, false), (13, true), (27, true), (28, false)] {
        clock.wall.store(hours * 3_600_000, Ordering::SeqCst);
        tablet.send(Command::Touched);
        tablet.wait(&format!("{hours} hours later"), |p| p.chrome.night == night);
    }
}

#[test]
fn the_way_is_looked_at_and_told_as_far_as_it_goes() {
    let mut tablet = Tablet::at_home(policy());
    open(&mut tablet, HelpPart::Way);
    let way = |p: &PageView| match &p.page {
        Page::Help(help) => help.way.clone(),
        _ => None,
    };
    // Nobody listens at the address of the kit's central.
    let page = tablet.wait("a look", |p| {
        way(p).is_some_and(|w| w.millis.is_some() && w.advice != WayAdvice::Looking)
    });
    let found = way(&page).unwrap();
    assert_eq!(found.advice, WayAdvice::NobodyListens, "{found:?}");
    assert_eq!(
        found.stretches,
        [
            (Stretch::Network, Some(true)),
            (Stretch::Central, Some(false)),
            (Stretch::Trust, None),
            (Stretch::LetIn, None),
        ]
    );
    help(&mut tablet, HelpCommand::CheckWay);
    tablet.wait("another look", |p| {
        way(p).is_some_and(|w| w.advice == WayAdvice::NobodyListens)
    });
}

#[test]
fn devices_are_checked_without_a_shift_and_nothing_of_it_stays() {
    let mut tablet = at_log_in();
    open(&mut tablet, HelpPart::Devices);
    let page = tablet.wait("the checks", |p| {
        matches!(&p.page, Page::Help(h) if h.readiness.as_ref().is_some_and(|r| r.level.is_some()))
    });
    let Page::Help(view) = &page.page else {
        panic!("another page")
    };
    let kinds: Vec<_> = view
        .readiness
        .iter()
        .flat_map(|r| r.rows.iter().map(|c| c.kind))
        .collect();
    assert!(kinds.contains(&CheckKind::Scanner) && kinds.contains(&CheckKind::Camera));
    // They are the shift's.
    assert!(!kinds.contains(&CheckKind::Lease));
    help(&mut tablet, HelpCommand::Close);
    tablet.screen(Screen::Login);
}

#[test]
fn what_those_who_mend_tablets_need_names_nobody() {
    let mut tablet = Tablet::at_home(policy());
    tablet.reach_ground();
    tablet.send(Command::GoHome);
    tablet.screen(Screen::Home);
    open(&mut tablet, HelpPart::Support);
    let page = tablet.wait(
        "the bundle",
        |p| matches!(&p.page, Page::Help(h) if h.support.is_some()),
    );
    let Page::Help(view) = &page.page else {
        panic!("another page")
    };
    let support = view.support.as_ref().unwrap();
    assert_eq!(support.bundle.vault, "ok");
    assert!(support.bundle.queue.as_ref().unwrap().waiting > 0);
    assert!(support.code.is_some());
    let text = support.bundle.short();
    for personal in [NAME, LOGIN] {
        assert!(!text.contains(personal), "{text}");
    }
    let ids = text.split('"').filter(|w| w.len() == 36);
    assert_eq!(ids.count(), 0, "{text}");
    // Nobody reads it off another page.
    help(&mut tablet, HelpCommand::Show(HelpPart::Menu));
    tablet.wait(
        "the menu",
        |p| matches!(&p.page, Page::Help(h) if h.part == HelpPart::Menu && h.support.is_none()),
    );
}
