//! §12: the face, only after a recorded reason why no fingerprint; candidates that a person compares. The
//! heads are rendered: nobody is on them.

use biometrics::face::Guidance;
use demo::emulator::{Head, Scene as Seen, Trouble};
use demo::people::{head, person};
use e_patrul_tests::{LONG, Scene, on_disk};
use protocol::Likeness;
use regulation::EncounterId;
use regulation::encounter::{
    AnswerKind, Basis, Chosen, Confirmation, Outcome, Refusal, Unidentified,
};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tablet::device::CameraFault;
use tablet::pages::{AnswerView, FaceStage, FaceView, Mark, Page, PageView, PhotoStage};
use tablet::worker::{Command, FaceCommand, IncidentCommand, PhotoCommand};

fn sface() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let path = root.join("target/models/face_recognition_sface_2021dec.onnx");
    assert!(
        path.exists(),
        "SFace is not there: run scripts/models, which fetches it"
    );
    path
}

/// With a central that searches faces.
async fn with_faces() -> Scene {
    let mut scene = Scene::with(|config| config.face_model = Some(sface())).await;
    scene.log_in().await;
    scene
}

fn face(page: &PageView) -> Option<&FaceView> {
    match &page.page {
        Page::Face(view) => Some(view),
        _ => None,
    }
}

fn at(stage: FaceStage) -> impl Fn(&PageView) -> bool {
    move |p| face(p).is_some_and(|f| f.stage == stage)
}

fn says(guidance: Guidance) -> impl Fn(&PageView) -> bool {
    move |p| face(p).is_some_and(|f| f.guidance == Some(guidance))
}

async fn before_camera(scene: &mut Scene, seen: Seen) -> EncounterId {
    let id = scene.to_finger().await;
    scene.without_fingerprint("injury").await;
    scene.tablet.camera.look_at(seen);
    scene.tablet.send(Command::ChooseFace);
    id
}

