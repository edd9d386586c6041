//! A receipt signed in a key store of files, under a CA made for the test as central makes its own.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::device::keystore::UnsafeFileKeyStore;
use proptest::prelude::*;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SubjectPublicKeyInfo,
};
use regulation::encounter::Language;
use regulation::{EncounterId, Timestamp};
use std::sync::OnceLock;
use uuid::Uuid;

/// 2026-09-21.
const NOW: i64 = 1_790_000_000_000;
const DEVICE: u128 = 3;

struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

fn named(common: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common);
    params.not_before = rcgen::date_time_ymd(2026, 9, 1);
    params.not_after = rcgen::date_time_ymd(2027, 9, 1);
    params
}

fn authority() -> Authority {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let mut params = named("E-patrul private CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let certificate = params.self_signed(&key).unwrap();
    let pem = certificate.pem();
    let issuer = Issuer::from_ca_cert_pem(&pem, key).unwrap();
    Authority { pem, issuer }
}

/// As central certifies a tablet, or, without a purpose, as it does not.
fn certified(authority: &Authority, name: &str, spki: &[u8], as_client: bool) -> String {
    let mut params = named(name);
    let purpose = match as_client {
        true => ExtendedKeyUsagePurpose::ClientAuth,
        false => ExtendedKeyUsagePurpose::ServerAuth,
    };
    params.extended_key_usages = vec![purpose];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let key = SubjectPublicKeyInfo::from_der(spki).unwrap();
    params.signed_by(&key, &authority.issuer).unwrap().pem()
}

/// `SubjectPublicKeyInfo` of a P-256 point (RFC 5480).
fn spki(point: &[u8]) -> Vec<u8> {
    let mut der = vec![
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
        0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];
    der.extend_from_slice(point);
    der
}

fn slip() -> Slip {
    Slip {
        encounter: EncounterId(Uuid::from_u128(7)),
        device: DeviceId(Uuid::from_u128(DEVICE)),
        training: true,
        edition: "399-2022-07-22".into(),
        language: Language::UzbekCyrillic,
        rank: "Сержант".into(),
        name: "Намунаев Намуна".into(),
        unit: "4-бўлинма".into(),
        place: "Намуна кўчаси, бекат".into(),
        at: Timestamp(NOW),
        utc_offset_minutes: 300,
        made_at: Timestamp(NOW + 300_000),
        ground: "suspicion".into(),
        ground_title: "Гумон қилиш учун асослар".into(),
        complain: "Шикоят қилинг.".into(),
    }
}

struct Made {
    authority: Authority,
    spki: Vec<u8>,
    keystore: UnsafeFileKeyStore,
    pem: String,
    signed: SignedSlip,
    _dir: tempfile::TempDir,
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let keystore = UnsafeFileKeyStore::open(dir.path()).unwrap();
        let authority = authority();
        let spki = spki(&keystore.public(KeyName::Tls).unwrap());
        let name = Uuid::from_u128(DEVICE).to_string();
        let pem = certified(&authority, &name, &spki, true);
        let signed = sign(slip(), &pem, &keystore).unwrap();
        Made {
            authority,
            spki,
            keystore,
            pem,
            signed,
            _dir: dir,
        }
    })
}

#[test]
fn a_receipt_verifies_with_the_ca_alone() {
    let made = made();
    let text = made.signed.text().unwrap();
    let read = SignedSlip::from_text(&text).unwrap();
    verify(&read, &made.authority.pem).unwrap();
    assert!(read.slip == slip());
}

#[test]
fn an_authority_of_others_certifies_nobody() {
    let made = made();
    let other = verify(&made.signed, &authority().pem);
    assert!(matches!(other, Err(SlipFault::NotCertified)), "{other:?}");
    for pem in [
        "",
        "ca.pem",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        let none = verify(&made.signed, pem);
        assert!(matches!(none, Err(SlipFault::BadAuthority)), "{none:?}");
    }
}

#[test]
fn the_certificate_is_a_tablets_and_this_ones() {
    let made = made();
    let name = Uuid::from_u128(DEVICE).to_string();
    let by = |name: &str, as_client| {
        let pem = certified(&made.authority, name, &made.spki, as_client);
        let signed = sign(slip(), &pem, &made.keystore).unwrap();
        verify(&signed, &made.authority.pem)
    };
    by(&name, true).unwrap();
    assert!(matches!(by(&name, false), Err(SlipFault::NotCertified)));
    let other = Uuid::from_u128(4).to_string();
    assert!(matches!(by(&other, true), Err(SlipFault::OtherDevice)));
    assert!(matches!(by("T-1", true), Err(SlipFault::OtherDevice)));
    // The authority's own certificate is no tablet's.
    let signed = sign(slip(), &made.authority.pem, &made.keystore).unwrap();
    let own = verify(&signed, &made.authority.pem);
    assert!(matches!(own, Err(SlipFault::NotCertified)), "{own:?}");
    let none = sign(slip(), "nothing", &made.keystore);
    assert!(matches!(none, Err(SlipFault::BadCertificate)));
}

