//! Steps with their times, on the terminal.

use std::io::{self, Write};
use std::time::Instant;

/// When the run and the step that is under way began.
#[derive(Debug)]
pub struct Steps {
    started: Instant,
    step: Instant,
}

impl Default for Steps {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            step: Instant::now(),
        }
    }
}

impl Steps {
    /// Prints what is done, when, and how long it took.
    ///
    /// # Errors
    /// Nobody listens on standard output.
    pub fn done(&mut self, what: &str) -> io::Result<()> {
        let (now, mut out) = (Instant::now(), io::stdout().lock());
        writeln!(
            out,
            "{:>8.3} s  +{:>7.1} ms  {what}",
            (now - self.started).as_secs_f64(),
            (now - self.step).as_secs_f64() * 1000.0
        )?;
        self.step = now;
        Ok(())
    }
}
