//! The outbox: sends what the vault gives, and lets the vault judge what central says to it.

use super::backoff::{Backoff, SLOW, jitter};
use super::error::{HttpError, Verdict};
use super::{Connection, Shared, pause};
use crate::vault::{StuckReason, Vault, VaultError};
use protocol::limits::BATCH_BYTES;
use protocol::{Batch, ErrorCode, Receipt};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Smallest allowance of a batch on a slow connection, and the first one.
const LEAST_BYTES: usize = 32 * 1024;
const FIRST_BYTES: usize = 128 * 1024;
/// A batch that took less may be larger next time; one that took more was too large: whatever is
/// asked meanwhile waits for its end.
const BRISK: Duration = Duration::from_secs(1);
const SLUGGISH: Duration = Duration::from_secs(3);

pub(super) async fn run(shared: Arc<Shared>) {
    let mut changed = shared.vault.changed();
    let mut outbox = Outbox {
        kick: shared.kick.subscribe(),
        backoff: Backoff::default(),
        drops: 0,
        bytes: FIRST_BYTES,
        shared,
    };
    loop {
        // Chosen when it can go, not before: what is urgent may have come meanwhile.
        outbox.ready().await;
        changed.borrow_and_update();
        let bytes = outbox.bytes;
        match outbox
            .shared
            .on_vault(move |vault| vault.next_batch_within(bytes))
            .await
        {
            Ok(None) => {
                outbox.backoff.reset();
                if changed.changed().await.is_err() {
                    return;
                }
            }
            Ok(Some(batch)) => outbox.deliver(&batch).await,
            Err(error) => {
                outbox.shared.fault(&error);
                outbox.wait(None).await;
            }
        }
    }
}

struct Outbox {
    shared: Arc<Shared>,
    kick: watch::Receiver<u64>,
    backoff: Backoff,
    /// Requests in a row that were lost on the way.
    drops: u32,
    /// Allowance of a batch, by how long those before it took.
    bytes: usize,
}

impl Outbox {
    /// Until there is a way to central; the probe says when. What can be read on a lost tablet goes
    /// before anything is sent.
    async fn ready(&mut self) {
        self.shared.until_let().await;
        // A way, but several times in a row it did not carry this.
        if self.drops > 1 {
            self.wait(None).await;
        }
        self.kick.borrow_and_update();
    }

    async fn deliver(&mut self, batch: &Batch) {
        let started = Instant::now();
        match self.shared.http.outbox(batch).await {
            Ok(receipt) => {
                self.took(started.elapsed());
                self.apply(batch, receipt).await;
            }
            Err(error) => {
                // A network that breaks every few seconds lets only through what fits in between.
                if started.elapsed() > BRISK {
                    self.took(Duration::MAX);
                }
                self.failed(batch, &error).await;
            }
        }
    }

    fn took(&mut self, time: Duration) {
        if time < BRISK {
            self.bytes = self.bytes.saturating_mul(2).min(BATCH_BYTES);
        } else if time > SLUGGISH {
            self.bytes = (self.bytes / 2).max(LEAST_BYTES);
        }
    }

    async fn apply(&mut self, batch: &Batch, receipt: Receipt) {
        let moves = covers(&receipt, batch);
        match self
            .shared
            .on_vault(move |vault| vault.apply_receipt(&receipt))
            .await
        {
            Ok(()) if moves => self.succeeded(),
            // Central answers and takes nothing: not to be asked again in a hurry.
            Ok(()) => {
                self.shared.show(|shown| shown.outbox_fails = true);
                self.wait(None).await;
            }
            Err(error) => {
                self.shared.fault(&error);
                let slow = matches!(error, VaultError::ChainFork | VaultError::SafeLost);
                self.wait(slow.then_some(SLOW)).await;
            }
        }
    }

    fn succeeded(&mut self) {
        self.backoff.reset();
        self.drops = 0;
        self.shared.show(|shown| {
            shown.outbox_fails = false;
            shown.refused = None;
        });
        self.shared.reached();
    }

    async fn failed(&mut self, batch: &Batch, error: &HttpError) {
        match error.verdict() {
            Verdict::NoNetwork | Verdict::TimedOut => self.lost(Connection::NoNetwork),
            Verdict::Unreachable => self.lost(Connection::CentralDown),
            Verdict::Later(after) => {
                self.shared.show(|shown| shown.outbox_fails = true);
                self.wait(after).await;
            }
            Verdict::CredentialsDead(code) => {
                tracing::error!(?code, "central does not let this device in");
                self.shared.show(|shown| shown.refused = Some(code));
                self.wait(Some(SLOW)).await;
            }
            Verdict::ForGood(code) => self.isolate(batch, code).await,
        }
    }

    /// One of these central will never take: each by itself, so that it alone is set aside.
    async fn isolate(&mut self, batch: &Batch, code: ErrorCode) {
        let seqs: Vec<u64> = batch
            .envelopes
            .iter()
            .map(|envelope| envelope.seq)
            .collect();
        if let [seq] = seqs[..] {
            return self.set_aside(seq, code).await;
        }
        tracing::warn!(
            ?code,
            events = seqs.len(),
            "a batch was refused; one by one"
        );
        for seq in seqs {
            let single = match self
                .shared
                .on_vault(move |vault| vault.batch_of(&[seq]))
                .await
            {
                Ok(Some(single)) => single,
                // Stored by the receipt of one before it.
                Ok(None) => continue,
                Err(error) => {
                    self.shared.fault(&error);
                    return self.wait(None).await;
                }
            };
            match self.shared.http.outbox(&single).await {
                Ok(receipt) => self.apply(&single, receipt).await,
                Err(error) => match error.verdict() {
                    Verdict::ForGood(code) => self.set_aside(seq, code).await,
                    // Not the envelope's fault: the loop begins anew when there is a way.
                    _ => return Box::pin(self.failed(&single, &error)).await,
                },
            }
        }
    }

    async fn set_aside(&mut self, seq: u64, code: ErrorCode) {
        let reason = match code {
            ErrorCode::TooLarge => StuckReason::TooLarge,
            code => StuckReason::RefusedForGood(code),
        };
        tracing::error!(seq, ?code, "central refused an event for good; it is kept");
        let marked = self
            .shared
            .on_vault(move |vault: &Vault| vault.mark_stuck(&[seq], reason));
        if let Err(error) = marked.await {
            self.shared.fault(&error);
            self.wait(None).await;
        }
    }

    fn lost(&mut self, why: Connection) {
        self.drops = self.drops.saturating_add(1);
        self.shared.lost(why);
    }

    /// Waits as told, or as failures in a row suggest.
    async fn wait(&mut self, time: Option<Duration>) {
        let time = match time {
            Some(time) => jitter(time).max(time / 2),
            None => self.backoff.next(),
        };
        pause(time, &mut self.kick).await;
    }
}

/// Whether the receipt takes at least one of the batch.
fn covers(receipt: &Receipt, batch: &Batch) -> bool {
    batch.envelopes.iter().any(|envelope| {
        envelope.seq <= receipt.stored_through || receipt.stored.contains(&envelope.seq)
    })
}
