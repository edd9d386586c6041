//! A database that was moved aside gives back what is still to be read in it.

use crate::support::*;
use protocol::{Digest, Envelope, Urgency};
use rusqlite::{Connection, OpenFlags};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use tablet::vault::{OpenReport, Salvaged, Vault};

const EVENTS: u64 = 60;
const PAGE: usize = 4096;
const SEEDS: u64 = 10;

/// A fixed row of numbers: the same damage in every run.
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % below
    }
}

/// Events of three encounters, some with a picture that overflows its page. Their envelopes.
fn fill(bench: &Bench) -> Vec<Envelope> {
    let vault = bench.open();
    let session = bench.begin(&vault);
    for n in 1..=EVENTS {
        let (urgency, fact) = match n % 5 {
            0 => (
                Urgency::Question,
                question(vec![n as u8; 3_000 * (n as usize % 7)]),
            ),
            _ => (Urgency::Ordinary, fact(n as i64)),
        };
        let encounter = Some(encounter(u128::from(n % 3)));
        vault.append(&session, encounter, urgency, &fact).unwrap();
    }
    let path = bench.dir.path().join("before");
    vault.export_queue(&path).unwrap();
    let mut reader = protocol::export::ExportReader::new(fs::File::open(&path).unwrap()).unwrap();
    let mut envelopes = Vec::new();
    while let Some(batch) = reader.next_batch().unwrap() {
        envelopes.extend(batch.envelopes);
    }
    fs::remove_file(path).unwrap();
    assert_eq!(envelopes.len() as u64, EVENTS);
    envelopes
}

/// Numbers that SQLite itself still reads, whole, in a copy of the spoiled database.
fn readable_by_sqlite(dir: &Path, sealed: &[Envelope]) -> BTreeSet<u64> {
    let copy = tempfile::tempdir().unwrap();
    for (path, bytes) in files(dir) {
        fs::write(copy.path().join(path.file_name().unwrap()), bytes).unwrap();
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let Ok(db) = Connection::open_with_flags(copy.path().join("vault.db"), flags) else {
        return BTreeSet::new();
    };
    sealed
        .iter()
        .filter(|envelope| {
            let row = db.query_row(
                "SELECT previous, digest, encapsulated, ciphertext FROM sealed WHERE seq = ?1",
                [envelope.seq],
                |row| {
                    Ok((
                        row.get::<_, [u8; 32]>(0)?,
                        row.get::<_, [u8; 32]>(1)?,
                        row.get::<_, Vec<u8>>(2)?,
                        row.get::<_, Vec<u8>>(3)?,
                    ))
                },
            );
            row.is_ok_and(|(previous, digest, encapsulated, ciphertext)| {
                previous == envelope.previous.0
                    && digest == envelope.digest().0
                    && encapsulated == envelope.encapsulated
                    && ciphertext == envelope.ciphertext
            })
        })
        .map(|envelope| envelope.seq)
        .collect()
}

/// Sends everything as central would take it; what arrived, each once.
fn deliver(bench: &Bench, vault: &Vault) -> BTreeMap<u64, Envelope> {
    let mut arrived = BTreeMap::new();
    while let Some(batch) = vault.next_batch().unwrap() {
        let mut stored = Vec::new();
        for envelope in batch.envelopes {
            stored.push(envelope.seq);
            let twice = arrived.insert(envelope.seq, envelope);
            assert!(twice.is_none(), "nothing twice");
        }
        let receipt = protocol::Receipt {
            device: bench.central.device,
            stored,
            stored_through: 0,
            safe_through: 0,
            head: Digest::default(),
            at: regulation::Timestamp(1),
            signature: Vec::new(),
        };
        vault.apply_receipt(&bench.central.sign(receipt)).unwrap();
    }
    arrived
}

/// Makes a database that SQLite takes for none.
fn behead(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    bytes[..16].fill(0);
    fs::write(path, bytes).unwrap();
}

/// Takes back the last number, as a commit that did not reach the disk does.
fn undo(path: &Path, last: u64) {
    let db = Connection::open(path).unwrap();
    let before = last - 1;
    db.execute_batch(&format!(
        "UPDATE journal SET last_seq = {before},
                head = (SELECT digest FROM sealed WHERE seq = {before});
         DELETE FROM sealed WHERE seq = {last}; DELETE FROM readable WHERE seq = {last}"
    ))
    .unwrap();
}

fn salvage(vault: &Vault) -> Salvaged {
    vault.salvage(&vault.quarantined().unwrap()).unwrap()
}

/// Opens what was spoiled, records three events more, salvages. What was recovered, of how many that
/// SQLite could still read.
fn spoiled(spoil: impl FnOnce(&Path)) -> (usize, usize) {
    let bench = Bench::new();
    let sealed = fill(&bench);
    spoil(&bench.data());
    let (vault, report) = bench.try_open().unwrap();
    let aside = report.quarantined.clone().expect("moved aside");
    let readable = readable_by_sqlite(&aside, &sealed);
    let before = files(&aside);
    let session = bench.begin(&vault);
    for n in 0..3 {
        vault
            .append(&session, None, Urgency::Ordinary, &fact(n))
            .unwrap();
    }
    let found = salvage(&vault);
    assert_eq!(files(&aside), before, "only read");
    let again = salvage(&vault);
    assert_eq!(again.recovered, [], "once");
    assert_eq!(again.known, found.recovered_count());
    assert_eq!(again.missing, found.missing);

    let arrived = deliver(&bench, &vault);
    assert_eq!(
        arrived.len() as u64,
        found.recovered_count() + 3,
        "what was put back arrives"
    );
    for seq in &readable {
        assert!(arrived.contains_key(seq), "#{seq} could be read");
    }
    for envelope in &sealed {
        let missing = found
            .missing
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&envelope.seq));
        match arrived.get(&envelope.seq) {
            Some(there) => assert!(there == envelope && !missing),
            None => assert!(missing, "#{} is named", envelope.seq),
        }
    }
    for (seq, envelope) in &arrived {
        if let Some(before) = arrived.get(&(seq - 1)) {
            assert_eq!(
                envelope.previous,
                before.digest(),
                "the chain holds at {seq}"
            );
        }
    }
    assert_eq!(salvage(&vault).recovered, [], "nor after it was sent");
    drop((session, vault));
    let (vault, report) = bench.try_open().unwrap();
    assert_eq!(report, OpenReport::default());
    assert_eq!(vault.queue().unwrap().waiting, 0);
    (arrived.len() - 3, readable.len())
}

