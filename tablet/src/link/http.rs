//! Requests: bounded in time, their responses bounded in size.

use super::error::HttpError;
use super::{LinkError, tls};
use crate::device::KeyStore;
use crate::vault::WaitingCapture;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::access::LOST_HEADER;
use protocol::limits::{INBOX_WAIT_MS, RESPONSE_BYTES, SLOWEST_BYTES_PER_S};
use protocol::{
    ApiError, Batch, CaptureId, CaptureReceipt, ConfirmRequest, ConfirmResponse, DeskBoard,
    EnrolRequest, EnrolResponse, ErrorCode, InboxPage, IncidentView, LateAnswer, LoginRequest,
    LoginResponse, Receipt, Roster, TabletOrdered, TabletRequest, UnitReport, WipeOrder,
    WipeReceipt, WipeReport, path,
};
use regulation::{IncidentId, QuestionId, Timestamp};
use reqwest::{Client, RequestBuilder};
use serde::de::DeserializeOwned;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::watch;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Name look-up, TCP and TLS together.
const CONNECT: Duration = Duration::from_secs(5);
const QUERY: Duration = Duration::from_secs(15);
/// A large one over a slow connection.
const ROSTER: Duration = Duration::from_secs(120);
const PHOTO: Duration = Duration::from_secs(60);
const HEALTH: Duration = Duration::from_secs(5);
/// A part that takes longer than that was too large for the way; central's own patience is longer.
const PART: Duration = Duration::from_secs(20);
const OUTBOX: Duration = Duration::from_secs(15);
/// What the long poll is given beyond its wait.
const INBOX_GRACE: Duration = Duration::from_secs(10);
/// A connection whose packets are not acknowledged that long is dead.
#[cfg(any(target_os = "linux", target_os = "android"))]
const UNACKNOWLEDGED: Duration = Duration::from_secs(8);
/// An idle connection older than that is not trusted with a question: a new one is surer.
const IDLE: Duration = Duration::from_secs(20);

/// A client of one central.
pub(super) struct Http {
    base: String,
    tls: rustls::ClientConfig,
    client: RwLock<Client>,
    /// Bumped whenever central says, to whatever request, that this tablet is reported lost.
    lost: watch::Sender<u64>,
}

impl Http {
    /// # Errors
    /// The address or the certificates cannot be used.
    pub(super) fn new(
        server_url: &str,
        ca_pem: &str,
        client: Option<(&str, Arc<dyn KeyStore>)>,
    ) -> Result<Self, LinkError> {
        let base = server_url.trim().trim_end_matches('/');
        let url = reqwest::Url::parse(base).map_err(|_| LinkError::BadAddress)?;
        if url.scheme() != "https" || url.host_str().is_none() || url.path() != "/" {
            return Err(LinkError::BadAddress);
        }
        let tls = tls::client_config(ca_pem, client)?;
        let client = RwLock::new(build(&tls)?);
        Ok(Self {
            base: base.to_owned(),
            tls,
            client,
            lost: watch::Sender::new(0),
        })
    }

    /// Changes whenever central says that this tablet is reported lost.
    pub(super) fn lost(&self) -> watch::Receiver<u64> {
        self.lost.subscribe()
    }

