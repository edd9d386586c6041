//! A whole day of a unit, as whoever starts it sees it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::process::Command;

#[test]
fn a_day_of_ten_officers_and_their_desks_is_on_record_without_a_gap() {
    let dir = tempfile::TempDir::new().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_demo"))
        .args(["day", "--people", "100", "--data"])
        .arg(dir.path().join("data"))
        .arg("--pictures")
        .arg(dir.path().join("pictures"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}\n{errors}");
    for proven in [
        "archive: every journal whole",
        "archive: 22 encounters complete",
        "custody of ten tablets without gaps",
        "every permission and fault with its decision",
        "every incident taken in, classified, closed",
    ] {
        assert!(said.contains(proven), "{proven}: {said}");
    }
}
