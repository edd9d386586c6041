//! A key store in a TPM 2.0: what a tablet on the street has on Linux.
//!
//! # What lies where
//! - In the TPM's own memory: an index for each entry (store, name, wrapping key), gone for good when
//!   the entry is destroyed, and an index that counts. A copy of the disk brings neither back.
//! - In the file `tpm`: the three keys as blobs that this TPM alone can load, and where the counter
//!   is. Authenticated by the device key, so that the counter cannot be moved.
//!
//! The owner's authorization of the TPM is expected to be empty, as it is where no administrator has
//! set one. Somebody who runs programs on the tablet with the right to use the TPM can use the keys
//! (and carries none away); against that stand the operating system's start-up checks, not this file.

mod chip;

use super::wrapping::{self, KEY_BYTES};
use super::{
    ENTRY_BYTES, FILE_STORE_FILE, KeyName, KeyStore, KeyStoreError, MAC_BYTES, TPM_FILE,
    make_private_dir, refuse_other_kind, sync_dir, write_atomically,
};
use chip::{Blob, Chip, Make, sec1_point};
use protocol::{from_cbor, to_cbor};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::ErrorKind;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use tss_esapi::TctiNameConf;
use zeroize::Zeroizing;

/// Indexes of ours, within those of the owner (TCG Registry of Reserved TPM 2.0 Handles).
const ENTRIES: RangeInclusive<u32> = 0x018E_5000..=0x018E_50FF;
const COUNTERS: RangeInclusive<u32> = 0x018E_5100..=0x018E_51FF;
const ID_BYTES: usize = 16;
const TAG_BYTES: usize = 32;
/// An entry's index: store, length of the name, name, key.
const HEAD_BYTES: usize = ID_BYTES + 1 + ENTRY_BYTES;
const INDEX_BYTES: usize = HEAD_BYTES + KEY_BYTES;

/// Keys in a TPM 2.0, which never leave it.
pub struct TpmKeyStore {
    tcti: TctiNameConf,
    /// `None` after a fault: the next use begins a new conversation.
    chip: Mutex<Option<Chip>>,
    kept: Kept,
    path: PathBuf,
    /// What is still in memory is not used any more.
    destroyed: AtomicBool,
    random: SystemRandom,
}

impl std::fmt::Debug for TpmKeyStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TpmKeyStore(..)")
    }
}

/// What the file `tpm` says, after its tag.
#[derive(Serialize, Deserialize)]
struct Kept {
    version: u8,
    /// Tells the entries of this store from those of another on the same TPM.
    id: [u8; ID_BYTES],
    counter: u32,
    /// What the counter said when the store was made.
    counted_before: u64,
    tls: KeptKey,
    journal: KeptKey,
    device: KeptKey,
}

#[derive(Serialize, Deserialize)]
struct KeptKey {
    #[serde(with = "protocol::bytes::base64_text")]
    public: Vec<u8>,
    #[serde(with = "protocol::bytes::base64_text")]
    private: Vec<u8>,
}

impl From<Blob> for KeptKey {
    fn from(Blob { public, private }: Blob) -> Self {
        Self { public, private }
    }
}

impl KeptKey {
    fn blob(&self) -> Blob {
        Blob {
            public: self.public.clone(),
            private: self.private.clone(),
        }
    }
}

