//! Rows of `sealed` in the pages of a database that SQLite may no longer open.
//!
//! SQLite's file format (its "Database File Format") is read a page at a time, from the database and
//! from its WAL. Neither header nor tree is trusted: every place of every page is tried as the start
//! of a row, and a row counts only if its envelope has the digest that was stored beside it. What is
//! found so is what was sealed, wherever it lay.

use super::VaultError;
use super::outbox::urgency_from;
use protocol::limits::CIPHERTEXT_BYTES;
use protocol::{DeviceId, Digest, Envelope, KeyId, SessionId};
use regulation::EncounterId;
use std::collections::HashMap;
use std::fs::File;
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use uuid::Uuid;

/// SQLite's own page size; the vault sets no other, and reserves nothing at a page's end.
const PAGE: usize = 4096;
const WAL_HEADER: u64 = 32;
const FRAME_HEADER: u64 = 24;
/// Most bytes of a row that lie in its page, and fewest when the rest overflows.
const MOST_LOCAL: usize = PAGE - 35;
const LEAST_LOCAL: usize = (PAGE - 12) * 32 / 255 - 23;
/// Bytes of an overflow page that belong to the row; four name the next one.
const OVERFLOW: usize = PAGE - 4;
/// Bytes of a row beside its ciphertext.
const ROW_FRAME: usize = 1024;
/// Columns of `sealed`.
const COLUMNS: usize = 13;

/// Where a row begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    page: Image,
    at: usize,
    view: View,
}

/// A page as it lies in one of the two files.
#[derive(Clone, Copy, Debug)]
enum Image {
    /// Counted from 0.
    Database(u64),
    Frame(usize),
}

/// Which image of a page is meant by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    Database,
    /// The newest frame up to this one; the database's where there is none.
    Through(usize),
}

/// A row whose digest holds.
pub(super) struct Row {
    pub envelope: Envelope,
    pub digest: Digest,
    pub at: i64,
}

/// A row in short.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub seq: u64,
    pub digest: Digest,
    pub previous: Digest,
    pub spot: Spot,
}

/// A database that was moved aside, and its WAL.
pub(super) struct Pages {
    device: DeviceId,
    database: Option<File>,
    pages: u64,
    wal: Option<File>,
    frames: Vec<Frame>,
    by_page: HashMap<u32, Vec<usize>>,
}

struct Frame {
    /// Last frame of its transaction.
    commit: usize,
}

impl Pages {
    pub(super) fn open(dir: &Path, device: DeviceId) -> Result<Self, VaultError> {
        let (database, length) = open_file(&dir.join("vault.db"))?;
        let (wal, wal_length) = open_file(&dir.join("vault.db-wal"))?;
        let mut pages = Self {
            device,
            database,
            pages: length / PAGE as u64,
            wal,
            frames: Vec::new(),
            by_page: HashMap::new(),
        };
        pages.index(wal_length)?;
        Ok(pages)
    }

    fn index(&mut self, length: u64) -> Result<(), VaultError> {
        let count = length.saturating_sub(WAL_HEADER) / (FRAME_HEADER + PAGE as u64);
        let mut ends = Vec::new();
        for frame in 0..usize::try_from(count).unwrap_or(0) {
            let mut header = [0; 8];
            read_at(self.wal.as_mut(), frame_at(frame), &mut header)?;
            let [a, b, c, d, size @ ..] = header;
            let page = u32::from_be_bytes([a, b, c, d]);
            self.by_page.entry(page).or_default().push(frame);
            if size != [0; 4] {
                ends.push(frame);
            }
        }
        let count = usize::try_from(count).unwrap_or(0);
        let mut ends = ends.into_iter().peekable();
        for frame in 0..count {
            while ends.next_if(|end| *end < frame).is_some() {}
            let commit = ends.peek().copied().unwrap_or(count - 1);
            self.frames.push(Frame { commit });
        }
        Ok(())
    }

    /// Calls `found` for every row whose digest holds, newest pages first; the same row may lie in
    /// several. Numbers above `last` are nobody's.
    ///
    /// # Errors
    /// The files cannot be read.
    pub(super) fn each(
        &mut self,
        last: u64,
        mut found: impl FnMut(Found),
    ) -> Result<(), VaultError> {
        let images = (0..self.frames.len())
            .rev()
            .map(Image::Frame)
            .chain((0..self.pages).map(Image::Database));
        for page in images {
            let Some(bytes) = self.image(page)? else {
                continue;
            };
            for at in 0..PAGE {
                let Some(cell) = Cell::parse(&bytes, at, last) else {
                    continue;
                };
                if let Some(row) = self.try_views(page, at, &bytes, &cell)? {
                    found(row);
                }
            }
        }
        Ok(())
    }

