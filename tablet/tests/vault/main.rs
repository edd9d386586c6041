//! Claims about the vault.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod captures;
mod crash;
mod damage;
mod delivery;
mod export;
mod identity;
mod lock;
#[cfg(target_os = "linux")]
mod locks;
mod roster;
mod salvage;
mod sealing;
mod sessions;
mod support;
#[cfg(target_os = "linux")]
#[path = "../keystore/swtpm.rs"]
mod swtpm;
mod wipe;
