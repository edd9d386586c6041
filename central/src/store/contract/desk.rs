//! Shifts with a bodycam, decisions of desks, boards.

use super::*;
use crate::audit::AuditEvent;
use protocol::{DeskEvent, MessageBody};
use regulation::bodycam::{Duty, Fault, Pause, Permission, PermittedBy};
use regulation::{FaultId, PauseId};

pub(super) const PATROL: SessionId = SessionId(Uuid::from_u128(11));
pub(super) const DESK: SessionId = SessionId(Uuid::from_u128(12));
pub(super) const DESKS_DEVICE: DeviceId = DeviceId(Uuid::from_u128(2));
const PAUSE: PauseId = PauseId(Uuid::from_u128(41));
const FAULT: FaultId = FaultId(Uuid::from_u128(42));
pub(super) const PATROL_OFFICER: u128 = 51;
pub(super) const DESK_OFFICER: u128 = 52;

pub(super) fn shift(
    store: &dyn Store,
    n: u128,
    unit: &str,
    role: Role,
    session: SessionId,
    device: DeviceId,
) -> Result<(), String> {
    ok(store.add_officer(&OfficerRow {
        officer: Officer {
            id: OfficerId(id(n)),
            name: format!("N{n}"),
            rank: "R".into(),
            unit: unit.into(),
            role,
        },
        login: format!("a{n}"),
        password: "x".into(),
        active: true,
    }))?;
    let mut token_hash = [0; 32];
    token_hash[..16].copy_from_slice(session.0.as_bytes());
    let session = NewSession {
        id: session,
        device,
        officer: OfficerId(id(n)),
        token_hash,
        at: AT,
        lease_until: Timestamp(10_000),
    };
    ok(store.open_session(&session, "x")).map(|_| ())
}

/// A patrol and a desk of one unit, on two tablets.
pub(super) fn two(store: &dyn Store) -> Result<(), String> {
    enrolled(store, DEVICE)?;
    enrolled(store, DESKS_DEVICE)?;
    shift(store, PATROL_OFFICER, "1", Role::Patrol, PATROL, DEVICE)?;
    shift(store, DESK_OFFICER, "1", Role::Duty, DESK, DESKS_DEVICE)
}

fn pause(permission: Permission) -> Pause {
    Pause {
        id: PAUSE,
        why: "meal".into(),
        minutes: 30,
        asked_at: AT,
        permission,
        began_at: None,
        ended_at: None,
    }
}

fn by_voice() -> Permission {
    Permission::ByVoice {
        by: PermittedBy::DutyUnit,
        name: "N".into(),
        confirmed: None,
    }
}

pub(super) fn stand(session: SessionId, permission: Permission) -> DutyStand {
    DutyStand {
        session,
        duty: Duty {
            pauses: vec![pause(permission)],
            faults: vec![Fault {
                id: FAULT,
                camera: None,
                what: "damaged".into(),
                note: None,
                at: AT,
                mended_at: None,
            }],
            ..Duty::default()
        },
        ended_at: None,
        heard: Vec::new(),
        held: None,
        held_seqs: Vec::new(),
        on_seqs: Vec::new(),
        known_at: AT,
        private: Vec::new(),
        tolerance_ms: 0,
    }
}

pub(super) fn take(store: &dyn Store, stand: DutyStand) -> Result<(), String> {
    let told = ok(store.assess(&Assessment {
        at: AT,
        duty: Some(stand),
        ..Assessment::default()
    }))?;
    promise(told.is_empty(), "a shift tells nobody")
}

fn place(seq: u64) -> Place {
    Place {
        device: DESKS_DEVICE,
        seq,
    }
}

pub(super) fn decide(
    store: &dyn Store,
    seq: u64,
    officer: u128,
    event: DeskEvent,
) -> Result<Vec<SessionId>, String> {
    ok(store.assess(&Assessment {
        at: Timestamp(1_500),
        assessed: vec![place(seq)],
        decision: Some(Decision {
            place: place(seq),
            session: DESK,
            officer: OfficerId(id(officer)),
            at: Timestamp(1_400),
            event,
        }),
        ..Assessment::default()
    }))
}

fn grant(granted: bool) -> DeskEvent {
    DeskEvent::PauseDecided {
        pause: PAUSE,
        granted,
    }
}

