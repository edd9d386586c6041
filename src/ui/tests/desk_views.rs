//! Example pages of the duty desk: invented people only.

use protocol::{DeviceId, DutyFigures, Figures, Register, TabletOrder, TabletStanding};
use regulation::bodycam::{DeviceOwner, PermittedBy};
use regulation::custody::Level;
use regulation::encounter::{AnswerKind, Flag, Language};
use regulation::{OfficerId, Timestamp};
use tablet::pages::{
    AgainRow, AlertRow, AlertRowKind, CameraState, DeskAnswerView, DeskCustodyView, DeskFaultView,
    DeskFiguresView, DeskMeansView, DeskPhotoProblem, DeskPhotoStage, DeskPhotoView,
    DeskTabletView, DeskView, DutyRow, DutyView, EntryView, FigureFlag, FiguresDetail, FiguresPart,
    FiguresView, Mark, OfficerRow, Page, Period, PersonView, PhotoOf, QueryProblem, RegisterView,
    RemarkKind, TabletState, UnitTablet,
};
use uuid::Uuid;

fn alerts(language: Language) -> Vec<AlertRow> {
    let edition = super::views::edition();
    let named = |kind: &str| {
        let all = edition.pause_reasons.iter().chain(&edition.camera_faults);
        let mut of = all.filter(|n| n.id == kind);
        of.next().unwrap().title.get(language).to_owned()
    };
    let row = |id: u128, at: &str, kind, what: &str| AlertRow {
        id: Uuid::from_u128(id).to_string(),
        at: at.to_owned(),
        who: "Катта сержант Намунаев Намуна Намуна ўғли".to_owned(),
        kind,
        what: named(what),
        minutes: 30,
        camera: "BK-0007".to_owned(),
        ..AlertRow::default()
    };
    vec![
        AlertRow {
            note: "Тушиб кетди, ойнаси синган".to_owned(),
            ..row(1, "12:04", AlertRowKind::Fault, "damaged")
        },
        row(2, "12:10", AlertRowKind::PauseAsked, "meal"),
        AlertRow {
            by: Some(PermittedBy::Commander),
            named: "Қўмондонов Намуна".to_owned(),
            ..row(3, "11:50", AlertRowKind::VoiceToConfirm, "rest")
        },
        AlertRow {
            decided: true,
            ..row(4, "12:01", AlertRowKind::PauseAsked, "rest")
        },
        AlertRow {
            named: "Администраторов Намуна".to_owned(),
            ..row(5, "10:30", AlertRowKind::FaultAssigned, "flat_battery")
        },
        AlertRow {
            until: "10:20".to_owned(),
            ..row(6, "09:40", AlertRowKind::Gap, "rest")
        },
        row(7, "09:00", AlertRowKind::PauseOverran, "rest"),
        row(8, "08:30", AlertRowKind::Unknown, "rest"),
    ]
}

/// What the desk is told of incidents and of custody (§13 to §16, §22, §30).
fn incidents(language: Language) -> Vec<AlertRow> {
    let edition = super::views::edition();
    let kind = |n: usize| edition.incident_kinds[n].title.get(language).to_owned();
    let base = alerts(language).swap_remove(6);
    let row = |id: u128, kind| AlertRow {
        id: Uuid::from_u128(id).to_string(),
        kind,
        ..base.clone()
    };
    let report = AlertRow {
        what: kind(0),
        place: "Намуна кўчаси, 1".to_owned(),
        note: "Икки фуқаро ўртасида жанжал чиқди, бири иккинчисини итариб юборди.".to_owned(),
        ..row(9, AlertRowKind::Incident)
    };
    vec![
        report.clone(),
        AlertRow {
            received: true,
            asked: true,
            what: kind(3),
            ..report.clone()
        },
        AlertRow {
            named: "Сержант Эшматов Намуна".to_owned(),
            ..row(10, AlertRowKind::CustodyConflict)
        },
        row(11, AlertRowKind::NotHandedIn),
        row(12, AlertRowKind::NotReady),
        AlertRow {
            named: "Сержант Эшматов Намуна".to_owned(),
            ..row(13, AlertRowKind::CameraHeldTwice)
        },
    ]
}

