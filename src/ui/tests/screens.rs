//! Every page in every language: nothing overflows, nothing overlaps, nothing is given away.

use super::{Screen, texts, views};
use crate::app::AppOptions;
use i_slint_backend_testing::{AccessibleRole, ElementHandle, ElementQuery};
use regulation::encounter::{AnswerKind, Language};
use slint::platform::WindowEvent;
use slint::{ComponentHandle, Model};
use tablet::pages::{AnswerView, Mark, Page, PageView};

/// The window, and how much larger than usual its text is.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub width: f32,
    pub height: f32,
    pub text_scale: f32,
}

/// A tablet of ten inches, as it lies.
pub const LYING: Look = Look {
    width: 1280.0,
    height: 800.0,
    text_scale: 1.0,
};
/// The same, held upright.
pub const UPRIGHT: Look = Look {
    width: 800.0,
    height: 1280.0,
    text_scale: 1.0,
};
/// The same as it lies, at the largest text.
pub const LARGE: Look = Look {
    text_scale: 2.0,
    ..LYING
};
const RAIL: f32 = 296.0;

#[derive(Clone, Copy, Debug, PartialEq)]
struct Bounds {
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
}

impl Bounds {
    fn of(element: &ElementHandle) -> Self {
        let (at, size) = (element.absolute_position(), element.size());
        Self {
            left: at.x,
            top: at.y,
            right: at.x + size.width,
            bottom: at.y + size.height,
        }
    }

    fn within(self, outer: Self) -> bool {
        self.left >= outer.left - 1.0
            && self.top >= outer.top - 1.0
            && self.right <= outer.right + 1.0
            && self.bottom <= outer.bottom + 1.0
    }

    fn overlaps(self, other: Self) -> bool {
        self.left.max(other.left) + 1.0 < self.right.min(other.right)
            && self.top.max(other.top) + 1.0 < self.bottom.min(other.bottom)
    }
}

fn label(element: &ElementHandle) -> String {
    element
        .accessible_label()
        .map(String::from)
        .unwrap_or_default()
}

fn is_tapped(element: &ElementHandle) -> bool {
    matches!(
        element.accessible_role(),
        Some(AccessibleRole::Button | AccessibleRole::Checkbox | AccessibleRole::RadioButton)
    )
}

/// Lists scroll and records slide: what they hold may lie below their edge.
fn moving(all: &[ElementHandle]) -> Vec<Bounds> {
    let ids = [
        "AnswerPage::cover",
        "DeskAnswerPage::cover",
        "ScrollList::list",
        "SayPage::room",
        "PageFrame::view",
        "Rail::view",
        "TopBar::view",
    ];
    all.iter()
        .filter(|e| e.id().is_some_and(|id| ids.contains(&id.as_str())))
        .map(|e| Bounds {
            bottom: 10_000.0,
            ..Bounds::of(e)
        })
        .collect()
}

impl Look {
    /// There is a rail.
    pub fn is_wide(self) -> bool {
        self.width / self.text_scale >= 1000.0
    }
}

/// Whether an element is of a component, or of one that inherits it.
fn is_a(element: &ElementHandle, component: &str) -> bool {
    element.type_name().is_some_and(|name| name == component)
        || element
            .bases()
            .is_some_and(|mut bases| bases.any(|base| base == component))
}

/// A query finds an element once for every layer of its component.
fn once(found: Vec<ElementHandle>) -> Vec<ElementHandle> {
    let mut seen = Vec::new();
    found
        .into_iter()
        .filter(|e| {
            let key = (label(e), Bounds::of(e));
            let new = !seen.contains(&key);
            if new {
                seen.push(key);
            }
            new
        })
        .collect()
}

