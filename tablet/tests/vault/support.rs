//! A vault in a temporary directory, a clock to turn, and central's keys. All people are invented.

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable as _, Kem as _, OpModeR, Serializable as _};
use protocol::*;
use regulation::encounter::{Basis, Event, Finger, Recorded};
use regulation::{EncounterId, OfficerId, QuestionId, Timestamp};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tablet::device::Clock;
use tablet::device::keystore::UnsafeFileKeyStore;
use tablet::vault::{DeviceIdentity, OpenReport, OpenSession, Vault, VaultError};
use uuid::Uuid;

pub const LOGIN: &str = "t.sinovchi";
pub const PASSWORD: &str = "korrekt-ot-batareya";
pub const NAME: &str = "Sinovchiyev Tester Namunayevich";
pub const TOKEN: &str = "bearer-kanareyka-0123456789";
pub const TYPED: &str = "kanareyka: haydovchi aniqlanmagan";
pub const PICTURE: &[u8] = b"\x89PNG-kanareyka-piksellar";

pub struct TestClock(pub AtomicI64);

impl TestClock {
    pub fn forward(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
    fn uptime_ms(&self) -> u64 {
        1
    }
}

pub struct Central {
    random: SystemRandom,
    receipts: EcdsaKeyPair,
    sealing: <X25519HkdfSha256 as hpke::Kem>::PrivateKey,
    pub sealing_public: SealingKey,
    pub ca: rcgen::KeyPair,
    pub ca_pem: String,
    pub device: DeviceId,
}

impl Central {
    pub fn new() -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let alg = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let receipts = EcdsaKeyPair::from_pkcs8(alg, pkcs8.as_ref(), &random).unwrap();
        let (sealing, public) = X25519HkdfSha256::gen_keypair();
        let ca = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        let mut params = rcgen::CertificateParams::default();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let ca_pem = params.self_signed(&ca).unwrap().pem();
        let sealing_public = certified(&ca, public.to_bytes().to_vec(), Timestamp(1));
        Self {
            random,
            receipts,
            sealing,
            sealing_public,
            ca,
            ca_pem,
            device: DeviceId(Uuid::new_v4()),
        }
    }

    pub fn identity(&self) -> DeviceIdentity {
        DeviceIdentity {
            device: self.device,
            server_url: "https://central.example".into(),
            certificate_pem: String::new(),
            ca_pem: self.ca_pem.clone(),
            sealing: self.sealing_public.clone(),
            receipt_key: self.receipts.public_key().as_ref().to_vec(),
        }
    }

    pub fn grant(&self) -> LoginResponse {
        LoginResponse {
            session: SessionId(Uuid::new_v4()),
            token: TOKEN.into(),
            officer: Officer {
                id: OfficerId(Uuid::from_u128(3)),
                name: NAME.into(),
                rank: "leytenant".into(),
                unit: "sinov".into(),
                role: Role::Patrol,
            },
            lease_until: Timestamp(1_000_000 + 12 * 3_600_000),
            now: Timestamp(1_000_000),
            edition: "399-2022-07-22".into(),
            sealing: self.sealing_public.clone(),
            training: true,
            kit: protocol::Kit::default(),
        }
    }

