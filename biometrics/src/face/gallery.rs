//! Many enrolled faces, searched one probe at a time.
//!
//! Every face is compared: at 128 bytes a face a million of them pass through a core in a few
//! hundredths of a second, and no index is needed. The gallery is a list of segments that never
//! change, behind one pointer, as that of fingers is: a search takes the pointer and works
//! undisturbed, whoever adds or removes faces makes a new list that shares nearly all segments with
//! the old one.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::finger::share;

use super::embed::{DIMENSIONS, Embedding};
use super::meaning::FalseMatch;

/// Faces of a full segment. A change copies one such segment (half a megabyte) at most, and the
/// pointers to all of them.
const SEGMENT: usize = 4096;
/// Most candidates of a search: what a person could look through.
const MOST_CANDIDATES: usize = 1000;
/// Largest value of a stored number.
const TOP: f32 = 127.0;

/// A candidate for a person to compare with the probe: never an identity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// The identity the face was added under.
    pub id: u64,
    /// Cosine of the best of this identity's faces, with an error below 0.01 (one of the deviation
    /// 0.001): see [`Gallery`].
    pub score: f32,
    /// What the score means in the gallery it was found in.
    pub meaning: FalseMatch,
}

/// Enrolled faces. Several may share one identity.
///
/// A face takes 140 bytes: its numbers as 8-bit ones with a factor of their own, and its identity.
/// The probe is rounded in the same way. Rounding moves a cosine by 0.001 (root mean square), by
/// less than 0.01 at most; the score of one person's pictures differs by tens of that.
///
/// Everything is done by `&self`, from any number of threads: a search sees the gallery as it was
/// when it began. What an answer holds does not depend on threads or on the order of adding.
pub struct Gallery {
    threads: usize,
    /// Held while a new list is made; never by a search.
    changing: Mutex<()>,
    /// Held for no longer than it takes to copy or replace the pointer.
    segments: RwLock<Arc<Vec<Arc<Segment>>>>,
}

impl std::fmt::Debug for Gallery {
    /// The count only: who is enrolled has no place in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Gallery({} faces)", self.len())
    }
}

#[derive(Clone, Default)]
struct Segment {
    ids: Vec<u64>,
    scales: Vec<f32>,
    rows: Vec<Row>,
}

type Row = [i8; DIMENSIONS];

impl Segment {
    fn push(&mut self, id: u64, face: &Embedding) {
        let (scale, row) = rounded(face);
        self.ids.push(id);
        self.scales.push(scale);
        self.rows.push(row);
    }

    fn without(&self, id: u64) -> Self {
        let mut rest = Self::default();
        for ((own, scale), row) in self.ids.iter().zip(&self.scales).zip(&self.rows) {
            if *own != id {
                rest.ids.push(*own);
                rest.scales.push(*scale);
                rest.rows.push(*row);
            }
        }
        rest
    }
}

/// The numbers in steps of their largest by 127.
fn rounded(face: &Embedding) -> (f32, Row) {
    let largest = face.values().iter().fold(0.0f32, |m, v| m.max(v.abs()));
    let scale = largest.max(f32::MIN_POSITIVE) / TOP;
    (scale, face.values().map(|v| (v / scale).round() as i8))
}

