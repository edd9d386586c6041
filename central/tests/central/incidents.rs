//! Incident reports (§22) over the network: from the officer to the desk, and what is held with them.

use crate::desk::{flags, kinds, now, on_patrol, recording};
use crate::outbox::copy;
use crate::support::*;
use central::audit::AuditEvent;
use central::store::ArchiveFlag;
use protocol::{
    AlertKind, ApiError, DeskEvent, ErrorCode, HeldRecording, IncidentView, MessageBody, Role, path,
};
use regulation::incident::{AddressedTo, Event, Report};
use regulation::{EncounterId, IncidentId, QuestionId, Timestamp};
use std::time::{Duration, Instant};
use uuid::Uuid;

const MINUTE: u64 = 60_000;

pub fn report(world: &World) -> Report {
    Report {
        kind: "dispute".into(),
        to: AddressedTo::DutyUnit,
        happened_at: world.clock.now(),
        place: "bozor".into(),
        encounter: None,
        people: Vec::new(),
        text: "invented".into(),
        photos: Vec::new(),
    }
}

fn new_incident() -> IncidentId {
    IncidentId(Uuid::new_v4())
}

fn reported(incident: IncidentId, report: Report) -> Event {
    Event::Reported { incident, report }
}

fn more(incident: IncidentId, text: &str) -> Event {
    Event::Supplemented {
        incident,
        text: text.into(),
        photos: Vec::new(),
    }
}

async fn tell(world: &World, tablet: &mut Tablet, event: Event) {
    let envelope = tablet.incident(world, event);
    tablet.send(world, vec![envelope]).await.unwrap();
}

async fn decided<const N: usize>(world: &World, desk: &mut Tablet, events: [DeskEvent; N]) {
    let envelopes = events.map(|event| desk.decide(world, event)).into();
    desk.send(world, envelopes).await.unwrap();
}

/// A patrol with a bodycam has reported a dispute.
async fn with_report(world: &World) -> (Tablet, IncidentId) {
    let mut patrol = on_patrol(world, "a").await;
    let incident = new_incident();
    tell(world, &mut patrol, reported(incident, report(world))).await;
    (patrol, incident)
}

async fn view(
    world: &World,
    desk: &Tablet,
    incident: IncidentId,
) -> Result<IncidentView, ApiError> {
    let url = world.url(&path::incident(incident));
    let request = desk.client.get(url).bearer_auth(&desk.session().token);
    reply(request.send().await.unwrap()).await
}

async fn told(world: &World, tablet: &Tablet) -> Vec<MessageBody> {
    let page = tablet.inbox(world, 0, 0).await.unwrap();
    page.messages.into_iter().map(|m| m.body).collect()
}

/// `received`, `asked`, `supplements` and `class` of the only alert.
async fn stands(world: &World, desk: &Tablet) -> (bool, bool, u32, Option<String>) {
    match &kinds(&now(world, desk).await)[..] {
        [
            AlertKind::Incident {
                received,
                asked,
                supplements,
                class,
                ..
            },
        ] => (*received, *asked, *supplements, class.clone()),
        other => panic!("{} alerts", other.len()),
    }
}

fn asks(incident: IncidentId) -> DeskEvent {
    DeskEvent::IncidentAsked {
        incident,
        text: "kim koʻrdi?".into(),
    }
}

fn classified(incident: IncidentId, class: &str) -> DeskEvent {
    let class = class.into();
    DeskEvent::IncidentClassified { incident, class }
}

fn closed(incident: IncidentId) -> DeskEvent {
    DeskEvent::IncidentClosed {
        incident,
        how: "invented".into(),
    }
}

fn linked(incident: IncidentId, from: i64, to: i64) -> DeskEvent {
    DeskEvent::IncidentLinked {
        incident,
        camera: "BC-0777".parse().unwrap(),
        from: Timestamp(from),
        to: Timestamp(to),
    }
}

fn audited(world: &World, event: AuditEvent) -> usize {
    let entries = world.admin().audit_entries(1000).unwrap();
    entries.iter().filter(|entry| entry.event == event).count()
}

