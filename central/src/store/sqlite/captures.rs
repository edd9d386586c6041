//! Captures: what was announced, and how much of it has come.

use super::*;
use rusqlite::{OptionalExtension as _, params};

pub(super) fn capture(c: &Connection, id: CaptureId) -> Sql<Option<CaptureRow>> {
    Ok(c.prepare_cached(
        "SELECT device, size, received, digest, complete_at FROM capture WHERE id = ?1",
    )?
    .query_row([id.0.into_bytes()], |row| {
        Ok(CaptureRow {
            announced: NewCapture {
                id,
                device: DeviceId(uuid(row.get(0)?)),
                size: nat(row.get(1)?),
                digest: digest(row.get(3)?),
            },
            received: nat(row.get(2)?),
            complete_at: row.get::<_, Option<i64>>(4)?.map(Timestamp),
        })
    })
    .optional()?)
}

pub(super) fn begin(tx: &Transaction<'_>, new: &NewCapture, bound: u64) -> Sql<CaptureBegun> {
    if let Some(row) = capture(tx, new.id)? {
        return Ok(if row.announced == *new {
            CaptureBegun::Open(row)
        } else if row.announced.device == new.device {
            CaptureBegun::Conflict
        } else {
            CaptureBegun::Foreign
        });
    }
    let device = new.device.0.into_bytes();
    let together: i64 = tx.query_row(
        "SELECT coalesce(sum(size), 0) FROM capture WHERE device = ?1",
        [device],
        |row| row.get(0),
    )?;
    if nat(together).saturating_add(new.size) > bound {
        return Ok(CaptureBegun::OverBound);
    }
    tx.execute(
        "INSERT INTO capture (id, device, size, received, digest) VALUES (?1, ?2, ?3, 0, ?4)",
        params![new.id.0.into_bytes(), device, int(new.size), new.digest.0],
    )?;
    Ok(CaptureBegun::Open(CaptureRow {
        announced: *new,
        received: 0,
        complete_at: None,
    }))
}

pub(super) fn received(
    tx: &Transaction<'_>,
    id: CaptureId,
    received: u64,
    complete_at: Option<Timestamp>,
) -> Sql<()> {
    tx.prepare_cached("UPDATE capture SET received = ?2, complete_at = ?3 WHERE id = ?1")?
        .execute(params![
            id.0.into_bytes(),
            int(received),
            complete_at.map(|at| at.0)
        ])?;
    Ok(())
}
