//! Captures: sealed on the disk, named by an event, kept until both are safe.

use crate::support::*;
use protocol::capture::{CHUNK_BYTES, chunk_aad, chunk_nonce};
use protocol::*;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use std::collections::HashSet;
use std::fs;
use std::io::Read;
use std::path::PathBuf;
use tablet::vault::{CaptureQueue, OpenSession, StuckReason, Vault, VaultError, WaitingCapture};

const CANARY: &[u8] = b"kanareyka-videodagi-yuz-tasviri-";

/// Plain bytes in which a canary stands again and again.
fn plain(bytes: usize) -> Vec<u8> {
    CANARY.iter().copied().cycle().take(bytes).collect()
}

fn add(vault: &Vault, session: &OpenSession, bytes: &[u8]) -> (u64, CaptureRef) {
    vault
        .add_capture(session, encounter(1), CaptureKind::Video, &mut &bytes[..])
        .unwrap()
}

fn dir(bench: &Bench) -> PathBuf {
    bench.data().join("captures")
}

fn path(bench: &Bench, id: CaptureId) -> PathBuf {
    dir(bench).join(id.to_string())
}

fn names(bench: &Bench) -> HashSet<String> {
    fs::read_dir(dir(bench))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// The capture as central reads it out of the event.
fn sealed_ref(bench: &Bench, vault: &Vault, seq: u64) -> CaptureRef {
    let batch = vault.batch_of(&[seq]).unwrap().unwrap();
    assert_eq!(batch.envelopes[0].urgency, Urgency::Capture);
    match bench.central.open(&batch.envelopes[0]).kind {
        FactKind::Capture { capture, .. } => capture,
        _ => panic!("no capture's event"),
    }
}

fn next(vault: &Vault) -> Option<WaitingCapture> {
    vault.next_capture(&HashSet::new()).unwrap()
}

/// Central says that it has the journal up to there.
fn acknowledge(bench: &Bench, vault: &Vault, stored: u64, safe: u64, head: Digest, at: i64) {
    let receipt = bench.central.receipt(stored, safe, head, at);
    vault.apply_receipt(&receipt).unwrap();
}

#[test]
fn a_capture_of_any_size_is_sealed_for_central_and_for_nobody_else() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    let mut keys = Vec::new();
    for bytes in [
        0,
        1,
        CHUNK_BYTES - 1,
        CHUNK_BYTES,
        CHUNK_BYTES + 1,
        3 * CHUNK_BYTES + 77,
    ] {
        let plain = plain(bytes);
        let (seq, shown) = add(&vault, &session, &plain);
        let named = sealed_ref(&bench, &vault, seq);
        assert!(shown.key.is_empty(), "the caller has no use for the key");
        assert_eq!(
            named,
            CaptureRef {
                key: named.key.clone(),
                ..shown
            }
        );
        assert_eq!(named.plain_bytes, bytes as u64);
        assert_eq!(named.size, CaptureRef::sealed_bytes(bytes as u64));
        let sealed = fs::read(path(&bench, named.id)).unwrap();
        assert_eq!(sealed.len() as u64, named.size);
        assert_eq!(digest(&SHA256, &sealed).as_ref(), named.digest.0);
        // Opened chunk by chunk, as the contract says.
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &named.key).unwrap());
        let aad = chunk_aad(bench.central.device, named.id);
        let chunks: Vec<_> = sealed.chunks(CHUNK_BYTES + 16).collect();
        let mut opened = Vec::new();
        for (number, chunk) in chunks.iter().enumerate() {
            let nonce = chunk_nonce(number as u64, number + 1 == chunks.len());
            let mut chunk = chunk.to_vec();
            let nonce = Nonce::assume_unique_for_key(nonce);
            opened.extend_from_slice(
                key.open_in_place(nonce, Aad::from(&aad), &mut chunk)
                    .unwrap(),
            );
        }
        assert_eq!(opened, plain);
        keys.push(named.key);
    }
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
    let journal = vault.journal(&session).unwrap();
    for entry in &journal {
        let FactKind::Capture { capture, .. } = &entry.fact.kind else {
            panic!("no capture's event");
        };
        assert!(capture.key.is_empty(), "not in the readable copy either");
    }
    assert_eq!(journal.len(), keys.len());
    for (file, bytes) in files(bench.dir.path()) {
        assert!(!contains(&bytes, CANARY), "{file:?} holds plain bytes");
        for key in &keys {
            assert!(!contains(&bytes, key), "{file:?} holds a capture's key");
        }
    }
}

