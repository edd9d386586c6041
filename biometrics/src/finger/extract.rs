//! From a picture to a template.

use thiserror::Error;

use super::enhance::Bank;
use super::flow::{CELL, Flow, HALF, evened};
use super::image::GreyImage;
use super::minutiae::{self, Found};
use super::plane::Plane;
use super::skeleton::Skeleton;
use super::template::{Minutia, RidgeMap, Template, UNITS, direction};

/// Fewer minutiae than this are not enough to tell one finger from another.
pub const MIN_MINUTIAE: usize = 5;
/// Resolution of templates, pixels per inch.
const PPI: f32 = 500.0;
/// Largest working side: four inches hold any finger; more only costs memory.
const WORK_SIDE: usize = 2000;
/// Radius of the window over which contrast is evened out, in pixels.
const EVEN: usize = 12;
/// Deviation in grey levels that is stretched to one at most: less is noise of the sensor.
const LEAST_CONTRAST: f32 = 6.0;
/// Smoothing of the orientation after each coarse enhancement, in cells of 8 pixels.
const REFINED: [f32; 3] = [1.1, 1.2, 1.2];
/// Root mean square of the enhanced picture below which a cell is no finger; clean ridges have 1.
const LEAST_ANSWER: f32 = 0.12;
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

/// What [`extract`] sees on its way, for pictures and for finding out why a print is hard.
///
/// All places are pixels at 500 ppi of the picture as it was worked on: [`Steps::width`] by
/// [`Steps::height`].
pub struct Steps {
    grey: Plane,
    flow: Flow,
    enhanced: Plane,
    skeleton: Skeleton,
    found: Vec<Found>,
    /// Where the worked-on part begins in the whole picture.
    origin: (usize, usize),
}

impl std::fmt::Debug for Steps {
    /// Size only: a fingerprint has no place in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Steps({}x{})", self.grey.w, self.grey.h)
    }
}

impl Steps {
    /// Runs the extraction.
    ///
    /// # Errors
    /// [`ExtractError::NoForeground`] when there are no ridges.
    pub fn of(image: &GreyImage) -> Result<Self, ExtractError> {
        let (grey, x0, y0) = at_500_ppi(image);
        let half = grey.halved();
        let even = evened(&half);
        let mut flow = Flow::of(&half, &even).ok_or(ExtractError::NoForeground)?;
        let coarse = Bank::new(0.5, 0.5, 0.7);
        for (pass, sigma) in REFINED.into_iter().enumerate() {
            let enhanced = coarse.apply(&even, &filters(&flow, even.w, even.h, 2));
            flow = flow.refined(&enhanced, sigma);
            if pass == 0 {
                flow = flow
                    .cut(&amplitude(&enhanced, HALF), LEAST_ANSWER)
                    .ok_or(ExtractError::NoForeground)?;
            }
        }
        let enhanced = enhanced(&grey, &flow);
        let skeleton = Skeleton::thin(grey.w, grey.h, |x, y| enhanced.at(x, y) < 0.0);
        let amplitude = amplitude(&enhanced, CELL);
        let found = minutiae::find(&skeleton, &flow, |x, y| {
            amplitude.sample(x / CELL as f32 - 0.5, y / CELL as f32 - 0.5)
        });
        Ok(Self {
            grey,
            flow,
            enhanced,
            skeleton,
            found,
            origin: (x0, y0),
        })
    }

    /// Width in pixels at 500 ppi.
    #[must_use]
    pub fn width(&self) -> usize {
        self.grey.w
    }

    /// Height in pixels at 500 ppi.
    #[must_use]
    pub fn height(&self) -> usize {
        self.grey.h
    }

    /// Whether a place belongs to the finger.
    #[must_use]
    pub fn is_finger(&self, x: usize, y: usize) -> bool {
        self.flow.inside(x as f32, y as f32) > 0.5
    }

    /// Grey value of the picture, 0 to 255.
    #[must_use]
    pub fn grey(&self, x: usize, y: usize) -> f32 {
        self.grey.at(x.min(self.grey.w - 1), y.min(self.grey.h - 1))
    }

    /// Which way the ridges run, in radians with y down, -π/2 to π/2.
    #[must_use]
    pub fn orientation(&self, x: usize, y: usize) -> f32 {
        self.flow.angle(x as f32, y as f32)
    }

    /// The enhanced picture: about -1 on a ridge, 1 in a valley, 0 outside the finger.
    #[must_use]
    pub fn enhanced(&self, x: usize, y: usize) -> f32 {
        self.enhanced
            .at(x.min(self.grey.w - 1), y.min(self.grey.h - 1))
    }

    /// Whether a place lies on a thinned ridge.
    #[must_use]
    pub fn is_ridge(&self, x: usize, y: usize) -> bool {
        x < self.grey.w && y < self.grey.h && self.skeleton.is_set(x, y)
    }

