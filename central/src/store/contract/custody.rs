//! Incident reports, chains of custody, standing assignments.

use super::desk::{DESK, DESK_OFFICER, DESKS_DEVICE, PATROL, PATROL_OFFICER, decide, flags, two};
use super::*;
use crate::audit::AuditEvent;
use protocol::{Assignment, DeskEvent, HeldRecording};
use regulation::bodycam::Serial;
use regulation::custody::{
    Condition, Custody, Event, Flag, HandInReason, Holder, Party, Readiness, Recorded,
};
use regulation::incident::{AddressedTo, Incident, Report};
use regulation::{CustodyId, IncidentId};

const INCIDENT: IncidentId = IncidentId(Uuid::from_u128(71));
const CUSTODY: CustodyId = CustodyId(Uuid::from_u128(81));

fn camera() -> Result<Serial, String> {
    "BC-0001".parse().map_err(|_| "a serial".to_owned())
}

fn recording(from: i64, to: i64) -> Result<HeldRecording, String> {
    Ok(HeldRecording {
        camera: camera()?,
        from: Timestamp(from),
        to: Timestamp(to),
    })
}

fn report(
    store: &dyn Store,
    session: SessionId,
    text: &str,
    held: Vec<HeldRecording>,
) -> Result<(), String> {
    let report = Report {
        kind: "dispute".into(),
        to: AddressedTo::DutyUnit,
        happened_at: AT,
        place: "P".into(),
        encounter: None,
        people: Vec::new(),
        text: text.into(),
        photos: Vec::new(),
    };
    let told = ok(store.assess(&Assessment {
        at: AT,
        reports: Some(ReportsStand {
            session,
            reports: vec![ReportStand {
                seq: 1,
                incident: Incident {
                    id: INCIDENT,
                    at: AT,
                    report,
                    supplements: Vec::new(),
                },
                supplemented: None,
                held,
            }],
            out_of_order: Vec::new(),
        }),
        ..Assessment::default()
    }))?;
    promise(told.is_empty(), "a report tells nobody")
}

pub(super) fn incidents(store: &dyn Store) -> Result<(), String> {
    two(store)?;
    let seen = || -> Result<StoredIncident, String> {
        let found = ok(store.incident(INCIDENT, "1"))?;
        found.ok_or_else(|| "the unit's incident is there".into())
    };
    for held in [vec![recording(5, 9)?], Vec::new(), vec![recording(6, 8)?]] {
        report(store, PATROL, "T", held)?;
    }
    promise(
        seen()?.held == [recording(5, 9)?],
        "what is held stays held, and is not held twice",
    )?;
    report(store, PATROL, "T", vec![recording(7, 12)?])?;
    promise(seen()?.held.len() == 2, "and more may join it")?;
    report(store, DESK, "other", vec![recording(50, 60)?])?;
    let found = seen()?;
    promise(
        found.incident.report.text == "T" && found.session == PATROL && found.held.len() == 2,
        "the session that named an incident first owns it",
    )?;
    promise(
        ok(store.incident(INCIDENT, "2"))?.is_none(),
        "it is no other unit's",
    )?;
    let classified = |class: &str| DeskEvent::IncidentClassified {
        incident: INCIDENT,
        class: class.into(),
    };
    let received = DeskEvent::IncidentReceived { incident: INCIDENT };
    promise(
        decide(store, 1, DESK_OFFICER, received.clone())? == [PATROL],
        "a report is taken in",
    )?;
    decide(store, 2, DESK_OFFICER, received)?;
    for _ in 0..2 {
        decide(store, 3, DESK_OFFICER, classified("crime"))?;
    }
    decide(store, 4, DESK_OFFICER, classified("no_signs"))?;
    promise(
        seen()?.history.len() == 3,
        "it is taken in once and classified again; the same envelope is one decision",
    )?;
    let most = protocol::limits::BOARD_ROWS as u64;
    for seq in 5..=most + 2 {
        decide(store, seq, DESK_OFFICER, classified("crime"))?;
    }
    let closed = DeskEvent::IncidentClosed {
        incident: INCIDENT,
        how: "H".into(),
    };
    promise(
        decide(store, most + 4, DESK_OFFICER, closed)? == [PATROL],
        "however often, it can be closed",
    )?;
    decide(store, most + 5, DESK_OFFICER, classified("crime"))?;
    use ArchiveFlag::{DecidedAlready, DecisionsTooMany, IncidentOutOfOrder};
    let expected = [
        (1, IncidentOutOfOrder),
        (2, DecidedAlready),
        (most + 1, DecisionsTooMany),
        (most + 2, DecisionsTooMany),
        (most + 5, DecidedAlready),
    ];
    promise(flags(store)? == expected, "and then nothing more")?;
    let found = seen()?;
    promise(
        found.closed && found.history.len() == protocol::limits::BOARD_ROWS,
        "its history has an end",
    )?;
    report(store, PATROL, "T", Vec::new())?;
    let rows = ok(store.board(&BoardRequest {
        unit: "1".into(),
        role: Role::Duty,
        now: AT,
        since: AT,
        sessions: 10,
        rows: 10,
    }))?;
    promise(
        rows.incidents.is_empty(),
        "one that is made anew stays closed",
    )
}

