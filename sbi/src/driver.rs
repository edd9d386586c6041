//! The driver: one capture at a time, on the caller's thread and two more.

use crate::config::SbiConfig;
use crate::discovery::{self, Known};
use crate::fault::{self, Meaning};
use crate::fingers;
use crate::http::{self, HttpFault, Until};
use crate::message::{self, Biometric, Capture, Form};
use crate::picture::picture_of;
use crate::stream;
use crate::verify::{self, Answer, Expected, Link};
use biometrics::finger::{GreyImage, assess};
use regulation::encounter::Finger;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tablet::device::{
    Cancel, CaptureRequest, Captured, Clock, Preview, Scanner, ScannerDescription, ScannerFault,
    SystemClock,
};
use zeroize::Zeroizing;

/// Bytes of an answer to `RCAPTURE`: the largest record, as base64 twice.
const MAX_ANSWER: usize = verify::MAX_JWS + 64 * 1024;
/// A whole search for a scanner.
const SEARCH: Duration = Duration::from_millis(2500);
/// A picture for §13, from beginning to end; the worker waits three seconds for it.
const TEST_FRAME: Duration = Duration::from_millis(2400);
/// So long a scanner that was seen is taken to be there: nobody changes it for another one faster.
const SURE: Duration = Duration::from_secs(3);
/// A stream begins in this time, or the capture goes on without it.
const STREAM_BEGINS: Duration = Duration::from_millis(700);
/// From look to look at what the two threads have.
const LOOK: Duration = Duration::from_millis(15);
/// From try to try while a device lets go of a capture that was given up.
const BETWEEN_TRIES: Duration = Duration::from_millis(150);
/// So long a device may take to notice that its stream has ended.
const STREAM_ENDS: Duration = Duration::from_secs(1);
/// A refusal of a request's form comes at once; what breaks later is another thing.
const REFUSED_AT_ONCE: Duration = Duration::from_secs(2);
/// Breeds of devices whose habits are remembered.
const MAX_HABITS: usize = 64;

/// A scanner behind the Secure Biometric Interface.
pub struct SbiScanner {
    config: SbiConfig,
    clock: Arc<dyn Clock>,
    /// Held by whoever uses the device.
    using: Mutex<()>,
    memory: Mutex<Memory>,
}

/// What is kept from call to call.
struct Memory {
    known: Option<Known>,
    /// When it was seen last.
    seen: Option<Instant>,
    /// Resolution of the last print.
    ppi: Option<u16>,
    habits: HashMap<(String, String, String), Habits>,
    /// The last link of the device in use.
    link: Link,
    /// A capture was given up that the device may go on with until then.
    given_up: Option<Instant>,
}

/// How a breed of devices wants to be asked, as far as it is known.
#[derive(Clone, Copy, Debug, Default)]
struct Habits {
    form: Form,
    form_taken: bool,
    /// The device takes no capture while it streams.
    no_stream: bool,
}

impl std::fmt::Debug for SbiScanner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SbiScanner(..)")
    }
}

/// What one request came to.
enum Outcome {
    Answer(Biometric),
    Fault(ScannerFault),
    /// Busy, while our own stream was open or not.
    Busy {
        streamed: bool,
    },
    /// The request's form was refused; the fault if no other form is taken either.
    Form(ScannerFault),
    /// No such device there any more.
    Gone {
        midway: bool,
    },
}

impl SbiScanner {
    /// A driver that has looked for nothing yet; needs no runtime.
    #[must_use]
    pub fn new(config: SbiConfig) -> Arc<Self> {
        Self::with_clock(config, Arc::new(SystemClock::new()))
    }