/// What the desk is told of encounters and of tablets on duty (§6, §9).
fn encounters(language: Language) -> Vec<AlertRow> {
    let edition = super::views::edition();
    let base = alerts(language).swap_remove(6);
    let place = String::from("Намуна бозори, 2-дарвоза");
    let row = |id: u128, kind| AlertRow {
        id: Uuid::from_u128(id).to_string(),
        kind,
        what: String::new(),
        ..base.clone()
    };
    let late = AlertRow {
        until: "07:52".to_owned(),
        what: edition.grounds[0].title.get(language).to_owned(),
        answer: Some(AnswerKind::Found {
            wanted: true,
            missing: false,
        }),
        mark: Mark::Alert,
        ..row(22, AlertRowKind::LateAnswer)
    };
    vec![
        AlertRow {
            answer: late.answer,
            mark: Mark::Alert,
            place: place.clone(),
            ..row(20, AlertRowKind::WantedFound)
        },
        late.clone(),
        AlertRow {
            answer: Some(AnswerKind::Possible),
            mark: Mark::Missing,
            ..row(23, AlertRowKind::MissingFound)
        },
        AlertRow {
            place,
            what: edition.station_cases[2].title.get(language).to_owned(),
            ..row(24, AlertRowKind::Resistance)
        },
        AlertRow {
            answer: Some(AnswerKind::NotFound),
            mark: Mark::Unclear,
            ..AlertRow {
                id: Uuid::from_u128(25).to_string(),
                ..late
            }
        },
        AlertRow {
            tablet: "3f2a9c01".to_owned(),
            ..row(26, AlertRowKind::Silent)
        },
        AlertRow {
            tablet: "3f2a9c01".to_owned(),
            ..row(27, AlertRowKind::QueueStuck)
        },
    ]
}

fn answer(language: Language) -> DeskAnswerView {
    DeskAnswerView {
        alert: encounters(language).into_iter().nth(1),
        covered: true,
        asking: false,
        problem: None,
        place: String::new(),
        people: Vec::new(),
        gallery: None,
        text_problem: false,
        text_chars: 500,
    }
}

fn person() -> PersonView {
    let entry = |register, date: &str| EntryView {
        register,
        source: "Намуна қидирув бўлими".to_owned(),
        date: date.to_owned(),
        spent: None,
        note: "Намуна".to_owned(),
    };
    PersonView {
        likeness: None,
        portrait: None,
        one_in: None,
        surname: "Намунаев".to_owned(),
        given: "Намуна".to_owned(),
        patronymic: "Намуна ўғли".to_owned(),
        birth_date: "01.01.1990".to_owned(),
        address: "Намуна вилояти, Намуна тумани, Намуна кўчаси, 1-уй".to_owned(),
        pinfl: "30101900000011".to_owned(),
        document: "AA1234567".to_owned(),
        entries: vec![entry(Register::Wanted, "12.03.2026")],
        clear_of: vec![RegisterView {
            register: Register::Convicted,
            source: "Намуна ахборот маркази".to_owned(),
            as_of: "18.11.2026".to_owned(),
        }],
        not_wanted: false,
    }
}

/// What the commander is told (§4).
fn figures(language: Language) -> DeskFiguresView {
    let edition = super::views::edition();
    let officer = |n: u128, who: &str, encounters, remarks| OfficerRow {
        id: OfficerId(Uuid::from_u128(n)),
        who: who.to_owned(),
        encounters,
        remarks,
    };
    let figures = Figures {
        encounters: 214,
        without_outcome: 3,
        not_closed: 1,
        flagged: 12,
        asked: 190,
        answered: 188,
        revealed: 176,
        median_minutes: Some(4),
        longest_minutes: Some(41),
        duty: DutyFigures {
            shifts: 26,
            minutes: 12_507,
            pauses: 31,
            overruns: 2,
            faults: 4,
            gaps: 1,
            means_overdue: 1,
            not_recorded: 2,
            ..DutyFigures::default()
        },
        ..Figures::default()
    };
    let ground = |n: usize, count| {
        let title = edition.grounds[n].title.get(language).to_owned();
        (title, count)
    };
    let again = |person, times, officers| AgainRow {
        person,
        times,
        officers,
        newest: "8c1f0b22".to_owned(),
    };
    DeskFiguresView {
        unit: "4-бўлим".to_owned(),
        period: Period::Month,
        asking: false,
        problem: None,
        figures: Some(FiguresView {
            from: "20.10.2026".to_owned(),
            to: "18.11.2026".to_owned(),
            as_of: "12:12".to_owned(),
            pending: 0,
            more: false,
            part: FiguresPart::Unit,
            officers: vec![
                officer(1, "Катта сержант Намунаев Намуна Намуна ўғли", 61, 11),
                officer(2, "Сержант Эшматов Намуна Намуна ўғли", 48, 6),
                officer(3, "Лейтенант Тошматова Намуна Намуна қизи", 74, 0),
                officer(4, "Сержант Болтаев Намуна Намуна ўғли", 31, 0),
                officer(5, "Кичик сержант Намунов Намуна Намуна ўғли", 0, 0),
            ],
            detail: Some(FiguresDetail {
                who: String::new(),
                remarks: vec![
                    (RemarkKind::WithoutOutcome, 3),
                    (RemarkKind::Flagged, 12),
                    (RemarkKind::NotClosed, 1),
                    (RemarkKind::Gaps, 1),
                    (RemarkKind::NotRecorded, 2),
                    (RemarkKind::Overruns, 2),
                    (RemarkKind::MeansOverdue, 1),
                ],
                grounds: vec![ground(0, 120), ground(2, 61), ground(1, 33)],
                outcomes: vec![(0, 190), (1, 14), (2, 5), (3, 1)],
                flags: vec![
                    (FigureFlag::Procedure(Flag::ExplanationDelayed), 7),
                    (FigureFlag::Procedure(Flag::IdentityNotConfirmed), 4),
                    (FigureFlag::Record("chain_broken".to_owned()), 1),
                ],
                figures,
            }),
            again: vec![again(10_233, 9, 2), again(871, 5, 4), again(90_412, 3, 1)],
            again_from: 3,
        }),
    }
}

