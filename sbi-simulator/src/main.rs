//! `sbi-simulator [--port N] [--keys FOLDER] [--root-out FILE]`: a simulated scanner until it is killed.

use lexopt::prelude::*;
use sbi_simulator::{Keys, Options, Simulator};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "\
sbi-simulator: a SIMULATED fingerprint scanner (Secure Biometric Interface 0.9.5), never in production

  sbi-simulator [--port N] [--keys FOLDER] [--root-out FILE] [--environment NAME]
                [--serial TEXT] [--slap] [--no-stream]

  --port         of 127.0.0.1; the first free one of 4501 to 4600 where none is given
  --keys         simulated-{root,provider,device,module,stranger}.pem; those built in otherwise
  --root-out     writes the root's certificate, which a tablet must trust to take its prints
  --environment  Staging unless told otherwise
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "sbi-simulator: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let mut options = Options::default();
    let mut root_out: Option<PathBuf> = None;
    let mut arguments = lexopt::Parser::from_env();
    let mut err = std::io::stderr();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("port") => options.port = Some(arguments.value()?.parse()?),
            Long("keys") => {
                options.keys = Keys::from_folder(Path::new(&arguments.value()?))?;
            }
            Long("root-out") => root_out = Some(arguments.value()?.into()),
            Long("environment") => options.environment = arguments.value()?.string()?,
            Long("serial") => options.serial = arguments.value()?.string()?,
            Long("slap") => options.slap = true,
            Long("no-stream") => options.streams = false,
            Long("help") | Short('h') => {
                std::io::stdout().write_all(USAGE.as_bytes())?;
                return Ok(());
            }
            other => return Err(other.unexpected().into()),
        }
    }
    if let Some(file) = root_out {
        std::fs::write(file, options.keys.root_certificate()?)?;
    }
    let simulator = Simulator::start(options)?;
    writeln!(
        err,
        "A SIMULATED scanner, with public keys, on {}. Never in production.",
        simulator.address()
    )?;
    writeln!(std::io::stdout(), "{}", simulator.address())?;
    loop {
        std::thread::park();
    }
}
