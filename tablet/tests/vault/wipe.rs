//! A lost tablet: nothing by a lie, the reading keys first, what is sealed last, and every step once.

use crate::support::*;
use protocol::{DeviceId, Digest, Urgency, WipeOrder, WipeReceipt, WipeStage};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tablet::device::keystore::UnsafeFileKeyStore;
use tablet::device::{KeyName, KeyStore as _, KeyStoreError};
use tablet::vault::{ResumeError, Vault, VaultError, Wiping};
use uuid::Uuid;

const KEYS: WipeStage = WipeStage::ReadingKeysDestroyed;
const CHALLENGE: Uuid = Uuid::from_u128(77);

/// A vault with five events of an open session, none of them sent; and the last digest.
fn five(bench: &Bench) -> (Vault, Digest) {
    let vault = bench.open();
    let session = bench.begin(&vault);
    append_all(&vault, &session, Some(encounter(1)), 1..=5);
    let head = vault.next_batch().unwrap().unwrap().envelopes[4].digest();
    (vault, head)
}

fn begin(bench: &Bench, vault: &Vault) {
    let order = bench.central.wipe_order(CHALLENGE);
    vault.begin_wipe(&order, CHALLENGE).unwrap();
}

/// Central signs that it has the report of this stage.
fn signed_for(bench: &Bench, vault: &Vault, stage: WipeStage) {
    let report = vault.wipe_report(stage).unwrap();
    let receipt = bench.central.wipe_receipt(stage);
    vault.apply_wipe_receipt(&report, &receipt).unwrap();
}

/// … as far as that all is deleted.
fn deleted(bench: &Bench, vault: &Vault, head: Digest) {
    begin(bench, vault);
    vault
        .apply_receipt(&bench.central.receipt(5, 5, head, 10))
        .unwrap();
    signed_for(bench, vault, KEYS);
    assert!(vault.wipe_sealed().unwrap());
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, to) = {
            let entry = entry.unwrap();
            (entry.path(), to.join(entry.file_name()))
        };
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(path, to).unwrap();
        }
    }
}

/// The disk as the power cut left it, begun from anew: a copy of `bench`'s, in which `change` was the
/// last that happened.
fn after_power_cut(
    bench: &Bench,
    change: impl FnOnce(&Path),
) -> (tempfile::TempDir, Vault, Arc<UnsafeFileKeyStore>) {
    let dir = tempfile::tempdir().unwrap();
    copy(bench.dir.path(), dir.path());
    change(&dir.path().join("data"));
    let keystore = Arc::new(UnsafeFileKeyStore::open(&dir.path().join("keys")).unwrap());
    let (vault, report) = Vault::open(
        &dir.path().join("data"),
        keystore.clone(),
        bench.clock.clone(),
    )
    .unwrap();
    assert_eq!(report.quarantined, None);
    (dir, vault, keystore)
}

/// Sets the stage in the file `wiping`.
fn set_stage(data: &Path, stage: &str) {
    let path = data.join("wiping");
    let mut state: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    state["stage"] = stage.into();
    fs::write(path, serde_json::to_vec(&state).unwrap()).unwrap();
}

#[test]
fn an_order_that_is_not_centrals_destroys_nothing() {
    let bench = Bench::new();
    let (vault, _) = five(&bench);
    let good = bench.central.wipe_order(CHALLENGE);
    let flipped = {
        let mut signature = good.signature.clone();
        signature[20] ^= 1;
        signature
    };
    let of_others = [
        WipeOrder {
            signature: flipped,
            ..good.clone()
        },
        WipeOrder {
            signature: Vec::new(),
            ..good.clone()
        },
        // Central's signature, over something else.
        WipeOrder {
            challenge: Uuid::from_u128(78),
            ..good.clone()
        },
        // Another central's.
        WipeOrder {
            device: bench.central.device,
            ..Central::new().wipe_order(CHALLENGE)
        },
        // Central's, for another tablet.
        {
            let mut other = Central::new();
            other.device = DeviceId(Uuid::from_u128(9));
            other.wipe_order(CHALLENGE)
        },
    ];
    for order in of_others {
        let refused = vault.begin_wipe(&order, CHALLENGE);
        assert_eq!(refused, Err(VaultError::BadOrder));
    }
    // An order once given, to another question.
    let replayed = vault.begin_wipe(&good, Uuid::from_u128(79));
    assert_eq!(replayed, Err(VaultError::BadOrder));
    assert_eq!(vault.wiping(), None);
    assert!(!bench.data().join("wiping").exists());
    assert_eq!(vault.wipe_sealed(), Err(VaultError::BadOrder));
    let session = vault.resume_session(LOGIN, PASSWORD).unwrap();
    assert_eq!(vault.journal(&session).unwrap().len(), 5);
}

