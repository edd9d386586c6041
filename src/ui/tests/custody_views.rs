//! Example pages of the tablet's custody: invented people only.

use regulation::custody::{Check, CheckKind, Level, Refusal};
use regulation::encounter::Language;
use tablet::pages::{
    ConfirmProblem, ConfirmState, HandInView, Page, PartyView, PhotosView, ReadinessView,
    TabletView, TakeOverView,
};

pub fn readiness(levels: &[(CheckKind, Level, Option<i64>)]) -> ReadinessView {
    let checks = levels.iter().map(|(kind, level, value)| Check {
        kind: *kind,
        level: *level,
        value: *value,
    });
    let mut rows: Vec<_> = checks.collect();
    rows.sort_by_key(|check| std::cmp::Reverse(check.level));
    ReadinessView {
        level: rows.first().map(|check| check.level),
        rows,
        waiting: Vec::new(),
    }
}

const GREEN: [(CheckKind, Level, Option<i64>); 10] = [
    (CheckKind::Battery, Level::Ready, Some(94)),
    (CheckKind::Storage, Level::Ready, Some(51_300)),
    (CheckKind::Clock, Level::Ready, Some(1)),
    (CheckKind::Scanner, Level::Ready, None),
    (CheckKind::Camera, Level::Ready, None),
    (CheckKind::Connection, Level::Ready, None),
    (CheckKind::Certificate, Level::Ready, Some(301)),
    (CheckKind::Lease, Level::Ready, Some(719)),
    (CheckKind::Queue, Level::Ready, Some(2)),
    (CheckKind::Version, Level::Ready, None),
];

fn of(change: &[(CheckKind, Level, Option<i64>)]) -> ReadinessView {
    let mut checks = GREEN;
    for changed in change {
        for check in checks.iter_mut().filter(|check| check.0 == changed.0) {
            *check = *changed;
        }
    }
    readiness(&checks)
}

fn red() -> ReadinessView {
    of(&[
        (CheckKind::Battery, Level::NotReady, Some(12)),
        (CheckKind::Storage, Level::Attention, Some(900)),
        (CheckKind::Clock, Level::Attention, None),
        (CheckKind::Scanner, Level::NotReady, None),
        (CheckKind::Camera, Level::Attention, None),
        (CheckKind::Connection, Level::Attention, None),
        (CheckKind::Certificate, Level::NotReady, Some(-1)),
        (CheckKind::Lease, Level::Attention, Some(70)),
        (CheckKind::Queue, Level::Attention, Some(612)),
        (CheckKind::Version, Level::NotReady, None),
    ])
}

/// No photo was taken, and the edition takes eight.
pub const NONE_YET: PhotosView = PhotosView { taken: 0, left: 8 };

fn places(language: Language) -> Vec<String> {
    let places = match language {
        Language::UzbekLatin | Language::English => ["2-boʻlinma navbatchilik qismi", "Ombor"],
        _ => ["2-бўлинма навбатчилик қисми", "Омбор"],
    };
    places.map(str::to_owned).to_vec()
}

fn party(language: Language) -> PartyView {
    PartyView {
        places: places(language),
        person: String::new(),
        confirmed: false,
        confirm: ConfirmState::default(),
    }
}

/// The pages of this room. `offline-…` is shown with no connection.
pub fn pages(language: Language) -> Vec<(&'static str, Page)> {
    let take_over = |change: &dyn Fn(&mut TakeOverView)| {
        let mut view = TakeOverView {
            readiness: of(&[]),
            anothers: false,
            notices: Vec::new(),
            party: party(language),
            photos: NONE_YET,
            refusal: None,
        };
        change(&mut view);
        Page::TakeOver(view)
    };
    let tablet = |readiness, damage: &str, refusal: Option<Refusal>| {
        Page::Tablet(TabletView {
            readiness,
            since: "08:04".to_owned(),
            damage: damage.to_owned(),
            photos: NONE_YET,
            refusal: refusal.map(|r| (r, r.paragraph().0)),
            done: 0,
        })
    };
    let hand_in = |change: &dyn Fn(&mut HandInView)| {
        let mut view = HandInView {
            party: party(language),
            early: false,
            damage: String::new(),
            waiting: 0,
            photos: NONE_YET,
            refusal: None,
        };
        change(&mut view);
        Page::HandIn(view)
    };
    let problem = |problem| ConfirmState {
        busy: false,
        problem: Some(problem),
    };
    vec![
        ("take-over", take_over(&|_| ())),
        (
            "take-over-checking",
            take_over(&|view| {
                view.readiness.level = None;
                view.readiness.waiting = vec![CheckKind::Scanner];
            }),
        ),
        (
            "take-over-red",
            take_over(&|view| {
                view.readiness = red();
                view.anothers = true;
                view.notices = vec!["Бозор атрофида тўхташ жойи ўзгарди, эътибор беринг.".into()];
                view.refusal = Some((Refusal::NotReady, 13));
            }),
        ),
        (
            "take-over-typed",
            take_over(&|view| {
                view.party.places.clear();
                view.readiness = of(&[
                    (CheckKind::Connection, Level::Attention, None),
                    (CheckKind::Camera, Level::Attention, Some(0)),
                ]);
                view.photos = PhotosView { taken: 8, left: 0 };
                view.party.person = "Омборчиев Намуна Намуна ўғли".into();
                view.party.confirm = problem(ConfirmProblem::NobodyToAsk);
            }),
        ),
        ("tablet", tablet(of(&[]), "", None)),
        (
            "tablet-red",
            tablet(red(), "Экран ёрилган", Some(Refusal::DamageMissing)),
        ),
        ("hand-in", hand_in(&|_| ())),
        (
            "hand-in-early",
            hand_in(&|view| {
                view.early = true;
                view.damage = "Экран ёрилган".into();
                view.photos = PhotosView { taken: 2, left: 6 };
                view.waiting = 21;
                view.party.person = "Омборчиев Намуна Намуна ўғли".into();
                view.party.confirmed = true;
                view.refusal = Some((Refusal::PersonNeeded, 15));
            }),
        ),
        (
            "hand-in-problem",
            hand_in(&|view| {
                view.party.confirm = problem(ConfirmProblem::Throttled { seconds: 22 });
            }),
        ),
    ]
}
