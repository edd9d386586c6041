//! The replica's directory, and what a restored database learns from it.

use crate::outbox::copy;
use crate::support::*;
use central::audit::AuditEvent;
use central::{Admin, Central};
use std::fs;
use std::path::PathBuf;

fn replica(world: &World) -> PathBuf {
    world.config.replica_dir.clone().unwrap()
}

#[tokio::test]
async fn a_replica_whose_disk_is_not_there_is_not_made_anew() {
    let mut world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let envelopes = tablet.opened(&world, new_encounter());
    let (first, rest) = envelopes.split_at(2);
    tablet.send(&world, first.to_vec()).await.unwrap();
    let (replica, disk) = (replica(&world), world.dir.path().join("disk"));
    world.stop().await;
    fs::rename(&replica, &disk).unwrap();
    for mount_point in [false, true] {
        if mount_point {
            fs::create_dir(&replica).unwrap();
        }
        world.start().await;
        let receipt = tablet.send(&world, rest.to_vec()).await.unwrap();
        assert_eq!((receipt.stored_through, receipt.safe_through), (4, 0));
        let report = world.admin().archive().verify_journal(tablet.device());
        assert!(!report.unwrap().sound(), "there is nothing to compare with");
        world.stop().await;
        // Nor by making again what is there.
        Central::init(&world.config).unwrap();
        assert_eq!(replica.exists(), mount_point);
    }
    assert_eq!(fs::read_dir(&replica).unwrap().count(), 0);
    fs::remove_dir(&replica).unwrap();
    fs::rename(&disk, &replica).unwrap();
    world.start().await;
    let receipt = tablet.send(&world, vec![]).await.unwrap();
    assert_eq!(receipt.safe_through, 4, "mounted again, it catches up");
}

#[tokio::test]
async fn a_disk_that_goes_while_central_runs_is_not_written_to() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let envelopes = tablet.opened(&world, new_encounter());
    let (first, rest) = envelopes.split_at(2);
    tablet.send(&world, first.to_vec()).await.unwrap();
    // Another disk in its place, with a longer file of that name.
    let mark = replica(&world).join("central.id");
    let own = fs::read(&mark).unwrap();
    fs::write(&mark, "00").unwrap();
    let file = replica(&world).join("central.replica");
    let whole = fs::read(&file).unwrap();
    let longer = [&whole[..], b"theirs"].concat();
    fs::write(&file, &longer).unwrap();
    let receipt = tablet.send(&world, rest.to_vec()).await.unwrap();
    assert_eq!((receipt.stored_through, receipt.safe_through), (4, 2));
    assert_eq!(fs::read(&file).unwrap(), longer, "and not cut either");
    fs::write(&file, whole).unwrap();
    fs::write(&mark, own).unwrap();
    let receipt = tablet.send(&world, vec![]).await.unwrap();
    assert_eq!(receipt.safe_through, 4);
}

/// Two tablets; the second was enrolled after the backup to which central's data goes back. Two events
/// of each were safe after it.
async fn restored() -> (World, Tablet, Tablet) {
    let mut world = World::new().await;
    let mut old = world.on_duty("a").await;
    let envelopes = old.opened(&world, new_encounter());
    old.send(&world, envelopes[..2].to_vec()).await.unwrap();
    world.stop().await;
    let backup = world.dir.path().join("backup");
    copy(&world.config.data_dir, &backup);
    world.start().await;
    let mut new = world.on_duty("b").await;
    let theirs = new.opened(&world, new_encounter());
    new.send(&world, theirs[..2].to_vec()).await.unwrap();
    old.send(&world, envelopes[2..].to_vec()).await.unwrap();
    let receipt = new.send(&world, theirs[2..].to_vec()).await.unwrap();
    assert_eq!(receipt.safe_through, 4);
    world.stop().await;
    fs::remove_dir_all(&world.config.data_dir).unwrap();
    copy(&backup, &world.config.data_dir);
    (world, old, new)
}

fn has_audited(world: &World, event: AuditEvent) -> bool {
    let entries = world.admin().audit_entries(50).unwrap();
    entries.iter().any(|entry| entry.event == event)
}

