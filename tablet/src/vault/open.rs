//! Opening the vault: lock, check, quarantine, schema, and the meeting of database and mark.

use super::mark::{Mark, MarkFile};
use super::{
    Inner, JournalRow, State, Vault, VaultError, captures, entries, identity, open_session_ids,
    wipe,
};
use crate::device::keystore::{make_private_dir, sync_dir};
use crate::device::{Clock, KeyStore};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::ffi;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/0001_vault.sql"),
    include_str!("../../../migrations/0002_access_and_captures.sql"),
];
/// `EPTv`: a database of ours.
const APPLICATION_ID: u32 = 0x4550_5476;
pub(super) const DATABASE: &str = "vault.db";
const FILES: [&str; 3] = [DATABASE, "vault.db-wal", "vault.db-shm"];

/// What was found when the vault was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenReport {
    /// A damaged database was moved there, whole; a new one was begun.
    pub quarantined: Option<PathBuf>,
    /// The journal goes on after this number, since the database no longer knew of it: it was
    /// quarantined, deleted, or an old copy was put in its place.
    pub resumed_after: Option<u64>,
}

/// What the files say before SQLite may touch them.
enum Found {
    Nothing,
    Ours,
    Damaged,
}

impl Vault {
    /// Opens or begins the vault in `dir`.
    ///
    /// # Errors
    /// [`VaultError::InUse`] while another program has it; [`VaultError::NewerSchema`] for a
    /// database of a newer program, which is left as it is; others as they come. A *damaged*
    /// database is none: see [`OpenReport::quarantined`].
    pub fn open(
        dir: &Path,
        keystore: Arc<dyn KeyStore>,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, OpenReport), VaultError> {
        make_private_dir(dir)?;
        let held = take_lock(dir)?;
        let mut report = OpenReport::default();
        let wiping = wipe::go_on(dir, keystore.as_ref())?;
        let mut marks = MarkFile::new(dir);
        let in_place = wiping.as_ref().map(wipe::WipeState::database).transpose()?;
        let in_place = in_place.flatten();
        let deleted = in_place.is_some();
        let mut db = match in_place {
            Some(db) => db,
            None => {
                let mark = marks.read()?;
                let mut db = match open_sound(dir, mark.is_some())? {
                    Some(db) => db,
                    None => {
                        report.quarantined = Some(quarantine(dir, clock.now().0)?);
                        open_new(dir)?
                    }
                };
                report.resumed_after = meet(&mut db, mark)?;
                let journal = JournalRow::read(&db)?;
                if let Some(mark) = mark.filter(|mark| mark.seq < journal.last_seq) {
                    marks.write(Mark {
                        seq: journal.last_seq,
                        head: journal.head,
                        ..mark
                    })?;
                }
                db
            }
        };
        if !deleted {
            make_private_dir(&captures::dir(dir))?;
        }
        sync_dir(dir)?;
        let gap = report != OpenReport::default();
        let damaged = if deleted {
            Vec::new()
        } else {
            captures::sweep(dir, &mut db, gap, || aside(dir, clock.now().0))?
        };
        let owed = entries::destroy_orphans(&db, keystore.as_ref())?;
        if !deleted {
            identity::take_over(dir, &db, keystore.as_ref())?;
        }
        let vault = Self(Arc::new(Inner {
            dir: dir.to_path_buf(),
            keystore,
            clock,
            state: Mutex::new(State {
                db,
                mark: marks,
                astray: false,
                seen: None,
            }),
            identity: Mutex::new(None),
            damaged: Mutex::default(),
            owed: Mutex::new(owed),
            wiping: Mutex::new(wiping),
            changed: watch::Sender::new(0),
            clock_off: Mutex::new(None),
            _lock: held,
        }));
        for seq in damaged {
            vault.report_damaged("captures", seq);
        }
        if vault.wiping() == Some(wipe::Wiping::Ordered)
            && let Err(error) = vault.destroy_reading_keys()
        {
            tracing::error!(
                code = error.code(),
                "the reading keys are not destroyed yet"
            );
        }
        if report != OpenReport::default() {
            let quarantined = report.quarantined.is_some();
            tracing::error!(
                quarantined,
                after = report.resumed_after,
                "the journal has a gap"
            );
        }
        Ok((vault, report))
    }
}

