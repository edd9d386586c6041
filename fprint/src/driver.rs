//! The driver: one call at a time, on the caller's thread.

use crate::config::LibfprintConfig;
use crate::reader::{Reader, Watch};
use biometrics::finger::{GreyImage, ImageError, assess};
use glib::MainContext;
use libfprint_rs::FpImage;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};
use tablet::device::{
    Cancel, CaptureRequest, Captured, Preview, Scanner, ScannerDescription, ScannerFault,
};

/// A picture for §13, from beginning to end; the worker waits three seconds for it.
const TEST_FRAME: Duration = Duration::from_millis(1500);
/// Difference, as a part, of a resolution that a driver tells from the one that is taken to be true:
/// data sheets round.
const SAME_RESOLUTION: f64 = 0.02;
const MM_PER_INCH: f64 = 25.4;

/// A fingerprint reader by libfprint. It is open during a call alone.
///
/// A driver of libfprint that neither ends a cancelled capture nor answers holds the call, and with it
/// the scanner ([`ScannerFault::Busy`]), until the program ends: libfprint knows no stronger means.
pub struct LibfprintScanner {
    config: LibfprintConfig,
    /// Held by whoever uses the device.
    using: Mutex<()>,
    /// The reader found last.
    known: Mutex<Option<ScannerDescription>>,
}

impl std::fmt::Debug for LibfprintScanner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LibfprintScanner(..)")
    }
}

impl LibfprintScanner {
    /// A driver that has looked for nothing yet.
    #[must_use]
    pub fn new(config: LibfprintConfig) -> Arc<Self> {
        Arc::new(Self {
            config,
            using: Mutex::new(()),
            known: Mutex::new(None),
        })
    }

    /// One user at a time; a poisoned lock protects nothing.
    fn use_device(&self) -> Result<MutexGuard<'_, ()>, ScannerFault> {
        match self.using.try_lock() {
            Ok(guard) => Ok(guard),
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => Err(ScannerFault::Busy),
        }
    }

    fn known(&self) -> MutexGuard<'_, Option<ScannerDescription>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Finds the reader and what is known of it. [`ScannerFault::Unsupported`] where its resolution is
    /// not: a print at a wrong one compares with nothing.
    fn find(&self) -> Result<(Reader, u16), ScannerFault> {
        let reader = Reader::find()?;
        let driver = reader.driver();
        let Some(ppi) = self.config.ppi_of(&driver) else {
            tracing::warn!(driver, "the fingerprint reader's resolution is not known");
            return Err(ScannerFault::Unsupported);
        };
        *self.known() = Some(ScannerDescription {
            model: reader.name(),
            serial: reader.id(),
            ppi,
        });
        Ok((reader, ppi))
    }

    fn picture(&self, timeout: Duration, cancel: &Cancel) -> Result<GreyImage, ScannerFault> {
        let deadline = Instant::now() + timeout;
        if cancel.is_cancelled() {
            return Err(ScannerFault::Cancelled);
        }
        let main = MainContext::default();
        // libfprint waits by turning this loop: where the program turns it elsewhere, there is none
        // for the reader.
        let _ours = main.acquire().map_err(|_| ScannerFault::Busy)?;
        let (reader, ppi) = self.find()?;
        let watch = Watch::new(&reader, deadline, cancel);
        reader.open(&watch)?;
        let image = reader.capture(&watch)?;
        if cancel.is_cancelled() {
            return Err(ScannerFault::Cancelled);
        }
        picture_of(&image, ppi)
    }
}

/// The picture of an image: dark ridges on light ground, as libfprint turns every one.
fn picture_of(image: &FpImage, ppi: u16) -> Result<GreyImage, ScannerFault> {
    // Zero where the driver does not tell it.
    let told = image.ppmm() * MM_PER_INCH;
    if told > 0.0 && (told / f64::from(ppi) - 1.0).abs() > SAME_RESOLUTION {
        tracing::warn!(told, ppi, "the reader tells another resolution");
        return Err(ScannerFault::Unsupported);
    }
    let (width, height) = (image.width(), image.height());
    GreyImage::new(width, height, ppi, image.data()).map_err(|error| {
        tracing::warn!(%error, "the reader's picture is not taken");
        match error {
            ImageError::Empty => ScannerFault::NoPicture,
            _ => ScannerFault::Unsupported,
        }
    })
}

impl Scanner for LibfprintScanner {
    /// The first reader that gives pictures; while a capture is under way, the one that takes it. Its
    /// serial is libfprint's device id, which is "0" for most.
    ///
    /// # Errors
    /// [`ScannerFault::NotConnected`]; [`ScannerFault::Unsupported`] where there are only readers that
    /// compare prints by themselves, or the resolution is neither told nor known.
    fn discover(&self) -> Result<ScannerDescription, ScannerFault> {
        let Ok(_alone) = self.use_device() else {
            return self.known().clone().ok_or(ScannerFault::Busy);
        };
        let main = MainContext::default();
        let _ours = main.acquire().map_err(|_| ScannerFault::Busy)?;
        *self.known() = None;
        let (_reader, _) = self.find()?;
        self.known().clone().ok_or(ScannerFault::NotConnected)
    }

    /// libfprint takes no picture without a finger: the reader is opened, and a finger that lies
    /// there, or comes within a second and a half, is taken. [`ScannerFault::NoFinger`] means that the
    /// reader opened and waited.
    fn test_frame(&self) -> Result<GreyImage, ScannerFault> {
        let _alone = self.use_device()?;
        self.picture(TEST_FRAME, &Cancel::default())
    }

    /// One picture, which is the only preview too: libfprint shows none before it. Cancelling and the
    /// time-out end it by a `GCancellable`, within some hundredths of a second where the reader's
    /// driver follows.
    fn capture(
        &self,
        request: &CaptureRequest,
        preview: &mut dyn FnMut(&Preview),
        cancel: &Cancel,
    ) -> Result<Captured, ScannerFault> {
        let _alone = self.use_device()?;
        let picture = self.picture(request.timeout, cancel)?;
        let quality = assess(&picture);
        let shown = Preview { picture, quality };
        preview(&shown);
        shown.taken(request.finger)
    }
}