/// The figures' pages, by name.
fn figures_pages(language: Language) -> Vec<(&'static str, Page)> {
    let all = figures(language);
    let with = |change: fn(&mut FiguresView)| {
        let mut view = all.clone();
        if let Some(figures) = view.figures.as_mut() {
            change(figures);
        }
        Page::DeskFigures(Box::new(view))
    };
    let without = |asking, problem| {
        Page::DeskFigures(Box::new(DeskFiguresView {
            figures: None,
            asking,
            problem,
            ..all.clone()
        }))
    };
    vec![
        (
            "desk-figures-officer",
            with(|view| {
                view.part = FiguresPart::Officer(OfficerId(Uuid::from_u128(3)));
                view.pending = 14;
                view.more = true;
                if let Some(detail) = view.detail.as_mut() {
                    detail.who = "Лейтенант Тошматова Намуна Намуна қизи".to_owned();
                    detail.remarks.clear();
                    detail.flags.clear();
                }
            }),
        ),
        (
            "desk-figures-again",
            with(|view| {
                view.part = FiguresPart::Again;
                view.detail = None;
            }),
        ),
        (
            "desk-figures-nobody-again",
            with(|view| {
                view.part = FiguresPart::Again;
                view.detail = None;
                view.again.clear();
            }),
        ),
        ("desk-figures-asking", without(true, None)),
        (
            "desk-figures-no-connection",
            without(false, Some(QueryProblem::NoConnection)),
        ),
        (
            "desk-figures-not-allowed",
            without(false, Some(QueryProblem::NotAllowed)),
        ),
        ("desk-figures", Page::DeskFigures(Box::new(all))),
    ]
}

/// The late answers' pages, by name.
fn answer_pages(language: Language) -> Vec<(&'static str, Page)> {
    let covered = answer(language);
    let gone = DeskAnswerView {
        alert: None,
        ..covered.clone()
    };
    vec![
        ("desk-answer", Page::DeskAnswer(covered.clone())),
        (
            "desk-answer-asking",
            Page::DeskAnswer(DeskAnswerView {
                asking: true,
                ..covered.clone()
            }),
        ),
        (
            "desk-answer-held",
            Page::DeskAnswer(DeskAnswerView {
                covered: false,
                place: "Намуна бозори, 2-дарвоза".to_owned(),
                people: vec![person()],
                ..covered.clone()
            }),
        ),
        (
            "desk-answer-not-found",
            Page::DeskAnswer(DeskAnswerView {
                alert: encounters(language).into_iter().nth(4),
                covered: false,
                ..covered.clone()
            }),
        ),
        (
            "desk-answer-no-connection",
            Page::DeskAnswer(DeskAnswerView {
                problem: Some(QueryProblem::NoConnection),
                text_problem: true,
                ..covered
            }),
        ),
        ("desk-answer-gone", Page::DeskAnswer(gone)),
    ]
}

