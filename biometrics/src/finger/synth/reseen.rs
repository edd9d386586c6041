//! A second template of a finger that is only a template: mates for searches in galleries too
//! large for pictures.

use std::f32::consts::{PI, TAU};

use super::rng::Rng;
use crate::finger::template::{Kind, MAP_CELL, Minutia, RidgeMap, Template, UNITS, direction};

/// Noise of an orientation in the map, in radians. Between aligned real impressions the mean cosine
/// of the doubled angle is 0.975 in the mean; skin distortion and the grid alone leave more.
const ORIENTATION: f32 = 0.07;

/// A minutia in pixels at 500 ppi.
#[derive(Clone, Copy)]
struct Mark {
    x: f32,
    y: f32,
    angle: f32,
    kind: Kind,
    quality: f32,
}

/// Another impression of the finger of `template`, as extraction might have given it.
///
/// What is done, in this order, the same for the same seed: a window keeps the 90 to 100 % of
/// the minutiae nearest to a point near their middle, in one of ten impressions only 50 to 80 %
/// around a point farther off; a quarter of those is missed, the poor ones sooner, and one in five of
/// the others changes its kind; the skin is pushed by four smooth bumps of several pixels; the
/// finger is turned by up to 25°, one in ten by any angle, and shifted; places, directions and
/// qualities get noise; and about as many false minutiae come in, along the ridges around them, as
/// were missed. Noise, misses and distortion together are weaker or stronger by a factor drawn for each
/// impression. A map of the ridges is windowed, bent, turned and shifted likewise.
///
/// How much of each is what pairs of real impressions show: see `docs/fingerprint-search.md`.
#[must_use]
pub fn reseen_template(template: &Template, seed: u64) -> Template {
    let mut rng = Rng::new(seed, 7);
    let mut marks: Vec<Mark> = template
        .minutiae()
        .iter()
        .map(|m| {
            let (x, y, angle) = m.in_pixels();
            Mark {
                x,
                y,
                angle,
                kind: m.kind,
                quality: f32::from(m.quality),
            }
        })
        .collect();
    let rough = rng.between(0.7f32, 1.3);
    let count = marks.len().max(1) as f32;
    let (cx, cy) = (
        marks.iter().map(|m| m.x).sum::<f32>() / count,
        marks.iter().map(|m| m.y).sum::<f32>() / count,
    );
    let window = Window::new(&mut rng, &mut marks, cx, cy);
    // Of two real impressions the share without a partner falls so with the quality.
    marks.retain(|m| rng.unit() > rough * 0.85 * (-0.026 * m.quality).exp());
    let moved = Moved::new(&mut rng, cx, cy, 4.5 * rough);
    for m in &mut marks {
        let (x, y, angle) = moved.to(m.x, m.y, m.angle);
        m.x = x + 1.2 * rough * rng.normal();
        m.y = y + 1.2 * rough * rng.normal();
        // The flow says well which way a minutia points, or not at all.
        let (off, doubt) = if rng.unit() < 0.25 {
            (0.13, 25.0)
        } else {
            (0.025, 5.0)
        };
        m.angle = angle + off * rough * rng.normal();
        m.quality += doubt * rng.normal();
        if rng.unit() < 0.2 {
            m.kind = match m.kind {
                Kind::Ending => Kind::Bifurcation,
                Kind::Bifurcation => Kind::Ending,
            };
        }
    }
    let wanted = (rough * rng.between(0.2, 0.35) * marks.len() as f32).round() as usize;
    invent(&mut rng, &mut marks, wanted);
    framed(&mut rng, &marks, template.map(), &window, &moved)
}

/// What a contact area, or the overlap with one, would show.
struct Window {
    x: f32,
    y: f32,
    far: f32,
}