    /// A roster by the formulas of the contract; each officer is a login, a password and how many
    /// sessions are promised.
    pub fn roster(&self, lease_until: Timestamp, officers: &[(&str, &str, usize)]) -> Roster {
        let mut entries = Vec::new();
        for (n, (login, password, sessions)) in officers.iter().enumerate() {
            let token = RosterEntry::login_token(self.device, login);
            let aad = RosterEntry::aad(self.device, &token, lease_until);
            let salt = vec![0xA0 + u8::try_from(n).unwrap(); 16];
            let key = grant_key(password, &salt, self.device);
            for _ in 0..*sessions {
                let mut grant = self.grant();
                grant.lease_until = lease_until;
                if *login != LOGIN {
                    grant.officer.id = OfficerId(Uuid::from_u128(30 + n as u128));
                }
                let mut sealed = serde_json::to_vec(&grant).unwrap();
                let nonce: [u8; 12] = Uuid::new_v4().as_bytes()[..12].try_into().unwrap();
                key.seal_in_place_append_tag(
                    ring::aead::Nonce::assume_unique_for_key(nonce),
                    ring::aead::Aad::from(&aad),
                    &mut sealed,
                )
                .unwrap();
                entries.push(RosterEntry {
                    login: token.to_vec(),
                    memory_kib: ROSTER_KIB,
                    passes: 1,
                    salt: salt.clone(),
                    grant: [nonce.as_slice(), &sealed].concat(),
                });
            }
        }
        Roster {
            device: self.device,
            issued_at: Timestamp(1_000_000),
            lease_until,
            unlock_serial: 0,
            entries,
        }
    }

    pub fn sign(&self, mut receipt: Receipt) -> Receipt {
        receipt.signature = self.signature(&receipt.signed_bytes());
        receipt
    }

    fn signature(&self, bytes: &[u8]) -> Vec<u8> {
        let signature = self.receipts.sign(&self.random, bytes).unwrap();
        signature.as_ref().to_vec()
    }

    pub fn wipe_order(&self, challenge: Uuid) -> WipeOrder {
        let mut order = WipeOrder {
            device: self.device,
            challenge,
            lost_at: Timestamp(1_000_000),
            signature: Vec::new(),
        };
        order.signature = self.signature(&order.signed_bytes());
        order
    }

    pub fn wipe_receipt(&self, stage: WipeStage) -> WipeReceipt {
        let mut receipt = WipeReceipt {
            device: self.device,
            stage,
            at: Timestamp(1_000_001),
            signature: Vec::new(),
        };
        receipt.signature = self.signature(&receipt.signed_bytes());
        receipt
    }

    /// A receipt for everything up to `stored`, with the head that central computed.
    pub fn receipt(&self, stored: u64, safe: u64, head: Digest, at: i64) -> Receipt {
        self.sign(Receipt {
            device: self.device,
            stored: (1..=stored).collect(),
            stored_through: stored,
            safe_through: safe,
            head,
            at: Timestamp(at),
            signature: Vec::new(),
        })
    }

    /// Central's word on a capture.
    pub fn capture_receipt(&self, id: CaptureId, received: u64, safe: bool) -> CaptureReceipt {
        self.sign_capture(CaptureReceipt {
            device: self.device,
            capture: id,
            received,
            complete: safe,
            safe,
            at: Timestamp(9),
            signature: Vec::new(),
        })
    }

    pub fn sign_capture(&self, mut receipt: CaptureReceipt) -> CaptureReceipt {
        let signature = self
            .receipts
            .sign(&self.random, &receipt.signed_bytes())
            .unwrap();
        receipt.signature = signature.as_ref().to_vec();
        receipt
    }

    pub fn open(&self, envelope: &Envelope) -> Fact {
        let encapsulated =
            <X25519HkdfSha256 as hpke::Kem>::EncappedKey::from_bytes(&envelope.encapsulated)
                .unwrap();
        let plain = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &self.sealing,
            &encapsulated,
            protocol::envelope::SEAL_INFO,
            &envelope.ciphertext,
            &envelope.aad(),
        )
        .expect("the seal opens with its AAD");
        from_cbor(&plain).unwrap()
    }
}

/// A sealing key as the CA certifies it.
pub fn certified(ca: &rcgen::KeyPair, public: Vec<u8>, made_at: Timestamp) -> SealingKey {
    let mut key = SealingKey {
        id: KeyId(Uuid::new_v4()),
        public,
        made_at,
        signature: Vec::new(),
    };
    key.signature = rcgen::SigningKey::sign(ca, &key.signed_bytes()).unwrap();
    key
}