    /// Orientation and extent of the finger.
    fn map(&self) -> RidgeMap {
        let (x0, y0) = self.origin;
        RidgeMap::of(self.grey.w + x0, self.grey.h + y0, |x, y| {
            let (x, y) = (x - x0 as f32, y - y0 as f32);
            let inside = x >= 0.0 && y >= 0.0 && self.flow.inside(x, y) > 0.5;
            inside.then(|| self.flow.angle(x, y))
        })
    }

    /// The template.
    ///
    /// # Errors
    /// [`ExtractError::TooFewMinutiae`] when there is too little to compare.
    pub fn template(&self) -> Result<Template, ExtractError> {
        let found = self.found.len();
        if found < MIN_MINUTIAE {
            return Err(ExtractError::TooFewMinutiae { found });
        }
        let (x0, y0) = self.origin;
        let size = (self.grey.w + x0, self.grey.h + y0);
        let template = template(self.found.clone(), size, self.origin);
        Ok(template.with_map(self.map()))
    }
}

/// Finds the minutiae of a fingerprint.
///
/// The picture is brought to 500 ppi; at half of that the finger is separated from the background,
/// ridge orientation and period are measured, and the orientation three times again on the ridges
/// enhanced with Gabor filters; then the ridges are enhanced in full, thinned, and minutiae read off and checked.
/// Pictures larger than four inches at 500 ppi are cut to their middle.
///
/// # Errors
/// [`ExtractError`] when there is no finger, or too little of it to compare.
pub fn extract(image: &GreyImage) -> Result<Template, ExtractError> {
    Steps::of(image)?.template()
}

/// The picture at 500 ppi with its ridges enhanced, zero outside the finger. Only the finger's part
/// of a large picture is worked on.
fn enhanced(grey: &Plane, flow: &Flow) -> Plane {
    let mut out = Plane::new(grey.w, grey.h);
    let Some((x0, y0, x1, y1)) = flow.bounds() else {
        return out;
    };
    // Evening out and filtering look that far beyond the finger, whose soft edge is a cell wide.
    let margin = 2 * EVEN + CELL;
    let (x0, y0) = (x0.saturating_sub(margin), y0.saturating_sub(margin));
    let (w, h) = (
        (x1 + margin).min(grey.w) - x0,
        (y1 + margin).min(grey.h) - y0,
    );
    let even = grey.crop(x0, y0, w, h).normalised(EVEN, LEAST_CONTRAST);
    let all = filters(flow, grey.w, grey.h, 1);
    let choice: Vec<Option<u16>> = (y0..y0 + h)
        .flat_map(|y| all[y * grey.w + x0..y * grey.w + x0 + w].iter().copied())
        .collect();
    let part = Bank::new(1.0, 0.42, 0.5).apply(&even, &choice);
    for (y, line) in part.v.chunks_exact(w).enumerate() {
        let at = (y0 + y) * grey.w + x0;
        out.v[at..at + w].copy_from_slice(line);
    }
    out
}

/// Which filter to use at each pixel of a picture at 500/`step` ppi; none outside the finger.
/// Asked once for a square of two pixels each way at 500 ppi: ridges do not turn faster.
fn filters(flow: &Flow, w: usize, h: usize, step: usize) -> Vec<Option<u16>> {
    const SQUARE: usize = 2;
    let mut choice = vec![None; w * h];
    let side = CELL / step;
    let block = SQUARE / step;
    for y in (0..h).step_by(block) {
        for x in (0..w).step_by(block) {
            let middle = |i: usize| (i * step) as f32 + (SQUARE as f32 - 1.0) / 2.0;
            let (fx, fy) = (middle(x), middle(y));
            if flow.inside(fx, fy) > 0.25 {
                let period = flow.period.v[(y / side) * flow.gw + x / side];
                let filter = Some(Bank::index(flow.angle(fx, fy), period));
                for row in y..(y + block).min(h) {
                    choice[row * w + x..row * w + (x + block).min(w)].fill(filter);
                }
            }
        }
    }
    choice
}

/// Root mean square of the enhanced picture by cell of `side` pixels; where contrast was evened
/// out before, 1 is a clean grating and noise stays far below.
fn amplitude(enhanced: &Plane, side: usize) -> Plane {
    let (gw, gh) = (enhanced.w.div_ceil(side), enhanced.h.div_ceil(side));
    let mut sums = Plane::new(gw, gh);
    for y in 0..enhanced.h {
        for x in 0..enhanced.w {
            sums.v[(y / side) * gw + x / side] += enhanced.at(x, y).powi(2);
        }
    }
    sums.v
        .iter_mut()
        .for_each(|s| *s = (*s / (side * side) as f32).sqrt());
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
