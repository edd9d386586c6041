//! Tablets, officers, sessions, audit.

use super::*;
use crate::audit::AuditEvent;
use protocol::Officer;
use rusqlite::{OptionalExtension as _, Row, params};

pub(super) fn add_code(tx: &Transaction<'_>, code: &NewCode) -> Sql<()> {
    tx.execute(
        "INSERT INTO enrolment_code (hash, device_name, expires_at) VALUES (?1, ?2, ?3)",
        params![code.hash, code.device_name, code.expires_at.0],
    )?;
    Ok(())
}

pub(super) fn code_is_good(c: &Connection, hash: &[u8; 32], at: Timestamp) -> Sql<bool> {
    Ok(c.prepare_cached(
        "SELECT 1 FROM enrolment_code WHERE hash = ?1 AND used_at IS NULL AND expires_at > ?2",
    )?
    .exists(params![hash, at.0])?)
}

pub(super) fn enrol(tx: &Transaction<'_>, enrolment: &Enrolment) -> Sql<bool> {
    let name: Option<String> = tx
        .query_row(
            "UPDATE enrolment_code SET used_at = ?2
             WHERE hash = ?1 AND used_at IS NULL AND expires_at > ?2 RETURNING device_name",
            params![enrolment.code_hash, enrolment.at.0],
            |row| row.get(0),
        )
        .optional()?;
    let Some(name) = name else { return Ok(false) };
    tx.execute(
        "INSERT INTO device (id, name, journal_key, enrolled_at) VALUES (?1, ?2, ?3, ?4)",
        params![
            enrolment.device.0.into_bytes(),
            name,
            enrolment.journal_key,
            enrolment.at.0
        ],
    )?;
    Ok(true)
}

pub(super) fn take_back(tx: &Transaction<'_>, device: &DeviceRecord, at: Timestamp) -> Sql<bool> {
    let added = tx.execute(
        "INSERT INTO device (id, name, journal_key, enrolled_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (id) DO NOTHING",
        params![
            device.id.0.into_bytes(),
            device.name,
            device.journal_key,
            at.0
        ],
    )?;
    Ok(added > 0)
}

fn read_device(row: &Row<'_>) -> rusqlite::Result<Device> {
    Ok(Device {
        id: DeviceId(uuid(row.get(0)?)),
        name: row.get(1)?,
        journal_key: row.get(2)?,
        revoked: row.get::<_, Option<i64>>(3)?.is_some(),
        lost_at: row.get::<_, Option<i64>>(4)?.map(Timestamp),
        wiped: row.get(5)?,
    })
}

const DEVICE: &str = "SELECT id, name, journal_key, revoked_at, lost_at,
    EXISTS (SELECT 1 FROM wipe_report WHERE device = id AND stage = 'wiped') FROM device";

pub(super) fn device(c: &Connection, device: DeviceId) -> Sql<Option<Device>> {
    let sql = format!("{DEVICE} WHERE id = ?1");
    let mut statement = c.prepare_cached(&sql)?;
    Ok(statement
        .query_row([device.0.into_bytes()], read_device)
        .optional()?)
}

pub(super) fn devices(c: &Connection) -> Sql<Vec<Device>> {
    let mut statement = c.prepare(&format!("{DEVICE} ORDER BY enrolled_at"))?;
    Ok(statement
        .query_map([], read_device)?
        .collect::<Result<_, _>>()?)
}

pub(super) fn revoke(tx: &Transaction<'_>, device: DeviceId, at: Timestamp) -> Sql<bool> {
    let known = tx.execute(
        "UPDATE device SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1",
        params![device.0.into_bytes(), at.0],
    )?;
    end_sessions(tx, "device = ?1", &device.0.into_bytes(), at)?;
    kit::end_of_device(tx, device, at)?;
    Ok(known > 0)
}

pub(super) fn unlock(tx: &Transaction<'_>, device: DeviceId) -> Sql<Option<u64>> {
    let serial: Option<i64> = tx
        .query_row(
            "UPDATE device SET unlock_serial = unlock_serial + 1 WHERE id = ?1
             RETURNING unlock_serial",
            [device.0.into_bytes()],
            |row| row.get(0),
        )
        .optional()?;
    Ok(serial.map(nat))
}

