//! Claims about the worker's lock and its bodycam, with a vault of its own and no central.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bodycam;
mod custody;
mod help;
mod incident;
mod kit;
mod law;
mod lock;
mod photo;
mod receipt;
mod say;
#[path = "../link/server.rs"]
#[allow(dead_code)]
mod server;
#[path = "../vault/support.rs"]
#[allow(dead_code)]
mod support;
mod zone;
