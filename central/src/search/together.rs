//! Prints of several fingers of one person, searched as one.

use biometrics::finger::{Candidate, Decision, Gallery, Policy, Template, decide};

/// What a search came to, before the policy's word on it.
pub(super) struct Near {
    candidates: Vec<Candidate>,
    /// Prints that the scores stand against: the gallery's, for each search.
    pub(super) comparisons: u64,
    /// No finger stands for the others: worth a look, and no identity.
    only_possible: bool,
}

impl Near {
    pub(super) fn decide(&self, policy: &Policy) -> Decision {
        match decide(&self.candidates, policy, self.comparisons) {
            Decision::Identified(best) if self.only_possible => Decision::Possible(vec![best]),
            decision => decision,
        }
    }
}

/// Searches the first print alone, or all of them as one person's: one score, one decision.
///
/// Of most people the gallery holds some fingers only, and a finger that is not enrolled lowers
/// what the others are worth together. Where nobody is left by all of them, whoever a print alone
/// comes near to stays a candidate: the more prints, the more such accidents, and the score is
/// held against as many comparisons.
pub(super) fn search(
    gallery: &Gallery,
    prints: &[Template],
    most: usize,
    policy: &Policy,
    size: u64,
) -> Near {
    let near = |candidates, comparisons, only_possible| Near {
        candidates,
        comparisons,
        only_possible,
    };
    if let [alone] = prints {
        return near(gallery.search(alone, most), size, false);
    }
    let together = near(
        gallery.search_person(prints, most, &policy.tail),
        size,
        false,
    );
    if together.decide(policy) != Decision::NotFound {
        return together;
    }
    let mut best: Vec<Candidate> = Vec::new();
    for candidate in prints.iter().flat_map(|print| gallery.search(print, most)) {
        match best.iter_mut().find(|known| known.id == candidate.id) {
            Some(known) if known.score.0 >= candidate.score.0 => {}
            Some(known) => known.score = candidate.score,
            None => best.push(candidate),
        }
    }
    let searches = u64::try_from(prints.len()).unwrap_or(u64::MAX);
    near(best, size.saturating_mul(searches), true)
}
