//! A machine-readable zone while it is being typed: which check digits are right so far.

use super::mrz::{FILLER, MrzCheck, TD1, TD3, characters, check, td1_number};

/// A check digit of a zone that is not whole yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CheckSoFar {
    /// Field and digit are not typed to their end.
    NotYet,
    Right,
    Wrong,
}

/// How far a zone is typed. Holds nothing of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MrzProgress {
    /// Characters so far, spaces and line breaks left out.
    pub typed: usize,
    /// Characters of a whole zone of its kind; `None`: its first character is of none.
    pub of: Option<usize>,
    /// The first character that no zone has, counted from 0; nothing after it is looked at.
    pub wrong_character: Option<usize>,
    /// In the order in which they are typed; empty while the kind is not known.
    pub checks: Vec<(MrzCheck, CheckSoFar)>,
}

impl MrzProgress {
    /// Looks at a zone as typed so far. Forgives what [`super::Mrz::parse`] forgives.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let zone: Vec<u8> = characters(text).map_while(|c| c).collect();
        let typed = characters(text).count();
        let of = match zone.first() {
            Some(b'I' | b'A' | b'C') => Some(TD1),
            Some(b'P') => Some(TD3),
            _ => None,
        };
        Self {
            typed,
            of,
            wrong_character: (zone.len() < typed).then_some(zone.len()),
            checks: match of {
                Some(TD1) => td1(&zone),
                Some(_) => td3(&zone),
                None => Vec::new(),
            },
        }
    }
}

fn td1(zone: &[u8]) -> Vec<(MrzCheck, CheckSoFar)> {
    let composite = parts(zone, &[(5, 30), (30, 37), (38, 45), (48, 59)]);
    vec![
        (MrzCheck::DocumentNumber, number_of_td1(zone)),
        one(zone, MrzCheck::BirthDate, (30, 36)),
        one(zone, MrzCheck::Expiry, (38, 44)),
        (
            MrzCheck::Composite,
            so_far(composite, zone.get(59), MrzCheck::Composite),
        ),
    ]
}

fn td3(zone: &[u8]) -> Vec<(MrzCheck, CheckSoFar)> {
    let composite = parts(zone, &[(44, 54), (57, 64), (65, 87)]);
    vec![
        one(zone, MrzCheck::DocumentNumber, (44, 53)),
        one(zone, MrzCheck::BirthDate, (57, 63)),
        one(zone, MrzCheck::Expiry, (65, 71)),
        one(zone, MrzCheck::PersonalNumber, (72, 86)),
        (
            MrzCheck::Composite,
            so_far(composite, zone.get(87), MrzCheck::Composite),
        ),
    ]
}

/// A long number ends where its optional data have a filler, or at their end.
fn number_of_td1(zone: &[u8]) -> CheckSoFar {
    let (Some(number), Some(digit)) = (zone.get(5..14), zone.get(14)) else {
        return CheckSoFar::NotYet;
    };
    let optional = zone.get(15..30.min(zone.len())).unwrap_or_default();
    let goes_on = *digit == FILLER && optional.first() != Some(&FILLER);
    if goes_on && zone.len() < 30 && !optional.contains(&FILLER) {
        return CheckSoFar::NotYet;
    }
    let (number, digit, _) = td1_number(number, *digit, optional);
    so_far(Some(number), Some(&digit), MrzCheck::DocumentNumber)
}

/// The field from one place to another, its digit right after it.
fn one(zone: &[u8], which: MrzCheck, (from, to): (usize, usize)) -> (MrzCheck, CheckSoFar) {
    let field = zone.get(from..to).map(<[u8]>::to_vec);
    (which, so_far(field, zone.get(to), which))
}

fn parts(zone: &[u8], parts: &[(usize, usize)]) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    for (from, to) in parts {
        all.extend_from_slice(zone.get(*from..*to)?);
    }
    Some(all)
}

fn so_far(field: Option<Vec<u8>>, digit: Option<&u8>, which: MrzCheck) -> CheckSoFar {
    let (Some(field), Some(digit)) = (field, digit) else {
        return CheckSoFar::NotYet;
    };
    match check(&field, *digit, which) {
        Ok(()) => CheckSoFar::Right,
        Err(_) => CheckSoFar::Wrong,
    }
}
