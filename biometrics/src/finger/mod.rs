//! Fingerprints: picture → minutiae → template → score → decision.
//!
//! ```text
//! GreyImage ──assess──▶ Quality                      (live preview)
//!     │
//!     └──extract──▶ Template ──Prepared::new──▶ Prepared ──compare──▶ Score
//!                       │
//!                       └──▶ Gallery::add / search ──▶ candidates ──decide──▶ Decision
//! ```
//!
//! The methods are the classical ones of the literature, written anew: gradient orientation
//! fields and Gabor enhancement (Hong, Wan, Jain, IEEE PAMI 20(8), 1998), thinning (Guo, Hall,
//! CACM 32(3), 1989), minutiae by crossing number with structural filtering of false ones, local
//! descriptors in the manner of the Minutia Cylinder-Code (Cappelli, Ferrara, Maltoni, IEEE PAMI
//! 32(12), 2010), and a geometric consolidation of the best local matches.

mod code;
mod compare;
mod decide;
mod descriptor;
mod enhance;
mod extract;
mod flow;
mod gallery;
mod image;
mod index;
mod minutiae;
mod plane;
mod quality;
mod skeleton;
#[cfg(feature = "synth")]
pub mod synth;
mod template;
mod threads;
mod wide;

pub use compare::{Comparison, Score, compare, compare_in_detail};
pub use decide::{Decision, Policy, Tail, decide};
pub use descriptor::Prepared;
pub use extract::{ExtractError, MIN_MINUTIAE, Steps, extract};
pub use gallery::{Candidate, Gallery, Keep};
pub use image::{
    GreyImage, ImageError, MAX_PIXELS, MAX_SIDE, MIN_SIDE, PPI_RANGE, decode_png, encode_png,
};
pub use quality::{Quality, Verdict, assess};
pub(crate) use template::MAX_FRAME;
pub use template::{Kind, MAX_MINUTIAE, Minutia, Template, TemplateError, UNITS};
#[cfg(feature = "face")]
pub(crate) use threads::share;
