//! The key store: keys work in it and never come out.

use protocol::bytes::CborError;
use std::path::Path;
use std::sync::Arc;

mod disk;
mod file;
#[cfg(all(feature = "tpm", target_os = "linux"))]
mod tpm;
mod wrapping;

pub(crate) use disk::{
    make_private_dir, new_private_file, overwrite_and_remove, sync_dir, write_atomically,
};
pub use file::UnsafeFileKeyStore;
#[cfg(all(feature = "tpm", target_os = "linux"))]
pub use tpm::TpmKeyStore;

/// Longest message of [`KeyStore::mac`], bytes: what every TPM takes in one command.
pub const MAC_BYTES: usize = 1024;
/// Longest name of an entry, bytes.
pub const ENTRY_BYTES: usize = 64;

/// The file by which each kind of store is known in its directory.
const FILE_STORE_FILE: &str = "tls.p8";
const TPM_FILE: &str = "tpm";

/// The kinds of key store that keep something in a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyStoreKind {
    UnsafeFile,
    Tpm,
}

/// Whose keys lie in `dir`; `None` where there are none yet.
#[must_use]
pub fn kind_in(dir: &Path) -> Option<KeyStoreKind> {
    if dir.join(TPM_FILE).exists() {
        Some(KeyStoreKind::Tpm)
    } else if dir.join(FILE_STORE_FILE).exists() {
        Some(KeyStoreKind::UnsafeFile)
    } else {
        None
    }
}

/// Opens the key store of the tablet whose keys lie in `dir`, or makes it: in the TPM at `tpm`
/// (see [`TpmKeyStore::open`]), or where its keys were made, or, for a new tablet, in the machine's
/// TPM if it has one, and in files if not.
///
/// # Errors
/// [`KeyStoreError::OtherKind`]; [`KeyStoreError::NoTpm`]: a TPM is asked for, and this program was
/// built without; others as the store gives them.
pub fn open(dir: &Path, tpm: Option<&str>) -> Result<Arc<dyn KeyStore>, KeyStoreError> {
    if let Some(address) = tpm.or_else(|| default_tpm(dir)) {
        return open_tpm(dir, address);
    }
    let store = UnsafeFileKeyStore::open(dir)?;
    tracing::warn!("keys lie in files: not for a tablet on the street");
    Ok(Arc::new(store))
}

#[cfg(all(feature = "tpm", target_os = "linux"))]
fn open_tpm(dir: &Path, address: &str) -> Result<Arc<dyn KeyStore>, KeyStoreError> {
    Ok(Arc::new(TpmKeyStore::open(dir, address)?))
}

#[cfg(not(all(feature = "tpm", target_os = "linux")))]
fn open_tpm(_: &Path, _: &str) -> Result<Arc<dyn KeyStore>, KeyStoreError> {
    Err(KeyStoreError::NoTpm)
}

/// The TPM to be used where none is named.
fn default_tpm(dir: &Path) -> Option<&'static str> {
    const DEVICE: &str = "/dev/tpmrm0";
    const ADDRESS: &str = "device:/dev/tpmrm0";
    match kind_in(dir) {
        Some(KeyStoreKind::Tpm) => Some(ADDRESS),
        Some(KeyStoreKind::UnsafeFile) => None,
        None => {
            let built = cfg!(all(feature = "tpm", target_os = "linux"));
            (built && Path::new(DEVICE).exists()).then_some(ADDRESS)
        }
    }
}

/// A tablet's keys stay where they were made: another kind of store would be another tablet to
/// central, and files in place of a TPM a weaker one.
fn refuse_other_kind(dir: &Path, others: &str) -> Result<(), KeyStoreError> {
    if dir.join(others).exists() {
        return Err(KeyStoreError::OtherKind);
    }
    Ok(())
}

/// The keys of a tablet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyName {
    /// P-256: the device's TLS client key, which its certificate names; signs citizens' receipts.
    Tls,
    /// P-256: signs the journal's batches.
    Journal,
    /// HMAC-SHA-256: derivations that must not be possible away from this tablet.
    Device,
}

