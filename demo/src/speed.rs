//! How fast the pages are, with one command: `demo speed`.
//!
//! An undisturbed encounter by fingerprint, tapped through the real pages again and again. Central is
//! in a process of its own; everything is on loopback. The screen is in memory: each frame is drawn
//! whole by the software renderer at 1280 by 800, which is more than a window draws of a change, and it
//! is not brought to a display, which a window does. Typing takes no time, and nobody thinks.

use crate::emulator::{EmulatedScanner, Glass, ScannerPanel, Skin};
use crate::headless::HeadlessError;
use crate::measure::{ms, percentile, start_server};
use crate::stage::{Stage, StageError};
use crate::{people, tablet_kit, world};
use e_patrul::app::AppOptions;
use regulation::encounter::Confirmation;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};
use tablet::pages::Page;
use tablet::worker::Command;

const LONG: Duration = Duration::from_secs(120);
/// At most so many taps of an undisturbed encounter, from home until it is closed.
const TAPS: u32 = 12;
/// From a tap to the next page, drawn: 95 of 100, milliseconds.
const PAGE: f64 = 50.0;
/// No frame is longer while a print is taken or what is recorded is sent, milliseconds: 30 a second.
const FRAME: f64 = 33.0;

/// What was seen of all encounters.
#[derive(Default)]
struct Seen {
    /// Of each encounter.
    taps: Vec<u32>,
    seconds: Vec<f64>,
    /// From a tap to the next page drawn, milliseconds.
    pages: Vec<f64>,
    /// Each frame while a print is taken and asked, milliseconds.
    capture: Vec<f64>,
    /// Each frame while what is recorded is sent, milliseconds.
    sync: Vec<f64>,
}

struct Run {
    stage: Stage,
    panel: ScannerPanel,
    taps: u32,
    seen: Seen,
}

/// Plays `encounters` over `count` people and prints the figures.
///
/// # Errors
/// A step fails. Goals that are not met are printed, and no error: they are those of a device.
pub fn run(
    runtime: &tokio::runtime::Runtime,
    dir: &Path,
    count: u64,
    encounters: u64,
) -> Result<(), HeadlessError> {
    let (server, data) = start_server(dir, count)?;
    crate::stage::set_headless_platform().map_err(StageError::from)?;
    let (scanner, panel) = EmulatedScanner::new();
    let parts = tablet_kit::parts(&data, scanner.clone())?;
    let pictures = dir.join("pictures");
    let runtime = runtime.handle().clone();
    let stage = Stage::new(parts, AppOptions::default(), runtime, &pictures)?;
    let mut run = Run {
        stage,
        panel,
        taps: 0,
        seen: Seen::default(),
    };
    run.log_in()?;
    for finger in 0..people::WITH_FINGER {
        scanner.prepare(finger);
    }
    for n in 0..encounters {
        run.encounter(n)?;
    }
    report(&run.seen, count)?;
    run.stage.stop();
    drop(server);
    Ok(())
}

impl Run {
    fn log_in(&mut self) -> Result<(), StageError> {
        let stage = &mut self.stage;
        stage.wait("log-in", LONG, |p| matches!(p.page, Page::Login(_)))?;
        stage.send(Command::Login {
            login: world::LOGIN.into(),
            password: zeroize::Zeroizing::new(world::PASSWORD.into()),
        });
        stage.wait("the tablet", LONG, |p| matches!(p.page, Page::TakeOver(_)))?;
        stage.send(Command::GoHome);
        stage.wait("home", LONG, |p| matches!(p.page, Page::Home(_)))?;
        stage.draw()?;
        Ok(())
    }

    fn tap(&mut self, id: &str) -> Result<(), StageError> {
        self.taps += 1;
        self.stage.tap(id, 0)
    }

    /// From `act` to the page that it brings, drawn.
    fn page(
        &mut self,
        what: &str,
        act: impl FnOnce(&mut Self) -> Result<(), StageError>,
        comes: fn(&Page) -> bool,
    ) -> Result<(), StageError> {
        let touched = Instant::now();
        act(self)?;
        self.stage.wait(what, LONG, |p| comes(&p.page))?;
        self.stage.draw()?;
        self.seen.pages.push(ms(touched.elapsed()));
        Ok(())
    }

    /// Draws whatever comes until `done` holds; each frame goes to `frames`.
    fn frames(
        &mut self,
        frames: fn(&mut Seen) -> &mut Vec<f64>,
        done: fn(&Page) -> bool,
    ) -> Result<(), StageError> {
        let until = Instant::now() + LONG;
        loop {
            if let Some(busy) = self.stage.frame(Duration::from_secs(1))? {
                frames(&mut self.seen).push(ms(busy));
            }
            if self.stage.page.as_ref().is_some_and(|p| done(&p.page)) {
                return Ok(());
            }
            if Instant::now() > until {
                return Err(StageError::Stopped);
            }
        }
    }

