//! What the crate promises, each test named as the claim it proves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bodycam;
mod candidates;
mod catalogue;
mod compare;
mod custody;
mod edition;
mod encounter;
mod hidden;
mod identity;
mod incident;
mod ladder;
mod law;
mod never;
mod say;
mod time;
mod walk;
mod wire;
