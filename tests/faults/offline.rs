//! Log-in with no connection, by the roster.

use demo::world::{LOGIN, OTHER_LOGIN, OTHER_PASSWORD, PASSWORD};
use e_patrul_tests::{LONG, Scene};
use regulation::encounter::{Event, Outcome};
use std::time::{Duration, Instant};
use tablet::pages::{Connection, LoginProblem, Notice, Page, PageView};
use tablet::vault::LOGIN_FAILURES;
use tablet::worker::Command;

fn is_login(page: &PageView) -> bool {
    matches!(page.page, Page::Login(_))
}

async fn end_shift(scene: &mut Scene) {
    scene.tablet.send(Command::EndShift);
    scene.page("log-in", is_login).await;
}

/// The answer to a log-in: home, or a problem.
async fn try_log_in(scene: &mut Scene, login: &str, password: &str) -> Option<LoginProblem> {
    scene.try_log_in(login, password);
    scene
        .page("busy", |p| {
            matches!(&p.page, Page::Login(l) if l.busy) || !is_login(p)
        })
        .await;
    let page = scene
        .page(
            "an answer",
            |p| !matches!(&p.page, Page::Login(l) if l.busy || l.problem.is_none()),
        )
        .await;
    match page.page {
        Page::Login(login) => login.problem,
        _ => None,
    }
}

/// Plugs the cable in and waits until the tablet knows. With nobody logged in and nothing to send it
/// looks for central only when it is told that it is worth it.
async fn online(scene: &mut Scene, what: &str, accept: impl Fn(&PageView) -> bool) {
    scene.world.cable.plug_in();
    let until = Instant::now() + LONG;
    let accept = |p: &PageView| p.chrome.connection == Connection::Online && accept(p);
    loop {
        scene.tablet.send(Command::Retry);
        let wait = Duration::from_millis(500);
        match scene.tablet.wait_for(what, wait, accept).await {
            Ok(_) => return,
            Err(error) => assert!(Instant::now() < until, "{error}"),
        }
    }
}

