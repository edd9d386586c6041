//! What can go wrong on the way to central.

use crate::device::KeyStoreError;
use crate::vault::VaultError;
use protocol::{ApiError, ErrorCode};
use std::error::Error as _;
use std::time::Duration;

/// Why a request to central gave nothing. Says nothing of its content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    #[error("no network")]
    Network,
    #[error("central is not working")]
    CentralDown,
    #[error("central did not answer in time")]
    Timeout,
    #[error(transparent)]
    Central(ApiError),
    #[error("no trusted connection to central")]
    Tls,
    #[error("central's answer cannot be read")]
    Malformed,
    #[error("not an address of central: https://host[:port]")]
    BadAddress,
    #[error("certificates that cannot be used")]
    BadCertificate,
    #[error("the key store cannot be used")]
    KeyStore,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl From<KeyStoreError> for LinkError {
    fn from(_: KeyStoreError) -> Self {
        Self::KeyStore
    }
}

/// A request that failed, as closely as it can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HttpError {
    Network,
    /// The host answered that nobody listens, or dropped the connection.
    Dropped,
    Timeout,
    Tls,
    /// Central closed the handshake over this device's certificate.
    CertificateRefused,
    /// No body that this program reads.
    Malformed,
    Status {
        status: u16,
        error: Option<ApiError>,
    },
}

/// What follows from it for the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// There is no way to central now.
    NoNetwork,
    /// There is a way, and nobody works there.
    Unreachable,
    TimedOut,
    /// Central answers and cannot do it now.
    Later(Option<Duration>),
    /// This device is not let in.
    CredentialsDead(ErrorCode),
    /// The same request will never be taken.
    ForGood(ErrorCode),
}

impl HttpError {
    pub(super) fn of_request(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::Timeout;
        }
        let mut next = error.source();
        let mut dropped = false;
        while let Some(cause) = next {
            next = cause.source();
            if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
                return Self::of_tls(tls);
            }
            if let Some(io) = cause.downcast_ref::<std::io::Error>() {
                use std::io::ErrorKind as Kind;
                // Its `source` passes over the error that it carries.
                if let Some(carried) = io.get_ref() {
                    next = Some(carried);
                }
                dropped |= matches!(
                    io.kind(),
                    Kind::ConnectionRefused
                        | Kind::ConnectionReset
                        | Kind::ConnectionAborted
                        | Kind::BrokenPipe
                        | Kind::UnexpectedEof
                );
            }
        }
        // Past connecting, whatever broke, broke at an established connection.
        if dropped || !error.is_connect() {
            Self::Dropped
        } else {
            Self::Network
        }
    }

    fn of_tls(error: &rustls::Error) -> Self {
        use rustls::AlertDescription as Alert;
        match error {
            rustls::Error::AlertReceived(
                Alert::BadCertificate
                | Alert::UnsupportedCertificate
                | Alert::CertificateRevoked
                | Alert::CertificateExpired
                | Alert::CertificateUnknown
                | Alert::CertificateRequired
                | Alert::UnknownCA
                | Alert::AccessDenied,
            ) => Self::CertificateRefused,
            _ => Self::Tls,
        }
    }

    /// Code of a refusal, if central gave one.
    pub(super) fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Status { error, .. } => error.as_ref().map(|error| error.code),
            _ => None,
        }
    }

    pub(super) fn verdict(&self) -> Verdict {
        let code = self.code();
        match self {
            Self::Network => Verdict::NoNetwork,
            Self::Timeout => Verdict::TimedOut,
            Self::Dropped | Self::Tls => Verdict::Unreachable,
            Self::CertificateRefused => Verdict::CredentialsDead(ErrorCode::DeviceUnknown),
            Self::Malformed => Verdict::Later(None),
            // By status, since a newer central may have codes that this program does not know.
            Self::Status { status: 400, .. } => {
                Verdict::ForGood(code.unwrap_or(ErrorCode::Malformed))
            }
            Self::Status { status: 409, .. } => {
                Verdict::ForGood(code.unwrap_or(ErrorCode::SequenceConflict))
            }
            Self::Status { status: 413, .. } => {
                Verdict::ForGood(code.unwrap_or(ErrorCode::TooLarge))
            }
            Self::Status {
                status: 401 | 403, ..
            } => Verdict::CredentialsDead(code.unwrap_or(ErrorCode::Unknown)),
            Self::Status { error, .. } => Verdict::Later(
                error
                    .as_ref()
                    .and_then(|error| error.retry_after_s)
                    .map(Duration::from_secs),
            ),
        }
    }
}

impl From<HttpError> for LinkError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Network => Self::Network,
            HttpError::Dropped => Self::CentralDown,
            HttpError::Timeout => Self::Timeout,
            HttpError::Tls => Self::Tls,
            HttpError::CertificateRefused => Self::Central(ErrorCode::DeviceUnknown.into()),
            HttpError::Malformed => Self::Malformed,
            HttpError::Status {
                error: Some(error), ..
            } => Self::Central(error),
            HttpError::Status { .. } => Self::CentralDown,
        }
    }
}
