//! The battery.

use std::path::PathBuf;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Battery {
    /// 0..=100.
    pub percent: u8,
    pub charging: bool,
}

pub trait Power: Send + Sync {
    /// `None` where there is no battery (a desktop).
    fn battery(&self) -> Option<Battery>;
}

/// Linux: the first battery in `/sys/class/power_supply`.
#[derive(Debug)]
pub struct SysfsPower {
    root: PathBuf,
}

impl SysfsPower {
    #[must_use]
    pub fn new() -> Self {
        Self {
            root: PathBuf::from("/sys/class/power_supply"),
        }
    }
}

impl Default for SysfsPower {
    fn default() -> Self {
        Self::new()
    }
}

impl Power for SysfsPower {
    fn battery(&self) -> Option<Battery> {
        for entry in std::fs::read_dir(&self.root).ok()?.flatten() {
            let read = |name: &str| std::fs::read_to_string(entry.path().join(name)).ok();
            if read("type").is_some_and(|t| t.trim() == "Battery") {
                let percent = read("capacity")?.trim().parse::<u8>().ok()?.min(100);
                let charging = read("status").is_some_and(|s| s.trim() == "Charging");
                return Some(Battery { percent, charging });
            }
        }
        None
    }
}
