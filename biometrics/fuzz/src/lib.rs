//! What the fuzz targets do with their input, and what they begin with.
//!
//! A finding is a panic: of the code under test, or of a claim stated here.

#![forbid(unsafe_code)]

use biometrics::finger::synth::{Finger, Impression, background_template};
use biometrics::finger::{
    GreyImage, Kind, MIN_SIDE, Minutia, Prepared, Template, assess, compare, decode_png,
    encode_png, extract,
};
use biometrics::record::face_image::{self, DataType, FaceImage, FaceImageRecord};
use biometrics::record::finger_image::{
    self, Compression, FingerImage, FingerImageRecord, Position,
};
use biometrics::record::minutiae::{
    FingerMinutiaeRecord, FingerPosition, Format, ImpressionType, read,
};
use biometrics::record::picture::{Coding, MAX_SAMPLES, Picture, PictureError, decode};

/// Pixels of a picture that is still extracted: larger ones only make the fuzzer slow.
const MOST_PIXELS: u32 = 200_000;
/// Bytes before the picture: resolution, form, width and height.
const IMAGE_HEADER: usize = 5;
/// Bytes before the minutiae of a template: magic, version, count, width, height.
const TEMPLATE_HEADER: usize = 10;
/// Bytes of a minutia of a template.
const MINUTIA: usize = 7;

/// A picture, as PNG or as grey bytes: judged, and turned into a template.
///
/// The first two bytes choose the resolution, the third the form, the next two the size of grey
/// bytes. These are repeated until the picture is full: a few bytes already make ridges.
pub fn image(data: &[u8]) {
    let Some((&[p0, p1, form, w, h], rest)) = data.split_first_chunk::<IMAGE_HEADER>() else {
        return;
    };
    // A little more than is accepted, on both sides.
    let ppi = 240 + u16::from_be_bytes([p0, p1]) % 980;
    let picture = if form % 2 == 0 {
        decode_png(rest, ppi)
    } else {
        let (width, height) = (MIN_SIDE + u32::from(w), MIN_SIDE + u32::from(h));
        let pixels = rest.iter().copied().cycle().take((width * height) as usize);
        GreyImage::new(width, height, ppi, pixels.collect())
    };
    let Ok(picture) = picture else { return };
    assert_eq!(
        decode_png(&encode_png(&picture), ppi).as_ref(),
        Ok(&picture)
    );
    if picture.width() * picture.height() > MOST_PIXELS {
        return;
    }
    let quality = assess(&picture);
    assert!(quality.score <= 100 && (0.0..=1.0).contains(&quality.foreground));
    assert!(quality.contact_area_mm2.is_finite() && quality.contact_area_mm2 >= 0.0);
    if let Ok(template) = extract(&picture) {
        assert!(!template.minutiae().is_empty());
        is_sound(&template);
    }
}

/// A template: read as it is, and built from the same bytes so that most of them are accepted.
pub fn template(data: &[u8]) {
    if let Ok(read) = Template::from_bytes(data) {
        assert_eq!(read.to_bytes(), data, "one sequence of bytes a template");
        is_sound(&read);
    }
    let sealed = [data, &crc32(data).to_be_bytes()].concat();
    if let Ok(read) = Template::from_bytes(&sealed) {
        assert_eq!(read.to_bytes(), sealed, "one sequence of bytes a template");
        is_sound(&read);
    }
    let middle = data.len() / 2;
    let (Some(a), Some(b)) = (built(&data[..middle]), built(&data[middle..])) else {
        return;
    };
    is_sound(&a);
    is_sound(&b);
    let score = compare(&Prepared::new(&a), &Prepared::new(&b)).0;
    assert!(score.is_finite() && score >= 0.0);
}