    /// The same by another clock, by which certificates and times of answers are judged.
    #[must_use]
    pub fn with_clock(config: SbiConfig, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            config,
            clock,
            using: Mutex::new(()),
            memory: Mutex::new(Memory {
                known: None,
                seen: None,
                ppi: None,
                habits: HashMap::new(),
                link: verify::first_link(),
                given_up: None,
            }),
        })
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One user at a time; a poisoned lock protects nothing.
    fn use_device(&self) -> Result<MutexGuard<'_, ()>, ScannerFault> {
        match self.using.try_lock() {
            Ok(guard) => Ok(guard),
            Err(std::sync::TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(std::sync::TryLockError::WouldBlock) => Err(ScannerFault::Busy),
        }
    }

    /// The scanner that was found before, if it is still there, else the one that is found now.
    fn known(&self, until: Until<'_>) -> Result<Known, ScannerFault> {
        let (known, seen) = {
            let memory = self.memory();
            (memory.known.clone(), memory.seen)
        };
        let Some(known) = known else {
            return self.locate(None, until);
        };
        if seen.is_some_and(|seen| seen.elapsed() < SURE) {
            return Ok(known);
        }
        match discovery::still_there(&known, until) {
            // One that is slow to say so will show in what is asked of it next.
            Ok(()) | Err(ScannerFault::TimedOut) => {
                self.memory().seen = Some(Instant::now());
                Ok(known)
            }
            Err(ScannerFault::Cancelled) => Err(ScannerFault::Cancelled),
            Err(_) => self.locate(Some(known.port), until),
        }
    }

    fn locate(&self, before: Option<u16>, until: Until<'_>) -> Result<Known, ScannerFault> {
        let until = Until {
            deadline: until.deadline.min(Instant::now() + SEARCH),
            ..until
        };
        let found = discovery::locate(&self.config, self.clock.now(), before, until);
        let mut memory = self.memory();
        memory.known = found.as_ref().ok().cloned();
        memory.seen = Some(Instant::now());
        if let Ok(found) = &found {
            tracing::info!(port = found.port, status = %found.info.status, "a scanner was found");
        }
        // Another device, or the same after it was gone, begins its own chain.
        memory.link = verify::first_link();
        found
    }

    fn habits(&self, known: &Known) -> Habits {
        let memory = self.memory();
        memory
            .habits
            .get(&known.breed())
            .copied()
            .unwrap_or_default()
    }

    fn remember(&self, known: &Known, habits: Habits) {
        let mut memory = self.memory();
        if memory.habits.len() >= MAX_HABITS {
            memory.habits.clear();
        }
        memory.habits.insert(known.breed(), habits);
    }

    /// Asks until there is an answer or a fault: in the other form where the first is refused, without
    /// the stream where the device cannot do both, again while it lets go of what was given up.
    fn answered(
        &self,
        request: &CaptureRequest,
        preview: &mut dyn FnMut(&Preview),
        until: Until<'_>,
    ) -> Result<(Known, Asked, Biometric), ScannerFault> {
        let mut known = self.known(until)?;
        let mut searched = false;
        let mut habits = self.habits(&known);
        let (mut other_form, mut without_stream) = (false, false);
        let mut patience = self.memory().given_up.unwrap_or_else(Instant::now);
        loop {
            let mut trying = habits;
            if other_form {
                trying.form = trying.form.other();
            }
            trying.no_stream |= without_stream;
            let asked = self.asked()?;
            match self.ask(&known, trying, &asked, request, preview, until) {
                Outcome::Answer(answer) => {
                    trying.form_taken = true;
                    self.remember(&known, trying);
                    return Ok((known, asked, answer));
                }
                Outcome::Fault(fault) => return Err(fault),
                Outcome::Form(_) if !habits.form_taken && !other_form => other_form = true,
                Outcome::Form(fault) => return Err(fault),
                Outcome::Busy { streamed: true } if Instant::now() >= patience => {
                    without_stream = true;
                    patience = patience.max(Instant::now() + STREAM_ENDS);
                }
                Outcome::Busy { .. } if Instant::now() < patience => {
                    std::thread::sleep(BETWEEN_TRIES);
                }
                Outcome::Busy { .. } => return Err(ScannerFault::Busy),
                Outcome::Gone { midway } if searched || midway => {
                    self.memory().known = None;
                    return Err(if midway {
                        ScannerFault::Unplugged
                    } else {
                        ScannerFault::NotConnected
                    });
                }
                Outcome::Gone { .. } => {
                    searched = true;
                    known = self.locate(Some(known.port), until)?;
                    habits = self.habits(&known);
                    (other_form, without_stream) = (false, false);
                }
            }
            if (until.stopped)() {
                return Err(ScannerFault::Cancelled);
            }
        }
    }

    fn asked(&self) -> Result<Asked, ScannerFault> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|_| ScannerFault::Failed)?;
        let mut transaction = String::with_capacity(32);
        for byte in random {
            transaction.push_str(&format!("{byte:02x}"));
        }
        Ok(Asked {
            transaction,
            previous: self.memory().link,
        })
    }

    /// One `RCAPTURE`, with the stream beside it.
    fn ask(
        &self,
        known: &Known,
        habits: Habits,
        asked: &Asked,
        request: &CaptureRequest,
        preview: &mut dyn FnMut(&Preview),
        until: Until<'_>,
    ) -> Outcome {
        let stop = AtomicBool::new(false);
        let frame = Mutex::new(None);
        let sub_id = fingers::sub_id(request.finger, &known.info.sub_ids);
        std::thread::scope(|scope| {
            // Both threads end when this value does, whatever way this function is left.
            let stop = StopAtEnd(&stop);
            let flag = stop.0;
            let (begun, streaming) = mpsc::sync_channel(1);
            let (frame, deadline) = (&frame, until.deadline);
            if !habits.no_stream {
                let left = deadline.saturating_duration_since(Instant::now());
                let body = message::stream(habits.form, &known.info.device_id, sub_id, left);
                let (port, ppi) = (known.port, self.config.stream_ppi);
                let watching = move || {
                    let stopped = || flag.load(Ordering::Acquire);
                    let until = Until {
                        deadline,
                        stopped: &stopped,
                    };
                    let each = |picture| {
                        *lock(frame) = Some(picture);
                        true
                    };
                    let _ = stream::watch(port, &body, ppi, until, &begun, each);
                };
                // With no thread for it there is no preview.
                let _ = thread("scanner preview").spawn_scoped(scope, watching);
            }
            let patience = Instant::now() + STREAM_BEGINS.min(left_of(until));
            let streamed = !habits.no_stream
                && loop {
                    match streaming.recv_timeout(LOOK) {
                        Ok(streams) => break streams,
                        Err(RecvTimeoutError::Disconnected) => break false,
                        Err(RecvTimeoutError::Timeout) => {}
                    }
                    if (until.stopped)() || Instant::now() >= patience {
                        break false;
                    }
                };
            if (until.stopped)() {
                return Outcome::Fault(ScannerFault::Cancelled);
            }
            let left = left_of(until);
            let timeout = left - (left / 5).min(Duration::from_secs(1));
            let previous_hash = verify::hex(&asked.previous);
            let body = message::capture(
                habits.form,
                &Capture {
                    environment: &self.config.environment,
                    timeout,
                    at: self.clock.now(),
                    transaction: &asked.transaction,
                    finger: request.finger,
                    slap: known.info.digital_id.is_slap(),
                    requested_score: request.enough.clamp(1, 100),
                    device_id: &known.info.device_id,
                    sub_id,
                    previous_hash: &previous_hash,
                },
            );
            let port = known.port;
            let (answered, answer) = mpsc::sync_channel(1);
            let begun = Instant::now();
            let asking = move || {
                let stopped = || flag.load(Ordering::Acquire);
                let until = Until {
                    deadline,
                    stopped: &stopped,
                };
                let whole = |body: &[u8]| message::read_answer(body).is_ok();
                let verb = ("RCAPTURE", "/capture");
                let _ = answered.send(http::ask(port, verb, &body, MAX_ANSWER, until, whole));
            };
            if thread("scanner capture")
                .spawn_scoped(scope, asking)
                .is_err()
            {
                return Outcome::Fault(ScannerFault::Failed);
            }
            let answer = loop {
                match answer.recv_timeout(LOOK) {
                    Ok(answer) => break answer,
                    Err(RecvTimeoutError::Disconnected) => break Err(HttpFault::Broken),
                    Err(RecvTimeoutError::Timeout) if (until.stopped)() => {
                        break Err(HttpFault::Stopped);
                    }
                    Err(RecvTimeoutError::Timeout) => {}
                }
                let picture = lock(frame).take();
                if let Some(picture) = picture {
                    let quality = assess(&picture);
                    preview(&Preview { picture, quality });
                }
            };
            if let Err(HttpFault::Stopped | HttpFault::TimedOut) = answer {
                self.memory().given_up = Some(begun + timeout);
            }
            self.outcome(known, answer, streamed, begun, until)
        })
    }

    fn outcome(
        &self,
        known: &Known,
        answer: Result<(u16, Zeroizing<Vec<u8>>), HttpFault>,
        streamed: bool,
        begun: Instant,
        until: Until<'_>,
    ) -> Outcome {
        let at_once = begun.elapsed() < REFUSED_AT_ONCE;
        let (status, body) = match answer {
            Ok(answer) => answer,
            Err(HttpFault::Refused) => return Outcome::Gone { midway: false },
            Err(HttpFault::Broken) => {
                // Cut by the service, or by its end?
                let until = Until {
                    deadline: Instant::now() + Duration::from_secs(1),
                    ..until
                };
                return match discovery::still_there(known, until) {
                    Ok(()) if at_once => Outcome::Form(ScannerFault::Failed),
                    Ok(()) => Outcome::Fault(ScannerFault::Failed),
                    Err(ScannerFault::NotConnected) => Outcome::Gone { midway: true },
                    Err(fault) => Outcome::Fault(fault),
                };
            }
            Err(fault) => return Outcome::Fault(fault::of_http(fault)),
        };
        let Ok(mut answers) = message::read_answer(&body) else {
            return Outcome::Form(ScannerFault::Failed);
        };
        let error = answers.iter().find_map(|answer| answer.error);
        if let Some(code) = error {
            tracing::info!(code, status, "the scanner answers with an error");
            return match fault::meaning(code) {
                // It was there a moment ago: it streamed, or the capture ran for a while.
                Meaning::Gone => Outcome::Gone {
                    midway: streamed || !at_once,
                },
                Meaning::Form => Outcome::Form(ScannerFault::Unsupported),
                Meaning::Fault(ScannerFault::Busy) => Outcome::Busy { streamed },
                Meaning::Fault(ScannerFault::Failed) if status != 200 => {
                    Outcome::Form(ScannerFault::Failed)
                }
                Meaning::Fault(fault) => Outcome::Fault(fault),
            };
        }
        if status != 200 {
            return Outcome::Form(ScannerFault::Failed);
        }
        match (answers.pop(), answers.len()) {
            (Some(answer), 0) => Outcome::Answer(answer),
            (None, _) => Outcome::Fault(ScannerFault::Failed),
            // One finger was asked for; which of several would be it?
            (Some(_), _) => Outcome::Fault(ScannerFault::Untrusted),
        }
    }

    /// The print of an answer, if it may be trusted and can be read.
    fn print(
        &self,
        known: &Known,
        asked: &Asked,
        request: &CaptureRequest,
        answer: &Biometric,
    ) -> Result<GreyImage, ScannerFault> {
        let expected = Expected {
            transaction: &asked.transaction,
            finger: request.finger,
            purpose: message::PURPOSE,
            environment: &self.config.environment,
            spec_version: message::SPEC_VERSION,
            device: &known.info.digital_id,
            device_code: &known.info.device_code,
            previous: &asked.previous,
            now: self.clock.now(),
            window_ms: u64::try_from(self.config.clock_window.as_millis()).unwrap_or(u64::MAX),
        };
        let given = Answer {
            spec_version: &answer.spec_version,
            data: &answer.data,
            hash: &answer.hash,
        };
        let (answers, devices) = (&self.config.trust_roots, self.config.device_roots());
        let verified = verify::answer(&given, answers, devices, &expected).map_err(|error| {
            tracing::warn!(%error, "the scanner's answer is not taken");
            // It may be another scanner by now: the next capture looks who it is.
            self.memory().known = None;
            fault::of_verify(error)
        })?;
        let pictured = picture_of(&verified.record).map_err(|error| {
            tracing::warn!(%error, "the scanner's record is not taken");
            ScannerFault::Unsupported
        })?;
        if pictured.position != 0 && pictured.position != request.finger as u8 {
            return Err(ScannerFault::WrongFinger);
        }
        let mut memory = self.memory();
        memory.link = verified.link;
        memory.ppi = Some(pictured.picture.ppi());
        tracing::info!(
            claimed = verified.claimed_quality,
            "a print was taken by the scanner"
        );
        Ok(pictured.picture)
    }
}

