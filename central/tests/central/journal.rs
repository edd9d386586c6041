//! Somebody with central's database changes it: `verify-journal` says which number and what of it.

use crate::support::*;
use central::archive::{Finding, ReplicaCheck, Wrong};
use protocol::{Digest, Envelope};
use regulation::encounter::Event;
use rusqlite::{Connection, params};
use std::process::Command;

const EVENTS: u64 = 12;
/// Events of one batch.
const BATCH: usize = 3;

struct Case {
    name: &'static str,
    tamper: fn(&Connection, &mut Tablet, &World),
    /// What is found with the database alone, and with the replica beside it.
    alone: &'static [(u64, u64, Wrong)],
    compared: &'static [(u64, u64, Wrong)],
}

const CASES: &[Case] = &[
    Case {
        name: "nothing",
        tamper: |_, _, _| {},
        alone: &[],
        compared: &[],
    },
    Case {
        name: "one removed from the middle",
        tamper: |db, _, _| run(db, "DELETE FROM envelope WHERE seq = 5"),
        alone: &[(5, 5, Wrong::Removed)],
        compared: &[(5, 5, Wrong::Removed)],
    },
    Case {
        name: "the tail removed",
        tamper: |db, _, _| run(db, "DELETE FROM envelope WHERE seq > 10"),
        alone: &[(11, 12, Wrong::Removed)],
        compared: &[(11, 12, Wrong::Removed)],
    },
    Case {
        name: "the tail removed, and the mark lowered",
        tamper: |db, _, _| {
            run(db, "DELETE FROM envelope WHERE seq > 10");
            run(db, "UPDATE device SET stored_through = 10");
        },
        alone: &[(11, 12, Wrong::Removed)],
        compared: &[(11, 12, Wrong::Removed)],
    },
    Case {
        name: "the tail removed with every trace of it",
        tamper: |db, _, _| {
            run(db, "DELETE FROM envelope WHERE seq > 9");
            run(db, "DELETE FROM batch WHERE id = 4");
            run(db, "UPDATE device SET stored_through = 9");
        },
        // What the replica is for.
        alone: &[],
        compared: &[(10, 12, Wrong::Removed)],
    },
    Case {
        name: "one from the middle removed, and the mark lowered",
        tamper: |db, _, _| {
            run(db, "DELETE FROM envelope WHERE seq = 5");
            run(db, "UPDATE device SET stored_through = 4");
        },
        alone: &[(5, 5, Wrong::Removed)],
        compared: &[(5, 5, Wrong::Removed)],
    },
    Case {
        name: "everything removed",
        tamper: |db, _, _| run(db, "DELETE FROM envelope"),
        alone: &[(1, 12, Wrong::Removed)],
        compared: &[(1, 12, Wrong::Removed)],
    },
    Case {
        name: "bytes changed",
        tamper: |db, _, _| run(db, "UPDATE envelope SET ciphertext = x'00' WHERE seq = 5"),
        alone: &[(5, 5, Wrong::Changed)],
        compared: &[(5, 5, Wrong::Changed)],
    },
    Case {
        name: "a session changed",
        tamper: |db, _, _| {
            run(
                db,
                "UPDATE envelope SET session = zeroblob(16) WHERE seq = 5",
            )
        },
        alone: &[(5, 5, Wrong::Changed)],
        compared: &[(5, 5, Wrong::Changed)],
    },
    Case {
        name: "bytes that are no envelope any more",
        tamper: |db, _, _| run(db, "UPDATE envelope SET urgency = 9 WHERE seq = 5"),
        alone: &[(5, 5, Wrong::Changed)],
        compared: &[(5, 5, Wrong::Changed)],
    },
    Case {
        name: "the last changed, and its digest with it",
        tamper: |db, _, _| change(db, 12),
        alone: &[(12, 12, Wrong::Changed)],
        compared: &[(12, 12, Wrong::Changed)],
    },
    Case {
        name: "bytes changed, and their digest with them",
        tamper: |db, _, _| change(db, 5),
        alone: &[(5, 5, Wrong::Changed)],
        compared: &[(5, 5, Wrong::Changed)],
    },
    Case {
        name: "bytes changed, their digest, and what the batch is signed over",
        tamper: |db, _, _| {
            change(db, 5);
            digest_the_batch_anew(db, 2);
        },
        // The next batch vouches for 6, and 6 for what 5 was; nothing is left that vouches for 4.
        alone: &[(4, 4, Wrong::Forged), (5, 5, Wrong::Changed)],
        compared: &[(5, 5, Wrong::Changed)],
    },
    Case {
        name: "a digest alone changed",
        tamper: |db, _, _| {
            run(
                db,
                "UPDATE envelope SET digest = zeroblob(32) WHERE seq = 5",
            )
        },
        alone: &[(5, 5, Wrong::Changed)],
        compared: &[(5, 5, Wrong::Changed)],
    },
    Case {
        name: "two swapped",
        tamper: |db, _, _| {
            run(db, "UPDATE envelope SET seq = 100 WHERE seq = 5");
            run(db, "UPDATE envelope SET seq = 5 WHERE seq = 6");
            run(db, "UPDATE envelope SET seq = 6 WHERE seq = 100");
        },
        alone: &[(5, 6, Wrong::Reordered)],
        compared: &[(5, 6, Wrong::Reordered)],
    },
    Case {
        name: "one moved to the end",
        tamper: |db, _, _| run(db, "UPDATE envelope SET seq = 13 WHERE seq = 5"),
        alone: &[(13, 13, Wrong::Reordered)],
        compared: &[(13, 13, Wrong::Reordered)],
    },
    Case {
        name: "one added to a batch of the tablet",
        tamper: |db, tablet, world| {
            for envelope in forged(tablet, world, EVENTS, 1) {
                put(db, &envelope, 4);
            }
        },
        alone: &[(13, 13, Wrong::Forged)],
        compared: &[(13, 13, Wrong::Forged)],
    },
    Case {
        name: "some added, signed by another key",
        tamper: |db, tablet, world| {
            let added = forged(tablet, world, EVENTS, 3);
            sign_and_put(db, tablet, &added);
        },
        alone: &[(13, 15, Wrong::Forged)],
        compared: &[(13, 15, Wrong::Forged)],
    },
    Case {
        name: "a signature swapped for that of another batch",
        tamper: |db, _, _| {
            run(
                db,
                "UPDATE batch SET signature = (SELECT signature FROM batch WHERE id = 1) WHERE id = 2",
            );
        },
        alone: &[(4, 6, Wrong::Forged)],
        compared: &[(4, 6, Wrong::Forged)],
    },
    Case {
        name: "the end replaced by a chain that another key signed",
        tamper: |db, tablet, world| {
            let chain = forged(tablet, world, 6, 6);
            run(db, "DELETE FROM envelope WHERE seq > 6");
            run(db, "DELETE FROM batch WHERE id > 2");
            sign_and_put(db, tablet, &chain);
        },
        alone: &[(7, 12, Wrong::Forged)],
        compared: &[(7, 12, Wrong::Changed)],
    },
    Case {
        name: "a number at the end of all numbers",
        tamper: |db, _, _| {
            run(
                db,
                "UPDATE envelope SET seq = 9223372036854775806, ciphertext = x'00' WHERE seq = 12",
            );
        },
        alone: &[
            (12, 12, Wrong::Removed),
            (
                9_223_372_036_854_775_806,
                9_223_372_036_854_775_806,
                Wrong::Changed,
            ),
        ],
        compared: &[
            (12, 12, Wrong::Removed),
            (
                9_223_372_036_854_775_806,
                9_223_372_036_854_775_806,
                Wrong::Changed,
            ),
        ],
    },
];

