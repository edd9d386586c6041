//! Captures: the sealed files behind the events, sent in parts, gone on with where central stands.
//!
//! One part is on its way at a time, sized so that it takes about a second, and none begins while a
//! question or an alert waits: what an officer asks waits behind one part at most. Central's word on
//! how much it has decides where to go on, after any break and also backwards, if it lost something.

use super::backoff::{Patience, SLOW, about};
use super::error::{HttpError, Verdict};
use super::{Connection, Shared};
use crate::vault::{Vault, WaitingCapture};
use protocol::limits::CAPTURE_PART_BYTES;
use protocol::{CaptureId, CaptureReceipt, ErrorCode};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Smallest part.
const LEAST_BYTES: usize = 8 * 1024;
/// A part that took longer was too large for this link, one that took less may be larger.
const TOO_LONG: Duration = Duration::from_secs(1);
const QUICK: Duration = Duration::from_millis(250);
/// When central is asked again about what it has and not safe yet.
const ASK_AGAIN: Duration = Duration::from_secs(5 * 60);
/// Times that a sound file may be refused as another one, before it is set aside.
const ANEW: u32 = 3;

pub(super) async fn run(shared: Arc<Shared>) {
    let mut changed = shared.vault.changed();
    let mut captures = Captures {
        patience: Patience::new(shared.kick.subscribe()),
        bytes: LEAST_BYTES * 4,
        whole: HashSet::new(),
        ask_at: None,
        shared,
    };
    loop {
        captures.ready().await;
        changed.borrow_and_update();
        let but = captures.whole.clone();
        match captures
            .shared
            .on_vault(move |vault| vault.next_capture(&but))
            .await
        {
            Ok(Some(capture)) => captures.deliver(capture).await,
            Ok(None) => {
                captures.patience.reset();
                let ask_at = captures.ask_at;
                let asking = async {
                    match ask_at {
                        Some(at) => tokio::time::sleep_until(at.into()).await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    done = changed.changed() => if done.is_err() {
                        return;
                    },
                    () = asking => {
                        captures.whole.clear();
                        captures.ask_at = None;
                    }
                }
            }
            Err(error) => {
                captures.shared.fault(&error);
                captures.patience.wait(None).await;
            }
        }
    }
}

struct Captures {
    shared: Arc<Shared>,
    patience: Patience,
    /// Bytes of a part, as the link carries them.
    bytes: usize,
    /// Those that central has whole, and not safe yet.
    whole: HashSet<CaptureId>,
    /// When to ask for those again.
    ask_at: Option<Instant>,
}

/// How one request ended.
enum Step {
    /// Go on from there.
    At(u64),
    /// Nothing more to do with this capture now.
    Done,
}

impl Captures {
    /// Until there is a way to central.
    async fn ready(&mut self) {
        self.shared.until_let().await;
        self.patience.after_drops().await;
        self.patience.tries();
    }

    /// Until neither question nor alert waits.
    async fn until_line_free(&self) {
        let mut changed = self.shared.vault.changed();
        loop {
            changed.borrow_and_update();
            match self.shared.on_vault(Vault::urgent_waiting).await {
                Ok(true) => {}
                // A fault of the vault is the outbox's to report.
                Ok(false) | Err(_) => return,
            }
            if changed.changed().await.is_err() {
                return;
            }
        }
    }

    /// Sends the capture as far as it goes now.
    async fn deliver(&mut self, capture: WaitingCapture) {
        self.until_line_free().await;
        let there = self.shared.http.capture(capture.id).await;
        let mut at = match self.answered(&capture, there).await {
            Step::At(at) => at,
            Step::Done => return,
        };
        let mut anew = 0;
        loop {
            self.until_line_free().await;
            let bytes = self.bytes;
            let read = self
                .shared
                .on_vault(move |vault| vault.capture_part(capture.id, at, bytes));
            let part = match read.await {
                Ok(Some(part)) => part,
                Ok(None) => return,
                Err(error) => {
                    self.shared.fault(&error);
                    return self.patience.wait(None).await;
                }
            };
            let end = at + part.len() as u64;
            let began = Instant::now();
            let sent = self.shared.http.capture_part(&capture, at, part).await;
            if sent.is_ok() {
                self.paced(began.elapsed());
            }
            let next = match self.answered(&capture, sent).await {
                Step::At(next) => next,
                Step::Done => return,
            };
            if next < end {
                // Lost, or taken for another file: if ours is sound, it is sent again.
                anew += 1;
                let sound = self
                    .shared
                    .on_vault(move |vault| vault.check_capture(capture.id))
                    .await;
                match sound {
                    Ok(true) if anew < ANEW => {
                        tracing::warn!(capture = %capture.id, at = next, "going back in a capture");
                        self.patience.wait(None).await;
                    }
                    Ok(true) => {
                        return self.set_aside(&capture, ErrorCode::SequenceConflict).await;
                    }
                    Ok(false) => return,
                    Err(error) => {
                        self.shared.fault(&error);
                        return self.patience.wait(None).await;
                    }
                }
            }
            at = next;
        }
    }

    /// The vault judges central's word; where to go on follows.
    async fn answered(
        &mut self,
        capture: &WaitingCapture,
        answer: Result<CaptureReceipt, HttpError>,
    ) -> Step {
        let receipt = match answer {
            Ok(receipt) if receipt.capture == capture.id => receipt,
            Ok(_) => return self.failed(capture, &HttpError::Malformed).await,
            Err(error) => return self.failed(capture, &error).await,
        };
        let (received, safe) = (receipt.received, receipt.safe);
        let applied = self
            .shared
            .on_vault(move |vault| vault.apply_capture_receipt(&receipt));
        if let Err(error) = applied.await {
            self.shared.fault(&error);
            self.patience.wait(None).await;
            return Step::Done;
        }
        self.patience.went_through();
        self.shared.reached();
        if received < capture.size {
            return Step::At(received);
        }
        if !safe {
            self.whole.insert(capture.id);
            self.ask_at
                .get_or_insert_with(|| Instant::now() + about(ASK_AGAIN));
        }
        Step::Done
    }

    /// Fits the next part to what the link carried.
    fn paced(&mut self, took: Duration) {
        if took > TOO_LONG {
            self.bytes = (self.bytes / 2).max(LEAST_BYTES);
        } else if took < QUICK {
            self.bytes = (self.bytes * 2).min(CAPTURE_PART_BYTES);
        }
    }

    async fn failed(&mut self, capture: &WaitingCapture, error: &HttpError) -> Step {
        match error.verdict() {
            // Of the capture, not of the device.
            _ if error.code() == Some(ErrorCode::DeviceMismatch) => {
                self.set_aside(capture, ErrorCode::DeviceMismatch).await;
            }
            Verdict::NoNetwork => self.lost(Connection::NoNetwork),
            Verdict::Unreachable => self.lost(Connection::CentralDown),
            // The way is there and narrow.
            Verdict::TimedOut if self.bytes > LEAST_BYTES => {
                self.bytes = (self.bytes / 2).max(LEAST_BYTES);
                self.patience.wait(None).await;
            }
            Verdict::TimedOut => self.lost(Connection::NoNetwork),
            Verdict::Later(after) => self.patience.wait(after).await,
            Verdict::CredentialsDead(code) => {
                tracing::error!(?code, "central takes no captures of this device");
                self.patience.wait(Some(SLOW)).await;
            }
            Verdict::ForGood(code) => self.set_aside(capture, code).await,
        }
        Step::Done
    }

    async fn set_aside(&mut self, capture: &WaitingCapture, code: ErrorCode) {
        let id = capture.id;
        tracing::error!(capture = %id, ?code, "central refused a capture for good; it is kept");
        let marked = self
            .shared
            .on_vault(move |vault| vault.mark_capture_stuck(id, code.into()));
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
