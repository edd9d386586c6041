//! SIGKILL at a random moment of whole encounters against a real central: of the tablet while it
//! records, sends and hands over, and of a program that is just bringing an older vault up to date.

use crate::kit::*;
use crate::officer::{Officer, Seen, footage};
use crate::power::acknowledgement;
use central::archive::{ArchivedEncounter, CaptureState};
use demo::world::World;
use regulation::encounter::Event;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;
use std::time::{Duration, Instant};
use tablet::pages::Page;
use tempfile::TempDir;

/// What the officer saw done, by the encounter's id.
pub type Acknowledged = BTreeMap<String, BTreeSet<String>>;

pub fn round(plan: &Plan) -> Vec<String> {
    let runtime = runtime();
    let mut figures = runtime.block_on(tablets(plan));
    figures.push(runtime.block_on(migrations(plan)));
    figures
}

async fn tablets(plan: &Plan) -> Vec<String> {
    let mut rng = Rng::new(plan.seed);
    let dir = TempDir::new().unwrap();
    let config = e_patrul_tests::config(dir.path());
    let world = World::start_with(dir.path(), config, 40).await.unwrap();
    world.central.as_ref().unwrap().gallery_ready().await;
    let data = world.enrol("tablet").await.unwrap();
    let kills = plan.of(12, 460);
    let mut acknowledged = Acknowledged::new();
    for _ in 0..kills {
        let seed = rng.next().to_string();
        let tablet = Role::start(&["tablet", data.to_str().unwrap(), &seed]);
        // From before the log-in to some encounters after it.
        tokio::time::sleep(rng.millis(100, 3500)).await;
        keep(&mut acknowledged, tablet.kill());
    }
    settle(&data).await;
    let admin = world.central.as_ref().unwrap().admin();
    let proven = prove(admin, &acknowledged);
    vec![format!("tablet: {kills} kills; {proven}; 0 lost, 0 twice")]
}

/// Notes lines `WORD ENCOUNTER`.
pub fn keep(acknowledged: &mut Acknowledged, lines: Vec<String>) {
    for line in lines {
        let (word, id) = line.split_once(' ').expect("two words");
        acknowledged
            .entry(id.to_owned())
            .or_default()
            .insert(word.to_owned());
    }
}

/// The tablet once more, until everything is safe at central.
pub async fn settle(data: &Path) {
    let mut officer = Officer::start(data, 1, |_, _| ());
    while matches!(officer.page().await.page, Page::Login(_)) {
        officer.step().await;
    }
    officer
        .kit
        .wait_for("nothing waits", LONG, nothing_waits)
        .await
        .unwrap();
    officer.stop();
    deliver(data).await;
}

/// Every encounter is in the archive with what its officer saw done, each event once, and the
/// tablet's journal holds from its first number to its last.
pub fn prove(admin: &central::Admin, acknowledged: &Acknowledged) -> String {
    let envelopes = journal_is_sound(admin);
    let (mut asked, mut captures) = (0, 0);
    for (id, seen) in acknowledged {
        let found = admin.archive().encounter(encounter_of(id)).unwrap();
        let archived = found.unwrap_or_else(|| panic!("encounter {id} is lost"));
        let count = |of: fn(&Event) -> bool| count(&archived, of);
        for (word, times) in [
            (
                "introduced",
                count(|e| matches!(e, Event::Introduced { .. })),
            ),
            ("ground", count(|e| matches!(e, Event::GroundStated { .. }))),
            ("asked", count(|e| matches!(e, Event::Asked { .. }))),
            ("closed", count(|e| matches!(e, Event::Closed))),
        ] {
            assert!(times <= 1, "{id}: `{word}` is there {times} times");
            assert!(
                times == 1 || !seen.contains(word),
                "{id}: `{word}` is lost; seen {seen:?}"
            );
        }
        let arrived = count(|e| matches!(e, Event::AnswerArrived { .. }));
        assert!(arrived <= 1, "{id}: {arrived} answers");
        assert!(archived.answers.len() <= 1);
        captures += whole_captures(admin, &archived, seen);
        assert!(archived.verified.signatures && archived.verified.chain && archived.verified.seals);
        asked += count(|e| matches!(e, Event::Asked { .. }));
    }
    format!(
        "{} encounters, {asked} questions, {captures} captures, {envelopes} envelopes",
        acknowledged.len()
    )
}

/// Every capture that an event names is here, byte for byte, each once, and every one that the
/// vault had acknowledged is among them.
fn whole_captures(
    admin: &central::Admin,
    archived: &ArchivedEncounter,
    seen: &BTreeSet<String>,
) -> usize {
    let mut found = BTreeSet::new();
    for capture in &archived.captures {
        assert_eq!(capture.state, CaptureState::Whole, "{}", capture.id);
        let reader = admin.archive().capture(archived.encounter, capture.id);
        let mut plain = Vec::new();
        reader.unwrap().unwrap().read_to_end(&mut plain).unwrap();
        let mut expected = Vec::new();
        let mut footage = footage(archived.encounter, plain.len() as u64);
        footage.read_to_end(&mut expected).unwrap();
        assert!(plain == expected, "{} has other bytes", capture.id);
        assert!(found.insert(Seen::Captured(capture.id).word()), "twice");
    }
    let lost = seen
        .iter()
        .find(|w| w.starts_with("captured=") && !found.contains(*w));
    assert_eq!(lost, None, "a capture is lost");
    found.len()
}

