//! What representation headers of the 2011 editions have in common (ISO/IEC 19794-1:2011).

use super::fault::{Fault, Problem, Reader, Report, fault};

/// When a representation was captured: UTC, to the millisecond (19794-1:2011, 12.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct CaptureTime {
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    /// 0 to 59, 60 in a leap second.
    pub second: u8,
    pub millisecond: u16,
}

impl std::fmt::Display for CaptureTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03} UTC",
            self.year, self.month, self.day, self.hour, self.minute, self.second, self.millisecond
        )
    }
}

impl CaptureTime {
    /// Whether it is a moment at all.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let leap = self.year.is_multiple_of(4)
            && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        let days = match self.month {
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => 31,
        };
        (1..=12).contains(&self.month)
            && (1..=days).contains(&self.day)
            && self.hour < 24
            && self.minute < 60
            && self.second <= 60
            && self.millisecond < 1000
    }
}

/// The capture device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Device {
    /// How it captures; a code of the standard, 0 when not known.
    pub technology: u8,
    /// Its vendor, as registered with IBIA; 0 when not reported.
    pub vendor: u16,
    /// The vendor's own number of the device; 0 when not reported.
    pub kind: u16,
}

/// A quality score by one algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QualityBlock {
    /// 0 to 100, higher is better; [`Self::FAILED`] when it could not be computed.
    pub score: u8,
    /// The algorithm's vendor, as registered with IBIA.
    pub vendor: u16,
    /// The vendor's number of the algorithm.
    pub algorithm: u16,
}

impl QualityBlock {
    /// The score of an attempt that failed.
    pub const FAILED: u8 = 255;

    fn is_valid(self) -> bool {
        matches!(self.score, 0..=100 | Self::FAILED)
    }
}

/// A certificate that the capture device has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Certification {
    /// Who certified, as registered with IBIA.
    pub authority: u16,
    /// By which scheme; a code of the standard.
    pub scheme: u8,
}

/// The nine bytes of date and time; all ones when not given.
pub(crate) fn read_time(
    reader: &mut Reader<'_>,
    report: &mut Report,
) -> Result<Option<CaptureTime>, Fault> {
    const FIELD: &str = "capture date and time";
    let at = reader.at();
    let bytes: [u8; 9] = reader.array(FIELD)?;
    if bytes == [0xff; 9] {
        return Ok(None);
    }
    let [y0, y1, month, day, hour, minute, second, m0, m1] = bytes;
    let time = CaptureTime {
        year: u16::from_be_bytes([y0, y1]),
        month,
        day,
        hour,
        minute,
        second,
        millisecond: u16::from_be_bytes([m0, m1]),
    };
    report.expect(time.is_valid(), FIELD, at, Problem::Moment)?;
    Ok(Some(time))
}

pub(crate) fn write_time(out: &mut Vec<u8>, time: Option<&CaptureTime>) -> Result<(), Fault> {
    let Some(time) = time else {
        out.extend_from_slice(&[0xff; 9]);
        return Ok(());
    };
    if !time.is_valid() {
        return Err(fault("capture date and time", Problem::Moment));
    }
    out.extend_from_slice(&time.year.to_be_bytes());
    out.extend_from_slice(&[time.month, time.day, time.hour, time.minute, time.second]);
    out.extend_from_slice(&time.millisecond.to_be_bytes());
    Ok(())
}

pub(crate) fn read_device(reader: &mut Reader<'_>) -> Result<Device, Fault> {
    Ok(Device {
        technology: reader.u8("capture device technology")?,
        vendor: reader.u16("capture device vendor")?,
        kind: reader.u16("capture device type")?,
    })
}

pub(crate) fn write_device(out: &mut Vec<u8>, device: Device) {
    out.push(device.technology);
    out.extend_from_slice(&device.vendor.to_be_bytes());
    out.extend_from_slice(&device.kind.to_be_bytes());
}

pub(crate) fn read_quality(
    reader: &mut Reader<'_>,
    report: &mut Report,
) -> Result<Vec<QualityBlock>, Fault> {
    let count = reader.u8("number of quality blocks")?;
    (0..count)
        .map(|_| {
            let at = reader.at();
            let block = QualityBlock {
                score: reader.u8("quality score")?,
                vendor: reader.u16("quality algorithm vendor")?,
                algorithm: reader.u16("quality algorithm")?,
            };
            let problem = Problem::Range(block.score.into());
            report.expect(block.is_valid(), "quality score", at, problem)?;
            Ok(block)
        })
        .collect()
}

pub(crate) fn write_quality(out: &mut Vec<u8>, blocks: &[QualityBlock]) -> Result<(), Fault> {
    out.push(count(blocks.len(), "number of quality blocks")?);
    for block in blocks {
        if !block.is_valid() {
            return Err(fault("quality score", Problem::Range(block.score.into())));
        }
        out.push(block.score);
        out.extend_from_slice(&block.vendor.to_be_bytes());
        out.extend_from_slice(&block.algorithm.to_be_bytes());
    }
    Ok(())
}

pub(crate) fn read_certifications(reader: &mut Reader<'_>) -> Result<Vec<Certification>, Fault> {
    let count = reader.u8("number of certification blocks")?;
    (0..count)
        .map(|_| {
            Ok(Certification {
                authority: reader.u16("certification authority")?,
                scheme: reader.u8("certification scheme")?,
            })
        })
        .collect()
}

pub(crate) fn write_certifications(
    out: &mut Vec<u8>,
    blocks: &[Certification],
) -> Result<(), Fault> {
    out.push(count(blocks.len(), "number of certification blocks")?);
    for block in blocks {
        out.extend_from_slice(&block.authority.to_be_bytes());
        out.push(block.scheme);
    }
    Ok(())
}

/// A count as one byte.
fn count(len: usize, field: &'static str) -> Result<u8, Fault> {
    u8::try_from(len).map_err(|_| fault(field, Problem::Count(len)))
}
