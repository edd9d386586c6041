//! A database that was restored from an older backup learns from its replica what it had stored
//! since: the tablets have deleted it, because it was called safe.
//!
//! What is read there is believed no more than what a tablet sends: each batch must be signed by its
//! device, and everything that both have must be the same. A device that was enrolled since is known by
//! a record that central has signed. Batches of one that has none stay where they are, and are said;
//! a replica that does not fit is left alone, and nothing is called safe until an administrator has
//! looked.

use super::replica::{Replica, ReplicaError};
use super::verify::signed_bytes;
use super::{ReplicaDir, signature_holds};
use crate::audit::{AuditEntry, AuditEvent};
use crate::store::{Store, StoredBatch, TakenBack};
use protocol::{DeviceId, Envelope};
use regulation::Timestamp;
use std::collections::BTreeMap;

/// Opens the replica in `dir`, after learning from it what the store has lost.
///
/// # Errors
/// As [`Replica::open`] and [`relearn`].
pub(crate) fn open_replica(
    dir: &ReplicaDir,
    store: &dyn Store,
    now: Timestamp,
) -> Result<Replica, ReplicaError> {
    dir.check()?;
    let devices = take_devices(dir, store, now)?;
    match Replica::open(dir, store) {
        // Perhaps not another's: of a later state of this database, which was restored. Or it holds
        // batches of a device that nobody knew until now.
        Err(ReplicaError::Foreign(_)) => {}
        Ok(_) if devices => {}
        opened => return opened,
    }
    relearn(dir, store, now)?;
    Replica::open(dir, store)
}

/// Takes back the devices that were enrolled since the backup; whether there were any.
fn take_devices(dir: &ReplicaDir, store: &dyn Store, now: Timestamp) -> Result<bool, ReplicaError> {
    let devices = dir.devices(|id| Ok(store.device(id)?.is_some()))?;
    for device in &devices {
        store.take_back_device(device, now)?;
        let entry = AuditEntry::new(now, AuditEvent::DeviceTakenBack).device(device.id);
        store.audit(&entry)?;
        tracing::warn!(device = %device.id,
            "the database did not know this tablet; it was enrolled since the backup. \
             If it was revoked or reported lost, say so again");
    }
    Ok(!devices.is_empty())
}

/// Takes from the replica in `dir` what the store has not; how many batches that were. Interrupted,
/// it goes on where it stopped.
///
/// # Errors
/// The replica is another database's, is damaged, or the store cannot be written.
pub fn relearn(dir: &ReplicaDir, store: &dyn Store, now: Timestamp) -> Result<u64, ReplicaError> {
    let (mut taken, mut last) = (0, 0);
    let mut unknown: BTreeMap<DeviceId, u64> = BTreeMap::new();
    let mut fault = None;
    Replica::read(dir, |batch| {
        if fault.is_some() {
            return;
        }
        match take(dir, store, &batch, now) {
            Ok(Taken::New) => {
                taken += 1;
                last = batch.id;
            }
            Ok(Taken::Known) => {}
            Ok(Taken::UnknownDevice) => *unknown.entry(batch.signed.device).or_default() += 1,
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
    for (device, batches) in unknown {
        let entry = AuditEntry::new(now, AuditEvent::NotTakenBack).device(device);
        store.audit(&entry.subject(batches))?;
        tracing::error!(%device, batches,
            "the replica holds batches of a tablet that is not known here: they stay there");
    }
    fault.map_or(Ok(taken), Err)
}

enum Taken {
    New,
    Known,
    UnknownDevice,
}

fn take(
    dir: &ReplicaDir,
    store: &dyn Store,
    batch: &StoredBatch,
    now: Timestamp,
) -> Result<Taken, ReplicaError> {
    let foreign = || ReplicaError::Foreign(dir.path().into());
    if let Some(known) = store.batch(batch.id)? {
        return if known == batch.signed {
            Ok(Taken::Known)
        } else {
            Err(foreign())
        };
    }
    if let Some(known) = store.device(batch.signed.device)?
        && !signed_by(&known.journal_key, batch)
    {
        return Err(foreign());
    }
    match store.take_back(batch, now)? {
        TakenBack::Stored => Ok(Taken::New),
        TakenBack::UnknownDevice => Ok(Taken::UnknownDevice),
        TakenBack::Conflict => Err(foreign()),
    }
}

fn signed_by(journal_key: &[u8], batch: &StoredBatch) -> bool {
    let signed = signed_bytes(batch.signed.device, &batch.signed.digests);
    let covered = |envelope: &Envelope| batch.signed.digests.contains(&envelope.digest());
    batch.envelopes.iter().all(covered)
        && signature_holds(journal_key, &signed, &batch.signed.signature)
}
