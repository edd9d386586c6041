//! Salvage of captures: files that were moved aside go back into the queue.
//!
//! A file needs nothing of the database: its name is the capture's id, and its bytes are what central
//! compares with the sealed event that names it. Nobody here can read either.

use super::captures::{digest_of, dir, path};
use super::{Vault, VaultError};
use crate::device::keystore::sync_dir;
use protocol::{CaptureId, Digest};
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// In the place of a number: which event names it is known to central alone.
const NO_EVENT: u64 = 0;

impl Vault {
    /// Puts the captures in `aside` back into the queue, and returns how many; those that an earlier
    /// salvage has put back are passed over. The files stay where they are as well.
    pub(super) fn salvage_captures(&self, aside: &Path) -> Result<u64, VaultError> {
        let mut recovered = 0;
        for (id, from) in found(aside)? {
            let size = fs::metadata(&from)?.len();
            let digest = digest_of(File::open(&from)?)?;
            if !self.knows_capture(id, digest)? {
                self.put_capture_back(id, &from, size, digest)?;
                recovered += 1;
            }
        }
        Ok(recovered)
    }

    fn knows_capture(&self, id: CaptureId, digest: Digest) -> Result<bool, VaultError> {
        let state = self.state();
        Ok(state
            .db
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM captures WHERE id = ?1)
                     OR EXISTS (SELECT 1 FROM salvaged WHERE seq = ?2 AND digest = ?3)",
            )?
            .query_row((id.0.as_bytes(), NO_EVENT, digest.0), |row| row.get(0))?)
    }

    /// The file first, as for every capture: one without a row is removed at the next start, and is
    /// there to be salvaged again.
    fn put_capture_back(
        &self,
        id: CaptureId,
        from: &Path,
        size: u64,
        digest: Digest,
    ) -> Result<(), VaultError> {
        let to = path(&self.0.dir, id);
        match fs::hard_link(from, &to) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(_) => {
                // A file system without links.
                fs::copy(from, &to)?;
                File::open(&to)?.sync_all()?;
            }
            Ok(()) => {}
        }
        sync_dir(&dir(&self.0.dir))?;
        let now = self.now().0;
        let mut state = self.state();
        let (transaction, _) = state.begin()?;
        transaction.execute(
            "INSERT INTO captures (id, seq, session, encounter, size, digest, at)
             VALUES (?1, ?2, ?3, NULL, ?4, ?5, ?6)",
            (
                id.0.as_bytes(),
                NO_EVENT,
                Uuid::nil().as_bytes(),
                size,
                digest.0,
                now,
            ),
        )?;
        transaction.execute(
            "INSERT INTO salvaged (seq, digest) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            (NO_EVENT, digest.0),
        )?;
        transaction.commit()?;
        drop(state);
        self.bump();
        Ok(())
    }
}

/// Files named as captures are, in the directory and in its `captures`.
fn found(aside: &Path) -> Result<Vec<(CaptureId, PathBuf)>, VaultError> {
    let mut found = Vec::new();
    for dir in [aside.to_path_buf(), dir(aside)] {
        let entries = match fs::read_dir(&dir) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let id = name.to_str().and_then(|name| Uuid::try_parse(name).ok());
            if let (Some(id), true) = (id, entry.file_type()?.is_file()) {
                found.push((CaptureId(id), entry.path()));
            }
        }
    }
    found.sort();
    Ok(found)
}
