//! Changes of officers who are there.

use super::{OfficerError, PasswordHasher, check_password, text_fits};
use crate::audit::{AuditEntry, AuditEvent};
use crate::config::Policy;
use crate::store::{self, Store};
use protocol::{Role, SessionId};
use regulation::{OfficerId, Timestamp};

/// What becomes of an officer; absent: as it is.
#[derive(Clone, Default)]
pub struct OfficerChange {
    pub name: Option<String>,
    pub rank: Option<String>,
    pub unit: Option<String>,
    pub role: Option<Role>,
    /// Ends the officer's sessions, and what rosters promised them.
    pub password: Option<String>,
}

impl std::fmt::Debug for OfficerChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OfficerChange(..)")
    }
}

/// Changes an officer. The sessions that are told, or have ended; `None` if the officer is unknown.
///
/// # Errors
/// A field does not fit, or the store cannot be written.
pub fn change(
    store: &dyn Store,
    hasher: &PasswordHasher,
    policy: &Policy,
    now: Timestamp,
    officer: OfficerId,
    change: &OfficerChange,
) -> Result<Option<Vec<SessionId>>, OfficerError> {
    let texts = [&change.name, &change.rank, &change.unit];
    if !texts.into_iter().flatten().all(|text| text_fits(text)) {
        return Err(OfficerError::Text);
    }
    let password = match &change.password {
        None => None,
        Some(password) => {
            check_password(policy, password)?;
            Some(hasher.hash(password)?)
        }
    };
    let trimmed = |text: &Option<String>| text.as_ref().map(|text| text.trim().to_owned());
    let sessions = store.change_officer(&store::OfficerChange {
        officer,
        name: trimmed(&change.name),
        rank: trimmed(&change.rank),
        unit: trimmed(&change.unit),
        role: change.role,
        password,
        at: now,
    })?;
    if sessions.is_some() {
        store.audit(&AuditEntry::new(now, AuditEvent::OfficerChanged).officer(officer))?;
    }
    Ok(sessions)
}
