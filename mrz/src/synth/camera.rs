//! A camera before a document: where it is held, and what light, lens, sensor and compression do.

use super::document::{Drawing, Print};
use super::train::blur_axis;
use super::{Document, Font, Random};

/// How a document is held before the camera, and how it is seen.
#[derive(Clone, Copy, Debug)]
pub struct Shot {
    pub width: usize,
    pub height: usize,
    /// The document's width as a share of the picture's.
    pub fill: f32,
    /// In the plane of the picture, and about its two axes, radians.
    pub turn: f32,
    pub tilt: (f32, f32),
    /// Middle of the document from the middle of the picture, as a share of its sides.
    pub beside: (f32, f32),
    /// Gaussian, pixels; and along the row while the hand moves.
    pub blur: f32,
    pub moved: f32,
    /// Standard deviation, of 255.
    pub noise: f32,
    /// Brightness, and how much it differs across the picture, of 1.
    pub light: f32,
    pub slope: (f32, f32),
    /// Quality of the compression, 1 to 100; 0: none.
    pub quality: u8,
    pub print: Print,
}

/// How hard it is made for the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Difficulty {
    /// Held straight and still, in good light.
    Easy,
    /// As an officer holds it: turned up to 8°, tilted up to 12°, some blur, uneven light.
    Ordinary,
    /// Turned up to 15°, tilted up to 22°, small, dim, blurred.
    Hard,
}

impl Shot {
    /// Straight before the camera, sharp, in good light.
    #[must_use]
    pub fn plain(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            fill: 0.8,
            turn: 0.0,
            tilt: (0.0, 0.0),
            beside: (0.0, 0.0),
            blur: 0.5,
            moved: 0.0,
            noise: 2.0,
            light: 0.9,
            slope: (0.0, 0.0),
            quality: 0,
            print: Print {
                ink: 0.85,
                pattern: 0.12,
                weight: 0.0,
            },
        }
    }

    /// A shot of this difficulty; the same for as long as the document is held, but for [`Shot::jitter`].
    #[must_use]
    pub fn random(
        document: &Document,
        difficulty: Difficulty,
        (width, height): (usize, usize),
        random: &mut Random,
    ) -> Self {
        // All of it is in the picture, but for what tilt and tremor push out.
        let (long, high) = document.size();
        let most = (0.86 * height as f32 * long / high / width as f32).min(0.9);
        let (hard, turn, tilt) = match difficulty {
            Difficulty::Easy => (0.0, 0.035, 0.05),
            Difficulty::Ordinary => (0.5, 0.14, 0.21),
            Difficulty::Hard => (1.0, 0.26, 0.38),
        };
        Self {
            width,
            height,
            fill: most * random.range(0.9 - 0.30 * hard, 1.0),
            turn: random.around(turn),
            tilt: (random.around(tilt), random.around(tilt)),
            beside: (
                random.around(0.02 + 0.03 * hard),
                random.around(0.03 + 0.05 * hard),
            ),
            blur: random.range(0.4, 0.7 + 0.9 * hard),
            moved: random.range(0.0, 0.4 + 1.6 * hard),
            noise: random.range(1.0, 3.0 + 8.0 * hard),
            light: random.range(0.95 - 0.5 * hard, 1.0),
            slope: (
                random.around(0.1 + 0.3 * hard),
                random.around(0.1 + 0.2 * hard),
            ),
            quality: 90 - u8::try_from(random.below(if hard > 0.7 { 50 } else { 30 })).unwrap_or(0),
            print: Print {
                ink: random.range(0.85 - 0.2 * hard, 0.95),
                pattern: random.range(0.02, 0.12 + 0.2 * hard),
                weight: random.range(-0.012, 0.022),
            },
        }
    }

    /// The next frame of the same: the hand trembles.
    #[must_use]
    pub fn jitter(&self, random: &mut Random) -> Self {
        let by = |value: f32, random: &mut Random| value + random.around(0.012);
        Self {
            turn: by(self.turn, random),
            tilt: (by(self.tilt.0, random), by(self.tilt.1, random)),
            beside: (by(self.beside.0, random), by(self.beside.1, random)),
            fill: self.fill * (1.0 + random.around(0.02)),
            blur: self.blur * random.range(0.7, 1.3),
            moved: self.moved * random.range(0.0, 1.6),
            ..*self
        }
    }
}

/// From the camera to the picture, in widths of the picture: a wide lens, as tablets have.
const FOCUS: f32 = 0.95;

