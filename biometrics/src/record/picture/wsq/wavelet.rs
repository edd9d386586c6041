//! The 64 subbands of WSQ, and the picture put together from them.
//!
//! A split halves an area along x and along y into four, and these are split again: the whole
//! picture twice, then the lowest quarter of that three times more and its two neighbours once
//! more (figure A.2). Low frequencies come first, but in an area that is itself the right half
//! of one, high frequencies come first along x, and likewise below along y: so all lie in the
//! order of their true frequencies. Of an odd length the low part is one longer.

use super::SUBBANDS;

/// A rectangle of the plane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Area {
    pub x: usize,
    pub y: usize,
    pub width: usize,
    pub height: usize,
}

/// An area, and whether high frequencies come first along x and y when it is split.
#[derive(Clone, Copy)]
struct Node {
    area: Area,
    turned: (bool, bool),
}

impl Node {
    /// Left and right above, then left and right below.
    fn split(&self) -> [Self; 4] {
        let Area {
            x,
            y,
            width,
            height,
        } = self.area;
        let first = |length: usize, turned: bool| match turned {
            true => length / 2,
            false => length.div_ceil(2),
        };
        let left = first(width, self.turned.0);
        let upper = first(height, self.turned.1);
        let node = |right: bool, below: bool| {
            let (x, width) = if right {
                (x + left, width - left)
            } else {
                (x, left)
            };
            let (y, height) = if below {
                (y + upper, height - upper)
            } else {
                (y, upper)
            };
            Self {
                area: Area {
                    x,
                    y,
                    width,
                    height,
                },
                turned: (right, below),
            }
        };
        [
            node(false, false),
            node(true, false),
            node(false, true),
            node(true, true),
        ]
    }
}

/// Walks the splits from the whole picture down. `split` sees each area that is split, before
/// those within it; `leaf` sees each subband with its number.
fn walk(
    (width, height): (usize, usize),
    mut split: impl FnMut(&Node),
    mut leaf: impl FnMut(usize, &Node),
) {
    let whole = Node {
        area: Area {
            x: 0,
            y: 0,
            width,
            height,
        },
        turned: (false, false),
    };
    let mut quarter = |node: &Node| {
        split(node);
        node.split()
    };
    let [low, right, below, high] = quarter(&whole);
    let [lowest, beside, under, corner] = quarter(&low);
    leaf(51, &corner);
    let mut leaves = |of: [Node; 4], from: usize| {
        for (number, node) in (from..).zip(&of) {
            leaf(number, node);
        }
    };
    leaves(quarter(&right), 52);
    leaves(quarter(&below), 56);
    // Never coded, and so never put together either.
    leaves(high.split(), 60);
    for (of, from) in [(beside, 19), (under, 35)] {
        for (node, from) in quarter(&of).iter().zip((from..).step_by(4)) {
            leaves(quarter(node), from);
        }
    }
    let [fourth, rest @ ..] = quarter(&lowest);
    for (node, from) in rest.iter().zip([7, 11, 15]) {
        leaves(quarter(node), from);
    }
    let [fifth, four, five, six] = quarter(&fourth);
    leaves(quarter(&fifth), 0);
    for (number, node) in [(4, four), (5, five), (6, six)] {
        leaf(number, &node);
    }
}

/// The subbands in the order in which they are coded.
pub(super) fn subbands(size: (usize, usize)) -> [Area; SUBBANDS] {
    let mut areas = [Area::default(); SUBBANDS];
    walk(
        size,
        |_| {},
        |number, node| {
            if let Some(area) = areas.get_mut(number) {
                *area = node.area;
            }
        },
    );
    areas
}

/// Synthesis filters, symmetric, merged by place: at an even place of a line, even taps are the
/// lowpass filter's and odd ones the highpass filter's, at an odd place the other way round.
pub(super) struct Filters {
    even: Vec<f32>,
    odd: Vec<f32>,
    /// Taps on each side of the centre.
    reach: usize,
}

