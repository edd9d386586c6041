//! From heads to a picture: triangles, a depth buffer, and a lamp.

use crate::face::detect::{Point, Points};
use crate::face::picture::RgbImage;
use crate::finger::synth::rng::Rng;

use super::head::{Hair, Head, along};
use super::space::{Rotation, V3, add, cross, dot, noise, scale, smooth, sub, unit};
use super::surface::Matter;
use super::{Person, Scene};

/// Samples a side of a pixel.
const FINE: usize = 2;
/// Where the head turns on the neck.
const PIVOT: V3 = [0.0, -95.0, -95.0];

/// Rings and steps around of a head, and of what is coarser.
const MESH: (usize, usize) = (150, 170);
const COARSE: (usize, usize) = (60, 80);

#[derive(Clone, Copy)]
struct Vertex {
    /// In the head's own space, for its surface.
    own: V3,
    /// In front of the camera.
    world: V3,
    normal: V3,
}

/// A sheet of vertices, `columns` in a row.
struct Sheet {
    matter: Matter,
    columns: usize,
    vertices: Vec<Vertex>,
}

impl Sheet {
    /// Of a shape given as a function of two numbers from 0 to 1, placed by `place`.
    fn new(
        matter: Matter,
        (rows, columns): (usize, usize),
        shape: impl Fn(f32, f32) -> V3,
        place: impl Fn(V3) -> V3,
    ) -> Self {
        let mut vertices = Vec::with_capacity((rows + 1) * (columns + 1));
        for row in 0..=rows {
            for column in 0..=columns {
                let own = shape(row as f32 / rows as f32, column as f32 / columns as f32);
                vertices.push(Vertex {
                    own,
                    world: place(own),
                    normal: [0.0; 3],
                });
            }
        }
        let mut sheet = Self {
            matter,
            columns: columns + 1,
            vertices,
        };
        sheet.normals(rows);
        sheet
    }

    fn normals(&mut self, rows: usize) {
        let at = |row: usize, column: usize| row * self.columns + column;
        let mut normals = vec![[0.0f32; 3]; self.vertices.len()];
        for row in 0..rows {
            for column in 0..self.columns - 1 {
                let corners = [
                    at(row, column),
                    at(row, column + 1),
                    at(row + 1, column + 1),
                    at(row + 1, column),
                ];
                let [a, b, c, d] = corners.map(|i| self.vertices[i].world);
                let normal = cross(sub(c, a), sub(b, d));
                for i in corners {
                    normals[i] = add(normals[i], normal);
                }
            }
        }
        // The seam behind is one line of places with two vertices each.
        for row in 0..=rows {
            let (first, last) = (at(row, 0), at(row, self.columns - 1));
            let both = add(normals[first], normals[last]);
            (normals[first], normals[last]) = (both, both);
        }
        for (vertex, normal) in self.vertices.iter_mut().zip(normals) {
            vertex.normal = unit(normal);
        }
    }
}

/// From -π to π, denser in front.
fn around(t: f32) -> f32 {
    let u = 2.0 * t - 1.0;
    std::f32::consts::PI * (0.45 * u + 0.55 * u * u * u)
}

fn sheets(person: &Person, head: &Head) -> Vec<Sheet> {
    let turn = Rotation::of(person.yaw, person.pitch, person.roll);
    let stand = |p: V3| add(p, [person.aside, person.up, -person.distance]);
    // Turning about the neck, with the middle between the eyes brought back to where the person
    // stands: the head turns about that middle, and it is the body that moves.
    let turned = |p: V3| stand(turn.apply(p));
    let eyes = sub(PIVOT, turn.apply(PIVOT));
    let neck = |p: V3| stand(sub(p, eyes));
    let mut sheets = vec![
        Sheet::new(Matter::Skin, MESH, |d, a| head.skin(d, around(a)), turned),
        Sheet::new(Matter::Body, COARSE, body, neck),
    ];
    for side in [-1.0f32, 1.0] {
        let ear = move |d: f32, a: f32| ear(head, side, d, a);
        sheets.push(Sheet::new(Matter::Ear, (24, 32), ear, turned));
    }
    sheets.push(Sheet::new(
        Matter::Hair,
        MESH,
        |d, a| hair(head, d, a),
        turned,
    ));
    if matches!(head.hair, Hair::Long | Hair::Scarf) {
        sheets.push(Sheet::new(
            Matter::Fall,
            COARSE,
            |d, a| fall(head, d, a),
            turned,
        ));
    }
    sheets
}