#[test]
fn the_order_destroys_what_can_be_read_and_keeps_what_is_sealed() {
    let bench = Bench::new();
    let (vault, head) = five(&bench);
    let sealed = vault.next_batch().unwrap().unwrap().envelopes;
    begin(&bench, &vault);
    let check = |vault: &Vault| {
        assert_eq!(vault.wiping(), Some(Wiping::Unreadable { reported: None }));
        assert!(bench.keystore.entries().unwrap().is_empty());
        assert!(vault.open_sessions().unwrap().is_empty());
        // No log-in, with or without a connection.
        let resumed = vault.resume_session(LOGIN, PASSWORD).unwrap_err();
        assert_eq!(resumed, ResumeError::Vault(VaultError::Wiping));
        let begun = vault.begin_session(&bench.central.grant(), LOGIN, PASSWORD);
        assert_eq!(begun.unwrap_err(), VaultError::Wiping);
        let enrolled = vault.set_identity(&bench.central.identity());
        assert_eq!(enrolled, Err(VaultError::Wiping));
        assert_eq!(vault.next_batch().unwrap().unwrap().envelopes, sealed);
        let report = vault.wipe_report(KEYS).unwrap();
        assert_eq!(
            (
                report.stage,
                report.last_seq,
                report.head,
                report.unsafe_events
            ),
            (KEYS, 5, head, 5)
        );
        UnparsedPublicKey::new(
            &ECDSA_P256_SHA256_ASN1,
            bench.keystore.public(KeyName::Journal).unwrap(),
        )
        .verify(&report.signed_bytes(), &report.signature)
        .expect("signed by the journal key");
    };
    check(&vault);
    assert_eq!(
        vault.wipe_report(WipeStage::Wiped),
        Err(VaultError::BadOrder),
        "it is not wiped"
    );
    drop(vault);
    // Switched off and on: still no log-in.
    let (vault, _) = bench.try_open().unwrap();
    check(&vault);
    drop(vault);
    for (path, bytes) in files(bench.dir.path()) {
        for canary in [TYPED, NAME, TOKEN, LOGIN, PASSWORD] {
            assert!(!contains(&bytes, canary.as_bytes()), "{}", path.display());
        }
    }
}

#[test]
fn a_power_cut_right_after_the_order_does_not_save_the_reading_keys() {
    let bench = Bench::new();
    let (vault, _) = five(&bench);
    drop(vault);
    // Before the order, the session can be opened again by its officer.
    let (_dir, other, _) = after_power_cut(&bench, |_| {});
    other.resume_session(LOGIN, PASSWORD).unwrap();
    drop(other);
    let before = tempfile::tempdir().unwrap();
    copy(bench.dir.path(), before.path());
    let (vault, _) = bench.try_open().unwrap();
    begin(&bench, &vault);
    let order = fs::read(bench.data().join("wiping")).unwrap();
    drop(vault);
    // The order is on the disk, and nothing was destroyed.
    fs::write(before.path().join("data").join("wiping"), order).unwrap();
    set_stage(&before.path().join("data"), "ordered");
    let keystore = Arc::new(UnsafeFileKeyStore::open(&before.path().join("keys")).unwrap());
    assert_eq!(keystore.entries().unwrap().len(), 1);
    let data = before.path().join("data");
    let (vault, _) = Vault::open(&data, keystore.clone(), bench.clock.clone()).unwrap();
    assert!(keystore.entries().unwrap().is_empty());
    assert_eq!(vault.wiping(), Some(Wiping::Unreadable { reported: None }));
    assert!(vault.resume_session(LOGIN, PASSWORD).is_err());
    assert_eq!(vault.queue().unwrap().waiting, 5);
}

#[test]
fn a_disk_that_cannot_be_written_does_not_save_the_reading_keys() {
    let bench = Bench::new();
    let (vault, head) = five(&bench);
    // Nothing can be put in the place of the file: neither the order nor what follows is kept.
    let blocked = bench.data().join("wiping.new");
    fs::create_dir(&blocked).unwrap();
    begin(&bench, &vault);
    assert!(!bench.data().join("wiping").exists());
    assert!(bench.keystore.entries().unwrap().is_empty());
    assert!(vault.resume_session(LOGIN, PASSWORD).is_err());
    // What is sealed is sent, and stays until the disk says where the wiping stands.
    assert_eq!(vault.next_batch().unwrap().unwrap().envelopes.len(), 5);
    vault
        .apply_receipt(&bench.central.receipt(5, 5, head, 10))
        .unwrap();
    let report = vault.wipe_report(KEYS).unwrap();
    let receipt = bench.central.wipe_receipt(KEYS);
    assert!(vault.apply_wipe_receipt(&report, &receipt).is_err());
    assert!(!vault.wipe_sealed().unwrap());
    assert!(bench.data().join("vault.db").exists());
    fs::remove_dir(&blocked).unwrap();
    vault.apply_wipe_receipt(&report, &receipt).unwrap();
    assert!(vault.wipe_sealed().unwrap());
}

