//! The citizen's receipt of a stop, a slip: who stopped, where, when, on what ground, how to complain;
//! signed by the tablet, in one QR code.
//!
//! It has no place for the person who was stopped, for an answer, a register or what was found. What is
//! read off a code is [`SLIP_PREFIX`] and base45 (RFC 9285) of one CBOR array: the slip, the signature and
//! the tablet's certificate, so that it can be verified with central's CA alone and no connection. Base45
//! has the characters of a QR code's alphanumeric mode, which holds a byte in 8.25 bits; base64url needs
//! the byte mode, and 10.7. One slip has one text: what is not written as this module writes it is
//! refused.

use crate::bytes::{from_cbor, to_cbor};
use crate::limits::{
    SLIP_BYTES, SLIP_COMPLAIN_CHARS, SLIP_ID_CHARS, SLIP_NAME_CHARS, SLIP_PLACE_CHARS,
    SLIP_RANK_CHARS, SLIP_TITLE_CHARS, SLIP_UNIT_CHARS,
};
use crate::{DeviceId, Digest};
use regulation::encounter::Language;
use regulation::{EncounterId, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// What a receipt's text begins with: the product, and the version of what follows.
pub const SLIP_PREFIX: &str = "EPATRUL1:";
/// … and ends with: base45 has the space as a digit, and whatever carries a text may drop one at its end.
const END: char = '/';
/// What the signature is bound to.
const DOMAIN: &[u8] = b"e-patrul slip v1\0";
/// Version of the record.
const VERSION: u8 = 1;
/// Most minutes between local time and UTC.
const OFFSET_MINUTES: i32 = 14 * 60;

/// The record. Every text is in the citizen's language where the edition has it so.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Slip {
    /// By which a complaint names the stop.
    pub encounter: EncounterId,
    /// The tablet that signs.
    pub device: DeviceId,
    /// Invented people.
    pub training: bool,
    /// Id of the edition in force.
    pub edition: String,
    /// The citizen's.
    pub language: Language,
    /// Of the officer. At most [`SLIP_RANK_CHARS`].
    pub rank: String,
    /// At most [`SLIP_NAME_CHARS`].
    pub name: String,
    /// At most [`SLIP_UNIT_CHARS`].
    pub unit: String,
    /// At most [`SLIP_PLACE_CHARS`].
    pub place: String,
    /// When the stop began, by the tablet's clock.
    pub at: Timestamp,
    /// Offset of local time from UTC, minutes.
    pub utc_offset_minutes: i32,
    /// When the slip was signed, by the tablet's clock.
    pub made_at: Timestamp,
    /// §8: the ground by its id in the edition, and by its title. At most [`SLIP_TITLE_CHARS`].
    pub ground: String,
    pub ground_title: String,
    /// How to complain. At most [`SLIP_COMPLAIN_CHARS`].
    pub complain: String,
}

/// The record as it is written: an array, since a map's names would take a tenth of the code.
#[derive(Serialize, Deserialize)]
struct Wire(
    u8,
    EncounterId,
    DeviceId,
    bool,
    String,
    Language,
    String,
    String,
    String,
    String,
    Timestamp,
    i32,
    Timestamp,
    String,
    String,
    String,
);

impl From<Slip> for Wire {
    fn from(slip: Slip) -> Self {
        Self(
            VERSION,
            slip.encounter,
            slip.device,
            slip.training,
            slip.edition,
            slip.language,
            slip.rank,
            slip.name,
            slip.unit,
            slip.place,
            slip.at,
            slip.utc_offset_minutes,
            slip.made_at,
            slip.ground,
            slip.ground_title,
            slip.complain,
        )
    }
}

impl TryFrom<Wire> for Slip {
    type Error = SlipError;

    fn try_from(wire: Wire) -> Result<Self, SlipError> {
        if wire.0 != VERSION {
            return Err(SlipError::Version);
        }
        Ok(Self {
            encounter: wire.1,
            device: wire.2,
            training: wire.3,
            edition: wire.4,
            language: wire.5,
            rank: wire.6,
            name: wire.7,
            unit: wire.8,
            place: wire.9,
            at: wire.10,
            utc_offset_minutes: wire.11,
            made_at: wire.12,
            ground: wire.13,
            ground_title: wire.14,
            complain: wire.15,
        })
    }
}

