//! `POST /v1/login`.

use super::device::{Tablet, refusal};
use super::error::Refused;
use super::{Access, Shared, blocking, read};
use crate::officers::LoginOutcome;
use crate::state::App;
use crate::store::LoginTurn;
use axum::extract::{Request, State};
use axum::{Extension, Json};
use protocol::{ErrorCode, LoginRequest, LoginResponse, Officer, SessionId, limits};
use regulation::Timestamp;

pub(super) async fn login(
    State(app): State<Shared>,
    Extension(Tablet(device)): Extension<Tablet>,
    request: Request,
) -> Result<Json<LoginResponse>, Refused> {
    let request: LoginRequest = read::json(request).await?;
    if request.login.chars().count() > limits::LOGIN_CHARS
        || request.password.len() > limits::PASSWORD_BYTES
    {
        return Err(ErrorCode::Malformed.into());
    }
    let device = device.id;
    let login = request.login.clone();
    match blocking(&app, move |app| app.door.begin(&login, device)).await?? {
        LoginTurn::Now => {}
        LoginTurn::Wait(millis) => return Err(Refused::throttled(millis.div_ceil(1000))),
        LoginTurn::Locked => return Err(ErrorCode::OfficerLocked.into()),
    }
    let permit = app.hashing.acquire().await;
    let outcome = blocking(&app, move |app| {
        let outcome = app.door.log_in(&request, device);
        if let Ok(LoginOutcome::Opened(opened)) = &outcome {
            let ended = opened.ended.iter().copied();
            app.boards_changed(ended.chain([opened.session]));
        }
        outcome
    })
    .await?;
    drop(permit);
    let opened = match outcome {
        Ok(LoginOutcome::Opened(opened)) => opened,
        Ok(LoginOutcome::BadCredentials) => return Err(ErrorCode::BadCredentials.into()),
        Ok(LoginOutcome::Inactive) => return Err(ErrorCode::OfficerInactive.into()),
        Ok(LoginOutcome::DeviceOut) => {
            let device = blocking(&app, move |app| app.store.device(device)).await??;
            let code = device.and_then(|device| refusal(&device, Access::Tablet));
            return Err(code.unwrap_or(ErrorCode::DeviceUnknown).into());
        }
        Err(error) => return Err(error.into()),
    };
    for session in opened.ended {
        // Whoever waits for that inbox is told; nobody may.
        app.changed.send(Some(session)).ok();
    }
    Ok(Json(grant(
        &app,
        opened.session,
        opened.token,
        opened.officer,
        opened.lease_until,
    )))
}

/// What an officer's session is told.
pub(super) fn grant(
    app: &App,
    session: SessionId,
    token: String,
    officer: Officer,
    lease_until: Timestamp,
) -> LoginResponse {
    LoginResponse {
        session,
        token,
        officer,
        lease_until,
        now: app.config.clock.now(),
        edition: app.edition.id.clone(),
        sealing: app.keys.sealing(),
        training: app.config.training,
        kit: protocol::Kit::default(),
    }
}
