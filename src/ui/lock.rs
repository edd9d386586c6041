//! The locked tablet.

use super::words;
use super::{AppWindow, LockAdapter, int};
use crate::app::Sender;
use regulation::encounter::Language;
use slint::ComponentHandle;
use tablet::pages::LockView;
use tablet::worker::Command;

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<LockAdapter>();
    let to = sender.clone();
    adapter.on_unlock(move |pin| to.send(Command::Unlock(String::from(pin).into())));
    let to = sender.clone();
    adapter.on_use_password(move || to.send(Command::UsePassword));
    let to = sender.clone();
    adapter.on_set_language(move |tongue| to.send(Command::SetLanguage(words::language(tongue))));
}

pub(super) fn map(window: &AppWindow, view: &LockView, language: Language) {
    let adapter = window.global::<LockAdapter>();
    adapter.set_clock(view.clock.as_str().into());
    adapter.set_language(words::tongue(language));
    adapter.set_busy(view.busy);
    adapter.set_tries_left(view.tries_left.map_or(-1, int));
}
