//! Training of the classifier: patches of drawn characters, and gradient descent (Adam) on them.

use super::{Font, Random};
use crate::ALPHABET;
use crate::glyph::{CLASSES, HIDDEN, INPUTS, Patch, patch};
use crate::grey::Grey;

/// No character: the last class.
const NOTHING: usize = CLASSES - 1;
/// Samples of a step.
const BATCH: usize = 128;

/// A character as a camera may see it, and its class.
pub(crate) struct Sample {
    patch: Patch,
    class: u8,
}

/// One cell with its neighbours, drawn, blurred, noisy, and cut out a little beside where it is.
fn sample(font: &Font, random: &mut Random) -> Sample {
    let pitch = (random.range(8.5_f32.ln(), 30.0_f32.ln())).exp();
    let class = if random.chance(0.08) {
        NOTHING
    } else if random.chance(0.06) {
        ALPHABET.len() - 1
    } else {
        random.below(ALPHABET.len())
    };
    let mut neighbour = || {
        if random.chance(0.25) {
            ALPHABET.len() - 1
        } else if random.chance(0.06) {
            NOTHING
        } else {
            random.below(ALPHABET.len())
        }
    };
    let (left, right) = (neighbour(), neighbour());
    // Half a cell beside is no character either; so is what stands above or below.
    let halved = class == NOTHING && random.chance(0.6);
    let middle = if halved {
        random.below(ALPHABET.len())
    } else {
        class
    };
    let (turn, shear) = (random.around(0.26), random.around(0.10));
    let aspect = 1.0 + random.around(0.12);
    let weight = random.range(-0.022, 0.035);
    let (ink, ground) = (random.range(5.0, 110.0), random.range(120.0, 250.0));
    let ground = ground.max(ink + 45.0);
    let wave = if random.chance(0.6) {
        random.range(0.0, 0.35) * (ground - ink)
    } else {
        0.0
    };
    let (wave_x, wave_y) = (random.around(9.0), random.around(9.0));
    let (wave2_x, wave2_y, phase) = (random.around(5.0), random.around(5.0), random.around(3.0));
    let (slope_x, slope_y) = (random.around(25.0), random.around(15.0));
    let (sin, cos) = turn.sin_cos();
    let side = (pitch * 2.4).ceil() as usize;
    let half = side as f32 / 2.0;
    let mut drawn = vec![0.0_f32; side * side];
    for (at, value) in drawn.iter_mut().enumerate() {
        let (px, py) = ((at % side) as f32 - half, (at / side) as f32 - half);
        let (x, y) = ((px * cos + py * sin) / pitch, (py * cos - px * sin) / pitch);
        let (x, y) = (x + shear * y, y * aspect);
        let mut distance = font.distance(middle, x, y);
        distance = distance.min(font.distance(left, x + 1.0, y));
        distance = distance.min(font.distance(right, x - 1.0, y));
        let cover = (0.5 - (distance - weight) * pitch).clamp(0.0, 1.0);
        let pattern = (x * wave_x + y * wave_y + phase).sin() * 0.5
            + (x * wave2_x + y * wave2_y + (x * 3.0).sin()).sin() * 0.5;
        let base = ground + pattern * wave + slope_x * x + slope_y * y;
        *value = base + (ink - base) * cover;
    }
    let sigma = random.range(0.3, (0.095 * pitch).max(0.7));
    blur(&mut drawn, side, sigma, sigma);
    if random.chance(0.3) {
        let moved = random.range(0.3, (0.14 * pitch).max(0.8));
        let (x, y) = if random.chance(0.5) {
            (moved, 0.2)
        } else {
            (0.2, moved)
        };
        blur(&mut drawn, side, x, y);
    }
    let noise = random.range(0.0, 0.09) * (ground - ink);
    let pixels = drawn
        .iter()
        .map(|value| (value + random.normal() * noise).clamp(0.0, 255.0) as u8)
        .collect();
    let grey = Grey {
        width: side,
        height: side,
        pixels: zeroize::Zeroizing::new(pixels),
    };
    let (mut dx, mut dy) = (random.normal() * 0.045, random.normal() * 0.05);
    if halved {
        let side = if random.chance(0.5) { 1.0 } else { -1.0 };
        if random.chance(0.7) {
            dx = side * random.range(0.36, 0.5);
        } else {
            dy = side * random.range(0.5, 0.65);
        }
    }
    let (grow_x, grow_y) = (1.0 + random.normal() * 0.025, 1.0 + random.normal() * 0.035);
    let (sin, cos) = (turn + random.normal() * 0.015).sin_cos();
    let tilt = random.normal() * 0.03 - shear;
    let patch = patch(&grey, pitch, |u, v| {
        let (u, v) = (u * grow_x + dx, (v * grow_y + dy) / aspect.sqrt());
        let u = u + tilt * v;
        let (x, y) = (u * pitch, v * pitch);
        (x * cos - y * sin + half, x * sin + y * cos + half)
    });
    Sample {
        patch,
        class: u8::try_from(class).unwrap_or(0),
    }
}

