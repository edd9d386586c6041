//! What those who mend tablets need to know: versions, counters and codes, ids of nobody, nothing about
//! anybody. Written to a file by `e-patrul support-bundle`, and shown on the page of the tablet and of help.

use crate::vault::{QueueStatus, StuckReason, Vault, VaultError};
use regulation::{Edition, Timestamp};
use serde::Serialize;
use std::path::Path;

/// File in the data directory with the last warnings and errors as places in the program, one a line: seconds
/// since 1970, level, module and line.
pub const CODES_FILE: &str = "codes";
/// Of the codes' file, which its writer keeps small.
const CODES_BYTES: usize = 256 * 1024;
/// As many codes as a phone reads off the screen with the rest.
const SHORT_BYTES: usize = 900;

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bundle {
    pub program: String,
    pub edition: String,
    /// Seconds since 1970.
    pub taken_at: i64,
    /// Release of the operating system's kernel.
    pub system: String,
    /// "ok", or why the vault does not open; while another process runs the tablet, that it is in use.
    pub vault: String,
    pub enrolled: bool,
    pub queue: Option<Queue>,
    pub damaged_rows: usize,
    /// Damaged vaults that were set aside.
    pub quarantined: usize,
    pub free_bytes: Option<u64>,
    /// The operating system takes no core dump of this program.
    pub no_dumps: bool,
    /// … and keeps its memory out of swap.
    pub no_swap: bool,
    /// The lines of [`CODES_FILE`], oldest first.
    pub codes: Vec<String>,
}

/// What is on the tablet and not yet safe at central.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Queue {
    pub waiting: u64,
    pub stored_not_safe: u64,
    pub sent_total: u64,
    /// Milliseconds since 1970.
    pub oldest_waiting_at: Option<i64>,
    /// Milliseconds since 1970.
    pub oldest_stuck_at: Option<i64>,
    pub stuck: Vec<Stuck>,
}

/// So many for that reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stuck {
    pub why: StuckReason,
    pub count: u64,
}

impl From<QueueStatus> for Queue {
    fn from(status: QueueStatus) -> Self {
        Self {
            waiting: status.waiting,
            stored_not_safe: status.stored_not_safe,
            sent_total: status.sent_total,
            oldest_waiting_at: status.oldest_waiting_at.map(|at| at.0),
            oldest_stuck_at: status.oldest_stuck_at.map(|at| at.0),
            stuck: status
                .stuck
                .into_iter()
                .map(|(why, count)| Stuck { why, count })
                .collect(),
        }
    }
}

/// What is known of a tablet besides its vault.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The data directory.
    pub data: &'a Path,
    pub edition: &'a Edition,
    pub now: Timestamp,
    pub no_dumps: bool,
    pub no_swap: bool,
}

impl Bundle {
    /// Reads the disk. `vault`: open, or why it does not open.
    #[must_use]
    pub fn of(vault: Result<&Vault, VaultError>, known: &Known<'_>) -> Self {
        let open = vault.ok();
        let queue = open.map(Vault::queue);
        Self {
            program: env!("CARGO_PKG_VERSION").to_owned(),
            edition: known.edition.id.to_string(),
            taken_at: known.now.0 / 1000,
            system: std::fs::read_to_string("/proc/sys/kernel/osrelease")
                .map(|release| release.trim().to_owned())
                .unwrap_or_default(),
            vault: match (&vault, &queue) {
                (Err(error), _) | (_, Some(Err(error))) => error.code(),
                _ => "ok",
            }
            .to_owned(),
            enrolled: open.is_some_and(|v| matches!(v.identity(), Ok(Some(_)))),
            queue: queue.and_then(Result::ok).map(Queue::from),
            damaged_rows: open.map_or(0, |v| v.damaged_rows().len()),
            quarantined: quarantined(known.data),
            free_bytes: Vault::room_of(known.data).ok().flatten(),
            no_dumps: known.no_dumps,
            no_swap: known.no_swap,
            codes: codes(known.data),
        }
    }

    /// As JSON in one line, with so many of the newest codes as a phone reads off a screen.
    #[must_use]
    pub fn short(&self) -> String {
        let mut short = Self {
            codes: Vec::new(),
            ..self.clone()
        };
        let json = |bundle: &Self| serde_json::to_string(bundle).unwrap_or_default();
        for code in self.codes.iter().rev() {
            short.codes.insert(0, code.clone());
            if json(&short).len() > SHORT_BYTES {
                short.codes.remove(0);
                break;
            }
        }
        json(&short)
    }
}

/// The lines of the data directory's file of codes, oldest first; none where there is no file.
#[must_use]
pub fn codes(data: &Path) -> Vec<String> {
    let bytes = std::fs::read(data.join(CODES_FILE)).unwrap_or_default();
    let newest = bytes.len().saturating_sub(CODES_BYTES);
    let text = String::from_utf8_lossy(bytes.get(newest..).unwrap_or_default());
    text.lines().map(str::to_owned).collect()
}

fn quarantined(data: &Path) -> usize {
    let entries = std::fs::read_dir(data).into_iter().flatten().flatten();
    entries
        .filter(|e| e.file_name().to_string_lossy().starts_with("damaged-"))
        .count()
}
