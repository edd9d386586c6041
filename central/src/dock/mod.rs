//! What bodycams hold when they come to the dock (§19, §24), against the log of their shifts: a table that
//! the dock's own program writes is read here, and where log and dock differ is for a leader to look at.

pub(crate) mod times;

use crate::store::{DockReading, DockReadings};
use regulation::Timestamp;
use regulation::bodycam::Serial;
use std::collections::BTreeMap;

/// Bytes and rows of one table.
pub const TABLE_BYTES: u64 = 16 * 1024 * 1024;
pub const TABLE_ROWS: usize = 200_000;
/// Longest time that one row may be of.
const LONGEST_MS: u64 = 48 * 60 * 60 * 1000;
/// How far a dock's clock may be ahead.
const AHEAD_MS: u64 = 60 * 60 * 1000;

/// Why a table was not taken; nothing of it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DockError {
    #[error("the table has more than {TABLE_BYTES} bytes or {TABLE_ROWS} rows")]
    TooLong,
    #[error("the table holds nothing")]
    Empty,
    #[error("the table is not UTF-8")]
    NotText,
    #[error("what the readings cover ends before it begins")]
    Reversed,
    #[error("line {line}: {fault}")]
    Line { line: usize, fault: RowFault },
}

/// What is wrong with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    #[error("three cells are wanted: serial,from,to")]
    Cells,
    #[error("not a serial number")]
    Serial,
    #[error("not a time as 2026-11-27T08:00:00+05:00 (RFC 3339)")]
    Time,
    #[error("it ends before it begins, or is longer than two days")]
    Span,
    #[error("it lies in the future, or outside what the readings are said to cover")]
    Outside,
    #[error("nothing recorded can be told only with --until")]
    NothingUntil,
}

/// Which time the readings of a table speak of, where that is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Covered {
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

/// Reads a table: a line a recorded time, `serial,from,to`; the first may be that heading. A bodycam on
/// which nothing was found stands there with both times empty. Without `until` a reading speaks of no
/// time after the last that was recorded.
///
/// # Errors
/// [`DockError`], with the number of the line; nothing of the table counts then.
pub fn read(table: &[u8], covered: Covered, now: Timestamp) -> Result<DockReadings, DockError> {
    if table.len() as u64 > TABLE_BYTES {
        return Err(DockError::TooLong);
    }
    let latest = now.plus_millis(AHEAD_MS);
    if let (Some(since), Some(until)) = (covered.since, covered.until)
        && since >= until
    {
        return Err(DockError::Reversed);
    }
    if covered.until.is_some_and(|until| until > latest) {
        return Err(DockError::Reversed);
    }
    let text = std::str::from_utf8(table).map_err(|_| DockError::NotText)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut spans = Vec::new();
    // First and last moment that was recorded.
    let mut cameras: BTreeMap<Serial, Option<(Timestamp, Timestamp)>> = BTreeMap::new();
    for (number, row) in text.lines().enumerate() {
        let heading = number == 0 && row.trim().eq_ignore_ascii_case("serial,from,to");
        if heading || row.trim().is_empty() {
            continue;
        }
        if spans.len() + cameras.len() >= TABLE_ROWS {
            return Err(DockError::TooLong);
        }
        let fault = |fault| DockError::Line {
            line: number + 1,
            fault,
        };
        let (camera, span) = cells(row).map_err(fault)?;
        let known = cameras.entry(camera.clone()).or_default();
        let Some((from, to)) = span else {
            if covered.until.is_none() {
                return Err(fault(RowFault::NothingUntil));
            }
            continue;
        };
        let outside =
            to > covered.until.unwrap_or(latest) || covered.since.is_some_and(|since| from < since);
        if outside {
            return Err(fault(RowFault::Outside));
        }
        let (first, last) = known.unwrap_or((from, to));
        *known = Some((first.min(from), last.max(to)));
        spans.push((camera, from, to));
    }
    if cameras.is_empty() {
        return Err(DockError::Empty);
    }
    let readings = cameras.into_iter().filter_map(|(camera, recorded)| {
        let until = covered.until.or(recorded.map(|(_, last)| last))?;
        let first = recorded.map_or(until, |(first, _)| first);
        Some(DockReading {
            camera,
            since: covered.since,
            until,
            first: covered.since.unwrap_or(first),
        })
    });
    Ok(DockReadings {
        readings: readings.collect(),
        spans,
    })
}

