//! Slows down guessing: of one login from many tablets, and of many logins from one tablet.

use crate::config::Policy;
use protocol::DeviceId;
use regulation::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Entries kept at most; beyond it those that no longer make anyone wait are dropped.
const ENTRIES: usize = 10_000;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Who {
    Login(String),
    Device(DeviceId),
}

#[derive(Clone, Copy, Debug, Default)]
struct Failures {
    count: u32,
    blocked_until: Timestamp,
}

/// Failed log-ins by login and by device. In memory: a restart forgives, and whoever can restart
/// central has no need to guess.
#[derive(Debug)]
pub struct Throttle {
    free: u32,
    first_s: u64,
    longest_s: u64,
    failures: Mutex<HashMap<Who, Failures>>,
}

impl Throttle {
    #[must_use]
    pub fn new(policy: &Policy) -> Self {
        Self {
            free: policy.free_attempts,
            first_s: policy.throttle_first_s,
            longest_s: policy.throttle_longest_s,
            failures: Mutex::new(HashMap::new()),
        }
    }

    /// Counts an attempt as failed, or says how many seconds it is too early.
    ///
    /// # Errors
    /// Seconds to wait.
    pub fn begin(&self, login: &str, device: DeviceId, now: Timestamp) -> Result<(), u64> {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let who = [Who::Login(login.into()), Who::Device(device)];
        let wait = who
            .iter()
            .filter_map(|who| failures.get(who))
            .map(|f| f.blocked_until.millis_since(now))
            .max()
            .unwrap_or(0);
        if wait > 0 {
            return Err(wait.div_ceil(1000));
        }
        if failures.len() >= ENTRIES {
            failures.retain(|_, f| f.blocked_until > now);
        }
        for who in who {
            let entry = failures.entry(who).or_default();
            entry.count = entry.count.saturating_add(1);
            entry.blocked_until = now.plus_millis(self.wait_s(entry.count).saturating_mul(1000));
        }
        Ok(())
    }

    /// Forgets the failures of both.
    pub fn succeeded(&self, login: &str, device: DeviceId) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.remove(&Who::Login(login.into()));
        failures.remove(&Who::Device(device));
    }

    fn wait_s(&self, count: u32) -> u64 {
        match count.checked_sub(self.free + 1) {
            None => 0,
            Some(doublings) => 1u64
                .checked_shl(doublings)
                .and_then(|factor| self.first_s.checked_mul(factor))
                .map_or(self.longest_s, |wait| wait.min(self.longest_s)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn device(n: u128) -> DeviceId {
        DeviceId(uuid::Uuid::from_u128(n))
    }

    #[test]
    fn waiting_doubles_up_to_the_longest_and_success_forgives() {
        let policy = Policy {
            free_attempts: 2,
            throttle_first_s: 2,
            throttle_longest_s: 7,
            ..Policy::default()
        };
        let throttle = Throttle::new(&policy);
        let mut now = Timestamp(0);
        let mut waits = Vec::new();
        for _ in 0..6 {
            throttle.begin("a", device(1), now).unwrap();
            let wait = throttle.begin("a", device(1), now).err().unwrap_or(0);
            if wait == 0 {
                // That second attempt counted: it was free as well.
                waits.push(0);
                continue;
            }
            waits.push(wait);
            now = now.plus_millis(wait * 1000);
        }
        assert_eq!(waits, [0, 2, 4, 7, 7, 7]);
        throttle.succeeded("a", device(1));
        assert_eq!(throttle.begin("a", device(1), now), Ok(()));
    }

    #[test]
    fn many_logins_from_one_tablet_are_slowed_and_other_tablets_are_not() {
        let throttle = Throttle::new(&Policy {
            free_attempts: 1,
            ..Policy::default()
        });
        let now = Timestamp(0);
        throttle.begin("a", device(1), now).unwrap();
        throttle.begin("b", device(1), now).unwrap();
        assert!(throttle.begin("c", device(1), now).is_err());
        assert_eq!(throttle.begin("c", device(2), now), Ok(()));
    }
}
