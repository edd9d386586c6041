//! §12: the officer introduces themselves.

use super::words::{language, tongue};
use super::{AppWindow, CameraWarning, IntroduceAdapter, put, strings};
use crate::app::Sender;
use regulation::bodycam::Warning;
use regulation::encounter::ServiceId;
use slint::{ComponentHandle, ModelRc};
use tablet::pages::IntroduceView;
use tablet::worker::Command;

/// Places offered side by side.
const PLACES: usize = 3;

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<IntroduceAdapter>();
    let to = sender.clone();
    adapter.on_introduce(move |place, chosen, shown| {
        to.send(Command::Introduce {
            place: place.into(),
            chosen,
            service_id: if shown {
                ServiceId::AskedForAndShown
            } else {
                ServiceId::NotAskedFor
            },
        });
    });
    let to = sender.clone();
    adapter.on_set_citizen_language(move |tongue| {
        to.send(Command::SetCitizenLanguage(language(tongue)));
    });
    let to = sender.clone();
    adapter.on_go_home(move || to.send(Command::GoHome));
}

pub(super) fn map(window: &AppWindow, view: &IntroduceView) {
    let adapter = window.global::<IntroduceAdapter>();
    adapter.set_words(view.words.as_str().into());
    adapter.set_citizen_language(tongue(view.citizen_language));
    let places = strings(&view.places).into_iter().take(PLACES).collect();
    put(&adapter.get_places(), places, |m| adapter.set_places(m));
    adapter.set_warning(match view.warning {
        None => CameraWarning::None,
        Some(Warning::NotAssigned) => CameraWarning::NotAssigned,
        Some(Warning::NotOn) => CameraWarning::NotOn,
        Some(Warning::Paused) => CameraWarning::Paused,
        Some(Warning::Faulty) => CameraWarning::Faulty,
    });
    put(&adapter.get_reminders(), strings(&view.reminders), |m| {
        adapter.set_reminders(m)
    });
}

pub(super) fn forget(window: &AppWindow) {
    let adapter = window.global::<IntroduceAdapter>();
    adapter.set_words("".into());
    adapter.set_places(ModelRc::default());
}
