//! Custody of tablets (§13 to §16, §30, §31) over the network: chains, boards, confirmations, kits.

use crate::desk::{flags, kinds, now, on_patrol};
use crate::support::*;
use central::audit::AuditEvent;
use central::store::{ArchiveFlag, NamedStep};
use protocol::{
    AlertKind, ApiError, Assignment, ConfirmRequest, ConfirmResponse, DeskBoard, DeskEvent,
    ErrorCode, Role, TabletHolder, TabletRow, path,
};
use regulation::custody::{
    Check, CheckKind, Condition, ConfirmedBy, Event, Flag, HandInReason, Level, Party, Readiness,
    Refusal,
};
use regulation::{CustodyId, OfficerId};
use std::time::Duration;
use uuid::Uuid;

fn new_custody() -> CustodyId {
    CustodyId(Uuid::new_v4())
}

fn fit(level: Level) -> Readiness {
    let check = Check {
        kind: CheckKind::Battery,
        level,
        value: Some(80),
    };
    Readiness {
        checks: vec![check],
    }
}

fn store_room() -> Party {
    let place = "1-xona".into();
    Party::Place { place }
}

fn taken_from(custody: CustodyId, from: Party) -> Event {
    Event::TakenOver {
        custody,
        from,
        readiness: fit(Level::Ready),
        condition: Condition::default(),
        overridden: None,
    }
}

pub fn taken(custody: CustodyId) -> Event {
    taken_from(custody, store_room())
}

fn handed_in(to: Party) -> Event {
    Event::HandedIn {
        to,
        why: HandInReason::EndOfDuty,
        condition: Condition::default(),
        waiting: 0,
    }
}

pub async fn tell<const N: usize>(world: &World, tablet: &mut Tablet, events: [Event; N]) {
    let envelopes = events.map(|event| tablet.custody(world, event)).into();
    tablet.send(world, envelopes).await.unwrap();
}

fn chain(world: &World, tablet: &Tablet) -> Vec<NamedStep> {
    world.admin().custody(tablet.device()).unwrap()
}

/// Number and machine's flags of each step.
fn raised(world: &World, tablet: &Tablet) -> Vec<(u64, Vec<Flag>)> {
    let steps = chain(world, tablet).into_iter();
    let each = steps.map(|named| (named.step.fact.place.seq, named.step.flags));
    each.collect()
}

fn row(board: &DeskBoard, tablet: &Tablet) -> TabletRow {
    let rows = board.tablets.iter();
    let mut ours = rows.filter(|row| row.device == tablet.device());
    ours.next().unwrap().clone()
}

fn named(world: &World, login: &str, name: &str) -> OfficerId {
    let officer = world.officer(login);
    let change = central::OfficerChange {
        name: Some(name.into()),
        ..Default::default()
    };
    world.admin().change_officer(officer, &change).unwrap();
    officer
}

async fn confirm(
    world: &World,
    tablet: &Tablet,
    login: &str,
    password: &str,
) -> Result<ConfirmResponse, ApiError> {
    let body = ConfirmRequest {
        login: login.into(),
        password: password.into(),
    };
    let request = tablet.client.post(world.url(path::CONFIRM)).json(&body);
    let request = request.bearer_auth(&tablet.session().token);
    reply(request.send().await.unwrap()).await
}

fn audited(world: &World, event: AuditEvent) -> usize {
    let entries = world.admin().audit_entries(1000).unwrap();
    entries.iter().filter(|entry| entry.event == event).count()
}

