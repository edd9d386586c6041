//! The tablet's program killed with no warning (SIGKILL) at points of an encounter.

use central::archive::ArchivedEncounter;
use e_patrul_tests::Scene;
use regulation::encounter::{Event, Outcome};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command as Process, Stdio};
use tablet::pages::Page;
use tablet::worker::Command;

/// Runs a tablet in a process of its own until it stands at `point`, and kills it there.
fn run_until_killed(data: &Path, point: &str) {
    let mut child = Process::new(env!("CARGO_BIN_EXE_tablet-until-killed"))
        .arg(data)
        .arg(point)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let reached = stdout
        .lines()
        .map_while(Result::ok)
        .any(|line| line == "reached");
    assert!(reached, "the tablet did not come to `{point}`");
    child.kill().unwrap();
    child.wait().unwrap();
}

/// A scene whose tablet was killed at `point` and has been switched on again.
async fn killed_at(point: &str) -> Scene {
    let scene = Scene::new().await;
    let at = point.to_owned();
    let (mut scene, ()) = scene
        .while_off(async |_, data| {
            let path = data.to_owned();
            tokio::task::spawn_blocking(move || run_until_killed(&path, &at))
                .await
                .unwrap();
        })
        .await;
    scene
        .page(
            "shift open",
            |p| matches!(&p.page, Page::Login(l) if l.shift_open),
        )
        .await;
    scene
}

fn once(archived: &ArchivedEncounter) {
    let count =
        |of: fn(&Event) -> bool| archived.events.iter().filter(|(_, r)| of(&r.event)).count();
    assert_eq!(count(|e| matches!(e, Event::Opened { .. })), 1);
    assert_eq!(count(|e| matches!(e, Event::Introduced { .. })), 1);
    assert_eq!(count(|e| matches!(e, Event::GroundStated { .. })), 1);
    assert_eq!(count(|e| matches!(e, Event::Closed)), 1);
    assert!(count(|e| matches!(e, Event::Asked { .. })) <= 1);
    assert!(archived.verified.complete, "{:?}", archived.verified);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_introduction_the_encounter_goes_on_at_the_ground() {
    let mut scene = killed_at("ground").await;
    scene.try_log_in(demo::world::LOGIN, demo::world::PASSWORD);
    let page = scene
        .page("the ground", |p| matches!(p.page, Page::Ground(_)))
        .await;
    let id = page.stamp.encounter.unwrap();
    scene.state_ground(regulation::encounter::Explanation::Full);
    scene
        .page("method", |p| matches!(p.page, Page::Method(_)))
        .await;
    scene.finish(Outcome::Released).await;
    once(&scene.archived(id).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_pending_the_question_is_asked_once_and_its_answer_comes() {
    let mut scene = killed_at("pending").await;
    scene.try_log_in(demo::world::LOGIN, demo::world::PASSWORD);
    let answer = scene.answer().await;
    assert!(answer.covered);
    let id = scene.tablet.page.as_ref().unwrap().stamp.encounter.unwrap();
    scene.finish(Outcome::Released).await;
    scene.all_safe().await;
    let archived = scene.archived(id).await;
    once(&archived);
    assert_eq!(archived.answers.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_on_the_answer_page_it_is_covered_again() {
    let mut scene = killed_at("answer").await;
    scene.try_log_in(demo::world::LOGIN, demo::world::PASSWORD);
    let answer = scene.answer().await;
    assert!(answer.covered && answer.people.is_empty());
    let id = scene.tablet.page.as_ref().unwrap().stamp.encounter.unwrap();
    scene.tablet.send(Command::ConfirmIdentity);
    scene.finish(Outcome::Released).await;
    once(&scene.archived(id).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_closing_everything_is_sent_all_the_same() {
    let mut scene = killed_at("closed").await;
    scene.try_log_in(demo::world::LOGIN, demo::world::PASSWORD);
    let page = scene
        .page(
            "home",
            |p| matches!(&p.page, Page::Home(h) if h.rows.len() == 1),
        )
        .await;
    let Page::Home(home) = page.page else {
        unreachable!()
    };
    assert!(home.open.is_none());
    once(&scene.archived(home.rows[0].id).await);
}
