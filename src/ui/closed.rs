//! The encounter is closed.

use super::words::{flag, outcome};
use super::{AppWindow, ClosedAdapter, FlagItem, int, put};
use crate::app::Sender;
use slint::ComponentHandle;
use tablet::pages::{ClosedView, FlagView};
use tablet::worker::{Command, IncidentCommand};

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<ClosedAdapter>();
    let to = sender.clone();
    adapter.on_show_answer(move || to.send(Command::ShowAnswer));
    let to = sender.clone();
    adapter.on_show_receipt(move || to.send(Command::ShowReceipt));
    let to = sender.clone();
    adapter.on_write_report(move || to.send(Command::Incident(IncidentCommand::Write)));
    let to = sender.clone();
    adapter.on_go_home(move || to.send(Command::GoHome));
}

pub(super) fn map(window: &AppWindow, view: &ClosedView) {
    let adapter = window.global::<ClosedAdapter>();
    adapter.set_place(view.place.as_str().into());
    adapter.set_opened_at(view.opened_at.as_str().into());
    adapter.set_closed_at(view.closed_at.as_str().into());
    adapter.set_minutes(int(view.minutes));
    adapter.set_outcome(outcome(view.outcome.as_ref()));
    put(
        &adapter.get_flags(),
        view.flags.iter().map(map_flag).collect(),
        |m| {
            adapter.set_flags(m);
        },
    );
    adapter.set_unsent(int(view.delivery.waiting));
    adapter.set_stored(int(view.delivery.stored));
    adapter.set_safe(int(view.delivery.safe));
    adapter.set_stuck(int(view.delivery.stuck));
    adapter.set_waiting(int(view.waiting));
    adapter.set_answer(view.answer);
    adapter.set_attention(view.attention);
    adapter.set_receipt(view.receipt);
}

pub(super) fn forget(window: &AppWindow) {
    window.global::<ClosedAdapter>().set_place("".into());
}

fn map_flag(view: &FlagView) -> FlagItem {
    FlagItem {
        kind: flag(view.flag),
        paragraph: i32::from(view.paragraph),
    }
}
