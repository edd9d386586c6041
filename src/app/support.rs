//! `e-patrul support-bundle`: what those who mend tablets need to know, and nothing about anybody.

use super::{StartError, codes, harden};
use regulation::Edition;
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tablet::device::{KeyStore, SystemClock};
use tablet::vault::{QueueStatus, StuckReason, Vault, VaultError};

/// Versions, counters, codes; ids of nobody.
#[derive(Debug, Serialize)]
struct Bundle {
    program: &'static str,
    edition: String,
    /// Seconds since 1970.
    taken_at: u64,
    system: String,
    /// "ok", or why the vault does not open; while the tablet runs, that it is in use.
    vault: &'static str,
    enrolled: bool,
    queue: Option<Queue>,
    damaged_rows: usize,
    /// Damaged vaults that were set aside.
    quarantined: usize,
    free_bytes: Option<u64>,
    no_dumps: bool,
    no_swap: bool,
    /// The last warnings and errors: seconds since 1970, level, module and line.
    codes: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Queue {
    waiting: u64,
    stored_not_safe: u64,
    sent_total: u64,
    /// Milliseconds since 1970.
    oldest_waiting_at: Option<i64>,
    oldest_stuck_at: Option<i64>,
    stuck: Vec<Stuck>,
}

#[derive(Debug, Serialize)]
struct Stuck {
    why: StuckReason,
    count: u64,
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

/// Looks at the tablet whose data lies in `data`, and writes what it finds to `out` as JSON. While
/// the tablet runs its vault is its own: the bundle then says so, and the rest.
///
/// # Errors
/// The file cannot be written.
pub fn write(
    data: &Path,
    keystore: Option<Arc<dyn KeyStore>>,
    protection: harden::Protection,
    out: &Path,
) -> Result<(), StartError> {
    let bundle = bundle(data, keystore, &Edition::shipped()?, protection);
    Ok(std::fs::write(out, serde_json::to_vec_pretty(&bundle)?)?)
}

fn bundle(
    data: &Path,
    keystore: Option<Arc<dyn KeyStore>>,
    edition: &Edition,
    protection: harden::Protection,
) -> Bundle {
    let opened = keystore
        .ok_or(VaultError::KeyStore)
        .and_then(|keystore| Vault::open(data, keystore, Arc::new(SystemClock::new())));
    let vault = opened.as_ref().ok().map(|(vault, _)| vault);
    let asked = |error: VaultError| error.code();
    let queue = vault.map(Vault::queue);
    Bundle {
        program: env!("CARGO_PKG_VERSION"),
        edition: edition.id.to_string(),
        taken_at: SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs(),
        system: std::fs::read_to_string("/proc/sys/kernel/osrelease")
            .map(|release| release.trim().to_owned())
            .unwrap_or_default(),
        vault: match (&opened, &queue) {
            (Err(error), _) => asked(*error),
            (_, Some(Err(error))) => asked(*error),
            _ => "ok",
        },
        enrolled: vault.is_some_and(|v| matches!(v.identity(), Ok(Some(_)))),
        queue: queue.and_then(Result::ok).map(Queue::from),
        damaged_rows: vault.map_or(0, |v| v.damaged_rows().len()),
        quarantined: quarantined(data),
        free_bytes: free_bytes(data),
        no_dumps: protection.no_dumps,
        no_swap: protection.no_swap,
        codes: codes::read(data),
    }
}

fn quarantined(data: &Path) -> usize {
    let entries = std::fs::read_dir(data).into_iter().flatten().flatten();
    entries
        .filter(|e| e.file_name().to_string_lossy().starts_with("damaged-"))
        .count()
}

#[cfg(target_os = "linux")]
fn free_bytes(data: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(data).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(target_os = "linux"))]
fn free_bytes(_data: &Path) -> Option<u64> {
    None
}
