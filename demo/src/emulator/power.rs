//! A battery that says what it was told.

use std::sync::atomic::{AtomicU8, Ordering};
use tablet::device::{Battery, Power};

#[derive(Debug)]
pub struct EmulatedPower(AtomicU8);

impl EmulatedPower {
    #[must_use]
    pub fn new(percent: u8) -> Self {
        Self(AtomicU8::new(percent.min(100)))
    }

    pub fn set(&self, percent: u8) {
        self.0.store(percent.min(100), Ordering::Relaxed);
    }
}

impl Power for EmulatedPower {
    fn battery(&self) -> Option<Battery> {
        Some(Battery {
            percent: self.0.load(Ordering::Relaxed),
            charging: false,
        })
    }
}
