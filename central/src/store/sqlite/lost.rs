//! Lost tablets and what they report of their wiping.

use super::*;
use crate::audit::AuditEvent;
use protocol::{TabletOrder, TabletRequest, WipeStage};
use rusqlite::{OptionalExtension as _, params};

pub(super) fn report_lost(tx: &Transaction<'_>, device: DeviceId, at: Timestamp) -> Sql<bool> {
    let id = device.0.into_bytes();
    let known = tx.execute(
        "UPDATE device SET lost_at = coalesce(lost_at, ?2) WHERE id = ?1 AND revoked_at IS NULL",
        params![id, at.0],
    )?;
    if known == 0 {
        return Ok(false);
    }
    devices::end_sessions(tx, "device = ?1", &id, at)?;
    tx.execute("DELETE FROM reserved_session WHERE device = ?1", [id])?;
    Ok(true)
}

pub(super) fn report_found(tx: &Transaction<'_>, device: DeviceId) -> Sql<bool> {
    let id = device.0.into_bytes();
    let found = tx.execute(
        "UPDATE device SET lost_at = NULL
         WHERE id = ?1 AND lost_at IS NOT NULL AND revoked_at IS NULL",
        [id],
    )?;
    if found > 0 {
        tx.execute("DELETE FROM wipe_report WHERE device = ?1", [id])?;
    }
    Ok(found > 0)
}

/// What a desk says about a tablet of its unit. What holds already is said again, and nothing changes.
pub(super) fn order(tx: &Transaction<'_>, order: &OrderedTablet) -> Sql<Option<TabletStanding>> {
    let TabletRequest {
        device,
        order: what,
    } = order.request;
    let id = device.0.into_bytes();
    if !custody::is_of(tx, &id, &order.unit, order.at)? {
        return Ok(None);
    }
    let entry = |event| {
        AuditEntry::new(order.at, event)
            .device(device)
            .session(order.session)
            .officer(order.officer)
    };
    let entry = match what {
        TabletOrder::Lost if report_lost(tx, device, order.at)? => {
            Some(entry(AuditEvent::DeviceReportedLost))
        }
        TabletOrder::Found if report_found(tx, device)? => {
            Some(entry(AuditEvent::DeviceReportedFound))
        }
        TabletOrder::Unlock => {
            let serial = devices::unlock(tx, device)?;
            serial.map(|serial| entry(AuditEvent::DeviceUnlocked).subject(serial))
        }
        TabletOrder::Lost | TabletOrder::Found => None,
    };
    if let Some(entry) = entry {
        devices::audit(tx, &entry)?;
    }
    standing(tx, &id).map(Some)
}

/// How a tablet stands.
pub(super) fn standing(c: &Connection, device: &[u8; 16]) -> Sql<TabletStanding> {
    let lost: Option<Option<i64>> = c
        .prepare_cached("SELECT lost_at FROM device WHERE id = ?1")?
        .query_row([device], |row| row.get(0))
        .optional()?;
    let Some(since) = lost.flatten().map(Timestamp) else {
        return Ok(TabletStanding::Good);
    };
    let stage = |stage: WipeStage| -> Sql<Option<Timestamp>> {
        let at: Option<i64> = c
            .prepare_cached("SELECT at FROM wipe_report WHERE device = ?1 AND stage = ?2")?
            .query_row(params![device, word(&stage)?], |row| row.get(0))
            .optional()?;
        Ok(at.map(Timestamp))
    };
    if let Some(since) = stage(WipeStage::Wiped)? {
        return Ok(TabletStanding::Wiped { since });
    }
    Ok(match stage(WipeStage::ReadingKeysDestroyed)? {
        Some(_) => TabletStanding::KeysDestroyed { since },
        None => TabletStanding::Lost { since },
    })
}

pub(super) fn keep_report(
    tx: &Transaction<'_>,
    report: &WipeReport,
    at: Timestamp,
) -> Sql<WipeOutcome> {
    let id = report.device.0.into_bytes();
    let lost: Option<bool> = tx
        .query_row(
            "SELECT lost_at IS NOT NULL FROM device WHERE id = ?1",
            [id],
            |row| row.get(0),
        )
        .optional()?;
    if lost != Some(true) {
        return Ok(WipeOutcome::NotLost);
    }
    let known = |stage: WipeStage| -> Sql<bool> {
        Ok(tx.query_row(
            "SELECT EXISTS (SELECT 1 FROM wipe_report WHERE device = ?1 AND stage = ?2)",
            params![id, word(&stage)?],
            |row| row.get(0),
        )?)
    };
    let (keys, wiped) = (
        known(WipeStage::ReadingKeysDestroyed)?,
        known(WipeStage::Wiped)?,
    );
    let first = match report.stage {
        WipeStage::ReadingKeysDestroyed if wiped => return Ok(WipeOutcome::OutOfOrder),
        WipeStage::Wiped if !keys => return Ok(WipeOutcome::OutOfOrder),
        WipeStage::ReadingKeysDestroyed => !keys,
        WipeStage::Wiped => !wiped,
    };
    // The number of events that are not safe goes down from report to report.
    tx.execute(
        "INSERT INTO wipe_report (device, stage, at, body) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (device, stage) DO UPDATE SET body = ?4",
        params![id, word(&report.stage)?, at.0, json(report)?.into_bytes()],
    )?;
    if report.stage == WipeStage::Wiped {
        devices::revoke(tx, report.device, at)?;
    }
    Ok(WipeOutcome::Kept { first })
}

pub(super) fn reports(c: &Connection, device: DeviceId) -> Sql<Vec<StoredWipe>> {
    let mut statement =
        c.prepare_cached("SELECT at, body FROM wipe_report WHERE device = ?1 ORDER BY at, stage")?;
    let mut rows = statement.query([device.0.into_bytes()])?;
    let mut reports = Vec::new();
    while let Some(row) = rows.next()? {
        let body: Vec<u8> = row.get(1)?;
        reports.push(StoredWipe {
            at: Timestamp(row.get(0)?),
            report: serde_json::from_slice(&body).map_err(|_| Fault::Unreadable("wipe report"))?,
        });
    }
    Ok(reports)
}
