//! A folder of people, as a register's keeper hands it over.

use crate::Depth;
use crate::draw::{MARKER, NOW, bytes, cropped, patch, print, rarely, text};
use arbitrary::{Result, Unstructured};
use biometrics::finger::encode_png;
use biometrics::finger::synth::background_template;
use biometrics::record::minutiae::{FingerMinutiaeRecord, FingerPosition, Format, ImpressionType};
use central::people::import::{import_people, read_folder};
use central::people::portrait::FaceReader;
use central::store::sqlite::SqliteStore;
use central::store::{ImportFault, Store as _};
use regulation::Timestamp;
use std::cell::RefCell;
use std::sync::{LazyLock, OnceLock};

pub(crate) const REGISTERS: &str = r#"[[register]]
register = "wanted"
source = "invented"
as_of = "2026-01-01"
"#;

pub(crate) const PERSON: &str = concat!(
    r#"{"id":"p-1","surname":"Kanareykayev","given":"Namuna","birth_date":"1990-01-01","#,
    r#""address":"Namuna","pinfl":"31201900000000","documents":["ZZ0000001"],"entries":"#,
    r#"[{"register":"wanted","source":"invented","date":"2025-05-05","spent":null,"note":null}]}"#,
    "\n"
);

/// Prints in the three forms that are read.
static PRINTS: LazyLock<[(&str, Vec<u8>); 3]> = LazyLock::new(|| {
    let template = background_template(1);
    let record = FingerMinutiaeRecord::of_template(
        Format::V2011,
        FingerPosition::ALL[1],
        ImpressionType::LivePlain,
        &template,
    );
    [
        ("ept", template.to_bytes()),
        ("iso", record.write().expect("a template has a record")),
        ("png", encode_png(&cropped(&print(1), 128))),
    ]
});

/// Runs before the store is made anew.
const RUNS: u32 = 1024;

thread_local! {
    static STORE: RefCell<Option<(SqliteStore, tempfile::TempDir, u32)>> =
        const { RefCell::new(None) };
}

/// A folder: read, and stored if it reads.
pub fn import(data: &[u8]) {
    STORE.with_borrow_mut(|held| {
        if held.as_ref().is_none_or(|(_, _, runs)| *runs == RUNS) {
            let dir = tempfile::tempdir().expect("a directory");
            let path = dir.path().join("central.db");
            let store = SqliteStore::create(&path, None).expect("a store");
            *held = Some((store, dir, 0));
        }
        let (store, _, runs) = held.as_mut().expect("made above");
        *runs += 1;
        run(&mut Unstructured::new(data), store).expect("bytes are always drawn");
    });
}

fn run(u: &mut Unstructured<'_>, store: &SqliteStore) -> Result<()> {
    let dir = tempfile::tempdir().expect("a directory");
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(dir.path().join(name), bytes).expect("a file");
    };
    let mut registers = REGISTERS.as_bytes().to_vec();
    if rarely(u, 3)? {
        patch(u, &mut registers, 6)?;
    }
    write("registers.toml", &registers);
    write("people.jsonl", &people(u)?);
    let prints = dir.path().join("prints");
    std::fs::create_dir(&prints).expect("a directory");
    for _ in 0..u.int_in_range(0..=2)? {
        let (ending, bytes) = u.choose(&*PRINTS)?;
        let mut bytes = bytes.clone();
        if rarely(u, 2)? {
            patch(u, &mut bytes, 4)?;
        }
        let name = if rarely(u, 6)? {
            text(u)?.replace(['/', '\0'], "")
        } else {
            let word = u.choose(&["right_index", "left_thumb", "thumb"])?;
            format!("p-{}_{word}.{ending}", u.int_in_range(1..=2)?)
        };
        // A name that the file system does not take is none.
        std::fs::write(prints.join(name), bytes).ok();
    }
    if rarely(u, 4)? {
        let portraits = dir.path().join("portraits");
        std::fs::create_dir(&portraits).expect("a folder");
        let mut bytes = crate::draw::picture(u)?;
        if bytes.is_empty() {
            bytes.push(0xFF);
        }
        patch(u, &mut bytes, 3)?;
        let ending = u.choose(&["jpg", "png", "iso", "gif"])?;
        std::fs::write(portraits.join(format!("p-1.{ending}")), bytes).expect("a file");
    }
    let folder = match read_folder(dir.path(), || Ok(faces()), &mut |_| ()) {
        Ok(folder) => folder,
        Err(error) => {
            assert!(!error.to_string().contains(MARKER));
            return Ok(());
        }
    };
    assert!(!format!("{folder:?}").contains(MARKER));
    let count = folder.people.len() as u64;
    let stored = import_people(store, &folder.registers, folder.people, Timestamp(NOW));
    match stored {
        Ok(_) => {
            Depth::PeopleStored.reach();
            assert!(store.people_count().expect("a count") >= count);
        }
        Err(ImportFault::Store(error)) => panic!("{error}"),
        Err(error) => assert!(!error.to_string().contains(MARKER)),
    }
    Ok(())
}

/// Without the model of embeddings: of it nothing is read here.
fn faces() -> &'static FaceReader {
    static FACES: OnceLock<FaceReader> = OnceLock::new();
    FACES.get_or_init(|| FaceReader::new(None).expect("the detector that is built in"))
}

fn people(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    for n in 1..=u.int_in_range(1..=3_u8)? {
        match u.int_in_range(0..=3)? {
            0..=1 => {
                let line = PERSON.replace("p-1", &format!("p-{n}"));
                file.extend_from_slice(line.replace("000", &format!("00{n}")).as_bytes());
            }
            2 => {
                let mut line = PERSON.as_bytes().to_vec();
                patch(u, &mut line, 5)?;
                file.extend(line);
            }
            _ => {
                file.extend(bytes(u, 600)?);
                file.push(b'\n');
            }
        }
    }
    Ok(file)
}