#[tokio::test]
async fn a_tablet_goes_from_hand_to_hand_and_the_chain_has_both_names() {
    let mut world = World::new().await;
    let desk = world.at_the_desk("d", "1").await;
    let mut tablet = world.tablet().await;
    named(&world, "a", "Aliyev Ali");
    let valiyev = named(&world, "b", "Valiyev Vali");
    tablet.log_in(&world, "a").await;
    // Nothing is on record: the tablet is in a session of the unit all the same.
    let shown = row(&now(&world, &desk).await, &tablet);
    assert!(shown.holder == TabletHolder::Unknown);
    let (first, second) = (new_custody(), new_custody());
    tell(&world, &mut tablet, [taken(first)]).await;
    let board = now(&world, &desk).await;
    assert!(board.alerts.is_empty());
    let since = world.clock.now();
    let holder = TabletHolder::Officer {
        name: "Aliyev Ali".into(),
        rank: "serjant".into(),
        since,
        from: store_room(),
        on_duty: true,
    };
    let shown = row(&board, &tablet);
    assert!(shown.holder == holder);
    assert_eq!((shown.readiness, shown.damage), (Some(Level::Ready), None));
    let to = Party::Confirmed {
        officer: valiyev,
        name: "Valiyev Vali".into(),
        by: ConfirmedBy::Central,
    };
    let note = "ekran yorilgan".to_owned();
    let damaged = Event::Damaged {
        note: note.clone(),
        photos: Vec::new(),
    };
    let condition = Condition {
        damage: Some(note.clone()),
        photos: Vec::new(),
    };
    let back = Event::HandedIn {
        to: to.clone(),
        why: HandInReason::EndOfDuty,
        condition: condition.clone(),
        waiting: 3,
    };
    tell(&world, &mut tablet, [damaged, back]).await;
    let shown = row(&now(&world, &desk).await, &tablet);
    let holder = TabletHolder::Party {
        party: to,
        since,
        name: "Aliyev Ali".into(),
        rank: "serjant".into(),
    };
    assert!(shown.holder == holder);
    assert_eq!(shown.damage.as_ref(), Some(&note));
    tablet.log_in(&world, "b").await;
    let from = Party::Named {
        name: "Aliyev".into(),
    };
    let mut over = taken_from(second, from);
    if let Event::TakenOver { condition: its, .. } = &mut over {
        *its = condition;
    }
    tell(&world, &mut tablet, [over]).await;
    let chain_now = chain(&world, &tablet);
    let names: Vec<_> = chain_now.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(
        names,
        ["Aliyev Ali", "Aliyev Ali", "Aliyev Ali", "Valiyev Vali"]
    );
    let expected = [
        (1, vec![]),
        (2, vec![Flag::NewDamage]),
        (3, vec![]),
        (4, vec![Flag::NotConfirmed]),
    ];
    assert_eq!(raised(&world, &tablet), expected);
    let before = now(&world, &desk).await;
    assert!(before.alerts.is_empty());
    assert_eq!(flags(&world, &tablet), []);
    world.config.listen = world.central().local_addr();
    world.stop().await;
    world.start().await;
    assert_eq!(raised(&world, &tablet), expected);
    let after = now(&world, &desk).await;
    assert!(row(&after, &tablet).holder == row(&before, &tablet).holder);
    assert!(audited(&world, AuditEvent::CustodyRead) >= 3);
}

#[tokio::test]
async fn a_tablet_taken_over_while_held_is_settled_by_neither_of_the_two() {
    let world = World::new().await;
    let mut desk = world.at_the_desk("d", "1").await;
    let mut theirs = world.at_the_desk("t", "2").await;
    let mut tablet = world.tablet().await;
    named(&world, "a", "Aliyev Ali");
    named(&world, "b", "Valiyev Vali");
    tablet.log_in(&world, "a").await;
    tell(&world, &mut tablet, [taken(new_custody())]).await;
    tablet.log_in(&world, "b").await;
    let custody = new_custody();
    tell(&world, &mut tablet, [taken(custody)]).await;
    let board = now(&world, &desk).await;
    let alert = AlertKind::CustodyConflict {
        custody,
        device: tablet.device(),
        held_by: "Aliyev Ali".into(),
    };
    assert!(kinds(&board) == [alert]);
    assert_eq!(board.alerts[0].name, "Valiyev Vali");
    assert!(now(&world, &theirs).await.alerts.is_empty());
    let how = "invented".to_owned();
    let settled = DeskEvent::CustodySettled { custody, how };
    // Another unit; the two themselves, when they are at the desk; who deals with incidents only.
    let event = theirs.decide(&world, settled.clone());
    theirs.send(&world, vec![event]).await.unwrap();
    assert_eq!(flags(&world, &theirs), [(1, ArchiveFlag::NotEntitled)]);
    for login in ["a", "b"] {
        let change = central::OfficerChange {
            role: Some(Role::Commander),
            ..Default::default()
        };
        let officer = world.admin().officer_by_login(login).unwrap();
        world.admin().change_officer(officer, &change).unwrap();
        let mut own = world.tablet().await;
        own.log_in(&world, login).await;
        let event = own.decide(&world, settled.clone());
        own.send(&world, vec![event]).await.unwrap();
        assert_eq!(
            flags(&world, &own),
            [(1, ArchiveFlag::NotEntitled)],
            "{login}"
        );
    }
    world.officer_as("m", "1", Role::Monitoring);
    let mut monitoring = world.tablet().await;
    monitoring.log_in(&world, "m").await;
    let seen = now(&world, &monitoring).await;
    assert!(seen.alerts.is_empty() && seen.tablets.is_empty());
    let event = monitoring.decide(&world, settled.clone());
    monitoring.send(&world, vec![event]).await.unwrap();
    assert_eq!(flags(&world, &monitoring), [(1, ArchiveFlag::NotEntitled)]);
    assert_eq!(now(&world, &desk).await.alerts.len(), 1);
    let twice = [settled.clone(), settled].map(|event| desk.decide(&world, event));
    desk.send(&world, twice.into()).await.unwrap();
    assert_eq!(flags(&world, &desk), [(2, ArchiveFlag::DecidedAlready)]);
    assert!(now(&world, &desk).await.alerts.is_empty());
    assert_eq!(audited(&world, AuditEvent::CustodySettled), 1);
    // Nothing stands against each other where nothing was held.
    let clear = DeskEvent::CustodySettled {
        custody: new_custody(),
        how: "invented".into(),
    };
    let event = desk.decide(&world, clear);
    desk.send(&world, vec![event]).await.unwrap();
    assert!(flags(&world, &desk).contains(&(3, ArchiveFlag::DecidesUnknown)));
}

