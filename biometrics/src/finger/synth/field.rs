//! The ridge flow of a synthetic finger.

use std::f32::consts::PI;

use super::rng::{Rng, Surface};

/// Size of a whole synthetic finger at 500 ppi.
pub(super) const WIDTH: usize = 416;
pub(super) const HEIGHT: usize = 512;

/// Orientation and period of the ridges everywhere on a finger.
#[derive(Debug, Clone)]
pub(super) struct Field {
    arch: f32,
    /// Place, and the direction in which the core opens.
    cores: Vec<(f32, f32, f32)>,
    /// How much of a half circle and parallel lines a core is, 0 (ridges fan out) to 1.
    round: f32,
    deltas: Vec<(f32, f32)>,
    bend: Surface,
    stretch: Surface,
    period: f32,
}

impl Field {
    pub fn new(rng: &mut Rng) -> Self {
        let (cx, cy) = (WIDTH as f32 / 2.0, HEIGHT as f32 * 0.45);
        let mut jitter = |x: f32, y: f32, by: f32| {
            (cx + x + rng.between(-by, by), cy + y + rng.between(-by, by))
        };
        let core = jitter(0.0, 0.0, 30.0);
        let left = jitter(-105.0, 125.0, 32.0);
        let right = jitter(105.0, 125.0, 32.0);
        let below = jitter(0.0, 115.0, 12.0);
        let class = rng.unit();
        let lean = rng.between(0.1, 0.7);
        let tilt = rng.between(-0.3, 0.3);
        let apart = rng.between(10.0, 36.0);
        let down = PI / 2.0;
        let (mut arch, mut cores, mut deltas) = (0.0, Vec::new(), Vec::new());
        if class < 0.06 {
            arch = rng.between(0.7, 1.3);
        } else if class < 0.10 {
            (cores, deltas) = (vec![(core.0, core.1, down)], vec![below]);
        } else if class < 0.40 {
            (cores, deltas) = (vec![(core.0, core.1, down - lean)], vec![left]);
        } else if class < 0.68 {
            (cores, deltas) = (vec![(core.0, core.1, down + lean)], vec![right]);
        } else {
            // The two cores of a whorl lie above each other and open towards each other; those
            // of a double loop lie beside each other.
            let axis = if class < 0.9 { down + tilt } else { tilt };
            let (dx, dy) = (apart * axis.cos(), apart * axis.sin());
            cores = vec![
                (core.0 - dx, core.1 - dy, down + tilt),
                (core.0 + dx, core.1 + dy, tilt - down),
            ];
            deltas = vec![left, right];
        }
        Self {
            arch,
            cores,
            round: rng.between(0.45, 0.9),
            deltas,
            bend: rng.surface(),
            stretch: rng.surface(),
            period: (9.0 + 0.7 * rng.normal()).clamp(7.4, 10.8),
        }
    }

    /// Ridge orientation in radians, y down.
    pub fn angle(&self, x: f32, y: f32) -> f32 {
        let mut turns = 0.0;
        for &(px, py, opens) in &self.cores {
            let (dx, dy) = (x - px, y - py);
            let around = dy.atan2(dx);
            // Ridges turn in a half circle over the core and run parallel where it opens, which
            // the plain zero-pole model, turning evenly, does not show.
            let fade = (-(dx * dx + dy * dy) / (150.0 * 150.0)).exp();
            turns += around - self.round * fade * (around - opens).sin();
        }
        for &(px, py) in &self.deltas {
            turns -= (y - py).atan2(x - px);
        }
        let bump = {
            let d = (y - HEIGHT as f32 * 0.52) / 130.0;
            self.arch * (-d * d).exp()
        };
        let across = (x - WIDTH as f32 / 2.0) / WIDTH as f32;
        let slope = (bump * (2.0 * PI * across).sin()).atan();
        0.5 * turns + slope + 0.22 * self.bend.at(x / WIDTH as f32, y / HEIGHT as f32)
    }

    /// Ridge period in pixels: wider towards the joint, as on real fingers.
    pub fn period(&self, x: f32, y: f32) -> f32 {
        let (u, v) = (x / WIDTH as f32, y / HEIGHT as f32);
        (self.period * (0.95 + 0.12 * v + 0.05 * self.stretch.at(u, v))).clamp(6.0, 13.0)
    }
}
