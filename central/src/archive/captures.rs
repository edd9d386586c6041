//! Captures: sealed files that come in parts, beside the database.
//!
//! A file is appended to and synced before its row counts the bytes, so the row says how much of it
//! is sure; what a restored backup has less of is asked for again. A file is complete when its digest
//! is the one that was announced, and safe when a synced copy of it lies in the replica's directory.
//! The directory decides that, the database is never asked.

use super::{Opener, ReplicaDir};
use crate::config::Config;
use crate::disk::{private_dir, private_file, sync_dir};
use crate::store::{CaptureBegun, CaptureRow, NewCapture, Store, StoreError};
use protocol::capture::{CHUNK_BYTES, TAG_BYTES, chunk_aad, chunk_nonce};
use protocol::{CaptureId, CaptureKind, CaptureRef, DeviceId, Digest, FactKind};
use regulation::Timestamp;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::digest::{Context, SHA256};
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroizing;

const DIR: &str = "captures";
/// Ending of a copy that is being written.
const PART: &str = "part";
/// Bytes read at once where a whole file is read.
const READ_BYTES: usize = 256 * 1024;
/// Envelopes that are looked through at once.
const PAGE: usize = 256;
/// Captures that can be worked on at once; each by one request at a time.
const TURNS: usize = 16;

/// How much of a capture is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaptureStand {
    pub received: u64,
    pub complete: bool,
    pub safe: bool,
}

/// Why a part was not taken in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaptureFault {
    #[error("a capture of another device")]
    Foreign,
    #[error("announced before, as another file")]
    Conflict,
    #[error("the device's captures are above their bound")]
    OverBound,
    #[error("a capture's file cannot be read or written: {0:?}")]
    File(ErrorKind),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<io::Error> for CaptureFault {
    fn from(error: io::Error) -> Self {
        Self::File(error.kind())
    }
}

/// What the archive can say of a capture that an event names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaptureState {
    /// Nothing of it has come.
    Missing,
    Incomplete {
        received: u64,
    },
    /// What lies here is not what its event names.
    Altered,
    Whole,
}

/// A capture of an archived encounter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArchivedCapture {
    /// Number of its event.
    pub seq: u64,
    pub id: CaptureId,
    pub kind: CaptureKind,
    pub plain_bytes: u64,
    pub state: CaptureState,
}

/// The files of captures.
#[derive(Debug)]
pub struct Captures {
    dir: PathBuf,
    replica: Option<ReplicaDir>,
    turns: [Mutex<()>; TURNS],
}

impl Captures {
    /// Where the configuration says; directories are made when the first capture comes.
    #[must_use]
    pub fn new(config: &Config, replica: Option<ReplicaDir>) -> Self {
        Self {
            dir: config.data_dir.join(DIR),
            replica,
            turns: Default::default(),
        }
    }

    /// How much of the device's capture is there.
    ///
    /// # Errors
    /// [`CaptureFault::Foreign`]; the files or the store cannot be used.
    pub fn stand(
        &self,
        store: &dyn Store,
        device: DeviceId,
        id: CaptureId,
        now: Timestamp,
    ) -> Result<CaptureStand, CaptureFault> {
        let _turn = self.turn(id);
        match store.capture(id)? {
            None => Ok(CaptureStand {
                received: 0,
                complete: false,
                safe: false,
            }),
            Some(row) if row.announced.device != device => Err(CaptureFault::Foreign),
            Some(row) => {
                let row = self.settle(store, row, now)?;
                Ok(self.stand_of(&row))
            }
        }
    }

    /// Appends a part, if it begins where the file ends; what it returns is on the disk.
    ///
    /// # Errors
    /// [`CaptureFault`]; nothing of the part counts then.
    pub fn take_in(
        &self,
        store: &dyn Store,
        new: &NewCapture,
        offset: u64,
        part: &[u8],
        bound: u64,
        now: Timestamp,
    ) -> Result<CaptureStand, CaptureFault> {
        let _turn = self.turn(new.id);
        let row = match store.begin_capture(new, bound)? {
            CaptureBegun::Open(row) => row,
            CaptureBegun::Foreign => return Err(CaptureFault::Foreign),
            CaptureBegun::Conflict => return Err(CaptureFault::Conflict),
            CaptureBegun::OverBound => return Err(CaptureFault::OverBound),
        };
        let mut row = self.settle(store, row, now)?;
        if row.complete_at.is_none() && row.received == offset {
            append(&self.dir, new.id, offset, part)?;
            row.received = offset + part.len() as u64;
            store.capture_received(new.id, row.received, None)?;
            row = self.settle(store, row, now)?;
        }
        Ok(self.stand_of(&row))
    }

