//! Bytes on the wire.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Bytes as lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Digest(pub [u8; 32]);

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}…", hex(&self.0[..4]))
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_bytes::serialize(&self.0[..], serializer)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes: serde_bytes::ByteArray<32> = Deserialize::deserialize(deserializer)?;
        Ok(Self(bytes.into_array()))
    }
}

/// Bytes as standard base64 text in JSON: `#[serde(with = "protocol::bytes::base64_text")]`.
pub mod base64_text {
    use super::*;

    /// # Errors
    /// As the serializer says.
    pub fn serialize<S: serde::Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    /// # Errors
    /// The text is not base64.
    pub fn deserialize<'de, D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD
            .decode(text)
            .map_err(|_| serde::de::Error::custom("not base64"))
    }
}

/// A digest as standard base64 text in JSON.
pub mod digest_text {
    use super::*;

    /// # Errors
    /// As the serializer says.
    pub fn serialize<S: serde::Serializer>(
        digest: &Digest,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        base64_text::serialize(&digest.0, serializer)
    }

    /// # Errors
    /// The text is not base64, or not of 32 bytes.
    pub fn deserialize<'de, D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Digest, D::Error> {
        let bytes = base64_text::deserialize(deserializer)?;
        let bytes = bytes
            .try_into()
            .map_err(|_| serde::de::Error::custom("not 32 bytes"))?;
        Ok(Digest(bytes))
    }
}

/// Why bytes are not a value of the type asked for. Holds nothing of the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CborError {
    #[error("malformed CBOR")]
    Malformed,
    #[error("bytes left over after the value")]
    Trailing,
    #[error("the value cannot be written")]
    Unwritable,
}

/// # Errors
/// [`CborError::Unwritable`] for a value that CBOR cannot hold; none of this crate's types is one.
pub fn to_cbor<T: Serialize>(value: &T) -> Result<Vec<u8>, CborError> {
    let mut out = Vec::new();
    ciborium::into_writer(value, &mut out).map_err(|_| CborError::Unwritable)?;
    Ok(out)
}

/// Reads exactly one value; nesting deeper than 32 is refused.
///
/// # Errors
/// [`CborError`]; never with a word of the content.
pub fn from_cbor<T: DeserializeOwned>(mut bytes: &[u8]) -> Result<T, CborError> {
    let value = ciborium::de::from_reader_with_recursion_limit(&mut bytes, 32)
        .map_err(|_| CborError::Malformed)?;
    if !bytes.is_empty() {
        return Err(CborError::Trailing);
    }
    Ok(value)
}
