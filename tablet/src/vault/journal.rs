//! The journal: facts and messages, written once and read back by the session they belong to.

use super::crypt::seal_for_central;
use super::mark::Mark;
use super::{Delivery, JournalEntry, JournalRow, OpenSession, StuckReason, Vault, VaultError};
use protocol::limits::CIPHERTEXT_BYTES;
use protocol::{
    DeviceId, Digest, Envelope, Fact, FactKind, Message, Probe, SessionId, Urgency, from_cbor,
    to_cbor,
};
use regulation::{EncounterId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction};
use uuid::Uuid;
use zeroize::{Zeroize as _, Zeroizing};

/// A readable copy; the encounter is inside, so that it cannot be moved to another one.
type Readable = (Option<EncounterId>, Fact);

/// An event that is encoded and not written yet.
pub(super) struct Prepared<'a> {
    device: DeviceId,
    session: &'a OpenSession,
    encounter: Option<EncounterId>,
    urgency: Urgency,
    plain: Zeroizing<Vec<u8>>,
    readable: Zeroizing<Vec<u8>>,
}

impl<'a> Prepared<'a> {
    pub(super) fn new(
        device: DeviceId,
        session: &'a OpenSession,
        encounter: Option<EncounterId>,
        urgency: Urgency,
        fact: &Fact,
    ) -> Result<Self, VaultError> {
        let readable: Readable = (encounter, without_secrets(fact));
        Ok(Self {
            device,
            session,
            encounter,
            urgency,
            plain: Zeroizing::new(to_cbor(fact)?),
            readable: Zeroizing::new(to_cbor(&readable)?),
        })
    }

    /// Numbers, seals and chains the event, and writes it with its readable copy. The mark that
    /// this returns is to be on the disk before anybody hears of the number.
    pub(super) fn write(
        &self,
        transaction: &Transaction<'_>,
        now: Timestamp,
    ) -> Result<Mark, VaultError> {
        let (session, device) = (self.session, self.device);
        check_open(transaction, session.id)?;
        let journal = JournalRow::read(transaction)?;
        let mut envelope = Envelope {
            device,
            session: session.id,
            seq: journal.last_seq + 1,
            encounter: self.encounter,
            urgency: self.urgency,
            key: session.sealing.id,
            previous: journal.head,
            encapsulated: Vec::new(),
            ciphertext: Vec::new(),
        };
        (envelope.encapsulated, envelope.ciphertext) =
            seal_for_central(&session.sealing, &envelope.aad(), &self.plain)?;
        if envelope.ciphertext.len() > CIPHERTEXT_BYTES {
            return Err(VaultError::TooLarge);
        }
        let head = envelope.digest();
        let seq = envelope.seq;
        let copy = session
            .key
            .seal("readable", &seq.to_be_bytes(), &self.readable)?;
        write_sealed(transaction, &envelope, head, now.0)?;
        transaction
            .prepare_cached(
                "INSERT INTO readable (seq, session, encounter, body) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute((
                seq,
                session.id.0.as_bytes(),
                self.encounter.map(|id| *id.0.as_bytes()),
                &copy,
            ))?;
        transaction
            .prepare_cached("UPDATE journal SET last_seq = ?1, head = ?2")?
            .execute((seq, head.0))?;
        Ok(Mark { device, seq, head })
    }
}

/// Writes an envelope into the queue, as unsent; `at` in milliseconds since 1970 (UTC).
pub(super) fn write_sealed(
    transaction: &Transaction<'_>,
    envelope: &Envelope,
    digest: Digest,
    at: i64,
) -> Result<(), VaultError> {
    transaction
        .prepare_cached(
            "INSERT INTO sealed (seq, session, encounter, urgency, key, previous, digest, at,
                                 size, encapsulated, ciphertext)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(rusqlite::params![
            envelope.seq,
            envelope.session.0.as_bytes(),
            envelope.encounter.map(|encounter| *encounter.0.as_bytes()),
            envelope.urgency as u8,
            envelope.key.0.as_bytes(),
            envelope.previous.0,
            digest.0,
            at,
            envelope.ciphertext.len(),
            envelope.encapsulated,
            envelope.ciphertext,
        ])?;
    Ok(())
}

impl Vault {
    /// Appends a fact: numbered, sealed for central, chained, and copied for this session's reading,
    /// in one transaction. Once this returns, the fact is on the disk.
    ///
    /// # Errors
    /// [`VaultError::Full`], [`VaultError::TooLarge`], [`VaultError::NotEnrolled`],
    /// [`VaultError::SessionEnded`] and others; nothing was recorded then.
    pub fn append(
        &self,
        session: &OpenSession,
        encounter: Option<EncounterId>,
        urgency: Urgency,
        fact: &Fact,
    ) -> Result<u64, VaultError> {
        let device = self.identity()?.ok_or(VaultError::NotEnrolled)?.device;
        let event = Prepared::new(device, session, encounter, urgency, fact)?;
        let now = self.now();
        let mut state = self.state();
        let (transaction, mark) = state.begin()?;
        let before = JournalRow::read(&transaction)?;
        let written = event.write(&transaction, now)?;
        mark.begin(written)?;
        let committed = transaction.commit();
        let marked = mark.finish();
        state.settle(&before, committed, marked)?;
        drop(state);
        self.bump();
        Ok(written.seq)
    }

