//! §12: the face, once a reason is on record why no fingerprint.

use super::{State, reminders};
use crate::device::{CameraFault, Facing};
use biometrics::face::Guidance;

/// The camera is open on a face, or a portrait was taken and is not sent yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FaceState {
    pub stage: FaceStage,
    /// The camera that is used; `None`: it is not known yet which there are.
    pub facing: Option<Facing>,
    /// There is another one.
    pub other: bool,
    /// What the last picture says; `None`: none was looked at yet.
    pub guidance: Option<Guidance>,
    /// Of four steps of holding still, how many are over.
    pub steps: u8,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FaceStage {
    #[default]
    Opening,
    /// Frames come; the picture takes itself when all is well.
    Live,
    /// The shutter was pressed: the next picture is it.
    Shooting,
    /// The shutter was pressed, and nobody was in the picture.
    NoFace,
    /// The portrait in memory alone, until it is sent.
    Taken,
    Fault(CameraFault),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaceView {
    pub stage: FaceStage,
    pub guidance: Option<Guidance>,
    pub steps: u8,
    /// There is another camera.
    pub other: bool,
    pub reminders: Vec<String>,
}

impl FaceView {
    /// Whether a picture belongs on the page.
    #[must_use]
    pub fn shows_picture(&self) -> bool {
        !matches!(self.stage, FaceStage::Opening | FaceStage::Fault(_))
    }
}

pub(super) fn view(state: &State) -> FaceView {
    let face = state.face.unwrap_or_default();
    FaceView {
        stage: face.stage,
        guidance: face.guidance.filter(|_| face.stage != FaceStage::Taken),
        steps: face.steps,
        other: face.other,
        reminders: reminders(state, "face"),
    }
}
