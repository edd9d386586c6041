//! The grid of a zone: which mark is in which cell, and where each cell is in the picture.
//!
//! Rows and columns of a flat document are seen through a homography, fitted by least squares to the middles
//! of the marks.

use crate::lines::{Line, Mark};

/// A mark with its cell; columns count from any origin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placed {
    pub(crate) mark: Mark,
    pub(crate) column: i32,
    pub(crate) row: usize,
}

/// A place in the grid (column, row), and where it is in the picture.
pub(crate) type Pair = ((f64, f64), (f64, f64));

/// From cells (column, row) to pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Homography {
    of: [f64; 8],
    /// Cells are moved and scaled for the sake of the numbers.
    middle: (f64, f64),
}

/// A cell in the picture: its middle, and one pitch to the right and downwards.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) right: (f32, f32),
    pub(crate) down: (f32, f32),
    pub(crate) pitch: f32,
    /// From row to row, in units of the pitch.
    pub(crate) step: f64,
}

const SCALE: f64 = 16.0;

impl Homography {
    /// Fitted to cells and pixels; `None` where they do not tell.
    pub(crate) fn fit(pairs: &[Pair]) -> Option<Self> {
        if pairs.len() < 6 {
            return None;
        }
        let count = pairs.len() as f64;
        let middle = (
            pairs.iter().map(|p| p.0.0).sum::<f64>() / count,
            pairs.iter().map(|p| p.0.1).sum::<f64>() / count,
        );
        let mut normal = [[0.0_f64; 9]; 8];
        for ((column, row), (x, y)) in pairs {
            let (u, v) = ((column - middle.0) / SCALE, row - middle.1);
            let (x, y) = (x / 1000.0, y / 1000.0);
            let rows = [
                [u, v, 1.0, 0.0, 0.0, 0.0, -u * x, -v * x, x],
                [0.0, 0.0, 0.0, u, v, 1.0, -u * y, -v * y, y],
            ];
            for equation in rows {
                for (a, sums) in normal.iter_mut().enumerate() {
                    for (b, sum) in sums.iter_mut().enumerate() {
                        *sum += equation[a] * equation[b];
                    }
                }
            }
        }
        // A little weight on "no perspective": marks that do not tell of one are not read as if they did.
        normal[6][6] += 1e-5 * count;
        normal[7][7] += 1e-3 * count;
        let of = solve(normal)?;
        Some(Self { of, middle })
    }

    /// `None`: behind the camera, or infinitely far.
    pub(crate) fn at(&self, column: f64, row: f64) -> Option<(f64, f64)> {
        let (u, v) = ((column - self.middle.0) / SCALE, row - self.middle.1);
        let h = &self.of;
        let deep = h[6] * u + h[7] * v + 1.0;
        let x = (h[0] * u + h[1] * v + h[2]) / deep * 1000.0;
        let y = (h[3] * u + h[4] * v + h[5]) / deep * 1000.0;
        (deep > 0.2 && x.abs() < 1e5 && y.abs() < 1e5).then_some((x, y))
    }

    /// A cell; its height is taken to be as if the document were not tilted about its long side.
    pub(crate) fn cell(&self, column: f64, row: f64) -> Option<Cell> {
        let (x, y) = self.at(column, row)?;
        let (left, right) = (self.at(column - 0.5, row)?, self.at(column + 0.5, row)?);
        let (above, below) = (self.at(column, row - 0.5)?, self.at(column, row + 0.5)?);
        let across = (right.0 - left.0, right.1 - left.1);
        let down = (below.0 - above.0, below.1 - above.1);
        let (pitch, step) = (across.0.hypot(across.1), down.0.hypot(down.1));
        if !(3.0..200.0).contains(&pitch) || !(3.0..600.0).contains(&step) {
            return None;
        }
        let down = (down.0 / step * pitch, down.1 / step * pitch);
        Some(Cell {
            x: x as f32,
            y: y as f32,
            right: (across.0 as f32, across.1 as f32),
            down: (down.0 as f32, down.1 as f32),
            pitch: pitch as f32,
            step: step / pitch,
        })
    }
}

