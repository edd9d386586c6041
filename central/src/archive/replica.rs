//! The second copy: every accepted batch, appended to a file and synced before it counts as safe.
//!
//! File: 8 bytes of magic, then records. Record: length of the body (4 bytes, big-endian), body
//! (CBOR of a [`StoredBatch`]), SHA-256 of length and body. What the file holds decides what is
//! safe; the database is never asked. The server and the administrator's commands beside it may both
//! append: whoever does holds the file's lock, and reads first what the other has written.

use super::ReplicaDir;
use crate::disk::{private_file, sync_dir};
use crate::store::{Store, StoreError, StoredBatch};
use protocol::{DeviceId, from_cbor, limits, to_cbor};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

const MAGIC: &[u8; 8] = b"EPREPL01";
const FILE: &str = "central.replica";
/// A body is a batch's envelopes, its digests and its signature.
const BODY_BYTES: u64 = limits::BATCH_BYTES as u64 + 256 * 1024;
/// Bytes of envelopes written with one sync.
const CHUNK: usize = 8 * 1024 * 1024;

/// Why the replica cannot be used. Central goes on without it, and calls nothing safe.
#[derive(Debug, thiserror::Error)]
pub enum ReplicaError {
    #[error("{path} cannot be read or written: {source}")]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{0} is damaged at byte {1}; it was left as it is")]
    Damaged(PathBuf, u64),
    #[error("{0} is the replica of another database, or of a newer state of this one")]
    Foreign(PathBuf),
    #[error(
        "{0} is not marked as this central's replica: mount its disk and start again, or begin a new \
         replica there with `central begin-replica`"
    )]
    NotBegun(PathBuf),
    #[error("{0} is the replica of another central")]
    OtherCentral(PathBuf),
    #[error("a batch cannot be written")]
    Unwritable,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The replica file, or its absence.
#[derive(Debug)]
pub struct Replica {
    file: Option<Mutex<Tail>>,
    /// Number of the last batch in the file.
    through: AtomicU64,
}

#[derive(Debug)]
struct Tail {
    dir: ReplicaDir,
    path: PathBuf,
    /// How far the file has been read or written; 0 before.
    len: u64,
    /// Number of the last batch up to there.
    through: u64,
}

impl Replica {
    /// No replica: nothing is ever safe.
    #[must_use]
    pub fn none() -> Self {
        Self {
            file: None,
            through: AtomicU64::new(0),
        }
    }

    /// Opens the replica that was begun in `dir`, reads it through, and catches up with the store.
    ///
    /// # Errors
    /// The directory is not this central's; the file is damaged, belongs to another database, or
    /// cannot be written.
    pub fn open(dir: &ReplicaDir, store: &dyn Store) -> Result<Self, ReplicaError> {
        dir.check()?;
        let path = dir.path().join(FILE);
        if !path.exists() {
            create(dir.path(), &path)?;
        }
        let mut tail = Tail {
            dir: dir.clone(),
            path,
            len: 0,
            through: 0,
        };
        tail.ahead(store)?;
        drop(tail.take(store)?);
        for device in store.devices()? {
            dir.keep(store, device.id)?;
        }
        let through = tail.through;
        let replica = Self {
            file: Some(Mutex::new(tail)),
            through: AtomicU64::new(through),
        };
        replica.catch_up(store)?;
        Ok(replica)
    }

    /// Number of the last batch that is on the replica's disk.
    #[must_use]
    pub fn through(&self) -> u64 {
        self.through.load(Ordering::Acquire)
    }

