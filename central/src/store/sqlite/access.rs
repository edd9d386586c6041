//! Log-ins, rosters and the sessions they promise, changes of officers.

use super::devices::{audit, end_sessions, read_officer};
use super::*;
use crate::audit::AuditEvent;
use protocol::MessageBody;
use rusqlite::{OptionalExtension as _, params};

/// Failures kept at most; beyond it those that make nobody wait are dropped.
const FAILURES: i64 = 10_000;

fn failures(tx: &Transaction<'_>, who: &Who) -> Sql<(u32, i64)> {
    let row = tx
        .prepare_cached("SELECT failures, not_before FROM login_failure WHERE who = ?1")?
        .query_row([who], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(row.unwrap_or((0, i64::MIN)))
}

pub(super) fn begin_login(tx: &Transaction<'_>, attempt: &LoginAttempt<'_>) -> Sql<LoginTurn> {
    let both = [&attempt.login, &attempt.device];
    if failures(tx, &attempt.login)?.0 >= attempt.lock_after {
        return Ok(LoginTurn::Locked);
    }
    let mut wait = 0;
    for who in both {
        let (_, not_before) = failures(tx, who)?;
        wait = wait.max(Timestamp(not_before).millis_since(attempt.at));
    }
    if wait > 0 {
        // Never longer than the longest, though the clock be set back by years.
        return Ok(LoginTurn::Wait(wait.min((attempt.wait_ms)(u32::MAX))));
    }
    let kept: i64 = tx.query_row("SELECT count(*) FROM login_failure", [], |r| r.get(0))?;
    if kept >= FAILURES {
        tx.execute(
            "DELETE FROM login_failure WHERE not_before <= ?1 AND failures < ?2",
            params![attempt.at.0, attempt.lock_after],
        )?;
    }
    for who in both {
        let count = failures(tx, who)?.0.saturating_add(1);
        let not_before = attempt.at.plus_millis((attempt.wait_ms)(count));
        tx.execute(
            "INSERT INTO login_failure (who, failures, not_before) VALUES (?1, ?2, ?3)
             ON CONFLICT (who) DO UPDATE SET failures = ?2, not_before = ?3",
            params![who, count, not_before.0],
        )?;
    }
    Ok(LoginTurn::Now)
}

pub(super) fn forget_failures(tx: &Transaction<'_>, who: &Who) -> Sql<bool> {
    Ok(tx.execute("DELETE FROM login_failure WHERE who = ?1", [who])? > 0)
}

pub(super) fn reactivate(tx: &Transaction<'_>, officer: OfficerId) -> Sql<bool> {
    let known = tx.execute(
        "UPDATE officer SET active = 1 WHERE id = ?1",
        [officer.0.into_bytes()],
    )?;
    Ok(known > 0)
}

pub(super) fn change(tx: &Transaction<'_>, change: &OfficerChange) -> Sql<Option<Vec<SessionId>>> {
    let id = change.officer.0.into_bytes();
    let role = change.role.as_ref().map(word).transpose()?;
    let known = tx.execute(
        "UPDATE officer SET name = coalesce(?2, name), rank = coalesce(?3, rank),
                unit = coalesce(?4, unit), role = coalesce(?5, role),
                password = coalesce(?6, password)
         WHERE id = ?1",
        params![
            id,
            change.name,
            change.rank,
            change.unit,
            role,
            change.password
        ],
    )?;
    if known == 0 {
        return Ok(None);
    }
    let open = {
        let mut open = tx.prepare_cached(
            "SELECT id FROM session WHERE officer = ?1 AND ended_at IS NULL ORDER BY id",
        )?;
        let ids = open.query_map([id], |row| Ok(SessionId(uuid(row.get(0)?))))?;
        ids.collect::<Result<Vec<_>, _>>()?
    };
    if change.password.is_some() {
        end_sessions(tx, "officer = ?1", &id, change.at)?;
        end_reservations(tx, change.officer, change.at)?;
        return Ok(Some(open));
    }
    let row = tx.query_row(&read_officer::sql("WHERE id = ?1"), [id], read_officer::row)?;
    let body = MessageBody::OfficerChanged {
        officer: Box::new(read_officer::whole(row)?.officer),
    };
    for session in &open {
        let content = questions::Content::Body(&body);
        questions::put_message(tx, session.0.as_bytes(), content)?;
    }
    Ok(Some(open))
}

/// Nobody logs in any more by what rosters promised this officer.
pub(super) fn end_reservations(tx: &Transaction<'_>, officer: OfficerId, at: Timestamp) -> Sql<()> {
    tx.execute(
        "UPDATE reserved_session SET dead_at = ?2 WHERE officer = ?1 AND dead_at IS NULL",
        params![officer.0.into_bytes(), at.0],
    )?;
    Ok(())
}

pub(super) fn roster(
    tx: &Transaction<'_>,
    request: &RosterRequest,
    reserve: &mut dyn FnMut() -> Reserved,
) -> Sql<RosterRows> {
    let device = request.device.0.into_bytes();
    let unlock_serial: i64 = tx.query_row(
        "UPDATE device SET roster_until = ?2 WHERE id = ?1 RETURNING unlock_serial",
        params![device, request.lease_until.0],
        |row| row.get(0),
    )?;
    let mut rows = RosterRows {
        unlock_serial: nat(unlock_serial),
        officers: Vec::new(),
    };
    let last: Option<([u8; 16], String)> = tx
        .query_row(
            "SELECT o.id, o.unit FROM session s JOIN officer o ON o.id = s.officer
             WHERE s.device = ?1 ORDER BY s.opened_at DESC, s.id LIMIT 1",
            [device],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let Some((last, unit)) = last else {
        return Ok(rows);
    };
    let officers = {
        // Whoever is on the tablet comes first, whatever the limit leaves out.
        let sql =
            read_officer::sql("WHERE unit = ?1 AND active = 1 ORDER BY id <> ?2, login LIMIT ?3");
        let mut statement = tx.prepare_cached(&sql)?;
        let found = statement.query_map(
            params![unit, last, int(request.entries as u64)],
            read_officer::row,
        )?;
        found.collect::<Result<Vec<_>, _>>()?
    };
    let each = request
        .entries
        .checked_div(officers.len())
        .unwrap_or(0)
        .min(request.logins);
    for officer in officers {
        let officer = read_officer::whole(officer)?;
        let sessions = reservations(tx, request, officer.officer.id, each, reserve)?;
        rows.officers.push(RosterOfficer { officer, sessions });
    }
    if let Some(session) = request.session {
        let on_it = |officer: OfficerId| {
            rows.officers
                .iter()
                .any(|o| o.officer.officer.id == officer)
        };
        let open = devices::session(tx, session)?.is_some_and(|s| {
            s.device == request.device && s.is_open(request.at) && on_it(s.officer)
        });
        if open {
            tx.execute(
                "UPDATE session SET lease_until = max(lease_until, ?2) WHERE id = ?1",
                params![session.0.into_bytes(), request.lease_until.0],
            )?;
        }
    }
    Ok(rows)
}

/// The officer's unused sessions on that tablet, and new ones up to `wanted`.
fn reservations(
    tx: &Transaction<'_>,
    request: &RosterRequest,
    officer: OfficerId,
    wanted: usize,
    reserve: &mut dyn FnMut() -> Reserved,
) -> Sql<Vec<SessionId>> {
    let (device, officer) = (request.device.0.into_bytes(), officer.0.into_bytes());
    let mut sessions = {
        let mut unused = tx.prepare_cached(
            "SELECT id FROM reserved_session WHERE officer = ?1 AND device = ?2
             AND begun_at IS NULL AND dead_at IS NULL ORDER BY issued_at, id LIMIT ?3",
        )?;
        let ids = unused.query_map(params![officer, device, int(wanted as u64)], |row| {
            Ok(SessionId(uuid(row.get(0)?)))
        })?;
        ids.collect::<Result<Vec<_>, _>>()?
    };
    while sessions.len() < wanted {
        let new = reserve();
        tx.prepare_cached(
            "INSERT INTO reserved_session (id, device, officer, token, issued_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            new.session.0.into_bytes(),
            device,
            officer,
            new.token_hash,
            request.at.0
        ])?;
        sessions.push(new.session);
    }
    Ok(sessions)
}

/// A reserved session as it stands.
struct Promise {
    id: SessionId,
    officer: [u8; 16],
    token: [u8; 32],
    begun: bool,
    dead: bool,
    lease_until: i64,
}

fn promise(tx: &Connection, which: &str, key: &[u8], device: DeviceId) -> Sql<Option<Promise>> {
    let sql = format!(
        "SELECT r.id, r.officer, r.token, r.begun_at IS NOT NULL, r.dead_at IS NOT NULL,
                d.roster_until
         FROM reserved_session r JOIN device d ON d.id = r.device
         WHERE {which} = ?1 AND r.device = ?2"
    );
    let found = tx
        .prepare_cached(&sql)?
        .query_row(params![key, device.0.into_bytes()], |row| {
            Ok(Promise {
                id: SessionId(uuid(row.get(0)?)),
                officer: row.get(1)?,
                token: row.get(2)?,
                begun: row.get(3)?,
                dead: row.get(4)?,
                lease_until: row.get(5)?,
            })
        })
        .optional()?;
    Ok(found)
}

pub(super) fn is_reserved(c: &Connection, token: &[u8; 32], device: DeviceId) -> Sql<bool> {
    Ok(promise(c, "r.token", token, device)?.is_some())
}

pub(super) fn begin_by_token(
    tx: &Transaction<'_>,
    token: &[u8; 32],
    device: DeviceId,
    at: Timestamp,
) -> Sql<Option<Vec<SessionId>>> {
    let Some(promise) = promise(tx, "r.token", token, device)? else {
        return Ok(None);
    };
    if promise.dead || promise.lease_until <= at.0 {
        return Ok(None);
    }
    let id = promise.id.0.into_bytes();
    let others = {
        let mut open = tx.prepare_cached(
            "SELECT id FROM session WHERE device = ?1 AND id <> ?2 AND ended_at IS NULL",
        )?;
        let ids = open.query_map(params![device.0.into_bytes(), id], |row| {
            Ok(SessionId(uuid(row.get(0)?)))
        })?;
        ids.collect::<Result<Vec<_>, _>>()?
    };
    for other in &others {
        end_sessions(tx, "id = ?1", &other.0.into_bytes(), at)?;
    }
    if !promise.begun {
        insert(tx, &promise, device, at, None)?;
    }
    tx.execute("DELETE FROM reserved_session WHERE id = ?1", [id])?;
    Ok(Some(others))
}

/// The first envelope of a reserved session: from here on the session is known. Evidence of one that
/// may not begin any more is the officer's all the same.
pub(super) fn begin_by_envelope(
    tx: &Transaction<'_>,
    session: SessionId,
    device: DeviceId,
    at: Timestamp,
) -> Sql<()> {
    let Some(promise) = promise(tx, "r.id", session.0.as_bytes(), device)? else {
        return Ok(());
    };
    if promise.begun {
        return Ok(());
    }
    let over = promise.dead || promise.lease_until <= at.0;
    insert(tx, &promise, device, at, over.then_some(at))?;
    let id = session.0.into_bytes();
    if over {
        tx.execute("DELETE FROM reserved_session WHERE id = ?1", [id])?;
    } else {
        tx.execute(
            "UPDATE reserved_session SET begun_at = ?2 WHERE id = ?1",
            params![id, at.0],
        )?;
    }
    Ok(())
}

fn insert(
    tx: &Transaction<'_>,
    promise: &Promise,
    device: DeviceId,
    at: Timestamp,
    ended_at: Option<Timestamp>,
) -> Sql<()> {
    tx.execute(
        "INSERT INTO session (id, device, officer, token, opened_at, lease_until, ended_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            promise.id.0.into_bytes(),
            device.0.into_bytes(),
            promise.officer,
            promise.token,
            at.0,
            promise.lease_until,
            ended_at.map(|at| at.0)
        ],
    )?;
    let entry = AuditEntry::new(at, AuditEvent::ReservedSessionBegun)
        .device(device)
        .session(promise.id)
        .officer(OfficerId(uuid(promise.officer)));
    audit(tx, &entry)
}
