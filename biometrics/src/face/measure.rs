//! What a face's picture is like: sharpness and light, apart from whose face it is.

use super::detect::{Face, Point};
use super::picture::RgbView;

/// Samples between the eyes' centres of the patch that sharpness and light are measured on.
const BETWEEN_EYES: f32 = 48.0;
/// Samples of the patch: from above the brows to the chin, cheek to cheek.
const SIDE: usize = 96;
/// Row of the eye line in it.
const EYE_ROW: f32 = 28.0;
/// Half the side of a light zone, of the eyes' distance: 0.3 for its side, as ICAO's Technical
/// Report "Portrait Quality" (2018) has it.
const ZONE: f32 = 0.15;

/// Sharpness and light of a face; grey values are Rec. 601 luma of sRGB, 0 to 255.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Light {
    /// Mean grey value of the face.
    pub luma: f32,
    /// Part of the face's samples that are blown out (grey above 250), 0 to 1.
    pub blown: f32,
    /// The darker cheek's mean grey by the brighter's, 0 to 1. Not of the chin and the forehead,
    /// which the Technical Report has too: a beard or a fringe is not a shadow.
    pub evenness: f32,
    /// Mean square of the Laplacian by the variance of grey, both over the patch at 48 samples
    /// between the eyes: near 0 for a blurred face, whatever its contrast.
    pub sharpness: f32,
}

impl Light {
    /// Of a face, whose points may lie anywhere.
    #[must_use]
    pub fn of(picture: &RgbView<'_>, face: &Face) -> Self {
        let patch = Patch::of(picture, face);
        let zone = |side: f32| patch.mean_around(side * 0.50, 0.62);
        let (right, left) = (zone(-1.0), zone(1.0));
        let count = patch.grey.len().max(1) as f32;
        let luma = patch.grey.iter().sum::<f32>() / count;
        Self {
            luma,
            blown: patch.grey.iter().filter(|v| **v > 250.0).count() as f32 / count,
            evenness: right.min(left) / right.max(left).max(1.0),
            sharpness: patch.sharpness(luma),
        }
    }
}

/// The face turned upright, at one size.
struct Patch {
    grey: Vec<f32>,
}

impl Patch {
    fn of(picture: &RgbView<'_>, face: &Face) -> Self {
        let (a, b) = (face.points.right_eye, face.points.left_eye);
        let middle = a.middle(b);
        // One sample to the right, in the picture's pixels.
        let (dx, dy) = ((b.x - a.x) / BETWEEN_EYES, (b.y - a.y) / BETWEEN_EYES);
        // Samples farther apart than pixels take the mean of a few, or they would see patterns
        // that are not there.
        let fine = (dx.hypot(dy).ceil() as usize).clamp(1, 8);
        let mut grey = Vec::with_capacity(SIDE * SIDE);
        for row in 0..SIDE {
            for column in 0..SIDE {
                let mut sum = 0.0;
                for part in 0..fine * fine {
                    let place = |at: usize, part: usize| {
                        at as f32 + (part as f32 + 0.5) / fine as f32 - 0.5
                    };
                    let x = place(column, part % fine) - (SIDE as f32 - 1.0) / 2.0;
                    let y = place(row, part / fine) - EYE_ROW;
                    let at = Point {
                        x: middle.x + x * dx - y * dy,
                        y: middle.y + x * dy + y * dx,
                    };
                    let [r, g, b] = picture.sample(at.x, at.y);
                    sum += 0.299 * r + 0.587 * g + 0.114 * b;
                }
                grey.push(sum / (fine * fine) as f32);
            }
        }
        Self { grey }
    }

    fn at(&self, column: usize, row: usize) -> f32 {
        self.grey.get(row * SIDE + column).copied().unwrap_or(0.0)
    }

    /// Mean around a place given in eye distances from the middle between the eyes.
    fn mean_around(&self, x: f32, y: f32) -> f32 {
        let reach = ZONE * BETWEEN_EYES;
        let span = |centre: f32| {
            let from = (centre - reach).max(0.0) as usize;
            from..((centre + reach).max(0.0) as usize + 1).min(SIDE)
        };
        let columns = span((SIDE as f32 - 1.0) / 2.0 + x * BETWEEN_EYES);
        let rows = span(EYE_ROW + y * BETWEEN_EYES);
        let count = (columns.len() * rows.len()).max(1) as f32;
        let sum: f32 = rows
            .flat_map(|row| columns.clone().map(move |column| self.at(column, row)))
            .sum();
        sum / count
    }

    fn sharpness(&self, mean: f32) -> f32 {
        let inner = 1..SIDE - 1;
        let (mut edges, mut spread) = (0.0f64, 0.0f64);
        for row in inner.clone() {
            for column in inner.clone() {
                let centre = self.at(column, row);
                let around = self.at(column - 1, row)
                    + self.at(column + 1, row)
                    + self.at(column, row - 1)
                    + self.at(column, row + 1);
                edges += f64::from(around - 4.0 * centre).powi(2);
                spread += f64::from(centre - mean).powi(2);
            }
        }
        // A flat patch has no edges to judge by.
        let floor = (SIDE * SIDE) as f64;
        (edges / spread.max(floor)) as f32
    }
}
