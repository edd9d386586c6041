//! A simulator of a fingerprint scanner behind the Secure Biometric Interface 0.9.5: a service on
//! loopback with its own keys, which takes synthetic prints, and every error, delay and forgery
//! ([`Mischief`]). Never in production: whoever trusts its root trusts keys that are public.
//!
//! ```no_run
//! use sbi_simulator::{Glass, Options, Simulator};
//!
//! let simulator = Simulator::start(Options::default())?;
//! simulator.panel().place(Glass { finger: 7, skin: Default::default(), touch: 1 });
//! # Ok::<(), sbi_simulator::StartError>(())
//! ```
//!
//! As a process of its own it is told what to do by a verb that no scanner has:
//! `SIMULATE /panel` with `{"place": {"finger": 7}}`, `{"lift": true}`, `{"plugged": false}`, `{"blind": true}`,
//! `{"status": "busy"}`, `{"mischief": "wrong_signature"}`, `{"error": 101}`, `{"delay_ms": 500}`.

mod answers;
mod http;
mod keys;
mod mischief;
mod panel;
mod record;
mod server;

pub use answers::Numbers;
pub use keys::{Keys, KeysError};
pub use mischief::Mischief;
pub use panel::{Glass, Panel, Request, Skin, Status};
pub use server::{Format, Options, Simulator, StartError};
