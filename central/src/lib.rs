//! E-patrul central: takes in what tablets record, answers "who is this?", and keeps the archive.
//!
//! One room a responsibility: [`people`] and their registers, [`search`] over the gallery of prints,
//! the [`archive`] of sealed evidence, [`officers`] and their sessions, [`devices`], [`audit`], the
//! board of the duty desk, what the [`dock`] has found, the commander's [`report`], all of them over one [`store`]; [`http`] has
//! the routes and nothing else, [`ca`] the keys. [`Central`] is the composition, [`Admin`] the
//! administrator's side of it.
//!
//! What must never happen here: evidence refused or lost; something acknowledged that is not on disk;
//! a look-up outside an open encounter; a probe in the gallery; "not found" from a gallery that was
//! not whole; personal data in a log or an error.

mod admin;
pub mod archive;
pub mod audit;
pub mod ca;
#[doc(hidden)]
pub mod cli;
pub mod config;
mod desk;
pub mod devices;
mod disk;
pub mod dock;
pub mod http;
pub mod officers;
pub mod people;
pub mod report;
pub mod search;
mod secret;
mod server;
mod state;
pub mod store;

pub use admin::{Admin, AdminError};
pub use archive::{Archive, ArchivedEncounter, Verified};
pub use config::{Clock, Config, Policy};
pub use http::tls::install_ring;
pub use officers::{NewOfficer, OfficerChange};
pub use people::{NewPerson, RegisterSource};
pub use server::{Central, StartError};
