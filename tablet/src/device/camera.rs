//! Cameras: those built into the tablet, or plugged into it.

use super::Picture;
use super::picture::PictureError;

/// The cameras of a tablet, real or emulated. Calls block; the worker makes them on a thread of their
/// own. One stream at a time: a second one is [`CameraFault::Busy`].
pub trait Camera: Send + Sync {
    /// The cameras that are there now, the one to begin with first; never empty.
    ///
    /// # Errors
    /// [`CameraFault::NotFitted`] where the tablet has none; [`CameraFault::Denied`].
    fn discover(&self) -> Result<Vec<Facing>, CameraFault>;

    /// Opens one of them. It is closed when the stream is dropped.
    ///
    /// # Errors
    /// A [`CameraFault`] that the officer can act on.
    fn open(&self, facing: Facing) -> Result<Box<dyn CameraStream>, CameraFault>;
}

/// A camera that is open. Lives on the thread that opened it.
pub trait CameraStream {
    /// Waits for the next frame, two seconds at most.
    ///
    /// # Errors
    /// [`CameraFault::TimedOut`], [`CameraFault::Unplugged`], or [`CameraFault::BrokenFrame`]: the
    /// stream may be asked again after the last one.
    fn frame(&mut self) -> Result<Picture, CameraFault>;
}

/// Where a camera looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Facing {
    /// Away from who holds the tablet.
    Back,
    /// At who holds the tablet.
    Front,
}

impl Facing {
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Back => Self::Front,
            Self::Front => Self::Back,
        }
    }
}

/// Why there is no picture. Each has its own advice on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum CameraFault {
    #[error("this tablet has no camera")]
    NotFitted,
    #[error("the camera is used by another program")]
    Busy,
    #[error("the system does not let this program use the camera")]
    Denied,
    #[error("the camera was unplugged")]
    Unplugged,
    #[error("the camera did not answer in time")]
    TimedOut,
    #[error("the camera gives no usable picture")]
    BrokenFrame,
}

impl CameraFault {
    /// In the order above.
    pub const ALL: [Self; 6] = every!(
        CameraFault: NotFitted, Busy, Denied, Unplugged, TimedOut, BrokenFrame,
    );
}

impl From<PictureError> for CameraFault {
    fn from(_: PictureError) -> Self {
        Self::BrokenFrame
    }
}

/// A tablet without a camera, or a program without a driver of one.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCamera;

impl Camera for NoCamera {
    fn discover(&self) -> Result<Vec<Facing>, CameraFault> {
        Err(CameraFault::NotFitted)
    }

    fn open(&self, _: Facing) -> Result<Box<dyn CameraStream>, CameraFault> {
        Err(CameraFault::NotFitted)
    }
}
