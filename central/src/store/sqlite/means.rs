//! Recordings by other means (§32): handed over, deleted.

use super::desk::{decided, is_matter_of, matter};
use super::*;
use regulation::bodycam::OtherMeans;
use rusqlite::params;

/// Keeps a session's recordings, each a matter of the desk; of one that another session has named first
/// nothing is kept.
pub(super) fn take(tx: &Transaction<'_>, stand: &DutyStand) -> Sql<()> {
    let session = stand.session.0.into_bytes();
    for means in &stand.duty.other_means {
        let Some(id) = means.id else { continue };
        let key = id.0.into_bytes();
        let private = stand.private.contains(&id);
        let open = private || !decided(tx, &key, "means_handed_over")?;
        matter(tx, id.0, &session, "means", open)?;
        if !is_matter_of(tx, &key, &session, "means")? {
            continue;
        }
        tx.prepare_cached(
            "INSERT INTO other_means (id, session, to_at, private, state)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (id) DO UPDATE SET to_at = ?3, private = ?4, state = ?5",
        )?
        .execute(params![key, session, means.to.0, private, json(means)?])?;
    }
    Ok(())
}

/// Whether nothing is left to do: handed over, and deleted from something private.
pub(super) fn is_done(tx: &Transaction<'_>, means: &[u8; 16]) -> Sql<bool> {
    let private = tx
        .prepare_cached("SELECT 1 FROM other_means WHERE id = ?1 AND private = 1")?
        .exists([means])?;
    let last = if private {
        "means_deleted"
    } else {
        "means_handed_over"
    };
    decided(tx, means, last)
}

// CROSS JOIN: SQLite begins with those that are open.
const BOARD: &str = "
    SELECT s.id, o.name, o.rank, n.state, n.private,
           EXISTS (SELECT 1 FROM decision WHERE matter = m.id AND kind = 'means_handed_over')
    FROM desk_matter m
    CROSS JOIN other_means n ON n.id = m.id
    CROSS JOIN session s ON s.id = m.session
    CROSS JOIN officer o ON o.id = s.officer
    WHERE m.open = 1 AND m.kind = 'means' AND o.unit = ?1
    ORDER BY n.to_at, n.id LIMIT ?2";

pub(super) fn board(c: &Connection, unit: &str, limit: usize) -> Sql<Vec<BoardMeans>> {
    let mut statement = c.prepare_cached(BOARD)?;
    let mut rows = statement.query(params![unit, int(limit as u64)])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(BoardMeans {
            session: SessionId(uuid(row.get(0)?)),
            name: row.get(1)?,
            rank: row.get(2)?,
            means: from_json::<OtherMeans>(&row.get::<_, String>(3)?, "other means")?,
            private: row.get(4)?,
            handed_over: row.get(5)?,
        });
    }
    Ok(all)
}