type Row = (Serial, Option<(Timestamp, Timestamp)>);

fn cells(row: &str) -> Result<Row, RowFault> {
    let mut cells = row.split(',').map(str::trim);
    let (Some(serial), Some(from), Some(to), None) =
        (cells.next(), cells.next(), cells.next(), cells.next())
    else {
        return Err(RowFault::Cells);
    };
    let camera = serial.parse().map_err(|_| RowFault::Serial)?;
    if from.is_empty() && to.is_empty() {
        return Ok((camera, None));
    }
    let (from, to) = (moment(from)?, moment(to)?);
    if from >= to || to.millis_since(from) > LONGEST_MS {
        return Err(RowFault::Span);
    }
    Ok((camera, Some((from, to))))
}

/// A moment as RFC 3339 writes it, its offset from UTC included.
///
/// # Errors
/// [`RowFault::Time`].
pub fn moment(text: &str) -> Result<Timestamp, RowFault> {
    read_moment(text).ok_or(RowFault::Time)
}

fn read_moment(text: &str) -> Option<Timestamp> {
    if !text.is_ascii() || text.len() < 20 {
        return None;
    }
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = text.get(from..to)?;
        let all = digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse().ok().filter(|_| all)
    };
    let mark = |at: usize, mark: u8| (text.as_bytes().get(at) == Some(&mark)).then_some(());
    let date: regulation::Date = text.get(..10)?.parse().ok()?;
    if !matches!(text.as_bytes().get(10), Some(b'T' | b't' | b' ')) {
        return None;
    }
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    mark(13, b':')?;
    mark(16, b':')?;
    // A leap second is the one before it.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let rest = text.get(19..)?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        None => (0, rest),
        Some(after) => {
            let digits = after.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 {
                return None;
            }
            let (digits, zone) = after.split_at(digits);
            let thousandths: String = digits.chars().chain("000".chars()).take(3).collect();
            (thousandths.parse().ok()?, zone)
        }
    };
    let offset = match zone.as_bytes() {
        b"Z" | b"z" => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let digit = |b: u8| {
                b.is_ascii_digit()
                    .then_some(i64::from(b.wrapping_sub(b'0')))
            };
            let hours = digit(*h1)? * 10 + digit(*h2)?;
            let minutes = digit(*m1)? * 10 + digit(*m2)?;
            if hours > 23 || minutes > 59 {
                return None;
            }
            let minutes = hours * 60 + minutes;
            if *sign == b'-' { -minutes } else { minutes }
        }
        _ => return None,
    };
    let day = date.begins_at(0).0;
    let seconds = (hour * 60 + minute - offset) * 60 + second.min(59);
    Some(Timestamp(day + seconds * 1000 + fraction))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    fn fault(table: &str, covered: Covered) -> Option<DockError> {
        read(table.as_bytes(), covered, NOW).err()
    }

    #[test]
    fn a_moment_is_one_with_its_offset_and_nothing_else_is() {
        let at = |text| moment(text).ok().map(|at| at.0);
        assert_eq!(at("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(at("1970-01-01T05:00:01.25+05:00"), Some(1_250));
        assert_eq!(at("1969-12-31t23:59:59.9999z"), Some(-1));
        assert_eq!(at("1970-01-01 00:00:00-00:30"), Some(30 * 60_000));
        assert_eq!(at("2026-11-27T08:00:00+05:00"), at("2026-11-27T03:00:00Z"));
        assert_eq!(at("2016-12-31T23:59:60Z"), at("2016-12-31T23:59:59Z"));
        for wrong in [
            "",
            "2026-11-27",
            "2026-11-27T08:00:00",
            "2026-11-27T08:00:00+0500",
            "2026-11-27T08:00:00+05",
            "2026-11-27T08:00:00.Z",
            "2026-11-27T24:00:00Z",
            "2026-11-27T08:60:00Z",
            "2026-11-27T08:00:61Z",
            "2026-11-31T08:00:00Z",
            "2026-11-27T08:00:00ZZ",
            "2026-11-27T+8:00:00Z",
            "2026-11-27T08:00:00+05:99",
            "27.11.2026 08:00:00 Z",
            "２026-11-27T08:00:00Z",
        ] {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_table_says_what_was_recorded_and_of_which_time_it_speaks() -> Result<(), DockError> {
        let table = "\u{feff}serial,from,to\r\n bc-1 0001, 2026-11-01T08:00:00Z,2026-11-01T09:00:00Z\r\n\r\nBC-10001,2026-11-01T07:00:00Z,2026-11-01T07:30:00Z\r\n";
        let read = read(table.as_bytes(), Covered::default(), NOW)?;
        assert_eq!(read.spans.len(), 2);
        let one = read.readings.first().ok_or(DockError::Empty)?;
        let at = |text| moment(text).map_err(|_| DockError::Empty);
        assert_eq!(
            (one.since, one.first, one.until),
            (
                None,
                at("2026-11-01T07:00:00Z")?,
                at("2026-11-01T09:00:00Z")?
            )
        );
        let covered = Covered {
            since: Some(at("2026-11-01T06:00:00Z")?),
            until: Some(at("2026-11-01T20:00:00Z")?),
        };
        let read = super::read(format!("{table}BC-2002,,\n").as_bytes(), covered, NOW)?;
        assert_eq!((read.spans.len(), read.readings.len()), (2, 2));
        for reading in &read.readings {
            assert_eq!(Some(reading.until), covered.until);
            assert_eq!(Some(reading.first), covered.since);
        }
        Ok(())
    }

    #[test]
    fn a_table_with_anything_wrong_is_refused_with_its_line() {
        let good = "BC-0001,2026-11-01T08:00:00Z,2026-11-01T09:00:00Z";
        for (row, expected) in [
            ("BC-0001", RowFault::Cells),
            (
                "BC-0001,2026-11-01T08:00:00Z,2026-11-01T09:00:00Z,x",
                RowFault::Cells,
            ),
            (
                "BC,2026-11-01T08:00:00Z,2026-11-01T09:00:00Z",
                RowFault::Serial,
            ),
            ("serial,from,to", RowFault::Time),
            ("BC-0001,today,2026-11-01T09:00:00Z", RowFault::Time),
            ("BC-0001,2026-11-01T08:00:00Z,", RowFault::Time),
            (
                "BC-0001,2026-11-01T09:00:00Z,2026-11-01T09:00:00Z",
                RowFault::Span,
            ),
            (
                "BC-0001,2026-11-01T09:00:00Z,2026-11-03T09:00:01Z",
                RowFault::Span,
            ),
            (
                "BC-0001,2027-11-01T08:00:00Z,2027-11-01T09:00:00Z",
                RowFault::Outside,
            ),
            ("BC-0001,,", RowFault::NothingUntil),
        ] {
            let line = 3;
            let told = fault(
                &format!("serial,from,to\n{good}\n{row}"),
                Covered::default(),
            );
            assert_eq!(
                told,
                Some(DockError::Line {
                    line,
                    fault: expected
                }),
                "{row}"
            );
        }
        let until = moment("2026-11-01T08:30:00Z").ok();
        let covered = Covered { since: None, until };
        let outside = DockError::Line {
            line: 1,
            fault: RowFault::Outside,
        };
        assert_eq!(fault(good, covered), Some(outside));
        assert_eq!(fault("", Covered::default()), Some(DockError::Empty));
        assert_eq!(
            fault("serial,from,to\n", Covered::default()),
            Some(DockError::Empty)
        );
        assert_eq!(
            read(&[0xff], Covered::default(), NOW).err(),
            Some(DockError::NotText)
        );
        let reversed = Covered {
            since: until,
            until,
        };
        assert_eq!(fault(good, reversed), Some(DockError::Reversed));
        let rows = format!("{good}\n").repeat(TABLE_ROWS + 1);
        assert_eq!(fault(&rows, Covered::default()), Some(DockError::TooLong));
        let bytes = usize::try_from(TABLE_BYTES).unwrap_or(0) + 1;
        assert_eq!(
            fault(&"x".repeat(bytes), Covered::default()),
            Some(DockError::TooLong)
        );
    }
}
