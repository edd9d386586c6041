//! How many events a second a tablet seals, chains and commits durably, beside plain SQLite inserts of
//! the same size in the same run on the same disk, and how fast a full queue drains to a real central
//! over loopback and mutual TLS. `vaultbench [EVENTS [DIR]]`; DIR lies on the disk to be measured.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use demo::tablet_kit::dirs;
use demo::world::{LOGIN, PASSWORD, World};
use e_patrul_tests::config;
use protocol::{Fact, FactKind, Urgency};
use regulation::EncounterId;
use regulation::encounter::{Event, MACHINE_VERSION, Recorded};
use rusqlite::Connection;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tablet::device::keystore::UnsafeFileKeyStore;
use tablet::device::{Clock as _, KeyStore, SystemClock};
use tablet::link::{Link, NoWatch};
use tablet::vault::{OpenSession, Vault};
use uuid::Uuid;

/// Before the clock starts: by then both write-ahead logs have come round, and neither grows.
const WARM_UP: usize = 1_200;
/// The two take turns, so that a disk that is busy for a while is busy for both.
const TURNS: usize = 10;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let events: usize = arguments
        .next()
        .map_or(3_000, |n| n.parse().expect("a number of events"));
    let parent = arguments
        .next()
        .map_or_else(|| "target".into(), PathBuf::from);
    let dir = tempfile::tempdir_in(parent).unwrap();
    let mut world = World::start_with(dir.path(), config(dir.path()), 1)
        .await
        .unwrap();
    let data = world.enrol("tablet").await.unwrap();
    let (vault_dir, keys) = dirs(&data);
    let keystore: Arc<dyn KeyStore> = Arc::new(UnsafeFileKeyStore::open(&keys).unwrap());
    let clock = Arc::new(SystemClock::new());
    let (vault, _) = Vault::open(&vault_dir, keystore.clone(), clock.clone()).unwrap();
    let link = || {
        let (events, _) = tokio::sync::mpsc::unbounded_channel();
        let identity = vault.identity().unwrap().unwrap();
        let watch = Box::new(NoWatch);
        Link::start_with(vault.clone(), identity, keystore.clone(), events, watch).unwrap()
    };
    let grant = {
        let link = link();
        let grant = link.login(LOGIN, PASSWORD).await.unwrap();
        link.stop();
        grant
    };
    let session = vault.begin_session(&grant, LOGIN, PASSWORD).unwrap();
    world.stop_central().await;
    let fact = |n: usize| Fact {
        edition: grant.edition.clone(),
        machine: MACHINE_VERSION,
        officer: grant.officer.id,
        at: clock.now(),
        uptime_ms: clock.uptime_ms(),
        training: true,
        kind: FactKind::Encounter {
            recorded: Recorded {
                at: clock.now(),
                event: Event::GroundStated {
                    ground: "suspicion".into(),
                    fact: format!("белгилари ориентировкага мос келди, {n}"),
                },
            },
            question: None,
        },
    };

    append(&vault, &session, &fact, WARM_UP);
    let size = bytes_of_an_event(&vault_dir);
    let plain = plain_database(dir.path());
    insert(&plain, size, WARM_UP);
    let (mut ours, mut theirs) = (Duration::ZERO, Duration::ZERO);
    let each = events.div_ceil(TURNS);
    for _ in 0..TURNS {
        ours += append(&vault, &session, &fact, each);
        theirs += insert(&plain, size, each);
    }
    let rate = |time: Duration| (each * TURNS) as f64 / time.as_secs_f64();
    let mut out = std::io::stdout();
    writeln!(
        out,
        "vault: {:.0} events/s sealed, chained, committed with FULL ({size} bytes each)\n\
         plain: {:.0} inserts/s of the same size, committed with FULL\n\
         plain ÷ vault: {:.2}",
        rate(ours),
        rate(theirs),
        rate(theirs) / rate(ours)
    )
    .unwrap();

    world.start_central().await.unwrap();
    let waiting = vault.queue().unwrap().waiting;
    let mut changed = vault.changed();
    let begun = Instant::now();
    let link = link();
    link.attach(session.clone());
    loop {
        changed.changed().await.unwrap();
        let queue = vault.queue().unwrap();
        assert!(queue.stuck.is_empty());
        if queue.waiting == 0 && queue.stored_not_safe == 0 {
            break;
        }
    }
    let took = begun.elapsed();
    writeln!(
        out,
        "drain: {:.0} events/s, {waiting} in {:.2} s, safe at central, over loopback and mutual TLS",
        waiting as f64 / took.as_secs_f64(),
        took.as_secs_f64()
    )
    .unwrap();
    link.stop();
}

fn append(
    vault: &Vault,
    session: &OpenSession,
    fact: &impl Fn(usize) -> Fact,
    count: usize,
) -> Duration {
    let encounter = Some(EncounterId(Uuid::new_v4()));
    let begun = Instant::now();
    for n in 0..count {
        vault
            .append(session, encounter, Urgency::Ordinary, &fact(n))
            .unwrap();
    }
    begun.elapsed()
}

/// Bytes that an event takes in the vault's two rows.
fn bytes_of_an_event(vault: &Path) -> usize {
    let copy = tempfile::tempdir().unwrap();
    for name in ["vault.db", "vault.db-wal"] {
        std::fs::copy(vault.join(name), copy.path().join(name)).unwrap();
    }
    let db = Connection::open(copy.path().join("vault.db")).unwrap();
    db.query_row(
        "SELECT avg(length(ciphertext) + length(encapsulated) + length(body) + 3 * 16 + 2 * 32 + 32)
         FROM sealed JOIN readable USING (seq)",
        [],
        |row| row.get::<_, f64>(0),
    )
    .unwrap() as usize
}

fn plain_database(dir: &Path) -> Connection {
    let db = Connection::open(dir.join("plain.db")).unwrap();
    db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))
        .unwrap();
    db.pragma_update(None, "synchronous", "FULL").unwrap();
    db.pragma_update(None, "locking_mode", "EXCLUSIVE").unwrap();
    db.execute_batch("CREATE TABLE plain (seq INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT")
        .unwrap();
    db
}

fn insert(db: &Connection, size: usize, count: usize) -> Duration {
    let mut body = vec![0; size];
    let begun = Instant::now();
    for n in 0..count {
        body[..8].copy_from_slice(&n.to_be_bytes());
        db.prepare_cached("INSERT INTO plain (body) VALUES (?1)")
            .unwrap()
            .execute([&body])
            .unwrap();
    }
    begun.elapsed()
}
