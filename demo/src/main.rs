//! `demo`: see `demo --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    demo::cli::main(std::time::Instant::now())
}
