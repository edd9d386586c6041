use crate::support::*;
use central::audit::AuditEvent;
use central::store::ArchiveFlag;
use protocol::{AnswerResult, FoundBy, Probe, Question};
use regulation::QuestionId;
use regulation::encounter::{DocumentKind, Event};
use regulation::identity::Pinfl;
use std::time::Duration;
use uuid::Uuid;

pub async fn ask(world: &World, tablet: &mut Tablet, probe: Probe) -> protocol::Answer {
    let encounter = new_encounter();
    let mut envelopes = tablet.opened(world, encounter);
    if matches!(probe, Probe::Face { .. }) {
        let reason = "injury".into();
        let impossible = Event::FingerprintImpossible { reason, note: None };
        envelopes.push(tablet.event(world, encounter, impossible));
    }
    let (id, envelope) = tablet.ask(world, encounter, probe);
    envelopes.push(envelope);
    let after = tablet
        .inbox(world, 0, 0)
        .await
        .unwrap()
        .messages
        .last()
        .map_or(0, |m| m.cursor);
    tablet.send(world, envelopes).await.unwrap();
    let answer = tablet.answer(world, after).await;
    assert_eq!((answer.question, answer.encounter), (id, encounter));
    answer
}

#[tokio::test]
async fn a_person_is_found_by_document_and_by_pinfl_with_every_register_that_was_asked() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    world
        .admin()
        .import(&registers(), [person(1), person(2)])
        .unwrap();
    let answer = ask(&world, &mut tablet, by_document("zz 0000001")).await;
    let AnswerResult::Found { person: found, by } = answer.result else {
        panic!("not found")
    };
    assert_eq!(by, FoundBy::Number);
    assert_eq!(found.name, person(1).name);
    assert!(found.is_on(protocol::Register::Wanted));
    assert_eq!(found.asked, registers());
    let pinfl = Probe::Pinfl {
        pinfl: Pinfl("00000000000002".into()),
    };
    let answer = ask(&world, &mut tablet, pinfl).await;
    let AnswerResult::Found { person: found, .. } = answer.result else {
        panic!("not found")
    };
    assert_eq!(found.name, person(2).name);
    assert!(found.entries.is_empty());
    let answer = ask(&world, &mut tablet, by_document("ZZ9999999")).await;
    assert!(matches!(answer.result, AnswerResult::NotFound { .. }));
    let looks = world.admin().audit_entries(100).unwrap();
    assert_eq!(
        looks
            .iter()
            .filter(|e| e.event == AuditEvent::LookedUp)
            .count(),
        3
    );
}

#[tokio::test]
async fn a_finger_is_found_in_the_gallery_and_another_is_not() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let people = (10..40).map(person).chain([person_with_finger(1, 77)]);
    world.admin().import(&registers(), people).unwrap();
    world.central().gallery_ready().await;
    let answer = ask(&world, &mut tablet, by_finger(print(77, 5))).await;
    let gallery = answer.result.gallery();
    let AnswerResult::Found { person: found, .. } = answer.result else {
        panic!("{:?}", answer.result.kind())
    };
    assert_eq!(found.name, person(1).name);
    let answer = ask(&world, &mut tablet, by_finger(print(78, 5))).await;
    assert!(
        matches!(answer.result, AnswerResult::NotFound { .. }),
        "{:?}",
        answer.result.kind()
    );
    assert_eq!(
        answer.result.gallery(),
        gallery,
        "a probe does not join the gallery"
    );
}

#[tokio::test]
async fn a_print_added_or_removed_counts_from_the_next_search_on() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    world
        .admin()
        .import(&registers(), [person(1), person(2)])
        .unwrap();
    world.central().gallery_ready().await;
    let (finger, template) = person_with_finger(1, 77).prints.remove(0);
    world.admin().add_print("p-1", finger, &template).unwrap();
    let answer = ask(&world, &mut tablet, by_finger(print(77, 5))).await;
    assert!(
        matches!(answer.result, AnswerResult::Found { .. }),
        "{:?}",
        answer.result.kind()
    );
    // By another process beside the server, as the command line is.
    let beside = central::Admin::open(&world.config).unwrap();
    assert_eq!(beside.remove_print("p-1", finger).unwrap(), 1);
    let answer = ask(&world, &mut tablet, by_finger(print(77, 5))).await;
    assert!(
        matches!(answer.result, AnswerResult::NotFound { .. }),
        "{:?}",
        answer.result.kind()
    );
}