fn hair(head: &Head, down: f32, about: f32) -> V3 {
    let p = head.bare(down, around(about));
    let deep = head.hairy(p);
    let thick = match head.hair {
        Hair::Scarf => 5.0,
        _ => head.hair_thick,
    };
    let out = thick * smooth(-1.0, 16.0, deep) + 0.6;
    let waves = 1.0 + 0.16 * noise(head.seed ^ 81, p, 22.0);
    let from = [0.0, 10.0, -88.0];
    add(p, scale(unit(sub(p, from)), out * waves))
}

/// Hair or cloth that hangs down behind the face.
fn fall(head: &Head, down: f32, about: f32) -> V3 {
    let y = 40.0 - 240.0 * down;
    let angle = around(about);
    let wave = 1.0 + 0.04 * noise(head.seed ^ 82, [angle * 26.0, y * 0.12, 0.0], 4.0);
    let wide = head.width * (80.0 + 9.0 * smooth(20.0, -70.0, y)) * wave;
    let open = match head.hair {
        // A scarf closes below the chin.
        Hair::Scarf => -34.0 + 30.0 * smooth(-95.0, -135.0, y),
        _ => -62.0,
    };
    let z = -96.0 + (96.0 + open).max(10.0) * angle.cos().max(-0.95) * wave;
    [wide * angle.sin(), y, z]
}

fn ear(head: &Head, side: f32, down: f32, about: f32) -> V3 {
    let (lat, long) = (
        std::f32::consts::PI * (down - 0.5),
        std::f32::consts::TAU * about * side,
    );
    let (sl, cl) = lat.sin_cos();
    let helix = 1.0 + 0.15 * (-sl).max(0.0);
    let p = [
        5.5 * cl * long.cos(),
        -31.0 * sl,
        17.0 * cl * long.sin() * helix,
    ];
    // Standing off behind.
    let (st, ct) = (0.42f32 * side).sin_cos();
    [
        side * (74.0 * head.width + 4.0) + ct * p[0] - st * p[2],
        -8.0 + p[1] - 0.12 * p[2],
        -92.0 + st * p[0] + ct * p[2],
    ]
}

fn body(down: f32, about: f32) -> V3 {
    // Height, half width, half depth, middle.
    const KNOTS: [[f32; 4]; 8] = [
        [-60.0, 52.0, 52.0, -92.0],
        [-95.0, 52.0, 52.0, -90.0],
        [-130.0, 54.0, 54.0, -90.0],
        [-155.0, 64.0, 60.0, -92.0],
        [-172.0, 105.0, 68.0, -95.0],
        [-192.0, 168.0, 80.0, -98.0],
        [-235.0, 205.0, 96.0, -98.0],
        [-420.0, 205.0, 105.0, -98.0],
    ];
    let [y, wide, deep, middle] = along(&KNOTS, down);
    let (sin, cos) = around(about).sin_cos();
    [wide * sin, y, middle + deep * cos]
}

/// What is seen at a sample.
#[derive(Clone, Copy)]
struct Seen {
    depth: f32,
    colour: V3,
}

struct Camera {
    width: usize,
    height: usize,
    focal: f32,
}

impl Camera {
    fn of(scene: &Scene, fine: usize) -> Self {
        let (width, height) = (scene.width as usize * fine, scene.height as usize * fine);
        Self {
            width,
            height,
            focal: scene.focal * width.max(height) as f32,
        }
    }

    /// Where a place before the camera falls, in samples, and its nearness (1 by depth).
    fn project(&self, p: V3) -> Option<[f32; 3]> {
        let deep = -p[2];
        (deep > 60.0).then(|| {
            [
                self.width as f32 / 2.0 + self.focal * p[0] / deep,
                self.height as f32 / 2.0 - self.focal * p[1] / deep,
                1.0 / deep,
            ]
        })
    }
}

/// The picture of a scene.
pub(super) fn render(scene: &Scene) -> RgbImage {
    let camera = Camera::of(scene, FINE);
    let mut seen = background(scene, &camera);
    for person in &scene.people {
        let head = Head::new(person.id);
        for sheet in sheets(person, &head) {
            draw(&mut seen, &camera, scene, &head, &sheet);
        }
    }
    develop(scene, &seen)
}

