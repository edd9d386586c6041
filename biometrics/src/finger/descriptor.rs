//! A template made ready for many comparisons.
//!
//! Each minutia carries a bit vector of what lies around it, seen in its own frame: the cylinder
//! of the Minutia Cylinder-Code in its binary form (Cappelli, Ferrara, Maltoni, IEEE PAMI 32(12),
//! 2010), with compact kernels instead of Gaussians.

use std::f32::consts::{PI, TAU};

use super::minutiae::turn;
use super::template::Template;

/// Radius of the neighbourhood, in 1/500 inch.
const RADIUS: f32 = 75.0;
/// Cells along each side of the square around the neighbourhood.
const SIDE: usize = 9;
/// Direction bins.
const BINS: usize = 6;
/// Words of 64 bits of a descriptor.
pub(crate) const WORDS: usize = 7;
/// Minutiae whose descriptors are compared side by side.
pub(crate) const LANES: usize = 4;
/// Word `w` of minutia `i` is at `[w][i % LANES]` of block `i / LANES`.
pub(crate) type Block = [[u64; LANES]; WORDS];
/// Reach of a neighbour's influence: in space (1/500 inch) and in direction (radians).
const SPACE: f32 = 26.0;
const DIRECTION: f32 = 1.25;
/// Influence from which a bit is set; 1 is a neighbour in the middle of the cell.
const LEVEL: f32 = 0.30;
/// Neighbours without which a descriptor says nothing.
const LEAST_NEIGHBOURS: usize = 3;
/// Minutiae compared at most; the best are taken. Bounds the time a hostile template can cost.
const MOST: usize = 128;

/// A template prepared for [`compare`](super::compare()): local descriptors, unit directions and
/// the outline of the print. Building one takes well under a millisecond and is done once at
/// enrolment and once for a probe.
#[derive(Clone)]
pub struct Prepared {
    /// In the template's order: from top to bottom.
    pub(crate) points: Vec<Point>,
    /// Descriptors, [`LANES`] minutiae to a block; the last block is filled up with zeros.
    pub(crate) blocks: Vec<Block>,
    /// Set bits of each descriptor; 0 marks one that says nothing.
    pub(crate) ones: Vec<f32>,
    /// Convex outline, as half planes.
    outline: Vec<Edge>,
}

/// A minutia in the plane with y down, its direction as a unit vector.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Point {
    pub x: f32,
    pub y: f32,
    pub ux: f32,
    pub uy: f32,
}

#[derive(Debug, Clone, Copy)]
struct Edge {
    nx: f32,
    ny: f32,
    offset: f32,
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Prepared({} minutiae)", self.points.len())
    }
}

impl Prepared {
    /// Prepares a template.
    #[must_use]
    pub fn new(template: &Template) -> Self {
        let mut chosen: Vec<_> = template.minutiae().to_vec();
        if chosen.len() > MOST {
            chosen.sort_by_key(|m| (std::cmp::Reverse(m.quality), m.y, m.x));
            chosen.truncate(MOST);
            chosen.sort_by_key(|m| (m.y, m.x));
        }
        let angles: Vec<f32> = chosen.iter().map(|m| m.in_pixels().2).collect();
        let points: Vec<Point> = chosen
            .iter()
            .zip(&angles)
            .map(|(m, a)| {
                let (x, y, _) = m.in_pixels();
                Point {
                    x,
                    y,
                    ux: a.cos(),
                    uy: a.sin(),
                }
            })
            .collect();
        let count = points.len();
        let mut blocks = vec![[[0u64; LANES]; WORDS]; count.div_ceil(LANES)];
        let mut ones = vec![0.0f32; count.next_multiple_of(LANES)];
        for i in 0..count {
            if let Some(bits) = describe(&points, &angles, i) {
                ones[i] = bits.iter().map(|w| w.count_ones()).sum::<u32>() as f32;
                let block = &mut blocks[i / LANES];
                block
                    .iter_mut()
                    .zip(bits)
                    .for_each(|(words, word)| words[i % LANES] = word);
            }
        }
        let outline = outline(&points);
        Self {
            points,
            blocks,
            ones,
            outline,
        }
    }

    /// The descriptor of one minutia.
    pub(crate) fn descriptor(&self, i: usize) -> [u64; WORDS] {
        let block = &self.blocks[i / LANES];
        std::array::from_fn(|w| block[w][i % LANES])
    }

    /// Whether a place is inside the convex outline widened by `margin`.
    pub(crate) fn covers(&self, x: f32, y: f32, margin: f32) -> bool {
        self.outline
            .iter()
            .all(|e| e.nx * x + e.ny * y <= e.offset + margin)
    }
}

