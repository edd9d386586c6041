//! Fingerprint readers of a Linux tablet, by libfprint 2 (1.94 and later), LGPL-2.1-or-later.
//! <https://fprint.freedesktop.org/libfprint-dev/>
//!
//! ```text
//! a call ──▶ FpContext ──▶ the first reader that gives pictures ──▶ open ──▶ capture ──▶ close
//!                                                                               │
//!                                  resolution, told or known ──▶ GreyImage ──▶ assess ──▶ Captured
//! ```
//!
//! * [`LibfprintScanner`]: the driver, behind [`tablet::device::Scanner`]. Each call looks for the
//!   readers anew, on the thread it is made on: what was unplugged is not there, what was plugged in
//!   is.
//! * [`LibfprintConfig`]: the resolution, which libfprint does not tell.
//! * [`known_ppi`]: the readers whose resolution is known here.
//!
//! libfprint looks for minutiae in every picture, since it turns and inverts the picture on the way;
//! they are neither read nor kept here. Its own copy of a picture is freed, not wiped.
//!
//! The application's user must be let to the reader's USB node by a udev rule, and no `fprintd` may hold
//! it. libfprint waits by turning GLib's default main context, which must be turned by nobody else in
//! the process.
//!
//! A leaf: building it takes `libfprint-2-dev`, `libglib2.0-dev` and libclang, and nothing but the
//! application's feature `libfprint` asks for it. It was tried against libfprint's own virtual image
//! device alone, not against a reader.

mod config;
#[cfg(target_os = "linux")]
mod driver;
mod fault;
#[cfg(target_os = "linux")]
mod reader;

pub use config::{BadResolution, LibfprintConfig, known_ppi};
#[cfg(target_os = "linux")]
pub use driver::LibfprintScanner;
