//! Damaged, newer, foreign, full: nothing is lost that was there, nothing is half done.

use crate::support::*;
use protocol::Urgency;
use rusqlite::Connection;
use std::fs;
use tablet::device::KeyStore as _;
use tablet::vault::{OpenReport, VaultError};

/// Spoils a database that holds five events; says what must be found in quarantine.
fn quarantined(spoil: impl Fn(&std::path::Path)) {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    append_all(&vault, &session, None, 1..=5);
    let head = vault.next_batch().unwrap().unwrap().envelopes[4].digest();
    drop((session, vault));
    let path = bench.data().join("vault.db");
    spoil(&path);
    let before = path.is_file().then(|| fs::read(&path).unwrap());

    let (vault, report) = bench.try_open().unwrap();
    let aside = report.quarantined.expect("reported");
    assert_eq!(report.resumed_after, Some(5));
    match before {
        Some(bytes) => assert_eq!(fs::read(aside.join("vault.db")).unwrap(), bytes, "intact"),
        None => assert!(aside.join("vault.db").is_dir()),
    }
    assert!(
        bench.keystore.entries().unwrap().is_empty(),
        "nothing in it is readable any more"
    );
    // Goes on where the old one stopped: no number twice, the chain unbroken.
    let session = bench.begin(&vault);
    assert_eq!(
        vault
            .append(&session, None, Urgency::Ordinary, &fact(6))
            .unwrap(),
        6
    );
    let envelope = &vault.next_batch().unwrap().unwrap().envelopes[0];
    assert_eq!((envelope.seq, envelope.previous), (6, head));
    // Central has 1..=3 of the old one; nothing here contradicts that.
    let receipt = bench.central.receipt(3, 3, protocol::Digest([7; 32]), 10);
    vault.apply_receipt(&receipt).unwrap();
    let receipt = bench.central.receipt(6, 5, envelope.digest(), 11);
    vault.apply_receipt(&receipt).unwrap();
    assert_eq!(vault.queue().unwrap().waiting, 0);
    drop((session, vault));
    let (_, report) = bench.try_open().unwrap();
    assert_eq!(report, OpenReport::default(), "once");
}

/// Soundly written, and not what this program reads: SQLite finds nothing wrong with any of these.
#[test]
fn a_database_of_another_shape_is_moved_aside() {
    for sql in [
        "ALTER TABLE sessions RENAME COLUMN opened_at TO opened_by",
        "DROP TABLE attempts",
        "CREATE TRIGGER t AFTER INSERT ON sealed BEGIN DELETE FROM sealed; END",
        "CREATE VIEW v AS SELECT 1",
        "PRAGMA foreign_keys = OFF; UPDATE sessions SET id = x'01'",
        "UPDATE journal SET head = x'01'",
        "PRAGMA user_version = 1",
        "DELETE FROM journal",
    ] {
        quarantined(|path| {
            let db = Connection::open(path).unwrap();
            db.execute_batch(sql).unwrap();
        });
    }
}

#[test]
fn a_truncated_database_is_moved_aside() {
    quarantined(|path| {
        let bytes = fs::read(path).unwrap();
        fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
    });
}

#[test]
fn a_database_of_random_bytes_is_moved_aside() {
    quarantined(|path| fs::write(path, [0x5a; 10_000]).unwrap());
}

#[test]
fn a_database_with_a_spoiled_page_is_moved_aside() {
    quarantined(|path| {
        let mut bytes = fs::read(path).unwrap();
        for byte in &mut bytes[4096..4096 * 3] {
            *byte ^= 0xa5;
        }
        fs::write(path, bytes).unwrap();
    });
}

#[test]
fn an_emptied_database_is_moved_aside() {
    quarantined(|path| fs::write(path, []).unwrap());
}

#[test]
fn a_few_bytes_in_place_of_a_database_are_moved_aside() {
    quarantined(|path| fs::write(path, b"SQLite").unwrap());
}

#[test]
fn a_directory_in_place_of_the_database_is_moved_aside() {
    quarantined(|path| {
        fs::remove_file(path).unwrap();
        fs::create_dir(path).unwrap();
        fs::write(path.join("x"), b"x").unwrap();
    });
}

