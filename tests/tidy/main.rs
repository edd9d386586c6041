//! Who may import whom, and what no file may say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// Files that git would keep, by their ending, below `dir`.
fn files(dir: &str, endings: &[&str]) -> Vec<PathBuf> {
    fn walk(dir: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
        let Ok(entries) = std::fs::read_dir(dir) else {
            return;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                if !matches!(name.as_str(), "target" | ".git" | "mutants.out") {
                    walk(&path, endings, found);
                }
            } else if endings.iter().any(|e| name.ends_with(e)) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(dir), endings, &mut found);
    assert!(
        !found.is_empty(),
        "no files below {dir}: the rule would check nothing"
    );
    found.sort();
    found
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap()
        .to_string_lossy()
        .into_owned()
}

/// The crates that a package names as dependencies (not those of its tests).
fn dependencies(package: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join(package).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = text.parse().unwrap();
    let table = manifest.get("dependencies").and_then(|d| d.as_table());
    table
        .map(|t| t.keys().cloned().collect())
        .unwrap_or_default()
}

const OURS: [&str; 13] = [
    "regulation",
    "protocol",
    "biometrics",
    "tablet",
    "camera",
    "fprint",
    "sbi",
    "sbi-simulator",
    "central",
    "demo",
    "training",
    "ui",
    "e-patrul",
];

#[test]
fn packages_import_only_whom_they_may() {
    let allowed: [(&str, &[&str]); 13] = [
        ("regulation", &[]),
        ("biometrics", &[]),
        ("protocol", &["regulation"]),
        ("tablet", &["regulation", "protocol", "biometrics"]),
        ("camera", &["tablet"]),
        ("fprint", &["biometrics", "tablet"]),
        ("sbi", &["regulation", "biometrics", "tablet"]),
        // Never the driver: they agree by the specification alone.
        ("sbi-simulator", &["biometrics"]),
        ("central", &["regulation", "protocol", "biometrics"]),
        ("ui", &[]),
        (
            ".",
            &["regulation", "protocol", "biometrics", "tablet", "ui"],
        ),
        ("demo", &OURS),
        ("training", &OURS),
    ];
    for (package, allowed) in allowed {
        for dependency in dependencies(package) {
            assert!(
                !OURS.contains(&dependency.as_str()) || allowed.contains(&dependency.as_str()),
                "{package} may not import {dependency}"
            );
        }
    }
}

/// Lines of code (no comments) of a file.
fn code(path: &Path) -> Vec<String> {
    std::fs::read_to_string(path)
        .unwrap()
        .lines()
        .filter(|l| !l.trim_start().starts_with("//"))
        .map(str::to_owned)
        .collect()
}

/// Asserts that no file below `dir` but those accepted uses `word`.
fn only(dir: &str, word: &str, accepted: &[&str]) {
    for path in files(dir, &[".rs"]) {
        let name = relative(&path);
        if accepted.iter().any(|a| name.starts_with(a)) {
            continue;
        }
        for line in code(&path) {
            assert!(
                !line.contains(word),
                "{name} may not use `{word}`: {}",
                line.trim()
            );
        }
    }
}

#[test]
fn rooms_of_the_tablet_import_only_whom_they_may() {
    for (room, others) in [
        (
            "tablet/src/vault",
            ["crate::link", "crate::pages", "crate::worker"],
        ),
        (
            "tablet/src/device",
            ["crate::link", "crate::pages", "crate::worker"],
        ),
        (
            "tablet/src/link",
            ["crate::pages", "crate::worker", "rusqlite"],
        ),
        (
            "tablet/src/pages",
            ["crate::link", "crate::vault", "crate::worker"],
        ),
    ] {
        for other in others {
            only(room, other, &[]);
        }
    }
    only("tablet/src/device", "crate::vault", &[]);
}

#[test]
fn each_outside_library_has_one_user() {
    only("tablet/src", "rusqlite", &["tablet/src/vault"]);
    only("tablet/src", "reqwest", &["tablet/src/link"]);
    only("tablet/src", "slint", &[]);
    only("tablet/src", "image::", &["tablet/src/device/picture.rs"]);
    let tpm = "tablet/src/device/keystore/tpm";
    only("tablet/src", "tss_esapi", &[tpm]);
    let speaker = "tablet/src/device/speaker/system.rs";
    only("tablet/src", "cpal", &[speaker]);
    only("central/src", "rusqlite", &["central/src/store"]);
    only("src", "slint", &["src/ui", "src/app.rs", "src/lib.rs"]);
    only("src", "rusqlite", &[]);
}