    /// Forgets every connection: the network they were made over is gone.
    pub(super) fn reconnect(&self) {
        if let Ok(fresh) = build(&self.tls) {
            *self.client.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
    }

    fn client(&self) -> Client {
        self.client
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    async fn fetch(&self, request: RequestBuilder) -> Result<Vec<u8>, HttpError> {
        let fetched = exchange(request).await;
        let lost = match &fetched {
            Ok((lost, _)) => *lost,
            Err(error) => error.code() == Some(ErrorCode::DeviceLost),
        };
        if lost {
            self.lost
                .send_modify(|count| *count = count.wrapping_add(1));
        }
        fetched.map(|(_, body)| body)
    }

    pub(super) async fn health(&self) -> Result<(), HttpError> {
        let request = self.client().get(self.url(path::HEALTH)).timeout(HEALTH);
        self.fetch(request).await.map(|_| ())
    }

    pub(super) async fn enrol(&self, body: &EnrolRequest) -> Result<EnrolResponse, HttpError> {
        parse(
            &self
                .fetch(
                    self.client()
                        .post(self.url(path::ENROL))
                        .timeout(QUERY)
                        .json(body),
                )
                .await?,
        )
    }

    pub(super) async fn login(&self, body: &LoginRequest) -> Result<LoginResponse, HttpError> {
        parse(
            &self
                .fetch(
                    self.client()
                        .post(self.url(path::LOGIN))
                        .timeout(QUERY)
                        .json(body),
                )
                .await?,
        )
    }

    pub(super) async fn confirm(
        &self,
        token: &str,
        body: &ConfirmRequest,
    ) -> Result<ConfirmResponse, HttpError> {
        let request = self.client().post(self.url(path::CONFIRM));
        let request = request.timeout(QUERY).bearer_auth(token).json(body);
        parse(&self.fetch(request).await?)
    }

    /// `token`: of the session that asks, if one is open; `locked`: too many wrong passwords were typed
    /// here.
    pub(super) async fn roster(
        &self,
        token: Option<&str>,
        locked: bool,
    ) -> Result<Roster, HttpError> {
        let mut url = self.url(path::ROSTER);
        if locked {
            url.push_str("?locked=1");
        }
        let mut request = self.client().get(url).timeout(ROSTER);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        parse(&self.fetch(request).await?)
    }

    pub(super) async fn outbox(&self, batch: &Batch) -> Result<Receipt, HttpError> {
        let body = protocol::to_cbor(batch).map_err(|_| HttpError::Malformed)?;
        let timeout = OUTBOX + Duration::from_secs(body.len() as u64 / SLOWEST_BYTES_PER_S);
        let request = self
            .client()
            .post(self.url(path::OUTBOX))
            .timeout(timeout)
            .header(reqwest::header::CONTENT_TYPE, "application/cbor")
            .body(body);
        parse(&self.fetch(request).await?)
    }

    /// How much of a capture central has.
    pub(super) async fn capture(&self, id: CaptureId) -> Result<CaptureReceipt, HttpError> {
        let url = self.url(&path::capture(id));
        parse(&self.fetch(self.client().get(url).timeout(QUERY)).await?)
    }

    /// Bytes of a capture's sealed file, from `offset` on.
    pub(super) async fn capture_part(
        &self,
        capture: &WaitingCapture,
        offset: u64,
        part: Vec<u8>,
    ) -> Result<CaptureReceipt, HttpError> {
        let url = format!(
            "{}?offset={offset}&size={}&digest={}",
            self.url(&path::capture(capture.id)),
            capture.size,
            URL_SAFE_NO_PAD.encode(capture.digest.0)
        );
        let request = self
            .client()
            .put(url)
            .timeout(PART)
            .header(reqwest::header::CONTENT_TYPE, "application/octet-stream")
            .body(part);
        parse(&self.fetch(request).await?)
    }

    pub(super) async fn inbox(&self, token: &str, after: u64) -> Result<InboxPage, HttpError> {
        let url = format!(
            "{}?after={after}&wait_ms={INBOX_WAIT_MS}",
            self.url(path::INBOX)
        );
        let timeout = Duration::from_millis(INBOX_WAIT_MS) + INBOX_GRACE;
        parse(
            &self
                .fetch(self.client().get(url).timeout(timeout).bearer_auth(token))
                .await?,
        )
    }

    /// The desk's board; waits while `after` is the version that stands.
    pub(super) async fn desk(
        &self,
        token: &str,
        after: Option<&str>,
    ) -> Result<DeskBoard, HttpError> {
        let mut url = format!("{}?wait_ms={INBOX_WAIT_MS}", self.url(path::DESK));
        // Central's own word, and no more than a word: anything else is asked without.
        let word = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
        if let Some(after) = after.filter(|after| after.bytes().all(word)) {
            url.push_str("&after=");
            url.push_str(after);
        }
        let timeout = Duration::from_millis(INBOX_WAIT_MS) + INBOX_GRACE;
        let request = self.client().get(url).timeout(timeout).bearer_auth(token);
        parse(&self.fetch(request).await?)
    }

    pub(super) async fn incident(
        &self,
        token: &str,
        id: IncidentId,
    ) -> Result<IncidentView, HttpError> {
        let url = self.url(&path::incident(id));
        let request = self.client().get(url).timeout(QUERY).bearer_auth(token);
        parse(&self.fetch(request).await?)
    }

    pub(super) async fn late_answer(
        &self,
        token: &str,
        id: QuestionId,
    ) -> Result<LateAnswer, HttpError> {
        let url = self.url(&path::late_answer(id));
        let request = self.client().get(url).timeout(QUERY).bearer_auth(token);
        parse(&self.fetch(request).await?)
    }

    /// The bytes of a JPEG.
    pub(super) async fn photo(
        &self,
        token: &str,
        id: CaptureId,
    ) -> Result<Zeroizing<Vec<u8>>, HttpError> {
        let url = self.url(&path::photo(id));
        let request = self.client().get(url).timeout(PHOTO).bearer_auth(token);
        self.fetch(request).await.map(Zeroizing::new)
    }

    pub(super) async fn report(
        &self,
        token: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<UnitReport, HttpError> {
        let url = format!("{}?from={}&to={}", self.url(path::REPORT), from.0, to.0);
        let request = self.client().get(url).timeout(QUERY).bearer_auth(token);
        parse(&self.fetch(request).await?)
    }

    pub(super) async fn order_tablet(
        &self,
        token: &str,
        body: &TabletRequest,
    ) -> Result<TabletOrdered, HttpError> {
        let request = self.client().post(self.url(path::TABLET));
        let request = request.timeout(QUERY).bearer_auth(token).json(body);
        parse(&self.fetch(request).await?)
    }

    /// Whether this tablet is to wipe itself. `NotFound`: it is not.
    pub(super) async fn wipe_order(&self, challenge: Uuid) -> Result<WipeOrder, HttpError> {
        let url = format!("{}?challenge={challenge}", self.url(path::WIPE));
        parse(&self.fetch(self.client().get(url).timeout(QUERY)).await?)
    }

    pub(super) async fn wipe_report(&self, body: &WipeReport) -> Result<WipeReceipt, HttpError> {
        let request = self.client().post(self.url(path::WIPE));
        parse(&self.fetch(request.timeout(QUERY).json(body)).await?)
    }
}

fn build(tls: &rustls::ClientConfig) -> Result<Client, LinkError> {
    let builder = Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .https_only(true)
        .http1_only()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT)
        .tcp_nodelay(true)
        .tcp_keepalive(Duration::from_secs(15))
        .pool_max_idle_per_host(2)
        .pool_idle_timeout(IDLE);
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let builder = builder.tcp_user_timeout(UNACKNOWLEDGED);
    builder.build().map_err(|_| LinkError::Tls)
}

/// Sends, and reads the body of a success; never more than [`RESPONSE_BYTES`]. Whether central said
/// that this tablet is lost comes with it.
async fn exchange(request: RequestBuilder) -> Result<(bool, Vec<u8>), HttpError> {
    let failed = |error: reqwest::Error| HttpError::of_request(&error.without_url());
    let mut response = request.send().await.map_err(failed)?;
    let status = response.status();
    let lost = response.headers().contains_key(LOST_HEADER);
    let limit = RESPONSE_BYTES as u64;
    if response
        .content_length()
        .is_some_and(|length| length > limit)
    {
        return Err(HttpError::Malformed);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > RESPONSE_BYTES {
            return Err(HttpError::Malformed);
        }
        body.extend_from_slice(&chunk);
    }
    if status.is_success() {
        return Ok((lost, body));
    }
    let error = serde_json::from_slice::<ApiError>(&body).ok();
    Err(HttpError::Status {
        status: status.as_u16(),
        error,
    })
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, HttpError> {
    serde_json::from_slice(body).map_err(|_| HttpError::Malformed)
}
