//! The composition root: puts the rooms together, and takes them down again.

use crate::admin::{Admin, AdminError};
use crate::archive::{self, Archive, Assessor, Captures, Replica, ReplicaDir, ReplicaError};
use crate::ca::{DoorKey, KeyError, Keys};
use crate::config::{Config, PolicyError};
use crate::desk::Desks;
use crate::devices::WrongCodes;
use crate::disk;
use crate::http;
use crate::officers::{Door, PasswordError, PasswordHasher, Throttle};
use crate::people::portrait::{FaceModelError, FaceReader};
use crate::search::Search;
use crate::search::worker::Lookups;
use crate::state::App;
use crate::store::sqlite::SqliteStore;
use crate::store::{Store, StoreError};
use axum_server::Handle;
use hyper_util::rt::TokioTimer;
use protocol::GallerySearched;
use regulation::edition::EditionError;
use regulation::{Edition, Timestamp};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, Semaphore, broadcast, watch};
use tokio::task::JoinHandle;

/// Changes that a slow listener may miss before it simply looks again.
const CHANGES: usize = 1024;
/// Bytes of a request's headers.
const HEADER_BYTES: u32 = 16 * 1024;
/// Time for a request's headers to arrive.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// How often the store is asked whether another program has changed it: one read of one number.
const LOOK_AROUND: Duration = Duration::from_millis(500);
/// Streams that one tablet may have open at once.
const STREAMS: u32 = 32;

/// Why central did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Keys(#[from] KeyError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Replica(#[from] ReplicaError),
    #[error("{0} cannot be made: {1}")]
    Directory(PathBuf, std::io::Error),
    #[error("cannot listen at {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    #[error(transparent)]
    Edition(#[from] EditionError),
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Admin(#[from] AdminError),
    #[error("policy: {0}")]
    Policy(#[from] PolicyError),
    #[error("faces: {0}")]
    Faces(#[from] FaceModelError),
}

/// A running central. Dropping it stops it at once; [`Central::shutdown`] lets requests finish.
#[derive(Debug)]
pub struct Central {
    address: SocketAddr,
    app: Arc<App>,
    admin: Admin,
    handle: Handle<SocketAddr>,
    stop: watch::Sender<bool>,
    server: Option<JoinHandle<()>>,
    worker: Option<JoinHandle<()>>,
    /// It looks at the store, which is not closed before it has ended.
    watcher: Option<JoinHandle<()>>,
    /// The same.
    relearner: Option<JoinHandle<()>>,
    /// The same.
    reassessor: Option<JoinHandle<()>>,
}

/// Where the database lies.
pub(crate) fn database(config: &Config) -> PathBuf {
    config.data_dir.join("central.db")
}

/// The replica's directory, if one is configured.
pub(crate) fn replica_dir(config: &Config, keys: &Arc<Keys>) -> Option<ReplicaDir> {
    let path = config.replica_dir.as_ref()?;
    Some(ReplicaDir::new(path, keys))
}

impl Central {
    /// Makes the CA, the keys and an empty database where they are absent, and with a new database
    /// begins the replica; changes nothing that is there.
    ///
    /// # Errors
    /// A file cannot be written, or what is there is damaged or incomplete.
    pub fn init(config: &Config) -> Result<(), StartError> {
        disk::private_dir()
            .recursive(true)
            .create(&config.data_dir)
            .map_err(|e| StartError::Directory(config.data_dir.clone(), e))?;
        let database = database(config);
        let there = database.exists();
        Keys::init(config, there)?;
        if !there {
            let (keys, _) = Keys::open(config)?;
            if let Some(dir) = replica_dir(config, &Arc::new(keys)) {
                dir.begin()?;
            }
        }
        SqliteStore::create(&database, config.policy.database_pages)?;
        Ok(())
    }

    /// Starts the server in the running Tokio runtime. What a restart interrupted is taken up: the
    /// replica catches up; what was stored and not assessed is assessed, open questions are looked up
    /// and the gallery is loaded in the background.
    ///
    /// # Errors
    /// [`StartError`]; nothing runs then.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        http::tls::install_ring();
        let prepared = tokio::task::spawn_blocking(move || Prepared::new(config)).await;
        let prepared = prepared.map_err(|_| StoreError::Fault(-1))??;
        prepared.run()
    }

    /// Where it listens; the port is the real one.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The private CA, PEM: the only one a tablet trusts.
    #[must_use]
    pub fn ca_pem(&self) -> String {
        self.app.keys.ca_pem().into()
    }

    #[must_use]
    pub fn admin(&self) -> &Admin {
        &self.admin
    }

    /// Waits until the gallery has been loaded; its size.
    pub async fn gallery_ready(&self) -> GallerySearched {
        let mut loaded = self.app.search.loaded();
        // The sender lives as long as `self`.
        loaded.wait_for(|loaded| *loaded).await.ok();
        self.app.search.size()
    }

    /// Stops taking connections, lets running requests and look-ups finish, and frees the port.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        let grace = Duration::from_secs(self.app.config.policy.shutdown_s);
        self.handle.graceful_shutdown(Some(grace));
        let tasks = [
            self.server.take(),
            self.worker.take(),
            self.watcher.take(),
            self.relearner.take(),
            self.reassessor.take(),
        ];
        for task in tasks.into_iter().flatten() {
            task.await.ok();
        }
    }
}

impl Drop for Central {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        self.handle.shutdown();
        if let Some(server) = self.server.take() {
            server.abort();
        }
    }
}

