//! The record of a print: ISO/IEC 19794-4:2011.

use biometrics::finger::GreyImage;
use biometrics::record::finger_image::{FingerImage, FingerImageRecord, Position};

/// The picture as the record of the finger at `position`; nothing where it has no place in one.
pub fn of(picture: &GreyImage, position: u8, raw: bool) -> Vec<u8> {
    let position = Position(position);
    let one = if raw {
        FingerImage::raw(picture, position)
    } else {
        FingerImage::png(picture, position)
    };
    FingerImageRecord::new(vec![one])
        .write()
        .unwrap_or_default()
}
