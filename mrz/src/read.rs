//! A picture's zone, from its lines to its text.

use crate::decode::{Shape, decode, fits};
use crate::glyph::{CLASSES, Classifier, Scores, patch};
use crate::grey::{Grey, View};
use crate::grid::{Cell, Homography, Pair, Placed, place};
use crate::lines::{self, Line};
use crate::{Hint, Read};
use regulation::Date;

/// Contrasts by which marks are told from what is around them, percent; the next where the one before shows
/// no zone.
const CONTRASTS: [u32; 2] = [14, 7];
/// From row to row, in heights of marks (TD1: 4.23 mm by 2.5; TD3: 6.35 mm), with room for slants.
const ROW_STEPS: std::ops::RangeInclusive<f32> = 1.1..=3.6;
/// Least pitch, pixels, of which a fault is not put down to the size.
const SMALL_PITCH: f32 = 10.0;
/// Slope of lines beyond which a fault is put down to it: 18°.
const STEEP: f32 = 0.325;
/// Groups of lines that are looked at closely, at most.
const MOST_GROUPS: usize = 8;
/// Columns looked at beyond those where marks are.
const BEYOND: i32 = 2;
/// Marks that stand in cells, of a zone that is looked at.
const LEAST_PLACED: usize = 14;
/// How sure the classifier is of a character whose middle then tells where its cell is (logarithm).
const TELLS: f32 = -0.3;

/// The zone in the picture, or why there is none.
pub(crate) fn read(view: &View<'_>, today: Date) -> Result<Read, Hint> {
    let grey = Grey::of(view).ok_or(Hint::NoZone)?;
    let classifier = Classifier::new();
    let mut hint = Hint::NoZone;
    for contrast in CONTRASTS {
        let lines = lines::find(&grey, contrast);
        for group in groups(&lines).into_iter().take(MOST_GROUPS) {
            match read_group(&grey, &classifier, &group, today) {
                Ok(read) => return Ok(read),
                Err(other) => hint = hint.max(other),
            }
        }
        let small = lines.iter().filter(|line| tiny(line)).count() > 1;
        if small && matches!(hint, Hint::NoZone | Hint::Blurred) {
            hint = Hint::TooSmall;
        }
        // A zone that was seen and not read is not there a second time.
        if hint > Hint::Skewed {
            break;
        }
    }
    Err(hint)
}

/// A long line of marks too small to be told apart.
fn tiny(line: &Line) -> bool {
    line.marks.len() >= LEAST_PLACED && line.height < SMALL_PITCH * 0.75
}

/// Two or three lines below each other that may be a zone, those with most marks first.
fn groups(lines: &[Line]) -> Vec<Vec<&Line>> {
    let follows = |upper: &Line, lower: &Line| {
        let (left, right) = upper.ends();
        let (from, to) = lower.ends();
        let both = right.min(to) - left.max(from);
        let middle = f32::midpoint(left.max(from), right.min(to));
        let flat = (1.0 + upper.slope * upper.slope).sqrt();
        let height = f32::midpoint(upper.height, lower.height);
        let step = (lower.at(middle) - upper.at(middle)) / flat / height;
        both > 0.55 * (right - left).max(to - from)
            && ROW_STEPS.contains(&step)
            && (upper.slope - lower.slope).abs() < 0.12
            && upper.height < lower.height * 1.4
            && lower.height < upper.height * 1.4
    };
    let mut found: Vec<Vec<&Line>> = Vec::new();
    for upper in lines {
        for lower in lines.iter().filter(|lower| follows(upper, lower)) {
            found.push(vec![upper, lower]);
            for last in lines.iter().filter(|last| follows(lower, last)) {
                found.push(vec![upper, lower, last]);
            }
        }
    }
    let marks = |group: &Vec<&Line>| group.iter().map(|line| line.marks.len()).sum::<usize>();
    found.sort_by_key(|group| std::cmp::Reverse(marks(group)));
    found
}

/// The scores of the cells of a few rows.
struct Cells {
    /// Column of the first.
    from: i32,
    rows: Vec<Vec<Scores>>,
}

impl Cells {
    /// A window of them, row after row.
    fn window(&self, from: i32, rows: usize, columns: usize) -> Option<Vec<Scores>> {
        let skip = usize::try_from(from - self.from).ok()?;
        let mut window = Vec::with_capacity(rows * columns);
        for row in self.rows.iter().take(rows) {
            window.extend_from_slice(row.get(skip..skip + columns)?);
        }
        (window.len() == rows * columns).then_some(window)
    }
}

