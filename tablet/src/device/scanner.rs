//! The fingerprint scanner.

use biometrics::finger::{GreyImage, Verdict};
use regulation::encounter::Finger;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A fingerprint scanner, real or emulated. Calls block; the worker makes them on a thread of their
/// own. One capture at a time: a second one is [`ScannerFault::Busy`].
pub trait Scanner: Send + Sync {
    /// What is connected now.
    ///
    /// # Errors
    /// [`ScannerFault::NotConnected`] where there is none.
    fn discover(&self) -> Result<ScannerDescription, ScannerFault>;

    /// §13: opens the scanner and takes one picture of whatever lies on the glass, waiting for no
    /// finger.
    ///
    /// # Errors
    /// The [`ScannerFault`] that a capture would meet now. [`ScannerFault::NoFinger`] of a scanner that
    /// takes no picture without a finger: it works, as far as can be seen.
    fn test_frame(&self) -> Result<GreyImage, ScannerFault>;

    /// Waits for a finger and takes its print. `preview` sees every frame until the driver, or the
    /// request's `enough`, is content.
    ///
    /// # Errors
    /// A [`ScannerFault`] the officer can act on. A cancelled capture is
    /// [`ScannerFault::Cancelled`]; nothing of it is kept.
    fn capture(
        &self,
        request: &CaptureRequest,
        preview: &mut dyn FnMut(&Preview),
        cancel: &Cancel,
    ) -> Result<Captured, ScannerFault>;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScannerDescription {
    pub model: String,
    pub serial: String,
    /// Pixels an inch of the pictures it gives.
    pub ppi: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptureRequest {
    /// The finger asked for; drivers that can tell refuse another.
    pub finger: Finger,
    /// Overall time-out, the waiting for a finger included.
    pub timeout: Duration,
    /// Quality (0..=100) at which a frame is taken at once.
    pub enough: u8,
}

/// One frame while the finger lies on the glass.
#[derive(Clone, Debug)]
pub struct Preview {
    pub picture: GreyImage,
    pub quality: biometrics::finger::Quality,
}

/// The print taken. Lossless; lives in memory until it is sealed.
#[derive(Clone)]
pub struct Captured {
    pub finger: Finger,
    pub picture: GreyImage,
    pub quality: biometrics::finger::Quality,
}

impl Preview {
    /// The print of `finger` that this frame is, where its picture is of a whole print: the measure of
    /// every driver, whatever score its device claims.
    ///
    /// # Errors
    /// What is wrong with the finger, a [`ScannerFault`] that [is of it](ScannerFault::is_of_the_finger).
    pub fn taken(self, finger: Finger) -> Result<Captured, ScannerFault> {
        let Self { picture, quality } = self;
        let fault = match quality.verdict {
            Verdict::NoFinger => ScannerFault::NoFinger,
            Verdict::TooDry => ScannerFault::TooDry,
            Verdict::TooWet => ScannerFault::TooWet,
            Verdict::Partial => ScannerFault::Partial,
            Verdict::MoreThanOneFinger => ScannerFault::MoreThanOneFinger,
            Verdict::Good | Verdict::Blurred => {
                return Ok(Captured {
                    finger,
                    picture,
                    quality,
                });
            }
        };
        Err(fault)
    }
}

impl std::fmt::Debug for Captured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Captured({:?})", self.finger)
    }
}

/// Asks a running capture to stop; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Release);
    }

    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Why there is no print. Each has its own advice on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ScannerFault {
    #[error("no scanner is connected")]
    NotConnected,
    #[error("the scanner was unplugged during the capture")]
    Unplugged,
    #[error("the scanner is busy")]
    Busy,
    #[error("the scanner did not answer in time")]
    TimedOut,
    #[error("the scanner gives no usable picture")]
    NoPicture,
    #[error("no finger was placed")]
    NoFinger,
    #[error("the finger is too dry")]
    TooDry,
    #[error("the finger is too wet")]
    TooWet,
    #[error("only part of the finger is on the glass")]
    Partial,
    #[error("more than one finger is on the glass")]
    MoreThanOneFinger,
    #[error("the finger lies askew on the glass")]
    Misplaced,
    #[error("the scanner answered with another finger than was asked for")]
    WrongFinger,
    #[error("the scanner gives pictures larger than can be sent")]
    PictureTooLarge,
    /// This capture failed; the next one may not.
    #[error("the scanner failed to read the print")]
    Failed,
    #[error("the scanner is not registered for this service")]
    NotRegistered,
    /// A signature, a certificate or what they stand for does not hold.
    #[error("the scanner's answer cannot be trusted")]
    Untrusted,
    #[error("the scanner's pictures, or its way of giving them, cannot be used")]
    Unsupported,
    #[error("the capture was cancelled")]
    Cancelled,
}

impl ScannerFault {
    /// In the order above.
    pub const ALL: [Self; 18] = every!(
        ScannerFault: NotConnected, Unplugged, Busy, TimedOut, NoPicture, NoFinger, TooDry, TooWet,
        Partial, MoreThanOneFinger, Misplaced, WrongFinger, PictureTooLarge, Failed, NotRegistered,
        Untrusted, Unsupported, Cancelled,
    );

    /// Stable name for the record (`Event::FingerprintAttempted`).
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::NotConnected => "not_connected",
            Self::Unplugged => "unplugged",
            Self::Busy => "busy",
            Self::TimedOut => "timed_out",
            Self::NoPicture => "no_picture",
            Self::NoFinger => "no_finger",
            Self::TooDry => "too_dry",
            Self::TooWet => "too_wet",
            Self::Partial => "partial",
            Self::MoreThanOneFinger => "more_than_one_finger",
            Self::Misplaced => "misplaced",
            Self::WrongFinger => "wrong_finger",
            Self::PictureTooLarge => "picture_too_large",
            Self::Failed => "failed",
            Self::NotRegistered => "not_registered",
            Self::Untrusted => "untrusted",
            Self::Unsupported => "unsupported",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the fault lies with the finger (an attempt) or with the device.
    #[must_use]
    pub fn is_of_the_finger(self) -> bool {
        matches!(
            self,
            Self::NoFinger
                | Self::TooDry
                | Self::TooWet
                | Self::Partial
                | Self::MoreThanOneFinger
                | Self::Misplaced
        )
    }
}

/// No scanner is built in: every call says so.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoScanner;

impl Scanner for NoScanner {
    fn discover(&self) -> Result<ScannerDescription, ScannerFault> {
        Err(ScannerFault::NotConnected)
    }

    fn test_frame(&self) -> Result<GreyImage, ScannerFault> {
        Err(ScannerFault::NotConnected)
    }

    fn capture(
        &self,
        _: &CaptureRequest,
        _: &mut dyn FnMut(&Preview),
        _: &Cancel,
    ) -> Result<Captured, ScannerFault> {
        Err(ScannerFault::NotConnected)
    }
}
