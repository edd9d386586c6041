//! What desks see of encounters: people found, resistance, answers that their sessions do not have.

use super::*;
use protocol::{Answer, LateAnswer, Register};
use regulation::encounter::Stage;
use rusqlite::{Row, params};

// CROSS JOIN: SQLite begins with the unit's few officers, or with what is open at desks.
const FOUND: &str = "
    SELECT q.id, s.id, o.name, o.rank, q.answered_at, q.grave & 1, q.answer, f.place
    FROM officer o
    CROSS JOIN session s ON s.officer = o.id AND s.ended_at IS NULL AND s.lease_until > ?2
    CROSS JOIN question q ON q.session = s.id AND q.grave > 0
    LEFT JOIN encounter e ON e.id = q.encounter
    LEFT JOIN encounter_figures f ON f.encounter = q.encounter
    WHERE o.unit = ?1 AND e.stage IS NOT ?3
        AND NOT EXISTS (SELECT 1 FROM decision WHERE matter = q.id AND kind = 'found_seen')
    ORDER BY q.grave & 1 DESC, q.answered_at, q.id LIMIT ?4";

const LATE: &str = "
    SELECT q.id, s.id, o.name, o.rank, d.at, q.answer, coalesce(q.asked_at, q.arrived_at), f.ground
    FROM desk_matter m
    CROSS JOIN duty_answer d ON d.question = m.id
    CROSS JOIN question q ON q.id = m.id
    CROSS JOIN session s ON s.id = m.session
    CROSS JOIN officer o ON o.id = s.officer
    LEFT JOIN encounter_figures f ON f.encounter = q.encounter
    WHERE m.kind = 'answer' AND m.open = 1 AND o.unit = ?1
    ORDER BY q.grave & 1 DESC, q.grave DESC, d.at, q.id LIMIT ?2";

const RESISTED: &str = "
    SELECT m.id, s.id, o.name, o.rank, f.resisted_at, f.resisted, f.place
    FROM desk_matter m
    CROSS JOIN encounter_figures f ON f.encounter = m.id AND f.resisted IS NOT NULL
    CROSS JOIN session s ON s.id = m.session
    CROSS JOIN officer o ON o.id = s.officer
    WHERE m.kind = 'resistance' AND m.open = 1 AND o.unit = ?1
    ORDER BY f.resisted_at, m.id LIMIT ?2";

const ONE: &str = "
    SELECT q.answer, q.encounter, o.id, o.name, o.rank, coalesce(q.asked_at, q.arrived_at),
           f.ground, f.place
    FROM desk_matter m
    JOIN duty_answer d ON d.question = m.id
    JOIN question q ON q.id = m.id
    JOIN session s ON s.id = m.session
    JOIN officer o ON o.id = s.officer
    LEFT JOIN encounter_figures f ON f.encounter = q.encounter
    WHERE m.id = ?1 AND m.kind = 'answer' AND m.open = 1 AND o.unit = ?2";

fn answer(row: &Row<'_>, column: usize) -> Sql<Answer> {
    let text: Option<String> = row.get(column)?;
    let text = text.ok_or(Fault::Unreadable("answer"))?;
    from_json(&text, "answer")
}

pub(super) fn found(
    c: &Connection,
    unit: &str,
    now: Timestamp,
    limit: usize,
) -> Sql<Vec<BoardFound>> {
    let mut statement = c.prepare_cached(FOUND)?;
    let closed = word(&Stage::Closed)?;
    let mut rows = statement.query(params![unit, now.0, closed, int(limit as u64)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(BoardFound {
            question: QuestionId(uuid(row.get(0)?)),
            session: SessionId(uuid(row.get(1)?)),
            name: row.get(2)?,
            rank: row.get(3)?,
            answered_at: Timestamp(row.get(4)?),
            wanted: row.get(5)?,
            answer: answer(row, 6)?.result.kind(),
            place: row.get(7)?,
        });
    }
    Ok(found)
}

pub(super) fn late(c: &Connection, unit: &str, limit: usize) -> Sql<Vec<BoardLate>> {
    let mut statement = c.prepare_cached(LATE)?;
    let mut rows = statement.query(params![unit, int(limit as u64)])?;
    let mut late = Vec::new();
    while let Some(row) = rows.next()? {
        let result = answer(row, 5)?.result;
        late.push(BoardLate {
            question: QuestionId(uuid(row.get(0)?)),
            session: SessionId(uuid(row.get(1)?)),
            name: row.get(2)?,
            rank: row.get(3)?,
            at: Timestamp(row.get(4)?),
            answer: result.kind(),
            wanted: result.names(Register::Wanted),
            missing: result.names(Register::Missing),
            asked_at: Timestamp(row.get(6)?),
            ground: row.get(7)?,
        });
    }
    Ok(late)
}

pub(super) fn resisted(c: &Connection, unit: &str, limit: usize) -> Sql<Vec<BoardResisted>> {
    let mut statement = c.prepare_cached(RESISTED)?;
    let mut rows = statement.query(params![unit, int(limit as u64)])?;
    let mut resisted = Vec::new();
    while let Some(row) = rows.next()? {
        resisted.push(BoardResisted {
            encounter: EncounterId(uuid(row.get(0)?)),
            session: SessionId(uuid(row.get(1)?)),
            name: row.get(2)?,
            rank: row.get(3)?,
            at: Timestamp(row.get(4)?),
            case: row.get(5)?,
            place: row.get(6)?,
        });
    }
    Ok(resisted)
}

pub(super) fn late_answer(
    c: &Connection,
    question: QuestionId,
    unit: &str,
) -> Sql<Option<LateAnswer>> {
    let mut statement = c.prepare_cached(ONE)?;
    let mut rows = statement.query(params![question.0.into_bytes(), unit])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    Ok(Some(LateAnswer {
        answer: answer(row, 0)?,
        encounter: EncounterId(uuid(row.get(1)?)),
        officer: OfficerId(uuid(row.get(2)?)),
        name: row.get(3)?,
        rank: row.get(4)?,
        asked_at: Timestamp(row.get(5)?),
        ground: row.get(6)?,
        place: row.get(7)?,
    }))
}

/// Whether it is the desk's to say what it did about the answer.
pub(super) fn is_late(c: &Connection, question: &[u8; 16]) -> Sql<bool> {
    let mut statement = c.prepare_cached("SELECT 1 FROM duty_answer WHERE question = ?1")?;
    Ok(statement.exists([question])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boards_read_answers_by_indexes_alone() -> Result<(), Box<dyn std::error::Error>> {
        let mut connection = Connection::open_in_memory()?;
        super::file::migrate(&mut connection)?;
        for sql in [FOUND, LATE, RESISTED, ONE] {
            let steps = super::file::plan(&connection, sql)?;
            for step in &steps {
                let reads = ["SEARCH", "USE TEMP B-TREE", "CORRELATED"];
                assert!(reads.iter().any(|read| step.starts_with(read)), "{step}");
                assert!(!step.contains("AUTOMATIC"), "made for the query: {step}");
            }
        }
        Ok(())
    }
}
