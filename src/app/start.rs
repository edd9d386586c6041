//! Start of the program: arguments, devices, vault, worker, window.

use super::{App, AppOptions, EventLoopError, PlatformError};
use regulation::Edition;
use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tablet::device::keystore;
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
    /// Made anew they would be another tablet's, and perhaps in a weaker place.
    #[error("this tablet is enrolled, but its keys are gone; enrol it anew")]
    KeysGone,
    #[error("enrol needs --server URL, --ca FILE and --code CODE")]
    EnrolIncomplete,
    #[error("export-queue needs --out FILE, import-receipt a FILE")]
    NoFile,
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
    /// Writes what is not safe at central to a file.
    ExportQueue {
        data: PathBuf,
        tpm: Option<String>,
        out: PathBuf,
    },
    /// Applies central's word on such a file.
    ImportReceipt {
        data: PathBuf,
        tpm: Option<String>,
        file: PathBuf,
    },
    /// Puts back what databases that were moved aside still hold: one, or all of them.
    Salvage {
        data: PathBuf,
        tpm: Option<String>,
        dir: Option<PathBuf>,
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
        Action::Run { data, tpm, night } => run(
            parts(&data, tpm.as_deref())?,
            AppOptions {
                night,
                demo_credentials: None,
            },
        ),
        Action::Enrol {
            data,
            tpm,
            server,
            ca,
            code,
        } => enrol(&data, tpm.as_deref(), &server, &ca, &code),
        Action::ExportQueue { data, tpm, out } => {
            let exported = vault(&data, tpm.as_deref())?.export_queue(&out)?;
            for seq in &exported.damaged {
                say(format_args!("damaged, left out: #{seq}"))?;
            }
            say(format_args!("{} events exported", exported.events))
        }
        Action::ImportReceipt { data, tpm, file } => {
            let receipt = vault(&data, tpm.as_deref())?.import_receipt(&file)?;
            say(format_args!(
                "{} events stored at central, safe up to #{}",
                receipt.stored.len(),
                receipt.safe_through
            ))
        }
        Action::Salvage { data, tpm, dir } => salvage(&data, tpm.as_deref(), dir),
    }
}

fn salvage(data: &Path, tpm: Option<&str>, dir: Option<PathBuf>) -> Result<(), StartError> {
    let vault = vault(data, tpm)?;
    let dirs = match dir {
        Some(dir) => vec![dir],
        None => vault.quarantined()?,
    };
    let found = vault.salvage(&dirs)?;
    say(format_args!(
        "{} events recovered, {} known before",
        found.recovered_count(),
        found.known
    ))?;
    for (what, ranges) in [
        ("recovered", &found.recovered),
        ("not found", &found.missing),
    ] {
        for (first, last) in ranges {
            say(format_args!("{what} #{first} to #{last}"))?;
        }
    }
    for seq in &found.given_again {
        say(format_args!("#{seq} was given to another event since"))?;
    }
    Ok(())
}

/// Answers to an administrator go to standard output, everything else to standard error.
fn say(line: impl std::fmt::Display) -> Result<(), StartError> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

/// The vault alone, for an administrator's command; not beside the running program.
fn vault(data: &Path, tpm: Option<&str>) -> Result<Vault, StartError> {
    let clock = Arc::new(SystemClock::new());
    let (vault, _) = Vault::open(data, enrolled_keystore(data, tpm)?, clock)?;
    Ok(vault)
}

/// The key store that this tablet has: none is made in its place.
fn enrolled_keystore(data: &Path, tpm: Option<&str>) -> Result<Arc<dyn KeyStore>, StartError> {
    let keys = keys(data);
    if Vault::is_enrolled(data) && keystore::kind_in(&keys).is_none() {
        return Err(StartError::KeysGone);
    }
    Ok(keystore::open(&keys, tpm)?)
}

