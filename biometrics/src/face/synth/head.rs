//! The shape of a head: rings from the crown to the chin, with a face pushed out of them.
//!
//! Millimetres, from the middle between the pupils: x to the picture's right, y up, z towards the
//! viewer. Mean sizes are those of adults (pupils 63 mm apart; head 152 mm wide, 240 mm high), and
//! every one of them varies with the identity.

use crate::finger::synth::rng::Rng;

use super::space::{V3, bell, smooth};

/// How a head is covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hair {
    Short,
    Receding,
    Long,
    Scarf,
}

/// Everything that makes one head another.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub seed: u32,
    pub female: bool,
    /// 0 young to 1 old.
    pub age: f32,
    /// Half the distance of the pupils.
    pub eye_x: f32,
    pub eye_width: f32,
    pub eye_open: f32,
    pub eye_slant: f32,
    pub socket: f32,
    pub iris: V3,
    pub brow_y: f32,
    pub brow_thick: f32,
    pub brow_arch: f32,
    pub brow_slant: f32,
    pub brow_ridge: f32,
    pub nose_y: f32,
    pub nose_out: f32,
    pub nose_width: f32,
    pub nose_bridge: f32,
    pub nose_hump: f32,
    pub wings: f32,
    pub mouth_y: f32,
    pub mouth_half: f32,
    pub lip_up: f32,
    pub lip_low: f32,
    pub mouth_curve: f32,
    pub lip: V3,
    /// Length of the lower face by the mean one's.
    pub chin: f32,
    pub chin_out: f32,
    pub jaw: f32,
    pub cheek: f32,
    pub cheekbone: f32,
    pub width: f32,
    pub crown: f32,
    pub square: f32,
    pub skin: V3,
    pub blotch: f32,
    pub hair: Hair,
    pub hair_colour: V3,
    pub hairline: f32,
    pub hair_thick: f32,
    /// 0 shaven to 1 full.
    pub beard: f32,
    pub moustache: f32,
    pub moles: Vec<(f32, f32, f32)>,
    pub clothes: V3,
}

/// Of a ring: height, half width, front and back.
type Ring = [f32; 4];

const RINGS: [Ring; 16] = [
    [118.0, 0.0, -88.0, -88.0],
    [114.0, 28.0, -58.0, -118.0],
    [100.0, 51.0, -30.0, -149.0],
    [77.0, 66.0, -9.0, -171.0],
    [50.0, 73.5, 3.0, -183.0],
    [22.0, 76.0, 8.0, -186.0],
    [0.0, 74.5, 4.0, -182.0],
    [-20.0, 72.0, 4.0, -170.0],
    [-40.0, 68.5, 6.0, -150.0],
    [-60.0, 61.5, 8.0, -128.0],
    [-80.0, 53.0, 7.0, -108.0],
    [-97.0, 44.0, 4.0, -92.0],
    [-110.0, 36.0, 4.0, -80.0],
    [-118.0, 24.0, -2.0, -68.0],
    [-122.0, 11.0, -16.0, -54.0],
    [-124.0, 0.0, -34.0, -40.0],
];

