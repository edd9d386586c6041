//! Wrong passwords: how many there were, and when nobody may try any more.
//!
//! Every try is counted before it is made, in one record that the key store authenticates and that
//! bears the number of the key store's counter. The record is written for the next number and
//! committed, and then the counter is raised: a record put back from an older copy of the disk bears
//! a number that has passed, and so does one deleted or forged. This tablet then counts as locked,
//! whatever the record says. A power cut between the two steps leaves the record one ahead, which is
//! made good when it is next read.
//!
//! What this promises against copies of the disk it promises only where the key store
//! [is in hardware](crate::device::KeyStore::in_hardware): the counter of the file store goes back
//! with its file.
//!
//! A lock closes what can be tried on this tablet alone. Central still decides on its own, with its
//! own count, who may log in; a right password there clears that login's count here. The record that
//! cannot be trusted is trusted again only after the desk has unlocked the tablet.
//!
//! The same record keeps what else must not be set back: the latest moment that this tablet has seen,
//! so that no lease grows by turning the clock, and which roster is in force and which of its promises
//! were used, so that no row of theirs is put back or taken away alone.

use super::{ResumeError, State, Vault, VaultError};
use crate::device::{KeyName, KeyStore};
use protocol::{from_cbor, to_cbor};
use regulation::Timestamp;
use ring::digest::{Context, SHA256, digest};
use rusqlite::{Connection, OptionalExtension as _};
use serde::{Deserialize, Serialize};

/// Wrong passwords in a row after which a login is locked on this tablet.
pub const LOGIN_FAILURES: u32 = 10;
/// Wrong passwords since the last right one, of whatever logins, after which the tablet is.
pub const TABLET_FAILURES: u32 = 30;
/// Wrong passwords that cost nothing but the time of the check.
const FREE_FAILURES: u32 = 3;
/// Longest wait after a wrong password.
const LONGEST_WAIT_MS: u64 = 5 * 60 * 1000;
/// Logins that are counted at most; further ones are not let try.
const LOGINS: usize = 256;
const VERSION: u8 = 1;
/// The latest moment is written this often while time goes on.
const SEEN_EVERY_MS: i64 = 60 * 1000;
/// The counter is raised for it this often: a TPM's memory wears. So much of a lease a copy of the
/// disk gains.
const COUNT_EVERY_MS: i64 = 60 * 60 * 1000;

/// What lies in `attempts`.
#[derive(Serialize, Deserialize)]
struct Record {
    version: u8,
    /// The key store's counter when this record is in force.
    number: u64,
    /// The last serial of the desk's unlocking that this tablet has heard of.
    unlock_serial: Option<u64>,
    /// The record before could not be trusted: locked until the desk's next unlocking.
    distrusted: bool,
    /// Wrong passwords since the last right one.
    total: u32,
    logins: Vec<Failures>,
    /// The latest moment by this tablet's clock, or central's word on it.
    latest: i64,
    /// Digest of the roster in force.
    roster: Option<[u8; 32]>,
    /// Digest of the promises used; `None`: those that are there.
    used: Option<[u8; 32]>,
}

/// The record's latest moment, in memory.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    latest: i64,
    /// As it stands on the disk.
    written: i64,
    /// When the counter was raised for it.
    counted: i64,
}

#[derive(Serialize, Deserialize)]
struct Failures {
    login: [u8; 32],
    failures: u32,
    not_before: i64,
}

impl Record {
    fn new(number: u64) -> Self {
        Self {
            version: VERSION,
            number,
            unlock_serial: None,
            distrusted: false,
            total: 0,
            logins: Vec::new(),
            latest: i64::MIN,
            roster: None,
            used: None,
        }
    }

    fn distrusted(number: u64) -> Self {
        Self {
            distrusted: true,
            ..Self::new(number)
        }
    }

    fn of(&self, login: &[u8; 32]) -> Option<&Failures> {
        self.logins.iter().find(|known| known.login == *login)
    }