/// The tablet's pages (§31), by name.
fn tablet_pages() -> Vec<(&'static str, Page)> {
    let view = DeskTabletView {
        tablet: tablets().into_iter().next(),
        own: false,
        asking: None,
        done: None,
        problem: None,
    };
    let standing = |standing, since: &str| {
        let tablet = view.tablet.clone().map(|tablet| UnitTablet {
            standing,
            standing_since: since.to_owned(),
            ..tablet
        });
        DeskTabletView {
            tablet,
            ..view.clone()
        }
    };
    let since = Timestamp(0);
    let lost = standing(TabletStanding::Lost { since }, "18.11.2026 11:40");
    vec![
        (
            "desk-tablet-lost",
            Page::DeskTablet(DeskTabletView {
                done: Some(TabletOrder::Lost),
                ..lost
            }),
        ),
        (
            "desk-tablet-asking",
            Page::DeskTablet(DeskTabletView {
                asking: Some(TabletOrder::Lost),
                ..view.clone()
            }),
        ),
        (
            "desk-tablet-no-connection",
            Page::DeskTablet(DeskTabletView {
                problem: Some(QueryProblem::NoConnection),
                ..standing(TabletStanding::Locked, "")
            }),
        ),
        (
            "desk-tablet-wiped",
            Page::DeskTablet(standing(
                TabletStanding::Wiped { since },
                "18.11.2026 11:58",
            )),
        ),
        (
            "desk-tablet-own",
            Page::DeskTablet(DeskTabletView {
                own: true,
                ..view.clone()
            }),
        ),
        (
            "desk-tablet-gone",
            Page::DeskTablet(DeskTabletView {
                tablet: None,
                ..view.clone()
            }),
        ),
        ("desk-tablet", Page::DeskTablet(view)),
    ]
}

/// Photos at the desk (§22, §31), by name.
fn photo_pages() -> Vec<(&'static str, Page)> {
    let view = |number, stage| {
        Page::DeskPhoto(DeskPhotoView {
            of: PhotoOf::Incident,
            number,
            count: 2,
            stage,
        })
    };
    let central = |problem| DeskPhotoStage::Problem(DeskPhotoProblem::Central(problem));
    let unreadable = DeskPhotoStage::Problem(DeskPhotoProblem::Unreadable);
    vec![
        ("desk-photo", view(1, DeskPhotoStage::Shown)),
        ("desk-photo-last", view(2, DeskPhotoStage::Shown)),
        ("desk-photo-asking", view(1, DeskPhotoStage::Asking)),
        ("desk-photo-not-there", view(1, central(QueryProblem::Gone))),
        (
            "desk-photo-no-connection",
            view(2, central(QueryProblem::NoConnection)),
        ),
        ("desk-photo-unreadable", view(2, unreadable)),
    ]
}

/// What the desk is told of recordings (§19, §32).
fn recordings(language: Language) -> Vec<AlertRow> {
    let edition = super::views::edition();
    let phone = edition.recording_device("phone").unwrap();
    let means = AlertRow {
        id: Uuid::from_u128(14).to_string(),
        at: "24.11.2026 10:20".to_owned(),
        until: "10:45".to_owned(),
        what: phone.title.get(language).to_owned(),
        note: "Бозор дарвозаси олдида, ёмғирда".to_owned(),
        owner: Some(DeviceOwner::Own),
        private: true,
        kind: AlertRowKind::OtherMeans,
        ..alerts(language).swap_remove(6)
    };
    vec![
        AlertRow {
            overdue: true,
            ..means.clone()
        },
        AlertRow {
            id: Uuid::from_u128(15).to_string(),
            kind: AlertRowKind::OtherMeansKept,
            owner: Some(DeviceOwner::Colleague),
            ..means.clone()
        },
        AlertRow {
            kind: AlertRowKind::NotRecorded,
            note: String::new(),
            ..means
        },
    ]
}

fn tablets() -> Vec<UnitTablet> {
    [
        (TabletState::OnDuty, Some(Level::Ready), ""),
        (
            TabletState::Held,
            Some(Level::Attention),
            "Экран бурчаги дарз кетган",
        ),
        (TabletState::HandedIn, Some(Level::NotReady), ""),
        (TabletState::Unknown, None, ""),
    ]
    .map(|(state, level, damage)| UnitTablet {
        tablet: "3f2a9c01".to_owned(),
        state,
        who: "Сержант Намунаев Намуна Намуна ўғли".to_owned(),
        party: "Навбатчилик қисми, 2-хона".to_owned(),
        since: "08:02".to_owned(),
        level,
        damage: damage.to_owned(),
        photos: if damage.is_empty() { 0 } else { 2 },
        heard: if level.is_some() { "12:11" } else { "" }.to_owned(),
        device: DeviceId(Uuid::from_u128(0x3f2a)),
        standing: TabletStanding::Good,
        standing_since: String::new(),
    })
    .into()
}