impl Head {
    /// The head of an identity; the same number gives the same head.
    pub fn new(id: u64) -> Self {
        let mut rng = Rng::new(id, 0xFACE);
        let rng = &mut rng;
        let mut n = |mean: f32, deviation: f32| mean + deviation * rng.normal().clamp(-2.2, 2.2);
        let tone = n(0.0, 1.0);
        let warm = n(0.0, 1.0);
        let shape: [f32; 30] = std::array::from_fn(|_| n(0.0, 1.0));
        let female = rng.unit() < 0.5;
        let sex = if female { 1.0 } else { -1.0 };
        let age = rng.unit();
        let hair_kind = rng.unit();
        let hair = match (female, hair_kind) {
            (true, k) if k < 0.62 => Hair::Long,
            (true, k) if k < 0.87 => Hair::Scarf,
            (false, k) if k < 0.12 + 0.3 * age => Hair::Receding,
            _ => Hair::Short,
        };
        let dark = 0.16 + 0.14 * (tone * 0.5).tanh() + 0.02;
        // Linear light: from fair to brown, always more red than green than blue.
        let light = 0.62 - 1.35 * dark;
        let skin = [
            light,
            light * (0.60 + 0.03 * warm.clamp(-2.0, 2.0) - 0.25 * dark),
            light * (0.43 - 0.03 * warm.clamp(-2.0, 2.0) - 0.35 * dark),
        ];
        let hair_dark = rng.unit();
        let mut hair_colour = if hair_dark < 0.72 {
            [0.018, 0.014, 0.012]
        } else if hair_dark < 0.92 {
            [0.070, 0.038, 0.020]
        } else {
            [0.20, 0.12, 0.055]
        };
        if age > 0.72 {
            let grey = (age - 0.72) * 3.0 * rng.unit();
            hair_colour = super::space::mix(hair_colour, [0.42, 0.42, 0.43], grey.min(0.9));
        }
        let iris = [
            [0.045, 0.022, 0.010],
            [0.075, 0.038, 0.014],
            [0.10, 0.075, 0.030],
            [0.10, 0.15, 0.20],
        ][(rng.unit() * 3.4) as usize % 4];
        let (beard, moustache) = if female {
            (0.0, 0.0)
        } else {
            let b = rng.unit();
            let full = smooth(0.66, 0.8, b);
            (
                full.max(0.22 * rng.unit()),
                full.max(if (0.45..0.6).contains(&b) {
                    1.0
                } else {
                    0.15 * rng.unit()
                }),
            )
        };
        let lip_red = rng.unit() * if female { 0.6 } else { 0.2 };
        let moles = (0..(rng.unit() * 4.5) as usize)
            .map(|_| {
                (
                    rng.between(-55.0, 55.0),
                    rng.between(-100.0, 45.0),
                    rng.between(0.9, 2.1),
                )
            })
            .collect();
        let clothes = [
            [0.03, 0.05, 0.10],
            [0.16, 0.16, 0.15],
            [0.02, 0.02, 0.022],
            [0.12, 0.03, 0.03],
            [0.05, 0.09, 0.06],
            [0.38, 0.36, 0.33],
        ][(rng.unit() * 6.0) as usize % 6];
        let s = |i: usize| shape.get(i).copied().unwrap_or(0.0);
        Self {
            seed: (id ^ (id >> 32)) as u32 ^ 0x5EED,
            female,
            age,
            eye_x: 31.5 + 2.56 * s(0) - 0.5 * sex,
            eye_width: 14.6 + 1.35 * s(1) + 0.3 * sex,
            eye_open: 1.0 + 0.22 * s(2) + 0.06 * sex,
            eye_slant: 0.06 + 0.12 * s(3),
            socket: 1.0 + 0.25 * s(4) - 0.15 * sex,
            iris,
            brow_y: 19.5 + 3.51 * s(5) + 1.2 * sex,
            brow_thick: (3.4 + 1.22 * s(6) - 0.7 * sex).max(1.2),
            brow_arch: 3.0 + 2.16 * s(7) + 0.8 * sex,
            brow_slant: 0.05 * s(8),
            brow_ridge: (2.6 + 1.4 * s(9) - 1.4 * sex).max(0.0),
            nose_y: -34.5 - 3.0 * s(10) + 1.2 * sex,
            nose_out: 24.0 + 3.78 * s(11) - 1.2 * sex,
            nose_width: 1.0 + 0.20 * s(12) - 0.05 * sex,
            nose_bridge: 8.0 + 1.49 * s(13),
            nose_hump: 1.6 * s(14) - 0.5 * sex,
            wings: 13.6 + 2.29 * s(15) - 0.7 * sex,
            mouth_y: -75.0 - 3.0 * s(16) + 1.2 * sex,
            mouth_half: 25.5 + 3.24 * s(17) - 0.6 * sex,
            lip_up: (5.6 + 2.02 * s(18) + 0.6 * sex).max(2.4),
            lip_low: (7.8 + 2.29 * s(19) + 0.7 * sex).max(3.2),
            mouth_curve: 0.6 + 1.22 * s(20),
            lip: [
                skin[0] * 0.80 + 0.03 * lip_red,
                skin[1] * (0.58 - 0.22 * lip_red),
                skin[2] * (0.66 - 0.10 * lip_red),
            ],
            chin: 1.0 + 0.06 * s(21) - 0.02 * sex,
            chin_out: 5.0 + 2.97 * s(22) - 0.8 * sex,
            jaw: 1.0 + 0.055 * s(23) - 0.045 * sex,
            cheek: 1.0 + 0.04 * s(24),
            cheekbone: 4.2 + 2.97 * s(25) + 0.5 * sex,
            width: 1.0 + 0.035 * s(26) - 0.015 * sex,
            crown: 1.0 + 0.04 * s(27),
            square: 2.35 + 0.16 * s(28) - 0.06 * sex,
            skin,
            blotch: 0.05 + 0.03 * s(29).abs(),
            hair,
            hair_colour,
            hairline: 63.0 + 2.5 * s(4) + if hair == Hair::Receding { 22.0 } else { 0.0 },
            hair_thick: if hair == Hair::Receding {
                3.0
            } else {
                7.0 + 2.5 * (s(6) + 1.0).max(0.0)
            },
            beard,
            moustache,
            moles,
            clothes,
        }
    }