#[tokio::test]
async fn facts_that_come_late_and_in_another_order_make_the_same_chain() {
    let world = World::new().await;
    let desk = world.at_the_desk("d", "1").await;
    let mut tablet = world.tablet().await;
    world.officer("a");
    world.officer("b");
    tablet.log_in(&world, "a").await;
    let (first, second) = (new_custody(), new_custody());
    let one = tablet.custody(&world, taken(first));
    let two = tablet.custody(&world, handed_in(store_room()));
    tablet.log_in(&world, "b").await;
    let three = tablet.custody(&world, taken(second));
    let mut other = world.tablet().await;
    world.officer("c");
    other.log_in(&world, "c").await;
    tablet.send(&world, vec![one]).await.unwrap();
    tablet.send(&world, vec![three]).await.unwrap();
    assert_eq!(
        now(&world, &desk).await.alerts.len(),
        1,
        "as far as is known"
    );
    tell(&world, &mut other, [taken(new_custody())]).await;
    tablet.send(&world, vec![two]).await.unwrap();
    let none = |seq| (seq, Vec::new());
    assert_eq!(raised(&world, &tablet), [1, 2, 3].map(none));
    let board = now(&world, &desk).await;
    assert!(board.alerts.is_empty());
    assert_eq!(board.tablets.len(), 3, "the desk's own as well");
    assert_eq!(raised(&world, &other), [none(1)]);
}

#[tokio::test]
async fn who_does_not_hold_a_tablet_hands_none_in_and_it_is_flagged() {
    let world = World::new().await;
    let desk = world.at_the_desk("d", "1").await;
    let mut tablet = world.tablet().await;
    named(&world, "a", "Aliyev Ali");
    world.officer("b");
    tablet.log_in(&world, "a").await;
    tell(&world, &mut tablet, [taken(new_custody())]).await;
    tablet.log_in(&world, "b").await;
    tell(&world, &mut tablet, [handed_in(store_room())]).await;
    let refusal = Refusal::HeldByAnother;
    let flag = Flag::OutOfOrder { refusal };
    assert_eq!(raised(&world, &tablet), [(1, vec![]), (2, vec![flag])]);
    let shown = row(&now(&world, &desk).await, &tablet);
    assert!(matches!(shown.holder, TabletHolder::Officer { name, .. } if name == "Aliyev Ali"));
    // A fact of another officer's name, with an encounter, or far too long makes no step.
    let recorded = |event| regulation::custody::Recorded {
        at: world.clock.now(),
        event,
    };
    let kind = |event| protocol::FactKind::Custody {
        recorded: recorded(event),
    };
    let mut fact = tablet.fact(&world, kind(taken(new_custody())));
    fact.officer = OfficerId(Uuid::new_v4());
    let foreign = tablet.seal(None, &fact);
    let fact = tablet.fact(&world, kind(taken(new_custody())));
    let in_an_encounter = tablet.seal(Some(new_encounter()), &fact);
    let place = "a".repeat(40_000);
    let long = tablet.custody(&world, handed_in(Party::Place { place }));
    let envelopes = vec![foreign, in_an_encounter, long];
    tablet.send(&world, envelopes).await.unwrap();
    let expected = [
        (3, ArchiveFlag::OfficerMismatch),
        (4, ArchiveFlag::EncounterNamed),
        (5, ArchiveFlag::CustodyTooLong),
    ];
    assert_eq!(flags(&world, &tablet), expected);
    assert_eq!(chain(&world, &tablet).len(), 2);
}