    /// Overflow pages may have been written with the row, before it, or again after it.
    fn try_views(
        &mut self,
        page: Image,
        at: usize,
        bytes: &[u8; PAGE],
        cell: &Cell,
    ) -> Result<Option<Found>, VaultError> {
        let newest = self.frames.len().checked_sub(1).map(View::Through);
        let its = match page {
            Image::Frame(frame) => self.frames.get(frame).map(|f| View::Through(f.commit)),
            Image::Database(_) => None,
        };
        let mut tried = Vec::new();
        for view in [its, newest, Some(View::Database)].into_iter().flatten() {
            if tried.contains(&view) {
                continue;
            }
            tried.push(view);
            if let Some(row) = self.row(bytes, cell, view)? {
                return Ok(Some(Found {
                    seq: row.envelope.seq,
                    digest: row.digest,
                    previous: row.envelope.previous,
                    spot: Spot { page, at, view },
                }));
            }
            // A row without overflow is the same in every view.
            if cell.size <= MOST_LOCAL {
                break;
            }
        }
        Ok(None)
    }

    /// The row at a spot that [`Pages::each`] gave.
    ///
    /// # Errors
    /// The files cannot be read, or have changed since.
    pub(super) fn read(&mut self, spot: Spot) -> Result<Row, VaultError> {
        let bytes = self.image(spot.page)?.ok_or(VaultError::Damaged)?;
        let cell = Cell::parse(&bytes, spot.at, u64::MAX).ok_or(VaultError::Damaged)?;
        self.row(&bytes, &cell, spot.view)?
            .ok_or(VaultError::Damaged)
    }

    fn row(
        &mut self,
        page: &[u8; PAGE],
        cell: &Cell,
        view: View,
    ) -> Result<Option<Row>, VaultError> {
        let Some(payload) = self.payload(page, cell, view)? else {
            return Ok(None);
        };
        Ok(cell
            .envelope(&payload, self.device)
            .filter(|row| row.envelope.digest() == row.digest))
    }

    fn payload(
        &mut self,
        page: &[u8; PAGE],
        cell: &Cell,
        view: View,
    ) -> Result<Option<Vec<u8>>, VaultError> {
        let local = cell.local();
        let Some(bytes) = page.get(cell.start..cell.start + local) else {
            return Ok(None);
        };
        let mut payload = bytes.to_vec();
        let mut next = page
            .get(cell.start + local..cell.start + local + 4)
            .and_then(be32);
        while payload.len() < cell.size {
            let Some(image) = next.and_then(|number| self.seen(number, view)) else {
                return Ok(None);
            };
            let Some(bytes) = self.image(image)? else {
                return Ok(None);
            };
            let (link, rest) = bytes.split_at(4);
            let wanted = (cell.size - payload.len()).min(OVERFLOW);
            payload.extend_from_slice(rest.get(..wanted).unwrap_or_default());
            next = be32(link);
        }
        Ok(Some(payload))
    }

    fn seen(&self, number: u32, view: View) -> Option<Image> {
        if let View::Through(last) = view
            && let Some(frames) = self.by_page.get(&number)
            && let Some(frame) = frames.iter().rev().find(|frame| **frame <= last)
        {
            return Some(Image::Frame(*frame));
        }
        let index = u64::from(number).checked_sub(1)?;
        (index < self.pages).then_some(Image::Database(index))
    }

    fn image(&mut self, image: Image) -> Result<Option<[u8; PAGE]>, VaultError> {
        let mut bytes = [0; PAGE];
        let whole = match image {
            Image::Database(index) => {
                read_at(self.database.as_mut(), index * PAGE as u64, &mut bytes)?
            }
            Image::Frame(frame) => {
                let at = frame_at(frame) + FRAME_HEADER;
                read_at(self.wal.as_mut(), at, &mut bytes)?
            }
        };
        Ok(whole.then_some(bytes))
    }
}

/// A row's place in its page, and what its header says.
struct Cell {
    seq: u64,
    /// Where the payload begins, and its length.
    start: usize,
    size: usize,
    /// Length of the record's header, and each column's serial type.
    header: usize,
    types: [u64; COLUMNS],
}

impl Cell {
    fn parse(page: &[u8; PAGE], at: usize, last: u64) -> Option<Self> {
        // No row is shorter than 200 bytes: its length takes two bytes or more.
        if *page.get(at)? < 0x81 {
            return None;
        }
        let (size, start) = varint(page, at)?;
        let size = usize::try_from(size).ok()?;
        if !(200..=CIPHERTEXT_BYTES + ROW_FRAME).contains(&size) {
            return None;
        }
        let (seq, start) = varint(page, start)?;
        if seq == 0 || seq > last || i64::try_from(seq).is_err() {
            return None;
        }
        let (header, mut next) = varint(page, start)?;
        let header = usize::try_from(header).ok()?;
        if !(COLUMNS + 1..=64).contains(&header) {
            return None;
        }
        let mut types = [0; COLUMNS];
        for kind in &mut types {
            (*kind, next) = varint(page, next)?;
        }
        // A later schema may hang columns on; those of today stay in front.
        let columns = next <= start + header;
        let bodies = types
            .iter()
            .try_fold(header, |sum, kind| sum.checked_add(width(*kind)?))?;
        let fits = bodies <= size;
        let cell = Self {
            seq,
            start,
            size,
            header,
            types,
        };
        (columns && fits && cell.is_sealed()).then_some(cell)
    }

