//! What anybody may ask.

use axum::http::header;
use axum::response::IntoResponse;
use serde_json::json;

/// The OpenAPI document; a test compares it with [`super::ROUTES`].
pub const OPENAPI: &str = include_str!("../../docs/openapi.json");

pub(super) async fn health() -> impl IntoResponse {
    axum::Json(json!({ "status": "ok" }))
}

pub(super) async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI)
}
