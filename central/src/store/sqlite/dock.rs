//! What the dock has found, and where it differs from the log (§19).

use super::questions::{add_flag, remove_flag};
use super::*;
use crate::dock::times::{self, Dock, Times};
use regulation::bodycam::{Serial, Span};
use rusqlite::params;
use std::collections::BTreeSet;

/// Keeps a shift's times, and compares them.
pub(super) fn take_times(tx: &Transaction<'_>, stand: &DutyStand, now: Timestamp) -> Sql<()> {
    let session = stand.session.0.into_bytes();
    take_flags_back(tx, &session)?;
    tx.prepare_cached("DELETE FROM duty_span WHERE session = ?1")?
        .execute([session])?;
    let duty = &stand.duty;
    for (kind, spans, seqs) in [
        ("held", &duty.held, &stand.held_seqs),
        ("on", &duty.on, &stand.on_seqs),
    ] {
        for (span, seq) in spans.iter().zip(seqs) {
            keep(tx, &session, (kind, span, *seq), stand.known_at)?;
        }
    }
    compare(tx, stand.session, stand.tolerance_ms, now).map(drop)
}

fn keep(
    tx: &Transaction<'_>,
    session: &[u8; 16],
    (kind, span, seq): (&str, &Span, u64),
    known_at: Timestamp,
) -> Sql<()> {
    tx.prepare_cached(
        "INSERT INTO duty_span (session, kind, camera, from_at, to_at, seq, known_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        session,
        kind,
        span.camera.to_string(),
        span.from.0,
        span.to.map(|to| to.0),
        int(seq),
        known_at.0
    ])?;
    Ok(())
}

fn take_flags_back(tx: &Transaction<'_>, session: &[u8; 16]) -> Sql<()> {
    tx.prepare_cached(
        "DELETE FROM envelope_flag WHERE flag = ?2
             AND device = (SELECT device FROM session WHERE id = ?1)
             AND seq IN (SELECT seq FROM duty_span WHERE session = ?1 AND kind = 'on')",
    )?
    .execute(params![session, ArchiveFlag::NotRecorded.code()])?;
    Ok(())
}

/// Keeps what is new of these readings, and compares the shifts of their bodycams again.
pub(super) fn import(
    tx: &Transaction<'_>,
    import: &DockReadings,
    tolerance_ms: u64,
    now: Timestamp,
) -> Sql<DockImported> {
    let mut done = DockImported::default();
    for (camera, from, to) in &import.spans {
        let new = tx
            .prepare_cached(
                "INSERT INTO dock_span (camera, from_at, to_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO NOTHING",
            )?
            .execute(params![camera.to_string(), from.0, to.0])?;
        done.new += u64::from(new > 0);
        done.known += u64::from(new == 0);
    }
    let mut cameras = BTreeSet::new();
    for reading in &import.readings {
        tx.prepare_cached(
            "INSERT INTO dock_reading (camera, until_at, since_at, first_at)
             VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (camera, until_at) DO UPDATE SET first_at = min(first_at, ?4),
                 since_at = CASE WHEN since_at IS NULL THEN ?3 WHEN ?3 IS NULL THEN since_at
                                 ELSE min(since_at, ?3) END",
        )?
        .execute(params![
            reading.camera.to_string(),
            reading.until.0,
            reading.since.map(|at| at.0),
            reading.first.0
        ])?;
        cameras.insert(&reading.camera);
    }
    done.cameras = cameras.len() as u64;
    let mut shifts = BTreeSet::new();
    for camera in cameras {
        let mut statement =
            tx.prepare_cached("SELECT DISTINCT session FROM duty_span WHERE camera = ?1")?;
        let sessions =
            statement.query_map([camera.to_string()], |row| row.get::<_, [u8; 16]>(0))?;
        for session in sessions {
            shifts.insert(session?);
        }
    }
    for session in &shifts {
        done.missing += compare(tx, SessionId(uuid(*session)), tolerance_ms, now)?;
    }
    done.shifts = shifts.len() as u64;
    Ok(done)
}

/// A session's times of a kind, with the envelopes with which they began.
struct Log {
    camera: String,
    held: Times,
    on: Times,
    began: Vec<(u64, (i64, i64))>,
}

const SPANS: &str = "SELECT kind, camera, from_at, coalesce(to_at, known_at), seq FROM duty_span WHERE session = ?1";
const RECORDED: &str = "SELECT from_at, to_at FROM dock_span WHERE camera = ?1";
const READINGS: &str =
    "SELECT since_at, first_at, until_at FROM dock_reading WHERE camera = ?1 ORDER BY until_at";
const FOUND: &str = "SELECT kind, camera, from_at, to_at FROM dock_finding WHERE session = ?1";
/// Statements that a report reads by.
#[cfg(test)]
pub(super) const OF_REPORT: [&str; 4] = [SPANS, RECORDED, READINGS, FOUND];

/// What a session's log says; what has no end, as far as it is known.
fn logs(c: &Connection, session: &[u8; 16]) -> Sql<Vec<Log>> {
    let mut logs: Vec<Log> = Vec::new();
    let mut statement = c.prepare_cached(SPANS)?;
    let mut rows = statement.query([session])?;
    while let Some(row) = rows.next()? {
        let camera: String = row.get(1)?;
        let span = (row.get(2)?, row.get(3)?);
        let at = match logs.iter().position(|log| log.camera == camera) {
            Some(at) => at,
            None => {
                logs.push(Log {
                    camera,
                    held: Vec::new(),
                    on: Vec::new(),
                    began: Vec::new(),
                });
                logs.len() - 1
            }
        };
        let Some(log) = logs.get_mut(at) else {
            continue;
        };
        if row.get_ref(0)?.as_str() == Ok("on") {
            log.on.push(span);
            log.began.push((nat(row.get(4)?), span));
        } else {
            log.held.push(span);
        }
    }
    for log in &mut logs {
        log.held = times::joined(std::mem::take(&mut log.held));
        log.on = times::joined(std::mem::take(&mut log.on));
    }
    Ok(logs)
}

