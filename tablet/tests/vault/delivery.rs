//! The outbox and its receipts: order, urgency, once each, and nothing deleted too early.

use crate::support::*;
use proptest::prelude::*;
use protocol::{Batch, DeviceId, Digest, Envelope, ErrorCode, Receipt, Urgency};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};
use tablet::device::{KeyName, KeyStore as _};
use tablet::vault::{Delivery, StuckReason, VaultError};
use uuid::Uuid;

fn seqs(batch: &Batch) -> Vec<u64> {
    batch
        .envelopes
        .iter()
        .map(|envelope| envelope.seq)
        .collect()
}

#[test]
fn a_question_goes_first_and_takes_its_encounters_earlier_events_along() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    let (a, b) = (Some(encounter(1)), Some(encounter(2)));
    for (encounter, urgency) in [
        (a, Urgency::Ordinary),
        (b, Urgency::Ordinary),
        (None, Urgency::Ordinary),
        (b, Urgency::Capture),
        (b, Urgency::Question),
        (a, Urgency::Alert),
        (b, Urgency::Ordinary),
    ] {
        vault
            .append(&session, encounter, urgency, &fact(1))
            .unwrap();
    }
    let batch = vault.next_batch().unwrap().unwrap();
    assert_eq!(
        seqs(&batch),
        [2, 4, 5, 1, 6],
        "question, then alert; the rest later"
    );
    let key = bench.keystore.public(KeyName::Journal).unwrap();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key)
        .verify(
            &Batch::signed_bytes(batch.device, &batch.envelopes),
            &batch.signature,
        )
        .expect("signed by the journal key");
    assert_eq!(
        vault.next_batch().unwrap().unwrap().envelopes,
        batch.envelopes,
        "stored bytes"
    );
}

#[test]
fn a_new_question_does_not_wait_behind_old_ones() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    let large = question(vec![7; 100_000]);
    for n in 1..=4 {
        let of = Some(encounter(n));
        vault
            .append(&session, of, Urgency::Ordinary, &fact(1))
            .unwrap();
        vault
            .append(&session, of, Urgency::Question, &large)
            .unwrap();
    }
    assert_eq!(
        seqs(&vault.next_batch_within(1000).unwrap().unwrap()),
        [7],
        "what its encounter recorded before it goes first"
    );
    assert_eq!(
        seqs(&vault.next_batch_within(250_000).unwrap().unwrap()),
        [7, 8, 5, 6, 3],
        "the newest encounter's question, then the one before it, and what else fits"
    );
}

#[test]
fn batches_keep_to_their_limits() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    let large = question(vec![7; 1024 * 1024]);
    for _ in 0..5 {
        vault
            .append(&session, Some(encounter(1)), Urgency::Question, &large)
            .unwrap();
    }
    let batch = vault.next_batch().unwrap().unwrap();
    assert_eq!(seqs(&batch), [1, 2, 3]);
    assert!(protocol::to_cbor(&batch).unwrap().len() <= protocol::limits::BATCH_BYTES);
    assert_eq!(
        seqs(&vault.next_batch_within(1000).unwrap().unwrap()),
        [1],
        "one always goes"
    );
}

#[test]
fn no_more_envelopes_than_central_takes() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    for _ in 0..protocol::limits::BATCH_ENVELOPES + 3 {
        vault
            .append(&session, None, Urgency::Ordinary, &fact(1))
            .unwrap();
    }
    let batch = vault.next_batch().unwrap().unwrap();
    assert_eq!(batch.envelopes.len(), protocol::limits::BATCH_ENVELOPES);
    assert!(
        batch
            .envelopes
            .windows(2)
            .all(|pair| pair[1].previous == pair[0].digest())
    );
}