/// A finger minutiae record: read as it is, and with the lengths that its size asks for.
pub fn record(data: &[u8]) {
    read_and_written(data);
    let mut mended = data.to_vec();
    if let Some(length) = mended.get_mut(8..12) {
        length.copy_from_slice(&(data.len() as u32).to_be_bytes());
        read_and_written(&mended);
    }
    // The only representation of the 2011 edition.
    if let (Some(length), Some(own)) = (mended.get_mut(15..19), data.len().checked_sub(15)) {
        length.copy_from_slice(&(own as u32).to_be_bytes());
        read_and_written(&mended);
    }
}

fn read_and_written(bytes: &[u8]) {
    let Ok(record) = read(bytes) else { return };
    let written = record.write().expect("what was read can be written");
    assert_eq!(read(&written).as_ref(), Ok(&record));
    for view in &record.views {
        let template = view.template().expect("what was read has a template");
        assert!(template.minutiae().len() <= view.minutiae.len());
        assert_eq!(
            Template::from_bytes(&template.to_bytes()).as_ref(),
            Ok(&template)
        );
        for format in [Format::V2005, Format::V2011] {
            let (position, impression) = (view.position, ImpressionType::LivePlain);
            let again = FingerMinutiaeRecord::of_template(format, position, impression, &template);
            let bytes = again.write().expect("every template has a record");
            assert_eq!(read(&bytes).as_ref(), Ok(&again));
        }
    }
}

/// The bytes, and the same with the record's length where it stands and, in the newer edition, the
/// length of its only representation.
fn with_lengths(data: &[u8], record: (usize, usize), representation: usize) -> [Vec<u8>; 3] {
    let (from, to) = record;
    let mut mended = data.to_vec();
    if let Some(field) = mended.get_mut(from..to) {
        field.copy_from_slice(&(data.len() as u32).to_be_bytes());
    }
    let mut whole = mended.clone();
    let field = whole.get_mut(representation..representation + 4);
    if let (Some(field), Some(own)) = (field, data.len().checked_sub(representation)) {
        field.copy_from_slice(&(own as u32).to_be_bytes());
    }
    [data.to_vec(), mended, whole]
}

/// A finger image record: read strictly and leniently, with its pictures.
pub fn finger_image(data: &[u8]) {
    let length = if data.get(5) == Some(&b'1') {
        (10, 14)
    } else {
        (8, 12)
    };
    for bytes in with_lengths(data, length, 16) {
        let strict = finger_image::read(&bytes);
        if let Ok(record) = &strict {
            assert_eq!(
                record.write().as_ref(),
                Ok(&bytes),
                "one sequence of bytes a record"
            );
        }
        let Ok((record, deviations)) = finger_image::read_leniently(&bytes) else {
            assert!(strict.is_err());
            continue;
        };
        match strict {
            Ok(strict) => assert_eq!((strict, deviations.as_slice()), (record.clone(), &[][..])),
            Err(fault) => assert_eq!(deviations.first(), Some(&fault)),
        }
        for one in &record.representations {
            is_a_picture(one.picture());
            if let Ok(grey) = one.grey() {
                assert_eq!(Ok((grey.ppi(), grey.ppi())), one.ppi().ok_or(()));
            }
        }
    }
}

/// A face image record, alike.
pub fn face_image(data: &[u8]) {
    let newer = data.get(5) == Some(&b'3');
    for bytes in with_lengths(data, (8, 12), if newer { 17 } else { 14 }) {
        let strict = face_image::read(&bytes);
        if let Ok(record) = &strict {
            assert_eq!(
                record.write().as_ref(),
                Ok(&bytes),
                "one sequence of bytes a record"
            );
        }
        let Ok((record, deviations)) = face_image::read_leniently(&bytes) else {
            assert!(strict.is_err());
            continue;
        };
        match strict {
            Ok(strict) => assert_eq!((strict, deviations.as_slice()), (record.clone(), &[][..])),
            Err(fault) => assert_eq!(deviations.first(), Some(&fault)),
        }
        for one in &record.representations {
            is_a_picture(one.picture());
        }
    }
}

