//! Certificates: the roots that are trusted, and the chain from a signature's key to one of them
//! (RFC 5280, by `rustls-webpki`).

use regulation::Timestamp;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use std::time::Duration;
use webpki::{EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter};

/// Certificates of a chain, its own included.
pub const MAX_CERTIFICATES: usize = 6;
/// Bytes of a certificate.
pub const MAX_CERTIFICATE: usize = 16 * 1024;

/// Signatures that certificates may bear.
const ALGORITHMS: [&dyn SignatureVerificationAlgorithm; 6] = [
    webpki::ring::RSA_PKCS1_2048_8192_SHA256,
    webpki::ring::RSA_PKCS1_2048_8192_SHA384,
    webpki::ring::RSA_PKCS1_2048_8192_SHA512,
    webpki::ring::ECDSA_P256_SHA256,
    webpki::ring::ECDSA_P384_SHA384,
    webpki::ring::ED25519,
];

/// Why certificates lead to no trusted root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ChainError {
    #[error("there is no certificate, or there are too many")]
    Count,
    #[error("a certificate cannot be read")]
    Unreadable,
    #[error("no root that is trusted has issued it")]
    UnknownIssuer,
    #[error("a certificate is not valid yet")]
    NotYetValid,
    #[error("a certificate has expired")]
    Expired,
    #[error("a certificate of the chain may issue none, or one that may issue signs answers")]
    NotAnIssuer,
    #[error("the certificate's key is not for signatures")]
    KeyUsage,
    #[error("the certificates do not hold for another reason")]
    Other,
}

/// A set of certificates that is no set of roots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RootsError {
    #[error("there is no certificate in it")]
    Empty,
    #[error("a certificate in it cannot be read")]
    Unreadable,
}

/// Authorities whose devices are trusted; one or more.
#[derive(Clone)]
pub struct TrustRoots(Vec<TrustAnchor<'static>>);

impl std::fmt::Debug for TrustRoots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TrustRoots({})", self.0.len())
    }
}

impl TrustRoots {
    /// Certificates in PEM, one after the other.
    ///
    /// # Errors
    /// [`RootsError`]; one certificate that cannot be read spoils the set.
    pub fn from_pem(pem: &[u8]) -> Result<Self, RootsError> {
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        Self::from_der(certificates.map_err(|_| RootsError::Unreadable)?)
    }

    /// Certificates in DER.
    ///
    /// # Errors
    /// As [`Self::from_pem`].
    pub fn from_der<C: AsRef<[u8]>>(
        certificates: impl IntoIterator<Item = C>,
    ) -> Result<Self, RootsError> {
        let anchor = |certificate: C| {
            let certificate = CertificateDer::from_slice(certificate.as_ref());
            webpki::anchor_from_trusted_cert(&certificate)
                .map(|anchor| anchor.to_owned())
                .map_err(|_| RootsError::Unreadable)
        };
        let anchors: Vec<_> = certificates
            .into_iter()
            .map(anchor)
            .collect::<Result<_, _>>()?;
        if anchors.is_empty() {
            return Err(RootsError::Empty);
        }
        Ok(Self(anchors))
    }
}

/// Checks that `certificates` (DER, the signer's own first) lead to one of `roots` at `at`, and that
/// the signer's key made `signature` over `message` (RSASSA-PKCS1-v1_5 with SHA-256, 2048 bits or
/// more). `None` where only the signature is wrong.
pub(super) fn signed(
    certificates: &[Vec<u8>],
    roots: &TrustRoots,
    at: Timestamp,
    message: &[u8],
    signature: &[u8],
) -> Result<bool, ChainError> {
    let count = 1..=MAX_CERTIFICATES;
    if !count.contains(&certificates.len()) {
        return Err(ChainError::Count);
    }
    if certificates.iter().any(|c| c.len() > MAX_CERTIFICATE) {
        return Err(ChainError::Unreadable);
    }
    let certificates: Vec<_> = certificates
        .iter()
        .map(|der| CertificateDer::from_slice(der))
        .collect();
    let [own, issuers @ ..] = certificates.as_slice() else {
        return Err(ChainError::Count);
    };
    let at = u64::try_from(at.0).map_err(|_| ChainError::NotYetValid)?;
    let at = UnixTime::since_unix_epoch(Duration::from_millis(at));
    let own_key = EndEntityCert::try_from(own).map_err(|error| fault(&error))?;
    let path = own_key
        .verify_for_usage(&ALGORITHMS, &roots.0, issuers, at, AnyPurpose, None, None)
        .map_err(|error| fault(&error))?;
    // A profile of its own: `rustls-webpki` looks at basic constraints, not at key usage.
    key_usage(own, Usage::Signs)?;
    for issuer in path.intermediate_certificates() {
        key_usage(&issuer.der(), Usage::Issues)?;
    }
    let rsa = webpki::ring::RSA_PKCS1_2048_8192_SHA256;
    Ok(own_key.verify_signature(rsa, message, signature).is_ok())
}

/// SBI names no extended key usage for devices.
struct AnyPurpose;

impl ExtendedKeyUsageValidator for AnyPurpose {
    fn validate(&self, purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        for purpose in purposes {
            purpose?;
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Usage {
    Signs,
    Issues,
}

/// RFC 5280 4.2.1.3: a certificate that names usages has those alone.
fn key_usage(certificate: &CertificateDer<'_>, wanted: Usage) -> Result<(), ChainError> {
    let (_, certificate) =
        x509_parser::parse_x509_certificate(certificate).map_err(|_| ChainError::Unreadable)?;
    let usage = certificate
        .key_usage()
        .map_err(|_| ChainError::Unreadable)?;
    let Some(usage) = usage else {
        return Ok(());
    };
    let allowed = match wanted {
        Usage::Signs => usage.value.digital_signature() || usage.value.non_repudiation(),
        Usage::Issues => usage.value.key_cert_sign(),
    };
    if allowed {
        Ok(())
    } else {
        Err(ChainError::KeyUsage)
    }
}

fn fault(error: &webpki::Error) -> ChainError {
    use webpki::Error;
    match error {
        Error::UnknownIssuer | Error::InvalidSignatureForPublicKey => ChainError::UnknownIssuer,
        Error::CertExpired { .. } => ChainError::Expired,
        Error::CertNotValidYet { .. } => ChainError::NotYetValid,
        Error::CaUsedAsEndEntity | Error::EndEntityUsedAsCa | Error::PathLenConstraintViolated => {
            ChainError::NotAnIssuer
        }
        Error::BadDer | Error::BadDerTime | Error::TrailingData(_) | Error::MalformedExtensions => {
            ChainError::Unreadable
        }
        _ => ChainError::Other,
    }
}
