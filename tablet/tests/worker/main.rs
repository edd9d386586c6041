//! Claims about the worker's lock, with a vault of its own and no central.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod lock;
#[path = "../vault/support.rs"]
#[allow(dead_code)]
mod support;
