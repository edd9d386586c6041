//! `fingerbench quality`: what the live preview says of folders of prints, and how long it takes.

use std::collections::BTreeMap;
use std::time::Instant;

use biometrics::finger::{assess, decode_png};

use crate::accuracy::files;
use crate::{Failure, Options};

pub fn run(options: &Options) -> Result<String, Failure> {
    let ppi = u16::try_from(options.number("ppi", 500))?;
    let mut text = String::new();
    for folder in &options.folders {
        let (mut times, mut scores) = (Vec::new(), 0u32);
        let mut verdicts: BTreeMap<String, usize> = BTreeMap::new();
        for file in files(folder, "png")? {
            let image = decode_png(&std::fs::read(file)?, ppi)?;
            let start = Instant::now();
            let quality = assess(&image);
            times.push(start.elapsed().as_secs_f64() * 1e3);
            scores += u32::from(quality.score);
            *verdicts
                .entry(format!("{:?}", quality.verdict))
                .or_default() += 1;
        }
        times.sort_by(f64::total_cmp);
        let verdicts: Vec<String> = verdicts.iter().map(|(v, n)| format!("{v} {n}")).collect();
        text.push_str(&format!(
            "{:24} p50 {:5.1} ms, p95 {:5.1} ms, mean score {:3.0}: {}\n",
            folder.file_name().unwrap_or_default().to_string_lossy(),
            times[times.len() / 2],
            times[times.len() * 95 / 100],
            f64::from(scores) / times.len() as f64,
            verdicts.join(", ")
        ));
    }
    Ok(text)
}
