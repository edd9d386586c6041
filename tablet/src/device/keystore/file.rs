//! A key store in plain files: for the demo and for training, where no hardware store is at hand.

use super::wrapping::{self, KEY_BYTES};
use super::{
    ENTRY_BYTES, KeyName, KeyStore, KeyStoreError, MAC_BYTES, make_private_dir,
    overwrite_and_remove, refuse_other_kind, sync_dir, write_atomically,
};
use protocol::bytes::hex;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use zeroize::Zeroizing;

/// Keys in files that only the program's user may read. **Unsafe**: whoever copies the directory has
/// the keys, and destroying an entry cannot be relied upon on flash memory. For demo and training
/// only; a real tablet has a TPM or Android's key store behind the same trait.
pub struct UnsafeFileKeyStore {
    dir: PathBuf,
    entries: PathBuf,
    counter: PathBuf,
    /// What is still in memory is not used any more.
    destroyed: AtomicBool,
    tls: EcdsaKeyPair,
    journal: EcdsaKeyPair,
    device: hmac::Key,
    random: SystemRandom,
}

impl std::fmt::Debug for UnsafeFileKeyStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UnsafeFileKeyStore(..)")
    }
}

const KEY_FILES: [&str; 3] = [super::FILE_STORE_FILE, "journal.p8", "device.key"];

impl UnsafeFileKeyStore {
    /// Opens the key store in `dir`; what is missing is made.
    ///
    /// # Errors
    /// The directory cannot be used, or a key file is damaged: a key is never made anew over one
    /// that is there, since central knows the tablet by it.
    pub fn open(dir: &Path) -> Result<Self, KeyStoreError> {
        let entries = dir.join("entries");
        make_private_dir(dir)?;
        refuse_other_kind(dir, super::TPM_FILE)?;
        make_private_dir(&entries)?;
        let random = SystemRandom::new();
        Ok(Self {
            tls: key_pair(&dir.join(KEY_FILES[0]), &random)?,
            journal: key_pair(&dir.join(KEY_FILES[1]), &random)?,
            device: hmac::Key::new(
                hmac::HMAC_SHA256,
                secret(&dir.join(KEY_FILES[2]), &random)?.as_slice(),
            ),
            dir: dir.to_owned(),
            destroyed: AtomicBool::new(false),
            entries,
            counter: dir.join("counter"),
            random,
        })
    }

    fn there(&self) -> Result<(), KeyStoreError> {
        if self.destroyed.load(Ordering::SeqCst) {
            Err(KeyStoreError::NoSuchKey)
        } else {
            Ok(())
        }
    }

    fn signing_key(&self, key: KeyName) -> Result<&EcdsaKeyPair, KeyStoreError> {
        self.there()?;
        match key {
            KeyName::Tls => Ok(&self.tls),
            KeyName::Journal => Ok(&self.journal),
            KeyName::Device => Err(KeyStoreError::WrongUse),
        }
    }

    fn entry_path(&self, entry: &str) -> PathBuf {
        // Hexadecimal, so that no name leaves the directory.
        self.entries.join(hex(entry.as_bytes()))
    }

    fn entry_key(&self, entry: &str) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
        match fs::read(self.entry_path(entry)) {
            Ok(bytes) => Ok(Zeroizing::new(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(KeyStoreError::NoSuchKey),
            Err(error) => Err(error.into()),
        }
    }
}

impl KeyStore for UnsafeFileKeyStore {
    fn mac(&self, key: KeyName, message: &[u8]) -> Result<[u8; 32], KeyStoreError> {
        self.there()?;
        if key != KeyName::Device || message.len() > MAC_BYTES {
            return Err(KeyStoreError::WrongUse);
        }
        let tag = hmac::sign(&self.device, message);
        tag.as_ref().try_into().map_err(|_| KeyStoreError::Damaged)
    }

    fn sign(&self, key: KeyName, message: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        let signature = self
            .signing_key(key)?
            .sign(&self.random, message)
            .map_err(|_| KeyStoreError::Damaged)?;
        Ok(signature.as_ref().to_vec())
    }

