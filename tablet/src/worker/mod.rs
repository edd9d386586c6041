//! The worker: one loop that owns the state, takes commands, and tells the screen.
//!
//! Everything durable goes to the vault before the state changes; everything shown is
//! [`crate::pages::view`] of the state. The loop waits on commands, on the link, on its own
//! long-running parts (log-in, capture) and on one timer; nothing is polled.

mod bodycam;
mod capture;
mod command;
mod command_names;
mod confirm;
mod custody;
mod desk;
mod desk_answer;
mod desk_figures;
mod desk_incident;
mod desk_means;
mod desk_photo;
mod desk_tablet;
mod document;
mod face;
mod help;
mod inbox;
mod incident;
mod judging;
mod law;
mod lock;
mod photo;
mod procedure;
mod readiness;
mod receipt;
mod record;
mod say;
mod session;
mod sound;
mod stream;
mod turn;
mod zone;

pub use command::{
    BodycamCommand, Command, CustodyCommand, DeskAnswerCommand, DeskFiguresCommand,
    DeskIncidentCommand, DeskMeansCommand, DeskPhotoCommand, DeskTabletCommand, FaceCommand,
    HelpCommand, IncidentCommand, LawCommand, PhotoCommand, SayCommand, TrainingCommand, Update,
};
pub use lock::LockPolicy;
pub use stream::Frame;

use crate::device::{
    Camera, Cancel, Captured, Clock, KeyStore, Power, Preview, Scanner, ScannerFault, Speaker,
    SuspendWatch, Voice, VoiceFault, system_suspend_watch,
};
use crate::link::{Connection as LinkConnection, Link, LinkEvent};
use crate::pages::{
    self, CaptureState, Connection, Notice, PageView, Queue, Screen, Stamp, State, Stuck,
};
use crate::vault::{
    LockedSession, OpenSession, QueueStatus, StuckReason, UnlockError, Vault, VaultError,
};
use biometrics::face::Thresholds;
use regulation::{Edition, Timestamp};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

/// What the composition root hands to the worker.
pub struct Parts {
    pub vault: Vault,
    /// The vault was damaged, is kept aside, and a new one was begun.
    pub quarantined: bool,
    pub keystore: Arc<dyn KeyStore>,
    pub scanner: Arc<dyn Scanner>,
    /// By which a desk is called.
    pub speaker: Arc<dyn Speaker>,
    /// By which words are read to a person.
    pub voice: Arc<dyn Voice>,
    pub camera: Arc<dyn Camera>,
    pub power: Arc<dyn Power>,
    pub clock: Arc<dyn Clock>,
    pub edition: Arc<Edition>,
    /// What a picture of a face must be like to take itself.
    pub face: Thresholds,
    pub lock: LockPolicy,
    /// How the operating system keeps this program's memory off its disks.
    pub protected: Protection,
}

/// What was got of the operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protection {
    /// No core file, and no other program of this user reads this one's memory.
    pub no_dumps: bool,
    /// Memory is locked, or there is no swap to page it out to.
    pub no_swap: bool,
}

impl Protection {
    /// All of it.
    pub const WHOLE: Self = Self {
        no_dumps: true,
        no_swap: true,
    };

    #[must_use]
    pub fn is_whole(self) -> bool {
        self == Self::WHOLE
    }
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Parts(..)")
    }
}

/// Why the worker did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("no thread or runtime: {0}")]
    Io(#[from] std::io::Error),
}

/// What the worker's own long-running parts tell it.
enum Inner {
    LoginDone(session::LoginOutcome),
    PinChosen(Result<LockedSession, VaultError>),
    Unlocked {
        locked: LockedSession,
        result: Result<Arc<OpenSession>, UnlockError>,
    },
    Incident {
        id: regulation::IncidentId,
        result: Result<Box<protocol::IncidentView>, crate::link::LinkError>,
    },
    LateAnswer {
        hold: u64,
        result: Result<Box<protocol::LateAnswer>, crate::link::LinkError>,
    },
    DeskPhoto {
        number: u64,
        result: Result<crate::device::Picture, pages::DeskPhotoProblem>,
    },
    Figures {
        period: pages::Period,
        result: Result<Box<protocol::UnitReport>, crate::link::LinkError>,
    },
    TabletOrdered {
        request: protocol::TabletRequest,
        result: Result<protocol::TabletOrdered, crate::link::LinkError>,
    },
    Preview {
        capture: u64,
        preview: Box<Preview>,
    },
    Captured {
        capture: u64,
        result: Result<Captured, ScannerFault>,
    },
    Checked {
        run: u64,
        found: readiness::Found,
    },
    Help {
        run: u64,
        found: help::Found,
    },
    Confirmed {
        number: u64,
        outcome: confirm::Outcome,
    },
    Photo {
        number: u64,
        seen: stream::Seen<photo::Said>,
    },
    Face {
        number: u64,
        seen: stream::Seen<face::Said>,
    },
    ReadAloud {
        number: u64,
        result: Result<(), VoiceFault>,
    },
}

