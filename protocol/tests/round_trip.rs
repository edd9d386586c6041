//! Everything on the wire reads back as it was written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use protocol::*;
use regulation::encounter::{Basis, Event, Finger, Recorded};
use regulation::{EncounterId, OfficerId, QuestionId, Timestamp};
use uuid::Uuid;

fn question_fact() -> Fact {
    let id = QuestionId(Uuid::from_u128(7));
    Fact {
        edition: "399-2022-07-22".into(),
        machine: 1,
        officer: OfficerId(Uuid::from_u128(3)),
        at: Timestamp(1_790_000_000_000),
        uptime_ms: 12,
        training: true,
        kind: FactKind::Encounter {
            recorded: Recorded {
                at: Timestamp(1_790_000_000_000),
                event: Event::Asked {
                    question: id,
                    basis: Basis::Fingerprint {
                        finger: Finger::RightIndex,
                        quality: 71,
                    },
                },
            },
            question: Some(Question {
                id,
                expires_at: Timestamp(1_790_000_600_000),
                probe: Probe::Fingerprint {
                    finger: Finger::RightIndex,
                    ppi: 500,
                    png: vec![0x89, b'P', 0xff, 0],
                },
            }),
        },
    }
}

fn envelope(seq: u64) -> Envelope {
    Envelope {
        device: DeviceId(Uuid::from_u128(1)),
        session: SessionId(Uuid::from_u128(2)),
        seq,
        encounter: Some(EncounterId(Uuid::from_u128(4))),
        urgency: Urgency::Question,
        key: KeyId(Uuid::from_u128(5)),
        previous: Digest::default(),
        encapsulated: vec![1; 32],
        ciphertext: vec![2; 100],
    }
}

#[test]
fn a_fact_with_a_picture_reads_back() {
    let fact = question_fact();
    assert_eq!(from_cbor::<Fact>(&to_cbor(&fact).unwrap()).unwrap(), fact);
}

/// Bytes that tablets have sealed and archives hold: they read as they did, for ever.
#[test]
fn a_fact_of_the_first_version_reads_and_writes_as_it_did() {
    let golden = include_str!("fixtures/question-fact-v1.hex").trim();
    let written: String = to_cbor(&question_fact())
        .unwrap()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(written, golden);
}

/// The digest that chains and signatures of the first version rest on.
#[test]
fn an_envelope_of_the_first_version_has_the_digest_it_had() {
    let digest: String = envelope(1)
        .digest()
        .0
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(digest, include_str!("fixtures/envelope-v1.sha256").trim());
}

#[test]
fn a_batch_reads_back() {
    let batch = Batch {
        device: DeviceId(Uuid::from_u128(1)),
        envelopes: vec![envelope(1), envelope(2)],
        signature: vec![9; 70],
    };
    assert_eq!(
        from_cbor::<Batch>(&to_cbor(&batch).unwrap()).unwrap(),
        batch
    );
}

#[test]
fn trailing_and_truncated_bytes_are_refused() {
    let mut bytes = to_cbor(&question_fact()).unwrap();
    bytes.push(0);
    assert_eq!(from_cbor::<Fact>(&bytes), Err(bytes::CborError::Trailing));
    bytes.truncate(bytes.len() - 5);
    assert_eq!(from_cbor::<Fact>(&bytes), Err(bytes::CborError::Malformed));
}

#[test]
fn every_bound_field_changes_the_digest() {
    let base = envelope(1);
    let mut changed: Vec<Envelope> = vec![base.clone(); 9];
    changed[0].device = DeviceId(Uuid::from_u128(99));
    changed[1].session = SessionId(Uuid::from_u128(99));
    changed[2].seq = 2;
    changed[3].encounter = None;
    changed[4].urgency = Urgency::Alert;
    changed[5].key = KeyId(Uuid::from_u128(99));
    changed[6].previous = Digest([1; 32]);
    changed[7].encapsulated[0] ^= 1;
    changed[8].ciphertext[0] ^= 1;
    for other in &changed {
        assert_ne!(other.digest(), base.digest());
    }
}

#[test]
fn an_unknown_message_of_a_newer_central_is_kept_apart() {
    let json = r#"{"cursor":1,"session":"00000000-0000-0000-0000-000000000002","body":{"kind":"notice","text":"x"}}"#;
    let message: Message = serde_json::from_str(json).unwrap();
    assert_eq!(message.body, MessageBody::Unknown);
}

#[test]
fn debug_of_a_fact_says_nothing_of_a_person() {
    assert_eq!(format!("{:?}", question_fact()), "Fact(..)");
}

#[test]
fn a_receipt_reads_back_from_json() {
    let receipt = Receipt {
        device: DeviceId(Uuid::from_u128(1)),
        stored: vec![3, 4],
        stored_through: 4,
        safe_through: 2,
        head: Digest([7; 32]),
        at: Timestamp(5),
        signature: vec![1, 2, 3],
    };
    let json = serde_json::to_string(&receipt).unwrap();
    assert_eq!(serde_json::from_str::<Receipt>(&json).unwrap(), receipt);
}
