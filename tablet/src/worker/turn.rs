//! Whose turn a device is: the officer's, or a check's (§13). A check never makes a capture "busy".

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Turn(Arc<(Mutex<bool>, Condvar)>);

/// The device is this one's until it is dropped.
pub(super) struct Held(Turn);

impl Turn {
    /// Waits until nobody has the device; `None`: somebody has had it all the time.
    pub(super) fn take(&self, patience: Duration) -> Option<Held> {
        let (taken, given_back) = &*self.0;
        let guard = taken.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = given_back.wait_timeout_while(guard, patience, |taken| *taken);
        let (mut guard, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if *guard {
            return None;
        }
        *guard = true;
        Some(Held(self.clone()))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let (taken, given_back) = &*self.0.0;
        *taken.lock().unwrap_or_else(PoisonError::into_inner) = false;
        given_back.notify_one();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn one_has_it_at_a_time_and_the_next_waits_no_longer_than_it_must() {
        let turn = Turn::default();
        let held = turn.take(Duration::ZERO).unwrap();
        assert!(turn.take(Duration::from_millis(20)).is_none());
        let waiting = turn.clone();
        let next = std::thread::spawn(move || waiting.take(Duration::from_secs(60)).is_some());
        std::thread::sleep(Duration::from_millis(20));
        drop(held);
        assert!(next.join().unwrap());
        assert!(turn.take(Duration::ZERO).is_some());
    }
}
