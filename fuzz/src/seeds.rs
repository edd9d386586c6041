//! What the targets begin with: valid values of everything that is read.

mod edition;

use crate::draw::{MARKER, NOW};
use protocol::answer::RegisterAsked;
use protocol::*;
use regulation::encounter::{Basis, DocumentKind, Event, Finger, Recorded};
use regulation::identity::{BirthDate, DocumentNumber, PersonName, Pinfl};
use regulation::{
    CustodyId, Date, EncounterId, FaultId, IncidentId, MeansId, OfficerId, PauseId, QuestionId,
    Timestamp,
};
use regulation::{bodycam, custody, incident};
use serde::Serialize;
use uuid::Uuid;

pub(crate) fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn day() -> Date {
    Date::new(1990, 1, 1).expect("a day")
}

fn a_fact(event: Event, question: Option<Question>) -> Fact {
    Fact {
        edition: crate::draw::EDITION.into(),
        machine: 1,
        officer: OfficerId(uuid(1)),
        at: Timestamp(NOW),
        uptime_ms: 1,
        training: false,
        kind: FactKind::Encounter {
            recorded: Recorded {
                at: Timestamp(NOW),
                event,
            },
            question,
        },
    }
}

fn facts() -> Vec<Fact> {
    let mut facts: Vec<Fact> = crate::draw::opening()
        .into_iter()
        .map(|event| a_fact(event, None))
        .collect();
    let id = QuestionId(uuid(7));
    let probes = [
        (
            Basis::Fingerprint {
                finger: Finger::RightIndex,
                quality: 80,
            },
            Probe::Fingerprint {
                finger: Finger::RightIndex,
                ppi: 500,
                png: vec![137, 80, 78, 71],
                with: Vec::new(),
            },
        ),
        (
            Basis::Document {
                document: DocumentKind::IdCard,
            },
            Probe::Document {
                document: DocumentKind::IdCard,
                number: DocumentNumber("ZZ0000001".into()),
            },
        ),
        (
            Basis::Face,
            Probe::Face {
                jpeg: vec![0xFF, 0xD8, 0xFF, 0xE0],
            },
        ),
        (
            Basis::Pinfl,
            Probe::Pinfl {
                pinfl: Pinfl("31201900000000".into()),
            },
        ),
    ];
    for (basis, probe) in probes {
        let question = Question {
            id,
            expires_at: Timestamp(NOW),
            probe,
        };
        let event = Event::Asked {
            question: id,
            basis,
        };
        facts.push(a_fact(event, Some(question)));
    }
    let (pause, fault) = (PauseId(uuid(8)), FaultId(uuid(9)));
    let bodycam = [
        bodycam::Event::PauseAsked {
            pause,
            why: "meal".into(),
            minutes: 30,
        },
        bodycam::Event::CarriedOver {
            camera: "BC-0001".parse().expect("a serial number"),
            since: Timestamp(NOW),
            on: true,
        },
        bodycam::Event::RecordedByOtherMeans {
            means: Some(MeansId(uuid(12))),
            device: "phone".into(),
            owner: bodycam::DeviceOwner::Own,
            from: Timestamp(NOW),
            to: Timestamp(NOW),
            note: Some(MARKER.into()),
        },
        bodycam::Event::Faulted {
            fault,
            what: "other".into(),
            note: Some(MARKER.into()),
        },
    ];
    let desk = [
        DeskEvent::PauseDecided {
            pause,
            granted: true,
        },
        DeskEvent::FaultClosed {
            fault,
            how: MARKER.into(),
        },
        DeskEvent::IncidentAsked {
            incident: IncidentId(uuid(10)),
            text: MARKER.into(),
        },
        DeskEvent::CustodySettled {
            custody: CustodyId(uuid(11)),
            how: MARKER.into(),
        },
        DeskEvent::FoundSeen {
            question: QuestionId(uuid(7)),
        },
        DeskEvent::AnswerSettled {
            question: QuestionId(uuid(7)),
            how: Some(MARKER.into()),
        },
        DeskEvent::ResistanceSeen {
            encounter: EncounterId(uuid(7)),
        },
        DeskEvent::MeansHandedOver {
            means: MeansId(uuid(12)),
            carrier: MARKER.into(),
            digest: Some(protocol::Digest([7; 32])),
        },
        DeskEvent::MeansDeleted {
            means: MeansId(uuid(12)),
            confirmed_by: MARKER.into(),
        },
    ];
    let at = Timestamp(NOW);
    let incidents = [
        incident::Event::Reported {
            incident: IncidentId(uuid(10)),
            report: incident::Report {
                kind: "crime".into(),
                to: incident::AddressedTo::DutyUnit,
                happened_at: at,
                place: MARKER.into(),
                encounter: Some(EncounterId(uuid(7))),
                people: vec![QuestionId(uuid(6))],
                text: MARKER.into(),
                photos: vec![CaptureId(uuid(8))],
            },
        },
        incident::Event::Supplemented {
            incident: IncidentId(uuid(10)),
            text: MARKER.into(),
            photos: vec![CaptureId(uuid(8))],
        },
    ];
    let readiness = custody::Readiness {
        checks: vec![custody::Check {
            kind: custody::CheckKind::Battery,
            level: custody::Level::Attention,
            value: Some(40),
        }],
    };
    let custodies = [
        custody::Event::TakenOver {
            custody: CustodyId(uuid(11)),
            from: custody::Party::Place {
                place: MARKER.into(),
            },
            readiness,
            condition: custody::Condition::default(),
            overridden: Some(MARKER.into()),
        },
        custody::Event::HandedIn {
            to: custody::Party::Confirmed {
                officer: OfficerId(uuid(12)),
                name: MARKER.into(),
                by: custody::ConfirmedBy::Roster,
            },
            why: custody::HandInReason::EndOfDuty,
            condition: custody::Condition {
                damage: Some(MARKER.into()),
                photos: vec![CaptureId(uuid(8))],
            },
            waiting: 3,
        },
    ];
    let kinds = bodycam
        .map(|event| FactKind::Bodycam {
            recorded: bodycam::Recorded { at, event },
        })
        .into_iter()
        .chain(desk.map(|event| FactKind::Desk { event }))
        .chain(incidents.map(|event| FactKind::Incident {
            recorded: incident::Recorded { at, event },
        }))
        .chain(custodies.map(|event| FactKind::Custody {
            recorded: custody::Recorded { at, event },
        }));
    for kind in kinds {
        let fact = a_fact(Event::Closed, None);
        facts.push(Fact { kind, ..fact });
    }
    let mut other = a_fact(Event::Closed, None);
    other.kind = FactKind::Session {
        event: SessionEvent::Ended,
    };
    facts.push(other.clone());
    let custody = CustodyId(uuid(11));
    for of in [None, Some(CaptureOf::Custody { custody })] {
        let capture = capture();
        other.kind = FactKind::Capture { capture, of };
        facts.push(other.clone());
    }
    facts
}

