//! What a scanner sees of a synthetic finger.

use super::field::{HEIGHT, WIDTH};
use super::master::Finger;
use super::rng::Rng;
use crate::finger::image::GreyImage;

/// Size of an impression at 500 ppi.
const W: usize = 320;
const H: usize = 400;
const PPI: u16 = 500;

/// One touch of the glass. All fields may be set freely; the constructors give typical touches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Impression {
    /// Seed of everything random in this touch.
    pub seed: u64,
    /// Rotation of the finger, degrees clockwise.
    pub rotation_deg: f32,
    /// Shift of the finger right and down, in pixels at 500 ppi.
    pub shift: (f32, f32),
    /// Elastic distortion: largest displacement in pixels.
    pub distortion: f32,
    /// 0 (none) to 1: pale, broken ridges.
    pub dryness: f32,
    /// 0 (none) to 1: filled valleys.
    pub wetness: f32,
    /// Part of a full contact area that touches the glass, 0 to 1.
    pub contact_area: f32,
    /// Sensor noise: deviation in grey levels.
    pub noise: f32,
}

impl Impression {
    /// A touch like most: small rotation and shift, a little distortion, healthy skin.
    #[must_use]
    pub fn ordinary(seed: u64) -> Self {
        let mut rng = Rng::new(seed, 2);
        Self {
            seed,
            rotation_deg: rng.between(-18.0, 18.0),
            shift: (rng.between(-16.0, 16.0), rng.between(-20.0, 20.0)),
            distortion: rng.between(2.0, 7.0),
            dryness: rng.between(0.0, 0.25),
            wetness: rng.between(0.0, 0.25),
            contact_area: rng.between(0.85, 1.0),
            noise: rng.between(3.0, 7.0),
        }
    }

    /// A finger too dry to read well.
    #[must_use]
    pub fn dry(seed: u64) -> Self {
        Self {
            dryness: 1.0,
            wetness: 0.0,
            ..Self::ordinary(seed)
        }
    }

    /// A finger too wet to read well.
    #[must_use]
    pub fn wet(seed: u64) -> Self {
        Self {
            dryness: 0.0,
            wetness: 1.0,
            ..Self::ordinary(seed)
        }
    }

    /// Only a tip or an edge of the finger touches.
    #[must_use]
    pub fn partial(seed: u64) -> Self {
        let ordinary = Self::ordinary(seed);
        let down = if seed.is_multiple_of(2) { 60.0 } else { -60.0 };
        Self {
            contact_area: 0.28,
            shift: (ordinary.shift.0, down),
            ..ordinary
        }
    }
}

impl Finger {
    /// The picture of one touch: 320×400 pixels at 500 ppi.
    #[must_use]
    pub fn impression(&self, touch: &Impression) -> GreyImage {
        let mut canvas = vec![255.0f32; W * H];
        let contact = touch.contact_area.clamp(0.0, 1.0).sqrt();
        let ellipse = Ellipse {
            cx: W as f32 / 2.0 + 0.5 * touch.shift.0,
            cy: H as f32 / 2.0 + 0.5 * touch.shift.1,
            a: 138.0 * contact,
            b: 178.0 * contact,
        };
        self.press(&mut canvas, touch, &ellipse);
        finish(canvas, touch)
    }