#[test]
fn a_certificate_holds_in_its_time() {
    let made = made();
    const DAY: i64 = 86_400_000;
    for made_at in [NOW - 40 * DAY, NOW + 400 * DAY, -1] {
        let slip = Slip {
            made_at: Timestamp(made_at),
            ..slip()
        };
        let signed = sign(slip, &made.pem, &made.keystore).unwrap();
        let result = verify(&signed, &made.authority.pem);
        assert!(matches!(result, Err(SlipFault::NotValidThen)), "{result:?}");
    }
}

#[test]
fn what_was_signed_is_every_word() {
    let made = made();
    let changes: [fn(&mut Slip); 8] = [
        |s| s.name = "Бошқа".into(),
        |s| s.place.push('1'),
        |s| s.at = Timestamp(NOW + 60_000),
        |s| s.utc_offset_minutes = 240,
        |s| s.ground = "witness".into(),
        |s| s.training = false,
        |s| s.encounter = EncounterId(Uuid::from_u128(8)),
        |s| s.complain = String::new(),
    ];
    for change in changes {
        let mut altered = made.signed.clone();
        change(&mut altered.slip);
        let result = verify(&altered, &made.authority.pem);
        assert!(matches!(result, Err(SlipFault::BadSignature)), "{result:?}");
    }
    // The journal's key is not the certificate's.
    let mut other = made.signed.clone();
    let bytes = SignedSlip::signed_bytes(&other.slip, &other.certificate).unwrap();
    other.signature = made.keystore.sign(KeyName::Journal, &bytes).unwrap();
    let result = verify(&other, &made.authority.pem);
    assert!(matches!(result, Err(SlipFault::BadSignature)));
}

fn png(picture: &Picture, color: png::ColorType) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, picture.width(), picture.height());
    encoder.set_color(color);
    let pixels = picture.pixels().chunks_exact(3);
    let samples: Vec<u8> = match color {
        png::ColorType::Grayscale => pixels.map(|p| p[0]).collect(),
        png::ColorType::Rgba => pixels.flat_map(|p| [0, 0, 0, 255 - p[0]]).collect(),
        _ => pixels.flatten().copied().collect(),
    };
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&samples).unwrap();
    writer.finish().unwrap();
    file
}

#[test]
fn a_receipt_is_read_as_text_and_off_pictures() {
    let made = made();
    let text = made.signed.text().unwrap();
    assert!(read(format!("{text}\n").as_bytes()).unwrap() == made.signed);
    let picture = crate::device::QrCode::of(&text)
        .unwrap()
        .picture(4)
        .unwrap();
    let jpeg = picture.jpeg(70, 1 << 20).unwrap();
    assert!(read(&jpeg).unwrap() == made.signed);
    for color in [
        png::ColorType::Grayscale,
        png::ColorType::Rgb,
        png::ColorType::Rgba,
    ] {
        let file = png(&picture, color);
        assert!(read(&file).unwrap() == made.signed, "{color:?}");
        for cut in [8, 20, file.len() / 2] {
            let result = read(&file[..cut]);
            let wanted = matches!(result, Err(ReadFault::Picture(PictureError::NoPng)));
            assert!(wanted, "{cut}: {result:?}");
        }
    }
    let blank = Picture::new(64, 64, vec![255; 64 * 64 * 3]).unwrap();
    let none = read(&png(&blank, png::ColorType::Rgb));
    assert!(matches!(none, Err(ReadFault::NoCode)));
    let other = crate::device::QrCode::of("AX2-0091700").unwrap();
    let file = png(&other.picture(8).unwrap(), png::ColorType::Rgb);
    let other = read(&file);
    assert!(matches!(other, Err(ReadFault::Slip(SlipError::NoSlip))));
    for bytes in [&b""[..], b"\xfe\xfe", b"EPATRUL2:0/"] {
        assert!(matches!(
            read(bytes),
            Err(ReadFault::Slip(SlipError::NoSlip))
        ));
    }
    assert!(matches!(
        read(b"\xff\xd8\xff"),
        Err(ReadFault::Picture(PictureError::NoJpeg))
    ));
}

proptest! {
    /// Any altered byte of the slip, the signature or the certificate.
    #[test]
    fn an_altered_character_is_refused(at in 0_usize..2_000, to in 1_usize..45) {
        const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
        let made = made();
        let mut text = made.signed.text().unwrap().into_bytes();
        let at = at % text.len();
        let digit = DIGITS.iter().position(|d| *d == text[at]).unwrap();
        text[at] = DIGITS[(digit + to) % DIGITS.len()];
        let text = String::from_utf8(text).unwrap();
        let refused = match SignedSlip::from_text(&text) {
            Ok(read) => verify(&read, &made.authority.pem).is_err(),
            Err(_) => true,
        };
        prop_assert!(refused);
    }
}
