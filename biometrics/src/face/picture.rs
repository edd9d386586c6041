//! The colour picture that every other step starts from.

use thiserror::Error;

/// Longest side accepted, in pixels.
pub const MAX_SIDE: u32 = 8192;
/// Most pixels accepted: the photo of any tablet's camera, not a decompression bomb.
pub const MAX_PIXELS: u64 = 40_000_000;

/// Bytes of a pixel.
pub(super) const CHANNELS: usize = 3;

/// Why a picture was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PictureError {
    /// No pixels at all, a side above [`MAX_SIDE`], or more than [`MAX_PIXELS`].
    #[error("a picture of {width}x{height} pixels is outside the accepted size")]
    Size {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// Not three bytes a pixel.
    #[error("{width}x{height} pixels of three bytes were promised, {len} bytes given")]
    Length {
        /// Promised width in pixels.
        width: u32,
        /// Promised height in pixels.
        height: u32,
        /// Bytes given.
        len: usize,
    },
}

/// A colour picture that somebody else owns: 8-bit sRGB, red green blue, row by row from the top
/// left.
///
/// A value of this type has both sides in 1..=8192 and at most forty million pixels.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RgbView<'a> {
    width: u32,
    height: u32,
    pixels: &'a [u8],
}

impl std::fmt::Debug for RgbView<'_> {
    /// Size only: a face has no place in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RgbView({}x{})", self.width, self.height)
    }
}

impl<'a> RgbView<'a> {
    /// Takes `width * height * 3` bytes.
    ///
    /// # Errors
    /// [`PictureError`] when the size is not accepted or the length does not fit it.
    pub fn new(width: u32, height: u32, pixels: &'a [u8]) -> Result<Self, PictureError> {
        let count = u64::from(width) * u64::from(height);
        if count == 0 || width > MAX_SIDE || height > MAX_SIDE || count > MAX_PIXELS {
            return Err(PictureError::Size { width, height });
        }
        if pixels.len() as u64 != count * CHANNELS as u64 {
            return Err(PictureError::Length {
                width,
                height,
                len: pixels.len(),
            });
        }
        Ok(Self {
            width,
            height,
            pixels,
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

    /// The bytes; `width() * height() * 3` of them.
    #[must_use]
    pub fn pixels(&self) -> &'a [u8] {
        self.pixels
    }

    /// Red, green and blue at a place; black outside the picture.
    pub(super) fn at(&self, x: i64, y: i64) -> [u8; 3] {
        if x < 0 || y < 0 || x >= i64::from(self.width) || y >= i64::from(self.height) {
            return [0; 3];
        }
        let at = (y as usize * self.width as usize + x as usize) * CHANNELS;
        match self.pixels.get(at..at + CHANNELS) {
            Some(&[r, g, b]) => [r, g, b],
            _ => [0; 3],
        }
    }

    /// The same between pixels, bilinear; centres of pixels are at whole numbers, and black lies
    /// outside.
    pub(super) fn sample(&self, x: f32, y: f32) -> [f32; 3] {
        // Also false for what is no number.
        let inside = x > -1.0 && y > -1.0 && x < self.width as f32 && y < self.height as f32;
        if !inside {
            return [0.0; 3];
        }
        let (left, top) = (x.floor(), y.floor());
        let (fx, fy) = (x - left, y - top);
        let (left, top) = (left as i64, top as i64);
        let corners = [
            (self.at(left, top), (1.0 - fx) * (1.0 - fy)),
            (self.at(left + 1, top), fx * (1.0 - fy)),
            (self.at(left, top + 1), (1.0 - fx) * fy),
            (self.at(left + 1, top + 1), fx * fy),
        ];
        let mut sum = [0.0; 3];
        for (pixel, weight) in corners {
            for (total, value) in sum.iter_mut().zip(pixel) {
                *total += weight * f32::from(value);
            }
        }
        sum
    }

    /// The part from `x, y` on, cut off at the picture's edges; at least one pixel.
    #[must_use]
    pub fn crop(&self, x: u32, y: u32, width: u32, height: u32) -> RgbImage {
        let x = x.min(self.width - 1);
        let y = y.min(self.height - 1);
        let width = width.clamp(1, self.width - x);
        let height = height.clamp(1, self.height - y);
        let row = self.width as usize * CHANNELS;
        let rows = self.pixels.chunks_exact(row).skip(y as usize);
        let (from, len) = (x as usize * CHANNELS, width as usize * CHANNELS);
        let pixels = rows
            .take(height as usize)
            .flat_map(|row| row.iter().skip(from).take(len).copied())
            .collect();
        RgbImage {
            width,
            height,
            pixels,
        }
    }
}

/// A colour picture of one's own; what [`RgbView`] says holds for it too.
#[derive(Clone, PartialEq, Eq)]
pub struct RgbImage {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl std::fmt::Debug for RgbImage {
    /// Size only: a face has no place in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RgbImage({}x{})", self.width, self.height)
    }
}

impl RgbImage {
    /// Takes `width * height * 3` bytes.
    ///
    /// # Errors
    /// [`PictureError`] as for [`RgbView::new`].
    pub fn new(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self, PictureError> {
        RgbView::new(width, height, &pixels)?;
        Ok(Self {
            width,
            height,
            pixels,
        })
    }

    /// A picture whose size the caller has made sure of.
    pub(super) fn from_checked(width: u32, height: u32, pixels: Vec<u8>) -> Self {
        debug_assert!(RgbView::new(width, height, &pixels).is_ok());
        Self {
            width,
            height,
            pixels,
        }
    }

    /// To be looked at.
    #[must_use]
    pub fn view(&self) -> RgbView<'_> {
        RgbView {
            width: self.width,
            height: self.height,
            pixels: &self.pixels,
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

    /// The bytes, to be kept: `width() * height() * 3` of them.
    #[must_use]
    pub fn into_pixels(self) -> Vec<u8> {
        self.pixels
    }
}
