//! OCR-B as distances: how far a point of a cell is from the edge of its character.

use crate::ALPHABET;

/// Made by `mrzglyphs`; its form is told there.
const OUTLINES: &str = include_str!("../../assets/ocr-b.txt");
/// Units of the font from cell to cell.
const ADVANCE: f32 = 723.0;
/// The grid of distances: its step, and how far it reaches from the middle of the cell, units.
const STEP: f32 = 15.0;
const REACH: (f32, f32) = (420.0, 600.0);
const COLUMNS: usize = 57;
const ROWS: usize = 81;

/// The 37 characters of the zone.
pub struct Font {
    /// Distances in units of the pitch, negative inside; a grid a character.
    distances: Vec<Vec<f32>>,
    /// Middle of the ink, in units of the pitch, from the middle of the cell; y downwards.
    centres: Vec<(f32, f32)>,
}

impl std::fmt::Debug for Font {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Font({} characters)", self.distances.len())
    }
}

type Polygon = Vec<(f32, f32)>;

impl Default for Font {
    fn default() -> Self {
        Self::new()
    }
}

impl Font {
    #[must_use]
    pub fn new() -> Self {
        let outlines: Vec<Vec<Polygon>> = OUTLINES.lines().map(polygons).collect();
        Self {
            distances: outlines.iter().map(|glyph| grid(glyph)).collect(),
            centres: outlines.iter().map(|glyph| centre(glyph)).collect(),
        }
    }

    /// Place of the character in [`ALPHABET`]; the filler for any other.
    #[must_use]
    pub fn index(byte: u8) -> usize {
        let at = ALPHABET.iter().position(|known| *known == byte);
        at.unwrap_or(ALPHABET.len() - 1)
    }

    /// Middle of the character's ink from the middle of its cell, in units of the pitch, y downwards.
    #[must_use]
    pub fn centre(&self, glyph: usize) -> (f32, f32) {
        self.centres.get(glyph).copied().unwrap_or_default()
    }

    /// Distance of a point (units of the pitch from the middle of the cell, y downwards) to the edge of the
    /// character: negative inside; large where nothing is near.
    #[must_use]
    pub fn distance(&self, glyph: usize, x: f32, y: f32) -> f32 {
        const FAR: f32 = 1.0;
        let Some(grid) = self.distances.get(glyph) else {
            return FAR;
        };
        let column = (x * ADVANCE + REACH.0) / STEP;
        let row = (y * ADVANCE + REACH.1) / STEP;
        if column < 0.0 || row < 0.0 {
            return FAR;
        }
        let (left, top) = (column as usize, row as usize);
        if left + 1 >= COLUMNS || top + 1 >= ROWS {
            return FAR;
        }
        let (fx, fy) = (column.fract(), row.fract());
        let at = |row: usize, column: usize| grid[row * COLUMNS + column];
        let above = at(top, left) * (1.0 - fx) + at(top, left + 1) * fx;
        let below = at(top + 1, left) * (1.0 - fx) + at(top + 1, left + 1) * fx;
        above * (1.0 - fy) + below * fy
    }
}

/// The polygons of a line of the file, y downwards.
fn polygons(line: &str) -> Vec<Polygon> {
    let drawn = line.get(2..).unwrap_or_default();
    let point = |text: &str| {
        let (x, y) = text.split_once(',')?;
        Some((x.parse().ok()?, -y.parse::<f32>().ok()?))
    };
    drawn
        .split('/')
        .map(|polygon| polygon.split_whitespace().filter_map(point).collect())
        .collect()
}

fn centre(glyph: &[Polygon]) -> (f32, f32) {
    let points = || glyph.iter().flatten();
    let middle = |values: &dyn Fn() -> Vec<f32>| {
        let values = values();
        let least = values.iter().copied().fold(f32::MAX, f32::min);
        let most = values.iter().copied().fold(f32::MIN, f32::max);
        f32::midpoint(least, most) / ADVANCE
    };
    (
        middle(&|| points().map(|p| p.0).collect()),
        middle(&|| points().map(|p| p.1).collect()),
    )
}

fn grid(glyph: &[Polygon]) -> Vec<f32> {
    let mut grid = Vec::with_capacity(COLUMNS * ROWS);
    for row in 0..ROWS {
        for column in 0..COLUMNS {
            let at = (column as f32 * STEP - REACH.0, row as f32 * STEP - REACH.1);
            grid.push(signed_distance(glyph, at) / ADVANCE);
        }
    }
    grid
}

/// To the nearest edge; inside is where the outlines wind around.
fn signed_distance(glyph: &[Polygon], (x, y): (f32, f32)) -> f32 {
    let (mut nearest, mut winding) = (f32::MAX, 0);
    for polygon in glyph {
        let next = polygon.iter().cycle().skip(1);
        for (&(ax, ay), &(bx, by)) in polygon.iter().zip(next) {
            let (dx, dy) = (bx - ax, by - ay);
            let length = dx * dx + dy * dy;
            let along = if length == 0.0 {
                0.0
            } else {
                (((x - ax) * dx + (y - ay) * dy) / length).clamp(0.0, 1.0)
            };
            let (ex, ey) = (x - ax - along * dx, y - ay - along * dy);
            nearest = nearest.min(ex * ex + ey * ey);
            let side = dx * (y - ay) - dy * (x - ax);
            if ay <= y && by > y && side > 0.0 {
                winding += 1;
            } else if ay > y && by <= y && side < 0.0 {
                winding -= 1;
            }
        }
    }
    let distance = nearest.sqrt();
    if winding == 0 { distance } else { -distance }
}
