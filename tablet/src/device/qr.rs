//! QR codes (ISO/IEC 18004): made for the screen, and read in a picture of it.

use super::code::read_of;
use super::{Picture, PictureError};
use rxing::BarcodeFormat;
use rxing::qrcode::common::ErrorCorrectionLevel;
use rxing::qrcode::encoder::qrcode_encoder;
use std::collections::HashSet;

/// Modules of nothing around a code.
pub const QUIET_MODULES: u32 = 4;

/// A text that no QR code of level M holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is too long for a QR code")]
pub struct NoCode;

/// A QR code of level M, without the quiet zone around it.
#[derive(Clone, PartialEq, Eq)]
pub struct QrCode {
    side: u32,
    /// Row by row from the top left; `true` is dark.
    dark: Vec<bool>,
}

impl std::fmt::Debug for QrCode {
    /// Size only: what it says has no place in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "QrCode({0}x{0})", self.side)
    }
}

impl QrCode {
    /// The smallest one that says `text`.
    ///
    /// # Errors
    /// [`NoCode`].
    pub fn of(text: &str) -> Result<Self, NoCode> {
        let code = qrcode_encoder::encode(text, ErrorCorrectionLevel::M).map_err(|_| NoCode)?;
        let matrix = code.getMatrix().as_ref().ok_or(NoCode)?;
        let rows = matrix.getArray();
        Ok(Self {
            side: matrix.getWidth(),
            dark: rows.iter().flatten().map(|module| *module == 1).collect(),
        })
    }

    /// Modules a side.
    #[must_use]
    pub fn side(&self) -> u32 {
        self.side
    }

    /// Row by row from the top left; `true` is dark.
    #[must_use]
    pub fn dark(&self) -> &[bool] {
        &self.dark
    }

    /// Black on white with its quiet zone, so many pixels a module.
    ///
    /// # Errors
    /// [`PictureError::Size`].
    pub fn picture(&self, scale: u32) -> Result<Picture, PictureError> {
        let side = (self.side + 2 * QUIET_MODULES).saturating_mul(scale);
        if scale == 0 || side > super::MOST_SIDE {
            return Err(PictureError::Size);
        }
        let pixels = (0..side).flat_map(|y| (0..side).map(move |x| (x / scale, y / scale)));
        let pixels = pixels.flat_map(|(x, y)| {
            let inside = |at: u32| at.checked_sub(QUIET_MODULES).filter(|at| *at < self.side);
            let at = inside(x).zip(inside(y)).map(|(x, y)| y * self.side + x);
            let dark = at.and_then(|at| self.dark.get(usize::try_from(at).ok()?));
            [if dark == Some(&true) { 0 } else { 255 }; 3]
        });
        Picture::new(side, side, pixels.collect())
    }
}

/// What the QR code in the picture says, if there is one and it can be read; one of several.
#[must_use]
pub fn read_qr(picture: &Picture) -> Option<String> {
    read_of(picture, HashSet::from([BarcodeFormat::QR_CODE]))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// As long as a receipt, in the same characters.
    fn long(chars: usize) -> String {
        const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
        let digit = |n: usize| char::from(DIGITS[n * n % 45]);
        (0..chars).map(digit).collect()
    }

    #[test]
    fn a_code_is_read_off_its_own_picture() {
        for (chars, side, scale) in [
            (10, 21, 4),
            (1_174, 109, 4),
            (1_600, 125, 4),
            (2_530, 157, 3),
        ] {
            let text = long(chars);
            let code = QrCode::of(&text).unwrap();
            assert_eq!(code.side(), side, "{chars}");
            assert_eq!(code.dark().len(), (side * side) as usize);
            let picture = code.picture(scale).unwrap();
            assert_eq!(picture.width(), (side + 8) * scale);
            let read = read_qr(&picture);
            assert_eq!(read.as_deref(), Some(text.as_str()), "{chars}");
        }
        assert_eq!(QrCode::of(&long(5_000)), Err(NoCode));
        let code = QrCode::of("A").unwrap();
        assert_eq!(code.picture(0), Err(PictureError::Size));
        assert_eq!(code.picture(1_000), Err(PictureError::Size));
    }

    #[test]
    fn a_code_is_read_off_a_photo_as_jpeg() {
        let text = long(1_500);
        let picture = QrCode::of(&text).unwrap().picture(5).unwrap();
        let jpeg = picture.jpeg(60, 1 << 20).unwrap();
        let seen = Picture::of_jpeg(&jpeg).unwrap();
        assert_eq!(read_qr(&seen), Some(text));
    }
}