fn read_group(
    grey: &Grey,
    classifier: &Classifier,
    group: &[&Line],
    today: Date,
) -> Result<Read, Hint> {
    let slope = group
        .iter()
        .map(|line| line.slope.abs())
        .fold(0.0, f32::max);
    let mut placed = place(group).ok_or(Hint::NoZone)?;
    let (mut from, mut to) = extent(&placed).ok_or(Hint::NoZone)?;
    let columns = to - from + 1;
    let shape = match group.len() {
        3 if (20..=40).contains(&columns) => Shape::Td1,
        2 if (32..=54).contains(&columns) => Shape::Td3,
        _ => return Err(Hint::NoZone),
    };
    let homography = fitted(&mut placed, None).ok_or(Hint::NoZone)?;
    // What stood in no cell is gone.
    (from, to) = extent(&placed).unwrap_or((from, to));
    let wanted = i32::try_from(shape.columns()).unwrap_or(i32::MAX);
    let missing = (wanted - (to - from + 1)).max(0);
    let (from, to) = (from - BEYOND - missing, to + BEYOND + missing);
    let look = |homography: &Homography| classified(grey, classifier, homography, shape, from, to);
    let mut cells = look(&homography).ok_or(Hint::NoZone)?;
    let mut homography = homography;
    for _ in 0..2 {
        let known = Known {
            classifier,
            cells: &cells,
            homography,
        };
        let better = fitted(&mut placed, Some(&known));
        let Some((better, seen)) = better.and_then(|better| Some((better, look(&better)?))) else {
            break;
        };
        (homography, cells) = (better, seen);
    }
    let mut windows: Vec<(f32, i32, Vec<Scores>)> = (from..=to)
        .filter_map(|first| {
            let window = cells.window(first, shape.rows(), shape.columns())?;
            Some((fits(shape, &window), first, window))
        })
        .collect();
    windows.sort_by(|a, b| b.0.total_cmp(&a.0));
    let best = windows.first().ok_or(Hint::NoZone)?;
    let middle = f64::from(best.1) + f64::from(wanted) / 2.0;
    let pitch = homography.cell(middle, 0.5).map_or(0.0, |cell| cell.pitch);
    let small = pitch < SMALL_PITCH;
    // Text, but no zone's.
    let poor = if best.0 < -4.0 {
        Hint::NoZone
    } else {
        Hint::Blurred
    };
    match decode(shape, &best.2, today) {
        Ok(text) => Ok(Read { text }),
        Err(_) if small => Err(Hint::TooSmall),
        Err(Hint::Blurred) if slope > STEEP && poor == Hint::Blurred => Err(Hint::Skewed),
        Err(Hint::Blurred) => Err(poor),
        Err(other) => Err(other),
    }
}

fn extent(placed: &[Placed]) -> Option<(i32, i32)> {
    let columns = || placed.iter().map(|placed| placed.column);
    Some((columns().min()?, columns().max()?))
}

/// Where in the grid the middle of a mark is: the middle of its cell, or of the character that stands there.
fn target(placed: &Placed, known: Option<&Known<'_>>) -> (f64, f64) {
    let (column, row) = (f64::from(placed.column), placed.row as f64);
    let read = known.and_then(|known| {
        let at = usize::try_from(placed.column - known.cells.from).ok()?;
        let scores = known.cells.rows.get(placed.row)?.get(at)?;
        let (class, score) = scores
            .iter()
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(b.1))?;
        let (x, y) = known.classifier.centre(class);
        let step = known.homography.cell(column, row)?.step;
        (*score > TELLS).then(|| (column + f64::from(x), row + f64::from(y) / step))
    });
    read.unwrap_or((column, row))
}

/// What an earlier look has told.
struct Known<'a> {
    classifier: &'a Classifier,
    cells: &'a Cells,
    homography: Homography,
}

/// Fitted to the middles of the marks. Marks that do not fit are left out.
fn fitted(placed: &mut Vec<Placed>, known: Option<&Known<'_>>) -> Option<Homography> {
    let pairs = |placed: &[Placed]| -> Vec<Pair> {
        placed
            .iter()
            .map(|one| {
                let at = (f64::from(one.mark.x), f64::from(one.mark.y));
                (target(one, known), at)
            })
            .collect()
    };
    let mut homography = match known {
        Some(known) => known.homography,
        None => Homography::fit(&pairs(placed))?,
    };
    for within in [0.36, 0.26] {
        let near = |one: &&Placed| {
            let (column, row) = target(one, known);
            let at = homography.at(column, row);
            let cell = homography.cell(column, row);
            at.zip(cell).is_some_and(|((x, y), cell)| {
                let off = (f64::from(one.mark.x) - x).hypot(f64::from(one.mark.y) - y);
                off < within * f64::from(cell.pitch)
            })
        };
        let kept: Vec<Placed> = placed.iter().filter(near).copied().collect();
        if kept.len() < LEAST_PLACED {
            return None;
        }
        homography = Homography::fit(&pairs(&kept))?;
        if known.is_none() {
            *placed = kept;
        }
    }
    Some(homography)
}

/// The scores of the cells from column to column.
fn classified(
    grey: &Grey,
    classifier: &Classifier,
    homography: &Homography,
    shape: Shape,
    from: i32,
    to: i32,
) -> Option<Cells> {
    let mut rows = Vec::with_capacity(shape.rows());
    for row in 0..shape.rows() {
        let mut scores = Vec::new();
        for column in from..=to {
            let cell = homography.cell(f64::from(column), row as f64)?;
            scores.push(if inside(grey, &cell) {
                classifier.scores(&patch_of(grey, &cell))
            } else {
                nothing()
            });
        }
        rows.push(scores);
    }
    Some(Cells { from, rows })
}

/// All of the character is in the picture; what is cut off is not guessed.
fn inside(grey: &Grey, cell: &Cell) -> bool {
    [(-0.36, -0.55), (0.36, -0.55), (-0.36, 0.55), (0.36, 0.55)]
        .into_iter()
        .all(|(u, v)| {
            let x = cell.x + u * cell.right.0 + v * cell.down.0;
            let y = cell.y + u * cell.right.1 + v * cell.down.1;
            x >= 0.0 && y >= 0.0 && x < grey.width as f32 && y < grey.height as f32
        })
}

/// Scores of a cell in which there is surely no character.
fn nothing() -> Scores {
    let mut scores = [-20.0; CLASSES];
    scores[CLASSES - 1] = 0.0;
    scores
}

fn patch_of(grey: &Grey, cell: &Cell) -> crate::glyph::Patch {
    patch(grey, cell.pitch, |u, v| {
        (
            cell.x + u * cell.right.0 + v * cell.down.0,
            cell.y + u * cell.right.1 + v * cell.down.1,
        )
    })
}
