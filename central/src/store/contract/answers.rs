//! Late answers, people found, resistance; what desks say about tablets.

use super::desk::{DESK, DESK_OFFICER, DESKS_DEVICE, PATROL, PATROL_OFFICER, decide, flags, two};
use super::*;
use crate::audit::AuditEvent;
use protocol::{
    AnswerResult, DeskEvent, FoundBy, PersonRecord, Register, RegisterEntry, TabletOrder,
    TabletRequest, TabletStanding,
};
use regulation::encounter::Stage;
use regulation::identity::{BirthDate, PersonName};

const QUESTION: QuestionId = QuestionId(Uuid::from_u128(20));
const ENCOUNTER: EncounterId = EncounterId(Uuid::from_u128(7));

fn board(store: &dyn Store, unit: &str) -> Result<BoardRows, String> {
    ok(store.board(&BoardRequest {
        unit: unit.into(),
        role: Role::Duty,
        now: Timestamp(1_500),
        since: Timestamp(0),
        sessions: 10,
        rows: 10,
    }))
}

fn wanted() -> Result<Answer, String> {
    let day: regulation::Date = "2026-01-01".parse().map_err(|_| "a day")?;
    let entry = RegisterEntry {
        register: Register::Wanted,
        source: "S".into(),
        date: day,
        spent: None,
        note: None,
    };
    Ok(Answer {
        question: QUESTION,
        encounter: ENCOUNTER,
        answered_at: Timestamp(1_400),
        took_ms: 1,
        result: AnswerResult::Found {
            person: PersonRecord {
                name: PersonName {
                    surname: "N".into(),
                    given: "N".into(),
                    patronymic: None,
                },
                birth_date: BirthDate(day),
                address: "A".into(),
                pinfl: None,
                document: None,
                entries: vec![entry],
                asked: Vec::new(),
                portrait: None,
            },
            by: FoundBy::Number,
        },
    })
}

fn encounter(
    store: &dyn Store,
    stage: Stage,
    resisted: bool,
    again: Option<Again>,
) -> Result<(), String> {
    ok(store.assess(&Assessment {
        at: AT,
        summary: again.is_none().then_some(Summary {
            encounter: ENCOUNTER,
            device: DEVICE,
            session: PATROL,
            stage,
            flags: Vec::new(),
            at: AT,
        }),
        figures: Some(EncounterFigures {
            encounter: ENCOUNTER,
            session: PATROL,
            began_at: AT,
            closed_at: None,
            ground: Some("witness".into()),
            outcome: None,
            revealed: 0,
            place: Some("P".into()),
            resisted: resisted.then(|| ("resisted".into(), Timestamp(1_300))),
        }),
        again,
        ..Assessment::default()
    }))
    .map(|_| ())
}

pub(super) fn late_answers(store: &dyn Store) -> Result<(), String> {
    two(store)?;
    let asked = QuestionStand {
        asked_at: Timestamp(900),
        session: PATROL,
        encounter: ENCOUNTER,
        ..stand(20, 1, QuestionState::Queued)
    };
    put(store, vec![asked])?;
    encounter(store, Stage::Pending, false, None)?;
    ok(store.answer(&wanted()?, None))?;
    let found = board(store, "1")?.found;
    promise(
        found.len() == 1
            && found.iter().all(|row| {
                row.wanted && row.session == PATROL && row.place.as_deref() == Some("P")
            }),
        "somebody wanted is on the board of the unit",
    )?;
    let theirs = board(store, "2")?;
    promise(theirs.found.is_empty(), "and on no other")?;
    encounter(store, Stage::Closed, false, None)?;
    promise(
        board(store, "1")?.found.is_empty(),
        "until the encounter is closed",
    )?;
    encounter(store, Stage::Pending, false, None)?;
    let seen = DeskEvent::FoundSeen { question: QUESTION };
    decide(store, 1, DESK_OFFICER, seen)?;
    let settled = DeskEvent::AnswerSettled {
        question: QUESTION,
        how: None,
    };
    decide(store, 2, DESK_OFFICER, settled.clone())?;
    let rows = board(store, "1")?;
    promise(
        rows.found.is_empty() && rows.late.is_empty(),
        "or until a desk has seen it",
    )?;
    ok(store.end_session(PATROL, DEVICE, Timestamp(1_450)))?;
    let late = board(store, "1")?.late;
    promise(
        late.len() == 1
            && late.iter().all(|row| {
                row.wanted
                    && row.asked_at == Timestamp(900)
                    && row.ground.as_deref() == Some("witness")
            }),
        "what its session does not have is the desk's, though it was seen",
    )?;
    let read = |unit| ok(store.late_answer(QUESTION, unit));
    promise(
        read("1")?.is_some_and(|late| late.officer == OfficerId(id(PATROL_OFFICER)))
            && read("2")?.is_none(),
        "of its own unit",
    )?;
    decide(store, 3, PATROL_OFFICER, settled.clone())?;
    decide(store, 4, DESK_OFFICER, settled.clone())?;
    decide(store, 5, DESK_OFFICER, settled)?;
    promise(
        board(store, "1")?.late.is_empty() && read("1")?.is_none(),
        "until a desk has dealt with it",
    )?;
    use ArchiveFlag::{DecidedAlready, DecidesUnknown, NotEntitled};
    promise(
        flags(store)? == [(2, DecidesUnknown), (3, NotEntitled), (5, DecidedAlready)],
        "once, and not before it is the desk's",
    )
}

