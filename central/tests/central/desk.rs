//! The duty desk (§4, §20, §21) over the network: boards, decisions, and who may look and decide.

use crate::support::*;
use central::audit::AuditEvent;
use central::store::ArchiveFlag;
use protocol::{
    Alert, AlertKind, ApiError, DeskBoard, DeskEvent, Envelope, ErrorCode, FactKind, MessageBody,
    Role, SessionEvent, path,
};
use regulation::bodycam::{DeviceOwner, Event, PermittedBy, Status};
use regulation::{FaultId, PauseId};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use uuid::Uuid;

/// Received and switched on.
pub fn recording(world: &World, tablet: &mut Tablet) -> Vec<Envelope> {
    recording_with(world, tablet, "BC-0001")
}

fn recording_with(world: &World, tablet: &mut Tablet, camera: &str) -> Vec<Envelope> {
    let received = Event::Received {
        camera: camera.parse().unwrap(),
        battery_percent: 90,
        battery: None,
        emptied: true,
        worn: true,
    };
    [received, Event::SwitchedOn]
        .map(|event| tablet.bodycam(world, event))
        .into()
}

pub fn new_pause() -> PauseId {
    PauseId(Uuid::new_v4())
}

pub fn new_fault() -> FaultId {
    FaultId(Uuid::new_v4())
}

pub fn asked(pause: PauseId) -> Event {
    Event::PauseAsked {
        pause,
        why: "meal".into(),
        minutes: 30,
    }
}

pub fn by_voice(pause: PauseId) -> Event {
    Event::PausePermittedByVoice {
        pause,
        by: PermittedBy::DutyUnit,
        name: "Namunayev".into(),
    }
}

pub fn faulted(fault: FaultId) -> Event {
    Event::Faulted {
        fault,
        what: "not_recording".into(),
        note: Some("invented".into()),
    }
}

pub fn word(pause: PauseId, granted: bool) -> DeskEvent {
    DeskEvent::PauseDecided { pause, granted }
}

/// Records events of the bodycam and sends them.
pub async fn happened<const N: usize>(world: &World, tablet: &mut Tablet, events: [Event; N]) {
    let envelopes = events.map(|event| tablet.bodycam(world, event)).into();
    tablet.send(world, envelopes).await.unwrap();
}

pub async fn decided(world: &World, desk: &mut Tablet, event: DeskEvent) {
    let envelope = desk.decide(world, event);
    desk.send(world, vec![envelope]).await.unwrap();
}

/// A patrol whose bodycam records: BC-0001 of "a", others of others.
pub async fn on_patrol(world: &World, login: &str) -> Tablet {
    let mut patrol = world.on_duty(login).await;
    let camera = match login {
        "a" => "BC-0001".to_owned(),
        other => format!("BC-100{other}"),
    };
    let envelopes = recording_with(world, &mut patrol, &camera);
    patrol.send(world, envelopes).await.unwrap();
    patrol
}

pub async fn now(world: &World, desk: &Tablet) -> DeskBoard {
    desk.board(world, "", 0).await.unwrap()
}

pub fn kinds(board: &DeskBoard) -> Vec<AlertKind> {
    board
        .alerts
        .iter()
        .map(|alert| alert.kind.clone())
        .collect()
}

pub fn flags(world: &World, tablet: &Tablet) -> Vec<(u64, ArchiveFlag)> {
    let archive = world.admin().archive();
    archive.device_flags(tablet.device()).unwrap()
}

fn wants(pause: PauseId) -> AlertKind {
    AlertKind::PauseAsked {
        pause,
        why: "meal".into(),
        minutes: 30,
    }
}

/// A board that is waited for while something else happens.
fn waiting(world: &World, desk: &Tablet, after: &str) -> JoinHandle<Result<DeskBoard, ApiError>> {
    let url = format!("{}?after={after}&wait_ms=20000", world.url(path::DESK));
    let request = desk.client.get(url).bearer_auth(&desk.session().token);
    tokio::spawn(async move { reply(request.send().await.unwrap()).await })
}

async fn soon<T>(since: Instant, waited: JoinHandle<T>) -> T {
    let got = waited.await.unwrap();
    assert!(since.elapsed() < Duration::from_secs(10));
    got
}

