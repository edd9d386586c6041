//! The outbox: which sealed events go next, and what hinders those that do not go.

use super::journal::{STUCK_DAMAGED, count_stuck, stuck_to_text};
use super::{CaptureQueue, JournalRow, QueueStatus, StuckReason, Vault, VaultError};
use crate::device::KeyName;
use protocol::limits::{BATCH_BYTES, BATCH_ENVELOPES};
use protocol::{Batch, DeviceId, Digest, Envelope, KeyId, SessionId, Urgency};
use regulation::{EncounterId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _};
use std::collections::HashMap;
use uuid::Uuid;

/// Upper bound of what CBOR adds to an envelope's ciphertext, and of a batch's own frame.
const ENVELOPE_FRAME: usize = 512;
const BATCH_FRAME: usize = 512;

/// An event not yet stored at central.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unsent {
    pub seq: u64,
    pub encounter: Option<[u8; 16]>,
    pub urgency: u8,
    pub size: usize,
}

/// The order of sending: the most urgent event that fits next, each preceded by its encounter's
/// unsent earlier events. Of questions the newest goes first: its citizen is the one who stands
/// there, while those left over from a day without a network are late already. `unsent` is in order of numbers. A batch led by a question or an alert
/// takes nothing less urgent along: it is to be short.
pub(super) fn plan(unsent: &[Unsent], bytes: usize) -> Vec<u64> {
    let mut groups: HashMap<Option<[u8; 16]>, Vec<Unsent>> = HashMap::new();
    for event in unsent {
        groups.entry(event.encounter).or_default().push(*event);
    }
    let mut targets: Vec<Unsent> = unsent.to_vec();
    targets.sort_by_key(|event| {
        let newest_first = event.urgency == Urgency::Question as u8;
        let turn = if newest_first {
            u64::MAX - event.seq
        } else {
            event.seq
        };
        (event.urgency, turn)
    });
    let mut gone: HashMap<Option<[u8; 16]>, usize> = HashMap::new();
    let mut chosen = Vec::new();
    let mut room = bytes.saturating_sub(BATCH_FRAME);
    let mut leader = None;
    for target in targets {
        let leading = *leader.get_or_insert(target.urgency);
        if leading <= Urgency::Alert as u8 && target.urgency > Urgency::Alert as u8 {
            break;
        }
        let Some(group) = groups.get(&target.encounter) else {
            continue;
        };
        let next = gone.entry(target.encounter).or_insert(0);
        while let Some(event) = group.get(*next).filter(|event| event.seq <= target.seq) {
            let cost = event.size + ENVELOPE_FRAME;
            // The first always goes, or a small allowance would hold it for ever.
            if chosen.len() == BATCH_ENVELOPES || (cost > room && !chosen.is_empty()) {
                return chosen;
            }
            room = room.saturating_sub(cost);
            chosen.push(event.seq);
            *next += 1;
        }
    }
    chosen
}

impl Vault {
    /// What to send now, signed; `None` when nothing waits. Nothing is taken out: an event leaves the
    /// queue by a receipt alone.
    ///
    /// # Errors
    /// The database or the key store cannot be used.
    pub fn next_batch(&self) -> Result<Option<Batch>, VaultError> {
        self.next_batch_within(BATCH_BYTES)
    }

    /// As [`Vault::next_batch`], for a slow connection: of about so many bytes, at least one event.
    ///
    /// # Errors
    /// As [`Vault::next_batch`].
    pub fn next_batch_within(&self, bytes: usize) -> Result<Option<Batch>, VaultError> {
        let Some(identity) = self.identity()? else {
            return Ok(None);
        };
        loop {
            let envelopes = {
                let state = self.state();
                let chosen = plan(&unsent(&state.db)?, bytes.min(BATCH_BYTES));
                self.load(&state.db, identity.device, &chosen)?
            };
            match envelopes {
                Loaded::Whole(envelopes) if envelopes.is_empty() => return Ok(None),
                Loaded::Whole(envelopes) => return self.sign(identity.device, envelopes).map(Some),
                // Out of the way, then once more without it.
                Loaded::Damaged(seq) => self.set_stuck(&[seq], STUCK_DAMAGED)?,
            }
        }
    }

