//! Faces in pictures: the portraits of an import, and what is compared of a probe.
//!
//! YuNet finds faces and is built in; SFace, which makes them comparable, is a file that the
//! administrator puts beside the data (`docs/import.md`). Without it portraits are kept and shown,
//! and no face is searched.

use biometrics::face::{
    DETECTOR_SHA256, DIMENSIONS, Detector, EMBEDDER_SHA256, Embedder, Embedding, Face, ModelError,
    RgbImage, RgbView, crop,
};
use biometrics::record::picture::{Channels, Coding, decode};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::thumbnail;
use image::{ExtendedColorType, ImageEncoder as _};
use sha2::{Digest as _, Sha256};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Looked for in the data directory unless another file is named.
pub const EMBEDDER_FILE: &str = "models/face_recognition_sface_2021dec.onnx";

const DETECTOR: &[u8] = include_bytes!("../../../assets/models/face_detection_yunet_2023mar.onnx");
/// Bytes of the embedder's file at most.
const MODEL_BYTES: u64 = biometrics::face::MAX_MODEL as u64;
/// Longer side of a stored portrait, pixels: twice what the embedder looks at.
const PORTRAIT_SIDE: u32 = 288;
/// Of the portrait's JPEG; less where it would be longer than a portrait may be.
const QUALITIES: [u8; 4] = [80, 65, 50, 30];
/// A second face of more than this part of the largest one's size: nobody can say whose portrait it is.
const RIVAL: f32 = 0.5;

/// Why faces cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FaceModelError {
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{0} is not face_recognition_sface_2021dec.onnx: its SHA-256 is another")]
    Another(PathBuf),
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// Why a picture has no face for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaceFault {
    #[error("not a picture")]
    Picture,
    #[error("no face in it")]
    NoFace,
    #[error("more than one face in it")]
    Several,
    /// The network stopped; nothing is known of the picture.
    #[error("the model did not run")]
    Model,
}

/// A portrait for the store.
#[derive(Clone)]
pub struct NewPortrait {
    /// At most [`protocol::limits::PORTRAIT_BYTES`].
    pub jpeg: Vec<u8>,
    /// Absent where central has no model of embeddings.
    pub embedding: Option<Embedding>,
}

impl std::fmt::Debug for NewPortrait {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPortrait(..)")
    }
}

/// Finds faces, and makes them comparable where it has the model for it.
pub struct FaceReader {
    detector: Detector,
    embedder: Option<Embedder>,
}

impl std::fmt::Debug for FaceReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FaceReader(search: {})", self.can_compare())
    }
}

impl FaceReader {
    /// With the embedder's file if there is one.
    ///
    /// # Errors
    /// The file cannot be read, or is another one.
    pub fn new(embedder: Option<&Path>) -> Result<Self, FaceModelError> {
        debug_assert_eq!(hex(DETECTOR), DETECTOR_SHA256);
        Ok(Self {
            detector: Detector::new(DETECTOR)?,
            embedder: embedder.map(embedder_of).transpose()?,
        })
    }

    /// Whether faces can be compared: without a model they can only be looked at.
    #[must_use]
    pub fn can_compare(&self) -> bool {
        self.embedder.is_some()
    }

    /// The portrait of the one person in a picture (JPEG, PNG, JPEG 2000), cut out, made small, and with
    /// nothing in it but the picture.
    ///
    /// # Errors
    /// [`FaceFault`]; [`FaceFault::Several`] too.
    pub fn portrait(&self, picture: &[u8]) -> Result<NewPortrait, FaceFault> {
        let picture = read(picture)?;
        let view = picture.view();
        let faces = self.detector.detect(&view).map_err(broken)?;
        let face = largest(&faces)?;
        let rival = |other: &&Face| other.size() > RIVAL * face.size();
        if faces.iter().filter(rival).count() > 1 {
            return Err(FaceFault::Several);
        }
        Ok(NewPortrait {
            jpeg: small_jpeg(&crop(&view, face)).ok_or(FaceFault::Picture)?,
            embedding: self.embedding(&view, face)?,
        })
    }