fn run(db: &Connection, sql: &str) {
    assert!(db.execute(sql, []).unwrap() > 0, "{sql}");
}

/// Other bytes, with the digest that they have.
fn change(db: &Connection, seq: u64) {
    let stored = read(db, seq);
    let mut changed = stored.clone();
    changed.ciphertext[0] ^= 1;
    assert_ne!(changed.digest(), stored.digest());
    db.execute(
        "UPDATE envelope SET ciphertext = ?2, digest = ?3 WHERE seq = ?1",
        params![seq as i64, changed.ciphertext, changed.digest().0],
    )
    .unwrap();
}

fn digest_the_batch_anew(db: &Connection, batch: i64) {
    let mut rows = db
        .prepare("SELECT digest FROM envelope WHERE batch = ?1 ORDER BY seq")
        .unwrap();
    let digests: Vec<[u8; 32]> = rows
        .query_map([batch], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    db.execute(
        "UPDATE batch SET digests = ?2 WHERE id = ?1",
        params![batch, digests.concat()],
    )
    .unwrap();
}

fn read(db: &Connection, seq: u64) -> Envelope {
    let uuid = uuid::Uuid::from_bytes;
    db.query_row(
        "SELECT device, session, encounter, key, previous, encapsulated, ciphertext FROM envelope
         WHERE seq = ?1",
        [seq as i64],
        |row| {
            Ok(Envelope {
                device: protocol::DeviceId(uuid(row.get(0)?)),
                session: protocol::SessionId(uuid(row.get(1)?)),
                seq,
                encounter: Some(regulation::EncounterId(uuid(row.get(2)?))),
                urgency: protocol::Urgency::Ordinary,
                key: protocol::KeyId(uuid(row.get(3)?)),
                previous: Digest(row.get(4)?),
                encapsulated: row.get(5)?,
                ciphertext: row.get(6)?,
            })
        },
    )
    .unwrap()
}

/// Envelopes after `after` that seal and chain as the tablet's do: the sealing key is public.
fn forged(tablet: &mut Tablet, world: &World, after: u64, count: usize) -> Vec<Envelope> {
    let (next, previous) = (tablet.next, tablet.previous);
    if after < EVENTS {
        let db = Connection::open(world.database()).unwrap();
        tablet.previous = read(&db, after).digest();
    }
    tablet.next = after + 1;
    let encounter = new_encounter();
    let chain = (0..count)
        .map(|_| tablet.event(world, encounter, Event::ServiceIdShown))
        .collect();
    (tablet.next, tablet.previous) = (next, previous);
    chain
}

fn put(db: &Connection, envelope: &Envelope, batch: i64) {
    db.execute(
        "INSERT INTO envelope (device, seq, session, encounter, urgency, key, previous, digest,
                               batch, at, encapsulated, ciphertext)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1, ?10, ?11)",
        params![
            envelope.device.0.into_bytes(),
            envelope.seq as i64,
            envelope.session.0.into_bytes(),
            envelope.encounter.map(|e| e.0.into_bytes()),
            envelope.urgency as i64,
            envelope.key.0.into_bytes(),
            envelope.previous.0,
            envelope.digest().0,
            batch,
            envelope.encapsulated,
            envelope.ciphertext
        ],
    )
    .unwrap();
}

