//! The inbox: one long poll, of the session that is attached.

use super::backoff::Patience;
use super::error::HttpError;
use super::{LinkEvent, SOONEST, Shared, for_each_session};
use crate::vault::{OpenSession, VaultError};
use protocol::{ErrorCode, InboxPage, SessionId};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(super) async fn run(shared: Arc<Shared>) {
    let listen = |session| {
        let inbox = Inbox {
            shared: Arc::clone(&shared),
            session,
            patience: Patience::new(shared.kick.subscribe()),
        };
        inbox.listen()
    };
    for_each_session(&shared, |_| true, listen).await;
}

struct Inbox {
    shared: Arc<Shared>,
    session: Arc<OpenSession>,
    patience: Patience,
}

impl Inbox {
    /// Ends when the session is gone.
    async fn listen(mut self) {
        loop {
            self.shared.until_up().await;
            self.patience.after_drops().await;
            let id = self.session.id;
            let after = match self
                .shared
                .on_vault(move |vault| vault.inbox_cursor(id))
                .await
            {
                Ok(after) => after,
                Err(VaultError::SessionEnded) => return,
                Err(error) => {
                    self.shared.fault(&error);
                    self.patience.wait(None).await;
                    continue;
                }
            };
            self.patience.tries();
            let asked = Instant::now();
            let page = tokio::select! {
                page = self.shared.http.inbox(&self.session.token, after) => page,
                // The network may be another one: ask again over it.
                () = self.patience.kicked() => continue,
            };
            let gone = match page {
                Ok(page) => self.take(page, asked.elapsed()).await,
                Err(error) => self.failed(&error).await,
            };
            if gone {
                return;
            }
        }
    }

    /// Keeps a page's messages, then tells of them. `true`: the session is gone.
    async fn take(&mut self, page: InboxPage, took: Duration) -> bool {
        self.patience.heard();
        self.shared.show(|shown| shown.refused = None);
        self.shared.reached();
        let mut messages = page.messages;
        messages.retain(|message| {
            let ours = message.session == self.session.id;
            if !ours {
                tracing::error!("central sent a message of another session; it was dropped");
            }
            ours
        });
        // All at once: after hours without a connection there may be hundreds, and the newest answer
        // is behind them.
        let session = Arc::clone(&self.session);
        let kept = self.shared.on_vault(move |vault| {
            let new = vault.keep_messages(&session, &messages)?;
            Ok(messages.into_iter().zip(new))
        });
        let mut any = false;
        match kept.await {
            Ok(kept) => {
                for (message, new) in kept {
                    if new {
                        any = true;
                        self.shared.tell(LinkEvent::Message(message));
                    }
                }
            }
            Err(VaultError::SessionEnded) => return true,
            // Not kept, so asked for again.
            Err(error) => {
                self.shared.fault(&error);
                self.patience.wait(None).await;
                return false;
            }
        }
        if any || took >= SOONEST {
            self.patience.reset();
        } else {
            self.patience.wait(None).await;
        }
        false
    }

    async fn failed(&mut self, error: &HttpError) -> bool {
        if matches!(
            error.code(),
            Some(ErrorCode::SessionUnknown | ErrorCode::OfficerInactive)
        ) {
            self.gone(self.session.id);
            return true;
        }
        self.shared.back_off(&mut self.patience, error).await;
        false
    }

    fn gone(&self, session: SessionId) {
        self.shared.session.send_if_modified(|attached| {
            let ours = attached
                .as_ref()
                .is_some_and(|attached| attached.id == session);
            if ours {
                *attached = None;
            }
            ours
        });
        self.shared.tell(LinkEvent::SessionGone(session));
    }
}
