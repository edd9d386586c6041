//! Texts: what an officer types or a camera reads, an edition's file, a request for a certificate.

use crate::Depth;
use central::ca::{Keys, check_p256_point};
use protocol::SignedSlip;
use regulation::edition::Edition;
use regulation::encounter::{DocumentKind, Language};
use regulation::identity::{BirthDate, DocumentNumber, Mrz, PersonName, Pinfl};
use regulation::law::Law;
use regulation::{Date, Timestamp};

/// Characters of a machine-readable zone.
const ZONE: &[u8; 37] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<";

/// Typed texts and machine-readable zones; the first byte chooses the reader.
pub fn typed(data: &[u8]) {
    let Some((&which, bytes)) = data.split_first() else {
        return;
    };
    let text = String::from_utf8_lossy(bytes);
    match which % 10 {
        0 => pinfl(&text),
        1 => document(DocumentKind::IdCard, &text),
        2 => document(DocumentKind::Passport, &text),
        3 => document(DocumentKind::Other, &text),
        4 => date(&text),
        5 => name(&text),
        6 => {
            if let Ok(zone) = Mrz::parse(&text, today(which)) {
                Depth::TextTaken.reach();
                assert!(!format!("{zone:?}").contains(&zone.name.surname));
            }
        }
        7 => mended_zone(bytes, today(which)),
        8 => moment(bytes),
        _ => slip(&text),
    }
}

fn today(byte: u8) -> Date {
    Date::new(1990 + i16::from(byte), 2, 28).expect("a day")
}

fn pinfl(text: &str) {
    let Ok((pinfl, _)) = Pinfl::parse(text) else {
        return;
    };
    Depth::TextTaken.reach();
    assert!(pinfl.0.len() == 14 && pinfl.0.bytes().all(|b| b.is_ascii_digit()));
    assert_eq!(
        Pinfl::parse(&pinfl.0).map(|(again, _)| again),
        Ok(pinfl.clone())
    );
    if let Some(born) = pinfl.birth_date() {
        assert!(pinfl.sex().is_some());
        assert!(pinfl.warnings_against(&born).is_empty());
    }
}

fn document(kind: DocumentKind, text: &str) {
    let Ok(number) = DocumentNumber::parse(kind, text) else {
        return;
    };
    Depth::TextTaken.reach();
    assert_eq!(DocumentNumber::parse(kind, &number.0).as_ref(), Ok(&number));
    let _ = central::people::normal_document(&number);
    match kind {
        DocumentKind::IdCard | DocumentKind::Passport => assert_eq!(number.0.len(), 9),
        DocumentKind::Other => assert!((1..=32).contains(&number.0.chars().count())),
    }
}

/// A citizen's receipt has one text.
fn slip(text: &str) {
    let Ok(signed) = SignedSlip::from_text(text) else {
        return;
    };
    Depth::TextTaken.reach();
    assert_eq!(signed.text().as_deref(), Ok(text.trim()));
    assert!(signed.slip.check().is_ok());
    assert!(!signed.slip.stopped_at().is_empty());
}

fn date(text: &str) {
    if let Ok(written) = text.parse::<Date>() {
        assert_eq!(written.to_string(), text);
    }
    let Ok(date) = Date::from_typed(text) else {
        return;
    };
    Depth::TextTaken.reach();
    assert_eq!(date.to_string().parse(), Ok(date));
    assert_eq!(Date::from_typed(&date.to_string()), Ok(date));
    if let Ok(born) = BirthDate::new(date, today(36)) {
        assert!(born.0 <= today(36));
    }
}

fn name(text: &str) {
    let mut parts = text.split('\n');
    let (surname, given) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let Ok(name) = PersonName::new(surname, given, parts.next()) else {
        return;
    };
    Depth::TextTaken.reach();
    let PersonName {
        surname,
        given,
        patronymic,
    } = &name;
    assert_eq!(
        PersonName::new(surname, given, patronymic.as_deref()).as_ref(),
        Ok(&name),
        "a name taken is taken as it stands"
    );
}

