//! Checks a device's whole journal: which event was removed, changed, reordered or forged.
//!
//! An event is the device's if a signature of the device covers its digest, or if a later event that
//! is the device's names that digest as the one before it. The batches that arrived, the mark of what
//! was stored, and the replica say what there once was.

use super::verify::{signature_holds, signed_bytes};
use super::{Replica, ReplicaDir, ReplicaError};
use crate::store::{BatchSignature, Device, Store, StoreError};
use protocol::{Digest, Envelope};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Links read from the store at once.
const PAGE: usize = 1_000;
/// How far from its place an envelope is looked for, in numbers.
const REACH: u64 = 10_000;

/// What is wrong with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Wrong {
    /// It has not come, as far as anything here knows.
    Missing,
    /// It was here and is gone.
    Removed,
    /// What is here is not what the tablet sealed.
    Changed,
    /// What is here is the tablet's, and belongs at another number.
    Reordered,
    /// No signature of the tablet covers what is here.
    Forged,
    /// The tablet signed it, and it does not follow the one before.
    Unlinked,
}

impl Wrong {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Reordered => "reordered",
            Self::Forged => "forged",
            Self::Unlinked => "chain broken",
        }
    }
}

/// Numbers, first to last, and what is wrong with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Finding {
    pub first: u64,
    pub last: u64,
    pub wrong: Wrong,
}

/// Whether there was a second copy to compare with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ReplicaCheck {
    /// None is configured: what was removed together with every trace of it is only missing.
    #[default]
    None,
    /// So many of the device's events in it were compared.
    Compared(u64),
    /// Why it could not be read.
    Unreadable(String),
}

/// What was found in a device's whole journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalReport {
    pub envelopes: u64,
    /// In order of numbers.
    pub findings: Vec<Finding>,
    /// Gaps that an administrator has declared lost and that are still gaps.
    pub acknowledged: Vec<(u64, u64)>,
    pub replica: ReplicaCheck,
}

impl JournalReport {
    /// Everything held, and what is not there is declared lost.
    #[must_use]
    pub fn sound(&self) -> bool {
        self.findings.is_empty() && !matches!(self.replica, ReplicaCheck::Unreadable(_))
    }
}

/// A row as it is, and what is thought of it.
struct Entry {
    seq: u64,
    batch: u64,
    /// Digest of the bytes that are there; `None` if they are no envelope.
    digest: Option<Digest>,
    /// The digest that was stored beside them.
    noted: Digest,
    previous: Digest,
    genuine: bool,
}

/// What is checked: what was stored when the check began. Evidence comes meanwhile, and whatever is
/// read first would lack it. They are read in this order, so that none speaks of more than the next.
struct Marks {
    through: u64,
    lost: Vec<(u64, u64)>,
    /// Number of the last batch.
    newest: u64,
}

impl Marks {
    fn read(store: &dyn Store, device: &Device) -> Result<Self, StoreError> {
        Ok(Self {
            through: store.stored_through(device.id)?,
            lost: store.acknowledged_gaps(device.id)?,
            newest: store.batch_numbers()?,
        })
    }
}

/// What the device has signed, by the batches here and those of the replica.
#[derive(Default)]
struct Signed {
    /// Number of the last batch that is looked at.
    newest: u64,
    digests: HashSet<Digest>,
    /// The same of the batches here alone.
    here: HashSet<Digest>,
    /// Batches here whose signature does not hold.
    bad: HashSet<u64>,
    by_batch: HashMap<u64, Vec<Digest>>,
    /// The replica's events.
    copies: BTreeMap<u64, Digest>,
}

fn holds(device: &Device, signed: &BatchSignature) -> bool {
    signed.device == device.id
        && signature_holds(
            &device.journal_key,
            &signed_bytes(signed.device, &signed.digests),
            &signed.signature,
        )
}

