//! Machine-readable zones of ICAO Doc 9303: TD1 (ID cards) and TD3 (passports).

use super::{BirthDate, DocumentNumber, PersonName, Pinfl, Sex, check_digit, latin_look_alike};
use crate::Date;
use crate::encounter::DocumentKind;

/// What a machine-readable zone says; every check digit was right.
#[derive(Clone, PartialEq, Eq)]
pub struct Mrz {
    /// ID card or passport of Uzbekistan; any other travel document is [`DocumentKind::Other`].
    pub document: DocumentKind,
    /// Issuing state, three letters (fewer for some states).
    pub issuer: String,
    pub number: DocumentNumber,
    /// In the optional data of documents of Uzbekistan.
    pub pinfl: Option<Pinfl>,
    /// In capitals of the basic Latin alphabet, perhaps cut short: the zone holds no other. There
    /// is no patronymic in it, and the given name may be empty.
    pub name: PersonName,
    /// `None` if the document leaves a part of the date open.
    pub birth_date: Option<BirthDate>,
    pub sex: Option<Sex>,
    pub nationality: String,
    /// `None` if the document states none.
    pub expiry: Option<Date>,
}

impl std::fmt::Debug for Mrz {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mrz")
            .field("document", &self.document)
            .finish_non_exhaustive()
    }
}

/// The field that a check digit guards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MrzCheck {
    DocumentNumber,
    BirthDate,
    Expiry,
    /// TD3 only: the personal number.
    PersonalNumber,
    /// Over all of them.
    Composite,
}

/// Why a zone was not taken. Holds nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MrzError {
    #[error("a zone has three lines of 30 or two of 44 characters; this one has {0} in all")]
    Length(usize),
    /// Counted from 0, spaces and line breaks left out.
    #[error("character {0} of the zone is no capital, digit or filler")]
    Character(usize),
    #[error("not an identity document")]
    NotAnIdentityDocument,
    #[error("wrong check digit: {0:?}")]
    Check(MrzCheck),
    #[error("the document number has not the form of its kind")]
    DocumentNumber,
    #[error("the date of birth is not a day of the calendar, or not one a person can be born on")]
    BirthDate,
    #[error("the expiry is not a day of the calendar")]
    Expiry,
    #[error("the zone holds no name")]
    Name,
}

pub(super) const FILLER: u8 = b'<';
pub(super) const TD1: usize = 90;
pub(super) const TD3: usize = 88;

/// The characters of a zone as typed; `None`: no character of a zone.
pub(super) fn characters(text: &str) -> impl Iterator<Item = Option<u8>> {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_uppercase)
        .map(|c| match c {
            '«' | '‹' => '<',
            other => latin_look_alike(other),
        })
        .map(|c| {
            u8::try_from(c)
                .ok()
                .filter(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == FILLER)
        })
}

impl Mrz {
    /// Reads a zone: TD1 (three lines of 30) or TD3 (two of 44). Spaces and line breaks anywhere,
    /// small letters, Cyrillic look-alikes and guillemets for the filler are forgiven. `today`, the
    /// local day, tells the centuries of two-digit years apart.
    ///
    /// # Errors
    /// The first thing that is wrong; any wrong check digit is.
    pub fn parse(text: &str, today: Date) -> Result<Self, MrzError> {
        let zone = characters(text)
            .enumerate()
            .map(|(i, c)| c.ok_or(MrzError::Character(i)))
            .collect::<Result<Vec<u8>, _>>()?;
        if let Ok(td1) = <&[u8; TD1]>::try_from(zone.as_slice()) {
            Fields::of_td1(td1)?.read(today)
        } else if let Ok(td3) = <&[u8; TD3]>::try_from(zone.as_slice()) {
            Fields::of_td3(td3)?.read(today)
        } else {
            Err(MrzError::Length(zone.len()))
        }
    }
}

/// The fields of a zone, their check digits right.
struct Fields {
    document: Option<DocumentKind>,
    issuer: [u8; 3],
    number: Vec<u8>,
    optional: Vec<u8>,
    name: Vec<u8>,
    birth: [u8; 6],
    sex: u8,
    nationality: [u8; 3],
    expiry: [u8; 6],
}

impl Fields {
    fn of_td1(zone: &[u8; TD1]) -> Result<Self, MrzError> {
        if !matches!(zone[0], b'I' | b'A' | b'C') {
            return Err(MrzError::NotAnIdentityDocument);
        }
        let (number, number_check, optional) = td1_number(&zone[5..14], zone[14], &zone[15..30]);
        check(&number, number_check, MrzCheck::DocumentNumber)?;
        check(&zone[30..36], zone[36], MrzCheck::BirthDate)?;
        check(&zone[38..44], zone[44], MrzCheck::Expiry)?;
        let composite = [&zone[5..30], &zone[30..37], &zone[38..45], &zone[48..59]].concat();
        check(&composite, zone[59], MrzCheck::Composite)?;
        Ok(Self {
            document: (zone[0] == b'I').then_some(DocumentKind::IdCard),
            issuer: [zone[2], zone[3], zone[4]],
            number,
            optional,
            name: zone[60..90].to_vec(),
            birth: six(&zone[30..36]),
            sex: zone[37],
            nationality: [zone[45], zone[46], zone[47]],
            expiry: six(&zone[38..44]),
        })
    }

