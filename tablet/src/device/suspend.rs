//! Hears that the device is about to sleep, or that it has slept.

use std::future::Future;
use std::pin::Pin;

/// What a [`SuspendWatch`] tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspension {
    /// The device is about to sleep.
    Coming,
    /// The device may have slept: [`super::Clock::slept_ms`] knows.
    Perhaps,
}

/// Says when what is on the screen must go: before the device sleeps, or when it is awake again.
pub trait SuspendWatch: Send + 'static {
    /// Ends at the next such moment.
    fn next(&mut self) -> Pin<Box<dyn Future<Output = Suspension> + Send + '_>>;
}

/// For systems that tell nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSuspendWatch;

impl SuspendWatch for NoSuspendWatch {
    fn next(&mut self) -> Pin<Box<dyn Future<Output = Suspension> + Send + '_>> {
        Box::pin(std::future::pending())
    }
}

/// From here on the signal that comes before a sleep does not end this program, as it does one that
/// is not prepared; until a watch is there it is passed over. To be called at the start.
///
/// # Errors
/// The operating system refuses it.
pub fn hold_suspend_signal() -> std::io::Result<()> {
    #[cfg(target_os = "linux")]
    linux::hold()?;
    Ok(())
}

/// What this system offers. Must be called on a Tokio runtime.
#[must_use]
pub fn system_suspend_watch() -> Box<dyn SuspendWatch> {
    #[cfg(target_os = "linux")]
    match linux::SignalAndTimer::new() {
        Ok(watch) => return Box::new(watch),
        Err(error) => tracing::warn!(kind = ?error.kind(), "suspension is not heard of"),
    }
    Box::new(NoSuspendWatch)
}

#[cfg(target_os = "linux")]
mod linux {
    use super::{Future, Pin, SuspendWatch, Suspension};
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use std::io;
    use tokio::io::AsyncReadExt as _;
    use tokio::net::unix::pipe::Receiver;
    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// A sleep shorter than this may be noticed as late as this; a longer one at once.
    const ROUND_S: i64 = 30;

    /// A handler stays for the life of the process, whatever becomes of what asked for it.
    pub(super) fn hold() -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()?;
        let _entered = runtime.enter();
        signal(SignalKind::user_defined1()).map(drop)
    }

    /// SIGUSR1 comes before the sleep, from `e-patrul-lock.service`. A timer on the clock that
    /// counts sleep is overdue the moment the device wakes, should the signal not have come. To the
    /// runtime the timer is a pipe: only reading is used, which is the same call for both.
    #[derive(Debug)]
    pub(super) struct SignalAndTimer {
        signal: Signal,
        timer: Receiver,
    }

    impl SignalAndTimer {
        pub(super) fn new() -> io::Result<Self> {
            let timer = timerfd_create(
                TimerfdClockId::Boottime,
                TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK,
            )?;
            let round = Timespec {
                tv_sec: ROUND_S,
                tv_nsec: 0,
            };
            let rounds = Itimerspec {
                it_interval: round,
                it_value: round,
            };
            timerfd_settime(&timer, TimerfdTimerFlags::empty(), &rounds)?;
            Ok(Self {
                signal: signal(SignalKind::user_defined1())?,
                timer: Receiver::from_owned_fd_unchecked(timer)?,
            })
        }

        async fn round_is_over(timer: &mut Receiver) {
            if timer.read_exact(&mut [0; 8]).await.is_err() {
                std::future::pending().await
            }
        }
    }

    impl SuspendWatch for SignalAndTimer {
        fn next(&mut self) -> Pin<Box<dyn Future<Output = Suspension> + Send + '_>> {
            Box::pin(async {
                tokio::select! {
                    Some(()) = self.signal.recv() => Suspension::Coming,
                    () = Self::round_is_over(&mut self.timer) => Suspension::Perhaps,
                }
            })
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_signal_does_not_end_a_program_that_has_no_watch_yet() {
        hold_suspend_signal().unwrap();
        let this = std::process::id().to_string();
        let kill = std::process::Command::new("kill")
            .args(["-USR1", &this])
            .status();
        assert!(kill.unwrap().success());
    }
}
