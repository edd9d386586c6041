//! Faces: picture → detection → guidance → embedding → candidates.
//!
//! ```text
//! RgbView ──Detector::detect──▶ Face ──guide──▶ Guidance ──Steady::see──▶ Shutter
//!                                │
//!                                ├──crop──▶ the portrait that is kept
//!                                └──Embedder::embed──▶ Embedding
//!                                                        └──Gallery::search──▶ Candidate
//! ```
//!
//! Two networks are handed in as bytes: YuNet (`assets/models`) finds faces, SFace turns them into
//! embeddings. Candidates are for a person to compare, one at a time; there is no identity among
//! the types here. See `docs/faces.md`.

mod detect;
mod embed;
mod gallery;
mod guide;
mod meaning;
mod measure;
mod network;
mod picture;
mod pose;
#[cfg(feature = "synth")]
pub mod synth;

pub use detect::{DETECTOR_SHA256, Detector, Face, Point, Points};
pub use embed::{DIMENSIONS, EMBEDDER_SHA256, Embedder, Embedding, align};
pub use gallery::{Candidate, Gallery};
pub use guide::{Edge, Guidance, Guided, Measures, Shutter, Side, Steady, Thresholds, crop, guide};
pub use meaning::{FalseMatch, LEAST_SCORE, Likeness, false_match_rate};
pub use measure::Light;
pub use network::{MAX_MODEL, ModelError};
pub use picture::{MAX_PIXELS, MAX_SIDE, PictureError, RgbImage, RgbView};
pub use pose::Pose;
