//! Paths of the interface; both sides and the OpenAPI document use these.

/// `GET`, no certificate needed: central is there.
pub const HEALTH: &str = "/v1/health";
/// `GET`, no certificate needed: the OpenAPI document.
pub const OPENAPI: &str = "/v1/openapi.json";
/// `POST`, no certificate yet: one-time code and CSR → device certificate.
pub const ENROL: &str = "/v1/enrol";
/// `POST`: login and password → session.
pub const LOGIN: &str = "/v1/login";
/// `POST`, CBOR [`crate::Batch`] → JSON [`crate::Receipt`].
pub const OUTBOX: &str = "/v1/outbox";
/// `GET ?after=CURSOR&wait_ms=N` with the session's bearer token → [`crate::InboxPage`].
pub const INBOX: &str = "/v1/inbox";
