//! Citizens' complaints, and which recordings are held (§26).

use super::{Admin, AdminError};
use crate::audit::{AuditEntry, AuditEvent};
use crate::store::{Complaint, Hold};
use protocol::limits;
use regulation::EncounterId;

/// Holds read at once.
const PAGE: usize = 512;

impl Admin {
    /// Registers a citizen's complaint about an encounter: what is recorded of it is held at once, or from
    /// when it comes. `false`: it was registered before.
    ///
    /// # Errors
    /// The number is empty, too long or no single line; the store cannot be written.
    pub fn register_complaint(
        &self,
        encounter: EncounterId,
        number: &str,
    ) -> Result<bool, AdminError> {
        let number = number.trim();
        let bounds = 1..=limits::COMPLAINT_CHARS;
        if !bounds.contains(&number.chars().count()) || number.chars().any(char::is_control) {
            return Err(AdminError::ComplaintNumber);
        }
        let now = self.config.clock.now();
        let entry = AuditEntry::new(now, AuditEvent::ComplaintRegistered);
        self.store.audit(&entry.subject(encounter))?;
        Ok(self.store.register_complaint(&Complaint {
            number: number.to_owned(),
            encounter,
            registered_at: now,
        })?)
    }

    /// Recordings that nobody may delete, and why. Reading them is audited.
    ///
    /// # Errors
    /// The store cannot be read or written.
    pub fn holds(&self) -> Result<Vec<Hold>, AdminError> {
        let entry = AuditEntry::new(self.config.clock.now(), AuditEvent::HoldsListed);
        self.store.audit(&entry)?;
        let mut all = Vec::new();
        loop {
            let page = self.store.holds(all.len(), PAGE)?;
            let last = page.len() < PAGE;
            all.extend(page);
            if last {
                return Ok(all);
            }
        }
    }
}
