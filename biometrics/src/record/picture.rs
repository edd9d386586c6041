//! Pictures inside records: raw grey, PNG, JPEG, JPEG 2000 and WSQ, to samples of eight bits.
//!
//! What is decoded comes from devices and from elsewhere. The size is known and checked before
//! anything of that size is allocated, by reading each format's own header here; what a decoder
//! allocates besides is bounded by that size ([`MAX_SAMPLES`]).

mod jpeg;
mod jpeg2000;
mod wsq;

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, Encoder, Limits, Transformations};
use thiserror::Error;

use crate::finger::{GreyImage, ImageError};

/// Longest side decoded, in pixels: four fingers at 1000 ppi are 3200 wide.
pub const MAX_SIDE: u32 = 8192;
/// Most samples decoded, pixels times channels: four fingers at 1000 ppi, a face of five
/// megapixels in colour.
pub const MAX_SAMPLES: u64 = 16_000_000;
/// Longest compressed picture read at all, in bytes.
pub const MAX_ENCODED: usize = 32_000_000;

/// How a picture is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coding {
    /// Wavelet scalar quantization (FBI IAFIS-IC-0110).
    Wsq,
    /// JPEG (ISO/IEC 10918-1).
    Jpeg,
    /// JPEG 2000 (ISO/IEC 15444-1), as JP2 file or bare codestream.
    Jpeg2000,
    /// PNG (ISO/IEC 15948).
    Png,
}

impl Coding {
    /// What the first bytes say.
    #[must_use]
    pub fn sniff(data: &[u8]) -> Option<Self> {
        match data {
            [0xff, 0xa0, 0xff, ..] => Some(Self::Wsq),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0xff, 0x4f, 0xff, 0x51, ..] => Some(Self::Jpeg2000),
            [0, 0, 0, 12, b'j', b'P', b' ', b' ', ..] => Some(Self::Jpeg2000),
            [0x89, b'P', b'N', b'G', ..] => Some(Self::Png),
            _ => None,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Wsq => "WSQ",
            Self::Jpeg => "JPEG",
            Self::Jpeg2000 => "JPEG 2000",
            Self::Png => "PNG",
        }
    }
}

/// Why a picture in a record cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PictureError {
    /// No bytes, or a side of zero.
    #[error("the picture is empty")]
    Empty,
    /// More than [`MAX_ENCODED`] bytes.
    #[error("{0} bytes are more than any acceptable picture needs")]
    TooLong(usize),
    /// A side above [`MAX_SIDE`] or more than [`MAX_SAMPLES`].
    #[error("a picture of {width}x{height} pixels in {channels} channels is larger than accepted")]
    Size {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Samples per pixel.
        channels: u32,
    },
    /// An uncompressed picture of another length than its size asks for.
    #[error("an uncompressed picture of {expected} bytes was promised, {given} given")]
    Length {
        /// Bytes that size and depth ask for.
        expected: u64,
        /// Bytes given.
        given: usize,
    },
    /// The picture's own size is not the one that the record states.
    #[error("the record states {stated:?} pixels, the picture has {own:?}")]
    Differs {
        /// Width and height by the record.
        stated: (u32, u32),
        /// Width and height by the picture.
        own: (u32, u32),
    },
    /// The record's resolution is not known, or not the same along x and y.
    #[error("the resolution is not known or differs along x and y")]
    Resolution,
    /// Colour where grey is needed.
    #[error("a fingerprint in colour")]
    Colour,
    /// A kind of picture, or a part of its standard, that is not read.
    #[error("not read: {0}")]
    Unsupported(&'static str),
    /// Damaged, cut short, or against its standard.
    #[error("not a readable {coding} picture: {reason}")]
    Damaged {
        /// The name of its coding.
        coding: &'static str,
        /// What was wrong.
        reason: String,
    },
    /// Size or resolution outside what the engine takes.
    #[error(transparent)]
    Image(#[from] ImageError),
}

/// Samples per pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channels {
    /// One: 0 black, 255 white.
    Grey,
    /// Three: red, green, blue.
    Rgb,
}

impl Channels {
    /// How many.
    #[must_use]
    pub fn count(self) -> u32 {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
        }
    }
}

/// A decoded picture: samples of eight bits, row by row from the top left.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    channels: Channels,
    samples: Vec<u8>,
}

impl std::fmt::Debug for Picture {
    /// Size only: a person's picture has no place in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (width, height) = (self.width, self.height);
        write!(f, "Picture({width}x{height}, {:?})", self.channels)
    }
}

