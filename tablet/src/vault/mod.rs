//! The vault: everything the tablet keeps on its disk. The only user of SQLite on the tablet.
//!
//! # What lies where
//! - `vault.db` (SQLite, WAL, `synchronous=FULL`): the journal, which is also the outbox (sealed for
//!   central, in a chain); the running session's readable copies and messages, each record encrypted
//!   under a key that opens with the officer's password, this device's key store and the session's
//!   entry in it. In clear is what an envelope shows anyway: ids, numbers, times, sizes.
//!   The roster lies beside them, under an entry of its own in the key store (see [`roster`]).
//! - `captures/`: what is too large for an event, a file each, sealed under a key that its event
//!   alone carries (see [`captures`]).
//! - `mark`: the high-water mark (see [`mark`]), so that a damaged or restored database never makes
//!   the tablet give a number twice.
//! - `identity`: who this device is, authenticated; public keys and certificates only (see
//!   [`identity`]).
//! - `lock`: held while a program uses the vault.
//! - `wiping`: how far a lost tablet is with wiping itself (see [`wipe`]).
//! - `damaged-…/`: a database that could not be read, with its WAL. Never deleted here: it may hold
//!   evidence that was not sent.
//!
//! # What must never happen
//! A number acknowledged that is not on the disk; a sealed event deleted before central called it
//! safe; personal data in clear in any file; a session readable after it ended.

mod attempts;
mod captures;
mod crypt;
mod entries;
mod error;
mod export;
mod identity;
mod journal;
mod lock;
mod mark;
mod open;
mod outbox;
mod pages;
mod receipt;
mod roster;
mod salvage;
mod salvage_captures;
mod session;
mod wipe;

pub use attempts::{LOGIN_FAILURES, TABLET_FAILURES};
pub use captures::{CaptureOwner, CaptureQueue, WaitingCapture};
pub use error::{ResumeError, VaultError};
pub use export::Exported;
pub use lock::{LockedSession, Pin, PinError, UnlockError};
pub use open::OpenReport;
pub use salvage::Salvaged;
pub use session::OpenSession;
pub use wipe::Wiping;

use crate::device::{Clock, KeyStore};
use mark::MarkFile;
use protocol::{DeviceId, Digest, ErrorCode, Fact, SealingKey, SessionId};
use regulation::{EncounterId, Timestamp};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Handle of the vault; clones share it. Calls block for some milliseconds, opening a session for as
/// long as a password takes.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    dir: PathBuf,
    keystore: Arc<dyn KeyStore>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    identity: Mutex<Option<DeviceIdentity>>,
    damaged: Mutex<BTreeSet<u64>>,
    /// Entries of the key store that are still to be destroyed.
    owed: Mutex<BTreeSet<String>>,
    /// Taken before `identity` and `state`.
    wiping: Mutex<Option<wipe::WipeState>>,
    changed: watch::Sender<u64>,
    /// See [`Vault::clock_off`].
    clock_off: Mutex<Option<u64>>,
    /// Held, not used: released when the last handle goes.
    _lock: File,
}

struct State {
    db: Connection,
    mark: MarkFile,
    /// What is in the database is not what was answered; the next start sets it right.
    astray: bool,
    /// What the record of attempts says of the time, once it was asked.
    seen: Option<attempts::Seen>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(..)")
    }
}

/// Who this tablet is to central. Nothing here is secret or personal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceIdentity {
    pub device: DeviceId,
    /// `https://host:port`, without a path.
    pub server_url: String,
    pub certificate_pem: String,
    pub ca_pem: String,
    pub sealing: SealingKey,
    /// Uncompressed SEC1 point of central's receipt key, P-256.
    #[serde(with = "protocol::bytes::base64_text")]
    pub receipt_key: Vec<u8>,
}

