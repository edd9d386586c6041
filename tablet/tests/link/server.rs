//! A central that can be told to misbehave. All people are invented.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum_server::tls_rustls::RustlsConfig;
use protocol::*;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, IsCa, Issuer, KeyPair,
};
use regulation::{OfficerId, Timestamp};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _,
    UnparsedPublicKey,
};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;
use uuid::Uuid;

pub const CODE: &str = "bir-martalik-kod";
pub const LOGIN: &str = "t.sinovchi";
pub const PASSWORD: &str = "korrekt-ot-batareya";
pub const TOKEN: &str = "kirish-tokeni";
/// Who confirms a hand-over.
pub const GIVER: &str = "o.omborchi";
pub const GIVERS_PASSWORD: &str = "ombor-kaliti-qizil";

/// What the outbox does next.
#[derive(Clone, Debug, Default)]
pub enum Mood {
    #[default]
    Works,
    Status(StatusCode),
    Api(ErrorCode),
    /// 200 with nothing that can be read.
    Babbles,
    /// More than a tablet reads.
    Floods,
    /// A receipt that is not central's.
    Forges,
    Hangs,
    /// These it refuses for good, in whatever batch they are.
    RefusesSeqs(Vec<u64>, ErrorCode),
}

/// What central says to a tablet that was reported lost.
#[derive(Clone, Debug)]
pub enum Order {
    Signed,
    /// By another key than central's receipt key.
    Forged,
    /// Signed once, for another challenge.
    Replayed(WipeOrder),
}

/// What it does with the next part of a capture.
#[derive(Clone, Debug, Default)]
pub enum CaptureMood {
    #[default]
    Works,
    /// Takes its time.
    Slow(Duration),
    /// Takes none at all.
    Hangs,
    /// Receipts that are not central's, and say that everything is safe.
    Forges,
    /// This capture it refuses.
    Refuses(CaptureId, ErrorCode),
    NotSafe,
    /// Finds at the end that it was another file.
    BeginsAnew,
}

#[derive(Default)]
pub struct Record {
    /// The tablet is reported lost.
    pub lost: Option<Order>,
    /// Signs for reports with another key.
    pub forges_wipe_receipts: bool,
    pub reports: Vec<WipeReport>,
    /// What was asked and sent, in order.
    pub log: Vec<&'static str>,
    pub capture_mood: CaptureMood,
    pub captures: BTreeMap<CaptureId, Vec<u8>>,
    /// Capture, offset and bytes of every part, in order.
    pub parts: Vec<(CaptureId, u64, usize)>,
    pub mood: Mood,
    pub stored: BTreeMap<u64, Envelope>,
    pub batches: usize,
    pub inbox: Vec<Message>,
    pub inbox_requests: usize,
    pub inbox_code: Option<ErrorCode>,
    pub roster: Vec<RosterEntry>,
    pub roster_lease: Timestamp,
    /// Tokens that rosters were asked for with.
    pub roster_requests: Vec<Option<String>>,
    /// Whether the tablet said with them that it is locked.
    pub roster_locked: Vec<bool>,
    pub roster_code: Option<ErrorCode>,
    /// The officer's; of a patrol, unless said otherwise.
    pub role: Option<Role>,
    pub board: u64,
    pub desk_code: Option<ErrorCode>,
    /// Central does not hold the desk's poll.
    pub desk_hurries: bool,
    /// The version that each request for the board had.
    pub desk_requests: Vec<Option<String>>,
    pub session: Option<SessionId>,
    pub confirm_code: Option<ErrorCode>,
    journal_key: Vec<u8>,
}

pub struct Central {
    pub record: Mutex<Record>,
    pub news: Notify,
    pub device: DeviceId,
    ca_pem: String,
    issuer: Issuer<'static, KeyPair>,
    server: Arc<rustls::ServerConfig>,
    receipts: EcdsaKeyPair,
    random: SystemRandom,
}

