//! ISO/IEC 19794-4:2005, clause 8.
//!
//! ```text
//! general header 32  "FIR\0", "010\0", length 6 bytes, capture device u16, image acquisition
//!                    level u16, number of fingers u8, scale units u8, sampling rates u16: device
//!                    x and y, picture x and y, bit depth u8, compression u8, reserved u16 = 0
//! finger 14+n        length u32 (of all of this), position u8, count of views u8, view number
//!                    u8 from 1, quality u8, impression u8, width u16, height u16,
//!                    reserved u8 = 0, image data
//! ```
//!
//! "Number of fingers" counts the finger headers, a view each.

use super::v2011::{read_coding, read_position, read_rates, read_size};
use super::{
    Compression, Device, Fault, FingerImage, FingerImageRecord, Format, Impression, MAGIC, Problem,
    QualityBlock, Reader, Report, ScaleUnits, fault, length_u32, positions, read_all,
};

pub(super) const VERSION: [u8; 4] = *b"010\0";
/// Bytes of the record length.
pub(super) const LENGTH_BYTES: usize = 6;

/// Bytes of a finger header.
const HEADER: usize = 14;
/// A finger without contact, which has another code in each edition.
const CONTACTLESS: Impression = Impression(24);
const CONTACTLESS_2005: u8 = 9;
/// Quality that was not reported.
const NOT_REPORTED: u8 = 254;

/// What the general header says of every picture.
struct Shared {
    device: u16,
    units: ScaleUnits,
    rates: [u16; 4],
    depth: u8,
    compression: Compression,
}

/// Reads what follows the record length.
pub(super) fn read(
    reader: &mut Reader<'_>,
    report: &mut Report,
) -> Result<FingerImageRecord, Fault> {
    let device = reader.u16("capture device")?;
    let level = reader.u16("image acquisition level")?;
    let count_at = reader.at();
    let count = usize::from(reader.u8("number of fingers")?);
    let (units, rates) = read_rates(reader, report)?;
    let (depth, compression) = read_coding(reader, Format::V2005, report)?;
    let at = reader.at();
    let reserved = reader.u16("reserved")?;
    let problem = Problem::Reserved(reserved.into());
    report.expect(reserved == 0, "reserved", at, problem)?;
    let shared = Shared {
        device,
        units,
        rates,
        depth,
        compression,
    };
    let mut views = Vec::new();
    let representations = read_all(reader, (count, count_at), report, |reader, report| {
        let start = reader.at();
        let (one, stated) = read_one(reader, &shared, report)?;
        views.push((start, stated));
        Ok(one)
    })?;
    for (one, (start, stated)) in representations.iter().zip(views) {
        let of_it = |other: &&FingerImage| other.position == one.position;
        let actual = representations.iter().filter(of_it).count();
        let problem = Problem::Differs {
            stated: usize::from(stated),
            actual,
        };
        let fits = usize::from(stated) == actual;
        report.expect(fits, "count of views", start.saturating_add(5), problem)?;
    }
    let positions = u8::try_from(positions(&representations)).unwrap_or(u8::MAX);
    Ok(FingerImageRecord {
        format: Format::V2005,
        certified: false,
        positions,
        level: Some(level),
        representations,
    })
}