pub fn problems(screen: &Screen, look: Look) -> Vec<String> {
    // One walk for all that is looked for: it is what takes the time.
    let all = ElementQuery::from_root(screen.app.component())
        .match_descendants()
        .find_all();
    let of = |component: &str| -> Vec<ElementHandle> {
        all.iter().filter(|e| is_a(e, component)).cloned().collect()
    };
    let labels = once(of("Label"));
    // Texts that have less room than they want, by their own word.
    let mut problems: Vec<String> = labels
        .iter()
        .filter(|e| e.accessible_id().is_some_and(|id| id == "cut"))
        .map(|e| format!("{:?} is cut: {:?}", label(e), Bounds::of(e)))
        .collect();
    let moving = moving(&all);
    let banner = of("TrainingBanner");
    let banner = banner
        .first()
        .map_or(0.0, |banner| Bounds::of(banner).bottom);
    let moves = |b: Bounds| moving.iter().any(|m| b.within(*m));
    // Words for the person have the whole width.
    let rail = !all
        .iter()
        .any(|e| e.id().is_some_and(|id| id == "SayPage::room"));
    let shown: Vec<_> = labels
        .iter()
        .map(|e| (label(e), Bounds::of(e)))
        .filter(|(text, _)| !text.is_empty())
        .collect();
    for (text, at) in &shown {
        let edge = if rail && at.left < RAIL - 1.0 && at.top > banner - 1.0 && look.is_wide() {
            RAIL
        } else {
            look.width
        };
        let room = Bounds {
            left: 0.0,
            top: 0.0,
            right: edge,
            bottom: look.height,
        };
        if !at.within(room) && !moves(*at) {
            problems.push(format!("{text:?} outside: {at:?}"));
        }
    }
    for (i, (text, at)) in shown.iter().enumerate() {
        for (other, there) in &shown[i + 1..] {
            if at.overlaps(*there) && !(moves(*at) && moves(*there)) {
                problems.push(format!("{text:?} {at:?} over {other:?} {there:?}"));
            }
        }
    }
    let buttons = once(all.iter().filter(|e| is_tapped(e)).cloned().collect());
    for notice in once(of("Notice")) {
        let at = Bounds::of(&notice);
        for text in notice
            .query_descendants()
            .match_inherits("Label")
            .find_all()
        {
            if !Bounds::of(&text).within(at) {
                problems.push(format!("{:?} bursts its notice", label(&text)));
            }
        }
    }
    for (i, button) in buttons.iter().enumerate() {
        let (name, at) = (label(button), Bounds::of(button));
        if moves(at) {
            continue;
        }
        if at.bottom > look.height + 1.0 || at.right > look.width + 1.0 {
            problems.push(format!("button {name:?} outside: {at:?}"));
        }
        if at.bottom - at.top < 48.0 || at.right - at.left < 48.0 {
            problems.push(format!("button {name:?} too small for a glove: {at:?}"));
        }
        for text in button
            .query_descendants()
            .match_inherits("Label")
            .find_all()
        {
            let inside = Bounds::of(&text);
            if !inside.within(at) {
                problems.push(format!(
                    "{:?} bursts its button: {inside:?} {at:?}",
                    label(&text)
                ));
            }
        }
        for other in &buttons[i + 1..] {
            let there = Bounds::of(other);
            if there != at && at.overlaps(there) && !moves(there) {
                problems.push(format!("button {name:?} over {:?}", label(other)));
            }
        }
    }
    problems
}

fn check(language: Language, night: bool, look: Look) {
    let mut found = Vec::new();
    for (name, view) in views::all(language) {
        let screen = Screen::with(
            view,
            AppOptions {
                night,
                demo_credentials: (name == "login-problem").then(|| ("demo".into(), "demo".into())),
            },
        );
        screen.set_look(look.width, look.height, look.text_scale);
        let least = if name.starts_with("say-") { 4 } else { 5 };
        assert!(screen.words().len() >= least, "{name}");
        assert!(
            !screen.app.window().has_active_animations(),
            "{name} keeps the loop awake"
        );
        let mut look_at = |name: &str| {
            let problems = problems(&screen, look);
            found.extend(problems.into_iter().map(|p| format!("{name}: {p}")));
        };
        look_at(name);
        // With keys on the screen the page is moved and covered: that has its own test.
        let taps = views::TAPS
            .iter()
            .filter(|t| t.0 == name && !t.3.ends_with("keys"));
        for (_, element, n, state) in taps {
            screen.tap_nth(element, *n);
            // It may have had to be scrolled to.
            screen.scroll_to_top();
            look_at(state);
        }
        screen.app.component().hide().unwrap();
    }
    assert!(
        found.is_empty(),
        "{language:?}, {look:?}:\n{}",
        found.join("\n")
    );
}