#[test]
fn deleted_is_what_is_safe_and_nothing_else() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    append_all(&vault, &session, None, 1..=5);
    let envelopes = vault.next_batch().unwrap().unwrap().envelopes;
    let receipt = bench.central.receipt(4, 2, envelopes[3].digest(), 10);
    vault.apply_receipt(&receipt).unwrap();
    let delivery: Vec<Delivery> = vault
        .journal(&session)
        .unwrap()
        .into_iter()
        .map(|entry| entry.delivery)
        .collect();
    use Delivery::{Safe, Stored, Waiting};
    assert_eq!(delivery, [Safe, Safe, Stored, Stored, Waiting]);
    let queue = vault.queue().unwrap();
    assert_eq!(
        (queue.waiting, queue.stored_not_safe, queue.sent_total),
        (1, 2, 4)
    );
    assert_eq!(seqs(&vault.next_batch().unwrap().unwrap()), [5]);
    drop((session, vault));
    let db = Connection::open(bench.data().join("vault.db")).unwrap();
    let kept: Vec<u64> = db
        .prepare("SELECT seq FROM sealed ORDER BY seq")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(kept, [2, 3, 4, 5], "2 carries the chain");
}

#[test]
fn forged_foreign_and_contradictory_receipts_change_nothing() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    append_all(&vault, &session, None, 1..=3);
    let envelopes = vault.next_batch().unwrap().unwrap().envelopes;
    let central = &bench.central;
    let good = central.receipt(3, 3, envelopes[2].digest(), 10);
    let before = vault.queue().unwrap();

    let mut forged = good.clone();
    forged.safe_through = 2;
    let other = Central::new().sign(good.clone());
    let foreign = central.sign(Receipt {
        device: DeviceId(Uuid::new_v4()),
        ..good.clone()
    });
    let upside_down = central.sign(Receipt {
        stored_through: 2,
        ..good.clone()
    });
    let fork = central.receipt(3, 3, Digest([1; 32]), 10);
    let wrong_number = central.receipt(2, 2, envelopes[2].digest(), 10);
    let never_made = central.receipt(4, 4, envelopes[2].digest(), 10);
    let zero = central.receipt(0, 0, Digest([1; 32]), 10);
    for (receipt, error) in [
        (forged, VaultError::BadReceipt),
        (other, VaultError::BadReceipt),
        (foreign, VaultError::ForeignReceipt),
        (upside_down, VaultError::BadReceipt),
        (fork, VaultError::ChainFork),
        (wrong_number, VaultError::ChainFork),
        (never_made, VaultError::ChainFork),
        (zero, VaultError::ChainFork),
    ] {
        assert_eq!(vault.apply_receipt(&receipt).unwrap_err(), error);
        assert_eq!(vault.queue().unwrap(), before);
    }
    vault.apply_receipt(&good).unwrap();
    assert_eq!(vault.queue().unwrap().sent_total, 3);
}

#[test]
fn an_old_receipt_come_late_is_refused_and_a_central_that_lost_something_gets_it_again() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    append_all(&vault, &session, None, 1..=4);
    let envelopes = vault.next_batch().unwrap().unwrap().envelopes;
    let central = &bench.central;
    let old = central.receipt(2, 0, envelopes[1].digest(), 10);
    vault
        .apply_receipt(&central.receipt(4, 1, envelopes[3].digest(), 20))
        .unwrap();
    assert_eq!(
        vault.apply_receipt(&old).unwrap_err(),
        VaultError::StaleReceipt
    );
    assert_eq!(vault.queue().unwrap().waiting, 0);
    // Restored from a backup: it says so itself, later, and signs it.
    vault
        .apply_receipt(&central.receipt(2, 1, envelopes[1].digest(), 30))
        .unwrap();
    assert_eq!(seqs(&vault.next_batch().unwrap().unwrap()), [3, 4]);
    // What it called safe is no longer here to send again: never silently.
    vault
        .apply_receipt(&central.receipt(4, 3, envelopes[3].digest(), 40))
        .unwrap();
    let lost = central.receipt(1, 1, envelopes[0].digest(), 50);
    assert_eq!(
        vault.apply_receipt(&lost).unwrap_err(),
        VaultError::SafeLost
    );
    assert_eq!(vault.queue().unwrap().stored_not_safe, 1);
}

