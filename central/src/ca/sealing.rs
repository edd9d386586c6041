//! Sealing keys: made, certified by the CA, replaced, kept for ever.

use super::KeyError;
use super::files::Dir;
use crate::archive::{Opener, PrivateKey};
use hpke::{Kem as _, Serializable as _, kem::X25519HkdfSha256};
use protocol::{KeyId, SealingKey};
use rcgen::{KeyPair, SigningKey as _};
use regulation::Timestamp;
use uuid::Uuid;
use zeroize::Zeroizing;

/// The file that names the key in force.
pub(super) const CURRENT: &str = "sealing-current";

fn private_name(id: KeyId) -> String {
    format!("sealing-{id}.x25519")
}

fn certificate_name(id: KeyId) -> String {
    format!("sealing-{id}.json")
}

pub(super) fn ca_key(dir: &Dir) -> Result<KeyPair, KeyError> {
    KeyPair::from_pem(&dir.text("ca.key")?).map_err(|_| KeyError::Damaged(dir.path("ca.key")))
}

/// Makes a key and puts it in force; a power cut leaves the one before in force.
pub(super) fn make(dir: &Dir, ca: &KeyPair, at: Timestamp) -> Result<(), KeyError> {
    let mut seed = Zeroizing::new([0u8; 32]);
    getrandom::fill(seed.as_mut()).map_err(|_| KeyError::Generate)?;
    let (private, public) = X25519HkdfSha256::derive_keypair(seed.as_ref());
    let id = KeyId(Uuid::new_v4());
    let certified = certify(ca, id, public.to_bytes().to_vec(), at)?;
    let certificate = serde_json::to_vec(&certified).map_err(|_| KeyError::Generate)?;
    let private = Zeroizing::new(private.to_bytes().to_vec());
    dir.write(&private_name(id), &private)?;
    dir.write(&certificate_name(id), &certificate)?;
    dir.write(CURRENT, id.to_string().as_bytes())
}

fn certify(
    ca: &KeyPair,
    id: KeyId,
    public: Vec<u8>,
    made_at: Timestamp,
) -> Result<SealingKey, KeyError> {
    let mut key = SealingKey {
        id,
        public,
        made_at,
        signature: Vec::new(),
    };
    key.signature = ca.sign(&key.signed_bytes())?;
    Ok(key)
}

fn current_id(dir: &Dir) -> Result<KeyId, KeyError> {
    let text = dir.text(CURRENT)?;
    let id = Uuid::parse_str(text.trim()).map_err(|_| KeyError::Damaged(dir.path(CURRENT)))?;
    Ok(KeyId(id))
}

pub(super) fn is_current(dir: &Dir, id: KeyId) -> Result<bool, KeyError> {
    Ok(current_id(dir)? == id)
}

/// The key in force, with its certificate.
pub(super) fn current(dir: &Dir, ca: &KeyPair) -> Result<SealingKey, KeyError> {
    let id = current_id(dir)?;
    let damaged = || KeyError::Damaged(dir.path(&private_name(id)));
    let private = Opener::key(&dir.bytes(&private_name(id))?).ok_or_else(damaged)?;
    let public = X25519HkdfSha256::sk_to_pk(&private).to_bytes().to_vec();
    let name = certificate_name(id);
    if !dir.has(&name) {
        // Made before keys were certified: older than every one made since.
        return certify(ca, id, public, Timestamp(0));
    }
    let certified: SealingKey = serde_json::from_slice(&dir.bytes(&name)?)
        .map_err(|_| KeyError::Damaged(dir.path(&name)))?;
    if certified.id == id && certified.public == public {
        Ok(certified)
    } else {
        Err(KeyError::Damaged(dir.path(&name)))
    }
}

/// A private key that is there by now.
pub(super) fn private(dir: &Dir, id: KeyId) -> Option<PrivateKey> {
    let name = private_name(id);
    if !dir.has(&name) {
        return None;
    }
    let key = dir.bytes(&name).ok().and_then(|bytes| Opener::key(&bytes));
    if key.is_none() {
        tracing::error!(%id, "a sealing key cannot be read");
    }
    key
}
