//! From a picture to a template.

use thiserror::Error;

use super::enhance::Bank;
use super::flow::{CELL, Flow};
use super::image::GreyImage;
use super::minutiae::{self, Found};
use super::plane::Plane;
use super::skeleton::Skeleton;
use super::template::{Minutia, Template, UNITS, direction};

/// Fewer minutiae than this are not enough to tell one finger from another.
pub const MIN_MINUTIAE: usize = 8;
/// Resolution of templates, pixels per inch.
const PPI: f32 = 500.0;
/// Largest working side: four inches hold any finger; more only costs memory.
const WORK_SIDE: usize = 2000;
/// Most minutiae of one picture: past this only noise is added.
const MOST: usize = 120;

/// Why a picture gives no template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ExtractError {
    /// Ridges were seen, but fewer than [`MIN_MINUTIAE`] minutiae.
    #[error("only {found} minutiae found")]
    TooFewMinutiae {
        /// How many were found.
        found: usize,
    },
    /// No ridges anywhere.
    #[error("no finger in the picture")]
    NoForeground,
}

/// The picture at 500 ppi and the shift of its origin, cut to the middle when it is huge.
pub(crate) fn at_500_ppi(image: &GreyImage) -> (Plane, usize, usize) {
    let (w, h) = (image.width() as usize, image.height() as usize);
    let mut plane = Plane::from_bytes(w, h, image.pixels());
    let factor = PPI / f32::from(image.ppi());
    let side = (WORK_SIDE as f32 / factor) as usize;
    let (cw, ch) = (w.min(side), h.min(side));
    let (x0, y0) = ((w - cw) / 2, (h - ch) / 2);
    if (cw, ch) != (w, h) {
        plane = plane.crop(x0, y0, cw, ch);
    }
    if image.ppi() != PPI as u16 {
        plane = plane.scaled(factor);
    }
    let shift = |v: usize| (v as f32 * factor).round() as usize;
    (plane, shift(x0), shift(y0))
}

/// Finds the minutiae of a fingerprint.
///
/// The picture is brought to 500 ppi, the finger separated from the background, ridge orientation
/// and period measured, the ridges enhanced with Gabor filters, the orientation measured again on
/// the result, the ridges thinned, and minutiae read off and checked. Pictures larger than four
/// inches at 500 ppi are cut to their middle.
///
/// # Errors
/// [`ExtractError`] when there is no finger, or too little of it to compare.
pub fn extract(image: &GreyImage) -> Result<Template, ExtractError> {
    let (grey, x0, y0) = at_500_ppi(image);
    let normalised = grey.normalised(12, 10.0);
    let flow = Flow::of(&grey, &normalised).ok_or(ExtractError::NoForeground)?;
    let bank = Bank::new(1.0, 0.42, 0.55);
    let first = bank.apply(&normalised, &filters(&flow, grey.w, grey.h));
    let flow = flow.refined(&first);
    let enhanced = bank.apply(&normalised, &filters(&flow, grey.w, grey.h));

    let skeleton = Skeleton::thin(grey.w, grey.h, |x, y| enhanced.at(x, y) < 0.0);
    let amplitude = amplitude(&enhanced);
    let found = minutiae::find(&skeleton, &flow, |x, y| {
        amplitude.sample(x / CELL as f32 - 0.5, y / CELL as f32 - 0.5)
    });
    if found.len() < MIN_MINUTIAE {
        return Err(ExtractError::TooFewMinutiae { found: found.len() });
    }
    Ok(template(found, (grey.w + x0, grey.h + y0), (x0, y0)))
}

/// Which filter to use at each pixel; none outside the finger.
fn filters(flow: &Flow, w: usize, h: usize) -> Vec<Option<u16>> {
    let mut choice = vec![None; w * h];
    for y in 0..h {
        for x in 0..w {
            let (fx, fy) = (x as f32, y as f32);
            if flow.inside(fx, fy) > 0.25 {
                let period = flow.period.v[(y / CELL) * flow.gw + x / CELL];
                choice[y * w + x] = Some(Bank::index(flow.angle(fx, fy), period));
            }
        }
    }
    choice
}

/// Root mean square of the enhanced picture by cell, where 0.7 is a clean grating.
fn amplitude(enhanced: &Plane) -> Plane {
    let (gw, gh) = (enhanced.w.div_ceil(CELL), enhanced.h.div_ceil(CELL));
    let mut sums = Plane::new(gw, gh);
    for y in 0..enhanced.h {
        for x in 0..enhanced.w {
            sums.v[(y / CELL) * gw + x / CELL] += enhanced.at(x, y).powi(2);
        }
    }
    sums.v
        .iter_mut()
        .for_each(|s| *s = (*s / (CELL * CELL) as f32).sqrt());
    sums.blurred(1.0)
}

fn template(
    mut found: Vec<Found>,
    (width, height): (usize, usize),
    (x0, y0): (usize, usize),
) -> Template {
    found.sort_by(|a, b| b.quality.total_cmp(&a.quality));
    found.truncate(MOST);
    let minutiae = found
        .into_iter()
        .map(|f| Minutia {
            x: units(f.x, x0, width),
            y: units(f.y, y0, height),
            direction: direction(f.angle),
            kind: f.kind,
            quality: (f.quality * 100.0).round().clamp(0.0, 100.0) as u8,
        })
        .collect();
    Template::from_checked(width as u16, height as u16, minutiae)
}

/// A place in pixels, `shift` pixels further, in the template's units and inside its frame.
fn units(at: f32, shift: usize, side: usize) -> u16 {
    let unit = usize::from(UNITS);
    let at = (at * f32::from(UNITS)).round().max(0.0) as usize + shift * unit;
    at.min(side * unit - 1) as u16
}