fn step(
    seq: u64,
    officer: u128,
    session: SessionId,
    event: Event,
    flags: Vec<Flag>,
) -> CustodyStep {
    let officer = OfficerId(id(officer));
    let holder = match &event {
        Event::TakenOver { custody, .. } => Holder::Officer {
            custody: *custody,
            officer,
            since: AT,
        },
        _ => Holder::Party {
            party: place_x(),
            by: officer,
            since: AT,
        },
    };
    CustodyStep {
        fact: CustodyFact {
            place: Place {
                device: DESKS_DEVICE,
                seq,
            },
            session,
            officer,
            recorded: Recorded { at: AT, event },
        },
        flags,
        custody: Custody {
            holder,
            ..Custody::default()
        },
    }
}

fn place_x() -> Party {
    Party::Place { place: "X".into() }
}

fn take(store: &dyn Store, custody: Vec<CustodyStep>) -> Result<(), String> {
    ok(store.assess(&Assessment {
        at: AT,
        custody,
        ..Assessment::default()
    }))
    .map(|_| ())
}

pub(super) fn chains(store: &dyn Store) -> Result<(), String> {
    two(store)?;
    let taken = Event::TakenOver {
        custody: CUSTODY,
        from: place_x(),
        readiness: Readiness::default(),
        condition: Condition::default(),
        overridden: None,
    };
    let handed_in = Event::HandedIn {
        to: place_x(),
        why: HandInReason::EndOfDuty,
        condition: Condition::default(),
        waiting: 0,
    };
    let by = OfficerId(id(DESK_OFFICER));
    let conflict = vec![Flag::NotHandedIn { by }];
    let over = |flags| step(5, PATROL_OFFICER, PATROL, taken.clone(), flags);
    take(store, vec![over(conflict)])?;
    promise(
        ok(store.custody_before(DESKS_DEVICE, 5))? == Custody::default(),
        "nothing was before the first step",
    )?;
    let board = || {
        ok(store.board(&BoardRequest {
            unit: "1".into(),
            role: Role::Logistics,
            now: AT,
            since: AT,
            sessions: 10,
            rows: 10,
        }))
    };
    let rows = board()?;
    let held_by = rows.conflicts.first().map(|row| row.held_by.clone());
    promise(
        held_by == Some(format!("N{DESK_OFFICER}")) && rows.conflicts.len() == 1,
        "who took a tablet over from whom is to be settled",
    )?;
    promise(
        rows.tablets
            .iter()
            .any(|row| row.name == format!("N{PATROL_OFFICER}")),
        "the tablet is with who took it over",
    )?;
    let settled = DeskEvent::CustodySettled {
        custody: CUSTODY,
        how: "H".into(),
    };
    decide(store, 1, DESK_OFFICER, settled)?;
    promise(
        flags(store)? == [(1, ArchiveFlag::NotEntitled)] && board()?.conflicts.len() == 1,
        "and by neither of the two",
    )?;
    let earlier = step(3, DESK_OFFICER, DESK, handed_in, Vec::new());
    take(store, vec![earlier, over(Vec::new())])?;
    let chain = ok(store.custody_chain(DESKS_DEVICE))?;
    let numbers: Vec<_> = chain.iter().map(|s| s.step.fact.place.seq).collect();
    promise(numbers == [3, 5], "a late step is put where it belongs")?;
    let rows = board()?;
    promise(
        rows.conflicts.is_empty() && rows.tablets.len() == 2,
        "and what it explains is no conflict any more",
    )?;
    let before = ok(store.custody_before(DESKS_DEVICE, 5))?;
    let steps = ok(store.custody_steps(DESKS_DEVICE, 5))?;
    promise(
        matches!(before.holder, Holder::Party { .. }) && steps.len() == 1,
        "a chain is read from anywhere",
    )
}

