//! What a report is made of.

use super::desk::{shift, stand, take};
use super::*;
use protocol::SessionEvent;
use regulation::bodycam::Permission;
use regulation::encounter::{Flag, Stage};

const SESSION: SessionId = SessionId(Uuid::from_u128(11));
const OTHERS: SessionId = SessionId(Uuid::from_u128(12));
const OTHERS_DEVICE: DeviceId = DeviceId(Uuid::from_u128(2));
const OFFICER: OfficerId = OfficerId(Uuid::from_u128(51));

fn summary(n: u128, session: SessionId, device: DeviceId) -> Summary {
    Summary {
        encounter: EncounterId(id(n)),
        device,
        session,
        stage: Stage::Opened,
        flags: Vec::new(),
        at: AT,
    }
}

fn figures(n: u128, session: SessionId, began_at: i64) -> EncounterFigures {
    EncounterFigures {
        encounter: EncounterId(id(n)),
        session,
        began_at: Timestamp(began_at),
        closed_at: None,
        ground: None,
        outcome: None,
        revealed: 0,
        place: None,
        resisted: None,
    }
}

fn count(store: &dyn Store, summary: Summary, figures: EncounterFigures) -> Result<(), String> {
    ok(store.assess(&Assessment {
        at: AT,
        summary: Some(summary),
        figures: Some(figures),
        ..Assessment::default()
    }))
    .map(|_| ())
}

fn served(store: &dyn Store, event: SessionEvent, at: i64) -> Result<(), String> {
    let served = Served {
        session: SESSION,
        event,
        at: Timestamp(at),
    };
    ok(store.assess(&Assessment {
        at: AT,
        served: vec![served],
        ..Assessment::default()
    }))
    .map(|_| ())
}

fn report(store: &dyn Store, from: i64, to: i64, now: i64) -> Result<ReportRows, String> {
    ok(store.report(&ReportRequest {
        unit: "1".into(),
        from: Timestamp(from),
        to: Timestamp(to),
        now: Timestamp(now),
    }))
}

/// An officer of the unit and one of another, each on a tablet.
fn two(store: &dyn Store) -> Result<(), String> {
    enrolled(store, DEVICE)?;
    enrolled(store, OTHERS_DEVICE)?;
    shift(store, 51, "1", Role::Patrol, SESSION, DEVICE)?;
    shift(store, 52, "2", Role::Patrol, OTHERS, OTHERS_DEVICE)
}

