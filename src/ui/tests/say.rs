//! Words for the person on the screen: large, in their language, and back to what was typed.

use super::{Screen, texts, views};
use regulation::encounter::Language;
use slint::ComponentHandle;
use tablet::device::VoiceFault;
use tablet::pages::{Aloud, PageView};
use tablet::worker::{Command, SayCommand, Update};

const CHIP: &str = "FrameHead::say-chip";

fn only(screen: &mut Screen) -> SayCommand {
    match screen.only() {
        Command::Say(command) => command,
        other => panic!("{other:?}"),
    }
}

/// `below` with the words over it, as on the view called `name`.
fn over(below: &PageView, name: &str, language: Language) -> PageView {
    let say = views::one(name, language).say;
    PageView {
        say,
        ..below.clone()
    }
}

#[test]
fn words_are_shown_over_the_page_and_the_ground_that_is_chosen_goes_with_them() {
    let below = views::one("ground", Language::English);
    let mut screen = Screen::new(below.clone());
    screen.tap(CHIP);
    assert!(matches!(only(&mut screen), SayCommand::Open { ground } if ground.is_empty()));
    screen.tap_nth("GroundPage::ground-choice", 1);
    screen.fill("GroundPage::fact-field", "видел, как бежали");
    screen.tap(CHIP);
    assert!(matches!(only(&mut screen), SayCommand::Open { ground } if ground == "witness"));
    screen.show(over(&below, "say-explain", Language::Russian));
    // The person's words, the officer's buttons, and nothing else.
    let words = screen.words();
    assert!(
        words
            .iter()
            .any(|w| w.starts_with("Причины и основания вашей остановки"))
    );
    assert!(words.contains(&"Next card".to_owned()), "{words:?}");
    assert!(
        !words
            .iter()
            .any(|w| w.contains("видел") || w.contains("Сержант")),
        "{words:?}"
    );
    assert!(screen.all("GroundPage::fact-field").is_empty());
    screen.tap("SayPage::next");
    assert!(matches!(only(&mut screen), SayCommand::Next));
    screen.tap("SayPage::before");
    assert!(matches!(only(&mut screen), SayCommand::Before));
    screen.tap("SayPage::back");
    assert!(matches!(only(&mut screen), SayCommand::Close));
    screen.show(below);
    screen.tap("GroundPage::explained");
    screen.tap("FrameActions::primary-button");
    assert!(matches!(
        screen.only(),
        Command::StateGround { ground, fact, .. } if ground == "witness" && fact == "видел, как бежали"
    ));
}

#[test]
fn the_persons_language_is_chosen_on_the_card_apart_from_the_officers() {
    let below = views::one("introduce", Language::UzbekCyrillic);
    let mut screen = Screen::new(over(&below, "say-introduce", Language::UzbekCyrillic));
    screen.tap("SayPage::language");
    assert!(screen.sent().is_empty(), "it only asks");
    // Each in its own words; of the one that has none yet it is said, and it is not chosen.
    let words = screen.words();
    for name in [
        "Ўзбекча",
        "Oʻzbekcha",
        "Русский",
        "English",
        "Qaraqalpaqsha",
    ] {
        assert!(words.contains(&name.to_owned()), "{name}: {words:?}");
    }
    assert!(
        words.contains(&"Бу тилда ҳали матн йўқ".to_owned()),
        "{words:?}"
    );
    screen.tap("SayPage::karakalpak");
    assert!(screen.sent().is_empty());
    screen.tap("SayPage::next");
    assert!(screen.sent().is_empty(), "there is no card to be seen");
    screen.tap_nth("SayPage::tongue", 2);
    assert!(matches!(
        only(&mut screen),
        SayCommand::Speak(Language::Russian)
    ));
    screen.show(over(&below, "say-introduce", Language::Russian));
    let words = screen.words();
    assert!(words.iter().any(|w| w.starts_with("Здравствуйте!")));
    assert!(words.contains(&"Русский".to_owned()) && !words.contains(&"English".to_owned()));
    assert!(
        words.contains(&"Кейинги карточка".to_owned()),
        "the officer's"
    );
}

