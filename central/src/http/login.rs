//! `POST /v1/login`.

use super::device::Tablet;
use super::error::Refused;
use super::{Shared, blocking, read};
use crate::officers::{LoginError, LoginOutcome};
use axum::extract::{Request, State};
use axum::{Extension, Json};
use protocol::{ErrorCode, LoginRequest, LoginResponse, limits};

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
    if let Err(retry_after_s) = app.door.begin(&request.login, device) {
        blocking(&app, move |app| app.door.throttled(device)).await??;
        return Err(Refused::throttled(retry_after_s));
    }
    let permit = app.hashing.acquire().await;
    let outcome = blocking(&app, move |app| app.door.log_in(&request, device)).await?;
    drop(permit);
    let opened = match outcome {
        Ok(LoginOutcome::Opened(opened)) => opened,
        Ok(LoginOutcome::BadCredentials) => return Err(ErrorCode::BadCredentials.into()),
        Ok(LoginOutcome::Inactive) => return Err(ErrorCode::OfficerInactive.into()),
        Err(LoginError::Store(error)) => return Err(error.into()),
        Err(LoginError::Hash(error)) => {
            tracing::error!(%error, "a password cannot be checked");
            return Err(ErrorCode::Unavailable.into());
        }
    };
    for session in opened.ended {
        // Whoever waits for that inbox is told; nobody may.
        app.changed.send(Some(session)).ok();
    }
    Ok(Json(LoginResponse {
        session: opened.session,
        token: opened.token,
        officer: opened.officer,
        lease_until: opened.lease_until,
        now: app.config.clock.now(),
        edition: app.edition.id.clone(),
        sealing: app.keys.sealing(),
        training: app.config.training,
    }))
}
