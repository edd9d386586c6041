//! Example pages with the Regulation's text over them: as the tablet makes them of its state.

use regulation::encounter::Language;
use regulation::{Edition, Timestamp};
use std::sync::Arc;
use tablet::pages::{LawState, LawView, State};

/// The text over the page of that name.
pub fn laws(language: Language) -> Vec<(&'static str, &'static str, LawView)> {
    let mut state = State::new(Arc::new(Edition::shipped().unwrap()), Timestamp(0));
    state.language = language;
    let mut view = |query: &str, paragraph| {
        state.law = Some(LawState {
            over: state.stamp(),
            paragraph,
            query: query.to_owned(),
            found: state.edition.law.search(query, language),
        });
        tablet::pages::view(&state).law.unwrap()
    };
    vec![
        ("law", "home", view("", None)),
        ("law-found", "login", view("bodikamera", None)),
        ("law-none", "home", view("zzz", None)),
        ("law-paragraph", "introduce", view("", Some(12))),
        ("law-first", "ground", view("", Some(1))),
        ("law-last", "finger", view("33", Some(33))),
    ]
}
