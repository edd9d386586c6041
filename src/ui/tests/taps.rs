//! Taps send exactly the command that the page promises, with the stamp of the page.

use super::{Screen, views};
use crate::app::AppOptions;
use regulation::encounter::{DocumentKind, Explanation, Finger, Language, Outcome, ServiceId};
use slint::ComponentHandle;
use slint::platform::{PointerEventButton, WindowEvent};
use tablet::pages::{LoginView, Page};
use tablet::worker::{Command, Update};

const PRIMARY: &str = "FrameActions::primary-button";
const SECONDARY: &str = "FrameActions::secondary-button";
const TERTIARY: &str = "FrameActions::tertiary-button";
const QUIET: &str = "FrameActions::quiet-button";

fn at(name: &str) -> Screen {
    Screen::new(views::one(name, Language::English))
}

#[test]
fn log_in_sends_what_was_typed_and_forgets_the_password() {
    let mut screen = at("login");
    screen.fill("LoginPage::login-field", "officer");
    screen.fill("LoginPage::password-field", "secret");
    screen.tap(PRIMARY);
    match screen.only() {
        Command::Login { login, password } => {
            assert_eq!((login.as_str(), password.as_str()), ("officer", "secret"));
        }
        other => panic!("{other:?}"),
    }
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::Login { password, .. } if password.is_empty()));
}

#[test]
fn log_in_waits_while_it_is_busy_or_not_enrolled() {
    let mut screen = at("login-busy");
    screen.tap(PRIMARY);
    assert!(screen.sent().is_empty());
    let mut view = views::one("login", Language::English);
    view.page = Page::Login(LoginView {
        busy: false,
        problem: None,
        shift_open: false,
        enrolled: false,
    });
    screen.show(view);
    screen.tap(PRIMARY);
    assert!(screen.sent().is_empty());
}

#[test]
fn language_is_chosen_before_the_log_in() {
    let mut screen = at("login");
    for (i, language) in Language::ALL.into_iter().enumerate() {
        screen.tap_nth("LoginPage::language", i);
        assert!(matches!(screen.only(), Command::SetLanguage(l) if l == language));
    }
}

#[test]
fn demo_credentials_are_shown_and_filled_in_only_when_given() {
    let screen = at("login");
    assert!(screen.all("LoginPage::demo").is_empty());
    screen.app.component().hide().unwrap();
    let demo_credentials = Some(("namunayev".to_owned(), "namuna".to_owned()));
    let view = views::one("login", Language::English);
    let mut screen = Screen::with(
        view,
        AppOptions {
            night: false,
            demo_credentials,
        },
    );
    assert!(
        screen
            .words()
            .iter()
            .any(|w| w.contains("login namunayev, password namuna"))
    );
    screen.tap("Notice::act");
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::Login { login, .. } if login == "namunayev"));
}

#[test]
fn home_opens_begins_and_ends() {
    let mut screen = at("home");
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::NewEncounter));
    screen.tap_nth("HomePage::row", 2);
    let third = regulation::EncounterId(uuid::Uuid::from_u128(5));
    assert!(matches!(screen.only(), Command::OpenEncounter(id) if id == third));
    screen.tap(QUIET);
    assert!(
        screen.sent().is_empty(),
        "the end of the shift is asked for twice"
    );
    screen.tap(SECONDARY);
    screen.tap(QUIET);
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::EndShift));
}

#[test]
fn an_open_encounter_is_gone_on_with_first() {
    let mut screen = at("home-stuck");
    screen.tap(PRIMARY);
    let open = views::encounter();
    assert!(matches!(screen.only(), Command::OpenEncounter(id) if id == open));
    screen.tap("StatusCorner::retry-button");
    assert!(matches!(screen.only(), Command::Retry));
    screen.tap("TabletNotice::dismiss-button");
    assert!(matches!(screen.only(), Command::DismissNotice));
}

#[test]
fn introduction_sends_place_and_service_id() {
    let mut screen = at("introduce");
    screen.tap_nth("IntroducePage::language", 2);
    assert!(matches!(
        screen.only(),
        Command::SetCitizenLanguage(Language::Russian)
    ));
    screen.tap_nth("IntroducePage::place-choice", 1);
    screen.tap("IntroducePage::service-id");
    screen.tap(PRIMARY);
    match screen.only() {
        Command::Introduce {
            place,
            chosen,
            service_id,
        } => {
            assert_eq!(place, "Намуна боғи");
            assert!(chosen);
            assert_eq!(service_id, ServiceId::AskedForAndShown);
        }
        other => panic!("{other:?}"),
    }
    screen.fill("IntroducePage::place-field", "Бозор");
    screen.tap("IntroducePage::service-id");
    screen.tap(PRIMARY);
    match screen.only() {
        Command::Introduce {
            place,
            chosen,
            service_id,
        } => {
            assert_eq!(place, "Бозор");
            assert!(!chosen);
            assert_eq!(service_id, ServiceId::NotAskedFor);
        }
        other => panic!("{other:?}"),
    }
    screen.tap(QUIET);
    assert!(matches!(screen.only(), Command::GoHome));
}

