use crate::support::*;
use central::archive::Wrong;
use central::store::ArchiveFlag;
use protocol::{AnswerResult, FactKind, KeyId, to_cbor};
use regulation::encounter::*;
use uuid::Uuid;

/// A whole encounter: asked, answered, revealed, confirmed, released, closed.
async fn whole(world: &World, tablet: &mut Tablet) -> regulation::EncounterId {
    let encounter = new_encounter();
    let mut envelopes = tablet.opened(world, encounter);
    let (question, envelope) = tablet.ask(world, encounter, by_document("ZZ0000002"));
    envelopes.push(envelope);
    tablet.send(world, envelopes).await.unwrap();
    let answer = tablet.answer(world, 0).await.result.kind();
    let rest = [
        Event::AnswerArrived { question, answer },
        Event::Revealed { question },
        Event::IdentityConfirmed { question },
        Event::OutcomeRecorded {
            outcome: Outcome::Released,
        },
        Event::Closed,
    ];
    let rest = rest
        .into_iter()
        .map(|event| tablet.event(world, encounter, event))
        .collect();
    tablet.send(world, rest).await.unwrap();
    encounter
}

#[tokio::test]
async fn the_archive_holds_the_complete_verified_encounter() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    world.admin().import(&registers(), [person(2)]).unwrap();
    let encounter = whole(&world, &mut tablet).await;
    let archived = world
        .admin()
        .archive()
        .encounter(encounter)
        .unwrap()
        .unwrap();
    assert!(archived.verified.all(), "{archived:?}");
    assert_eq!(archived.state.stage, Stage::Closed);
    assert_eq!(archived.state.flags, []);
    assert_eq!(archived.flags, []);
    let numbers: Vec<_> = archived.events.iter().map(|(seq, _)| *seq).collect();
    assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
    assert!(matches!(
        archived.answers[0].result,
        AnswerResult::Found { .. }
    ));
    assert_eq!(archived.officers, [tablet.session().officer.id]);
}

#[tokio::test]
async fn what_is_altered_in_the_database_is_noticed() {
    let mut world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    world.admin().import(&registers(), [person(2)]).unwrap();
    let encounter = whole(&world, &mut tablet).await;
    world.stop().await;
    let database = rusqlite::Connection::open(world.database()).unwrap();
    database
        .execute(
            "UPDATE envelope SET session = zeroblob(16) WHERE seq = 3",
            [],
        )
        .unwrap();
    drop(database);
    let archive = central::Admin::open(&world.config).unwrap().archive();
    let verified = archive.encounter(encounter).unwrap().unwrap().verified;
    assert!(!verified.signatures && !verified.seals && !verified.all());
    let findings = archive.verify_journal(tablet.device()).unwrap().findings;
    assert_eq!(findings, [wrong(3, 3, Wrong::Changed)]);
}

#[tokio::test]
async fn what_is_deleted_from_the_database_is_noticed() {
    let mut world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    world.admin().import(&registers(), [person(2)]).unwrap();
    let encounter = whole(&world, &mut tablet).await;
    world.stop().await;
    let database = rusqlite::Connection::open(world.database()).unwrap();
    assert!(
        database
            .execute("DELETE FROM envelope WHERE seq = 7", [])
            .is_err(),
        "kept by a trigger"
    );
    database
        .execute_batch("DROP TRIGGER envelope_is_kept")
        .unwrap();
    database
        .execute("DELETE FROM envelope WHERE seq = 7", [])
        .unwrap();
    drop(database);
    let archive = central::Admin::open(&world.config).unwrap().archive();
    let verified = archive.encounter(encounter).unwrap().unwrap().verified;
    assert!(!verified.complete && !verified.chain && !verified.all());
    let findings = archive.verify_journal(tablet.device()).unwrap().findings;
    assert_eq!(findings, [wrong(7, 7, Wrong::Removed)]);
}

#[tokio::test]
async fn an_unknown_kind_of_fact_is_stored_and_flagged() {
    #[derive(serde::Serialize)]
    struct Future {
        edition: String,
        machine: u16,
        officer: Uuid,
        at: i64,
        uptime_ms: u64,
        training: bool,
        kind: FutureKind,
    }
    #[derive(serde::Serialize)]
    struct FutureKind {
        kind: &'static str,
        drone: bool,
    }
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let fact = Future {
        edition: "400".into(),
        machine: 9,
        officer: Uuid::new_v4(),
        at: 1,
        uptime_ms: 1,
        training: false,
        kind: FutureKind {
            kind: "drone_flight",
            drone: true,
        },
    };
    let encounter = new_encounter();
    let envelope = tablet.seal_bytes(Some(encounter), &to_cbor(&fact).unwrap());
    let receipt = tablet.send(&world, vec![envelope]).await.unwrap();
    assert_eq!(receipt.safe_through, 1);
    let archived = world
        .admin()
        .archive()
        .encounter(encounter)
        .unwrap()
        .unwrap();
    assert_eq!(archived.flags, [(1, ArchiveFlag::UnknownKind)]);
}

