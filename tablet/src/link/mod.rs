//! The link: everything that goes to central and comes from it. The only user of HTTP on the tablet.
//!
//! Three channels and no fourth: outbox (facts, from the vault, in its order; behind them the bytes of
//! captures, which give way to a question), inbox (messages, into
//! the vault before anybody hears of them), query (log-in, enrolment; online only). Each failure is
//! told apart, because each asks for something else: no network and a central that is down are
//! retried for ever; what central refuses for good is set aside so that the rest goes on; a device
//! that is not let in keeps everything and asks again, slowly.
//!
//! Beside them the roster of officers is kept up to date, so that they may log in with no connection.
//!
//! Nothing polls. While central answers, the tasks sleep on the vault's changes and on the inbox's
//! long poll; while it does not, one probe at a time looks for it, and only if there is something to
//! send or somebody to hear.

mod backoff;
mod captures;
mod check;
mod desk;
mod enrol;
mod error;
mod http;
mod inbox;
mod netwatch;
mod outbox;
mod probe;
mod roster;
mod tls;
mod wipe;

pub use check::{Way, WayCheck};
pub use enrol::enrol;
pub use error::LinkError;
pub use netwatch::{NetworkWatch, NoWatch, system_watch};

use crate::device::KeyStore;
use crate::vault::{DeviceIdentity, OpenSession, QueueStatus, Vault, VaultError};
use backoff::{Patience, SLOW};
use error::{HttpError, Verdict};
use http::Http;
use protocol::limits::{LOGIN_CHARS, PASSWORD_BYTES};
use protocol::{
    CaptureId, ConfirmRequest, DeskBoard, ErrorCode, IncidentView, LateAnswer, LoginRequest,
    LoginResponse, Message, Officer, SessionId, TabletOrdered, TabletRequest, UnitReport,
};
use regulation::{IncidentId, QuestionId, Timestamp};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc::UnboundedSender, watch};
use tokio::task::AbortHandle;
use zeroize::Zeroizing;

/// Nothing new that comes sooner was not waited for: central does not hold the poll.
const SOONEST: Duration = Duration::from_secs(1);

/// What the link tells the worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkEvent {
    Connection(Connection),
    Queue(QueueStatus),
    /// Kept in the vault already.
    Message(Message),
    /// The duty desk's board, of the session that is attached.
    Desk(Box<DeskBoard>),
    /// Central no longer knows this session; its inbox is no longer asked.
    SessionGone(SessionId),
    /// Central has ordered this tablet to wipe itself, and the vault can be read no more: it is locked.
    Lost,
    /// Central says that it is not lost any more.
    Found,
    /// It has wiped itself, and is enrolled no more. The link has nothing left to do.
    Wiped,
    /// The vault did not take what came, or not give what was to go; [`VaultError::code`].
    VaultFault(String),
}

/// The way to central as the screen may show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    Connecting,
    Online,
    NoNetwork,
    CentralDown,
    /// This device is not let in (revoked, unknown). Everything is kept.
    Refused(ErrorCode),
}

/// Handle of the link; clones share it. The tasks end with the last one, or with [`Link::stop`].
#[derive(Clone)]
pub struct Link(Arc<Handle>);

struct Handle {
    shared: Arc<Shared>,
    tasks: Vec<AbortHandle>,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Link(..)")
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

/// What the tasks share.
struct Shared {
    vault: Vault,
    http: Http,
    events: UnboundedSender<LinkEvent>,
    session: watch::Sender<Option<Arc<OpenSession>>>,
    /// Bumped when it is worth trying at once.
    kick: watch::Sender<u64>,
    /// Whether there is a way to central.
    up: watch::Sender<bool>,
    /// Whether central was asked, over that way, if this tablet is lost: nothing is sent before.
    standing: watch::Sender<bool>,
    /// Counts ways that were lost.
    ways: AtomicU64,
    /// Whether the worker was told that it is.
    told_lost: watch::Sender<bool>,
    shown: Mutex<Shown>,
}

/// What is known of the connection, and what was last said of it.
struct Shown {
    way: Connection,
    /// Central answers, but does not take the outbox.
    outbox_fails: bool,
    refused: Option<ErrorCode>,
    said: Option<Connection>,
}

impl Shown {
    fn now(&self) -> Connection {
        match (self.way, self.refused) {
            (Connection::Online, Some(code)) => Connection::Refused(code),
            (Connection::Online, None) if self.outbox_fails => Connection::CentralDown,
            (way, _) => way,
        }
    }
}

impl Link {
    /// Starts the link on the current Tokio runtime. What had been set aside gets another chance.
    ///
    /// # Errors
    /// The identity's address or certificates cannot be used.
    pub fn start(
        vault: Vault,
        identity: DeviceIdentity,
        keystore: Arc<dyn KeyStore>,
        events: UnboundedSender<LinkEvent>,
    ) -> Result<Self, LinkError> {
        Self::start_with(vault, identity, keystore, events, system_watch())
    }

