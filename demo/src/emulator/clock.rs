//! A clock that goes on as fast as the play needs it.

use regulation::Timestamp;
use regulation::time::NotADate;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tablet::device::{Clock, SystemClock};

const HOUR: u64 = 3_600_000;

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

    /// It is eight in the morning next: a play of hours stays within one day, whenever it is started.
    ///
    /// # Errors
    /// The machine's clock shows no date.
    pub fn begin_at_eight(&self, utc_offset_minutes: i32) -> Result<(), NotADate> {
        let now = Clock::now(self);
        let today = now.local_date(utc_offset_minutes)?;
        let mut eight = today.begins_at(utc_offset_minutes).plus_millis(8 * HOUR);
        if eight < now {
            eight = eight.plus_millis(24 * HOUR);
        }
        self.ahead_ms.fetch_add(eight.0 - now.0, Ordering::SeqCst);
        Ok(())
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_morning_that_comes_next_is_at_eight_and_less_than_a_day_away() {
        let clock = MovedClock::new();
        let before = Clock::now(&clock);
        // Places all around the earth: whatever the hour of the test is, it is each hour somewhere.
        for offset in (-12 * 60..=12 * 60).step_by(60) {
            let clock = MovedClock::new();
            clock.begin_at_eight(offset).unwrap();
            let begun = Clock::now(&clock);
            assert_eq!(begun.local_clock(offset), "08:00", "{offset}");
            assert!(begun.millis_since(before) <= 24 * HOUR + 60_000, "{offset}");
        }
    }
}
