//! The outbox: sends what the vault gives, and lets the vault judge what central says to it.

use super::backoff::{Patience, SLOW};
use super::error::{HttpError, Verdict};
use super::{Connection, Shared};
use crate::vault::{Vault, VaultError};
use protocol::limits::BATCH_BYTES;
use protocol::{Batch, ErrorCode, Receipt};
use std::sync::Arc;
use std::time::{Duration, Instant};

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
        patience: Patience::new(shared.kick.subscribe()),
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
                outbox.patience.reset();
                if changed.changed().await.is_err() {
                    return;
                }
            }
            Ok(Some(batch)) => outbox.deliver(&batch).await,
            Err(error) => {
                outbox.shared.fault(&error);
                outbox.patience.wait(None).await;
            }
        }
    }
}

struct Outbox {
    shared: Arc<Shared>,
    patience: Patience,
    /// Allowance of a batch, by how long those before it took.
    bytes: usize,
}

impl Outbox {
    /// Until there is a way to central; the probe says when. What can be read on a lost tablet goes
    /// before anything is sent.
    async fn ready(&mut self) {
        self.shared.until_let().await;
        self.patience.after_drops().await;
        self.patience.tries();
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
                self.patience.wait(None).await;
            }
            Err(error) => {
                self.shared.fault(&error);
                let slow = matches!(error, VaultError::ChainFork | VaultError::SafeLost);
                self.patience.wait(slow.then_some(SLOW)).await;
            }
        }
    }

    fn succeeded(&mut self) {
        self.patience.went_through();
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
                self.patience.wait(after).await;
            }
            Verdict::CredentialsDead(code) => {
                tracing::error!(?code, "central does not let this device in");
                self.shared.show(|shown| shown.refused = Some(code));
                self.patience.wait(Some(SLOW)).await;
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
                    return self.patience.wait(None).await;
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
        tracing::error!(seq, ?code, "central refused an event for good; it is kept");
        let marked = self
            .shared
            .on_vault(move |vault: &Vault| vault.mark_stuck(&[seq], code.into()));
        if let Err(error) = marked.await {
            self.shared.fault(&error);
            self.patience.wait(None).await;
        }
    }

    fn lost(&mut self, why: Connection) {
        self.patience.dropped();
        self.shared.lost(why);
    }
}

/// Whether the receipt takes at least one of the batch.
fn covers(receipt: &Receipt, batch: &Batch) -> bool {
    batch.envelopes.iter().any(|envelope| {
        envelope.seq <= receipt.stored_through || receipt.stored.contains(&envelope.seq)
    })
}
