//! §1, §3, §5, §6, §10, §14.

use e_patrul_tests::Scene;
use protocol::Register;
use regulation::encounter::{AnswerKind, Confirmation, Event, Outcome};
use std::time::Duration;
use tablet::pages::{LoginProblem, Mark, Page};
use tablet::worker::Command;

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_1_place_and_times_of_every_encounter_are_on_record() {
    let mut scene = Scene::logged_in().await;
    let id = scene.to_method().await;
    scene.finish(Outcome::Released).await;
    let archived = scene.archived(id).await;
    assert_eq!(
        archived.state.place.as_ref().unwrap().text,
        "Намуна кўчаси, бекат"
    );
    let (opened, closed) = (
        archived.state.opened_at.unwrap(),
        archived.state.closed_at.unwrap(),
    );
    assert!(opened < closed);
    assert!(archived.verified.complete, "{:?}", archived.verified);
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_1_no_encounter_without_a_place() {
    let mut scene = Scene::logged_in().await;
    scene.tablet.send(Command::NewEncounter);
    scene
        .page("introduce", |p| matches!(p.page, Page::Introduce(_)))
        .await;
    scene.tablet.send(Command::Introduce {
        place: "  ".into(),
        chosen: false,
        service_id: regulation::encounter::ServiceId::NotAskedFor,
    });
    let page = scene.page("a refusal", |p| p.refusal.is_some()).await;
    assert_eq!(
        page.refusal.unwrap().refusal,
        regulation::encounter::Refusal::PlaceMissing
    );
    assert!(matches!(page.page, Page::Introduce(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_3_a_wanted_person_is_found_with_register_source_and_date() {
    let mut scene = Scene::logged_in().await;
    let id = scene.to_finger().await;
    scene.capture(1).await;
    let covered = scene.answer().await;
    assert_eq!(covered.mark, Mark::Alert);
    assert!(covered.people.is_empty() && covered.gallery.is_none());
    let answer = scene.revealed().await;
    let person = &answer.people[0];
    let expected = demo::people::person(1);
    assert_eq!(person.surname, expected.name.surname);
    assert_eq!(person.pinfl, expected.pinfl.unwrap().0);
    let wanted = &person.entries[0];
    assert_eq!(wanted.register, Register::Wanted, "the gravest first");
    assert!(!wanted.source.is_empty() && !wanted.date.is_empty());
    assert_eq!(answer.gallery.unwrap().people, e_patrul_tests::PEOPLE);
    assert!(person.one_in.unwrap() >= 1_000, "{:?}", person.one_in);
    scene
        .finish(Outcome::TakenToStation {
            case: "wanted_or_missing".into(),
        })
        .await;
    scene.all_safe().await;
    assert!(scene.archived(id).await.verified.complete);
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_3_clear_names_the_registers_that_were_asked() {
    let mut scene = Scene::logged_in().await;
    scene.to_finger().await;
    scene.capture(0).await;
    assert_eq!(scene.answer().await.mark, Mark::Quiet);
    let answer = scene.revealed().await;
    assert!(answer.people[0].entries.is_empty());
    assert_eq!(answer.people[0].clear_of.len(), Register::ALL.len());
    assert!(
        answer.people[0]
            .clear_of
            .iter()
            .all(|r| !r.source.is_empty() && !r.as_of.is_empty())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_3_missing_looks_different_from_wanted() {
    let mut scene = Scene::logged_in().await;
    scene.to_finger().await;
    scene.capture(2).await;
    assert_eq!(scene.answer().await.mark, Mark::Missing);
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_3_not_found_is_not_clear_and_a_probe_joins_no_gallery() {
    let mut scene = Scene::logged_in().await;
    let stranger = demo::people::STRANGERS + 5;
    scene.to_finger().await;
    scene.capture(stranger).await;
    let answer = scene.answer().await;
    assert_eq!(
        (answer.kind, answer.mark),
        (AnswerKind::NotFound, Mark::Unclear)
    );
    assert_eq!(
        answer.gallery, None,
        "covered, it says not even what was searched"
    );
    let before = scene.revealed().await.gallery;
    assert_eq!(before.unwrap().people, e_patrul_tests::PEOPLE);
    scene.finish(Outcome::Released).await;
    scene.tablet.send(Command::GoHome);
    scene
        .page("home", |p| matches!(p.page, Page::Home(_)))
        .await;
    scene.to_finger().await;
    scene.capture(stranger).await;
    let again = scene.answer().await;
    assert_eq!(
        again.kind,
        AnswerKind::NotFound,
        "the first probe is not in the gallery"
    );
    assert_eq!(scene.revealed().await.gallery, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_3_two_people_with_one_finger_are_possible_each_with_its_chance() {
    let mut scene = Scene::new().await;
    let admin = scene.world.central.as_ref().unwrap().admin();
    let (finger, template) = demo::people::person(3).prints.remove(0);
    let other = demo::people::person(6).id;
    admin.add_print(&other, finger, &template).unwrap();
    scene.log_in().await;
    let id = scene.to_finger().await;
    scene.capture(3).await;
    let covered = scene.answer().await;
    assert_eq!(covered.kind, AnswerKind::Possible);
    assert!(covered.people.is_empty() && covered.gallery.is_none());
    // One at a time, each looked at by itself.
    let mut pinfls = Vec::new();
    for at in [0, 1] {
        let answer = scene.revealed().await;
        let [one] = answer.people.as_slice() else {
            panic!("{} people at once", answer.people.len())
        };
        assert!(one.one_in.is_some());
        assert_eq!(answer.gallery.unwrap().prints, e_patrul_tests::PEOPLE + 1);
        let compare = answer.compare.unwrap();
        assert_eq!(
            (compare.at, compare.count, compare.looked_at),
            (at, 2, true)
        );
        pinfls.push(one.pinfl.clone());
        scene.tablet.send(Command::NextCandidate);
        let next = (at + 1) % 2;
        scene
            .page("the next one, covered", |p| {
                matches!(&p.page, Page::Answer(a) if a.covered
                    && a.compare.is_some_and(|c| c.at == next))
            })
            .await;
    }
    pinfls.sort();
    let mut both = [3, 6].map(|n| demo::people::person(n).pinfl.unwrap().0);
    both.sort();
    assert_eq!(pinfls, both);
    scene.finish(Outcome::Released).await;
    let archived = scene.archived(id).await;
    assert_eq!(archived.state.questions[0].confirmation, Confirmation::Open);
    assert_eq!(archived.state.questions[0].looked_at, [0, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_5_central_compares_and_the_tablet_gets_one_record() {
    let mut scene = Scene::logged_in().await;
    for n in [3, 6] {
        let id = scene.to_finger().await;
        scene.capture(n).await;
        let answer = scene.revealed_answer().await;
        assert_eq!(answer.people.len(), 1);
        assert_eq!(
            answer.people[0].pinfl,
            demo::people::person(n).pinfl.unwrap().0
        );
        scene.tablet.send(Command::ConfirmIdentity);
        scene.finish(Outcome::Released).await;
        assert_eq!(scene.archived(id).await.answers.len(), 1);
        scene.tablet.send(Command::GoHome);
        scene
            .page("home", |p| matches!(p.page, Page::Home(_)))
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_6_the_notice_carries_the_time_it_happened_not_the_time_it_arrived() {
    let mut scene = Scene::logged_in().await;
    let id = scene.to_finger().await;
    scene.world.cable.pull();
    scene.capture(6).await;
    let pending = scene
        .page("pending", |p| matches!(p.page, Page::Pending(_)))
        .await;
    let Page::Pending(pending) = pending.page else {
        unreachable!()
    };
    assert!(pending.unsent);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let restored = now_ms();
    scene.world.cable.plug_in();
    scene.answer().await;
    scene.finish(Outcome::Released).await;
    let archived = scene.archived(id).await;
    let asked = archived
        .events
        .iter()
        .find(|(_, r)| matches!(r.event, Event::Asked { .. }))
        .expect("the question is its own notice");
    assert!(
        asked.1.at.0 + 1500 < restored,
        "asked when captured, not when sent"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_10_the_archive_holds_the_encounter_verified() {
    let mut scene = Scene::logged_in().await;
    let id = scene.to_finger().await;
    scene.capture(0).await;
    scene.answer().await;
    scene.finish(Outcome::Released).await;
    scene.all_safe().await;
    let archived = scene.archived(id).await;
    assert!(archived.verified.signatures && archived.verified.chain && archived.verified.seals);
    assert!(archived.verified.complete);
    let kinds: Vec<_> = archived.events.iter().map(|(seq, _)| *seq).collect();
    assert!(kinds.windows(2).all(|w| w[0] < w[1]), "in order: {kinds:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_14_login_and_password_open_the_tablet_and_nothing_else_does() {
    let mut scene = Scene::new().await;
    for (login, password) in [
        (demo::world::LOGIN, "wrong-password"),
        ("nobody", "wrong-password"),
    ] {
        scene.try_log_in(login, password);
        scene
            .page("asking", |p| matches!(&p.page, Page::Login(l) if l.busy))
            .await;
        let page = scene
            .page(
                "a refusal",
                |p| matches!(&p.page, Page::Login(l) if l.problem.is_some()),
            )
            .await;
        let Page::Login(view) = page.page else {
            unreachable!()
        };
        assert_eq!(view.problem, Some(LoginProblem::WrongCredentials));
        scene.tablet.send(Command::NewEncounter);
    }
    let page = scene.tablet.page.clone().unwrap();
    assert!(
        matches!(page.page, Page::Login(_)),
        "no command passes the log-in"
    );
    scene.log_in().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_14_a_revoked_tablet_is_told_so_at_log_in() {
    let mut scene = Scene::new().await;
    let admin = scene.world.central.as_ref().unwrap().admin();
    let device = admin.devices().unwrap()[0].id;
    admin.revoke_device(device).unwrap();
    scene.try_log_in(demo::world::LOGIN, demo::world::PASSWORD);
    scene
        .page(
            "revoked",
            |p| matches!(&p.page, Page::Login(l) if l.problem == Some(LoginProblem::DeviceRevoked)),
        )
        .await;
}

fn now_ms() -> i64 {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    i64::try_from(since.as_millis()).unwrap()
}
