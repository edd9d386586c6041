//! A running central with a tablet's side of the contract, and invented people.

use biometrics::finger::synth::{Finger as Skin, Impression, background_template};
use biometrics::finger::{encode_png, extract};
use central::people::portrait::FaceReader;
use central::{Central, Clock, Config, NewOfficer, NewPerson, Policy, RegisterSource};
use hpke::{Deserializable as _, Kem, OpModeS, Serializable as _, kem::X25519HkdfSha256};
use protocol::{
    Answer, ApiError, Batch, DeskBoard, DeskEvent, DeviceId, Digest, EnrolRequest, EnrolResponse,
    Envelope, ErrorCode, Fact, FactKind, InboxPage, LoginRequest, LoginResponse, MessageBody,
    Probe, Question, Receipt, Register, RegisterEntry, Role, Roster, RosterEntry, SessionId,
    Urgency, path, to_cbor,
};
use regulation::encounter::*;
use regulation::identity::{BirthDate, DocumentNumber, PersonName, Pinfl};
use regulation::{EncounterId, OfficerId, QuestionId, Timestamp};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde::de::DeserializeOwned;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use uuid::Uuid;

pub const PASSWORD: &str = "long enough";

/// A clock that a test sets.
#[derive(Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_millis() as i64, Ordering::SeqCst);
    }

    pub fn set(&self, now: Timestamp) {
        self.0.store(now.0, Ordering::SeqCst);
    }

    pub fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// A central and all that it lies on.
pub struct World {
    pub dir: tempfile::TempDir,
    pub config: Config,
    pub clock: TestClock,
    pub central: Option<Central>,
}

impl World {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut world = Self::stopped(change);
        world.start().await;
        world
    }

    pub fn stopped(change: impl FnOnce(&mut Config)) -> Self {
        central::install_ring();
        let dir = tempfile::tempdir().unwrap();
        // Certificates are checked against the real clock, so the test's begins there.
        let clock = TestClock(Arc::new(AtomicI64::new(Clock::system().now().0)));
        let mut config = Config::new(dir.path().join("data"), "127.0.0.1:0".parse().unwrap());
        config.replica_dir = Some(dir.path().join("replica"));
        config.policy = Policy {
            argon2_memory_kib: 64,
            argon2_passes: 1,
            ..Policy::default()
        };
        let its = clock.clone();
        config.clock = Clock::from_fn(move || its.now());
        change(&mut config);
        Central::init(&config).unwrap();
        Self {
            dir,
            config,
            clock,
            central: None,
        }
    }

    pub async fn start(&mut self) {
        self.central = Some(Central::start(self.config.clone()).await.unwrap());
    }

    pub async fn stop(&mut self) {
        self.central.take().unwrap().shutdown().await;
    }

    pub fn central(&self) -> &Central {
        self.central.as_ref().unwrap()
    }

    pub fn admin(&self) -> &central::Admin {
        self.central().admin()
    }

    pub fn url(&self, path: &str) -> String {
        format!(
            "https://127.0.0.1:{}{path}",
            self.central().local_addr().port()
        )
    }

    pub fn database(&self) -> PathBuf {
        self.config.data_dir.join("central.db")
    }

    pub fn officer(&self, login: &str) -> OfficerId {
        self.officer_of(login, "1")
    }

    pub fn officer_of(&self, login: &str, unit: &str) -> OfficerId {
        self.officer_as(login, unit, Role::Patrol)
    }

    pub fn officer_as(&self, login: &str, unit: &str, role: Role) -> OfficerId {
        self.admin()
            .create_officer(NewOfficer {
                login: login.into(),
                password: PASSWORD.into(),
                name: "Namunayev Namuna".into(),
                rank: "serjant".into(),
                unit: unit.into(),
                role,
            })
            .unwrap()
    }

    /// A client without a certificate.
    pub fn anonymous(&self) -> reqwest::Client {
        client(&self.central().ca_pem(), None)
    }

    /// An enrolled tablet with nobody logged in.
    pub async fn tablet(&self) -> Tablet {
        let code = self.admin().new_enrolment_code("tablet").unwrap();
        let keys = TabletKeys::new();
        let response = self
            .anonymous()
            .post(self.url(path::ENROL))
            .json(&keys.request(&code));
        let enrolled: EnrolResponse = reply(response.send().await.unwrap()).await.unwrap();
        Tablet::new(keys, enrolled)
    }

    /// An enrolled tablet at the desk of a unit.
    pub async fn at_the_desk(&self, login: &str, unit: &str) -> Tablet {
        let mut tablet = self.tablet().await;
        self.officer_as(login, unit, Role::Duty);
        tablet.log_in(self, login).await;
        tablet
    }

    /// An enrolled tablet with an officer of that login.
    pub async fn on_duty(&self, login: &str) -> Tablet {
        let mut tablet = self.tablet().await;
        self.officer(login);
        tablet.log_in(self, login).await;
        tablet
    }
}

