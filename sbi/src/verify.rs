//! Whether an answer of a scanner may be trusted: pure functions, that read no clock and no socket.
//!
//! Of an answer to `RCAPTURE` all of this holds, or it is refused by name:
//!
//! 1. `data` is a JSON Web Signature (RFC 7515), RS256, and its certificates lead to a trusted root;
//! 2. so is the device's own description in it (`digitalId`), of the device that was discovered;
//! 3. it answers this request: transaction, time, purpose, environment, version, finger;
//! 4. the record in it (`bioValue`) continues the chain of hashes from the one before.

mod chain;
mod jws;

pub use chain::{ChainError, MAX_CERTIFICATE, MAX_CERTIFICATES, RootsError, TrustRoots};
pub use jws::{JwsError, MAX_HEADER, MAX_JWS, MAX_SIGNATURE, open};

use crate::message::Lenient;
use crate::{fingers, moment};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use regulation::Timestamp;
use regulation::encounter::Finger;
use ring::digest::{SHA256, digest};
use serde::Deserialize;
use zeroize::Zeroizing;

/// Characters of a device's signed description.
pub const MAX_DIGITAL_ID: usize = 256 * 1024;
/// Bytes of an ISO record: the largest picture, pixel by pixel, and half a megabyte.
pub const MAX_RECORD: usize = 4_500_000;

/// Some devices pad what is base64url; it lies inside what is signed.
const RECORD: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why an answer is not trusted. Holds nothing of what was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum VerifyError {
    #[error("what is signed does not hold: {0}")]
    Answer(JwsError),
    #[error("the device's description does not hold: {0}")]
    DigitalId(JwsError),
    #[error("what is signed cannot be read")]
    Payload,
    #[error("it describes another device than was discovered")]
    Device,
    #[error("it is an answer to another request")]
    Transaction,
    #[error("it was made at another time")]
    Time,
    #[error("it is of another purpose")]
    Purpose,
    #[error("it is of another environment")]
    Environment,
    #[error("it follows another version of the specification")]
    SpecVersion,
    #[error("it holds no fingerprint")]
    Kind,
    #[error("it holds another finger than was asked for")]
    Finger,
    #[error("the record in it cannot be read")]
    Record,
    #[error("it does not continue the chain of hashes")]
    Hash,
}

/// SHA-256, as a link of the chain.
pub type Link = [u8; 32];

/// A device, as its signed description names it (`digitalId`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigitalId {
    pub serial: String,
    pub make: String,
    pub model: String,
    /// "Finger"; older services say "Fingerprint".
    pub kind: String,
    /// "Single", "Slap", "Touchless".
    pub sub_kind: String,
}

impl DigitalId {
    #[must_use]
    pub fn is_finger(&self) -> bool {
        is_finger(&self.kind)
    }

    #[must_use]
    pub fn is_slap(&self) -> bool {
        self.sub_kind.eq_ignore_ascii_case("slap")
    }

    /// Reads a description that nobody has signed: good for a choice among devices, for no more.
    ///
    /// # Errors
    /// [`VerifyError::Payload`].
    pub fn unsigned(text: &str) -> Result<Self, VerifyError> {
        // Some sign it here too.
        let payload = match text.split('.').collect::<Vec<_>>().as_slice() {
            [payload] | [_, payload, _] => *payload,
            _ => return Err(VerifyError::Payload),
        };
        if text.len() > MAX_DIGITAL_ID {
            return Err(VerifyError::Payload);
        }
        let payload = RECORD.decode(payload).map_err(|_| VerifyError::Payload)?;
        Self::read(&payload)
    }

    /// Reads a description that a certificate under one of `roots` has signed.
    ///
    /// # Errors
    /// [`VerifyError::DigitalId`], [`VerifyError::Payload`].
    pub fn signed(text: &str, roots: &TrustRoots, at: Timestamp) -> Result<Self, VerifyError> {
        if text.len() > MAX_DIGITAL_ID {
            return Err(VerifyError::DigitalId(JwsError::TooLong));
        }
        let payload = open(text, roots, at).map_err(VerifyError::DigitalId)?;
        Self::read(&payload)
    }

