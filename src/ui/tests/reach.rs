//! Everything that can be tapped has a role and a name, is come to by keys in reading order, and is
//! acted on by them.

use super::{Screen, views};
use crate::app::AppOptions;
use i_slint_core::accessibility::{
    AccessibilityAction, AccessibleStringProperty, SupportedAccessibilityAction,
    nearest_accessible_item,
};
use i_slint_core::item_tree::ItemRc;
use i_slint_core::items::{AccessibleRole, TextInput, TouchArea};
use i_slint_core::window::WindowInner;
use regulation::EncounterId;
use regulation::encounter::Language;
use slint::ComponentHandle;
use slint::platform::{Key, WindowEvent};
use tablet::worker::Command;

const WIDTH: f32 = 1280.0;
const HEIGHT: f32 = 800.0;
const RAIL: f32 = 296.0;

#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
}

/// What is touched or typed into.
#[derive(Clone)]
struct Thing {
    item: ItemRc,
    role: AccessibleRole,
    name: String,
    place: Place,
    enabled: bool,
    shown: bool,
}

fn said(item: &ItemRc, what: AccessibleStringProperty) -> String {
    item.accessible_string_property(what)
        .map(String::from)
        .unwrap_or_default()
}

fn place(item: &ItemRc) -> Place {
    let geometry = item.geometry();
    let at = item.map_to_window(geometry.origin);
    Place {
        left: at.x,
        top: at.y,
        right: at.x + geometry.size.width,
        bottom: at.y + geometry.size.height,
    }
}

fn walk(item: &ItemRc, visit: &mut dyn FnMut(&ItemRc)) {
    visit(item);
    let mut child = item.first_child();
    while let Some(item) = child {
        walk(&item, visit);
        child = item.next_sibling();
    }
}

/// Takes the taps between and behind what is to be tapped.
fn ground(at: Place) -> bool {
    let empty = at.right - at.left < 1.0 || at.bottom - at.top < 1.0;
    // A page, or a card over the whole screen.
    let from_the_edge = at.left == RAIL || at.left == 0.0;
    let page = from_the_edge && at.right == WIDTH && at.bottom == HEIGHT;
    empty || page
}

fn things(screen: &Screen) -> (Vec<Thing>, Vec<String>) {
    let root = ItemRc::new_root(WindowInner::from_pub(screen.app.window()).component());
    let (mut things, mut problems): (Vec<Thing>, _) = (Vec::new(), Vec::new());
    walk(&root, &mut |item| {
        let typed = item.downcast::<TextInput>().is_some();
        if !typed && item.downcast::<TouchArea>().is_none() {
            return;
        }
        let named = nearest_accessible_item(item.clone());
        if named == root {
            if !ground(place(item)) {
                problems.push(format!("{:?} says nothing", place(item)));
            }
            return;
        }
        if things.iter().any(|t| t.item == named) {
            return;
        }
        let thing = Thing {
            role: named.accessible_role(),
            name: said(&named, AccessibleStringProperty::Label),
            place: place(&named),
            enabled: said(&named, AccessibleStringProperty::Enabled) != "false",
            shown: named.is_visible(),
            item: named,
        };
        let fits = match thing.role {
            AccessibleRole::TextInput => typed || place(item) == thing.place,
            AccessibleRole::Button | AccessibleRole::Checkbox | AccessibleRole::RadioButton => {
                place(item) == thing.place
            }
            _ => false,
        };
        if !fits || thing.name.trim().is_empty() {
            problems.push(format!("{:?} {:?}", thing.role, thing.name));
        }
        let acts = thing
            .item
            .supported_accessibility_actions()
            .contains(SupportedAccessibilityAction::Default);
        // What is to be held is not uncovered by an action.
        if !acts && thing.name != "Answer" {
            problems.push(format!("{:?} has no action", thing.name));
        }
        things.push(thing);
    });
    (things, problems)
}

fn focused(screen: &Screen) -> Option<ItemRc> {
    let window = WindowInner::from_pub(screen.app.window());
    let item = window.focus_item.borrow().upgrade();
    item.map(nearest_accessible_item)
}

