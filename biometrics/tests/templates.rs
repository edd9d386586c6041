//! Stored templates: exact round trip, and every other byte sequence refused.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use biometrics::finger::synth::background_template;
use biometrics::finger::{Gallery, Kind, Minutia, Prepared, Template, TemplateError, compare};
use proptest::prelude::*;

fn quiet() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| {
            (c >> 1) ^ if c & 1 == 1 { 0xEDB8_8320 } else { 0 }
        })
    })
}

/// The bytes with a checksum that fits: an attacker can compute it too.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.len() - 4;
    let crc = crc32(&bytes[..end]);
    bytes[end..].copy_from_slice(&crc.to_be_bytes());
    bytes
}

fn minutia(x: u16, y: u16) -> Minutia {
    Minutia {
        x,
        y,
        direction: 7,
        kind: Kind::Bifurcation,
        quality: 50,
    }
}

#[test]
fn template_is_compact() {
    let template = background_template(1);
    let count = template.minutiae().len();
    assert!(count > 20);
    // Of minutiae alone, and with a map of the ridges of some hundred cells.
    let alone = Template::new(320, 400, template.minutiae().to_vec()).unwrap();
    assert_eq!(alone.to_bytes().len(), 20 + 7 * count);
    let cells = template.to_bytes().len() - (20 + 7 * count);
    assert!((200..=20 * 25).contains(&cells), "{cells}");
}

#[test]
fn single_damaged_byte_is_always_noticed() {
    let bytes = background_template(2).to_bytes();
    for at in 0..bytes.len() {
        for flip in [1u8, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[at] ^= flip;
            assert!(
                Template::from_bytes(&damaged).is_err(),
                "byte {at} xor {flip}"
            );
        }
    }
}

