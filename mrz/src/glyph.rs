//! One character: its patch of the picture, and which character it is.
//!
//! The classifier is a network of one hidden layer (352, 128, 38), trained by `mrztrain` on OCR-B as
//! `synth` draws it; its weights, a byte each, are in `assets/weights.bin`. The 38th class is "no character".

use crate::grey::Grey;

/// The characters of a zone, in the order of the classifier's classes.
pub const ALPHABET: &[u8; 37] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<";
/// Classes: the alphabet, and no character at all.
pub(crate) const CLASSES: usize = 38;
/// Values of a patch: columns and rows.
pub(crate) const COLUMNS: usize = 16;
pub(crate) const ROWS: usize = 22;
pub(crate) const INPUTS: usize = COLUMNS * ROWS;
pub(crate) const HIDDEN: usize = 128;
/// How far a patch reaches from the middle of a cell, in units of the pitch.
const REACH: (f32, f32) = (0.55, 0.70);
/// A patch with less contrast (standard deviation) than this is looked at as if it had so much.
const LEAST_CONTRAST: f32 = 6.0;
/// A standard deviation in a patch's bytes.
const SCALE: f32 = 32.0;

pub(crate) type Patch = [i8; INPUTS];
/// Logarithms of the probabilities of the classes.
pub(crate) type Scores = [f32; CLASSES];

/// The patch of a cell: `place` maps points of it (units of the pitch from its middle) into the picture;
/// `pitch` is in pixels. Mean 0, a standard deviation is 32.
pub(crate) fn patch(grey: &Grey, pitch: f32, place: impl Fn(f32, f32) -> (f32, f32)) -> Patch {
    // Where a step is wider than a pixel, the mean of several.
    let fine = if pitch * 2.0 * REACH.0 / COLUMNS as f32 > 1.3 {
        2
    } else {
        1
    };
    let mut values = [0.0_f32; INPUTS];
    for row in 0..ROWS {
        for column in 0..COLUMNS {
            let mut sum = 0.0;
            for sub in 0..fine * fine {
                let within = |n: usize| (n as f32 + 0.5) / fine as f32;
                let u = (column as f32 + within(sub % fine)) / COLUMNS as f32;
                let v = (row as f32 + within(sub / fine)) / ROWS as f32;
                let (x, y) = place((u * 2.0 - 1.0) * REACH.0, (v * 2.0 - 1.0) * REACH.1);
                sum += grey.at(x, y);
            }
            values[row * COLUMNS + column] = sum / (fine * fine) as f32;
        }
    }
    let mean = values.iter().sum::<f32>() / INPUTS as f32;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / INPUTS as f32;
    let scale = SCALE / variance.sqrt().max(LEAST_CONTRAST);
    values.map(|value| ((value - mean) * scale).round().clamp(-127.0, 127.0) as i8)
}

/// The trained network.
pub(crate) struct Classifier {
    /// A row of inputs a hidden unit, its scale and bias; then a row of hidden units a class.
    hidden: Vec<f32>,
    hidden_bias: Vec<f32>,
    out: Vec<f32>,
    out_bias: Vec<f32>,
    /// Middle of each character's ink from the middle of its cell, in units of the pitch.
    centres: Vec<(f32, f32)>,
}

/// Bytes of a layer: for each unit scale and bias (`f32`, little endian) and its weights.
const LAYERS: usize = HIDDEN * (8 + INPUTS) + CLASSES * (8 + HIDDEN);
/// Hundredths of the pitch, x and y a character.
const CENTRES: usize = ALPHABET.len() * 2;
pub(crate) const WEIGHTS: &[u8; LAYERS + CENTRES] = include_bytes!("../assets/weights.bin");

impl Classifier {
    pub(crate) fn new() -> Self {
        Self::of(WEIGHTS)
    }

    pub(crate) fn of(bytes: &[u8; LAYERS + CENTRES]) -> Self {
        let (first, rest) = bytes.split_at(HIDDEN * (8 + INPUTS));
        let (second, centres) = rest.split_at(CLASSES * (8 + HIDDEN));
        let (hidden, hidden_bias) = layer(first, INPUTS);
        let (out, out_bias) = layer(second, HIDDEN);
        let hundredth = |byte: u8| f32::from(i8::from_le_bytes([byte])) / 100.0;
        Self {
            hidden,
            hidden_bias,
            out,
            out_bias,
            centres: centres
                .chunks_exact(2)
                .map(|two| (hundredth(two[0]), hundredth(two[1])))
                .collect(),
        }
    }

    pub(crate) fn centre(&self, class: usize) -> (f32, f32) {
        self.centres.get(class).copied().unwrap_or_default()
    }

    pub(crate) fn scores(&self, patch: &Patch) -> Scores {
        let inputs = patch.map(|value| f32::from(value) / SCALE);
        let mut hidden = [0.0_f32; HIDDEN];
        for ((unit, row), bias) in hidden
            .iter_mut()
            .zip(self.hidden.chunks_exact(INPUTS))
            .zip(&self.hidden_bias)
        {
            *unit = (dot(row, &inputs) + bias).max(0.0);
        }
        let mut scores = [0.0_f32; CLASSES];
        for ((score, row), bias) in scores
            .iter_mut()
            .zip(self.out.chunks_exact(HIDDEN))
            .zip(&self.out_bias)
        {
            *score = dot(row, &hidden) + bias;
        }
        let most = scores.iter().copied().fold(f32::MIN, f32::max);
        let sum: f32 = scores.iter().map(|score| (score - most).exp()).sum();
        scores.map(|score| score - most - sum.ln())
    }
}

fn layer(bytes: &[u8], inputs: usize) -> (Vec<f32>, Vec<f32>) {
    let (mut weights, mut biases) = (Vec::new(), Vec::new());
    for unit in bytes.chunks_exact(8 + inputs) {
        let number =
            |at: usize| f32::from_le_bytes([unit[at], unit[at + 1], unit[at + 2], unit[at + 3]]);
        let scale = number(0);
        biases.push(number(4));
        let of = |byte: &u8| f32::from(i8::from_le_bytes([*byte])) * scale;
        weights.extend(unit[8..].iter().map(of));
    }
    (weights, biases)
}

/// Eight sums side by side, which the compiler makes one instruction.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}
