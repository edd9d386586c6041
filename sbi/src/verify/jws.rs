//! JSON Web Signature in its compact form (RFC 7515), of the one kind that SBI uses: RS256, with the
//! certificates in the header (`x5c`).

use super::chain::{self, ChainError, MAX_CERTIFICATE, TrustRoots};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use regulation::Timestamp;
use serde::Deserialize;
use zeroize::Zeroizing;

/// Characters of a whole signed text: the largest record that is read, twice as base64.
pub const MAX_JWS: usize = 9 * 1024 * 1024;
/// Characters of its header.
pub const MAX_HEADER: usize = 128 * 1024;
/// Characters of its signature: RSA of 8192 bits has 1366.
pub const MAX_SIGNATURE: usize = 1400;

/// Why a signed text does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum JwsError {
    #[error("the text is longer than any answer")]
    TooLong,
    #[error("the text is not header.payload.signature in base64url")]
    Form,
    #[error("the header cannot be read")]
    Header,
    #[error("the algorithm is not RS256")]
    Algorithm,
    #[error("the header names an extension that must be understood")]
    Critical,
    #[error("the certificates do not hold: {0}")]
    Chain(#[from] ChainError),
    #[error("the signature is wrong")]
    Signature,
}

/// What of a header is used. All else (`jwk`, `jku`, `kid`) is passed over: a key comes from the
/// certificates alone.
#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    x5c: Option<Certificates>,
    #[serde(default)]
    crit: Option<serde_json::Value>,
}

/// RFC 7515 4.1.6 has an array; the specification of SBI shows one text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Certificates {
    One(String),
    Several(Vec<String>),
}

/// The payload of `compact`, if a certificate that leads to one of `roots` at `at` has signed it.
///
/// # Errors
/// [`JwsError`]; nothing of the payload is read before all of it holds.
pub fn open(
    compact: &str,
    roots: &TrustRoots,
    at: Timestamp,
) -> Result<Zeroizing<Vec<u8>>, JwsError> {
    if compact.len() > MAX_JWS {
        return Err(JwsError::TooLong);
    }
    let (signed, signature) = compact.rsplit_once('.').ok_or(JwsError::Form)?;
    let (header, payload) = signed.split_once('.').ok_or(JwsError::Form)?;
    // Base64url has no dot: a fourth part makes the payload unreadable.
    if header.len() > MAX_HEADER || signature.len() > MAX_SIGNATURE {
        return Err(JwsError::TooLong);
    }
    let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| JwsError::Form)?;
    let signature = URL_SAFE_NO_PAD
        .decode(signature)
        .map_err(|_| JwsError::Form)?;
    let payload = URL_SAFE_NO_PAD
        .decode(payload)
        .map_err(|_| JwsError::Form)?;
    let payload = Zeroizing::new(payload);
    let header: Header = serde_json::from_slice(&header).map_err(|_| JwsError::Header)?;
    if header.alg != "RS256" {
        return Err(JwsError::Algorithm);
    }
    if header.crit.is_some() {
        return Err(JwsError::Critical);
    }
    let certificates = certificates(header.x5c)?;
    match chain::signed(&certificates, roots, at, signed.as_bytes(), &signature)? {
        true => Ok(payload),
        false => Err(JwsError::Signature),
    }
}

fn certificates(x5c: Option<Certificates>) -> Result<Vec<Vec<u8>>, ChainError> {
    let texts = match x5c {
        None => return Err(ChainError::Count),
        Some(Certificates::One(text)) => vec![text],
        Some(Certificates::Several(texts)) => texts,
    };
    if texts.len() > chain::MAX_CERTIFICATES {
        return Err(ChainError::Count);
    }
    let decode = |text: String| {
        if text.len() > MAX_CERTIFICATE * 2 {
            return Err(ChainError::Unreadable);
        }
        // Not base64url: RFC 7515 4.1.6.
        STANDARD
            .decode(text.trim())
            .map_err(|_| ChainError::Unreadable)
    };
    texts.into_iter().map(decode).collect()
}
