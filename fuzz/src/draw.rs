//! Values of the contract drawn from bytes: any value can come, likely ones come often.

use arbitrary::{Result, Unstructured};
use biometrics::finger::synth::{Finger as Skin, Impression};
use biometrics::finger::{GreyImage, encode_png};
use protocol::{
    CaptureId, CaptureKind, CaptureOf, CaptureRef, Digest, Fact, FactKind, Probe, Question,
    SessionEvent,
};
use regulation::encounter::*;
use regulation::identity::{BirthDate, DocumentNumber, PersonName, Pinfl, Sex};
use regulation::{Date, OfficerId, QuestionId, Timestamp};
use std::sync::LazyLock;
use uuid::Uuid;

/// Typed by nobody: what no log and no `Debug` may show.
pub(crate) const MARKER: &str = "Kanareykayev";
/// When everything happens, roughly.
pub(crate) const NOW: i64 = 1_800_000_000_000;
pub(crate) const EDITION: &str = "399-2022-07-22";

/// A part of a synthetic print, small enough to be extracted often.
static PRINTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    (1..=2)
        .map(|seed| encode_png(&cropped(&print(seed), 160)))
        .collect()
});

/// A whole synthetic print.
pub(crate) fn print(seed: u64) -> GreyImage {
    Skin::from_seed(seed).impression(&Impression::ordinary(1))
}

/// The middle of a picture.
pub(crate) fn cropped(image: &GreyImage, side: u32) -> GreyImage {
    let (x0, y0) = ((image.width() - side) / 2, (image.height() - side) / 2);
    let pixels = (y0..y0 + side).flat_map(|y| {
        let start = (y * image.width() + x0) as usize;
        image.pixels()[start..start + side as usize].iter().copied()
    });
    GreyImage::new(side, side, image.ppi(), pixels.collect()).expect("a part of a picture")
}

/// One time in `n`.
pub(crate) fn rarely(u: &mut Unstructured<'_>, n: u8) -> Result<bool> {
    // What is drawn from an input at its end is 0, and that is to be the ordinary case.
    Ok(u.int_in_range(0..=n - 1)? == n - 1)
}

/// At most `most` of the bytes that are left.
pub(crate) fn bytes(u: &mut Unstructured<'_>, most: usize) -> Result<Vec<u8>> {
    let length = u.int_in_range(0..=most)?.min(u.len());
    Ok(u.bytes(length)?.to_vec())
}

pub(crate) fn text(u: &mut Unstructured<'_>) -> Result<String> {
    Ok(match u.int_in_range(0..=7)? {
        0..=4 => MARKER.into(),
        5 => String::new(),
        6 => "a".repeat(u.int_in_range(490..=510)?),
        _ => String::from_utf8_lossy(&bytes(u, 40)?).into_owned(),
    })
}

/// An id of the edition, mostly one that is in it.
fn id(u: &mut Unstructured<'_>, known: &[&str]) -> Result<String> {
    if rarely(u, 8)? {
        return text(u);
    }
    Ok((*u.choose(known)?).into())
}

fn day(u: &mut Unstructured<'_>) -> Result<Date> {
    let drawn = Date::new(
        u.int_in_range(1..=9999)?,
        u.int_in_range(1..=12)?,
        u.int_in_range(1..=31)?,
    );
    Ok(drawn.unwrap_or(Date::new(1990, 1, 1).expect("a day")))
}

pub(crate) fn person(u: &mut Unstructured<'_>) -> Result<Person> {
    Ok(Person {
        name: PersonName {
            surname: text(u)?,
            given: text(u)?,
            patronymic: u.arbitrary::<bool>()?.then(|| text(u)).transpose()?,
        },
        birth_date: BirthDate(day(u)?),
    })
}

fn maybe<'a, T>(
    u: &mut Unstructured<'a>,
    draw: impl FnOnce(&mut Unstructured<'a>) -> Result<T>,
) -> Result<Option<T>> {
    u.arbitrary::<bool>()?.then(|| draw(u)).transpose()
}

fn finger(u: &mut Unstructured<'_>) -> Result<Finger> {
    u.choose(&Finger::ALL).copied()
}

fn document(u: &mut Unstructured<'_>) -> Result<DocumentKind> {
    u.choose(&[
        DocumentKind::IdCard,
        DocumentKind::Passport,
        DocumentKind::Other,
    ])
    .copied()
}

fn basis(u: &mut Unstructured<'_>) -> Result<Basis> {
    Ok(match u.int_in_range(0..=3)? {
        0 => Basis::Fingerprint {
            finger: finger(u)?,
            quality: u.arbitrary()?,
        },
        1 => Basis::Face,
        2 => Basis::Document {
            document: document(u)?,
        },
        _ => Basis::Pinfl,
    })
}