/// A zone of the right length and characters, its check digits made right, so that its fields are
/// read.
fn mended_zone(bytes: &[u8], today: Date) {
    let Some((&form, bytes)) = bytes.split_first() else {
        return;
    };
    let mut zone: Vec<u8> = bytes
        .iter()
        .map(|b| match b {
            b'A'..=b'Z' | b'0'..=b'9' | b'<' => *b,
            other => ZONE[usize::from(*other) % ZONE.len()],
        })
        .collect();
    let fields: &[(std::ops::Range<usize>, usize)] = if form % 2 == 0 {
        zone.resize(90, b'<');
        zone[0] = [b'I', b'A', b'C'][usize::from(form / 2) % 3];
        &[(5..14, 14), (30..36, 36), (38..44, 44)]
    } else {
        zone.resize(88, b'<');
        zone[0] = b'P';
        &[(44..53, 53), (57..63, 63), (65..71, 71), (72..86, 86)]
    };
    for (field, digit) in fields {
        zone[*digit] = check_digit(&zone[field.clone()]);
    }
    if form & 4 != 0 && form % 2 == 0 {
        // A long number: its check digit stands behind its end in the optional data.
        let end = (15..30).find(|at| zone[*at] == b'<').unwrap_or(30);
        if end > 15 {
            let number = [&zone[5..14], &zone[15..end - 1]].concat();
            zone[14] = b'<';
            zone[end - 1] = check_digit(&number);
        }
    }
    let composite = if form % 2 == 0 {
        [&zone[5..30], &zone[30..37], &zone[38..45], &zone[48..59]].concat()
    } else {
        [&zone[44..54], &zone[57..64], &zone[65..87]].concat()
    };
    let last = if form % 2 == 0 { 59 } else { 87 };
    zone[last] = check_digit(&composite);
    let text = String::from_utf8(zone).expect("ASCII");
    let Ok(read) = Mrz::parse(&text, today) else {
        return;
    };
    Depth::TextTaken.reach();
    assert_eq!(Mrz::parse(&text.to_lowercase(), today).as_ref(), Ok(&read));
    assert!(!read.number.0.is_empty() && !read.name.surname.is_empty());
    if let Some(born) = read.birth_date {
        assert!(born.0 <= today, "nobody is born tomorrow");
    }
}

/// Weights 7, 3, 1 of ICAO Doc 9303.
fn check_digit(field: &[u8]) -> u8 {
    let value = |b: u8| match b {
        b'0'..=b'9' => u32::from(b - b'0'),
        b'A'..=b'Z' => u32::from(b - b'A') + 10,
        _ => 0,
    };
    let weights = [7, 3, 1].into_iter().cycle();
    let sum: u32 = field.iter().zip(weights).map(|(b, w)| value(*b) * w).sum();
    b'0' + (sum % 10) as u8
}

/// A moment and an offset as a file or a clock may hold them.
fn moment(bytes: &[u8]) {
    let Some((at, rest)) = bytes.split_first_chunk::<8>() else {
        return;
    };
    let at = Timestamp(i64::from_be_bytes(*at));
    let offset = rest
        .first_chunk::<4>()
        .map_or(300, |o| i32::from_be_bytes(*o));
    if let Ok(day) = at.local_date(offset) {
        Depth::TextTaken.reach();
        assert_eq!(Date::new(day.year(), day.month(), day.day()), Ok(day));
    }
    let later = at.plus_millis(u64::from_be_bytes(at.0.to_be_bytes()));
    assert!(later.millis_since(at) <= later.0.abs_diff(at.0));
}

/// An edition's file, or the one with its text.
pub fn edition(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(law) = Law::parse(&text) {
        Depth::LawRead.reach();
        for found in law.search(&text, Language::Russian) {
            assert!(law.paragraph(found.paragraph).is_some());
        }
    }
    let Ok(edition) = Edition::parse(&text) else {
        return;
    };
    Depth::EditionRead.reach();
    assert!(edition.limits.text_chars > 0 && edition.limits.pending_limit_ms() > 0);
    for ground in &edition.grounds {
        assert_eq!(edition.ground(&ground.id), Some(ground));
    }
    for reason in &edition.no_fingerprint_reasons {
        assert_eq!(edition.no_fingerprint_reason(&reason.id), Some(reason));
    }
    for case in &edition.station_cases {
        assert_eq!(edition.station_case(&case.id), Some(case));
    }
}

/// A tablet's request for a certificate, as PEM and as the bytes inside, and a public key.
pub fn csr(data: &[u8]) {
    let Some((&which, bytes)) = data.split_first() else {
        return;
    };
    let read = match which % 3 {
        0 => Keys::csr_key(&String::from_utf8_lossy(bytes)).is_ok(),
        1 => Keys::csr_key(&crate::crypto::pem("CERTIFICATE REQUEST", bytes)).is_ok(),
        _ => check_p256_point(bytes).is_ok(),
    };
    if read {
        Depth::KeyRead.reach();
    }
}
