//! Pictures and their PNG form: what is accepted, what is refused, and what is never allocated.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use biometrics::finger::{GreyImage, ImageError, decode_png, encode_png};
use proptest::prelude::*;

/// A PNG of the given header and raw rows, with a valid checksum for each chunk.
fn png_of(
    width: u32,
    height: u32,
    color: png::ColorType,
    depth: png::BitDepth,
    raw: &[u8],
) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(raw).unwrap();
    writer.finish().unwrap();
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| {
            (c >> 1) ^ if c & 1 == 1 { 0xEDB8_8320 } else { 0 }
        })
    })
}

/// The same PNG claiming another size.
fn claiming(mut file: Vec<u8>, width: u32, height: u32) -> Vec<u8> {
    file[16..20].copy_from_slice(&width.to_be_bytes());
    file[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = crc32(&file[12..29]);
    file[29..33].copy_from_slice(&crc.to_be_bytes());
    file
}

fn small() -> GreyImage {
    let pixels = (0..40 * 50).map(|i| (i * 7 % 256) as u8).collect();
    GreyImage::new(40, 50, 500, pixels).unwrap()
}

#[test]
fn picture_outside_the_limits_is_refused() {
    let make = |w: u32, h: u32, ppi, len: usize| GreyImage::new(w, h, ppi, vec![0; len]);
    assert_eq!(make(0, 0, 500, 0), Err(ImageError::Empty));
    assert_eq!(
        make(31, 40, 500, 31 * 40),
        Err(ImageError::Size {
            width: 31,
            height: 40
        })
    );
    assert_eq!(
        make(40, 4097, 500, 40 * 4097),
        Err(ImageError::Size {
            width: 40,
            height: 4097
        })
    );
    assert_eq!(
        make(2001, 2000, 500, 1),
        Err(ImageError::Size {
            width: 2001,
            height: 2000
        })
    );
    assert_eq!(make(40, 40, 249, 1600), Err(ImageError::Resolution(249)));
    assert_eq!(make(40, 40, 1201, 1600), Err(ImageError::Resolution(1201)));
    let short = Err(ImageError::WrongLength {
        width: 40,
        height: 40,
        len: 1599,
    });
    assert_eq!(make(40, 40, 500, 1599), short);
    assert!(make(40, 40, 250, 1600).is_ok());
    assert!(make(2000, 2000, 1200, 4_000_000).is_ok());
    assert_eq!(
        make(u32::MAX, u32::MAX, 500, 1),
        Err(ImageError::Size {
            width: u32::MAX,
            height: u32::MAX
        })
    );
}

#[test]
fn picture_survives_its_png_unchanged() {
    let image = small();
    assert_eq!(decode_png(&encode_png(&image), 500).unwrap(), image);
}

#[test]
fn colour_alpha_and_deep_pictures_become_grey() {
    use png::{BitDepth, ColorType};
    let n = 32 * 32;
    let decode = |color, depth, pixel: &[u8]| {
        let image = decode_png(&png_of(32, 32, color, depth, &pixel.repeat(n)), 500).unwrap();
        assert_eq!(image.pixels().len(), n);
        image.pixels()[n - 1]
    };
    assert_eq!(decode(ColorType::Grayscale, BitDepth::Eight, &[77]), 77);
    assert_eq!(
        decode(ColorType::Grayscale, BitDepth::Sixteen, &[200, 13]),
        200
    );
    assert_eq!(decode(ColorType::Rgb, BitDepth::Eight, &[90, 90, 90]), 90);
    assert_eq!(decode(ColorType::Rgb, BitDepth::Eight, &[255, 0, 0]), 76);
    assert_eq!(
        decode(ColorType::Rgba, BitDepth::Eight, &[0, 0, 0, 0]),
        255,
        "clear is white"
    );
    assert_eq!(
        decode(
            ColorType::Rgba,
            BitDepth::Sixteen,
            &[9, 0, 9, 0, 9, 0, 255, 255]
        ),
        9
    );
    assert_eq!(
        decode(ColorType::GrayscaleAlpha, BitDepth::Eight, &[10, 255]),
        10
    );
}

#[test]
fn bomb_is_refused_by_its_header() {
    let file = encode_png(&small());
    for (width, height) in [(10_000, 10_000), (4097, 40), (u32::MAX >> 1, u32::MAX >> 1)] {
        let answer = decode_png(&claiming(file.clone(), width, height), 500);
        assert_eq!(answer, Err(ImageError::Size { width, height }));
    }
}

#[test]
fn header_that_promises_more_than_the_file_holds_is_refused() {
    let file = claiming(encode_png(&small()), 2000, 2000);
    assert!(matches!(decode_png(&file, 500), Err(ImageError::NotPng(_))));
}

#[test]
fn png_cut_anywhere_is_refused() {
    let file = encode_png(&small());
    assert_eq!(decode_png(&[], 500), Err(ImageError::Empty));
    for len in 1..file.len() {
        let answer = decode_png(&file[..len], 500);
        assert!(
            matches!(answer, Err(ImageError::NotPng(_))),
            "{len} bytes gave {answer:?}"
        );
    }
}

#[test]
fn file_of_another_kind_is_refused() {
    let jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0and so on";
    assert!(matches!(decode_png(jpeg, 500), Err(ImageError::NotPng(_))));
    assert!(matches!(
        decode_png(&vec![0; 40_000_001], 500),
        Err(ImageError::TooLong(_))
    ));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_never_a_picture(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(decode_png(&bytes, 500).is_err());
    }

    #[test]
    fn damaged_png_never_panics_and_never_breaks_the_limits(
        at in 8usize..2000, value in any::<u8>()
    ) {
        let mut file = encode_png(&small());
        let at = at % file.len();
        file[at] = value;
        if let Ok(image) = decode_png(&file, 500) {
            let pixels = image.width() as usize * image.height() as usize;
            prop_assert_eq!(image.pixels().len(), pixels);
        }
    }
}
