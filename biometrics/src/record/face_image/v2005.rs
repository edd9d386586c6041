//! ISO/IEC 19794-5:2005, clause 5.
//!
//! ```text
//! general header 14  "FAC\0", "010\0", length u32, number of face images u16
//! facial information 20  length u32 (of all of this face), number of feature points u16, gender
//!                    u8, eye colour u8, hair colour u8, feature mask 3 bytes, expression u16,
//!                    pose angles 3 bytes, their uncertainty 3 bytes
//! feature point 8    type u8 = 1, code u8, x u16, y u16, reserved u16 = 0
//! image information 12  face image type u8, image data type u8, width u16, height u16, colour
//!                    space u8, source type u8, device type u16, quality u16
//! picture            up to the length of the face
//! ```

use super::{
    ColourSpace, DataType, FaceImage, FaceImageRecord, FaceImageType, FaceTechnology, Fault,
    Format, Problem, Reader, Report, SamplingLevel, check_landmarks, fault, landmark_count,
    read_all, read_code, read_facial, read_landmarks, read_size, write_facial, write_landmarks,
};
use crate::record::Device;
use crate::record::fault::length_u32;

pub(super) const VERSION: [u8; 4] = *b"010\0";

/// "Other" colour space, which has another code in each edition.
const OTHER: ColourSpace = ColourSpace(6);
const OTHER_2005: u8 = 4;

/// Reads what follows the record length.
pub(super) fn read(reader: &mut Reader<'_>, report: &mut Report) -> Result<FaceImageRecord, Fault> {
    let at = reader.at();
    let count = usize::from(reader.u16("number of face images")?);
    Ok(FaceImageRecord {
        format: Format::V2005,
        temporal: 0,
        representations: read_all(reader, (count, at), report, read_one)?,
    })
}

fn read_one(reader: &mut Reader<'_>, report: &mut Report) -> Result<FaceImage, Fault> {
    const LENGTH: &str = "length of the face";
    let start = reader.at();
    let length = usize::try_from(reader.u32(LENGTH)?).unwrap_or(usize::MAX);
    let at = reader.at();
    let count = reader.u16("number of feature points")?;
    let facial = read_facial(reader, Format::V2005, report)?;
    let (landmarks, landmarks_at) = read_landmarks(reader, (count, at), Format::V2005, report)?;
    let image_type = read_code(reader, "face image type", |code| code <= 2, report)?;
    let data_type = read_code(reader, "image data type", |code| code <= 1, report)?;
    let (width, height) = read_size(reader, report)?;
    check_landmarks(&landmarks, landmarks_at, (width, height), report)?;
    let known = |code| matches!(code, 0..=OTHER_2005 | 128..);
    let colour = match read_code(reader, "image colour space", known, report)? {
        OTHER_2005 => OTHER,
        code => ColourSpace(code),
    };
    let known = |code| FaceTechnology(code).meaning().is_some();
    let technology = read_code(reader, "source type", known, report)?;
    let kind = reader.u16("device type")?;
    let quality_2005 = reader.u16("quality")?;
    let read = reader.at().saturating_sub(start);
    let left = reader.left();
    let data = match length.checked_sub(read) {
        Some(data) if data <= left => data,
        _ => {
            let problem = Problem::Length {
                stated: length,
                actual: left.saturating_add(read),
            };
            report.note(LENGTH, start, problem)?;
            left
        }
    };
    Ok(FaceImage {
        captured: None,
        device: Device {
            technology,
            vendor: 0,
            kind,
        },
        quality: Vec::new(),
        quality_2005,
        facial,
        landmarks,
        image_type: FaceImageType(image_type),
        data_type: DataType(data_type),
        width,
        height,
        sampling: SamplingLevel(0),
        processing: 0,
        cross_reference: 0,
        colour,
        data: reader.take(data, "image data")?.to_vec(),
        rest: Vec::new(),
    })
}

/// Writes what follows the record length. What this edition has no field for is not written, and
/// the caller sees that it does not come back.
pub(super) fn write(record: &FaceImageRecord) -> Result<Vec<u8>, Fault> {
    // At most `MAX_REPRESENTATIONS` of them.
    let mut out = (record.representations.len() as u16).to_be_bytes().to_vec();
    for one in &record.representations {
        let body = write_one(one)?;
        let length = length_u32(body.len().saturating_add(4), "length of the face")?;
        out.extend_from_slice(&length);
        out.extend_from_slice(&body);
    }
    Ok(out)
}

fn write_one(one: &FaceImage) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::with_capacity(one.data.len().saturating_add(64));
    out.extend_from_slice(&landmark_count(&one.landmarks)?);
    write_facial(&mut out, &one.facial, Format::V2005);
    write_landmarks(&mut out, &one.landmarks);
    out.extend_from_slice(&[one.image_type.0, one.data_type.0]);
    out.extend_from_slice(&one.width.to_be_bytes());
    out.extend_from_slice(&one.height.to_be_bytes());
    let colour = match one.colour {
        OTHER => OTHER_2005,
        // 2011 gave it another meaning.
        ColourSpace(OTHER_2005) => return Err(fault("image colour space", Problem::Edition)),
        other => other.0,
    };
    out.extend_from_slice(&[colour, one.device.technology]);
    out.extend_from_slice(&one.device.kind.to_be_bytes());
    out.extend_from_slice(&one.quality_2005.to_be_bytes());
    out.extend_from_slice(&one.data);
    Ok(out)
}