fn capture() -> CaptureRef {
    CaptureRef {
        id: CaptureId(uuid(8)),
        kind: CaptureKind::Video,
        plain_bytes: 10,
        size: 26,
        digest: Digest([1; 32]),
        key: vec![2; 32],
    }
}

fn envelope() -> Envelope {
    Envelope {
        device: DeviceId(uuid(1)),
        session: SessionId(uuid(2)),
        seq: 1,
        encounter: Some(EncounterId(uuid(3))),
        urgency: Urgency::Question,
        key: KeyId(uuid(4)),
        previous: Digest::default(),
        encapsulated: vec![5; 32],
        ciphertext: vec![6; 40],
    }
}

fn officer() -> Officer {
    Officer {
        id: OfficerId(uuid(1)),
        name: MARKER.into(),
        rank: "serjant".into(),
        unit: "1".into(),
        role: Role::Patrol,
    }
}

fn sealing() -> SealingKey {
    SealingKey {
        id: KeyId(uuid(4)),
        public: vec![1; 32],
        made_at: Timestamp(NOW),
        signature: vec![9; 70],
    }
}

fn login_response() -> LoginResponse {
    LoginResponse {
        session: SessionId(uuid(2)),
        token: "invented".into(),
        officer: officer(),
        lease_until: Timestamp(NOW),
        now: Timestamp(NOW),
        edition: crate::draw::EDITION.into(),
        sealing: sealing(),
        training: false,
        kit: protocol::Kit::default(),
    }
}

fn answers() -> Vec<Answer> {
    let person = PersonRecord {
        name: PersonName {
            surname: MARKER.into(),
            given: "Namuna".into(),
            patronymic: None,
        },
        birth_date: BirthDate(day()),
        address: "Namuna".into(),
        pinfl: Some(Pinfl("31201900000000".into())),
        document: Some(DocumentNumber("ZZ0000001".into())),
        entries: vec![RegisterEntry {
            register: Register::Convicted,
            source: "invented".into(),
            date: day(),
            spent: Some(true),
            note: Some("invented".into()),
        }],
        asked: vec![RegisterAsked {
            register: Register::Wanted,
            source: "invented".into(),
            as_of: day(),
        }],
        portrait: None,
    };
    let gallery = GallerySearched {
        prints: 10,
        people: 5,
    };
    let fpir = Fpir::of_chance(1e-7);
    [
        AnswerResult::Found {
            person: person.clone(),
            by: FoundBy::Fingerprint { fpir, gallery },
        },
        AnswerResult::Found {
            person: person.clone(),
            by: FoundBy::Number,
        },
        AnswerResult::Possible {
            candidates: vec![Candidate {
                person: person.clone(),
                fpir,
            }],
            gallery,
        },
        AnswerResult::Resembling {
            candidates: vec![Resemblance {
                person: PersonRecord {
                    portrait: Some(Portrait(vec![0xFF, 0xD8])),
                    ..person
                },
                false_match: FalseMatch {
                    likeness: Likeness::Few,
                    strangers_millionths: 12_000,
                },
            }],
            gallery: FacesSearched { faces: 5 },
        },
        AnswerResult::NobodyAlike {
            gallery: FacesSearched { faces: 5 },
        },
        AnswerResult::NotOffered,
        AnswerResult::NotFound {
            gallery: Some(gallery),
        },
        AnswerResult::Expired,
    ]
    .into_iter()
    .map(|result| Answer {
        question: QuestionId(uuid(7)),
        encounter: EncounterId(uuid(3)),
        answered_at: Timestamp(NOW),
        took_ms: 5,
        result,
    })
    .collect()
}