#[tokio::test]
async fn from_a_gallery_that_is_not_whole_nobody_is_not_found() {
    let mut world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    world
        .admin()
        .import(&registers(), [person(1), person(2)])
        .unwrap();
    world.stop().await;
    let database = rusqlite::Connection::open(world.database()).unwrap();
    database
        .execute("UPDATE print SET template = x'00' WHERE person = 2", [])
        .unwrap();
    drop(database);
    world.start().await;
    world.central().gallery_ready().await;
    let answer = ask(&world, &mut tablet, by_finger(print(78, 5))).await;
    assert!(matches!(answer.result, AnswerResult::Incomplete));
    // Mended by the administrator, it is whole again without a restart.
    world.admin().import(&registers(), [person(2)]).unwrap();
    let answer = ask(&world, &mut tablet, by_finger(print(78, 5))).await;
    assert!(
        matches!(answer.result, AnswerResult::NotFound { .. }),
        "{:?}",
        answer.result.kind()
    );
}

#[tokio::test]
async fn while_the_gallery_is_being_loaded_the_answer_is_incomplete() {
    use central::search::Search;
    use central::store::sqlite::SqliteStore;
    let world = World::stopped(|_| {});
    let store = std::sync::Arc::new(SqliteStore::open(&world.database(), None).unwrap());
    let search = Search::new(store, &world.config.policy, no_faces()).unwrap();
    let result = search.answer(&by_finger(print(1, 1))).unwrap();
    assert!(matches!(result.result, AnswerResult::Incomplete));
    search.load().unwrap();
    let result = search.answer(&by_finger(print(1, 1))).unwrap();
    assert!(matches!(result.result, AnswerResult::NotFound { .. }));
}

#[tokio::test]
async fn a_question_outside_an_open_encounter_is_kept_and_not_looked_up() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    world.admin().import(&registers(), [person(1)]).unwrap();
    let encounter = new_encounter();
    let (_, envelope) = tablet.ask(&world, encounter, by_document("ZZ0000001"));
    tablet.send(&world, vec![envelope]).await.unwrap();
    assert!(
        tablet
            .inbox(&world, 0, 1_500)
            .await
            .unwrap()
            .messages
            .is_empty()
    );
    let archived = world
        .admin()
        .archive()
        .encounter(encounter)
        .unwrap()
        .unwrap();
    assert!(archived.answers.is_empty());
    assert_eq!(archived.flags, [(1, ArchiveFlag::NotLookedUp)]);
    assert!(!archived.verified.procedure);
    let events: Vec<_> = world
        .admin()
        .audit_entries(10)
        .unwrap()
        .into_iter()
        .map(|e| e.event)
        .collect();
    assert!(events.contains(&AuditEvent::NotLookedUp) && !events.contains(&AuditEvent::LookedUp));
}

#[tokio::test]
async fn a_question_that_came_before_its_opening_is_looked_up_when_that_arrives() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    world.admin().import(&registers(), [person(1)]).unwrap();
    let encounter = new_encounter();
    let opening = tablet.opened(&world, encounter);
    let (_, question) = tablet.ask(&world, encounter, by_document("ZZ0000001"));
    tablet.send(&world, vec![question]).await.unwrap();
    assert!(
        tablet
            .inbox(&world, 0, 300)
            .await
            .unwrap()
            .messages
            .is_empty()
    );
    tablet.send(&world, opening).await.unwrap();
    let answer = tablet.answer(&world, 0).await;
    assert!(matches!(answer.result, AnswerResult::Found { .. }));
    let archived = world
        .admin()
        .archive()
        .encounter(encounter)
        .unwrap()
        .unwrap();
    assert!(archived.flags.is_empty(), "{:?}", archived.flags);
}

#[tokio::test]
async fn a_withdrawn_question_is_not_looked_up() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let encounter = new_encounter();
    let mut envelopes = tablet.opened(&world, encounter);
    let (question, envelope) = tablet.ask(&world, encounter, by_document("ZZ0000001"));
    envelopes.push(envelope);
    envelopes.push(tablet.event(&world, encounter, Event::QuestionWithdrawn { question }));
    tablet.send(&world, envelopes).await.unwrap();
    assert!(
        tablet
            .inbox(&world, 0, 1_000)
            .await
            .unwrap()
            .messages
            .is_empty()
    );
    let archived = world
        .admin()
        .archive()
        .encounter(encounter)
        .unwrap()
        .unwrap();
    assert!(archived.answers.is_empty() && archived.flags.is_empty());
}

#[tokio::test]
async fn a_question_that_came_after_its_time_is_answered_expired_without_a_look() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    world.admin().import(&registers(), [person(1)]).unwrap();
    let encounter = new_encounter();
    let mut envelopes = tablet.opened(&world, encounter);
    envelopes.push(tablet.ask(&world, encounter, by_document("ZZ0000001")).1);
    world.clock.advance(Duration::from_secs(3601));
    tablet.send(&world, envelopes).await.unwrap();
    let answer = tablet.answer(&world, 0).await;
    assert!(matches!(answer.result, AnswerResult::Expired));
    let entries = world.admin().audit_entries(100).unwrap();
    assert!(entries.iter().all(|e| e.event != AuditEvent::LookedUp));
}