#[tokio::test]
async fn a_report_goes_from_the_officer_to_the_desk_and_through_its_hands() {
    let world = World::new().await;
    let mut desk = world.at_the_desk("d", "1").await;
    let mut patrol = on_patrol(&world, "a").await;
    let before = now(&world, &desk).await;
    let url = format!(
        "{}?after={}&wait_ms=20000",
        world.url(path::DESK),
        before.version
    );
    let request = desk.client.get(url).bearer_auth(&desk.session().token);
    let started = Instant::now();
    let waited =
        tokio::spawn(
            async move { reply::<protocol::DeskBoard>(request.send().await.unwrap()).await },
        );
    tokio::time::sleep(Duration::from_millis(200)).await;
    let incident = new_incident();
    let its = report(&world);
    tell(&world, &mut patrol, reported(incident, its.clone())).await;
    let board = waited.await.unwrap().unwrap();
    assert!(started.elapsed() < Duration::from_secs(10));
    let shown = AlertKind::Incident {
        incident,
        report: Box::new(its.clone()),
        received: false,
        asked: false,
        supplements: 0,
        class: None,
        held: 1,
    };
    assert!(kinds(&board) == [shown]);
    assert_eq!(board.alerts[0].session, patrol.session().session);

    let received = DeskEvent::IncidentReceived { incident };
    decided(&world, &mut desk, [received.clone(), asks(incident)]).await;
    assert_eq!(stands(&world, &desk).await, (true, true, 0, None));
    tell(&world, &mut patrol, more(incident, "ikki kishi")).await;
    assert_eq!(stands(&world, &desk).await, (true, false, 1, None));
    decided(&world, &mut desk, [asks(incident)]).await;
    assert!(stands(&world, &desk).await.1, "asked again");
    let first = classified(incident, "administrative_offence");
    let second = classified(incident, "crime");
    decided(&world, &mut desk, [first.clone(), second.clone()]).await;
    let class = Some("crime".into());
    assert_eq!(stands(&world, &desk).await, (true, true, 1, class));
    decided(&world, &mut desk, [closed(incident)]).await;
    assert!(now(&world, &desk).await.alerts.is_empty());
    let text = "kim koʻrdi?".to_owned();
    let at = world.clock.now();
    let asked = MessageBody::IncidentAsked { incident, at, text };
    let expected = [
        MessageBody::IncidentReceived { incident },
        asked.clone(),
        asked,
        MessageBody::IncidentClosed { incident },
    ];
    assert!(told(&world, &patrol).await == expected);

    let seen = view(&world, &desk, incident).await.unwrap();
    assert!(seen.closed && seen.incident.report == its);
    assert_eq!(seen.incident.supplements[0].text, "ikki kishi");
    assert_eq!(
        (seen.name.as_str(), seen.rank.as_str()),
        ("Namunayev Namuna", "serjant")
    );
    let history: Vec<_> = seen.history.into_iter().map(|step| step.event).collect();
    let all = [
        received.clone(),
        asks(incident),
        asks(incident),
        first,
        second,
        closed(incident),
    ];
    assert!(history == all);
    // Once, and nothing after it.
    let late = [
        received,
        asks(incident),
        classified(incident, "crime"),
        closed(incident),
    ];
    decided(&world, &mut desk, late).await;
    let too_late = |seq| (seq, ArchiveFlag::DecidedAlready);
    assert_eq!(flags(&world, &desk), [7, 8, 9, 10].map(too_late));
    assert_eq!(told(&world, &patrol).await.len(), 4);
    for (event, count) in [
        (AuditEvent::IncidentReceived, 1),
        (AuditEvent::IncidentAsked, 2),
        (AuditEvent::IncidentClassified, 2),
        (AuditEvent::IncidentClosed, 1),
        (AuditEvent::IncidentRead, 1),
        (AuditEvent::DecisionRefused, 4),
    ] {
        assert_eq!(audited(&world, event), count, "{event:?}");
    }
    assert_eq!(flags(&world, &patrol), []);
}

