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
        Self(
            self.0
                .saturating_add(i64::try_from(millis).unwrap_or(i64::MAX)),
        )
    }

    /// The local time of day of this moment, `HH:MM`.
    #[must_use]
    pub fn local_clock(self, utc_offset_minutes: i32) -> String {
        let minutes = self.0.div_euclid(60_000) + i64::from(utc_offset_minutes);
        let of_day = minutes.rem_euclid(24 * 60);
        format!("{:02}:{:02}", of_day / 60, of_day % 60)
    }

    /// The local day of this moment, where local time is UTC plus `utc_offset_minutes`
    /// ([`crate::edition::Limits::utc_offset_minutes`]).
    ///
    /// # Errors
    /// [`NotADate`] for a moment outside the years 1 to 9999.
    pub fn local_date(self, utc_offset_minutes: i32) -> Result<Date, NotADate> {
        const DAY_MS: i64 = 86_400_000;
        let local = self
            .0
            .checked_add(i64::from(utc_offset_minutes) * 60_000)
            .ok_or(NotADate)?;
        // Years that begin in March put the leap day last; an era of 400 of them has 146 097 days.
        let days = local.div_euclid(DAY_MS) + 719_468;
        let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let from_march = (5 * day + 2) / 153;
        let day = day - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        let year = era * 400 + year + i64::from(month <= 2);
        Date::new(
            i16::try_from(year).map_err(|_| NotADate)?,
            u8::try_from(month).map_err(|_| NotADate)?,
            u8::try_from(day).map_err(|_| NotADate)?,
        )
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

    /// A day as people type it (§28): `DD.MM.YYYY`. Forgiven: one-digit day and month, `/`, `-`,
    /// `,` or a space for the dot, no separators at all (`DDMMYYYY`), and `YYYY-MM-DD`. A year has
    /// four digits always: two would leave the century to guess.
    ///
    /// # Errors
    /// [`NotADate`] for anything else, and for a day that the calendar does not have.
    pub fn from_typed(text: &str) -> Result<Self, NotADate> {
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let parts: Vec<&str> = text
            .split(|c: char| c.is_whitespace() || matches!(c, '.' | '/' | '-' | ','))
            .filter(|part| !part.is_empty())
            .collect();
        let (day, month, year) = match parts.as_slice() {
            [one] if one.len() == 8 && digits(one) => (&one[..2], &one[2..4], &one[4..]),
            [year, month, day] if year.len() == 4 => (*day, *month, *year),
            [day, month, year] => (*day, *month, *year),
            _ => return Err(NotADate),
        };
        let small = |part: &str| match part.len() {
            1 | 2 if digits(part) => part.parse::<u8>().map_err(|_| NotADate),
            _ => Err(NotADate),
        };
        if year.len() != 4 || !digits(year) {
            return Err(NotADate);
        }
        Self::new(
            year.parse().map_err(|_| NotADate)?,
            small(month)?,
            small(day)?,
        )
    }

    /// This day as people write it, and as [`Date::from_typed`] reads it: `DD.MM.YYYY`.
    #[must_use]
    pub fn typed(self) -> String {
        format!("{:02}.{:02}.{:04}", self.day, self.month, self.year)
    }

    /// The moment at which this day begins, where local time is UTC plus `utc_offset_minutes`; of
    /// what [`Timestamp::local_date`] says the day's first.
    #[must_use]
    pub fn begins_at(self, utc_offset_minutes: i32) -> Timestamp {
        let (month, day) = (i64::from(self.month), i64::from(self.day));
        let year = i64::from(self.year) - i64::from(month <= 2);
        let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
        let from_march = (month + 9) % 12;
        let day = (153 * from_march + 2) / 5 + day - 1;
        let days = era * 146_097 + 365 * year + year / 4 - year / 100 + day - 719_468;
        Timestamp(days * 86_400_000 - i64::from(utc_offset_minutes) * 60_000)
    }

    /// The first moment after this day; see [`Date::begins_at`].
    #[must_use]
    pub fn ends_at(self, utc_offset_minutes: i32) -> Timestamp {
        self.begins_at(utc_offset_minutes).plus_millis(86_400_000)
    }

    /// 1 to 9999.
    #[must_use]
    pub fn year(self) -> i16 {
        self.year
    }

    /// 1 to 12.
    #[must_use]
    pub fn month(self) -> u8 {
        self.month
    }

    /// 1 to 31.
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