#[test]
fn every_page_has_room_for_uzbek_in_cyrillic() {
    check(Language::UzbekCyrillic, false, LYING);
}

#[test]
fn every_page_has_room_for_uzbek_in_cyrillic_upright() {
    check(Language::UzbekCyrillic, true, UPRIGHT);
}

#[test]
fn every_page_has_room_for_uzbek_in_latin() {
    check(Language::UzbekLatin, true, LYING);
}

#[test]
fn every_page_has_room_for_uzbek_in_latin_upright() {
    check(Language::UzbekLatin, false, UPRIGHT);
}

#[test]
fn every_page_has_room_for_russian() {
    check(Language::Russian, false, LYING);
}

#[test]
fn every_page_has_room_for_russian_upright() {
    check(Language::Russian, true, UPRIGHT);
}

#[test]
fn every_page_has_room_for_english() {
    check(Language::English, true, LYING);
}

#[test]
fn every_page_has_room_for_english_upright() {
    check(Language::English, false, UPRIGHT);
}

/// Russian has the longest words.
#[test]
fn every_page_has_room_for_text_twice_as_large() {
    check(Language::Russian, false, LARGE);
}

#[test]
fn pages_speak_the_language_of_the_officer_and_change_it_while_shown() {
    let screen = Screen::new(views::one("login", Language::Russian));
    assert!(
        screen.words().contains(&"Пароль".to_owned()),
        "{:?}",
        screen.words()
    );
    screen.show(views::one("login", Language::UzbekLatin));
    assert!(
        screen.words().contains(&"Parol".to_owned()),
        "{:?}",
        screen.words()
    );
    screen.show(views::one("login", Language::UzbekCyrillic));
    assert!(screen.words().contains(&"Парол".to_owned()));
    screen.show(views::one("login", Language::English));
    assert!(screen.words().contains(&"Password".to_owned()));
}

#[test]
fn numbers_bend_the_words_of_russian() {
    let words = |n| {
        let mut view = views::one("home", Language::Russian);
        if let Page::Home(home) = &mut view.page {
            home.attention = n;
        }
        let screen = Screen::new(view);
        let found = screen
            .words()
            .into_iter()
            .find(|w| w.starts_with(&n.to_string()))
            .unwrap();
        screen.app.component().hide().unwrap();
        found
    };
    assert!(words(1).starts_with("1 поздний ответ."));
    assert!(words(3).starts_with("3 поздних ответа."));
    assert!(words(11).starts_with("11 поздних ответов."));
    assert!(words(21).starts_with("21 поздний ответ."));
}

/// All that the element tree tells, to a screen reader too.
pub fn everything_said(screen: &Screen) -> String {
    let mut said = String::new();
    for element in ElementQuery::from_root(screen.app.component())
        .match_descendants()
        .find_all()
    {
        for text in [
            element.accessible_label(),
            element.accessible_value(),
            element.accessible_description(),
            element.accessible_placeholder_text(),
        ]
        .into_iter()
        .flatten()
        {
            said.push_str(&text);
            said.push('\n');
        }
    }
    said
}

fn covered(kind: AnswerKind, mark: Mark) -> PageView {
    let mut view = views::one("answer-covered", Language::Russian);
    if let Page::Answer(answer) = &mut view.page {
        answer.kind = kind;
        answer.mark = mark;
    }
    view
}

#[test]
fn a_covered_answer_holds_nothing_of_the_person() {
    let screen = Screen::new(views::one("answer-wanted", Language::Russian));
    let held = everything_said(&screen);
    let worth = "1 поиске из 1\u{a0}000\u{a0}000";
    for personal in [
        views::SURNAME,
        views::ADDRESS,
        views::PINFL,
        "В РОЗЫСКЕ",
        worth,
    ] {
        assert!(held.contains(personal), "{personal}");
    }
    screen.show(views::one("answer-covered", Language::Russian));
    let said = everything_said(&screen);
    for personal in [
        views::SURNAME,
        views::ADDRESS,
        views::PINFL,
        "РОЗЫСКЕ",
        "Намуна",
        worth,
        "отпечатков",
    ] {
        assert!(!said.contains(personal), "{personal}");
    }
}

