//! The shift while the tablet is locked: its key in memory alone, under a PIN.
//!
//! Opening it again takes the PIN *and* this device's key store *and* the store's entry `pin`, which
//! five wrong PINs destroy, and with it every way but the password. Nothing of the PIN is on the
//! disk: a program that starts anew asks the password.

use super::crypt::{SALT_BYTES, ShiftKey, WrappingKey, random};
use super::session::Lease;
use super::{OpenSession, Vault, VaultError};
use crate::device::KeyStoreError;
use protocol::{LoginResponse, SessionId, from_cbor};
use rusqlite::OptionalExtension as _;
use std::ops::RangeInclusive;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Name of the key store's entry.
const ENTRY: &str = "pin";
/// Wrong PINs after which the PIN is gone.
const TRIES: u32 = 5;
/// Digits of a PIN.
const LENGTH: RangeInclusive<usize> = 4..=8;
/// Names the record of what was kept across the lock.
const KEPT: &str = "memory.kept";

/// A number of the officer's choosing, for one shift.
pub struct Pin(Zeroizing<String>);

impl std::fmt::Debug for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pin(..)")
    }
}

/// Why a number cannot be a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    #[error("a PIN has four to eight digits")]
    Length,
    #[error("a PIN has digits only")]
    NotDigits,
    /// Among the first that anybody tries.
    #[error("too easy to guess")]
    Trivial,
}

impl Pin {
    /// # Errors
    /// [`PinError`]: not four to eight digits, or one digit over and over (1111), a part over and
    /// over (1212), or digits in a row, up or down (1234, 9876, 7890).
    pub fn new(digits: &str) -> Result<Self, PinError> {
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(PinError::NotDigits);
        }
        if !LENGTH.contains(&digits.len()) {
            return Err(PinError::Length);
        }
        if is_trivial(digits.as_bytes()) {
            return Err(PinError::Trivial);
        }
        Ok(Self(Zeroizing::new(digits.to_owned())))
    }

    #[must_use]
    pub fn is(&self, digits: &str) -> bool {
        self.0.as_str() == digits
    }
}

fn is_trivial(digits: &[u8]) -> bool {
    let in_steps_of = |step: u8| {
        digits
            .windows(2)
            .all(|pair| (pair[0] - b'0' + step) % 10 == pair[1] - b'0')
    };
    let repeats = (1..=digits.len() / 2)
        .filter(|part| digits.len().is_multiple_of(*part))
        .any(|part| digits.chunks(part).all(|chunk| *chunk == digits[..part]));
    in_steps_of(1) || in_steps_of(9) || repeats
}

/// A session that opens with its PIN. Holds nothing readable.
pub struct LockedSession {
    id: SessionId,
    salt: Zeroizing<[u8; SALT_BYTES]>,
    /// Under the key store's entry.
    pepper: Vec<u8>,
    /// The shift's key, under PIN, device and pepper.
    key: Vec<u8>,
    on_roster: [u8; 32],
    /// Runs on behind the lock.
    lease: Lease,
    tries: u32,
}

impl std::fmt::Debug for LockedSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LockedSession({})", self.id)
    }
}

impl LockedSession {
    #[must_use]
    pub fn id(&self) -> SessionId {
        self.id
    }

    /// Takes over what contact with central has changed since the PIN was chosen.
    pub fn keep_lease(&mut self, session: &OpenSession) {
        if session.id == self.id {
            self.lease = session.lease();
        }
    }
}

/// Why a locked session was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnlockError {
    #[error("wrong PIN")]
    WrongPin { tries_left: u32 },
    /// Too many wrong ones, or the key store's entry is destroyed: the password opens the shift.
    #[error("the PIN is gone")]
    PinGone,
    #[error("the session has ended")]
    Ended,
    /// Log in online.
    #[error("the session can no longer be opened without central")]
    LeaseOver,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl From<rusqlite::Error> for UnlockError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Vault(error.into())
    }
}

