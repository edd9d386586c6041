//! Disks that fail: full, faulty writes, faulty syncs, read-only from one moment to the next. The
//! program says so, nothing is acknowledged that is not on the disk, and it goes on when it can.

use crate::central::CentralRole;
use crate::kill::{Acknowledged, note, prove};
use crate::kit::*;
use crate::loopdisk::{LoopDisk, tool};
use crate::officer::{Officer, footage};
use crate::power::{acknowledgement, enrol, recorded};
use demo::world::{LOGIN, PASSWORD, World};
use protocol::{CaptureKind, Urgency};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use tablet::pages::{Notice, Page, PageView};
use tablet::vault::VaultError;
use tablet::worker::Command;
use tempfile::TempDir;

/// Faults of libfiu on the vault's writer: what it is, and what its disk does then.
const FAULTS: [(&str, &str); 7] = [
    (
        "ENOSPC on pwrite",
        "enable_random name=posix/io/rw/pwrite,probability=0.2,failinfo=28",
    ),
    (
        "EIO on pwrite",
        "enable_random name=posix/io/rw/pwrite,probability=0.2,failinfo=5",
    ),
    (
        "short pwrite",
        "enable_random name=posix/io/rw/pwrite/reduce,probability=0.2",
    ),
    (
        "EIO on fsync",
        "enable_random name=posix/io/sync/fsync,probability=0.2,failinfo=5",
    ),
    (
        "EIO on fdatasync",
        "enable_random name=posix/io/sync/fdatasync,probability=0.2,failinfo=5",
    ),
    (
        "EIO on write",
        "enable_random name=posix/io/rw/write,probability=0.2,failinfo=5",
    ),
    (
        "EIO on ftruncate",
        "enable_random name=posix/io/rw/ftruncate,probability=0.5,failinfo=5",
    ),
];

/// Faults that a vault at work must meet; the others it may not.
const MET: [&str; 4] = [
    "ENOSPC on pwrite",
    "EIO on pwrite",
    "EIO on fdatasync",
    "EIO on write",
];

pub fn round(plan: &Plan) -> Vec<String> {
    runtime().block_on(async {
        let mut figures = vault(plan).await;
        figures.extend(pages().await);
        figures.push(central(plan).await);
        figures
    })
}

/// The vault's writer under every fault; the power goes at its end.
async fn vault(plan: &Plan) -> Vec<String> {
    let dir = TempDir::new().unwrap();
    let config = e_patrul_tests::config(dir.path());
    let world = World::start_with(dir.path(), config, 0).await.unwrap();
    let mut disk = LoopDisk::make(dir.path(), "disk", 256);
    let data = disk.path().join("tablet");
    enrol(&world, &data).await;
    begin_session(&data).await;
    let time = plan.of(Duration::from_millis(700), Duration::from_secs(20));
    let mut figures = Vec::new();
    let mut acknowledged = BTreeMap::new();
    for (name, fault) in FAULTS {
        let prefix = dir.path().join("fiu");
        let prefix = prefix.to_str().unwrap();
        let writer = Role::start_under(
            &["fiu-run", "-x", "-f", prefix],
            &["writer", data.to_str().unwrap(), "full"],
        );
        let mut lines = Vec::new();
        writer.until("ready", &mut lines);
        let first = writer.until("recorded", &mut lines);
        lines.push(first);
        let id = writer.id().to_string();
        let control = |command: &str| tool("fiu-ctrl", &["-f", prefix, "-c", command, &id]);
        control(fault);
        std::thread::sleep(time);
        let point = fault.split([' ', ',']).nth(1).unwrap();
        control(&format!("disable {point}"));
        // The disk is well again: recording goes on without a restart.
        std::thread::sleep(Duration::from_millis(50));
        lines.extend(writer.said());
        for _ in 0..5 {
            let line = writer.until("recorded", &mut lines);
            lines.push(line);
        }
        lines.extend(writer.said());
        disk.shut_down();
        writer.kill();
        disk.unmount();
        disk.mount();
        let refused = lines.iter().filter(|l| l.starts_with("refused")).count();
        assert!(refused > 0 || !MET.contains(&name), "{name} never happened");
        let new: Vec<_> = lines.iter().filter(|l| l.starts_with("recorded")).collect();
        for line in &new {
            let (seq, tag) = acknowledgement(line);
            let before = acknowledged.insert(seq, tag);
            assert_eq!(before, None, "number {seq} was given twice");
        }
        let lost = lost(&data, &acknowledged);
        assert_eq!(lost, 0, "{name}: acknowledged records are gone");
        figures.push(format!(
            "{name}: {} recorded, {refused} refused, then a power cut: 0 lost",
            new.len()
        ));
    }
    figures.push(full(&data, &mut acknowledged));
    figures.push(little_room(&data, &mut acknowledged));
    figures.push(read_only(&mut disk, &data, &mut acknowledged));
    deliver(&data).await;
    journal_is_sound(world.central.as_ref().unwrap().admin());
    disk.unmount();
    figures
}

