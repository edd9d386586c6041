//! The tablet and help.

use super::words::{language, tongue};
use super::{AppWindow, HelpAdapter, HelpPartName, Theme, ThemeName, put};
use crate::app::Sender;
use slint::ComponentHandle;
use tablet::pages::{HelpPart, HelpView, TEXT_PERCENTS, ThemeChoice};
use tablet::worker::{Command, HelpCommand};

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<HelpAdapter>();
    let to = sender.clone();
    adapter.on_show(move |name| to.send(Command::Help(HelpCommand::Show(part(name)))));
    let to = sender.clone();
    adapter.on_close(move || to.send(Command::Help(HelpCommand::Close)));
    let to = sender.clone();
    adapter.on_set_language(move |tongue| to.send(Command::SetLanguage(language(tongue))));
    let (to, weak) = (sender.clone(), window.as_weak());
    adapter.on_set_theme(move |name| {
        // At once, also where the worker holds it chosen already.
        if let (Some(window), ThemeName::Day | ThemeName::Night) = (weak.upgrade(), name) {
            window.global::<Theme>().set_night(name == ThemeName::Night);
        }
        to.send(Command::Help(HelpCommand::Theme(theme(name))));
    });
    let to = sender.clone();
    adapter.on_set_motion(move |motion| to.send(Command::Help(HelpCommand::Motion(motion))));
    let to = sender.clone();
    adapter.on_set_text_percent(move |percent| {
        if let Ok(percent) = percent.try_into() {
            to.send(Command::Help(HelpCommand::TextPercent(percent)));
        }
    });
}

pub(super) fn map(window: &AppWindow, view: &HelpView) {
    let adapter = window.global::<HelpAdapter>();
    adapter.set_part(match view.part {
        HelpPart::Menu => HelpPartName::Menu,
        HelpPart::Settings => HelpPartName::Settings,
    });
    adapter.set_language(tongue(view.language));
    adapter.set_theme(match view.settings.theme {
        ThemeChoice::Day => ThemeName::Day,
        ThemeChoice::Night => ThemeName::Night,
        ThemeChoice::ByTime => ThemeName::ByTime,
    });
    adapter.set_motion(view.settings.motion);
    adapter.set_text_percent(view.settings.text_percent.into());
    put(
        &adapter.get_text_percents(),
        TEXT_PERCENTS.map(i32::from).to_vec(),
        |m| adapter.set_text_percents(m),
    );
}

fn part(name: HelpPartName) -> HelpPart {
    match name {
        HelpPartName::Menu => HelpPart::Menu,
        HelpPartName::Settings => HelpPart::Settings,
    }
}

fn theme(name: ThemeName) -> ThemeChoice {
    match name {
        ThemeName::Day => ThemeChoice::Day,
        ThemeName::Night => ThemeChoice::Night,
        ThemeName::ByTime => ThemeChoice::ByTime,
    }
}
