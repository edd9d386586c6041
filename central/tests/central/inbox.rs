use crate::support::*;
use protocol::{ErrorCode, FactKind, SessionEvent};
use std::time::{Duration, Instant};

async fn asked(world: &World, tablet: &mut Tablet) -> regulation::QuestionId {
    let encounter = new_encounter();
    let mut envelopes = tablet.opened(world, encounter);
    let (id, envelope) = tablet.ask(world, encounter, by_document("ZZ0000001"));
    envelopes.push(envelope);
    tablet.send(world, envelopes).await.unwrap();
    id
}

#[tokio::test]
async fn a_long_poll_is_woken_by_the_answer() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let (client, url) = (tablet.client.clone(), world.url(protocol::path::INBOX));
    let token = tablet.session().token.clone();
    let started = Instant::now();
    let poll = tokio::spawn(async move {
        let request = client
            .get(format!("{url}?after=0&wait_ms=20000"))
            .bearer_auth(token);
        reply::<protocol::InboxPage>(request.send().await.unwrap())
            .await
            .unwrap()
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    asked(&world, &mut tablet).await;
    assert_eq!(poll.await.unwrap().messages.len(), 1);
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn an_empty_inbox_answers_when_the_wait_is_over() {
    let world = World::new().await;
    let tablet = world.on_duty("a").await;
    let started = Instant::now();
    assert!(
        tablet
            .inbox(&world, 0, 400)
            .await
            .unwrap()
            .messages
            .is_empty()
    );
    assert!(started.elapsed() >= Duration::from_millis(400));
}

#[tokio::test]
async fn an_answer_reaches_the_session_that_asked_and_no_other() {
    let world = World::new().await;
    let mut asking = world.on_duty("a").await;
    let other = world.on_duty("b").await;
    let id = asked(&world, &mut asking).await;
    assert_eq!(asking.answer(&world, 0).await.question, id);
    assert!(other.inbox(&world, 0, 0).await.unwrap().messages.is_empty());
    // The token alone is not enough: it belongs to its tablet.
    let stolen = other.inbox_as(&world, &asking.session().token, 0, 0).await;
    assert_eq!(code(stolen), ErrorCode::SessionUnknown);
    assert_eq!(
        code(other.inbox_as(&world, "x", 0, 0).await),
        ErrorCode::SessionUnknown
    );
}

#[tokio::test]
async fn messages_are_kept_until_confirmed_and_come_in_order() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(asked(&world, &mut tablet).await);
        tablet.answer(&world, ids.len() as u64 - 1).await;
    }
    for _ in 0..2 {
        let page = tablet.inbox(&world, 0, 0).await.unwrap();
        let cursors: Vec<_> = page.messages.iter().map(|m| m.cursor).collect();
        assert_eq!(cursors, [1, 2, 3]);
    }
    assert_eq!(tablet.inbox(&world, 2, 0).await.unwrap().messages.len(), 1);
    assert!(
        tablet
            .inbox(&world, u64::MAX, 0)
            .await
            .unwrap()
            .messages
            .is_empty()
    );
}

#[tokio::test]
async fn another_log_in_on_the_tablet_ends_the_session_and_its_long_poll() {
    let world = World::new().await;
    let tablet = world.on_duty("a").await;
    world.officer("b");
    let started = Instant::now();
    let next = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        tablet.try_log_in(&world, "b", PASSWORD).await.unwrap()
    };
    let (waited, next) = tokio::join!(tablet.inbox(&world, 0, 20_000), next);
    assert_eq!(code(waited), ErrorCode::SessionUnknown);
    assert!(started.elapsed() < Duration::from_secs(10));
    assert!(
        tablet
            .inbox_as(&world, &next.token, 0, 0)
            .await
            .unwrap()
            .messages
            .is_empty()
    );
}

#[tokio::test]
async fn a_session_ends_by_its_own_fact() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let fact = tablet.fact(
        &world,
        FactKind::Session {
            event: SessionEvent::Ended,
        },
    );
    let envelope = tablet.seal(None, &fact);
    tablet.send(&world, vec![envelope]).await.unwrap();
    assert_eq!(
        code(tablet.inbox(&world, 0, 0).await),
        ErrorCode::SessionUnknown
    );
}

#[tokio::test]
async fn the_answer_to_an_ended_session_goes_to_the_duty_desk() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let encounter = new_encounter();
    let mut envelopes = tablet.opened(&world, encounter);
    let (id, envelope) = tablet.ask(&world, encounter, by_document("ZZ0000001"));
    envelopes.push(envelope);
    world.officer("b");
    let next = tablet.try_log_in(&world, "b", PASSWORD).await.unwrap();
    // What the first shift left in the queue is sent by the second.
    tablet.send(&world, envelopes).await.unwrap();
    let duty = until(|| world.admin().duty_answers().unwrap().pop()).await;
    assert_eq!(
        (duty.answer.question, duty.session),
        (id, tablet.session().session)
    );
    assert!(
        tablet
            .inbox_as(&world, &next.token, 0, 0)
            .await
            .unwrap()
            .messages
            .is_empty()
    );
}

#[tokio::test]
async fn an_answer_that_was_never_fetched_goes_to_the_duty_desk_when_the_session_ends() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let seen = asked(&world, &mut tablet).await;
    tablet.answer(&world, 0).await;
    let unseen = asked(&world, &mut tablet).await;
    // Fetched, but only the first is confirmed.
    tablet.answer(&world, 1).await;
    tablet.try_log_in(&world, "a", PASSWORD).await.unwrap();
    let duty: Vec<_> = world
        .admin()
        .duty_answers()
        .unwrap()
        .into_iter()
        .map(|d| d.answer.question)
        .collect();
    assert_eq!(duty, [unseen]);
    assert_ne!(seen, unseen);
}

#[tokio::test]
async fn after_its_lease_a_session_has_no_inbox() {
    let world = World::new().await;
    let tablet = world.on_duty("a").await;
    world.clock.advance(Duration::from_secs(12 * 3600));
    assert_eq!(
        code(tablet.inbox(&world, 0, 0).await),
        ErrorCode::SessionUnknown
    );
}

async fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..200 {
        if let Some(found) = look() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it did not come");
}
