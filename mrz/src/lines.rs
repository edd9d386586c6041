//! Lines of evenly sized marks: where a zone may be.
//!
//! Dark marks are told from their surroundings by a local mean (Bradley and Roth, 2007), joined where they
//! touch, and chained to their nearest neighbour of like height on the right.

use crate::grey::Grey;

/// Half the side of the square whose mean a pixel is compared with.
const AROUND: usize = 14;
/// Heights of marks that may be characters, pixels.
const HEIGHTS: std::ops::RangeInclusive<usize> = 6..=64;
/// Marks that are looked at: a page full of noise has more.
const MOST_MARKS: usize = 6000;
/// Marks of a line.
const LEAST_MARKS: usize = 9;
/// Lines that are looked at, those with most marks first.
const MOST_LINES: usize = 24;

/// A dark mark that may be a character: middle and sides of its box, pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) width: f32,
    pub(crate) height: f32,
}

/// Marks beside each other, from left to right, around `y = slope * x + offset`.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) marks: Vec<Mark>,
    pub(crate) slope: f32,
    pub(crate) offset: f32,
    /// Of the middle one of its marks.
    pub(crate) height: f32,
}

impl Line {
    fn of(mut marks: Vec<Mark>) -> Option<Self> {
        marks.sort_by(|a, b| a.x.total_cmp(&b.x));
        let mut heights: Vec<f32> = marks.iter().map(|mark| mark.height).collect();
        heights.sort_by(f32::total_cmp);
        let height = *heights.get(heights.len() / 2)?;
        let (mut slope, mut offset) = fit(&marks)?;
        // What lies beside is not of it.
        for within in [0.7, 0.4] {
            let near = |mark: &Mark| (mark.y - slope * mark.x - offset).abs() < within * height;
            marks.retain(near);
            (slope, offset) = fit(&marks)?;
        }
        Some(Self {
            marks,
            slope,
            offset,
            height,
        })
    }

    pub(crate) fn ends(&self) -> (f32, f32) {
        let first = self.marks.first().map_or(0.0, |mark| mark.x);
        (first, self.marks.last().map_or(first, |mark| mark.x))
    }

    pub(crate) fn at(&self, x: f32) -> f32 {
        self.slope * x + self.offset
    }
}

/// Least squares; `None` of fewer than three, or of marks above each other.
#[allow(clippy::cast_precision_loss)]
fn fit(marks: &[Mark]) -> Option<(f32, f32)> {
    if marks.len() < 3 {
        return None;
    }
    let count = marks.len() as f32;
    let mean_x = marks.iter().map(|mark| mark.x).sum::<f32>() / count;
    let mean_y = marks.iter().map(|mark| mark.y).sum::<f32>() / count;
    let across: f32 = marks.iter().map(|m| (m.x - mean_x) * (m.x - mean_x)).sum();
    let both: f32 = marks.iter().map(|m| (m.x - mean_x) * (m.y - mean_y)).sum();
    (across > 1.0).then(|| {
        let slope = both / across;
        (slope, mean_y - slope * mean_x)
    })
}

/// Lines of marks that are darker than their surroundings by `percent`.
pub(crate) fn find(grey: &Grey, percent: u32) -> Vec<Line> {
    let marks = marks(&dark(grey, percent), grey.width, grey.height);
    let mut lines = merged(chained(&marks));
    lines.retain(|line| line.marks.len() >= LEAST_MARKS);
    lines.sort_by_key(|line| std::cmp::Reverse(line.marks.len()));
    lines.truncate(MOST_LINES);
    lines
}

/// Pixels, smoothed a little, that are darker than the mean around them.
#[allow(clippy::cast_possible_truncation)]
fn dark(grey: &Grey, percent: u32) -> Vec<bool> {
    let (width, height) = (grey.width, grey.height);
    let stride = width + 1;
    // Sums from the top left corner.
    let mut sums = vec![0_u32; stride * (height + 1)];
    for y in 0..height {
        let mut row = 0;
        for x in 0..width {
            row += u32::from(grey.pixels[y * width + x]);
            sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1] + row;
        }
    }
    let mean_of = |left: usize, right: usize, top: usize, bottom: usize| {
        let sum = sums[bottom * stride + right] + sums[top * stride + left]
            - sums[top * stride + right]
            - sums[bottom * stride + left];
        (sum, ((right - left) * (bottom - top)) as u32)
    };
    let mut dark = vec![false; width * height];
    for y in 0..height {
        let (top, bottom) = (y.saturating_sub(AROUND), (y + AROUND + 1).min(height));
        let (above, below) = (y.saturating_sub(1), (y + 2).min(height));
        for x in 0..width {
            let (near, of_near) = mean_of(x.saturating_sub(1), (x + 2).min(width), above, below);
            let left = x.saturating_sub(AROUND);
            let (sum, count) = mean_of(left, (x + AROUND + 1).min(width), top, bottom);
            let (near, mean) = (near * 16 / of_near, sum * 16 / count);
            dark[y * width + x] = near * 100 + 100 * 64 < mean * (100 - percent) + 100 * 16
                || (near * 100 < mean * (100 - percent) && mean - near > 80);
        }
    }
    dark
}

