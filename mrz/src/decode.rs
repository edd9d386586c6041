//! From scores to text: what may stand where, check digits as judge, and a few second thoughts.

use crate::Hint;
use crate::glyph::{ALPHABET, CLASSES, Scores};
use regulation::Date;
use regulation::identity::{Mrz, MrzError};
use zeroize::Zeroizing;

/// Shapes of a zone: rows and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Td1,
    Td3,
}

impl Shape {
    pub(crate) fn rows(self) -> usize {
        match self {
            Self::Td1 => 3,
            Self::Td3 => 2,
        }
    }

    pub(crate) fn columns(self) -> usize {
        match self {
            Self::Td1 => 30,
            Self::Td3 => 44,
        }
    }
}

/// What may stand in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum May {
    /// A capital.
    Letter,
    /// A capital or the filler.
    Name,
    /// A digit or the filler.
    Digit,
    Any,
    Sex,
    /// The first character.
    Kind(Shape),
}

impl May {
    fn be(self, byte: u8) -> bool {
        let (letter, digit) = (byte.is_ascii_uppercase(), byte.is_ascii_digit());
        match self {
            Self::Letter => letter,
            Self::Name => letter || byte == b'<',
            Self::Digit => digit || byte == b'<',
            Self::Any => true,
            Self::Sex => matches!(byte, b'M' | b'F' | b'<' | b'X'),
            Self::Kind(Shape::Td1) => matches!(byte, b'I' | b'A' | b'C'),
            Self::Kind(Shape::Td3) => byte == b'P',
        }
    }
}

/// Half-open ranges of places.
type Places = std::ops::Range<usize>;

/// Fields that a check digit of their own guards, with its place; then places of the composite's own check.
struct Layout {
    guarded: &'static [(Places, usize)],
    /// Guarded by the composite alone, and the composite's own place.
    composite: (&'static [Places], usize),
}

const TD1: Layout = Layout {
    guarded: &[(5..14, 14), (30..36, 36), (38..44, 44)],
    composite: (&[15..30, 48..59], 59),
};
const TD3: Layout = Layout {
    guarded: &[(44..53, 53), (57..63, 63), (65..71, 71), (72..86, 86)],
    composite: (&[], 87),
};

impl Layout {
    fn of(shape: Shape) -> &'static Self {
        match shape {
            Shape::Td1 => &TD1,
            Shape::Td3 => &TD3,
        }
    }

    fn guards(&self, place: usize) -> bool {
        let of_field = |(field, check): &(Places, usize)| field.contains(&place) || *check == place;
        self.guarded.iter().any(of_field)
            || self.composite.0.iter().any(|field| field.contains(&place))
            || self.composite.1 == place
    }
}

fn may(shape: Shape, place: usize, ours: bool) -> May {
    match (shape, place) {
        (_, 0) => May::Kind(shape),
        (Shape::Td1, 2..=4 | 45..=47) | (Shape::Td3, 2..=4 | 54..=56) => May::Name,
        // Documents of Uzbekistan: two letters and seven digits; a PINFL as the optional data.
        (Shape::Td1, 5 | 6) | (Shape::Td3, 44 | 45) if ours => May::Letter,
        (Shape::Td1, 7..=13 | 15..=28) | (Shape::Td3, 46..=52 | 72..=85) if ours => May::Digit,
        (Shape::Td1, 5..=13 | 15..=29 | 48..=58) | (Shape::Td3, 44..=52 | 72..=85) => May::Any,
        (Shape::Td1, 37) | (Shape::Td3, 64) => May::Sex,
        (Shape::Td1, 1 | 60..) | (Shape::Td3, 1 | 5..=43) => May::Name,
        _ => May::Digit,
    }
}

