//! Home: this shift's encounters.

use super::words::{duty, tablet};
use super::{AppWindow, EncounterItem, HomeAdapter, RowState, int, put};
use crate::app::Sender;
use slint::{ComponentHandle, ModelRc, SharedString};
use tablet::pages::{self, EncounterRow, HomeView};
use tablet::worker::{BodycamCommand, Command, CustodyCommand, HelpCommand, IncidentCommand};

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<HomeAdapter>();
    let to = sender.clone();
    adapter.on_new_encounter(move || to.send(Command::NewEncounter));
    let to = sender.clone();
    adapter.on_open_encounter(move |id| {
        if let Ok(id) = id.parse() {
            to.send(Command::OpenEncounter(id));
        }
    });
    let to = sender.clone();
    adapter.on_end_shift(move || to.send(Command::EndShift));
    let to = sender.clone();
    adapter.on_help(move || to.send(Command::Help(HelpCommand::Open)));
    let to = sender.clone();
    adapter.on_write_report(move || to.send(Command::Incident(IncidentCommand::Write)));
    let to = sender.clone();
    adapter.on_open_reports(move || to.send(Command::Incident(IncidentCommand::OpenList)));
    let to = sender.clone();
    adapter.on_open_bodycam(move || to.send(Command::Bodycam(BodycamCommand::Open)));
    let to = sender.clone();
    adapter.on_open_tablet(move || to.send(Command::Custody(CustodyCommand::Open)));
}

pub(super) fn map(window: &AppWindow, view: &HomeView) {
    let adapter = window.global::<HomeAdapter>();
    adapter.set_officer(view.officer.as_str().into());
    adapter.set_open(view.open.as_ref().map(id).unwrap_or_default());
    adapter.set_attention(int(view.attention));
    adapter.set_waiting(int(view.waiting));
    adapter.set_reports(int(view.reports));
    adapter.set_asked(int(view.asked));
    adapter.set_bodycam(view.bodycam.is_some());
    adapter.set_duty(view.bodycam.as_ref().map(duty).unwrap_or_default());
    adapter.set_tablet(view.tablet.is_some());
    adapter.set_custody(view.tablet.map(tablet).unwrap_or_default());
    put(
        &adapter.get_rows(),
        view.rows.iter().map(map_row).collect(),
        |m| adapter.set_rows(m),
    );
}

pub(super) fn forget(window: &AppWindow) {
    let adapter = window.global::<HomeAdapter>();
    adapter.set_officer("".into());
    adapter.set_rows(ModelRc::default());
}

fn id(row: &EncounterRow) -> SharedString {
    slint::format!("{}", row.id)
}

fn map_row(row: &EncounterRow) -> EncounterItem {
    use pages::RowState as From;
    EncounterItem {
        id: id(row),
        opened_at: row.opened_at.as_str().into(),
        place: row.place.as_str().into(),
        state: match row.state {
            From::Open => RowState::Open,
            From::ClosedWaiting => RowState::ClosedWaiting,
            From::Released => RowState::Released,
            From::TakenToStation => RowState::TakenToStation,
            From::ProtocolOnTheSpot => RowState::ProtocolOnTheSpot,
            From::TakenOnOtherGround => RowState::TakenOnOtherGround,
        },
        attention: row.attention,
        unsent: int(row.unsent),
    }
}
