//! §9.

use e_patrul_tests::Scene;
use regulation::encounter::{Flag, Outcome, Refusal, Unidentified};
use tablet::pages::Page;
use tablet::worker::Command;

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_9_an_outage_is_not_cannot_identify() {
    let mut scene = Scene::logged_in().await;
    scene.to_finger().await;
    scene.world.cable.pull();
    scene.capture(0).await;
    scene.tablet.send(Command::CannotIdentify);
    let page = scene.page("a refusal", |p| p.refusal.is_some()).await;
    let refusal = page.refusal.unwrap();
    assert_eq!(
        (refusal.refusal, refusal.paragraph),
        (Refusal::StillWaiting, 9)
    );
    let Page::Pending(pending) = page.page else {
        panic!("not pending")
    };
    assert!(!pending.over_limit && pending.limit_s > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_9_not_found_may_be_called_cannot_identify_and_the_untried_face_is_flagged() {
    let mut scene = Scene::logged_in().await;
    let id = scene.to_finger().await;
    scene.capture(demo::people::STRANGERS + 9).await;
    let answer = scene.answer().await;
    assert!(answer.cannot_identify.is_some());
    scene.tablet.send(Command::CannotIdentify);
    let page = scene
        .page("outcome", |p| matches!(p.page, Page::Outcome(_)))
        .await;
    let Page::Outcome(view) = page.page else {
        unreachable!()
    };
    let flags = |id: &str| {
        let case = view.cases.iter().find(|c| c.choice.id == id);
        case.map(|c| c.flags.clone()).unwrap()
    };
    assert_eq!(flags("caught_offending"), []);
    assert_eq!(flags("wanted_or_missing"), [Flag::CaseDoesNotFit]);
    // §12 knows a second means, the face: said before it is recorded, and recorded all the same.
    assert_eq!(flags("cannot_identify"), [Flag::CaseDoesNotFit]);
    scene.tablet.send(Command::Finish(Outcome::TakenToStation {
        case: "cannot_identify".into(),
    }));
    scene
        .page("closed", |p| matches!(p.page, Page::Closed(_)))
        .await;
    let archived = scene.archived(id).await;
    assert_eq!(archived.state.unidentified, Some(Unidentified::NotFound));
    assert_eq!(archived.state.flags, [Flag::CaseDoesNotFit]);
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_9_what_does_not_fit_is_recorded_and_flagged_never_refused() {
    let mut scene = Scene::logged_in().await;
    let id = scene.to_finger().await;
    scene.capture(0).await;
    scene.answer().await;
    scene
        .finish(Outcome::TakenToStation {
            case: "wanted_or_missing".into(),
        })
        .await;
    let archived = scene.archived(id).await;
    assert!(
        archived.state.flags.contains(&Flag::CaseDoesNotFit),
        "{:?}",
        archived.state.flags
    );
    assert!(archived.verified.complete);
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_9_protocol_on_the_spot_and_another_ground_have_their_fields() {
    let mut scene = Scene::logged_in().await;
    let first = scene.to_method().await;
    scene.tablet.send(Command::ToOutcome);
    scene
        .page("outcome", |p| matches!(p.page, Page::Outcome(_)))
        .await;
    for incomplete in [
        Outcome::ProtocolOnTheSpot { number: " ".into() },
        Outcome::TakenOnOtherGround {
            article: "1".into(),
            by_order_of: String::new(),
        },
    ] {
        scene.tablet.send(Command::Finish(incomplete));
        let page = scene.page("a refusal", |p| p.refusal.is_some()).await;
        assert_eq!(page.refusal.unwrap().refusal, Refusal::OutcomeIncomplete);
        scene.tablet.send(Command::Retry);
        scene.page("no refusal", |p| p.refusal.is_none()).await;
    }
    let protocol = Outcome::ProtocolOnTheSpot {
        number: "МБ-17".into(),
    };
    scene.tablet.send(Command::Finish(protocol.clone()));
    scene
        .page("closed", |p| matches!(p.page, Page::Closed(_)))
        .await;
    assert_eq!(scene.archived(first).await.state.outcome, Some(protocol));
    scene.tablet.send(Command::GoHome);
    scene
        .page("home", |p| matches!(p.page, Page::Home(_)))
        .await;
    let second = scene.to_method().await;
    let other = Outcome::TakenOnOtherGround {
        article: "ЖПК 221-модда".into(),
        by_order_of: "навбатчи".into(),
    };
    scene.finish(other.clone()).await;
    assert_eq!(scene.archived(second).await.state.outcome, Some(other));
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_9_a_candidate_that_nobody_confirmed_is_flagged_when_acted_on() {
    let mut scene = Scene::logged_in().await;
    let id = scene.to_finger().await;
    scene.capture(1).await;
    scene.answer().await;
    scene
        .finish(Outcome::TakenToStation {
            case: "wanted_or_missing".into(),
        })
        .await;
    let flags = scene.archived(id).await.state.flags;
    assert!(flags.contains(&Flag::IdentityNotConfirmed), "{flags:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_9_this_is_not_me_makes_it_possible_not_identified() {
    let mut scene = Scene::logged_in().await;
    let id = scene.to_finger().await;
    scene.capture(1).await;
    scene.revealed_answer().await;
    scene.tablet.send(Command::DisputeIdentity);
    scene
        .page("disputed", |p| {
            matches!(&p.page, Page::Answer(a)
                if a.confirmation == regulation::encounter::Confirmation::Disputed)
        })
        .await;
    scene
        .finish(Outcome::TakenToStation {
            case: "wanted_or_missing".into(),
        })
        .await;
    let flags = scene.archived(id).await.state.flags;
    assert!(flags.contains(&Flag::IdentityDisputed), "{flags:?}");
    assert!(
        flags.contains(&Flag::CaseDoesNotFit),
        "a disputed record names nobody: {flags:?}"
    );
}
