//! Captures too large for an event: each a file of sealed chunks, named by its id.
//!
//! Plain bytes and the file's key never lie on the disk: bytes are sealed as they come, a chunk at a
//! time, and the key travels inside the capture's event, which is sealed for central. The file has
//! its name and is synced *before* its event and its row are written, in one transaction. A file
//! without a row is therefore what an interrupted capture left: nobody has its key, and it is
//! removed at the next start. Where the database lost numbers, such files are evidence, and are moved
//! aside with it.

use super::journal::{Prepared, STUCK_DAMAGED, check_open, count_stuck, stuck_to_text};
use super::{JournalRow, OpenSession, StuckReason, Vault, VaultError, crypt};
use crate::device::keystore::{new_private_file, sync_dir};
use protocol::capture::{CHUNK_BYTES, TAG_BYTES, chunk_aad, chunk_nonce};
use protocol::limits::CAPTURE_BYTES;
use protocol::{
    CaptureId, CaptureKind, CaptureOf, CaptureReceipt, CaptureRef, Digest, Fact, FactKind, Urgency,
};
use regulation::EncounterId;
use regulation::encounter::MACHINE_VERSION;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::digest::{Context, SHA256};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction};
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use uuid::Uuid;
use zeroize::{Zeroize as _, Zeroizing};

pub(super) const DIR: &str = "captures";
/// Ending of a file that is being written.
const PART: &str = "part";
/// Free bytes of the disk below which no capture is begun: some hundred questions with their pictures.
#[cfg(unix)]
const ROOM_FOR_EVENTS: u64 = 32 * 1024 * 1024;
/// Bytes read at once where a whole file is read.
const READ_BYTES: usize = 256 * 1024;

/// A capture that waits to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingCapture {
    pub id: CaptureId,
    /// Number of its event.
    pub seq: u64,
    /// Bytes of the sealed file, and their SHA-256.
    pub size: u64,
    pub digest: Digest,
    /// Bytes that central last said it has.
    pub sent: u64,
}

/// The captures of this tablet in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct CaptureQueue {
    /// Captures that central does not have safe yet, and bytes of them that it has not got.
    pub waiting: u64,
    pub bytes: u64,
    pub stuck: Vec<(StuckReason, u64)>,
}

impl CaptureQueue {
    pub(super) fn read(db: &Connection) -> Result<Self, VaultError> {
        let (waiting, bytes): (u64, u64) = db
            .prepare_cached(
                "SELECT count(*), coalesce(sum(size - sent), 0) FROM captures
                 WHERE safe = 0 AND stuck IS NULL",
            )?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let stuck = count_stuck(
            db,
            "SELECT stuck, count(*) FROM captures WHERE safe = 0 AND stuck IS NOT NULL
             GROUP BY stuck ORDER BY stuck",
        )?;
        Ok(Self {
            waiting,
            bytes,
            stuck,
        })
    }
}

/// What a capture belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaptureOwner {
    Encounter(EncounterId),
    Other(CaptureOf),
}

impl From<EncounterId> for CaptureOwner {
    fn from(encounter: EncounterId) -> Self {
        Self::Encounter(encounter)
    }
}

impl From<CaptureOf> for CaptureOwner {
    fn from(of: CaptureOf) -> Self {
        Self::Other(of)
    }
}

