//! What an officer waits for before a face: how many frames a second come to the screen while faces are
//! looked for in them, how long until the picture takes itself, and from "send" to the candidates, over a
//! real central on loopback. `faceflow [ENCOUNTERS]`. The camera is emulated (25 frames a second, rendered
//! heads), and no window is drawn.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use demo::emulator::{Head, Scene as Seen};
use demo::people::{WITH_PORTRAIT, head};
use demo::world::FACE_MODEL;
use e_patrul_tests::{LONG, Scene};
use regulation::encounter::Outcome;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tablet::pages::{FaceStage, Page, PageView};
use tablet::worker::{Command, FaceCommand};

/// Frames are counted for so long.
const WATCHED: Duration = Duration::from_secs(5);

fn at(page: &PageView, stage: FaceStage) -> bool {
    matches!(&page.page, Page::Face(face) if face.stage == stage)
}

async fn before_camera(scene: &mut Scene, seen: Head) {
    scene.to_finger().await;
    scene.without_fingerprint("injury").await;
    scene.tablet.camera.look_at(Seen::Person(seen));
    scene.tablet.send(Command::ChooseFace);
}

fn milliseconds(mut samples: Vec<Duration>) -> String {
    samples.sort();
    let at = |part: usize| samples[(samples.len() - 1) * part / 100].as_millis();
    format!("p50 {} ms, p95 {} ms", at(50), at(95))
}

#[tokio::main]
async fn main() {
    let encounters = std::env::args().nth(1);
    let encounters: u64 = encounters.map_or(20, |n| n.parse().expect("a number of encounters"));
    let model = PathBuf::from(FACE_MODEL);
    assert!(
        model.exists(),
        "run scripts/models first, from the repository's root"
    );
    let mut scene = Scene::with(|config| config.face_model = Some(model)).await;
    scene.log_in().await;
    // Turned aside, so that no picture takes itself.
    let aside = Head {
        yaw: 35,
        ..Head::new(head(0))
    };
    before_camera(&mut scene, aside).await;
    scene
        .page(
            "judged",
            |p| matches!(&p.page, Page::Face(face) if face.guidance.is_some()),
        )
        .await;
    let (given, shown) = (scene.tablet.camera.given(), scene.tablet.frames);
    let begun = Instant::now();
    while begun.elapsed() < WATCHED {
        scene.tablet.picture(LONG).await.unwrap();
    }
    let seconds = begun.elapsed().as_secs_f64();
    let a_second = |n: u64| n as f64 / seconds;
    let given = a_second(scene.tablet.camera.given() - given);
    let shown = a_second(scene.tablet.frames - shown);
    scene.finish(Outcome::Released).await;
    let (mut taken, mut answered) = (Vec::new(), Vec::new());
    for n in 0..encounters {
        scene.tablet.send(Command::GoHome);
        scene
            .page("home", |p| matches!(p.page, Page::Home(_)))
            .await;
        let opened = Instant::now();
        before_camera(&mut scene, Head::new(head(n % WITH_PORTRAIT))).await;
        let before = opened.elapsed();
        scene.page("taken", |p| at(p, FaceStage::Taken)).await;
        taken.push(opened.elapsed() - before);
        let sent = Instant::now();
        scene.tablet.send(Command::Face(FaceCommand::Send));
        scene.answer().await;
        answered.push(sent.elapsed());
        scene.finish(Outcome::Released).await;
    }
    let mut out = std::io::stdout();
    writeln!(
        out,
        "frames a second: {given:.1} by the camera, {shown:.1} to the screen"
    )
    .unwrap();
    writeln!(
        out,
        "camera opened to picture taken: {}",
        milliseconds(taken)
    )
    .unwrap();
    writeln!(out, "sent to candidates shown: {}", milliseconds(answered)).unwrap();
}