/// JPEG 2000, as a file or a codestream.
pub fn jpeg2000(data: &[u8]) {
    is_a_picture(decode(data, Coding::Jpeg2000));
}

/// WSQ.
pub fn wsq(data: &[u8]) {
    is_a_picture(decode(data, Coding::Wsq));
}

/// Has as many samples as its size says, and not too many.
fn is_a_picture(picture: Result<Picture, PictureError>) {
    let Ok(picture) = picture else { return };
    let pixels = u64::from(picture.width()) * u64::from(picture.height());
    let samples = pixels * u64::from(picture.channels().count());
    assert_eq!(picture.samples().len() as u64, samples);
    assert!((1..=MAX_SAMPLES).contains(&samples));
}

/// Survives its bytes, and compares with itself and with another to a number.
fn is_sound(template: &Template) {
    assert_eq!(
        Template::from_bytes(&template.to_bytes()).as_ref(),
        Ok(template)
    );
    let (own, other) = (
        Prepared::new(template),
        Prepared::new(&background_template(1)),
    );
    for (a, b) in [(&own, &own), (&own, &other), (&other, &own)] {
        let score = compare(a, b).0;
        assert!(score.is_finite() && score >= 0.0);
    }
}

/// A template of the same fields in the same places as its bytes, whatever their order.
fn built(bytes: &[u8]) -> Option<Template> {
    let (header, rest) = bytes.split_first_chunk::<TEMPLATE_HEADER>()?;
    let &[.., w0, w1, h0, h1] = header;
    let side = |a, b| 1 + u16::from_be_bytes([a, b]) % 4000;
    let (width, height) = (side(w0, w1), side(h0, h1));
    let minutiae = rest
        .as_chunks::<MINUTIA>()
        .0
        .iter()
        .map(|&[x0, x1, y0, y1, d0, d1, last]| Minutia {
            x: u16::from_be_bytes([x0, x1]) % (4 * width),
            y: u16::from_be_bytes([y0, y1]) % (4 * height),
            direction: u16::from_be_bytes([d0, d1]),
            kind: if last & 0x80 == 0 {
                Kind::Ending
            } else {
                Kind::Bifurcation
            },
            quality: (last & 0x7f) % 101,
        });
    let template = Template::new(width, height, minutiae.collect());
    Some(template.expect("everything was put in range"))
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| {
            (c >> 1) ^ if c & 1 == 1 { 0xEDB8_8320 } else { 0 }
        })
    })
}

