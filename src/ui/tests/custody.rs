//! §13 to §16, §31 on the screen: what one touch records, and what holds it back.

use super::Screen;
use super::views;
use regulation::custody::HandInReason;
use regulation::encounter::Language;
use tablet::pages::{HandInForm, Page, PartyForm, TakeOverForm};
use tablet::worker::{Command, CustodyCommand};

fn at(name: &str) -> Screen {
    Screen::new(views::one(name, Language::UzbekCyrillic))
}

fn only(screen: &mut Screen) -> CustodyCommand {
    match screen.only() {
        Command::Custody(command) => command,
        other => panic!("{other:?}"),
    }
}

fn taken(screen: &mut Screen) -> TakeOverForm {
    match only(screen) {
        CustodyCommand::TakeOver(form) => form,
        other => panic!("{other:?}"),
    }
}

fn place(n: usize) -> PartyForm {
    let Page::TakeOver(view) = views::one("take-over", Language::UzbekCyrillic).page else {
        panic!()
    };
    PartyForm::Place(view.party.places[n].clone())
}

#[test]
fn all_well_is_taken_over_by_one_touch_and_handed_in_by_one() {
    let mut screen = at("take-over");
    screen.tap("FrameActions::primary-button");
    let form = taken(&mut screen);
    assert!(form.from == place(0) && form.damage.is_none() && form.overridden.is_empty());
    screen.show(views::one("hand-in", Language::UzbekCyrillic));
    screen.tap("FrameActions::primary-button");
    let CustodyCommand::HandIn(form) = only(&mut screen) else {
        panic!()
    };
    let ordinary = HandInForm {
        to: place(0),
        why: HandInReason::EndOfDuty,
        damage: None,
    };
    assert!(form == ordinary);
}

#[test]
fn while_it_is_checked_and_while_red_has_no_name_nothing_is_taken_over() {
    let mut screen = at("take-over-checking");
    screen.tap("FrameActions::primary-button");
    assert!(screen.sent().is_empty());
    screen.show(views::one("take-over-red", Language::UzbekCyrillic));
    screen.tap("FrameActions::primary-button");
    assert!(screen.sent().is_empty());
    screen.fill("TakeOverPage::overridden-field", "Навбатчиев");
    screen.tap("FrameActions::primary-button");
    assert_eq!(taken(&mut screen).overridden, "Навбатчиев");
}

#[test]
fn damage_and_another_place_are_typed() {
    let mut screen = at("take-over");
    screen.tap("ConditionField::damaged-segment");
    screen.tap("FrameActions::primary-button");
    assert!(screen.sent().is_empty(), "what is damaged is missing");
    screen.fill("ConditionField::damage-field", "Экран ёрилган");
    screen.tap("PartyChooser::other-place");
    screen.tap("FrameActions::primary-button");
    assert!(screen.sent().is_empty(), "the place is missing");
    screen.fill("PartyChooser::place-field", "Пост");
    screen.tap("FrameActions::primary-button");
    let form = taken(&mut screen);
    assert!(form.from == PartyForm::Place("Пост".into()));
    assert_eq!(form.damage.as_deref(), Some("Экран ёрилган"));
    // Back to the first.
    screen.tap("ConditionField::whole");
    screen.tap("PartyChooser::place-choice");
    screen.tap("FrameActions::primary-button");
    let form = taken(&mut screen);
    assert!(form.from == place(0) && form.damage.is_none());
    screen.tap("FrameActions::quiet-button");
    assert!(matches!(only(&mut screen), CustodyCommand::Later));
}

#[test]
fn the_other_person_confirms_with_a_login_of_their_own_or_stands_by_name() {
    let mut screen = at("hand-in-problem");
    screen.tap("PartyChooser::person-choice");
    screen.tap("FrameActions::primary-button");
    assert!(screen.sent().is_empty(), "nothing is typed");
    screen.fill("ConfirmForm::login-field", "o.omborchiyev");
    screen.fill("ConfirmForm::password-field", "parol");
    screen.tap("FrameActions::primary-button");
    let CustodyCommand::Confirm { login, password } = only(&mut screen) else {
        panic!()
    };
    assert_eq!(
        (login.as_str(), password.as_str()),
        ("o.omborchiyev", "parol")
    );
    screen.tap("FrameActions::primary-button");
    assert!(screen.sent().is_empty(), "the password is gone");
    screen.fill("ConfirmForm::name-field", "Омборчиев");
    screen.tap("ConfirmForm::by-name-button");
    assert!(matches!(only(&mut screen), CustodyCommand::Named { name } if name == "Омборчиев"));
    // The worker says who it is: chosen, and back on the page.
    let mut view = views::one("hand-in-problem", Language::UzbekCyrillic);
    let Page::HandIn(page) = &mut view.page else {
        panic!()
    };
    page.party.person = "Омборчиев".into();
    screen.show(view);
    screen.tap("FrameActions::primary-button");
    let CustodyCommand::HandIn(form) = only(&mut screen) else {
        panic!()
    };
    assert!(form.to == PartyForm::Person);
}

#[test]
fn an_early_hand_in_says_why_and_known_damage_stays_said() {
    let mut screen = at("hand-in-early");
    for (n, why) in [
        (None, HandInReason::NotNeeded),
        (Some(2), HandInReason::Broken),
        (Some(3), HandInReason::Dismissed),
    ] {
        if let Some(n) = n {
            screen.tap_nth("HandInPage::reason-choice", n);
        }
        screen.tap("FrameActions::primary-button");
        let CustodyCommand::HandIn(form) = only(&mut screen) else {
            panic!()
        };
        assert_eq!(form.why, why);
        assert_eq!(form.damage.as_deref(), Some("Экран ёрилган"));
    }
    screen.tap("FrameActions::secondary-button");
    assert!(matches!(screen.only(), Command::GoHome));
    screen.tap("FrameActions::quiet-button");
    assert!(matches!(screen.only(), Command::EndShift));
}

#[test]
fn in_mid_shift_damage_is_recorded_and_the_tablet_handed_in() {
    let mut screen = at("home");
    screen.tap("HomePage::tablet-strip");
    assert!(matches!(only(&mut screen), CustodyCommand::Open));
    screen.show(views::one("tablet", Language::UzbekCyrillic));
    screen.tap("FrameActions::quiet-button");
    screen.fill("TabletPage::note-field", "Экран ёрилган");
    screen.tap("FrameActions::primary-button");
    assert!(
        matches!(only(&mut screen), CustodyCommand::Damaged { note } if note == "Экран ёрилган")
    );
    let mut view = views::one("tablet", Language::UzbekCyrillic);
    let Page::Tablet(page) = &mut view.page else {
        panic!()
    };
    page.done = 1;
    screen.show(view);
    screen.tap("FrameActions::secondary-button");
    assert!(matches!(only(&mut screen), CustodyCommand::HandInNow));
    screen.tap("FrameActions::primary-button");
    assert!(matches!(screen.only(), Command::GoHome));
}

#[test]
fn what_is_typed_comes_back_after_the_lock_and_passwords_do_not() {
    let mut screen = at("take-over");
    screen.tap("ConditionField::damaged-segment");
    screen.fill("ConditionField::damage-field", "Экран");
    screen.tap("PartyChooser::person-choice");
    screen.fill("ConfirmForm::password-field", "kanareyka");
    screen.tap("FrameActions::quiet-button");
    let told = super::lock::across_the_lock(&mut screen, "take-over");
    assert!(told.iter().all(|field| field != "kanareyka"));
    screen.tap("FrameActions::primary-button");
    assert_eq!(taken(&mut screen).damage.as_deref(), Some("Экран"));
}
