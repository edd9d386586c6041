//! Taps on the page of the tablet and of help.

use super::{Screen, views};
use crate::ui::Theme;
use regulation::encounter::Language;
use slint::ComponentHandle;
use tablet::pages::{HelpPart, Page, ThemeChoice};
use tablet::worker::{Command, HelpCommand};

fn at(name: &str) -> Screen {
    Screen::new(views::one(name, Language::English))
}

fn only(screen: &mut Screen) -> HelpCommand {
    match screen.only() {
        Command::Help(command) => command,
        other => panic!("{other:?}"),
    }
}

#[test]
fn help_is_a_tap_away_at_the_log_in_at_home_and_at_the_desk() {
    for (page, button) in [
        ("login", "FrameActions::quiet-button"),
        ("home", "FrameActions::tertiary-button"),
        ("desk-quiet", "DeskPage::help-button"),
    ] {
        let mut screen = at(page);
        screen.tap(button);
        assert!(matches!(only(&mut screen), HelpCommand::Open), "{page}");
        screen.app.component().hide().unwrap();
    }
}

#[test]
fn the_menu_leads_to_its_parts_and_back() {
    let mut screen = at("help");
    let parts = [
        HelpPart::Settings,
        HelpPart::Way,
        HelpPart::Devices,
        HelpPart::Support,
        HelpPart::About,
    ];
    for (n, part) in parts.into_iter().enumerate() {
        screen.tap_nth("HelpPage::part-row", n);
        assert!(matches!(only(&mut screen), HelpCommand::Show(p) if p == part));
    }
    screen.tap("FrameActions::primary-button");
    assert!(matches!(only(&mut screen), HelpCommand::Close));
    screen.show(views::one("help-settings", Language::English));
    screen.tap("FrameActions::primary-button");
    assert!(matches!(
        only(&mut screen),
        HelpCommand::Show(HelpPart::Menu)
    ));
}

#[test]
fn settings_are_chosen_and_seen_at_once() {
    let mut screen = at("help-settings");
    for (n, language) in Language::ALL.into_iter().enumerate() {
        screen.tap_nth("SettingsPart::language", n);
        assert!(matches!(screen.only(), Command::SetLanguage(l) if l == language));
    }
    let themes = [ThemeChoice::Day, ThemeChoice::Night, ThemeChoice::ByTime];
    for (n, theme) in themes.into_iter().enumerate() {
        screen.tap_nth("SettingsPart::theme-choice", n);
        assert!(matches!(only(&mut screen), HelpCommand::Theme(t) if t == theme));
    }
    for (n, percent) in tablet::pages::TEXT_PERCENTS.into_iter().enumerate() {
        screen.tap_nth("SettingsPart::size-choice", n);
        assert!(matches!(only(&mut screen), HelpCommand::TextPercent(p) if p == percent));
    }
    for (n, motion) in [true, false].into_iter().enumerate() {
        screen.tap_nth("SettingsPart::motion-choice", n);
        assert!(matches!(only(&mut screen), HelpCommand::Motion(m) if m == motion));
    }
    let mut view = views::one("help-settings", Language::English);
    view.chrome.night = true;
    view.chrome.settings.motion = false;
    view.chrome.settings.text_percent = 150;
    if let Page::Help(page) = &mut view.page {
        page.settings = view.chrome.settings;
    }
    screen.show(view);
    let theme = screen.app.component().global::<Theme>();
    assert!(theme.get_night() && !theme.get_motion());
    assert!((theme.get_text_scale() - 1.5).abs() < 1e-6);
}

#[test]
fn the_sun_changes_the_colours_and_a_tap_on_the_rail_chooses_them() {
    let mut screen = at("home");
    let mut view = views::one("home", Language::English);
    view.chrome.settings.theme = ThemeChoice::ByTime;
    let night = |screen: &Screen| screen.app.component().global::<Theme>().get_night();
    screen.show(view.clone());
    assert!(!night(&screen));
    view.chrome.night = true;
    screen.show(view);
    assert!(night(&screen));
    screen.tap("Rail::night-button");
    assert!(!night(&screen), "at once");
    assert!(matches!(
        only(&mut screen),
        HelpCommand::Theme(ThemeChoice::Day)
    ));
}

#[test]
fn the_way_is_looked_at_once_more_when_it_was_looked_at() {
    let mut screen = at("help-way");
    screen.tap("FrameActions::secondary-button");
    assert!(matches!(only(&mut screen), HelpCommand::CheckWay));
    screen.show(views::one("help-way-looking", Language::English));
    assert!(screen.all("FrameActions::secondary-button").is_empty());
}
