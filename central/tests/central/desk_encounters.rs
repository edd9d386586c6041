//! What a desk sees of encounters and of tablets on duty: people found, answers that came too late,
//! resistance, silence (§4, §6, §9).

use crate::desk::{decided, flags, kinds, now};
use crate::support::*;
use central::audit::AuditEvent;
use central::store::ArchiveFlag;
use protocol::{
    AlertKind, AnswerResult, ApiError, DeskBoard, DeskEvent, ErrorCode, FactKind, LateAnswer, Role,
    SessionEvent, path,
};
use regulation::encounter::{AnswerKind, Event, Outcome};
use regulation::{EncounterId, QuestionId};
use std::time::Duration;

/// Asks for a person by number, in an encounter of its own; odd ones are wanted.
async fn asked(world: &World, tablet: &mut Tablet, number: u64) -> (EncounterId, QuestionId) {
    let encounter = new_encounter();
    let mut envelopes = tablet.opened(world, encounter);
    let document = by_document(&format!("ZZ{number:07}"));
    let (question, envelope) = tablet.ask(world, encounter, document);
    envelopes.push(envelope);
    tablet.send(world, envelopes).await.unwrap();
    (encounter, question)
}

async fn ended(world: &World, tablet: &mut Tablet) {
    let event = SessionEvent::Ended;
    let fact = tablet.fact(world, FactKind::Session { event });
    let envelope = tablet.seal(None, &fact);
    tablet.send(world, vec![envelope]).await.unwrap();
}

