//! From scores to an answer: the open-set decision.

use super::gallery::Candidate;

/// Thresholds of the decision, as data: an administrator may change them, code does not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// Score from which the best candidate of a search is the person.
    pub identify_at: f32,
    /// Score from which a candidate is worth showing to an officer, and from which a one-to-one
    /// comparison counts as the same finger.
    pub verify_at: f32,
}

impl Default for Policy {
    /// 150 and 130, for a gallery of some thousands.
    ///
    /// Set from 400 probes of 200 synthetic fingers, each against 5,000 prints (two million
    /// comparisons of different fingers, highest 123; same finger, lowest 181). They are cautious
    /// for real prints, which hold fewer minutiae and score lower: over 10,560 pairs of different
    /// fingers from an optical and a capacitive sensor the highest was 47, and of the pairs of
    /// one finger a third and a fifth stayed below 130. Measure the sensor in use before
    /// relying on either figure.
    fn default() -> Self {
        Self {
            identify_at: 150.0,
            verify_at: 130.0,
        }
    }
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

/// Turns search results into an answer.
///
/// Two different people at or above `identify_at` is a contradiction that only a human can
/// resolve, so it gives `Possible`. Order of the input does not matter; scores that are not
/// numbers count as no match.
#[must_use]
pub fn decide(candidates: &[Candidate], policy: &Policy) -> Decision {
    let mut worth: Vec<Candidate> = candidates
        .iter()
        .copied()
        .filter(|c| c.score.0 >= policy.verify_at)
        .collect();
    worth.sort_by(|a, b| b.score.0.total_cmp(&a.score.0).then(a.id.cmp(&b.id)));
    let Some(best) = worth.first().copied() else {
        return Decision::NotFound;
    };
    let rival = worth
        .iter()
        .any(|c| c.id != best.id && c.score.0 >= policy.identify_at);
    if best.score.0 >= policy.identify_at && !rival {
        Decision::Identified(best)
    } else {
        Decision::Possible(worth)
    }
}