fn product(a: &[i16; DIMENSIONS], b: &Row) -> i32 {
    a.iter()
        .zip(b)
        .map(|(a, b)| i32::from(*a) * i32::from(*b))
        .sum()
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

    /// Adds one face of `id`.
    pub fn add(&self, id: u64, face: &Embedding) {
        self.add_all(&[(id, *face)]);
    }

    /// Adds many faces; searches see all of them or none.
    pub fn add_all(&self, faces: &[(u64, Embedding)]) {
        self.change(|list| {
            let mut faces = faces.iter().peekable();
            while faces.peek().is_some() {
                let mut open = match list.last() {
                    Some(last) if last.ids.len() < SEGMENT => {
                        let open = Segment::clone(last);
                        list.pop();
                        open
                    }
                    _ => Segment::default(),
                };
                let room = SEGMENT - open.ids.len();
                for (id, face) in faces.by_ref().take(room) {
                    open.push(*id, face);
                }
                list.push(Arc::new(open));
            }
        });
    }

    /// Removes every face of `id`; how many there were. No search that begins later finds them.
    pub fn remove(&self, id: u64) -> usize {
        self.change(|list| {
            let mut removed = 0;
            for segment in list.iter_mut().filter(|s| s.ids.contains(&id)) {
                let rest = segment.without(id);
                removed += segment.ids.len() - rest.ids.len();
                *segment = Arc::new(rest);
            }
            list.retain(|s| !s.ids.is_empty());
            compact(list);
            removed
        })
    }

    /// Enrolled faces.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list().iter().map(|s| s.ids.len()).sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes that the faces take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let face = size_of::<u64>() + size_of::<f32>() + size_of::<Row>();
        self.list().iter().map(|s| s.ids.capacity() * face).sum()
    }

    /// The identities most like the probe, at most `most` (no more than 1000) and with a cosine of
    /// `least` or more, best first and each once; equal ones by ascending identity.
    #[must_use]
    pub fn search(&self, probe: &Embedding, most: usize, least: f32) -> Vec<Candidate> {
        let list = self.list();
        let size: usize = list.iter().map(|s| s.ids.len()).sum();
        let most = most.min(MOST_CANDIDATES);
        let (scale, row) = rounded(probe);
        let row = row.map(i16::from);
        let best = share(self.threads, list.len(), || Best::new(most, least), {
            |best: &mut Best, at| {
                if let Some(segment) = list.get(at) {
                    best.scan(segment, &row, scale);
                }
            }
        });
        let mut all = Best::new(most, least);
        for (id, score) in best.into_iter().flat_map(|b| b.found) {
            all.offer(id, score);
        }
        let candidate = |(id, score): (u64, f32)| {
            // Two roundings can carry the same picture a little beyond itself.
            let score = score.clamp(-1.0, 1.0);
            Candidate {
                id,
                score,
                meaning: FalseMatch::at(score, size as u64),
            }
        };
        all.found.into_iter().map(candidate).collect()
    }

    fn list(&self) -> Arc<Vec<Arc<Segment>>> {
        let list = self.segments.read();
        Arc::clone(&list.unwrap_or_else(PoisonError::into_inner))
    }

    fn change<T>(&self, change: impl FnOnce(&mut Vec<Arc<Segment>>) -> T) -> T {
        let _one = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut list = Vec::clone(&self.list());
        let result = change(&mut list);
        let mut current = self
            .segments
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(list);
        result
    }
}

/// Puts neighbours together that fit into half a segment, so that removing does not leave a list of
/// crumbs.
fn compact(list: &mut Vec<Arc<Segment>>) {
    let mut merged: Vec<Arc<Segment>> = Vec::with_capacity(list.len());
    for segment in list.drain(..) {
        match merged.last_mut() {
            Some(last) if last.ids.len() + segment.ids.len() <= SEGMENT / 2 => {
                let mut both = Segment::clone(last);
                both.ids.extend(&segment.ids);
                both.scales.extend(&segment.scales);
                both.rows.extend(&segment.rows);
                *last = Arc::new(both);
            }
            _ => merged.push(segment),
        }
    }
    *list = merged;
}

/// The best so far, in order, each identity once.
struct Best {
    most: usize,
    least: f32,
    found: Vec<(u64, f32)>,
}

impl Best {
    fn new(most: usize, least: f32) -> Self {
        Self {
            most,
            least,
            found: Vec::new(),
        }
    }

    fn scan(&mut self, segment: &Segment, probe: &[i16; DIMENSIONS], scale: f32) {
        let faces = segment.ids.iter().zip(&segment.scales).zip(&segment.rows);
        for ((id, own), row) in faces {
            let score = product(probe, row) as f32 * (scale * own);
            if score >= self.least {
                self.offer(*id, score);
            }
        }
    }

    fn offer(&mut self, id: u64, score: f32) {
        let before = |a: &(u64, f32)| a.1 > score || (a.1 == score && a.0 < id);
        if self.found.len() >= self.most && self.found.last().is_none_or(before) {
            return;
        }
        if let Some(at) = self.found.iter().position(|(own, _)| *own == id) {
            if self.found[at].1 >= score {
                return;
            }
            self.found.remove(at);
        }
        let at = self.found.partition_point(before);
        self.found.insert(at, (id, score));
        self.found.truncate(self.most);
    }
}
