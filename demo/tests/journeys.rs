//! The tablet in a real window, driven from outside: touched through an X server, read through AT-SPI.
//! What they need is named in `scripts/test`; whatever is missing fails them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use demo::journey::desktop::Desktop;
use demo::journey::{Journey, Report, make};
use std::path::{Path, PathBuf};

fn file(name: &str) -> PathBuf {
    let journeys = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/journeys");
    journeys.join(format!("{name}.toml"))
}

fn read(name: &str) -> Journey {
    Journey::read(&file(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// Makes a journey on a tablet of its own, after what comes first on every tablet.
fn travel(name: &str, first: &[&str]) -> Report {
    let first: Vec<Journey> = first.iter().map(|n| read(n)).collect();
    let journey = first
        .iter()
        .rev()
        .fold(read(name), |journey, before| journey.after(before));
    let dir = tempfile::TempDir::new().unwrap();
    let mut desktop =
        Desktop::start(Path::new(env!("CARGO_BIN_EXE_demo")), dir.path(), 50).unwrap();
    match make(&journey, &mut desktop) {
        Ok(report) => report,
        Err(failed) => {
            let picture = std::env::temp_dir().join(format!("journey-{name}.png"));
            // A picture helps; where it cannot be taken, the words stand alone.
            let taken = desktop.picture(&picture).is_ok();
            panic!("{name}: {failed}\npicture taken: {taken}")
        }
    }
}

#[test]
fn an_undisturbed_encounter_by_fingerprint_needs_few_taps_and_covers_its_answer_again() {
    let report = travel("undisturbed", &["shift"]);
    // The place is typed and entered the first time, chosen and told the next time.
    let taps: Vec<u32> = report.parts.iter().map(|part| part.1).collect();
    assert_eq!(taps, [11, 12], "{report:?}");
}

#[test]
fn without_a_fingerprint_the_encounter_goes_on_by_a_document() {
    travel("no_fingerprint", &["shift"]);
}

#[test]
fn an_answer_is_held_by_a_key_and_everything_before_it_come_to_by_keys() {
    travel("keyboard", &["shift"]);
}

#[test]
fn a_reader_of_the_screen_logs_in_and_is_told_no_secret() {
    travel("reader", &[]);
}

#[test]
fn every_journey_that_is_written_is_made() {
    let made = [
        "shift",
        "undisturbed",
        "no_fingerprint",
        "keyboard",
        "reader",
    ];
    let dir = file("x");
    for entry in std::fs::read_dir(dir.parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(made.contains(&name), "{name}");
    }
}
