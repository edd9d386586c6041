//! §12: the face, once a reason is on record why no fingerprint. The camera on a thread of its own, what is
//! to be mended said by another beside it, and the portrait of the nearest face, the others cut away: in
//! memory alone until it is sent, sealed, with its question.

use super::command::FaceCommand;
use super::record::NotRecorded;
use super::stream::{Frame, Lens, Looker, Say, Seen, Shot, Told};
use super::{Inner, Worker};
use crate::device::{CameraFault, Facing, Picture};
use crate::pages::{FaceStage, FaceState, Screen};
use biometrics::face::{
    Detector, Face, Guidance, ModelError, RgbView, Shutter, Steady, Thresholds, crop, guide,
};
use protocol::{Probe, limits};
use regulation::EncounterId;
use regulation::encounter::{Basis, Refusal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// YuNet: `assets/models/README.md`.
const DETECTOR: &[u8] = include_bytes!("../../../assets/models/face_detection_yunet_2023mar.onnx");
/// Longer side of the portrait that is sent, pixels: several times what central compares.
const PORTRAIT_SIDE: u32 = 640;
/// So long all has to be well before the picture takes itself. Of frames so far apart nobody knows what was
/// between; a slow tablet looks at two a second.
const HELD: Duration = Duration::from_millis(600);
const GAP: Duration = Duration::from_secs(2);
/// Steps in which the page shows how long the face was held still.
const STEPS: f32 = 4.0;

/// What is said of the frames.
pub(super) enum Said {
    /// What to mend, and in how many steps of [`STEPS`] the picture takes itself.
    Guided { guidance: Guidance, steps: u8 },
    /// The shutter was pressed, and nobody is in the picture.
    NoFace,
}

impl Told for Said {
    fn told(number: u64, seen: Seen<Self>) -> Inner {
        Inner::Face { number, seen }
    }
}

/// The portrait that is being taken.
#[derive(Default)]
pub(super) struct FaceCamera {
    lens: Lens<Said>,
    portrait: Option<Zeroizing<Vec<u8>>>,
    /// The encounter it is for.
    of: Option<EncounterId>,
}

impl Worker {
    /// §12: asks the machine first; no order of taps opens the camera on a face that it would refuse.
    pub(super) fn choose_face(&mut self, id: EncounterId) {
        let entry = self.state.current_entry();
        let allowed = entry.map_or(Err(Refusal::NotOpen), |e| e.encounter.may_capture_face());
        if let Err(refusal) = allowed {
            self.state.refusal = Some(refusal);
            return;
        }
        self.stop_capture();
        self.state.screen = Screen::Face;
        self.open_face_camera(id, None);
    }

    pub(super) fn face(
        &mut self,
        id: EncounterId,
        command: FaceCommand,
    ) -> Result<(), NotRecorded> {
        let stage = self.state.face.as_ref().map(|face| face.stage);
        let facing = self.state.face.as_ref().and_then(|face| face.facing);
        match (command, stage) {
            (FaceCommand::Shoot, Some(FaceStage::Live | FaceStage::NoFace)) => {
                if self.face.lens.shoot() {
                    self.set_face_stage(FaceStage::Shooting);
                }
            }
            (FaceCommand::Retake, Some(FaceStage::Taken | FaceStage::Fault(_))) => {
                self.open_face_camera(id, facing);
            }
            (FaceCommand::Switch, Some(_)) => {
                let other = facing.map(Facing::other);
                self.open_face_camera(id, other);
            }
            (FaceCommand::Send, Some(FaceStage::Taken)) => self.send_face(id)?,
            (command, stage) => tracing::debug!(?command, ?stage, "not now"),
        }
        Ok(())
    }

    /// A portrait goes with its page.
    pub(super) fn look_at_face(&mut self) {
        let here = self.state.screen == Screen::Face && self.face.of == self.state.current;
        if self.state.face.is_some() && !here {
            self.close_face_camera();
        }
    }

    /// Nothing of a portrait that was not sent stays.
    pub(super) fn close_face_camera(&mut self) {
        self.stop_face_camera();
        self.state.face = None;
    }

    fn stop_face_camera(&mut self) {
        self.face.lens.close();
        self.face.portrait = None;
    }

    /// Something lies over the page: the camera is closed, and a portrait that was taken stays.
    pub(super) fn rest_face_camera(&mut self) {
        let stage = self.state.face.as_ref().map(|face| face.stage);
        if !matches!(stage, None | Some(FaceStage::Taken | FaceStage::Fault(_))) {
            self.face.lens.close();
            self.set_face_stage(FaceStage::Opening);
        }
    }

    /// The page is seen again.
    pub(super) fn wake_face_camera(&mut self) {
        let face = self.state.face.as_ref();
        let resting = face.filter(|face| face.stage == FaceStage::Opening);
        if let (Some(face), Some(id)) = (resting, self.state.current) {
            self.open_face_camera(id, face.facing);
        }
    }

    fn open_face_camera(&mut self, id: EncounterId, facing: Option<Facing>) {
        self.stop_face_camera();
        self.face.of = Some(id);
        let other = self.state.face.as_ref().is_some_and(|face| face.other);
        self.state.face = Some(FaceState {
            facing,
            other,
            ..FaceState::default()
        });
        let (thresholds, quality) = (self.parts.face, self.parts.edition.limits.photo_quality);
        let opened = self.face.lens.open(
            &self.cameras,
            &self.inner,
            self.parts.camera.clone(),
            facing,
            move |stream| {
                let watch = Watch {
                    say: stream.say.clone(),
                    shutter: stream.shutter.clone(),
                    thresholds,
                    quality,
                };
                let looker = Looker::start(move |frames| watch.run(frames))?;
                // Nobody looks any more: it has the portrait, or has failed, and has said so.
                stream.run(&mut |picture| looker.offer(picture))?;
                Ok(())
            },
        );
        if let Err(fault) = opened {
            self.set_face_stage(FaceStage::Fault(fault));
        }
    }

    fn set_face_stage(&mut self, stage: FaceStage) {
        if let Some(face) = &mut self.state.face {
            face.stage = stage;
        }
    }

    pub(super) fn face_seen(&mut self, number: u64, seen: Seen<Said>) {
        if !self.face.lens.is_open_as(number) {
            return;
        }
        let Some(face) = self.state.face.as_mut() else {
            return;
        };
        match seen {
            Seen::Opened { facing, other } => (face.facing, face.other) = (Some(facing), other),
            Seen::Frame(frame) => {
                if face.stage == FaceStage::Opening {
                    face.stage = FaceStage::Live;
                    // The page comes first: a frame without one is late.
                    self.show();
                }
                self.show_frame(frame);
            }
            Seen::Said(Said::Guided { guidance, steps }) => {
                (face.guidance, face.steps) = (Some(guidance), steps);
                // Somebody is in the picture again.
                if face.stage == FaceStage::NoFace && guidance != Guidance::NoFace {
                    face.stage = FaceStage::Live;
                }
            }
            Seen::Taken(shot) => {
                face.stage = FaceStage::Taken;
                self.stop_face_camera();
                self.face.portrait = Some(shot.jpeg);
                self.show();
                self.show_frame(Arc::new(Frame::of(shot.shown)));
            }
            Seen::Said(Said::NoFace) => face.stage = FaceStage::NoFace,
            Seen::Fault(fault) => {
                self.stop_face_camera();
                self.set_face_stage(FaceStage::Fault(fault));
            }
            Seen::Silence(wait)
                if self.face.lens.still_waits(wait)
                    && matches!(face.stage, FaceStage::Opening | FaceStage::Shooting) =>
            {
                self.stop_face_camera();
                self.set_face_stage(FaceStage::Fault(CameraFault::TimedOut));
            }
            Seen::Silence(_) => {}
        }
    }

    /// Not recorded (a full disk): the portrait stays in memory, and can be sent again.
    fn send_face(&mut self, id: EncounterId) -> Result<(), NotRecorded> {
        let Some(jpeg) = &self.face.portrait else {
            return Ok(());
        };
        let jpeg = jpeg.to_vec();
        self.ask(id, Basis::Face, Probe::Face { jpeg })?;
        self.close_face_camera();
        Ok(())
    }
}

/// Looks for the nearest face, says what to mend, and takes the portrait.
struct Watch {
    say: Say<Said>,
    shutter: Arc<AtomicBool>,
    thresholds: Thresholds,
    quality: u8,
}

impl Watch {
    fn run(&self, frames: Receiver<Arc<Picture>>) {
        if let Err(error) = self.look(frames) {
            tracing::error!(%error, "faces cannot be looked for");
            self.say.seen(Seen::Fault(CameraFault::BrokenFrame));
        }
    }

    fn look(&self, frames: Receiver<Arc<Picture>>) -> Result<(), ModelError> {
        let begun = Instant::now();
        let detector = Detector::new(DETECTOR)?;
        let mut steady = Steady::new(HELD, GAP);
        for picture in frames {
            let at = begun.elapsed();
            let Ok(view) = RgbView::new(picture.width(), picture.height(), picture.pixels()) else {
                continue;
            };
            let faces = detector.detect(&view)?;
            let guided = guide(&view, &faces, &self.thresholds);
            let shutter = steady.see(guided.guidance, at);
            let pressed = self.shutter.swap(false, Ordering::AcqRel);
            if pressed || shutter == Shutter::Take {
                let portrait = guided
                    .nearest
                    .and_then(|(face, _)| self.portrait(&view, &face));
                if let Some(portrait) = portrait {
                    self.say.seen(Seen::Taken(portrait));
                    return Ok(());
                }
                self.say.seen(Seen::Said(Said::NoFace));
                steady.reset();
            }
            let steps = match shutter {
                Shutter::Wait(part) => (part * STEPS) as u8,
                Shutter::Take => STEPS as u8,
            };
            let guidance = guided.guidance;
            self.say.seen(Seen::Said(Said::Guided { guidance, steps }));
        }
        Ok(())
    }

    /// `None`: it is too small to be a picture.
    fn portrait(&self, view: &RgbView<'_>, face: &Face) -> Option<Shot> {
        let cut = crop(view, face);
        let (width, height) = (cut.width(), cut.height());
        let portrait = Picture::new(width, height, cut.into_pixels()).ok()?;
        let portrait = portrait.within(PORTRAIT_SIDE);
        let jpeg = portrait.jpeg(self.quality, limits::PROBE_BYTES).ok()?;
        Some(Shot {
            jpeg,
            shown: portrait,
        })
    }
}
