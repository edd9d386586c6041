//! What becomes of shifts and decisions in the archive: what counts, what is flagged, and what a
//! restart or a restored backup makes of them.

use crate::desk::*;
use crate::outbox::copy;
use crate::support::*;
use central::store::ArchiveFlag;
use protocol::{DeskBoard, DeskEvent, FactKind, MessageBody};
use regulation::bodycam::{Event, Recorded, Status};
use regulation::{OfficerId, PauseId};
use std::fs;
use std::time::Duration;
use uuid::Uuid;

/// What a board shows; version and clocks aside.
fn shown(mut board: DeskBoard) -> DeskBoard {
    let epoch = regulation::Timestamp(0);
    board.version = String::new();
    board.now = epoch;
    for row in &mut board.on_duty {
        row.heard_at = epoch;
    }
    board
}

/// A patrol with something of everything: two pauses that a desk decided, one of them also another
/// desk, too late; one asked for, a fault that is assigned.
async fn a_shift(world: &World, [desk, late]: [&mut Tablet; 2], patrol: &mut Tablet) -> PauseId {
    let envelopes = recording(world, patrol);
    patrol.send(world, envelopes).await.unwrap();
    let (first, second, third) = (new_pause(), new_pause(), new_pause());
    happened(world, patrol, [asked(first)]).await;
    decided(world, desk, word(first, true)).await;
    decided(world, late, word(first, false)).await;
    let heard = Event::PauseDecided {
        pause: first,
        granted: true,
    };
    let events = [heard, Event::PauseBegan { pause: first }, Event::Resumed];
    happened(world, patrol, events).await;
    happened(world, patrol, [asked(second), by_voice(second)]).await;
    decided(world, desk, word(second, true)).await;
    let heard = Event::PauseDecided {
        pause: second,
        granted: true,
    };
    let (began, over) = (Event::PauseBegan { pause: second }, Event::Resumed);
    happened(world, patrol, [heard, began, over]).await;
    happened(world, patrol, [asked(third)]).await;
    let fault = new_fault();
    happened(world, patrol, [faulted(fault)]).await;
    let assigned = DeskEvent::FaultAssigned {
        fault,
        administrator: "Aliyev".into(),
    };
    decided(world, desk, assigned).await;
    third
}

#[tokio::test]
async fn a_restart_keeps_the_board_and_its_version_is_another() {
    let mut world = World::new().await;
    let mut desk = world.at_the_desk("d", "1").await;
    let mut late = world.at_the_desk("e", "1").await;
    let mut patrol = world.on_duty("a").await;
    world.clock.advance(Duration::from_secs(600));
    a_shift(&world, [&mut desk, &mut late], &mut patrol).await;
    let arrived_at = world.clock.now();
    world.clock.advance(Duration::from_secs(600));
    let before = now(&world, &desk).await;
    assert_eq!(before.alerts.len(), 2);
    let inbox = patrol.inbox(&world, 0, 0).await.unwrap();
    let flagged = [&desk, &late, &patrol].map(|tablet| flags(&world, tablet));
    let too_late = vec![(1, ArchiveFlag::DecidedAlready)];
    assert_eq!(flagged, [vec![], too_late, vec![]]);
    world.config.listen = world.central().local_addr();
    world.stop().await;
    world.start().await;
    // It does not wait: the version is of another run.
    let after = desk.board(&world, &before.version, 20_000).await.unwrap();
    assert_ne!(after.version, before.version);
    let row = after.on_duty.iter().find(|r| r.device == patrol.device());
    assert_eq!(
        row.unwrap().heard_at,
        arrived_at,
        "when its last facts came: it has not asked for anything since"
    );
    assert_eq!(shown(after), shown(before));
    assert_eq!(patrol.inbox(&world, 0, 0).await.unwrap(), inbox);
    let after = [&desk, &late, &patrol].map(|tablet| flags(&world, tablet));
    assert_eq!(after, flagged);
}

