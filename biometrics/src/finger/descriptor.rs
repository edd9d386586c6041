//! A template made ready for many comparisons.
//!
//! Each minutia carries a bit vector of what lies around it, seen in its own frame: the cylinder
//! of the Minutia Cylinder-Code in its binary form (Cappelli, Ferrara, Maltoni, IEEE PAMI 32(12),
//! 2010), with compact kernels instead of Gaussians.

use std::f32::consts::{PI, TAU};

use super::minutiae::turn;
use super::template::{Minutia, RidgeMap, Template};

/// Radius of the neighbourhood, in 1/500 inch.
const RADIUS: f32 = 75.0;
/// Cells along each side of the square around the neighbourhood; those whose middle lies within
/// the circle are the bits of a word.
const SIDE: usize = 8;
/// Direction bins: one word each.
pub(crate) const BINS: usize = 6;
/// Minutiae whose descriptors are compared side by side.
pub(crate) const LANES: usize = 8;
/// Reach of a neighbour's influence: in space (1/500 inch) and in direction (radians).
const SPACE: f32 = 22.0;
const DIRECTION: f32 = 1.25;
/// Influence from which a bit is set; 1 is a neighbour in the middle of the cell.
const LEVEL: f32 = 0.30;
/// Neighbours without which a descriptor says nothing.
const LEAST_NEIGHBOURS: usize = 2;
/// Minutiae compared at most; the best are taken. Bounds the time a hostile template can cost.
const MOST: usize = 128;
/// Cells that two descriptors must both be able to speak about.
const LEAST_SHARED: u64 = 16;
/// Added to what either has: the fewer bits a likeness rests on, the less it is worth.
const PRIOR: f32 = 1.0;
/// How far beyond the outermost minutiae a print still has a say, in 1/500 inch.
const HULL: f32 = 20.0;
/// How far beyond them the finger is taken to go on where no map says so.
const MAP_HULL: f32 = 6.0;

/// What lies around a minutia: for each bin of direction the cells in which a neighbour of that
/// direction lies, and the cells about which the print can say something at all.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Descriptor {
    pub bins: [u64; BINS],
    pub valid: u64,
}

/// Descriptors of [`LANES`] minutiae, word by word.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Block {
    pub bins: [[u64; LANES]; BINS],
    pub valid: [u64; LANES],
}

/// A template prepared for [`compare`](super::compare()): local descriptors, unit directions and
/// the map of the ridges. Building one takes well under a millisecond and is done once at
/// enrolment and once for a probe.
#[derive(Clone)]
pub struct Prepared {
    /// In the template's order: from top to bottom.
    pub(crate) points: Vec<Point>,
    /// Descriptors, [`LANES`] minutiae to a block; zeros where there is nothing to say.
    pub(crate) blocks: Vec<Block>,
    /// Where the finger is; orientations only if `oriented`.
    pub(crate) map: RidgeMap,
    pub(crate) oriented: bool,
}

/// A minutia in the plane with y down, its direction as a unit vector.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Point {
    pub x: f32,
    pub y: f32,
    pub ux: f32,
    pub uy: f32,
    /// 0 to 1.
    pub quality: f32,
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
        let chosen = chosen(template);
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
                    quality: f32::from(m.quality) / 100.0,
                }
            })
            .collect();
        let count = points.len();
        let outline = outline(&points);
        let mut blocks = vec![Block::default(); count.div_ceil(LANES)];
        for i in 0..count {
            if let Some(found) = describe(&points, &angles, i, &outline) {
                let block = &mut blocks[i / LANES];
                for (words, word) in block.bins.iter_mut().zip(found.bins) {
                    words[i % LANES] = word;
                }
                block.valid[i % LANES] = found.valid;
            }
        }
        let oriented = !template.map().is_empty();
        let map = if oriented {
            template.map().clone()
        } else {
            RidgeMap::of(
                usize::from(template.width()),
                usize::from(template.height()),
                |x, y| covers(&outline, x, y, MAP_HULL).then_some(0.0),
            )
        };
        Self {
            points,
            blocks,
            map,
            oriented,
        }
    }

    /// The descriptor of one minutia.
    pub(crate) fn descriptor(&self, i: usize) -> Descriptor {
        let block = &self.blocks[i / LANES];
        Descriptor {
            bins: std::array::from_fn(|b| block.bins[b][i % LANES]),
            valid: block.valid[i % LANES],
        }
    }
}

/// The template's minutiae, of too many the best ones; among equals (records of other makers
/// often say nothing of quality) those in the middle.
fn chosen(template: &Template) -> Vec<Minutia> {
    let mut chosen = template.minutiae().to_vec();
    if chosen.len() > MOST {
        let count = chosen.len() as i64;
        let mean = |at: fn(&Minutia) -> u16| {
            template
                .minutiae()
                .iter()
                .map(|m| i64::from(at(m)))
                .sum::<i64>()
                / count
        };
        let (x, y) = (mean(|m| m.x), mean(|m| m.y));
        chosen.sort_by_key(|m| {
            let off = (i64::from(m.x) - x).pow(2) + (i64::from(m.y) - y).pow(2);
            (std::cmp::Reverse(m.quality), off, m.y, m.x)
        });
        chosen.truncate(MOST);
        chosen.sort_by_key(|m| (m.y, m.x));
    }
    chosen
}

