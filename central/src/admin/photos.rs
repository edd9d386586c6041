//! Photos of tablets' condition (§31) and of incidents (§22), for who examines them.

use super::{Admin, AdminError};
use crate::archive::OwnedCapture;
use crate::audit::{AuditEntry, AuditEvent};
use crate::disk::private_file;
use protocol::{CaptureId, DeviceId};
use std::path::Path;

impl Admin {
    /// What was photographed on a tablet, and whether it is whole. Reading it is audited.
    ///
    /// # Errors
    /// The tablet is unknown, or the store cannot be read or written.
    pub fn photos(&self, device: DeviceId) -> Result<Vec<OwnedCapture>, AdminError> {
        if self.store.device(device)?.is_none() {
            return Err(AdminError::Unknown("tablet"));
        }
        let entry = AuditEntry::new(self.config.clock.now(), AuditEvent::PhotosListed);
        self.store.audit(&entry.device(device))?;
        Ok(self.archive.owned_captures(device)?)
    }

    /// Writes a photo to a new file that its owner alone may read; how many bytes. What turns out to be
    /// altered half-way leaves no file. Reading it is audited, before anything is read.
    ///
    /// # Errors
    /// There is no such photo, it has not come, or it is not what its event names; the file is there
    /// already or cannot be written.
    pub fn save_photo(
        &self,
        device: DeviceId,
        photo: CaptureId,
        path: &Path,
    ) -> Result<u64, AdminError> {
        let entry = AuditEntry::new(self.config.clock.now(), AuditEvent::PhotoRead);
        self.store.audit(&entry.device(device).subject(photo))?;
        let reader = self.archive.owned_capture(device, photo)?;
        let (_, mut reader) = reader.ok_or(AdminError::Unknown("photo of that tablet"))?;
        let at = |error| AdminError::File(path.into(), error);
        let mut file = private_file().create_new(true).open(path).map_err(at)?;
        let written = std::io::copy(&mut reader, &mut file).and_then(|bytes| {
            file.sync_all()?;
            Ok(bytes)
        });
        if written.is_err() {
            // What was not opened to its end is no evidence.
            std::fs::remove_file(path).ok();
        }
        written.map_err(at)
    }
}
