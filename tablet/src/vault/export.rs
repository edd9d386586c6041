//! The queue as a file, for a tablet whose way to central is gone, and central's word on it.

use super::outbox::read_envelope;
use super::{JournalRow, Vault, VaultError};
use crate::device::keystore::{new_private_file, sync_dir};
use protocol::export::{ExportError, ExportWriter, RECEIPT_BYTES};
use protocol::limits::{BATCH_BYTES, BATCH_ENVELOPES};
use protocol::{Envelope, Receipt};
use std::fs::File;
use std::io::{BufWriter, Read as _, Write};
use std::path::Path;

/// Upper bound of what CBOR adds to an envelope and to a batch.
const FRAME: usize = 512;

/// What was written to the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    pub events: u64,
    /// Numbers that lie damaged on this disk and were left out: [`Vault::salvage`] may know them.
    pub damaged: Vec<u64>,
}

impl Vault {
    /// Writes every event that central has not called safe, set aside or not, in order and signed,
    /// to a new file, and syncs it. The queue stays as it is: an event leaves it by a receipt alone.
    ///
    /// # Errors
    /// [`VaultError::Io`] also where the file exists; half a file is removed again.
    pub fn export_queue(&self, path: &Path) -> Result<Exported, VaultError> {
        let file = new_private_file(path)?;
        let written = self
            .export_to(BufWriter::new(file))
            .and_then(|(out, exported)| {
                let file = out.into_inner().map_err(|error| error.into_error())?;
                file.sync_all()?;
                if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
                    sync_dir(dir)?;
                }
                Ok(exported)
            });
        if written.is_err() {
            // The error that is returned says more than one of this could.
            std::fs::remove_file(path).ok();
        }
        written
    }

    fn export_to<W: Write>(&self, out: W) -> Result<(W, Exported), VaultError> {
        let device = self.identity()?.ok_or(VaultError::NotEnrolled)?.device;
        let mut writer = ExportWriter::new(out)?;
        let mut exported = Exported::default();
        let mut batch: Vec<Envelope> = Vec::new();
        let mut room = BATCH_BYTES - FRAME;
        let mut was_stuck = false;
        for (seq, stuck) in self.not_safe()? {
            let envelope = {
                let state = self.state();
                read_envelope(&state.db, device, seq)
            };
            let envelope = match envelope {
                Ok(Some(envelope)) => envelope,
                // Safe meanwhile.
                Ok(None) => continue,
                Err(VaultError::Damaged) => {
                    self.report_damaged("sealed", seq);
                    exported.damaged.push(seq);
                    continue;
                }
                Err(error) => return Err(error),
            };
            let cost = envelope.ciphertext.len() + FRAME;
            // What central refused once it may refuse again, with all that shares its batch.
            let after = std::mem::replace(&mut was_stuck, stuck);
            let apart = stuck || after;
            let full = apart || cost > room || batch.len() == BATCH_ENVELOPES;
            if full && !batch.is_empty() {
                writer.batch(&self.sign(device, std::mem::take(&mut batch))?)?;
                room = BATCH_BYTES - FRAME;
            }
            room = room.saturating_sub(cost);
            batch.push(envelope);
            exported.events += 1;
        }
        if !batch.is_empty() {
            writer.batch(&self.sign(device, batch)?)?;
        }
        Ok((writer.finish()?, exported))
    }

    /// Numbers, and whether each was set aside.
    fn not_safe(&self) -> Result<Vec<(u64, bool)>, VaultError> {
        let state = self.state();
        let safe_through = JournalRow::read(&state.db)?.safe_through;
        let mut statement = state.db.prepare_cached(
            "SELECT seq, stuck IS NOT NULL FROM sealed WHERE seq > ?1 OR stored = 0 ORDER BY seq",
        )?;
        let seqs = statement.query_map([safe_through], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(seqs.collect::<Result<_, _>>()?)
    }

    /// Applies the receipt that central wrote when it took an exported queue in.
    ///
    /// # Errors
    /// [`VaultError::Io`]; [`VaultError::BadReceipt`] also for a file that holds none; others as
    /// [`Vault::apply_receipt`].
    pub fn import_receipt(&self, path: &Path) -> Result<Receipt, VaultError> {
        let mut bytes = Vec::new();
        File::open(path)?
            .take(RECEIPT_BYTES)
            .read_to_end(&mut bytes)?;
        let receipt: Receipt =
            serde_json::from_slice(&bytes).map_err(|_| VaultError::BadReceipt)?;
        self.apply_receipt(&receipt)?;
        Ok(receipt)
    }
}

impl From<ExportError> for VaultError {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::File(error) => error.into(),
            ExportError::TooLarge(_) => Self::TooLarge,
            ExportError::Foreign | ExportError::Cut | ExportError::Damaged(_) => Self::Damaged,
        }
    }
}