/// The picture in grey, row by row.
#[must_use]
pub fn photograph(document: &Document, shot: &Shot, font: &Font, random: &mut Random) -> Vec<u8> {
    let (width, height) = (shot.width, shot.height);
    let lines = document.zone.lines();
    let drawing = Drawing {
        font,
        lines: lines
            .map(|line| line.bytes().map(Font::index).collect())
            .collect(),
        print: shot.print,
    };
    let (long, high) = document.size();
    let focus = FOCUS * width as f32;
    let distance = focus * long / (shot.fill * width as f32);
    let ((st, ct), (sx, cx), (sy, cy)) = (
        shot.turn.sin_cos(),
        shot.tilt.0.sin_cos(),
        shot.tilt.1.sin_cos(),
    );
    // The document's axes as the camera sees them: turned, then tilted about both axes.
    let axis = |x: f32, y: f32| {
        let (x, y) = (x * ct - y * st, x * st + y * ct);
        let (y, z) = (y * cx, y * sx);
        (x * cy + z * sy, y, z * cy - x * sy)
    };
    let (a, b) = (axis(1.0, 0.0), axis(0.0, 1.0));
    let cross = |p: (f32, f32, f32), q: (f32, f32, f32)| {
        (
            p.1 * q.2 - p.2 * q.1,
            p.2 * q.0 - p.0 * q.2,
            p.0 * q.1 - p.1 * q.0,
        )
    };
    let dot3 = |p: (f32, f32, f32), q: (f32, f32, f32)| p.0 * q.0 + p.1 * q.1 + p.2 * q.2;
    let normal = cross(a, b);
    let centre = (
        shot.beside.0 * width as f32 / focus * distance,
        shot.beside.1 * height as f32 / focus * distance,
        distance,
    );
    let mut drawn = vec![0.0_f32; width * height];
    for (at, value) in drawn.iter_mut().enumerate() {
        let (px, py) = (
            (at % width) as f32 / width as f32 - 0.5,
            (at / width) as f32 / height as f32 - 0.5,
        );
        let ray = (px * width as f32 / focus, py * height as f32 / focus, 1.0);
        let far = dot3(centre, normal) / dot3(ray, normal);
        let place = (
            ray.0 * far - centre.0,
            ray.1 * far - centre.1,
            far - centre.2,
        );
        let (x, y) = (dot3(place, a) + long / 2.0, dot3(place, b) + high / 2.0);
        let dark = if (0.0..long).contains(&x) && (0.0..high).contains(&y) {
            document.shade(&drawing, (x, y), far / focus)
        } else {
            // A table of wood.
            0.62 + 0.06 * (x * 0.9 + (y * 0.11).sin() * 3.0).sin()
        };
        let light = shot.light * (1.0 + shot.slope.0 * px + shot.slope.1 * py);
        *value = 250.0 * (1.0 - dark) * light;
    }
    let across = shot.blur.hypot(shot.moved).max(0.2);
    drawn = blur_axis(&drawn, width, height, across, false);
    drawn = blur_axis(&drawn, width, height, shot.blur.max(0.2), true);
    if shot.noise > 0.0 {
        for value in &mut drawn {
            // Four uniform numbers of one draw: near enough to a normal one.
            let bits = random.bits();
            let sum: u64 = (0..4).map(|n| (bits >> (16 * n)) & 0xFFFF).sum();
            *value += (sum as f32 / 65536.0 - 2.0) * 1.73 * shot.noise;
        }
    }
    if shot.quality > 0 {
        compress(&mut drawn, width, height, shot.quality);
    }
    drawn
        .iter()
        .map(|value| value.clamp(0.0, 255.0) as u8)
        .collect()
}

/// The luminance table of ISO/IEC 10918-1, annex K.
const QUANTA: [u8; 64] = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113,
    92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];

/// What JPEG loses: blocks of 8 by 8, their cosine transform in whole steps of the table.
fn compress(drawn: &mut [f32], width: usize, height: usize, quality: u8) {
    let q = f32::from(quality.clamp(1, 100));
    let scale = if q < 50.0 { 50.0 / q } else { 2.0 - q / 50.0 };
    let table: [[f32; 8]; 8] = std::array::from_fn(|u| {
        std::array::from_fn(|x| {
            let norm = if u == 0 { 0.125_f32.sqrt() } else { 0.5 };
            norm * ((2 * x + 1) as f32 * u as f32 * std::f32::consts::PI / 16.0).cos()
        })
    });
    // Rows by the table (or by its transpose), then the block is turned: twice is both ways.
    let pass = |block: &[f32; 64], back: bool| -> [f32; 64] {
        let mut out = [0.0; 64];
        for row in 0..8 {
            for u in 0..8 {
                let mut sum = 0.0;
                for x in 0..8 {
                    let weight = if back { table[x][u] } else { table[u][x] };
                    sum += weight * block[row * 8 + x];
                }
                out[u * 8 + row] = sum;
            }
        }
        out
    };
    for top in (0..height - height % 8).step_by(8) {
        for left in (0..width - width % 8).step_by(8) {
            let mut block: [f32; 64] =
                std::array::from_fn(|n| drawn[(top + n / 8) * width + left + n % 8] - 128.0);
            block = pass(&pass(&block, false), false);
            for (value, quantum) in block.iter_mut().zip(QUANTA) {
                let quantum = (f32::from(quantum) * scale).max(1.0);
                *value = (*value / quantum).round() * quantum;
            }
            block = pass(&pass(&block, true), true);
            for (n, value) in block.iter().enumerate() {
                drawn[(top + n / 8) * width + left + n % 8] = value + 128.0;
            }
        }
    }
}
