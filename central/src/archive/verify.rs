//! Checks what the archive holds against the devices' keys: signatures, digests, chain.

use crate::store::{BatchSignature, Device, Store, StoreError, StoredEnvelope};
use protocol::{DeviceId, Digest};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use std::collections::HashMap;

/// Links read from the store at once.
const PAGE: usize = 1_000;

/// What was checked of an encounter, and held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Every envelope is as it was digested, and its digest is signed by the device's journal key.
    pub signatures: bool,
    /// Every number between the encounter's first and last is there and follows the one before.
    pub chain: bool,
    /// Every seal opened, and every fact was understood.
    pub seals: bool,
    /// The machine took every event where it stands.
    pub procedure: bool,
    /// From its opening to its closing with no number missing in between.
    pub complete: bool,
    /// Every capture that its events name is here, and is what they name.
    pub captures: bool,
}

impl Verified {
    /// Everything held.
    #[must_use]
    pub fn all(&self) -> bool {
        self.signatures
            && self.chain
            && self.seals
            && self.procedure
            && self.complete
            && self.captures
    }
}

/// Bytes that a device signs for these digests: [`protocol::Batch::signed_bytes`] without envelopes.
pub(super) fn signed_bytes(device: DeviceId, digests: &[Digest]) -> Vec<u8> {
    let mut bytes = protocol::Batch::signed_bytes(device, &[]);
    for digest in digests {
        bytes.extend_from_slice(&digest.0);
    }
    bytes
}

/// Whether the journal key signed the bytes.
pub(crate) fn signature_holds(key: &[u8], bytes: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key)
        .verify(bytes, signature)
        .is_ok()
}

/// Signatures of batches, each checked once.
pub(super) struct Signatures<'a> {
    store: &'a dyn Store,
    key: &'a Device,
    batches: HashMap<u64, Option<BatchSignature>>,
}

impl<'a> Signatures<'a> {
    pub(super) fn new(store: &'a dyn Store, key: &'a Device) -> Self {
        Self {
            store,
            key,
            batches: HashMap::new(),
        }
    }

    /// Whether a valid signature of the batch covers the digest.
    pub(super) fn cover(&mut self, batch: u64, digest: Digest) -> Result<bool, StoreError> {
        if !self.batches.contains_key(&batch) {
            let valid = self.store.batch(batch)?.filter(|signed| {
                signed.device == self.key.id
                    && signature_holds(
                        &self.key.journal_key,
                        &signed_bytes(signed.device, &signed.digests),
                        &signed.signature,
                    )
            });
            self.batches.insert(batch, valid);
        }
        let signed = self.batches.get(&batch).and_then(Option::as_ref);
        Ok(signed.is_some_and(|signed| signed.digests.contains(&digest)))
    }

    pub(super) fn hold(&mut self, stored: &StoredEnvelope) -> Result<bool, StoreError> {
        let digest = stored.envelope.digest();
        Ok(digest == stored.digest && self.cover(stored.batch, digest)?)
    }
}

/// Whether the chain holds without a gap from the link before `first` to `last`.
pub(super) fn chain_holds(
    store: &dyn Store,
    device: DeviceId,
    first: u64,
    last: u64,
) -> Result<(bool, bool), StoreError> {
    let (mut holds, mut whole) = (true, true);
    let mut expected = first.saturating_sub(1).max(1);
    let mut before = (expected == 1).then(Digest::default);
    loop {
        let links = store.links(device, expected, PAGE)?;
        for link in &links {
            if link.seq > last {
                return Ok((holds, whole && expected > last));
            }
            if link.seq != expected {
                whole = false;
                before = None;
            }
            if before.is_some_and(|before| before != link.previous) {
                holds = false;
            }
            before = Some(link.digest);
            expected = link.seq + 1;
        }
        if links.len() < PAGE {
            return Ok((holds, whole && expected > last));
        }
    }
}
