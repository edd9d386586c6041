//! A fingerprint scanner that reads synthetic fingers.
//!
//! The [`ScannerPanel`] is the world outside: which finger lies on the glass, how its skin is, and
//! whether the plug is in. The [`EmulatedScanner`] is the device: it knows the glass alone, judges
//! what it sees by the same quality measure as any driver, and fails in the ways of real ones.

use biometrics::finger::synth::{self, Finger as SyntheticFinger, Impression};
use biometrics::finger::{GreyImage, Verdict, assess};
use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tablet::device::{
    Cancel, CaptureRequest, Captured, Preview, Scanner, ScannerDescription, ScannerFault,
};

/// Time from frame to frame.
const FRAME: Duration = Duration::from_millis(60);
/// A cancelled capture notices at the latest after this.
const CANCEL_CHECK: Duration = Duration::from_millis(40);
/// The frame from which on the skin has settled; the first contact is never taken.
const SETTLED: u32 = 1;
/// Frames of a poor print before the driver gives up and says why.
const POOR_FRAMES: u32 = 20;
/// Pixels, to the side and downwards, that a moving finger slides while one frame is exposed.
const SLIDE: usize = 7;
/// Side of a picture of the empty glass, pixels.
const EMPTY_SIDE: u32 = 320;
const PPI: u16 = 500;
/// Pictures of fingers that were made before; a finger takes some tenths of a second to grow.
const REMEMBERED_FINGERS: usize = 64;

/// How the finger's skin meets the glass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Skin {
    #[default]
    Ordinary,
    Dry,
    Wet,
    Partial,
    /// Two fingers at once.
    Two,
    /// Slides over the glass.
    Moving,
}

/// What lies on the glass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Glass {
    /// Seed of the synthetic finger.
    pub finger: u64,
    pub skin: Skin,
    /// Seed of this touch: two touches of one finger differ.
    pub touch: u64,
}

#[derive(Debug)]
struct Outside {
    plugged: bool,
    busy_elsewhere: bool,
    silent: bool,
    blind: bool,
    fails: Option<ScannerFault>,
    glass: Option<Glass>,
}

#[derive(Debug)]
struct Shared {
    outside: Mutex<Outside>,
    changed: Condvar,
}

/// The world outside the scanner; cheap to clone.
#[derive(Clone, Debug)]
pub struct ScannerPanel(Arc<Shared>);

impl ScannerPanel {
    /// Puts a finger on the glass.
    pub fn place(&self, glass: Glass) {
        self.change(|o| o.glass = Some(glass));
    }

    /// Takes the finger off.
    pub fn lift(&self) {
        self.change(|o| o.glass = None);
    }

    pub fn set_plugged(&self, plugged: bool) {
        self.change(|o| o.plugged = plugged);
    }

    /// Another program holds the device.
    pub fn set_busy(&self, busy: bool) {
        self.change(|o| o.busy_elsewhere = busy);
    }

    /// The device answers no more, but is plugged in.
    pub fn set_silent(&self, silent: bool) {
        self.change(|o| o.silent = silent);
    }

    /// The lamp under the glass is broken.
    pub fn set_blind(&self, blind: bool) {
        self.change(|o| o.blind = blind);
    }

    /// Every capture, and every test picture, fails so, whatever lies on the glass: also in the ways of
    /// scanners that this one has no part for.
    pub fn set_fault(&self, fault: Option<ScannerFault>) {
        self.change(|o| o.fails = fault);
    }

    fn change(&self, change: impl FnOnce(&mut Outside)) {
        change(&mut lock(&self.0.outside));
        self.0.changed.notify_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The device.
pub struct EmulatedScanner {
    shared: Arc<Shared>,
    capturing: Mutex<()>,
    fingers: Mutex<HashMap<u64, Arc<SyntheticFinger>>>,
}

impl std::fmt::Debug for EmulatedScanner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EmulatedScanner(..)")
    }
}

