//! Drawn documents are read; what is no zone, or not all of one, is not; no picture is a panic.
#![allow(clippy::unwrap_used)]

use mrz::synth::{Difficulty, Document, Font, Kind, Random, Shot, photograph};
use mrz::{Hint, Pixels, Read, Steady, View, read};
use proptest::prelude::*;
use regulation::Date;
use regulation::identity::Mrz;
use zeroize::Zeroizing;

const SIDES: (usize, usize) = (1280, 720);

fn today() -> Date {
    Date::new(2026, 1, 15).unwrap()
}

fn look(pixels: &[u8]) -> Result<Read, Hint> {
    let (width, height) = SIDES;
    let pixels = Pixels::Grey(pixels);
    let view = View {
        width,
        height,
        pixels,
    };
    read(&view, today())
}

fn seen(document: &Document, shot: &Shot) -> Result<Read, Hint> {
    look(&photograph(
        document,
        shot,
        &Font::new(),
        &mut Random::new(1),
    ))
}

#[test]
fn invented_documents_are_right_and_so_is_what_is_read_of_them() {
    let mut random = Random::new(11);
    let font = Font::new();
    for n in 0..10 {
        let kind = if n % 2 == 0 {
            Kind::IdCard
        } else {
            Kind::Passport
        };
        let document = Document::invented(kind, &mut random);
        assert!(
            Mrz::parse(&document.zone, today()).is_ok(),
            "{}",
            document.zone
        );
        let shot = Shot::random(&document, Difficulty::Easy, SIDES, &mut random);
        let read = look(&photograph(&document, &shot, &font, &mut random));
        assert_eq!(
            read.map(|read| read.text.to_string()),
            Ok(document.zone),
            "{shot:?}"
        );
    }
}

#[test]
fn a_zone_is_read_turned_tilted_and_in_colour() {
    let plain = Shot {
        fill: 0.6,
        ..Shot::plain(SIDES.0, SIDES.1)
    };
    for turn in [-0.26, -0.1, 0.1, 0.26] {
        let read = seen(&Document::specimen(), &Shot { turn, ..plain }).unwrap();
        assert_eq!(*read.text, Document::specimen().zone, "{turn}");
    }
    for tilt in [(0.3, 0.0), (-0.3, 0.0), (0.0, 0.3), (0.0, -0.3), (0.2, 0.2)] {
        let read = seen(&Document::specimen(), &Shot { tilt, ..plain }).unwrap();
        assert_eq!(*read.text, Document::specimen().zone, "{tilt:?}");
    }
    let pixels = photograph(
        &Document::specimen(),
        &plain,
        &Font::new(),
        &mut Random::new(2),
    );
    let colour: Vec<u8> = pixels.iter().flat_map(|value| [*value; 3]).collect();
    let view = View {
        width: SIDES.0,
        height: SIDES.1,
        pixels: Pixels::Rgb(&colour),
    };
    assert_eq!(
        *read(&view, today()).unwrap().text,
        Document::specimen().zone
    );
}

/// The reader never gives a zone whose check digits are wrong, however clearly it is printed.
#[test]
fn a_zone_with_a_wrong_check_digit_is_seen_and_not_read() {
    let zone = Document::specimen().zone;
    for (place, byte) in [(14, '4'), (21, '7'), (37, '5'), (60, '3'), (9, '9')] {
        let mut wrong: Vec<char> = zone.chars().collect();
        wrong[place] = byte;
        let document = Document {
            zone: wrong.into_iter().collect(),
            pattern: 7,
        };
        let read = seen(&document, &Shot::plain(SIDES.0, SIDES.1));
        assert_eq!(read.err(), Some(Hint::CheckDigits), "{place}");
    }
}

/// Where a letter has to be, a digit is not read as the letter that is most like it.
#[test]
fn what_may_not_stand_in_a_place_is_not_made_to_fit() {
    for (place, byte) in [(47, '9'), (2, '4'), (64, '0'), (70, '1'), (39, '8')] {
        let mut wrong: Vec<char> = Document::specimen().zone.chars().collect();
        wrong[place] = byte;
        let document = Document {
            zone: wrong.into_iter().collect(),
            pattern: 7,
        };
        let read = seen(&document, &Shot::plain(SIDES.0, SIDES.1));
        assert!(read.is_err(), "{place}");
    }
}

/// G and 6 have the same value modulo 10: no check digit tells them apart, so the picture has to.
#[test]
fn letters_and_digits_of_one_value_are_told_apart() {
    for number in [
        "G6S8Z5B1<",
        "6G8S5Z1B<",
        "GGSSZZBB<",
        "66885511<",
        "O0Q0D0OO<",
    ] {
        let number = format!("{number:<<9}");
        let zone = with_number(&number);
        assert!(Mrz::parse(&zone, today()).is_ok(), "{zone}");
        let document = Document { zone, pattern: 3 };
        let read = seen(&document, &Shot::plain(SIDES.0, SIDES.1)).unwrap();
        assert_eq!(*read.text, document.zone);
    }
}