#[test]
fn nothing_of_the_person_stays_behind_another_page() {
    let screen = Screen::new(views::one("answer-wanted", Language::English));
    screen.show(views::one("outcome", Language::English));
    let adapter = screen.app.component().global::<crate::ui::AnswerAdapter>();
    assert_eq!(adapter.get_people().row_count(), 0);
    assert_eq!(adapter.get_gallery(), crate::ui::GallerySize::default());
    assert!(adapter.get_covered());
    screen.show(views::one("document-review", Language::English));
    screen.show(views::one("home", Language::English));
    screen.show(views::one("login", Language::English));
    let component = screen.app.component();
    let document = component.global::<crate::ui::DocumentAdapter>();
    assert_eq!(document.get_form(), crate::ui::DocumentFields::default());
    assert!(document.get_review_name().is_empty());
    let home = component.global::<crate::ui::HomeAdapter>();
    assert!(home.get_officer().is_empty() && home.get_rows().row_count() == 0);
}

#[test]
fn a_covered_answer_looks_the_same_for_everybody_but_for_the_mark() {
    let kinds = [
        (
            AnswerKind::Found {
                wanted: true,
                missing: false,
            },
            Mark::Alert,
        ),
        (
            AnswerKind::Found {
                wanted: false,
                missing: true,
            },
            Mark::Missing,
        ),
        (
            AnswerKind::Found {
                wanted: false,
                missing: false,
            },
            Mark::Notice,
        ),
        (
            AnswerKind::Found {
                wanted: false,
                missing: false,
            },
            Mark::Quiet,
        ),
        (AnswerKind::Possible, Mark::Alert),
        (AnswerKind::NotFound, Mark::Unclear),
        (AnswerKind::Incomplete, Mark::Unclear),
        (AnswerKind::Expired, Mark::Unclear),
    ];
    let screen = Screen::new(covered(kinds[0].0, kinds[0].1));
    let at = Bounds::of(&screen.the("HeldAnswer::mark-shape"));
    let mut first = None;
    for (kind, mark) in kinds {
        screen.show(covered(kind, mark));
        let picture = screen.app.window().take_snapshot().unwrap();
        let width = usize::try_from(picture.width()).unwrap();
        let outside: Vec<_> = picture
            .as_slice()
            .iter()
            .enumerate()
            .filter(|(i, _)| {
                let (x, y) = ((i % width) as f32, (i / width) as f32);
                x < at.left || x >= at.right || y < at.top || y >= at.bottom
            })
            .map(|(_, p)| (p.r, p.g, p.b))
            .collect();
        let said = everything_said(&screen);
        match &first {
            None => first = Some((outside, said)),
            Some((pixels, words)) => {
                assert!(*pixels == outside, "{kind:?} looks different");
                assert_eq!(*words, said);
            }
        }
    }
}

#[test]
fn marks_differ_by_shape() {
    let mut pictures = Vec::new();
    let screen = Screen::new(covered(AnswerKind::Possible, Mark::Quiet));
    for mark in [
        Mark::Quiet,
        Mark::Notice,
        Mark::Missing,
        Mark::Alert,
        Mark::Unclear,
    ] {
        screen.show(covered(AnswerKind::Possible, mark));
        let picture = screen.app.window().take_snapshot().unwrap();
        pictures.push(picture.as_bytes().to_vec());
    }
    for (i, picture) in pictures.iter().enumerate() {
        assert!(
            pictures[i + 1..].iter().all(|other| other != picture),
            "mark {i}"
        );
    }
}

