//! Lines of evenly sized marks: where a zone may be.
//!
//! Dark marks are told from their surroundings by a local mean (Bradley and Roth, 2007), joined where they
//! touch, and chained to their nearest neighbour of like height on the right.

use crate::grey::Grey;

/// Half the side of the square whose mean a pixel is compared with.
const AROUND: usize = 14;
/// Heights of marks that may be characters, pixels.
const HEIGHTS: std::ops::RangeInclusive<usize> = 4..=64;
/// Marks that are looked at: a page full of noise has more.
const MOST_MARKS: usize = 6000;
/// Marks of a line.
const LEAST_MARKS: usize = 9;
/// Lines that are looked at, those with most marks first.
const MOST_LINES: usize = 24;

/// A dark mark that may be a character: middle and height of its box, pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) x: f32,
    pub(crate) y: f32,
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

/// Pixels, smoothed a little, that are darker than the mean around them. Beyond the picture, its edge.
fn dark(grey: &Grey, percent: u32) -> Vec<bool> {
    /// Pixels of the two squares: products of sums of one and the number of the other can be compared.
    const NEAR: u32 = 9;
    const WIDE: u32 = ((2 * AROUND + 1) * (2 * AROUND + 1)) as u32;
    /// Least difference, levels of grey.
    const LEAST: u32 = 4;
    let (width, height) = (grey.width, grey.height);
    let row = |y: isize| {
        let y = y.clamp(0, height.cast_signed() - 1).cast_unsigned();
        &grey.pixels[y * width..(y + 1) * width]
    };
    let around = AROUND.cast_signed();
    // Sums of columns, of the rows around the one that is looked at.
    let (mut near, mut wide) = (vec![0_u32; width], vec![0_u32; width]);
    let add = |sums: &mut [u32], values: &[u8]| {
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += u32::from(*value);
        }
    };
    let subtract = |sums: &mut [u32], values: &[u8]| {
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum -= u32::from(*value);
        }
    };
    (-1..=1).for_each(|y| add(&mut near, row(y)));
    (-around..=around).for_each(|y| add(&mut wide, row(y)));
    // Sums from the left, with the edges on both sides.
    let mut sums = vec![0_u32; width + 2 * AROUND + 1];
    let mut dark = vec![false; width * height];
    for (y, out) in dark.chunks_exact_mut(width).enumerate() {
        let (mut sum, last) = (0, wide.len() - 1);
        for (at, to) in sums.iter_mut().enumerate() {
            *to = sum;
            sum += wide[at.saturating_sub(AROUND).min(last)];
        }
        let mut judge = |x: usize, near: u32| {
            let near = near * WIDE;
            let wide = (sums[x + 2 * AROUND + 1] - sums[x]) * NEAR;
            out[x] = near * 100 < wide * (100 - percent) && near + LEAST * NEAR * WIDE < wide;
        };
        judge(0, 2 * near[0] + near[1]);
        for (x, three) in near.windows(3).enumerate() {
            judge(x + 1, three[0] + three[1] + three[2]);
        }
        judge(width - 1, 2 * near[width - 1] + near[width - 2]);
        let y = y.cast_signed();
        subtract(&mut near, row(y - 1));
        add(&mut near, row(y + 2));
        subtract(&mut wide, row(y - around));
        add(&mut wide, row(y + around + 1));
    }
    dark
}

/// Boxes of pixels that touch, of a size that characters may have.
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
                        bounds[own] = (
                            a.0.min(b.0),
                            a.1.max(b.1),
                            a.2.min(b.2),
                            a.3.max(b.3),
                            a.4 + b.4,
                        );
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
            *own = (
                own.0.min(from),
                own.1.max(x),
                own.2,
                y + 1,
                own.4 + x - from,
            );
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
    for (at, mark) in marks.iter().enumerate() {
        let of = root(&mut groups, at);
        found[of].push(*mark);
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