#[test]
fn nothing_sealed_is_deleted_before_central_has_all_of_it_safe() {
    let bench = Bench::new();
    let (vault, head) = five(&bench);
    begin(&bench, &vault);
    let third = vault.next_batch().unwrap().unwrap().envelopes[2].digest();
    assert!(!vault.wipe_sealed().unwrap(), "not reported, not safe");
    signed_for(&bench, &vault, KEYS);
    assert_eq!(
        vault.wiping(),
        Some(Wiping::Unreadable { reported: Some(5) })
    );
    assert!(!vault.wipe_sealed().unwrap(), "nothing is safe");
    let receipts = [
        bench.central.receipt(3, 3, third, 10),
        bench.central.receipt(5, 3, head, 11),
    ];
    for receipt in receipts {
        vault.apply_receipt(&receipt).unwrap();
        assert_eq!(vault.unsafe_events().unwrap(), 2);
        assert!(!vault.wipe_sealed().unwrap(), "stored is not safe");
    }
    assert!(bench.data().join("vault.db").exists());
    vault
        .apply_receipt(&bench.central.receipt(5, 5, head, 12))
        .unwrap();
    assert!(!vault.wipe_sealed().unwrap(), "central was not told so");
    signed_for(&bench, &vault, KEYS);
    assert!(vault.wipe_sealed().unwrap());
    assert_eq!(vault.wiping(), Some(Wiping::Deleted));
    assert_eq!(names(&bench.data()), ["identity", "lock", "mark", "wiping"]);
    let report = vault.wipe_report(WipeStage::Wiped).unwrap();
    assert_eq!(
        (report.last_seq, report.head, report.unsafe_events),
        (5, head, 0)
    );
    // The vault answers, and is empty.
    assert_eq!(vault.queue().unwrap().waiting, 0);
    assert!(vault.next_batch().unwrap().is_none());
}

#[test]
fn what_central_refused_for_good_stays_sealed_and_is_counted() {
    let bench = Bench::new();
    let (vault, _) = five(&bench);
    let reason = tablet::vault::StuckReason::TooLarge;
    vault.mark_stuck(&[2], reason).unwrap();
    begin(&bench, &vault);
    signed_for(&bench, &vault, KEYS);
    let first = vault.next_batch().unwrap().unwrap().envelopes[0].digest();
    let mut receipt = bench.central.receipt(1, 1, first, 10);
    receipt.stored = vec![1, 3, 4, 5];
    vault.apply_receipt(&bench.central.sign(receipt)).unwrap();
    assert_eq!(vault.queue().unwrap().waiting, 0);
    assert!(!vault.wipe_sealed().unwrap());
    // Nothing behind the gap is safe.
    assert_eq!(vault.wipe_report(KEYS).unwrap().unsafe_events, 4);
    assert!(bench.data().join("vault.db").exists());
}

#[test]
fn a_quarantined_database_is_kept_until_its_numbers_are_safe_and_then_goes_too() {
    let bench = Bench::new();
    let (vault, head) = five(&bench);
    drop(vault);
    fs::write(bench.data().join("vault.db"), [0x5a; 9000]).unwrap();
    let (vault, report) = bench.try_open().unwrap();
    let aside = report.quarantined.unwrap();
    begin(&bench, &vault);
    signed_for(&bench, &vault, KEYS);
    assert_eq!(vault.unsafe_events().unwrap(), 5, "none of it is here");
    assert!(!vault.wipe_sealed().unwrap());
    assert!(aside.exists());
    // Central had them all along, or an administrator has declared them lost.
    vault
        .apply_receipt(&bench.central.receipt(5, 5, head, 10))
        .unwrap();
    signed_for(&bench, &vault, KEYS);
    assert!(vault.wipe_sealed().unwrap());
    assert_eq!(names(&bench.data()), ["identity", "lock", "mark", "wiping"]);
}

