//! `/v1/wipe`: a lost tablet asks for its order, and reports.

use super::device::Tablet;
use super::error::Refused;
use super::{Shared, blocking, read};
use crate::devices::lost::{self, WipeError};
use axum::extract::{Query, Request, State};
use axum::{Extension, Json};
use protocol::{ErrorCode, WipeOrder, WipeReceipt, WipeReport};
use serde::Deserialize;
use uuid::Uuid;

#[derive(Deserialize)]
struct Asked {
    challenge: Uuid,
}

pub(super) async fn order(
    State(app): State<Shared>,
    Extension(Tablet(device)): Extension<Tablet>,
    request: Request,
) -> Result<Json<WipeOrder>, Refused> {
    let Query(asked) = Query::<Asked>::try_from_uri(request.uri())
        .map_err(|_| Refused::from(ErrorCode::Malformed))?;
    blocking(&app, move |app| {
        lost::order(&app.keys, &device, asked.challenge)
    })
    .await?
    .map(Json)
    .map_err(refused)
}

pub(super) async fn report(
    State(app): State<Shared>,
    Extension(Tablet(device)): Extension<Tablet>,
    request: Request,
) -> Result<Json<WipeReceipt>, Refused> {
    let report: WipeReport = read::json(request).await?;
    blocking(&app, move |app| {
        let now = app.config.clock.now();
        lost::take_report(&*app.store, &app.keys, &device, &report, now)
    })
    .await?
    .map(Json)
    .map_err(refused)
}

fn refused(error: WipeError) -> Refused {
    match error {
        WipeError::NotLost => ErrorCode::NotFound.into(),
        WipeError::OtherDevice => ErrorCode::DeviceMismatch.into(),
        WipeError::BadSignature => ErrorCode::BadSignature.into(),
        WipeError::OutOfOrder => ErrorCode::Malformed.into(),
        WipeError::Store(error) => error.into(),
        WipeError::Keys(error) => ErrorCode::from(error).into(),
    }
}
