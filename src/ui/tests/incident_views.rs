//! Example pages of incident reports: invented people only.

use regulation::IncidentId;
use regulation::edition::Named;
use regulation::encounter::Language;
use regulation::incident::{AddressedTo, Refusal};
use tablet::pages::{
    ChoiceView, DeskIncidentProblem, DeskIncidentView, DeskReport, HeldRow, IncidentFormView,
    IncidentLine, IncidentLineKind, KnownIncident, Page, PersonBy, PersonLine, PhotosView,
    ReportLine, ReportRow, ReportState, ReportView, ReportsView,
};
use uuid::Uuid;

const TEXT: &str = "Икки фуқаро ўртасида жанжал чиқди, бири иккинчисини итариб юборди. Жароҳат \
    олган йўқ. Иккаласи ҳам огоҳлантирилди, гувоҳлар бор.";

fn choices(language: Language, named: &[Named]) -> Vec<ChoiceView> {
    let choice = |n: &Named| ChoiceView {
        id: n.id.clone(),
        title: n.title.get(language).to_owned(),
        detail: String::new(),
    };
    named.iter().map(choice).collect()
}

fn rows(kinds: &[ChoiceView]) -> Vec<ReportRow> {
    let row = |n: u128, at: &str, kind: usize, state| ReportRow {
        id: IncidentId(Uuid::from_u128(n)),
        at: at.to_owned(),
        kind: kinds[kind].title.clone(),
        place: "Намуна кўчаси, 1".to_owned(),
        state,
    };
    vec![
        row(4, "12:20", 0, ReportState::Asked),
        row(3, "11:40", 3, ReportState::Reported),
        row(2, "10:05", 1, ReportState::Received),
        row(1, "09:10", 2, ReportState::Closed),
    ]
}

fn known(classes: &[ChoiceView]) -> KnownIncident {
    let line = |at: &str, kind, text: &str| IncidentLine {
        at: at.to_owned(),
        who: "Капитан Навбатчиев Намуна".to_owned(),
        kind,
        text: text.to_owned(),
    };
    KnownIncident {
        people: vec![
            PersonLine {
                who: "Намунаев Намуна Намуна ўғли 01.01.1990".to_owned(),
                by: PersonBy::Answer,
            },
            PersonLine::default(),
            PersonLine {
                who: "Эшматов Намуна 02.02.1992".to_owned(),
                by: PersonBy::Document,
            },
            PersonLine {
                who: "Тошматов Намуна 03.03.1993".to_owned(),
                by: PersonBy::Confirmed,
            },
        ],
        lines: vec![
            line("12:22", IncidentLineKind::Received, ""),
            line("12:23", IncidentLineKind::Asked, "Гувоҳларнинг исми?"),
            line("12:25", IncidentLineKind::Added, "Гувоҳ: Намунаева Намуна."),
            line("12:26", IncidentLineKind::Classified, &classes[1].title),
            line("12:27", IncidentLineKind::Linked, "BK-0008"),
        ],
        held: vec![HeldRow {
            camera: "BK-0007".to_owned(),
            from: "11:34".to_owned(),
            to: "12:20".to_owned(),
        }],
    }
}

