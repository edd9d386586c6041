//! A whole tablet without a screen: vault, link, worker and emulated devices, driven by commands
//! and read by its pages.

use crate::emulator::{
    CameraPanel, EmulatedCamera, EmulatedPower, EmulatedScanner, EmulatedSpeaker, ScannerPanel,
};
use regulation::Edition;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tablet::device::keystore::UnsafeFileKeyStore;
use tablet::device::{Clock, NoSpeaker, NoVoice, Picture, Scanner, SystemClock};
use tablet::pages::{PageView, Stamp};
use tablet::vault::Vault;
use tablet::worker::{Command, LockPolicy, Parts, Update, Worker};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Why a tablet could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum KitError {
    #[error(transparent)]
    KeyStore(#[from] tablet::device::KeyStoreError),
    #[error(transparent)]
    Vault(#[from] tablet::vault::VaultError),
    #[error(transparent)]
    Link(#[from] tablet::link::LinkError),
    #[error(transparent)]
    Worker(#[from] tablet::worker::StartError),
    #[error(transparent)]
    Edition(#[from] regulation::edition::EditionError),
}

/// Where a tablet's vault and keys lie.
#[must_use]
pub fn dirs(data: &Path) -> (PathBuf, PathBuf) {
    (data.join("vault"), data.join("keys-unsafe"))
}

/// Enrols the tablet whose data lies in `data`.
///
/// # Errors
/// Central refuses, or the tablet's disk does.
pub async fn enrol(data: &Path, server: &str, ca_pem: &str, code: &str) -> Result<(), KitError> {
    let (vault_dir, key_dir) = dirs(data);
    let keystore: Arc<dyn tablet::device::KeyStore> = Arc::new(UnsafeFileKeyStore::open(&key_dir)?);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    // First: what a wiping left to be done destroys the keys.
    let (vault, _) = Vault::open(&vault_dir, keystore.clone(), clock)?;
    let identity = tablet::link::enrol(server, ca_pem, code, keystore.as_ref()).await?;
    vault.set_identity(&identity)?;
    Ok(())
}

/// The worker's parts with an emulated scanner, camera and battery. No PIN is asked for: a lock asks for the
/// password, unless the caller sets another policy.
///
/// # Errors
/// The tablet's data cannot be opened.
pub fn parts(data: &Path, scanner: Arc<dyn Scanner>) -> Result<Parts, KitError> {
    parts_by(data, scanner, Arc::new(SystemClock::new()))
}

/// As [`parts`], by a clock of the caller's.
///
/// # Errors
/// The tablet's data cannot be opened.
pub fn parts_by(
    data: &Path,
    scanner: Arc<dyn Scanner>,
    clock: Arc<dyn Clock>,
) -> Result<Parts, KitError> {
    let (vault_dir, key_dir) = dirs(data);
    let keystore: Arc<dyn tablet::device::KeyStore> = Arc::new(UnsafeFileKeyStore::open(&key_dir)?);
    let (vault, report) = Vault::open(&vault_dir, keystore.clone(), clock.clone())?;
    Ok(Parts {
        vault,
        quarantined: report.quarantined.is_some(),
        keystore,
        scanner,
        speaker: Arc::new(NoSpeaker),
        voice: Arc::new(NoVoice),
        camera: EmulatedCamera::new().0,
        power: Arc::new(EmulatedPower::new(82)),
        clock,
        edition: Arc::new(Edition::shipped()?),
        face: biometrics::face::synth::thresholds(),
        lock: LockPolicy {
            pin: false,
            ..LockPolicy::default()
        },
        protected: tablet::worker::Protection::WHOLE,
    })
}

/// A running tablet.
pub struct TabletKit {
    commands: UnboundedSender<(Stamp, Command)>,
    updates: UnboundedReceiver<Update>,
    thread: Option<std::thread::JoinHandle<()>>,
    /// The page as it was last seen.
    pub page: Option<PageView>,
    /// Every page since the start, oldest first.
    pub history: Vec<PageView>,
    /// The last picture that came to the screen, of the camera or of central.
    frame: Option<Picture>,
    /// Pictures that came to the screen since the start.
    pub frames: u64,
    pub panel: ScannerPanel,
    pub scanner: Arc<EmulatedScanner>,
    pub speaker: Arc<EmulatedSpeaker>,
    pub camera: CameraPanel,
}

impl std::fmt::Debug for TabletKit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TabletKit(..)")
    }
}

/// The tablet did not come to the page that was waited for.
#[derive(Debug, thiserror::Error)]
#[error("waited in vain for: {what}; last page: {last}")]
pub struct WaitedInVain {
    pub what: String,
    pub last: String,
}

impl TabletKit {
    /// Starts the tablet whose data lies in `data`.
    ///
    /// # Errors
    /// The tablet's data cannot be opened.
    pub fn start(data: &Path) -> Result<Self, KitError> {
        let (scanner, panel) = EmulatedScanner::new();
        let parts = parts(data, scanner.clone())?;
        Self::start_with(parts, scanner, panel)
    }

    /// Starts a tablet from parts of the caller's making, with an emulated camera and speaker in place
    /// of theirs.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn start_with(
        mut parts: Parts,
        scanner: Arc<EmulatedScanner>,
        panel: ScannerPanel,
    ) -> Result<Self, KitError> {
        let speaker = Arc::new(EmulatedSpeaker::default());
        parts.speaker = speaker.clone();
        let (commands, commands_rx) = unbounded_channel();
        let (updates_tx, updates) = unbounded_channel();
        let (emulated, camera) = EmulatedCamera::new();
        parts.camera = emulated;
        let thread = Worker::spawn(parts, commands_rx, updates_tx)?;
        Ok(Self {
            commands,
            updates,
            thread: Some(thread),
            page: None,
            history: Vec::new(),
            frame: None,
            frames: 0,
            panel,
            scanner,
            speaker,
            camera,
        })
    }

    /// Sends a command from the page that is shown.
    pub fn send(&self, command: Command) {
        let stamp = self.page.as_ref().map(|p| p.stamp).unwrap_or_default();
        self.send_stamped(stamp, command);
    }

    /// Sends a command as if from another page.
    pub fn send_stamped(&self, stamp: Stamp, command: Command) {
        // A stopped worker shows itself in the wait that follows.
        let _ = self.commands.send((stamp, command));
    }

    /// Waits until a page is shown for which `accept` holds.
    ///
    /// # Errors
    /// It did not come within `timeout`.
    pub async fn wait_for(
        &mut self,
        what: &str,
        timeout: Duration,
        mut accept: impl FnMut(&PageView) -> bool,
    ) -> Result<PageView, WaitedInVain> {
        let until = Instant::now() + timeout;
        while let Ok(update) = self.updates.try_recv() {
            self.keep(update);
        }
        loop {
            if let Some(page) = &self.page
                && accept(page)
            {
                return Ok(page.clone());
            }
            let left = until.saturating_duration_since(Instant::now());
            match tokio::time::timeout(left, self.updates.recv()).await {
                Ok(Some(update)) => self.keep(update),
                Ok(None) | Err(_) => return Err(self.in_vain(what)),
            }
        }
    }

    /// The next picture that comes to the screen; one that came before is that one, once.
    ///
    /// # Errors
    /// None came in time, or the tablet is gone.
    pub async fn picture(&mut self, within: Duration) -> Result<Picture, WaitedInVain> {
        let until = Instant::now() + within;
        loop {
            if let Some(picture) = self.frame.take() {
                return Ok(picture);
            }
            let left = until.saturating_duration_since(Instant::now());
            match tokio::time::timeout(left, self.updates.recv()).await {
                Ok(Some(update)) => self.keep(update),
                Ok(None) | Err(_) => return Err(self.in_vain("a picture")),
            }
        }
    }

    fn in_vain(&self, what: &str) -> WaitedInVain {
        let last = self.page.as_ref().map(|page| format!("{page:?}"));
        WaitedInVain {
            what: what.to_owned(),
            last: last.unwrap_or_default(),
        }
    }

    fn keep(&mut self, update: Update) {
        match update {
            Update::Page(page) => {
                self.history.push((*page).clone());
                self.page = Some(*page);
            }
            Update::Frame { frame, .. } => {
                self.frame = Some(frame.picture.clone());
                self.frames += 1;
            }
            Update::Preview { .. } | Update::HandOver => {}
        }
    }

    /// Stops the tablet as a power key would: the worker ends, the vault is closed.
    pub fn stop(mut self) {
        self.send(Command::Shutdown);
        if let Some(thread) = self.thread.take() {
            // The worker does not panic; if it did, the test that follows shows it.
            let _ = thread.join();
        }
    }
}
