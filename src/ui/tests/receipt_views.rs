//! Example pages of a citizen's receipt.

use super::views;
use regulation::encounter::Language;
use tablet::device::QrCode;
use tablet::pages::{Page, ReceiptLine, ReceiptView};

/// As long as a receipt's text is.
pub fn text() -> String {
    "EPATRUL1:".to_owned() + &"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ$%*+-./:".repeat(34)
}

pub fn receipt(language: Language) -> ReceiptView {
    let edition = super::views::edition();
    let words = &edition.receipt;
    let line = |label: &regulation::edition::Text, value: &str| ReceiptLine {
        label: label.get(language).to_owned(),
        value: value.to_owned(),
    };
    ReceiptView {
        title: words.title.get(language).to_owned(),
        lines: vec![
            line(&words.officer, "Сержант Намунаев Намуна Намуна ўғли"),
            line(&words.unit, "Намуна тумани ички ишлар бўлими, 4-бўлинма"),
            line(
                &words.place,
                "Намуна шаҳри, Намуна тумани, Намуна кўчаси, 12-уй олдидаги бекат, 2-чиқиш",
            ),
            line(&words.time, "28.11.2026 12:04"),
            line(&words.ground, edition.grounds[0].title.get(language)),
            line(&words.complaint, words.complain.get(language)),
        ],
        number: Some(line(&words.number, &views::encounter().to_string())),
        code: Some(QrCode::of(&text()).unwrap()),
    }
}

/// Every state of the page, by name.
pub fn pages(language: Language) -> Vec<(&'static str, Page)> {
    let none = ReceiptView {
        title: String::new(),
        lines: Vec::new(),
        number: None,
        code: None,
    };
    vec![
        ("receipt", Page::Receipt(Box::new(receipt(language)))),
        ("receipt-none", Page::Receipt(Box::new(none))),
    ]
}
