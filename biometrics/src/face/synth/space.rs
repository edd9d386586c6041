//! Vectors, rotations and smooth noise of three dimensions.

pub(super) type V3 = [f32; 3];

pub(super) fn add(a: V3, b: V3) -> V3 {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

pub(super) fn sub(a: V3, b: V3) -> V3 {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

pub(super) fn scale(a: V3, by: f32) -> V3 {
    a.map(|v| v * by)
}

pub(super) fn dot(a: V3, b: V3) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub(super) fn cross(a: V3, b: V3) -> V3 {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

pub(super) fn unit(a: V3) -> V3 {
    scale(a, 1.0 / dot(a, a).sqrt().max(1e-9))
}

/// From `a` to `b` as `t` goes from 0 to 1.
pub(super) fn mix(a: V3, b: V3, t: f32) -> V3 {
    add(scale(a, 1.0 - t), scale(b, t))
}

/// 0 below `from`, 1 above `to`, smooth between; the other way round if `from > to`.
pub(super) fn smooth(from: f32, to: f32, at: f32) -> f32 {
    let t = ((at - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// A bell of height 1 with these deviations.
pub(super) fn bell(x: f32, wide: f32, y: f32, high: f32) -> f32 {
    let (x, y) = (x / wide, y / high);
    (-0.5 * (x * x + y * y)).exp()
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Rotation([V3; 3]);

impl Rotation {
    /// Turned by `yaw` about the vertical, then by `pitch` about the axis through the ears, then
    /// by `roll` about the line of sight; degrees, signs as in [`Pose`](crate::face::Pose).
    pub fn of(yaw: f32, pitch: f32, roll: f32) -> Self {
        let (sb, cb) = yaw.to_radians().sin_cos();
        let (sa, ca) = pitch.to_radians().sin_cos();
        let (sg, cg) = roll.to_radians().sin_cos();
        // Rz · Rx · Ry.
        Self([
            [cg * cb - sg * sa * sb, -sg * ca, cg * sb + sg * sa * cb],
            [sg * cb + cg * sa * sb, cg * ca, sg * sb - cg * sa * cb],
            [-ca * sb, sa, ca * cb],
        ])
    }

    pub fn apply(&self, v: V3) -> V3 {
        self.0.map(|row| dot(row, v))
    }
}

/// Value noise, about -1 to 1, with blotches of about `size`.
pub(super) fn noise(seed: u32, at: V3, size: f32) -> f32 {
    let at = scale(at, 1.0 / size);
    let cell = at.map(f32::floor);
    let part = [0, 1, 2].map(|i| {
        let t = at[i] - cell[i];
        t * t * (3.0 - 2.0 * t)
    });
    let cell = cell.map(|v| v as i32);
    let mut sum = 0.0;
    for corner in 0..8 {
        let step = [corner & 1, corner >> 1 & 1, corner >> 2 & 1];
        let mut weight = 1.0;
        for i in 0..3 {
            weight *= if step[i] == 1 { part[i] } else { 1.0 - part[i] };
        }
        sum += weight * hash(seed, [0, 1, 2].map(|i| cell[i].wrapping_add(step[i])));
    }
    sum
}

/// The finaliser of MurmurHash3 over a lattice point, as a number from -1 to 1.
fn hash(seed: u32, cell: [i32; 3]) -> f32 {
    let mut h = seed ^ 0x9E37_79B9;
    for v in cell {
        h = (h ^ v as u32).wrapping_mul(0x85EB_CA6B).rotate_left(13);
    }
    h ^= h >> 16;
    h = h.wrapping_mul(0x85EB_CA6B);
    h ^= h >> 13;
    h = h.wrapping_mul(0xC2B2_AE35);
    h ^= h >> 16;
    (h >> 8) as f32 / (1u32 << 23) as f32 - 1.0
}
