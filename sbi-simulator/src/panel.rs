//! The world outside the scanner, and the device's own state.

use crate::Mischief;
use biometrics::finger::synth::{self, Finger, Impression};
use biometrics::finger::{GreyImage, ImageError};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Fingers that were grown before; one takes some tenths of a second.
const REMEMBERED_FINGERS: usize = 32;
/// Requests that are kept for tests.
const REMEMBERED_REQUESTS: usize = 256;
/// Side of a picture of the empty glass, pixels.
const EMPTY_SIDE: u32 = 320;
const PPI: u16 = 500;
/// Pixels that a moving finger slides to the side and downwards while a picture is taken.
const SLIDE: usize = 7;

/// How the finger's skin meets the glass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub struct Glass {
    /// Seed of the synthetic finger.
    pub finger: u64,
    #[serde(default)]
    pub skin: Skin,
    /// Seed of this touch: two touches of one finger differ.
    #[serde(default)]
    pub touch: u64,
}

/// `deviceStatus`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    #[default]
    Ready,
    Busy,
    NotReady,
    NotRegistered,
}

impl Status {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::Busy => "Busy",
            Self::NotReady => "Not Ready",
            Self::NotRegistered => "Not Registered",
        }
    }

    /// The error that goes with it, 0 for none.
    #[must_use]
    pub fn code(self) -> u32 {
        match self {
            Self::Ready => 0,
            Self::Busy => 111,
            Self::NotReady => 110,
            Self::NotRegistered => 100,
        }
    }
}

/// A request, as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub verb: String,
    pub body: serde_json::Value,
    /// All of it came in one read.
    pub in_one: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Outside {
    pub plugged: bool,
    pub glass: Option<Glass>,
    pub status: Status,
    pub blind: bool,
    pub mischief: Option<Mischief>,
    /// Answers captures with this error.
    pub error: Option<u32>,
    /// Before every answer.
    pub delay: Duration,
    pub streaming: usize,
    pub capturing: bool,
    pub captures: u64,
    pub stopping: bool,
    /// The last answer to a capture, whole.
    pub former: Option<Vec<u8>>,
    /// What the device took last.
    pub taken: Option<Arc<GreyImage>>,
    /// The picture of what lies on the glass.
    seen: Option<(Option<Glass>, Arc<GreyImage>)>,
    requests: Vec<Request>,
}

/// Puts fingers on the glass, pulls the plug, makes mischief; cheap to clone.
#[derive(Clone, Debug)]
pub struct Panel(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    outside: Mutex<Outside>,
    changed: Condvar,
}

impl Default for Panel {
    /// Plugged in, with an empty glass.
    fn default() -> Self {
        let outside = Outside {
            plugged: true,
            ..Outside::default()
        };
        Self(Arc::new(Shared {
            outside: Mutex::new(outside),
            changed: Condvar::new(),
        }))
    }
}

impl Panel {
    /// Puts a finger on the glass.
    pub fn place(&self, glass: Glass) {
        // Grown here, so that the device sees it at once.
        finger(glass.finger);
        self.change(|o| o.glass = Some(glass));
    }

    /// Takes the finger off.
    pub fn lift(&self) {
        self.change(|o| o.glass = None);
    }

    /// Pulls the plug, or puts it back. The service goes on: it is the vendor's program.
    pub fn set_plugged(&self, plugged: bool) {
        self.change(|o| o.plugged = plugged);
    }

    /// The lamp under the glass is broken: all is dark, and nothing can be extracted (102).
    pub fn set_blind(&self, blind: bool) {
        self.change(|o| {
            o.blind = blind;
            o.seen = None;
        });
    }

    pub fn set_status(&self, status: Status) {
        self.change(|o| o.status = status);
    }

    /// From now on, until it is taken back.
    pub fn set_mischief(&self, mischief: Option<Mischief>) {
        self.change(|o| o.mischief = mischief);
    }

    /// Answers captures with this error code of the specification, or of a vendor.
    pub fn set_error(&self, code: Option<u32>) {
        self.change(|o| o.error = code);
    }

    /// Waits so long before every answer.
    pub fn set_delay(&self, delay: Duration) {
        self.change(|o| o.delay = delay);
    }