fn answer(u: &mut Unstructured<'_>) -> Result<AnswerKind> {
    Ok(match u.int_in_range(0..=6)? {
        0 => AnswerKind::Found {
            wanted: u.arbitrary()?,
            missing: u.arbitrary()?,
        },
        1 => AnswerKind::Possible,
        2 => AnswerKind::NotFound,
        3 => AnswerKind::Incomplete,
        4 => AnswerKind::Unusable,
        5 => AnswerKind::Expired,
        _ => AnswerKind::NotOffered,
    })
}

/// A moment, mostly some seconds after the last.
pub(crate) fn moment(u: &mut Unstructured<'_>, last: &mut i64) -> Result<Timestamp> {
    let later: i64 = match u.int_in_range(0..=9)? {
        0..=5 => u.int_in_range(0..=60_000)?,
        6 | 7 => *u.choose(&[599_999, 600_000, 600_001])?,
        8 => -u.int_in_range(0..=60_000)?,
        _ => return u.arbitrary().map(Timestamp),
    };
    *last = last.saturating_add(later);
    Ok(Timestamp(*last))
}

/// Any event; questions are some of `questions`.
pub(crate) fn event(u: &mut Unstructured<'_>, questions: &[QuestionId]) -> Result<Event> {
    let question = *u.choose(questions)?;
    Ok(match u.int_in_range(0..=22)? {
        0 => Event::Opened {
            place: Place {
                text: text(u)?,
                source: *u.choose(&[
                    PlaceSource::Typed,
                    PlaceSource::Chosen,
                    PlaceSource::Position,
                ])?,
            },
            citizen_language: *u.choose(&Language::ALL)?,
        },
        1 => Event::Introduced {
            service_id: *u.choose(&[ServiceId::NotAskedFor, ServiceId::AskedForAndShown])?,
        },
        2 => Event::ServiceIdShown,
        3 => Event::GroundStated {
            ground: id(u, &["suspicion", "witness", "other_lawful"])?,
            fact: text(u)?,
        },
        4 => Event::Explained {
            how: match u.int_in_range(0..=2)? {
                0 => Explanation::Full,
                1 => Explanation::ServiceInformationLeftOut,
                _ => Explanation::NotPossibleYet { why: text(u)? },
            },
        },
        5 => Event::IdentifiedByDocument {
            document: document(u)?,
            number: u
                .arbitrary::<bool>()?
                .then(|| text(u).map(DocumentNumber))
                .transpose()?,
            person: person(u)?,
        },
        6 => Event::Asked {
            question,
            basis: basis(u)?,
        },
        7 => Event::FingerprintAttempted {
            finger: finger(u)?,
            fault: text(u)?,
        },
        8 => Event::FingerprintImpossible {
            reason: id(u, &["injury", "quality", "no_match", "refusal", "other"])?,
            note: u.arbitrary::<bool>()?.then(|| text(u)).transpose()?,
        },
        9 => Event::QuestionWithdrawn { question },
        10 => Event::AnswerArrived {
            question,
            answer: answer(u)?,
        },
        11 => Event::Revealed { question },
        12 => Event::IdentityConfirmed { question },
        13 => Event::IdentityDisputed { question },
        14 => Event::PersonEntered { person: person(u)? },
        15 => Event::Unidentifiable {
            why: *u.choose(&[
                Unidentified::NotFound,
                Unidentified::WaitedTooLong,
                Unidentified::NoMeansLeft,
            ])?,
        },
        16 => Event::OutcomeRecorded {
            outcome: match u.int_in_range(0..=3)? {
                0 => Outcome::Released,
                1 => Outcome::TakenToStation {
                    case: id(u, &["cannot_identify", "wanted_or_missing", "resisted"])?,
                },
                2 => Outcome::ProtocolOnTheSpot { number: text(u)? },
                _ => Outcome::TakenOnOtherGround {
                    article: text(u)?,
                    by_order_of: text(u)?,
                },
            },
        },
        17 => Event::CandidateRevealed {
            question,
            candidate: u.arbitrary()?,
        },
        18 => Event::CandidateConfirmed {
            question,
            candidate: Chosen {
                place: u.arbitrary()?,
                wanted: u.arbitrary()?,
                missing: u.arbitrary()?,
            },
        },
        19 => Event::NoneOfThese { question },
        20 => Event::DocumentStated {
            said: DocumentData {
                document: document(u)?,
                number: maybe(u, |u| text(u).map(DocumentNumber))?,
                pinfl: maybe(u, |u| text(u).map(Pinfl))?,
                sex: maybe(u, |u| u.choose(&[Sex::Male, Sex::Female]).copied())?,
                expiry: maybe(u, day)?,
            },
        },
        21 => Event::FingersUnavailable {
            fingers: (0..u.int_in_range(0..=12)?)
                .map(|_| finger(u))
                .collect::<Result<_>>()?,
            why: *u.choose(&[FingerLack::Missing, FingerLack::Injured])?,
        },
        _ => Event::Closed,
    })
}

