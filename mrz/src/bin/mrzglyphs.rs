//! Makes `assets/ocr-b.txt` of an OCR-B font: `mrzglyphs FONT.otf > mrz/assets/ocr-b.txt`.
//!
//! One line a character: the character, then its closed polygons, parted by `/`, each a list of `x,y` in
//! units of the font, the origin at the middle of the character's cell, y upwards. Curves become lines that
//! stay within one unit.

use std::io::Write as _;
use ttf_parser::OutlineBuilder;

/// Half the advance of the font: the middle of a cell. Its height: the middle of a digit.
const MIDDLE: (f32, f32) = (361.5, 380.0);
/// Lines a curve is made of.
const STEPS: u8 = 8;

#[derive(Default)]
struct Polygons {
    done: Vec<Vec<(i32, i32)>>,
    last: (f32, f32),
}

impl Polygons {
    fn point(&mut self, x: f32, y: f32) {
        self.last = (x, y);
        let rounded = ((x - MIDDLE.0).round() as i32, (y - MIDDLE.1).round() as i32);
        if let Some(polygon) = self.done.last_mut()
            && polygon.last() != Some(&rounded)
        {
            polygon.push(rounded);
        }
    }
}

impl OutlineBuilder for Polygons {
    fn move_to(&mut self, x: f32, y: f32) {
        self.done.push(Vec::new());
        self.point(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.point(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (x0, y0) = self.last;
        let third = |from: f32, by: f32| from + (by - from) * 2.0 / 3.0;
        self.curve_to(
            third(x0, x1),
            third(y0, y1),
            third(x, x1),
            third(y, y1),
            x,
            y,
        );
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let (x0, y0) = self.last;
        for step in 1..=STEPS {
            let t = f32::from(step) / f32::from(STEPS);
            let u = 1.0 - t;
            let of = |a: f32, b: f32, c: f32, d: f32| {
                u * u * u * a + 3.0 * u * u * t * b + 3.0 * u * t * t * c + t * t * t * d
            };
            self.point(of(x0, x1, x2, x), of(y0, y1, y2, y));
        }
    }

    fn close(&mut self) {}
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args_os().nth(1).ok_or("mrzglyphs FONT.otf")?;
    let font = std::fs::read(path)?;
    let face = ttf_parser::Face::parse(&font, 0)?;
    let mut out = std::io::stdout().lock();
    for letter in mrz::ALPHABET.iter().map(|byte| char::from(*byte)) {
        let glyph = face.glyph_index(letter).ok_or("a character is missing")?;
        let mut polygons = Polygons::default();
        face.outline_glyph(glyph, &mut polygons)
            .ok_or("a character has no outline")?;
        let written: Vec<String> = polygons
            .done
            .iter()
            .map(|polygon| {
                let points: Vec<_> = polygon.iter().map(|(x, y)| format!("{x},{y}")).collect();
                points.join(" ")
            })
            .collect();
        writeln!(out, "{letter} {}", written.join(" / "))?;
    }
    Ok(())
}
