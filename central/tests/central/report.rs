//! The commander's report (§4) over the network, and the administrator's: figures of a staged week.

use crate::desk::*;
use crate::support::*;
use central::audit::AuditEvent;
use protocol::{
    ApiError, DutyFigures, ErrorCode, FactKind, Figures, Probe, Role, SessionEvent, UnitReport,
    path,
};
use regulation::encounter::{Event, Outcome, Recorded};
use regulation::identity::Pinfl;
use regulation::{EncounterId, OfficerId, Timestamp, bodycam};
use std::process::{Command, Output};
use std::time::Duration;

const DAY: u64 = 24 * 60;

fn minutes(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

async fn asked_as(
    world: &World,
    tablet: &Tablet,
    token: &str,
    query: &str,
) -> Result<UnitReport, ApiError> {
    let url = format!("{}?{query}", world.url(path::REPORT));
    let request = tablet.client.get(url).bearer_auth(token);
    reply(request.send().await.unwrap()).await
}

async fn asked_for(world: &World, tablet: &Tablet, query: &str) -> Result<UnitReport, ApiError> {
    asked_as(world, tablet, &tablet.session().token, query).await
}

pub async fn of_period(world: &World, tablet: &Tablet, from: Timestamp, days: u64) -> UnitReport {
    let to = from.plus_millis(days * DAY * 60_000);
    let query = format!("from={}&to={}", from.0, to.0);
    asked_for(world, tablet, &query).await.unwrap()
}

/// A month back, and a day on.
pub async fn of_unit(world: &World, tablet: &Tablet) -> UnitReport {
    let back = i64::try_from(30 * DAY * 60_000).unwrap();
    let from = Timestamp(world.clock.now().0 - back);
    of_period(world, tablet, from, 31).await
}

/// Figures of one officer.
fn figures(report: &UnitReport, officer: OfficerId) -> &Figures {
    let mut rows = report.officers.iter();
    &rows.find(|row| row.officer == officer).unwrap().figures
}

async fn served(world: &World, tablet: &mut Tablet, event: SessionEvent) {
    let fact = tablet.fact(world, FactKind::Session { event });
    let envelope = tablet.seal(None, &fact);
    tablet.send(world, vec![envelope]).await.unwrap();
}

/// Logs in on the tablet and says so.
async fn begin(world: &World, tablet: &mut Tablet, login: &str) {
    tablet.log_in(world, login).await;
    served(world, tablet, SessionEvent::Started).await;
}

async fn happens(world: &World, tablet: &mut Tablet, encounter: EncounterId, events: Vec<Event>) {
    let envelopes = events
        .into_iter()
        .map(|event| tablet.event(world, encounter, event))
        .collect();
    tablet.send(world, envelopes).await.unwrap();
}

/// A stop as far as its question and the answer that reached the tablet.
async fn stop(world: &World, tablet: &mut Tablet, ground: &str, probe: Probe) -> EncounterId {
    let encounter = new_encounter();
    let mut events = opening();
    events[2] = Event::GroundStated {
        ground: ground.into(),
        fact: "invented".into(),
    };
    happens(world, tablet, encounter, events).await;
    asks(world, tablet, encounter, probe, true).await;
    encounter
}

async fn asks(
    world: &World,
    tablet: &mut Tablet,
    encounter: EncounterId,
    probe: Probe,
    reveals: bool,
) {
    let page = tablet.inbox(world, 0, 0).await.unwrap();
    let after = page.messages.last().map_or(0, |message| message.cursor);
    let (question, envelope) = tablet.ask(world, encounter, probe);
    tablet.send(world, vec![envelope]).await.unwrap();
    let answer = tablet.answer(world, after).await.result.kind();
    let mut events = vec![Event::AnswerArrived { question, answer }];
    if reveals {
        events.push(Event::Revealed { question });
    }
    happens(world, tablet, encounter, events).await;
}

async fn ends(world: &World, tablet: &mut Tablet, encounter: EncounterId, outcome: Outcome) {
    let events = vec![Event::OutcomeRecorded { outcome }, Event::Closed];
    happens(world, tablet, encounter, events).await;
}

/// Who is in the staged week.
pub struct Week {
    pub began: Timestamp,
    pub commander: Tablet,
    others_commander: Tablet,
    a: OfficerId,
    b: OfficerId,
    /// Where one person was found by the unit, the newest first.
    again: [EncounterId; 3],
}

fn commander(world: &World, login: &str, unit: &str) -> OfficerId {
    world.officer_as(login, unit, Role::Commander)
}

/// Two officers of unit 1 and one of unit 2, three days.
pub async fn a_week(world: &World) -> Week {
    let began = world.clock.now();
    world
        .admin()
        .import(&registers(), [person(2), person(4)])
        .unwrap();
    commander(world, "c", "1");
    commander(world, "z", "2");
    let [a, b] = ["a", "b"].map(|login| world.officer(login));
    world.officer_of("x", "2");
    let mut desk = world.at_the_desk("d", "1").await;
    let mut first = world.tablet().await;
    let mut second = world.tablet().await;
    let mut theirs = world.tablet().await;
    // Certificates begin by the real clock.
    let mut commander = world.tablet().await;
    let mut others_commander = world.tablet().await;

    // Day 1: A, with a bodycam whose pause overran and which was off for a while.
    begin(world, &mut first, "a").await;
    let envelopes = recording(world, &mut first);
    first.send(world, envelopes).await.unwrap();
    let one = stop(world, &mut first, "suspicion", by_document("ZZ0000002")).await;
    world.clock.advance(minutes(7));
    ends(world, &mut first, one, Outcome::Released).await;
    let pause = new_pause();
    happened(world, &mut first, [asked(pause)]).await;
    decided(world, &mut desk, word(pause, true)).await;
    let granted = bodycam::Event::PauseDecided {
        pause,
        granted: true,
    };
    let begins = bodycam::Event::PauseBegan { pause };
    happened(world, &mut first, [granted, begins]).await;
    world.clock.advance(minutes(40));
    let (off, on) = (bodycam::Event::SwitchedOff, bodycam::Event::SwitchedOn);
    happened(world, &mut first, [bodycam::Event::Resumed, off]).await;
    world.clock.advance(minutes(20));
    happened(world, &mut first, [on, faulted(new_fault())]).await;
    let nobody = stop(world, &mut first, "witness", by_document("ZZ9999999")).await;
    world.clock.advance(minutes(3));
    ends(world, &mut first, nobody, Outcome::Released).await;
    world.clock.advance(minutes(50));
    served(world, &mut first, SessionEvent::Ended).await;

    // Day 2: B, whose case does not fit, who leaves one open and one without its close; and unit 2.
    world.clock.advance(minutes(DAY - 120));
    begin(world, &mut second, "b").await;
    let two = stop(world, &mut second, "suspicion", by_document("ZZ0000002")).await;
    let taken = Outcome::TakenToStation {
        case: "cannot_identify".into(),
    };
    world.clock.advance(minutes(10));
    ends(world, &mut second, two, taken).await;
    stop(world, &mut second, "witness", by_document("ZZ0000004")).await;
    let open = stop(world, &mut second, "witness", by_document("ZZ0000004")).await;
    let outcome = Outcome::Released;
    let released = vec![Event::OutcomeRecorded { outcome }];
    happens(world, &mut second, open, released).await;
    begin(world, &mut theirs, "x").await;
    let envelopes = recording(world, &mut theirs);
    theirs.send(world, envelopes).await.unwrap();
    for _ in 0..3 {
        stop(world, &mut theirs, "suspicion", by_document("ZZ0000002")).await;
    }
    world.clock.advance(minutes(50));
    served(world, &mut second, SessionEvent::Ended).await;

    // Day 3: A again, asking twice about one whom both had found before.
    world.clock.advance(minutes(DAY - 60));
    begin(world, &mut first, "a").await;
    let three = stop(world, &mut first, "suspicion", by_document("ZZ0000002")).await;
    let pinfl = Probe::Pinfl {
        pinfl: Pinfl("00000000000002".into()),
    };
    asks(world, &mut first, three, pinfl, false).await;
    world.clock.advance(minutes(21));
    ends(world, &mut first, three, Outcome::Released).await;
    commander.log_in(world, "c").await;
    others_commander.log_in(world, "z").await;
    Week {
        began,
        commander,
        others_commander,
        a,
        b,
        again: [three, two, one],
    }
}

fn counts<const N: usize>(of: [(&str, u32); N]) -> protocol::Counts {
    of.map(|(kind, n)| (kind.to_owned(), n)).into()
}

#[tokio::test]
async fn a_week_of_a_unit_is_counted_and_nothing_of_another() {
    let world = World::new().await;
    let week = a_week(&world).await;
    let report = of_period(&world, &week.commander, week.began, 7).await;
    let a = Figures {
        encounters: 3,
        by_ground: counts([("suspicion", 2), ("witness", 1)]),
        by_outcome: counts([("released", 3)]),
        asked: 4,
        answered: 4,
        revealed: 3,
        // 3, 7, 21.
        median_minutes: Some(7),
        longest_minutes: Some(21),
        duty: DutyFigures {
            shifts: 2,
            minutes: 120 + 21,
            pauses: 1,
            overruns: 1,
            faults: 1,
            gaps: 1,
            // Until the pause; nobody has read the bodycam at a dock.
            not_compared_minutes: 7,
            ..DutyFigures::default()
        },
        ..Figures::default()
    };
    assert_eq!(figures(&report, week.a).flags, a.flags);
    assert_eq!(figures(&report, week.a), &a);
    let b = Figures {
        encounters: 3,
        by_ground: counts([("suspicion", 1), ("witness", 2)]),
        by_outcome: counts([("released", 1), ("taken_to_station", 1)]),
        without_outcome: 1,
        not_closed: 1,
        flagged: 1,
        flags: counts([
            ("case_does_not_fit", 1),
            ("taken_though_documents_present", 1),
        ]),
        asked: 3,
        answered: 3,
        revealed: 3,
        median_minutes: Some(10),
        longest_minutes: Some(10),
        duty: DutyFigures {
            shifts: 1,
            minutes: 60,
            ..DutyFigures::default()
        },
    };
    assert_eq!(figures(&report, week.b), &b);
    let totals = &report.totals;
    assert_eq!(totals.encounters, 6);
    assert_eq!(totals.by_ground, counts([("suspicion", 3), ("witness", 3)]));
    assert_eq!((totals.asked, totals.revealed), (7, 6));
    // 3, 7, 10, 21; the desk and the commander have shifts as well.
    assert_eq!(
        (totals.median_minutes, totals.longest_minutes),
        (Some(8), Some(21))
    );
    assert_eq!((totals.duty.shifts, totals.duty.gaps), (5, 1));
    assert_eq!(report.officers.len(), 4);
    assert_eq!(
        (report.unit.as_str(), report.pending, report.more),
        ("1", 0, false)
    );
    // One was found by both of them, thrice; asked about twice in one encounter is found once.
    let [found] = &report.checked_again[..] else {
        panic!("one person")
    };
    assert_eq!((found.times, found.officers), (3, 2));
    assert_eq!(found.encounters, week.again);
    let text = serde_json::to_string(&report).unwrap();
    for known in ["Namunayev2", "ZZ0000002", "00000000000002"] {
        assert!(!text.contains(known), "nobody is named who was checked");
    }

    let theirs = of_period(&world, &week.others_commander, week.began, 7).await;
    assert_eq!(theirs.unit, "2");
    assert_eq!(theirs.totals.encounters, 3);
    assert_eq!(theirs.totals.without_outcome, 3, "a day and an hour later");
    assert_eq!(theirs.checked_again.len(), 1);
    assert!(
        theirs
            .officers
            .iter()
            .all(|row| ![week.a, week.b].contains(&row.officer))
    );
}

#[tokio::test]
async fn a_period_holds_what_began_in_it_and_again_says_from_how_often_on() {
    let world = World::new().await;
    let week = a_week(&world).await;
    let day = |n: u64| week.began.plus_millis(n * DAY * 60_000);
    let encounters = async |from: Timestamp, days| {
        let report = of_period(&world, &week.commander, from, days).await;
        (report.totals.encounters, report.totals.duty.shifts)
    };
    // A and the desk; B; A again and the commander.
    assert_eq!(encounters(day(0), 1).await, (2, 2));
    assert_eq!(encounters(day(1), 1).await, (3, 1));
    assert_eq!(encounters(day(2), 1).await, (1, 2));
    assert_eq!(encounters(day(3), 1).await, (0, 0));
    let of = async |again: u32| {
        let query = format!("from={}&to={}&again={again}", day(0).0, day(7).0);
        let report = asked_for(&world, &week.commander, &query).await.unwrap();
        let times = report.checked_again.iter().map(|row| row.times);
        times.collect::<Vec<_>>()
    };
    assert_eq!(of(2).await, [3, 2]);
    assert_eq!(of(3).await, [3]);
    assert!(of(4).await.is_empty());
    let two_days = of_period(&world, &week.commander, day(0), 2).await;
    assert!(two_days.checked_again.is_empty(), "found twice in them");
}

#[tokio::test]
async fn the_report_is_the_commanders_alone_and_each_look_is_audited() {
    let world = World::new().await;
    let (desk, patrol) = (world.at_the_desk("d", "1").await, world.on_duty("a").await);
    let officer = commander(&world, "c", "1");
    let mut tablet = world.tablet().await;
    tablet.log_in(&world, "c").await;
    let now = world.clock.now().0;
    let query = format!("from={}&to={now}", now - 1_000);
    for refused in [&desk, &patrol] {
        let refused = asked_for(&world, refused, &query).await;
        assert_eq!(code(refused), ErrorCode::NotAllowed);
    }
    let looks = || {
        let entries = world.admin().audit_entries(100).unwrap();
        let looks = entries
            .into_iter()
            .filter(|e| e.event == AuditEvent::ReportRead);
        looks
            .map(|e| (e.session, e.officer, e.subject.unwrap()))
            .collect::<Vec<_>>()
    };
    let day = 24 * 60 * 60 * 1_000;
    let (from, to) = (now - 92 * day, now + 1);
    for bad in [
        String::new(),
        format!("from={now}"),
        format!("to={now}"),
        format!("from={now}&to={now}"),
        format!("from={now}&to={}", now - 1),
        format!("from={from}&to={to}"),
        format!("from={}&to={}", i64::MIN, i64::MAX),
        format!("from=x&to={now}"),
        format!("{query}&from=1"),
        format!("{query}&again=1"),
        format!("{query}&again=1001"),
        format!("{query}&again=-3"),
    ] {
        let refused = asked_for(&world, &tablet, &bad).await;
        assert_eq!(code(refused), ErrorCode::Malformed, "{bad}");
    }
    assert_eq!(looks(), [], "what is refused is no look");
    let (token, session) = (tablet.session().token.clone(), tablet.session().session);
    let stolen = asked_as(&world, &patrol, &token, &query).await;
    assert_eq!(code(stolen), ErrorCode::SessionUnknown);
    let no_token = tablet
        .client
        .get(world.url(path::REPORT))
        .send()
        .await
        .unwrap();
    let no_token = reply::<UnitReport>(no_token).await;
    assert_eq!(code(no_token), ErrorCode::SessionUnknown);
    for _ in 0..2 {
        asked_for(&world, &tablet, &query).await.unwrap();
    }
    let look = (
        Some(session),
        Some(officer),
        format!("{}-{now} 1", now - 1_000),
    );
    assert_eq!(looks(), [look.clone(), look]);
    // Without the role, or the session, from the next request on.
    let change = central::OfficerChange {
        role: Some(Role::Duty),
        ..Default::default()
    };
    world.admin().change_officer(officer, &change).unwrap();
    assert_eq!(
        code(asked_for(&world, &tablet, &query).await),
        ErrorCode::NotAllowed
    );
    world.admin().deactivate_officer(officer).unwrap();
    assert_eq!(
        code(asked_for(&world, &tablet, &query).await),
        ErrorCode::SessionUnknown
    );
}

#[tokio::test]
async fn an_empty_unit_has_figures_of_nothing() {
    let world = World::new().await;
    world.on_duty("a").await;
    let officer = commander(&world, "c", "3");
    let gone = world.officer_of("g", "3");
    world.admin().deactivate_officer(gone).unwrap();
    world.clock.advance(minutes(DAY));
    let mut tablet = world.tablet().await;
    tablet.log_in(&world, "c").await;
    let now = world.clock.now().0;
    let query = format!("from={}&to={now}", now - 60_000);
    let report = asked_for(&world, &tablet, &query).await.unwrap();
    assert_eq!(report.totals, Figures::default());
    let officers: Vec<_> = report.officers.iter().map(|row| row.officer).collect();
    assert_eq!(
        officers,
        [officer],
        "who was dismissed and did nothing is left out"
    );
    assert!(report.checked_again.is_empty() && !report.more);
}

#[tokio::test]
async fn somebody_is_the_same_by_finger_and_by_number_and_a_finger_of_nobody_is_nobody() {
    let world = World::new().await;
    let began = world.clock.now();
    let people = (10..40).map(person).chain([person_with_finger(1, 77)]);
    world.admin().import(&registers(), people).unwrap();
    world.central().gallery_ready().await;
    commander(&world, "c", "1");
    let mut tablet = world.tablet().await;
    tablet.log_in(&world, "c").await;
    let mut patrol = world.on_duty("a").await;
    let number = by_document("ZZ0000001");
    let first = stop(&world, &mut patrol, "suspicion", number).await;
    for seed in [78, 78] {
        let finger = by_finger(print(seed, 5));
        stop(&world, &mut patrol, "suspicion", finger).await;
    }
    world.clock.advance(minutes(1));
    let finger = by_finger(print(77, 5));
    let second = stop(&world, &mut patrol, "suspicion", finger).await;
    let query = format!("from={}&to={}&again=2", began.0, began.0 + 3_600_000);
    let report = asked_for(&world, &tablet, &query).await.unwrap();
    let [found] = &report.checked_again[..] else {
        panic!("one person")
    };
    assert_eq!(found.encounters, [second, first]);
    let asked = (report.totals.asked, report.totals.answered);
    assert_eq!(asked, (4, 4));
}

#[tokio::test]
async fn what_an_officer_did_goes_over_to_their_new_unit_with_them() {
    let world = World::new().await;
    let week = a_week(&world).await;
    let change = central::OfficerChange {
        unit: Some("2".into()),
        ..Default::default()
    };
    world.admin().change_officer(week.b, &change).unwrap();
    let report = of_period(&world, &week.commander, week.began, 7).await;
    assert_eq!(report.totals.encounters, 3);
    assert!(report.checked_again.is_empty(), "twice is not thrice");
    let theirs = of_period(&world, &week.others_commander, week.began, 7).await;
    assert_eq!(theirs.totals.encounters, 6);
    assert_eq!(figures(&theirs, week.b).encounters, 3);
    // And the dismissed stay in it.
    world.admin().deactivate_officer(week.a).unwrap();
    let report = of_period(&world, &week.commander, week.began, 7).await;
    assert_eq!(figures(&report, week.a).encounters, 3);
}

#[tokio::test]
async fn an_open_encounter_is_left_open_when_its_session_is_over_or_a_day_has_passed() {
    let world = World::new().await;
    commander(&world, "c", "1");
    let began = world.clock.now();
    let mut tablet = world.tablet().await;
    let mut patrol = world.on_duty("a").await;
    let encounter = new_encounter();
    let envelopes = patrol.opened(&world, encounter);
    patrol.send(&world, envelopes).await.unwrap();
    let left = async |tablet: &mut Tablet| {
        tablet.log_in(&world, "c").await;
        let totals = of_period(&world, tablet, began, 7).await.totals;
        assert_eq!(totals.encounters, 1);
        totals.without_outcome
    };
    assert_eq!(left(&mut tablet).await, 0, "it goes on");
    world.clock.advance(minutes(11 * 60));
    assert_eq!(left(&mut tablet).await, 0);
    world.clock.advance(minutes(2 * 60));
    assert_eq!(left(&mut tablet).await, 1, "its lease is over");
    let events = vec![
        Event::OutcomeRecorded {
            outcome: Outcome::Released,
        },
        Event::Closed,
    ];
    happens(&world, &mut patrol, encounter, events).await;
    assert_eq!(left(&mut tablet).await, 0, "what comes late counts");
}

#[tokio::test]
async fn a_shift_without_a_connection_is_as_long_as_its_tablet_says() {
    let world = World::new().await;
    commander(&world, "c", "1");
    let began = world.clock.now();
    let mut tablet = world.tablet().await;
    let mut patrol = world.on_duty("a").await;
    let officer = world.officer("b");
    let roster = patrol.roster(&world).await;
    patrol.session = patrol.offline(&roster, "b", PASSWORD, &[]);
    let of = |tablet: &mut Tablet, event| {
        let fact = tablet.fact(&world, FactKind::Session { event });
        tablet.seal(None, &fact)
    };
    let mut kept = vec![of(&mut patrol, SessionEvent::Started)];
    world.clock.advance(minutes(30));
    let encounter = new_encounter();
    kept.extend(patrol.opened(&world, encounter));
    world.clock.advance(minutes(90));
    kept.push(of(&mut patrol, SessionEvent::Ended));
    // The network is back two days later, in another period.
    world.clock.advance(minutes(2 * DAY));
    patrol.send(&world, kept).await.unwrap();
    tablet.log_in(&world, "c").await;
    let report = of_period(&world, &tablet, began, 1).await;
    let of_b = figures(&report, officer);
    assert_eq!((of_b.duty.shifts, of_b.duty.minutes), (1, 120));
    assert_eq!((of_b.encounters, of_b.without_outcome), (1, 1));
}

#[tokio::test]
async fn what_is_wrong_with_a_shift_counts_once_under_way_and_after_its_end() {
    let world = World::new().await;
    commander(&world, "c", "1");
    let began = world.clock.now();
    let mut tablet = world.tablet().await;
    tablet.log_in(&world, "c").await;
    let mut desk = world.at_the_desk("d", "1").await;
    let mut patrol = on_patrol(&world, "a").await;
    let officer = patrol.session().officer.id;
    let pause = new_pause();
    happened(&world, &mut patrol, [asked(pause)]).await;
    decided(&world, &mut desk, word(pause, true)).await;
    let granted = bodycam::Event::PauseDecided {
        pause,
        granted: true,
    };
    let begins = bodycam::Event::PauseBegan { pause };
    happened(&world, &mut patrol, [granted, begins]).await;
    let of_a = async || {
        let report = of_period(&world, &tablet, began, 1).await;
        let duty = figures(&report, officer).duty;
        (duty.minutes, duty.pauses, duty.overruns, duty.gaps)
    };
    world.clock.advance(minutes(30));
    assert_eq!(of_a().await, (30, 1, 0, 0));
    world.clock.advance(minutes(1));
    assert_eq!(of_a().await, (31, 1, 1, 0), "under way");
    let (over, off) = (bodycam::Event::Resumed, bodycam::Event::SwitchedOff);
    happened(&world, &mut patrol, [over, off]).await;
    assert_eq!(of_a().await, (31, 1, 1, 0));
    // Off for longer than it takes to hand it back, which its end shows.
    world.clock.advance(minutes(20));
    assert_eq!(of_a().await, (51, 1, 1, 0));
    served(&world, &mut patrol, SessionEvent::Ended).await;
    world.clock.advance(minutes(60));
    assert_eq!(of_a().await, (51, 1, 1, 1));
    // A question that the procedure does not allow is asked, not answered, and flagged.
    let encounter = new_encounter();
    let (_, question) = patrol.ask(&world, encounter, by_document("ZZ0000002"));
    patrol.send(&world, vec![question]).await.unwrap();
    let report = of_period(&world, &tablet, began, 1).await;
    let of_a = figures(&report, officer);
    let expected = counts([("not_looked_up", 1), ("out_of_order", 1)]);
    assert_eq!((&of_a.flags, of_a.flagged), (&expected, 1));
    assert_eq!((of_a.asked, of_a.answered), (1, 0));
    assert_eq!((of_a.encounters, of_a.without_outcome), (1, 1));
}

#[tokio::test]
async fn a_clock_that_is_ahead_moves_nothing_out_of_the_period() {
    let world = World::new().await;
    commander(&world, "c", "1");
    let began = world.clock.now();
    let mut patrol = world.tablet().await;
    let officer = world.officer("a");
    patrol.log_in(&world, "a").await;
    let ahead = began.plus_millis(90 * DAY * 60_000);
    let event = SessionEvent::Started;
    let mut fact = patrol.fact(&world, FactKind::Session { event });
    fact.at = ahead;
    let started = patrol.seal(None, &fact);
    let recorded = Recorded {
        at: ahead,
        event: opening().remove(0),
    };
    let question = None;
    let kind = FactKind::Encounter { recorded, question };
    let mut fact = patrol.fact(&world, kind);
    fact.at = ahead;
    let opened = patrol.seal(Some(new_encounter()), &fact);
    patrol.send(&world, vec![started, opened]).await.unwrap();
    let mut tablet = world.tablet().await;
    tablet.log_in(&world, "c").await;
    let report = of_period(&world, &tablet, began, 1).await;
    let of_a = figures(&report, officer);
    assert_eq!((of_a.encounters, of_a.duty.shifts), (1, 1));
}

fn command(world: &World, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_central"))
        .args(["report", "--data"])
        .arg(&world.config.data_dir)
        .args(arguments)
        .output()
        .unwrap()
}

fn text(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

#[tokio::test]
async fn the_administrator_has_it_as_lines_and_as_tables() {
    let world = World::new().await;
    let week = a_week(&world).await;
    let change = central::OfficerChange {
        name: Some("=HYPERLINK(\"http://x\",\"N\")".into()),
        ..Default::default()
    };
    world.admin().change_officer(week.b, &change).unwrap();
    let day = |days: u64| {
        let at = week.began.plus_millis(days * DAY * 60_000);
        at.local_date(300).unwrap().to_string()
    };
    let (from, to) = (day(0), day(3));
    let period = ["1", "--from", &from, "--to", &to];
    let lines = command(&world, &period);
    assert_eq!(lines.status.code(), Some(0));
    let told = text(&lines);
    for line in [
        "unit 1",
        "  encounters 6, without outcome 1, not closed 1; median 8 min, longest 21 min",
        "  grounds: suspicion 3, witness 3",
        "  flags: case_does_not_fit 1, taken_though_documents_present 1",
        // The program's clock is the real one, before the second began.
        "  shifts 2, 2:00 h, pauses 1, overran 1, faults 1, gaps 1",
    ] {
        assert!(told.lines().any(|said| said == line), "{line}: {told}");
    }
    assert!(told.contains("found in 3 encounters of 2 officers"));
    assert!(told.contains(&week.again[0].to_string()));

    let table = command(&world, &[&period[..], &["--csv"]].concat());
    assert_eq!(table.status.code(), Some(0));
    let rows: Vec<_> = text(&table).split_terminator("\r\n").collect();
    assert_eq!(rows.len(), 6, "a header, four officers, the totals");
    assert!(rows[0].starts_with("officer,name,rank,encounters,ground_suspicion,"));
    let of_b = format!(
        "{},\"'=HYPERLINK(\"\"http://x\"\",\"\"N\"\")\",serjant,3,1,2,0,1,1,0,0,1,1,1,\
         \"case_does_not_fit 1, taken_though_documents_present 1\",3,3,3,10,10,1,60,0,0,0,0,0,0,0,0,0",
        week.b
    );
    assert!(rows.contains(&of_b.as_str()), "{rows:?}");
    let commas = |row: &str| row.matches(',').count();
    let totals = rows[5];
    assert!(totals.starts_with(",1,,6,3,3,0,"), "{totals}");
    // One more in the cell of the flags.
    assert_eq!(commas(totals), commas(rows[0]) + 1);
    let people = command(
        &world,
        &[&period[..], &["--csv", "--people", "--again", "2"]].concat(),
    );
    let rows: Vec<_> = text(&people).split_terminator("\r\n").collect();
    assert_eq!(rows[0], "person,times,officers,encounters");
    let [three, two, one] = week.again;
    assert!(
        rows[1].ends_with(&format!(",3,2,{three} {two} {one}")),
        "{rows:?}"
    );
    assert_eq!(rows.len(), 3);

    let entries = world.admin().audit_entries(20).unwrap();
    let looks = entries.iter().filter(|e| e.event == AuditEvent::ReportRead);
    let looks: Vec<_> = looks
        .map(|e| (e.officer, e.subject.clone().unwrap()))
        .collect();
    assert_eq!(looks.len(), 3);
    assert!(
        looks
            .iter()
            .all(|(officer, subject)| officer.is_none() && subject.ends_with(" 1"))
    );

    let later = day(100);
    for (arguments, code) in [
        (vec!["9", "--from", &from, "--to", &to], 1),
        (vec!["1", "--from", &to, "--to", &from], 1),
        (vec!["1", "--from", &from, "--to", &later], 1),
        (vec!["1", "--from", &from], 2),
        (vec!["--from", &from, "--to", &to], 2),
        (vec!["1", "--from", "yesterday", "--to", &to], 2),
        (vec!["1", "--from", &from, "--to", &to, "--again", "1"], 2),
        (vec!["1", "--from", &from, "--to", &to, "--people"], 2),
    ] {
        let output = command(&world, &arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        assert!(output.stdout.is_empty());
    }
}