#[tokio::test]
async fn a_pause_that_is_asked_for_reaches_the_waiting_desk_and_its_word_the_waiting_officer() {
    let world = World::new().await;
    let mut desk = world.at_the_desk("d", "1").await;
    let mut patrol = on_patrol(&world, "a").await;
    let before = now(&world, &desk).await;
    assert!(before.alerts.is_empty());
    let started = Instant::now();
    let waited = waiting(&world, &desk, &before.version);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let pause = new_pause();
    happened(&world, &mut patrol, [asked(pause)]).await;
    let board = soon(started, waited).await.unwrap();
    assert_ne!(board.version, before.version);
    assert_eq!(kinds(&board), [wants(pause)]);
    let alert = &board.alerts[0];
    assert_eq!(alert.session, patrol.session().session);
    assert_eq!(alert.name, "Namunayev Namuna");
    let started = Instant::now();
    let (url, token) = (world.url(path::INBOX), &patrol.session().token);
    let request = patrol.client.get(format!("{url}?wait_ms=20000"));
    let request = request.bearer_auth(token);
    let inbox =
        tokio::spawn(
            async move { reply::<protocol::InboxPage>(request.send().await.unwrap()).await },
        );
    tokio::time::sleep(Duration::from_millis(200)).await;
    decided(&world, &mut desk, word(pause, true)).await;
    let page = soon(started, inbox).await.unwrap();
    let told = MessageBody::PauseDecided {
        pause,
        granted: true,
    };
    assert_eq!(page.messages[0].body, told);
    assert!(now(&world, &desk).await.alerts.is_empty());
    let events = [
        Event::PauseDecided {
            pause,
            granted: true,
        },
        Event::PauseBegan { pause },
    ];
    happened(&world, &mut patrol, events).await;
    let board = now(&world, &desk).await;
    let row = board
        .on_duty
        .iter()
        .find(|row| row.device == patrol.device());
    let row = row.unwrap();
    assert!(matches!(row.status, Status::Paused { pause: p, .. } if p == pause));
    assert_eq!((row.camera.clone(), row.flags), ("BC-0001".parse().ok(), 0));
    assert_eq!(flags(&world, &patrol), []);
    assert_eq!(flags(&world, &desk), []);
}

#[tokio::test]
async fn a_board_is_waited_for_and_its_version_stays_while_nothing_else_is_shown() {
    let world = World::new().await;
    let desk = world.at_the_desk("d", "1").await;
    let board = now(&world, &desk).await;
    let started = Instant::now();
    world.clock.advance(Duration::from_secs(5));
    let same = desk.board(&world, &board.version, 400).await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(400));
    assert_eq!(same.version, board.version);
    assert_eq!(same.now, world.clock.now(), "its clocks go on");
    assert_eq!(same.on_duty[0].heard_at, world.clock.now());
    // Log-ins, their end and a change of an officer are shown at once.
    let started = Instant::now();
    let waited = waiting(&world, &desk, &board.version);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let mut patrol = world.on_duty("a").await;
    let board = soon(started, waited).await.unwrap();
    assert_eq!(board.on_duty.len(), 2);
    let waited = waiting(&world, &desk, &board.version);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let change = central::OfficerChange {
        name: Some("Aliyev Ali".into()),
        ..Default::default()
    };
    let officer = patrol.session().officer.id;
    world.admin().change_officer(officer, &change).unwrap();
    let board = soon(started, waited).await.unwrap();
    assert_eq!(board.on_duty[0].name, "Aliyev Ali", "by name");
    let waited = waiting(&world, &desk, &board.version);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let event = SessionEvent::Ended;
    let fact = patrol.fact(&world, FactKind::Session { event });
    let ended = patrol.seal(None, &fact);
    patrol.send(&world, vec![ended]).await.unwrap();
    let board = soon(started, waited).await.unwrap();
    assert_eq!(board.on_duty.len(), 1);
}