#[tokio::test]
async fn what_was_stored_and_not_assessed_before_a_restart_is_decided_then_and_once() {
    let mut world = World::new().await;
    let mut desk = world.at_the_desk("d", "1").await;
    let mut patrol = on_patrol(&world, "a").await;
    let pause = new_pause();
    let batches = [
        (patrol.bodycam(&world, asked(pause)), true),
        (desk.decide(&world, word(pause, true)), false),
        (desk.decide(&world, word(pause, false)), false),
    ]
    .map(|(envelope, theirs)| {
        let tablet = if theirs { &patrol } else { &desk };
        tablet.batch(vec![envelope])
    });
    world.config.listen = world.central().local_addr();
    world.stop().await;
    // Stored, and then the power went.
    let store = central::store::sqlite::SqliteStore::open(&world.database(), None).unwrap();
    for batch in &batches {
        central::store::Store::store_batch(&store, batch, world.clock.now()).unwrap();
    }
    drop(store);
    world.start().await;
    let page = patrol.inbox(&world, 0, 20_000).await.unwrap();
    let told = MessageBody::PauseDecided {
        pause,
        granted: true,
    };
    assert_eq!(page.messages.len(), 1);
    assert_eq!(page.messages[0].body, told);
    assert_eq!(flags(&world, &desk), [(2, ArchiveFlag::DecidedAlready)]);
    assert!(now(&world, &desk).await.alerts.is_empty());
}

#[tokio::test]
async fn a_restored_central_makes_the_same_board_of_what_its_replica_has() {
    let mut world = World::new().await;
    let mut desk = world.at_the_desk("d", "1").await;
    let mut other = world.at_the_desk("e", "1").await;
    let mut patrol = world.on_duty("a").await;
    world.stop().await;
    let backup = world.dir.path().join("backup");
    copy(&world.config.data_dir, &backup);
    world.config.listen = "127.0.0.1:0".parse().unwrap();
    world.start().await;
    // Each is too late once, so that the order of their tablets' ids cannot stand for that of time.
    for turn in 0..2 {
        let both = if turn == 0 {
            [&mut desk, &mut other]
        } else {
            [&mut other, &mut desk]
        };
        let asked_for = a_shift(&world, both, &mut patrol).await;
        if turn == 1 {
            break;
        }
        // For the next shift to begin with.
        let withdrawn = Event::PauseWithdrawn { pause: asked_for };
        let off = Event::SwitchedOff;
        let back = Event::Returned {
            battery_percent: None,
        };
        happened(&world, &mut patrol, [withdrawn, off, back]).await;
    }
    let before = now(&world, &desk).await;
    let flagged = |world: &World| [&desk, &other, &patrol].map(|tablet| flags(world, tablet));
    let flags_before = flagged(&world);
    let too_late = |seq| vec![(seq, ArchiveFlag::DecidedAlready)];
    assert_eq!(flags_before, [too_late(4), too_late(1), vec![]]);
    let bodies = |page: protocol::InboxPage| {
        let bodies = page.messages.into_iter().map(|message| message.body);
        bodies.collect::<Vec<_>>()
    };
    let inbox = bodies(patrol.inbox(&world, 0, 0).await.unwrap());
    world.stop().await;
    fs::remove_dir_all(&world.config.data_dir).unwrap();
    copy(&backup, &world.config.data_dir);
    world.start().await;
    // It is assessed in the background.
    let mut after = now(&world, &desk).await;
    for _ in 0..100 {
        if shown(after.clone()) == shown(before.clone()) {
            break;
        }
        let version = after.version.clone();
        after = desk.board(&world, &version, 200).await.unwrap();
    }
    assert_eq!(shown(after), shown(before));
    assert_eq!(flagged(&world), flags_before);
    assert_eq!(
        bodies(patrol.inbox(&world, 0, 0).await.unwrap()),
        inbox,
        "under numbers above those that were given out"
    );
}

