//! A key store in plain files: for the demo and for training, where no hardware store is at hand.

use super::{KeyName, KeyStore, KeyStoreError};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Keys in files that only the program's user may read. **Unsafe**: whoever copies the directory has
/// the keys, and destroying an entry cannot be relied upon on flash memory. For demo and training
/// only; a real tablet has a TPM or Android's key store behind the same trait.
pub struct UnsafeFileKeyStore {
    entries: PathBuf,
    counter: PathBuf,
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

const KEY_BYTES: usize = 32;

impl UnsafeFileKeyStore {
    /// Opens the key store in `dir`; what is missing is made.
    ///
    /// # Errors
    /// The directory cannot be used, or a key file is damaged: a key is never made anew over one
    /// that is there, since central knows the tablet by it.
    pub fn open(dir: &Path) -> Result<Self, KeyStoreError> {
        let entries = dir.join("entries");
        make_private_dir(dir)?;
        make_private_dir(&entries)?;
        let random = SystemRandom::new();
        Ok(Self {
            tls: key_pair(&dir.join("tls.p8"), &random)?,
            journal: key_pair(&dir.join("journal.p8"), &random)?,
            device: hmac::Key::new(
                hmac::HMAC_SHA256,
                secret(&dir.join("device.key"), &random)?.as_slice(),
            ),
            entries,
            counter: dir.join("counter"),
            random,
        })
    }

    fn signing_key(&self, key: KeyName) -> Result<&EcdsaKeyPair, KeyStoreError> {
        match key {
            KeyName::Tls => Ok(&self.tls),
            KeyName::Journal => Ok(&self.journal),
            KeyName::Device => Err(KeyStoreError::WrongUse),
        }
    }

    fn entry_path(&self, entry: &str) -> PathBuf {
        // Hexadecimal, so that no name leaves the directory.
        let name: String = entry.bytes().map(|b| format!("{b:02x}")).collect();
        self.entries.join(name)
    }

    fn entry_key(&self, entry: &str) -> Result<LessSafeKey, KeyStoreError> {
        match fs::read(self.entry_path(entry)) {
            Ok(bytes) => aead_key(&Zeroizing::new(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(KeyStoreError::NoSuchKey),
            Err(error) => Err(error.into()),
        }
    }
}

impl KeyStore for UnsafeFileKeyStore {
    fn mac(&self, key: KeyName, message: &[u8]) -> Result<[u8; 32], KeyStoreError> {
        if key != KeyName::Device {
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
        let key = match self.entry_key(entry) {
            Err(KeyStoreError::NoSuchKey) => {
                let mut bytes = Zeroizing::new([0; KEY_BYTES]);
                self.random
                    .fill(bytes.as_mut())
                    .map_err(|_| KeyStoreError::Damaged)?;
                write_atomically(&self.entry_path(entry), bytes.as_ref())?;
                aead_key(bytes.as_ref())?
            }
            found => found?,
        };
        let mut nonce = [0; NONCE_LEN];
        self.random
            .fill(&mut nonce)
            .map_err(|_| KeyStoreError::Damaged)?;
        let mut sealed = Zeroizing::new(secret.to_vec());
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(entry.as_bytes()),
            &mut *sealed,
        )
        .map_err(|_| KeyStoreError::Damaged)?;
        let mut wrapped = nonce.to_vec();
        wrapped.extend_from_slice(&sealed);
        Ok(wrapped)
    }

    fn unwrap(&self, entry: &str, wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyStoreError> {
        let key = self.entry_key(entry)?;
        let (nonce, sealed) = wrapped
            .split_first_chunk::<NONCE_LEN>()
            .ok_or(KeyStoreError::NotOurs)?;
        let mut buffer = Zeroizing::new(sealed.to_vec());
        let opened = key
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(entry.as_bytes()),
                &mut buffer,
            )
            .map_err(|_| KeyStoreError::NotOurs)?;
        let secret = <[u8; 32]>::try_from(&*opened).map_err(|_| KeyStoreError::NotOurs)?;
        Ok(Zeroizing::new(secret))
    }

    fn destroy(&self, entry: &str) -> Result<(), KeyStoreError> {
        let path = self.entry_path(entry);
        match OpenOptions::new().write(true).open(&path) {
            Ok(mut file) => {
                // Overwritten first: on some file systems that is worth something.
                file.write_all(&[0; KEY_BYTES])?;
                file.sync_all()?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        fs::remove_file(&path)?;
        Ok(sync_dir(&self.entries)?)
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

fn aead_key(bytes: &[u8]) -> Result<LessSafeKey, KeyStoreError> {
    let key = UnboundKey::new(&AES_256_GCM, bytes).map_err(|_| KeyStoreError::Damaged)?;
    Ok(LessSafeKey::new(key))
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

fn make_private_dir(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Writes a file that only this user may read, so that after a power cut there is the old file or
/// the new one, never half of it.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = PathBuf::from(temporary);
    // Left by an earlier power cut; opened as new so that its mode is ours.
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&temporary, path)?;
    path.parent().map_or(Ok(()), sync_dir)
}

/// Makes renames and deletions in a directory outlast a power cut.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(dir)?.sync_all()
    } else {
        Ok(())
    }
}
