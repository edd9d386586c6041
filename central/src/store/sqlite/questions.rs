//! Assessments, questions, answers, inbox, duty desk.

use super::*;
use protocol::{MessageBody, Register};
use rusqlite::{OptionalExtension as _, Row, params};

pub(super) fn assess(tx: &Transaction<'_>, assessment: &Assessment) -> Sql<Vec<SessionId>> {
    for place in &assessment.assessed {
        tx.prepare_cached("UPDATE envelope SET assessed = 1 WHERE device = ?1 AND seq = ?2")?
            .execute(params![place.device.0.into_bytes(), int(place.seq)])?;
    }
    for (place, flag) in &assessment.flags {
        add_flag(tx, *place, *flag)?;
    }
    for stand in &assessment.questions {
        take_up(tx, stand)?;
    }
    if let Some(summary) = &assessment.summary {
        tx.prepare_cached(
            "INSERT INTO encounter (id, device, session, stage, flags, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (id) DO UPDATE SET stage = ?4, flags = ?5, at = ?6",
        )?
        .execute(params![
            summary.encounter.0.into_bytes(),
            summary.device.0.into_bytes(),
            summary.session.0.into_bytes(),
            word(&summary.stage)?,
            json(&summary.flags)?,
            summary.at.0
        ])?;
        let id = summary.encounter.0.into_bytes();
        incident::check_encounters(tx, "i.encounter = ?1", &id)?;
    }
    if let Some(stand) = &assessment.duty {
        desk::take_duty(tx, stand, assessment.at)?;
    }
    if let Some(figures) = &assessment.figures {
        report::take_figures(tx, figures)?;
        // What is only counted again is no news.
        if figures.resisted.is_some() && assessment.again.is_none() {
            let (id, session) = (figures.encounter.0, figures.session.0.into_bytes());
            desk::matter(tx, id, &session, "resistance", true)?;
        }
    }
    for served in &assessment.served {
        report::take_served(tx, served)?;
    }
    if let Some(again) = &assessment.again {
        report::done_again(tx, again)?;
    }
    if let Some(stand) = &assessment.reports {
        incident::take_reports(tx, stand)?;
    }
    custody::take_steps(tx, &assessment.custody)?;
    let told = match &assessment.decision {
        Some(decision) => desk::decide(tx, decision, assessment.at)?,
        None => None,
    };
    Ok(told.into_iter().collect())
}

pub(super) fn add_flag(tx: &Transaction<'_>, place: Place, flag: ArchiveFlag) -> Sql<()> {
    tx.prepare_cached(
        "INSERT OR IGNORE INTO envelope_flag (device, seq, flag) VALUES (?1, ?2, ?3)",
    )?
    .execute(params![
        place.device.0.into_bytes(),
        int(place.seq),
        flag.code()
    ])?;
    Ok(())
}

pub(super) fn remove_flag(tx: &Transaction<'_>, place: Place, flag: ArchiveFlag) -> Sql<()> {
    tx.prepare_cached("DELETE FROM envelope_flag WHERE device = ?1 AND seq = ?2 AND flag = ?3")?
        .execute(params![
            place.device.0.into_bytes(),
            int(place.seq),
            flag.code()
        ])?;
    Ok(())
}

