//! Start of the program: arguments, devices, vault, worker, window.

use super::{App, AppOptions, EventLoopError, PlatformError};
use regulation::Edition;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tablet::device::keystore::UnsafeFileKeyStore;
use tablet::device::{Clock, KeyStore, KeyStoreError, NoScanner, SysfsPower, SystemClock};
use tablet::link::LinkError;
use tablet::pages::Stamp;
use tablet::vault::{Vault, VaultError};
use tablet::worker::{Command, Parts, Update, Worker};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Why the program did not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("arguments: {0}")]
    Arguments(#[from] lexopt::Error),
    #[error("no data directory: give --data DIR")]
    NoData,
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
        night: bool,
    },
    Enrol {
        data: PathBuf,
        server: String,
        ca: PathBuf,
        code: String,
    },
}

/// The whole program.
#[must_use]
pub fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    match parse(std::env::args_os().skip(1)).and_then(act) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn act(action: Action) -> Result<(), StartError> {
    match action {
        Action::Run { data, night } => run(
            parts(&data)?,
            AppOptions {
                night,
                demo_credentials: None,
            },
        ),
        Action::Enrol {
            data,
            server,
            ca,
            code,
        } => enrol(&data, &server, &ca, &code),
    }
}

/// Opens what a tablet is made of, in `data`.
fn parts(data: &Path) -> Result<Parts, StartError> {
    let keystore = keystore(data)?;
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
    })
}

fn keystore(data: &Path) -> Result<Arc<dyn KeyStore>, StartError> {
    tracing::warn!("keys lie in files: not for a tablet on the street");
    Ok(Arc::new(UnsafeFileKeyStore::open(&data.join("keys"))?))
}

/// The window over a worker made of `parts`, until it is closed.
///
/// # Errors
/// [`StartError`]: no display, or no thread.
pub fn run(parts: Parts, options: AppOptions) -> Result<(), StartError> {
    let (commands, for_worker) = unbounded_channel();
    let (updates, for_screen) = unbounded_channel();
    let app = App::new(commands, options)?;
    app.spawn_updates(for_screen)?;
    let worker = start_worker(parts, for_worker, updates)?;
    app.run()?;
    if worker.join().is_err() {
        tracing::error!("the worker ended in a fault");
    }
    Ok(())
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

fn enrol(data: &Path, server: &str, ca: &Path, code: &str) -> Result<(), StartError> {
    let ca = std::fs::read_to_string(ca)?;
    let keystore = keystore(data)?;
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
    let (mut data, mut server, mut ca, mut code) = (None, None, None, None);
    let (mut enrolling, mut night) = (false, false);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("data") => data = Some(PathBuf::from(parser.value()?)),
            Long("night") => night = true,
            Long("server") => server = Some(parser.value()?.string()?),
            Long("ca") => ca = Some(PathBuf::from(parser.value()?)),
            Long("code") => code = Some(parser.value()?.string()?),
            Value(word) if word == "enrol" && !enrolling => enrolling = true,
            other => return Err(other.unexpected().into()),
        }
    }
    let data = data.ok_or(StartError::NoData)?;
    match (enrolling, server, ca, code) {
        (false, None, None, None) => Ok(Action::Run { data, night }),
        (true, Some(server), Some(ca), Some(code)) => Ok(Action::Enrol {
            data,
            server,
            ca,
            code,
        }),
        _ => Err(StartError::EnrolIncomplete),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
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
