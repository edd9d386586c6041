//! §13, §31: this tablet in mid-shift.

use super::words::{check, custody_refusal, level};
use super::{AppWindow, CustodyRefusal, TabletAdapter, int, photo, put};
use crate::app::Sender;
use slint::ComponentHandle;
use tablet::pages::TabletView;
use tablet::worker::{Command, CustodyCommand};

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<TabletAdapter>();
    let to = sender.clone();
    adapter.on_damaged(move |note| {
        to.send(Command::Custody(CustodyCommand::Damaged {
            note: note.into(),
        }));
    });
    let to = sender.clone();
    adapter.on_hand_in_now(move || to.send(Command::Custody(CustodyCommand::HandInNow)));
    let to = sender.clone();
    adapter.on_back(move || to.send(Command::GoHome));
}

pub(super) fn map(window: &AppWindow, view: &TabletView) {
    let adapter = window.global::<TabletAdapter>();
    put(
        &adapter.get_checks(),
        view.readiness.rows.iter().map(check).collect(),
        |m| adapter.set_checks(m),
    );
    adapter.set_level(level(view.readiness.level));
    adapter.set_since(view.since.as_str().into());
    adapter.set_damage(view.damage.as_str().into());
    photo::taken(window, view.photos);
    let (refusal, paragraph) = view.refusal.unzip();
    adapter.set_refusal(refusal.map_or(CustodyRefusal::None, custody_refusal));
    adapter.set_refusal_paragraph(paragraph.map_or(0, i32::from));
    adapter.set_done(int(view.done));
}

pub(super) fn forget(window: &AppWindow) {
    window.global::<TabletAdapter>().set_damage("".into());
}
