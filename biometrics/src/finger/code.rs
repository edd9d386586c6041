//! Short codes of minutia neighbourhoods: what the first stage of a search compares.
//!
//! The neighbours of a minutia, seen in its frame, are points with a direction. Each bit of its
//! code is the sign of one plane wave over place and direction, summed over the neighbours. Waves
//! drawn at random from the right distribution are features of a Gaussian kernel (Rahimi, Recht,
//! "Random features for large-scale kernel machines", NIPS 2007), and signs of such features
//! differ the more often the larger the angle between two things is in the kernel's space
//! (Charikar, "Similarity estimation techniques from rounding algorithms", STOC 2002). The kernel
//! is the likeness that the cells of a Minutia Cylinder-Code measure too (Cappelli, Ferrara,
//! Maltoni, IEEE PAMI 32(12), 2010); here 128 bits say it well enough to leave one print in a
//! thousand, every bit set about half of the time.

use std::cmp::Reverse;
use std::f32::consts::TAU;

use super::template::{Template, UNITS};

/// Words of 32 bits of a code.
pub(crate) const WORDS: usize = 4;
const BITS: usize = 32 * WORDS;
/// Codes of a print at most: those with the fullest neighbourhoods.
pub(crate) const MOST: usize = 40;
/// Radius of a neighbourhood, in 1/500 inch. Larger than the exact comparison's: codes stand
/// alone, without a geometric check of each pair, so each has to say more.
const RADIUS: f32 = 90.0;
/// Deviation of the kernel in space, in 1/500 inch: a neighbour displaced by this much is half
/// forgotten.
const SPACE: f32 = 12.0;
/// Deviation of the kernel in direction, in radians.
const DIRECTION: f32 = 0.4;
/// Longest wave, in radians in 1/500 inch. Longer ones count neighbours rather than tell
/// where they are: their signs would be nearly the same for all minutiae.
const SLOWEST: f32 = 0.05;
/// Weight of a neighbour at the very centre; a code needs half of it.
const FULL: f32 = 255.0;
/// Quality below which minutiae count no less: records of other makers may say 0 for all.
const LEAST_QUALITY: f32 = 0.1;
/// Place in a code's frame is in steps of this many 1/500 inch.
const STEP: f32 = 2.0;

/// The waves that make the bits. The same in every gallery.
#[derive(Debug, Clone)]
pub(crate) struct Waves {
    /// Phase in 1/65536 turn for each quarter of a 1/500 inch along and across.
    along: [i16; BITS],
    across: [i16; BITS],
    /// Whole turns for a turn of relative direction.
    around: [i16; BITS],
    start: [i16; BITS],
}

/// One coded minutia.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Coded {
    pub code: [u32; WORDS],
    /// In 1/256 turn, y down.
    pub direction: u8,
    /// From the middle of the print, in steps of 1/250 inch; held at the ends of its range.
    pub place: [i8; 2],
}

impl Waves {
    pub fn new() -> Self {
        let mut state = 12345u64;
        // SplitMix64 (Steele, Lea, Flood, OOPSLA 2014); 0 excluded, for the logarithms.
        let mut unit = || {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            (((z ^ (z >> 31)) >> 40) as f32 + 0.5) / (1u64 << 24) as f32
        };
        let mut waves = Self {
            along: [0; BITS],
            across: [0; BITS],
            around: [0; BITS],
            start: [0; BITS],
        };
        let unit_phase = 65536.0 / TAU / f32::from(UNITS);
        for bit in 0..BITS {
            // Two normal frequencies in polar form, without the slow ones in the middle.
            let speed = (SLOWEST * SLOWEST - 2.0 * unit().ln() / (SPACE * SPACE)).sqrt();
            let (sin, cos) = (TAU * unit()).sin_cos();
            waves.along[bit] = (speed * cos * unit_phase).round() as i16;
            waves.across[bit] = (speed * sin * unit_phase).round() as i16;
            let normal = (-2.0 * unit().ln()).sqrt() * (TAU * unit()).cos();
            waves.around[bit] = (normal / DIRECTION).round() as i16;
            waves.start[bit] = (unit() * 65536.0) as u16 as i16;
        }
        waves
    }

