//! A lost tablet wipes itself: what can be read goes first, then what is sealed, once central has it.
//!
//! How far that is stands in the file `wiping`, written and synced before each step, so that whoever
//! kills the program or cuts the power gains nothing: the next start goes on where this one stopped,
//! and offers no log-in.
//!
//! | stage | what is done | what is still there |
//! |---|---|---|
//! | `ordered` | central's signed order is here | everything |
//! | `unreadable` | key-store entries of sessions and roster destroyed | what is sealed for central |
//! | `deleting`, `deleted` | everything was safe at central; database, captures and quarantined databases overwritten and deleted | mark, identity, keys |
//! | `signed` | central's receipt for it is here | |
//! | `done` | mark, identity and keys destroyed | nothing |
//!
//! A quarantined database is kept as long as anything is not safe, since it may hold what was never
//! sent. Its numbers are behind a gap then, and central calls nothing behind a gap safe: only when it
//! has every number, or an administrator has declared the missing ones lost, do they go. Captures
//! among what was quarantined count as not safe as long as they lie there: no number tells whether
//! central has their bytes.

use super::open::{DATABASE, meet, open_new, settle};
use super::{JournalRow, Vault, VaultError, attempts, captures, lock};
use crate::device::keystore::{make_private_dir, overwrite_and_remove, sync_dir, write_atomically};
use crate::device::{KeyName, KeyStore};
use protocol::{Digest, WipeOrder, WipeReceipt, WipeReport, WipeStage};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::MutexGuard;
use uuid::Uuid;

const FILE: &str = "wiping";
/// Bytes of the file that are read; it has some hundreds.
const FILE_BYTES: u64 = 16 * 1024;
const QUARANTINED: &str = "damaged-";

/// How far a lost tablet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wiping {
    /// The order is here; the reading keys are not destroyed yet (the key store failed).
    Ordered,
    /// Nothing can be read any more; what is sealed is on its way. `reported`: so many events were not
    /// safe when central signed for that last.
    Unreadable { reported: Option<u64> },
    /// All is deleted but mark, identity and keys; central has not signed for it yet.
    Deleted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    Ordered,
    Unreadable,
    Deleting,
    Deleted,
    Signed,
    Done,
}

/// The file `wiping`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct WipeState {
    stage: Stage,
    order: WipeOrder,
    reported: Option<u64>,
    /// Where the journal stood when it was deleted.
    last_seq: u64,
    #[serde(with = "protocol::bytes::digest_text")]
    head: Digest,
}

impl WipeState {
    fn save(&self, dir: &Path) -> Result<(), VaultError> {
        let bytes = serde_json::to_vec(self).map_err(|_| VaultError::Damaged)?;
        Ok(write_atomically(&dir.join(FILE), &bytes)?)
    }

    /// The state with another stage, once that is on the disk.
    fn on_to(&self, stage: Stage, dir: &Path) -> Result<Self, VaultError> {
        let next = Self {
            stage,
            ..self.clone()
        };
        next.save(dir)?;
        Ok(next)
    }

    fn shown(&self) -> Option<Wiping> {
        match self.stage {
            Stage::Ordered => Some(Wiping::Ordered),
            Stage::Unreadable => Some(Wiping::Unreadable {
                reported: self.reported,
            }),
            Stage::Deleting | Stage::Deleted | Stage::Signed => Some(Wiping::Deleted),
            Stage::Done => None,
        }
    }

    /// The database in place of the one that is deleted; `None` while that is there.
    pub(super) fn database(&self) -> Result<Option<Connection>, VaultError> {
        match self.stage {
            Stage::Deleted => empty(self.last_seq, self.head).map(Some),
            _ => Ok(None),
        }
    }
}

/// Reads how far it is, and does what needs neither database nor network. Before anything else is
/// looked at in `dir`.
pub(super) fn go_on(dir: &Path, keystore: &dyn KeyStore) -> Result<Option<WipeState>, VaultError> {
    let Some(state) = read(dir)? else {
        return Ok(None);
    };
    match state.stage {
        Stage::Deleting => {
            delete_sealed(dir)?;
            state.on_to(Stage::Deleted, dir).map(Some)
        }
        Stage::Signed => finish(&state, dir, keystore).map(Some),
        _ => Ok(Some(state)),
    }
}

