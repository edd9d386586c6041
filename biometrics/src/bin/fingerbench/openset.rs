//! `fingerbench open-set DIR --enrol-half`: misses and false alarms of a search in which half of
//! those who are looked for are not there.
//!
//! Every second finger is enrolled with the first half of its impressions, in a gallery filled up
//! with synthetic templates to `--gallery N` prints; its other impressions are probes with a mate,
//! all impressions of the fingers left out are probes without one. Then the halves change places,
//! so that every finger is once a stranger. FPIR and FNIR are those of ISO/IEC 19795-1.

use std::collections::BTreeMap;
use std::path::Path;

use biometrics::finger::synth::background_template;
use biometrics::finger::{Gallery, Policy, Score};

use crate::accuracy::{Print, read_folder};
use crate::{Failure, Options};

/// Identities of synthetic prints start here.
const FILLING: u64 = 1 << 40;

#[derive(Default)]
struct Outcome {
    /// For each probe with a mate: the mate's score, if the mate came first.
    mates: Vec<Option<f32>>,
    /// For each probe without a mate: the best score, and the best one of a real finger.
    strangers: Vec<(f32, f32)>,
}

pub fn run(options: &Options) -> Result<String, Failure> {
    let size = options.number("gallery", 0);
    let mut text = String::new();
    let mut all = Outcome::default();
    let mut prints = 0;
    for folder in &options.folders {
        let found = read_folder(folder, options)?;
        for half in 0..2 {
            prints = search(&found, half, size, &mut all, options);
        }
    }
    if all.mates.is_empty() || all.strangers.is_empty() {
        return Err("at least two fingers with two impressions each are needed".into());
    }
    let names: Vec<_> = options.folders.iter().map(|f| name(f)).collect();
    text.push_str(&format!(
        "{}: {} probes with a mate, {} without, about {prints} prints enrolled\n",
        names.join(", "),
        all.mates.len(),
        all.strangers.len()
    ));
    text.push_str(&curve(&all, prints));
    Ok(text)
}

fn name(folder: &Path) -> String {
    folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Searches with every second finger enrolled; the number of prints enrolled.
fn search(
    prints: &[Print],
    half: usize,
    size: u64,
    outcome: &mut Outcome,
    options: &Options,
) -> u64 {
    let mut fingers: BTreeMap<&str, Vec<&Print>> = BTreeMap::new();
    for print in prints {
        fingers.entry(&print.finger).or_default().push(print);
    }
    let gallery = Gallery::new().with_threads(options.threads());
    let (mut mated, mut strange) = (Vec::new(), Vec::new());
    let mut enrolled = Vec::new();
    for (id, impressions) in fingers.into_values().enumerate() {
        if id % 2 != half {
            strange.extend(impressions);
            continue;
        }
        let (first, rest) = impressions.split_at(impressions.len().div_ceil(2));
        let templates = first.iter().filter_map(|p| p.template.clone());
        enrolled.extend(templates.map(|t| (id as u64, t)));
        mated.extend(rest.iter().map(|p| (id as u64, *p)));
    }
    let filling = size.saturating_sub(enrolled.len() as u64);
    gallery.add_all(&enrolled);
    for first in (0..filling).step_by(10_000) {
        let batch: Vec<_> = (first..filling.min(first + 10_000))
            .map(|seed| (FILLING + seed, background_template(seed)))
            .collect();
        gallery.add_all(&batch);
    }
    for (id, print) in mated {
        let found = print.template.as_ref().map(|t| gallery.search(t, 1));
        let best = found.and_then(|f| f.first().copied());
        outcome
            .mates
            .push(best.filter(|c| c.id == id).map(|c| c.score.0));
    }
    for print in strange {
        let Some(template) = &print.template else {
            outcome.strangers.push((0.0, 0.0));
            continue;
        };
        let found = gallery.search(template, 1_000);
        let best = |real: bool| {
            let mut of = found.iter().filter(|c| !real || c.id < FILLING);
            of.next().map_or(0.0, |c| c.score.0)
        };
        outcome.strangers.push((best(false), best(true)));
    }
    gallery.len() as u64
}

fn curve(all: &Outcome, prints: u64) -> String {
    let policy = Policy::default();
    let fpir = |bar: f32| {
        let passed = all.strangers.iter().filter(|s| s.0 >= bar).count();
        passed as f64 / all.strangers.len() as f64
    };
    let fnir = |bar: f32| {
        let missed = all.mates.iter().filter(|m| m.is_none_or(|s| s < bar));
        missed.count() as f64 / all.mates.len() as f64
    };
    let mut text = String::from("  score   FPIR     FNIR    FPIR expected by the policy's tail\n");
    let mut row = |note: &str, bar: f32| {
        let expected = policy.accidental(Score(bar), prints);
        text.push_str(&format!(
            "{bar:7.1} {:7.3}% {:7.3}%   {expected:.1e}{note}\n",
            100.0 * fpir(bar),
            100.0 * fnir(bar)
        ));
    };
    for bar in (20..=160).step_by(10) {
        row("", bar as f32);
    }
    row("   verify from here", policy.verify_at(prints));
    row("   identify from here", policy.identify_at(prints));
    let highest = |list: &mut dyn Iterator<Item = f32>| list.fold(0.0, f32::max);
    text.push_str(&format!(
        "highest score of a stranger {:.1}, with a real finger {:.1}; \
         a rate of no false alarm among {} is below {:.2} % with 95 % confidence\n",
        highest(&mut all.strangers.iter().map(|s| s.0)),
        highest(&mut all.strangers.iter().map(|s| s.1)),
        all.strangers.len(),
        300.0 / all.strangers.len() as f64
    ));
    let bars = [1_000u64, 10_000, 100_000, 1_000_000, 10_000_000];
    text.push_str("at other sizes (thresholds from the tail: extrapolated)\n");
    text.push_str("      prints  identify at  FNIR identify  verify at  FNIR verify\n");
    for size in bars {
        let (identify, verify) = (policy.identify_at(size), policy.verify_at(size));
        text.push_str(&format!(
            "{size:12} {identify:12.1} {:13.2}% {verify:10.1} {:11.2}%\n",
            100.0 * fnir(identify),
            100.0 * fnir(verify)
        ));
    }
    text
}
