//! The page of the tablet and of help, and what the tablet is set to.

use super::{HelpCommand, Worker};
use crate::device::{Daylight, Kept, SettingsFile, ThemeChoice};
use crate::pages::{HelpState, Screen, TEXT_PERCENTS};

#[derive(Default)]
pub(super) struct Help {
    /// `None`: the table cannot be read, and it is always day.
    daylight: Option<Daylight>,
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
            HelpCommand::Show(part) => self.state.help.part = part,
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
