//! What every key store promises, over each kind that there is. The TPM is a real `swtpm`; where it
//! is missing the claims fail.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod contract;
mod kinds;
mod swtpm;
