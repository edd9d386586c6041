//! Photos (§22, §31): the camera on a thread of its own, its frames on the screen, and the one that is
//! used, sealed. Until then it is in memory alone. A bodycam's code (§23) and a document's zone (§8)
//! are read in its frames as well.

use super::command::PhotoCommand;
use super::readiness::TURN;
use super::stream::{Frame, Lens, Looker, Seen, Shot, Stream, Told};
use super::turn::Turn;
use super::{Inner, Update, Worker};
use crate::device::{Camera, CameraFault, Facing, Picture, read_code};
use crate::pages::{AlbumOf, Notice, PhotoStage, PhotoState, Screen, Search, Stamp, ZoneHint};
use crate::vault::VaultError;
use protocol::{CaptureKind, CaptureOf, limits};
use regulation::bodycam::Serial;
use regulation::{CustodyId, IncidentId};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use zeroize::Zeroizing;

/// Longer side of the photo that is looked at, pixels.
const TAKEN_SIDE: u32 = 960;
/// … and of a frame in which a code or a zone is looked for: its bars and characters are to be told apart.
const SEARCH_SIDE: u32 = 1280;
/// What is read in the frames.
pub(super) enum Said {
    /// What a code says that lies before the camera.
    Code(String),
    /// The lines of a zone that was read twice alike.
    Zone(Zeroizing<String>),
    /// Why a zone is not read yet.
    ZoneHint(Option<ZoneHint>),
}

impl Told for Said {
    fn told(number: u64, seen: Seen<Self>) -> Inner {
        Inner::Photo { number, seen }
    }
}

/// The photo that is being taken.
#[derive(Default)]
pub(super) struct Photo {
    lens: Lens<Said>,
    taken: Option<Zeroizing<Vec<u8>>>,
    /// The page over which it is taken.
    of: Stamp,
}

impl Worker {
    pub(super) fn photo(&mut self, command: PhotoCommand) {
        let stage = self.state.photo.as_ref().map(|photo| photo.stage);
        match (command, stage) {
            (PhotoCommand::Open, None) => {
                if self.state.album().is_some_and(|album| album.left > 0) {
                    self.open_camera(None, None);
                }
            }
            (PhotoCommand::ReadCode, None) => {
                if self.state.screen == Screen::Receive {
                    self.open_camera(None, Some(Search::CODE));
                }
            }
            (PhotoCommand::ReadMrz, None) => self.read_zone(),
            (PhotoCommand::Shoot, Some(PhotoStage::Live)) => {
                let photo = self.state.photo.as_ref();
                if photo.is_some_and(|p| p.search.is_none()) && self.photo.lens.shoot() {
                    self.set_photo_stage(PhotoStage::Shooting);
                }
            }
            (PhotoCommand::Retake, Some(PhotoStage::Taken | PhotoStage::Fault(_))) => {
                self.open_camera_again(|facing| facing);
            }
            (PhotoCommand::Switch, Some(_)) => {
                self.open_camera_again(Facing::other);
            }
            (PhotoCommand::Use, Some(PhotoStage::Taken)) => self.use_photo(),
            (PhotoCommand::Close, Some(_)) => self.close_camera(),
            (command, stage) => tracing::debug!(?command, ?stage, "not now"),
        }
    }

    /// A photo goes with the page over which it is taken.
    pub(super) fn look_at_photo(&mut self) {
        let shown = self.state.photo.is_some() && self.photo.of == self.state.stamp();
        if !shown {
            self.close_camera();
        }
    }

    /// Nothing of a photo that was not used stays.
    pub(super) fn close_camera(&mut self) {
        self.stop_camera();
        self.state.photo = None;
    }

    fn stop_camera(&mut self) {
        self.photo.lens.close();
        self.photo.taken = None;
    }

    /// For what it was open for.
    fn open_camera_again(&mut self, which: impl Fn(Facing) -> Facing) {
        let photo = self.state.photo.as_ref();
        let facing = photo.and_then(|photo| photo.facing).map(which);
        let search = photo.and_then(|photo| photo.search);
        self.open_camera(facing, search.map(Search::anew));
    }

