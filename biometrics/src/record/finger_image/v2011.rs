//! ISO/IEC 19794-4:2011, clause 8.
//!
//! ```text
//! general header 16  "FIR\0", "020\0", length u32, number of representations u16,
//!                    certification flag u8 = 0 or 1, number of finger positions u8
//! representation     length u32 (of all of this), capture date and time 9 bytes, device
//!                    technology u8, device vendor u16, device type u16,
//!                    number of quality blocks u8, each: score u8, vendor u16, algorithm u16
//!                    if flagged: number of certification blocks u8, each: authority u16, scheme u8
//!                    finger position u8, representation number u8, scale units u8,
//!                    sampling rates u16: device x and y, picture x and y,
//!                    bit depth u8, compression u8, impression u8, width u16, height u16
//!                    length of image data u32, image data
//! extended data      up to the representation's end: type u16, length u16 (counting these four
//!                    bytes), content
//! ```

use super::{
    Compression, Extended, Fault, FingerImage, FingerImageRecord, Format, Impression, MAX_EXTENDED,
    MAX_NUMBER, Position, Problem, Reader, Report, ScaleUnits, fault, length_u32, positions,
    read_all,
};
use crate::record::capture;
use crate::record::fault::{read_picture, rest_of_representation};

pub(super) const VERSION: [u8; 4] = *b"020\0";

/// Reads what follows the record length.
pub(super) fn read(
    reader: &mut Reader<'_>,
    report: &mut Report,
) -> Result<FingerImageRecord, Fault> {
    let at = reader.at();
    let count = usize::from(reader.u16("number of representations")?);
    let flag_at = reader.at();
    let flag = reader.u8("certification flag")?;
    let problem = Problem::Code(flag.into());
    report.expect(flag <= 1, "certification flag", flag_at, problem)?;
    let certified = flag == 1;
    let positions_at = reader.at();
    let stated = reader.u8("number of finger positions")?;
    let representations = read_all(reader, (count, at), report, |reader, report| {
        read_one(reader, certified, report)
    })?;
    let (actual, stated) = (positions(&representations), stated);
    let problem = Problem::Differs {
        stated: stated.into(),
        actual,
    };
    let fits = usize::from(stated) == actual;
    report.expect(fits, "number of finger positions", positions_at, problem)?;
    Ok(FingerImageRecord {
        format: Format::V2011,
        certified,
        positions: stated,
        level: None,
        representations,
    })
}

fn read_one(
    reader: &mut Reader<'_>,
    certified: bool,
    report: &mut Report,
) -> Result<FingerImage, Fault> {
    let start = reader.at();
    let length = reader.u32("representation length")?;
    let captured = capture::read_time(reader, report)?;
    let device_at = reader.at();
    let device = capture::read_device(reader)?;
    let known = super::FingerTechnology(device.technology).meaning();
    let problem = Problem::Code(device.technology.into());
    report.expect(
        known.is_some(),
        "capture device technology",
        device_at,
        problem,
    )?;
    let quality = capture::read_quality(reader, report)?;
    let certifications = match certified {
        true => capture::read_certifications(reader)?,
        false => Vec::new(),
    };
    let position = read_position(reader, report)?;
    let at = reader.at();
    let number = reader.u8("representation number")?;
    let problem = Problem::Range(number.into());
    report.expect(number <= MAX_NUMBER, "representation number", at, problem)?;
    let (units, rates) = read_rates(reader, report)?;
    let (depth, compression) = read_coding(reader, Format::V2011, report)?;
    let at = reader.at();
    let impression = Impression(reader.u8("impression type")?);
    let problem = Problem::Code(impression.0.into());
    let known = impression.meaning().is_some();
    report.expect(known, "impression type", at, problem)?;
    let (width, height) = read_size(reader, report)?;
    let data = read_picture(reader, report)?.to_vec();
    let (rest, rest_at) = rest_of_representation(reader, (length, start), report)?;
    let extended = read_extended(rest, rest_at, report)?;
    let [sx, sy, x, y] = rates;
    Ok(FingerImage {
        captured,
        device,
        quality,
        certifications,
        position,
        number,
        units,
        scan_rate: (sx, sy),
        rate: (x, y),
        depth,
        compression,
        impression,
        width,
        height,
        data,
        extended,
    })
}

pub(super) fn read_position(
    reader: &mut Reader<'_>,
    report: &mut Report,
) -> Result<Position, Fault> {
    const FIELD: &str = "finger position";
    let at = reader.at();
    let position = Position(reader.u8(FIELD)?);
    let problem = Problem::Code(position.0.into());
    report.expect(position.meaning().is_some(), FIELD, at, problem)?;
    Ok(position)
}

/// Scale units, then the rates of device and picture.
pub(super) fn read_rates(
    reader: &mut Reader<'_>,
    report: &mut Report,
) -> Result<(ScaleUnits, [u16; 4]), Fault> {
    const FIELDS: [&str; 4] = [
        "device sampling rate along x",
        "device sampling rate along y",
        "image sampling rate along x",
        "image sampling rate along y",
    ];
    let at = reader.at();
    let units = ScaleUnits(reader.u8("scale units")?);
    let problem = Problem::Code(units.0.into());
    report.expect(units.meaning().is_some(), "scale units", at, problem)?;
    let mut rates = [0; 4];
    for (rate, field) in rates.iter_mut().zip(FIELDS) {
        let at = reader.at();
        *rate = reader.u16(field)?;
        report.expect(*rate > 0, field, at, Problem::Range(0))?;
    }
    Ok((units, rates))
}

