//! The high-water mark: which number was last given, kept apart from the database.
//!
//! Central takes each number once, and every envelope names the one before it. A journal begun anew
//! after its database was damaged (or restored from an old copy) must therefore go on where the old
//! one stopped. The mark is written and synced while a number's transaction commits, and nobody hears
//! of the number before both are on the disk; into one of two slots in turn, so that a power cut
//! leaves at least the one before:
//!
//! - database one behind the mark: the transaction did not commit, its number is given again;
//! - database further behind, or new: numbers are lost to it, and it goes on after the mark, so that
//!   central sees the gap and never two envelopes with one number.

use super::VaultError;
use crate::device::keystore::write_atomically;
use protocol::{DeviceId, Digest};
use ring::digest::{SHA256, digest};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvError, Sender, channel};
use uuid::Uuid;

const MAGIC: &[u8; 8] = b"EPMARK1\0";
/// A slot a sector: a torn write spoils one.
const SLOT: usize = 512;
const BODY: usize = 8 + 16 + 8 + 32;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub device: DeviceId,
    pub seq: u64,
    pub head: Digest,
}

#[derive(Debug)]
pub(super) struct MarkFile {
    path: PathBuf,
    writer: Option<Writer>,
    /// A mark was handed over, and its outcome has not been taken.
    begun: bool,
}

/// A thread that writes marks; it ends with its sender.
#[derive(Debug)]
struct Writer {
    marks: Sender<Mark>,
    outcomes: Receiver<std::io::Result<()>>,
}

impl MarkFile {
    pub(super) fn new(dir: &Path) -> Self {
        Self {
            path: dir.join("mark"),
            writer: None,
            begun: false,
        }
    }

    /// The newest mark that is whole; `None` where there is none.
    pub(super) fn read(&self) -> Result<Option<Mark>, VaultError> {
        let mut bytes = Vec::new();
        match File::open(&self.path) {
            Ok(file) => file.take(2 * SLOT as u64).read_to_end(&mut bytes)?,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        Ok(bytes
            .chunks(SLOT)
            .filter_map(decode)
            .max_by_key(|mark| mark.seq))
    }

    /// Begins the file anew for a device.
    pub(super) fn reset(&mut self, mark: Mark) -> Result<(), VaultError> {
        self.writer = None;
        let mut bytes = vec![0; 2 * SLOT];
        put(&mut bytes, mark);
        Ok(write_atomically(&self.path, &bytes)?)
    }

    /// Writes and syncs a mark over the older of the two.
    pub(super) fn write(&mut self, mark: Mark) -> Result<(), VaultError> {
        self.begin(mark)?;
        self.finish()
    }

    /// Begins to write a mark over the older of the two; [`MarkFile::finish`] waits for it.
    pub(super) fn begin(&mut self, mark: Mark) -> Result<(), VaultError> {
        let writer = match self.writer.take() {
            Some(writer) => writer,
            None => Writer::start(&self.path)?,
        };
        let gone = writer.marks.send(mark).is_err();
        self.begun = true;
        if gone {
            return Err(VaultError::Io(ErrorKind::BrokenPipe));
        }
        self.writer = Some(writer);
        Ok(())
    }

    /// Waits until the mark that was begun is on the disk.
    pub(super) fn finish(&mut self) -> Result<(), VaultError> {
        if !std::mem::take(&mut self.begun) {
            return Ok(());
        }
        let outcome = match &self.writer {
            Some(writer) => writer.outcomes.recv(),
            None => Err(RecvError),
        };
        match outcome {
            Ok(Ok(())) => Ok(()),
            // Opened anew for the next one.
            Ok(Err(error)) => {
                self.writer = None;
                Err(error.into())
            }
            Err(RecvError) => {
                self.writer = None;
                Err(VaultError::Io(ErrorKind::BrokenPipe))
            }
        }
    }
}

impl Writer {
    fn start(path: &Path) -> Result<Self, VaultError> {
        let mut file = match OpenOptions::new().write(true).open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                write_atomically(path, &[0; 2 * SLOT])?;
                OpenOptions::new().write(true).open(path)?
            }
            opened => opened?,
        };
        let (marks, orders) = channel::<Mark>();
        let (done, outcomes) = channel();
        std::thread::Builder::new()
            .name("mark".into())
            .spawn(move || {
                for mark in orders {
                    let written = file
                        .seek(SeekFrom::Start(offset(mark) as u64))
                        .and_then(|_| file.write_all(&encode(mark)))
                        .and_then(|()| file.sync_data());
                    if done.send(written).is_err() {
                        return;
                    }
                }
            })?;
        Ok(Self { marks, outcomes })
    }
}

fn offset(mark: Mark) -> usize {
    if mark.seq.is_multiple_of(2) { 0 } else { SLOT }
}

fn put(bytes: &mut [u8], mark: Mark) {
    let encoded = encode(mark);
    if let Some(slot) = bytes.get_mut(offset(mark)..offset(mark) + encoded.len()) {
        slot.copy_from_slice(&encoded);
    }
}

fn encode(mark: Mark) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(BODY + 32);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(mark.device.0.as_bytes());
    bytes.extend_from_slice(&mark.seq.to_be_bytes());
    bytes.extend_from_slice(&mark.head.0);
    let sum = digest(&SHA256, &bytes);
    bytes.extend_from_slice(sum.as_ref());
    bytes
}

fn decode(slot: &[u8]) -> Option<Mark> {
    let (body, rest) = slot.split_at_checked(BODY)?;
    if rest.get(..32)? != digest(&SHA256, body).as_ref() || !body.starts_with(MAGIC) {
        return None;
    }
    Some(Mark {
        device: DeviceId(Uuid::from_slice(body.get(8..24)?).ok()?),
        seq: u64::from_be_bytes(body.get(24..32)?.try_into().ok()?),
        head: Digest(body.get(32..64)?.try_into().ok()?),
    })
}