#[test]
fn no_answer_and_nobody_found_never_read_as_clear() {
    for name in [
        "pending",
        "pending-offline",
        "answer-not-found",
        "answer-incomplete",
    ] {
        let screen = Screen::new(views::one(name, Language::English));
        let words = screen.words().join("\n");
        for clear in ["On no register", "On no other", "not wanted", "clear"] {
            assert!(!words.contains(clear), "{name}: {words}");
        }
        screen.app.component().hide().unwrap();
    }
    let screen = Screen::new(views::one("pending-offline", Language::English));
    assert!(
        screen
            .words()
            .contains(&"No connection, answer pending".to_owned())
    );
    screen.show(views::one("pending", Language::English));
    assert!(screen.words().contains(&"Asked, answer pending".to_owned()));
}

#[test]
fn a_claim_names_the_gallery_and_clear_names_the_registers() {
    let screen = Screen::new(views::one("answer-clear", Language::English));
    let words = screen.words().join("\n");
    assert!(
        words.contains("Identified by fingerprint: confirm that it is this person."),
        "{words}"
    );
    assert!(
        words.contains(
            "at most 1 search of 1\u{a0}000\u{a0}000, among 1\u{a0}250\u{a0}000 prints of \
             640\u{a0}000 people."
        ),
        "{words}"
    );
    assert!(words.contains("On no register and not wanted. Asked:"));
    for register in ["Wanted", "Missing", "Conviction", "Probation register"] {
        assert!(
            words.contains(&format!("{register} · ИИВ АМ, 22.11.2026")),
            "{register}"
        );
    }
}

#[test]
fn missing_does_not_look_like_wanted() {
    let screen = Screen::new(views::one("answer-missing", Language::English));
    let words = screen.words().join("\n");
    assert!(words.contains("MISSING: possibly a victim") && !words.contains("WANTED"));
}

#[test]
fn a_confirmed_candidate_is_no_longer_called_one() {
    let mut view = views::one("answer-clear", Language::English);
    if let Page::Answer(answer) = &mut view.page {
        *answer = AnswerView {
            confirmation: regulation::encounter::Confirmation::Confirmed,
            ..answer.clone()
        };
    }
    let screen = Screen::new(view);
    let words = screen.words().join("\n");
    assert!(
        words.contains("An officer confirmed") && !words.contains("Identified by"),
        "{words}"
    );
    assert!(
        words.contains("at most 1 search of"),
        "what the match is worth stays: {words}"
    );
}

#[test]
fn a_possible_match_says_verify_first_and_what_each_candidate_is_worth() {
    let screen = Screen::new(views::one("answer-possible", Language::English));
    let words = screen.words().join("\n");
    assert!(words.contains("Several are possible, at most one is right: before you act, compare"));
    let worth = |searches| format!("1 search of {searches}, among 1\u{a0}250\u{a0}000 prints");
    assert!(words.contains(&worth("40\u{a0}000")), "{words}");
    assert!(!words.contains("Identified"), "{words}");
    assert!(
        words.contains("WANTED, if it is this person"),
        "a candidate on a register is no wanted person: {words}"
    );
    assert!(!words.contains("WANTED\n"), "{words}");
    screen.show(views::one("answer-possible-one", Language::English));
    let words = screen.words().join("\n");
    assert!(words.contains("Possible by fingerprint: before you act, compare"));
    assert!(words.contains(&worth("200")), "{words}");
    assert!(!words.contains("Identified") && !words.contains("Several"));
}

#[test]
fn nobody_found_names_the_gallery_and_a_record_by_number_claims_no_match() {
    let screen = Screen::new(views::one("answer-not-found", Language::English));
    let words = screen.words().join("\n");
    assert!(
        words.contains("No match among 1\u{a0}250\u{a0}000 prints of 640\u{a0}000 people."),
        "{words}"
    );
    screen.show(views::one("answer-by-number", Language::English));
    let words = screen.words().join("\n");
    for claim in ["fingerprint", "accident", "prints"] {
        assert!(!words.contains(claim), "{claim}: {words}");
    }
}

