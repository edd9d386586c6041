//! The duty desk's board: one long poll, of the session that is attached, if its officer has a desk.

use super::backoff::Patience;
use super::{LinkEvent, SOONEST, Shared, for_each_session};
use crate::vault::OpenSession;
use protocol::ErrorCode;
use std::sync::Arc;
use std::time::Instant;

pub(super) async fn run(shared: Arc<Shared>) {
    let has_desk = |session: &OpenSession| session.officer.role.has_desk();
    for_each_session(&shared, has_desk, |session| listen(&shared, session)).await;
}

/// Ends when central no longer knows the session; the inbox, which is told so too, says it.
async fn listen(shared: &Shared, session: Arc<OpenSession>) {
    let mut patience = Patience::new(shared.kick.subscribe());
    let mut after: Option<String> = None;
    loop {
        shared.until_let().await;
        patience.after_drops().await;
        patience.tries();
        let asked = Instant::now();
        let board = tokio::select! {
            board = shared.http.desk(&session.token, after.as_deref()) => board,
            // The network may be another one: ask again over it.
            () = patience.kicked() => continue,
        };
        match board {
            Ok(board) => {
                patience.heard();
                shared.reached();
                let same = after.as_ref() == Some(&board.version);
                after = Some(board.version.clone());
                // The same one is news as well: it stands as of now.
                shared.tell(LinkEvent::Desk(Box::new(board)));
                if !same || asked.elapsed() >= SOONEST {
                    patience.reset();
                } else {
                    patience.wait(None).await;
                }
            }
            Err(error) if error.code() == Some(ErrorCode::SessionUnknown) => return,
            Err(error) => shared.back_off(&mut patience, &error).await,
        }
    }
}