    fn type_and_go_on(&mut self, text: &str) {
        self.stage.keys(text);
        self.stage
            .keys(&String::from(char::from(slint::platform::Key::Return)));
    }

    /// From home to home; the n-th, from 0.
    fn encounter(&mut self, n: u64) -> Result<(), StageError> {
        const PRIMARY: &str = "FrameActions::primary-button";
        let began = Instant::now();
        self.taps = 0;
        self.page(
            "introduce",
            |run| run.tap(PRIMARY),
            |p| matches!(p, Page::Introduce(_)),
        )?;
        if n == 0 {
            self.tap("IntroducePage::place-field")?;
            let introduce = |run: &mut Self| {
                run.type_and_go_on("Namuna bekati");
                Ok(())
            };
            self.page("ground", introduce, |p| matches!(p, Page::Ground(_)))?;
        } else {
            self.tap("IntroducePage::place-choice")?;
            self.page(
                "ground",
                |run| run.tap(PRIMARY),
                |p| matches!(p, Page::Ground(_)),
            )?;
        }
        self.tap("GroundPage::ground-choice")?;
        self.tap("GroundPage::explained")?;
        self.tap("GroundPage::fact-field")?;
        let explain = |run: &mut Self| {
            run.type_and_go_on("Belgilari mos keldi");
            Ok(())
        };
        self.page("method", explain, |p| matches!(p, Page::Method(_)))?;
        let card = "MethodPage::fingerprint-card";
        self.page(
            "finger",
            |run| run.tap(card),
            |p| matches!(p, Page::Finger(_)),
        )?;
        self.panel.place(Glass {
            finger: n % people::WITH_FINGER,
            skin: Skin::Ordinary,
            touch: 100 + n,
        });
        self.tap(PRIMARY)?;
        self.frames(|seen| &mut seen.capture, |p| matches!(p, Page::Answer(_)))?;
        self.panel.lift();
        self.taps += 1;
        let held = self.stage.press("AnswerPage::cover")?;
        self.stage.wait(
            "uncovered",
            LONG,
            |p| matches!(&p.page, Page::Answer(a) if !a.covered),
        )?;
        self.stage.draw()?;
        self.stage.release(held);
        self.stage.wait(
            "covered",
            LONG,
            |p| matches!(&p.page, Page::Answer(a) if a.covered),
        )?;
        self.tap("FrameActions::secondary-button")?;
        self.stage.wait(
            "confirmed",
            LONG,
            |p| matches!(&p.page, Page::Answer(a) if a.confirmation == Confirmation::Confirmed),
        )?;
        self.page(
            "outcome",
            |run| run.tap(PRIMARY),
            |p| matches!(p, Page::Outcome(_)),
        )?;
        self.page(
            "closed",
            |run| run.tap(PRIMARY),
            |p| matches!(p, Page::Closed(_)),
        )?;
        self.seen.taps.push(self.taps);
        self.seen.seconds.push(began.elapsed().as_secs_f64());
        self.frames(
            |seen| &mut seen.sync,
            |p| matches!(p, Page::Closed(c) if c.delivery.waiting == 0 && c.delivery.stored == 0),
        )?;
        self.page(
            "home",
            |run| run.tap(PRIMARY),
            |p| matches!(p, Page::Home(_)),
        )
    }
}

fn report(seen: &Seen, count: u64) -> Result<(), std::io::Error> {
    let mut out = std::io::stdout().lock();
    let profile = if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    };
    let word = |met: bool| if met { "met" } else { "not met" };
    let most = seen.taps.iter().copied().max().unwrap_or_default();
    let (middle, late) = (percentile(&seen.pages, 0.5), percentile(&seen.pages, 0.95));
    writeln!(out, "build                            {profile}")?;
    writeln!(out, "people in the gallery            {count}")?;
    writeln!(out, "encounters                       {}", seen.taps.len())?;
    writeln!(
        out,
        "taps until closed, at most       {most}          goal {TAPS}: {}",
        word(most <= TAPS)
    )?;
    writeln!(
        out,
        "seconds until closed (machine's) p50 {:.2}   p95 {:.2}",
        percentile(&seen.seconds, 0.5),
        percentile(&seen.seconds, 0.95)
    )?;
    writeln!(
        out,
        "tap -> next page drawn           p50 {middle:.1} ms   p95 {late:.1} ms   ({})   goal p95 {PAGE:.0} ms: {}",
        seen.pages.len(),
        word(late <= PAGE)
    )?;
    for (what, frames) in [("capture", &seen.capture), ("sync", &seen.sync)] {
        let longest = percentile(frames, 1.0);
        writeln!(
            out,
            "frame while {what:<8}             p50 {:.1} ms   longest {longest:.1} ms   ({})   goal {FRAME:.0} ms: {}",
            percentile(frames, 0.5),
            frames.len(),
            word(longest <= FRAME)
        )?;
    }
    Ok(())
}