impl Central {
    pub fn new() -> Arc<Self> {
        let ca_key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = params.self_signed(&ca_key).unwrap();
        let issuer = Issuer::new(params, ca_key);
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned(), "localhost".to_owned()])
            .unwrap()
            .signed_by(&key, &issuer)
            .unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(ca.der().to_vec())).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .allow_unauthenticated()
                .build()
                .unwrap();
        let mut server = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_client_cert_verifier(verifier)
            .with_single_cert(
                vec![leaf.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let random = SystemRandom::new();
        let alg = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(alg, &random).unwrap();
        Arc::new(Self {
            record: Mutex::default(),
            news: Notify::new(),
            device: DeviceId(Uuid::new_v4()),
            ca_pem: ca.pem(),
            issuer,
            server: Arc::new(server),
            receipts: EcdsaKeyPair::from_pkcs8(alg, pkcs8.as_ref(), &random).unwrap(),
            random,
        })
    }

    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// Serves on the address until the handle is shut down.
    pub async fn serve(self: &Arc<Self>, address: SocketAddr) -> Running {
        let app = Router::new()
            .route(path::HEALTH, get(|| async { "ok" }))
            .route(path::ENROL, post(enrol))
            .route(path::LOGIN, post(login))
            .route(path::CONFIRM, post(confirm))
            .route(path::ROSTER, get(roster))
            .route(path::OUTBOX, post(outbox))
            .route(path::INBOX, get(inbox))
            .route(path::DESK, get(desk))
            .route(path::WIPE, get(wipe_order).post(wipe_report))
            .route(path::CAPTURE, get(stand).put(part))
            .layer(axum::extract::DefaultBodyLimit::max(
                limits::BATCH_BYTES + 1024,
            ))
            .with_state(Arc::clone(self));
        let config = RustlsConfig::from_config(Arc::clone(&self.server));
        let handle = axum_server::Handle::new();
        let serving = axum_server::bind_rustls(address, config)
            .handle(handle.clone())
            .serve(app.into_make_service());
        let task = tokio::spawn(async move { serving.await.unwrap() });
        let address = handle.listening().await.expect("the port is free");
        Running {
            address,
            handle,
            task,
        }
    }

    pub fn mood(&self, mood: Mood) {
        self.record.lock().unwrap().mood = mood;
    }

    pub fn stored(&self) -> Vec<u64> {
        self.record.lock().unwrap().stored.keys().copied().collect()
    }

    pub fn send(&self, cursor: u64) -> Message {
        self.say(cursor, MessageBody::Unknown)
    }

    pub fn say(&self, cursor: u64, body: MessageBody) -> Message {
        let mut record = self.record.lock().unwrap();
        let session = record.session.unwrap();
        let message = Message {
            cursor,
            session,
            body,
        };
        record.inbox.push(message.clone());
        drop(record);
        self.news.notify_waiters();
        message
    }

    fn receipt(&self, record: &Record, stored: Vec<u64>) -> Receipt {
        let through = (1..)
            .take_while(|seq| record.stored.contains_key(seq))
            .last()
            .unwrap_or(0);
        let mut receipt = Receipt {
            device: self.device,
            stored,
            stored_through: through,
            safe_through: through,
            head: record
                .stored
                .get(&through)
                .map(Envelope::digest)
                .unwrap_or_default(),
            at: Timestamp(1_000_000 + i64::try_from(record.batches).unwrap()),
            signature: Vec::new(),
        };
        let signature = self
            .receipts
            .sign(&self.random, &receipt.signed_bytes())
            .unwrap();
        receipt.signature = signature.as_ref().to_vec();
        receipt
    }
}

pub struct Running {
    pub address: SocketAddr,
    handle: axum_server::Handle<SocketAddr>,
    task: tokio::task::JoinHandle<()>,
}

impl Running {
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Gone with every connection.
    pub async fn stop(self) {
        self.handle.shutdown();
        self.task.await.unwrap();
    }
}

impl Central {
    fn signature(&self, bytes: &[u8]) -> Vec<u8> {
        let signature = self.receipts.sign(&self.random, bytes).unwrap();
        signature.as_ref().to_vec()
    }

    pub fn order(&self, challenge: Uuid) -> WipeOrder {
        let mut order = WipeOrder {
            device: self.device,
            challenge,
            lost_at: Timestamp(1_000_000),
            signature: Vec::new(),
        };
        order.signature = self.signature(&order.signed_bytes());
        order
    }

