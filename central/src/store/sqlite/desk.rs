//! Shifts with a bodycam, decisions of desks, boards.

use super::devices::{audit, read_officer};
use super::questions::{Content, add_flag, put_message, remove_flag};
use super::*;
use crate::audit::AuditEvent;
use protocol::{DeskEvent, DeskRight, HeldRecording, MessageBody, Officer, Role, limits};
use regulation::bodycam::{Duty, Permission};
use regulation::{IncidentId, MeansId, PauseId};
use rusqlite::{OptionalExtension as _, Row, params};

/// Keeps a session's shift, and its pauses and faults by id.
pub(super) fn take_duty(tx: &Transaction<'_>, stand: &DutyStand, now: Timestamp) -> Sql<()> {
    let session = stand.session.0.into_bytes();
    tx.prepare_cached(
        "INSERT INTO duty (session, state, ended_at, held, held_since)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (session) DO UPDATE SET state = ?2, ended_at = ?3, held = ?4, held_since = ?5",
    )?
    .execute(params![
        session,
        json(&stand.duty)?,
        stand.ended_at.map(|at| at.0),
        stand.held.as_ref().map(|(camera, _)| camera.to_string()),
        stand.held.as_ref().map(|(_, since)| since.0)
    ])?;
    for pause in &stand.duty.pauses {
        let by_voice = matches!(pause.permission, Permission::ByVoice { .. });
        matter(tx, pause.id.0, &session, "pause", by_voice)?;
    }
    for fault in &stand.duty.faults {
        let open = fault.mended_at.is_none();
        matter(tx, fault.id.0, &session, "fault", open)?;
    }
    for (seq, pause, granted) in &stand.heard {
        tx.prepare_cached(
            "UPDATE desk_matter SET heard = ?3, heard_seq = ?4
             WHERE id = ?1 AND session = ?2 AND kind = 'pause'",
        )?
        .execute(params![pause.0.into_bytes(), session, granted, int(*seq)])?;
        check_heard(tx, *pause)?;
    }
    means::take(tx, stand)?;
    dock::take_times(tx, stand, now)
}

/// The session that names a matter first owns it; nothing that a decision has closed is opened again.
pub(super) fn matter(
    tx: &Transaction<'_>,
    id: Uuid,
    session: &[u8; 16],
    kind: &str,
    open: bool,
) -> Sql<()> {
    tx.prepare_cached(
        "INSERT INTO desk_matter (id, session, kind, open) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (id) DO UPDATE SET open = ?4 AND NOT EXISTS (
             SELECT 1 FROM decision WHERE matter = ?1 AND kind IN (
                 'pause_decided', 'fault_closed', 'incident_closed', 'custody_settled',
                 'answer_settled', 'resistance_seen', 'means_deleted'))
         WHERE session = ?2 AND kind = ?3",
    )?
    .execute(params![id.into_bytes(), session, kind, open])?;
    Ok(())
}

pub(super) fn is_matter_of(
    c: &Connection,
    id: &[u8; 16],
    session: &[u8; 16],
    kind: &str,
) -> Sql<bool> {
    Ok(
        c.prepare_cached("SELECT 1 FROM desk_matter WHERE id = ?1 AND session = ?2 AND kind = ?3")?
            .exists(params![id, session, kind])?,
    )
}

