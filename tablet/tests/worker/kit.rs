//! A tablet's worker with a vault of its own, an open shift and no central; clocks that the test
//! turns.

use crate::server::CODE;
use crate::support::{Central, LOGIN, PASSWORD};
use biometrics::finger::GreyImage;
use protocol::{Fact, FactKind, LoginResponse, Role, SessionEvent, Urgency};
use regulation::encounter::{Explanation, Language, MACHINE_VERSION, ServiceId};
use regulation::{Edition, Timestamp};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tablet::device::keystore::UnsafeFileKeyStore;
use tablet::device::{
    Battery, Camera, CameraFault, CameraStream, Cancel, CaptureRequest, Captured, Clock, Facing,
    NoSpeaker, Picture, Power, Preview, Scanner, ScannerDescription, ScannerFault, Voice,
    VoiceFault,
};
use tablet::link::{Link, enrol};
use tablet::pages::{Page, PageView, Screen, Stamp};
use tablet::vault::{DeviceIdentity, OpenSession, Vault};
use tablet::worker::{Command, CustodyCommand, LockPolicy, Parts, Update, Worker};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use zeroize::Zeroizing;

pub const LONG: Duration = Duration::from_secs(30);
pub const PIN: &str = "40719";
pub const PLACE: &str = "Kanareyka koʻchasi";
pub const FACT: &str = "kanareyka: belgilari mos keldi";

/// Clocks that the test turns.
#[derive(Default)]
pub struct Turned {
    pub wall: AtomicI64,
    pub uptime: AtomicU64,
    pub slept: AtomicU64,
}

impl Clock for Turned {
    fn now(&self) -> Timestamp {
        Timestamp(1_000_000 + self.wall.load(Ordering::SeqCst))
    }
    fn uptime_ms(&self) -> u64 {
        self.uptime.load(Ordering::SeqCst)
    }
    fn slept_ms(&self) -> u64 {
        self.slept.load(Ordering::SeqCst)
    }
}

struct NoPower;

impl Power for NoPower {
    fn battery(&self) -> Option<Battery> {
        None
    }
}

/// Waits for a finger until it is told to stop. The last two: its lamp is broken; a test picture takes
/// as long as this stands.
#[derive(Default)]
pub struct Patient(pub AtomicBool, pub Dumb, pub AtomicBool, pub AtomicBool);

/// Whether the scanner answers nobody.
#[derive(Default)]
pub struct Dumb(pub AtomicBool);

impl Scanner for Patient {
    fn discover(&self) -> Result<ScannerDescription, ScannerFault> {
        Ok(ScannerDescription {
            model: "patient".into(),
            serial: String::new(),
            ppi: 500,
        })
    }
    fn test_frame(&self) -> Result<GreyImage, ScannerFault> {
        while self.3.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(2));
        }
        match self.1.0.load(Ordering::SeqCst) {
            true => Err(ScannerFault::TimedOut),
            false => {
                let dark = self.2.load(Ordering::SeqCst);
                let shade = if dark { 4 } else { 250 };
                Ok(GreyImage::new(64, 64, 500, vec![shade; 64 * 64]).unwrap())
            }
        }
    }
    fn capture(
        &self,
        _request: &CaptureRequest,
        _preview: &mut dyn FnMut(&Preview),
        cancel: &Cancel,
    ) -> Result<Captured, ScannerFault> {
        self.0.store(true, Ordering::SeqCst);
        while !cancel.is_cancelled() {
            std::thread::sleep(Duration::from_millis(5));
        }
        Err(ScannerFault::Cancelled)
    }
}

/// Reads until it is told to stop, or until the test has heard enough.
#[derive(Default)]
pub struct Reader {
    pub read: Mutex<Vec<(String, Language)>>,
    pub heard: AtomicBool,
    pub stopped: AtomicU64,
    pub fault: Mutex<Option<VoiceFault>>,
}

