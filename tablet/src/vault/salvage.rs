//! Salvage: what a database that was moved aside still holds goes back into the queue.

use super::journal::write_sealed;
use super::pages::{Found, Pages, Row, Spot};
use super::{JournalRow, Vault, VaultError};
use protocol::Digest;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// Rows put back with one sync.
const CHUNK: usize = 64;

/// What was found. Ranges are of numbers, first and last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Salvaged {
    /// Put back into the queue; central says of what it has already that it knows it.
    pub recovered: Vec<(u64, u64)>,
    /// Put back by an earlier salvage, or in the queue anyway.
    pub known: u64,
    /// Neither found nor known to be at central.
    pub missing: Vec<(u64, u64)>,
    /// Found, and not put back: the number was given to another event.
    pub given_again: Vec<u64>,
}

impl Salvaged {
    /// Events put back.
    #[must_use]
    pub fn recovered_count(&self) -> u64 {
        self.recovered
            .iter()
            .map(|(first, last)| last - first + 1)
            .sum()
    }
}

/// A row and the database that it lies in.
#[derive(Clone, Copy)]
struct Candidate {
    digest: Digest,
    previous: Digest,
    database: usize,
    spot: Spot,
}

impl Vault {
    /// The databases that were moved aside, oldest first.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn quarantined(&self) -> Result<Vec<PathBuf>, VaultError> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(&self.0.dir)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with("damaged-") {
                found.push(entry.path());
            }
        }
        found.sort();
        Ok(found)
    }

    /// Looks through databases that were moved aside and puts every event back into the queue whose
    /// envelope is as it was sealed, whatever became of the pages around it. The databases are only
    /// read. Doing it again does nothing more.
    ///
    /// # Errors
    /// [`VaultError::NotEnrolled`], [`VaultError::Full`], a directory that is not there; what was
    /// put back until then stays.
    pub fn salvage(&self, dirs: &[PathBuf]) -> Result<Salvaged, VaultError> {
        let device = self.identity()?.ok_or(VaultError::NotEnrolled)?.device;
        let (base_seq, base_head, last_seq) = {
            let state = self.state();
            let journal = JournalRow::read(&state.db)?;
            (journal.base_seq, journal.base_head, journal.last_seq)
        };
        let mut databases = Vec::new();
        let mut candidates: BTreeMap<u64, Vec<Candidate>> = BTreeMap::new();
        for dir in dirs {
            let mut pages = Pages::open(&checked(dir)?, device)?;
            pages.each(i64::MAX as u64, |found| {
                keep(&mut candidates, found, databases.len());
            })?;
            databases.push(pages);
        }
        let mut report = Salvaged::default();
        // Where the journal's mark was lost with it, numbers were given a second time.
        let again = candidates.split_off(&(base_seq + 1));
        for (seq, rows) in again {
            if seq > last_seq || !rows.iter().all(|row| self.holds(seq, row.digest)) {
                report.given_again.push(seq);
            } else {
                report.known += 1;
            }
        }
        let chosen = choose(&candidates, base_seq, base_head);
        let mut rows = Vec::new();
        let mut put_back = Vec::new();
        for (seq, candidate) in &chosen {
            if self.holds(*seq, candidate.digest) {
                report.known += 1;
                continue;
            }
            if let Some(pages) = databases.get_mut(candidate.database) {
                rows.push(pages.read(candidate.spot)?);
                put_back.push(*seq);
            }
            if rows.len() == CHUNK {
                self.put_back(&mut rows)?;
            }
        }
        self.put_back(&mut rows)?;
        report.recovered = ranges(put_back.into_iter());
        report.missing = self.missing(base_seq)?;
        tracing::warn!(
            recovered = report.recovered_count(),
            known = report.known,
            "a database that was moved aside has been looked through"
        );
        Ok(report)
    }

    /// Whether this envelope is in the queue, or was put back before.
    fn holds(&self, seq: u64, digest: Digest) -> bool {
        let state = self.state();
        let held = state
            .db
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM sealed WHERE seq = ?1 AND digest = ?2)
                     OR EXISTS (SELECT 1 FROM salvaged WHERE seq = ?1 AND digest = ?2)",
            )
            .and_then(|mut held| held.query_row((seq, digest.0), |row| row.get(0)));
        // Put back once more, it is only sent once more.
        held.unwrap_or(false)
    }

    fn put_back(&self, rows: &mut Vec<Row>) -> Result<(), VaultError> {
        let now = self.now().0;
        let mut state = self.state();
        let (transaction, _) = state.begin()?;
        for Row {
            envelope,
            digest,
            at,
        } in rows.drain(..)
        {
            let taken: bool = transaction
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM sealed WHERE seq = ?1)")?
                .query_row([envelope.seq], |row| row.get(0))?;
            if !taken {
                // The one column that no digest covers.
                let at = at.clamp(0, now.max(0));
                write_sealed(&transaction, &envelope, digest, at)?;
            }
            transaction
                .prepare_cached(
                    "INSERT INTO salvaged (seq, digest) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                )?
                .execute((envelope.seq, digest.0))?;
        }
        transaction.commit()?;
        drop(state);
        self.bump();
        Ok(())
    }

    /// Numbers below this database's own that are neither here nor known to be at central.
    fn missing(&self, base_seq: u64) -> Result<Vec<(u64, u64)>, VaultError> {
        let state = self.state();
        let stored_through = JournalRow::read(&state.db)?.stored_through;
        let mut statement = state.db.prepare_cached(
            "SELECT seq FROM sealed WHERE seq <= ?1 UNION SELECT seq FROM salvaged ORDER BY seq",
        )?;
        let here = statement.query_map([base_seq], |row| row.get::<_, u64>(0))?;
        let mut missing = Vec::new();
        let mut next = stored_through + 1;
        for seq in here {
            let seq = seq?;
            if seq > next {
                missing.push((next, seq - 1));
            }
            next = next.max(seq + 1);
        }
        if next <= base_seq {
            missing.push((next, base_seq));
        }
        Ok(missing)
    }
}

