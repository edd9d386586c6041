//! The duty desk: what wants a decision, and who is on duty.

use super::words::{answer_state, mark};
use super::{AlertItem, AlertName, AppWindow, DeskAdapter, DeviceOwner, OnDutyItem, int, put};
use crate::app::Sender;
use regulation::bodycam::{self, PermittedBy};
use slint::{ComponentHandle, ModelRc};
use tablet::pages::{AlertRow, AlertRowKind, DeskView, DutyRow};
use tablet::worker::{
    Command, DeskAnswerCommand, DeskFiguresCommand, DeskIncidentCommand, DeskMeansCommand,
    HelpCommand,
};

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let desk = window.global::<DeskAdapter>();
    let to = sender.clone();
    desk.on_decide_pause(move |id, granted| {
        if let Ok(pause) = id.parse() {
            to.send(Command::DecidePause { pause, granted });
        }
    });
    let to = sender.clone();
    desk.on_open_fault(move |id| {
        if let Ok(fault) = id.parse() {
            to.send(Command::OpenFault(fault));
        }
    });
    let to = sender.clone();
    desk.on_open_tablets(move || to.send(Command::OpenTablets(None)));
    let to = sender.clone();
    desk.on_open_conflict(move |id| {
        if let Ok(custody) = id.parse() {
            to.send(Command::OpenTablets(Some(custody)));
        }
    });
    let to = sender.clone();
    desk.on_open_incident(move |id| {
        if let Ok(incident) = id.parse() {
            to.send(Command::DeskIncident(DeskIncidentCommand::Open(incident)));
        }
    });
    let to = sender.clone();
    desk.on_open_answer(move |id| {
        if let Ok(question) = id.parse() {
            to.send(Command::DeskAnswer(DeskAnswerCommand::Open(question)));
        }
    });
    let to = sender.clone();
    desk.on_saw_found(move |id| {
        if let Ok(question) = id.parse() {
            to.send(Command::SeeFound(question));
        }
    });
    let to = sender.clone();
    desk.on_saw_resistance(move |id| {
        if let Ok(encounter) = id.parse() {
            to.send(Command::SeeResistance(encounter));
        }
    });
    let to = sender.clone();
    desk.on_open_figures(move || to.send(Command::DeskFigures(DeskFiguresCommand::Open)));
    let to = sender.clone();
    desk.on_open_means(move |id| {
        if let Ok(means) = id.parse() {
            to.send(Command::DeskMeans(DeskMeansCommand::Open(means)));
        }
    });
    let to = sender.clone();
    desk.on_end_shift(move || to.send(Command::EndShift));
    let to = sender.clone();
    desk.on_help(move || to.send(Command::Help(HelpCommand::Open)));
}

pub(super) fn map(window: &AppWindow, view: &DeskView) {
    let desk = window.global::<DeskAdapter>();
    desk.set_officer(view.officer.as_str().into());
    desk.set_as_of(view.as_of.as_deref().unwrap_or_default().into());
    desk.set_stale(view.stale);
    desk.set_more(view.more);
    desk.set_has_tablets(view.tablets.is_some());
    desk.set_figures(view.figures);
    desk.set_tablets(int(view.tablets.unwrap_or_default()));
    put(
        &desk.get_alerts(),
        view.alerts.iter().map(alert).collect(),
        |m| desk.set_alerts(m),
    );
    put(
        &desk.get_on_duty(),
        view.on_duty.iter().map(on_duty).collect(),
        |m| desk.set_on_duty(m),
    );
}

pub(super) fn forget(window: &AppWindow) {
    let desk = window.global::<DeskAdapter>();
    desk.set_officer("".into());
    desk.set_alerts(ModelRc::default());
    desk.set_on_duty(ModelRc::default());
}

/// An alert as the screen has it.
pub(super) fn alert(row: &AlertRow) -> AlertItem {
    AlertItem {
        id: row.id.as_str().into(),
        at: row.at.as_str().into(),
        who: row.who.as_str().into(),
        kind: match row.kind {
            AlertRowKind::Fault => AlertName::Fault,
            AlertRowKind::FaultAssigned => AlertName::FaultAssigned,
            AlertRowKind::PauseAsked => AlertName::PauseAsked,
            AlertRowKind::VoiceToConfirm => AlertName::VoiceToConfirm,
            AlertRowKind::Gap => AlertName::Gap,
            AlertRowKind::PauseOverran => AlertName::PauseOverran,
            AlertRowKind::Incident => AlertName::Incident,
            AlertRowKind::CustodyConflict => AlertName::CustodyConflict,
            AlertRowKind::NotHandedIn => AlertName::NotHandedIn,
            AlertRowKind::NotReady => AlertName::NotReady,
            AlertRowKind::CameraHeldTwice => AlertName::CameraHeldTwice,
            AlertRowKind::WantedFound => AlertName::WantedFound,
            AlertRowKind::MissingFound => AlertName::MissingFound,
            AlertRowKind::Resistance => AlertName::Resistance,
            AlertRowKind::LateAnswer => AlertName::LateAnswer,
            AlertRowKind::Silent => AlertName::Silent,
            AlertRowKind::QueueStuck => AlertName::QueueStuck,
            AlertRowKind::OtherMeans => AlertName::OtherMeans,
            AlertRowKind::OtherMeansKept => AlertName::OtherMeansKept,
            AlertRowKind::NotRecorded => AlertName::NotRecorded,
            AlertRowKind::Unknown => AlertName::Unknown,
        },
        what: row.what.as_str().into(),
        minutes: i32::from(row.minutes),
        by_commander: row.by == Some(PermittedBy::Commander),
        named: row.named.as_str().into(),
        note: row.note.as_str().into(),
        camera: row.camera.as_str().into(),
        until: row.until.as_str().into(),
        answer: row.answer.map(answer_state).unwrap_or_default(),
        mark: mark(row.mark),
        tablet: row.tablet.as_str().into(),
        place: row.place.as_str().into(),
        received: row.received,
        asked: row.asked,
        owner: match row.owner {
            None => DeviceOwner::None,
            Some(bodycam::DeviceOwner::Own) => DeviceOwner::Own,
            Some(bodycam::DeviceOwner::Colleague) => DeviceOwner::Colleague,
            Some(bodycam::DeviceOwner::Service) => DeviceOwner::Service,
        },
        private: row.private,
        overdue: row.overdue,
        decided: row.decided,
    }
}

fn on_duty(row: &DutyRow) -> OnDutyItem {
    OnDutyItem {
        who: row.who.as_str().into(),
        since: row.since.as_str().into(),
        heard: row.heard.as_str().into(),
        camera: row.camera.as_str().into(),
        duty: super::words::duty(&row.duty),
        flags: int(row.flags),
    }
}