    /// An empty batch, signed: asks central for its marks alone. `None` before enrolment.
    ///
    /// # Errors
    /// As [`Vault::next_batch`].
    pub fn batch_of_none(&self) -> Result<Option<Batch>, VaultError> {
        let Some(identity) = self.identity()? else {
            return Ok(None);
        };
        self.sign(identity.device, Vec::new()).map(Some)
    }

    /// These events by themselves, those that still wait, signed: to find the one that central
    /// refuses.
    ///
    /// # Errors
    /// As [`Vault::next_batch`].
    pub fn batch_of(&self, seqs: &[u64]) -> Result<Option<Batch>, VaultError> {
        let Some(identity) = self.identity()? else {
            return Ok(None);
        };
        let loaded = {
            let state = self.state();
            let waiting: Vec<u64> = unsent(&state.db)?
                .iter()
                .map(|e| e.seq)
                .filter(|s| seqs.contains(s))
                .collect();
            self.load(&state.db, identity.device, &waiting)?
        };
        match loaded {
            Loaded::Whole(envelopes) if envelopes.is_empty() => Ok(None),
            Loaded::Whole(envelopes) => self.sign(identity.device, envelopes).map(Some),
            Loaded::Damaged(seq) => {
                self.set_stuck(&[seq], STUCK_DAMAGED)?;
                Ok(None)
            }
        }
    }

    /// Sets events aside: they are kept, and the others go on.
    ///
    /// # Errors
    /// The database cannot be used.
    pub fn mark_stuck(&self, seqs: &[u64], reason: StuckReason) -> Result<(), VaultError> {
        self.set_stuck(seqs, &stuck_to_text(reason)?)
    }

    fn set_stuck(&self, seqs: &[u64], reason: &str) -> Result<(), VaultError> {
        let mut state = self.state();
        let (transaction, _) = state.begin()?;
        for seq in seqs {
            transaction.execute(
                "UPDATE sealed SET stuck = ?2 WHERE seq = ?1 AND stored = 0",
                (seq, reason),
            )?;
        }
        transaction.commit()?;
        drop(state);
        self.bump();
        Ok(())
    }

