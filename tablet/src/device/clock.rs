//! Wall clock and monotonic clock.

use regulation::Timestamp;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Both clocks: the wall clock may be wrong or set back, the monotonic one only goes forward.
pub trait Clock: Send + Sync {
    /// Wall clock.
    fn now(&self) -> Timestamp;
    /// Milliseconds since this program started.
    fn uptime_ms(&self) -> u64;
    /// Milliseconds for which the device was suspended since this program started; only grows.
    /// 0 where the system does not tell.
    fn slept_ms(&self) -> u64 {
        0
    }
}

/// The operating system's clocks.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
    slept_before_ms: u64,
}

impl SystemClock {
    #[must_use]
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
            slept_before_ms: slept_since_boot_ms(),
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

    fn slept_ms(&self) -> u64 {
        slept_since_boot_ms().saturating_sub(self.slept_before_ms)
    }
}

/// The clock that counts sleep, less the one that does not.
#[cfg(target_os = "linux")]
fn slept_since_boot_ms() -> u64 {
    use rustix::time::{ClockId, Timespec, clock_gettime};
    let millis = |t: Timespec| t.tv_sec.saturating_mul(1000) + t.tv_nsec / 1_000_000;
    // Read first, so that the time between the two readings is no sleep.
    let boot = clock_gettime(ClockId::Boottime);
    let awake = clock_gettime(ClockId::Monotonic);
    u64::try_from(millis(boot) - millis(awake)).unwrap_or(0)
}

#[cfg(not(target_os = "linux"))]
fn slept_since_boot_ms() -> u64 {
    0
}
