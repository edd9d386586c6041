//! Values as they are stored.

use super::{Fault, Sql};
use protocol::Digest;
use uuid::Uuid;

pub(super) fn uuid(bytes: [u8; 16]) -> Uuid {
    Uuid::from_bytes(bytes)
}

/// SQLite's numbers are signed; every number of ours was checked to fit when it came in.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn nat(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A unit of the contract's enums as the word it has in JSON.
pub(super) fn word<T: serde::Serialize>(value: &T) -> Sql<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        _ => Err(Fault::Unreadable("word")),
    }
}

pub(super) fn from_word<T: serde::de::DeserializeOwned>(
    word: String,
    what: &'static str,
) -> Sql<T> {
    serde_json::from_value(serde_json::Value::String(word)).map_err(|_| Fault::Unreadable(what))
}

pub(super) fn json<T: serde::Serialize>(value: &T) -> Sql<String> {
    serde_json::to_string(value).map_err(|_| Fault::Unreadable("value"))
}

pub(super) fn from_json<T: serde::de::DeserializeOwned>(text: &str, what: &'static str) -> Sql<T> {
    serde_json::from_str(text).map_err(|_| Fault::Unreadable(what))
}

pub(super) fn digest(bytes: [u8; 32]) -> Digest {
    Digest(bytes)
}
