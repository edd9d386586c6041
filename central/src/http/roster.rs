//! `GET /v1/roster`: who may log in on this tablet with no connection.

use super::device::Tablet;
use super::error::Refused;
use super::{Shared, blocking, inbox, login};
use axum::extract::{Query, Request, State};
use axum::{Extension, Json};
use protocol::Roster;
use serde::Deserialize;

/// What a tablet says of itself; one of an older program says nothing.
#[derive(Deserialize)]
struct Said {
    /// 1: too many wrong passwords were typed on it, and nobody logs in with no connection.
    #[serde(default)]
    locked: u8,
}

/// With the token of an open session the session goes on as the roster says; without one, or with one
/// that is over, the tablet has its roster all the same.
pub(super) async fn roster(
    State(app): State<Shared>,
    Extension(Tablet(device)): Extension<Tablet>,
    request: Request,
) -> Result<Json<Roster>, Refused> {
    let token = inbox::token(&request);
    let said = Query::<Said>::try_from_uri(request.uri());
    if let Ok(Query(said)) = said {
        app.desks.say_locked(device.id, said.locked != 0);
    }
    blocking(&app, move |app| {
        let session = match token {
            Some(token) => inbox::present(app, &token, device.id)?,
            None => None,
        };
        let grant = &|session, token, officer, lease_until| {
            login::grant(app, device.id, session, token, officer, lease_until)
        };
        Ok(Json(app.door.roster(
            device.id,
            session.map(|session| session.id),
            grant,
        )?))
    })
    .await?
}
