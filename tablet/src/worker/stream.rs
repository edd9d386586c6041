//! The cameras for the pages that use them: one opening after another, each on a thread of its own, and
//! what it says on its way to the worker.

use super::Inner;
use super::turn::Turn;
use crate::device::{Camera, CameraFault, Cancel, Facing, Picture};
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;
use zeroize::Zeroizing;

/// A camera that has given no frame by then gives none.
const PATIENCE: Duration = Duration::from_secs(5);
/// Threads of the camera, one that a driver holds up and one that waits for it.
const THREADS: usize = 2;
/// So many unreadable frames in a row, and the camera is broken.
const BROKEN_FRAMES: u32 = 5;
/// Longer side of a frame on the screen, pixels.
const SHOWN_SIDE: u32 = 640;

/// A frame on its way to the screen. While one is, no other is sent: a slow screen gets fewer.
pub struct Frame {
    pub picture: Picture,
    under_way: Arc<AtomicBool>,
}

impl Frame {
    /// A picture that holds up no other.
    #[must_use]
    pub fn of(picture: Picture) -> Self {
        Self {
            picture,
            under_way: Arc::default(),
        }
    }
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.picture.fmt(f)
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        self.under_way.store(false, Ordering::Release);
    }
}

/// A picture that was taken, in memory alone.
pub(super) struct Shot {
    pub(super) jpeg: Zeroizing<Vec<u8>>,
    pub(super) shown: Picture,
}

/// What an opened camera says; `T`, of what its page is for.
pub(super) enum Seen<T> {
    Opened {
        facing: Facing,
        other: bool,
    },
    Frame(Arc<Frame>),
    Taken(Shot),
    Said(T),
    Fault(CameraFault),
    /// Since this waiting began, so long, nobody has said anything.
    Silence(u64),
}

/// What a page is told beside the frames.
pub(super) trait Told: Send + Sized + 'static {
    fn told(number: u64, seen: Seen<Self>) -> Inner;
}

/// Tells the worker, from whichever thread.
pub(super) struct Say<T> {
    number: u64,
    _of: PhantomData<fn(T)>,
    inner: UnboundedSender<Inner>,
}

impl<T> Clone for Say<T> {
    fn clone(&self) -> Self {
        Self {
            number: self.number,
            _of: PhantomData,
            inner: self.inner.clone(),
        }
    }
}

impl<T: Told> Say<T> {
    pub(super) fn seen(&self, seen: Seen<T>) {
        // The worker ends before its threads only at shutdown.
        let _ = self.inner.send(T::told(self.number, seen));
    }
}

/// Who has the cameras, whatever their driver does: one at a time, and one more waits.
#[derive(Default)]
pub(super) struct Cameras {
    pub(super) turn: Turn,
    threads: Arc<AtomicUsize>,
}

/// A thread of the camera while it lives.
struct Thread(Arc<AtomicUsize>);