/// Gives some bytes and then fails, as a camera that is taken away.
struct Breaks(usize);

impl Read for Breaks {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        if self.0 == 0 {
            return Err(std::io::ErrorKind::Other.into());
        }
        let give = to.len().min(self.0);
        to[..give].fill(1);
        self.0 -= give;
        Ok(give)
    }
}

#[test]
fn a_capture_that_breaks_off_leaves_nothing() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    for bytes in [0, 10, CHUNK_BYTES + 1, 4 * CHUNK_BYTES] {
        let broken = vault.add_capture(
            &session,
            encounter(1),
            CaptureKind::Face,
            &mut Breaks(bytes),
        );
        assert_eq!(broken, Err(VaultError::CaptureBroken));
        assert!(names(&bench).is_empty());
    }
    assert_eq!(vault.queue().unwrap(), Default::default());
    assert_eq!(add(&vault, &session, &plain(9)).0, 1, "no number was lost");
}

#[test]
fn a_full_disk_leaves_nothing_of_a_capture() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    vault.limit_pages(Some(vault.pages().unwrap())).unwrap();
    // Free pages of the file are used up first.
    let mut added = 0;
    let full = loop {
        let outcome = vault.add_capture(
            &session,
            encounter(1),
            CaptureKind::Scene,
            &mut &plain(2 * CHUNK_BYTES)[..],
        );
        match outcome {
            Ok(_) => added += 1,
            Err(error) => break error,
        }
        assert!(added < 400, "the disk is never full");
    };
    assert_eq!(full, VaultError::Full);
    assert_eq!(names(&bench).len(), added);
    assert_eq!(vault.queue().unwrap().captures.waiting, added as u64);
    vault.limit_pages(None).unwrap();
    assert_eq!(add(&vault, &session, &plain(9)).0, added as u64 + 1);
}

#[test]
fn nobody_captures_into_a_shift_that_has_ended() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    vault.end_session(session.id).unwrap();
    let late = vault.add_capture(&session, encounter(1), CaptureKind::Face, &mut &b"x"[..]);
    assert_eq!(late, Err(VaultError::SessionEnded));
    assert!(names(&bench).is_empty());
}

#[test]
fn what_an_interrupted_capture_left_is_removed_and_damage_blocks_nobody() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    let captures: Vec<_> = (0..4)
        .map(|n| add(&vault, &session, &plain(CHUNK_BYTES + n)))
        .collect();
    let [gone, cut, longer, sound] = [0, 1, 2, 3].map(|n| captures[n].1.id);
    let head = vault.next_batch().unwrap().unwrap().envelopes[3].digest();
    drop((session, vault));
    fs::remove_file(path(&bench, gone)).unwrap();
    let file = fs::OpenOptions::new()
        .write(true)
        .open(path(&bench, cut))
        .unwrap();
    file.set_len(100).unwrap();
    let bytes = fs::read(path(&bench, longer)).unwrap();
    fs::write(path(&bench, longer), [bytes, vec![0]].concat()).unwrap();
    fs::write(
        dir(&bench).join(format!("{}.part", uuid::Uuid::new_v4())),
        b"half",
    )
    .unwrap();
    fs::write(path(&bench, CaptureId(uuid::Uuid::new_v4())), b"no row").unwrap();

    let vault = bench.open();
    let left = names(&bench);
    let expected = [cut, longer, sound].map(|id| id.to_string());
    assert_eq!(left, HashSet::from(expected), "evidence stays, remains go");
    assert_eq!(vault.damaged_rows(), [1, 2, 3]);
    let damaged = StuckReason::RefusedForGood(ErrorCode::Malformed);
    let queue = vault.queue().unwrap().captures;
    assert_eq!((queue.waiting, &queue.stuck[..]), (1, &[(damaged, 3)][..]));
    vault.unstick().unwrap();
    acknowledge(&bench, &vault, 4, 4, head, 10);
    assert_eq!(next(&vault).unwrap().id, sound);
    // Spoiled while the program runs: of the right length it is found by its digest, else at once.
    let mut bytes = fs::read(path(&bench, sound)).unwrap();
    bytes[7] ^= 1;
    fs::write(path(&bench, sound), &bytes).unwrap();
    assert!(vault.capture_part(sound, 0, 10).unwrap().is_some());
    assert!(!vault.check_capture(sound).unwrap());
    assert_eq!(next(&vault), None);
    assert_eq!(vault.queue().unwrap().captures.stuck, [(damaged, 4)]);
}