/// The board as soon as it is so.
async fn until(world: &World, desk: &Tablet, is: impl Fn(&[AlertKind]) -> bool) -> DeskBoard {
    for _ in 0..200 {
        let board = now(world, desk).await;
        if is(&kinds(&board)) {
            return board;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it did not come");
}

async fn late(world: &World, desk: &Tablet, id: QuestionId) -> Result<LateAnswer, ApiError> {
    let url = world.url(&path::late_answer(id));
    let request = desk.client.get(url).bearer_auth(&desk.session().token);
    reply(request.send().await.unwrap()).await
}

fn count(world: &World, event: AuditEvent) -> usize {
    let entries = world.admin().audit_entries(200).unwrap();
    entries.iter().filter(|e| e.event == event).count()
}

fn is_found(kind: &AlertKind) -> bool {
    matches!(kind, AlertKind::PersonFound { .. })
}

#[tokio::test]
async fn somebody_wanted_is_at_the_desk_without_a_name_until_it_is_seen() {
    let world = World::new().await;
    let (people, none) = ([person(1), person(2)], Vec::<AlertKind>::new());
    world.admin().import(&registers(), people).unwrap();
    let mut desk = world.at_the_desk("d", "1").await;
    let theirs = world.at_the_desk("e", "2").await;
    let mut patrol = world.on_duty("a").await;
    // Somebody who is on no register is no alert.
    asked(&world, &mut patrol, 2).await;
    patrol.answer(&world, 0).await;
    assert!(kinds(&now(&world, &desk).await) == none);
    let before = now(&world, &desk).await;
    let (_, question) = asked(&world, &mut patrol, 1).await;
    // The board that is waited for comes by itself.
    let board = desk.board(&world, &before.version, 20_000).await.unwrap();
    let found = AlertKind::PersonFound {
        question,
        answer: AnswerKind::Found {
            wanted: true,
            missing: false,
        },
        wanted: true,
        place: Some("bozor".into()),
    };
    assert!(kinds(&board) == [found]);
    assert_eq!(board.alerts[0].session, patrol.session().session);
    let json = serde_json::to_string(&board).unwrap();
    assert!(!json.contains("Namunayev1") && !json.contains("koʻchasi"));
    assert!(kinds(&now(&world, &theirs).await) == none);
    // The answer itself is the officer's: it is in no box.
    let refused = late(&world, &desk, question).await;
    assert_eq!(code(refused), ErrorCode::NotFound);
    for _ in 0..2 {
        decided(&world, &mut desk, DeskEvent::FoundSeen { question }).await;
    }
    assert!(kinds(&now(&world, &desk).await) == none);
    assert_eq!(flags(&world, &desk), [(2, ArchiveFlag::DecidedAlready)]);
    assert_eq!(count(&world, AuditEvent::FoundSeen), 1);
}

#[tokio::test]
async fn somebody_wanted_is_no_longer_at_the_desk_when_the_encounter_is_closed() {
    let world = World::new().await;
    world.admin().import(&registers(), [person(1)]).unwrap();
    let desk = world.at_the_desk("d", "1").await;
    let mut patrol = world.on_duty("a").await;
    let (encounter, _) = asked(&world, &mut patrol, 1).await;
    let board = until(&world, &desk, |kinds| kinds.iter().any(is_found)).await;
    let outcome = Event::OutcomeRecorded {
        outcome: Outcome::TakenToStation {
            case: "wanted_or_missing".into(),
        },
    };
    let events = [outcome, Event::Closed];
    let envelopes = events.map(|event| patrol.event(&world, encounter, event));
    patrol.send(&world, envelopes.into()).await.unwrap();
    let closed = desk.board(&world, &board.version, 20_000).await.unwrap();
    assert!(closed.alerts.is_empty());
}

#[tokio::test]
async fn a_late_answer_is_for_its_own_units_desk_each_look_is_kept_and_dealing_with_it_ends_it() {
    let world = World::new().await;
    let people = [person(1), person(2)];
    world.admin().import(&registers(), people).unwrap();
    let mut desk = world.at_the_desk("d", "1").await;
    let theirs = world.at_the_desk("e", "2").await;
    let mut patrol = world.on_duty("a").await;
    let colleague = world.on_duty("b").await;
    world.officer_as("m", "1", Role::Monitoring);
    let mut monitoring = world.tablet().await;
    monitoring.log_in(&world, "m").await;
    let (_, quiet) = asked(&world, &mut patrol, 2).await;
    let (_, grave) = asked(&world, &mut patrol, 1).await;
    until(&world, &desk, |kinds| kinds.iter().any(is_found)).await;
    // The desk knows that there is somebody; the officer's shift ends without the answers.
    let question = grave;
    decided(&world, &mut desk, DeskEvent::FoundSeen { question }).await;
    ended(&world, &mut patrol).await;
    let board = until(&world, &desk, |kinds| kinds.len() == 2).await;
    let said: Vec<_> = kinds(&board)
        .into_iter()
        .map(|kind| match kind {
            AlertKind::LateAnswer {
                question,
                wanted,
                missing: false,
                ground: Some(ground),
                ..
            } => (question, wanted, ground),
            _ => panic!("another alert"),
        })
        .collect();
    let ground = String::from("suspicion");
    assert_eq!(
        said,
        [(grave, true, ground.clone()), (quiet, false, ground)],
        "the wanted one first"
    );
    assert!(
        !serde_json::to_string(&board)
            .unwrap()
            .contains("Namunayev1")
    );
    assert!(now(&world, &theirs).await.alerts.is_empty());
    assert!(now(&world, &monitoring).await.alerts.is_empty());
    let answer = late(&world, &desk, grave).await.unwrap();
    let AnswerResult::Found { person, .. } = answer.answer.result else {
        panic!("nobody found")
    };
    assert_eq!(person.name.surname, "Namunayev1");
    assert_eq!(answer.officer, patrol.session().officer.id);
    assert_eq!(answer.place.as_deref(), Some("bozor"));
    late(&world, &desk, grave).await.unwrap();
    assert_eq!(count(&world, AuditEvent::LateAnswerRead), 2, "each look");
    let entries = world.admin().audit_entries(10).unwrap();
    let look = entries
        .iter()
        .find(|e| e.event == AuditEvent::LateAnswerRead)
        .unwrap();
    assert_eq!(look.subject, Some(grave.to_string()));
    assert_eq!(look.officer, Some(desk.session().officer.id));
    let codes = [
        late(&world, &theirs, grave).await,
        late(&world, &colleague, grave).await,
        late(&world, &monitoring, grave).await,
        late(&world, &desk, QuestionId(uuid::Uuid::new_v4())).await,
    ]
    .map(code);
    let not_allowed = ErrorCode::NotAllowed;
    let not_found = ErrorCode::NotFound;
    assert_eq!(codes, [not_found, not_allowed, not_allowed, not_found]);
    assert_eq!(count(&world, AuditEvent::LateAnswerRead), 2, "no look");
    // In words, or with one tap; once. A text of blanks is none.
    let settled = |question, how: Option<&str>| DeskEvent::AnswerSettled {
        question,
        how: how.map(str::to_owned),
    };
    decided(&world, &mut desk, settled(grave, Some(" "))).await;
    assert_eq!(now(&world, &desk).await.alerts.len(), 2);
    for event in [
        settled(grave, Some("patrul yuborildi")),
        settled(grave, None),
        settled(quiet, None),
    ] {
        decided(&world, &mut desk, event).await;
    }
    assert!(now(&world, &desk).await.alerts.is_empty());
    let expected = [
        (2, ArchiveFlag::DecisionIncomplete),
        (4, ArchiveFlag::DecidedAlready),
    ];
    assert_eq!(flags(&world, &desk), expected);
    assert_eq!(count(&world, AuditEvent::AnswerSettled), 2);
    assert_eq!(code(late(&world, &desk, grave).await), not_found);
}

#[tokio::test]
async fn of_an_answer_that_its_officer_has_nothing_is_settled() {
    let world = World::new().await;
    world.admin().import(&registers(), [person(1)]).unwrap();
    let mut desk = world.at_the_desk("d", "1").await;
    let mut patrol = world.on_duty("a").await;
    let (_, question) = asked(&world, &mut patrol, 1).await;
    until(&world, &desk, |kinds| kinds.iter().any(is_found)).await;
    let event = DeskEvent::AnswerSettled {
        question,
        how: None,
    };
    decided(&world, &mut desk, event.clone()).await;
    assert_eq!(flags(&world, &desk), [(1, ArchiveFlag::DecidesUnknown)]);
    // It turns out that the officer does not have it: now it is the desk's.
    ended(&world, &mut patrol).await;
    let is_late = |kinds: &[AlertKind]| matches!(kinds, [AlertKind::LateAnswer { .. }]);
    until(&world, &desk, is_late).await;
    decided(&world, &mut desk, event).await;
    assert!(now(&world, &desk).await.alerts.is_empty());
}

#[tokio::test]
async fn paragraph_9_resistance_is_at_the_desk_until_it_is_seen_and_comes_once() {
    let world = World::new().await;
    let mut desk = world.at_the_desk("d", "1").await;
    let theirs = world.at_the_desk("e", "2").await;
    let mut patrol = world.on_duty("a").await;
    let encounter = new_encounter();
    let mut envelopes = patrol.opened(&world, encounter);
    let case = String::from("resisted");
    let outcome = Event::OutcomeRecorded {
        outcome: Outcome::TakenToStation { case: case.clone() },
    };
    envelopes.push(patrol.event(&world, encounter, outcome));
    let before = now(&world, &desk).await;
    patrol.send(&world, envelopes).await.unwrap();
    let board = desk.board(&world, &before.version, 20_000).await.unwrap();
    let resistance = AlertKind::Resistance {
        encounter,
        case,
        place: Some("bozor".into()),
    };
    assert!(kinds(&board) == [resistance]);
    assert!(now(&world, &theirs).await.alerts.is_empty());
    decided(&world, &mut desk, DeskEvent::ResistanceSeen { encounter }).await;
    assert!(now(&world, &desk).await.alerts.is_empty());
    // The encounter is replayed whole with each of its events.
    let closed = patrol.event(&world, encounter, Event::Closed);
    patrol.send(&world, vec![closed]).await.unwrap();
    assert!(now(&world, &desk).await.alerts.is_empty());
    assert_eq!(count(&world, AuditEvent::ResistanceSeen), 1);
    // Of an encounter without it there is nothing to see.
    let other = new_encounter();
    let mut envelopes = patrol.opened(&world, other);
    let released = Event::OutcomeRecorded {
        outcome: Outcome::Released,
    };
    envelopes.push(patrol.event(&world, other, released));
    patrol.send(&world, envelopes).await.unwrap();
    let event = DeskEvent::ResistanceSeen { encounter: other };
    decided(&world, &mut desk, event).await;
    assert_eq!(flags(&world, &desk), [(2, ArchiveFlag::DecidesUnknown)]);
}

const QUARTER: Duration = Duration::from_secs(15 * 60);

#[tokio::test]
async fn a_tablet_on_duty_that_is_not_heard_of_is_at_the_desk_until_it_is() {
    let mut world = World::new().await;
    let desk = world.at_the_desk("d", "1").await;
    let patrol = world.on_duty("a").await;
    let heard = world.clock.now();
    world.clock.advance(QUARTER);
    assert!(now(&world, &desk).await.alerts.is_empty(), "not yet");
    world.clock.advance(Duration::from_secs(1));
    let board = now(&world, &desk).await;
    let device = patrol.device();
    assert!(kinds(&board) == [AlertKind::Silent { device }]);
    assert_eq!(board.alerts[0].at, heard);
    patrol.inbox(&world, 0, 0).await.unwrap();
    assert!(now(&world, &desk).await.alerts.is_empty());
    // A central that was down has heard of nobody, and says so of nobody at once.
    world.clock.advance(QUARTER * 2);
    world.stop().await;
    world.start().await;
    assert!(now(&world, &desk).await.alerts.is_empty());
    world.clock.advance(QUARTER + Duration::from_secs(1));
    let silent = [AlertKind::Silent { device }];
    assert!(kinds(&now(&world, &desk).await) == silent);
}

#[tokio::test]
async fn a_tablet_that_sends_and_leaves_something_out_is_at_the_desk_until_it_comes() {
    let world = World::new().await;
    let desk = world.at_the_desk("d", "1").await;
    let mut patrol = world.on_duty("a").await;
    let mut envelopes = crate::desk::recording(&world, &mut patrol);
    let first = envelopes.remove(0);
    patrol.send(&world, envelopes).await.unwrap();
    world.clock.advance(QUARTER + Duration::from_secs(1));
    patrol.inbox(&world, 0, 0).await.unwrap();
    let device = patrol.device();
    let stuck = [AlertKind::QueueStuck { device }];
    assert!(kinds(&now(&world, &desk).await) == stuck);
    patrol.send(&world, vec![first]).await.unwrap();
    assert!(now(&world, &desk).await.alerts.is_empty());
}
