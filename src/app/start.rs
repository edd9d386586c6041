//! Start of the program: arguments, devices, vault, worker, window.

use super::arguments::{Action, Scanners, parse};
use super::{
    App, AppOptions, EventLoopError, PlatformError, codes, errands, handover, harden, support,
};
use regulation::Edition;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tablet::device::keystore;
use tablet::device::{
    Camera, Clock, KeyStore, KeyStoreError, NoScanner, Scanner, SysfsPower, SystemClock,
    hold_suspend_signal, system_speaker, system_voice,
};
use tablet::link::LinkError;
use tablet::pages::Stamp;
use tablet::vault::{Vault, VaultError};
use tablet::worker::{Command, LockPolicy, Parts, Update, Worker};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Why the program did not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("arguments: {0}")]
    Arguments(#[from] lexopt::Error),
    #[error("no data directory: give --data DIR")]
    NoData,
    /// Made anew they would be another tablet's, and perhaps in a weaker place.
    #[error("this tablet is enrolled, but its keys are gone; enrol it anew")]
    KeysGone,
    #[error("support-bundle needs --out FILE")]
    NoOut,
    #[error("the bundle cannot be written: {0}")]
    Bundle(#[from] serde_json::Error),
    #[error("enrol needs --server URL, --ca FILE and --code CODE")]
    EnrolIncomplete,
    #[error("export-queue needs --out FILE, import-receipt a FILE")]
    NoFile,
    #[error("receipt verify needs --ca FILE and a receipt: a FILE, or - for standard input")]
    ReceiptIncomplete,
    #[error("receipt: {0}")]
    Receipt(#[from] tablet::slip::ReadFault),
    #[error("--ca: certificates in PEM are wanted")]
    BadCa,
    /// It was read, and is not to be believed: exit code 2.
    #[error("the receipt is not genuine: {0}")]
    ReceiptRefused(tablet::slip::SlipFault),
    #[error("--scanner-environment needs --scanner-roots FILE")]
    NoRoots,
    #[error("--scanner-ppi needs --scanner-libfprint")]
    NoReader,
    #[error("--scanner-roots and --scanner-libfprint: a tablet has one kind of scanner")]
    TwoScanners,
    #[error("this program was built without libfprint: build it with `--features libfprint`")]
    NoLibfprint,
    #[error("--scanner-ppi {0}: a fingerprint reader has from 250 to 1200 pixels an inch")]
    BadResolution(u16),
    #[error("the scanners' authorities cannot be used: certificates in PEM are wanted")]
    BadRoots,
    #[error("file: {0}")]
    File(#[from] std::io::Error),
    #[error("key store: {0}")]
    KeyStore(#[from] KeyStoreError),
    #[error("vault: {0}")]
    Vault(#[from] VaultError),
    #[error("edition: {0}")]
    Edition(#[from] regulation::edition::EditionError),
    #[error("central: {0}")]
    Central(#[from] LinkError),
    #[error("worker: {0}")]
    Worker(#[from] tablet::worker::StartError),
    #[error("screen: {0}")]
    Screen(#[from] PlatformError),
    #[error("event loop: {0}")]
    EventLoop(#[from] EventLoopError),
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The window was closed, or the errand is done.
    Done,
    /// A shift ended: the process is to be replaced.
    HandedOver,
}

/// The whole program.
#[must_use]
pub fn main() -> ExitCode {
    let action = parse(std::env::args_os().skip(1));
    log(action.as_ref().ok());
    match action.and_then(|action| act(action, harden::protect())) {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::HandedOver) => {
            let error = handover::start_anew();
            tracing::error!(kind = ?error.kind(), "the program was not started anew");
            ExitCode::FAILURE
        }
        Err(error) => {
            tracing::error!("{error}");
            match error {
                StartError::ReceiptRefused(_) => ExitCode::from(2),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

/// Logs go to standard error; of a running tablet, the places of warnings and errors to its data.
fn log(action: Option<&Action>) {
    let codes = match action {
        Some(Action::Run { data, .. }) => codes::Codes::open(data).ok(),
        _ => None,
    };
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    tracing_subscriber::registry()
        .with(tracing_subscriber::Layer::with_filter(
            layer,
            tracing_subscriber::EnvFilter::from_default_env(),
        ))
        .with(codes)
        .init();
}

fn act(action: Action, protection: harden::Protection) -> Result<Ended, StartError> {
    match action {
        Action::Run {
            data,
            tpm,
            night,
            scanners,
        } => {
            let scanner = scanner(scanners)?;
            // A sleep while the program starts finds an empty screen: nothing to lock.
            hold_suspend_signal()?;
            run(
                parts(&data, tpm.as_deref(), protection, scanner)?,
                AppOptions {
                    night,
                    demo_credentials: None,
                },
            )
        }
        Action::SupportBundle { data, tpm, out } => {
            let keys = keys(&data);
            // None are made where there are none.
            let keystore = match keystore::kind_in(&keys) {
                Some(_) => Some(keystore::open(&keys, tpm.as_deref())?),
                None => None,
            };
            support::write(&data, keystore, protection, &out)?;
            Ok(Ended::Done)
        }
        Action::ExportQueue { data, tpm, out } => {
            errands::export_queue(&data, tpm.as_deref(), &out)?;
            Ok(Ended::Done)
        }
        Action::ImportReceipt { data, tpm, file } => {
            errands::import_receipt(&data, tpm.as_deref(), &file)?;
            Ok(Ended::Done)
        }
        Action::VerifyReceipt { ca, file } => {
            errands::verify_receipt(&ca, &file)?;
            Ok(Ended::Done)
        }
        Action::Salvage { data, tpm, dir } => {
            errands::salvage(&data, tpm.as_deref(), dir)?;
            Ok(Ended::Done)
        }
        Action::Enrol {
            data,
            tpm,
            server,
            ca,
            code,
        } => {
            enrol(&data, tpm.as_deref(), &server, &ca, &code)?;
            Ok(Ended::Done)
        }
    }
}

/// Opens what a tablet is made of, in `data`.
fn parts(
    data: &Path,
    tpm: Option<&str>,
    protection: harden::Protection,
    scanner: Arc<dyn Scanner>,
) -> Result<Parts, StartError> {
    let keystore = errands::enrolled_keystore(data, tpm)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let (vault, report) = Vault::open(data, keystore.clone(), clock.clone())?;
    Ok(Parts {
        vault,
        quarantined: report.quarantined.is_some(),
        keystore,
        scanner,
        speaker: system_speaker(),
        voice: system_voice(),
        camera: camera(),
        power: Arc::new(SysfsPower::new()),
        clock,
        edition: Arc::new(Edition::shipped()?),
        face: biometrics::face::Thresholds::default(),
        lock: LockPolicy::default(),
        protected: protection,
    })
}

/// The scanner that the tablet was told of, if it was.
fn scanner(wanted: Option<Scanners>) -> Result<Arc<dyn Scanner>, StartError> {
    match wanted {
        None => Ok(Arc::new(NoScanner)),
        Some(Scanners::Certified { roots, environment }) => certified(&roots, environment),
        Some(Scanners::Libfprint { ppi }) => libfprint(ppi),
    }
}

/// Certified scanners behind the Secure Biometric Interface.
#[cfg(not(target_os = "android"))]
fn certified(roots: &Path, environment: Option<String>) -> Result<Arc<dyn Scanner>, StartError> {
    let pem = std::fs::read(roots)?;
    let roots = sbi::verify::TrustRoots::from_pem(&pem).map_err(|_| StartError::BadRoots)?;
    let mut config = sbi::SbiConfig::new(roots);
    if let Some(environment) = environment {
        config.environment = environment;
    }
    Ok(sbi::SbiScanner::new(config))
}

#[cfg(target_os = "android")]
fn certified(_: &Path, _: Option<String>) -> Result<Arc<dyn Scanner>, StartError> {
    Err(StartError::BadRoots)
}

/// A reader of the system.
#[cfg(all(target_os = "linux", feature = "libfprint"))]
fn libfprint(ppi: Option<u16>) -> Result<Arc<dyn Scanner>, StartError> {
    let config = match ppi {
        Some(ppi) => fprint::LibfprintConfig::with_ppi(ppi)
            .map_err(|fprint::BadResolution(ppi)| StartError::BadResolution(ppi))?,
        None => fprint::LibfprintConfig::new(),
    };
    Ok(fprint::LibfprintScanner::new(config))
}

#[cfg(not(all(target_os = "linux", feature = "libfprint")))]
fn libfprint(_: Option<u16>) -> Result<Arc<dyn Scanner>, StartError> {
    Err(StartError::NoLibfprint)
}

#[cfg(all(target_os = "linux", feature = "v4l2"))]
fn camera() -> Arc<dyn Camera> {
    Arc::new(camera::V4l2Camera)
}

#[cfg(not(all(target_os = "linux", feature = "v4l2")))]
fn camera() -> Arc<dyn Camera> {
    Arc::new(tablet::device::NoCamera)
}

pub(super) fn keys(data: &Path) -> PathBuf {
    data.join("keys")
}

/// The window over a worker made of `parts`, until it is closed or a shift ends. The vault is closed
/// when this returns.
///
/// # Errors
/// [`StartError`]: no display, or no thread.
pub fn run(parts: Parts, options: AppOptions) -> Result<Ended, StartError> {
    let (commands, for_worker) = unbounded_channel();
    let (updates, for_screen) = unbounded_channel();
    let app = App::new(commands, options)?;
    app.end_with_shift();
    app.spawn_updates(for_screen)?;
    let worker = start_worker(parts, for_worker, updates)?;
    app.run()?;
    if worker.join().is_err() {
        tracing::error!("the worker ended in a fault");
    }
    Ok(if app.handed_over() {
        Ended::HandedOver
    } else {
        Ended::Done
    })
}

/// The one place where the worker starts.
///
/// # Errors
/// The operating system gives no thread or runtime.
pub fn start_worker(
    parts: Parts,
    commands: UnboundedReceiver<(Stamp, Command)>,
    updates: UnboundedSender<Update>,
) -> Result<std::thread::JoinHandle<()>, StartError> {
    Ok(Worker::spawn(parts, commands, updates)?)
}

fn enrol(
    data: &Path,
    tpm: Option<&str>,
    server: &str,
    ca: &Path,
    code: &str,
) -> Result<(), StartError> {
    let ca = std::fs::read_to_string(ca)?;
    let dir = keys(data);
    let made = keystore::kind_in(&dir).is_none();
    let keystore = keystore::open(&dir, tpm)?;
    let enrolled = enrol_with(data, &keystore, server, &ca, code);
    if enrolled.is_err() && made {
        // Left there, they would be taken for those of the tablet that was enrolled here before.
        keystore.destroy_all()?;
    }
    enrolled
}

fn enrol_with(
    data: &Path,
    keystore: &Arc<dyn KeyStore>,
    server: &str,
    ca: &str,
    code: &str,
) -> Result<(), StartError> {
    let (vault, _) = Vault::open(data, keystore.clone(), Arc::new(SystemClock::new()))?;
    // The code opens once: what would refuse its answer is asked before.
    vault.can_be_enrolled()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let identity = runtime.block_on(tablet::link::enrol(server, ca, code, keystore.as_ref()))?;
    vault.set_identity(&identity)?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use tablet::device::KeyName;

    #[test]
    #[cfg(not(all(target_os = "linux", feature = "libfprint")))]
    fn a_reader_that_is_not_built_in_is_named() {
        let wanted = Some(Scanners::Libfprint { ppi: None });
        let refused = scanner(wanted).err().unwrap();
        assert!(matches!(refused, StartError::NoLibfprint), "{refused:?}");
    }

    #[test]
    #[cfg(all(target_os = "linux", feature = "libfprint"))]
    fn a_reader_is_taken_at_a_resolution_of_readers() {
        let of = |ppi| scanner(Some(Scanners::Libfprint { ppi }));
        assert!(of(Some(500)).is_ok());
        let refused = of(Some(100)).err().unwrap();
        assert!(matches!(refused, StartError::BadResolution(100)));
    }

    #[test]
    fn an_enrolled_tablet_without_its_keys_does_not_start() {
        let data = std::env::temp_dir().join(uuid::Uuid::new_v4().to_string());
        std::fs::create_dir_all(&data).unwrap();
        std::fs::write(data.join("identity"), b"{}").unwrap();
        let protection = harden::Protection {
            no_dumps: true,
            no_swap: true,
        };
        let refused = parts(&data, None, protection, Arc::new(NoScanner))
            .err()
            .unwrap();
        assert!(matches!(refused, StartError::KeysGone), "{refused:?}");
        assert!(!keys(&data).exists(), "none are made in their place");
        std::fs::remove_dir_all(&data).unwrap();
    }

    #[test]
    fn an_enrolment_that_fails_leaves_no_keys_and_takes_none() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        std::fs::create_dir_all(&data).unwrap();
        std::fs::write(data.join("identity"), b"{}").unwrap();
        let ca = dir.path().join("ca.pem");
        std::fs::write(&ca, b"none").unwrap();
        let fails = || enrol(&data, None, "https://127.0.0.1:1", &ca, "code").unwrap_err();
        fails();
        assert_eq!(keystore::kind_in(&keys(&data)), None);
        let protection = harden::Protection {
            no_dumps: true,
            no_swap: true,
        };
        let refused = parts(&data, None, protection, Arc::new(NoScanner))
            .err()
            .unwrap();
        assert!(matches!(refused, StartError::KeysGone), "{refused:?}");
        // Keys from before are another matter.
        let before = keystore::open(&keys(&data), None).unwrap();
        let public = before.public(KeyName::Tls).unwrap();
        drop(before);
        fails();
        let after = keystore::open(&keys(&data), None).unwrap();
        assert_eq!(after.public(KeyName::Tls).unwrap(), public);
    }
}
