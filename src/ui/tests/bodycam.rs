//! The bodycam's pages: taps, words, and what comes back after the lock.

use super::{Screen, views};
use regulation::bodycam::{DeviceOwner, PermittedBy};
use regulation::encounter::Language;
use tablet::pages::{CameraState, DeskWord, Page, PageView};
use tablet::worker::{BodycamCommand, Command};

const PRIMARY: &str = "FrameActions::primary-button";
const SECONDARY: &str = "FrameActions::secondary-button";
const QUIET: &str = "FrameActions::quiet-button";

fn at(name: &str) -> Screen {
    Screen::new(views::one(name, Language::English))
}

fn only(screen: &mut Screen) -> BodycamCommand {
    match screen.only() {
        Command::Bodycam(command) => command,
        other => panic!("{other:?}"),
    }
}

#[test]
fn receiving_sends_what_was_typed_and_confirmed_one_tap_each() {
    let mut screen = at("receive");
    let words = screen.words();
    for label in [
        "Диққат! Аудио ва видео ёзиб олинмоқда",
        "Внимание! Ведется аудио и видеозапись",
        "Attention! Audio and video recording in progress",
    ] {
        assert!(words.contains(&label.to_owned()), "{label}: {words:?}");
    }
    screen.tap(PRIMARY);
    assert!(screen.sent().is_empty(), "nothing is typed yet");
    screen.fill("ReceivePage::serial-field", "ax2 0091734");
    let form = received(&mut screen);
    assert_eq!(
        (form.serial.as_str(), form.step.as_str()),
        ("ax2 0091734", "full")
    );
    assert!(form.battery.is_empty() && form.emptied && form.worn);
    // Each that is not as it is to be has a tap of its own, and is told in the sentence.
    screen.tap_nth("ReceivePage::step-choice", 1);
    screen.tap("ReceivePage::emptied-check");
    screen.tap("ReceivePage::worn-check");
    let said = "§23. Your tap confirms: battery enough, 60–79 %; memory not empty; not worn as §17 says; it is on.";
    assert!(
        screen.words().contains(&said.to_owned()),
        "{:?}",
        screen.words()
    );
    let form = received(&mut screen);
    assert_eq!(form.step, "enough");
    assert!(!form.emptied && !form.worn);
    // What is typed stands in the place of the step, until a step is chosen again.
    screen.fill("ReceivePage::battery-field", "85");
    assert!(screen.words().iter().any(|w| w.contains("battery 85 %")));
    assert_eq!(received(&mut screen).battery, "85");
    screen.tap_nth("ReceivePage::step-choice", 2);
    let form = received(&mut screen);
    assert_eq!((form.battery.as_str(), form.step.as_str()), ("", "low"));
    screen.tap(QUIET);
    assert!(matches!(screen.only(), Command::GoHome));
}

fn received(screen: &mut Screen) -> tablet::pages::ReceiveForm {
    screen.tap(PRIMARY);
    match only(screen) {
        BodycamCommand::Receive(form) => form,
        _ => panic!("something else"),
    }
}

#[test]
fn a_shift_begins_with_two_touches_and_what_they_confirm_is_told_in_words() {
    let mut screen = at("take-over");
    screen.tap(PRIMARY);
    assert!(matches!(
        screen.only(),
        Command::Custody(tablet::worker::CustodyCommand::TakeOver(_))
    ));
    screen.show(views::one("receive-assigned", Language::English));
    let said =
        "§23. Your tap confirms: battery full, 80–100 %; memory empty; worn as §17 says; it is on.";
    let words = screen.words();
    assert!(words.contains(&said.to_owned()), "{words:?}");
    screen.tap(PRIMARY);
    let BodycamCommand::Receive(form) = only(&mut screen) else {
        panic!();
    };
    assert_eq!(
        (form.serial.as_str(), form.step.as_str()),
        ("AX2-0091734", "full")
    );
    assert!(form.battery.is_empty() && form.emptied && form.worn);
}

