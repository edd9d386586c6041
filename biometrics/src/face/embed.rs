//! A face as 128 numbers: SFace (Zhong, Deng, Hu, Zhao, Wu, "SFace: sigmoid-constrained hypersphere
//! loss for robust face recognition", IEEE Transactions on Image Processing 30, 2021), the
//! MobileFaceNet that OpenCV Zoo publishes.

use rten_tensor::NdTensor;

use super::detect::Points;
use super::network::{ModelError, Network};
use super::picture::{CHANNELS, RgbImage, RgbView};

/// SHA-256 of the model that this was built and measured for, `face_recognition_sface_2021dec.onnx`,
/// in hexadecimal.
pub const EMBEDDER_SHA256: &str =
    "0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79";

/// Numbers of an embedding.
pub const DIMENSIONS: usize = 128;
/// Side of the aligned picture, in pixels.
const SIDE: u32 = 112;
/// Where the five points lie in it: the template that the network was trained with (InsightFace).
const TEMPLATE: [[f32; 2]; 5] = [
    [38.2946, 51.6963],
    [73.5318, 51.5014],
    [56.0252, 71.7366],
    [41.5493, 92.3655],
    [70.7299, 92.2041],
];

/// A face as a direction in 128 dimensions: unit length, or all zero if the network gave none.
#[derive(Clone, Copy, PartialEq)]
pub struct Embedding([f32; DIMENSIONS]);

impl std::fmt::Debug for Embedding {
    /// Nothing of it: it is as personal as the face.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Embedding")
    }
}

impl Embedding {
    /// Of any numbers, brought to unit length; none if they have no length.
    #[must_use]
    pub fn new(values: [f32; DIMENSIONS]) -> Option<Self> {
        let length = values
            .iter()
            .map(|v| f64::from(*v) * f64::from(*v))
            .sum::<f64>()
            .sqrt();
        let usable = length.is_finite() && length > 1e-12;
        usable.then(|| Self(values.map(|v| (f64::from(v) / length) as f32)))
    }

    /// The numbers.
    #[must_use]
    pub fn values(&self) -> &[f32; DIMENSIONS] {
        &self.0
    }

    /// Cosine of the angle between two faces: 1 for the same picture, about 0 for two strangers.
    /// What a value means depends on how many were compared: [`FalseMatch`](super::FalseMatch).
    #[must_use]
    pub fn cosine(&self, other: &Self) -> f32 {
        let products = self.0.iter().zip(&other.0).map(|(a, b)| a * b);
        products.sum::<f32>().clamp(-1.0, 1.0)
    }
}

/// The network that turns faces into embeddings.
pub struct Embedder {
    network: Network,
}

impl std::fmt::Debug for Embedder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Embedder")
    }
}

impl Embedder {
    /// Of the bytes of `face_recognition_sface_2021dec.onnx`, on `threads` threads (at least one).
    ///
    /// # Errors
    /// [`ModelError`] when the bytes are not that model.
    pub fn new(model: &[u8], threads: usize) -> Result<Self, ModelError> {
        if model.len() > super::network::MAX_MODEL {
            return Err(ModelError::TooLong(model.len()));
        }
        Ok(Self {
            network: Network::new(model.to_vec(), "data", &["fc1"], threads)?,
        })
    }

    /// The embedding of a face in a picture.
    ///
    /// # Errors
    /// [`ModelError`] when the network does not answer, or with nothing of a direction.
    pub fn embed(&self, picture: &RgbView<'_>, points: &Points) -> Result<Embedding, ModelError> {
        self.embed_aligned(&align(picture, points))
    }

    /// The embedding of a picture that [`align`] made.
    ///
    /// # Errors
    /// As [`Embedder::embed`]; also for a picture of another size than 112 by 112.
    pub fn embed_aligned(&self, aligned: &RgbImage) -> Result<Embedding, ModelError> {
        if (aligned.width(), aligned.height()) != (SIDE, SIDE) {
            return Err(ModelError::Another("the aligned picture's size"));
        }
        let side = SIDE as usize;
        let mut planes = Vec::with_capacity(side * side * CHANNELS);
        // Planes of red, green and blue, 0 to 255: the network scales them itself.
        for channel in 0..CHANNELS {
            let values = aligned.view().pixels().iter().skip(channel);
            planes.extend(values.step_by(CHANNELS).map(|v| f32::from(*v)));
        }
        let input = NdTensor::from_data([1, CHANNELS, side, side], planes);
        let outputs = self.network.run(input)?;
        let values: [f32; DIMENSIONS] = outputs
            .first()
            .and_then(|o| o.as_slice().try_into().ok())
            .ok_or(ModelError::Another("an output is of another size"))?;
        Embedding::new(values).ok_or(ModelError::Another("an output is no direction"))
    }
}

/// The face as the network wants it: 112 by 112 pixels, moved, turned and scaled so that its five
/// points come as near to the template's as they can (least squares: Umeyama, IEEE PAMI 13(4),
/// 1991). What lies outside the picture is black.
#[must_use]
pub fn align(picture: &RgbView<'_>, points: &Points) -> RgbImage {
    let [a, b, x, y] = similarity(points);
    let mut pixels = Vec::with_capacity((SIDE * SIDE) as usize * CHANNELS);
    for row in 0..SIDE {
        for column in 0..SIDE {
            let (u, v) = (column as f32, row as f32);
            let rgb = picture.sample(a * u - b * v + x, b * u + a * v + y);
            pixels.extend(rgb.map(|v| v.round().clamp(0.0, 255.0) as u8));
        }
    }
    RgbImage::from_checked(SIDE, SIDE, pixels)
}

/// The similarity from the aligned picture to the picture, `(u, v) -> (a u - b v + x, b u + a v +
/// y)`: the inverse of the one that fits the picture's points to the template.
fn similarity(points: &Points) -> [f32; 4] {
    let points = points.to_array().map(|p| [f64::from(p.x), f64::from(p.y)]);
    let template = TEMPLATE.map(|p| p.map(f64::from));
    let mean = |all: &[[f64; 2]; 5]| {
        [0, 1].map(|k| all.iter().map(|p| p[k]).sum::<f64>() / all.len() as f64)
    };
    let (from, to) = (mean(&points), mean(&template));
    // As complex numbers, the best factor is the sum of conj(p) q over the sum of |p|².
    let (mut real, mut imaginary, mut power) = (0.0, 0.0, 0.0);
    for (p, q) in points.iter().zip(&template) {
        let (px, py) = (p[0] - from[0], p[1] - from[1]);
        let (qx, qy) = (q[0] - to[0], q[1] - to[1]);
        real += px * qx + py * qy;
        imaginary += px * qy - py * qx;
        power += px * px + py * py;
    }
    // Its inverse, which has |p|² above and is not defined when the points are one point.
    let size = real * real + imaginary * imaginary;
    let (a, b) = if size > 1e-9 && power.is_finite() {
        (power * real / size, -power * imaginary / size)
    } else {
        (1.0, 0.0)
    };
    let x = from[0] - (a * to[0] - b * to[1]);
    let y = from[1] - (b * to[0] + a * to[1]);
    [a, b, x, y].map(|v| v as f32)
}
