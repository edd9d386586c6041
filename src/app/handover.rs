//! The end of a shift: the process is replaced, so that nothing of the shift is left in memory.

use std::io;

/// Replaces this process by the same program, started as it was: same arguments, same number. What
/// it held goes with its memory. Returns only if that fails.
///
/// Everything that must be closed (the vault, the link, the window) must be closed before.
#[must_use]
pub fn start_anew() -> io::Error {
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => return error,
    };
    let mut command = std::process::Command::new(program);
    command.args(std::env::args_os().skip(1));
    replace(&mut command)
}

#[cfg(all(unix, not(target_os = "android")))]
fn replace(command: &mut std::process::Command) -> io::Error {
    std::os::unix::process::CommandExt::exec(command)
}

/// Android starts programs itself: this one ends, and the launcher's kiosk mode starts it again.
#[cfg(not(all(unix, not(target_os = "android"))))]
fn replace(_command: &mut std::process::Command) -> io::Error {
    std::process::exit(0)
}
