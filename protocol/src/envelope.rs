//! What travels in the outbox: sealed facts in a hash chain, signed a batch at a time.

use crate::{DeviceId, Digest, KeyId, SessionId};
use regulation::{EncounterId, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// `info` of the HPKE seal (RFC 9180, base mode; DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
/// ChaCha20-Poly1305).
pub const SEAL_INFO: &[u8] = b"e-patrul fact v1";

/// Order between encounters; within one, order is by sequence alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    Question = 0,
    Alert = 1,
    Ordinary = 2,
    Capture = 3,
}

/// One fact, sealed for central. The ciphertext is sealed once: stored bytes are sent bytes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    pub device: DeviceId,
    pub session: SessionId,
    /// 1, 2, 3, … without gaps, one row of numbers a device.
    pub seq: u64,
    pub encounter: Option<EncounterId>,
    pub urgency: Urgency,
    pub key: KeyId,
    /// Digest of the envelope `seq − 1`; zeros for the first.
    pub previous: Digest,
    /// HPKE encapsulated key.
    #[serde(with = "serde_bytes")]
    pub encapsulated: Vec<u8>,
    /// Sealed CBOR [`crate::Fact`]; AAD is [`Envelope::aad`].
    #[serde(with = "serde_bytes")]
    pub ciphertext: Vec<u8>,
}

impl std::fmt::Debug for Envelope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Envelope({} #{}, {} bytes)",
            self.device,
            self.seq,
            self.ciphertext.len()
        )
    }
}

impl Envelope {
    /// What the seal is bound to: device, session, sequence, encounter, urgency, key.
    #[must_use]
    pub fn aad(&self) -> Vec<u8> {
        let mut aad = Vec::with_capacity(96);
        aad.extend_from_slice(b"e-patrul envelope v1\0");
        aad.extend_from_slice(self.device.0.as_bytes());
        aad.extend_from_slice(self.session.0.as_bytes());
        aad.extend_from_slice(&self.seq.to_be_bytes());
        match self.encounter {
            None => aad.push(0),
            Some(encounter) => {
                aad.push(1);
                aad.extend_from_slice(encounter.0.as_bytes());
            }
        }
        aad.push(self.urgency as u8);
        aad.extend_from_slice(self.key.0.as_bytes());
        aad
    }

    /// This envelope's place in the chain, over ciphertext: erasing keys does not break it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut hash = Sha256::new();
        hash.update(self.previous.0);
        for part in [&self.aad(), &self.encapsulated, &self.ciphertext] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Digest(hash.finalize().into())
    }
}

/// Envelopes with one signature of the device.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    pub device: DeviceId,
    pub envelopes: Vec<Envelope>,
    /// ECDSA P-256/SHA-256, ASN.1 DER, by the device's journal key over [`Batch::signed_bytes`].
    #[serde(with = "serde_bytes")]
    pub signature: Vec<u8>,
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Batch({}, {} envelopes)",
            self.device,
            self.envelopes.len()
        )
    }
}

impl Batch {
    /// What the device signs: its own id and the digests, in the order sent.
    #[must_use]
    pub fn signed_bytes(device: DeviceId, envelopes: &[Envelope]) -> Vec<u8> {
        let mut bytes = b"e-patrul batch v1\0".to_vec();
        bytes.extend_from_slice(device.0.as_bytes());
        for envelope in envelopes {
            bytes.extend_from_slice(&envelope.digest().0);
        }
        bytes
    }
}

/// Central's word on what it has. Nothing is deleted on a tablet before `safe_through`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub device: DeviceId,
    /// Sequence numbers of the batch that are now on central's disk (new or known before).
    pub stored: Vec<u64>,
    /// Every sequence number up to this one is on central's disk.
    pub stored_through: u64,
    /// Every sequence number up to this one is backed up or replicated as well.
    pub safe_through: u64,
    /// Digest of the envelope `stored_through`; anchors the tablet's chain.
    #[serde(with = "crate::bytes::digest_text")]
    pub head: Digest,
    pub at: Timestamp,
    /// ECDSA P-256/SHA-256, ASN.1 DER, by central's receipt key over [`Receipt::signed_bytes`].
    #[serde(with = "crate::bytes::base64_text")]
    pub signature: Vec<u8>,
}

impl Receipt {
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = b"e-patrul receipt v1\0".to_vec();
        bytes.extend_from_slice(self.device.0.as_bytes());
        bytes.extend_from_slice(&(self.stored.len() as u64).to_be_bytes());
        for seq in &self.stored {
            bytes.extend_from_slice(&seq.to_be_bytes());
        }
        bytes.extend_from_slice(&self.stored_through.to_be_bytes());
        bytes.extend_from_slice(&self.safe_through.to_be_bytes());
        bytes.extend_from_slice(&self.head.0);
        bytes.extend_from_slice(&self.at.0.to_be_bytes());
        bytes
    }
}