/// Enough for its time to be seen beside everything else.
pub const ROSTER_KIB: u32 = 32 * 1024;

fn grant_key(password: &str, salt: &[u8], device: DeviceId) -> ring::aead::LessSafeKey {
    let params = argon2::Params::new(ROSTER_KIB, 1, 1, Some(32)).unwrap();
    let mut hash = [0; 32];
    argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, &mut hash)
        .unwrap();
    let info = [protocol::access::GRANT_INFO];
    let prk = ring::hkdf::Salt::new(ring::hkdf::HKDF_SHA256, device.0.as_bytes()).extract(&hash);
    let okm = prk.expand(&info, &ring::aead::AES_256_GCM).unwrap();
    ring::aead::LessSafeKey::new(ring::aead::UnboundKey::from(okm))
}

pub struct Bench {
    pub dir: tempfile::TempDir,
    pub clock: Arc<TestClock>,
    pub keystore: Arc<UnsafeFileKeyStore>,
    pub central: Central,
}

impl Bench {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let keystore = Arc::new(UnsafeFileKeyStore::open(&dir.path().join("keys")).unwrap());
        let clock = Arc::new(TestClock(AtomicI64::new(1_000_000)));
        Self {
            dir,
            clock,
            keystore,
            central: Central::new(),
        }
    }

    pub fn data(&self) -> std::path::PathBuf {
        self.dir.path().join("data")
    }

    pub fn try_open(&self) -> Result<(Vault, OpenReport), VaultError> {
        Vault::open(&self.data(), self.keystore.clone(), self.clock.clone())
    }

    /// Opened, enrolled, nothing damaged.
    pub fn open(&self) -> Vault {
        let (vault, report) = self.try_open().unwrap();
        assert_eq!(report, OpenReport::default());
        vault.set_identity(&self.central.identity()).unwrap();
        vault
    }

    pub fn begin(&self, vault: &Vault) -> Arc<OpenSession> {
        vault
            .begin_session(&self.central.grant(), LOGIN, PASSWORD)
            .unwrap()
    }
}

pub fn encounter(n: u128) -> EncounterId {
    EncounterId(Uuid::from_u128(1000 + n))
}

pub fn fact(n: i64) -> Fact {
    of_kind(FactKind::Encounter {
        recorded: Recorded {
            at: Timestamp(n),
            event: Event::GroundStated {
                ground: "sinov".into(),
                fact: TYPED.into(),
            },
        },
        question: None,
    })
}

/// Facts of these numbers, one after the other.
pub fn append_all(
    vault: &Vault,
    session: &OpenSession,
    encounter: Option<EncounterId>,
    numbers: std::ops::RangeInclusive<i64>,
) {
    for n in numbers {
        vault
            .append(session, encounter, Urgency::Ordinary, &fact(n))
            .unwrap();
    }
}

pub fn question(png: Vec<u8>) -> Fact {
    let id = QuestionId(Uuid::from_u128(7));
    of_kind(FactKind::Encounter {
        recorded: Recorded {
            at: Timestamp(5),
            event: Event::Asked {
                question: id,
                basis: Basis::Fingerprint {
                    finger: Finger::RightIndex,
                    quality: 71,
                },
            },
        },
        question: Some(Question {
            id,
            expires_at: Timestamp(1_600_000),
            probe: Probe::Fingerprint {
                finger: Finger::RightIndex,
                ppi: 500,
                png,
                with: Vec::new(),
            },
        }),
    })
}

fn of_kind(kind: FactKind) -> Fact {
    Fact {
        edition: "399-2022-07-22".into(),
        machine: 1,
        officer: OfficerId(Uuid::from_u128(3)),
        at: Timestamp(1_000_000),
        uptime_ms: 12,
        training: true,
        kind,
    }
}

/// Every file below `dir`, with its bytes.
pub fn files(dir: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.push((path, bytes));
        }
    }
    found
}

pub fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}
