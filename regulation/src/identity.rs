//! Names, dates of birth, PINFL, document numbers and machine-readable zones (§8, §28).
//!
//! What is typed is checked where it is typed: the constructors here say what is wrong with which
//! field. What central holds is taken as it stands (the fields are public and deserialise as they
//! are). No `Debug` here shows personal data.

mod compare;
mod document;
mod mrz;
mod mrz_progress;
mod name;
mod pinfl;
pub mod typing;

pub(crate) use compare::is_apostrophe;
pub use compare::{Likeness, NameLikeness, compare_names, compare_numbers};
pub use document::{DocumentNumber, DocumentNumberError};
pub use mrz::{Mrz, MrzCheck, MrzError};
pub use mrz_progress::{CheckSoFar, MrzProgress};
pub use name::{NameError, NameProblem, PersonName};
pub use pinfl::{Pinfl, PinflError, PinflWarning};

use crate::Date;
use crate::hidden_debug;
use serde::{Deserialize, Serialize};

/// A date of birth.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BirthDate(pub Date);

hidden_debug!(BirthDate);

/// Why a day cannot be a person's date of birth (§28).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BirthDateError {
    #[error("the date of birth is in the future")]
    InFuture,
    #[error("the date of birth is more than 130 years ago")]
    TooLongAgo,
}

/// No person has lived longer than this, in years.
const LONGEST_LIFE: i16 = 130;

impl BirthDate {
    /// A typed date of birth (§28). `today` is the local day.
    ///
    /// # Errors
    /// The day is after `today`, or more than 130 years before it.
    pub fn new(date: Date, today: Date) -> Result<Self, BirthDateError> {
        if date > today {
            return Err(BirthDateError::InFuture);
        }
        let day =
            |date: Date, years: i16| (date.year().saturating_add(years), date.month(), date.day());
        if day(date, LONGEST_LIFE) < day(today, 0) {
            return Err(BirthDateError::TooLongAgo);
        }
        Ok(Self(date))
    }
}

/// Sex as a document or a PINFL states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    Male,
    Female,
}

/// The weighted sum of PINFL and MRZ: weights 7, 3, 1 repeating, modulo 10.
fn check_digit(values: impl Iterator<Item = u32>) -> u32 {
    values
        .zip([7, 3, 1].into_iter().cycle())
        .fold(0, |sum, (value, weight)| (sum + value * weight) % 10)
}

/// The Latin capital that looks like a Cyrillic one, as typed on the wrong layout; others as given.
fn latin_look_alike(letter: char) -> char {
    match letter {
        'А' => 'A',
        'В' => 'B',
        'Е' => 'E',
        'Ѕ' => 'S',
        'І' => 'I',
        'Ј' => 'J',
        'К' => 'K',
        'М' => 'M',
        'Н' => 'H',
        'О' => 'O',
        'Р' => 'P',
        'С' => 'C',
        'Т' => 'T',
        'У' | 'Ү' => 'Y',
        'Х' => 'X',
        other => other,
    }
}