#[test]
fn ground_needs_the_explanation_and_sends_how_it_was_given() {
    let mut screen = at("ground");
    screen.tap_nth("GroundPage::ground-choice", 1);
    screen.fill("GroundPage::fact-field", "факт");
    screen.tap(PRIMARY);
    assert!(
        screen.sent().is_empty(),
        "nothing before the explanation is confirmed"
    );
    let stated = |screen: &mut Screen| match screen.only() {
        Command::StateGround {
            ground,
            fact,
            explanation,
        } => {
            assert_eq!((ground.as_str(), fact.as_str()), ("witness", "факт"));
            explanation
        }
        other => panic!("{other:?}"),
    };
    screen.tap("GroundPage::explained");
    screen.tap(PRIMARY);
    assert_eq!(stated(&mut screen), Explanation::Full);
    screen.tap("GroundPage::explained-without");
    screen.tap(PRIMARY);
    assert_eq!(stated(&mut screen), Explanation::ServiceInformationLeftOut);
    screen.tap(QUIET);
    screen.fill("GroundPage::why-field", "ҳушсиз");
    screen.tap(PRIMARY);
    assert_eq!(
        stated(&mut screen),
        Explanation::NotPossibleYet {
            why: "ҳушсиз".into()
        }
    );
}

#[test]
fn words_to_say_are_a_look_aside() {
    let mut screen = at("ground-again");
    screen.tap(SECONDARY);
    assert!(
        screen
            .words()
            .iter()
            .any(|w| w.contains("The reasons and grounds for stopping you"))
    );
    screen.tap(PRIMARY);
    assert!(screen.sent().is_empty());
    screen.tap("GroundPage::explained");
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::StateGround { ground, .. } if ground == "suspicion"));
}

#[test]
fn method_offers_the_ways_on() {
    let mut screen = at("method-owed");
    let sends = |screen: &mut Screen, id: &str, nth: usize| {
        screen.tap_nth(id, nth);
        screen.only()
    };
    let document = sends(&mut screen, "MethodPage::document-card", 0);
    assert!(matches!(document, Command::ChooseDocument));
    let fingerprint = sends(&mut screen, "MethodPage::fingerprint-card", 0);
    assert!(matches!(fingerprint, Command::ChooseFingerprint));
    assert!(matches!(
        sends(&mut screen, "Notice::act", 0),
        Command::ReviewGround
    ));
    assert!(matches!(
        sends(&mut screen, "Notice::act", 1),
        Command::CannotIdentify
    ));
    assert!(matches!(
        sends(&mut screen, SECONDARY, 0),
        Command::ToOutcome
    ));
    assert!(matches!(
        sends(&mut screen, QUIET, 0),
        Command::ServiceIdShown
    ));
    assert!(matches!(
        sends(&mut screen, "Rail::home-button", 0),
        Command::GoHome
    ));
}

#[test]
fn document_is_checked_shown_back_and_confirmed() {
    let mut screen = at("document");
    screen.tap("DocumentPage::passport");
    screen.tap("DocumentPage::ask-central");
    screen.fill("DocumentPage::surname-field", "ЯНГИЕВ");
    screen.tap(PRIMARY);
    match screen.only() {
        Command::ReviewDocument(form) => {
            assert_eq!(form.kind, Some(DocumentKind::Passport));
            assert!(form.ask);
            assert_eq!(form.surname, "ЯНГИЕВ");
            assert_eq!(form.number, "AA1234567");
            assert_eq!(form.birth_date, "01.01.1990");
        }
        other => panic!("{other:?}"),
    }
    screen.tap(SECONDARY);
    screen.fill("DocumentPage::mrz-field", "IUUZB");
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::ReviewDocument(form) if form.mrz == "IUUZB"));
    screen.tap(QUIET);
    assert!(matches!(screen.only(), Command::Back));
    screen.show(views::one("document-review", Language::English));
    screen.tap(SECONDARY);
    assert!(matches!(screen.only(), Command::EditDocument));
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::ConfirmDocument));
}

