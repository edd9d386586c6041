use crate::support::*;
use central::store::StoreError;
use central::{Central, StartError};
use protocol::AnswerResult;

#[tokio::test]
async fn a_question_that_a_restart_interrupted_is_answered_once() {
    let mut world = World::with(|c| c.policy.lookups = 1).await;
    let mut tablet = world.on_duty("a").await;
    world.admin().import(&registers(), [person(1)]).unwrap();
    let encounter = new_encounter();
    let mut envelopes = tablet.opened(&world, encounter);
    let (id, envelope) = tablet.ask(&world, encounter, by_document("ZZ0000001"));
    envelopes.push(envelope);
    let batch = tablet.batch(envelopes);
    world.stop().await;
    // Stored, and then the power went: neither assessed nor answered.
    let store = central::store::sqlite::SqliteStore::open(&world.database(), None).unwrap();
    central::store::Store::store_batch(&store, &batch, world.clock.now()).unwrap();
    drop(store);
    world.start().await;
    let answer = tablet.answer(&world, 0).await;
    assert_eq!(answer.question, id);
    assert!(matches!(answer.result, AnswerResult::Found { .. }));
    world.stop().await;
    world.start().await;
    assert_eq!(
        tablet.inbox(&world, 0, 700).await.unwrap().messages.len(),
        1
    );
    let archived = world
        .admin()
        .archive()
        .encounter(encounter)
        .unwrap()
        .unwrap();
    assert_eq!(archived.answers, [answer]);
    assert_eq!(tablet.send(&world, vec![]).await.unwrap().safe_through, 5);
}

#[tokio::test]
async fn sessions_inbox_and_marks_outlive_a_restart_and_the_port_is_free_again() {
    let mut world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let encounter = new_encounter();
    let mut envelopes = tablet.opened(&world, encounter);
    envelopes.push(tablet.ask(&world, encounter, by_document("ZZ0000001")).1);
    tablet.send(&world, envelopes).await.unwrap();
    let answer = tablet.answer(&world, 0).await;
    world.config.listen = world.central().local_addr();
    world.stop().await;
    world.start().await;
    assert_eq!(tablet.answer(&world, 0).await, answer);
    assert_eq!(tablet.send(&world, vec![]).await.unwrap().safe_through, 5);
}

#[tokio::test]
async fn dropping_central_neither_hangs_nor_keeps_the_port() {
    let mut world = World::new().await;
    let tablet = world.on_duty("a").await;
    let listen = world.central().local_addr();
    world.central = None;
    drop(tablet);
    for _ in 0..100 {
        if std::net::TcpListener::bind(listen).is_ok() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the port is not free");
}

#[tokio::test]
async fn init_changes_nothing_that_is_there() {
    let mut world = World::new().await;
    let tablet = world.on_duty("a").await;
    let ca = world.central().ca_pem();
    world.stop().await;
    Central::init(&world.config).unwrap();
    world.start().await;
    assert_eq!(world.central().ca_pem(), ca);
    tablet.inbox(&world, 0, 0).await.unwrap();
}

#[tokio::test]
async fn lost_keys_beside_a_database_are_an_error_and_are_not_made_anew() {
    for lost in ["ca.pem", "receipt.p8", "sealing-current"] {
        let world = World::stopped(|_| {});
        let path = world.config.data_dir.join("keys").join(lost);
        std::fs::remove_file(&path).unwrap();
        assert!(
            matches!(Central::init(&world.config), Err(StartError::Keys(_))),
            "{lost}"
        );
        assert!(!path.exists());
        assert!(Central::start(world.config.clone()).await.is_err());
    }
}

#[cfg(unix)]
#[tokio::test]
async fn keys_are_readable_by_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::stopped(|_| {});
    let keys = world.config.data_dir.join("keys");
    for entry in std::fs::read_dir(&keys).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let mode = std::fs::metadata(world.database())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(
        std::fs::metadata(&keys).unwrap().permissions().mode() & 0o777,
        0o700
    );
}

