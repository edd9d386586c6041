//! A tablet that was reported lost: at the next contact the reading keys go first, then what is sealed
//! is sent, then all is wiped, with a receipt; also if it is killed again and again meanwhile.

use central::audit::AuditEvent;
use demo::tablet_kit::dirs;
use e_patrul_tests::{LONG, Scene, on_disk};
use protocol::{DeviceId, WipeStage};
use regulation::EncounterId;
use regulation::encounter::Outcome;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};
use tablet::pages::{LoginProblem, Page, PageView};
use tablet::worker::Command;

fn admin(scene: &Scene) -> &central::Admin {
    scene.world.central.as_ref().unwrap().admin()
}

fn device(scene: &Scene) -> DeviceId {
    admin(scene).devices().unwrap()[0].id
}

fn says(page: &PageView, problem: LoginProblem) -> bool {
    matches!(&page.page, Page::Login(l) if l.problem == Some(problem) && !l.enrolled)
}

/// How many of the tablet's events central has.
fn stored(scene: &Scene) -> u64 {
    let archive = admin(scene).archive();
    archive.verify_journal(device(scene)).unwrap().envelopes
}

/// A shift with an encounter that was recorded with no connection and never sent, and how many events
/// central had of the tablet before.
async fn offline_with_an_encounter() -> (Scene, EncounterId, u64) {
    let mut scene = Scene::logged_in().await;
    scene.world.cable.pull();
    scene
        .page("offline", |p| {
            p.chrome.connection != tablet::pages::Connection::Online
        })
        .await;
    let id = scene.to_finger().await;
    scene.capture(3).await;
    scene.finish(Outcome::Released).await;
    scene
        .page("closed", |p| matches!(p.page, Page::Closed(_)))
        .await;
    let stored = stored(&scene);
    (scene, id, stored)
}

/// The stage in the file `wiping`, and how many entries the key store has.
fn stage(data: &Path) -> (String, usize) {
    let (vault, keys) = dirs(data);
    let bytes = std::fs::read(vault.join("wiping")).unwrap_or_default();
    let state: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let entries = std::fs::read_dir(keys.join("entries")).unwrap().count();
    (state["stage"].as_str().unwrap_or("none").into(), entries)
}

/// Central has everything, in the right order, and has signed for the wiping.
fn all_arrived_in_order(scene: &Scene, id: EncounterId, stored: u64) {
    let device = device(scene);
    let reports = admin(scene).wipe_reports(device).unwrap();
    let [keys, wiped] = &reports[..] else {
        panic!("{reports:?}")
    };
    assert_eq!(keys.report.stage, WipeStage::ReadingKeysDestroyed);
    assert_eq!(wiped.report.stage, WipeStage::Wiped);
    assert_eq!(wiped.report.unsafe_events, 0);
    let archived = admin(scene).archive().encounter(id).unwrap().unwrap();
    assert!(archived.verified.all(), "{:?}", archived.verified);
    assert!(archived.answers.is_empty(), "nobody was there to be told");
    let journal = admin(scene).archive().verify_journal(device).unwrap();
    assert!(journal.sound());
    assert_eq!(journal.envelopes, wiped.report.last_seq);
    let audit = admin(scene).audit_entries(1000).unwrap();
    let destroyed = audit
        .iter()
        .find(|e| e.event == AuditEvent::ReadingKeysDestroyed)
        .unwrap();
    // What had not been sent then was sent after. Something that central had stored before the cut
    // may not have been called safe yet, so it may be more.
    let not_safe: u64 = destroyed.subject.as_ref().unwrap().parse().unwrap();
    let unsent = wiped.report.last_seq - stored;
    assert!(unsent > 5 && not_safe >= unsent, "{not_safe}, {unsent}");
    let listed = admin(scene).devices().unwrap();
    assert!(listed[0].wiped && listed[0].revoked);
}

