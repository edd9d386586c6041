//! What a device gives: a scanner's answers over HTTP, and a document before the camera.

use crate::Depth;
use mrz::synth::{Document, Font, Kind, Random, Shot, photograph};
use mrz::{Pixels, View};
use regulation::identity::Mrz;
use regulation::{Date, Timestamp};
use sbi::readers::{Frames, read_answer, read_devices, read_head, read_infos, read_moment};
use sbi::verify::{DigitalId, TrustRoots, open};
use std::sync::LazyLock;

/// The picture of a document, pixels.
const SIDES: (usize, usize) = (720, 480);

static ROOTS: LazyLock<TrustRoots> = LazyLock::new(|| {
    let root = sbi_simulator::Keys::default().root_certificate();
    TrustRoots::from_pem(root.expect("a root").as_bytes()).expect("a root")
});
static FONT: LazyLock<Font> = LazyLock::new(Font::new);

/// What a certified scanner answers: heads, messages, streams, signed parts, records; the first byte
/// chooses the reader.
pub fn scanner(data: &[u8]) {
    let Some((&which, bytes)) = data.split_first() else {
        return;
    };
    let text = String::from_utf8_lossy(bytes);
    let read = match which % 8 {
        0 => read_head(bytes).is_ok_and(|head| head.is_some()),
        1 => read_answer(bytes).is_ok(),
        2 => read_devices(bytes).is_ok(),
        3 => read_infos(bytes).is_ok(),
        4 => stream(bytes),
        5 => {
            // Nothing that is drawn is signed by a certificate under the root.
            assert!(open(&text, &ROOTS, Timestamp(crate::draw::NOW)).is_err());
            DigitalId::unsigned(&text).is_ok()
        }
        6 => read_moment(&text).is_some_and(|moment| {
            assert_eq!(read_moment(&sbi::readers::written(moment)), Some(moment));
            true
        }),
        _ => sbi::picture_of(bytes).is_ok(),
    };
    if read {
        Depth::ScannerRead.reach();
    }
}

fn stream(bytes: &[u8]) -> bool {
    let mut frames = Frames::default();
    let mut taken = 0;
    for piece in bytes.chunks(17) {
        frames.push(piece);
        while let Ok(Some(frame)) = frames.next_frame() {
            taken += frame.len();
        }
    }
    assert!(taken <= bytes.len());
    taken > 0
}

/// A drawn document with strokes across it: what is read has right check digits, however it came about.
///
/// The first byte is the kind, eight are the seed of document and shot; every five that follow a
/// stroke: place, size, grey.
pub fn zone(data: &[u8]) {
    let Some((&kind, rest)) = data.split_first() else {
        return;
    };
    let Some((seed, strokes)) = rest.split_first_chunk::<8>() else {
        return;
    };
    let mut random = Random::new(u64::from_be_bytes(*seed));
    let kind = match kind % 2 {
        0 => Kind::IdCard,
        _ => Kind::Passport,
    };
    let document = Document::invented(kind, &mut random);
    let (width, height) = SIDES;
    let shot = Shot::plain(width, height);
    let mut pixels = photograph(&document, &shot, &FONT, &mut random);
    let (fives, _) = strokes.as_chunks::<5>();
    for [x, y, across, down, grey] in fives {
        let (x, y) = (usize::from(*x) * 3, usize::from(*y) * 2);
        for row in y..(y + usize::from(*down % 32)).min(height) {
            for column in x..(x + usize::from(*across)).min(width) {
                pixels[row * width + column] = *grey;
            }
        }
    }
    let today = Date::new(2026, 11, 28).expect("a day");
    let view = View {
        width,
        height,
        pixels: Pixels::Grey(&pixels),
    };
    if let Ok(read) = mrz::read(&view, today) {
        Depth::ZoneRead.reach();
        assert!(Mrz::parse(&read.text, today).is_ok());
        assert!(!format!("{read:?}").contains('<'));
    }
}

/// Something for each reader of a scanner's answers, by its number.
pub(crate) fn scanners() -> Vec<Vec<u8>> {
    let of = |which: u8, bytes: &[u8]| [&[which], bytes].concat();
    let device = br#"[{"deviceId":"1","deviceStatus":"Ready","certification":"L1","serviceVersion":"0.9.5","deviceSubId":[1],"callbackId":"c","digitalId":"e30","deviceCode":"1","specVersion":["0.9.5"],"purpose":"Registration","error":{"errorCode":"0","errorInfo":""}}]"#;
    let answer = br#"{"biometrics":[{"specVersion":"0.9.5","data":"e30.e30.AA","hash":"00","error":{"errorCode":"0","errorInfo":"Success"}}]}"#;
    vec![
        of(0, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
        of(1, answer),
        of(2, device),
        of(
            3,
            br#"[{"deviceInfo":"e30.e30.AA","error":{"errorCode":"0","errorInfo":""}}]"#,
        ),
        of(
            4,
            b"--BoundaryString\r\nContent-Type:image/jpeg\r\nContent-Length:5\r\n\r\nhello\r\n",
        ),
        of(5, b"eyJhbGciOiJSUzI1NiIsIng1YyI6WyJBQSJdfQ.e30.AA"),
        of(6, b"2026-11-28T00:00:00.000Z"),
        of(7, b"FIR\x00020\0"),
    ]
}

/// An ID card and a passport as they are, and with a stroke across the picture.
pub(crate) fn zones() -> Vec<Vec<u8>> {
    let of =
        |kind: u8, seed: u64, stroke: &[u8]| [&[kind][..], &seed.to_be_bytes(), stroke].concat();
    let across = [60, 150, 200, 3, 90];
    vec![
        of(0, 1, &[]),
        of(1, 2, &[]),
        of(0, 3, &across),
        of(1, 4, &across),
    ]
}
