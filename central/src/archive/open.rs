//! Opens the seals.

use crate::store::ArchiveFlag;
use hpke::{
    Deserializable as _, Kem, OpModeR, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    kem::X25519HkdfSha256, single_shot_open,
};
use protocol::envelope::SEAL_INFO;
use protocol::{Envelope, Fact, KeyId, from_cbor};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use zeroize::Zeroizing;

pub(crate) type PrivateKey = <X25519HkdfSha256 as Kem>::PrivateKey;

/// Every private sealing key of central.
pub struct Opener {
    keys: RwLock<HashMap<KeyId, PrivateKey>>,
    source: Source,
}

/// Where a key is looked for that was made since.
type Source = Box<dyn Fn(KeyId) -> Option<PrivateKey> + Send + Sync>;

impl std::fmt::Debug for Opener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opener({} keys)", self.known().len())
    }
}

/// Why an envelope gives no fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenFault {
    #[error("sealed to a key that is not here")]
    KeyUnknown,
    #[error("the seal does not open")]
    Unopenable,
    #[error("what was sealed is not a fact")]
    Undecodable,
    #[error("a kind of fact that is not known here")]
    UnknownKind,
}

impl From<OpenFault> for ArchiveFlag {
    fn from(fault: OpenFault) -> Self {
        match fault {
            OpenFault::KeyUnknown => Self::KeyUnknown,
            OpenFault::Unopenable => Self::Unopenable,
            OpenFault::Undecodable => Self::Undecodable,
            OpenFault::UnknownKind => Self::UnknownKind,
        }
    }
}

impl Opener {
    #[must_use]
    pub fn new(keys: HashMap<KeyId, PrivateKey>) -> Self {
        Self::with_source(keys, |_| None)
    }

    /// Of these keys, and those that `source` finds later.
    #[must_use]
    pub fn with_source(
        keys: HashMap<KeyId, PrivateKey>,
        source: impl Fn(KeyId) -> Option<PrivateKey> + Send + Sync + 'static,
    ) -> Self {
        Self {
            keys: RwLock::new(keys),
            source: Box::new(source),
        }
    }

    fn known(&self) -> RwLockReadGuard<'_, HashMap<KeyId, PrivateKey>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, id: KeyId) -> Option<PrivateKey> {
        let known = self.known().get(&id).cloned();
        if known.is_some() {
            return known;
        }
        let found = (self.source)(id)?;
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        keys.insert(id, found.clone());
        Some(found)
    }

    /// A private key from its 32 bytes.
    pub(crate) fn key(bytes: &[u8]) -> Option<PrivateKey> {
        PrivateKey::from_bytes(bytes).ok()
    }

    /// The fact in an envelope.
    ///
    /// # Errors
    /// [`OpenFault`]; the envelope is evidence all the same.
    pub fn open(&self, envelope: &Envelope) -> Result<Fact, OpenFault> {
        let key = self.find(envelope.key).ok_or(OpenFault::KeyUnknown)?;
        let encapsulated =
            <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&envelope.encapsulated)
                .map_err(|_| OpenFault::Unopenable)?;
        let fact = single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &key,
            &encapsulated,
            SEAL_INFO,
            &envelope.ciphertext,
            &envelope.aad(),
        )
        .map_err(|_| OpenFault::Unopenable)?;
        decode(&Zeroizing::new(fact))
    }
}

/// The part of a fact that every version of the contract has.
#[derive(Deserialize)]
struct Outline {
    #[serde(rename = "at")]
    _at: regulation::Timestamp,
    kind: Kind,
}

#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "kind")]
    _kind: String,
}

/// Reads a fact; what has the outline of one, and a kind, event or field that is not known here,
/// was written by a newer tablet and will be read by a newer central.
pub(crate) fn decode(bytes: &[u8]) -> Result<Fact, OpenFault> {
    from_cbor(bytes).map_err(|_| match from_cbor::<Outline>(bytes) {
        Ok(Outline {
            kind: Kind { .. }, ..
        }) => OpenFault::UnknownKind,
        Err(_) => OpenFault::Undecodable,
    })
}
