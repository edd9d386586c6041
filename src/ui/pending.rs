//! Asked, and no answer yet.

use super::words::connection;
use super::{AppWindow, PendingAdapter, int};
use crate::app::Sender;
use slint::ComponentHandle;
use tablet::pages::PendingView;
use tablet::worker::Command;

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<PendingAdapter>();
    let to = sender.clone();
    adapter.on_withdraw(move || to.send(Command::Withdraw));
    let to = sender.clone();
    adapter.on_cannot_identify(move || to.send(Command::CannotIdentify));
    let to = sender.clone();
    adapter.on_other_means(move || to.send(Command::OtherMeans));
    let to = sender.clone();
    adapter.on_to_outcome(move || to.send(Command::ToOutcome));
}

pub(super) fn map(window: &AppWindow, view: &PendingView) {
    let adapter = window.global::<PendingAdapter>();
    adapter.set_asked_at(view.asked_at.as_str().into());
    adapter.set_waited(int(view.waited_s));
    adapter.set_limit(int(view.limit_s));
    adapter.set_over_limit(view.over_limit);
    adapter.set_connection(connection(view.connection));
    adapter.set_unsent(view.unsent);
}
