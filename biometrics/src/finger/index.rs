//! The first two stages of a search: which of very many prints are worth an exact comparison.
//!
//! First every print: each code of the probe finds its nearest code in the print, and the nearest
//! ones vote for a rotation ([`wide`](super::wide)). Then those few in a hundred that came out
//! best: the same pairs, this time asked how many of them agree on one rotation and shift.

use std::cmp::Reverse;

use super::code::{Coded, MOST, WORDS, Waves};
use super::template::Template;
use super::wide::{LANES, Set, Sideways, vote, worth};

/// Pairs that take part in the second stage.
const PAIRS: usize = 24;
/// Largest difference of rotation between two pairs that agree, in 1/256 turn: about 28°.
const SAME_TURN: u8 = 20;

/// Codes of a run of prints, in a row.
#[derive(Clone, Default)]
pub(crate) struct Shelf {
    codes: Vec<[u32; WORDS]>,
    directions: Vec<u8>,
    places: Vec<[i8; 2]>,
    /// Where each print's codes end.
    ends: Vec<u32>,
}

impl Shelf {
    /// Adds a print's codes.
    pub fn push(&mut self, coded: impl Iterator<Item = Coded>) {
        for one in coded {
            self.codes.push(one.code);
            self.directions.push(one.direction);
            self.places.push(one.place);
        }
        self.ends.push(self.codes.len() as u32);
    }

    /// The codes of one print.
    pub fn print(&self, slot: usize) -> impl Iterator<Item = Coded> + '_ {
        let range = self.range(slot);
        range.map(|i| Coded {
            code: self.codes[i],
            direction: self.directions[i],
            place: self.places[i],
        })
    }

    /// Gives back the room that growing left over.
    pub fn shrink(&mut self) {
        self.codes.shrink_to_fit();
        self.directions.shrink_to_fit();
        self.places.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// Memory in bytes.
    pub fn bytes(&self) -> usize {
        self.codes.capacity() * size_of::<[u32; WORDS]>()
            + self.directions.capacity()
            + self.places.capacity() * size_of::<[i8; 2]>()
            + self.ends.capacity() * size_of::<u32>()
    }

    fn range(&self, slot: usize) -> std::ops::Range<usize> {
        let end = |slot: usize| self.ends.get(slot).map_or(0, |e| *e as usize);
        let start = slot.checked_sub(1).map_or(0, end);
        start..end(slot).max(start)
    }
}

/// Codes of a probe, and what comparing them needs.
pub(crate) struct Sketch {
    set: Set,
    sideways: Sideways,
    places: [[i8; 2]; LANES],
}

impl Sketch {
    /// Codes of a probe. More than of a print: what the probe does not ask about is not found.
    pub fn new(waves: &Waves, set: Set, probe: &Template) -> Self {
        let coded = waves.code(probe, LANES);
        let mut sketch = Self {
            set,
            sideways: Sideways {
                words: [[[0; 16]; WORDS]; LANES / 16],
                directions: [0; LANES],
                count: coded.len(),
            },
            places: [[0; 2]; LANES],
        };
        for (lane, one) in coded.iter().enumerate() {
            for (words, word) in sketch.sideways.words[lane / 16].iter_mut().zip(one.code) {
                words[lane % 16] = word;
            }
            sketch.sideways.directions[lane] = one.direction;
            sketch.places[lane] = one.place;
        }
        sketch
    }

    /// First stage: how alike a print is by its codes and their rotation.
    pub fn vote(&self, shelf: &Shelf, slot: usize) -> u32 {
        let range = shelf.range(slot);
        let nearest = self
            .set
            .nearest(&self.sideways, &shelf.codes[range.clone()]);
        vote(&self.sideways, &nearest, &shelf.directions[range])
    }

