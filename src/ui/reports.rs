//! §22: this shift's incident reports.

use super::words::incident_refusal;
use super::{
    AppWindow, IncidentRefusal, ReportItem, ReportLineItem, ReportStateName, ReportsAdapter, int,
    photo, put,
};
use crate::app::Sender;
use regulation::incident::AddressedTo;
use slint::{ComponentHandle, ModelRc};
use tablet::pages::{ReportLine, ReportRow, ReportState, ReportsView};
use tablet::worker::{Command, IncidentCommand};

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<ReportsAdapter>();
    let to = sender.clone();
    adapter.on_write(move || to.send(Command::Incident(IncidentCommand::Write)));
    let to = sender.clone();
    adapter.on_open(move |id| {
        if let Ok(id) = id.parse() {
            to.send(Command::Incident(IncidentCommand::Open(id)));
        }
    });
    let to = sender.clone();
    adapter.on_supplement(move |text| {
        let text = text.into();
        to.send(Command::Incident(IncidentCommand::Supplement { text }));
    });
    let to = sender.clone();
    adapter.on_back(move || to.send(Command::Back));
}

pub(super) fn map(window: &AppWindow, view: &ReportsView) {
    let adapter = window.global::<ReportsAdapter>();
    let rows = view.rows.iter().map(row).collect();
    put(&adapter.get_rows(), rows, |m| adapter.set_rows(m));
    let open = view.open.as_ref();
    adapter.set_one(open.is_some());
    adapter.set_report(open.map(|open| row(&open.row)).unwrap_or_default());
    adapter.set_to_superior(open.is_some_and(|open| open.to == AddressedTo::ImmediateSuperior));
    let happened_at = open.map(|open| open.happened_at.as_str());
    adapter.set_happened_at(happened_at.unwrap_or_default().into());
    adapter.set_people(open.map_or(0, |open| int(open.people)));
    adapter.set_photos(open.map_or(0, |open| int(open.photos)));
    let text = open.map(|open| open.text.as_str());
    adapter.set_text(text.unwrap_or_default().into());
    let lines = open.map(|open| open.lines.iter().map(line).collect());
    put(&adapter.get_lines(), lines.unwrap_or_default(), |m| {
        adapter.set_lines(m);
    });
    photo::taken(window, view.photos);
    let (refusal, paragraph) = view.refusal.unzip();
    adapter.set_refusal(refusal.map_or(IncidentRefusal::None, incident_refusal));
    adapter.set_refusal_paragraph(paragraph.map_or(0, i32::from));
    adapter.set_done(int(view.done));
}

pub(super) fn forget(window: &AppWindow) {
    let adapter = window.global::<ReportsAdapter>();
    adapter.set_rows(ModelRc::default());
    adapter.set_report(ReportItem::default());
    adapter.set_text("".into());
    adapter.set_lines(ModelRc::default());
}

fn row(row: &ReportRow) -> ReportItem {
    ReportItem {
        id: slint::format!("{}", row.id),
        at: row.at.as_str().into(),
        kind: row.kind.as_str().into(),
        place: row.place.as_str().into(),
        state: match row.state {
            ReportState::Reported => ReportStateName::Reported,
            ReportState::Received => ReportStateName::Received,
            ReportState::Asked => ReportStateName::Asked,
            ReportState::Closed => ReportStateName::Closed,
        },
    }
}

fn line(line: &ReportLine) -> ReportLineItem {
    ReportLineItem {
        at: line.at.as_str().into(),
        asked: line.asked,
        text: line.text.as_str().into(),
        photos: int(line.photos),
    }
}