/// A card of Utopia with this number, check digits found by trying.
fn with_number(number: &str) -> String {
    let digits = || '0'..='9';
    let all = digits().flat_map(|own| digits().map(move |whole| (own, whole)));
    all.map(|(own, whole)| {
        format!(
            "I<UTO{number}{own}<<<<<<<<<<<<<<<\n9001011M3401011UTO<<<<<<<<<<<{whole}\n\
             NAMUNAYEV<<NAMUNA<<<<<<<<<<<<<"
        )
    })
    .find(|zone| Mrz::parse(zone, today()).is_ok())
    .unwrap()
}

#[test]
fn why_not_is_told() {
    let plain = Shot::plain(SIDES.0, SIDES.1);
    let hint = |shot: Shot| seen(&Document::specimen(), &shot).err();
    let small = [0.16, 0.17, 0.175, 0.18, 0.185, 0.19].map(|fill| {
        let blur = 0.9;
        hint(Shot {
            fill,
            blur,
            ..plain
        })
    });
    assert!(small.contains(&Some(Hint::TooSmall)), "{small:?}");
    assert!(!small.contains(&Some(Hint::CheckDigits)), "{small:?}");
    let far_below = Shot {
        beside: (0.0, 0.6),
        ..plain
    };
    assert_eq!(hint(far_below), Some(Hint::NoZone));
    let trembling = Shot {
        moved: 6.0,
        blur: 3.0,
        ..plain
    };
    let told = hint(trembling);
    assert!(
        matches!(told, Some(Hint::Blurred | Hint::NoZone)),
        "{told:?}"
    );
    assert_eq!(
        look(&vec![200; SIDES.0 * SIDES.1]).err(),
        Some(Hint::NoZone)
    );
}

#[test]
fn a_name_is_taken_that_was_read_twice() {
    let read = |text: &str| Read {
        text: Zeroizing::new(text.to_owned()),
    };
    let mut steady = Steady::default();
    assert!(steady.offer(read("A")).is_none());
    assert!(steady.offer(read("B")).is_none());
    assert_eq!(
        steady.offer(read("A")).as_deref().map(String::as_str),
        Some("A")
    );
    // Then it begins anew.
    assert!(steady.offer(read("B")).is_none());
    for n in 0..6 {
        assert!(steady.offer(read(&n.to_string())).is_none());
    }
    assert!(steady.offer(read("B")).is_none(), "too long ago");
    assert!(!format!("{:?}{:?}", read("NAMUNA"), steady).contains("NAMUNA"));
}

#[test]
fn sides_and_bytes_out_of_bounds_show_no_zone() {
    let bytes = vec![0; 64 * 64];
    for (width, height) in [
        (64, 63),
        (65, 64),
        (31, 64),
        (64, 0),
        (0, 0),
        (5000, 64),
        (usize::MAX, 2),
    ] {
        for pixels in [Pixels::Grey(&bytes), Pixels::Rgb(&bytes)] {
            let view = View {
                width,
                height,
                pixels,
            };
            assert_eq!(read(&view, today()).err(), Some(Hint::NoZone));
        }
    }
}

/// A picture made of a few numbers: noise of a coarseness, stripes, or a comb of even marks like a zone's.
fn made(width: usize, height: usize, seed: u64, coarse: usize, kind: u8) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let cell = ((x / coarse) as u64) << 32 | (y / coarse) as u64;
            let mixed = (cell ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56;
            let mark = x % (2 * coarse) < coarse && y % (4 * coarse) < coarse;
            pixels.push(match kind {
                0 => mixed as u8,
                1 => 40 + 160 * u8::from(((x + y) / coarse).is_multiple_of(2)),
                2 => 220 - 180 * u8::from(mark),
                _ => 220 - 180 * u8::from(mark && mixed > 40),
            });
        }
    }
    pixels
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn no_picture_is_a_panic_or_a_zone(
        width in 32_usize..700, height in 32_usize..500, seed in any::<u64>(),
        coarse in 1_usize..40, kind in 0_u8..4,
    ) {
        let pixels = made(width, height, seed, coarse, kind);
        let view = View { width, height, pixels: Pixels::Grey(&pixels) };
        prop_assert!(read(&view, today()).is_err());
    }

    #[test]
    fn long_and_narrow_pictures_are_looked_at(long in 1400_usize..=4096, seed in any::<u64>(), kind in 0_u8..4) {
        for (width, height) in [(long, 33), (33, long)] {
            let pixels = made(width, height, seed, 6, kind);
            let view = View { width, height, pixels: Pixels::Grey(&pixels) };
            prop_assert!(read(&view, today()).is_err());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    /// Part of a zone is none: a stripe over it hides something.
    #[test]
    fn a_hidden_part_is_never_made_up(from in 100_usize..1100, wide in 24_usize..80, seed in any::<u64>()) {
        let mut random = Random::new(seed);
        let document = Document::invented(Kind::IdCard, &mut random);
        let shot = Shot::random(&document, Difficulty::Easy, SIDES, &mut random);
        let mut pixels = photograph(&document, &shot, &Font::new(), &mut random);
        for row in pixels.chunks_exact_mut(SIDES.0) {
            row[from..from + wide].fill(210);
        }
        if let Ok(read) = look(&pixels) {
            prop_assert_eq!(&*read.text, &document.zone);
        }
    }
}
