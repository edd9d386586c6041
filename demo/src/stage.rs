//! The real pages with no display: Slint's testing backend with the software renderer, clicked by
//! hit tests and read by element ids.

use e_patrul::app::{App, AppOptions};
use i_slint_backend_testing::{ElementHandle, TestingBackend, TestingBackendOptions};
use slint::platform::{PointerEventButton, WindowEvent};
use slint::{ComponentHandle, LogicalPosition, PlatformError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tablet::pages::{PageView, Stamp};
use tablet::worker::{Command, Parts, StartError, Update, Worker};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What went wrong on the stage; each names what was looked for.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    #[error("no screen: {0}")]
    Platform(#[from] PlatformError),
    #[error("no event loop: {0}")]
    EventLoop(#[from] slint::EventLoopError),
    #[error("no worker: {0}")]
    Worker(#[from] StartError),
    #[error("waited in vain for {what}; the screen shows {page}")]
    WaitedInVain { what: String, page: String },
    #[error("no element {0} can be seen")]
    NoElement(String),
    #[error("a picture cannot be written: {0}")]
    Picture(#[from] png::EncodingError),
    #[error("a file cannot be written: {0}")]
    File(#[from] std::io::Error),
    #[error("the worker has stopped")]
    Stopped,
}

/// The application with a screen in memory.
pub struct Stage {
    pub app: App,
    updates: UnboundedReceiver<Update>,
    commands: UnboundedSender<(Stamp, Command)>,
    worker: Option<std::thread::JoinHandle<()>>,
    runtime: tokio::runtime::Handle,
    pub page: Option<PageView>,
    /// When the last preview frame came.
    pub last_preview: Option<Instant>,
    /// When the last frame of the camera came.
    pub last_frame: Option<Instant>,
    pictures: PathBuf,
}

impl std::fmt::Debug for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stage(..)")
    }
}

/// One platform a thread; call once, before anything of Slint.
///
/// # Errors
/// A platform is set already.
pub fn set_headless_platform() -> Result<(), PlatformError> {
    let options = TestingBackendOptions {
        mock_time: true,
        threading: false,
        renderer_name: Some("software".into()),
    };
    slint::platform::set_platform(Box::new(TestingBackend::new(options)))
        .map_err(|error| PlatformError::Other(error.to_string()))
}

/// How long a person looks at a page at least.
const LOOK: Duration = Duration::from_millis(500);

/// How often a list is scrolled before what is looked for is not in it.
const SCROLLS: usize = 20;

/// Lets what waits for the next turn of the event loop happen.
fn settle() {
    i_slint_backend_testing::mock_elapsed_time(Duration::from_millis(50));
}

fn extent(element: &ElementHandle) -> (LogicalPosition, slint::LogicalSize) {
    (element.absolute_position(), element.size())
}

impl Stage {
    /// The application in front of a worker with `parts`; pictures go to `pictures`.
    ///
    /// # Errors
    /// No screen or no worker.
    pub fn new(
        parts: Parts,
        options: AppOptions,
        runtime: tokio::runtime::Handle,
        pictures: &Path,
    ) -> Result<Self, StageError> {
        Self::with_worker(options, runtime, pictures, |commands, updates| {
            Worker::spawn(parts, commands, updates)
        })
    }

    /// As [`Stage::new`], with a worker that `start` puts behind the screen's channels.
    ///
    /// # Errors
    /// No screen or no worker.
    pub fn with_worker(
        options: AppOptions,
        runtime: tokio::runtime::Handle,
        pictures: &Path,
        start: impl FnOnce(
            UnboundedReceiver<(Stamp, Command)>,
            UnboundedSender<Update>,
        ) -> Result<std::thread::JoinHandle<()>, StartError>,
    ) -> Result<Self, StageError> {
        let (commands, commands_rx) = unbounded_channel();
        let (updates_tx, updates) = unbounded_channel();
        let app = App::new(commands.clone(), options)?;
        app.window().set_size(slint::PhysicalSize::new(1280, 800));
        app.component().show()?;
        let worker = start(commands_rx, updates_tx)?;
        std::fs::create_dir_all(pictures)?;
        Ok(Self {
            app,
            updates,
            commands,
            worker: Some(worker),
            runtime,
            page: None,
            last_preview: None,
            last_frame: None,
            pictures: pictures.to_owned(),
        })
    }

    /// Shows updates until a page is on the screen for which `accept` holds.
    ///
    /// # Errors
    /// It did not come in time.
    pub fn wait(
        &mut self,
        what: &str,
        timeout: Duration,
        mut accept: impl FnMut(&PageView) -> bool,
    ) -> Result<PageView, StageError> {
        let until = Instant::now() + timeout;
        while let Ok(update) = self.updates.try_recv() {
            self.apply(update);
        }
        loop {
            if let Some(page) = &self.page
                && accept(page)
            {
                return Ok(page.clone());
            }
            let left = until.saturating_duration_since(Instant::now());
            let next = {
                let updates = &mut self.updates;
                self.runtime
                    .block_on(async { tokio::time::timeout(left, updates.recv()).await })
            };
            match next {
                Ok(Some(update)) => self.apply(update),
                Ok(None) => return Err(StageError::Stopped),
                Err(_) => {
                    let page = self.page.as_ref().map(|p| format!("{:?}", p.page));
                    return Err(StageError::WaitedInVain {
                        what: what.to_owned(),
                        page: page.unwrap_or_default(),
                    });
                }
            }
        }
    }

    /// Waits for one update, and shows it.
    ///
    /// # Errors
    /// None came in time.
    pub fn turn(&mut self, timeout: Duration) -> Result<(), StageError> {
        let updates = &mut self.updates;
        let next = self
            .runtime
            .block_on(async { tokio::time::timeout(timeout, updates.recv()).await });
        match next {
            Ok(Some(update)) => {
                self.apply(update);
                Ok(())
            }
            _ => Err(StageError::Stopped),
        }
    }

    /// Waits for an update, shows it and all that wait behind it, and draws: how long the screen's thread
    /// was busy with that. None: none came in time.
    ///
    /// # Errors
    /// The worker has stopped, or the renderer fails.
    pub fn frame(&mut self, timeout: Duration) -> Result<Option<Duration>, StageError> {
        let updates = &mut self.updates;
        let next = self
            .runtime
            .block_on(async { tokio::time::timeout(timeout, updates.recv()).await });
        let Ok(next) = next else {
            return Ok(None);
        };
        let began = Instant::now();
        self.apply(next.ok_or(StageError::Stopped)?);
        while let Ok(update) = self.updates.try_recv() {
            self.apply(update);
        }
        self.draw()?;
        Ok(Some(began.elapsed()))
    }

    fn apply(&mut self, update: Update) {
        match &update {
            Update::Page(page) => self.page = Some((**page).clone()),
            Update::Preview { .. } => self.last_preview = Some(Instant::now()),
            Update::Frame { .. } => self.last_frame = Some(Instant::now()),
            Update::HandOver => {}
        }
        let page = matches!(update, Update::Page(_));
        self.app.apply(update);
        settle();
        if page {
            // Nobody taps before they have seen the page.
            i_slint_backend_testing::mock_elapsed_time(LOOK);
        }
    }

    /// The elements with `id` ("Component::name") that can be seen.
    fn elements(&self, id: &str) -> Vec<ElementHandle> {
        ElementHandle::find_by_element_id(self.app.component(), id)
            .filter(|e| e.size().width > 1.0 && e.size().height > 1.0)
            .collect()
    }

    /// Scrolls the page, as a finger does, until the middle of `element` is between its head and its actions.
    fn bring_into_view(&self, id: &str, element: &ElementHandle) {
        let on =
            |view: &ElementHandle| view.query_descendants().match_id(id).find_first().is_some();
        let Some(view) = self.elements("PageFrame::view").into_iter().find(on) else {
            return;
        };
        let (around, size) = extent(&view);
        let (at, its) = extent(element);
        let below = at.y + its.height / 2.0 - around.y;
        if !(0.0..=size.height).contains(&below) {
            self.app
                .window()
                .dispatch_event(WindowEvent::PointerScrolled {
                    position: LogicalPosition::new(around.x + 4.0, around.y + size.height / 2.0),
                    delta_x: 0.0,
                    delta_y: size.height / 2.0 - below,
                });
            i_slint_backend_testing::mock_elapsed_time(LOOK);
        }
    }

    /// Taps the `nth` element with `id`, as a finger does: a hit test at its centre.
    ///
    /// # Errors
    /// There is no such element.
    pub fn tap(&self, id: &str, nth: usize) -> Result<(), StageError> {
        let element = self
            .elements(id)
            .into_iter()
            .nth(nth)
            .ok_or_else(|| StageError::NoElement(format!("{id} #{nth}")))?;
        self.bring_into_view(id, &element);
        element.mock_single_click(PointerEventButton::Left);
        settle();
        Ok(())
    }

    /// Taps the element `button` on that card of the list `list` whose label holds `of`, scrolled until it
    /// can be seen, as a finger would do it. What is out of sight is not there to be found.
    ///
    /// # Errors
    /// There is no such list, card or button.
    pub fn tap_in(&self, list: &str, card: &str, of: &str, button: &str) -> Result<(), StageError> {
        let missing = || StageError::NoElement(format!("{button} on a {card} in {list}"));
        let (around, size) = self
            .elements(list)
            .first()
            .map(extent)
            .ok_or_else(missing)?;
        let scroll = |delta_y| {
            self.app
                .window()
                .dispatch_event(WindowEvent::PointerScrolled {
                    position: LogicalPosition::new(
                        around.x + size.width / 2.0,
                        around.y + size.height / 2.0,
                    ),
                    delta_x: 0.0,
                    delta_y,
                });
            i_slint_backend_testing::mock_elapsed_time(LOOK);
        };
        // From the top of the list down.
        scroll(size.height * SCROLLS as f32);
        for _ in 0..SCROLLS {
            let found = self.elements(card).into_iter().find(|element| {
                let label = element.accessible_label();
                label.is_some_and(|label| label.contains(of))
            });
            let below = found.as_ref().map(extent).and_then(|(at, its)| {
                let (top, bottom) = (at.y, at.y + its.height);
                let on_card = |e: &ElementHandle| (top..bottom).contains(&e.absolute_position().y);
                let button = self.elements(button).into_iter().find(on_card)?;
                let end = button.absolute_position().y + button.size().height;
                Some((button, end - around.y - size.height))
            });
            match below {
                Some((button, below)) if below <= 0.0 => {
                    button.mock_single_click(PointerEventButton::Left);
                    settle();
                    return Ok(());
                }
                Some((_, below)) => scroll(-below),
                None => scroll(-size.height / 3.0),
            }
        }
        Err(missing())
    }

    /// Taps a field, types into it a key at a time, and puts the on-screen keyboard away.
    ///
    /// # Errors
    /// There is no such field.
    pub fn type_into(&self, id: &str, text: &str) -> Result<(), StageError> {
        self.tap(id, 0)?;
        self.keys(text);
        self.tap("KeyboardPanel::hide-key", 0)
    }

    /// Types a key at a time into what has the focus.
    pub fn keys(&self, text: &str) {
        let window = self.app.window();
        for character in text.chars() {
            let key = slint::SharedString::from(character.to_string());
            window.dispatch_event(WindowEvent::KeyPressed { text: key.clone() });
            window.dispatch_event(WindowEvent::KeyReleased { text: key });
        }
    }

    /// Taps the digits of a PIN on the pad, and the page's button.
    ///
    /// # Errors
    /// There is no pad.
    pub fn type_pin(&self, pin: &str) -> Result<(), StageError> {
        for digit in pin.chars() {
            match digit.to_digit(10) {
                Some(0) => self.tap("PinPad::zero", 0)?,
                Some(n) => self.tap("PinPad::key", n as usize - 1)?,
                None => return Err(StageError::NoElement(digit.into())),
            }
        }
        self.tap("FrameActions::primary-button", 0)
    }

    /// Rests a finger on the element with `id`; [`Stage::release`] lifts it.
    ///
    /// # Errors
    /// There is no such element.
    pub fn press(&self, id: &str) -> Result<LogicalPosition, StageError> {
        let element = self
            .elements(id)
            .into_iter()
            .next()
            .ok_or_else(|| StageError::NoElement(id.into()))?;
        let (at, size) = (element.absolute_position(), element.size());
        let position = LogicalPosition::new(at.x + size.width / 2.0, at.y + size.height / 2.0);
        let window = self.app.window();
        window.dispatch_event(WindowEvent::PointerMoved { position });
        window.dispatch_event(WindowEvent::PointerPressed {
            position,
            button: PointerEventButton::Left,
        });
        Ok(position)
    }

    pub fn release(&self, position: LogicalPosition) {
        self.app
            .window()
            .dispatch_event(WindowEvent::PointerReleased {
                position,
                button: PointerEventButton::Left,
            });
    }

    /// Draws the page in memory, as the screen would.
    ///
    /// # Errors
    /// The renderer fails.
    pub fn draw(&self) -> Result<slint::SharedPixelBuffer<slint::Rgba8Pixel>, StageError> {
        Ok(self.app.window().take_snapshot()?)
    }

    /// Draws the page and writes it as `name.png`.
    ///
    /// # Errors
    /// The renderer or the disk fails.
    pub fn picture(&self, name: &str) -> Result<PathBuf, StageError> {
        let pixels = self.draw()?;
        let path = self.pictures.join(format!("{name}.png"));
        let file = std::io::BufWriter::new(std::fs::File::create(&path)?);
        let mut encoder = png::Encoder::new(file, pixels.width(), pixels.height());
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(pixels.as_bytes())?;
        writer.finish()?;
        Ok(path)
    }

    /// Sends a command that no element of the page stands for.
    pub fn send(&self, command: Command) {
        let stamp = self.page.as_ref().map(|p| p.stamp).unwrap_or_default();
        // A stopped worker shows itself in the wait that follows.
        let _ = self.commands.send((stamp, command));
    }

    /// Stops the worker and waits for its end.
    pub fn stop(mut self) {
        self.send(Command::Shutdown);
        if let Some(worker) = self.worker.take() {
            // The worker ends by its loop; were it to panic, the run before has shown it.
            let _ = worker.join();
        }
    }
}
