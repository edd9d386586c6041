//! Central's own keys: a private CA and nothing of the web's, the receipt key, the sealing keys.

mod door;
mod files;
mod sealing;

pub use door::DoorKey;

use crate::archive::Opener;
use crate::config::Config;
use protocol::{DeviceId, ErrorCode, KeyId, SealingKey};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256,
};
use regulation::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroizing;

/// What central cannot sign now it may be able to sign later.
impl From<KeyError> for ErrorCode {
    fn from(error: KeyError) -> Self {
        tracing::error!(%error, "nothing can be signed");
        Self::Unavailable
    }
}

/// Days for which the CA is valid, and for which a server certificate is: a new one is made at
/// every start.
const CA_DAYS: u64 = 3650;
const SERVER_DAYS: u64 = 398;
/// Tolerance for clocks that are behind.
const BACKDATE_MS: u64 = 24 * 60 * 60 * 1000;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Why keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("{path} cannot be read or written: {source}")]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{0} is damaged")]
    Damaged(PathBuf),
    /// What was sealed to a lost key stays sealed: a new one is never made in its place.
    #[error("there is a database, but {0} is missing")]
    Missing(PathBuf),
    #[error("a certificate cannot be made: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("no key could be made")]
    Generate,
}

/// The CSR or a public key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key cannot be used")]
pub struct BadKey;

/// Central's keys, in memory.
pub struct Keys {
    ca_pem: String,
    ca_der: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
    receipt: EcdsaKeyPair,
    sealing: Mutex<SealingKey>,
    dir: files::Dir,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

/// Certificate and key of the server.
pub struct ServerIdentity {
    pub chain: Vec<CertificateDer<'static>>,
    pub key: PrivateKeyDer<'static>,
}

impl std::fmt::Debug for ServerIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServerIdentity")
    }
}

