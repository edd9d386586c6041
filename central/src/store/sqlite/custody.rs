//! Chains of custody; what of them a board shows.

use super::*;
use regulation::CustodyId;
use regulation::custody::{Custody, Event, Flag, Holder, Party, Recorded};
use rusqlite::{OptionalExtension as _, Row, params};

const STEP: &str = "SELECT p.seq, p.session, p.officer, p.at, p.event, p.flags, p.state,
                    o.name, o.rank FROM custody_step p JOIN officer o ON o.id = p.officer";

fn read_step(device: DeviceId, row: &Row<'_>) -> Sql<CustodyStep> {
    let text = |column| row.get::<_, String>(column);
    Ok(CustodyStep {
        fact: CustodyFact {
            place: Place {
                device,
                seq: nat(row.get(0)?),
            },
            session: SessionId(uuid(row.get(1)?)),
            officer: OfficerId(uuid(row.get(2)?)),
            recorded: Recorded {
                at: Timestamp(row.get(3)?),
                event: from_json(&text(4)?, "event")?,
            },
        },
        flags: from_json(&text(5)?, "flags")?,
        custody: from_json(&text(6)?, "custody")?,
    })
}

pub(super) fn before(c: &Connection, device: DeviceId, seq: u64) -> Sql<Custody> {
    let text: Option<String> = c
        .prepare_cached(
            "SELECT state FROM custody_step WHERE device = ?1 AND seq < ?2
             ORDER BY seq DESC LIMIT 1",
        )?
        .query_row(params![device.0.into_bytes(), int(seq)], |row| row.get(0))
        .optional()?;
    text.map_or_else(
        || Ok(Custody::default()),
        |text| from_json(&text, "custody"),
    )
}

pub(super) fn steps_from(c: &Connection, device: DeviceId, seq: u64) -> Sql<Vec<CustodyStep>> {
    let mut statement = c.prepare_cached(&format!(
        "{STEP} WHERE p.device = ?1 AND p.seq >= ?2 ORDER BY p.seq"
    ))?;
    let mut rows = statement.query(params![device.0.into_bytes(), int(seq)])?;
    let mut steps = Vec::new();
    while let Some(row) = rows.next()? {
        steps.push(read_step(device, row)?);
    }
    Ok(steps)
}

pub(super) fn chain(c: &Connection, device: DeviceId) -> Sql<Vec<NamedStep>> {
    let mut statement = c.prepare_cached(&format!("{STEP} WHERE p.device = ?1 ORDER BY p.seq"))?;
    let mut rows = statement.query([device.0.into_bytes()])?;
    let mut steps = Vec::new();
    while let Some(row) = rows.next()? {
        let step = read_step(device, row)?;
        let mut flagged = Vec::new();
        for flag in &step.flags {
            if let Flag::NotHandedIn { by } = flag {
                flagged.push(name(c, *by)?);
            }
        }
        steps.push(NamedStep {
            name: row.get(7)?,
            rank: row.get(8)?,
            step,
            flagged,
        });
    }
    Ok(steps)
}

fn name(c: &Connection, officer: OfficerId) -> Sql<String> {
    Ok(desk::officer(c, officer)?.map_or_else(String::new, |officer| officer.name))
}

fn not_handed_in(flags: &[Flag]) -> Option<OfficerId> {
    flags.iter().find_map(|flag| match flag {
        Flag::NotHandedIn { by } => Some(*by),
        _ => None,
    })
}

