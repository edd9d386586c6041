//! §15, §16: the tablet is handed in.

use super::words::{custody_refusal, hand_in_reason};
use super::{AppWindow, CustodyRefusal, HandInAdapter, int, party, photo};
use crate::app::Sender;
use slint::ComponentHandle;
use tablet::pages::{HandInForm, HandInView};
use tablet::worker::{Command, CustodyCommand};

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<HandInAdapter>();
    let to = sender.clone();
    adapter.on_hand_in(move |place, why, damaged, damage| {
        to.send(Command::Custody(CustodyCommand::HandIn(HandInForm {
            to: party::form(&place),
            why: hand_in_reason(why),
            damage: damaged.then(|| damage.into()),
        })));
    });
    let to = sender.clone();
    adapter.on_without(move || to.send(Command::EndShift));
    let to = sender.clone();
    adapter.on_back(move || to.send(Command::GoHome));
}

pub(super) fn map(window: &AppWindow, view: &HandInView) {
    party::map(window, &view.party);
    let adapter = window.global::<HandInAdapter>();
    adapter.set_early(view.early);
    adapter.set_damage(view.damage.as_str().into());
    adapter.set_waiting(int(view.waiting));
    photo::taken(window, view.photos);
    let (refusal, paragraph) = view.refusal.unzip();
    adapter.set_refusal(refusal.map_or(CustodyRefusal::None, custody_refusal));
    adapter.set_refusal_paragraph(paragraph.map_or(0, i32::from));
}