/// A second thought is had where another character is at most so much (nats) less likely …
const DOUBT: f32 = 4.0;
/// … so often for each check digit …
const TRIES: usize = 12;
/// … and for so many check digits.
const MENDED: usize = 2;
/// What no check digit guards is so much more likely than anything else, nats.
const SURE: f32 = 3.0;
/// So is what is guarded, of characters that every check digit takes for each other (G and 6, S and 8, …).
const SURE_OF_TWINS: f32 = 3.5;
/// What stands there may be no character that may stand there: least logarithm of the probability among all,
/// of a character that nothing guards, and of one that a check digit does.
const LEAST_FREE: f32 = -1.6;
const LEAST_GUARDED: f32 = -4.5;
/// Mean of the logarithms of what was chosen.
const LEAST_MEAN: f32 = -0.45;

/// What may stand in a place, the likeliest first, with the logarithm of its probability.
type Ranking = Vec<(u8, f32)>;

/// The zone as it was chosen.
struct Choice {
    zone: Vec<u8>,
    rankings: Vec<Ranking>,
}

impl Choice {
    fn new(shape: Shape, scores: &[Scores], ours: bool) -> Self {
        let rankings: Vec<Ranking> = scores
            .iter()
            .enumerate()
            .map(|(place, scores)| ranking(may(shape, place, ours), scores))
            .collect();
        let likeliest = |ranking: &Ranking| ranking.first().map_or(b'<', |first| first.0);
        Self {
            zone: rankings.iter().map(likeliest).collect(),
            rankings,
        }
    }

    /// Mean of the logarithms of the probabilities of what was chosen.
    fn mean(&self) -> f32 {
        let likeliest = |ranking: &Ranking| ranking.first().map_or(-9.0, |first| first.1);
        self.rankings.iter().map(likeliest).sum::<f32>() / self.rankings.len().max(1) as f32
    }

    /// Logarithm of the probability of a place's character.
    fn score(&self, place: usize) -> f32 {
        let own = |(byte, _): &&(u8, f32)| *byte == self.zone[place];
        self.rankings[place]
            .iter()
            .find(own)
            .map_or(f32::MIN, |(_, score)| *score)
    }

    /// How much likelier a place's character is than another.
    fn lead(&self, place: usize, other: impl Fn(u8) -> bool) -> f32 {
        let chosen = self.zone[place];
        let of = |wanted: &dyn Fn(u8) -> bool| {
            let mut ranked = self.rankings[place].iter();
            ranked
                .find(|(byte, _)| wanted(*byte))
                .map(|(_, score)| *score)
        };
        match (
            of(&|byte| byte == chosen),
            of(&|byte| byte != chosen && other(byte)),
        ) {
            (Some(own), Some(other)) => own - other,
            (Some(_), None) => f32::MAX,
            (None, _) => f32::MIN,
        }
    }

    /// The likeliest characters in these places, of a few, with which the check is right. Gives whether any
    /// was changed.
    fn mend(&mut self, places: &[usize], right: impl Fn(&[u8]) -> bool) -> Option<bool> {
        if right(&self.zone) {
            return Some(false);
        }
        let mut changes: Vec<(f32, usize, u8)> = Vec::new();
        for place in places {
            let ranking = self.rankings.get(*place)?;
            let first = ranking.first()?.1;
            changes.extend(ranking.iter().skip(1).take(2).filter_map(|(byte, score)| {
                (first - score < DOUBT).then_some((first - score, *place, *byte))
            }));
        }
        changes.sort_by(|a, b| a.0.total_cmp(&b.0));
        changes.truncate(TRIES);
        let mut tries: Vec<(f32, Vec<usize>)> = (0..changes.len())
            .map(|n| (changes[n].0, vec![n]))
            .collect();
        for (a, one) in changes.iter().enumerate() {
            for (b, other) in changes.iter().enumerate().skip(a + 1) {
                if one.1 != other.1 {
                    tries.push((one.0 + other.0, vec![a, b]));
                }
            }
        }
        tries.retain(|(cost, _)| *cost < DOUBT);
        tries.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (_, which) in tries.iter().take(TRIES) {
            let mut zone = self.zone.clone();
            for n in which {
                let (_, place, byte) = changes[*n];
                zone[place] = byte;
            }
            if right(&zone) {
                self.zone = zone;
                return Some(true);
            }
        }
        None
    }
}

