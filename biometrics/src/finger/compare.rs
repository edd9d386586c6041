//! Two prepared prints to one score.
//!
//! Local first: every descriptor against every other gives the most alike pairs of minutiae.
//! Then global: the pairs that agree with each other on one rotation and shift form clusters
//! (the idea of local similarity sort with relaxation, Cappelli et al. 2010, and of spectral
//! matching, Leordeanu, Hebert, ICCV 2005); each of the best clusters gives an alignment, bent to
//! follow skin distortion, under which all minutiae are paired. The score is a weighted sum of
//! what speaks for and against one finger, in the manner of a log likelihood ratio.

use std::f32::consts::PI;

use super::descriptor::{LANES, Point, Prepared};
use super::template::RidgeMap;
use super::wide::Set;

/// Pairs of minutiae that take part in the search for an alignment: one bit each of a word.
const PAIRS: usize = 40;
/// Alignments tried at most.
const ALIGNMENTS: usize = 3;
/// Part of the first cluster's weight below which a cluster is not tried.
const LEAST_WEIGHT: f32 = 0.3;
/// Cosine of the largest difference of rotation between two consistent pairs (about 30°).
const SAME_TURN: f32 = 0.866;
/// Likeness below which a pair of minutiae is never considered.
const LEAST_ALIKE: f32 = 0.15;
/// Cosine of the largest difference of direction of two minutiae that are one (about 37°).
const SAME_DIRECTION: f32 = 0.8;
/// Distance within which aligned minutiae are one, before and after bending, in 1/500 inch.
const NEAR: [f32; 3] = [22.0, 17.0, 13.0];
/// How far along the skin a displacement carries, in 1/500 inch.
const BEND: f32 = 55.0;

/// Weights of the score, by logistic regression on all pairs of two sets of prints and of the same
/// prints made harder (twisted, dry, wet, cut, noisy); see `docs/fingerprints.md`. The scale is
/// free and was chosen so that scores are tens to hundreds.
///
/// For each pair of minutiae: how near the two are, times how alike their neighbourhoods are.
const NEIGHBOURHOOD: f32 = 8.0;
/// For each pair of minutiae: how near the two are, times how surely both are minutiae.
const PAIRED: f32 = 5.0;
/// For each minutia that the other print should have: how surely it is one.
const UNPAIRED: f32 = 2.6;
/// For ridges that run the same way throughout (the mean cosine of the doubled angle between).
const RIDGES: f32 = 13.0;
/// For the size of what both prints show: the root of the number of cells of 1/31 inch.
const OVERLAP: f32 = 1.7;
/// Minutiae alone, roughly aligned, below which an alignment is given up.
const HOPELESS: f32 = 0.0;
/// Weighted sums far below zero differ no more; one of zero is a score of 7.
const SOFT: f32 = 10.0;

/// How alike two prints are: 0 is nothing in common.
///
/// Not a probability. [`Tail`](super::Tail) says how rarely different fingers reach a score,
/// [`Policy`](super::Policy) what follows for a decision.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Score(pub f32);

/// Compares two prints. Any rotation and shift; deterministic, some tens of microseconds for two
/// different prints of ordinary size.
#[must_use]
pub fn compare(probe: &Prepared, candidate: &Prepared) -> Score {
    Matcher::default().score(probe, candidate)
}

/// A comparison with what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The score, the same as [`compare`] gives.
    pub score: Score,
    /// Minutiae taken for the same: their indices in the probe's and the candidate's template
    /// (of templates with at most 128 minutiae).
    pub pairs: Vec<(usize, usize)>,
}

/// Compares two prints and says which minutiae were paired, for an expert's eye.
#[must_use]
pub fn compare_in_detail(probe: &Prepared, candidate: &Prepared) -> Comparison {
    let mut matcher = Matcher::default();
    let (score, members) = matcher.best(probe, candidate);
    let mut pairs = Vec::new();
    if let Some(members) = members {
        // The working memory holds the last alignment tried, which need not be the best one.
        matcher.global(probe, candidate, members);
        pairs.extend(
            matcher
                .matched
                .iter()
                .map(|m| (usize::from(m.i), usize::from(m.j))),
        );
        pairs.sort_unstable();
    }
    Comparison { score, pairs }
}

