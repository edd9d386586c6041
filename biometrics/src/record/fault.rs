//! What is wrong with an image record, and where; reading that knows its place.

use thiserror::Error;

use super::cursor::Cursor;

/// Most deviations that a lenient reading lists; further ones of the same record are dropped.
pub const MAX_DEVIATIONS: usize = 100;

/// Something in an image record that its standard does not allow: which field, at which byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{field} at byte {offset}: {problem}")]
pub struct Fault {
    /// The field's name in the standard.
    pub field: &'static str,
    /// Bytes from the beginning of the record to the field; 0 when writing.
    pub offset: usize,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a field of an image record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Problem {
    /// More bytes than a reader takes at all.
    #[error("{0} bytes are more than any acceptable record needs")]
    TooLong(usize),
    /// The record ends inside the field.
    #[error("{needed} bytes are needed, {left} are left")]
    Truncated {
        /// Bytes the field takes.
        needed: usize,
        /// Bytes left from its beginning.
        left: usize,
    },
    /// Another format identifier than the record's.
    #[error("not the identifier of this record format")]
    Magic,
    /// A version that is not read.
    #[error("this version is not known")]
    Version,
    /// A length field that does not say what is there.
    #[error("{stated} bytes are stated, {actual} are there")]
    Length {
        /// Bytes stated.
        stated: usize,
        /// Bytes there.
        actual: usize,
    },
    /// Bytes where the standard has none.
    #[error("{0} bytes follow where nothing should")]
    Trailing(usize),
    /// A reserved field that is not zero.
    #[error("reserved, and {0} instead of zero")]
    Reserved(u32),
    /// A code without a meaning in this edition.
    #[error("code {0} has no meaning in this edition")]
    Code(u32),
    /// A value outside its range.
    #[error("{0} is out of range")]
    Range(u32),
    /// Date and time that are no moment.
    #[error("not a moment")]
    Moment,
    /// A count outside what is accepted.
    #[error("a count of {0} is outside what is accepted")]
    Count(usize),
    /// A count that other fields contradict.
    #[error("{stated} is stated, {actual} are there")]
    Differs {
        /// The count stated.
        stated: usize,
        /// The count found.
        actual: usize,
    },
    /// The same position and number as an earlier representation.
    #[error("repeats an earlier representation")]
    Repeated,
    /// Something that this edition has no field for, or cannot be without.
    #[error("has no place in this edition")]
    Edition,
}

/// Keeps deviations, or refuses the first of them.
pub(crate) struct Report {
    strict: bool,
    deviations: Vec<Fault>,
}

impl Report {
    pub fn strict() -> Self {
        Self {
            strict: true,
            deviations: Vec::new(),
        }
    }

    pub fn lenient() -> Self {
        Self {
            strict: false,
            deviations: Vec::new(),
        }
    }

    /// A deviation that can be read over: an error in a strict reading.
    pub fn note(
        &mut self,
        field: &'static str,
        offset: usize,
        problem: Problem,
    ) -> Result<(), Fault> {
        self.keep(Fault {
            field,
            offset,
            problem,
        })
    }

    pub fn keep(&mut self, fault: Fault) -> Result<(), Fault> {
        if self.strict {
            return Err(fault);
        }
        if self.deviations.len() < MAX_DEVIATIONS {
            self.deviations.push(fault);
        }
        Ok(())
    }

    /// [`Self::note`] unless `fine`.
    pub fn expect(
        &mut self,
        fine: bool,
        field: &'static str,
        offset: usize,
        problem: Problem,
    ) -> Result<(), Fault> {
        if fine {
            Ok(())
        } else {
            self.note(field, offset, problem)
        }
    }

    pub fn into_deviations(self) -> Vec<Fault> {
        self.deviations
    }
}

/// A cursor that knows how far it is from the record's beginning.
pub(crate) struct Reader<'a> {
    cursor: Cursor<'a>,
    end: usize,
}

