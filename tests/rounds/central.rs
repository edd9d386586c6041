//! Central goes down, goes back in time, and has a wrong clock.

use crate::kill::{Acknowledged, copy, note, prove, settle};
use crate::kit::*;
use crate::network::wait_sent;
use crate::officer::Officer;
use central::{Admin, Config};
use demo::tablet_kit;
use demo::world::World;
use regulation::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tablet::device::{Clock, SystemClock};
use tempfile::TempDir;

/// A central that is a process, so that it can be killed.
pub struct CentralRole(Role);

impl CentralRole {
    /// People, officers and a tablet; central's configuration with the port that it is to have, and
    /// the tablet's data.
    pub async fn site(dir: &Path, data: &Path) -> (Config, PathBuf) {
        let mut config = e_patrul_tests::config(dir);
        let mut world = World::start_with(dir, config.clone(), 40).await.unwrap();
        let central = world.central.as_ref().unwrap();
        config.listen = central.local_addr();
        let code = central.admin().new_enrolment_code("tablet").unwrap();
        let url = format!("https://{}", config.listen);
        tablet_kit::enrol(data, &url, &central.ca_pem(), &code)
            .await
            .unwrap();
        world.stop_central().await;
        (config, data.to_owned())
    }

    pub fn start(dir: &Path, config: &Config) -> Self {
        Self::start_under(&[], dir, config)
    }

    pub fn start_under(wrapper: &[&str], dir: &Path, config: &Config) -> Self {
        let port = config.listen.port().to_string();
        let role = Role::start_under(wrapper, &["central", dir.to_str().unwrap(), &port]);
        role.until("listening", &mut Vec::new());
        Self(role)
    }

    pub fn id(&self) -> u32 {
        self.0.id()
    }

    pub fn stop(&self) {
        self.0.stop();
    }

    pub fn kill(self) {
        self.0.kill();
    }
}

pub fn round(plan: &Plan) -> Vec<String> {
    runtime().block_on(async {
        vec![
            killed(plan).await,
            restored(plan, true).await,
            restored(plan, false).await,
            clocks(plan, 7, 0).await,
            clocks(plan, -7, 0).await,
            clocks(plan, 0, 9).await,
            clocks(plan, 0, -9).await,
        ]
    })
}

/// Killed at random moments while a tablet works.
async fn killed(plan: &Plan) -> String {
    let dir = TempDir::new().unwrap();
    let (config, data) = CentralRole::site(dir.path(), &dir.path().join("tablet")).await;
    let kills = plan.of(6, 120);
    let over = Arc::new(AtomicBool::new(false));
    let killer = {
        let (dir, config, over) = (dir.path().to_owned(), config.clone(), over.clone());
        let mut rng = Rng::new(plan.seed);
        std::thread::spawn(move || {
            for _ in 0..kills {
                let central = CentralRole::start(&dir, &config);
                std::thread::sleep(rng.millis(50, 2500));
                central.kill();
                std::thread::sleep(rng.millis(0, 300));
            }
            over.store(true, Ordering::Release);
            CentralRole::start(&dir, &config)
        })
    };
    let mut acknowledged = Acknowledged::new();
    let mut officer = Officer::start(&data, plan.seed, |seen, id| {
        note(&mut acknowledged, seen, id);
    });
    officer.patience = Duration::from_secs(1);
    while !over.load(Ordering::Acquire) {
        officer.encounter().await;
    }
    officer.stop();
    let central = killer.join().unwrap();
    settle(&data).await;
    let proven = prove(&admin(&config), &acknowledged);
    central.kill();
    format!("central: {kills} kills; {proven}; 0 lost, 0 twice")
}

