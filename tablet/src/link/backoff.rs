//! How long to wait before trying again.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(200);
const CAP: Duration = Duration::from_secs(3);
/// For a device that is not let in: it may be let in again, and nobody is helped by haste.
pub(super) const SLOW: Duration = Duration::from_secs(60);

/// Exponential with full jitter: a thousand tablets that lost central together do not come back
/// together. Never gives up.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    pub(super) fn next(&mut self) -> Duration {
        let ceiling = FIRST.saturating_mul(1 << self.failures.min(8)).min(CAP);
        self.failures = self.failures.saturating_add(1);
        jitter(ceiling)
    }
}

/// Between a twentieth and the whole.
pub(super) fn jitter(ceiling: Duration) -> Duration {
    let mut byte = [0; 2];
    // Without randomness the tablets would merely be less spread.
    let part = match getrandom::fill(&mut byte) {
        Ok(()) => f64::from(u16::from_be_bytes(byte)) / f64::from(u16::MAX),
        Err(_) => 1.0,
    };
    ceiling.mul_f64(part.max(0.05))
}
