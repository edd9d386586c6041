//! Central's routes over its real network side: mutual TLS on loopback, any method, path and body.

use crate::Depth;
use crate::crypto::Signer;
use crate::draw::{bytes, patch, rarely, text};
use crate::hostile::Tablet;
use crate::sealed::{config, new_officer, people};
use arbitrary::{Result, Unstructured};
use central::{Central, install_ring};
use protocol::{
    ApiError, CaptureId, CaptureReceipt, Digest, EnrolRequest, EnrolResponse, ErrorCode, InboxPage,
    LoginRequest, LoginResponse, Receipt, path, to_cbor,
};
use reqwest::{Client, Method, RequestBuilder};
use std::cell::RefCell;

thread_local! {
    static SCENE: RefCell<Option<Scene>> = const { RefCell::new(None) };
}

/// Requests before central is made anew, so that its files stay small.
const RUNS: u64 = 4096;

/// One request.
pub fn http(data: &[u8]) {
    SCENE.with_borrow_mut(|scene| {
        if scene.as_ref().is_none_or(|s| s.run == RUNS) {
            *scene = Some(Scene::new());
        }
        let scene = scene.as_mut().expect("made above");
        scene.run += 1;
        scene
            .ask(&mut Unstructured::new(data))
            .expect("bytes are always drawn");
    });
}

struct Scene {
    runtime: tokio::runtime::Runtime,
    central: Central,
    /// A client without a certificate, and an enrolled tablet's.
    anonymous: Client,
    own: Client,
    enrolled: EnrolResponse,
    session: LoginResponse,
    journal: Signer,
    csr_pem: String,
    run: u64,
    next: u64,
    previous: Digest,
    _dir: tempfile::TempDir,
}

fn client(ca_pem: &str, identity: Option<&str>) -> Client {
    let ca = reqwest::Certificate::from_pem(ca_pem.as_bytes()).expect("a certificate");
    let mut builder = Client::builder().tls_certs_only([ca]).no_proxy();
    if let Some(pem) = identity {
        let identity = reqwest::Identity::from_pem(pem.as_bytes()).expect("an identity");
        builder = builder.identity(identity);
    }
    builder.build().expect("a client")
}

impl Scene {
    fn new() -> Self {
        install_ring();
        let dir = tempfile::tempdir().expect("a directory");
        let mut config = config(&dir.path().join("data"));
        // Certificates are checked against the machine's clock.
        config.clock = central::Clock::system();
        config.replica_dir = Some(dir.path().join("replica"));
        Central::init(&config).expect("central is made");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let central = runtime
            .block_on(Central::start(config))
            .expect("central starts");
        let admin = central.admin();
        admin.create_officer(new_officer()).expect("an officer");
        let (registers, people) = people();
        admin.import(&registers, people).expect("people");
        let base = format!("https://127.0.0.1:{}", central.local_addr().port());
        let anonymous = client(&central.ca_pem(), None);
        let (tls, journal) = (rcgen::KeyPair::generate().expect("a key"), Signer::new());
        let csr = rcgen::CertificateParams::default().serialize_request(&tls);
        let csr_pem = csr.and_then(|csr| csr.pem()).expect("a request");
        let request = EnrolRequest {
            code: admin.new_enrolment_code("tablet").expect("a code"),
            csr_pem: csr_pem.clone(),
            journal_key: journal.public(),
        };
        let url = format!("{base}{}", path::ENROL);
        let enrolled: EnrolResponse = runtime.block_on(value(anonymous.post(url).json(&request)));
        let pem = format!("{}{}", enrolled.certificate_pem, tls.serialize_pem());
        let own = client(&central.ca_pem(), Some(&pem));
        let login = LoginRequest {
            login: new_officer().login,
            password: new_officer().password,
        };
        let url = format!("{base}{}", path::LOGIN);
        let session = runtime.block_on(value(own.post(url).json(&login)));
        Self {
            runtime,
            central,
            anonymous,
            own,
            enrolled,
            session,
            journal,
            csr_pem,
            run: 0,
            next: 1,
            previous: Digest::default(),
            _dir: dir,
        }
    }

    fn url(&self, path: &str) -> String {
        format!(
            "https://127.0.0.1:{}{path}",
            self.central.local_addr().port()
        )
    }

    fn ask(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        match u.int_in_range(0..=8)? {
            0 => self.outbox(u)?,
            1 => {
                let request = self.own.post(self.url(path::OUTBOX));
                self.answered::<Receipt>(request.body(rest(u)?));
            }
            2 => {
                let request = self.own.post(self.url(path::LOGIN));
                self.answered::<LoginResponse>(request.body(self.login_body(u)?));
            }
            3 => {
                let request = self.anonymous.post(self.url(path::ENROL));
                self.answered::<EnrolResponse>(request.body(self.enrol_body(u)?));
            }
            4 => {
                let query = query(u)?;
                let token = if rarely(u, 4)? {
                    visible(u)?
                } else {
                    self.session.token.clone()
                };
                let url = format!("{}?{query}", self.url(path::INBOX));
                self.answered::<InboxPage>(self.own.get(url).bearer_auth(token));
            }
            5 => self.capture(u)?,
            _ => self.anything(u)?,
        }
        Ok(())
    }