    /// What this session recorded, in order. A row that cannot be read is left out and counted in
    /// [`Vault::damaged_rows`].
    ///
    /// # Errors
    /// The database cannot be used.
    pub fn journal(&self, session: &OpenSession) -> Result<Vec<JournalEntry>, VaultError> {
        let rows: Vec<(u64, Vec<u8>, Delivery)> = {
            let state = self.state();
            let safe_through = JournalRow::read(&state.db)?.safe_through;
            let mut statement = state.db.prepare_cached(
                "SELECT readable.seq, body, stored, stuck
                 FROM readable LEFT JOIN sealed ON sealed.seq = readable.seq
                 WHERE readable.session = ?1 ORDER BY readable.seq",
            )?;
            let rows = statement.query_map([session.id.0.as_bytes()], |row| {
                Ok((row.get(0)?, row.get(1)?, delivery(row, safe_through)?))
            })?;
            rows.collect::<Result<_, _>>()?
        };
        let mut entries = Vec::with_capacity(rows.len());
        for (seq, body, delivery) in rows {
            match read::<Readable>(session, "readable", &seq.to_be_bytes(), &body) {
                Ok((encounter, fact)) => {
                    entries.push(JournalEntry {
                        seq,
                        encounter,
                        fact,
                        delivery,
                    });
                }
                Err(_) => self.report_damaged("readable", seq),
            }
        }
        Ok(entries)
    }

