//! Incident reports and what they hold.

use super::questions::{add_flag, remove_flag};
use super::*;
use protocol::{DeskEvent, HeldRecording, IncidentStep};
use regulation::incident::{Incident, Report};
use rusqlite::{OptionalExtension as _, Row, params};

/// Keeps a session's reports, each a matter of the desk; of one that another session has named first
/// nothing is kept.
pub(super) fn take_reports(tx: &Transaction<'_>, stand: &ReportsStand) -> Sql<()> {
    let session = stand.session.0.into_bytes();
    let device: [u8; 16] =
        tx.query_row("SELECT device FROM session WHERE id = ?1", [session], |r| {
            r.get(0)
        })?;
    let place = |seq| Place {
        device: DeviceId(uuid(device)),
        seq,
    };
    // What did not fit may do so now that more of the session is there.
    tx.prepare_cached(
        "DELETE FROM envelope_flag WHERE device = ?1 AND flag = ?3 AND seq IN (
             SELECT seq FROM envelope WHERE session = ?2 AND device = ?1 AND encounter IS NULL)",
    )?
    .execute(params![
        device,
        session,
        ArchiveFlag::IncidentOutOfOrder.code()
    ])?;
    for seq in &stand.out_of_order {
        add_flag(tx, place(*seq), ArchiveFlag::IncidentOutOfOrder)?;
    }
    for report in &stand.reports {
        let id = report.incident.id.0.into_bytes();
        desk::matter(tx, report.incident.id.0, &session, "incident", true)?;
        if !desk::is_matter_of(tx, &id, &session, "incident")? {
            add_flag(tx, place(report.seq), ArchiveFlag::IncidentOutOfOrder)?;
            continue;
        }
        take_report(tx, &session, report)?;
    }
    Ok(())
}

fn take_report(tx: &Transaction<'_>, session: &[u8; 16], stand: &ReportStand) -> Sql<()> {
    let incident = &stand.incident;
    let id = incident.id.0.into_bytes();
    tx.prepare_cached(
        "INSERT INTO incident
         (id, session, seq, at, encounter, report, supplements, supplemented)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (id) DO UPDATE SET seq = ?3, at = ?4, encounter = ?5, report = ?6,
             supplements = ?7, supplemented = ?8",
    )?
    .execute(params![
        id,
        session,
        int(stand.seq),
        incident.at.0,
        incident.report.encounter.map(|e| e.0.into_bytes()),
        json(&incident.report)?,
        json(&incident.supplements)?,
        stand.supplemented.map(int)
    ])?;
    for recording in &stand.held {
        hold(tx, &id, session, recording)?;
    }
    check_encounters(tx, "i.id = ?1", &id)
}

/// Holds what is not held already; nothing ever ends it here.
pub(super) fn hold(
    tx: &Transaction<'_>,
    incident: &[u8; 16],
    session: &[u8; 16],
    recording: &HeldRecording,
) -> Sql<()> {
    tx.prepare_cached(
        "INSERT INTO hold (incident, session, camera, from_at, to_at)
         SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (
             SELECT 1 FROM hold WHERE incident = ?1 AND camera = ?3
                 AND from_at <= ?4 AND to_at >= ?5)",
    )?
    .execute(params![
        incident,
        session,
        recording.camera.to_string(),
        recording.from.0,
        recording.to.0
    ])?;
    Ok(())
}

/// Reports that name an encounter are flagged while it is not known as one of their officer on their
/// tablet: it may come after them.
pub(super) fn check_encounters(tx: &Transaction<'_>, which: &str, id: &[u8; 16]) -> Sql<()> {
    let rows: Vec<([u8; 16], i64, bool)> = {
        let mut statement = tx.prepare_cached(&format!(
            "SELECT s.device, i.seq,
                    EXISTS (SELECT 1 FROM encounter e JOIN session es ON es.id = e.session
                            WHERE e.id = i.encounter AND e.device = s.device
                                AND es.officer = s.officer)
             FROM incident i JOIN session s ON s.id = i.session
             WHERE {which} AND i.encounter IS NOT NULL"
        ))?;
        let rows = statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        rows.collect::<Result<_, _>>()?
    };
    let flag = ArchiveFlag::IncidentOfOtherEncounter;
    for (device, seq, theirs) in rows {
        let place = Place {
            device: DeviceId(uuid(device)),
            seq: nat(seq),
        };
        if theirs {
            remove_flag(tx, place, flag)?;
        } else {
            add_flag(tx, place, flag)?;
        }
    }
    Ok(())
}

