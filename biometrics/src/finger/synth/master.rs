//! A whole synthetic finger, before any scanner touches it.

use super::field::{Field, HEIGHT, WIDTH};
use super::rng::Rng;
use crate::finger::enhance::Bank;
use crate::finger::plane::Plane;

/// Rounds of growth at half resolution, and of smoothing at full resolution.
const GROWTH: usize = 9;
const SMOOTHING: usize = 1;

/// A synthetic finger of about 21×26 mm. Real fingers it resembles are a coincidence.
#[derive(Clone)]
pub struct Finger {
    /// Ridges at +1, valleys at -1.
    pub(super) ridges: Plane,
}

impl std::fmt::Debug for Finger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Finger({}x{})", self.ridges.w, self.ridges.h)
    }
}

impl Finger {
    /// Grows the finger of a seed; about a tenth of a second.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        let mut rng = Rng::new(seed, 1);
        let field = Field::new(&mut rng);
        let (w, h) = (WIDTH / 2, HEIGHT / 2);
        let half = Bank::new(0.5, 0.42, 0.5);
        let choice = choices(&field, &mut rng, 0.5, w, h);
        let mut ridges = rng.noise(w, h);
        for _ in 0..GROWTH {
            ridges = sharpen(half.apply(&ridges, &choice), 2.5);
        }
        let full = Bank::new(1.0, 0.42, 0.4);
        let choice = choices(&field, &mut rng, 1.0, WIDTH, HEIGHT);
        let mut ridges = ridges.scaled(2.0);
        for _ in 0..SMOOTHING {
            ridges = sharpen(full.apply(&ridges, &choice), 2.0);
        }
        Self { ridges }
    }
}

fn choices(field: &Field, rng: &mut Rng, scale: f32, w: usize, h: usize) -> Vec<Option<u16>> {
    let mut out = Vec::with_capacity(w * h);
    for y in 0..h {
        for x in 0..w {
            let (fx, fy) = (x as f32 / scale, y as f32 / scale);
            // Dithered, or the steps between the bank's filters line up into seams.
            let angle = field.angle(fx, fy) + 0.1 * (rng.unit() - 0.5);
            let period = field.period(fx, fy) + rng.unit() - 0.5;
            out.push(Some(Bank::index(angle, period)));
        }
    }
    out
}

/// Pushes every value towards ridge or valley.
fn sharpen(mut plane: Plane, gain: f32) -> Plane {
    for v in &mut plane.v {
        let t = (gain * *v).clamp(-1.5, 1.5);
        // The cubic that reaches 1 with slope 0 at 1.5: a tanh without its cost.
        *v = t - t * t * t * (4.0 / 27.0);
    }
    plane
}