#[test]
fn what_is_held_still_is_one_touch_and_another_one_is_received_all_the_same() {
    let mut screen = at("receive-carried");
    let words = screen.words().join("\n");
    assert!(
        words.contains("AX2-0091734") && words.contains("at 12:04"),
        "{words}"
    );
    screen.tap(PRIMARY);
    assert!(matches!(only(&mut screen), BodycamCommand::CarryOver));
    screen.tap(SECONDARY);
    assert!(received(&mut screen).worn);
    screen.show(views::one("home", Language::English));
    screen.show(views::one("receive-carried-off", Language::English));
    let words = screen.words().join("\n");
    assert!(words.contains("Not recording since 12:04"), "{words}");
    screen.tap(PRIMARY);
    assert!(matches!(only(&mut screen), BodycamCommand::CarryOver));
}

#[test]
fn what_is_not_as_it_is_to_be_is_told_until_it_is() {
    let screen = at("receive-warned");
    screen.tap("ReceivePage::emptied-check");
    screen.tap("ReceivePage::worn-check");
    let told = |screen: &Screen, word: &str| screen.words().iter().any(|w| w.contains(word));
    for word in [
        "Battery below 60 %",
        "Memory not confirmed",
        "Tap once more",
    ] {
        assert!(told(&screen, word), "{word}: {:?}", screen.words());
    }
    screen.tap("ReceivePage::emptied-check");
    assert!(!told(&screen, "Memory not confirmed"));
    assert!(told(&screen, "Not confirmed worn"));
}

#[test]
fn a_pause_is_asked_for_permitted_by_voice_begun_and_ended() {
    let mut screen = at("bodycam");
    screen.tap(PRIMARY);
    screen.tap(PRIMARY);
    assert!(screen.sent().is_empty(), "no reason is chosen");
    screen.tap_nth("BodycamPage::reason-choice", 1);
    screen.tap_nth("BodycamPage::length-choice", 1);
    screen.tap(PRIMARY);
    assert!(matches!(
        only(&mut screen),
        BodycamCommand::AskPause { why, minutes: 30 } if why == "meal"
    ));

    screen.show(views::one("home", Language::English));
    screen.show(views::one("bodycam-asked", Language::English));
    screen.tap(SECONDARY);
    assert!(matches!(only(&mut screen), BodycamCommand::WithdrawPause));
    screen.show(views::one("home", Language::English));
    screen.show(views::one("bodycam-asked", Language::English));
    screen.tap(PRIMARY);
    screen.tap("BodycamPage::commander");
    screen.fill("BodycamPage::name-field", "Намунаев");
    screen.tap(PRIMARY);
    assert!(matches!(
        only(&mut screen),
        BodycamCommand::PermittedByVoice { by: PermittedBy::Commander, name } if name == "Намунаев"
    ));

    // The desk was quicker: the form for a name is gone.
    screen.show(views::one("bodycam-permitted", Language::English));
    assert!(screen.all("BodycamPage::name-field").is_empty());
    screen.tap(PRIMARY);
    assert!(matches!(only(&mut screen), BodycamCommand::BeginPause));
    screen.show(views::one("bodycam-paused", Language::English));
    screen.tap(PRIMARY);
    assert!(matches!(only(&mut screen), BodycamCommand::Resume));
}

#[test]
fn a_fault_is_two_taps() {
    let mut screen = at("bodycam");
    screen.tap_nth("BodycamPage::fault-kind", 0);
    screen.tap(PRIMARY);
    assert!(matches!(
        only(&mut screen),
        BodycamCommand::Fault { what, note } if what == "flat_battery" && note.is_empty()
    ));
    screen.show(views::one("bodycam-faulty", Language::English));
    screen.show(views::one("home", Language::English));
    screen.show(views::one("bodycam-faulty", Language::English));
    let words = screen.words().join("\n");
    assert!(words.contains("Administrator: Намунаев"), "{words}");
    screen.tap(PRIMARY);
    assert!(matches!(only(&mut screen), BodycamCommand::Mended));
    screen.tap("BodycamPage::other-means-button");
    screen.tap_nth("BodycamPage::device-choice", 0);
    screen.tap(PRIMARY);
    assert!(screen.sent().is_empty(), "whose device, is not said");
    screen.tap_nth("BodycamPage::owner-choice", 1);
    screen.fill("BodycamPage::means-note-field", "бозор");
    screen.tap(PRIMARY);
    assert!(matches!(
        only(&mut screen),
        BodycamCommand::OtherMeans { device, owner: DeviceOwner::Colleague, minutes: None, note }
            if device == "phone" && note == "бозор"
    ));
    screen.tap_nth("BodycamPage::since-choice", 1);
    screen.tap(PRIMARY);
    assert!(matches!(
        only(&mut screen),
        BodycamCommand::OtherMeans {
            minutes: Some(30),
            ..
        }
    ));
}

