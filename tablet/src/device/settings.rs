//! What a tablet is set to: its language, and how its screen looks. It belongs to the tablet and outlasts
//! shifts; nothing of it is secret or personal.

use super::keystore::write_atomically;
use regulation::encounter::Language;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

const FILE: &str = "settings";
/// Bytes of the file that are read; it has some hundred.
const FILE_BYTES: u64 = 4096;

/// Sizes of type that are offered, in percent of the plain one.
pub const TEXT_PERCENTS: [u16; 5] = [100, 125, 150, 175, 200];

/// How the screen looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub theme: ThemeChoice,
    /// Whether things on the screen may move.
    pub motion: bool,
    /// One of [`TEXT_PERCENTS`].
    pub text_percent: u16,
}

/// When the screen has the colours of the night.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThemeChoice {
    #[default]
    Day,
    Night,
    /// While the sun is down: [`super::Daylight`].
    ByTime,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::default(),
            motion: true,
            text_percent: 100,
        }
    }
}

/// What the file holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// `None`: none was chosen yet.
    pub language: Option<Language>,
    #[serde(flatten)]
    pub settings: Settings,
}

/// The file of the settings.
#[derive(Clone, Debug)]
pub struct SettingsFile(PathBuf);

impl SettingsFile {
    #[must_use]
    pub fn in_dir(dir: &Path) -> Self {
        Self(dir.join(FILE))
    }

    /// What was kept; of a file that is not there, or cannot be read, what a new tablet is set to.
    #[must_use]
    pub fn read(&self) -> Kept {
        match self.try_read() {
            Ok(kept) => kept,
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::warn!(kind = ?error.kind(), "the settings cannot be read");
                }
                Kept::default()
            }
        }
    }

    fn try_read(&self) -> io::Result<Kept> {
        let mut text = Vec::new();
        let file = File::open(&self.0)?;
        file.take(FILE_BYTES).read_to_end(&mut text)?;
        let mut kept: Kept = serde_json::from_slice(&text)?;
        if !TEXT_PERCENTS.contains(&kept.settings.text_percent) {
            kept.settings.text_percent = Settings::default().text_percent;
        }
        Ok(kept)
    }

    /// # Errors
    /// The file cannot be written; the one before stands.
    pub fn write(&self, kept: &Kept) -> io::Result<()> {
        write_atomically(&self.0, &serde_json::to_vec(kept)?)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_was_set_is_there_at_the_next_start() {
        let dir = tempfile::tempdir().unwrap();
        let file = SettingsFile::in_dir(dir.path());
        assert_eq!(file.read(), Kept::default());
        let kept = Kept {
            language: Some(Language::Russian),
            settings: Settings {
                theme: ThemeChoice::ByTime,
                motion: false,
                text_percent: 175,
            },
        };
        file.write(&kept).unwrap();
        assert_eq!(SettingsFile::in_dir(dir.path()).read(), kept);
    }

    #[test]
    fn a_file_that_is_spoilt_is_as_none() {
        let dir = tempfile::tempdir().unwrap();
        let file = SettingsFile::in_dir(dir.path());
        let huge = format!("{{\"motion\": false, \"x\": \"{}\"}}", "x".repeat(8192));
        for spoilt in [
            "",
            "{",
            "[1]",
            "{\"theme\": \"pink\"}",
            "{\"text_percent\": -1}",
            &huge,
        ] {
            std::fs::write(dir.path().join(FILE), spoilt).unwrap();
            assert_eq!(file.read(), Kept::default(), "{spoilt:.40}");
        }
        // A size that is not offered alone is left out; what is not known is passed over.
        let odd = "{\"text_percent\": 4000, \"theme\": \"night\", \"newer\": 1}";
        std::fs::write(dir.path().join(FILE), odd).unwrap();
        let settings = Settings {
            theme: ThemeChoice::Night,
            ..Settings::default()
        };
        assert_eq!(file.read().settings, settings);
    }
}
