//! Face image records of ISO/IEC 19794-5. No face is in them: ramps of colour.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use biometrics::record::face_image::{
    ColourSpace, DataType, EyeColour, FaceImage, FaceImageRecord, FaceImageType, FacialInformation,
    Format, Gender, HairColour, Landmark, LandmarkKind, MAX_BYTES, MAX_LANDMARKS, SamplingLevel,
    expressions, pose_degrees, properties, read, read_leniently,
};
use biometrics::record::picture::{Channels, PictureError};
use biometrics::record::{CaptureTime, Device, Fault, Problem, QualityBlock};
use proptest::prelude::*;

const JPEG: &[u8] = include_bytes!("fixtures/ramp.jpg");
const JP2: &[u8] = include_bytes!("fixtures/ramp.jp2");
const PNG: &[u8] = include_bytes!("fixtures/ramp.png");

fn quiet() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

#[rustfmt::skip]
const GOLDEN_2011: [u8; 17 + 24 + 17 + 8 + 11 + 4 + 3] = [
    b'F', b'A', b'C', 0, b'0', b'3', b'0', 0,
    0, 0, 0, 84,        // record length
    0, 1,               // one representation
    0,                  // no certification
    0, 0,               // one representation
    0, 0, 0, 67,        // representation length
    0x07, 0xe6, 2, 3, 4, 5, 6, 0, 7,  // captured 2022-02-03 04:05:06.007
    2,                  // digital still camera
    0, 9,               // vendor
    0, 8,               // device
    1,                  // one quality block
    77, 0, 3, 0, 4,
    0, 1,               // one landmark
    2, 3, 4, 170,       // female, brown eyes, brown hair, 170 cm
    0, 4, 3,            // specified, glasses, head covering
    0, 3,               // specified, neutral
    1, 180, 6,          // 0, -2 and 10 degrees
    2, 0, 0,            // uncertainty of yaw
    1, 0xc1, 0, 9, 0, 8, 0, 0,  // MPEG-4 point 12.1 at 9, 8
    1,                  // full frontal
    0,                  // JPEG
    0, 10, 0, 20,       // 10 by 20 pixels
    2,                  // 240 to 300 pixels across the head
    0, 2,               // cropped
    0,                  // made of no other
    1,                  // 24-bit RGB
    0, 0, 0, 3,
    1, 2, 3,
];

#[rustfmt::skip]
const GOLDEN_2005: [u8; 14 + 20 + 8 + 12 + 3] = [
    b'F', b'A', b'C', 0, b'0', b'1', b'0', 0,
    0, 0, 0, 57,        // record length
    0, 1,               // one face
    0, 0, 0, 43,        // length of the face
    0, 1,               // one feature point
    2, 3, 4,            // female, brown eyes, brown hair
    0, 0, 3,            // specified, glasses
    0, 3,               // smile, open jaw
    1, 180, 6,
    2, 0, 0,
    1, 0xc1, 0, 9, 0, 8, 0, 0,
    1,                  // full frontal
    1,                  // JPEG 2000
    0, 10, 0, 20,
    4,                  // another colour space
    2,                  // digital still camera
    0, 8,               // device
    0, 50,              // quality
    1, 2, 3,
];