fn checked(dir: &Path) -> Result<PathBuf, VaultError> {
    if std::fs::metadata(dir)?.is_dir() {
        Ok(dir.to_path_buf())
    } else {
        Err(VaultError::Io(std::io::ErrorKind::NotADirectory))
    }
}

fn keep(candidates: &mut BTreeMap<u64, Vec<Candidate>>, found: Found, database: usize) {
    let rows = candidates.entry(found.seq).or_default();
    if rows.iter().all(|row| row.digest != found.digest) {
        rows.push(Candidate {
            digest: found.digest,
            previous: found.previous,
            database,
            spot: found.spot,
        });
    }
}

/// One row a number. A number may have two: an append that a power cut undid leaves its row in the
/// WAL, and the number went to the next event. The chain says which of them counts.
fn choose(
    candidates: &BTreeMap<u64, Vec<Candidate>>,
    base_seq: u64,
    base_head: Digest,
) -> BTreeMap<u64, Candidate> {
    let mut chosen = BTreeMap::new();
    let mut expected = HashMap::from([(base_seq, base_head)]);
    for (seq, rows) in candidates.iter().rev() {
        let below = candidates.get(&seq.saturating_sub(1));
        let linked = |row: &&Candidate| {
            below.is_some_and(|rows| rows.iter().any(|earlier| earlier.digest == row.previous))
        };
        let row = match expected.get(seq) {
            Some(digest) => rows.iter().find(|row| row.digest == *digest),
            None => rows.iter().find(linked).or_else(|| rows.first()),
        };
        if let Some(row) = row {
            expected.insert(seq - 1, row.previous);
            chosen.insert(*seq, *row);
        }
    }
    chosen
}

/// Numbers in order as ranges.
fn ranges(numbers: impl Iterator<Item = u64>) -> Vec<(u64, u64)> {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    ranges
}
