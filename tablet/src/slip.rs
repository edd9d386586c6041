//! Citizens' receipts ([`protocol::slip`]) signed, and verified with central's CA alone.
//!
//! The key is the one that the tablet's certificate names, that of TLS: so nothing but the CA is needed to
//! verify. What TLS 1.3 signs begins with 64 spaces (RFC 8446, 4.4.3), a receipt with its own domain;
//! neither is ever the other.

use crate::device::{KeyName, KeyStore, KeyStoreError, Picture, PictureError, read_qr};
use protocol::{DeviceId, SignedSlip, Slip, SlipError};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::{CertificateError, RootCertStore};
use std::sync::Arc;
use std::time::Duration;

/// Why a receipt is not signed, or not believed.
#[derive(Debug, thiserror::Error)]
pub enum SlipFault {
    #[error("the certificate of the authority cannot be read: PEM is wanted")]
    BadAuthority,
    #[error("the tablet's certificate cannot be read")]
    BadCertificate,
    #[error("the tablet's certificate is not of this authority")]
    NotCertified,
    #[error("the tablet's certificate was not valid when the receipt was signed")]
    NotValidThen,
    #[error("the certificate is another tablet's")]
    OtherDevice,
    #[error("the signature does not hold")]
    BadSignature,
    #[error(transparent)]
    Slip(#[from] SlipError),
    #[error("key store: {0}")]
    KeyStore(#[from] KeyStoreError),
}

/// Why a file is no receipt.
#[derive(Debug, thiserror::Error)]
pub enum ReadFault {
    #[error("the picture cannot be read: {0}")]
    Picture(#[from] PictureError),
    #[error("no QR code can be read in this picture: make the code larger in it, and sharp")]
    NoCode,
    #[error(transparent)]
    Slip(#[from] SlipError),
}

/// Reads a receipt: its code's text, or a PNG or JPEG picture with the code in it.
///
/// # Errors
/// [`ReadFault`].
pub fn read(bytes: &[u8]) -> Result<SignedSlip, ReadFault> {
    let picture = if bytes.starts_with(b"\x89PNG") {
        Some(Picture::of_png(bytes)?)
    } else if bytes.starts_with(b"\xff\xd8") {
        Some(Picture::of_jpeg(bytes)?)
    } else {
        None
    };
    let text = match picture {
        Some(picture) => read_qr(&picture).ok_or(ReadFault::NoCode)?,
        None => String::from_utf8(bytes.to_vec()).map_err(|_| SlipError::NoSlip)?,
    };
    Ok(SignedSlip::from_text(&text)?)
}

/// Signs `slip` as the tablet whose certificate this is.
///
/// # Errors
/// [`SlipFault::BadCertificate`]; [`SlipFault::Slip`]; [`SlipFault::KeyStore`].
pub fn sign(
    slip: Slip,
    certificate_pem: &str,
    keystore: &dyn KeyStore,
) -> Result<SignedSlip, SlipFault> {
    let certificate = CertificateDer::from_pem_slice(certificate_pem.as_bytes())
        .map_err(|_| SlipFault::BadCertificate)?;
    let bytes = SignedSlip::signed_bytes(&slip, &certificate)?;
    Ok(SignedSlip {
        signature: keystore.sign(KeyName::Tls, &bytes)?,
        slip,
        certificate: certificate.to_vec(),
    })
}

/// Whether a tablet that this CA certified signed the receipt, as [`SignedSlip::slip`] says. The
/// certificate is checked as central checks it when a tablet connects, at the time that the receipt names;
/// whether the tablet was reported lost or revoked is known at central alone.
///
/// # Errors
/// [`SlipFault`].
pub fn verify(signed: &SignedSlip, ca_pem: &str) -> Result<(), SlipFault> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(ca_pem.as_bytes()) {
        let certificate = certificate.map_err(|_| SlipFault::BadAuthority)?;
        roots
            .add(certificate)
            .map_err(|_| SlipFault::BadAuthority)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|_| SlipFault::BadAuthority)?;
    let millis = u64::try_from(signed.slip.made_at.0).map_err(|_| SlipFault::NotValidThen)?;
    let then = UnixTime::since_unix_epoch(Duration::from_millis(millis));
    let certificate = CertificateDer::from(signed.certificate.as_slice());
    verifier
        .verify_client_cert(&certificate, &[], then)
        .map_err(fault)?;
    let (_, read) =
        x509_parser::parse_x509_certificate(&certificate).map_err(|_| SlipFault::BadCertificate)?;
    let bytes = SignedSlip::signed_bytes(&signed.slip, &signed.certificate)?;
    let key = read.public_key().subject_public_key.as_ref();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key)
        .verify(&bytes, &signed.signature)
        .map_err(|_| SlipFault::BadSignature)?;
    let mut names = read.subject().iter_common_name();
    let name = names.next().and_then(|name| name.as_str().ok());
    let device: Option<DeviceId> = name.and_then(|name| name.parse().ok());
    if device != Some(signed.slip.device) || names.next().is_some() {
        return Err(SlipFault::OtherDevice);
    }
    Ok(())
}

fn fault(error: rustls::Error) -> SlipFault {
    match error {
        rustls::Error::InvalidCertificate(
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
        ) => SlipFault::NotValidThen,
        rustls::Error::InvalidCertificate(CertificateError::BadEncoding) => {
            SlipFault::BadCertificate
        }
        _ => SlipFault::NotCertified,
    }
}

#[cfg(test)]
mod tests;