/// Keys that can be used and never read: a TPM, Android's key store, or, in the demo, a file.
pub trait KeyStore: Send + Sync {
    /// HMAC-SHA-256 of `message`, at most [`MAC_BYTES`], under a symmetric key of the store.
    ///
    /// # Errors
    /// The store cannot be used, the key is none for this, or the message is longer.
    fn mac(&self, key: KeyName, message: &[u8]) -> Result<[u8; 32], KeyStoreError>;

    /// ECDSA P-256/SHA-256 over `message`, ASN.1 DER.
    ///
    /// # Errors
    /// The store cannot be used, or the key is none that signs.
    fn sign(&self, key: KeyName, message: &[u8]) -> Result<Vec<u8>, KeyStoreError>;

    /// Public half of a signing key: uncompressed SEC1 point, 65 bytes.
    ///
    /// # Errors
    /// The store cannot be used, or the key has no public half.
    fn public(&self, key: KeyName) -> Result<Vec<u8>, KeyStoreError>;

    /// Wraps 32 secret bytes so that only this store unwraps them, under an entry of its own that
    /// [`KeyStore::destroy`] deletes; its name is at most [`ENTRY_BYTES`] long.
    ///
    /// # Errors
    /// The store cannot be used or is full, or the name is longer.
    fn wrap(&self, entry: &str, secret: &[u8; 32]) -> Result<Vec<u8>, KeyStoreError>;

    /// # Errors
    /// The entry is gone, or the bytes are not what [`KeyStore::wrap`] gave.
    fn unwrap(
        &self,
        entry: &str,
        wrapped: &[u8],
    ) -> Result<zeroize::Zeroizing<[u8; 32]>, KeyStoreError>;

    /// Deletes an entry: whatever it wrapped can never be read again.
    ///
    /// # Errors
    /// The store cannot be used.
    fn destroy(&self, entry: &str) -> Result<(), KeyStoreError>;

    /// Names of the entries that [`KeyStore::wrap`] made and nothing destroyed yet: an entry that
    /// outlived its session is found and destroyed at the next start.
    ///
    /// # Errors
    /// The store cannot be used.
    fn entries(&self) -> Result<Vec<String>, KeyStoreError>;

    /// Destroys every entry, every key and the counter: from here on this tablet can read nothing, sign
    /// nothing and be nobody. When the store is opened next it is a new one.
    ///
    /// # Errors
    /// The store cannot be used; some keys may be gone, and it is to be called again.
    fn destroy_all(&self) -> Result<(), KeyStoreError>;

    /// A number that only ever rises, kept by the store itself: what is bound to it cannot be set
    /// back with a copy of the disk.
    ///
    /// # Errors
    /// The store cannot be used.
    fn counter(&self) -> Result<u64, KeyStoreError>;

    /// Raises [`KeyStore::counter`] by one; durable when this returns. Returns the new value.
    ///
    /// # Errors
    /// The store cannot be used.
    fn count(&self) -> Result<u64, KeyStoreError>;

    /// Whether keys and counter lie where a copy of the disk does not reach (a TPM, Android's key
    /// store).
    fn in_hardware(&self) -> bool;
}

#[derive(Debug, thiserror::Error)]
pub enum KeyStoreError {
    #[error("the key store cannot be read or written")]
    Io(#[from] std::io::Error),
    #[error("the key store is damaged")]
    Damaged,
    #[error("no such key or entry")]
    NoSuchKey,
    #[error("the wrapped bytes do not belong to this store")]
    NotOurs,
    #[error("the key cannot do this")]
    WrongUse,
    /// The keys here were made in a store of another kind; this tablet goes on with that one, or is
    /// enrolled anew.
    #[error("the keys of this tablet lie in a key store of another kind")]
    OtherKind,
    #[error("this program was built without the feature `tpm`")]
    NoTpm,
    #[error("this names no TPM: device:PATH, or swtpm:host=HOST,port=PORT")]
    BadAddress,
    /// What it answered is in the log.
    #[error("the TPM cannot be reached, or does not do what it was asked")]
    Tpm,
    #[error("the TPM has no room for another entry")]
    Full,
    #[error(transparent)]
    Encoding(#[from] CborError),
}
