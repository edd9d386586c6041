//! The demo's command line.

use crate::scanning::ScannerKind;
use crate::window::Devices;
use crate::world::World;
use crate::{day, headless, measure, speed, window};
use lexopt::Arg::{Long, Value};
use lexopt::ValueExt;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

const HELP: &str = "\
demo [--night] [--people N] [--data DIR] [--fresh] [--scanner sbi] [--devices stdin]
    A central with N invented people (5000) on loopback, one tablet window, one emulator panel.
    DIR (target/demo/data) is kept between runs; --fresh begins anew. --scanner sbi: as below; the
    panel's finger and faults are then those of the simulated scanner. --devices stdin: no panel;
    a line such as `finger 1`, `lift` or `network off` moves the devices, and is answered.
demo --headless [--people N] [--pictures DIR] [--scanner sbi]
    One whole encounter through the real pages with no display. Exit code 0 only if the right person
    was named and central's archive holds the complete verified encounter. --scanner sbi: the
    print comes from a simulated certified scanner (Secure Biometric Interface), over HTTP, verified.
demo day [--people N] [--pictures DIR] [--turn N]
    A day of ten officers and the desks of their unit on the real pages, in four languages, with
    no display: central stopped twice, an hour without network. Exit code 0 only if the day is on record
    whole. The languages are moved on by N.
demo measure [--people N] [--questions N]
    The figures of the README.
demo speed [--people N] [--questions N]
    Taps and seconds of an undisturbed encounter, played N (50) times; the time from a tap to the next
    page; the longest frame while a print is taken, and while what is recorded is sent.
demo serve --people N --data DIR
    Central, its cable and one enrolled tablet's data, until standard input closes.
";

enum Mode {
    Window,
    Headless,
    Day,
    Measure,
    Speed,
    Serve,
}

struct Options {
    mode: Mode,
    night: bool,
    fresh: bool,
    people: u64,
    questions: u64,
    data: Option<PathBuf>,
    pictures: PathBuf,
    turn: usize,
    scanner: ScannerKind,
    devices: Devices,
}

/// Runs the demo. `start`: when the program began.
#[must_use]
pub fn main(start: Instant) -> ExitCode {
    let options = match parse() {
        Ok(Some(options)) => options,
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
    match run(start, &options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "demo: {error}");
            ExitCode::FAILURE
        }
    }
}

fn parse() -> Result<Option<Options>, lexopt::Error> {
    let mut options = Options {
        mode: Mode::Window,
        night: false,
        fresh: false,
        people: 5000,
        questions: 50,
        data: None,
        pictures: PathBuf::from("target/demo"),
        turn: 0,
        scanner: ScannerKind::Emulated,
        devices: Devices::Panel,
    };
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("help") => return Ok(None),
            Long("headless") => options.mode = Mode::Headless,
            Long("night") => options.night = true,
            Long("fresh") => options.fresh = true,
            Long("people") => options.people = arguments.value()?.parse()?,
            Long("questions") => options.questions = arguments.value()?.parse()?,
            Long("data") => options.data = Some(arguments.value()?.into()),
            Long("pictures") => options.pictures = arguments.value()?.into(),
            Long("scanner") => options.scanner = arguments.value()?.parse_with(scanner)?,
            Long("devices") => options.devices = arguments.value()?.parse_with(devices)?,
            Long("turn") => options.turn = arguments.value()?.parse()?,
            Value(mode) if mode == "day" => options.mode = Mode::Day,
            Value(mode) if mode == "measure" => options.mode = Mode::Measure,
            Value(mode) if mode == "speed" => options.mode = Mode::Speed,
            Value(mode) if mode == "serve" => options.mode = Mode::Serve,
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(options))
}

fn devices(name: &str) -> Result<Devices, &'static str> {
    match name {
        "panel" => Ok(Devices::Panel),
        "stdin" => Ok(Devices::Lines),
        _ => Err("devices are moved by panel or stdin"),
    }
}

fn scanner(name: &str) -> Result<ScannerKind, &'static str> {
    match name {
        "emulated" => Ok(ScannerKind::Emulated),
        "sbi" => Ok(ScannerKind::Sbi),
        _ => Err("a scanner is emulated or sbi"),
    }
}

/// Why the demo failed.
#[derive(Debug, thiserror::Error)]
enum DemoError {
    #[error(transparent)]
    Play(#[from] headless::HeadlessError),
    #[error(transparent)]
    Day(#[from] day::DayError),
    #[error("the machine: {0}")]
    Io(#[from] std::io::Error),
}

fn run(start: Instant, options: &Options) -> Result<(), DemoError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    match options.mode {
        Mode::Window => {
            let dir = options
                .data
                .clone()
                .unwrap_or_else(|| "target/demo/data".into());
            if options.fresh && dir.exists() {
                std::fs::remove_dir_all(&dir)?;
            }
            Ok(window::run(
                &runtime,
                &dir,
                options.people,
                options.night,
                options.scanner,
                options.devices,
            )?)
        }
        Mode::Headless => {
            let dir = scratch(options, "target/demo/headless")?;
            Ok(headless::run(
                &runtime,
                &dir,
                &options.pictures,
                options.people,
                options.scanner,
            )?)
        }
        Mode::Day => {
            let dir = scratch(options, "target/demo/day")?;
            let pictures = options.pictures.join("day-pictures");
            Ok(day::run(
                &runtime,
                &dir,
                &pictures,
                options.people,
                options.turn,
            )?)
        }
        Mode::Speed => {
            let dir = scratch(options, "target/demo/speed")?;
            Ok(speed::run(
                &runtime,
                &dir,
                options.people,
                options.questions,
            )?)
        }
        Mode::Measure => {
            let dir = scratch(options, "target/demo/measure")?;
            Ok(measure::run(
                &runtime,
                start,
                &dir,
                options.people,
                options.questions,
            )?)
        }
        Mode::Serve => {
            let dir = options
                .data
                .clone()
                .unwrap_or_else(|| "target/demo/serve".into());
            let world = runtime.block_on(World::start(&dir, options.people));
            let world = world.map_err(headless::HeadlessError::from)?;
            let tablet = runtime.block_on(world.enrol("tablet"));
            let tablet = tablet.map_err(headless::HeadlessError::from)?;
            if let Some(central) = &world.central {
                runtime.block_on(central.gallery_ready());
            }
            writeln!(std::io::stdout(), "tablet {}", tablet.display())?;
            // Whoever started this process holds the other end; when it goes, so does this.
            let mut rest = Vec::new();
            std::io::stdin().read_to_end(&mut rest)?;
            Ok(())
        }
    }
}

/// A directory that begins empty: a run is judged by itself.
fn scratch(options: &Options, default: &str) -> Result<PathBuf, std::io::Error> {
    let dir = options.data.clone().unwrap_or_else(|| default.into());
    if options.data.is_none() && dir.exists() {
        std::fs::remove_dir_all(&dir)?;
    }
    std::fs::create_dir_all(&dir)?;
    Ok(dir)
}
