//! Frames of a camera, one after another, on the thread that opened it.

use super::photo::Frame;
use crate::device::{Camera, CameraFault, Cancel, Facing, Picture};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// So many unreadable frames in a row, and the camera is broken.
const BROKEN_FRAMES: u32 = 5;
/// Longer side of a frame on the screen, pixels.
const SHOWN_SIDE: u32 = 640;

/// A camera, and what goes on with its frames.
pub(super) struct Stream<'a> {
    pub(super) camera: &'a dyn Camera,
    /// `None`: whichever comes first.
    pub(super) facing: Option<Facing>,
    pub(super) cancel: &'a Cancel,
}

impl Stream<'_> {
    /// Until `each` says that a frame was enough, which is given back, or until nobody wants any more.
    /// `opened` is told which camera it is, and whether there is another one; `shown` gets frames for the
    /// screen, no faster than it draws them. The camera is closed before this returns.
    ///
    /// # Errors
    /// The [`CameraFault`] that ended it.
    pub(super) fn run(
        &self,
        opened: &mut dyn FnMut(Facing, bool),
        shown: &mut dyn FnMut(Arc<Frame>),
        each: &mut dyn FnMut(&Picture) -> ControlFlow<()>,
    ) -> Result<Option<Picture>, CameraFault> {
        // The one before may have been waited for.
        if self.cancel.is_cancelled() {
            return Ok(None);
        }
        let cameras = self.camera.discover()?;
        let first = cameras.first().copied().ok_or(CameraFault::NotFitted)?;
        let facing = self.facing.filter(|facing| cameras.contains(facing));
        let facing = facing.unwrap_or(first);
        let mut stream = self.camera.open(facing)?;
        opened(facing, cameras.len() > 1);
        let (mut broken, under_way) = (0, Arc::new(AtomicBool::new(false)));
        while !self.cancel.is_cancelled() {
            let picture = match stream.frame() {
                Ok(picture) => picture,
                Err(CameraFault::BrokenFrame) if broken < BROKEN_FRAMES => {
                    broken += 1;
                    continue;
                }
                Err(fault) => return Err(fault),
            };
            broken = 0;
            if each(&picture).is_break() {
                return Ok(Some(picture));
            }
            if !under_way.swap(true, Ordering::AcqRel) {
                let small = picture.within(SHOWN_SIDE);
                shown(Arc::new(Frame::on_its_way(small, &under_way)));
            }
        }
        Ok(None)
    }
}
