//! Recordings by other means (§32): handed over at the desk, deleted from something private.

use crate::desk::{decided, faulted, flags, happened, kinds, new_fault, now, on_patrol};
use crate::report::of_unit;
use crate::support::*;
use central::audit::AuditEvent;
use central::store::ArchiveFlag;
use protocol::{AlertKind, DeskEvent, Digest, MessageBody, Role, SessionEvent};
use regulation::bodycam::{DeviceOwner, Event};
use regulation::{MeansId, Timestamp};
use std::time::Duration;
use uuid::Uuid;

fn new_means() -> MeansId {
    MeansId(Uuid::new_v4())
}

fn recorded(means: MeansId, owner: DeviceOwner, at: Timestamp) -> Event {
    Event::RecordedByOtherMeans {
        means: Some(means),
        device: "phone".into(),
        owner,
        from: at,
        to: at.plus_millis(60_000),
        note: Some("invented".into()),
    }
}

fn alert(means: MeansId, owner: DeviceOwner, at: Timestamp) -> AlertKind {
    AlertKind::OtherMeans {
        means,
        what: "phone".into(),
        owner,
        from: at,
        to: at.plus_millis(60_000),
        note: Some("invented".into()),
        private: owner != DeviceOwner::Service,
        handed_over: false,
        overdue: false,
    }
}

fn handed_over(means: MeansId) -> DeskEvent {
    DeskEvent::MeansHandedOver {
        means,
        carrier: "USB 17".into(),
        digest: Some(Digest([7; 32])),
    }
}

fn deleted(means: MeansId) -> DeskEvent {
    DeskEvent::MeansDeleted {
        means,
        confirmed_by: "Namunayev".into(),
    }
}

async fn recorded_by(
    world: &World,
    patrol: &mut Tablet,
    owner: DeviceOwner,
) -> (MeansId, AlertKind) {
    let (means, at) = (new_means(), world.clock.now());
    happened(world, patrol, [recorded(means, owner, at)]).await;
    (means, alert(means, owner, at))
}

async fn ended(world: &World, patrol: &mut Tablet) {
    let event = SessionEvent::Ended;
    let fact = patrol.fact(world, protocol::FactKind::Session { event });
    let ended = patrol.seal(None, &fact);
    patrol.send(world, vec![ended]).await.unwrap();
}

#[tokio::test]
async fn it_is_listed_until_it_is_handed_over_and_deleted_also_after_the_session() {
    let world = World::new().await;
    let mut desk = world.at_the_desk("d", "1").await;
    let mut patrol = on_patrol(&world, "a").await;
    happened(&world, &mut patrol, [faulted(new_fault())]).await;
    let (private, wanted) = recorded_by(&world, &mut patrol, DeviceOwner::Own).await;
    let (services, other) = recorded_by(&world, &mut patrol, DeviceOwner::Service).await;
    let of_means = |board: &protocol::DeskBoard| -> Vec<_> {
        let all = kinds(board).into_iter();
        all.filter(|k| matches!(k, AlertKind::OtherMeans { .. }))
            .collect()
    };
    let mut listed = of_means(&now(&world, &desk).await);
    listed.sort_by_key(|k| *k != wanted);
    assert!(listed == [wanted.clone(), other]);
    decided(&world, &mut desk, handed_over(services)).await;
    assert!(of_means(&now(&world, &desk).await) == [wanted]);
    decided(&world, &mut desk, handed_over(private)).await;
    let told: Vec<_> = patrol.inbox(&world, 0, 0).await.unwrap().messages;
    let told: Vec<_> = told.into_iter().map(|message| message.body).collect();
    let bodies = [services, private].map(|means| MessageBody::MeansHandedOver { means });
    assert_eq!(told, bodies);
    ended(&world, &mut patrol).await;
    // Days later, nobody on duty.
    world.clock.advance(Duration::from_secs(3 * 24 * 3600));
    desk.log_in(&world, "d").await;
    let left = of_means(&now(&world, &desk).await);
    assert!(matches!(
        left.as_slice(),
        [AlertKind::OtherMeans { means, handed_over: true, private: true, overdue: false, .. }]
            if *means == private
    ));
    world.clock.advance(Duration::from_secs(120));
    let left = of_means(&now(&world, &desk).await);
    assert!(matches!(
        left.as_slice(),
        [AlertKind::OtherMeans { overdue: true, .. }]
    ));
    decided(&world, &mut desk, deleted(private)).await;
    assert!(of_means(&now(&world, &desk).await).is_empty());
    assert_eq!(flags(&world, &desk), []);
    for (event, count) in [
        (AuditEvent::MeansHandedOver, 2),
        (AuditEvent::MeansDeleted, 1),
    ] {
        let entries = world.admin().audit_entries(100).unwrap();
        let of = entries.iter().filter(|entry| entry.event == event);
        assert_eq!(of.count(), count, "{event:?}");
    }
    let entries = world.admin().audit_entries(100).unwrap();
    let entry = entries.iter().find(|e| e.event == AuditEvent::MeansDeleted);
    assert_eq!(entry.unwrap().subject, Some(private.to_string()));
}