#[tokio::test]
async fn a_fact_that_is_not_the_sessions_own_counts_for_nothing() {
    let world = World::new().await;
    let mut desk = world.at_the_desk("d", "1").await;
    let mut patrol = on_patrol(&world, "a").await;
    let mut other = world.on_duty("b").await;
    let pause = new_pause();
    let of = |world: &World, event| FactKind::Bodycam {
        recorded: Recorded {
            at: world.clock.now(),
            event,
        },
    };
    // Another officer's name, another tablet's session, an encounter on the envelope.
    let mut fact = patrol.fact(&world, of(&world, asked(pause)));
    fact.officer = OfficerId(Uuid::new_v4());
    let foreign_name = patrol.seal(None, &fact);
    let fact = patrol.fact(&world, of(&world, asked(pause)));
    let in_an_encounter = patrol.seal(Some(new_encounter()), &fact);
    let envelopes = vec![foreign_name, in_an_encounter];
    patrol.send(&world, envelopes).await.unwrap();
    other.session = patrol.session.clone();
    let envelope = other.bodycam(&world, asked(pause));
    other.send(&world, vec![envelope]).await.unwrap();
    assert_eq!(
        flags(&world, &patrol),
        [
            (3, ArchiveFlag::OfficerMismatch),
            (4, ArchiveFlag::EncounterNamed)
        ]
    );
    assert_eq!(flags(&world, &other), [(1, ArchiveFlag::SessionUnknown)]);
    let board = now(&world, &desk).await;
    assert!(board.alerts.is_empty());
    let row = board
        .on_duty
        .iter()
        .find(|row| row.device == patrol.device());
    assert_eq!(row.unwrap().status, Status::Recording);
    // The same of a decision.
    happened(&world, &mut patrol, [asked(pause)]).await;
    let event = word(pause, true);
    let mut fact = desk.fact(&world, FactKind::Desk { event });
    fact.officer = OfficerId(Uuid::new_v4());
    let foreign_name = desk.seal(None, &fact);
    let event = word(pause, true);
    let fact = desk.fact(&world, FactKind::Desk { event });
    let in_an_encounter = desk.seal(Some(new_encounter()), &fact);
    let envelopes = vec![foreign_name, in_an_encounter];
    desk.send(&world, envelopes).await.unwrap();
    assert_eq!(
        flags(&world, &desk),
        [
            (1, ArchiveFlag::OfficerMismatch),
            (2, ArchiveFlag::EncounterNamed)
        ]
    );
    assert_eq!(now(&world, &desk).await.alerts.len(), 1);
    assert!(
        patrol
            .inbox(&world, 0, 0)
            .await
            .unwrap()
            .messages
            .is_empty()
    );
}

#[tokio::test]
async fn a_decision_on_nothing_or_without_its_text_is_stored_and_flagged() {
    let world = World::new().await;
    let mut desk = world.at_the_desk("d", "1").await;
    let mut patrol = on_patrol(&world, "a").await;
    let fault = new_fault();
    happened(&world, &mut patrol, [faulted(fault)]).await;
    decided(&world, &mut desk, word(new_pause(), true)).await;
    for text in ["", "  ", &"a".repeat(501)] {
        let assigned = DeskEvent::FaultAssigned {
            fault,
            administrator: text.into(),
        };
        decided(&world, &mut desk, assigned).await;
        let closed = DeskEvent::FaultClosed {
            fault,
            how: text.into(),
        };
        decided(&world, &mut desk, closed).await;
    }
    let mut expected = vec![(1, ArchiveFlag::DecidesUnknown)];
    expected.extend((2..=7).map(|seq| (seq, ArchiveFlag::DecisionIncomplete)));
    assert_eq!(flags(&world, &desk), expected);
    assert_eq!(now(&world, &desk).await.alerts.len(), 1);
    let receipt = desk.send(&world, vec![]).await.unwrap();
    assert_eq!(receipt.safe_through, 7, "it is evidence all the same");
}

#[tokio::test]
async fn a_word_of_the_desk_that_the_desk_has_not_given_is_flagged() {
    let world = World::new().await;
    let mut desk = world.at_the_desk("d", "1").await;
    let mut patrol = on_patrol(&world, "a").await;
    let heard = |pause| Event::PauseDecided {
        pause,
        granted: true,
    };
    let (forged, refused) = (new_pause(), new_pause());
    let events = [
        asked(forged),
        heard(forged),
        Event::PauseWithdrawn { pause: forged },
    ];
    happened(&world, &mut patrol, events).await;
    happened(&world, &mut patrol, [asked(refused)]).await;
    decided(&world, &mut desk, word(refused, false)).await;
    happened(&world, &mut patrol, [heard(refused)]).await;
    let not_given = ArchiveFlag::NotDecided;
    assert_eq!(flags(&world, &patrol), [(4, not_given), (7, not_given)]);
    // Given afterwards, it is the desk's.
    decided(&world, &mut desk, word(forged, true)).await;
    assert_eq!(flags(&world, &patrol), [(7, not_given)]);
}
