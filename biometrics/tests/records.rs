//! Interchange records of ISO/IEC 19794-2: what is read, what is written, what is refused.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use biometrics::finger::synth::{Finger, Impression, background_template};
use biometrics::finger::{Kind, Minutia, Prepared, Template, UNITS, compare, extract};
use biometrics::record::minutiae::{
    Endings, FingerMinutiaeRecord, FingerPosition, Format, ImpressionType, MAX_BYTES, MAX_VIEWS,
    MinutiaType, RecordError, RecordMinutia, View, read,
};
use proptest::prelude::*;

const FORMATS: [Format; 2] = [Format::V2005, Format::V2011];

fn quiet() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Two minutiae of a left thumb, and an area of extended data whose length counts its header.
#[rustfmt::skip]
const GOLDEN_2005: [u8; 49] = [
    b'F', b'M', b'R', 0, b' ', b'2', b'0', 0, // magic, version
    0, 0, 0, 49,        // record length
    0x80, 0x07,         // certified, device 7
    0x01, 0x2c,         // 300 pixels wide
    0x01, 0x90,         // 400 pixels high
    0x00, 0xc5,         // 197 pixels per centimetre
    0x00, 0xc5,
    1,                  // one view
    0,                  // reserved
    6,                  // left thumb
    0x38,               // view 3, swipe
    85,                 // finger quality
    2,                  // two minutiae
    0x40, 0x64, 0x00, 0xc8, 64, 90,  // ending at 100, 200, a quarter turn, quality 90
    0x81, 0x2b, 0x01, 0x8f, 255, 0,  // bifurcation at 299, 399, 255/256 turn, no quality
    0, 7,               // extended data: seven bytes
    0, 1, 0, 7, 1, 2, 3,
];

/// One minutia of a right index finger, with quality and certification blocks.
#[rustfmt::skip]
const GOLDEN_2011: [u8; 69] = [
    b'F', b'M', b'R', 0, b'0', b'3', b'0', 0, // magic, version
    0, 0, 0, 69,        // record length
    0, 1,               // one representation
    1,                  // certification blocks follow
    0, 0, 0, 54,        // representation length
    0x07, 0xe6, 2, 3, 4, 5, 6, 0, 7,  // captured 2022-02-03 04:05:06.007
    14,                 // capacitive
    0, 9,               // vendor
    0, 8,               // device
    2,                  // quality blocks: one that failed, one of 77
    255, 0, 1, 0, 2,
    77, 0, 3, 0, 4,
    1,                  // certification blocks
    0, 5, 6,
    2,                  // right index
    1,                  // representation 1
    0x01, 0x8a,         // 394 pixels per centimetre: 1000 ppi
    0x01, 0x8a,
    24,                 // live, without contact
    0x02, 0x58,         // 600 pixels wide
    0x03, 0x20,         // 800 pixels high
    0x61,               // six bytes a minutia, endings at the ridge's end
    1,                  // one minutia
    0x00, 0xc9, 0x01, 0x91, 128, 100, // other at 201, 401, half a turn, quality 100
    0, 0,               // no extended data
];

fn only_view(bytes: &[u8]) -> View {
    let record = read(bytes).unwrap();
    assert_eq!(record.views.len(), 1);
    record.views[0].clone()
}

#[test]
fn golden_2005_record_is_read_field_by_field() {
    assert_eq!(read(&GOLDEN_2005).unwrap().format, Format::V2005);
    let view = only_view(&GOLDEN_2005);
    assert_eq!(view.position, FingerPosition::LeftThumb);
    assert_eq!(view.number, 3);
    assert_eq!(view.impression, ImpressionType::Swipe);
    assert_eq!(view.quality, Some(85));
    assert_eq!((view.width, view.height), (300, 400));
    assert_eq!((view.ppcm_x, view.ppcm_y), (197, 197));
    assert_eq!(view.endings, None);
    let ending = RecordMinutia {
        kind: MinutiaType::Ending,
        x: 100,
        y: 200,
        angle: 64,
        quality: Some(90),
    };
    let bifurcation = RecordMinutia {
        kind: MinutiaType::Bifurcation,
        x: 299,
        y: 399,
        angle: 255,
        quality: None,
    };
    assert_eq!(view.minutiae, [ending, bifurcation]);
    let template = view.template().unwrap();
    assert_eq!((template.width(), template.height()), (300, 400));
    let first = Minutia {
        x: 400,
        y: 800,
        direction: 0x4000,
        kind: Kind::Ending,
        quality: 90,
    };
    let second = Minutia {
        x: 1196,
        y: 1596,
        direction: 0xff00,
        kind: Kind::Bifurcation,
        quality: 50,
    };
    assert_eq!(template.minutiae(), [first, second]);
}

