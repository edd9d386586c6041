//! The Regulation's text on the screen: from wherever a paragraph is named, and back to where one was.

use super::{Screen, texts, views};
use i_slint_backend_testing::ElementHandle;
use regulation::encounter::{Language, Refusal};
use slint::ComponentHandle;
use tablet::pages::{PageView, RefusalView};
use tablet::worker::{Command, LawCommand};

const CHIP: &str = "FrameHead::chip";

fn only(screen: &mut Screen) -> LawCommand {
    match screen.only() {
        Command::Law(command) => command,
        other => panic!("{other:?}"),
    }
}

/// `below` with the text over it, as on the view called `name`.
fn over(below: &PageView, name: &str) -> PageView {
    let law = views::one(name, Language::Russian).law;
    PageView {
        law,
        ..below.clone()
    }
}

#[test]
fn the_paragraph_of_a_page_is_one_tap_away_and_what_is_typed_stays() {
    let below = views::one("introduce", Language::Russian);
    let mut screen = Screen::new(below.clone());
    screen.fill("IntroducePage::place-field", "Намуна бозори");
    screen.tap("IntroducePage::service-id");
    screen.tap(CHIP);
    assert!(matches!(only(&mut screen), LawCommand::Open(Some(12))));
    screen.show(over(&below, "law-paragraph"));
    // Of the page below nothing is there to be tapped.
    assert!(screen.all("IntroducePage::place-field").is_empty());
    assert_eq!(screen.all("FrameActions::primary-button").len(), 1);
    let words = screen.words();
    assert!(
        words
            .iter()
            .any(|w| w.starts_with("перед беседой с гражданином"))
    );
    assert!(words.contains(&"Это перевод. Решает узбекский текст.".to_owned()));
    screen.tap("FrameActions::secondary-button");
    assert!(matches!(only(&mut screen), LawCommand::Read(13)));
    screen.tap("FrameActions::tertiary-button");
    assert!(matches!(only(&mut screen), LawCommand::Read(11)));
    screen.tap("FrameActions::quiet-button");
    assert!(matches!(only(&mut screen), LawCommand::List));
    screen.tap("FrameActions::primary-button");
    assert!(matches!(only(&mut screen), LawCommand::Close));
    screen.show(below);
    screen.tap("FrameActions::primary-button");
    assert!(matches!(
        screen.only(),
        Command::Introduce { place, service_id: regulation::encounter::ServiceId::AskedForAndShown, .. }
            if place == "Намуна бозори"
    ));
}

#[test]
fn the_list_is_searched_as_it_is_typed_and_opens_what_was_found() {
    let below = views::one("help", Language::Russian);
    let mut screen = Screen::new(below.clone());
    screen.tap("HelpPage::regulation-row");
    assert!(matches!(only(&mut screen), LawCommand::Open(None)));
    screen.show(over(&below, "law"));
    screen.fill("LawPage::search-field", "bodi");
    assert!(matches!(only(&mut screen), LawCommand::Search(query) if query == "bodi"));
    let found = over(&below, "law-found");
    let first = found.law.as_ref().unwrap().rows[0].number;
    screen.show(found);
    // What is typed goes on being typed: the answer to it puts nothing back.
    let value = screen.the("LawPage::search-field").accessible_value();
    assert_eq!(value.as_deref(), Some("bodi"));
    screen.tap("LawPage::row");
    assert!(matches!(only(&mut screen), LawCommand::Read(number) if number == first));
    // Back from a paragraph the query stands again.
    screen.show(over(&below, "law-paragraph"));
    screen.show(over(&below, "law-found"));
    let value = screen.the("LawPage::search-field").accessible_value();
    assert_eq!(value.as_deref(), Some("bodikamera"));
    screen.show(over(&below, "law-none"));
    assert!(!screen.all("LawPage::nothing").is_empty());
}

#[test]
fn the_text_is_there_before_the_log_in() {
    let below = views::one("login", Language::Russian);
    let mut screen = Screen::new(below.clone());
    screen.fill("LoginPage::login-field", "officer");
    screen.tap("FrameActions::tertiary-button");
    assert!(matches!(only(&mut screen), LawCommand::Open(None)));
    screen.show(over(&below, "law"));
    screen.show(below);
    screen.tap("FrameActions::primary-button");
    assert!(matches!(screen.only(), Command::Login { login, .. } if login == "officer"));
}

#[test]
fn what_is_refused_names_its_own_paragraph_and_says_nothing_over_the_text() {
    let mut below = views::one("method", Language::Russian);
    below.refusal = Some(RefusalView {
        refusal: Refusal::FaceWithoutReason,
        paragraph: 12,
    });
    let mut screen = Screen::new(below.clone());
    assert!(!screen.all("FrameHead::refusal").is_empty());
    screen.tap(CHIP);
    assert!(matches!(only(&mut screen), LawCommand::Open(Some(12))));
    screen.show(over(&below, "law-paragraph"));
    assert!(screen.all("FrameHead::refusal").is_empty());
    screen.show(below);
    assert!(!screen.all("FrameHead::refusal").is_empty());
}

#[test]
fn the_first_and_the_last_paragraph_have_one_neighbour() {
    let below = views::one("home", Language::Russian);
    let mut screen = Screen::new(over(&below, "law-first"));
    assert!(screen.all("FrameActions::tertiary-button").is_empty());
    screen.tap("FrameActions::secondary-button");
    assert!(matches!(only(&mut screen), LawCommand::Read(2)));
    screen.show(over(&below, "law-last"));
    assert!(screen.all("FrameActions::secondary-button").is_empty());
    screen.tap("FrameActions::tertiary-button");
    assert!(matches!(only(&mut screen), LawCommand::Read(32)));
}

#[test]
fn a_double_tap_on_the_chip_does_nothing_on_the_text() {
    let below = views::one("ground", Language::Russian);
    let mut screen = Screen::new(below.clone());
    screen.tap(CHIP);
    assert!(matches!(only(&mut screen), LawCommand::Open(Some(8))));
    // Without the moment that `show` waits for.
    let opened = Box::new(over(&below, "law-paragraph"));
    screen.app.apply(tablet::worker::Update::Page(opened));
    let chip = screen.all(CHIP);
    assert!(
        chip.is_empty(),
        "the text names no paragraph of another page"
    );
}

#[test]
fn every_page_that_begins_with_a_paragraph_has_the_way_to_it() {
    let mut named = 0;
    for (name, view) in views::all(Language::English) {
        if view.law.is_some() || view.photo.is_some() {
            continue;
        }
        let screen = Screen::new(view);
        let chips = screen.all(CHIP);
        // The frame's own line is meant: advice further down names paragraphs as well.
        let at_top = |text: &ElementHandle| text.absolute_position().y < 160.0;
        let subtitle = texts(&screen)
            .into_iter()
            .filter(at_top)
            .filter_map(|text| text.accessible_label())
            .find(|text| text.starts_with('§') && text.contains(". "));
        for chip in &chips {
            let (at, size) = (chip.absolute_position(), chip.size());
            assert!(size.height >= 64.0 && size.width >= 64.0, "{name}: {at:?}");
            named += 1;
        }
        assert!(
            subtitle.is_none() || !chips.is_empty(),
            "{name}: {subtitle:?}"
        );
        screen.app.component().hide().unwrap();
    }
    assert!(named > 40, "{named}");
}
