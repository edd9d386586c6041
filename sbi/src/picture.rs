//! The record of an answer as a picture.

use biometrics::finger::GreyImage;

/// Least resolution that is taken, pixels an inch: 500, as a whole number of pixels a centimetre.
pub const LEAST_PPI: u16 = 497;

/// Why a record gives no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureFault {
    #[error("the record cannot be read")]
    Record,
    #[error("the record holds no picture or several")]
    Count,
    #[error("the picture has fewer than 500 pixels an inch")]
    Resolution,
}

/// A picture, and the finger that the record says it is of (ISO/IEC 19794-4, 0 for unknown).
#[derive(Clone, Debug)]
pub struct Pictured {
    pub picture: GreyImage,
    pub position: u8,
}

/// Reads the one finger picture of an ISO/IEC 19794-4 record.
///
/// # Errors
/// [`PictureFault`].
pub fn picture_of(record: &[u8]) -> Result<Pictured, PictureFault> {
    let get = |at: usize, n: usize| record.get(at..at + n).ok_or(PictureFault::Record);
    if get(0, 8)? != b"FIR\0020\0" {
        return Err(PictureFault::Record);
    }
    let h = get(20, 42)?;
    let position = h[15];
    let ppi = u16::from_be_bytes([h[22], h[23]]);
    let (w, ht) = (
        u16::from_be_bytes([h[29], h[30]]),
        u16::from_be_bytes([h[31], h[32]]),
    );
    let n = u32::from_be_bytes([h[33], h[34], h[35], h[36]]) as usize;
    let data = get(57, n)?;
    if ppi < LEAST_PPI {
        return Err(PictureFault::Resolution);
    }
    let picture = if h[27] == 0 {
        GreyImage::new(w.into(), ht.into(), ppi, data.to_vec())
    } else {
        biometrics::finger::decode_png(data, ppi)
    };
    Ok(Pictured {
        picture: picture.map_err(|_| PictureFault::Record)?,
        position,
    })
}
