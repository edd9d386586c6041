//! Templates of people who are in no picture: the rest of a large gallery.

use std::f32::consts::PI;

use super::field::{Field, HEIGHT, WIDTH};
use super::rng::Rng;
use crate::finger::minutiae::again;
use crate::finger::template::{Kind, Minutia, RidgeMap, Template, UNITS, direction};

/// Size of the picture that is not drawn, at 500 ppi.
const W: u16 = 320;
const H: u16 = 400;
/// Least distance of two minutiae, in pixels; apart from it real ones lie as if thrown.
const APART: f32 = 6.0;
/// Distance from the edge of the contact area within which extraction takes no minutia.
const EDGE: f32 = 8.0;

/// A plausible template straight from a synthetic ridge flow, without growing a picture; well
/// under a millisecond.
///
/// Extent of the finger, number and distances of the minutiae and their quality are distributed
/// as extraction gives them on two sets of real prints. More minutiae lie where ridges spread,
/// most of them opening the way the ridges spread.
#[must_use]
pub fn background_template(seed: u64) -> Template {
    let mut rng = Rng::new(seed, 6);
    let field = Field::new(&mut rng);
    let turn = rng.between(-18.0f32, 18.0).to_radians();
    let (sin, cos) = turn.sin_cos();
    let (ax, ay) = (rng.between(124.0, 152.0), rng.between(165.0, 205.0));
    let (sx, sy) = (rng.between(-16.0, 16.0), rng.between(-20.0, 20.0));
    let wanted = (3.58 + 0.30 * rng.normal()).exp().clamp(14.0, 90.0) as usize;
    // Height of the enhanced ridges: that of the print, and how much it varies within.
    let clear = 0.52 + 0.06 * rng.normal();
    let (w, h) = (f32::from(W), f32::from(H));
    // From the picture to the contact area's middle, and on to the finger.
    let inside = |x: f32, y: f32| (x - w / 2.0 - 0.5 * sx, y - h / 2.0 - 0.5 * sy);
    let on_finger = |dx: f32, dy: f32| {
        let (px, py) = (dx - 0.5 * sx, dy - 0.5 * sy);
        (
            cos * px + sin * py + WIDTH as f32 / 2.0,
            cos * py - sin * px + HEIGHT as f32 * 0.48,
        )
    };
    // Pixels to the edge of the contact area, about, and of the picture.
    let depth = |x: f32, y: f32| {
        let (dx, dy) = inside(x, y);
        let ellipse = (1.0 - (dx / ax).hypot(dy / ay)) * ax.min(ay);
        ellipse.min(x).min(y).min(w - x).min(h - y)
    };
    let mut places: Vec<(f32, f32, u16, f32)> = Vec::with_capacity(wanted);
    for _ in 0..60 * wanted {
        if places.len() == wanted {
            break;
        }
        let (x, y) = (rng.between(0.0, w), rng.between(0.0, h));
        let near = |p: &(f32, f32, u16, f32)| (p.0 - x).hypot(p.1 - y) < APART;
        if depth(x, y) < EDGE || places.iter().any(near) {
            continue;
        }
        let (dx, dy) = inside(x, y);
        let (mx, my) = on_finger(dx, dy);
        let flow = field.angle(mx, my);
        let spread = spread(&field, mx, my, flow);
        if rng.unit() > 0.4 + 25.0 * spread.abs() {
            continue;
        }
        let back = rng.unit() > 0.5 + 60.0 * spread;
        let along = flow + turn + if back { PI } else { 0.0 };
        let angle = direction(along + 0.1 * rng.normal());
        places.push((x, y, angle, clear + 0.13 * rng.normal()));
    }
    let minutiae = places
        .iter()
        .map(|&(x, y, direction, height)| {
            let alone = places
                .iter()
                .map(|p| (p.0 - x).hypot(p.1 - y))
                .filter(|&d| d > 0.0)
                .fold(f32::INFINITY, f32::min);
            Minutia {
                x: (x * f32::from(UNITS)) as u16,
                y: (y * f32::from(UNITS)) as u16,
                direction,
                kind: if rng.unit() < 0.58 {
                    Kind::Ending
                } else {
                    Kind::Bifurcation
                },
                quality: (100.0 * again(height, alone, depth(x, y))) as u8,
            }
        })
        .collect();
    let map = RidgeMap::of(usize::from(W), usize::from(H), |x, y| {
        let (dx, dy) = inside(x, y);
        let (mx, my) = on_finger(dx, dy);
        (depth(x, y) > 0.0).then(|| field.angle(mx, my) + turn)
    });
    Template::from_checked(W, H, minutiae).with_map(map)
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
