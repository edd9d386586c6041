//! Enrolment of a tablet and log-in of an officer: the online-only channel.

use crate::{DeviceId, KeyId, SessionId};
use regulation::{OfficerId, Timestamp};
use serde::{Deserialize, Serialize};

/// A tablet asks to be enrolled. Of the CSR only the public key is used.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolRequest {
    /// One-time code from central's administrator.
    pub code: String,
    /// PKCS#10, PEM; key P-256, for TLS.
    pub csr_pem: String,
    /// Uncompressed SEC1 point (65 bytes) of the journal key, P-256.
    #[serde(with = "crate::bytes::base64_text")]
    pub journal_key: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolResponse {
    pub device: DeviceId,
    /// The device's certificate, PEM.
    pub certificate_pem: String,
    /// Central's private CA, PEM.
    pub ca_pem: String,
    pub sealing: SealingKey,
    /// Uncompressed SEC1 point (65 bytes) of central's receipt key, P-256.
    #[serde(with = "crate::bytes::base64_text")]
    pub receipt_key: Vec<u8>,
}

/// Public half of central's sealing key, X25519, certified by central's CA. A tablet seals to no
/// other, and to none older than one it has used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealingKey {
    pub id: KeyId,
    #[serde(with = "crate::bytes::base64_text")]
    pub public: Vec<u8>,
    /// Rises with every new key.
    #[serde(default = "before_certificates")]
    pub made_at: Timestamp,
    /// ECDSA P-256/SHA-256, ASN.1 DER, by the CA's key over [`SealingKey::signed_bytes`].
    #[serde(with = "crate::bytes::base64_text", default)]
    pub signature: Vec<u8>,
}

/// Keys were not certified once: what a tablet kept of such a one still reads.
fn before_certificates() -> Timestamp {
    Timestamp(0)
}

impl SealingKey {
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = b"e-patrul sealing key v1\0".to_vec();
        bytes.extend_from_slice(self.id.0.as_bytes());
        bytes.extend_from_slice(&self.made_at.0.to_be_bytes());
        bytes.extend_from_slice(&self.public);
        bytes
    }
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    pub login: String,
    pub password: String,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct LoginResponse {
    pub session: SessionId,
    /// Bearer token of the inbox, unguessable.
    pub token: String,
    pub officer: Officer,
    /// Until then the session may be opened again on this tablet with no connection.
    pub lease_until: Timestamp,
    /// Central's clock.
    pub now: Timestamp,
    /// Edition in force at central.
    pub edition: String,
    /// The sealing key in force.
    pub sealing: SealingKey,
    /// Invented people only: the tablet shows it loudly.
    pub training: bool,
    /// What the shift begins with.
    #[serde(default)]
    pub kit: Kit,
}

/// What a shift begins with: what is assigned to the officer, and what they are to know.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kit {
    /// §14: the standing assignment of a tablet to the officer.
    pub tablet: Assignment,
    /// The serial number of the bodycam assigned to the officer.
    pub camera: Option<regulation::bodycam::Serial>,
    /// §18: the bodycam that the officer has still from an earlier session, by what central knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<HeldCamera>,
    /// §16: places that the head of the unit has named. At most [`crate::limits::KIT_ROWS`].
    pub places: Vec<String>,
    /// The day's notices to the unit. At most [`crate::limits::KIT_ROWS`].
    pub notices: Vec<String>,
    /// The oldest program that central takes for up to date (R-3c), as `major.minor.patch`.
    pub minimum_version: Option<String>,
}

/// §18: a bodycam that was received in a session of the officer's and not handed back there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldCamera {
    pub camera: regulation::bodycam::Serial,
    /// `on`: when it was last heard of, by the facts of that session; otherwise since when it does not
    /// record.
    pub since: Timestamp,
    /// It recorded when last heard of, or rested in a pause.
    pub on: bool,
}

/// Numbers of a version as `major.minor.patch`, to be compared; `None`: it is none.
#[must_use]
pub fn version(text: &str) -> Option<[u32; 3]> {
    let number = |part: &str| {
        let digits = part.bytes().all(|b| b.is_ascii_digit());
        part.parse().ok().filter(|_| digits)
    };
    let numbers: Option<Vec<u32>> = text.split('.').map(number).collect();
    numbers?.try_into().ok()
}

/// §14: which tablet is assigned to an officer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assignment {
    /// None is.
    #[default]
    None,
    ThisTablet,
    AnotherTablet,
}

/// §16: the other person confirms.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfirmRequest {
    pub login: String,
    pub password: String,
}

/// Who has confirmed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmResponse {
    pub officer: Officer,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Officer {
    pub id: OfficerId,
    pub name: String,
    pub rank: String,
    pub unit: String,
    pub role: Role,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Patrol,
    Duty,
    Commander,
    /// §22: the monitoring group of the duty unit.
    Monitoring,
    /// §16: the responsible person of the place where tablets lie.
    Responsible,
    /// §15: answers for logistics.
    Logistics,
}

/// What may be decided at a desk (§4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeskRight {
    /// §20, §21: pauses and faults of bodycams.
    Bodycams,
    /// §22: incident reports.
    Incidents,
    /// §13 to §16: custody of tablets.
    Custody,
    /// §6, §9: people found, late answers, resistance; tablets that are not heard of.
    Encounters,
    /// §4: the figures of the unit.
    Figures,
    /// §31: tablets lost, found and unlocked.
    Tablets,
    /// §32: recordings by other means that are handed over.
    Recordings,
}

impl Role {
    /// Whether the role works at a duty desk (§4).
    #[must_use]
    pub fn has_desk(self) -> bool {
        self != Self::Patrol
    }

    /// Whether the role sees and decides this at a desk.
    #[must_use]
    pub fn may(self, right: DeskRight) -> bool {
        match self {
            Self::Patrol => false,
            Self::Commander => true,
            Self::Duty => right != DeskRight::Figures,
            Self::Monitoring => matches!(right, DeskRight::Incidents | DeskRight::Recordings),
            Self::Responsible => matches!(
                right,
                DeskRight::Custody | DeskRight::Tablets | DeskRight::Recordings
            ),
            Self::Logistics => right == DeskRight::Custody,
        }
    }
}

crate::hidden_debug!(
    EnrolRequest,
    LoginRequest,
    LoginResponse,
    Officer,
    Kit,
    ConfirmRequest,
    ConfirmResponse
);