/// What belongs to one request and is looked for in its answer.
struct Asked {
    transaction: String,
    previous: Link,
}

struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn thread(name: &str) -> std::thread::Builder {
    std::thread::Builder::new().name(name.into())
}

fn left_of(until: Until<'_>) -> Duration {
    until.deadline.saturating_duration_since(Instant::now())
}

impl Scanner for SbiScanner {
    /// Asks the service where it was found before, then every port of the range; while a capture is
    /// under way, the scanner is the one that takes it. The resolution is that of the last print, and 500 before the first: SBI tells it with a print alone.
    fn discover(&self) -> Result<ScannerDescription, ScannerFault> {
        let until = Until {
            deadline: Instant::now() + SEARCH,
            stopped: &|| false,
        };
        let before = self.memory().known.clone();
        let capturing = self.use_device().is_err();
        let known = match before {
            // A service that does one thing at a time would not answer before the capture has ended.
            Some(known) if capturing => known,
            Some(known) if discovery::still_there(&known, until).is_ok() => known,
            Some(known) => self.locate(Some(known.port), until)?,
            None => self.locate(None, until)?,
        };
        let id = &known.info.digital_id;
        Ok(ScannerDescription {
            model: format!("{} {}", id.make, id.model),
            serial: id.serial.clone(),
            ppi: self.memory().ppi.unwrap_or(500),
        })
    }