#[test]
fn what_is_typed_stays_until_the_worker_read_a_document() {
    let mut screen = at("document");
    screen.fill("DocumentPage::surname-field", "ЯНГИЕВ");
    let mut ticked = views::one("document", Language::English);
    ticked.chrome.battery = Some(81);
    screen.show(ticked.clone());
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::ReviewDocument(form) if form.surname == "ЯНГИЕВ"));
    if let Page::Document(document) = &mut ticked.page {
        document.form.surname = "NAMUNAYEV".into();
    }
    screen.show(ticked);
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::ReviewDocument(form) if form.surname == "NAMUNAYEV"));
}

#[test]
fn finger_page_takes_stops_sends_and_leaves() {
    let mut screen = at("finger");
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::StartCapture));
    screen.tap("FingerPage::impossible");
    assert!(matches!(screen.only(), Command::OpenNoFingerprint));
    screen.tap("FingerPage::other-finger");
    screen.tap_nth("Hand::finger-choice", 1);
    assert!(matches!(
        screen.only(),
        Command::SelectFinger(Finger::LeftIndex)
    ));
    screen.tap(QUIET);
    assert!(matches!(screen.only(), Command::Back));
    screen.show(views::one("finger-waiting", Language::English));
    screen.tap(PRIMARY);
    assert!(screen.sent().is_empty(), "a capture runs already");
    screen.tap(SECONDARY);
    assert!(matches!(screen.only(), Command::CancelCapture));
    screen.show(views::one("finger-weak", Language::English));
    screen.tap(SECONDARY);
    assert!(matches!(screen.only(), Command::SendWeak));
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::StartCapture));
}

#[test]
fn finger_page_takes_the_finger_that_is_proposed_and_goes_on_in_one_tap() {
    let mut screen = at("finger-other-hand");
    screen.tap(PRIMARY);
    let sent = screen.sent();
    assert!(matches!(
        sent.as_slice(),
        [
            Command::SelectFinger(Finger::LeftIndex),
            Command::StartCapture
        ]
    ));
    screen.show(views::one("finger-again", Language::English));
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::StartCapture));
    screen.show(views::one("finger-waiting", Language::English));
    screen.tap("FingerPage::impossible");
    assert!(matches!(screen.only(), Command::OpenNoFingerprint));
    screen.show(views::one("finger-go-on", Language::English));
    screen.tap("Notice::act");
    assert!(matches!(screen.only(), Command::OpenNoFingerprint));
    screen.tap(PRIMARY);
    assert!(
        matches!(screen.only(), Command::StartCapture),
        "proposed, not forced"
    );
}

#[test]
fn missing_and_injured_fingers_are_noted_by_taps() {
    let mut screen = at("finger");
    screen.tap("FingerPage::other-finger");
    screen.tap(QUIET);
    // The left hand stands first; its ring finger is injured already.
    for finger in [0, 0, 3, 6] {
        screen.tap_nth("Hand::finger-choice", finger);
    }
    screen.tap(PRIMARY);
    match screen.only() {
        Command::NoteFingers { missing, injured } => {
            assert_eq!(missing, [Finger::LeftThumb, Finger::LeftRing]);
            assert_eq!(injured, [Finger::RightIndex]);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_check_digits_of_a_zone_are_told_at_each_key() {
    let screen = at("document");
    screen.tap(SECONDARY);
    let words = |screen: &Screen| screen.words().join("\n");
    assert!(words(&screen).contains("begins with I"));
    screen.fill("DocumentPage::mrz-field", "IUUZBAA12345678");
    assert!(words(&screen).contains("15 of 90 characters"));
    assert!(words(&screen).contains("Document number: check digit right"));
    assert!(words(&screen).contains("Date of birth: not typed yet"));
    screen.fill("DocumentPage::mrz-field", "IUUZBAA12345671");
    assert!(words(&screen).contains("Document number: check digit wrong"));
}

#[test]
fn no_patronymic_is_chosen_and_what_was_entered_is_corrected() {
    let mut screen = at("document");
    screen.tap("DocumentPage::no-patronymic-choice");
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::ReviewDocument(form)
        if form.no_patronymic && form.patronymic.is_empty()));
    screen.show(views::one("method", Language::English));
    screen.tap(TERTIARY);
    assert!(matches!(screen.only(), Command::CorrectPerson));
    screen.show(views::one("outcome", Language::English));
    screen.tap(SECONDARY);
    assert!(matches!(screen.only(), Command::CorrectPerson));
    screen.show(views::one("document-correcting", Language::English));
    assert!(screen.all("DocumentPage::ask-central").is_empty());
    screen.fill("DocumentPage::surname-field", "ЯНГИЕВ");
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::ReviewDocument(form) if form.surname == "ЯНГИЕВ"));
}

