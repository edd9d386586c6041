//! Ridge enhancement with oriented band-pass filters (Gabor filters; Hong, Wan, Jain 1998).

use std::f32::consts::{PI, TAU};

use super::plane::Plane;
use super::wide::Set;

/// Orientations of the bank over half a turn.
const ANGLES: usize = 32;
/// Periods of the bank, in pixels.
const PERIODS: [f32; 9] = [4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 11.0, 12.5, 14.5];

/// A bank of even Gabor filters without response to flat grey, for quantised orientation and
/// ridge period. A cosine grating of unit height answers with about 1.
#[derive(Debug, Clone)]
pub(crate) struct Bank {
    radius: usize,
    /// Row length of a kernel: a multiple of eight, so that rows sum in whole vectors.
    stride: usize,
    kernels: Vec<Vec<f32>>,
}

impl Bank {
    /// Filters for pictures at `scale` times 500 ppi; `across` and `along` are the deviations of
    /// the envelope in ridge periods.
    pub fn new(scale: f32, across: f32, along: f32) -> Self {
        let radius = ((11.0 * scale).round() as usize).max(3);
        let stride = (2 * radius + 1).next_multiple_of(8);
        let mut kernels = Vec::with_capacity(ANGLES * PERIODS.len());
        for period in PERIODS {
            let first = kernels.len();
            for k in 0..ANGLES / 2 {
                let angle = PI * k as f32 / ANGLES as f32;
                kernels.push(kernel(
                    radius,
                    stride,
                    period * scale,
                    angle,
                    (across, along),
                ));
            }
            // The other half are the same, turned by a right angle.
            for k in first..first + ANGLES / 2 {
                kernels.push(turned(&kernels[k], 2 * radius + 1, stride));
            }
        }
        Self {
            radius,
            stride,
            kernels,
        }
    }

    /// Index of the filter for ridges along `angle` (radians) with `period` pixels at 500 ppi.
    pub fn index(angle: f32, period: f32) -> u16 {
        let turn = (angle / PI * ANGLES as f32).round() as i32;
        let a = turn.rem_euclid(ANGLES as i32) as usize;
        let p = PERIODS
            .iter()
            .enumerate()
            .min_by(|x, y| (x.1 - period).abs().total_cmp(&(y.1 - period).abs()))
            .map_or(0, |(i, _)| i);
        (p * ANGLES + a) as u16
    }

    /// Filters each pixel with the kernel that `choice` names for it; `None` leaves zero.
    pub fn apply(&self, picture: &Plane, choice: &[Option<u16>]) -> Plane {
        self.apply_by(Set::widest(), picture, choice)
    }

    /// The same by a given instruction set.
    pub(super) fn apply_by(&self, set: Set, picture: &Plane, choice: &[Option<u16>]) -> Plane {
        let (w, h) = (picture.w, picture.h);
        let pw = w + self.stride;
        let mut padded = vec![0.0f32; pw * (h + 2 * self.radius)];
        for y in 0..h {
            let start = (y + self.radius) * pw + self.radius;
            padded[start..start + w].copy_from_slice(&picture.v[y * w..(y + 1) * w]);
        }
        let mut out = Plane::new(w, h);
        set.filter(self, &padded, choice, &mut out);
        out
    }

    /// The loop of [`Bank::apply`] over the picture with its margin.
    #[inline(always)]
    pub(super) fn filter(&self, padded: &[f32], choice: &[Option<u16>], out: &mut Plane) {
        let (w, pw) = (out.w, out.w + self.stride);
        let lines = out.v.chunks_exact_mut(w).zip(choice.chunks_exact(w));
        for (y, (line, choice)) in lines.enumerate() {
            for (x, (out, choice)) in line.iter_mut().zip(choice).enumerate() {
                let Some(kernel) = choice.and_then(|k| self.kernels.get(usize::from(k))) else {
                    continue;
                };
                let mut sums = [0.0f32; 8];
                for (row, line) in kernel.chunks_exact(self.stride).enumerate() {
                    let start = (y + row) * pw + x;
                    add_products(&mut sums, line, &padded[start..start + self.stride]);
                }
                *out = sums.iter().sum();
            }
        }
    }
}

/// A kernel turned by a quarter.
fn turned(kernel: &[f32], side: usize, stride: usize) -> Vec<f32> {
    let mut out = vec![0.0; kernel.len()];
    for row in 0..side {
        for column in 0..side {
            out[row * stride + column] = kernel[(side - 1 - column) * stride + row];
        }
    }
    out
}

/// Eight running sums, because one sum would forbid the compiler to use vectors.
#[inline(always)]
fn add_products(sums: &mut [f32; 8], a: &[f32], b: &[f32]) {
    for (x, y) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0) {
        for i in 0..8 {
            sums[i] += x[i] * y[i];
        }
    }
}

fn kernel(
    radius: usize,
    stride: usize,
    period: f32,
    angle: f32,
    (across, along): (f32, f32),
) -> Vec<f32> {
    let (sin, cos) = angle.sin_cos();
    let (sx, sy) = (across * period, along * period);
    let side = 2 * radius + 1;
    let mut wave = vec![0.0f32; side * stride];
    let mut envelope = vec![0.0f32; side * stride];
    let mut grating = vec![0.0f32; side * stride];
    for row in 0..side {
        for column in 0..side {
            let (x, y) = (column as f32 - radius as f32, row as f32 - radius as f32);
            let (u, v) = (-x * sin + y * cos, x * cos + y * sin);
            let bell = (-u * u / (2.0 * sx * sx) - v * v / (2.0 * sy * sy)).exp();
            let at = row * stride + column;
            envelope[at] = bell;
            grating[at] = (TAU * u / period).cos();
            wave[at] = bell * grating[at];
        }
    }
    // Take the mean out with the envelope itself, so that the kernel's edge stays smooth.
    let offset = wave.iter().sum::<f32>() / envelope.iter().sum::<f32>();
    wave.iter_mut()
        .zip(&envelope)
        .for_each(|(w, e)| *w -= offset * e);
    let gain: f32 = wave.iter().zip(&grating).map(|(w, g)| w * g).sum();
    wave.iter_mut().for_each(|w| *w /= gain.max(1e-6));
    wave
}
