//! Example pages of the tablet and of help.

use regulation::encounter::Language;
use tablet::pages::{HelpPart, HelpView, Page, Settings, ThemeChoice};

fn plain(language: Language, part: HelpPart) -> HelpView {
    HelpView {
        part,
        language,
        settings: Settings {
            theme: ThemeChoice::ByTime,
            ..Settings::default()
        },
    }
}

pub fn pages(language: Language) -> Vec<(&'static str, Page)> {
    let page = |part, change: &dyn Fn(&mut HelpView)| {
        let mut view = plain(language, part);
        change(&mut view);
        Page::Help(Box::new(view))
    };
    vec![
        ("help", page(HelpPart::Menu, &|_| ())),
        ("help-settings", page(HelpPart::Settings, &|_| ())),
    ]
}