/// How far a fact has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// On this tablet only.
    Waiting,
    /// On central's disk.
    Stored,
    /// On central's disk, and backed up or replicated.
    Safe,
    /// On this tablet, and it does not go on by itself.
    Stuck(StuckReason),
}

/// Why an event does not go on by itself. It is kept in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StuckReason {
    /// Central will not take it, however often it is sent. `Malformed` also for what lies damaged on
    /// this disk (see [`Vault::damaged_rows`]): its seal would not open.
    RefusedForGood(ErrorCode),
    /// The device is revoked or unknown.
    CredentialsDead,
    /// Larger than central takes.
    TooLarge,
}

/// Why central will not take it, however often it is sent.
impl From<ErrorCode> for StuckReason {
    fn from(code: ErrorCode) -> Self {
        match code {
            ErrorCode::TooLarge => Self::TooLarge,
            code => Self::RefusedForGood(code),
        }
    }
}

/// One fact of the running session, as the tablet may still read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    pub seq: u64,
    pub encounter: Option<EncounterId>,
    /// A fingerprint's picture is empty here: pixels are sealed for central and nothing else.
    pub fact: Fact,
    pub delivery: Delivery,
}

/// The outbox in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct QueueStatus {
    pub waiting: u64,
    pub stored_not_safe: u64,
    /// Events that central has stored since the journal began.
    pub sent_total: u64,
    pub stuck: Vec<(StuckReason, u64)>,
    pub oldest_waiting_at: Option<Timestamp>,
    pub captures: CaptureQueue,
    /// When the oldest stuck event was recorded.
    pub oldest_stuck_at: Option<Timestamp>,
}