    /// The nearest face of a picture made comparable; `None` without a model.
    ///
    /// # Errors
    /// [`FaceFault`].
    pub fn face(&self, picture: &[u8]) -> Result<Option<Embedding>, FaceFault> {
        let picture = read(picture)?;
        let view = picture.view();
        let faces = self.detector.detect(&view).map_err(broken)?;
        self.embedding(&view, largest(&faces)?)
    }

    fn embedding(&self, view: &RgbView<'_>, face: &Face) -> Result<Option<Embedding>, FaceFault> {
        let embed = |embedder: &Embedder| embedder.embed(view, &face.points).map_err(broken);
        self.embedder.as_ref().map(embed).transpose()
    }
}

/// As the store keeps it.
#[must_use]
pub fn to_bytes(embedding: &Embedding) -> Vec<u8> {
    let values = embedding.values().iter();
    values.flat_map(|value| value.to_le_bytes()).collect()
}

/// `None`: not what [`to_bytes`] wrote.
#[must_use]
pub fn of_bytes(bytes: &[u8]) -> Option<Embedding> {
    let (values, rest) = bytes.as_chunks::<4>();
    let values: Vec<f32> = values
        .iter()
        .map(|value| f32::from_le_bytes(*value))
        .collect();
    let values: [f32; DIMENSIONS] = values.try_into().ok()?;
    Embedding::new(values).filter(|_| rest.is_empty())
}

fn broken(error: ModelError) -> FaceFault {
    tracing::error!(%error, "a model did not run");
    FaceFault::Model
}

/// `detect` has them largest first.
fn largest(faces: &[Face]) -> Result<&Face, FaceFault> {
    faces.first().ok_or(FaceFault::NoFace)
}

fn read(bytes: &[u8]) -> Result<RgbImage, FaceFault> {
    let coding = Coding::sniff(bytes).ok_or(FaceFault::Picture)?;
    let picture = decode(bytes, coding).map_err(|_| FaceFault::Picture)?;
    let samples = picture.samples();
    let pixels = match picture.channels() {
        Channels::Rgb => samples.to_vec(),
        Channels::Grey => samples.iter().flat_map(|grey| [*grey; 3]).collect(),
    };
    RgbImage::new(picture.width(), picture.height(), pixels).map_err(|_| FaceFault::Picture)
}

fn small_jpeg(portrait: &RgbImage) -> Option<Vec<u8>> {
    let (width, height) = (portrait.width(), portrait.height());
    let pixels = portrait.view().pixels().to_vec();
    let mut picture = image::RgbImage::from_raw(width, height, pixels)?;
    let longest = width.max(height);
    if longest > PORTRAIT_SIDE {
        let scaled = |side: u32| (side * PORTRAIT_SIDE / longest).max(1);
        picture = thumbnail(&picture, scaled(width), scaled(height));
    }
    QUALITIES.into_iter().find_map(|quality| {
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, quality)
            .write_image(
                picture.as_raw(),
                picture.width(),
                picture.height(),
                ExtendedColorType::Rgb8,
            )
            .ok()?;
        (jpeg.len() <= protocol::limits::PORTRAIT_BYTES).then_some(jpeg)
    })
}

fn embedder_of(path: &Path) -> Result<Embedder, FaceModelError> {
    let unreadable = |source| FaceModelError::Unreadable {
        path: path.into(),
        source,
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    let mut limited = file.take(MODEL_BYTES + 1);
    limited.read_to_end(&mut bytes).map_err(unreadable)?;
    if hex(&bytes) != EMBEDDER_SHA256 {
        return Err(FaceModelError::Another(path.into()));
    }
    // One thread a look-up, as with prints: several look-ups run at once.
    Ok(Embedder::new(&bytes, 1)?)
}

fn hex(bytes: &[u8]) -> String {
    protocol::bytes::hex(&Sha256::digest(bytes))
}
