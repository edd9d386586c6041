//! Machine-readable zones of ICAO Doc 9303, read in a camera's picture: TD1 (ID cards, three lines of 30)
//! and TD3 (passports, two of 44).
//!
//! Pure computation, without a model from elsewhere. [`read`]:
//!
//! 1. finds marks darker than their surroundings, chains them to lines, and takes two or three lines below
//!    each other for a zone;
//! 2. numbers the marks by the fixed pitch of OCR-B and fits a homography to them: rows and columns of the
//!    zone under turn, slant and perspective;
//! 3. classifies each cell with a small network among the 37 characters of the zone and "no character",
//!    and lets the middles of what it knows improve the fit, twice;
//! 4. takes the likeliest character of those that may stand in each place, and lets
//!    [`regulation::identity::Mrz::parse`] judge: nothing is given whose check digits are not all right.
//!
//! # What a check digit is worth here
//!
//! A field read wrong passes its check digit (modulo 10) by accident one time in ten. A second thought (the
//! next likely character of a doubtful one) is had at most 12 times for a check digit, in order of
//! likelihood, and only of characters at most 4 nats (55 times) less likely; the first that fits is taken.
//! If *k* of them are tried on a field that is wrong in a way none of them mends, one fits by accident with
//! a chance of about 1 − 0.9^k: 0.1 for one, 0.7 for all twelve. At most two check digits of a zone are
//! mended so. The composite check digit judges once more, but not independently: in TD1 the document's
//! number has the same weights in both, so that what passes one passes the other; the other fields have
//! other weights, and what passes their own by accident passes the composite one time in ten. So one look
//! is no proof, and what is used was read twice alike ([`Steady`]).
//!
//! The check digits take some characters for each other whatever the weights: those whose values are the
//! same modulo 10, as G and 6, S and 8, Z and 5, B and 1. Where both may stand, one must be 3.5 nats (33
//! times) likelier than the other, or nothing is read. The names, the sex, the nationality and the kind of
//! document have no check digit; each of their characters must be 3 nats (20 times) likelier than any
//! other that may stand there, and likely (0.2) among all.
//!
//! # What it was measured on
//!
//! Pictures that [`synth`](crate) draws (feature `synth`), measured by `mrzbench`; no real document was at
//! hand. The classifier was trained on the same drawings of OCR-B: wear, holograms, prints of another
//! weight than drawn here will be read less well.

mod decode;
mod glyph;
mod grey;
mod grid;
mod lines;
mod read;
mod steady;
#[cfg(feature = "synth")]
pub mod synth;

pub use glyph::ALPHABET;
pub use grey::{LEAST_SIDE, MOST_SIDE, Pixels, View};
pub use steady::Steady;

use regulation::Date;
use zeroize::Zeroizing;

/// A zone whose check digits are all right.
#[derive(Clone, PartialEq, Eq)]
pub struct Read {
    /// Its two or three lines, parted by line breaks.
    pub text: Zeroizing<String>,
}

impl std::fmt::Debug for Read {
    /// Its length only: it is all personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Read({} characters)", self.text.len())
    }
}

/// Why nothing was read: the furthest that the reader came, in that order.
///
/// A sharp zone is read down to a pitch of some 7 pixels, and hardly found below it: one that is far too
/// small is told as none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Hint {
    #[error("no zone is seen")]
    NoZone,
    #[error("the zone is too small in the picture")]
    TooSmall,
    #[error("the zone is held too steeply")]
    Skewed,
    #[error("the zone is blurred, or hidden in part")]
    Blurred,
    #[error("the zone is seen, and a check digit is wrong")]
    CheckDigits,
}

/// The zone in a picture. `today`, the local day, tells the centuries of two-digit years apart.
///
/// A picture whose sides are not [`LEAST_SIDE`] to [`MOST_SIDE`], or that has not as many bytes as they ask
/// for, shows no zone. A larger one than 1440 pixels is made smaller first, by a whole number.
///
/// # Errors
/// Why nothing was read.
pub fn read(view: &View<'_>, today: Date) -> Result<Read, Hint> {
    read::read(view, today)
}