/// The comparison with its working memory, for many comparisons in a row.
#[derive(Debug)]
pub(crate) struct Matcher {
    /// Likeness of minutia `i` of the probe and `j` of the candidate at `i * stride + j`.
    alike: Vec<f32>,
    stride: usize,
    best: Vec<(f32, u16, u16)>,
    pairs: Vec<Pair>,
    order: Vec<(f32, u16, u16)>,
    matched: Vec<Matched>,
    /// For each pair the pairs consistent with it, as bits.
    graph: [u64; PAIRS],
    set: Set,
}

/// Minutia `i` of the probe taken for minutia `j` of the candidate.
#[derive(Debug, Clone, Copy)]
struct Pair {
    i: u16,
    j: u16,
    alike: f32,
    a: (f32, f32),
    b: (f32, f32),
    /// Cosine and sine of the rotation from probe to candidate.
    cos: f32,
    sin: f32,
}

#[derive(Debug, Clone, Copy)]
struct Matched {
    i: u16,
    j: u16,
    /// What is left between the two after alignment.
    rest: (f32, f32),
    near: f32,
}

/// Rotation and shift from probe to candidate.
#[derive(Debug, Clone, Copy)]
struct Rigid {
    cos: f32,
    sin: f32,
    dx: f32,
    dy: f32,
}

impl Rigid {
    fn to(&self, x: f32, y: f32) -> (f32, f32) {
        (
            self.cos * x - self.sin * y + self.dx,
            self.sin * x + self.cos * y + self.dy,
        )
    }

    fn back(&self, x: f32, y: f32) -> (f32, f32) {
        let (x, y) = (x - self.dx, y - self.dy);
        (self.cos * x + self.sin * y, self.cos * y - self.sin * x)
    }

    /// Least squares over corresponding places (Umeyama 1991 without scale).
    fn fit(places: impl Iterator<Item = ((f32, f32), (f32, f32))> + Clone) -> Option<Self> {
        let (mut n, mut a, mut b) = (0.0f32, (0.0f32, 0.0f32), (0.0f32, 0.0f32));
        for (p, q) in places.clone() {
            n += 1.0;
            a = (a.0 + p.0, a.1 + p.1);
            b = (b.0 + q.0, b.1 + q.1);
        }
        if n < 2.0 {
            return None;
        }
        let (a, b) = ((a.0 / n, a.1 / n), (b.0 / n, b.1 / n));
        let (mut dot, mut cross) = (0.0f32, 0.0f32);
        for (p, q) in places {
            let (px, py, qx, qy) = (p.0 - a.0, p.1 - a.1, q.0 - b.0, q.1 - b.1);
            dot += px * qx + py * qy;
            cross += px * qy - py * qx;
        }
        let length = dot.hypot(cross);
        if length < 1e-3 {
            return None;
        }
        let (cos, sin) = (dot / length, cross / length);
        let dx = b.0 - (cos * a.0 - sin * a.1);
        let dy = b.1 - (sin * a.0 + cos * a.1);
        Some(Self { cos, sin, dx, dy })
    }
}

impl Default for Matcher {
    fn default() -> Self {
        Self::new(Set::widest())
    }
}

impl Matcher {
    /// One that compares with a given instruction set; the scores are the same with any.
    pub fn new(set: Set) -> Self {
        Self {
            alike: Vec::new(),
            stride: 0,
            best: Vec::new(),
            pairs: Vec::new(),
            order: Vec::new(),
            matched: Vec::new(),
            graph: [0; PAIRS],
            set,
        }
    }

    pub fn score(&mut self, probe: &Prepared, candidate: &Prepared) -> Score {
        self.best(probe, candidate).0
    }

