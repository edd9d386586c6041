//! Errors on the wire: a code for the program; the words are the tablet's, in its language.

use serde::{Deserialize, Serialize};

/// Body of every response that is not a success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("central refused: {code:?}")]
pub struct ApiError {
    pub code: ErrorCode,
    /// With [`ErrorCode::Throttled`]: when to try again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// No certificate, or one that names no device known here.
    DeviceUnknown,
    DeviceRevoked,
    /// The tablet was reported lost: its evidence is still taken, everything else is refused, and it
    /// is to wipe itself.
    DeviceLost,
    /// Too many wrong passwords; the desk unlocks.
    OfficerLocked,
    /// Login or password wrong; which of the two is not said.
    BadCredentials,
    Throttled,
    /// The officer may not log in (dismissed, suspended).
    OfficerInactive,
    /// No such session, or it has ended.
    SessionUnknown,
    /// The one-time code is wrong, used or too old.
    CodeInvalid,
    /// The CSR or a public key cannot be used.
    BadKey,
    Malformed,
    TooLarge,
    BadSignature,
    /// Another envelope with this number is stored already (a replay with changed bytes, or a forked
    /// journal).
    SequenceConflict,
    /// The batch names another device than the certificate.
    DeviceMismatch,
    NotFound,
    /// The officer's role is none for this.
    NotAllowed,
    /// Central cannot store now (full disk, database fault); try again.
    Unavailable,
    /// Written by a newer central.
    #[serde(other)]
    Unknown,
}

impl ErrorCode {
    /// HTTP status that carries the code.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Malformed | Self::BadKey | Self::CodeInvalid => 400,
            Self::BadCredentials | Self::SessionUnknown | Self::DeviceUnknown => 401,
            Self::DeviceRevoked
            | Self::DeviceLost
            | Self::OfficerLocked
            | Self::OfficerInactive
            | Self::BadSignature
            | Self::DeviceMismatch
            | Self::NotAllowed => 403,
            Self::NotFound => 404,
            Self::SequenceConflict => 409,
            Self::TooLarge => 413,
            Self::Throttled => 429,
            Self::Unknown => 500,
            Self::Unavailable => 503,
        }
    }
}

impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> Self {
        Self {
            code,
            retry_after_s: None,
        }
    }
}
