//! What bodycams hold at the dock (§19).

use super::{Admin, AdminError};
use crate::audit::{AuditEntry, AuditEvent};
use crate::dock::{self, Covered, DockError, TABLE_BYTES};
use crate::store::DockImported;
use std::io::Read as _;
use std::path::Path;

impl Admin {
    /// Reads a table of what was found on bodycams, and compares it with the log of their shifts. The
    /// same table again changes nothing.
    ///
    /// # Errors
    /// The file cannot be read, a line of it does not fit (nothing of it is taken then), or the store
    /// cannot be written.
    pub fn import_dock(&self, table: &Path, covered: Covered) -> Result<DockImported, AdminError> {
        let file = |error| AdminError::File(table.into(), error);
        let mut bytes = Vec::new();
        std::fs::File::open(table)
            .map_err(file)?
            .take(TABLE_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(file)?;
        if bytes.len() as u64 > TABLE_BYTES {
            return Err(DockError::TooLong.into());
        }
        let now = self.config.clock.now();
        let readings = dock::read(&bytes, covered, now)?;
        let minutes = self.archive.edition.limits.dock_minutes;
        let done = self
            .store
            .import_dock(&readings, minutes.saturating_mul(60_000), now)?;
        let entry = AuditEntry::new(now, AuditEvent::DockImported);
        self.store.audit(&entry.subject(done.new))?;
        self.look_again();
        Ok(done)
    }
}
