//! Minutiae on a ridge skeleton, and which of them to believe.

use std::f32::consts::{PI, TAU};

use super::flow::Flow;
use super::skeleton::{Skeleton, around, crossings};
use super::template::Kind;

/// Pixels a ridge is followed for its direction.
const REACH: usize = 12;
/// Shorter ridges that end on both sides, or branch off and end, are noise.
const SPUR: usize = 9;
/// Two forks joined by less than this are a bridge or a pore, not two minutiae.
const BRIDGE: usize = 8;
/// Ends that face each other nearer than this are one broken ridge.
const BREAK: f32 = 14.0;
/// Raw minutiae looked at, the highest first: every pair is compared, and only noise has more.
const MOST_RAW: usize = 1_000;
/// Minutiae this near to each other are one, or noise.
const TWIN: f32 = 5.0;
/// Distance from the finger's edge below which a ridge end is only where contact ends.
const EDGE: f32 = 8.0;

/// How surely a minutia is seen again in another print of the finger: a logistic function of what
/// is known of it, fitted to which minutiae of two sets of prints, and of the same made wet, dry
/// and noisy, found their partner in the finger's other prints. Coherence of the gradients adds
/// nothing to these three.
///
/// Height of the enhanced ridges (0 to about 1), distance to the next minutia and to the finger's
/// edge (pixels; more than a limit adds nothing), and the constant.
const BY_HEIGHT: f32 = 3.6;
const BY_ALONE: (f32, f32) = (0.067, 25.0);
const BY_DEPTH: (f32, f32) = (0.12, 20.0);
const UNSURE: f32 = -5.3;

/// A minutia before it is rounded into a template. `angle` in radians with y down.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub x: f32,
    pub y: f32,
    pub angle: f32,
    pub kind: Kind,
    /// Chance of being seen again, 0 to 1.
    pub quality: f32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    Length,
    Ending,
    Fork,
}

struct Walk {
    steps: usize,
    end: usize,
    stop: Stop,
}

/// First pixels of the ridges leaving `at`: one for each run of set neighbours.
fn exits(skeleton: &Skeleton, at: usize) -> Vec<usize> {
    let ring = skeleton.ring(at);
    let offsets = around(skeleton.stride);
    let mut out = Vec::with_capacity(4);
    for i in 0..8usize {
        let before = (i + 7) % 8;
        if ring >> i & 1 == 1 && ring >> before & 1 == 0 {
            // A run of several neighbours holds a straight one; that is the next ridge pixel.
            let next = (i + 1) % 8;
            let pick = if i % 2 == 1 && ring >> next & 1 == 1 {
                next
            } else {
                i
            };
            out.push(at.wrapping_add_signed(offsets[pick]));
        }
    }
    out
}

fn follow(skeleton: &Skeleton, from: usize, first: usize, limit: usize) -> Walk {
    let (mut before, mut here) = (from, first);
    let mut steps = 1;
    loop {
        let stop = match crossings(skeleton.ring(here)) {
            0 | 1 => Stop::Ending,
            2 if steps < limit => Stop::Length,
            2 => {
                return Walk {
                    steps,
                    end: here,
                    stop: Stop::Length,
                };
            }
            _ => Stop::Fork,
        };
        if stop != Stop::Length {
            return Walk {
                steps,
                end: here,
                stop,
            };
        }
        let next = exits(skeleton, here)
            .into_iter()
            .find(|&n| n != before && !touches(skeleton, n, before, here));
        let Some(next) = next else {
            return Walk {
                steps,
                end: here,
                stop: Stop::Ending,
            };
        };
        (before, here) = (here, next);
        steps += 1;
    }
}

/// Whether `n` is in the same run of neighbours of `here` as `before`.
fn touches(skeleton: &Skeleton, n: usize, before: usize, here: usize) -> bool {
    let straight = [1, skeleton.stride];
    let beside = straight.contains(&n.abs_diff(before));
    beside && n.abs_diff(here) != before.abs_diff(here)
}

