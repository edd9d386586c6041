//! A tablet that was reported lost: asks for the signed order, reports, and sees the wiping through.
//!
//! Central's word that this tablet is lost, in whatever answer, is a hint and no more: the order
//! itself is asked for, with a challenge made anew, and the vault takes it only with the signature of
//! central's receipt key. Whenever there is a way to central again, that is asked before the outbox
//! sends anything: what can be read goes before what is sealed is sent.

use super::backoff::{Patience, SLOW};
use super::error::{HttpError, Verdict};
use super::{Connection, LinkEvent, Shared};
use crate::vault::{Vault, VaultError, Wiping};
use protocol::{ErrorCode, Receipt, WipeStage};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use uuid::Uuid;

pub(super) async fn run(shared: Arc<Shared>) {
    let mut wipe = Wipe {
        lost: shared.http.lost(),
        patience: Patience::new(shared.kick.subscribe()),
        changed: shared.vault.changed(),
        fruitless: 0,
        shared,
    };
    loop {
        wipe.changed.borrow_and_update();
        match wipe.shared.vault.wiping() {
            None => wipe.ask().await,
            Some(Wiping::Ordered) => wipe.destroy_reading_keys().await,
            Some(Wiping::Unreadable { reported }) => wipe.see_sealed_through(reported).await,
            Some(Wiping::Deleted) => {
                if wipe.report_wiped().await {
                    return;
                }
            }
        }
    }
}

struct Wipe {
    shared: Arc<Shared>,
    /// Central says that this tablet is lost.
    lost: watch::Receiver<u64>,
    patience: Patience,
    changed: watch::Receiver<u64>,
    /// Times in a row that central called nothing more safe.
    fruitless: u32,
}

/// So often the marks are asked for in quick order: a replica that is behind catches up within that.
const PATIENCE: u32 = 8;

/// What central says to a report.
enum Said {
    Signed,
    /// The tablet is not lost: nothing of this was wished.
    CalledOff,
    /// It knows nothing of the stage before.
    OutOfOrder,
    /// It could not be asked, or not understood; when to ask again, if it said so.
    Nothing(Option<Duration>),
}

impl Said {
    fn when(&self) -> Option<Duration> {
        match self {
            Self::Nothing(when) => *when,
            _ => None,
        }
    }
}

impl Wipe {
    /// Once for each way that is found, and whenever central says that this tablet is lost.
    async fn ask(&mut self) {
        self.shared.until_up().await;
        let mut standing = self.shared.standing.subscribe();
        if *standing.borrow_and_update() {
            tokio::select! {
                _ = self.lost.changed() => {}
                _ = standing.changed() => return,
            }
        }
        let way = self.shared.way();
        self.lost.borrow_and_update();
        let challenge = Uuid::new_v4();
        match self.shared.http.wipe_order(challenge).await {
            Ok(order) => {
                let begun = self
                    .shared
                    .on_vault(move |vault| vault.begin_wipe(&order, challenge));
                match begun.await {
                    Ok(()) => {
                        tracing::warn!("central has ordered this tablet to wipe itself");
                        // What central would not take gets a last chance.
                        if let Err(error) = self.shared.on_vault(Vault::unstick).await {
                            self.shared.fault(&error);
                        }
                    }
                    Err(VaultError::BadOrder) => {
                        tracing::error!("an order to wipe that is not central's; nothing was done");
                        self.shared.standing_known(way);
                        self.wait(Some(SLOW)).await;
                    }
                    Err(error) => {
                        self.shared.fault(&error);
                        self.wait(None).await;
                    }
                }
            }
            Err(error) => self.not_ordered(&error, way).await,
        }
    }

    async fn not_ordered(&mut self, error: &HttpError, way: u64) {
        match error.verdict() {
            Verdict::NoNetwork | Verdict::TimedOut => self.shared.lost(Connection::NoNetwork),
            Verdict::Unreachable => self.shared.lost(Connection::CentralDown),
            // It is not lost; or central cannot say, and evidence does not wait for that.
            _ => {
                self.shared.standing_known(way);
                if error.code() != Some(ErrorCode::NotFound) {
                    self.wait(None).await;
                }
            }
        }
    }