    /// Writes what the store has and the replica has not, in order, and syncs it.
    ///
    /// # Errors
    /// It could not be written; [`Replica::through`] says how far it came.
    pub fn catch_up(&self, store: &dyn Store) -> Result<(), ReplicaError> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let mut tail = file.lock().unwrap_or_else(PoisonError::into_inner);
        // Opened anew each time: a file that was moved away or cut must not go unnoticed.
        let mut file = tail.take(store)?;
        self.through.store(tail.through, Ordering::Release);
        loop {
            let batches = store.batches_after(tail.through, CHUNK)?;
            let Some(last) = batches.last() else {
                return Ok(());
            };
            let mut bytes = Vec::new();
            for batch in &batches {
                // Before the first of its batches: what is safe can also be believed again.
                tail.dir.keep(store, batch.signed.device)?;
                let body = to_cbor(batch).map_err(|_| ReplicaError::Unwritable)?;
                let start = bytes.len();
                let len = u32::try_from(body.len()).map_err(|_| ReplicaError::Unwritable)?;
                bytes.extend_from_slice(&len.to_be_bytes());
                bytes.extend_from_slice(&body);
                let digest = Sha256::digest(bytes.get(start..).unwrap_or_default());
                bytes.extend_from_slice(&digest);
            }
            tail.append(&mut file, &bytes, last.id)?;
            self.through.store(last.id, Ordering::Release);
        }
    }

    /// Keeps a device that was just enrolled; if that fails, it is kept with its first batch.
    pub(crate) fn keep(&self, store: &dyn Store, device: DeviceId) {
        let Some(file) = &self.file else {
            return;
        };
        let tail = file.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = tail.dir.check().and_then(|()| tail.dir.keep(store, device));
        if let Err(error) = kept {
            tracing::error!(%error, "a new tablet is not in the replica yet");
        }
    }

    /// Calls `each` for every batch in the replica that lies in `dir`, oldest first, without changing
    /// it. A record that is being written, or was cut short at the end, is left out.
    ///
    /// # Errors
    /// The file is absent, damaged, or cannot be read.
    pub fn read(dir: &ReplicaDir, each: impl FnMut(StoredBatch)) -> Result<(), ReplicaError> {
        dir.check()?;
        let path = dir.path().join(FILE);
        let fault = |source| ReplicaError::File {
            path: path.clone(),
            source,
        };
        let file = File::open(&path).map_err(fault)?;
        let len = whole_length(&file).map_err(fault)?;
        let scanned = scan(&path, &file, 0..len, 0, each)?;
        if scanned.cut && scanned.rest > CHUNK as u64 + 2 * BODY_BYTES {
            return Err(ReplicaError::Damaged(path, scanned.len));
        }
        Ok(())
    }
}

impl Tail {
    fn fault(&self) -> impl Fn(std::io::Error) -> ReplicaError + use<> {
        let path = self.path.clone();
        move |source| ReplicaError::File {
            path: path.clone(),
            source,
        }
    }

    fn open(&self) -> Result<File, ReplicaError> {
        // Each time: the disk may have gone, or another one come.
        self.dir.check()?;
        OpenOptions::new()
            .read(true)
            .append(true)
            .open(&self.path)
            .map_err(self.fault())
    }

    /// Reads what is in the file while others may go on writing: a file of years takes minutes.
    fn ahead(&mut self, store: &dyn Store) -> Result<(), ReplicaError> {
        let file = self.open()?;
        let len = whole_length(&file).map_err(self.fault())?;
        if len > 0 {
            self.pass(&file, len, store)?;
        }
        Ok(())
    }

    /// The file, locked, with everything read that is in it. A record cut short at the very end was
    /// never counted and is cut off.
    fn take(&mut self, store: &dyn Store) -> Result<File, ReplicaError> {
        let fault = self.fault();
        let mut file = self.open()?;
        file.lock().map_err(&fault)?;
        let there = file.metadata().map_err(&fault)?.len();
        if there == 0 && self.len == 0 {
            // Just made, by this process or by one that was stopped right then.
            file.write_all(MAGIC)
                .and_then(|()| file.sync_all())
                .map_err(fault)?;
            self.len = MAGIC.len() as u64;
            return Ok(file);
        }
        if there == self.len {
            return Ok(file);
        }
        if there < self.len {
            return Err(ReplicaError::Damaged(self.path.clone(), self.len));
        }
        let scanned = self.pass(&file, there, store)?;
        if scanned.cut {
            // The zone of the last write, which a power cut may have left in any state. The store
            // has all of it and writes it again; beyond that zone damage is damage.
            if scanned.rest > CHUNK as u64 + 2 * BODY_BYTES {
                return Err(ReplicaError::Damaged(self.path.clone(), scanned.len));
            }
            tracing::warn!(
                bytes = scanned.rest,
                "the replica ends in half a write; it is cut off"
            );
            file.set_len(scanned.len)
                .and_then(|()| file.sync_all())
                .map_err(fault)?;
        }
        Ok(file)
    }

    /// Goes on over whole records up to byte `len`.
    fn pass(&mut self, file: &File, len: u64, store: &dyn Store) -> Result<Scanned, ReplicaError> {
        let mut through = self.through;
        let mut last = None;
        let mut fault = None;
        let mut devices: HashMap<DeviceId, bool> = HashMap::new();
        let scanned = scan(&self.path, file, self.len..len, self.through, |batch| {
            through = batch.id;
            let device = batch.signed.device;
            let known = match devices.get(&device) {
                Some(known) => *known,
                None => match store.device(device) {
                    Ok(found) => *devices.entry(device).or_insert(found.is_some()),
                    Err(error) => {
                        fault = Some(error);
                        false
                    }
                },
            };
            if known {
                last = Some(batch);
            }
        })?;
        if let Some(fault) = fault {
            return Err(fault.into());
        }
        // Whoever wrote it may have been killed before it was on the disk.
        file.sync_all().map_err(self.fault())?;
        // It is this database's replica if the database has the last of its batches, those aside of
        // devices that it does not know: their numbers it has given to no others.
        let foreign = match &last {
            Some(last) => store.batch(last.id)?.as_ref() != Some(&last.signed),
            None => false,
        };
        if foreign || (through > self.through && store.batch_numbers()? < through) {
            return Err(ReplicaError::Foreign(self.path.clone()));
        }
        self.through = through;
        self.len = scanned.len;
        Ok(scanned)
    }

