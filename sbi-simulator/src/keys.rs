//! Keys, the certificates that are issued from them, and what is signed with them.

use crate::Mischief;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_RSA_SHA256,
};
use ring::rand::SystemRandom;
use ring::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};
use std::path::Path;
use time::{Duration, OffsetDateTime};

/// Keys that are not what they should be.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    #[error("a key cannot be read: {0}")]
    File(#[from] std::io::Error),
    #[error("a key is no RSA key in PKCS #8: {0}")]
    Key(#[from] rcgen::Error),
    #[error("a key is not taken: {0}")]
    Rejected(ring::error::KeyRejected),
    #[error("nothing was signed")]
    Signing,
}

/// RSA keys in PEM; those of this repository unless others are given.
#[derive(Clone)]
pub struct Keys {
    root: String,
    provider: String,
    device: String,
    module: String,
    stranger: String,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(..)")
    }
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            root: include_str!("../keys/simulated-root.pem").into(),
            provider: include_str!("../keys/simulated-provider.pem").into(),
            device: include_str!("../keys/simulated-device.pem").into(),
            module: include_str!("../keys/simulated-module.pem").into(),
            stranger: include_str!("../keys/simulated-stranger.pem").into(),
        }
    }
}

impl Keys {
    /// Reads `simulated-{root,provider,device,module,stranger}.pem` of a folder.
    ///
    /// # Errors
    /// [`KeysError::File`].
    pub fn from_folder(folder: &Path) -> Result<Self, KeysError> {
        let read =
            |name: &str| std::fs::read_to_string(folder.join(format!("simulated-{name}.pem")));
        Ok(Self {
            root: read("root")?,
            provider: read("provider")?,
            device: read("device")?,
            module: read("module")?,
            stranger: read("stranger")?,
        })
    }

    /// The root's certificate in PEM, for a driver that shall trust the simulator.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn root_certificate(&self) -> Result<String, KeysError> {
        let root = params("Simulated SBI root, never to be trusted", Role::Issues);
        Ok(root.self_signed(&pair(&self.root)?)?.pem())
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Role {
    Issues,
    Signs,
    Encrypts,
}

fn pair(pem: &str) -> Result<KeyPair, rcgen::Error> {
    KeyPair::from_pkcs8_pem_and_sign_algo(pem, &PKCS_RSA_SHA256)
}

fn params(name: &str, role: Role) -> CertificateParams {
    let mut params = CertificateParams::default();
    let now = OffsetDateTime::now_utc();
    params.not_before = now - Duration::days(1);
    params.not_after = now + Duration::days(30);
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    match role {
        Role::Issues => {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        }
        Role::Signs => params.key_usages = vec![KeyUsagePurpose::DigitalSignature],
        Role::Encrypts => params.key_usages = vec![KeyUsagePurpose::KeyEncipherment],
    }
    params
}

/// A key and the certificates that go with it, its own first (DER).
struct Signer {
    key: RsaKeyPair,
    chain: Vec<Vec<u8>>,
}

impl Signer {
    fn new(pem: &str, chain: Vec<Vec<u8>>) -> Result<Self, KeysError> {
        let key =
            RsaKeyPair::from_pkcs8(pair(pem)?.serialized_der()).map_err(KeysError::Rejected)?;
        Ok(Self { key, chain })
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeysError> {
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message,
                &mut signature,
            )
            .map_err(|_| KeysError::Signing)?;
        Ok(signature)
    }
}

/// Everything that signs, and what else a forger would sign with.
pub struct Signers {
    device: Signer,
    module: Signer,
    stranger: Signer,
    self_signed: Vec<Vec<u8>>,
    expired: Vec<Vec<u8>>,
    of_tomorrow: Vec<Vec<u8>>,
    encrypts: Vec<Vec<u8>>,
    issued_by_device: Vec<Vec<u8>>,
    issued_without_right: Vec<Vec<u8>>,
}

impl Signers {
    pub fn new(keys: &Keys) -> Result<Self, KeysError> {
        let root_params = params("Simulated SBI root, never to be trusted", Role::Issues);
        let root = Issuer::from_params(&root_params, pair(&keys.root)?);
        let provider_key = pair(&keys.provider)?;
        let provider_params = params("Simulated device provider", Role::Issues);
        let provider_der = provider_params
            .signed_by(&provider_key, &root)?
            .der()
            .to_vec();
        let provider = Issuer::from_params(&provider_params, &provider_key);
        let device_key = pair(&keys.device)?;
        let with_provider = |params: CertificateParams| -> Result<Vec<Vec<u8>>, KeysError> {
            let own = params.signed_by(&device_key, &provider)?.der().to_vec();
            Ok(vec![own, provider_der.clone()])
        };
        let device_params = || params("Simulated scanner", Role::Signs);
        let chain = with_provider(device_params())?;
        let mut without_right = provider_params.clone();
        without_right.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let without_right = without_right.signed_by(&provider_key, &root)?;
        let issued_without_right = vec![chain[0].clone(), without_right.der().to_vec()];
        let mut expired = device_params();
        expired.not_after = OffsetDateTime::now_utc() - Duration::hours(1);
        let mut of_tomorrow = device_params();
        of_tomorrow.not_before = OffsetDateTime::now_utc() + Duration::days(1);

        let module_key = pair(&keys.module)?;
        let module_params = params("Simulated trust module", Role::Signs);
        let module = module_params.signed_by(&module_key, &root)?.der().to_vec();

        // The same names, under a root of the stranger's own.
        let stranger_key = pair(&keys.stranger)?;
        let strange_root = Issuer::from_params(&root_params, pair(&keys.stranger)?);
        let strange = device_params().signed_by(&stranger_key, &strange_root)?;
        let strange_root_der = root_params.self_signed(&stranger_key)?.der().to_vec();
        let stranger_chain = vec![strange.der().to_vec(), strange_root_der];
        let self_signed = device_params().self_signed(&stranger_key)?;

        let device_issues = Issuer::new(device_params(), pair(&keys.device)?);
        let below = params("Simulated scanner's child", Role::Signs);
        let below = below.signed_by(&stranger_key, &device_issues)?;
        let mut issued_by_device = vec![below.der().to_vec()];
        issued_by_device.extend(chain.clone());
        Ok(Self {
            expired: with_provider(expired)?,
            of_tomorrow: with_provider(of_tomorrow)?,
            encrypts: with_provider(params("Simulated scanner", Role::Encrypts))?,
            device: Signer::new(&keys.device, chain)?,
            module: Signer::new(&keys.module, vec![module])?,
            stranger: Signer::new(&keys.stranger, stranger_chain)?,
            self_signed: vec![self_signed.der().to_vec()],
            issued_by_device,
            issued_without_right,
        })
    }

