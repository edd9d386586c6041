//! The tablet application.

fn main() -> std::process::ExitCode {
    e_patrul::app::main()
}
