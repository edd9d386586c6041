//! What the operating system must not do with this program's memory: dump it, page it out, let
//! another program of the same user read it.

pub use tablet::worker::Protection;

/// Asks for all of it; call first of all. What is refused is logged and shown to the officer, and
/// does not keep the program from starting: a tablet that cannot work helps nobody.
#[must_use]
pub fn protect() -> Protection {
    let got = system::protect();
    if !got.no_dumps {
        tracing::error!("this program's memory can be dumped");
    }
    if !got.no_swap {
        tracing::error!("this program's memory can be paged out to a disk");
    }
    got
}

#[cfg(target_os = "linux")]
mod system {
    use super::Protection;
    use rustix::mm::{MlockAllFlags, mlockall};
    use rustix::process::{
        DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit,
    };

    /// Memory locked for good must not meet its limit later: an allocation would then fail.
    const ENOUGH: u64 = 1 << 30;
    /// Bit of `CAP_IPC_LOCK`, for which the limit does not count.
    const IPC_LOCK: u64 = 1 << 14;

    pub(super) fn protect() -> Protection {
        let none = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        Protection {
            no_dumps: setrlimit(Resource::Core, none).is_ok()
                & set_dumpable_behavior(DumpableBehavior::NotDumpable).is_ok(),
            no_swap: lock_memory() || no_swap_at_all(),
        }
    }

    /// Pages are locked as they are touched, so that what is only reserved costs nothing.
    fn lock_memory() -> bool {
        let limit = getrlimit(Resource::Memlock);
        let enough = limit.maximum.is_none_or(|most| most >= ENOUGH);
        if enough {
            let raised = Rlimit {
                current: limit.maximum,
                maximum: limit.maximum,
            };
            if setrlimit(Resource::Memlock, raised).is_err() {
                return false;
            }
        } else if !may_ignore_limit() {
            return false;
        }
        mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT).is_ok()
    }

    fn may_ignore_limit() -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        status
            .lines()
            .find_map(|line| line.strip_prefix("CapEff:"))
            .and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok())
            .is_some_and(|bits| bits & IPC_LOCK != 0)
    }

    fn no_swap_at_all() -> bool {
        std::fs::read_to_string("/proc/swaps").is_ok_and(|list| list.lines().count() <= 1)
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::Protection;

    /// Android dumps no released application's memory, and its swap is compressed memory.
    pub(super) fn protect() -> Protection {
        Protection {
            no_dumps: cfg!(target_os = "android"),
            no_swap: cfg!(target_os = "android"),
        }
    }
}
