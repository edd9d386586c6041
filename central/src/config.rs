//! What an administrator may set. Every number of policy is data with a documented default.

use crate::people::portrait::EMBEDDER_FILE;
use biometrics::finger::{self, Tail};
use regulation::Timestamp;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Everything that central is told from outside.
#[derive(Clone, Debug)]
pub struct Config {
    /// Database, keys, and `central.toml`.
    pub data_dir: PathBuf,
    /// Where every accepted envelope is written a second time; best on another disk. Without it
    /// nothing is ever acknowledged as safe, and tablets delete nothing.
    pub replica_dir: Option<PathBuf>,
    pub listen: SocketAddr,
    /// Host names and IP addresses by which tablets reach central; they stand in its certificate.
    pub names: Vec<String>,
    /// Invented people only: tablets show it loudly, and real questions are not looked up.
    pub training: bool,
    /// The model that makes faces comparable; absent: [`EMBEDDER_FILE`] in `data_dir` if it is there,
    /// else no face is searched.
    pub face_model: Option<PathBuf>,
    pub policy: Policy,
    /// Where the time comes from; tests set their own.
    pub clock: Clock,
}

impl Config {
    /// A configuration with every default.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>, listen: SocketAddr) -> Self {
        Self {
            data_dir: data_dir.into(),
            replica_dir: None,
            listen,
            names: vec!["localhost".into(), "127.0.0.1".into(), "::1".into()],
            training: false,
            face_model: None,
            policy: Policy::default(),
            clock: Clock::system(),
        }
    }

    /// The configuration in `data_dir/central.toml`, or every default where there is no such file.
    ///
    /// # Errors
    /// The file cannot be read, is not a configuration, or sets a value out of range.
    pub fn load(data_dir: &Path, listen: SocketAddr) -> Result<Self, ConfigError> {
        let mut config = Self::new(data_dir, listen);
        let path = data_dir.join("central.toml");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(config),
            Err(source) => return Err(ConfigError::Unreadable { path, source }),
        };
        let file: File = toml::from_str(&text).map_err(|source| ConfigError::Malformed {
            path: path.clone(),
            source: Box::new(source),
        })?;
        // Refused where it is written, not at the first search.
        file.policy
            .decision()
            .map_err(|source| ConfigError::Policy { path, source })?;
        config.replica_dir = file.replica_dir;
        config.training = file.training;
        config.face_model = file.face_model;
        config.policy = file.policy;
        if let Some(names) = file.names {
            config.names = names;
        }
        Ok(config)
    }

    /// The model that makes faces comparable, if there is one.
    #[must_use]
    pub fn embedder(&self) -> Option<PathBuf> {
        let usual = || Some(self.data_dir.join(EMBEDDER_FILE)).filter(|path| path.exists());
        self.face_model.clone().or_else(usual)
    }
}

/// Why a configuration file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{path} is not a configuration: {source}")]
    Malformed {
        path: PathBuf,
        source: Box<toml::de::Error>,
    },
    #[error("{path}, [policy]: {source}")]
    Policy { path: PathBuf, source: PolicyError },
}

/// Rates below and above which the engine holds a rate fixed: what it would not honour is not
/// taken.
const LEAST_FPIR: f64 = 1e-12;
const MOST_FPIR: f64 = 0.5;

/// Which values of `[policy]` make no decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    #[error("identify_fpir and verify_fpir must each be between {LEAST_FPIR:e} and {MOST_FPIR}")]
    FpirOutOfRange,
    #[error("identify_fpir must not be above verify_fpir")]
    IdentifyAboveVerify,
    #[error("tail_origin must be a finite number")]
    TailOrigin,
    #[error("tail_decade must be a finite number above 0")]
    TailDecade,
    #[error("face_strangers must be a finite number above 0")]
    FaceStrangers,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    replica_dir: Option<PathBuf>,
    names: Option<Vec<String>>,
    training: bool,
    face_model: Option<PathBuf>,
    policy: Policy,
}

