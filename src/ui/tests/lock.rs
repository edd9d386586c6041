//! PIN, lock, what is typed across the lock, and taps that count once.

use super::{Screen, views};
use crate::app::AppOptions;
use regulation::encounter::{Explanation, Language, Outcome};
use slint::platform::WindowEvent;
use slint::{ComponentHandle, SharedString};
use tablet::pages::{Page, PageView};
use tablet::worker::{Command, Update};

const PRIMARY: &str = "FrameActions::primary-button";
const QUIET: &str = "FrameActions::quiet-button";

fn at(name: &str) -> Screen {
    Screen::new(views::one(name, Language::English))
}

/// Taps digits on the pad; the keys 1 to 9 stand in their order.
fn pad(screen: &Screen, digits: &str) {
    for digit in digits.bytes() {
        match digit {
            b'0' => screen.tap("PinPad::zero"),
            digit => screen.tap_nth("PinPad::key", usize::from(digit - b'1')),
        }
    }
}

/// Everything typed since the last call, told with the page's stamp.
fn typed(screen: &mut Screen) -> Option<Vec<String>> {
    let mut last = None;
    while let Ok((stamp, command)) = screen.commands.try_recv() {
        assert_eq!(stamp, views::stamp());
        if let Command::Typed(fields) = command {
            last = Some(fields);
        }
    }
    last
}

#[test]
fn a_pin_is_tapped_and_sent_and_leaves_the_pad() {
    let mut screen = at("pin");
    screen.tap(PRIMARY);
    pad(&screen, "407");
    screen.tap(PRIMARY);
    assert!(screen.sent().is_empty(), "three digits are no PIN");
    pad(&screen, "19");
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::ChoosePin(pin) if pin.as_str() == "40719"));
    screen.tap(PRIMARY);
    assert!(screen.sent().is_empty());
    pad(&screen, "4071928374");
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::ChoosePin(pin) if pin.as_str() == "40719283"));
    pad(&screen, "4071");
    screen.tap("PinPad::erase");
    pad(&screen, "8052");
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::ChoosePin(pin) if pin.as_str() == "8052"));
}

#[test]
fn the_locked_page_unlocks_asks_for_the_password_and_speaks_every_language() {
    let mut screen = at("locked");
    pad(&screen, "40719");
    assert!(
        !screen.words().iter().any(|w| w.contains("40719")),
        "digits show as dots"
    );
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::Unlock(pin) if pin.as_str() == "40719"));
    // A keyboard of keys does as well.
    for key in ["8", "0", "x", "5", "2", "\n"] {
        let text = SharedString::from(key);
        let window = screen.app.window();
        window.dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
        window.dispatch_event(WindowEvent::KeyReleased { text });
    }
    screen.settle();
    assert!(matches!(screen.only(), Command::Unlock(pin) if pin.as_str() == "8052"));
    screen.tap(QUIET);
    assert!(matches!(screen.only(), Command::UsePassword));
    for (i, language) in Language::ALL.into_iter().enumerate() {
        screen.tap_nth("LockPage::language", i);
        assert!(matches!(screen.only(), Command::SetLanguage(l) if l == language));
    }
}

#[test]
fn nothing_of_the_shift_stands_on_the_locked_page() {
    let screen = at("home");
    let before = super::screens::everything_said(&screen);
    for word in [
        "Намунаев",
        "Сержант",
        "4-бўлинма",
        "Sent: 37",
        "Намуна кўчаси",
    ] {
        assert!(before.contains(word), "{word}");
    }
    assert!(!screen.all("Rail::lock-button").is_empty());
    screen.show(views::one("introduce", Language::English));
    screen.show(views::one("locked", Language::English));
    let said = super::screens::everything_said(&screen);
    for word in [
        "Намуна",
        "Сержант",
        "бўлинма",
        "Sent",
        "Not sent",
        "encounter",
    ] {
        assert!(!said.contains(word), "{word} in {said}");
    }
    assert!(said.contains("12:04") && said.contains("Connected"));
    assert!(screen.all("Rail::lock-button").is_empty());
    assert!(screen.all("StepRow::root").is_empty());
}

#[test]
fn the_lock_is_one_tap_away_on_every_page_of_a_shift() {
    for name in ["home", "introduce", "document", "answer-covered", "closed"] {
        let mut screen = at(name);
        screen.tap("Rail::lock-button");
        assert!(matches!(screen.only(), Command::Lock), "{name}");
        screen.app.component().hide().unwrap();
    }
}

/// The page with what was typed on it before the lock.
fn given_back(name: &str, fields: &[String]) -> PageView {
    let mut view = views::one(name, Language::English);
    view.typed = fields.to_vec();
    view
}

/// Locks the screen and shows the page again with what it told.
pub(super) fn across_the_lock(screen: &mut Screen, name: &str) -> Vec<String> {
    let told = typed(screen).expect("the page told what was typed");
    screen.show(views::one("locked", Language::English));
    screen.show(given_back(name, &told));
    told
}

#[test]
fn a_place_and_a_ground_come_back_after_the_lock() {
    let mut screen = at("introduce");
    screen.fill("IntroducePage::place-field", "Бозор");
    screen.tap("IntroducePage::service-id");
    across_the_lock(&mut screen, "introduce");
    screen.tap(PRIMARY);
    assert!(matches!(
        screen.only(),
        Command::Introduce { place, chosen: false, service_id: regulation::encounter::ServiceId::AskedForAndShown }
            if place == "Бозор"
    ));

    screen.show(views::one("ground", Language::English));
    screen.tap_nth("GroundPage::ground-choice", 1);
    screen.fill("GroundPage::fact-field", "факт");
    screen.tap(QUIET);
    screen.fill("GroundPage::why-field", "ҳушсиз");
    across_the_lock(&mut screen, "ground");
    screen.tap(PRIMARY);
    assert!(matches!(
        screen.only(),
        Command::StateGround { ground, fact, explanation: Explanation::NotPossibleYet { why } }
            if ground == "witness" && fact == "факт" && why == "ҳушсиз"
    ));
}