/// Keeps steps of one tablet, anew where they are there; a taking over from somebody who had not handed
/// the tablet in is a matter of the desk.
pub(super) fn take_steps(tx: &Transaction<'_>, steps: &[CustodyStep]) -> Sql<()> {
    for step in steps {
        let (place, session) = (step.fact.place, step.fact.session.0.into_bytes());
        let (custody, checked) = match &step.fact.recorded.event {
            Event::TakenOver { custody, .. } => (Some(*custody), true),
            Event::Checked { .. } => (None, true),
            Event::Damaged { .. } | Event::HandedIn { .. } => (None, false),
        };
        tx.prepare_cached(
            "INSERT INTO custody_step
             (device, seq, session, officer, at, custody, checked, event, flags, state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (device, seq) DO UPDATE SET flags = ?9, state = ?10",
        )?
        .execute(params![
            place.device.0.into_bytes(),
            int(place.seq),
            session,
            step.fact.officer.0.into_bytes(),
            step.fact.recorded.at.0,
            custody.map(|id| id.0.into_bytes()),
            checked,
            json(&step.fact.recorded.event)?,
            json(&step.flags)?,
            json(&step.custody)?
        ])?;
        if let Some(id) = custody {
            let conflict = not_handed_in(&step.flags).is_some();
            // One that is none any more, now that what came between is there, is closed.
            if conflict || desk::is_matter_of(tx, id.0.as_bytes(), &session, "custody")? {
                desk::matter(tx, id.0, &session, "custody", conflict)?;
            }
        }
        tx.prepare_cached(
            "INSERT INTO custody (device, seq, officer) VALUES (?1, ?2, ?3)
             ON CONFLICT (device) DO UPDATE SET seq = ?2, officer = ?3 WHERE seq <= ?2",
        )?
        .execute(params![
            place.device.0.into_bytes(),
            int(place.seq),
            whose(step).0.into_bytes()
        ])?;
    }
    Ok(())
}

/// Whose tablet it is after a step.
fn whose(step: &CustodyStep) -> OfficerId {
    match step.custody.holder {
        Holder::Officer { officer, .. } => officer,
        Holder::Party { by, .. } => by,
        Holder::Unknown => step.fact.officer,
    }
}

/// Whether the officer is the one who had not handed the tablet in: who takes part settles nothing.
pub(super) fn takes_part(c: &Connection, custody: &[u8; 16], officer: OfficerId) -> Sql<bool> {
    Ok(conflict(c, custody)?.is_some_and(|(_, flags)| not_handed_in(&flags) == Some(officer)))
}

/// The step by which a custody began: its tablet and flags.
fn conflict(c: &Connection, custody: &[u8; 16]) -> Sql<Option<([u8; 16], Vec<Flag>)>> {
    let row: Option<([u8; 16], String)> = c
        .prepare_cached(
            "SELECT p.device, p.flags FROM custody_step p
             JOIN desk_matter m ON m.id = p.custody AND m.session = p.session
             WHERE p.custody = ?1 ORDER BY p.seq LIMIT 1",
        )?
        .query_row([custody], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    row.map(|(device, flags)| Ok((device, from_json(&flags, "flags")?)))
        .transpose()
}

/// Tablets of the unit `?1` at the time `?2`: by the last step of their custody; without one by the
/// session that is open on them, or, where they are lost, by the last one.
const OURS: &str = "ours (id) AS (
    SELECT device FROM custody WHERE officer IN (SELECT id FROM officer WHERE unit = ?1)
    UNION SELECT s.device FROM session s
        WHERE s.ended_at IS NULL AND s.lease_until > ?2
            AND s.officer IN (SELECT id FROM officer WHERE unit = ?1)
            AND NOT EXISTS (SELECT 1 FROM custody WHERE device = s.device)
    UNION SELECT d.id FROM device d
        WHERE d.lost_at IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM custody WHERE device = d.id)
            AND (SELECT o.unit FROM session s JOIN officer o ON o.id = s.officer
                 WHERE s.device = d.id ORDER BY s.opened_at DESC, s.id LIMIT 1) = ?1)";

/// How long one that has wiped itself is still shown: a week.
const THERE: &str = "(v.revoked_at IS NULL OR EXISTS (
    SELECT 1 FROM wipe_report w WHERE w.device = v.id AND w.stage = 'wiped'
        AND w.at > ?2 - 7 * 24 * 60 * 60 * 1000))";

/// Whether a tablet is the unit's.
pub(super) fn is_of(c: &Connection, device: &[u8; 16], unit: &str, now: Timestamp) -> Sql<bool> {
    Ok(c.prepare_cached(&format!(
        "WITH {OURS} SELECT 1 FROM ours JOIN device v ON v.id = ours.id
         WHERE ours.id = ?3 AND {THERE}"
    ))?
    .exists(params![unit, now.0, device])?)
}

pub(super) fn tablets(
    c: &Connection,
    unit: &str,
    now: Timestamp,
    limit: usize,
) -> Sql<Vec<BoardTablet>> {
    let mut statement = c.prepare_cached(&format!(
        "WITH {OURS}
         SELECT v.id, p.state, o.id, o.name, o.rank,
                (SELECT at FROM custody_step WHERE device = v.id AND checked = 1
                 ORDER BY seq DESC LIMIT 1),
                (SELECT at FROM envelope WHERE device = v.id ORDER BY seq DESC LIMIT 1)
         FROM ours CROSS JOIN device v ON v.id = ours.id
         LEFT JOIN custody k ON k.device = v.id
         LEFT JOIN custody_step p ON p.device = v.id AND p.seq = k.seq
         LEFT JOIN officer o ON o.id = k.officer
         WHERE {THERE} ORDER BY v.name, v.id LIMIT ?3"
    ))?;
    let mut rows = statement.query(params![unit, now.0, int(limit as u64)])?;
    let mut tablets = Vec::new();
    while let Some(row) = rows.next()? {
        let device: [u8; 16] = row.get(0)?;
        let state: Option<String> = row.get(1)?;
        let custody = match state {
            Some(text) => from_json(&text, "custody")?,
            None => Custody::default(),
        };
        let officer: Option<[u8; 16]> = row.get(2)?;
        let text = |column| -> rusqlite::Result<String> {
            Ok(row.get::<_, Option<String>>(column)?.unwrap_or_default())
        };
        tablets.push(BoardTablet {
            device: DeviceId(uuid(device)),
            from: from(c, &device, &custody)?,
            session: match officer {
                Some(officer) => last_session(c, &device, &officer, now)?,
                None => None,
            },
            standing: lost::standing(c, &device)?,
            custody,
            name: text(3)?,
            rank: text(4)?,
            checked_at: row.get::<_, Option<i64>>(5)?.map(Timestamp),
            arrived_at: row.get::<_, Option<i64>>(6)?.map(Timestamp),
        });
    }
    Ok(tablets)
}