/// Checks a device's journal from its first number to its last.
pub(super) fn check(
    store: &dyn Store,
    device: &Device,
    replica: Option<&ReplicaDir>,
) -> Result<JournalReport, StoreError> {
    let marks = Marks::read(store, device)?;
    let mut signed = Signed {
        newest: marks.newest,
        ..Signed::default()
    };
    let replica = match replica {
        None => ReplicaCheck::None,
        Some(dir) => match signed.read_replica(dir, device) {
            Ok(()) => ReplicaCheck::Compared(signed.copies.len() as u64),
            Err(error) => ReplicaCheck::Unreadable(error.to_string()),
        },
    };
    signed.read_batches(store, device)?;
    let mut entries = read_entries(store, device, marks.newest)?;
    prove(&mut entries, &signed);
    let mut found: BTreeMap<u64, Wrong> = BTreeMap::new();
    let places = judge(store, device, &entries, &signed, &mut found)?;
    let absent = absent(marks, &entries, &signed, &places);
    let mut findings = ranges(&found);
    findings.extend(absent.findings);
    findings.sort_unstable();
    Ok(JournalReport {
        envelopes: entries.len() as u64,
        findings,
        acknowledged: absent.acknowledged,
        replica,
    })
}

impl Signed {
    fn read_replica(&mut self, dir: &ReplicaDir, device: &Device) -> Result<(), ReplicaError> {
        Replica::read(dir, |batch| {
            // What nobody signed proves nothing here either.
            if batch.id > self.newest || !holds(device, &batch.signed) {
                return;
            }
            for envelope in &batch.envelopes {
                let digest = envelope.digest();
                if batch.signed.digests.contains(&digest) {
                    self.copies.insert(envelope.seq, digest);
                    self.digests.insert(digest);
                }
            }
        })
    }

    fn read_batches(&mut self, store: &dyn Store, device: &Device) -> Result<(), StoreError> {
        let mut after = 0;
        loop {
            let batches = store.batches_of(device.id, after, PAGE)?;
            let Some((last, _)) = batches.last() else {
                return Ok(());
            };
            after = *last;
            for (id, batch) in batches {
                if id > self.newest {
                    return Ok(());
                }
                if holds(device, &batch) {
                    self.digests.extend(&batch.digests);
                    self.here.extend(&batch.digests);
                } else {
                    self.bad.insert(id);
                }
                self.by_batch.insert(id, batch.digests);
            }
        }
    }
}

fn read_entries(store: &dyn Store, device: &Device, newest: u64) -> Result<Vec<Entry>, StoreError> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut from = 0;
    loop {
        let links = store.links(device.id, from, PAGE)?;
        let more = links.len() == PAGE;
        for link in links {
            from = link.seq + 1;
            // Come since, with its batch; one without any was not sent at all.
            if link.batch > newest && store.batch(link.batch)?.is_some() {
                continue;
            }
            let digest = match store.envelope(device.id, link.seq) {
                Ok(stored) => stored.map(|stored| stored.envelope.digest()),
                Err(StoreError::Unreadable(_)) => None,
                Err(error) => return Err(error),
            };
            entries.push(Entry {
                seq: link.seq,
                batch: link.batch,
                digest,
                noted: link.digest,
                previous: link.previous,
                genuine: false,
            });
        }
        if !more {
            return Ok(entries);
        }
    }
}

/// Signed itself, or named by the next one that is the device's.
fn prove(entries: &mut [Entry], signed: &Signed) {
    let mut next: Option<(u64, Digest)> = None;
    for entry in entries.iter_mut().rev() {
        entry.genuine = entry.digest.is_some_and(|digest| {
            signed.digests.contains(&digest) || next == Some((entry.seq + 1, digest))
        });
        next = entry.genuine.then_some((entry.seq, entry.previous));
    }
}

