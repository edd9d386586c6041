//! The duty desk: what its taps send.

use super::{Screen, views};
use regulation::encounter::Language;
use regulation::{FaultId, PauseId};
use slint::{ComponentHandle, Model};
use tablet::worker::Command;
use uuid::Uuid;

const PRIMARY: &str = "PageFrame::primary-button";
const SECONDARY: &str = "PageFrame::secondary-button";
const QUIET: &str = "PageFrame::quiet-button";

fn pause(n: u128) -> PauseId {
    PauseId(Uuid::from_u128(n))
}

fn fault() -> FaultId {
    FaultId(Uuid::from_u128(1))
}

fn at(name: &str) -> Screen {
    Screen::new(views::one(name, Language::English))
}

#[test]
fn a_pause_is_permitted_or_refused_with_one_tap() {
    let mut screen = at("desk");
    screen.tap_nth("AlertCard::yes", 0);
    assert!(
        matches!(screen.only(), Command::DecidePause { pause: id, granted: true } if id == pause(2))
    );
    screen.tap_nth("AlertCard::no", 0);
    assert!(
        matches!(screen.only(), Command::DecidePause { pause: id, granted: false } if id == pause(2))
    );
    // What is decided is not decided again, and of a gap there is nothing to decide.
    let screen = at("desk-later");
    assert!(screen.all("AlertCard::yes").is_empty());
    assert_eq!(screen.all("AlertCard::open").len(), 1);
}

#[test]
fn a_fault_is_given_to_an_administrator_and_closed() {
    let mut screen = at("desk");
    screen.tap_nth("AlertCard::open", 0);
    assert!(matches!(screen.only(), Command::OpenFault(id) if id == fault()));
    let mut screen = at("desk-fault");
    screen.tap(PRIMARY);
    assert!(screen.sent().is_empty(), "nobody is named yet");
    screen.fill("DeskFaultPage::note-field", "Администраторов");
    screen.tap(PRIMARY);
    assert!(
        matches!(screen.only(), Command::AssignFault { administrator } if administrator == "Администраторов")
    );
    screen.tap(SECONDARY);
    assert!(matches!(screen.only(), Command::CloseFault { how } if how == "Администраторов"));
    screen.tap(QUIET);
    assert!(matches!(screen.only(), Command::GoHome));
    let mut screen = at("desk-fault-assigned");
    screen.fill("DeskFaultPage::note-field", "almashtirildi");
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::CloseFault { how } if how == "almashtirildi"));
    let mut screen = at("desk-fault-gone");
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::GoHome));
}

#[test]
fn what_stands_against_each_other_in_custody_is_settled_in_words() {
    let custody = regulation::CustodyId(Uuid::from_u128(10));
    let mut screen = at("desk");
    screen.tap(SECONDARY);
    assert!(matches!(screen.only(), Command::OpenTablets(None)));
    let mut screen = at("desk-custody");
    screen.tap_nth("AlertCard::open", 0);
    assert!(matches!(screen.only(), Command::OpenTablets(Some(id)) if id == custody));
    let mut screen = at("desk-tablets-settling");
    screen.tap(PRIMARY);
    assert!(screen.sent().is_empty(), "nothing is said yet");
    screen.fill("DeskCustodyPage::how-field", "Навбатчи олиб берган");
    screen.tap(PRIMARY);
    assert!(
        matches!(screen.only(), Command::SettleCustody { how } if how == "Навбатчи олиб берган")
    );
    screen.tap(QUIET);
    assert!(matches!(screen.only(), Command::GoHome));
    let mut screen = at("desk-tablets");
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::GoHome));
    screen.show(views::one("login", Language::English));
    let component = screen.app.component();
    let adapter = component.global::<crate::ui::DeskCustodyAdapter>();
    assert_eq!(adapter.get_tablets().row_count(), 0);
}

#[test]
fn the_desk_ends_its_shift_when_it_says_so_twice() {
    let mut screen = at("desk");
    screen.tap(QUIET);
    assert!(screen.sent().is_empty());
    screen.tap(SECONDARY);
    screen.tap(QUIET);
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::EndShift));
}

#[test]
fn nothing_of_the_desk_stays_behind() {
    for name in ["desk", "desk-fault"] {
        let screen = at(name);
        screen.show(views::one("login", Language::English));
        let component = screen.app.component();
        let desk = component.global::<crate::ui::DeskAdapter>();
        assert!(desk.get_officer().is_empty());
        assert_eq!(
            (
                desk.get_alerts().row_count(),
                desk.get_on_duty().row_count()
            ),
            (0, 0)
        );
        let fault = component.global::<crate::ui::DeskFaultAdapter>();
        assert!(fault.get_fault().who.is_empty());
    }
}
