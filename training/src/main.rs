//! `training`: see `training --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    training::cli::main()
}