/// Gaussian, an axis after the other.
pub(crate) fn blur_axis(
    from: &[f32],
    width: usize,
    height: usize,
    sigma: f32,
    down: bool,
) -> Vec<f32> {
    let reach = (sigma * 2.6).ceil().max(1.0) as usize;
    let kernel: Vec<f32> = (0..=reach)
        .map(|n| (-((n * n) as f32) / (2.0 * sigma * sigma)).exp())
        .collect();
    let whole = kernel[0] + 2.0 * kernel[1..].iter().sum::<f32>();
    let mut to = vec![0.0; from.len()];
    if down {
        for y in 0..height {
            let row = &mut to[y * width..(y + 1) * width];
            for n in 0..=2 * reach {
                let share = kernel[n.abs_diff(reach)] / whole;
                let source = (y + n).saturating_sub(reach).min(height - 1);
                let source = &from[source * width..(source + 1) * width];
                for (to, from) in row.iter_mut().zip(source) {
                    *to += share * from;
                }
            }
        }
    } else {
        let mut padded = vec![0.0; width + 2 * reach];
        for y in 0..height {
            let source = &from[y * width..(y + 1) * width];
            padded[..reach].fill(source[0]);
            padded[reach..reach + width].copy_from_slice(source);
            padded[reach + width..].fill(source[width - 1]);
            let row = &mut to[y * width..(y + 1) * width];
            for n in 0..=2 * reach {
                let share = kernel[n.abs_diff(reach)] / whole;
                for (to, from) in row.iter_mut().zip(&padded[n..]) {
                    *to += share * from;
                }
            }
        }
    }
    to
}

fn blur(drawn: &mut Vec<f32>, side: usize, x: f32, y: f32) {
    let across = blur_axis(drawn, side, side, x, false);
    *drawn = blur_axis(&across, side, side, y, true);
}

fn samples(seed: u64, count: usize) -> Vec<Sample> {
    let font = Font::new();
    let half = |seed: u64| {
        let mut random = Random::new(seed);
        (0..count / 2)
            .map(|_| sample(&font, &mut random))
            .collect::<Vec<_>>()
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| half(seed ^ 0x5555));
        let mut all = half(seed);
        all.extend(other.join().unwrap_or_default());
        all
    })
}

/// All weights in one row: hidden layer, its biases, outer layer, its biases.
const PARAMETERS: usize = HIDDEN * INPUTS + HIDDEN + CLASSES * HIDDEN + CLASSES;

fn parts(all: &[f32]) -> (&[f32], &[f32], &[f32], &[f32]) {
    let (hidden, rest) = all.split_at(HIDDEN * INPUTS);
    let (hidden_bias, rest) = rest.split_at(HIDDEN);
    let (out, out_bias) = rest.split_at(CLASSES * HIDDEN);
    (hidden, hidden_bias, out, out_bias)
}

fn add(to: &mut [f32], from: &[f32], by: f32) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += from * by;
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 16];
    for (a, b) in a.chunks_exact(16).zip(b.chunks_exact(16)) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

/// Adds the gradients of these samples; gives how many were classified right.
fn gradients(all: &[f32], samples: &[&Sample], to: &mut [f32]) -> usize {
    let (hidden_weights, hidden_bias, out_weights, out_bias) = parts(all);
    let (to_hidden, rest) = to.split_at_mut(HIDDEN * INPUTS);
    let (to_hidden_bias, rest) = rest.split_at_mut(HIDDEN);
    let (to_out, to_out_bias) = rest.split_at_mut(CLASSES * HIDDEN);
    let mut right = 0;
    for sample in samples {
        let inputs = sample.patch.map(|value| f32::from(value) / 32.0);
        let mut hidden = [0.0_f32; HIDDEN];
        for (n, unit) in hidden.iter_mut().enumerate() {
            let row = &hidden_weights[n * INPUTS..(n + 1) * INPUTS];
            *unit = (dot(row, &inputs) + hidden_bias[n]).max(0.0);
        }
        let mut out = [0.0_f32; CLASSES];
        for (n, unit) in out.iter_mut().enumerate() {
            *unit = dot(&out_weights[n * HIDDEN..(n + 1) * HIDDEN], &hidden) + out_bias[n];
        }
        let most = out.iter().copied().fold(f32::MIN, f32::max);
        let class = usize::from(sample.class);
        right += usize::from(out[class] >= most);
        let sum: f32 = out.iter().map(|v| (v - most).exp()).sum();
        let mut back = [0.0_f32; HIDDEN];
        for (n, value) in out.iter().enumerate() {
            let wanted = f32::from(u8::from(n == class));
            let error = (value - most).exp() / sum - wanted;
            add(&mut to_out[n * HIDDEN..(n + 1) * HIDDEN], &hidden, error);
            add(&mut back, &out_weights[n * HIDDEN..(n + 1) * HIDDEN], error);
            to_out_bias[n] += error;
        }
        for n in 0..HIDDEN {
            if hidden[n] > 0.0 {
                add(
                    &mut to_hidden[n * INPUTS..(n + 1) * INPUTS],
                    &inputs,
                    back[n],
                );
                to_hidden_bias[n] += back[n];
            }
        }
    }
    right
}

