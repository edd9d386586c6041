//! The replica's directory: whose it is, whether its disk is there, and which tablets write in it.
//!
//! A mount point whose disk is absent is an empty directory like any other. So a replica is begun on
//! purpose, once, by a mark that names its central; where the mark is missing nothing is written.

use super::{ReplicaError, signature_holds};
use crate::ca::Keys;
use crate::disk::{private_dir, sync_dir, write_whole};
use crate::store::{DeviceRecord, Store};
use protocol::{DeviceId, from_cbor, to_cbor};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Holds the central's id, in hexadecimal digits.
const MARK: &str = "central.id";
const DEVICES: &str = "devices";
/// Bytes of a device's record: a name, two keys' worth of bytes, and room.
const RECORD_BYTES: u64 = 4096;

/// The directory of a central's replica.
#[derive(Clone, Debug)]
pub struct ReplicaDir {
    path: PathBuf,
    /// What the mark of this central's replica says.
    id: String,
    keys: Arc<Keys>,
}

/// A device as the replica keeps it, under the signature of the central that enrolled it.
#[derive(Serialize, Deserialize)]
struct Signed {
    device: DeviceRecord,
    /// ECDSA P-256/SHA-256, ASN.1 DER, by central's receipt key over [`signed_bytes`].
    signature: Vec<u8>,
}

fn signed_bytes(device: &DeviceRecord) -> Option<Vec<u8>> {
    let mut bytes = b"e-patrul device v1\0".to_vec();
    bytes.extend(to_cbor(device).ok()?);
    Some(bytes)
}

impl ReplicaDir {
    /// `path`, as that of the central that has these keys.
    #[must_use]
    pub fn new(path: &Path, keys: &Arc<Keys>) -> Self {
        Self {
            path: path.into(),
            id: keys.central_id(),
            keys: keys.clone(),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn fault(&self, source: io::Error) -> ReplicaError {
        ReplicaError::File {
            path: self.path.clone(),
            source,
        }
    }

    /// Begins the replica: makes the directory and marks it as this central's. What lies there
    /// already stays.
    ///
    /// # Errors
    /// It is another central's, or cannot be written.
    pub fn begin(&self) -> Result<(), ReplicaError> {
        private_dir()
            .recursive(true)
            .create(&self.path)
            .map_err(|e| self.fault(e))?;
        match self.check() {
            Err(ReplicaError::NotBegun(_)) => {
                let mark = format!("{}\n", self.id);
                write_whole(&self.path, MARK, mark.as_bytes()).map_err(|e| self.fault(e))
            }
            checked => checked,
        }
    }

    /// Whether the directory is there and this central's.
    ///
    /// # Errors
    /// It has no mark, or another central's, or cannot be read.
    pub fn check(&self) -> Result<(), ReplicaError> {
        match fs::read(self.path.join(MARK)) {
            Ok(mark) if mark.trim_ascii() == self.id.as_bytes() => Ok(()),
            Ok(_) => Err(ReplicaError::OtherCentral(self.path.clone())),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err(ReplicaError::NotBegun(self.path.clone()))
            }
            Err(error) => Err(self.fault(error)),
        }
    }

    /// Keeps what a restored database needs to know of the device, unless it is kept.
    pub(super) fn keep(&self, store: &dyn Store, device: DeviceId) -> Result<(), ReplicaError> {
        let dir = self.path.join(DEVICES);
        let name = device.to_string();
        if dir.join(&name).exists() {
            return Ok(());
        }
        let Some(known) = store.device(device)? else {
            return Ok(());
        };
        let device = DeviceRecord {
            id: known.id,
            name: known.name,
            journal_key: known.journal_key,
        };
        let bytes = signed_bytes(&device).ok_or(ReplicaError::Unwritable)?;
        let signature = self.keys.sign_receipt(&bytes);
        let signature = signature.map_err(|_| ReplicaError::Unwritable)?;
        let body = to_cbor(&Signed { device, signature }).map_err(|_| ReplicaError::Unwritable)?;
        if !dir.is_dir() {
            private_dir()
                .create(&dir)
                .and_then(|()| sync_dir(&self.path))
                .map_err(|e| self.fault(e))?;
        }
        write_whole(&dir, &name, &body).map_err(|e| self.fault(e))
    }

    /// Devices that are kept here, that `known` does not know, and that this central has signed.
    pub(super) fn devices(
        &self,
        mut known: impl FnMut(DeviceId) -> Result<bool, ReplicaError>,
    ) -> Result<Vec<DeviceRecord>, ReplicaError> {
        let entries = match fs::read_dir(self.path.join(DEVICES)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.fault(error)),
        };
        let mut devices = Vec::new();
        for entry in entries {
            let path = entry.map_err(|e| self.fault(e))?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            let Some(id) = name.and_then(|name| name.parse().ok()) else {
                continue;
            };
            if known(id)? {
                continue;
            }
            match self.record(&path, id) {
                Some(device) => devices.push(device),
                None => {
                    tracing::error!(device = %id, "the replica's record of a tablet is damaged")
                }
            }
        }
        Ok(devices)
    }

    fn record(&self, path: &Path, id: DeviceId) -> Option<DeviceRecord> {
        if fs::metadata(path).ok()?.len() > RECORD_BYTES {
            return None;
        }
        let signed: Signed = from_cbor(&fs::read(path).ok()?).ok()?;
        let bytes = signed_bytes(&signed.device)?;
        let key = self.keys.receipt_public();
        (signed.device.id == id && signature_holds(&key, &bytes, &signed.signature))
            .then_some(signed.device)
    }
}
