//! Example pages of the tablet and of help.

use regulation::custody::{Check, CheckKind, Level};
use regulation::encounter::Language;
use tablet::device::QrCode;
use tablet::pages::{
    HelpPart, HelpView, Page, ReadinessView, Settings, Stretch, SupportView, ThemeChoice,
    WayAdvice, WayView,
};
use tablet::support::{Bundle, Queue, Stuck};
use tablet::vault::StuckReason;

fn plain(language: Language, part: HelpPart) -> HelpView {
    HelpView {
        part,
        language,
        settings: Settings {
            theme: ThemeChoice::ByTime,
            ..Settings::default()
        },
        way: None,
        readiness: None,
        support: None,
        edition: "399-2022-07-22".into(),
        program: "0.1.0",
    }
}

fn way(advice: WayAdvice, good: [Option<bool>; 4]) -> Option<WayView> {
    let stretches = [
        Stretch::Network,
        Stretch::Central,
        Stretch::Trust,
        Stretch::LetIn,
    ];
    Some(WayView {
        advice,
        stretches: stretches.into_iter().zip(good).collect(),
        millis: (advice != WayAdvice::Looking).then_some(41),
    })
}

fn bundle() -> Bundle {
    let code = |n: i64| {
        format!(
            "{} WARN tablet::link::outbox:{}",
            1_795_860_000 + n * 61,
            200 + n
        )
    };
    Bundle {
        program: "0.1.0".into(),
        edition: "399-2022-07-22".into(),
        taken_at: 1_795_861_000,
        system: "6.1.0-28-arm64".into(),
        vault: "ok".into(),
        enrolled: true,
        queue: Some(Queue {
            waiting: 3,
            stored_not_safe: 1,
            sent_total: 214,
            oldest_waiting_at: Some(1_795_860_990_000),
            oldest_stuck_at: None,
            stuck: vec![Stuck {
                why: StuckReason::TooLarge,
                count: 1,
            }],
        }),
        damaged_rows: 0,
        quarantined: 1,
        free_bytes: Some(21_400_000_000),
        no_dumps: true,
        no_swap: true,
        codes: (0..40).map(code).collect(),
    }
}

pub fn pages(language: Language) -> Vec<(&'static str, Page)> {
    let page = |part, change: &dyn Fn(&mut HelpView)| {
        let mut view = plain(language, part);
        change(&mut view);
        Page::Help(Box::new(view))
    };
    let good = Some(true);
    let checks = [
        Check::answers(CheckKind::Camera, false, Level::Attention),
        Check::answers(CheckKind::Scanner, true, Level::NotReady),
        Check {
            value: Some(83),
            ..Check::answers(CheckKind::Battery, true, Level::Attention)
        },
    ];
    vec![
        ("help", page(HelpPart::Menu, &|_| ())),
        ("help-settings", page(HelpPart::Settings, &|_| ())),
        (
            "help-way",
            page(HelpPart::Way, &|v| v.way = way(WayAdvice::Whole, [good; 4])),
        ),
        (
            "help-way-looking",
            page(HelpPart::Way, &|v| {
                v.way = way(WayAdvice::Looking, [None; 4]);
            }),
        ),
        (
            "help-way-not-ours",
            page(HelpPart::Way, &|v| {
                v.way = way(WayAdvice::NotOurCentral, [good, good, Some(false), None]);
            }),
        ),
        (
            "help-devices",
            page(HelpPart::Devices, &|v| {
                v.readiness = Some(ReadinessView {
                    rows: checks.to_vec(),
                    waiting: Vec::new(),
                    level: Some(Level::Attention),
                });
            }),
        ),
        (
            "help-support",
            page(HelpPart::Support, &|v| {
                v.support = Some(SupportView {
                    code: QrCode::of(&bundle().short()).ok(),
                    bundle: bundle(),
                });
            }),
        ),
        ("help-collecting", page(HelpPart::Support, &|_| ())),
        ("help-about", page(HelpPart::About, &|_| ())),
    ]
}