#[tokio::test]
async fn a_tablet_that_is_not_handed_in_is_listed_until_somebody_has_it() {
    let world = World::new().await;
    let desk = world.at_the_desk("d", "1").await;
    let mut tablet = world.tablet().await;
    world.officer("a");
    world.officer("b");
    tablet.log_in(&world, "a").await;
    let custody = new_custody();
    tell(&world, &mut tablet, [taken(custody)]).await;
    let event = protocol::SessionEvent::Ended;
    let fact = tablet.fact(&world, protocol::FactKind::Session { event });
    let ended = tablet.seal(None, &fact);
    tablet.send(&world, vec![ended]).await.unwrap();
    let over = world.clock.now();
    assert!(now(&world, &desk).await.alerts.is_empty());
    world.clock.advance(Duration::from_secs(15 * 60));
    assert!(now(&world, &desk).await.alerts.is_empty());
    world.clock.advance(Duration::from_secs(1));
    let board = now(&world, &desk).await;
    let device = tablet.device();
    assert!(kinds(&board) == [AlertKind::NotHandedIn { custody, device }]);
    assert_eq!(board.alerts[0].at, over);
    tablet.log_in(&world, "b").await;
    let second = new_custody();
    tell(&world, &mut tablet, [taken(second)]).await;
    let board = now(&world, &desk).await;
    assert!(matches!(
        kinds(&board)[..],
        [AlertKind::CustodyConflict { .. }]
    ));
    tell(&world, &mut tablet, [handed_in(store_room())]).await;
    world.clock.advance(Duration::from_secs(3600));
    let board = now(&world, &desk).await;
    assert_eq!(board.alerts.len(), 1, "the conflict stays");
}

#[tokio::test]
async fn a_shift_that_goes_on_with_a_tablet_that_is_not_ready_is_listed() {
    let world = World::new().await;
    let desk = world.at_the_desk("d", "1").await;
    let mut tablet = world.on_duty("a").await;
    tell(&world, &mut tablet, [taken(new_custody())]).await;
    world.clock.advance(Duration::from_secs(60));
    let checked = |level| Event::Checked {
        readiness: fit(level),
    };
    tell(&world, &mut tablet, [checked(Level::NotReady)]).await;
    let board = now(&world, &desk).await;
    let device = tablet.device();
    assert!(kinds(&board) == [AlertKind::NotReady { device }]);
    assert_eq!(board.alerts[0].at, world.clock.now());
    assert_eq!(row(&board, &tablet).readiness, Some(Level::NotReady));
    assert_eq!(raised(&world, &tablet)[1], (2, vec![Flag::NotReady]));
    // A responsible person sees the tablets, and no bodycams.
    world.officer_as("r", "1", Role::Responsible);
    let mut responsible = world.tablet().await;
    responsible.log_in(&world, "r").await;
    let seen = now(&world, &responsible).await;
    assert!(kinds(&seen) == [AlertKind::NotReady { device }]);
    tell(&world, &mut tablet, [checked(Level::Attention)]).await;
    assert!(now(&world, &desk).await.alerts.is_empty());
}