    pub(super) fn open_camera(&mut self, facing: Option<Facing>, search: Option<Search>) {
        self.stop_camera();
        self.photo.of = self.state.stamp();
        let other = self.state.photo.as_ref().is_some_and(|photo| photo.other);
        self.state.photo = Some(PhotoState {
            stage: PhotoStage::Opening,
            facing,
            other,
            search,
        });
        let edition = &self.parts.edition.limits;
        let session = Session {
            side: edition.photo_side,
            quality: edition.photo_quality,
            look: match search {
                Some(Search::Code { .. }) => Some(look_for_code()),
                Some(Search::Zone { .. }) => self.today().map(super::zone::look),
                None => None,
            },
        };
        let opened = self.photo.lens.open(
            &self.cameras,
            &self.inner,
            self.parts.camera.clone(),
            facing,
            |stream| session.run(stream),
        );
        if let Err(fault) = opened {
            self.set_photo_stage(PhotoStage::Fault(fault));
        }
    }

    fn set_photo_stage(&mut self, stage: PhotoStage) {
        if let Some(photo) = &mut self.state.photo {
            photo.stage = stage;
        }
    }

    pub(super) fn camera_says(&mut self, number: u64, seen: Seen<Said>) {
        let stage = self.state.photo.as_ref().map(|photo| photo.stage);
        let Some(stage) = stage.filter(|_| self.photo.lens.is_open_as(number)) else {
            return;
        };
        match seen {
            Seen::Opened { facing, other } => {
                if let Some(photo) = &mut self.state.photo {
                    (photo.facing, photo.other) = (Some(facing), other);
                }
            }
            Seen::Frame(frame) => {
                if stage == PhotoStage::Opening {
                    self.set_photo_stage(PhotoStage::Live);
                    // The page comes first: a frame without one is late.
                    self.show();
                }
                self.show_frame(frame);
            }
            Seen::Taken(shot) => {
                self.stop_camera();
                self.photo.taken = Some(shot.jpeg);
                self.set_photo_stage(PhotoStage::Taken);
                self.show();
                self.show_frame(Arc::new(Frame::of(shot.shown)));
            }
            Seen::Said(Said::Code(text)) => self.code_seen(&text),
            Seen::Said(Said::Zone(text)) => self.zone_seen(&text),
            Seen::Said(Said::ZoneHint(hint)) => self.zone_hint(hint),
            Seen::Fault(fault) => {
                self.stop_camera();
                self.set_photo_stage(PhotoStage::Fault(fault));
            }
            Seen::Silence(wait)
                if self.photo.lens.still_waits(wait)
                    && matches!(stage, PhotoStage::Opening | PhotoStage::Shooting) =>
            {
                self.stop_camera();
                self.set_photo_stage(PhotoStage::Fault(CameraFault::TimedOut));
            }
            Seen::Silence(_) => {}
        }
    }

    /// §23: the serial number goes into the form. Of a longer text, what is assigned to the officer is
    /// found in it; anything else is told, and the search goes on.
    fn code_seen(&mut self, text: &str) {
        let assigned = self.state.custody.kit.camera.clone();
        let said = |serial: &Serial| {
            let written = serial.to_string();
            let mut parts = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            parts.any(|part| part.eq_ignore_ascii_case(&written))
        };
        let serial = text.parse().ok().or_else(|| assigned.filter(said));
        match (serial, self.state.photo.as_mut()) {
            (Some(serial), _) => {
                let receive = &mut self.state.bodycam.receive;
                receive.read = (Some(serial), receive.read.1.wrapping_add(1));
                self.close_camera();
            }
            (None, Some(photo)) => photo.search = Some(Search::Code { strange: true }),
            (None, None) => {}
        }
    }

    pub(super) fn show_frame(&self, frame: Arc<Frame>) {
        let stamp = self.state.stamp();
        let _ = self.updates.send(Update::Frame { stamp, frame });
    }

