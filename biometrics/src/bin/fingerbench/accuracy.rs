//! `fingerbench accuracy`: all genuine and all cross-finger pairs of folders of real prints.

use std::path::{Path, PathBuf};
use std::time::Instant;

use biometrics::finger::{Prepared, Template, compare, decode_png, extract};
use biometrics::record::minutiae;

use crate::rates::Scores;
use crate::{Failure, Options, json, parallel};

/// A print of a folder; one without a template matches nothing.
pub struct Print {
    pub finger: String,
    pub name: String,
    pub template: Option<Template>,
    /// Zero for a print that came as a record.
    pub extract_ms: f64,
}

/// Files of a folder with an ending, by name.
pub fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, Failure> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(|e| format!("{}: {e}", folder.display()))?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|f| f.extension().is_some_and(|e| e == ending));
    files.sort();
    if files.is_empty() {
        return Err(format!("no .{ending} files in {}", folder.display()).into());
    }
    Ok(files)
}

/// The prints of a folder of `FINGER_IMPRESSION.png` (or `.iso`), by name.
pub fn read_folder(folder: &Path, options: &Options) -> Result<Vec<Print>, Failure> {
    let ppi = u16::try_from(options.number("ppi", 500))?;
    prints(folder, options.iso, ppi, options.threads())
}

/// The prints of a folder of pictures at `ppi`, or of records, read on `threads` threads.
pub fn prints(folder: &Path, iso: bool, ppi: u16, threads: usize) -> Result<Vec<Print>, Failure> {
    let files = files(folder, if iso { "iso" } else { "png" })?;
    let prints = parallel(files.len(), threads, |i| {
        let file = &files[i];
        let bytes = std::fs::read(file).map_err(|e| e.to_string());
        let seen = bytes.and_then(|bytes| {
            if iso {
                from_record(&bytes)
            } else {
                from_picture(&bytes, ppi)
            }
        });
        let (template, extract_ms) = seen.map_err(|e| format!("{}: {e}", file.display()))?;
        let name = file
            .file_stem()
            .map(|s| s.to_string_lossy().into_owned())
            .unwrap_or_default();
        let finger = name
            .rsplit_once('_')
            .map_or(name.as_str(), |(f, _)| f)
            .to_owned();
        Ok(Print {
            finger,
            name,
            template,
            extract_ms,
        })
    });
    Ok(prints.into_iter().collect::<Result<_, String>>()?)
}

fn from_picture(bytes: &[u8], ppi: u16) -> Result<(Option<Template>, f64), String> {
    let image = decode_png(bytes, ppi).map_err(|e| e.to_string())?;
    let start = Instant::now();
    let template = extract(&image).ok();
    Ok((template, start.elapsed().as_secs_f64() * 1e3))
}

/// The first view of a record.
fn from_record(bytes: &[u8]) -> Result<(Option<Template>, f64), String> {
    let record = minutiae::read(bytes).map_err(|e| e.to_string())?;
    let template = record.views.first().map(|view| view.template());
    Ok((template.transpose().map_err(|e| e.to_string())?, 0.0))
}

/// `records OUT DIR`: the prints of a folder as ISO/IEC 19794-2:2005 records.
pub fn records(options: &Options) -> Result<String, Failure> {
    let [out, folder] = options.folders.as_slice() else {
        return Err(crate::USAGE.into());
    };
    std::fs::create_dir_all(out)?;
    let prints = read_folder(folder, options)?;
    let mut written = 0;
    for print in &prints {
        let Some(template) = &print.template else {
            continue;
        };
        let record = minutiae::FingerMinutiaeRecord::of_template(
            minutiae::Format::V2005,
            minutiae::FingerPosition::Unknown,
            minutiae::ImpressionType::LivePlain,
            template,
        );
        std::fs::write(out.join(format!("{}.iso", print.name)), record.write()?)?;
        written += 1;
    }
    Ok(format!("{written} records of {} prints", prints.len()))
}

struct Measured {
    scores: Scores,
    rank1: f64,
    extract_ms: f64,
    compare_per_s: f64,
    minutiae: f64,
    refused: usize,
    named: Vec<(f32, bool, String)>,
}

