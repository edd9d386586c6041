//! The program dies in the middle of it.

use crate::support::*;
use protocol::Urgency;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use tablet::device::SystemClock;
use tablet::device::keystore::UnsafeFileKeyStore;
use tablet::vault::Vault;

const DIR: &str = "TABLET_TEST_APPEND_DIR";

/// Not a claim by itself: the child of the test below. Appends and says so until it is killed.
#[test]
fn child_that_appends() {
    let Some(dir) = std::env::var_os(DIR) else {
        return;
    };
    let dir = std::path::PathBuf::from(dir);
    let keystore = std::sync::Arc::new(UnsafeFileKeyStore::open(&dir.join("keys")).unwrap());
    let clock = std::sync::Arc::new(SystemClock::new());
    let (vault, _) = Vault::open(&dir.join("data"), keystore, clock).unwrap();
    let session = vault.resume_session(LOGIN, PASSWORD).unwrap();
    let mut out = std::io::stderr();
    loop {
        let seq = vault
            .append(&session, Some(encounter(1)), Urgency::Ordinary, &fact(1))
            .unwrap();
        writeln!(out, "seq {seq}").unwrap();
    }
}

#[test]
fn every_acknowledged_number_is_there_after_kill_9() {
    let bench = Bench::new();
    let vault = bench.open();
    let mut grant = bench.central.grant();
    grant.lease_until = regulation::Timestamp(i64::MAX);
    drop(vault.begin_session(&grant, LOGIN, PASSWORD).unwrap());
    drop(vault);
    let mut last = 0;
    for round in 0..4 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::child_that_appends", "--nocapture"])
            .env(DIR, bench.dir.path())
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        for _ in 0..20 + round * 7 {
            let line = lines.next().expect("the child appends").unwrap();
            last = line.strip_prefix("seq ").expect(&line).parse().unwrap();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What was written before the kill is acknowledged as well.
        for line in lines.map_while(Result::ok) {
            if let Some(seq) = line.strip_prefix("seq ").and_then(|seq| seq.parse().ok()) {
                last = seq;
            }
        }
        let vault = bench.open();
        let session = vault.resume_session(LOGIN, PASSWORD).unwrap();
        let seqs: Vec<u64> = vault
            .journal(&session)
            .unwrap()
            .iter()
            .map(|e| e.seq)
            .collect();
        let there = seqs.len() as u64;
        assert!(there == last || there == last + 1, "{there} of {last}");
        assert_eq!(seqs, (1..=there).collect::<Vec<_>>(), "without gaps");
        let mut previous = protocol::Digest::default();
        for envelope in vault.next_batch().unwrap().unwrap().envelopes {
            assert_eq!(envelope.previous, previous);
            previous = envelope.digest();
        }
    }
}

/// A number worth knowing; run with `--ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn how_long_an_append_takes() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    let small = fact(1);
    let large = question(vec![7; 300_000]);
    for (name, fact) in [("fact", &small), ("question, 300 kB", &large)] {
        let mut took: Vec<_> = (0..200)
            .map(|_| {
                let begun = std::time::Instant::now();
                vault
                    .append(&session, Some(encounter(1)), Urgency::Ordinary, fact)
                    .unwrap();
                begun.elapsed()
            })
            .collect();
        took.sort();
        let line = format!("{name}: median {:?}, worst {:?}", took[100], took[199]);
        writeln!(std::io::stderr(), "{line}").unwrap();
    }
}