/// Judges every row that is there. Returns the places where reordered ones belong.
fn judge(
    store: &dyn Store,
    device: &Device,
    entries: &[Entry],
    signed: &Signed,
    found: &mut BTreeMap<u64, Wrong>,
) -> Result<HashMap<u64, u64>, StoreError> {
    let there: HashSet<Digest> = entries.iter().filter_map(|entry| entry.digest).collect();
    let mut places = HashMap::new();
    let mut before: Option<&Entry> = None;
    for (index, entry) in entries.iter().enumerate() {
        let copy = signed.copies.get(&entry.seq);
        let as_copied = copy.is_none_or(|copy| Some(*copy) == entry.digest);
        if entry.genuine && as_copied {
            if entry.digest != Some(entry.noted) {
                found.insert(entry.seq, Wrong::Changed);
            } else if !follows(entry, before) {
                found.insert(entry.seq, Wrong::Unlinked);
            }
        } else if let Some(place) = place_of(store, device, entry, signed)? {
            places.insert(entry.seq, place);
            found.insert(entry.seq, Wrong::Reordered);
        } else {
            // Something else was signed in its place: it is in the replica, beside the bytes, named
            // by the next event, or lacking from the batch.
            let named = entries
                .get(index + 1)
                .is_some_and(|next| next.genuine && next.seq == entry.seq + 1);
            let lacking = !signed.bad.contains(&entry.batch)
                && signed
                    .by_batch
                    .get(&entry.batch)
                    .is_some_and(|digests| digests.iter().any(|digest| !there.contains(digest)));
            let was = copy.is_some() || signed.digests.contains(&entry.noted) || named || lacking;
            let wrong = if was { Wrong::Changed } else { Wrong::Forged };
            found.insert(entry.seq, wrong);
        }
        before = Some(entry);
    }
    // A signature that does not hold over events that are all proven otherwise was itself replaced.
    for batch in &signed.bad {
        let members = || entries.iter().filter(|entry| entry.batch == *batch);
        if members().all(|entry| !found.contains_key(&entry.seq)) {
            found.extend(members().map(|entry| (entry.seq, Wrong::Forged)));
        }
    }
    Ok(places)
}

fn follows(entry: &Entry, before: Option<&Entry>) -> bool {
    if entry.seq == 1 {
        return entry.previous == Digest::default();
    }
    match before {
        Some(before) if before.seq + 1 == entry.seq && before.genuine => {
            before.digest == Some(entry.previous)
        }
        // A gap, or a row that is judged itself.
        _ => true,
    }
}

/// The number under which the device signed these bytes.
fn place_of(
    store: &dyn Store,
    device: &Device,
    entry: &Entry,
    signed: &Signed,
) -> Result<Option<u64>, StoreError> {
    if entry.digest.is_none() {
        return Ok(None);
    }
    let Some(stored) = store.envelope(device.id, entry.seq)? else {
        return Ok(None);
    };
    let mut envelope: Envelope = stored.envelope;
    for away in 1..=REACH {
        for place in [entry.seq.checked_sub(away), entry.seq.checked_add(away)] {
            let Some(place) = place.filter(|place| *place > 0) else {
                continue;
            };
            envelope.seq = place;
            if signed.digests.contains(&envelope.digest()) {
                return Ok(Some(place));
            }
        }
    }
    Ok(None)
}

/// Numbers that are not there: what is wrong with them, and which of them were declared lost.
#[derive(Default)]
struct Absent {
    findings: Vec<Finding>,
    acknowledged: Vec<(u64, u64)>,
    removed: u64,
}

/// What says that a number was once here.
struct Traces<'a> {
    signed: &'a Signed,
    /// Digests that events here name as those of the ones before them.
    named: BTreeMap<u64, Digest>,
    /// Digests of the events that are here.
    there: HashSet<Digest>,
    through: u64,
    lost: Vec<(u64, u64)>,
}

