//! §7, §29: what the officer learns is disclosed to nobody.

use e_patrul_tests::{Scene, on_disk};
use regulation::encounter::{Event, Outcome};
use tablet::pages::Page;
use tablet::worker::Command;

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_7_a_covered_answer_holds_nothing_of_the_person() {
    let mut scene = Scene::logged_in().await;
    scene.to_finger().await;
    scene.capture(1).await;
    let covered = scene.answer().await;
    assert!(covered.covered && covered.people.is_empty());
    let held = scene.revealed().await;
    assert_eq!(held.people.len(), 1);
    scene.tablet.send(Command::Reveal(false));
    let page = scene
        .page(
            "covered",
            |p| matches!(&p.page, Page::Answer(a) if a.covered),
        )
        .await;
    let Page::Answer(again) = page.page else {
        unreachable!()
    };
    assert!(again.people.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_7_nothing_readable_lies_on_the_tablet() {
    let mut scene = Scene::logged_in().await;
    let id = scene.to_finger().await;
    scene.capture(1).await;
    let held = scene.revealed_answer().await;
    let person = held.people[0].clone();
    let canaries = [
        person.surname.as_str(),
        person.address.as_str(),
        person.pinfl.as_str(),
        "ориентировкага",
        "Намуна кўчаси",
        demo::world::LOGIN,
        demo::world::PASSWORD,
        "Сержант",
    ];
    let check = |scene: &Scene, when: &str| {
        for canary in canaries {
            assert!(
                !on_disk(&scene.data, canary),
                "{when}: {canary} is readable on the disk"
            );
        }
    };
    check(&scene, "during the shift");
    scene.finish(Outcome::Released).await;
    scene.all_safe().await;
    scene.archived(id).await;
    scene.tablet.send(Command::GoHome);
    scene
        .page("home", |p| matches!(p.page, Page::Home(_)))
        .await;
    scene.tablet.send(Command::EndShift);
    scene
        .page(
            "log-in",
            |p| matches!(&p.page, Page::Login(l) if !l.shift_open),
        )
        .await;
    check(&scene, "after the shift");
    let central = scene.dir.path().join("central");
    assert!(
        on_disk(&central, &person.pinfl),
        "the scan finds what is there to be found"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_29_every_look_at_an_answer_is_on_record() {
    let mut scene = Scene::logged_in().await;
    let id = scene.to_finger().await;
    scene.capture(0).await;
    scene.revealed_answer().await;
    scene.tablet.send(Command::Reveal(false));
    scene
        .page(
            "covered",
            |p| matches!(&p.page, Page::Answer(a) if a.covered),
        )
        .await;
    scene.revealed().await;
    scene.finish(Outcome::Released).await;
    let archived = scene.archived(id).await;
    let looks = archived
        .events
        .iter()
        .filter(|(_, r)| matches!(r.event, Event::Revealed { .. }))
        .count();
    assert_eq!(looks, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_29_the_next_officer_sees_nothing_of_the_shift_before() {
    let mut scene = Scene::logged_in().await;
    scene.to_method().await;
    scene.finish(Outcome::Released).await;
    scene.tablet.send(Command::GoHome);
    scene
        .page(
            "one encounter",
            |p| matches!(&p.page, Page::Home(h) if h.rows.len() == 1),
        )
        .await;
    scene.tablet.send(Command::EndShift);
    scene
        .page("log-in", |p| matches!(p.page, Page::Login(_)))
        .await;
    scene.try_log_in(demo::world::OTHER_LOGIN, demo::world::OTHER_PASSWORD);
    let page = scene.to_home().await;
    let Page::Home(home) = page.page else {
        unreachable!()
    };
    assert!(home.rows.is_empty() && home.open.is_none());
    assert!(home.officer.contains("Синовов"));
}
