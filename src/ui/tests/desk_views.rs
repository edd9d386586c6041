//! Example pages of the duty desk: invented people only.

use regulation::Edition;
use regulation::bodycam::PermittedBy;
use regulation::custody::Level;
use regulation::encounter::Language;
use tablet::pages::{
    AlertRow, AlertRowKind, CameraState, DeskCustodyView, DeskFaultView, DeskView, DutyRow,
    DutyView, Page, TabletState, UnitTablet,
};
use uuid::Uuid;

fn alerts(language: Language) -> Vec<AlertRow> {
    let edition = Edition::shipped().unwrap();
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
        by: None,
        named: String::new(),
        note: String::new(),
        camera: "BK-0007".to_owned(),
        until: String::new(),
        place: String::new(),
        class: String::new(),
        received: false,
        asked: false,
        decided: false,
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
    let edition = Edition::shipped().unwrap();
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
        more: false,
    };
    let custody = DeskCustodyView {
        tablets: tablets(),
        conflict: None,
        text_problem: false,
        text_chars: 500,
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
    vec![
        ("desk-later", Page::Desk(later(3))),
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
    ]
}
