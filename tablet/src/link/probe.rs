//! Looks for central while there is no way to it, so that outbox and inbox need not.

use super::backoff::Backoff;
use super::error::Verdict;
use super::{Connection, Shared, pause};
use crate::vault::Vault;
use std::sync::Arc;

pub(super) async fn run(shared: Arc<Shared>) {
    let mut up = shared.up.subscribe();
    let mut kick = shared.kick.subscribe();
    let mut first = true;
    loop {
        if up.wait_for(|up| !up).await.is_err() {
            return;
        }
        let mut backoff = Backoff::default();
        if !first {
            // Whoever lost the way has just tried.
            pause(backoff.next(), &mut kick).await;
        }
        while !*up.borrow_and_update() {
            // The first probe shows on the log-in page whether there is a way at all.
            if !first {
                until_needed(&shared).await;
            }
            first = false;
            kick.borrow_and_update();
            match shared.http.health().await {
                Ok(()) => {
                    shared.reached();
                    break;
                }
                Err(error) => shared.lost(match error.verdict() {
                    Verdict::NoNetwork | Verdict::TimedOut => Connection::NoNetwork,
                    _ => Connection::CentralDown,
                }),
            }
            pause(backoff.next(), &mut kick).await;
        }
    }
}

/// Until there is something to send, somebody to hear, or a reason to try at once.
async fn until_needed(shared: &Shared) {
    let mut changed = shared.vault.changed();
    let mut session = shared.session.subscribe();
    let mut kick = shared.kick.subscribe();
    loop {
        changed.borrow_and_update();
        if session.borrow_and_update().is_some() || shared.vault.wiping().is_some() {
            return;
        }
        // A fault of the vault is the outbox's to report.
        if shared
            .on_vault(Vault::queue)
            .await
            .is_ok_and(|queue| queue.waiting > 0 || queue.captures.waiting > 0)
        {
            return;
        }
        tokio::select! {
            _ = changed.changed() => {}
            _ = session.changed() => {}
            _ = kick.changed() => return,
        }
    }
}
