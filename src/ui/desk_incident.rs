//! §22: one incident report at the duty desk.

use super::words::choice;
use super::{
    AppWindow, DeskIncidentAdapter, DeskIncidentProblem, HeldItem, IncidentLineItem,
    IncidentLineName, KnownPersonItem, PersonBy, int, put,
};
use crate::app::Sender;
use regulation::incident::AddressedTo;
use slint::{ComponentHandle, ModelRc};
use tablet::pages::{
    self, DeskIncidentView, DeskReport, HeldRow, IncidentLine, IncidentLineKind, PersonLine,
};
use tablet::worker::{Command, DeskIncidentCommand, DeskPhotoCommand};

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<DeskIncidentAdapter>();
    let send = {
        let to = sender.clone();
        move |command| to.send(Command::DeskIncident(command))
    };
    let to = send.clone();
    adapter.on_receive(move || to(DeskIncidentCommand::Receive));
    let to = send.clone();
    adapter.on_classify(move |class| {
        to(DeskIncidentCommand::Classify {
            class: class.into(),
        });
    });
    let to = send.clone();
    adapter.on_ask(move |text| to(DeskIncidentCommand::Ask { text: text.into() }));
    let to = send.clone();
    adapter.on_link(move |camera, minutes| {
        to(DeskIncidentCommand::Link {
            camera: camera.into(),
            minutes: u16::try_from(minutes).unwrap_or_default(),
        });
    });
    adapter.on_close(move |how| send(DeskIncidentCommand::Close { how: how.into() }));
    let to = sender.clone();
    adapter.on_look(move || to.send(Command::DeskPhoto(DeskPhotoCommand::OfIncident)));
    let to = sender.clone();
    adapter.on_back(move || to.send(Command::GoHome));
}

pub(super) fn map(window: &AppWindow, view: &DeskIncidentView) {
    let adapter = window.global::<DeskIncidentAdapter>();
    adapter.set_there(view.report.is_some());
    report(&adapter, view.report.as_ref());
    let known = view.known.as_ref();
    adapter.set_known(known.is_some());
    adapter.set_asking(view.asking);
    let people = known.map(|known| known.people.iter().map(person).collect());
    put(&adapter.get_people(), people.unwrap_or_default(), |m| {
        adapter.set_people(m);
    });
    let lines = known.map(|known| known.lines.iter().map(line).collect());
    put(&adapter.get_lines(), lines.unwrap_or_default(), |m| {
        adapter.set_lines(m);
    });
    let held_rows = known.map(|known| known.held.iter().map(held).collect());
    put(&adapter.get_held(), held_rows.unwrap_or_default(), |m| {
        adapter.set_held(m);
    });
    adapter.set_sent(int(view.sent));
    adapter.set_received(view.received);
    adapter.set_closed(view.closed);
    adapter.set_class(view.class.as_str().into());
    adapter.set_class_title(view.class_title.as_str().into());
    let classes = view.classes.iter().map(choice).collect();
    put(&adapter.get_classes(), classes, |m| adapter.set_classes(m));
    adapter.set_text_chars(int(view.text_chars));
    adapter.set_problem(match view.problem {
        None => DeskIncidentProblem::None,
        Some(pages::DeskIncidentProblem::Text) => DeskIncidentProblem::Text,
        Some(pages::DeskIncidentProblem::Serial) => DeskIncidentProblem::Serial,
    });
    adapter.set_done(int(view.done));
}

pub(super) fn forget(window: &AppWindow) {
    let adapter = window.global::<DeskIncidentAdapter>();
    adapter.set_there(false);
    report(&adapter, None);
    adapter.set_people(ModelRc::default());
    adapter.set_lines(ModelRc::default());
    adapter.set_held(ModelRc::default());
}

fn report(adapter: &DeskIncidentAdapter<'_>, report: Option<&DeskReport>) {
    let text = |part: fn(&DeskReport) -> &str| report.map(part).unwrap_or_default().into();
    adapter.set_at(text(|r| &r.at));
    adapter.set_who(text(|r| &r.who));
    adapter.set_kind(text(|r| &r.kind));
    adapter.set_happened_at(text(|r| &r.happened_at));
    adapter.set_place(text(|r| &r.place));
    adapter.set_text(text(|r| &r.text));
    adapter.set_photos(report.map_or(0, |r| int(r.photos)));
    adapter.set_to_superior(report.is_some_and(|r| r.to == AddressedTo::ImmediateSuperior));
}

fn line(line: &IncidentLine) -> IncidentLineItem {
    IncidentLineItem {
        at: line.at.as_str().into(),
        who: line.who.as_str().into(),
        kind: match line.kind {
            IncidentLineKind::Added => IncidentLineName::Added,
            IncidentLineKind::Received => IncidentLineName::Received,
            IncidentLineKind::Classified => IncidentLineName::Classified,
            IncidentLineKind::Asked => IncidentLineName::Asked,
            IncidentLineKind::Linked => IncidentLineName::Linked,
            IncidentLineKind::Closed => IncidentLineName::Closed,
            IncidentLineKind::Other => IncidentLineName::Other,
        },
        text: line.text.as_str().into(),
    }
}

fn held(row: &HeldRow) -> HeldItem {
    HeldItem {
        camera: row.camera.as_str().into(),
        from: row.from.as_str().into(),
        to: row.to.as_str().into(),
    }
}

fn person(line: &PersonLine) -> KnownPersonItem {
    KnownPersonItem {
        who: line.who.as_str().into(),
        by: match line.by {
            pages::PersonBy::Answer => PersonBy::Answer,
            pages::PersonBy::Confirmed => PersonBy::Confirmed,
            pages::PersonBy::Document => PersonBy::Document,
        },
    }
}