fn client(ca_pem: &str, identity: Option<&str>) -> reqwest::Client {
    let ca = reqwest::Certificate::from_pem(ca_pem.as_bytes()).unwrap();
    let mut builder = reqwest::Client::builder().tls_certs_only([ca]).no_proxy();
    if let Some(pem) = identity {
        builder = builder.identity(reqwest::Identity::from_pem(pem.as_bytes()).unwrap());
    }
    builder.build().unwrap()
}

/// The body as a value, or as central's refusal; its status must be the code's.
pub async fn reply<T: DeserializeOwned>(response: reqwest::Response) -> Result<T, ApiError> {
    let status = response.status();
    let body = response.bytes().await.unwrap();
    if status.is_success() {
        return Ok(serde_json::from_slice(&body).unwrap());
    }
    let error: ApiError = serde_json::from_slice(&body).unwrap();
    assert_eq!(status.as_u16(), error.code.status());
    Err(error)
}

/// A tablet's own keys.
pub struct TabletKeys {
    pub tls: rcgen::KeyPair,
    pub journal: EcdsaKeyPair,
}

impl TabletKeys {
    pub fn new() -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Self {
            tls: rcgen::KeyPair::generate().unwrap(),
            journal: EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap(),
        }
    }

    pub fn request(&self, code: &str) -> EnrolRequest {
        let csr = rcgen::CertificateParams::default()
            .serialize_request(&self.tls)
            .unwrap();
        EnrolRequest {
            code: code.into(),
            csr_pem: csr.pem().unwrap(),
            journal_key: self.journal.public_key().as_ref().to_vec(),
        }
    }

    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.journal
            .sign(&SystemRandom::new(), bytes)
            .unwrap()
            .as_ref()
            .to_vec()
    }
}

/// A tablet's side of the contract.
pub struct Tablet {
    pub keys: TabletKeys,
    pub enrolled: EnrolResponse,
    pub client: reqwest::Client,
    pub session: Option<LoginResponse>,
    pub next: u64,
    pub previous: Digest,
}

impl Tablet {
    pub fn new(keys: TabletKeys, enrolled: EnrolResponse) -> Self {
        let pem = format!("{}{}", enrolled.certificate_pem, keys.tls.serialize_pem());
        let client = client(&enrolled.ca_pem, Some(&pem));
        Self {
            keys,
            enrolled,
            client,
            session: None,
            next: 1,
            previous: Digest::default(),
        }
    }

    pub fn device(&self) -> DeviceId {
        self.enrolled.device
    }

    pub async fn try_log_in(
        &self,
        world: &World,
        login: &str,
        password: &str,
    ) -> Result<LoginResponse, ApiError> {
        let body = LoginRequest {
            login: login.into(),
            password: password.into(),
        };
        reply(
            self.client
                .post(world.url(path::LOGIN))
                .json(&body)
                .send()
                .await
                .unwrap(),
        )
        .await
    }

    pub async fn log_in(&mut self, world: &World, login: &str) {
        self.session = Some(self.try_log_in(world, login, PASSWORD).await.unwrap());
    }

    pub fn session(&self) -> &LoginResponse {
        self.session.as_ref().unwrap()
    }

    pub fn fact(&self, world: &World, kind: FactKind) -> Fact {
        Fact {
            edition: "399-2022-07-22".into(),
            machine: MACHINE_VERSION,
            officer: self.session().officer.id,
            at: world.clock.now(),
            uptime_ms: 1,
            training: world.config.training,
            kind,
        }
    }

    /// The next envelope of the journal, around these bytes.
    pub fn seal_bytes(&mut self, encounter: Option<EncounterId>, plain: &[u8]) -> Envelope {
        self.seal_as(Urgency::Ordinary, encounter, plain)
    }

