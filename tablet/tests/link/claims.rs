//! What the link does in good weather and in bad.

use crate::server::*;
use axum::http::StatusCode;
use protocol::{ErrorCode, Fact, FactKind, SessionEvent, Urgency};
use regulation::{EncounterId, OfficerId, Timestamp};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tablet::device::SystemClock;
use tablet::device::keystore::UnsafeFileKeyStore;
use tablet::link::{Connection, Link, LinkError, LinkEvent, NoWatch, enrol};
use tablet::vault::{OpenSession, StuckReason, Vault};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use uuid::Uuid;

pub struct Bench {
    pub dir: tempfile::TempDir,
    pub central: Arc<Central>,
    pub server: Option<Running>,
    address: SocketAddr,
    pub vault: Vault,
    pub link: Link,
    pub session: Arc<OpenSession>,
    events: UnboundedReceiver<LinkEvent>,
}

fn anywhere() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

pub fn fact() -> Fact {
    Fact {
        edition: "399-2022-07-22".into(),
        machine: 1,
        officer: OfficerId(Uuid::from_u128(3)),
        at: Timestamp(1),
        uptime_ms: 1,
        training: true,
        kind: FactKind::Session {
            event: SessionEvent::Started,
        },
    }
}

impl Bench {
    /// Enrolled, logged in, listening.
    pub async fn new() -> Self {
        Self::with(Central::new()).await
    }

    /// … at a central that was told something before.
    pub async fn with(central: Arc<Central>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let server = central.serve(anywhere()).await;
        let keystore = Arc::new(UnsafeFileKeyStore::open(&dir.path().join("keys")).unwrap());
        let identity = enrol(&server.url(), central.ca_pem(), CODE, keystore.as_ref())
            .await
            .unwrap();
        let clock = Arc::new(SystemClock::new());
        let (vault, _) = Vault::open(&dir.path().join("data"), keystore.clone(), clock).unwrap();
        vault.set_identity(&identity).unwrap();
        let (sender, events) = unbounded_channel();
        let link =
            Link::start_with(vault.clone(), identity, keystore, sender, Box::new(NoWatch)).unwrap();
        let grant = link.login(LOGIN, PASSWORD).await.unwrap();
        let session = vault.begin_session(&grant, LOGIN, PASSWORD).unwrap();
        link.attach(Arc::clone(&session));
        let address = server.address;
        let server = Some(server);
        Self {
            dir,
            central,
            server,
            address,
            vault,
            link,
            session,
            events,
        }
    }

    pub fn append(&self, encounter: Option<u128>) -> u64 {
        let encounter = encounter.map(|n| EncounterId(Uuid::from_u128(n)));
        self.vault
            .append(&self.session, encounter, Urgency::Ordinary, &fact())
            .unwrap()
    }

    pub async fn stop_server(&mut self) {
        self.server.take().unwrap().stop().await;
    }

    pub async fn start_server(&mut self) {
        self.server = Some(self.central.serve(self.address).await);
    }

    /// Waits for an event, and forgets those before it.
    pub async fn until(&mut self, wanted: impl Fn(&LinkEvent) -> bool) -> LinkEvent {
        let mut seen = Vec::new();
        let searching = async {
            loop {
                let event = self.events.recv().await.unwrap();
                if wanted(&event) {
                    return event;
                }
                seen.push(event);
            }
        };
        match tokio::time::timeout(Duration::from_secs(30), searching).await {
            Ok(event) => event,
            Err(_) => panic!("did not come; came: {seen:?}"),
        }
    }

    pub async fn until_sent(&mut self, total: u64) {
        self.until(
            |event| matches!(event, LinkEvent::Queue(q) if q.sent_total == total && q.waiting == 0),
        )
        .await;
    }

