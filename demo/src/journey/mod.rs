//! Journeys: what somebody does at the tablet from outside, step by step, and what they must see.
//!
//! A journey is a file in TOML (`tests/journeys/*.toml`): a title, and steps with one verb each.
//! It names what is on the screen as a reader of the screen names it, so it can be made on whatever has
//! such a reader: [`Screen`] is one machine, [`desktop::Desktop`] the one with X11 and AT-SPI.

pub mod desktop;
mod script;

pub use script::{Journey, ScriptError, Step};

use std::fmt::Write;
use std::time::{Duration, Instant};

/// How long a person looks at a page before they touch it, at least.
const LOOK: Duration = Duration::from_millis(500);
/// How long something may take to come, if the step does not say.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often the screen is read while something is waited for.
const GLANCE: Duration = Duration::from_millis(100);
/// More stops than any page has.
const STOPS: usize = 120;

/// What a thing on the screen is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It does something: button, choice, tick.
    Button,
    /// It is typed into.
    Field,
    Text,
    Other,
}

/// A rectangle in the window, pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub x: i32,
    pub y: i32,
    pub width: i32,
    pub height: i32,
}

impl Place {
    fn middle(self) -> (i32, i32) {
        (self.x + self.width / 2, self.y + self.height / 2)
    }
}

/// Something on the screen, as it is told to a reader of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thing<H> {
    pub role: Role,
    pub name: String,
    /// What is typed into a field, as far as it is told.
    pub value: String,
    pub enabled: bool,
    pub focused: bool,
    pub place: Place,
    /// By what the machine finds it again.
    pub handle: H,
}

/// A machine with the tablet's window on it.
pub trait Screen {
    type Handle: Clone + PartialEq;
    type Error: std::error::Error + 'static;

    /// Everything that is told to a reader of the screen, in its order.
    ///
    /// # Errors
    /// The window is gone.
    fn things(&mut self) -> Result<Vec<Thing<Self::Handle>>, Self::Error>;

    /// Width and height of the window.
    fn size(&self) -> (i32, i32);

    /// Rests a finger there.
    ///
    /// # Errors
    /// The machine has no finger.
    fn press(&mut self, x: i32, y: i32) -> Result<(), Self::Error>;

    /// Lifts the finger.
    ///
    /// # Errors
    /// The machine has no finger.
    fn lift(&mut self) -> Result<(), Self::Error>;

    /// Types, into what has the focus. Latin letters, digits and what is beside them.
    ///
    /// # Errors
    /// The machine has no keys.
    fn type_text(&mut self, text: &str) -> Result<(), Self::Error>;

    /// A key down or up, by its name in X11 (`space`, `Tab`).
    ///
    /// # Errors
    /// The machine has no such key.
    fn key(&mut self, name: &str, down: bool) -> Result<(), Self::Error>;

    /// Does a thing's own action, as a reader of the screen does for somebody who sees nothing.
    /// False: it has none.
    ///
    /// # Errors
    /// The thing is gone.
    fn act(&mut self, thing: &Thing<Self::Handle>) -> Result<bool, Self::Error>;

    /// Moves the world outside the tablet: a line for [`crate::outside::Outside`].
    ///
    /// # Errors
    /// It is not understood.
    fn outside(&mut self, order: &str) -> Result<(), Self::Error>;
}

/// What a journey was like.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Each part that was counted: its name, touches of the glass, seconds.
    pub parts: Vec<(String, u32, f64)>,
}

/// A journey did not end as it should.
#[derive(Debug, thiserror::Error)]
#[error("step {number}, {step}: {why}")]
pub struct Failed {
    /// From 1.
    pub number: usize,
    pub step: String,
    pub why: String,
}

struct Traveller<'a, S: Screen> {
    screen: &'a mut S,
    /// What is counted: its name, since when, and touches so far.
    counting: Option<(String, Instant, u32)>,
    /// A key that is held.
    held: Option<String>,
    report: Report,
}

/// Makes a journey.
///
/// # Errors
/// A step cannot be done, or the screen does not show what it should.
pub fn make<S: Screen>(journey: &Journey, screen: &mut S) -> Result<Report, Failed> {
    let mut traveller = Traveller {
        screen,
        counting: None,
        held: None,
        report: Report::default(),
    };
    for (n, step) in journey.steps.iter().enumerate() {
        traveller.step(step).map_err(|why| Failed {
            number: n + 1,
            step: step.to_string(),
            why,
        })?;
    }
    Ok(traveller.report)
}

fn said(error: impl std::error::Error) -> String {
    error.to_string()
}

