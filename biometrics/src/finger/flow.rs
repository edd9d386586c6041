//! Where the finger is, which way its ridges run and how far apart they are.
//!
//! All of it lives on a grid of one cell for 8×8 pixels at 500 ppi. Orientation is the smoothed
//! structure tensor of the gradient (Kass, Witkin 1987; Bazen, Gerez, IEEE PAMI 24(7), 2002).

use std::f32::consts::{PI, TAU};

use super::plane::Plane;

/// Pixels of a grid cell's side.
pub(crate) const CELL: usize = 8;
/// The same at 250 ppi.
pub(crate) const HALF: usize = CELL / 2;
/// Radius of the window over which contrast is evened out, in pixels at 250 ppi.
const EVEN: usize = 7;
/// Deviation in grey levels that is stretched to one at most: less is noise of the sensor.
const LEAST_CONTRAST: f32 = 4.0;
/// Smoothing of the first orientation, in cells.
const SMOOTH: f32 = 1.5;
/// Agreement of gradients (0 to 1) below which a cell is no finger; noise stays below it.
const LEAST_AGREED: f32 = 0.2;
/// Gradient power of a cell of the finger, as a part of that of the print's best cells and in
/// squared grey levels: a wet finger's ridges are a twentieth as high as those at its rim, a
/// sensor's fixed pattern is lower still.
const LEAST_PART: f32 = 0.003;
const LEAST_POWER: f32 = 3.0;
/// Ridge periods looked for, in pixels at 500 ppi: children's fingers to large adult ones.
const PERIODS: (f32, f32) = (4.8, 15.0);
const PERIOD_STEPS: usize = 22;
/// Samples of a grey profile across the ridges, one each pixel at 500 ppi.
const SIGNATURE: usize = 48;

/// Ridge flow on the grid.
#[derive(Debug, Clone)]
pub(crate) struct Flow {
    pub gw: usize,
    pub gh: usize,
    /// Doubled-angle orientation of the ridges, times coherence.
    pub c2: Plane,
    pub s2: Plane,
    /// Whether the cell belongs to the finger.
    pub mask: Vec<bool>,
    /// Ridge period in pixels.
    pub period: Plane,
    /// The mask smoothed to 0..=1, for distances to its edge below the cell size.
    soft: Plane,
}

/// Squared gradients gathered by cell.
pub(crate) struct Tensor {
    pub gw: usize,
    pub gh: usize,
    pub xx: Plane,
    pub yy: Plane,
    pub xy: Plane,
}

impl Tensor {
    /// Gathered over cells of `side` pixels of this picture.
    pub fn of(picture: &Plane, side: usize) -> Self {
        let (w, h) = (picture.w, picture.h);
        let (gw, gh) = (w.div_ceil(side), h.div_ceil(side));
        let mut sums = [Plane::new(gw, gh), Plane::new(gw, gh), Plane::new(gw, gh)];
        let mut count = vec![0.0f32; gw * gh];
        for y in 1..h.saturating_sub(1) {
            let up = &picture.v[(y - 1) * w..y * w];
            let here = &picture.v[y * w..(y + 1) * w];
            let down = &picture.v[(y + 1) * w..(y + 2) * w];
            for x in 1..w.saturating_sub(1) {
                let gx = (here[x + 1] - here[x - 1]) * 0.5;
                let gy = (down[x] - up[x]) * 0.5;
                let cell = (y / side) * gw + x / side;
                sums[0].v[cell] += gx * gx;
                sums[1].v[cell] += gy * gy;
                sums[2].v[cell] += gx * gy;
                count[cell] += 1.0;
            }
        }
        for sum in &mut sums {
            for (s, n) in sum.v.iter_mut().zip(&count) {
                *s /= n.max(1.0);
            }
        }
        let [xx, yy, xy] = sums;
        Self { gw, gh, xx, yy, xy }
    }