#[test]
fn what_can_be_read_after_random_damage_arrives_once_in_its_chain() {
    let (mut recovered, mut readable) = (0, 0);
    for seed in 0..SEEDS {
        let mut dice = Dice(seed);
        let (ours, sqlites) = spoiled(|dir| {
            let path = dir.join("vault.db");
            let mut bytes = fs::read(&path).unwrap();
            for _ in 0..=dice.next(6) {
                let page = dice.next(bytes.len() / PAGE);
                let (start, length) = (dice.next(PAGE), 1 + dice.next(PAGE));
                let end = (page * PAGE + start + length).min(bytes.len());
                for byte in &mut bytes[page * PAGE + start..end] {
                    *byte = dice.next(256) as u8;
                }
            }
            // A table's root as well, so that the damage is noticed whatever else was hit.
            bytes[PAGE..PAGE + 100].fill(0xa5);
            fs::write(path, bytes).unwrap();
        });
        recovered += ours;
        readable += sqlites;
    }
    assert!(recovered >= readable && recovered as u64 > SEEDS * EVENTS / 2);
}

#[test]
fn a_database_without_its_first_pages_gives_everything_back() {
    for pages in [1, 3] {
        let (recovered, readable) = spoiled(|dir| {
            let path = dir.join("vault.db");
            let mut bytes = fs::read(&path).unwrap();
            bytes[..pages * PAGE].fill(0x5a);
            fs::write(path, bytes).unwrap();
        });
        assert_eq!((recovered as u64, readable), (EVENTS, 0));
    }
}

