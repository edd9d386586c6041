//! Two prepared prints to one score.
//!
//! Local first: every descriptor against every other gives the most alike pairs of minutiae.
//! Then global: the pairs that agree on one rotation and shift are found by mutual consistency
//! (the idea of local similarity sort with relaxation, Cappelli et al. 2010), the alignment is
//! fitted to them, bent to follow skin distortion, and all minutiae are paired under it.

use super::descriptor::{LANES, Point, Prepared, alike};

/// Pairs of minutiae that take part in the search for an alignment.
const PAIRS: usize = 64;
/// Cosine of the largest difference of rotation between two consistent pairs (about 30°).
const SAME_TURN: f32 = 0.866;
/// Likeness below which a pair of minutiae is never considered.
const LEAST_ALIKE: f32 = 0.15;
/// Cosine of the largest difference of direction of two minutiae that are one (about 37°).
const SAME_DIRECTION: f32 = 0.8;
/// Distance within which aligned minutiae are one, before and after bending, in 1/500 inch.
const NEAR: [f32; 3] = [18.0, 14.0, 12.0];
/// Score under the roughest alignment below which a finer one is not tried.
const HOPELESS: f32 = 0.0;
/// How far along the skin a displacement carries, in 1/500 inch.
const BEND: f32 = 55.0;

/// How alike two prints are: 0 is nothing in common.
///
/// Not a probability. See [`Policy`](super::Policy) for what the values mean for a decision: its
/// default thresholds were set from measured scores of different fingers.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Score(pub f32);

/// Compares two prints. Any rotation and shift; deterministic, some tens of microseconds for two
/// different prints of ordinary size.
#[must_use]
pub fn compare(probe: &Prepared, candidate: &Prepared) -> Score {
    Matcher::default().score(probe, candidate)
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
    features: [f32; NF],
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
        Self {
            alike: Vec::new(),
            stride: 0,
            best: Vec::new(),
            pairs: Vec::new(),
            order: Vec::new(),
            matched: Vec::new(),
            graph: [0; PAIRS],
            features: [0.0; NF],
        }
    }
}

impl Matcher {
    pub fn score(&mut self, probe: &Prepared, candidate: &Prepared) -> Score {
        self.local(probe, candidate);
        self.graph();
        let mut best = 0.0f32;
        let mut left = self
            .pairs
            .len()
            .checked_sub(1)
            .map_or(0, |n| u64::MAX >> (63 - n));
        let mut first = 0.0;
        for round in 0..p!("HYPS", 4.0) as usize {
            let support = self.support(left);
            let top = (0..self.pairs.len())
                .filter(|&p| left >> p & 1 == 1)
                .max_by(|&p, &q| support[p].total_cmp(&support[q]).then(q.cmp(&p)));
            let Some(top) = top else { break };
            let members = self.graph[top] & left | 1 << top;
            if round == 0 {
                first = support[top];
            }
            if members.count_ones() < 2 || support[top] < p!("REL", 0.3) * first {
                break;
            }
            left &= !members;
            best = best.max(self.global(probe, candidate, members));
        }
        Score(best)
    }