/// Records and pictures to begin with, of the pictures that the crate's tests have.
fn record_seeds(out: &mut Vec<(&'static str, String, Vec<u8>)>) {
    let lossless = include_bytes!("../../tests/fixtures/lossless.jp2");
    let codestream = include_bytes!("../../tests/fixtures/lossy.j2k");
    let tiles = include_bytes!("../../tests/fixtures/tiles.jp2");
    let colour = include_bytes!("../../tests/fixtures/ramp.jp2");
    let jpeg = include_bytes!("../../tests/fixtures/ramp.jpg");
    let print = include_bytes!("../../tests/fixtures/print.wsq");
    let odd = include_bytes!("../../tests/fixtures/odd.wsq");
    let pictures: [(&str, &[u8]); 4] = [
        ("lossless", lossless),
        ("codestream", codestream),
        ("tiles", tiles),
        ("colour", colour),
    ];
    for (name, data) in pictures {
        out.push(("jpeg2000", name.into(), data.to_vec()));
    }
    out.push(("wsq", "print".into(), print.to_vec()));
    out.push(("wsq", "odd".into(), odd.to_vec()));
    let whole = Finger::from_seed(1).impression(&Impression::ordinary(1));
    let crop = cropped(&whole, 40);
    let (jp2, wsq) = (codestream.to_vec(), print.to_vec());
    let position = Position(2);
    let images = [
        FingerImage::raw(&crop, position),
        FingerImage::png(&crop, position),
        FingerImage::compressed(&crop, position, Compression::Jpeg2000, jp2),
        FingerImage::compressed(&crop, position, Compression::Wsq, wsq),
    ];
    for (image, number) in images.into_iter().zip(0..) {
        let mut record = FingerImageRecord::new(vec![FingerImage { number, ..image }]);
        let bytes = record.write().expect("a picture has a record");
        out.push(("finger_image", format!("2011-{number}"), bytes));
        record.format = finger_image::Format::V2005;
        record.level = Some(31);
        record.representations[0].number += 1;
        let bytes = record.write().expect("a picture has a record");
        out.push(("finger_image", format!("2005-{number}"), bytes));
    }
    let codings: [(u8, &[u8]); 2] = [(0, jpeg), (1, colour)];
    for (coding, data) in codings {
        let image = FaceImage::new(DataType(coding), (96, 120), data.to_vec());
        let mut record = FaceImageRecord::new(image);
        let bytes = record.write().expect("a picture has a record");
        out.push(("face_image", format!("2011-{coding}"), bytes));
        record.format = face_image::Format::V2005;
        let bytes = record.write().expect("a picture has a record");
        out.push(("face_image", format!("2005-{coding}"), bytes));
    }
}

/// Inputs to begin with, of synthetic fingers: by target name and file name.
#[must_use]
pub fn seeds() -> Vec<(&'static str, String, Vec<u8>)> {
    let mut out = Vec::new();
    for seed in 1..=6 {
        let background = background_template(seed);
        let bytes = background.to_bytes();
        let other = background_template(seed + 100).to_bytes();
        out.push(("template", format!("{seed}-whole"), bytes.clone()));
        out.push((
            "template",
            format!("{seed}-open"),
            bytes[..bytes.len() - 4].to_vec(),
        ));
        let half = bytes.len().min(other.len());
        out.push((
            "template",
            format!("{seed}-two"),
            [&bytes[..half], &other[..half]].concat(),
        ));
        for format in [Format::V2005, Format::V2011] {
            let position = FingerPosition::ALL[seed as usize];
            let impression = ImpressionType::LivePlain;
            let mut record =
                FingerMinutiaeRecord::of_template(format, position, impression, &background);
            let keep = if seed % 2 == 0 { 5 } else { 60 };
            record.views[0].minutiae.truncate(keep);
            if seed > 4 {
                let mut second = record.views[0].clone();
                second.number = 1;
                record.views.push(second);
            }
            let bytes = record.write().expect("a synthetic template has a record");
            out.push(("record", format!("{seed}-{format:?}"), bytes));
        }
        let whole = Finger::from_seed(seed).impression(&Impression::ordinary(1));
        for (name, side) in [("small", 64), ("large", 144)] {
            let crop = cropped(&whole, side);
            // 500 ppi, and grey bytes of this size.
            let header = |form: u8| [1, 4, form, (side - 32) as u8, (side - 32) as u8];
            let png = [&header(0)[..], &encode_png(&crop)].concat();
            out.push(("image", format!("{seed}-{name}-png"), png));
            let grey = [&header(1)[..], crop.pixels()].concat();
            out.push(("image", format!("{seed}-{name}-grey"), grey));
        }
    }
    // A grating along x, one period to a row of pixels.
    let grating = [
        &[1, 4, 1, 117, 117][..],
        &[30, 20, 60, 140, 220, 230, 190, 100, 50],
    ]
    .concat();
    out.push(("image", "grating".into(), grating));
    record_seeds(&mut out);
    out
}

/// The middle of a picture.
fn cropped(image: &GreyImage, side: u32) -> GreyImage {
    let (x0, y0) = ((image.width() - side) / 2, (image.height() - side) / 2);
    let pixels = (y0..y0 + side).flat_map(|y| {
        let start = (y * image.width() + x0) as usize;
        image.pixels()[start..start + side as usize].iter().copied()
    });
    GreyImage::new(side, side, image.ppi(), pixels.collect()).expect("a part of a picture")
}
