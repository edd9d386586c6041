//! The page of the tablet and of help, and what the tablet is set to.

use super::{HelpCommand, Inner, Worker};
use crate::device::{Daylight, Kept, SettingsFile, ThemeChoice};
use crate::link::{Way, WayCheck};
use crate::pages::{HelpPart, HelpState, Screen, SupportView, TEXT_PERCENTS, WayAdvice, WayState};
use crate::support::{Bundle, Known};

#[derive(Default)]
pub(super) struct Help {
    /// `None`: the table cannot be read, and it is always day.
    daylight: Option<Daylight>,
    /// Counts what was asked, so that what comes for an earlier look is dropped.
    run: u64,
}

/// What was asked for on the page, and came.
pub(super) enum Found {
    Way(WayCheck),
    Support(Box<SupportView>),
}

impl Worker {
    pub(super) fn help(&mut self, command: HelpCommand) {
        match command {
            HelpCommand::Theme(theme) => {
                self.state.settings.theme = theme;
                self.keep_settings();
            }
            HelpCommand::Open => self.open_help(),
            _ if self.state.screen != Screen::Help => {}
            HelpCommand::Show(part) => self.show_help(part),
            HelpCommand::CheckWay => self.check_way(),
            HelpCommand::Close => self.close_help(),
            HelpCommand::Motion(motion) => {
                self.state.settings.motion = motion;
                self.keep_settings();
            }
            HelpCommand::TextPercent(percent) => {
                if TEXT_PERCENTS.contains(&percent) {
                    self.state.settings.text_percent = percent;
                    self.keep_settings();
                }
            }
        }
    }

    fn open_help(&mut self) {
        let free = match self.state.screen {
            Screen::Login => !self.state.login_busy,
            Screen::Home | Screen::Desk => true,
            _ => false,
        };
        if free {
            self.state.help = HelpState::default();
            self.state.screen = Screen::Help;
        }
    }

    fn show_help(&mut self, part: HelpPart) {
        self.help.run += 1;
        self.state.help = HelpState {
            part,
            ..HelpState::default()
        };
        match part {
            HelpPart::Menu | HelpPart::Settings | HelpPart::About => {}
            HelpPart::Way => self.check_way(),
            HelpPart::Devices => self.check_anew(),
            HelpPart::Support => self.collect_bundle(),
        }
    }

    fn check_way(&mut self) {
        if self.state.help.part != HelpPart::Way || self.state.help.way == WayState::Looking {
            return;
        }
        let Some(link) = self.link.clone() else {
            self.state.help.way = WayState::NotEnrolled;
            return;
        };
        self.state.help.way = WayState::Looking;
        let (run, inner) = (self.help.run, self.inner.clone());
        tokio::spawn(async move {
            let found = Found::Way(link.check().await);
            let _ = inner.send(Inner::Help { run, found });
        });
    }

    /// Reads the disk, which may be slow.
    fn collect_bundle(&self) {
        let (vault, edition) = (self.parts.vault.clone(), self.parts.edition.clone());
        let (now, protected) = (self.parts.clock.now(), self.parts.protected);
        let (run, inner) = (self.help.run, self.inner.clone());
        tokio::task::spawn_blocking(move || {
            let known = Known {
                data: vault.dir(),
                edition: &edition,
                now,
                no_dumps: protected.no_dumps,
                no_swap: protected.no_swap,
            };
            let support = SupportView::of(Bundle::of(Ok(&vault), &known));
            let found = Found::Support(Box::new(support));
            let _ = inner.send(Inner::Help { run, found });
        });
    }

    pub(super) fn help_found(&mut self, run: u64, found: Found) {
        if run != self.help.run || self.state.screen != Screen::Help {
            return;
        }
        match found {
            Found::Way(check) => {
                self.state.help.way = WayState::Looked {
                    found: advice(check.way),
                    millis: u64::try_from(check.took.as_millis()).unwrap_or(u64::MAX),
                };
            }
            Found::Support(support) => self.state.help.support = Some(support),
        }
    }

    fn close_help(&mut self) {
        if self.session.is_some() {
            self.go_home();
        } else {
            self.state.screen = Screen::Login;
        }
    }

    /// The page was left: nothing that was begun on it goes on.
    pub(super) fn look_at_help(&mut self) {
        if self.state.screen != Screen::Help && self.state.help != HelpState::default() {
            self.help.run += 1;
            self.state.help = HelpState::default();
        }
    }

    fn settings_file(&self) -> SettingsFile {
        SettingsFile::in_dir(self.parts.vault.dir())
    }

    /// At the start.
    pub(super) fn read_settings(&mut self) {
        let kept = self.settings_file().read();
        self.state.settings = kept.settings;
        if let Some(language) = kept.language {
            self.state.language = language;
        }
        match Daylight::shipped() {
            Ok(daylight) => self.help.daylight = Some(daylight),
            Err(error) => tracing::error!(%error, "the table of daylight cannot be read"),
        }
    }

    /// A disk that takes no file loses them at the next start, and nothing else.
    pub(super) fn keep_settings(&self) {
        let kept = Kept {
            language: Some(self.state.language),
            settings: self.state.settings,
        };
        if let Err(error) = self.settings_file().write(&kept) {
            tracing::warn!(kind = ?error.kind(), "the settings were not kept");
        }
    }

    /// The colours of the screen now.
    pub(super) fn look_at_daylight(&mut self) {
        let offset = self.parts.edition.limits.utc_offset_minutes;
        let (now, daylight) = (self.state.now, &self.help.daylight);
        self.state.night = match self.state.settings.theme {
            ThemeChoice::Day => false,
            ThemeChoice::Night => true,
            ThemeChoice::ByTime => daylight
                .as_ref()
                .is_some_and(|daylight| daylight.is_night(now, offset)),
        };
    }
}

fn advice(way: Way) -> WayAdvice {
    match way {
        Way::Whole => WayAdvice::Whole,
        Way::NoNetwork => WayAdvice::NoNetwork,
        Way::Silent => WayAdvice::Silent,
        Way::NobodyListens => WayAdvice::NobodyListens,
        Way::NotOurCentral => WayAdvice::NotOurCentral,
        Way::NotLetIn => WayAdvice::NotLetIn,
        Way::Faulty => WayAdvice::Faulty,
    }
}
