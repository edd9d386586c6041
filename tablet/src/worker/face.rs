//! §12: the face, once a reason is on record why no fingerprint. The camera on a thread of its own, what is
//! to be mended said by another beside it, and the portrait of the nearest face, the others cut away: in
//! memory alone until it is sent, sealed, with its question.

use super::command::FaceCommand;
use super::photo::{Frame, PATIENCE, Thread};
use super::record::NotRecorded;
use super::stream::Stream;
use super::{Inner, Worker};
use crate::device::{CameraFault, Cancel, Facing, Picture};
use crate::pages::{FaceStage, FaceState, Screen};
use biometrics::face::{
    Detector, Face, Guidance, ModelError, RgbView, Shutter, Steady, Thresholds, crop, guide,
};
use protocol::{Probe, limits};
use regulation::EncounterId;
use regulation::encounter::{Basis, Refusal};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::UnboundedSender;
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

/// What the camera's thread, and the one beside it, say.
pub(super) enum Seen {
    Opened {
        facing: Facing,
        other: bool,
    },
    Frame(Arc<Frame>),
    /// What to mend, and in how many steps of [`STEPS`] the picture takes itself.
    Guided {
        guidance: Guidance,
        steps: u8,
    },
    Taken(Portrait),
    /// The shutter was pressed, and nobody is in the picture.
    NoFace,
    Fault(CameraFault),
    /// Since this waiting began, so long, nobody has said anything.
    Silence(u64),
}

/// A portrait in memory.
pub(super) struct Portrait {
    jpeg: Zeroizing<Vec<u8>>,
    shown: Picture,
}

/// The portrait that is being taken.
#[derive(Default)]
pub(super) struct FaceCamera {
    /// Counts openings, so that what comes from an earlier one is dropped.
    number: u64,
    /// Counts waitings, so that an earlier one ends nothing.
    waits: u64,
    running: Option<Running>,
    portrait: Option<Zeroizing<Vec<u8>>>,
    /// The encounter it is for.
    of: Option<EncounterId>,
}

struct Running {
    cancel: Cancel,
    shutter: Arc<AtomicBool>,
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
                if let Some(running) = &self.face.running {
                    running.shutter.store(true, Ordering::Release);
                    self.set_face_stage(FaceStage::Shooting);
                    self.wait_for_face();
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
        if let Some(running) = self.face.running.take() {
            running.cancel.cancel();
        }
        // What the stopped one still says belongs to no portrait any more.
        self.face.number += 1;
        self.face.portrait = None;
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
        let Some(thread) = Thread::count(&self.photo.threads) else {
            return self.set_face_stage(FaceStage::Fault(CameraFault::Busy));
        };
        let running = Running {
            cancel: Cancel::default(),
            shutter: Arc::default(),
        };
        let say = Say {
            number: self.face.number,
            inner: self.inner.clone(),
        };
        let watch = Watch {
            say: say.clone(),
            shutter: running.shutter.clone(),
            thresholds: self.parts.face,
            quality: self.parts.edition.limits.photo_quality,
        };
        let (camera, cancel) = (self.parts.camera.clone(), running.cancel.clone());
        let turn = self.photo.turn.clone();
        let spawned = std::thread::Builder::new()
            .name("camera".into())
            .spawn(move || {
                let _thread = thread;
                let stream = Stream {
                    camera: &*camera,
                    facing,
                    cancel: &cancel,
                };
                let done = match turn.take(PATIENCE) {
                    Some(_turn) => run(&stream, watch, &say),
                    None => Err(CameraFault::TimedOut),
                };
                if let Err(fault) = done {
                    say.seen(Seen::Fault(fault));
                }
            });
        match spawned {
            Ok(_) => {
                self.face.running = Some(running);
                self.wait_for_face();
            }
            Err(error) => {
                tracing::error!(%error, "no thread for the camera");
                self.set_face_stage(FaceStage::Fault(CameraFault::Busy));
            }
        }
    }

    /// A driver that hangs tells nothing: somebody else does.
    fn wait_for_face(&mut self) {
        self.face.waits += 1;
        let seen = Seen::Silence(self.face.waits);
        let say = Say {
            number: self.face.number,
            inner: self.inner.clone(),
        };
        tokio::spawn(async move {
            tokio::time::sleep(PATIENCE).await;
            say.seen(seen);
        });
    }