impl EmulatedScanner {
    /// A plugged-in scanner with an empty glass, and the world around it.
    #[must_use]
    pub fn new() -> (Arc<Self>, ScannerPanel) {
        let shared = Arc::new(Shared {
            outside: Mutex::new(Outside {
                plugged: true,
                busy_elsewhere: false,
                silent: false,
                blind: false,
                fails: None,
                glass: None,
            }),
            changed: Condvar::new(),
        });
        let scanner = Self {
            shared: shared.clone(),
            capturing: Mutex::new(()),
            fingers: Mutex::default(),
        };
        (Arc::new(scanner), ScannerPanel(shared))
    }

    /// Grows a finger before it is placed, so that the first touch is as quick as any.
    pub fn prepare(&self, finger: u64) {
        self.finger(finger);
    }

    fn finger(&self, seed: u64) -> Arc<SyntheticFinger> {
        if let Some(known) = lock(&self.fingers).get(&seed) {
            return known.clone();
        }
        let grown = Arc::new(SyntheticFinger::from_seed(seed));
        let mut fingers = lock(&self.fingers);
        if fingers.len() >= REMEMBERED_FINGERS {
            fingers.clear();
        }
        fingers.insert(seed, grown.clone());
        grown
    }

    /// What the sensor sees: skin settles on the glass over the first frames.
    fn frame(&self, glass: Glass, frame: u32) -> GreyImage {
        if glass.skin == Skin::Two {
            return synth::two_fingers(glass.touch);
        }
        let mut touch = match glass.skin {
            Skin::Dry => Impression::dry(glass.touch),
            Skin::Wet => Impression::wet(glass.touch),
            Skin::Partial => Impression::partial(glass.touch),
            Skin::Ordinary | Skin::Two | Skin::Moving => Impression::ordinary(glass.touch),
        };
        if frame == 0 {
            touch.contact_area *= 0.3;
        }
        let picture = self.finger(glass.finger).impression(&touch);
        if glass.skin == Skin::Moving {
            smeared(&picture)
        } else {
            picture
        }
    }

    fn check_plug(outside: &Outside) -> Result<(), ScannerFault> {
        if outside.plugged {
            Ok(())
        } else {
            Err(ScannerFault::Unplugged)
        }
    }

