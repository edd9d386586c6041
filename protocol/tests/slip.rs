//! What a citizen's receipt looks like in its code, as the first version wrote it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use protocol::limits::*;
use protocol::*;
use regulation::encounter::Language;
use regulation::{EncounterId, Timestamp};
use uuid::Uuid;

fn slip() -> Slip {
    Slip {
        encounter: EncounterId(Uuid::from_u128(7)),
        device: DeviceId(Uuid::from_u128(3)),
        training: true,
        edition: "399-2022-07-22".into(),
        language: Language::UzbekCyrillic,
        rank: "Сержант".into(),
        name: "Намунаев Намуна".into(),
        unit: "4-бўлинма".into(),
        place: "Намуна кўчаси, бекат".into(),
        at: Timestamp(1_790_000_000_000),
        utc_offset_minutes: 300,
        made_at: Timestamp(1_790_000_300_000),
        ground: "suspicion".into(),
        ground_title: "Гумон қилиш учун асослар".into(),
        complain: "Шикоят қилинг.".into(),
    }
}

fn signed() -> SignedSlip {
    SignedSlip {
        slip: slip(),
        signature: vec![5; 71],
        certificate: vec![6; 430],
    }
}

/// Nothing but what the alphanumeric mode of a QR code has.
fn is_alphanumeric_mode(text: &str) -> bool {
    let others = " $%*+-./:";
    text.chars()
        .all(|c| c.is_ascii_digit() || c.is_ascii_uppercase() || others.contains(c))
}

#[test]
fn a_receipt_is_written_as_it_was() {
    let text = signed().text().unwrap();
    assert!(is_alphanumeric_mode(&text));
    assert_eq!(text, include_str!("fixtures/slip-v1.txt").trim_end());
    assert!(SignedSlip::from_text(&text).unwrap() == signed());
    assert!(SignedSlip::from_text(&format!("\n {text}\r\n")).unwrap() == signed());
    let bytes = SignedSlip::signed_bytes(&slip(), &[6; 430]).unwrap();
    assert!(bytes.starts_with(b"e-patrul slip v1\0"));
    assert_eq!(
        bytes::hex(&bytes),
        include_str!("fixtures/slip-signed-v1.hex").trim_end()
    );
    assert_ne!(
        bytes,
        SignedSlip::signed_bytes(&slip(), &[7; 430]).unwrap(),
        "the certificate is bound"
    );
    assert_eq!(slip().stopped_at(), "21.09.2026 19:13");
    assert_eq!(slip().signed_at(), "21.09.2026 19:18");
}

#[test]
fn debug_says_nothing_of_anybody() {
    assert_eq!(
        format!("{:?} {:?}", slip(), signed()),
        "Slip(..) SignedSlip(..)"
    );
}

#[test]
fn the_longest_receipt_that_an_edition_allows_fits() {
    let full = |most: usize| "ў".repeat(most);
    let slip = Slip {
        edition: "e".repeat(SLIP_ID_CHARS),
        rank: full(SLIP_RANK_CHARS),
        name: full(SLIP_NAME_CHARS),
        unit: full(SLIP_UNIT_CHARS),
        place: full(SLIP_PLACE_CHARS),
        ground: "g".repeat(SLIP_ID_CHARS),
        ground_title: full(SLIP_TITLE_CHARS),
        complain: full(SLIP_COMPLAIN_CHARS),
        ..slip()
    };
    let signed = SignedSlip {
        slip,
        signature: vec![5; 72],
        certificate: vec![6; 430],
    };
    assert!(SignedSlip::from_text(&signed.text().unwrap()).unwrap() == signed);
}

#[test]
fn what_is_no_receipt_is_refused_and_says_why() {
    let refused = |text: &str| SignedSlip::from_text(text).err().unwrap();
    assert_eq!(refused(""), SlipError::NoSlip);
    assert_eq!(refused("HC1:ABC"), SlipError::NoSlip);
    assert_eq!(refused("epatrul1:ABC"), SlipError::NoSlip);
    assert_eq!(refused("EPATRUL1:"), SlipError::Damaged);
    assert_eq!(refused("EPATRUL1:/"), SlipError::Damaged);
    assert_eq!(refused("EPATRUL1:a/"), SlipError::Damaged);
    let long = format!("EPATRUL1:{}/", "0".repeat(SLIP_BYTES * 2));
    assert_eq!(refused(&long), SlipError::TooLarge);
    let text = signed().text().unwrap();
    for cut in [2, 3, 40, text.len() - 10] {
        let left = &text[..text.len() - cut];
        assert_eq!(refused(left), SlipError::Damaged);
        assert_eq!(refused(&format!("{left}/")), SlipError::Damaged);
    }
    assert_eq!(refused(&format!("{text}AB")), SlipError::Damaged);
    let more = format!("{}AB/", &text[..text.len() - 1]);
    assert_eq!(refused(&more), SlipError::Damaged);
}

#[test]
fn texts_and_times_beyond_their_limits_are_refused() {
    type Case = (fn(&mut Slip), SlipError);
    let cases: [Case; 8] = [
        (
            |s| s.name = "a".repeat(SLIP_NAME_CHARS + 1),
            SlipError::Text,
        ),
        (
            |s| s.place = "a".repeat(SLIP_PLACE_CHARS + 1),
            SlipError::Text,
        ),
        (
            |s| s.ground = "a".repeat(SLIP_ID_CHARS + 1),
            SlipError::Text,
        ),
        (|s| s.unit = "4\u{1b}[2J".into(), SlipError::Text),
        (|s| s.rank = "a\nb".into(), SlipError::Text),
        (|s| s.complain = "\u{202e}".into(), SlipError::Text),
        (|s| s.utc_offset_minutes = 841, SlipError::Time),
        (|s| s.at = Timestamp(i64::MAX), SlipError::Time),
    ];
    for (change, why) in cases {
        let mut signed = signed();
        change(&mut signed.slip);
        assert_eq!(signed.text().err(), Some(why));
        let bytes = SignedSlip::signed_bytes(&signed.slip, &[]);
        assert_eq!(bytes.err(), Some(why));
    }
    let mut large = signed();
    large.certificate = vec![6; SLIP_BYTES];
    assert_eq!(large.text().err(), Some(SlipError::TooLarge));
}

proptest! {
    /// One slip has one text: whatever another text reads as, it is another slip.
    #[test]
    fn another_character_is_another_receipt_or_none(at in 0_usize..1000, to in any::<u8>()) {
        const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
        let text = signed().text().unwrap();
        let mut bytes = text.clone().into_bytes();
        let at = at % bytes.len();
        bytes[at] = DIGITS[usize::from(to) % DIGITS.len()];
        let altered = String::from_utf8(bytes).unwrap();
        if altered != text
            && let Ok(read) = SignedSlip::from_text(&altered)
        {
            prop_assert!(read != signed());
            prop_assert_eq!(read.text().unwrap(), altered.trim());
        }
    }

    #[test]
    fn nothing_that_is_read_is_a_panic(text in "(EPATRUL1:)?[0-9A-Z $%*+./:-]{0,300}/?") {
        let _ = SignedSlip::from_text(&text);
    }
}