impl Filters {
    /// Of the right halves of lowpass and highpass filter, centre first.
    pub fn new(low: &[f32], high: &[f32]) -> Self {
        let reach = low.len().max(high.len()).saturating_sub(1);
        let tap = |half: &[f32], at: usize| half.get(at).copied().unwrap_or(0.0);
        let merged = |even: &[f32], odd: &[f32]| {
            (0..=2 * reach)
                .map(|place| {
                    let at = place.abs_diff(reach);
                    tap(if at.is_multiple_of(2) { even } else { odd }, at)
                })
                .collect()
        };
        Self {
            even: merged(low, high),
            odd: merged(high, low),
            reach,
        }
    }

    fn at(&self, place: usize) -> &[f32] {
        if place.is_multiple_of(2) {
            &self.even
        } else {
            &self.odd
        }
    }
}

/// Where in a half-split line of `length` the sample at `place` of the whole line lies, `place`
/// counted from `reach` before the beginning: lines go on mirrored about their first and last
/// sample. `None` when there is no such sample in a line of one.
fn source(place: usize, reach: usize, length: usize, turned: bool) -> Option<usize> {
    let low = length.div_ceil(2);
    let period = 2 * length.checked_sub(1)?;
    let place = place.abs_diff(reach);
    let place = match period {
        0 if place.is_multiple_of(2) => 0,
        0 => return None,
        _ => {
            let within = place % period;
            within.min(period - within)
        }
    };
    let high = length - low;
    Some(match (place.is_multiple_of(2), turned) {
        (true, false) => place / 2,
        (true, true) => high + place / 2,
        (false, false) => low + place / 2,
        (false, true) => place / 2,
    })
}

/// Puts the picture together from its subbands, in place.
pub(super) fn synthesize(plane: &mut [f32], size: (usize, usize), filters: &Filters) {
    let mut splits = Vec::new();
    walk(size, |node| splits.push(*node), |_, _| {});
    let mut scratch = vec![0f32; plane.len()];
    for node in splits.iter().rev() {
        join(plane, size.0, node, filters, &mut scratch);
    }
}

