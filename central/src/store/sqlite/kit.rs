//! Standing assignments (§14), places, notices: what a shift begins with.

use super::devices::audit;
use super::*;
use crate::audit::AuditEvent;
use protocol::{Assignment, HeldCamera, limits};
use regulation::bodycam::{Duty, Status};
use rusqlite::{OptionalExtension as _, params};

fn is_active(c: &Connection, officer: &[u8; 16]) -> Sql<bool> {
    Ok(
        c.prepare_cached("SELECT 1 FROM officer WHERE id = ?1 AND active = 1")?
            .exists([officer])?,
    )
}

pub(super) fn assign_tablet(
    tx: &Transaction<'_>,
    device: DeviceId,
    officer: OfficerId,
    at: Timestamp,
) -> Sql<AssignOutcome> {
    if devices::device(tx, device)?.is_none_or(|d| d.revoked) {
        return Ok(AssignOutcome::UnknownDevice);
    }
    let (device, officer) = (device.0.into_bytes(), officer.0.into_bytes());
    if !is_active(tx, &officer)? {
        return Ok(AssignOutcome::UnknownOfficer);
    }
    tx.execute(
        "INSERT INTO tablet_assignment (device, officer, at) VALUES (?1, ?2, ?3)
         ON CONFLICT DO NOTHING",
        params![device, officer, at.0],
    )?;
    let stands = tx
        .prepare_cached("SELECT 1 FROM tablet_assignment WHERE device = ?1 AND officer = ?2")?
        .exists(params![device, officer])?;
    Ok(if stands {
        AssignOutcome::Assigned
    } else {
        AssignOutcome::Taken
    })
}

pub(super) fn unassign_tablet(tx: &Transaction<'_>, device: DeviceId) -> Sql<Option<OfficerId>> {
    let officer: Option<[u8; 16]> = tx
        .query_row(
            "DELETE FROM tablet_assignment WHERE device = ?1 RETURNING officer",
            [device.0.into_bytes()],
            |row| row.get(0),
        )
        .optional()?;
    Ok(officer.map(|id| OfficerId(uuid(id))))
}

pub(super) fn assign_camera(
    tx: &Transaction<'_>,
    camera: &Serial,
    officer: OfficerId,
    at: Timestamp,
) -> Sql<AssignOutcome> {
    let (camera, officer) = (camera.to_string(), officer.0.into_bytes());
    if !is_active(tx, &officer)? {
        return Ok(AssignOutcome::UnknownOfficer);
    }
    tx.execute(
        "INSERT INTO camera_assignment (camera, officer, at) VALUES (?1, ?2, ?3)
         ON CONFLICT DO NOTHING",
        params![camera, officer, at.0],
    )?;
    let stands = tx
        .prepare_cached("SELECT 1 FROM camera_assignment WHERE camera = ?1 AND officer = ?2")?
        .exists(params![camera, officer])?;
    Ok(if stands {
        AssignOutcome::Assigned
    } else {
        AssignOutcome::Taken
    })
}

pub(super) fn unassign_camera(tx: &Transaction<'_>, camera: &Serial) -> Sql<Option<OfficerId>> {
    let officer: Option<[u8; 16]> = tx
        .query_row(
            "DELETE FROM camera_assignment WHERE camera = ?1 RETURNING officer",
            [camera.to_string()],
            |row| row.get(0),
        )
        .optional()?;
    Ok(officer.map(|id| OfficerId(uuid(id))))
}

/// A tablet that is revoked is assigned to nobody.
pub(super) fn end_of_device(tx: &Transaction<'_>, device: DeviceId, at: Timestamp) -> Sql<()> {
    let Some(officer) = unassign_tablet(tx, device)? else {
        return Ok(());
    };
    let entry = AuditEntry::new(at, AuditEvent::TabletUnassigned);
    audit(tx, &entry.device(device).officer(officer))
}