    /// The first picture of `STREAM`, which shows the glass as it is. A capture cannot stand in for
    /// it: that waits for a finger. A scanner that does not stream is [`ScannerFault::NoPicture`]
    /// here, though its captures may be good.
    fn test_frame(&self) -> Result<GreyImage, ScannerFault> {
        let _alone = self.use_device()?;
        let until = Until {
            deadline: Instant::now() + TEST_FRAME,
            stopped: &|| false,
        };
        let mut known = self.known(until)?;
        let mut searched = false;
        let mut form = self.habits(&known).form;
        loop {
            // Of a scanner for slaps the sensor of the right hand: one is enough to see light.
            let sub_id = fingers::sub_id(Finger::RightIndex, &known.info.sub_ids);
            let body = message::stream(form, &known.info.device_id, sub_id, left_of(until));
            let (begun, _streaming) = mpsc::sync_channel(1);
            let mut first = None;
            let watched = stream::watch(
                known.port,
                &body,
                self.config.stream_ppi,
                until,
                &begun,
                |picture| {
                    first = Some(picture);
                    false
                },
            );
            match (first, watched) {
                (Some(picture), _) => return Ok(picture),
                (None, Err(ScannerFault::NotConnected)) if !searched => {
                    searched = true;
                    known = self.locate(Some(known.port), until)?;
                }
                (None, Err(ScannerFault::NoPicture)) if form == Form::Numbers => {
                    form = form.other();
                }
                (None, Err(ScannerFault::Busy))
                    if self.memory().given_up.is_some_and(|at| Instant::now() < at)
                        && left_of(until) > BETWEEN_TRIES =>
                {
                    std::thread::sleep(BETWEEN_TRIES);
                }
                (None, Err(fault)) => return Err(fault),
                (None, Ok(())) => return Err(ScannerFault::NoPicture),
            }
        }
    }

    /// One `RCAPTURE`, which the device ends by itself with the best print it sees; the stream beside
    /// it, where there is one, is the preview. Cancelling drops the connections at once; a device
    /// that goes on by itself until its own time-out is waited for by the next capture.
    fn capture(
        &self,
        request: &CaptureRequest,
        preview: &mut dyn FnMut(&Preview),
        cancel: &Cancel,
    ) -> Result<Captured, ScannerFault> {
        let _alone = self.use_device()?;
        let stopped = || cancel.is_cancelled();
        let until = Until {
            deadline: Instant::now() + request.timeout,
            stopped: &stopped,
        };
        if stopped() {
            return Err(ScannerFault::Cancelled);
        }
        let (known, asked, answer) = self.answered(request, preview, until)?;
        let picture = self.print(&known, &asked, request, &answer)?;
        if stopped() {
            return Err(ScannerFault::Cancelled);
        }
        let quality = assess(&picture);
        Preview { picture, quality }.taken(request.finger)
    }
}
