//! The nine states of an answer: each has a shape and words of its own, so that nobody confuses them, in grey
//! or colour-blind either; and the cover gives nothing of them away but one small mark.

use super::{Screen, views};
use protocol::Register;
use regulation::encounter::{Confirmation, Language};
use slint::ComponentHandle;
use std::collections::BTreeSet;
use tablet::pages::{Mark, Page, PageView, Sign};

fn view(name: &str) -> PageView {
    views::one(name, Language::English)
}

/// `view` with what was said about whether it is the person.
fn judged(mut view: PageView, said: Confirmation) -> PageView {
    if let Page::Answer(answer) = &mut view.page {
        answer.confirmation = said;
    }
    view
}

/// The state, its page while it is held, and the words that are its own.
fn states() -> Vec<(&'static str, PageView, &'static str)> {
    let clear = judged(view("answer-clear"), Confirmation::Confirmed);
    vec![
        ("wanted", view("answer-wanted"), "WANTED"),
        (
            "missing",
            view("answer-missing"),
            "MISSING: possibly a victim",
        ),
        (
            "on a register",
            view("answer-by-number"),
            "On a register; not wanted",
        ),
        ("none", clear, "Not wanted, on no register"),
        (
            "possible",
            view("answer-possible-one"),
            "Possible by fingerprint: before you act, compare with the person, the document and its photo.",
        ),
        (
            "disputed",
            judged(view("answer-clear"), Confirmation::Disputed),
            "Disputed: not identified.",
        ),
        ("pending", view("pending"), "Asked, answer pending"),
        (
            "no connection",
            view("pending-offline"),
            "No connection, answer pending",
        ),
        (
            "incomplete",
            view("answer-incomplete"),
            "Only part of the gallery answered",
        ),
    ]
}

/// Kinds of the shapes that stand in what is shown of the answer.
fn shapes(screen: &Screen) -> BTreeSet<String> {
    let mut places = screen.all("AnswerPage::cover");
    places.extend(screen.all("PendingPage::waiting-card"));
    assert!(!places.is_empty(), "no answer on the page");
    places
        .iter()
        .flat_map(|place| place.query_descendants().match_inherits("Shape").find_all())
        .filter_map(|shape| shape.type_name())
        .map(String::from)
        .collect()
}

#[test]
fn nine_states_have_shapes_and_words_of_their_own() {
    let mut seen: Vec<(&str, BTreeSet<String>)> = Vec::new();
    let all = states();
    for (state, view, own) in &all {
        let screen = Screen::new(view.clone());
        let words = screen.words();
        for (other, _, word) in &all {
            let is_own = other == state;
            assert_eq!(
                words.iter().any(|w| w == word),
                is_own,
                "{state}: {word:?} in {words:?}"
            );
        }
        assert!(!own.is_empty());
        let shapes = shapes(&screen);
        assert!(!shapes.is_empty(), "{state} has no shape");
        for (other, theirs) in &seen {
            assert_ne!(&shapes, theirs, "{state} looks like {other}");
        }
        seen.push((state, shapes));
        screen.app.component().hide().unwrap();
    }
}

#[test]
fn the_marks_of_the_cover_differ_in_shape_and_are_all_that_differs() {
    let (mut marks, mut covers) = (BTreeSet::new(), BTreeSet::new());
    let all = [
        Mark::Quiet,
        Mark::Notice,
        Mark::Missing,
        Mark::Alert,
        Mark::Unclear,
    ];
    for mark in all {
        let mut view = view("answer-covered");
        if let Page::Answer(answer) = &mut view.page {
            answer.mark = mark;
        }
        let screen = Screen::new(view);
        marks.insert(shapes(&screen));
        covers.insert(screen.words());
        screen.app.component().hide().unwrap();
    }
    assert_eq!(marks.len(), all.len());
    assert_eq!(covers.len(), 1, "{covers:?}");
}

/// What to do next stands under every record, with its paragraph.
#[test]
fn every_sign_says_what_to_do_next_and_under_which_paragraph() {
    let mut said = BTreeSet::new();
    let mut signs = BTreeSet::new();
    for name in [
        "answer-wanted",
        "answer-missing",
        "answer-by-number",
        "answer-clear",
    ] {
        let view = view(name);
        if let Page::Answer(answer) = &view.page {
            signs.extend(answer.people.iter().map(|p| format!("{:?}", p.sign())));
        }
        let screen = Screen::new(view);
        let words = screen.words();
        let next: BTreeSet<_> = words.iter().filter(|w| w.starts_with('§')).collect();
        assert_eq!(next.len(), 1, "{name}: {words:?}");
        said.extend(next.into_iter().cloned());
        screen.app.component().hide().unwrap();
    }
    // Somebody on a register, of whom nobody knows whether they are wanted, is not called "not wanted".
    for (name, unasked) in [
        ("answer-by-number", Register::Wanted),
        ("answer-by-number", Register::Missing),
        ("answer-clear", Register::Wanted),
        ("answer-clear", Register::Probation),
    ] {
        let mut view = view(name);
        if let Page::Answer(answer) = &mut view.page {
            for person in &mut answer.people {
                person.clear_of.retain(|r| r.register != unasked);
                assert_eq!(person.sign(), Sign::NotAllAsked, "{name} {unasked:?}");
            }
            signs.extend(answer.people.iter().map(|p| format!("{:?}", p.sign())));
        }
        let screen = Screen::new(view);
        let words = screen.words();
        assert!(
            words.contains(&"Not all registers were asked".to_owned()),
            "{words:?}"
        );
        said.extend(words.into_iter().filter(|w| w.starts_with('§')));
        screen.app.component().hide().unwrap();
    }
    // Nor is there a tick over a record that may be another's.
    let (mut other, clear) = (view("answer-compared"), view("answer-clear"));
    if let (Page::Answer(other), Page::Answer(clear)) = (&mut other.page, clear.page) {
        assert_eq!(clear.people[0].sign(), Sign::Clear);
        other.people = clear.people;
    }
    let screen = Screen::new(other);
    let words = screen.words();
    assert!(!words.contains(&"Not wanted, on no register".to_owned()));
    screen.app.component().hide().unwrap();
    assert_eq!(said.len(), 5, "{said:?}");
    assert!(signs.contains(&format!("{:?}", Sign::Clear)));
    assert_eq!(signs.len(), 5, "{signs:?}");
}
