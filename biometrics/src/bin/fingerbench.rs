//! Measures the fingerprint engine.
//!
//! ```text
//! fingerbench accuracy DIR [--ppi N] [--json]   folder of FINGER_IMPRESSION.png
//! fingerbench search                            see `fingerbench/search.rs`
//! fingerbench openset [--gallery N] [--fingers N]   own and foreign scores on synthetic fingers
//! fingerbench synth DIR [--fingers N]           writes synthetic pictures to look at
//! ```

#![forbid(unsafe_code)]

#[path = "fingerbench/search.rs"]
mod search;

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use biometrics::finger::synth::{Finger, Impression, background_template, no_finger, two_fingers};
use biometrics::finger::{
    Gallery, Policy, Prepared, assess, compare, decode_png, encode_png, extract,
};

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
        "accuracy" => accuracy(&options),
        "openset" => open_set(&options),
        "synth" => pictures(&options),
        _ => Err(USAGE.into()),
    }
}

struct Options {
    folder: Option<PathBuf>,
    numbers: BTreeMap<String, u64>,
    json: bool,
}

impl Options {
    fn parse(args: &[String]) -> Result<Self, Failure> {
        let mut options = Self {
            folder: None,
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
                None => options.folder = Some(PathBuf::from(arg)),
            }
        }
        Ok(options)
    }

    fn number(&self, name: &str, otherwise: u64) -> u64 {
        self.numbers.get(name).copied().unwrap_or(otherwise)
    }

    fn folder(&self) -> Result<&Path, Failure> {
        Ok(self.folder.as_deref().ok_or(USAGE)?)
    }
}

struct Print {
    finger: String,
    name: String,
    prepared: Option<Prepared>,
}

/// All genuine pairs and all pairs across fingers; a print without a template scores 0.
fn accuracy(options: &Options) -> Result<String, Failure> {
    let ppi = u16::try_from(options.number("ppi", 500))?;
    let mut files: Vec<PathBuf> = std::fs::read_dir(options.folder()?)?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|f| f.extension().is_some_and(|e| e == "png"));
    files.sort();
    let mut prints = Vec::new();
    let (mut extraction, mut minutiae, mut refused) = (0.0, 0usize, 0usize);
    for file in &files {
        let name = file
            .file_stem()
            .map(|s| s.to_string_lossy().into_owned())
            .unwrap_or_default();
        let finger = name
            .rsplit_once('_')
            .map_or(name.as_str(), |(f, _)| f)
            .to_owned();
        let image = decode_png(&std::fs::read(file)?, ppi)?;
        let start = Instant::now();
        let template = extract(&image);
        extraction += start.elapsed().as_secs_f64() * 1e3;
        let prepared = match &template {
            Ok(template) => {
                minutiae += template.minutiae().len();
                Some(Prepared::new(template))
            }
            Err(_) => {
                refused += 1;
                None
            }
        };
        prints.push(Print {
            finger,
            name,
            prepared,
        });
    }
    if prints.is_empty() {
        return Err("no pictures in that folder".into());
    }
    let start = Instant::now();
    let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
    let mut named: Vec<(f32, bool, &str, &str)> = Vec::new();
    let mut hits = 0usize;
    for (i, a) in prints.iter().enumerate() {
        let mut best = (f32::NEG_INFINITY, false);
        for (j, b) in prints.iter().enumerate() {
            if i == j {
                continue;
            }
            let score = match (&a.prepared, &b.prepared) {
                (Some(a), Some(b)) => compare(a, b).0,
                _ => 0.0,
            };
            let same = a.finger == b.finger;
            if score > best.0 {
                best = (score, same);
            }
            if i < j {
                if same {
                    genuine.push(score)
                } else {
                    impostor.push(score)
                }
                named.push((score, same, &a.name, &b.name));
            }
        }
        hits += usize::from(best.1);
    }
    let compared = prints.len() * (prints.len() - 1);
    let per_second = compared as f64 / start.elapsed().as_secs_f64();
    let rates = Rates::of(&genuine, &impostor);
    let count = prints.len() as f64;
    let policy = Policy::default();
    let missed = |bar: f32| {
        genuine.iter().filter(|s| **s < bar).count() as f64 / genuine.len().max(1) as f64
    };
    let figures = [
        ("eer", rates.eer),
        ("fnmr_1e2", rates.fnmr_1e2),
        ("fnmr_1e3", rates.fnmr_1e3),
        ("fnmr_0", rates.fnmr_0),
        ("rank1", hits as f64 / count),
        ("extract_ms", extraction / count),
        ("compare_per_s", per_second),
        ("genuine", genuine.len() as f64),
        ("impostor", impostor.len() as f64),
        ("minutiae", minutiae as f64 / count),
        ("refused", refused as f64),
        ("impostor_highest", f64::from(rates.highest)),
        ("missed_verify", missed(policy.verify_at(1))),
        ("missed_identify", missed(policy.identify_at(1))),
    ];
    let mut text = String::new();
    if options.json {
        let fields: Vec<String> = figures
            .iter()
            .map(|(k, v)| format!("\"{k}\":{v:.5}"))
            .collect();
        return Ok(format!("{{{}}}", fields.join(",")));
    }
    for (name, value) in figures {
        text.push_str(&format!("{name:18}{value:12.4}\n"));
    }
    named.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (score, _, a, b) in named.iter().filter(|n| n.1).take(12) {
        text.push_str(&format!("lowest genuine    {score:8.1}  {a} {b}\n"));
    }
    for (score, _, a, b) in named.iter().rev().filter(|n| !n.1).take(6) {
        text.push_str(&format!("highest impostor  {score:8.1}  {a} {b}\n"));
    }
    Ok(text)
}

struct Rates {
    eer: f64,
    fnmr_1e2: f64,
    fnmr_1e3: f64,
    fnmr_0: f64,
    highest: f32,
}

impl Rates {
    fn of(genuine: &[f32], impostor: &[f32]) -> Self {
        let mut falling = impostor.to_vec();
        falling.sort_by(|a, b| b.total_cmp(a));
        let share = |list: &[f32], test: &dyn Fn(f32) -> bool| {
            list.iter().filter(|s| test(**s)).count() as f64 / list.len().max(1) as f64
        };
        // Miss rate at the lowest threshold that lets at most `part` of the impostors through.
        let at = |part: f64| {
            let passing = (part * falling.len() as f64) as usize;
            let bar = falling.get(passing).copied().unwrap_or(0.0);
            share(genuine, &|s| s <= bar)
        };
        let mut eer = (f64::INFINITY, 1.0);
        for &bar in genuine.iter().chain(impostor) {
            let (miss, pass) = (share(genuine, &|s| s < bar), share(impostor, &|s| s >= bar));
            if (miss - pass).abs() < eer.0 {
                eer = ((miss - pass).abs(), (miss + pass) / 2.0);
            }
        }
        let highest = falling.first().copied().unwrap_or(0.0);
        Self {
            eer: eer.1,
            fnmr_1e2: at(0.01),
            fnmr_1e3: at(0.001),
            fnmr_0: at(0.0),
            highest,
        }
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
