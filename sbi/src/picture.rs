//! The record of an answer as a picture.

use biometrics::finger::GreyImage;
use biometrics::record::finger_image::read_leniently;

/// Least resolution that is taken, pixels an inch: 500 with what rounding takes away.
pub const LEAST_PPI: u16 = 495;

/// Why a record gives no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureFault {
    #[error("the record cannot be read")]
    Record,
    #[error("the record holds several pictures")]
    Count,
    #[error("the picture in the record cannot be read")]
    Picture,
    #[error("the picture has fewer than 500 pixels an inch")]
    Resolution,
}

/// A picture, and the finger that the record says it is of.
#[derive(Clone, Debug)]
pub struct Pictured {
    pub picture: GreyImage,
    /// As ISO/IEC 19794-4 numbers positions: 0 for unknown, 1 (right thumb) to 10 (left little).
    pub position: u8,
}

/// Reads the one finger picture of an ISO/IEC 19794-4 record. A device has signed it and was
/// certified with it, so that it is read as far as is safe; what does not conform is logged.
///
/// # Errors
/// [`PictureFault`].
pub fn picture_of(record: &[u8]) -> Result<Pictured, PictureFault> {
    let (record, deviations) = read_leniently(record).map_err(|_| PictureFault::Record)?;
    for deviation in &deviations {
        tracing::debug!(%deviation, "a scanner's record");
    }
    let [one] = record.representations.as_slice() else {
        return Err(PictureFault::Count);
    };
    if one
        .ppi()
        .is_none_or(|(x, y)| x < LEAST_PPI || y < LEAST_PPI)
    {
        return Err(PictureFault::Resolution);
    }
    Ok(Pictured {
        picture: one.grey().map_err(|_| PictureFault::Picture)?,
        position: one.position.0,
    })
}
