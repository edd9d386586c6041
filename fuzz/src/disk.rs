//! Central's files: configuration, keys, database, replica.

use crate::Depth;
use crate::crypto::Signer;
use crate::draw::{MARKER, NOW, bytes, patch, rarely};
use crate::hostile::Tablet;
use crate::sealed::{config, new_officer, people};
use arbitrary::{Result, Unstructured};
use central::archive::{Replica, ReplicaDir, ReplicaError};
use central::ca::Keys;
use central::officers::PasswordHasher;
use central::store::sqlite::SqliteStore;
use central::store::{Enrolment, NewCode, Store, StoreError, StoredBatch};
use central::{Admin, Central, Config};
use protocol::{DeviceId, Digest, SessionId, to_cbor};
use regulation::identity::{DocumentNumber, Pinfl};
use regulation::{OfficerId, Timestamp};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use uuid::Uuid;

const DATABASE: &str = "central.db";
const TOML: &str = "central.toml";
const REPLICA: &str = "central.replica";

/// What [`Central::init`] made, and some rows in it: files by name.
static TEMPLATE: LazyLock<BTreeMap<PathBuf, Vec<u8>>> = LazyLock::new(|| {
    let dir = tempfile::tempdir().expect("a directory");
    let config = config(dir.path());
    Central::init(&config).expect("central is made");
    {
        let admin = Admin::open(&config).expect("central opens");
        admin.create_officer(new_officer()).expect("an officer");
        let (registers, people) = people();
        admin.import(&registers, people).expect("people");
    }
    std::fs::write(dir.path().join(TOML), CONFIGURATION).expect("a file");
    let mut files = BTreeMap::new();
    for folder in [dir.path().to_owned(), dir.path().join("keys")] {
        for entry in std::fs::read_dir(&folder).expect("a directory").flatten() {
            let path = entry.path();
            if path.is_file() {
                let name = path.strip_prefix(dir.path()).expect("below it").to_owned();
                files.insert(name, std::fs::read(&path).expect("a file"));
            }
        }
    }
    assert!(files.len() > 5 && files.contains_key(&PathBuf::from(DATABASE)));
    files
});

pub(crate) const CONFIGURATION: &str = r#"names = ["central.example"]
training = true
replica_dir = "replica"

[policy]
lease_hours = 12
argon2_memory_kib = 65536
identify_fpir = 1e-6
tail_decade = 7.5
"#;

/// Central's directory with some of its files changed, opened; and a stored password's text.
pub fn central(data: &[u8]) {
    opened(&mut Unstructured::new(data)).expect("bytes are always drawn");
}

fn opened(u: &mut Unstructured<'_>) -> Result<()> {
    match u.int_in_range(0..=3)? {
        0 => password(u),
        1 => configuration(u),
        2 => keys(u),
        _ => database(u),
    }
}

/// The hash of a password as it may stand in the database.
fn password(u: &mut Unstructured<'_>) -> Result<()> {
    let hasher = PasswordHasher::new(8, 1).expect("allowed");
    let whole = hasher.hash("invented").expect("a hash");
    let (_, rest) = whole.split_once("p=1$").expect("its form");
    let mut rest = rest.as_bytes().to_vec();
    patch(u, &mut rest, 2)?;
    // Small costs, and those that no machine could bear: the ones between only take their time.
    let memory = u.choose(&[8, 8, 8, 0, 1, 64, 1 << 21, u32::MAX])?;
    let passes = u.choose(&[1, 1, 1, 0, 2, 1 << 10, u32::MAX])?;
    let rest = String::from_utf8_lossy(&rest);
    let mut stored = format!("$argon2id$v=19$m={memory},t={passes},p=1${rest}");
    if rarely(u, 4)? {
        stored = String::from_utf8_lossy(&bytes(u, 100)?).into_owned();
    }
    let _ = hasher.verify("invented", &stored);
    Ok(())
}