    /// Seals the photo and records that there is one. What it belongs to names it when it is recorded.
    fn use_photo(&mut self) {
        let Some(album) = self.state.album().filter(|album| album.left > 0) else {
            return;
        };
        let (Some(session), Some(jpeg)) = (&self.session, &self.photo.taken) else {
            return;
        };
        let (of, kind) = match album.of {
            AlbumOf::Custody(id) => {
                let custody = id.unwrap_or_else(|| CustodyId(uuid::Uuid::new_v4()));
                (CaptureOf::Custody { custody }, CaptureKind::Condition)
            }
            AlbumOf::Incident(id) => {
                let incident = id.unwrap_or_else(|| IncidentId(uuid::Uuid::new_v4()));
                (CaptureOf::Incident { incident }, CaptureKind::Scene)
            }
        };
        let added = self
            .parts
            .vault
            .add_capture(session, of, kind, &mut jpeg.as_slice());
        match added {
            Ok((_, capture)) => {
                self.state.add_photo(capture.id, of);
                self.close_camera();
                self.look_at_queue();
            }
            // It stays in memory, and can be used again.
            Err(error) => {
                tracing::error!(%error, "a photo was not kept");
                self.state.notice = Some(match error {
                    VaultError::Full => Notice::StorageFull,
                    _ => Notice::StorageFault,
                });
            }
        }
    }
}

/// What the camera's thread needs.
struct Session {
    side: u32,
    quality: u8,
    /// What looks for something in the frames.
    look: Option<Look>,
}

/// What a frame says; nothing, or nothing new.
pub(super) type Look = Box<dyn FnMut(&Picture) -> Option<Said> + Send>;

/// The text of codes, each once.
fn look_for_code() -> Look {
    let mut last = None;
    Box::new(move |picture| {
        let text = read_code(picture).filter(|text| last.as_ref() != Some(text))?;
        last = Some(text.clone());
        Some(Said::Code(text))
    })
}

impl Session {
    /// Until the photo is taken, or nobody wants it any more.
    fn run(mut self, stream: &Stream<Said>) -> Result<(), CameraFault> {
        let looker = self.look.take().and_then(|mut look| {
            let say = stream.say.clone();
            let looker = Looker::start(move |frames| {
                for picture in frames {
                    if let Some(said) = look(&picture.within(SEARCH_SIDE)) {
                        say.seen(Seen::Said(said));
                    }
                }
            });
            // Without a thread for it: what is looked for can be typed.
            looker.ok()
        });
        let taken = stream.run(&mut |picture| {
            if let Some(looker) = &looker {
                let _ = looker.offer(picture);
            }
            match stream.shutter.load(Ordering::Acquire) {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        })?;
        // The camera is closed before the work begins: its lamp goes out with the click.
        if let Some(picture) = taken {
            stream.say.seen(Seen::Taken(self.shot(&picture)?));
        }
        Ok(())
    }

    fn shot(&self, picture: &Picture) -> Result<Shot, CameraFault> {
        if picture.is_blank() {
            return Err(CameraFault::BrokenFrame);
        }
        let jpeg = picture.within(self.side);
        Ok(Shot {
            jpeg: jpeg.jpeg(self.quality, limits::PHOTO_BYTES)?,
            shown: picture.within(TAKEN_SIDE),
        })
    }
}

/// §13: a picture of the first camera, looked at and forgotten.
///
/// # Errors
/// The [`CameraFault`] that a photo would meet now.
pub(super) fn test_capture(camera: &dyn Camera, turn: &Turn) -> Result<(), CameraFault> {
    let _turn = turn.take(TURN).ok_or(CameraFault::Busy)?;
    let first = camera.discover()?.first().copied();
    let mut stream = camera.open(first.ok_or(CameraFault::NotFitted)?)?;
    if stream.frame()?.is_blank() {
        return Err(CameraFault::BrokenFrame);
    }
    Ok(())
}