#[test]
fn golden_2011_record_is_read_field_by_field() {
    assert_eq!(read(&GOLDEN_2011).unwrap().format, Format::V2011);
    let view = only_view(&GOLDEN_2011);
    assert_eq!(view.position, FingerPosition::RightIndex);
    assert_eq!(view.number, 1);
    assert_eq!(view.impression, ImpressionType::LiveContactless);
    assert_eq!(view.quality, Some(77), "the first score that was computed");
    assert_eq!((view.width, view.height), (600, 800));
    assert_eq!((view.ppcm_x, view.ppcm_y), (394, 394));
    assert_eq!(view.endings, Some(Endings::RidgeEnd));
    let other = RecordMinutia {
        kind: MinutiaType::Other,
        x: 201,
        y: 401,
        angle: 128,
        quality: Some(100),
    };
    assert_eq!(view.minutiae, [other]);
    let template = view.template().unwrap();
    assert_eq!((template.width(), template.height()), (300, 400));
    let expected = Minutia {
        x: 402,
        y: 802,
        direction: 0x8000,
        kind: Kind::Ending,
        quality: 100,
    };
    assert_eq!(
        template.minutiae(),
        [expected],
        "two pixels at 1000 ppi are one at 500"
    );
}

/// The golden view without what records do not keep, and so what is written for it.
#[test]
fn golden_views_are_written_byte_by_byte() {
    let mut expected = GOLDEN_2005[..GOLDEN_2005.len() - 7].to_vec();
    expected[11] = expected.len() as u8;
    expected[12..14].fill(0);
    expected[41] = 0;
    assert_eq!(read(&GOLDEN_2005).unwrap().write().unwrap(), expected);

    let mut expected = GOLDEN_2011[..19].to_vec();
    expected.extend_from_slice(&[0xff; 9]);
    expected.extend_from_slice(&[0; 5]);
    expected.extend_from_slice(&[1, 77, 0, 0, 0, 0]);
    expected.extend_from_slice(&GOLDEN_2011[48..]);
    expected[11] = expected.len() as u8;
    expected[14] = 0;
    expected[18] = expected.len() as u8 - 15;
    assert_eq!(read(&GOLDEN_2011).unwrap().write().unwrap(), expected);
}

/// The ridge of this ending lies to its left, and this fork opens to the right.
#[test]
fn directions_point_along_the_ridge_and_into_the_fork_unturned() {
    let minutia = |x, direction, kind| Minutia {
        x,
        y: 400,
        direction,
        kind,
        quality: 80,
    };
    let ending = minutia(400, 0x8000, Kind::Ending);
    let fork = minutia(800, 0, Kind::Bifurcation);
    let template = Template::new(300, 300, vec![ending, fork]).unwrap();
    for format in FORMATS {
        let view = only_view(&record_of(format, &template).write().unwrap());
        let angles: Vec<u8> = view.minutiae.iter().map(|m| m.angle).collect();
        assert_eq!(angles, [128, 0], "{format:?}");
        assert_eq!(view.template().unwrap(), template);
    }
}

fn record_of(format: Format, template: &Template) -> FingerMinutiaeRecord {
    let (position, impression) = (FingerPosition::RightThumb, ImpressionType::LivePlain);
    FingerMinutiaeRecord::of_template(format, position, impression, template)
}

fn set(golden: &[u8], at: usize, value: &[u8]) -> Vec<u8> {
    let mut bytes = golden.to_vec();
    bytes[at..at + value.len()].copy_from_slice(value);
    bytes
}

