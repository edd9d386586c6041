//! What the fuzz targets do with their input, and what they begin with.
//!
//! A finding is a panic, of the code under test or of a claim stated here, or an input that takes
//! longer than `scripts/fuzz` allows. `docs/fuzzing.md` says what each target reaches.

#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod crypto;
mod depth;
mod desk_seeds;
mod devices;
mod disk;
mod draw;
mod encounter;
mod export;
mod hostile;
mod http;
mod import;
mod messages;
mod sealed;
mod seeds;
mod texts;
mod vault;

pub use depth::Depth;
pub use devices::{scanner, zone};
pub use disk::{central, replica};
pub use encounter::encounter;
pub use export::export;
pub use http::http;
pub use import::import;
pub use messages::{cbor, json};
pub use sealed::sealed;
pub use seeds::seeds;
pub use texts::{csr, edition, typed};
pub use vault::vault;

/// A target's body.
pub type Target = fn(&[u8]);

/// Every target by the name that `scripts/fuzz` takes.
pub const TARGETS: [(&str, Target); 15] = [
    ("cbor", cbor),
    ("json", json),
    ("typed", typed),
    ("edition", edition),
    ("csr", csr),
    ("export", export),
    ("encounter", encounter),
    ("sealed", sealed),
    ("http", http),
    ("vault", vault),
    ("central", central),
    ("replica", replica),
    ("import", import),
    ("scanner", scanner),
    ("zone", zone),
];
