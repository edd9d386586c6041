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
