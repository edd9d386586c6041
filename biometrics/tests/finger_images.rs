//! Finger image records of ISO/IEC 19794-4, and the pictures in them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use biometrics::finger::{GreyImage, decode_png, encode_png};
use biometrics::record::finger_image::{
    Compression, Extended, FingerImage, FingerImageRecord, Format, Impression, MAX_BYTES, Position,
    ScaleUnits, read, read_leniently,
};
use biometrics::record::picture::{Channels, Coding, Picture, PictureError, decode};
use biometrics::record::{
    CaptureTime, Certification, Device, Fault, MAX_DEVIATIONS, Problem, QualityBlock,
};
use proptest::prelude::*;

const PRINT: &[u8] = include_bytes!("fixtures/print.png");
const LOSSLESS: &[u8] = include_bytes!("fixtures/lossless.jp2");
const TILES: &[u8] = include_bytes!("fixtures/tiles.jp2");
const LOSSY: &[u8] = include_bytes!("fixtures/lossy.j2k");

fn quiet() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// A picture of 2 by 3 pixels of a right index finger, with quality, certification and a comment.
#[rustfmt::skip]
const GOLDEN_2011: [u8; 16 + 50 + 6 + 7] = [
    b'F', b'I', b'R', 0, b'0', b'2', b'0', 0,
    0, 0, 0, 79,        // record length
    0, 1,               // one representation
    1,                  // certification blocks follow
    1,                  // one finger position
    0, 0, 0, 63,        // representation length
    0x07, 0xe6, 2, 3, 4, 5, 6, 0, 7,  // captured 2022-02-03 04:05:06.007
    13,                 // capacitive
    0, 9,               // vendor
    0, 8,               // device
    1,                  // one quality block
    77, 0, 3, 0, 4,
    1,                  // one certification block
    0, 5, 2,
    2,                  // right index
    1,                  // representation 1
    2,                  // pixels per centimetre
    0x01, 0x8a, 0x01, 0x8a,  // the device: 394
    0x00, 0xc5, 0x00, 0xc5,  // the picture: 197
    8,                  // bits
    0,                  // uncompressed
    24,                 // live, without contact
    0, 2, 0, 3,         // 2 by 3 pixels
    0, 0, 0, 6,
    0, 50, 100, 150, 200, 250,
    0, 3, 0, 7, b'a', b'b', b'c',  // a comment
];

/// The same picture in the 2005 edition.
#[rustfmt::skip]
const GOLDEN_2005: [u8; 32 + 14 + 6] = [
    b'F', b'I', b'R', 0, b'0', b'1', b'0', 0,
    0, 0, 0, 0, 0, 52,  // record length
    0, 8,               // device
    0, 31,              // acquisition level
    1,                  // one finger
    1,                  // pixels per inch
    0x03, 0xe8, 0x03, 0xe8,  // the device: 1000
    0x01, 0xf4, 0x01, 0xf4,  // the picture: 500
    8,                  // bits
    0,                  // uncompressed
    0, 0,               // reserved
    0, 0, 0, 20,        // finger data block
    6,                  // left thumb
    1, 1,               // one view, the first
    254,                // no quality
    9,                  // live, without contact
    0, 2, 0, 3,
    0,                  // reserved
    0, 50, 100, 150, 200, 250,
];

fn print() -> GreyImage {
    decode_png(PRINT, 500).unwrap()
}

fn grey(picture: &Picture) -> &[u8] {
    assert_eq!(picture.channels(), Channels::Grey);
    picture.samples()
}

