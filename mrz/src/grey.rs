//! Pictures: as they are given, and in grey as they are looked at.

use zeroize::Zeroizing;

/// Sides of a picture that is looked at, pixels.
pub const LEAST_SIDE: usize = 32;
pub const MOST_SIDE: usize = 4096;
/// Longer side of the picture that is worked on; a larger one is made smaller first.
const WORKING_SIDE: usize = 1440;

/// Pixels of a picture, row by row from the top left: a byte a pixel, or red, green and blue.
#[derive(Clone, Copy)]
pub enum Pixels<'a> {
    Grey(&'a [u8]),
    Rgb(&'a [u8]),
}

impl std::fmt::Debug for Pixels<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Grey(_) => "Grey",
            Self::Rgb(_) => "Rgb",
        })
    }
}

/// A picture that somebody else holds.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub width: usize,
    pub height: usize,
    pub pixels: Pixels<'a>,
}

impl std::fmt::Debug for View<'_> {
    /// Size only: what it shows has no place in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "View({}x{})", self.width, self.height)
    }
}

/// Eight bits a pixel.
#[derive(Clone)]
pub(crate) struct Grey {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) pixels: Zeroizing<Vec<u8>>,
}

impl Grey {
    /// `None`: sides out of bounds, or not as many bytes as they ask for.
    pub(crate) fn of(view: &View<'_>) -> Option<Self> {
        let sides = LEAST_SIDE..=MOST_SIDE;
        let (width, height) = (view.width, view.height);
        if !sides.contains(&width) || !sides.contains(&height) {
            return None;
        }
        let pixels = match view.pixels {
            Pixels::Grey(bytes) if bytes.len() == width * height => bytes.to_vec(),
            Pixels::Rgb(bytes) if bytes.len() == width * height * 3 => {
                bytes.chunks_exact(3).map(luma).collect()
            }
            _ => return None,
        };
        let whole = Self {
            width,
            height,
            pixels: Zeroizing::new(pixels),
        };
        let factor = width.max(height).div_ceil(WORKING_SIDE);
        Some(if factor > 1 {
            whole.reduced(factor)
        } else {
            whole
        })
    }

    /// Each pixel the mean of a square.
    fn reduced(&self, factor: usize) -> Self {
        let (width, height) = (self.width / factor, self.height / factor);
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let mut sum = 0;
                for row in y * factor..(y + 1) * factor {
                    let from = row * self.width + x * factor;
                    sum += self.pixels[from..from + factor]
                        .iter()
                        .map(|value| usize::from(*value))
                        .sum::<usize>();
                }
                pixels.push(u8::try_from(sum / (factor * factor)).unwrap_or(u8::MAX));
            }
        }
        Self {
            width,
            height,
            pixels: Zeroizing::new(pixels),
        }
    }

    /// Between pixels; beyond the picture, its edge.
    pub(crate) fn at(&self, x: f32, y: f32) -> f32 {
        let x = x.clamp(0.0, (self.width - 1) as f32 - 0.001);
        let y = y.clamp(0.0, (self.height - 1) as f32 - 0.001);
        let (left, top) = (x as usize, y as usize);
        let (fx, fy) = (x - left as f32, y - top as f32);
        let from = top * self.width + left;
        let value = |at: usize| f32::from(self.pixels[at]);
        let above = value(from) * (1.0 - fx) + value(from + 1) * fx;
        let below = value(from + self.width) * (1.0 - fx) + value(from + self.width + 1) * fx;
        above * (1.0 - fy) + below * fy
    }
}

/// By ITU-R BT.601, in integers.
fn luma(pixel: &[u8]) -> u8 {
    let [red, green, blue] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
    u8::try_from((red * 299 + green * 587 + blue * 114) / 1000).unwrap_or(u8::MAX)
}
