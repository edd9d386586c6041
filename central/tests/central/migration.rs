use crate::report::{a_week, of_period};
use crate::support::{World, by_document, new_encounter, person, registers};
use central::store::Store;
use central::store::sqlite::SqliteStore;
use protocol::{MessageBody, SessionId};
use rusqlite::{Connection, params};

const STEPS: [&str; 5] = [
    include_str!("../../migrations/0001_first.sql"),
    include_str!("../../migrations/0002_access_and_captures.sql"),
    include_str!("../../migrations/0003_duty_desk.sql"),
    include_str!("../../migrations/0004_report.sql"),
    include_str!("../../migrations/0005_custody_incidents.sql"),
];

/// Takes the schema back to its first `steps`, with the rows of these tables.
fn as_an_older_program_left_it(path: &std::path::Path, steps: usize, tables: &[&str]) {
    let now = Connection::open(path).unwrap();
    let old = path.with_extension("old");
    let before = Connection::open(&old).unwrap();
    for step in &STEPS[..steps] {
        before.execute_batch(step).unwrap();
    }
    before
        .pragma_update(None, "user_version", steps as i64)
        .unwrap();
    let application: i64 = now
        .pragma_query_value(None, "application_id", |r| r.get(0))
        .unwrap();
    before
        .pragma_update(None, "application_id", application)
        .unwrap();
    drop((now, before));
    let both = Connection::open(&old).unwrap();
    both.execute("ATTACH ?1 AS new", params![path.to_str().unwrap()])
        .unwrap();
    for table in tables {
        let columns: Vec<String> = both
            .prepare(&format!("SELECT name FROM pragma_table_info('{table}')"))
            .unwrap()
            .query_map([], |r| r.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let columns = columns.join(", ");
        // Of kinds that it did not know.
        let known = match *table {
            "desk_matter" => "WHERE kind NOT IN ('answer', 'resistance')",
            _ => "",
        };
        both.execute_batch(&format!(
            "INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table} {known}"
        ))
        .unwrap();
    }
    drop(both);
    std::fs::rename(&old, path).unwrap();
    for log in ["db-wal", "db-shm"] {
        std::fs::remove_file(path.with_extension(log)).ok();
    }
}

#[tokio::test]
async fn answers_of_the_first_schema_are_still_in_their_inbox_and_others_join_them() {
    let mut world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    world.admin().import(&registers(), [person(1)]).unwrap();
    let encounter = new_encounter();
    let mut envelopes = tablet.opened(&world, encounter);
    envelopes.push(tablet.ask(&world, encounter, by_document("ZZ0000001")).1);
    tablet.send(&world, envelopes).await.unwrap();
    let answer = tablet.answer(&world, 0).await;
    let session: SessionId = tablet.session().session;
    world.config.listen = world.central().local_addr();
    world.stop().await;
    let tables = [
        "device", "officer", "session", "question", "message", "batch", "envelope",
    ];
    as_an_older_program_left_it(&world.database(), 1, &tables);
    let store = SqliteStore::open(&world.database(), None).unwrap();
    let letters = store.inbox(session, 0, 10).unwrap();
    drop(store);
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].cursor, 1);
    world.start().await;
    assert_eq!(tablet.answer(&world, 0).await, answer);
    let change = central::OfficerChange {
        unit: Some("2".into()),
        ..Default::default()
    };
    let officer = tablet.session().officer.id;
    world.admin().change_officer(officer, &change).unwrap();
    let page = tablet.inbox(&world, 1, 0).await.unwrap();
    assert!(matches!(
        page.messages[0].body,
        MessageBody::OfficerChanged { .. }
    ));
    assert!(page.messages[0].cursor > 1);
    assert!(!tablet.roster(&world).await.entries.is_empty());
}

#[tokio::test]
async fn what_was_assessed_before_there_were_reports_is_counted_after_a_restart() {
    let mut world = World::new().await;
    let week = a_week(&world).await;
    let before = of_period(&world, &week.commander, week.began, 7).await;
    let seen = |world: &World| {
        let mut flags: Vec<_> = world
            .admin()
            .devices()
            .unwrap()
            .into_iter()
            .map(|device| world.admin().archive().device_flags(device.id).unwrap())
            .collect();
        flags.sort();
        let entries = world.admin().audit_entries(1_000).unwrap();
        let entries = entries.into_iter();
        let entries = entries.filter(|e| e.event != central::audit::AuditEvent::ReportRead);
        (flags, entries.collect::<Vec<_>>())
    };
    let seen_before = seen(&world);
    let inbox = week.commander.inbox(&world, 0, 0).await.unwrap();
    world.config.listen = world.central().local_addr();
    world.stop().await;
    let tables = [
        "device",
        "officer",
        "session",
        "batch",
        "envelope",
        "envelope_flag",
        "encounter",
        "question",
        "message",
        "duty",
        "desk_matter",
        "decision",
        "person",
        "document",
        "audit",
    ];
    as_an_older_program_left_it(&world.database(), 3, &tables);
    // Nobody looks again while somebody else assesses.
    let turn = std::fs::File::create(world.config.data_dir.join("assess.lock")).unwrap();
    turn.lock().unwrap();
    // The server's certificate begins by the real clock.
    let now = world.clock.now();
    world.clock.set(week.began);
    world.start().await;
    world.clock.set(now);
    let missing = of_period(&world, &week.commander, week.began, 7).await;
    assert_eq!(missing.totals.encounters, 0);
    assert_eq!(
        missing.pending,
        9 + 7,
        "encounters and sessions, and it says so"
    );
    drop(turn);
    let mut after = missing;
    for _ in 0..200 {
        if after.pending == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        after = of_period(&world, &week.commander, week.began, 7).await;
    }
    assert_eq!(after.made_at, before.made_at);
    assert_eq!(
        serde_json::to_value(&after).unwrap(),
        serde_json::to_value(&before).unwrap()
    );
    assert!(seen(&world) == seen_before, "nothing else is other");
    let inbox_after = week.commander.inbox(&world, 0, 0).await.unwrap();
    assert_eq!(inbox_after, inbox);
}