    /// Waits until there is something to see, or a reason to stop.
    fn wait_for_finger(&self, until: Instant, cancel: &Cancel) -> Result<Glass, ScannerFault> {
        let mut outside = lock(&self.shared.outside);
        loop {
            if cancel.is_cancelled() {
                return Err(ScannerFault::Cancelled);
            }
            Self::check_plug(&outside)?;
            if !outside.silent
                && let Some(glass) = outside.glass
            {
                return Ok(glass);
            }
            let now = Instant::now();
            if now >= until {
                return Err(if outside.silent {
                    ScannerFault::TimedOut
                } else {
                    ScannerFault::NoFinger
                });
            }
            let wait = CANCEL_CHECK.min(until - now);
            outside = match self.shared.changed.wait_timeout(outside, wait) {
                Ok((guard, _)) => guard,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }
}

impl Scanner for EmulatedScanner {
    fn discover(&self) -> Result<ScannerDescription, ScannerFault> {
        if !lock(&self.shared.outside).plugged {
            return Err(ScannerFault::NotConnected);
        }
        Ok(ScannerDescription {
            model: "Emulated FAP 20".into(),
            serial: "EMU-0001".into(),
            ppi: PPI,
        })
    }

    fn test_frame(&self) -> Result<GreyImage, ScannerFault> {
        self.discover()?;
        let Ok(_alone) = self.capturing.try_lock() else {
            return Err(ScannerFault::Busy);
        };
        let (blind, glass) = {
            let outside = lock(&self.shared.outside);
            if let Some(fault) = outside.fails {
                return Err(fault);
            }
            match (outside.busy_elsewhere, outside.silent) {
                (true, _) => return Err(ScannerFault::Busy),
                (false, true) => return Err(ScannerFault::TimedOut),
                (false, false) => (outside.blind, outside.glass),
            }
        };
        match glass {
            Some(glass) if !blind => Ok(self.frame(glass, SETTLED)),
            _ => empty_glass(blind),
        }
    }

    fn capture(
        &self,
        request: &CaptureRequest,
        preview: &mut dyn FnMut(&Preview),
        cancel: &Cancel,
    ) -> Result<Captured, ScannerFault> {
        self.discover()?;
        let Ok(_alone) = self.capturing.try_lock() else {
            return Err(ScannerFault::Busy);
        };
        {
            let outside = lock(&self.shared.outside);
            if outside.busy_elsewhere {
                return Err(ScannerFault::Busy);
            }
            if outside.blind {
                return Err(ScannerFault::NoPicture);
            }
            if let Some(fault) = outside.fails {
                return Err(fault);
            }
        }
        let until = Instant::now() + request.timeout;
        let mut best: Option<Preview> = None;
        let (mut frame, mut on_glass) = (0, None);
        loop {
            let glass = self.wait_for_finger(until, cancel)?;
            if on_glass != Some(glass) {
                (on_glass, frame, best) = (Some(glass), 0, None);
            }
            let picture = self.frame(glass, frame);
            let quality = assess(&picture);
            let shown = Preview { picture, quality };
            preview(&shown);
            let good = shown.quality.verdict == Verdict::Good;
            if good && shown.quality.score >= request.enough && frame >= SETTLED {
                return shown.taken(request.finger);
            }
            let better = best
                .as_ref()
                .is_none_or(|b| b.quality.score <= shown.quality.score);
            if better && frame >= SETTLED {
                best = Some(shown);
            }
            frame += 1;
            if frame >= POOR_FRAMES {
                // The best frame is a whole print after all, or says what is wrong with the finger.
                return best.ok_or(ScannerFault::NoFinger)?.taken(request.finger);
            }
            std::thread::sleep(FRAME);
        }
    }
}

/// A bright glass with nothing on it; all is dark where the lamp is broken.
fn empty_glass(blind: bool) -> Result<GreyImage, ScannerFault> {
    let shade = if blind { 3 } else { 247 };
    let pixels = vec![shade; (EMPTY_SIDE * EMPTY_SIDE) as usize];
    GreyImage::new(EMPTY_SIDE, EMPTY_SIDE, PPI, pixels).map_err(|_| ScannerFault::NoPicture)
}

/// What a sensor sees of a finger that slides: at every pixel the mean of all that passed over it.
fn smeared(picture: &GreyImage) -> GreyImage {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut pixels = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let (left, top) = (x.saturating_sub(SLIDE - 1), y.saturating_sub(SLIDE - 1));
            let passed = (top..=y).flat_map(|row| {
                let row = row * width;
                &picture.pixels()[row + left..=row + x]
            });
            let sum: usize = passed.map(|p| usize::from(*p)).sum();
            let mean = sum / ((x - left + 1) * (y - top + 1));
            pixels.push(u8::try_from(mean).unwrap_or(u8::MAX));
        }
    }
    GreyImage::new(picture.width(), picture.height(), picture.ppi(), pixels)
        .unwrap_or_else(|_| picture.clone())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use regulation::encounter::Finger;

    fn request(timeout_ms: u64) -> CaptureRequest {
        CaptureRequest {
            finger: Finger::RightIndex,
            timeout: Duration::from_millis(timeout_ms),
            enough: 40,
        }
    }

    fn capture(scanner: &EmulatedScanner, timeout_ms: u64) -> Result<Captured, ScannerFault> {
        scanner.capture(&request(timeout_ms), &mut |_| {}, &Cancel::default())
    }