    /// A tablet's own sequence of batches, sometimes with bytes of a body changed.
    fn outbox(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let mut tablet = Tablet {
            device: self.enrolled.device,
            session: self.session.session,
            officer: self.session.officer.id,
            sealing: self.enrolled.sealing.clone(),
            journal: &self.journal,
            run: self.run,
            next: self.next,
            previous: self.previous,
        };
        let batches = tablet.batches(u)?;
        (self.next, self.previous) = (tablet.next, tablet.previous);
        for batch in batches {
            let mut body = to_cbor(&batch).expect("a batch can be written");
            if rarely(u, 6)? {
                patch(u, &mut body, 3)?;
            }
            if self.answered::<Receipt>(self.own.post(self.url(path::OUTBOX)).body(body)) {
                Depth::BatchReceipted.reach();
            }
        }
        Ok(())
    }

    /// Parts of a capture, in and out of order, and how much of it is there.
    fn capture(&self, u: &mut Unstructured<'_>) -> Result<()> {
        let id = CaptureId(uuid::Uuid::from_u128(u.int_in_range(0..=50)?));
        let url = self.url(&path::capture(id));
        for _ in 0..3 {
            let size = u.int_in_range(0..=400_u64)?;
            let offset = match u.int_in_range(0..=5)? {
                0..=3 => u.int_in_range(0..=size)?,
                _ => u.arbitrary()?,
            };
            let part = bytes(u, 400)?;
            let digest = if u.arbitrary()? {
                "A".repeat(43)
            } else {
                visible(u)?
            };
            let size = if rarely(u, 8)? { u.arbitrary()? } else { size };
            let url = format!("{url}?offset={offset}&size={size}&digest={digest}");
            self.answered::<CaptureReceipt>(self.own.put(url).body(part));
        }
        self.answered::<CaptureReceipt>(self.own.get(url));
        Ok(())
    }

    fn login_body(&self, u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
        if u.arbitrary()? {
            return rest(u);
        }
        let body = LoginRequest {
            login: text(u)?,
            password: text(u)?,
        };
        let mut body = serde_json::to_vec(&body).expect("JSON");
        patch(u, &mut body, 2)?;
        Ok(body)
    }

    fn enrol_body(&self, u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
        if u.arbitrary()? {
            return rest(u);
        }
        let mut body = EnrolRequest {
            code: text(u)?,
            csr_pem: self.csr_pem.clone(),
            journal_key: self.journal.public(),
        };
        patch(u, &mut body.journal_key, 2)?;
        let mut csr = body.csr_pem.into_bytes();
        patch(u, &mut csr, 2)?;
        body.csr_pem = String::from_utf8_lossy(&csr).into_owned();
        Ok(serde_json::to_vec(&body).expect("JSON"))
    }

    /// Any method and header on any path.
    fn anything(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let method = u
            .choose(&[
                Method::GET,
                Method::POST,
                Method::PUT,
                Method::DELETE,
                Method::OPTIONS,
                Method::PATCH,
            ])?
            .clone();
        let mut path = (*u.choose(&[
            path::OUTBOX,
            path::INBOX,
            path::LOGIN,
            path::ENROL,
            path::HEALTH,
            path::ROSTER,
            path::WIPE,
            path::CAPTURE,
        ])?)
        .to_owned();
        if u.arbitrary()? {
            path = format!("{path}/{}", visible(u)?);
        }
        let client = if u.arbitrary()? {
            &self.anonymous
        } else {
            &self.own
        };
        let mut request = client.request(method, self.url(&path));
        for name in [
            "authorization",
            "content-length",
            "content-type",
            "accept",
            "expect",
        ] {
            if name != "content-length" && rarely(u, 3)? {
                request = request.header(name, visible(u)?);
            }
        }
        let body = bytes(u, 2000)?;
        let response = self.runtime.block_on(request.body(body).send());
        // What reqwest itself will not send is no request.
        if let Ok(response) = response {
            assert!(response.status().as_u16() < 500, "{}", response.status());
        }
        Ok(())
    }

    /// An answer of the contract: the value, or a refusal with its own status, and never a fault.
    /// Whether it was the value.
    fn answered<T: serde::de::DeserializeOwned>(&self, request: RequestBuilder) -> bool {
        self.runtime.block_on(async {
            let response = request.send().await.expect("central answers");
            let status = response.status().as_u16();
            let body = response.bytes().await.expect("a whole answer");
            if status == 200 {
                let value: serde_json::Result<T> = serde_json::from_slice(&body);
                assert!(value.is_ok(), "a success holds its value");
                return true;
            }
            let refusal: ApiError = serde_json::from_slice(&body).expect("a refusal");
            assert_eq!(refusal.code.status(), status);
            assert!(!matches!(
                refusal.code,
                ErrorCode::Unavailable | ErrorCode::Unknown
            ));
            false
        })
    }
}

async fn value<T: serde::de::DeserializeOwned>(request: RequestBuilder) -> T {
    let response = request.send().await.expect("central answers");
    assert_eq!(response.status().as_u16(), 200);
    response.json().await.expect("a value")
}

fn rest(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    Ok(u.bytes(u.len())?.to_vec())
}

/// Text that a header or an address may hold.
fn visible(u: &mut Unstructured<'_>) -> Result<String> {
    let drawn = bytes(u, 60)?;
    Ok(drawn.iter().map(|b| char::from(b'!' + b % 94)).collect())
}

fn query(u: &mut Unstructured<'_>) -> Result<String> {
    if rarely(u, 4)? {
        return visible(u);
    }
    // Nothing is waited for: an answer comes at once.
    Ok(format!("after={}&wait_ms=0", u.arbitrary::<u64>()?))
}
