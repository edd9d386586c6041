//! Many enrolled prints, searched one probe at a time.
//!
//! A search is three stages: short codes of every print ([`index`](super::index)), the places of
//! the codes that look alike in the best of those, and the exact comparison of the few that are
//! left. The gallery is a list of segments that never change, behind one pointer: a search takes
//! the pointer and works undisturbed, whoever adds or removes prints makes a new list that shares
//! nearly all of its segments with the old one.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::code::{Coded, Waves};
use super::compare::{Matcher, Score};
use super::decide::Tail;
use super::descriptor::Prepared;
use super::index::{Best, Found, Shelf, Sketch, Turns, coded};
use super::template::Template;
use super::threads::share;
use super::wide::Set;

/// Prints of a full segment. A change copies the codes of at most one such segment, and the
/// pointers to all of them: a few hundred in a gallery of a million.
const SEGMENT: usize = 4096;
/// Galleries up to this size are compared exactly, print by print, in about a tenth of a second.
const EXHAUSTIVE: usize = 4096;
/// Part of the gallery that the first stage leaves, and the least.
const FIRST: (usize, usize) = (100, 1000);
/// The same of the second stage.
const SECOND: (usize, usize) = (2000, 400);
/// People of a search by several fingers that are compared finger by finger, for each wanted.
const PERSONS: (usize, usize) = (4, 32);
/// Exact comparisons that a thread takes at once, and with codes only.
const EXACT_SHARE: usize = 16;
const CODED_SHARE: usize = 256;

/// A person found by a search, with the score of their best print.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// The identity the print was added under.
    pub id: u64,
    /// Score of the best of this identity's prints.
    pub score: Score,
}

/// What a gallery keeps of a print besides its codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// The print prepared for comparison: most memory, least time.
    #[default]
    Prepared,
    /// The template, to be prepared whenever a search comes to compare it: about a third of the
    /// memory. For large galleries; a small one, or an exhaustive search, prepares every print
    /// anew at every search.
    Templates,
}

/// Enrolled prints. Several prints may share one identity.
///
/// Everything is done by `&self`, from any number of threads: a search sees the gallery as it was
/// when it began, all of an addition or nothing, and waits for nobody's search or addition. What
/// an answer holds does not depend on threads, on the order of adding or on the processor.
///
/// See `docs/fingerprint-search.md` for memory and times.
pub struct Gallery {
    threads: usize,
    exhaustive: usize,
    keep: Keep,
    set: Set,
    waves: Box<Waves>,
    turns: Box<Turns>,
    /// Held while a new list is made; never by a search.
    changing: Mutex<()>,
    /// Held for no longer than it takes to copy or replace the pointer.
    segments: RwLock<Arc<List>>,
}

impl std::fmt::Debug for Gallery {
    /// The count only: what is enrolled, and who, has no place in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Gallery({} prints)", self.len())
    }
}

#[derive(Clone, Default)]
struct List {
    segments: Vec<Segment>,
    live: usize,
}

/// A run of prints and which of them are gone.
#[derive(Clone)]
struct Segment {
    prints: Arc<Prints>,
    /// One bit a print; empty while none is gone.
    gone: Arc<[u64]>,
    live: usize,
}

/// A run of prints in ascending order of identity.
#[derive(Default)]
struct Prints {
    ids: Vec<u64>,
    shelf: Shelf,
    kept: Vec<Arc<Kept>>,
}

enum Kept {
    Prepared(Prepared),
    Template(Template),
}

impl Kept {
    fn prepared(&self) -> Cow<'_, Prepared> {
        match self {
            Self::Prepared(prepared) => Cow::Borrowed(prepared),
            Self::Template(template) => Cow::Owned(Prepared::new(template)),
        }
    }
}

/// A print on its way into a segment.
struct Entry {
    id: u64,
    coded: Vec<Coded>,
    kept: Arc<Kept>,
}