#[tokio::test]
async fn what_a_report_holds_is_held_at_once_and_stays_through_closing_and_a_restart() {
    let mut world = World::new().await;
    let mut desk = world.at_the_desk("d", "1").await;
    let mut patrol = world.on_duty("a").await;
    world.clock.advance(Duration::from_secs(3600));
    let (start, incident) = (world.clock.now(), new_incident());
    let cameras = recording(&world, &mut patrol);
    world.clock.advance(Duration::from_secs(3600));
    let happened = world.clock.now();
    let mut its = report(&world);
    its.happened_at = happened;
    world.clock.advance(Duration::from_secs(300));
    let told_at = world.clock.now();
    let envelope = patrol.incident(&world, reported(incident, its));
    // The report comes before the bodycam's own facts.
    patrol.send(&world, vec![envelope]).await.unwrap();
    assert!(view(&world, &desk, incident).await.unwrap().held.is_empty());
    patrol.send(&world, cameras).await.unwrap();
    let camera = "BC-0001".parse().unwrap();
    let own = HeldRecording {
        camera,
        from: Timestamp(happened.0 - 30 * MINUTE as i64),
        to: told_at,
    };
    assert!(own.from > start);
    assert_eq!(
        view(&world, &desk, incident).await.unwrap().held,
        std::slice::from_ref(&own)
    );
    // Handed back, and another one received: what is held stays, and nothing later joins it.
    world.clock.advance(Duration::from_secs(60));
    let off = patrol.bodycam(&world, regulation::bodycam::Event::SwitchedOff);
    let battery_percent = None;
    let back = regulation::bodycam::Event::Returned { battery_percent };
    let back = patrol.bodycam(&world, back);
    let another = regulation::bodycam::Event::Received {
        camera: "BC-0002".parse().unwrap(),
        battery_percent: 90,
        battery: None,
        emptied: true,
        worn: true,
    };
    let another = patrol.bodycam(&world, another);
    patrol.send(&world, vec![off, back, another]).await.unwrap();
    assert_eq!(
        view(&world, &desk, incident).await.unwrap().held,
        std::slice::from_ref(&own)
    );
    let day = 24 * 60 * MINUTE as i64;
    let link = linked(incident, 5 * day, 7 * day);
    decided(&world, &mut desk, [link, closed(incident)]).await;
    let more = HeldRecording {
        camera: "BC-0777".parse().unwrap(),
        from: Timestamp(5 * day),
        to: Timestamp(7 * day),
    };
    let both = [more, own];
    let before = view(&world, &desk, incident).await.unwrap();
    assert_eq!(before.held, both);
    world.config.listen = world.central().local_addr();
    world.stop().await;
    world.start().await;
    assert!(view(&world, &desk, incident).await.unwrap() == before);
    assert_eq!(audited(&world, AuditEvent::IncidentLinked), 1);
}

#[tokio::test]
async fn two_desks_that_take_a_report_in_at_once_are_one() {
    let world = World::new().await;
    let mut first = world.at_the_desk("d", "1").await;
    let mut second = world.at_the_desk("e", "1").await;
    let (patrol, incident) = with_report(&world).await;
    let received = DeskEvent::IncidentReceived { incident };
    let one = first.decide(&world, received.clone());
    let other = second.decide(&world, received);
    let (one, other) = tokio::join!(
        first.send(&world, vec![one]),
        second.send(&world, vec![other])
    );
    one.unwrap();
    other.unwrap();
    let raised = [flags(&world, &first), flags(&world, &second)].concat();
    assert_eq!(raised, [(1, ArchiveFlag::DecidedAlready)]);
    assert_eq!(told(&world, &patrol).await.len(), 1);
    let seen = view(&world, &first, incident).await.unwrap();
    assert_eq!(seen.history.len(), 1);
}