    /// Makes row and file agree, completes what has all its bytes, and replicates what is complete.
    fn settle(
        &self,
        store: &dyn Store,
        mut row: CaptureRow,
        now: Timestamp,
    ) -> Result<CaptureRow, CaptureFault> {
        let before = row;
        let NewCapture {
            id, size, digest, ..
        } = row.announced;
        let path = file(&self.dir, id);
        let there = length(&path)?;
        if there < row.received {
            let copy = self.replica_dir().map(|dir| file(&dir, id));
            let healed = copy.is_some_and(|copy| copy_whole(&copy, &self.dir, id, digest).is_ok());
            if healed {
                tracing::warn!(capture = %id, "a capture was taken from the replica");
                row.received = size;
            } else {
                tracing::warn!(capture = %id, had = row.received, has = there, "a capture lost bytes");
                row.received = there;
                row.complete_at = None;
            }
        }
        if row.received == size && row.complete_at.is_none() {
            if digest_of(&path)? == digest {
                row.complete_at = Some(now);
            } else {
                tracing::error!(capture = %id, "a capture is not what was announced; it begins anew");
                row.received = 0;
            }
        }
        if row != before {
            store.capture_received(id, row.received, row.complete_at)?;
        }
        if row.complete_at.is_some() && row.complete_at != before.complete_at {
            self.replicate(&row, true);
        } else if row.complete_at.is_some() {
            self.replicate(&row, false);
        }
        Ok(row)
    }

    /// A database that was restored from an older backup takes from the replica what it had: whole
    /// files that are just what a sealed event of the archive names, and that it has not itself. How
    /// many there were; no more are begun once `stop` says so.
    ///
    /// # Errors
    /// The files or the store cannot be used.
    pub(crate) fn relearn(
        &self,
        store: &dyn Store,
        opener: &Opener,
        now: Timestamp,
        stop: &dyn Fn() -> bool,
    ) -> Result<usize, CaptureFault> {
        let Some(replica) = self.replica_dir() else {
            return Ok(0);
        };
        let mut absent = absent(store, &replica)?;
        let (mut taken, mut after) = (0, None);
        while !absent.is_empty() && !stop() {
            let envelopes = store.capture_envelopes(after, PAGE)?;
            let Some(last) = envelopes.last() else {
                tracing::warn!(
                    files = absent.len(),
                    "the replica has captures that no event here names"
                );
                break;
            };
            after = Some(last.place());
            for stored in &envelopes {
                let Ok(fact) = opener.open(&stored.envelope) else {
                    continue;
                };
                if let FactKind::Capture { capture, .. } = fact.kind
                    && absent.contains(&capture.id)
                    && self.take_back(store, &replica, stored.envelope.device, &capture, now)?
                {
                    absent.remove(&capture.id);
                    taken += 1;
                }
            }
        }
        Ok(taken)
    }

    /// Whether the replica's file is what the device's event names; then it is here from now on.
    fn take_back(
        &self,
        store: &dyn Store,
        replica: &Path,
        device: DeviceId,
        named: &CaptureRef,
        now: Timestamp,
    ) -> Result<bool, CaptureFault> {
        let CaptureRef {
            id, size, digest, ..
        } = *named;
        let _turn = self.turn(id);
        let copy = file(replica, id);
        if length(&copy)? != size || digest_of(&copy)? != digest {
            return Ok(false);
        }
        let announced = NewCapture {
            id,
            device,
            size,
            digest,
        };
        // It was let in once: no bound holds it back.
        let CaptureBegun::Open(_) = store.begin_capture(&announced, u64::MAX)? else {
            return Ok(false);
        };
        copy_whole(&copy, &self.dir, id, digest)?;
        store.capture_received(id, size, Some(now))?;
        tracing::warn!(capture = %id, "a capture was taken from the replica");
        Ok(true)
    }

    /// Copies the file to the replica, unless it is there; `look`: unless just that file is there.
    fn replicate(&self, row: &CaptureRow, look: bool) {
        let NewCapture { id, digest, .. } = row.announced;
        let Some(replica) = self.replica_dir() else {
            return;
        };
        let there = copied(&replica, row)
            && (!look || digest_of(&file(&replica, id)).is_ok_and(|there| there == digest));
        if there {
            return;
        }
        if let Err(error) = copy_whole(&file(&self.dir, id), &replica, id, digest) {
            tracing::error!(capture = %id, kind = ?error.kind(), "a capture is not replicated; it is not called safe");
        }
    }

