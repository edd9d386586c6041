//! A small generator of random numbers (SplitMix64: Steele, Lea, Flood, OOPSLA 2014). Not for
//! secrets: seeds must give the same finger in every version of every dependency.

use std::f32::consts::TAU;

use crate::finger::plane::Plane;

#[derive(Debug, Clone)]
pub(crate) struct Rng(u64);

impl Rng {
    /// `stream` keeps the uses of one seed apart.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut rng = Self(seed ^ stream.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        rng.next();
        Self(rng.next() ^ seed.rotate_left(17))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// 0 to 1, one excluded.
    pub fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 24) as f32
    }

    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Normal deviate (Box, Muller 1958).
    pub fn normal(&mut self) -> f32 {
        let radius = (-2.0 * (1.0 - self.unit()).max(1e-7).ln()).sqrt();
        radius * (TAU * self.unit()).cos()
    }

    /// White noise, -1 to 1.
    pub fn noise(&mut self, w: usize, h: usize) -> Plane {
        Plane {
            w,
            h,
            v: (0..w * h).map(|_| self.between(-1.0, 1.0)).collect(),
        }
    }

    /// Noise smoothed by `sigma` pixels, brought back to unit deviation.
    pub fn blotches(&mut self, w: usize, h: usize, sigma: f32) -> Plane {
        let mut plane = self.noise(w, h).blurred(sigma);
        let power: f32 = plane.v.iter().map(|v| v * v).sum::<f32>() / plane.v.len() as f32;
        let gain = 1.0 / power.sqrt().max(1e-6);
        plane.v.iter_mut().for_each(|v| *v *= gain);
        plane
    }

    /// A smooth random surface of about unit height over the unit square.
    pub fn surface(&mut self) -> Surface {
        let knots = Plane {
            w: 6,
            h: 6,
            v: (0..36).map(|_| self.normal() * 0.6).collect(),
        };
        Surface(knots)
    }
}

/// See [`Rng::surface`].
#[derive(Debug, Clone)]
pub(crate) struct Surface(Plane);

impl Surface {
    /// Height at `u, v` in 0..=1, with smoothed interpolation between the knots.
    pub fn at(&self, u: f32, v: f32) -> f32 {
        let ease = |t: f32| {
            let t = t.clamp(0.0, 1.0) * 5.0;
            let whole = t.floor();
            let part = t - whole;
            whole + part * part * (3.0 - 2.0 * part)
        };
        self.0.sample(ease(u), ease(v))
    }
}