#[test]
fn a_database_whose_events_lie_in_its_wal_gives_them_back() {
    // As a power cut leaves it: nothing was checkpointed.
    let bench = Bench::new();
    let copy = tempfile::tempdir().unwrap();
    let vault = bench.open();
    let session = bench.begin(&vault);
    for n in 1..=20 {
        let large = question(vec![n as u8; 1_000 * n as usize]);
        vault
            .append(&session, None, Urgency::Question, &large)
            .unwrap();
    }
    let wal = fs::read(bench.data().join("vault.db-wal")).unwrap();
    assert!(wal.len() > 100 * PAGE);
    for name in ["vault.db", "vault.db-wal"] {
        fs::copy(bench.data().join(name), copy.path().join(name)).unwrap();
    }
    let sealed = vault.next_batch().unwrap().unwrap().envelopes;
    drop((session, vault));
    fs::copy(
        copy.path().join("vault.db-wal"),
        bench.data().join("vault.db-wal"),
    )
    .unwrap();
    fs::write(bench.data().join("vault.db"), [0x5a; 10 * PAGE]).unwrap();
    let (vault, report) = bench.try_open().unwrap();
    assert_eq!(report.resumed_after, Some(20));
    assert_eq!(salvage(&vault).recovered, [(1, 20)]);
    let arrived: Vec<_> = deliver(&bench, &vault).into_values().collect();
    assert_eq!(arrived, sealed);
}

/// An append that a power cut undid leaves its envelope behind, and its number goes to another.
#[test]
fn of_two_envelopes_with_one_number_the_chains_own_is_put_back() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    vault
        .append(&session, None, Urgency::Ordinary, &fact(1))
        .unwrap();
    vault
        .append(&session, None, Urgency::Ordinary, &fact(2))
        .unwrap();
    drop((session, vault));
    let path = bench.data().join("vault.db");
    let undone = fs::read(&path).unwrap();
    // Number 2 is given again.
    undo(&path, 2);
    let vault = bench.open();
    let session = vault.resume_session(LOGIN, PASSWORD).unwrap();
    append_all(&vault, &session, None, 2..=3);
    let sealed = vault.next_batch().unwrap().unwrap().envelopes;
    drop((session, vault));
    // Both lie in the file, the undone one last; the header is gone.
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend_from_slice(&undone);
    bytes[..100].fill(0);
    fs::write(&path, bytes).unwrap();
    let (vault, _) = bench.try_open().unwrap();
    assert_eq!(salvage(&vault).recovered, [(1, 3)]);
    let arrived: Vec<_> = deliver(&bench, &vault).into_values().collect();
    assert_eq!(arrived, sealed);
}

#[test]
fn two_databases_moved_aside_after_each_other_are_both_salvaged() {
    let bench = Bench::new();
    let mut sealed = Vec::new();
    for round in 0..2 {
        let (vault, _) = bench.try_open().unwrap();
        vault.set_identity(&bench.central.identity()).unwrap();
        let session = bench.begin(&vault);
        for n in 0..4 {
            vault
                .append(&session, None, Urgency::Ordinary, &fact(round * 10 + n))
                .unwrap();
        }
        sealed.extend(vault.next_batch().unwrap().unwrap().envelopes);
        drop((session, vault));
        behead(&bench.data().join("vault.db"));
    }
    let (vault, report) = bench.try_open().unwrap();
    assert_eq!(report.resumed_after, Some(8));
    assert_eq!(vault.quarantined().unwrap().len(), 2);
    let found = salvage(&vault);
    assert_eq!((found.recovered, found.missing), (vec![(1, 8)], Vec::new()));
    let arrived: Vec<_> = deliver(&bench, &vault).into_values().collect();
    assert_eq!(arrived, sealed);
}

#[test]
fn numbers_that_were_given_again_are_named_and_not_sent() {
    let bench = Bench::new();
    fill(&bench);
    // The mark is lost with the database: the journal begins anew.
    fs::remove_file(bench.data().join("mark")).unwrap();
    behead(&bench.data().join("vault.db"));
    let (vault, report) = bench.try_open().unwrap();
    assert_eq!(report.resumed_after, None);
    let found = salvage(&vault);
    assert_eq!(found.given_again.len() as u64, EVENTS);
    assert_eq!(found.recovered, []);
    assert!(vault.next_batch().unwrap().is_none());
}

#[test]
fn a_place_that_is_not_there_is_an_error_and_an_empty_one_holds_nothing() {
    let bench = Bench::new();
    let vault = bench.open();
    let gone = bench.dir.path().join("gone");
    assert!(vault.salvage(std::slice::from_ref(&gone)).is_err());
    fs::create_dir(&gone).unwrap();
    assert_eq!(vault.salvage(&[gone]).unwrap(), Salvaged::default());
}