impl Vault {
    /// Takes a capture in: reads `plain` to its end, a chunk at a time, and appends the event that
    /// names it. Once this returns, both are on the disk. Takes as long as `plain` does.
    ///
    /// Of the reference that this returns the key is empty: it is in the sealed event alone.
    ///
    /// # Errors
    /// [`VaultError::CaptureBroken`] when `plain` fails; [`VaultError::TooLarge`];
    /// [`VaultError::Full`] also while there is room that is kept for events; and others. Nothing was
    /// recorded then, and nothing is left behind.
    pub fn add_capture(
        &self,
        session: &OpenSession,
        owner: impl Into<CaptureOwner>,
        kind: CaptureKind,
        plain: &mut dyn Read,
    ) -> Result<(u64, CaptureRef), VaultError> {
        let (encounter, of) = match owner.into() {
            CaptureOwner::Encounter(encounter) => (Some(encounter), None),
            CaptureOwner::Other(of) => (None, Some(of)),
        };
        let device = self.identity()?.ok_or(VaultError::NotEnrolled)?.device;
        check_open(&self.state().db, session.id)?;
        let id = CaptureId(Uuid::new_v4());
        let key = crypt::random::<32>()?;
        let sealer = Sealer {
            key: file_key(&key)?,
            aad: chunk_aad(device, id),
            most: CAPTURE_BYTES,
        };
        let dir = dir(&self.0.dir);
        leave_room(&dir)?;
        let mut file = Unclaimed::create(&dir, id)?;
        let sealed = sealer.run(plain, &mut file.file)?;
        file.finish()?;
        let now = self.now();
        let mut fact = Fact {
            edition: session.edition.clone(),
            machine: MACHINE_VERSION,
            officer: session.officer.id,
            at: now,
            uptime_ms: self.0.clock.uptime_ms(),
            training: session.training,
            kind: FactKind::Capture {
                capture: CaptureRef {
                    id,
                    kind,
                    plain_bytes: sealed.plain_bytes,
                    size: sealed.size,
                    digest: sealed.digest,
                    key: key.to_vec(),
                },
                of,
            },
        };
        let urgency = Urgency::Capture;
        let event = Prepared::new(device, session, encounter, urgency, &fact);
        let FactKind::Capture { capture, .. } = &mut fact.kind else {
            return Err(VaultError::Crypto);
        };
        capture.key.zeroize();
        let event = event?;
        let mut state = self.state();
        let (transaction, mark) = state.begin()?;
        let before = JournalRow::read(&transaction)?;
        let written = event.write(&transaction, now)?;
        transaction.execute(
            "INSERT INTO captures (id, seq, session, encounter, size, digest, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            (
                id.0.as_bytes(),
                written.seq,
                session.id.0.as_bytes(),
                encounter.as_ref().map(|encounter| encounter.0.as_bytes()),
                sealed.size,
                sealed.digest.0,
                now.0,
            ),
        )?;
        mark.begin(written)?;
        let committed = transaction.commit();
        let marked = mark.finish();
        let committed = state.settle(&before, committed, marked);
        drop(state);
        // Any other fault leaves open whether the row is there: the next start sees.
        if committed != Err(VaultError::Full) {
            file.claim();
        }
        committed?;
        self.bump();
        Ok((written.seq, capture.clone()))
    }

    /// The oldest capture that can go: its event is stored at central, and it is not set aside. `but`:
    /// not one of these, as long as central is known to have it whole.
    ///
    /// # Errors
    /// The database cannot be used.
    pub fn next_capture(
        &self,
        but: &HashSet<CaptureId>,
    ) -> Result<Option<WaitingCapture>, VaultError> {
        let state = self.state();
        let safe_through = JournalRow::read(&state.db)?.safe_through;
        let mut statement = state.db.prepare_cached(
            "SELECT id, seq, size, digest, sent FROM captures
             WHERE safe = 0 AND stuck IS NULL AND (seq <= ?1 OR EXISTS (
                 SELECT 1 FROM sealed WHERE sealed.seq = captures.seq AND stored = 1))
             ORDER BY at, seq",
        )?;
        let mut rows = statement.query([safe_through])?;
        while let Some(row) = rows.next()? {
            let waiting = waiting(row)?;
            if waiting.sent < waiting.size || !but.contains(&waiting.id) {
                return Ok(Some(waiting));
            }
        }
        Ok(None)
    }

    /// Bytes of the sealed file from `offset` on, at most so many. `None`: the capture is gone, or
    /// its file is no longer what it was, and has been set aside.
    ///
    /// # Errors
    /// The file or the database cannot be read.
    pub fn capture_part(
        &self,
        id: CaptureId,
        offset: u64,
        bytes: usize,
    ) -> Result<Option<Vec<u8>>, VaultError> {
        let Some(capture) = self.capture(id)? else {
            return Ok(None);
        };
        let mut file = match File::open(path(&self.0.dir, id)) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return self.damaged(&capture).map(|()| None);
            }
            Err(error) => return Err(error.into()),
        };
        if file.metadata()?.len() != capture.size {
            return self.damaged(&capture).map(|()| None);
        }
        file.seek(SeekFrom::Start(offset.min(capture.size)))?;
        let mut part = Vec::new();
        file.take(bytes as u64).read_to_end(&mut part)?;
        Ok(Some(part))
    }

    /// Whether the file is still what was sealed; if not, it is set aside. Reads all of it.
    ///
    /// # Errors
    /// The file or the database cannot be read.
    pub fn check_capture(&self, id: CaptureId) -> Result<bool, VaultError> {
        let Some(capture) = self.capture(id)? else {
            return Ok(false);
        };
        let sound = match File::open(path(&self.0.dir, id)) {
            Ok(file) => digest_of(file)? == capture.digest,
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(error.into()),
        };
        if !sound {
            self.damaged(&capture)?;
        }
        Ok(sound)
    }

    /// Sets a capture aside: it is kept, and the others go on.
    ///
    /// # Errors
    /// The database cannot be used.
    pub fn mark_capture_stuck(&self, id: CaptureId, reason: StuckReason) -> Result<(), VaultError> {
        self.set_capture_stuck(id, &stuck_to_text(reason)?)
    }

    /// Applies central's word on a capture. What central has less of than it said before, it lost:
    /// that is sent again. The file goes when the capture *and* its event are safe.
    ///
    /// # Errors
    /// [`VaultError::BadReceipt`], [`VaultError::ForeignReceipt`]: nothing was marked or deleted.
    pub fn apply_capture_receipt(&self, receipt: &CaptureReceipt) -> Result<(), VaultError> {
        self.check_signed(receipt.device, &receipt.signed_bytes(), &receipt.signature)?;
        let Some(capture) = self.capture(receipt.capture)? else {
            // Come late, after the file had gone.
            return Ok(());
        };
        let all = receipt.received == capture.size;
        if receipt.received > capture.size
            || (receipt.complete && !all)
            || (receipt.safe && !receipt.complete)
        {
            return Err(VaultError::BadReceipt);
        }
        let mut state = self.state();
        let (transaction, _) = state.begin()?;
        transaction
            .prepare_cached(
                "UPDATE captures SET sent = ?2, safe = ?3,
                        stuck = CASE WHEN ?3 THEN NULL ELSE stuck END WHERE id = ?1",
            )?
            .execute((capture.id.0.as_bytes(), receipt.received, receipt.safe))?;
        let safe_through = JournalRow::read(&transaction)?.safe_through;
        let gone = release(&transaction, safe_through)?;
        transaction.commit()?;
        drop(state);
        self.unlink(&gone);
        self.bump();
        Ok(())
    }

    fn capture(&self, id: CaptureId) -> Result<Option<WaitingCapture>, VaultError> {
        Ok(self
            .state()
            .db
            .prepare_cached("SELECT id, seq, size, digest, sent FROM captures WHERE id = ?1")?
            .query_row([id.0.as_bytes()], waiting)
            .optional()?)
    }

    fn damaged(&self, capture: &WaitingCapture) -> Result<(), VaultError> {
        self.report_damaged("captures", capture.seq);
        self.set_capture_stuck(capture.id, STUCK_DAMAGED)
    }

    fn set_capture_stuck(&self, id: CaptureId, reason: &str) -> Result<(), VaultError> {
        self.state().db.execute(
            "UPDATE captures SET stuck = ?2 WHERE id = ?1 AND safe = 0",
            (id.0.as_bytes(), reason),
        )?;
        self.bump();
        Ok(())
    }

    /// Removes files whose rows are gone. What a power cut leaves of them, the next start removes.
    pub(super) fn unlink(&self, ids: &[CaptureId]) {
        for id in ids {
            if let Err(error) = fs::remove_file(path(&self.0.dir, *id)) {
                tracing::warn!(capture = %id, kind = ?error.kind(), "a sent capture stays on the disk");
            }
        }
    }
}