/// The pages of incident reports, by name, with what is typed on them.
pub fn pages(language: Language) -> Vec<(&'static str, Page, Vec<String>)> {
    let edition = super::views::edition();
    let kinds = choices(language, &edition.incident_kinds);
    let classes = choices(language, &edition.offence_classes);
    let form = IncidentFormView {
        kinds: kinds.clone(),
        ago: vec![0, 15, 60, 180],
        encounter_at: "12:04".to_owned(),
        people: 1,
        place: "Намуна кўчаси, 1".to_owned(),
        text_chars: 4000,
        photos: PhotosView { taken: 0, left: 12 },
        refusal: None,
    };
    let alone = IncidentFormView {
        encounter_at: String::new(),
        people: 0,
        refusal: Some((Refusal::TextMissing, 22)),
        ..form.clone()
    };
    let list = ReportsView {
        rows: rows(&kinds),
        open: None,
        photos: PhotosView::default(),
        refusal: None,
        done: 0,
    };
    let one = ReportsView {
        open: Some(ReportView {
            row: list.rows[0].clone(),
            to: AddressedTo::DutyUnit,
            happened_at: "12:04".to_owned(),
            people: 1,
            text: TEXT.to_owned(),
            photos: 2,
            lines: [(true, "Гувоҳларнинг исми?"), (false, "Гувоҳ йўқ эди.")]
                .map(|(asked, text)| ReportLine {
                    photos: usize::from(!asked),
                    at: "12:23".to_owned(),
                    asked,
                    text: text.to_owned(),
                })
                .into(),
        }),
        photos: PhotosView { taken: 1, left: 8 },
        ..list.clone()
    };
    let none = ReportsView {
        rows: Vec::new(),
        ..list.clone()
    };
    let new = DeskIncidentView {
        report: Some(DeskReport {
            at: "12:20".to_owned(),
            who: "Сержант Намунаев Намуна Намуна ўғли".to_owned(),
            kind: kinds[0].title.clone(),
            to: AddressedTo::ImmediateSuperior,
            happened_at: "12:04".to_owned(),
            place: "Намуна кўчаси, 1".to_owned(),
            text: TEXT.to_owned(),
            photos: 3,
        }),
        known: None,
        asking: true,
        sent: 0,
        received: false,
        closed: false,
        class: String::new(),
        class_title: String::new(),
        classes,
        text_chars: 500,
        problem: None,
        done: 0,
    };
    let received = DeskIncidentView {
        known: Some(known(&new.classes)),
        asking: false,
        received: true,
        sent: 1,
        ..new.clone()
    };
    let classified = DeskIncidentView {
        class: "administrative_offence".to_owned(),
        class_title: new.classes[1].title.clone(),
        sent: 0,
        ..received.clone()
    };
    let wrong = DeskIncidentView {
        problem: Some(DeskIncidentProblem::Serial),
        ..classified.clone()
    };
    let gone = DeskIncidentView {
        report: None,
        ..new.clone()
    };
    let typed = |fields: &[&str]| fields.iter().map(|f| (*f).to_owned()).collect::<Vec<_>>();
    let told = typed(&["t", "dispute", "", "15", "Намуна кўчаси, 1", TEXT]);
    let closing = typed(&["x", "administrative_offence", "Баённома тузилди", "", "30"]);
    let linking = typed(&["l", "", "", "BK", "60"]);
    vec![
        ("incident", Page::Incident(form.clone()), Vec::new()),
        ("incident-told", Page::Incident(form), told),
        (
            "incident-alone",
            Page::Incident(alone),
            typed(&["t", "crime", "s", "0", "", ""]),
        ),
        ("reports", Page::Reports(list), Vec::new()),
        (
            "reports-one",
            Page::Reports(one),
            typed(&["Гувоҳ: Намунаева"]),
        ),
        ("reports-none", Page::Reports(none), Vec::new()),
        ("desk-incident", Page::DeskIncident(new), Vec::new()),
        (
            "desk-incident-received",
            Page::DeskIncident(received.clone()),
            Vec::new(),
        ),
        (
            "desk-incident-classifying",
            Page::DeskIncident(received),
            typed(&["c", "crime", "", "", "30"]),
        ),
        (
            "desk-incident-classified",
            Page::DeskIncident(classified.clone()),
            Vec::new(),
        ),
        (
            "desk-incident-closing",
            Page::DeskIncident(classified),
            closing,
        ),
        ("desk-incident-linking", Page::DeskIncident(wrong), linking),
        ("desk-incident-gone", Page::DeskIncident(gone), Vec::new()),
    ]
}