#[test]
fn captures_go_aside_with_a_damaged_database_and_without_one() {
    type Spoil = fn(&Bench);
    let spoils: [Spoil; 2] = [
        |bench| fs::write(bench.data().join("vault.db"), b"garbage").unwrap(),
        |bench| {
            for entry in fs::read_dir(bench.data()).unwrap() {
                let path = entry.unwrap().path();
                if path.to_string_lossy().contains("vault.db") {
                    fs::remove_file(path).unwrap();
                }
            }
        },
    ];
    for spoil in spoils {
        let bench = Bench::new();
        let vault = bench.open();
        let session = bench.begin(&vault);
        let (_, capture) = add(&vault, &session, &plain(70_000));
        let before = fs::read(path(&bench, capture.id)).unwrap();
        drop((session, vault));
        spoil(&bench);
        let (vault, report) = bench.try_open().unwrap();
        assert_eq!(report.resumed_after, Some(1));
        assert!(names(&bench).is_empty());
        let kept: Vec<_> = files(&bench.data())
            .into_iter()
            .filter(|(_, bytes)| *bytes == before)
            .collect();
        assert_eq!(kept.len(), 1, "the evidence is kept");
        assert!(kept[0].0.to_string_lossy().contains("damaged-"));
        let session = bench.begin(&vault);
        assert_eq!(add(&vault, &session, &plain(9)).0, 2, "and it goes on");
    }
}

/// A vault with one capture, the head of its journal, and its session.
fn one_capture(bench: &Bench) -> (Vault, CaptureRef, Digest) {
    let vault = bench.open();
    let session = bench.begin(&vault);
    let (_, capture) = add(&vault, &session, &plain(200_000));
    let head = vault.next_batch().unwrap().unwrap().envelopes[0].digest();
    (vault, capture, head)
}

#[test]
fn a_capture_goes_after_its_event_and_in_parts_from_any_offset() {
    let bench = Bench::new();
    let (vault, capture, head) = one_capture(&bench);
    assert_eq!(next(&vault), None, "central does not know of it yet");
    acknowledge(&bench, &vault, 1, 0, head, 10);
    let waiting = next(&vault).unwrap();
    assert_eq!(
        (waiting.id, waiting.size, waiting.digest, waiting.sent),
        (capture.id, capture.size, capture.digest, 0)
    );
    let whole = HashSet::from([capture.id]);
    assert_eq!(vault.next_capture(&whole), Ok(Some(waiting)), "it is not");
    let receipt = bench
        .central
        .capture_receipt(capture.id, capture.size, false);
    vault.apply_capture_receipt(&receipt).unwrap();
    assert_eq!(vault.next_capture(&whole), Ok(None));
    assert_eq!(next(&vault).unwrap().sent, capture.size);
    let sealed = fs::read(path(&bench, capture.id)).unwrap();
    for (offset, bytes) in [
        (0, 1),
        (5, 70_000),
        (capture.size - 3, 10),
        (capture.size, 10),
    ] {
        let part = vault.capture_part(capture.id, offset, bytes).unwrap();
        let at = usize::try_from(offset).unwrap();
        let end = sealed.len().min(at + bytes);
        assert_eq!(part.unwrap(), sealed[at..end]);
    }
    let unknown = CaptureId(uuid::Uuid::new_v4());
    assert_eq!(vault.capture_part(unknown, 0, 9), Ok(None));
}