impl Voice for Reader {
    fn say(&self, text: &str, language: Language, cancel: &Cancel) -> Result<(), VoiceFault> {
        if let Some(fault) = *self.fault.lock().unwrap() {
            return Err(fault);
        }
        self.read.lock().unwrap().push((text.to_owned(), language));
        while !cancel.is_cancelled() {
            if self.heard.swap(false, Ordering::SeqCst) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.stopped.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

/// A camera whose frames are all different, and what is wrong with it.
#[derive(Default)]
pub struct Lens {
    pub fault: Mutex<Option<CameraFault>>,
    /// Frames are all of one colour.
    pub dead: AtomicBool,
    /// Never comes back from giving a frame until this is over.
    pub hangs: Arc<AtomicBool>,
    pub open: Arc<AtomicBool>,
    pub given: Arc<AtomicU64>,
    /// What it sees instead, a frame after the other, again and again.
    pub sees: Arc<Mutex<Vec<Picture>>>,
}

struct Looking {
    dead: bool,
    hangs: Arc<AtomicBool>,
    open: Arc<AtomicBool>,
    given: Arc<AtomicU64>,
    sees: Arc<Mutex<Vec<Picture>>>,
}

impl Lens {
    pub fn fails_with(&self, fault: Option<CameraFault>) {
        *self.fault.lock().unwrap() = fault;
    }
}

impl Camera for Lens {
    fn discover(&self) -> Result<Vec<Facing>, CameraFault> {
        match *self.fault.lock().unwrap() {
            Some(CameraFault::NotFitted) => Err(CameraFault::NotFitted),
            _ => Ok(vec![Facing::Back, Facing::Front]),
        }
    }
    fn open(&self, _facing: Facing) -> Result<Box<dyn CameraStream>, CameraFault> {
        if let Some(fault) = *self.fault.lock().unwrap() {
            return Err(fault);
        }
        assert!(!self.open.swap(true, Ordering::SeqCst), "opened twice");
        Ok(Box::new(Looking {
            dead: self.dead.load(Ordering::SeqCst),
            hangs: self.hangs.clone(),
            open: self.open.clone(),
            given: self.given.clone(),
            sees: self.sees.clone(),
        }))
    }
}

impl CameraStream for Looking {
    fn frame(&mut self) -> Result<Picture, CameraFault> {
        while self.hangs.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(10));
        let n = self.given.fetch_add(1, Ordering::SeqCst);
        let sees = self.sees.lock().unwrap();
        if !sees.is_empty() {
            return Ok(sees[n as usize % sees.len()].clone());
        }
        let mut pixels = vec![0; 800 * 600 * 3];
        if !self.dead {
            for (place, value) in pixels.iter_mut().enumerate() {
                *value = (place as u64 / 7 + n) as u8;
            }
        }
        Ok(Picture::new(800, 600, pixels)?)
    }
}

impl Drop for Looking {
    fn drop(&mut self) {
        self.open.store(false, Ordering::SeqCst);
    }
}

pub struct Tablet {
    pub commands: UnboundedSender<(Stamp, Command)>,
    pub updates: UnboundedReceiver<Update>,
    pub page: Option<PageView>,
    pub history: Vec<PageView>,
    pub handed_over: bool,
    pub clock: Arc<Turned>,
    pub scanner: Arc<Patient>,
    pub camera: Arc<Lens>,
    pub voice: Arc<Reader>,
    /// Frames of the camera that came to the screen.
    pub frames: Vec<Picture>,
    pub keystore: Arc<UnsafeFileKeyStore>,
    pub vault: Vault,
    /// The vault's own look into the shift, beside the worker's.
    pub shift: Arc<OpenSession>,
    thread: std::thread::JoinHandle<()>,
    lock: LockPolicy,
    dir: tempfile::TempDir,
}

impl Tablet {
    pub fn new(lock: LockPolicy) -> Self {
        let clock = Arc::new(Turned::default());
        Self::with(lock, clock.clone(), clock)
    }

    /// A tablet with an open shift, at its log-in page.
    pub fn with(lock: LockPolicy, clock: Arc<Turned>, of_worker: Arc<dyn Clock>) -> Self {
        Self::prepared(lock, clock, of_worker, |_, _| ())
    }

    /// … and with what `prepare` does to its vault before the program starts.
    pub fn prepared(
        lock: LockPolicy,
        clock: Arc<Turned>,
        of_worker: Arc<dyn Clock>,
        prepare: impl FnOnce(&Central, &Vault),
    ) -> Self {
        Self::of_role(Role::Patrol, lock, clock, of_worker, prepare)
    }

    /// … of an officer with this role.
    pub fn of_role(
        role: Role,
        lock: LockPolicy,
        clock: Arc<Turned>,
        of_worker: Arc<dyn Clock>,
        prepare: impl FnOnce(&Central, &Vault),
    ) -> Self {
        let change = |grant: &mut LoginResponse| grant.officer.role = role;
        Self::of_grant(change, lock, clock, of_worker, prepare)
    }

    /// … whose log-in brought this.
    pub fn of_grant(
        change: impl FnOnce(&mut LoginResponse),
        lock: LockPolicy,
        clock: Arc<Turned>,
        of_worker: Arc<dyn Clock>,
        prepare: impl FnOnce(&Central, &Vault),
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let keystore = Arc::new(UnsafeFileKeyStore::open(&dir.path().join("keys")).unwrap());
        let data = dir.path().join("data");
        let (vault, _) = Vault::open(&data, keystore.clone(), clock.clone()).unwrap();
        let central = Central::new();
        // Any certificate: the link starts with it, and there is nobody to show it to.
        let identity = DeviceIdentity {
            server_url: "https://127.0.0.1:9".into(),
            certificate_pem: central.ca_pem.clone(),
            ..central.identity()
        };
        vault.set_identity(&identity).unwrap();
        let mut grant = central.grant();
        change(&mut grant);
        let shift = vault.begin_session(&grant, LOGIN, PASSWORD).unwrap();
        prepare(&central, &vault);
        Self::start(lock, clock, of_worker, keystore, vault, shift, dir)
    }

    /// … whose central answers, over a link as it is in service.
    pub async fn online(lock: LockPolicy, url: &str, ca_pem: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(Turned::default());
        let keystore = Arc::new(UnsafeFileKeyStore::open(&dir.path().join("keys")).unwrap());
        let data = dir.path().join("data");
        let (vault, _) = Vault::open(&data, keystore.clone(), clock.clone()).unwrap();
        let enrolled = enrol(url, ca_pem, CODE, keystore.as_ref()).await.unwrap();
        vault.set_identity(&enrolled).unwrap();
        let (events, _) = unbounded_channel();
        let link = Link::start(vault.clone(), enrolled, keystore.clone(), events).unwrap();
        let grant = link.login(LOGIN, PASSWORD).await.unwrap();
        link.stop();
        let shift = vault.begin_session(&grant, LOGIN, PASSWORD).unwrap();
        Self::start(lock, clock.clone(), clock, keystore, vault, shift, dir)
    }

    fn start(
        lock: LockPolicy,
        clock: Arc<Turned>,
        of_worker: Arc<dyn Clock>,
        keystore: Arc<UnsafeFileKeyStore>,
        vault: Vault,
        shift: Arc<OpenSession>,
        dir: tempfile::TempDir,
    ) -> Self {
        let scanner = Arc::new(Patient::default());
        let camera = Arc::new(Lens::default());
        let voice = Arc::new(Reader::default());
        let parts = Parts {
            vault: vault.clone(),
            quarantined: false,
            keystore: keystore.clone(),
            scanner: scanner.clone(),
            speaker: Arc::new(NoSpeaker),
            voice: voice.clone(),
            camera: camera.clone(),
            power: Arc::new(NoPower),
            face: biometrics::face::Thresholds::default(),
            clock: of_worker,
            edition: Arc::new(Edition::shipped().unwrap()),
            lock,
            protected: tablet::worker::Protection::WHOLE,
        };
        let (commands, for_worker) = unbounded_channel();
        let (to_screen, updates) = unbounded_channel();
        let thread = Worker::spawn(parts, for_worker, to_screen).unwrap();
        Self {
            thread,
            lock,
            commands,
            updates,
            page: None,
            history: Vec::new(),
            handed_over: false,
            clock,
            scanner,
            camera,
            voice,
            frames: Vec::new(),
            keystore,
            vault,
            shift,
            dir,
        }
    }

    /// The program ends, and is started again.
    pub fn restarted(self) -> Self {
        self.send(Command::Shutdown);
        self.thread.join().unwrap();
        let clock = self.clock;
        let (keystore, vault, shift) = (self.keystore, self.vault, self.shift);
        Self::start(
            self.lock,
            clock.clone(),
            clock,
            keystore,
            vault,
            shift,
            self.dir,
        )
    }

    /// Where its files lie.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub fn send(&self, command: Command) {
        let stamp = self.page.as_ref().map(|p| p.stamp).unwrap_or_default();
        self.commands.send((stamp, command)).unwrap();
    }

    pub fn wait(&mut self, what: &str, accept: impl Fn(&PageView) -> bool) -> PageView {
        let until = Instant::now() + LONG;
        loop {
            while let Ok(update) = self.updates.try_recv() {
                match update {
                    Update::Page(page) => {
                        self.history.push((*page).clone());
                        self.page = Some(*page);
                    }
                    Update::HandOver => self.handed_over = true,
                    Update::Preview { .. } => {}
                    Update::Frame { frame, .. } => {
                        self.frames.push(frame.picture.clone());
                    }
                }
            }
            if let Some(page) = self.page.as_ref().filter(|p| accept(p)) {
                return page.clone();
            }
            assert!(Instant::now() < until, "no {what}; {:?}", self.page);
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    pub fn screen(&mut self, screen: Screen) -> PageView {
        self.wait(&format!("{screen:?}"), |p| p.stamp.screen == screen)
    }

    pub fn log_in(&mut self) {
        self.screen(Screen::Login);
        self.send(Command::Login {
            login: LOGIN.into(),
            password: Zeroizing::new(PASSWORD.into()),
        });
    }

    pub fn choose_pin(&mut self) {
        self.screen(Screen::Pin);
        self.send(Command::ChoosePin(Zeroizing::new(PIN.into())));
        self.wait("again", |p| matches!(&p.page, Page::Pin(v) if v.again));
        self.send(Command::ChoosePin(Zeroizing::new(PIN.into())));
    }

    pub fn at_home(policy: LockPolicy) -> Self {
        let mut tablet = Self::new(policy);
        tablet.log_in();
        if policy.pin {
            tablet.choose_pin();
        }
        tablet.reach_receive();
        tablet.send(Command::GoHome);
        tablet.screen(Screen::Home);
        tablet
    }

    /// From a log-in to the bodycam: the tablet is not taken over yet.
    pub fn reach_receive(&mut self) -> PageView {
        self.screen(Screen::TakeOver);
        self.send(Command::Custody(CustodyCommand::Later));
        self.screen(Screen::Receive)
    }

    /// What room is left in the vault's file is used up, to the smallest fact there is.
    pub fn fill_the_disk(&self) {
        let pages = self.vault.pages().unwrap();
        self.vault.limit_pages(Some(pages)).unwrap();
        let small = Fact {
            edition: "399-2022-07-22".into(),
            machine: MACHINE_VERSION,
            officer: self.shift.officer.id,
            at: Timestamp(1_000_000),
            uptime_ms: 0,
            training: true,
            kind: FactKind::Session {
                event: SessionEvent::Ended,
            },
        };
        let until = Instant::now() + LONG;
        while self
            .vault
            .append(&self.shift, None, Urgency::Ordinary, &small)
            .is_ok()
        {
            assert!(Instant::now() < until, "the disk is never full");
        }
    }

    pub fn reach_ground(&mut self) {
        self.send(Command::NewEncounter);
        self.screen(Screen::Introduce);
        self.send(Command::Introduce {
            place: PLACE.into(),
            chosen: false,
            service_id: ServiceId::NotAskedFor,
        });
        self.screen(Screen::Ground);
    }

    pub fn reach_method(&mut self) {
        self.reach_ground();
        self.send(Command::StateGround {
            ground: "suspicion".into(),
            fact: FACT.into(),
            explanation: Explanation::Full,
        });
        self.screen(Screen::Method);
    }

    pub fn lock(&mut self) -> PageView {
        self.send(Command::Lock);
        self.screen(Screen::Locked)
    }

    pub fn unlock(&mut self, pin: &str) {
        self.send(Command::Unlock(Zeroizing::new(pin.into())));
    }

    pub fn typed(&self, fields: &[&str]) {
        self.send(Command::Typed(
            fields.iter().map(|f| (*f).to_owned()).collect(),
        ));
    }
}
