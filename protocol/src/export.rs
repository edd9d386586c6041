//! A queue as a file: what a tablet could not send, carried to central by hand.
//!
//! File: 8 bytes of magic, then frames. Frame: length of the body (4 bytes, big-endian), body (CBOR
//! of a [`Batch`], signed by the device's journal key as one that is sent). The last frame has the
//! length 0, the number of frames before it (8 bytes, big-endian) and the SHA-256 of everything
//! before that digest; nothing follows it. What lies in the file is as sealed as what travels.

use crate::{Batch, from_cbor, limits, to_cbor};
use sha2::{Digest as _, Sha256};
use std::io::{Read, Write};

/// First bytes of the file.
pub const MAGIC: &[u8; 8] = b"EPEXP001";
/// Bytes of the receipt that central writes beside the file.
pub const RECEIPT_BYTES: u64 = 16 * 1024 * 1024;

/// Why a file was not read or written to its end.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("the file cannot be read or written: {0}")]
    File(#[from] std::io::Error),
    #[error("the file is no exported queue")]
    Foreign,
    /// Batches before it were whole.
    #[error("the file is cut short")]
    Cut,
    /// Batches before it were whole.
    #[error("frame {0} of the file is damaged")]
    Damaged(u64),
    #[error("frame {0} of the file is larger than a batch may be")]
    TooLarge(u64),
}

/// Writes a file.
#[derive(Debug)]
pub struct ExportWriter<W> {
    out: W,
    hash: Sha256,
    frames: u64,
}

impl<W: Write> ExportWriter<W> {
    /// # Errors
    /// [`ExportError::File`].
    pub fn new(out: W) -> Result<Self, ExportError> {
        let mut writer = Self {
            out,
            hash: Sha256::new(),
            frames: 0,
        };
        writer.put(MAGIC)?;
        Ok(writer)
    }

    /// # Errors
    /// [`ExportError::TooLarge`] for a batch that central would not take, [`ExportError::File`].
    pub fn batch(&mut self, batch: &Batch) -> Result<(), ExportError> {
        let frame = self.frames + 1;
        let body = to_cbor(batch).map_err(|_| ExportError::Damaged(frame))?;
        if body.len() > limits::BATCH_BYTES {
            return Err(ExportError::TooLarge(frame));
        }
        let length = u32::try_from(body.len()).map_err(|_| ExportError::TooLarge(frame))?;
        self.put(&length.to_be_bytes())?;
        self.put(&body)?;
        self.frames = frame;
        Ok(())
    }

    /// Ends the file; it is not synced yet.
    ///
    /// # Errors
    /// [`ExportError::File`].
    pub fn finish(mut self) -> Result<W, ExportError> {
        self.put(&0_u32.to_be_bytes())?;
        let frames = self.frames;
        self.put(&frames.to_be_bytes())?;
        let digest = self.hash.finalize();
        self.out.write_all(&digest)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), ExportError> {
        self.hash.update(bytes);
        Ok(self.out.write_all(bytes)?)
    }
}

/// Reads a file a batch at a time; holds one batch and no more.
#[derive(Debug)]
pub struct ExportReader<R> {
    from: R,
    hash: Sha256,
    frames: u64,
    ended: bool,
}

impl<R: Read> ExportReader<R> {
    /// # Errors
    /// [`ExportError::Foreign`], [`ExportError::Cut`], [`ExportError::File`].
    pub fn new(from: R) -> Result<Self, ExportError> {
        let mut reader = Self {
            from,
            hash: Sha256::new(),
            frames: 0,
            ended: false,
        };
        if reader.array::<8>()? != *MAGIC {
            return Err(ExportError::Foreign);
        }
        Ok(reader)
    }

    /// The next batch, as it was written; its signature is the caller's to check. `None` after the
    /// last frame of a file that is whole.
    ///
    /// # Errors
    /// [`ExportError`]; the batches given before stand for themselves.
    pub fn next_batch(&mut self) -> Result<Option<Batch>, ExportError> {
        if self.ended {
            return Ok(None);
        }
        let length = u64::from(u32::from_be_bytes(self.array()?));
        if length == 0 {
            self.end()?;
            return Ok(None);
        }
        self.frames += 1;
        if length > limits::BATCH_BYTES as u64 {
            return Err(ExportError::TooLarge(self.frames));
        }
        // Grows with what arrives: the length alone allocates nothing.
        let mut body = Vec::new();
        (&mut self.from).take(length).read_to_end(&mut body)?;
        if body.len() as u64 != length {
            return Err(ExportError::Cut);
        }
        self.hash.update(&body);
        let batch = from_cbor(&body).map_err(|_| ExportError::Damaged(self.frames))?;
        Ok(Some(batch))
    }

    fn end(&mut self) -> Result<(), ExportError> {
        let frames = u64::from_be_bytes(self.array()?);
        let expected: [u8; 32] = self.hash.clone().finalize().into();
        let digest: [u8; 32] = self.array()?;
        let mut beyond = [0; 1];
        if frames != self.frames || digest != expected || self.from.read(&mut beyond)? != 0 {
            return Err(ExportError::Damaged(self.frames + 1));
        }
        self.ended = true;
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ExportError> {
        let mut bytes = [0; N];
        self.from
            .read_exact(&mut bytes)
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::UnexpectedEof => ExportError::Cut,
                _ => ExportError::File(error),
            })?;
        self.hash.update(bytes);
        Ok(bytes)
    }
}
