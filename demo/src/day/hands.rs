//! Somebody with a tablet: their hands on its pages, on a thread of their own.

use super::DayError;
use crate::emulator::{EmulatedScanner, MovedClock, ScannerPanel};
use crate::stage::{Stage, set_headless_platform};
use crate::tablet_kit;
use e_patrul::app::AppOptions;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;
use tablet::pages::{Page, PageView};

/// Long enough for any machine; a step that takes it has failed.
pub(super) const LONG: Duration = Duration::from_secs(90);

/// Who plays, and where.
#[derive(Clone)]
pub(super) struct Part {
    pub login: String,
    pub password: String,
    pub pin: &'static str,
    /// The language of their pages, by its place on the log-in page.
    pub language: usize,
    /// The tablet's data.
    pub data: PathBuf,
    pub pictures: PathBuf,
}

/// What a person does with the tablet in their hands.
pub(super) type Job = Box<dyn FnOnce(&mut Hands) -> Result<(), DayError> + Send>;

/// The tablet's pages, and what stands around it.
pub(super) struct Hands {
    pub stage: Stage,
    pub panel: ScannerPanel,
    pub part: Part,
}

impl Hands {
    fn new(
        part: Part,
        clock: &MovedClock,
        runtime: &tokio::runtime::Handle,
    ) -> Result<Self, DayError> {
        set_headless_platform().map_err(crate::stage::StageError::from)?;
        let (scanner, panel) = EmulatedScanner::new();
        let mut parts = tablet_kit::parts_by(&part.data, scanner, Arc::new(clock.clone()))?;
        parts.lock.pin = true;
        let stage = Stage::new(
            parts,
            AppOptions::default(),
            runtime.clone(),
            &part.pictures,
        )?;
        Ok(Self { stage, panel, part })
    }

    pub(super) fn tap(&self, id: &str) -> Result<(), DayError> {
        Ok(self.stage.tap(id, 0)?)
    }

    pub(super) fn primary(&self) -> Result<(), DayError> {
        self.tap("FrameActions::primary-button")
    }

    pub(super) fn secondary(&self) -> Result<(), DayError> {
        self.tap("FrameActions::secondary-button")
    }

    pub(super) fn quiet(&self) -> Result<(), DayError> {
        self.tap("FrameActions::quiet-button")
    }

    pub(super) fn type_into(&self, id: &str, text: &str) -> Result<(), DayError> {
        Ok(self.stage.type_into(id, text)?)
    }

    pub(super) fn wait(
        &mut self,
        what: &str,
        accept: impl FnMut(&PageView) -> bool,
    ) -> Result<PageView, DayError> {
        let what = format!("{what} ({})", self.part.login);
        Ok(self.stage.wait(&what, LONG, accept)?)
    }

    /// From the log-in page to what follows the PIN, in the person's own language.
    pub(super) fn log_in(&mut self) -> Result<(), DayError> {
        self.wait("log-in", |p| matches!(p.page, Page::Login(_)))?;
        self.stage.tap("LoginPage::language", self.part.language)?;
        let (login, password) = (self.part.login.clone(), self.part.password.clone());
        self.type_into("LoginPage::login-field", &login)?;
        self.type_into("LoginPage::password-field", &password)?;
        self.primary()?;
        self.wait("the PIN", |p| matches!(p.page, Page::Pin(_)))?;
        self.stage.type_pin(self.part.pin)?;
        self.wait(
            "the PIN again",
            |p| matches!(&p.page, Page::Pin(view) if view.again),
        )?;
        Ok(self.stage.type_pin(self.part.pin)?)
    }

    /// Nobody looks at the tablet for a while.
    pub(super) fn lock(&mut self) -> Result<(), DayError> {
        self.tap("Rail::lock-button")?;
        self.wait("locked", |p| matches!(p.page, Page::Locked(_)))?;
        Ok(())
    }

    /// By the PIN, to the page that was there.
    pub(super) fn unlock(&mut self) -> Result<(), DayError> {
        self.wait("locked", |p| matches!(p.page, Page::Locked(_)))?;
        self.stage.type_pin(self.part.pin)?;
        self.wait("unlocked", |p| !matches!(p.page, Page::Locked(_)))?;
        Ok(())
    }
}

/// A person at work. Given up, they finish what they do and put the tablet away.
pub(super) struct Person {
    jobs: Option<Sender<Job>>,
    done: Receiver<Result<(), DayError>>,
    thread: Option<JoinHandle<()>>,
}

impl Person {
    /// With the tablet in hand, and its first page shown.
    pub(super) fn new(
        part: Part,
        clock: &MovedClock,
        runtime: &tokio::runtime::Handle,
    ) -> Result<Self, DayError> {
        let (jobs, to_do) = channel::<Job>();
        let (tell, done) = channel();
        let (clock, runtime) = (clock.clone(), runtime.clone());
        let thread = std::thread::Builder::new()
            .name(part.login.clone())
            .spawn(move || {
                let mut hands = match Hands::new(part, &clock, &runtime) {
                    Ok(hands) => hands,
                    Err(error) => {
                        // The play is over already: nobody asks how it went.
                        let _ = tell.send(Err(error));
                        return;
                    }
                };
                for job in to_do {
                    let outcome = job(&mut hands);
                    if outcome.is_err() {
                        // What was seen last; the failure itself is what counts.
                        let _ = hands.stage.picture("failed");
                    }
                    if tell.send(outcome).is_err() {
                        break;
                    }
                }
                hands.stage.stop();
            })?;
        Ok(Self {
            jobs: Some(jobs),
            done,
            thread: Some(thread),
        })
    }

    pub(super) fn begin(
        &self,
        job: impl FnOnce(&mut Hands) -> Result<(), DayError> + Send + 'static,
    ) {
        if let Some(jobs) = &self.jobs {
            // Who is gone says so when they are waited for.
            let _ = jobs.send(Box::new(job));
        }
    }

    /// Until the oldest job that was not waited for is done.
    pub(super) fn wait(&self) -> Result<(), DayError> {
        self.done.recv().unwrap_or(Err(DayError::Gone))
    }

    pub(super) fn does(
        &self,
        job: impl FnOnce(&mut Hands) -> Result<(), DayError> + Send + 'static,
    ) -> Result<(), DayError> {
        self.begin(job);
        self.wait()
    }
}

impl Person {
    /// Puts the tablet away.
    pub(super) fn leave(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A panic there has shown itself in the wait before.
            let _ = thread.join();
        }
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Everybody does the same at once.
pub(super) fn all<'a>(
    people: impl IntoIterator<Item = &'a Person> + Clone,
    job: impl Fn(&mut Hands) -> Result<(), DayError> + Clone + Send + 'static,
) -> Result<(), DayError> {
    for person in people.clone() {
        let job = job.clone();
        person.begin(move |hands| job(hands));
    }
    people.into_iter().try_for_each(Person::wait)
}
