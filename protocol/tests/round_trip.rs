//! Everything on the wire reads back as it was written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use protocol::*;
use regulation::encounter::{Basis, Event, Finger, Recorded};
use regulation::identity::{BirthDate, DocumentNumber, PersonName, Pinfl};
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
                    with: Vec::new(),
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

fn gallery() -> GallerySearched {
    GallerySearched {
        prints: 5_000,
        people: 4_900,
    }
}

/// An answer of every kind; the person is invented.
fn answers() -> Vec<Answer> {
    let entry = RegisterEntry {
        register: Register::Convicted,
        source: "invented".into(),
        date: "2019-11-14".parse().unwrap(),
        spent: Some(true),
        note: None,
    };
    let person = PersonRecord {
        name: PersonName {
            surname: "Namunayev".into(),
            given: "Namuna".into(),
            patronymic: None,
        },
        birth_date: BirthDate("1990-01-01".parse().unwrap()),
        address: "Namuna koʻchasi 1".into(),
        pinfl: Some(Pinfl("30101900000011".into())),
        document: Some(DocumentNumber("AA1234567".into())),
        entries: vec![entry],
        asked: vec![answer::RegisterAsked {
            register: Register::Convicted,
            source: "invented".into(),
            as_of: "2026-11-22".parse().unwrap(),
        }],
        portrait: None,
    };
    let candidate = |chance| Candidate {
        person: person.clone(),
        fpir: Fpir::of_chance(chance),
    };
    let results = [
        AnswerResult::Found {
            person: person.clone(),
            by: FoundBy::Number,
        },
        AnswerResult::Found {
            person: person.clone(),
            by: FoundBy::Fingerprint {
                fpir: Fpir::of_chance(1.0 / 65_536.0),
                gallery: gallery(),
            },
        },
        AnswerResult::Possible {
            candidates: vec![candidate(0.001_953_125), candidate(0.5)],
            gallery: gallery(),
        },
        AnswerResult::NotFound { gallery: None },
        AnswerResult::NotFound {
            gallery: Some(gallery()),
        },
        AnswerResult::Incomplete,
        AnswerResult::Unusable,
        AnswerResult::Expired,
    ];
    let answer = |result| Answer {
        question: QuestionId(Uuid::from_u128(7)),
        encounter: EncounterId(Uuid::from_u128(4)),
        answered_at: Timestamp(1_790_000_000_000),
        took_ms: 133,
        result,
    };
    results.into_iter().map(answer).collect()
}

/// What archives hold and tablets are sent: it reads as it did, for ever.
#[test]
fn answers_of_the_first_version_read_and_write_as_they_did() {
    let golden = include_str!("fixtures/answers-v1.json");
    let written = serde_json::to_string_pretty(&answers()).unwrap();
    assert_eq!(written, golden.trim_end());
    let read: Vec<Answer> = serde_json::from_str(golden).unwrap();
    assert_eq!(read, answers());
}

/// By face, and of who has a portrait.
fn answers_by_face() -> Vec<AnswerResult> {
    let person = answers()
        .into_iter()
        .find_map(|answer| match answer.result {
            AnswerResult::Found { person, .. } => Some(person),
            _ => None,
        });
    let person = PersonRecord {
        portrait: Some(Portrait(vec![0xFF, 0xD8, 0xFF])),
        ..person.unwrap()
    };
    let gallery = FacesSearched { faces: 5_000 };
    vec![
        AnswerResult::Resembling {
            candidates: vec![Resemblance {
                person,
                false_match: FalseMatch {
                    likeness: Likeness::Few,
                    strangers_millionths: 12_000,
                },
            }],
            gallery,
        },
        AnswerResult::NobodyAlike { gallery },
        AnswerResult::NotOffered,
    ]
}

#[test]
fn answers_by_face_of_the_first_version_read_and_write_as_they_did() {
    let golden = include_str!("fixtures/answers-by-face-v1.json");
    let written = serde_json::to_string_pretty(&answers_by_face()).unwrap();
    assert_eq!(written, golden.trim_end());
    let read: Vec<AnswerResult> = serde_json::from_str(golden).unwrap();
    assert_eq!(read, answers_by_face());
    for result in answers_by_face() {
        assert_eq!(format!("{result:?}"), "AnswerResult(..)");
        assert_eq!(
            result.people().len(),
            usize::from(result.is_to_be_compared())
        );
    }
}

