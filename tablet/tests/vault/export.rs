//! The queue as a file, and the receipt that comes back.

use crate::support::*;
use protocol::export::ExportReader;
use protocol::{Batch, Digest, ErrorCode, Urgency};
use std::fs;
use std::path::Path;
use tablet::vault::{Exported, StuckReason, VaultError};

fn read(path: &Path) -> Vec<Batch> {
    let mut reader = ExportReader::new(fs::File::open(path).unwrap()).unwrap();
    let mut batches = Vec::new();
    while let Some(batch) = reader.next_batch().unwrap() {
        batches.push(batch);
    }
    batches
}

fn receipt_file(bench: &Bench, receipt: &protocol::Receipt) -> std::path::PathBuf {
    let path = bench.dir.path().join("queue.receipt");
    fs::write(&path, serde_json::to_vec(receipt).unwrap()).unwrap();
    path
}

#[test]
fn everything_that_is_not_safe_is_exported_stuck_or_not_and_the_queue_stays_as_it_is() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    append_all(&vault, &session, Some(encounter(1)), 1..=6);
    let sealed = vault.next_batch().unwrap().unwrap().envelopes;
    // 1 and 2 are safe, 3 is stored, 4 is stuck.
    let receipt = bench.central.receipt(3, 2, sealed[2].digest(), 10);
    vault.apply_receipt(&receipt).unwrap();
    let refused = StuckReason::RefusedForGood(ErrorCode::Malformed);
    vault.mark_stuck(&[4], refused).unwrap();
    let before = vault.queue().unwrap();
    let path = bench.dir.path().join("queue");
    let exported = vault.export_queue(&path).unwrap();
    assert_eq!(
        exported,
        Exported {
            events: 4,
            damaged: Vec::new()
        }
    );
    let batches = read(&path);
    let found: Vec<_> = batches.iter().flat_map(|b| b.envelopes.clone()).collect();
    assert_eq!(found, sealed[2..], "sealed once: the same bytes");
    assert_eq!(vault.queue().unwrap(), before);
    assert_eq!(
        vault.export_queue(&path).unwrap_err(),
        VaultError::Io(std::io::ErrorKind::AlreadyExists)
    );
    assert_eq!(read(&path).len(), batches.len(), "nothing is overwritten");
    let bytes = fs::read(&path).unwrap();
    for canary in [TYPED, NAME, TOKEN] {
        assert!(!contains(&bytes, canary.as_bytes()));
    }
    let receipt = bench.central.receipt(6, 6, sealed[5].digest(), 11);
    vault
        .import_receipt(&receipt_file(&bench, &receipt))
        .unwrap();
    let queue = vault.queue().unwrap();
    assert_eq!((queue.waiting, queue.stuck.len()), (0, 0));
    let again = bench.dir.path().join("again");
    assert_eq!(vault.export_queue(&again).unwrap().events, 0);
    assert!(read(&again).is_empty());
}

#[test]
fn an_export_keeps_to_the_limits_of_a_batch() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    for _ in 0..9 {
        let large = question(vec![7; protocol::limits::PROBE_BYTES]);
        vault
            .append(&session, None, Urgency::Question, &large)
            .unwrap();
    }
    for n in 0..300 {
        vault
            .append(&session, None, Urgency::Ordinary, &fact(n))
            .unwrap();
    }
    let path = bench.dir.path().join("queue");
    assert_eq!(vault.export_queue(&path).unwrap().events, 309);
    let batches = read(&path);
    assert!(batches.len() > 3);
    let numbers = batches.iter().flat_map(|b| &b.envelopes).map(|e| e.seq);
    assert!(numbers.eq(1..=309));
    for batch in &batches {
        assert!(batch.envelopes.len() <= protocol::limits::BATCH_ENVELOPES);
    }
}

#[test]
fn a_damaged_row_is_left_out_named_and_kept() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    append_all(&vault, &session, None, 1..=3);
    drop((session, vault));
    rusqlite::Connection::open(bench.data().join("vault.db"))
        .unwrap()
        .execute(
            "UPDATE sealed SET ciphertext = zeroblob(300) WHERE seq = 2",
            [],
        )
        .unwrap();
    let vault = bench.open();
    let exported = vault.export_queue(&bench.dir.path().join("queue")).unwrap();
    assert_eq!((exported.events, exported.damaged), (2, vec![2]));
    assert_eq!(vault.queue().unwrap().waiting, 3);
}

#[test]
fn a_receipt_file_that_is_none_changes_nothing() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    vault
        .append(&session, None, Urgency::Ordinary, &fact(1))
        .unwrap();
    let mut forged = bench.central.receipt(1, 1, Digest([1; 32]), 10);
    forged.safe_through = 0;
    let forged = receipt_file(&bench, &forged);
    assert_eq!(
        vault.import_receipt(&forged).unwrap_err(),
        VaultError::BadReceipt
    );
    fs::write(&forged, b"{").unwrap();
    assert_eq!(
        vault.import_receipt(&forged).unwrap_err(),
        VaultError::BadReceipt
    );
    assert_eq!(vault.queue().unwrap().waiting, 1);
}

/// Central declared numbers lost, and its marks have passed them; here they are not lost at all.
#[test]
fn what_central_gave_up_waits_here_until_it_names_it() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    append_all(&vault, &session, None, 1..=4);
    let sealed = vault.next_batch().unwrap().unwrap().envelopes;
    let mut receipt = bench.central.receipt(4, 4, sealed[3].digest(), 10);
    receipt.stored = vec![1, 3, 4];
    vault.apply_receipt(&bench.central.sign(receipt)).unwrap();
    assert_eq!(vault.queue().unwrap().waiting, 1);
    let waiting = vault.next_batch().unwrap().unwrap().envelopes;
    assert_eq!(waiting, sealed[1..2]);
    let delivery: Vec<_> = vault
        .deliveries(session.id)
        .unwrap()
        .into_iter()
        .map(|(_, delivery)| delivery)
        .collect();
    use tablet::vault::Delivery::{Safe, Waiting};
    assert_eq!(delivery, [Safe, Waiting, Safe, Safe]);
    // Stored late, and its copy not made yet: the mark is below it for a moment.
    let mut late = bench.central.receipt(4, 1, sealed[3].digest(), 11);
    late.stored = vec![2];
    vault.apply_receipt(&bench.central.sign(late)).unwrap();
    assert_eq!(vault.queue().unwrap().waiting, 0);
    let db = || {
        rusqlite::Connection::open(bench.data().join("vault.db"))
            .unwrap()
            .query_row("SELECT count(*) FROM sealed WHERE seq = 2", [], |row| {
                row.get::<_, u64>(0)
            })
            .unwrap()
    };
    let mut safe = bench.central.receipt(4, 4, sealed[3].digest(), 12);
    safe.stored = Vec::new();
    let safe = bench.central.sign(safe);
    drop((session, vault));
    assert_eq!(db(), 1, "stored is not safe");
    let vault = bench.open();
    vault.apply_receipt(&safe).unwrap();
    drop(vault);
    assert_eq!(db(), 0);
}