#[test]
fn a_database_of_another_program_is_moved_aside() {
    quarantined(|path| {
        fs::remove_file(path).unwrap();
        let other = Connection::open(path).unwrap();
        other
            .execute_batch("PRAGMA application_id = 7; CREATE TABLE t (x)")
            .unwrap();
    });
}

#[test]
fn a_deleted_database_and_an_old_copy_do_not_make_numbers_be_given_twice() {
    for restore in [false, true] {
        let bench = Bench::new();
        let path = bench.data().join("vault.db");
        let vault = bench.open();
        let session = bench.begin(&vault);
        vault
            .append(&session, None, Urgency::Ordinary, &fact(1))
            .unwrap();
        drop((session, vault));
        let old = fs::read(&path).unwrap();
        let vault = bench.open();
        let session = vault.resume_session(LOGIN, PASSWORD).unwrap();
        for n in 2..=4 {
            vault
                .append(&session, None, Urgency::Ordinary, &fact(n))
                .unwrap();
        }
        drop((session, vault));
        fs::remove_file(&path).unwrap();
        if restore {
            fs::write(&path, old).unwrap();
        }
        let (vault, report) = bench.try_open().unwrap();
        assert_eq!(report.resumed_after, Some(4));
        assert_eq!(report.quarantined, None);
        let session = bench.begin(&vault);
        assert_eq!(
            vault
                .append(&session, None, Urgency::Ordinary, &fact(5))
                .unwrap(),
            5
        );
    }
}

#[test]
fn a_newer_schema_is_left_as_it_is() {
    let bench = Bench::new();
    drop(bench.open());
    let path = bench.data().join("vault.db");
    Connection::open(&path)
        .unwrap()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let before = files(&bench.data());
    assert_eq!(bench.try_open().unwrap_err(), VaultError::NewerSchema);
    let mut after = files(&bench.data());
    let mut before = before;
    before.sort();
    after.sort();
    assert!(before == after, "not a byte changed, no file came or went");
}

#[test]
fn a_full_disk_records_nothing_by_halves_and_goes_on_when_there_is_room() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    vault
        .append(&session, None, Urgency::Ordinary, &fact(1))
        .unwrap();
    let queue = vault.queue().unwrap();
    vault.limit_pages(Some(vault.pages().unwrap() + 3)).unwrap();
    let large = question(vec![7; 100_000]);
    for _ in 0..3 {
        let full = vault
            .append(&session, None, Urgency::Question, &large)
            .unwrap_err();
        assert_eq!(full, VaultError::Full);
    }
    assert_eq!(vault.journal(&session).unwrap().len(), 1);
    assert_eq!(vault.queue().unwrap(), queue);
    vault.limit_pages(None).unwrap();
    assert_eq!(
        vault
            .append(&session, None, Urgency::Question, &large)
            .unwrap(),
        2
    );
    let envelopes = vault.next_batch().unwrap().unwrap().envelopes;
    assert_eq!(envelopes[1].previous, envelopes[0].digest());
}

#[test]
fn a_fact_larger_than_central_takes_is_refused_at_once() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    let huge = question(vec![7; protocol::limits::CIPHERTEXT_BYTES]);
    let refused = vault
        .append(&session, None, Urgency::Question, &huge)
        .unwrap_err();
    assert_eq!(refused, VaultError::TooLarge);
    assert!(vault.next_batch().unwrap().is_none());
}