/// Section `[policy]` of `central.toml`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Hours for which a session may be opened again on its tablet with no connection, and for which
    /// a roster holds; each contact of an open session begins them anew.
    pub lease_hours: u64,
    /// Whether tablets are given a roster: the active officers of the unit whose officer was last on
    /// the tablet, who may log in on it with no connection.
    pub roster: bool,
    /// Log-ins of one officer by rosters, before the tablet must have reached central again.
    pub roster_logins: usize,
    /// Hours for which a one-time enrolment code can be used.
    pub code_hours: u64,
    /// Days for which a tablet's certificate is valid.
    pub certificate_days: u64,
    /// Failed log-ins, of a login or of a tablet, that are free of waiting.
    pub free_attempts: u32,
    /// Seconds to wait after the first failure that is not free; doubles with each further one.
    pub throttle_first_s: u64,
    /// Longest wait between log-ins, seconds.
    pub throttle_longest_s: u64,
    /// Wrong passwords in a row for one login, on whatever tablets, after which it is locked until an
    /// administrator unlocks it.
    pub login_failures: u32,
    /// Argon2id memory, KiB.
    pub argon2_memory_kib: u32,
    /// Argon2id passes.
    pub argon2_passes: u32,
    /// Shortest password accepted for a new officer, characters.
    pub password_chars: usize,
    /// Look-ups that run at once.
    pub lookups: usize,
    /// Threads of one gallery search.
    pub search_threads: usize,
    /// Whether the gallery keeps a third of what it could, and prepares prints when they are
    /// compared: for millions of prints, at some 20 ms a search.
    pub small_gallery_memory: bool,
    /// Candidates shown to the officer at most; never fewer than two, so that two people who both
    /// match are seen.
    pub candidates: usize,
    /// Faces brought to the officer's eyes at most, one at a time.
    pub face_candidates: usize,
    /// No face is brought to anybody's eyes if more strangers as alike than this are to be expected in
    /// the gallery, among people of one sex, age and origin: `docs/faces.md` has the basis.
    pub face_strangers: f64,
    /// Milliseconds that a question waits for a gallery that is still being loaded.
    pub gallery_wait_ms: u64,
    /// False-positive identification rate (ISO/IEC 19795-1) at which a person is named: chance
    /// that a search for somebody who is not in the gallery names one all the same.
    pub identify_fpir: f64,
    /// The same at which candidates are shown for a person to verify; not below `identify_fpir`.
    pub verify_fpir: f64,
    /// Score at which the false match rate of one comparison reaches one; absent: the engine's
    /// own.
    pub tail_origin: Option<f32>,
    /// Points of score for a factor of ten of that rate; absent: the engine's own.
    pub tail_decade: Option<f32>,
    /// Upper limit of one tablet's captures together, GiB; what is above it waits on the tablet.
    pub captures_gib: u64,
    /// Seconds for a TLS handshake.
    pub handshake_s: u64,
    /// Seconds for a whole request, a long poll aside.
    pub request_s: u64,
    /// Seconds that running requests are given when central stops.
    pub shutdown_s: u64,
    /// Upper limit of the database, in pages of 4 KiB; absent: the disk's.
    pub database_pages: Option<u32>,
}

impl Default for Policy {
    fn default() -> Self {
        let engine = finger::Policy::default();
        Self {
            identify_fpir: engine.identify_fpir,
            verify_fpir: engine.verify_fpir,
            tail_origin: None,
            tail_decade: None,
            lease_hours: 12,
            roster: true,
            roster_logins: 2,
            code_hours: 24,
            certificate_days: 730,
            free_attempts: 3,
            throttle_first_s: 2,
            throttle_longest_s: 900,
            login_failures: 10,
            argon2_memory_kib: 64 * 1024,
            argon2_passes: 3,
            password_chars: 8,
            lookups: 2,
            search_threads: 2,
            small_gallery_memory: false,
            candidates: 8,
            face_candidates: 5,
            face_strangers: 10.0,
            gallery_wait_ms: 2_000,
            captures_gib: 512,
            handshake_s: 10,
            request_s: 30,
            shutdown_s: 5,
            database_pages: None,
        }
    }
}

const HOUR_MS: u64 = 60 * 60 * 1000;

impl Policy {
    pub(crate) fn lease_ms(&self) -> u64 {
        self.lease_hours.saturating_mul(HOUR_MS)
    }

    pub(crate) fn capture_bound(&self) -> u64 {
        self.captures_gib.saturating_mul(1024 * 1024 * 1024)
    }

    pub(crate) fn code_ms(&self) -> u64 {
        self.code_hours.saturating_mul(HOUR_MS)
    }

    /// What the open-set decision may risk.
    ///
    /// # Errors
    /// A rate or a figure of the tail is out of range.
    pub fn decision(&self) -> Result<finger::Policy, PolicyError> {
        let (identify_fpir, verify_fpir) = (self.identify_fpir, self.verify_fpir);
        // Not a number is in no range.
        let allowed = LEAST_FPIR..=MOST_FPIR;
        if !allowed.contains(&identify_fpir) || !allowed.contains(&verify_fpir) {
            return Err(PolicyError::FpirOutOfRange);
        }
        if identify_fpir > verify_fpir {
            return Err(PolicyError::IdentifyAboveVerify);
        }
        let engine = Tail::default();
        let tail = Tail {
            origin: self.tail_origin.unwrap_or(engine.origin),
            decade: self.tail_decade.unwrap_or(engine.decade),
            ..engine
        };
        if !tail.origin.is_finite() {
            return Err(PolicyError::TailOrigin);
        }
        if !(tail.decade.is_finite() && tail.decade > 0.0) {
            return Err(PolicyError::TailDecade);
        }
        if !(self.face_strangers.is_finite() && self.face_strangers > 0.0) {
            return Err(PolicyError::FaceStrangers);
        }
        Ok(finger::Policy {
            identify_fpir,
            verify_fpir,
            tail,
        })
    }
}

/// The time of day, as a function.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::from_fn(|| {
            let since = std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .unwrap_or_default();
            Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
        })
    }

    pub fn from_fn(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}