impl Vault {
    /// Bumped at every append and every receipt that was applied.
    #[must_use]
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.0.changed.subscribe()
    }

    /// Rows that could not be read since the vault was opened, by sequence number (or message
    /// cursor): they were left out of what was asked for, and are kept.
    #[must_use]
    pub fn damaged_rows(&self) -> Vec<u64> {
        lock(&self.0.damaged).iter().copied().collect()
    }

    /// Bytes that are free on the vault's disk; `None` where the system does not tell.
    ///
    /// # Errors
    /// The operating system does not answer.
    pub fn room(&self) -> Result<Option<u64>, VaultError> {
        Self::room_of(&self.0.dir)
    }

    /// Bytes that are free on the disk of a data directory, whether a vault is open there or not.
    ///
    /// # Errors
    /// The operating system does not answer.
    pub fn room_of(dir: &std::path::Path) -> Result<Option<u64>, VaultError> {
        captures::room(dir)
    }

    /// What central's clock said in an answer just now, to what was asked at `asked` by this tablet's.
    pub fn heard_time(&self, central: Timestamp, asked: Timestamp) {
        let now = self.now();
        // Somewhere between asking and now central spoke.
        let off = central.millis_since(now) + asked.millis_since(central);
        *lock(&self.0.clock_off) = Some(off);
    }

    /// Milliseconds by which this tablet's clock is off; `None`: central was not heard since the
    /// program started.
    #[must_use]
    pub fn clock_off(&self) -> Option<u64> {
        *lock(&self.0.clock_off)
    }

    /// When the certificate of this tablet ends; `None`: it cannot be told.
    #[must_use]
    pub fn certificate_ends(&self) -> Option<Timestamp> {
        crypt::certificate_ends(&self.identity().ok()??.certificate_pem)
    }

    /// Test hook: a disk of so many database pages.
    ///
    /// # Errors
    /// The database cannot be used.
    #[doc(hidden)]
    pub fn limit_pages(&self, pages: Option<u32>) -> Result<(), VaultError> {
        let pages = pages.map_or(i64::from(u32::MAX - 1), i64::from);
        let state = self.state();
        state
            .db
            .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
        Ok(())
    }

    /// Test hook: commits that are not synced. A test of power cuts that loses nothing with this
    /// proves nothing without it.
    ///
    /// # Errors
    /// The database cannot be used.
    #[doc(hidden)]
    pub fn weaken_sync(&self) -> Result<(), VaultError> {
        let state = self.state();
        Ok(state.db.pragma_update(None, "synchronous", "NORMAL")?)
    }

    /// Test hook: database pages in use.
    ///
    /// # Errors
    /// The database cannot be used.
    #[doc(hidden)]
    pub fn pages(&self) -> Result<u32, VaultError> {
        Ok(self
            .state()
            .db
            .pragma_query_value(None, "page_count", |row| row.get(0))?)
    }

    /// Where it lies.
    pub(crate) fn dir(&self) -> &std::path::Path {
        &self.0.dir
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }

    fn bump(&self) {
        self.0
            .changed
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    fn report_damaged(&self, what: &'static str, row: u64) {
        if lock(&self.0.damaged).insert(row) {
            tracing::error!(what, row, "a row of the vault cannot be read");
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }
}

/// A panic while the lock was held rolled its transaction back: the state is sound.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// A write transaction; rolled back unless committed.
    fn begin(&mut self) -> Result<(Transaction<'_>, &mut MarkFile), VaultError> {
        if self.astray {
            return Err(VaultError::Io(std::io::ErrorKind::Other));
        }
        let transaction = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        Ok((transaction, &mut self.mark))
    }

    /// What became of an append after `before`: it counts if both it and its mark are on the disk. Of
    /// a commit without its mark nothing is left; if that cannot be done either, nothing more is
    /// recorded until the program is started anew, as after a power cut.
    fn settle(
        &mut self,
        before: &JournalRow,
        committed: rusqlite::Result<()>,
        marked: Result<(), VaultError>,
    ) -> Result<(), VaultError> {
        committed?;
        let Err(error) = marked else { return Ok(()) };
        match self.take_back(before) {
            Ok(()) => Err(error),
            Err(fault) => {
                tracing::error!(code = fault.code(), "an event could not be taken back");
                self.astray = true;
                Err(VaultError::Io(std::io::ErrorKind::Other))
            }
        }
    }

    fn take_back(&mut self, before: &JournalRow) -> Result<(), VaultError> {
        let (transaction, _) = self.begin()?;
        for table in ["sealed", "readable", "captures"] {
            let sql = format!("DELETE FROM {table} WHERE seq > ?1");
            transaction.execute(&sql, [before.last_seq])?;
        }
        transaction.execute(
            "UPDATE journal SET last_seq = ?1, head = ?2",
            (before.last_seq, before.head.0),
        )?;
        Ok(transaction.commit()?)
    }
}

/// The row of `journal`.
struct JournalRow {
    last_seq: u64,
    head: Digest,
    base_seq: u64,
    base_head: Digest,
    stored_through: u64,
    safe_through: u64,
    receipt_at: i64,
}

impl JournalRow {
    fn read(db: &Connection) -> Result<Self, VaultError> {
        Ok(db
            .prepare_cached(
                "SELECT last_seq, head, base_seq, base_head, stored_through, safe_through,
                        receipt_at
                 FROM journal",
            )?
            .query_row([], |row| {
                Ok(Self {
                    last_seq: row.get(0)?,
                    head: Digest(row.get(1)?),
                    base_seq: row.get(2)?,
                    base_head: Digest(row.get(3)?),
                    stored_through: row.get(4)?,
                    safe_through: row.get(5)?,
                    receipt_at: row.get(6)?,
                })
            })?)
    }
}

/// The table of open sessions, for those who only need ids.
fn open_session_ids(db: &Connection) -> Result<Vec<SessionId>, VaultError> {
    let mut statement = db.prepare_cached("SELECT id FROM sessions ORDER BY opened_at")?;
    let ids = statement.query_map([], |row| row.get::<_, [u8; 16]>(0))?;
    ids.map(|id| Ok(SessionId(uuid::Uuid::from_bytes(id?))))
        .collect()
}
