//! §31: one tablet of the unit at the desk.

use super::desk_custody::row;
use super::words::query_trouble;
use super::{AppWindow, DeskTabletAdapter, DeskTabletItem, TabletOrderName};
use crate::app::Sender;
use ::tablet::pages::DeskTabletView;
use ::tablet::worker::{Command, DeskTabletCommand};
use protocol::TabletOrder;
use slint::ComponentHandle;

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<DeskTabletAdapter>();
    let to = sender.clone();
    adapter.on_order(move |name| {
        if let Some(order) = order(name) {
            to.send(Command::DeskTablet(DeskTabletCommand::Order(order)));
        }
    });
    let to = sender.clone();
    adapter.on_back(move || to.send(Command::Back));
}

pub(super) fn map(window: &AppWindow, view: &DeskTabletView) {
    let adapter = window.global::<DeskTabletAdapter>();
    adapter.set_there(view.tablet.is_some());
    adapter.set_tablet(view.tablet.as_ref().map(row).unwrap_or_default());
    adapter.set_own(view.own);
    adapter.set_asking(order_name(view.asking));
    adapter.set_done(order_name(view.done));
    adapter.set_trouble(query_trouble(view.problem));
}

pub(super) fn forget(window: &AppWindow) {
    let adapter = window.global::<DeskTabletAdapter>();
    adapter.set_there(false);
    adapter.set_tablet(DeskTabletItem::default());
}

fn order_name(order: Option<TabletOrder>) -> TabletOrderName {
    match order {
        None => TabletOrderName::None,
        Some(TabletOrder::Lost) => TabletOrderName::Lost,
        Some(TabletOrder::Found) => TabletOrderName::Found,
        Some(TabletOrder::Unlock) => TabletOrderName::Unlock,
    }
}

fn order(name: TabletOrderName) -> Option<TabletOrder> {
    match name {
        TabletOrderName::None => None,
        TabletOrderName::Lost => Some(TabletOrder::Lost),
        TabletOrderName::Found => Some(TabletOrder::Found),
        TabletOrderName::Unlock => Some(TabletOrder::Unlock),
    }
}
