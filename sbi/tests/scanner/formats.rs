//! The formats that a record may hold its picture in.

use biometrics::finger::encode_png;
use biometrics::finger::synth::{Finger, Impression};

fn fixture(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

/// Makes the picture from which `make-fixtures` makes the others.
#[test]
#[ignore = "writes a fixture"]
fn make_the_picture() {
    let print = Finger::from_seed(3).impression(&Impression::ordinary(5));
    std::fs::write(fixture("print.png"), encode_png(&print)).unwrap();
}