fn board(store: &dyn Store, now: i64) -> Result<Vec<BoardSession>, String> {
    let rows = ok(store.board(&BoardRequest {
        unit: "1".into(),
        role: Role::Duty,
        now: Timestamp(now),
        since: Timestamp(now - 1_000),
        sessions: 10,
        rows: 10,
    }))?;
    Ok(rows.sessions)
}

pub(super) fn flags(store: &dyn Store) -> Result<Vec<(u64, ArchiveFlag)>, String> {
    let flags = ok(store.device_flags(DESKS_DEVICE))?;
    Ok(flags.into_iter().map(|(p, flag)| (p.seq, flag)).collect())
}

pub(super) fn shifts(store: &dyn Store) -> Result<(), String> {
    two(store)?;
    for _ in 0..2 {
        take(store, stand(PATROL, Permission::Asked))?;
    }
    let sessions = board(store, 1_500)?;
    let duties: Vec<_> = sessions.iter().filter_map(|s| s.duty.as_ref()).collect();
    promise(
        sessions.len() == 2 && duties == [&stand(PATROL, Permission::Asked).duty],
        "a shift comes back as it was taken, once",
    )?;
    take(store, stand(DESK, by_voice()))?;
    promise(
        decide(store, 1, DESK_OFFICER, grant(true))? == [PATROL],
        "the session that named a pause first owns it",
    )?;
    take(store, stand(PATROL, Permission::Granted))?;
    let decided = board(store, 1_500)?.iter().any(|s| s.is_decided(PAUSE));
    promise(
        decided,
        "a shift that is made anew keeps what was decided on it",
    )
}

pub(super) fn decisions(store: &dyn Store) -> Result<(), String> {
    two(store)?;
    let unknown = decide(store, 1, DESK_OFFICER, grant(true))?;
    promise(
        unknown.is_empty() && flags(store)? == [(1, ArchiveFlag::DecidesUnknown)],
        "a pause that is not known is not decided on",
    )?;
    take(store, stand(PATROL, Permission::Asked))?;
    for _ in 0..2 {
        let other = PauseId(FAULT.0);
        let on_a_fault = DeskEvent::PauseDecided {
            pause: other,
            granted: true,
        };
        promise(
            decide(store, 2, DESK_OFFICER, on_a_fault)?.is_empty(),
            "a fault is no pause",
        )?;
    }
    promise(
        decide(store, 3, PATROL_OFFICER, grant(true))?.is_empty(),
        "nobody decides on their own",
    )?;
    shift(
        store,
        53,
        "2",
        Role::Duty,
        SessionId(id(13)),
        DeviceId(id(2)),
    )?;
    promise(
        decide(store, 4, 53, grant(true))?.is_empty(),
        "nor a desk of another unit",
    )?;
    shift(
        store,
        54,
        "1",
        Role::Patrol,
        SessionId(id(14)),
        DeviceId(id(2)),
    )?;
    promise(
        decide(store, 5, 54, grant(true))?.is_empty(),
        "nor who has no desk",
    )?;
    promise(
        ok(store.inbox(PATROL, 0, 10))?.is_empty(),
        "what does not count is told to nobody",
    )?;
    promise(
        decide(store, 6, DESK_OFFICER, grant(false))? == [PATROL],
        "the unit's desk decides",
    )?;
    promise(
        decide(store, 6, DESK_OFFICER, grant(false))?.is_empty(),
        "the same envelope again changes nothing",
    )?;
    promise(
        decide(store, 7, DESK_OFFICER, grant(true))?.is_empty(),
        "the first decision counts",
    )?;
    let assigned = DeskEvent::FaultAssigned {
        fault: FAULT,
        administrator: "A".into(),
    };
    let closed = DeskEvent::FaultClosed {
        fault: FAULT,
        how: "H".into(),
    };
    promise(
        decide(store, 8, DESK_OFFICER, assigned.clone())? == [PATROL],
        "a fault is assigned",
    )?;
    promise(
        decide(store, 9, DESK_OFFICER, closed.clone())? == [PATROL],
        "and closed",
    )?;
    promise(
        decide(store, 10, DESK_OFFICER, assigned)?.is_empty(),
        "once closed it is assigned no more",
    )?;
    use ArchiveFlag::{DecidedAlready, DecidesUnknown, NotEntitled};
    let expected = [
        (1, DecidesUnknown),
        (2, DecidesUnknown),
        (3, NotEntitled),
        (4, NotEntitled),
        (5, NotEntitled),
        (7, DecidedAlready),
        (10, DecidedAlready),
    ];
    promise(
        flags(store)? == expected,
        "each that does not count is flagged",
    )?;
    let bodies: Vec<_> = ok(store.inbox(PATROL, 0, 10))?
        .into_iter()
        .map(|letter| letter.body)
        .collect();
    let told = [
        MessageBody::PauseDecided {
            pause: PAUSE,
            granted: false,
        },
        MessageBody::FaultAssigned {
            fault: FAULT,
            administrator: "A".into(),
        },
        MessageBody::FaultClosed { fault: FAULT },
    ];
    promise(bodies == told, "each that counts is told once")?;
    let audited: Vec<_> = ok(store.audit_entries(100))?
        .into_iter()
        .rev()
        .filter(|e| e.event != AuditEvent::DecisionRefused)
        .map(|e| (e.event, e.officer, e.subject))
        .collect();
    let by_desk = |event, subject: Uuid| {
        let officer = Some(OfficerId(id(DESK_OFFICER)));
        (event, officer, Some(subject.to_string()))
    };
    let expected = [
        by_desk(AuditEvent::PauseRefused, PAUSE.0),
        by_desk(AuditEvent::FaultAssigned, FAULT.0),
        by_desk(AuditEvent::FaultClosed, FAULT.0),
    ];
    promise(audited == expected, "and audited, with who and on what")
}

