//! What the command line changes beside a running server reaches the long polls at once.

use crate::store::Store;
use protocol::SessionId;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, watch};

/// How soon a running server notices; one read of one number each time, however many tablets wait.
const LOOK: Duration = Duration::from_millis(500);

/// Tells everybody who waits to look again whenever a tablet was reported lost, found or revoked, or an
/// officer deactivated, by whatever process. Ends with the server.
pub(crate) async fn watch(
    store: Arc<dyn Store>,
    changed: broadcast::Sender<Option<SessionId>>,
    mut stop: watch::Receiver<bool>,
) {
    let mut known = None;
    loop {
        let its = store.clone();
        let read = tokio::task::spawn_blocking(move || its.standing_generation()).await;
        match read {
            Ok(Ok(generation)) => {
                if known.is_some_and(|known| known != generation) {
                    // Nobody may be listening.
                    changed.send(None).ok();
                }
                known = Some(generation);
            }
            // Each request looks by itself; this only wakes those that wait.
            Ok(Err(error)) => tracing::error!(%error, "who may do what cannot be read"),
            Err(_) => return,
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}
