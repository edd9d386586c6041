//! `POST /v1/login`.

use super::device::{Tablet, refusal};
use super::error::Refused;
use super::{Access, Shared, blocking, read};
use crate::officers::LoginOutcome;
use crate::state::App;
use crate::store::{KitRequest, LoginTurn, StoreError};
use axum::extract::{Request, State};
use axum::{Extension, Json};
use protocol::{DeviceId, ErrorCode, LoginRequest, LoginResponse, Officer, SessionId, limits};
use regulation::Timestamp;

pub(super) async fn login(
    State(app): State<Shared>,
    Extension(Tablet(device)): Extension<Tablet>,
    request: Request,
) -> Result<Json<LoginResponse>, Refused> {
    let request: LoginRequest = read::json(request).await?;
    let device = device.id;
    admit(&app, &request.login, &request.password, device).await?;
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
    for session in opened.ended.iter().copied() {
        // Whoever waits for that inbox is told; nobody may.
        app.changed.send(Some(session)).ok();
    }
    let granted = blocking(&app, move |app| {
        let (session, token) = (opened.session, opened.token);
        grant(
            app,
            device,
            session,
            token,
            opened.officer,
            opened.lease_until,
        )
    });
    Ok(Json(granted.await??))
}

/// Whether login and password are of a length, and may be tried now; that counts as a failure until
/// they are right.
pub(super) async fn admit(
    app: &Shared,
    login: &str,
    password: &str,
    device: DeviceId,
) -> Result<(), Refused> {
    if login.chars().count() > limits::LOGIN_CHARS || password.len() > limits::PASSWORD_BYTES {
        return Err(ErrorCode::Malformed.into());
    }
    let login = login.to_owned();
    match blocking(app, move |app| app.door.begin(&login, device)).await?? {
        LoginTurn::Now => Ok(()),
        LoginTurn::Wait(millis) => Err(Refused::throttled(millis.div_ceil(1000))),
        LoginTurn::Locked => Err(ErrorCode::OfficerLocked.into()),
    }
}

/// What an officer's session is told.
pub(super) fn grant(
    app: &App,
    device: DeviceId,
    session: SessionId,
    token: String,
    officer: Officer,
    lease_until: Timestamp,
) -> Result<LoginResponse, StoreError> {
    let now = app.config.clock.now();
    let kit = app.store.kit(&KitRequest {
        device,
        officer: officer.id,
        unit: officer.unit.clone(),
        at: now,
    })?;
    Ok(LoginResponse {
        session,
        token,
        officer,
        lease_until,
        now,
        edition: app.edition.id.clone(),
        sealing: app.keys.sealing(),
        training: app.config.training,
        kit,
    })
}
