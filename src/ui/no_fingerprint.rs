//! §12: why a fingerprint is not possible.

use super::words::choice;
use super::{AppWindow, NoFingerprintAdapter, put};
use crate::app::Sender;
use slint::ComponentHandle;
use tablet::pages::NoFingerprintView;
use tablet::worker::Command;

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<NoFingerprintAdapter>();
    let to = sender.clone();
    adapter.on_record(move |reason, note| {
        to.send(Command::FingerprintImpossible {
            reason: reason.into(),
            note: note.into(),
        });
    });
    let to = sender.clone();
    adapter.on_back(move || to.send(Command::Back));
}

pub(super) fn map(window: &AppWindow, view: &NoFingerprintView) {
    let adapter = window.global::<NoFingerprintAdapter>();
    let for_review = view
        .reasons
        .iter()
        .map(|r| view.for_review.contains(&r.id))
        .collect();
    put(&adapter.get_for_review(), for_review, |m| {
        adapter.set_for_review(m)
    });
    adapter.set_proposed(view.proposed.as_deref().unwrap_or_default().into());
    put(
        &adapter.get_reasons(),
        view.reasons.iter().map(choice).collect(),
        |m| {
            adapter.set_reasons(m);
        },
    );
}