fn lost(data: &Path, acknowledged: &BTreeMap<u64, String>) -> usize {
    let (vault, report, _) = open_vault(data);
    assert_eq!(report, Default::default(), "the vault told of a gap");
    let session = vault.resume_session(LOGIN, PASSWORD).unwrap();
    let found = recorded(&vault, &session);
    let gone = |(seq, tag): &(&u64, &String)| found.get(seq) != Some(tag);
    let gone: Vec<_> = acknowledged.iter().filter(gone).collect();
    for (seq, _) in &gone {
        let last = acknowledged.keys().next_back();
        let damaged = vault.damaged_rows();
        say(&format!(
            "   lost: {seq} of {last:?}; there: {}; damaged rows: {damaged:?}",
            found.contains_key(seq)
        ));
    }
    gone.len()
}

/// A disk with no room left, in earnest.
fn full(data: &Path, acknowledged: &mut BTreeMap<u64, String>) -> String {
    let ballast = data.join("ballast");
    let writer = Role::start(&["writer", data.to_str().unwrap(), "full"]);
    let mut lines = Vec::new();
    writer.until("ready", &mut lines);
    fill(&ballast);
    let refusal = writer.until("refused", &mut lines);
    assert!(refusal.starts_with("refused vault_full"), "{refusal}");
    std::fs::remove_file(&ballast).unwrap();
    lines.push(writer.until("recorded", &mut Vec::new()));
    lines.extend(writer.kill());
    for line in lines.iter().filter(|l| l.starts_with("recorded")) {
        let (seq, tag) = acknowledgement(line);
        acknowledged.insert(seq, tag);
    }
    assert_eq!(lost(data, acknowledged), 0);
    "no room left: refused as full, went on when there was room, 0 lost".into()
}

/// Little room: what is left is the events'.
fn little_room(data: &Path, acknowledged: &mut BTreeMap<u64, String>) -> String {
    let ballast = data.join("ballast");
    fill(&ballast);
    let file = std::fs::OpenOptions::new().write(true).open(&ballast);
    let size = std::fs::metadata(&ballast).unwrap().len();
    file.unwrap().set_len(size - 16 * 1024 * 1024).unwrap();
    let (vault, _, _) = open_vault(data);
    let session = vault.resume_session(LOGIN, PASSWORD).unwrap();
    let encounter = regulation::EncounterId(uuid::Uuid::new_v4());
    let film = || {
        let mut footage = footage(encounter, 100_000);
        vault.add_capture(&session, encounter, CaptureKind::Video, &mut footage)
    };
    assert_eq!(film().map(|_| ()), Err(VaultError::Full));
    let fact = crate::roles::fact(&session, "there-is-room-for-this", None);
    let seq = vault.append(&session, None, Urgency::Ordinary, &fact);
    acknowledged.insert(seq.unwrap(), "there-is-room-for-this".into());
    std::fs::remove_file(&ballast).unwrap();
    film().expect("there is room");
    drop(vault);
    assert_eq!(lost(data, acknowledged), 0);
    "little room left: no capture, events recorded, 0 lost".into()
}

fn fill(ballast: &Path) {
    use std::io::Write as _;
    let mut file = std::fs::File::create(ballast).unwrap();
    let zeros = vec![0xA5; 64 * 1024];
    let mut size = zeros.len();
    while size > 0 {
        if file
            .write_all(&zeros[..size])
            .and_then(|()| file.sync_all())
            .is_err()
        {
            size /= 4;
        }
    }
}