fn refused_2005(at: usize, value: &[u8], why: RecordError) {
    let answer = read(&set(&GOLDEN_2005, at, value));
    assert_eq!(answer, Err(why), "{value:?} at {at}");
}

fn refused_2011(at: usize, value: &[u8], why: RecordError) {
    let answer = read(&set(&GOLDEN_2011, at, value));
    assert_eq!(answer, Err(why), "{value:?} at {at}");
}

#[test]
fn hostile_fields_of_2005_are_refused_by_name() {
    use RecordError as E;
    let (view, minutia) = (0, 1);
    let length = |stated| E::RecordLength { stated, given: 49 };
    let size = |width, height| E::PictureSize { width, height };
    refused_2005(0, b"FIR", E::Magic);
    refused_2005(4, b" 30", E::Version);
    refused_2005(8, &[0, 0, 0, 48], length(48));
    refused_2005(8, &[0xff; 4], length(u32::MAX));
    refused_2005(14, &[0, 0], size(0, 400));
    refused_2005(16, &[0, 0], size(300, 0));
    refused_2005(14, &[0x40, 0], size(0x4000, 400));
    refused_2005(18, &[0, 0], E::Resolution(0));
    refused_2005(20, &[0, 97], E::Resolution(97));
    refused_2005(18, &[0x01, 0xd9], E::Resolution(473));
    refused_2005(20, &[0x01, 0xf4], E::Resolution(500));
    refused_2005(22, &[0], E::Trailing(25));
    refused_2005(22, &[2], E::Truncated("a view header"));
    refused_2005(22, &[255], E::Truncated("a view header"));
    refused_2005(23, &[1], E::ReservedByte);
    refused_2005(24, &[11], E::Position(11));
    refused_2005(25, &[0x34], E::Impression(4));
    refused_2005(25, &[0x39], E::Impression(9));
    refused_2005(26, &[101], E::ViewQuality(0));
    refused_2005(27, &[3], E::Truncated("extended data"));
    refused_2005(27, &[4], E::Truncated("a minutia"));
    refused_2005(27, &[255], E::Truncated("a minutia"));
    refused_2005(34, &[0xc1], E::MinutiaType { view, minutia });
    refused_2005(36, &[0x41], E::ReservedBits { view, minutia });
    refused_2005(36, &[0x81], E::ReservedBits { view, minutia });
    refused_2005(35, &[0x2c], E::Outside { view, minutia });
    refused_2005(37, &[0x90], E::Outside { view, minutia });
    refused_2005(39, &[101], E::MinutiaQuality { view, minutia });
    refused_2005(39, &[255], E::MinutiaQuality { view, minutia });
    refused_2005(41, &[8], E::Truncated("extended data"));
    refused_2005(40, &[0xff, 0xff], E::Truncated("extended data"));
    refused_2005(41, &[6], E::ExtendedData(0));
    refused_2005(41, &[0], E::Trailing(7));
    refused_2005(45, &[8], E::ExtendedData(0));
    assert_eq!(
        only_view(&set(&GOLDEN_2005, 45, &[3])),
        only_view(&GOLDEN_2005),
        "a length of the area that leaves out its header"
    );
}

