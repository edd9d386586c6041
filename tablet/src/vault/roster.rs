//! The roster: officers of the unit who may begin a session on this tablet with no connection.
//!
//! It lies sealed under the key store's entry [`ENTRY`]. Each entry of it is a session in advance,
//! sealed under the officer's password: opening it is the check of the password, and what is not on
//! the roster cannot be guessed at here. Which roster is in force, and which promises were used, stands
//! in the authenticated record of [`super::attempts`] as well.

use super::crypt::{GrantKey, SALT_BYTES, ShiftKey, login_token, random};
use super::{OpenSession, ResumeError, Vault, VaultError, attempts};
use crate::device::KeyStoreError;
use protocol::access::GRANT_NONCE_BYTES;
use protocol::{LoginResponse, Officer, Roster, RosterEntry, SessionId, limits};
use regulation::Timestamp;
use rusqlite::OptionalExtension as _;
use std::sync::Arc;
use zeroize::{Zeroize as _, Zeroizing};

/// The key store's entry of the roster; no session's.
pub(super) const ENTRY: &str = "roster";
/// Argon2id parameters that this tablet works with: memory in KiB, passes.
const MEMORY_KIB: std::ops::RangeInclusive<u32> = 8..=256 * 1024;
const PASSES: std::ops::RangeInclusive<u32> = 1..=16;
const SALT: std::ops::RangeInclusive<usize> = 8..=64;
/// Bytes of a sealed grant: a kit in full, of the longest characters, and the rest.
const GRANT_BYTES: usize = 2 * limits::KIT_ROWS * limits::KIT_CHARS * 4 + 8 * 1024;
/// Begun sessions that are remembered, so that none begins twice.
const USED: i64 = 1000;

/// A password that was tried against the roster.
struct Tried {
    latest: Timestamp,
    /// Under which the try is counted.
    token: [u8; 32],
    key: GrantKey,
}

impl Vault {
    /// Keeps the roster in place of the one before. `asked`: the session that is open goes on until
    /// the roster's lease ends, if its officer is still on it.
    ///
    /// # Errors
    /// [`VaultError::BadRoster`]: it is another tablet's or beyond the limits; the one before stays.
    pub fn keep_roster(
        &self,
        roster: &Roster,
        asked: Option<&OpenSession>,
    ) -> Result<(), VaultError> {
        let device = self.identity()?.ok_or(VaultError::NotEnrolled)?.device;
        if roster.device != device
            || roster.entries.len() > limits::ROSTER_ENTRIES
            || !roster.entries.iter().all(fits)
        {
            return Err(VaultError::BadRoster);
        }
        // A lost tablet that has destroyed what it could read keeps no new roster.
        let _wiping = self.not_wiping()?;
        let plain = Zeroizing::new(serde_json::to_vec(roster).map_err(|_| VaultError::Crypto)?);
        let key = ShiftKey::generate()?;
        let wrapped = key.wrap_in(self.0.keystore.as_ref(), ENTRY)?;
        let body = key.seal("roster", b"", &plain)?;
        {
            let keystore = self.0.keystore.as_ref();
            let mut state = self.state();
            let (transaction, _) = state.begin()?;
            transaction.execute(
                "INSERT OR REPLACE INTO roster (one, key, body) VALUES (1, ?1, ?2)",
                (&wrapped, &body),
            )?;
            attempts::roster_kept(&transaction, keystore, roster.issued_at)?;
            transaction.commit()?;
            state.seen = None;
            keystore.count()?;
        }
        if let Some(session) = asked
            && roster.entries.iter().any(|e| e.login == session.on_roster)
        {
            match self.renew_lease(session, roster.lease_until, roster.issued_at) {
                // It ended while the roster was on its way.
                Err(VaultError::SessionEnded) => {}
                renewed => renewed?,
            }
        }
        Ok(())
    }