#[test]
fn template_cut_or_lengthened_is_refused() {
    let bytes = background_template(3).to_bytes();
    for len in 0..bytes.len() {
        assert!(Template::from_bytes(&bytes[..len]).is_err(), "{len} bytes");
        // Whoever cuts can seal anew; then the map is not as long as it says, or is gone.
        if len >= 4 {
            assert!(Template::from_bytes(&sealed(bytes[..len].to_vec())).is_err());
        }
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert_eq!(Template::from_bytes(&longer), Err(TemplateError::Checksum));
    assert_eq!(
        Template::from_bytes(&sealed(longer)),
        Err(TemplateError::Map)
    );
}

/// Two minutiae in a frame of 19 by 19 cells, and this map.
fn with_map(header: [u16; 4], cells: &[u8]) -> Result<Template, TemplateError> {
    let minutiae = vec![minutia(10, 10), minutia(20, 20)];
    let mut bytes = Template::new(300, 300, minutiae).unwrap().to_bytes();
    bytes.truncate(10 + 2 * 7);
    let [x0, y0, columns, rows] = header;
    bytes.extend_from_slice(&x0.to_be_bytes());
    bytes.extend_from_slice(&y0.to_be_bytes());
    bytes.extend_from_slice(&[columns as u8, rows as u8]);
    bytes.extend_from_slice(cells);
    bytes.extend_from_slice(&[0; 4]);
    let bytes = sealed(bytes);
    let template = Template::from_bytes(&bytes)?;
    assert_eq!(template.to_bytes(), bytes, "only one form is accepted");
    Ok(template)
}

#[test]
fn map_survives_its_bytes_in_its_one_form() {
    let (on, off) = (0x80, 0);
    assert!(with_map([0, 0, 0, 0], &[]).is_ok());
    assert!(with_map([0, 0, 1, 1], &[on]).is_ok());
    assert!(with_map([18, 18, 1, 1], &[0xff]).is_ok());
    assert!(with_map([3, 4, 2, 2], &[on, off, off, on]).is_ok());
    assert!(with_map([0, 0, 19, 19], &[0xc0; 361]).is_ok());
    for seed in 0..50 {
        let template = background_template(seed);
        let read = Template::from_bytes(&template.to_bytes());
        assert_eq!(read.as_ref(), Ok(&template));
        // The map is part of what is compared.
        let alone = Template::new(320, 400, template.minutiae().to_vec()).unwrap();
        assert_ne!(read, Ok(alone));
    }
}

#[test]
fn hostile_map_with_a_fitting_checksum_is_refused() {
    let (on, off) = (0x80, 0);
    let refused = |header, cells: &[u8], why| {
        assert_eq!(with_map(header, cells), Err(TemplateError::Map), "{why}");
    };
    refused([0, 0, 2, 1], &[on], "fewer cells than it says");
    refused([0, 0, 1, 1], &[on, on], "more cells than it says");
    refused([0, 0, 2, 2], &[on, on, on], "a row cut short");
    refused([0, 0, 255, 255], &[on; 100], "far fewer cells than it says");
    refused([0, 0, 1, 0], &[], "columns of nothing");
    refused([0, 0, 0, 1], &[], "rows of nothing");
    refused([1, 0, 0, 0], &[], "nothing, somewhere");
    refused([0, 1, 0, 0], &[], "nothing, somewhere below");
    refused([0, 0, 2, 1], &[on, off], "nothing in the last column");
    refused([0, 0, 2, 1], &[off, on], "nothing in the first column");
    refused([0, 0, 1, 2], &[on, off], "nothing in the last row");
    refused([0, 0, 1, 2], &[off, on], "nothing in the first row");
    refused([0, 0, 1, 1], &[off], "nothing at all");
    refused(
        [0, 0, 3, 1],
        &[on, 0x05, on],
        "a direction where no finger is",
    );
    refused([18, 0, 2, 1], &[on, on], "right of the frame");
    refused([0, 18, 1, 2], &[on, on], "below the frame");
    refused([u16::MAX, u16::MAX, 1, 1], &[on], "far outside the frame");
    refused([0, 0, 129, 1], &[on; 129], "wider than any finger");
}

#[test]
fn template_too_short_for_its_minutiae_is_refused_by_its_length() {
    let bytes = background_template(4).to_bytes();
    let count = usize::from(bytes[5]);
    for len in [0, 3, 9, 12, 7 * count, 19 + 7 * count] {
        assert_eq!(
            Template::from_bytes(&bytes[..len]),
            Err(TemplateError::Length(len))
        );
    }
}

#[test]
fn hostile_fields_with_a_fitting_checksum_are_refused_by_name() {
    let good = Template::new(300, 300, vec![minutia(10, 10), minutia(20, 20)])
        .unwrap()
        .to_bytes();
    let with = |at: usize, value: u8| {
        let mut bytes = good.clone();
        bytes[at] = value;
        Template::from_bytes(&sealed(bytes))
    };
    assert_eq!(with(0, b'X'), Err(TemplateError::Magic));
    assert_eq!(with(4, 1), Err(TemplateError::Version(1)));
    // The bytes of a map that is not there are no minutia.
    assert_eq!(with(5, 3), Err(TemplateError::Length(good.len())));
    assert_eq!(with(5, 255), Err(TemplateError::Length(good.len())));
    assert_eq!(
        with(6, 0xff),
        Err(TemplateError::Frame),
        "width beyond any picture"
    );
    assert_eq!(
        with(10, 0xff),
        Err(TemplateError::Minutia(0)),
        "x outside the frame"
    );
    assert_eq!(
        with(12, 0x7f),
        Err(TemplateError::Minutia(0)),
        "y outside the frame"
    );
    assert_eq!(
        with(16, 101),
        Err(TemplateError::Minutia(0)),
        "quality above 100"
    );
    assert_eq!(
        with(13, 41),
        Err(TemplateError::Order(1)),
        "lower one first"
    );
    let mut twice = good.clone();
    twice.copy_within(10..17, 17);
    assert_eq!(
        Template::from_bytes(&sealed(twice)),
        Err(TemplateError::Order(1))
    );
}

#[test]
fn out_of_range_minutiae_are_refused() {
    assert_eq!(Template::new(0, 5, vec![]), Err(TemplateError::Frame));
    assert_eq!(Template::new(5, 9000, vec![]), Err(TemplateError::Frame));
    let off = Template::new(300, 300, vec![minutia(1199, 1), minutia(1200, 1)]);
    assert_eq!(off, Err(TemplateError::Minutia(1)));
}

#[test]
fn only_the_best_minutiae_are_kept() {
    let many: Vec<Minutia> = (0..600u16)
        .map(|i| Minutia {
            quality: (i % 101) as u8,
            ..minutia(i % 30 * 40, i / 30 * 40)
        })
        .collect();
    let template = Template::new(400, 400, many).unwrap();
    assert_eq!(template.minutiae().len(), 255);
    assert!(template.minutiae().iter().all(|m| m.quality >= 57));
}

#[test]
fn debug_output_shows_no_minutia() {
    let template = Template::new(300, 300, vec![minutia(123, 45)]).unwrap();
    assert_eq!(format!("{template:?}"), "Template(1 minutiae)");
    assert_eq!(
        format!("{:?}", Prepared::new(&template)),
        "Prepared(1 minutiae)"
    );
    let gallery = Gallery::new();
    gallery.add(987_654, &template);
    assert_eq!(format!("{gallery:?}"), "Gallery(1 prints)");
}

fn any_template() -> impl Strategy<Value = Template> {
    let minutia = (
        0u16..2000,
        0u16..2000,
        any::<u16>(),
        any::<bool>(),
        0u8..=100,
    )
        .prop_map(|(x, y, direction, fork, quality)| Minutia {
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
        .prop_map(|list| Template::new(500, 500, list).expect("all inside"))
}

proptest! {
    #![proptest_config(quiet())]

    #[test]
    fn any_template_survives_its_bytes(template in any_template()) {
        prop_assert_eq!(Template::from_bytes(&template.to_bytes()), Ok(template));
    }

    #[test]
    fn random_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(Template::from_bytes(&bytes).is_err());
    }

    #[test]
    fn whatever_is_accepted_writes_the_same_bytes(
        template in any_template(), at in any::<prop::sample::Index>(), value in any::<u8>()
    ) {
        let mut bytes = template.to_bytes();
        let at = at.index(bytes.len());
        bytes[at] = value;
        let bytes = sealed(bytes);
        if let Ok(read) = Template::from_bytes(&bytes) {
            prop_assert_eq!(read.to_bytes(), bytes);
        }
    }

    #[test]
    fn any_cells_of_a_map_are_read_in_one_form_or_refused(
        header in any::<[u8; 4]>(), side in 0u16..20,
        cells in prop::collection::vec(prop_oneof![Just(0u8), 0x80u8..=0xff, any::<u8>()], 0..400),
    ) {
        let [x0, y0, columns, rows] = header.map(u16::from);
        let _ = with_map([x0, y0, columns, rows], &cells);
        let rows = cells.len() as u16 / side.max(1);
        let cells = &cells[..usize::from(rows * side)];
        if let Ok(template) = with_map([x0 % 4, y0 % 4, side, rows], cells) {
            let prepared = Prepared::new(&template);
            prop_assert!(compare(&prepared, &prepared).0.is_finite());
        }
    }

    #[test]
    fn any_two_templates_compare_to_a_number(a in any_template(), b in any_template()) {
        let (a, b) = (Prepared::new(&a), Prepared::new(&b));
        let score = compare(&a, &b);
        prop_assert!(score.0.is_finite() && score.0 >= 0.0);
        prop_assert_eq!(score, compare(&a, &b));
    }
}

#[test]
fn degenerate_templates_compare_without_a_match() {
    let line: Vec<Minutia> = (0..255u16).map(|i| minutia(i, 100)).collect();
    let column: Vec<Minutia> = (0..255u16).map(|i| minutia(100, i)).collect();
    let lists = [vec![], vec![minutia(1, 1)], line, column];
    let prepared: Vec<Prepared> = lists
        .into_iter()
        .map(|l| Prepared::new(&Template::new(300, 300, l).unwrap()))
        .collect();
    for a in &prepared {
        for b in &prepared {
            assert!(compare(a, b).0.is_finite());
        }
    }
    assert_eq!(compare(&prepared[0], &prepared[0]).0, 0.0);
    assert_eq!(compare(&prepared[1], &prepared[1]).0, 0.0);
}