pub(super) fn rows(store: &dyn Store) -> Result<(), String> {
    two(store)?;
    let first = summary(7, SESSION, DEVICE);
    let flagged = Summary {
        flags: vec![Flag::GroundChanged, Flag::GroundChanged, Flag::LateAnswer],
        ..first
    };
    let whole = EncounterFigures {
        closed_at: Some(Timestamp(1_700)),
        ground: Some("witness".into()),
        outcome: Some("released"),
        revealed: 2,
        ..figures(7, SESSION, 1_200)
    };
    count(store, flagged.clone(), figures(7, SESSION, 1_100))?;
    count(store, flagged, whole)?;
    count(
        store,
        summary(8, OTHERS, OTHERS_DEVICE),
        figures(8, OTHERS, 1_200),
    )?;
    count(
        store,
        summary(9, SESSION, DEVICE),
        figures(9, SESSION, 2_000),
    )?;
    let unknown = SessionId(id(99));
    count(
        store,
        summary(10, unknown, DEVICE),
        figures(10, unknown, 1_200),
    )?;
    ok(store.store_batch(&batch(&chain(1..=3, Digest::default())), AT))?;
    let pending = report(store, 0, 1, 1_500)?.pending;
    promise(pending == 3, "what is not assessed is said to be missing")?;
    let questions = [
        stand_of(20, 1, QuestionState::Queued),
        stand_of(21, 2, QuestionState::Queued),
        stand_of(22, 3, QuestionState::Held),
    ];
    put(store, questions.into())?;
    ok(store.answer(&answer(20, 1_500), Some(5)))?;
    ok(store.answer(&answer(21, 1_500), Some(5)))?;
    promise(
        ok(store.again(10))?.is_empty(),
        "what is new is not looked into again",
    )?;
    let rows = report(store, 1_000, 2_000, 1_500)?;
    let officers: Vec<_> = rows.officers.iter().map(|o| (o.id, o.active)).collect();
    promise(officers == [(OFFICER, true)], "the officers of the unit")?;
    let [encounter] = &rows.encounters[..] else {
        return Err("the encounters that the unit began in the period, and no others".into());
    };
    promise(
        encounter.encounter == EncounterId(id(7))
            && encounter.officer == OFFICER
            && encounter.began_at == Timestamp(1_200)
            && encounter.closed_at == Some(Timestamp(1_700))
            && encounter.ground.as_deref() == Some("witness")
            && encounter.outcome.as_deref() == Some("released")
            && encounter.revealed == 2
            && !encounter.over,
        "an encounter is counted as it was taken last",
    )?;
    promise(
        encounter.flags == ["ground_changed", "late_answer", "not_looked_up"],
        "flags of the procedure and of the archive, each once",
    )?;
    promise(
        (encounter.asked, encounter.answered) == (3, 2) && encounter.found == [5],
        "questions, answers, and whom they found, once",
    )?;
    promise(
        report(store, 2_000, 3_000, 1_500)?.encounters.len() == 1
            && report(store, 1_201, 2_000, 1_500)?.encounters.is_empty(),
        "the first moment is of the period, the last is not",
    )?;
    shifts(store)
}

fn stand_of(n: u128, seq: u64, state: QuestionState) -> QuestionStand {
    super::stand(n, seq, state)
}

fn shifts(store: &dyn Store) -> Result<(), String> {
    let shifts = |from, now| -> Result<Vec<_>, String> {
        let rows = report(store, from, 20_000, now)?;
        let shifts = rows.shifts.iter();
        Ok(shifts.map(|s| (s.began_at, s.over_at)).collect())
    };
    promise(shifts(0, 5_000)? == [(AT, None)], "an open shift")?;
    let lease = Some(Timestamp(10_000));
    promise(
        shifts(0, 10_000)? == [(AT, lease)],
        "it ends with its lease",
    )?;
    for at in [700, 600, 5_000] {
        served(store, SessionEvent::Started, at)?;
    }
    let began = Timestamp(600);
    promise(
        shifts(0, 5_000)? == [(began, None)] && shifts(601, 5_000)?.is_empty(),
        "it began when the officer's first fact says",
    )?;
    for at in [4_000, 4_500, 4_200] {
        served(store, SessionEvent::Ended, at)?;
    }
    let ended = Some(Timestamp(4_500));
    promise(
        shifts(0, 5_000)? == [(began, ended)],
        "and ends by the last",
    )?;
    ok(store.end_session(SESSION, DEVICE, Timestamp(4_100)))?;
    let ended = Some(Timestamp(4_100));
    promise(
        shifts(0, 5_000)? == [(began, ended)],
        "but no later than at central",
    )?;
    take(store, stand(SESSION, Permission::Asked))?;
    let rows = report(store, 0, 20_000, 5_000)?;
    let duty = stand(SESSION, Permission::Asked).duty;
    promise(
        rows.shifts.iter().all(|s| s.duty.as_ref() == Some(&duty)),
        "with what became of its bodycam",
    )?;
    promise(
        rows.encounters.iter().all(|e| e.over) && rows.encounters.len() == 2,
        "encounters of a session that has ended are over",
    )?;
    ok(store.deactivate_officer(OFFICER, AT))?;
    let rows = report(store, 0, 20_000, 5_000)?;
    promise(
        rows.officers.iter().all(|o| !o.active) && rows.encounters.len() == 2,
        "who was dismissed is still counted",
    )
}