/// Why there is no slip. Holds nothing of what was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SlipError {
    #[error("this is no receipt of E-patrul")]
    NoSlip,
    #[error("the receipt is of a version that is not known here")]
    Version,
    /// Cut off, mistyped, or of another program.
    #[error("the receipt is damaged")]
    Damaged,
    #[error("a text of the receipt is too long, or has characters that are none")]
    Text,
    #[error("a time of the receipt is none")]
    Time,
    #[error("the receipt is too large for one code")]
    TooLarge,
}

impl Slip {
    /// Whether every field keeps to its limit.
    ///
    /// # Errors
    /// [`SlipError::Text`]; [`SlipError::Time`].
    pub fn check(&self) -> Result<(), SlipError> {
        let texts = [
            (&self.edition, SLIP_ID_CHARS),
            (&self.rank, SLIP_RANK_CHARS),
            (&self.name, SLIP_NAME_CHARS),
            (&self.unit, SLIP_UNIT_CHARS),
            (&self.place, SLIP_PLACE_CHARS),
            (&self.ground, SLIP_ID_CHARS),
            (&self.ground_title, SLIP_TITLE_CHARS),
            (&self.complain, SLIP_COMPLAIN_CHARS),
        ];
        let fits = |text: &str, most: usize| text.chars().count() <= most && plain(text);
        if !texts.iter().all(|(text, most)| fits(text, *most)) {
            return Err(SlipError::Text);
        }
        match (self.local(self.at), self.local(self.made_at)) {
            (Some(_), Some(_)) if self.utc_offset_minutes.abs() <= OFFSET_MINUTES => Ok(()),
            _ => Err(SlipError::Time),
        }
    }

    /// When the stop began, in local time: "28.11.2026 12:04". Empty for a time that is none.
    #[must_use]
    pub fn stopped_at(&self) -> String {
        self.local(self.at).unwrap_or_default()
    }

    /// When the slip was signed, in the same form.
    #[must_use]
    pub fn signed_at(&self) -> String {
        self.local(self.made_at).unwrap_or_default()
    }

    fn local(&self, at: Timestamp) -> Option<String> {
        let day = at.local_date(self.utc_offset_minutes).ok()?;
        let clock = at.local_clock(self.utc_offset_minutes);
        Some(format!("{} {clock}", day.typed()))
    }
}

/// What a screen or a terminal shows as it is: no control, and nothing that turns a line around.
fn plain(text: &str) -> bool {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !text.chars().any(|c| c.is_control() || turns(c))
}

