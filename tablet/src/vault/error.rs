//! What can go wrong in the vault. No variant carries a word of what is kept.

use crate::device::KeyStoreError;
use protocol::bytes::CborError;

/// Why the vault did not do what it was asked. Nothing is half done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    #[error("the vault's files cannot be used: {0:?}")]
    Io(std::io::ErrorKind),
    /// SQLite's extended result code.
    #[error("database fault {0}")]
    Database(i32),
    #[error("no space is left")]
    Full,
    /// The program must be started anew: the database is then moved aside and reported.
    #[error("the database is damaged")]
    Damaged,
    #[error("the database was written by a newer program")]
    NewerSchema,
    #[error("another program uses the vault")]
    InUse,
    #[error("the key store cannot be used")]
    KeyStore,
    #[error("this tablet is not enrolled")]
    NotEnrolled,
    /// It points wherever whoever wrote it wants, and is used for nothing; enrol the tablet anew.
    #[error("the file `identity` is not as this tablet wrote it")]
    ForeignIdentity,
    /// The journal still holds what another device's identity must send.
    #[error("the journal belongs to another device")]
    OtherDevice,
    #[error("the session has ended")]
    SessionEnded,
    #[error("a message of another session")]
    WrongSession,
    #[error("the fact is too large to be sent")]
    TooLarge,
    /// What was to be captured broke off.
    #[error("the capture broke off")]
    CaptureBroken,
    #[error(transparent)]
    Encoding(#[from] CborError),
    #[error("a cryptographic operation failed")]
    Crypto,
    /// Nothing is sealed to it.
    #[error("a sealing key that is not certified by central's CA")]
    ForeignSealingKey,
    /// Nothing is sealed to it.
    #[error("a sealing key older than one already used")]
    OldSealingKey,
    /// The receipt's signature is not central's, or it contradicts itself.
    #[error("a receipt that is not central's")]
    BadReceipt,
    #[error("a receipt of another device")]
    ForeignReceipt,
    #[error("a receipt older than one already applied")]
    StaleReceipt,
    /// Central no longer has what it called safe.
    #[error("central lost what it had called safe")]
    SafeLost,
    /// Central has ordered this tablet to wipe itself.
    #[error("this tablet is being wiped")]
    Wiping,
    /// It is not central's, not for this tablet, or not for what was asked with; or there is none.
    #[error("no order of central's")]
    BadOrder,
    /// Central's chain and this tablet's part ways.
    #[error("central's chain is not this journal's")]
    ChainFork,
    /// Another tablet's, or beyond the limits.
    #[error("a roster that cannot be kept")]
    BadRoster,
}

impl VaultError {
    /// Stable name, for logs and for the screen.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "vault_io",
            Self::Database(_) => "vault_database",
            Self::Full => "vault_full",
            Self::Damaged => "vault_damaged",
            Self::NewerSchema => "vault_newer_schema",
            Self::InUse => "vault_in_use",
            Self::KeyStore => "vault_key_store",
            Self::NotEnrolled => "vault_not_enrolled",
            Self::ForeignIdentity => "vault_foreign_identity",
            Self::OtherDevice => "vault_other_device",
            Self::SessionEnded => "vault_session_ended",
            Self::WrongSession => "vault_wrong_session",
            Self::TooLarge => "vault_too_large",
            Self::CaptureBroken => "vault_capture_broken",
            Self::Encoding(_) => "vault_encoding",
            Self::Crypto => "vault_crypto",
            Self::ForeignSealingKey => "vault_foreign_sealing_key",
            Self::OldSealingKey => "vault_old_sealing_key",
            Self::BadReceipt => "vault_bad_receipt",
            Self::ForeignReceipt => "vault_foreign_receipt",
            Self::StaleReceipt => "vault_stale_receipt",
            Self::SafeLost => "vault_safe_lost",
            Self::Wiping => "vault_wiping",
            Self::BadOrder => "vault_bad_order",
            Self::ChainFork => "vault_chain_fork",
            Self::BadRoster => "vault_bad_roster",
        }
    }
}

impl From<rusqlite::Error> for VaultError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match error.sqlite_error() {
            Some(fault) => match fault.code {
                Code::DiskFull => Self::Full,
                Code::DatabaseCorrupt | Code::NotADatabase => Self::Damaged,
                Code::DatabaseBusy | Code::DatabaseLocked => Self::InUse,
                _ => Self::Database(fault.extended_code),
            },
            None => match error {
                // A number from outside that SQLite cannot hold (SQLITE_RANGE).
                rusqlite::Error::ToSqlConversionFailure(_) => Self::Database(25),
                // A column of the wrong type or length: written by nobody of ours.
                _ => Self::Damaged,
            },
        }
    }
}

impl From<std::io::Error> for VaultError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            kind => Self::Io(kind),
        }
    }
}

impl From<KeyStoreError> for VaultError {
    fn from(_: KeyStoreError) -> Self {
        Self::KeyStore
    }
}

/// Why no session was opened without central.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResumeError {
    #[error("no unfinished session of this officer")]
    NoSession,
    /// By the roster also: nobody on it has this login.
    #[error("wrong password")]
    WrongPassword,
    #[error("this tablet has no roster of officers")]
    NoRoster,
    /// As often as the roster allows, the officer has begun a session by it.
    #[error("the roster's sessions of this officer have all been used")]
    RosterUsed,
    /// Log in online.
    #[error("the session can no longer be opened without central")]
    LeaseOver,
    #[error("too many wrong passwords")]
    Throttled { retry_after_ms: u64 },
    /// Until the desk unlocks this tablet; central may still let the officer in.
    #[error("locked after too many wrong passwords")]
    Locked,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl From<rusqlite::Error> for ResumeError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Vault(error.into())
    }
}