impl Window {
    /// Draws one, and keeps only the marks in it.
    fn new(rng: &mut Rng, marks: &mut Vec<Mark>, cx: f32, cy: f32) -> Self {
        let (off, part) = if rng.unit() < 0.1 {
            (rng.between(40.0f32, 90.0), rng.between(0.5, 0.8))
        } else {
            (rng.between(0.0, 40.0), rng.between(0.9, 1.0))
        };
        let (dy, dx) = rng.between(0.0, TAU).sin_cos();
        let mut window = Self {
            x: cx + off * dx,
            y: cy + off * dy,
            far: f32::INFINITY,
        };
        marks.sort_by(|a, b| window.far(a.x, a.y).total_cmp(&window.far(b.x, b.y)));
        let left = (part * marks.len() as f32).round() as usize;
        if let Some(first) = marks.get(left) {
            window.far = window.far(first.x, first.y);
            marks.truncate(left);
        }
        window
    }

    /// Distance from the middle; contact areas are a third higher than wide.
    fn far(&self, x: f32, y: f32) -> f32 {
        (x - self.x).hypot((y - self.y) / 1.33)
    }

    fn shows(&self, x: f32, y: f32) -> bool {
        self.far(x, y) <= self.far
    }
}

/// Where the finger's skin comes to lie.
struct Moved {
    /// Middle and push in pixels, and the width of the bump.
    bumps: [(f32, f32, f32, f32, f32); 4],
    turn: f32,
    /// What it turns about.
    middle: (f32, f32),
}

impl Moved {
    /// Pushes the skin by smooth bumps of about `most` pixels and turns the finger.
    fn new(rng: &mut Rng, cx: f32, cy: f32, most: f32) -> Self {
        let bumps = std::array::from_fn(|_| {
            (
                cx + rng.between(-110.0, 110.0),
                cy + rng.between(-150.0, 150.0),
                most * rng.normal(),
                most * rng.normal(),
                rng.between(50.0f32, 90.0),
            )
        });
        let turn = if rng.unit() < 0.1 {
            rng.between(-PI, PI)
        } else {
            (12.0 * rng.normal()).clamp(-25.0, 25.0).to_radians()
        };
        Self {
            bumps,
            turn,
            middle: (cx, cy),
        }
    }

    fn push(&self, x: f32, y: f32) -> (f32, f32) {
        let (mut dx, mut dy) = (0.0, 0.0);
        for &(bx, by, px, py, wide) in &self.bumps {
            let square = (x - bx).powi(2) + (y - by).powi(2);
            let height = (-square / (2.0 * wide * wide)).exp();
            dx += height * px;
            dy += height * py;
        }
        (dx, dy)
    }

    /// A place and the direction of a ridge there; the middle becomes the origin.
    fn to(&self, x: f32, y: f32, angle: f32) -> (f32, f32, f32) {
        let (dx, dy) = self.push(x, y);
        let (sin, cos) = angle.sin_cos();
        let (ex, ey) = self.push(x + cos, y + sin);
        let bent = (sin + ey - dy).atan2(cos + ex - dx);
        let (x, y) = (x + dx - self.middle.0, y + dy - self.middle.1);
        let (sin, cos) = self.turn.sin_cos();
        (cos * x - sin * y, sin * x + cos * y, bent + self.turn)
    }

    /// Where a place came from.
    fn back(&self, x: f32, y: f32) -> (f32, f32) {
        let (sin, cos) = self.turn.sin_cos();
        let (x, y) = (
            cos * x + sin * y + self.middle.0,
            cos * y - sin * x + self.middle.1,
        );
        // The push changes slowly, so that what it is at the guess before is near enough.
        let mut from = (x, y);
        for _ in 0..3 {
            let (dx, dy) = self.push(from.0, from.1);
            from = (x - dx, y - dy);
        }
        from
    }
}

