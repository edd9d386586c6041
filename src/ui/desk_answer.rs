//! An answer whose session had ended, at the duty desk.

use super::answer::{gallery, map_person, model};
use super::desk::alert;
use super::words::query_trouble;
use super::{AlertItem, AppWindow, DeskAnswerAdapter, GallerySize, int};
use crate::app::Sender;
use slint::{ComponentHandle, ModelRc};
use tablet::pages::DeskAnswerView;
use tablet::worker::{Command, DeskAnswerCommand};

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<DeskAnswerAdapter>();
    let send = {
        let to = sender.clone();
        move |command| to.send(Command::DeskAnswer(command))
    };
    let to = send.clone();
    adapter.on_reveal(move |held| to(DeskAnswerCommand::Reveal(held)));
    adapter.on_settle(move |how| send(DeskAnswerCommand::Settle { how: how.into() }));
    let to = sender.clone();
    adapter.on_back(move || to.send(Command::GoHome));
}

pub(super) fn map(window: &AppWindow, view: &DeskAnswerView) {
    let adapter = window.global::<DeskAnswerAdapter>();
    adapter.set_there(view.alert.is_some());
    adapter.set_alert(view.alert.as_ref().map(alert).unwrap_or_default());
    adapter.set_asking(view.asking);
    adapter.set_trouble(query_trouble(view.problem));
    adapter.set_place(view.place.as_str().into());
    adapter.set_people(model(
        if view.covered { &[] } else { &view.people },
        map_person,
    ));
    adapter.set_covered(view.covered);
    let searched = view.gallery.filter(|_| !view.covered);
    adapter.set_gallery(searched.map(gallery).unwrap_or_default());
    adapter.set_wrong(view.text_problem);
    adapter.set_text_chars(int(view.text_chars));
}

pub(super) fn forget(window: &AppWindow) {
    let adapter = window.global::<DeskAnswerAdapter>();
    adapter.set_there(false);
    adapter.set_alert(AlertItem::default());
    adapter.set_covered(true);
    adapter.set_place("".into());
    adapter.set_people(ModelRc::default());
    adapter.set_gallery(GallerySize::default());
}