/// Opens what a tablet is made of, in `data`.
fn parts(data: &Path, tpm: Option<&str>) -> Result<Parts, StartError> {
    let keystore = enrolled_keystore(data, tpm)?;
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

fn keys(data: &Path) -> PathBuf {
    data.join("keys")
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
    let (mut out, mut night) = (None, false);
    let mut words: Vec<OsString> = Vec::new();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("data") => data = Some(PathBuf::from(parser.value()?)),
            Long("tpm") => tpm = Some(parser.value()?.string()?),
            Long("night") => night = true,
            Long("server") => server = Some(parser.value()?.string()?),
            Long("ca") => ca = Some(PathBuf::from(parser.value()?)),
            Long("code") => code = Some(parser.value()?.string()?),
            Long("out") => out = Some(PathBuf::from(parser.value()?)),
            Value(word) if words.len() < 3 => words.push(word),
            other => return Err(other.unexpected().into()),
        }
    }
    let data = data.ok_or(StartError::NoData)?;
    let mut words = words.into_iter();
    let command = words.next().unwrap_or_default();
    // The second word of a command that has two.
    let of_vault = command == "vault" && words.next().is_some_and(|word| word == "salvage");
    let operand = words.next().map(PathBuf::from);
    if let Some(more) = words.next() {
        return Err(Value(more).unexpected().into());
    }
    let enrolment = (server, ca, code);
    let takes_operand = of_vault || command == "import-receipt";
    match (command.to_str(), operand) {
        (_, Some(operand)) if !takes_operand => Err(Value(operand.into()).unexpected().into()),
        (Some(""), _) if enrolment == (None, None, None) => Ok(Action::Run { data, tpm, night }),
        (Some("" | "enrol"), _) => match enrolment {
            (Some(server), Some(ca), Some(code)) if command == "enrol" => Ok(Action::Enrol {
                data,
                tpm,
                server,
                ca,
                code,
            }),
            _ => Err(StartError::EnrolIncomplete),
        },
        (Some("export-queue"), _) => {
            let out = out.ok_or(StartError::NoFile)?;
            Ok(Action::ExportQueue { data, tpm, out })
        }
        (Some("import-receipt"), file) => {
            let file = file.ok_or(StartError::NoFile)?;
            Ok(Action::ImportReceipt { data, tpm, file })
        }
        (Some("vault"), dir) if of_vault => Ok(Action::Salvage { data, tpm, dir }),
        _ => Err(Value(command).unexpected().into()),
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
        let refused = parts(&data, None).err().unwrap();
        assert!(matches!(refused, StartError::KeysGone), "{refused:?}");
        assert!(!keys(&data).exists(), "none are made in their place");
        std::fs::remove_dir_all(&data).unwrap();
    }

    #[test]
    fn the_administrators_commands_say_what_they_work_on() {
        let of = |words: &[&str]| parsed(&[words, &["--data", "d"]].concat());
        let data = || PathBuf::from("d");
        let out = PathBuf::from("q");
        let action = of(&["export-queue", "--out", "q"]).unwrap();
        assert_eq!(
            action,
            Action::ExportQueue {
                data: data(),
                tpm: None,
                out
            }
        );
        let file = PathBuf::from("q.receipt");
        let action = of(&["import-receipt", "q.receipt"]).unwrap();
        assert_eq!(
            action,
            Action::ImportReceipt {
                data: data(),
                tpm: None,
                file
            }
        );
        for (words, dir) in [
            (&["vault", "salvage"][..], None),
            (&["vault", "salvage", "d/damaged-1"], Some("d/damaged-1")),
        ] {
            let dir = dir.map(PathBuf::from);
            let action = of(words).unwrap();
            assert_eq!(
                action,
                Action::Salvage {
                    data: data(),
                    tpm: None,
                    dir
                }
            );
        }
        assert!(matches!(of(&["export-queue"]), Err(StartError::NoFile)));
        assert!(matches!(of(&["import-receipt"]), Err(StartError::NoFile)));
        for words in [
            &["vault"][..],
            &["vault", "burn"],
            &["exprot-queue"],
            &["export-queue", "more", "--out", "q"],
            &["import-receipt", "a", "b"],
        ] {
            assert!(
                matches!(of(words), Err(StartError::Arguments(_))),
                "{words:?}"
            );
        }
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