/// A database of the program that knew neither incidents nor custody, with a decision in it.
fn before_incidents(path: &std::path::Path, application: i64) {
    let c = Connection::open(path).unwrap();
    for sql in [
        include_str!("../../migrations/0001_first.sql"),
        include_str!("../../migrations/0002_access_and_captures.sql"),
        include_str!("../../migrations/0003_duty_desk.sql"),
    ] {
        c.execute_batch(sql).unwrap();
    }
    c.execute_batch(
        "INSERT INTO device (id, name, journal_key, enrolled_at)
             VALUES (x'01010101010101010101010101010101', 't', x'04', 1);
         INSERT INTO officer (id, login, password, name, rank, unit, role)
             VALUES (x'05050505050505050505050505050505', 'a', 'x', 'N', 'R', '1', 'duty');
         INSERT INTO session (id, device, officer, token, opened_at, lease_until)
             VALUES (x'0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b', x'01010101010101010101010101010101',
                     x'05050505050505050505050505050505', x'00', 1, 10000);
         INSERT INTO desk_matter (id, session, kind, open)
             VALUES (x'29292929292929292929292929292929', x'0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b',
                     'pause', 0);
         INSERT INTO decision (matter, kind, event, officer, device, seq, at)
             VALUES (x'29292929292929292929292929292929', 'pause_decided',
                     '{\"event\":\"pause_decided\",\"pause\":\"29292929-2929-2929-2929-292929292929\",\"granted\":true}',
                     x'05050505050505050505050505050505', x'01010101010101010101010101010101', 7, 2);",
    )
    .unwrap();
    c.pragma_update(None, "user_version", 3).unwrap();
    c.pragma_update(None, "application_id", application)
        .unwrap();
}

#[test]
fn decisions_of_the_third_schema_still_count() {
    let dir = tempfile::tempdir().unwrap();
    let new = dir.path().join("new.db");
    drop(SqliteStore::create(&new, None).unwrap());
    let application: i64 = Connection::open(&new)
        .unwrap()
        .pragma_query_value(None, "application_id", |r| r.get(0))
        .unwrap();
    let path = dir.path().join("old.db");
    before_incidents(&path, application);
    let store = SqliteStore::open(&path, None).unwrap();
    let rows = store
        .board(&central::store::BoardRequest {
            unit: "1".into(),
            role: protocol::Role::Duty,
            now: regulation::Timestamp(10),
            since: regulation::Timestamp(0),
            sessions: 10,
            rows: 10,
        })
        .unwrap();
    let pause = regulation::PauseId(uuid::Uuid::from_bytes([0x29; 16]));
    assert!(rows.sessions[0].is_decided(pause));
    drop(store);
    let broken: i64 = Connection::open(&path)
        .unwrap()
        .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |r| {
            r.get(0)
        })
        .unwrap();
    assert_eq!(broken, 0);
}

#[tokio::test]
async fn late_answers_and_reports_of_the_fifth_schema_are_at_the_desk() {
    let mut world = World::new().await;
    let desk = world.at_the_desk("d", "1").await;
    let mut tablet = world.on_duty("a").await;
    world.admin().import(&registers(), [person(1)]).unwrap();
    let encounter = new_encounter();
    let mut envelopes = tablet.opened(&world, encounter);
    let (question, envelope) = tablet.ask(&world, encounter, by_document("ZZ0000001"));
    envelopes.push(envelope);
    let reported = regulation::incident::Event::Reported {
        incident: regulation::IncidentId(uuid::Uuid::new_v4()),
        report: crate::incidents::report(&world),
    };
    envelopes.push(tablet.incident(&world, reported));
    tablet.send(&world, envelopes).await.unwrap();
    tablet.answer(&world, 0).await;
    // Fetched and not confirmed: the next log-in ends the session.
    let next = tablet.try_log_in(&world, "a", crate::support::PASSWORD);
    next.await.unwrap();
    world.config.listen = world.central().local_addr();
    world.stop().await;
    let tables = [
        "device",
        "officer",
        "session",
        "batch",
        "envelope",
        "encounter",
        "encounter_figures",
        "question",
        "message",
        "duty_answer",
        "desk_matter",
        "decision",
        "incident",
        "hold",
        "person",
        "document",
        "audit",
    ];
    as_an_older_program_left_it(&world.database(), 5, &tables);
    world.start().await;
    let board = crate::desk::now(&world, &desk).await;
    let late = board.alerts.iter().any(|alert| {
        matches!(alert.kind, protocol::AlertKind::LateAnswer { question: id, wanted: true, .. }
            if id == question)
    });
    let incident =
        |alert: &protocol::Alert| matches!(alert.kind, protocol::AlertKind::Incident { .. });
    assert!(late && board.alerts.iter().any(incident));
    let c = Connection::open(world.database()).unwrap();
    let broken = "SELECT count(*) FROM pragma_foreign_key_check";
    let broken: i64 = c.query_row(broken, [], |row| row.get(0)).unwrap();
    assert_eq!(broken, 0);
}