/// The five points as they fall on the picture.
pub(super) fn points(scene: &Scene, person: &Person) -> Option<Points> {
    let camera = Camera::of(scene, 1);
    let turn = Rotation::of(person.yaw, person.pitch, person.roll);
    let place = |p: V3| {
        let world = add(turn.apply(p), [person.aside, person.up, -person.distance]);
        camera.project(world).map(|[x, y, _]| Point {
            x: x - 0.5,
            y: y - 0.5,
        })
    };
    let [a, b, c, d, e] = Head::new(person.id).points().map(place);
    Some(Points {
        right_eye: a?,
        left_eye: b?,
        nose: c?,
        right_mouth: d?,
        left_mouth: e?,
    })
}

fn background(scene: &Scene, camera: &Camera) -> Vec<Seen> {
    let mut rng = Rng::new(scene.seed, 0xBACC);
    let base = [
        rng.between(0.16, 0.42),
        rng.between(0.18, 0.44),
        rng.between(0.20, 0.46),
    ];
    let seed = rng.next() as u32;
    let mut seen = Vec::with_capacity(camera.width * camera.height);
    let (w, h) = (camera.width as f32, camera.height as f32);
    for y in 0..camera.height {
        for x in 0..camera.width {
            // All samples of a pixel are alike: nothing in a background is that small.
            let colour = if y % FINE == 0 && x % FINE == 0 {
                let at = [x as f32 / w, y as f32 / h, 0.0];
                let soft = noise(seed, at, 0.35) + 0.5 * noise(seed ^ 1, at, 0.14);
                scale(base, (1.12 - 0.3 * at[1]) * (1.0 + 0.10 * soft))
            } else {
                let first = (y - y % FINE) * camera.width + x - x % FINE;
                seen.get(first).map_or(base, |s: &Seen| s.colour)
            };
            seen.push(Seen { depth: 0.0, colour });
        }
    }
    seen
}

fn draw(seen: &mut [Seen], camera: &Camera, scene: &Scene, head: &Head, sheet: &Sheet) {
    let placed: Vec<Option<[f32; 3]>> = sheet
        .vertices
        .iter()
        .map(|v| camera.project(v.world))
        .collect();
    let columns = sheet.columns;
    for row in 0..sheet.vertices.len() / columns - 1 {
        for column in 0..columns - 1 {
            let a = row * columns + column;
            let (b, c, d) = (a + 1, a + columns + 1, a + columns);
            for corners in [[a, b, c], [a, c, d]] {
                if let [Some(p), Some(q), Some(r)] = corners.map(|i| placed[i]) {
                    let vertices = corners.map(|i| &sheet.vertices[i]);
                    triangle(seen, camera, [p, q, r], |weights| {
                        shade(scene, head, sheet.matter, vertices, weights)
                    });
                }
            }
        }
    }
}

/// Fills a triangle where it is nearer than what is there; `colour` is asked only there.
fn triangle(
    seen: &mut [Seen],
    camera: &Camera,
    [p, q, r]: [[f32; 3]; 3],
    colour: impl Fn([f32; 3]) -> Option<V3>,
) {
    let area = (q[0] - p[0]) * (r[1] - p[1]) - (r[0] - p[0]) * (q[1] - p[1]);
    if area.abs() < 1e-9 {
        return;
    }
    let span = |k: usize, most: usize| {
        let low = p[k].min(q[k]).min(r[k]).floor().max(0.0) as usize;
        let high = p[k].max(q[k]).max(r[k]).ceil().clamp(0.0, most as f32) as usize;
        low..high
    };
    for y in span(1, camera.height) {
        for x in span(0, camera.width) {
            let (px, py) = (x as f32 + 0.5, y as f32 + 0.5);
            let wp = ((q[0] - px) * (r[1] - py) - (r[0] - px) * (q[1] - py)) / area;
            let wq = ((r[0] - px) * (p[1] - py) - (p[0] - px) * (r[1] - py)) / area;
            let wr = 1.0 - wp - wq;
            if wp < 0.0 || wq < 0.0 || wr < 0.0 {
                continue;
            }
            let depth = wp * p[2] + wq * q[2] + wr * r[2];
            if let Some(sample) = seen.get_mut(y * camera.width + x)
                && depth > sample.depth
                && let Some(colour) = colour([wp, wq, wr])
            {
                *sample = Seen { depth, colour };
            }
        }
    }
}