fn ranking(may: May, scores: &Scores) -> Ranking {
    let mut ranked: Ranking = ALPHABET
        .iter()
        .zip(scores)
        .filter(|(byte, _)| may.be(**byte))
        .map(|(byte, score)| (*byte, *score))
        .collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked
}

/// Mean logarithm of the probabilities of the likeliest characters that may stand there: how well a window
/// fits a shape.
pub(crate) fn fits(shape: Shape, scores: &[Scores]) -> f32 {
    debug_assert!(scores.iter().all(|s| s.len() == CLASSES));
    Choice::new(shape, scores, false).mean()
}

/// Digits and capitals as the check digits count them.
fn value(byte: u8) -> u32 {
    match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        b'A'..=b'Z' => u32::from(byte - b'A') + 10,
        _ => 0,
    }
}

/// Doc 9303-3, 4.9: weights 7, 3, 1, modulo 10.
fn checks(zone: &[u8], places: impl Iterator<Item = usize>, digit: usize) -> bool {
    let weighted = places.zip([7, 3, 1].into_iter().cycle());
    let sum: u32 = weighted.map(|(at, weight)| value(zone[at]) * weight).sum();
    zone[digit].is_ascii_digit() && value(zone[digit]) == sum % 10
}

fn composite(shape: Shape, zone: &[u8]) -> bool {
    match shape {
        Shape::Td1 => checks(zone, (5..30).chain(30..37).chain(38..45).chain(48..59), 59),
        Shape::Td3 => checks(zone, (44..54).chain(57..64).chain(65..87), 87),
    }
}

/// The zone's text, a line a row, if every check digit is right and every other character is sure.
pub(crate) fn decode(
    shape: Shape,
    scores: &[Scores],
    today: Date,
) -> Result<Zeroizing<String>, Hint> {
    let mut choice = Choice::new(shape, scores, false);
    if choice.zone.get(2..5) == Some(b"UZB") {
        choice = Choice::new(shape, scores, true);
    }
    if choice.mean() < LEAST_MEAN {
        return Err(Hint::Blurred);
    }
    let layout = Layout::of(shape);
    let mut mended = 0;
    for (field, check) in layout.guarded {
        let empty =
            |zone: &[u8]| zone[*check] == b'<' && zone[field.clone()].iter().all(|b| *b == b'<');
        // A long number of TD1 goes on elsewhere: the last judge knows.
        let long = shape == Shape::Td1 && *check == 14 && choice.zone[14] == b'<';
        let places: Vec<usize> = field.clone().chain([*check]).collect();
        let right = |zone: &[u8]| empty(zone) || long || checks(zone, field.clone(), *check);
        let changed = choice.mend(&places, right).ok_or(Hint::CheckDigits)?;
        mended += usize::from(changed);
    }
    let (fields, digit) = &layout.composite;
    let places: Vec<usize> = fields.iter().cloned().flatten().chain([*digit]).collect();
    let right = |zone: &[u8]| composite(shape, zone);
    let changed = choice.mend(&places, right).ok_or(Hint::CheckDigits)?;
    mended += usize::from(changed);
    if mended > MENDED {
        return Err(Hint::CheckDigits);
    }
    for place in 0..choice.zone.len() {
        let own = choice.zone[place];
        let likely = choice.score(place);
        let sure = if layout.guards(place) {
            let twin = |byte: u8| value(byte) % 10 == value(own) % 10;
            likely >= LEAST_GUARDED && choice.lead(place, twin) >= SURE_OF_TWINS
        } else {
            likely >= LEAST_FREE && choice.lead(place, |_| true) >= SURE
        };
        if !sure {
            return Err(Hint::Blurred);
        }
    }
    let lines: Vec<&str> = choice
        .zone
        .chunks_exact(shape.columns())
        .filter_map(|line| std::str::from_utf8(line).ok())
        .collect();
    let text = lines.join("\n");
    match Mrz::parse(&text, today) {
        Ok(_) => Ok(Zeroizing::new(text)),
        Err(MrzError::Check(_)) => Err(Hint::CheckDigits),
        Err(_) => Err(Hint::Blurred),
    }
}