/// Everything that takes the disk or the processor, before anything runs.
struct Prepared {
    app: App,
    lookups: Lookups,
    admin: Admin,
    listener: TcpListener,
    tls: axum_server::tls_rustls::RustlsConfig,
    stop: watch::Sender<bool>,
    address: SocketAddr,
}

impl Prepared {
    fn new(mut config: Config) -> Result<Self, StartError> {
        let database = database(&config);
        let sqlite = SqliteStore::open(&database, config.policy.database_pages)?;
        // What was once a training stays one, whatever is asked for.
        config.training = sqlite.settle_training(config.training)?;
        let store: Arc<dyn Store> = Arc::new(sqlite);
        store.begin_numbers(config.clock.now())?;
        let (keys, opener) = Keys::open(&config)?;
        let (keys, opener) = (Arc::new(keys), Arc::new(opener));
        let edition = Arc::new(Edition::shipped()?);
        let policy = &config.policy;
        let hasher = || PasswordHasher::new(policy.argon2_memory_kib, policy.argon2_passes);
        tracing::info!(
            identify_fpir = policy.identify_fpir,
            verify_fpir = policy.verify_fpir,
            "open-set decision"
        );
        let faces = Arc::new(FaceReader::new(config.embedder().as_deref())?);
        if !faces.can_compare() {
            tracing::warn!(
                "no model of faces: portraits are shown, and searches by face are refused"
            );
        }
        let search = Arc::new(Search::new(store.clone(), policy, faces)?);
        let replica_dir = replica_dir(&config, &keys);
        let replica = open_replica(replica_dir.as_ref(), &*store, config.clock.now());
        let (stop, stopped) = watch::channel(false);
        let (changed, _) = broadcast::channel(CHANGES);
        let wake = Arc::new(Notify::new());
        let desks = Desks::new(config.clock.now());
        let lookups = Lookups {
            store: store.clone(),
            search: search.clone(),
            opener: opener.clone(),
            clock: config.clock.clone(),
            wake: wake.clone(),
            changed: changed.clone(),
            boards: desks.waker(),
            at_once: policy.lookups,
            gallery_wait: Duration::from_millis(policy.gallery_wait_ms),
        };
        let captures = Arc::new(Captures::new(&config, replica_dir.clone()));
        let archive = Archive {
            store: store.clone(),
            opener: opener.clone(),
            edition: edition.clone(),
            training: config.training,
            captures: captures.clone(),
            replica_dir,
        };
        let admin = Admin {
            store: store.clone(),
            keys: keys.clone(),
            hasher: Arc::new(hasher()?),
            config: config.clone(),
            archive,
            changed: Some(changed.clone()),
        };
        let identity = keys.server_identity(&config.names, config.clock.now())?;
        let tls = http::tls::config(&keys, identity)?;
        let listen = |e| StartError::Listen(config.listen, e);
        let listener = TcpListener::bind(config.listen).map_err(listen)?;
        listener.set_nonblocking(true).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let app = App {
            assessor: Assessor::new(
                store.clone(),
                opener.clone(),
                edition.clone(),
                config.training,
                config.clock.clone(),
            )
            .beside_others(&config.data_dir),
            door: Door {
                store: store.clone(),
                hasher: hasher()?,
                throttle: Throttle::new(policy),
                key: DoorKey::open(&config)?,
                clock: config.clock.clone(),
                lease_ms: policy.lease_ms(),
                roster: policy.roster,
                roster_logins: policy.roster_logins,
            },
            wrong_codes: WrongCodes::default(),
            hashing: Semaphore::new(2),
            opener,
            store,
            keys,
            edition,
            search,
            replica,
            captures,
            archive: admin.archive(),
            wake,
            changed,
            desks,
            stop: stopped,
            config,
        };
        Ok(Self {
            app,
            lookups,
            admin,
            listener,
            tls,
            stop,
            address,
        })
    }