    /// Adds the finger's mark inside `ellipse` to the canvas.
    fn press(&self, canvas: &mut [f32], touch: &Impression, ellipse: &Ellipse) {
        let mut rng = Rng::new(touch.seed, 3);
        let (sin, cos) = (-touch.rotation_deg.to_radians()).sin_cos();
        let (dx, dy) = (rng.surface(), rng.surface());
        let (pressure, rim) = (rng.surface(), rng.surface());
        let fine = rng.blotches(W, H, 1.6);
        let coarse = rng.blotches(W, H, 4.0);
        let pores = rng.blotches(W, H, 0.9);
        let bias = 1.0 * touch.wetness - 0.75 * touch.dryness;
        let grain = 0.10 + 1.5 * touch.dryness + 0.55 * touch.wetness;
        for y in 0..H {
            for x in 0..W {
                let (fx, fy) = (x as f32, y as f32);
                let (u, v) = (fx / W as f32, fy / H as f32);
                let edge = ellipse.depth(fx, fy) + 0.06 * rim.at(u, v);
                if edge < -0.05 {
                    continue;
                }
                // Picture to finger: take back the shift, the rotation and the stretch.
                let (px, py) = (
                    fx - ellipse.cx - 0.5 * touch.shift.0,
                    fy - ellipse.cy - 0.5 * touch.shift.1,
                );
                let mx = cos * px - sin * py + touch.distortion * dx.at(u, v);
                let my = sin * px + cos * py + touch.distortion * dy.at(u, v);
                let (mx, my) = (mx + WIDTH as f32 / 2.0, my + HEIGHT as f32 * 0.48);
                if mx < 0.0 || my < 0.0 || mx >= WIDTH as f32 || my >= HEIGHT as f32 {
                    continue;
                }
                let at = y * W + x;
                let mut ridge = self.ridges.sample(mx, my) + bias + 0.12 * pressure.at(u, v);
                ridge += grain * (0.7 * fine.v[at] + 0.3 * coarse.v[at]);
                if pores.v[at] > 2.4 {
                    ridge -= 0.8;
                }
                let ink = 1.0 / (1.0 + (-4.0 * ridge).exp());
                let contact = ((edge + 0.05) / 0.10).clamp(0.0, 1.0);
                let strength = 205.0 * (1.0 - 0.45 * touch.dryness);
                let mark = 250.0 - strength * ink * contact;
                canvas[at] = canvas[at].min(mark);
            }
        }
    }
}

struct Ellipse {
    cx: f32,
    cy: f32,
    a: f32,
    b: f32,
}

impl Ellipse {
    /// 1 in the middle, 0 at the edge, negative outside.
    fn depth(&self, x: f32, y: f32) -> f32 {
        let (dx, dy) = (
            (x - self.cx) / self.a.max(1.0),
            (y - self.cy) / self.b.max(1.0),
        );
        1.0 - (dx * dx + dy * dy)
    }
}

fn finish(canvas: Vec<f32>, touch: &Impression) -> GreyImage {
    let mut rng = Rng::new(touch.seed, 4);
    let soft = crate::finger::plane::Plane {
        w: W,
        h: H,
        v: canvas,
    }
    .blurred(0.7);
    let pixels = soft
        .v
        .iter()
        .map(|v| {
            let noise = touch.noise * (rng.unit() + rng.unit() + rng.unit() - 1.5) * 2.0;
            (v.min(248.0) + noise).round().clamp(0.0, 255.0) as u8
        })
        .collect();
    picture(pixels)
}

/// A picture of the impression's size; its constants are within every limit.
fn picture(pixels: Vec<u8>) -> GreyImage {
    GreyImage::from_checked(W as u32, H as u32, PPI, pixels)
}

/// Two different fingers side by side on one glass.
#[must_use]
pub fn two_fingers(seed: u64) -> GreyImage {
    let touch = Impression {
        rotation_deg: 0.0,
        shift: (0.0, 0.0),
        ..Impression::ordinary(seed)
    };
    let mut canvas = vec![255.0f32; W * H];
    let half = [(78.0, 1u64), (242.0, 2u64)];
    for (cx, which) in half {
        let finger = Finger::from_seed(seed.wrapping_mul(2).wrapping_add(which));
        let ellipse = Ellipse {
            cx,
            cy: H as f32 / 2.0,
            a: 66.0,
            b: 150.0,
        };
        finger.press(
            &mut canvas,
            &Impression {
                seed: seed ^ which,
                ..touch
            },
            &ellipse,
        );
    }
    finish(canvas, &touch)
}

/// An empty glass: sensor noise and uneven light.
#[must_use]
pub fn no_finger(seed: u64) -> GreyImage {
    let mut rng = Rng::new(seed, 5);
    let light = rng.surface();
    let mut canvas = Vec::with_capacity(W * H);
    for y in 0..H {
        for x in 0..W {
            canvas.push(232.0 + 8.0 * light.at(x as f32 / W as f32, y as f32 / H as f32));
        }
    }
    finish(
        canvas,
        &Impression {
            noise: 6.0,
            ..Impression::ordinary(seed)
        },
    )
}
