//! The session's key and what it encrypts; the seal for central.

use super::VaultError;
use crate::device::{KeyName, KeyStore};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable as _, Kem, OpModeS, Serializable as _};
use protocol::access::normal_login;
use protocol::{DeviceId, SealingKey, SessionId};
use regulation::Timestamp;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf;
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use zeroize::Zeroizing;

/// Version of the local encryption, bound into every record.
const LOCAL_VERSION: u8 = 1;
/// Local records are padded to multiples of this: a size says little about what was typed.
const PAD: usize = 256;
/// Argon2id: 64 MiB, three passes, one lane.
const ARGON2_KIB: u32 = 64 * 1024;
const ARGON2_PASSES: u32 = 3;

pub(super) const SALT_BYTES: usize = 16;

/// The key under which a session's records lie on this tablet.
pub(super) struct ShiftKey(Zeroizing<[u8; 32]>);

pub(super) fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, VaultError> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut()).map_err(|_| VaultError::Crypto)?;
    Ok(bytes)
}

/// Names the record that a ciphertext belongs to, so that rows cannot be swapped.
fn record(table: &str, row: &[u8]) -> Vec<u8> {
    let mut name = vec![LOCAL_VERSION];
    name.extend_from_slice(table.as_bytes());
    name.push(0);
    name.extend_from_slice(row);
    name
}

impl ShiftKey {
    pub(super) fn generate() -> Result<Self, VaultError> {
        random().map(Self)
    }

    /// A key of its own for each record.
    fn subkey(&self, record: &[u8]) -> Result<LessSafeKey, VaultError> {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"e-patrul local record");
        expand(&salt.extract(self.0.as_ref()), record)
    }

    pub(super) fn seal(
        &self,
        table: &str,
        row: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, VaultError> {
        let record = record(table, row);
        let length = u32::try_from(plain.len()).map_err(|_| VaultError::TooLarge)?;
        let padded = (4 + plain.len()).next_multiple_of(PAD);
        let mut buffer = Vec::with_capacity(NONCE_LEN + padded + AES_256_GCM.tag_len());
        buffer.extend_from_slice(&length.to_be_bytes());
        buffer.extend_from_slice(plain);
        buffer.resize(padded, 0);
        seal_with(&self.subkey(&record)?, &record, buffer)
    }

    pub(super) fn open(
        &self,
        table: &str,
        row: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let record = record(table, row);
        let mut plain = open_with(&self.subkey(&record)?, &record, sealed)?;
        let length = plain.first_chunk::<4>().map(|b| u32::from_be_bytes(*b));
        let length = length
            .and_then(|l| usize::try_from(l).ok())
            .ok_or(VaultError::Crypto)?;
        if plain.len() < 4 + length {
            return Err(VaultError::Crypto);
        }
        plain.truncate(4 + length);
        plain.drain(..4);
        Ok(plain)
    }

    /// The key under an entry of the key store alone, for what no officer's password opens.
    pub(super) fn wrap_in(
        &self,
        keystore: &dyn KeyStore,
        entry: &str,
    ) -> Result<Vec<u8>, VaultError> {
        Ok(keystore.wrap(entry, &self.0)?)
    }

    /// The key as it lies on the disk: under the password, this device and the entry's pepper.
    pub(super) fn wrap(&self, under: &WrappingKey, id: SessionId) -> Result<Vec<u8>, VaultError> {
        seal_with(
            &under.0,
            &record("sessions.key", id.0.as_bytes()),
            self.0.to_vec(),
        )
    }

    /// # Errors
    /// [`VaultError::Crypto`]: the password is wrong.
    pub(super) fn unwrap(
        under: &WrappingKey,
        id: SessionId,
        wrapped: &[u8],
    ) -> Result<Self, VaultError> {
        let plain = open_with(&under.0, &record("sessions.key", id.0.as_bytes()), wrapped)?;
        let key = <[u8; 32]>::try_from(plain.as_slice()).map_err(|_| VaultError::Crypto)?;
        Ok(Self(Zeroizing::new(key)))
    }
}

impl From<Zeroizing<[u8; 32]>> for ShiftKey {
    fn from(key: Zeroizing<[u8; 32]>) -> Self {
        Self(key)
    }
}

/// Opens an officer's grants in a roster; see [`protocol::RosterEntry::grant`].
pub(super) struct GrantKey(LessSafeKey);

impl GrantKey {
    pub(super) fn derive(
        password: &str,
        memory_kib: u32,
        passes: u32,
        salt: &[u8],
        device: DeviceId,
    ) -> Result<Self, VaultError> {
        let stretched = stretch(password, memory_kib, passes, salt)?;
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, device.0.as_bytes());
        let prk = salt.extract(stretched.as_ref());
        Ok(Self(expand(&prk, protocol::access::GRANT_INFO)?))
    }

    /// # Errors
    /// [`VaultError::Crypto`]: the password is wrong.
    pub(super) fn open(&self, aad: &[u8], grant: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        open_with(&self.0, aad, grant)
    }
}

/// Argon2id, one lane.
fn stretch(
    password: &str,
    memory_kib: u32,
    passes: u32,
    salt: &[u8],
) -> Result<Zeroizing<[u8; 32]>, VaultError> {
    let params =
        argon2::Params::new(memory_kib, passes, 1, Some(32)).map_err(|_| VaultError::Crypto)?;
    let argon2 = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let mut stretched = Zeroizing::new([0; 32]);
    argon2
        .hash_password_into(password.as_bytes(), salt, stretched.as_mut())
        .map_err(|_| VaultError::Crypto)?;
    Ok(stretched)
}