fn covers(outline: &[Edge], x: f32, y: f32, margin: f32) -> bool {
    outline
        .iter()
        .all(|e| e.nx * x + e.ny * y <= e.offset + margin)
}

/// The descriptor of minutia `i`; `None` when it has too few neighbours.
fn describe(points: &[Point], angles: &[f32], i: usize, outline: &[Edge]) -> Option<Descriptor> {
    let me = &points[i];
    // A whole register of direction bins, of which the last ones stay empty.
    let mut sums = [[[0.0f32; LANES]; SIDE]; SIDE];
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
        let mut by_bin = [0.0f32; LANES];
        for (k, weight) in by_bin.iter_mut().enumerate().take(BINS) {
            let centre = -PI + (k as f32 + 0.5) * TAU / BINS as f32;
            *weight = bump(turn(centre, relative), DIRECTION);
        }
        let by_column: [f32; SIDE] = std::array::from_fn(|c| bump(lx - middle(c), SPACE));
        let by_row: [f32; SIDE] = std::array::from_fn(|r| bump(ly - middle(r), SPACE));
        for (row, wy) in sums.iter_mut().zip(by_row).filter(|(_, wy)| *wy > 0.0) {
            for (bins, wx) in row.iter_mut().zip(by_column).filter(|(_, wx)| *wx > 0.0) {
                let weight = wy * wx;
                for (sum, wd) in bins.iter_mut().zip(by_bin) {
                    *sum += weight * wd;
                }
            }
        }
    }
    if neighbours < LEAST_NEIGHBOURS {
        return None;
    }
    let covered = covered(me, outline);
    let mut out = Descriptor::default();
    let mut bit = 0;
    for (r, row) in sums.iter().enumerate() {
        for (c, bins) in row.iter().enumerate() {
            let (x, y) = (middle(c), middle(r));
            if x * x + y * y > RADIUS * RADIUS {
                continue;
            }
            out.valid |= u64::from(covered[r][c]) << bit;
            for (word, sum) in out.bins.iter_mut().zip(bins) {
                *word |= u64::from(*sum > LEVEL) << bit;
            }
            bit += 1;
        }
    }
    Some(out)
}

/// Middle of a cell along one axis, from the minutia.
fn middle(cell: usize) -> f32 {
    (cell as f32 + 0.5) * (2.0 * RADIUS / SIDE as f32) - RADIUS
}

/// The cells around a minutia about which the print has a say.
fn covered(me: &Point, outline: &[Edge]) -> [[bool; SIDE]; SIDE] {
    let mut covered = [[true; SIDE]; SIDE];
    for e in outline {
        let limit = e.offset + HULL;
        // Most edges are too far away to cut anything off, with a pixel to spare for rounding.
        if e.nx * me.x + e.ny * me.y + RADIUS + 1.0 <= limit {
            continue;
        }
        for (r, row) in covered.iter_mut().enumerate() {
            let y = middle(r);
            for (c, covered) in row.iter_mut().enumerate() {
                let x = middle(c);
                let (wx, wy) = (me.x + x * me.ux - y * me.uy, me.y + x * me.uy + y * me.ux);
                *covered &= e.nx * wx + e.ny * wy <= limit;
            }
        }
    }
    covered
}

/// Likeness of minutia `i` of the probe and `j` of the candidate, at `i * stride + j` where the
/// stride is the candidate's number of lanes; rows of minutiae without a descriptor stay as they
/// are.
#[inline(always)]
pub(crate) fn rows(probe: &Prepared, candidate: &Prepared, out: &mut [f32]) {
    let stride = (candidate.blocks.len() * LANES).max(1);
    for (i, row) in out.chunks_exact_mut(stride).enumerate() {
        let mine = probe.descriptor(i);
        if mine.valid != 0 {
            let row = row.as_chunks_mut::<LANES>().0.iter_mut();
            for (out, block) in row.zip(&candidate.blocks) {
                *out = alike(&mine, block);
            }
        }
    }
}

/// Likeness of a descriptor and each of a block's: twice what both have over what either has
/// (Dice), counted where both can say something; -1 where they share too little.
#[inline(always)]
fn alike(mine: &Descriptor, block: &Block) -> [f32; LANES] {
    let mut out = [0.0; LANES];
    let (mut both, mut off, mut area) = ([0u64; LANES], [0u64; LANES], [0u64; LANES]);
    let mut valid = [0u64; LANES];
    for l in 0..LANES {
        valid[l] = mine.valid & block.valid[l];
        area[l] = u64::from(valid[l].count_ones());
    }
    for (mine, theirs) in mine.bins.iter().zip(&block.bins) {
        for l in 0..LANES {
            both[l] += u64::from((mine & theirs[l] & valid[l]).count_ones());
            off[l] += u64::from(((mine ^ theirs[l]) & valid[l]).count_ones());
        }
    }
    for l in 0..LANES {
        let twice = 2.0 * both[l] as f32;
        let all = twice + off[l] as f32;
        out[l] = if area[l] >= LEAST_SHARED {
            twice / (all + PRIOR)
        } else {
            -1.0
        };
    }
    out
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