    fn seal_as(
        &mut self,
        urgency: Urgency,
        encounter: Option<EncounterId>,
        plain: &[u8],
    ) -> Envelope {
        let mut envelope = Envelope {
            device: self.device(),
            session: self
                .session
                .as_ref()
                .map_or(SessionId(Uuid::nil()), |s| s.session),
            seq: self.next,
            encounter,
            urgency,
            key: self.enrolled.sealing.id,
            previous: self.previous,
            encapsulated: Vec::new(),
            ciphertext: Vec::new(),
        };
        let public =
            <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&self.enrolled.sealing.public)
                .unwrap();
        let (encapsulated, ciphertext) = hpke::single_shot_seal::<
            hpke::aead::ChaCha20Poly1305,
            hpke::kdf::HkdfSha256,
            X25519HkdfSha256,
        >(
            &OpModeS::Base,
            &public,
            protocol::envelope::SEAL_INFO,
            plain,
            &envelope.aad(),
        )
        .unwrap();
        envelope.encapsulated = encapsulated.to_bytes().to_vec();
        envelope.ciphertext = ciphertext;
        self.next += 1;
        self.previous = envelope.digest();
        envelope
    }

    pub fn seal(&mut self, encounter: Option<EncounterId>, fact: &Fact) -> Envelope {
        let plain = to_cbor(fact).unwrap();
        let urgency = match fact.kind {
            FactKind::Capture { .. } => Urgency::Capture,
            _ => Urgency::Ordinary,
        };
        self.seal_as(urgency, encounter, &plain)
    }

    /// The next envelope, with an event of the encounter.
    pub fn event(&mut self, world: &World, encounter: EncounterId, event: Event) -> Envelope {
        let recorded = Recorded {
            at: world.clock.now(),
            event,
        };
        let kind = FactKind::Encounter {
            recorded,
            question: None,
        };
        let fact = self.fact(world, kind);
        self.seal(Some(encounter), &fact)
    }

    /// The next envelope, with an event of the bodycam.
    pub fn bodycam(&mut self, world: &World, event: regulation::bodycam::Event) -> Envelope {
        let recorded = regulation::bodycam::Recorded {
            at: world.clock.now(),
            event,
        };
        let fact = self.fact(world, FactKind::Bodycam { recorded });
        self.seal(None, &fact)
    }

    /// The next envelope, with an event of the tablet's custody.
    pub fn custody(&mut self, world: &World, event: regulation::custody::Event) -> Envelope {
        let recorded = regulation::custody::Recorded {
            at: world.clock.now(),
            event,
        };
        let fact = self.fact(world, FactKind::Custody { recorded });
        self.seal(None, &fact)
    }

    /// The next envelope, with an event of an incident.
    pub fn incident(&mut self, world: &World, event: regulation::incident::Event) -> Envelope {
        let recorded = regulation::incident::Recorded {
            at: world.clock.now(),
            event,
        };
        let fact = self.fact(world, FactKind::Incident { recorded });
        self.seal(None, &fact)
    }

    /// The next envelope, with a decision of the desk.
    pub fn decide(&mut self, world: &World, event: DeskEvent) -> Envelope {
        let fact = self.fact(world, FactKind::Desk { event });
        self.seal(None, &fact)
    }

    /// The unit's board.
    pub async fn board(
        &self,
        world: &World,
        after: &str,
        wait_ms: u64,
    ) -> Result<DeskBoard, ApiError> {
        let query = format!("after={after}&wait_ms={wait_ms}");
        self.board_as(world, &self.session().token, &query).await
    }

    pub async fn board_as(
        &self,
        world: &World,
        token: &str,
        query: &str,
    ) -> Result<DeskBoard, ApiError> {
        let url = format!("{}?{query}", world.url(path::DESK));
        let request = self.client.get(url).bearer_auth(token);
        reply(request.send().await.unwrap()).await
    }

    /// The next envelope, with a question.
    pub fn ask(
        &mut self,
        world: &World,
        encounter: EncounterId,
        probe: Probe,
    ) -> (QuestionId, Envelope) {
        let id = QuestionId(Uuid::new_v4());
        let expires_at = world.clock.now().plus_millis(3_600_000);
        (
            id,
            self.ask_as(
                world,
                encounter,
                Question {
                    id,
                    expires_at,
                    probe,
                },
            ),
        )
    }

    pub fn ask_as(
        &mut self,
        world: &World,
        encounter: EncounterId,
        question: Question,
    ) -> Envelope {
        let basis = match &question.probe {
            Probe::Fingerprint { finger, .. } => Basis::Fingerprint {
                finger: *finger,
                quality: 80,
            },
            Probe::Document { document, .. } => Basis::Document {
                document: *document,
            },
            Probe::Pinfl { .. } => Basis::Pinfl,
            Probe::Face { .. } => Basis::Face,
        };
        let event = Event::Asked {
            question: question.id,
            basis,
        };
        let recorded = Recorded {
            at: world.clock.now(),
            event,
        };
        let fact = self.fact(
            world,
            FactKind::Encounter {
                recorded,
                question: Some(question),
            },
        );
        self.seal(Some(encounter), &fact)
    }

    /// Events that open the way to a question.
    pub fn opened(&mut self, world: &World, encounter: EncounterId) -> Vec<Envelope> {
        opening()
            .into_iter()
            .map(|event| self.event(world, encounter, event))
            .collect()
    }

    pub fn batch(&self, envelopes: Vec<Envelope>) -> Batch {
        let signature = self
            .keys
            .sign(&Batch::signed_bytes(self.device(), &envelopes));
        Batch {
            device: self.device(),
            envelopes,
            signature,
        }
    }

    pub async fn post(&self, world: &World, batch: &Batch) -> Result<Receipt, ApiError> {
        self.post_bytes(world, to_cbor(batch).unwrap()).await
    }

    pub async fn post_bytes(&self, world: &World, body: Vec<u8>) -> Result<Receipt, ApiError> {
        reply(
            self.client
                .post(world.url(path::OUTBOX))
                .body(body)
                .send()
                .await
                .unwrap(),
        )
        .await
    }

    pub async fn send(&self, world: &World, envelopes: Vec<Envelope>) -> Result<Receipt, ApiError> {
        self.post(world, &self.batch(envelopes)).await
    }

    /// The roster, asked for by the open session if there is one.
    pub async fn roster(&self, world: &World) -> Roster {
        let token = self.session.as_ref().map(|s| s.token.as_str());
        self.roster_as(world, token).await.unwrap()
    }

    pub async fn roster_as(&self, world: &World, token: Option<&str>) -> Result<Roster, ApiError> {
        let mut request = self.client.get(world.url(path::ROSTER));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        reply(request.send().await.unwrap()).await
    }

    /// Logs in by the roster alone: the first grant that the password opens and that is not `used`.
    pub fn offline(
        &self,
        roster: &Roster,
        login: &str,
        password: &str,
        used: &[SessionId],
    ) -> Option<LoginResponse> {
        open_grants(roster, login, password)
            .into_iter()
            .find(|grant| !used.contains(&grant.session))
    }

    pub async fn inbox(
        &self,
        world: &World,
        after: u64,
        wait_ms: u64,
    ) -> Result<InboxPage, ApiError> {
        self.inbox_as(world, &self.session().token, after, wait_ms)
            .await
    }

    pub async fn inbox_as(
        &self,
        world: &World,
        token: &str,
        after: u64,
        wait_ms: u64,
    ) -> Result<InboxPage, ApiError> {
        let url = format!("{}?after={after}&wait_ms={wait_ms}", world.url(path::INBOX));
        reply(
            self.client
                .get(url)
                .bearer_auth(token)
                .send()
                .await
                .unwrap(),
        )
        .await
    }

    /// Waits for the next answer.
    pub async fn answer(&self, world: &World, after: u64) -> Answer {
        let page = self.inbox(world, after, 20_000).await.unwrap();
        let message = page
            .messages
            .into_iter()
            .next()
            .expect("an answer within the wait");
        match message.body {
            MessageBody::Answer { answer } => *answer,
            _ => panic!("no answer"),
        }
    }
}

