//! §5, §12: finger after finger, and on to another means at any moment.

use biometrics::finger::{Gallery, extract, synth};
use demo::emulator::{Glass, Skin};
use e_patrul_tests::Scene;
use regulation::encounter::{
    AnswerKind, Basis, Event, Finger, FingerLack, Flag, GoOn, NextFinger, Outcome,
};
use tablet::device::ScannerFault;
use tablet::pages::{FingerStatus, FingerView, NoFingerprintView, Page};
use tablet::worker::Command;

fn shown(page: &Page) -> Option<&FingerView> {
    match page {
        Page::Finger(view) => Some(view),
        _ => None,
    }
}

/// A dry finger is captured in vain; what is proposed then.
async fn in_vain(scene: &mut Scene, finger: Finger) -> Option<NextFinger> {
    scene.tablet.send(Command::SelectFinger(finger));
    scene
        .page("this finger", |p| {
            shown(&p.page).is_some_and(|v| v.finger == finger && v.status == FingerStatus::Ready)
        })
        .await;
    scene.tablet.panel.place(Glass {
        finger: 1,
        skin: Skin::Dry,
        touch: 3,
    });
    scene.tablet.send(Command::StartCapture);
    let dry = FingerStatus::Fault(ScannerFault::TooDry);
    let page = scene
        .page("too dry", |p| {
            shown(&p.page).is_some_and(|v| v.status == dry)
        })
        .await;
    scene.tablet.panel.lift();
    shown(&page.page).unwrap().next
}

