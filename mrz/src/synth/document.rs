//! Invented documents. The names are put together of syllables; nobody bears them but by chance.

use super::{Font, Random};

/// From cell to cell, mm (Doc 9303-3: ten characters an inch).
const PITCH: f32 = 2.54;

/// An ID card's side with the zone, or a passport's data page.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Document {
    /// The zone's lines, parted by line breaks.
    pub zone: String,
    /// What its pattern looks like.
    pub pattern: u32,
}

/// Which documents are invented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// TD1.
    IdCard,
    /// TD3.
    Passport,
}

const STARTS: [&str; 14] = [
    "NAM", "BAR", "OLM", "TUR", "SOR", "QAL", "ZAR", "YUL", "SHOR", "GUL", "HAM", "DIL", "FAY",
    "JON",
];
const ENDS: [&str; 12] = [
    "UNA", "IMA", "OTA", "UBEK", "ISHA", "AMOL", "IDDA", "EVAR", "ULLO", "OXON", "AZAR", "ICHA",
];
const FAMILIES: [&str; 4] = ["YEV", "OV", "YEVA", "OVA"];
/// Beside Uzbekistan the states that Doc 9303 itself invents, and its code for organisations.
const STATES: [&str; 3] = ["UZB", "UTO", "UNO"];

impl Document {
    /// The project's specimen: nobody's ID card.
    #[must_use]
    pub fn specimen() -> Self {
        Self {
            zone: "IUUZBAA1234567830101900000011<\n\
                   9001011M3401011UZBUZB<<<<<<<<0\n\
                   NAMUNAYEV<<NAMUNA<<<<<<<<<<<<<"
                .into(),
            pattern: 7,
        }
    }

    /// A document of anybody; most are of Uzbekistan.
    pub fn invented(kind: Kind, random: &mut Random) -> Self {
        let state = if random.chance(0.85) {
            "UZB"
        } else {
            STATES[1 + random.below(2)]
        };
        let number = number(state, random);
        let female = random.chance(0.5);
        let (year, month, day) = (
            random.below(100),
            1 + random.below(12),
            1 + random.below(28),
        );
        let birth = format!("{year:02}{month:02}{day:02}");
        let expiry = format!(
            "{:02}{:02}{:02}",
            27 + random.below(9),
            1 + random.below(12),
            1 + random.below(28)
        );
        let sex = if female { 'F' } else { 'M' };
        // Born after 26 is born before 2000.
        let first = 3 + usize::from(female) + if year < 26 { 2 } else { 0 };
        let pinfl = format!(
            "{first}{day:02}{month:02}{year:02}{:03}{:03}",
            random.below(1000),
            random.below(1000)
        );
        let pinfl = format!("{pinfl}{}", check(&pinfl));
        let optional = if state == "UZB" { pinfl } else { String::new() };
        let zone = match kind {
            Kind::IdCard => {
                let upper = format!("{number}{}{optional:<<15}", check(&number));
                let middle = format!("{birth}{}", check(&birth));
                let late = format!("{expiry}{}", check(&expiry));
                let whole = check(&format!("{upper}{middle}{late}{:<<11}", ""));
                format!(
                    "{}{state}{upper}\n{middle}{sex}{late}{state}{:<<11}{whole}\n{}",
                    if state == "UZB" { "IU" } else { "I<" },
                    "",
                    name(30, female, random)
                )
            }
            Kind::Passport => {
                let own = if optional.is_empty() {
                    '<'
                } else {
                    check(&optional)
                };
                let personal = format!("{optional:<<14}{own}");
                let number = format!("{number}{}", check(&number));
                let middle = format!("{birth}{}", check(&birth));
                let late = format!("{expiry}{}", check(&expiry));
                let whole = check(&format!("{number}{middle}{late}{personal}"));
                format!(
                    "P<{state}{}\n{number}{state}{middle}{sex}{late}{personal}{whole}",
                    name(39, female, random)
                )
            }
        };
        Self {
            zone,
            pattern: u32::try_from(random.below(1 << 16)).unwrap_or(0),
        }
    }

    pub(super) fn is_card(&self) -> bool {
        self.zone.lines().count() == 3
    }

    /// Width and height, mm: ID-1, or ID-3.
    pub(super) fn size(&self) -> (f32, f32) {
        if self.is_card() {
            (85.6, 54.0)
        } else {
            (125.0, 88.0)
        }
    }

    /// Middle of the first cell, and from line to line, mm (Doc 9303-5 and 9303-4).
    fn origin(&self) -> ((f32, f32), f32) {
        if self.is_card() {
            ((6.0, 39.6), 4.23)
        } else {
            ((7.9, 72.2), 6.35)
        }
    }

