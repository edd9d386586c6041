//! The duty desk: what its taps send.

use super::{Screen, views};
use protocol::TabletOrder;
use regulation::encounter::Language;
use regulation::{FaultId, OfficerId, PauseId};
use slint::{ComponentHandle, Model};
use tablet::pages::{FiguresPart, Page, Period};
use tablet::worker::{
    Command, DeskAnswerCommand, DeskFiguresCommand, DeskMeansCommand, DeskTabletCommand,
};
use uuid::Uuid;

const PRIMARY: &str = "FrameActions::primary-button";
const SECONDARY: &str = "FrameActions::secondary-button";
const QUIET: &str = "FrameActions::quiet-button";

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
fn a_recording_by_other_means_is_taken_in_and_its_deletion_confirmed() {
    let mut screen = at("desk-recordings");
    let words = screen.words().join("\n");
    for said in [
        "24.11.2026 10:20  Recording by other means, not handed over",
        "Mobile phone, the officer's own, until 10:45",
        "The days for it are over",
        "Recording still on a private device",
    ] {
        assert!(words.contains(said), "{said}: {words}");
    }
    let mut view = views::one("desk-recordings", Language::English);
    if let Page::Desk(desk) = &mut view.page {
        desk.alerts.swap(0, 2);
    }
    screen.show(view);
    let words = screen.words().join("\n");
    let said = "BK-0007: no recording from 24.11.2026 10:20 to 10:45";
    assert!(words.contains(said), "{words}");
    screen.tap("AlertCard::open");
    let id = regulation::MeansId(uuid::Uuid::from_u128(15));
    assert!(matches!(only(&mut screen), DeskMeansCommand::Open(means) if means == id));
    screen.show(views::one("desk-means", Language::English));
    screen.tap(PRIMARY);
    assert!(screen.sent().is_empty(), "on what is not said");
    screen.fill("DeskMeansPage::note-field", "USB 17");
    screen.tap(PRIMARY);
    assert!(matches!(
        only(&mut screen),
        DeskMeansCommand::HandedOver { carrier, digest } if carrier == "USB 17" && digest.is_empty()
    ));
    screen.fill("DeskMeansPage::digest-field", "ab");
    screen.show(views::one("desk-means-problem", Language::English));
    assert!(
        screen
            .words()
            .iter()
            .any(|w| w.starts_with("A SHA-256 has 64"))
    );
    screen.tap(PRIMARY);
    assert!(matches!(
        only(&mut screen),
        DeskMeansCommand::HandedOver { carrier, digest } if carrier == "USB 17" && digest == "ab"
    ));
    // Somebody else was quicker: what was typed of the file is no name.
    screen.show(views::one("desk-means-kept", Language::English));
    assert!(screen.all("DeskMeansPage::digest-field").is_empty());
    screen.tap(PRIMARY);
    assert!(screen.sent().is_empty());
    screen.fill("DeskMeansPage::note-field", "Капитан Синов");
    screen.tap(PRIMARY);
    assert!(matches!(
        only(&mut screen),
        DeskMeansCommand::Deleted { confirmed_by } if confirmed_by == "Капитан Синов"
    ));
    screen.show(views::one("desk-means-gone", Language::English));
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::GoHome));
}

fn only(screen: &mut Screen) -> DeskMeansCommand {
    match screen.only() {
        Command::DeskMeans(command) => command,
        other => panic!("{other:?}"),
    }
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
    for name in ["desk", "desk-fault", "desk-means"] {
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
        let means = component.global::<crate::ui::DeskMeansAdapter>();
        assert!(means.get_means().who.is_empty());
    }
}

#[test]
fn what_is_found_and_resistance_are_seen_with_one_tap_and_a_late_answer_is_opened() {
    let question = |n| regulation::QuestionId(Uuid::from_u128(n));
    let encounter = regulation::EncounterId(Uuid::from_u128(24));
    let mut screen = at("desk-encounters");
    screen.tap_nth("AlertCard::seen", 0);
    assert!(matches!(screen.only(), Command::SeeFound(id) if id == question(20)));
    screen.tap_nth("AlertCard::open", 0);
    assert!(matches!(
        screen.only(),
        Command::DeskAnswer(DeskAnswerCommand::Open(id)) if id == question(22)
    ));
    let mut screen = at("desk-encounters-later");
    screen.tap_nth("AlertCard::seen", 0);
    assert!(matches!(screen.only(), Command::SeeResistance(id) if id == encounter));
    // Of a tablet that is not heard of there is nothing to tap.
    assert_eq!(screen.all("AlertCard::seen").len(), 1);
    assert_eq!(screen.all("AlertCard::open").len(), 1);
}