impl TpmKeyStore {
    /// Opens the key store whose file lies in `dir`, or makes it. `tcti` says where the TPM is:
    /// `device:PATH` (on Linux `device:/dev/tpmrm0`, which programs share), or `swtpm:host=HOST,port=PORT` for one in software.
    ///
    /// # Errors
    /// [`KeyStoreError::OtherKind`]: the keys in `dir` are of the file store;
    /// [`KeyStoreError::NotOurs`]: they were made in another TPM, or this one was cleared;
    /// [`KeyStoreError::Damaged`]: the file is not as it was written.
    pub fn open(dir: &Path, tcti: &str) -> Result<Self, KeyStoreError> {
        make_private_dir(dir)?;
        refuse_other_kind(dir, FILE_STORE_FILE)?;
        let tcti = TctiNameConf::from_str(tcti).map_err(|_| KeyStoreError::BadAddress)?;
        let random = SystemRandom::new();
        let mut chip = Chip::connect(&tcti)?;
        let path = dir.join(TPM_FILE);
        let kept = match fs::read(&path) {
            Ok(bytes) => read(&mut chip, &bytes)?,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let kept = make(&mut chip, &random)?;
                let body = to_cbor(&kept)?;
                let mut bytes = tag(&mut chip, &kept.device.blob(), &body)?.to_vec();
                bytes.extend_from_slice(&body);
                write_atomically(&path, &bytes)?;
                kept
            }
            Err(error) => return Err(error.into()),
        };
        Ok(Self {
            tcti,
            chip: Mutex::new(Some(chip)),
            kept,
            path,
            destroyed: AtomicBool::new(false),
            random,
        })
    }

    /// Something that may be done twice: done again, in a new conversation, if the TPM was started
    /// anew since the last.
    fn ask<T>(
        &self,
        work: impl Fn(&mut Chip) -> Result<T, KeyStoreError>,
    ) -> Result<T, KeyStoreError> {
        match self.once(&work) {
            Err(KeyStoreError::Tpm) => self.once(&work),
            done => done,
        }
    }

    /// Something that must not be done twice.
    fn change<T>(
        &self,
        work: impl Fn(&mut Chip) -> Result<T, KeyStoreError>,
    ) -> Result<T, KeyStoreError> {
        self.ask(Chip::ask)?;
        self.once(&work)
    }

    fn once<T>(
        &self,
        work: &impl Fn(&mut Chip) -> Result<T, KeyStoreError>,
    ) -> Result<T, KeyStoreError> {
        let mut held = self.chip.lock().unwrap_or_else(PoisonError::into_inner);
        let mut chip = match held.take() {
            Some(chip) => chip,
            None => Chip::connect(&self.tcti)?,
        };
        let done = work(&mut chip);
        // After a fault nothing is known of the conversation.
        if !matches!(done, Err(KeyStoreError::Tpm)) {
            *held = Some(chip);
        }
        done
    }

    fn there(&self) -> Result<(), KeyStoreError> {
        if self.destroyed.load(Ordering::SeqCst) {
            Err(KeyStoreError::NoSuchKey)
        } else {
            Ok(())
        }
    }

    fn signing_key(&self, key: KeyName) -> Result<Blob, KeyStoreError> {
        self.there()?;
        match key {
            KeyName::Tls => Ok(self.kept.tls.blob()),
            KeyName::Journal => Ok(self.kept.journal.blob()),
            KeyName::Device => Err(KeyStoreError::WrongUse),
        }
    }

    /// The entries of this store: index and name.
    fn list(&self, chip: &mut Chip) -> Result<Vec<(u32, String)>, KeyStoreError> {
        let mut entries = Vec::new();
        for index in chip.indexes(&ENTRIES)? {
            let Some(head) = chip.read(index, HEAD_BYTES as u16, 0)? else {
                continue;
            };
            let name = head
                .strip_prefix(&self.kept.id)
                .and_then(|rest| rest.split_first())
                .and_then(|(length, name)| name.get(..usize::from(*length)))
                .and_then(|name| std::str::from_utf8(name).ok());
            if let Some(name) = name {
                entries.push((index, name.to_owned()));
            }
        }
        Ok(entries)
    }

    fn find(&self, chip: &mut Chip, entry: &str) -> Result<Option<u32>, KeyStoreError> {
        let mut entries = self.list(chip)?.into_iter();
        Ok(entries
            .find(|(_, name)| name == entry)
            .map(|(index, _)| index))
    }

    fn entry_key(&self, chip: &mut Chip, index: u32) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
        chip.read(index, KEY_BYTES as u16, HEAD_BYTES as u16)?
            .ok_or(KeyStoreError::NoSuchKey)
    }

    fn make_entry(
        &self,
        chip: &mut Chip,
        entry: &str,
    ) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
        let key = wrapping::new_key(&self.random)?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(INDEX_BYTES));
        bytes.extend_from_slice(&self.kept.id);
        // Checked by the caller: at most `ENTRY_BYTES`.
        bytes.push(entry.len() as u8);
        bytes.extend_from_slice(entry.as_bytes());
        bytes.resize(HEAD_BYTES, 0);
        bytes.extend_from_slice(key.as_ref());
        let index = free(chip, &ENTRIES)?;
        chip.make_index(index, &bytes)?;
        Ok(Zeroizing::new(key.to_vec()))
    }
}

impl KeyStore for TpmKeyStore {
    fn mac(&self, key: KeyName, message: &[u8]) -> Result<[u8; 32], KeyStoreError> {
        self.there()?;
        if key != KeyName::Device || message.len() > MAC_BYTES {
            return Err(KeyStoreError::WrongUse);
        }
        let blob = self.kept.device.blob();
        self.ask(|chip| chip.mac(&blob, message))
    }

    fn sign(&self, key: KeyName, message: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        let blob = self.signing_key(key)?;
        let digest = digest(&SHA256, message);
        let (r, s) = self.ask(|chip| chip.sign(&blob, digest.as_ref()))?;
        Ok(der_signature(&r, &s))
    }

    fn public(&self, key: KeyName) -> Result<Vec<u8>, KeyStoreError> {
        sec1_point(&self.signing_key(key)?)
    }

    fn wrap(&self, entry: &str, secret: &[u8; 32]) -> Result<Vec<u8>, KeyStoreError> {
        self.there()?;
        if entry.len() > ENTRY_BYTES {
            return Err(KeyStoreError::WrongUse);
        }
        let key = self.change(|chip| match self.find(chip, entry)? {
            Some(index) => self.entry_key(chip, index),
            None => self.make_entry(chip, entry),
        })?;
        wrapping::wrap(&key, entry, secret, &self.random)
    }