#[test]
fn golden_2011_record_is_read_field_by_field() {
    let record = read(&GOLDEN_2011).unwrap();
    assert_eq!((record.format, record.temporal), (Format::V2011, 0));
    let expected = FaceImage {
        captured: Some(CaptureTime {
            year: 2022,
            month: 2,
            day: 3,
            hour: 4,
            minute: 5,
            second: 6,
            millisecond: 7,
        }),
        device: Device {
            technology: 2,
            vendor: 9,
            kind: 8,
        },
        quality: vec![QualityBlock {
            score: 77,
            vendor: 3,
            algorithm: 4,
        }],
        quality_2005: 0,
        facial: FacialInformation {
            gender: Gender(2),
            eyes: EyeColour(3),
            hair: HairColour(4),
            height_cm: 170,
            properties: 0x403,
            expression: 3,
            pose: [1, 180, 6],
            pose_uncertainty: [2, 0, 0],
        },
        landmarks: vec![Landmark {
            kind: LandmarkKind(1),
            code: 0xc1,
            x: 9,
            y: 8,
            z: 0,
        }],
        image_type: FaceImageType(1),
        data_type: DataType(0),
        width: 10,
        height: 20,
        sampling: SamplingLevel(2),
        processing: 2,
        cross_reference: 0,
        colour: ColourSpace(1),
        data: vec![1, 2, 3],
        rest: Vec::new(),
    };
    assert_eq!(record.representations, [expected]);
    assert_eq!(record.write().unwrap(), GOLDEN_2011);
    let names = ["specified", "glasses", "head covering"].map(Some);
    assert_eq!(properties(0x403), names);
    assert_eq!(expressions(3), ["specified", "neutral"].map(Some));
    assert_eq!(
        [1, 180, 6, 91, 92].map(pose_degrees),
        [0, -2, 10, 180, -178].map(Some)
    );
    assert_eq!([0, 181, 255].map(pose_degrees), [None; 3]);
}

#[test]
fn golden_2005_record_is_read_field_by_field() {
    let record = read(&GOLDEN_2005).unwrap();
    assert_eq!(record.format, Format::V2005);
    let one = &record.representations[0];
    assert_eq!((one.facial.gender, one.facial.expression), (Gender(2), 3));
    assert_eq!((one.facial.pose, one.facial.height_cm), ([1, 180, 6], 0));
    assert_eq!((one.landmarks[0].x, one.landmarks[0].code), (9, 0xc1));
    assert_eq!((one.width, one.height), (10, 20));
    assert_eq!((one.data_type, one.colour), (DataType(1), ColourSpace(6)));
    assert_eq!((one.device.technology, one.device.kind), (2, 8));
    assert_eq!(
        (one.quality_2005, one.data.as_slice()),
        (50, &[1, 2, 3][..])
    );
    assert_eq!(record.write().unwrap(), GOLDEN_2005);
}

#[test]
fn every_truncation_is_refused() {
    for golden in [&GOLDEN_2011[..], &GOLDEN_2005] {
        for len in 0..golden.len() {
            let mut cut = golden[..len].to_vec();
            assert!(read(&cut).is_err(), "cut to {len} bytes");
            if let Some(field) = cut.get_mut(8..12) {
                field.copy_from_slice(&(len as u32).to_be_bytes());
                assert!(read(&cut).is_err(), "cut to {len} bytes");
            }
        }
        assert!(read(&[golden, &[0]].concat()).is_err());
    }
    let mut long = GOLDEN_2011.to_vec();
    long.resize(MAX_BYTES + 1, 0);
    let problem = Problem::TooLong(MAX_BYTES + 1);
    assert_eq!(read(&long).unwrap_err().problem, problem);
}

