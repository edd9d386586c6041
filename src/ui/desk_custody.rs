//! §16: the unit's tablets at the duty desk.

use super::desk::alert;
use super::words::{level, standing};
use super::{AlertItem, AppWindow, DeskCustodyAdapter, DeskTabletItem, DeskTabletState, int, put};
use crate::app::Sender;
use ::tablet::pages::{DeskCustodyView, TabletState, UnitTablet};
use ::tablet::worker::{Command, DeskPhotoCommand, DeskTabletCommand};
use slint::{ComponentHandle, ModelRc};

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<DeskCustodyAdapter>();
    let to = sender.clone();
    adapter.on_settle(move |how| to.send(Command::SettleCustody { how: how.into() }));
    let to = sender.clone();
    adapter.on_open_tablet(move |id| {
        if let Ok(device) = id.parse() {
            to.send(Command::DeskTablet(DeskTabletCommand::Open(device)));
        }
    });
    let to = sender.clone();
    adapter.on_open_photos(move |id| {
        if let Ok(device) = id.parse() {
            to.send(Command::DeskPhoto(DeskPhotoCommand::OfTablet(device)));
        }
    });
    let to = sender.clone();
    adapter.on_back(move || to.send(Command::GoHome));
}

pub(super) fn map(window: &AppWindow, view: &DeskCustodyView) {
    let adapter = window.global::<DeskCustodyAdapter>();
    let rows = view.tablets.iter().map(row).collect();
    put(&adapter.get_tablets(), rows, |m| adapter.set_tablets(m));
    adapter.set_orders(view.orders);
    adapter.set_settling(view.conflict.is_some());
    adapter.set_conflict(view.conflict.as_ref().map(alert).unwrap_or_default());
    adapter.set_wrong(view.text_problem);
    adapter.set_text_chars(int(view.text_chars));
}

pub(super) fn forget(window: &AppWindow) {
    let adapter = window.global::<DeskCustodyAdapter>();
    adapter.set_tablets(ModelRc::default());
    adapter.set_conflict(AlertItem::default());
}

pub(super) fn row(view: &UnitTablet) -> DeskTabletItem {
    DeskTabletItem {
        id: view.device.to_string().into(),
        standing: standing(view.standing),
        standing_since: view.standing_since.as_str().into(),
        tablet: view.tablet.as_str().into(),
        state: match view.state {
            TabletState::OnDuty => DeskTabletState::OnDuty,
            TabletState::Held => DeskTabletState::Held,
            TabletState::HandedIn => DeskTabletState::HandedIn,
            TabletState::Unknown => DeskTabletState::Unknown,
        },
        who: view.who.as_str().into(),
        party: view.party.as_str().into(),
        since: view.since.as_str().into(),
        level: level(view.level),
        damage: view.damage.as_str().into(),
        photos: int(view.photos),
        heard: view.heard.as_str().into(),
    }
}
