//! Which way a head is turned, from its five points.

use super::detect::{Point, Points};

/// Turned away from the camera, in degrees; signs as in ISO/IEC 39794-5, seen from the person.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Pose {
    /// About the vertical; above zero the face looks to its own left (the picture's right).
    pub yaw: f32,
    /// About the axis through the ears; above zero it looks down.
    pub pitch: f32,
    /// About the line of sight; above zero the head leans to its own right shoulder.
    pub roll: f32,
}

/// The five points of a mean face, millimetres: x to the picture's right, y up, z to the camera.
///
/// Side and height are those of the template that face networks align to (InsightFace's, which is
/// a mean over many photos of faces looking ahead), enlarged to an eye distance of 63 mm, the mean
/// of adults (Dodgson, "Variation and extrema of human interpupillary distance", 2004). That has no
/// depth; the nose's and the mouth's are round numbers within what heads have, so a face with a
/// longer or shorter nose has its yaw over- or underestimated in proportion.
const MEAN: [[f32; 3]; 5] = [
    [-31.5, 0.0, 0.0],
    [31.5, 0.0, 0.0],
    [0.0, -36.0, NOSE_OUT],
    [-26.0, -72.7, MOUTH_OUT],
    [26.0, -72.7, MOUTH_OUT],
];
const NOSE_OUT: f32 = 30.0;
const MOUTH_OUT: f32 = 5.0;
impl Pose {
    /// Fits the mean face to the points by least squares as a camera far away would see it (the
    /// first step of POSIT: DeMenthon, Davis, IJCV 15, 1995). Points that are no face at all give
    /// some pose, but always a number.
    #[must_use]
    pub fn of(points: &Points) -> Self {
        let seen = points.to_array();
        let centre = seen.iter().fold(Point::default(), |c, p| Point {
            x: c.x + p.x / 5.0,
            y: c.y + p.y / 5.0,
        });
        let mean = MEAN
            .iter()
            .fold([0.0; 3], |c, m| add(c, m.map(|v| v / 5.0)));
        // Normal equations of both rows of the affine map: the same matrix, two right sides.
        let mut matrix = [[0.0f32; 3]; 3];
        let (mut right, mut up) = ([0.0f32; 3], [0.0f32; 3]);
        for (model, point) in MEAN.iter().zip(seen) {
            let m: [f32; 3] = std::array::from_fn(|k| model[k] - mean[k]);
            for (row, a) in matrix.iter_mut().zip(m) {
                for (cell, b) in row.iter_mut().zip(m) {
                    *cell += a * b;
                }
            }
            for k in 0..3 {
                right[k] += m[k] * (point.x - centre.x);
                up[k] -= m[k] * (point.y - centre.y);
            }
        }
        let Some(inverse) = inverted(&matrix) else {
            return Self::default();
        };
        let (a, b) = (times(&inverse, right), times(&inverse, up));
        // The nearest pair of unit vectors at right angles: the sum's and the difference's halves.
        let (a, b) = (unit(a), unit(b));
        let (sum, difference) = (unit(add(a, b)), unit(sub(a, b)));
        let a = unit(add(sum, difference));
        let b = unit(sub(sum, difference));
        let c = cross(a, b);
        // Rows a, b, c of Rz(roll) · Rx(pitch) · Ry(yaw).
        let pose = Self {
            yaw: (-c[0]).atan2(c[2]).to_degrees(),
            pitch: c[1].clamp(-1.0, 1.0).asin().to_degrees(),
            roll: (-a[1]).atan2(b[1]).to_degrees(),
        };
        let finite = [pose.yaw, pose.pitch, pose.roll]
            .iter()
            .all(|v| v.is_finite());
        if finite { pose } else { Self::default() }
    }
}

type V3 = [f32; 3];

fn add(a: V3, b: V3) -> V3 {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

fn sub(a: V3, b: V3) -> V3 {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

fn dot(a: V3, b: V3) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn unit(a: V3) -> V3 {
    let length = dot(a, a).sqrt();
    a.map(|v| v / length.max(f32::MIN_POSITIVE))
}

fn cross(a: V3, b: V3) -> V3 {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

fn times(m: &[V3; 3], v: V3) -> V3 {
    m.map(|row| dot(row, v))
}

fn inverted(m: &[V3; 3]) -> Option<[V3; 3]> {
    let (a, b, c) = (cross(m[1], m[2]), cross(m[2], m[0]), cross(m[0], m[1]));
    let determinant = dot(m[0], a);
    (determinant.abs() > 1e-3)
        .then(|| std::array::from_fn(|k| [a[k], b[k], c[k]].map(|v| v / determinant)))
}