    /// The replica's captures, if its disk is there.
    fn replica_dir(&self) -> Option<PathBuf> {
        let replica = self.replica.as_ref()?;
        match replica.check() {
            Ok(()) => Some(replica.path().join(DIR)),
            Err(error) => {
                tracing::error!(%error, "no capture is called safe");
                None
            }
        }
    }

    /// Whether the copy outlasts a power cut: its name too, which whoever made it may not have come to
    /// sync.
    fn safe(&self, row: &CaptureRow) -> bool {
        let Some(dir) = self.replica_dir() else {
            return false;
        };
        if !copied(&dir, row) {
            return false;
        }
        let synced = sync_dir(&dir).and_then(|()| dir.parent().map_or(Ok(()), sync_dir));
        if let Err(error) = &synced {
            tracing::error!(%error, "the replica's captures are not synced");
        }
        synced.is_ok()
    }

    fn stand_of(&self, row: &CaptureRow) -> CaptureStand {
        let complete = row.complete_at.is_some();
        CaptureStand {
            received: row.received,
            complete,
            safe: complete && self.safe(row),
        }
    }

    fn turn(&self, id: CaptureId) -> std::sync::MutexGuard<'_, ()> {
        let turn = usize::from(id.0.as_bytes()[0]) % TURNS;
        self.turns[turn]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether what lies here is what the event of `device` names; every byte is read.
    pub(super) fn state(
        &self,
        store: &dyn Store,
        device: DeviceId,
        named: &CaptureRef,
    ) -> Result<CaptureState, StoreError> {
        let row = store
            .capture(named.id)?
            .filter(|row| row.announced.device == device);
        let Some(row) = row else {
            return Ok(CaptureState::Missing);
        };
        if row.announced.size != named.size || row.announced.digest != named.digest {
            return Ok(CaptureState::Altered);
        }
        if row.complete_at.is_none() {
            return Ok(CaptureState::Incomplete {
                received: row.received,
            });
        }
        Ok(match self.sound(named) {
            Some(_) => CaptureState::Whole,
            None => CaptureState::Altered,
        })
    }

    /// A file with the digest that the event names: here, or in the replica.
    fn sound(&self, named: &CaptureRef) -> Option<PathBuf> {
        [Some(self.dir.clone()), self.replica_dir()]
            .into_iter()
            .flatten()
            .map(|dir| file(&dir, named.id))
            .find(|path| digest_of(path).is_ok_and(|digest| digest == named.digest))
    }

    /// The capture's plain bytes; `None` if there is no sound file of it.
    pub(super) fn open(
        &self,
        device: DeviceId,
        named: &CaptureRef,
    ) -> io::Result<Option<CaptureReader>> {
        match self.sound(named) {
            Some(path) => CaptureReader::new(File::open(path)?, device, named).map(Some),
            None => Ok(None),
        }
    }
}

/// The plain bytes of a capture, opened chunk by chunk. Fails with [`ErrorKind::InvalidData`] where
/// a chunk is not what was sealed in its place, and where the file ends early.
pub struct CaptureReader {
    file: File,
    key: LessSafeKey,
    aad: Vec<u8>,
    /// Sealed bytes that are still to be read.
    left: u64,
    number: u64,
    plain: Zeroizing<Vec<u8>>,
    at: usize,
}

impl std::fmt::Debug for CaptureReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CaptureReader(..)")
    }
}

impl CaptureReader {
    pub(super) fn new(file: File, device: DeviceId, named: &CaptureRef) -> io::Result<Self> {
        let key = UnboundKey::new(&AES_256_GCM, &named.key).map_err(|_| altered())?;
        if file.metadata()?.len() != named.size
            || CaptureRef::sealed_bytes(named.plain_bytes) != named.size
        {
            return Err(altered());
        }
        Ok(Self {
            file,
            key: LessSafeKey::new(key),
            aad: chunk_aad(device, named.id),
            left: named.size,
            number: 0,
            plain: Zeroizing::new(Vec::with_capacity(CHUNK_BYTES + TAG_BYTES)),
            at: 0,
        })
    }

