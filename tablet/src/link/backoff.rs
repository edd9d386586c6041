//! How long to wait before trying again.

use super::pause;
use std::time::Duration;
use tokio::sync::watch;

const FIRST: Duration = Duration::from_millis(200);
const CAP: Duration = Duration::from_secs(3);
/// For a device that is not let in: it may be let in again, and nobody is helped by haste.
pub(super) const SLOW: Duration = Duration::from_secs(60);

/// Exponential with full jitter: a thousand tablets that lost central together do not come back
/// together. Never gives up.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    pub(super) fn next(&mut self) -> Duration {
        let ceiling = FIRST.saturating_mul(1 << self.failures.min(8)).min(CAP);
        self.failures = self.failures.saturating_add(1);
        jitter(ceiling)
    }
}

/// What a task of the link does between two tries: waits, a little longer after every failure in a
/// row, and not at all once it becomes worth trying.
#[derive(Debug)]
pub(super) struct Patience {
    kick: watch::Receiver<u64>,
    backoff: Backoff,
    /// Requests in a row that were lost on the way.
    drops: u32,
}

impl Patience {
    /// `kick` changes when it is worth trying at once.
    pub(super) fn new(kick: watch::Receiver<u64>) -> Self {
        Self {
            kick,
            backoff: Backoff::default(),
            drops: 0,
        }
    }

    /// It went through.
    pub(super) fn went_through(&mut self) {
        self.backoff.reset();
        self.drops = 0;
    }

    /// Failures so far are no reason to wait any more.
    pub(super) fn reset(&mut self) {
        self.backoff.reset();
    }

    /// Central was heard, whatever it said.
    pub(super) fn heard(&mut self) {
        self.drops = 0;
    }

    /// A request was lost on the way.
    pub(super) fn dropped(&mut self) {
        self.drops = self.drops.saturating_add(1);
    }

    /// There is a way to central; waits all the same if several times in a row it did not carry this.
    pub(super) async fn after_drops(&mut self) {
        if self.drops > 1 {
            self.wait(None).await;
        }
    }

    /// What made it worth trying before this moment is answered by the try that follows.
    pub(super) fn tries(&mut self) {
        self.kick.borrow_and_update();
    }

    /// Until it becomes worth trying.
    pub(super) async fn kicked(&mut self) {
        if self.kick.changed().await.is_err() {
            // The link is going down, and whoever waits here with it.
            std::future::pending::<()>().await;
        }
    }

    /// Waits about as long as told, or as failures in a row suggest.
    pub(super) async fn wait(&mut self, time: Option<Duration>) {
        let time = time.map_or_else(|| self.backoff.next(), about);
        pause(time, &mut self.kick).await;
    }
}

/// About that long: half at least, so that tablets told the same do not come together.
pub(super) fn about(time: Duration) -> Duration {
    jitter(time).max(time / 2)
}

/// Between a twentieth and the whole.
fn jitter(ceiling: Duration) -> Duration {
    let mut byte = [0; 2];
    // Without randomness the tablets would merely be less spread.
    let part = match getrandom::fill(&mut byte) {
        Ok(()) => f64::from(u16::from_be_bytes(byte)) / f64::from(u16::MAX),
        Err(_) => 1.0,
    };
    ceiling.mul_f64(part.max(0.05))
}
