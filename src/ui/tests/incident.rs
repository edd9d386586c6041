//! Incident reports: what their pages send, and what comes back after the lock.

use super::{Screen, views};
use regulation::IncidentId;
use regulation::encounter::Language;
use slint::{ComponentHandle, Model};
use tablet::worker::{Command, DeskIncidentCommand, IncidentCommand};
use uuid::Uuid;

const PRIMARY: &str = "FrameActions::primary-button";
const SECONDARY: &str = "FrameActions::secondary-button";
const TERTIARY: &str = "FrameActions::tertiary-button";
const QUIET: &str = "FrameActions::quiet-button";

fn at(name: &str) -> Screen {
    Screen::new(views::one(name, Language::English))
}

fn only(screen: &mut Screen) -> IncidentCommand {
    match screen.only() {
        Command::Incident(command) => command,
        other => panic!("{other:?}"),
    }
}

fn desk(screen: &mut Screen) -> DeskIncidentCommand {
    match screen.only() {
        Command::DeskIncident(command) => command,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_report_is_written_from_home_and_from_a_closed_encounter() {
    let mut screen = at("home");
    screen.tap(SECONDARY);
    assert!(matches!(only(&mut screen), IncidentCommand::Write));
    screen.show(views::one("closed", Language::English));
    screen.tap(QUIET);
    assert!(matches!(only(&mut screen), IncidentCommand::Write));
    screen.show(views::one("home", Language::English));
    screen.tap("Notice::act");
    assert!(matches!(only(&mut screen), IncidentCommand::OpenList));
    screen.show(views::one("reports", Language::English));
    screen.tap(PRIMARY);
    assert!(matches!(only(&mut screen), IncidentCommand::Write));
}

#[test]
fn a_report_says_what_to_whom_when_and_where() {
    let mut screen = at("incident");
    screen.tap(PRIMARY);
    screen.tap_nth("IncidentPage::kind-choice", 3);
    screen.tap("IncidentPage::to-superior-choice");
    screen.tap(PRIMARY);
    assert!(screen.sent().is_empty(), "nothing is told yet");
    screen.tap(PRIMARY);
    assert!(screen.sent().is_empty(), "nothing is told yet");
    screen.fill("IncidentPage::text-field", "жанжал");
    let told = super::lock::across_the_lock(&mut screen, "incident");
    assert_eq!(told[0], "t");
    screen.tap(PRIMARY);
    let IncidentCommand::Report(form) = only(&mut screen) else {
        panic!("no report");
    };
    assert_eq!(form.kind, "supervised_person");
    assert!(form.to_superior);
    assert_eq!((form.ago, form.place.as_str()), (None, "Намуна кўчаси, 1"));
    assert_eq!(form.text, "жанжал");

    screen.tap_nth("IncidentPage::ago-choice", 1);
    screen.fill("IncidentPage::place-field", "Бозор");
    screen.tap(PRIMARY);
    assert!(matches!(
        only(&mut screen),
        IncidentCommand::Report(form) if form.ago == Some(15) && form.place == "Бозор"
    ));
    screen.tap(QUIET);
    assert!(screen.sent().is_empty(), "back to what is reported");
    screen.tap(QUIET);
    assert!(matches!(screen.only(), Command::Back));
}

#[test]
fn what_is_missing_in_a_report_is_told() {
    let screen = at("incident-alone");
    let words = screen.words().join("\n");
    assert!(words.contains("§22. Enter what happened."), "{words}");
}

#[test]
fn the_duty_units_question_is_answered_where_it_stands() {
    let mut screen = at("reports");
    screen.tap_nth("ReportsPage::report-row", 0);
    assert!(matches!(
        only(&mut screen),
        IncidentCommand::Open(id) if id == IncidentId(Uuid::from_u128(4))
    ));
    screen.show(views::one("reports-one", Language::English));
    let words = screen.words().join("\n");
    assert!(
        words.contains("The duty unit asks: Гувоҳларнинг исми?"),
        "{words}"
    );
    screen.fill("ReportsPage::text-field", "Гувоҳ йўқ");
    super::lock::across_the_lock(&mut screen, "reports-one");
    screen.tap(PRIMARY);
    assert!(matches!(
        only(&mut screen),
        IncidentCommand::Supplement { text } if text == "Гувоҳ йўқ"
    ));
    screen.tap(QUIET);
    assert!(matches!(screen.only(), Command::Back));
}

#[test]
fn the_desk_opens_a_report_and_takes_it_in_with_one_tap_each() {
    let mut screen = at("desk-incidents");
    screen.tap_nth("AlertCard::open", 0);
    assert!(matches!(
        desk(&mut screen),
        DeskIncidentCommand::Open(id) if id == IncidentId(Uuid::from_u128(9))
    ));
    screen.show(views::one("desk-incident", Language::English));
    screen.tap(PRIMARY);
    assert!(matches!(desk(&mut screen), DeskIncidentCommand::Receive));
    screen.tap(QUIET);
    assert!(matches!(screen.only(), Command::GoHome));
}

#[test]
fn the_desk_classifies_asks_links_and_closes() {
    let mut screen = at("desk-incident-received");
    screen.tap(PRIMARY);
    screen.tap(PRIMARY);
    assert!(screen.sent().is_empty(), "no kind is chosen");
    screen.tap_nth("DeskIncidentPage::class-choice", 1);
    screen.tap(PRIMARY);
    assert!(matches!(
        desk(&mut screen),
        DeskIncidentCommand::Classify { class } if class == "administrative_offence"
    ));
    screen.tap(QUIET);
    screen.tap(SECONDARY);
    screen.fill("DeskIncidentPage::text-field", "Гувоҳ борми?");
    screen.tap(PRIMARY);
    assert!(matches!(
        desk(&mut screen),
        DeskIncidentCommand::Ask { text } if text == "Гувоҳ борми?"
    ));
    screen.tap(QUIET);
    screen.tap(TERTIARY);
    screen.fill("DeskIncidentPage::camera-field", "bk-0008");
    screen.tap_nth("DeskIncidentPage::around", 2);
    screen.tap(PRIMARY);
    assert!(matches!(
        desk(&mut screen),
        DeskIncidentCommand::Link { camera, minutes: 60 } if camera == "bk-0008"
    ));
    screen.tap(QUIET);
    screen.show(views::one("desk-incident-classified", Language::English));
    screen.tap("DeskIncidentPage::again");
    screen.tap(QUIET);
    screen.tap(PRIMARY);
    screen.tap(PRIMARY);
    assert!(screen.sent().is_empty(), "how it was decided is not said");
    screen.fill("DeskIncidentPage::text-field", "баённома");
    super::lock::across_the_lock(&mut screen, "desk-incident-classified");
    screen.tap(PRIMARY);
    assert!(matches!(
        desk(&mut screen),
        DeskIncidentCommand::Close { how } if how == "баённома"
    ));
    screen.show(views::one("desk-incident-gone", Language::English));
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::GoHome));
}

#[test]
fn nothing_of_a_report_stays_behind() {
    for name in ["incident", "reports-one", "desk-incident-classified"] {
        let screen = at(name);
        screen.show(views::one("login", Language::English));
        let component = screen.app.component();
        let reports = component.global::<crate::ui::ReportsAdapter>();
        assert!(reports.get_text().is_empty());
        assert_eq!(reports.get_lines().row_count(), 0);
        let desk = component.global::<crate::ui::DeskIncidentAdapter>();
        assert!(desk.get_text().is_empty() && desk.get_who().is_empty());
        assert_eq!(desk.get_people().row_count(), 0);
        let form = component.global::<crate::ui::IncidentAdapter>();
        assert!(form.get_place().is_empty());
    }
}
