//! The record format of ISO/IEC 19794-2:2005, with corrigendum 1 of 2009.
//!
//! ```text
//! record header  24  "FMR\0", " 20\0", length u32, capture equipment u16 (4 bits certification,
//!                    12 bits device), width u16, height u16, x and y resolution u16 in pixels
//!                    per centimetre, number of views u8, reserved u8 = 0
//! view header     4  finger position u8, view number 4 bits, impression type 4 bits,
//!                    finger quality u8, number of minutiae u8
//! minutia         6  type 2 bits, x 14 bits, reserved 2 bits = 0, y 14 bits, angle u8, quality u8
//! extended data 2+n  length u16 of what follows, then areas of type u16, length u16, content
//! ```

use super::{
    FingerPosition, ImpressionType, RecordError, View, areas_fill, read_minutia, write_minutia,
};
use crate::record::cursor::Cursor;

pub(super) const VERSION: [u8; 4] = *b" 20\0";

/// Reads what follows the record length.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Vec<View>, RecordError> {
    let header = RecordError::Truncated("the record header");
    let _equipment = cursor.u16().ok_or(header)?;
    let width = cursor.u16().ok_or(header)?;
    let height = cursor.u16().ok_or(header)?;
    let ppcm_x = cursor.u16().ok_or(header)?;
    let ppcm_y = cursor.u16().ok_or(header)?;
    let [count, reserved] = cursor.array().ok_or(header)?;
    if reserved != 0 {
        return Err(RecordError::ReservedByte);
    }
    (0..usize::from(count))
        .map(|index| {
            let part = RecordError::Truncated("a view header");
            let [position, both, quality, count] = cursor.array().ok_or(part)?;
            Ok(View {
                position: FingerPosition::from_code(position)?,
                number: both >> 4,
                impression: ImpressionType::from_code(both & 0x0f, super::Format::V2005)?,
                quality: reported(quality),
                width,
                height,
                ppcm_x,
                ppcm_y,
                endings: None,
                minutiae: {
                    let minutiae = (0..usize::from(count))
                        .map(|minutia| {
                            let part = RecordError::Truncated("a minutia");
                            let fixed = cursor.array().ok_or(part)?;
                            let quality = cursor.u8().ok_or(part)?;
                            read_minutia(fixed, reported(quality), (index, minutia))
                        })
                        .collect::<Result<_, _>>()?;
                    skip_extended(cursor, index)?;
                    minutiae
                },
            })
        })
        .collect()
}

/// Zero stands for "not reported", of a minutia by the standard. Of a view the standard has no
/// such code, but engines that do not measure quality write zero there too.
fn reported(quality: u8) -> Option<u8> {
    (quality != 0).then_some(quality)
}

fn skip_extended(cursor: &mut Cursor<'_>, view: usize) -> Result<(), RecordError> {
    let part = RecordError::Truncated("extended data");
    let length = cursor.u16().ok_or(part)?;
    let data = cursor.take(usize::from(length)).ok_or(part)?;
    // Public descriptions and implementations of this edition disagree on whether the length of
    // an area counts the area's own four header bytes, so either is accepted; the length of the
    // whole, which places everything after it, is not in doubt.
    if areas_fill(data, true) || areas_fill(data, false) {
        Ok(())
    } else {
        Err(RecordError::ExtendedData(view))
    }
}

/// Writes what follows the record length, for views that were checked.
pub(super) fn write(views: &[View]) -> Result<Vec<u8>, RecordError> {
    let picture = |view: &View| [view.width, view.height, view.ppcm_x, view.ppcm_y];
    let first = views.first().map(picture).unwrap_or_default();
    if views.iter().any(|view| picture(view) != first) {
        return Err(RecordError::MixedPictures);
    }
    // Equipment: not certified, not known.
    let mut out = vec![0, 0];
    first
        .iter()
        .for_each(|field| out.extend_from_slice(&field.to_be_bytes()));
    out.extend_from_slice(&[views.len() as u8, 0]);
    for view in views {
        out.extend_from_slice(&[
            view.position.code(),
            view.number << 4 | view.impression.code(),
            view.quality.unwrap_or(0),
            view.minutiae.len() as u8,
        ]);
        for m in &view.minutiae {
            write_minutia(&mut out, m);
            out.push(m.quality.unwrap_or(0));
        }
        // No extended data.
        out.extend_from_slice(&[0, 0]);
    }
    Ok(out)
}