fn dock(c: &Connection, camera: &str) -> Sql<Dock> {
    let mut statement = c.prepare_cached(RECORDED)?;
    let recorded = statement.query_map([camera], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let recorded = recorded.collect::<Result<Times, _>>()?;
    Ok(Dock::new(recorded, covered(c, camera)?))
}

/// Of which times readings of the bodycam speak.
fn covered(c: &Connection, camera: &str) -> Sql<Times> {
    let mut statement = c.prepare_cached(READINGS)?;
    let readings =
        statement.query_map([camera], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let readings: Vec<(Option<i64>, i64, i64)> = readings.collect::<Result<_, _>>()?;
    Ok(times::covered(&readings))
}

type Finding = (String, String, i64, i64);

/// Where the session's log and the dock differ now; how many times are not recorded.
fn compare(
    tx: &Transaction<'_>,
    session: SessionId,
    tolerance_ms: u64,
    now: Timestamp,
) -> Sql<u64> {
    let id = session.0.into_bytes();
    let device: [u8; 16] = tx
        .prepare_cached("SELECT device FROM session WHERE id = ?1")?
        .query_row([id], |row| row.get(0))?;
    let mut found: BTreeSet<Finding> = BTreeSet::new();
    let mut count = 0;
    for log in logs(tx, &id)? {
        let dock = dock(tx, &log.camera)?;
        let missing = dock.missing(&log.on, tolerance_ms);
        count += missing.len() as u64;
        for (seq, span) in &log.began {
            let place = Place {
                device: DeviceId(uuid(device)),
                seq: *seq,
            };
            let lacks = !times::common(&times::joined(vec![*span]), &missing).is_empty();
            if lacks {
                add_flag(tx, place, ArchiveFlag::NotRecorded)?;
            } else {
                remove_flag(tx, place, ArchiveFlag::NotRecorded)?;
            }
        }
        let extra = dock.extra(&log.held, &log.on, tolerance_ms);
        for (kind, times) in [("missing", missing), ("extra", extra)] {
            let camera = &log.camera;
            found.extend(
                times
                    .into_iter()
                    .map(|(from, to)| (kind.into(), camera.clone(), from, to)),
            );
        }
    }
    let known = findings(tx, &id)?;
    for (kind, camera, from, to) in known.difference(&found) {
        tx.prepare_cached(
            "DELETE FROM dock_finding WHERE session = ?1 AND kind = ?2 AND camera = ?3
                 AND from_at = ?4 AND to_at = ?5",
        )?
        .execute(params![id, kind, camera, from, to])?;
    }
    for (kind, camera, from, to) in found.difference(&known) {
        tx.prepare_cached(
            "INSERT INTO dock_finding (session, kind, camera, from_at, to_at, found_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![id, kind, camera, from, to, now.0])?;
    }
    Ok(count)
}

fn findings(c: &Connection, session: &[u8; 16]) -> Sql<BTreeSet<Finding>> {
    let mut statement = c.prepare_cached(FOUND)?;
    let rows = statement.query_map([session], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What a report counts of a session: times that are not recorded, times that are and were not on, and
/// how long nothing was compared, milliseconds.
pub(super) fn figures(c: &Connection, session: &[u8; 16]) -> Sql<(u32, u32, u64)> {
    let (mut missing, mut extra, mut not_compared) = (0, 0, 0);
    for (kind, ..) in findings(c, session)? {
        if kind == "missing" {
            missing += 1;
        } else {
            extra += 1;
        }
    }
    for log in logs(c, session)? {
        let left = times::without(&log.on, &covered(c, &log.camera)?);
        not_compared += times::length_ms(&left);
    }
    Ok((missing, extra, not_compared))
}

/// Bodycams that were on by the log and of which the dock, since that moment, has found no recording.
pub(super) fn board(
    c: &Connection,
    unit: &str,
    since: Timestamp,
    limit: usize,
) -> Sql<Vec<BoardUnrecorded>> {
    let mut statement = c.prepare_cached(
        "SELECT s.id, o.name, o.rank, f.camera, f.from_at, f.to_at
         FROM dock_finding f
         CROSS JOIN session s ON s.id = f.session
         CROSS JOIN officer o ON o.id = s.officer
         WHERE f.kind = 'missing' AND f.found_at > ?2 AND o.unit = ?1
         ORDER BY f.from_at, s.id LIMIT ?3",
    )?;
    let mut rows = statement.query(params![unit, since.0, int(limit as u64)])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let camera: String = row.get(3)?;
        all.push(BoardUnrecorded {
            session: SessionId(uuid(row.get(0)?)),
            name: row.get(1)?,
            rank: row.get(2)?,
            camera: camera
                .parse::<Serial>()
                .map_err(|_| Fault::Unreadable("bodycam"))?,
            from: Timestamp(row.get(4)?),
            to: Timestamp(row.get(5)?),
        });
    }
    Ok(all)
}
