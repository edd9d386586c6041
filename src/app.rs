//! The composition root: the window, its adapters, and the channel to the worker.

mod arguments;
mod codes;
mod errands;
pub mod handover;
pub mod harden;
mod start;
pub mod support;

pub use crate::ui::AppWindow;
pub use slint::{EventLoopError, PlatformError};
pub use start::{Ended, StartError, main, run, start_worker};

use crate::ui;
use slint::ComponentHandle;
use std::cell::{Cell, RefCell};
use std::mem::discriminant;
use std::rc::Rc;
use tablet::pages::{Page, PageView, Stamp};
use tablet::worker::{Command, Update};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

/// Sends commands, each with the stamp of the page that is shown.
#[derive(Clone, Debug)]
pub struct Sender {
    commands: UnboundedSender<(Stamp, Command)>,
    stamp: Rc<Cell<Stamp>>,
}

impl Sender {
    /// A worker that is gone takes no commands; the window is then about to close.
    pub(crate) fn send(&self, command: Command) {
        if self.commands.send((self.stamp.get(), command)).is_err() {
            tracing::debug!("no worker takes commands");
        }
    }
}

/// What differs from one start to the next.
#[derive(Clone, Debug, Default)]
pub struct AppOptions {
    /// Begin in the colours of the night.
    pub night: bool,
    /// Demo only: what to log in with, shown on the log-in page.
    pub demo_credentials: Option<(String, String)>,
}

/// The window with its adapters. Cheap to clone; lives on the thread of the event loop.
pub struct App {
    window: AppWindow,
    sender: Sender,
    shown: Rc<RefCell<Option<Box<PageView>>>>,
    guard: Rc<ui::Guard>,
    handed_over: Rc<Cell<bool>>,
    ends_with_shift: Rc<Cell<bool>>,
}

impl Clone for App {
    fn clone(&self) -> Self {
        Self {
            window: self.window.clone_strong(),
            sender: self.sender.clone(),
            shown: self.shown.clone(),
            guard: self.guard.clone(),
            handed_over: self.handed_over.clone(),
            ends_with_shift: self.ends_with_shift.clone(),
        }
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("App(..)")
    }
}

impl App {
    /// Makes the window and wires it to `commands`.
    ///
    /// # Errors
    /// There is no display to open a window on.
    pub fn new(
        commands: UnboundedSender<(Stamp, Command)>,
        options: AppOptions,
    ) -> Result<Self, PlatformError> {
        let window = AppWindow::new()?;
        let sender = Sender {
            commands,
            stamp: Rc::new(Cell::new(Stamp::default())),
        };
        ui::connect(&window, &sender);
        window.global::<ui::Theme>().set_night(options.night);
        if let Some((login, password)) = options.demo_credentials {
            let adapter = window.global::<ui::LoginAdapter>();
            adapter.set_demo_login(login.into());
            adapter.set_demo_password(password.into());
        }
        Ok(Self {
            window,
            sender,
            shown: Rc::default(),
            guard: Rc::default(),
            handed_over: Rc::default(),
            ends_with_shift: Rc::default(),
        })
    }

    /// The component, for tests, snapshots and an end-to-end driver.
    #[must_use]
    pub fn component(&self) -> &AppWindow {
        &self.window
    }

    #[must_use]
    pub fn window(&self) -> &slint::Window {
        self.window.window()
    }

    /// Switches between the colours of day and night.
    pub fn set_night(&self, night: bool) {
        self.window.global::<ui::Theme>().set_night(night);
    }

    /// How much larger than usual text is: 1 to 2, others are taken as the nearer of the two.
    pub fn set_text_scale(&self, scale: f32) {
        let scale = if scale.is_finite() {
            scale.clamp(1.0, 2.0)
        } else {
            1.0
        };
        self.window.global::<ui::Theme>().set_text_scale(scale);
    }

    /// Shows what the worker tells. On the thread of the event loop only.
    pub fn apply(&self, update: Update) {
        match update {
            Update::Page(view) => {
                let mut shown = self.shown.borrow_mut();
                let language = view.chrome.language;
                if shown
                    .as_ref()
                    .is_none_or(|last| last.chrome.language != language)
                    && slint::select_bundled_translation(ui::catalogue(language)).is_err()
                {
                    tracing::error!("a catalogue is missing");
                }
                self.sender.stamp.set(view.stamp);
                ui::map(&self.window, &view, shown.as_deref());
                // Where the button that was tapped means something else now.
                if shown.as_ref().is_some_and(|last| {
                    discriminant(&last.page) != discriminant(&view.page)
                        || last.photo.map(|p| p.stage) != view.photo.map(|p| p.stage)
                        || photo_at_desk(last) != photo_at_desk(&view)
                }) {
                    self.guard.page_changed(&self.window);
                }
                *shown = Some(view);
            }
            Update::HandOver => {
                self.handed_over.set(true);
                if self.ends_with_shift.get()
                    && let Err(error) = slint::quit_event_loop()
                {
                    tracing::error!(%error, "the event loop does not end");
                }
            }
            Update::Preview { stamp, picture } => {
                let shown = self.shown.borrow();
                let current = shown.as_ref().is_some_and(|view| {
                    view.stamp == stamp && matches!(view.page, Page::Finger(_))
                });
                if current {
                    ui::preview(&self.window, &picture);
                }
            }
            Update::Frame { stamp, frame } => {
                let shown = self.shown.borrow();
                let current = shown
                    .as_ref()
                    .is_some_and(|view| view.stamp == stamp && view.shows_picture());
                if current {
                    ui::frame(&self.window, &frame.picture);
                }
            }
        }
    }

    /// Awaits updates on the event loop and applies them. Of what has piled up only the newest page
    /// and the newest frame are shown.
    ///
    /// # Errors
    /// The event loop does not run tasks.
    pub fn spawn_updates(
        &self,
        mut updates: UnboundedReceiver<Update>,
    ) -> Result<(), EventLoopError> {
        let app = self.clone();
        slint::spawn_local(async move {
            while let Some(update) = updates.recv().await {
                let (mut page, mut preview, mut frame, mut hand_over) = (None, None, None, None);
                let mut next = Some(update);
                while let Some(update) = next {
                    match update {
                        Update::Page(_) => page = Some(update),
                        Update::Preview { .. } => preview = Some(update),
                        Update::Frame { .. } => frame = Some(update),
                        Update::HandOver => hand_over = Some(update),
                    }
                    next = updates.try_recv().ok();
                }
                for update in [page, preview, frame, hand_over].into_iter().flatten() {
                    app.apply(update);
                }
            }
        })?;
        Ok(())
    }

    /// A shift ended, and the process is to be replaced: memory holds what was let go of.
    #[must_use]
    pub fn handed_over(&self) -> bool {
        self.handed_over.get()
    }

    /// From now on the event loop ends when a shift does, for whoever replaces the process then.
    pub fn end_with_shift(&self) {
        self.ends_with_shift.set(true);
    }

    /// Shows the window until it is closed, or until a shift ends, then tells the worker to stop.
    ///
    /// # Errors
    /// The display fails.
    pub fn run(&self) -> Result<(), PlatformError> {
        let result = self.window.run();
        self.sender.send(Command::Shutdown);
        result
    }
}

/// Which photo a desk looks at: its buttons mean something else on the last one.
fn photo_at_desk(view: &PageView) -> Option<usize> {
    match &view.page {
        Page::DeskPhoto(page) => Some(page.number),
        _ => None,
    }
}
