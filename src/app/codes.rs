//! The last warnings and errors as places in the program, for the support bundle: when, how grave,
//! which module and line. No message and no value is kept, so that none can be personal.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tablet::support::CODES_FILE;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// Above this, the older half goes.
const MOST_BYTES: u64 = 64 * 1024;

/// Writes them to a file in the data directory.
pub(super) struct Codes(Mutex<File>);

impl Codes {
    /// # Errors
    /// The file cannot be made.
    pub(super) fn open(data: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(data)?;
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).read(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(data.join(CODES_FILE))?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self(Mutex::new(file)))
    }
}

fn append(file: &mut File, line: &str) -> io::Result<()> {
    if file.stream_position()? > MOST_BYTES {
        file.rewind()?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let half = text.len() / 2;
        let newer = text
            .bytes()
            .skip(half)
            .position(|b| b == b'\n')
            .and_then(|at| text.get(half + at + 1..))
            .unwrap_or_default()
            .to_owned();
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(newer.as_bytes())?;
    }
    file.write_all(line.as_bytes())
}

impl<S: Subscriber> Layer<S> for Codes {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let from = event.metadata();
        if *from.level() > Level::WARN {
            return;
        }
        let seconds = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs();
        let line = format!(
            "{} {} {}:{}\n",
            seconds,
            from.level(),
            from.module_path().unwrap_or_default(),
            from.line().unwrap_or_default()
        );
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A full disk has its own notice; a log of it must not fail on it.
        let _ = append(&mut file, &line);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use tablet::support::codes as read;

    #[test]
    fn the_file_keeps_the_newest_lines_and_stays_small() {
        let dir = tempfile::tempdir().unwrap();
        let codes = Codes::open(dir.path()).unwrap();
        for n in 0..10_000 {
            append(&mut codes.0.lock().unwrap(), &format!("{n} line\n")).unwrap();
        }
        let lines = read(dir.path());
        assert_eq!(lines.last().unwrap(), "9999 line");
        assert!(lines.iter().all(|l| l.ends_with(" line")), "{:?}", lines[0]);
        let size = std::fs::metadata(dir.path().join(CODES_FILE))
            .unwrap()
            .len();
        assert!(size <= MOST_BYTES + 100, "{size}");
        drop(codes);
        let codes = Codes::open(dir.path()).unwrap();
        append(&mut codes.0.lock().unwrap(), "after\n").unwrap();
        assert_eq!(read(dir.path()).len(), lines.len() + 1);
    }

    #[test]
    fn a_code_holds_no_word_of_the_message() {
        use tracing_subscriber::layer::SubscriberExt as _;
        let dir = tempfile::tempdir().unwrap();
        let codes = Codes::open(dir.path()).unwrap();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(codes), || {
            tracing::error!(who = "kanareyka", "kanareyka {}", "kanareyka");
            tracing::info!("not grave");
        });
        let lines = read(dir.path());
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].contains("ERROR e_patrul::app::codes::tests:"));
        assert!(!lines[0].contains("kanareyka"));
    }
}
