//! The citizen's receipt: its page, and the ways to it.

use super::receipt_views::{receipt, text};
use super::{Screen, views};
use i_slint_backend_testing::ElementHandle;
use regulation::encounter::Language;
use slint::ComponentHandle;
use tablet::device::{Picture, read_qr};
use tablet::pages::Page;
use tablet::worker::Command;

fn at(name: &str) -> Screen {
    Screen::new(views::one(name, Language::English))
}

#[test]
fn a_receipt_is_one_tap_away_before_the_end_and_after_it() {
    let mut screen = at("outcome");
    screen.tap("OutcomePage::receipt");
    assert!(matches!(screen.only(), Command::ShowReceipt));
    screen.show(views::one("outcome-owed", Language::English));
    assert!(screen.all("OutcomePage::receipt").is_empty());
    screen.show(views::one("closed", Language::English));
    screen.tap("FrameActions::tertiary-button");
    assert!(matches!(screen.only(), Command::ShowReceipt));
    screen.show(views::one("receipt", Language::English));
    screen.tap("FrameActions::primary-button");
    assert!(matches!(screen.only(), Command::Back));
}

#[test]
fn a_receipt_speaks_the_citizens_language() {
    let mut view = views::one("receipt", Language::English);
    view.page = Page::Receipt(Box::new(receipt(Language::Russian)));
    let screen = Screen::new(view);
    let words = screen.words();
    assert!(words.contains(&"Справка об остановке".to_owned()));
    assert!(
        words.contains(&"Время: 28.11.2026 12:04".to_owned()),
        "{words:?}"
    );
    assert!(words.contains(&"Back".to_owned()));
}

/// The screen as a phone sees it.
fn photographed(screen: &Screen) -> Picture {
    let seen = screen.app.window().take_snapshot().unwrap();
    let pixels = seen.as_slice().iter().flat_map(|p| [p.r, p.g, p.b]);
    Picture::new(seen.width(), seen.height(), pixels.collect()).unwrap()
}

#[test]
fn the_code_is_read_off_the_screen_by_day_and_by_night() {
    let screen = at("receipt");
    let code: ElementHandle = screen.the("ReceiptPage::code");
    // As large as the shorter side.
    let side = code.size().width.min(code.size().height);
    assert!(side >= 480.0, "{:?}", code.size());
    for night in [false, true] {
        screen.app.set_night(night);
        screen.settle();
        assert_eq!(read_qr(&photographed(&screen)), Some(text()), "{night}");
    }
}

#[test]
fn where_no_receipt_can_be_made_the_page_says_so() {
    let screen = at("receipt-none");
    assert!(screen.all("ReceiptPage::code").is_empty());
    let said = screen.words();
    assert!(
        said.iter().any(|w| w.starts_with("No receipt can be made")),
        "{said:?}"
    );
}

#[test]
fn nothing_of_a_receipt_stays_behind_another_page() {
    let screen = at("receipt");
    screen.show(views::one("closed", Language::English));
    let adapter = screen.app.component().global::<crate::ui::ReceiptAdapter>();
    assert!(!adapter.get_made() && adapter.get_number().is_empty());
    assert_eq!(adapter.get_code().size().width, 0);
}