#[test]
fn nothing_is_deleted_before_capture_and_event_are_both_safe() {
    let there = |bench: &Bench, id| path(bench, id).exists();
    // The capture first.
    let bench = Bench::new();
    let (vault, capture, head) = one_capture(&bench);
    acknowledge(&bench, &vault, 1, 0, head, 10);
    let receipt = |received, safe| bench.central.capture_receipt(capture.id, received, safe);
    vault
        .apply_capture_receipt(&receipt(70_000, false))
        .unwrap();
    assert_eq!(next(&vault).unwrap().sent, 70_000);
    assert_eq!(vault.queue().unwrap().captures.bytes, capture.size - 70_000);
    // Central lost some; that waits again.
    vault.apply_capture_receipt(&receipt(9, false)).unwrap();
    assert_eq!(next(&vault).unwrap().sent, 9);
    let complete = bench.central.sign_capture(CaptureReceipt {
        complete: true,
        ..receipt(capture.size, false)
    });
    vault.apply_capture_receipt(&complete).unwrap();
    assert!(there(&bench, capture.id), "complete is not safe");
    vault
        .apply_capture_receipt(&receipt(capture.size, true))
        .unwrap();
    assert!(there(&bench, capture.id), "its event is not safe");
    acknowledge(&bench, &vault, 1, 1, head, 11);
    assert!(!there(&bench, capture.id));
    assert_eq!(vault.queue().unwrap().captures, CaptureQueue::default());
    vault.apply_capture_receipt(&receipt(5, false)).unwrap();
    assert_eq!(next(&vault), None, "a receipt come late is of no use");
    // The event first.
    let bench = Bench::new();
    let (vault, capture, head) = one_capture(&bench);
    acknowledge(&bench, &vault, 1, 1, head, 10);
    assert!(there(&bench, capture.id));
    let safe = bench
        .central
        .capture_receipt(capture.id, capture.size, true);
    vault.apply_capture_receipt(&safe).unwrap();
    assert!(!there(&bench, capture.id));
}

#[test]
fn what_is_not_centrals_word_deletes_nothing() {
    let bench = Bench::new();
    let (vault, capture, head) = one_capture(&bench);
    acknowledge(&bench, &vault, 1, 1, head, 10);
    let good = bench
        .central
        .capture_receipt(capture.id, capture.size, true);
    let sign = |receipt| bench.central.sign_capture(receipt);
    let other = Central::new();
    let forged = [
        (other.sign_capture(good.clone()), VaultError::BadReceipt),
        (
            CaptureReceipt {
                at: regulation::Timestamp(10),
                ..good.clone()
            },
            VaultError::BadReceipt,
        ),
        (
            sign(CaptureReceipt {
                device: other.device,
                ..good.clone()
            }),
            VaultError::ForeignReceipt,
        ),
        (
            sign(CaptureReceipt {
                received: capture.size + 1,
                ..good.clone()
            }),
            VaultError::BadReceipt,
        ),
        (
            sign(CaptureReceipt {
                received: capture.size - 1,
                ..good.clone()
            }),
            VaultError::BadReceipt,
        ),
        (
            sign(CaptureReceipt {
                complete: false,
                ..good.clone()
            }),
            VaultError::BadReceipt,
        ),
    ];
    for (receipt, error) in forged {
        assert_eq!(vault.apply_capture_receipt(&receipt), Err(error));
        assert!(path(&bench, capture.id).exists());
        assert_eq!(next(&vault).unwrap().sent, 0);
    }
    vault.apply_capture_receipt(&good).unwrap();
    assert!(!path(&bench, capture.id).exists());
}

