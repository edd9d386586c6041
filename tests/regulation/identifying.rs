//! §8, §12, §28.

use biometrics::finger::Verdict;
use demo::emulator::{Glass, Skin};
use e_patrul_tests::Scene;
use regulation::encounter::{DocumentKind, Event, Explanation, Flag, Outcome, Refusal, ServiceId};
use tablet::device::ScannerFault;
use tablet::pages::{DocumentForm, DocumentProblem, FingerStatus, Page};
use tablet::worker::Command;

fn form() -> DocumentForm {
    DocumentForm {
        kind: Some(DocumentKind::IdCard),
        ask: false,
        number: "AB1234567".into(),
        pinfl: String::new(),
        mrz: String::new(),
        surname: "Намунаев".into(),
        given: "Намуна".into(),
        patronymic: String::new(),
        no_patronymic: true,
        birth_date: "01.01.1990".into(),
        zone: None,
    }
}

async fn to_document(scene: &mut Scene) -> regulation::EncounterId {
    let id = scene.to_method().await;
    scene.choose_document().await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_8_no_capture_before_ground_and_explanation() {
    let mut scene = Scene::logged_in().await;
    scene.introduce().await;
    scene.tablet.panel.place(Glass {
        finger: 1,
        skin: Skin::Ordinary,
        touch: 1,
    });
    scene.tablet.send(Command::ChooseFingerprint);
    scene
        .page("finger", |p| matches!(p.page, Page::Finger(_)))
        .await;
    scene.tablet.send(Command::StartCapture);
    let page = scene.page("a refusal", |p| p.refusal.is_some()).await;
    let refusal = page.refusal.unwrap();
    assert_eq!(
        (refusal.refusal, refusal.paragraph),
        (Refusal::GroundMissing, 8)
    );
    let asked = |p: &tablet::pages::PageView| matches!(p.page, Page::Pending(_));
    assert!(
        !scene.tablet.history.iter().any(asked),
        "nothing was captured or asked"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_8_a_ground_needs_the_fact_it_rests_on() {
    let mut scene = Scene::logged_in().await;
    scene.introduce().await;
    scene.tablet.send(Command::StateGround {
        ground: "witness".into(),
        fact: " ".into(),
        explanation: Explanation::Full,
    });
    let page = scene.page("a refusal", |p| p.refusal.is_some()).await;
    assert_eq!(page.refusal.unwrap().refusal, Refusal::FactMissing);
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_8_service_information_may_be_left_out_the_explanation_may_not() {
    let mut scene = Scene::logged_in().await;
    let id = scene.introduce().await;
    scene.state_ground(Explanation::ServiceInformationLeftOut);
    scene
        .page("method", |p| matches!(p.page, Page::Method(_)))
        .await;
    scene.finish(Outcome::Released).await;
    let archived = scene.archived(id).await;
    assert_eq!(
        archived.state.explanation,
        Some(Explanation::ServiceInformationLeftOut)
    );
    assert!(
        archived.state.flags.is_empty(),
        "{:?}",
        archived.state.flags
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_8_not_possible_yet_opens_the_way_is_asked_again_and_is_flagged() {
    let mut scene = Scene::logged_in().await;
    let id = scene.introduce().await;
    scene.state_ground(Explanation::NotPossibleYet {
        why: "ҳушсиз".into(),
    });
    scene
        .page("method", |p| matches!(p.page, Page::Method(_)))
        .await;
    scene.tablet.send(Command::ChooseFingerprint);
    scene
        .page("finger", |p| matches!(p.page, Page::Finger(_)))
        .await;
    scene.capture(0).await;
    scene.answer().await;
    scene.tablet.send(Command::ToOutcome);
    scene
        .page(
            "outcome",
            |p| matches!(&p.page, Page::Outcome(o) if o.explanation_owed),
        )
        .await;
    scene.tablet.send(Command::Finish(Outcome::Released));
    let page = scene.page("a refusal", |p| p.refusal.is_some()).await;
    assert_eq!(page.refusal.unwrap().refusal, Refusal::ExplanationOwed);
    scene.tablet.send(Command::ReviewGround);
    scene
        .page(
            "ground",
            |p| matches!(&p.page, Page::Ground(g) if g.asked_again),
        )
        .await;
    scene.state_ground(Explanation::Full);
    scene
        .page(
            "outcome",
            |p| matches!(&p.page, Page::Outcome(o) if !o.explanation_owed),
        )
        .await;
    scene.tablet.send(Command::Finish(Outcome::Released));
    scene
        .page("closed", |p| matches!(p.page, Page::Closed(_)))
        .await;
    let archived = scene.archived(id).await;
    assert!(archived.state.flags.contains(&Flag::ExplanationDelayed));
    assert_eq!(archived.state.explanation, Some(Explanation::Full));
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_8_identified_by_document_is_complete_and_asks_central_nothing() {
    let mut scene = Scene::logged_in().await;
    let id = to_document(&mut scene).await;
    scene.identified_by(form()).await;
    scene.tablet.send(Command::Finish(Outcome::Released));
    scene
        .page("closed", |p| matches!(p.page, Page::Closed(_)))
        .await;
    let archived = scene.archived(id).await;
    assert_eq!(archived.state.by_document, Some(DocumentKind::IdCard));
    assert!(archived.state.questions.is_empty() && archived.answers.is_empty());
    assert!(archived.verified.complete);
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_8_a_document_can_be_asked_about_too() {
    let mut scene = Scene::logged_in().await;
    to_document(&mut scene).await;
    let asked = DocumentForm {
        ask: true,
        number: demo::people::document(20).0,
        surname: String::new(),
        given: String::new(),
        birth_date: String::new(),
        ..form()
    };
    scene.shown_back(asked).await;
    scene.tablet.send(Command::ConfirmDocument);
    let answer = scene.revealed_answer().await;
    assert_eq!(
        answer.people[0].pinfl,
        demo::people::person(20).pinfl.unwrap().0
    );
    assert_eq!(answer.gallery, None, "no gallery was searched");
    assert_eq!(answer.people[0].one_in, None, "nothing was compared");
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_12_the_officer_introduces_themselves_first() {
    let mut scene = Scene::logged_in().await;
    scene.tablet.send(Command::NewEncounter);
    let page = scene
        .page("introduce", |p| matches!(p.page, Page::Introduce(_)))
        .await;
    let Page::Introduce(view) = &page.page else {
        unreachable!()
    };
    assert!(
        view.words.contains("Намунаев"),
        "the words to say name the officer"
    );
    for command in [
        Command::ChooseFingerprint,
        Command::StartCapture,
        Command::ToOutcome,
    ] {
        scene.tablet.send(command);
    }
    scene.state_ground(Explanation::Full);
    scene.tablet.send(Command::Introduce {
        place: "бекат".into(),
        chosen: true,
        service_id: ServiceId::NotAskedFor,
    });
    scene
        .page("ground", |p| matches!(p.page, Page::Ground(_)))
        .await;
    let skipped = |p: &tablet::pages::PageView| {
        matches!(p.page, Page::Finger(_) | Page::Outcome(_) | Page::Method(_))
    };
    assert!(!scene.tablet.history.iter().any(skipped));
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_12_the_service_id_asked_for_and_shown_is_on_record() {
    let mut scene = Scene::logged_in().await;
    let id = scene.to_method().await;
    scene.finish(Outcome::Released).await;
    assert_eq!(
        scene.archived(id).await.state.service_id,
        Some(ServiceId::AskedForAndShown)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_12_each_scanner_fault_is_told_apart_and_attempts_are_counted() {
    let mut scene = Scene::logged_in().await;
    let id = scene.to_finger().await;
    for (skin, fault) in [
        (Skin::Dry, ScannerFault::TooDry),
        (Skin::Wet, ScannerFault::TooWet),
        (Skin::Partial, ScannerFault::Partial),
        (Skin::Two, ScannerFault::MoreThanOneFinger),
    ] {
        scene.tablet.panel.place(Glass {
            finger: 1,
            skin,
            touch: 3,
        });
        scene.tablet.send(Command::StartCapture);
        scene
            .page(
                fault.id(),
                |p| matches!(&p.page, Page::Finger(f) if f.status == FingerStatus::Fault(fault)),
            )
            .await;
        scene.tablet.panel.lift();
    }
    scene.tablet.panel.set_plugged(false);
    scene.tablet.send(Command::StartCapture);
    scene
        .page("not connected", |p| {
            matches!(&p.page, Page::Finger(f)
                if f.status == FingerStatus::Fault(ScannerFault::NotConnected))
        })
        .await;
    scene.without_fingerprint("quality").await;
    scene.finish(Outcome::Released).await;
    let archived = scene.archived(id).await;
    assert_eq!(
        archived.state.failed_attempts, 4,
        "the device's faults are no attempts"
    );
    assert!(!archived.state.flags.contains(&Flag::ReasonDoesNotFit));
}

/// The quality of every frame shown since the page of the finger came up.
fn live(scene: &Scene) -> Vec<(Verdict, u8, u8)> {
    let pages = scene.tablet.history.iter();
    pages
        .filter_map(|p| match &p.page {
            Page::Finger(f) => match f.status {
                FingerStatus::Reading(verdict) => Some((verdict, f.quality.unwrap(), f.enough)),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_12_while_the_finger_lies_on_the_glass_the_page_says_what_to_mend() {
    for (skin, verdict) in [
        (Skin::Dry, Verdict::TooDry),
        (Skin::Wet, Verdict::TooWet),
        (Skin::Partial, Verdict::Partial),
        (Skin::Two, Verdict::MoreThanOneFinger),
        (Skin::Moving, Verdict::Blurred),
    ] {
        let mut scene = Scene::logged_in().await;
        scene.to_finger().await;
        let poor = Glass {
            finger: 1,
            skin,
            touch: 3,
        };
        scene.tablet.panel.place(poor);
        scene.tablet.send(Command::StartCapture);
        scene
            .page("live quality", |p| {
                matches!(&p.page, Page::Finger(f) if f.status == FingerStatus::Reading(verdict))
            })
            .await;
        // Mended on the glass: the same capture goes on and takes it.
        scene.tablet.panel.place(Glass {
            skin: Skin::Ordinary,
            touch: 77,
            ..poor
        });
        scene
            .page("asked", |p| {
                matches!(p.page, Page::Pending(_) | Page::Answer(_))
            })
            .await;
        let frames = live(&scene);
        let poor = frames.iter().filter(|(v, ..)| *v == verdict);
        assert!(
            poor.into_iter().all(|(_, score, enough)| score < enough),
            "{skin:?}: {frames:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_12_a_refusal_is_its_own_reason_and_marked_for_review() {
    let mut scene = Scene::logged_in().await;
    let id = scene.to_finger().await;
    scene.without_fingerprint("refusal").await;
    scene
        .finish(Outcome::TakenToStation {
            case: "resisted".into(),
        })
        .await;
    let flags = scene.archived(id).await.state.flags;
    assert!(flags.contains(&Flag::ReasonForReview), "{flags:?}");
    assert!(flags.contains(&Flag::RefusalIsNotResistance), "{flags:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_28_typed_data_is_checked_shown_back_and_confirmed() {
    let mut scene = Scene::logged_in().await;
    let id = to_document(&mut scene).await;
    for (wrong, problem) in [
        (
            DocumentForm {
                birth_date: "31.02.1990".into(),
                ..form()
            },
            DocumentProblem::BirthDate,
        ),
        (
            DocumentForm {
                birth_date: "01.01.2990".into(),
                ..form()
            },
            DocumentProblem::BirthDate,
        ),
        (
            DocumentForm {
                surname: "Н4мунаев".into(),
                ..form()
            },
            DocumentProblem::Surname,
        ),
        (
            DocumentForm {
                number: "A1".into(),
                ..form()
            },
            DocumentProblem::Number,
        ),
        (
            DocumentForm {
                mrz: "IUUZB<".into(),
                ..form()
            },
            DocumentProblem::Mrz,
        ),
    ] {
        scene.tablet.send(Command::ReviewDocument(wrong));
        scene
            .page("a problem", |p| {
                matches!(&p.page, Page::Document(d)
                    if d.problem == Some(problem) && d.review.is_none())
            })
            .await;
        scene.tablet.send(Command::ConfirmDocument);
    }
    scene.tablet.send(Command::ReviewDocument(form()));
    let page = scene
        .page(
            "shown back",
            |p| matches!(&p.page, Page::Document(d) if d.review.is_some()),
        )
        .await;
    let Page::Document(view) = page.page else {
        unreachable!()
    };
    assert!(view.review.unwrap().name.contains("Намунаев"));
    scene.tablet.send(Command::EditDocument);
    scene
        .page(
            "editing",
            |p| matches!(&p.page, Page::Document(d) if d.review.is_none()),
        )
        .await;
    let corrected = DocumentForm {
        surname: "Синовов".into(),
        ..form()
    };
    scene.identified_by(corrected).await;
    scene.tablet.send(Command::Finish(Outcome::Released));
    scene
        .page("closed", |p| matches!(p.page, Page::Closed(_)))
        .await;
    let archived = scene.archived(id).await;
    let entered: Vec<_> = archived
        .events
        .iter()
        .filter_map(|(_, r)| match &r.event {
            Event::IdentifiedByDocument { person, .. } => Some(person.name.surname.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(entered, ["Синовов"], "only what was confirmed is recorded");
}