/// All minutiae of the skeleton that survive the structural checks.
pub(crate) fn find(
    skeleton: &Skeleton,
    flow: &Flow,
    strength: impl Fn(f32, f32) -> f32,
) -> Vec<Found> {
    let mut found = Vec::new();
    for at in 0..skeleton.set.len() {
        if !skeleton.set[at] {
            continue;
        }
        let seen = match crossings(skeleton.ring(at)) {
            1 => ending(skeleton, at),
            3 => fork(skeleton, at),
            _ => None,
        };
        let Some((kind, traced)) = seen else { continue };
        let (x, y) = skeleton.place(at);
        let (x, y) = (x as f32, y as f32);
        if !clear(flow, x, y, EDGE) {
            continue;
        }
        let angle = settle(traced, flow.angle(x, y));
        // Of two that are one, the higher is kept; the chance is known when all are found.
        let quality = strength(x, y);
        found.push(Found {
            x,
            y,
            angle,
            kind,
            quality,
        });
    }
    if found.len() > MOST_RAW {
        found.sort_by(|a, b| b.quality.total_cmp(&a.quality));
        found.truncate(MOST_RAW);
    }
    let mut found = without_clutter(without_breaks(found));
    let chances: Vec<f32> = found.iter().map(|f| chance(f, &found, flow)).collect();
    for (f, chance) in found.iter_mut().zip(chances) {
        f.quality = chance;
    }
    found
}

/// Chance of being seen again; `quality` is the height of the ridges until then.
fn chance(me: &Found, all: &[Found], flow: &Flow) -> f32 {
    let alone = all
        .iter()
        .map(|other| distance(me, other))
        .filter(|&d| d > 0.0)
        .fold(BY_ALONE.1, f32::min);
    let mut depth = EDGE;
    while depth < BY_DEPTH.1 && clear(flow, me.x, me.y, depth + 2.0) {
        depth += 2.0;
    }
    again(me.quality, alone, depth)
}

/// Chance that a minutia is seen again: by the height of the ridges there, the distance to the next
/// minutia and that to the finger's edge, in pixels.
pub(crate) fn again(height: f32, alone: f32, depth: f32) -> f32 {
    let sum = UNSURE
        + BY_HEIGHT * height
        + BY_ALONE.0 * alone.min(BY_ALONE.1)
        + BY_DEPTH.0 * depth.min(BY_DEPTH.1);
    1.0 / (1.0 + (-sum).exp())
}

fn ending(skeleton: &Skeleton, at: usize) -> Option<(Kind, f32)> {
    let first = *exits(skeleton, at).first()?;
    let walk = follow(skeleton, at, first, REACH);
    let noise = match walk.stop {
        Stop::Length => false,
        Stop::Ending => true,
        Stop::Fork => walk.steps < SPUR,
    };
    (!noise).then(|| (Kind::Ending, heading(skeleton, at, walk.end)))
}

fn fork(skeleton: &Skeleton, at: usize) -> Option<(Kind, f32)> {
    let mut angles = [0.0f32; 3];
    let branches = exits(skeleton, at);
    if branches.len() != 3 {
        return None;
    }
    for (angle, first) in angles.iter_mut().zip(branches) {
        let walk = follow(skeleton, at, first, REACH);
        let noise = match walk.stop {
            Stop::Length => false,
            Stop::Ending => walk.steps < SPUR,
            // One or two steps are the same fork, drawn by two neighbouring pixels.
            Stop::Fork => (3..BRIDGE).contains(&walk.steps),
        };
        if noise {
            return None;
        }
        *angle = heading(skeleton, at, walk.end);
    }
    // The two branches that enclose the smallest angle hold the valley that ends here.
    let pairs = [(0, 1), (1, 2), (2, 0)];
    let (a, b) = pairs
        .into_iter()
        .map(|(i, j)| (angles[i], angles[j]))
        .min_by(|p, q| turn(p.0, p.1).abs().total_cmp(&turn(q.0, q.1).abs()))?;
    Some((Kind::Bifurcation, a + 0.5 * turn(a, b)))
}