    /// Codes of a template's minutiae, at most `most`, fullest and surest neighbourhood first.
    ///
    /// A neighbour counts by its quality to the power of 1.5, a place in the order by its square:
    /// of 1,452 pairs of real prints with a score of at least 60, 5 instead of 31 came after one
    /// in a hundred of other prints in the first stage, against codes that ask nothing about
    /// quality. Between powers of 1 and 2 it makes little difference.
    pub fn code(&self, template: &Template, most: usize) -> Vec<Coded> {
        let points: Vec<(f32, f32, f32)> =
            template.minutiae().iter().map(|m| m.in_pixels()).collect();
        let sure = |i: usize| {
            let quality = template.minutiae().get(i).map_or(0, |m| m.quality);
            (f32::from(quality) / 100.0).max(LEAST_QUALITY)
        };
        let counts: Vec<f32> = (0..points.len())
            .map(|i| sure(i) * sure(i).sqrt())
            .collect();
        let weight = |a: &(f32, f32, f32), b: &(f32, f32, f32)| {
            let (dx, dy) = (b.0 - a.0, b.1 - a.1);
            let left = 1.0 - (dx * dx + dy * dy) / (RADIUS * RADIUS);
            FULL * left.max(0.0)
        };
        let mut order: Vec<(i32, usize)> = points
            .iter()
            .enumerate()
            .filter_map(|(i, a)| {
                let (mut full, mut worth) = (0.0, 0.0);
                for (j, b) in points.iter().enumerate().filter(|(j, _)| *j != i) {
                    full += weight(a, b);
                    worth += weight(a, b) * counts[j];
                }
                let worth = (worth * sure(i) * sure(i)) as i32;
                (2.0 * full >= FULL).then_some((worth, i))
            })
            .collect();
        order.sort_unstable_by_key(|&(worth, i)| (Reverse(worth), i));
        order.truncate(most);
        let middle = middle(&points);
        order
            .iter()
            .map(|&(_, i)| {
                let me = &points[i];
                let (sin, cos) = me.2.sin_cos();
                let mut sums = [0i32; BITS];
                for (j, other) in points.iter().enumerate() {
                    let weight = (weight(me, other) * counts[j]) as i32;
                    if j == i || weight == 0 {
                        continue;
                    }
                    let unit = f32::from(UNITS);
                    let (dx, dy) = ((other.0 - me.0) * unit, (other.1 - me.1) * unit);
                    let along = (dx * cos + dy * sin).round() as i16;
                    let across = (dy * cos - dx * sin).round() as i16;
                    let around = phase(other.2 - me.2);
                    self.add(&mut sums, weight, along, across, around);
                }
                let mut code = [0u32; WORDS];
                for (word, sums) in code.iter_mut().zip(sums.as_chunks::<32>().0) {
                    for (bit, sum) in sums.iter().enumerate() {
                        *word |= u32::from(*sum > 0) << bit;
                    }
                }
                let step = |v: f32, middle: f32| ((v - middle) / STEP).round() as i8;
                Coded {
                    code,
                    direction: (phase(me.2) as u16 >> 8) as u8,
                    place: [step(me.0, middle.0), step(me.1, middle.1)],
                }
            })
            .collect()
    }

    /// Adds one neighbour's part to every wave. Whole numbers that wrap are turns for nothing,
    /// the same on every machine, and eight or more to an instruction.
    fn add(&self, sums: &mut [i32; BITS], weight: i32, along: i16, across: i16, around: i16) {
        for (bit, sum) in sums.iter_mut().enumerate() {
            let at = self.along[bit]
                .wrapping_mul(along)
                .wrapping_add(self.across[bit].wrapping_mul(across))
                .wrapping_add(self.around[bit].wrapping_mul(around))
                .wrapping_add(self.start[bit]);
            // Two parabolas are a sine to within a twentieth.
            let rest = i16::MAX - (at ^ (at >> 15));
            let wave = (i32::from(at) * i32::from(rest)) >> 16;
            *sum += wave * weight;
        }
    }
}

/// Middle of the box around all points.
fn middle(points: &[(f32, f32, f32)]) -> (f32, f32) {
    let ends = |of: fn(&(f32, f32, f32)) -> f32| {
        let low = points.iter().map(of).fold(f32::INFINITY, f32::min);
        let high = points.iter().map(of).fold(f32::NEG_INFINITY, f32::max);
        0.5 * (low + high)
    };
    (ends(|p| p.0), ends(|p| p.1))
}

/// An angle in 1/65536 turn.
fn phase(angle: f32) -> i16 {
    ((angle / TAU).rem_euclid(1.0) * 65536.0).round() as u32 as u16 as i16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finger::synth::background_template;

    #[test]
    fn every_bit_is_set_about_half_of_the_time() {
        let waves = Waves::new();
        let codes: Vec<Coded> = (0..200)
            .flat_map(|seed| waves.code(&background_template(seed), MOST))
            .collect();
        for bit in 0..BITS {
            let set = codes
                .iter()
                .filter(|c| c.code[bit / 32] >> (bit % 32) & 1 == 1)
                .count() as f32;
            let share = set / codes.len() as f32;
            assert!((0.2..0.8).contains(&share), "bit {bit}: {share}");
        }
    }
}
