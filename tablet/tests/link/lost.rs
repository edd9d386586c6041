//! A tablet that was reported lost: what starts the wiping, what does not, and in which order it goes.

use crate::claims::{Bench, fact};
use crate::server::*;
use protocol::{ErrorCode, Urgency, WipeStage};
use std::time::{Duration, Instant};
use tablet::device::keystore::UnsafeFileKeyStore;
use tablet::device::{KeyName, KeyStore as _};
use tablet::link::{LinkError, LinkEvent};
use tablet::vault::Wiping;
use uuid::Uuid;

async fn asked_for_orders(bench: &Bench, times: usize) {
    let until = Instant::now() + Duration::from_secs(30);
    let asked = || {
        bench
            .central
            .log()
            .iter()
            .filter(|l| **l == "order?")
            .count()
    };
    while asked() < times {
        assert!(Instant::now() < until, "{:?}", bench.central.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The session can be read as ever.
fn unharmed(bench: &Bench) {
    assert_eq!(bench.vault.wiping(), None);
    assert!(!bench.dir.path().join("data").join("wiping").exists());
    bench.vault.journal(&bench.session).unwrap();
    let resumed = bench.vault.resume_session(LOGIN, PASSWORD).unwrap();
    assert_eq!(resumed.id, bench.session.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_wipes_a_tablet_without_centrals_signature_under_this_question() {
    let bench = Bench::new().await;
    let mut bench = bench;
    bench.append(None);
    bench.until_sent(1).await;
    asked_for_orders(&bench, 1).await;
    let replayed = Order::Replayed(bench.central.order(Uuid::new_v4()));
    // Whoever stands in central's TLS, and has not its receipt key, may say that the tablet is lost.
    for (n, order) in [Order::Forged, replayed].into_iter().enumerate() {
        bench.central.lose(order);
        let login = bench.link.login(LOGIN, PASSWORD).await.unwrap_err();
        assert_eq!(login, LinkError::Central(ErrorCode::DeviceLost.into()));
        bench.link.nudge();
        asked_for_orders(&bench, 2 + n).await;
        bench.append(None);
        bench.until_sent(2 + n as u64).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        unharmed(&bench);
    }
    let log = bench.central.log();
    assert!(!log.contains(&"keys destroyed"), "{log:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_next_contact_keys_go_first_then_what_is_sealed_then_all() {
    let mut bench = Bench::new().await;
    bench.append(None);
    bench.until_sent(1).await;
    bench.stop_server().await;
    for n in 0..300 {
        bench.append(Some(n));
    }
    bench.central.lose(Order::Signed);
    let before = bench.central.log().len();
    bench.start_server().await;
    bench.link.nudge();
    bench.until(|event| *event == LinkEvent::Lost).await;
    bench.until(|event| *event == LinkEvent::Wiped).await;
    let mut log = bench.central.log().split_off(before);
    // For central's marks it may ask at any time.
    log.retain(|line| *line != "marks?");
    let outboxes = log.iter().filter(|l| **l == "outbox").count();
    assert!(outboxes > 1, "several batches: {log:?}");
    let mut expected = vec!["order?", "keys destroyed"];
    expected.extend(vec!["outbox"; outboxes]);
    expected.extend(["keys destroyed", "wiped"]);
    assert_eq!(log, expected, "one after another");
    assert_eq!(bench.central.stored(), (1..=301).collect::<Vec<u64>>());
    let reports = bench.central.record.lock().unwrap().reports.clone();
    let told: Vec<_> = reports
        .iter()
        .map(|r| (r.stage, r.last_seq, r.unsafe_events))
        .collect();
    assert_eq!(
        told,
        [
            (WipeStage::ReadingKeysDestroyed, 301, 300),
            (WipeStage::ReadingKeysDestroyed, 301, 0),
            (WipeStage::Wiped, 301, 0)
        ]
    );
    assert_eq!(bench.vault.identity().unwrap(), None);
    assert!(!bench.dir.path().join("keys").join("tls.p8").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tablet_with_nobody_logged_in_learns_it_from_what_its_outbox_is_told() {
    let mut bench = Bench::new().await;
    bench.append(None);
    bench.until_sent(1).await;
    let rosters = || bench.central.record.lock().unwrap().roster_requests.clone();
    let before = rosters().len();
    bench.link.detach();
    asked_for_orders(&bench, 1).await;
    // The roster that it fetches for nobody has come: from here on it asks nothing by itself.
    let until = Instant::now() + Duration::from_secs(30);
    while rosters().len() == before || rosters().last() != Some(&None) {
        assert!(Instant::now() < until, "no roster was fetched");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Online all along, with no inbox to be refused.
    bench.central.lose(Order::Signed);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(bench.vault.wiping(), None, "it has not asked anything");
    bench.append(None);
    bench.until(|event| *event == LinkEvent::Wiped).await;
    assert_eq!(bench.central.stored(), [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_poll_that_is_refused_starts_it() {
    let mut bench = Bench::new().await;
    bench.append(None);
    bench.until_sent(1).await;
    bench.central.lose(Order::Signed);
    bench.until(|event| *event == LinkEvent::Wiped).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_that_are_not_centrals_hold_the_wiping_where_it_is_and_evidence_goes_on() {
    let mut bench = Bench::new().await;
    bench.append(None);
    bench.until_sent(1).await;
    bench.stop_server().await;
    bench.append(None);
    bench.central.lose(Order::Signed);
    bench.central.record.lock().unwrap().forges_wipe_receipts = true;
    bench.start_server().await;
    bench.link.nudge();
    bench.until_sent(2).await;
    let until = Instant::now() + Duration::from_secs(30);
    while bench.central.record.lock().unwrap().reports.len() < 3 {
        assert!(Instant::now() < until);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let stands = Some(Wiping::Unreadable { reported: None });
    assert_eq!(bench.vault.wiping(), stands, "not signed for");
    assert!(bench.dir.path().join("data").join("vault.db").exists());
    bench.central.record.lock().unwrap().forges_wipe_receipts = false;
    bench.link.nudge();
    bench.until(|event| *event == LinkEvent::Wiped).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stuck_is_tried_once_more_then_counted_and_kept() {
    let mut bench = Bench::new().await;
    bench
        .central
        .mood(Mood::RefusesSeqs(vec![2], ErrorCode::TooLarge));
    for _ in 0..3 {
        bench.append(None);
    }
    bench
        .until(
            |event| matches!(event, LinkEvent::Queue(q) if q.waiting == 0 && !q.stuck.is_empty()),
        )
        .await;
    bench.central.lose(Order::Signed);
    bench.until(|event| *event == LinkEvent::Lost).await;
    let until = Instant::now() + Duration::from_secs(30);
    let last = loop {
        let reports = bench.central.record.lock().unwrap().reports.clone();
        // Behind the gap nothing is safe: numbers 2 and 3.
        if let Some(last) = reports.last()
            && bench.vault.queue().unwrap().waiting == 0
        {
            break last.clone();
        }
        assert!(Instant::now() < until);
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(
        (last.stage, last.unsafe_events),
        (WipeStage::ReadingKeysDestroyed, 2)
    );
    assert!(bench.dir.path().join("data").join("vault.db").exists());
    // Central takes it after all: when the tablet asks again, all goes.
    bench.central.mood(Mood::Works);
    assert_eq!(bench.vault.unstick().unwrap(), 1);
    bench.until(|event| *event == LinkEvent::Wiped).await;
    assert_eq!(bench.central.stored(), [1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn found_in_time_it_is_a_tablet_again() {
    let mut bench = Bench::new().await;
    bench.append(None);
    bench.until_sent(1).await;
    bench.central.mood(Mood::Api(ErrorCode::Unavailable));
    bench.append(None);
    bench.central.lose(Order::Signed);
    bench.until(|event| *event == LinkEvent::Lost).await;
    let refused = bench.vault.resume_session(LOGIN, PASSWORD);
    assert!(refused.is_err());
    bench.central.record.lock().unwrap().lost = None;
    bench.central.mood(Mood::Works);
    bench.link.nudge();
    bench.until(|event| *event == LinkEvent::Found).await;
    assert_eq!(bench.vault.wiping(), None);
    let grant = bench.link.login(LOGIN, PASSWORD).await.unwrap();
    let session = bench.vault.begin_session(&grant, LOGIN, PASSWORD).unwrap();
    let next = bench
        .vault
        .append(&session, None, Urgency::Ordinary, &fact());
    assert_eq!(next.unwrap(), 3, "the numbers go on");
    let until = Instant::now() + Duration::from_secs(30);
    while bench.central.stored() != [1, 2, 3] {
        assert!(Instant::now() < until, "{:?}", bench.central.stored());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let keys = UnsafeFileKeyStore::open(&bench.dir.path().join("keys")).unwrap();
    keys.sign(KeyName::Tls, b"x").unwrap();
}
