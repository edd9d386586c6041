//! Officers, their passwords, their log-ins and sessions.

mod change;
mod confirm;
mod password;
mod roster;
mod throttle;

pub use change::{OfficerChange, change};
pub use confirm::ConfirmOutcome;
pub use password::{PasswordError, PasswordHasher};
pub use throttle::Throttle;

use crate::audit::{AuditEntry, AuditEvent};
use crate::ca::DoorKey;
use crate::config::{Clock, Policy};
use crate::secret;
use crate::store::{LoginTurn, NewSession, OfficerRow, SessionOpened, Store, StoreError};
use protocol::access::normal_login;
use protocol::{DeviceId, LoginRequest, Officer, Role, SessionId, limits};
use regulation::{OfficerId, Timestamp};
use std::sync::Arc;
use uuid::Uuid;

/// An officer to be created.
#[derive(Clone)]
pub struct NewOfficer {
    pub login: String,
    pub password: String,
    pub name: String,
    pub rank: String,
    pub unit: String,
    pub role: Role,
}

impl std::fmt::Debug for NewOfficer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewOfficer(..)")
    }
}

/// Why an officer was not created, or not changed.
#[derive(Debug, thiserror::Error)]
pub enum OfficerError {
    #[error(
        "a login is 1 to {} of the letters a-z, digits, and . _ -",
        limits::LOGIN_CHARS
    )]
    Login,
    #[error("the login is taken")]
    LoginTaken,
    #[error("a password has at least {0} characters and at most {max} bytes", max = limits::PASSWORD_BYTES)]
    Password(usize),
    #[error("name, rank and unit are 1 to 200 characters")]
    Text,
    #[error(transparent)]
    Hash(#[from] PasswordError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What became of a log-in.
#[derive(Debug)]
pub enum LoginOutcome {
    Opened(Box<OpenedSession>),
    BadCredentials,
    Inactive,
    /// The tablet was revoked or reported lost meanwhile.
    DeviceOut,
}

/// A new session with the only copy of its token.
pub struct OpenedSession {
    pub session: SessionId,
    pub token: String,
    pub officer: Officer,
    pub lease_until: Timestamp,
    /// Earlier sessions of the device, which this one has ended.
    pub ended: Vec<SessionId>,
}

fn check_password(policy: &Policy, password: &str) -> Result<(), OfficerError> {
    if password.chars().count() < policy.password_chars || password.len() > limits::PASSWORD_BYTES {
        return Err(OfficerError::Password(policy.password_chars));
    }
    Ok(())
}

fn text_fits(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= 200
}

impl std::fmt::Debug for OpenedSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OpenedSession({})", self.session)
    }
}

/// Creates an officer.
///
/// # Errors
/// A field does not fit, or the login is taken.
pub fn create(
    store: &dyn Store,
    hasher: &PasswordHasher,
    policy: &Policy,
    now: Timestamp,
    new: &NewOfficer,
) -> Result<OfficerId, OfficerError> {
    let login = normal_login(&new.login);
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    if login.is_empty() || login.len() > limits::LOGIN_CHARS || !login.chars().all(fits) {
        return Err(OfficerError::Login);
    }
    check_password(policy, &new.password)?;
    if ![&new.name, &new.rank, &new.unit]
        .into_iter()
        .all(|text| text_fits(text))
    {
        return Err(OfficerError::Text);
    }
    let id = OfficerId(Uuid::new_v4());
    let added = store.add_officer(&crate::store::OfficerRow {
        officer: Officer {
            id,
            name: new.name.trim().into(),
            rank: new.rank.trim().into(),
            unit: new.unit.trim().into(),
            role: new.role,
        },
        login,
        password: hasher.hash(&new.password)?,
        active: true,
    })?;
    if !added {
        return Err(OfficerError::LoginTaken);
    }
    store.audit(&AuditEntry::new(now, AuditEvent::OfficerCreated).officer(id))?;
    Ok(id)
}

