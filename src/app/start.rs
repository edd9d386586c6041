//! Start of the program: arguments, devices, vault, worker, window.

use super::{App, AppOptions, EventLoopError, PlatformError, codes, handover, harden, support};
use regulation::Edition;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tablet::device::keystore;
use tablet::device::{Clock, KeyStoreError, NoScanner, SysfsPower, SystemClock};
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

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
enum Action {
    Run {
        data: PathBuf,
        tpm: Option<String>,
        night: bool,
    },
    Enrol {
        data: PathBuf,
        tpm: Option<String>,
        server: String,
        ca: PathBuf,
        code: String,
    },
    SupportBundle {
        data: PathBuf,
        tpm: Option<String>,
        out: PathBuf,
    },
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
            ExitCode::FAILURE
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
        Action::Run { data, tpm, night } => run(
            parts(&data, tpm.as_deref(), protection)?,
            AppOptions {
                night,
                demo_credentials: None,
            },
        ),
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
) -> Result<Parts, StartError> {
    let keys = keys(data);
    if Vault::is_enrolled(data) && keystore::kind_in(&keys).is_none() {
        return Err(StartError::KeysGone);
    }
    let keystore = keystore::open(&keys, tpm)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let (vault, report) = Vault::open(data, keystore.clone(), clock.clone())?;
    Ok(Parts {
        vault,
        quarantined: report.quarantined.is_some(),
        keystore,
        scanner: Arc::new(NoScanner),
        power: Arc::new(SysfsPower::new()),
        clock,
        edition: Arc::new(Edition::shipped()?),
        lock: LockPolicy::default(),
        protected: protection.is_whole(),
    })
}

fn keys(data: &Path) -> PathBuf {
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
    let keystore = keystore::open(&keys(data), tpm)?;
    let (vault, _) = Vault::open(data, keystore.clone(), Arc::new(SystemClock::new()))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let identity = runtime.block_on(tablet::link::enrol(server, &ca, code, keystore.as_ref()))?;
    vault.set_identity(&identity)?;
    Ok(())
}

fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Action, StartError> {
    use lexopt::prelude::{Long, Value, ValueExt as _};
    let mut parser = lexopt::Parser::from_args(arguments);
    let (mut data, mut tpm, mut server, mut ca, mut code) = (None, None, None, None, None);
    let (mut enrolling, mut night) = (false, false);
    let (mut bundling, mut out) = (false, None);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("data") => data = Some(PathBuf::from(parser.value()?)),
            Long("tpm") => tpm = Some(parser.value()?.string()?),
            Long("night") => night = true,
            Long("server") => server = Some(parser.value()?.string()?),
            Long("ca") => ca = Some(PathBuf::from(parser.value()?)),
            Long("code") => code = Some(parser.value()?.string()?),
            Long("out") => out = Some(PathBuf::from(parser.value()?)),
            Value(word) if word == "enrol" && !enrolling && !bundling => enrolling = true,
            Value(word) if word == "support-bundle" && !enrolling && !bundling => {
                bundling = true;
            }
            other => return Err(other.unexpected().into()),
        }
    }
    let data = data.ok_or(StartError::NoData)?;
    if bundling {
        return match (out, server, ca, code) {
            (Some(out), None, None, None) => Ok(Action::SupportBundle { data, tpm, out }),
            _ => Err(StartError::NoOut),
        };
    }
    match (enrolling, server, ca, code) {
        (false, None, None, None) => Ok(Action::Run { data, tpm, night }),
        (true, Some(server), Some(ca), Some(code)) => Ok(Action::Enrol {
            data,
            tpm,
            server,
            ca,
            code,
        }),
        _ => Err(StartError::EnrolIncomplete),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<Action, StartError> {
        parse(words.iter().map(OsString::from))
    }

    #[test]
    fn a_tablet_runs_where_its_data_are() {
        let action = parsed(&["--data", "d", "--night"]).unwrap();
        assert_eq!(
            action,
            Action::Run {
                data: "d".into(),
                tpm: None,
                night: true
            }
        );
        assert!(matches!(parsed(&["--night"]), Err(StartError::NoData)));
        assert!(matches!(
            parsed(&["--data", "d", "--nihgt"]),
            Err(StartError::Arguments(_))
        ));
    }

    #[test]
    fn a_tpm_may_be_named() {
        let Action::Run { tpm, .. } =
            parsed(&["--data", "d", "--tpm", "device:/dev/tpm1"]).unwrap()
        else {
            panic!("not a run");
        };
        assert_eq!(tpm.as_deref(), Some("device:/dev/tpm1"));
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
        let refused = parts(&data, None, protection).err().unwrap();
        assert!(matches!(refused, StartError::KeysGone), "{refused:?}");
        assert!(!keys(&data).exists(), "none are made in their place");
        std::fs::remove_dir_all(&data).unwrap();
    }

    #[test]
    fn a_support_bundle_needs_a_file_to_go_to() {
        let all = ["support-bundle", "--data", "d", "--out", "f"];
        let action = parsed(&all).unwrap();
        let (data, out) = ("d".into(), "f".into());
        assert_eq!(
            action,
            Action::SupportBundle {
                data,
                tpm: None,
                out
            }
        );
        assert!(matches!(parsed(&all[..3]), Err(StartError::NoOut)));
    }

    #[test]
    fn enrolment_needs_all_it_needs() {
        let all = [
            "enrol", "--data", "d", "--server", "s", "--ca", "c", "--code", "1",
        ];
        assert!(matches!(parsed(&all), Ok(Action::Enrol { .. })));
        assert!(matches!(
            parsed(&all[..7]),
            Err(StartError::EnrolIncomplete)
        ));
        assert!(matches!(
            parsed(&all[1..]),
            Err(StartError::EnrolIncomplete)
        ));
    }
}
