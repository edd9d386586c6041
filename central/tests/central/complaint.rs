//! §26: what a citizen's complaint holds, and the list of what is held.

use crate::custody::call;
use crate::desk::recording;
use crate::support::*;
use central::AdminError;
use central::audit::AuditEvent;
use central::store::{HeldBy, Hold};
use protocol::limits;
use regulation::encounter::{Event, Outcome};
use std::time::Duration;

fn holds(world: &World) -> Vec<Hold> {
    world.admin().holds().unwrap()
}

#[tokio::test]
async fn a_complaint_holds_what_was_recorded_of_its_encounter_whichever_comes_first() {
    let world = World::new().await;
    let mut patrol = world.on_duty("a").await;
    let cameras = recording(&world, &mut patrol);
    patrol.send(&world, cameras).await.unwrap();
    world.clock.advance(Duration::from_secs(600));
    let (began, encounter) = (world.clock.now(), new_encounter());
    let opened = patrol.opened(&world, encounter);
    let register = |number: &str| world.admin().register_complaint(encounter, number);
    // The tablet has no connection yet; the citizen has the encounter's number.
    assert!(register(" 12/2026 ").unwrap());
    assert!(!register("12/2026").unwrap(), "registered once");
    assert_eq!(holds(&world), []);
    patrol.send(&world, opened).await.unwrap();
    let one = holds(&world);
    let [hold] = &one[..] else {
        panic!("{} holds", one.len());
    };
    assert_eq!(hold.recording.camera, "BC-0001".parse().unwrap());
    assert_eq!(hold.recording.from, began);
    let number = "12/2026".to_owned();
    assert!(hold.by == HeldBy::Complaint { number, encounter });
    world.clock.advance(Duration::from_secs(60));
    let closed = world.clock.now();
    let outcome = Outcome::Released;
    let events = vec![Event::OutcomeRecorded { outcome }, Event::Closed];
    let rest = events.into_iter();
    let rest = rest
        .map(|event| patrol.event(&world, encounter, event))
        .collect();
    patrol.send(&world, rest).await.unwrap();
    // What is recorded later is of another encounter.
    world.clock.advance(Duration::from_secs(600));
    let camera = "BC-0002";
    let later = [
        regulation::bodycam::Event::SwitchedOff,
        regulation::bodycam::Event::Returned {
            battery_percent: None,
        },
        regulation::bodycam::Event::Received {
            camera: camera.parse().unwrap(),
            battery_percent: 90,
            battery: None,
            emptied: true,
            worn: true,
        },
    ];
    let later = later.map(|event| patrol.bodycam(&world, event));
    patrol.send(&world, later.into()).await.unwrap();
    let one = holds(&world);
    assert_eq!(one.len(), 1);
    assert_eq!(
        (one[0].recording.from, one[0].recording.to),
        (began, closed)
    );
    let audited = world.admin().audit_entries(200).unwrap();
    let count = |event| audited.iter().filter(|e| e.event == event).count();
    assert_eq!(count(AuditEvent::ComplaintRegistered), 2);
    assert_eq!(count(AuditEvent::HoldsListed), 3);
    let long = "1".repeat(limits::COMPLAINT_CHARS + 1);
    for wrong in ["", "  ", "1\n2", &long] {
        assert!(
            matches!(register(wrong), Err(AdminError::ComplaintNumber)),
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn the_command_line_registers_a_complaint_and_lists_what_is_held() {
    let world = World::new().await;
    let mut patrol = world.on_duty("a").await;
    let cameras = recording(&world, &mut patrol);
    let encounter = new_encounter();
    let opened = patrol.opened(&world, encounter);
    patrol.send(&world, cameras).await.unwrap();
    patrol.send(&world, opened).await.unwrap();
    let id = encounter.to_string();
    assert_eq!(call(&world, &["complaint", &id]), Err(2));
    assert_eq!(call(&world, &["complaint", "x", "7"]), Err(2));
    assert_eq!(call(&world, &["complaint", &id, ""]), Err(1));
    assert_eq!(call(&world, &["holds"]).unwrap(), "");
    assert_eq!(
        call(&world, &["complaint", &id, "7"]).unwrap(),
        "registered\n"
    );
    assert_eq!(
        call(&world, &["complaint", &id, "7"]).unwrap(),
        "was registered\n"
    );
    let listed = call(&world, &["holds"]).unwrap();
    assert!(
        listed.starts_with("BC-0001 ") && listed.ends_with(&format!(" complaint 7 about {id}\n")),
        "{listed}"
    );
}
