//! Records in words, a line a field.

use std::fmt::Display;
use std::io::Write;

use biometrics::record::face_image::{self, FaceImage, FaceImageRecord};
use biometrics::record::finger_image::{
    self, CertificationScheme, ExtendedKind, FingerImage, FingerImageRecord,
};
use biometrics::record::minutiae::{self, FingerMinutiaeRecord};
use biometrics::record::picture::Picture;
use biometrics::record::{CaptureTime, Device, QualityBlock};

use super::Failure;

type Shown = Result<(), Failure>;

fn line(out: &mut Vec<u8>, field: &str, value: impl Display) -> Shown {
    Ok(writeln!(out, "{field:24}{value}")?)
}

/// Names of a mask's bits.
fn bits(mask: u32, names: &[Option<&'static str>]) -> String {
    let names: Vec<&str> = names
        .iter()
        .map(|name| name.unwrap_or("reserved"))
        .collect();
    match names.as_slice() {
        [] => format!("{mask:#x} (none)"),
        names => format!("{mask:#x} ({})", names.join(", ")),
    }
}

fn known(meaning: Option<&'static str>) -> &'static str {
    meaning.unwrap_or("not defined")
}

fn number(out: &mut Vec<u8>, (index, count): (usize, usize)) -> Shown {
    line(
        out,
        "\nrepresentation",
        format_args!("{} of {count}", index + 1),
    )
}

fn capture(
    captured: Option<CaptureTime>,
    device: Device,
    technology: Option<&'static str>,
    out: &mut Vec<u8>,
) -> Shown {
    match captured {
        Some(time) => line(out, "captured", time)?,
        None => line(out, "captured", "not given")?,
    }
    let technology = format_args!("{} ({})", device.technology, known(technology));
    line(out, "device technology", technology)?;
    let or_none = |id: u16| match id {
        0 => "0 (not reported)".to_owned(),
        id => format!("{id:#06x}"),
    };
    line(out, "device vendor", or_none(device.vendor))?;
    line(out, "device type", or_none(device.kind))
}

fn quality(blocks: &[QualityBlock], out: &mut Vec<u8>) -> Shown {
    if blocks.is_empty() {
        line(out, "quality", "not given")?;
    }
    for block in blocks {
        let score = match block.score {
            QualityBlock::FAILED => "could not be computed".to_owned(),
            score => format!("{score} of 100"),
        };
        let QualityBlock {
            vendor, algorithm, ..
        } = block;
        let by = format_args!("{score}, by algorithm {algorithm:#06x} of vendor {vendor:#06x}");
        line(out, "quality", by)?;
    }
    Ok(())
}

pub fn finger(record: &FingerImageRecord, len: usize, out: &mut Vec<u8>) -> Shown {
    let edition = match record.format {
        finger_image::Format::V2005 => "ISO/IEC 19794-4:2005 (FIR, version 010)",
        finger_image::Format::V2011 => "ISO/IEC 19794-4:2011 (FIR, version 020)",
    };
    line(
        out,
        "record",
        format_args!("finger images, {edition}, {len} bytes"),
    )?;
    line(out, "representations", record.representations.len())?;
    match record.level {
        None => {
            let certified = if record.certified { "there" } else { "none" };
            line(out, "certification blocks", certified)?;
            line(out, "finger positions", record.positions)
        }
        Some(level) => {
            let scan = match level {
                10 => "125 ppi",
                20 => "250 ppi",
                30 | 31 => "500 ppi",
                35 => "750 ppi",
                40 | 41 => "1000 ppi",
                _ => "not defined",
            };
            line(out, "acquisition level", format_args!("{level} ({scan})"))
        }
    }
}

pub fn finger_image(
    one: &FingerImage,
    format: finger_image::Format,
    of: (usize, usize),
    out: &mut Vec<u8>,
) -> Shown {
    number(out, of)?;
    line(out, "finger position", one.position)?;
    line(out, "representation number", one.number)?;
    line(out, "impression type", one.impression)?;
    match format {
        finger_image::Format::V2005 => line(out, "capture device", one.device.kind)?,
        finger_image::Format::V2011 => {
            let technology = finger_image::FingerTechnology(one.device.technology);
            capture(one.captured, one.device, technology.meaning(), out)?;
        }
    }
    quality(&one.quality, out)?;
    for block in &one.certifications {
        let scheme = CertificationScheme(block.scheme);
        let by = format_args!("scheme {scheme}, by authority {:#06x}", block.authority);
        line(out, "certification", by)?;
    }
    line(out, "scale units", one.units)?;
    let (x, y) = one.scan_rate;
    line(out, "device sampling rate", format_args!("{x} x {y}"))?;
    let (x, y) = one.rate;
    let ppi = match one.ppi() {
        Some((x, y)) => format!(" ({x} x {y} ppi)"),
        None => String::new(),
    };
    line(out, "image sampling rate", format_args!("{x} x {y}{ppi}"))?;
    line(out, "bit depth", one.depth)?;
    let code = match one.compression {
        finger_image::Compression::Unknown(code) => Some(code),
        other => other.code(format),
    };
    let meaning = one.compression.meaning();
    line(
        out,
        "compression",
        format_args!("{} ({meaning})", code.unwrap_or(u8::MAX)),
    )?;
    let (width, height) = (one.width, one.height);
    line(out, "image size", format_args!("{width} x {height} pixels"))?;
    line(out, "image data", format_args!("{} bytes", one.data.len()))?;
    for block in &one.extended {
        let kind = match u8::try_from(block.kind) {
            Ok(code) => ExtendedKind(code).to_string(),
            Err(_) => format!("{:#06x} (a vendor's own)", block.kind),
        };
        let len = block.data.len();
        line(out, "extended data", format_args!("{kind}, {len} bytes"))?;
    }
    Ok(())
}

pub fn face(record: &FaceImageRecord, len: usize, out: &mut Vec<u8>) -> Shown {
    let edition = match record.format {
        face_image::Format::V2005 => "ISO/IEC 19794-5:2005 (FAC, version 010)",
        face_image::Format::V2011 => "ISO/IEC 19794-5:2011 (FAC, version 030)",
    };
    line(
        out,
        "record",
        format_args!("face images, {edition}, {len} bytes"),
    )?;
    line(out, "representations", record.representations.len())?;
    if record.format == face_image::Format::V2011 {
        let (code, meaning) = (record.temporal, face_image::temporal(record.temporal));
        line(
            out,
            "temporal semantics",
            format_args!("{code} ({meaning})"),
        )?;
    }
    Ok(())
}

pub fn face_image(
    one: &FaceImage,
    format: face_image::Format,
    of: (usize, usize),
    out: &mut Vec<u8>,
) -> Shown {
    let newer = format == face_image::Format::V2011;
    number(out, of)?;
    let technology = face_image::FaceTechnology(one.device.technology).meaning();
    if newer {
        capture(one.captured, one.device, technology, out)?;
        quality(&one.quality, out)?;
    } else {
        let source = format_args!("{} ({})", one.device.technology, known(technology));
        line(out, "source type", source)?;
        line(out, "device type", one.device.kind)?;
        line(out, "quality", one.quality_2005)?;
    }
    let facial = &one.facial;
    line(out, "gender", facial.gender)?;
    line(out, "eye colour", facial.eyes)?;
    line(out, "hair colour", facial.hair)?;
    if newer {
        match facial.height_cm {
            0 => line(out, "subject height", "not given")?,
            height => line(out, "subject height", format_args!("{height} cm"))?,
        }
    }
    let mask = facial.properties;
    line(out, "properties", bits(mask, &face_image::properties(mask)))?;
    let mask = facial.expression;
    if newer {
        line(
            out,
            "expression",
            bits(mask.into(), &face_image::expressions(mask)),
        )?;
    } else {
        let meaning = known(face_image::expression_2005(mask));
        line(out, "expression", format_args!("{mask} ({meaning})"))?;
    }
    let names = ["yaw", "pitch", "roll"];
    let angles = names.iter().zip(facial.pose).zip(facial.pose_uncertainty);
    for ((name, angle), uncertainty) in angles {
        let degrees = match (angle, face_image::pose_degrees(angle)) {
            (0, _) => "not given".to_owned(),
            (_, Some(degrees)) => format!("{degrees} degrees"),
            (_, None) => "out of range".to_owned(),
        };
        let uncertainty = match uncertainty {
            0 => "not given".to_owned(),
            value => value.to_string(),
        };
        let value = format_args!("{angle} ({degrees}), uncertainty {uncertainty}");
        line(out, name, value)?;
    }
    line(out, "landmarks", one.landmarks.len())?;
    for landmark in &one.landmarks {
        let face_image::Landmark {
            kind,
            code,
            x,
            y,
            z,
        } = landmark;
        let (major, minor) = (code >> 4, code & 15);
        let value = match kind.0 {
            1 => format!("{kind} {major}.{minor} at {x}, {y}"),
            3 => format!("{kind} {code} at {x}, {y}, {z}"),
            _ => format!("{kind} {code} at {x}, {y}"),
        };
        line(out, "landmark", value)?;
    }
    line(out, "face image type", one.image_type)?;
    line(out, "image data type", one.data_type)?;
    let (width, height) = (one.width, one.height);
    line(out, "image size", format_args!("{width} x {height} pixels"))?;
    if newer {
        line(out, "sampling level", one.sampling)?;
        let mask = one.processing;
        let names = face_image::processing(mask);
        line(out, "processing", bits(mask.into(), &names))?;
        match one.cross_reference {
            0 => line(out, "cross reference", "0 (none)")?,
            other => line(
                out,
                "cross reference",
                format_args!("representation {other}"),
            )?,
        }
    }
    line(out, "colour space", one.colour)?;
    line(out, "image data", format_args!("{} bytes", one.data.len()))?;
    if !one.rest.is_empty() {
        line(
            out,
            "behind the image",
            format_args!("{} bytes", one.rest.len()),
        )?;
    }
    Ok(())
}

/// What the decoded picture is.
pub fn picture(picture: &Picture, out: &mut Vec<u8>) -> Shown {
    let channels = match picture.channels().count() {
        1 => "grey",
        _ => "colour",
    };
    let (width, height) = (picture.width(), picture.height());
    line(
        out,
        "picture",
        format_args!("{width} x {height} pixels, {channels}"),
    )
}

pub fn minutiae(record: &FingerMinutiaeRecord, len: usize, out: &mut Vec<u8>) -> Shown {
    let edition = match record.format {
        minutiae::Format::V2005 => "ISO/IEC 19794-2:2005 (FMR, version 20)",
        minutiae::Format::V2011 => "ISO/IEC 19794-2:2011 (FMR, version 030)",
    };
    line(
        out,
        "record",
        format_args!("finger minutiae, {edition}, {len} bytes"),
    )?;
    line(out, "views", record.views.len())?;
    for (index, view) in record.views.iter().enumerate() {
        line(
            out,
            "\nview",
            format_args!("{} of {}", index + 1, record.views.len()),
        )?;
        let position = finger_image::Position::from(view.position);
        line(out, "finger position", position)?;
        line(out, "view number", view.number)?;
        let impression = finger_image::Impression(view.impression.code());
        line(out, "impression type", impression)?;
        match view.quality {
            Some(score) => line(out, "quality", format_args!("{score} of 100"))?,
            None => line(out, "quality", "not reported")?,
        }
        let (width, height) = (view.width, view.height);
        line(out, "image size", format_args!("{width} x {height} pixels"))?;
        let (x, y) = (view.ppcm_x, view.ppcm_y);
        line(
            out,
            "sampling rate",
            format_args!("{x} x {y} pixels per centimetre"),
        )?;
        let endings = match view.endings {
            Some(minutiae::Endings::ValleyBifurcation) => "where the valley forks",
            Some(minutiae::Endings::RidgeEnd) => "at the end of the ridge",
            None => "not stated in this edition",
        };
        line(out, "ridge endings", endings)?;
        let of = |kind| view.minutiae.iter().filter(|m| m.kind == kind).count();
        let counted = format_args!(
            "{}: {} endings, {} bifurcations, {} other",
            view.minutiae.len(),
            of(minutiae::MinutiaType::Ending),
            of(minutiae::MinutiaType::Bifurcation),
            of(minutiae::MinutiaType::Other),
        );
        line(out, "minutiae", counted)?;
    }
    Ok(())
}
