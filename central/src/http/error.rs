//! Every refusal has one form.

use crate::officers::LoginError;
use crate::store::StoreError;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::{ApiError, ErrorCode};

/// An [`ApiError`] as a response.
#[derive(Clone, Debug)]
pub(super) struct Refused(pub(super) ApiError);

impl From<ErrorCode> for Refused {
    fn from(code: ErrorCode) -> Self {
        Self(code.into())
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store failed");
        ErrorCode::Unavailable.into()
    }
}

impl From<LoginError> for Refused {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Store(error) => error.into(),
            LoginError::Hash(error) => {
                tracing::error!(%error, "a password's hash cannot be worked with");
                ErrorCode::Unavailable.into()
            }
        }
    }
}

impl Refused {
    pub(super) fn throttled(retry_after_s: u64) -> Self {
        Self(ApiError {
            code: ErrorCode::Throttled,
            retry_after_s: Some(retry_after_s),
        })
    }

    pub(super) fn response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry = self.0.retry_after_s;
        let mut response = (status, axum::Json(self.0)).into_response();
        if let Some(seconds) = retry {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        self.response()
    }
}
