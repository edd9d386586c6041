//! `fingerbench draw`: what the engine sees, as pictures.

use std::path::Path;

use biometrics::finger::{Kind, Minutia, Prepared, Steps, Template, compare_in_detail, decode_png};

use crate::{Failure, Options};

type Rgb = [u8; 3];

const RIDGE: Rgb = [200, 30, 30];
const FORK: Rgb = [20, 70, 220];
const PAIR: Rgb = [40, 150, 60];

/// A colour picture.
struct Canvas {
    w: usize,
    h: usize,
    pixels: Vec<Rgb>,
}

impl Canvas {
    fn new(w: usize, h: usize) -> Self {
        Self {
            w,
            h,
            pixels: vec![[255; 3]; w * h],
        }
    }

    fn dot(&mut self, x: f32, y: f32, colour: Rgb) {
        let (x, y) = (x.round(), y.round());
        if x >= 0.0 && y >= 0.0 && (x as usize) < self.w && (y as usize) < self.h {
            self.pixels[y as usize * self.w + x as usize] = colour;
        }
    }

    fn line(&mut self, (x0, y0): (f32, f32), (x1, y1): (f32, f32), colour: Rgb) {
        let steps = (x1 - x0).abs().max((y1 - y0).abs()).ceil().max(1.0) as usize;
        for i in 0..=steps {
            let t = i as f32 / steps as f32;
            self.dot(x0 + t * (x1 - x0), y0 + t * (y1 - y0), colour);
        }
    }

    /// A ring with a tail in the minutia's direction, in a pane that begins at `left`.
    fn minutia(&mut self, left: usize, minutia: &Minutia) {
        let (x, y, angle) = minutia.in_pixels();
        let x = x + left as f32;
        let colour = match minutia.kind {
            Kind::Ending => RIDGE,
            Kind::Bifurcation => FORK,
        };
        for i in 0..24 {
            let (s, c) = (i as f32 * std::f32::consts::TAU / 24.0).sin_cos();
            self.dot(x + 3.0 * c, y + 3.0 * s, colour);
        }
        let (s, c) = angle.sin_cos();
        let at = |r: f32| (x + r * c, y + r * s);
        self.line(at(3.0), at(11.0), colour);
    }

    /// A print, paler than it is, in a pane that begins at `left`.
    fn print(&mut self, left: usize, steps: &Steps) {
        for y in 0..steps.height() {
            for x in 0..steps.width() {
                let shown = grey(128.0 + 0.5 * steps.grey(x, y));
                self.dot((x + left) as f32, y as f32, shown);
            }
        }
    }

    fn write(&self, file: &Path) -> Result<(), Failure> {
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
fn panes(steps: &Steps, template: Option<&Template>) -> Canvas {
    let (w, h) = (steps.width(), steps.height());
    let mut canvas = Canvas::new(4 * w, h);
    canvas.print(w, steps);
    canvas.print(3 * w, steps);
    for y in 0..h {
        for x in 0..w {
            let (fx, fy) = (x as f32, y as f32);
            canvas.dot(fx, fy, grey(steps.grey(x, y)));
            let ridges = if steps.is_ridge(x, y) {
                RIDGE
            } else {
                grey(170.0 + 80.0 * steps.enhanced(x, y))
            };
            canvas.dot(fx + 2.0 * w as f32, fy, ridges);
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
    for minutia in template.iter().flat_map(|t| t.minutiae()) {
        canvas.minutia(3 * w, minutia);
    }
    canvas
}

fn steps(file: &Path, options: &Options) -> Result<Steps, Failure> {
    let ppi = u16::try_from(options.number("ppi", 500))?;
    Ok(Steps::of(&decode_png(&std::fs::read(file)?, ppi)?)?)
}

/// `pair OUT.png PICTURE PICTURE`: two prints and the minutiae that the comparison paired.
pub fn pair(options: &Options) -> Result<String, Failure> {
    let [out, first, second] = options.folders.as_slice() else {
        return Err(crate::USAGE.into());
    };
    let (a, b) = (steps(first, options)?, steps(second, options)?);
    let (one, two) = (a.template()?, b.template()?);
    let found = compare_in_detail(&Prepared::new(&one), &Prepared::new(&two));
    let right = a.width() + 8;
    let mut canvas = Canvas::new(right + b.width(), a.height().max(b.height()));
    canvas.print(0, &a);
    canvas.print(right, &b);
    one.minutiae().iter().for_each(|m| canvas.minutia(0, m));
    two.minutiae().iter().for_each(|m| canvas.minutia(right, m));
    for &(i, j) in &found.pairs {
        let (Some(p), Some(q)) = (one.minutiae().get(i), two.minutiae().get(j)) else {
            continue;
        };
        let ((px, py, _), (qx, qy, _)) = (p.in_pixels(), q.in_pixels());
        canvas.line((px, py), (qx + right as f32, qy), PAIR);
    }
    canvas.write(out)?;
    Ok(format!(
        "score {:.1}, {} of {} and {} minutiae paired",
        found.score.0,
        found.pairs.len(),
        one.minutiae().len(),
        two.minutiae().len()
    ))
}

/// `draw OUT PICTURE...`: a file of panes for each picture.
pub fn run(options: &Options) -> Result<String, Failure> {
    let (out, pictures) = options.folders.split_first().ok_or(crate::USAGE)?;
    std::fs::create_dir_all(out)?;
    let mut text = String::new();
    for file in pictures {
        let name = file.file_name().unwrap_or_default();
        let steps = steps(file, options)?;
        let template = steps.template().ok();
        panes(&steps, template.as_ref()).write(&out.join(name))?;
        let count = template.map_or(0, |t| t.minutiae().len());
        text.push_str(&format!("{} {count} minutiae\n", name.to_string_lossy()));
    }
    Ok(text)
}