fn absent(marks: Marks, entries: &[Entry], signed: &Signed, places: &HashMap<u64, u64>) -> Absent {
    let traces = Traces {
        signed,
        named: entries
            .iter()
            .filter(|entry| entry.genuine && entry.seq > 1)
            .map(|entry| (entry.seq - 1, entry.previous))
            .collect(),
        there: entries.iter().filter_map(|entry| entry.digest).collect(),
        through: marks.through,
        lost: marks.lost,
    };
    let genuine = entries.iter().filter(|entry| entry.genuine);
    let tops = [
        genuine.map(|entry| entry.seq).max(),
        places.values().copied().max(),
        signed.copies.last_key_value().map(|(seq, _)| *seq),
        Some(traces.through),
    ];
    let top = tops.into_iter().flatten().max().unwrap_or(0);
    let mut present: Vec<u64> = entries
        .iter()
        .map(|entry| entry.seq)
        .chain(places.values().copied())
        .filter(|seq| *seq <= top)
        .collect();
    present.sort_unstable();
    let mut absent = Absent::default();
    let mut next = 1;
    for end in present.into_iter().chain([top + 1]) {
        if next < end {
            traces.gap(next, end - 1, &mut absent);
        }
        next = next.max(end + 1);
    }
    // Digests that were signed here and belong to no row: those of rows that are judged, of numbers
    // found to be removed, and the rest beyond the last row.
    let orphans = signed.here.difference(&traces.there).count() as u64;
    let judged = entries.iter().filter(|entry| !entry.genuine).count() as u64;
    let beyond = orphans.saturating_sub(absent.removed.saturating_add(judged));
    if beyond > 0 {
        absent.push(top + 1, top + beyond, Wrong::Removed);
    }
    absent
}

impl Traces<'_> {
    /// A gap in pieces of one kind; it may be wider than anybody could count.
    fn gap(&self, first: u64, last: u64, absent: &mut Absent) {
        let singles = self
            .signed
            .copies
            .range(first..=last)
            .map(|(seq, _)| *seq)
            .chain(self.named.range(first..=last).map(|(seq, _)| *seq));
        let mut starts: BTreeSet<u64> = singles.flat_map(|seq| [seq, seq + 1]).collect();
        let lost = self.lost.iter().flat_map(|(from, to)| [*from, to + 1]);
        starts.extend(lost.chain([first, self.through + 1]));
        let starts: Vec<u64> = starts.range(first..=last).copied().collect();
        for (index, start) in starts.iter().enumerate() {
            let end = starts.get(index + 1).map_or(last, |next| next - 1);
            let lost = self
                .lost
                .iter()
                .any(|(from, to)| (*from..=*to).contains(start));
            let named = self.named.get(start);
            // What is named and is here at its own number was not removed: a number was passed over.
            let known = named.is_some_and(|digest| {
                self.signed.here.contains(digest) && !self.there.contains(digest)
            });
            if self.signed.copies.contains_key(start) || known || (*start <= self.through && !lost)
            {
                absent.removed = absent.removed.saturating_add(end - start + 1);
                absent.push(*start, end, Wrong::Removed);
            } else if lost {
                join(&mut absent.acknowledged, *start, end);
            } else {
                absent.push(*start, end, Wrong::Missing);
            }
        }
    }
}

impl Absent {
    fn push(&mut self, first: u64, last: u64, wrong: Wrong) {
        match self.findings.last_mut() {
            Some(before) if before.last + 1 == first && before.wrong == wrong => before.last = last,
            _ => self.findings.push(Finding { first, last, wrong }),
        }
    }
}

fn join(ranges: &mut Vec<(u64, u64)>, first: u64, last: u64) {
    match ranges.last_mut() {
        Some(before) if before.1 + 1 == first => before.1 = last,
        _ => ranges.push((first, last)),
    }
}

fn ranges(found: &BTreeMap<u64, Wrong>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for (seq, wrong) in found {
        match findings.last_mut() {
            Some(last) if last.last + 1 == *seq && last.wrong == *wrong => last.last = *seq,
            _ => findings.push(Finding {
                first: *seq,
                last: *seq,
                wrong: *wrong,
            }),
        }
    }
    findings
}
