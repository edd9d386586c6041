//! `STREAM`: pictures while the finger lies on the glass, one JPEG after the other
//! (`multipart/x-mixed-replace`).

use crate::fault::{self, Meaning};
use crate::http::{Exchange, Until};
use crate::message::read_answer;
use biometrics::finger::{GreyImage, MAX_SIDE};
use image::ImageReader;
use std::io::Cursor;
use std::sync::mpsc;
use tablet::device::ScannerFault;
use zeroize::Zeroizing;

/// Bytes of a JPEG.
pub const MAX_FRAME: usize = 4 * 1024 * 1024;
/// Bytes between two.
const MAX_PART_HEAD: usize = 4 * 1024;
/// Bytes of a refusal.
const MAX_REFUSAL: usize = 64 * 1024;

/// What is no stream of pictures, or has one that is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stream is no stream of pictures")]
pub struct NotAStream;

/// Cuts a stream into its JPEGs.
#[derive(Debug, Default)]
pub struct Frames {
    buffer: Zeroizing<Vec<u8>>,
}

impl Frames {
    /// Takes the next bytes, in any pieces.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole JPEG, if there is one.
    ///
    /// # Errors
    /// [`NotAStream`]: a part with no length or with one that is too long. Nothing more can be read.
    pub fn next_frame(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, NotAStream> {
        // The last of several boundaries in a row; line ends after a picture are passed over.
        let Some((end, head)) = part_head(&self.buffer)? else {
            return Ok(None);
        };
        let length = length(head)?;
        let Some(frame) = self.buffer.get(end..end + length) else {
            return Ok(None);
        };
        let frame = Zeroizing::new(frame.to_vec());
        self.buffer.drain(..end + length);
        Ok(Some(frame))
    }
}

/// The lines before a picture, if they are whole, and where they end.
fn part_head(bytes: &[u8]) -> Result<Option<(usize, &[u8])>, NotAStream> {
    let mut searched = &bytes[..bytes.len().min(MAX_PART_HEAD)];
    let mut at = 0;
    loop {
        let Some(end) = searched.windows(4).position(|w| w == b"\r\n\r\n") else {
            return if bytes.len() > MAX_PART_HEAD {
                Err(NotAStream)
            } else {
                Ok(None)
            };
        };
        let head = &searched[..end];
        at += end + 4;
        // Empty lines after the picture before.
        if !head.trim_ascii().is_empty() {
            return Ok(Some((at, head)));
        }
        searched = &searched[end + 4..];
    }
}

fn length(head: &[u8]) -> Result<usize, NotAStream> {
    let head = std::str::from_utf8(head).map_err(|_| NotAStream)?;
    let mut lines = head.lines();
    if !lines.any(|line| line.starts_with("--")) {
        return Err(NotAStream);
    }
    let length = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok());
    length
        .filter(|length| (1..=MAX_FRAME).contains(length))
        .ok_or(NotAStream)
}

/// A JPEG of the stream as a grey picture. It does not say how many pixels an inch has: `ppi` is what
/// is known of the device.
#[must_use]
pub fn decode(jpeg: &[u8], ppi: u16) -> Option<GreyImage> {
    let mut reader = ImageReader::new(Cursor::new(jpeg));
    reader.set_format(image::ImageFormat::Jpeg);
    // Before anything is allocated for it.
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    reader.limits(limits);
    let grey = reader.decode().ok()?.into_luma8();
    let (width, height) = grey.dimensions();
    GreyImage::new(width, height, ppi, grey.into_raw()).ok()
}