#[test]
fn captures_are_waited_for_and_those_in_quarantine_hold_the_wiping() {
    let bench = Bench::new();
    let (vault, _) = five(&bench);
    let session = vault.resume_session(LOGIN, PASSWORD).unwrap();
    let mut picture = PICTURE;
    let kind = protocol::CaptureKind::Scene;
    let (seq, capture) = vault
        .add_capture(&session, encounter(1), kind, &mut picture)
        .unwrap();
    assert_eq!(seq, 6);
    drop(session);
    let head = vault.batch_of(&[6]).unwrap().unwrap().envelopes[0].digest();
    begin(&bench, &vault);
    assert_eq!(vault.unsafe_events().unwrap(), 7, "six events, a capture");
    vault
        .apply_receipt(&bench.central.receipt(6, 6, head, 10))
        .unwrap();
    assert_eq!(vault.wipe_report(KEYS).unwrap().unsafe_events, 1);
    signed_for(&bench, &vault, KEYS);
    assert!(!vault.wipe_sealed().unwrap());
    drop(vault);
    // The database is damaged before the capture has gone: every number is safe, its bytes are not.
    let (dir, other, _) = {
        let dir = tempfile::tempdir().unwrap();
        copy(bench.dir.path(), dir.path());
        let data = dir.path().join("data");
        fs::write(data.join("vault.db"), [0x5a; 9000]).unwrap();
        let keystore = Arc::new(UnsafeFileKeyStore::open(&dir.path().join("keys")).unwrap());
        let (vault, report) = Vault::open(&data, keystore.clone(), bench.clock.clone()).unwrap();
        assert!(report.quarantined.is_some());
        (dir, vault, keystore)
    };
    other
        .apply_receipt(&bench.central.receipt(6, 6, head, 11))
        .unwrap();
    assert_eq!(other.unsafe_events().unwrap(), 1);
    signed_for(&bench, &other, KEYS);
    assert!(!other.wipe_sealed().unwrap());
    let kept = files(&dir.path().join("data"));
    let name = capture.id.to_string();
    assert!(kept.iter().any(|(path, _)| path.ends_with(&name)));
    // Without damage it goes with central's word on it.
    let (vault, _) = bench.try_open().unwrap();
    let safe = bench
        .central
        .capture_receipt(capture.id, capture.size, true);
    vault.apply_capture_receipt(&safe).unwrap();
    signed_for(&bench, &vault, KEYS);
    assert!(vault.wipe_sealed().unwrap());
    assert_eq!(names(&bench.data()), ["identity", "lock", "mark", "wiping"]);
}

#[test]
fn a_power_cut_while_deleting_is_gone_on_with() {
    let bench = Bench::new();
    let (vault, head) = five(&bench);
    fs::create_dir_all(bench.data().join("captures").join("more")).unwrap();
    fs::write(
        bench.data().join("captures").join("more").join("c"),
        [1; 99],
    )
    .unwrap();
    drop(vault);
    let whole = tempfile::tempdir().unwrap();
    copy(&bench.data(), whole.path());
    let (vault, _) = bench.try_open().unwrap();
    deleted(&bench, &vault, head);
    drop(vault);
    let all = ["vault.db", "captures"];
    for (gone, spoilt) in [(0, false), (1, true), (1, false), (2, false)] {
        let (dir, vault, _) = after_power_cut(&bench, |data| {
            for name in &all[gone..] {
                let from = whole.path().join(name);
                match from.is_dir() {
                    true => copy(&from, &data.join(name)),
                    false => drop(fs::copy(from, data.join(name)).unwrap()),
                }
            }
            // Half overwritten, and its log still there.
            if spoilt {
                fs::write(data.join("vault.db"), [0; 4096]).unwrap();
                fs::write(data.join("vault.db-wal"), [1; 4096]).unwrap();
            }
            set_stage(data, "deleting");
        });
        assert_eq!(vault.wiping(), Some(Wiping::Deleted));
        assert_eq!(
            names(&dir.path().join("data")),
            ["identity", "lock", "mark", "wiping"]
        );
        let report = vault.wipe_report(WipeStage::Wiped).unwrap();
        assert_eq!((report.last_seq, report.head), (5, head));
    }
}

