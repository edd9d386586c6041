//! One test or more a paragraph of the Regulation, named after it, so that an examiner can read
//! this list beside the text. Every test drives the tablet's worker, as the pages do, against a
//! real central over mutual TLS.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bodycam;
mod custody;
mod desk;
mod desk_encounters;
mod devices;
mod documents;
mod face;
mod fingers;
mod general;
mod identifying;
mod incident;
mod looking;
mod outcome;
mod photos;
mod privacy;
mod receipt;
