//! JPEG by `zune-jpeg`, with the frame header read first.

use std::io::Cursor;

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::{Channels, Coding, MAX_SIDE, Picture, PictureError, check_size, damaged};

/// Most scans of a progressive picture: encoders use ten or so, and each costs a pass.
const MAX_SCANS: usize = 64;

pub(super) fn decode(data: &[u8]) -> Result<Picture, PictureError> {
    // The decoder fills up what is missing at the end, unseen.
    if !data.windows(2).rev().any(|marker| marker == [0xff, 0xd9]) {
        return Err(damaged(Coding::Jpeg, "no end mark"));
    }
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(MAX_SIDE as usize)
        .set_max_height(MAX_SIDE as usize)
        .jpeg_set_max_scans(MAX_SCANS);
    let mut decoder = JpegDecoder::new_with_options(Cursor::new(data), options);
    let unreadable = |error| damaged(Coding::Jpeg, error);
    decoder.decode_headers().map_err(unreadable)?;
    let info = decoder
        .info()
        .ok_or_else(|| damaged(Coding::Jpeg, "no frame header"))?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    // Subsampled channels are decoded to full size.
    check_size(width, height, u32::from(info.components))?;
    let (channels, space) = match info.components {
        1 => (Channels::Grey, ColorSpace::Luma),
        3 => (Channels::Rgb, ColorSpace::RGB),
        _ => return Err(PictureError::Unsupported("a JPEG of two or four channels")),
    };
    decoder.set_options(options.jpeg_set_out_colorspace(space));
    let samples = decoder.decode().map_err(unreadable)?;
    Picture::new(width, height, channels, samples)
}