    fn run(self) -> Result<Central, StartError> {
        let Self {
            app,
            lookups,
            admin,
            listener,
            tls,
            stop,
            address,
        } = self;
        let app = Arc::new(app);
        let search = app.search.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = search.load() {
                tracing::error!(%error, "the gallery cannot be loaded; answers are incomplete");
            }
        });
        let worker = tokio::spawn(lookups.run(stop.subscribe()));
        let watcher = tokio::spawn(watch_others(app.clone(), stop.subscribe()));
        let relearning = app.clone();
        let relearner = tokio::task::spawn_blocking(move || relearning.relearn_captures());
        let assessing = app.clone();
        let reassessor = tokio::task::spawn_blocking(move || assessing.assess_again());
        let handle = Handle::new();
        let handshake = Duration::from_secs(app.config.policy.handshake_s);
        let mut server = axum_server::from_tcp(listener)
            .map_err(|e| StartError::Listen(address, e))?
            .acceptor(http::tls::PeerAcceptor::new(tls, handshake))
            .handle(handle.clone());
        let builder = server.http_builder();
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIME)
            .max_buf_size(HEADER_BYTES as usize);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS)
            .max_header_list_size(HEADER_BYTES)
            .keep_alive_interval(Duration::from_secs(30))
            .keep_alive_timeout(Duration::from_secs(20));
        let router = http::router(app.clone());
        let server = tokio::spawn(async move {
            if let Err(error) = server.serve(router.into_make_service()).await {
                tracing::error!(%error, "the server has stopped");
            }
        });
        tracing::info!(%address, "listening");
        Ok(Central {
            address,
            app,
            admin,
            handle,
            stop,
            server: Some(server),
            worker: Some(worker),
            watcher: Some(watcher),
            relearner: Some(relearner),
            reassessor: Some(reassessor),
        })
    }
}

/// Notices what the administrator's commands change beside the server: a queue that was imported, a
/// tablet that was revoked.
async fn watch_others(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut seen = None;
    loop {
        let looking = app.clone();
        // The first time also at what was stored before a restart.
        let looked = tokio::task::spawn_blocking(move || {
            let now = looking.store.changed_by_others()?;
            if seen != Some(now) {
                looking.look_around()?;
            }
            Ok::<_, StoreError>(now)
        });
        match looked.await {
            Ok(Ok(now)) => seen = Some(now),
            Ok(Err(error)) => tracing::error!(%error, "the store cannot be looked at"),
            Err(error) => tracing::error!(%error, "looking at the store failed"),
        }
        let stopped = stop.wait_for(|stop| *stop);
        if tokio::time::timeout(LOOK_AROUND, stopped).await.is_ok() {
            return;
        }
    }
}

/// A replica that cannot be used does not stop central: nothing is called safe, and tablets keep
/// what they have.
fn open_replica(dir: Option<&ReplicaDir>, store: &dyn Store, now: Timestamp) -> Replica {
    let Some(dir) = dir else {
        tracing::warn!("no replica is configured: nothing will be called safe");
        return Replica::none();
    };
    let opened = archive::open_replica(dir, store, now);
    opened.unwrap_or_else(|error| {
        tracing::error!(%error, "the replica cannot be used: nothing will be called safe");
        Replica::none()
    })
}