fn take_lock(dir: &Path) -> Result<File, VaultError> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(dir.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(VaultError::InUse),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// `Ok(None)`: what is there is damaged.
fn open_sound(dir: &Path, had_journal: bool) -> Result<Option<Connection>, VaultError> {
    let found = match look(dir, had_journal) {
        Err(VaultError::Damaged) => Found::Damaged,
        found => found?,
    };
    match found {
        Found::Damaged => Ok(None),
        Found::Nothing => open_new(dir).map(Some),
        Found::Ours => match open_ours(dir) {
            // Statements of ours that it does not take: its schema is not the one it says it has.
            Err(VaultError::Damaged | VaultError::Database(ffi::SQLITE_ERROR)) => Ok(None),
            opened => opened.map(Some),
        },
    }
}

/// Reads the header with plain file operations: a newer program's database is to stay untouched.
fn look(dir: &Path, had_journal: bool) -> Result<Found, VaultError> {
    let path = dir.join(DATABASE);
    let metadata = match fs::symlink_metadata(&path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            // A WAL without its database: half of a quarantine, or a deleted database.
            let stray = FILES[1..].iter().any(|name| dir.join(name).exists());
            return Ok(if stray {
                Found::Damaged
            } else {
                Found::Nothing
            });
        }
        Err(error) => return Err(error.into()),
    };
    if !metadata.is_file() {
        return Ok(Found::Damaged);
    }
    if metadata.len() == 0 {
        // The power went while the very first database was made, unless there was one before.
        let wal = fs::metadata(dir.join(FILES[1])).is_ok_and(|wal| wal.len() > 0);
        return Ok(if had_journal || wal {
            Found::Damaged
        } else {
            Found::Nothing
        });
    }
    let mut header = Vec::new();
    File::open(&path)?.take(100).read_to_end(&mut header)?;
    let number = |at: usize| {
        let bytes = header.get(at..at + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    };
    let (Some(version), Some(application)) = (number(60), number(68)) else {
        return Ok(Found::Damaged);
    };
    if !header.starts_with(b"SQLite format 3\0") {
        return Ok(Found::Damaged);
    }
    // 0: the schema of a database just made is still in its WAL.
    if application != APPLICATION_ID && application != 0 {
        return Ok(Found::Damaged);
    }
    if version as usize > MIGRATIONS.len() {
        return Err(VaultError::NewerSchema);
    }
    Ok(Found::Ours)
}

fn connect(dir: &Path) -> Result<Connection, VaultError> {
    let db = Connection::open(dir.join(DATABASE))?;
    // Nothing is written to a database before it is known to be sound, not even by closing it.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    // One program, one connection (the lock file sees to it): no shared memory file.
    db.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    db.pragma_update(None, "cell_size_check", true)?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(db)
}

fn open_ours(dir: &Path) -> Result<Connection, VaultError> {
    let db = connect(dir)?;
    let version: usize = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > MIGRATIONS.len() {
        return Err(VaultError::NewerSchema);
    }
    let verdict: String = db.pragma_query_value(None, "integrity_check", |row| row.get(0))?;
    if verdict != "ok" {
        return Err(VaultError::Damaged);
    }
    let application: u32 = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if version > 0 && application != APPLICATION_ID {
        return Err(VaultError::Damaged);
    }
    if version == MIGRATIONS.len() {
        // Before the first write: what does not fit is moved aside as it was.
        check_fits(&db)?;
        return settle(db);
    }
    let db = settle(db)?;
    check_fits(&db)?;
    Ok(db)
}

/// Whether tables, columns and indexes are those that the migrations make, with no trigger or view
/// beside them, and whether the rows that every start reads can be read.
///
/// # Errors
/// [`VaultError::Damaged`]: they are not, though SQLite finds nothing wrong.
fn check_fits(db: &Connection) -> Result<(), VaultError> {
    let model = settle(Connection::open_in_memory()?)?;
    if structure(db)? != structure(&model)? {
        return Err(VaultError::Damaged);
    }
    JournalRow::read(db)?;
    db.query_row("SELECT met FROM journal", [], |row| row.get::<_, bool>(0))?;
    open_session_ids(db)?;
    captures::rows(db)?;
    Ok(())
}

/// What the schema declares, a line each; its text may differ between versions of SQLite.
fn structure(db: &Connection) -> Result<Vec<String>, VaultError> {
    let mut statement = db.prepare(
        "SELECT concat_ws(' ', s.type, s.name, s.tbl_name, c.cid, c.name, c.type, c.\"notnull\",
                          c.dflt_value, c.pk)
         FROM sqlite_schema s LEFT JOIN pragma_table_info(s.name) c
         ORDER BY s.type, s.name, c.cid",
    )?;
    let lines = statement.query_map([], |row| row.get(0))?;
    Ok(lines.collect::<Result<_, _>>()?)
}

pub(super) fn open_new(dir: &Path) -> Result<Connection, VaultError> {
    settle(connect(dir)?)
}

/// Settings of a sound database, and the schema's missing steps.
pub(super) fn settle(mut db: Connection) -> Result<Connection, VaultError> {
    db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "secure_delete", true)?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(None, "journal_size_limit", 4 * 1024 * 1024)?;
    db.set_prepared_statement_cache_capacity(32);
    let version: usize = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for (step, sql) in MIGRATIONS.iter().enumerate().skip(version) {
        let transaction = db.transaction()?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", step + 1)?;
        transaction.commit()?;
    }
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(db)
}

/// A directory for what is moved out of the way.
fn aside(dir: &Path, now: i64) -> Result<PathBuf, VaultError> {
    let mut aside = dir.join(format!("damaged-{now}"));
    let mut again = 0;
    while aside.exists() {
        again += 1;
        aside = dir.join(format!("damaged-{now}-{again}"));
    }
    make_private_dir(&aside)?;
    Ok(aside)
}

/// Moves the database with its WAL and its captures aside; nothing is deleted.
fn quarantine(dir: &Path, now: i64) -> Result<PathBuf, VaultError> {
    let aside = aside(dir, now)?;
    // The database first: a WAL left alone by a power cut is recognised at the next start, and so
    // are captures that no database knows.
    for name in FILES.into_iter().chain([captures::DIR]) {
        match fs::rename(dir.join(name), aside.join(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    sync_dir(&aside)?;
    sync_dir(dir)?;
    Ok(aside)
}

/// Database and mark must agree, up to the one number of an interrupted append. Returns the number
/// after which the journal goes on where they do not.
pub(super) fn meet(db: &mut Connection, mark: Option<Mark>) -> Result<Option<u64>, VaultError> {
    let journal = JournalRow::read(db)?;
    let met: bool = db.query_row("SELECT met FROM journal", [], |row| row.get(0))?;
    let agreed = journal.last_seq + u64::from(met);
    match mark {
        Some(mark) if mark.seq > agreed => {
            db.execute(
                "UPDATE journal SET met = 1, last_seq = ?1, head = ?2, base_seq = ?1,
                        base_head = ?2",
                (mark.seq, mark.head.0),
            )?;
            Ok(Some(mark.seq))
        }
        _ => {
            if !met {
                db.execute("UPDATE journal SET met = 1", [])?;
            }
            Ok(None)
        }
    }
}
