//! `POST /v1/confirm`: the other person of a hand-out or hand-in.

use super::device::Tablet;
use super::error::Refused;
use super::{Shared, blocking, inbox, login, read};
use crate::officers::ConfirmOutcome;
use axum::extract::{Request, State};
use axum::{Extension, Json};
use protocol::{ConfirmRequest, ConfirmResponse, ErrorCode};

pub(super) async fn confirm(
    State(app): State<Shared>,
    Extension(Tablet(device)): Extension<Tablet>,
    request: Request,
) -> Result<Json<ConfirmResponse>, Refused> {
    let token = inbox::token(&request).ok_or(Refused::from(ErrorCode::SessionUnknown))?;
    let device = device.id;
    let session = blocking(&app, move |app| inbox::session(app, &token, device)).await??;
    let request: ConfirmRequest = read::json(request).await?;
    login::admit(&app, &request.login, &request.password, device).await?;
    let permit = app.hashing.acquire().await;
    let outcome = blocking(&app, move |app| app.door.confirm(&request, &session)).await??;
    drop(permit);
    match outcome {
        ConfirmOutcome::Confirmed(officer) => Ok(Json(ConfirmResponse { officer: *officer })),
        ConfirmOutcome::BadCredentials => Err(ErrorCode::BadCredentials.into()),
        ConfirmOutcome::Inactive => Err(ErrorCode::OfficerInactive.into()),
        ConfirmOutcome::Themselves => Err(ErrorCode::NotAllowed.into()),
    }
}