    pub fn blurred(&self, sigma: f32) -> Self {
        Self {
            gw: self.gw,
            gh: self.gh,
            xx: self.xx.blurred(sigma),
            yy: self.yy.blurred(sigma),
            xy: self.xy.blurred(sigma),
        }
    }

    /// Gradient power of a cell and its coherence.
    pub fn strength(&self, cell: usize) -> (f32, f32) {
        let (xx, yy, xy) = (self.xx.v[cell], self.yy.v[cell], self.xy.v[cell]);
        let power = xx + yy;
        let spread = ((xx - yy).powi(2) + 4.0 * xy * xy).sqrt();
        (power, if power > 1e-6 { spread / power } else { 0.0 })
    }

    /// Doubled-angle direction of the ridges, times coherence.
    fn ridges(&self, cell: usize) -> (f32, f32) {
        let (xx, yy, xy) = (self.xx.v[cell], self.yy.v[cell], self.xy.v[cell]);
        let scale = 1.0 / (xx + yy + 1e-6);
        ((yy - xx) * scale, -2.0 * xy * scale)
    }
}

impl Flow {
    /// The cells of the finger in a picture at 250 ppi (grey levels 0..=255), as far as can be told
    /// before its ridges are enhanced; `None` without a finger in it.
    pub fn finger(half: &Plane) -> Option<Vec<bool>> {
        fingers(half, &gradients(&evened(half)))
    }

    /// Measures the flow from the picture at 250 ppi and the same with its contrast evened out by
    /// [`evened`]; `None` without a finger in it.
    pub fn of(half: &Plane, even: &Plane) -> Option<Self> {
        let tensor = gradients(even);
        let mask = fingers(half, &tensor)?;
        let mut flow = Self::from_tensor(&tensor, mask, SMOOTH);
        flow.period = periods(even, &flow);
        Some(flow)
    }

    /// A flow from `tensor` smoothed by `sigma` cells, with a constant period.
    fn from_tensor(tensor: &Tensor, mask: Vec<bool>, sigma: f32) -> Self {
        let (gw, gh) = (tensor.gw, tensor.gh);
        let near = tensor.blurred(1.0);
        let (mut c2, mut s2) = (Plane::new(gw, gh), Plane::new(gw, gh));
        for (i, &finger) in mask.iter().enumerate() {
            let (c, s) = near.ridges(i);
            // Background keeps a little say, so that the flow fades instead of breaking off.
            let say = if finger { 1.0 } else { 0.05 };
            (c2.v[i], s2.v[i]) = (say * c, say * s);
        }
        let mut period = Plane::new(gw, gh);
        period.v.fill(9.0);
        let soft = soft(&mask, gw, gh);
        Self {
            gw,
            gh,
            c2: c2.blurred(sigma),
            s2: s2.blurred(sigma),
            mask,
            period,
            soft,
        }
    }

    /// The same finger with its orientation measured again, on an enhanced picture at 250 ppi.
    pub fn refined(&self, enhanced: &Plane, sigma: f32) -> Self {
        let tensor = Tensor::of(enhanced, HALF);
        let mut flow = Self::from_tensor(&tensor, self.mask.clone(), sigma);
        flow.period = self.period.clone();
        flow
    }

    /// The same with the finger cut down to the cells whose ridges answered the filters:
    /// `answer` is the root mean square of the enhanced picture by cell.
    pub fn cut(mut self, answer: &Plane, least: f32) -> Option<Self> {
        let (gw, gh) = (self.gw, self.gh);
        let strong: Vec<bool> = self
            .mask
            .iter()
            .zip(&answer.v)
            .map(|(&m, &a)| m && a > least)
            .collect();
        self.mask = solid(&strong, gw, gh, 30)?;
        self.soft = soft(&self.mask, gw, gh);
        Some(self)
    }