    async fn until_shown(&mut self, connection: Connection) {
        self.until(|event| *event == LinkEvent::Connection(connection))
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn online_an_event_is_at_central_at_once() {
    let mut bench = Bench::new().await;
    bench.until_shown(Connection::Online).await;
    bench.append(None);
    bench.until_sent(1).await;
    let begun = Instant::now();
    bench.append(None);
    bench.until_sent(2).await;
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(bench.central.stored(), [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_recorded_offline_goes_when_central_is_back_on_the_same_port() {
    let mut bench = Bench::new().await;
    bench.append(None);
    bench.until_sent(1).await;
    bench.stop_server().await;
    for n in 0..5 {
        bench.append(Some(n));
    }
    bench.until_shown(Connection::CentralDown).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    bench.start_server().await;
    bench.until_shown(Connection::Online).await;
    bench.until_sent(6).await;
    assert_eq!(bench.central.stored(), [1, 2, 3, 4, 5, 6]);
    // And the inbox is heard again.
    let message = bench.central.send(1);
    bench
        .until(|event| *event == LinkEvent::Message(message.clone()))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_kept_before_it_is_told_of_and_told_of_once() {
    let mut bench = Bench::new().await;
    let first = bench.central.send(3);
    bench
        .until(|event| *event == LinkEvent::Message(first.clone()))
        .await;
    assert_eq!(
        bench.vault.messages(&bench.session).unwrap(),
        std::slice::from_ref(&first)
    );
    assert_eq!(bench.vault.inbox_cursor(bench.session.id).unwrap(), 3);
    // A central that repeats itself.
    bench
        .central
        .record
        .lock()
        .unwrap()
        .inbox
        .insert(0, first.clone());
    let second = bench.central.send(4);
    let told = bench
        .until(|event| matches!(event, LinkEvent::Message(_)))
        .await;
    assert_eq!(told, LinkEvent::Message(second));
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_and_online_nothing_is_sent_but_the_long_poll() {
    let mut bench = Bench::new().await;
    bench.append(None);
    bench.until_sent(1).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let record = bench.central.record.lock().unwrap();
    assert_eq!(record.batches, 1);
    assert_eq!(record.inbox_requests, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_central_that_cannot_now_is_asked_again_until_it_can() {
    let mut bench = Bench::new().await;
    let moods = [
        Mood::Status(StatusCode::INTERNAL_SERVER_ERROR),
        Mood::Api(ErrorCode::Unavailable),
        Mood::Status(StatusCode::NOT_FOUND),
        Mood::Babbles,
        Mood::Floods,
    ];
    for (mood, total) in moods.into_iter().zip(1..) {
        bench.central.mood(mood);
        bench.append(Some(1));
        bench.until_shown(Connection::CentralDown).await;
        bench.central.mood(Mood::Works);
        bench.until_sent(total).await;
    }
    assert!(bench.vault.queue().unwrap().stuck.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_central_refuses_for_good_is_set_aside_and_the_rest_goes_on() {
    for (code, reason) in [
        (
            ErrorCode::SequenceConflict,
            StuckReason::RefusedForGood(ErrorCode::SequenceConflict),
        ),
        (
            ErrorCode::Malformed,
            StuckReason::RefusedForGood(ErrorCode::Malformed),
        ),
        (ErrorCode::TooLarge, StuckReason::TooLarge),
    ] {
        let mut bench = Bench::new().await;
        bench.central.mood(Mood::RefusesSeqs(vec![2], code));
        for _ in 0..5 {
            bench.append(Some(1));
        }
        bench.until_sent(4).await;
        assert_eq!(bench.central.stored(), [1, 3, 4, 5]);
        assert_eq!(bench.vault.queue().unwrap().stuck, [(reason, 1)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_not_let_in_keeps_everything_and_asks_again_when_nudged() {
    let mut bench = Bench::new().await;
    bench.central.mood(Mood::Api(ErrorCode::DeviceRevoked));
    bench.append(Some(1));
    bench
        .until_shown(Connection::Refused(ErrorCode::DeviceRevoked))
        .await;
    let queue = bench.vault.queue().unwrap();
    assert_eq!((queue.waiting, queue.stuck.len()), (1, 0));
    bench.central.mood(Mood::Works);
    tokio::time::sleep(Duration::from_millis(300)).await;
    bench.link.nudge();
    bench.until_sent(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_is_not_centrals_moves_nothing() {
    let mut bench = Bench::new().await;
    bench.central.mood(Mood::Forges);
    bench.append(None);
    bench
        .until(|event| *event == LinkEvent::VaultFault("vault_bad_receipt".into()))
        .await;
    assert_eq!(bench.vault.queue().unwrap().waiting, 1);
    bench.central.mood(Mood::Works);
    bench.until_sent(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_central_that_hangs_is_given_up_and_asked_again() {
    let mut bench = Bench::new().await;
    bench.central.mood(Mood::Hangs);
    bench.append(None);
    bench.until_shown(Connection::NoNetwork).await;
    bench.central.mood(Mood::Works);
    bench.until_sent(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_central_ended_is_no_longer_asked_for() {
    let mut bench = Bench::new().await;
    bench.central.record.lock().unwrap().inbox_code = Some(ErrorCode::SessionUnknown);
    bench.central.news.notify_waiters();
    bench.link.detach();
    bench.link.attach(Arc::clone(&bench.session));
    let id = bench.session.id;
    bench
        .until(|event| *event == LinkEvent::SessionGone(id))
        .await;
    // The answer may be that to the first asking: the second is still on its way.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let asked = bench.central.record.lock().unwrap().inbox_requests;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(bench.central.record.lock().unwrap().inbox_requests, asked);
    // The outbox goes on all the same.
    bench.append(None);
    bench.until_sent(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_a_wrong_code_are_centrals_word() {
    let bench = Bench::new().await;
    let refused = bench.link.login(LOGIN, "notogri").await.unwrap_err();
    assert_eq!(
        refused,
        LinkError::Central(ErrorCode::BadCredentials.into())
    );
    let dir = tempfile::tempdir().unwrap();
    let keys = UnsafeFileKeyStore::open(dir.path()).unwrap();
    let url = bench.server.as_ref().unwrap().url();
    let refused = enrol(&url, bench.central.ca_pem(), "boshqa", &keys)
        .await
        .unwrap_err();
    assert_eq!(refused, LinkError::Central(ErrorCode::CodeInvalid.into()));
    let plain = url.replace("https", "http");
    let refused = enrol(&plain, bench.central.ca_pem(), CODE, &keys)
        .await
        .unwrap_err();
    assert_eq!(refused, LinkError::BadAddress);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_central_of_another_authority_is_not_talked_to() {
    let central = Central::new();
    let server = central.serve(anywhere()).await;
    let dir = tempfile::tempdir().unwrap();
    let keys = UnsafeFileKeyStore::open(dir.path()).unwrap();
    let refused = enrol(&server.url(), Central::new().ca_pem(), CODE, &keys)
        .await
        .unwrap_err();
    assert_eq!(refused, LinkError::Tls);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_anybody_there_it_is_said_so() {
    let dir = tempfile::tempdir().unwrap();
    let keys = UnsafeFileKeyStore::open(dir.path()).unwrap();
    let central = Central::new();
    let refused = enrol("https://127.0.0.1:1", central.ca_pem(), CODE, &keys)
        .await
        .unwrap_err();
    assert_eq!(refused, LinkError::CentralDown);
    let refused = enrol("https://central.invalid", central.ca_pem(), CODE, &keys)
        .await
        .unwrap_err();
    assert_eq!(refused, LinkError::Network);
}

/// Needs `ip` and the right to add an address to the loopback interface; run with `--ignored`.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "changes the machine's addresses"]
async fn a_change_of_addresses_is_heard_of() {
    let ip = |verb: &str| {
        let arguments = ["addr", verb, "127.0.0.77/32", "dev", "lo"];
        assert!(
            std::process::Command::new("ip")
                .args(arguments)
                .status()
                .unwrap()
                .success()
        );
    };
    let mut watch = tablet::link::system_watch();
    let heard = tokio::time::timeout(Duration::from_secs(5), watch.changed());
    let (heard, ()) = tokio::join!(heard, async { ip("add") });
    ip("del");
    assert!(heard.is_ok());
}
