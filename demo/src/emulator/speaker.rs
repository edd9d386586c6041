//! A speaker that remembers what it was told to sound.

use std::sync::{Mutex, PoisonError};
use tablet::device::{Signal, Speaker};

#[derive(Debug, Default)]
pub struct EmulatedSpeaker(Mutex<Vec<Signal>>);

impl EmulatedSpeaker {
    /// Everything that was to be heard, oldest first.
    #[must_use]
    pub fn heard(&self) -> Vec<Signal> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Speaker for EmulatedSpeaker {
    fn sound(&self, signal: Signal) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(signal);
    }
}
