//! A picture of a camera, in memory alone, and the JPEG that it becomes.

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::{ColorType, ExtendedColorType, ImageDecoder as _, ImageEncoder as _};
use std::io::Cursor;
use zeroize::{Zeroize as _, Zeroizing};

/// Sides of a picture, pixels, and how many pixels it has at most: 4096 by 2304.
pub const LEAST_SIDE: u32 = 32;
pub const MOST_SIDE: u32 = 4096;
pub const MOST_PIXELS: u64 = 4096 * 2304;
/// Bytes a pixel: red, green, blue.
const CHANNELS: usize = 3;
/// A picture that is still too long is made anew with so much less quality.
const QUALITY_STEP: u8 = 15;

/// Why pixels are no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    #[error("a side is too short or too long, or there are too many pixels")]
    Size,
    #[error("there are more or fewer bytes than the sides ask for")]
    Length,
    #[error("the JPEG would be too long")]
    TooLong,
    #[error("no JPEG, or not all of one")]
    NoJpeg,
    #[error("no PNG, or not all of one")]
    NoPng,
}

/// 8-bit RGB, row by row from the top left; gone from memory with this value.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    pixels: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Picture {
    /// Size only: what it shows has no place in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({}x{})", self.width, self.height)
    }
}

impl Picture {
    /// Takes `width * height * 3` bytes.
    ///
    /// # Errors
    /// [`PictureError::Size`], [`PictureError::Length`]; the bytes are wiped then.
    pub fn new(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self, PictureError> {
        let pixels = Zeroizing::new(pixels);
        if !is_size(width, height) {
            return Err(PictureError::Size);
        }
        if pixels.len() as u64 != u64::from(width) * u64::from(height) * CHANNELS as u64 {
            return Err(PictureError::Length);
        }
        Ok(Self {
            width,
            height,
            pixels,
        })
    }

    /// A JPEG of such a picture, in colour or in grey. Its sides are looked at before anything is made of
    /// it.
    ///
    /// # Errors
    /// [`PictureError::Size`]; [`PictureError::NoJpeg`].
    pub fn of_jpeg(bytes: &[u8]) -> Result<Self, PictureError> {
        let decoder = JpegDecoder::new(Cursor::new(bytes)).map_err(|_| PictureError::NoJpeg)?;
        let (width, height) = decoder.dimensions();
        if !is_size(width, height) {
            return Err(PictureError::Size);
        }
        let grey = match decoder.color_type() {
            ColorType::L8 => true,
            ColorType::Rgb8 => false,
            _ => return Err(PictureError::NoJpeg),
        };
        let length = usize::try_from(decoder.total_bytes()).map_err(|_| PictureError::Size)?;
        let mut pixels = Zeroizing::new(vec![0; length]);
        decoder
            .read_image(&mut pixels)
            .map_err(|_| PictureError::NoJpeg)?;
        if grey {
            let colour = pixels.iter().flat_map(|value| [*value; CHANNELS]);
            return Self::new(width, height, colour.collect());
        }
        Self::new(width, height, std::mem::take(&mut *pixels))
    }

    /// A PNG of such a picture, in colour or in grey, in front of white where it can be seen through. Its
    /// sides are looked at before anything is made of it.
    ///
    /// # Errors
    /// [`PictureError::Size`]; [`PictureError::NoPng`].
    pub fn of_png(bytes: &[u8]) -> Result<Self, PictureError> {
        let mut decoder = png::Decoder::new(Cursor::new(bytes));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().map_err(|_| PictureError::NoPng)?;
        let (width, height) = reader.info().size();
        if !is_size(width, height) {
            return Err(PictureError::Size);
        }
        let length = reader.output_buffer_size().ok_or(PictureError::Size)?;
        let mut samples = Zeroizing::new(vec![0; length]);
        let frame = reader
            .next_frame(&mut samples)
            .map_err(|_| PictureError::NoPng)?;
        let samples = samples.get(..frame.buffer_size()).unwrap_or_default();
        let before_white = |value: u8, alpha: u8| {
            let (value, alpha) = (u32::from(value), u32::from(alpha));
            u8::try_from((value * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
        };
        let pixels = match frame.color_type {
            png::ColorType::Grayscale => samples.iter().flat_map(|v| [*v; CHANNELS]).collect(),
            png::ColorType::GrayscaleAlpha => samples
                .as_chunks::<2>()
                .0
                .iter()
                .flat_map(|[v, a]| [before_white(*v, *a); CHANNELS])
                .collect(),
            png::ColorType::Rgb => samples.to_vec(),
            png::ColorType::Rgba => samples
                .as_chunks::<4>()
                .0
                .iter()
                .flat_map(|[r, g, b, a]| [r, g, b].map(|v| before_white(*v, *a)))
                .collect(),
            png::ColorType::Indexed => return Err(PictureError::NoPng),
        };
        Self::new(width, height, pixels)
    }

    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Three bytes a pixel.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Every pixel is the same: no lens and no light make that, a dead sensor does.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        let (first, rest) = self.pixels.split_at(CHANNELS);
        rest.chunks_exact(CHANNELS).all(|pixel| pixel == first)
    }

    /// The same picture with no side longer than `side`; of pixels that fall together the mean.
    #[must_use]
    pub fn within(&self, side: u32) -> Self {
        let side = side.clamp(LEAST_SIDE, MOST_SIDE);
        let longest = self.width.max(self.height);
        if longest <= side {
            return self.clone();
        }
        let scaled = |of: u32| {
            let scaled = u64::from(of) * u64::from(side) / u64::from(longest);
            u32::try_from(scaled).unwrap_or(side).clamp(1, side)
        };
        let (width, height) = (scaled(self.width), scaled(self.height));
        // A very long and narrow picture is cut no narrower than a picture may be.
        let (width, height) = (width.max(LEAST_SIDE), height.max(LEAST_SIDE));
        let mut pixels = Vec::with_capacity(width as usize * height as usize * CHANNELS);
        for y in 0..height {
            let rows = span(y, height, self.height);
            for x in 0..width {
                let columns = span(x, width, self.width);
                pixels.extend(self.mean(columns, rows.clone()));
            }
        }
        Self {
            width,
            height,
            pixels: Zeroizing::new(pixels),
        }
    }

    fn mean(
        &self,
        columns: std::ops::Range<usize>,
        rows: std::ops::Range<usize>,
    ) -> [u8; CHANNELS] {
        let mut sums = [0_u32; CHANNELS];
        let count = u32::try_from(columns.len() * rows.len()).unwrap_or(u32::MAX);
        for row in rows {
            let row = row * self.width as usize;
            let bytes = (row + columns.start) * CHANNELS..(row + columns.end) * CHANNELS;
            for pixel in self.pixels[bytes].chunks_exact(CHANNELS) {
                for (sum, value) in sums.iter_mut().zip(pixel) {
                    *sum += u32::from(*value);
                }
            }
        }
        sums.map(|sum| u8::try_from(sum / count.max(1)).unwrap_or(u8::MAX))
    }

    /// A JPEG of `quality` (1 to 100) and at most `most` bytes, of less quality where it would be
    /// longer. It says nothing but the picture: no place, no time, no device.
    ///
    /// # Errors
    /// [`PictureError::TooLong`]: at the lowest quality too.
    pub fn jpeg(&self, quality: u8, most: usize) -> Result<Zeroizing<Vec<u8>>, PictureError> {
        let mut quality = quality.clamp(1, 100);
        loop {
            // As long as it may get: a buffer that grows would leave its earlier self in memory.
            let mut bytes = Zeroizing::new(Vec::with_capacity(self.pixels.len() + 4096));
            let written = JpegEncoder::new_with_quality(&mut *bytes, quality).write_image(
                &self.pixels,
                self.width,
                self.height,
                ExtendedColorType::Rgb8,
            );
            if written.is_ok() && bytes.len() <= most {
                return Ok(bytes);
            }
            bytes.zeroize();
            if quality == 1 {
                return Err(PictureError::TooLong);
            }
            quality = quality.saturating_sub(QUALITY_STEP).max(1);
        }
    }
}

fn is_size(width: u32, height: u32) -> bool {
    let sides = LEAST_SIDE..=MOST_SIDE;
    let count = u64::from(width) * u64::from(height);
    sides.contains(&width) && sides.contains(&height) && count <= MOST_PIXELS
}

/// Which of `of` old pixels make the new pixel `n` of `count`; one at least.
fn span(n: u32, count: u32, of: u32) -> std::ops::Range<usize> {
    let at = |n: u32| (u64::from(n) * u64::from(of) / u64::from(count)) as usize;
    let (start, end) = (at(n), at(n + 1));
    start..end.max(start + 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn picture(width: u32, height: u32) -> Picture {
        let pixels = (0..height).flat_map(|y| (0..width).flat_map(move |x| [x as u8, y as u8, 7]));
        Picture::new(width, height, pixels.collect()).unwrap()
    }

    #[test]
    fn a_picture_has_just_the_bytes_of_its_sides_and_no_bomb_is_taken() {
        let of = |width, height, bytes| Picture::new(width, height, vec![0; bytes]).map(|_| ());
        assert_eq!(of(64, 48, 64 * 48 * 3), Ok(()));
        assert_eq!(of(64, 48, 64 * 48 * 3 - 1), Err(PictureError::Length));
        assert_eq!(of(31, 48, 31 * 48 * 3), Err(PictureError::Size));
        assert_eq!(of(4097, 48, 0), Err(PictureError::Size));
        assert_eq!(of(4096, 4096, 0), Err(PictureError::Size));
    }

    #[test]
    fn a_smaller_picture_is_the_mean_of_the_larger_and_a_small_one_stays() {
        let small = picture(128, 64).within(64);
        assert_eq!((small.width(), small.height()), (64, 32));
        // Of the pixels 0 and 1, and of 126 and 127, rounded down.
        assert_eq!(small.pixels()[..3], [0, 0, 7]);
        assert_eq!(small.pixels()[63 * 3..64 * 3], [126, 0, 7]);
        assert!(picture(64, 48).within(64) == picture(64, 48));
        let narrow = picture(4096, 32).within(256);
        assert_eq!((narrow.width(), narrow.height()), (256, 32));
    }

    #[test]
    fn a_dead_sensor_is_told_from_a_dark_room() {
        let dead = Picture::new(64, 64, vec![0; 64 * 64 * 3]).unwrap();
        let mut dark = vec![0; 64 * 64 * 3];
        dark[1000] = 1;
        assert!(dead.is_blank());
        assert!(!Picture::new(64, 64, dark).unwrap().is_blank());
    }

    #[test]
    fn a_jpeg_holds_the_picture_and_nothing_about_it() {
        let jpeg = picture(256, 192).jpeg(90, 1024 * 1024).unwrap();
        let read = image::load_from_memory(&jpeg).unwrap().into_rgb8();
        assert_eq!(read.dimensions(), (256, 192));
        let off = |x, y| read.get_pixel(x, y).0[0].abs_diff(x as u8);
        assert!(off(10, 10) < 24 && off(200, 100) < 24);
        // Segments of applications: JFIF alone, and no comment.
        let mut at = 2;
        let mut segments = Vec::new();
        while jpeg[at] == 0xFF && jpeg[at + 1] != 0xDA {
            segments.push(jpeg[at + 1]);
            at += 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        }
        assert_eq!(jpeg[at + 1], 0xDA);
        assert!(segments.contains(&0xE0));
        let says = |marker: &&u8| (0xE1..=0xEF).contains(*marker) || **marker == 0xFE;
        assert_eq!(segments.iter().find(says), None);
    }

    #[test]
    fn a_jpeg_is_read_again_in_colour_and_in_grey_and_no_other_bytes_are() {
        let jpeg = picture(256, 192).jpeg(90, 1024 * 1024).unwrap();
        let read = Picture::of_jpeg(&jpeg).unwrap();
        assert_eq!((read.width(), read.height()), (256, 192));
        let at = |x: usize, y: usize| read.pixels()[(y * 256 + x) * 3];
        assert!(at(10, 10).abs_diff(10) < 24 && at(200, 100).abs_diff(200) < 24);
        let mut grey = Vec::new();
        let ramp: Vec<u8> = (0..64 * 64).map(|n| (n % 64 * 3) as u8).collect();
        JpegEncoder::new_with_quality(&mut grey, 95)
            .write_image(&ramp, 64, 64, ExtendedColorType::L8)
            .unwrap();
        let read = Picture::of_jpeg(&grey).unwrap();
        assert_eq!(read.pixels().len(), 64 * 64 * 3);
        assert!(
            read.pixels()
                .chunks(3)
                .all(|p| p[0] == p[1] && p[1] == p[2])
        );
        let error = |bytes: &[u8]| Picture::of_jpeg(bytes).err();
        assert_eq!(error(b"no picture"), Some(PictureError::NoJpeg));
        assert_eq!(error(&[]), Some(PictureError::NoJpeg));
        let mut huge = jpeg.to_vec();
        let frame = huge.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap();
        huge[frame + 5..frame + 9].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0xFF]);
        assert_eq!(error(&huge), Some(PictureError::Size));
    }

    #[test]
    fn a_jpeg_that_would_be_too_long_is_made_with_less_quality_or_not_at_all() {
        let noise = |n: u32| (n.wrapping_mul(2_654_435_761) >> 13) as u8;
        let loud = Picture::new(256, 256, (0..256 * 256 * 3).map(noise).collect()).unwrap();
        let full = loud.jpeg(95, usize::MAX).unwrap();
        let less = loud.jpeg(95, full.len() / 2).unwrap();
        assert!(less.len() <= full.len() / 2);
        assert_eq!(loud.jpeg(95, 1000).err(), Some(PictureError::TooLong));
    }
}
