//! What an entry's key wraps: AES-256-GCM, bound to the entry's name. The same in every key store;
//! what differs is where the entry's key lies.

use super::KeyStoreError;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

pub(super) const KEY_BYTES: usize = 32;

/// A fresh key.
pub(super) fn new_key(random: &SystemRandom) -> Result<Zeroizing<[u8; KEY_BYTES]>, KeyStoreError> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    random
        .fill(key.as_mut())
        .map_err(|_| KeyStoreError::Damaged)?;
    Ok(key)
}

/// Nonce, then ciphertext and tag.
pub(super) fn wrap(
    key: &[u8],
    entry: &str,
    secret: &[u8; 32],
    random: &SystemRandom,
) -> Result<Vec<u8>, KeyStoreError> {
    let mut nonce = [0; NONCE_LEN];
    random
        .fill(&mut nonce)
        .map_err(|_| KeyStoreError::Damaged)?;
    let mut sealed = Zeroizing::new(secret.to_vec());
    aead_key(key)?
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(entry.as_bytes()),
            &mut *sealed,
        )
        .map_err(|_| KeyStoreError::Damaged)?;
    let mut wrapped = nonce.to_vec();
    wrapped.extend_from_slice(&sealed);
    Ok(wrapped)
}

/// # Errors
/// [`KeyStoreError::NotOurs`]: not wrapped with this key under this name.
pub(super) fn unwrap(
    key: &[u8],
    entry: &str,
    wrapped: &[u8],
) -> Result<Zeroizing<[u8; 32]>, KeyStoreError> {
    let (nonce, sealed) = wrapped
        .split_first_chunk::<NONCE_LEN>()
        .ok_or(KeyStoreError::NotOurs)?;
    let mut buffer = Zeroizing::new(sealed.to_vec());
    let opened = aead_key(key)?
        .open_in_place(
            Nonce::assume_unique_for_key(*nonce),
            Aad::from(entry.as_bytes()),
            &mut buffer,
        )
        .map_err(|_| KeyStoreError::NotOurs)?;
    let secret = <[u8; 32]>::try_from(&*opened).map_err(|_| KeyStoreError::NotOurs)?;
    Ok(Zeroizing::new(secret))
}

fn aead_key(bytes: &[u8]) -> Result<LessSafeKey, KeyStoreError> {
    let key = UnboundKey::new(&AES_256_GCM, bytes).map_err(|_| KeyStoreError::Damaged)?;
    Ok(LessSafeKey::new(key))
}