#[test]
fn each_wrong_field_is_named_with_its_place() {
    use Problem::*;
    type Case<'a> = (&'a [u8], usize, u8, &'a str, usize, Problem);
    let cases: &[Case<'_>] = &[
        (&GOLDEN_2011, 0, b'X', "format identifier", 0, Magic),
        (&GOLDEN_2011, 5, b'2', "version", 4, Version),
        (
            &GOLDEN_2011,
            11,
            85,
            "record length",
            8,
            Length {
                stated: 85,
                actual: 84,
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
        (&GOLDEN_2011, 14, 1, "certification flag", 14, Code(1)),
        (&GOLDEN_2011, 16, 1, "temporal semantics", 15, Code(1)),
        (&GOLDEN_2011, 24, 32, "capture date and time", 21, Moment),
        (
            &GOLDEN_2011,
            30,
            7,
            "capture device technology",
            30,
            Code(7),
        ),
        (&GOLDEN_2011, 36, 200, "quality score", 36, Range(200)),
        (&GOLDEN_2011, 41, 5, "number of landmarks", 41, Count(0x501)),
        (&GOLDEN_2011, 43, 3, "gender", 43, Code(3)),
        (&GOLDEN_2011, 44, 8, "eye colour", 44, Code(8)),
        (&GOLDEN_2011, 45, 10, "hair colour", 45, Code(10)),
        (&GOLDEN_2011, 47, 1, "property mask", 47, Reserved(0x10403)),
        (&GOLDEN_2011, 50, 1, "expression", 50, Code(0x103)),
        (&GOLDEN_2011, 52, 182, "pose angles", 52, Range(182)),
        (
            &GOLDEN_2011,
            57,
            182,
            "pose angle uncertainty",
            55,
            Range(182),
        ),
        (&GOLDEN_2011, 58, 4, "landmark type", 58, Code(4)),
        (&GOLDEN_2011, 61, 10, "landmark", 58, Range(10)),
        (&GOLDEN_2011, 65, 1, "landmark z", 64, Reserved(1)),
        (&GOLDEN_2011, 66, 4, "face image type", 66, Code(4)),
        (&GOLDEN_2011, 67, 4, "image data type", 67, Code(4)),
        (
            &GOLDEN_2011,
            72,
            8,
            "spatial sampling rate level",
            72,
            Code(8),
        ),
        (
            &GOLDEN_2011,
            73,
            8,
            "post-acquisition processing",
            73,
            Reserved(0x802),
        ),
        (&GOLDEN_2011, 76, 7, "image colour space", 76, Code(7)),
        (
            &GOLDEN_2011,
            80,
            2,
            "end of the representation",
            83,
            Trailing(1),
        ),
        (
            &GOLDEN_2011,
            80,
            4,
            "length of image data",
            77,
            Length {
                stated: 4,
                actual: 3,
            },
        ),
        (
            &GOLDEN_2005,
            17,
            44,
            "length of the face",
            14,
            Length {
                stated: 44,
                actual: 43,
            },
        ),
        (&GOLDEN_2005, 27, 8, "expression", 26, Code(8)),
        (&GOLDEN_2005, 34, 2, "landmark type", 34, Code(2)),
        (&GOLDEN_2005, 42, 3, "face image type", 42, Code(3)),
        (&GOLDEN_2005, 43, 2, "image data type", 43, Code(2)),
        (&GOLDEN_2005, 48, 5, "image colour space", 48, Code(5)),
        (&GOLDEN_2005, 49, 7, "source type", 49, Code(7)),
    ];
    for &(golden, at, to, field, offset, problem) in cases {
        let expected = Fault {
            field,
            offset,
            problem,
        };
        let mut record = golden.to_vec();
        record[at] = to;
        assert_eq!(read(&record), Err(expected), "byte {at}");
        match read_leniently(&record) {
            Ok((_, deviations)) => assert_eq!(deviations.first(), Some(&expected), "byte {at}"),
            Err(fault) => assert_eq!(fault, expected, "byte {at}"),
        }
    }
}

#[test]
fn pictures_of_each_coding_are_decoded() {
    for (data_type, data) in [(0, JPEG), (1, JP2), (2, JP2), (3, PNG)] {
        let one = FaceImage::new(DataType(data_type), (96, 120), data.to_vec());
        let bytes = FaceImageRecord::new(one).write().unwrap();
        let record = read(&bytes).unwrap();
        let picture = record.representations[0].picture().unwrap();
        assert_eq!((picture.width(), picture.height()), (96, 120));
        assert_eq!(picture.channels(), Channels::Rgb);
    }
    let wrong = FaceImage::new(DataType(0), (96, 120), JP2.to_vec());
    assert!(matches!(
        wrong.picture(),
        Err(PictureError::Damaged { coding: "JPEG", .. })
    ));
    let unknown = FaceImage::new(DataType(9), (96, 120), JP2.to_vec());
    assert!(matches!(
        unknown.picture(),
        Err(PictureError::Unsupported(_))
    ));
}

#[test]
fn what_does_not_fit_the_edition_is_not_written() {
    let record = read(&GOLDEN_2005).unwrap();
    let problem = |change: &dyn Fn(&mut FaceImage)| {
        let mut changed = record.clone();
        change(&mut changed.representations[0]);
        let fault = changed.write().unwrap_err();
        (fault.field, fault.offset, fault.problem)
    };
    let edition = ("record", 0, Problem::Edition);
    assert_eq!(problem(&|one| one.facial.height_cm = 170), edition);
    assert_eq!(problem(&|one| one.device.vendor = 1), edition);
    assert_eq!(problem(&|one| one.rest = vec![1]), edition);
    assert_eq!(
        problem(&|one| one.colour = ColourSpace(4)),
        ("image colour space", 0, Problem::Edition)
    );
    assert_eq!(
        problem(&|one| one.data_type = DataType(3)),
        ("image data type", 0, Problem::Code(3))
    );
    let many = MAX_LANDMARKS + 1;
    assert_eq!(
        problem(&|one| one.landmarks = vec![one.landmarks[0]; many]),
        ("number of landmarks", 0, Problem::Count(many))
    );
}

#[test]
fn three_dimensional_data_are_kept_as_they_are() {
    let mut record = read(&GOLDEN_2011).unwrap();
    record.representations[0].rest = vec![7; 40];
    assert!(record.write().is_err(), "not in a basic picture");
    record.representations[0].image_type = FaceImageType(129);
    assert_eq!(read(&record.write().unwrap()), Ok(record));
}

proptest! {
    #![proptest_config(quiet())]

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
            let held = |one: &FaceImage| {
                one.data.len() + one.rest.len() + 8 * one.landmarks.len() + 5 * one.quality.len()
            };
            let all: usize = read.representations.iter().map(held).sum();
            prop_assert!(all <= record.len());
            for one in &read.representations {
                let _ = one.picture();
            }
        }
        if let Ok(strict) = read(&record) {
            prop_assert_eq!(strict.write(), Ok(record));
        }
    }

    #[test]
    fn what_is_written_is_read(
        newer in any::<bool>(),
        codes in (0u8..=2, 0u8..=7, 0u8..=9, any::<u8>(), 0u8..=1, 0u8..=6, 0u8..=3),
        masks in (0u32..0x1000, 0u16..=7, 0u16..0x800, any::<u16>(), any::<u16>()),
        angles in (prop::array::uniform3(0u8..=181), prop::array::uniform3(0u8..=181)),
        size in (1u16.., 1u16..),
        points in prop::collection::vec((any::<u8>(), any::<u16>(), any::<u16>()), 0..4),
        data in prop::collection::vec(any::<u8>(), 0..100),
        count in 1usize..4,
    ) {
        let (gender, eyes, hair, height, coding, technology, colour) = codes;
        let one = FaceImage {
            device: Device { technology, vendor: if newer { masks.3 } else { 0 }, kind: masks.4 },
            facial: FacialInformation {
                gender: Gender(gender),
                eyes: EyeColour(eyes),
                hair: HairColour(hair),
                height_cm: if newer { height } else { 0 },
                properties: masks.0,
                expression: masks.1,
                pose: angles.0,
                pose_uncertainty: angles.1,
            },
            landmarks: points.into_iter().map(|(code, x, y)| Landmark {
                kind: LandmarkKind(1),
                code,
                x: x % size.0,
                y: y % size.1,
                z: 0,
            }).collect(),
            quality_2005: if newer { 0 } else { masks.3 },
            processing: if newer { masks.2 } else { 0 },
            colour: ColourSpace(colour),
            ..FaceImage::new(DataType(coding), size, data)
        };
        let record = FaceImageRecord {
            format: if newer { Format::V2011 } else { Format::V2005 },
            temporal: u16::from(newer && count > 1),
            representations: vec![one; count],
        };
        let bytes = record.write().unwrap();
        prop_assert_eq!(read(&bytes), Ok(record.clone()));
        prop_assert_eq!(read_leniently(&bytes), Ok((record, Vec::new())));
        for len in 0..bytes.len() {
            prop_assert!(read(&bytes[..len]).is_err());
        }
    }
}