/// The text as a slip holds it: one line of at most `most` characters, the last of them "…" where it is
/// cut.
#[must_use]
pub fn fitted(text: &str, most: usize) -> String {
    let words: String = text
        .chars()
        .map(|c| {
            if plain(c.encode_utf8(&mut [0; 4])) {
                c
            } else {
                ' '
            }
        })
        .collect();
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= most {
        return line;
    }
    let mut cut: String = line.chars().take(most.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

/// A slip with its signature and the certificate of the tablet that signed.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedSlip {
    pub slip: Slip,
    /// ECDSA P-256/SHA-256, ASN.1 DER, by the key of the certificate over [`SignedSlip::signed_bytes`].
    pub signature: Vec<u8>,
    /// The tablet's certificate, X.509, DER.
    pub certificate: Vec<u8>,
}

/// Slip, signature, certificate.
#[derive(Serialize, Deserialize)]
struct SignedWire(
    Slip,
    #[serde(with = "serde_bytes")] Vec<u8>,
    #[serde(with = "serde_bytes")] Vec<u8>,
);

impl SignedSlip {
    /// What is signed: domain, digest of the certificate, slip. The certificate is bound, so that of a
    /// receipt's text no character can be another one.
    ///
    /// # Errors
    /// As [`Slip::check`].
    pub fn signed_bytes(slip: &Slip, certificate: &[u8]) -> Result<Vec<u8>, SlipError> {
        slip.check()?;
        let mut bytes = DOMAIN.to_vec();
        bytes.extend_from_slice(&Digest(Sha256::digest(certificate).into()).0);
        bytes.extend(to_cbor(slip).map_err(|_| SlipError::Damaged)?);
        Ok(bytes)
    }

    fn bytes(&self) -> Result<Vec<u8>, SlipError> {
        self.slip.check()?;
        let wire = SignedWire(
            self.slip.clone(),
            self.signature.clone(),
            self.certificate.clone(),
        );
        let bytes = to_cbor(&wire).map_err(|_| SlipError::Damaged)?;
        if bytes.len() > SLIP_BYTES {
            return Err(SlipError::TooLarge);
        }
        Ok(bytes)
    }

    /// The text of the code, in characters of a QR code's alphanumeric mode.
    ///
    /// # Errors
    /// As [`Slip::check`]; [`SlipError::TooLarge`].
    pub fn text(&self) -> Result<String, SlipError> {
        Ok(format!("{SLIP_PREFIX}{}{END}", base45(&self.bytes()?)))
    }

    /// Reads the text of a code; white space around it is no part of it. Whether anybody signed it is for
    /// who has the CA.
    ///
    /// # Errors
    /// [`SlipError`].
    pub fn from_text(text: &str) -> Result<Self, SlipError> {
        let digits = text.trim().strip_prefix(SLIP_PREFIX);
        let digits = digits.ok_or(SlipError::NoSlip)?;
        let digits = digits.strip_suffix(END).ok_or(SlipError::Damaged)?;
        if digits.len() > SLIP_BYTES.div_ceil(2) * 3 {
            return Err(SlipError::TooLarge);
        }
        let bytes = from_base45(digits).ok_or(SlipError::Damaged)?;
        let SignedWire(slip, signature, certificate) =
            from_cbor(&bytes).map_err(|_| SlipError::Damaged)?;
        let signed = Self {
            slip,
            signature,
            certificate,
        };
        if signed.bytes()? != bytes {
            return Err(SlipError::Damaged);
        }
        Ok(signed)
    }
}

regulation::hidden_debug!(Slip, SignedSlip);

/// RFC 9285: the characters, by their value.
const DIGITS: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// Two bytes as three digits, the lowest first; a last byte alone as two.
fn base45(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(2) * 3);
    for pair in bytes.chunks(2) {
        let (mut value, digits) = match pair {
            [high, low] => (usize::from(*high) * 256 + usize::from(*low), 3),
            _ => (pair.first().copied().map_or(0, usize::from), 2),
        };
        for _ in 0..digits {
            if let Some(digit) = DIGITS.get(value % 45) {
                text.push(char::from(*digit));
            }
            value /= 45;
        }
    }
    text
}

/// `None`: not what [`base45`] writes.
fn from_base45(text: &str) -> Option<Vec<u8>> {
    let value = |digit: &u8| DIGITS.iter().position(|known| known == digit);
    let mut bytes = Vec::with_capacity(text.len() / 3 * 2 + 1);
    for group in text.as_bytes().chunks(3) {
        let mut sum = 0;
        for digit in group.iter().rev() {
            sum = sum * 45 + value(digit)?;
        }
        match group.len() {
            3 => bytes.extend_from_slice(&u16::try_from(sum).ok()?.to_be_bytes()),
            2 => bytes.push(u8::try_from(sum).ok()?),
            _ => return None,
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn base45_is_that_of_rfc_9285() {
        for (plain, text) in [
            ("AB", "BB8"),
            ("Hello!!", "%69 VD92EX0"),
            ("base-45", "UJCLQE7W581"),
            ("ietf!", "QED8WEX0"),
            ("", ""),
        ] {
            assert_eq!(base45(plain.as_bytes()), text);
            assert_eq!(from_base45(text).unwrap(), plain.as_bytes());
        }
        for bad in ["GGW", "A", "AB8A", "ab8", "::", "BB8é"] {
            assert_eq!(from_base45(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_text_is_one_line_of_its_length() {
        assert_eq!(fitted("  Намуна\n\tкўчаси  ", 80), "Намуна кўчаси");
        assert_eq!(fitted("abcdef", 6), "abcdef");
        assert_eq!(fitted("abcdefg", 6), "abcde…");
        assert_eq!(fitted("abcd efg", 6), "abcd…");
        assert_eq!(fitted("a\u{202e}b\u{1b}[2J", 80), "a b [2J");
        assert_eq!(fitted("", 0), "");
    }

    proptest! {
        #[test]
        fn base45_gives_back_what_it_was_given(bytes: Vec<u8>) {
            prop_assert_eq!(from_base45(&base45(&bytes)).unwrap(), bytes);
        }

        #[test]
        fn whatever_is_fitted_fits(text: String, most in 1_usize..60) {
            let line = fitted(&text, most);
            prop_assert!(line.chars().count() <= most && plain(&line));
            prop_assert_eq!(fitted(&line, most), line);
        }
    }
}