pub(super) fn boards(store: &dyn Store) -> Result<(), String> {
    two(store)?;
    take(store, stand(PATROL, by_voice()))?;
    let over = |now| -> Result<Vec<_>, String> {
        let sessions = board(store, now)?;
        Ok(sessions.iter().map(|s| (s.session, s.over_at)).collect())
    };
    promise(
        over(1_500)? == [(PATROL, None), (DESK, None)],
        "open sessions of the unit, by name",
    )?;
    ok(store.end_session(DESK, DESKS_DEVICE, Timestamp(2_000)))?;
    promise(
        over(2_500)? == [(PATROL, None), (DESK, Some(Timestamp(2_000)))],
        "and those that ended lately",
    )?;
    promise(over(3_500)? == [(PATROL, None)], "and no older ones")?;
    let lease = Some(Timestamp(10_000));
    promise(
        over(20_000)? == [(PATROL, lease)],
        "but that with an open fault, though its lease be over",
    )?;
    take(
        store,
        DutyStand {
            ended_at: Some(Timestamp(1_800)),
            ..stand(PATROL, by_voice())
        },
    )?;
    promise(
        over(20_000)? == [(PATROL, Some(Timestamp(1_800)))],
        "it ended when its officer says",
    )?;
    let mut theirs = stand(DESK, Permission::Granted);
    for fault in &mut theirs.duty.faults {
        fault.mended_at = Some(AT);
    }
    take(store, theirs)?;
    promise(
        over(20_000)?.len() == 1,
        "another session that names the same ids takes nothing off it",
    )?;
    shift(store, 54, "1", Role::Duty, SessionId(id(14)), DESKS_DEVICE)?;
    ok(store.end_session(PATROL, DEVICE, Timestamp(2_100)))?;
    let closed = DeskEvent::FaultClosed {
        fault: FAULT,
        how: "H".into(),
    };
    promise(
        decide(store, 1, 54, closed)?.is_empty() && ok(store.inbox(PATROL, 0, 10))?.is_empty(),
        "a session that has ended is told nothing",
    )?;
    promise(
        over(20_000)?.len() == 1,
        "a permission by voice is open as well",
    )?;
    decide(store, 2, 54, grant(true))?;
    promise(over(20_000)?.is_empty(), "until it is confirmed")?;
    take(store, stand(PATROL, by_voice()))?;
    promise(
        over(20_000)?.is_empty(),
        "and stays so when the shift is made anew",
    )?;
    let entry = AuditEntry::new(AT, AuditEvent::BoardRead).session(DESK);
    promise(ok(store.look(DESK, &entry))?, "a first look is kept")?;
    promise(!ok(store.look(DESK, &entry))?, "a further one is none")?;
    let looks = ok(store.audit_entries(100))?;
    let looks = looks.iter().filter(|e| e.event == AuditEvent::BoardRead);
    promise(looks.count() == 1, "and has no entry")
}
