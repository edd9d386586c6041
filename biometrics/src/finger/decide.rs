//! From scores to an answer: the open-set decision.
//!
//! Most people an officer stops are in no gallery, so what counts is not whether two prints match
//! by accident but whether *anybody* among N does: the false-positive identification rate of
//! ISO/IEC 19795-1, `FPIR(s, N) = 1 - (1 - FMR(s))^N`. A fixed score would name more innocent
//! people the larger the gallery grows; here the policy fixes the rate, and the score that a
//! candidate needs follows from the gallery's size.

use super::compare::{Score, compare};
use super::descriptor::Prepared;
use super::gallery::Candidate;

/// How the false match rate of one comparison falls with the score: a straight line in
/// logarithms, `log10 FMR(s) = (origin - s) / decade`.
///
/// Comparisons of different fingers are far too few in any set to see the rates that a large
/// gallery needs. An exponential is the usual form of the far tail of such scores (generalised
/// Pareto with shape near zero; Shi, Medioni et al., "Modeling biometric systems using the
/// general Pareto distribution", SPIE 2008); beyond what was measured it is an extrapolation, and
/// [`Tail::measured_to`] says from where.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tail {
    /// Score at which the line reaches a rate of one.
    pub origin: f32,
    /// Points of score for a factor of ten.
    pub decade: f32,
    /// Lowest false match rate seen in the measurement the line was fitted to; lower ones are
    /// extrapolated.
    pub measured_to: f64,
}

impl Tail {
    /// Chance that two different fingers reach `score`; 0 to 1.
    #[must_use]
    pub fn fmr(&self, score: Score) -> f64 {
        let decades = f64::from((score.0 - self.origin) / self.decade);
        10f64.powf(-decades).min(1.0)
    }

    /// Score that different fingers reach with chance `fmr`.
    #[must_use]
    pub fn score_at(&self, fmr: f64) -> f32 {
        self.origin - self.decade * fmr.log10() as f32
    }

    /// One score for several fingers of one person, on the scale of a single finger: the score
    /// that a single pair of different fingers would reach by accident as rarely as these reach
    /// their sum together.
    ///
    /// Different fingers match by accident independently, and each score above `origin` is
    /// exponential in its tail, so the sum of k of them is Erlang distributed: its tail is
    /// `e^-x (1 + x + ... + x^(k-1)/(k-1)!)`. Fingers without a match count as `origin`; they do
    /// not lower the sum but, by k, its worth.
    #[must_use]
    pub fn fuse(&self, scores: &[Score]) -> Score {
        let Some(more) = scores.len().checked_sub(1) else {
            return Score(0.0);
        };
        if more == 0 {
            return scores[0];
        }
        let per_point = std::f64::consts::LN_10 / f64::from(self.decade);
        let x: f64 = scores
            .iter()
            .map(|s| f64::from((s.0 - self.origin).max(0.0)) * per_point)
            .sum();
        let (mut term, mut sum) = (1.0f64, 1.0f64);
        for i in 1..=more {
            term *= x / i as f64;
            sum += term;
        }
        // In logarithms: e^-x of a good match of ten fingers is no longer a number.
        Score(self.origin + ((x - sum.ln()).max(0.0) / per_point) as f32)
    }
}

impl Default for Tail {
    /// Above all that was measured (`fingerbench tail`): different fingers of an optical and a
    /// capacitive sensor, the same made twisted, dry, wet, cut and noisy (their lines have decades
    /// of 7 to 12 points and reach a rate of 1e-4 at scores of 60 to 72; this one at 76), and real
    /// prints against synthetic ones (1e-5 at 82; this one at 90).
    fn default() -> Self {
        Self {
            origin: 20.0,
            decade: 14.0,
            measured_to: 5e-5,
        }
    }
}

/// What a decision may risk, as data: an administrator may change it, code does not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// Chance, for a probe of somebody who is not in the gallery, that a person is named.
    pub identify_fpir: f64,
    /// Chance, for a probe of somebody who is not in the gallery, that a candidate is shown for a
    /// person to compare.
    pub verify_fpir: f64,
    /// The comparison's false match rate.
    pub tail: Tail,
}

impl Default for Policy {
    /// Naming an innocent is the worst failure of all: one search in ten thousand. A candidate to
    /// compare may come up by accident in one search of a hundred.
    fn default() -> Self {
        Self {
            identify_fpir: 1e-4,
            verify_fpir: 1e-2,
            tail: Tail::default(),
        }
    }
}

impl Policy {
    /// Score from which the best candidate among `prints` is the person.
    #[must_use]
    pub fn identify_at(&self, prints: u64) -> f32 {
        self.tail.score_at(per_print(self.identify_fpir, prints))
    }

    /// Score from which a candidate among `prints` is worth a person's look.
    #[must_use]
    pub fn verify_at(&self, prints: u64) -> f32 {
        self.tail.score_at(per_print(self.verify_fpir, prints))
    }

    /// Whether a print could be identified among `prints` at all: whether it would be, were it
    /// compared with itself. "Not found" for one that could not would be no answer but a lie.
    #[must_use]
    pub fn can_identify(&self, print: &Prepared, prints: u64) -> bool {
        compare(print, print).0 >= self.identify_at(prints)
    }

    /// Chance that the probe of somebody who is not among `prints` reaches `score` with one of
    /// them: the false-positive identification rate at this score and this size; 0 to 1.
    #[must_use]
    pub fn accidental(&self, score: Score, prints: u64) -> f64 {
        // 1 - (1 - f)^N without losing a small f to rounding.
        -(prints.max(1) as f64 * (-self.tail.fmr(score)).ln_1p()).exp_m1()
    }
}

/// The false match rate at which N comparisons give `fpir`.
fn per_print(fpir: f64, prints: u64) -> f64 {
    -((-fpir.clamp(1e-12, 0.5)).ln_1p() / prints.max(1) as f64).exp_m1()
}

/// The answer of a search.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// One person, and nobody else comes near.
    Identified(Candidate),
    /// Worth a human look, best first; none is good enough, or more than one is.
    Possible(Vec<Candidate>),
    /// Nobody in the gallery.
    NotFound,
}

/// Turns the results of a search among `prints` prints into an answer.
///
/// Two different people at or above `identify_at` is a contradiction that only a human can
/// resolve, so it gives `Possible`. Order of the input does not matter; scores that are not
/// numbers count as no match.
#[must_use]
pub fn decide(candidates: &[Candidate], policy: &Policy, prints: u64) -> Decision {
    let (identify_at, verify_at) = (policy.identify_at(prints), policy.verify_at(prints));
    let mut worth: Vec<Candidate> = candidates
        .iter()
        .copied()
        .filter(|c| c.score.0 >= verify_at)
        .collect();
    worth.sort_by(|a, b| b.score.0.total_cmp(&a.score.0).then(a.id.cmp(&b.id)));
    let Some(best) = worth.first().copied() else {
        return Decision::NotFound;
    };
    let rival = worth
        .iter()
        .any(|c| c.id != best.id && c.score.0 >= identify_at);
    if best.score.0 >= identify_at && !rival {
        Decision::Identified(best)
    } else {
        Decision::Possible(worth)
    }
}