#[test]
fn a_document_a_reason_and_an_outcome_come_back_after_the_lock() {
    let mut screen = at("document");
    screen.tap("DocumentPage::passport");
    screen.tap("DocumentPage::ask-central");
    screen.fill("DocumentPage::surname-field", "СИНОВОВ");
    screen.fill("DocumentPage::birth-date-field", "02.02.1980");
    across_the_lock(&mut screen, "document");
    screen.tap(PRIMARY);
    match screen.only() {
        Command::ReviewDocument(form) => {
            assert_eq!(
                form.kind,
                Some(regulation::encounter::DocumentKind::Passport)
            );
            assert!(form.ask);
            assert_eq!(form.surname, "СИНОВОВ");
            assert_eq!(form.given, "НАМУНА");
            assert_eq!(form.birth_date, "02.02.1980");
            assert_eq!(form.number, "AA1234567");
        }
        other => panic!("{other:?}"),
    }

    screen.show(views::one("no-fingerprint", Language::English));
    screen.tap_nth("NoFingerprintPage::reason-choice", 1);
    screen.fill("NoFingerprintPage::note-field", "изоҳ");
    let told = across_the_lock(&mut screen, "no-fingerprint");
    screen.tap(PRIMARY);
    assert!(matches!(
        screen.only(),
        Command::FingerprintImpossible { reason, note } if reason == told[0] && note == "изоҳ"
    ));

    screen.show(views::one("outcome", Language::English));
    screen.tap("OutcomePage::other-ground");
    screen.fill("OutcomePage::article-field", "183");
    screen.fill("OutcomePage::order-field", "навбатчи");
    across_the_lock(&mut screen, "outcome");
    screen.tap(PRIMARY);
    assert!(matches!(
        screen.only(),
        Command::Finish(Outcome::TakenOnOtherGround { article, by_order_of })
            if article == "183" && by_order_of == "навбатчи"
    ));
}

#[test]
fn without_a_lock_a_page_begins_with_nothing_typed() {
    let mut screen = at("introduce");
    screen.fill("IntroducePage::place-field", "Бозор");
    screen.show(views::one("home", Language::English));
    screen.show(views::one("introduce", Language::English));
    screen.sent();
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::Introduce { place, .. } if place.is_empty()));
}

#[test]
fn the_second_tap_of_a_double_tap_does_nothing_on_the_page_that_came() {
    let mut screen = at("pending-offline");
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::ToOutcome));
    // The page comes, and the finger comes down again where it was.
    let outcome = views::one("outcome", Language::English);
    screen.app.apply(Update::Page(Box::new(outcome)));
    screen.settle();
    screen.tap(PRIMARY);
    assert!(
        screen.sent().is_empty(),
        "recorded and closed by a double tap"
    );
    // Elsewhere on the page a tap is meant.
    screen.tap(QUIET);
    assert!(matches!(screen.only(), Command::Back));
    // And there, a moment later.
    i_slint_backend_testing::mock_elapsed_time(crate::ui::Guard::TIME);
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::Finish(Outcome::Released)));
}

#[test]
fn a_page_that_only_changes_in_part_keeps_its_taps() {
    let mut screen = at("locked");
    pad(&screen, "40");
    let mut view = views::one("locked", Language::English);
    if let Page::Locked(page) = &mut view.page {
        page.clock = "12:05".into();
    }
    screen.app.apply(Update::Page(Box::new(view)));
    screen.settle();
    pad(&screen, "71");
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::Unlock(pin) if pin.as_str() == "4071"));
}

#[test]
fn touching_the_screen_is_told_but_not_each_time() {
    let mut screen = Screen::with(views::one("home", Language::English), AppOptions::default());
    for _ in 0..4 {
        screen.tap(QUIET);
        screen.tap("FrameActions::secondary-button");
    }
    let mut touched = 0;
    while let Ok((_, command)) = screen.commands.try_recv() {
        touched += usize::from(matches!(command, Command::Touched));
    }
    assert_eq!(touched, 1);
}

#[test]
fn the_corner_tells_what_is_stuck_why_and_for_how_long() {
    let screen = at("home-stuck");
    let words = screen.words();
    for text in [
        "Central refuses this tablet",
        "Not sent: 21 · 2:02:05",
        "Stuck: 4 · 25:02:05",
        "1: central does not take them",
        "2: the tablet's certificate is not valid",
        "1: too large",
    ] {
        assert!(words.contains(&text.to_owned()), "{text}: {words:?}");
    }
    screen.show(views::one("home-empty", Language::English));
    let unprotected = "Memory is not protected. Tell the duty unit.";
    assert!(screen.words().contains(&unprotected.to_owned()));
    for (connection, said) in [
        (tablet::pages::Connection::NoNetwork, "No network"),
        (
            tablet::pages::Connection::CentralDown,
            "Central is not answering",
        ),
    ] {
        let mut view = views::one("home-stuck", Language::English);
        view.chrome.connection = connection;
        screen.show(view);
        assert!(screen.words().contains(&said.to_owned()));
    }
}