    fn is_locked(&self, login: &[u8; 32]) -> bool {
        let known = self.of(login);
        self.distrusted
            || self.total >= TABLET_FAILURES
            || known.is_some_and(|known| known.failures >= LOGIN_FAILURES)
            || (known.is_none() && self.logins.len() >= LOGINS)
    }

    fn wait(&self, login: &[u8; 32], now: Timestamp) -> u64 {
        let not_before = self.of(login).map_or(0, |known| known.not_before);
        // A wait never exceeds the longest one, though the clock be set back by years.
        Timestamp(not_before).millis_since(now).min(LONGEST_WAIT_MS)
    }

    /// Central's word on the time: a clock that was ahead and is put right counts no more.
    fn heard(&mut self, now: Timestamp) {
        self.latest = now.0;
    }

    fn count(&mut self, login: [u8; 32], now: Timestamp) {
        self.latest = self.latest.max(now.0);
        self.total = self.total.saturating_add(1);
        let at = match self.logins.iter().position(|known| known.login == login) {
            Some(at) => at,
            None => {
                self.logins.push(Failures {
                    login,
                    failures: 0,
                    not_before: 0,
                });
                self.logins.len() - 1
            }
        };
        if let Some(known) = self.logins.get_mut(at) {
            known.failures = known.failures.saturating_add(1);
            known.not_before = now.plus_millis(wait_after(known.failures)).0;
        }
    }

    /// The record in force. What cannot be trusted locks.
    fn read(db: &Connection, keystore: &dyn KeyStore) -> Result<Self, VaultError> {
        let counter = keystore.counter()?;
        let row: Option<(Vec<u8>, Vec<u8>)> = db
            .query_row("SELECT record, mac FROM attempts", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let Some((bytes, mac)) = row else {
            return Ok(if counter == 0 {
                Self::new(0)
            } else {
                Self::mistrust("no record", counter)
            });
        };
        if tag(keystore, &bytes)?.as_slice() != mac {
            return Ok(Self::mistrust("not this tablet's record", counter));
        }
        let record: Self = from_cbor(&bytes)?;
        if record.version != VERSION {
            return Ok(Self::mistrust("a record of another version", counter));
        }
        if record.number == counter {
            Ok(record)
        } else if Some(record.number) == counter.checked_add(1) {
            keystore.count()?;
            Ok(record)
        } else {
            Ok(Self::mistrust("an older record", counter))
        }
    }

    fn mistrust(why: &'static str, counter: u64) -> Self {
        tracing::error!(why, "wrong passwords cannot be counted: locked");
        Self::distrusted(counter)
    }

    /// Writes the record for the counter's next number: whoever commits it raises the counter then,
    /// and every record of before is recognised as older.
    fn write_next(&mut self, db: &Connection, keystore: &dyn KeyStore) -> Result<(), VaultError> {
        self.number = self.number.saturating_add(1);
        self.write(db, keystore)
    }

    fn write(&self, db: &Connection, keystore: &dyn KeyStore) -> Result<(), VaultError> {
        let bytes = to_cbor(self)?;
        let mac = tag(keystore, &bytes)?;
        db.execute(
            "INSERT INTO attempts (one, record, mac) VALUES (1, ?1, ?2)
             ON CONFLICT (one) DO UPDATE SET record = ?1, mac = ?2",
            (bytes, mac),
        )?;
        Ok(())
    }
}

impl Vault {
    /// Counts a try of this login's secret, durably, before it is made: pulling the battery gains
    /// nothing.
    ///
    /// # Errors
    /// [`ResumeError::Throttled`], [`ResumeError::Locked`]: the try may not be made;
    /// [`ResumeError::Vault`].
    pub(super) fn attempt(&self, login: [u8; 32]) -> Result<(), ResumeError> {
        let now = self.now();
        let keystore = self.0.keystore.as_ref();
        // Held throughout: tries are made one after another.
        let state = self.state();
        let mut record = Record::read(&state.db, keystore)?;
        if record.is_locked(&login) {
            return Err(ResumeError::Locked);
        }
        let wait = record.wait(&login, now);
        if wait > 0 {
            return Err(ResumeError::Throttled {
                retry_after_ms: wait,
            });
        }
        record.count(login, now);
        record.write_next(&state.db, keystore)?;
        keystore.count().map_err(VaultError::from)?;
        Ok(())
    }