    pub fn lose(&self, order: Order) {
        self.record.lock().unwrap().lost = Some(order);
        self.news.notify_waiters();
    }

    pub fn log(&self) -> Vec<&'static str> {
        self.record.lock().unwrap().log.clone()
    }

    fn refuses_lost(&self) -> Option<Response> {
        let lost = self.record.lock().unwrap().lost.is_some();
        lost.then(|| refuse(ErrorCode::DeviceLost))
    }
}

async fn wipe_order(
    State(central): State<Arc<Central>>,
    Query(query): Query<HashMap<String, Uuid>>,
) -> Response {
    let lost = {
        let mut record = central.record.lock().unwrap();
        record.log.push("order?");
        record.lost.clone()
    };
    let mut order = central.order(query["challenge"]);
    match lost {
        None => return refuse(ErrorCode::NotFound),
        Some(Order::Signed) => {}
        Some(Order::Forged) => order.signature[20] ^= 1,
        Some(Order::Replayed(earlier)) => order = earlier,
    }
    axum::Json(order).into_response()
}

async fn wipe_report(
    State(central): State<Arc<Central>>,
    axum::Json(report): axum::Json<WipeReport>,
) -> Response {
    let mut record = central.record.lock().unwrap();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &record.journal_key)
        .verify(&report.signed_bytes(), &report.signature)
        .expect("signed by the journal key");
    if record.lost.is_none() {
        return refuse(ErrorCode::NotFound);
    }
    record.log.push(match report.stage {
        WipeStage::ReadingKeysDestroyed => "keys destroyed",
        WipeStage::Wiped => "wiped",
    });
    let mut receipt = WipeReceipt {
        device: report.device,
        stage: report.stage,
        at: Timestamp(1_000_001),
        signature: Vec::new(),
    };
    record.reports.push(report);
    receipt.signature = central.signature(&receipt.signed_bytes());
    if record.forges_wipe_receipts {
        receipt.signature[20] ^= 1;
    }
    axum::Json(receipt).into_response()
}

fn refuse(code: ErrorCode) -> Response {
    let status = StatusCode::from_u16(code.status()).unwrap();
    (status, axum::Json(ApiError::from(code))).into_response()
}

async fn enrol(
    State(central): State<Arc<Central>>,
    axum::Json(body): axum::Json<EnrolRequest>,
) -> Response {
    if body.code != CODE {
        return refuse(ErrorCode::CodeInvalid);
    }
    let csr = CertificateSigningRequestParams::from_pem(&body.csr_pem).unwrap();
    let certificate = csr.signed_by(&central.issuer).unwrap();
    central.record.lock().unwrap().journal_key = body.journal_key;
    axum::Json(EnrolResponse {
        device: central.device,
        certificate_pem: certificate.pem(),
        ca_pem: central.ca_pem.clone(),
        sealing: sealing(&central),
        receipt_key: central.receipts.public_key().as_ref().to_vec(),
    })
    .into_response()
}

fn sealing(central: &Central) -> SealingKey {
    // Any point will do: what is sealed here is never opened.
    let mut key = SealingKey {
        id: KeyId(Uuid::from_u128(5)),
        public: vec![9; 32],
        made_at: Timestamp(1),
        signature: Vec::new(),
    };
    key.signature = rcgen::SigningKey::sign(central.issuer.key(), &key.signed_bytes()).unwrap();
    key
}

async fn login(
    State(central): State<Arc<Central>>,
    axum::Json(body): axum::Json<LoginRequest>,
) -> Response {
    if let Some(refused) = central.refuses_lost() {
        return refused;
    }
    if (body.login.as_str(), body.password.as_str()) != (LOGIN, PASSWORD) {
        return refuse(ErrorCode::BadCredentials);
    }
    let session = SessionId(Uuid::new_v4());
    let role = {
        let mut record = central.record.lock().unwrap();
        record.session = Some(session);
        record.role.unwrap_or(Role::Patrol)
    };
    axum::Json(LoginResponse {
        session,
        token: TOKEN.into(),
        officer: Officer {
            id: OfficerId(Uuid::from_u128(3)),
            name: "Sinovchiyev Tester".into(),
            rank: "leytenant".into(),
            unit: "sinov".into(),
            role,
        },
        lease_until: Timestamp(i64::MAX),
        now: Timestamp(1_000_000),
        edition: "399-2022-07-22".into(),
        sealing: sealing(&central),
        training: true,
        kit: protocol::Kit::default(),
    })
    .into_response()
}

