//! `fingerbench tail DIR... [--gallery N]`: how rarely different fingers reach a score.
//!
//! Every print of the folders against every print of every other finger of all of them, and
//! against N synthetic templates. The exponential tail is fitted to the scores above the one that
//! one comparison of a thousand exceeds (the maximum-likelihood estimate: the mean excess).

use biometrics::finger::synth::background_template;
use biometrics::finger::{Gallery, Prepared, Tail, compare};

use crate::accuracy::read_folder;
use crate::{Failure, Options, parallel};

/// Part of the comparisons that the line is fitted to.
const FITTED: f64 = 1e-3;

pub fn run(options: &Options) -> Result<String, Failure> {
    let mut prints = Vec::new();
    for folder in &options.folders {
        for mut print in read_folder(folder, options)? {
            print.finger = format!("{} {}", folder.display(), print.finger);
            prints.push(print);
        }
    }
    let prints: Vec<_> = prints
        .iter()
        .filter_map(|p| Some((p.finger.as_str(), Prepared::new(p.template.as_ref()?), p)))
        .collect();
    let rows = parallel(prints.len(), options.threads(), |i| {
        let (finger, mine, _) = &prints[i];
        let others = prints[i + 1..].iter().filter(|(other, ..)| other != finger);
        others
            .map(|(_, theirs, _)| compare(mine, theirs).0)
            .collect::<Vec<f32>>()
    });
    let mut text = report("real against real", rows.concat());

    let size = options.number("gallery", 0);
    if size > 0 {
        let gallery = Gallery::new()
            .with_threads(options.threads())
            .with_exhaustive_up_to(usize::MAX);
        for first in (0..size).step_by(10_000) {
            let batch: Vec<_> = (first..size.min(first + 10_000))
                .map(|seed| (seed, background_template(seed)))
                .collect();
            gallery.add_all(&batch);
        }
        let mut scores = Vec::new();
        for template in prints.iter().filter_map(|(.., p)| p.template.as_ref()) {
            let found = gallery.search(template, gallery.len());
            scores.extend(found.iter().map(|c| c.score.0));
        }
        text += &report("real against synthetic", scores);
    }
    Ok(text)
}

fn report(name: &str, mut scores: Vec<f32>) -> String {
    scores.sort_by(|a, b| b.total_cmp(a));
    let count = scores.len() as f64;
    let beyond = ((FITTED * count) as usize).max(1);
    let mut text = format!("{name}: {count} comparisons\n");
    let (Some(bar), Some(highest)) = (scores.get(beyond), scores.first()) else {
        return text;
    };
    let excess = scores[..beyond].iter().map(|s| s - bar).sum::<f32>() / beyond as f32;
    let decade = excess * std::f32::consts::LN_10;
    let tail = Tail {
        origin: bar + decade * FITTED.log10() as f32,
        decade,
        measured_to: 1.0 / count,
    };
    text += &format!("  highest {highest:.1}\n      FMR    score  fitted\n");
    let mut rate = 0.1;
    while rate * count >= 1.0 {
        let at = scores[(rate * count) as usize];
        text += &format!("{rate:9.0e} {at:8.1} {:7.1}\n", tail.score_at(rate));
        rate /= 10.0;
    }
    text + &format!("  origin {:.1}, decade {:.1}\n", tail.origin, tail.decade)
}
