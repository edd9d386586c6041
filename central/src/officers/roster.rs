//! Rosters: sessions in advance for the officers of a tablet's unit, each sealed under what
//! Argon2id made of its officer's password. Central needs its stored hash for that, and no password.

use super::password::StoredHash;
use super::{Door, LoginError, PasswordError};
use crate::secret;
use crate::store::{Reserved, RosterRequest, Session, StoreError};
use protocol::access::{GRANT_INFO, GRANT_NONCE_BYTES};
use protocol::{DeviceId, Kit, LoginResponse, Officer, Roster, RosterEntry, SessionId, limits};
use regulation::Timestamp;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf;
use uuid::Uuid;
use zeroize::Zeroizing;

/// What a grant is made from: session, token, officer, end of the lease.
pub(crate) type MakeGrant<'a> =
    &'a dyn Fn(SessionId, String, Officer, Timestamp) -> Result<LoginResponse, StoreError>;

/// The session of a token, and those that ended by its first use.
pub(crate) struct Presented {
    pub(crate) session: Session,
    /// This was its first use.
    pub(crate) began: bool,
    pub(crate) ended: Vec<SessionId>,
}

impl Door {
    /// The open session that a tablet shows the token of; one that a roster promised begins by that.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) fn present(
        &self,
        token: &[u8; 32],
        device: DeviceId,
    ) -> Result<Option<Presented>, StoreError> {
        let now = self.clock.now();
        let ended = self.store.begin_reserved(token, device, now)?;
        let session = self.store.session_by_token(token)?;
        Ok(session
            .filter(|s| s.device == device && s.is_open(now))
            .map(|session| Presented {
                session,
                began: ended.is_some(),
                ended: ended.unwrap_or_default(),
            }))
    }

    /// The tablet's roster: the active officers of the unit whose officer was last on it. An officer
    /// on it whose session asks may go on until the roster's lease ends.
    ///
    /// # Errors
    /// The store failed, or a stored hash cannot be read.
    pub(crate) fn roster(
        &self,
        device: DeviceId,
        session: Option<SessionId>,
        grant: MakeGrant<'_>,
    ) -> Result<Roster, LoginError> {
        let now = self.clock.now();
        let lease_until = now.plus_millis(self.lease_ms);
        let request = RosterRequest {
            device,
            session,
            at: now,
            lease_until,
            entries: if self.roster {
                limits::ROSTER_ENTRIES
            } else {
                0
            },
            logins: self.roster_logins,
        };
        let rows = self.store.roster(&request, &mut || {
            let session = SessionId(Uuid::new_v4());
            let token_hash = secret::hash(&self.key.token(session));
            Reserved {
                session,
                token_hash,
            }
        })?;
        let count: usize = rows.officers.iter().map(|row| row.sessions.len()).sum();
        let kit_bytes = kit_bytes(count);
        let mut entries = Vec::new();
        for row in rows.officers {
            let officer = row.officer.officer.id;
            let Ok(hash) = StoredHash::parse(&row.officer.password) else {
                tracing::error!(%officer, "a password's hash cannot be read: not on the roster");
                continue;
            };
            let login = RosterEntry::login_token(device, &row.officer.login);
            let aad = RosterEntry::aad(device, &login, lease_until);
            for session in row.sessions {
                let officer = row.officer.officer.clone();
                let token = self.key.token(session);
                let mut granted = grant(session, token, officer, lease_until)?;
                shorten(&mut granted.kit, kit_bytes);
                entries.push(RosterEntry {
                    login: login.to_vec(),
                    memory_kib: hash.memory_kib,
                    passes: hash.passes,
                    salt: hash.salt.clone(),
                    grant: seal(&hash.hash, device, &aad, &granted)?,
                });
            }
        }
        Ok(Roster {
            device,
            issued_at: now,
            lease_until,
            unlock_serial: rows.unlock_serial,
            entries,
        })
    }
}

/// Bytes for the kit of each of so many entries, as JSON, so that a tablet reads the whole roster; what
/// else an entry holds is far shorter than is left for it.
fn kit_bytes(entries: usize) -> usize {
    const ENTRY: usize = 2048;
    // Sealed bytes travel as base64.
    (limits::RESPONSE_BYTES / entries.max(1) / 4 * 3).saturating_sub(ENTRY)
}

/// Leaves out notices, the oldest first, then places; the next log-in with a connection has them.
fn shorten(kit: &mut Kit, bytes: usize) {
    while serde_json::to_vec(kit).map_or(0, |json| json.len()) > bytes {
        if kit.notices.pop().is_none() && kit.places.pop().is_none() {
            return;
        }
    }
}

fn seal(
    argon2: &[u8],
    device: DeviceId,
    aad: &[u8],
    grant: &LoginResponse,
) -> Result<Vec<u8>, PasswordError> {
    let info = [GRANT_INFO];
    let key = hkdf::Salt::new(hkdf::HKDF_SHA256, device.0.as_bytes()).extract(argon2);
    let key = key
        .expand(&info, &AES_256_GCM)
        .map_err(|_| PasswordError::Parameters)?;
    let mut nonce = [0; GRANT_NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(|_| PasswordError::Random)?;
    let mut sealed =
        Zeroizing::new(serde_json::to_vec(grant).map_err(|_| PasswordError::Unreadable)?);
    LessSafeKey::new(UnboundKey::from(key))
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(aad),
            &mut *sealed,
        )
        .map_err(|_| PasswordError::Parameters)?;
    Ok([nonce.as_slice(), &sealed].concat())
}