    /// By the device's trust module: its description.
    pub fn described(&self, payload: &Value, strange: bool) -> Result<String, KeysError> {
        let signer = if strange {
            &self.stranger
        } else {
            &self.module
        };
        compact(
            header(&signer.chain),
            payload.to_string().as_bytes(),
            signer,
        )
    }

    /// By the device's key: an answer, or what a forger makes of it.
    pub fn answered(
        &self,
        payload: &Value,
        mischief: Option<Mischief>,
    ) -> Result<String, KeysError> {
        let text = payload.to_string().into_bytes();
        let device = &self.device;
        let honest = |header| compact(header, &text, device);
        match mischief {
            Some(Mischief::WrongSignature) => {
                let whole = honest(header(&device.chain))?;
                let (signed, signature) = whole.rsplit_once('.').ok_or(KeysError::Signing)?;
                let decoded = URL_SAFE_NO_PAD.decode(signature);
                let mut signature = decoded.map_err(|_| KeysError::Signing)?;
                signature[100] ^= 1;
                Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
            }
            Some(Mischief::SignedByAnother) => {
                compact(header(&device.chain), &text, &self.stranger)
            }
            Some(Mischief::UntrustedRoot) => {
                compact(header(&self.stranger.chain), &text, &self.stranger)
            }
            Some(Mischief::SelfSigned) => compact(header(&self.self_signed), &text, &self.stranger),
            Some(Mischief::ExpiredCertificate) => honest(header(&self.expired)),
            Some(Mischief::CertificateOfTomorrow) => honest(header(&self.of_tomorrow)),
            Some(Mischief::IssuerWithoutRight) => honest(header(&self.issued_without_right)),
            Some(Mischief::KeyForEncryption) => honest(header(&self.encrypts)),
            Some(Mischief::IssuedByADevice) => {
                compact(header(&self.issued_by_device), &text, &self.stranger)
            }
            Some(Mischief::NoCertificates) => honest(json!({"alg": "RS256", "typ": "JWT"})),
            Some(Mischief::BrokenCertificate) => honest(header(&[b"no certificate".to_vec()])),
            Some(Mischief::AlgorithmNone) => {
                let mut header = header(&device.chain);
                header["alg"] = "none".into();
                Ok(format!("{}.{}.", part(header.to_string()), part(&text)))
            }
            Some(Mischief::AlgorithmHmac) => {
                let mut header = header(&device.chain);
                header["alg"] = "HS256".into();
                let signed = format!("{}.{}", part(header.to_string()), part(&text));
                let secret = device.key.public_key().as_ref();
                let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
                let tag = ring::hmac::sign(&key, signed.as_bytes());
                Ok(format!("{signed}.{}", part(tag)))
            }
            Some(Mischief::CriticalExtension) => {
                let mut header = header(&device.chain);
                header["crit"] = json!(["b64"]);
                header["b64"] = false.into();
                honest(header)
            }
            Some(Mischief::ChangedPayload) => {
                let whole = honest(header(&device.chain))?;
                let mut parts: Vec<_> = whole.split('.').map(str::to_owned).collect();
                let mut changed = payload.clone();
                changed["qualityScore"] = "99".into();
                parts[1] = part(changed.to_string());
                Ok(parts.join("."))
            }
            Some(Mischief::FourParts) => Ok(format!("{}.AAAA", honest(header(&device.chain))?)),
            Some(Mischief::TwoParts) => {
                let whole = honest(header(&device.chain))?;
                Ok(whole.rsplit_once('.').ok_or(KeysError::Signing)?.0.into())
            }
            Some(Mischief::PayloadIsNoJson) => {
                compact(header(&device.chain), b"no JSON at all", device)
            }
            _ => honest(header(&device.chain)),
        }
    }

    /// By the trust module, for `MOSIPDINFO`.
    pub fn info(&self, payload: &Value, mischief: Option<Mischief>) -> Result<String, KeysError> {
        match mischief {
            Some(Mischief::UnsignedInfo) => Ok(part(payload.to_string())),
            Some(Mischief::StrangeInfo) => self.described(payload, true),
            _ => self.described(payload, false),
        }
    }
}

pub fn part(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn header(chain: &[Vec<u8>]) -> Value {
    let x5c: Vec<_> = chain.iter().map(|der| STANDARD.encode(der)).collect();
    json!({"alg": "RS256", "typ": "JWT", "x5c": x5c})
}

fn compact(header: Value, payload: &[u8], signer: &Signer) -> Result<String, KeysError> {
    let signed = format!("{}.{}", part(header.to_string()), part(payload));
    let signature = signer.sign(signed.as_bytes())?;
    Ok(format!("{signed}.{}", part(signature)))
}