/// Gaussian elimination with pivots.
#[allow(clippy::needless_range_loop)]
fn solve(mut m: [[f64; 9]; 8]) -> Option<[f64; 8]> {
    for column in 0..8 {
        let pivot =
            (column..8).max_by(|a, b| m[*a][column].abs().total_cmp(&m[*b][column].abs()))?;
        if m[pivot][column].abs() < 1e-12 {
            return None;
        }
        m.swap(column, pivot);
        for row in 0..8 {
            if row != column {
                let by = m[row][column] / m[column][column];
                for at in column..9 {
                    m[row][at] -= by * m[column][at];
                }
            }
        }
    }
    let solved: [f64; 8] = std::array::from_fn(|n| m[n][8] / m[n][n]);
    solved.iter().all(|v| v.is_finite()).then_some(solved)
}

/// Marks of the lines (from the upper one) in their cells.
pub(crate) fn place(lines: &[&Line]) -> Option<Vec<Placed>> {
    let first = lines.first()?;
    let slope = lines.iter().map(|line| line.slope).sum::<f32>() / count(lines.len());
    let length = (1.0 + slope * slope).sqrt();
    let along = |mark: &Mark| (mark.x + slope * mark.y) / length;
    let pitch = pitch(lines, &along, first.height)?;
    let mut rows: Vec<Vec<(f32, i32, Mark)>> = Vec::new();
    for line in lines {
        rows.push(columns(line, &along, pitch)?);
    }
    // The other lines begin where the first one does.
    let (reference, others) = rows.split_first_mut()?;
    for row in others {
        let mut offsets: Vec<f32> = row
            .iter()
            .filter_map(|(t, column, _)| {
                let near = reference
                    .iter()
                    .min_by(|a, b| (a.0 - t).abs().total_cmp(&(b.0 - t).abs()))?;
                let off = (near.1 - column) as f32 + (t - near.0) / pitch;
                ((t - near.0).abs() < 3.0 * pitch).then_some(off)
            })
            .collect();
        offsets.sort_by(f32::total_cmp);
        let offset = *offsets.get(offsets.len() / 2)?;
        let offset = offset.round() as i32;
        row.iter_mut().for_each(|(_, column, _)| *column += offset);
    }
    let placed = rows.iter().enumerate().flat_map(|(row, marks)| {
        marks.iter().map(move |(_, column, mark)| Placed {
            mark: *mark,
            column: *column,
            row,
        })
    });
    Some(placed.collect())
}

fn count(n: usize) -> f32 {
    n.max(1) as f32
}

/// The middle one of the distances from mark to mark that one pitch may be.
fn pitch(lines: &[&Line], along: &impl Fn(&Mark) -> f32, height: f32) -> Option<f32> {
    let mut steps: Vec<f32> = Vec::new();
    for line in lines {
        let places: Vec<f32> = line.marks.iter().map(along).collect();
        steps.extend(places.windows(2).map(|two| two[1] - two[0]));
    }
    steps.retain(|step| (0.6 * height..1.45 * height).contains(step));
    steps.sort_by(f32::total_cmp);
    let enough = steps.len() >= 6;
    steps.get(steps.len() / 2).copied().filter(|_| enough)
}

/// Marks of a line with their columns, counted from its middle both ways.
fn columns(
    line: &Line,
    along: &impl Fn(&Mark) -> f32,
    pitch: f32,
) -> Option<Vec<(f32, i32, Mark)>> {
    let marks: Vec<(f32, Mark)> = line.marks.iter().map(|mark| (along(mark), *mark)).collect();
    let middle = marks.len() / 2;
    // It begins with two neighbours that are one pitch apart.
    let begin = (0..marks.len().saturating_sub(1))
        .filter(|n| ((marks[n + 1].0 - marks[*n].0) / pitch - 1.0).abs() < 0.12)
        .min_by_key(|n| n.abs_diff(middle))?;
    let mut found = vec![(marks[begin].0, 0, marks[begin].1)];
    for direction in [1.0_f32, -1.0] {
        let (mut last, mut column, mut step) = (marks[begin].0, 0, pitch);
        let rest: Vec<&(f32, Mark)> = if direction > 0.0 {
            marks[begin + 1..].iter().collect()
        } else {
            marks[..begin].iter().rev().collect()
        };
        for (t, mark) in rest {
            let by = (t - last) * direction / step;
            let whole = by.round();
            if whole < 1.0 || (by - whole).abs() > 0.3 || whole > 12.0 {
                continue;
            }
            let columns = whole as i32;
            column += if direction > 0.0 { columns } else { -columns };
            // The pitch changes slowly where the document is seen at an angle.
            step += 0.12 * ((t - last) * direction / whole - step);
            last = *t;
            found.push((*t, column, *mark));
        }
    }
    found.sort_by_key(|(_, column, _)| *column);
    Some(found)
}