/// The camera is closed by its own thread, after the frame that it waits for.
async fn lamp_goes_out(scene: &Scene) {
    let until = Instant::now() + LONG;
    while scene.tablet.camera.is_open() {
        assert!(Instant::now() < until, "the camera stays open");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The picture takes itself, and is sent.
async fn taken_and_sent(scene: &mut Scene) {
    scene.page("taken by itself", at(FaceStage::Taken)).await;
    scene.tablet.send(Command::Face(FaceCommand::Send));
    scene
        .page("pending or answer", |p| {
            matches!(p.page, Page::Pending(_) | Page::Answer(_))
        })
        .await;
}

async fn next(scene: &mut Scene) {
    scene.tablet.send(Command::Reveal(false));
    scene.tablet.send(Command::NextCandidate);
    scene
        .page(
            "covered",
            |p| matches!(&p.page, Page::Answer(a) if a.covered),
        )
        .await;
}

async fn judged(scene: &mut Scene, confirmation: Confirmation) -> AnswerView {
    let page = scene
        .page(
            &format!("{confirmation:?}"),
            |p| matches!(&p.page, Page::Answer(a) if a.confirmation == confirmation),
        )
        .await;
    match page.page {
        Page::Answer(view) => view,
        _ => unreachable!(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_12_no_camera_opens_on_a_face_without_a_recorded_reason() {
    let mut scene = Scene::logged_in().await;
    scene.to_method().await;
    scene.tablet.send(Command::ChooseFace);
    let page = scene.page("refused", |p| p.refusal.is_some()).await;
    let refusal = page.refusal.unwrap();
    assert_eq!(refusal.refusal, Refusal::FaceWithoutReason);
    assert_eq!(refusal.paragraph, 12);
    assert!(matches!(page.page, Page::Method(_)));
    // The check of §13 looks through it as well, and shows nothing.
    assert_eq!(scene.tablet.frames, 0);
    assert!(scene.tablet.history.iter().all(|p| face(p).is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_12_a_face_takes_itself_and_brings_candidates_who_are_nobody_until_a_person_says_so()
 {
    let mut scene = with_faces().await;
    let wanted = Head {
        distance: 590,
        ..Head::new(head(1))
    };
    let id = before_camera(&mut scene, Seen::Person(wanted)).await;
    taken_and_sent(&mut scene).await;
    lamp_goes_out(&scene).await;
    let covered = scene.answer().await;
    assert_eq!(covered.kind, AnswerKind::Possible);
    assert_eq!(covered.mark, Mark::Alert);
    assert!(covered.people.is_empty() && covered.faces.is_none());
    // A tap on what nobody has looked at says nothing.
    scene.tablet.send(Command::ConfirmIdentity);
    scene.tablet.send(Command::NoneOfThese);
    let shown = scene.revealed().await;
    assert_eq!(shown.confirmation, Confirmation::Open);
    let [first] = shown.people.as_slice() else {
        panic!("{} people at once", shown.people.len())
    };
    assert_eq!(first.pinfl, person(1).pinfl.unwrap().0);
    assert!(first.portrait.is_some());
    assert!(
        first.likeness >= Some(Likeness::Few),
        "{:?}",
        first.likeness
    );
    assert_eq!(shown.faces.unwrap().faces, demo::people::WITH_PORTRAIT);
    let count = shown.compare.unwrap().count;
    // The one who comes next is not this person only because somebody before was.
    if count > 1 {
        next(&mut scene).await;
        scene.tablet.send(Command::ConfirmIdentity);
        let page = scene.page("refused", |p| p.refusal.is_some()).await;
        assert_eq!(page.refusal.unwrap().refusal, Refusal::CandidateNotSeen);
        for _ in 1..count {
            next(&mut scene).await;
        }
    }
    scene.tablet.send(Command::ConfirmIdentity);
    judged(&mut scene, Confirmation::Confirmed).await;
    scene
        .finish(Outcome::TakenToStation {
            case: "wanted_or_missing".into(),
        })
        .await;
    let archived = scene.archived(id).await;
    let question = &archived.state.questions[0];
    assert_eq!(question.basis, Basis::Face);
    let chosen = Chosen {
        place: 0,
        wanted: true,
        missing: false,
    };
    assert_eq!(question.chosen, Some(chosen));
    assert_eq!(archived.state.flags, []);
    assert!(archived.verified.procedure && archived.verified.seals);
    // Sealed where it lies: neither on the tablet nor at central is there a picture in the clear; what
    // the register holds is central's.
    assert!(!on_disk(&scene.data, "JFIF"), "in the clear on the tablet");
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_12_what_is_to_be_mended_is_said_and_the_shutter_is_always_there() {
    let mut scene = Scene::logged_in().await;
    let good = Head::new(5);
    let aside = Head { yaw: 35, ..good };
    before_camera(&mut scene, Seen::Person(aside)).await;
    let turned = |p: &PageView| {
        face(p).is_some_and(|f| matches!(f.guidance, Some(Guidance::TurnedAside(_))))
    };
    scene.page("turned", turned).await;
    let far = Head {
        distance: 1900,
        ..good
    };
    for (head, guidance) in [
        (far, Guidance::TooFar),
        (Head { dark: true, ..good }, Guidance::TooDark),
    ] {
        scene.tablet.camera.look_at(Seen::Person(head));
        scene.page(&format!("{guidance:?}"), says(guidance)).await;
    }
    scene.tablet.camera.look_at(Seen::Street);
    scene.page("nobody", says(Guidance::NoFace)).await;
    // Nobody is in the picture: nothing is taken, and the camera goes on.
    scene.tablet.send(Command::Face(FaceCommand::Shoot));
    scene.page("nobody in it", at(FaceStage::NoFace)).await;
    scene.tablet.camera.look_at(Seen::Person(aside));
    scene.page("turned again", turned).await;
    scene.tablet.send(Command::Face(FaceCommand::Shoot));
    scene.page("taken by hand", at(FaceStage::Taken)).await;
    // A portrait, not the frame: frames lie on their side.
    while let picture = scene.tablet.picture(LONG).await.unwrap()
        && picture.width() > picture.height()
    {}
    // Again, with somebody behind: the nearest face is taken, and takes itself.
    let with_bystander = Head {
        bystander: true,
        ..good
    };
    scene.tablet.camera.look_at(Seen::Person(with_bystander));
    scene.tablet.send(Command::Face(FaceCommand::Retake));
    scene.page("taken by itself", at(FaceStage::Taken)).await;
    // Back: nothing of it stays, and nothing was asked.
    scene.tablet.send(Command::Back);
    scene
        .page("method", |p| matches!(p.page, Page::Method(_)))
        .await;
    lamp_goes_out(&scene).await;
    scene.finish(Outcome::Released).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_9_compared_and_none_of_these_is_nobody_found() {
    let mut scene = with_faces().await;
    // Somebody who is in no register, and yet may resemble somebody.
    let id = before_camera(&mut scene, Seen::Person(Head::new(head(2)))).await;
    taken_and_sent(&mut scene).await;
    let covered = scene.answer().await;
    let count = covered.compare.unwrap().count;
    for n in 0..count {
        scene.revealed().await;
        if n + 1 < count {
            next(&mut scene).await;
        }
    }
    scene.tablet.send(Command::NoneOfThese);
    let view = judged(&mut scene, Confirmation::NoneOfThese).await;
    assert_eq!(view.cannot_identify, Some(Unidentified::NotFound));
    scene.tablet.send(Command::CannotIdentify);
    scene
        .page("outcome", |p| matches!(p.page, Page::Outcome(_)))
        .await;
    scene
        .finish(Outcome::TakenToStation {
            case: "cannot_identify".into(),
        })
        .await;
    let archived = scene.archived(id).await;
    assert_eq!(archived.state.questions[0].looked_at.len(), count);
    assert_eq!(archived.state.unidentified, Some(Unidentified::NotFound));
    assert_eq!(archived.state.flags, [], "no dispute, and the case fits");
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_12_a_central_without_the_model_says_so_and_another_means_is_taken() {
    let mut scene = Scene::logged_in().await;
    let id = before_camera(&mut scene, Seen::Person(Head::new(head(1)))).await;
    taken_and_sent(&mut scene).await;
    let answer = scene.revealed_answer().await;
    assert_eq!(answer.kind, AnswerKind::NotOffered);
    assert_eq!(answer.cannot_identify, Some(Unidentified::NoMeansLeft));
    scene.finish(Outcome::Released).await;
    assert!(scene.archived(id).await.verified.procedure);
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_12_without_a_network_the_face_waits_sealed_and_is_answered_later() {
    let mut scene = with_faces().await;
    before_camera(&mut scene, Seen::Person(Head::new(head(3)))).await;
    scene.page("taken by itself", at(FaceStage::Taken)).await;
    scene.world.cable.pull();
    scene.tablet.send(Command::Face(FaceCommand::Send));
    scene
        .page("pending", |p| matches!(p.page, Page::Pending(_)))
        .await;
    assert!(!on_disk(&scene.data, "JFIF"), "in the clear on the tablet");
    scene.world.cable.plug_in();
    scene.tablet.send(Command::Retry);
    let answer = scene.revealed_answer().await;
    assert_eq!(answer.people[0].pinfl, person(3).pinfl.unwrap().0);
    scene.finish(Outcome::Released).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_12_each_fault_of_the_camera_is_said_and_holds_nobody_up() {
    let mut scene = Scene::logged_in().await;
    scene.to_finger().await;
    scene.without_fingerprint("injury").await;
    for (trouble, fault) in [
        (Trouble::NotFitted, CameraFault::NotFitted),
        (Trouble::Busy, CameraFault::Busy),
        (Trouble::Denied, CameraFault::Denied),
        (Trouble::Unplugged, CameraFault::Unplugged),
        (Trouble::Silent, CameraFault::TimedOut),
    ] {
        scene.tablet.camera.set_trouble(trouble);
        scene.tablet.send(Command::ChooseFace);
        scene
            .page(&format!("{fault:?}"), at(FaceStage::Fault(fault)))
            .await;
        scene.tablet.send(Command::Back);
        scene
            .page("method", |p| matches!(p.page, Page::Method(_)))
            .await;
    }
    // Mended, it goes on from the fault's own page.
    scene.tablet.camera.set_trouble(Trouble::Busy);
    scene.tablet.send(Command::ChooseFace);
    let busy = at(FaceStage::Fault(CameraFault::Busy));
    scene.page("busy", busy).await;
    scene.tablet.camera.set_trouble(Trouble::None);
    scene.tablet.camera.look_at(Seen::Street);
    scene.tablet.send(Command::Face(FaceCommand::Retake));
    scene.page("live", at(FaceStage::Live)).await;
    scene.finish(Outcome::Released).await;
}

/// Frames that the camera gives in three seconds, and that the screen gets.
async fn given_and_shown(scene: &mut Scene) -> (u64, u64) {
    let (given, shown) = (scene.tablet.camera.given(), scene.tablet.frames);
    let until = Instant::now() + Duration::from_secs(3);
    while Instant::now() < until {
        scene.tablet.picture(LONG).await.unwrap();
    }
    (
        scene.tablet.camera.given() - given,
        scene.tablet.frames - shown,
    )
}

/// The frames do not wait for the faces that are looked for in them, nor a tap for either.
#[tokio::test(flavor = "multi_thread")]
async fn paragraph_12_the_picture_runs_on_while_faces_are_looked_for_and_no_tap_waits() {
    let mut scene = Scene::logged_in().await;
    let aside = Head {
        yaw: 35,
        ..Head::new(5)
    };
    scene.tablet.camera.look_at(Seen::Person(aside));
    scene.tablet.send(Command::Incident(IncidentCommand::Write));
    scene
        .page("incident", |p| matches!(p.page, Page::Incident(_)))
        .await;
    scene.tablet.send(Command::Photo(PhotoCommand::Open));
    let live = |p: &PageView| p.photo.is_some_and(|photo| photo.stage == PhotoStage::Live);
    scene.page("a photo", live).await;
    let alone = given_and_shown(&mut scene).await;
    scene.tablet.send(Command::Photo(PhotoCommand::Close));
    scene.page("closed", |p| p.photo.is_none()).await;
    scene.tablet.send(Command::GoHome);
    scene
        .page("home", |p| matches!(p.page, Page::Home(_)))
        .await;
    before_camera(&mut scene, Seen::Person(aside)).await;
    let judged = |p: &PageView| face(p).is_some_and(|f| f.guidance.is_some());
    scene.page("judged", judged).await;
    let beside = given_and_shown(&mut scene).await;
    assert!(beside.1 * 2 > beside.0, "{beside:?}: given and shown");
    assert!(beside.0 * 2 > alone.0, "{beside:?} beside, {alone:?} alone");
    let tapped = Instant::now();
    scene.tablet.send(Command::Back);
    scene
        .page("method", |p| matches!(p.page, Page::Method(_)))
        .await;
    assert!(
        tapped.elapsed() < Duration::from_secs(2),
        "{:?}",
        tapped.elapsed()
    );
    scene.finish(Outcome::Released).await;
}