impl Vault {
    /// What stays in memory while the tablet is locked. Made when the PIN is chosen, since at the
    /// lock nobody types it; an earlier one no longer opens. Takes as long as a password does.
    ///
    /// # Errors
    /// The key store cannot be used; there is then no PIN.
    pub fn lock_session(
        &self,
        session: &OpenSession,
        pin: &Pin,
    ) -> Result<LockedSession, VaultError> {
        let keystore = self.0.keystore.as_ref();
        self.destroy_entry(ENTRY)?;
        let salt = random::<SALT_BYTES>()?;
        let pepper = random::<32>()?;
        let wrapping = WrappingKey::derive(&pin.0, salt.as_ref(), &pepper, keystore)?;
        let key = session.key.wrap(&wrapping, session.id)?;
        Ok(LockedSession {
            id: session.id,
            salt,
            pepper: self.make_entry(ENTRY, &pepper)?,
            key,
            on_roster: session.on_roster,
            lease: session.lease(),
            tries: TRIES,
        })
    }

    /// Opens a locked session. A try is counted before it is made.
    ///
    /// # Errors
    /// [`UnlockError`].
    pub fn unlock(
        &self,
        locked: &mut LockedSession,
        pin: &str,
    ) -> Result<Arc<OpenSession>, UnlockError> {
        drop(self.not_wiping()?);
        locked.tries = locked.tries.checked_sub(1).ok_or(UnlockError::PinGone)?;
        let key = match self.key_under_pin(locked, pin)? {
            Some(key) => key,
            None if locked.tries == 0 => {
                self.forget_pin()?;
                return Err(UnlockError::PinGone);
            }
            None => {
                return Err(UnlockError::WrongPin {
                    tries_left: locked.tries,
                });
            }
        };
        locked.tries = TRIES;
        let row: Option<(Vec<u8>, Vec<u8>)> = self
            .state()
            .db
            .query_row(
                "SELECT pepper, grant FROM sessions WHERE id = ?1",
                [locked.id.0.as_bytes()],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        let (pepper, grant) = row.ok_or(UnlockError::Ended)?;
        // The shift's own entry is its life: without it the shift has ended, whatever a row says.
        match self.0.keystore.unwrap(&locked.id.to_string(), &pepper) {
            Ok(_) => {}
            Err(KeyStoreError::NoSuchKey) => return Err(UnlockError::Ended),
            Err(error) => return Err(VaultError::from(error).into()),
        }
        let grant = key
            .open("sessions.grant", locked.id.0.as_bytes(), &grant)
            .map_err(|_| VaultError::Damaged)?;
        let grant: LoginResponse = from_cbor(&grant).map_err(VaultError::from)?;
        let session = OpenSession::new(grant, key, locked.on_roster, locked.lease);
        if self.lease_is_over(&session)? {
            return Err(UnlockError::LeaseOver);
        }
        Ok(Arc::new(session))
    }

    /// Destroys the PIN's entry: a locked session opens with the password alone.
    ///
    /// # Errors
    /// The key store cannot be used; it is tried again (see [`Vault::destroy_owed`]).
    pub fn forget_pin(&self) -> Result<(), VaultError> {
        self.destroy_entry(ENTRY)
    }

    /// `None`: the PIN is wrong.
    fn key_under_pin(
        &self,
        locked: &LockedSession,
        pin: &str,
    ) -> Result<Option<ShiftKey>, UnlockError> {
        let keystore = self.0.keystore.as_ref();
        let pepper = match keystore.unwrap(ENTRY, &locked.pepper) {
            Ok(pepper) => pepper,
            Err(KeyStoreError::NoSuchKey | KeyStoreError::NotOurs) => {
                return Err(UnlockError::PinGone);
            }
            Err(error) => return Err(VaultError::from(error).into()),
        };
        let wrapping = WrappingKey::derive(pin, locked.salt.as_ref(), &pepper, keystore)?;
        Ok(ShiftKey::unwrap(&wrapping, locked.id, &locked.key).ok())
    }
}

impl OpenSession {
    /// Seals what is kept in memory across the lock, under the shift's key.
    ///
    /// # Errors
    /// The operating system gives no random numbers.
    pub fn seal_kept(&self, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.key.seal(KEPT, self.id.0.as_bytes(), plain)
    }

    /// Opens what [`OpenSession::seal_kept`] sealed in this shift.
    ///
    /// # Errors
    /// [`VaultError::Crypto`]: of another shift.
    pub fn open_kept(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        self.key.open(KEPT, self.id.0.as_bytes(), sealed)
    }
}