    /// Left, top, right and bottom of the finger in pixels at 500 ppi, the last two exclusive and
    /// rounded up to whole cells; `None` without a finger.
    pub fn bounds(&self) -> Option<(usize, usize, usize, usize)> {
        let cells = || {
            let cells = self.mask.iter().enumerate().filter(|(_, m)| **m);
            cells.map(|(i, _)| (i % self.gw, i / self.gw))
        };
        let (left, right) = (cells().map(|c| c.0).min()?, cells().map(|c| c.0).max()?);
        let (top, bottom) = (cells().map(|c| c.1).min()?, cells().map(|c| c.1).max()?);
        Some((
            left * CELL,
            top * CELL,
            (right + 1) * CELL,
            (bottom + 1) * CELL,
        ))
    }

    /// Ridge orientation in radians, -π/2..=π/2, y down.
    pub fn angle(&self, x: f32, y: f32) -> f32 {
        let (gx, gy) = grid(x, y);
        0.5 * self.s2.sample(gx, gy).atan2(self.c2.sample(gx, gy))
    }

    /// How far inside the finger, 0..=1; the edge is at one half.
    pub fn inside(&self, x: f32, y: f32) -> f32 {
        let (gx, gy) = grid(x, y);
        self.soft.sample(gx, gy)
    }
}

/// A picture at 250 ppi with its contrast evened out over three ridges.
pub(crate) fn evened(half: &Plane) -> Plane {
    half.normalised(EVEN, LEAST_CONTRAST)
}

fn gradients(even: &Plane) -> Tensor {
    Tensor::of(&even.blurred(0.7), HALF)
}

/// A mask smoothed to 0..=1.
fn soft(mask: &[bool], gw: usize, gh: usize) -> Plane {
    let v = mask.iter().map(|&m| f32::from(u8::from(m))).collect();
    Plane { w: gw, h: gh, v }.blurred(0.7)
}

/// Cells with ridges: gradients that agree, of a contrast not far below the print's best.
fn fingers(half: &Plane, even: &Tensor) -> Option<Vec<bool>> {
    let (gw, gh) = (even.gw, even.gh);
    let smooth = even.blurred(1.6);
    let raw = Tensor::of(&half.blurred(1.0), HALF).blurred(1.2);
    let agree: Vec<f32> = (0..gw * gh).map(|i| smooth.strength(i).1).collect();
    let power: Vec<f32> = (0..gw * gh).map(|i| raw.strength(i).0).collect();
    let mut best: Vec<f32> = power
        .iter()
        .zip(&agree)
        .filter(|(_, a)| **a > LEAST_AGREED)
        .map(|(p, _)| *p)
        .collect();
    best.sort_by(f32::total_cmp);
    let high = *best.get(best.len() * 8 / 10)?;
    let least = (LEAST_PART * high).max(LEAST_POWER);
    let mask: Vec<bool> = power
        .iter()
        .zip(&agree)
        .map(|(&w, &a)| w > least && a > LEAST_AGREED)
        .collect();
    solid(&mask, gw, gh, 30)
}

/// Cells from which the finger is seen near by on three sides of four belong to it: a core or a
/// smudge, also at the picture's edge.
fn fill(mask: &mut [bool], gw: usize, gh: usize) {
    const SIGHT: isize = 12;
    let seen = |mask: &[bool], x: usize, y: usize, (dx, dy): (isize, isize)| {
        (1..=SIGHT).any(|i| {
            let (nx, ny) = (x.wrapping_add_signed(i * dx), y.wrapping_add_signed(i * dy));
            nx < gw && ny < gh && mask[ny * gw + nx]
        })
    };
    let before = mask.to_vec();
    for y in 0..gh {
        for x in 0..gw {
            let sides = [(1, 0), (-1, 0), (0, 1), (0, -1)];
            if !before[y * gw + x]
                && sides
                    .into_iter()
                    .filter(|&d| seen(&before, x, y, d))
                    .count()
                    >= 3
            {
                mask[y * gw + x] = true;
            }
        }
    }
}