#[tokio::test]
async fn an_incident_is_for_its_unit_and_for_the_roles_that_deal_with_it() {
    let world = World::new().await;
    let mut theirs = world.at_the_desk("t", "2").await;
    let (patrol, incident) = with_report(&world).await;
    assert!(now(&world, &theirs).await.alerts.is_empty());
    let refused = view(&world, &theirs, incident).await;
    assert_eq!(code(refused), ErrorCode::NotFound);
    decided(
        &world,
        &mut theirs,
        [DeskEvent::IncidentReceived { incident }],
    )
    .await;
    assert_eq!(flags(&world, &theirs), [(1, ArchiveFlag::NotEntitled)]);
    assert_eq!(
        code(view(&world, &patrol, incident).await),
        ErrorCode::NotAllowed
    );
    for (login, role, may) in [
        ("r", Role::Responsible, false),
        ("l", Role::Logistics, false),
        ("m", Role::Monitoring, true),
        ("c", Role::Commander, true),
    ] {
        world.officer_as(login, "1", role);
        let mut tablet = world.tablet().await;
        tablet.log_in(&world, login).await;
        let shown = now(&world, &tablet).await.alerts.len();
        assert_eq!(shown, usize::from(may), "{login}");
        let seen = view(&world, &tablet, incident).await;
        if may {
            seen.unwrap();
        } else {
            assert_eq!(code(seen), ErrorCode::NotAllowed);
            decided(
                &world,
                &mut tablet,
                [DeskEvent::IncidentReceived { incident }],
            )
            .await;
            assert_eq!(flags(&world, &tablet), [(1, ArchiveFlag::NotEntitled)]);
        }
    }
    assert_eq!(audited(&world, AuditEvent::IncidentRead), 2);
    let desk = world.at_the_desk("d", "1").await;
    let unknown = view(&world, &desk, new_incident()).await;
    assert_eq!(code(unknown), ErrorCode::NotFound);
    let url = world.url("/v1/incident/1");
    let request = desk.client.get(url).bearer_auth(&desk.session().token);
    let refused = reply::<IncidentView>(request.send().await.unwrap()).await;
    assert_eq!(code(refused), ErrorCode::Malformed);
    let url = world.url(&path::incident(incident));
    let no_token = desk.client.get(url).send().await.unwrap();
    let refused = reply::<IncidentView>(no_token).await;
    assert_eq!(code(refused), ErrorCode::SessionUnknown);
}

#[tokio::test]
async fn the_monitoring_group_decides_on_no_bodycam_and_sees_none_of_their_alerts() {
    let world = World::new().await;
    world.officer_as("m", "1", Role::Monitoring);
    let mut monitoring = world.tablet().await;
    monitoring.log_in(&world, "m").await;
    let mut patrol = on_patrol(&world, "a").await;
    let pause = crate::desk::new_pause();
    crate::desk::happened(&world, &mut patrol, [crate::desk::asked(pause)]).await;
    assert!(now(&world, &monitoring).await.alerts.is_empty());
    decided(&world, &mut monitoring, [crate::desk::word(pause, true)]).await;
    assert_eq!(flags(&world, &monitoring), [(1, ArchiveFlag::NotEntitled)]);
    assert!(told(&world, &patrol).await.is_empty());
}

#[tokio::test]
async fn people_come_from_centrals_own_answers_of_that_encounter_alone() {
    let world = World::new().await;
    let desk = world.at_the_desk("d", "1").await;
    let mut patrol = world.on_duty("a").await;
    world
        .admin()
        .import(&registers(), [person(1), person(2)])
        .unwrap();
    let mut questions = Vec::new();
    let mut encounters: Vec<EncounterId> = Vec::new();
    for number in ["ZZ0000001", "ZZ0000002", "ZZ0000009"] {
        let encounter = new_encounter();
        let mut envelopes = patrol.opened(&world, encounter);
        let (id, asked) = patrol.ask(&world, encounter, by_document(number));
        envelopes.push(asked);
        patrol.send(&world, envelopes).await.unwrap();
        patrol.answer(&world, questions.len() as u64).await;
        encounters.push(encounter);
        questions.push(id);
    }
    let strange = QuestionId(Uuid::new_v4());
    let incident = new_incident();
    let mut its = report(&world);
    its.encounter = Some(encounters[0]);
    // Of another encounter, one that found nobody, and one that is none.
    its.people = vec![questions[0], questions[1], questions[2], strange];
    tell(&world, &mut patrol, reported(incident, its)).await;
    let people = view(&world, &desk, incident).await.unwrap().people;
    let named: Vec<_> = people
        .iter()
        .map(|p| p.person.as_ref().map(|person| person.name.surname.clone()))
        .collect();
    assert_eq!(named, [Some("Namunayev1".into()), None, None, None]);
    assert_eq!(people[3].question, Some(strange));
    assert_eq!(flags(&world, &patrol), []);
}

