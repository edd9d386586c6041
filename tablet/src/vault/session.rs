//! Sessions: an officer's shift, readable on this tablet until it ends.

use super::crypt::{SALT_BYTES, ShiftKey, WrappingKey, login_token, random};
use super::{ResumeError, Vault, VaultError, attempts, lock, open_session_ids};
use crate::device::{Clock, KeyStoreError};
use protocol::{
    Kit, LoginResponse, Officer, RosterEntry, SealingKey, SessionId, from_cbor, limits, to_cbor,
};
use regulation::Timestamp;
use rusqlite::OptionalExtension as _;
use std::sync::{Arc, Mutex};
use uuid::Uuid;
use zeroize::{Zeroize as _, Zeroizing};

/// A session while it can be read. Its key is wiped from memory when the last holder lets go.
pub struct OpenSession {
    pub id: SessionId,
    pub officer: Officer,
    /// Bearer token of the inbox.
    pub token: String,
    /// Edition in force at central at log-in.
    pub edition: String,
    pub training: bool,
    /// What the shift began with, cut to the protocol's limits.
    pub kit: Kit,
    /// The officer's token on this tablet's rosters.
    pub(super) on_roster: [u8; 32],
    /// Contact with central moves it on.
    lease: Mutex<Lease>,
    pub(super) sealing: SealingKey,
    pub(super) key: ShiftKey,
}

impl std::fmt::Debug for OpenSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OpenSession({})", self.id)
    }
}

impl Drop for OpenSession {
    fn drop(&mut self) {
        self.token.zeroize();
        self.officer.name.zeroize();
    }
}

impl OpenSession {
    pub(super) fn new(
        mut grant: LoginResponse,
        key: ShiftKey,
        on_roster: [u8; 32],
        lease: Lease,
    ) -> Self {
        Self {
            id: grant.session,
            officer: grant.officer,
            token: std::mem::take(&mut grant.token),
            edition: grant.edition,
            training: grant.training,
            kit: cut(grant.kit),
            on_roster,
            lease: Mutex::new(lease),
            sealing: grant.sealing,
            key,
        }
    }

    pub(super) fn lease(&self) -> Lease {
        *lock(&self.lease)
    }

    /// After this moment, by central's clock, the session ends unless central is heard from.
    #[must_use]
    pub fn lease_until(&self) -> Timestamp {
        lock(&self.lease).until
    }
}

/// No more of it than a page can show.
fn cut(mut kit: Kit) -> Kit {
    for rows in [&mut kit.places, &mut kit.notices] {
        rows.retain(|row| !row.trim().is_empty());
        rows.truncate(limits::KIT_ROWS);
        for row in rows {
            if let Some((end, _)) = row.char_indices().nth(limits::KIT_CHARS) {
                row.truncate(end);
            }
        }
    }
    kit
}

/// When a running session must have heard from central again. A wall clock that is off, or is put
/// right meanwhile, ends no shift; one that is set back prolongs none.
#[derive(Clone, Copy)]
pub(super) struct Lease {
    /// By central's clock.
    until: Timestamp,
    /// The same by this tablet's clocks, from what was left when central was heard or the session
    /// was opened.
    wall: Timestamp,
    uptime_ms: u64,
}

impl Lease {
    fn new(until: Timestamp, left_ms: u64, clock: &dyn Clock) -> Self {
        Self {
            until,
            wall: clock.now().plus_millis(left_ms),
            uptime_ms: clock.uptime_ms().saturating_add(left_ms),
        }
    }
}

/// What a row of `sessions` holds.
struct SessionRow {
    id: SessionId,
    salt: Vec<u8>,
    pepper: Vec<u8>,
    key: Vec<u8>,
    grant: Vec<u8>,
    opened_at: i64,
}