#[tokio::test]
async fn of_two_desks_that_decide_at_once_one_counts_and_the_other_is_flagged() {
    let world = World::new().await;
    let mut first = world.at_the_desk("d", "1").await;
    let mut second = world.at_the_desk("e", "1").await;
    let mut patrol = on_patrol(&world, "a").await;
    for round in 0..4 {
        let pause = new_pause();
        happened(&world, &mut patrol, [asked(pause)]).await;
        let grants = first.decide(&world, word(pause, true));
        let refuses = second.decide(&world, word(pause, false));
        let (one, other) = tokio::join!(
            first.send(&world, vec![grants]),
            second.send(&world, vec![refuses])
        );
        one.unwrap();
        other.unwrap();
        let page = patrol.inbox(&world, round, 20_000).await.unwrap();
        assert_eq!(page.messages.len(), 1, "one word");
        let MessageBody::PauseDecided {
            pause: told,
            granted,
        } = page.messages[0].body
        else {
            panic!("another message")
        };
        assert_eq!(told, pause);
        let (counts, late) = if granted {
            (&first, &second)
        } else {
            (&second, &first)
        };
        let flag = (round + 1, ArchiveFlag::DecidedAlready);
        assert!(flags(&world, late).contains(&flag));
        assert!(!flags(&world, counts).contains(&flag));
        assert!(now(&world, &first).await.alerts.is_empty());
        let events = [
            Event::PauseDecided { pause, granted },
            Event::PauseWithdrawn { pause },
        ];
        happened(&world, &mut patrol, events).await;
    }
    let entries = world.admin().audit_entries(100).unwrap();
    let count = |event: &[AuditEvent]| entries.iter().filter(|e| event.contains(&e.event)).count();
    let decisions = [AuditEvent::PauseGranted, AuditEvent::PauseRefused];
    assert_eq!(count(&decisions), 4);
    assert_eq!(count(&[AuditEvent::DecisionRefused]), 4);
}

#[tokio::test]
async fn another_units_desk_sees_nothing_and_decides_nothing() {
    let world = World::new().await;
    let mut theirs = world.at_the_desk("d", "2").await;
    let desk = world.at_the_desk("e", "1").await;
    let mut patrol = on_patrol(&world, "a").await;
    let (pause, fault) = (new_pause(), new_fault());
    happened(&world, &mut patrol, [asked(pause), faulted(fault)]).await;
    let board = now(&world, &theirs).await;
    assert_eq!((board.on_duty.len(), board.alerts.len()), (1, 0));
    assert_eq!(board.on_duty[0].device, theirs.device());
    let closed = DeskEvent::FaultClosed {
        fault,
        how: "invented".into(),
    };
    for event in [word(pause, true), closed] {
        decided(&world, &mut theirs, event).await;
    }
    let not_theirs = ArchiveFlag::NotEntitled;
    assert_eq!(flags(&world, &theirs), [(1, not_theirs), (2, not_theirs)]);
    assert_eq!(now(&world, &desk).await.alerts.len(), 2);
    let page = patrol.inbox(&world, 0, 0).await.unwrap();
    assert!(page.messages.is_empty());
    // The officer goes over to the other unit, and so does what is open.
    let change = central::OfficerChange {
        unit: Some("2".into()),
        ..Default::default()
    };
    let officer = patrol.session().officer.id;
    world.admin().change_officer(officer, &change).unwrap();
    assert!(now(&world, &desk).await.alerts.is_empty());
    assert_eq!(now(&world, &theirs).await.alerts.len(), 2);
}

#[tokio::test]
async fn who_has_no_desk_or_would_decide_on_their_own_decides_nothing() {
    let world = World::new().await;
    let mut desk = world.at_the_desk("d", "1").await;
    let mut colleague = world.on_duty("b").await;
    let mut envelopes = recording(&world, &mut desk);
    let pause = new_pause();
    envelopes.push(desk.bodycam(&world, asked(pause)));
    envelopes.push(desk.decide(&world, word(pause, true)));
    desk.send(&world, envelopes).await.unwrap();
    decided(&world, &mut colleague, word(pause, true)).await;
    assert_eq!(flags(&world, &desk), [(4, ArchiveFlag::NotEntitled)]);
    assert_eq!(flags(&world, &colleague), [(1, ArchiveFlag::NotEntitled)]);
    assert_eq!(kinds(&now(&world, &desk).await), [wants(pause)]);
    // A commander may.
    world.officer_as("c", "1", Role::Commander);
    let mut commander = world.tablet().await;
    commander.log_in(&world, "c").await;
    decided(&world, &mut commander, word(pause, false)).await;
    assert_eq!(flags(&world, &commander), []);
    assert!(now(&world, &commander).await.alerts.is_empty());
}

#[tokio::test]
async fn a_lost_tablet_of_a_desk_decides_nothing() {
    let world = World::new().await;
    let mut lost = world.at_the_desk("d", "1").await;
    let desk = world.at_the_desk("e", "1").await;
    let mut patrol = on_patrol(&world, "a").await;
    let pause = new_pause();
    happened(&world, &mut patrol, [asked(pause)]).await;
    world.admin().report_lost(lost.device()).unwrap();
    decided(&world, &mut lost, word(pause, true)).await;
    assert_eq!(flags(&world, &lost), [(1, ArchiveFlag::NotEntitled)]);
    assert_eq!(kinds(&now(&world, &desk).await), [wants(pause)]);
    assert_eq!(code(lost.board(&world, "", 0).await), ErrorCode::DeviceLost);
}