fn shade(
    scene: &Scene,
    head: &Head,
    matter: Matter,
    vertices: [&Vertex; 3],
    weights: [f32; 3],
) -> Option<V3> {
    let blend = |part: fn(&Vertex) -> V3| {
        let [a, b, c] = vertices.map(part);
        add(
            add(scale(a, weights[0]), scale(b, weights[1])),
            scale(c, weights[2]),
        )
    };
    let surface = head.surface(matter, blend(|v| v.own))?;
    let world = blend(|v| v.world);
    let mut normal = unit(blend(|v| v.normal));
    let view = unit(scale(world, -1.0));
    if dot(normal, view) < 0.0 {
        normal = scale(normal, -1.0);
    }
    let light = &scene.light;
    let (sin, cos) = light.azimuth.to_radians().sin_cos();
    let (up, flat) = light.elevation.to_radians().sin_cos();
    let towards = [flat * sin, up, flat * cos];
    let facing = dot(normal, towards);
    // Light goes a little way round under skin, and reddens there.
    let round = match matter {
        Matter::Skin | Matter::Ear => [0.22, 0.12, 0.09],
        _ => [0.05; 3],
    };
    let sky = 0.72 + 0.28 * normal[1];
    let half = unit(add(towards, view));
    let gloss = surface.gloss.0
        * dot(normal, half).max(0.0).powf(surface.gloss.1)
        * smooth(0.0, 0.2, facing)
        * light.key;
    Some(std::array::from_fn(|k| {
        let wrapped = ((facing + round[k]) / (1.0 + round[k])).max(0.0);
        let open = 0.45 + 0.55 * surface.open;
        let lit = light.key * wrapped * open + light.ambient * sky * surface.open;
        surface.colour[k] * lit + gloss * 0.6
    }))
}

/// Light to a picture: out of focus, exposed, with the sensor's noise.
fn develop(scene: &Scene, seen: &[Seen]) -> RgbImage {
    let (w, h) = (scene.width as usize, scene.height as usize);
    let mut light = vec![[0.0f32; 3]; w * h];
    for (i, pixel) in light.iter_mut().enumerate() {
        let (x, y) = (i % w * FINE, i / w * FINE);
        for j in 0..FINE * FINE {
            let at = (y + j / FINE) * w * FINE + x + j % FINE;
            if let Some(sample) = seen.get(at) {
                *pixel = add(*pixel, scale(sample.colour, 1.0 / (FINE * FINE) as f32));
            }
        }
    }
    if scene.blur > 0.0 {
        light = blurred(&light, w, h, scene.blur);
    }
    let mut rng = Rng::new(scene.seed, 0x0153);
    let mut pixels = Vec::with_capacity(w * h * 3);
    for pixel in light {
        for value in pixel {
            let value = encoded(value * scene.light.exposure);
            let noisy = 255.0 * value + scene.noise * rng.normal();
            pixels.push(noisy.round().clamp(0.0, 255.0) as u8);
        }
    }
    RgbImage::from_checked(scene.width, scene.height, pixels)
}

/// The transfer function of sRGB (IEC 61966-2-1), with a soft shoulder instead of a hard limit.
fn encoded(linear: f32) -> f32 {
    let v = linear.max(0.0);
    let v = if v > 0.8 {
        0.8 + 0.2 * (1.0 - (-(v - 0.8) / 0.2).exp())
    } else {
        v
    };
    if v <= 0.003_130_8 {
        12.92 * v
    } else {
        1.055 * v.powf(1.0 / 2.4) - 0.055
    }
}

fn blurred(light: &[V3], w: usize, h: usize, sigma: f32) -> Vec<V3> {
    let reach = (3.0 * sigma).ceil().min(64.0) as i64;
    let taps: Vec<f32> = (-reach..=reach)
        .map(|i| (-0.5 * (i as f32 / sigma).powi(2)).exp())
        .collect();
    let all: f32 = taps.iter().sum();
    let pass = |from: &[V3], across: bool| -> Vec<V3> {
        let place = |i: usize, step: i64| {
            let (x, y) = ((i % w) as i64, (i / w) as i64);
            let (x, y) = if across { (x + step, y) } else { (x, y + step) };
            let x = x.clamp(0, w as i64 - 1) as usize;
            let y = y.clamp(0, h as i64 - 1) as usize;
            y * w + x
        };
        (0..from.len())
            .map(|i| {
                taps.iter()
                    .zip(-reach..)
                    .fold([0.0; 3], |sum, (tap, step)| {
                        let value = from.get(place(i, step)).copied().unwrap_or_default();
                        add(sum, scale(value, tap / all))
                    })
            })
            .collect()
    };
    pass(&pass(light, true), false)
}