#[test]
fn a_row_spoiled_in_the_queue_is_mended_from_what_was_moved_aside() {
    let bench = Bench::new();
    let sealed = fill(&bench);
    let path = bench.data().join("vault.db");
    behead(&path);
    let (vault, _) = bench.try_open().unwrap();
    assert_eq!(salvage(&vault).recovered, [(1, EVENTS)]);
    drop(vault);
    let db = Connection::open(&path).unwrap();
    db.execute_batch(
        "UPDATE sealed SET ciphertext = zeroblob(300) WHERE seq = 2;
         UPDATE sealed SET digest = zeroblob(32) WHERE seq = 7;",
    )
    .unwrap();
    drop(db);
    let vault = bench.open();
    let found = salvage(&vault);
    assert_eq!(found.recovered, [(2, 2), (7, 7)]);
    assert_eq!(found.known, EVENTS - 2);
    let arrived: Vec<_> = deliver(&bench, &vault).into_values().collect();
    assert_eq!(arrived, sealed);
}

#[test]
fn an_event_whose_number_another_has_is_named_and_not_called_recovered() {
    let bench = Bench::new();
    let path = bench.data().join("vault.db");
    let vault = bench.open();
    let session = bench.begin(&vault);
    append_all(&vault, &session, None, 1..=5);
    drop((session, vault));
    let undone = bench.dir.path().join("undone");
    fs::create_dir(&undone).unwrap();
    fs::copy(&path, undone.join("vault.db")).unwrap();
    // Number 5 is given again, and 6, whose link would tell which of the two counts, is lost.
    undo(&path, 5);
    let vault = bench.open();
    let session = vault.resume_session(LOGIN, PASSWORD).unwrap();
    append_all(&vault, &session, None, 15..=16);
    let sealed = vault.next_batch().unwrap().unwrap().envelopes;
    drop((session, vault));
    let db = Connection::open(&path).unwrap();
    db.execute_batch(
        "PRAGMA secure_delete = 1;
         UPDATE sealed SET ciphertext = zeroblob(300) WHERE seq = 6; VACUUM",
    )
    .unwrap();
    drop(db);
    behead(&path);
    let (vault, _) = bench.try_open().unwrap();
    let found = salvage(&vault);
    assert_eq!(found.recovered, [(1, 5)]);
    assert_eq!(found.missing, [(6, 6)]);
    let again = vault.salvage(&[undone]).unwrap();
    assert_eq!((again.recovered, again.known), (Vec::new(), 4));
    assert_eq!(again.given_again, [5]);
    let arrived: Vec<_> = deliver(&bench, &vault).into_values().collect();
    assert_eq!(arrived, sealed[..5]);
}

#[test]
fn a_page_that_the_disk_gives_once_only_costs_its_own_events() {
    let bench = Bench::new();
    let sealed = fill(&bench);
    behead(&bench.data().join("vault.db"));
    let (vault, report) = bench.try_open().unwrap();
    let aside = report.quarantined.unwrap();
    let path = aside.join("vault.db");
    let whole = fs::read(&path).unwrap();
    let digest = sealed[29].digest().0;
    let found = vault
        .salvage_with(std::slice::from_ref(&aside), || {
            let mut bytes = whole.clone();
            let hits: Vec<usize> = (0..bytes.len() - 32)
                .filter(|at| bytes[*at..at + 32] == digest)
                .collect();
            for at in hits {
                bytes[at..at + 32].fill(0);
            }
            fs::write(&path, bytes).unwrap();
        })
        .unwrap();
    assert!(found.unreadable.contains(&30), "{found:?}");
    assert!(found.recovered_count() >= EVENTS - 3, "{found:?}");
    assert!(
        found
            .missing
            .iter()
            .any(|range| (range.0..=range.1).contains(&30)),
        "{found:?}"
    );
    fs::write(&path, whole).unwrap();
    let again = salvage(&vault);
    assert_eq!(again.recovered_count(), found.unreadable.len() as u64);
    assert_eq!((again.missing, again.unreadable), (Vec::new(), Vec::new()));
    let arrived: Vec<_> = deliver(&bench, &vault).into_values().collect();
    assert_eq!(arrived, sealed);
}