    /// The best alignment's score, and the pairs it began with.
    fn best(&mut self, probe: &Prepared, candidate: &Prepared) -> (Score, Option<u64>) {
        self.local(probe, candidate);
        self.graph();
        let mut best = (f32::NEG_INFINITY, None);
        // One bit for each pair not yet part of an alignment that was tried.
        let mut left = self.pairs.iter().fold(0u64, |bits, _| bits << 1 | 1);
        let mut first = None;
        for _ in 0..ALIGNMENTS {
            let weights = self.weights(left);
            let top = (0..self.pairs.len())
                .filter(|&p| left >> p & 1 == 1)
                .max_by(|&p, &q| weights[p].total_cmp(&weights[q]).then(q.cmp(&p)));
            let Some(top) = top else { break };
            let members = self.graph[top] & left | 1 << top;
            let least = LEAST_WEIGHT * *first.get_or_insert(weights[top]);
            if members.count_ones() < 2 || weights[top] < least {
                break;
            }
            left &= !members;
            let sum = self.global(probe, candidate, members);
            if sum > best.0 {
                best = (sum, Some(members));
            }
        }
        // A soft floor: sums below zero keep their order, but a score is never negative.
        let t = best.0 / SOFT;
        let score = if t > 20.0 {
            best.0
        } else {
            SOFT * t.exp().ln_1p()
        };
        (Score(score), best.1)
    }

    /// The most alike pairs of minutiae, by descriptor alone.
    fn local(&mut self, probe: &Prepared, candidate: &Prepared) {
        let count = candidate.points.len();
        self.stride = candidate.blocks.len() * LANES;
        self.alike.clear();
        self.alike.resize(probe.points.len() * self.stride, 0.0);
        self.set.alike(probe, candidate, &mut self.alike);
        self.best.clear();
        let mut bar = LEAST_ALIKE;
        for i in 0..probe.points.len() {
            let row = &self.alike[i * self.stride..i * self.stride + count];
            for (j, &alike) in row.iter().enumerate() {
                if alike > bar {
                    self.best.push((alike, i as u16, j as u16));
                }
            }
            if self.best.len() > 4 * PAIRS {
                bar = keep_best(&mut self.best);
            }
        }
        keep_best(&mut self.best);
        self.pairs.clear();
        self.pairs
            .extend(self.best.iter().map(|found| pair(probe, candidate, *found)));
    }

    /// Which pairs can belong to one alignment.
    fn graph(&mut self) {
        self.graph = [0; PAIRS];
        for (p, a) in self.pairs.iter().enumerate() {
            for (q, b) in self.pairs.iter().enumerate().skip(p + 1) {
                if consistent(a, b) {
                    self.graph[p] |= 1 << q;
                    self.graph[q] |= 1 << p;
                }
            }
        }
    }

    /// For each pair the weight of the pairs consistent with it among `left`, themselves weighted
    /// by theirs: two steps towards the main eigenvector of the graph.
    fn weights(&self, left: u64) -> [f32; PAIRS] {
        let mut weights = [0.0f32; PAIRS];
        for (w, p) in weights.iter_mut().zip(&self.pairs) {
            *w = p.alike;
        }
        for _ in 0..2 {
            let before = weights;
            for (p, pair) in self.pairs.iter().enumerate() {
                let mut rest = self.graph[p] & left;
                let mut sum = before[p];
                while rest != 0 {
                    sum += before[rest.trailing_zeros() as usize];
                    rest &= rest - 1;
                }
                weights[p] = pair.alike * sum;
            }
        }
        weights
    }

    /// Weighted sum under the alignment that the chosen pairs agree on.
    fn global(&mut self, probe: &Prepared, candidate: &Prepared, members: u64) -> f32 {
        let chosen = self
            .pairs
            .iter()
            .enumerate()
            .filter(|(p, _)| members >> p & 1 == 1)
            .map(|(_, p)| (p.a, p.b));
        let Some(mut rigid) = Rigid::fit(chosen) else {
            return f32::NEG_INFINITY;
        };
        self.matched.clear();
        for near in NEAR {
            self.pair_up(probe, candidate, &rigid, near);
            let places = self.matched.iter().map(|m| {
                let (a, b) = (
                    &probe.points[usize::from(m.i)],
                    &candidate.points[usize::from(m.j)],
                );
                ((a.x, a.y), (b.x, b.y))
            });
            let Some(better) = Rigid::fit(places) else {
                return f32::NEG_INFINITY;
            };
            rigid = better;
            for m in &mut self.matched {
                let (a, b) = (
                    &probe.points[usize::from(m.i)],
                    &candidate.points[usize::from(m.j)],
                );
                let (x, y) = rigid.to(a.x, a.y);
                m.rest = (b.x - x, b.y - y);
            }
            // Most pairs of different fingers end here, at a third of the cost.
            if near == NEAR[0] {
                let rough = self.minutiae(probe, candidate, &rigid);
                if rough < HOPELESS {
                    return rough;
                }
            }
        }
        self.minutiae(probe, candidate, &rigid) + ridges(probe, candidate, &rigid)
    }