    /// A place on the bare head: `down` 0 at the crown to 1 under the chin, `around` from -π over
    /// 0 in front to π.
    pub fn bare(&self, down: f32, around: f32) -> V3 {
        let [y, mut half, front, back] = along(&RINGS, down);
        half *= self.width;
        let low = smooth(5.0, -70.0, y);
        half *= 1.0 + (self.jaw - 1.0) * low;
        half *= 1.0 + (self.cheek - 1.0) * bell(0.0, 1.0, y + 45.0, 25.0);
        let y = if y > 20.0 {
            20.0 + (y - 20.0) * self.crown
        } else {
            y * (1.0 + (self.chin - 1.0) * smooth(0.0, -60.0, y))
        };
        let square = 2.0 + (self.square - 2.0) * smooth(80.0, 20.0, y);
        let (sin, cos) = around.sin_cos();
        let bend = |v: f32| v.signum() * v.abs().powf(2.0 / square);
        let (middle, deep) = ((front + back) / 2.0, (front - back) / 2.0);
        [half * bend(sin), y, middle + deep * bend(cos)]
    }

    /// A place on the head with its face.
    pub fn skin(&self, down: f32, around: f32) -> V3 {
        let [x, y, z] = self.bare(down, around);
        let front = smooth(0.05, 0.6, around.cos());
        [x, y, z + front * self.relief(x, y)]
    }

    /// How far the face stands out of the bare head.
    fn relief(&self, x: f32, y: f32) -> f32 {
        let side = x.abs();
        let eye = side - self.eye_x;
        let mut out = 0.0;
        // Sockets with the eyeballs in them.
        out -= 8.5 * self.socket * bell(eye + 2.0, 17.0, y - 1.5, 10.0);
        out -= 3.0 * bell(side - 15.0, 5.0, y - 2.0, 8.0);
        out += 7.0 * bell(eye, 9.5, y, 7.5);
        out += 1.6 * bell(eye, 13.0, y - 9.5 * self.eye_open, 3.0);
        out -= 1.5 * bell(eye, 12.0, y + 11.0, 3.0) * (0.4 + self.age);
        // Brows and temples.
        let brow = self.brow_y - 3.0;
        out += self.brow_ridge * bell(side - 24.0, 18.0, y - brow, 6.0);
        out -= 3.5 * bell(side - 66.0, 12.0, y - 28.0, 20.0);
        out += self.nose(x, y);
        // Cheekbones, hollows beneath.
        out += self.cheekbone * bell(side - 45.0, 14.0, y + 24.0, 13.0);
        out -= (1.0 + 2.0 * self.age) * bell(side - 42.0, 12.0, y + 60.0, 16.0);
        out -= (0.5 + 1.6 * self.age) * bell(side - 27.0 - 0.25 * (-45.0 - y), 3.5, y + 56.0, 12.0);
        self.mouth(x, y, out)
    }

    fn nose(&self, x: f32, y: f32) -> f32 {
        let tip = self.nose_y;
        let side = x.abs();
        // 0 at the root, 1 at the tip.
        let along = (2.0 - y) / (2.0 - tip);
        let ridge = if along < 1.0 {
            let rise = along.max(0.0);
            self.nose_out * (0.16 + 0.84 * rise.powf(1.15)) * smooth(-0.35, 0.10, along)
                + self.nose_hump * bell(0.0, 1.0, along - 0.45, 0.16)
        } else {
            self.nose_out * smooth(tip - 12.5, tip - 1.5, y)
        };
        let broad = (self.nose_bridge + 6.2 * smooth(0.3, 1.0, along)) * self.nose_width;
        let profile = (-(side / broad).powf(2.3)).exp();
        let wing = 12.0 * bell(side - self.wings, 4.8, y - tip + 4.5, 5.2);
        let ball = 1.6 * bell(x, 7.0 * self.nose_width, y - tip, 6.0);
        ridge * profile + wing + ball
    }