fn read(dir: &Path) -> Result<Option<WipeState>, VaultError> {
    let path = dir.join(FILE);
    let bytes = match fs::metadata(&path) {
        Ok(metadata) if metadata.len() <= FILE_BYTES => fs::read(&path)?,
        Ok(_) => Vec::new(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    match serde_json::from_slice(&bytes) {
        Ok(state) => Ok(Some(state)),
        Err(_) => {
            // Written whole or not at all, so spoilt by somebody or by the disk. Central says again at
            // the next contact what this tablet is to do.
            tracing::error!("the state of the wiping cannot be read; central is asked again");
            fs::remove_file(&path)?;
            sync_dir(dir)?;
            Ok(None)
        }
    }
}

impl Vault {
    /// How far this tablet is with wiping itself; `None` unless central has ordered it.
    #[must_use]
    pub fn wiping(&self) -> Option<Wiping> {
        lock(&self.0.wiping).as_ref().and_then(WipeState::shown)
    }

    /// Held by whoever begins something that a tablet which wipes itself must not begin.
    pub(super) fn not_wiping(&self) -> Result<MutexGuard<'_, Option<WipeState>>, VaultError> {
        let wiping = lock(&self.0.wiping);
        match wiping.as_ref().and_then(WipeState::shown) {
            None => Ok(wiping),
            Some(_) => Err(VaultError::Wiping),
        }
    }

    /// Takes central's order, made for `challenge`, and destroys what can be read on this tablet; also
    /// where the disk cannot be written.
    ///
    /// # Errors
    /// [`VaultError::BadOrder`]: nothing was done. Another: the order stands, the keys are destroyed by
    /// [`Vault::destroy_reading_keys`] or at the next start.
    pub fn begin_wipe(&self, order: &WipeOrder, challenge: Uuid) -> Result<(), VaultError> {
        let identity = self.identity()?.ok_or(VaultError::NotEnrolled)?;
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &identity.receipt_key)
            .verify(&order.signed_bytes(), &order.signature)
            .map_err(|_| VaultError::BadOrder)?;
        if order.device != identity.device || order.challenge != challenge {
            return Err(VaultError::BadOrder);
        }
        {
            let mut wiping = lock(&self.0.wiping);
            if wiping.as_ref().and_then(WipeState::shown).is_none() {
                let state = WipeState {
                    stage: Stage::Ordered,
                    order: order.clone(),
                    reported: None,
                    last_seq: 0,
                    head: Digest::default(),
                };
                // If it cannot be kept, central gives it again after the next start.
                if let Err(error) = state.save(&self.0.dir) {
                    tracing::error!(code = error.code(), "the order is not on the disk");
                }
                *wiping = Some(state);
            }
        }
        self.destroy_reading_keys()
    }

    /// Destroys every key-store entry, and with them all that officers could read; the rows follow.
    ///
    /// # Errors
    /// [`VaultError::BadOrder`] without an order; the key store or the database cannot be used.
    pub fn destroy_reading_keys(&self) -> Result<(), VaultError> {
        let mut wiping = lock(&self.0.wiping);
        let state = wiping.as_ref().ok_or(VaultError::BadOrder)?;
        if state.stage != Stage::Ordered {
            return Ok(());
        }
        let keystore = self.0.keystore.as_ref();
        let mut destroyed = Ok(());
        for entry in keystore.entries()? {
            destroyed = destroyed.and(keystore.destroy(&entry));
        }
        destroyed?;
        // Without their keys the rows are noise: a full disk does not hold the rest up, and what the
        // file does not say is done again after the next start.
        let cleared = self.clear_readable();
        let next = WipeState {
            stage: Stage::Unreadable,
            ..state.clone()
        };
        if let Err(error) = next.save(&self.0.dir).and(cleared) {
            tracing::error!(
                code = error.code(),
                "the keys are gone; the disk cannot be written"
            );
        }
        *wiping = Some(next);
        drop(wiping);
        self.bump();
        Ok(())
    }

    fn clear_readable(&self) -> Result<(), VaultError> {
        let mut state = self.state();
        let (transaction, _) = state.begin()?;
        transaction.execute("DELETE FROM sessions", [])?;
        transaction.execute("DELETE FROM roster", [])?;
        transaction.commit()?;
        state
            .db
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    /// Events and captures that central has not called safe.
    ///
    /// # Errors
    /// The database cannot be used.
    pub fn unsafe_events(&self) -> Result<u64, VaultError> {
        self.unsafe_in(&self.state().db)
    }

    fn unsafe_in(&self, db: &Connection) -> Result<u64, VaultError> {
        let journal = JournalRow::read(db)?;
        let captures: u64 =
            db.query_row("SELECT count(*) FROM captures WHERE safe = 0", [], |row| {
                row.get(0)
            })?;
        // Central's mark passes over numbers that it has given up; what turned up of them is here.
        let given_up: u64 = db.query_row(
            "SELECT count(*) FROM sealed WHERE seq <= ?1 AND stored = 0",
            [journal.safe_through],
            |row| row.get(0),
        )?;
        let quarantined = quarantined_captures(&self.0.dir)?;
        let events = journal.last_seq.saturating_sub(journal.safe_through) + given_up;
        Ok(events + captures + quarantined)
    }

    /// What this tablet says of its wiping, signed.
    ///
    /// # Errors
    /// [`VaultError::BadOrder`] if it is not as far as `stage`; the database or the key store cannot be
    /// used.
    pub fn wipe_report(&self, stage: WipeStage) -> Result<WipeReport, VaultError> {
        let identity = self.identity()?.ok_or(VaultError::NotEnrolled)?;
        let wiping = lock(&self.0.wiping).clone();
        let (last_seq, head, unsafe_events) = match (wiping, stage) {
            (Some(state), _) if state.stage == Stage::Deleted => (state.last_seq, state.head, 0),
            (Some(state), WipeStage::ReadingKeysDestroyed) if state.stage == Stage::Unreadable => {
                let state = self.state();
                let journal = JournalRow::read(&state.db)?;
                (journal.last_seq, journal.head, self.unsafe_in(&state.db)?)
            }
            _ => return Err(VaultError::BadOrder),
        };
        let mut report = WipeReport {
            device: identity.device,
            stage,
            last_seq,
            head,
            unsafe_events,
            at: self.now(),
            signature: Vec::new(),
        };
        report.signature = self
            .0
            .keystore
            .sign(KeyName::Journal, &report.signed_bytes())?;
        Ok(report)
    }

    /// Applies central's receipt for `report`. With the last one the mark, the identity and every key
    /// go, and this tablet is nobody's.
    ///
    /// # Errors
    /// [`VaultError::BadReceipt`]: nothing was done. Another: the receipt counts, and the next start
    /// goes on.
    pub fn apply_wipe_receipt(
        &self,
        report: &WipeReport,
        receipt: &WipeReceipt,
    ) -> Result<(), VaultError> {
        let identity = self.identity()?.ok_or(VaultError::NotEnrolled)?;
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &identity.receipt_key)
            .verify(&receipt.signed_bytes(), &receipt.signature)
            .map_err(|_| VaultError::BadReceipt)?;
        if receipt.device != identity.device || receipt.stage != report.stage {
            return Err(VaultError::BadReceipt);
        }
        let dir = &self.0.dir;
        let mut wiping = lock(&self.0.wiping);
        let state = wiping.as_ref().ok_or(VaultError::BadOrder)?;
        match (state.stage, receipt.stage) {
            (Stage::Unreadable, WipeStage::ReadingKeysDestroyed) => {
                let next = WipeState {
                    reported: Some(report.unsafe_events),
                    ..state.clone()
                };
                next.save(dir)?;
                *wiping = Some(next);
            }
            (Stage::Deleted, WipeStage::Wiped) => {
                let signed = state.on_to(Stage::Signed, dir)?;
                *wiping = Some(signed.clone());
                // Its mark file is not to be made anew by anybody.
                let mut cached = lock(&self.0.identity);
                let done = finish(&signed, dir, self.0.keystore.as_ref())?;
                *cached = None;
                *wiping = Some(done);
            }
            _ => {}
        }
        drop(wiping);
        self.bump();
        Ok(())
    }

    /// Deletes what is sealed, if central has all of it safe and has signed for the report that says so.
    /// `false`: not yet, nothing was deleted.
    ///
    /// # Errors
    /// The files cannot be deleted; try again.
    pub fn wipe_sealed(&self) -> Result<bool, VaultError> {
        let dir = &self.0.dir;
        let mut wiping = lock(&self.0.wiping);
        let state = wiping.as_ref().ok_or(VaultError::BadOrder)?;
        let mut vault = self.state();
        let deleting = match state.stage {
            Stage::Unreadable if state.reported == Some(0) => {
                if self.unsafe_in(&vault.db)? > 0 {
                    return Ok(false);
                }
                let journal = JournalRow::read(&vault.db)?;
                let deleting = WipeState {
                    stage: Stage::Deleting,
                    last_seq: journal.last_seq,
                    head: journal.head,
                    ..state.clone()
                };
                deleting.save(dir)?;
                deleting
            }
            Stage::Deleting => state.clone(),
            Stage::Deleted | Stage::Signed | Stage::Done => return Ok(true),
            Stage::Ordered | Stage::Unreadable => return Ok(false),
        };
        *wiping = Some(deleting.clone());
        // Closed before its file is overwritten; whoever asks the vault from now on finds it empty.
        vault.db = empty(deleting.last_seq, deleting.head)?;
        drop(vault);
        delete_sealed(dir)?;
        *wiping = Some(deleting.on_to(Stage::Deleted, dir)?);
        drop(wiping);
        self.bump();
        Ok(true)
    }

    /// Central says that this tablet is not lost (any more): it may be logged in to again. What was
    /// destroyed stays destroyed; the numbers go on after the last.
    ///
    /// # Errors
    /// The files cannot be written.
    pub fn call_off_wipe(&self) -> Result<(), VaultError> {
        let dir = &self.0.dir;
        let mut wiping = lock(&self.0.wiping);
        let Some(state) = wiping.as_ref() else {
            return Ok(());
        };
        match state.stage {
            Stage::Done => return Ok(()),
            Stage::Ordered | Stage::Unreadable => {}
            Stage::Deleting | Stage::Deleted | Stage::Signed => {
                delete_sealed(dir)?;
                let mut vault = self.state();
                make_private_dir(&captures::dir(dir))?;
                let mut db = open_new(dir)?;
                meet(&mut db, vault.mark.read()?)?;
                // The old count was deleted with what could be guessed.
                attempts::begin_anew(&db, self.0.keystore.as_ref())?;
                vault.db = db;
            }
        }
        fs::remove_file(dir.join(FILE))?;
        sync_dir(dir)?;
        *wiping = None;
        drop(wiping);
        self.bump();
        Ok(())
    }
}