fn measure(prints: &[Print]) -> Measured {
    let prepared: Vec<Option<Prepared>> = prints
        .iter()
        .map(|p| p.template.as_ref().map(Prepared::new))
        .collect();
    let mut scores = Scores::default();
    let mut named = Vec::new();
    let start = Instant::now();
    let (mut hits, mut compared) = (0usize, 0usize);
    for (i, a) in prints.iter().enumerate() {
        let mut best = (f32::NEG_INFINITY, false);
        for (j, b) in prints.iter().enumerate() {
            if i == j {
                continue;
            }
            let score = match (&prepared[i], &prepared[j]) {
                (Some(a), Some(b)) => {
                    compared += 1;
                    compare(a, b).0
                }
                _ => 0.0,
            };
            let same = a.finger == b.finger;
            if score > best.0 {
                best = (score, same);
            }
            if i < j {
                scores.add(score, same);
                named.push((score, same, format!("{} {}", a.name, b.name)));
            }
        }
        hits += usize::from(best.1);
    }
    let took = start.elapsed().as_secs_f64();
    named.sort_by(|a, b| a.0.total_cmp(&b.0));
    let count = prints.len() as f64;
    let templates = prints.iter().filter_map(|p| p.template.as_ref());
    Measured {
        scores,
        rank1: hits as f64 / count,
        extract_ms: prints.iter().map(|p| p.extract_ms).sum::<f64>() / count,
        compare_per_s: compared as f64 / took,
        minutiae: templates.map(|t| t.minutiae().len()).sum::<usize>() as f64 / count,
        refused: prints.iter().filter(|p| p.template.is_none()).count(),
        named,
    }
}

/// One folder in full, or a line each and all of them pooled.
pub fn run(options: &Options) -> Result<String, Failure> {
    match options.folders.as_slice() {
        [] => Err(crate::USAGE.into()),
        [folder] => one(&measure(&read_folder(folder, options)?), options.json),
        folders => many(folders, options),
    }
}

fn one(m: &Measured, as_json: bool) -> Result<String, Failure> {
    let rates = m.scores.rates();
    let figures = [
        ("eer", rates.eer),
        ("fnmr_1e2", rates.fnmr_1e2),
        ("fnmr_1e3", rates.fnmr_1e3),
        ("fnmr_0", rates.fnmr_0),
        ("rank1", m.rank1),
        ("extract_ms", m.extract_ms),
        ("compare_per_s", m.compare_per_s),
        ("genuine", m.scores.genuine.len() as f64),
        ("impostor", m.scores.impostor.len() as f64),
        ("minutiae", m.minutiae),
        ("refused", m.refused as f64),
        ("impostor_highest", f64::from(rates.highest)),
    ];
    if as_json {
        return Ok(json(&figures));
    }
    let mut text = String::new();
    for (name, value) in figures {
        text.push_str(&format!("{name:18}{value:12.4}\n"));
    }
    for (score, _, pair) in m.named.iter().filter(|n| n.1).take(12) {
        text.push_str(&format!("lowest genuine    {score:8.1}  {pair}\n"));
    }
    for (score, _, pair) in m.named.iter().rev().filter(|n| !n.1).take(6) {
        text.push_str(&format!("highest impostor  {score:8.1}  {pair}\n"));
    }
    Ok(text)
}

fn many(folders: &[PathBuf], options: &Options) -> Result<String, Failure> {
    let mut text = format!(
        "{:24}{:>8}{:>9}{:>9}{:>9}{:>8}{:>9}{:>10}{:>9}\n",
        "", "eer", "1e-2", "1e-3", "zero", "rank1", "ext. ms", "cmp/s", "minutiae"
    );
    let mut pooled = Scores::default();
    let mut sums = [0.0f64; 8];
    let mut row = |name: &str, values: [f64; 8]| {
        let [eer, e2, e3, zero, rank1, ms, per_s, minutiae] = values;
        text.push_str(&format!(
            "{name:24}{:7.2}%{:8.2}%{:8.2}%{:8.2}%{:7.1}%{ms:9.1}{per_s:10.0}{minutiae:9.1}\n",
            100.0 * eer,
            100.0 * e2,
            100.0 * e3,
            100.0 * zero,
            100.0 * rank1
        ));
    };
    for folder in folders {
        let m = measure(&read_folder(folder, options)?);
        let r = m.scores.rates();
        let values = [
            r.eer,
            r.fnmr_1e2,
            r.fnmr_1e3,
            r.fnmr_0,
            m.rank1,
            m.extract_ms,
            m.compare_per_s,
            m.minutiae,
        ];
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        row(&name, values);
        sums.iter_mut().zip(values).for_each(|(s, v)| *s += v);
        pooled.extend(&m.scores);
    }
    let mean = sums.map(|s| s / folders.len() as f64);
    row("mean", mean);
    let r = pooled.rates();
    let [.., rank1, ms, per_s, minutiae] = mean;
    row(
        "pooled",
        [
            r.eer, r.fnmr_1e2, r.fnmr_1e3, r.fnmr_0, rank1, ms, per_s, minutiae,
        ],
    );
    Ok(text)
}