/// Opens a session's key. Takes the password *and* the key store *and* the session's entry in it:
/// without any of the three there is nothing to try passwords on.
pub(super) struct WrappingKey(LessSafeKey);

impl WrappingKey {
    pub(super) fn derive(
        password: &str,
        salt: &[u8],
        pepper: &[u8; 32],
        keystore: &dyn KeyStore,
    ) -> Result<Self, VaultError> {
        let stretched = stretch(password, ARGON2_KIB, ARGON2_PASSES, salt)?;
        let mut context = b"e-patrul session key v1\0".to_vec();
        context.extend_from_slice(salt);
        let bound = Zeroizing::new(keystore.mac(KeyName::Device, &context)?);
        let mut secret = Zeroizing::new([0; 96]);
        secret[..32].copy_from_slice(stretched.as_ref());
        secret[32..64].copy_from_slice(bound.as_ref());
        secret[64..].copy_from_slice(pepper);
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, salt);
        Ok(Self(expand(
            &salt.extract(secret.as_ref()),
            b"e-patrul session key v1",
        )?))
    }
}

fn expand(prk: &hkdf::Prk, info: &[u8]) -> Result<LessSafeKey, VaultError> {
    let info = [info];
    let okm = prk
        .expand(&info, &AES_256_GCM)
        .map_err(|_| VaultError::Crypto)?;
    Ok(LessSafeKey::new(UnboundKey::from(okm)))
}

fn seal_with(key: &LessSafeKey, aad: &[u8], plain: Vec<u8>) -> Result<Vec<u8>, VaultError> {
    let mut buffer = Zeroizing::new(plain);
    let nonce = random::<NONCE_LEN>()?;
    key.seal_in_place_append_tag(
        Nonce::assume_unique_for_key(*nonce),
        Aad::from(aad),
        &mut *buffer,
    )
    .map_err(|_| VaultError::Crypto)?;
    let mut sealed = Vec::with_capacity(NONCE_LEN + buffer.len());
    sealed.extend_from_slice(nonce.as_ref());
    sealed.extend_from_slice(&buffer);
    Ok(sealed)
}

fn open_with(
    key: &LessSafeKey,
    aad: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let (nonce, sealed) = sealed
        .split_first_chunk::<NONCE_LEN>()
        .ok_or(VaultError::Crypto)?;
    let mut buffer = Zeroizing::new(sealed.to_vec());
    let length = key
        .open_in_place(
            Nonce::assume_unique_for_key(*nonce),
            Aad::from(aad),
            &mut buffer,
        )
        .map_err(|_| VaultError::Crypto)?
        .len();
    buffer.truncate(length);
    Ok(buffer)
}

/// A login name as it may lie on the disk: of no use without this tablet's key store.
pub(super) fn login_token(keystore: &dyn KeyStore, login: &str) -> Result<[u8; 32], VaultError> {
    let mut message = b"e-patrul login v1\0".to_vec();
    // No login is as long; what is typed may be.
    message.extend(normal_login(login).bytes().take(512));
    Ok(keystore.mac(KeyName::Device, &message)?)
}

type SealKem = X25519HkdfSha256;

fn sealing_public(key: &SealingKey) -> Result<<SealKem as Kem>::PublicKey, VaultError> {
    <SealKem as Kem>::PublicKey::from_bytes(&key.public).map_err(|_| VaultError::Crypto)
}

/// # Errors
/// [`VaultError::ForeignSealingKey`]: it does not bear the signature of this CA;
/// [`VaultError::Crypto`]: the key is none that can be sealed to.
pub(super) fn check_sealing_key(key: &SealingKey, ca_pem: &str) -> Result<(), VaultError> {
    let (_, pem) = x509_parser::pem::parse_x509_pem(ca_pem.as_bytes())
        .map_err(|_| VaultError::ForeignSealingKey)?;
    let certificate = pem
        .parse_x509()
        .map_err(|_| VaultError::ForeignSealingKey)?;
    let ca = certificate.public_key().subject_public_key.as_ref();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, ca)
        .verify(&key.signed_bytes(), &key.signature)
        .map_err(|_| VaultError::ForeignSealingKey)?;
    sealing_public(key).map(|_| ())
}

/// The last moment at which a certificate is valid; `None`: it cannot be read.
pub(super) fn certificate_ends(pem: &str) -> Option<Timestamp> {
    let (_, pem) = x509_parser::pem::parse_x509_pem(pem.as_bytes()).ok()?;
    let ends = pem.parse_x509().ok()?.validity().not_after.timestamp();
    Some(Timestamp(ends.checked_mul(1000)?))
}

/// Seals for central: (encapsulated key, ciphertext).
pub(super) fn seal_for_central(
    key: &SealingKey,
    aad: &[u8],
    plain: &[u8],
) -> Result<(Vec<u8>, Vec<u8>), VaultError> {
    let (encapsulated, ciphertext) =
        hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, SealKem>(
            &OpModeS::Base,
            &sealing_public(key)?,
            protocol::envelope::SEAL_INFO,
            plain,
            aad,
        )
        .map_err(|_| VaultError::Crypto)?;
    Ok((encapsulated.to_bytes().to_vec(), ciphertext))
}