async fn confirm(
    State(central): State<Arc<Central>>,
    headers: HeaderMap,
    axum::Json(body): axum::Json<ConfirmRequest>,
) -> Response {
    let token = headers.get("authorization").and_then(|t| t.to_str().ok());
    if token != Some(format!("Bearer {TOKEN}").as_str()) {
        return refuse(ErrorCode::SessionUnknown);
    }
    if let Some(code) = central.record.lock().unwrap().confirm_code {
        return refuse(code);
    }
    let officer = match (body.login.as_str(), body.password.as_str()) {
        (LOGIN, PASSWORD) => 3,
        (GIVER, GIVERS_PASSWORD) => 4,
        _ => return refuse(ErrorCode::BadCredentials),
    };
    axum::Json(ConfirmResponse {
        officer: Officer {
            id: OfficerId(Uuid::from_u128(officer)),
            name: "Omborchiyev Tester".into(),
            rank: "kapitan".into(),
            unit: "sinov".into(),
            role: Role::Responsible,
        },
    })
    .into_response()
}

async fn desk(
    State(central): State<Arc<Central>>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let after = query.get("after").cloned();
    let until = Duration::from_millis(query["wait_ms"].parse().unwrap());
    let news = central.news.notified();
    let stands = {
        let mut record = central.record.lock().unwrap();
        record.desk_requests.push(after.clone());
        if let Some(code) = record.desk_code {
            return refuse(code);
        }
        !record.desk_hurries && after == Some(format!("b.{}", record.board))
    };
    if stands {
        tokio::time::timeout(until, news).await.ok();
    }
    let board = central.record.lock().unwrap().board;
    axum::Json(DeskBoard {
        version: format!("b.{board}"),
        now: Timestamp(1_000_000),
        on_duty: Vec::new(),
        alerts: Vec::new(),
        tablets: Vec::new(),
        more: false,
    })
    .into_response()
}

async fn roster(
    State(central): State<Arc<Central>>,
    Query(said): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let mut record = central.record.lock().unwrap();
    let locked = said.get("locked").is_some_and(|locked| locked == "1");
    record.roster_locked.push(locked);
    let bearer = headers.get("authorization");
    let token = bearer.map(|value| value.to_str().unwrap().replace("Bearer ", ""));
    record.roster_requests.push(token);
    if let Some(code) = record.roster_code {
        return refuse(code);
    }
    axum::Json(Roster {
        device: central.device,
        issued_at: Timestamp(1_000_000),
        lease_until: record.roster_lease,
        unlock_serial: 0,
        entries: record.roster.clone(),
    })
    .into_response()
}

async fn outbox(State(central): State<Arc<Central>>, body: Bytes) -> Response {
    let batch: Batch = from_cbor(&body).unwrap();
    let mood = {
        let mut record = central.record.lock().unwrap();
        record.batches += 1;
        let empty = batch.envelopes.is_empty();
        record.log.push(if empty { "marks?" } else { "outbox" });
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &record.journal_key)
            .verify(
                &Batch::signed_bytes(batch.device, &batch.envelopes),
                &batch.signature,
            )
            .expect("signed by the journal key given at enrolment");
        record.mood.clone()
    };
    match mood {
        Mood::Status(status) => return status.into_response(),
        Mood::Api(code) => return refuse(code),
        Mood::Babbles => return "certainly".into_response(),
        Mood::Floods => return vec![b' '; limits::RESPONSE_BYTES + 1].into_response(),
        Mood::Hangs => {
            tokio::time::sleep(Duration::from_secs(3600)).await;
        }
        Mood::RefusesSeqs(seqs, code)
            if batch
                .envelopes
                .iter()
                .any(|envelope| seqs.contains(&envelope.seq)) =>
        {
            return refuse(code);
        }
        Mood::Works | Mood::RefusesSeqs(..) | Mood::Forges => {}
    }
    let mut record = central.record.lock().unwrap();
    let seqs: Vec<u64> = batch
        .envelopes
        .iter()
        .map(|envelope| envelope.seq)
        .collect();
    for envelope in batch.envelopes {
        record.stored.insert(envelope.seq, envelope);
    }
    let mut receipt = central.receipt(&record, seqs);
    if matches!(mood, Mood::Forges) {
        receipt.signature[20] ^= 1;
    }
    let lost = record.lost.is_some();
    let mut response = axum::Json(receipt).into_response();
    if lost {
        let told = axum::http::HeaderValue::from_static("1");
        response.headers_mut().insert(access::LOST_HEADER, told);
    }
    response
}

