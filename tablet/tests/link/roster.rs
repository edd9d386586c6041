//! When the roster is fetched, and what becomes of it.

use crate::claims::Bench;
use crate::server::*;
use protocol::{ErrorCode, RosterEntry};
use std::time::Duration;
use tablet::link::LinkEvent;
use tablet::vault::ResumeError;

fn entry() -> RosterEntry {
    RosterEntry {
        login: vec![7; 32],
        memory_kib: 64,
        passes: 1,
        salt: vec![1; 16],
        grant: vec![0; 300],
    }
}

/// Waits until central's record says so.
async fn until(central: &Central, what: &str, accept: impl Fn(&Record) -> bool) {
    for _ in 0..600 {
        if accept(&central.record.lock().unwrap()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("waited in vain for {what}");
}

/// What the vault says of an officer who is not on it: with a roster, another word than without.
async fn known(bench: &Bench) -> ResumeError {
    let vault = bench.vault.clone();
    tokio::task::spawn_blocking(move || vault.begin_from_roster("hech.kim", "parol").unwrap_err())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_roster_is_fetched_by_the_session_that_is_attached_at_each_log_in_and_reconnect() {
    let mut bench = Bench::new().await;
    bench.central.record.lock().unwrap().roster_lease = regulation::Timestamp(i64::MAX);
    let asked = |record: &Record| record.roster_requests.contains(&Some(TOKEN.to_owned()));
    until(&bench.central, "the log-in's roster", asked).await;
    assert_eq!(known(&bench).await, ResumeError::NoRoster);
    let grant = bench.link.login(LOGIN, PASSWORD).await.unwrap();
    bench.central.record.lock().unwrap().roster_requests.clear();
    let vault = bench.vault.clone();
    let session =
        tokio::task::spawn_blocking(move || vault.begin_session(&grant, LOGIN, PASSWORD).unwrap());
    bench.link.attach(session.await.unwrap());
    until(&bench.central, "the next log-in's", asked).await;
    bench.stop_server().await;
    bench
        .until(|e| matches!(e, LinkEvent::Connection(c) if *c != tablet::link::Connection::Online))
        .await;
    {
        let mut record = bench.central.record.lock().unwrap();
        record.roster_requests.clear();
        record.roster = vec![entry()];
    }
    bench.start_server().await;
    until(&bench.central, "the reconnect's", asked).await;
    for _ in 0..600 {
        if known(&bench).await == ResumeError::WrongPassword {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the roster was not kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roster_that_is_refused_is_not_asked_for_in_a_hurry_and_hinders_nothing() {
    let bench = Bench::new().await;
    {
        let mut record = bench.central.record.lock().unwrap();
        record.roster_code = Some(ErrorCode::Unavailable);
        record.roster_requests.clear();
    }
    bench.link.detach();
    // One with the session's token may have been under way when it was detached.
    until(&bench.central, "a request", |r| {
        r.roster_requests.contains(&None)
    })
    .await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let requests = bench.central.record.lock().unwrap().roster_requests.clone();
    assert_eq!(requests.iter().filter(|r| r.is_none()).count(), 1);
    assert!(requests.len() <= 2, "{}", requests.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tablet_that_guesses_have_locked_says_so_with_its_next_roster() {
    let central = Central::new();
    {
        let mut record = central.record.lock().unwrap();
        record.roster_lease = regulation::Timestamp(i64::MAX);
        record.roster = vec![entry()];
    }
    let bench = Bench::with(central).await;
    let mut tries = 0;
    while known(&bench).await != ResumeError::WrongPassword {
        tries += 1;
        assert!(tries < 600, "the roster was not kept");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let said = std::mem::take(&mut bench.central.record.lock().unwrap().roster_locked);
    assert!(!said.is_empty() && said.iter().all(|locked| !locked));
    let vault = bench.vault.clone();
    let guessing = tokio::task::spawn_blocking(move || {
        for n in 0..tablet::vault::TABLET_FAILURES {
            let login = format!("kim.{n}");
            vault.begin_from_roster(&login, "parol").unwrap_err();
        }
    });
    guessing.await.unwrap();
    // Asked for by whoever is attached next.
    bench.link.detach();
    bench.link.attach(bench.session.clone());
    let says = |record: &Record| record.roster_locked.contains(&true);
    until(&bench.central, "a locked tablet's roster", says).await;
}
