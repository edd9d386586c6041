//! A queue as long as a day, over a slow network with breaks: it arrives whole, memory stays flat,
//! and a new question does not wait behind it.

use crate::central::CentralRole;
use crate::kill::{Acknowledged, note, prove};
use crate::kit::*;
use crate::network::wait_sent;
use crate::officer::Officer;
use crate::relay::{Relay, Weather};
use demo::tablet_kit;
use demo::world::World;
use std::time::{Duration, Instant};
use tablet::pages::Page;
use tempfile::TempDir;

/// Memory that a queue of any length may take beyond a short one's, MiB.
const FLAT: f64 = 96.0;
/// A question that is asked into a full queue has its answer by then, however long the queue takes.
const PROMPT: Duration = Duration::from_secs(30);

pub fn round(plan: &Plan) -> Vec<String> {
    runtime().block_on(queue(plan))
}

async fn queue(plan: &Plan) -> Vec<String> {
    let dir = TempDir::new().unwrap();
    let mut config = e_patrul_tests::config(dir.path());
    let data = dir.path().join("tablet");
    let relay = {
        let mut world = World::start_with(dir.path(), config.clone(), 40)
            .await
            .unwrap();
        let central = world.central.as_ref().unwrap();
        config.listen = central.local_addr();
        let relay = Relay::new(config.listen).await;
        let code = central.admin().new_enrolment_code("tablet").unwrap();
        tablet_kit::enrol(&data, &relay.url(), &central.ca_pem(), &code)
            .await
            .unwrap();
        world.stop_central().await;
        relay
    };
    let central = CentralRole::start(dir.path(), &config);
    let mut acknowledged = Acknowledged::new();
    let mut officer = Officer::start(&data, plan.seed, |seen, id| {
        note(&mut acknowledged, seen, id);
    });
    officer.always_ask = true;
    officer.footage = 200_000;
    officer.patience = Duration::from_secs(20);
    officer.encounter().await;
    wait_sent(&mut officer).await;

    relay.set(Weather::Cut);
    officer.patience = Duration::from_millis(20);
    // A poor mobile network, bytes a second each way.
    let rate = plan.of(320, 512) * 1024;
    let encounters = plan.of(40, 2000);
    let mut memory = Vec::new();
    for n in 0..encounters {
        officer.encounter().await;
        if n == encounters / 10 {
            memory.push(("a tenth recorded", resident(std::process::id())));
        }
    }
    memory.push(("all recorded", resident(std::process::id())));
    let waiting = officer.page().await.chrome.queue.waiting;
    let slowest = officer.slowest;

    say(&format!("   … {waiting} events wait"));
    relay.set(Weather::Throttled(rate));
    let started = Instant::now();
    let central_before = resident(central.id());
    // Half of it is gone, with a break now and then, when the officer asks anew.
    let mut breaks = 0;
    while officer.page().await.chrome.queue.waiting > waiting / 2 {
        officer
            .kit
            .wait_for(
                "the queue",
                plan.of(Duration::from_secs(5), Duration::from_secs(20)),
                |p| p.chrome.queue.waiting <= waiting / 2,
            )
            .await
            .ok();
        relay.set(Weather::Cut);
        tokio::time::sleep(Duration::from_millis(500)).await;
        relay.set(Weather::Throttled(rate));
        breaks += 1;
        if breaks % 10 == 0 {
            let left = officer.page().await.chrome.queue.waiting;
            say(&format!("   … {left} of {waiting} events still wait"));
        }
        assert!(breaks < 10_000, "the queue does not move");
    }
    // On the way again after the break, in the middle of the old questions.
    officer
        .kit
        .wait_for("the queue", LONG, |p| p.chrome.queue.waiting < waiting / 2)
        .await
        .unwrap();
    while !matches!(officer.page().await.page, Page::Finger(_)) {
        officer.step().await;
    }
    officer.patience = LONG;
    let before = officer.answered;
    officer.step().await;
    let asked = Instant::now();
    while officer.answered == before {
        officer.step().await;
    }
    let answered = asked.elapsed();
    officer.encounter().await;
    let left = officer.page().await.chrome.queue.waiting;
    assert!(left > 0, "the old queue was gone before the answer");
    let captures = officer.page().await.chrome.queue.captures;
    assert!(captures > 0, "the captures were gone before the answer");
    memory.push(("half sent", resident(std::process::id())));
    let drained = tokio::time::timeout(plan.of(LONG, Duration::from_secs(4 * 3600)), async {
        while !nothing_waits(&officer.page().await) {
            let sent = officer
                .kit
                .wait_for("sent", Duration::from_secs(5), nothing_waits);
            sent.await.ok();
        }
    });
    drained.await.expect("the queue does not drain");
    let took = started.elapsed();
    memory.push(("all sent", resident(std::process::id())));
    let central_after = resident(central.id());
    let (first, last) = (memory[0].1, memory[memory.len() - 1].1);
    assert!(last - first < FLAT, "memory grows: {memory:?}");
    assert!(
        central_after - central_before < FLAT,
        "central's memory grows: {central_before} to {central_after} MiB"
    );
    assert!(
        answered < PROMPT,
        "the new question waited {answered:?} of {took:?}"
    );
    relay.set(Weather::Fair);
    // Nobody touched the tablet for so long: it has locked itself.
    while matches!(officer.page().await.page, Page::Login(_)) {
        officer.step().await;
    }
    wait_sent(&mut officer).await;
    officer.stop();
    let proven = prove(&admin(&config), &acknowledged);
    central.kill();
    vec![
        format!(
            "{encounters} encounters, {waiting} events waiting, {} kB/s, {breaks} breaks: drained in {:.0} s; {proven}",
            rate / 1024,
            took.as_secs_f64()
        ),
        format!(
            "a question asked in the middle of it was answered in {:.1} s",
            answered.as_secs_f64()
        ),
        format!(
            "slowest page with the queue growing: {:.0} ms",
            slowest.as_secs_f64() * 1e3
        ),
        format!(
            "memory of the tablet: {}; of central {central_before:.0} to {central_after:.0} MiB",
            memory
                .iter()
                .map(|(when, mib)| format!("{when} {mib:.0} MiB"))
                .collect::<Vec<_>>()
                .join(", ")
        ),
    ]
}
