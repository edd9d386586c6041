//! The picture every other step starts from, and its lossless PNG form.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, Encoder, Limits, Transformations};
use thiserror::Error;

/// Shortest side accepted, in pixels: less than one ridge neighbourhood cannot be a print.
pub const MIN_SIDE: u32 = 32;
/// Longest side accepted, in pixels.
pub const MAX_SIDE: u32 = 4096;
/// Most pixels accepted: four fingers at 1000 ppi fit, a decompression bomb does not.
pub const MAX_PIXELS: u64 = 4_000_000;
/// Lowest and highest resolution accepted, in pixels per inch.
pub const PPI_RANGE: std::ops::RangeInclusive<u16> = 250..=1200;

/// Longest encoded picture read at all: the largest raw RGBA 16-bit picture and some slack.
const MAX_ENCODED: usize = 40_000_000;

/// Why a picture was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ImageError {
    /// No bytes or no pixels at all.
    #[error("the picture is empty")]
    Empty,
    /// Width times height is not the number of pixels given.
    #[error("{width}x{height} pixels were promised, {len} given")]
    WrongLength {
        /// Promised width in pixels.
        width: u32,
        /// Promised height in pixels.
        height: u32,
        /// Pixels given.
        len: usize,
    },
    /// A side below [`MIN_SIDE`] or above [`MAX_SIDE`], or more than [`MAX_PIXELS`] in all.
    #[error("a picture of {width}x{height} pixels is outside the accepted size")]
    Size {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// Resolution outside [`PPI_RANGE`].
    #[error("{0} ppi is outside the accepted resolution")]
    Resolution(u16),
    /// Longer than any acceptable picture can be.
    #[error("{0} encoded bytes are more than any acceptable picture needs")]
    TooLong(usize),
    /// Not a PNG, damaged, cut short, or of a kind that cannot be turned into grey.
    #[error("not a readable PNG: {0}")]
    NotPng(String),
}

/// A fingerprint picture: 8-bit grey, 0 = black ridge, 255 = white, row by row from the top left.
///
/// A value of this type always has both sides in 32..=4096 pixels, at most four million pixels
/// and a resolution of 250..=1200 ppi.
#[derive(Clone, PartialEq, Eq)]
pub struct GreyImage {
    width: u32,
    height: u32,
    ppi: u16,
    pixels: Vec<u8>,
}

impl std::fmt::Debug for GreyImage {
    /// Size only: a fingerprint has no place in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "GreyImage({}x{} at {} ppi)",
            self.width, self.height, self.ppi
        )
    }
}

fn check_size(width: u32, height: u32) -> Result<(), ImageError> {
    if width == 0 || height == 0 {
        return Err(ImageError::Empty);
    }
    let sides = MIN_SIDE..=MAX_SIDE;
    let pixels = u64::from(width) * u64::from(height);
    if !sides.contains(&width) || !sides.contains(&height) || pixels > MAX_PIXELS {
        return Err(ImageError::Size { width, height });
    }
    Ok(())
}

fn check_ppi(ppi: u16) -> Result<(), ImageError> {
    if PPI_RANGE.contains(&ppi) {
        Ok(())
    } else {
        Err(ImageError::Resolution(ppi))
    }
}

impl GreyImage {
    /// Takes `width * height` grey bytes, row by row, at `ppi` pixels per inch.
    ///
    /// # Errors
    /// [`ImageError`] when the picture is empty, the length does not fit, or size or resolution
    /// are outside the accepted range.
    pub fn new(width: u32, height: u32, ppi: u16, pixels: Vec<u8>) -> Result<Self, ImageError> {
        check_size(width, height)?;
        check_ppi(ppi)?;
        if u64::from(width) * u64::from(height) != pixels.len() as u64 {
            return Err(ImageError::WrongLength {
                width,
                height,
                len: pixels.len(),
            });
        }
        Ok(Self {
            width,
            height,
            ppi,
            pixels,
        })
    }