    fn append(&mut self, file: &mut File, bytes: &[u8], last: u64) -> Result<(), ReplicaError> {
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        if let Err(source) = written {
            // Half a record is worth nothing; if it cannot be cut off, the next append finds it.
            file.set_len(self.len).ok();
            return Err(ReplicaError::File {
                path: self.path.clone(),
                source,
            });
        }
        self.len += bytes.len() as u64;
        self.through = last;
        Ok(())
    }
}

fn create(dir: &Path, path: &Path) -> Result<(), ReplicaError> {
    let fault = |source| ReplicaError::File {
        path: path.into(),
        source,
    };
    match private_file().create_new(true).open(path) {
        // Another process was quicker.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Ok(()),
        opened => drop(opened.map_err(fault)?),
    }
    sync_dir(dir).map_err(fault)
}

/// How far a file could be read.
struct Scanned {
    /// End of the last whole record.
    len: u64,
    /// Bytes after it, which are no record.
    cut: bool,
    rest: u64,
}

/// Bytes of the file when nobody was writing. What lies before stays as it is, so it can be read
/// without making anybody wait.
fn whole_length(file: &File) -> std::io::Result<u64> {
    file.lock_shared()?;
    let len = file.metadata()?.len();
    file.unlock()?;
    Ok(len)
}

/// Reads the records between two places of the file; their numbers rise from `through`.
fn scan(
    path: &Path,
    mut file: &File,
    bytes: Range<u64>,
    through: u64,
    mut each: impl FnMut(StoredBatch),
) -> Result<Scanned, ReplicaError> {
    let fault = |source| ReplicaError::File {
        path: path.into(),
        source,
    };
    let Range {
        start: from,
        end: len,
    } = bytes;
    file.seek(SeekFrom::Start(from)).map_err(fault)?;
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let damaged = |at| ReplicaError::Damaged(path.into(), at);
    let mut at = from;
    if from == 0 {
        let mut magic = [0; MAGIC.len()];
        reader.read_exact(&mut magic).map_err(|_| damaged(0))?;
        if magic != *MAGIC {
            return Err(damaged(0));
        }
        at = MAGIC.len() as u64;
    }
    let mut last = through;
    while at < len {
        match read_record(&mut reader, len - at).map_err(fault)? {
            Record::Whole(batch, size) if last < batch.id => {
                last = batch.id;
                at += size;
                each(*batch);
            }
            Record::Torn | Record::Bad => {
                let rest = len - at;
                return Ok(Scanned {
                    len: at,
                    cut: true,
                    rest,
                });
            }
            Record::Whole(..) => return Err(damaged(at)),
        }
    }
    Ok(Scanned {
        len: at,
        cut: false,
        rest: 0,
    })
}

enum Record {
    Whole(Box<StoredBatch>, u64),
    /// The file ends before the record does.
    Torn,
    Bad,
}

fn read_record(reader: &mut impl std::io::Read, left: u64) -> std::io::Result<Record> {
    const FRAME: u64 = 4 + 32;
    if left < 4 {
        return Ok(Record::Torn);
    }
    let mut head = [0; 4];
    reader.read_exact(&mut head)?;
    let body_len = u64::from(u32::from_be_bytes(head));
    if body_len > BODY_BYTES {
        return Ok(Record::Bad);
    }
    if left < body_len + FRAME {
        return Ok(Record::Torn);
    }
    let mut body = vec![0; usize::try_from(body_len).unwrap_or(usize::MAX)];
    reader.read_exact(&mut body)?;
    let mut digest = [0; 32];
    reader.read_exact(&mut digest)?;
    let expected: [u8; 32] = Sha256::new()
        .chain_update(head)
        .chain_update(&body)
        .finalize()
        .into();
    Ok(match from_cbor::<StoredBatch>(&body) {
        Ok(batch) if digest == expected => Record::Whole(Box::new(batch), body_len + FRAME),
        _ => Record::Bad,
    })
}