    /// The most alike pairs of minutiae, by descriptor alone.
    fn local(&mut self, probe: &Prepared, candidate: &Prepared) {
        let count = candidate.points.len();
        let stride = candidate.blocks.len() * LANES;
        self.stride = stride;
        self.alike.clear();
        self.alike.resize(probe.points.len() * stride, 0.0);
        self.best.clear();
        let mut bar = p!("LEAST", LEAST_ALIKE);
        for i in 0..probe.points.len() {
            let mine = probe.descriptor(i);
            let row = &mut self.alike[i * stride..(i + 1) * stride];
            if mine.valid != 0 {
                for (out, block) in row
                    .as_chunks_mut::<LANES>()
                    .0
                    .iter_mut()
                    .zip(&candidate.blocks)
                {
                    *out = alike(&mine, block);
                }
            }
            for (j, &alike) in row[..count].iter().enumerate() {
                if alike > bar {
                    self.best.push((alike, i as u16, j as u16));
                }
            }
            if self.best.len() > 4 * PAIRS {
                bar = bar.max(keep_best(&mut self.best));
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

    /// For each pair among `left` the weight of the pairs consistent with it, themselves weighted
    /// by theirs.
    fn support(&self, left: u64) -> [f32; PAIRS] {
        let mut support = [0.0f32; PAIRS];
        for (s, p) in support.iter_mut().zip(&self.pairs) {
            *s = p.alike;
        }
        for _ in 0..p!("RELAX", 2.0) as usize {
            let before = support;
            for (p, pair) in self.pairs.iter().enumerate() {
                let mut rest = self.graph[p] & left;
                let mut sum = before[p];
                while rest != 0 {
                    sum += before[rest.trailing_zeros() as usize];
                    rest &= rest - 1;
                }
                support[p] = pair.alike * sum;
            }
        }
        support
    }

    /// Score under the alignment that the chosen pairs agree on.
    fn global(&mut self, probe: &Prepared, candidate: &Prepared, members: u64) -> f32 {
        let chosen = self
            .pairs
            .iter()
            .enumerate()
            .filter(|(p, _)| members >> p & 1 == 1)
            .map(|(_, p)| (p.a, p.b));
        let Some(mut rigid) = Rigid::fit(chosen) else {
            return 0.0;
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
                return 0.0;
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
                let rough = self.rate(probe, candidate, &rigid);
                if rough < p!("HOPE", HOPELESS) {
                    return rough;
                }
            }
        }
        self.rate(probe, candidate, &rigid)
    }

    /// Pairs aligned minutiae one to one, nearest first, following the displacements of the
    /// pairs found before.
    fn pair_up(&mut self, probe: &Prepared, candidate: &Prepared, rigid: &Rigid, near: f32) {
        self.order.clear();
        for (i, a) in probe.points.iter().enumerate() {
            let (mut x, mut y) = rigid.to(a.x, a.y);
            let (bx, by) = self.bend(probe, a);
            x += bx;
            y += by;
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

    /// Weight of the matched minutiae against what both prints should share where they overlap.
    fn rate(&mut self, probe: &Prepared, candidate: &Prepared, rigid: &Rigid) -> f32 {
        let mut f = [0.0f32; NF];
        for m in &self.matched {
            let (a, b) = (
                &probe.points[usize::from(m.i)],
                &candidate.points[usize::from(m.j)],
            );
            let alike = self.alike[usize::from(m.i) * self.stride + usize::from(m.j)].max(0.0);
            f[0] += 1.0;
            f[1] += m.near;
            f[2] += m.near * alike;
            f[3] += m.near * (a.quality * b.quality).sqrt();
            f[4] += m.near * alike * (a.quality * b.quality).sqrt();
            f[5] += f32::from(u8::from(a.fork == b.fork));
        }
        let margin = 6.0;
        for p in &probe.points {
            let (x, y) = rigid.to(p.x, p.y);
            if candidate.covers(x, y, margin) {
                f[6] += 1.0;
                f[7] += p.quality;
            }
            if candidate.map.at(x, y) != 0 {
                f[10] += 1.0;
                f[11] += p.quality;
            }
        }
        for p in &candidate.points {
            let (x, y) = rigid.back(p.x, p.y);
            if probe.covers(x, y, margin) {
                f[8] += 1.0;
                f[9] += p.quality;
            }
            if probe.map.at(x, y) != 0 {
                f[12] += 1.0;
                f[13] += p.quality;
            }
        }
        let turn = rigid.sin.atan2(rigid.cos) / std::f32::consts::PI * 128.0;
        for (x, y, cell) in probe.map.finger() {
            let (x, y) = rigid.to(x, y);
            let other = candidate.map.at(x, y);
            if other != 0 {
                let off = f32::from(cell & 127) + turn - f32::from(other & 127);
                let c = (off * std::f32::consts::TAU / 128.0).cos();
                f[14] += 1.0;
                f[15] += c;
                f[16] += f32::from(u8::from(c > 0.8));
                f[17] += f32::from(u8::from(c < 0.3));
            }
        }
        let unmatched = (f[11] - f[3]).max(0.0) + (f[13] - f[3]).max(0.0);
        let score = p!("W0", 0.0) + p!("WA", 0.7) * f[2] + p!("WQ", 0.5) * f[3]
            - p!("WU", 0.34) * unmatched
            + p!("WO", 1.2) * f[15] / f[14].max(1.0)
            + p!("WC", 0.2) * f[14].sqrt();
        let score = if score > 20.0 { score } else { score.exp().ln_1p() };
        f[18] = score;
        f[19] = self
            .matched
            .iter()
            .map(|m| m.rest.0.powi(2) + m.rest.1.powi(2))
            .sum::<f32>();
        if score > self.features[18] || self.features[0] == 0.0 {
            self.features = f;
        }
        score
    }
}

/// TEMP
pub const NF: usize = 20;
/// TEMP
pub fn features(a: &Prepared, b: &Prepared) -> [f32; NF] {
    let mut m = Matcher::default();
    m.score(a, b);
    m.features
}

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
