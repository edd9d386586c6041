//! `GET /v1/inbox`: the long poll of one session.

use super::device::{Tablet, refusal};
use super::error::Refused;
use super::{Access, Shared, blocking, until_told};
use crate::secret;
use crate::state::App;
use crate::store::{Letter, Session};
use axum::extract::{Query, Request, State};
use axum::http::header;
use axum::{Extension, Json};
use protocol::{DeviceId, ErrorCode, InboxPage, Message, Officer, Role, limits};
use serde::Deserialize;
use std::time::Duration;

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
    let token = token(&request).ok_or(Refused::from(ErrorCode::SessionUnknown))?;
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
        tokio::select! {
            () = until_told(&mut changed, |of| of.is_none_or(|of| of == session.id)) => {}
            () = tokio::time::sleep_until(until) => return Ok(Json(page(session, Vec::new()))),
            _ = stop.wait_for(|stop| *stop) => return Ok(Json(page(session, Vec::new()))),
        }
    }
}

/// Hash of the session's token that the request carries.
pub(super) fn token(request: &Request) -> Option<[u8; 32]> {
    request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .map(secret::hash)
}

/// The open session of the token; whoever waits for one that ended by it is told.
pub(super) fn present(
    app: &App,
    token: &[u8; 32],
    device: DeviceId,
) -> Result<Option<Session>, Refused> {
    Ok(app.door.present(token, device)?.map(|presented| {
        if presented.began {
            let ended = presented.ended.iter().copied();
            app.boards_changed(ended.chain([presented.session.id]));
        }
        for session in presented.ended {
            // Nobody may be waiting.
            app.changed.send(Some(session)).ok();
        }
        presented.session
    }))
}

/// The open session of the token, on a tablet that may still ask for something.
pub(super) fn session(app: &App, token: &[u8; 32], device: DeviceId) -> Result<Session, Refused> {
    let known = app.store.device(device)?;
    let known = known.ok_or(Refused::from(ErrorCode::DeviceUnknown))?;
    if let Some(code) = refusal(&known, Access::Tablet) {
        return Err(code.into());
    }
    present(app, token, device)?.ok_or(Refused::from(ErrorCode::SessionUnknown))
}

/// The open session of the token and its officer as they are now, whose role may do what is asked.
pub(super) fn entitled(
    app: &App,
    token: &[u8; 32],
    device: DeviceId,
    may: impl Fn(Role) -> bool,
) -> Result<(Session, Officer), Refused> {
    let session = session(app, token, device)?;
    let officer = app.store.officer(session.officer)?;
    let officer = officer.ok_or(Refused::from(ErrorCode::SessionUnknown))?;
    if !may(officer.role) {
        return Err(ErrorCode::NotAllowed.into());
    }
    Ok((session, officer))
}

/// The session, as it is now, and its messages.
async fn look(
    app: &Shared,
    device: DeviceId,
    token: [u8; 32],
    after: u64,
) -> Result<(Session, Vec<Letter>), Refused> {
    blocking(app, move |app| {
        let session = session(app, &token, device)?;
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
            body: letter.body,
        };
        bytes += serde_json::to_vec(&message).map_or(0, |json| json.len() + 1);
        if !messages.is_empty() && bytes > limits::RESPONSE_BYTES {
            break;
        }
        messages.push(message);
    }
    InboxPage { messages }
}