    /// As [`Link::start`], with another source of network changes.
    ///
    /// # Errors
    /// As [`Link::start`].
    pub fn start_with(
        vault: Vault,
        identity: DeviceIdentity,
        keystore: Arc<dyn KeyStore>,
        events: UnboundedSender<LinkEvent>,
        mut network: Box<dyn NetworkWatch>,
    ) -> Result<Self, LinkError> {
        let certificate = identity.certificate_pem.as_str();
        let http = Http::new(
            &identity.server_url,
            &identity.ca_pem,
            Some((certificate, keystore)),
        )?;
        vault.unstick()?;
        let shared = Arc::new(Shared {
            vault,
            http,
            events,
            session: watch::Sender::new(None),
            kick: watch::Sender::new(0),
            up: watch::Sender::new(false),
            standing: watch::Sender::new(false),
            ways: AtomicU64::new(0),
            told_lost: watch::Sender::new(false),
            shown: Mutex::new(Shown {
                way: Connection::Connecting,
                outbox_fails: false,
                refused: None,
                said: None,
            }),
        });
        shared.show(|_| {});
        let watching = Arc::clone(&shared);
        let tasks = vec![
            tokio::spawn(outbox::run(Arc::clone(&shared))).abort_handle(),
            tokio::spawn(captures::run(Arc::clone(&shared))).abort_handle(),
            tokio::spawn(inbox::run(Arc::clone(&shared))).abort_handle(),
            tokio::spawn(desk::run(Arc::clone(&shared))).abort_handle(),
            tokio::spawn(probe::run(Arc::clone(&shared))).abort_handle(),
            tokio::spawn(wipe::run(Arc::clone(&shared))).abort_handle(),
            tokio::spawn(roster::run(Arc::clone(&shared))).abort_handle(),
            tokio::spawn(report_queue(Arc::clone(&shared))).abort_handle(),
            tokio::spawn(async move {
                loop {
                    network.changed().await;
                    watching.network_changed();
                }
            })
            .abort_handle(),
        ];
        Ok(Self(Arc::new(Handle { shared, tasks })))
    }

    /// Logs an officer in; online only.
    ///
    /// # Errors
    /// [`LinkError`]; [`LinkError::Central`] with central's reason.
    pub async fn login(&self, login: &str, password: &str) -> Result<LoginResponse, LinkError> {
        let shared = &self.0.shared;
        let (login, password) = credentials(login, password)?;
        let request = LoginRequest { login, password };
        let asked = shared.vault.now();
        let response = shared.told(shared.http.login(&request).await)?;
        shared.vault.heard_time(response.now, asked);
        Ok(response)
    }

    /// §16: has central check login and password of the other person of a hand-over. `token`: of the
    /// session whose tablet it is.
    ///
    /// # Errors
    /// [`LinkError`]; [`LinkError::Central`] with central's reason.
    pub async fn confirm(
        &self,
        token: &str,
        login: &str,
        password: &str,
    ) -> Result<Officer, LinkError> {
        let shared = &self.0.shared;
        let (login, password) = credentials(login, password)?;
        let request = ConfirmRequest { login, password };
        let confirmed = shared.told(shared.http.confirm(token, &request).await)?;
        Ok(confirmed.officer)
    }