#[test]
fn hostile_fields_of_2011_are_refused_by_name() {
    use RecordError as E;
    let (view, minutia) = (0, 0);
    let short = E::RepresentationLength(0);
    refused_2011(12, &[0, 0], E::Trailing(54));
    refused_2011(12, &[0, 2], E::Truncated("a representation"));
    refused_2011(12, &[0, 177], E::Views(177));
    refused_2011(12, &[0xff, 0xff], E::Views(65535));
    refused_2011(14, &[2], E::CertificationFlag(2));
    refused_2011(18, &[3], short);
    refused_2011(18, &[53], short);
    refused_2011(18, &[55], E::Truncated("a representation"));
    refused_2011(15, &[0xff; 4], E::Truncated("a representation"));
    refused_2011(33, &[5], short);
    refused_2011(34, &[254], E::ViewQuality(0));
    refused_2011(39, &[101], E::ViewQuality(0));
    refused_2011(44, &[255], short);
    refused_2011(48, &[11], E::Position(11));
    refused_2011(49, &[16], E::Number(16));
    refused_2011(50, &[0, 97], E::Resolution(97));
    refused_2011(52, &[0x03, 0xe8], E::Resolution(1000));
    refused_2011(54, &[10], E::Impression(10));
    refused_2011(54, &[255], E::Impression(255));
    let too_wide = E::PictureSize {
        width: 0xffff,
        height: 800,
    };
    refused_2011(55, &[0xff, 0xff], too_wide);
    refused_2011(59, &[0x51], short);
    refused_2011(59, &[0x71], E::MinutiaLength(7));
    refused_2011(59, &[0x01], E::MinutiaLength(0));
    refused_2011(59, &[0x62], E::EndingType(2));
    refused_2011(60, &[0], short);
    refused_2011(60, &[255], short);
    refused_2011(61, &[0xc0], E::MinutiaType { view, minutia });
    refused_2011(63, &[0x41], E::ReservedBits { view, minutia });
    refused_2011(63, &[0x04], E::Outside { view, minutia });
    refused_2011(66, &[101], E::MinutiaQuality { view, minutia });
    refused_2011(66, &[253], E::MinutiaQuality { view, minutia });
    refused_2011(68, &[1], short);
    let longer = set(&[&GOLDEN_2011[..], &[0]].concat(), 8, &[0, 0, 0, 70]);
    assert_eq!(read(&set(&longer, 18, &[55])), Err(short));
    for (scores, quality) in [
        ([255, 255], None),
        ([0, 77], Some(0)),
        ([60, 77], Some(60)),
        ([60, 255], Some(60)),
    ] {
        let bytes = set(&set(&GOLDEN_2011, 34, &scores[..1]), 39, &scores[1..]);
        assert_eq!(only_view(&bytes).quality, quality, "{scores:?}");
    }
    for unreported in [254, 255] {
        let view = only_view(&set(&GOLDEN_2011, 66, &[unreported]));
        assert_eq!(view.minutiae[0].quality, None);
    }
}

#[test]
fn record_cut_or_lengthened_anywhere_is_refused() {
    for golden in [GOLDEN_2005.as_slice(), &GOLDEN_2011] {
        for len in 0..golden.len() {
            assert!(read(&golden[..len]).is_err(), "{len} bytes");
            // The same with a length that fits, as an attacker would send it.
            if len >= 12 {
                let cut = set(&golden[..len], 8, &(len as u32).to_be_bytes());
                assert!(read(&cut).is_err(), "{len} bytes that say so");
            }
        }
        let longer = [golden, &[0]].concat();
        let given = longer.len();
        let stated = golden.len() as u32;
        let why = RecordError::RecordLength { stated, given };
        assert_eq!(read(&longer), Err(why));
        let longer = set(&longer, 8, &(given as u32).to_be_bytes());
        assert_eq!(read(&longer), Err(RecordError::Trailing(1)));
    }
}

/// Whatever is accepted has a template and is written and read back as it was.
fn is_sound(bytes: &[u8]) {
    let Ok(record) = read(bytes) else { return };
    for view in &record.views {
        assert!(view.template().unwrap().minutiae().len() <= view.minutiae.len());
    }
    let written = record.write().unwrap();
    assert!(written.len() <= bytes.len());
    assert_eq!(read(&written), Ok(record));
}

#[test]
fn every_change_of_one_byte_is_refused_or_read_soundly() {
    let template = background_template(4);
    let full = FORMATS.map(|format| record_of(format, &template).write().unwrap());
    for golden in [GOLDEN_2005.as_slice(), &GOLDEN_2011, &full[0], &full[1]] {
        let mut bytes = golden.to_vec();
        for at in 0..bytes.len() {
            for value in 0..=255 {
                bytes[at] = value;
                is_sound(&bytes);
            }
            bytes[at] = golden[at];
        }
    }
}

#[test]
fn record_without_views_is_refused() {
    let header = set(&GOLDEN_2005[..24], 8, &[0, 0, 0, 24]);
    assert_eq!(read(&set(&header, 22, &[0])), Err(RecordError::Views(0)));
    let header = set(&GOLDEN_2011[..15], 8, &[0, 0, 0, 15, 0, 0]);
    assert_eq!(read(&header), Err(RecordError::Views(0)));
}

