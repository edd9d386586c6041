//! Slows down guessing: of one login from many tablets, and of many logins from one tablet; and locks
//! a login that was guessed at too often. The counts lie in the store: a restart forgives nothing.

use crate::ca::DoorKey;
use crate::config::Policy;
use crate::store::{LoginAttempt, LoginTurn, Store, StoreError};
use protocol::DeviceId;
use regulation::Timestamp;

/// How long failures make wait, and when they lock.
#[derive(Clone, Debug)]
pub struct Throttle {
    free: u32,
    first_s: u64,
    longest_s: u64,
    lock_after: u32,
}

impl Throttle {
    #[must_use]
    pub fn new(policy: &Policy) -> Self {
        Self {
            free: policy.free_attempts,
            first_s: policy.throttle_first_s,
            longest_s: policy.throttle_longest_s,
            lock_after: policy.login_failures,
        }
    }

    /// Counts an attempt as failed, or says why it may not be made.
    ///
    /// # Errors
    /// The store cannot be read or written.
    pub fn begin(
        &self,
        store: &dyn Store,
        key: &DoorKey,
        login: &str,
        device: DeviceId,
        now: Timestamp,
    ) -> Result<LoginTurn, StoreError> {
        store.begin_login(&LoginAttempt {
            login: key.login(login),
            device: key.device(device),
            at: now,
            lock_after: self.lock_after,
            wait_ms: &|count| self.wait_s(count).saturating_mul(1000),
        })
    }

    fn wait_s(&self, count: u32) -> u64 {
        match count.checked_sub(self.free.saturating_add(1)) {
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
    use super::*;

    #[test]
    fn waiting_doubles_up_to_the_longest() {
        let throttle = Throttle::new(&Policy {
            free_attempts: 2,
            throttle_first_s: 2,
            throttle_longest_s: 7,
            ..Policy::default()
        });
        let waits: Vec<_> = (1..=6).map(|count| throttle.wait_s(count)).collect();
        assert_eq!(waits, [0, 0, 2, 4, 7, 7]);
        assert_eq!(throttle.wait_s(u32::MAX), 7);
    }
}
