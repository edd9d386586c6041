//! Networks that are worse than none. While each lasts the officer goes on, page by page; when it
//! is over, central has every event exactly once.

use crate::kill::{Acknowledged, note, prove};
use crate::kit::*;
use crate::officer::Officer;
use crate::relay::{Relay, Weather};
use central::Central;
use demo::tablet_kit;
use demo::world::World;
use std::time::{Duration, Instant};
use tablet::pages::Page;
use tempfile::TempDir;

/// A page that follows a tap within this time is no page that waits for a network. Generous: the
/// disk of a busy machine is in it.
const RESPONSIVE: Duration = Duration::from_secs(4);

pub fn round(plan: &Plan) -> Vec<String> {
    runtime().block_on(networks(plan))
}

async fn networks(plan: &Plan) -> Vec<String> {
    let dir = TempDir::new().unwrap();
    let config = e_patrul_tests::config(dir.path());
    let world = World::start_with(dir.path(), config, 40).await.unwrap();
    let central = world.central.as_ref().unwrap();
    central.gallery_ready().await;
    let relay = Relay::new(central.local_addr()).await;
    let data = world.tablet_dir("tablet");
    let code = central.admin().new_enrolment_code("tablet").unwrap();
    tablet_kit::enrol(&data, &relay.url(), &central.ca_pem(), &code)
        .await
        .unwrap();
    let stranger = stranger(dir.path()).await;

    let mut acknowledged = Acknowledged::new();
    let mut officer = Officer::start(&data, plan.seed, |seen, id| {
        note(&mut acknowledged, seen, id);
    });
    officer.always_ask = true;
    officer.kit.scanner.prepare(3);
    officer.encounter().await;

    let late = Duration::from_secs(10);
    let mut figures = Vec::new();
    for (name, weather) in [
        ("cut", Weather::Cut),
        ("half-open", Weather::HalfOpen),
        ("1 byte/s", Weather::Throttled(1)),
        ("10 s latency", Weather::Late(late)),
        (
            "reset after 20 kB of a request",
            Weather::ResetAfter(20_000),
        ),
        ("captive portal in plain HTTP", Weather::Portal),
        (
            "foreign certificate",
            Weather::Elsewhere(stranger.local_addr()),
        ),
        ("replies lost after the commit", Weather::RepliesLost(8_000)),
    ] {
        officer.slowest = Duration::ZERO;
        officer.patience = plan.of(Duration::from_secs(1), Duration::from_secs(15));
        let before = envelopes(&world);
        relay.set(weather);
        for _ in 0..plan.of(1, 4) {
            officer.encounter().await;
        }
        // It lasts for some time more than the officer is at work.
        tokio::time::sleep(plan.of(Duration::from_secs(1), Duration::from_secs(30))).await;
        let slowest = officer.slowest;
        assert!(
            slowest < RESPONSIVE,
            "{name}: a page took {:.1} s",
            slowest.as_secs_f64()
        );
        if let Weather::RepliesLost(_) = weather {
            assert!(relay.swallowed() > 0, "no reply was lost");
            assert!(envelopes(&world) > before, "central committed nothing");
        }
        relay.set(Weather::Fair);
        let cleared = Instant::now();
        wait_sent(&mut officer).await;
        figures.push(format!(
            "{name}: slowest page {:.0} ms; all sent {:.1} s after it cleared",
            slowest.as_secs_f64() * 1e3,
            cleared.elapsed().as_secs_f64()
        ));
    }
    officer.stop();
    figures.push(format!(
        "every event once: {}",
        prove(central.admin(), &acknowledged)
    ));
    figures
}

/// Another central, with a CA of its own, at the same names.
async fn stranger(dir: &std::path::Path) -> Central {
    let config = e_patrul_tests::config(&dir.join("stranger"));
    std::fs::create_dir_all(dir.join("stranger")).unwrap();
    Central::init(&config).unwrap();
    Central::start(config).await.unwrap()
}

fn envelopes(world: &World) -> u64 {
    let admin = world.central.as_ref().unwrap().admin();
    admin
        .archive()
        .verify_journal(device(admin))
        .unwrap()
        .envelopes
}

/// Until nothing waits on the tablet.
pub async fn wait_sent<F: FnMut(crate::officer::Seen, regulation::EncounterId)>(
    officer: &mut Officer<F>,
) {
    let sent = |p: &tablet::pages::PageView| !matches!(p.page, Page::Login(_)) && nothing_waits(p);
    officer.kit.wait_for("all sent", LONG, sent).await.unwrap();
}