    fn set_face_stage(&mut self, stage: FaceStage) {
        if let Some(face) = &mut self.state.face {
            face.stage = stage;
        }
    }

    pub(super) fn face_seen(&mut self, number: u64, seen: Seen) {
        if number != self.face.number {
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
            Seen::Guided { guidance, steps } => {
                (face.guidance, face.steps) = (Some(guidance), steps);
                // Somebody is in the picture again.
                if face.stage == FaceStage::NoFace && guidance != Guidance::NoFace {
                    face.stage = FaceStage::Live;
                }
            }
            Seen::Taken(portrait) => {
                face.stage = FaceStage::Taken;
                if let Some(running) = self.face.running.take() {
                    running.cancel.cancel();
                }
                self.face.portrait = Some(portrait.jpeg);
                self.show();
                self.show_frame(Arc::new(Frame::of(portrait.shown)));
            }
            Seen::NoFace => face.stage = FaceStage::NoFace,
            Seen::Fault(fault) => {
                self.stop_face_camera();
                self.set_face_stage(FaceStage::Fault(fault));
            }
            Seen::Silence(wait)
                if wait == self.face.waits
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

/// Tells the worker.
#[derive(Clone)]
struct Say {
    number: u64,
    inner: UnboundedSender<Inner>,
}

impl Say {
    fn seen(&self, seen: Seen) {
        let number = self.number;
        // The worker ends before its threads only at shutdown.
        let _ = self.inner.send(Inner::Face { number, seen });
    }
}

/// The camera waits for nobody: of frames that come while one is looked at none is looked at.
fn run(stream: &Stream<'_>, watch: Watch, say: &Say) -> Result<(), CameraFault> {
    let (frames, next) = sync_channel::<Picture>(0);
    let begun = Instant::now();
    std::thread::Builder::new()
        .name("faces".into())
        .spawn(move || {
            if let Err(error) = watch.run(next, begun) {
                tracing::error!(%error, "faces cannot be looked for");
                watch.say.seen(Seen::Fault(CameraFault::BrokenFrame));
            }
        })
        .map_err(|error| {
            tracing::error!(%error, "no thread for faces");
            CameraFault::Busy
        })?;
    let opened = &mut |facing, other| say.seen(Seen::Opened { facing, other });
    let shown = &mut |frame| say.seen(Seen::Frame(frame));
    stream.run(opened, shown, &mut |picture| offer(&frames, picture))?;
    Ok(())
}

/// The whole picture: the portrait is cut out of the one that was judged.
fn offer(frames: &SyncSender<Picture>, picture: &Picture) -> ControlFlow<()> {
    match frames.try_send(picture.clone()) {
        Ok(()) | Err(std::sync::mpsc::TrySendError::Full(_)) => ControlFlow::Continue(()),
        // It has the portrait, or has failed, and has said so.
        Err(std::sync::mpsc::TrySendError::Disconnected(_)) => ControlFlow::Break(()),
    }
}

/// Looks for the nearest face, says what to mend, and takes the portrait.
struct Watch {
    say: Say,
    shutter: Arc<AtomicBool>,
    thresholds: Thresholds,
    quality: u8,
}

impl Watch {
    fn run(
        &self,
        frames: std::sync::mpsc::Receiver<Picture>,
        begun: Instant,
    ) -> Result<(), ModelError> {
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
                self.say.seen(Seen::NoFace);
                steady.reset();
            }
            let steps = match shutter {
                Shutter::Wait(part) => (part * STEPS) as u8,
                Shutter::Take => STEPS as u8,
            };
            self.say.seen(Seen::Guided {
                guidance: guided.guidance,
                steps,
            });
        }
        Ok(())
    }

    /// `None`: it is too small to be a picture.
    fn portrait(&self, view: &RgbView<'_>, face: &Face) -> Option<Portrait> {
        let cut = crop(view, face);
        let (width, height) = (cut.width(), cut.height());
        let portrait = Picture::new(width, height, cut.into_pixels()).ok()?;
        let portrait = portrait.within(PORTRAIT_SIDE);
        let jpeg = portrait.jpeg(self.quality, limits::PROBE_BYTES).ok()?;
        Some(Portrait {
            jpeg,
            shown: portrait,
        })
    }
}
