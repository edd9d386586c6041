//! A plane of floats and the few filters everything else is built from.

/// Row-major picture of `w * h` floats.
#[derive(Debug, Clone)]
pub(crate) struct Plane {
    pub w: usize,
    pub h: usize,
    pub v: Vec<f32>,
}

impl Plane {
    pub fn new(w: usize, h: usize) -> Self {
        Self {
            w,
            h,
            v: vec![0.0; w * h],
        }
    }

    pub fn from_bytes(w: usize, h: usize, bytes: &[u8]) -> Self {
        let mut v: Vec<f32> = bytes.iter().map(|&b| f32::from(b)).collect();
        v.resize(w * h, 0.0);
        Self { w, h, v }
    }

    /// Value at a place inside the plane.
    pub fn at(&self, x: usize, y: usize) -> f32 {
        self.v[y * self.w + x]
    }

    /// Bilinear value; places outside take the nearest edge.
    pub fn sample(&self, x: f32, y: f32) -> f32 {
        let x = x.clamp(0.0, (self.w - 1) as f32);
        let y = y.clamp(0.0, (self.h - 1) as f32);
        let (x0, y0) = (x as usize, y as usize);
        let (x1, y1) = ((x0 + 1).min(self.w - 1), (y0 + 1).min(self.h - 1));
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let top = self.at(x0, y0) * (1.0 - fx) + self.at(x1, y0) * fx;
        let bottom = self.at(x0, y1) * (1.0 - fx) + self.at(x1, y1) * fx;
        top * (1.0 - fy) + bottom * fy
    }

    /// The part of `w * h` starting at `(x0, y0)`, which must lie inside.
    pub fn crop(&self, x0: usize, y0: usize, w: usize, h: usize) -> Self {
        let mut v = Vec::with_capacity(w * h);
        for y in y0..y0 + h {
            v.extend_from_slice(&self.v[y * self.w + x0..y * self.w + x0 + w]);
        }
        Self { w, h, v }
    }

    /// Scaled by `factor` with a triangle filter as wide as the coarser of the two grids, so that
    /// shrinking does not alias ridges into false ones.
    pub fn scaled(&self, factor: f32) -> Self {
        let nw = ((self.w as f32 * factor).round() as usize).max(1);
        let nh = ((self.h as f32 * factor).round() as usize).max(1);
        let columns = triangle_weights(self.w, nw);
        let mut wide = Plane::new(nw, self.h);
        for (row, out) in self.v.chunks_exact(self.w).zip(wide.v.chunks_exact_mut(nw)) {
            for (o, (first, weights)) in out.iter_mut().zip(&columns) {
                *o = weights.iter().zip(&row[*first..]).map(|(a, b)| a * b).sum();
            }
        }
        let mut out = Plane::new(nw, nh);
        let rows = triangle_weights(self.h, nh);
        for ((first, weights), line) in rows.iter().zip(out.v.chunks_exact_mut(nw)) {
            for (k, weight) in weights.iter().enumerate() {
                let source = &wide.v[(first + k) * nw..(first + k + 1) * nw];
                for (o, s) in line.iter_mut().zip(source) {
                    *o += weight * s;
                }
            }
        }
        out
    }

    /// At half the resolution: the mean of each square of four. An odd last row or column counts
    /// twice.
    pub fn halved(&self) -> Self {
        let (nw, nh) = (self.w.div_ceil(2), self.h.div_ceil(2));
        let mut v = Vec::with_capacity(nw * nh);
        for y in 0..nh {
            let (a, b) = (2 * y, (2 * y + 1).min(self.h - 1));
            for x in 0..nw {
                let (l, r) = (2 * x, (2 * x + 1).min(self.w - 1));
                let sum = self.at(l, a) + self.at(r, a) + self.at(l, b) + self.at(r, b);
                v.push(0.25 * sum);
            }
        }
        Self { w: nw, h: nh, v }
    }