async fn reasons(scene: &mut Scene) -> NoFingerprintView {
    scene.tablet.send(Command::OpenNoFingerprint);
    let page = scene
        .page("reasons", |p| matches!(p.page, Page::NoFingerprint(_)))
        .await;
    let Page::NoFingerprint(view) = page.page else {
        unreachable!()
    };
    view
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_12_the_page_proposes_finger_after_finger_and_then_to_go_on() {
    let mut scene = Scene::logged_in().await;
    let id = scene.to_finger().await;
    use Finger::{LeftIndex, RightIndex, RightThumb};
    let next = in_vain(&mut scene, RightIndex).await;
    assert_eq!(next, Some(NextFinger::Same(RightIndex)));
    let next = in_vain(&mut scene, RightIndex).await;
    assert_eq!(next, Some(NextFinger::OfTheHand(RightThumb)));
    in_vain(&mut scene, RightThumb).await;
    let next = in_vain(&mut scene, LeftIndex).await;
    assert_eq!(next, Some(NextFinger::GoOn(GoOn::Attempts)));
    assert_eq!(
        reasons(&mut scene).await.proposed.as_deref(),
        Some("quality")
    );
    scene.record_reason("quality").await;
    scene.finish(Outcome::Released).await;
    let archived = scene.archived(id).await;
    let tried: Vec<_> = archived.state.attempts.iter().map(|a| a.finger).collect();
    assert_eq!(tried, [RightIndex, RightIndex, RightThumb, LeftIndex]);
    assert!(
        archived.state.flags.is_empty(),
        "{:?}",
        archived.state.flags
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_12_missing_and_injured_fingers_are_noted_once_and_skipped() {
    use Finger::{LeftIndex, RightIndex, RightMiddle, RightThumb};
    let mut scene = Scene::logged_in().await;
    let id = scene.to_finger().await;
    let note = |missing: &[Finger], injured: &[Finger]| Command::NoteFingers {
        missing: missing.to_vec(),
        injured: injured.to_vec(),
    };
    scene.tablet.send(note(&[RightIndex], &[RightThumb]));
    let page = scene
        .page("the next finger", |p| {
            shown(&p.page).is_some_and(|v| v.finger == RightMiddle)
        })
        .await;
    let view = shown(&page.page).unwrap();
    assert_eq!(
        (&*view.missing, &*view.injured),
        (&[RightIndex][..], &[RightThumb][..])
    );
    // The same again is on record already.
    scene.tablet.send(note(&[RightIndex], &[RightThumb]));

    let mut scene = scene.restart_tablet().await;
    scene.try_log_in(demo::world::LOGIN, demo::world::PASSWORD);
    scene
        .page("method", |p| matches!(p.page, Page::Method(_)))
        .await;
    scene.tablet.send(Command::ChooseFingerprint);
    scene
        .page("not asked again", |p| {
            shown(&p.page).is_some_and(|v| v.finger == RightMiddle && v.missing == [RightIndex])
        })
        .await;
    let all: Vec<_> = Finger::ALL
        .into_iter()
        .filter(|f| *f != LeftIndex)
        .collect();
    scene.tablet.send(note(&all, &[LeftIndex]));
    scene
        .page("none left", |p| {
            shown(&p.page).is_some_and(|v| v.next == Some(NextFinger::GoOn(GoOn::NoFingerLeft)))
        })
        .await;
    assert_eq!(
        reasons(&mut scene).await.proposed.as_deref(),
        Some("no_usable_fingers")
    );
    scene.record_reason("no_usable_fingers").await;
    scene.finish(Outcome::Released).await;
    let archived = scene.archived(id).await;
    let noted = archived.events.iter().filter_map(|(_, r)| match &r.event {
        Event::FingersUnavailable { fingers, why } => Some((fingers.len(), *why)),
        _ => None,
    });
    assert_eq!(
        noted.collect::<Vec<_>>(),
        [
            (1, FingerLack::Missing),
            (1, FingerLack::Injured),
            (9, FingerLack::Missing),
            (1, FingerLack::Injured)
        ]
    );
    assert!(
        archived.state.flags.is_empty(),
        "{:?}",
        archived.state.flags
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_5_after_so_long_the_page_proposes_to_go_on_and_stops_nobody() {
    let (mut scene, clock) = Scene::new().await.with_moved_clock();
    scene
        .page("the log-in page", |p| matches!(p.page, Page::Login(_)))
        .await;
    scene.log_in().await;
    let id = scene.to_finger().await;
    let next = in_vain(&mut scene, Finger::RightIndex).await;
    assert_eq!(next, Some(NextFinger::Same(Finger::RightIndex)));
    clock.pass(2);
    scene.tablet.send(Command::SelectFinger(Finger::RightIndex));
    scene
        .page("going on is proposed", |p| {
            shown(&p.page).is_some_and(|v| v.next == Some(NextFinger::GoOn(GoOn::Time)))
        })
        .await;
    // Nothing is shut: the next capture is taken, and asks.
    scene.capture(0).await;
    scene.answer().await;
    scene.finish(Outcome::Released).await;
    let archived = scene.archived(id).await;
    assert!(
        archived.state.flags.is_empty(),
        "{:?}",
        archived.state.flags
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_12_on_to_another_means_in_one_tap_also_while_the_scanner_waits() {
    let mut scene = Scene::logged_in().await;
    let id = scene.to_finger().await;
    scene.tablet.send(Command::StartCapture);
    scene
        .page("waiting for a finger", |p| {
            shown(&p.page).is_some_and(|v| v.status == FingerStatus::Waiting)
        })
        .await;
    assert_eq!(reasons(&mut scene).await.proposed, None);
    scene.record_reason("injury").await;
    scene.finish(Outcome::Released).await;
    let state = scene.archived(id).await.state;
    assert_eq!(state.no_fingerprint.as_deref(), Some("injury"));
    assert_eq!(state.failed_attempts, 0, "stopped is not failed");
}

/// What the first person's finger reaches with its enrolment.
fn one_touch_against_another() -> f32 {
    let template = |touch| {
        let finger = synth::Finger::from_seed(0);
        extract(&finger.impression(&synth::Impression::ordinary(touch))).unwrap()
    };
    let enrolled = Gallery::new();
    enrolled.add(0, &template(1));
    enrolled.search(&template(77), 1)[0].score.0
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_12_in_doubt_another_finger_is_searched_together_with_the_first() {
    // So strict that nobody is named by one finger, whatever scores the engine gives: what comes up
    // by accident once in a million comparisons is worth a look, and no more.
    let score = one_touch_against_another();
    let mut scene = Scene::with(|config| {
        config.policy.tail_origin = Some(0.0);
        config.policy.tail_decade = Some(score / 6.0);
        config.policy.identify_fpir = 1e-9;
    })
    .await;
    scene.log_in().await;
    let id = scene.to_finger().await;
    scene.capture(0).await;
    let answer = scene.revealed_answer().await;
    assert_eq!(answer.kind, AnswerKind::Possible);
    assert_eq!(answer.people.len(), 1);
    scene.tablet.send(Command::Reveal(false));
    scene.tablet.send(Command::OtherMeans);
    scene
        .page("method", |p| matches!(p.page, Page::Method(_)))
        .await;
    scene.tablet.send(Command::ChooseFingerprint);
    let page = scene
        .page("another finger", |p| {
            shown(&p.page).is_some_and(|v| v.finger == Finger::RightThumb)
        })
        .await;
    let view = shown(&page.page).unwrap();
    assert!(view.together);
    assert_eq!(view.next, Some(NextFinger::OfTheHand(Finger::RightThumb)));
    // A finger that no register has: who was possible stays so.
    scene.capture(demo::people::STRANGERS + 5).await;
    let second = scene.revealed_answer().await;
    assert_eq!(second.kind, AnswerKind::Possible);
    assert_eq!(second.people[0].pinfl, answer.people[0].pinfl);
    scene.finish(Outcome::Released).await;
    let archived = scene.archived(id).await;
    let fingers: Vec<_> = archived
        .state
        .questions
        .iter()
        .filter_map(|q| match q.basis {
            Basis::Fingerprint { finger, .. } => Some(finger),
            _ => None,
        })
        .collect();
    assert_eq!(fingers, [Finger::RightIndex, Finger::RightThumb]);
    assert!(!archived.state.flags.contains(&Flag::ReasonDoesNotFit));
}