fn waiting(row: &Row<'_>) -> rusqlite::Result<WaitingCapture> {
    Ok(WaitingCapture {
        id: CaptureId(Uuid::from_bytes(row.get(0)?)),
        seq: row.get(1)?,
        size: row.get(2)?,
        digest: Digest(row.get(3)?),
        sent: row.get(4)?,
    })
}

/// Deletes rows that are safe with their events; whose files may go once this is committed.
pub(super) fn release(
    transaction: &Transaction<'_>,
    safe_through: u64,
) -> Result<Vec<CaptureId>, VaultError> {
    let mut statement = transaction
        .prepare_cached("DELETE FROM captures WHERE safe = 1 AND seq <= ?1 RETURNING id")?;
    let ids = statement.query_map([safe_through], |row| row.get(0))?;
    ids.map(|id| Ok(CaptureId(Uuid::from_bytes(id?)))).collect()
}

/// Events come first: a capture is not begun on a disk that may soon have no room for them.
fn leave_room(dir: &Path) -> Result<(), VaultError> {
    match room(dir)? {
        Some(bytes) if bytes < ROOM_FOR_EVENTS => Err(VaultError::Full),
        _ => Ok(()),
    }
}

/// Bytes that are free; `None` where the system does not tell.
#[cfg(unix)]
pub(super) fn room(dir: &Path) -> Result<Option<u64>, VaultError> {
    let disk = rustix::fs::statvfs(dir).map_err(std::io::Error::from)?;
    Ok(Some(disk.f_bavail.saturating_mul(disk.f_frsize)))
}