#[test]
fn the_keys_go_last_and_by_centrals_receipt_alone() {
    let bench = Bench::new();
    let (vault, head) = five(&bench);
    deleted(&bench, &vault, head);
    let report = vault.wipe_report(WipeStage::Wiped).unwrap();
    let good = bench.central.wipe_receipt(WipeStage::Wiped);
    let mut forged = good.clone();
    forged.signature[20] ^= 1;
    let others = [
        forged,
        WipeReceipt {
            signature: Vec::new(),
            ..good.clone()
        },
        bench.central.wipe_receipt(KEYS),
        Central::new().wipe_receipt(WipeStage::Wiped),
    ];
    for receipt in others {
        let refused = vault.apply_wipe_receipt(&report, &receipt);
        assert_eq!(refused, Err(VaultError::BadReceipt));
        assert_eq!(vault.wiping(), Some(Wiping::Deleted));
        bench
            .keystore
            .sign(KeyName::Journal, b"still here")
            .unwrap();
    }
    drop(vault);
    // The receipt is on the disk, and the power goes.
    let (dir, vault, keystore) = after_power_cut(&bench, |data| set_stage(data, "signed"));
    let wiped = |dir: &Path, vault: &Vault, keystore: &UnsafeFileKeyStore| {
        assert_eq!(vault.wiping(), None);
        assert_eq!(vault.identity().unwrap(), None, "to be enrolled anew");
        for key in [KeyName::Journal, KeyName::Tls] {
            let signed = keystore.sign(key, b"x");
            assert!(matches!(signed, Err(KeyStoreError::NoSuchKey)));
        }
        assert!(keystore.mac(KeyName::Device, b"x").is_err());
        for name in ["tls.p8", "journal.p8", "device.key"] {
            assert!(!dir.join("keys").join(name).exists(), "{name}");
        }
    };
    wiped(dir.path(), &vault, &keystore);
    let (vault, _) = bench.try_open().unwrap();
    vault.apply_wipe_receipt(&report, &good).unwrap();
    wiped(bench.dir.path(), &vault, &bench.keystore);
    assert_eq!(names(&bench.data()), ["lock", "wiping"]);
    drop(vault);
    // Enrolled anew, it is another device with other keys and numbers from 1.
    let again = Bench {
        keystore: Arc::new(UnsafeFileKeyStore::open(&bench.dir.path().join("keys")).unwrap()),
        central: Central::new(),
        dir: bench.dir,
        clock: bench.clock,
    };
    let vault = again.open();
    assert!(!again.data().join("wiping").exists());
    let session = again.begin(&vault);
    let seq = vault.append(&session, None, Urgency::Ordinary, &fact(1));
    assert_eq!(seq.unwrap(), 1);
}

#[test]
fn a_tablet_that_was_found_goes_on_after_its_last_number() {
    for far in [false, true] {
        let bench = Bench::new();
        let (vault, head) = five(&bench);
        if far {
            deleted(&bench, &vault, head);
        } else {
            begin(&bench, &vault);
        }
        vault.call_off_wipe().unwrap();
        assert_eq!(vault.wiping(), None);
        let session = bench.begin(&vault);
        vault
            .append(&session, None, Urgency::Ordinary, &fact(6))
            .unwrap();
        drop((session, vault));
        let (vault, _) = bench.try_open().unwrap();
        let envelopes = vault.next_batch().unwrap().unwrap().envelopes;
        let last = envelopes.last().unwrap();
        assert_eq!((last.seq, last.previous), (6, head), "on the disk");
        assert_eq!(envelopes.len(), if far { 1 } else { 6 });
    }
}

#[test]
fn a_spoilt_state_of_the_wiping_is_no_way_in_and_no_way_out() {
    let bench = Bench::new();
    let (vault, _) = five(&bench);
    begin(&bench, &vault);
    drop(vault);
    for bytes in [&b"{"[..], &[0xff; 20_000], b""] {
        fs::write(bench.data().join("wiping"), bytes).unwrap();
        let (vault, _) = bench.try_open().unwrap();
        // Central says again at the next contact; what was destroyed is not back.
        assert_eq!(vault.wiping(), None);
        let resumed = vault.resume_session(LOGIN, PASSWORD).unwrap_err();
        assert_eq!(resumed, ResumeError::NoSession);
        assert_eq!(vault.queue().unwrap().waiting, 5);
    }
}

/// Central's mark passes over numbers that were declared lost; here one of them is not lost.
#[test]
fn what_central_gave_up_and_this_tablet_still_has_holds_the_wiping() {
    let bench = Bench::new();
    let (vault, head) = five(&bench);
    begin(&bench, &vault);
    let mut receipt = bench.central.receipt(5, 5, head, 10);
    receipt.stored = vec![1, 2, 4, 5];
    vault.apply_receipt(&bench.central.sign(receipt)).unwrap();
    signed_for(&bench, &vault, KEYS);
    assert_eq!(vault.unsafe_events().unwrap(), 1);
    assert!(!vault.wipe_sealed().unwrap());
    let mut receipt = bench.central.receipt(5, 5, head, 11);
    receipt.stored = vec![3];
    vault.apply_receipt(&bench.central.sign(receipt)).unwrap();
    signed_for(&bench, &vault, KEYS);
    assert!(vault.wipe_sealed().unwrap());
}