/// A tablet that has recorded a word of the desk which the desk has not given is flagged.
fn check_heard(tx: &Transaction<'_>, pause: PauseId) -> Sql<()> {
    let row: Option<(bool, i64, [u8; 16], Option<String>)> = tx
        .prepare_cached(
            "SELECT m.heard, m.heard_seq, s.device, d.event FROM desk_matter m
             JOIN session s ON s.id = m.session
             LEFT JOIN decision d ON d.matter = m.id AND d.kind = 'pause_decided'
             WHERE m.id = ?1 AND m.heard IS NOT NULL",
        )?
        .query_row([pause.0.into_bytes()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let Some((heard, seq, device, event)) = row else {
        return Ok(());
    };
    let said = match event.map(|text| from_json(&text, "decision")).transpose()? {
        Some(DeskEvent::PauseDecided { granted, .. }) => Some(granted),
        _ => None,
    };
    let place = Place {
        device: DeviceId(uuid(device)),
        seq: nat(seq),
    };
    if said == Some(heard) {
        remove_flag(tx, place, ArchiveFlag::NotDecided)
    } else {
        add_flag(tx, place, ArchiveFlag::NotDecided)
    }
}

/// What a decision is on, of which kind it is, and what it takes.
struct Parts {
    matter: Uuid,
    /// Kind of the matter.
    of: &'static str,
    kind: &'static str,
    right: DeskRight,
    /// The decision after which there is none of this kind.
    end: &'static str,
    /// It may be made again.
    again: bool,
}

fn parts(event: &DeskEvent) -> Parts {
    let bodycam = |matter, of, kind, end| Parts {
        matter,
        of,
        kind,
        right: DeskRight::Bodycams,
        end,
        again: false,
    };
    let incident = |incident: &IncidentId, kind, again| Parts {
        matter: incident.0,
        of: "incident",
        kind,
        right: DeskRight::Incidents,
        end: "incident_closed",
        again,
    };
    let encounter = |matter, of, kind| Parts {
        matter,
        of,
        kind,
        right: DeskRight::Encounters,
        end: kind,
        again: false,
    };
    match event {
        DeskEvent::PauseDecided { pause, .. } => {
            bodycam(pause.0, "pause", "pause_decided", "pause_decided")
        }
        DeskEvent::FaultAssigned { fault, .. } => {
            bodycam(fault.0, "fault", "fault_assigned", "fault_closed")
        }
        DeskEvent::FaultClosed { fault, .. } => {
            bodycam(fault.0, "fault", "fault_closed", "fault_closed")
        }
        DeskEvent::IncidentReceived { incident: id } => incident(id, "incident_received", false),
        DeskEvent::IncidentClassified { incident: id, .. } => {
            incident(id, "incident_classified", true)
        }
        DeskEvent::IncidentAsked { incident: id, .. } => incident(id, "incident_asked", true),
        DeskEvent::IncidentLinked { incident: id, .. } => incident(id, "incident_linked", true),
        DeskEvent::IncidentClosed { incident: id, .. } => incident(id, "incident_closed", false),
        DeskEvent::CustodySettled { custody, .. } => Parts {
            matter: custody.0,
            of: "custody",
            kind: "custody_settled",
            right: DeskRight::Custody,
            end: "custody_settled",
            again: false,
        },
        DeskEvent::FoundSeen { question } => encounter(question.0, "answer", FOUND_SEEN),
        DeskEvent::AnswerSettled { question, .. } => {
            encounter(question.0, "answer", "answer_settled")
        }
        DeskEvent::ResistanceSeen { encounter: id } => {
            encounter(id.0, "resistance", "resistance_seen")
        }
        DeskEvent::MeansHandedOver { means, .. } => of_means(*means, "means_handed_over"),
        DeskEvent::MeansDeleted { means, .. } => of_means(*means, "means_deleted"),
    }
}

fn of_means(means: MeansId, kind: &'static str) -> Parts {
    Parts {
        matter: means.0,
        of: "means",
        kind,
        right: DeskRight::Recordings,
        end: "means_deleted",
        again: false,
    }
}

/// Closes nothing: the answer may still turn out not to have reached its officer.
const FOUND_SEEN: &str = "found_seen";

/// Decisions of kinds that may be made again, on one matter at most: with the two others they are the
/// rows of its history.
const AGAIN: usize = limits::BOARD_ROWS - 2;

/// Decides, if it is the desk's to decide and not decided yet; otherwise it is flagged. The open
/// session that was told.
pub(super) fn decide(
    tx: &Transaction<'_>,
    decision: &Decision,
    now: Timestamp,
) -> Sql<Option<SessionId>> {
    let parts = parts(&decision.event);
    let (id, place) = (parts.matter.into_bytes(), decision.place);
    let here = (place.device.0.into_bytes(), int(place.seq));
    if tx
        .prepare_cached("SELECT 1 FROM decision WHERE device = ?1 AND seq = ?2")?
        .exists(here)?
    {
        return Ok(None);
    }
    let entry = |event| {
        AuditEntry::new(now, event)
            .device(place.device)
            .session(decision.session)
            .officer(decision.officer)
            .subject(parts.matter)
    };
    let owner = owner(tx, decision, &parts, now)?;
    let flag = match &owner {
        None => Some(ArchiveFlag::DecidesUnknown),
        Some(owner) if !owner.entitled => Some(ArchiveFlag::NotEntitled),
        Some(_) => refusal(tx, &id, &parts)?,
    };
    let (Some(owner), None) = (owner, flag) else {
        if let Some(flag) = flag {
            add_flag(tx, place, flag)?;
        }
        audit(tx, &entry(AuditEvent::DecisionRefused))?;
        return Ok(None);
    };
    tx.execute(
        "INSERT INTO decision (matter, kind, event, officer, device, seq, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            id,
            parts.kind,
            json(&decision.event)?,
            decision.officer.0.into_bytes(),
            here.0,
            here.1,
            decision.at.0
        ],
    )?;
    let ends = match parts.of {
        "means" => means::is_done(tx, &id)?,
        _ => parts.kind == parts.end && parts.kind != FOUND_SEEN,
    };
    if ends {
        tx.execute("UPDATE desk_matter SET open = 0 WHERE id = ?1", [id])?;
    }
    let (event, body) = follow(tx, &decision.event, &owner.session, now)?;
    audit(tx, &entry(event))?;
    let Some(body) = body.filter(|_| owner.open) else {
        return Ok(None);
    };
    put_message(tx, &owner.session, Content::Body(&body))?;
    Ok(Some(SessionId(uuid(owner.session))))
}

/// Why one more decision of this kind does not count.
fn refusal(tx: &Transaction<'_>, matter: &[u8; 16], parts: &Parts) -> Sql<Option<ArchiveFlag>> {
    if decided(tx, matter, parts.end)? || !parts.again && decided(tx, matter, parts.kind)? {
        return Ok(Some(ArchiveFlag::DecidedAlready));
    }
    // Of an answer that its officer has there is nothing to settle.
    if parts.kind == "answer_settled" && !answers::is_late(tx, matter)? {
        return Ok(Some(ArchiveFlag::DecidesUnknown));
    }
    if parts.kind == "means_deleted" && !decided(tx, matter, "means_handed_over")? {
        return Ok(Some(ArchiveFlag::DeletedTooEarly));
    }
    let most: i64 = tx
        .prepare_cached(
            "SELECT count(*) FROM decision WHERE matter = ?1 AND kind IN (
                 'incident_classified', 'incident_asked', 'incident_linked')",
        )?
        .query_row([matter], |row| row.get(0))?;
    let too_many = parts.again && nat(most) >= AGAIN as u64;
    Ok(too_many.then_some(ArchiveFlag::DecisionsTooMany))
}

