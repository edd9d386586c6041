//! Batches, envelopes, chain, marks.

use super::*;
use protocol::{Envelope, KeyId, Urgency};
use rusqlite::{OptionalExtension as _, Row, Rows, params};

pub(super) fn store_batch(tx: &Transaction<'_>, batch: &Batch, at: Timestamp) -> Sql<BatchOutcome> {
    let device = batch.device.0.into_bytes();
    let digests: Vec<Digest> = batch.envelopes.iter().map(Envelope::digest).collect();
    let mut number = None;
    let mut broken = Vec::new();
    for (envelope, digest) in batch.envelopes.iter().zip(&digests) {
        match digest_of(tx, &device, envelope.seq)? {
            Some(known) if known == *digest => continue,
            Some(_) => return Ok(BatchOutcome::Conflict { seq: envelope.seq }),
            None => {}
        }
        let number = match number {
            Some(number) => number,
            None => {
                tx.execute(
                    "INSERT INTO batch (device, digests, signature, at) VALUES (?1, ?2, ?3, ?4)",
                    params![device, join(&digests), batch.signature, at.0],
                )?;
                *number.insert(tx.last_insert_rowid())
            }
        };
        insert(tx, envelope, *digest, number, at)?;
        access::begin_by_envelope(tx, envelope.session, batch.device, at)?;
        broken.extend(check_links(tx, envelope, *digest)?);
    }
    advance(tx, &device)?;
    broken.sort_unstable();
    broken.dedup();
    Ok(BatchOutcome::Stored { broken })
}

/// Numbers that may lie between two batches that are taken back. No device signs them, and they must
/// not be used up by a number that somebody made up.
const PASSED_OVER: u64 = 1_000_000;

pub(super) fn take_back(
    tx: &Transaction<'_>,
    batch: &StoredBatch,
    at: Timestamp,
) -> Sql<TakenBack> {
    let device = batch.signed.device.0.into_bytes();
    let number = int(batch.id);
    if tx
        .prepare_cached("SELECT 1 FROM batch WHERE id = ?1")?
        .exists([number])?
    {
        return Ok(TakenBack::Conflict);
    }
    if batch.id.saturating_sub(batch_numbers(tx)?) > PASSED_OVER {
        return Ok(TakenBack::Conflict);
    }
    if !tx
        .prepare_cached("SELECT 1 FROM device WHERE id = ?1")?
        .exists([device])?
    {
        pass_over(tx, batch.id)?;
        return Ok(TakenBack::UnknownDevice);
    }
    tx.execute(
        "INSERT INTO batch (id, device, digests, signature, at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            number,
            device,
            join(&batch.signed.digests),
            batch.signed.signature,
            at.0
        ],
    )?;
    for envelope in &batch.envelopes {
        if envelope.device != batch.signed.device {
            return Ok(TakenBack::Conflict);
        }
        let digest = envelope.digest();
        if digest_of(tx, &device, envelope.seq)?.is_some() {
            return Ok(TakenBack::Conflict);
        }
        insert(tx, envelope, digest, number, at)?;
        check_links(tx, envelope, digest)?;
    }
    advance(tx, &device)?;
    Ok(TakenBack::Stored)
}

/// Gives the number to no batch that is yet to come.
fn pass_over(tx: &Transaction<'_>, number: u64) -> Sql<()> {
    if batch_numbers(tx)? >= number {
        return Ok(());
    }
    // AUTOINCREMENT's own table; it has no row of a table that was never written to.
    tx.execute("DELETE FROM sqlite_sequence WHERE name = 'batch'", [])?;
    tx.execute(
        "INSERT INTO sqlite_sequence (name, seq) VALUES ('batch', ?1)",
        [int(number)],
    )?;
    Ok(())
}

pub(super) fn batch_numbers(c: &Connection) -> Sql<u64> {
    let number: Option<i64> = c
        .prepare_cached(
            "SELECT max(seq) FROM (SELECT seq FROM sqlite_sequence WHERE name = 'batch'
             UNION ALL SELECT max(id) FROM batch)",
        )?
        .query_row([], |row| row.get(0))?;
    Ok(nat(number.unwrap_or(0)))
}

fn insert(
    tx: &Transaction<'_>,
    envelope: &Envelope,
    digest: Digest,
    batch: i64,
    at: Timestamp,
) -> Sql<()> {
    tx.prepare_cached(
        "INSERT INTO envelope (device, seq, session, encounter, urgency, key, previous, digest,
                               batch, at, encapsulated, ciphertext)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?
    .execute(params![
        envelope.device.0.into_bytes(),
        int(envelope.seq),
        envelope.session.0.into_bytes(),
        envelope.encounter.map(|e| e.0.into_bytes()),
        envelope.urgency as i64,
        envelope.key.0.into_bytes(),
        envelope.previous.0,
        digest.0,
        batch,
        at.0,
        envelope.encapsulated,
        envelope.ciphertext
    ])?;
    Ok(())
}