impl Thread {
    /// `None`: there are as many as there may be.
    fn count(threads: &Arc<AtomicUsize>) -> Option<Self> {
        let thread = Self(threads.clone());
        (threads.fetch_add(1, Ordering::SeqCst) < THREADS).then_some(thread)
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The openings of one page: what an earlier one still says belongs to nobody.
pub(super) struct Lens<T> {
    /// Counts openings.
    number: u64,
    /// Counts waitings, so that an earlier one ends nothing.
    waits: u64,
    running: Option<Running<T>>,
}

struct Running<T> {
    cancel: Cancel,
    shutter: Arc<AtomicBool>,
    say: Say<T>,
}

impl<T> Default for Lens<T> {
    fn default() -> Self {
        Self {
            number: 0,
            waits: 0,
            running: None,
        }
    }
}

impl<T: Told> Lens<T> {
    /// Whether what comes with this number is of the opening of now.
    pub(super) fn is_open_as(&self, number: u64) -> bool {
        number == self.number
    }

    pub(super) fn close(&mut self) {
        if let Some(running) = self.running.take() {
            running.cancel.cancel();
        }
        self.number += 1;
    }

    /// Closes it, and opens a camera as soon as nobody else has one: `work` gets it on a thread of its own,
    /// and what ends it is said.
    ///
    /// # Errors
    /// [`CameraFault::Busy`]: there are as many threads as there may be.
    pub(super) fn open(
        &mut self,
        cameras: &Cameras,
        inner: &UnboundedSender<Inner>,
        camera: Arc<dyn Camera>,
        facing: Option<Facing>,
        work: impl FnOnce(&Stream<T>) -> Result<(), CameraFault> + Send + 'static,
    ) -> Result<(), CameraFault> {
        self.close();
        let thread = Thread::count(&cameras.threads).ok_or(CameraFault::Busy)?;
        let say = Say {
            number: self.number,
            _of: PhantomData,
            inner: inner.clone(),
        };
        let stream = Stream {
            camera,
            facing,
            cancel: Cancel::default(),
            shutter: Arc::default(),
            say: say.clone(),
        };
        let running = Running {
            cancel: stream.cancel.clone(),
            shutter: stream.shutter.clone(),
            say,
        };
        let turn = cameras.turn.clone();
        spawn("camera", move || {
            let held = turn.take(PATIENCE);
            let done = match held {
                Some(_) => work(&stream),
                None => Err(CameraFault::TimedOut),
            };
            // Whoever is told may open at once, and finds neither in the way.
            drop(thread);
            drop(held);
            if let Err(fault) = done {
                stream.say.seen(Seen::Fault(fault));
            }
        })?;
        self.running = Some(running);
        self.wait();
        Ok(())
    }

    /// Presses the shutter; `false`: no camera is open.
    pub(super) fn shoot(&mut self) -> bool {
        if let Some(running) = &self.running {
            running.shutter.store(true, Ordering::Release);
            self.wait();
        }
        self.running.is_some()
    }

    /// A driver that hangs tells nothing: somebody else does.
    fn wait(&mut self) {
        self.waits += 1;
        let Some(running) = &self.running else {
            return;
        };
        let (say, wait) = (running.say.clone(), self.waits);
        tokio::spawn(async move {
            tokio::time::sleep(PATIENCE).await;
            say.seen(Seen::Silence(wait));
        });
    }

    /// Whether nobody has waited anew since.
    pub(super) fn still_waits(&self, wait: u64) -> bool {
        wait == self.waits
    }
}

/// A camera whose turn it is.
pub(super) struct Stream<T> {
    camera: Arc<dyn Camera>,
    /// `None`: whichever comes first.
    facing: Option<Facing>,
    cancel: Cancel,
    /// The officer has pressed it.
    pub(super) shutter: Arc<AtomicBool>,
    pub(super) say: Say<T>,
}

impl<T: Told> Stream<T> {
    /// Until `each` says that a frame was enough, which is given back, or until nobody wants any more. Which
    /// camera it is, and frames for the screen, no faster than it draws them, are said. The camera is
    /// closed before this returns.
    ///
    /// # Errors
    /// The [`CameraFault`] that ended it.
    pub(super) fn run(
        &self,
        each: &mut dyn FnMut(&Arc<Picture>) -> ControlFlow<()>,
    ) -> Result<Option<Arc<Picture>>, CameraFault> {
        // The one before may have been waited for.
        if self.cancel.is_cancelled() {
            return Ok(None);
        }
        let cameras = self.camera.discover()?;
        let first = cameras.first().copied().ok_or(CameraFault::NotFitted)?;
        let facing = self.facing.filter(|facing| cameras.contains(facing));
        let facing = facing.unwrap_or(first);
        let mut stream = self.camera.open(facing)?;
        self.say.seen(Seen::Opened {
            facing,
            other: cameras.len() > 1,
        });
        let (mut broken, under_way) = (0, Arc::new(AtomicBool::new(false)));
        while !self.cancel.is_cancelled() {
            let picture = match stream.frame() {
                Ok(picture) => Arc::new(picture),
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
                let frame = Frame {
                    picture: picture.within(SHOWN_SIDE),
                    under_way: under_way.clone(),
                };
                self.say.seen(Seen::Frame(Arc::new(frame)));
            }
        }
        Ok(None)
    }
}

/// Looks at frames beside the camera, which waits for nobody: of frames that come while one is looked at
/// none is.
pub(super) struct Looker(SyncSender<Arc<Picture>>);

impl Looker {
    /// `look` gets them on a thread of its own, until the camera is closed.
    ///
    /// # Errors
    /// [`CameraFault::Busy`]: there is no thread for it.
    pub(super) fn start(
        look: impl FnOnce(Receiver<Arc<Picture>>) + Send + 'static,
    ) -> Result<Self, CameraFault> {
        let (frames, next) = sync_channel(0);
        spawn("frames", move || look(next))?;
        Ok(Self(frames))
    }

    /// The frame is looked at if nobody looks at another one; `Break`: nobody looks any more.
    pub(super) fn offer(&self, picture: &Arc<Picture>) -> ControlFlow<()> {
        match self.0.try_send(picture.clone()) {
            Ok(()) | Err(TrySendError::Full(_)) => ControlFlow::Continue(()),
            Err(TrySendError::Disconnected(_)) => ControlFlow::Break(()),
        }
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), CameraFault> {
    let thread = std::thread::Builder::new().name(name.into());
    match thread.spawn(work) {
        Ok(_) => Ok(()),
        Err(error) => {
            tracing::error!(%error, name, "no thread");
            Err(CameraFault::Busy)
        }
    }
}