#[tokio::test]
async fn a_damaged_database_is_named_and_left_as_it_is() {
    for (at, what) in [(0, "header"), (4096 * 6, "page")] {
        let mut world = World::new().await;
        world
            .admin()
            .import(&registers(), (0..200).map(person))
            .unwrap();
        world.stop().await;
        let mut bytes = std::fs::read(world.database()).unwrap();
        bytes[at..at + 2048].fill(0xA5);
        std::fs::write(world.database(), &bytes).unwrap();
        match Central::start(world.config.clone()).await {
            Err(StartError::Store(StoreError::Damaged(path))) => {
                assert_eq!(path, world.database());
            }
            other => panic!("{what}: {other:?}"),
        }
        assert!(
            std::fs::read(world.database()).unwrap() == bytes,
            "{what} untouched"
        );
    }
}

#[tokio::test]
async fn a_database_of_a_newer_central_is_left_as_it_is() {
    let world = World::stopped(|_| {});
    let database = rusqlite::Connection::open(world.database()).unwrap();
    database.pragma_update(None, "user_version", 999).unwrap();
    drop(database);
    let error = Central::start(world.config.clone()).await.unwrap_err();
    assert!(matches!(error, StartError::Store(StoreError::Newer(_))));
}

#[tokio::test]
async fn a_data_folder_that_was_not_made_is_not_made_in_passing() {
    let dir = tempfile::tempdir().unwrap();
    let config = central::Config::new(dir.path().join("typo"), "127.0.0.1:0".parse().unwrap());
    let error = Central::start(config).await.unwrap_err();
    assert!(matches!(error, StartError::Store(StoreError::Absent(_))));
    assert!(!dir.path().join("typo").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_assessed_keeps_central_from_nothing_when_it_starts() {
    let mut world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    world.admin().import(&registers(), [person(1)]).unwrap();
    let encounter = new_encounter();
    let mut envelopes = tablet.opened(&world, encounter);
    envelopes.push(tablet.ask(&world, encounter, by_document("ZZ0000001")).1);
    let batch = tablet.batch(envelopes);
    world.stop().await;
    let store = central::store::sqlite::SqliteStore::open(&world.database(), None).unwrap();
    central::store::Store::store_batch(&store, &batch, world.clock.now()).unwrap();
    drop(store);
    // As if looking into it took for ever.
    let turn = std::fs::File::create(world.config.data_dir.join("assess.lock")).unwrap();
    turn.lock().unwrap();
    let start = world.start();
    tokio::time::timeout(std::time::Duration::from_secs(60), start)
        .await
        .expect("it starts");
    let roster = tablet.roster(&world).await;
    assert_eq!(roster.device, tablet.device());
    drop(turn);
    assert!(matches!(
        tablet.answer(&world, 0).await.result,
        AnswerResult::Found { .. }
    ));
}

/// It does not start as what it is told to be.
async fn is_of_duty(world: &World) {
    let error = Central::start(world.config.clone()).await.unwrap_err();
    assert!(
        matches!(error, StartError::Store(StoreError::OfDuty(_))),
        "{error}"
    );
}

/// A central of training is one for good, and one of duty never becomes one (R-3b).
#[tokio::test]
async fn training_and_duty_never_share_a_database() {
    let mut world = World::with(|c| c.training = true).await;
    world.admin().import(&registers(), [person(1)]).unwrap();
    world.stop().await;
    // Forgotten on the command line, or asked for on purpose.
    world.config.training = false;
    world.start().await;
    let tablet = world.on_duty("a").await;
    assert!(tablet.session().training, "it is still said on every page");
    world.stop().await;
    let beside = central::Admin::open(&world.config).unwrap();
    assert_eq!(beside.people_count().unwrap(), 1);

    let mut world = World::new().await;
    let tablet = world.on_duty("a").await;
    assert!(!tablet.session().training);
    world.stop().await;
    world.config.training = true;
    is_of_duty(&world).await;
    // One of before, which does not say, and was served: for duty.
    let database = rusqlite::Connection::open(world.database()).unwrap();
    database
        .pragma_update(None, "application_id", 0x4550_4331)
        .unwrap();
    drop(database);
    is_of_duty(&world).await;
    world.config.training = false;
    world.start().await;
    let tablet = world.on_duty("b").await;
    assert!(!tablet.session().training);
}
