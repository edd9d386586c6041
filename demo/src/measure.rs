//! What the README states, measured with one command: `demo measure`.
//!
//! Central runs in a process of its own, so that memory and idle time are the tablet's. Everything
//! is on loopback; the screen is the software renderer without a window system.

use crate::emulator::{EmulatedScanner, Glass, Skin};
use crate::headless::HeadlessError;
use crate::stage::{Stage, StageError};
use crate::world;
use crate::{people, tablet_kit};
use e_patrul::app::AppOptions;
use regulation::encounter::{Explanation, Outcome, ServiceId};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command as Process, Stdio};
use std::time::{Duration, Instant};
use tablet::pages::Page;
use tablet::worker::Command;

const LONG: Duration = Duration::from_secs(120);

/// Central and a cable in a process of its own; ends with this value.
pub(crate) struct Server {
    child: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone after this.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Parts of one answer, milliseconds.
#[derive(Clone, Copy, Default)]
struct Sample {
    total: f64,
    capture: f64,
    commit: f64,
    search: f64,
    network: f64,
    render: f64,
}

/// Measures `encounters` questions over `count` people and prints the figures.
///
/// # Errors
/// A step fails.
pub fn run(
    runtime: &tokio::runtime::Runtime,
    program_start: Instant,
    dir: &Path,
    count: u64,
    encounters: u64,
) -> Result<(), HeadlessError> {
    let (server, data) = start_server(dir, count)?;
    // From here on this process is a tablet alone.
    let tablet_start = Instant::now();
    let before_tablet = tablet_start - program_start;
    crate::stage::set_headless_platform().map_err(StageError::from)?;
    let (scanner, panel) = EmulatedScanner::new();
    let parts = tablet_kit::parts(&data, scanner.clone())?;
    let options = AppOptions {
        night: false,
        demo_credentials: None,
    };
    let mut stage = Stage::new(
        parts,
        options,
        runtime.handle().clone(),
        &dir.join("pictures"),
    )?;
    stage.wait("log-in", LONG, |p| matches!(p.page, Page::Login(_)))?;
    stage.draw()?;
    let first_frame = tablet_start.elapsed();
    stage.send(Command::Login {
        login: world::LOGIN.into(),
        password: zeroize::Zeroizing::new(world::PASSWORD.into()),
    });
    stage.wait("the tablet", LONG, |p| matches!(p.page, Page::TakeOver(_)))?;
    stage.send(Command::GoHome);
    stage.wait("home", LONG, |p| matches!(p.page, Page::Home(_)))?;
    stage.draw()?;
    std::thread::sleep(Duration::from_secs(2));
    let (steady, idle) = (memory_kib("VmRSS"), idle_share(&mut stage)?);
    for finger in 0..people::WITH_FINGER {
        scanner.prepare(finger);
    }
    let mut samples = Vec::new();
    for n in 0..encounters {
        samples.push(question(&mut stage, &panel, n)?);
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "people in the gallery            {count}")?;
    writeln!(out, "questions asked                  {encounters}")?;
    writeln!(out, "                                    p50        p95")?;
    for (name, part) in [
        (
            "finger placed -> answer drawn",
            (|s| s.total) as fn(&Sample) -> f64,
        ),
        ("  capture, with live quality", |s| s.capture),
        ("  encode, seal, commit (fsync)", |s| s.commit),
        ("  network and ingest", |s| s.network),
        ("  extract and search at central", |s| s.search),
        ("  render", |s| s.render),
    ] {
        let (p50, p95) = percentiles(&samples, part);
        writeln!(out, "{name:<32} {p50:>7.1} ms {p95:>7.1} ms")?;
    }
    writeln!(
        out,
        "first frame, after start of the tablet's parts  {:.0} ms",
        ms(first_frame)
    )?;
    writeln!(
        out,
        "memory, steady on home          {:.1} MB",
        steady as f64 / 1024.0
    )?;
    writeln!(
        out,
        "memory, peak of the run         {:.1} MB",
        memory_kib("VmHWM") as f64 / 1024.0
    )?;
    writeln!(out, "idle CPU on home, of one core   {:.2} %", idle * 100.0)?;
    writeln!(
        out,
        "(set-up of central before that: {:.1} s)",
        before_tablet.as_secs_f64()
    )?;
    stage.stop();
    drop(server);
    Ok(())
}

/// Central in a process of its own, and the data directory of a tablet enrolled there.
pub(crate) fn start_server(
    dir: &Path,
    count: u64,
) -> Result<(Server, std::path::PathBuf), HeadlessError> {
    let mut child = Process::new(std::env::current_exe()?)
        .arg("serve")
        .args(["--people", &count.to_string(), "--data"])
        .arg(dir)
        .stdout(Stdio::piped())
        .stdin(Stdio::piped())
        .spawn()?;
    let stdout = child.stdout.take();
    let server = Server { child };
    let line = stdout
        .and_then(|out| BufReader::new(out).lines().next())
        .transpose()?;
    match line.as_deref().and_then(|l| l.strip_prefix("tablet ")) {
        Some(data) => Ok((server, data.into())),
        None => Err(HeadlessError::Archive(
            "the server process did not start".into(),
        )),
    }
}

/// One question from home to home; odd ones are strangers' fingers.
fn question(
    stage: &mut Stage,
    panel: &crate::emulator::ScannerPanel,
    n: u64,
) -> Result<Sample, HeadlessError> {
    stage.send(Command::NewEncounter);
    stage.wait("introduce", LONG, |p| matches!(p.page, Page::Introduce(_)))?;
    stage.send(Command::Introduce {
        place: "Намуна бекати".into(),
        chosen: true,
        service_id: ServiceId::NotAskedFor,
    });
    stage.wait("ground", LONG, |p| matches!(p.page, Page::Ground(_)))?;
    stage.send(Command::StateGround {
        ground: "suspicion".into(),
        fact: "Белгилари мос келди".into(),
        explanation: Explanation::Full,
    });
    stage.wait("method", LONG, |p| matches!(p.page, Page::Method(_)))?;
    stage.send(Command::ChooseFingerprint);
    stage.wait("finger", LONG, |p| matches!(p.page, Page::Finger(_)))?;
    stage.send(Command::StartCapture);
    stage.wait(
        "the scanner waits",
        LONG,
        |p| matches!(&p.page, Page::Finger(f) if f.status == tablet::pages::FingerStatus::Waiting),
    )?;
    stage.draw()?;
    let finger = n % people::WITH_FINGER;
    let placed = Instant::now();
    panel.place(Glass {
        finger,
        skin: Skin::Ordinary,
        touch: 100 + n,
    });
    stage.wait("asked", LONG, |p| {
        matches!(p.page, Page::Pending(_) | Page::Answer(_))
    })?;
    let asked = Instant::now();
    let captured = stage.last_preview.unwrap_or(asked);
    let page = stage.wait("answer", LONG, |p| matches!(p.page, Page::Answer(_)))?;
    let answered = Instant::now();
    stage.draw()?;
    let drawn = Instant::now();
    panel.lift();
    let search = match &page.page {
        // Tenths of a second are for the officer; the finer figure is in the answer itself.
        Page::Answer(answer) => answer.took_ms as f64,
        _ => 0.0,
    };
    stage.send(Command::ToOutcome);
    stage.wait("outcome", LONG, |p| matches!(p.page, Page::Outcome(_)))?;
    stage.send(Command::Finish(Outcome::Released));
    stage.wait("closed", LONG, |p| matches!(p.page, Page::Closed(_)))?;
    stage.send(Command::GoHome);
    stage.wait("home", LONG, |p| matches!(p.page, Page::Home(_)))?;
    Ok(Sample {
        total: ms(drawn - placed),
        capture: ms(captured.saturating_duration_since(placed)),
        commit: ms(asked.saturating_duration_since(captured)),
        search,
        network: (ms(answered - asked) - search).max(0.0),
        render: ms(drawn - answered),
    })
}

pub(crate) fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn percentiles(samples: &[Sample], part: fn(&Sample) -> f64) -> (f64, f64) {
    let values: Vec<f64> = samples.iter().map(part).collect();
    (percentile(&values, 0.5), percentile(&values, 0.95))
}

/// The least value that `share` of all values do not exceed; zero of none.
pub(crate) fn percentile(values: &[f64], share: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let rank = (share * values.len() as f64).ceil() as usize;
    values
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

/// A line of `/proc/self/status`, KiB.
fn memory_kib(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
        .and_then(|value| value.trim().trim_end_matches(" kB").trim().parse().ok())
        .unwrap_or(0)
}

/// CPU time of this process, clock ticks of 10 ms.
fn cpu_ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<_> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let field = |at: usize| {
        fields
            .get(at)
            .and_then(|f| f.parse::<u64>().ok())
            .unwrap_or(0)
    };
    field(11) + field(12)
}

/// Share of one core that the tablet takes on home while nothing happens, over 30 s.
fn idle_share(stage: &mut Stage) -> Result<f64, StageError> {
    let seconds = 30;
    let before = cpu_ticks();
    std::thread::sleep(Duration::from_secs(seconds));
    let ticks = cpu_ticks().saturating_sub(before);
    stage.wait("home still", LONG, |p| matches!(p.page, Page::Home(_)))?;
    Ok(ticks as f64 / 100.0 / seconds as f64)
}
