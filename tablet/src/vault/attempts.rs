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

use super::{ResumeError, Vault, VaultError};
use crate::device::{KeyName, KeyStore};
use protocol::{from_cbor, to_cbor};
use regulation::Timestamp;
use ring::digest::{SHA256, digest};
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

    fn count(&mut self, login: [u8; 32], now: Timestamp) {
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
        record.number = record.number.saturating_add(1);
        record.write(&state.db, keystore)?;
        keystore.count().map_err(VaultError::from)?;
        Ok(())
    }

    /// The secret was right: the login's count, and the tablet's, begin anew.
    ///
    /// # Errors
    /// [`VaultError`].
    pub(super) fn attempt_succeeded(&self, login: [u8; 32]) -> Result<(), VaultError> {
        succeeded(&self.state().db, self.0.keystore.as_ref(), login)
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
            record = Record::new(record.number);
        } else if !record.distrusted || record.unlock_serial.is_some() {
            return Ok(());
        }
        record.unlock_serial = Some(serial);
        record.write(&state.db, keystore)
    }
}

/// See [`Vault::attempt_succeeded`]; also inside a transaction.
pub(super) fn succeeded(
    db: &Connection,
    keystore: &dyn KeyStore,
    login: [u8; 32],
) -> Result<(), VaultError> {
    let mut record = Record::read(db, keystore)?;
    if record.distrusted || (record.total == 0 && record.of(&login).is_none()) {
        return Ok(());
    }
    record.total = 0;
    record.logins.retain(|known| known.login != login);
    record.write(db, keystore)
}

/// Enrolled anew, by the desk's code: the count begins anew, and so does the desk's of unlockings.
pub(super) fn begin_anew(db: &Connection, keystore: &dyn KeyStore) -> Result<(), VaultError> {
    Record::new(keystore.counter()?).write(db, keystore)
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