#[tokio::test]
async fn a_tablet_that_was_enrolled_after_the_backup_is_known_again() {
    let (mut world, old, new) = restored().await;
    world.start().await;
    for tablet in [&old, &new] {
        let receipt = tablet.send(&world, vec![]).await.unwrap();
        assert_eq!((receipt.stored_through, receipt.safe_through), (4, 4));
        let report = world.admin().archive().verify_journal(tablet.device());
        let report = report.unwrap();
        assert!(report.sound() && report.envelopes == 4, "{report:?}");
    }
    assert!(has_audited(&world, AuditEvent::DeviceTakenBack));
    assert!(!has_audited(&world, AuditEvent::NotTakenBack));
}

#[tokio::test]
async fn a_tablet_is_known_again_that_had_recorded_nothing_yet() {
    let mut world = World::new().await;
    world.stop().await;
    let backup = world.dir.path().join("backup");
    copy(&world.config.data_dir, &backup);
    world.start().await;
    let tablet = world.tablet().await;
    world.stop().await;
    fs::remove_dir_all(&world.config.data_dir).unwrap();
    copy(&backup, &world.config.data_dir);
    world.start().await;
    let known = world.admin().devices().unwrap();
    assert_eq!(known.len(), 1);
    assert_eq!((known[0].id, &*known[0].name), (tablet.device(), "tablet"));
}

#[tokio::test]
async fn what_an_unknown_tablet_left_in_the_replica_stays_there_and_hinders_no_other() {
    let (mut world, mut old, new) = restored().await;
    let record = replica(&world)
        .join("devices")
        .join(new.device().to_string());
    let body = fs::read(&record).unwrap();
    let file = replica(&world).join("central.replica");
    let before = fs::read(&file).unwrap();
    let mut forged = body.clone();
    *forged.last_mut().unwrap() ^= 1;
    for damage in [None, Some(forged), Some(vec![0; 5000])] {
        fs::remove_file(&record).unwrap();
        if let Some(damage) = damage {
            fs::write(&record, damage).unwrap();
        }
        world.start().await;
        let receipt = old.send(&world, vec![]).await.unwrap();
        assert_eq!((receipt.stored_through, receipt.safe_through), (4, 4));
        assert!(new.send(&world, vec![]).await.is_err());
        assert!(has_audited(&world, AuditEvent::NotTakenBack));
        assert_eq!(fs::read(&file).unwrap(), before);
        world.stop().await;
        fs::write(&record, "").unwrap();
    }
    // What comes meanwhile takes no number from it.
    world.start().await;
    let more = old.opened(&world, new_encounter());
    let receipt = old.send(&world, more).await.unwrap();
    assert_eq!((receipt.stored_through, receipt.safe_through), (8, 8));
    world.stop().await;
    assert!(fs::read(&file).unwrap().starts_with(&before));
    fs::write(&record, body).unwrap();
    world.start().await;
    let receipt = new.send(&world, vec![]).await.unwrap();
    assert_eq!((receipt.stored_through, receipt.safe_through), (4, 4));
    for tablet in [&old, &new] {
        let report = world.admin().archive().verify_journal(tablet.device());
        assert!(report.unwrap().sound());
    }
}

#[tokio::test]
async fn a_new_replica_is_begun_on_purpose() {
    let mut world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let envelopes = tablet.opened(&world, new_encounter());
    tablet.send(&world, envelopes).await.unwrap();
    world.stop().await;
    world.config.replica_dir = Some(world.dir.path().join("another disk"));
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_central"))
        .arg("begin-replica")
        .arg("--data")
        .arg(&world.config.data_dir)
        .arg("--replica")
        .arg(replica(&world))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    world.start().await;
    let receipt = tablet.send(&world, vec![]).await.unwrap();
    assert_eq!(receipt.safe_through, 4);
    assert!(has_audited(&world, AuditEvent::ReplicaBegun));
    let admin = Admin::open(&world.config).unwrap();
    admin.begin_replica().unwrap();
}