#[test]
fn view_without_minutiae_is_read_and_gives_an_empty_template() {
    let empty = Template::new(300, 400, vec![]).unwrap();
    for format in FORMATS {
        let view = only_view(&record_of(format, &empty).write().unwrap());
        assert!(view.minutiae.is_empty());
        assert_eq!(view.template().unwrap(), empty);
    }
}

#[test]
fn record_of_any_size_beyond_the_limit_is_refused_unread() {
    let many = vec![0; MAX_BYTES + 1];
    assert_eq!(read(&many), Err(RecordError::TooLong(MAX_BYTES + 1)));
}

/// What an engine writes that measures no quality and was told nothing about the finger.
#[test]
fn barest_2005_record_is_read() {
    for ppcm in [196u16, 197] {
        let mut bytes = b"FMR\0 20\0".to_vec();
        bytes.extend_from_slice(&[0, 0, 0, 36, 0, 0, 1, 0x2c, 1, 0x2c]);
        bytes.extend_from_slice(&[ppcm.to_be_bytes(), ppcm.to_be_bytes()].concat());
        bytes.extend_from_slice(&[1, 0, 0, 0, 0, 1]);
        bytes.extend_from_slice(&[0x00, 0x64, 0x00, 0x65, 7, 0, 0, 0]);
        let view = only_view(&bytes);
        assert_eq!(view.position, FingerPosition::Unknown);
        assert_eq!((view.quality, view.minutiae[0].quality), (None, None));
        let template = view.template().unwrap();
        assert_eq!((template.width(), template.height()), (300, 300));
        let m = template.minutiae()[0];
        assert_eq!(
            (m.x, m.y),
            (400, 404),
            "either rounding of 500 ppi is 500 ppi"
        );
        assert_eq!((m.kind, m.quality), (Kind::Ending, 50));
    }
}

/// Its length field has two bytes where ISO has four, or stands elsewhere.
#[test]
fn ansi_378_record_is_not_taken_for_an_iso_record() {
    let mut ansi = GOLDEN_2005[..8].to_vec();
    ansi.extend_from_slice(&[0, 51, 0, 0, 0, 0]);
    ansi.extend_from_slice(&GOLDEN_2005[12..]);
    let (stated, given) = (51 << 16, 51);
    assert_eq!(ansi.len(), given);
    assert_eq!(
        read(&ansi),
        Err(RecordError::RecordLength { stated, given })
    );
}

#[test]
fn length_of_an_area_of_2011_counts_its_header() {
    let with = |area: &[u8]| {
        let mut bytes = GOLDEN_2011.to_vec();
        bytes[68] = area.len() as u8;
        bytes.extend_from_slice(area);
        bytes[11] += area.len() as u8;
        bytes[18] += area.len() as u8;
        read(&bytes).map(|record| record.views.len())
    };
    assert_eq!(with(&[0, 1, 0, 6, 9, 9]), Ok(1));
    assert_eq!(with(&[0, 1, 0, 4, 0, 2, 0, 5, 9]), Ok(1));
    let why = Err(RecordError::ExtendedData(0));
    assert_eq!(with(&[0, 1, 0, 2, 9, 9]), why);
    assert_eq!(with(&[0, 1, 0, 3]), why);
    assert_eq!(with(&[0, 1, 0]), why);
    assert_eq!(with(&[0, 1, 0xff, 0xff]), why);
}

#[test]
fn longest_record_is_written_and_read() {
    let places = (0..255u16).map(|i| Minutia {
        x: i * 4,
        y: 8,
        direction: i << 8,
        kind: Kind::Ending,
        quality: 1,
    });
    let template = Template::new(300, 300, places.collect()).unwrap();
    for format in FORMATS {
        let one = record_of(format, &template).views[0].clone();
        let views: Vec<View> = (0..MAX_VIEWS)
            .map(|i| View {
                position: FingerPosition::ALL[i / 16],
                number: (i % 16) as u8,
                ..one.clone()
            })
            .collect();
        let record = FingerMinutiaeRecord { format, views };
        let bytes = record.write().unwrap();
        assert!(bytes.len() < MAX_BYTES);
        assert_eq!(read(&bytes), Ok(record));
    }
}