#[test]
fn golden_2011_record_is_read_field_by_field() {
    let record = read(&GOLDEN_2011).unwrap();
    assert_eq!((record.format, record.certified), (Format::V2011, true));
    assert_eq!((record.positions, record.level), (1, None));
    let time = CaptureTime {
        year: 2022,
        month: 2,
        day: 3,
        hour: 4,
        minute: 5,
        second: 6,
        millisecond: 7,
    };
    let expected = FingerImage {
        captured: Some(time),
        device: Device {
            technology: 13,
            vendor: 9,
            kind: 8,
        },
        quality: vec![QualityBlock {
            score: 77,
            vendor: 3,
            algorithm: 4,
        }],
        certifications: vec![Certification {
            authority: 5,
            scheme: 2,
        }],
        position: Position(2),
        number: 1,
        units: ScaleUnits(2),
        scan_rate: (394, 394),
        rate: (197, 197),
        depth: 8,
        compression: Compression::Raw,
        impression: Impression(24),
        width: 2,
        height: 3,
        data: vec![0, 50, 100, 150, 200, 250],
        extended: vec![Extended {
            kind: 3,
            data: b"abc".to_vec(),
        }],
    };
    assert_eq!(record.representations, [expected]);
    assert_eq!(time.to_string(), "2022-02-03 04:05:06.007 UTC");
    assert_eq!(record.representations[0].ppi(), Some((500, 500)));
    let picture = record.representations[0].picture().unwrap();
    assert_eq!((picture.width(), picture.height()), (2, 3));
    assert_eq!(grey(&picture), [0, 50, 100, 150, 200, 250]);
    assert_eq!(record.write().unwrap(), GOLDEN_2011);
}

#[test]
fn golden_2005_record_is_read_field_by_field() {
    let record = read(&GOLDEN_2005).unwrap();
    assert_eq!((record.format, record.level), (Format::V2005, Some(31)));
    let one = &record.representations[0];
    assert_eq!((one.device.kind, one.position), (8, Position(6)));
    assert_eq!((one.number, one.quality.len()), (1, 0));
    assert_eq!(one.impression, Impression(24), "as 2011 numbers it");
    assert_eq!((one.scan_rate, one.rate), ((1000, 1000), (500, 500)));
    assert_eq!((one.width, one.height), (2, 3));
    assert_eq!(one.data, [0, 50, 100, 150, 200, 250]);
    assert_eq!(record.write().unwrap(), GOLDEN_2005);
}

#[test]
fn every_truncation_is_refused() {
    for golden in [&GOLDEN_2011[..], &GOLDEN_2005] {
        for len in 0..golden.len() {
            assert!(read(&golden[..len]).is_err(), "cut to {len} bytes");
            // And with lengths that fit what is left, as far as a record's own length goes.
            let mut cut = golden[..len].to_vec();
            let at = if golden[5] == b'2' { 8..12 } else { 10..14 };
            if let Some(field) = cut.get_mut(at) {
                field.copy_from_slice(&(len as u32).to_be_bytes());
                assert!(read(&cut).is_err(), "cut to {len} bytes");
            }
        }
        let longer = [golden, &[0]].concat();
        assert!(read(&longer).is_err());
    }
}

/// The golden record with one byte set to another value: what is wrong with it.
fn changed(golden: &[u8], at: usize, to: u8) -> (Fault, Vec<Fault>) {
    let mut record = golden.to_vec();
    record[at] = to;
    let fault = read(&record).unwrap_err();
    let deviations = match read_leniently(&record) {
        Ok((_, deviations)) => deviations,
        Err(fault) => vec![fault],
    };
    (fault, deviations)
}

