//! Example pages of a face: a rendered head, nobody's.

use biometrics::face::synth::{Person, Scene};
use biometrics::face::{Edge, Guidance, Side};
use std::sync::OnceLock;
use tablet::device::{CameraFault, Picture};
use tablet::pages::{FaceStage, FaceView, Page};

/// Every state of the page, by name.
pub fn pages(reminders: &[String]) -> Vec<(&'static str, Page)> {
    let face = |stage, guidance, steps| {
        Page::Face(FaceView {
            stage,
            guidance,
            steps,
            other: true,
            reminders: reminders.to_vec(),
        })
    };
    let live = |guidance| face(FaceStage::Live, Some(guidance), 0);
    let fault = |fault| face(FaceStage::Fault(fault), None, 0);
    vec![
        ("face-opening", face(FaceStage::Opening, None, 0)),
        ("face-looking", face(FaceStage::Live, None, 0)),
        ("face-nobody", live(Guidance::NoFace)),
        ("face-several", live(Guidance::Several)),
        ("face-far", live(Guidance::TooFar)),
        ("face-near", live(Guidance::TooNear)),
        ("face-off", live(Guidance::OffCentre(Edge::Left))),
        ("face-turned", live(Guidance::TurnedAside(Side::Left))),
        ("face-tilted", live(Guidance::HeadTilted(Side::Right))),
        ("face-up", live(Guidance::LooksUp)),
        ("face-down", live(Guidance::LooksDown)),
        ("face-dark", live(Guidance::TooDark)),
        ("face-bright", live(Guidance::TooBright)),
        ("face-uneven", live(Guidance::UnevenLight)),
        ("face-blurred", live(Guidance::Blurred)),
        ("face-hold", face(FaceStage::Live, Some(Guidance::Hold), 3)),
        ("face-shooting", face(FaceStage::Shooting, None, 0)),
        ("face-none-in-it", face(FaceStage::NoFace, None, 0)),
        ("face-taken", face(FaceStage::Taken, None, 0)),
        ("face-none", fault(CameraFault::NotFitted)),
        ("face-busy", fault(CameraFault::Busy)),
        ("face-denied", fault(CameraFault::Denied)),
        ("face-unplugged", fault(CameraFault::Unplugged)),
        ("face-silent", fault(CameraFault::TimedOut)),
        ("face-broken", fault(CameraFault::BrokenFrame)),
    ]
}

/// What the camera sees; rendered once.
pub fn picture() -> Picture {
    static RENDERED: OnceLock<Picture> = OnceLock::new();
    let render = || {
        let head = Scene::of(Person::new(44)).render();
        let (width, height) = (head.width(), head.height());
        Picture::new(width, height, head.into_pixels()).unwrap()
    };
    RENDERED.get_or_init(render).clone()
}

/// The same as central sends it.
pub fn portrait() -> Vec<u8> {
    static MADE: OnceLock<Vec<u8>> = OnceLock::new();
    let make = || {
        let small = picture().within(288);
        small.jpeg(80, 24 * 1024).unwrap().to_vec()
    };
    MADE.get_or_init(make).clone()
}