    fn read(payload: &[u8]) -> Result<Self, VerifyError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Read {
            #[serde(alias = "serial")]
            serial_no: Lenient,
            make: String,
            model: String,
            #[serde(rename = "type")]
            kind: String,
            #[serde(default, alias = "subType")]
            device_sub_type: Option<String>,
        }
        let read: Read = serde_json::from_slice(payload).map_err(|_| VerifyError::Payload)?;
        let serial = read.serial_no.text().ok_or(VerifyError::Payload)?;
        let id = Self {
            serial,
            make: read.make,
            model: read.model,
            kind: read.kind,
            sub_kind: read.device_sub_type.unwrap_or_default(),
        };
        let named = [&id.serial, &id.make, &id.model];
        if named.iter().any(|text| text.is_empty() || text.len() > 256) {
            return Err(VerifyError::Payload);
        }
        Ok(id)
    }

    /// The same device: a description is made anew for every answer, with its own time.
    fn is_of(&self, other: &Self) -> bool {
        (&self.serial, &self.make, &self.model) == (&other.serial, &other.make, &other.model)
    }
}

fn is_finger(kind: &str) -> bool {
    ["Finger", "Fingerprint", "FIR"]
        .iter()
        .any(|known| kind.eq_ignore_ascii_case(known))
}

/// What is expected of an answer.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    pub transaction: &'a str,
    pub finger: Finger,
    pub purpose: &'a str,
    pub environment: &'a str,
    pub spec_version: &'a str,
    pub device: &'a DigitalId,
    /// Given to the device when it was registered; of `MOSIPDINFO`.
    pub device_code: &'a str,
    /// The link before; [`first_link`] before the first.
    pub previous: &'a Link,
    /// Now, and how far the device's clock may be from it, in milliseconds.
    pub now: Timestamp,
    pub window_ms: u64,
}

/// One answer, as it stands in `biometrics`.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    pub spec_version: &'a str,
    pub data: &'a str,
    /// Hexadecimal.
    pub hash: &'a str,
}

/// What an answer that is trusted holds.
pub struct Verified {
    /// ISO/IEC 19794-4.
    pub record: Zeroizing<Vec<u8>>,
    /// The device's own opinion, 0 to 100, where it has one.
    pub claimed_quality: Option<f64>,
    /// The link that the next answer continues.
    pub link: Link,
}

impl std::fmt::Debug for Verified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Verified({} bytes)", self.record.len())
    }
}

/// The link before the first: SHA-256 of nothing.
#[must_use]
pub fn first_link() -> Link {
    sha256(&[])
}

/// The link of a record: SHA-256 of the link before and SHA-256 of the record.
#[must_use]
pub fn link(previous: &Link, record: &[u8]) -> Link {
    let mut both = [0; 64];
    both[..32].copy_from_slice(previous);
    both[32..].copy_from_slice(&sha256(record));
    sha256(&both)
}

fn sha256(bytes: &[u8]) -> Link {
    let mut link = Link::default();
    link.copy_from_slice(digest(&SHA256, bytes).as_ref());
    link
}

/// A link as text, upper case as devices write it.
#[must_use]
pub fn hex(link: &Link) -> String {
    link.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn unhex(text: &str) -> Option<Link> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut link = Link::default();
    for (byte, pair) in link.iter_mut().zip(digits.as_chunks::<2>().0) {
        let digit = |d: u8| {
            char::from(d)
                .to_digit(16)
                .and_then(|d| u8::try_from(d).ok())
        };
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(link)
}

/// What is signed in an answer to `RCAPTURE`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    digital_id: String,
    device_code: Lenient,
    bio_type: String,
    /// Absent for a face alone.
    #[serde(default)]
    bio_sub_type: Option<String>,
    purpose: String,
    env: String,
    bio_value: Zeroizing<String>,
    transaction_id: String,
    timestamp: String,
    #[serde(default)]
    quality_score: Option<Lenient>,
}