/// Whether a picture of this size is decoded at all.
fn check_size(width: u32, height: u32, channels: u32) -> Result<(), PictureError> {
    if width == 0 || height == 0 || channels == 0 {
        return Err(PictureError::Empty);
    }
    let samples = u64::from(width)
        .saturating_mul(height.into())
        .saturating_mul(channels.into());
    if width > MAX_SIDE || height > MAX_SIDE || samples > MAX_SAMPLES {
        return Err(PictureError::Size {
            width,
            height,
            channels,
        });
    }
    Ok(())
}

impl Picture {
    /// Takes `width * height` pixels.
    ///
    /// # Errors
    /// [`PictureError`] when the size is outside the limits or the samples do not fit it.
    pub fn new(
        width: u32,
        height: u32,
        channels: Channels,
        samples: Vec<u8>,
    ) -> Result<Self, PictureError> {
        check_size(width, height, channels.count())?;
        let expected = u64::from(width) * u64::from(height) * u64::from(channels.count());
        if samples.len() as u64 != expected {
            let given = samples.len();
            return Err(PictureError::Length { expected, given });
        }
        Ok(Self {
            width,
            height,
            channels,
            samples,
        })
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Grey or colour.
    #[must_use]
    pub fn channels(&self) -> Channels {
        self.channels
    }

    /// The samples; those of a pixel lie together.
    #[must_use]
    pub fn samples(&self) -> &[u8] {
        &self.samples
    }

    /// The picture as a lossless PNG, with a resolution in pixels per inch if one is known.
    ///
    /// # Errors
    /// [`PictureError::Damaged`] should the encoder refuse, which a picture of this type gives it
    /// no reason for.
    pub fn to_png(&self, ppi: Option<(u16, u16)>) -> Result<Vec<u8>, PictureError> {
        let mut out = Vec::new();
        self.write_png(ppi, &mut out)
            .map_err(|error| damaged(Coding::Png, error))?;
        Ok(out)
    }

    fn write_png(
        &self,
        ppi: Option<(u16, u16)>,
        out: &mut Vec<u8>,
    ) -> Result<(), png::EncodingError> {
        let mut encoder = Encoder::new(out, self.width, self.height);
        encoder.set_color(match self.channels {
            Channels::Grey => ColorType::Grayscale,
            Channels::Rgb => ColorType::Rgb,
        });
        encoder.set_depth(BitDepth::Eight);
        encoder.set_pixel_dims(ppi.map(|(x, y)| {
            let per_metre = |ppi: u16| (f64::from(ppi) / 0.0254).round() as u32;
            png::PixelDimensions {
                xppu: per_metre(x),
                yppu: per_metre(y),
                unit: png::Unit::Meter,
            }
        }));
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.samples)?;
        writer.finish()
    }

    /// Refuses a picture of another size.
    pub(super) fn expect_size(&self, stated: (u32, u32)) -> Result<(), PictureError> {
        let own = (self.width, self.height);
        if stated == own {
            Ok(())
        } else {
            Err(PictureError::Differs { stated, own })
        }
    }

    pub(super) fn into_grey(self, ppi: u16) -> Result<GreyImage, PictureError> {
        if self.channels != Channels::Grey {
            return Err(PictureError::Colour);
        }
        Ok(GreyImage::new(self.width, self.height, ppi, self.samples)?)
    }
}

fn damaged(coding: Coding, reason: impl std::fmt::Display) -> PictureError {
    PictureError::Damaged {
        coding: coding.name(),
        reason: reason.to_string(),
    }
}

/// Decodes a compressed picture.
///
/// Grey stays grey, colour becomes RGB; samples of more or fewer bits are scaled to eight. Alpha
/// is laid over white.
///
/// # Errors
/// [`PictureError`] for whatever is damaged, too large or not read.
pub fn decode(data: &[u8], coding: Coding) -> Result<Picture, PictureError> {
    if data.is_empty() {
        return Err(PictureError::Empty);
    }
    if data.len() > MAX_ENCODED {
        return Err(PictureError::TooLong(data.len()));
    }
    match coding {
        Coding::Wsq => wsq::decode(data),
        Coding::Jpeg => jpeg::decode(data),
        Coding::Jpeg2000 => jpeg2000::decode(data),
        Coding::Png => decode_png(data),
    }
}

