//! Every schema that was shipped opens in today's program, with all that it held.
//!
//! `tests/fixtures/schema-N` was made by `make-fixture`, built from the last commit with that schema:
//! an encounter that is safe at central, another begun with no connection, a session still open. The
//! next schema gets its fixture in the same way, before it changes.

use central::{Admin, Central};
use demo::tablet_kit::dirs;
use protocol::export::ExportReader;
use regulation::Timestamp;
use regulation::encounter::Stage;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tablet::device::Clock;
use tablet::device::keystore::UnsafeFileKeyStore;
use tablet::vault::{OpenReport, Vault};
use tempfile::TempDir;

/// A fixture, what it holds, and when it was made.
struct Shipped {
    name: &'static str,
    schema: u32,
    made_at: Timestamp,
    /// Events of the session, and how many of them are not at central.
    events: u64,
    unsent: u64,
    people: u64,
}

const SHIPPED: [Shipped; 1] = [Shipped {
    name: "schema-1",
    schema: 1,
    made_at: Timestamp(1_795_571_540_000),
    events: EVENTS,
    unsent: UNSENT,
    people: 2,
}];
const EVENTS: u64 = 13;
const UNSENT: u64 = 4;

struct Then(Timestamp);

impl Clock for Then {
    fn now(&self) -> Timestamp {
        self.0
    }
    fn uptime_ms(&self) -> u64 {
        1
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn unpacked(shipped: &Shipped) -> TempDir {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let dir = TempDir::new().unwrap();
    copy(&fixtures.join(shipped.name), dir.path());
    dir
}

fn open(dir: &Path, at: Timestamp) -> Vault {
    let (vault, keys) = dirs(&dir.join("tablet"));
    let keystore = Arc::new(UnsafeFileKeyStore::open(&keys).unwrap());
    let (vault, report) = Vault::open(&vault, keystore, Arc::new(Then(at))).unwrap();
    assert_eq!(report, OpenReport::default());
    vault
}

/// `user_version` as it stands in the file's header.
fn schema(database: &Path) -> u32 {
    let bytes = std::fs::read(database).unwrap();
    u32::from_be_bytes(bytes[60..64].try_into().unwrap())
}

#[test]
fn a_tablet_and_a_central_of_every_shipped_schema_go_on() {
    for shipped in &SHIPPED {
        let dir = unpacked(shipped);
        let database = dirs(&dir.path().join("tablet")).0.join("vault.db");
        assert_eq!(schema(&database), shipped.schema);
        assert_eq!(
            schema(&dir.path().join("central/central.db")),
            shipped.schema
        );

        let config = e_patrul_tests::config(dir.path());
        let admin = Admin::open(&config).unwrap();
        assert_eq!(admin.people_count().unwrap(), shipped.people);
        let devices = admin.devices().unwrap();
        let [device] = &devices[..] else {
            panic!("{devices:?}")
        };
        admin.officer_by_login(demo::world::LOGIN).unwrap();
        let [safe] = &admin.archive().encounters(10).unwrap()[..] else {
            panic!("one encounter")
        };
        let archived = admin.archive().encounter(safe.encounter).unwrap().unwrap();
        assert!(archived.verified.all(), "{archived:?}");
        assert_eq!(archived.answers.len(), 1);
        assert!(!admin.audit_entries(1000).unwrap().is_empty());

        let vault = open(dir.path(), shipped.made_at);
        let session = vault
            .resume_session(demo::world::LOGIN, demo::world::PASSWORD)
            .unwrap();
        let journal = vault.journal(&session).unwrap();
        assert_eq!(journal.len() as u64, shipped.events);
        assert_eq!(vault.messages(&session).unwrap().len(), 1);
        assert_eq!(vault.damaged_rows(), [] as [u64; 0]);
        assert_eq!(vault.queue().unwrap().waiting, shipped.unsent);
        let file = dir.path().join("queue");
        assert_eq!(vault.export_queue(&file).unwrap().events, shipped.unsent);
        let mut reader = ExportReader::new(std::fs::File::open(&file).unwrap()).unwrap();
        while let Some(batch) = reader.next_batch().unwrap() {
            assert_eq!(batch.device, device.id);
        }
        // A program of before marked no replica.
        admin.begin_replica().unwrap();
        let imported = admin.import_queue(&file).unwrap();
        assert!(imported.complete());
        assert_eq!(imported.stored, shipped.unsent);
        vault.apply_receipt(&imported.receipt).unwrap();
        let queue = vault.queue().unwrap();
        assert_eq!((queue.waiting, queue.stored_not_safe), (0, 0));
        let report = admin.archive().verify_journal(device.id).unwrap();
        assert!(report.sound(), "{report:?}");
        assert_eq!(report.envelopes, imported.receipt.safe_through);
        let begun = journal.last().unwrap().encounter.unwrap();
        let archived = admin.archive().encounter(begun).unwrap().unwrap();
        assert!(archived.verified.chain && archived.verified.signatures);
        assert_eq!(archived.state.stage, Stage::GroundExplained);
    }
}

/// Every file below a directory, with its bytes; not SQLite's index of a log, which holds nothing and
/// which every reader makes.
fn files(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if !path.to_string_lossy().ends_with("-shm") {
            found.push((path.clone(), std::fs::read(path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn what_a_newer_program_wrote_is_refused_and_not_touched() {
    for in_wal in [false, true] {
        let dir = unpacked(&SHIPPED[0]);
        drop(open(dir.path(), SHIPPED[0].made_at));
        let config = e_patrul_tests::config(dir.path());
        drop(Admin::open(&config).unwrap());
        let (vault, keys) = dirs(&dir.path().join("tablet"));
        let central = dir.path().join("central/central.db");
        let raise = |database: &Path| {
            let (newer, log) = (
                database.with_extension("newer"),
                database.with_extension("db-wal"),
            );
            let db = rusqlite::Connection::open(database).unwrap();
            db.pragma_update(None, "user_version", 99).unwrap();
            if in_wal {
                // As a power cut leaves it: the newer version stands in the log alone.
                std::fs::copy(&log, &newer).unwrap();
                let old = std::fs::read(database).unwrap();
                drop(db);
                std::fs::write(database, old).unwrap();
                std::fs::rename(newer, log).unwrap();
            }
        };
        raise(&vault.join("vault.db"));
        raise(&central);
        let before = files(dir.path());
        let keystore = Arc::new(UnsafeFileKeyStore::open(&keys).unwrap());
        let opened = Vault::open(&vault, keystore, Arc::new(Then(SHIPPED[0].made_at)));
        assert_eq!(opened.unwrap_err(), tablet::vault::VaultError::NewerSchema);
        Admin::open(&config).unwrap_err();
        Central::init(&config).unwrap_err();
        let after = files(dir.path());
        let names = |files: &[(PathBuf, Vec<u8>)]| -> Vec<PathBuf> {
            files.iter().map(|(path, _)| path.clone()).collect()
        };
        assert_eq!(names(&after), names(&before), "in the log: {in_wal}");
        assert!(after == before, "not a byte changed, in the log: {in_wal}");
    }
}

const CHILD: &str = "E_PATRUL_TEST_MIGRATE";
const ROUNDS: u32 = 40;

/// Not a claim of its own: what [`killed_in_mid_migration`] kills. Opens one copy after the other.
#[test]
fn child_that_migrates() {
    let Some(dir) = std::env::var_os(CHILD) else {
        return;
    };
    for copy in 0.. {
        let dir = Path::new(&dir).join(copy.to_string());
        if !dir.exists() {
            return;
        }
        drop(open(&dir, SHIPPED[0].made_at));
        drop(Admin::open(&e_patrul_tests::config(&dir)).unwrap());
    }
}

fn child(dir: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "migrations::child_that_migrates"])
        .env(CHILD, dir)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn killed_in_mid_migration_a_database_is_of_the_old_schema_or_of_the_new_one() {
    let shipped = &SHIPPED[0];
    let (mut old, mut new) = (0, 0);
    for round in 0..ROUNDS {
        let dir = TempDir::new().unwrap();
        let fixture = unpacked(shipped);
        const COPIES: u32 = 6;
        for number in 0..COPIES {
            copy(fixture.path(), &dir.path().join(number.to_string()));
        }
        let mut child = child(dir.path());
        // From before the first to after the last of them, on a machine of any speed.
        std::thread::sleep(Duration::from_millis(u64::from(5 + round * 7)));
        child.kill().unwrap();
        child.wait().unwrap();
        for number in 0..COPIES {
            let dir = dir.path().join(number.to_string());
            let (vault, _) = dirs(&dir.join("tablet"));
            // Read as it lies, log included, by SQLite itself.
            for database in [vault.join("vault.db"), dir.join("central/central.db")] {
                let db = rusqlite::Connection::open(&database).unwrap();
                let version: u32 = db
                    .pragma_query_value(None, "user_version", |row| row.get(0))
                    .unwrap();
                let added: u32 = db
                    .query_row(
                        "SELECT count(*) FROM sqlite_schema WHERE name IN
                            ('captures', 'attempts', 'roster', 'capture', 'wipe_report',
                             'acknowledged_gap')",
                        [],
                        |row| row.get(0),
                    )
                    .unwrap();
                match version {
                    1 => assert_eq!(added, 0, "all of it or nothing"),
                    _ => assert_eq!(added, 3, "all of it or nothing"),
                }
                if version == 1 {
                    old += 1;
                } else {
                    new += 1;
                }
            }
            let vault = open(&dir, shipped.made_at);
            assert_eq!(vault.queue().unwrap().waiting, shipped.unsent);
            let admin = Admin::open(&e_patrul_tests::config(&dir)).unwrap();
            assert_eq!(admin.people_count().unwrap(), shipped.people);
        }
    }
    assert!(
        old > 0 && new > 0,
        "{old} before, {new} after: no kill fell between"
    );
}
