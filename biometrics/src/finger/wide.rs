//! The innermost loops of a search and of a comparison, compiled for several instruction sets.
//!
//! Bodies of plain safe code; the compiler makes vector instructions of it, as wide as the
//! target allows. The results are the same by construction. On x86-64 the widest set that the
//! processor has is chosen; everywhere else, also on arm64, whose baseline
//! already counts bits in vectors, there is only the plain one.
//!
//! Calling a function compiled for more than the baseline is the one thing in this crate that the
//! compiler cannot check. It is worth it: see `docs/fingerprint-search.md` for the measurement.

#![allow(unsafe_code)]

use super::code::WORDS;
use super::descriptor::{self, Prepared};
use super::enhance::Bank;
use super::plane::Plane;

/// Codes of a probe at most, in blocks of the widest vector.
pub(crate) const LANES: usize = 48;
const BLOCK: usize = 16;
const BLOCKS: usize = LANES / BLOCK;
/// Rotations told apart by the vote.
const TURNS: usize = 32;
/// Distance of unrelated codes: half of the bits.
const UNRELATED: u32 = 16 * WORDS as u32;

/// Codes of a probe, turned on their side: lane `l` of word `w` is at `[l / 16][w][l % 16]`.
/// Lanes from `count` on have no code and do not vote.
#[derive(Debug, Clone)]
pub(crate) struct Sideways {
    pub words: [[[u32; BLOCK]; WORDS]; BLOCKS],
    /// Directions in 1/256 turn.
    pub directions: [u8; LANES],
    pub count: usize,
}

/// For each lane of a probe the nearest code of a print: bits of distance times 65536, and which.
pub(crate) type Nearest = [u32; LANES];

