//! The driver against the simulator, over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod captures;
mod discovery;
mod faults;
mod formats;
mod kit;
mod measure;
mod mischief;