#[tokio::test]
async fn a_bodycam_that_two_officers_hold_is_seen_and_another_units_name_is_not() {
    let world = World::new().await;
    let desk = world.at_the_desk("d", "1").await;
    let theirs = world.at_the_desk("t", "2").await;
    let first = on_patrol(&world, "a").await;
    assert!(now(&world, &desk).await.alerts.is_empty());
    let mut foreign = world.tablet().await;
    world.officer_of("f", "2");
    foreign.log_in(&world, "f").await;
    let envelopes = crate::desk::recording(&world, &mut foreign);
    foreign.send(&world, envelopes).await.unwrap();
    let twice = |other: &str| AlertKind::CameraHeldTwice {
        camera: "BC-0001".parse().unwrap(),
        other: other.into(),
    };
    let board = now(&world, &desk).await;
    assert!(kinds(&board) == [twice("")]);
    assert_eq!(board.alerts[0].session, first.session().session);
    assert!(kinds(&now(&world, &theirs).await) == [twice("")]);
    let mut second = world.on_duty("b").await;
    let envelopes = crate::desk::recording(&world, &mut second);
    second.send(&world, envelopes).await.unwrap();
    let board = now(&world, &desk).await;
    let name = "Namunayev Namuna";
    assert!(kinds(&board) == [twice(name), twice(name)]);
    let battery_percent = None;
    let back = regulation::bodycam::Event::Returned { battery_percent };
    let off = regulation::bodycam::Event::SwitchedOff;
    let envelopes = [off, back].map(|event| second.bodycam(&world, event));
    second.send(&world, envelopes.into()).await.unwrap();
    assert!(kinds(&now(&world, &desk).await) == [twice("")]);
    world
        .admin()
        .deactivate_officer(foreign.session().officer.id)
        .unwrap();
    assert!(
        now(&world, &desk).await.alerts.is_empty(),
        "of open sessions alone"
    );
}

#[tokio::test]
async fn the_other_person_confirms_and_opens_no_session() {
    let world = World::new().await;
    let tablet = world.on_duty("a").await;
    let other = world.officer("b");
    let confirmed = confirm(&world, &tablet, " B ", PASSWORD).await.unwrap();
    assert_eq!(confirmed.officer.id, other);
    let entries = world.admin().audit_entries(10).unwrap();
    let entry = &entries[0];
    assert_eq!(entry.event, AuditEvent::CustodyConfirmed);
    assert_eq!(entry.officer, Some(other));
    assert_eq!(entry.session, Some(tablet.session().session));
    let own = tablet.session().officer.id;
    assert_eq!(entry.subject, Some(own.to_string()));
    assert!(
        tablet.inbox(&world, 0, 0).await.is_ok(),
        "the session goes on"
    );
    for (login, password, expected) in [
        ("a", PASSWORD, ErrorCode::NotAllowed),
        ("b", "wrong", ErrorCode::BadCredentials),
        ("a", PASSWORD, ErrorCode::NotAllowed),
        ("nobody", PASSWORD, ErrorCode::BadCredentials),
        (&"b".repeat(65), PASSWORD, ErrorCode::Malformed),
        ("b", &"b".repeat(257), ErrorCode::Malformed),
    ] {
        let refused = confirm(&world, &tablet, login, password).await;
        assert_eq!(code(refused), expected, "{login}");
    }
    assert_eq!(audited(&world, AuditEvent::CustodyConfirmed), 1);
    assert_eq!(audited(&world, AuditEvent::LoginRefused), 2);
    let url = world.url(path::CONFIRM);
    let body = serde_json::json!({ "login": "b", "password": PASSWORD });
    let request = tablet.client.post(&url).json(&body);
    let refused = reply::<ConfirmResponse>(request.send().await.unwrap()).await;
    assert_eq!(code(refused), ErrorCode::SessionUnknown);
    let more = serde_json::json!({ "login": "b", "password": PASSWORD, "more": 1 });
    let request = tablet.client.post(&url).json(&more);
    let request = request.bearer_auth(&tablet.session().token);
    let refused = reply::<ConfirmResponse>(request.send().await.unwrap()).await;
    assert_eq!(code(refused), ErrorCode::Malformed);
    world.admin().deactivate_officer(other).unwrap();
    world.clock.advance(Duration::from_secs(3600));
    let refused = confirm(&world, &tablet, "b", PASSWORD).await;
    assert_eq!(code(refused), ErrorCode::OfficerInactive);
}