/// What follows from a decision that counts: its entry, and what the officer is told.
fn follow(
    tx: &Transaction<'_>,
    event: &DeskEvent,
    session: &[u8; 16],
    now: Timestamp,
) -> Sql<(AuditEvent, Option<MessageBody>)> {
    let (event, body) = match event.clone() {
        DeskEvent::PauseDecided { pause, granted } => {
            check_heard(tx, pause)?;
            let event = if granted {
                AuditEvent::PauseGranted
            } else {
                AuditEvent::PauseRefused
            };
            (event, MessageBody::PauseDecided { pause, granted })
        }
        DeskEvent::FaultAssigned {
            fault,
            administrator,
        } => (
            AuditEvent::FaultAssigned,
            MessageBody::FaultAssigned {
                fault,
                administrator,
            },
        ),
        DeskEvent::FaultClosed { fault, .. } => {
            (AuditEvent::FaultClosed, MessageBody::FaultClosed { fault })
        }
        DeskEvent::IncidentReceived { incident } => (
            AuditEvent::IncidentReceived,
            MessageBody::IncidentReceived { incident },
        ),
        DeskEvent::IncidentAsked { incident, text } => (
            AuditEvent::IncidentAsked,
            MessageBody::IncidentAsked {
                incident,
                at: now,
                text,
            },
        ),
        DeskEvent::IncidentClosed { incident, .. } => (
            AuditEvent::IncidentClosed,
            MessageBody::IncidentClosed { incident },
        ),
        DeskEvent::IncidentClassified { .. } => return Ok((AuditEvent::IncidentClassified, None)),
        DeskEvent::IncidentLinked {
            incident,
            camera,
            from,
            to,
        } => {
            let recording = HeldRecording { camera, from, to };
            incident::hold(tx, incident.0.as_bytes(), session, &recording)?;
            return Ok((AuditEvent::IncidentLinked, None));
        }
        DeskEvent::CustodySettled { .. } => return Ok((AuditEvent::CustodySettled, None)),
        DeskEvent::FoundSeen { .. } => return Ok((AuditEvent::FoundSeen, None)),
        DeskEvent::AnswerSettled { .. } => return Ok((AuditEvent::AnswerSettled, None)),
        DeskEvent::ResistanceSeen { .. } => return Ok((AuditEvent::ResistanceSeen, None)),
        DeskEvent::MeansHandedOver { means, .. } => (
            AuditEvent::MeansHandedOver,
            MessageBody::MeansHandedOver { means },
        ),
        DeskEvent::MeansDeleted { means, .. } => (
            AuditEvent::MeansDeleted,
            MessageBody::MeansDeleted { means },
        ),
    };
    Ok((event, Some(body)))
}

