//! Codes on labels, read in a camera's picture: QR, Data Matrix, Code 128, Code 39.

use super::Picture;
use rxing::helpers::detect_in_luma_with_hints;
use rxing::{BarcodeFormat, DecodeHints};
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Characters of a code that is worth looking at: a label's are far fewer.
const MOST_CHARS: usize = 256;

/// What the code in the picture says, if there is one and it can be read; one of several.
///
/// Takes some milliseconds to some tenths of a second, by what the picture shows.
#[must_use]
pub fn read_code(picture: &Picture) -> Option<String> {
    let text = read_of(picture, formats())?.trim().to_owned();
    let fits = !text.is_empty() && text.chars().count() <= MOST_CHARS;
    fits.then_some(text)
}

/// A code of these formats in the picture, whatever it says.
pub(super) fn read_of(picture: &Picture, formats: HashSet<BarcodeFormat>) -> Option<String> {
    let luma = stretched(picture.pixels().chunks_exact(3).map(luma).collect());
    let (width, height) = (picture.width(), picture.height());
    // Whatever stands before the lens is hostile: a fault of the reader is no code, and nothing more.
    let read = catch_unwind(AssertUnwindSafe(|| {
        let mut hints = DecodeHints {
            PossibleFormats: Some(formats),
            TryHarder: Some(true),
            ..DecodeHints::default()
        };
        detect_in_luma_with_hints(luma, width, height, None, &mut hints).ok()
    }));
    Some(read.ok().flatten()?.getText().to_owned())
}

fn formats() -> HashSet<BarcodeFormat> {
    HashSet::from([
        BarcodeFormat::QR_CODE,
        BarcodeFormat::DATA_MATRIX,
        BarcodeFormat::CODE_128,
        BarcodeFormat::CODE_39,
    ])
}

/// By ITU-R BT.601, in integers.
fn luma(pixel: &[u8]) -> u8 {
    let [red, green, blue] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
    u8::try_from((red * 299 + green * 587 + blue * 114) / 1000).unwrap_or(u8::MAX)
}

/// From dark to light as far as it goes: the reader takes a faint code, large in the picture, for a wall. One
/// pixel in a hundred may be darker, or lighter, than that.
fn stretched(mut luma: Vec<u8>) -> Vec<u8> {
    let mut counts = [0_usize; 256];
    for value in &luma {
        counts[usize::from(*value)] += 1;
    }
    let few = luma.len() / 100;
    let beyond_few = || {
        let mut passed = 0;
        move |value: &u8| {
            passed += counts[usize::from(*value)];
            passed > few
        }
    };
    let dark = (0..=u8::MAX).find(beyond_few());
    let light = (0..=u8::MAX).rev().find(beyond_few());
    if let (Some(dark), Some(light)) = (dark, light)
        && dark < light
    {
        let range = u32::from(light - dark);
        for value in &mut luma {
            let above = u32::from(value.saturating_sub(dark)).min(range);
            *value = u8::try_from(above * 255 / range).unwrap_or(u8::MAX);
        }
    }
    luma
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;
    use rxing::{MultiFormatWriter, Writer as _};

    const SIDES: (u32, u32) = (640, 480);

    /// A label with the code, dark on light, as a camera might see it.
    fn label(format: BarcodeFormat, text: &str, dark: u8, light: u8) -> Picture {
        let code = MultiFormatWriter.encode(text, &format, 400, 240).unwrap();
        let (width, height) = SIDES;
        let pixels = (0..height).flat_map(|y| {
            (0..width).map({
                let code = &code;
                move |x| {
                    let (x, y) = (x.wrapping_sub(100), y.wrapping_sub(100));
                    let inside = x < code.getWidth() && y < code.getHeight();
                    if inside && code.get(x, y) {
                        dark
                    } else {
                        light
                    }
                }
            })
        });
        let pixels = pixels.flat_map(|value| [value; 3]).collect();
        Picture::new(width, height, pixels).unwrap()
    }

    #[test]
    fn codes_of_labels_are_read_also_in_poor_light() {
        for format in formats() {
            for (dark, light) in [(0, 255), (40, 110), (150, 220)] {
                let seen = label(format, "AX2-0091700", dark, light);
                assert_eq!(
                    read_code(&seen).as_deref(),
                    Some("AX2-0091700"),
                    "{format:?} {dark}"
                );
            }
        }
        let long = "A".repeat(MOST_CHARS + 1);
        assert_eq!(
            read_code(&label(BarcodeFormat::QR_CODE, &long, 0, 255)),
            None
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn what_is_no_code_says_nothing(seed in any::<u64>(), coarse in 1_u32..32) {
            let (width, height) = SIDES;
            let noise = |x: u32, y: u32| {
                let cell = u64::from(x / coarse) << 32 | u64::from(y / coarse);
                let mixed = (cell ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                [(mixed >> 56) as u8; 3]
            };
            let pixels = (0..height).flat_map(|y| (0..width).flat_map(move |x| noise(x, y)));
            let picture = Picture::new(width, height, pixels.collect()).unwrap();
            // Noise may by rare chance spell a code; that it is no long one and no panic is what counts.
            prop_assert!(read_code(&picture).is_none_or(|text| text.len() <= 8));
        }
    }
}
