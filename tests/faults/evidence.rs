//! Evidence that cannot go the usual way: by a file, out of a damaged database, around a hole.

use central::Admin;
use central::archive::JournalReport;
use demo::tablet_kit::dirs;
use demo::world::World;
use e_patrul_tests::{LONG, Scene};
use protocol::DeviceId;
use regulation::EncounterId;
use regulation::encounter::Outcome;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tablet::device::SystemClock;
use tablet::device::keystore::UnsafeFileKeyStore;
use tablet::pages::Page;
use tablet::vault::{OpenReport, Vault};
use tablet::worker::Command;

/// The vault of a tablet that does not run.
fn vault(data: &Path) -> (Vault, OpenReport) {
    let (vault, keys) = dirs(data);
    let keystore = Arc::new(UnsafeFileKeyStore::open(&keys).unwrap());
    Vault::open(&vault, keystore, Arc::new(SystemClock::new())).unwrap()
}

/// The tablet is switched off; what its vault then gives.
async fn with_vault<T>(scene: Scene, work: impl FnOnce(&Vault, &OpenReport) -> T) -> (Scene, T) {
    let work = async |_: &World, data: &Path| {
        let (opened, report) = vault(data);
        work(&opened, &report)
    };
    scene.while_off(work).await
}

fn device(vault: &Vault) -> DeviceId {
    vault.identity().unwrap().unwrap().device
}

fn admin(scene: &Scene) -> &Admin {
    scene.world.central.as_ref().unwrap().admin()
}

fn report(scene: &Scene, device: DeviceId) -> JournalReport {
    admin(scene).archive().verify_journal(device).unwrap()
}

