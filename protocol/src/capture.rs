//! Captures too large for an event: files of sealed chunks, sent in parts, gone on with by offset.

use crate::{CaptureId, DeviceId, Digest};
use regulation::{CustodyId, IncidentId, Timestamp};
use serde::{Deserialize, Serialize};

/// Plain bytes of a chunk; the last one may be shorter.
pub const CHUNK_BYTES: usize = 64 * 1024;
/// What sealing adds to a chunk: the tag of AES-256-GCM.
pub const TAG_BYTES: usize = 16;

/// What a capture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptureKind {
    Document,
    Face,
    Scene,
    Video,
    /// §31: how a tablet looks.
    Condition,
    /// Written by a newer tablet.
    #[serde(other)]
    Unknown,
}

/// What a capture belongs to that belongs to no encounter. What it belongs to names it in turn, in an
/// event that is recorded after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum CaptureOf {
    /// §31.
    Custody { custody: CustodyId },
    /// §22.
    Incident { incident: IncidentId },
    /// Written by a newer tablet.
    #[serde(other)]
    Unknown,
}

/// A capture as its event names it. The event is sealed for central, and with it the file's key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureRef {
    pub id: CaptureId,
    pub kind: CaptureKind,
    pub plain_bytes: u64,
    /// Bytes of the sealed file, and their SHA-256.
    pub size: u64,
    pub digest: Digest,
    /// AES-256-GCM key of this file alone; empty in the tablet's own readable copy.
    #[serde(with = "serde_bytes")]
    pub key: Vec<u8>,
}

crate::hidden_debug!(CaptureRef);

impl CaptureRef {
    /// Bytes of the sealed file for so many plain ones. An empty capture is one empty chunk.
    #[must_use]
    pub fn sealed_bytes(plain: u64) -> u64 {
        let chunks = plain.div_ceil(CHUNK_BYTES as u64).max(1);
        plain.saturating_add(chunks.saturating_mul(TAG_BYTES as u64))
    }
}

/// Nonce of a chunk (the STREAM construction; Hoang, Reyhanitabar, Rogaway, Vizár 2015): its number,
/// and whether it is the last. The key is of one file, so no nonce comes twice.
#[must_use]
pub fn chunk_nonce(chunk: u64, last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[3..11].copy_from_slice(&chunk.to_be_bytes());
    nonce[11] = u8::from(last);
    nonce
}

/// What a chunk's seal is bound to besides its nonce.
#[must_use]
pub fn chunk_aad(device: DeviceId, capture: CaptureId) -> Vec<u8> {
    let mut aad = b"e-patrul capture v1\0".to_vec();
    aad.extend_from_slice(device.0.as_bytes());
    aad.extend_from_slice(capture.0.as_bytes());
    aad
}

/// Central's word on how much of a capture it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureReceipt {
    pub device: DeviceId,
    pub capture: CaptureId,
    /// Bytes from the start of the sealed file that are on central's disk: go on from here.
    pub received: u64,
    /// All of it is there and its digest is right.
    pub complete: bool,
    /// And it is backed up or replicated: the tablet may delete it.
    pub safe: bool,
    pub at: Timestamp,
    /// ECDSA P-256/SHA-256, ASN.1 DER, by central's receipt key over
    /// [`CaptureReceipt::signed_bytes`].
    #[serde(with = "crate::bytes::base64_text")]
    pub signature: Vec<u8>,
}

impl CaptureReceipt {
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = b"e-patrul capture receipt v1\0".to_vec();
        bytes.extend_from_slice(self.device.0.as_bytes());
        bytes.extend_from_slice(self.capture.0.as_bytes());
        bytes.extend_from_slice(&self.received.to_be_bytes());
        bytes.push(u8::from(self.complete));
        bytes.push(u8::from(self.safe));
        bytes.extend_from_slice(&self.at.0.to_be_bytes());
        bytes
    }
}
