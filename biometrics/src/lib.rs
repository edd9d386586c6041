//! Biometrics of E-patrul: pictures in, templates and scores out.
//!
//! Pure computation: no input or output, no globals, no threads that outlive a call (a network of
//! faces has its own, which end with it). Every type is `Send + Sync`, every result depends on the
//! arguments alone, and no input makes it panic.
//!
//! * `face` (feature): faces, from a colour picture to guidance, embeddings and candidates.
//! * [`finger`]: fingerprints, from a grey picture to an answer in a gallery of millions.
//! * [`record`]: interchange records of the ISO/IEC 19794 family, in and out.

// Forbidden everywhere but in `finger::wide`, which says why.
#![deny(unsafe_code)]
#![warn(missing_docs)]

#[cfg(feature = "face")]
pub mod face;
pub mod finger;
pub mod record;