    /// Second stage: the largest weight of pairs consistent with one of them.
    pub fn agreement(&self, turns: &Turns, shelf: &Shelf, slot: usize) -> u32 {
        let range = shelf.range(slot);
        let nearest = self
            .set
            .nearest(&self.sideways, &shelf.codes[range.clone()]);
        let (directions, places) = (&shelf.directions[range.clone()], &shelf.places[range]);
        let mut pairs = [Pair::default(); LANES];
        let mut count = 0;
        for (lane, found) in nearest.iter().enumerate().take(self.sideways.count) {
            let which = (found & 0xffff) as usize;
            let (Some(&direction), Some(&place)) = (directions.get(which), places.get(which))
            else {
                continue;
            };
            pairs[count] = Pair {
                distance: found >> 16,
                which,
                turn: direction.wrapping_sub(self.sideways.directions[lane]),
                mine: self.places[lane].map(f32::from),
                theirs: place.map(f32::from),
            };
            count += 1;
        }
        let pairs = &mut pairs[..count];
        // Stable, so that equal distances stay in the probe's order.
        pairs.sort_by_key(|p| p.distance);
        let pairs = &pairs[..count.min(PAIRS)];
        let mut support = [0u32; PAIRS];
        for (i, a) in pairs.iter().enumerate() {
            support[i] += worth(a.distance);
            for (j, b) in pairs.iter().enumerate().skip(i + 1) {
                if a.agrees(b, turns) {
                    support[i] += worth(b.distance);
                    support[j] += worth(a.distance);
                }
            }
        }
        support.into_iter().max().unwrap_or(0)
    }
}

/// Sine and cosine of 1/256 turns.
#[derive(Debug, Clone)]
pub(crate) struct Turns([(f32, f32); 256]);

impl Turns {
    pub fn new() -> Self {
        Self(std::array::from_fn(|i| {
            (i as f32 * std::f32::consts::TAU / 256.0).sin_cos()
        }))
    }
}

/// A code of the probe with its nearest one in a print.
#[derive(Debug, Clone, Copy, Default)]
struct Pair {
    distance: u32,
    which: usize,
    turn: u8,
    mine: [f32; 2],
    theirs: [f32; 2],
}

impl Pair {
    /// Whether both can belong to one rotation and shift, with room for distortion that grows
    /// with their distance: the exact comparison's rule, in this module's steps of 1/250 inch.
    fn agrees(&self, other: &Self, turns: &Turns) -> bool {
        let between = other.turn.wrapping_sub(self.turn);
        if between.min(between.wrapping_neg()) > SAME_TURN || self.which == other.which {
            return false;
        }
        // Halving as a signed number takes the short way round.
        let turn = self.turn.wrapping_add((between as i8 / 2) as u8);
        let (sin, cos) = turns.0[usize::from(turn)];
        let (ax, ay) = (other.mine[0] - self.mine[0], other.mine[1] - self.mine[1]);
        let (bx, by) = (
            other.theirs[0] - self.theirs[0],
            other.theirs[1] - self.theirs[1],
        );
        let (ex, ey) = (cos * ax - sin * ay - bx, sin * ax + cos * ay - by);
        ex * ex + ey * ey <= 20.0 + 0.03 * (ax * ax + ay * ay)
    }
}

/// Codes of a print for a shelf.
pub(crate) fn coded(waves: &Waves, template: &Template) -> Vec<Coded> {
    waves.code(template, MOST)
}

/// What a stage found: where, whose, and how alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub worth: u32,
    pub id: u64,
    pub segment: u32,
    pub slot: u32,
}

impl Found {
    /// Best first. Not by place: that would make the answer depend on the order of adding.
    fn key(&self) -> (Reverse<u32>, u64) {
        (Reverse(self.worth), self.id)
    }
}

/// The best `most` of what is pushed, and all that equal the last of them.
#[derive(Debug)]
pub(crate) struct Best {
    most: usize,
    found: Vec<Found>,
    bar: Option<(Reverse<u32>, u64)>,
    room: usize,
}

impl Best {
    pub fn new(most: usize) -> Self {
        let most = most.max(1);
        Self {
            most,
            found: Vec::new(),
            bar: None,
            room: most.saturating_mul(2),
        }
    }

    pub fn push(&mut self, found: Found) {
        if self.bar.is_some_and(|bar| found.key() > bar) {
            return;
        }
        self.found.push(found);
        if self.found.len() >= self.room {
            self.trim();
            self.room = 2 * self.found.len().max(self.most);
        }
    }

    fn trim(&mut self) {
        if self.found.len() > self.most {
            let last = self
                .found
                .select_nth_unstable_by_key(self.most - 1, Found::key)
                .1
                .key();
            self.found.retain(|f| f.key() <= last);
            self.bar = Some(last);
        }
    }

    /// The best of several lists, in no particular order.
    pub fn of(lists: Vec<Self>) -> Vec<Found> {
        let mut lists = lists.into_iter();
        let Some(mut all) = lists.next() else {
            return Vec::new();
        };
        for list in lists {
            all.found.extend(list.found);
        }
        all.trim();
        all.found
    }
}
