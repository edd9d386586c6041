//! `GET /v1/inbox`: the long poll of one session.

use super::device::{Tablet, refusal};
use super::error::Refused;
use super::{Access, Shared, blocking};
use crate::secret;
use crate::store::{Letter, Session};
use axum::extract::{Query, Request, State};
use axum::http::header;
use axum::{Extension, Json};
use protocol::{DeviceId, ErrorCode, InboxPage, Message, MessageBody, limits};
use serde::Deserialize;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    after: u64,
    #[serde(default)]
    wait_ms: u64,
}

pub(super) async fn inbox(
    State(app): State<Shared>,
    Extension(Tablet(device)): Extension<Tablet>,
    request: Request,
) -> Result<Json<InboxPage>, Refused> {
    let Query(wanted) = Query::<Wanted>::try_from_uri(request.uri())
        .map_err(|_| Refused::from(ErrorCode::Malformed))?;
    let token = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or(Refused::from(ErrorCode::SessionUnknown))?;
    let token = secret::hash(token);
    let wait = Duration::from_millis(wanted.wait_ms.min(limits::INBOX_WAIT_MS));
    let until = tokio::time::Instant::now() + wait;
    let mut stop = app.stop.clone();
    // Listening begins before looking: what comes in between is not missed.
    let mut changed = app.changed.subscribe();
    loop {
        let (session, letters) = look(&app, device.id, token, wanted.after).await?;
        if !letters.is_empty() {
            return Ok(Json(page(session, letters)));
        }
        let another = async {
            loop {
                match changed.recv().await {
                    Ok(Some(other)) if other != session.id => {}
                    Ok(_) | Err(RecvError::Lagged(_)) => break,
                    Err(RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        tokio::select! {
            () = another => {}
            () = tokio::time::sleep_until(until) => return Ok(Json(page(session, Vec::new()))),
            _ = stop.wait_for(|stop| *stop) => return Ok(Json(page(session, Vec::new()))),
        }
    }
}

/// The session, as it is now, and its messages.
async fn look(
    app: &Shared,
    device: DeviceId,
    token: [u8; 32],
    after: u64,
) -> Result<(Session, Vec<Letter>), Refused> {
    blocking(app, move |app| {
        let known = app.store.device(device)?;
        let known = known.ok_or(Refused::from(ErrorCode::DeviceUnknown))?;
        if let Some(code) = refusal(&known, Access::Tablet) {
            return Err(code.into());
        }
        let session = app
            .store
            .session_by_token(&token)?
            .filter(|s| s.device == device && s.is_open(app.config.clock.now()))
            .ok_or(Refused::from(ErrorCode::SessionUnknown))?;
        let letters = app.store.inbox(session.id, after, limits::INBOX_MESSAGES)?;
        Ok((session, letters))
    })
    .await?
}

/// As many messages as a response may hold; the rest comes with the next request.
fn page(session: Session, letters: Vec<Letter>) -> InboxPage {
    const FRAME: usize = 64;
    let mut bytes = FRAME;
    let mut messages = Vec::new();
    for letter in letters {
        let message = Message {
            cursor: letter.cursor,
            session: session.id,
            body: MessageBody::Answer {
                answer: Box::new(letter.answer),
            },
        };
        bytes += serde_json::to_vec(&message).map_or(0, |json| json.len() + 1);
        if !messages.is_empty() && bytes > limits::RESPONSE_BYTES {
            break;
        }
        messages.push(message);
    }
    InboxPage { messages }
}
