//! ISO/IEC 19794-5:2011, clause 8.
//!
//! ```text
//! general header 17  "FAC\0", "030\0", length u32, number of representations u16,
//!                    certification flag u8 = 0, temporal semantics u16
//! representation     length u32 (of all of this), capture date and time 9 bytes, device
//!                    technology u8, device vendor u16, device type u16,
//!                    number of quality blocks u8, each: score u8, vendor u16, algorithm u16
//! facial information number of landmarks u16, gender u8, eye colour u8, hair colour u8, height
//!                    u8, property mask 3 bytes, expression u16, pose angles 3, uncertainty 3
//! landmark 8         type u8, code u8, x u16, y u16, z u16
//! image information  face image type u8, image data type u8, width u16, height u16, sampling
//!                    level u8, post-acquisition processing u16, cross reference u8, colour u8
//! picture            length u32, data; then 3D data of types that have them
//! ```

use super::{
    ColourSpace, DataType, FaceImage, FaceImageRecord, FaceImageType, FaceTechnology, Fault,
    Format, Problem, Reader, Report, SamplingLevel, check_landmarks, landmark_count, processing,
    read_all, read_code, read_facial, read_landmarks, read_size, write_facial, write_landmarks,
};
use crate::record::capture;
use crate::record::fault::{length_u32, read_picture, rest_of_representation};

pub(super) const VERSION: [u8; 4] = *b"030\0";

/// Reads what follows the record length.
pub(super) fn read(reader: &mut Reader<'_>, report: &mut Report) -> Result<FaceImageRecord, Fault> {
    let at = reader.at();
    let count = usize::from(reader.u16("number of representations")?);
    // There are no blocks of certification for faces.
    read_code(reader, "certification flag", |code| code == 0, report)?;
    let temporal_at = reader.at();
    let temporal = reader.u16("temporal semantics")?;
    let problem = Problem::Code(temporal.into());
    let fits = (temporal == 0) == (count <= 1);
    report.expect(fits, "temporal semantics", temporal_at, problem)?;
    Ok(FaceImageRecord {
        format: Format::V2011,
        temporal,
        representations: read_all(reader, (count, at), report, read_one)?,
    })
}

fn read_one(reader: &mut Reader<'_>, report: &mut Report) -> Result<FaceImage, Fault> {
    let start = reader.at();
    let length = reader.u32("representation length")?;
    let captured = capture::read_time(reader, report)?;
    let at = reader.at();
    let device = capture::read_device(reader)?;
    let known = FaceTechnology(device.technology).meaning().is_some();
    let problem = Problem::Code(device.technology.into());
    report.expect(known, "capture device technology", at, problem)?;
    let quality = capture::read_quality(reader, report)?;
    let at = reader.at();
    let count = reader.u16("number of landmarks")?;
    let facial = read_facial(reader, Format::V2011, report)?;
    let (landmarks, landmarks_at) = read_landmarks(reader, (count, at), Format::V2011, report)?;
    let known = |code| FaceImageType(code).meaning().is_some();
    let image_type = FaceImageType(read_code(reader, "face image type", known, report)?);
    let known = |code| DataType(code).meaning().is_some();
    let data_type = DataType(read_code(reader, "image data type", known, report)?);
    let (width, height) = read_size(reader, report)?;
    check_landmarks(&landmarks, landmarks_at, (width, height), report)?;
    let known = |code| SamplingLevel(code).meaning().is_some();
    let sampling = SamplingLevel(read_code(
        reader,
        "spatial sampling rate level",
        known,
        report,
    )?);
    let at = reader.at();
    let done = reader.u16("post-acquisition processing")?;
    let known = processing(done).iter().all(Option::is_some);
    let problem = Problem::Reserved(done.into());
    report.expect(known, "post-acquisition processing", at, problem)?;
    let cross_reference = reader.u8("cross reference")?;
    let known = |code| ColourSpace(code).meaning().is_some();
    let colour = ColourSpace(read_code(reader, "image colour space", known, report)?);
    let data = read_picture(reader, report)?.to_vec();
    let (rest, at) = rest_of_representation(reader, (length, start), report)?;
    let expected = image_type.has_3d() || rest.is_empty();
    let problem = Problem::Trailing(rest.len());
    report.expect(expected, "end of the representation", at, problem)?;
    Ok(FaceImage {
        captured,
        device,
        quality,
        quality_2005: 0,
        facial,
        landmarks,
        image_type,
        data_type,
        width,
        height,
        sampling,
        processing: done,
        cross_reference,
        colour,
        data,
        rest: rest.to_vec(),
    })
}

/// Writes what follows the record length.
pub(super) fn write(record: &FaceImageRecord) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    // At most `MAX_REPRESENTATIONS` of them.
    let count = record.representations.len() as u16;
    out.extend_from_slice(&count.to_be_bytes());
    out.push(0);
    out.extend_from_slice(&record.temporal.to_be_bytes());
    for one in &record.representations {
        let body = write_one(one)?;
        let length = length_u32(body.len().saturating_add(4), "representation length")?;
        out.extend_from_slice(&length);
        out.extend_from_slice(&body);
    }
    Ok(out)
}

fn write_one(one: &FaceImage) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::with_capacity(one.data.len().saturating_add(64));
    capture::write_time(&mut out, one.captured.as_ref())?;
    capture::write_device(&mut out, one.device);
    capture::write_quality(&mut out, &one.quality)?;
    out.extend_from_slice(&landmark_count(&one.landmarks)?);
    write_facial(&mut out, &one.facial, Format::V2011);
    write_landmarks(&mut out, &one.landmarks);
    out.extend_from_slice(&[one.image_type.0, one.data_type.0]);
    out.extend_from_slice(&one.width.to_be_bytes());
    out.extend_from_slice(&one.height.to_be_bytes());
    out.push(one.sampling.0);
    out.extend_from_slice(&one.processing.to_be_bytes());
    out.extend_from_slice(&[one.cross_reference, one.colour.0]);
    out.extend_from_slice(&length_u32(one.data.len(), "length of image data")?);
    out.extend_from_slice(&one.data);
    out.extend_from_slice(&one.rest);
    Ok(out)
}
