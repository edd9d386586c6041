//! TLS 1.3 to central: its private CA and nothing else; the client key stays in the key store.

use super::LinkError;
use crate::device::{KeyName, KeyStore};
use rustls::client::ResolvesClientCert;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::{ClientConfig, RootCertStore, SignatureAlgorithm, SignatureScheme};
use std::sync::Arc;

/// The client side: without a certificate (enrolment), or with the device's.
pub(super) fn client_config(
    ca_pem: &str,
    client: Option<(&str, Arc<dyn KeyStore>)>,
) -> Result<ClientConfig, LinkError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(ca_pem)? {
        roots
            .add(certificate)
            .map_err(|_| LinkError::BadCertificate)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|_| LinkError::Tls)?
        .with_root_certificates(roots);
    let mut config = match client {
        None => builder.with_no_client_auth(),
        Some((certificate_pem, keystore)) => {
            let key = Arc::new(StoredKey(keystore));
            let certified = CertifiedKey::new(certificates(certificate_pem)?, key);
            builder.with_client_cert_resolver(Arc::new(DeviceCertificate(Arc::new(certified))))
        }
    };
    // One request a connection at a time: a connection that died without a word is closed with the
    // request that found out, and does not linger under the others.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// At least one certificate.
pub(super) fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, LinkError> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|_| LinkError::BadCertificate)?;
    if certificates.is_empty() {
        Err(LinkError::BadCertificate)
    } else {
        Ok(certificates)
    }
}

#[derive(Debug)]
struct DeviceCertificate(Arc<CertifiedKey>);

impl ResolvesClientCert for DeviceCertificate {
    fn resolve(
        &self,
        _root_hint_subjects: &[&[u8]],
        _schemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// The TLS key, used where it lies.
struct StoredKey(Arc<dyn KeyStore>);

impl std::fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoredKey(..)")
    }
}

impl SigningKey for StoredKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered
            .contains(&SignatureScheme::ECDSA_NISTP256_SHA256)
            .then(|| Box::new(Self(Arc::clone(&self.0))) as Box<dyn Signer>)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl Signer for StoredKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        self.0
            .sign(KeyName::Tls, message)
            .map_err(|_| rustls::Error::General("the key store cannot sign".into()))
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ECDSA_NISTP256_SHA256
    }
}