#[test]
fn each_wrong_field_is_named_with_its_place() {
    use Problem::*;
    // A record, the byte changed and its new value; the field, its place, and what is wrong.
    type Case<'a> = (&'a [u8], usize, u8, &'a str, usize, Problem);
    let cases: &[Case<'_>] = &[
        (&GOLDEN_2011, 0, b'X', "format identifier", 0, Magic),
        (&GOLDEN_2011, 5, b'9', "version", 4, Version),
        (
            &GOLDEN_2011,
            11,
            90,
            "record length",
            8,
            Length {
                stated: 90,
                actual: 79,
            },
        ),
        (
            &GOLDEN_2011,
            13,
            0,
            "number of representations",
            12,
            Count(0),
        ),
        (
            &GOLDEN_2011,
            12,
            9,
            "number of representations",
            12,
            Count(0x901),
        ),
        (
            &GOLDEN_2011,
            15,
            2,
            "number of finger positions",
            15,
            Differs {
                stated: 2,
                actual: 1,
            },
        ),
        (&GOLDEN_2011, 22, 13, "capture date and time", 20, Moment),
        (
            &GOLDEN_2011,
            29,
            20,
            "capture device technology",
            29,
            Code(20),
        ),
        (&GOLDEN_2011, 35, 101, "quality score", 35, Range(101)),
        (&GOLDEN_2011, 44, 11, "finger position", 44, Code(11)),
        (&GOLDEN_2011, 45, 16, "representation number", 45, Range(16)),
        (&GOLDEN_2011, 46, 3, "scale units", 46, Code(3)),
        (&GOLDEN_2011, 55, 17, "bit depth", 55, Range(17)),
        (&GOLDEN_2011, 56, 7, "compression algorithm", 56, Code(7)),
        (&GOLDEN_2011, 57, 16, "impression type", 57, Code(16)),
        (&GOLDEN_2011, 59, 0, "image width", 58, Range(0)),
        (
            &GOLDEN_2011,
            65,
            60,
            "length of image data",
            62,
            Length {
                stated: 60,
                actual: 13,
            },
        ),
        (
            &GOLDEN_2011,
            75,
            8,
            "extended data",
            76,
            Truncated { needed: 4, left: 3 },
        ),
        (
            &GOLDEN_2005,
            13,
            53,
            "record length",
            8,
            Length {
                stated: 53,
                actual: 52,
            },
        ),
        (&GOLDEN_2005, 31, 1, "reserved", 30, Reserved(1)),
        (
            &GOLDEN_2005,
            35,
            21,
            "length of finger data block",
            32,
            Length {
                stated: 21,
                actual: 20,
            },
        ),
        (
            &GOLDEN_2005,
            37,
            2,
            "count of views",
            37,
            Differs {
                stated: 2,
                actual: 1,
            },
        ),
        (&GOLDEN_2005, 38, 0, "view number", 38, Range(0)),
        (&GOLDEN_2005, 40, 10, "impression type", 40, Code(10)),
        (&GOLDEN_2005, 45, 1, "reserved", 45, Reserved(1)),
    ];
    for &(golden, at, to, field, offset, problem) in cases {
        let expected = Fault {
            field,
            offset,
            problem,
        };
        let (fault, deviations) = changed(golden, at, to);
        assert_eq!(fault, expected, "byte {at}");
        assert_eq!(deviations.first(), Some(&expected), "byte {at}");
    }
    assert_eq!(
        changed(&GOLDEN_2011, 44, 11).0.to_string(),
        "finger position at byte 44: code 11 has no meaning in this edition"
    );
}

#[test]
fn a_lenient_reading_goes_on_where_it_is_safe() {
    // A representation that states its picture's length alone, as some devices do.
    let mut record = GOLDEN_2011.to_vec();
    record.truncate(72);
    record[11] = 72;
    record[19] = 6;
    assert!(read(&record).is_err());
    let (read_over, deviations) = read_leniently(&record).unwrap();
    assert_eq!(read_over.representations[0].data.len(), 6);
    let problem = Problem::Length {
        stated: 6,
        actual: 56,
    };
    assert_eq!(deviations.len(), 1);
    assert_eq!((deviations[0].offset, deviations[0].problem), (16, problem));
    // A second representation that is cut short.
    let mut two = [&GOLDEN_2011[..], &GOLDEN_2011[16..50]].concat();
    two[13] = 2;
    two[11] = two.len() as u8;
    assert!(read(&two).is_err());
    let (read_over, deviations) = read_leniently(&two).unwrap();
    assert_eq!(read_over.representations.len(), 1);
    assert!(!deviations.is_empty());
    // Deviations are listed up to a bound.
    let mut many = GOLDEN_2011.to_vec();
    many[34] = 255;
    many.extend_from_slice(&[200; 255 * 5 + 200 * 3 + 100]);
    let (_, deviations) = read_leniently(&many).unwrap();
    assert_eq!(deviations.len(), MAX_DEVIATIONS);
}

#[test]
fn too_long_a_record_is_refused_unread() {
    let mut long = GOLDEN_2011.to_vec();
    long.resize(MAX_BYTES + 1, 0);
    assert_eq!(
        read(&long).unwrap_err().problem,
        Problem::TooLong(MAX_BYTES + 1)
    );
}