pub fn count(archived: &ArchivedEncounter, of: fn(&Event) -> bool) -> usize {
    archived.events.iter().filter(|(_, r)| of(&r.event)).count()
}

/// Words of [`Seen`], for those who drive the tablet themselves.
pub fn note(acknowledged: &mut Acknowledged, seen: Seen, id: regulation::EncounterId) {
    let words = acknowledged.entry(id.0.to_string()).or_default();
    words.insert(seen.word());
}

/// A vault of the first schema, opened by today's program, which is killed while it does.
async fn migrations(plan: &Plan) -> String {
    let mut rng = Rng::new(plan.seed.wrapping_add(1));
    let dir = TempDir::new().unwrap();
    let config = e_patrul_tests::config(dir.path());
    let world = World::start_with(dir.path(), config, 0).await.unwrap();
    let data = world.enrol("tablet").await.unwrap();
    begin_session(&data).await;
    let writer = Role::start(&["writer", data.to_str().unwrap(), "full"]);
    writer.until("ready", &mut Vec::new());
    std::thread::sleep(Duration::from_millis(500));
    let written: BTreeMap<u64, String> = writer.kill().iter().map(|l| acknowledgement(l)).collect();
    let old = dir.path().join("old");
    back_to_the_first_schema(&data);
    copy(&data, &old);
    let took = {
        let opener = Role::start(&["opener", data.to_str().unwrap()]);
        opener.until("ready", &mut Vec::new());
        let started = Instant::now();
        opener.until("open", &mut Vec::new());
        let took = started.elapsed().as_millis() as u64;
        assert!(opener.end().1);
        took
    };
    let kills = plan.of(5, 60);
    let mut half_way = 0;
    for _ in 0..kills {
        std::fs::remove_dir_all(&data).unwrap();
        copy(&old, &data);
        let opener = Role::start(&["opener", data.to_str().unwrap()]);
        opener.until("ready", &mut Vec::new());
        std::thread::sleep(rng.millis(0, took));
        opener.kill();
        half_way += u64::from(schema(&data) > 1);
        let opener = Role::start(&["opener", data.to_str().unwrap()]);
        let (lines, well) = opener.end();
        assert!(well, "the vault does not open after a kill");
        let mut found: BTreeMap<u64, String> = lines
            .iter()
            .filter(|l| l.starts_with("recorded"))
            .map(|l| acknowledgement(l))
            .collect();
        found.retain(|seq, _| written.contains_key(seq));
        assert_eq!(found, written, "the migration lost something");
    }
    deliver(&data).await;
    journal_is_sound(world.central.as_ref().unwrap().admin());
    format!(
        "migration: {kills} kills in the first {took} ms of opening ({half_way} after the commit), {} records, 0 lost",
        written.len()
    )
}

fn database(data: &Path) -> rusqlite::Connection {
    let (vault, _) = demo::tablet_kit::dirs(data);
    rusqlite::Connection::open(vault.join("vault.db")).unwrap()
}

/// The same records in the first schema, which had every table that holds them, as a program left
/// them that counted nothing in the key store.
fn back_to_the_first_schema(data: &Path) {
    let (vault, keys) = demo::tablet_kit::dirs(data);
    std::fs::remove_file(keys.join("counter")).unwrap();
    let (newer, older) = (vault.join("vault.db"), vault.join("older.db"));
    let db = rusqlite::Connection::open(&older).unwrap();
    let first = include_str!("../../migrations/0001_vault.sql");
    db.execute_batch(first).unwrap();
    db.execute("DELETE FROM journal", []).unwrap();
    db.execute("ATTACH ?1 AS newer", [newer.to_str().unwrap()])
        .unwrap();
    for table in names(
        &db,
        "SELECT name FROM main.sqlite_schema WHERE type = 'table'",
    ) {
        let columns = format!("SELECT name FROM pragma_table_info('{table}', 'main')");
        let columns = names(&db, &columns).join(", ");
        let there = format!("SELECT name FROM newer.sqlite_schema WHERE name = '{table}'");
        if names(&db, &there).is_empty() {
            continue;
        }
        db.execute_batch(&format!(
            "INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}"
        ))
        .unwrap();
    }
    let id: u32 = db
        .query_row("PRAGMA newer.application_id", [], |row| row.get(0))
        .unwrap();
    db.pragma_update(None, "application_id", id).unwrap();
    db.pragma_update(None, "user_version", 1).unwrap();
    drop(db);
    std::fs::remove_file(vault.join("vault.db-wal")).ok();
    std::fs::rename(older, newer).unwrap();
}

fn names(db: &rusqlite::Connection, query: &str) -> Vec<String> {
    let mut statement = db.prepare(query).unwrap();
    let names = statement.query_map([], |row| row.get(0)).unwrap();
    names.map(Result::unwrap).collect()
}

fn schema(data: &Path) -> u32 {
    database(data)
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap()
}

/// Copies a directory of files and directories.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}