#[test]
fn frames_are_shown_only_for_the_capture_that_runs() {
    let screen = at("finger-waiting");
    let picture = || biometrics::finger::GreyImage::new(100, 100, 500, vec![90; 10_000]).unwrap();
    let mut late = views::stamp();
    late.encounter = None;
    screen.app.apply(Update::Preview {
        stamp: late,
        picture: picture(),
    });
    assert!(screen.all("FingerPage::picture").is_empty());
    screen.app.apply(Update::Preview {
        stamp: views::stamp(),
        picture: picture(),
    });
    assert_eq!(screen.all("FingerPage::picture").len(), 1);
    screen.show(views::one("finger", Language::English));
    assert!(
        screen.all("FingerPage::picture").is_empty(),
        "nothing of the print stays"
    );
    screen.show(views::one("method", Language::English));
    screen.app.apply(Update::Preview {
        stamp: views::stamp(),
        picture: picture(),
    });
    screen.show(views::one("finger-waiting", Language::English));
    assert!(screen.all("FingerPage::picture").is_empty());
}

#[test]
fn no_fingerprint_needs_a_reason() {
    let mut screen = at("no-fingerprint");
    screen.tap(PRIMARY);
    assert!(screen.sent().is_empty());
    screen.tap_nth("NoFingerprintPage::reason-choice", 6);
    screen.fill("NoFingerprintPage::note-field", "изоҳ");
    screen.tap(PRIMARY);
    match screen.only() {
        Command::FingerprintImpossible { reason, note } => {
            assert_eq!((reason.as_str(), note.as_str()), ("other", "изоҳ"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn pending_offers_what_the_officer_may_do() {
    let mut screen = at("pending-offline");
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::ToOutcome));
    screen.tap(SECONDARY);
    assert!(matches!(screen.only(), Command::Withdraw));
    screen.tap(QUIET);
    assert!(matches!(screen.only(), Command::OtherMeans));
    screen.tap("Notice::act");
    assert!(matches!(screen.only(), Command::CannotIdentify));
}

fn press(screen: &Screen, id: &str) -> slint::LogicalPosition {
    let element = screen.the(id);
    let (at, size) = (element.absolute_position(), element.size());
    let position = slint::LogicalPosition::new(at.x + size.width / 2.0, at.y + size.height / 2.0);
    screen
        .app
        .window()
        .dispatch_event(WindowEvent::PointerPressed {
            position,
            button: PointerEventButton::Left,
        });
    screen.settle();
    position
}

#[test]
fn the_answer_is_shown_while_it_is_held_and_no_longer() {
    let mut screen = at("answer-covered");
    let position = press(&screen, "AnswerPage::cover");
    assert!(matches!(screen.only(), Command::Reveal(true)));
    screen.show(views::one("answer-wanted", Language::English));
    assert!(
        screen.sent().is_empty(),
        "the new picture is not a new touch"
    );
    screen
        .app
        .window()
        .dispatch_event(WindowEvent::PointerReleased {
            position,
            button: PointerEventButton::Left,
        });
    screen.settle();
    assert!(matches!(screen.only(), Command::Reveal(false)));
    press(&screen, "AnswerPage::cover");
    assert!(matches!(screen.only(), Command::Reveal(true)));
    screen
        .app
        .window()
        .dispatch_event(WindowEvent::PointerExited);
    screen.settle();
    assert!(
        matches!(screen.only(), Command::Reveal(false)),
        "a touch cut short covers it"
    );
}

#[test]
fn the_answer_is_confirmed_or_disputed_by_a_person() {
    let mut screen = at("answer-covered");
    screen.tap("FrameActions::secondary-button");
    assert!(matches!(screen.only(), Command::ConfirmIdentity));
    screen.tap("FrameActions::tertiary-button");
    assert!(matches!(screen.only(), Command::DisputeIdentity));
    screen.tap(QUIET);
    assert!(matches!(screen.only(), Command::OtherMeans));
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::ToOutcome));
    let mut late = views::one("answer-covered", Language::English);
    if let Page::Answer(answer) = &mut late.page {
        answer.late = true;
    }
    screen.show(late);
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::GoHome));
}