#[tokio::test]
async fn a_report_of_another_officers_encounter_stays_and_is_flagged() {
    let world = World::new().await;
    let desk = world.at_the_desk("d", "1").await;
    let mut other = world.on_duty("b").await;
    let mut patrol = world.on_duty("a").await;
    let theirs = new_encounter();
    let envelopes = other.opened(&world, theirs);
    other.send(&world, envelopes).await.unwrap();
    let mut its = report(&world);
    its.encounter = Some(theirs);
    tell(&world, &mut patrol, reported(new_incident(), its)).await;
    // One's own that comes later than the report.
    let own = new_encounter();
    let envelopes = patrol.opened(&world, own);
    let mut its = report(&world);
    its.encounter = Some(own);
    tell(&world, &mut patrol, reported(new_incident(), its)).await;
    let foreign = ArchiveFlag::IncidentOfOtherEncounter;
    assert_eq!(flags(&world, &patrol), [(1, foreign), (6, foreign)]);
    patrol.send(&world, envelopes).await.unwrap();
    assert_eq!(flags(&world, &patrol), [(1, foreign)]);
    assert_eq!(now(&world, &desk).await.alerts.len(), 2);
}

#[tokio::test]
async fn reports_and_decisions_that_are_none_are_stored_and_flagged() {
    let world = World::new().await;
    let mut desk = world.at_the_desk("d", "1").await;
    let (mut patrol, incident) = with_report(&world).await;
    let bad = |change: &dyn Fn(&mut Report)| {
        let mut its = report(&world);
        change(&mut its);
        reported(new_incident(), its)
    };
    let later = world.clock.now().plus_millis(1);
    for event in [
        bad(&|r| r.text = " ".into()),
        bad(&|r| r.text = "a".repeat(4001)),
        bad(&|r| r.place = String::new()),
        bad(&|r| r.kind = "flood".into()),
        bad(&|r| r.happened_at = later),
        reported(incident, report(&world)),
        more(incident, &"a".repeat(4001)),
        more(new_incident(), "a"),
    ] {
        tell(&world, &mut patrol, event).await;
    }
    let out = |seq| (seq, ArchiveFlag::IncidentOutOfOrder);
    assert_eq!(flags(&world, &patrol), [4, 5, 6, 7, 8, 9, 10, 11].map(out));
    assert_eq!(stands(&world, &desk).await, (false, false, 0, None));
    let day = 24 * 60 * MINUTE as i64;
    let asked = |text: String| DeskEvent::IncidentAsked { incident, text };
    let how = "a".repeat(501);
    let events = [
        asked(" ".into()),
        asked("a".repeat(501)),
        classified(incident, "flood"),
        linked(incident, 2, 1),
        linked(incident, 0, 2 * day + 1),
        DeskEvent::IncidentClosed { incident, how },
        DeskEvent::IncidentReceived {
            incident: new_incident(),
        },
    ];
    decided(&world, &mut desk, events).await;
    let mut expected = Vec::from([1, 2, 3, 4, 5, 6].map(|n| (n, ArchiveFlag::DecisionIncomplete)));
    expected.push((7, ArchiveFlag::DecidesUnknown));
    assert_eq!(flags(&world, &desk), expected);
    assert!(told(&world, &patrol).await.is_empty());
    let seen = view(&world, &desk, incident).await.unwrap();
    assert!(seen.history.is_empty() && !seen.closed);
    // A supplement that comes before its report is none until the report is there.
    let incident = new_incident();
    let first = patrol.incident(&world, reported(incident, report(&world)));
    tell(&world, &mut patrol, more(incident, "keyin")).await;
    assert!(flags(&world, &patrol).contains(&out(13)));
    patrol.send(&world, vec![first]).await.unwrap();
    assert!(!flags(&world, &patrol).contains(&out(13)));
    let seen = view(&world, &desk, incident).await.unwrap();
    assert_eq!(seen.incident.supplements.len(), 1);
    // Nor does an encounter on the envelope make it one.
    let recorded = regulation::incident::Recorded {
        at: world.clock.now(),
        event: reported(new_incident(), report(&world)),
    };
    let fact = patrol.fact(&world, protocol::FactKind::Incident { recorded });
    let named = patrol.seal(Some(new_encounter()), &fact);
    patrol.send(&world, vec![named]).await.unwrap();
    assert!(flags(&world, &patrol).contains(&(14, ArchiveFlag::EncounterNamed)));
    assert_eq!(now(&world, &desk).await.alerts.len(), 2);
}