impl Keys {
    /// Makes what is missing of the keys, once; later calls change nothing.
    ///
    /// # Errors
    /// A file cannot be written, or keys are missing beside a database that was sealed to them.
    pub fn init(config: &Config, database_there: bool) -> Result<(), KeyError> {
        let dir = files::Dir::make(&config.data_dir.join("keys"))?;
        let absent = |name: &str| -> Result<bool, KeyError> {
            match (dir.has(name), database_there) {
                (true, _) => Ok(false),
                (false, true) => Err(KeyError::Missing(dir.path(name))),
                (false, false) => Ok(true),
            }
        };
        // The certificate is written after its key: both are there, or both are made again.
        if absent("ca.pem")? {
            let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
            let certificate = ca_params(config.clock.now()).self_signed(&key)?;
            dir.write("ca.key", Zeroizing::new(key.serialize_pem()).as_bytes())?;
            dir.write("ca.pem", certificate.pem().as_bytes())?;
        }
        if absent("receipt.p8")? {
            let key =
                EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new())
                    .map_err(|_| KeyError::Generate)?;
            dir.write("receipt.p8", key.as_ref())?;
        }
        if absent(sealing::CURRENT)? {
            sealing::make(&dir, &sealing::ca_key(&dir)?, config.clock.now())?;
        }
        Ok(())
    }

    /// Reads the keys, and the opener of everything ever sealed to this central.
    ///
    /// # Errors
    /// A file is missing or damaged.
    pub fn open(config: &Config) -> Result<(Self, Opener), KeyError> {
        let dir = files::Dir::at(&config.data_dir.join("keys"));
        let ca_pem = dir.text("ca.pem")?.to_string();
        let damaged = |name: &str| KeyError::Damaged(dir.path(name));
        let key = sealing::ca_key(&dir)?;
        let issuer = Issuer::from_ca_cert_pem(&ca_pem, key).map_err(|_| damaged("ca.pem"))?;
        let ca_der = pem_to_der(&ca_pem).ok_or_else(|| damaged("ca.pem"))?;
        let receipt = EcdsaKeyPair::from_pkcs8(
            &ECDSA_P256_SHA256_ASN1_SIGNING,
            &dir.bytes("receipt.p8")?,
            &SystemRandom::new(),
        )
        .map_err(|_| damaged("receipt.p8"))?;
        let mut keys = HashMap::new();
        for (id, name) in dir.sealing_keys()? {
            let key = Opener::key(&dir.bytes(&name)?).ok_or_else(|| damaged(&name))?;
            keys.insert(KeyId(id), key);
        }
        let sealing = Mutex::new(sealing::current(&dir, issuer.key())?);
        let source = files::Dir::at(&config.data_dir.join("keys"));
        let opener = Opener::with_source(keys, move |id| sealing::private(&source, id));
        Ok((
            Self {
                ca_pem,
                ca_der,
                issuer,
                receipt,
                sealing,
                dir,
            },
            opener,
        ))
    }

    #[must_use]
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    pub(crate) fn ca_der(&self) -> &CertificateDer<'static> {
        &self.ca_der
    }

    /// The key that tablets seal to now; one made since by another program is noticed.
    #[must_use]
    pub fn sealing(&self) -> SealingKey {
        let mut known = self.sealing.lock().unwrap_or_else(PoisonError::into_inner);
        match sealing::is_current(&self.dir, known.id) {
            Ok(true) => {}
            Ok(false) => match sealing::current(&self.dir, self.issuer.key()) {
                Ok(new) => *known = new,
                Err(error) => tracing::error!(%error, "the new sealing key cannot be read"),
            },
            Err(error) => tracing::error!(%error, "the sealing key in force cannot be read"),
        }
        known.clone()
    }

    /// Makes a new sealing key, in force from the next log-in on. The old ones stay, for what was
    /// sealed to them.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub fn rotate_sealing(&self, now: Timestamp) -> Result<SealingKey, KeyError> {
        // Above the one before, though the clock was set back.
        let at = now.max(self.sealing().made_at.plus_millis(1));
        sealing::make(&self.dir, self.issuer.key(), at)?;
        Ok(self.sealing())
    }

    /// What tells this central from every other: the SHA-256 of its CA's certificate, in hexadecimal
    /// digits.
    #[must_use]
    pub fn central_id(&self) -> String {
        use sha2::{Digest as _, Sha256};
        protocol::bytes::hex(&Sha256::digest(&self.ca_der))
    }

    /// Uncompressed SEC1 point of the receipt key.
    #[must_use]
    pub fn receipt_public(&self) -> Vec<u8> {
        self.receipt.public_key().as_ref().to_vec()
    }

    /// # Errors
    /// The system gives no randomness.
    pub fn sign_receipt(&self, bytes: &[u8]) -> Result<Vec<u8>, KeyError> {
        let signature = self
            .receipt
            .sign(&SystemRandom::new(), bytes)
            .map_err(|_| KeyError::Generate)?;
        Ok(signature.as_ref().to_vec())
    }

    /// A fresh certificate for the server under `names`; its key is never written anywhere.
    ///
    /// # Errors
    /// A name is none.
    pub fn server_identity(
        &self,
        names: &[String],
        now: Timestamp,
    ) -> Result<ServerIdentity, KeyError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::new(names.to_vec())?;
        params.distinguished_name = name("E-patrul central");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        valid(&mut params, now, SERVER_DAYS);
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(ServerIdentity {
            chain: vec![certificate.der().clone(), self.ca_der.clone()],
            key: PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        })
    }

    /// The public key of a CSR; everything else in it is the asker's wish and is dropped.
    ///
    /// # Errors
    /// Not a CSR, not signed with its own key, or not P-256.
    pub fn csr_key(csr_pem: &str) -> Result<CertificateSigningRequestParams, BadKey> {
        let csr = CertificateSigningRequestParams::from_pem(csr_pem).map_err(|_| BadKey)?;
        if *csr.public_key.algorithm() != PKCS_ECDSA_P256_SHA256 {
            return Err(BadKey);
        }
        Ok(csr)
    }

    /// A tablet's certificate.
    ///
    /// # Errors
    /// The certificate cannot be made.
    pub fn device_certificate(
        &self,
        csr: &CertificateSigningRequestParams,
        device: DeviceId,
        now: Timestamp,
        days: u64,
    ) -> Result<String, KeyError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = name(&device.to_string());
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        valid(&mut params, now, days);
        Ok(params.signed_by(&csr.public_key, &self.issuer)?.pem())
    }
}

/// Whether the bytes are a point of P-256, uncompressed: the curve itself is asked.
///
/// # Errors
/// They are not.
pub fn check_p256_point(point: &[u8]) -> Result<(), BadKey> {
    use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
    if point.len() != 65 || point.first() != Some(&4) {
        return Err(BadKey);
    }
    let own =
        EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).map_err(|_| BadKey)?;
    agree_ephemeral(own, &UnparsedPublicKey::new(&ECDH_P256, point), |_| ()).map_err(|_| BadKey)
}

fn ca_params(now: Timestamp) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = name("E-patrul private CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    valid(&mut params, now, CA_DAYS);
    params
}

fn name(common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common);
    name
}

fn valid(params: &mut CertificateParams, now: Timestamp, days: u64) {
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let now = u64::try_from(now.0).unwrap_or(0);
    let at = |millis: u64| epoch + std::time::Duration::from_millis(millis);
    params.not_before = at(now.saturating_sub(BACKDATE_MS));
    params.not_after = at(now.saturating_add(days.saturating_mul(DAY_MS)));
}

fn pem_to_der(pem: &str) -> Option<CertificateDer<'static>> {
    use rustls::pki_types::pem::PemObject as _;
    CertificateDer::from_pem_slice(pem.as_bytes()).ok()
}