/// A mask without specks, thin lines and holes; `None` when nothing of `least` cells is left.
fn solid(mask: &[bool], gw: usize, gh: usize, least: usize) -> Option<Vec<bool>> {
    let mask = majority(&majority(mask, gw, gh), gw, gh);
    // Scanners draw lines along the picture's edge; nothing as thin as those is a finger.
    let wide = grown(&shrunk(&mask, gw, gh, 2), gw, gh, 4);
    let mask: Vec<bool> = mask.iter().zip(wide).map(|(&m, s)| m && s).collect();
    let mut kept = vec![false; mask.len()];
    for part in components(&mask, gw, gh) {
        if part.len() >= least {
            part.iter().for_each(|&i| kept[i] = true);
        }
    }
    fill(&mut kept, gw, gh);
    kept.iter().any(|&k| k).then_some(kept)
}

fn grid(x: f32, y: f32) -> (f32, f32) {
    let half = 0.5;
    (
        (x + half) / CELL as f32 - half,
        (y + half) / CELL as f32 - half,
    )
}

/// Cells with all of the square around them set; outside the grid nothing is.
pub(crate) fn shrunk(mask: &[bool], gw: usize, gh: usize, by: usize) -> Vec<bool> {
    let inside = |i: usize| {
        let (x, y) = (i % gw, i / gw);
        let fits = x >= by && y >= by && x + by < gw && y + by < gh;
        fits && (y - by..=y + by).all(|ny| (x - by..=x + by).all(|nx| mask[ny * gw + nx]))
    };
    (0..mask.len()).map(inside).collect()
}

/// Cells with any of the square around them set.
fn grown(mask: &[bool], gw: usize, gh: usize, by: usize) -> Vec<bool> {
    let mut out = vec![false; mask.len()];
    for (i, _) in mask.iter().enumerate().filter(|(_, m)| **m) {
        let (x, y) = (i % gw, i / gw);
        for ny in y.saturating_sub(by)..(y + by + 1).min(gh) {
            for nx in x.saturating_sub(by)..(x + by + 1).min(gw) {
                out[ny * gw + nx] = true;
            }
        }
    }
    out
}

/// Each cell becomes what most of its 3×3 neighbourhood is.
fn majority(mask: &[bool], gw: usize, gh: usize) -> Vec<bool> {
    let mut out = vec![false; mask.len()];
    for y in 0..gh {
        for x in 0..gw {
            let (mut set, mut all) = (0, 0);
            for ny in y.saturating_sub(1)..(y + 2).min(gh) {
                for nx in x.saturating_sub(1)..(x + 2).min(gw) {
                    all += 1;
                    set += usize::from(mask[ny * gw + nx]);
                }
            }
            out[y * gw + x] = 2 * set > all;
        }
    }
    out
}

/// Four-connected parts of a mask, as lists of cells.
pub(crate) fn components(mask: &[bool], gw: usize, gh: usize) -> Vec<Vec<usize>> {
    let mut seen = vec![false; mask.len()];
    let mut parts = Vec::new();
    for start in 0..mask.len() {
        if !mask[start] || seen[start] {
            continue;
        }
        seen[start] = true;
        let mut part = vec![start];
        let mut next = 0;
        while let Some(&i) = part.get(next) {
            next += 1;
            let (x, y) = (i % gw, i / gw);
            let around = [
                (x > 0).then(|| i - 1),
                (x + 1 < gw).then_some(i + 1),
                (y > 0).then(|| i - gw),
                (y + 1 < gh).then_some(i + gw),
            ];
            for n in around.into_iter().flatten() {
                if mask[n] && !seen[n] {
                    seen[n] = true;
                    part.push(n);
                }
            }
        }
        parts.push(part);
    }
    parts
}