#[cfg(not(unix))]
pub(super) fn room(_: &Path) -> Result<Option<u64>, VaultError> {
    Ok(None)
}

pub(super) fn dir(vault: &Path) -> PathBuf {
    vault.join(DIR)
}

pub(super) fn path(vault: &Path, id: CaptureId) -> PathBuf {
    dir(vault).join(id.to_string())
}

/// Every capture that this database knows.
pub(super) fn rows(db: &Connection) -> Result<Vec<WaitingCapture>, VaultError> {
    Ok(db
        .prepare("SELECT id, seq, size, digest, sent FROM captures")?
        .query_map([], waiting)?
        .collect::<Result<_, _>>()?)
}

/// Makes files and rows agree, once at opening: removes what interrupted captures left, sets aside
/// rows whose file is missing or of another length, and returns the numbers of those. `gap`: the
/// database does not know of everything, and files that it does not know are moved to `aside`.
pub(super) fn sweep(
    vault: &Path,
    db: &mut Connection,
    gap: bool,
    aside: impl FnOnce() -> Result<PathBuf, VaultError>,
) -> Result<Vec<u64>, VaultError> {
    let rows = rows(db)?;
    let known: HashSet<CaptureId> = rows.iter().map(|row| row.id).collect();
    // Before the first event there was none of a capture either: this database is a new one.
    let gap = gap || JournalRow::read(db)?.last_seq == 0;
    let mut unknown = Vec::new();
    for entry in fs::read_dir(dir(vault))? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == PART) {
            fs::remove_file(&path)?;
            continue;
        }
        let name = path.file_name().and_then(|name| name.to_str());
        let id = name.and_then(|name| Uuid::try_parse(name).ok());
        if id.is_some_and(|id| !known.contains(&CaptureId(id))) {
            unknown.push(path);
        }
    }
    if gap && !unknown.is_empty() {
        let aside = aside()?;
        for path in &unknown {
            if let Some(name) = path.file_name() {
                fs::rename(path, aside.join(name))?;
            }
        }
        sync_dir(&aside)?;
        tracing::error!(
            captures = unknown.len(),
            "captures that no event names were moved aside"
        );
    } else {
        for path in &unknown {
            fs::remove_file(path)?;
        }
    }
    sync_dir(&dir(vault))?;
    let mut damaged = Vec::new();
    for row in rows {
        let whole = fs::metadata(path(vault, row.id)).is_ok_and(|file| file.len() == row.size);
        if !whole {
            db.execute(
                "UPDATE captures SET stuck = ?2 WHERE id = ?1 AND safe = 0",
                (row.id.0.as_bytes(), STUCK_DAMAGED),
            )?;
            damaged.push(row.seq);
        }
    }
    Ok(damaged)
}

/// SHA-256 of a whole file.
pub(super) fn digest_of(mut file: File) -> Result<Digest, VaultError> {
    let mut hash = Context::new(&SHA256);
    let mut bytes = vec![0; READ_BYTES];
    loop {
        match file.read(&mut bytes)? {
            0 => return finished(hash),
            read => hash.update(&bytes[..read]),
        }
    }
}

fn finished(hash: Context) -> Result<Digest, VaultError> {
    let digest = hash.finish().as_ref().try_into();
    digest.map(Digest).map_err(|_| VaultError::Crypto)
}

fn file_key(key: &[u8; 32]) -> Result<LessSafeKey, VaultError> {
    let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| VaultError::Crypto)?;
    Ok(LessSafeKey::new(key))
}

