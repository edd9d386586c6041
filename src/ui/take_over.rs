//! §13, §14, §16: the tablet is taken over.

use super::words::{check, custody_refusal, level};
use super::{AppWindow, CustodyRefusal, TakeOverAdapter, party, photo, put, strings};
use crate::app::Sender;
use slint::ComponentHandle;
use tablet::pages::{TakeOverForm, TakeOverView};
use tablet::worker::{Command, CustodyCommand};

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<TakeOverAdapter>();
    let to = sender.clone();
    adapter.on_take_over(move |place, damaged, damage, overridden| {
        to.send(Command::Custody(CustodyCommand::TakeOver(TakeOverForm {
            from: party::form(&place),
            damage: damaged.then(|| damage.into()),
            overridden: overridden.into(),
        })));
    });
    let to = sender.clone();
    adapter.on_later(move || to.send(Command::Custody(CustodyCommand::Later)));
}

pub(super) fn map(window: &AppWindow, view: &TakeOverView) {
    party::map(window, &view.party);
    let adapter = window.global::<TakeOverAdapter>();
    put(
        &adapter.get_checks(),
        view.readiness.rows.iter().map(check).collect(),
        |m| adapter.set_checks(m),
    );
    adapter.set_level(level(view.readiness.level));
    adapter.set_anothers(view.anothers);
    put(&adapter.get_notices(), strings(&view.notices), |m| {
        adapter.set_notices(m);
    });
    photo::taken(window, view.photos);
    let (refusal, paragraph) = view.refusal.unzip();
    adapter.set_refusal(refusal.map_or(CustodyRefusal::None, custody_refusal));
    adapter.set_refusal_paragraph(paragraph.map_or(0, i32::from));
}
