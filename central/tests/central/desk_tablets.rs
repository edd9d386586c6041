//! §31: tablets of the unit reported lost or found, and unlocked, from its desk.

use crate::custody::{taken, tell};
use crate::desk::now;
use crate::support::*;
use central::audit::AuditEvent;
use protocol::{
    ApiError, DeviceId, ErrorCode, Role, TabletOrder, TabletOrdered, TabletRequest, TabletStanding,
    WipeReport, WipeStage, path,
};
use regulation::CustodyId;

async fn order(
    world: &World,
    desk: &Tablet,
    device: DeviceId,
    order: TabletOrder,
) -> Result<TabletOrdered, ApiError> {
    let request = desk.client.post(world.url(path::TABLET));
    let request = request.bearer_auth(&desk.session().token);
    let body = TabletRequest { device, order };
    reply(request.json(&body).send().await.unwrap()).await
}

async fn standing(world: &World, desk: &Tablet, device: DeviceId) -> Option<TabletStanding> {
    let board = now(world, desk).await;
    let row = board.tablets.iter().find(|row| row.device == device);
    row.map(|row| row.standing)
}

async fn reports(world: &World, tablet: &Tablet, stage: WipeStage) {
    let mut report = WipeReport {
        device: tablet.device(),
        stage,
        last_seq: 0,
        head: tablet.previous,
        unsafe_events: 0,
        at: regulation::Timestamp(1),
        signature: Vec::new(),
    };
    report.signature = tablet.keys.sign(&report.signed_bytes());
    let request = tablet.client.post(world.url(path::WIPE)).json(&report);
    let receipt: protocol::WipeReceipt = reply(request.send().await.unwrap()).await.unwrap();
    assert_eq!(receipt.stage, stage);
}

async fn logged_in(world: &World, login: &str, unit: &str, role: Role) -> Tablet {
    world.officer_as(login, unit, role);
    let mut tablet = world.tablet().await;
    tablet.log_in(world, login).await;
    tablet
}

#[tokio::test]
async fn a_lost_tablet_is_shut_out_at_once_found_again_and_each_is_kept_by_name() {
    let world = World::new().await;
    let desk = world.at_the_desk("d", "1").await;
    let patrol = world.on_duty("a").await;
    let device = patrol.device();
    let good = Some(TabletStanding::Good);
    assert_eq!(standing(&world, &desk, device).await, good);
    let before = now(&world, &desk).await;
    let since = world.clock.now();
    let ordered = order(&world, &desk, device, TabletOrder::Lost).await;
    let lost = TabletStanding::Lost { since };
    assert_eq!(ordered.unwrap().standing, lost);
    // The board that is waited for comes by itself, and still has the tablet.
    let board = desk.board(&world, &before.version, 20_000).await.unwrap();
    let row = board.tablets.iter().find(|row| row.device == device);
    assert_eq!(row.map(|row| row.standing), Some(lost));
    let refused = patrol.inbox(&world, 0, 0).await;
    assert_eq!(code(refused), ErrorCode::DeviceLost);
    // Said again, it is no other report.
    world.clock.advance(std::time::Duration::from_secs(60));
    let again = order(&world, &desk, device, TabletOrder::Lost).await;
    assert_eq!(again.unwrap().standing, lost);
    let found = order(&world, &desk, device, TabletOrder::Found).await;
    assert_eq!(found.unwrap().standing, TabletStanding::Good);
    patrol
        .try_log_in(&world, "a", PASSWORD)
        .await
        .expect("it may be logged in to again");
    let entries = world.admin().audit_entries(50).unwrap();
    let by_desk: Vec<_> = entries
        .iter()
        .rev()
        .filter(|e| e.device == Some(device) && e.officer == Some(desk.session().officer.id))
        .map(|e| (e.event, e.session))
        .collect();
    let session = Some(desk.session().session);
    let expected = [
        (AuditEvent::DeviceReportedLost, session),
        (AuditEvent::DeviceReportedLost, session),
        (AuditEvent::DeviceReportedFound, session),
    ];
    assert_eq!(by_desk, expected);
}