#[test]
fn a_late_answer_is_held_and_settled_with_one_tap_or_in_words() {
    let answer = |screen: &mut Screen| match screen.only() {
        Command::DeskAnswer(command) => command,
        other => panic!("{other:?}"),
    };
    let people = |screen: &Screen| {
        let component = screen.app.component();
        let adapter = component.global::<crate::ui::DeskAnswerAdapter>();
        let of = [adapter.get_place(), adapter.get_alert().who];
        (
            adapter.get_people().row_count(),
            of.map(|text| !text.is_empty()),
        )
    };
    let mut screen = at("desk-answer");
    assert_eq!(people(&screen), (0, [false, true]), "nothing of the person");
    // A tap is a touch and its end.
    screen.tap("DeskAnswerPage::cover");
    assert!(matches!(
        screen.sent().as_slice(),
        [
            Command::DeskAnswer(DeskAnswerCommand::Reveal(true)),
            Command::DeskAnswer(DeskAnswerCommand::Reveal(false))
        ]
    ));
    screen.tap(PRIMARY);
    assert!(matches!(answer(&mut screen), DeskAnswerCommand::Settle { how } if how.is_empty()));
    screen.fill("DeskAnswerPage::how-field", "Патруль юборилди");
    screen.tap(PRIMARY);
    assert!(
        matches!(answer(&mut screen), DeskAnswerCommand::Settle { how } if how == "Патруль юборилди")
    );
    screen.tap(QUIET);
    assert!(matches!(screen.only(), Command::GoHome));
    // Uncovered it is there, and gone with the next page.
    screen.show(views::one("desk-answer-held", Language::English));
    assert_eq!(people(&screen), (1, [true, true]));
    screen.show(views::one("desk-answer", Language::English));
    assert_eq!(people(&screen), (0, [false, true]));
    screen.show(views::one("desk-answer-held", Language::English));
    screen.show(views::one("login", Language::English));
    assert_eq!(people(&screen), (0, [false, false]));
    let mut screen = at("desk-answer-gone");
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::GoHome));
}

#[test]
fn figures_are_asked_for_by_period_and_looked_at_by_officer() {
    let figures = |screen: &mut Screen| match screen.only() {
        Command::DeskFigures(command) => command,
        other => panic!("{other:?}"),
    };
    let mut screen = at("desk-encounters");
    screen.tap("FrameActions::tertiary-button");
    assert!(matches!(figures(&mut screen), DeskFiguresCommand::Open));
    // A duty officer has none.
    assert!(at("desk").all("FrameActions::tertiary-button").is_empty());
    let mut screen = at("desk-figures");
    for (n, wanted) in Period::ALL.into_iter().enumerate() {
        screen.tap_nth("DeskFiguresPage::choice", n);
        assert!(
            matches!(figures(&mut screen), DeskFiguresCommand::Period(period) if period == wanted)
        );
    }
    screen.tap_nth("DeskFiguresPage::officer-row", 1);
    let second = OfficerId(Uuid::from_u128(2));
    assert!(matches!(
        figures(&mut screen),
        DeskFiguresCommand::Show(FiguresPart::Officer(id)) if id == second
    ));
    screen.tap("DeskFiguresPage::again-row");
    assert!(matches!(
        figures(&mut screen),
        DeskFiguresCommand::Show(FiguresPart::Again)
    ));
    screen.tap("DeskFiguresPage::unit-row");
    assert!(matches!(
        figures(&mut screen),
        DeskFiguresCommand::Show(FiguresPart::Unit)
    ));
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::GoHome));
    // Nothing of a unit that is not asked about any more, and no figures without central.
    let mut screen = at("desk-figures-no-connection");
    assert!(screen.all("DeskFiguresPage::officer-row").is_empty());
    screen.tap(SECONDARY);
    assert!(matches!(figures(&mut screen), DeskFiguresCommand::Retry));
    screen.show(views::one("desk-figures", Language::English));
    screen.show(views::one("login", Language::English));
    let component = screen.app.component();
    let adapter = component.global::<crate::ui::DeskFiguresAdapter>();
    assert_eq!(adapter.get_officers().row_count(), 0);
    assert!(adapter.get_unit().is_empty());
}

#[test]
fn a_tablet_is_lost_found_or_unlocked_when_it_is_said_twice() {
    let ordered = |screen: &mut Screen| match screen.only() {
        Command::DeskTablet(DeskTabletCommand::Order(order)) => order,
        other => panic!("{other:?}"),
    };
    let mut screen = at("desk-tablets-standing");
    screen.tap_nth("DeskCustodyPage::row", 0);
    let device = protocol::DeviceId(Uuid::from_u128(0x3f2a));
    assert!(matches!(
        screen.only(),
        Command::DeskTablet(DeskTabletCommand::Open(id)) if id == device
    ));
    // A role that only looks opens none.
    let mut screen = at("desk-tablets");
    screen.tap_nth("DeskCustodyPage::row", 0);
    assert!(screen.sent().is_empty());
    const TERTIARY: &str = "FrameActions::tertiary-button";
    let mut screen = at("desk-tablet");
    screen.tap(SECONDARY);
    assert!(screen.sent().is_empty(), "said once");
    screen.tap(QUIET);
    screen.tap(SECONDARY);
    screen.tap(PRIMARY);
    assert_eq!(ordered(&mut screen), TabletOrder::Lost);
    screen.tap(TERTIARY);
    assert!(screen.sent().is_empty(), "said once");
    screen.tap(PRIMARY);
    assert_eq!(ordered(&mut screen), TabletOrder::Unlock);
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::Back));
    let mut screen = at("desk-tablet-lost");
    assert!(screen.all(TERTIARY).is_empty());
    screen.tap(SECONDARY);
    screen.tap(PRIMARY);
    assert_eq!(ordered(&mut screen), TabletOrder::Found);
    for name in ["desk-tablet-own", "desk-tablet-asking", "desk-tablet-wiped"] {
        let screen = at(name);
        let taps = [SECONDARY, TERTIARY].map(|id| screen.all(id).len());
        assert_eq!(taps, [0, 0], "{name}");
    }
}
