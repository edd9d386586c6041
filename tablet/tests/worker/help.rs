//! The page of the tablet and of help: reached with and without a shift, and what the tablet is set to.

use crate::kit::{Tablet, Turned};
use regulation::encounter::Language;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tablet::pages::{HelpPart, Page, PageView, Screen, Settings, ThemeChoice};
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