    /// Whether a question or an alert waits: nothing else is to take the line meanwhile.
    ///
    /// # Errors
    /// The database cannot be used.
    pub fn urgent_waiting(&self) -> Result<bool, VaultError> {
        let state = self.state();
        Ok(state
            .db
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM sealed
                 WHERE stored = 0 AND stuck IS NULL AND urgency <= ?1)",
            )?
            .query_row([Urgency::Alert as u8], |row| row.get(0))?)
    }

    /// Gives what was set aside another chance, except what is damaged. Returns how many.
    ///
    /// # Errors
    /// The database cannot be used.
    pub fn unstick(&self) -> Result<usize, VaultError> {
        let mut freed = 0;
        {
            let mut state = self.state();
            let (transaction, _) = state.begin()?;
            for table in [
                "UPDATE sealed SET stuck = NULL WHERE stored = 0 AND stuck <> ?1",
                "UPDATE captures SET stuck = NULL WHERE safe = 0 AND stuck <> ?1",
            ] {
                freed += transaction.execute(table, [STUCK_DAMAGED])?;
            }
            transaction.commit()?;
        }
        if freed > 0 {
            self.bump();
        }
        Ok(freed)
    }

    /// The outbox in numbers.
    ///
    /// # Errors
    /// The database cannot be used.
    pub fn queue(&self) -> Result<QueueStatus, VaultError> {
        let state = self.state();
        let db = &state.db;
        let safe_through = JournalRow::read(db)?.safe_through;
        let (waiting, oldest): (u64, Option<i64>) = db
            .prepare_cached(
                "SELECT count(*), min(at) FROM sealed WHERE stored = 0 AND stuck IS NULL",
            )?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let (stored, not_safe): (u64, u64) = db
            .prepare_cached(
                "SELECT count(*), count(*) FILTER (WHERE seq > ?1) FROM sealed WHERE stored = 1",
            )?
            .query_row([safe_through], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let deleted: u64 = db.query_row("SELECT deleted FROM journal", [], |row| row.get(0))?;
        let stuck = count_stuck(
            db,
            "SELECT stuck, count(*) FROM sealed WHERE stored = 0 AND stuck IS NOT NULL
             GROUP BY stuck ORDER BY stuck",
        )?;
        let oldest_stuck: Option<i64> = db
            .prepare_cached("SELECT min(at) FROM sealed WHERE stored = 0 AND stuck IS NOT NULL")?
            .query_row([], |row| row.get(0))?;
        Ok(QueueStatus {
            waiting,
            stored_not_safe: not_safe,
            sent_total: stored + deleted,
            stuck,
            oldest_waiting_at: oldest.map(Timestamp),
            captures: CaptureQueue::read(db)?,
            oldest_stuck_at: oldest_stuck.map(Timestamp),
        })
    }

    fn load(&self, db: &Connection, device: DeviceId, seqs: &[u64]) -> Result<Loaded, VaultError> {
        let mut envelopes = Vec::with_capacity(seqs.len());
        for seq in seqs {
            match read_envelope(db, device, *seq) {
                Ok(Some(envelope)) => envelopes.push(envelope),
                Ok(None) | Err(VaultError::Damaged) => {
                    self.report_damaged("sealed", *seq);
                    return Ok(Loaded::Damaged(*seq));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Loaded::Whole(envelopes))
    }

    pub(super) fn sign(
        &self,
        device: DeviceId,
        envelopes: Vec<Envelope>,
    ) -> Result<Batch, VaultError> {
        let bytes = Batch::signed_bytes(device, &envelopes);
        let signature = self.0.keystore.sign(KeyName::Journal, &bytes)?;
        Ok(Batch {
            device,
            envelopes,
            signature,
        })
    }
}

enum Loaded {
    Whole(Vec<Envelope>),
    Damaged(u64),
}

fn unsent(db: &Connection) -> Result<Vec<Unsent>, VaultError> {
    let mut statement = db.prepare_cached(
        "SELECT seq, encounter, urgency, size FROM sealed
         WHERE stored = 0 AND stuck IS NULL ORDER BY seq",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(Unsent {
            seq: row.get(0)?,
            encounter: row.get(1)?,
            urgency: row.get(2)?,
            size: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Reads an envelope and checks it against its digest: what was sealed is what is sent.
pub(super) fn read_envelope(
    db: &Connection,
    device: DeviceId,
    seq: u64,
) -> Result<Option<Envelope>, VaultError> {
    let row = db
        .prepare_cached(
            "SELECT session, encounter, urgency, key, previous, encapsulated, ciphertext, digest
             FROM sealed WHERE seq = ?1",
        )?
        .query_row([seq], |row| {
            let encounter: Option<[u8; 16]> = row.get(1)?;
            let envelope = Envelope {
                device,
                session: SessionId(Uuid::from_bytes(row.get(0)?)),
                seq,
                encounter: encounter.map(|id| EncounterId(Uuid::from_bytes(id))),
                urgency: urgency_from(row.get(2)?),
                key: KeyId(Uuid::from_bytes(row.get(3)?)),
                previous: Digest(row.get(4)?),
                encapsulated: row.get(5)?,
                ciphertext: row.get(6)?,
            };
            Ok((envelope, Digest(row.get(7)?)))
        })
        .optional()?;
    match row {
        Some((envelope, digest)) if envelope.digest() == digest => Ok(Some(envelope)),
        Some(_) => Err(VaultError::Damaged),
        None => Ok(None),
    }
}

/// A number that is no urgency is damage; the digest tells.
pub(super) fn urgency_from(number: u8) -> Urgency {
    match number {
        0 => Urgency::Question,
        1 => Urgency::Alert,
        3 => Urgency::Capture,
        _ => Urgency::Ordinary,
    }
}
