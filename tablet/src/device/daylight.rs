//! When it is night, for the colours of the screen.

use regulation::Timestamp;

const TABLE: &str = include_str!("../../assets/daylight.txt");

/// Sunrise and sunset of each month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Daylight(Vec<Day>);

/// Minutes after midnight, local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Day {
    sunrise: i64,
    sunset: i64,
}

/// A table of daylight that is not twelve months of sunrise and sunset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "line {0}: twelve months are wanted, in their order: month HH:MM HH:MM, sunrise before sunset"
)]
pub struct BadDaylight(usize);

impl Daylight {
    /// The table that the program comes with.
    ///
    /// # Errors
    /// As [`Daylight::read`].
    pub fn shipped() -> Result<Self, BadDaylight> {
        Self::read(TABLE)
    }

    /// A table: a line a month, `MM HH:MM HH:MM`, sunrise and sunset in local time; `#` begins a comment.
    ///
    /// # Errors
    /// [`BadDaylight`] with the number of the line.
    pub fn read(text: &str) -> Result<Self, BadDaylight> {
        let mut months = Vec::new();
        let mut last = 0;
        for (number, line) in (1..).zip(text.lines()) {
            last = number;
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let day = day(line, months.len() + 1).ok_or(BadDaylight(number))?;
            months.push(day);
        }
        match months.len() {
            12 => Ok(Self(months)),
            _ => Err(BadDaylight(last)),
        }
    }

    /// Whether the sun is down, where local time is UTC plus `utc_offset_minutes`; at sunset it is night, at
    /// sunrise day. A moment of no calendar is day.
    #[must_use]
    pub fn is_night(&self, at: Timestamp, utc_offset_minutes: i32) -> bool {
        let month = at
            .local_date(utc_offset_minutes)
            .map_or(0, |day| day.month());
        let Some(day) = usize::from(month)
            .checked_sub(1)
            .and_then(|m| self.0.get(m))
        else {
            return false;
        };
        let minute = at.0.div_euclid(60_000) + i64::from(utc_offset_minutes);
        !(day.sunrise..day.sunset).contains(&minute.rem_euclid(24 * 60))
    }
}

fn day(line: &str, month: usize) -> Option<Day> {
    let mut words = line.split_whitespace();
    if words.next()?.parse() != Ok(month) {
        return None;
    }
    let (sunrise, sunset) = (minute(words.next()?)?, minute(words.next()?)?);
    (words.next().is_none() && sunrise < sunset).then_some(Day { sunrise, sunset })
}

fn minute(clock: &str) -> Option<i64> {
    let (hours, minutes) = clock.split_once(':')?;
    let (hours, minutes): (u8, u8) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then(|| i64::from(hours) * 60 + i64::from(minutes))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use regulation::Date;

    fn at(month: u8, day: u8, clock: &str) -> Timestamp {
        let begins = Date::new(2026, month, day).unwrap().begins_at(300);
        begins.plus_millis(u64::try_from(minute(clock).unwrap()).unwrap() * 60_000)
    }

    #[test]
    fn the_shipped_table_tells_night_by_month_and_minute() {
        let daylight = Daylight::shipped().unwrap();
        let night = |month, day, clock| daylight.is_night(at(month, day, clock), 300);
        for month in 1..=12 {
            assert!(!night(month, 1, "12:00"), "{month}");
            assert!(night(month, 28, "00:00"), "{month}");
            assert!(night(month, 28, "23:59"), "{month}");
        }
        // Six in the evening: night in December, day in June.
        assert!(night(12, 21, "18:00") && !night(6, 21, "18:00"));
        assert!(!night(12, 21, "16:54") && night(12, 21, "16:55"));
        assert!(night(12, 21, "07:44") && !night(12, 21, "07:45"));
        // The month is the local one: 31 May 22:00 UTC is 1 June 03:00 in Uzbekistan.
        let utc = Date::new(2026, 5, 31).unwrap().begins_at(0);
        assert!(daylight.is_night(utc.plus_millis(22 * 3_600_000), 300));
        assert!(!daylight.is_night(utc.plus_millis(24 * 3_600_000 - 10 * 60_000), 300));
    }

    #[test]
    fn a_table_that_is_none_is_refused_with_its_line() {
        let whole: Vec<String> = (1..=12).map(|m| format!("{m:02} 06:00 18:00")).collect();
        assert!(Daylight::read(&whole.join("\n")).is_ok());
        assert_eq!(
            Daylight::read(&whole[..11].join("\n")),
            Err(BadDaylight(11))
        );
        assert_eq!(Daylight::read(""), Err(BadDaylight(0)));
        for bad in [
            "03 06:00",
            "03 18:00 06:00",
            "04 06:00 18:00",
            "03 06:00 24:00",
            "03 6 18",
            "03 06:00 18:00 x",
        ] {
            let mut lines = whole.clone();
            lines[2] = bad.to_owned();
            assert_eq!(
                Daylight::read(&lines.join("\n")),
                Err(BadDaylight(3)),
                "{bad}"
            );
        }
    }
}
