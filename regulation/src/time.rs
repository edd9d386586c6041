//! Moments and calendar dates, without a clock.

use serde::{Deserialize, Serialize};

/// A moment: milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Milliseconds from `earlier` to `self`; 0 if a clock ran backwards.
    #[must_use]
    pub fn millis_since(self, earlier: Self) -> u64 {
        u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0)
    }

    /// This moment, `millis` later.
    #[must_use]
    pub fn plus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_add(i64::try_from(millis).unwrap_or(i64::MAX)))
    }
}

/// A day of the Gregorian calendar; written `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date {
    year: i16,
    month: u8,
    day: u8,
}

/// A text or a triple is not a day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a day of the calendar")]
pub struct NotADate;

impl Date {
    /// # Errors
    /// [`NotADate`] for a day that the calendar does not have, or a year outside 1..=9999.
    pub fn new(year: i16, month: u8, day: u8) -> Result<Self, NotADate> {
        let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return Err(NotADate),
        };
        if !(1..=9999).contains(&year) || !(1..=days).contains(&day) {
            return Err(NotADate);
        }
        Ok(Self { year, month, day })
    }

    #[must_use]
    pub fn year(self) -> i16 {
        self.year
    }

    #[must_use]
    pub fn month(self) -> u8 {
        self.month
    }

    #[must_use]
    pub fn day(self) -> u8 {
        self.day
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

impl std::str::FromStr for Date {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<Self, NotADate> {
        if text.len() != 10 || !text.is_ascii() {
            return Err(NotADate);
        }
        let mut parts = text.split('-');
        let mut digits = |len: usize| {
            let part = parts.next().filter(|p| p.len() == len).ok_or(NotADate)?;
            if !part.bytes().all(|b| b.is_ascii_digit()) {
                return Err(NotADate);
            }
            part.parse::<i16>().map_err(|_| NotADate)
        };
        let (year, month, day) = (digits(4)?, digits(2)?, digits(2)?);
        let small = |n: i16| u8::try_from(n).map_err(|_| NotADate);
        Self::new(year, small(month)?, small(day)?)
    }
}

impl TryFrom<String> for Date {
    type Error = NotADate;

    fn try_from(text: String) -> Result<Self, NotADate> {
        text.parse()
    }
}
