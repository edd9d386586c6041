//! Measures the fingerprint engine.
//!
//! ```text
//! fingerbench accuracy DIR... [--json] [--iso] [--ppi N] [--threads N]
//!     all genuine and all cross-finger pairs of FINGER_IMPRESSION.png (or .iso); of several
//!     folders a line each, their mean, and all comparisons pooled
//! fingerbench open-set DIR... --enrol-half [--gallery N]      see `openset.rs`
//! fingerbench tail DIR... [--gallery N]                       see `tail.rs`
//! fingerbench search ...                                      see `search.rs`
//! fingerbench quality DIR...         verdicts of the live preview, and its time
//! fingerbench records OUT DIR        the prints of a folder as ISO/IEC 19794-2:2005 records
//! fingerbench draw OUT PICTURE...    what the engine sees, as pictures
//! fingerbench pair OUT.png A B       two prints and which of their minutiae were paired
//! fingerbench synth DIR [--fingers N]    writes synthetic prints
//! ```

#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

mod accuracy;
mod draw;
mod openset;
mod quality;
mod rates;
mod search;
mod tail;

use biometrics::finger::synth::{Finger, Impression, no_finger, two_fingers};
use biometrics::finger::{assess, encode_png};

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

const USAGE: &str = "usage: fingerbench accuracy DIR... [--json] [--iso] [--ppi N] [--threads N] | \
                     open-set DIR... --enrol-half [--gallery N] | search ... | tail DIR... [--gallery N] | \
                     quality DIR... | records OUT DIR | draw OUT PICTURE... | pair OUT.png A B | \
                     synth DIR [--fingers N]";

fn run(args: &[String]) -> Result<String, Failure> {
    let (command, rest) = args.split_first().ok_or(USAGE)?;
    if command == "search" {
        return search::run(rest);
    }
    let options = Options::parse(rest)?;
    match command.as_str() {
        "accuracy" => accuracy::run(&options),
        "draw" => draw::run(&options),
        "pair" => draw::pair(&options),
        "quality" => quality::run(&options),
        "records" => accuracy::records(&options),
        "open-set" => openset::run(&options),
        "tail" => tail::run(&options),
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
    iso: bool,
}

impl Options {
    fn parse(args: &[String]) -> Result<Self, Failure> {
        let mut options = Self {
            folders: Vec::new(),
            numbers: BTreeMap::new(),
            json: false,
            iso: false,
        };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.strip_prefix("--") {
                Some("json") => options.json = true,
                Some("iso") => options.iso = true,
                // The only way there is; said so that a command line explains itself.
                Some("enrol-half") => {}
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
