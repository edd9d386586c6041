//! Keeps the roster of officers up to date: it is fetched whenever central has been found again,
//! whenever another session is attached or none is any more, and at intervals while neither happens.

use super::backoff::{Backoff, SLOW, about};
use super::error::{HttpError, Verdict};
use super::{Connection, Shared, pause};
use crate::vault::VaultError;
use std::sync::Arc;
use std::time::Duration;

/// A dismissed officer can log in on a connected tablet no longer than this.
const EVERY: Duration = Duration::from_secs(15 * 60);

pub(super) async fn run(shared: Arc<Shared>) {
    let mut attached = shared.session.subscribe();
    let mut up = shared.up.subscribe();
    let mut kick = shared.kick.subscribe();
    let mut backoff = Backoff::default();
    loop {
        // Nobody looks for central while nobody is logged in and nothing is to be sent; the roster does
        // it at its own slow pace, so that it is there when it is needed.
        tokio::select! {
            () = shared.until_up() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
        up.borrow_and_update();
        kick.borrow_and_update();
        let session = attached.borrow_and_update().clone();
        let token = session.as_ref().map(|session| session.token.as_str());
        let asked = shared.vault.now();
        let locked = shared.on_vault(|vault| vault.is_locked()).await;
        // What cannot be read is not said.
        let locked = locked.unwrap_or(false);
        let wait = match shared.http.roster(token, locked).await {
            Ok(roster) => {
                shared.reached();
                shared.vault.heard_time(roster.issued_at, asked);
                up.borrow_and_update();
                let kept = shared.on_vault(move |vault| {
                    let kept = vault.keep_roster(&roster, session.as_deref());
                    // A disk that keeps no roster is no reason to leave the tablet locked.
                    if !matches!(kept, Err(VaultError::BadRoster)) {
                        vault.apply_unlock(roster.unlock_serial)?;
                    }
                    kept
                });
                match kept.await {
                    Ok(()) => {
                        backoff.reset();
                        None
                    }
                    Err(error) => {
                        shared.fault(&error);
                        Some(about(SLOW))
                    }
                }
            }
            Err(error) => Some(failed(&shared, &error, &mut backoff)),
        };
        match wait {
            Some(wait) => pause(wait, &mut kick).await,
            None => tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                _ = attached.changed() => {}
                // Lost, and perhaps found again meanwhile.
                _ = up.changed() => {}
            },
        }
    }
}

/// How long to wait. The roster kept before goes on being used until its lease ends.
fn failed(shared: &Shared, error: &HttpError, backoff: &mut Backoff) -> Duration {
    match error.verdict() {
        Verdict::NoNetwork => shared.lost(Connection::NoNetwork),
        Verdict::Unreachable => shared.lost(Connection::CentralDown),
        Verdict::TimedOut => {}
        Verdict::Later(after) => return after.unwrap_or_else(|| about(SLOW)),
        Verdict::CredentialsDead(_) | Verdict::ForGood(_) => return about(SLOW),
    }
    backoff.next()
}