    /// Whether the columns have the types of `sealed`: id, id or nothing, number, id, digest, …
    fn is_sealed(&self) -> bool {
        const ID: u64 = 12 + 2 * 16;
        const DIGEST: u64 = 12 + 2 * 32;
        let number = |kind: u64| matches!(kind, 1..=6 | 8 | 9);
        let [
            seq,
            session,
            encounter,
            urgency,
            key,
            previous,
            digest,
            rest @ ..,
        ] = self.types;
        let [at, stored, stuck, size, encapsulated, ciphertext] = rest;
        (seq, session, key, previous, digest) == (0, ID, ID, DIGEST, DIGEST)
            && matches!(encounter, 0 | ID)
            && matches!(stored, 8 | 9)
            && (stuck == 0 || (stuck >= 13 && stuck % 2 == 1))
            && [urgency, at, size].into_iter().all(number)
            && [encapsulated, ciphertext]
                .into_iter()
                .all(|kind| kind >= 12 && kind % 2 == 0)
    }

    fn local(&self) -> usize {
        if self.size <= MOST_LOCAL {
            return self.size;
        }
        let local = LEAST_LOCAL + (self.size - LEAST_LOCAL) % OVERFLOW;
        if local <= MOST_LOCAL {
            local
        } else {
            LEAST_LOCAL
        }
    }

    fn envelope(&self, payload: &[u8], device: DeviceId) -> Option<Row> {
        let mut values: [&[u8]; COLUMNS] = [&[]; COLUMNS];
        let mut at = self.header;
        for (value, kind) in values.iter_mut().zip(self.types) {
            let end = at + width(kind)?;
            *value = payload.get(at..end)?;
            at = end;
        }
        let [
            _,
            session,
            encounter,
            urgency,
            key,
            previous,
            digest,
            rest @ ..,
        ] = values;
        let [moment, _, _, _, encapsulated, ciphertext] = rest;
        let id = |bytes: &[u8]| Uuid::from_slice(bytes).ok();
        let integer = |index: usize, bytes| self.types.get(index).map(|kind| number(*kind, bytes));
        let envelope = Envelope {
            device,
            session: SessionId(id(session)?),
            seq: self.seq,
            encounter: match encounter {
                [] => None,
                bytes => Some(EncounterId(id(bytes)?)),
            },
            urgency: urgency_from(u8::try_from(integer(3, urgency)?).ok()?),
            key: KeyId(id(key)?),
            previous: Digest(previous.try_into().ok()?),
            encapsulated: encapsulated.to_vec(),
            ciphertext: ciphertext.to_vec(),
        };
        Some(Row {
            envelope,
            digest: Digest(digest.try_into().ok()?),
            at: integer(7, moment)?,
        })
    }
}

/// Bytes of a value of this serial type; `None` for the two that are nobody's.
fn width(kind: u64) -> Option<usize> {
    Some(match kind {
        0 | 8 | 9 => 0,
        1..=4 => usize::try_from(kind).ok()?,
        5 => 6,
        6 | 7 => 8,
        10 | 11 => return None,
        _ => usize::try_from((kind - 12) / 2).ok()?,
    })
}

fn number(kind: u64, bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|byte| *byte >= 0x80);
    let start = if negative { -1 } else { 0 };
    match kind {
        9 => 1,
        _ => bytes
            .iter()
            .fold(start, |value, byte| value << 8 | i64::from(*byte)),
    }
}

/// SQLite's variable-length number at `at`, and where it ends.
fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0;
    for index in 0..9 {
        let byte = *bytes.get(at + index)?;
        if index == 8 {
            return Some((value << 8 | u64::from(byte), at + 9));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some((value, at + index + 1));
        }
    }
    None
}

fn be32(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

fn frame_at(frame: usize) -> u64 {
    WAL_HEADER + frame as u64 * (FRAME_HEADER + PAGE as u64)
}

/// The file and its length; what is no file holds nothing.
fn open_file(path: &Path) -> Result<(Option<File>, u64), VaultError> {
    match std::fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok((Some(File::open(path)?), metadata.len())),
        Ok(_) => Ok((None, 0)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok((None, 0)),
        Err(error) => Err(error.into()),
    }
}

/// `false`: the file ends before, or the disk does not give these bytes any more.
fn read_at(file: Option<&mut File>, at: u64, bytes: &mut [u8]) -> Result<bool, VaultError> {
    let Some(file) = file else { return Ok(false) };
    file.seek(SeekFrom::Start(at))?;
    match file.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(error) => {
            if error.kind() != ErrorKind::UnexpectedEof {
                tracing::error!(%error, at, "a page cannot be read");
            }
            Ok(false)
        }
    }
}
