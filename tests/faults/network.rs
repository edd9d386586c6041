use e_patrul_tests::{LONG, Scene};
use regulation::encounter::{AnswerKind, Event, Outcome};
use std::time::{Duration, Instant};
use tablet::pages::{Connection, LoginProblem, Page, RowState};
use tablet::worker::Command;

fn count(archived: &central::archive::ArchivedEncounter, of: fn(&Event) -> bool) -> usize {
    archived.events.iter().filter(|(_, r)| of(&r.event)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_in_the_middle_of_the_question_loses_nothing_and_asks_once() {
    let mut scene = Scene::logged_in().await;
    let id = scene.to_finger().await;
    scene.world.cable.pull();
    scene
        .page("offline", |p| p.chrome.connection != Connection::Online)
        .await;
    scene.capture(3).await;
    let page = scene
        .page("pending", |p| matches!(p.page, Page::Pending(_)))
        .await;
    assert!(
        page.chrome.queue.waiting > 0,
        "the page says what waits: {:?}",
        page.chrome.queue
    );
    scene.world.cable.plug_in();
    scene.answer().await;
    scene.finish(Outcome::Released).await;
    scene.all_safe().await;
    let archived = scene.archived(id).await;
    assert!(archived.verified.complete);
    assert_eq!(count(&archived, |e| matches!(e, Event::Asked { .. })), 1);
    assert_eq!(
        count(&archived, |e| matches!(e, Event::AnswerArrived { .. })),
        1
    );
    assert_eq!(archived.answers.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_is_back_is_used_at_once() {
    let mut scene = Scene::logged_in().await;
    scene.to_finger().await;
    scene.world.cable.pull();
    scene.capture(0).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    scene.world.cable.plug_in();
    let back = Instant::now();
    scene.answer().await;
    assert!(
        back.elapsed() < Duration::from_secs(15),
        "{:?}",
        back.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_answer_reaches_the_officer_who_asked_and_calls_attention() {
    let mut scene = Scene::logged_in().await;
    let id = scene.to_finger().await;
    scene.world.cable.pull();
    scene.capture(1).await;
    scene.finish(Outcome::Released).await;
    scene.tablet.send(Command::GoHome);
    let page = scene
        .page("home", |p| matches!(p.page, Page::Home(_)))
        .await;
    let Page::Home(home) = page.page else {
        unreachable!()
    };
    assert_eq!(home.rows[0].state, RowState::ClosedWaiting);
    assert_eq!((home.attention, home.waiting), (0, 1));
    scene.world.cable.plug_in();
    let page = scene
        .page(
            "attention",
            |p| matches!(&p.page, Page::Home(h) if h.attention == 1),
        )
        .await;
    let Page::Home(home) = page.page else {
        unreachable!()
    };
    assert!(home.rows[0].attention);
    scene.tablet.send(Command::OpenEncounter(id));
    scene
        .page(
            "closed",
            |p| matches!(&p.page, Page::Closed(c) if c.attention),
        )
        .await;
    scene.tablet.send(Command::ShowAnswer);
    let answer = scene.revealed_answer().await;
    assert!(answer.late);
    assert_eq!(
        answer.kind,
        AnswerKind::Found {
            wanted: true,
            missing: false
        }
    );
    scene.tablet.send(Command::GoHome);
    scene
        .page(
            "seen",
            |p| matches!(&p.page, Page::Home(h) if h.attention == 0),
        )
        .await;
    let until = Instant::now() + LONG;
    loop {
        let archived = scene.archived(id).await;
        if count(&archived, |e| matches!(e, Event::Revealed { .. })) == 1 {
            assert!(archived.state.questions[0].late);
            break;
        }
        assert!(
            Instant::now() < until,
            "the look at the late answer is not in the archive"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_answer_of_a_shift_that_has_ended_goes_to_the_duty_desk_alone() {
    let mut scene = Scene::logged_in().await;
    scene.to_finger().await;
    scene.world.cable.pull();
    scene.capture(1).await;
    scene.finish(Outcome::Released).await;
    scene.tablet.send(Command::GoHome);
    scene
        .page("home", |p| matches!(p.page, Page::Home(_)))
        .await;
    scene.tablet.send(Command::EndShift);
    scene
        .page("log-in", |p| matches!(p.page, Page::Login(_)))
        .await;
    scene.world.cable.plug_in();
    let until = Instant::now() + LONG;
    while scene
        .world
        .central
        .as_ref()
        .unwrap()
        .admin()
        .duty_answers()
        .unwrap()
        .len()
        != 1
    {
        assert!(
            Instant::now() < until,
            "the answer did not reach the duty desk"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    scene.try_log_in(demo::world::OTHER_LOGIN, demo::world::OTHER_PASSWORD);
    let page = scene.to_home().await;
    let Page::Home(home) = page.page else {
        unreachable!()
    };
    assert!(home.rows.is_empty() && home.attention == 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn central_restarted_in_the_middle_of_an_encounter_changes_nothing() {
    let mut scene = Scene::logged_in().await;
    let id = scene.to_finger().await;
    scene.world.stop_central().await;
    scene.capture(6).await;
    scene.world.start_central().await.unwrap();
    scene.answer().await;
    scene.finish(Outcome::Released).await;
    scene.all_safe().await;
    let archived = scene.archived(id).await;
    assert!(archived.verified.complete);
    assert_eq!(archived.answers.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shift_is_gone_on_with_and_with_no_connection_too() {
    let mut scene = Scene::logged_in().await;
    let id = scene.to_finger().await;
    scene.world.cable.pull();
    scene.capture(6).await;
    let mut scene = scene.restart_tablet().await;
    scene
        .page(
            "shift open",
            |p| matches!(&p.page, Page::Login(l) if l.shift_open),
        )
        .await;
    scene.try_log_in(demo::world::LOGIN, "wrong-password");
    scene
        .page("refused", |p| {
            matches!(&p.page, Page::Login(l)
                if l.problem == Some(LoginProblem::WrongCredentials))
        })
        .await;
    // Nobody's login: by the roster, if there was time for one.
    scene.try_log_in("begona", "begona-2026");
    scene
        .page("no connection", |p| {
            matches!(&p.page, Page::Login(l) if matches!(
                l.problem,
                Some(LoginProblem::NotOnRoster
                    | LoginProblem::NoConnection
                    | LoginProblem::CentralDown)
            ))
        })
        .await;
    scene.try_log_in(demo::world::LOGIN, demo::world::PASSWORD);
    let page = scene
        .page("where it was", |p| matches!(p.page, Page::Pending(_)))
        .await;
    assert_eq!(page.stamp.encounter, Some(id));
    scene.world.cable.plug_in();
    scene.answer().await;
    scene.finish(Outcome::Released).await;
    scene.all_safe().await;
    let archived = scene.archived(id).await;
    assert!(archived.verified.complete);
    assert_eq!(count(&archived, |e| matches!(e, Event::Opened { .. })), 1);
    assert_eq!(count(&archived, |e| matches!(e, Event::Asked { .. })), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_tap_is_dropped() {
    let mut scene = Scene::logged_in().await;
    let first = scene.to_method().await;
    let stale = scene.tablet.page.as_ref().unwrap().stamp;
    scene.finish(Outcome::Released).await;
    scene.tablet.send(Command::GoHome);
    scene
        .page("home", |p| matches!(p.page, Page::Home(_)))
        .await;
    let second = scene.to_method().await;
    assert_ne!(first, second);
    scene
        .tablet
        .send_stamped(stale, Command::Finish(Outcome::Released));
    scene.tablet.send(Command::ChooseDocument);
    scene
        .page("document", |p| matches!(p.page, Page::Document(_)))
        .await;
    let closed = |p: &tablet::pages::PageView| {
        p.stamp.encounter == Some(second) && matches!(p.page, Page::Closed(_))
    };
    assert!(!scene.tablet.history.iter().any(closed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_vault_is_kept_aside_and_the_officer_is_told() {
    let scene = Scene::logged_in().await;
    let (mut scene, vault) = scene
        .while_off(async |_, data| {
            let (vault, _) = demo::tablet_kit::dirs(data);
            let database = std::fs::read_dir(&vault)
                .unwrap()
                .flatten()
                .map(|e| e.path())
                .find(|p| p.extension().is_some_and(|e| e == "db" || e == "sqlite"))
                .expect("the vault's database");
            let length = std::fs::metadata(&database).unwrap().len();
            let bytes = vec![0xA5; usize::try_from(length).unwrap()];
            std::fs::write(&database, bytes).unwrap();
            vault
        })
        .await;
    scene
        .page("told", |p| {
            p.chrome.notice == Some(tablet::pages::Notice::VaultQuarantined)
        })
        .await;
    let kept = std::fs::read_dir(&vault)
        .unwrap()
        .chain(std::fs::read_dir(vault.parent().unwrap()).unwrap())
        .flatten()
        .any(|e| e.file_name().to_string_lossy().starts_with("damaged-"));
    assert!(kept, "the damaged file is kept");
    scene.log_in().await;
    let id = scene.to_method().await;
    scene.finish(Outcome::Released).await;
    let archived = scene.archived(id).await;
    assert!(archived.verified.signatures && archived.verified.seals);
}