#[test]
fn a_print_goes_through_records_unchanged() {
    let image = print();
    let thumb = Position(1);
    let jp2 = Compression::Jpeg2000Lossless;
    let all = [
        FingerImage::raw(&image, thumb),
        FingerImage::png(&image, thumb),
        FingerImage::compressed(&image, thumb, jp2, LOSSLESS.to_vec()),
        FingerImage::compressed(&image, thumb, jp2, TILES.to_vec()),
    ];
    let numbered = all
        .into_iter()
        .zip(0..)
        .map(|(one, number)| FingerImage { number, ..one });
    let record = FingerImageRecord::new(numbered.collect());
    let bytes = record.write().unwrap();
    let again = read(&bytes).unwrap();
    assert_eq!(again, record);
    for one in &again.representations {
        assert_eq!(one.grey().as_ref(), Ok(&image), "{:?}", one.compression);
    }
    // The same in 2005, which counts views from one.
    let mut older = again;
    older.format = Format::V2005;
    older.level = Some(31);
    for one in &mut older.representations {
        one.number += 1;
    }
    older
        .representations
        .retain(|one| one.compression == Compression::Png);
    assert_eq!(read(&older.write().unwrap()).unwrap(), older);
}

#[test]
fn what_does_not_fit_the_edition_is_not_written() {
    let record = read(&GOLDEN_2011).unwrap();
    let problem = |change: &dyn Fn(&mut FingerImageRecord)| {
        let mut changed = record.clone();
        change(&mut changed);
        let fault = changed.write().unwrap_err();
        (fault.field, fault.problem)
    };
    let first = |change: &dyn Fn(&mut FingerImage)| {
        problem(&|record| change(&mut record.representations[0]))
    };
    assert_eq!(
        first(&|one| one.compression = Compression::Unknown(9)),
        ("compression algorithm", Problem::Edition)
    );
    assert_eq!(
        first(&|one| one.position = Position(60)),
        ("finger position", Problem::Code(60))
    );
    assert_eq!(
        first(&|one| one.extended[0].data = vec![0; 65_532]),
        ("extended data", Problem::TooLong(65_532))
    );
    assert_eq!(
        problem(&|record| record.representations.clear()),
        ("number of representations", Problem::Count(0))
    );
    assert_eq!(
        problem(&|record| record.positions = 3),
        (
            "number of finger positions",
            Problem::Differs {
                stated: 3,
                actual: 1
            }
        )
    );
    assert_eq!(
        problem(&|record| record.certified = false),
        ("record", Problem::Edition)
    );
    assert_eq!(
        problem(&|record| record.level = Some(1)),
        ("record", Problem::Edition)
    );
    // 2005 has no date, no certificates and no extended data.
    assert_eq!(
        problem(&|record| {
            record.format = Format::V2005;
            record.level = Some(30);
        }),
        ("record", Problem::Edition)
    );
}

#[test]
fn jpeg_2000_is_decoded_as_by_openjpeg() {
    let image = print();
    for data in [LOSSLESS, TILES] {
        let picture = decode(data, Coding::Jpeg2000).unwrap();
        assert_eq!(grey(&picture), image.pixels());
    }
    let lossy = decode(LOSSY, Coding::Jpeg2000).unwrap();
    let theirs = decode_png(include_bytes!("fixtures/lossy-decoded.png"), 500).unwrap();
    assert_eq!(lossy.samples().len(), theirs.pixels().len());
    let differences = lossy.samples().iter().zip(theirs.pixels());
    let most = differences.map(|(a, b)| a.abs_diff(*b)).max();
    assert!(most.unwrap() <= 1, "{most:?}");
    let ramp = decode(include_bytes!("fixtures/ramp.jp2"), Coding::Jpeg2000).unwrap();
    let source = decode(include_bytes!("fixtures/ramp.png"), Coding::Png).unwrap();
    assert_eq!(ramp, source);
}