fn configuration(u: &mut Unstructured<'_>) -> Result<()> {
    let dir = tempfile::tempdir().expect("a directory");
    let text = if u.arbitrary()? {
        bytes(u, 2000)?
    } else {
        let mut text = CONFIGURATION.as_bytes().to_vec();
        patch(u, &mut text, 6)?;
        text
    };
    std::fs::write(dir.path().join(TOML), text).expect("a file");
    let listen = "127.0.0.1:0".parse().expect("an address");
    if let Ok(config) = Config::load(dir.path(), listen) {
        Depth::ConfigurationRead.reach();
        assert!(config.policy.decision().is_ok());
    }
    Ok(())
}

fn keys(u: &mut Unstructured<'_>) -> Result<()> {
    let dir = tempfile::tempdir().expect("a directory");
    let mut files = TEMPLATE.clone();
    files.retain(|name, _| name.starts_with("keys"));
    let names: Vec<PathBuf> = files.keys().cloned().collect();
    for _ in 0..u.int_in_range(1..=2)? {
        let name = u.choose(&names)?.clone();
        match u.int_in_range(0..=5)? {
            0 => drop(files.remove(&name)),
            1 => drop(files.insert(name, bytes(u, 1000)?)),
            _ => patch(u, files.entry(name).or_default(), 4)?,
        }
    }
    std::fs::create_dir(dir.path().join("keys")).expect("a directory");
    for (name, bytes) in &files {
        std::fs::write(dir.path().join(name), bytes).expect("a file");
    }
    let config = config(dir.path());
    if let Ok((keys, _)) = Keys::open(&config) {
        Depth::KeysOpened.reach();
        assert!(keys.sign_receipt(b"bytes").is_ok());
        let _ = keys.server_identity(&config.names, Timestamp(NOW));
        assert_eq!(keys.sealing().public.len(), 32);
    }
    Ok(())
}

fn database(u: &mut Unstructured<'_>) -> Result<()> {
    let dir = tempfile::tempdir().expect("a directory");
    let mut file = TEMPLATE[&PathBuf::from(DATABASE)].clone();
    match u.int_in_range(0..=5)? {
        0 => file = bytes(u, 8000)?,
        _ => patch(u, &mut file, 8)?,
    }
    let path = dir.path().join(DATABASE);
    std::fs::write(&path, &file).expect("a file");
    let store = match SqliteStore::open(&path, None) {
        Ok(store) => store,
        Err(StoreError::Damaged(_) | StoreError::Newer(_)) => {
            let left = std::fs::read(&path).expect("it is still there");
            assert!(left == file, "a damaged database is left as it is");
            return Ok(());
        }
        Err(error) => {
            let _ = error.to_string();
            return Ok(());
        }
    };
    Depth::DatabaseOpened.reach();
    let _ = store.devices();
    if let Ok(Some(officer)) = store.officer_by_login("n.namunayev") {
        assert!(!format!("{officer:?}").contains(MARKER));
    }
    let _ = store.people_count();
    let _ = store.person_id("p-1");
    for person in 0..4 {
        let _ = store.person(person);
    }
    let _ = store.person_by_document(&DocumentNumber("ZZ0000001".into()));
    let _ = store.person_by_pinfl(&Pinfl("00000000000001".into()));
    for row in store.prints_after(0, 16).unwrap_or_default() {
        let _ = biometrics::finger::Template::from_bytes(&row.print.template);
    }
    let _ = store.gallery_generation();
    let _ = (store.unassessed(8), store.queued(8), store.encounters(8));
    let _ = (store.duty_answers(), store.audit_entries(8));
    let _ = store.batches_after(0, 1 << 20);
    let request = central::store::ReportRequest {
        unit: "1".into(),
        from: Timestamp(0),
        to: Timestamp(i64::MAX),
        now: Timestamp(NOW),
    };
    let _ = (store.report(&request), store.again(8));
    Ok(())
}

/// A store with two batches, and what a replica keeps of them.
struct Whole {
    keys: Arc<Keys>,
    store: SqliteStore,
    batches: Vec<StoredBatch>,
    _dir: tempfile::TempDir,
}

