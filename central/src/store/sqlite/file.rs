//! The database file: made, brought up to date, checked before it is opened; and what its errors mean.

use super::SqliteStore;
use crate::disk;
use crate::store::StoreError;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use std::io::Read as _;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

/// Marks the file as central's; the other two say also what for, from the first time that it is served.
const APPLICATION_ID: i32 = 0x4550_4331;
const DUTY_ID: i32 = 0x4550_4344;
const TRAINING_ID: i32 = 0x4550_4354;
/// Numbered migrations; what has been shipped is never changed.
const MIGRATIONS: [&str; 9] = [
    include_str!("../../../migrations/0001_first.sql"),
    include_str!("../../../migrations/0002_access_and_captures.sql"),
    include_str!("../../../migrations/0003_duty_desk.sql"),
    include_str!("../../../migrations/0004_report.sql"),
    include_str!("../../../migrations/0005_custody_incidents.sql"),
    include_str!("../../../migrations/0006_desk_encounters.sql"),
    include_str!("../../../migrations/0007_other_means_and_dock.sql"),
    include_str!("../../../migrations/0008_complaints.sql"),
    include_str!("../../../migrations/0009_portraits.sql"),
];
/// Another process (the command line beside the server) is waited for.
const BUSY: Duration = Duration::from_secs(10);

impl SqliteStore {
    /// Makes an empty database, or brings an older one up to date.
    ///
    /// # Errors
    /// The file is damaged, newer than this program, or cannot be written.
    pub fn create(path: &Path, pages: Option<u32>) -> Result<Self, StoreError> {
        Self::open_with(path, pages, true)
    }

    /// Opens a database that is there.
    ///
    /// # Errors
    /// It is absent, damaged, newer than this program, or cannot be written.
    pub fn open(path: &Path, pages: Option<u32>) -> Result<Self, StoreError> {
        if !path.exists() {
            return Err(StoreError::Absent(path.into()));
        }
        Self::open_with(path, pages, false)
    }

    fn open_with(path: &Path, pages: Option<u32>, create: bool) -> Result<Self, StoreError> {
        let there = std::fs::metadata(path).is_ok_and(|m| m.len() > 0);
        if there {
            Self::check(path)?;
        }
        let error = |e| fault(path, e);
        if create {
            own_file(path)?;
        }
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        if create {
            flags |= OpenFlags::SQLITE_OPEN_CREATE;
        }
        let mut writer = Connection::open_with_flags(path, flags).map_err(error)?;
        settings(&writer, pages).map_err(error)?;
        migrate(&mut writer).map_err(error)?;
        let another = || -> Result<Mutex<Connection>, StoreError> {
            let connection = Connection::open_with_flags(path, flags).map_err(error)?;
            settings(&connection, pages).map_err(error)?;
            Ok(Mutex::new(connection))
        };
        Ok(Self {
            path: path.into(),
            writer: Mutex::new(writer),
            reader: another()?,
            reporter: another()?,
        })
    }

    /// Whether it holds a training; `None`: it was never served, and does not say yet.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn training(&self) -> Result<Option<bool>, StoreError> {
        self.read(|c| Ok(purpose(application_id(c)?)))
    }

    /// Says for good whether it holds a training, if it does not say so yet; what it holds. One that was
    /// served before it could say so was served for duty.
    ///
    /// # Errors
    /// A training is asked for where duty is, or it cannot be read or written.
    pub fn settle_training(&self, asked: bool) -> Result<bool, StoreError> {
        let training = self.write(|tx| match purpose(application_id(tx)?) {
            Some(training) => Ok(training),
            None => {
                let served =
                    "SELECT EXISTS(SELECT 1 FROM device) OR EXISTS(SELECT 1 FROM envelope)";
                let served: bool = tx.query_row(served, [], |row| row.get(0))?;
                let training = asked && !served;
                let id = if training { TRAINING_ID } else { DUTY_ID };
                tx.pragma_update(None, "application_id", id)?;
                Ok(training)
            }
        })?;
        if asked && !training {
            return Err(StoreError::OfDuty(self.path.clone()));
        }
        Ok(training)
    }

    /// Looks at a file through a connection that cannot write: a damaged one is evidence, and is
    /// neither repaired nor touched.
    fn check(path: &Path) -> Result<(), StoreError> {
        let damaged = || StoreError::Damaged(path.into());
        // By plain file operations first: a connection makes files beside the database.
        if header_version(path).is_some_and(|version| version as usize > MIGRATIONS.len()) {
            return Err(StoreError::Newer(path.into()));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(|e| fault(path, e))?;
        connection.busy_timeout(BUSY).map_err(|e| fault(path, e))?;
        let number = |pragma: &str| -> Result<i64, StoreError> {
            connection
                .query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0))
                .map_err(|e| fault(path, e))
        };
        let version = number("user_version")?;
        let tables: i64 = connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .map_err(|e| fault(path, e))?;
        let ours = [APPLICATION_ID, DUTY_ID, TRAINING_ID].map(i64::from);
        if tables > 0 && !ours.contains(&number("application_id")?) {
            return Err(damaged());
        }
        if version > MIGRATIONS.len() as i64 {
            return Err(StoreError::Newer(path.into()));
        }
        let verdict: String = connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(|e| fault(path, e))?;
        if verdict == "ok" {
            Ok(())
        } else {
            Err(damaged())
        }
    }
}

fn application_id(connection: &Connection) -> rusqlite::Result<i32> {
    connection.query_row("PRAGMA application_id", [], |row| row.get(0))
}

/// Of a training, or of duty.
fn purpose(id: i32) -> Option<bool> {
    match id {
        DUTY_ID => Some(false),
        TRAINING_ID => Some(true),
        _ => None,
    }
}

/// The schema's number in a database's header; what is newer may stand in its log.
fn header_version(path: &Path) -> Option<u32> {
    let mut header = [0; 64];
    std::fs::File::open(path)
        .and_then(|mut file| file.read_exact(&mut header))
        .ok()?;
    let [.., a, b, c, d] = header;
    header
        .starts_with(b"SQLite format 3\0")
        .then_some(u32::from_be_bytes([a, b, c, d]))
}

/// Makes the file readable by its owner alone; SQLite gives its log the same rights.
fn own_file(path: &Path) -> Result<(), StoreError> {
    match disk::private_file().create_new(true).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(_) => Err(StoreError::Fault(rusqlite::ffi::SQLITE_CANTOPEN)),
    }
}

fn settings(connection: &Connection, pages: Option<u32>) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "secure_delete", true)?;
    if let Some(pages) = pages {
        connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
    }
    Ok(())
}

/// The steps by which SQLite reads for a statement, as its planner says them.
#[cfg(test)]
pub(super) fn plan(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
    let parameters = vec![rusqlite::types::Null; statement.parameter_count()];
    statement
        .query_map(rusqlite::params_from_iter(parameters), |row| row.get(3))?
        .collect()
}

pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let version = usize::try_from(version).unwrap_or(0);
    for (number, sql) in MIGRATIONS.iter().enumerate().skip(version) {
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", number as i64 + 1)?;
        if number == 0 {
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        }
    }
    transaction.commit()
}

pub(super) fn fault(path: &Path, error: rusqlite::Error) -> StoreError {
    match &error {
        rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
                StoreError::Damaged(path.into())
            }
            ErrorCode::DiskFull => StoreError::Full,
            _ => StoreError::Fault(failure.extended_code),
        },
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::IntegralValueOutOfRange(..) => StoreError::Unreadable("value"),
        _ => StoreError::Fault(-1),
    }
}