#[test]
fn what_an_edition_cannot_hold_is_not_written() {
    use RecordError as E;
    let template = background_template(5);
    let spoilt = |format, spoil: &dyn Fn(&mut FingerMinutiaeRecord)| {
        let mut record = record_of(format, &template);
        spoil(&mut record);
        record.write().map(|bytes| bytes.len())
    };
    let (old, new) = (Format::V2005, Format::V2011);
    assert_eq!(spoilt(old, &|r| r.views.clear()), Err(E::Views(0)));
    let repeated = |r: &mut FingerMinutiaeRecord| r.views.push(r.views[0].clone());
    assert_eq!(spoilt(old, &repeated), Err(E::RepeatedView(1)));
    let mixed = |r: &mut FingerMinutiaeRecord| {
        r.views.push(r.views[0].clone());
        r.views[1].number = 1;
        r.views[1].height += 1;
    };
    assert_eq!(spoilt(old, &mixed), Err(E::MixedPictures));
    assert!(spoilt(new, &mixed).is_ok());
    assert_eq!(spoilt(new, &|r| r.views[0].number = 16), Err(E::Number(16)));
    let tracing = |r: &mut FingerMinutiaeRecord| {
        r.views[0].impression = ImpressionType::LatentTracing;
    };
    assert_eq!(spoilt(old, &tracing), Err(E::Impression(5)));
    assert!(spoilt(new, &tracing).is_ok());
    let placed = |r: &mut FingerMinutiaeRecord| r.views[0].endings = Some(Endings::RidgeEnd);
    assert_eq!(spoilt(old, &placed), Err(E::Endings(0)));
    assert_eq!(
        spoilt(new, &|r| r.views[0].endings = None),
        Err(E::Endings(0))
    );
    let crowded = |r: &mut FingerMinutiaeRecord| {
        let one = r.views[0].minutiae[0];
        r.views[0].minutiae = vec![one; 256];
    };
    assert_eq!(spoilt(old, &crowded), Err(E::Count(0)));
    let zero = |r: &mut FingerMinutiaeRecord| {
        r.views[0].quality = Some(0);
    };
    assert_eq!(spoilt(old, &zero), Err(E::ViewQuality(0)));
    assert!(spoilt(new, &zero).is_ok());
    let (view, minutia) = (0, 3);
    let beyond = |r: &mut FingerMinutiaeRecord| r.views[0].minutiae[3].x = r.views[0].width;
    assert_eq!(spoilt(new, &beyond), Err(E::Outside { view, minutia }));
    let better = |r: &mut FingerMinutiaeRecord| r.views[0].minutiae[3].quality = Some(101);
    let quality = E::MinutiaQuality { view, minutia };
    assert_eq!(spoilt(new, &better), Err(quality));
    let mut record = record_of(new, &template);
    better(&mut record);
    assert_eq!(record.views[0].template(), Err(quality));
    let mut view = record_of(new, &template).views[0].clone();
    view.ppcm_x = 0;
    assert_eq!(view.template(), Err(E::Resolution(0)));
    view.ppcm_x = 98;
    view.width = 0x3fff;
    let (width, height) = (0x3fff, view.height);
    assert_eq!(view.template(), Err(E::PictureSize { width, height }));
}

#[test]
fn debug_output_and_errors_show_no_minutia() {
    let record = read(&GOLDEN_2005).unwrap();
    assert_eq!(
        format!("{record:?}"),
        "FingerMinutiaeRecord { format: V2005, views: [View(2 minutiae)] }"
    );
    let outside = RecordError::Outside {
        view: 0,
        minutia: 1,
    };
    assert_eq!(
        outside.to_string(),
        "minutia 1 of view 0 lies outside the picture"
    );
}