/// Whether there is a decision of this kind.
pub(super) fn decided(tx: &Transaction<'_>, matter: &[u8; 16], kind: &str) -> Sql<bool> {
    Ok(tx
        .prepare_cached("SELECT 1 FROM decision WHERE matter = ?1 AND kind = ?2")?
        .exists(params![matter, kind])?)
}

/// Whose matter it is, and whether this desk may decide on it.
struct Owner {
    session: [u8; 16],
    /// The session still takes messages.
    open: bool,
    /// Of a desk of the same unit with this right, not the same officer, on a tablet that is neither
    /// lost nor revoked.
    entitled: bool,
}

fn owner(
    tx: &Transaction<'_>,
    decision: &Decision,
    parts: &Parts,
    now: Timestamp,
) -> Sql<Option<Owner>> {
    let row: Option<([u8; 16], bool, bool, String)> = tx
        .prepare_cached(
            "SELECT s.id, s.ended_at IS NULL AND s.lease_until > ?5,
                    desk.active AND desk.unit = o.unit AND desk.id <> o.id
                        AND v.revoked_at IS NULL AND v.lost_at IS NULL,
                    desk.role
             FROM desk_matter m
             JOIN session s ON s.id = m.session
             JOIN officer o ON o.id = s.officer
             JOIN officer desk ON desk.id = ?3
             JOIN device v ON v.id = ?4
             WHERE m.id = ?1 AND m.kind = ?2",
        )?
        .query_row(
            params![
                parts.matter.into_bytes(),
                parts.of,
                decision.officer.0.into_bytes(),
                decision.place.device.0.into_bytes(),
                now.0
            ],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .optional()?;
    // What stands against each other in a custody is settled by neither of the two.
    let apart = parts.of != "custody"
        || !custody::takes_part(tx, parts.matter.as_bytes(), decision.officer)?;
    row.map(|(session, open, entitled, role)| {
        Ok(Owner {
            session,
            open,
            entitled: entitled && apart && from_word::<Role>(role, "role")?.may(parts.right),
        })
    })
    .transpose()
}

pub(super) fn officer(c: &Connection, officer: OfficerId) -> Sql<Option<Officer>> {
    let row = c
        .prepare_cached(&read_officer::sql("WHERE id = ?1"))?
        .query_row([officer.0.into_bytes()], read_officer::row)
        .optional()?;
    Ok(row
        .map(read_officer::whole)
        .transpose()?
        .map(|row| row.officer))
}

pub(super) fn has_looked(c: &Connection, session: SessionId) -> Sql<bool> {
    Ok(
        c.prepare_cached("SELECT 1 FROM desk_look WHERE session = ?1")?
            .exists([session.0.into_bytes()])?,
    )
}

pub(super) fn look(tx: &Transaction<'_>, session: SessionId, entry: &AuditEntry) -> Sql<bool> {
    let first = tx.execute(
        "INSERT INTO desk_look (session, at) VALUES (?1, ?2) ON CONFLICT (session) DO NOTHING",
        params![session.0.into_bytes(), entry.at.0],
    )?;
    if first > 0 {
        audit(tx, entry)?;
    }
    Ok(first > 0)
}

// CROSS JOIN: SQLite begins with the few sessions that are looked at, not with every session ever.
const BOARD: &str = "
    WITH looked_at (id) AS (
        SELECT id FROM session WHERE ended_at IS NULL AND lease_until > ?3
            AND officer IN (SELECT id FROM officer WHERE unit = ?1)
        UNION SELECT id FROM session WHERE ended_at > ?3
            AND officer IN (SELECT id FROM officer WHERE unit = ?1)
        UNION SELECT session FROM desk_matter WHERE kind IN ('pause', 'fault') AND open = 1)
    SELECT s.id, s.device, o.id, o.name, o.rank, s.opened_at, d.state,
           CASE WHEN s.ended_at IS NULL AND s.lease_until > ?2 THEN NULL
                ELSE coalesce(d.ended_at, s.ended_at, s.lease_until) END AS over_at,
           (SELECT at FROM envelope WHERE device = s.device ORDER BY seq DESC LIMIT 1),
           -- The first that came behind one that has not.
           (SELECT at FROM envelope WHERE device = s.device
                AND seq > (SELECT stored_through FROM device WHERE id = s.device)
            ORDER BY seq LIMIT 1)
    FROM looked_at l
    CROSS JOIN session s ON s.id = l.id
    CROSS JOIN officer o ON o.id = s.officer
    LEFT JOIN duty d ON d.session = s.id
    WHERE o.unit = ?1
    ORDER BY over_at IS NOT NULL,
             EXISTS (SELECT 1 FROM desk_matter m WHERE m.session = s.id AND m.open = 1
                     AND m.kind IN ('pause', 'fault')) DESC,
             o.name, s.id
    LIMIT ?4";

pub(super) fn board(c: &Connection, request: &BoardRequest) -> Sql<BoardRows> {
    let mut rows = BoardRows {
        sessions: sessions(c, request)?,
        ..BoardRows::default()
    };
    if request.role.may(DeskRight::Incidents) {
        rows.incidents = incident::board(c, &request.unit, request.rows)?;
    }
    let (unit, now, most) = (&request.unit, request.now, request.rows);
    if request.role.may(DeskRight::Encounters) {
        rows.found = answers::found(c, unit, now, most)?;
        rows.late = answers::late(c, unit, most)?;
        rows.resisted = answers::resisted(c, unit, most)?;
    }
    if request.role.may(DeskRight::Custody) {
        rows.tablets = custody::tablets(c, unit, now, most)?;
        rows.conflicts = custody::conflicts(c, unit, most)?;
    }
    if request.role.may(DeskRight::Bodycams) {
        rows.twice = custody::twice(c, unit, now, most)?;
        rows.unrecorded = dock::board(c, unit, request.since, most)?;
    }
    if request.role.may(DeskRight::Recordings) {
        rows.means = means::board(c, unit, most)?;
    }
    Ok(rows)
}

fn sessions(c: &Connection, request: &BoardRequest) -> Sql<Vec<BoardSession>> {
    let mut statement = c.prepare_cached(BOARD)?;
    let mut rows = statement.query(params![
        request.unit,
        request.now.0,
        request.since.0,
        int(request.sessions as u64)
    ])?;
    let mut sessions = Vec::new();
    while let Some(row) = rows.next()? {
        sessions.push(board_session(c, row)?);
    }
    Ok(sessions)
}

fn board_session(c: &Connection, row: &Row<'_>) -> Sql<BoardSession> {
    let session: [u8; 16] = row.get(0)?;
    let state: Option<String> = row.get(6)?;
    let moment = |column| -> rusqlite::Result<Option<Timestamp>> {
        Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp))
    };
    Ok(BoardSession {
        session: SessionId(uuid(session)),
        device: DeviceId(uuid(row.get(1)?)),
        officer: OfficerId(uuid(row.get(2)?)),
        name: row.get(3)?,
        rank: row.get(4)?,
        opened_at: Timestamp(row.get(5)?),
        arrived_at: moment(8)?,
        over_at: moment(7)?,
        duty: state
            .map(|text| from_json::<Duty>(&text, "duty"))
            .transpose()?,
        hole_since: moment(9)?,
        decided: decisions(c, &session)?,
    })
}

fn decisions(c: &Connection, session: &[u8; 16]) -> Sql<Vec<DeskEvent>> {
    let mut statement = c.prepare_cached(
        "SELECT d.event FROM desk_matter m JOIN decision d ON d.matter = m.id
         WHERE m.session = ?1 AND m.kind IN ('pause', 'fault')",
    )?;
    let texts = statement.query_map([session], |row| row.get::<_, String>(0))?;
    let mut events = Vec::new();
    for text in texts {
        events.push(from_json(&text?, "decision")?);
    }
    Ok(events)
}