impl<'a> Reader<'a> {
    pub fn new(record: &'a [u8]) -> Self {
        Self {
            cursor: Cursor::new(record),
            end: record.len(),
        }
    }

    /// Bytes from the record's beginning to what is read next.
    pub fn at(&self) -> usize {
        self.end.saturating_sub(self.cursor.left())
    }

    /// How many bytes are left.
    pub fn left(&self) -> usize {
        self.cursor.left()
    }

    pub fn take(&mut self, len: usize, field: &'static str) -> Result<&'a [u8], Fault> {
        let short = self.short(len, field);
        self.cursor.take(len).ok_or(short)
    }

    pub fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], Fault> {
        let short = self.short(N, field);
        self.cursor.array().ok_or(short)
    }

    pub fn u8(&mut self, field: &'static str) -> Result<u8, Fault> {
        self.array(field).map(u8::from_be_bytes)
    }

    pub fn u16(&mut self, field: &'static str) -> Result<u16, Fault> {
        self.array(field).map(u16::from_be_bytes)
    }

    pub fn u32(&mut self, field: &'static str) -> Result<u32, Fault> {
        self.array(field).map(u32::from_be_bytes)
    }

    fn short(&self, needed: usize, field: &'static str) -> Fault {
        Fault {
            field,
            offset: self.at(),
            problem: Problem::Truncated {
                needed,
                left: self.left(),
            },
        }
    }
}

/// The record's own length, in `length_bytes` bytes.
pub(crate) fn read_length(
    reader: &mut Reader<'_>,
    length_bytes: usize,
    report: &mut Report,
) -> Result<(), Fault> {
    const FIELD: &str = "record length";
    let at = reader.at();
    let given = at.saturating_add(reader.left());
    let stated = reader
        .take(length_bytes, FIELD)?
        .iter()
        .fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    let stated = usize::try_from(stated).unwrap_or(usize::MAX);
    let problem = Problem::Length {
        stated,
        actual: given,
    };
    report.expect(stated == given, FIELD, at, problem)
}

/// A length as four bytes.
pub(crate) fn length_u32(len: usize, field: &'static str) -> Result<[u8; 4], Fault> {
    let problem = Problem::TooLong(len);
    u32::try_from(len)
        .map(u32::to_be_bytes)
        .map_err(|_| fault(field, problem))
}

/// A fault of a value that is to be written.
pub(crate) fn fault(field: &'static str, problem: Problem) -> Fault {
    Fault {
        field,
        offset: 0,
        problem,
    }
}

/// The length of a representation that was read from `start` on: what is left of it by its own
/// length, for extended data. A length that is wrong is noted, and what was read is believed.
pub(crate) fn rest_of_representation<'a>(
    reader: &mut Reader<'a>,
    (stated, start): (u32, usize),
    report: &mut Report,
) -> Result<(&'a [u8], usize), Fault> {
    const FIELD: &str = "representation length";
    let stated = usize::try_from(stated).unwrap_or(usize::MAX);
    let read = reader.at().saturating_sub(start);
    let at = reader.at();
    match stated.checked_sub(read) {
        Some(rest) if rest <= reader.left() => Ok((reader.take(rest, FIELD)?, at)),
        _ => {
            let actual = match stated < read {
                true => read,
                false => read.saturating_add(reader.left()),
            };
            report.note(FIELD, start, Problem::Length { stated, actual })?;
            Ok((&[], at))
        }
    }
}

/// The picture's bytes behind their length. Of a length beyond the record's end, what is left.
pub(crate) fn read_picture<'a>(
    reader: &mut Reader<'a>,
    report: &mut Report,
) -> Result<&'a [u8], Fault> {
    const FIELD: &str = "length of image data";
    let at = reader.at();
    let stated = usize::try_from(reader.u32(FIELD)?).unwrap_or(usize::MAX);
    let actual = reader.left();
    if stated > actual {
        report.note(FIELD, at, Problem::Length { stated, actual })?;
    }
    reader.take(stated.min(actual), "image data")
}