impl Segment {
    /// Of prints in any order.
    fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_by_key(|e| e.id);
        let mut prints = Prints::default();
        for entry in entries {
            prints.ids.push(entry.id);
            prints.shelf.push(entry.coded.into_iter());
            prints.kept.push(entry.kept);
        }
        prints.ids.shrink_to_fit();
        prints.kept.shrink_to_fit();
        prints.shelf.shrink();
        Self {
            live: prints.ids.len(),
            prints: Arc::new(prints),
            gone: Arc::new([]),
        }
    }

    fn is_gone(&self, slot: usize) -> bool {
        let word = self.gone.get(slot / 64).copied().unwrap_or(0);
        word >> (slot % 64) & 1 == 1
    }

    fn slots(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.prints.ids.len()).filter(|slot| !self.is_gone(*slot))
    }

    /// Slots of an identity's prints.
    fn of(&self, id: u64) -> impl Iterator<Item = usize> + '_ {
        let ids = &self.prints.ids;
        let (first, end) = (
            ids.partition_point(|i| *i < id),
            ids.partition_point(|i| *i <= id),
        );
        (first..end).filter(|slot| !self.is_gone(*slot))
    }

    /// What is left, to be put into another segment.
    fn entries(&self) -> impl Iterator<Item = Entry> + '_ {
        self.slots().map(|slot| Entry {
            id: self.prints.ids[slot],
            coded: self.prints.shelf.print(slot).collect(),
            kept: Arc::clone(&self.prints.kept[slot]),
        })
    }

    /// The same without an identity's prints; how many those were.
    fn without(&self, id: u64) -> Option<(Self, usize)> {
        let mut gone = Vec::new();
        let mut count = 0;
        for slot in self.of(id) {
            if count == 0 {
                gone = self.gone.to_vec();
                gone.resize(self.prints.ids.len().div_ceil(64), 0);
            }
            gone[slot / 64] |= 1 << (slot % 64);
            count += 1;
        }
        (count > 0).then(|| {
            let rest = Self {
                prints: Arc::clone(&self.prints),
                gone: gone.into(),
                live: self.live - count,
            };
            (rest, count)
        })
    }
}

impl List {
    /// Appends a segment, and merges the last ones as a binary counter carries: a print is copied
    /// about once for each doubling, not once for each later addition.
    fn push(&mut self, segment: Segment) {
        self.live += segment.live;
        self.segments.push(segment);
        let mut from = self.segments.len();
        let mut sum = 0;
        while let Some(segment) = from.checked_sub(1).and_then(|i| self.segments.get(i)) {
            if sum + segment.live > SEGMENT || (sum > 0 && segment.live > sum) {
                break;
            }
            sum += segment.live;
            from -= 1;
        }
        self.merge(from);
    }

    /// Makes one segment of all from here on.
    fn merge(&mut self, from: usize) {
        if self.segments.len() > from + 1 {
            let merged = self.segments.drain(from..).collect::<Vec<_>>();
            let entries = merged.iter().flat_map(Segment::entries).collect();
            self.segments.push(Segment::new(entries));
        }
    }

    /// Puts segments that have lost most of their prints together with their neighbours.
    fn compact(&mut self) {
        let thin = |s: &Segment| 2 * s.live < s.prints.ids.len();
        if !self.segments.iter().any(thin) {
            return;
        }
        let mut list = Self::default();
        for segment in self.segments.drain(..).filter(|s| s.live > 0) {
            let last = list.segments.last().map_or(SEGMENT, |s| s.live);
            let joins = last + segment.live <= SEGMENT / 2;
            let fresh = thin(&segment);
            list.live += segment.live;
            list.segments.push(segment);
            if joins {
                list.merge(list.segments.len() - 2);
            } else if fresh && let Some(last) = list.segments.last_mut() {
                *last = Segment::new(last.entries().collect());
            }
        }
        *self = list;
    }

    fn place(&self, found: &Found) -> Option<&Kept> {
        let segment = self.segments.get(found.segment as usize)?;
        segment.prints.kept.get(found.slot as usize).map(|k| &**k)
    }

    /// Runs of slots for threads to take: segment, and from which slot.
    fn shares(&self, size: usize) -> Vec<(usize, usize)> {
        let runs = self.segments.iter().enumerate();
        runs.flat_map(|(i, s)| (0..s.prints.ids.len()).step_by(size).map(move |at| (i, at)))
            .collect()
    }