#[test]
fn only_central_makes_minutiae() {
    for dir in ["tablet/src", "fprint/src", "src"] {
        // Not `GallerySearched`, which counts what central has searched.
        for word in [
            "finger::extract",
            "finger::{extract",
            "finger::Gallery",
            "Gallery::",
            "Gallery,",
            "Gallery}",
            "Gallery;",
            "Template",
        ] {
            only(dir, word, &["tablet/src/pages/tests.rs", "src/ui/tests"]);
        }
    }
}

#[test]
fn pure_rooms_do_no_io_and_read_no_clock() {
    for dir in ["regulation/src", "protocol/src"] {
        for word in [
            "std::fs",
            "std::net",
            "SystemTime",
            "Instant::now",
            "std::env",
        ] {
            only(dir, word, &[]);
        }
    }
    for word in ["std::fs", "std::net", "SystemTime"] {
        only("biometrics/src", word, &["biometrics/src/bin"]);
    }
}

#[test]
fn unsafe_code_stands_in_one_module() {
    let word = ["un", "safe "].concat();
    for dir in [
        "regulation",
        "protocol",
        "biometrics",
        "tablet",
        "camera",
        "fprint",
        "sbi",
        "sbi-simulator",
        "central",
        "demo",
        "training",
        "src",
    ] {
        // Calls of functions compiled for more than the baseline processor: ADR 0005.
        only(
            dir,
            &format!("{word}{{"),
            &["biometrics/src/finger/wide.rs"],
        );
        only(dir, &format!("{word}fn"), &[]);
    }
}

#[test]
fn files_stay_short_enough_to_read() {
    for path in files(".", &[".rs", ".slint"]) {
        let name = relative(&path);
        // A list of claims may be longer than a room.
        let most = if name.contains("tests") { 1300 } else { 700 };
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        assert!(
            lines <= most,
            "{name} has {lines} lines: does it hold two rooms?"
        );
    }
}

#[test]
fn the_repository_speaks_of_the_product_alone() {
    // Put together here, so that this file does not find itself.
    let words = [
        ["/wo", "rk/"].concat(),
        ["/ro", "ot/"].concat(),
        ["/ho", "me/"].concat(),
        ["index.cra", "tes.io"].concat(),
        ["registry.npm", "js.org"].concat(),
        ["../sha", "red"].concat(),
        ["issue ", "#"].concat(),
    ];
    let endings = [
        ".rs",
        ".slint",
        ".toml",
        ".md",
        ".sql",
        ".po",
        "scripts/demo",
        "scripts/test",
    ];
    for path in files(".", &endings) {
        let text = std::fs::read_to_string(&path).unwrap();
        for word in &words {
            assert!(
                !text.contains(word.as_str()),
                "{} says {word}",
                relative(&path)
            );
        }
    }
}

#[test]
fn licences_of_packages_are_as_designed() {
    for (package, licence) in [
        ("regulation", "MIT OR Apache-2.0"),
        ("protocol", "MIT OR Apache-2.0"),
        ("biometrics", "MIT OR Apache-2.0"),
    ] {
        let text = std::fs::read_to_string(root().join(package).join("Cargo.toml")).unwrap();
        assert!(
            text.contains(&format!("license = \"{licence}\"")),
            "{package}"
        );
    }
    let text = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(text.contains("license = \"GPL-3.0-only\""));
}

#[test]
fn the_page_of_licences_names_all_that_is_linked() {
    let shown = std::fs::read_to_string(root().join("assets/licences.txt")).unwrap();
    assert!(
        shown == e_patrul_tests::licences::written(),
        "run: cargo run -p e-patrul-tests --bin licences > assets/licences.txt"
    );
}

#[test]
fn every_paragraph_built_has_its_tests() {
    let named: BTreeSet<String> = files("tests/regulation", &[".rs"])
        .iter()
        .flat_map(|p| code(p))
        .filter_map(|line| {
            let name = line.trim().strip_prefix("async fn paragraph_")?;
            Some(name.chars().take_while(char::is_ascii_digit).collect())
        })
        .collect();
    for paragraph in [
        "1", "3", "5", "6", "7", "8", "9", "10", "12", "14", "17", "18", "19", "20", "21", "23",
        "28", "29", "32",
    ] {
        assert!(
            named.contains(paragraph),
            "no test is named after §{paragraph}"
        );
    }
}
