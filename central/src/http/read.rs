//! Reads bodies, with their limit checked before the first byte.

use super::error::Refused;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header;
use protocol::{ErrorCode, limits};
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Time for a body to arrive, besides what its length takes on the slowest connection; one that
/// trickles more slowly is not waited for.
const ARRIVAL: Duration = Duration::from_secs(30);

/// How long a body of so many bytes is waited for.
pub(super) fn arrival(bytes: u64) -> Duration {
    ARRIVAL + Duration::from_secs(bytes / limits::SLOWEST_BYTES_PER_S)
}

/// The body, of at most `limit` bytes.
pub(super) async fn bytes(request: Request, limit: usize) -> Result<axum::body::Bytes, Refused> {
    let promised = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<u64>().ok());
    if promised.is_some_and(|promised| promised > limit as u64) {
        return Err(ErrorCode::TooLarge.into());
    }
    let body: Body = request.into_body();
    let wait = arrival(promised.unwrap_or(limit as u64));
    match tokio::time::timeout(wait, axum::body::to_bytes(body, limit)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => {
            // Which of the two it was, only the error's source says.
            let source = std::error::Error::source(&error);
            let over = source.is_some_and(|e| e.to_string().contains("length limit"));
            Err(if over {
                ErrorCode::TooLarge
            } else {
                ErrorCode::Unavailable
            }
            .into())
        }
        // The connection's fault, not the body's: "malformed" would be a refusal for good.
        Err(_) => Err(ErrorCode::Unavailable.into()),
    }
}

/// A JSON body.
pub(super) async fn json<T: DeserializeOwned>(request: Request) -> Result<T, Refused> {
    let bytes = bytes(request, limits::JSON_BYTES).await?;
    // Nothing of the body goes into an answer or a log.
    serde_json::from_slice(&bytes).map_err(|_| ErrorCode::Malformed.into())
}