/// Reads an answer that may be trusted. `answers` are the roots of devices' keys, `devices` those
/// of their descriptions; with a key in software both are signed by the same.
///
/// # Errors
/// [`VerifyError`], of the first thing that does not hold.
pub fn answer(
    answer: &Answer<'_>,
    answers: &TrustRoots,
    devices: &TrustRoots,
    expected: &Expected<'_>,
) -> Result<Verified, VerifyError> {
    let payload = open(answer.data, answers, expected.now).map_err(VerifyError::Answer)?;
    let payload: Payload = serde_json::from_slice(&payload).map_err(|_| VerifyError::Payload)?;
    if payload.transaction_id != expected.transaction {
        return Err(VerifyError::Transaction);
    }
    let made = moment::read(&payload.timestamp).ok_or(VerifyError::Time)?;
    if made.0.abs_diff(expected.now.0) > expected.window_ms {
        return Err(VerifyError::Time);
    }
    let device = DigitalId::signed(&payload.digital_id, devices, expected.now)?;
    if !device.is_of(expected.device)
        || !device.is_finger()
        || payload.device_code.text().as_deref() != Some(expected.device_code)
    {
        return Err(VerifyError::Device);
    }
    if !payload.purpose.eq_ignore_ascii_case(expected.purpose) {
        return Err(VerifyError::Purpose);
    }
    if !payload.env.eq_ignore_ascii_case(expected.environment) {
        return Err(VerifyError::Environment);
    }
    if answer.spec_version != expected.spec_version {
        return Err(VerifyError::SpecVersion);
    }
    if !is_finger(&payload.bio_type) {
        return Err(VerifyError::Kind);
    }
    if payload.bio_sub_type.as_deref() != Some(fingers::name(expected.finger)) {
        return Err(VerifyError::Finger);
    }
    if payload.bio_value.len() > MAX_RECORD / 3 * 4 {
        return Err(VerifyError::Record);
    }
    let record = RECORD
        .decode(payload.bio_value.as_bytes())
        .map(Zeroizing::new)
        .map_err(|_| VerifyError::Record)?;
    let link = link(expected.previous, &record);
    if unhex(answer.hash) != Some(link) {
        return Err(VerifyError::Hash);
    }
    Ok(Verified {
        record,
        claimed_quality: payload.quality_score.and_then(|score| score.number()),
        link,
    })
}

/// What a device says of itself in answer to `MOSIPDINFO`, signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    pub digital_id: DigitalId,
    pub device_id: String,
    pub device_code: String,
    pub service_version: String,
    /// "Ready", "Busy", "Not Ready", "Not Registered".
    pub status: String,
    pub sub_ids: Vec<u32>,
    pub purpose: String,
    pub environment: String,
    pub spec_versions: Vec<String>,
}

/// Reads a device's description of itself.
///
/// # Errors
/// [`VerifyError`]: not signed under one of the roots, or not to be read.
pub fn device_info(
    signed: &str,
    answers: &TrustRoots,
    devices: &TrustRoots,
    at: Timestamp,
) -> Result<DeviceInfo, VerifyError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Read {
        digital_id: String,
        device_id: Lenient,
        #[serde(default)]
        device_code: Option<Lenient>,
        #[serde(default)]
        service_version: Option<Lenient>,
        #[serde(default)]
        device_status: Option<String>,
        #[serde(default)]
        device_sub_id: Option<Lenient>,
        #[serde(default)]
        purpose: Option<String>,
        #[serde(default)]
        env: Option<String>,
        #[serde(default)]
        spec_version: Option<Lenient>,
    }
    if signed.len() > 2 * MAX_DIGITAL_ID {
        return Err(VerifyError::Answer(JwsError::TooLong));
    }
    // The specification has it signed by the key of the description, services of software by the
    // device's only key.
    let payload = open(signed, devices, at)
        .or_else(|_| open(signed, answers, at))
        .map_err(VerifyError::Answer)?;
    let read: Read = serde_json::from_slice(&payload).map_err(|_| VerifyError::Payload)?;
    let text = |value: Option<Lenient>| value.and_then(|v| v.text()).unwrap_or_default();
    Ok(DeviceInfo {
        digital_id: DigitalId::signed(&read.digital_id, devices, at)?,
        device_id: read.device_id.text().ok_or(VerifyError::Payload)?,
        device_code: text(read.device_code),
        service_version: text(read.service_version),
        status: read.device_status.unwrap_or_default(),
        sub_ids: read.device_sub_id.map(|v| v.numbers()).unwrap_or_default(),
        purpose: read.purpose.unwrap_or_default(),
        environment: read.env.unwrap_or_default(),
        spec_versions: read.spec_version.map(|v| v.texts()).unwrap_or_default(),
    })
}