/// Bit depth and compression.
pub(super) fn read_coding(
    reader: &mut Reader<'_>,
    format: Format,
    report: &mut Report,
) -> Result<(u8, Compression), Fault> {
    let at = reader.at();
    let depth = reader.u8("bit depth")?;
    let problem = Problem::Range(depth.into());
    report.expect((1..=16).contains(&depth), "bit depth", at, problem)?;
    let at = reader.at();
    let code = reader.u8("compression algorithm")?;
    let compression = Compression::from_code(code, format);
    let known = compression.code(format).is_some();
    let problem = Problem::Code(code.into());
    report.expect(known, "compression algorithm", at, problem)?;
    Ok((depth, compression))
}

pub(super) fn read_size(reader: &mut Reader<'_>, report: &mut Report) -> Result<(u16, u16), Fault> {
    let mut side = |field| {
        let at = reader.at();
        let side = reader.u16(field)?;
        report.expect(side > 0, field, at, Problem::Range(0))?;
        Ok(side)
    };
    Ok((side("image width")?, side("image height")?))
}

fn read_extended(data: &[u8], from: usize, report: &mut Report) -> Result<Vec<Extended>, Fault> {
    const FIELD: &str = "length of extended data";
    let mut reader = Reader::new(data);
    let mut blocks = Vec::new();
    while reader.left() > 0 {
        let at = from.saturating_add(reader.at());
        let whole = |fault: Fault| Fault {
            offset: from.saturating_add(fault.offset),
            ..fault
        };
        if blocks.len() == MAX_EXTENDED {
            report.note("extended data", at, Problem::Count(MAX_EXTENDED + 1))?;
            break;
        }
        // A block that is not to be had ends the list: its length is the way to the next.
        let block = (|| {
            let kind = reader.u16("type of extended data")?;
            let length = usize::from(reader.u16(FIELD)?);
            let content = length.checked_sub(4).ok_or(Fault {
                field: FIELD,
                offset: reader.at().saturating_sub(2),
                problem: Problem::Length {
                    stated: length,
                    actual: 4,
                },
            })?;
            let data = reader.take(content, "extended data")?.to_vec();
            Ok(Extended { kind, data })
        })();
        match block.map_err(whole) {
            Ok(block) => {
                let problem = Problem::Code(0);
                report.expect(block.kind != 0, "type of extended data", at, problem)?;
                blocks.push(block);
            }
            Err(fault) => {
                report.keep(fault)?;
                break;
            }
        }
    }
    Ok(blocks)
}

/// Writes what follows the format identifier.
pub(super) fn write(record: &FingerImageRecord, out: &mut Vec<u8>) -> Result<(), Fault> {
    let start = out.len();
    out.extend_from_slice(&VERSION);
    let length_at = out.len();
    out.extend_from_slice(&[0; 4]);
    // At most `MAX_REPRESENTATIONS` of them.
    let count = record.representations.len() as u16;
    out.extend_from_slice(&count.to_be_bytes());
    out.extend_from_slice(&[u8::from(record.certified), record.positions]);
    for one in &record.representations {
        let body = write_one(one, record.certified)?;
        let length = length_u32(body.len().saturating_add(4), "representation length")?;
        out.extend_from_slice(&length);
        out.extend_from_slice(&body);
    }
    let whole = out.len().saturating_sub(start).saturating_add(4);
    let length = length_u32(whole, "record length")?;
    if let Some(field) = out.get_mut(length_at..length_at + 4) {
        field.copy_from_slice(&length);
    }
    Ok(())
}

fn write_one(one: &FingerImage, certified: bool) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::with_capacity(one.data.len().saturating_add(64));
    capture::write_time(&mut out, one.captured.as_ref())?;
    capture::write_device(&mut out, one.device);
    capture::write_quality(&mut out, &one.quality)?;
    if certified {
        capture::write_certifications(&mut out, &one.certifications)?;
    }
    out.extend_from_slice(&[one.position.0, one.number, one.units.0]);
    for rate in [one.scan_rate.0, one.scan_rate.1, one.rate.0, one.rate.1] {
        out.extend_from_slice(&rate.to_be_bytes());
    }
    let compression = one.compression.code(Format::V2011);
    let compression = compression.ok_or(fault("compression algorithm", Problem::Edition))?;
    out.extend_from_slice(&[one.depth, compression, one.impression.0]);
    out.extend_from_slice(&one.width.to_be_bytes());
    out.extend_from_slice(&one.height.to_be_bytes());
    out.extend_from_slice(&length_u32(one.data.len(), "length of image data")?);
    out.extend_from_slice(&one.data);
    for block in &one.extended {
        let length = block.data.len().saturating_add(4);
        let problem = Problem::TooLong(block.data.len());
        let length = u16::try_from(length).map_err(|_| fault("extended data", problem))?;
        out.extend_from_slice(&block.kind.to_be_bytes());
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&block.data);
    }
    Ok(out)
}