#[tokio::test]
async fn guessing_at_a_confirmation_is_slowed_down_and_locks_as_at_a_log_in() {
    let world = World::with(|config| {
        config.policy.free_attempts = 2;
        config.policy.login_failures = 4;
    })
    .await;
    let tablet = world.on_duty("a").await;
    world.officer("b");
    for login in ["b", "nobody"] {
        let mut codes = Vec::new();
        for _ in 0..3 {
            codes.push(code(confirm(&world, &tablet, login, "wrong").await));
        }
        let bad = ErrorCode::BadCredentials;
        assert_eq!(codes, [bad, bad, bad], "{login}");
        let refused = confirm(&world, &tablet, login, PASSWORD).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Throttled);
        assert!(refused.retry_after_s.is_some_and(|s| s > 0));
        world.clock.advance(Duration::from_secs(3600));
        let last = confirm(&world, &tablet, login, "wrong").await;
        assert_eq!(code(last), ErrorCode::BadCredentials);
        world.clock.advance(Duration::from_secs(3600));
        let locked = confirm(&world, &tablet, login, PASSWORD).await;
        assert_eq!(code(locked), ErrorCode::OfficerLocked, "{login}");
        let locked = tablet.try_log_in(&world, login, PASSWORD).await;
        assert_eq!(code(locked), ErrorCode::OfficerLocked, "nor at a log-in");
        // The tablet's own count goes with a right password.
        world.clock.advance(Duration::from_secs(3600));
        let own = confirm(&world, &tablet, "a", PASSWORD).await;
        assert_eq!(code(own), ErrorCode::NotAllowed);
    }
}

#[tokio::test]
async fn a_shift_begins_with_its_kit_online_and_by_the_roster() {
    let mut world = World::new().await;
    let mut tablet = world.tablet().await;
    let mut other = world.tablet().await;
    let officer = world.officer("a");
    tablet.log_in(&world, "a").await;
    assert!(tablet.session().kit == protocol::Kit::default());
    let day = world.clock.now().local_date(300).unwrap();
    let admin = world.admin();
    let camera = "BC-0001".parse().unwrap();
    admin.assign_tablet(tablet.device(), officer).unwrap();
    admin.assign_camera(&camera, officer).unwrap();
    admin.name_place("1", " 1-xona ").unwrap();
    admin.name_place("2", "2-xona").unwrap();
    admin.give_notice("1", "invented", day).unwrap();
    admin
        .give_notice("1", "ertaga", "2999-01-01".parse().unwrap())
        .unwrap();
    admin.set_minimum_version("1.4.0").unwrap();
    let kit = protocol::Kit {
        tablet: Assignment::ThisTablet,
        camera: Some(camera),
        held: None,
        places: vec!["1-xona".into()],
        notices: vec!["ertaga".into(), "invented".into()],
        minimum_version: Some("1.4.0".into()),
    };
    world.config.listen = world.central().local_addr();
    world.stop().await;
    world.start().await;
    tablet.log_in(&world, "a").await;
    assert!(tablet.session().kit == kit);
    let roster = tablet.roster(&world).await;
    let offline = tablet.offline(&roster, "a", PASSWORD, &[]).unwrap();
    assert!(offline.kit == kit);
    other.log_in(&world, "a").await;
    assert_eq!(other.session().kit.tablet, Assignment::AnotherTablet);
    world.clock.advance(Duration::from_secs(24 * 3600));
    other.log_in(&world, "a").await;
    assert_eq!(other.session().kit.notices, ["ertaga"], "its day is over");
    let admin = world.admin();
    let another = world.officer("b");
    let refused = admin.assign_tablet(tablet.device(), another).unwrap_err();
    assert!(matches!(refused, central::AdminError::Assigned));
    let yesterday = "2020-01-01".parse().unwrap();
    assert!(admin.give_notice("1", "kech", yesterday).is_err());
    assert!(admin.give_notice("1", &"a".repeat(501), day).is_err());
    assert!(admin.name_place("", "a").is_err() && admin.name_place("1", " ").is_err());
    for version in ["", "1", "1.2", "1.2.x", "1.2.3.4", "1.2.-3", "1..3"] {
        assert!(admin.set_minimum_version(version).is_err(), "{version}");
    }
    // §15: with the dismissal the assignment ends.
    admin.deactivate_officer(officer).unwrap();
    admin.assign_tablet(tablet.device(), another).unwrap();
    for (event, count) in [
        (AuditEvent::TabletAssigned, 2),
        (AuditEvent::TabletUnassigned, 1),
        (AuditEvent::CameraAssigned, 1),
        (AuditEvent::CameraUnassigned, 1),
        (AuditEvent::PlaceNamed, 2),
        (AuditEvent::NoticeGiven, 2),
        (AuditEvent::MinimumVersionSet, 1),
    ] {
        assert_eq!(audited(&world, event), count, "{event:?}");
    }
}

