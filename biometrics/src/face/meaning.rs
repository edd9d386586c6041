//! What a score means in a gallery of a given size.
//!
//! A face search over a gallery names nobody: it brings candidates for a person to compare, and
//! says with each how many strangers as alike are to be expected there.
//!
//! # Basis, and its limits
//!
//! One rate is known of the network and no more. OpenCV Zoo publishes an accuracy of 99.40 % on
//! LFW, 6,000 pairs of which half are of different people; OpenCV gives a cosine of 0.363 as the
//! threshold of that set. All the errors together are 0.60 % of the pairs, so **at most 1.2 % of
//! the pairs of strangers reach 0.363**: the case that every error is a false match.
//!
//! No tail beyond it is published, and none can be measured here: that takes photos of tens of
//! thousands of people. What stands above 0.363 is an assumption: that strangers' embeddings lie
//! like directions drawn at random in a space of fewer dimensions than 128, as many as give 1.2 %
//! at 0.363 (37). Then `FMR(s) = ½ I(1 - s²; (d - 1)/2, ½)`, with `I` the regularised incomplete
//! beta function. It says nothing of twins, of siblings, of bad pictures that resemble each other
//! as pictures, or of masks.
//!
//! LFW's pairs are of public figures of the whole world, mostly unlike in sex, age and origin. A
//! national gallery is not: NIST Interagency Report 8280 (2019) found false match rates to differ
//! "by factors of 10 to beyond 100" between groups of people. So each figure is given twice, as it
//! is and times a hundred, and what is said in words goes by the larger one.
//!
//! Synthetic faces are no evidence for or against any of this.

/// Dimensions of the assumed space.
const DIMENSIONS: f64 = 37.0;
/// People of one sex, age and origin are mistaken for each other so much more often.
const GROUP: f64 = 100.0;

/// The least score that a search should bring to anybody's eyes, whatever the gallery's size:
/// OpenCV's threshold for saying that two pictures show one person.
pub const LEAST_SCORE: f32 = 0.363;

/// How many strangers of a gallery are expected to be as alike as a candidate, or more so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FalseMatch {
    /// The gallery's size, in faces. No figure here means anything without it.
    pub gallery: u64,
    /// Expected number among people drawn from the whole world.
    pub expected: f64,
    /// Expected number if all of the gallery were of the searched person's sex, age and origin:
    /// the number to say.
    pub alike: f64,
}

/// The score in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Likeness {
    /// Ten strangers or more as alike are expected: this says next to nothing.
    Common,
    /// One to ten are expected.
    Some,
    /// Less than one is: a stranger would be a coincidence, but not a strange one.
    Few,
    /// Less than one in a hundred searches would bring a stranger like this. Still no identity.
    Rare,
}

impl FalseMatch {
    /// Of a cosine, in a gallery of this many faces.
    #[must_use]
    pub fn at(score: f32, gallery: u64) -> Self {
        let rate = false_match_rate(score);
        let expected = rate * gallery as f64;
        Self {
            gallery,
            expected,
            alike: (rate * GROUP).min(1.0) * gallery as f64,
        }
    }

    /// The same in words.
    #[must_use]
    pub fn likeness(&self) -> Likeness {
        match self.alike {
            n if n < 0.01 => Likeness::Rare,
            n if n < 1.0 => Likeness::Few,
            n if n < 10.0 => Likeness::Some,
            _ => Likeness::Common,
        }
    }

    /// The score from which no more than `most` strangers are expected in a gallery of this size,
    /// by the larger of the two figures; never less than [`LEAST_SCORE`]. 1 where no score is
    /// enough.
    #[must_use]
    pub fn score_for(most: f64, gallery: u64) -> f32 {
        let (mut low, mut high) = (LEAST_SCORE, 1.0f32);
        // Also true for what is no number.
        let enough = |score: f32| Self::at(score, gallery).alike <= most;
        if enough(low) {
            return low;
        }
        for _ in 0..40 {
            let middle = (low + high) / 2.0;
            if enough(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        high
    }
}

/// The chance that two strangers reach a cosine, 0 to 1; see the assumption above. Below
/// [`LEAST_SCORE`] it is as little measured as above.
#[must_use]
pub fn false_match_rate(score: f32) -> f64 {
    if score.is_nan() {
        return 1.0;
    }
    let score = f64::from(score).clamp(-1.0, 1.0);
    if score < 0.0 {
        return 1.0 - upper(-score);
    }
    upper(score)
}

/// The share of directions within the cap of cosine `s` or more, `s` from 0 to 1: the integral of
/// `sin^(d-2)` over the cap's angle by the whole sphere's.
fn upper(s: f64) -> f64 {
    let half = std::f64::consts::FRAC_PI_2;
    (0.5 * integral(s.acos()) / integral(half)).clamp(0.0, 0.5)
}

/// From 0 to `angle` (Simpson's rule: the integrand is smooth, 512 steps are exact to 1e-10).
fn integral(angle: f64) -> f64 {
    const STEPS: u32 = 512;
    let step = angle / f64::from(STEPS);
    let at = |i: u32| (f64::from(i) * step).sin().powf(DIMENSIONS - 2.0);
    let inner = (1..STEPS).map(|i| at(i) * if i % 2 == 1 { 4.0 } else { 2.0 });
    (at(0) + inner.sum::<f64>() + at(STEPS)) * step / 3.0
}