#[tokio::test]
async fn the_first_counts_in_its_order_and_of_the_own_unit_alone() {
    let world = World::new().await;
    let mut desk = world.at_the_desk("d", "1").await;
    let mut elsewhere = world.at_the_desk("e", "2").await;
    let mut patrol = on_patrol(&world, "a").await;
    happened(&world, &mut patrol, [faulted(new_fault())]).await;
    let (means, wanted) = recorded_by(&world, &mut patrol, DeviceOwner::Colleague).await;
    let is_open = async |desk: &Tablet| kinds(&now(&world, desk).await).contains(&wanted);
    assert!(is_open(&desk).await && !is_open(&elsewhere).await);
    decided(&world, &mut elsewhere, handed_over(means)).await;
    decided(&world, &mut desk, deleted(means)).await;
    decided(&world, &mut desk, handed_over(new_means())).await;
    let bare = DeskEvent::MeansHandedOver {
        means,
        carrier: "  ".into(),
        digest: None,
    };
    decided(&world, &mut desk, bare).await;
    assert!(is_open(&desk).await, "none of these counts");
    let told = |tablet: &Tablet| -> Vec<_> {
        flags(&world, tablet)
            .into_iter()
            .map(|(_, flag)| flag)
            .collect()
    };
    assert_eq!(told(&elsewhere), [ArchiveFlag::NotEntitled]);
    assert_eq!(
        told(&desk),
        [
            ArchiveFlag::DeletedTooEarly,
            ArchiveFlag::DecidesUnknown,
            ArchiveFlag::DecisionIncomplete
        ]
    );
    decided(&world, &mut desk, handed_over(means)).await;
    decided(&world, &mut desk, handed_over(means)).await;
    decided(&world, &mut desk, deleted(means)).await;
    decided(&world, &mut desk, deleted(means)).await;
    let twice = ArchiveFlag::DecidedAlready;
    assert_eq!(told(&desk)[3..], [twice, twice]);
    // What arrives of the shift afterwards opens nothing again.
    happened(&world, &mut patrol, [Event::SwitchedOff]).await;
    assert!(
        !kinds(&now(&world, &desk).await)
            .iter()
            .any(|k| matches!(k, AlertKind::OtherMeans { .. }))
    );
}

#[tokio::test]
async fn who_deals_with_recordings_sees_them_and_a_recording_of_another_session_is_its_own() {
    let world = World::new().await;
    let mut patrol = on_patrol(&world, "a").await;
    let mut other = on_patrol(&world, "b").await;
    happened(&world, &mut patrol, [faulted(new_fault())]).await;
    happened(&world, &mut other, [faulted(new_fault())]).await;
    let (means, wanted) = recorded_by(&world, &mut patrol, DeviceOwner::Own).await;
    // The same id again, out of another session: the first owns it.
    let again = recorded(means, DeviceOwner::Service, world.clock.now());
    happened(&world, &mut other, [again]).await;
    for (n, (role, sees)) in [
        (Role::Duty, true),
        (Role::Commander, true),
        (Role::Monitoring, true),
        (Role::Responsible, true),
        (Role::Logistics, false),
    ]
    .into_iter()
    .enumerate()
    {
        let login = format!("r{n}");
        world.officer_as(&login, "1", role);
        let mut desk = world.tablet().await;
        desk.log_in(&world, &login).await;
        let board = now(&world, &desk).await;
        let means = kinds(&board).into_iter();
        let means: Vec<_> = means
            .filter(|k| matches!(k, AlertKind::OtherMeans { .. }))
            .collect();
        let expected: &[AlertKind] = if sees {
            std::slice::from_ref(&wanted)
        } else {
            &[]
        };
        assert!(means == expected, "{role:?}");
        if !sees {
            decided(
                &world,
                &mut desk,
                handed_over(match wanted {
                    AlertKind::OtherMeans { means, .. } => means,
                    _ => unreachable!(),
                }),
            )
            .await;
            let told = flags(&world, &desk);
            assert!(matches!(told.as_slice(), [(_, ArchiveFlag::NotEntitled)]));
        }
    }
}

#[tokio::test]
async fn the_commanders_report_counts_what_is_not_done_with_and_what_is_late() {
    let world = World::new().await;
    world.officer_as("c", "1", Role::Commander);
    let mut commander = world.tablet().await;
    commander.log_in(&world, "c").await;
    let mut patrol = on_patrol(&world, "a").await;
    happened(&world, &mut patrol, [faulted(new_fault())]).await;
    let (means, _) = recorded_by(&world, &mut patrol, DeviceOwner::Own).await;
    recorded_by(&world, &mut patrol, DeviceOwner::Service).await;
    let duty = of_unit(&world, &commander).await.totals.duty;
    assert_eq!((duty.means_open, duty.means_overdue), (2, 0));
    world
        .clock
        .advance(Duration::from_secs(3 * 24 * 3600 + 120));
    commander.log_in(&world, "c").await;
    let duty = of_unit(&world, &commander).await.totals.duty;
    assert_eq!((duty.means_open, duty.means_overdue), (2, 2));
    decided(&world, &mut commander, handed_over(means)).await;
    decided(&world, &mut commander, deleted(means)).await;
    let duty = of_unit(&world, &commander).await.totals.duty;
    assert_eq!((duty.means_open, duty.means_overdue), (1, 1));
}