fn message(body: MessageBody) -> Message {
    Message {
        cursor: 1,
        session: SessionId(uuid(2)),
        body,
    }
}

/// Which type, and its bytes.
fn chosen(which: u8, bytes: Vec<u8>) -> Vec<u8> {
    [vec![which], bytes].concat()
}

fn of_cbor(which: u8, value: &impl Serialize) -> Vec<u8> {
    chosen(which, to_cbor(value).expect("it can be written"))
}

pub(crate) fn of_json(which: u8, value: &impl Serialize) -> Vec<u8> {
    chosen(which, serde_json::to_vec(value).expect("it can be written"))
}

fn cbor() -> Vec<Vec<u8>> {
    let batch = Batch {
        device: DeviceId(uuid(1)),
        envelopes: vec![envelope(), envelope()],
        signature: vec![9; 70],
    };
    let stored = central::store::StoredBatch {
        id: 1,
        signed: central::store::BatchSignature {
            device: DeviceId(uuid(1)),
            digests: vec![Digest([1; 32])],
            signature: vec![9; 70],
        },
        envelopes: vec![envelope()],
    };
    let mut all = vec![
        of_cbor(0, &batch),
        of_cbor(1, &envelope()),
        of_cbor(4, &login_response()),
        of_cbor(5, &stored),
        of_cbor(6, &capture()),
        of_cbor(7, &message(MessageBody::Unknown)),
    ];
    for fact in facts() {
        all.push(of_cbor(2, &fact));
        all.push(of_cbor(3, &(Some(EncounterId(uuid(3))), fact)));
    }
    all
}

fn json() -> Vec<Vec<u8>> {
    let (device, at, signature) = (DeviceId(uuid(1)), Timestamp(NOW), vec![9; 70]);
    let receipt = Receipt {
        device,
        stored: vec![1, 2],
        stored_through: 2,
        safe_through: 1,
        head: Digest([1; 32]),
        at,
        signature: signature.clone(),
    };
    let roster = Roster {
        device,
        issued_at: at,
        lease_until: at,
        unlock_serial: 1,
        entries: vec![RosterEntry {
            login: vec![1; 32],
            memory_kib: 64,
            passes: 3,
            salt: vec![2; 16],
            grant: vec![3; 40],
        }],
    };
    let wipe = WipeReport {
        device,
        stage: WipeStage::ReadingKeysDestroyed,
        last_seq: 3,
        head: Digest([1; 32]),
        unsafe_events: 1,
        at,
        signature: signature.clone(),
    };
    let order = WipeOrder {
        device,
        challenge: uuid(9),
        lost_at: at,
        signature: signature.clone(),
    };
    let wiped = WipeReceipt {
        device,
        stage: WipeStage::Wiped,
        at,
        signature: signature.clone(),
    };
    let part = CaptureReceipt {
        device,
        capture: CaptureId(uuid(8)),
        received: 10,
        complete: false,
        safe: false,
        at,
        signature,
    };
    let identity = tablet::vault::DeviceIdentity {
        device,
        server_url: "https://central.example".into(),
        certificate_pem: "invented".into(),
        ca_pem: "invented".into(),
        sealing: sealing(),
        receipt_key: vec![4; 65],
    };
    let mut all = vec![
        of_json(0, &receipt),
        of_json(1, &roster),
        of_json(
            4,
            &LoginRequest {
                login: "a".into(),
                password: "b".into(),
            },
        ),
        of_json(5, &login_response()),
        of_json(
            6,
            &EnrolRequest {
                code: "a".into(),
                csr_pem: "b".into(),
                journal_key: vec![4; 65],
            },
        ),
        of_json(
            7,
            &EnrolResponse {
                device,
                certificate_pem: "a".into(),
                ca_pem: "b".into(),
                sealing: sealing(),
                receipt_key: vec![4; 65],
            },
        ),
        of_json(8, &wipe),
        of_json(9, &wiped),
        of_json(10, &part),
        of_json(
            11,
            &ApiError {
                code: ErrorCode::Throttled,
                retry_after_s: Some(5),
            },
        ),
        of_json(12, &identity),
        of_json(13, &order),
        of_json(
            14,
            &tablet::vault::StuckReason::RefusedForGood(ErrorCode::Malformed),
        ),
    ];
    all.extend(crate::desk_seeds::values(device, at, &answers()));
    for answer in answers() {
        all.push(of_json(2, &answer));
        let body = MessageBody::Answer {
            answer: Box::new(answer),
        };
        let messages = vec![
            message(body),
            message(MessageBody::OfficerChanged {
                officer: Box::new(officer()),
            }),
        ];
        all.push(of_json(3, &InboxPage { messages }));
    }
    all
}