    /// Every live print of one of the runs.
    fn run(
        &self,
        (index, at): (usize, usize),
        size: usize,
    ) -> impl Iterator<Item = (&Segment, Found)> {
        let segment = self.segments.get(index);
        segment.into_iter().flat_map(move |s| {
            let end = (at + size).min(s.prints.ids.len());
            (at..end).filter(|slot| !s.is_gone(*slot)).map(move |slot| {
                let found = Found {
                    worth: 0,
                    id: s.prints.ids[slot],
                    segment: index as u32,
                    slot: slot as u32,
                };
                (s, found)
            })
        })
    }
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
            threads: cores,
            exhaustive: EXHAUSTIVE,
            keep: Keep::default(),
            set: Set::widest(),
            waves: Box::new(Waves::new()),
            turns: Box::new(Turns::new()),
            changing: Mutex::new(()),
            segments: RwLock::default(),
        }
    }

    /// Limits a search to `threads` threads (at least one), so that a server keeps cores for its
    /// other work.
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = threads.clamp(1, 256);
        self
    }

    /// What to keep of the prints added from now on.
    #[must_use]
    pub fn with_keep(mut self, keep: Keep) -> Self {
        self.keep = keep;
        self
    }

    /// Compares a gallery of up to this many prints exactly, without the earlier stages; 4096
    /// unless told.
    #[must_use]
    pub fn with_exhaustive_up_to(mut self, prints: usize) -> Self {
        self.exhaustive = prints;
        self
    }

    /// Uses no instructions beyond those that every processor of the target has. Answers are the
    /// same, later; for tests and measurements.
    #[must_use]
    pub fn with_plain_instructions(mut self) -> Self {
        self.set = Set::PLAIN;
        self
    }

    /// Adds one print of `id`.
    pub fn add(&self, id: u64, template: &Template) {
        let segment = Segment::new(vec![self.entry(id, template)]);
        self.change(|list| list.push(segment));
    }

    /// Adds many prints, prepared on the gallery's threads; searches see all of them or none.
    pub fn add_all(&self, prints: &[(u64, Template)]) {
        let parts: Vec<&[(u64, Template)]> = prints.chunks(SEGMENT).collect();
        let mut made: Vec<(usize, Segment)> = share(self.threads, parts.len(), Vec::new, {
            |made: &mut Vec<(usize, Segment)>, part| {
                let entries = parts[part].iter().map(|(id, t)| self.entry(*id, t));
                made.push((part, Segment::new(entries.collect())));
            }
        })
        .into_iter()
        .flatten()
        .collect();
        made.sort_by_key(|(part, _)| *part);
        self.change(|list| made.into_iter().for_each(|(_, segment)| list.push(segment)));
    }

    fn entry(&self, id: u64, template: &Template) -> Entry {
        Entry {
            id,
            coded: coded(&self.waves, template),
            kept: Arc::new(match self.keep {
                Keep::Prepared => Kept::Prepared(Prepared::new(template)),
                Keep::Templates => Kept::Template(template.clone()),
            }),
        }
    }

    /// Removes every print of `id`; how many there were. No search that begins later finds them.
    pub fn remove(&self, id: u64) -> usize {
        self.change(|list| {
            let mut removed = 0;
            for segment in &mut list.segments {
                if let Some((rest, count)) = segment.without(id) {
                    *segment = rest;
                    removed += count;
                }
            }
            list.live -= removed;
            list.compact();
            removed
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut List) -> T) -> T {
        let _alone = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut list = List::clone(&self.list());
        let answer = change(&mut list);
        let list = Arc::new(list);
        let old = std::mem::replace(
            &mut *self
                .segments
                .write()
                .unwrap_or_else(PoisonError::into_inner),
            list,
        );
        // Freeing what nobody else holds takes time, and the lock is no longer held here.
        drop(old);
        answer
    }

    fn list(&self) -> Arc<List> {
        let list = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&list)
    }

    /// Number of prints (not of identities).
    #[must_use]
    pub fn len(&self) -> usize {
        self.list().live
    }

    /// Whether there are no prints.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Memory of what the first two stages read, in bytes: without the prepared prints or
    /// templates.
    #[must_use]
    pub fn index_bytes(&self) -> usize {
        let of = |s: &Segment| {
            let prints = &s.prints;
            prints.shelf.bytes() + prints.ids.capacity() * size_of::<u64>() + 8 * s.gone.len()
        };
        self.list().segments.iter().map(of).sum()
    }

    /// The `k` best identities, best first, each once with its best score. Equal scores go by
    /// ascending id.
    ///
    /// In a large gallery a print that the codes do not find alike is not compared: see
    /// `docs/fingerprint-search.md` for how rarely that is the one.
    #[must_use]
    pub fn search(&self, probe: &Template, k: usize) -> Vec<Candidate> {
        if k == 0 {
            return Vec::new();
        }
        let list = self.list();
        let mut found = if list.live <= self.exhaustive {
            self.compare_all(&list, probe)
        } else {
            self.compare_best(&list, probe, k)
        };
        found.truncate(k);
        found
    }

    /// The same by exact comparison of every print, however many: for measurements.
    #[must_use]
    pub fn search_exhaustive(&self, probe: &Template, k: usize) -> Vec<Candidate> {
        let mut found = self.compare_all(&self.list(), probe);
        found.truncate(k);
        found
    }

    /// The identities of the prints that the first stage of a search leaves, ascending: for
    /// measurements.
    #[must_use]
    pub fn first_stage(&self, probe: &Template) -> Vec<u64> {
        let list = self.list();
        let sketch = Sketch::new(&self.waves, self.set, probe);
        let left = self.vote(&list, &sketch, 0);
        let mut ids: Vec<u64> = left.into_iter().map(|f| f.id).collect();
        ids.sort_unstable();
        ids
    }

    /// The `k` people who are most alike by all of several different fingers of one person, best
    /// first, with one score for all fingers, on the scale of one ([`Tail::fuse`]).
    ///
    /// Each probe is given one print of the person at most, and each print to one probe at most.
    /// Which to which is not known, and the more ways there are the likelier one of them fits by
    /// accident: the score is lowered by what that is worth.
    #[must_use]
    pub fn search_person(&self, probes: &[Template], k: usize, tail: &Tail) -> Vec<Candidate> {
        let list = self.list();
        let mut people: HashMap<u64, Vec<Score>> = HashMap::new();
        for (finger, probe) in probes.iter().enumerate() {
            let found = if list.live <= self.exhaustive {
                self.compare_all(&list, probe)
            } else {
                self.compare_best(&list, probe, k)
            };
            for candidate in found {
                let scores = people
                    .entry(candidate.id)
                    .or_insert_with(|| vec![Score(0.0); probes.len()]);
                scores[finger] = candidate.score;
            }
        }
        // Who is likely at all by what is known so far; then every finger of theirs.
        let likely = people.into_iter().map(|(id, scores)| Candidate {
            id,
            score: tail.fuse(&scores),
        });
        let mut likely = ranked(likely.collect());
        likely.truncate(PERSONS.1.max(k.saturating_mul(PERSONS.0)));
        let prepared: Vec<Prepared> = probes.iter().map(Prepared::new).collect();
        let fused = share(
            self.threads,
            likely.len(),
            || (Matcher::new(self.set), Vec::new()),
            |(matcher, fused), person| {
                let id = likely[person].id;
                let (scores, prints) = fingers(matcher, &list, &prepared, id);
                fused.push(Candidate {
                    id,
                    score: one_of(tail, tail.fuse(&scores), scores.len(), prints),
                });
            },
        );
        let mut people = ranked(fused.into_iter().flat_map(|(_, fused)| fused).collect());
        people.truncate(k);
        people
    }

    /// Everybody, best first.
    fn compare_all(&self, list: &List, probe: &Template) -> Vec<Candidate> {
        let probe = Prepared::new(probe);
        let shares = list.shares(CODED_SHARE);
        let scores = share(
            self.threads,
            shares.len(),
            || (Matcher::new(self.set), Vec::new()),
            |(matcher, scores), at| {
                for (segment, found) in list.run(shares[at], CODED_SHARE) {
                    if let Some(kept) = segment.prints.kept.get(found.slot as usize) {
                        let score = matcher.score(&probe, &kept.prepared());
                        scores.push(Candidate {
                            id: found.id,
                            score,
                        });
                    }
                }
            },
        );
        ranked(scores.into_iter().flat_map(|(_, scores)| scores).collect())
    }

    /// What the first stage leaves.
    fn vote(&self, list: &List, sketch: &Sketch, k: usize) -> Vec<Found> {
        let shares = list.shares(CODED_SHARE);
        Best::of(share(
            self.threads,
            shares.len(),
            || Best::new(part(list, FIRST, k)),
            |best, at| {
                for (segment, mut found) in list.run(shares[at], CODED_SHARE) {
                    found.worth = sketch.vote(&segment.prints.shelf, found.slot as usize);
                    best.push(found);
                }
            },
        ))
    }

    /// Those that the first stages leave, best first.
    fn compare_best(&self, list: &List, probe: &Template, k: usize) -> Vec<Candidate> {
        let sketch = Sketch::new(&self.waves, self.set, probe);
        let first = self.vote(list, &sketch, k);
        let second = Best::of(share(
            self.threads,
            first.len().div_ceil(CODED_SHARE),
            || Best::new(part(list, SECOND, k)),
            |best, at| {
                for found in first.iter().skip(at * CODED_SHARE).take(CODED_SHARE) {
                    if let Some(segment) = list.segments.get(found.segment as usize) {
                        let shelf = &segment.prints.shelf;
                        let worth = sketch.agreement(&self.turns, shelf, found.slot as usize);
                        best.push(Found { worth, ..*found });
                    }
                }
            },
        ));
        let probe = Prepared::new(probe);
        let scores = share(
            self.threads,
            second.len().div_ceil(EXACT_SHARE),
            || (Matcher::new(self.set), Vec::new()),
            |(matcher, scores), at| {
                for found in second.iter().skip(at * EXACT_SHARE).take(EXACT_SHARE) {
                    if let Some(kept) = list.place(found) {
                        let score = matcher.score(&probe, &kept.prepared());
                        scores.push(Candidate {
                            id: found.id,
                            score,
                        });
                    }
                }
            },
        );
        ranked(scores.into_iter().flat_map(|(_, scores)| scores).collect())
    }
}

