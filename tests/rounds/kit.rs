//! What the rounds share: chance, children, vaults, and the proof from central's archive.

use central::{Admin, Config};
use demo::tablet_kit;
use demo::world::{LOGIN, PASSWORD};
use protocol::DeviceId;
use regulation::EncounterId;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};
use tablet::device::keystore::UnsafeFileKeyStore;
use tablet::device::{KeyStore, SystemClock};
use tablet::link::Link;
use tablet::pages::PageView;
use tablet::vault::{OpenReport, OpenSession, Vault, VaultError};

/// Generous: a round may run beside a compiler.
pub const LONG: Duration = Duration::from_secs(120);

/// How large a round is, and its chance.
pub struct Plan {
    pub full: bool,
    pub seed: u64,
}

impl Plan {
    /// One of two numbers, by the round's size.
    pub fn of<T>(&self, short: T, full: T) -> T {
        if self.full { full } else { short }
    }
}

pub fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}

/// SplitMix64: a run can be had again by its seed.
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn from_system() -> Self {
        let time = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap();
        Self(time.as_nanos() as u64)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From `least` to `most`, both included.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.next() % (most - least + 1)
    }

    pub fn millis(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_micros(self.between(least * 1000, most * 1000))
    }
}

/// This program in another role, its lines read as they come.
pub struct Role {
    child: Child,
    lines: Receiver<String>,
}

impl Role {
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_under(&[], arguments)
    }

    /// … run by another program (`fiu-run …`, `faketime …`).
    pub fn start_under(wrapper: &[&str], arguments: &[&str]) -> Self {
        let this = std::env::current_exe().unwrap();
        let mut command = match wrapper {
            [] => Command::new(this),
            [program, rest @ ..] => {
                let mut command = Command::new(program);
                command.args(rest).arg(this);
                command
            }
        };
        let mut child = command
            .arg("role")
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("{wrapper:?} cannot be run: {e}"));
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next line, if it comes within `time`.
    pub fn line(&self, time: Duration) -> Option<String> {
        self.lines.recv_timeout(time).ok()
    }

    /// The next line that begins with `word`; what comes before it is kept in `before`.
    pub fn until(&self, word: &str, before: &mut Vec<String>) -> String {
        let until = Instant::now() + LONG;
        loop {
            match self
                .lines
                .recv_timeout(until.saturating_duration_since(Instant::now()))
            {
                Ok(line) if line.starts_with(word) => return line,
                Ok(line) => before.push(line),
                Err(RecvTimeoutError::Timeout) => panic!("`{word}` did not come"),
                Err(RecvTimeoutError::Disconnected) => panic!("ended before `{word}`"),
            }
        }
    }

    /// Every line that it has said by now.
    pub fn said(&self) -> Vec<String> {
        self.lines.try_iter().collect()
    }

    pub fn stop(&self) {
        kill_process(Pid::from_child(&self.child), Signal::STOP).unwrap();
    }

    /// SIGKILL; gives every line that it still said.
    pub fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.lines.iter().collect()
    }

    /// Waits for its end; its lines, and whether it ended well.
    pub fn end(mut self) -> (Vec<String>, bool) {
        let lines = self.lines.iter().collect();
        (lines, self.child.wait().unwrap().success())
    }
}

/// Resident memory of a process, MiB, as Linux counts it.
pub fn resident(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmRSS:"));
    line.and_then(|l| l.split_whitespace().nth(1))
        .and_then(|n| n.parse::<f64>().ok())
        .unwrap_or(0.0)
        / 1024.0
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// The vault of the tablet in `data`; waits for a program that is just ending.
pub fn open_vault(data: &Path) -> (Vault, OpenReport, Arc<dyn KeyStore>) {
    let (vault_dir, key_dir) = tablet_kit::dirs(data);
    let until = Instant::now() + LONG;
    loop {
        let keystore: Arc<dyn KeyStore> = Arc::new(UnsafeFileKeyStore::open(&key_dir).unwrap());
        match Vault::open(&vault_dir, keystore.clone(), Arc::new(SystemClock::new())) {
            Ok((vault, report)) => return (vault, report, keystore),
            Err(VaultError::InUse) if Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(error) => panic!("the vault does not open: {error}"),
        }
    }
}

/// A link of the tablet in `data`, with nobody at the screen.
fn link(vault: &Vault, keystore: Arc<dyn KeyStore>) -> Link {
    let (events, _) = tokio::sync::mpsc::unbounded_channel();
    let identity = vault.identity().unwrap().unwrap();
    Link::start(vault.clone(), identity, keystore, events).unwrap()
}

/// Logs the demo's officer in, online: a new session.
pub async fn begin_session(data: &Path) -> Arc<OpenSession> {
    let (vault, _, keystore) = open_vault(data);
    let link = link(&vault, keystore);
    let grant = link.login(LOGIN, PASSWORD).await.unwrap();
    let session = vault.begin_session(&grant, LOGIN, PASSWORD).unwrap();
    link.stop();
    session
}

/// Sends everything that waits in the vault of `data`.
pub async fn deliver(data: &Path) {
    let (vault, _, keystore) = open_vault(data);
    let link = link(&vault, keystore);
    let until = Instant::now() + LONG;
    loop {
        let queue = vault.queue().unwrap();
        assert!(queue.stuck.is_empty(), "stuck: {:?}", queue.stuck);
        if queue.waiting == 0 && queue.captures.bytes == 0 {
            break;
        }
        assert!(Instant::now() < until, "not delivered: {queue:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    link.stop();
}

/// Whether the page says that central has everything.
pub fn nothing_waits(page: &PageView) -> bool {
    let queue = &page.chrome.queue;
    queue.waiting == 0 && queue.capture_bytes == 0 && queue.stuck_total() == 0
}

/// The one tablet of a round.
pub fn device(admin: &Admin) -> DeviceId {
    let devices = admin.devices().unwrap();
    assert_eq!(devices.len(), 1);
    devices[0].id
}

/// Central's own check of the tablet's whole journal: nothing missing, changed, or out of the
/// chain. Returns how many envelopes it has.
pub fn journal_is_sound(admin: &Admin) -> u64 {
    let report = admin.archive().verify_journal(device(admin)).unwrap();
    assert!(report.sound(), "{report:?}");
    report.envelopes
}

/// Opens central's data beside the running server.
pub fn admin(config: &Config) -> Admin {
    Admin::open(config).unwrap()
}

/// Parses the id of a line `WORD ID …`.
pub fn encounter_of(word: &str) -> EncounterId {
    EncounterId(word.parse().unwrap())
}
