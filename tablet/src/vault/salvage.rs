//! Salvage: what a database that was moved aside still holds goes back into the queue.

use super::journal::write_sealed;
use super::outbox::read_envelope;
use super::pages::{Found, Pages, Row, Spot};
use super::{JournalRow, Vault, VaultError};
use protocol::{DeviceId, Digest};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// Rows put back with one sync.
const CHUNK: usize = 64;

/// What was found. Ranges are of numbers, first and last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Salvaged {
    /// Put back into the queue; central says of what it has already that it knows it.
    pub recovered: Vec<(u64, u64)>,
    /// Put back by an earlier salvage, or in the queue anyway, whole.
    pub known: u64,
    /// Neither found nor known to be at central.
    pub missing: Vec<(u64, u64)>,
    /// Found, and not put back: another event has the number.
    pub given_again: Vec<u64>,
    /// Captures put back into the queue.
    pub captures: u64,
    /// Found, and the disk did not give it a second time; it may at the next salvage.
    pub unreadable: Vec<u64>,
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

/// What the queue has under a number.
enum Held {
    Nothing,
    /// This event, whole, or put back before and sent since.
    Whole,
    /// This event's row, spoiled since it was written.
    Spoiled,
    Another,
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
    /// envelope is as it was sealed, whatever became of the pages around it; then the captures beside
    /// them. What was moved aside is only read. Doing it again does nothing more.
    ///
    /// # Errors
    /// [`VaultError::NotEnrolled`], [`VaultError::Full`], a directory that is not there; what was
    /// put back until then stays.
    pub fn salvage(&self, dirs: &[PathBuf]) -> Result<Salvaged, VaultError> {
        self.salvage_with(dirs, || ())
    }

    /// Test hook: as [`Vault::salvage`]; `found` runs after everything was looked through, before what
    /// was found is read again.
    ///
    /// # Errors
    /// As [`Vault::salvage`].
    #[doc(hidden)]
    pub fn salvage_with(
        &self,
        dirs: &[PathBuf],
        found: impl FnOnce(),
    ) -> Result<Salvaged, VaultError> {
        let device = self.identity()?.ok_or(VaultError::NotEnrolled)?.device;
        let (base_seq, base_head) = {
            let state = self.state();
            let journal = JournalRow::read(&state.db)?;
            (journal.base_seq, journal.base_head)
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
        found();
        let mut report = Salvaged::default();
        // Where the journal's mark was lost with it, numbers were given a second time: of those only
        // the very event that has the number now may mend its row.
        let again = candidates.split_off(&(base_seq + 1));
        let mut chosen = choose(&candidates, base_seq, base_head);
        for (seq, rows) in again {
            match rows.into_iter().find(|row| self.names(seq, row.digest)) {
                Some(row) => drop(chosen.insert(seq, row)),
                None => report.given_again.push(seq),
            }
        }
        let mut rows = Vec::new();
        let mut put_back = Vec::new();
        for (seq, candidate) in chosen {
            match self.held(device, seq, candidate.digest)? {
                Held::Whole => report.known += 1,
                Held::Another => report.given_again.push(seq),
                Held::Nothing | Held::Spoiled => match read(&mut databases, candidate) {
                    Ok(row) => {
                        rows.push(row);
                        put_back.push(seq);
                    }
                    Err(error) => {
                        tracing::error!(code = error.code(), seq, "an event cannot be read again");
                        report.unreadable.push(seq);
                    }
                },
            }
            if rows.len() == CHUNK {
                self.put_back(&mut rows)?;
            }
        }
        self.put_back(&mut rows)?;
        for dir in dirs {
            report.captures += self.salvage_captures(dir)?;
        }
        report.given_again.sort_unstable();
        report.recovered = ranges(put_back.into_iter());
        report.missing = self.missing(base_seq)?;
        tracing::warn!(
            recovered = report.recovered_count(),
            known = report.known,
            captures = report.captures,
            "a database that was moved aside has been looked through"
        );
        Ok(report)
    }

    /// Whether the queue's row of this number says that it is this event.
    fn names(&self, seq: u64, digest: Digest) -> bool {
        let state = self.state();
        let names = state
            .db
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM sealed WHERE seq = ?1 AND digest = ?2)")
            .and_then(|mut names| names.query_row((seq, digest.0), |row| row.get(0)));
        names.unwrap_or(false)
    }

    fn held(&self, device: DeviceId, seq: u64, digest: Digest) -> Result<Held, VaultError> {
        let state = self.state();
        match read_envelope(&state.db, device, seq) {
            Ok(Some(there)) if there.digest() == digest => Ok(Held::Whole),
            Ok(Some(_)) => Ok(Held::Another),
            Err(VaultError::Damaged) => Ok(Held::Spoiled),
            Err(error) => Err(error),
            Ok(None) => {
                let before = state
                    .db
                    .prepare_cached(
                        "SELECT EXISTS (SELECT 1 FROM salvaged WHERE seq = ?1 AND digest = ?2)",
                    )?
                    .query_row((seq, digest.0), |row| row.get(0))?;
                Ok(if before { Held::Whole } else { Held::Nothing })
            }
        }
    }

    /// Writes events into the queue, in the place of spoiled rows of theirs.
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
            transaction
                .prepare_cached("DELETE FROM sealed WHERE seq = ?1")?
                .execute([envelope.seq])?;
            // The one column that no digest covers.
            let at = at.clamp(0, now.max(0));
            write_sealed(&transaction, &envelope, digest, at)?;
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

fn read(databases: &mut [Pages], candidate: Candidate) -> Result<Row, VaultError> {
    let pages = databases.get_mut(candidate.database);
    pages.ok_or(VaultError::Damaged)?.read(candidate.spot)
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