/// A file that no row names yet; gone with this value unless it was claimed.
struct Unclaimed {
    file: File,
    dir: PathBuf,
    part: PathBuf,
    whole: PathBuf,
    claimed: bool,
}

impl Unclaimed {
    fn create(dir: &Path, id: CaptureId) -> Result<Self, VaultError> {
        let whole = dir.join(id.to_string());
        let part = whole.with_extension(PART);
        Ok(Self {
            file: new_private_file(&part)?,
            dir: dir.to_owned(),
            part,
            whole,
            claimed: false,
        })
    }

    /// Gives the synced file its name, so that it outlasts a power cut.
    fn finish(&mut self) -> Result<(), VaultError> {
        self.file.sync_all()?;
        fs::rename(&self.part, &self.whole)?;
        Ok(sync_dir(&self.dir)?)
    }

    fn claim(mut self) {
        self.claimed = true;
    }
}

impl Drop for Unclaimed {
    fn drop(&mut self) {
        if !self.claimed {
            // One of the two is there; what stays, the next start removes.
            let _ = fs::remove_file(&self.part);
            let _ = fs::remove_file(&self.whole);
        }
    }
}

struct Sealer {
    key: LessSafeKey,
    aad: Vec<u8>,
    /// Bytes of the sealed file.
    most: u64,
}

struct SealedFile {
    plain_bytes: u64,
    size: u64,
    digest: Digest,
}

impl Sealer {
    /// Whether a chunk is the last is part of its seal: one byte is read ahead to know.
    fn run(&self, plain: &mut dyn Read, out: &mut File) -> Result<SealedFile, VaultError> {
        let mut chunk = Zeroizing::new(vec![0; CHUNK_BYTES + 1]);
        let mut sealed = Vec::with_capacity(CHUNK_BYTES + TAG_BYTES);
        let mut hash = Context::new(&SHA256);
        let (mut held, mut number, mut plain_bytes, mut size) = (0, 0, 0, 0);
        loop {
            held += fill(plain, &mut chunk[held..])?;
            let last = held <= CHUNK_BYTES;
            let take = held.min(CHUNK_BYTES);
            plain_bytes += take as u64;
            size += (take + TAG_BYTES) as u64;
            if size > self.most {
                return Err(VaultError::TooLarge);
            }
            sealed.clear();
            sealed.extend_from_slice(&chunk[..take]);
            let nonce = Nonce::assume_unique_for_key(chunk_nonce(number, last));
            self.key
                .seal_in_place_append_tag(nonce, Aad::from(&self.aad), &mut sealed)
                .map_err(|_| VaultError::Crypto)?;
            hash.update(&sealed);
            out.write_all(&sealed)?;
            if last {
                return Ok(SealedFile {
                    plain_bytes,
                    size,
                    digest: finished(hash)?,
                });
            }
            chunk[0] = chunk[CHUNK_BYTES];
            held = 1;
            number += 1;
        }
    }
}

/// Reads until `to` is full or the end.
fn fill(plain: &mut dyn Read, to: &mut [u8]) -> Result<usize, VaultError> {
    let mut filled = 0;
    while filled < to.len() {
        match plain.read(&mut to[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return Err(VaultError::CaptureBroken),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_capture_is_refused_at_the_first_chunk_above_the_limit() {
        let seal = |plain: u64, most: u64| {
            let sealer = Sealer {
                key: file_key(&[7; 32]).unwrap(),
                aad: Vec::new(),
                most,
            };
            let mut file = tempfile::tempfile().unwrap();
            let sealed = sealer.run(&mut std::io::repeat(1).take(plain), &mut file);
            (sealed.map(|s| s.size), file.metadata().unwrap().len())
        };
        let chunk = (CHUNK_BYTES + TAG_BYTES) as u64;
        let two = 2 * CHUNK_BYTES as u64;
        assert_eq!(seal(two, 2 * chunk), (Ok(2 * chunk), 2 * chunk));
        assert_eq!(
            seal(two + 1, 2 * chunk),
            (Err(VaultError::TooLarge), 2 * chunk)
        );
        // Not read to its end to know that.
        assert_eq!(seal(u64::MAX, chunk), (Err(VaultError::TooLarge), chunk));
    }
}