#[test]
fn what_central_lost_above_its_mark_is_sent_again() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    append_all(&vault, &session, None, 1..=4);
    let envelopes = vault.next_batch().unwrap().unwrap().envelopes;
    let central = &bench.central;
    let receipt = |stored: &[u64], through: u64, at| {
        let head = envelopes[usize::try_from(through).unwrap() - 1].digest();
        let mut receipt = central.receipt(through, 0, head, at);
        receipt.stored = stored.to_vec();
        central.sign(receipt)
    };
    vault.apply_receipt(&receipt(&[1, 2, 4], 2, 10)).unwrap();
    assert_eq!(seqs(&vault.next_batch().unwrap().unwrap()), [3]);
    // Restored from a backup without 4: its mark is no lower, and does not come past 3.
    vault.apply_receipt(&receipt(&[3], 3, 20)).unwrap();
    assert_eq!(seqs(&vault.next_batch().unwrap().unwrap()), [4]);
    vault.apply_receipt(&receipt(&[4], 4, 30)).unwrap();
    assert_eq!(vault.next_batch().unwrap(), None);
}

#[test]
fn what_is_set_aside_does_not_hold_the_others_and_comes_back_when_asked() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    append_all(&vault, &session, Some(encounter(1)), 1..=3);
    let reason = StuckReason::RefusedForGood(ErrorCode::SequenceConflict);
    vault.mark_stuck(&[2], reason).unwrap();
    assert_eq!(seqs(&vault.next_batch().unwrap().unwrap()), [1, 3]);
    assert_eq!(vault.queue().unwrap().stuck, [(reason, 1)]);
    assert_eq!(
        vault.journal(&session).unwrap()[1].delivery,
        Delivery::Stuck(reason)
    );
    assert_eq!(vault.unstick().unwrap(), 1);
    assert_eq!(seqs(&vault.next_batch().unwrap().unwrap()), [1, 2, 3]);
}

#[test]
fn a_rewritten_journal_does_not_pass_the_anchor() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    append_all(&vault, &session, None, 1..=2);
    let envelopes = vault.next_batch().unwrap().unwrap().envelopes;
    drop((session, vault));
    let db = Connection::open(bench.data().join("vault.db")).unwrap();
    db.execute("UPDATE sealed SET digest = zeroblob(32) WHERE seq = 2", [])
        .unwrap();
    drop(db);
    let vault = bench.open();
    let receipt = bench.central.receipt(2, 2, envelopes[1].digest(), 10);
    assert_eq!(
        vault.apply_receipt(&receipt).unwrap_err(),
        VaultError::ChainFork
    );
}

#[test]
fn another_device_takes_over_only_an_empty_journal() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    vault
        .append(&session, None, Urgency::Ordinary, &fact(1))
        .unwrap();
    let mut identity = bench.central.identity();
    identity.device = DeviceId(Uuid::new_v4());
    assert_eq!(
        vault.set_identity(&identity).unwrap_err(),
        VaultError::OtherDevice
    );
    let head = vault.next_batch().unwrap().unwrap().envelopes[0].digest();
    vault
        .apply_receipt(&bench.central.receipt(1, 1, head, 10))
        .unwrap();
    vault.end_session(session.id).unwrap();
    vault.set_identity(&identity).unwrap();
    let session = bench.begin(&vault);
    assert_eq!(
        vault
            .append(&session, None, Urgency::Ordinary, &fact(1))
            .unwrap(),
        1
    );
    drop((session, vault));
    let (vault, report) = bench.try_open().unwrap();
    assert_eq!(report, Default::default());
    assert_eq!(vault.identity().unwrap(), Some(identity));
}

/// Central as the contract says: stores what it is given, in any order, each once.
#[derive(Default)]
struct Model {
    stored: BTreeMap<u64, Envelope>,
    safe: u64,
    at: i64,
}

impl Model {
    fn accept(&mut self, batch: &Batch, encounters: &BTreeMap<u64, Option<u8>>) {
        assert!(batch.envelopes.len() <= protocol::limits::BATCH_ENVELOPES);
        for envelope in &batch.envelopes {
            let of = encounters[&envelope.seq];
            let earlier = encounters.range(..envelope.seq).filter(|(_, e)| **e == of);
            for (seq, _) in earlier {
                assert!(
                    self.stored.contains_key(seq),
                    "{seq} before {}",
                    envelope.seq
                );
            }
            if let Some(known) = self.stored.get(&envelope.seq) {
                assert!(known == envelope, "sealed once: the same bytes every time");
            }
            self.stored.insert(envelope.seq, envelope.clone());
        }
    }

    fn through(&self) -> u64 {
        (1..)
            .take_while(|seq| self.stored.contains_key(seq))
            .last()
            .unwrap_or(0)
    }

