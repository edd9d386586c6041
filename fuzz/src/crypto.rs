//! Real seals and signatures: what is inside them is reached only through them.

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable as _, Kem, OpModeS, Serializable as _};
use protocol::envelope::SEAL_INFO;
use protocol::{Envelope, SealingKey};
use regulation::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};

/// A P-256 key that signs as a journal key, or as central's receipt key.
pub(crate) struct Signer(EcdsaKeyPair);

impl Signer {
    pub(crate) fn new() -> Self {
        let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_ASN1_SIGNING);
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("randomness");
        Self(EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).expect("its own key"))
    }

    pub(crate) fn public(&self) -> Vec<u8> {
        self.0.public_key().as_ref().to_vec()
    }

    pub(crate) fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        let signature = self.0.sign(&SystemRandom::new(), bytes);
        signature.expect("randomness").as_ref().to_vec()
    }
}

/// A CA's certificate, PEM, and a sealing key that it certifies. Nobody opens what is sealed to it:
/// enough for a tablet, which never does.
pub(crate) fn authority() -> (String, SealingKey) {
    let ca = rcgen::KeyPair::generate().expect("a key");
    let certificate = rcgen::CertificateParams::default().self_signed(&ca);
    let (_, public) = X25519HkdfSha256::gen_keypair();
    let mut key = SealingKey {
        id: protocol::KeyId(uuid::Uuid::from_u128(77)),
        public: public.to_bytes().to_vec(),
        made_at: Timestamp(crate::draw::NOW),
        signature: Vec::new(),
    };
    key.signature = rcgen::SigningKey::sign(&ca, &key.signed_bytes()).expect("randomness");
    (certificate.expect("a certificate").pem(), key)
}

/// Seals the bytes into the envelope, bound to everything else that stands in it.
pub(crate) fn seal(key: &SealingKey, envelope: &mut Envelope, plain: &[u8]) {
    let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&key.public).expect("a key");
    let (encapsulated, ciphertext) = hpke::single_shot_seal::<
        ChaCha20Poly1305,
        HkdfSha256,
        X25519HkdfSha256,
    >(
        &OpModeS::Base, &public, SEAL_INFO, plain, &envelope.aad()
    )
    .expect("any bytes can be sealed");
    envelope.encapsulated = encapsulated.to_bytes().to_vec();
    envelope.ciphertext = ciphertext;
}

/// The bytes as PEM (RFC 7468).
pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let value = serde_json::to_value(Base64(der.to_vec())).expect("text");
    let text = value.as_str().unwrap_or_default().as_bytes();
    let mut pem = format!("-----BEGIN {label}-----\n");
    for line in text.chunks(64) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    pem.push_str(&format!("-----END {label}-----\n"));
    pem
}

#[derive(serde::Serialize)]
#[serde(transparent)]
struct Base64(#[serde(with = "protocol::bytes::base64_text")] Vec<u8>);