    /// The picture that the device took last.
    #[must_use]
    pub fn taken(&self) -> Option<GreyImage> {
        self.lock().taken.as_deref().cloned()
    }

    /// Captures that were answered with a print.
    #[must_use]
    pub fn captures(&self) -> u64 {
        self.lock().captures
    }

    /// Whether a capture is under way in the device.
    #[must_use]
    pub fn is_capturing(&self) -> bool {
        self.lock().capturing
    }

    /// What was asked since the last call.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        std::mem::take(&mut self.lock().requests)
    }

    pub(crate) fn heard(&self, request: Request) {
        let mut outside = self.lock();
        if outside.requests.len() < REMEMBERED_REQUESTS {
            outside.requests.push(request);
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Outside> {
        self.0
            .outside
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Outside) -> T) -> T {
        let changed = change(&mut self.lock());
        self.0.changed.notify_all();
        changed
    }

    /// Waits until something changes, at most so long.
    pub(crate) fn wait(&self, time: Duration) {
        let outside = self.lock();
        drop(self.0.changed.wait_timeout(outside, time));
    }

    /// Sleeps, but not beyond the simulator's end.
    pub(crate) fn sleep(&self, time: Duration) {
        let end = Instant::now() + time;
        while !self.lock().stopping {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            std::thread::sleep(left.min(Duration::from_millis(20)));
        }
    }

    /// What the sensor sees. The same touch is the same picture.
    pub(crate) fn seen(&self, glass: Option<Glass>) -> Result<Arc<GreyImage>, ImageError> {
        if let Some((of, picture)) = &self.lock().seen
            && *of == glass
        {
            return Ok(picture.clone());
        }
        let picture = Arc::new(if self.lock().blind {
            plain(3)?
        } else {
            picture(glass)?
        });
        self.lock().seen = Some((glass, picture.clone()));
        Ok(picture)
    }
}

fn picture(glass: Option<Glass>) -> Result<GreyImage, ImageError> {
    let Some(glass) = glass else {
        return plain(247);
    };
    let touch = match glass.skin {
        Skin::Two => return Ok(synth::two_fingers(glass.touch)),
        Skin::Ordinary | Skin::Moving => Impression::ordinary(glass.touch),
        Skin::Dry => Impression::dry(glass.touch),
        Skin::Wet => Impression::wet(glass.touch),
        Skin::Partial => Impression::partial(glass.touch),
    };
    let still = finger(glass.finger).impression(&touch);
    if glass.skin == Skin::Moving {
        smeared(&still)
    } else {
        Ok(still)
    }
}

/// One shade all over: the empty glass, or none of its light.
fn plain(shade: u8) -> Result<GreyImage, ImageError> {
    let pixels = vec![shade; (EMPTY_SIDE * EMPTY_SIDE) as usize];
    GreyImage::new(EMPTY_SIDE, EMPTY_SIDE, PPI, pixels)
}

/// At every pixel the mean of all that passed over it while the finger slid.
fn smeared(still: &GreyImage) -> Result<GreyImage, ImageError> {
    let (width, height) = (still.width() as usize, still.height() as usize);
    let rows: Vec<_> = still.pixels().chunks_exact(width).collect();
    let mut pixels = Vec::with_capacity(width * height);
    for y in 0..height {
        let passed = &rows[y.saturating_sub(SLIDE - 1)..=y];
        for x in 0..width {
            let left = x.saturating_sub(SLIDE - 1);
            let sum: usize = passed
                .iter()
                .flat_map(|row| &row[left..=x])
                .map(|pixel| usize::from(*pixel))
                .sum();
            let mean = sum / (passed.len() * (x - left + 1));
            pixels.push(u8::try_from(mean).unwrap_or(u8::MAX));
        }
    }
    GreyImage::new(still.width(), still.height(), still.ppi(), pixels)
}

/// A finger, grown once.
fn finger(seed: u64) -> Arc<Finger> {
    static GROWN: Mutex<BTreeMap<u64, Arc<Finger>>> = Mutex::new(BTreeMap::new());
    let lock = || GROWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = lock().get(&seed) {
        return known.clone();
    }
    let grown = Arc::new(Finger::from_seed(seed));
    let mut fingers = lock();
    if fingers.len() >= REMEMBERED_FINGERS {
        fingers.clear();
    }
    fingers.insert(seed, grown.clone());
    grown
}
