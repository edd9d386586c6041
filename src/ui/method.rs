//! §8: an identity document, or E-patrul.

use super::words::unidentifiable;
use super::{AppWindow, MethodAdapter};
use crate::app::Sender;
use slint::ComponentHandle;
use tablet::pages::MethodView;
use tablet::worker::Command;

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<MethodAdapter>();
    let to = sender.clone();
    adapter.on_choose_document(move || to.send(Command::ChooseDocument));
    let to = sender.clone();
    adapter.on_choose_fingerprint(move || to.send(Command::ChooseFingerprint));
    let to = sender.clone();
    adapter.on_choose_face(move || to.send(Command::ChooseFace));
    let to = sender.clone();
    adapter.on_cannot_identify_now(move || to.send(Command::CannotIdentify));
    let to = sender.clone();
    adapter.on_review_ground(move || to.send(Command::ReviewGround));
    let to = sender.clone();
    adapter.on_service_id_shown(move || to.send(Command::ServiceIdShown));
    let to = sender.clone();
    adapter.on_correct(move || to.send(Command::CorrectPerson));
    let to = sender.clone();
    adapter.on_to_outcome(move || to.send(Command::ToOutcome));
}

pub(super) fn map(window: &AppWindow, view: &MethodView) {
    let adapter = window.global::<MethodAdapter>();
    adapter.set_fingerprint_impossible(view.fingerprint_impossible);
    adapter.set_explanation_owed(view.explanation_owed);
    adapter.set_person_entered(view.person_entered);
    adapter.set_another_finger(view.another_finger);
    adapter.set_cannot_identify(unidentifiable(view.cannot_identify));
}