/// Battery and queue age are looked at this often while nothing happens.
const IDLE_TICK: Duration = Duration::from_secs(30);
/// The waiting time on the pending page counts seconds.
const PENDING_TICK: Duration = Duration::from_secs(1);

/// The loop's owner. See [`Worker::spawn`].
pub struct Worker {
    parts: Parts,
    state: State,
    session: Option<Arc<OpenSession>>,
    /// A shift was readable in this process, which holds no other.
    held: bool,
    link: Option<Link>,
    link_events: UnboundedSender<LinkEvent>,
    inner: UnboundedSender<Inner>,
    updates: UnboundedSender<Update>,
    shown: Option<PageView>,
    /// Counts captures, so that what comes from an earlier one is dropped.
    capture: u64,
    scanner_turn: turn::Turn,
    cancel: Option<Cancel>,
    /// A print of low quality, kept in memory until the officer decides.
    weak: Option<Captured>,
    /// What [`Command::ConfirmDocument`] will record.
    checked: Option<document::Checked>,
    /// Percent, as last read, and the uptime from which it is read again.
    battery: Option<u8>,
    battery_due: Option<Duration>,
    /// Uptime from which the session's lease is looked at again.
    lease_due: Duration,
    /// Events have come further since the page last said how far; and when it says so next.
    deliveries_due: bool,
    deliveries_next: Instant,
    /// The session has ended at central, or by its lease; it ends here when the open encounter is
    /// closed.
    session_gone: bool,
    /// Messages whose arrival could not be recorded yet (a full disk).
    unrecorded: Vec<protocol::MessageBody>,
    lock: lock::Lock,
    /// Uptime from which an alarm that nobody has looked at sounds again.
    alarm_again: Option<Duration>,
    checks: readiness::Checks,
    /// Counts confirmations, so that what comes from an earlier one is dropped.
    confirming: u64,
    cameras: stream::Cameras,
    photo: photo::Photo,
    face: face::FaceCamera,
    reading: say::Reading,
    /// Counts photos that central was asked for, so that what comes for an earlier one is dropped.
    asked_photo: u64,
    help: help::Help,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Worker(..)")
    }
}

