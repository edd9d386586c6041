//! Templates of people who are in no picture: the rest of a large gallery.

use std::f32::consts::PI;

use super::field::{Field, HEIGHT, WIDTH};
use super::rng::Rng;
use crate::finger::template::{Kind, Minutia, Template, UNITS, direction};

/// A plausible template straight from a synthetic ridge flow, without growing a picture; well
/// under a millisecond.
///
/// Number, spacing, kinds and directions of the minutiae follow what extraction gives on
/// synthetic impressions: they lie inside a contact ellipse, about a ridge apart, and most of
/// them where ridges spread, opening the way the ridges spread.
#[must_use]
pub fn background_template(seed: u64) -> Template {
    let mut rng = Rng::new(seed, 6);
    let field = Field::new(&mut rng);
    let turn = rng.between(-18.0f32, 18.0).to_radians();
    let (sin, cos) = turn.sin_cos();
    let (ax, ay) = (rng.between(112.0, 126.0), rng.between(150.0, 166.0));
    let (sx, sy) = (rng.between(-16.0, 16.0), rng.between(-20.0, 20.0));
    let wanted = (47.0 + 9.0 * rng.normal()).clamp(22.0, 80.0) as usize;
    let (w, h) = (320.0f32, 400.0f32);
    let mut minutiae: Vec<Minutia> = Vec::with_capacity(wanted);
    for _ in 0..60 * wanted {
        if minutiae.len() == wanted {
            break;
        }
        let (dx, dy) = (rng.between(-ax, ax), rng.between(-ay, ay));
        if (dx / ax).powi(2) + (dy / ay).powi(2) > 1.0 {
            continue;
        }
        let (x, y) = (w / 2.0 + dx + 0.5 * sx, h / 2.0 + dy + 0.5 * sy);
        let apart = if rng.unit() < 0.3 { 8.0 } else { 14.0 };
        let near = |m: &Minutia| {
            let (mx, my, _) = m.in_pixels();
            (mx - x).hypot(my - y) < apart
        };
        if x < 0.0 || y < 0.0 || x >= w || y >= h || minutiae.iter().any(near) {
            continue;
        }
        let (px, py) = (dx - 0.5 * sx, dy - 0.5 * sy);
        let mx = cos * px + sin * py + WIDTH as f32 / 2.0;
        let my = cos * py - sin * px + HEIGHT as f32 * 0.48;
        let flow = field.angle(mx, my);
        let spread = spread(&field, mx, my, flow);
        if rng.unit() > 0.2 + 60.0 * spread.abs() {
            continue;
        }
        let back = rng.unit() > 0.5 + 60.0 * spread;
        let along = flow + turn + if back { PI } else { 0.0 };
        let angle = along + 0.1 * rng.normal();
        minutiae.push(Minutia {
            x: (x * f32::from(UNITS)) as u16,
            y: (y * f32::from(UNITS)) as u16,
            direction: direction(angle),
            kind: if rng.unit() < 0.5 {
                Kind::Ending
            } else {
                Kind::Bifurcation
            },
            quality: rng.between(35.0, 75.0) as u8,
        });
    }
    Template::from_checked(w as u16, h as u16, minutiae)
}

/// How fast ridges move apart along the flow, in radians a pixel: a new ridge has to begin
/// wherever they do.
fn spread(field: &Field, x: f32, y: f32, flow: f32) -> f32 {
    let reach = 6.0;
    let (nx, ny) = (-flow.sin() * reach, flow.cos() * reach);
    let off = field.angle(x + nx, y + ny) - field.angle(x - nx, y - ny);
    // Orientations repeat every half turn.
    let off = off - (off / PI).round() * PI;
    off / (2.0 * reach)
}