/// Trains on `count` samples, `epochs` times; `tell` hears of each epoch the share right in training and on
/// samples of other seeds.
///
/// Gives the bytes of `assets/weights.bin`.
pub fn train(count: usize, epochs: u32, mut tell: impl FnMut(u32, f32, f32)) -> Vec<u8> {
    let mut random = Random::new(1);
    let train = samples(2, count);
    let held = samples(3, 20_000);
    let mut all: Vec<f32> = (0..PARAMETERS)
        .map(|n| {
            let inputs = if n < HIDDEN * INPUTS + HIDDEN {
                INPUTS
            } else {
                HIDDEN
            };
            random.normal() * (1.6 / inputs as f32).sqrt()
        })
        .collect();
    let (mut first, mut second) = (vec![0.0_f32; PARAMETERS], vec![0.0_f32; PARAMETERS]);
    let mut order: Vec<usize> = (0..train.len()).collect();
    let steps = (train.len() / BATCH) as f32 * epochs as f32;
    let mut step = 0.0_f32;
    for epoch in 0..epochs {
        for n in (1..order.len()).rev() {
            order.swap(n, random.below(n + 1));
        }
        let mut right = 0;
        for batch in order.chunks_exact(BATCH) {
            let batch: Vec<&Sample> = batch.iter().map(|n| &train[*n]).collect();
            let (one, two) = batch.split_at(BATCH / 2);
            let part = |samples: &[&Sample]| {
                let mut to = vec![0.0_f32; PARAMETERS];
                let right = gradients(&all, samples, &mut to);
                (to, right)
            };
            let ((mut to, of_one), (other, of_two)) = std::thread::scope(|scope| {
                let other = scope.spawn(|| part(two));
                (part(one), other.join().unwrap_or_default())
            });
            add(&mut to, &other, 1.0);
            right += of_one + of_two;
            step += 1.0;
            let rate = 0.0015 * (0.5 + 0.5 * (std::f32::consts::PI * step / steps).cos()) + 1e-6;
            let (fix1, fix2) = (1.0 - 0.9_f32.powf(step), 1.0 - 0.999_f32.powf(step));
            for n in 0..PARAMETERS {
                let g = to[n] / BATCH as f32 + 2e-5 * all[n];
                first[n] = 0.9 * first[n] + 0.1 * g;
                second[n] = 0.999 * second[n] + 0.001 * g * g;
                all[n] -= rate * (first[n] / fix1) / ((second[n] / fix2).sqrt() + 1e-8);
            }
        }
        let held: Vec<&Sample> = held.iter().collect();
        let mut unused = vec![0.0; PARAMETERS];
        let of_held = gradients(&all, &held, &mut unused) as f32 / held.len() as f32;
        tell(epoch, right as f32 / train.len() as f32, of_held);
    }
    written(&all)
}

fn written(all: &[f32]) -> Vec<u8> {
    let (hidden, hidden_bias, out, out_bias) = parts(all);
    let mut bytes = Vec::new();
    let mut layer = |weights: &[f32], biases: &[f32], inputs: usize| {
        for (row, bias) in weights.chunks_exact(inputs).zip(biases) {
            let most = row.iter().fold(0.0_f32, |most, w| most.max(w.abs()));
            let scale = (most / 127.0).max(f32::MIN_POSITIVE);
            bytes.extend(scale.to_le_bytes());
            bytes.extend(bias.to_le_bytes());
            bytes.extend(
                row.iter()
                    .map(|w| ((w / scale).round() as i8).to_le_bytes()[0]),
            );
        }
    };
    layer(hidden, hidden_bias, INPUTS);
    layer(out, out_bias, HIDDEN);
    let font = Font::new();
    for glyph in 0..ALPHABET.len() {
        let (x, y) = font.centre(glyph);
        let hundredths = |value: f32| ((value * 100.0).round() as i8).to_le_bytes()[0];
        bytes.extend([hundredths(x), hundredths(y)]);
    }
    bytes
}
