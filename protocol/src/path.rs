//! Paths of the interface; both sides and the OpenAPI document use these.

/// `GET`, no certificate needed: central is there.
pub const HEALTH: &str = "/v1/health";
/// `GET`, no certificate needed: the OpenAPI document.
pub const OPENAPI: &str = "/v1/openapi.json";
/// `POST`, no certificate yet: one-time code and CSR → device certificate.
pub const ENROL: &str = "/v1/enrol";
/// `POST`: login and password → session.
pub const LOGIN: &str = "/v1/login";
/// `GET ?locked=1` → [`crate::Roster`]; `locked`: too many wrong passwords were typed on the tablet.
pub const ROSTER: &str = "/v1/roster";
/// A lost tablet's: `GET ?challenge=UUID` → [`crate::WipeOrder`] (`NotFound` for a tablet that is not
/// lost); `POST` [`crate::WipeReport`] → [`crate::WipeReceipt`].
pub const WIPE: &str = "/v1/wipe";
/// `GET` (how much is there) and `PUT ?offset=N&size=N&digest=D` with bytes of the sealed file →
/// [`crate::CaptureReceipt`]. `size` and `digest` are of the whole file, the digest as base64 for
/// URLs without padding. An offset that is not central's changes nothing: the receipt says central's.
pub const CAPTURE: &str = "/v1/capture/{capture}";
/// `POST`, CBOR [`crate::Batch`] → JSON [`crate::Receipt`].
pub const OUTBOX: &str = "/v1/outbox";
/// `GET ?after=CURSOR&wait_ms=N` with the session's bearer token → [`crate::InboxPage`].
pub const INBOX: &str = "/v1/inbox";

/// `GET ?after=VERSION&wait_ms=N` with the session's bearer token → [`crate::DeskBoard`]; for the
/// roles of a desk alone. Waits while `after` is the version that stands.
pub const DESK: &str = "/v1/desk";

/// `GET` with the session's bearer token → [`crate::IncidentView`] of the desk's own unit; for the
/// roles that deal with incidents (§22) alone.
pub const INCIDENT: &str = "/v1/incident/{incident}";
/// `POST` [`crate::ConfirmRequest`] with the session's bearer token → [`crate::ConfirmResponse`]: the
/// other person of a hand-out or hand-in (§16) confirms by login and password. Opens no session.
pub const CONFIRM: &str = "/v1/confirm";

/// `GET ?from=MS&to=MS&again=N` with the session's bearer token → [`crate::UnitReport`] of the
/// officer's own unit; for the roles that check how officers serve (§4) alone.
pub const REPORT: &str = "/v1/report";

/// `GET` with the session's bearer token → [`crate::LateAnswer`] of the desk's own unit, while nobody
/// has dealt with it.
pub const LATE_ANSWER: &str = "/v1/late-answer/{question}";
/// `POST` [`crate::TabletRequest`] with the session's bearer token → [`crate::TabletOrdered`]: a tablet
/// of the desk's own unit is reported lost or found, or unlocked (§31).
pub const TABLET: &str = "/v1/tablet";

/// `GET` with the session's bearer token → a photo, as JPEG: of an incident of the desk's own unit (§22),
/// or of the condition of a tablet of it (§31). `NotFound` too while not all of it is at central, and if it
/// is not what its event names.
pub const PHOTO: &str = "/v1/photo/{capture}";

/// [`PHOTO`] of one capture.
#[must_use]
pub fn photo(id: crate::CaptureId) -> String {
    PHOTO.replace("{capture}", &id.to_string())
}

/// [`INCIDENT`] of one incident.
#[must_use]
pub fn incident(id: regulation::IncidentId) -> String {
    INCIDENT.replace("{incident}", &id.to_string())
}

/// [`LATE_ANSWER`] of one question.
#[must_use]
pub fn late_answer(id: regulation::QuestionId) -> String {
    LATE_ANSWER.replace("{question}", &id.to_string())
}

/// [`CAPTURE`] of one capture.
#[must_use]
pub fn capture(id: crate::CaptureId) -> String {
    CAPTURE.replace("{capture}", &id.to_string())
}