/// Every resolution brings a place to the same place on the skin, to within a quarter pixel and
/// what whole pixels per centimetre cannot say (six in a thousand, at 250 ppi).
#[test]
fn places_follow_the_resolution() {
    for ppcm in 98u16..=472 {
        let mut view = only_view(&GOLDEN_2005);
        (view.ppcm_x, view.ppcm_y) = (ppcm, ppcm);
        view.minutiae.truncate(1);
        let template = view.template().unwrap();
        let m = template.minutiae()[0];
        let inches = |pixels: f64| pixels / (f64::from(ppcm) * 2.54);
        for (at, pixels) in [(m.x, 100.0), (m.y, 200.0)] {
            let off = (f64::from(at) - 2000.0 * inches(pixels)).abs();
            assert!(off <= 0.5 + 0.006 * f64::from(at), "{ppcm}: {off}");
        }
        let wide = 500.0 * inches(300.0);
        let frame = f64::from(template.width());
        assert!(
            (wide * 0.994..wide * 1.006 + 1.0).contains(&frame),
            "{ppcm}: {frame}"
        );
    }
}

#[test]
fn whole_pixels_per_centimetre_stand_for_the_resolution_they_round() {
    let at = |ppcm| {
        let mut view = only_view(&GOLDEN_2005);
        (view.ppcm_x, view.ppcm_y) = (ppcm, ppcm);
        let template = view.template().unwrap();
        (template.width(), template.minutiae()[0].x)
    };
    for ppcm in [98, 99] {
        assert_eq!(at(ppcm), (600, 800), "250 ppi");
    }
    for ppcm in [196, 197] {
        assert_eq!(at(ppcm), (300, 400), "500 ppi");
    }
    for ppcm in [393, 394] {
        assert_eq!(at(ppcm), (150, 200), "1000 ppi");
    }
    // 599.44 ppi: 100 pixels are 333.65 units, 300 pixels 250.2 of the frame's.
    assert_eq!(at(236), (251, 334));
}

#[test]
fn minutiae_of_one_place_are_read_all_and_kept_once_in_the_template() {
    let bytes = set(&GOLDEN_2005, 34, &GOLDEN_2005[28..34]);
    let view = only_view(&bytes);
    assert_eq!(view.minutiae.len(), 2);
    assert_eq!(view.template().unwrap().minutiae().len(), 1);
}

fn score(a: &Template, b: &Template) -> f32 {
    compare(&Prepared::new(a), &Prepared::new(b)).0
}

#[test]
fn finger_compared_through_a_record_scores_like_itself() {
    let finger = Finger::from_seed(11);
    let template = |touch| extract(&finger.impression(&Impression::ordinary(touch))).unwrap();
    let (a, b) = (template(1), template(2));
    let foreign = extract(&Finger::from_seed(12).impression(&Impression::ordinary(1))).unwrap();
    for format in FORMATS {
        let through = |t: &Template| {
            let view = only_view(&record_of(format, t).write().unwrap());
            view.template().unwrap()
        };
        let own = score(&a, &a);
        assert!(score(&through(&a), &through(&a)) > 0.95 * own);
        assert!(score(&through(&a), &a) > 0.9 * own);
        let (direct, recorded) = (score(&a, &b), score(&through(&a), &through(&b)));
        assert!(recorded > 0.8 * direct, "{recorded} of {direct}");
        assert!(score(&through(&a), &through(&foreign)) < 0.5 * recorded);
    }
}

fn any_template() -> impl Strategy<Value = Template> {
    let minutia = (
        0u16..1200,
        0u16..1600,
        any::<u16>(),
        any::<bool>(),
        0u8..=100,
    );
    let minutia = minutia.prop_map(|(x, y, direction, fork, quality)| Minutia {
        x,
        y,
        direction,
        kind: if fork {
            Kind::Bifurcation
        } else {
            Kind::Ending
        },
        quality,
    });
    prop::collection::vec(minutia, 0..255)
        .prop_map(|list| Template::new(300, 400, list).expect("all inside"))
}