impl<S: Screen> Traveller<'_, S> {
    fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Tap(name) => self.tap(name),
            Step::Hold(name) => self.rest_on(name),
            Step::Lift => self.screen.lift().map_err(said),
            Step::Type { text, into: None } => {
                // The keys on the screen come up, and may move the page.
                std::thread::sleep(LOOK);
                self.screen.type_text(text).map_err(said)?;
                self.typed(text)
            }
            Step::Type {
                text,
                into: Some(field),
            } => {
                self.tap(field)?;
                std::thread::sleep(LOOK);
                self.screen.type_text(text).map_err(said)?;
                self.typed(text)?;
                self.tap("Hide the keyboard")
            }
            Step::Act(name) => {
                std::thread::sleep(LOOK);
                let thing = self.find(name)?;
                match self.screen.act(&thing).map_err(said)? {
                    true => Ok(()),
                    false => Err("it has no action".into()),
                }
            }
            Step::NoAct(name) => {
                let thing = self.find(name)?;
                match self.screen.act(&thing).map_err(said)? {
                    true => Err("it has an action".into()),
                    false => Ok(()),
                }
            }
            Step::Reach(name) => self.reach(name),
            Step::Key(name) => {
                self.screen.key(name, true).map_err(said)?;
                self.screen.key(name, false).map_err(said)
            }
            Step::HoldKey(name) => {
                self.held = Some(name.clone());
                self.screen.key(name, true).map_err(said)
            }
            Step::LiftKey => match self.held.take() {
                Some(name) => self.screen.key(&name, false).map_err(said),
                None => Err("no key is held".into()),
            },
            Step::Expect { text, within } => self.expect(text, *within),
            Step::ExpectNot(text) => self.expect_not(text),
            Step::Outside(order) => self.screen.outside(order).map_err(said),
            Step::Count(name) => {
                self.counting = Some((name.clone(), Instant::now(), 0));
                Ok(())
            }
            Step::TapsAtMost(most) => {
                let (name, since, taps) = self.counting.take().ok_or("nothing is counted")?;
                let seconds = since.elapsed().as_secs_f64();
                self.report.parts.push((name, taps, seconds));
                if taps > *most {
                    return Err(format!("{taps} taps"));
                }
                Ok(())
            }
        }
    }

    /// Reads the screen until `accept` holds.
    fn wait(
        &mut self,
        within: Duration,
        mut accept: impl FnMut(&[Thing<S::Handle>]) -> bool,
    ) -> Result<Vec<Thing<S::Handle>>, String> {
        let until = Instant::now() + within;
        loop {
            let things = self.screen.things().map_err(said)?;
            if accept(&things) {
                return Ok(things);
            }
            if Instant::now() > until {
                return Err(shown(&things));
            }
            std::thread::sleep(GLANCE);
        }
    }

    /// What is named so, can be used, and lies within the window.
    fn find(&mut self, name: &str) -> Result<Thing<S::Handle>, String> {
        let (width, height) = self.screen.size();
        let usable = |t: &Thing<S::Handle>| {
            let (x, y) = t.place.middle();
            let inside = (0..width).contains(&x) && (0..height).contains(&y);
            let used = matches!(t.role, Role::Button | Role::Field);
            used && t.enabled && t.name == name && inside
        };
        let things = self.wait(PATIENCE, |all| all.iter().any(usable))?;
        things
            .into_iter()
            .find(usable)
            .ok_or_else(|| "it is gone".into())
    }

    /// Waits until a field holds what was typed; of a password only dots are told.
    fn typed(&mut self, text: &str) -> Result<(), String> {
        let holds = |t: &Thing<S::Handle>| {
            let dots = !t.value.is_empty() && t.value.chars().all(|c| c == '●');
            t.role == Role::Field && (t.value.ends_with(text) || t.focused && dots)
        };
        self.wait(PATIENCE, |all| all.iter().any(holds)).map(|_| ())
    }

    fn rest_on(&mut self, name: &str) -> Result<(), String> {
        self.find(name)?;
        std::thread::sleep(LOOK);
        // The page may have moved meanwhile.
        let (x, y) = self.find(name)?.place.middle();
        if let Some((_, _, taps)) = &mut self.counting {
            *taps += 1;
        }
        self.screen.press(x, y).map_err(said)
    }

    fn tap(&mut self, name: &str) -> Result<(), String> {
        self.rest_on(name)?;
        self.screen.lift().map_err(said)
    }

    /// Comes to what is named so by the Tab key alone.
    fn reach(&mut self, name: &str) -> Result<(), String> {
        self.find(name)?;
        for _ in 0..STOPS {
            let things = self.screen.things().map_err(said)?;
            if things.iter().any(|t| t.focused && t.name == name) {
                return Ok(());
            }
            self.screen.key("Tab", true).map_err(said)?;
            self.screen.key("Tab", false).map_err(said)?;
            std::thread::sleep(GLANCE);
        }
        Err("no number of Tabs comes to it".into())
    }

    fn expect(&mut self, text: &str, within: Option<Duration>) -> Result<(), String> {
        self.wait(within.unwrap_or(PATIENCE), |all| {
            all.iter().any(|t| tells(t, text))
        })
        .map(|_| ())
    }

    /// It goes, and does not come back at once.
    fn expect_not(&mut self, text: &str) -> Result<(), String> {
        let gone = |all: &[Thing<S::Handle>]| !all.iter().any(|t| tells(t, text));
        self.wait(PATIENCE, gone)?;
        std::thread::sleep(LOOK);
        let things = self.screen.things().map_err(said)?;
        match gone(&things) {
            true => Ok(()),
            false => Err(shown(&things)),
        }
    }
}

fn tells<H>(thing: &Thing<H>, text: &str) -> bool {
    thing.name.contains(text) || thing.value.contains(text)
}

/// What the screen shows instead: journeys are made with invented people.
fn shown<H>(things: &[Thing<H>]) -> String {
    let mut text = String::from("the screen shows");
    for thing in things.iter().filter(|t| !t.name.is_empty()) {
        let off = if thing.enabled { "" } else { ", off" };
        // A string takes whatever is written into it.
        let _ = write!(text, "\n  {:?}{off} {:?}", thing.role, thing.name);
    }
    text
}
