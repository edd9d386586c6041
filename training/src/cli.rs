//! The command line of a training.

use crate::cast::Trainee;
use crate::compose::{Options, TrainingError};
use crate::place::Place;
use crate::{headless, window};
use lexopt::Arg::Long;
use lexopt::ValueExt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
training [--trainee LOGIN] [--data DIR] [--scenarios DIR] [--night] [--fresh]
    The application on invented people, with situations to play and what the Regulation asks of each. The
    results for the instructor are in DIR/results, as JSON and as text. DIR (target/training/data) is a
    directory of its own: one that holds anything else is refused. --fresh makes central and the tablet
    anew; the results stay. --scenarios: situations of one's own, a .toml file each (training/scenarios is
    the model).
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

impl Call {
    /// What is done when nothing is said.
    fn plain() -> Self {
        Self {
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
        }
    }
}

fn parse() -> Result<Option<Call>, lexopt::Error> {
    let mut call = Call::plain();
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
    begin_anew(call, &dir)?;
    match call.headless {
        true => headless::run(&runtime, &dir, &call.pictures, &call.options),
        false => window::run(&runtime, &dir, &call.options, call.night),
    }
}

/// Takes the world of an earlier run away, where this one is to have its own. What the instructor has stays.
fn begin_anew(call: &Call, dir: &Path) -> Result<(), TrainingError> {
    // A run is judged by itself; of the caller's own directory nothing goes without being told.
    if dir.exists() && (call.fresh || (call.headless && call.data.is_none())) {
        Place::open(dir)?.remove_world()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::place::PlaceError;

    #[test]
    fn a_training_begun_anew_keeps_the_results_of_every_trainee() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::open(dir.path()).unwrap();
        let (vault, central) = (
            place.world().join("tablet/vault"),
            place.world().join("central"),
        );
        let result = place.results().join("sinovchi.json");
        let make = || {
            std::fs::create_dir_all(&vault).unwrap();
            std::fs::create_dir_all(&central).unwrap();
        };
        make();
        std::fs::write(&result, "{}").unwrap();
        let call = |fresh, headless, own: bool| Call {
            fresh,
            headless,
            data: own.then(|| dir.path().to_owned()),
            ..Call::plain()
        };
        for kept in [call(false, false, true), call(false, true, true)] {
            begin_anew(&kept, dir.path()).unwrap();
            assert!(vault.exists() && central.exists() && result.exists());
        }
        for anew in [
            call(true, false, false),
            call(true, true, true),
            call(false, true, false),
        ] {
            make();
            begin_anew(&anew, dir.path()).unwrap();
            assert!(!place.world().exists());
            assert_eq!(std::fs::read_to_string(&result).unwrap(), "{}");
            // And once more, where there is no world.
            begin_anew(&anew, dir.path()).unwrap();
        }
        // Somebody else's file: nothing goes at all.
        make();
        std::fs::write(dir.path().join("notes.txt"), "x").unwrap();
        assert!(matches!(
            begin_anew(&call(true, false, true), dir.path()),
            Err(TrainingError::Place(PlaceError::SomethingBeside))
        ));
        assert!(vault.exists() && dir.path().join("notes.txt").exists());
        // Where nothing is yet, nothing is made here.
        let new = dir.path().join("new");
        begin_anew(&call(true, false, true), &new).unwrap();
        assert!(!new.exists());
    }
}
