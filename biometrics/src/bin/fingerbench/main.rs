//! Measures the fingerprint engine.
//!
//! ```text
//! fingerbench accuracy DIR [--ppi N] [--json]   folder of FINGER_IMPRESSION.png
//! fingerbench search                            see `fingerbench/search.rs`
//! fingerbench openset [--gallery N] [--fingers N]   own and foreign scores on synthetic fingers
//! fingerbench synth DIR [--fingers N]           writes synthetic pictures to look at
//! ```

#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

mod accuracy;
mod draw;
mod rates;
mod search;

use biometrics::finger::synth::{Finger, Impression, background_template, no_finger, two_fingers};
use biometrics::finger::{Gallery, assess, encode_png, extract};

type Failure = Box<dyn Error>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(text) => {
            let shown = writeln!(std::io::stdout().lock(), "{text}");
            if shown.is_ok() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr().lock(), "fingerbench: {error}");
            ExitCode::FAILURE
        }
    }
}

const USAGE: &str = "usage: fingerbench accuracy DIR [--ppi N] [--json] | \
                     search ... | \
                     openset [--gallery N] [--fingers N] | synth DIR [--fingers N]";

fn run(args: &[String]) -> Result<String, Failure> {
    let (command, rest) = args.split_first().ok_or(USAGE)?;
    if command == "search" {
        return search::run(rest);
    }
    let options = Options::parse(rest)?;
    match command.as_str() {
        "accuracy" => accuracy::run(&options),
        "draw" => draw::run(&options),
        "openset" => open_set(&options),
        "synth" => pictures(&options),
        _ => Err(USAGE.into()),
    }
}

fn json(figures: &[(&str, f64)]) -> String {
    let fields: Vec<String> = figures
        .iter()
        .map(|(k, v)| format!("\"{k}\":{v:.5}"))
        .collect();
    format!("{{{}}}", fields.join(","))
}

/// `work` for every index up to `count` on `threads` threads; results in order.
fn parallel<T: Send>(count: usize, threads: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::new();
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            if i >= count {
                return done;
            }
            done.push((i, work(i)));
        }
    };
    let mut all: Vec<(usize, T)> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        let mut all = run();
        for other in others {
            // A thread that panicked has already said why on standard error.
            all.extend(other.join().unwrap_or_default());
        }
        all
    });
    all.sort_by_key(|(i, _)| *i);
    all.into_iter().map(|(_, value)| value).collect()
}

struct Options {
    folders: Vec<PathBuf>,
    numbers: BTreeMap<String, u64>,
    json: bool,
}

impl Options {
    fn parse(args: &[String]) -> Result<Self, Failure> {
        let mut options = Self {
            folders: Vec::new(),
            numbers: BTreeMap::new(),
            json: false,
        };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.strip_prefix("--") {
                Some("json") => options.json = true,
                Some(name @ ("ppi" | "gallery" | "probes" | "threads" | "fingers")) => {
                    let value = args.next().ok_or(USAGE)?.parse()?;
                    options.numbers.insert(name.to_owned(), value);
                }
                Some(_) => return Err(USAGE.into()),
                None => options.folders.push(PathBuf::from(arg)),
            }
        }
        Ok(options)
    }

    fn number(&self, name: &str, otherwise: u64) -> u64 {
        self.numbers.get(name).copied().unwrap_or(otherwise)
    }

    /// Threads to work on; one, unless asked, because figures are those of one core.
    fn threads(&self) -> usize {
        self.number("threads", 1).clamp(1, 64) as usize
    }

    fn folder(&self) -> Result<&Path, Failure> {
        Ok(self.folders.first().ok_or(USAGE)?)
    }
}

/// Scores of synthetic fingers against themselves and against a gallery of others.
fn open_set(options: &Options) -> Result<String, Failure> {
    let fingers = options.number("fingers", 40);
    let gallery = Gallery::new();
    let mut probes = Vec::new();
    for id in 0..fingers {
        let finger = Finger::from_seed(id);
        let touch = |n| extract(&finger.impression(&Impression::ordinary(id * 10 + n)));
        gallery.add(id, &touch(1)?);
        probes.push((id, touch(2)?));
        probes.push((id, touch(3)?));
    }
    for id in fingers..options.number("gallery", 5000).max(fingers) {
        gallery.add(id, &background_template(id));
    }
    let (mut own, mut others, mut extracted) = (Vec::new(), Vec::new(), Vec::new());
    let mut minutiae = 0;
    for (id, probe) in &probes {
        minutiae += probe.minutiae().len();
        let found = gallery.search(probe, gallery.len());
        let mine = found
            .iter()
            .find(|c| c.id == *id)
            .map_or(0.0, |c| c.score.0);
        own.push(mine);
        let best = |synthetic: bool| {
            let mut foreign = found
                .iter()
                .filter(|c| c.id != *id && (c.id < fingers) == synthetic);
            foreign.next().map_or(0.0, |c| c.score.0)
        };
        extracted.push(best(true));
        others.push(best(false));
    }
    let line = |name: &str, list: &mut Vec<f32>| {
        list.sort_by(f32::total_cmp);
        let at = |part: f64| {
            let index = (part * (list.len().max(1) - 1) as f64) as usize;
            list.get(index).copied().unwrap_or(0.0)
        };
        format!(
            "{name:22} lowest {:7.1}  5 % {:7.1}  middle {:7.1}  95 % {:7.1}  highest {:7.1}\n",
            at(0.0),
            at(0.05),
            at(0.5),
            at(0.95),
            at(1.0)
        )
    };
    let mut text = line("own finger", &mut own);
    text += &line("best other, extracted", &mut extracted);
    text += &line("best other, background", &mut others);
    text += &format!(
        "minutiae a probe {:.1}\n",
        f64::from(minutiae as u32) / probes.len() as f64
    );
    Ok(text)
}

/// Writes synthetic pictures, and says what `assess` thinks of each.
fn pictures(options: &Options) -> Result<String, Failure> {
    let folder = options.folder()?;
    std::fs::create_dir_all(folder)?;
    let mut text = String::new();
    for seed in 1..=options.number("fingers", 3) {
        let finger = Finger::from_seed(seed);
        let mut list: Vec<_> = (1..=4)
            .map(|i| {
                (
                    format!("{seed}_{i}"),
                    finger.impression(&Impression::ordinary(seed * 100 + i)),
                )
            })
            .collect();
        list.push((
            format!("dry{seed}_1"),
            finger.impression(&Impression::dry(seed)),
        ));
        list.push((
            format!("wet{seed}_1"),
            finger.impression(&Impression::wet(seed)),
        ));
        list.push((
            format!("partial{seed}_1"),
            finger.impression(&Impression::partial(seed)),
        ));
        list.push((format!("two{seed}_1"), two_fingers(seed)));
        list.push((format!("none{seed}_1"), no_finger(seed)));
        for (name, image) in list {
            text.push_str(&format!("{name:12} {:?}\n", assess(&image)));
            std::fs::write(folder.join(format!("{name}.png")), encode_png(&image))?;
        }
    }
    Ok(text)
}