    fn of_td3(zone: &[u8; TD3]) -> Result<Self, MrzError> {
        if zone[0] != b'P' {
            return Err(MrzError::NotAnIdentityDocument);
        }
        check(&zone[44..53], zone[53], MrzCheck::DocumentNumber)?;
        check(&zone[57..63], zone[63], MrzCheck::BirthDate)?;
        check(&zone[65..71], zone[71], MrzCheck::Expiry)?;
        check(&zone[72..86], zone[86], MrzCheck::PersonalNumber)?;
        let composite = [&zone[44..54], &zone[57..64], &zone[65..87]].concat();
        check(&composite, zone[87], MrzCheck::Composite)?;
        Ok(Self {
            document: Some(DocumentKind::Passport),
            issuer: [zone[2], zone[3], zone[4]],
            number: zone[44..53].to_vec(),
            optional: zone[72..86].to_vec(),
            name: zone[5..44].to_vec(),
            birth: six(&zone[57..63]),
            sex: zone[64],
            nationality: [zone[54], zone[55], zone[56]],
            expiry: six(&zone[65..71]),
        })
    }

    fn read(self, today: Date) -> Result<Mrz, MrzError> {
        let ours = &self.issuer == b"UZB";
        let document = self
            .document
            .filter(|_| ours)
            .unwrap_or(DocumentKind::Other);
        let number = DocumentNumber::parse(document, &words(&self.number))
            .map_err(|_| MrzError::DocumentNumber)?;
        let pinfl = Pinfl::parse(&words(&self.optional))
            .ok()
            .filter(|_| ours)
            .map(|(p, _)| p);
        let (surname, given) = words_of_name(&self.name);
        if surname.is_empty() || self.name.iter().any(u8::is_ascii_digit) {
            return Err(MrzError::Name);
        }
        let this_year = i32::from(today.year());
        let birth_date = birth_date(self.birth, today).ok_or(MrzError::BirthDate)?;
        let expiry = date(self.expiry, |year| year < this_year + 50).ok_or(MrzError::Expiry)?;
        Ok(Mrz {
            document,
            issuer: words(&self.issuer),
            number,
            pinfl,
            name: PersonName {
                surname,
                given,
                patronymic: None,
            },
            birth_date,
            sex: match self.sex {
                b'M' => Some(Sex::Male),
                b'F' => Some(Sex::Female),
                _ => None,
            },
            nationality: words(&self.nationality),
            expiry,
        })
    }
}

/// Number, its check digit and what is left of the optional data: a number of more than nine
/// characters goes on there, check digit last.
pub(super) fn td1_number(number: &[u8], digit: u8, optional: &[u8]) -> (Vec<u8>, u8, Vec<u8>) {
    let mut number = number.to_vec();
    if digit != FILLER || optional.first().is_none_or(|b| *b == FILLER) {
        return (number, digit, optional.to_vec());
    }
    let end = optional
        .iter()
        .position(|b| *b == FILLER)
        .unwrap_or(optional.len());
    let (on, rest) = optional.split_at(end);
    let (digit, on) = on.split_last().unwrap_or((&FILLER, &[]));
    number.extend(on);
    (number, *digit, rest.to_vec())
}

/// A check digit; over an empty field it may be the filler.
pub(super) fn check(field: &[u8], digit: u8, which: MrzCheck) -> Result<(), MrzError> {
    let value = |b: u8| match b {
        b'0'..=b'9' => u32::from(b - b'0'),
        b'A'..=b'Z' => u32::from(b - b'A') + 10,
        _ => 0,
    };
    let empty = digit == FILLER && field.iter().all(|b| *b == FILLER);
    let right =
        digit.is_ascii_digit() && value(digit) == check_digit(field.iter().copied().map(value));
    if empty || right {
        Ok(())
    } else {
        Err(MrzError::Check(which))
    }
}

fn six(field: &[u8]) -> [u8; 6] {
    let mut six = [FILLER; 6];
    six.iter_mut().zip(field).for_each(|(to, from)| *to = *from);
    six
}

/// `YYMMDD` in the latest year that `may_be` allows: `Some(None)` where a part of it is left open,
/// `None` where it is no day of the calendar.
fn date(field: [u8; 6], may_be: impl Fn(i32) -> bool) -> Option<Option<Date>> {
    if field.contains(&FILLER) {
        return Some(None);
    }
    if !field.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let [y1, y2, m1, m2, d1, d2] = field.map(|b| b - b'0');
    let of_century = i32::from(y1 * 10 + y2);
    let year = (0..100)
        .rev()
        .map(|century| century * 100 + of_century)
        .find(|year| may_be(*year))
        .and_then(|year| i16::try_from(year).ok())?;
    Date::new(year, m1 * 10 + m2, d1 * 10 + d2).ok().map(Some)
}

/// The latest such day that is not after `today`.
fn birth_date(field: [u8; 6], today: Date) -> Option<Option<BirthDate>> {
    let this_year = i32::from(today.year());
    let within = |day: Option<Date>| day.is_none_or(|day| day <= today);
    let day = date(field, |year| year <= this_year)
        .filter(|day| within(*day))
        .or_else(|| date(field, |year| year <= this_year - 100))?;
    day.map(|day| BirthDate::new(day, today)).transpose().ok()
}

/// A field with its fillers read as spaces.
fn words(field: &[u8]) -> String {
    let text: String = field
        .iter()
        .map(|b| if *b == FILLER { ' ' } else { char::from(*b) })
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Surname and given names, which two fillers part.
fn words_of_name(field: &[u8]) -> (String, String) {
    let parted = field.windows(2).position(|pair| pair == [FILLER, FILLER]);
    let (surname, given) = field.split_at(parted.unwrap_or(field.len()));
    (words(surname), words(given))
}
