//! The headless demo as whoever starts it sees it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::process::Command;

#[test]
fn the_headless_demo_names_the_right_person_and_draws_every_page() {
    plays(&[]);
}

/// The same with the driver of certified scanners, over HTTP.
#[test]
fn a_simulated_certified_scanner_gives_the_print_and_the_same_person_is_named() {
    plays(&["--scanner", "sbi"]);
}

fn plays(more: &[&str]) {
    let dir = tempfile::TempDir::new().unwrap();
    let pictures = dir.path().join("pictures");
    let output = Command::new(env!("CARGO_BIN_EXE_demo"))
        .args(["--headless", "--people", "300"])
        .args(more)
        .arg("--data")
        .arg(dir.path().join("data"))
        .arg("--pictures")
        .arg(&pictures)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}\n{errors}");
    assert!(
        said.contains("network cut") && said.contains("archive:"),
        "{said}"
    );
    let drawn = std::fs::read_dir(&pictures).unwrap().count();
    assert!(drawn >= 13, "{drawn} pages");
}

#[test]
fn an_unknown_argument_is_refused_with_the_help() {
    let output = Command::new(env!("CARGO_BIN_EXE_demo"))
        .arg("--wrong")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--headless"));
}