/// Restored from a backup that is older than what it has acknowledged. With a replica it reads there
/// what the tablets have deleted since; without one they have deleted nothing, and send it again.
async fn restored(plan: &Plan, replica: bool) -> String {
    let dir = TempDir::new().unwrap();
    let mut config = e_patrul_tests::config(dir.path());
    if !replica {
        config.replica_dir = None;
    }
    let mut world = World::start_with(dir.path(), config, 40).await.unwrap();
    let data = world.enrol("tablet").await.unwrap();
    let (live, backup) = (dir.path().join("central"), dir.path().join("backup"));
    let mut acknowledged = Acknowledged::new();
    let mut officer = Officer::start(&data, plan.seed, |seen, id| {
        note(&mut acknowledged, seen, id);
    });
    let times = plan.of(1, 20);
    let mut gone = 0;
    for time in 1..=times {
        officer.patience = Duration::from_secs(10);
        officer.encounter().await;
        wait_sent(&mut officer).await;
        world.stop_central().await;
        let before = envelopes(&world_admin(&live, dir.path(), replica));
        let _ = std::fs::remove_dir_all(&backup);
        copy(&live, &backup);
        world.start_central().await.unwrap();
        officer.always_ask = true;
        for _ in 0..3 {
            officer.encounter().await;
        }
        wait_sent(&mut officer).await;
        world.stop_central().await;
        let after = envelopes(&world_admin(&live, dir.path(), replica));
        gone += after - before;
        std::fs::remove_dir_all(&live).unwrap();
        copy(&backup, &live);
        world.start_central().await.unwrap();
        // What follows makes the tablet hear of it. The answer comes to the same session.
        let answered = officer.answered;
        officer.patience = LONG;
        officer.encounter().await;
        wait_sent(&mut officer).await;
        assert!(
            officer.answered > answered,
            "no answer after restoration {time}"
        );
    }
    officer.stop();
    settle(&data).await;
    let proven = prove(world.central.as_ref().unwrap().admin(), &acknowledged);
    let from = if replica { "its replica" } else { "the tablet" };
    format!(
        "restored from an older backup {times} times, {gone} envelopes back from {from}: {proven}"
    )
}

fn world_admin(live: &Path, dir: &Path, replica: bool) -> Admin {
    assert!(live.exists());
    let mut config = e_patrul_tests::config(dir);
    if !replica {
        config.replica_dir = None;
    }
    admin(&config)
}

fn envelopes(admin: &Admin) -> u64 {
    admin
        .archive()
        .verify_journal(device(admin))
        .unwrap()
        .envelopes
}

/// The system's clock, so many hours off.
struct Off(SystemClock, i64);

impl Clock for Off {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.now().0 + self.1 * 3_600_000)
    }

    fn uptime_ms(&self) -> u64 {
        self.0.uptime_ms()
    }
}

/// Central's clock and the tablet's are off by hours.
async fn clocks(plan: &Plan, central_hours: i64, tablet_hours: i64) -> String {
    let dir = TempDir::new().unwrap();
    let mut config = e_patrul_tests::config(dir.path());
    config.clock =
        central::config::Clock::from_fn(move || Off(SystemClock::new(), central_hours).now());
    let world = World::start_with(dir.path(), config, 40).await.unwrap();
    world.central.as_ref().unwrap().gallery_ready().await;
    let data = world.enrol("tablet").await.unwrap();
    let mut acknowledged = Acknowledged::new();
    let told = |seen, id| note(&mut acknowledged, seen, id);
    let mut officer = Officer::start_with(&data, plan.seed, told, |parts| {
        parts.clock = Arc::new(Off(SystemClock::new(), tablet_hours));
    });
    officer.always_ask = true;
    officer.patience = Duration::from_secs(20);
    officer.encounter().await;
    officer.encounter().await;
    wait_sent(&mut officer).await;
    assert_eq!(officer.answered, 2, "an answer did not come");
    officer.stop();
    let proven = prove(world.central.as_ref().unwrap().admin(), &acknowledged);
    format!("clocks off, central {central_hours:+} h, tablet {tablet_hours:+} h: {proven}")
}