    /// Pairs aligned minutiae one to one, nearest first, following the displacements of the
    /// pairs found before.
    fn pair_up(&mut self, probe: &Prepared, candidate: &Prepared, rigid: &Rigid, near: f32) {
        self.order.clear();
        for (i, a) in probe.points.iter().enumerate() {
            let (mut x, mut y) = rigid.to(a.x, a.y);
            if !self.matched.is_empty() {
                let (bx, by) = self.bend(probe, a);
                x += bx;
                y += by;
            }
            let (ux, uy) = (
                rigid.cos * a.ux - rigid.sin * a.uy,
                rigid.sin * a.ux + rigid.cos * a.uy,
            );
            // Points are ordered by y, so the near ones are neighbours in the list.
            let first = candidate.points.partition_point(|b| b.y <= y - near);
            for (j, b) in candidate.points.iter().enumerate().skip(first) {
                let (dx, dy) = (b.x - x, b.y - y);
                if dy >= near {
                    break;
                }
                let square = dx * dx + dy * dy;
                let along = ux * b.ux + uy * b.uy;
                if square < near * near && along > SAME_DIRECTION {
                    let cost = square / (near * near) + 2.0 * (1.0 - along);
                    self.order.push((cost, i as u16, j as u16));
                }
            }
        }
        self.order
            .sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let (mut taken_a, mut taken_b) = ([false; 256], [false; 256]);
        self.matched.clear();
        for &(cost, i, j) in &self.order {
            let (a, b) = (
                &mut taken_a[usize::from(i) & 255],
                &mut taken_b[usize::from(j) & 255],
            );
            if !*a && !*b {
                (*a, *b) = (true, true);
                let near = (1.0 - 0.5 * cost).max(0.0);
                self.matched.push(Matched {
                    i,
                    j,
                    rest: (0.0, 0.0),
                    near,
                });
            }
        }
    }

    /// Displacement of the skin around a minutia: what its matched neighbours have left over.
    fn bend(&self, probe: &Prepared, at: &Point) -> (f32, f32) {
        let (mut sum, mut dx, mut dy) = (0.6f32, 0.0, 0.0);
        for m in &self.matched {
            let p = &probe.points[usize::from(m.i)];
            let square = (p.x - at.x).powi(2) + (p.y - at.y).powi(2);
            let t = (1.0 - square / (4.0 * BEND * BEND)).max(0.0);
            let weight = t * t;
            sum += weight;
            dx += weight * m.rest.0;
            dy += weight * m.rest.1;
        }
        (dx / sum, dy / sum)
    }

    /// What the minutiae say: those paired for, those that the other print should have against.
    fn minutiae(&self, probe: &Prepared, candidate: &Prepared, rigid: &Rigid) -> f32 {
        let (mut alike, mut paired) = (0.0, 0.0);
        for m in &self.matched {
            let (i, j) = (usize::from(m.i), usize::from(m.j));
            let both = probe.points[i].quality * candidate.points[j].quality;
            alike += m.near * self.alike[i * self.stride + j].max(0.0);
            paired += m.near * both.sqrt();
        }
        let expected_here: f32 = probe
            .points
            .iter()
            .filter(|p| {
                let (x, y) = rigid.to(p.x, p.y);
                candidate.map.at(x, y) != 0
            })
            .map(|p| p.quality)
            .sum();
        let expected_there: f32 = candidate
            .points
            .iter()
            .filter(|p| {
                let (x, y) = rigid.back(p.x, p.y);
                probe.map.at(x, y) != 0
            })
            .map(|p| p.quality)
            .sum();
        let unpaired = (expected_here - paired).max(0.0) + (expected_there - paired).max(0.0);
        NEIGHBOURHOOD * alike + PAIRED * paired - UNPAIRED * unpaired
    }
}

