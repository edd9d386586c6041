//! People, documents, registers, prints.

use super::*;
use crate::audit::{AuditEntry, AuditEvent};
use crate::people::portrait::to_bytes;
use crate::people::{NewPerson, RegisterSource, normal_document};
use protocol::answer::RegisterAsked;
use protocol::{Portrait, Register, RegisterEntry};
use regulation::Date;
use regulation::identity::{BirthDate, PersonName};
use rusqlite::{OptionalExtension as _, params};
use std::collections::HashSet;

pub(super) enum Rejected {
    Import(ImportFault),
    Fault(Fault),
}

impl From<rusqlite::Error> for Rejected {
    fn from(error: rusqlite::Error) -> Self {
        Self::Fault(error.into())
    }
}

impl From<Fault> for Rejected {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

pub(super) fn import(
    tx: &Transaction<'_>,
    registers: &[RegisterSource],
    people: &mut dyn Iterator<Item = NewPerson>,
    at: Timestamp,
) -> Result<Imported, Rejected> {
    for state in registers {
        tx.execute(
            "INSERT INTO register_state (register, source, as_of) VALUES (?1, ?2, ?3)
             ON CONFLICT (register, source) DO UPDATE SET as_of = ?3",
            params![
                word(&state.register)?,
                state.source,
                state.as_of.to_string()
            ],
        )?;
    }
    let known: HashSet<(Register, String)> = asked(tx)?
        .into_iter()
        .map(|a| (a.register, a.source))
        .collect();
    let mut imported = Imported::default();
    for (number, person) in people.enumerate() {
        let number = number + 1;
        if !person
            .entries
            .iter()
            .all(|e| known.contains(&(e.register, e.source.clone())))
        {
            return Err(Rejected::Import(ImportFault::RegisterUnknown(number)));
        }
        put_person(tx, &person, number)?;
        imported.people += 1;
        imported.prints += person.prints.len() as u64;
        imported.portraits += u64::from(person.portrait.is_some());
    }
    let entry = AuditEntry::new(at, AuditEvent::PeopleImported).subject(imported.people);
    devices::audit(tx, &entry)?;
    Ok(imported)
}

fn taken(error: rusqlite::Error, fault: ImportFault) -> Rejected {
    match &error {
        rusqlite::Error::SqliteFailure(failure, _)
            if failure.code == rusqlite::ErrorCode::ConstraintViolation =>
        {
            Rejected::Import(fault)
        }
        _ => error.into(),
    }
}

fn put_person(tx: &Transaction<'_>, person: &NewPerson, number: usize) -> Result<(), Rejected> {
    let id: i64 = tx
        .prepare_cached(
            "INSERT INTO person (external, surname, given, patronymic, birth_date, address, pinfl)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (external) DO UPDATE SET surname = ?2, given = ?3, patronymic = ?4,
                 birth_date = ?5, address = ?6, pinfl = ?7
             RETURNING id",
        )?
        .query_row(
            params![
                person.id,
                person.name.surname,
                person.name.given,
                person.name.patronymic,
                person.birth_date.0.to_string(),
                person.address,
                person.pinfl.as_ref().map(|p| &p.0)
            ],
            |row| row.get(0),
        )
        .map_err(|e| taken(e, ImportFault::PinflTaken(number)))?;
    for table in ["document", "register_entry", "print", "portrait"] {
        tx.prepare_cached(&format!("DELETE FROM {table} WHERE person = ?1"))?
            .execute([id])?;
    }
    for (position, document) in person.documents.iter().enumerate() {
        tx.prepare_cached("INSERT INTO document (number, person, position) VALUES (?1, ?2, ?3)")?
            .execute(params![normal_document(document), id, int(position as u64)])
            .map_err(|e| taken(e, ImportFault::DocumentTaken(number)))?;
    }
    for entry in &person.entries {
        tx.prepare_cached(
            "INSERT INTO register_entry (person, register, source, date, spent, note)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            id,
            word(&entry.register)?,
            entry.source,
            entry.date.to_string(),
            entry.spent,
            entry.note
        ])?;
    }
    for (finger, template) in &person.prints {
        insert_print(tx, id, *finger as u8, &template.to_bytes())?;
    }
    if let Some(portrait) = &person.portrait {
        tx.prepare_cached("INSERT INTO portrait (person, jpeg, embedding) VALUES (?1, ?2, ?3)")?
            .execute(params![
                id,
                portrait.jpeg,
                portrait.embedding.as_ref().map(to_bytes)
            ])?;
    }
    Ok(())
}

fn insert_print(tx: &Transaction<'_>, person: i64, finger: u8, template: &[u8]) -> Sql<()> {
    tx.prepare_cached("INSERT INTO print (person, finger, template) VALUES (?1, ?2, ?3)")?
        .execute(params![person, finger, template])?;
    Ok(())
}

fn day(text: &str) -> Sql<Date> {
    text.parse().map_err(|_| Fault::Unreadable("date"))
}

fn asked(c: &Connection) -> Sql<Vec<RegisterAsked>> {
    let mut statement = c.prepare_cached("SELECT register, source, as_of FROM register_state")?;
    let mut rows = statement.query([])?;
    let mut asked = Vec::new();
    while let Some(row) = rows.next()? {
        asked.push(RegisterAsked {
            register: from_word(row.get(0)?, "register")?,
            source: row.get(1)?,
            as_of: day(&row.get::<_, String>(2)?)?,
        });
    }
    asked.sort_by(|a: &RegisterAsked, b| (a.register, &a.source).cmp(&(b.register, &b.source)));
    Ok(asked)
}