fn sign_and_put(db: &Connection, tablet: &Tablet, envelopes: &[Envelope]) {
    let signed = protocol::Batch::signed_bytes(tablet.device(), envelopes);
    let digests: Vec<[u8; 32]> = envelopes.iter().map(|e| e.digest().0).collect();
    db.execute(
        "INSERT INTO batch (device, digests, signature, at) VALUES (?1, ?2, ?3, 1)",
        params![
            tablet.device().0.into_bytes(),
            digests.concat(),
            TabletKeys::new().sign(&signed)
        ],
    )
    .unwrap();
    let batch = db.last_insert_rowid();
    for envelope in envelopes {
        put(db, envelope, batch);
    }
}

fn findings(expected: &[(u64, u64, Wrong)]) -> Vec<Finding> {
    expected
        .iter()
        .map(|(first, last, what)| wrong(*first, *last, *what))
        .collect()
}

#[tokio::test]
async fn each_kind_of_tampering_is_named_with_its_number() {
    let mut world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let encounter = new_encounter();
    let mut envelopes = tablet.opened(&world, encounter);
    while (envelopes.len() as u64) < EVENTS {
        envelopes.push(tablet.event(&world, encounter, Event::ServiceIdShown));
    }
    for batch in envelopes.chunks(BATCH) {
        tablet.send(&world, batch.to_vec()).await.unwrap();
    }
    world.stop().await;
    let untouched = std::fs::read(world.database()).unwrap();
    for case in CASES {
        for suffix in ["-wal", "-shm"] {
            let mut path = world.database().into_os_string();
            path.push(suffix);
            std::fs::remove_file(path).ok();
        }
        std::fs::write(world.database(), &untouched).unwrap();
        let db = Connection::open(world.database()).unwrap();
        db.pragma_update(None, "foreign_keys", false).unwrap();
        db.execute_batch("DROP TRIGGER envelope_is_kept").unwrap();
        (case.tamper)(&db, &mut tablet, &world);
        db.close().unwrap();
        for (replica, expected) in [(false, case.alone), (true, case.compared)] {
            let mut config = world.config.clone();
            if !replica {
                config.replica_dir = None;
            }
            let archive = central::Admin::open(&config).unwrap().archive();
            let report = archive.verify_journal(tablet.device()).unwrap();
            let name = format!("{}, with the replica: {replica}", case.name);
            assert_eq!(report.findings, findings(expected), "{name}");
            assert_eq!(report.sound(), expected.is_empty(), "{name}");
            let compared = if replica {
                ReplicaCheck::Compared(EVENTS)
            } else {
                ReplicaCheck::None
            };
            assert_eq!(report.replica, compared, "{name}");
            let Some(dir) = &config.replica_dir else {
                continue;
            };
            let output = Command::new(env!("CARGO_BIN_EXE_central"))
                .arg("verify-journal")
                .arg(tablet.device().to_string())
                .arg("--data")
                .arg(&world.config.data_dir)
                .arg("--replica")
                .arg(dir)
                .output()
                .unwrap();
            let code = if expected.is_empty() { 0 } else { 3 };
            assert_eq!(output.status.code(), Some(code), "{name}");
            let said = String::from_utf8(output.stdout).unwrap();
            for (first, last, wrong) in expected {
                let range = if first == last {
                    format!("{} #{first}", wrong.word())
                } else {
                    format!("{} #{first} to #{last}", wrong.word())
                };
                assert!(said.lines().any(|line| line == range), "{name}: {said}");
            }
        }
    }
}