pub(super) fn resistance(store: &dyn Store) -> Result<(), String> {
    two(store)?;
    let again = Some(Again::Encounter(ENCOUNTER));
    encounter(store, Stage::Pending, false, None)?;
    encounter(store, Stage::Pending, true, again)?;
    promise(
        board(store, "1")?.resisted.is_empty(),
        "what is only counted again is no news",
    )?;
    encounter(store, Stage::Outcome, true, None)?;
    let rows = board(store, "1")?.resisted;
    promise(
        rows.len() == 1 && rows.iter().all(|row| row.at == Timestamp(1_300)),
        "resistance is on the board",
    )?;
    let seen = DeskEvent::ResistanceSeen {
        encounter: ENCOUNTER,
    };
    decide(store, 1, DESK_OFFICER, seen)?;
    encounter(store, Stage::Closed, true, None)?;
    promise(
        board(store, "1")?.resisted.is_empty() && flags(store)?.is_empty(),
        "until it is seen, and not again",
    )
}

pub(super) fn tablets(store: &dyn Store) -> Result<(), String> {
    two(store)?;
    let say = |unit: &str, order| {
        ok(store.order_tablet(&OrderedTablet {
            request: TabletRequest {
                device: DEVICE,
                order,
            },
            unit: unit.into(),
            session: DESK,
            officer: OfficerId(id(DESK_OFFICER)),
            at: Timestamp(1_500),
        }))
    };
    promise(
        say("2", TabletOrder::Lost)?.is_none() && ok(store.audit_entries(10))?.is_empty(),
        "a tablet of another unit is left alone",
    )?;
    let since = Timestamp(1_500);
    let lost = Some(TabletStanding::Lost { since });
    promise(say("1", TabletOrder::Lost)? == lost, "it is lost")?;
    promise(
        ok(store.session(PATROL))?.is_some_and(|session| session.ended),
        "its sessions end",
    )?;
    let rows = board(store, "1")?.tablets;
    promise(
        rows.iter()
            .any(|row| row.device == DEVICE && Some(row.standing) == lost),
        "and the board still has it",
    )?;
    let good = Some(TabletStanding::Good);
    promise(say("1", TabletOrder::Found)? == good, "it is found")?;
    promise(
        say("1", TabletOrder::Found)?.is_none_or(|standing| standing.is_good()),
        "once",
    )?;
    let audited: Vec<_> = ok(store.audit_entries(10))?
        .into_iter()
        .rev()
        .map(|entry| (entry.event, entry.device, entry.officer))
        .collect();
    let entry = |event| (event, Some(DEVICE), Some(OfficerId(id(DESK_OFFICER))));
    let expected = [
        entry(AuditEvent::DeviceReportedLost),
        entry(AuditEvent::DeviceReportedFound),
    ];
    promise(audited == expected, "each by name")?;
    ok(store.report_lost(DESKS_DEVICE, since))?;
    let rows = board(store, "1")?.tablets;
    promise(
        rows.iter().any(|row| row.device == DESKS_DEVICE),
        "one that was reported otherwise is there as well",
    )
}