pub(super) fn assignments(store: &dyn Store) -> Result<(), String> {
    two(store)?;
    let (patrol, desk) = (OfficerId(id(PATROL_OFFICER)), OfficerId(id(DESK_OFFICER)));
    let kit = |device| {
        ok(store.kit(&KitRequest {
            device,
            officer: patrol,
            unit: "1".into(),
            at: AT,
        }))
    };
    promise(
        kit(DEVICE)? == Kit::default(),
        "nothing is assigned at first",
    )?;
    let assign = |device, officer| ok(store.assign_tablet(device, officer, AT));
    use AssignOutcome::{Assigned, Taken, UnknownDevice, UnknownOfficer};
    for _ in 0..2 {
        promise(assign(DEVICE, patrol)? == Assigned, "a tablet is assigned")?;
    }
    promise(assign(DEVICE, desk)? == Taken, "to one officer")?;
    promise(assign(DESKS_DEVICE, patrol)? == Taken, "who has one tablet")?;
    promise(
        assign(DeviceId(id(99)), desk)? == UnknownDevice
            && assign(DESKS_DEVICE, OfficerId(id(99)))? == UnknownOfficer,
        "both are known",
    )?;
    let camera = camera()?;
    promise(
        ok(store.assign_camera(&camera, patrol, AT))? == Assigned
            && ok(store.assign_camera(&camera, desk, AT))? == Taken,
        "so is a bodycam",
    )?;
    for n in 0..protocol::limits::KIT_ROWS {
        promise(
            ok(store.name_place("1", &format!("P{n}")))?,
            "a place is named",
        )?;
    }
    promise(!ok(store.name_place("1", "more"))?, "so many")?;
    promise(
        ok(store.name_place("1", "P0"))?,
        "one that is there is no other",
    )?;
    ok(store.give_notice("1", "old", Timestamp(1_000), Timestamp(500)))?;
    ok(store.give_notice("1", "first", Timestamp(2_000), AT))?;
    ok(store.give_notice("1", "second", Timestamp(2_000), AT))?;
    ok(store.give_notice("2", "theirs", Timestamp(2_000), AT))?;
    ok(store.set_minimum_version("1.0.0"))?;
    ok(store.set_minimum_version("1.2.3"))?;
    let full = kit(DEVICE)?;
    promise(
        full.tablet == Assignment::ThisTablet
            && full.camera == Some(camera.clone())
            && full.places.len() == protocol::limits::KIT_ROWS
            && full.notices == ["second", "first"]
            && full.minimum_version.as_deref() == Some("1.2.3"),
        "a shift begins with all of it",
    )?;
    promise(
        kit(DESKS_DEVICE)?.tablet == Assignment::AnotherTablet,
        "another tablet is said to be another",
    )?;
    promise(ok(store.remove_place("1", "P0"))?, "a place goes")?;
    promise(!ok(store.remove_place("1", "P0"))?, "once")?;
    ok(store.deactivate_officer(patrol, AT))?;
    let left = kit(DEVICE)?;
    promise(
        left.tablet == Assignment::None && left.camera.is_none(),
        "who is dismissed has nothing assigned",
    )?;
    promise(
        assign(DEVICE, patrol)? == UnknownOfficer,
        "nor is given anything",
    )?;
    promise(assign(DEVICE, desk)? == Assigned, "it is free again")?;
    ok(store.revoke_device(DEVICE, AT))?;
    promise(
        ok(store.unassign_tablet(DEVICE))?.is_none(),
        "a tablet that is revoked is nobody's",
    )?;
    promise(
        ok(store.unassign_camera(&camera))?.is_none(),
        "what is nobody's is taken from nobody",
    )?;
    let entries = ok(store.audit_entries(100))?;
    let ended = [AuditEvent::TabletUnassigned, AuditEvent::CameraUnassigned];
    let ended = entries.iter().filter(|e| ended.contains(&e.event)).count();
    promise(ended == 3, "each end by itself has its entry")
}