#[tokio::test]
async fn an_incident_stays_on_the_board_when_its_shift_is_long_over() {
    let world = World::new().await;
    let (mut patrol, incident) = with_report(&world).await;
    patrol.log_in(&world, "a").await;
    let mut desk = world.at_the_desk("d", "1").await;
    world.clock.advance(Duration::from_secs(3 * 24 * 3600));
    desk.log_in(&world, "d").await;
    let board = now(&world, &desk).await;
    assert_eq!((board.alerts.len(), board.on_duty.len()), (1, 1));
    let received = DeskEvent::IncidentReceived { incident };
    decided(&world, &mut desk, [received, closed(incident)]).await;
    assert!(now(&world, &desk).await.alerts.is_empty());
    assert_eq!(flags(&world, &desk), []);
}

#[tokio::test]
async fn a_restored_central_makes_the_same_of_what_its_replica_has() {
    let mut world = World::new().await;
    let mut desk = world.at_the_desk("d", "1").await;
    let mut patrol = world.on_duty("a").await;
    let mut other = world.on_duty("b").await;
    world.stop().await;
    let backup = world.dir.path().join("backup");
    copy(&world.config.data_dir, &backup);
    world.start().await;
    let cameras = recording(&world, &mut patrol);
    patrol.send(&world, cameras).await.unwrap();
    let (answered, open) = (new_incident(), new_incident());
    for incident in [answered, open] {
        tell(&world, &mut patrol, reported(incident, report(&world))).await;
        let received = DeskEvent::IncidentReceived { incident };
        decided(&world, &mut desk, [received, asks(incident)]).await;
        let classes = ["no_signs", "crime"].map(|class| classified(incident, class));
        decided(&world, &mut desk, classes).await;
    }
    tell(&world, &mut patrol, more(answered, "ikki kishi")).await;
    // A tablet's custody as well.
    let held = regulation::CustodyId(Uuid::new_v4());
    let taken = |custody| regulation::custody::Event::TakenOver {
        custody,
        from: regulation::custody::Party::Place { place: "1".into() },
        readiness: regulation::custody::Readiness {
            checks: vec![regulation::custody::Check {
                kind: regulation::custody::CheckKind::Camera,
                level: regulation::custody::Level::Ready,
                value: None,
            }],
        },
        condition: regulation::custody::Condition::default(),
        overridden: None,
    };
    let first = other.custody(&world, taken(regulation::CustodyId(Uuid::new_v4())));
    other.send(&world, vec![first]).await.unwrap();
    let before = now(&world, &desk).await;
    let views = [
        view(&world, &desk, answered).await.unwrap(),
        view(&world, &desk, open).await.unwrap(),
    ];
    let asked = |board: &protocol::DeskBoard| {
        let alerts = kinds(board).into_iter().map(|kind| match kind {
            AlertKind::Incident {
                incident,
                asked,
                class,
                ..
            } => (incident, asked, class),
            _ => panic!("another alert"),
        });
        let mut alerts: Vec<_> = alerts.collect();
        alerts.sort();
        alerts
    };
    let mut expected = vec![
        (answered, false, Some("crime".to_owned())),
        (open, true, Some("crime".to_owned())),
    ];
    expected.sort();
    assert_eq!(asked(&before), expected);
    world.stop().await;
    std::fs::remove_dir_all(&world.config.data_dir).unwrap();
    copy(&backup, &world.config.data_dir);
    world.config.listen = "127.0.0.1:0".parse().unwrap();
    world.start().await;
    // It is assessed in the background.
    for _ in 0..100 {
        if now(&world, &desk).await.alerts.len() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let after = now(&world, &desk).await;
    assert_eq!(asked(&after), expected);
    let again = [
        view(&world, &desk, answered).await.unwrap(),
        view(&world, &desk, open).await.unwrap(),
    ];
    assert!(again == views);
    let holders = |board: &protocol::DeskBoard| {
        let mut rows = board.tablets.clone();
        rows.sort_by_key(|row| row.device);
        rows.into_iter().map(|row| row.holder).collect::<Vec<_>>()
    };
    assert!(holders(&after) == holders(&before));
    // And goes on from there.
    other.log_in(&world, "a").await;
    let second = other.custody(&world, taken(held));
    other.send(&world, vec![second]).await.unwrap();
    assert!(kinds(&now(&world, &desk).await).iter().any(
        |kind| matches!(kind, AlertKind::CustodyConflict { custody, .. } if *custody == held)
    ));
}
