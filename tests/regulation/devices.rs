//! §12, §31: every fault of scanner and camera comes to its page as what it is, and leaves a way on.
//! What the page says of each, in every language: `src/ui/tests/faults.rs`.

use demo::emulator::Trouble;
use demo::world::{LOGIN, PASSWORD};
use e_patrul_tests::Scene;
use regulation::encounter::{Finger, Outcome};
use tablet::device::{CameraFault, ScannerFault};
use tablet::pages::{FingerStatus, FingerView, Page, PageView, PhotoStage};
use tablet::worker::{Command, PhotoCommand};

fn finger(page: &PageView) -> Option<&FingerView> {
    match &page.page {
        Page::Finger(view) => Some(view),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_12_after_every_fault_of_the_scanner_there_is_a_way_on() {
    let mut scene = Scene::logged_in().await;
    let id = scene.to_finger().await;
    let at = |status| move |p: &PageView| finger(p).is_some_and(|view| view.status == status);
    let mut attempt = 1;
    for (n, fault) in ScannerFault::ALL.into_iter().enumerate() {
        let what = fault.id();
        let before = scene.tablet.history.len();
        scene.tablet.panel.set_fault(Some(fault));
        scene.tablet.send(Command::StartCapture);
        // Whom the officer stopped has no fault to be told.
        let stopped = fault == ScannerFault::Cancelled;
        if !stopped {
            let told = at(FingerStatus::Fault(fault));
            let page = scene.page(what, told).await;
            attempt += u32::from(fault.is_of_the_finger());
            assert_eq!(finger(&page).unwrap().attempt, attempt, "{what}");
        }
        // Again, and with another finger.
        scene.tablet.send(Command::StartCapture);
        let other = Finger::ALL[n % Finger::ALL.len()];
        scene.tablet.send(Command::SelectFinger(other));
        let another = |p: &PageView| {
            finger(p).is_some_and(|v| v.status == FingerStatus::Ready && v.finger == other)
        };
        scene.page("another finger", another).await;
        let since = scene.tablet.history[before..].iter();
        let begun = since.filter(|p| at(FingerStatus::Waiting)(p)).count();
        assert!(begun >= if stopped { 1 } else { 2 }, "{what}: {begun}");
        // Or without a fingerprint.
        scene.tablet.send(Command::OpenNoFingerprint);
        let reasons =
            |p: &PageView| matches!(&p.page, Page::NoFingerprint(v) if !v.reasons.is_empty());
        scene.page("no fingerprint", reasons).await;
        scene.tablet.send(Command::Back);
        let page = scene.page("the finger", at(FingerStatus::Ready)).await;
        // The second capture counts if it failed before it was stopped.
        attempt = finger(&page).unwrap().attempt;
    }
    scene.tablet.panel.set_fault(None);
    scene.tablet.send(Command::SelectFinger(Finger::RightIndex));
    scene.capture(1).await;
    scene
        .page("the answer", |p| matches!(p.page, Page::Answer(_)))
        .await;
    scene.finish(Outcome::Released).await;
    let archived = scene.archived(id).await;
    assert_eq!(archived.state.failed_attempts, attempt - 1);
}

/// How the emulated camera is brought to it, and whether it opens before.
fn brought_to(fault: CameraFault) -> (Trouble, bool) {
    match fault {
        CameraFault::NotFitted => (Trouble::NotFitted, false),
        CameraFault::Busy => (Trouble::Busy, false),
        CameraFault::Denied => (Trouble::Denied, false),
        CameraFault::Unplugged => (Trouble::Unplugged, false),
        CameraFault::TimedOut => (Trouble::Silent, false),
        // Seen when the photo is taken.
        CameraFault::BrokenFrame => (Trouble::Dead, true),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_31_after_every_fault_of_the_camera_there_is_a_way_on() {
    let mut scene = Scene::new().await;
    scene.try_log_in(LOGIN, PASSWORD);
    let all = |p: &PageView| matches!(&p.page, Page::TakeOver(t) if t.readiness.level.is_some());
    scene.page("every check", all).await;
    let photo = |scene: &Scene, command| scene.tablet.send(Command::Photo(command));
    let at = |stage| move |p: &PageView| p.photo.is_some_and(|photo| photo.stage == stage);
    for fault in CameraFault::ALL {
        let (trouble, opens) = brought_to(fault);
        scene.tablet.camera.set_trouble(trouble);
        photo(&scene, PhotoCommand::Open);
        if opens {
            scene.page("the camera", at(PhotoStage::Live)).await;
            photo(&scene, PhotoCommand::Shoot);
        }
        let what = format!("{fault:?}");
        scene.page(&what, at(PhotoStage::Fault(fault))).await;
        assert!(!scene.tablet.camera.is_open(), "{what}");
        // Mended, and tried again.
        scene.tablet.camera.set_trouble(Trouble::None);
        photo(&scene, PhotoCommand::Retake);
        scene.page("it works again", at(PhotoStage::Live)).await;
        // Or without a photo.
        photo(&scene, PhotoCommand::Close);
        scene
            .page("the form", |p| {
                p.photo.is_none() && matches!(p.page, Page::TakeOver(_))
            })
            .await;
    }
}