#[test]
fn a_match_by_fingerprint_without_its_rate_or_its_gallery_does_not_read() {
    let mut tried = 0;
    for answer in answers() {
        let whole = serde_json::to_value(&answer.result).unwrap();
        let matched = matches!(
            answer.result,
            AnswerResult::Possible { .. }
                | AnswerResult::Found {
                    by: FoundBy::Fingerprint { .. },
                    ..
                }
        );
        for part in ["/gallery", "/by/gallery", "/by/fpir", "/candidates/0/fpir"] {
            let mut less = whole.clone();
            let (parent, key) = part.rsplit_once('/').unwrap();
            let taken = less
                .pointer_mut(parent)
                .and_then(|p| p.as_object_mut())
                .and_then(|p| p.remove(key));
            if matched && taken.is_some() {
                let read = serde_json::from_value::<AnswerResult>(less);
                assert!(read.is_err(), "{part} of {}", whole["result"]);
                tried += 1;
            }
        }
    }
    assert_eq!(tried, 4);
}

#[test]
fn a_chance_becomes_odds_that_never_make_a_match_rarer_than_it_is() {
    let one_in = |chance| Fpir::of_chance(chance).one_in.get();
    assert_eq!(one_in(1.0), 1);
    assert_eq!(one_in(0.4), 2);
    assert_eq!(one_in(0.001_953_125), 512);
    assert_eq!(one_in(1e-300), Fpir::RAREST);
    assert_eq!(one_in(0.0), Fpir::RAREST);
    for no_chance in [f64::NAN, -0.1, 1.5, f64::INFINITY] {
        assert_eq!(one_in(no_chance), 1, "{no_chance}");
    }
    for step in 1..2_000 {
        let chance = f64::from(step) / 2_000.0;
        assert!(chance * (one_in(chance) as f64) <= 1.0, "{chance}");
    }
    assert!(serde_json::from_str::<Fpir>(r#"{"one_in":0}"#).is_err());
}

#[test]
fn debug_of_an_answer_says_nothing_of_a_person() {
    for answer in answers() {
        assert_eq!(format!("{answer:?}"), "Answer(..)");
        assert_eq!(format!("{:?}", answer.result), "AnswerResult(..)");
        if let AnswerResult::Possible { candidates, .. } = &answer.result {
            assert_eq!(format!("{:?}", candidates[0]), "Candidate(..)");
        }
    }
}

#[test]
fn what_is_signed_of_a_wiping_says_every_field_and_who_signs_for_what() {
    let device = DeviceId(Uuid::from_u128(1));
    let at = Timestamp(1_790_000_000_000);
    let order = WipeOrder {
        device,
        challenge: Uuid::from_u128(2),
        lost_at: at,
        signature: vec![1, 2],
    };
    let report = WipeReport {
        device,
        stage: WipeStage::ReadingKeysDestroyed,
        last_seq: 3,
        head: Digest([4; 32]),
        unsafe_events: 5,
        at,
        signature: vec![1, 2],
    };
    let receipt = WipeReceipt {
        device,
        stage: WipeStage::Wiped,
        at,
        signature: vec![1, 2],
    };
    let json = serde_json::to_string(&order).unwrap();
    assert_eq!(serde_json::from_str::<WipeOrder>(&json).unwrap(), order);
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<WipeReport>(&json).unwrap(), report);
    let json = serde_json::to_string(&receipt).unwrap();
    assert_eq!(serde_json::from_str::<WipeReceipt>(&json).unwrap(), receipt);

    let other = DeviceId(Uuid::from_u128(9));
    let all = [
        order.signed_bytes(),
        WipeOrder {
            device: other,
            ..order.clone()
        }
        .signed_bytes(),
        WipeOrder {
            challenge: Uuid::from_u128(9),
            ..order.clone()
        }
        .signed_bytes(),
        WipeOrder {
            lost_at: Timestamp(9),
            ..order
        }
        .signed_bytes(),
        report.signed_bytes(),
        WipeReport {
            device: other,
            ..report.clone()
        }
        .signed_bytes(),
        WipeReport {
            stage: WipeStage::Wiped,
            ..report.clone()
        }
        .signed_bytes(),
        WipeReport {
            last_seq: 9,
            ..report.clone()
        }
        .signed_bytes(),
        WipeReport {
            head: Digest([9; 32]),
            ..report.clone()
        }
        .signed_bytes(),
        WipeReport {
            unsafe_events: 9,
            ..report.clone()
        }
        .signed_bytes(),
        WipeReport {
            at: Timestamp(9),
            ..report
        }
        .signed_bytes(),
        receipt.signed_bytes(),
        WipeReceipt {
            device: other,
            ..receipt.clone()
        }
        .signed_bytes(),
        WipeReceipt {
            stage: WipeStage::ReadingKeysDestroyed,
            ..receipt.clone()
        }
        .signed_bytes(),
        WipeReceipt {
            at: Timestamp(9),
            ..receipt
        }
        .signed_bytes(),
    ];
    let different: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(different.len(), all.len());
}

#[test]
fn what_is_signed_or_bound_of_captures_keys_and_rosters_says_every_field() {
    use protocol::capture::{chunk_aad, chunk_nonce};
    let (device, other) = (DeviceId(Uuid::from_u128(1)), DeviceId(Uuid::from_u128(9)));
    let (capture, another) = (CaptureId(Uuid::from_u128(2)), CaptureId(Uuid::from_u128(8)));
    let at = Timestamp(1_790_000_000_000);
    let receipt = CaptureReceipt {
        device,
        capture,
        received: 3,
        complete: false,
        safe: false,
        at,
        signature: vec![1, 2],
    };
    let json = serde_json::to_string(&receipt).unwrap();
    assert_eq!(
        serde_json::from_str::<CaptureReceipt>(&json).unwrap(),
        receipt
    );
    let key = SealingKey {
        id: KeyId(Uuid::from_u128(4)),
        public: vec![5; 32],
        made_at: at,
        signature: vec![1, 2],
    };
    let changed = |change: fn(&mut CaptureReceipt)| {
        let mut changed = receipt.clone();
        change(&mut changed);
        changed.signed_bytes()
    };
    let other_key = |change: fn(&mut SealingKey)| {
        let mut changed = key.clone();
        change(&mut changed);
        changed.signed_bytes()
    };
    let all = [
        receipt.signed_bytes(),
        changed(|r| r.device = DeviceId(Uuid::from_u128(9))),
        changed(|r| r.capture = CaptureId(Uuid::from_u128(8))),
        changed(|r| r.received = 9),
        changed(|r| r.complete = true),
        changed(|r| r.safe = true),
        changed(|r| r.at = Timestamp(9)),
        key.signed_bytes(),
        other_key(|k| k.id = KeyId(Uuid::from_u128(9))),
        other_key(|k| k.public[31] ^= 1),
        other_key(|k| k.made_at = Timestamp(9)),
        RosterEntry::aad(device, &[6; 32], at),
        RosterEntry::aad(other, &[6; 32], at),
        RosterEntry::aad(device, &[9; 32], at),
        RosterEntry::aad(device, &[6; 32], Timestamp(9)),
        chunk_aad(device, capture),
        chunk_aad(other, capture),
        chunk_aad(device, another),
        RosterEntry::login_token(device, "namuna").to_vec(),
        RosterEntry::login_token(other, "namuna").to_vec(),
        RosterEntry::login_token(device, "namunа").to_vec(),
        chunk_nonce(0, false).to_vec(),
        chunk_nonce(0, true).to_vec(),
        chunk_nonce(1, false).to_vec(),
        chunk_nonce(1 << 40, false).to_vec(),
    ];
    let different: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(different.len(), all.len());
    assert_eq!(
        RosterEntry::login_token(device, " Namuna\n"),
        RosterEntry::login_token(device, "namuna"),
        "as it is typed"
    );
}