/// Adds false minutiae among the others.
fn invent(rng: &mut Rng, marks: &mut Vec<Mark>, wanted: usize) {
    let real = marks.len();
    if real < 2 {
        return;
    }
    for _ in 0..20 * wanted {
        if marks.len() == real + wanted {
            break;
        }
        let near = marks[(rng.next() % real as u64) as usize];
        let (sin, cos) = rng.between(0.0, TAU).sin_cos();
        let off = rng.between(7.0f32, 40.0);
        let (x, y) = (near.x + off * cos, near.y + off * sin);
        if marks.iter().any(|m| (m.x - x).hypot(m.y - y) < 7.0) {
            continue;
        }
        let back = if rng.unit() < 0.5 { PI } else { 0.0 };
        marks.push(Mark {
            x,
            y,
            angle: near.angle + back + 0.3 * rng.normal(),
            kind: if rng.unit() < 0.5 {
                Kind::Ending
            } else {
                Kind::Bifurcation
            },
            quality: rng.between(8.0, 80.0),
        });
    }
}

/// The template in a frame around all minutiae and the finger.
fn framed(
    rng: &mut Rng,
    marks: &[Mark],
    map: &RidgeMap,
    window: &Window,
    moved: &Moved,
) -> Template {
    let cells = map
        .finger()
        .filter(|&(x, y, _)| window.shows(x, y))
        .map(|(x, y, _)| moved.to(x, y, 0.0))
        .map(|(x, y, _)| (x, y));
    let extent: Vec<(f32, f32)> = marks.iter().map(|m| (m.x, m.y)).chain(cells).collect();
    let (left, top) = (rng.between(5.0, 40.0), rng.between(5.0, 40.0));
    let low = |of: fn(&(f32, f32)) -> f32| extent.iter().map(of).fold(f32::INFINITY, f32::min);
    let high = |of: fn(&(f32, f32)) -> f32| extent.iter().map(of).fold(0.0, f32::max);
    let (x0, y0) = (low(|p| p.0) - left, low(|p| p.1) - top);
    let side = |far: f32, from: f32| (far - from + 40.0).clamp(80.0, 4000.0) as u16;
    let (w, h) = (side(high(|p| p.0), x0), side(high(|p| p.1), y0));
    let unit = |v: f32, side: u16| {
        let most = f32::from(side) * f32::from(UNITS) - 1.0;
        (v * f32::from(UNITS)).clamp(0.0, most) as u16
    };
    let minutiae = marks.iter().map(|m| Minutia {
        x: unit(m.x - x0, w),
        y: unit(m.y - y0, h),
        direction: direction(m.angle),
        kind: m.kind,
        quality: m.quality.clamp(5.0, 90.0) as u8,
    });
    let template = Template::from_checked(w, h, minutiae.collect());
    if map.is_empty() {
        return template;
    }
    let noise = std::cell::RefCell::new(rng);
    template.with_map(RidgeMap::of(usize::from(w), usize::from(h), |x, y| {
        let (fx, fy) = moved.back(x + x0, y + y0);
        let angle = sample(map, fx, fy).filter(|_| window.shows(fx, fy))?;
        Some(moved.to(fx, fy, angle).2 + ORIENTATION * noise.borrow_mut().normal())
    }))
}

/// Which way the ridges run, between the middles of cells; `None` outside the finger.
fn sample(map: &RidgeMap, x: f32, y: f32) -> Option<f32> {
    if map.at(x, y) == 0 {
        return None;
    }
    let side = f32::from(MAP_CELL);
    let (cx, cy) = (x / side - 0.5, y / side - 0.5);
    let (mut cos, mut sin) = (0.0, 0.0);
    for (ix, iy) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)] {
        let (px, py) = (cx.floor() + ix, cy.floor() + iy);
        let cell = map.at((px + 0.5) * side, (py + 0.5) * side);
        if cell != 0 {
            let weight = (1.0 - (px - cx).abs()) * (1.0 - (py - cy).abs());
            let steps = f32::from(cell & (RidgeMap::HALF_TURN - 1));
            // Orientations repeat every half turn.
            let twice = TAU * steps / f32::from(RidgeMap::HALF_TURN);
            cos += weight * twice.cos();
            sin += weight * twice.sin();
        }
    }
    Some(0.5 * sin.atan2(cos))
}