    fn receipt(&mut self, central: &Central, batch: &Batch, lag: u64) -> Receipt {
        let through = self.through();
        self.safe = self.safe.max(through.saturating_sub(lag));
        self.at += 1;
        central.sign(Receipt {
            device: central.device,
            stored: seqs(batch),
            stored_through: through,
            safe_through: self.safe,
            head: self
                .stored
                .get(&through)
                .map(Envelope::digest)
                .unwrap_or_default(),
            at: regulation::Timestamp(self.at),
            signature: Vec::new(),
        })
    }
}

#[derive(Clone, Debug)]
enum Step {
    Append {
        encounter: Option<u8>,
        urgency: u8,
    },
    Send {
        allowance: usize,
        lost: Lost,
        lag: u64,
    },
    OldReceipt(prop::sample::Index),
    Restart,
}

#[derive(Clone, Copy, Debug)]
enum Lost {
    Nothing,
    Request,
    Receipt,
}

fn step() -> impl Strategy<Value = Step> {
    let append = (prop::option::of(0..3_u8), 0..4_u8)
        .prop_map(|(encounter, urgency)| Step::Append { encounter, urgency });
    let lost = prop_oneof![
        Just(Lost::Nothing),
        Just(Lost::Request),
        Just(Lost::Receipt)
    ];
    let send = (500..8000_usize, lost, 0..5_u64).prop_map(|(allowance, lost, lag)| Step::Send {
        allowance,
        lost,
        lag,
    });
    prop_oneof![
        6 => append,
        4 => send,
        1 => any::<prop::sample::Index>().prop_map(Step::OldReceipt),
        1 => Just(Step::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..Default::default() })]

    #[test]
    fn everything_arrives_once_in_order_whatever_is_lost_repeated_or_reordered(
        steps in prop::collection::vec(step(), 1..60)
    ) {
        let bench = Bench::new();
        let mut vault = bench.open();
        let mut session = bench.begin(&vault);
        let mut model = Model::default();
        let mut encounters = BTreeMap::new();
        let mut receipts = Vec::new();
        for step in steps {
            match step {
                Step::Append { encounter: n, urgency } => {
                    let urgency = [
                        Urgency::Question, Urgency::Alert, Urgency::Ordinary, Urgency::Capture,
                    ][usize::from(urgency)];
                    let id = n.map(|n| encounter(n.into()));
                    let seq = vault.append(&session, id, urgency, &fact(1)).unwrap();
                    assert_eq!(seq, encounters.len() as u64 + 1);
                    encounters.insert(seq, n);
                }
                Step::Send { allowance, lost, lag } => {
                    let Some(batch) = vault.next_batch_within(allowance).unwrap() else { continue };
                    if matches!(lost, Lost::Request) { continue }
                    model.accept(&batch, &encounters);
                    let receipt = model.receipt(&bench.central, &batch, lag);
                    receipts.push(receipt.clone());
                    if matches!(lost, Lost::Nothing) {
                        vault.apply_receipt(&receipt).unwrap();
                    }
                }
                Step::OldReceipt(index) => {
                    if !receipts.is_empty() {
                        // Taken or refused as stale; never harmful, never taken for a fork.
                        let applied = vault.apply_receipt(index.get(&receipts));
                        prop_assert!(matches!(applied, Ok(()) | Err(VaultError::StaleReceipt)));
                    }
                }
                Step::Restart => {
                    drop(session);
                    drop(vault);
                    vault = bench.open();
                    session = vault.resume_session(LOGIN, PASSWORD).unwrap();
                }
            }
        }
        while let Some(batch) = vault.next_batch().unwrap() {
            model.accept(&batch, &encounters);
            let receipt = model.receipt(&bench.central, &batch, 0);
            vault.apply_receipt(&receipt).unwrap();
        }
        let all: BTreeSet<u64> = encounters.keys().copied().collect();
        prop_assert_eq!(model.stored.keys().copied().collect::<BTreeSet<_>>(), all);
        let mut previous = Digest::default();
        for envelope in model.stored.values() {
            prop_assert_eq!(envelope.previous, previous);
            prop_assert!(bench.central.open(envelope) == fact(1));
            previous = envelope.digest();
        }
        prop_assert_eq!(vault.queue().unwrap().sent_total, encounters.len() as u64);
    }
}