/// The door for officers.
#[derive(Debug)]
pub struct Door {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) hasher: PasswordHasher,
    pub(crate) throttle: Throttle,
    pub(crate) key: DoorKey,
    pub(crate) clock: Clock,
    pub(crate) lease_ms: u64,
    pub(crate) roster: bool,
    pub(crate) roster_logins: usize,
}

/// Why a log-in could not be decided.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    #[error(transparent)]
    Hash(#[from] PasswordError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Door {
    /// Whether an attempt may be made now. It counts as failed from here on, so that attempts made
    /// at the same time count each; success takes it back. A login that nobody has is slowed down and
    /// locked as any other.
    ///
    /// # Errors
    /// The store cannot be read or written.
    pub fn begin(&self, login: &str, device: DeviceId) -> Result<LoginTurn, StoreError> {
        let now = self.clock.now();
        let turn = self
            .throttle
            .begin(&*self.store, &self.key, login, device, now)?;
        let event = match turn {
            LoginTurn::Now => return Ok(turn),
            LoginTurn::Wait(_) => AuditEvent::LoginThrottled,
            LoginTurn::Locked => AuditEvent::LoginLocked,
        };
        self.store
            .audit(&AuditEntry::new(now, event).device(device))?;
        Ok(turn)
    }

    /// Whose login and password these are. Works as long for a login that nobody has.
    fn check(&self, login: &str, password: &str) -> Result<Option<OfficerRow>, LoginError> {
        let row = self.store.officer_by_login(login)?;
        let right = match &row {
            Some(row) => self.hasher.verify(password, &row.password)?,
            None => {
                let beside = self.store.password_beside(login)?;
                self.hasher.verify_nobody(password, beside.as_deref())?
            }
        };
        Ok(row.filter(|_| right))
    }

    /// Checks the password and opens a session. Works long; not for an asynchronous thread. An
    /// unknown login takes as long as a wrong password and gives the same answer.
    ///
    /// # Errors
    /// The store or the hash failed.
    pub fn log_in(
        &self,
        request: &LoginRequest,
        device: DeviceId,
    ) -> Result<LoginOutcome, LoginError> {
        let login = normal_login(&request.login);
        let row = self.check(&login, &request.password)?;
        let now = self.clock.now();
        let refused = AuditEntry::new(now, AuditEvent::LoginRefused).device(device);
        let Some(row) = row else {
            self.store.audit(&refused)?;
            return Ok(LoginOutcome::BadCredentials);
        };
        let officer = row.officer;
        if !row.active {
            self.store.audit(&refused.officer(officer.id))?;
            return Ok(LoginOutcome::Inactive);
        }
        let token = secret::random_text();
        let session = SessionId(Uuid::new_v4());
        let lease_until = now.plus_millis(self.lease_ms);
        let new = NewSession {
            id: session,
            device,
            officer: officer.id,
            token_hash: secret::hash(&token),
            at: now,
            lease_until,
        };
        let refusal = match self.store.open_session(&new, &row.password)? {
            SessionOpened::Opened(ended) => Ok(ended),
            SessionOpened::OfficerInactive => Err(LoginOutcome::Inactive),
            SessionOpened::PasswordChanged => Err(LoginOutcome::BadCredentials),
            SessionOpened::DeviceOut => Err(LoginOutcome::DeviceOut),
        };
        let ended = match refusal {
            Ok(ended) => ended,
            Err(outcome) => {
                self.store.audit(&refused.officer(officer.id))?;
                return Ok(outcome);
            }
        };
        self.store
            .login_succeeded(&self.key.login(&login), &self.key.device(device))?;
        let entry = AuditEntry::new(now, AuditEvent::LoginAccepted)
            .device(device)
            .session(session)
            .officer(officer.id);
        self.store.audit(&entry)?;
        Ok(LoginOutcome::Opened(Box::new(OpenedSession {
            session,
            token,
            officer,
            lease_until,
            ended,
        })))
    }
}