/// Tries with the cable pulled until a roster has come that says something of the officer: the tablet
/// fetches it as soon as it can, and does not say when.
async fn answer_of_the_roster(
    scene: &mut Scene,
    login: &str,
    password: &str,
    wanted: Option<LoginProblem>,
) {
    let until = Instant::now() + LONG;
    loop {
        scene.world.cable.pull();
        let got = try_log_in(scene, login, password).await;
        if got == wanted {
            return;
        }
        assert!(Instant::now() < until, "{got:?}");
        // Whoever was let in by an older roster is out at the first contact.
        online(scene, "online, and nobody logged in", is_login).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_officer_of_the_unit_logs_in_with_no_connection_and_all_of_it_is_archived() {
    let mut scene = Scene::logged_in().await;
    let first = scene.to_method().await;
    scene.finish(Outcome::Released).await;
    end_shift(&mut scene).await;
    answer_of_the_roster(&mut scene, OTHER_LOGIN, OTHER_PASSWORD, None).await;
    let id = scene.to_finger().await;
    scene.capture(4).await;
    scene
        .page("pending", |p| matches!(p.page, Page::Pending(_)))
        .await;
    scene.world.cable.plug_in();
    scene.answer().await;
    scene.finish(Outcome::Released).await;
    scene.all_safe().await;
    let archived = scene.archived(id).await;
    assert_eq!(archived.flags, []);
    assert!(archived.verified.all());
    assert_eq!(archived.answers.len(), 1);
    let before = scene.archived(first).await;
    assert_ne!(before.session, archived.session);
    assert_ne!(before.officers, archived.officers);
    let asked =
        |(_, r): &(u64, regulation::encounter::Recorded)| matches!(r.event, Event::Asked { .. });
    assert_eq!(archived.events.iter().filter(|e| asked(e)).count(), 1);
    // The shift goes on over a restart of the tablet, online and with its own password.
    let mut scene = scene.restart_tablet().await;
    scene.try_log_in(OTHER_LOGIN, OTHER_PASSWORD);
    scene.to_home().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_shifts_with_no_connection_arrive_unflagged_after_a_third_has_logged_in_online() {
    let mut scene = Scene::logged_in().await;
    end_shift(&mut scene).await;
    let mut encounters = Vec::new();
    answer_of_the_roster(&mut scene, OTHER_LOGIN, OTHER_PASSWORD, None).await;
    for _ in 0..2 {
        encounters.push(scene.to_method().await);
        scene.finish(Outcome::Released).await;
        end_shift(&mut scene).await;
        if encounters.len() == 1 {
            assert_eq!(try_log_in(&mut scene, LOGIN, PASSWORD).await, None);
        }
    }
    online(&mut scene, "online", is_login).await;
    scene.log_in().await;
    for id in encounters {
        let archived = scene.archived(id).await;
        assert_eq!(archived.flags, []);
        assert!(archived.verified.all());
    }
    // And nobody's late envelope has ended the shift that is on.
    let id = scene.to_finger().await;
    scene.capture(2).await;
    scene.answer().await;
    scene.finish(Outcome::Released).await;
    assert_eq!(scene.archived(id).await.flags, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_a_wrong_password_and_a_dismissed_officer_are_refused_alike() {
    let mut scene = Scene::logged_in().await;
    end_shift(&mut scene).await;
    let refused = Some(LoginProblem::NotOnRoster);
    answer_of_the_roster(&mut scene, "begona", "parol-2026", refused).await;
    assert_eq!(try_log_in(&mut scene, OTHER_LOGIN, "wrong").await, refused);
    let admin = scene.world.central.as_ref().unwrap().admin().clone();
    let officer = admin.officer_by_login(OTHER_LOGIN).unwrap();
    admin.deactivate_officer(officer).unwrap();
    // Nothing has been heard of it yet; at the first contact it is over.
    assert_eq!(
        try_log_in(&mut scene, OTHER_LOGIN, OTHER_PASSWORD).await,
        None
    );
    online(&mut scene, "ended by central", is_login).await;
    answer_of_the_roster(&mut scene, OTHER_LOGIN, OTHER_PASSWORD, refused).await;
    admin.reactivate_officer(officer).unwrap();
    answer_of_the_roster(&mut scene, LOGIN, PASSWORD, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn centrals_refusal_is_final_whatever_the_roster_says() {
    let mut scene = Scene::with(|c| c.policy.login_failures = 2).await;
    scene.log_in().await;
    end_shift(&mut scene).await;
    // The roster is there.
    answer_of_the_roster(
        &mut scene,
        "begona",
        "parol-2026",
        Some(LoginProblem::NotOnRoster),
    )
    .await;
    online(&mut scene, "online", is_login).await;
    for _ in 0..2 {
        assert_eq!(
            try_log_in(&mut scene, OTHER_LOGIN, "wrong").await,
            Some(LoginProblem::WrongCredentials)
        );
    }
    assert_eq!(
        try_log_in(&mut scene, OTHER_LOGIN, OTHER_PASSWORD).await,
        Some(LoginProblem::OfficerLocked)
    );
    let admin = scene.world.central.as_ref().unwrap().admin().clone();
    assert!(admin.unlock_officer(OTHER_LOGIN).unwrap());
    assert_eq!(
        try_log_in(&mut scene, OTHER_LOGIN, OTHER_PASSWORD).await,
        None
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_rank_is_on_the_screen_of_the_open_shift_and_stays_over_a_restart() {
    let mut scene = Scene::logged_in().await;
    let admin = scene.world.central.as_ref().unwrap().admin().clone();
    let change = central::OfficerChange {
        rank: Some("Майор".into()),
        ..Default::default()
    };
    let officer = admin.officer_by_login(LOGIN).unwrap();
    admin.change_officer(officer, &change).unwrap();
    let promoted = |p: &PageView| p.chrome.rank == "Майор";
    scene.page("the new rank", promoted).await;
    scene.world.cable.pull();
    let mut scene = scene.restart_tablet().await;
    scene.try_log_in(LOGIN, PASSWORD);
    scene.page("the new rank again", promoted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_nothing_heard_for_the_whole_lease_the_shift_ends_and_nobody_begins_another() {
    let (mut scene, clock) = Scene::new().await.with_moved_clock();
    scene.page("log-in", is_login).await;
    scene.log_in().await;
    end_shift(&mut scene).await;
    answer_of_the_roster(&mut scene, OTHER_LOGIN, OTHER_PASSWORD, None).await;
    let id = scene.to_method().await;
    clock.pass(13 * 60);
    scene.tablet.send(Command::SetLanguage(
        regulation::encounter::Language::Russian,
    ));
    scene
        .page("told", |p| p.chrome.notice == Some(Notice::SessionEnded))
        .await;
    // What is begun is finished, and then it is over.
    scene.tablet.send(Command::ToOutcome);
    scene
        .page("outcome", |p| matches!(p.page, Page::Outcome(_)))
        .await;
    scene.tablet.send(Command::Finish(Outcome::Released));
    scene.page("log-in", is_login).await;
    for (login, password) in [(LOGIN, PASSWORD), (OTHER_LOGIN, OTHER_PASSWORD)] {
        assert_eq!(
            try_log_in(&mut scene, login, password).await,
            Some(LoginProblem::LeaseOver)
        );
    }
    online(&mut scene, "online", is_login).await;
    let archived = scene.archived(id).await;
    assert_eq!(archived.flags, []);
    assert!(archived.verified.complete);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tablet_locked_by_guesses_is_unlocked_by_the_desk_through_its_roster() {
    let (mut scene, clock) = Scene::new().await.with_moved_clock();
    scene.page("log-in", is_login).await;
    scene.log_in().await;
    end_shift(&mut scene).await;
    answer_of_the_roster(&mut scene, OTHER_LOGIN, OTHER_PASSWORD, None).await;
    end_shift(&mut scene).await;
    // With no connection, each guess after the wait that the one before has earned.
    let wait = || clock.pass(6);
    for _ in 0..LOGIN_FAILURES {
        wait();
        let guessed = try_log_in(&mut scene, OTHER_LOGIN, "wrong").await;
        assert_eq!(guessed, Some(LoginProblem::NotOnRoster));
    }
    for password in ["wrong", OTHER_PASSWORD] {
        wait();
        assert_eq!(
            try_log_in(&mut scene, OTHER_LOGIN, password).await,
            Some(LoginProblem::Locked)
        );
    }
    // The network alone changes nothing of that.
    online(&mut scene, "online", is_login).await;
    scene.world.cable.pull();
    wait();
    assert_eq!(
        try_log_in(&mut scene, OTHER_LOGIN, OTHER_PASSWORD).await,
        Some(LoginProblem::Locked)
    );
    let admin = scene.world.central.as_ref().unwrap().admin().clone();
    let device = admin.devices().unwrap()[0].id;
    admin.unlock_device(device).unwrap();
    online(&mut scene, "online", is_login).await;
    answer_of_the_roster(&mut scene, OTHER_LOGIN, OTHER_PASSWORD, None).await;
}