    fn unwrap(&self, entry: &str, wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyStoreError> {
        let key = self.ask(|chip| match self.find(chip, entry)? {
            Some(index) => self.entry_key(chip, index),
            None => Err(KeyStoreError::NoSuchKey),
        })?;
        wrapping::unwrap(&key, entry, wrapped)
    }

    fn destroy(&self, entry: &str) -> Result<(), KeyStoreError> {
        // Twice does no harm: the second time it is gone.
        self.ask(|chip| match self.find(chip, entry)? {
            Some(index) => chip.delete(index),
            None => Ok(()),
        })
    }

    fn entries(&self) -> Result<Vec<String>, KeyStoreError> {
        let entries = self.ask(|chip| self.list(chip))?;
        Ok(entries.into_iter().map(|(_, name)| name).collect())
    }

    /// The keys' blobs go with the file. A copy of it, kept from before, can still be loaded in this
    /// very TPM; what it signs is nobody's, since central has revoked the tablet by then.
    fn destroy_all(&self) -> Result<(), KeyStoreError> {
        self.destroyed.store(true, Ordering::SeqCst);
        for entry in self.entries()? {
            self.destroy(&entry)?;
        }
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        self.path.parent().map_or(Ok(()), sync_dir)?;
        // Last: a store without its counter does not open.
        self.ask(|chip| {
            if chip.indexes(&COUNTERS)?.contains(&self.kept.counter) {
                chip.delete(self.kept.counter)?;
            }
            Ok(())
        })
    }

    fn counter(&self) -> Result<u64, KeyStoreError> {
        self.there()?;
        let counted = self.ask(|chip| counted(chip, self.kept.counter))?;
        counted
            .checked_sub(self.kept.counted_before)
            .ok_or(KeyStoreError::Damaged)
    }

    fn count(&self) -> Result<u64, KeyStoreError> {
        self.there()?;
        self.change(|chip| chip.increment(self.kept.counter))?;
        self.counter()
    }

    fn in_hardware(&self) -> bool {
        true
    }
}

/// Makes everything of a store but its file.
fn make(chip: &mut Chip, random: &SystemRandom) -> Result<Kept, KeyStoreError> {
    let mut id = [0; ID_BYTES];
    random.fill(&mut id).map_err(|_| KeyStoreError::Damaged)?;
    let counter = free(chip, &COUNTERS)?;
    chip.make_counter(counter)?;
    Ok(Kept {
        version: 1,
        id,
        counter,
        counted_before: counted(chip, counter)?,
        tls: chip.make(Make::Signing)?.into(),
        journal: chip.make(Make::Signing)?.into(),
        device: chip.make(Make::Mac)?.into(),
    })
}

/// Reads the file `tpm`, and asks the TPM whether it wrote it.
fn read(chip: &mut Chip, bytes: &[u8]) -> Result<Kept, KeyStoreError> {
    let (written, body) = bytes
        .split_first_chunk::<TAG_BYTES>()
        .ok_or(KeyStoreError::Damaged)?;
    let kept: Kept = from_cbor(body).map_err(|_| KeyStoreError::Damaged)?;
    if kept.version != 1 || !COUNTERS.contains(&kept.counter) {
        return Err(KeyStoreError::Damaged);
    }
    if tag(chip, &kept.device.blob(), body)? != *written {
        return Err(KeyStoreError::Damaged);
    }
    Ok(kept)
}

fn tag(chip: &mut Chip, device: &Blob, body: &[u8]) -> Result<[u8; TAG_BYTES], KeyStoreError> {
    let mut message = b"e-patrul key store v1\0".to_vec();
    message.extend_from_slice(digest(&SHA256, body).as_ref());
    chip.mac(device, &message)
}

fn counted(chip: &mut Chip, counter: u32) -> Result<u64, KeyStoreError> {
    let bytes = chip.read(counter, 8, 0)?.ok_or(KeyStoreError::Damaged)?;
    let bytes = <[u8; 8]>::try_from(bytes.as_slice()).map_err(|_| KeyStoreError::Tpm)?;
    Ok(u64::from_be_bytes(bytes))
}

/// The first index that is free, or that a power cut left without a value.
fn free(chip: &mut Chip, range: &RangeInclusive<u32>) -> Result<u32, KeyStoreError> {
    let taken = chip.indexes(range)?;
    for index in range.clone() {
        if !taken.contains(&index) {
            return Ok(index);
        }
        if chip.read(index, 1, 0)?.is_none() {
            chip.delete(index)?;
            return Ok(index);
        }
    }
    Err(KeyStoreError::Full)
}

/// ECDSA-Sig-Value (RFC 3279, 2.2.3) of two numbers of at most 32 bytes.
fn der_signature(r: &[u8], s: &[u8]) -> Vec<u8> {
    let mut numbers = Vec::new();
    for number in [r, s] {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        let number = &number[zeros..];
        // Positive: a leading one bit would be a sign.
        let pad = number.first().is_none_or(|byte| *byte >= 0x80);
        numbers.extend_from_slice(&[2, (number.len() + usize::from(pad)) as u8]);
        numbers.extend(pad.then_some(0));
        numbers.extend_from_slice(number);
    }
    let mut der = vec![0x30, numbers.len() as u8];
    der.extend_from_slice(&numbers);
    der
}
