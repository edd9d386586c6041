//! Writes who has written what of the application, by licence, to standard output, as the page of the
//! tablet and of help shows it: `cargo run -p e-patrul-tests --bin licences > assets/licences.txt`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Write as _;

fn main() {
    let text = e_patrul_tests::licences::written();
    std::io::stdout().write_all(text.as_bytes()).unwrap();
}