#[tokio::test]
async fn what_has_not_come_is_missing_until_it_is_declared_lost() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let mut envelopes = tablet.opened(&world, new_encounter());
    let late = envelopes.split_off(3).remove(0);
    let kept = envelopes.remove(1);
    let after = tablet.opened(&world, new_encounter());
    envelopes.extend(after);
    let receipt = tablet.send(&world, envelopes).await.unwrap();
    assert_eq!(receipt.stored, [1, 3, 5, 6, 7, 8]);
    assert_eq!(receipt.stored_through, 1);
    let device = tablet.device();
    let report = || world.admin().archive().verify_journal(device).unwrap();
    let missing = [wrong(2, 2, Wrong::Missing), wrong(4, 4, Wrong::Missing)];
    assert_eq!(report().findings, missing);
    let admin = world.admin();
    admin.acknowledge_gap(device, 3, 3).unwrap_err();
    admin.acknowledge_gap(device, 9, 9).unwrap_err();
    admin.acknowledge_gap(device, 2, 2).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_central"))
        .args(["acknowledge-gap", &device.to_string(), "4", "4", "--data"])
        .arg(&world.config.data_dir)
        .output()
        .unwrap();
    assert!(output.status.success());
    let now = report();
    assert!(now.sound());
    assert_eq!(now.acknowledged, [(2, 2), (4, 4)]);
    let receipt = tablet.send(&world, vec![]).await.unwrap();
    assert_eq!((receipt.stored_through, receipt.safe_through), (8, 8));
    let audited = admin.audit_entries(20).unwrap();
    let gaps: Vec<_> = audited
        .iter()
        .filter(|entry| entry.event == central::audit::AuditEvent::GapAcknowledged)
        .map(|entry| (entry.device, entry.subject.clone().unwrap()))
        .collect();
    assert_eq!(
        gaps,
        [(Some(device), "4-4".into()), (Some(device), "2-2".into())]
    );
    // What turns up all the same is taken.
    let receipt = tablet.send(&world, vec![late, kept]).await.unwrap();
    assert_eq!((receipt.stored_through, receipt.safe_through), (8, 8));
    let now = report();
    assert_eq!((now.findings, now.acknowledged), (Vec::new(), Vec::new()));
}