    fn placed(skin: Skin) -> Result<Captured, ScannerFault> {
        let (scanner, panel) = EmulatedScanner::new();
        panel.place(Glass {
            finger: 3,
            skin,
            touch: 5,
        });
        capture(&scanner, 10_000)
    }

    #[test]
    fn an_ordinary_finger_is_taken_with_its_quality() {
        let captured = placed(Skin::Ordinary).unwrap();
        assert_eq!(captured.quality.verdict, Verdict::Good);
        assert_eq!(captured.picture.ppi(), 500);
    }

    #[test]
    fn a_poor_finger_is_named_for_what_it_is() {
        for (skin, fault) in [
            (Skin::Dry, ScannerFault::TooDry),
            (Skin::Wet, ScannerFault::TooWet),
            (Skin::Partial, ScannerFault::Partial),
            (Skin::Two, ScannerFault::MoreThanOneFinger),
        ] {
            assert_eq!(placed(skin).map(|_| ()), Err(fault), "{skin:?}");
        }
    }

    #[test]
    fn a_moving_finger_is_seen_as_blurred_and_at_last_taken_weak() {
        let captured = placed(Skin::Moving).unwrap();
        assert_eq!(captured.quality.verdict, Verdict::Blurred);
        assert!(captured.quality.score < request(0).enough);
    }

    #[test]
    fn no_finger_unplugged_silent_and_busy_are_told_apart() {
        let (scanner, panel) = EmulatedScanner::new();
        assert_eq!(
            capture(&scanner, 100).map(|_| ()),
            Err(ScannerFault::NoFinger)
        );
        panel.set_silent(true);
        assert_eq!(
            capture(&scanner, 100).map(|_| ()),
            Err(ScannerFault::TimedOut)
        );
        panel.set_silent(false);
        panel.set_busy(true);
        assert_eq!(capture(&scanner, 100).map(|_| ()), Err(ScannerFault::Busy));
        panel.set_plugged(false);
        assert_eq!(
            capture(&scanner, 100).map(|_| ()),
            Err(ScannerFault::NotConnected)
        );
        assert_eq!(scanner.discover(), Err(ScannerFault::NotConnected));
    }

    #[test]
    fn a_test_frame_waits_for_no_finger_and_shows_what_lies_on_the_glass() {
        let (scanner, panel) = EmulatedScanner::new();
        let empty = scanner.test_frame().unwrap();
        assert!(empty.pixels().iter().all(|p| *p > 200));
        panel.place(Glass {
            finger: 3,
            skin: Skin::Ordinary,
            touch: 5,
        });
        let ridges = scanner.test_frame().unwrap();
        assert!(ridges.pixels().iter().any(|p| *p < 60));
        panel.set_blind(true);
        let dark = scanner.test_frame().unwrap();
        assert!(dark.pixels().iter().all(|p| *p < 20));
        assert_eq!(
            capture(&scanner, 100).map(|_| ()),
            Err(ScannerFault::NoPicture)
        );
        panel.set_silent(true);
        assert_eq!(scanner.test_frame().err(), Some(ScannerFault::TimedOut));
    }

    #[test]
    fn pulling_the_plug_ends_a_running_capture() {
        let (scanner, panel) = EmulatedScanner::new();
        let waiting = std::thread::spawn(move || capture(&scanner, 20_000).map(|_| ()));
        std::thread::sleep(Duration::from_millis(80));
        panel.set_plugged(false);
        assert_eq!(waiting.join().unwrap(), Err(ScannerFault::Unplugged));
    }

    #[test]
    fn a_cancelled_capture_ends_and_keeps_nothing() {
        let (scanner, _panel) = EmulatedScanner::new();
        let cancel = Cancel::default();
        let stop = cancel.clone();
        let waiting = std::thread::spawn(move || {
            scanner
                .capture(&request(20_000), &mut |_| {}, &stop)
                .map(|_| ())
        });
        cancel.cancel();
        assert_eq!(waiting.join().unwrap(), Err(ScannerFault::Cancelled));
    }
}
