//! §5, §7: which answer is on the screen, who has looked at it, and what a tap on it means.

use e_patrul_tests::Scene;
use regulation::encounter::{Confirmation, DocumentKind, Event, Outcome};
use tablet::pages::{DocumentForm, Notice, Page};
use tablet::worker::Command;

/// Asks about person `n` by document from the page of the means.
async fn ask_by_document(scene: &mut Scene, n: u64) {
    scene.choose_document().await;
    scene
        .shown_back(DocumentForm {
            kind: Some(DocumentKind::IdCard),
            ask: true,
            number: demo::people::document(n).0,
            ..DocumentForm::default()
        })
        .await;
    scene.tablet.send(Command::ConfirmDocument);
    scene
        .page("asked", |p| {
            matches!(p.page, Page::Pending(_) | Page::Answer(_))
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_5_an_answer_that_nobody_looked_at_cannot_be_confirmed() {
    let mut scene = Scene::logged_in().await;
    let id = scene.to_finger().await;
    scene.capture(0).await;
    scene.answer().await;
    scene.tablet.send(Command::ConfirmIdentity);
    scene.revealed().await;
    scene.finish(Outcome::Released).await;
    let archived = scene.archived(id).await;
    assert_eq!(archived.state.questions[0].confirmation, Confirmation::Open);
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_7_two_answers_are_looked_at_one_after_the_other() {
    let mut scene = Scene::logged_in().await;
    let id = scene.to_finger().await;
    scene.world.cable.pull();
    scene.capture(1).await;
    scene.tablet.send(Command::OtherMeans);
    scene
        .page("method", |p| matches!(p.page, Page::Method(_)))
        .await;
    ask_by_document(&mut scene, 20).await;
    scene.world.cable.plug_in();
    scene
        .page("both answered", |p| {
            matches!(p.page, Page::Answer(_)) && p.chrome.queue.waiting == 0
        })
        .await;
    let mut seen = Vec::new();
    for _ in 0..2 {
        let answer = scene.revealed_answer().await;
        seen.push(answer.people[0].pinfl.clone());
        scene.tablet.send(Command::Reveal(false));
        scene
            .page(
                "covered",
                |p| matches!(&p.page, Page::Answer(a) if a.covered),
            )
            .await;
        scene.tablet.send(Command::ToOutcome);
        scene
            .page("next", |p| {
                matches!(&p.page, Page::Outcome(_))
                    || matches!(&p.page, Page::Answer(a) if a.covered)
            })
            .await;
        // The second answer may still be on its way while the first is looked at.
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    }
    scene
        .page("outcome", |p| matches!(p.page, Page::Outcome(_)))
        .await;
    seen.sort();
    let mut expected = [1, 20].map(|n| demo::people::person(n).pinfl.unwrap().0);
    expected.sort();
    assert_eq!(seen, expected, "each person was shown, and each once");
    scene.finish(Outcome::Released).await;
    let archived = scene.archived(id).await;
    assert!(archived.state.questions.iter().all(|q| q.revealed));
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_5_a_question_taken_back_before_it_left_is_not_looked_up() {
    let mut scene = Scene::logged_in().await;
    let id = scene.to_finger().await;
    scene.world.cable.pull();
    scene.capture(1).await;
    scene.tablet.send(Command::Withdraw);
    scene
        .page("method", |p| matches!(p.page, Page::Method(_)))
        .await;
    scene.world.cable.plug_in();
    scene.finish(Outcome::Released).await;
    scene.all_safe().await;
    let archived = scene.archived(id).await;
    assert!(
        archived
            .events
            .iter()
            .any(|(_, r)| matches!(r.event, Event::QuestionWithdrawn { .. }))
    );
    assert!(archived.answers.is_empty(), "nothing was looked up");
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_9_a_hasty_outcome_page_can_be_left_for_another_means() {
    let mut scene = Scene::logged_in().await;
    scene.to_method().await;
    scene.choose_document().await;
    scene
        .shown_back(DocumentForm {
            kind: Some(DocumentKind::Passport),
            number: "AB1234567".into(),
            surname: "Намунаев".into(),
            given: "Намуна".into(),
            no_patronymic: true,
            birth_date: "01.01.1990".into(),
            ..DocumentForm::default()
        })
        .await;
    scene.tablet.send(Command::Back);
    scene
        .page("method", |p| matches!(p.page, Page::Method(_)))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_29_a_shift_ended_by_central_finishes_what_is_open_and_nothing_more() {
    let mut scene = Scene::logged_in().await;
    let id = scene.to_method().await;
    let admin = scene.world.central.as_ref().unwrap().admin();
    let officer = admin.officer_by_login(demo::world::LOGIN).unwrap();
    admin.deactivate_officer(officer).unwrap();
    scene
        .page("told", |p| p.chrome.notice == Some(Notice::SessionEnded))
        .await;
    scene.tablet.send(Command::ToOutcome);
    scene
        .page("outcome", |p| matches!(p.page, Page::Outcome(_)))
        .await;
    scene.tablet.send(Command::Finish(Outcome::Released));
    scene
        .page(
            "log-in, with no shift",
            |p| matches!(&p.page, Page::Login(l) if !l.shift_open),
        )
        .await;
    assert!(scene.archived(id).await.verified.complete);
}
