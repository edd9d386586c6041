//! A tablet with a screen in memory that plays one shift as it is told on standard input, hands
//! over as the application does, and waits for the next. What it is told is in no argument and no
//! variable of its environment, so that the process after the hand-over does not know it.
//! `shift DATA`; a line of JSON for each shift; an empty line lets it go on.

use demo::emulator::EmulatedScanner;
use demo::stage::{Stage, StageError};
use demo::tablet_kit;
use e_patrul::app::{AppOptions, handover, harden};
use serde_json::Value;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tablet::pages::{Page, PageView};
use tablet::worker::Command;

const LONG: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    match run() {
        Ok(true) => {
            let error = handover::start_anew();
            said(&format!("not started anew: {error}"));
            ExitCode::FAILURE
        }
        Ok(false) => ExitCode::SUCCESS,
        Err(error) => {
            said(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// A line to whoever listens.
fn said(line: &str) {
    let mut out = std::io::stdout();
    // Nobody listens any more: the test has ended.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// A line of standard input. The next is written only when it is asked for: what is read ahead would be
/// lost to the process after this one.
fn told() -> std::io::Result<String> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    line.truncate(line.trim_end().len());
    Ok(line)
}

/// Plays a shift; `true` when it was handed over.
fn run() -> Result<bool, Box<dyn std::error::Error>> {
    let protection = harden::protect();
    let data = PathBuf::from(std::env::args_os().nth(1).unwrap_or_default());
    demo::stage::set_headless_platform()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let (scanner, _panel) = EmulatedScanner::new();
    let mut parts = tablet_kit::parts(&data, scanner)?;
    parts.lock.pin = true;
    parts.protected = protection;
    let pictures = data.join("pictures");
    let options = AppOptions::default();
    let mut stage = Stage::new(parts, options, runtime.handle().clone(), &pictures)?;
    let first = stage.wait("log-in", LONG, |p| matches!(p.page, Page::Login(_)))?;
    said(&format!(
        "log-in dumps={} swap={} shown={}",
        !protection.no_dumps, !protection.no_swap, first.chrome.unprotected
    ));
    let line = told()?;
    if line.is_empty() {
        stage.stop();
        return Ok(false);
    }
    let shift: Value = serde_json::from_str(&line)?;
    drop(line);
    play(&mut stage, &shift)?;
    let handed_over = stage.app.handed_over();
    stage.stop();
    Ok(handed_over)
}

fn play(stage: &mut Stage, shift: &Value) -> Result<(), Box<dyn std::error::Error>> {
    let word = |name: &str| shift[name].as_str().unwrap_or_default();
    stage.type_into("LoginPage::login-field", word("login"))?;
    stage.type_into("LoginPage::password-field", word("password"))?;
    stage.tap("FrameActions::primary-button", 0)?;
    stage.wait("the PIN", LONG, |p| matches!(p.page, Page::Pin(_)))?;
    stage.type_pin(word("pin"))?;
    stage.wait(
        "again",
        LONG,
        |p| matches!(&p.page, Page::Pin(v) if v.again),
    )?;
    stage.type_pin(word("pin"))?;
    page(stage, "the tablet", |p| matches!(p.page, Page::TakeOver(_)))?;
    stage.tap("FrameActions::quiet-button", 0)?;
    page(stage, "the bodycam", |p| matches!(p.page, Page::Receive(_)))?;
    stage.tap("FrameActions::quiet-button", 0)?;
    page(stage, "home", |p| matches!(p.page, Page::Home(_)))?;
    stage.tap("FrameActions::primary-button", 0)?;
    page(stage, "introduce", |p| matches!(p.page, Page::Introduce(_)))?;
    stage.type_into("IntroducePage::place-field", word("place"))?;
    stage.tap("FrameActions::primary-button", 0)?;
    page(stage, "ground", |p| matches!(p.page, Page::Ground(_)))?;
    stage.tap("GroundPage::ground-choice", 0)?;
    stage.type_into("GroundPage::fact-field", word("fact"))?;
    stage.tap("GroundPage::explained", 0)?;
    // Locked with the field full, and opened again: the text is still there.
    stage.tap("Rail::lock-button", 0)?;
    page(stage, "locked", |p| matches!(p.page, Page::Locked(_)))?;
    said("locked");
    told()?;
    stage.type_pin(word("pin"))?;
    page(stage, "ground", |p| matches!(p.page, Page::Ground(_)))?;
    stage.tap("FrameActions::primary-button", 0)?;
    page(stage, "method", |p| matches!(p.page, Page::Method(_)))?;
    stage.tap("MethodPage::document-card", 0)?;
    page(stage, "document", |p| matches!(p.page, Page::Document(_)))?;
    stage.tap("DocumentPage::passport", 0)?;
    for (field, value) in [
        ("DocumentPage::surname-field", "surname"),
        ("DocumentPage::given-field", "given"),
        ("DocumentPage::birth-date-field", "birth_date"),
        ("DocumentPage::number-field", "number"),
        ("DocumentPage::pinfl-field", "pinfl"),
    ] {
        stage.type_into(field, word(value))?;
    }
    stage.tap("DocumentPage::no-patronymic-choice", 0)?;
    stage.tap("FrameActions::primary-button", 0)?;
    page(
        stage,
        "shown back",
        |p| matches!(&p.page, Page::Document(d) if d.review.is_some()),
    )?;
    said("shown back");
    told()?;
    stage.tap("FrameActions::primary-button", 0)?;
    page(stage, "outcome", |p| matches!(p.page, Page::Outcome(_)))?;
    stage.tap("FrameActions::primary-button", 0)?;
    page(stage, "closed", |p| matches!(p.page, Page::Closed(_)))?;
    stage.tap("FrameActions::primary-button", 0)?;
    page(stage, "home", |p| matches!(p.page, Page::Home(_)))?;
    stage.send(Command::EndShift);
    page(
        stage,
        "log-in",
        |p| matches!(&p.page, Page::Login(l) if !l.shift_open),
    )?;
    // The word to hand over follows the page.
    while !stage.app.handed_over() {
        stage.turn(LONG)?;
    }
    Ok(())
}

fn page(
    stage: &mut Stage,
    what: &str,
    accept: impl FnMut(&PageView) -> bool,
) -> Result<(), StageError> {
    stage.wait(what, LONG, accept).map(|_| ())
}
