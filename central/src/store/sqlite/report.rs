//! What reports are made of.

use super::*;
use protocol::SessionEvent;
use rusqlite::{Row, Statement, params};
use std::collections::BTreeSet;

/// Keeps what a report counts of an encounter.
pub(super) fn take_figures(tx: &Transaction<'_>, figures: &EncounterFigures) -> Sql<()> {
    tx.prepare_cached(
        "INSERT INTO encounter_figures
             (encounter, officer, began_at, closed_at, ground, outcome, revealed, place,
              resisted, resisted_at)
         VALUES (?1, (SELECT officer FROM session WHERE id = ?2), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (encounter) DO UPDATE SET officer = excluded.officer,
             began_at = ?3, closed_at = ?4, ground = ?5, outcome = ?6, revealed = ?7, place = ?8,
             resisted = ?9, resisted_at = ?10",
    )?
    .execute(params![
        figures.encounter.0.into_bytes(),
        figures.session.0.into_bytes(),
        figures.began_at.0,
        figures.closed_at.map(|at| at.0),
        figures.ground,
        figures.outcome,
        figures.revealed,
        figures.place,
        figures.resisted.as_ref().map(|(case, _)| case),
        figures.resisted.as_ref().map(|(_, at)| at.0)
    ])?;
    Ok(())
}

/// Keeps when a session began or ended. Of several log-ins the first counts, of several ends the
/// last.
pub(super) fn take_served(tx: &Transaction<'_>, served: &Served) -> Sql<()> {
    let sql = match served.event {
        SessionEvent::Started => {
            "UPDATE session SET began_at = min(coalesce(began_at, opened_at), ?2) WHERE id = ?1"
        }
        SessionEvent::Ended => {
            "UPDATE session SET left_at = max(coalesce(left_at, ?2), ?2) WHERE id = ?1"
        }
    };
    tx.prepare_cached(sql)?
        .execute(params![served.session.0.into_bytes(), served.at.0])?;
    Ok(())
}

pub(super) fn again(c: &Connection, limit: usize) -> Sql<Vec<Again>> {
    let mut statement = c.prepare_cached("SELECT kind, id FROM again LIMIT ?1")?;
    let mut rows = statement.query([int(limit as u64)])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let id = uuid(row.get(1)?);
        all.push(match row.get_ref(0)?.as_str() {
            Ok("encounter") => Again::Encounter(EncounterId(id)),
            Ok("session") => Again::Session(SessionId(id)),
            _ => return Err(Fault::Unreadable("kind")),
        });
    }
    Ok(all)
}

pub(super) fn done_again(tx: &Transaction<'_>, again: &Again) -> Sql<()> {
    let (kind, id) = match again {
        Again::Encounter(id) => ("encounter", id.0),
        Again::Session(id) => ("session", id.0),
    };
    tx.execute(
        "DELETE FROM again WHERE kind = ?1 AND id = ?2",
        params![kind, id.into_bytes()],
    )?;
    Ok(())
}

const PENDING: &str = "SELECT (SELECT count(*) FROM envelope WHERE assessed = 0)
                            + (SELECT count(*) FROM again)";

const OFFICERS: &str =
    "SELECT id, name, rank, active FROM officer WHERE unit = ?1 ORDER BY name, id";

// CROSS JOIN: SQLite begins with the officers of the unit, not with every encounter or session ever.
const ENCOUNTERS: &str = "
    SELECT f.encounter, f.officer, f.began_at, f.closed_at, f.ground, f.outcome, f.revealed, e.flags,
           s.ended_at IS NOT NULL OR s.lease_until <= ?4
    FROM officer o
    CROSS JOIN encounter_figures f ON f.officer = o.id AND f.began_at >= ?2 AND f.began_at < ?3
    CROSS JOIN encounter e ON e.id = f.encounter
    CROSS JOIN session s ON s.id = e.session
    WHERE o.unit = ?1";

const QUESTIONS: &str = "SELECT state, person FROM question WHERE encounter = ?1";

const FLAGS: &str = "
    SELECT DISTINCT f.flag FROM envelope e
    CROSS JOIN envelope_flag f ON f.device = e.device AND f.seq = e.seq
    WHERE e.encounter = ?1";

const SHIFTS: &str = "
    SELECT s.officer, coalesce(s.began_at, s.opened_at),
           CASE WHEN s.ended_at IS NULL AND s.left_at IS NULL AND s.lease_until > ?4 THEN NULL
                ELSE min(coalesce(s.left_at, s.lease_until), coalesce(s.ended_at, s.lease_until),
                         s.lease_until) END,
           d.state, s.id
    FROM officer o
    CROSS JOIN session s ON s.officer = o.id
        AND coalesce(s.began_at, s.opened_at) >= ?2 AND coalesce(s.began_at, s.opened_at) < ?3
    LEFT JOIN duty d ON d.session = s.id
    WHERE o.unit = ?1";

