//! A clock that goes on as fast as the play needs it.

use regulation::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tablet::device::{Clock, SystemClock};

/// The machine's clock, set forward; the same for every tablet and for central, so that none is wrong.
#[derive(Clone, Debug)]
pub struct MovedClock {
    system: Arc<SystemClock>,
    ahead_ms: Arc<AtomicI64>,
}

impl Default for MovedClock {
    fn default() -> Self {
        Self::new()
    }
}

impl MovedClock {
    #[must_use]
    pub fn new() -> Self {
        Self {
            system: Arc::new(SystemClock::new()),
            ahead_ms: Arc::new(AtomicI64::new(0)),
        }
    }

    /// So much of the day goes by at once.
    pub fn pass(&self, minutes: u16) {
        let ms = i64::from(minutes) * 60_000;
        self.ahead_ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// The same clock for central.
    #[must_use]
    pub fn of_central(&self) -> central::Clock {
        let clock = self.clone();
        central::Clock::from_fn(move || Clock::now(&clock))
    }

    fn ahead(&self) -> i64 {
        self.ahead_ms.load(Ordering::SeqCst)
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.system.now().0 + self.ahead())
    }

    fn uptime_ms(&self) -> u64 {
        self.system.uptime_ms().saturating_add_signed(self.ahead())
    }
}
