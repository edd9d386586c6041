//! ISO/IEC 19794-2:2011, clauses 8.3 and 8.4, with corrigendum 1 of 2012.
//!
//! ```text
//! general header 15  "FMR\0", "030\0", length u32, number of representations u16,
//!                    certification flag u8 = 0 or 1
//! representation     length u32 (of all of this), capture date and time 9 bytes, device
//!                    technology u8, device vendor u16, device type u16,
//!                    number of quality blocks u8, each: score u8, vendor u16, algorithm u16
//!                    if flagged: number of certification blocks u8, each: authority u16, scheme u8
//!                    finger position u8, representation number u8, x and y sampling rate u16 in
//!                    pixels per centimetre, impression type u8, width u16, height u16,
//!                    bytes per minutia 4 bits, ridge ending type 4 bits, number of minutiae u8
//! minutia     5 or 6 type 2 bits, x 14 bits, reserved 2 bits = 0, y 14 bits, angle u8, quality u8
//!                    in the longer form
//! extended data  2+n length u16 of what follows, then areas of type u16, length u16 (counting
//!                    these four bytes), content
//! ```

use super::{
    Endings, FingerPosition, Format, ImpressionType, RecordError, View, areas_fill, read_minutia,
    write_minutia,
};
use crate::record::cursor::Cursor;

pub(super) const VERSION: [u8; 4] = *b"030\0";

/// Quality of a minutia that was not reported, and that could not be computed.
const NOT_REPORTED: u8 = 254;
const NOT_COMPUTED: u8 = 255;

/// Reads what follows the record length.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Vec<View>, RecordError> {
    let header = RecordError::Truncated("the record header");
    let count = usize::from(cursor.u16().ok_or(header)?);
    let certified = match cursor.u8().ok_or(header)? {
        0 => false,
        1 => true,
        other => return Err(RecordError::CertificationFlag(other)),
    };
    // Said here as well as in the general check, so that the count alone costs nothing.
    if count > super::MAX_VIEWS {
        return Err(RecordError::Views(count));
    }
    (0..count)
        .map(|index| {
            let part = RecordError::Truncated("a representation");
            let length = usize::try_from(cursor.u32().ok_or(part)?).map_err(|_| part)?;
            let length = length
                .checked_sub(4)
                .ok_or(RecordError::RepresentationLength(index))?;
            let mut own = Cursor::new(cursor.take(length).ok_or(part)?);
            let view = read_view(&mut own, index, certified)?;
            if own.left() > 0 {
                return Err(RecordError::RepresentationLength(index));
            }
            Ok(view)
        })
        .collect()
}

fn read_view(cursor: &mut Cursor<'_>, index: usize, certified: bool) -> Result<View, RecordError> {
    // Whatever ends early here contradicts the representation's own length.
    let part = RecordError::RepresentationLength(index);
    let _capture: [u8; 9 + 1 + 2 + 2] = cursor.array().ok_or(part)?;
    let mut quality = None;
    for _ in 0..cursor.u8().ok_or(part)? {
        let [score, ..]: [u8; 5] = cursor.array().ok_or(part)?;
        match score {
            0..=100 => quality = quality.or(Some(score)),
            NOT_COMPUTED => {}
            _ => return Err(RecordError::ViewQuality(index)),
        }
    }
    if certified {
        let blocks = usize::from(cursor.u8().ok_or(part)?);
        cursor.take(3 * blocks).ok_or(part)?;
    }
    let [position, number] = cursor.array().ok_or(part)?;
    let ppcm_x = cursor.u16().ok_or(part)?;
    let ppcm_y = cursor.u16().ok_or(part)?;
    let impression = cursor.u8().ok_or(part)?;
    let width = cursor.u16().ok_or(part)?;
    let height = cursor.u16().ok_or(part)?;
    let [both, count] = cursor.array().ok_or(part)?;
    let with_quality = match both >> 4 {
        5 => false,
        6 => true,
        other => return Err(RecordError::MinutiaLength(other)),
    };
    let endings = match both & 0x0f {
        0 => Endings::ValleyBifurcation,
        1 => Endings::RidgeEnd,
        other => return Err(RecordError::EndingType(other)),
    };
    let minutiae = (0..usize::from(count))
        .map(|minutia| {
            let fixed = cursor.array().ok_or(part)?;
            let quality = match with_quality.then(|| cursor.u8().ok_or(part)).transpose()? {
                None | Some(NOT_REPORTED | NOT_COMPUTED) => None,
                score => score,
            };
            read_minutia(fixed, quality, (index, minutia))
        })
        .collect::<Result<_, _>>()?;
    let extended = usize::from(cursor.u16().ok_or(part)?);
    if !areas_fill(cursor.take(extended).ok_or(part)?, true) {
        return Err(RecordError::ExtendedData(index));
    }
    Ok(View {
        position: FingerPosition::from_code(position)?,
        number,
        impression: ImpressionType::from_code(impression, Format::V2011)?,
        quality,
        width,
        height,
        ppcm_x,
        ppcm_y,
        endings: Some(endings),
        minutiae,
    })
}

/// Writes what follows the record length, for views that were checked.
pub(super) fn write(views: &[View]) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend_from_slice(&(views.len() as u16).to_be_bytes());
    // No certification blocks.
    out.push(0);
    for view in views {
        let body = write_view(view);
        out.extend_from_slice(&(4 + body.len() as u32).to_be_bytes());
        out.extend_from_slice(&body);
    }
    out
}

fn write_view(view: &View) -> Vec<u8> {
    // Date and time all ones: not given. Device technology, vendor and type zero: not known.
    let mut out = vec![0xff; 9];
    out.extend_from_slice(&[0; 5]);
    match view.quality {
        // By an algorithm of no registered vendor.
        Some(score) => out.extend_from_slice(&[1, score, 0, 0, 0, 0]),
        None => out.push(0),
    }
    out.extend_from_slice(&[view.position.code(), view.number]);
    out.extend_from_slice(&view.ppcm_x.to_be_bytes());
    out.extend_from_slice(&view.ppcm_y.to_be_bytes());
    out.push(view.impression.code());
    out.extend_from_slice(&view.width.to_be_bytes());
    out.extend_from_slice(&view.height.to_be_bytes());
    let with_quality = view.minutiae.iter().any(|m| m.quality.is_some());
    let bytes = if with_quality { 6 } else { 5 };
    let endings = view.endings.map_or(0, |endings| endings as u8);
    out.extend_from_slice(&[bytes << 4 | endings, view.minutiae.len() as u8]);
    for m in &view.minutiae {
        write_minutia(&mut out, m);
        if with_quality {
            out.push(m.quality.unwrap_or(NOT_REPORTED));
        }
    }
    // No extended data.
    out.extend_from_slice(&[0, 0]);
    out
}