pub(super) fn add_officer(tx: &Transaction<'_>, row: &OfficerRow) -> Sql<bool> {
    let added = tx.execute(
        "INSERT INTO officer (id, login, password, name, rank, unit, role, active)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (login) DO NOTHING",
        params![
            row.officer.id.0.into_bytes(),
            row.login,
            row.password,
            row.officer.name,
            row.officer.rank,
            row.officer.unit,
            word(&row.officer.role)?,
            row.active
        ],
    )?;
    Ok(added > 0)
}

/// Officers, read in two steps: the row, then what its words mean.
pub(super) mod read_officer {
    use super::*;

    pub(in super::super) type Columns = ([u8; 16], [String; 6], bool);

    pub(in super::super) fn sql(tail: &str) -> String {
        format!("SELECT id, login, password, name, rank, unit, role, active FROM officer {tail}")
    }

    pub(in super::super) fn row(row: &Row<'_>) -> rusqlite::Result<Columns> {
        let texts = [
            row.get(1)?,
            row.get(2)?,
            row.get(3)?,
            row.get(4)?,
            row.get(5)?,
            row.get(6)?,
        ];
        Ok((row.get(0)?, texts, row.get(7)?))
    }

    pub(in super::super) fn whole((id, texts, active): Columns) -> Sql<OfficerRow> {
        let [login, password, name, rank, unit, role] = texts;
        Ok(OfficerRow {
            officer: Officer {
                id: OfficerId(uuid(id)),
                name,
                rank,
                unit,
                role: from_word(role, "role")?,
            },
            login,
            password,
            active,
        })
    }
}

pub(super) fn officer_by_login(c: &Connection, login: &str) -> Sql<Option<OfficerRow>> {
    c.prepare_cached(&read_officer::sql("WHERE login = ?1"))?
        .query_row([login], read_officer::row)
        .optional()?
        .map(read_officer::whole)
        .transpose()
}

pub(super) fn password_beside(c: &Connection, login: &str) -> Sql<Option<String>> {
    Ok(
        c.prepare_cached("SELECT password FROM officer ORDER BY login < ?1, login LIMIT 1")?
            .query_row([login], |row| row.get(0))
            .optional()?,
    )
}

pub(super) fn deactivate_officer(
    tx: &Transaction<'_>,
    officer: OfficerId,
    at: Timestamp,
) -> Sql<bool> {
    let known = tx.execute(
        "UPDATE officer SET active = 0 WHERE id = ?1",
        [officer.0.into_bytes()],
    )?;
    end_sessions(tx, "officer = ?1", &officer.0.into_bytes(), at)?;
    access::end_reservations(tx, officer, at)?;
    kit::end_of_officer(tx, officer, at)?;
    Ok(known > 0)
}