/// Nothing is left of the tablet but a marker, and what the next start makes empty.
fn nothing_is_left(data: &Path) {
    let (vault, _) = dirs(data);
    let captures = std::fs::read_dir(vault.join("captures"));
    assert!(
        captures.is_ok_and(|mut there| there.next().is_none()) || !vault.join("captures").exists()
    );
    let mut names: Vec<_> = std::fs::read_dir(&vault)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with("vault.db") && name != "captures")
        .collect();
    names.sort();
    assert_eq!(names, ["lock", "wiping"]);
    assert_eq!(stage(data), ("done".into(), 0));
    for canary in [
        "белгилари ориентировкага мос келди",
        "Намуна кўчаси",
        "Намунаев",
        demo::world::LOGIN,
        demo::world::PASSWORD,
    ] {
        assert!(!on_disk(data, canary), "{canary}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_tablet_sends_what_it_has_and_wipes_itself() {
    let (mut scene, id, stored) = offline_with_an_encounter().await;
    admin(&scene).report_lost(device(&scene)).unwrap();
    let (_, entries) = stage(&scene.data);
    // The shift, and the roster if it has come.
    assert!(entries > 0, "the shift can be read until the contact");
    scene.world.cable.plug_in();
    scene
        .page("locked", |p| says(p, LoginProblem::TabletLost))
        .await;
    // Nobody logs in any more; the page does not change.
    scene.try_log_in(demo::world::LOGIN, demo::world::PASSWORD);
    scene
        .page("nobody's", |p| says(p, LoginProblem::NotEnrolled))
        .await;
    let locked = scene
        .tablet
        .history
        .iter()
        .position(|p| says(p, LoginProblem::TabletLost))
        .unwrap();
    assert!(
        scene.tablet.history[locked..]
            .iter()
            .all(|p| matches!(p.page, Page::Login(_)) && p.chrome.rank.is_empty()),
        "nothing of the shift is shown after"
    );
    all_arrived_in_order(&scene, id, stored);
    nothing_is_left(&scene.data);
    let (_, keys) = dirs(&scene.data);
    for key in ["tls.p8", "journal.p8", "device.key"] {
        assert!(!keys.join(key).exists(), "{key}");
    }
    // It comes back, and is enrolled anew, as another device.
    let mut scene = scene.restart_tablet().await;
    scene
        .page("not enrolled", |p| says(p, LoginProblem::NotEnrolled))
        .await;
    let (mut scene, ()) = scene
        .while_off(async |world, _| {
            world.enrol("tablet").await.unwrap();
        })
        .await;
    scene
        .page(
            "log-in",
            |p| matches!(&p.page, Page::Login(l) if l.enrolled),
        )
        .await;
    scene.log_in().await;
    let id = scene.to_finger().await;
    scene.capture(3).await;
    scene.finish(Outcome::Released).await;
    scene.archived(id).await;
    assert_eq!(admin(&scene).devices().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tablet_reported_lost_in_the_middle_of_an_encounter_is_locked_at_once() {
    let mut scene = Scene::logged_in().await;
    let id = scene.to_finger().await;
    admin(&scene).report_lost(device(&scene)).unwrap();
    let reported = Instant::now();
    scene
        .page("locked", |p| {
            says(p, LoginProblem::TabletLost) || says(p, LoginProblem::NotEnrolled)
        })
        .await;
    assert!(
        reported.elapsed() < Duration::from_secs(15),
        "the long poll ends: {:?}",
        reported.elapsed()
    );
    scene.tablet.send(Command::StartCapture);
    scene
        .page("nobody's", |p| says(p, LoginProblem::NotEnrolled))
        .await;
    nothing_is_left(&scene.data);
    let archive = admin(&scene).archive();
    let archived = archive.encounter(id).unwrap().unwrap();
    assert!(archived.verified.seals && archived.verified.chain && !archived.events.is_empty());
    assert!(archive.verify_journal(device(&scene)).unwrap().sound());
}

#[tokio::test(flavor = "multi_thread")]
async fn while_nothing_is_safe_nothing_sealed_is_deleted_and_a_found_tablet_is_one_again() {
    let mut scene = Scene::with(|config| config.replica_dir = None).await;
    scene.log_in().await;
    scene.to_finger().await;
    let device = device(&scene);
    admin(&scene).report_lost(device).unwrap();
    scene
        .page("locked", |p| says(p, LoginProblem::TabletLost))
        .await;
    let until = Instant::now() + LONG;
    loop {
        let reports = admin(&scene).wipe_reports(device).unwrap();
        if let [one] = &reports[..]
            && one.report.unsafe_events >= 5
        {
            break;
        }
        assert!(Instant::now() < until, "{reports:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(stage(&scene.data), ("unreadable".into(), 0));
    // Switched off and on it is locked as before.
    let mut scene = scene.restart_tablet().await;
    scene
        .page("locked", |p| says(p, LoginProblem::TabletLost))
        .await;
    let (vault, _) = dirs(&scene.data);
    assert!(vault.join("vault.db").exists());
    admin(&scene).report_found(device).unwrap();
    scene.tablet.send(Command::Retry);
    scene
        .page("found", |p| matches!(&p.page, Page::Login(l) if l.enrolled))
        .await;
    assert_eq!(stage(&scene.data).0, "none");
    scene.log_in().await;
    scene.to_finger().await;
    assert!(
        admin(&scene)
            .archive()
            .verify_journal(device)
            .unwrap()
            .sound()
    );
}

/// Runs the tablet's program for so long, and kills it with no warning.
fn run_and_kill(data: &Path, after: Duration) {
    let mut child = Process::new(env!("CARGO_BIN_EXE_tablet-until-killed"))
        .arg(data)
        .arg("start")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again_it_goes_on_where_it_was() {
    let (scene, id, stored) = offline_with_an_encounter().await;
    admin(&scene).report_lost(device(&scene)).unwrap();
    let (mut scene, (kills, seen)) = scene
        .while_off(async |world, data| {
            world.cable.plug_in();
            let path = data.to_owned();
            tokio::task::spawn_blocking(move || {
                let mut seen = Vec::new();
                let mut kills = 0;
                let until = Instant::now() + LONG * 2;
                let mut after = Duration::from_millis(5);
                loop {
                    let (stage, entries) = stage(&path);
                    if !["none", "ordered"].contains(&stage.as_str()) {
                        assert_eq!(entries, 0, "readable at `{stage}`");
                    }
                    if seen.last() != Some(&stage) {
                        seen.push(stage.clone());
                    }
                    if stage == "done" {
                        return (kills, seen);
                    }
                    assert!(Instant::now() < until, "not wiped: {seen:?}");
                    run_and_kill(&path, after);
                    kills += 1;
                    // A slow machine needs longer runs; a step further in each.
                    after += Duration::from_millis(3);
                }
            })
            .await
            .unwrap()
        })
        .await;
    assert!(kills > 3, "{kills} kills at {seen:?}");
    writeln!(std::io::stderr(), "{kills} kills; stages seen: {seen:?}").unwrap();
    scene
        .page("nobody's", |p| says(p, LoginProblem::NotEnrolled))
        .await;
    all_arrived_in_order(&scene, id, stored);
    nothing_is_left(&scene.data);
}