/// Events that open the way to a question.
pub(crate) fn opening() -> [Event; 4] {
    [
        Event::Opened {
            place: Place {
                text: MARKER.into(),
                source: PlaceSource::Typed,
            },
            citizen_language: Language::UzbekLatin,
        },
        Event::Introduced {
            service_id: ServiceId::NotAskedFor,
        },
        Event::GroundStated {
            ground: "suspicion".into(),
            fact: MARKER.into(),
        },
        Event::Explained {
            how: Explanation::Full,
        },
    ]
}

/// What stands in for a picture: bytes as they are, grey bytes made a picture, or a print with some
/// of its bytes changed.
pub(crate) fn picture(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    Ok(match u.int_in_range(0..=3)? {
        0 => bytes(u, 4000)?,
        1 => {
            let (width, height) = (u.int_in_range(64..=160)?, u.int_in_range(64..=160)?);
            let seed = bytes(u, 300)?;
            let pixels = seed.iter().chain([&128]).copied().cycle();
            let pixels = pixels.take((width * height) as usize).collect();
            encode_png(&GreyImage::new(width, height, 500, pixels).expect("an allowed size"))
        }
        _ => {
            let mut png = u.choose(&PRINTS)?.clone();
            patch(u, &mut png, 3)?;
            png
        }
    })
}

/// Changes at most `most` places of the bytes.
pub(crate) fn patch(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>, most: u8) -> Result<()> {
    for _ in 0..u.int_in_range(0..=most)? {
        if bytes.is_empty() {
            return Ok(());
        }
        let at = u.int_in_range(0..=bytes.len() - 1)?;
        match u.int_in_range(0..=5)? {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, u.arbitrary()?),
            2 => bytes[at] ^= 1 << u.int_in_range(0..=7)?,
            3 => {
                let value = u.arbitrary::<u64>()?.to_be_bytes();
                let end = (at + 8).min(bytes.len());
                bytes[at..end].copy_from_slice(&value[..end - at]);
            }
            _ => bytes[at] = u.arbitrary()?,
        }
    }
    Ok(())
}

fn probe(u: &mut Unstructured<'_>, basis: Option<&Basis>) -> Result<Probe> {
    let which = match basis {
        Some(Basis::Fingerprint { .. }) => 0,
        Some(Basis::Document { .. }) => 1,
        Some(Basis::Pinfl) => 2,
        Some(Basis::Face) => 3,
        None => u.int_in_range(0..=3)?,
    };
    Ok(match (which, basis) {
        (0, basis) => Probe::Fingerprint {
            finger: match basis {
                Some(Basis::Fingerprint { finger, .. }) => *finger,
                _ => finger(u)?,
            },
            ppi: *u.choose(&[500, 500, 500, 250, 1000, 0, u16::MAX])?,
            png: picture(u)?,
            with: Vec::new(),
        },
        (1, basis) => Probe::Document {
            document: match basis {
                Some(Basis::Document { document }) => *document,
                _ => document(u)?,
            },
            number: DocumentNumber(id(u, &["ZZ0000001", "zz 0000002"])?),
        },
        (3, _) => Probe::Face { jpeg: picture(u)? },
        _ => Probe::Pinfl {
            pinfl: Pinfl(id(u, &["00000000000001", "31201900000000"])?),
        },
    })
}

/// A fact, mostly one that fits: an event, its question with it.
pub(crate) fn fact(
    u: &mut Unstructured<'_>,
    officer: OfficerId,
    questions: &[QuestionId],
    event: Event,
    last: &mut i64,
) -> Result<Fact> {
    let kind = match u.int_in_range(0..=15)? {
        14 => FactKind::Session {
            event: *u.choose(&[SessionEvent::Started, SessionEvent::Ended])?,
        },
        15 => FactKind::Capture {
            capture: CaptureRef {
                id: CaptureId(Uuid::from_u128(u.arbitrary()?)),
                kind: *u.choose(&[CaptureKind::Document, CaptureKind::Unknown])?,
                plain_bytes: u.arbitrary()?,
                size: u.arbitrary()?,
                digest: Digest(u.arbitrary()?),
                key: bytes(u, 40)?,
            },
            of: u.ratio(1, 4)?.then_some(CaptureOf::Unknown),
        },
        _ => {
            let question = match &event {
                Event::Asked { question, basis } if !rarely(u, 8)? => Some(Question {
                    id: *question,
                    expires_at: moment(u, &mut last.saturating_add(3_600_000))?,
                    probe: probe(u, Some(basis))?,
                }),
                _ if rarely(u, 16)? => Some(Question {
                    id: *u.choose(questions)?,
                    expires_at: moment(u, last)?,
                    probe: probe(u, None)?,
                }),
                _ => None,
            };
            FactKind::Encounter {
                recorded: Recorded {
                    at: moment(u, last)?,
                    event,
                },
                question,
            }
        }
    };
    Ok(Fact {
        edition: id(u, &[EDITION])?,
        machine: u.arbitrary()?,
        officer: if rarely(u, 16)? {
            OfficerId(Uuid::from_u128(u.arbitrary()?))
        } else {
            officer
        },
        at: moment(u, last)?,
        uptime_ms: u.arbitrary()?,
        training: rarely(u, 16)?,
        kind,
    })
}