static WHOLE: LazyLock<Whole> = LazyLock::new(|| {
    let dir = tempfile::tempdir().expect("a directory");
    let config = config(dir.path());
    Central::init(&config).expect("central is made");
    let store = SqliteStore::open(&dir.path().join(DATABASE), None).expect("a store");
    let (keys, _) = Keys::open(&config).expect("keys");
    let journal = Signer::new();
    let device = DeviceId(Uuid::from_u128(1));
    let (code_hash, at) = ([1; 32], Timestamp(NOW));
    store
        .add_code(&NewCode {
            hash: code_hash,
            device_name: "tablet".into(),
            expires_at: Timestamp(i64::MAX),
        })
        .expect("a code");
    let enrolment = Enrolment {
        code_hash,
        device,
        journal_key: journal.public(),
        at,
    };
    assert_eq!(store.enrol(&enrolment), Ok(true));
    let mut tablet = Tablet {
        device,
        session: SessionId(Uuid::from_u128(2)),
        officer: OfficerId(Uuid::from_u128(3)),
        sealing: keys.sealing(),
        journal: &journal,
        run: 1,
        next: 1,
        previous: Digest::default(),
    };
    for _ in 0..2 {
        let batches = tablet.batches(&mut Unstructured::new(&[]));
        for batch in batches.expect("nothing is drawn") {
            store.store_batch(&batch, at).expect("it is stored");
        }
    }
    let batches = store.batches_after(0, 1 << 20).expect("batches");
    assert_eq!(batches.len(), 2);
    Whole {
        keys: Arc::new(keys),
        store,
        batches,
        _dir: dir,
    }
});

/// A replica's file of drawn bytes and of records whose digests are right.
pub fn replica(data: &[u8]) {
    read_through(&mut Unstructured::new(data)).expect("bytes are always drawn");
}

fn read_through(u: &mut Unstructured<'_>) -> Result<()> {
    let whole = &*WHOLE;
    let mut file = Vec::new();
    if u.int_in_range(0..=7)? < 7 {
        file.extend_from_slice(b"EPREPL01");
    }
    for at in 0..4 {
        if u.is_empty() {
            break;
        }
        match u.int_in_range(0..=4)? {
            0 => file.extend(bytes(u, 200)?),
            drawn => {
                // In order, mostly.
                let next = if drawn == 4 { u.arbitrary()? } else { at };
                let mut batch = whole.batches[next % whole.batches.len()].clone();
                if drawn == 3 {
                    batch.id = u.arbitrary()?;
                }
                let mut body = to_cbor(&batch).expect("a batch can be written");
                if drawn == 2 {
                    patch(u, &mut body, 3)?;
                }
                record(&mut file, &body);
            }
        }
    }
    if u.arbitrary()? {
        patch(u, &mut file, 2)?;
    }
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join(REPLICA);
    std::fs::write(&path, &file).expect("a file");
    let place = ReplicaDir::new(dir.path(), &whole.keys);
    place.begin().expect("it is marked");
    match Replica::open(&place, &whole.store) {
        Ok(replica) => {
            Depth::ReplicaCaughtUp.reach();
            assert_eq!(replica.through(), 2, "it has caught up");
            let again = Replica::open(&place, &whole.store).expect("what it wrote it reads");
            assert_eq!(again.through(), 2);
        }
        Err(ReplicaError::Damaged(..)) => {
            Depth::ReplicaDamaged.reach();
            let left = std::fs::read(&path).expect("it is still there");
            assert!(left == file, "a damaged replica is left as it is");
        }
        Err(ReplicaError::Foreign(_)) => {}
        Err(error) => panic!("{error}"),
    }
    Ok(())
}

/// Length, body, and the digest of both.
fn record(file: &mut Vec<u8>, body: &[u8]) {
    let length = (body.len() as u32).to_be_bytes();
    let digest = Sha256::new()
        .chain_update(length)
        .chain_update(body)
        .finalize();
    file.extend_from_slice(&length);
    file.extend_from_slice(body);
    file.extend_from_slice(&digest);
}
