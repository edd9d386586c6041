//! §18: a bodycam that is held over the end of a session is told to the officer's next one.

use crate::desk::{happened, now, on_patrol};
use crate::support::*;
use protocol::{Alert, AlertKind, HeldCamera, SessionEvent};
use regulation::Timestamp;
use regulation::bodycam::{Event, Status};
use std::time::Duration;

fn held(camera: &str, since: Timestamp, on: bool) -> Option<HeldCamera> {
    let camera = camera.parse().unwrap();
    Some(HeldCamera { camera, since, on })
}

fn minutes(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

#[tokio::test]
async fn what_is_held_is_told_at_the_next_log_in_and_in_rosters_until_it_is_handed_back() {
    let world = World::new().await;
    let mut desk = world.at_the_desk("d", "1").await;
    let mut patrol = on_patrol(&world, "a").await;
    assert_eq!(patrol.session().kit.held, None);
    let heard = world.clock.now();
    world.clock.advance(minutes(90));
    // Another tablet, in mid-shift: the session before is told to end by the new one.
    let mut second = world.tablet().await;
    second.log_in(&world, "a").await;
    assert_eq!(second.session().kit.held, held("BC-0001", heard, true));
    let roster = second.roster(&world).await;
    let offline = second.offline(&roster, "a", PASSWORD, &[]).unwrap();
    assert_eq!(offline.kit.held, held("BC-0001", heard, true));
    let carried = Event::CarriedOver {
        camera: "BC-0001".parse().unwrap(),
        since: heard,
        on: true,
    };
    happened(&world, &mut second, [carried]).await;
    let board = now(&world, &desk).await;
    let rows = board
        .on_duty
        .iter()
        .filter(|r| r.session == second.session().session);
    let cameras: Vec<_> = rows.map(|row| (row.status, row.camera.clone())).collect();
    assert_eq!(
        cameras,
        [(Status::Recording, Some("BC-0001".parse().unwrap()))]
    );
    let twice = |alert: &Alert| matches!(alert.kind, AlertKind::CameraHeldTwice { .. });
    assert!(!board.alerts.iter().any(twice), "held twice by nobody");
    // Off, and not handed back: since when it is off.
    world.clock.advance(minutes(10));
    let off = world.clock.now();
    happened(&world, &mut second, [Event::SwitchedOff]).await;
    world.clock.advance(minutes(5));
    patrol.log_in(&world, "a").await;
    assert_eq!(patrol.session().kit.held, held("BC-0001", off, false));
    let back = Event::Returned {
        battery_percent: None,
    };
    happened(&world, &mut second, [back]).await;
    patrol.log_in(&world, "a").await;
    assert_eq!(patrol.session().kit.held, None);
    assert!(now(&world, &desk).await.alerts.is_empty());
    desk.log_in(&world, "d").await;
}

#[tokio::test]
async fn what_somebody_else_has_received_since_is_held_no_more() {
    let world = World::new().await;
    let mut patrol = on_patrol(&world, "a").await;
    world.clock.advance(minutes(1));
    let left = world.clock.now();
    let event = SessionEvent::Ended;
    let fact = patrol.fact(&world, protocol::FactKind::Session { event });
    let ended = patrol.seal(None, &fact);
    patrol.send(&world, vec![ended]).await.unwrap();
    world.clock.advance(minutes(30));
    patrol.log_in(&world, "a").await;
    assert_eq!(patrol.session().kit.held, held("BC-0001", left, true));
    let mut other = world.on_duty("b").await;
    let received = Event::Received {
        camera: "BC-0001".parse().unwrap(),
        battery_percent: 90,
        battery: Some("full".into()),
        emptied: true,
        worn: true,
    };
    happened(&world, &mut other, [received]).await;
    patrol.log_in(&world, "a").await;
    assert_eq!(patrol.session().kit.held, None);
}