/// Both links of a new envelope, as far as its neighbours are there; what is broken is flagged.
fn check_links(tx: &Transaction<'_>, envelope: &Envelope, digest: Digest) -> Sql<Vec<u64>> {
    let device = envelope.device.0.into_bytes();
    let mut broken = Vec::new();
    let before = match envelope.seq {
        1 => Some(Digest::default()),
        seq => digest_of(tx, &device, seq - 1)?,
    };
    if before.is_some_and(|before| before != envelope.previous) {
        broken.push(envelope.seq);
    }
    let after: Option<[u8; 32]> = tx
        .prepare_cached("SELECT previous FROM envelope WHERE device = ?1 AND seq = ?2")?
        .query_row(params![device, int(envelope.seq + 1)], |row| row.get(0))
        .optional()?;
    if after.is_some_and(|after| after != digest.0) {
        broken.push(envelope.seq + 1);
    }
    for seq in &broken {
        tx.execute(
            "INSERT OR IGNORE INTO envelope_flag (device, seq, flag) VALUES (?1, ?2, ?3)",
            params![device, int(*seq), ArchiveFlag::ChainBroken.code()],
        )?;
    }
    Ok(broken)
}

fn digest_of(c: &Connection, device: &[u8; 16], seq: u64) -> Sql<Option<Digest>> {
    let bytes = c
        .prepare_cached("SELECT digest FROM envelope WHERE device = ?1 AND seq = ?2")?
        .query_row(params![device, int(seq)], |row| row.get(0))
        .optional()?;
    Ok(bytes.map(digest))
}

/// Moves the mark over what is stored without a gap, and over gaps that were acknowledged; it always
/// stands on a number that is stored.
fn advance(tx: &Transaction<'_>, device: &[u8; 16]) -> Sql<()> {
    let start: i64 = tx.query_row(
        "SELECT stored_through FROM device WHERE id = ?1",
        [device],
        |r| r.get(0),
    )?;
    let mut through = nat(start);
    let gaps = acknowledged_gaps(tx, device)?;
    {
        let mut next = tx.prepare_cached(
            "SELECT seq FROM envelope WHERE device = ?1 AND seq > ?2 ORDER BY seq",
        )?;
        let mut rows = next.query(params![device, start])?;
        while let Some(row) = rows.next()? {
            let seq = nat(row.get(0)?);
            if !covered(&gaps, through + 1, seq) {
                break;
            }
            through = seq;
        }
    }
    if int(through) > start {
        tx.execute(
            "UPDATE device SET stored_through = ?2 WHERE id = ?1",
            params![device, int(through)],
        )?;
    }
    Ok(())
}

/// Whether every number from `first` up to the one before `end` was acknowledged as lost.
fn covered(gaps: &[(u64, u64)], first: u64, end: u64) -> bool {
    let mut next = first;
    for (first, last) in gaps {
        if (*first..=*last).contains(&next) {
            next = last + 1;
        }
    }
    next >= end
}

