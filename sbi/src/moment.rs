//! Moments as SBI writes them: ISO 8601 with a time zone.

use regulation::Timestamp;
use time::OffsetDateTime;
use time::format_description::well_known::{Iso8601, Rfc3339};
use time::macros::format_description;

/// Longest text that is looked at.
const LONGEST: usize = 40;

/// Reads a moment. Beside RFC 3339 zones without a colon (`+0500`) and moments without a fraction
/// are met with; a moment without a zone is none, because it may mean any of 24.
#[must_use]
pub fn read(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.len() > LONGEST {
        return None;
    }
    let without_colon = format_description!(
        "[year]-[month]-[day]T[hour]:[minute]:[second][optional [.[subsecond]]][offset_hour sign:mandatory][offset_minute]"
    );
    let moment = OffsetDateTime::parse(text, &Rfc3339)
        .or_else(|_| OffsetDateTime::parse(text, &without_colon))
        .or_else(|_| OffsetDateTime::parse(text, &Iso8601::PARSING))
        .ok()?;
    let millis = moment.unix_timestamp_nanos().div_euclid(1_000_000);
    i64::try_from(millis).ok().map(Timestamp)
}

/// A moment in UTC, to the millisecond: `2026-01-31T08:05:09.120Z`.
#[must_use]
pub fn written(moment: Timestamp) -> String {
    let format =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(moment.0) * 1_000_000)
        .ok()
        .and_then(|moment| moment.format(&format).ok())
        // Beyond the year 9999: no clock says so, and no device takes it.
        .unwrap_or_else(|| "1970-01-01T00:00:00.000Z".to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn moments_are_read_as_devices_write_them() {
        let noon = Timestamp(1_769_860_800_000);
        for text in [
            "2026-01-31T12:00:00Z",
            "2026-01-31T12:00:00.000Z",
            "2026-01-31T17:00:00+05:00",
            "2026-01-31T17:00:00.000+0500",
            "2026-01-31T17:00:00+0500",
            " 2026-01-31T12:00:00.000000Z",
        ] {
            assert_eq!(read(text), Some(noon), "{text}");
        }
        assert_eq!(
            read("2026-01-31T12:00:00.123Z"),
            Some(Timestamp(1_769_860_800_123))
        );
    }

    #[test]
    fn no_moment_is_guessed() {
        for text in [
            "",
            "2026-01-31T12:00:00",
            "2026-01-31",
            "1769860800000",
            "2026-02-31T12:00:00Z",
            "31.01.2026 12:00",
            &"2".repeat(1000),
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for millis in [0, 1, 999, 1_769_860_800_123, 253_402_300_799_999] {
            assert_eq!(read(&written(Timestamp(millis))), Some(Timestamp(millis)));
        }
        assert_eq!(
            written(Timestamp(1_769_860_800_120)),
            "2026-01-31T12:00:00.120Z"
        );
    }
}