#[test]
fn wsq_is_decoded_as_by_nbis() {
    let pairs: [(&[u8], &[u8]); 2] = [
        (
            include_bytes!("fixtures/print.wsq"),
            include_bytes!("fixtures/print-wsq.png"),
        ),
        (
            include_bytes!("fixtures/odd.wsq"),
            include_bytes!("fixtures/odd-wsq.png"),
        ),
    ];
    for (data, theirs) in pairs {
        assert_eq!(Coding::sniff(data), Some(Coding::Wsq));
        let ours = decode(data, Coding::Wsq).unwrap();
        let theirs = decode_png(theirs, 500).unwrap();
        assert_eq!(
            (ours.width(), ours.height()),
            (theirs.width(), theirs.height())
        );
        let differences = grey(&ours).iter().zip(theirs.pixels());
        let most = differences.map(|(a, b)| a.abs_diff(*b)).max();
        assert!(most.unwrap() <= 1, "{most:?}");
        for len in 0..data.len() {
            assert!(decode(&data[..len], Coding::Wsq).is_err(), "cut to {len}");
        }
    }
}

#[test]
fn jpeg_is_decoded_as_by_libjpeg() {
    let theirs = decode(include_bytes!("fixtures/ramp-jpeg.png"), Coding::Png).unwrap();
    for data in [
        &include_bytes!("fixtures/ramp.jpg")[..],
        include_bytes!("fixtures/ramp-progressive.jpg"),
    ] {
        let ours = decode(data, Coding::Jpeg).unwrap();
        assert_eq!((ours.width(), ours.height()), (96, 120));
        let differences = ours.samples().iter().zip(theirs.samples());
        let most = differences.map(|(a, b)| a.abs_diff(*b)).max();
        // Inverse transforms and upsampling of colour are not exact by the standard.
        assert!(most.unwrap() <= 6, "{most:?}");
        for len in (0..data.len()).step_by(7) {
            assert!(decode(&data[..len], Coding::Jpeg).is_err(), "cut to {len}");
        }
    }
}

#[test]
fn cut_jpeg_2000_is_refused() {
    for data in [LOSSLESS, LOSSY, TILES] {
        for len in (0..200).chain((200..data.len()).step_by(97)) {
            let cut = decode(&data[..len], Coding::Jpeg2000);
            assert!(cut.is_err(), "cut to {len} of {}", data.len());
        }
    }
}

/// Where the SIZ segment's content begins.
fn siz(data: &[u8]) -> usize {
    data.windows(4)
        .position(|w| w == [0xff, 0x4f, 0xff, 0x51])
        .unwrap()
        + 6
}

#[test]
fn a_jpeg_2000_header_that_asks_for_much_is_refused_before_it_gets_it() {
    let changed = |at: usize, bytes: &[u8]| {
        let mut data = LOSSLESS.to_vec();
        let start = siz(&data) + at;
        data[start..start + bytes.len()].copy_from_slice(bytes);
        decode(&data, Coding::Jpeg2000).unwrap_err()
    };
    let size = |width, height| PictureError::Size {
        width,
        height,
        channels: 1,
    };
    assert_eq!(
        changed(2, &[0x7f, 0xff, 0xff, 0xff]),
        size(0x7fff_ffff, 184)
    );
    assert_eq!(changed(6, &[0, 0, 0x20, 1]), size(152, 0x2001));
    assert_eq!(
        changed(2, &[0, 0, 0x20, 0, 0, 0, 0x20, 0]),
        size(0x2000, 0x2000)
    );
    // Tiles of one pixel each.
    let tiles = changed(18, &[0, 0, 0, 1, 0, 0, 0, 1]);
    assert_eq!(
        tiles,
        PictureError::Unsupported("JPEG 2000 of too many tiles")
    );
    // The smallest code blocks, and a picture large enough to make them many.
    let mut small = LOSSLESS.to_vec();
    let start = siz(&small);
    small[start + 2..start + 10].copy_from_slice(&[0, 0, 8, 0, 0, 0, 8, 0]);
    small[start + 18..start + 26].copy_from_slice(&[0, 0, 8, 0, 0, 0, 8, 0]);
    let cod = small.windows(2).position(|w| w == [0xff, 0x52]).unwrap();
    small[cod + 10..cod + 12].copy_from_slice(&[0, 0]);
    assert_eq!(
        decode(&small, Coding::Jpeg2000),
        Err(PictureError::Unsupported(
            "JPEG 2000 cut into too many blocks"
        ))
    );
}