pub(super) fn acknowledge_gap(
    tx: &Transaction<'_>,
    device: DeviceId,
    first: u64,
    last: u64,
    at: Timestamp,
) -> Sql<GapOutcome> {
    let id = device.0.into_bytes();
    let known: bool = tx.query_row(
        "SELECT EXISTS (SELECT 1 FROM device WHERE id = ?1)",
        [id],
        |row| row.get(0),
    )?;
    if !known {
        return Ok(GapOutcome::UnknownDevice);
    }
    let there: Option<i64> = tx
        .query_row(
            "SELECT seq FROM envelope WHERE device = ?1 AND seq BETWEEN ?2 AND ?3
             ORDER BY seq LIMIT 1",
            params![id, int(first), int(last)],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(seq) = there {
        return Ok(GapOutcome::NotMissing { seq: nat(seq) });
    }
    let above: bool = tx.query_row(
        "SELECT EXISTS (SELECT 1 FROM envelope WHERE device = ?1 AND seq > ?2)",
        params![id, int(last)],
        |row| row.get(0),
    )?;
    if first == 0 || first > last || !above {
        return Ok(GapOutcome::NotBelowStored);
    }
    tx.execute(
        "INSERT INTO acknowledged_gap (device, first, last, at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (device, first) DO UPDATE SET last = max(last, excluded.last)",
        params![id, int(first), int(last), at.0],
    )?;
    advance(tx, &id)?;
    Ok(GapOutcome::Acknowledged)
}

pub(super) fn acknowledged_gaps(c: &Connection, device: &[u8; 16]) -> Sql<Vec<(u64, u64)>> {
    let mut statement = c.prepare_cached(
        "SELECT first, last FROM acknowledged_gap WHERE device = ?1 ORDER BY first",
    )?;
    let gaps = statement.query_map([device], |row| Ok((nat(row.get(0)?), nat(row.get(1)?))))?;
    Ok(gaps.collect::<Result<_, _>>()?)
}

pub(super) fn stored_through(c: &Connection, device: &[u8; 16]) -> Sql<u64> {
    let through: Option<i64> = c
        .prepare_cached("SELECT stored_through FROM device WHERE id = ?1")?
        .query_row([device], |row| row.get(0))
        .optional()?;
    Ok(nat(through.unwrap_or(0)))
}

pub(super) fn marks(c: &Connection, device: DeviceId, replicated: u64) -> Sql<Marks> {
    let id = device.0.into_bytes();
    let stored_through = stored_through(c, &id)?;
    // The batches above the mark are few: those that the replica has not taken yet.
    let first_unsafe: Option<i64> = c
        .prepare_cached("SELECT min(seq) FROM envelope WHERE batch > ?1 AND device = ?2")?
        .query_row(params![int(replicated), id], |row| row.get(0))?;
    let safe = first_unsafe.map_or(stored_through, |seq| nat(seq - 1).min(stored_through));
    let head = match stored_through {
        0 => Digest::default(),
        seq => digest_of(c, &id, seq)?.ok_or(Fault::Unreadable("head"))?,
    };
    Ok(Marks {
        stored_through,
        safe_through: safe,
        head,
    })
}

pub(super) fn batch(c: &Connection, batch: u64) -> Sql<Option<BatchSignature>> {
    let row: Option<([u8; 16], Vec<u8>, Vec<u8>)> = c
        .prepare_cached("SELECT device, digests, signature FROM batch WHERE id = ?1")?
        .query_row([int(batch)], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let Some((device, digests, signature)) = row else {
        return Ok(None);
    };
    Ok(Some(BatchSignature {
        device: DeviceId(uuid(device)),
        digests: split(&digests).ok_or(Fault::Unreadable("batch"))?,
        signature,
    }))
}

pub(super) fn batches_of(
    c: &Connection,
    device: DeviceId,
    after: u64,
    limit: usize,
) -> Sql<Vec<(u64, BatchSignature)>> {
    let mut ids = c.prepare_cached(
        "SELECT id FROM batch WHERE device = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
    )?;
    let values = params![device.0.into_bytes(), int(after), int(limit as u64)];
    let ids: Vec<i64> = ids
        .query_map(values, |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut batches = Vec::with_capacity(ids.len());
    for id in ids {
        let signed = batch(c, nat(id))?.ok_or(Fault::Unreadable("batch"))?;
        batches.push((nat(id), signed));
    }
    Ok(batches)
}

pub(super) fn batches_after(c: &Connection, after: u64, bytes: usize) -> Sql<Vec<StoredBatch>> {
    let mut ids = c.prepare_cached("SELECT id FROM batch WHERE id > ?1 ORDER BY id")?;
    let mut rows = ids.query([int(after)])?;
    let mut envelopes = c.prepare_cached(&format!("{ENVELOPE} WHERE batch = ?1 ORDER BY seq"))?;
    let mut batches = Vec::new();
    let mut taken = 0;
    while let Some(row) = rows.next()? {
        if taken >= bytes {
            break;
        }
        let id: i64 = row.get(0)?;
        let signed = batch(c, nat(id))?.ok_or(Fault::Unreadable("batch"))?;
        let mut found = envelopes.query([id])?;
        let mut new = Vec::new();
        while let Some(row) = found.next()? {
            let stored = read_envelope(row)?;
            taken += stored.envelope.ciphertext.len() + 512;
            new.push(stored.envelope);
        }
        batches.push(StoredBatch {
            id: nat(id),
            signed,
            envelopes: new,
        });
    }
    Ok(batches)
}

pub(super) fn unassessed(c: &Connection, limit: usize) -> Sql<Vec<Place>> {
    let mut statement = c.prepare_cached(
        "SELECT device, seq FROM envelope WHERE assessed = 0 ORDER BY batch, seq LIMIT ?1",
    )?;
    let places = statement.query_map([int(limit as u64)], |row| {
        Ok(Place {
            device: DeviceId(uuid(row.get(0)?)),
            seq: nat(row.get(1)?),
        })
    })?;
    Ok(places.collect::<Result<_, _>>()?)
}

const ENVELOPE: &str = "SELECT device, seq, session, encounter, urgency, key, previous, \
                        encapsulated, ciphertext, digest, batch, at FROM envelope";

fn read_envelopes(mut rows: Rows<'_>) -> Sql<Vec<StoredEnvelope>> {
    let mut envelopes = Vec::new();
    while let Some(row) = rows.next()? {
        envelopes.push(read_envelope(row)?);
    }
    Ok(envelopes)
}

fn read_envelope(row: &Row<'_>) -> Sql<StoredEnvelope> {
    let urgency = match row.get::<_, i64>(4)? {
        0 => Urgency::Question,
        1 => Urgency::Alert,
        2 => Urgency::Ordinary,
        3 => Urgency::Capture,
        _ => return Err(Fault::Unreadable("urgency")),
    };
    Ok(StoredEnvelope {
        envelope: Envelope {
            device: DeviceId(uuid(row.get(0)?)),
            seq: nat(row.get(1)?),
            session: SessionId(uuid(row.get(2)?)),
            encounter: row
                .get::<_, Option<[u8; 16]>>(3)?
                .map(|id| EncounterId(uuid(id))),
            urgency,
            key: KeyId(uuid(row.get(5)?)),
            previous: digest(row.get(6)?),
            encapsulated: row.get(7)?,
            ciphertext: row.get(8)?,
        },
        digest: digest(row.get(9)?),
        batch: nat(row.get(10)?),
        arrived_at: Timestamp(row.get(11)?),
    })
}

pub(super) fn envelope(c: &Connection, device: DeviceId, seq: u64) -> Sql<Option<StoredEnvelope>> {
    let sql = format!("{ENVELOPE} WHERE device = ?1 AND seq = ?2");
    let mut statement = c.prepare_cached(&sql)?;
    let mut rows = statement.query(params![device.0.into_bytes(), int(seq)])?;
    rows.next()?.map(read_envelope).transpose()
}

pub(super) fn encounter_device(c: &Connection, encounter: EncounterId) -> Sql<Option<DeviceId>> {
    Ok(c.prepare_cached(
        "SELECT device FROM envelope WHERE encounter = ?1 ORDER BY batch, seq LIMIT 1",
    )?
    .query_row([encounter.0.into_bytes()], |row| {
        Ok(DeviceId(uuid(row.get(0)?)))
    })
    .optional()?)
}

pub(super) fn encounter_envelopes(
    c: &Connection,
    encounter: EncounterId,
    device: DeviceId,
    after: u64,
    limit: usize,
) -> Sql<Vec<StoredEnvelope>> {
    let sql = format!(
        "{ENVELOPE} WHERE encounter = ?1 AND device = ?2 AND seq > ?3 ORDER BY seq LIMIT ?4"
    );
    let (encounter, device) = (encounter.0.into_bytes(), device.0.into_bytes());
    let mut statement = c.prepare_cached(&sql)?;
    let values = params![encounter, device, int(after), int(limit as u64)];
    read_envelopes(statement.query(values)?)
}

pub(super) fn session_envelopes(
    c: &Connection,
    session: SessionId,
    device: DeviceId,
    after: u64,
    limit: usize,
) -> Sql<Vec<StoredEnvelope>> {
    let sql = format!(
        "{ENVELOPE} WHERE session = ?1 AND encounter IS NULL AND device = ?2 AND seq > ?3
         ORDER BY seq LIMIT ?4"
    );
    let (session, device) = (session.0.into_bytes(), device.0.into_bytes());
    let mut statement = c.prepare_cached(&sql)?;
    let values = params![session, device, int(after), int(limit as u64)];
    read_envelopes(statement.query(values)?)
}

pub(super) fn capture_envelopes(
    c: &Connection,
    after: Option<Place>,
    limit: usize,
) -> Sql<Vec<StoredEnvelope>> {
    let sql = format!(
        "{ENVELOPE} WHERE (device, seq) > (?1, ?2) AND urgency = ?3 ORDER BY device, seq LIMIT ?4"
    );
    let (device, seq) = after.map_or(([0; 16], 0), |at| (at.device.0.into_bytes(), int(at.seq)));
    let mut statement = c.prepare_cached(&sql)?;
    let values = params![device, seq, Urgency::Capture as i64, int(limit as u64)];
    read_envelopes(statement.query(values)?)
}

pub(super) fn links(c: &Connection, device: DeviceId, from: u64, limit: usize) -> Sql<Vec<Link>> {
    let mut statement = c.prepare_cached(
        "SELECT seq, previous, digest, batch FROM envelope
         WHERE device = ?1 AND seq >= ?2 ORDER BY seq LIMIT ?3",
    )?;
    let rows = statement.query_map(
        params![device.0.into_bytes(), int(from), int(limit as u64)],
        |row| {
            Ok(Link {
                seq: nat(row.get(0)?),
                previous: digest(row.get(1)?),
                digest: digest(row.get(2)?),
                batch: nat(row.get(3)?),
            })
        },
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}