/// A question is taken up once: the first envelope that carries its id owns it. What is held may
/// still be queued when the rest of its encounter arrives; what is queued may be withdrawn.
fn take_up(tx: &Transaction<'_>, stand: &QuestionStand) -> Sql<()> {
    let known: Option<([u8; 16], i64, String)> = tx
        .query_row(
            "SELECT device, seq, state FROM question WHERE id = ?1",
            [stand.id.0.into_bytes()],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    let Some((device, seq, state)) = known else {
        tx.execute(
            "INSERT INTO question
             (id, device, seq, session, encounter, state, arrived_at, expires_at, asked_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                stand.id.0.into_bytes(),
                stand.place.device.0.into_bytes(),
                int(stand.place.seq),
                stand.session.0.into_bytes(),
                stand.encounter.0.into_bytes(),
                stand.state.code(),
                stand.arrived_at.0,
                stand.expires_at.0,
                stand.asked_at.0
            ],
        )?;
        if stand.state == QuestionState::Held {
            add_flag(tx, stand.place, ArchiveFlag::NotLookedUp)?;
        }
        return Ok(());
    };
    if device != stand.place.device.0.into_bytes() || nat(seq) != stand.place.seq {
        return add_flag(tx, stand.place, ArchiveFlag::QuestionRepeated);
    }
    let known = QuestionState::from_code(&state).ok_or(Fault::Unreadable("question state"))?;
    let changes = matches!(
        (known, stand.state),
        (
            QuestionState::Held,
            QuestionState::Queued | QuestionState::Withdrawn
        ) | (QuestionState::Queued, QuestionState::Withdrawn)
    );
    if changes {
        tx.execute(
            "UPDATE question SET state = ?2 WHERE id = ?1",
            params![stand.id.0.into_bytes(), stand.state.code()],
        )?;
        if stand.state == QuestionState::Queued {
            remove_flag(tx, stand.place, ArchiveFlag::NotLookedUp)?;
        }
    }
    Ok(())
}

fn read_flag(row: &Row<'_>) -> Sql<(Place, ArchiveFlag)> {
    let code: String = row.get(2)?;
    let flag = ArchiveFlag::ALL
        .into_iter()
        .find(|f| f.code() == code)
        .ok_or(Fault::Unreadable("flag"))?;
    Ok((
        Place {
            device: DeviceId(uuid(row.get(0)?)),
            seq: nat(row.get(1)?),
        },
        flag,
    ))
}

pub(super) fn flags(c: &Connection, encounter: EncounterId) -> Sql<Vec<(Place, ArchiveFlag)>> {
    let mut statement = c.prepare_cached(
        "SELECT f.device, f.seq, f.flag FROM envelope_flag f
         JOIN envelope e ON e.device = f.device AND e.seq = f.seq
         WHERE e.encounter = ?1 ORDER BY f.device, f.seq, f.flag",
    )?;
    let mut rows = statement.query([encounter.0.into_bytes()])?;
    let mut flags = Vec::new();
    while let Some(row) = rows.next()? {
        flags.push(read_flag(row)?);
    }
    Ok(flags)
}

pub(super) fn device_flags(c: &Connection, device: DeviceId) -> Sql<Vec<(Place, ArchiveFlag)>> {
    let mut statement = c.prepare_cached(
        "SELECT device, seq, flag FROM envelope_flag WHERE device = ?1 ORDER BY seq, flag",
    )?;
    let mut rows = statement.query([device.0.into_bytes()])?;
    let mut flags = Vec::new();
    while let Some(row) = rows.next()? {
        flags.push(read_flag(row)?);
    }
    Ok(flags)
}

const SUMMARY: &str = "SELECT id, device, session, stage, flags, at FROM encounter";

fn read_summary(row: &Row<'_>) -> Sql<Summary> {
    Ok(Summary {
        encounter: EncounterId(uuid(row.get(0)?)),
        device: DeviceId(uuid(row.get(1)?)),
        session: SessionId(uuid(row.get(2)?)),
        stage: from_word(row.get(3)?, "stage")?,
        flags: from_json(&row.get::<_, String>(4)?, "flags")?,
        at: Timestamp(row.get(5)?),
    })
}

pub(super) fn summary(c: &Connection, encounter: EncounterId) -> Sql<Option<Summary>> {
    let mut statement = c.prepare_cached(&format!("{SUMMARY} WHERE id = ?1"))?;
    let mut rows = statement.query([encounter.0.into_bytes()])?;
    rows.next()?.map(read_summary).transpose()
}

pub(super) fn summaries(c: &Connection, limit: usize) -> Sql<Vec<Summary>> {
    let mut statement = c.prepare_cached(&format!("{SUMMARY} ORDER BY at DESC LIMIT ?1"))?;
    let mut rows = statement.query([int(limit as u64)])?;
    let mut summaries = Vec::new();
    while let Some(row) = rows.next()? {
        summaries.push(read_summary(row)?);
    }
    Ok(summaries)
}

const QUESTION: &str = "SELECT id, device, seq, session, encounter, state, arrived_at, expires_at, \
                        answer, coalesce(asked_at, arrived_at) FROM question";

fn read_question(row: &Row<'_>) -> Sql<QuestionRow> {
    let state: String = row.get(5)?;
    let answer: Option<String> = row.get(8)?;
    Ok(QuestionRow {
        stand: QuestionStand {
            id: QuestionId(uuid(row.get(0)?)),
            place: Place {
                device: DeviceId(uuid(row.get(1)?)),
                seq: nat(row.get(2)?),
            },
            session: SessionId(uuid(row.get(3)?)),
            encounter: EncounterId(uuid(row.get(4)?)),
            state: QuestionState::from_code(&state).ok_or(Fault::Unreadable("question state"))?,
            asked_at: Timestamp(row.get(9)?),
            arrived_at: Timestamp(row.get(6)?),
            expires_at: Timestamp(row.get(7)?),
        },
        answer: answer.map(|text| from_json(&text, "answer")).transpose()?,
    })
}

fn read_questions(
    c: &Connection,
    tail: &str,
    params: impl rusqlite::Params,
) -> Sql<Vec<QuestionRow>> {
    let mut statement = c.prepare_cached(&format!("{QUESTION} {tail}"))?;
    let mut rows = statement.query(params)?;
    let mut questions = Vec::new();
    while let Some(row) = rows.next()? {
        questions.push(read_question(row)?);
    }
    Ok(questions)
}

pub(super) fn queued(c: &Connection, limit: usize) -> Sql<Vec<QuestionRow>> {
    read_questions(
        c,
        "WHERE state = 'queued'
         ORDER BY EXISTS (SELECT 1 FROM question later
                          WHERE later.session = question.session AND later.seq > question.seq),
                  arrived_at, id
         LIMIT ?1",
        [int(limit as u64)],
    )
}

pub(super) fn question(c: &Connection, question: QuestionId) -> Sql<Option<QuestionRow>> {
    Ok(read_questions(c, "WHERE id = ?1", [question.0.into_bytes()])?.pop())
}

pub(super) fn questions(c: &Connection, encounter: EncounterId) -> Sql<Vec<QuestionRow>> {
    read_questions(
        c,
        "WHERE encounter = ?1 ORDER BY device, seq",
        [encounter.0.into_bytes()],
    )
}

pub(super) fn answer(
    tx: &Transaction<'_>,
    answer: &Answer,
    person: Option<u64>,
) -> Sql<AnswerPlace> {
    let question = answer.question.0.into_bytes();
    let names = |register| answer.result.names(register);
    let grave = i64::from(names(Register::Wanted)) + 2 * i64::from(names(Register::Missing));
    let session: Option<[u8; 16]> = tx
        .query_row(
            "UPDATE question SET state = 'answered', answered_at = ?2, answer = ?3, person = ?4,
                 grave = ?5
             WHERE id = ?1 AND state = 'queued' RETURNING session",
            params![
                question,
                answer.answered_at.0,
                json(answer)?,
                person.map(int),
                grave
            ],
            |row| row.get(0),
        )
        .optional()?;
    let Some(session) = session else {
        return Ok(AnswerPlace::Nowhere);
    };
    let open = devices::session(tx, SessionId(uuid(session)))?
        .is_some_and(|s| s.is_open(answer.answered_at));
    if !open {
        tx.execute(
            "INSERT INTO duty_answer (question, session, at) VALUES (?1, ?2, ?3)",
            params![question, session, answer.answered_at.0],
        )?;
        return Ok(AnswerPlace::Duty);
    }
    if grave > 0 {
        desk::matter(tx, answer.question.0, &session, "answer", false)?;
    }
    put_message(tx, &session, Content::Answer(question))?;
    Ok(AnswerPlace::Inbox(SessionId(uuid(session))))
}

/// What a message holds.
pub(super) enum Content<'a> {
    /// Of this question.
    Answer([u8; 16]),
    Body(&'a MessageBody),
}

/// Puts a message into a session's inbox.
pub(super) fn put_message(
    tx: &Transaction<'_>,
    session: &[u8; 16],
    content: Content<'_>,
) -> Sql<()> {
    let (question, body) = match content {
        Content::Answer(question) => (Some(question), None),
        Content::Body(body) => (None, Some(json(body)?)),
    };
    tx.execute(
        &format!(
            "INSERT INTO message (session, cursor, question, body)
             SELECT id, {LAST_CURSOR} + 1, ?2, ?3 FROM session WHERE id = ?1"
        ),
        params![session, question, body],
    )?;
    Ok(())
}

/// Number of the last message to session `?1`, within a query of its row.
const LAST_CURSOR: &str =
    "max(cursor_base, (SELECT coalesce(max(cursor), 0) FROM message WHERE session = ?1))";
/// No tablet has a greater number than this; one that says so is not believed.
const MOST: u64 = 1 << 52;

/// From here on messages to the sessions that are open have numbers above the clock's: a database that
/// was restored from a backup gives no number again that was given since, which a tablet would pass
/// over.
pub(super) fn begin_numbers(tx: &Transaction<'_>, now: Timestamp) -> Sql<()> {
    tx.execute(
        "UPDATE session SET cursor_base = max(cursor_base, ?1) WHERE ended_at IS NULL",
        [now.0],
    )?;
    Ok(())
}

/// Whether a tablet has a message of a greater number than any here: the database is older than it.
pub(super) fn is_behind(c: &Connection, session: SessionId, after: u64) -> Sql<bool> {
    let found: Option<bool> = c
        .prepare_cached(&format!(
            "SELECT {LAST_CURSOR} < ?2 FROM session WHERE id = ?1"
        ))?
        .query_row(params![session.0.into_bytes(), int(after)], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(found == Some(true) && after <= MOST)
}

/// Gives what the tablet has not confirmed numbers above `after`: it would ask for none of them. An
/// answer that it has already it knows again.
pub(super) fn catch_up(tx: &Transaction<'_>, session: SessionId, after: u64) -> Sql<()> {
    let id = session.0.into_bytes();
    tx.execute(
        "UPDATE message SET cursor = cursor + ?2 - (SELECT seen FROM session WHERE id = ?1)
         WHERE session = ?1 AND cursor > (SELECT seen FROM session WHERE id = ?1)",
        params![id, int(after)],
    )?;
    tx.execute(
        "UPDATE session SET cursor_base = max(cursor_base, ?2) WHERE id = ?1",
        params![id, int(after)],
    )?;
    Ok(())
}

/// The highest cursor that a request for what comes after `after` confirms: none that was never
/// given out.
const CONFIRMS: &str = "min(?2, (SELECT coalesce(max(cursor), 0) FROM message WHERE session = ?1))";

pub(super) fn unconfirmed(c: &Connection, session: SessionId, after: u64) -> Sql<bool> {
    let found: Option<bool> = c
        .prepare_cached(&format!(
            "SELECT seen < {CONFIRMS} FROM session WHERE id = ?1"
        ))?
        .query_row(params![session.0.into_bytes(), int(after)], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(found == Some(true))
}

pub(super) fn confirm(tx: &Transaction<'_>, session: SessionId, after: u64) -> Sql<()> {
    tx.execute(
        &format!("UPDATE session SET seen = max(seen, {CONFIRMS}) WHERE id = ?1"),
        params![session.0.into_bytes(), int(after)],
    )?;
    Ok(())
}

fn text(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<String>> {
    row.get(column)
}

pub(super) fn inbox(
    c: &Connection,
    session: SessionId,
    after: u64,
    limit: usize,
) -> Sql<Vec<Letter>> {
    let mut statement = c.prepare_cached(
        "SELECT m.cursor, q.answer, m.body FROM message m
         LEFT JOIN question q ON q.id = m.question
         WHERE m.session = ?1 AND m.cursor > ?2 ORDER BY m.cursor LIMIT ?3",
    )?;
    let mut rows = statement.query(params![
        session.0.into_bytes(),
        int(after),
        int(limit as u64)
    ])?;
    let mut letters = Vec::new();
    while let Some(row) = rows.next()? {
        let body = match (text(row, 1)?, text(row, 2)?) {
            (Some(answer), None) => MessageBody::Answer {
                answer: from_json(&answer, "answer")?,
            },
            (None, Some(body)) => from_json(&body, "message")?,
            _ => return Err(Fault::Unreadable("message")),
        };
        letters.push(Letter {
            cursor: nat(row.get(0)?),
            body,
        });
    }
    Ok(letters)
}

pub(super) fn duty_answers(c: &Connection) -> Sql<Vec<DutyAnswer>> {
    let mut statement = c.prepare_cached(
        "SELECT d.session, d.at, q.answer FROM duty_answer d JOIN question q ON q.id = d.question
         ORDER BY d.at, d.question",
    )?;
    let mut rows = statement.query([])?;
    let mut answers = Vec::new();
    while let Some(row) = rows.next()? {
        answers.push(DutyAnswer {
            session: SessionId(uuid(row.get(0)?)),
            at: Timestamp(row.get(1)?),
            answer: from_json(&row.get::<_, String>(2)?, "answer")?,
        });
    }
    Ok(answers)
}