#[test]
fn one_spoiled_row_costs_one_row_and_is_reported() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    append_all(&vault, &session, Some(encounter(1)), 1..=3);
    drop((session, vault));
    let db = Connection::open(bench.data().join("vault.db")).unwrap();
    db.execute("UPDATE readable SET body = zeroblob(300) WHERE seq = 2", [])
        .unwrap();
    db.execute(
        "UPDATE sealed SET ciphertext = zeroblob(300) WHERE seq = 2",
        [],
    )
    .unwrap();
    drop(db);
    let vault = bench.open();
    let session = vault.resume_session(LOGIN, PASSWORD).unwrap();
    let seqs: Vec<u64> = vault
        .journal(&session)
        .unwrap()
        .iter()
        .map(|e| e.seq)
        .collect();
    assert_eq!(seqs, [1, 3]);
    let sent: Vec<u64> = vault
        .next_batch()
        .unwrap()
        .unwrap()
        .envelopes
        .iter()
        .map(|e| e.seq)
        .collect();
    assert_eq!(sent, [1, 3], "the others go on");
    assert_eq!(vault.damaged_rows(), [2]);
    assert_eq!(vault.queue().unwrap().stuck.len(), 1);
    assert_eq!(vault.unstick().unwrap(), 0, "what is damaged stays aside");
}

#[test]
fn rows_cannot_be_swapped() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    append_all(&vault, &session, None, 1..=2);
    drop((session, vault));
    let db = Connection::open(bench.data().join("vault.db")).unwrap();
    db.execute_batch(
        "UPDATE readable SET seq = 9 WHERE seq = 1; UPDATE readable SET seq = 1 WHERE seq = 2;
         UPDATE readable SET seq = 2 WHERE seq = 9;",
    )
    .unwrap();
    drop(db);
    let vault = bench.open();
    let session = vault.resume_session(LOGIN, PASSWORD).unwrap();
    assert!(vault.journal(&session).unwrap().is_empty());
    assert_eq!(vault.damaged_rows(), [1, 2]);
}

#[test]
fn a_mark_that_a_power_cut_left_behind_is_made_good_at_the_next_start() {
    let bench = Bench::new();
    let (mark, path) = (bench.data().join("mark"), bench.data().join("vault.db"));
    let vault = bench.open();
    let session = bench.begin(&vault);
    let mut before = Vec::new();
    for n in 1..=4 {
        before = fs::read(&mark).unwrap();
        vault
            .append(&session, None, Urgency::Ordinary, &fact(n))
            .unwrap();
    }
    drop((session, vault));
    fs::write(&mark, before).unwrap();
    drop(bench.open());
    // It knows of 4 again: without its database the journal goes on after it.
    fs::remove_file(&path).unwrap();
    let (vault, report) = bench.try_open().unwrap();
    assert_eq!(report.resumed_after, Some(4));
    let session = bench.begin(&vault);
    let next = vault.append(&session, None, Urgency::Ordinary, &fact(5));
    assert_eq!(next.unwrap(), 5);
}

#[test]
#[cfg(target_os = "linux")]
fn a_mark_that_cannot_be_written_takes_its_event_back() {
    let bench = Bench::new();
    let mark = bench.data().join("mark");
    let vault = bench.open();
    let session = bench.begin(&vault);
    vault
        .append(&session, None, Urgency::Ordinary, &fact(1))
        .unwrap();
    drop((session, vault));
    let kept = fs::read(&mark).unwrap();
    fs::remove_file(&mark).unwrap();
    // A file that takes no byte.
    std::os::unix::fs::symlink("/dev/full", &mark).unwrap();
    let vault = bench.try_open().unwrap().0;
    let session = vault.resume_session(LOGIN, PASSWORD).unwrap();
    for _ in 0..2 {
        let full = vault.append(&session, None, Urgency::Ordinary, &fact(2));
        assert_eq!(full.unwrap_err(), VaultError::Full);
        assert_eq!(vault.journal(&session).unwrap().len(), 1);
        let waiting = vault.next_batch().unwrap().unwrap().envelopes;
        assert_eq!(waiting.len(), 1, "nothing of it is sent");
    }
    fs::remove_file(&mark).unwrap();
    fs::write(&mark, kept).unwrap();
    let taken = vault.append(&session, None, Urgency::Ordinary, &fact(3));
    assert_eq!(taken.unwrap(), 2, "its number is given again");
    let sealed = vault.next_batch().unwrap().unwrap().envelopes;
    assert_eq!(sealed[1].previous, sealed[0].digest());
    assert_eq!(bench.central.open(&sealed[1]), fact(3));
    drop((session, vault));
    assert_eq!(bench.try_open().unwrap().1, OpenReport::default());
}