/// What the password opens of a roster, by the formulas of the contract.
pub fn open_grants(roster: &Roster, login: &str, password: &str) -> Vec<LoginResponse> {
    use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
    use ring::hkdf::{HKDF_SHA256, Salt};
    let token = RosterEntry::login_token(roster.device, login);
    let aad = RosterEntry::aad(roster.device, &token, roster.lease_until);
    let mut grants = Vec::new();
    for entry in roster.entries.iter().filter(|e| e.login == token) {
        let params = argon2::Params::new(entry.memory_kib, entry.passes, 1, Some(32)).unwrap();
        let mut hash = [0; 32];
        argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
            .hash_password_into(password.as_bytes(), &entry.salt, &mut hash)
            .unwrap();
        let prk = Salt::new(HKDF_SHA256, roster.device.0.as_bytes()).extract(&hash);
        let info = [protocol::access::GRANT_INFO];
        let key = UnboundKey::from(prk.expand(&info, &AES_256_GCM).unwrap());
        let (nonce, sealed) = entry.grant.split_at(protocol::access::GRANT_NONCE_BYTES);
        let nonce = Nonce::try_assume_unique_for_key(nonce).unwrap();
        let mut sealed = sealed.to_vec();
        let opened = LessSafeKey::new(key).open_in_place(nonce, Aad::from(&aad), &mut sealed);
        if let Ok(plain) = opened {
            grants.push(serde_json::from_slice(plain).unwrap());
        }
    }
    grants
}