#[tokio::test]
async fn the_board_is_for_the_roles_of_a_desk_and_for_open_sessions() {
    let world = World::new().await;
    let desk = world.at_the_desk("d", "1").await;
    let patrol = world.on_duty("a").await;
    assert_eq!(
        code(patrol.board(&world, "", 0).await),
        ErrorCode::NotAllowed
    );
    let token = desk.session().token.clone();
    for query in ["wait_ms=soon", "wait_ms=-1", "after=a&after=b"] {
        let refused = desk.board_as(&world, &token, query).await;
        assert_eq!(code(refused), ErrorCode::Malformed, "{query}");
    }
    let unknown = desk.board_as(&world, "x", "").await;
    assert_eq!(code(unknown), ErrorCode::SessionUnknown);
    let stolen = patrol.board_as(&world, &token, "").await;
    assert_eq!(code(stolen), ErrorCode::SessionUnknown);
    let no_token = desk.client.get(world.url(path::DESK)).send().await.unwrap();
    assert_eq!(
        code(reply::<DeskBoard>(no_token).await),
        ErrorCode::SessionUnknown
    );
    let no_version_of_ours = desk.board(&world, "0", 20_000).await.unwrap();
    assert_eq!(no_version_of_ours.on_duty.len(), 2, "it does not wait");
    // Who has no desk any more is told so while waiting.
    let started = Instant::now();
    let waited = waiting(&world, &desk, &no_version_of_ours.version);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let change = central::OfficerChange {
        role: Some(Role::Patrol),
        ..Default::default()
    };
    let officer = desk.session().officer.id;
    world.admin().change_officer(officer, &change).unwrap();
    assert_eq!(code(soon(started, waited).await), ErrorCode::NotAllowed);
    // And who has no session any more.
    let change = central::OfficerChange {
        role: Some(Role::Duty),
        ..Default::default()
    };
    world.admin().change_officer(officer, &change).unwrap();
    let board = now(&world, &desk).await;
    let waited = waiting(&world, &desk, &board.version);
    tokio::time::sleep(Duration::from_millis(200)).await;
    world.admin().deactivate_officer(officer).unwrap();
    assert_eq!(code(soon(started, waited).await), ErrorCode::SessionUnknown);
    world.clock.advance(Duration::from_secs(13 * 3600));
    assert_eq!(
        code(patrol.board(&world, "", 0).await),
        ErrorCode::SessionUnknown,
        "nor after its lease"
    );
}

#[tokio::test]
async fn the_first_look_of_each_session_of_a_desk_is_audited() {
    let world = World::new().await;
    let mut desk = world.at_the_desk("d", "1").await;
    let looks = || {
        let entries = world.admin().audit_entries(100).unwrap();
        let looks = entries
            .into_iter()
            .filter(|e| e.event == AuditEvent::BoardRead);
        looks.map(|e| (e.session, e.officer)).collect::<Vec<_>>()
    };
    assert_eq!(looks(), []);
    let first = desk.session().session;
    let officer = Some(desk.session().officer.id);
    now(&world, &desk).await;
    now(&world, &desk).await;
    assert_eq!(looks(), [(Some(first), officer)]);
    desk.log_in(&world, "d").await;
    now(&world, &desk).await;
    let second = desk.session().session;
    assert_eq!(looks(), [(Some(second), officer), (Some(first), officer)]);
}