#[test]
fn the_gallerys_size_bends_the_words_of_russian_and_stands_before_them_in_uzbek() {
    let said = |language, prints, people| {
        let mut view = views::one("answer-not-found", language);
        if let Page::Answer(answer) = &mut view.page {
            answer.gallery = Some(protocol::GallerySearched { prints, people });
        }
        let screen = Screen::new(view);
        let words = screen.words().join("\n");
        screen.app.component().hide().unwrap();
        words
    };
    for (prints, people, expected) in [
        (1, 1, "среди 1 отпечатка 1 лица."),
        (2, 2, "среди 2 отпечатков 2 лиц."),
        (11, 11, "среди 11 отпечатков 11 лиц."),
        (5_021, 4_901, "среди 5\u{a0}021 отпечатка 4\u{a0}901 лица."),
        (5_000, 4_900, "среди 5\u{a0}000 отпечатков 4\u{a0}900 лиц."),
    ] {
        let words = said(Language::Russian, prints, people);
        assert!(words.contains(expected), "{expected}: {words}");
    }
    let words = said(Language::UzbekLatin, 5_000, 4_900);
    let expected = "4\u{a0}900 shaxsning 5\u{a0}000 ta izi orasida moslik topilmadi.";
    assert!(words.contains(expected), "{words}");
}

#[test]
fn what_the_live_quality_says_is_told_as_something_to_do() {
    for (name, title, act) in [
        (
            "finger-dry",
            "Finger dry",
            "Breathe on it, then press a little harder.",
        ),
        (
            "finger-wet",
            "Finger wet",
            "Wipe finger and glass, place it again.",
        ),
        (
            "finger-partial",
            "Only part of the finger",
            "Lay the whole fingertip flat, in the middle of the glass.",
        ),
        (
            "finger-moved",
            "Finger moved",
            "Press straight down and hold still.",
        ),
        (
            "finger-two",
            "More than one finger",
            "Leave only one finger on the glass.",
        ),
        ("finger-good", "Hold still", "The print is being read."),
    ] {
        let view = views::one(name, Language::English);
        let quality = match &view.page {
            Page::Finger(page) => page.quality,
            _ => None,
        };
        let screen = Screen::new(view);
        let words = screen.words();
        for expected in [title, act] {
            assert!(
                words.contains(&expected.to_owned()),
                "{name}: {expected}: {words:?}"
            );
        }
        if let Some(quality) = quality {
            assert!(words.contains(&quality.to_string()), "{name}: {words:?}");
        }
        screen.app.component().hide().unwrap();
    }
}

#[test]
fn a_record_that_ends_below_its_cover_says_so_and_can_be_slid_to_its_end() {
    for language in Language::ALL {
        for (name, view) in views::all(language) {
            if !name.starts_with("answer") || name == "answer-covered" {
                continue;
            }
            let screen = Screen::new(view);
            let cover = Bounds::of(&screen.the("AnswerPage::cover"));
            let lines = texts(&screen).into_iter().map(|e| Bounds::of(&e));
            let cut = lines
                .filter(|l| l.left > cover.left && l.top > cover.top && l.top < cover.bottom)
                .any(|l| l.bottom > cover.bottom);
            let more = !screen.all("HeldAnswer::more").is_empty();
            assert!(more || !cut, "{name} {language:?}");
            // What lies below the cover's edge is not found.
            let ends_within = !screen.all("HeldAnswer::end").is_empty();
            assert!(!(more && ends_within), "{name} {language:?}");
            screen.app.component().hide().unwrap();
        }
    }
    let screen = Screen::new(views::one("answer-all", Language::English));
    let cover = Bounds::of(&screen.the("AnswerPage::cover"));
    let window = screen.app.window();
    let button = slint::platform::PointerEventButton::Left;
    let position = slint::LogicalPosition::new(cover.left + 200.0, cover.bottom - 60.0);
    window.dispatch_event(WindowEvent::PointerPressed { position, button });
    let position = slint::LogicalPosition::new(position.x, cover.top + 60.0);
    window.dispatch_event(WindowEvent::PointerMoved { position });
    screen.settle();
    let last = texts(&screen)
        .into_iter()
        .find(|e| label(e).starts_with("Preventive register"))
        .unwrap();
    assert!(Bounds::of(&last).within(cover), "{:?}", Bounds::of(&last));
}
