//! Words for the person, over a page of the procedure.

use super::Aloud;
use super::words::{language, tongue};
use super::{AppWindow, SayAdapter, int};
use crate::app::Sender;
use slint::ComponentHandle;
use tablet::device::VoiceFault;
use tablet::pages::{self, PageView};
use tablet::worker::{Command, SayCommand};

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<SayAdapter>();
    let to = sender.clone();
    adapter.on_show(move |ground| {
        let ground = ground.into();
        to.send(Command::Say(SayCommand::Open { ground }));
    });
    let to = sender.clone();
    adapter.on_next(move || to.send(Command::Say(SayCommand::Next)));
    let to = sender.clone();
    adapter.on_before(move || to.send(Command::Say(SayCommand::Before)));
    let to = sender.clone();
    adapter.on_speak(move |tongue| {
        to.send(Command::Say(SayCommand::Speak(language(tongue))));
    });
    let to = sender.clone();
    adapter.on_read_aloud(move || to.send(Command::Say(SayCommand::ReadAloud)));
    let to = sender.clone();
    adapter.on_hush(move || to.send(Command::Say(SayCommand::Hush)));
    let to = sender.clone();
    adapter.on_close(move || to.send(Command::Say(SayCommand::Close)));
}

/// Over the page: it changes with every one.
pub(super) fn map(window: &AppWindow, view: &PageView) {
    let adapter = window.global::<SayAdapter>();
    let say = view.say.as_ref();
    adapter.set_text(say.map(|s| s.text.as_str()).unwrap_or_default().into());
    if let Some(say) = say {
        adapter.set_language(tongue(say.language));
    }
    adapter.set_paragraph(say.and_then(|s| s.paragraph).map_or(0, int));
    adapter.set_card(say.map_or(0, |s| int(s.card)));
    adapter.set_cards(say.map_or(0, |s| int(s.cards)));
    adapter.set_aloud(match say.map_or(pages::Aloud::No, |s| s.aloud) {
        pages::Aloud::No => Aloud::No,
        pages::Aloud::Reading => Aloud::Reading,
        pages::Aloud::Fault(VoiceFault::NoVoice) => Aloud::NoVoice,
        pages::Aloud::Fault(VoiceFault::NoLanguage) => Aloud::NoLanguage,
        pages::Aloud::Fault(VoiceFault::BrokeOff) => Aloud::BrokeOff,
    });
    adapter.set_open(say.is_some());
}
