//! A second template of a finger that is only a template: mates for searches in galleries too
//! large for pictures.

use std::f32::consts::{PI, TAU};

use super::rng::Rng;
use crate::finger::template::{Kind, Minutia, Template, UNITS, direction};

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
/// What is done, in this order, the same for the same seed: a window keeps the 75 to 100 % of
/// the minutiae nearest to a point near their middle, in three of ten impressions only 40 to 60 %
/// around a point farther off; 20 to 30 % of those are missed, the poor ones sooner, and one in
/// five of the others changes its kind; the skin is pushed by four smooth bumps of several pixels;
/// the finger is turned by up to 25°, one in ten by any angle, and shifted; places and directions
/// get normal noise; and 15 to 25 % of false minutiae come in, along the ridges around them. Noise,
/// misses and distortion together are weaker or stronger by a factor drawn for each impression.
///
/// The noise is set so that the exact scores of mates have about the median and the lowest tenth
/// of those of real impressions: see `docs/fingerprint-search.md`.
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
    let rough = rng.between(0.4f32, 1.45);
    let count = marks.len().max(1) as f32;
    let (cx, cy) = (
        marks.iter().map(|m| m.x).sum::<f32>() / count,
        marks.iter().map(|m| m.y).sum::<f32>() / count,
    );
    window(&mut rng, &mut marks, cx, cy);
    let missing = rough.min(1.5) * rng.between(0.20, 0.30);
    marks.retain(|m| rng.unit() > missing * (1.5 - m.quality / 100.0));
    bend(&mut rng, &mut marks, cx, cy, 4.5 * rough);
    let turn = if rng.unit() < 0.1 {
        rng.between(-PI, PI)
    } else {
        (12.0 * rng.normal()).clamp(-25.0, 25.0).to_radians()
    };
    let (sin, cos) = turn.sin_cos();
    for m in &mut marks {
        let (dx, dy) = (m.x - cx, m.y - cy);
        m.x = cos * dx - sin * dy + 1.3 * rough * rng.normal();
        m.y = sin * dx + cos * dy + 1.3 * rough * rng.normal();
        m.angle += turn + 0.12 * rough * rng.normal();
        m.quality += 8.0 * rng.normal();
        if rng.unit() < 0.2 {
            m.kind = match m.kind {
                Kind::Ending => Kind::Bifurcation,
                Kind::Bifurcation => Kind::Ending,
            };
        }
    }
    let wanted = (rough.min(1.5) * rng.between(0.15, 0.25) * marks.len() as f32).round() as usize;
    invent(&mut rng, &mut marks, wanted);
    framed(&mut rng, &marks)
}

/// Keeps what a contact area, or the overlap with one, would show.
fn window(rng: &mut Rng, marks: &mut Vec<Mark>, cx: f32, cy: f32) {
    let (off, part) = if rng.unit() < 0.3 {
        (rng.between(40.0f32, 90.0), rng.between(0.4, 0.6))
    } else {
        (rng.between(0.0, 40.0), rng.between(0.75, 1.0))
    };
    let (dy, dx) = rng.between(0.0, TAU).sin_cos();
    let (wx, wy) = (cx + off * dx, cy + off * dy);
    // Contact areas are a third higher than wide.
    let far = |m: &Mark| (m.x - wx).hypot((m.y - wy) / 1.33);
    marks.sort_by(|a, b| far(a).total_cmp(&far(b)));
    marks.truncate((part * marks.len() as f32).round() as usize);
}

/// Pushes the skin by smooth bumps of about `most` pixels.
fn bend(rng: &mut Rng, marks: &mut [Mark], cx: f32, cy: f32, most: f32) {
    for _ in 0..4 {
        let (bx, by) = (
            cx + rng.between(-110.0, 110.0),
            cy + rng.between(-150.0, 150.0),
        );
        let (px, py) = (most * rng.normal(), most * rng.normal());
        let wide = rng.between(50.0f32, 90.0);
        for m in &mut *marks {
            let square = (m.x - bx).powi(2) + (m.y - by).powi(2);
            let height = (-square / (2.0 * wide * wide)).exp();
            m.x += height * px;
            m.y += height * py;
        }
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
            quality: rng.between(20.0, 60.0),
        });
    }
}

/// The template in a frame around all minutiae.
fn framed(rng: &mut Rng, marks: &[Mark]) -> Template {
    let (left, top) = (rng.between(5.0, 40.0), rng.between(5.0, 40.0));
    let low = |of: fn(&Mark) -> f32| marks.iter().map(of).fold(f32::INFINITY, f32::min);
    let high = |of: fn(&Mark) -> f32| marks.iter().map(of).fold(0.0, f32::max);
    let (x0, y0) = (low(|m| m.x) - left, low(|m| m.y) - top);
    let side = |far: f32, from: f32| (far - from + 40.0).clamp(80.0, 4000.0) as u16;
    let (w, h) = (side(high(|m| m.x), x0), side(high(|m| m.y), y0));
    let unit = |v: f32, side: u16| {
        let most = f32::from(side) * f32::from(UNITS) - 1.0;
        (v * f32::from(UNITS)).clamp(0.0, most) as u16
    };
    let minutiae = marks.iter().map(|m| Minutia {
        x: unit(m.x - x0, w),
        y: unit(m.y - y0, h),
        direction: direction(m.angle),
        kind: m.kind,
        quality: m.quality.clamp(5.0, 100.0) as u8,
    });
    Template::from_checked(w, h, minutiae.collect())
}