impl Worker {
    /// Runs the worker on a thread of its own until [`Command::Shutdown`], or until the commands'
    /// sender is gone.
    ///
    /// # Errors
    /// The operating system gives no thread or runtime.
    pub fn spawn(
        parts: Parts,
        commands: UnboundedReceiver<(Stamp, Command)>,
        updates: UnboundedSender<Update>,
    ) -> Result<std::thread::JoinHandle<()>, StartError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let thread = std::thread::Builder::new().name("worker".into());
        Ok(thread.spawn(move || {
            runtime.block_on(Self::run(parts, commands, updates));
            runtime.shutdown_timeout(Duration::from_millis(200));
        })?)
    }

    async fn run(
        parts: Parts,
        mut commands: UnboundedReceiver<(Stamp, Command)>,
        updates: UnboundedSender<Update>,
    ) {
        let (inner, mut inner_rx) = tokio::sync::mpsc::unbounded_channel();
        let (link_events, mut link_rx) = tokio::sync::mpsc::unbounded_channel();
        let mut state = State::new(parts.edition.clone(), parts.clock.now());
        state.unprotected = !parts.protected.is_whole();
        if parts.quarantined {
            state.notice = Some(Notice::VaultQuarantined);
        }
        let mut worker = Self {
            parts,
            state,
            session: None,
            held: false,
            link: None,
            link_events,
            inner,
            updates,
            shown: None,
            capture: 0,
            scanner_turn: turn::Turn::default(),
            cancel: None,
            weak: None,
            checked: None,
            battery: None,
            battery_due: None,
            lease_due: Duration::ZERO,
            deliveries_due: false,
            deliveries_next: Instant::now(),
            session_gone: false,
            unrecorded: Vec::new(),
            lock: lock::Lock::default(),
            alarm_again: None,
            checks: readiness::Checks::default(),
            confirming: 0,
            cameras: stream::Cameras::default(),
            photo: photo::Photo::default(),
            face: face::FaceCamera::default(),
            reading: say::Reading::default(),
            asked_photo: 0,
            help: help::Help::default(),
        };
        worker.read_settings();
        let mut suspend: Box<dyn SuspendWatch> = system_suspend_watch();
        worker.start_link();
        worker.look_at_shift();
        worker.show();
        loop {
            let tick = match worker.state.screen {
                Screen::Pending => PENDING_TICK,
                _ => IDLE_TICK,
            };
            let tick = worker.until_idle().map_or(tick, |left| tick.min(left));
            let tick = worker
                .until_deliveries()
                .map_or(tick, |left| tick.min(left));
            let tick = worker.until_go_on().map_or(tick, |left| tick.min(left));
            let tick = worker.until_call().map_or(tick, |left| tick.min(left));
            tokio::select! {
                command = commands.recv() => match command {
                    None | Some((_, Command::Shutdown)) => break,
                    Some((stamp, command)) => {
                        worker.look_at_lock();
                        worker.command(stamp, command);
                    }
                },
                Some(event) = link_rx.recv() => worker.link_event(event),
                Some(event) = inner_rx.recv() => worker.inner_event(event),
                suspension = suspend.next() => worker.suspension(suspension),
                () = tokio::time::sleep(tick) => {}
            }
            worker.look_at_lock();
            worker.look_at_lease();
            worker.look_at_photo();
            worker.look_at_face();
            worker.look_at_help();
            worker.look_at_law();
            worker.look_at_say();
            worker.look_at_readiness();
            worker.look_at_calls();
            // Once for all that the link has told meanwhile.
            if worker.until_deliveries() == Some(Duration::ZERO) && link_rx.is_empty() {
                worker.look_at_deliveries();
            }
            worker.show();
        }
        worker.hush();
        worker.stop_capture();
        worker.close_camera();
        worker.close_face_camera();
        if let Some(link) = &worker.link {
            link.stop();
        }
    }

    fn until_deliveries(&self) -> Option<Duration> {
        let left = || {
            self.deliveries_next
                .saturating_duration_since(Instant::now())
        };
        self.deliveries_due.then(left)
    }

    fn start_link(&mut self) {
        let identity = match self.parts.vault.identity() {
            Ok(Some(identity)) => identity,
            Ok(None) => return,
            Err(_) => {
                self.state.notice = Some(Notice::StorageFault);
                return;
            }
        };
        self.state.enrolled = true;
        self.state.lost = self.parts.vault.wiping().is_some();
        let started = Link::start(
            self.parts.vault.clone(),
            identity,
            self.parts.keystore.clone(),
            self.link_events.clone(),
        );
        match started {
            Ok(link) => self.link = Some(link),
            Err(error) => {
                tracing::error!(%error, "the link did not start");
                self.state.connection = Connection::Refused;
            }
        }
    }

    /// Reads the battery once an idle tick at most: its driver does I/O, and pages are shown as often
    /// as a capture gives frames.
    fn look_at_battery(&mut self) {
        let uptime = self.uptime();
        if self.battery_due.is_none_or(|due| uptime >= due) {
            self.battery_due = Some(uptime + IDLE_TICK);
            self.battery = self.parts.power.battery().map(|b| b.percent);
        }
        self.state.battery = self.battery;
    }

    /// Sends the page if it differs from the one that is shown.
    fn show(&mut self) {
        self.state.now = self.parts.clock.now();
        self.forget_what_was_typed_elsewhere();
        self.look_at_battery();
        self.look_at_daylight();
        let view = pages::view(&self.state);
        if self.shown.as_ref() != Some(&view) {
            self.shown = Some(view.clone());
            // A closed screen needs no pages; the loop ends by its commands.
            let _ = self.updates.send(Update::Page(Box::new(view)));
        }
    }

    fn command(&mut self, stamp: Stamp, command: Command) {
        self.touched();
        self.heard();
        if matches!(command, Command::Lock) {
            // The lock is for every page.
            return self.lock_screen();
        }
        if stamp != self.state.stamp() {
            tracing::debug!(?command, "stale command dropped");
            return;
        }
        match command {
            Command::Touched => return,
            Command::Typed(fields) => return self.typed(fields),
            Command::Help(command) => return self.help(command),
            // A look aside: what was refused stays said. Nothing of a shift is in it.
            Command::Law(command) => return self.law(command),
            Command::Say(command) => return self.say(command),
            _ => {
                self.state.refusal = None;
                self.state.bodycam.refusal = None;
                self.state.incident.refusal = None;
                self.state.custody.refusal = None;
            }
        }
        match command {
            Command::SetLanguage(language) => {
                self.state.language = language;
                self.keep_settings();
            }
            Command::Login { login, password } => self.login(login, password),
            Command::ChoosePin(pin) => self.choose_pin(pin),
            Command::Unlock(pin) => self.unlock(pin),
            Command::UsePassword => self.ask_password(None),
            Command::EndShift => self.end_shift(),
            Command::Retry => {
                if let Some(link) = &self.link {
                    link.nudge();
                }
            }
            Command::DismissNotice => self.state.notice = None,
            Command::Shutdown => {}
            other if self.session.is_some() && self.state.screen != Screen::Pin => {
                self.procedure(other);
            }
            other => tracing::debug!(command = ?other, "no session: command dropped"),
        }
    }

    fn inner_event(&mut self, event: Inner) {
        match event {
            Inner::LoginDone(outcome) => self.login_done(outcome),
            Inner::PinChosen(result) => self.pin_chosen(result),
            Inner::Unlocked { locked, result } => self.unlocked(locked, result),
            Inner::Incident { id, result } => self.incident_told(id, result),
            Inner::LateAnswer { hold, result } => self.late_answer_told(hold, result),
            Inner::DeskPhoto { number, result } => self.photo_told(number, result),
            Inner::Figures { period, result } => self.figures_told(period, result),
            Inner::TabletOrdered { request, result } => self.tablet_ordered(request, result),
            Inner::Preview { capture, preview } if capture == self.capture => {
                if let CaptureState::Running { quality } = &mut self.state.capture {
                    *quality = Some(preview.quality);
                    let stamp = self.state.stamp();
                    let _ = self.updates.send(Update::Preview {
                        stamp,
                        picture: preview.picture,
                    });
                }
            }
            Inner::Captured { capture, result } if capture == self.capture => {
                self.captured(result);
            }
            Inner::Checked { run, found } => self.checked(run, found),
            Inner::Help { run, found } => self.help_found(run, found),
            Inner::Confirmed { number, outcome } => self.confirmed(number, outcome),
            Inner::Photo { number, seen } => self.camera_says(number, seen),
            Inner::Face { number, seen } => self.face_seen(number, seen),
            Inner::ReadAloud { number, result } => self.read_aloud(number, result),
            Inner::Preview { .. } | Inner::Captured { .. } => {}
        }
    }

    fn link_event(&mut self, event: LinkEvent) {
        match event {
            LinkEvent::Connection(connection) => {
                self.state.connection = match connection {
                    LinkConnection::Connecting => Connection::Connecting,
                    LinkConnection::Online => Connection::Online,
                    LinkConnection::NoNetwork => Connection::NoNetwork,
                    LinkConnection::CentralDown => Connection::CentralDown,
                    LinkConnection::Refused(_) => Connection::Refused,
                };
                if self.state.connection == Connection::Online {
                    self.ask_again_for_photo();
                    self.ask_again_for_figures();
                }
            }
            LinkEvent::Queue(status) => {
                self.state.queue = self.queue_of(&status);
                self.deliveries_due = true;
                self.record_unrecorded();
                self.look_at_sent_decisions();
            }
            LinkEvent::Message(message) => self.message(message, true),
            LinkEvent::Desk(board) => self.board(*board),
            LinkEvent::SessionGone(id) => {
                if self.session.as_ref().is_some_and(|s| s.id == id) {
                    self.session_has_gone();
                }
            }
            LinkEvent::Lost => self.tablet_lost(),
            LinkEvent::Found => {
                self.state.lost = false;
                self.look_at_shift();
            }
            LinkEvent::Wiped => self.tablet_wiped(),
            LinkEvent::VaultFault(code) => {
                tracing::error!(%code, "the vault cannot be used by the link");
                self.state.notice = Some(Notice::StorageFault);
            }
        }
    }

    /// The queue as it is now: what was just recorded waits, until the link says otherwise.
    fn look_at_queue(&mut self) {
        if let Ok(status) = self.parts.vault.queue() {
            self.state.queue = self.queue_of(&status);
        }
    }

    fn queue_of(&self, status: &QueueStatus) -> Queue {
        let mut stuck = std::collections::BTreeMap::new();
        for (why, count) in status.stuck.iter().chain(&status.captures.stuck) {
            let why = match why {
                StuckReason::RefusedForGood(_) => Stuck::RefusedForGood,
                StuckReason::CredentialsDead => Stuck::CredentialsDead,
                StuckReason::TooLarge => Stuck::TooLarge,
            };
            *stuck.entry(why).or_default() += count;
        }
        let now = self.parts.clock.now();
        let age = |at: Timestamp| now.millis_since(at) / 1000;
        Queue {
            waiting: status.waiting,
            sent: status.sent_total,
            stuck: stuck.into_iter().collect(),
            oldest_s: status.oldest_waiting_at.map(age),
            oldest_stuck_s: status.oldest_stuck_at.map(age),
            captures: status.captures.waiting,
            capture_bytes: status.captures.bytes,
        }
    }
}