/// What the ridges say where both prints show some: how much that is, and whether they run the
/// same way.
fn ridges(probe: &Prepared, candidate: &Prepared, rigid: &Rigid) -> f32 {
    let steps = f32::from(RidgeMap::HALF_TURN);
    let turn = (rigid.sin.atan2(rigid.cos) / PI * steps).round() as i32;
    let (mut cells, mut sum) = (0.0f32, 0.0f32);
    for (x, y, cell) in probe.map.finger() {
        let (x, y) = rigid.to(x, y);
        let other = candidate.map.at(x, y);
        if other != 0 {
            let off = i32::from(cell) - i32::from(other) + turn;
            cells += 1.0;
            sum += COSINES[(off & i32::from(RidgeMap::HALF_TURN - 1)) as usize];
        }
    }
    let same = if probe.oriented && candidate.oriented {
        sum / cells.max(1.0)
    } else {
        0.0
    };
    RIDGES * same + OVERLAP * cells.sqrt()
}

/// Cosine of the doubled angle for each step of a map's orientations.
const COSINES: [f32; RidgeMap::HALF_TURN as usize] = {
    let mut table = [0.0; RidgeMap::HALF_TURN as usize];
    let mut i = 0;
    while i < table.len() {
        // From the nearest end of the half turn, so that few terms of the series are enough.
        let step = if i <= table.len() / 2 {
            i
        } else {
            table.len() - i
        };
        let x = 2.0 * std::f64::consts::PI * step as f64 / table.len() as f64;
        let (mut term, mut sum, mut n) = (1.0f64, 1.0f64, 0.0f64);
        while n < 24.0 {
            term *= -x * x / ((n + 1.0) * (n + 2.0));
            sum += term;
            n += 2.0;
        }
        table[i] = sum as f32;
        i += 1;
    }
    table
};

/// Keeps the [`PAIRS`] most alike; the likeness that a newcomer has to beat.
fn keep_best(best: &mut Vec<(f32, u16, u16)>) -> f32 {
    if best.len() < PAIRS {
        return LEAST_ALIKE;
    }
    let order = |a: &(f32, u16, u16), b: &(f32, u16, u16)| {
        b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2)))
    };
    let bar = best.select_nth_unstable_by(PAIRS - 1, order).1.0;
    best.truncate(PAIRS);
    bar
}

fn pair(probe: &Prepared, candidate: &Prepared, (alike, i, j): (f32, u16, u16)) -> Pair {
    let (a, b) = (
        &probe.points[usize::from(i)],
        &candidate.points[usize::from(j)],
    );
    Pair {
        i,
        j,
        alike,
        a: (a.x, a.y),
        b: (b.x, b.y),
        cos: a.ux * b.ux + a.uy * b.uy,
        sin: a.ux * b.uy - a.uy * b.ux,
    }
}

/// Whether two pairs can belong to one alignment, with room for distortion that grows with
/// their distance.
fn consistent(p: &Pair, q: &Pair) -> bool {
    let same = p.cos * q.cos + p.sin * q.sin;
    if same < SAME_TURN || p.i == q.i || p.j == q.j {
        return false;
    }
    // The mean rotation; the sum of two unit vectors is 2 + 2 cos(angle between) long, squared.
    let inverse = 1.0 / (2.0 + 2.0 * same).sqrt();
    let (cos, sin) = ((p.cos + q.cos) * inverse, (p.sin + q.sin) * inverse);
    let (ax, ay) = (q.a.0 - p.a.0, q.a.1 - p.a.1);
    let (bx, by) = (q.b.0 - p.b.0, q.b.1 - p.b.1);
    let ex = cos * ax - sin * ay - bx;
    let ey = sin * ax + cos * ay - by;
    ex * ex + ey * ey <= 80.0 + 0.03 * (ax * ax + ay * ay)
}