#[tokio::test]
async fn a_fault_comes_first_is_assigned_closed_and_gone() {
    let world = World::new().await;
    let mut desk = world.at_the_desk("d", "1").await;
    let mut other = on_patrol(&world, "b").await;
    let pause = new_pause();
    happened(&world, &mut other, [asked(pause)]).await;
    world.clock.advance(Duration::from_secs(60));
    let mut patrol = on_patrol(&world, "a").await;
    let fault = new_fault();
    happened(&world, &mut patrol, [faulted(fault)]).await;
    let shown = |administrator: Option<&str>| AlertKind::Fault {
        fault,
        camera: "BC-0001".parse().ok(),
        what: "not_recording".into(),
        note: Some("invented".into()),
        administrator: administrator.map(str::to_owned),
    };
    assert_eq!(
        kinds(&now(&world, &desk).await),
        [shown(None), wants(pause)]
    );
    let administrator = || "Aliyev".to_owned();
    let assigned = DeskEvent::FaultAssigned {
        fault,
        administrator: administrator(),
    };
    decided(&world, &mut desk, assigned).await;
    assert_eq!(
        kinds(&now(&world, &desk).await),
        [wants(pause), shown(Some("Aliyev"))],
        "somebody sees to it"
    );
    let closed = DeskEvent::FaultClosed {
        fault,
        how: "another bodycam".into(),
    };
    decided(&world, &mut desk, closed).await;
    assert_eq!(kinds(&now(&world, &desk).await), [wants(pause)]);
    let told: Vec<_> = patrol
        .inbox(&world, 0, 0)
        .await
        .unwrap()
        .messages
        .into_iter()
        .map(|message| message.body)
        .collect();
    let assigned = MessageBody::FaultAssigned {
        fault,
        administrator: administrator(),
    };
    assert_eq!(told, [assigned, MessageBody::FaultClosed { fault }]);
    assert_eq!(flags(&world, &desk), []);
    // §32, meanwhile.
    let at = world.clock.now();
    let by_phone = Event::RecordedByOtherMeans {
        means: None,
        device: "phone".into(),
        owner: DeviceOwner::Own,
        from: at,
        to: at,
        note: None,
    };
    happened(&world, &mut patrol, [by_phone, Event::Mended { fault }]).await;
    let board = now(&world, &desk).await;
    assert!(board.on_duty.iter().all(|row| row.flags == 0));
}

#[tokio::test]
async fn a_permission_by_voice_is_listed_until_it_is_confirmed_also_after_the_shift() {
    let world = World::new().await;
    let mut desk = world.at_the_desk("d", "1").await;
    let mut patrol = on_patrol(&world, "a").await;
    let pause = new_pause();
    let events = [
        asked(pause),
        by_voice(pause),
        Event::PauseBegan { pause },
        Event::Resumed,
        Event::SwitchedOff,
        Event::Returned {
            battery_percent: Some(40),
        },
    ];
    happened(&world, &mut patrol, events).await;
    let event = SessionEvent::Ended;
    let fact = patrol.fact(&world, FactKind::Session { event });
    let ended = patrol.seal(None, &fact);
    patrol.send(&world, vec![ended]).await.unwrap();
    world.clock.advance(Duration::from_secs(3 * 24 * 3600));
    desk.log_in(&world, "d").await;
    let listed = AlertKind::VoiceToConfirm {
        pause,
        why: "meal".into(),
        minutes: 30,
        by: PermittedBy::DutyUnit,
        permitted_by: "Namunayev".into(),
    };
    assert_eq!(kinds(&now(&world, &desk).await), [listed]);
    decided(&world, &mut desk, word(pause, false)).await;
    assert!(now(&world, &desk).await.alerts.is_empty());
    assert_eq!(flags(&world, &desk), []);
    // Nobody is there to be told: it is recorded.
    let entries = world.admin().audit_entries(10).unwrap();
    let entry = entries.iter().find(|e| e.event == AuditEvent::PauseRefused);
    let entry = entry.unwrap();
    assert_eq!(entry.subject, Some(pause.to_string()));
    assert_eq!(entry.session, Some(desk.session().session));
    assert_eq!(entry.officer, Some(desk.session().officer.id));
}

#[tokio::test]
async fn gaps_and_pauses_that_overran_are_shown_for_a_day() {
    let world = World::new().await;
    let mut desk = world.at_the_desk("d", "1").await;
    let mut patrol = on_patrol(&world, "a").await;
    let minutes = |n: u64| Duration::from_secs(60 * n);
    let start = world.clock.now();
    let at = |n: u64| start.plus_millis(60_000 * n);
    happened(&world, &mut patrol, [Event::SwitchedOff]).await;
    world.clock.advance(minutes(5));
    let pause = new_pause();
    happened(&world, &mut patrol, [Event::SwitchedOn, asked(pause)]).await;
    decided(&world, &mut desk, word(pause, true)).await;
    let word = Event::PauseDecided {
        pause,
        granted: true,
    };
    happened(&world, &mut patrol, [word, Event::PauseBegan { pause }]).await;
    let gap = AlertKind::Gap {
        from: start,
        to: at(5),
    };
    let board = now(&world, &desk).await;
    assert_eq!(kinds(&board), vec![gap.clone()]);
    assert_eq!(board.alerts[0].at, start);
    world.clock.advance(minutes(31));
    // It is still under way.
    let overran = AlertKind::PauseOverran { pause };
    patrol.inbox(&world, 0, 0).await.unwrap();
    let board = now(&world, &desk).await;
    assert_eq!(kinds(&board), [gap.clone(), overran.clone()]);
    assert_eq!(board.alerts[1].at, at(35));
    happened(&world, &mut patrol, [Event::Resumed, Event::SwitchedOff]).await;
    assert_eq!(kinds(&now(&world, &desk).await), kinds(&board));
    // Off for longer than it takes to hand it back, and then the shift ends, which central hears late.
    world.clock.advance(minutes(20));
    let event = SessionEvent::Ended;
    let fact = patrol.fact(&world, FactKind::Session { event });
    let ended = patrol.seal(None, &fact);
    world.clock.advance(minutes(60));
    patrol.send(&world, vec![ended]).await.unwrap();
    let last = AlertKind::Gap {
        from: at(36),
        to: at(56),
    };
    let all: [AlertKind; 3] = [gap, last, overran];
    assert_eq!(kinds(&now(&world, &desk).await), all);
    world.clock.advance(minutes(22 * 60));
    desk.log_in(&world, "d").await;
    assert_eq!(kinds(&now(&world, &desk).await), all);
    world.clock.advance(minutes(2 * 60));
    assert!(now(&world, &desk).await.alerts.is_empty());
}

