//! A whole shift of words that are unlike anything else, and where none of them may be found.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod disk;
mod shift;
mod words;
