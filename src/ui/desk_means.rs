//! §32: a recording by other means at the desk.

use super::desk::alert;
use super::{AlertItem, AppWindow, DeskMeansAdapter, int};
use crate::app::Sender;
use slint::ComponentHandle;
use tablet::pages::DeskMeansView;
use tablet::worker::{Command, DeskMeansCommand};

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let means = window.global::<DeskMeansAdapter>();
    let to = sender.clone();
    means.on_handed_over(move |carrier, digest| {
        to.send(Command::DeskMeans(DeskMeansCommand::HandedOver {
            carrier: carrier.into(),
            digest: digest.into(),
        }));
    });
    let to = sender.clone();
    means.on_deleted(move |confirmed_by| {
        to.send(Command::DeskMeans(DeskMeansCommand::Deleted {
            confirmed_by: confirmed_by.into(),
        }));
    });
    let to = sender.clone();
    means.on_back(move || to.send(Command::GoHome));
}

pub(super) fn map(window: &AppWindow, view: &DeskMeansView) {
    let means = window.global::<DeskMeansAdapter>();
    means.set_there(view.alert.is_some());
    means.set_means(view.alert.as_ref().map(alert).unwrap_or_default());
    means.set_wrong(view.text_problem);
    means.set_wrong_digest(view.digest_problem);
    means.set_text_chars(int(view.text_chars));
}

pub(super) fn forget(window: &AppWindow) {
    let means = window.global::<DeskMeansAdapter>();
    means.set_there(false);
    means.set_means(AlertItem::default());
}