#[tokio::test]
async fn what_a_session_asked_for_ends_with_it_whatever_ends_it() {
    let world = World::new().await;
    let desk = world.at_the_desk("d", "1").await;
    let mut patrol = on_patrol(&world, "a").await;
    let pause = new_pause();
    happened(&world, &mut patrol, [asked(pause)]).await;
    let board = now(&world, &desk).await;
    assert_eq!(board.alerts.len(), 1);
    world.officer("b");
    patrol.log_in(&world, "b").await;
    let board = now(&world, &desk).await;
    assert!(board.alerts.is_empty());
    assert_eq!(board.on_duty.len(), 2);
}

#[tokio::test]
async fn a_session_that_a_roster_promised_is_on_the_board_when_it_begins() {
    let world = World::new().await;
    let desk = world.at_the_desk("d", "1").await;
    let mut patrol = world.on_duty("a").await;
    let officer = world.officer("b");
    let roster = patrol.roster(&world).await;
    let board = now(&world, &desk).await;
    let started = Instant::now();
    let waited = waiting(&world, &desk, &board.version);
    tokio::time::sleep(Duration::from_millis(200)).await;
    patrol.session = patrol.offline(&roster, "b", PASSWORD, &[]);
    patrol.inbox(&world, 0, 0).await.unwrap();
    let board = soon(started, waited).await.unwrap();
    let of_the_patrol = board
        .on_duty
        .iter()
        .filter(|row| row.device == patrol.device());
    let officers: Vec<_> = of_the_patrol.map(|row| row.officer).collect();
    assert_eq!(officers, [officer]);
}

#[tokio::test]
async fn a_board_has_a_limit_and_says_that_there_is_more() {
    let world = World::new().await;
    let mut desk = world.at_the_desk("d", "1").await;
    let mut patrol = world.on_duty("a").await;
    let mut envelopes = recording(&world, &mut patrol);
    let limit = protocol::limits::BOARD_ROWS;
    let mut pauses = Vec::new();
    for _ in 0..=limit {
        let pause = new_pause();
        pauses.push(pause);
        let events = [
            asked(pause),
            by_voice(pause),
            Event::PauseBegan { pause },
            Event::Resumed,
        ];
        envelopes.extend(events.map(|event| patrol.bodycam(&world, event)));
        world.clock.advance(Duration::from_millis(1));
    }
    // As many as are replayed, and one more.
    while envelopes.len() <= 2048 {
        envelopes.push(patrol.bodycam(&world, Event::Resumed));
    }
    for part in envelopes.chunks(256) {
        patrol.send(&world, part.to_vec()).await.unwrap();
    }
    let board = now(&world, &desk).await;
    assert!(board.more);
    let shown: Vec<_> = board
        .alerts
        .iter()
        .map(|alert: &Alert| match &alert.kind {
            AlertKind::VoiceToConfirm { pause, .. } => *pause,
            _ => panic!("another alert"),
        })
        .collect();
    assert_eq!(shown, pauses[..limit], "the oldest");
    assert_eq!(
        flags(&world, &patrol),
        [(2049, ArchiveFlag::SessionTooLong)]
    );
    decided(&world, &mut desk, word(pauses[0], true)).await;
    let board = now(&world, &desk).await;
    assert_eq!((board.alerts.len(), board.more), (limit, false));
}