/// From whom the holder has the tablet.
fn from(c: &Connection, device: &[u8; 16], custody: &Custody) -> Sql<Option<Party>> {
    let Holder::Officer { custody, .. } = custody.holder else {
        return Ok(None);
    };
    let text: Option<String> = c
        .prepare_cached(
            "SELECT event FROM custody_step WHERE custody = ?1 AND device = ?2
             ORDER BY seq DESC LIMIT 1",
        )?
        .query_row(params![custody.0.into_bytes(), device], |row| row.get(0))
        .optional()?;
    match text.map(|text| from_json(&text, "event")).transpose()? {
        Some(Event::TakenOver { from, .. }) => Ok(Some(from)),
        _ => Ok(None),
    }
}

/// The officer's last session on the tablet, and when it was over.
fn last_session(
    c: &Connection,
    device: &[u8; 16],
    officer: &[u8; 16],
    now: Timestamp,
) -> Sql<Option<(SessionId, Option<Timestamp>)>> {
    let row: Option<([u8; 16], Option<i64>)> = c
        .prepare_cached(
            "SELECT s.id, CASE WHEN s.ended_at IS NULL AND s.lease_until > ?3 THEN NULL
                               ELSE coalesce(s.ended_at, s.lease_until) END
             FROM session s WHERE s.device = ?1 AND s.officer = ?2
             ORDER BY s.opened_at DESC, s.id LIMIT 1",
        )?
        .query_row(params![device, officer, now.0], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    Ok(row.map(|(id, over)| (SessionId(uuid(id)), over.map(Timestamp))))
}

pub(super) fn conflicts(c: &Connection, unit: &str, limit: usize) -> Sql<Vec<BoardConflict>> {
    let mut statement = c.prepare_cached(
        "SELECT m.id, p.device, s.id, p.at, o.name, o.rank, p.flags
         FROM desk_matter m
         CROSS JOIN session s ON s.id = m.session
         CROSS JOIN officer o ON o.id = s.officer
         CROSS JOIN custody_step p ON p.custody = m.id AND p.session = m.session
         WHERE m.open = 1 AND m.kind = 'custody' AND o.unit = ?1
         ORDER BY p.at, m.id LIMIT ?2",
    )?;
    let mut rows = statement.query(params![unit, int(limit as u64)])?;
    let mut conflicts = Vec::new();
    while let Some(row) = rows.next()? {
        let flags: Vec<Flag> = from_json(&row.get::<_, String>(6)?, "flags")?;
        let Some(by) = not_handed_in(&flags) else {
            continue;
        };
        conflicts.push(BoardConflict {
            custody: CustodyId(uuid(row.get(0)?)),
            device: DeviceId(uuid(row.get(1)?)),
            session: SessionId(uuid(row.get(2)?)),
            at: Timestamp(row.get(3)?),
            name: row.get(4)?,
            rank: row.get(5)?,
            held_by: name(c, by)?,
        });
    }
    Ok(conflicts)
}

/// Bodycams that open sessions of the unit hold and another open session holds as well.
pub(super) fn twice(
    c: &Connection,
    unit: &str,
    now: Timestamp,
    limit: usize,
) -> Sql<Vec<BoardTwice>> {
    let mut statement = c.prepare_cached(
        "SELECT s.id, d.held_since, o.name, o.rank, d.held,
                (SELECT CASE WHEN oo.unit = ?1 THEN oo.name ELSE '' END
                 FROM duty od JOIN session os ON os.id = od.session
                 JOIN officer oo ON oo.id = os.officer
                 WHERE od.held = d.held AND os.officer <> s.officer
                     AND os.ended_at IS NULL AND os.lease_until > ?2
                 ORDER BY oo.unit <> ?1, oo.name, os.id LIMIT 1) AS other
         FROM officer o
         CROSS JOIN session s ON s.officer = o.id AND s.ended_at IS NULL AND s.lease_until > ?2
         CROSS JOIN duty d ON d.session = s.id AND d.held IS NOT NULL
         WHERE o.unit = ?1 AND other IS NOT NULL
         ORDER BY d.held_since, s.id LIMIT ?3",
    )?;
    let mut rows = statement.query(params![unit, now.0, int(limit as u64)])?;
    let mut twice = Vec::new();
    while let Some(row) = rows.next()? {
        let camera: String = row.get(4)?;
        twice.push(BoardTwice {
            session: SessionId(uuid(row.get(0)?)),
            at: Timestamp(row.get(1)?),
            name: row.get(2)?,
            rank: row.get(3)?,
            camera: camera.parse().map_err(|_| Fault::Unreadable("bodycam"))?,
            other: row.get(5)?,
        });
    }
    Ok(twice)
}