    fn next_chunk(&mut self) -> io::Result<()> {
        const SEALED: usize = CHUNK_BYTES + TAG_BYTES;
        let take = usize::try_from(self.left).map_or(SEALED, |left| left.min(SEALED));
        self.left -= take as u64;
        self.plain.resize(take, 0);
        self.at = 0;
        let opened = self.file.read_exact(&mut self.plain).and_then(|()| {
            let nonce = chunk_nonce(self.number, self.left == 0);
            self.key
                .open_in_place(
                    Nonce::assume_unique_for_key(nonce),
                    Aad::from(&self.aad),
                    &mut self.plain,
                )
                .map(|plain| plain.len())
                .map_err(|_| altered())
        });
        match opened {
            Ok(length) => {
                self.plain.truncate(length);
                self.number += 1;
                Ok(())
            }
            Err(error) => {
                // What was not opened is never given out, also not by a later call.
                self.plain.clear();
                self.left = 0;
                Err(if error.kind() == ErrorKind::UnexpectedEof {
                    altered()
                } else {
                    error
                })
            }
        }
    }
}

impl Read for CaptureReader {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        while self.at == self.plain.len() && self.left > 0 {
            self.next_chunk()?;
        }
        let give = to.len().min(self.plain.len() - self.at);
        to[..give].copy_from_slice(&self.plain[self.at..self.at + give]);
        self.at += give;
        Ok(give)
    }
}

fn altered() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "the capture was altered")
}

fn file(dir: &Path, id: CaptureId) -> PathBuf {
    dir.join(id.to_string())
}

/// Bytes of the file; 0 where there is none.
fn length(path: &Path) -> io::Result<u64> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(metadata.len()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error),
    }
}

/// Whether the replica's directory has the file: it has its name only once it is whole and synced.
fn copied(replica: &Path, row: &CaptureRow) -> bool {
    let NewCapture { id, size, .. } = row.announced;
    length(&file(replica, id)).is_ok_and(|there| there == size)
}

/// Captures of which there are files in that directory, and which are not complete here.
fn absent(store: &dyn Store, dir: &Path) -> Result<HashSet<CaptureId>, CaptureFault> {
    let mut absent = HashSet::new();
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(absent),
        Err(error) => return Err(error.into()),
    };
    for entry in entries {
        let name = entry?.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        if store
            .capture(id)?
            .is_none_or(|row| row.complete_at.is_none())
        {
            absent.insert(id);
        }
    }
    Ok(absent)
}

/// Makes the directory of captures, and none above it: a replica's disk that has gone is not to be
/// replaced by a directory of that name.
fn make_dir(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    private_dir().create(dir)?;
    dir.parent().map_or(Ok(()), sync_dir)
}

/// Writes a part behind the first `offset` bytes and syncs it; what lay beyond never counted.
fn append(dir: &Path, id: CaptureId, offset: u64, part: &[u8]) -> io::Result<()> {
    make_dir(dir)?;
    let path = file(dir, id);
    let new = !path.exists();
    let mut file = private_file().create(true).truncate(false).open(&path)?;
    if file.metadata()?.len() != offset {
        file.set_len(offset)?;
    }
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(part)?;
    file.sync_all()?;
    if new { sync_dir(dir) } else { Ok(()) }
}

/// Copies a file that has that digest to `dir`, where it has its name once it is whole and synced.
fn copy_whole(from: &Path, dir: &Path, id: CaptureId, digest: Digest) -> io::Result<()> {
    let mut from = File::open(from)?;
    make_dir(dir)?;
    let whole = file(dir, id);
    let part = whole.with_extension(PART);
    let mut to = private_file().create(true).truncate(true).open(&part)?;
    let copied = pass(&mut from, &mut to).and_then(|there| {
        if there == digest {
            to.sync_all()
        } else {
            Err(altered())
        }
    });
    if let Err(error) = copied {
        fs::remove_file(&part).ok();
        return Err(error);
    }
    fs::rename(&part, &whole)?;
    sync_dir(dir)
}

fn digest_of(path: &Path) -> io::Result<Digest> {
    pass(&mut File::open(path)?, &mut io::sink())
}

/// Passes everything on; the SHA-256 of it.
fn pass(from: &mut impl Read, to: &mut impl Write) -> io::Result<Digest> {
    let mut hash = Context::new(&SHA256);
    let mut bytes = vec![0; READ_BYTES];
    loop {
        let read = from.read(&mut bytes)?;
        if read == 0 {
            break;
        }
        hash.update(&bytes[..read]);
        to.write_all(&bytes[..read])?;
    }
    let digest = hash.finish().as_ref().try_into();
    digest.map(Digest).map_err(|_| altered())
}
