//! Many enrolled prints, searched one probe at a time.

use std::collections::HashMap;
use std::num::NonZeroUsize;

use super::compare::{Matcher, Score};
use super::descriptor::Prepared;
use super::template::Template;

/// Fewer prints than this for each thread are not worth starting one.
const PRINTS_A_THREAD: usize = 256;

/// A person found by a search, with the score of their best print.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// The identity the print was added under.
    pub id: u64,
    /// Score of the best of this identity's prints.
    pub score: Score,
}

/// Enrolled prints, prepared for comparison. Several prints may share one identity.
///
/// About four kilobytes a print. Reading is `&self`: share it behind an `Arc` or a lock.
#[derive(Debug, Clone)]
pub struct Gallery {
    prints: Vec<(u64, Prepared)>,
    threads: usize,
}

impl Default for Gallery {
    fn default() -> Self {
        Self::new()
    }
}

impl Gallery {
    /// An empty gallery that searches on all available cores.
    #[must_use]
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self {
            prints: Vec::new(),
            threads: cores,
        }
    }

    /// Limits a search to `threads` threads (at least one), so that a server keeps cores for its
    /// other work.
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = threads.clamp(1, 256);
        self
    }

    /// Adds one print of `id`.
    pub fn add(&mut self, id: u64, template: &Template) {
        self.prints.push((id, Prepared::new(template)));
    }

    /// Removes every print of `id`; how many there were.
    pub fn remove(&mut self, id: u64) -> usize {
        let before = self.prints.len();
        self.prints.retain(|(other, _)| *other != id);
        before - self.prints.len()
    }

    /// Number of prints (not of identities).
    #[must_use]
    pub fn len(&self) -> usize {
        self.prints.len()
    }

    /// Whether there are no prints.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.prints.is_empty()
    }

    /// The `k` best identities, best first, each once with its best score. Equal scores go by
    /// ascending id, so the answer does not depend on threads or on the order of adding.
    #[must_use]
    pub fn search(&self, probe: &Template, k: usize) -> Vec<Candidate> {
        let probe = Prepared::new(probe);
        let threads = self
            .threads
            .min(self.prints.len().div_ceil(PRINTS_A_THREAD))
            .max(1);
        let share = self.prints.len().div_ceil(threads).max(1);
        let mut best: HashMap<u64, Score> = HashMap::new();
        let mut merge = |scores: Vec<(u64, Score)>| {
            for (id, score) in scores {
                let known = best.entry(id).or_insert(score);
                if score.0 > known.0 {
                    *known = score;
                }
            }
        };
        if threads == 1 {
            merge(score_all(&probe, &self.prints));
        } else {
            let probe = &probe;
            std::thread::scope(|scope| {
                let workers: Vec<_> = self
                    .prints
                    .chunks(share)
                    .map(|part| (part, scope.spawn(move || score_all(probe, part))))
                    .collect();
                for (part, worker) in workers {
                    // A worker has nothing to panic about; if one ever did, its share is done
                    // here rather than left out of the answer.
                    merge(worker.join().unwrap_or_else(|_| score_all(probe, part)));
                }
            });
        }
        let mut all: Vec<Candidate> = best
            .into_iter()
            .map(|(id, score)| Candidate { id, score })
            .collect();
        all.sort_by(|a, b| b.score.0.total_cmp(&a.score.0).then(a.id.cmp(&b.id)));
        all.truncate(k);
        all
    }
}

fn score_all(probe: &Prepared, prints: &[(u64, Prepared)]) -> Vec<(u64, Score)> {
    let mut matcher = Matcher::default();
    prints
        .iter()
        .map(|(id, print)| (*id, matcher.score(probe, print)))
        .collect()
}