/// Uncompressed grey of `depth` bits, 1 to 16: a sample in one or two bytes, or all of them
/// packed without gaps, first sample in the highest bits.
pub(super) fn raw_grey(
    data: &[u8],
    (width, height): (u32, u32),
    depth: u8,
    packed: bool,
) -> Result<Picture, PictureError> {
    check_size(width, height, 1)?;
    if !(1..=16).contains(&depth) {
        return Err(PictureError::Unsupported("more than 16 bits a pixel"));
    }
    let pixels = u64::from(width) * u64::from(height);
    let bytes_each = u64::from(depth.div_ceil(8));
    let expected = match packed {
        true => (pixels * u64::from(depth)).div_ceil(8),
        false => pixels * bytes_each,
    };
    if data.len() as u64 != expected {
        let given = data.len();
        return Err(PictureError::Length { expected, given });
    }
    let samples: Vec<u8> = if depth == 8 {
        data.to_vec()
    } else if packed {
        let bit = |at: u64| {
            let byte = usize::try_from(at / 8).ok().and_then(|at| data.get(at));
            u16::from(byte.copied().unwrap_or(0) >> (7 - at % 8) & 1)
        };
        let depth_bits = u64::from(depth);
        (0..pixels)
            .map(|pixel| (0..depth_bits).fold(0, |sum, i| sum << 1 | bit(pixel * depth_bits + i)))
            .map(|sample| to_eight(sample, depth))
            .collect()
    } else if depth < 8 {
        let each = data.iter().map(|byte| to_eight(u16::from(*byte), depth));
        each.collect()
    } else {
        let pairs = data.as_chunks::<2>().0.iter();
        pairs
            .map(|pair| to_eight(u16::from_be_bytes(*pair), depth))
            .collect()
    };
    Picture::new(width, height, Channels::Grey, samples)
}

/// A sample of `depth` bits as one of eight, rounded; what does not fit its depth is white.
fn to_eight(sample: u16, depth: u8) -> u8 {
    let max = (1u32 << depth.min(16)) - 1;
    let scaled = (u32::from(sample).min(max) * 255 + max / 2) / max.max(1);
    u8::try_from(scaled).unwrap_or(u8::MAX)
}

fn decode_png(data: &[u8]) -> Result<Picture, PictureError> {
    let unreadable = |error: png::DecodingError| damaged(Coding::Png, error);
    // As much as the largest picture takes with four channels of sixteen bits.
    let limits = Limits {
        bytes: 8 * MAX_SAMPLES as usize,
    };
    let mut decoder = Decoder::new_with_limits(Cursor::new(data), limits);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let header = decoder.read_header_info().map_err(unreadable)?;
    let (width, height) = (header.width, header.height);
    let (_, channels) = (header.bit_depth, header.color_type);
    let channels = match channels {
        ColorType::Grayscale => 1,
        ColorType::GrayscaleAlpha => 2,
        ColorType::Rgb | ColorType::Indexed => 3,
        ColorType::Rgba => 4,
    };
    check_size(width, height, channels)?;
    let mut reader = decoder.read_info().map_err(unreadable)?;
    let size = reader.output_buffer_size();
    let size = size.filter(|size| *size as u64 <= 2 * MAX_SAMPLES);
    let mut raw = vec![0u8; size.ok_or(PictureError::Empty)?];
    let frame = reader.next_frame(&mut raw).map_err(unreadable)?;
    // Reads to the end mark, so that a picture cut after its last row is refused too.
    reader.finish().map_err(unreadable)?;
    raw.truncate(frame.buffer_size());
    if frame.bit_depth != BitDepth::Eight {
        return Err(damaged(Coding::Png, "unexpected sample depth"));
    }
    let over_white = |value: u8, alpha: u8| {
        let (value, alpha) = (u32::from(value), u32::from(alpha));
        ((value * alpha + 255 * (255 - alpha) + 127) / 255).min(255) as u8
    };
    let (channels, samples) = match frame.color_type {
        ColorType::Grayscale => (Channels::Grey, raw),
        ColorType::GrayscaleAlpha => {
            let pairs = raw.as_chunks::<2>().0.iter();
            let grey = pairs.map(|&[grey, alpha]| over_white(grey, alpha));
            (Channels::Grey, grey.collect())
        }
        ColorType::Rgb => (Channels::Rgb, raw),
        ColorType::Rgba => {
            let pixels = raw.as_chunks::<4>().0.iter();
            let rgb = pixels.flat_map(|&[r, g, b, a]| [r, g, b].map(|value| over_white(value, a)));
            (Channels::Rgb, rgb.collect())
        }
        ColorType::Indexed => return Err(damaged(Coding::Png, "palette left unexpanded")),
    };
    Picture::new(frame.width, frame.height, channels, samples)
}
