//! §22: an incident report is written.

use super::words::{choice, incident_refusal};
use super::{AppWindow, IncidentAdapter, IncidentRefusal, int, photo, put};
use crate::app::Sender;
use slint::ComponentHandle;
use tablet::pages::{IncidentFormView, ReportForm};
use tablet::worker::{Command, IncidentCommand};

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<IncidentAdapter>();
    let to = sender.clone();
    adapter.on_report(move |kind, to_superior, ago, place, text| {
        to.send(Command::Incident(IncidentCommand::Report(ReportForm {
            kind: kind.into(),
            to_superior,
            ago: u16::try_from(ago).ok(),
            place: place.into(),
            text: text.into(),
        })));
    });
    let to = sender.clone();
    adapter.on_back(move || to.send(Command::Back));
}

pub(super) fn map(window: &AppWindow, view: &IncidentFormView) {
    let adapter = window.global::<IncidentAdapter>();
    let kinds = view.kinds.iter().map(choice).collect();
    put(&adapter.get_kinds(), kinds, |m| adapter.set_kinds(m));
    let ago = view.ago.iter().map(|minutes| i32::from(*minutes)).collect();
    put(&adapter.get_ago(), ago, |m| adapter.set_ago(m));
    adapter.set_encounter_at(view.encounter_at.as_str().into());
    adapter.set_people(int(view.people));
    adapter.set_place(view.place.as_str().into());
    adapter.set_text_chars(int(view.text_chars));
    photo::taken(window, view.photos);
    let (refusal, paragraph) = view.refusal.unzip();
    adapter.set_refusal(refusal.map_or(IncidentRefusal::None, incident_refusal));
    adapter.set_refusal_paragraph(paragraph.map_or(0, i32::from));
}

pub(super) fn forget(window: &AppWindow) {
    window.global::<IncidentAdapter>().set_place("".into());
}
