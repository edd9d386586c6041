//! What the wire tests share: a golden file is what the first version wrote.
#![allow(dead_code, clippy::unwrap_used)]

use protocol::*;
use regulation::{OfficerId, Timestamp};
use uuid::Uuid;

/// A fact of one officer, one moment and the first edition.
pub fn fact(kind: FactKind) -> Fact {
    Fact {
        edition: "399-2022-07-22".into(),
        machine: 1,
        officer: OfficerId(Uuid::from_u128(3)),
        at: Timestamp(1_790_000_000_000),
        uptime_ms: 12,
        training: false,
        kind,
    }
}

/// Facts are written as these lines of hexadecimal CBOR, and read back as they are.
pub fn facts(facts: &[Fact], golden: &str) {
    let written: String = facts
        .iter()
        .map(|fact| bytes::hex(&to_cbor(fact).unwrap()) + "\n")
        .collect();
    assert_eq!(written, golden);
    for fact in facts {
        assert_eq!(from_cbor::<Fact>(&to_cbor(fact).unwrap()).unwrap(), *fact);
    }
}

/// A value is written as this JSON, and read back as it is.
pub fn json<T: serde::Serialize + serde::de::DeserializeOwned + PartialEq>(
    value: &T,
    golden: &str,
) {
    let written = serde_json::to_string_pretty(value).unwrap();
    assert_eq!(written, golden.trim_end());
    assert!(serde_json::from_str::<T>(golden).unwrap() == *value);
}