/// §15: nothing is assigned to an officer who is dismissed.
pub(super) fn end_of_officer(tx: &Transaction<'_>, officer: OfficerId, at: Timestamp) -> Sql<()> {
    let id = officer.0.into_bytes();
    let tablet: Option<[u8; 16]> = tx
        .query_row(
            "DELETE FROM tablet_assignment WHERE officer = ?1 RETURNING device",
            [id],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(device) = tablet {
        let entry = AuditEntry::new(at, AuditEvent::TabletUnassigned);
        audit(tx, &entry.device(DeviceId(uuid(device))).officer(officer))?;
    }
    let camera: Option<String> = tx
        .query_row(
            "DELETE FROM camera_assignment WHERE officer = ?1 RETURNING camera",
            [id],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(camera) = camera {
        let entry = AuditEntry::new(at, AuditEvent::CameraUnassigned);
        audit(tx, &entry.officer(officer).subject(camera))?;
    }
    Ok(())
}

pub(super) fn name_place(tx: &Transaction<'_>, unit: &str, place: &str) -> Sql<bool> {
    let others: i64 = tx.query_row(
        "SELECT count(*) FROM unit_place WHERE unit = ?1 AND place <> ?2",
        params![unit, place],
        |row| row.get(0),
    )?;
    if nat(others) >= limits::KIT_ROWS as u64 {
        return Ok(false);
    }
    tx.execute(
        "INSERT INTO unit_place (unit, place) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        params![unit, place],
    )?;
    Ok(true)
}

pub(super) fn remove_place(tx: &Transaction<'_>, unit: &str, place: &str) -> Sql<bool> {
    let removed = tx.execute(
        "DELETE FROM unit_place WHERE unit = ?1 AND place = ?2",
        params![unit, place],
    )?;
    Ok(removed > 0)
}

pub(super) fn give_notice(
    tx: &Transaction<'_>,
    unit: &str,
    text: &str,
    until: Timestamp,
    at: Timestamp,
) -> Sql<u64> {
    tx.execute("DELETE FROM unit_notice WHERE until <= ?1", [at.0])?;
    tx.execute(
        "INSERT INTO unit_notice (unit, text, until) VALUES (?1, ?2, ?3)",
        params![unit, text, until.0],
    )?;
    Ok(nat(tx.last_insert_rowid()))
}

pub(super) fn set_minimum_version(tx: &Transaction<'_>, version: &str) -> Sql<()> {
    tx.execute(
        "INSERT INTO minimum_version (one, version) VALUES (1, ?1)
         ON CONFLICT (one) DO UPDATE SET version = ?1",
        [version],
    )?;
    Ok(())
}

pub(super) fn kit(c: &Connection, request: &KitRequest) -> Sql<Kit> {
    let officer = request.officer.0.into_bytes();
    let tablet: Option<[u8; 16]> = c
        .prepare_cached("SELECT device FROM tablet_assignment WHERE officer = ?1")?
        .query_row([officer], |row| row.get(0))
        .optional()?;
    let camera: Option<String> = c
        .prepare_cached("SELECT camera FROM camera_assignment WHERE officer = ?1")?
        .query_row([officer], |row| row.get(0))
        .optional()?;
    let camera = camera.map(|text| text.parse().map_err(|_| Fault::Unreadable("bodycam")));
    let most = int(limits::KIT_ROWS as u64);
    Ok(Kit {
        tablet: match tablet {
            None => Assignment::None,
            Some(id) if id == request.device.0.into_bytes() => Assignment::ThisTablet,
            Some(_) => Assignment::AnotherTablet,
        },
        camera: camera.transpose()?,
        held: held(c, &officer, request.at)?,
        places: texts(
            c,
            "SELECT place FROM unit_place WHERE unit = ?1 ORDER BY place LIMIT ?2",
            params![request.unit, most],
        )?,
        notices: texts(
            c,
            "SELECT text FROM unit_notice WHERE unit = ?1 AND until > ?3
             ORDER BY number DESC LIMIT ?2",
            params![request.unit, most, request.at.0],
        )?,
        minimum_version: c
            .prepare_cached("SELECT version FROM minimum_version")?
            .query_row([], |row| row.get(0))
            .optional()?,
    })
}

/// §18: what the officer's last shift with a bodycam has left with them: while nobody else has received
/// it since, and it was on or held there.
fn held(c: &Connection, officer: &[u8; 16], at: Timestamp) -> Sql<Option<HeldCamera>> {
    let row: Option<(String, String, i64, i64)> = c
        .prepare_cached(
            "SELECT d.state, d.held, d.held_since, coalesce(d.ended_at,
                    (SELECT max(known_at) FROM duty_span WHERE session = s.id), d.held_since)
             FROM session s CROSS JOIN duty d ON d.session = s.id
             WHERE s.officer = ?1 AND d.held IS NOT NULL
                 AND NOT EXISTS (
                     SELECT 1 FROM session later CROSS JOIN duty of_it ON of_it.session = later.id
                     WHERE later.officer = ?1 AND later.opened_at > s.opened_at)
                 AND NOT EXISTS (
                     SELECT 1 FROM duty other JOIN session of_other ON of_other.id = other.session
                     WHERE other.held = d.held AND of_other.officer <> ?1
                         AND other.held_since > d.held_since)
             ORDER BY s.opened_at DESC LIMIT 1",
        )?
        .query_row([officer], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let Some((state, camera, since, ended)) = row else {
        return Ok(None);
    };
    let duty: Duty = from_json(&state, "duty")?;
    let ended = at.min(Timestamp(ended));
    let (since, on) = match duty.status {
        Status::NotAssigned => return Ok(None),
        Status::Recording | Status::Paused { .. } => (ended, true),
        Status::Received => (Timestamp(since), false),
        Status::Off { since } | Status::Faulty { since, .. } => (since, false),
    };
    Ok(Some(HeldCamera {
        camera: camera.parse().map_err(|_| Fault::Unreadable("bodycam"))?,
        since,
        on,
    }))
}

fn texts(c: &Connection, sql: &str, params: impl rusqlite::Params) -> Sql<Vec<String>> {
    let mut statement = c.prepare_cached(sql)?;
    let texts = statement.query_map(params, |row| row.get(0))?;
    Ok(texts.collect::<Result<_, _>>()?)
}