pub fn opening() -> Vec<Event> {
    vec![
        Event::Opened {
            place: Place {
                text: "bozor".into(),
                source: PlaceSource::Typed,
            },
            citizen_language: Language::UzbekLatin,
        },
        Event::Introduced {
            service_id: ServiceId::NotAskedFor,
        },
        Event::GroundStated {
            ground: "suspicion".into(),
            fact: "invented".into(),
        },
        Event::Explained {
            how: Explanation::Full,
        },
    ]
}

/// A finding of `verify-journal`.
pub fn wrong(first: u64, last: u64, wrong: central::archive::Wrong) -> central::archive::Finding {
    central::archive::Finding { first, last, wrong }
}

pub fn new_encounter() -> EncounterId {
    EncounterId(Uuid::new_v4())
}

pub fn code<T: std::fmt::Debug>(outcome: Result<T, ApiError>) -> ErrorCode {
    outcome.expect_err("a refusal").code
}

pub fn by_document(number: &str) -> Probe {
    Probe::Document {
        document: DocumentKind::IdCard,
        number: DocumentNumber(number.into()),
    }
}

/// A picture of the synthetic finger of a seed.
pub fn print(seed: u64, touch: u64) -> Vec<u8> {
    encode_png(&Skin::from_seed(seed).impression(&Impression::ordinary(touch)))
}

pub fn by_finger(png: Vec<u8>) -> Probe {
    Probe::Fingerprint {
        finger: Finger::RightIndex,
        ppi: 500,
        png,
        with: Vec::new(),
    }
}

pub fn registers() -> Vec<RegisterSource> {
    let source = |register| RegisterSource {
        register,
        source: "invented".into(),
        as_of: "2026-01-01".parse().unwrap(),
    };
    vec![source(Register::Wanted), source(Register::Convicted)]
}

/// An invented person, number `n`; a wanted one if that is odd.
pub fn person(n: u64) -> NewPerson {
    let entry = RegisterEntry {
        register: Register::Wanted,
        source: "invented".into(),
        date: "2025-05-05".parse().unwrap(),
        spent: None,
        note: None,
    };
    NewPerson {
        id: format!("p-{n}"),
        name: PersonName {
            surname: format!("Namunayev{n}"),
            given: "Namuna".into(),
            patronymic: None,
        },
        birth_date: BirthDate("1990-01-01".parse().unwrap()),
        address: "Namuna koʻchasi 1".into(),
        pinfl: Some(Pinfl(format!("{n:014}"))),
        documents: vec![DocumentNumber(format!("ZZ{n:07}"))],
        entries: if n % 2 == 1 { vec![entry] } else { Vec::new() },
        prints: vec![(Finger::LeftThumb, background_template(n))],
        portrait: None,
    }
}

/// Who reads faces without the model that makes them comparable.
pub fn no_faces() -> Arc<FaceReader> {
    Arc::new(FaceReader::new(None).unwrap())
}

/// The same with a real picture's print of the finger of `seed`.
pub fn person_with_finger(n: u64, seed: u64) -> NewPerson {
    let image = Skin::from_seed(seed).impression(&Impression::ordinary(1));
    NewPerson {
        prints: vec![(Finger::RightIndex, extract(&image).unwrap())],
        ..person(n)
    }
}