fn press(screen: &Screen, key: impl Into<slint::SharedString>) {
    let text = key.into();
    let window = screen.app.window();
    window.dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
    window.dispatch_event(WindowEvent::KeyReleased { text });
    screen.settle();
}

/// Every page in every state, and what a tap shows of it, in English.
fn each(mut look: impl FnMut(&str, &Screen)) {
    for (name, view) in views::all(Language::English) {
        let demo_credentials = (name == "login-problem").then(|| ("demo".into(), "demo".into()));
        let screen = Screen::with(
            view,
            AppOptions {
                night: false,
                demo_credentials,
            },
        );
        look(name, &screen);
        for (_, element, n, state) in views::TAPS.iter().filter(|t| t.0 == name) {
            screen.tap_nth(element, *n);
            look(state, &screen);
        }
        screen.app.component().hide().unwrap();
    }
}

#[test]
fn whatever_is_tapped_or_typed_into_has_a_role_a_name_and_an_action() {
    let mut found = Vec::new();
    let mut seen = 0;
    each(|name, screen| {
        let (things, problems) = things(screen);
        seen += things.len();
        found.extend(problems.into_iter().map(|p| format!("{name}: {p}")));
    });
    assert!(seen > 400, "{seen}");
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Where a reader goes on to: not back up in a column, not back in a row. From the page to the rail, and
/// from the end of a list that scrolls to what stands below it.
fn against_reading(from: &Thing, to: &Thing, lists: &[Place]) -> bool {
    let (a, b) = (from.place, to.place);
    let scrolled =
        |list: &Place| a.left >= list.left && a.right <= list.right && a.bottom > list.bottom;
    if a.left >= RAIL && b.right <= RAIL || lists.iter().any(scrolled) {
        return false;
    }
    let up = b.bottom <= a.top + 1.0 && b.left < a.right - 1.0;
    let back = b.right <= a.left + 1.0 && b.top < a.bottom - 1.0 && a.top < b.bottom - 1.0;
    up || back
}

fn lists(screen: &Screen) -> Vec<Place> {
    let pages = screen.all("PageFrame::view").into_iter();
    let lists = screen.all("ScrollList::list").into_iter();
    pages
        .chain(lists)
        .map(|list| {
            let (at, size) = (list.absolute_position(), list.size());
            Place {
                left: at.x,
                top: at.y,
                right: at.x + size.width,
                bottom: at.y + size.height,
            }
        })
        .collect()
}

#[test]
fn tab_comes_to_everything_on_the_page_in_reading_order_and_brings_it_into_sight() {
    let mut found = Vec::new();
    each(|name, screen| {
        // With the keys on the screen the page has moved.
        if !screen.all("KeyboardPanel::hide-key").is_empty() {
            screen.tap("KeyboardPanel::hide-key");
        }
        let (things, _) = things(screen);
        let lists = lists(screen);
        let mut stops: Vec<Thing> = Vec::new();
        for _ in 0..150 {
            press(screen, Key::Tab);
            let Some(at) = focused(screen) else {
                found.push(format!("{name}: nothing has the focus"));
                break;
            };
            if stops.iter().any(|s| s.item == at) {
                break;
            }
            if !at.is_visible() {
                let name_of = said(&at, AccessibleStringProperty::Label);
                found.push(format!("{name}: {name_of:?} has the focus out of sight"));
            }
            match things.iter().find(|t| t.item == at) {
                Some(thing) => stops.push(thing.clone()),
                None => {
                    let what = (at.accessible_role(), place(&at));
                    found.push(format!("{name}: the focus is on {what:?}"));
                    break;
                }
            }
        }
        // What lies partly below an edge is come to once it was scrolled to.
        let below = |place: &Place| {
            lists.iter().any(|list| {
                place.left >= list.left
                    && place.right <= list.right
                    && place.bottom > list.bottom + 1.0
            })
        };
        for thing in things.iter().filter(|t| t.shown && !below(&t.place)) {
            let stopped = stops.iter().any(|s| s.item == thing.item);
            if stopped != thing.enabled {
                found.push(format!(
                    "{name}: {:?} enabled {}, come to {stopped}",
                    thing.name, thing.enabled
                ));
            }
        }
        for pair in stops.windows(2) {
            if against_reading(&pair[0], &pair[1], &lists) {
                found.push(format!(
                    "{name}: from {:?} {:?} to {:?} {:?}",
                    pair[0].name, pair[0].place, pair[1].name, pair[1].place
                ));
            }
        }
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Comes to what is named so by keys alone.
fn come_to(screen: &Screen, name: &str) -> ItemRc {
    for _ in 0..60 {
        press(screen, Key::Tab);
        let at = focused(screen).unwrap();
        if said(&at, AccessibleStringProperty::Label) == name {
            return at;
        }
    }
    panic!("{name} is not come to");
}

#[test]
fn what_has_the_focus_is_seen_to_have_it() {
    for name in [
        "login",
        "home",
        "introduce",
        "ground",
        "method",
        "answer-covered",
        "outcome",
        "reports",
        "desk",
        "desk-custody",
        "desk-figures",
    ] {
        let screen = Screen::new(views::one(name, Language::English));
        let bare = screen.app.window().take_snapshot().unwrap();
        let mut stops: Vec<ItemRc> = Vec::new();
        loop {
            press(&screen, Key::Tab);
            let at = focused(&screen).unwrap();
            if stops.contains(&at) {
                break;
            }
            stops.push(at.clone());
            // Typing moves the page: its own tests look at fields.
            if at.accessible_role() == AccessibleRole::TextInput
                || !screen.all("KeyboardPanel::hide-key").is_empty()
            {
                continue;
            }
            let Place {
                left,
                top,
                right,
                bottom,
            } = place(&at);
            let drawn = screen.app.window().take_snapshot().unwrap();
            let differ = (top.max(0.0) as usize..bottom.min(HEIGHT) as usize)
                .flat_map(|y| (left as usize..right as usize).map(move |x| y * WIDTH as usize + x))
                .filter(|i| bare.as_slice()[*i] != drawn.as_slice()[*i])
                .count();
            assert!(
                differ > 100,
                "{name}: {:?}",
                said(&at, AccessibleStringProperty::Label)
            );
        }
        assert!(stops.len() > 2, "{name}");
        screen.app.component().hide().unwrap();
    }
}

#[test]
fn enter_and_space_do_what_a_tap_does() {
    let mut screen = Screen::new(views::one("home", Language::English));
    let row = screen.the("HomePage::row").accessible_label().unwrap();
    for key in [Key::Return, Key::Space] {
        come_to(&screen, &row);
        press(&screen, key);
        let first = EncounterId(uuid::Uuid::from_u128(7));
        assert!(matches!(screen.only(), Command::OpenEncounter(id) if id == first));
        come_to(&screen, "Lock");
        press(&screen, key);
        assert!(matches!(screen.only(), Command::Lock));
    }
    screen.show(views::one("method", Language::English));
    come_to(&screen, "Fingerprint");
    press(&screen, Key::Return);
    assert!(matches!(screen.only(), Command::ChooseFingerprint));
    screen.show(views::one("ground", Language::English));
    come_to(&screen, "Explained");
    press(&screen, Key::Space);
    come_to(&screen, "Go on");
    press(&screen, Key::Space);
    assert!(matches!(screen.only(), Command::StateGround { .. }));
}

#[test]
fn an_answer_is_held_by_a_key_as_by_a_finger() {
    let mut screen = Screen::new(views::one("answer-covered", Language::English));
    come_to(&screen, "Answer");
    let key = slint::SharedString::from(Key::Space);
    let down = |screen: &Screen| {
        let text = key.clone();
        screen
            .app
            .window()
            .dispatch_event(WindowEvent::KeyPressed { text });
    };
    let repeated = |screen: &Screen| {
        let text = key.clone();
        screen
            .app
            .window()
            .dispatch_event(WindowEvent::KeyPressRepeated { text });
    };
    let up = |screen: &Screen| {
        let text = key.clone();
        screen
            .app
            .window()
            .dispatch_event(WindowEvent::KeyReleased { text });
    };
    down(&screen);
    assert!(matches!(screen.only(), Command::Reveal(true)));
    repeated(&screen);
    repeated(&screen);
    assert!(screen.sent().is_empty());
    up(&screen);
    assert!(matches!(screen.only(), Command::Reveal(false)));
    // Whoever goes on with the key down has let it go.
    down(&screen);
    assert!(matches!(screen.only(), Command::Reveal(true)));
    press(&screen, Key::Tab);
    assert!(matches!(screen.only(), Command::Reveal(false)));
    up(&screen);
    assert!(screen.sent().is_empty());
    // Nor does it stay open when the window loses the keys.
    come_to(&screen, "Answer");
    down(&screen);
    assert!(matches!(screen.only(), Command::Reveal(true)));
    screen
        .app
        .window()
        .dispatch_event(WindowEvent::WindowActiveChanged(false));
    assert!(matches!(screen.only(), Command::Reveal(false)));
}

/// A tap that shows something else, and the one tap that takes it back.
const BACK: [(&str, &str, usize); 19] = [
    ("login+keys", "KeyboardPanel::hide-key", 0),
    ("introduce+keys", "KeyboardPanel::hide-key", 0),
    ("home+ending", "FrameActions::secondary-button", 0),
    ("desk+ending", "FrameActions::secondary-button", 0),
    ("ground+words", "FrameActions::primary-button", 0),
    ("ground+why", "FrameActions::quiet-button", 0),
    ("document+zone", "FrameActions::secondary-button", 0),
    ("finger+choice", "FrameActions::secondary-button", 0),
    ("outcome+case", "OutcomePage::released", 0),
    ("outcome+other", "OutcomePage::released", 0),
    ("receive+keys", "KeyboardPanel::hide-key", 0),
    ("take-over+person", "FrameActions::quiet-button", 0),
    ("take-over+damage", "ConditionField::whole", 0),
    ("hand-in+person", "FrameActions::quiet-button", 0),
    ("bodycam+pause", "FrameActions::quiet-button", 0),
    ("bodycam+voice", "FrameActions::quiet-button", 0),
    ("bodycam+fault", "FrameActions::quiet-button", 0),
    ("bodycam+means", "FrameActions::quiet-button", 0),
    ("bodycam+off", "FrameActions::quiet-button", 0),
];

/// What is typed on the page, by the fields' names.
fn typed(screen: &Screen) -> Vec<(String, String)> {
    let (things, _) = things(screen);
    let fields = things
        .iter()
        .filter(|t| t.role == AccessibleRole::TextInput);
    fields
        .map(|t| {
            let value = said(&t.item, AccessibleStringProperty::Value);
            (t.name.clone(), value)
        })
        .collect()
}

#[test]
fn an_accidental_tap_is_taken_back_by_one_tap_and_nothing_typed_is_lost() {
    let mut found = Vec::new();
    for (state, back, nth) in BACK {
        let (page, element, n, _) = views::TAPS.iter().find(|t| t.3 == state).unwrap();
        let screen = Screen::new(views::one(page, Language::English));
        let (things, _) = things(&screen);
        for field in things
            .iter()
            .filter(|t| t.role == AccessibleRole::TextInput)
        {
            // Digits alone where a field takes nothing else.
            let value = AccessibilityAction::SetValue("47".into());
            field.item.accessible_action(&value);
        }
        screen.settle();
        let (words, fields) = (screen.words(), typed(&screen));
        screen.tap_nth(element, *n);
        if screen.words() == words {
            found.push(format!("{state}: the tap shows nothing"));
        }
        screen.tap_nth(back, nth);
        let (now, kept) = (screen.words(), typed(&screen));
        if now != words {
            let lost = words
                .iter()
                .filter(|w| !now.contains(w))
                .collect::<Vec<_>>();
            let new = now
                .iter()
                .filter(|w| !words.contains(w))
                .collect::<Vec<_>>();
            found.push(format!("{state}: gone {lost:?}, new {new:?}"));
        }
        if kept != fields {
            found.push(format!("{state}: typed {fields:?}, left {kept:?}"));
        }
        screen.app.component().hide().unwrap();
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