    fn mouth(&self, x: f32, y: f32, out: f32) -> f32 {
        let mid = self.mouth_y;
        let half = self.mouth_half;
        let mut out = out;
        out += 4.5 * bell(x, half * 0.85, y - mid, 15.0);
        out += 0.55 * self.lip_up * bell(x, half * 0.55, y - mid - 0.55 * self.lip_up, 2.9);
        out += 0.60 * self.lip_low * bell(x, half * 0.52, y - mid + 0.55 * self.lip_low, 3.6);
        out -= 2.6 * bell(x, half * 0.75, y - mid, 1.3);
        out -= 2.0 * bell(x.abs() - half - 1.0, 3.2, y - mid, 4.0);
        out -= 1.4 * bell(x, 3.2, y - mid - self.lip_up - 6.0, 5.0);
        let crease = mid - self.lip_low - 7.0;
        out -= 3.6 * bell(x, 17.0, y - crease, 4.6);
        let chin = -106.0 * self.chin;
        out + self.chin_out * bell(x, 13.5, y - chin, 9.5)
    }

    /// How deep a place lies under hair: above 0 there is some, in millimetres from the edge.
    pub fn hairy(&self, [x, y, z]: V3) -> f32 {
        let side = x.abs();
        let ragged = 2.2 * super::space::noise(self.seed ^ 7, [x, y, z], 7.0);
        if self.hair == Hair::Scarf {
            let brim = self.hairline - 8.0 - 0.011 * side * side;
            let face = y - brim;
            let behind = -30.0 - z - 0.35 * (y + 40.0).max(0.0);
            return face.max(behind);
        }
        let peak = match self.hair {
            Hair::Receding => -9.0 * bell(x, 12.0, 0.0, 1.0) + 0.10 * side,
            _ => -1.5 * bell(x, 9.0, 0.0, 1.0),
        };
        let front = y - (self.hairline + peak - 0.0085 * side * side) + ragged;
        // Before the ears only the sideburn grows, behind them down to the neck.
        let burn = (-58.0 - z).min(y + 8.0 + ragged);
        let behind = (-104.0 - z).min(y + 62.0) + ragged;
        let top = front.min(y - 18.0 + 0.35 * (-z).max(0.0));
        top.max(burn * 0.9).max(behind)
    }

    /// The five points of [`Points`](crate::face::Points), in millimetres.
    pub fn points(&self) -> [V3; 5] {
        let place = |x: f32, y: f32| {
            // On the front of the head a place is found by its height and side alone.
            let (mut best, mut least) = ([x, y, 0.0], f32::MAX);
            for i in 0..400 {
                let down = i as f32 / 399.0;
                for j in -60i32..=60 {
                    let p = self.skin(down, j as f32 * 0.02);
                    let far = (p[0] - x).hypot(p[1] - y);
                    if far < least {
                        (best, least) = (p, far);
                    }
                }
            }
            best
        };
        [
            place(-self.eye_x, 0.0),
            place(self.eye_x, 0.0),
            place(0.0, self.nose_y),
            place(-self.mouth_half, self.mouth_y),
            place(self.mouth_half, self.mouth_y),
        ]
    }
}

/// Through the knots of a table, smoothly (Catmull, Rom 1974).
pub(super) fn along<const N: usize>(knots: &[[f32; N]], t: f32) -> [f32; N] {
    let last = knots.len().saturating_sub(1);
    let at = t.clamp(0.0, 1.0) * last as f32;
    let i = (at.floor() as usize).min(last.saturating_sub(1));
    let f = at - i as f32;
    let knot = |i: usize, k: usize| knots.get(i.min(last)).map_or(0.0, |knot| knot[k]);
    std::array::from_fn(|k| {
        let (a, b, c, d) = (
            knot(i.saturating_sub(1), k),
            knot(i, k),
            knot(i + 1, k),
            knot(i + 2, k),
        );
        let curve = 2.0 * a - 5.0 * b + 4.0 * c - d;
        let bend = 3.0 * (b - c) + d - a;
        0.5 * (2.0 * b + f * ((c - a) + f * (curve + f * bend)))
    })
}
