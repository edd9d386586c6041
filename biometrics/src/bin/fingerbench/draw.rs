//! `fingerbench draw`: what the engine sees, as pictures.

use std::path::Path;

use biometrics::finger::{Kind, Steps, Template, decode_png};

use crate::{Failure, Options};

type Rgb = [u8; 3];

const RIDGE: Rgb = [200, 30, 30];
const FORK: Rgb = [20, 70, 220];

/// A colour picture.
pub struct Canvas {
    w: usize,
    h: usize,
    pixels: Vec<Rgb>,
}

impl Canvas {
    pub fn new(w: usize, h: usize) -> Self {
        Self {
            w,
            h,
            pixels: vec![[255; 3]; w * h],
        }
    }

    pub fn dot(&mut self, x: f32, y: f32, colour: Rgb) {
        let (x, y) = (x.round(), y.round());
        if x >= 0.0 && y >= 0.0 && (x as usize) < self.w && (y as usize) < self.h {
            self.pixels[y as usize * self.w + x as usize] = colour;
        }
    }

    pub fn line(&mut self, (x0, y0): (f32, f32), (x1, y1): (f32, f32), colour: Rgb) {
        let steps = (x1 - x0).abs().max((y1 - y0).abs()).ceil().max(1.0) as usize;
        for i in 0..=steps {
            let t = i as f32 / steps as f32;
            self.dot(x0 + t * (x1 - x0), y0 + t * (y1 - y0), colour);
        }
    }

    /// A ring with a tail in the minutia's direction, at `scale` times its size and shifted.
    fn minutia(&mut self, (x, y, angle): (f32, f32, f32), scale: f32, colour: Rgb) {
        for i in 0..24 {
            let (s, c) = (i as f32 * std::f32::consts::TAU / 24.0).sin_cos();
            self.dot(x + 3.0 * scale * c, y + 3.0 * scale * s, colour);
        }
        let (s, c) = angle.sin_cos();
        let at = |r: f32| (x + r * scale * c, y + r * scale * s);
        self.line(at(3.0), at(11.0), colour);
    }

    pub fn write(&self, file: &Path) -> Result<(), Failure> {
        let out = std::io::BufWriter::new(std::fs::File::create(file)?);
        let mut encoder = png::Encoder::new(out, self.w as u32, self.h as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::High);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(self.pixels.as_flattened())?;
        Ok(writer.finish()?)
    }
}

fn grey(value: f32) -> Rgb {
    [value.clamp(0.0, 255.0) as u8; 3]
}

/// Four panes side by side: print, orientation, enhanced ridges, minutiae over the print.
pub fn panes(steps: &Steps, template: Option<&Template>) -> Canvas {
    let (w, h) = (steps.width(), steps.height());
    let mut canvas = Canvas::new(4 * w, h);
    for y in 0..h {
        for x in 0..w {
            let shown = grey(steps.grey(x, y));
            let faint = grey(128.0 + 0.5 * steps.grey(x, y));
            let (fx, fy) = (x as f32, y as f32);
            canvas.dot(fx, fy, shown);
            canvas.dot(fx + w as f32, fy, faint);
            let ridges = if steps.is_ridge(x, y) {
                RIDGE
            } else {
                grey(170.0 + 80.0 * steps.enhanced(x, y))
            };
            canvas.dot(fx + 2.0 * w as f32, fy, ridges);
            canvas.dot(fx + 3.0 * w as f32, fy, faint);
        }
    }
    for y in (4..h).step_by(8) {
        for x in (4..w).step_by(8).filter(|&x| steps.is_finger(x, y)) {
            let (s, c) = steps.orientation(x, y).sin_cos();
            let (cx, cy) = ((x + w) as f32, y as f32);
            canvas.line(
                (cx - 3.5 * c, cy - 3.5 * s),
                (cx + 3.5 * c, cy + 3.5 * s),
                FORK,
            );
        }
    }
    for m in template.iter().flat_map(|t| t.minutiae()) {
        let (x, y, angle) = m.in_pixels();
        let colour = match m.kind {
            Kind::Ending => RIDGE,
            Kind::Bifurcation => FORK,
        };
        canvas.minutia((x + 3.0 * w as f32, y, angle), 1.0, colour);
    }
    canvas
}

/// `draw OUT PICTURE...`: a file of panes for each picture.
pub fn run(options: &Options) -> Result<String, Failure> {
    let (out, pictures) = options.folders.split_first().ok_or(crate::USAGE)?;
    std::fs::create_dir_all(out)?;
    let ppi = u16::try_from(options.number("ppi", 500))?;
    let mut text = String::new();
    for file in pictures {
        let image = decode_png(&std::fs::read(file)?, ppi)?;
        let name = file.file_name().unwrap_or_default();
        let steps = Steps::of(&image)?;
        let template = steps.template().ok();
        panes(&steps, template.as_ref()).write(&out.join(name))?;
        let count = template.map_or(0, |t| t.minutiae().len());
        text.push_str(&format!("{} {count} minutiae\n", name.to_string_lossy()));
    }
    Ok(text)
}