/// A tablet that counts wrongly, or lies, must not make it look as if central had lost an event.
#[tokio::test]
async fn a_number_passed_over_is_missing_and_was_not_removed() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let mut envelopes = tablet.opened(&world, new_encounter());
    // The next one names the last of these as the one before it, two numbers on.
    tablet.next += 2;
    envelopes.extend(tablet.opened(&world, new_encounter()));
    tablet.send(&world, envelopes).await.unwrap();
    let archive = world.admin().archive();
    let report = archive.verify_journal(tablet.device()).unwrap();
    assert_eq!(report.findings, [wrong(5, 6, Wrong::Missing)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_while_a_journal_is_checked_is_neither_forged_nor_removed() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let archive = central::Admin::open(&world.config).unwrap().archive();
    let device = tablet.device();
    let over = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let stop = over.clone();
    let checks = std::thread::spawn(move || {
        let mut checked = 0;
        while !stop.load(std::sync::atomic::Ordering::Acquire) {
            let report = archive.verify_journal(device).unwrap();
            assert!(report.sound(), "{report:?}");
            checked += 1;
        }
        checked
    });
    for _ in 0..150 {
        let envelopes = tablet.opened(&world, new_encounter());
        tablet.send(&world, envelopes).await.unwrap();
        if checks.is_finished() {
            break;
        }
    }
    over.store(true, std::sync::atomic::Ordering::Release);
    assert!(checks.join().unwrap() > 10);
}

#[tokio::test]
async fn whoever_reads_a_replica_makes_nobody_wait_who_writes_it() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let envelopes = tablet.opened(&world, new_encounter());
    tablet.send(&world, envelopes).await.unwrap();
    let (keys, _) = central::ca::Keys::open(&world.config).unwrap();
    let path = world.config.replica_dir.clone().unwrap();
    let dir = central::archive::ReplicaDir::new(&path, &std::sync::Arc::new(keys));
    let file = std::fs::File::open(path.join("central.replica")).unwrap();
    let mut read = 0;
    central::archive::Replica::read(&dir, |_| {
        file.try_lock().expect("nobody holds it");
        file.unlock().unwrap();
        read += 1;
    })
    .unwrap();
    assert_eq!(read, 1);
}

#[tokio::test]
async fn a_row_of_a_batch_that_never_was_is_forged_and_not_taken_for_new() {
    let mut world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let envelopes = tablet.opened(&world, new_encounter());
    tablet.send(&world, envelopes).await.unwrap();
    world.stop().await;
    let database = rusqlite::Connection::open(world.database()).unwrap();
    database.pragma_update(None, "foreign_keys", false).unwrap();
    let columns = "device, session, encounter, urgency, key, previous, digest, at, encapsulated,
        ciphertext";
    database
        .execute_batch(&format!(
            "INSERT INTO envelope (seq, batch, {columns})
             SELECT 5, 1000, {columns} FROM envelope WHERE seq = 4"
        ))
        .unwrap();
    drop(database);
    let archive = central::Admin::open(&world.config).unwrap().archive();
    let report = archive.verify_journal(tablet.device()).unwrap();
    assert!(!report.sound(), "{report:?}");
    assert_eq!(report.envelopes, 5);
}

#[tokio::test]
async fn the_exit_code_says_whether_there_was_a_replica_to_compare_with() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let envelopes = tablet.opened(&world, new_encounter());
    tablet.send(&world, envelopes).await.unwrap();
    let replica = world.config.replica_dir.clone().unwrap();
    let code = |replica: Option<&std::path::Path>| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_central"));
        command
            .arg("verify-journal")
            .arg(tablet.device().to_string())
            .arg("--data")
            .arg(&world.config.data_dir);
        if let Some(replica) = replica {
            command.arg("--replica").arg(replica);
        }
        command.output().unwrap().status.code()
    };
    assert_eq!(code(Some(&replica)), Some(0));
    assert_eq!(code(None), Some(4));
    assert_eq!(
        code(Some(world.dir.path())),
        Some(3),
        "no replica's directory"
    );
}