#[test]
fn off_is_asked_twice_and_the_end_of_the_shift_hands_back_first() {
    let mut screen = at("bodycam");
    screen.tap("BodycamPage::off-button");
    assert!(screen.sent().is_empty());
    screen.tap(PRIMARY);
    assert!(matches!(only(&mut screen), BodycamCommand::SwitchOff));
    screen.show(views::one("bodycam-ending", Language::English));
    screen.show(views::one("home", Language::English));
    screen.show(views::one("bodycam-ending", Language::English));
    screen.tap(PRIMARY);
    assert!(matches!(only(&mut screen), BodycamCommand::SwitchOff));
    screen.tap(SECONDARY);
    assert!(matches!(screen.only(), Command::EndShift));
    screen.tap(QUIET);
    assert!(matches!(screen.only(), Command::GoHome));
    let ending = |state| {
        let mut view = views::one("bodycam-ending", Language::English);
        if let Page::Bodycam(page) = &mut view.page {
            page.duty.state = state;
        }
        view
    };
    screen.show(ending(CameraState::Off));
    screen.tap(PRIMARY);
    screen.fill("BodycamPage::returned-battery-field", "17");
    screen.tap(PRIMARY);
    assert!(matches!(
        only(&mut screen),
        BodycamCommand::HandBack { battery } if battery == "17"
    ));
    screen.tap(QUIET);
    screen.show(ending(CameraState::NotAssigned));
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::EndShift));
}

#[test]
fn without_a_bodycam_one_can_be_received_and_what_is_off_goes_on_again() {
    let mut screen = at("bodycam-none");
    screen.tap(PRIMARY);
    assert!(matches!(only(&mut screen), BodycamCommand::OpenReceive));
    screen.show(views::one("bodycam-received", Language::English));
    screen.tap(PRIMARY);
    assert!(matches!(only(&mut screen), BodycamCommand::SwitchOn));
    screen.show(views::one("bodycam-off", Language::English));
    screen.tap(SECONDARY);
    assert!(matches!(only(&mut screen), BodycamCommand::SwitchOn));
}

#[test]
fn a_form_is_done_with_when_it_is_recorded_and_not_before() {
    let screen = at("bodycam");
    screen.tap_nth("BodycamPage::fault-kind", 0);
    screen.fill("BodycamPage::fault-note-field", "ёмғир");
    let mut view = views::one("bodycam", Language::English);
    if let Page::Bodycam(page) = &mut view.page {
        let refusal = regulation::bodycam::Refusal::TextTooLong;
        page.refusal = Some((refusal, refusal.paragraph().0));
    }
    screen.show(view.clone());
    let words = screen.words().join("\n");
    assert!(words.contains("§21. The text is too long."), "{words}");
    assert!(!screen.all("BodycamPage::fault-note-field").is_empty());
    if let Page::Bodycam(page) = &mut view.page {
        (page.refusal, page.done) = (None, 1);
    }
    screen.show(view);
    assert!(screen.all("BodycamPage::fault-note-field").is_empty());
}