/// How many prints a stage leaves.
fn part(list: &List, (part, least): (usize, usize), k: usize) -> usize {
    list.live / part + least.max(k.min(list.live))
}

/// Best first, each identity once with its best score, equal scores by ascending identity.
fn ranked(mut all: Vec<Candidate>) -> Vec<Candidate> {
    all.sort_unstable_by(|a, b| a.id.cmp(&b.id).then(b.score.0.total_cmp(&a.score.0)));
    all.dedup_by_key(|c| c.id);
    all.sort_unstable_by(|a, b| b.score.0.total_cmp(&a.score.0).then(a.id.cmp(&b.id)));
    all
}

/// A fused score of `probes` fingers and one of the ways to give them a person's `prints`: lowered
/// by the number of ways (the union bound), of which the decision counts one a print itself.
fn one_of(tail: &Tail, fused: Score, probes: usize, prints: usize) -> Score {
    let (many, few) = (probes.max(prints), probes.min(prints));
    let ways: f32 = (many - few + 1..=many).map(|n| (n as f32).log10()).sum();
    let counted = (prints.max(1) as f32).log10();
    let lowered = fused.0 - tail.decade * (ways - counted).max(0.0);
    Score(lowered.max(tail.origin.min(fused.0)))
}

/// One score a probe, of one person's prints, and how many prints there are: the most alike pair
/// first, then the most alike of what is left.
fn fingers(
    matcher: &mut Matcher,
    list: &List,
    probes: &[Prepared],
    id: u64,
) -> (Vec<Score>, usize) {
    let prints = list
        .segments
        .iter()
        .flat_map(|s| s.of(id).map(|slot| s.prints.kept[slot].prepared()));
    // The bits of numbers that are not negative are in the order of the numbers.
    let mut columns: Vec<Vec<Reverse<u32>>> = prints
        .map(|print| {
            let score = |probe| matcher.score(probe, &print).0.max(0.0).to_bits();
            probes.iter().map(score).map(Reverse).collect()
        })
        .collect();
    // Equal scores must not be decided by which print was added first.
    columns.sort_unstable();
    let mut pairs: Vec<(Reverse<u32>, usize, usize)> = Vec::new();
    for (j, column) in columns.iter().enumerate() {
        pairs.extend(column.iter().enumerate().map(|(i, score)| (*score, i, j)));
    }
    pairs.sort_unstable();
    let mut scores = vec![None; probes.len()];
    let mut taken = vec![false; columns.len()];
    for (Reverse(bits), i, j) in pairs {
        if scores[i].is_none() && !taken[j] {
            scores[i] = Some(Score(f32::from_bits(bits)));
            taken[j] = true;
        }
    }
    let none = |score: Option<Score>| score.unwrap_or_default();
    (scores.into_iter().map(none).collect(), columns.len())
}