#[test]
fn a_central_that_went_back_is_asked_for_its_captures_again() {
    let bench = Bench::new();
    let (vault, capture, head) = one_capture(&bench);
    acknowledge(&bench, &vault, 1, 0, head, 10);
    let safe = bench
        .central
        .capture_receipt(capture.id, capture.size, true);
    vault.apply_capture_receipt(&safe).unwrap();
    assert_eq!(next(&vault), None);
    acknowledge(&bench, &vault, 0, 0, Digest::default(), 11);
    acknowledge(&bench, &vault, 1, 0, head, 12);
    let again = next(&vault).unwrap();
    assert_eq!((again.id, again.sent), (capture.id, 0));
}

#[test]
fn a_capture_set_aside_gets_another_chance_and_keeps_its_file() {
    let bench = Bench::new();
    let (vault, capture, head) = one_capture(&bench);
    acknowledge(&bench, &vault, 1, 1, head, 10);
    vault
        .mark_capture_stuck(capture.id, StuckReason::TooLarge)
        .unwrap();
    assert_eq!(next(&vault), None);
    let stuck = vault.queue().unwrap().captures.stuck;
    assert_eq!(stuck, [(StuckReason::TooLarge, 1)]);
    assert_eq!(vault.unstick(), Ok(1));
    assert_eq!(next(&vault).unwrap().id, capture.id);
    assert!(path(&bench, capture.id).exists());
}

#[test]
fn another_identity_waits_for_captures_too() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    let (_, capture) = add(&vault, &session, &plain(10));
    let head = vault.next_batch().unwrap().unwrap().envelopes[0].digest();
    vault.end_session(session.id).unwrap();
    acknowledge(&bench, &vault, 1, 1, head, 10);
    let other = Central::new();
    assert_eq!(
        vault.set_identity(&other.identity()),
        Err(VaultError::OtherDevice)
    );
    let safe = bench
        .central
        .capture_receipt(capture.id, capture.size, true);
    vault.apply_capture_receipt(&safe).unwrap();
    vault.set_identity(&other.identity()).unwrap();
}

#[test]
fn captures_moved_aside_with_a_damaged_database_are_salvaged_sent_and_gone() {
    let bench = Bench::new();
    let (vault, capture, _) = one_capture(&bench);
    drop(vault);
    let sealed = fs::read(path(&bench, capture.id)).unwrap();
    fs::write(bench.data().join("vault.db"), [0x5a; 8192]).unwrap();
    let (vault, report) = bench.try_open().unwrap();
    let aside = report.quarantined.unwrap();
    assert_eq!(vault.queue().unwrap().captures.waiting, 0);
    let found = vault.salvage(&vault.quarantined().unwrap()).unwrap();
    assert_eq!(found.captures, 1);
    let waiting = next(&vault).expect("it waits for nobody's event");
    assert_eq!(
        (waiting.id, waiting.size, waiting.digest),
        (capture.id, capture.size, capture.digest)
    );
    let read = vault.capture_part(capture.id, 0, sealed.len()).unwrap();
    assert_eq!(read.as_ref(), Some(&sealed));
    let again = vault.salvage(&vault.quarantined().unwrap()).unwrap();
    assert_eq!(again.captures, 0, "once");
    // It outlasts a restart, and goes as every capture does.
    drop(vault);
    let vault = bench.open();
    let receipt = bench
        .central
        .capture_receipt(capture.id, capture.size, true);
    vault.apply_capture_receipt(&receipt).unwrap();
    assert!(next(&vault).is_none() && !path(&bench, capture.id).exists());
    let after = vault.salvage(&vault.quarantined().unwrap()).unwrap();
    assert_eq!(after.captures, 0, "what was sent is not sent again");
    // What was moved aside is as it was.
    assert_eq!(
        fs::read(aside.join("captures").join(capture.id.to_string())).unwrap(),
        sealed
    );
}