/// Waits until central's journal of the device is as `accept` wants it.
async fn journal(
    scene: &Scene,
    device: DeviceId,
    accept: impl Fn(&JournalReport) -> bool,
) -> JournalReport {
    let until = Instant::now() + LONG;
    loop {
        let report = report(scene, device);
        if accept(&report) {
            return report;
        }
        assert!(Instant::now() < until, "{report:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn encounter(scene: &mut Scene) -> EncounterId {
    scene.tablet.send(Command::GoHome);
    scene
        .page("home", |p| matches!(p.page, Page::Home(_)))
        .await;
    let id = scene.to_method().await;
    scene.finish(Outcome::Released).await;
    id
}

/// A tablet whose roster went with its database logs in once it has found central.
async fn log_in_again(scene: &mut Scene) {
    scene
        .page("the log-in page", |p| matches!(p.page, Page::Login(_)))
        .await;
    let until = Instant::now() + LONG;
    loop {
        scene.try_log_in(demo::world::LOGIN, demo::world::PASSWORD);
        let home = scene
            .tablet
            .wait_for("home", Duration::from_secs(5), |p| {
                matches!(p.page, Page::Home(_) | Page::TakeOver(_))
            })
            .await;
        match home {
            Ok(_) => {
                scene.to_home().await;
                return;
            }
            Err(error) => assert!(Instant::now() < until, "{error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_cannot_be_sent_reaches_central_as_a_file_and_becomes_safe() {
    let mut scene = Scene::logged_in().await;
    scene.world.cable.pull();
    let id = encounter(&mut scene).await;
    let file = scene.dir.path().join("queue");
    let (scene, (device, exported)) = with_vault(scene, |vault, _| {
        (device(vault), vault.export_queue(&file).unwrap())
    })
    .await;
    assert!(exported.events > 5 && exported.damaged.is_empty());
    // Central runs; the administrator's command is another program with its own connection.
    let beside = Admin::open(&e_patrul_tests::config(scene.dir.path())).unwrap();
    let imported = beside.import_queue(&file).unwrap();
    assert!(imported.complete());
    // One that was on its way when the cable was pulled may be there without the tablet knowing.
    assert_eq!(
        (imported.stored + imported.known, imported.device),
        (exported.events, device)
    );
    let archived = scene.archived(id).await;
    assert!(archived.verified.all(), "{:?}", archived.verified);
    let word = scene.dir.path().join("queue.receipt");
    std::fs::write(&word, serde_json::to_vec(&imported.receipt).unwrap()).unwrap();
    let (mut scene, waiting) = with_vault(scene, |vault, _| {
        vault.import_receipt(&word).unwrap();
        vault.queue().unwrap()
    })
    .await;
    assert_eq!((waiting.waiting, waiting.stored_not_safe), (0, 0));
    // Back on the network it goes on where the file ended.
    scene.world.cable.plug_in();
    log_in_again(&mut scene).await;
    encounter(&mut scene).await;
    scene.all_safe().await;
    assert!(report(&scene, device).sound());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_damage_the_shift_goes_on_and_salvage_closes_the_gap() {
    let mut scene = Scene::logged_in().await;
    encounter(&mut scene).await;
    scene.all_safe().await;
    scene.world.cable.pull();
    let lost = encounter(&mut scene).await;
    // The header and the schema are gone: SQLite opens nothing of it any more.
    let (mut scene, ()) = scene
        .while_off(async |_, data| {
            let database = dirs(data).0.join("vault.db");
            let mut bytes = std::fs::read(&database).unwrap();
            bytes[..4096].fill(0xa5);
            std::fs::write(&database, bytes).unwrap();
        })
        .await;
    scene.world.cable.plug_in();
    log_in_again(&mut scene).await;
    let after = encounter(&mut scene).await;
    let archived = scene.archived(after).await;
    assert!(archived.verified.signatures);
    let (scene, (device, salvaged)) = with_vault(scene, |vault, report| {
        assert_eq!(report.quarantined, None, "once");
        let dirs = vault.quarantined().unwrap();
        assert_eq!(dirs.len(), 1);
        (device(vault), vault.salvage(&dirs).unwrap())
    })
    .await;
    assert!(salvaged.recovered_count() > 5 && salvaged.missing.is_empty());
    // What was put back is sent as soon as the program runs.
    journal(&scene, device, JournalReport::sound).await;
    let archived = scene.archived(lost).await;
    assert!(archived.verified.all(), "{:?}", archived.verified);
    let mut scene = scene;
    log_in_again(&mut scene).await;
    encounter(&mut scene).await;
    scene.all_safe().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stays_lost_is_declared_so_and_the_tablet_deletes_again() {
    let mut scene = Scene::logged_in().await;
    encounter(&mut scene).await;
    scene.all_safe().await;
    scene.world.cable.pull();
    encounter(&mut scene).await;
    let (mut scene, ()) = scene
        .while_off(async |_, data| {
            let database = dirs(data).0.join("vault.db");
            let length = std::fs::metadata(&database).unwrap().len();
            std::fs::write(&database, vec![0xa5; length as usize]).unwrap();
        })
        .await;
    scene.world.cable.plug_in();
    log_in_again(&mut scene).await;
    let after = encounter(&mut scene).await;
    scene.archived(after).await;
    // Central has it before the tablet has the receipt.
    scene
        .page(
            "acknowledged",
            |p| matches!(&p.page, Page::Closed(c) if c.delivery.waiting == 0),
        )
        .await;
    let (scene, (device, salvaged, queue)) = with_vault(scene, |vault, _| {
        let dirs = vault.quarantined().unwrap();
        let salvaged = vault.salvage(&dirs).unwrap();
        (device(vault), salvaged, vault.queue().unwrap())
    })
    .await;
    assert_eq!(salvaged.recovered, []);
    let [(first, last)] = salvaged.missing[..] else {
        panic!("{salvaged:?}")
    };
    assert!(queue.stored_not_safe > 0, "the gap holds the mark");
    let gap = journal(&scene, device, |r| !r.findings.is_empty())
        .await
        .findings;
    assert_eq!(gap.len(), 1);
    assert_eq!((gap[0].first, gap[0].last), (first, last), "both say which");
    admin(&scene).acknowledge_gap(device, first, last).unwrap();
    let mut scene = scene;
    log_in_again(&mut scene).await;
    encounter(&mut scene).await;
    scene.all_safe().await;
    let report = report(&scene, device);
    assert!(report.sound());
    assert_eq!(report.acknowledged, [(first, last)]);
}
