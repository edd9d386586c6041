//! The command line of a training.

use crate::cast::Trainee;
use crate::compose::{Options, TrainingError};
use crate::{headless, window};
use lexopt::Arg::Long;
use lexopt::ValueExt;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

const HELP: &str = "\
training [--trainee LOGIN] [--data DIR] [--scenarios DIR] [--night] [--fresh]
    The application on invented people, with situations to play and what the Regulation asks of each. The
    results for the instructor are in DIR/results, as JSON and as text. DIR (target/training/data) is a
    directory of its own: one that holds anything else is refused. --fresh begins it anew. --scenarios:
    situations of one's own, a .toml file each (training/scenarios is the model).
training --headless [--pictures DIR] [--scenarios DIR] [--data DIR]
    Every situation played as asked through the real pages with no display. Exit code 0 only if central's
    archive holds each of them, verified, and everything that was asked is judged met.
";
/// The password of a trainee: invented people are behind it, and it is shown on the first page.
const PASSWORD: &str = "oquv-mashgulot";

struct Call {
    headless: bool,
    night: bool,
    fresh: bool,
    data: Option<PathBuf>,
    pictures: PathBuf,
    options: Options,
}

/// Runs a training.
#[must_use]
pub fn main() -> ExitCode {
    let call = match parse() {
        Ok(Some(call)) => call,
        Ok(None) => {
            let _ = write!(std::io::stdout(), "{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("error")),
        )
        .with_writer(std::io::stderr)
        .init();
    match run(&call) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "training: {error}");
            ExitCode::FAILURE
        }
    }
}

fn parse() -> Result<Option<Call>, lexopt::Error> {
    let mut call = Call {
        headless: false,
        night: false,
        fresh: false,
        data: None,
        pictures: PathBuf::from("target/training/pictures"),
        options: Options {
            trainee: Trainee {
                login: "oquvchi".into(),
                password: PASSWORD.into(),
            },
            scenarios: None,
        },
    };
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("help") => return Ok(None),
            Long("headless") => call.headless = true,
            Long("night") => call.night = true,
            Long("fresh") => call.fresh = true,
            Long("data") => call.data = Some(arguments.value()?.into()),
            Long("pictures") => call.pictures = arguments.value()?.into(),
            Long("scenarios") => call.options.scenarios = Some(arguments.value()?.into()),
            Long("trainee") => call.options.trainee.login = arguments.value()?.string()?,
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(call))
}

fn run(call: &Call) -> Result<(), TrainingError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let default = match call.headless {
        true => "target/training/headless",
        false => "target/training/data",
    };
    let dir = call.data.clone().unwrap_or_else(|| default.into());
    // A run is judged by itself; of the caller's own directory nothing goes without being told.
    if dir.exists() && (call.fresh || (call.headless && call.data.is_none())) {
        // Only what a training has made.
        crate::place::Place::open(&dir)?;
        std::fs::remove_dir_all(&dir)?;
    }
    match call.headless {
        true => headless::run(&runtime, &dir, &call.pictures, &call.options),
        false => window::run(&runtime, &dir, &call.options, call.night),
    }
}