    /// A picture whose size the caller has made sure of by constants.
    #[cfg(feature = "synth")]
    pub(crate) fn from_checked(width: u32, height: u32, ppi: u16, pixels: Vec<u8>) -> Self {
        debug_assert!(check_size(width, height).is_ok() && check_ppi(ppi).is_ok());
        debug_assert_eq!((width * height) as usize, pixels.len());
        Self {
            width,
            height,
            ppi,
            pixels,
        }
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

    /// Resolution in pixels per inch.
    #[must_use]
    pub fn ppi(&self) -> u16 {
        self.ppi
    }

    /// The grey values, row by row; `width() * height()` of them.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}

fn unreadable(error: png::DecodingError) -> ImageError {
    ImageError::NotPng(error.to_string())
}

/// Reads a PNG as grey. Palette, RGB, alpha (over white) and 16-bit pictures are converted;
/// `ppi` is the caller's knowledge of the scanner, because PNG resolution chunks are often wrong.
///
/// The header is checked before anything of the picture's size is allocated.
///
/// # Errors
/// [`ImageError`] for anything that is not a whole PNG of acceptable size.
pub fn decode_png(bytes: &[u8], ppi: u16) -> Result<GreyImage, ImageError> {
    check_ppi(ppi)?;
    if bytes.is_empty() {
        return Err(ImageError::Empty);
    }
    if bytes.len() > MAX_ENCODED {
        return Err(ImageError::TooLong(bytes.len()));
    }
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: MAX_ENCODED });
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let header = decoder.read_header_info().map_err(unreadable)?;
    check_size(header.width, header.height)?;

    let mut reader = decoder.read_info().map_err(unreadable)?;
    let (width, height) = (reader.info().width, reader.info().height);
    check_size(width, height)?;
    let size = reader
        .output_buffer_size()
        .ok_or(ImageError::Size { width, height })?;
    let mut raw = vec![0u8; size];
    let frame = reader.next_frame(&mut raw).map_err(unreadable)?;
    // Reads to the end mark, so that a picture cut after its last row is refused too.
    reader.finish().map_err(unreadable)?;
    if frame.bit_depth != BitDepth::Eight {
        return Err(ImageError::NotPng("unexpected sample depth".into()));
    }
    let used = raw.get(..frame.buffer_size()).unwrap_or(&raw);
    let pixels: Vec<u8> = match frame.color_type {
        ColorType::Grayscale => used.to_vec(),
        ColorType::GrayscaleAlpha => used
            .as_chunks::<2>()
            .0
            .iter()
            .map(|&[g, a]| over_white(g, a))
            .collect(),
        ColorType::Rgb => used
            .as_chunks::<3>()
            .0
            .iter()
            .map(|&[r, g, b]| luma(r, g, b))
            .collect(),
        ColorType::Rgba => used
            .as_chunks::<4>()
            .0
            .iter()
            .map(|&[r, g, b, a]| over_white(luma(r, g, b), a))
            .collect(),
        ColorType::Indexed => return Err(ImageError::NotPng("palette left unexpanded".into())),
    };
    GreyImage::new(width, height, ppi, pixels)
}

/// Rec. 601 luma, rounded.
fn luma(r: u8, g: u8, b: u8) -> u8 {
    let sum = 299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b) + 500;
    (sum / 1000).min(255) as u8
}

fn over_white(grey: u8, alpha: u8) -> u8 {
    let (g, a) = (u32::from(grey), u32::from(alpha));
    ((g * a + 255 * (255 - a) + 127) / 255).min(255) as u8
}

/// Writes the picture as a lossless 8-bit grey PNG with its resolution.
#[must_use]
pub fn encode_png(image: &GreyImage) -> Vec<u8> {
    let mut out = Vec::with_capacity(image.pixels.len() / 2 + 256);
    // Writing to memory a picture whose size was checked at construction cannot fail; were it
    // ever to, the empty result is refused by every reader instead of passing as a picture.
    if write_png(image, &mut out).is_err() {
        out.clear();
    }
    out
}

fn write_png(image: &GreyImage, out: &mut Vec<u8>) -> Result<(), png::EncodingError> {
    let mut encoder = Encoder::new(out, image.width, image.height);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::Eight);
    let per_metre = (f64::from(image.ppi) / 0.0254).round() as u32;
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: per_metre,
        yppu: per_metre,
        unit: png::Unit::Meter,
    }));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&image.pixels)?;
    writer.finish()
}
