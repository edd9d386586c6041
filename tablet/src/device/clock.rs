//! Wall clock and monotonic clock.

use regulation::Timestamp;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Both clocks: the wall clock may be wrong or set back, the monotonic one only goes forward.
pub trait Clock: Send + Sync {
    /// Wall clock.
    fn now(&self) -> Timestamp;
    /// Milliseconds since this program started.
    fn uptime_ms(&self) -> u64;
}

/// The operating system's clocks.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    #[must_use]
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn uptime_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