    /// Gaussian blur with clamped edges; `sigma` in pixels.
    pub fn blurred(&self, sigma: f32) -> Self {
        let radius = (2.5 * sigma).ceil().max(1.0) as usize;
        let mut kernel: Vec<f32> = (0..=2 * radius)
            .map(|i| {
                let d = i as f32 - radius as f32;
                (-d * d / (2.0 * sigma * sigma)).exp()
            })
            .collect();
        let sum: f32 = kernel.iter().sum();
        kernel.iter_mut().for_each(|k| *k /= sum);

        let mut wide = Plane::new(self.w, self.h);
        let mut padded = vec![0.0; self.w + 2 * radius];
        for (row, out) in self
            .v
            .chunks_exact(self.w)
            .zip(wide.v.chunks_exact_mut(self.w))
        {
            padded[..radius].fill(row[0]);
            padded[radius..radius + self.w].copy_from_slice(row);
            padded[radius + self.w..].fill(row[self.w - 1]);
            for (k, weight) in kernel.iter().enumerate() {
                for (o, s) in out.iter_mut().zip(&padded[k..]) {
                    *o += weight * s;
                }
            }
        }
        let mut out = Plane::new(self.w, self.h);
        for (y, line) in out.v.chunks_exact_mut(self.w).enumerate() {
            for (k, weight) in kernel.iter().enumerate() {
                let from = (y + k).saturating_sub(radius).min(self.h - 1);
                for (o, s) in line.iter_mut().zip(&wide.v[from * self.w..]) {
                    *o += weight * s;
                }
            }
        }
        out
    }

    /// Mean over the square of side `2 * radius + 1`, cut at the edges.
    pub fn box_mean(&self, radius: usize) -> Self {
        let mut wide = Plane::new(self.w, self.h);
        let mut sums = vec![0.0f64; self.w + 1];
        for (row, out) in self
            .v
            .chunks_exact(self.w)
            .zip(wide.v.chunks_exact_mut(self.w))
        {
            for (x, value) in row.iter().enumerate() {
                sums[x + 1] = sums[x] + f64::from(*value);
            }
            for (x, o) in out.iter_mut().enumerate() {
                let (a, b) = (x.saturating_sub(radius), (x + radius + 1).min(self.w));
                *o = ((sums[b] - sums[a]) / (b - a) as f64) as f32;
            }
        }
        let mut out = Plane::new(self.w, self.h);
        let mut column = vec![0.0f64; self.w];
        for y in 0..(radius + 1).min(self.h) {
            add_row(&mut column, &wide, y, 1.0);
        }
        for y in 0..self.h {
            let rows = (y + radius + 1).min(self.h) - y.saturating_sub(radius);
            let inverse = 1.0 / rows as f64;
            let line = &mut out.v[y * self.w..(y + 1) * self.w];
            for (o, c) in line.iter_mut().zip(&column) {
                *o = (c * inverse) as f32;
            }
            if y + radius + 1 < self.h {
                add_row(&mut column, &wide, y + radius + 1, 1.0);
            }
            if y >= radius {
                add_row(&mut column, &wide, y - radius, -1.0);
            }
        }
        out
    }

    /// Zero mean and unit deviation over a window; `floor` is the least deviation (in the
    /// plane's units) that is stretched to one, so that flat noise stays flat.
    pub fn normalised(&self, radius: usize, floor: f32) -> Self {
        let mean = self.box_mean(radius);
        let squares = Plane {
            w: self.w,
            h: self.h,
            v: self.v.iter().map(|v| v * v).collect(),
        };
        let power = squares.box_mean(radius);
        let v = self
            .v
            .iter()
            .zip(mean.v.iter().zip(&power.v))
            .map(|(v, (m, p))| {
                let deviation = (p - m * m).max(0.0).sqrt().max(floor);
                ((v - m) / deviation).clamp(-2.5, 2.5)
            })
            .collect();
        Self {
            w: self.w,
            h: self.h,
            v,
        }
    }
}

fn add_row(column: &mut [f64], plane: &Plane, y: usize, sign: f64) {
    for (c, s) in column.iter_mut().zip(&plane.v[y * plane.w..]) {
        *c += sign * f64::from(*s);
    }
}

/// For each of `to` output samples: the first input sample and the weights from there on.
fn triangle_weights(from: usize, to: usize) -> Vec<(usize, Vec<f32>)> {
    let step = from as f32 / to as f32;
    let radius = step.max(1.0);
    (0..to)
        .map(|o| {
            let centre = (o as f32 + 0.5) * step - 0.5;
            let first = ((centre - radius).ceil().max(0.0) as usize).min(from - 1);
            let last = ((centre + radius).floor().max(0.0) as usize).clamp(first, from - 1);
            let mut weights: Vec<f32> = (first..=last)
                .map(|i| (1.0 - (i as f32 - centre).abs() / radius).max(1e-6))
                .collect();
            let sum: f32 = weights.iter().sum();
            weights.iter_mut().for_each(|w| *w /= sum);
            (first, weights)
        })
        .collect()
}