impl Vault {
    /// Begins the session that central granted. Every earlier session on this tablet ends: its key
    /// is destroyed; what it left unsent stays in the queue, sealed.
    ///
    /// # Errors
    /// [`VaultError`]; earlier sessions are then as they were.
    pub fn begin_session(
        &self,
        grant: &LoginResponse,
        login: &str,
        password: &str,
    ) -> Result<Arc<OpenSession>, VaultError> {
        self.use_sealing_key(&grant.sealing)?;
        let on_roster = self.roster_token(login)?;
        let keystore = self.0.keystore.as_ref();
        let id = grant.session;
        let entry = id.to_string();
        let token = login_token(keystore, login)?;
        let salt = random::<SALT_BYTES>()?;
        let pepper = random::<32>()?;
        let key = ShiftKey::generate()?;
        let wrapping = WrappingKey::derive(password, salt.as_ref(), &pepper, keystore)?;
        let wrapped = key.wrap(&wrapping, id)?;
        let plain = Zeroizing::new(to_cbor(grant)?);
        let sealed = key.seal("sessions.grant", id.0.as_bytes(), &plain)?;
        let _not_wiping = self.not_wiping()?;
        // Held throughout: nobody else begins a session meanwhile.
        let mut state = self.state();
        let earlier = open_session_ids(&state.db)?;
        let wrapped_pepper = self.make_entry(&entry, &pepper)?;
        let kept = (|| {
            let (transaction, _) = state.begin()?;
            transaction.execute("DELETE FROM sessions", [])?;
            attempts::succeeded(&transaction, keystore, token, Some(grant.now))?;
            transaction.execute(
                "INSERT INTO sessions (id, login, salt, pepper, key, grant, opened_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                (
                    id.0.as_bytes(),
                    token,
                    salt.as_ref(),
                    &wrapped_pepper,
                    &wrapped,
                    &sealed,
                    self.now().0,
                ),
            )?;
            transaction.commit()?;
            Ok(())
        })();
        if let Err(error) = kept {
            if !earlier.contains(&id) {
                let _ = self.destroy_entry(&entry);
            }
            return Err(error);
        }
        // The new session stands: an entry that is not destroyed now is owed, and holds nobody up.
        for other in earlier.into_iter().filter(|other| *other != id) {
            let _ = self.destroy_entry(&other.to_string());
        }
        state.seen = None;
        drop(state);
        let _ = self.forget_pin();
        self.bump();
        let copy: LoginResponse = from_cbor(&plain)?;
        let left = copy.lease_until.millis_since(copy.now);
        let lease = Lease::new(copy.lease_until, left, self.0.clock.as_ref());
        Ok(Arc::new(OpenSession::new(copy, key, on_roster, lease)))
    }

    /// Sessions that began here and have not ended; none is readable without its password.
    ///
    /// # Errors
    /// The database cannot be used.
    pub fn open_sessions(&self) -> Result<Vec<SessionId>, VaultError> {
        open_session_ids(&self.state().db)
    }

    /// Opens this officer's unfinished session without central.
    ///
    /// # Errors
    /// [`ResumeError`].
    pub fn resume_session(
        &self,
        login: &str,
        password: &str,
    ) -> Result<Arc<OpenSession>, ResumeError> {
        drop(self.not_wiping()?);
        let keystore = self.0.keystore.as_ref();
        let token = login_token(keystore, login)?;
        let row = self.find_session(token)?.ok_or(ResumeError::NoSession)?;
        self.attempt(token)?;
        let pepper = match keystore.unwrap(&row.id.to_string(), &row.pepper) {
            Ok(pepper) => pepper,
            Err(KeyStoreError::NoSuchKey) => {
                self.end_session(row.id)?;
                return Err(ResumeError::NoSession);
            }
            Err(error) => return Err(VaultError::from(error).into()),
        };
        let wrapping = WrappingKey::derive(password, &row.salt, &pepper, keystore)?;
        let key = ShiftKey::unwrap(&wrapping, row.id, &row.key)
            .map_err(|_| ResumeError::WrongPassword)?;
        self.attempt_succeeded(token)?;
        let grant = key
            .open("sessions.grant", row.id.0.as_bytes(), &row.grant)
            .map_err(|_| ResumeError::Vault(VaultError::Damaged))?;
        let grant: LoginResponse = from_cbor(&grant).map_err(VaultError::from)?;
        let latest = self.latest_time(row.opened_at)?;
        if latest > grant.lease_until {
            return Err(ResumeError::LeaseOver);
        }
        let left = grant.lease_until.millis_since(latest);
        let lease = Lease::new(grant.lease_until, left, self.0.clock.as_ref());
        let on_roster = self.roster_token(login)?;
        self.forget_pin()?;
        Ok(Arc::new(OpenSession::new(grant, key, on_roster, lease)))
    }

    /// Ends a session: nothing it kept for reading can be read again, by anybody. What it left
    /// unsent stays, sealed for central. Ending a session that is gone already is no error.
    ///
    /// # Errors
    /// The key store or the database cannot be used. What can go has gone; the key store is tried
    /// again by itself (see [`Vault::destroy_owed`]).
    pub fn end_session(&self, session: SessionId) -> Result<(), VaultError> {
        // The key goes first: from here on the rows are noise, whatever happens to them. If it does
        // not go, the rows are all the more to.
        let destroyed = self.destroy_entry(&session.to_string());
        let destroyed = destroyed.and(self.forget_pin());
        let state = self.state();
        state
            .db
            .execute("DELETE FROM sessions WHERE id = ?1", [session.0.as_bytes()])?;
        state
            .db
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        drop(state);
        self.bump();
        destroyed
    }

    fn roster_token(&self, login: &str) -> Result<[u8; 32], VaultError> {
        let device = self.identity()?.ok_or(VaultError::NotEnrolled)?.device;
        Ok(RosterEntry::login_token(device, login))
    }

    /// Notes what the time is, also while nobody is logged in; to be called every minute.
    ///
    /// # Errors
    /// The database or the key store cannot be used.
    pub fn note_time(&self) -> Result<(), VaultError> {
        self.latest_time(i64::MIN).map(drop)
    }

    /// Whether the session's lease has ended without a word from central.
    ///
    /// # Errors
    /// The database cannot be used.
    pub fn lease_is_over(&self, session: &OpenSession) -> Result<bool, VaultError> {
        let lease = *lock(&session.lease);
        if self.0.clock.uptime_ms() > lease.uptime_ms {
            return Ok(true);
        }
        let latest = self.latest_time(i64::MIN)?;
        Ok(latest > lease.until && latest > lease.wall)
    }

    /// Moves the end of a session's lease on, by central's clock at `now`. A lease that has ended is
    /// not taken up again.
    pub(super) fn renew_lease(
        &self,
        session: &OpenSession,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), VaultError> {
        if until <= session.lease_until() || self.lease_is_over(session)? {
            return Ok(());
        }
        let id = session.id.0.as_bytes();
        let mut state = self.state();
        let (transaction, _) = state.begin()?;
        let kept: Option<Vec<u8>> = transaction
            .query_row("SELECT grant FROM sessions WHERE id = ?1", [id], |row| {
                row.get(0)
            })
            .optional()?;
        let kept = kept.ok_or(VaultError::SessionEnded)?;
        let plain = session.key.open("sessions.grant", id, &kept)?;
        let mut grant: LoginResponse = from_cbor(&plain)?;
        grant.lease_until = until;
        let plain = Zeroizing::new(to_cbor(&grant)?);
        grant.token.zeroize();
        let sealed = session.key.seal("sessions.grant", id, &plain)?;
        transaction.execute(
            "UPDATE sessions SET grant = ?2 WHERE id = ?1",
            (id, &sealed),
        )?;
        transaction.commit()?;
        let left = until.millis_since(now);
        *lock(&session.lease) = Lease::new(until, left, self.0.clock.as_ref());
        Ok(())
    }

    fn find_session(&self, token: [u8; 32]) -> Result<Option<SessionRow>, VaultError> {
        let state = self.state();
        let row = state
            .db
            .query_row(
                "SELECT id, salt, pepper, key, grant, opened_at FROM sessions
                 WHERE login = ?1 ORDER BY opened_at DESC LIMIT 1",
                [token],
                |row| {
                    Ok(SessionRow {
                        id: SessionId(Uuid::from_bytes(row.get(0)?)),
                        salt: row.get(1)?,
                        pepper: row.get(2)?,
                        key: row.get(3)?,
                        grant: row.get(4)?,
                        opened_at: row.get(5)?,
                    })
                },
            )
            .optional()?;
        Ok(row)
    }

    /// The wall clock, or the latest moment this vault has seen if the clock was set back: a lease
    /// does not last longer by turning the clock.
    pub(super) fn latest_time(&self, opened_at: i64) -> Result<Timestamp, VaultError> {
        let now = self.now();
        let mut state = self.state();
        let recorded: Option<i64> =
            state
                .db
                .query_row("SELECT max(at) FROM sealed", [], |row| row.get(0))?;
        let seen = attempts::latest(&mut state, self.0.keystore.as_ref(), now)?;
        let latest = seen.max(opened_at).max(recorded.unwrap_or(i64::MIN));
        Ok(Timestamp(latest))
    }
}