fn entries(c: &Connection, person: i64) -> Sql<Vec<RegisterEntry>> {
    let mut statement = c.prepare_cached(
        "SELECT register, source, date, spent, note FROM register_entry WHERE person = ?1",
    )?;
    let mut rows = statement.query([person])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(RegisterEntry {
            register: from_word(row.get(0)?, "register")?,
            source: row.get(1)?,
            date: day(&row.get::<_, String>(2)?)?,
            spent: row.get(3)?,
            note: row.get(4)?,
        });
    }
    // The gravest first: the order of the registers, what is not spent before what is, the newest.
    entries.sort_by_key(|e| (e.register, e.spent == Some(true), std::cmp::Reverse(e.date)));
    Ok(entries)
}

pub(super) fn person(c: &Connection, person: u64) -> Sql<Option<PersonRecord>> {
    let id = int(person);
    type Row = (
        String,
        String,
        Option<String>,
        String,
        String,
        Option<String>,
    );
    let row: Option<Row> = c
        .prepare_cached(
            "SELECT surname, given, patronymic, birth_date, address, pinfl FROM person
             WHERE id = ?1",
        )?
        .query_row([id], |r| {
            Ok((
                r.get(0)?,
                r.get(1)?,
                r.get(2)?,
                r.get(3)?,
                r.get(4)?,
                r.get(5)?,
            ))
        })
        .optional()?;
    let Some((surname, given, patronymic, birth_date, address, pinfl)) = row else {
        return Ok(None);
    };
    let document: Option<String> = c
        .prepare_cached("SELECT number FROM document WHERE person = ?1 ORDER BY position LIMIT 1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    Ok(Some(PersonRecord {
        name: PersonName {
            surname,
            given,
            patronymic,
        },
        birth_date: BirthDate(day(&birth_date)?),
        address,
        pinfl: pinfl.map(Pinfl),
        document: document.map(DocumentNumber),
        entries: entries(c, id)?,
        asked: asked(c)?,
        portrait: portrait(c, id)?,
    }))
}

fn portrait(c: &Connection, person: i64) -> Sql<Option<Portrait>> {
    Ok(
        c.prepare_cached("SELECT jpeg FROM portrait WHERE person = ?1")?
            .query_row([person], |row| row.get(0))
            .optional()?
            .map(Portrait),
    )
}

pub(super) fn faces_after(c: &Connection, after: u64, limit: usize) -> Sql<Vec<FaceRow>> {
    let mut statement = c.prepare_cached(
        "SELECT person, embedding, CASE WHEN embedding IS NULL THEN jpeg END FROM portrait
         WHERE person > ?1 ORDER BY person LIMIT ?2",
    )?;
    let rows = statement.query_map(params![int(after), int(limit as u64)], |row| {
        Ok(FaceRow {
            person: nat(row.get(0)?),
            embedding: row.get(1)?,
            jpeg: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn keep_embeddings(tx: &Transaction<'_>, made: &[(u64, Vec<u8>)]) -> Sql<()> {
    let mut keep = tx.prepare_cached("UPDATE portrait SET embedding = ?2 WHERE person = ?1")?;
    for (person, embedding) in made {
        keep.execute(params![int(*person), embedding])?;
    }
    Ok(())
}

fn find(c: &Connection, sql: &str, key: &str) -> Sql<Option<u64>> {
    let id: Option<i64> = c
        .prepare_cached(sql)?
        .query_row([key], |row| row.get(0))
        .optional()?;
    Ok(id.map(nat))
}

pub(super) fn person_id(c: &Connection, external: &str) -> Sql<Option<u64>> {
    find(c, "SELECT id FROM person WHERE external = ?1", external)
}

pub(super) fn by_document(
    c: &Connection,
    number: &DocumentNumber,
) -> Sql<Option<(u64, PersonRecord)>> {
    let sql = "SELECT person FROM document WHERE number = ?1";
    by_number(c, sql, &normal_document(number))
}

pub(super) fn by_pinfl(c: &Connection, pinfl: &Pinfl) -> Sql<Option<(u64, PersonRecord)>> {
    by_number(c, "SELECT id FROM person WHERE pinfl = ?1", pinfl.0.trim())
}

fn by_number(c: &Connection, sql: &str, key: &str) -> Sql<Option<(u64, PersonRecord)>> {
    let Some(id) = find(c, sql, key)? else {
        return Ok(None);
    };
    Ok(person(c, id)?.map(|record| (id, record)))
}

pub(super) fn count(c: &Connection) -> Sql<u64> {
    Ok(nat(c.query_row(
        "SELECT count(*) FROM person",
        [],
        |row| row.get(0),
    )?))
}

pub(super) fn add_print(tx: &Transaction<'_>, person: u64, print: &StoredPrint) -> Sql<()> {
    insert_print(tx, int(person), print.finger, &print.template)
}

pub(super) fn remove_prints(tx: &Transaction<'_>, person: u64, finger: u8) -> Sql<u64> {
    let removed = tx.execute(
        "DELETE FROM print WHERE person = ?1 AND finger = ?2",
        params![int(person), finger],
    )?;
    Ok(removed as u64)
}

pub(super) fn prints_after(c: &Connection, after: u64, limit: usize) -> Sql<Vec<PrintRow>> {
    let mut statement = c.prepare_cached(
        "SELECT id, person, finger, template FROM print WHERE id > ?1 ORDER BY id LIMIT ?2",
    )?;
    let rows = statement.query_map(params![int(after), int(limit as u64)], |row| {
        Ok(PrintRow {
            id: nat(row.get(0)?),
            person: nat(row.get(1)?),
            print: StoredPrint {
                finger: row.get(2)?,
                template: row.get(3)?,
            },
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn generation(c: &Connection) -> Sql<u64> {
    Ok(nat(c.query_row(
        "SELECT generation FROM gallery",
        [],
        |row| row.get(0),
    )?))
}