/// A finger, and its count of views.
fn read_one(
    reader: &mut Reader<'_>,
    shared: &Shared,
    report: &mut Report,
) -> Result<(FingerImage, u8), Fault> {
    const LENGTH: &str = "length of finger data block";
    let start = reader.at();
    let length = usize::try_from(reader.u32(LENGTH)?).unwrap_or(usize::MAX);
    let position = read_position(reader, report)?;
    let at = reader.at();
    let code = position.0;
    // Only the first two tables: several fingers of one hand in any other way came in 2011.
    report.expect(
        code <= 36,
        "finger position",
        at,
        Problem::Code(code.into()),
    )?;
    let views = reader.u8("count of views")?;
    let at = reader.at();
    let number = reader.u8("view number")?;
    let problem = Problem::Range(number.into());
    report.expect(number > 0, "view number", at, problem)?;
    let at = reader.at();
    let quality = match reader.u8("finger image quality")? {
        NOT_REPORTED => None,
        score => {
            let problem = Problem::Range(score.into());
            let fits = matches!(score, 0..=100 | QualityBlock::FAILED);
            report.expect(fits, "finger image quality", at, problem)?;
            Some(QualityBlock {
                score,
                vendor: 0,
                algorithm: 0,
            })
        }
    };
    let at = reader.at();
    let code = reader.u8("impression type")?;
    let problem = Problem::Code(code.into());
    report.expect(code <= CONTACTLESS_2005, "impression type", at, problem)?;
    let impression = match code {
        CONTACTLESS_2005 => CONTACTLESS,
        other => Impression(other),
    };
    let (width, height) = read_size(reader, report)?;
    let at = reader.at();
    let reserved = reader.u8("reserved")?;
    report.expect(
        reserved == 0,
        "reserved",
        at,
        Problem::Reserved(reserved.into()),
    )?;
    let left = reader.left();
    let data = match length.checked_sub(HEADER) {
        Some(data) if data <= left => data,
        _ => {
            let problem = Problem::Length {
                stated: length,
                actual: left.saturating_add(HEADER),
            };
            report.note(LENGTH, start, problem)?;
            left
        }
    };
    let [sx, sy, x, y] = shared.rates;
    let image = FingerImage {
        captured: None,
        device: Device {
            kind: shared.device,
            ..Device::default()
        },
        quality: quality.into_iter().collect(),
        certifications: Vec::new(),
        position,
        number,
        units: shared.units,
        scan_rate: (sx, sy),
        rate: (x, y),
        depth: shared.depth,
        compression: shared.compression,
        impression,
        width,
        height,
        data: reader.take(data, "image data")?.to_vec(),
        extended: Vec::new(),
    };
    Ok((image, views))
}

/// Writes what follows the format identifier. What the header says of all pictures is the
/// first one's; a picture that differs does not come back equal, and the caller sees that.
pub(super) fn write(record: &FingerImageRecord, out: &mut Vec<u8>) -> Result<(), Fault> {
    let all = &record.representations;
    let first = all.first();
    let first = first.ok_or(fault("number of fingers", Problem::Count(0)))?;
    let problem = Problem::Count(all.len());
    let count = u8::try_from(all.len()).map_err(|_| fault("number of fingers", problem))?;
    let mut body = Vec::new();
    body.extend_from_slice(&first.device.kind.to_be_bytes());
    let level = record.level;
    let level = level.ok_or(fault("image acquisition level", Problem::Edition))?;
    body.extend_from_slice(&level.to_be_bytes());
    body.extend_from_slice(&[count, first.units.0]);
    let (scan, rate) = (first.scan_rate, first.rate);
    for rate in [scan.0, scan.1, rate.0, rate.1] {
        body.extend_from_slice(&rate.to_be_bytes());
    }
    let compression = first.compression.code(Format::V2005);
    let compression = compression.ok_or(fault("compression algorithm", Problem::Edition))?;
    body.extend_from_slice(&[first.depth, compression, 0, 0]);
    for one in all {
        let views = all.iter().filter(|other| other.position == one.position);
        let quality = match one.quality.as_slice() {
            [] => NOT_REPORTED,
            [only] => only.score,
            more => return Err(fault("finger image quality", Problem::Count(more.len()))),
        };
        let length = one.data.len().saturating_add(HEADER);
        body.extend_from_slice(&length_u32(length, "length of finger data block")?);
        // As many views as representations at most, so one byte.
        let views = views.count() as u8;
        let impression = match one.impression {
            CONTACTLESS => CONTACTLESS_2005,
            // 2011 gave it another meaning.
            Impression(CONTACTLESS_2005) => {
                return Err(fault("impression type", Problem::Edition));
            }
            other => other.0,
        };
        body.extend_from_slice(&[one.position.0, views, one.number, quality, impression]);
        body.extend_from_slice(&one.width.to_be_bytes());
        body.extend_from_slice(&one.height.to_be_bytes());
        body.push(0);
        body.extend_from_slice(&one.data);
    }
    let whole = MAGIC.len() + VERSION.len() + LENGTH_BYTES;
    let length = length_u32(whole.saturating_add(body.len()), "record length")?;
    out.extend_from_slice(&VERSION);
    out.extend_from_slice(&[0, 0]);
    out.extend_from_slice(&length);
    out.extend_from_slice(&body);
    Ok(())
}