/// Forgets that a tablet here was wiped: it is enrolled anew.
pub(super) fn forget(dir: &Path, wiping: &mut Option<WipeState>) -> Result<(), VaultError> {
    if wiping.take().is_some() {
        fs::remove_file(dir.join(FILE))?;
        sync_dir(dir)?;
    }
    Ok(())
}

/// Files below the quarantined directories that are named as captures are.
fn quarantined_captures(dir: &Path) -> io::Result<u64> {
    fn count(dir: &Path) -> io::Result<u64> {
        let mut found = 0;
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                found += count(&entry.path())?;
            } else if Uuid::try_parse(&entry.file_name().to_string_lossy()).is_ok() {
                found += 1;
            }
        }
        Ok(found)
    }
    let mut found = 0;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let quarantined = entry.file_name().to_string_lossy().starts_with(QUARANTINED);
        if quarantined && entry.file_type()?.is_dir() {
            found += count(&entry.path())?;
        }
    }
    Ok(found)
}

/// An empty database in memory, of a journal of which everything is safe.
fn empty(last_seq: u64, head: Digest) -> Result<Connection, VaultError> {
    let db = settle(Connection::open_in_memory()?)?;
    db.execute(
        "UPDATE journal SET met = 1, last_seq = ?1, head = ?2, base_seq = ?1, base_head = ?2,
                stored_through = ?1, safe_through = ?1",
        (last_seq, head.0),
    )?;
    Ok(db)
}

/// Overwrites and deletes database, captures and quarantined databases. What is gone is no error.
fn delete_sealed(dir: &Path) -> Result<(), VaultError> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name == captures::DIR || name.starts_with(QUARANTINED) {
            delete_tree(&entry.path())?;
        } else if name.starts_with(DATABASE) {
            overwrite_and_remove(&entry.path())?;
        }
    }
    Ok(sync_dir(dir)?)
}

fn delete_tree(path: &Path) -> io::Result<()> {
    if !fs::symlink_metadata(path)?.is_dir() {
        return overwrite_and_remove(path);
    }
    for entry in fs::read_dir(path)? {
        delete_tree(&entry?.path())?;
    }
    sync_dir(path)?;
    fs::remove_dir(path)
}

/// The last step: the keys go after everything that they could sign for.
fn finish(state: &WipeState, dir: &Path, keystore: &dyn KeyStore) -> Result<WipeState, VaultError> {
    for name in ["mark", "identity"] {
        overwrite_and_remove(&dir.join(name))?;
    }
    sync_dir(dir)?;
    keystore.destroy_all()?;
    state.on_to(Stage::Done, dir)
}