    /// An incident of the unit, for a desk (§22); online only.
    ///
    /// # Errors
    /// [`LinkError`]; [`LinkError::Central`] with central's reason.
    pub async fn incident(
        &self,
        session: &OpenSession,
        id: IncidentId,
    ) -> Result<IncidentView, LinkError> {
        let shared = &self.0.shared;
        shared.told(shared.http.incident(&session.token, id).await)
    }

    /// An answer whose session had ended, for a desk of the unit; online only, and each is a look that
    /// central keeps.
    ///
    /// # Errors
    /// [`LinkError`]; [`LinkError::Central`] with central's reason.
    pub async fn late_answer(
        &self,
        session: &OpenSession,
        id: QuestionId,
    ) -> Result<LateAnswer, LinkError> {
        let shared = &self.0.shared;
        shared.told(shared.http.late_answer(&session.token, id).await)
    }

    /// A photo of an incident or of a tablet of the unit, as JPEG, for a desk; online only, and each is a
    /// look that central keeps.
    ///
    /// # Errors
    /// [`LinkError`]; [`LinkError::Central`] with central's reason.
    pub async fn photo(
        &self,
        session: &OpenSession,
        id: CaptureId,
    ) -> Result<Zeroizing<Vec<u8>>, LinkError> {
        let shared = &self.0.shared;
        shared.told(shared.http.photo(&session.token, id).await)
    }

    /// §4: what the unit did from `from` up to `to`, for its commander; online only.
    ///
    /// # Errors
    /// [`LinkError`]; [`LinkError::Central`] with central's reason.
    pub async fn report(
        &self,
        session: &OpenSession,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<UnitReport, LinkError> {
        let shared = &self.0.shared;
        shared.told(shared.http.report(&session.token, from, to).await)
    }

    /// §31: has central do something about a tablet of the unit; online only.
    ///
    /// # Errors
    /// [`LinkError`]; [`LinkError::Central`] with central's reason.
    pub async fn order_tablet(
        &self,
        session: &OpenSession,
        request: TabletRequest,
    ) -> Result<TabletOrdered, LinkError> {
        let shared = &self.0.shared;
        shared.told(shared.http.order_tablet(&session.token, &request).await)
    }

    /// Asks the inbox of this session from now on, and of no other.
    pub fn attach(&self, session: Arc<OpenSession>) {
        self.0.shared.session.send_replace(Some(session));
    }

    /// Asks no inbox any more.
    pub fn detach(&self) {
        self.0.shared.session.send_replace(None);
    }

    /// The network may be back: try at once.
    pub fn nudge(&self) {
        self.0.shared.kick();
    }

    /// Ends the tasks. What was not acknowledged stays in the vault.
    pub fn stop(&self) {
        self.0.tasks.iter().for_each(AbortHandle::abort);
    }
}

impl Shared {
    fn tell(&self, event: LinkEvent) {
        // Nobody listens any more: the worker is going down, and the link with it.
        let _ = self.events.send(event);
    }

    fn fault(&self, error: &VaultError) {
        tracing::error!(code = error.code(), "the vault did not do its part");
        self.tell(LinkEvent::VaultFault(error.code().to_owned()));
    }

    /// Changes what is known of the connection; says so if it shows.
    fn show(&self, change: impl FnOnce(&mut Shown)) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut shown);
        let now = shown.now();
        if shown.said != Some(now) {
            shown.said = Some(now);
            tracing::info!(connection = ?now, "connection");
            self.tell(LinkEvent::Connection(now));
        }
    }

    /// There is a way to central.
    fn reached(&self) {
        self.show(|shown| shown.way = Connection::Online);
        self.up.send_if_modified(|up| !std::mem::replace(up, true));
    }

    /// The way is lost; the probe looks for it.
    fn lost(&self, why: Connection) {
        self.show(|shown| shown.way = why);
        self.ways.fetch_add(1, Ordering::SeqCst);
        self.standing
            .send_if_modified(|known| std::mem::replace(known, false));
        self.up.send_if_modified(|up| std::mem::replace(up, false));
    }