#[test]
fn four_pages_of_the_procedure_show_them_and_no_other_does() {
    for (name, view) in views::all(Language::English) {
        if view.say.is_some() || view.law.is_some() || view.photo.is_some() {
            continue;
        }
        let due = ["introduce", "ground", "method", "finger"];
        let of = name.split(['-', '+']).next().unwrap();
        let screen = Screen::new(view);
        assert_eq!(!screen.all(CHIP).is_empty(), due.contains(&of), "{name}");
        screen.app.component().hide().unwrap();
    }
}

#[test]
fn letters_are_large_and_the_words_fill_the_screen_by_day_and_night() {
    for language in Language::ALL {
        for name in [
            "say-introduce",
            "say-explain",
            "say-longest",
            "say-shortest",
        ] {
            let screen = Screen::new(views::one(name, language));
            let said = screen.the("SayPage::said");
            let room = screen.the("SayPage::room");
            assert!(
                said.size().height <= room.size().height,
                "{language:?} {name}"
            );
            assert!(said.size().width > 1100.0, "the rail gives its room");
            // Of letters of 42 px a line is 57 px high.
            let line = said.size().height;
            assert!(line >= 57.0 * 2.0, "{language:?} {name}: {line}");
            screen.app.component().hide().unwrap();
        }
    }
}

#[test]
fn ends_of_the_row_of_cards_are_no_way_on_and_a_double_tap_is_one() {
    let below = views::one("introduce", Language::English);
    let mut screen = Screen::new(over(&below, "say-introduce", Language::English));
    screen.tap("SayPage::before");
    assert!(screen.sent().is_empty(), "the first");
    screen.show(over(&below, "say-shortest", Language::English));
    screen.tap("SayPage::next");
    assert!(screen.sent().is_empty(), "the last");
    screen.tap("SayPage::back");
    assert!(matches!(only(&mut screen), SayCommand::Close));
    // Without the moment that `show` waits for.
    screen.app.apply(Update::Page(Box::new(below)));
    screen.tap("FrameActions::primary-button");
    assert!(screen.sent().is_empty());
}

#[test]
fn a_card_is_read_aloud_and_stopped_and_why_it_is_not_is_told() {
    let below = views::one("introduce", Language::English);
    let english = Language::English;
    let mut screen = Screen::new(over(&below, "say-introduce", english));
    screen.tap("SayPage::aloud");
    assert!(matches!(only(&mut screen), SayCommand::ReadAloud));
    screen.show(over(&below, "say-aloud", english));
    assert!(!screen.words().contains(&"Read aloud".to_owned()));
    screen.tap("SayPage::aloud");
    assert!(matches!(only(&mut screen), SayCommand::Hush));
    for (fault, words) in [
        (VoiceFault::NoVoice, "This tablet cannot read aloud."),
        (
            VoiceFault::NoLanguage,
            "The tablet has no voice for this language.",
        ),
        (VoiceFault::BrokeOff, "Reading broke off. Try again."),
    ] {
        let mut view = over(&below, "say-introduce", english);
        view.say.as_mut().unwrap().aloud = Aloud::Fault(fault);
        screen.show(view);
        assert!(screen.words().contains(&words.to_owned()), "{words}");
        // It may have been put right.
        screen.tap("SayPage::aloud");
        assert!(matches!(only(&mut screen), SayCommand::ReadAloud));
    }
    screen.show(over(&below, "say-introduce", english));
    assert!(screen.all("SayPage::silent").is_empty());
}

#[test]
fn nothing_of_the_words_stays_behind() {
    let below = views::one("introduce", Language::English);
    let screen = Screen::new(over(&below, "say-introduce", Language::English));
    screen.show(below);
    assert!(screen.all("SayPage::said").is_empty());
    let adapter = screen.app.component().global::<crate::ui::SayAdapter>();
    assert!(adapter.get_text().is_empty());
    assert!(!texts(&screen).is_empty());
}
