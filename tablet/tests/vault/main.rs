//! Claims about the vault.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod captures;
mod crash;
mod damage;
mod delivery;
mod sessions;
mod support;