pub(super) fn open_session(
    tx: &Transaction<'_>,
    session: &NewSession,
    password: &str,
) -> Sql<SessionOpened> {
    let officer: Option<(bool, String)> = tx
        .query_row(
            "SELECT active, password FROM officer WHERE id = ?1",
            [session.officer.0.into_bytes()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    match officer {
        Some((true, now)) if now == password => {}
        Some((true, _)) => return Ok(SessionOpened::PasswordChanged),
        _ => return Ok(SessionOpened::OfficerInactive),
    }
    if device(tx, session.device)?.is_none_or(|d| d.revoked || d.lost_at.is_some()) {
        return Ok(SessionOpened::DeviceOut);
    }
    let ended = {
        let mut open =
            tx.prepare_cached("SELECT id FROM session WHERE device = ?1 AND ended_at IS NULL")?;
        let ids = open.query_map([session.device.0.into_bytes()], |row| {
            Ok(SessionId(uuid(row.get(0)?)))
        })?;
        ids.collect::<Result<Vec<_>, _>>()?
    };
    end_sessions(
        tx,
        "device = ?1",
        &session.device.0.into_bytes(),
        session.at,
    )?;
    tx.execute(
        "INSERT INTO session (id, device, officer, token, opened_at, lease_until)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            session.id.0.into_bytes(),
            session.device.0.into_bytes(),
            session.officer.0.into_bytes(),
            session.token_hash,
            session.at.0,
            session.lease_until.0
        ],
    )?;
    Ok(SessionOpened::Opened(ended))
}

pub(super) fn end_session(
    tx: &Transaction<'_>,
    session: SessionId,
    device: DeviceId,
    at: Timestamp,
) -> Sql<bool> {
    let theirs: bool = tx.query_row(
        "SELECT EXISTS (SELECT 1 FROM session WHERE id = ?1 AND device = ?2 AND ended_at IS NULL)",
        params![session.0.into_bytes(), device.0.into_bytes()],
        |row| row.get(0),
    )?;
    if theirs {
        end_sessions(tx, "id = ?1", &session.0.into_bytes(), at)?;
    }
    Ok(theirs)
}

/// Ends open sessions; what the tablet never confirmed is for the duty desk from now on.
pub(super) fn end_sessions(
    tx: &Transaction<'_>,
    which: &str,
    id: &[u8; 16],
    at: Timestamp,
) -> Sql<()> {
    tx.execute(
        &format!(
            "INSERT OR IGNORE INTO duty_answer (question, session, at)
             SELECT m.question, m.session, ?2 FROM message m
             JOIN (SELECT id AS open, seen FROM session WHERE {which} AND ended_at IS NULL)
             ON m.session = open WHERE m.cursor > seen AND m.question IS NOT NULL"
        ),
        params![id, at.0],
    )?;
    tx.execute(
        &format!(
            "DELETE FROM reserved_session WHERE begun_at IS NOT NULL
             AND id IN (SELECT id FROM session WHERE {which} AND ended_at IS NULL)"
        ),
        [id],
    )?;
    tx.execute(
        &format!("UPDATE session SET ended_at = ?2 WHERE {which} AND ended_at IS NULL"),
        params![id, at.0],
    )?;
    Ok(())
}

fn read_session(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        id: SessionId(uuid(row.get(0)?)),
        device: DeviceId(uuid(row.get(1)?)),
        officer: OfficerId(uuid(row.get(2)?)),
        lease_until: Timestamp(row.get(3)?),
        ended: row.get::<_, Option<i64>>(4)?.is_some(),
    })
}

const SESSION: &str = "SELECT id, device, officer, lease_until, ended_at FROM session";

pub(super) fn session(c: &Connection, session: SessionId) -> Sql<Option<Session>> {
    let sql = format!("{SESSION} WHERE id = ?1");
    let mut statement = c.prepare_cached(&sql)?;
    Ok(statement
        .query_row([session.0.into_bytes()], read_session)
        .optional()?)
}

pub(super) fn session_by_token(c: &Connection, token: &[u8; 32]) -> Sql<Option<Session>> {
    let sql = format!("{SESSION} WHERE token = ?1");
    let mut statement = c.prepare_cached(&sql)?;
    Ok(statement.query_row([token], read_session).optional()?)
}

pub(super) fn audit(tx: &Transaction<'_>, entry: &AuditEntry) -> Sql<()> {
    tx.prepare_cached(
        "INSERT INTO audit (at, event, device, session, officer, subject)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        entry.at.0,
        entry.event.code(),
        entry.device.map(|id| id.0.into_bytes()),
        entry.session.map(|id| id.0.into_bytes()),
        entry.officer.map(|id| id.0.into_bytes()),
        entry.subject
    ])?;
    Ok(())
}

pub(super) fn audit_entries(c: &Connection, limit: usize) -> Sql<Vec<AuditEntry>> {
    let mut statement = c.prepare(
        "SELECT at, event, device, session, officer, subject FROM audit ORDER BY id DESC LIMIT ?1",
    )?;
    let mut rows = statement.query([int(limit as u64)])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let code: String = row.get(1)?;
        let event = AuditEvent::ALL
            .into_iter()
            .find(|e| e.code() == code)
            .ok_or(Fault::Unreadable("audit event"))?;
        let id = |column| -> rusqlite::Result<Option<Uuid>> {
            Ok(row.get::<_, Option<[u8; 16]>>(column)?.map(uuid))
        };
        entries.push(AuditEntry {
            at: Timestamp(row.get(0)?),
            event,
            device: id(2)?.map(DeviceId),
            session: id(3)?.map(SessionId),
            officer: id(4)?.map(OfficerId),
            subject: row.get(5)?,
        });
    }
    Ok(entries)
}
