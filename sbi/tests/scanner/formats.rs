//! The formats that a record may hold its picture in.

use crate::kit::{options, with_finger};
use biometrics::finger::synth::{Finger, Impression};
use biometrics::finger::{GreyImage, decode_png, encode_png};
use biometrics::record::finger_image::{Compression, FingerImage, FingerImageRecord, Position};
use sbi::{PictureFault, picture_of};
use sbi_simulator::{Format, Options};
use tablet::device::ScannerFault;

/// The right index finger.
const POSITION: Position = Position(2);

fn fixture(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

fn print() -> GreyImage {
    decode_png(&std::fs::read(fixture("print.png")).unwrap(), 500).unwrap()
}

fn compressed(compression: Compression, name: &str) -> FingerImage {
    let data = std::fs::read(fixture(name)).unwrap();
    FingerImage::compressed(&print(), POSITION, compression, data)
}

fn record(representations: Vec<FingerImage>) -> Vec<u8> {
    FingerImageRecord::new(representations).write().unwrap()
}

/// What the driver makes of a scanner that answers with this record.
fn taken(record: Vec<u8>) -> Result<GreyImage, ScannerFault> {
    let kit = with_finger(Options {
        format: Format::Given(record),
        ..options()
    });
    kit.capture().map(|captured| captured.picture)
}

#[test]
fn lossless_formats_give_the_very_picture() {
    for one in [
        FingerImage::raw(&print(), POSITION),
        FingerImage::png(&print(), POSITION),
        compressed(Compression::Jpeg2000Lossless, "print.jp2"),
    ] {
        let name = one.compression;
        assert_eq!(taken(record(vec![one])), Ok(print()), "{name:?}");
    }
}

#[test]
fn pixels_by_the_centimetre_are_those_by_the_inch() {
    let mut one = FingerImage::raw(&print(), POSITION);
    one.units.0 = 2;
    for rate in [196, 197] {
        (one.rate, one.scan_rate) = ((rate, rate), (rate, rate));
        assert_eq!(taken(record(vec![one.clone()])), Ok(print()), "{rate}");
    }
}

#[test]
fn a_record_of_an_unknown_finger_is_of_the_one_that_was_signed() {
    let unknown = FingerImage::raw(&print(), Position(0));
    assert_eq!(taken(record(vec![unknown])), Ok(print()));
    let another = FingerImage::raw(&print(), Position(7));
    assert_eq!(taken(record(vec![another])), Err(ScannerFault::WrongFinger));
}

#[test]
fn what_gives_no_picture_of_one_finger_is_unsupported() {
    let two = vec![
        FingerImage::raw(&print(), POSITION),
        FingerImage::raw(&print(), Position(3)),
    ];
    let mut coarse = FingerImage::raw(&print(), POSITION);
    (coarse.rate, coarse.scan_rate) = ((400, 400), (400, 400));
    let jpeg2000 = std::fs::read(fixture("print.jp2")).unwrap();
    let cut = jpeg2000[..200].to_vec();
    let cut = FingerImage::compressed(&print(), POSITION, Compression::Jpeg2000Lossless, cut);
    for (record, fault) in [
        (record(two), PictureFault::Count),
        (record(vec![coarse]), PictureFault::Resolution),
        (record(vec![cut]), PictureFault::Picture),
        (b"FIR".to_vec(), PictureFault::Record),
        (Vec::new(), PictureFault::Record),
    ] {
        assert_eq!(picture_of(&record).map(|_| ()), Err(fault));
        assert_eq!(taken(record), Err(ScannerFault::Unsupported), "{fault:?}");
    }
}

/// Makes the picture from which `make-fixtures` makes the others.
#[test]
#[ignore = "writes a fixture"]
fn make_the_picture() {
    let print = Finger::from_seed(3).impression(&Impression::ordinary(5));
    std::fs::write(fixture("print.png"), encode_png(&print)).unwrap();
}