/// An instruction set that this processor has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Set(Which);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Plain,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Set {
    /// What every processor of the target has.
    pub const PLAIN: Self = Self(Which::Plain);

    /// The widest that this processor has.
    pub fn widest() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512vpopcntdq")
                && is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("popcnt")
            {
                return Self(Which::Avx512);
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt") {
                return Self(Which::Avx2);
            }
        }
        Self::PLAIN
    }

    /// Finds the nearest code for each lane.
    pub fn nearest(self, probe: &Sideways, codes: &[[u32; WORDS]]) -> Nearest {
        match self.0 {
            Which::Plain => nearest(probe, codes),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: only `widest` makes a set other than the plain one, and it has asked the
            // processor for all of its features.
            Which::Avx2 => unsafe { x86::nearest_avx2(probe, codes) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Which::Avx512 => unsafe { x86::nearest_avx512(probe, codes) },
        }
    }

    /// Likeness of every minutia of the probe and every minutia of the candidate: see
    /// [`descriptor::rows`].
    pub fn alike(self, probe: &Prepared, candidate: &Prepared, out: &mut [f32]) {
        match self.0 {
            Which::Plain => descriptor::rows(probe, candidate, out),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Which::Avx2 => unsafe { x86::alike_avx2(probe, candidate, out) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Which::Avx512 => unsafe { x86::alike_avx512(probe, candidate, out) },
        }
    }

    /// Filters a picture: see [`Bank::apply`].
    pub fn filter(self, bank: &Bank, padded: &[f32], choice: &[Option<u16>], out: &mut Plane) {
        match self.0 {
            Which::Plain => bank.filter(padded, choice, out),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above. Eight floats are one vector of the smaller set already.
            Which::Avx2 | Which::Avx512 => unsafe { x86::filter_avx2(bank, padded, choice, out) },
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{Bank, Nearest, Plane, Prepared, Sideways, WORDS, descriptor, nearest};

    #[target_feature(enable = "avx2,popcnt")]
    pub fn nearest_avx2(probe: &Sideways, codes: &[[u32; WORDS]]) -> Nearest {
        nearest(probe, codes)
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vpopcntdq")]
    pub fn nearest_avx512(probe: &Sideways, codes: &[[u32; WORDS]]) -> Nearest {
        nearest(probe, codes)
    }

    #[target_feature(enable = "avx2,popcnt")]
    pub fn filter_avx2(bank: &Bank, padded: &[f32], choice: &[Option<u16>], out: &mut Plane) {
        bank.filter(padded, choice, out);
    }

    #[target_feature(enable = "avx2,popcnt")]
    pub fn alike_avx2(probe: &Prepared, candidate: &Prepared, out: &mut [f32]) {
        descriptor::rows(probe, candidate, out);
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vpopcntdq")]
    pub fn alike_avx512(probe: &Prepared, candidate: &Prepared, out: &mut [f32]) {
        descriptor::rows(probe, candidate, out);
    }
}

#[inline(always)]
fn nearest(probe: &Sideways, codes: &[[u32; WORDS]]) -> Nearest {
    let mut all = [u32::MAX; LANES];
    let blocks = all.as_chunks_mut::<BLOCK>().0.iter_mut();
    let blocks = blocks.take(probe.count.div_ceil(BLOCK));
    for (best, words) in blocks.zip(&probe.words) {
        for (which, code) in codes.iter().enumerate() {
            for lane in 0..BLOCK {
                // Wrapping, though nothing wraps: a checked sum would keep test builds from
                // using vectors.
                let mut off = 0u32;
                for (word, theirs) in words.iter().zip(code) {
                    off = off.wrapping_add((word[lane] ^ theirs).count_ones());
                }
                best[lane] = best[lane].min(off << 16 | which as u32);
            }
        }
    }
    all
}

/// How much a nearest code at this distance says: the square of what it is nearer than unrelated
/// ones.
pub(crate) fn worth(distance: u32) -> u32 {
    UNRELATED.saturating_sub(distance).pow(2)
}

/// The largest weight of nearest codes that agree on a rotation to within about a twentieth of a
/// turn: the first stage's score.
pub(crate) fn vote(probe: &Sideways, nearest: &Nearest, directions: &[u8]) -> u32 {
    let mut turns = [0u32; TURNS];
    for (&found, &mine) in nearest.iter().zip(&probe.directions).take(probe.count) {
        let Some(&theirs) = directions.get((found & 0xffff) as usize) else {
            continue;
        };
        let turn = usize::from(theirs.wrapping_sub(mine)) * TURNS / 256;
        turns[turn % TURNS] += worth(found >> 16);
    }
    let at = |turn: usize| turns[turn % TURNS];
    (TURNS..2 * TURNS)
        .map(|t| at(t - 2) + 2 * (at(t - 1) + at(t) + at(t + 1)) + at(t + 2))
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finger::template::{Kind, Minutia, Template};

    /// Numbers without a pattern, the same at every run.
    fn noise(seed: u32) -> impl FnMut() -> f32 {
        let mut state = seed;
        move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32
        }
    }

    fn print(seed: u32, count: u16) -> Prepared {
        let mut unit = noise(seed);
        let minutiae = (0..count).map(|_| Minutia {
            x: (1200.0 * unit()) as u16,
            y: (1600.0 * unit()) as u16,
            direction: (65535.0 * unit()) as u16,
            kind: Kind::Ending,
            quality: (100.0 * unit()) as u8,
        });
        Prepared::new(&Template::from_checked(300, 400, minutiae.collect()))
    }

    #[test]
    fn every_instruction_set_finds_the_same_likeness_to_the_bit() {
        for (a, b) in [(60, 43), (8, 1), (17, 128)] {
            let (probe, candidate) = (print(1, a), print(2, b));
            let size = probe.points.len() * candidate.blocks.len() * descriptor::LANES;
            let of = |set: Set| {
                let mut out = vec![0.0f32; size];
                set.alike(&probe, &candidate, &mut out);
                out.iter().map(|v| v.to_bits()).collect::<Vec<_>>()
            };
            assert_eq!(of(Set::PLAIN), of(Set::widest()));
            assert!(of(Set::PLAIN).iter().any(|v| *v != 0));
        }
    }

    #[test]
    fn every_instruction_set_filters_the_same_to_the_bit() {
        let mut unit = noise(3);
        let (w, h) = (61, 37);
        let mut picture = Plane::new(w, h);
        picture.v.fill_with(|| unit() - 0.5);
        let choice: Vec<Option<u16>> = (0..w * h)
            .map(|i| (i % 7 != 0).then(|| Bank::index(0.01 * i as f32, 9.0)))
            .collect();
        let bank = Bank::new(1.0, 0.42, 0.5);
        let of = |set: Set| {
            let out = bank.apply_by(set, &picture, &choice);
            out.v.iter().map(|v| v.to_bits()).collect::<Vec<_>>()
        };
        assert_eq!(of(Set::PLAIN), of(Set::widest()));
        assert!(of(Set::PLAIN).iter().any(|v| *v != 0));
    }

    #[test]
    fn every_instruction_set_finds_the_first_nearest_code() {
        let mut state = 1u32;
        let mut word = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // Few different words, so that distances are often equal.
            (state >> 30).wrapping_mul(0x1357_9bdf)
        };
        let codes: Vec<[u32; WORDS]> = (0..40).map(|_| std::array::from_fn(|_| word())).collect();
        let mut probe = Sideways {
            words: [[[0; BLOCK]; WORDS]; BLOCKS],
            directions: [0; LANES],
            count: LANES,
        };
        for lane in probe.words.as_flattened_mut().as_flattened_mut() {
            *lane = word();
        }
        let expected: Nearest = std::array::from_fn(|lane| {
            let distance = |code: &[u32; WORDS]| -> u32 {
                let words = probe.words[lane / BLOCK].iter().zip(code);
                words
                    .map(|(mine, theirs)| (mine[lane % BLOCK] ^ theirs).count_ones())
                    .sum()
            };
            let all = codes.iter().enumerate();
            all.map(|(which, code)| distance(code) << 16 | which as u32)
                .min()
                .unwrap_or(u32::MAX)
        });
        for set in [Set::PLAIN, Set::widest()] {
            assert_eq!(set.nearest(&probe, &codes), expected, "{set:?}");
            assert_eq!(set.nearest(&probe, &[]), [u32::MAX; LANES]);
        }
    }
}