async fn stand(State(central): State<Arc<Central>>, Path(capture): Path<String>) -> Response {
    let id: CaptureId = capture.parse().unwrap();
    let record = central.record.lock().unwrap();
    let received = record.captures.get(&id).map_or(0, Vec::len);
    capture_receipt(&central, &record, id, received, u64::MAX)
}

async fn part(
    State(central): State<Arc<Central>>,
    Path(capture): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    body: Bytes,
) -> Response {
    let id: CaptureId = capture.parse().unwrap();
    let offset: u64 = query["offset"].parse().unwrap();
    let size: u64 = query["size"].parse().unwrap();
    assert!(body.len() <= limits::CAPTURE_PART_BYTES);
    let mood = {
        let mut record = central.record.lock().unwrap();
        record.parts.push((id, offset, body.len()));
        record.capture_mood.clone()
    };
    match mood {
        CaptureMood::Slow(time) => tokio::time::sleep(time).await,
        CaptureMood::Hangs => tokio::time::sleep(Duration::from_secs(3600)).await,
        CaptureMood::Refuses(refused, code) if refused == id => return refuse(code),
        _ => {}
    }
    let mut record = central.record.lock().unwrap();
    let bytes = record.captures.entry(id).or_default();
    if bytes.len() as u64 == offset {
        bytes.extend_from_slice(&body);
    }
    if bytes.len() as u64 == size && matches!(mood, CaptureMood::BeginsAnew) {
        bytes.clear();
    }
    let received = bytes.len();
    capture_receipt(&central, &record, id, received, size)
}

fn capture_receipt(
    central: &Central,
    record: &Record,
    capture: CaptureId,
    received: usize,
    size: u64,
) -> Response {
    let forged = matches!(record.capture_mood, CaptureMood::Forges);
    let complete = received as u64 == size;
    let mut receipt = CaptureReceipt {
        device: central.device,
        capture,
        received: if forged { size } else { received as u64 },
        complete: complete || forged,
        safe: (complete && !matches!(record.capture_mood, CaptureMood::NotSafe)) || forged,
        at: Timestamp(1),
        signature: Vec::new(),
    };
    let signature = central
        .receipts
        .sign(&central.random, &receipt.signed_bytes())
        .unwrap();
    receipt.signature = signature.as_ref().to_vec();
    if forged {
        receipt.signature[20] ^= 1;
    }
    axum::Json(receipt).into_response()
}

async fn inbox(
    State(central): State<Arc<Central>>,
    Query(query): Query<HashMap<String, u64>>,
    headers: HeaderMap,
) -> Response {
    if headers.get("authorization").unwrap() != &format!("Bearer {TOKEN}") {
        return refuse(ErrorCode::SessionUnknown);
    }
    central.record.lock().unwrap().inbox_requests += 1;
    let deadline = tokio::time::Instant::now() + Duration::from_millis(query["wait_ms"]);
    loop {
        let news = central.news.notified();
        if let Some(refused) = central.refuses_lost() {
            return refused;
        }
        {
            let record = central.record.lock().unwrap();
            if let Some(code) = record.inbox_code {
                return refuse(code);
            }
            let new = record
                .inbox
                .iter()
                .filter(|message| message.cursor > query["after"]);
            let messages: Vec<Message> = new.cloned().collect();
            if !messages.is_empty() {
                return axum::Json(InboxPage { messages }).into_response();
            }
        }
        if tokio::time::timeout_at(deadline, news).await.is_err() {
            return axum::Json(InboxPage {
                messages: Vec::new(),
            })
            .into_response();
        }
    }
}