fn on_duty() -> Vec<DutyRow> {
    [
        (CameraState::Recording, "", 0),
        (CameraState::Paused, "12:00", 0),
        (CameraState::Faulty, "12:04", 1),
        (CameraState::Off, "11:30", 3),
        (CameraState::Received, "", 0),
        (CameraState::NotAssigned, "", 0),
    ]
    .map(|(state, since, flags)| DutyRow {
        who: "Сержант Намунаев Намуна Намуна ўғли".to_owned(),
        since: "08:00".to_owned(),
        heard: "12:11".to_owned(),
        camera: "BK-0007".to_owned(),
        duty: DutyView {
            state,
            since: since.to_owned(),
            due: String::new(),
        },
        flags,
    })
    .into()
}

/// The desk's pages, by name.
pub fn pages(language: Language) -> Vec<(&'static str, Page)> {
    let desk = DeskView {
        officer: "Капитан Навбатчиев Намуна Намуна ўғли".to_owned(),
        as_of: Some("12:12".to_owned()),
        stale: false,
        alerts: alerts(language),
        on_duty: on_duty(),
        tablets: Some(4),
        figures: false,
        more: false,
    };
    let custody = DeskCustodyView {
        tablets: tablets(),
        conflict: None,
        text_problem: false,
        text_chars: 500,
        orders: false,
    };
    let settling = DeskCustodyView {
        conflict: incidents(language).into_iter().nth(2),
        text_problem: true,
        ..custody.clone()
    };
    let none = DeskCustodyView {
        tablets: Vec::new(),
        ..custody.clone()
    };
    let later = |n: usize| DeskView {
        alerts: desk.alerts[n..].to_vec(),
        ..desk.clone()
    };
    let first = |n: usize| DeskFaultView {
        alert: Some(desk.alerts[n].clone()),
        text_problem: false,
        text_chars: 500,
    };
    let mut standings = custody.clone();
    standings.orders = true;
    let since = Timestamp(0);
    let shown = [
        TabletStanding::Lost { since },
        TabletStanding::Locked,
        TabletStanding::KeysDestroyed { since },
        TabletStanding::Good,
    ];
    for (tablet, standing) in standings.tablets.iter_mut().zip(shown) {
        tablet.standing = standing;
        tablet.standing_since = "18.11.2026 11:40".to_owned();
    }
    let mut pages = figures_pages(language);
    pages.extend(answer_pages(language));
    pages.extend(tablet_pages());
    pages.extend(photo_pages());
    let means = |n: usize| DeskMeansView {
        alert: recordings(language).into_iter().nth(n),
        text_problem: false,
        digest_problem: false,
        text_chars: 500,
    };
    pages.extend([
        (
            "desk-recordings",
            Page::Desk(DeskView {
                alerts: recordings(language),
                ..desk.clone()
            }),
        ),
        ("desk-means", Page::DeskMeans(means(0))),
        ("desk-means-kept", Page::DeskMeans(means(1))),
        (
            "desk-means-problem",
            Page::DeskMeans(DeskMeansView {
                digest_problem: true,
                ..means(0)
            }),
        ),
        ("desk-means-gone", Page::DeskMeans(means(9))),
        ("desk-later", Page::Desk(later(3))),
        (
            "desk-encounters",
            Page::Desk(DeskView {
                alerts: encounters(language),
                figures: true,
                ..desk.clone()
            }),
        ),
        (
            "desk-encounters-later",
            Page::Desk(DeskView {
                alerts: encounters(language).split_off(3),
                figures: true,
                ..desk.clone()
            }),
        ),
        ("desk-tablets-standing", Page::DeskCustody(standings)),
        (
            "desk-incidents",
            Page::Desk(DeskView {
                alerts: incidents(language),
                ..desk.clone()
            }),
        ),
        (
            "desk-custody",
            Page::Desk(DeskView {
                alerts: incidents(language).split_off(2),
                ..desk.clone()
            }),
        ),
        (
            "desk-quiet",
            Page::Desk(DeskView {
                alerts: Vec::new(),
                more: true,
                stale: true,
                ..desk.clone()
            }),
        ),
        (
            "desk-unheard",
            Page::Desk(DeskView {
                as_of: None,
                alerts: Vec::new(),
                on_duty: Vec::new(),
                ..desk.clone()
            }),
        ),
        ("desk-tablets", Page::DeskCustody(custody)),
        ("desk-tablets-settling", Page::DeskCustody(settling)),
        ("desk-tablets-none", Page::DeskCustody(none)),
        ("desk-fault", Page::DeskFault(first(0))),
        (
            "desk-fault-assigned",
            Page::DeskFault(DeskFaultView {
                text_problem: true,
                ..first(4)
            }),
        ),
        (
            "desk-fault-gone",
            Page::DeskFault(DeskFaultView {
                alert: None,
                ..first(0)
            }),
        ),
        ("desk", Page::Desk(desk)),
    ]);
    pages
}