#[tokio::test]
async fn a_question_sent_again_or_asked_under_the_same_id_is_answered_once() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let encounter = new_encounter();
    let mut envelopes = tablet.opened(&world, encounter);
    let (id, envelope) = tablet.ask(&world, encounter, by_document("ZZ0000001"));
    envelopes.push(envelope);
    let batch = tablet.batch(envelopes);
    tablet.post(&world, &batch).await.unwrap();
    tablet.post(&world, &batch).await.unwrap();
    let answer = tablet.answer(&world, 0).await;
    // The same id once more, in an encounter of its own.
    let other = new_encounter();
    let mut envelopes = tablet.opened(&world, other);
    let expires_at = world.clock.now().plus_millis(3_600_000);
    let question = Question {
        id,
        expires_at,
        probe: by_document("ZZ0000002"),
    };
    envelopes.push(tablet.ask_as(&world, other, question));
    tablet.send(&world, envelopes).await.unwrap();
    assert!(
        tablet
            .inbox(&world, 1, 1_000)
            .await
            .unwrap()
            .messages
            .is_empty()
    );
    let archived = world.admin().archive().encounter(other).unwrap().unwrap();
    assert_eq!(archived.flags, [(10, ArchiveFlag::QuestionRepeated)]);
    let first = world
        .admin()
        .archive()
        .encounter(encounter)
        .unwrap()
        .unwrap();
    assert_eq!(first.answers, [answer]);
}

#[tokio::test]
async fn a_question_that_rests_on_something_else_than_its_event_says_is_not_looked_up() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let encounter = new_encounter();
    let mut envelopes = tablet.opened(&world, encounter);
    let id = QuestionId(Uuid::new_v4());
    let event = Event::Asked {
        question: id,
        basis: regulation::encounter::Basis::Document {
            document: DocumentKind::Passport,
        },
    };
    let recorded = regulation::encounter::Recorded {
        at: world.clock.now(),
        event,
    };
    let expires_at = world.clock.now().plus_millis(3_600_000);
    let question = Some(Question {
        id,
        expires_at,
        probe: by_document("ZZ0000001"),
    });
    let fact = tablet.fact(&world, protocol::FactKind::Encounter { recorded, question });
    envelopes.push(tablet.seal(Some(encounter), &fact));
    tablet.send(&world, envelopes).await.unwrap();
    assert!(
        tablet
            .inbox(&world, 0, 500)
            .await
            .unwrap()
            .messages
            .is_empty()
    );
    let archived = world
        .admin()
        .archive()
        .encounter(encounter)
        .unwrap()
        .unwrap();
    let flags: Vec<_> = archived.flags.iter().map(|(_, flag)| *flag).collect();
    assert_eq!(
        flags,
        [ArchiveFlag::QuestionMismatch, ArchiveFlag::NotLookedUp]
    );
}

#[tokio::test]
async fn training_questions_never_touch_real_registers() {
    a_question_of_the_other_kind_is_not_looked_up(false).await;
}

#[tokio::test]
async fn questions_of_duty_never_touch_registers_of_training() {
    a_question_of_the_other_kind_is_not_looked_up(true).await;
}

/// Kept as evidence of what it is, flagged, and never answered.
async fn a_question_of_the_other_kind_is_not_looked_up(training: bool) {
    let world = World::with(|config| config.training = training).await;
    let mut tablet = world.on_duty("a").await;
    world.admin().import(&registers(), [person(1)]).unwrap();
    let encounter = new_encounter();
    let mut envelopes = tablet.opened(&world, encounter);
    let id = QuestionId(Uuid::new_v4());
    let basis = regulation::encounter::Basis::Document {
        document: DocumentKind::IdCard,
    };
    let event = Event::Asked {
        question: id,
        basis,
    };
    let recorded = regulation::encounter::Recorded {
        at: world.clock.now(),
        event,
    };
    let expires_at = world.clock.now().plus_millis(3_600_000);
    let question = Some(Question {
        id,
        expires_at,
        probe: by_document("ZZ0000001"),
    });
    let mut fact = tablet.fact(&world, protocol::FactKind::Encounter { recorded, question });
    fact.training = !training;
    envelopes.push(tablet.seal(Some(encounter), &fact));
    tablet.send(&world, envelopes).await.unwrap();
    assert!(
        tablet
            .inbox(&world, 0, 500)
            .await
            .unwrap()
            .messages
            .is_empty()
    );
    let archived = world
        .admin()
        .archive()
        .encounter(encounter)
        .unwrap()
        .unwrap();
    assert!(archived.flags.contains(&(5, ArchiveFlag::TrainingMismatch)));
    // The questions before it were of its own kind; one of training makes the encounter one.
    assert!(archived.training);
}
