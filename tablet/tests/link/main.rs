//! Claims about the link, against a small central behind real mutual TLS.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod captures;
mod claims;
mod desk;
mod lost;
mod roster;
mod server;