#[test]
fn outcomes_are_recorded_and_released_is_the_default() {
    let finish = |screen: &mut Screen| {
        screen.tap(PRIMARY);
        match screen.only() {
            Command::Finish(outcome) => outcome,
            other => panic!("{other:?}"),
        }
    };
    let mut screen = at("outcome");
    assert_eq!(finish(&mut screen), Outcome::Released);
    screen.tap_nth("OutcomePage::case-choice", 1);
    let case = "wanted_or_missing".to_owned();
    assert_eq!(finish(&mut screen), Outcome::TakenToStation { case });
    screen.tap("OutcomePage::protocol");
    screen.fill("OutcomePage::number-field", "77");
    assert_eq!(
        finish(&mut screen),
        Outcome::ProtocolOnTheSpot {
            number: "77".into()
        }
    );
    screen.tap("OutcomePage::other-ground");
    screen.fill("OutcomePage::article-field", "165");
    screen.fill("OutcomePage::order-field", "майор");
    let other = Outcome::TakenOnOtherGround {
        article: "165".into(),
        by_order_of: "майор".into(),
    };
    assert_eq!(finish(&mut screen), other);
    screen.tap(QUIET);
    assert!(matches!(screen.only(), Command::Back));
}

#[test]
fn what_would_be_flagged_is_said_before_it_is_recorded() {
    let screen = at("outcome");
    assert!(!screen.words().iter().any(|w| w.contains("Will be flagged")));
    screen.tap_nth("OutcomePage::case-choice", 2);
    let flagged = "Will be flagged: The case does not fit the record".to_owned();
    assert!(screen.words().contains(&flagged), "{:?}", screen.words());
}

#[test]
fn a_closed_encounter_shows_its_answer_and_goes_home() {
    let mut screen = at("closed-flags");
    screen.tap(SECONDARY);
    assert!(matches!(screen.only(), Command::ShowAnswer));
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::GoHome));
}

#[test]
fn a_refusal_is_one_line_with_its_paragraph() {
    let screen = at("ground-refused");
    let line = "§8. Enter the fact that the ground rests on.".to_owned();
    assert!(screen.words().contains(&line), "{:?}", screen.words());
}

#[test]
fn keys_on_the_screen_type_into_the_field() {
    let mut screen = at("introduce");
    assert!(screen.all("KeyboardPanel::hide-key").is_empty());
    screen.tap("IntroducePage::place-field");
    assert_eq!(screen.all("KeyboardPanel::hide-key").len(), 1);
    let key = |screen: &Screen, label: &str| {
        let found = i_slint_backend_testing::ElementHandle::find_by_accessible_label(
            screen.app.component(),
            label,
        )
        .find(|e| e.type_name().as_deref() == Some("KeyCap"))
        .unwrap_or_else(|| panic!("no key {label}"));
        found.mock_single_click(PointerEventButton::Left);
        screen.settle();
    };
    screen.tap("KeyboardPanel::shift-key");
    key(&screen, "B");
    key(&screen, "o");
    key(&screen, "x");
    screen.tap("KeyboardPanel::erase-key");
    screen.tap("KeyboardPanel::layer-key");
    key(&screen, "ў");
    key(&screen, "7");
    screen.tap("KeyboardPanel::hide-key");
    assert!(screen.all("KeyboardPanel::hide-key").is_empty());
    screen.tap(PRIMARY);
    assert!(matches!(screen.only(), Command::Introduce { place, .. } if place == "Boў7"));
}

#[test]
fn the_keyboard_never_covers_the_field() {
    for (page, field) in [
        ("login-problem", "LoginPage::password-field"),
        ("introduce-training", "IntroducePage::place-field"),
        ("ground-again", "GroundPage::fact-field"),
        ("document", "DocumentPage::pinfl-field"),
        ("no-fingerprint", "NoFingerprintPage::note-field"),
    ] {
        let screen = at(page);
        screen.tap(field);
        let element = screen.the(field);
        let bottom = element.absolute_position().y + element.size().height;
        let keys = screen.the("KeyboardPanel::hide-key");
        let top = keys.absolute_position().y - 4.0 * 66.0;
        assert!(bottom < top, "{page}: {bottom} {top}");
        screen.app.component().hide().unwrap();
    }
}

#[test]
fn colours_of_the_night_are_a_tap_away() {
    let screen = at("home");
    let night = || {
        screen
            .app
            .component()
            .global::<crate::ui::Theme>()
            .get_night()
    };
    assert!(!night());
    screen.tap("Rail::night-button");
    assert!(night());
}
