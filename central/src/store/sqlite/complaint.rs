//! Citizens' complaints, and which recordings are held.

use super::*;
use protocol::HeldRecording;
use regulation::IncidentId;
use rusqlite::params;

/// `false`: it was known.
pub(super) fn register(tx: &Transaction<'_>, complaint: &Complaint) -> Sql<bool> {
    let new = tx
        .prepare_cached(
            "INSERT INTO complaint (number, encounter, registered_at) VALUES (?1, ?2, ?3)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            complaint.number,
            complaint.encounter.0.into_bytes(),
            complaint.registered_at.0
        ])?;
    Ok(new > 0)
}

// Of a complaint: whatever the officer held from the beginning of the encounter to its end, or as far as is
// known. A bodycam that was off by its log may have recorded all the same; what is not handed back by it is
// held still.
const HOLDS: &str = "
    SELECT camera, from_at, to_at, incident, NULL, NULL FROM hold
    UNION ALL
    SELECT d.camera, max(d.from_at, f.began_at),
           min(coalesce(d.to_at, f.closed_at, max(d.known_at, e.at)),
               coalesce(f.closed_at, d.to_at, max(d.known_at, e.at))),
           NULL, c.number, c.encounter
    FROM complaint c
    JOIN encounter e ON e.id = c.encounter
    JOIN encounter_figures f ON f.encounter = c.encounter
    JOIN duty_span d ON d.session = e.session AND d.kind = 'held'
    WHERE (f.closed_at IS NULL OR d.from_at <= f.closed_at)
        AND (d.to_at IS NULL OR d.to_at >= f.began_at)
    ORDER BY 2, 3, 1, 4, 5, 6
    LIMIT ?1 OFFSET ?2";

pub(super) fn holds(c: &Connection, from: usize, limit: usize) -> Sql<Vec<Hold>> {
    let mut statement = c.prepare_cached(HOLDS)?;
    let mut rows = statement.query(params![int(limit as u64), int(from as u64)])?;
    let mut holds = Vec::new();
    while let Some(row) = rows.next()? {
        let camera: String = row.get(0)?;
        let recording = HeldRecording {
            camera: camera.parse().map_err(|_| Fault::Unreadable("bodycam"))?,
            from: Timestamp(row.get(1)?),
            to: Timestamp(row.get(2)?),
        };
        let by = match row.get::<_, Option<[u8; 16]>>(3)? {
            Some(incident) => HeldBy::Incident(IncidentId(uuid(incident))),
            None => HeldBy::Complaint {
                number: row.get(4)?,
                encounter: EncounterId(uuid(row.get(5)?)),
            },
        };
        holds.push(Hold { recording, by });
    }
    Ok(holds)
}
