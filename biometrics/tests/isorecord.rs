//! The program that shows records, run on files.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use biometrics::finger::decode_png;
use biometrics::finger::synth::background_template;
use biometrics::record::face_image::{DataType, FaceImage, FaceImageRecord};
use biometrics::record::finger_image::{Compression, FingerImage, FingerImageRecord, Position};
use biometrics::record::minutiae::{FingerMinutiaeRecord, FingerPosition, Format, ImpressionType};
use tempfile::TempDir;

const PRINT: &[u8] = include_bytes!("fixtures/print.png");

/// Its output, its errors and its exit code.
fn isorecord(args: &[&Path]) -> (String, String, i32) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_isorecord"));
    let output = command.args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let code = output.status.code().expect("not killed by a signal");
    (text(output.stdout), text(output.stderr), code)
}

fn file(dir: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn finger() -> FingerImage {
    let image = decode_png(PRINT, 500).unwrap();
    let data = include_bytes!("fixtures/lossless.jp2").to_vec();
    FingerImage::compressed(&image, Position(2), Compression::Jpeg2000Lossless, data)
}

/// Whether a line says this of this field.
fn says(text: &str, field: &str, value: &str) -> bool {
    text.lines().any(|line| {
        let (name, said) = line.split_at(line.len().min(24));
        name.trim() == field && said == value
    })
}

#[test]
fn a_finger_is_shown_and_its_picture_written() {
    let dir = TempDir::new().unwrap();
    let record = FingerImageRecord::new(vec![finger()]).write().unwrap();
    let path = file(&dir, "right.iso", &record);
    let (out, errors, code) = isorecord(&[&path]);
    assert_eq!((errors.as_str(), code), ("", 0));
    let edition = format!(
        "finger images, ISO/IEC 19794-4:2011 (FIR, version 020), {} bytes",
        record.len()
    );
    assert!(says(&out, "record", &edition), "{out}");
    assert!(says(&out, "finger position", "2 (right index)"), "{out}");
    assert!(says(&out, "impression type", "0 (live, plain)"), "{out}");
    assert!(
        says(&out, "image sampling rate", "500 x 500 (500 x 500 ppi)"),
        "{out}"
    );
    assert!(
        says(&out, "compression", "5 (JPEG 2000, lossless)"),
        "{out}"
    );
    assert!(!out.contains("does not conform"), "{out}");
    let png = dir.path().join("right.png");
    assert!(says(&out, "written", png.to_str().unwrap()), "{out}");
    let written = decode_png(&std::fs::read(png).unwrap(), 500).unwrap();
    assert_eq!(written, decode_png(PRINT, 500).unwrap());
}

#[test]
fn records_as_text_are_read_and_it_is_said() {
    let dir = TempDir::new().unwrap();
    let record = FingerImageRecord::new(vec![finger()]).write().unwrap();
    let lines: Vec<String> = STANDARD
        .encode(&record)
        .as_bytes()
        .chunks(76)
        .map(|line| String::from_utf8(line.to_vec()).unwrap())
        .collect();
    let texts = [
        (lines.join("\r\n"), "base64 text of a record"),
        (
            URL_SAFE_NO_PAD.encode(&record),
            "base64url text of a record",
        ),
    ];
    for (text, told) in texts {
        let path = file(&dir, "record.txt", text.as_bytes());
        let (out, errors, code) = isorecord(&[&path]);
        assert_eq!((errors.as_str(), code), ("", 0));
        assert!(says(&out, "file", told), "{out}");
        assert!(dir.path().join("record.png").exists());
    }
}

#[test]
fn several_pictures_are_numbered_and_never_lie_over_the_record() {
    let dir = TempDir::new().unwrap();
    let second = FingerImage {
        number: 1,
        ..finger()
    };
    let record = FingerImageRecord::new(vec![finger(), second])
        .write()
        .unwrap();
    let path = file(&dir, "two.iso", &record);
    let png = dir.path().join("out.png");
    let (_, errors, code) = isorecord(&[&path, Path::new("--png"), &png]);
    assert_eq!((errors.as_str(), code), ("", 0));
    assert!(dir.path().join("out-1.png").exists() && dir.path().join("out-2.png").exists());
    // A record that is called like a picture.
    let one = FingerImageRecord::new(vec![finger()]).write().unwrap();
    let path = file(&dir, "record.png", &one);
    let (_, errors, code) = isorecord(&[&path]);
    assert_eq!(code, 1);
    assert!(errors.contains("is the record itself"), "{errors}");
    assert_eq!(std::fs::read(&path).unwrap(), one);
}

#[test]
fn what_does_not_conform_is_a_warning_or_with_strict_an_error() {
    let dir = TempDir::new().unwrap();
    let mut record = FingerImageRecord::new(vec![finger()]).write().unwrap();
    record[15] = 9;
    let len = record.len();
    record[8..12].copy_from_slice(&(len as u32 - 16).to_be_bytes());
    // Compression: WSQ, which the picture is not.
    let at = 16 + 19 + 11 + 1;
    assert_eq!(record[at - 1..=at], [8, 5]);
    record[at] = 2;
    let path = file(&dir, "odd.iso", &record);
    let (out, errors, code) = isorecord(&[&path]);
    assert_eq!((errors.as_str(), code), ("", 0), "{out}");
    let positions = "number of finger positions at byte 15: 9 is stated, 1 are there";
    assert!(says(&out, "does not conform", positions), "{out}");
    assert!(out.contains("record length at byte 8: "), "{out}");
    let compression = "compression of representation 1: the picture is JPEG 2000";
    assert!(says(&out, "does not conform", compression), "{out}");
    assert!(dir.path().join("odd.png").exists());
    let (_, errors, code) = isorecord(&[&path, Path::new("--strict")]);
    assert_eq!(code, 1);
    assert_eq!(errors.lines().count(), 1, "{errors}");
}

#[test]
fn what_cannot_be_read_is_one_line_and_code_1() {
    let dir = TempDir::new().unwrap();
    let record = FingerImageRecord::new(vec![finger()]).write().unwrap();
    let damaged = {
        let mut record = record.clone();
        for byte in &mut record[200..] {
            *byte = 0;
        }
        record
    };
    let cases: [(&[u8], &str); 7] = [
        (&[], "format identifier at byte 0"),
        (b"hello", "format identifier at byte 0"),
        (PRINT, "a bare PNG picture"),
        (
            &record[..40],
            "device sampling rate along y at byte 40: 2 bytes are needed, 0 are left",
        ),
        (&damaged, "not a readable JPEG 2000 picture"),
        (b"FIR\x00999\x00", "version at byte 4"),
        (b"IIR\x00020\x00", "iris"),
    ];
    for (bytes, told) in cases {
        let path = file(&dir, "bad.iso", bytes);
        let (_, errors, code) = isorecord(&[&path]);
        assert_eq!((code, errors.lines().count()), (1, 1), "{errors}");
        assert!(errors.contains(told), "{errors}");
    }
    let (_, errors, code) = isorecord(&[&dir.path().join("missing.iso")]);
    assert_eq!((code, errors.lines().count()), (1, 1), "{errors}");
    let (_, errors, code) = isorecord(&[]);
    assert_eq!(code, 1);
    assert!(errors.contains("usage"), "{errors}");
}

#[test]
fn faces_and_minutiae_are_shown() {
    let dir = TempDir::new().unwrap();
    let jpeg = include_bytes!("fixtures/ramp.jpg").to_vec();
    let face = FaceImageRecord::new(FaceImage::new(DataType(0), (96, 120), jpeg));
    let path = file(&dir, "face.iso", &face.write().unwrap());
    let (out, errors, code) = isorecord(&[&path]);
    assert_eq!((errors.as_str(), code), ("", 0));
    assert!(says(&out, "image data type", "0 (JPEG)"), "{out}");
    assert!(says(&out, "picture", "96 x 120 pixels, colour"), "{out}");
    assert!(dir.path().join("face.png").exists());
    let template = background_template(1);
    let record = FingerMinutiaeRecord::of_template(
        Format::V2011,
        FingerPosition::LeftThumb,
        ImpressionType::LivePlain,
        &template,
    );
    let path = file(&dir, "minutiae.fmr", &record.write().unwrap());
    let (out, errors, code) = isorecord(&[&path]);
    assert_eq!((errors.as_str(), code), ("", 0));
    assert!(says(&out, "finger position", "6 (left thumb)"), "{out}");
    let count = format!("{}: ", template.minutiae().len());
    assert!(
        out.lines()
            .any(|line| line.starts_with("minutiae ") && line.contains(&count)),
        "{out}"
    );
}