/// Boxes of pixels that touch, of a size that characters may have.
#[allow(clippy::cast_precision_loss)]
fn marks(dark: &[bool], width: usize, height: usize) -> Vec<Mark> {
    struct Run {
        from: usize,
        to: usize,
        of: usize,
    }
    /// Left, right, top, bottom, pixels.
    type Bounds = (usize, usize, usize, usize, usize);
    fn root(parents: &mut [usize], mut of: usize) -> usize {
        while parents[of] != of {
            parents[of] = parents[parents[of]];
            of = parents[of];
        }
        of
    }
    let mut parents: Vec<usize> = Vec::new();
    let mut bounds: Vec<Bounds> = Vec::new();
    let (mut above, mut row): (Vec<Run>, Vec<Run>) = (Vec::new(), Vec::new());
    for y in 0..height {
        row.clear();
        let line = &dark[y * width..(y + 1) * width];
        let mut x = 0;
        let mut next = 0;
        while x < width {
            if !line[x] {
                x += 1;
                continue;
            }
            let from = x;
            while x < width && line[x] {
                x += 1;
            }
            let mut of = None;
            while next < above.len() && above[next].to < from {
                next += 1;
            }
            let mut touching = next;
            while touching < above.len() && above[touching].from <= x {
                let other = root(&mut parents, above[touching].of);
                match of {
                    None => of = Some(other),
                    Some(own) if own != other => {
                        parents[other] = own;
                        let (a, b) = (bounds[own], bounds[other]);
                        bounds[own] =
                            (a.0.min(b.0), a.1.max(b.1), a.2.min(b.2), a.3.max(b.3), a.4 + b.4);
                    }
                    Some(_) => {}
                }
                touching += 1;
            }
            let of = of.unwrap_or_else(|| {
                parents.push(parents.len());
                bounds.push((from, x, y, y + 1, 0));
                parents.len() - 1
            });
            let own = &mut bounds[of];
            *own = (own.0.min(from), own.1.max(x), own.2, y + 1, own.4 + x - from);
            row.push(Run { from, to: x, of });
        }
        std::mem::swap(&mut above, &mut row);
    }
    let mut found: Vec<Mark> = Vec::new();
    for (at, parent) in parents.iter().enumerate() {
        let (left, right, top, bottom, pixels) = bounds[at];
        let (wide, high) = (right - left, bottom - top);
        let may_be = *parent == at
            && HEIGHTS.contains(&high)
            && (2..=high * 8 / 5).contains(&wide)
            && pixels * 9 > wide * high;
        if may_be {
            found.push(Mark {
                x: (left + right) as f32 / 2.0 - 0.5,
                y: (top + bottom) as f32 / 2.0 - 0.5,
                width: wide as f32,
                height: high as f32,
            });
        }
    }
    if found.len() > MOST_MARKS {
        found.sort_by(|a, b| b.height.total_cmp(&a.height));
        found.truncate(MOST_MARKS);
    }
    found.sort_by(|a, b| a.x.total_cmp(&b.x));
    found
}

/// Groups of marks, each the nearest of like height on the right of another. `marks` are sorted by `x`.
fn chained(marks: &[Mark]) -> Vec<Vec<Mark>> {
    let mut groups: Vec<usize> = (0..marks.len()).collect();
    fn root(groups: &mut [usize], mut of: usize) -> usize {
        while groups[of] != of {
            groups[of] = groups[groups[of]];
            of = groups[of];
        }
        of
    }
    for (at, mark) in marks.iter().enumerate() {
        let mut best: Option<(f32, usize)> = None;
        for (other_at, other) in marks.iter().enumerate().skip(at + 1) {
            let height = mark.height.max(other.height);
            let (dx, dy) = (other.x - mark.x, (other.y - mark.y).abs());
            if dx > 2.2 * mark.height * 1.4 {
                break;
            }
            let like = other.height < mark.height * 1.5 && mark.height < other.height * 1.5;
            if like && dx > 0.45 * height && dx < 2.2 * height && dy < 0.5 * dx {
                let far = dx + 1.5 * dy;
                if best.is_none_or(|(least, _)| far < least) {
                    best = Some((far, other_at));
                }
            }
        }
        if let Some((_, other)) = best {
            let (a, b) = (root(&mut groups, at), root(&mut groups, other));
            groups[a.max(b)] = a.min(b);
        }
    }
    let mut found: Vec<Vec<Mark>> = vec![Vec::new(); marks.len()];
    for at in 0..marks.len() {
        let of = root(&mut groups, at);
        found[of].push(marks[at]);
    }
    found.retain(|group| group.len() >= 3);
    found
}

/// Lines of groups; those that go on in one another are one.
fn merged(groups: Vec<Vec<Mark>>) -> Vec<Line> {
    let mut lines: Vec<Line> = groups.into_iter().filter_map(Line::of).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.marks.len()));
    lines.truncate(200);
    let mut done: Vec<Line> = Vec::new();
    for line in lines {
        let home = done.iter_mut().find(|whole| {
            let (from, to) = line.ends();
            let (left, right) = whole.ends();
            let apart = (from - right).max(left - to);
            let like = line.height < whole.height * 1.35 && whole.height < line.height * 1.35;
            let off = |x: f32| (line.at(x) - whole.at(x)).abs() < 0.45 * whole.height;
            whole.marks.len() >= 6
                && like
                && apart < 14.0 * whole.height
                && off(f32::midpoint(from, to))
        });
        match home {
            Some(whole) => {
                let mut marks = std::mem::take(&mut whole.marks);
                let before = whole.clone();
                marks.extend(line.marks);
                if let Some(both) = Line::of(marks.clone()) {
                    *whole = both;
                } else {
                    *whole = Line { marks, ..before };
                }
            }
            None => done.push(line),
        }
    }
    done
}
