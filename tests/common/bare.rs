//! A tablet's vault and link without pages, logged in: for what no page asks for yet.

use demo::tablet_kit;
use protocol::{Fact, FactKind, Question, SessionEvent, Urgency};
use regulation::EncounterId;
use regulation::encounter::{Event, MACHINE_VERSION, Recorded};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use tablet::device::keystore::UnsafeFileKeyStore;
use tablet::device::{Clock as _, KeyStore, SystemClock};
use tablet::link::{Link, LinkEvent};
use tablet::vault::{OpenSession, QueueStatus, Vault};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

pub struct Bare {
    pub vault: Vault,
    pub link: Link,
    pub session: Arc<OpenSession>,
    pub events: UnboundedReceiver<LinkEvent>,
    clock: SystemClock,
    edition: String,
}

impl Bare {
    /// Opens the tablet whose data lies in `data`, with central at `address`; the demo's officer
    /// logs in.
    pub async fn start(data: &Path, address: SocketAddr) -> Self {
        let (vault_dir, key_dir) = tablet_kit::dirs(data);
        let keystore: Arc<dyn KeyStore> = Arc::new(UnsafeFileKeyStore::open(&key_dir).unwrap());
        let clock = Arc::new(SystemClock::new());
        let (vault, report) = Vault::open(&vault_dir, keystore.clone(), clock).unwrap();
        assert_eq!(report, Default::default());
        let mut identity = vault.identity().unwrap().unwrap();
        identity.server_url = format!("https://{address}");
        vault.set_identity(&identity).unwrap();
        let (sender, events) = unbounded_channel();
        let link = Link::start(vault.clone(), identity, keystore, sender).unwrap();
        let (login, password) = (demo::world::LOGIN, demo::world::PASSWORD);
        let grant = link.login(login, password).await.unwrap();
        let session = vault.begin_session(&grant, login, password).unwrap();
        link.attach(Arc::clone(&session));
        let bare = Self {
            vault,
            link,
            session,
            events,
            clock: SystemClock::new(),
            edition: grant.edition,
        };
        let started = FactKind::Session {
            event: SessionEvent::Started,
        };
        bare.append(None, Urgency::Ordinary, started);
        bare
    }

    fn append(&self, encounter: Option<EncounterId>, urgency: Urgency, kind: FactKind) {
        let fact = Fact {
            edition: self.edition.clone(),
            machine: MACHINE_VERSION,
            officer: self.session.officer.id,
            at: self.clock.now(),
            uptime_ms: self.clock.uptime_ms(),
            training: self.session.training,
            kind,
        };
        self.vault
            .append(&self.session, encounter, urgency, &fact)
            .unwrap();
    }

    pub fn record(&self, encounter: EncounterId, event: Event, question: Option<Question>) {
        let urgency = if question.is_some() {
            Urgency::Question
        } else {
            Urgency::Ordinary
        };
        let recorded = Recorded {
            at: self.clock.now(),
            event,
        };
        let kind = FactKind::Encounter { recorded, question };
        self.append(Some(encounter), urgency, kind);
    }

    /// Waits until the queue is so.
    pub async fn until_queue(&self, what: &str, wanted: impl Fn(&QueueStatus) -> bool) {
        let until = Instant::now() + crate::LONG * 2;
        loop {
            let queue = self.vault.queue().unwrap();
            if wanted(&queue) {
                return;
            }
            assert!(Instant::now() < until, "waited for {what}: {queue:?}");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// Waits until every capture is safe at central and gone from here.
    pub async fn until_captures_gone(&self) {
        self.until_queue("every capture to be safe", |queue| {
            queue.captures == Default::default() && queue.waiting == 0
        })
        .await;
    }
}