fn heading(skeleton: &Skeleton, from: usize, to: usize) -> f32 {
    let ((x0, y0), (x1, y1)) = (skeleton.place(from), skeleton.place(to));
    (y1 as f32 - y0 as f32).atan2(x1 as f32 - x0 as f32)
}

/// Signed turn from `a` to `b`, -π..=π.
pub(crate) fn turn(a: f32, b: f32) -> f32 {
    let d = b - a;
    // What the remainder would give, without its cost: most angles are within a turn.
    let d = if d.abs() < TAU {
        if d < 0.0 { d + TAU } else { d }
    } else {
        d.rem_euclid(TAU)
    };
    if d > PI { d - TAU } else { d }
}

/// The flow is steadier than a dozen traced pixels, but does not know forward from backward.
fn settle(traced: f32, flow: f32) -> f32 {
    let along = if turn(traced, flow).abs() > PI / 2.0 {
        flow + PI
    } else {
        flow
    };
    let off = turn(traced, along);
    if off.abs() > PI / 4.0 {
        traced
    } else {
        traced + 0.75 * off
    }
}

/// Whether the finger goes on for `reach` pixels around a place.
fn clear(flow: &Flow, x: f32, y: f32, reach: f32) -> bool {
    (0..12).all(|i| {
        let (s, c) = (TAU * i as f32 / 12.0).sin_cos();
        let (px, py) = (x + reach * c, y + reach * s);
        let width = (flow.gw * super::flow::CELL) as f32;
        let height = (flow.gh * super::flow::CELL) as f32;
        px >= 0.0 && py >= 0.0 && px < width && py < height && flow.inside(px, py) > 0.5
    })
}

fn distance(a: &Found, b: &Found) -> f32 {
    (a.x - b.x).hypot(a.y - b.y)
}

/// Drops both ends of a broken ridge: near, pointing away from each other, and in line.
fn without_breaks(found: Vec<Found>) -> Vec<Found> {
    let mut doomed = vec![false; found.len()];
    for i in 0..found.len() {
        for j in i + 1..found.len() {
            let (a, b) = (&found[i], &found[j]);
            if a.kind != Kind::Ending || b.kind != Kind::Ending {
                continue;
            }
            let gap = distance(a, b);
            if gap > BREAK || (turn(a.angle, b.angle).abs() - PI).abs() > PI / 5.0 {
                continue;
            }
            let across = (b.y - a.y).atan2(b.x - a.x);
            let line = turn(across, b.angle).abs();
            if gap < TWIN || line < PI / 4.0 {
                doomed[i] = true;
                doomed[j] = true;
            }
        }
    }
    keep(found, &doomed)
}

/// Merges twins and drops knots of minutiae that no finger has.
fn without_clutter(found: Vec<Found>) -> Vec<Found> {
    let mut doomed = vec![false; found.len()];
    for i in 0..found.len() {
        for j in i + 1..found.len() {
            if !doomed[i] && !doomed[j] && distance(&found[i], &found[j]) < TWIN {
                let worse = if found[i].quality < found[j].quality {
                    i
                } else {
                    j
                };
                doomed[worse] = true;
            }
        }
    }
    let found = keep(found, &doomed);
    let crowded: Vec<bool> = found
        .iter()
        .map(|a| found.iter().filter(|b| distance(a, b) < 20.0).count() > 5)
        .collect();
    keep(found, &crowded)
}

fn keep(found: Vec<Found>, doomed: &[bool]) -> Vec<Found> {
    found
        .into_iter()
        .zip(doomed)
        .filter(|(_, d)| !**d)
        .map(|(f, _)| f)
        .collect()
}