/// The file system becomes read-only, as ext4 does after a fault of its own.
fn read_only(disk: &mut LoopDisk, data: &Path, acknowledged: &mut BTreeMap<u64, String>) -> String {
    let writer = Role::start(&["writer", data.to_str().unwrap(), "full"]);
    let mut lines = Vec::new();
    writer.until("ready", &mut lines);
    let first = writer.until("recorded", &mut lines);
    lines.push(first);
    disk.fault();
    let refusal = writer.until("refused", &mut lines);
    lines.extend(writer.kill());
    disk.unmount();
    disk.mount();
    // The sync that was under way may have been told that it succeeded: see [`LoopDisk::shut_down`].
    let mut recorded: Vec<_> = lines.iter().filter(|l| l.starts_with("recorded")).collect();
    recorded.pop();
    for line in recorded {
        let (seq, tag) = acknowledgement(line);
        acknowledged.insert(seq, tag);
    }
    assert_eq!(lost(data, acknowledged), 0);
    format!(
        "read-only from one moment to the next: {}, 0 lost",
        refusal.split(' ').take(2).collect::<Vec<_>>().join(" ")
    )
}

/// What the officer sees of it.
async fn pages() -> Vec<String> {
    let dir = TempDir::new().unwrap();
    let config = e_patrul_tests::config(dir.path());
    let world = World::start_with(dir.path(), config, 0).await.unwrap();
    let mut disk = LoopDisk::make(dir.path(), "disk", 64);
    let data = disk.path().join("tablet");
    enrol(&world, &data).await;
    let mut acknowledged = Acknowledged::new();
    let mut officer = Officer::start(&data, 1, |seen, id| {
        note(&mut acknowledged, seen, id);
    });
    while !matches!(officer.page().await.page, Page::Introduce(_)) {
        officer.step().await;
    }
    let ballast = data.join("ballast");
    fill(&ballast);
    let tap = || Command::Introduce {
        place: "бекат".into(),
        chosen: false,
        service_id: regulation::encounter::ServiceId::NotAskedFor,
    };
    let told = |notice| move |p: &PageView| p.chrome.notice == Some(notice);
    officer.kit.send(tap());
    let page = officer
        .kit
        .wait_for("the notice", LONG, told(Notice::StorageFull))
        .await
        .unwrap();
    assert!(matches!(page.page, Page::Introduce(_)), "the page stays");
    std::fs::remove_file(&ballast).unwrap();
    officer.encounter().await;
    while !matches!(officer.page().await.page, Page::Introduce(_)) {
        officer.step().await;
    }
    disk.fault();
    officer.kit.send(tap());
    let page = officer
        .kit
        .wait_for("the notice", LONG, told(Notice::StorageFault))
        .await
        .unwrap();
    assert!(matches!(page.page, Page::Introduce(_)), "the page stays");
    officer.stop();
    disk.unmount();
    disk.mount();
    crate::kill::settle(&data).await;
    prove(world.central.as_ref().unwrap().admin(), &acknowledged);
    disk.unmount();
    vec!["the officer is told that the disk is full, or faulty; the page stays".into()]
}

/// Central's own disk: what it has acknowledged outlives the faults and the power cut.
async fn central(plan: &Plan) -> String {
    let dir = TempDir::new().unwrap();
    let mut disk = LoopDisk::make(dir.path(), "disk", 256);
    let site = disk.path().join("site");
    std::fs::create_dir_all(&site).unwrap();
    let (config, data) = CentralRole::site(&site, &dir.path().join("tablet")).await;
    let mut acknowledged = Acknowledged::new();
    let mut refused = 0;
    {
        let mut officer = Officer::start(&data, plan.seed, |seen, id| {
            note(&mut acknowledged, seen, id);
        });
        officer.patience = Duration::from_millis(500);
        for fault in 0..plan.of(4, 24) {
            let prefix = dir.path().join("fiu");
            let prefix = prefix.to_str().unwrap();
            let central =
                CentralRole::start_under(&["fiu-run", "-x", "-f", prefix], &site, &config);
            officer.encounter().await;
            let (_, command) = FAULTS[[0, 1, 3, 4][fault % 4]];
            let id = central.id().to_string();
            tool("fiu-ctrl", &["-f", prefix, "-c", command, &id]);
            for _ in 0..3 {
                officer.encounter().await;
            }
            let down = |p: &PageView| p.chrome.queue.waiting > 0;
            refused += u32::from(down(&officer.page().await));
            central.stop();
            let copy = disk.copy();
            central.kill();
            disk.unmount();
            disk.replace(&copy);
            disk.mount();
        }
        officer.stop();
    }
    let central = CentralRole::start(&site, &config);
    crate::kill::settle(&data).await;
    let proven = prove(&admin(&config), &acknowledged);
    central.kill();
    disk.unmount();
    format!(
        "central on a failing disk, then a power cut ({refused} times behind): {proven}, 0 lost"
    )
}
