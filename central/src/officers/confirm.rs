//! §16: the other person of a hand-out or hand-in confirms on the tablet, by login and password.

use super::{Door, LoginError};
use crate::audit::{AuditEntry, AuditEvent};
use crate::store::Session;
use protocol::access::normal_login;
use protocol::{ConfirmRequest, Officer};

/// What became of a confirmation.
#[derive(Debug)]
pub enum ConfirmOutcome {
    Confirmed(Box<Officer>),
    BadCredentials,
    Inactive,
    /// The session's own officer.
    Themselves,
}

impl Door {
    /// Checks login and password of the other person, as a log-in does; opens no session and ends
    /// none. Works long; not for an asynchronous thread.
    ///
    /// # Errors
    /// The store or the hash failed.
    pub(crate) fn confirm(
        &self,
        request: &ConfirmRequest,
        session: &Session,
    ) -> Result<ConfirmOutcome, LoginError> {
        let login = normal_login(&request.login);
        let row = self.check(&login, &request.password)?;
        let entry = |event| {
            AuditEntry::new(self.clock.now(), event)
                .device(session.device)
                .session(session.id)
        };
        let Some(row) = row else {
            self.store.audit(&entry(AuditEvent::LoginRefused))?;
            return Ok(ConfirmOutcome::BadCredentials);
        };
        let officer = row.officer;
        // Hashing takes its time, and a dismissal or a new password meanwhile counts.
        let now = self.store.officer_by_login(&login)?;
        let same = now.filter(|now| now.password == row.password && now.officer.id == officer.id);
        if !same.is_some_and(|now| now.active) {
            let refused = entry(AuditEvent::LoginRefused).officer(officer.id);
            self.store.audit(&refused)?;
            return Ok(ConfirmOutcome::Inactive);
        }
        self.store
            .login_succeeded(&self.key.login(&login), &self.key.device(session.device))?;
        if officer.id == session.officer {
            return Ok(ConfirmOutcome::Themselves);
        }
        let confirmed = entry(AuditEvent::CustodyConfirmed).officer(officer.id);
        self.store.audit(&confirmed.subject(session.officer))?;
        Ok(ConfirmOutcome::Confirmed(Box::new(officer)))
    }
}
