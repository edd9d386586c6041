//! Who this tablet is: the file `identity`.
//!
//! It says which central this tablet speaks to and trusts, and is therefore authenticated by the key
//! store: the identity as JSON, a line end, and the mac of it under the device key in hexadecimal. A
//! file that this tablet did not write is used for nothing, and no connection is made to where it
//! points.
//!
//! A program of before wrote no mac. Its file is taken over once, while the key store's counter is at
//! nought: taking it over raises the counter, which no copy of the disk sets back.

use super::mark::Mark;
use super::{
    DeviceIdentity, JournalRow, Vault, VaultError, attempts, lock, open_session_ids, wipe,
};
use crate::device::keystore::write_atomically;
use crate::device::{KeyName, KeyStore};
use protocol::bytes::hex;
use protocol::{Digest, SealingKey};
use ring::digest::{SHA256, digest};
use rusqlite::Connection;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

const FILE: &str = "identity";
/// Bytes of the file that are read; it has some thousands.
const FILE_BYTES: u64 = 64 * 1024;

/// The file's bytes; `None` where there is none.
fn read_file(dir: &Path) -> Result<Option<Vec<u8>>, VaultError> {
    let mut bytes = Vec::new();
    match File::open(dir.join(FILE)) {
        Ok(file) => file.take(FILE_BYTES + 1).read_to_end(&mut bytes)?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if bytes.len() as u64 > FILE_BYTES {
        return Err(VaultError::ForeignIdentity);
    }
    Ok(Some(bytes))
}

/// What the file holds for these words of JSON.
fn authenticated(json: &[u8], keystore: &dyn KeyStore) -> Result<Vec<u8>, VaultError> {
    let mut message = b"e-patrul identity v1\0".to_vec();
    message.extend_from_slice(digest(&SHA256, json).as_ref());
    let mac = keystore.mac(KeyName::Device, &message)?;
    let mut file = json.to_vec();
    file.push(b'\n');
    file.extend_from_slice(hex(&mac).as_bytes());
    Ok(file)
}

fn write(dir: &Path, identity: &DeviceIdentity, keystore: &dyn KeyStore) -> Result<(), VaultError> {
    let json = serde_json::to_vec(identity).map_err(|_| VaultError::Damaged)?;
    Ok(write_atomically(
        &dir.join(FILE),
        &authenticated(&json, keystore)?,
    )?)
}

fn parse(json: &[u8]) -> Result<DeviceIdentity, VaultError> {
    serde_json::from_slice(json).map_err(|_| VaultError::Damaged)
}

fn read(dir: &Path, keystore: &dyn KeyStore) -> Result<Option<DeviceIdentity>, VaultError> {
    let Some(bytes) = read_file(dir)? else {
        return Ok(None);
    };
    let json = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    if authenticated(json, keystore)? != bytes {
        return Err(VaultError::ForeignIdentity);
    }
    parse(json).map(Some)
}

/// Takes over what a program of before wrote; see above.
pub(super) fn take_over(
    dir: &Path,
    db: &Connection,
    keystore: &dyn KeyStore,
) -> Result<(), VaultError> {
    let bytes = match read_file(dir) {
        Ok(Some(bytes)) => bytes,
        Ok(None) | Err(VaultError::ForeignIdentity) => return Ok(()),
        Err(error) => return Err(error),
    };
    if keystore.counter()? > 0 {
        return Ok(());
    }
    if !bytes.contains(&b'\n')
        && let Ok(identity) = parse(&bytes)
    {
        write(dir, &identity, keystore)?;
    }
    // Also where a power cut came between the two.
    match read(dir, keystore) {
        Ok(Some(_)) => attempts::begin_counting(db, keystore),
        Ok(None) | Err(VaultError::ForeignIdentity | VaultError::Damaged) => Ok(()),
        Err(error) => Err(error),
    }
}

impl Vault {
    /// Whether the tablet whose vault lies in `dir` was enrolled.
    #[must_use]
    pub fn is_enrolled(dir: &Path) -> bool {
        dir.join(FILE).exists()
    }

    /// Who this device is; `None` before it is enrolled.
    ///
    /// # Errors
    /// [`VaultError::ForeignIdentity`]: this tablet did not write the file; it cannot be read.
    pub fn identity(&self) -> Result<Option<DeviceIdentity>, VaultError> {
        let mut cached = lock(&self.0.identity);
        if cached.is_none() {
            *cached = read(&self.0.dir, self.0.keystore.as_ref())?;
        }
        Ok(cached.clone())
    }

    /// Whether this tablet could be enrolled now: another device's numbers may begin here, and the
    /// disk takes a file. To be asked before the one-time code is spent.
    ///
    /// # Errors
    /// As [`Vault::set_identity`].
    pub fn can_be_enrolled(&self) -> Result<(), VaultError> {
        drop(self.not_wiping()?);
        free_for_another(&self.state().db)?;
        let trial = self.0.dir.join("identity.trial");
        write_atomically(&trial, &[0; 4096])?;
        Ok(std::fs::remove_file(trial)?)
    }

    /// Keeps who this device is. Another device's identity begins the numbers anew, and is taken
    /// only when everything of the one before is safe and no session is open.
    ///
    /// # Errors
    /// [`VaultError::OtherDevice`]; [`VaultError::Wiping`]; the files cannot be written.
    pub fn set_identity(&self, identity: &DeviceIdentity) -> Result<(), VaultError> {
        super::crypt::check_sealing_key(&identity.sealing, &identity.ca_pem)?;
        let keystore = self.0.keystore.as_ref();
        let before = match self.identity() {
            Err(VaultError::ForeignIdentity | VaultError::Damaged) => None,
            before => before?,
        };
        // Whoever can write the disk can take the file away and enrol this tablet at a central of
        // their own, which would give the journal's device again: that is another device to what is
        // here, for all that the mark says.
        let same = before.is_some_and(|before| {
            before.device == identity.device && before.ca_pem == identity.ca_pem
        });
        let mut wiping = self.not_wiping()?;
        let mut cached = lock(&self.0.identity);
        let mut state = self.state();
        let known = state.mark.read()?.map(|mark| mark.device);
        if !same || known != Some(identity.device) {
            free_for_another(&state.db)?;
            let (transaction, mark) = state.begin()?;
            transaction.execute("DELETE FROM sealed", [])?;
            transaction.execute("DELETE FROM roster", [])?;
            transaction.execute("DELETE FROM salvaged", [])?;
            transaction.execute(
                "UPDATE journal SET last_seq = 0, head = zeroblob(32), base_seq = 0,
                        base_head = zeroblob(32), stored_through = 0, safe_through = 0,
                        receipt_at = 0",
                [],
            )?;
            mark.reset(Mark {
                device: identity.device,
                seq: 0,
                head: Digest::default(),
            })?;
            transaction.commit()?;
        }
        if !same {
            attempts::begin_anew(&state.db, keystore)?;
        }
        write(&self.0.dir, identity, keystore)?;
        wipe::forget(&self.0.dir, &mut wiping)?;
        *cached = Some(identity.clone());
        Ok(())
    }
}

impl Vault {
    /// Takes a sealing key that central names into use: the newest is kept with the identity.
    ///
    /// # Errors
    /// [`VaultError::ForeignSealingKey`]; [`VaultError::OldSealingKey`]: a newer one was used
    /// before; [`VaultError::NotEnrolled`]; the file cannot be written.
    pub(super) fn use_sealing_key(&self, key: &SealingKey) -> Result<(), VaultError> {
        let identity = self.identity()?.ok_or(VaultError::NotEnrolled)?;
        super::crypt::check_sealing_key(key, &identity.ca_pem)?;
        let used = &identity.sealing;
        if key.id == used.id && key.public == used.public {
            return Ok(());
        }
        if key.made_at <= used.made_at {
            return Err(VaultError::OldSealingKey);
        }
        let newer = DeviceIdentity {
            sealing: key.clone(),
            ..identity
        };
        // A tablet that has wiped itself has no identity, and is given none by a late answer.
        let _not_wiping = self.not_wiping()?;
        let mut cached = lock(&self.0.identity);
        write(&self.0.dir, &newer, self.0.keystore.as_ref())?;
        *cached = Some(newer);
        Ok(())
    }
}

/// Whether numbers may begin anew: everything of the device before is safe, and no session is open.
///
/// # Errors
/// [`VaultError::OtherDevice`]: not yet.
fn free_for_another(db: &Connection) -> Result<(), VaultError> {
    let journal = JournalRow::read(db)?;
    // Central's mark passes over numbers that it has given up; salvage may have found them.
    let left: bool = db.query_row(
        "SELECT EXISTS (SELECT 1 FROM captures)
             OR EXISTS (SELECT 1 FROM sealed WHERE stored = 0)",
        [],
        |row| row.get(0),
    )?;
    if journal.last_seq > journal.safe_through || left || !open_session_ids(db)?.is_empty() {
        return Err(VaultError::OtherDevice);
    }
    Ok(())
}