/// Joins the four parts of an area: along y into `scratch`, then along x back.
fn join(plane: &mut [f32], stride: usize, node: &Node, filters: &Filters, scratch: &mut [f32]) {
    let Area {
        x,
        y,
        width,
        height,
    } = node.area;
    if width == 0 || height == 0 {
        return;
    }
    let reach = filters.reach;
    let row = |at: usize| (y + at) * stride + x;
    for (at, sum) in scratch.chunks_exact_mut(width).take(height).enumerate() {
        sum.fill(0.0);
        for (tap, place) in filters.at(at).iter().zip(at..) {
            let from = source(place, reach, height, node.turned.1).map(row);
            let Some(from) = from.and_then(|from| plane.get(from..from + width)) else {
                continue;
            };
            for (sum, sample) in sum.iter_mut().zip(from) {
                *sum += tap * sample;
            }
        }
    }
    // The samples of a row in their places, going on at both ends.
    let order: Vec<Option<usize>> = (0..width + 2 * reach)
        .map(|place| source(place, reach, width, node.turned.0))
        .collect();
    let mut line = vec![0f32; order.len()];
    for (at, from) in scratch.chunks_exact(width).take(height).enumerate() {
        for (sample, place) in line.iter_mut().zip(&order) {
            *sample = place
                .and_then(|place| from.get(place))
                .copied()
                .unwrap_or(0.0);
        }
        let to = plane.iter_mut().skip(row(at)).take(width);
        for ((place, out), around) in to.enumerate().zip(line.windows(2 * reach + 1)) {
            let taps = filters.at(place).iter();
            *out = taps.zip(around).map(|(tap, sample)| tap * sample).sum();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn subbands_cover_the_plane_once() {
        for size in [(1, 1), (2, 3), (17, 31), (149, 171), (320, 400), (500, 502)] {
            let mut covered = vec![0u8; size.0 * size.1];
            for area in subbands(size) {
                for y in area.y..area.y + area.height {
                    for x in area.x..area.x + area.width {
                        covered[y * size.0 + x] += 1;
                    }
                }
            }
            assert!(covered.iter().all(|times| *times == 1), "{size:?}");
        }
    }

    /// The areas of a picture of 100 by 100 at its corners and edges, by hand.
    #[test]
    fn subbands_lie_where_the_specification_has_them() {
        let areas = subbands((100, 100));
        let area = |x, y, width, height| Area {
            x,
            y,
            width,
            height,
        };
        assert_eq!(areas[0], area(0, 0, 4, 4));
        assert_eq!(areas[3], area(4, 4, 3, 3));
        assert_eq!(areas[4], area(7, 0, 6, 7));
        assert_eq!(areas[51], area(25, 25, 25, 25));
        assert_eq!(areas[52], area(50, 0, 25, 25));
        assert_eq!(areas[59], area(25, 75, 25, 25));
        assert_eq!(areas[63], area(75, 75, 25, 25));
        // The right half of 50: 25 wide, turned, so the short part comes first.
        assert_eq!(areas[19], area(25, 0, 6, 7));
        assert_eq!(areas[34], area(43, 19, 7, 6));
    }

    #[test]
    fn lines_are_mirrored_about_their_ends() {
        // A line of five is split into three low and two high: 0 2 4, 1 3.
        let line = |turned| -> Vec<usize> {
            (0..9)
                .map(|place| source(place, 2, 5, turned).unwrap())
                .collect()
        };
        assert_eq!(line(false), [1, 3, 0, 3, 1, 4, 2, 4, 1]);
        assert_eq!(line(true), [3, 0, 2, 0, 3, 1, 4, 1, 3]);
        assert_eq!(source(2, 2, 1, false), Some(0));
        assert_eq!(source(3, 2, 1, false), None);
        assert_eq!(source(0, 2, 0, false), None);
    }

    /// A signal taken apart by the analysis filters comes back.
    #[test]
    fn what_is_taken_apart_comes_together() {
        // The 9/7 filters of Cohen, Daubechies and Feauveau, right halves.
        let analysis_low = [
            0.852_698_7,
            0.377_402_86,
            -0.110_624_4,
            -0.023_849_465,
            0.037_828_456,
        ];
        let analysis_high = [0.788_485_6, -0.418_092_27, -0.040_689_417, 0.064_538_88];
        let flip = |half: &[f32]| -> Vec<f32> {
            let signs = [1.0, -1.0].iter().cycle();
            half.iter()
                .zip(signs)
                .map(|(tap, sign)| tap * sign)
                .collect()
        };
        let filters = Filters::new(&flip(&analysis_high), &flip(&analysis_low));
        for (width, height, turned) in [(8, 6, false), (9, 7, false), (9, 7, true)] {
            let picture: Vec<f32> = (0..width * height).map(|i| (i * i % 23) as f32).collect();
            let analyse = |line: &[f32]| -> Vec<f32> {
                let n = line.len() as isize;
                let sample = |at: isize| {
                    let period = (2 * (n - 1)).max(1);
                    let at = at.rem_euclid(period);
                    line[at.min(period - at).clamp(0, n - 1) as usize]
                };
                let filtered = |half: &[f32], at: isize| -> f32 {
                    let sides = half.iter().enumerate().skip(1);
                    let sides = sides
                        .map(|(k, tap)| tap * (sample(at - k as isize) + sample(at + k as isize)));
                    half[0] * sample(at) + sides.sum::<f32>()
                };
                let low = (0..n).step_by(2).map(|at| filtered(&analysis_low, at));
                let high = (1..n).step_by(2).map(|at| filtered(&analysis_high, at));
                match turned {
                    true => high.chain(low).collect(),
                    false => low.chain(high).collect(),
                }
            };
            let mut plane: Vec<f32> = picture.chunks(width).flat_map(analyse).collect();
            for x in 0..width {
                let column: Vec<f32> = (0..height).map(|y| plane[y * width + x]).collect();
                for (y, value) in analyse(&column).into_iter().enumerate() {
                    plane[y * width + x] = value;
                }
            }
            let node = Node {
                area: Area {
                    x: 0,
                    y: 0,
                    width,
                    height,
                },
                turned: (turned, turned),
            };
            let mut scratch = vec![0.0; plane.len()];
            join(&mut plane, width, &node, &filters, &mut scratch);
            for (back, given) in plane.iter().zip(&picture) {
                assert!(
                    (back - given).abs() < 0.01,
                    "{back} {given} in {width}x{height}"
                );
            }
        }
    }
}