#[tokio::test]
async fn a_board_says_how_far_a_lost_tablet_is_and_what_has_wiped_itself_is_not_found() {
    let world = World::new().await;
    let desk = world.at_the_desk("d", "1").await;
    let patrol = world.on_duty("a").await;
    let device = patrol.device();
    let since = world.clock.now();
    order(&world, &desk, device, TabletOrder::Lost)
        .await
        .unwrap();
    reports(&world, &patrol, WipeStage::ReadingKeysDestroyed).await;
    let said = standing(&world, &desk, device).await;
    assert_eq!(said, Some(TabletStanding::KeysDestroyed { since }));
    world.clock.advance(std::time::Duration::from_secs(60));
    let wiped = TabletStanding::Wiped {
        since: world.clock.now(),
    };
    reports(&world, &patrol, WipeStage::Wiped).await;
    assert_eq!(standing(&world, &desk, device).await, Some(wiped));
    let found = order(&world, &desk, device, TabletOrder::Found).await;
    assert_eq!(found.unwrap().standing, wiped);
    // After a week it is no tablet of the unit any more.
    let mut desk = desk;
    world
        .clock
        .advance(std::time::Duration::from_secs(7 * 24 * 60 * 60 + 1));
    desk.log_in(&world, "d").await;
    assert_eq!(standing(&world, &desk, device).await, None);
}

#[tokio::test]
async fn who_may_say_it_and_of_which_tablets() {
    let world = World::new().await;
    let mut patrol = world.on_duty("a").await;
    let over = taken(CustodyId(uuid::Uuid::new_v4()));
    tell(&world, &mut patrol, [over]).await;
    let device = patrol.device();
    let theirs = world.at_the_desk("e", "2").await;
    let lost = TabletOrder::Lost;
    let not_found = ErrorCode::NotFound;
    assert_eq!(code(order(&world, &theirs, device, lost).await), not_found);
    let unknown = DeviceId(uuid::Uuid::new_v4());
    assert_eq!(code(order(&world, &theirs, unknown, lost).await), not_found);
    for (login, role) in [
        ("m", Role::Monitoring),
        ("l", Role::Logistics),
        ("p", Role::Patrol),
    ] {
        let tablet = logged_in(&world, login, "1", role).await;
        for what in [lost, TabletOrder::Found, TabletOrder::Unlock] {
            let refused = order(&world, &tablet, device, what).await;
            assert_eq!(code(refused), ErrorCode::NotAllowed, "{role:?}");
        }
    }
    patrol.inbox(&world, 0, 0).await.expect("nothing was done");
    for (login, role) in [("c", Role::Commander), ("r", Role::Responsible)] {
        let tablet = logged_in(&world, login, "1", role).await;
        let own = order(&world, &tablet, tablet.device(), lost).await;
        assert_eq!(code(own), ErrorCode::NotAllowed, "their own");
        for what in [lost, TabletOrder::Found, TabletOrder::Unlock] {
            order(&world, &tablet, device, what).await.unwrap();
        }
    }
    // Without a session, or with a body that is none.
    let desk = world.at_the_desk("d", "1").await;
    let request = desk.client.post(world.url(path::TABLET)).bearer_auth("x");
    let body = TabletRequest {
        device,
        order: lost,
    };
    let refused: Result<TabletOrdered, _> = reply(request.json(&body).send().await.unwrap()).await;
    assert_eq!(code(refused), ErrorCode::SessionUnknown);
    let request = desk.client.post(world.url(path::TABLET));
    let request = request.bearer_auth(&desk.session().token).body("{}");
    let refused: Result<TabletOrdered, _> = reply(request.send().await.unwrap()).await;
    assert_eq!(code(refused), ErrorCode::Malformed);
}

#[tokio::test]
async fn a_locked_tablet_says_so_with_its_roster_and_is_unlocked() {
    let world = World::new().await;
    let desk = world.at_the_desk("d", "1").await;
    let patrol = world.on_duty("a").await;
    let device = patrol.device();
    let serial = patrol.roster(&world).await.unlock_serial;
    let url = format!("{}?locked=1", world.url(path::ROSTER));
    let before = now(&world, &desk).await;
    let request = patrol.client.get(url).bearer_auth(&patrol.session().token);
    let _: protocol::Roster = reply(request.send().await.unwrap()).await.unwrap();
    let board = desk.board(&world, &before.version, 20_000).await.unwrap();
    let row = board.tablets.iter().find(|row| row.device == device);
    assert_eq!(row.map(|row| row.standing), Some(TabletStanding::Locked));
    let ordered = order(&world, &desk, device, TabletOrder::Unlock).await;
    assert_eq!(ordered.unwrap().standing, TabletStanding::Good);
    let good = Some(TabletStanding::Good);
    assert_eq!(standing(&world, &desk, device).await, good);
    assert_eq!(patrol.roster(&world).await.unlock_serial, serial + 1);
    let entries = world.admin().audit_entries(20).unwrap();
    let unlocked = entries
        .iter()
        .find(|e| e.event == AuditEvent::DeviceUnlocked)
        .unwrap();
    assert_eq!(unlocked.officer, Some(desk.session().officer.id));
    assert_eq!(unlocked.device, Some(device));
}