    /// `None`: there is none, none that can still be read, or not the one that was kept last.
    fn roster(&self) -> Result<Option<Roster>, VaultError> {
        let state = self.state();
        let row: Option<(Vec<u8>, Vec<u8>)> = state
            .db
            .query_row("SELECT key, body FROM roster", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let Some((wrapped, body)) = row else {
            return Ok(None);
        };
        if !attempts::roster_is_in_force(&state.db, self.0.keystore.as_ref())? {
            tracing::error!("roster or used promises are not those that were written last");
            return Ok(None);
        }
        drop(state);
        let key = match self.0.keystore.unwrap(ENTRY, &wrapped) {
            Ok(key) => ShiftKey::from(key),
            Err(KeyStoreError::NoSuchKey | KeyStoreError::NotOurs) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let Ok(plain) = key.open("roster", b"", &body) else {
            tracing::error!("the roster kept here cannot be read");
            return Ok(None);
        };
        Ok(serde_json::from_slice(&plain).ok())
    }

    /// Begins a session of an officer on the roster, without central. A login that is not on it costs
    /// the same time and gets the same answer as a wrong password, and both are counted.
    ///
    /// # Errors
    /// [`ResumeError`].
    pub fn begin_from_roster(
        &self,
        login: &str,
        password: &str,
    ) -> Result<Arc<OpenSession>, ResumeError> {
        let identity = self.identity()?.ok_or(VaultError::NotEnrolled)?;
        let Some(roster) = self.roster()? else {
            return Err(ResumeError::NoRoster);
        };
        let Tried { latest, token, key } = self.try_roster(&roster, login, password)?;
        let wanted = RosterEntry::login_token(roster.device, login);
        let own = roster.entries.iter().filter(|e| e.login == wanted);
        let aad = RosterEntry::aad(roster.device, &wanted, roster.lease_until);
        let mut right = false;
        for entry in own {
            let Ok(plain) = key.open(&aad, &entry.grant) else {
                continue;
            };
            right = true;
            let mut grant: LoginResponse =
                serde_json::from_slice(&plain).map_err(|_| VaultError::BadRoster)?;
            // Central spoke when the roster was made; some of the lease has passed since.
            grant.now = latest;
            // Replaced since: somebody has logged in with the newer one.
            if grant.sealing.made_at < identity.sealing.made_at {
                grant.sealing = identity.sealing.clone();
            }
            if grant.lease_until != roster.lease_until {
                return Err(VaultError::BadRoster.into());
            }
            if self.use_promise(grant.session)? {
                return Ok(self.begin_session(&grant, login, password)?);
            }
        }
        if !right {
            return Err(ResumeError::WrongPassword);
        }
        self.attempt_succeeded(token)?;
        Err(ResumeError::RosterUsed)
    }

    /// §16: checks login and password of the other person of a hand-over by the roster. Wrong ones are
    /// counted as at the log-in; nothing is begun, and no promise is used up.
    ///
    /// # Errors
    /// [`ResumeError`]; never [`ResumeError::RosterUsed`].
    pub fn confirm_by_roster(&self, login: &str, password: &str) -> Result<Officer, ResumeError> {
        let Some(roster) = self.roster()? else {
            return Err(ResumeError::NoRoster);
        };
        let Tried { token, key, .. } = self.try_roster(&roster, login, password)?;
        let wanted = RosterEntry::login_token(roster.device, login);
        let aad = RosterEntry::aad(roster.device, &wanted, roster.lease_until);
        for entry in roster.entries.iter().filter(|e| e.login == wanted) {
            let Ok(plain) = key.open(&aad, &entry.grant) else {
                continue;
            };
            let mut grant: LoginResponse =
                serde_json::from_slice(&plain).map_err(|_| VaultError::BadRoster)?;
            grant.token.zeroize();
            self.attempt_succeeded(token)?;
            return Ok(grant.officer);
        }
        Err(ResumeError::WrongPassword)
    }

    /// Counts a try, and derives what opens the login's grants if the password is right. A login that
    /// is not on the roster costs the same time, and ends as a wrong password.
    fn try_roster(
        &self,
        roster: &Roster,
        login: &str,
        password: &str,
    ) -> Result<Tried, ResumeError> {
        // Which parameters a login that nobody has is checked with.
        let Some(model) = roster.entries.first() else {
            return Err(ResumeError::NoRoster);
        };
        let device = self.identity()?.ok_or(VaultError::NotEnrolled)?.device;
        let latest = self.latest_time(roster.issued_at.0)?;
        if latest > roster.lease_until {
            return Err(ResumeError::LeaseOver);
        }
        let token = login_token(self.0.keystore.as_ref(), login)?;
        self.attempt(token)?;
        let wanted = RosterEntry::login_token(device, login);
        let Some(own) = roster.entries.iter().find(|e| e.login == wanted) else {
            let salt = random::<SALT_BYTES>()?;
            GrantKey::derive(
                password,
                model.memory_kib,
                model.passes,
                salt.as_ref(),
                device,
            )?;
            return Err(ResumeError::WrongPassword);
        };
        let key = GrantKey::derive(password, own.memory_kib, own.passes, &own.salt, device)?;
        Ok(Tried { latest, token, key })
    }

    /// Notes that a promised session begins; `false` if it began before.
    fn use_promise(&self, session: SessionId) -> Result<bool, VaultError> {
        let now = self.now();
        let keystore = self.0.keystore.as_ref();
        let mut state = self.state();
        let (transaction, _) = state.begin()?;
        let new = transaction.execute(
            "INSERT INTO roster_used (session, at) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            (session.0.as_bytes(), now.0),
        )? == 1;
        transaction.execute(
            "DELETE FROM roster_used WHERE session NOT IN
             (SELECT session FROM roster_used ORDER BY at DESC LIMIT ?1)",
            [USED],
        )?;
        if new {
            attempts::promise_used(&transaction, keystore)?;
        }
        transaction.commit()?;
        if new {
            keystore.count()?;
        }
        Ok(new)
    }
}

fn fits(entry: &RosterEntry) -> bool {
    entry.login.len() == 32
        && MEMORY_KIB.contains(&entry.memory_kib)
        && PASSES.contains(&entry.passes)
        && SALT.contains(&entry.salt.len())
        && (GRANT_NONCE_BYTES..=GRANT_BYTES).contains(&entry.grant.len())
}