// CROSS JOIN: SQLite begins with the incidents that are not closed.
const BOARD: &str = "
    SELECT s.id, o.name, o.rank, i.id, i.at, i.report, json_array_length(i.supplements),
           EXISTS (SELECT 1 FROM decision WHERE matter = i.id AND kind = 'incident_received'),
           coalesce((SELECT e.batch > coalesce(i.supplemented, 0) FROM decision d
                     JOIN envelope e ON e.device = d.device AND e.seq = d.seq
                     WHERE d.matter = i.id AND d.kind = 'incident_asked'
                     ORDER BY d.number DESC LIMIT 1), 0),
           (SELECT event FROM decision WHERE matter = i.id AND kind = 'incident_classified'
            ORDER BY number DESC LIMIT 1),
           (SELECT count(*) FROM hold WHERE incident = i.id)
    FROM desk_matter m
    CROSS JOIN incident i ON i.id = m.id
    CROSS JOIN session s ON s.id = m.session
    CROSS JOIN officer o ON o.id = s.officer
    WHERE m.open = 1 AND m.kind = 'incident' AND o.unit = ?1
    ORDER BY i.at, i.id LIMIT ?2";

pub(super) fn board(c: &Connection, unit: &str, limit: usize) -> Sql<Vec<BoardIncident>> {
    let mut statement = c.prepare_cached(BOARD)?;
    let mut rows = statement.query(params![unit, int(limit as u64)])?;
    let mut incidents = Vec::new();
    while let Some(row) = rows.next()? {
        incidents.push(on_board(row)?);
    }
    Ok(incidents)
}

fn on_board(row: &Row<'_>) -> Sql<BoardIncident> {
    let classified: Option<String> = row.get(9)?;
    let class = match classified
        .map(|text| from_json(&text, "decision"))
        .transpose()?
    {
        Some(DeskEvent::IncidentClassified { class, .. }) => Some(class),
        _ => None,
    };
    Ok(BoardIncident {
        session: SessionId(uuid(row.get(0)?)),
        name: row.get(1)?,
        rank: row.get(2)?,
        incident: IncidentId(uuid(row.get(3)?)),
        at: Timestamp(row.get(4)?),
        report: from_json::<Report>(&row.get::<_, String>(5)?, "report")?,
        supplements: row.get(6)?,
        received: row.get(7)?,
        asked: row.get(8)?,
        class,
        held: row.get(10)?,
    })
}

pub(super) fn incident(
    c: &Connection,
    incident: IncidentId,
    unit: &str,
) -> Sql<Option<StoredIncident>> {
    let id = incident.0.into_bytes();
    type Columns = ([u8; 16], [u8; 16], String, String, i64, String, String);
    let row: Option<Columns> = c
        .prepare_cached(
            "SELECT s.id, o.id, o.name, o.rank, i.at, i.report, i.supplements FROM incident i
             JOIN session s ON s.id = i.session JOIN officer o ON o.id = s.officer
             WHERE i.id = ?1 AND o.unit = ?2",
        )?
        .query_row(params![id, unit], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
                row.get(5)?,
                row.get(6)?,
            ))
        })
        .optional()?;
    let Some((session, officer, name, rank, at, report, supplements)) = row else {
        return Ok(None);
    };
    let history = history(c, &id)?;
    let closes = |step: &IncidentStep| matches!(step.event, DeskEvent::IncidentClosed { .. });
    Ok(Some(StoredIncident {
        incident: Incident {
            id: incident,
            at: Timestamp(at),
            report: from_json(&report, "report")?,
            supplements: from_json(&supplements, "supplements")?,
        },
        session: SessionId(uuid(session)),
        officer: OfficerId(uuid(officer)),
        name,
        rank,
        closed: history.iter().any(closes),
        history,
        held: held(c, &id)?,
    }))
}

fn history(c: &Connection, incident: &[u8; 16]) -> Sql<Vec<IncidentStep>> {
    let mut statement = c.prepare_cached(
        "SELECT d.at, o.name, o.rank, d.event FROM decision d JOIN officer o ON o.id = d.officer
         WHERE d.matter = ?1 ORDER BY d.number",
    )?;
    let mut rows = statement.query([incident])?;
    let mut steps = Vec::new();
    while let Some(row) = rows.next()? {
        steps.push(IncidentStep {
            at: Timestamp(row.get(0)?),
            name: row.get(1)?,
            rank: row.get(2)?,
            event: from_json(&row.get::<_, String>(3)?, "decision")?,
        });
    }
    Ok(steps)
}

fn held(c: &Connection, incident: &[u8; 16]) -> Sql<Vec<HeldRecording>> {
    let mut statement = c.prepare_cached(
        "SELECT camera, from_at, to_at FROM hold WHERE incident = ?1
         ORDER BY from_at, to_at, camera LIMIT ?2",
    )?;
    let mut rows = statement.query(params![incident, int(protocol::limits::BOARD_ROWS as u64)])?;
    let mut held = Vec::new();
    while let Some(row) = rows.next()? {
        let camera: String = row.get(0)?;
        held.push(HeldRecording {
            camera: camera.parse().map_err(|_| Fault::Unreadable("bodycam"))?,
            from: Timestamp(row.get(1)?),
            to: Timestamp(row.get(2)?),
        });
    }
    Ok(held)
}