/// Watches the stream until it ends or `each` has seen enough; says at `begun` whether there is one.
///
/// # Errors
/// The fault that a device names which refuses it; [`ScannerFault::NoPicture`] of one that has none.
pub fn watch(
    port: u16,
    body: &[u8],
    ppi: u16,
    until: Until<'_>,
    begun: &mpsc::SyncSender<bool>,
    mut each: impl FnMut(GreyImage) -> bool,
) -> Result<(), ScannerFault> {
    let started = Exchange::begin(port, "STREAM", "/stream", body, until);
    let multipart = |exchange: &Exchange| {
        let kind = exchange.head.content_type.to_ascii_lowercase();
        exchange.head.status == 200 && kind.starts_with("multipart/")
    };
    let mut exchange = match started {
        Ok(exchange) if multipart(&exchange) => exchange,
        Ok(mut refused) => {
            let _ = begun.try_send(false);
            let said = refused.body(MAX_REFUSAL, until).map_err(fault::of_http)?;
            let answers = read_answer(&said).unwrap_or_default();
            let code = answers.iter().find_map(|answer| answer.error);
            return Err(match code.map(fault::meaning) {
                // Whatever its reason, it has none to show.
                Some(Meaning::Fault(ScannerFault::Unsupported | ScannerFault::Failed)) => {
                    ScannerFault::NoPicture
                }
                Some(Meaning::Fault(fault)) => fault,
                Some(Meaning::Gone) => ScannerFault::NotConnected,
                Some(Meaning::Form) | None => ScannerFault::NoPicture,
            });
        }
        Err(fault) => {
            let _ = begun.try_send(false);
            return Err(fault::of_http(fault));
        }
    };
    let _ = begun.try_send(true);
    let mut frames = Frames::default();
    loop {
        let piece = exchange.piece(until).map_err(fault::of_http)?;
        if piece.is_empty() {
            return Ok(());
        }
        frames.push(&piece);
        while let Some(jpeg) = frames.next_frame().map_err(|_| ScannerFault::NoPicture)? {
            // A frame that cannot be read is passed over: the next one may be whole.
            if let Some(picture) = decode(&jpeg, ppi)
                && !each(picture)
            {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn part(content: &[u8]) -> Vec<u8> {
        let head = format!(
            "--BoundaryString\r\nAccess-Control-Allow-Origin:*\r\nContent-Type:image/jpeg\r\n\
             Content-Length:{}\r\n\r\n",
            content.len()
        );
        [head.as_bytes(), content, b"\r\n\r\n"].concat()
    }

    #[test]
    fn pictures_come_out_whole_in_whatever_pieces_they_came() {
        let stream = [part(b"first\r\n\r\n--x"), part(b"second"), part(b"third")].concat();
        for size in [1, 2, 7, 64, 10_000] {
            let (mut frames, mut seen) = (Frames::default(), Vec::new());
            for piece in stream.chunks(size) {
                frames.push(piece);
                while let Some(frame) = frames.next_frame().unwrap() {
                    seen.push(frame.to_vec());
                }
            }
            assert_eq!(
                seen,
                [&b"first\r\n\r\n--x"[..], b"second", b"third"],
                "{size}"
            );
        }
    }

    #[test]
    fn what_is_no_stream_is_refused_and_not_waited_for() {
        for bytes in [
            b"--B\r\nContent-Type:image/jpeg\r\n\r\n".to_vec(),
            b"--B\r\nContent-Length:99999999999\r\n\r\n".to_vec(),
            b"--B\r\nContent-Length:-1\r\n\r\n".to_vec(),
            b"Content-Length:5\r\n\r\nhello".to_vec(),
            vec![b'x'; MAX_PART_HEAD + 1],
        ] {
            let mut frames = Frames::default();
            frames.push(&bytes);
            assert_eq!(frames.next_frame(), Err(NotAStream));
        }
    }

    #[test]
    fn a_jpeg_becomes_grey_and_nothing_else_is_one() {
        let mut jpeg = Vec::new();
        let grey = image::GrayImage::from_pixel(64, 48, image::Luma([90]));
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 90)
            .encode_image(&grey)
            .unwrap();
        let picture = decode(&jpeg, 500).unwrap();
        assert_eq!((picture.width(), picture.height()), (64, 48));
        assert!(picture.pixels().iter().all(|p| p.abs_diff(90) < 4));
        for bytes in [&b""[..], b"\xFF\xD8", &jpeg[..40]] {
            assert!(decode(bytes, 500).is_none());
        }
        let mut bomb = jpeg.clone();
        let head = bomb.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap();
        bomb[head + 5..head + 9].fill(0xFF);
        assert!(decode(&bomb, 500).is_none());
    }
}