    /// How far this session's facts have come, in order; without reading them.
    ///
    /// # Errors
    /// The database cannot be used.
    pub fn deliveries(
        &self,
        session: SessionId,
    ) -> Result<Vec<(Option<EncounterId>, Delivery)>, VaultError> {
        let state = self.state();
        let safe_through = JournalRow::read(&state.db)?.safe_through;
        let mut statement = state.db.prepare_cached(
            "SELECT readable.seq, readable.encounter, stored, stuck
             FROM readable LEFT JOIN sealed ON sealed.seq = readable.seq
             WHERE readable.session = ?1 ORDER BY readable.seq",
        )?;
        let rows = statement.query_map([session.0.as_bytes()], |row| {
            let encounter: Option<[u8; 16]> = row.get(1)?;
            Ok((
                encounter.map(|id| EncounterId(Uuid::from_bytes(id))),
                delivery(row, safe_through)?,
            ))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Keeps a message of the inbox; `false` if it was kept before.
    ///
    /// # Errors
    /// [`VaultError::WrongSession`]: it is addressed to another session, and was not kept.
    pub fn keep_message(
        &self,
        session: &OpenSession,
        message: &Message,
    ) -> Result<bool, VaultError> {
        let new = self.keep_messages(session, std::slice::from_ref(message))?;
        Ok(new == [true])
    }

    /// Keeps a page of the inbox, all of it or nothing; of each message, whether it is new.
    ///
    /// # Errors
    /// [`VaultError::WrongSession`]: one is addressed to another session; none was kept.
    pub fn keep_messages(
        &self,
        session: &OpenSession,
        messages: &[Message],
    ) -> Result<Vec<bool>, VaultError> {
        let mut bodies = Vec::with_capacity(messages.len());
        for message in messages {
            if message.session != session.id {
                return Err(VaultError::WrongSession);
            }
            let plain = serde_json::to_vec(message).map_err(|_| VaultError::Crypto)?;
            let plain = Zeroizing::new(plain);
            let row = message_row(message.cursor);
            bodies.push(session.key.seal("messages", &row, &plain)?);
        }
        let mut state = self.state();
        let (transaction, _) = state.begin()?;
        check_open(&transaction, session.id)?;
        let id = session.id.0.as_bytes();
        let mut new = Vec::with_capacity(messages.len());
        for (message, body) in messages.iter().zip(&bodies) {
            let rows = transaction
                .prepare_cached(
                    "INSERT INTO messages (session, cursor, body) VALUES (?1, ?2, ?3)
                     ON CONFLICT DO NOTHING",
                )?
                .execute((id, message.cursor, body))?;
            new.push(rows == 1);
        }
        if let Some(last) = messages.iter().map(|message| message.cursor).max() {
            transaction
                .prepare_cached(
                    "UPDATE sessions SET inbox_cursor = max(inbox_cursor, ?2) WHERE id = ?1",
                )?
                .execute((id, last))?;
        }
        transaction.commit()?;
        Ok(new)
    }

    /// The messages of this session, oldest first. One that cannot be read is left out and counted
    /// in [`Vault::damaged_rows`].
    ///
    /// # Errors
    /// The database cannot be used.
    pub fn messages(&self, session: &OpenSession) -> Result<Vec<Message>, VaultError> {
        let rows: Vec<(u64, Vec<u8>)> = {
            let state = self.state();
            let mut statement = state.db.prepare_cached(
                "SELECT cursor, body FROM messages WHERE session = ?1 ORDER BY cursor",
            )?;
            let rows = statement.query_map([session.id.0.as_bytes()], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
            rows.collect::<Result<_, _>>()?
        };
        let mut messages = Vec::with_capacity(rows.len());
        for (cursor, body) in rows {
            let plain = session.key.open("messages", &message_row(cursor), &body);
            match plain
                .ok()
                .and_then(|plain| serde_json::from_slice(&plain).ok())
            {
                Some(message) => messages.push(message),
                None => self.report_damaged("messages", cursor),
            }
        }
        Ok(messages)
    }

    /// Cursor of the last message kept; 0 before the first.
    ///
    /// # Errors
    /// [`VaultError::SessionEnded`].
    pub fn inbox_cursor(&self, session: SessionId) -> Result<u64, VaultError> {
        self.state()
            .db
            .prepare_cached("SELECT inbox_cursor FROM sessions WHERE id = ?1")?
            .query_row([session.0.as_bytes()], |row| row.get(0))
            .optional()?
            .ok_or(VaultError::SessionEnded)
    }
}

/// Of a row (number, …, stored, stuck); no sealed row any more means that it was safe. A number
/// below the mark that was not stored is one that central has declared lost.
fn delivery(row: &Row<'_>, safe_through: u64) -> rusqlite::Result<Delivery> {
    let seq: u64 = row.get(0)?;
    let stored: Option<bool> = row.get(2)?;
    let stuck: Option<String> = row.get(3)?;
    Ok(match (stored, stuck) {
        (Some(false), Some(reason)) => Delivery::Stuck(stuck_from_text(&reason)),
        (Some(false), None) => Delivery::Waiting,
        _ if seq <= safe_through => Delivery::Safe,
        (Some(true), _) => Delivery::Stored,
        (None, _) => Delivery::Waiting,
    })
}

fn message_row(cursor: u64) -> [u8; 8] {
    cursor.to_be_bytes()
}

fn read<T: serde::de::DeserializeOwned>(
    session: &OpenSession,
    table: &str,
    row: &[u8],
    body: &[u8],
) -> Result<T, VaultError> {
    let plain = session.key.open(table, row, body)?;
    Ok(from_cbor(&plain)?)
}

pub(super) fn check_open(db: &Connection, session: SessionId) -> Result<(), VaultError> {
    let open: bool = db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM sessions WHERE id = ?1)")?
        .query_row([session.0.as_bytes()], |row| row.get(0))?;
    if open {
        Ok(())
    } else {
        Err(VaultError::SessionEnded)
    }
}

/// A fact as the tablet may keep it readable: the probe's picture is for central alone, and so is
/// the key of a capture's file.
fn without_secrets(fact: &Fact) -> Fact {
    let mut copy = fact.clone();
    match &mut copy.kind {
        FactKind::Encounter {
            question: Some(question),
            ..
        } => {
            if let Probe::Fingerprint { png: picture, .. } | Probe::Face { jpeg: picture } =
                &mut question.probe
            {
                picture.zeroize();
                *picture = Vec::new();
            }
        }
        FactKind::Capture { capture, .. } => {
            capture.key.zeroize();
            capture.key = Vec::new();
        }
        FactKind::Encounter { question: None, .. }
        | FactKind::Session { .. }
        | FactKind::Bodycam { .. }
        | FactKind::Custody { .. }
        | FactKind::Incident { .. }
        | FactKind::Desk { .. } => {}
    }
    copy
}

pub(super) fn stuck_to_text(reason: StuckReason) -> Result<String, VaultError> {
    serde_json::to_string(&reason).map_err(|_| VaultError::Damaged)
}

/// In place of a reason: what lies on this disk is no longer what was sealed.
pub(super) const STUCK_DAMAGED: &str = "damaged";

/// Reasons and how many, of rows (reason, count).
pub(super) fn count_stuck(
    db: &Connection,
    sql: &str,
) -> Result<Vec<(StuckReason, u64)>, VaultError> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| {
        Ok((stuck_from_text(&row.get::<_, String>(0)?), row.get(1)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A reason written by a newer program still says that the event is stuck.
pub(super) fn stuck_from_text(text: &str) -> StuckReason {
    if text == STUCK_DAMAGED {
        return StuckReason::RefusedForGood(protocol::ErrorCode::Malformed);
    }
    serde_json::from_str(text).unwrap_or(StuckReason::RefusedForGood(protocol::ErrorCode::Unknown))
}