    /// Whether somebody, or everybody, cannot log in here with no connection until a desk unlocks.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn is_locked(&self) -> Result<bool, VaultError> {
        let record = Record::read(&self.state().db, self.0.keystore.as_ref())?;
        let guessed = |known: &Failures| known.failures >= LOGIN_FAILURES;
        Ok(record.distrusted
            || record.total >= TABLET_FAILURES
            || record.logins.iter().any(guessed))
    }

    /// The secret was right: the login's count, and the tablet's, begin anew.
    ///
    /// # Errors
    /// [`VaultError`].
    pub(super) fn attempt_succeeded(&self, login: [u8; 32]) -> Result<(), VaultError> {
        succeeded(&self.state().db, self.0.keystore.as_ref(), login, None)
    }

    /// What the desk says of unlocking. `serial` comes from central just now, over TLS, and never
    /// from this disk: where the record of wrong passwords could not be trusted, the first serial
    /// heard tells only where the desk stands, and one above it unlocks.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn apply_unlock(&self, serial: u64) -> Result<(), VaultError> {
        let keystore = self.0.keystore.as_ref();
        let state = self.state();
        let mut record = Record::read(&state.db, keystore)?;
        let heard = match (record.unlock_serial, record.distrusted) {
            (Some(heard), _) => heard,
            (None, true) => serial,
            (None, false) => 0,
        };
        if serial > heard {
            tracing::warn!("the desk has unlocked this tablet");
            record = Record {
                latest: record.latest,
                roster: record.roster,
                ..Record::new(record.number)
            };
        } else if !record.distrusted || record.unlock_serial.is_some() {
            return Ok(());
        }
        record.unlock_serial = Some(serial);
        record.write(&state.db, keystore)
    }
}

/// See [`Vault::attempt_succeeded`]; also inside a transaction. `now`: what the time is, if central has
/// said it.
pub(super) fn succeeded(
    db: &Connection,
    keystore: &dyn KeyStore,
    login: [u8; 32],
    now: Option<Timestamp>,
) -> Result<(), VaultError> {
    let mut record = Record::read(db, keystore)?;
    if let Some(now) = now {
        record.heard(now);
    }
    if !record.distrusted {
        record.total = 0;
        record.logins.retain(|known| known.login != login);
    }
    record.write(db, keystore)
}

/// Enrolled anew, by the desk's code: the count begins anew, and so does the desk's of unlockings.
pub(super) fn begin_anew(db: &Connection, keystore: &dyn KeyStore) -> Result<(), VaultError> {
    Record::new(keystore.counter()?).write_next(db, keystore)?;
    keystore.count()?;
    Ok(())
}

/// Raises a counter that is still at nought.
pub(super) fn begin_counting(db: &Connection, keystore: &dyn KeyStore) -> Result<(), VaultError> {
    let mut record = Record::read(db, keystore)?;
    if keystore.counter()? == 0 {
        record.write_next(db, keystore)?;
        keystore.count()?;
    }
    Ok(())
}

/// The latest moment that this tablet has seen, `now` with it. On a disk that takes no record of it the
/// lease is looked at all the same.
pub(super) fn latest(
    state: &mut State,
    keystore: &dyn KeyStore,
    now: Timestamp,
) -> Result<i64, VaultError> {
    let mut seen = match state.seen {
        Some(seen) => seen,
        None => {
            let latest = Record::read(&state.db, keystore)?.latest;
            Seen {
                latest,
                written: latest,
                counted: i64::MIN,
            }
        }
    };
    seen.latest = seen.latest.max(now.0);
    if seen.latest >= seen.written.saturating_add(SEEN_EVERY_MS) {
        match write_latest(&state.db, keystore, &mut seen) {
            Ok(()) => {}
            Err(error) => tracing::error!(code = error.code(), "the time is not recorded"),
        }
    }
    state.seen = Some(seen);
    Ok(seen.latest)
}

