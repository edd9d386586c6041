//! §21: one fault of a bodycam at the duty desk.

use super::desk::alert;
use super::{AlertItem, AppWindow, DeskFaultAdapter, int};
use crate::app::Sender;
use slint::ComponentHandle;
use tablet::pages::DeskFaultView;
use tablet::worker::Command;

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let fault = window.global::<DeskFaultAdapter>();
    let to = sender.clone();
    fault.on_assign(move |administrator| {
        to.send(Command::AssignFault {
            administrator: administrator.into(),
        });
    });
    let to = sender.clone();
    fault.on_close(move |how| to.send(Command::CloseFault { how: how.into() }));
    let to = sender.clone();
    fault.on_back(move || to.send(Command::GoHome));
}

pub(super) fn map(window: &AppWindow, view: &DeskFaultView) {
    let fault = window.global::<DeskFaultAdapter>();
    fault.set_there(view.alert.is_some());
    fault.set_fault(view.alert.as_ref().map(alert).unwrap_or_default());
    fault.set_wrong(view.text_problem);
    fault.set_text_chars(int(view.text_chars));
}

pub(super) fn forget(window: &AppWindow) {
    let fault = window.global::<DeskFaultAdapter>();
    fault.set_there(false);
    fault.set_fault(AlertItem::default());
}
