//! `GET /v1/desk`: the board of a unit, by long poll.

use super::device::Tablet;
use super::error::Refused;
use super::{Shared, blocking, inbox, until_told};
use crate::audit::{AuditEntry, AuditEvent};
use crate::desk;
use axum::extract::{Query, Request, State};
use axum::{Extension, Json};
use protocol::{DeskBoard, DeviceId, ErrorCode, Role, limits};
use serde::Deserialize;
use std::time::Duration;

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    after: String,
    #[serde(default)]
    wait_ms: u64,
}

pub(super) async fn desk(
    State(app): State<Shared>,
    Extension(Tablet(device)): Extension<Tablet>,
    request: Request,
) -> Result<Json<DeskBoard>, Refused> {
    let Query(wanted) = Query::<Wanted>::try_from_uri(request.uri())
        .map_err(|_| Refused::from(ErrorCode::Malformed))?;
    let token = inbox::token(&request).ok_or(Refused::from(ErrorCode::SessionUnknown))?;
    let wait = Duration::from_millis(wanted.wait_ms.min(limits::INBOX_WAIT_MS));
    let until = tokio::time::Instant::now() + wait;
    let mut stop = app.stop.clone();
    // Listening begins before looking: what comes in between is not missed.
    let mut changed = app.changed.subscribe();
    let mut boards = app.desks.subscribe();
    loop {
        // When the wait is over the board is looked at once more: its clocks have gone on.
        let over = tokio::time::Instant::now() >= until || *stop.borrow();
        let (unit, board) = look(&app, device.id, token).await?;
        if over || board.version != wanted.after {
            return Ok(Json(board));
        }
        tokio::select! {
            () = until_told(&mut changed, |session| session.is_none()) => {}
            () = until_told(&mut boards, |of| of.as_ref().is_none_or(|of| *of == unit)) => {}
            () = tokio::time::sleep_until(until) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }
}

/// The officer's unit and its board as they are now, for a session of a desk as it is now.
async fn look(
    app: &Shared,
    device: DeviceId,
    token: [u8; 32],
) -> Result<(String, DeskBoard), Refused> {
    blocking(app, move |app| {
        let (session, officer) = inbox::entitled(app, &token, device, Role::has_desk)?;
        let now = app.config.clock.now();
        let entry = AuditEntry::new(now, AuditEvent::BoardRead)
            .device(device)
            .session(session.id)
            .officer(officer.id);
        app.store.look(session.id, &entry)?;
        let rows = app.store.board(&desk::request(&officer, now))?;
        let board = app.desks.board(&app.edition, &rows, officer.role, now);
        Ok((officer.unit, board))
    })
    .await?
}