#[test]
fn a_picture_that_does_not_fit_its_record_is_refused() {
    let image = print();
    let one = FingerImage::png(&image, Position(1));
    let wider = FingerImage {
        width: one.width + 1,
        ..one.clone()
    };
    let (own, stated) = ((152, 184), (153, 184));
    assert_eq!(wider.grey(), Err(PictureError::Differs { stated, own }));
    assert!(wider.picture().is_ok());
    let odd = FingerImage {
        rate: (500, 501),
        ..one.clone()
    };
    assert_eq!(odd.grey(), Err(PictureError::Resolution));
    let raw = FingerImage {
        compression: Compression::Raw,
        ..one.clone()
    };
    let expected = 152 * 184;
    let given = raw.data.len();
    assert_eq!(raw.grey(), Err(PictureError::Length { expected, given }));
    let colour = FingerImage {
        data: include_bytes!("fixtures/ramp.png").to_vec(),
        width: 96,
        height: 120,
        ..one
    };
    assert_eq!(colour.grey(), Err(PictureError::Colour));
}

#[test]
fn uncompressed_pictures_of_any_depth_are_scaled() {
    let of = |depth, compression, data: &[u8]| {
        let mut record = read(&GOLDEN_2011).unwrap();
        let one = &mut record.representations[0];
        (one.depth, one.compression, one.data) = (depth, compression, data.to_vec());
        one.picture().map(|picture| picture.samples().to_vec())
    };
    let (raw, packed) = (Compression::Raw, Compression::Packed);
    assert_eq!(
        of(1, packed, &[0b1011_0000]),
        Ok(vec![255, 0, 255, 255, 0, 0])
    );
    assert_eq!(
        of(4, packed, &[0x0f, 0x8f, 0x01]),
        Ok(vec![0, 255, 136, 255, 0, 17])
    );
    assert_eq!(
        of(4, raw, &[0, 15, 8, 99, 0, 1]),
        Ok(vec![0, 255, 136, 255, 0, 17])
    );
    let sixteen = [0xff, 0xff, 0, 0, 0x80, 0x80, 1, 1, 0, 128, 0, 129];
    assert_eq!(of(16, raw, &sixteen), Ok(vec![255, 0, 128, 1, 0, 1]));
    let (expected, given) = (12, 6);
    assert_eq!(
        of(12, raw, &[0; 6]),
        Err(PictureError::Length { expected, given })
    );
}

fn any_representation() -> impl Strategy<Value = FingerImage> {
    let codes = (0u8..=10, 0u8..=15, 1u8..=2, 1u8..=16, 0u8..=6, 0u8..=15);
    let sizes = (1u16.., 1u16.., 1u16.., 1u16.., 1u16.., 1u16..);
    let time = (
        any::<u16>(),
        1u8..=12,
        1u8..=28,
        0u8..24,
        0u8..60,
        0u8..60,
        0u16..1000,
    );
    let quality = prop::collection::vec((0u8..=100, any::<u16>(), any::<u16>()), 0..3);
    let extended = prop::collection::vec((1u16.., prop::collection::vec(any::<u8>(), 0..20)), 0..3);
    let data = prop::collection::vec(any::<u8>(), 0..200);
    let certifications = prop::collection::vec((any::<u16>(), any::<u8>()), 0..3);
    let parts = (
        prop::option::of(time),
        quality,
        extended,
        data,
        certifications,
    );
    (codes, sizes, parts).prop_map(|(codes, sizes, parts)| {
        let compressions = [
            Compression::Raw,
            Compression::Packed,
            Compression::Wsq,
            Compression::Jpeg,
            Compression::Jpeg2000,
            Compression::Jpeg2000Lossless,
            Compression::Png,
        ];
        let (time, quality, extended, data, certifications) = parts;
        FingerImage {
            captured: time.map(|t| CaptureTime {
                year: t.0,
                month: t.1,
                day: t.2,
                hour: t.3,
                minute: t.4,
                second: t.5,
                millisecond: t.6,
            }),
            device: Device {
                technology: codes.5,
                vendor: sizes.0,
                kind: sizes.1,
            },
            quality: quality
                .into_iter()
                .map(|(score, vendor, algorithm)| QualityBlock {
                    score,
                    vendor,
                    algorithm,
                })
                .collect(),
            certifications: certifications
                .into_iter()
                .map(|(authority, scheme)| Certification { authority, scheme })
                .collect(),
            position: Position(codes.0),
            number: codes.1,
            units: ScaleUnits(codes.2),
            scan_rate: (sizes.0, sizes.1),
            rate: (sizes.2, sizes.3),
            depth: codes.3,
            compression: compressions[usize::from(codes.4)],
            impression: Impression(codes.5),
            width: sizes.4,
            height: sizes.5,
            data,
            extended: extended
                .into_iter()
                .map(|(kind, data)| Extended { kind, data })
                .collect(),
        }
    })
}

