//! Live quality: cheap enough for every frame of the preview.

use super::extract::at_500_ppi;
use super::flow::{CELL, Flow, Tensor, components, shrunk};
use super::image::GreyImage;
use super::plane::Plane;

/// Square millimetres of one grid cell at 500 ppi.
const CELL_MM2: f32 = (CELL as f32 * 0.0508) * (CELL as f32 * 0.0508);
/// Contact below which there is no finger, and below which it is only a part of one.
const FINGER_MM2: f32 = 12.0;
const WHOLE_MM2: f32 = 105.0;
/// A second piece of ridges at least this large, rim taken off, is another finger.
const SECOND_MM2: f32 = 20.0;

/// Scores below this are never `Good`.
const LEAST_GOOD: f32 = 40.0;

/// What to tell the person at the scanner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Take it.
    Good,
    /// Nothing with ridges on the glass.
    NoFinger,
    /// Ridges are broken and pale.
    TooDry,
    /// Valleys are filled.
    TooWet,
    /// Too little of the finger touches the glass.
    Partial,
    /// Ridges in two places.
    MoreThanOneFinger,
    /// Ridges are smeared: the finger moved.
    Blurred,
}

/// Live quality of a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quality {
    /// 0 to 100; 0 without a finger. Below 40 whenever the verdict is not `Good`.
    pub score: u8,
    /// The first thing wrong, worst first.
    pub verdict: Verdict,
    /// Area with ridges, in square millimetres.
    pub contact_area_mm2: f32,
    /// Area with ridges as a part of the picture, 0 to 1.
    pub foreground: f32,
}

/// Judges a picture for the live preview; some milliseconds at 500 ppi.
#[must_use]
pub fn assess(image: &GreyImage) -> Quality {
    let (grey, _, _) = at_500_ppi(image);
    let Some(mask) = Flow::finger(&grey.halved()) else {
        return verdict_only(Verdict::NoFinger);
    };
    let tensor = Tensor::of(&grey.blurred(1.0), CELL);
    let signs = Signs::of(&grey, &tensor, &mask);
    judge(&signs)
}

fn verdict_only(verdict: Verdict) -> Quality {
    Quality {
        score: 0,
        verdict,
        contact_area_mm2: 0.0,
        foreground: 0.0,
    }
}

/// What the verdict is made from.
#[derive(Debug)]
struct Signs {
    /// Area with ridges.
    area_mm2: f32,
    /// Area of the second largest piece, without its rim.
    second_mm2: f32,
    foreground: f32,
    /// Mean agreement of gradients over ridge neighbourhoods, 0 to 1.
    coherence: f32,
    /// Part of the finger darker than the middle between its dark and its light.
    dark: f32,
    /// Grey levels between dark and light.
    contrast: f32,
    /// Edge steepness relative to contrast.
    sharpness: f32,
}

impl Signs {
    fn of(grey: &Plane, tensor: &Tensor, mask: &[bool]) -> Self {
        let gw = tensor.gw;
        let cells = mask.iter().filter(|m| **m).count();

        let smooth = tensor.blurred(0.7);
        let mut coherence = 0.0;
        for (i, _) in mask.iter().enumerate().filter(|(_, m)| **m) {
            coherence += smooth.strength(i).1;
        }
        let mut histogram = [0u32; 256];
        let mut steps = 0.0f64;
        for y in 1..grey.h {
            for x in 1..grey.w {
                if mask[(y / CELL) * gw + x / CELL] {
                    let here = grey.at(x, y);
                    histogram[here.clamp(0.0, 255.0) as usize] += 1;
                    let (dx, dy) = (here - grey.at(x - 1, y), here - grey.at(x, y - 1));
                    steps += f64::from(dx * dx + dy * dy);
                }
            }
        }
        let total: u32 = histogram.iter().sum::<u32>().max(1);
        let (low, high) = (percentile(&histogram, 0.05), percentile(&histogram, 0.95));
        let middle = (low + high) / 2.0;
        let dark: u32 = histogram.iter().take(middle as usize + 1).sum();
        let contrast = high - low;
        let cells = cells.max(1) as f32;
        Self {
            area_mm2: cells * CELL_MM2,
            second_mm2: second(tensor, mask) as f32 * CELL_MM2,
            foreground: cells / mask.len().max(1) as f32,
            coherence: coherence / cells,
            dark: dark as f32 / total as f32,
            contrast,
            sharpness: (steps / f64::from(total)).sqrt() as f32 / contrast.max(1.0),
        }
    }
}

/// Cells of the second largest piece of ridges. Fingers nearly touch each other, so the pieces
/// are separated first: by the gradient of single cells, and by taking off their rims.
fn second(tensor: &Tensor, mask: &[bool]) -> usize {
    let (gw, gh) = (tensor.gw, tensor.gh);
    let near = tensor.blurred(0.6);
    let mut power: Vec<f32> = (0..mask.len())
        .filter(|&i| mask[i])
        .map(|i| near.strength(i).0)
        .collect();
    power.sort_by(f32::total_cmp);
    let bar = 0.2 * power.get(power.len() / 2).copied().unwrap_or(0.0);
    let strong: Vec<bool> = (0..mask.len())
        .map(|i| mask[i] && near.strength(i).0 > bar)
        .collect();
    let mut parts: Vec<usize> = components(&shrunk(&strong, gw, gh, 1), gw, gh)
        .iter()
        .map(Vec::len)
        .collect();
    parts.sort_unstable_by(|a, b| b.cmp(a));
    parts.get(1).copied().unwrap_or(0)
}

fn percentile(histogram: &[u32; 256], part: f32) -> f32 {
    let wanted = (histogram.iter().sum::<u32>() as f32 * part) as u32;
    let mut sum = 0;
    for (level, count) in histogram.iter().enumerate() {
        sum += count;
        if sum > wanted {
            return level as f32;
        }
    }
    255.0
}

/// Limits measured on synthetic faults and on public sets from optical and capacitive sensors,
/// where ordinary prints have a dark part of 0.2 to 0.5, a contrast above 80 and a coherence
/// above 0.55; prints as dry as those still match, so only drier ones are sent back.
fn judge(s: &Signs) -> Quality {
    let verdict = if s.area_mm2 < FINGER_MM2 {
        Verdict::NoFinger
    } else if s.sharpness < 0.145 {
        // Before all else: smeared ridges also look few, wet or torn in two.
        Verdict::Blurred
    } else if s.second_mm2 > SECOND_MM2 {
        Verdict::MoreThanOneFinger
    } else if s.area_mm2 < WHOLE_MM2 {
        Verdict::Partial
    } else if s.dark > 0.60 {
        Verdict::TooWet
    } else if s.contrast < 70.0 || s.dark < 0.30 && s.coherence < 0.52 {
        // Pale ridges want what dry ones want: moisture and a firmer touch.
        Verdict::TooDry
    } else {
        Verdict::Good
    };
    let clear = ((s.coherence - 0.30) / 0.60).clamp(0.0, 1.0);
    let size = (s.area_mm2 / 160.0).clamp(0.0, 1.0);
    let score = match verdict {
        Verdict::NoFinger => 0.0,
        Verdict::Good => (100.0 * clear * size).max(LEAST_GOOD),
        _ => (100.0 * clear * size).min(LEAST_GOOD - 1.0),
    };
    Quality {
        score: score as u8,
        verdict,
        contact_area_mm2: s.area_mm2,
        foreground: s.foreground,
    }
}
