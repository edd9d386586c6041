//! PINFL (JSHSHIR).

use super::{BirthDate, Sex, check_digit};
use crate::Date;
use crate::hidden_debug;
use serde::{Deserialize, Serialize};

/// Personal identification number of a natural person (JSHSHIR), 14 digits.
///
/// Sex and century (1), day, month and year of birth (6), area (3), serial (3), check digit (1).
/// That reading is not from an official text: what does not fit it is a warning, never an error.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pinfl(pub String);

hidden_debug!(Pinfl);

/// Why a typed PINFL was not taken (§28).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinflError {
    #[error("a PINFL has 14 digits")]
    NotFourteenDigits,
}

/// What is odd about a PINFL; to be shown, never to block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PinflWarning {
    /// The last digit is not the check digit of the others.
    CheckDigit,
    /// The first digit states no known sex and century (3 to 6).
    SexAndCentury,
    /// Digits 2 to 7 are no day of the calendar.
    BirthDate,
    /// The date of birth in the PINFL is not the one typed.
    BirthDateDiffers,
    /// The sex in the PINFL is not the one that the document states.
    SexDiffers,
}

impl Pinfl {
    /// A typed PINFL, spaces dropped, with what is odd about it.
    ///
    /// # Errors
    /// Anything but 14 digits.
    pub fn parse(text: &str) -> Result<(Self, Vec<PinflWarning>), PinflError> {
        let pinfl = Self(text.chars().filter(|c| !c.is_whitespace()).collect());
        let digits = pinfl.digits().ok_or(PinflError::NotFourteenDigits)?;
        let mut warnings = Vec::new();
        let (body, check) = digits.split_at(13);
        if check != [check_digit(body.iter().copied())] {
            warnings.push(PinflWarning::CheckDigit);
        }
        if pinfl.sex().is_none() {
            warnings.push(PinflWarning::SexAndCentury);
        } else if pinfl.birth_date().is_none() {
            warnings.push(PinflWarning::BirthDate);
        }
        Ok((pinfl, warnings))
    }

    fn digits(&self) -> Option<[u32; 14]> {
        let digits: Option<Vec<u32>> = self.0.chars().map(|c| c.to_digit(10)).collect();
        digits?.try_into().ok()
    }

    /// The date of birth that the PINFL states; `None` if it states none that can be read.
    #[must_use]
    pub fn birth_date(&self) -> Option<BirthDate> {
        let [first, d1, d2, m1, m2, y1, y2, ..] = self.digits()?;
        let century = match first {
            3 | 4 => 1900,
            5 | 6 => 2000,
            _ => return None,
        };
        let year = i16::try_from(century + y1 * 10 + y2).ok()?;
        let small = |tens: u32, ones: u32| u8::try_from(tens * 10 + ones).ok();
        Date::new(year, small(m1, m2)?, small(d1, d2)?)
            .ok()
            .map(BirthDate)
    }

    /// The sex that the PINFL states; `None` if its first digit is not 3 to 6.
    #[must_use]
    pub fn sex(&self) -> Option<Sex> {
        match self.digits()?[0] {
            3 | 5 => Some(Sex::Male),
            4 | 6 => Some(Sex::Female),
            _ => None,
        }
    }

    /// What is odd about the PINFL beside this date of birth, in addition to the warnings of
    /// [`Pinfl::parse`].
    #[must_use]
    pub fn warnings_against(&self, birth_date: &BirthDate) -> Vec<PinflWarning> {
        match self.birth_date() {
            Some(stated) if stated != *birth_date => vec![PinflWarning::BirthDateDiffers],
            _ => Vec::new(),
        }
    }

    /// The same beside this sex, as the document states it.
    #[must_use]
    pub fn warning_against_sex(&self, sex: Sex) -> Option<PinflWarning> {
        self.sex()
            .is_some_and(|stated| stated != sex)
            .then_some(PinflWarning::SexDiffers)
    }
}
