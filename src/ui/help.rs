//! The tablet and help.

use super::photo::image;
use super::words::{check, language, level, tongue};
use super::{
    AppWindow, HelpAdapter, HelpPartName, LevelName, LicenceItem, StretchItem, StretchName,
    SupportItem, Theme, ThemeName, WayAdviceName, int, put,
};
use crate::app::Sender;
use slint::{ComponentHandle, Image, SharedString};
use tablet::pages::{
    HelpPart, HelpView, Stretch, SupportView, TEXT_PERCENTS, ThemeChoice, WayAdvice, WayView,
};
use tablet::worker::{Command, HelpCommand};

/// What others have written of this program: a line a licence, then a tab, then names with versions.
const LICENCES: &str = include_str!("../../assets/licences.txt");
/// Pixels a module of the code for a phone.
const SCALE: u32 = 8;
/// Of the last faults, so many are shown.
const CODES: usize = 30;

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
    let to = sender.clone();
    adapter.on_check_way(move || to.send(Command::Help(HelpCommand::CheckWay)));
    put(&adapter.get_licences(), licences(), |m| {
        adapter.set_licences(m);
    });
}

fn licences() -> Vec<LicenceItem> {
    let parted = LICENCES.lines().filter_map(|line| line.split_once('\t'));
    parted
        .map(|(licence, programs)| LicenceItem {
            licence: licence.into(),
            programs: programs.into(),
        })
        .collect()
}

pub(super) fn map(window: &AppWindow, view: &HelpView) {
    let adapter = window.global::<HelpAdapter>();
    adapter.set_part(match view.part {
        HelpPart::Menu => HelpPartName::Menu,
        HelpPart::Settings => HelpPartName::Settings,
        HelpPart::Way => HelpPartName::Way,
        HelpPart::Devices => HelpPartName::Devices,
        HelpPart::Support => HelpPartName::Support,
        HelpPart::About => HelpPartName::About,
    });
    adapter.set_program(view.program.into());
    adapter.set_edition(view.edition.as_str().into());
    if let Some(found) = &view.way {
        way(&adapter, found);
    }
    if let Some(readiness) = &view.readiness {
        put(
            &adapter.get_checks(),
            readiness.rows.iter().map(check).collect(),
            |m| adapter.set_checks(m),
        );
        adapter.set_level(level(readiness.level));
    }
    support(&adapter, view.support.as_ref());
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
        HelpPartName::Way => HelpPart::Way,
        HelpPartName::Devices => HelpPart::Devices,
        HelpPartName::Support => HelpPart::Support,
        HelpPartName::About => HelpPart::About,
    }
}

fn way(adapter: &HelpAdapter<'_>, view: &WayView) {
    adapter.set_way(match view.advice {
        WayAdvice::Looking => WayAdviceName::Looking,
        WayAdvice::Whole => WayAdviceName::Whole,
        WayAdvice::NotEnrolled => WayAdviceName::NotEnrolled,
        WayAdvice::NoNetwork => WayAdviceName::NoNetwork,
        WayAdvice::Silent => WayAdviceName::Silent,
        WayAdvice::NobodyListens => WayAdviceName::NobodyListens,
        WayAdvice::NotOurCentral => WayAdviceName::NotOurCentral,
        WayAdvice::NotLetIn => WayAdviceName::NotLetIn,
        WayAdvice::Faulty => WayAdviceName::Faulty,
    });
    adapter.set_way_millis(view.millis.map_or(-1, int));
    let stretch = |&(stretch, good): &(Stretch, Option<bool>)| StretchItem {
        name: match stretch {
            Stretch::Network => StretchName::Network,
            Stretch::Central => StretchName::Central,
            Stretch::Trust => StretchName::Trust,
            Stretch::LetIn => StretchName::LetIn,
        },
        level: match good {
            None => LevelName::Unknown,
            Some(true) => LevelName::Ready,
            Some(false) => LevelName::NotReady,
        },
    };
    put(
        &adapter.get_stretches(),
        view.stretches.iter().map(stretch).collect(),
        |m| adapter.set_stretches(m),
    );
}

fn support(adapter: &HelpAdapter<'_>, view: Option<&SupportView>) {
    adapter.set_collected(view.is_some());
    let Some(view) = view else {
        adapter.set_code(Image::default());
        put(&adapter.get_codes(), Vec::new(), |m| adapter.set_codes(m));
        return;
    };
    let from = &view.bundle;
    let queue = from.queue.as_ref();
    adapter.set_support(SupportItem {
        system: from.system.as_str().into(),
        vault: from.vault.as_str().into(),
        enrolled: from.enrolled,
        waiting: queue.map_or(0, |q| int(q.waiting + q.stored_not_safe)),
        stuck: queue.map_or(0, |q| int(q.stuck.iter().map(|s| s.count).sum::<u64>())),
        damaged: int(from.damaged_rows),
        aside: int(from.quarantined),
        free: from.free_bytes.map_or(-1, |bytes| int(bytes / 100_000_000)),
        protected: from.no_dumps && from.no_swap,
    });
    let newest = from.codes.iter().rev().take(CODES);
    let codes: Vec<SharedString> = newest.map(|code| code.as_str().into()).collect();
    put(&adapter.get_codes(), codes, |m| adapter.set_codes(m));
    let picture = view.code.as_ref().and_then(|code| code.picture(SCALE).ok());
    adapter.set_code(picture.as_ref().map(image).unwrap_or_default());
}

fn theme(name: ThemeName) -> ThemeChoice {
    match name {
        ThemeName::Day => ThemeChoice::Day,
        ThemeName::Night => ThemeChoice::Night,
        ThemeName::ByTime => ThemeChoice::ByTime,
    }
}
