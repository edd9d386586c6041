//! Enrolment: a one-time code and a CSR against a device certificate.

use super::http::Http;
use super::{LinkError, tls};
use crate::device::{KeyName, KeyStore};
use crate::vault::DeviceIdentity;
use protocol::EnrolRequest;

/// Enrols this tablet at central with its administrator's one-time code. The keys stay in the key
/// store; the CSR carries the public half.
///
/// # Errors
/// [`LinkError`]; the code may have been used up if the answer was lost on the way.
pub async fn enrol(
    server_url: &str,
    ca_pem: &str,
    code: &str,
    keystore: &dyn KeyStore,
) -> Result<DeviceIdentity, LinkError> {
    let http = Http::new(server_url, ca_pem, None)?;
    let public = keystore.public(KeyName::Tls)?;
    let request = EnrolRequest {
        code: code.trim().to_owned(),
        csr_pem: signing_request(keystore, public.clone())?,
        journal_key: keystore.public(KeyName::Journal)?,
    };
    let response = http.enrol(&request).await?;
    let certificate = tls::certificates(&response.certificate_pem)?;
    tls::certificates(&response.ca_pem)?;
    // A certificate over another key would let nobody in.
    let ours = certificate
        .first()
        .is_some_and(|leaf| leaf.windows(public.len()).any(|window| window == public));
    let keys_fit = response.sealing.public.len() == 32 && response.receipt_key.len() == 65;
    if !ours || !keys_fit {
        return Err(LinkError::BadCertificate);
    }
    Ok(DeviceIdentity {
        device: response.device,
        server_url: server_url.trim().trim_end_matches('/').to_owned(),
        certificate_pem: response.certificate_pem,
        ca_pem: response.ca_pem,
        sealing: response.sealing,
        receipt_key: response.receipt_key,
    })
}

/// The name in the CSR means nothing: central takes the public key alone.
fn signing_request(keystore: &dyn KeyStore, public: Vec<u8>) -> Result<String, LinkError> {
    let key = CsrKey { keystore, public };
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, "tablet");
    let request = params
        .serialize_request(&key)
        .map_err(|_| LinkError::KeyStore)?;
    request.pem().map_err(|_| LinkError::KeyStore)
}

struct CsrKey<'a> {
    keystore: &'a dyn KeyStore,
    public: Vec<u8>,
}

impl rcgen::PublicKeyData for CsrKey<'_> {
    fn der_bytes(&self) -> &[u8] {
        &self.public
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

impl rcgen::SigningKey for CsrKey<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.keystore
            .sign(KeyName::Tls, message)
            .map_err(|_| rcgen::Error::RemoteKeyError)
    }
}
