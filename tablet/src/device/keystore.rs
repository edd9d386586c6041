//! The key store: keys work in it and never come out.

use protocol::bytes::CborError;

mod file;

pub use file::UnsafeFileKeyStore;
pub(crate) use file::{sync_dir, write_atomically};

/// The keys of a tablet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyName {
    /// P-256: the device's TLS client key.
    Tls,
    /// P-256: signs the journal's batches.
    Journal,
    /// HMAC-SHA-256: derivations that must not be possible away from this tablet.
    Device,
}

/// Keys that can be used and never read: a TPM, Android's key store, or, in the demo, a file.
pub trait KeyStore: Send + Sync {
    /// HMAC-SHA-256 of `message` under a symmetric key of the store.
    ///
    /// # Errors
    /// The store cannot be used.
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
    /// [`KeyStore::destroy`] deletes.
    ///
    /// # Errors
    /// The store cannot be used.
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
    #[error(transparent)]
    Encoding(#[from] CborError),
}