/// The descriptor of minutia `i`; `None` when it has too few neighbours.
fn describe(points: &[Point], angles: &[f32], i: usize) -> Option<[u64; WORDS]> {
    let me = &points[i];
    let cell = 2.0 * RADIUS / SIDE as f32;
    let mut sums = [[[0.0f32; BINS]; SIDE]; SIDE];
    let mut neighbours = 0;
    for (j, other) in points.iter().enumerate() {
        let (dx, dy) = (other.x - me.x, other.y - me.y);
        let reach = RADIUS + SPACE;
        if j == i || dx * dx + dy * dy > reach * reach {
            continue;
        }
        neighbours += usize::from(dx * dx + dy * dy <= RADIUS * RADIUS);
        let (lx, ly) = (dx * me.ux + dy * me.uy, dy * me.ux - dx * me.uy);
        let relative = turn(angles[i], angles[j]);
        let by_bin: [f32; BINS] = std::array::from_fn(|k| {
            let centre = -PI + (k as f32 + 0.5) * TAU / BINS as f32;
            bump(turn(centre, relative), DIRECTION)
        });
        let by_column: [f32; SIDE] =
            std::array::from_fn(|c| bump(lx - ((c as f32 + 0.5) * cell - RADIUS), SPACE));
        let by_row: [f32; SIDE] =
            std::array::from_fn(|r| bump(ly - ((r as f32 + 0.5) * cell - RADIUS), SPACE));
        for (row, wy) in sums.iter_mut().zip(by_row).filter(|(_, wy)| *wy > 0.0) {
            for (bins, wx) in row.iter_mut().zip(by_column).filter(|(_, wx)| *wx > 0.0) {
                for (sum, wd) in bins.iter_mut().zip(by_bin) {
                    *sum += wy * wx * wd;
                }
            }
        }
    }
    if neighbours < LEAST_NEIGHBOURS {
        return None;
    }
    let mut bits = [0u64; WORDS];
    let mut next = 0;
    for (r, row) in sums.iter().enumerate() {
        for (c, bins) in row.iter().enumerate() {
            let x = (c as f32 + 0.5) * cell - RADIUS;
            let y = (r as f32 + 0.5) * cell - RADIUS;
            if x * x + y * y > RADIUS * RADIUS {
                continue;
            }
            for sum in bins {
                if let Some(word) = bits.get_mut(next / 64).filter(|_| *sum > LEVEL) {
                    *word |= 1 << (next % 64);
                }
                next += 1;
            }
        }
    }
    Some(bits)
}

/// Differing bits of a descriptor and each of a block's.
///
/// Written for machines without a vector popcount: carry-save adders first fold the seven words
/// into three of weight one, two and four (Harley, Seal; in Warren, Hacker's Delight, 2nd ed.,
/// section 5-1), so that only three words are counted instead of seven.
#[inline]
pub(crate) fn differing(mine: &[u64; WORDS], block: &Block) -> [i32; LANES] {
    const PAIRS: u64 = 0x5555_5555_5555_5555;
    const NIBBLES: u64 = 0x3333_3333_3333_3333;
    const BYTES: u64 = 0x0f0f_0f0f_0f0f_0f0f;
    const WORD_LOWS: u64 = 0x00ff_00ff_00ff_00ff;
    let add = |a: u64, b: u64, c: u64| {
        let half = a ^ b;
        (half ^ c, (a & b) | (half & c))
    };
    // Wrapping, though nothing wraps: a checked sum would keep test builds from using vectors.
    let nibbles = |x: u64| {
        let x = x.wrapping_sub((x >> 1) & PAIRS);
        (x & NIBBLES).wrapping_add((x >> 2) & NIBBLES)
    };
    let mut counts = [0i32; LANES];
    for (lane, count) in counts.iter_mut().enumerate() {
        let x = |w: usize| mine[w] ^ block[w][lane];
        let (one_a, two_a) = add(x(0), x(1), x(2));
        let (one_b, two_b) = add(x(3), x(4), x(5));
        let (ones, two_c) = add(one_a, one_b, x(6));
        let (twos, fours) = add(two_a, two_b, two_c);
        // At most 4 + 2 * 4 in a nibble, then 4 * 8 + 24 in a byte: no sum overflows its field.
        let low = nibbles(ones).wrapping_add(nibbles(twos) << 1);
        let high = nibbles(fours);
        let low = (low & BYTES).wrapping_add((low >> 4) & BYTES);
        let high = (high & BYTES).wrapping_add((high >> 4) & BYTES);
        let bytes = low.wrapping_add(high << 2);
        let words = (bytes & WORD_LOWS).wrapping_add((bytes >> 8) & WORD_LOWS);
        let halves = words.wrapping_add(words >> 16);
        *count = (halves.wrapping_add(halves >> 32) & 0x3ff) as i32;
    }
    counts
}

/// Smooth bump of height 1 that is zero from `reach` on.
fn bump(distance: f32, reach: f32) -> f32 {
    let t = distance / reach;
    let rest = (1.0 - t * t).max(0.0);
    rest * rest
}

/// Convex hull (Andrew's monotone chain) as outward half planes.
fn outline(points: &[Point]) -> Vec<Edge> {
    let mut sorted: Vec<(f32, f32)> = points.iter().map(|p| (p.x, p.y)).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let cross = |o: (f32, f32), a: (f32, f32), b: (f32, f32)| {
        (a.0 - o.0) * (b.1 - o.1) - (a.1 - o.1) * (b.0 - o.0)
    };
    let half = |points: &mut dyn Iterator<Item = (f32, f32)>| {
        let mut chain: Vec<(f32, f32)> = Vec::new();
        for p in points {
            while let [.., a, b] = chain[..] {
                if cross(a, b, p) > 0.0 {
                    break;
                }
                chain.pop();
            }
            chain.push(p);
        }
        chain.pop();
        chain
    };
    let mut hull = half(&mut sorted.iter().copied());
    hull.extend(half(&mut sorted.iter().rev().copied()));
    let next = hull.iter().cycle().skip(1);
    hull.iter()
        .zip(next)
        .filter_map(|(a, b)| {
            let (dx, dy) = (b.0 - a.0, b.1 - a.1);
            let length = dx.hypot(dy);
            (length > 0.0).then(|| {
                let (nx, ny) = (dy / length, -dx / length);
                Edge {
                    nx,
                    ny,
                    offset: nx * a.0 + ny * a.1,
                }
            })
        })
        .collect()
}