fn write_latest(
    db: &Connection,
    keystore: &dyn KeyStore,
    seen: &mut Seen,
) -> Result<(), VaultError> {
    let mut record = Record::read(db, keystore)?;
    record.latest = record.latest.max(seen.latest);
    if seen.latest >= seen.counted.saturating_add(COUNT_EVERY_MS) {
        record.write_next(db, keystore)?;
        keystore.count()?;
        seen.counted = seen.latest;
    } else {
        record.write(db, keystore)?;
    }
    seen.written = seen.latest;
    Ok(())
}

/// Notes the roster that lies in `roster` now, inside the transaction that put it there; the counter is
/// to be raised after it. `now`: central's clock.
pub(super) fn roster_kept(
    db: &Connection,
    keystore: &dyn KeyStore,
    now: Timestamp,
) -> Result<(), VaultError> {
    let mut record = Record::read(db, keystore)?;
    record.roster = roster_digest(db)?;
    record.heard(now);
    record.write_next(db, keystore)
}

/// Notes the promises that lie in `roster_used` now, inside the transaction that put one there; the
/// counter is to be raised after it.
pub(super) fn promise_used(db: &Connection, keystore: &dyn KeyStore) -> Result<(), VaultError> {
    let mut record = Record::read(db, keystore)?;
    record.used = Some(used_digest(db)?);
    record.write_next(db, keystore)
}

/// Whether roster and used promises are those that were written last. If promises are missing, none is
/// given any more until the desk has unlocked the tablet.
pub(super) fn roster_is_in_force(
    db: &Connection,
    keystore: &dyn KeyStore,
) -> Result<bool, VaultError> {
    let record = Record::read(db, keystore)?;
    let used = match record.used {
        Some(used) => used == used_digest(db)?,
        None => true,
    };
    Ok(used && record.roster.is_some() && record.roster == roster_digest(db)?)
}

fn roster_digest(db: &Connection) -> Result<Option<[u8; 32]>, VaultError> {
    let row: Option<(Vec<u8>, Vec<u8>)> = db
        .query_row("SELECT key, body FROM roster", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let Some((key, body)) = row else {
        return Ok(None);
    };
    digest_of(
        [digest(&SHA256, &key), digest(&SHA256, &body)]
            .iter()
            .map(AsRef::as_ref),
    )
    .map(Some)
}

fn used_digest(db: &Connection) -> Result<[u8; 32], VaultError> {
    let mut statement = db.prepare_cached("SELECT session FROM roster_used ORDER BY session")?;
    let sessions = statement.query_map([], |row| row.get::<_, [u8; 16]>(0))?;
    let sessions: Vec<[u8; 16]> = sessions.collect::<Result<_, _>>()?;
    digest_of(sessions.iter().map(<[u8; 16]>::as_slice))
}

fn digest_of<'a>(parts: impl Iterator<Item = &'a [u8]>) -> Result<[u8; 32], VaultError> {
    let mut hash = Context::new(&SHA256);
    parts.for_each(|part| hash.update(part));
    hash.finish()
        .as_ref()
        .try_into()
        .map_err(|_| VaultError::Crypto)
}

fn tag(keystore: &dyn KeyStore, record: &[u8]) -> Result<[u8; 32], VaultError> {
    let mut message = b"e-patrul attempts v1\0".to_vec();
    message.extend_from_slice(digest(&SHA256, record).as_ref());
    Ok(keystore.mac(KeyName::Device, &message)?)
}

fn wait_after(failures: u32) -> u64 {
    if failures <= FREE_FAILURES {
        return 0;
    }
    let doublings = (failures - FREE_FAILURES - 1).min(20);
    (1000_u64 << doublings).min(LONGEST_WAIT_MS)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
