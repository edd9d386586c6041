//! Takes batches in, from the network and from a file alike: what is not the device's is refused,
//! everything else is stored, copied to the replica, and looked into.

use super::{Replica, signature_holds};
use crate::audit::{AuditEntry, AuditEvent};
use crate::ca::Keys;
use crate::store::{BatchOutcome, Device, Store, StoreError};
use protocol::{Batch, ErrorCode, Receipt, limits};
use regulation::Timestamp;

/// Bytes of an encapsulated key that are stored; the real ones have 32, and what has others is kept
/// as evidence all the same.
const ENCAPSULATED_BYTES: usize = 256;

/// Why a batch was not taken in; nothing of it is stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IngestError {
    #[error("the batch is refused: {0:?}")]
    Refused(ErrorCode),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ErrorCode> for IngestError {
    fn from(code: ErrorCode) -> Self {
        Self::Refused(code)
    }
}

/// What a batch needs to be taken in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ingest<'a> {
    pub(crate) store: &'a dyn Store,
    pub(crate) replica: &'a Replica,
    pub(crate) keys: &'a Keys,
    pub(crate) now: Timestamp,
}

impl Ingest<'_> {
    /// Checks and stores a batch, and copies it to the replica.
    pub(crate) fn store(&self, device: &Device, batch: &Batch) -> Result<(), IngestError> {
        check(device, batch)?;
        let entry = |event| AuditEntry::new(self.now, event).device(device.id);
        let signed = Batch::signed_bytes(batch.device, &batch.envelopes);
        if !signature_holds(&device.journal_key, &signed, &batch.signature) {
            self.store.audit(&entry(AuditEvent::SignatureRefused))?;
            return Err(ErrorCode::BadSignature.into());
        }
        match self.store.store_batch(batch, self.now)? {
            BatchOutcome::Stored { broken } => {
                for seq in broken {
                    self.store
                        .audit(&entry(AuditEvent::ChainBroken).subject(seq))?;
                }
            }
            BatchOutcome::Conflict { seq } => {
                self.store
                    .audit(&entry(AuditEvent::SequenceConflict).subject(seq))?;
                return Err(ErrorCode::SequenceConflict.into());
            }
        }
        // It is on the disk. Whatever fails from here on is made good later, and is not the tablet's.
        if let Err(error) = self.replica.catch_up(self.store) {
            tracing::error!(%error, "the replica is behind; nothing new is called safe");
        }
        Ok(())
    }

    /// Central's word on numbers that are stored, and its marks as they are now.
    pub(crate) fn receipt(
        &self,
        device: &Device,
        stored: Vec<u64>,
    ) -> Result<Receipt, IngestError> {
        let marks = self.store.marks(device.id, self.replica.through())?;
        let mut receipt = Receipt {
            device: device.id,
            stored,
            stored_through: marks.stored_through,
            safe_through: marks.safe_through,
            head: marks.head,
            at: self.now,
            signature: Vec::new(),
        };
        receipt.signature = self
            .keys
            .sign_receipt(&receipt.signed_bytes())
            .map_err(ErrorCode::from)?;
        Ok(receipt)
    }
}

fn check(device: &Device, batch: &Batch) -> Result<(), ErrorCode> {
    if batch.device != device.id || batch.envelopes.iter().any(|e| e.device != device.id) {
        return Err(ErrorCode::DeviceMismatch);
    }
    if batch.envelopes.len() > limits::BATCH_ENVELOPES {
        return Err(ErrorCode::TooLarge);
    }
    for envelope in &batch.envelopes {
        if envelope.ciphertext.len() > limits::CIPHERTEXT_BYTES
            || envelope.encapsulated.len() > ENCAPSULATED_BYTES
        {
            return Err(ErrorCode::TooLarge);
        }
        // Numbers begin with 1 and stay far from the store's end of numbers.
        if envelope.seq == 0 || envelope.seq >= i64::MAX as u64 {
            return Err(ErrorCode::Malformed);
        }
    }
    Ok(())
}
