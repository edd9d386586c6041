//! Fields that put what is typed into its form, keys for thumbs, and what is said of a slip.

use super::{Screen, views};
use regulation::encounter::Language;
use slint::{ComponentHandle, SharedString};

fn at_document() -> Screen {
    Screen::new(views::one("document", Language::English))
}

fn value(screen: &Screen, id: &str) -> String {
    screen.the(id).accessible_value().unwrap_or_default().into()
}

fn label(screen: &Screen, id: &str) -> String {
    let label: SharedString = screen.the(id).accessible_label().unwrap_or_default();
    label.into()
}

/// Taps the keys of the screen; `<` erases.
fn keys(screen: &Screen, text: &str) {
    for key in text.chars() {
        let name = if key == '<' {
            "Erase".to_owned()
        } else {
            key.to_string()
        };
        let mut found = i_slint_backend_testing::ElementHandle::find_by_accessible_label(
            screen.app.component(),
            &name,
        );
        let cap = found
            .find(|e| e.type_name().is_some_and(|t| t == "KeyCap"))
            .unwrap_or_else(|| panic!("no key {name:?}"));
        cap.mock_single_click(slint::platform::PointerEventButton::Left);
        screen.settle();
    }
}

#[test]
fn a_date_is_typed_with_keys_for_thumbs_and_dots_come_by_themselves() {
    let screen = at_document();
    let field = "DocumentPage::birth-date-field";
    screen.fill(field, "");
    screen.tap(field);
    let pad = i_slint_backend_testing::ElementHandle::find_by_accessible_label(
        screen.app.component(),
        "7",
    )
    .next()
    .unwrap();
    assert!(pad.size().width > 250.0, "{:?}", pad.size());
    keys(&screen, "0102");
    assert_eq!(value(&screen, field), "01.02");
    keys(&screen, "1990");
    assert_eq!(value(&screen, field), "01.02.1990");
    assert_eq!(label(&screen, field), "Date of birth, DD.MM.YYYY");
    // A dot goes with the digit that it stood before.
    keys(&screen, "<<<<");
    assert_eq!(value(&screen, field), "01.02");
    // The other letters are one key away.
    screen.tap("KeyboardPanel::layer-key");
    keys(&screen, "q");
}

#[test]
fn a_slip_is_said_while_it_is_typed() {
    let screen = at_document();
    for (field, typed, stands, said) in [
        (
            "DocumentPage::birth-date-field",
            "3113",
            "31.13",
            "Date of birth: there is no such month",
        ),
        (
            "DocumentPage::birth-date-field",
            "30021990",
            "30.02.1990",
            "Date of birth: that month has no such day",
        ),
        (
            "DocumentPage::number-field",
            "ав1234567",
            "AB1234567",
            "Document number",
        ),
        (
            "DocumentPage::number-field",
            "ab12x",
            "AB12X",
            "Document number: seven digits after the letters",
        ),
        (
            "DocumentPage::number-field",
            "ab12",
            "AB12",
            "Document number: 4 of 9",
        ),
        (
            "DocumentPage::pinfl-field",
            "3010 190",
            "3010190",
            "PINFL: 7 of 14",
        ),
        (
            "DocumentPage::pinfl-field",
            "123456789012345",
            "123456789012345",
            "PINFL: too many digits",
        ),
    ] {
        screen.tap("DocumentPage::id-card");
        screen.fill(field, typed);
        assert_eq!(value(&screen, field), stands);
        assert_eq!(label(&screen, field), said, "{typed}");
    }
    // Another document's number is as it was typed.
    screen.tap("DocumentPage::other");
    screen.fill("DocumentPage::number-field", "x 12");
    assert_eq!(value(&screen, "DocumentPage::number-field"), "x 12");
}

#[test]
fn the_turn_key_turns_the_field_that_was_tapped_last_and_nothing_of_it_outlives_the_page() {
    let screen = at_document();
    let (surname, given) = ("DocumentPage::surname-field", "DocumentPage::given-field");
    screen.fill(surname, "Oʻtkirov");
    screen.fill(given, "Shuhrat");
    screen.tap(surname);
    // Long enough after: no double tap, and the first field has said that it lost the focus.
    screen.settle();
    screen.tap(given);
    screen.settle();
    screen.tap("KeyboardPanel::turn-key");
    assert_eq!(value(&screen, given), "Шуҳрат");
    assert_eq!(value(&screen, surname), "Oʻtkirov");
    let keyboard = |screen: &Screen| {
        screen
            .app
            .component()
            .global::<crate::ui::Keyboard>()
            .get_text()
    };
    assert_eq!(keyboard(&screen), "Шуҳрат");
    screen.show(views::one("locked", Language::English));
    assert_eq!(keyboard(&screen), "");
}

#[test]
fn a_name_is_put_into_the_other_script_and_back() {
    let screen = at_document();
    let field = "DocumentPage::surname-field";
    screen.fill(field, "");
    screen.tap(field);
    screen.fill(field, "Oʻtkirov Shuhrat");
    // Another field's text does not follow.
    let other = value(&screen, "DocumentPage::given-field");
    keys(&screen, "a");
    screen.tap("KeyboardPanel::turn-key");
    assert_eq!(value(&screen, field), "Ўткиров Шуҳрата");
    screen.tap("KeyboardPanel::turn-key");
    assert_eq!(value(&screen, field), "Oʻtkirov Shuhrata");
    assert_eq!(value(&screen, "DocumentPage::given-field"), other);
}

#[test]
fn a_password_is_nowhere_but_in_its_field() {
    let screen = Screen::new(views::one("login", Language::English));
    screen.tap("LoginPage::password-field");
    screen.fill("LoginPage::password-field", "");
    keys(&screen, "ab1");
    let keyboard = screen.app.component().global::<crate::ui::Keyboard>();
    assert_eq!(keyboard.get_text(), "");
}