const MEANS: &str = "
    SELECT n.to_at FROM other_means n CROSS JOIN desk_matter m ON m.id = n.id AND m.open = 1
    WHERE n.session = ?1";

pub(super) fn rows(c: &Connection, request: &ReportRequest) -> Sql<ReportRows> {
    let pending: i64 = c.query_row(PENDING, [], |row| row.get(0))?;
    let mut report = ReportRows {
        pending: nat(pending),
        ..ReportRows::default()
    };
    let mut statement = c.prepare_cached(OFFICERS)?;
    let mut rows = statement.query([&request.unit])?;
    while let Some(row) = rows.next()? {
        report.officers.push(ReportOfficer {
            id: OfficerId(uuid(row.get(0)?)),
            name: row.get(1)?,
            rank: row.get(2)?,
            active: row.get(3)?,
        });
    }
    let (from, to, now) = (request.from.0, request.to.0, request.now.0);
    let period = params![request.unit, from, to, now];
    let mut statement = c.prepare_cached(ENCOUNTERS)?;
    let mut questions = c.prepare_cached(QUESTIONS)?;
    let mut flags = c.prepare_cached(FLAGS)?;
    let mut rows = statement.query(period)?;
    while let Some(row) = rows.next()? {
        let encounter = encounter(row, &mut questions, &mut flags)?;
        report.encounters.push(encounter);
    }
    let mut statement = c.prepare_cached(SHIFTS)?;
    let mut means = c.prepare_cached(MEANS)?;
    let mut rows = statement.query(period)?;
    while let Some(row) = rows.next()? {
        let state: Option<String> = row.get(3)?;
        let session: [u8; 16] = row.get(4)?;
        let open = means.query_map([session], |row| row.get(0).map(Timestamp))?;
        let (not_recorded, recorded_off, not_compared_ms) = match state {
            Some(_) => dock::figures(c, &session)?,
            None => (0, 0, 0),
        };
        report.shifts.push(ReportShift {
            means: open.collect::<Result<_, _>>()?,
            not_recorded,
            recorded_off,
            not_compared_ms,
            officer: OfficerId(uuid(row.get(0)?)),
            began_at: Timestamp(row.get(1)?),
            over_at: row.get::<_, Option<i64>>(2)?.map(Timestamp),
            duty: state.map(|text| from_json(&text, "duty")).transpose()?,
        });
    }
    Ok(report)
}

/// A flag of the procedure, of which the kind alone is counted.
#[derive(serde::Deserialize)]
struct Kind {
    flag: String,
}

fn encounter(
    row: &Row<'_>,
    questions: &mut Statement<'_>,
    flags: &mut Statement<'_>,
) -> Sql<ReportEncounter> {
    let id: [u8; 16] = row.get(0)?;
    let raised: Vec<Kind> = from_json(&row.get::<_, String>(7)?, "flags")?;
    let mut kinds: BTreeSet<String> = raised.into_iter().map(|kind| kind.flag).collect();
    let mut of_envelopes = flags.query([id])?;
    while let Some(row) = of_envelopes.next()? {
        kinds.insert(row.get(0)?);
    }
    let (mut asked, mut answered) = (0, 0);
    let mut found = BTreeSet::new();
    let mut rows = questions.query([id])?;
    while let Some(row) = rows.next()? {
        asked += 1;
        answered += u32::from(row.get_ref(0)?.as_str() == Ok(QuestionState::Answered.code()));
        found.extend(row.get::<_, Option<i64>>(1)?.map(nat));
    }
    Ok(ReportEncounter {
        encounter: EncounterId(uuid(id)),
        officer: OfficerId(uuid(row.get(1)?)),
        began_at: Timestamp(row.get(2)?),
        closed_at: row.get::<_, Option<i64>>(3)?.map(Timestamp),
        ground: row.get(4)?,
        outcome: row.get(5)?,
        over: row.get(8)?,
        flags: kinds.into_iter().collect(),
        asked,
        answered,
        revealed: row.get(6)?,
        found: found.into_iter().collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_reads_by_indexes_alone() -> Result<(), Box<dyn std::error::Error>> {
        let mut connection = Connection::open_in_memory()?;
        super::file::migrate(&mut connection)?;
        let all = [OFFICERS, ENCOUNTERS, QUESTIONS, FLAGS, SHIFTS, MEANS];
        for sql in all.into_iter().chain(dock::OF_REPORT) {
            let steps = super::file::plan(&connection, sql)?;
            assert!(!steps.is_empty());
            for step in &steps {
                let reads = ["SEARCH", "USE TEMP B-TREE"];
                assert!(reads.iter().any(|read| step.starts_with(read)), "{step}");
                assert!(!step.contains("AUTOMATIC"), "made for the query: {step}");
            }
            let period = |step: &String| step.contains('>') && step.contains('<');
            if sql.contains("?3") {
                assert!(steps.iter().any(period), "the period by index: {steps:?}");
            }
        }
        Ok(())
    }
}