/// Ridge period by the strongest frequency of the grey profile across the ridges, gathered over
/// the neighbourhood with its clarity as weight.
fn periods(picture: &Plane, flow: &Flow) -> Plane {
    let (gw, gh) = (flow.gw, flow.gh);
    let waves = waves();
    let (mut value, mut weight) = (Plane::new(gw, gh), Plane::new(gw, gh));
    let (mut total, mut clear) = (0.0f64, 0.0f64);
    for cy in 0..gh {
        for cx in 0..gw {
            let cell = cy * gw + cx;
            // One cell of four: the profile spans several cells anyway.
            if !flow.mask[cell] || cx % 2 == 1 || cy % 2 == 1 {
                continue;
            }
            let centre = ((cx * CELL) as f32 + 3.5, (cy * CELL) as f32 + 3.5);
            let profile = profile(picture, centre, flow.angle(centre.0, centre.1));
            if let Some((period, clarity)) = strongest(&profile, &waves) {
                value.v[cell] = period * clarity;
                weight.v[cell] = clarity;
                total += f64::from(period * clarity);
                clear += f64::from(clarity);
            }
        }
    }
    let mean = if clear > 0.0 {
        (total / clear) as f32
    } else {
        9.0
    };
    let (value, weight) = (value.blurred(2.5), weight.blurred(2.5));
    let v = value
        .v
        .iter()
        .zip(&weight.v)
        .map(|(v, w)| (v + 0.02 * mean) / (w + 0.02))
        .collect();
    Plane { w: gw, h: gh, v }
}

/// Mean grey along lines parallel to the ridges, from one side of the centre to the other.
fn profile(picture: &Plane, (cx, cy): (f32, f32), angle: f32) -> [f32; SIGNATURE] {
    let (sin, cos) = angle.sin_cos();
    let mut out = [0.0; SIGNATURE];
    for (k, o) in out.iter_mut().enumerate() {
        let across = k as f32 - (SIGNATURE as f32 - 1.0) / 2.0;
        let mut sum = 0.0;
        for step in -2..=2 {
            let along = step as f32 * 3.5;
            let x = (cx + along * cos - across * sin - 0.5) * 0.5;
            let y = (cy + along * sin + across * cos - 0.5) * 0.5;
            sum += picture.sample(x, y);
        }
        *o = sum / 5.0;
    }
    out
}

type Wave = (f32, [f32; SIGNATURE], [f32; SIGNATURE]);

/// Windowed cosines and sines of the periods looked for, evenly spaced in frequency.
fn waves() -> Vec<Wave> {
    (0..PERIOD_STEPS)
        .map(|i| {
            let part = i as f32 / (PERIOD_STEPS - 1) as f32;
            let frequency = (1.0 - part) / PERIODS.0 + part / PERIODS.1;
            let (mut cos, mut sin) = ([0.0; SIGNATURE], [0.0; SIGNATURE]);
            for k in 0..SIGNATURE {
                let t = k as f32 - (SIGNATURE as f32 - 1.0) / 2.0;
                let window = 0.5 + 0.5 * (PI * t / (SIGNATURE as f32 / 2.0)).cos();
                let (s, c) = (TAU * frequency * t).sin_cos();
                (cos[k], sin[k]) = (c * window, s * window);
            }
            (1.0 / frequency, cos, sin)
        })
        .collect()
}

/// The strongest period and how clear it is (0..=1); `None` when the strongest is at the end of
/// the range, which means there is none inside.
fn strongest(profile: &[f32; SIGNATURE], waves: &[Wave]) -> Option<(f32, f32)> {
    let mean = profile.iter().sum::<f32>() / SIGNATURE as f32;
    let (mut best, mut sum) = ((0, 0.0f32), 1e-3f32);
    for (i, (_, cos, sin)) in waves.iter().enumerate() {
        let (mut c, mut s) = (0.0, 0.0);
        for ((p, a), b) in profile.iter().zip(cos).zip(sin) {
            c += (p - mean) * a;
            s += (p - mean) * b;
        }
        let power = c * c + s * s;
        sum += power;
        if power > best.1 {
            best = (i, power);
        }
    }
    let inner = best.0 > 0 && best.0 + 1 < waves.len();
    inner.then(|| (waves[best.0].0, (best.1 / sum).min(1.0)))
}
