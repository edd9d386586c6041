//! Log-ins, rosters, changes of officers: what goes into the store and comes out of it.

use super::OfficerRow;
use protocol::{DeviceId, Role, SessionId};
use regulation::{OfficerId, Timestamp};

/// A login or a tablet, as failures are counted for it: an HMAC, no name.
pub type Who = [u8; 32];

/// A log-in that somebody wants to try.
pub struct LoginAttempt<'a> {
    pub login: Who,
    pub device: Who,
    pub at: Timestamp,
    /// Failures of the login after which it is locked.
    pub lock_after: u32,
    /// Milliseconds to wait after so many failures; `u32::MAX`: the longest wait.
    pub wait_ms: &'a dyn Fn(u32) -> u64,
}

impl std::fmt::Debug for LoginAttempt<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LoginAttempt(..)")
    }
}

/// Whether a log-in may be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginTurn {
    /// It counts as failed from here on.
    Now,
    /// Milliseconds too early; not counted.
    Wait(u64),
    /// Not before somebody unlocks the login; not counted.
    Locked,
}

/// What became of a session that was to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionOpened {
    /// Every earlier one of the device has ended: these.
    Opened(Vec<SessionId>),
    /// The officer is not active, or there is none; nothing was stored.
    OfficerInactive,
    /// The officer has another password by now; nothing was stored.
    PasswordChanged,
    /// The device is unknown, revoked or reported lost; nothing was stored.
    DeviceOut,
}

/// What becomes of an officer; absent: as it is.
#[derive(Clone)]
pub struct OfficerChange {
    pub officer: OfficerId,
    pub name: Option<String>,
    pub rank: Option<String>,
    pub unit: Option<String>,
    pub role: Option<Role>,
    /// Hash of a new password.
    pub password: Option<String>,
    pub at: Timestamp,
}

impl std::fmt::Debug for OfficerChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OfficerChange({})", self.officer)
    }
}

/// A tablet asks for its roster.
#[derive(Clone, Debug)]
pub struct RosterRequest {
    pub device: DeviceId,
    /// The session that asks, if one is open.
    pub session: Option<SessionId>,
    pub at: Timestamp,
    pub lease_until: Timestamp,
    /// Entries at most; 0: nobody.
    pub entries: usize,
    /// Entries of one officer at most.
    pub logins: usize,
}

/// A session in advance.
#[derive(Clone, Copy, Debug)]
pub struct Reserved {
    pub session: SessionId,
    pub token_hash: [u8; 32],
}

/// An officer of a roster, with the sessions reserved there.
#[derive(Clone, Debug)]
pub struct RosterOfficer {
    pub officer: OfficerRow,
    pub sessions: Vec<SessionId>,
}

/// Whom a roster holds.
#[derive(Clone, Debug, Default)]
pub struct RosterRows {
    pub unlock_serial: u64,
    pub officers: Vec<RosterOfficer>,
}
