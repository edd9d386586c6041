//! Programs of others that the application is linked from, by licence, as `cargo metadata` knows them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// Systems that the application is built for.
const SYSTEMS: [&str; 3] = [
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "aarch64-linux-android",
];

/// A line a licence: its expression (SPDX), a tab, names with versions.
///
/// # Panics
/// Cargo cannot say what the application is made of, or a crate says nothing of its licence.
#[must_use]
pub fn written() -> String {
    let mut by_licence: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for system in SYSTEMS {
        let metadata = metadata(system);
        let packages: BTreeMap<&str, &serde_json::Value> = list(&metadata["packages"])
            .iter()
            .map(|package| (text(&package["id"]), package))
            .collect();
        for id in linked(&metadata) {
            let package = packages[id];
            // Our own have no source but the workspace.
            if package["source"].is_null() {
                continue;
            }
            let name = format!("{} {}", text(&package["name"]), text(&package["version"]));
            let licence = package["license"].as_str();
            let licence = licence.unwrap_or_else(|| panic!("{name} names no licence"));
            by_licence
                .entry(expression(licence))
                .or_default()
                .insert(name);
        }
    }
    let mut out = String::new();
    for (licence, programs) in by_licence {
        let programs: Vec<_> = programs.into_iter().collect();
        out.push_str(&format!("{licence}\t{}\n", programs.join(", ")));
    }
    out
}

/// In the words of SPDX; older crates part licences by a stroke.
fn expression(licence: &str) -> String {
    let parts: Vec<_> = licence.split('/').map(str::trim).collect();
    parts.join(" OR ")
}

fn metadata(system: &str) -> serde_json::Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .args(["--filter-platform", system])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Ids of what the application is linked from: dependencies of dependencies, those of builds and tests left out.
fn linked(metadata: &serde_json::Value) -> BTreeSet<&str> {
    let nodes: BTreeMap<&str, &serde_json::Value> = list(&metadata["resolve"]["nodes"])
        .iter()
        .map(|node| (text(&node["id"]), node))
        .collect();
    let application = list(&metadata["packages"])
        .iter()
        .find(|package| package["source"].is_null() && package["name"] == "e-patrul")
        .map(|package| text(&package["id"]))
        .unwrap();
    let (mut seen, mut next) = (BTreeSet::new(), vec![application]);
    while let Some(id) = next.pop() {
        if !seen.insert(id) {
            continue;
        }
        for dependency in list(&nodes[id]["deps"]) {
            let kinds = list(&dependency["dep_kinds"]);
            if kinds.iter().any(|kind| kind["kind"].is_null()) {
                next.push(text(&dependency["pkg"]));
            }
        }
    }
    seen
}

fn list(value: &serde_json::Value) -> &Vec<serde_json::Value> {
    value.as_array().unwrap()
}

fn text(value: &serde_json::Value) -> &str {
    value.as_str().unwrap()
}