    /// How dark the document is at a place (mm from the top left corner), 0 to 1; `dot` is the size of a
    /// pixel there, mm; `look` how it is printed.
    pub(super) fn shade(&self, drawing: &Drawing<'_>, (x, y): (f32, f32), dot: f32) -> f32 {
        let print = &drawing.print;
        let ((x0, y0), step) = self.origin();
        let phase = self.pattern as f32 * 0.37;
        // Guilloches: fine waves across each other.
        let wave = (x * 1.9 + (y * 0.7 + phase).sin() * 2.4).sin()
            + (y * 2.3 + (x * 0.45 + phase * 1.7).sin() * 3.1).sin()
            + 0.6 * (x * 0.31 - y * 0.23 + phase).sin();
        let mut dark = 0.12 + print.pattern * (wave / 2.6 * 0.5 + 0.5);
        let row = (y - y0) / step;
        let line = row.round();
        if (0.0..drawing.lines.len() as f32).contains(&line) {
            let column = (x - x0) / PITCH;
            let cell = column.round();
            let text = &drawing.lines[line as usize];
            if (0.0..text.len() as f32).contains(&cell) {
                let at = (column - cell, (row - line) * step / PITCH);
                let ink = cover(
                    drawing.font,
                    text[cell as usize],
                    at,
                    dot / PITCH,
                    print.weight,
                );
                dark += (print.ink - dark) * ink;
            }
        } else if y < y0 - step && y > 4.0 {
            dark = self.upper_part(drawing, (x, y), dot, dark);
        }
        dark
    }

    /// What else a document shows: fields in a smaller type that has no fixed pitch, and a portrait's place.
    fn upper_part(&self, drawing: &Drawing<'_>, (x, y): (f32, f32), dot: f32, ground: f32) -> f32 {
        let (width, _) = self.size();
        let portrait = x > 4.0 && x < width * 0.28 && y > 8.0 && y < 33.0;
        if portrait {
            let (dx, dy) = ((x - width * 0.16) / 7.0, (y - 19.0) / 9.0);
            return if dx * dx + dy * dy < 1.0 { 0.35 } else { 0.25 };
        }
        let (left, line) = (width * 0.32, ((y - 8.0) / 5.2).floor());
        if line < 0.0 || x < left {
            return ground;
        }
        let text = &drawing.lines[line as usize % drawing.lines.len()];
        let size = if (line as usize).is_multiple_of(2) {
            1.5
        } else {
            2.1
        };
        let column = (x - left) / (size * 0.86);
        let at = column.floor();
        let glyph = text
            .get((at as usize + line as usize * 5) % text.len())
            .copied();
        let Some(glyph) = glyph.filter(|glyph| *glyph < 36 && at < 16.0 + (line * 7.0) % 9.0)
        else {
            return ground;
        };
        let place = (column - at - 0.5, (y - 8.0 - line * 5.2 - 2.4) / size);
        let ink = cover(drawing.font, glyph, place, dot / size, 0.0);
        ground + (drawing.print.ink - ground) * ink
    }
}

/// How a document is printed.
#[derive(Clone, Copy, Debug)]
pub struct Print {
    /// Darkness of the ink, and of the pattern under it, 0 to 1.
    pub ink: f32,
    pub pattern: f32,
    /// How much bolder than the font, pitches.
    pub weight: f32,
}

/// What drawing a document needs: its lines as places in the alphabet.
pub(super) struct Drawing<'a> {
    pub(super) font: &'a Font,
    pub(super) lines: Vec<Vec<usize>>,
    pub(super) print: Print,
}

fn cover(font: &Font, glyph: usize, at: (f32, f32), dot: f32, weight: f32) -> f32 {
    (0.5 - (font.distance(glyph, at.0, at.1) - weight) / dot).clamp(0.0, 1.0)
}

fn number(state: &str, random: &mut Random) -> String {
    let letter =
        |random: &mut Random| char::from(b'A' + u8::try_from(random.below(26)).unwrap_or(0));
    if state == "UZB" {
        let (a, b) = (letter(random), letter(random));
        return format!("{a}{b}{:07}", random.below(10_000_000));
    }
    (0..9)
        .map(|_| {
            if random.chance(0.4) {
                letter(random)
            } else {
                char::from(b'0' + u8::try_from(random.below(10)).unwrap_or(0))
            }
        })
        .collect()
}

fn name(room: usize, female: bool, random: &mut Random) -> String {
    let family = FAMILIES[usize::from(female) * 2 + random.below(2)];
    let surname = format!("{}{}{family}", random.one(&STARTS), random.one(&ENDS));
    let given = format!("{}{}", random.one(&STARTS), random.one(&ENDS));
    let mut name = format!("{surname}<<{given}");
    if random.chance(0.2) {
        name = format!("{name}<{}", random.one(&STARTS));
    }
    name.truncate(room);
    format!("{name:<<room$}")
}

/// The check digit of a field: weights 7, 3, 1.
fn check(field: &str) -> char {
    let value = |byte: u8| match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        b'A'..=b'Z' => u32::from(byte - b'A') + 10,
        _ => 0,
    };
    let weighted = field.bytes().zip([7, 3, 1].into_iter().cycle());
    let sum: u32 = weighted.map(|(byte, weight)| value(byte) * weight).sum();
    char::from_digit(sum % 10, 10).unwrap_or('0')
}