fn any_record() -> impl Strategy<Value = FingerMinutiaeRecord> {
    let quality = |least| prop::option::of(least..=100u8);
    let view = move |format| {
        let least = u8::from(format == Format::V2005);
        let kind = prop::sample::select(vec![
            MinutiaType::Other,
            MinutiaType::Ending,
            MinutiaType::Bifurcation,
        ]);
        let minutia = (kind, 0u16..500, 0u16..600, any::<u8>(), quality(least));
        let minutia = minutia.prop_map(|(kind, x, y, angle, quality)| RecordMinutia {
            kind,
            x,
            y,
            angle,
            quality,
        });
        let impressions = ImpressionType::ALL.into_iter().filter(|i| i.is_in(format));
        let impression = prop::sample::select(impressions.collect::<Vec<_>>());
        let placed = [Endings::RidgeEnd, Endings::ValleyBifurcation];
        let endings = prop::sample::select(placed.to_vec());
        let minutiae = prop::collection::vec(minutia, 0..40);
        (impression, quality(least), endings, minutiae).prop_map(
            move |(impression, quality, endings, minutiae)| View {
                position: FingerPosition::Unknown,
                number: 0,
                impression,
                quality,
                width: 500,
                height: 600,
                ppcm_x: 197,
                ppcm_y: 236,
                endings: (format == Format::V2011).then_some(endings),
                minutiae,
            },
        )
    };
    let names = (0..11usize, 0..16u8);
    prop::sample::select(FORMATS.to_vec()).prop_flat_map(move |format| {
        let names = prop::collection::btree_set(names.clone(), 1..6);
        names.prop_flat_map(move |names| {
            let views = prop::collection::vec(view(format), names.len());
            views.prop_map(move |mut views| {
                for (view, (position, number)) in views.iter_mut().zip(&names) {
                    view.position = FingerPosition::ALL[*position];
                    view.number = *number;
                }
                FingerMinutiaeRecord { format, views }
            })
        })
    })
}

proptest! {
    #![proptest_config(quiet())]

    #[test]
    fn any_record_survives_its_bytes(record in any_record()) {
        prop_assert_eq!(read(&record.write().unwrap()), Ok(record));
    }

    #[test]
    fn template_through_a_record_moves_by_rounding_only(template in any_template()) {
        for format in FORMATS {
            let view = only_view(&record_of(format, &template).write().unwrap());
            prop_assert_eq!(view.minutiae.len(), template.minutiae().len());
            for (there, here) in view.minutiae.iter().zip(template.minutiae()) {
                let (x, y) = (there.x * UNITS, there.y * UNITS);
                // Half a pixel; a whole one less a unit at the far edge, where there is no next.
                let most = |at: u16, side: u16| if at + 2 >= side { 3 } else { 2 };
                prop_assert!(x.abs_diff(here.x) <= most(here.x, 1200));
                prop_assert!(y.abs_diff(here.y) <= most(here.y, 1600));
                let turned = (u16::from(there.angle) << 8).wrapping_sub(here.direction) as i16;
                prop_assert!(turned.unsigned_abs() <= 128, "half of 1/256 turn");
                let kept = if format == Format::V2005 { here.quality.max(1) } else { here.quality };
                prop_assert_eq!(there.quality, Some(kept));
            }
            let back = view.template().unwrap();
            prop_assert_eq!((back.width(), back.height()), (300, 400));
        }
    }

    #[test]
    fn template_read_from_a_record_comes_back_the_same(template in any_template()) {
        for format in FORMATS {
            let once = record_of(format, &template).views[0].template().unwrap();
            let twice = record_of(format, &once).views[0].template().unwrap();
            prop_assert_eq!(once, twice);
        }
    }

    #[test]
    fn random_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(read(&bytes).is_err());
    }

    #[test]
    fn random_bytes_after_a_true_header_never_panic(
        new in any::<bool>(), mut bytes in prop::collection::vec(any::<u8>(), 12..400)
    ) {
        bytes[..8].copy_from_slice(if new { b"FMR\x00030\x00" } else { b"FMR\x00 20\x00" });
        let length = bytes.len() as u32;
        bytes[8..12].copy_from_slice(&length.to_be_bytes());
        is_sound(&bytes);
    }

    #[test]
    fn damaged_record_is_refused_or_read_soundly(
        record in any_record(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = record.write().unwrap();
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        is_sound(&bytes);
    }
}