#[tokio::test]
async fn what_does_not_open_or_decode_is_stored_and_flagged() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let encounter = new_encounter();
    let mut envelopes = Vec::new();
    let fact = tablet.fact(
        &world,
        FactKind::Session {
            event: protocol::SessionEvent::Started,
        },
    );
    let mut damaged = tablet.seal(Some(encounter), &fact);
    damaged.ciphertext[0] ^= 1;
    tablet.previous = damaged.digest();
    envelopes.push(damaged);
    envelopes.push(tablet.seal_bytes(Some(encounter), b"\xff not a fact"));
    let mut short = tablet.seal(Some(encounter), &fact);
    short.encapsulated.truncate(5);
    short.ciphertext.clear();
    tablet.previous = short.digest();
    envelopes.push(short);
    tablet.enrolled.sealing.id = KeyId(Uuid::new_v4());
    envelopes.push(tablet.seal(Some(encounter), &fact));
    let receipt = tablet.send(&world, envelopes).await.unwrap();
    assert_eq!(receipt.safe_through, 4);
    let flags = world
        .admin()
        .archive()
        .device_flags(tablet.device())
        .unwrap();
    let expected = [
        (1, ArchiveFlag::Unopenable),
        (2, ArchiveFlag::Undecodable),
        (3, ArchiveFlag::Unopenable),
        (4, ArchiveFlag::KeyUnknown),
    ];
    assert_eq!(flags, expected);
    let archived = world
        .admin()
        .archive()
        .encounter(encounter)
        .unwrap()
        .unwrap();
    assert!(!archived.verified.seals && archived.verified.signatures && archived.verified.chain);
}

#[tokio::test]
async fn an_envelope_moved_to_another_place_does_not_open_there() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let theirs = new_encounter();
    let mut envelope = tablet.opened(&world, theirs).remove(0);
    let encounter = new_encounter();
    envelope.encounter = Some(encounter);
    tablet.send(&world, vec![envelope]).await.unwrap();
    let archived = world
        .admin()
        .archive()
        .encounter(encounter)
        .unwrap()
        .unwrap();
    assert_eq!(archived.flags, [(1, ArchiveFlag::Unopenable)]);
    assert!(world.admin().archive().encounter(theirs).unwrap().is_none());
}

#[tokio::test]
async fn events_out_of_order_are_recorded_and_flagged_never_refused() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let encounter = new_encounter();
    let envelopes = [
        Event::Closed,
        Event::Opened {
            place: Place {
                text: "bozor".into(),
                source: PlaceSource::Typed,
            },
            citizen_language: Language::Russian,
        },
        Event::OutcomeRecorded {
            outcome: Outcome::TakenToStation {
                case: "wanted".into(),
            },
        },
        Event::Closed,
    ];
    let envelopes: Vec<_> = envelopes
        .into_iter()
        .map(|e| tablet.event(&world, encounter, e))
        .collect();
    tablet.send(&world, envelopes).await.unwrap();
    let archived = world
        .admin()
        .archive()
        .encounter(encounter)
        .unwrap()
        .unwrap();
    assert_eq!(archived.events.len(), 4);
    assert!(archived.state.flags.contains(&Flag::OutOfOrder {
        refusal: Refusal::NotOpen
    }));
    assert!(!archived.verified.procedure);
}

#[tokio::test]
async fn another_device_cannot_speak_in_an_encounter() {
    let world = World::new().await;
    let mut ours = world.on_duty("a").await;
    let mut theirs = world.on_duty("b").await;
    let encounter = new_encounter();
    let envelopes = ours.opened(&world, encounter);
    ours.send(&world, envelopes).await.unwrap();
    let envelope = theirs.ask(&world, encounter, by_document("ZZ0000001")).1;
    theirs.send(&world, vec![envelope]).await.unwrap();
    assert!(
        theirs
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
    assert_eq!((archived.device, archived.events.len()), (ours.device(), 4));
    let flags = world
        .admin()
        .archive()
        .device_flags(theirs.device())
        .unwrap();
    assert_eq!(flags, [(1, ArchiveFlag::EncounterOfOtherDevice)]);
}

/// An event that may come as often as it likes.
fn again() -> Event {
    Event::ServiceIdShown
}

#[tokio::test]
async fn an_encounter_without_end_is_stored_and_replayed_as_far_as_the_bound() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    world
        .admin()
        .import(&registers(), [person(1), person(2)])
        .unwrap();
    let encounter = new_encounter();
    let mut envelopes = tablet.opened(&world, encounter);
    while envelopes.len() < 2048 {
        envelopes.push(tablet.event(&world, encounter, again()));
    }
    let (_, beyond) = tablet.ask(&world, encounter, by_document("ZZ0000001"));
    envelopes.push(beyond);
    for batch in envelopes.chunks(256) {
        tablet.send(&world, batch.to_vec()).await.unwrap();
    }
    let receipt = tablet.send(&world, vec![]).await.unwrap();
    assert_eq!((receipt.stored_through, receipt.safe_through), (2049, 2049));
    let archive = world.admin().archive();
    let archived = archive.encounter(encounter).unwrap().unwrap();
    assert_eq!(archived.events.len(), 2048);
    let too_long = (2049, ArchiveFlag::EncounterTooLong);
    assert!(archived.flags.contains(&too_long));
    assert!(archived.answers.is_empty() && archived.verified.signatures);
    assert!(!archived.verified.complete);
    let inbox = tablet.inbox(&world, 0, 500).await.unwrap();
    assert!(inbox.messages.is_empty(), "it is not looked up");
    // The next encounter is as any other.
    let next = whole(&world, &mut tablet).await;
    assert!(archive.encounter(next).unwrap().unwrap().verified.all());
}