#[tokio::test]
async fn a_large_units_roster_is_one_that_a_tablet_reads_whatever_its_kit() {
    let world = World::with(|config| config.policy.roster_logins = 2).await;
    let tablet = world.on_duty("a").await;
    for n in 0..240 {
        world.officer(&format!("n{n}"));
    }
    let (unit, day) = ("1", "2999-01-01".parse().unwrap());
    for n in 0..protocol::limits::KIT_ROWS {
        let text = format!("{n:02}{}", "ў".repeat(498));
        world.admin().name_place(unit, &text).unwrap();
        world.admin().give_notice(unit, &text, day).unwrap();
    }
    let roster = tablet.roster(&world).await;
    assert_eq!(roster.entries.len(), 482);
    let bytes = serde_json::to_vec(&roster).unwrap().len();
    assert!(bytes <= protocol::limits::RESPONSE_BYTES, "{bytes}");
    let offline = tablet.offline(&roster, "a", PASSWORD, &[]).unwrap();
    assert!(!offline.kit.places.is_empty());
}

/// Calls the program; what it wrote, or its exit code.
pub fn call(world: &World, arguments: &[&str]) -> Result<String, i32> {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_central"))
        .args(arguments)
        .arg("--data")
        .arg(&world.config.data_dir)
        .output()
        .unwrap();
    match output.status.code().unwrap() {
        0 => Ok(String::from_utf8(output.stdout).unwrap()),
        code => Err(code),
    }
}

#[tokio::test]
async fn the_command_line_assigns_and_prints_the_chain() {
    let world = World::new().await;
    let mut tablet = world.tablet().await;
    named(&world, "a", "Aliyev Ali");
    named(&world, "b", "Valiyev Vali");
    let device = tablet.device().to_string();
    let done = |arguments: &[&str]| call(&world, arguments).unwrap();
    done(&["assign-tablet", &device, "a"]);
    assert_eq!(call(&world, &["assign-tablet", &device, "b"]), Err(1));
    assert_eq!(call(&world, &["assign-tablet", &device]), Err(2));
    done(&["assign-camera", "bc-0001", "a"]);
    assert_eq!(call(&world, &["assign-camera", "?", "a"]), Err(2));
    done(&["unit-place", "1", "1-xona"]);
    done(&["unit-place", "1", "2-xona"]);
    done(&["remove-unit-place", "1", "2-xona"]);
    assert_eq!(call(&world, &["remove-unit-place", "1", "2-xona"]), Err(1));
    let notice = ["unit-notice", "1", "invented"];
    assert_eq!(call(&world, &notice), Err(2));
    let number = done(&[&notice[..], &["--until", "2999-01-01"]].concat());
    assert_eq!(number, "1\n");
    done(&["minimum-version", "1.4.0"]);
    tablet.log_in(&world, "a").await;
    let kit = &tablet.session().kit;
    assert_eq!(kit.tablet, Assignment::ThisTablet);
    assert_eq!(kit.places, ["1-xona"]);
    done(&["unassign-tablet", &device]);
    done(&["unassign-camera", "BC-0001"]);
    tablet.log_in(&world, "a").await;
    let kit = &tablet.session().kit;
    assert!(kit.tablet == Assignment::None && kit.camera.is_none());
    assert_eq!(call(&world, &["unassign-tablet", &device]), Err(1));

    tell(&world, &mut tablet, [taken(new_custody())]).await;
    tablet.log_in(&world, "b").await;
    let named = Party::Named {
        name: "Karimov".into(),
    };
    let events = [taken(new_custody()), handed_in(named)];
    tell(&world, &mut tablet, events).await;
    let printed = done(&["custody", &device]);
    let lines: Vec<_> = printed.lines().collect();
    let expected = [
        "serjant Aliyev Ali took it over from the place 1-xona, ready",
        "serjant Valiyev Vali took it over from the place 1-xona, ready; flag not_handed_in by Aliyev Ali",
        "serjant Valiyev Vali handed it in to Karimov, who has not confirmed it, end_of_duty, 0 events waiting; flag not_confirmed",
    ];
    assert_eq!(lines.len(), 3);
    for (n, (line, expected)) in lines.iter().zip(expected).enumerate() {
        assert!(line.starts_with(&format!("#{} 2", n + 1)), "{line}");
        assert!(line.ends_with(expected), "{line}");
    }
    let unknown = Uuid::new_v4().to_string();
    assert_eq!(call(&world, &["custody", &unknown]), Err(1));
}