#[test]
fn home_shows_the_bodycam_in_shape_and_word_and_leads_to_it() {
    let mut pictures = Vec::new();
    let screen = at("home");
    for (state, word) in [
        (CameraState::Recording, "Bodycam: Recording"),
        (
            CameraState::PauseAsked,
            "Bodycam: Recording; waiting for the desk",
        ),
        (CameraState::Paused, "Bodycam: Paused"),
        (CameraState::PauseOver, "Bodycam: The pause is over"),
        (CameraState::Faulty, "Bodycam: Faulty"),
        (CameraState::Off, "Bodycam: Off"),
        (CameraState::NotAssigned, "Bodycam: None"),
    ] {
        let mut view = views::one("home", Language::English);
        if let Page::Home(home) = &mut view.page {
            home.bodycam.as_mut().unwrap().state = state;
        }
        screen.show(view);
        let words = screen.words();
        assert!(words.contains(&word.to_owned()), "{word}: {words:?}");
        pictures.push(
            screen
                .app
                .window()
                .take_snapshot()
                .unwrap()
                .as_bytes()
                .to_vec(),
        );
    }
    pictures.dedup();
    assert_eq!(pictures.len(), 7);
    let mut screen = screen;
    screen.tap("HomePage::bodycam-strip");
    assert!(matches!(only(&mut screen), BodycamCommand::Open));
    screen.show(views::one("home-empty", Language::English));
    assert!(
        screen.all("HomePage::bodycam-strip").is_empty(),
        "the desk wears none"
    );
}

#[test]
fn the_desks_word_hides_no_answer_and_goes_when_it_was_read() {
    let page = |word| -> PageView {
        let mut view = views::one("answer-covered", Language::English);
        view.chrome.word = word;
        view
    };
    let screen = Screen::new(page(None));
    let cover = screen.the("AnswerPage::cover");
    let (at, size) = (cover.absolute_position(), cover.size());
    let mut screen = screen;
    for (word, said) in [
        (DeskWord::PausePermitted, "The desk permits the pause."),
        (DeskWord::PauseRefused, "The desk refuses the pause."),
        (DeskWord::VoiceConfirmed, "The desk confirms the permission"),
        (DeskWord::VoiceNotConfirmed, "The desk does not confirm"),
        (DeskWord::FaultAssigned, "An administrator sees to"),
        (DeskWord::FaultClosed, "The desk has closed"),
    ] {
        screen.show(page(Some(word)));
        let words = screen.words();
        assert!(
            words.iter().any(|w| w.starts_with(said)),
            "{said}: {words:?}"
        );
        let cover = screen.the("AnswerPage::cover");
        assert_eq!((cover.absolute_position(), cover.size()), (at, size));
        screen.tap("DeskNotice::understood-button");
        assert!(matches!(only(&mut screen), BodycamCommand::Understood));
    }
}

#[test]
fn a_stop_that_is_not_recorded_is_told_so_and_held_up_by_nothing() {
    let mut screen = at("introduce-unrecorded");
    let words = screen.words().join("\n");
    let said = "The bodycam is faulty: record with another device.";
    assert!(words.contains(said), "{words}");
    screen.fill("IntroducePage::place-field", "Бозор");
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::Introduce { place, .. } if place == "Бозор"));
}

#[test]
fn what_was_typed_of_a_bodycam_comes_back_after_the_lock() {
    let mut screen = at("receive");
    screen.fill("ReceivePage::serial-field", "AX2-0091734");
    screen.tap("ReceivePage::worn-check");
    super::lock::across_the_lock(&mut screen, "receive");
    screen.fill("ReceivePage::battery-field", "90");
    screen.tap(PRIMARY);
    assert!(matches!(
        only(&mut screen),
        BodycamCommand::Receive(form)
            if form.serial == "AX2-0091734" && !form.worn && form.emptied && form.battery == "90"
    ));
    screen.show(views::one("bodycam-asked", Language::English));
    screen.tap(PRIMARY);
    screen.tap("BodycamPage::commander");
    screen.fill("BodycamPage::name-field", "Намунаев");
    super::lock::across_the_lock(&mut screen, "bodycam-asked");
    screen.tap(PRIMARY);
    assert!(matches!(
        only(&mut screen),
        BodycamCommand::PermittedByVoice { by: PermittedBy::Commander, name } if name == "Намунаев"
    ));
}