    fn public(&self, key: KeyName) -> Result<Vec<u8>, KeyStoreError> {
        Ok(self.signing_key(key)?.public_key().as_ref().to_vec())
    }

    fn wrap(&self, entry: &str, secret: &[u8; 32]) -> Result<Vec<u8>, KeyStoreError> {
        self.there()?;
        if entry.len() > ENTRY_BYTES {
            return Err(KeyStoreError::WrongUse);
        }
        let key = match self.entry_key(entry) {
            Err(KeyStoreError::NoSuchKey) => {
                let key = wrapping::new_key(&self.random)?;
                write_atomically(&self.entry_path(entry), key.as_ref())?;
                Zeroizing::new(key.to_vec())
            }
            found => found?,
        };
        wrapping::wrap(&key, entry, secret, &self.random)
    }

    fn unwrap(&self, entry: &str, wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyStoreError> {
        wrapping::unwrap(&self.entry_key(entry)?, entry, wrapped)
    }

    fn destroy(&self, entry: &str) -> Result<(), KeyStoreError> {
        overwrite_and_remove(&self.entry_path(entry))?;
        Ok(sync_dir(&self.entries)?)
    }

    fn destroy_all(&self) -> Result<(), KeyStoreError> {
        self.destroyed.store(true, Ordering::SeqCst);
        for entry in self.entries()? {
            self.destroy(&entry)?;
        }
        for name in KEY_FILES {
            overwrite_and_remove(&self.dir.join(name))?;
        }
        overwrite_and_remove(&self.counter)?;
        Ok(sync_dir(&self.dir)?)
    }

    fn entries(&self) -> Result<Vec<String>, KeyStoreError> {
        let mut names = Vec::new();
        for file in fs::read_dir(&self.entries)? {
            if let Some(name) = file?.file_name().to_str().and_then(from_hex) {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn counter(&self) -> Result<u64, KeyStoreError> {
        self.there()?;
        match fs::read(&self.counter) {
            Ok(bytes) => Ok(u64::from_be_bytes(
                bytes.try_into().map_err(|_| KeyStoreError::Damaged)?,
            )),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    fn count(&self) -> Result<u64, KeyStoreError> {
        let next = self.counter()?.saturating_add(1);
        write_atomically(&self.counter, &next.to_be_bytes())?;
        Ok(next)
    }

    fn in_hardware(&self) -> bool {
        false
    }
}

fn from_hex(name: &str) -> Option<String> {
    let bytes: Option<Vec<u8>> = name
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    String::from_utf8(bytes?).ok()
}

fn read_or_make(
    path: &Path,
    make: impl FnOnce() -> Result<Zeroizing<Vec<u8>>, KeyStoreError>,
) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Zeroizing::new(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let bytes = make()?;
            write_atomically(path, &bytes)?;
            Ok(bytes)
        }
        Err(error) => Err(error.into()),
    }
}

fn key_pair(path: &Path, random: &SystemRandom) -> Result<EcdsaKeyPair, KeyStoreError> {
    let bytes = read_or_make(path, || {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, random)
            .map_err(|_| KeyStoreError::Damaged)?;
        Ok(Zeroizing::new(document.as_ref().to_vec()))
    })?;
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &bytes, random)
        .map_err(|_| KeyStoreError::Damaged)?;
    // The file holds both halves; a flipped bit must not give signatures that nobody can verify.
    let probe = pair
        .sign(random, b"probe")
        .map_err(|_| KeyStoreError::Damaged)?;
    UnparsedPublicKey::new(
        &ring::signature::ECDSA_P256_SHA256_ASN1,
        pair.public_key().as_ref(),
    )
    .verify(b"probe", probe.as_ref())
    .map_err(|_| KeyStoreError::Damaged)?;
    Ok(pair)
}

fn secret(path: &Path, random: &SystemRandom) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
    let bytes = read_or_make(path, || {
        let mut bytes = Zeroizing::new(vec![0; KEY_BYTES]);
        random
            .fill(&mut bytes)
            .map_err(|_| KeyStoreError::Damaged)?;
        Ok(bytes)
    })?;
    if bytes.len() == KEY_BYTES {
        Ok(bytes)
    } else {
        Err(KeyStoreError::Damaged)
    }
}