    async fn destroy_reading_keys(&mut self) {
        self.shared.leave();
        if let Err(error) = self.shared.on_vault(Vault::destroy_reading_keys).await {
            self.shared.fault(&error);
            self.wait(None).await;
        }
    }

    /// Nothing can be read any more. Central is told so, then the outbox sends what is left; here its
    /// end is waited for, and central told of it: the last step is taken with its word that nothing is
    /// missing.
    async fn see_sealed_through(&mut self, reported: Option<u64>) {
        self.shared.leave();
        let left = match self.shared.on_vault(Vault::unsafe_events).await {
            Ok(left) => left,
            Err(error) => {
                self.shared.fault(&error);
                return self.wait(None).await;
            }
        };
        if reported == Some(0) && left == 0 {
            match self.shared.on_vault(Vault::wipe_sealed).await {
                Ok(true) => return,
                Ok(false) => {}
                Err(error) => self.shared.fault(&error),
            }
            return self.wait(None).await;
        }
        self.shared.until_up().await;
        // Over each new way, and before the last step, central may say that the tablet was found.
        let known = *self.shared.standing.borrow();
        if !known || reported.is_none() || (left == 0 && reported != Some(0)) {
            match self.report(WipeStage::ReadingKeysDestroyed).await {
                Said::Signed => self.patience.reset(),
                Said::CalledOff => return self.call_off().await,
                said => {
                    // Evidence does not wait for the receipt of a report.
                    self.let_outbox_go();
                    return self.wait(said.when()).await;
                }
            }
            return self.let_outbox_go();
        }
        let mut standing = self.shared.standing.subscribe();
        self.let_outbox_go();
        standing.borrow_and_update();
        match self.shared.on_vault(Vault::queue).await {
            // Outbox and captures have it in hand; each of their receipts changes the vault.
            Ok(queue) if queue.waiting > 0 || queue.captures.bytes > 0 => {
                tokio::select! {
                    _ = self.changed.changed() => {}
                    _ = standing.changed() => {}
                }
            }
            Ok(queue) => {
                let stuck = !queue.stuck.is_empty() || !queue.captures.stuck.is_empty();
                self.ask_for_marks(left, stuck).await;
            }
            Err(error) => {
                self.shared.fault(&error);
                self.wait(None).await;
            }
        }
    }

    /// All is sent that goes by itself, and not all is safe: central's replica is behind, or something
    /// is stuck. What is stuck stays, sealed, until it is taken or exported; central is told how much.
    async fn ask_for_marks(&mut self, left: u64, stuck: bool) {
        if let Said::CalledOff = self.report(WipeStage::ReadingKeysDestroyed).await {
            return self.call_off().await;
        }
        let asked = match self.shared.on_vault(Vault::batch_of_none).await {
            Ok(Some(batch)) => self.shared.http.outbox(&batch).await,
            Ok(None) => return self.wait(None).await,
            Err(error) => {
                self.shared.fault(&error);
                return self.wait(None).await;
            }
        };
        match asked {
            Ok(receipt) => self.apply(receipt, left, stuck).await,
            Err(error) if self.way_lost(&error) => {}
            Err(_) => self.wait(None).await,
        }
    }

    async fn apply(&mut self, receipt: Receipt, left: u64, stuck: bool) {
        let mut changed = self.changed.clone();
        let applied = self.shared.on_vault(move |vault| {
            vault.apply_receipt(&receipt)?;
            // That was its own change; one after it ends the wait.
            changed.borrow_and_update();
            Ok((vault.unsafe_events()?, vault.queue()?.waiting, changed))
        });
        match applied.await {
            Ok((now, waiting, _)) if now < left || waiting > 0 => {
                self.patience.reset();
                self.fruitless = 0;
            }
            Ok((_, _, mut changed)) => {
                self.fruitless = self.fruitless.saturating_add(1);
                let slow = stuck || self.fruitless > PATIENCE;
                tokio::select! {
                    () = self.wait(slow.then_some(SLOW)) => {}
                    _ = changed.changed() => {}
                }
            }
            Err(error) => {
                self.shared.fault(&error);
                self.wait(Some(SLOW)).await;
            }
        }
    }

