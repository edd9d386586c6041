//! A database that was restored from an older backup learns from its replica what it had stored
//! since: the tablets have deleted it, because it was called safe.
//!
//! What is read there is believed no more than what a tablet sends: each batch must be signed by its
//! device, and everything that both have must be the same. A replica that does not fit is left alone,
//! and nothing is called safe until an administrator has looked.

use super::replica::{Replica, ReplicaError};
use super::signature_holds;
use super::verify::signed_bytes;
use crate::audit::{AuditEntry, AuditEvent};
use crate::store::{Store, StoredBatch, TakenBack};
use regulation::Timestamp;
use std::path::Path;

/// Opens the replica in `dir`, after learning from it what the store has lost.
///
/// # Errors
/// As [`Replica::open`] and [`relearn`].
pub(crate) fn open_replica(
    dir: &Path,
    store: &dyn Store,
    now: Timestamp,
) -> Result<Replica, ReplicaError> {
    match Replica::open(dir, store) {
        // Perhaps not another's: of a later state of this database, which was restored.
        Err(ReplicaError::Foreign(_)) => {
            relearn(dir, store, now).and_then(|_| Replica::open(dir, store))
        }
        opened => opened,
    }
}

/// Takes from the replica in `dir` what the store has not; how many batches that were. Interrupted,
/// it goes on where it stopped.
///
/// # Errors
/// The replica is another database's, is damaged, or the store cannot be written.
pub fn relearn(dir: &Path, store: &dyn Store, now: Timestamp) -> Result<u64, ReplicaError> {
    let (mut taken, mut last) = (0, 0);
    let mut fault = None;
    Replica::read(dir, |batch| {
        if fault.is_some() {
            return;
        }
        match take(dir, store, &batch, now) {
            Ok(new) => {
                taken += u64::from(new);
                last = batch.id;
            }
            Err(error) => fault = Some(error),
        }
    })?;
    if taken > 0 {
        store.audit(&AuditEntry::new(now, AuditEvent::TakenBack).subject(last))?;
        tracing::warn!(
            batches = taken,
            "the database was older than its replica; it has read there what was missing"
        );
    }
    fault.map_or(Ok(taken), Err)
}

/// Whether the batch was new to the store.
fn take(
    dir: &Path,
    store: &dyn Store,
    batch: &StoredBatch,
    now: Timestamp,
) -> Result<bool, ReplicaError> {
    let foreign = || ReplicaError::Foreign(dir.into());
    if let Some(known) = store.batch(batch.id)? {
        return if known == batch.signed {
            Ok(false)
        } else {
            Err(foreign())
        };
    }
    let device = batch.signed.device;
    let Some(known) = store.device(device)? else {
        return Err(ReplicaError::UnknownDevice(dir.into(), device));
    };
    let signed = signed_bytes(device, &batch.signed.digests);
    let covered = batch
        .envelopes
        .iter()
        .all(|e| batch.signed.digests.contains(&e.digest()));
    if !covered || !signature_holds(&known.journal_key, &signed, &batch.signed.signature) {
        return Err(foreign());
    }
    match store.take_back(batch, now)? {
        TakenBack::Stored => Ok(true),
        TakenBack::UnknownDevice => Err(ReplicaError::UnknownDevice(dir.into(), device)),
        TakenBack::Conflict => Err(foreign()),
    }
}