    /// A long poll failed: says what that means of the way to central, and waits as it asks for.
    async fn back_off(&self, patience: &mut Patience, error: &HttpError) {
        let lost = match error.verdict() {
            Verdict::NoNetwork | Verdict::TimedOut => Connection::NoNetwork,
            Verdict::Unreachable => Connection::CentralDown,
            Verdict::CredentialsDead(code) => {
                self.show(|shown| shown.refused = Some(code));
                return patience.wait(Some(SLOW)).await;
            }
            Verdict::Later(after) => return patience.wait(after).await,
            Verdict::ForGood(_) => return patience.wait(Some(SLOW)).await,
        };
        patience.dropped();
        self.lost(lost);
    }

    /// What an answer to an officer who waits says of the way to central.
    fn told<T>(&self, answer: Result<T, HttpError>) -> Result<T, LinkError> {
        match &answer {
            Ok(_) => self.reached(),
            Err(error) => match error.verdict() {
                Verdict::NoNetwork => self.lost(Connection::NoNetwork),
                Verdict::Unreachable => self.lost(Connection::CentralDown),
                // Central's own word: there is a way.
                _ if error.code().is_some() => self.reached(),
                _ => {}
            },
        }
        Ok(answer?)
    }

    fn kick(&self) {
        self.kick
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    fn network_changed(&self) {
        tracing::info!("the network changed");
        self.http.reconnect();
        self.kick();
    }

    /// The vault blocks for some milliseconds: not on a thread that others share.
    async fn on_vault<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Vault) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let vault = self.vault.clone();
        match tokio::task::spawn_blocking(move || work(&vault)).await {
            Ok(result) => result,
            // The runtime is going down, or the vault panicked and rolled back.
            Err(_) => Err(VaultError::Io(std::io::ErrorKind::Interrupted)),
        }
    }

    async fn until_up(&self) {
        // The sender lives as long as `self`.
        let _ = self.up.subscribe().wait_for(|up| *up).await;
    }

    /// Until there is a way, and central was asked over it whether this tablet is lost.
    async fn until_let(&self) {
        let _ = self.standing.subscribe().wait_for(|known| *known).await;
        self.until_up().await;
    }

    /// Which way to central this is.
    fn way(&self) -> u64 {
        self.ways.load(Ordering::SeqCst)
    }
}

/// Login and password as central takes them. Of others it would say the same, after a trip.
fn credentials(login: &str, password: &str) -> Result<(String, String), LinkError> {
    let login = login.trim();
    if login.chars().count() > LOGIN_CHARS || password.len() > PASSWORD_BYTES {
        return Err(LinkError::Central(ErrorCode::BadCredentials.into()));
    }
    Ok((login.to_owned(), password.to_owned()))
}

/// Listens for the session that is attached, each in turn, if it is wanted. Another session, or none:
/// whatever is under way is dropped.
async fn for_each_session<F: Future<Output = ()>>(
    shared: &Shared,
    wanted: impl Fn(&OpenSession) -> bool,
    listen: impl Fn(Arc<OpenSession>) -> F,
) {
    let mut attached = shared.session.subscribe();
    loop {
        let session = attached.borrow_and_update().clone();
        let ended = match session.filter(|session| wanted(session)) {
            None => attached.changed().await,
            Some(session) => tokio::select! {
                () = listen(session) => attached.changed().await,
                changed = attached.changed() => changed,
            },
        };
        if ended.is_err() {
            return;
        }
    }
}

/// Sleeps, unless it becomes worth trying before.
async fn pause(time: Duration, kick: &mut watch::Receiver<u64>) {
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        _ = kick.changed() => {}
    }
}

/// Says what is in the queue whenever that changes.
async fn report_queue(shared: Arc<Shared>) {
    let mut changed = shared.vault.changed();
    let mut said = None;
    loop {
        changed.borrow_and_update();
        match shared.on_vault(Vault::queue).await {
            Ok(status) if said.as_ref() != Some(&status) => {
                said = Some(status.clone());
                shared.tell(LinkEvent::Queue(status));
            }
            Ok(_) => {}
            Err(error) => shared.fault(&error),
        }
        if changed.changed().await.is_err() {
            return;
        }
    }
}