    /// The last word. `true`: central has signed for it, and this tablet is nobody's.
    async fn report_wiped(&mut self) -> bool {
        self.shared.leave();
        self.let_outbox_go();
        self.shared.until_up().await;
        let said = match self.report(WipeStage::Wiped).await {
            // Central was restored from an older backup, and has forgotten the first report.
            Said::OutOfOrder => match self.report(WipeStage::ReadingKeysDestroyed).await {
                Said::Signed => self.report(WipeStage::Wiped).await,
                other => other,
            },
            said => said,
        };
        match said {
            Said::Signed => {
                tracing::warn!("this tablet has wiped itself");
                self.shared.tell(LinkEvent::Wiped);
                return true;
            }
            Said::CalledOff => self.call_off().await,
            said => self.wait(said.when()).await,
        }
        false
    }

    async fn report(&mut self, stage: WipeStage) -> Said {
        let report = match self
            .shared
            .on_vault(move |vault| vault.wipe_report(stage))
            .await
        {
            Ok(report) => report,
            Err(error) => {
                self.shared.fault(&error);
                return Said::Nothing(None);
            }
        };
        match self.shared.http.wipe_report(&report).await {
            Ok(receipt) => {
                let applied = self
                    .shared
                    .on_vault(move |vault| vault.apply_wipe_receipt(&report, &receipt));
                match applied.await {
                    Ok(()) => Said::Signed,
                    Err(error) => {
                        self.shared.fault(&error);
                        Said::Nothing(None)
                    }
                }
            }
            Err(error) => match error.code() {
                Some(ErrorCode::NotFound) => Said::CalledOff,
                Some(ErrorCode::Malformed) => Said::OutOfOrder,
                _ => {
                    self.way_lost(&error);
                    Said::Nothing(match error.verdict() {
                        Verdict::CredentialsDead(_) => Some(SLOW),
                        Verdict::Later(after) => after,
                        _ => None,
                    })
                }
            },
        }
    }

    /// The tablet was found before it was wiped.
    async fn call_off(&mut self) {
        match self.shared.on_vault(Vault::call_off_wipe).await {
            Ok(()) => {
                tracing::warn!("this tablet is not lost any more");
                self.shared.told_lost.send_replace(false);
                self.shared.tell(LinkEvent::Found);
            }
            Err(error) => {
                self.shared.fault(&error);
                self.wait(None).await;
            }
        }
    }

    /// Nothing can be read here any more: what is sealed may go.
    fn let_outbox_go(&self) {
        self.shared.standing_known(self.shared.way());
    }

    fn way_lost(&self, error: &HttpError) -> bool {
        match error.verdict() {
            Verdict::NoNetwork | Verdict::TimedOut => self.shared.lost(Connection::NoNetwork),
            Verdict::Unreachable => self.shared.lost(Connection::CentralDown),
            _ => return false,
        }
        true
    }

    /// Waits as told, or as failures in a row suggest; not longer than the way to central lasts, since
    /// over another one the outbox waits for the question whether this tablet is lost.
    async fn wait(&mut self, time: Option<Duration>) {
        let mut standing = self.shared.standing.subscribe();
        tokio::select! {
            () = self.patience.wait(time) => {}
            _ = standing.changed() => {}
        }
    }
}

impl Shared {
    /// What this tablet is to central has been asked over that way: the outbox goes, unless the way
    /// was lost meanwhile.
    fn standing_known(&self, way: u64) {
        self.standing
            .send_if_modified(|known| self.way() == way && !std::mem::replace(known, true));
    }

    /// No inbox any more, and the worker lets go of what it shows; said once.
    fn leave(&self) {
        self.session.send_replace(None);
        if self
            .told_lost
            .send_if_modified(|told| !std::mem::replace(told, true))
        {
            self.tell(LinkEvent::Lost);
        }
    }
}
