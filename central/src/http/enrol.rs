//! `POST /v1/enrol`.

use super::error::Refused;
use super::{Shared, blocking, read};
use crate::devices::{self, EnrolError};
use axum::Json;
use axum::extract::{Request, State};
use protocol::{EnrolRequest, EnrolResponse, ErrorCode};

pub(super) async fn enrol(
    State(app): State<Shared>,
    request: Request,
) -> Result<Json<EnrolResponse>, Refused> {
    let request: EnrolRequest = read::json(request).await?;
    let enrolled = blocking(&app, move |app| {
        let days = app.config.policy.certificate_days;
        devices::enrol(
            &*app.store,
            &app.keys,
            &app.wrong_codes,
            &request,
            app.config.clock.now(),
            days,
        )
        .inspect(|enrolled| app.replica.keep(&*app.store, enrolled.device))
    })
    .await?;
    enrolled.map(Json).map_err(|error| match error {
        EnrolError::CodeInvalid => ErrorCode::CodeInvalid.into(),
        EnrolError::Throttled(seconds) => Refused::throttled(seconds),
        EnrolError::BadKey => ErrorCode::BadKey.into(),
        EnrolError::Store(error) => error.into(),
        EnrolError::Keys(_) | EnrolError::Name => {
            tracing::error!(%error, "a tablet cannot be enrolled");
            ErrorCode::Unavailable.into()
        }
    })
}