proptest! {
    #![proptest_config(quiet())]

    #[test]
    fn what_is_written_is_read(all in prop::collection::vec(any_representation(), 1..4)) {
        let mut all: Vec<FingerImage> = all;
        for (one, number) in all.iter_mut().zip(0..) {
            one.number = number;
        }
        let record = FingerImageRecord::new(all);
        let bytes = record.write().unwrap();
        prop_assert_eq!(read(&bytes), Ok(record.clone()));
        prop_assert_eq!(read_leniently(&bytes), Ok((record, Vec::new())));
        for len in 0..bytes.len() {
            prop_assert!(read(&bytes[..len]).is_err());
        }
    }

    #[test]
    fn no_bytes_make_it_panic_or_hold_more_than_they_are(
        golden in prop::sample::select(vec![GOLDEN_2011.to_vec(), GOLDEN_2005.to_vec()]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        tail in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let mut record = golden;
        record.extend(tail);
        for (at, to) in changes {
            let at = at.index(record.len());
            record[at] = to;
        }
        if let Ok((read, _)) = read_leniently(&record) {
            let held = |one: &FingerImage| {
                let extended: usize = one.extended.iter().map(|block| block.data.len()).sum();
                one.data.len() + extended + 5 * one.quality.len() + 3 * one.certifications.len()
            };
            let all: usize = read.representations.iter().map(held).sum();
            prop_assert!(all <= record.len());
            for one in &read.representations {
                let _ = (one.picture(), one.grey());
            }
        }
        if let Ok(strict) = read(&record) {
            prop_assert_eq!(strict.write(), Ok(record));
        }
    }

    #[test]
    fn no_picture_makes_it_panic(
        which in 0usize..8,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        early in any::<bool>(),
    ) {
        let (data, coding) = [
            (LOSSLESS, Coding::Jpeg2000),
            (LOSSY, Coding::Jpeg2000),
            (TILES, Coding::Jpeg2000),
            (PRINT, Coding::Png),
            (include_bytes!("fixtures/print.wsq"), Coding::Wsq),
            (include_bytes!("fixtures/odd.wsq"), Coding::Wsq),
            (&include_bytes!("fixtures/ramp.jpg")[..], Coding::Jpeg),
            (include_bytes!("fixtures/ramp-progressive.jpg"), Coding::Jpeg),
        ][which];
        let mut data = data.to_vec();
        for (at, to) in changes {
            // Headers are where sizes come from.
            let at = at.index(if early { 250.min(data.len()) } else { data.len() });
            data[at] = to;
        }
        if let Ok(picture) = decode(&data, coding) {
            let pixels = u64::from(picture.width()) * u64::from(picture.height());
            let samples = pixels * u64::from(picture.channels().count());
            prop_assert_eq!(picture.samples().len() as u64, samples);
        }
    }
}

#[test]
fn a_png_of_a_picture_is_the_picture() {
    let ramp = decode(include_bytes!("fixtures/ramp.png"), Coding::Png).unwrap();
    let again = decode(&ramp.to_png(Some((500, 500))).unwrap(), Coding::Png).unwrap();
    assert_eq!(again, ramp);
    let print = decode(&encode_png(&print()), Coding::Png).unwrap();
    let again = decode(&print.to_png(None).unwrap(), Coding::Png).unwrap();
    assert_eq!(again, print);
}