/// Machine-readable zones of an invented state and person, by their check digits right.
fn typed() -> Vec<Vec<u8>> {
    let td3 = concat!(
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n",
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
    );
    let td1 = concat!(
        "I<UTOD231458907<<<<<<<<<<<<<<<\n",
        "7408122F1204159UTO<<<<<<<<<<<6\n",
        "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"
    );
    [
        (0, "31201900000000"),
        (0, " 5 0101 01 000 000 1"),
        (1, "ZZ0000001"),
        (2, "аА 1234567"),
        (3, "X-123 / 4"),
        (4, "01.02.1990"),
        (4, "01021990"),
        (4, "1990-02-01"),
        (5, "Oʻgʻlon\nNamuna\nNamunayevich"),
        (6, td3),
        (6, td1),
        (
            7,
            "\u{1}P<UZBNAMUNAYEV<<NAMUNA<<<<<<<<<<<<<<<<<<<<<ZZ00000014UZB9001019M3001012",
        ),
        (7, "\u{0}I<UZBZZ00000014312019000000009001019M3001012UZB"),
        (8, "12345678abcd"),
    ]
    .map(|(which, text)| chosen(which, text.as_bytes().to_vec()))
    .into_iter()
    .chain([chosen(9, slip().into_bytes())])
    .collect()
}

/// The text of a citizen's receipt.
fn slip() -> String {
    let slip = Slip {
        encounter: EncounterId(uuid(1)),
        device: DeviceId(uuid(2)),
        training: true,
        edition: crate::draw::EDITION.into(),
        language: regulation::encounter::Language::UzbekCyrillic,
        rank: "R".into(),
        name: "N".into(),
        unit: "U".into(),
        place: "P".into(),
        at: Timestamp(NOW),
        utc_offset_minutes: 300,
        made_at: Timestamp(NOW),
        ground: "suspicion".into(),
        ground_title: "G".into(),
        complain: "C".into(),
    };
    let signed = SignedSlip {
        slip,
        signature: vec![1; 70],
        certificate: vec![2; 40],
    };
    signed.text().expect("a receipt")
}

fn csrs() -> Vec<Vec<u8>> {
    let tls = rcgen::KeyPair::generate().expect("a key");
    let csr = rcgen::CertificateParams::default()
        .serialize_request(&tls)
        .expect("a request");
    vec![
        chosen(0, csr.pem().expect("PEM").into_bytes()),
        chosen(1, csr.der().to_vec()),
        chosen(2, crate::crypto::Signer::new().public()),
    ]
}

/// Bytes to draw from: of the targets that draw what they try.
fn drawn() -> Vec<Vec<u8>> {
    let mut all = vec![Vec::new()];
    // A congruential generator (Numerical Recipes): the same seeds every time.
    let mut state = 1_u32;
    for n in 0..60 {
        let length = [16, 64, 200, 200, 600, 1500][n % 6];
        let bytes = (0..length).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        });
        all.push(bytes.collect());
    }
    for value in [1, 2, 3, 6, 16, 64, 128, 255] {
        all.push(vec![value; 120]);
    }
    all
}

/// Inputs to begin with: by target name and file name.
#[must_use]
pub fn seeds() -> Vec<(&'static str, String, Vec<u8>)> {
    let mut out = Vec::new();
    let mut put = |target, inputs: Vec<Vec<u8>>| {
        for (n, bytes) in inputs.into_iter().enumerate() {
            out.push((target, format!("{n:02}"), bytes));
        }
    };
    put("cbor", cbor());
    put("json", json());
    put("typed", typed());
    put("edition", edition::editions());
    put("csr", csrs());
    for target in [
        "export",
        "encounter",
        "sealed",
        "http",
        "vault",
        "central",
        "replica",
        "import",
    ] {
        put(target, drawn());
    }
    put("scanner", crate::devices::scanners());
    put("zone", crate::devices::zones());
    out
}
