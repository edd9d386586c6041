//! Log-in with no connection, and the standing of a tablet: rosters, lost tablets, their wiping.

use crate::{DeviceId, Digest};
use regulation::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// `info` of the HKDF that makes a grant's key of an officer's password hash.
pub const GRANT_INFO: &[u8] = b"e-patrul roster grant v1";
/// Bytes of the nonce before a sealed grant.
pub const GRANT_NONCE_BYTES: usize = 12;

/// A login as it is stored, compared and hashed: without blanks around it, in small letters.
#[must_use]
pub fn normal_login(login: &str) -> String {
    login.trim().to_lowercase()
}

/// Who may log in on this tablet with no connection, and until when; made for one tablet.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roster {
    pub device: DeviceId,
    pub issued_at: Timestamp,
    /// After this moment nobody logs in by it.
    pub lease_until: Timestamp,
    /// Rises when the desk unlocks the tablet after too many wrong passwords.
    pub unlock_serial: u64,
    pub entries: Vec<RosterEntry>,
}

/// One officer's session in advance, sealed so that only the officer's password opens it: opening it
/// is the check of the password, and central's own hash of it leaves central no more than here.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterEntry {
    /// [`RosterEntry::login_token`].
    #[serde(with = "crate::bytes::base64_text")]
    pub login: Vec<u8>,
    /// Argon2id (RFC 9106, version 1.3, one lane, 32 bytes): memory in KiB, passes, salt.
    pub memory_kib: u32,
    pub passes: u32,
    #[serde(with = "crate::bytes::base64_text")]
    pub salt: Vec<u8>,
    /// Nonce, then AES-256-GCM of the JSON of a [`crate::LoginResponse`]; key:
    /// HKDF-SHA-256(salt = the device's id, secret = Argon2id output, info = [`GRANT_INFO`]);
    /// AAD: [`RosterEntry::aad`].
    #[serde(with = "crate::bytes::base64_text")]
    pub grant: Vec<u8>,
}

impl RosterEntry {
    /// What finds an officer's entry: SHA-256 over device and login.
    #[must_use]
    pub fn login_token(device: DeviceId, login: &str) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"e-patrul roster login v1\0");
        hash.update(device.0.as_bytes());
        hash.update(normal_login(login).as_bytes());
        hash.finalize().into()
    }

    /// What a grant's seal is bound to.
    #[must_use]
    pub fn aad(device: DeviceId, login_token: &[u8], lease_until: Timestamp) -> Vec<u8> {
        let mut aad = b"e-patrul roster entry v1\0".to_vec();
        aad.extend_from_slice(device.0.as_bytes());
        aad.extend_from_slice(&lease_until.0.to_be_bytes());
        aad.extend_from_slice(login_token);
        aad
    }
}

/// Header of every success that central gives to a tablet that was reported lost: it is to ask for its
/// [`WipeOrder`]. A hint alone, as [`crate::ErrorCode::DeviceLost`] is: nothing is destroyed by it.
pub const LOST_HEADER: &str = "e-patrul-lost";

/// Central's order to a lost tablet: make what is on it unreadable, send what is sealed, wipe the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WipeOrder {
    pub device: DeviceId,
    /// What the tablet asked with, made anew each time: an order once given, to a tablet that has been
    /// found since, cannot be given to it again by somebody else.
    pub challenge: Uuid,
    /// When the tablet was reported lost.
    pub lost_at: Timestamp,
    /// ECDSA P-256/SHA-256, ASN.1 DER, by central's receipt key over [`WipeOrder::signed_bytes`].
    #[serde(with = "crate::bytes::base64_text")]
    pub signature: Vec<u8>,
}

impl WipeOrder {
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = b"e-patrul wipe order v1\0".to_vec();
        bytes.extend_from_slice(self.device.0.as_bytes());
        bytes.extend_from_slice(self.challenge.as_bytes());
        bytes.extend_from_slice(&self.lost_at.0.to_be_bytes());
        bytes
    }
}

/// How far a lost tablet is with wiping itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WipeStage {
    /// Nothing on it can be read any more; what is sealed for central is still there.
    ReadingKeysDestroyed,
    /// What was sealed has been sent and is safe, and all is deleted but the key that says so.
    Wiped,
}

/// A lost tablet's word on its wiping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WipeReport {
    pub device: DeviceId,
    pub stage: WipeStage,
    /// The last number of its journal, and the digest of that envelope.
    pub last_seq: u64,
    #[serde(with = "crate::bytes::digest_text")]
    pub head: Digest,
    /// Events that central has not called safe yet.
    pub unsafe_events: u64,
    /// The tablet's wall clock.
    pub at: Timestamp,
    /// ECDSA P-256/SHA-256, ASN.1 DER, by the journal key over [`WipeReport::signed_bytes`].
    #[serde(with = "crate::bytes::base64_text")]
    pub signature: Vec<u8>,
}

impl WipeReport {
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = b"e-patrul wipe report v1\0".to_vec();
        bytes.extend_from_slice(self.device.0.as_bytes());
        bytes.push(self.stage as u8);
        bytes.extend_from_slice(&self.last_seq.to_be_bytes());
        bytes.extend_from_slice(&self.head.0);
        bytes.extend_from_slice(&self.unsafe_events.to_be_bytes());
        bytes.extend_from_slice(&self.at.0.to_be_bytes());
        bytes
    }
}

/// Central's word that it has the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WipeReceipt {
    pub device: DeviceId,
    pub stage: WipeStage,
    pub at: Timestamp,
    /// ECDSA P-256/SHA-256, ASN.1 DER, by central's receipt key over [`WipeReceipt::signed_bytes`].
    #[serde(with = "crate::bytes::base64_text")]
    pub signature: Vec<u8>,
}

impl WipeReceipt {
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = b"e-patrul wipe receipt v1\0".to_vec();
        bytes.extend_from_slice(self.device.0.as_bytes());
        bytes.push(self.stage as u8);
        bytes.extend_from_slice(&self.at.0.to_be_bytes());
        bytes
    }
}

crate::hidden_debug!(Roster, RosterEntry);
