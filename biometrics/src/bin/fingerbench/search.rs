//! `fingerbench search`: time, memory and hits of searches in galleries of growing size.
//!
//! ```text
//! fingerbench search [--gallery N,N,...] [--probes N] [--threads N] [--exhaustive]
//!                    [--real DIR]... [--keep prepared|templates] [--plain]
//!                    [--plot FILE.svg] [--json]
//! ```
//!
//! The gallery is `background_template`s; the probes are `reseen_template`s of some of them, and
//! with `--real` also all but the first impression of each finger of a folder, whose first
//! impression is enrolled among the synthetic ones.
//!
//! A probe is a hit if its mate comes first. With `--exhaustive` every probe is also compared
//! with every print, and `kept` is the share of that search's hits which the other one has too.
//! Without it a miss can still not hide: the exhaustive search can find a mate that the other
//! did not only if its exact score reaches the best that the other found, and those probes count
//! as lost.

use std::path::{Path, PathBuf};
use std::time::Instant;

use biometrics::finger::synth::{background_template, reseen_template};
use biometrics::finger::{Candidate, Gallery, Keep, Prepared, Template, compare};
use plotters::prelude::*;

use super::Failure;
use super::accuracy::{Print, prints};

const USAGE: &str = "usage: fingerbench search [--gallery N,N,...] [--probes N] [--threads N] \
                     [--exhaustive] [--real DIR]... [--keep prepared|templates] [--plain] \
                     [--plot FILE.svg] [--json]";
/// Identities of real fingers start here.
const REAL: u64 = 1 << 40;
/// Background templates made and enrolled at once.
const BATCH: u64 = 20_000;

struct Options {
    sizes: Vec<u64>,
    probes: u64,
    threads: Option<usize>,
    exhaustive: bool,
    real: Vec<PathBuf>,
    keep: Keep,
    plain: bool,
    plot: Option<PathBuf>,
    json: bool,
}

/// Runs the command.
pub fn run(args: &[String]) -> Result<String, Failure> {
    let options = parse(args)?;
    let rows = measure(&options)?;
    if let Some(file) = &options.plot {
        plot(file, &rows)?;
    }
    if options.json {
        let objects: Vec<String> = rows
            .iter()
            .map(|row| {
                let field = |(k, v): &(String, f64)| format!("\"{k}\":{v:.6}");
                let fields: Vec<String> = row.figures.iter().map(field).collect();
                format!("{{{}}}", fields.join(","))
            })
            .collect();
        return Ok(format!("[{}]", objects.join(",\n")));
    }
    let mut text = String::new();
    for row in &rows {
        for (name, value) in &row.figures {
            text.push_str(&format!("{name:26}{value:16.4}\n"));
        }
        text.push('\n');
    }
    Ok(text)
}

fn parse(args: &[String]) -> Result<Options, Failure> {
    let mut options = Options {
        sizes: vec![10_000],
        probes: 100,
        threads: None,
        exhaustive: false,
        real: Vec::new(),
        keep: Keep::Prepared,
        plain: false,
        plot: None,
        json: false,
    };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(USAGE);
        match arg.as_str() {
            "--gallery" => {
                let sizes: Result<Vec<u64>, _> = value()?.split(',').map(str::parse).collect();
                options.sizes = sizes?;
            }
            "--probes" => options.probes = value()?.parse()?,
            "--threads" => options.threads = Some(value()?.parse()?),
            "--exhaustive" => options.exhaustive = true,
            "--real" => options.real.push(PathBuf::from(value()?)),
            "--keep" => {
                options.keep = match value()?.as_str() {
                    "prepared" => Keep::Prepared,
                    "templates" => Keep::Templates,
                    _ => return Err(USAGE.into()),
                }
            }
            "--plain" => options.plain = true,
            "--plot" => options.plot = Some(PathBuf::from(value()?)),
            "--json" => options.json = true,
            _ => return Err(USAGE.into()),
        }
    }
    options.sizes.sort_unstable();
    options.sizes.dedup();
    if options.sizes.first().is_none_or(|n| *n == 0) {
        return Err(USAGE.into());
    }
    Ok(options)
}

/// A probe with the identity and the enrolled template of its mate.
struct Probe {
    mate: u64,
    enrolled: Template,
    seen: Template,
}

struct Row {
    size: f64,
    figures: Vec<(String, f64)>,
    /// Seconds, of the middle search and of the slowest but one in twenty.
    p50: f64,
    p95: f64,
    kept: f64,
}

fn measure(options: &Options) -> Result<Vec<Row>, Failure> {
    let mut gallery = Gallery::new().with_keep(options.keep);
    if let Some(threads) = options.threads {
        gallery = gallery.with_threads(threads);
    }
    if options.plain {
        gallery = gallery.with_plain_instructions();
    }
    let smallest = options.sizes.first().copied().unwrap_or(1);
    let synthetic: Vec<Probe> = (0..options.probes)
        .map(|i| {
            let mate = i * smallest / options.probes.max(1);
            let enrolled = background_template(mate);
            Probe {
                mate,
                seen: reseen_template(&enrolled, i),
                enrolled,
            }
        })
        .collect();
    let Real {
        enrolled,
        probes: real,
    } = real_fingers(&options.real)?;
    let before = resident();
    gallery.add_all(&enrolled);
    let (mut built, mut next) = (0.0, 0);
    let mut rows = Vec::new();
    for &size in &options.sizes {
        while next < size {
            let end = size.min(next + BATCH);
            let batch: Vec<_> = (next..end)
                .map(|id| (id, background_template(id)))
                .collect();
            let start = Instant::now();
            gallery.add_all(&batch);
            built += start.elapsed().as_secs_f64();
            next = end;
        }
        let prints = gallery.len() as f64;
        let memory = resident().zip(before).map_or(0.0, |(now, then)| now - then);
        let mut figures = vec![
            ("gallery".to_owned(), prints),
            ("build_s".to_owned(), built),
            ("bytes_a_print".to_owned(), memory / prints),
            (
                "index_bytes_a_print".to_owned(),
                gallery.index_bytes() as f64 / prints,
            ),
        ];
        let all = Outcome::of(&gallery, &synthetic, options.exhaustive);
        all.report("", prints, &mut figures);
        if !real.is_empty() {
            let real = Outcome::of(&gallery, &real, options.exhaustive);
            real.report("real_", prints, &mut figures);
        }
        rows.push(Row {
            size: prints,
            p50: quantile(&all.times, 0.5),
            p95: quantile(&all.times, 0.95),
            kept: all.kept(),
            figures,
        });
    }
    Ok(rows)
}

/// Real fingers: the first impression of each, to be enrolled, and probes of all others.
#[derive(Default)]
struct Real {
    enrolled: Vec<(u64, Template)>,
    probes: Vec<Probe>,
}

fn real_fingers(folders: &[PathBuf]) -> Result<Real, Failure> {
    let Real {
        mut enrolled,
        mut probes,
    } = Real::default();
    for folder in folders {
        let mut before: Option<(String, Template)> = None;
        for Print {
            finger, template, ..
        } in prints(folder, false, 500, 1)?
        {
            let Some(template) = template else {
                continue;
            };
            match &before {
                Some((same, first)) if *same == finger => probes.push(Probe {
                    mate: REAL + enrolled.len() as u64 - 1,
                    enrolled: first.clone(),
                    seen: template,
                }),
                _ => {
                    enrolled.push((REAL + enrolled.len() as u64, template.clone()));
                    before = Some((finger, template));
                }
            }
        }
    }
    Ok(Real { enrolled, probes })
}

/// What became of a set of probes.
#[derive(Default)]
struct Outcome {
    /// Seconds of each search.
    times: Vec<f64>,
    /// Seconds of each first stage alone.
    first: Vec<f64>,
    /// Seconds of processors' time of all first stages, and of all searches: what is left when
    /// others use the same machine.
    first_cpu: f64,
    cpu: f64,
    /// Seconds of all exhaustive searches.
    exhaustive: f64,
    /// Exact scores of the mates.
    mates: Vec<f64>,
    /// Probes whose mate the first stage left.
    left_by_first: usize,
    /// Probes whose mate came first, in this search and in the exhaustive one.
    hits: usize,
    exhaustive_hits: usize,
    both: usize,
    /// Probes whose mate would have come before all that was found.
    lost: usize,
    compared: bool,
}

impl Outcome {
    fn of(gallery: &Gallery, probes: &[Probe], exhaustive: bool) -> Self {
        let mut all = Self {
            compared: exhaustive,
            ..Self::default()
        };
        let start = cpu();
        for probe in probes {
            let start = Instant::now();
            let left = gallery.first_stage(&probe.seen);
            all.first.push(start.elapsed().as_secs_f64());
            all.left_by_first += usize::from(left.contains(&probe.mate));
        }
        all.first_cpu = cpu() - start;
        let start = cpu();
        let mut answers = Vec::new();
        for probe in probes {
            let start = Instant::now();
            answers.push(gallery.search(&probe.seen, 10));
            all.times.push(start.elapsed().as_secs_f64());
        }
        all.cpu = cpu() - start;
        for (probe, found) in probes.iter().zip(&answers) {
            let is_hit = |found: &[Candidate]| found.first().is_some_and(|c| c.id == probe.mate);
            let mate = compare(&Prepared::new(&probe.seen), &Prepared::new(&probe.enrolled)).0;
            all.mates.push(f64::from(mate));
            let hit = is_hit(found);
            all.hits += usize::from(hit);
            all.lost += usize::from(!hit && found.first().is_none_or(|c| mate > c.score.0));
            if exhaustive {
                let start = Instant::now();
                let found = gallery.search_exhaustive(&probe.seen, 10);
                all.exhaustive += start.elapsed().as_secs_f64();
                all.exhaustive_hits += usize::from(is_hit(&found));
                all.both += usize::from(is_hit(&found) && hit);
            }
        }
        all
    }

    /// Share of the exhaustive search's hits that this search has too, or at least that.
    fn kept(&self) -> f64 {
        if self.compared {
            self.both as f64 / self.exhaustive_hits.max(1) as f64
        } else {
            self.hits as f64 / (self.hits + self.lost).max(1) as f64
        }
    }

    fn report(&self, prefix: &str, prints: f64, figures: &mut Vec<(String, f64)>) {
        let count = self.times.len().max(1) as f64;
        let total: f64 = self.times.iter().sum();
        let mut add = |name: &str, value: f64| figures.push((format!("{prefix}{name}"), value));
        add("probes", self.times.len() as f64);
        add("searches_a_s", count / total);
        add("p50_ms", 1e3 * quantile(&self.times, 0.5));
        add("p95_ms", 1e3 * quantile(&self.times, 0.95));
        add("cpu_ms", 1e3 * self.cpu / count);
        add(
            "first_stage_prints_a_cpu_s",
            prints * count / self.first_cpu.max(0.01),
        );
        // The best of all, which others on the same machine have disturbed least.
        add(
            "first_stage_prints_a_s",
            prints / quantile(&self.first, 0.0),
        );
        add("first_stage_p50_ms", 1e3 * quantile(&self.first, 0.5));
        add("left_by_first", self.left_by_first as f64 / count);
        add("mate_score_p10", quantile(&self.mates, 0.1));
        add("mate_score_p50", quantile(&self.mates, 0.5));
        add("mate_score_p90", quantile(&self.mates, 0.9));
        add("hits", self.hits as f64);
        add("lost_at_most", self.lost as f64);
        if self.compared {
            add("exhaustive_hits", self.exhaustive_hits as f64);
            add("hits_of_both", self.both as f64);
            add("exhaustive_ms", 1e3 * self.exhaustive / count);
        }
        add("kept", self.kept());
    }
}

fn quantile(values: &[f64], part: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let index = (part * values.len().saturating_sub(1) as f64).round() as usize;
    values.get(index).copied().unwrap_or(0.0)
}

/// Memory of this process in bytes, where the system says.
fn resident() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|l| l.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(1024.0 * kib)
}

/// Seconds of processors' time that this process has used; 0 where the system does not say.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // After the name, which may hold anything, the 12th and 13th fields: user and system time in
    // hundredths of a second.
    let fields = text.rsplit_once(')').map_or("", |(_, f)| f);
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks.filter_map(|f| f.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Draws time and hits over the gallery's size.
fn plot(file: &Path, rows: &[Row]) -> Result<(), Failure> {
    let root = SVGBackend::new(file, (900, 700)).into_drawing_area();
    root.fill(&WHITE)?;
    let (upper, lower) = root.split_vertically(430);
    let ends = |list: &mut dyn Iterator<Item = f64>| {
        list.fold((f64::MAX, f64::MIN), |(low, high), v| {
            (low.min(v), high.max(v))
        })
    };
    let (least, most) = ends(&mut rows.iter().map(|r| r.size));
    let sizes = 0.8 * least..1.25 * most;
    let (quickest, slowest) = ends(&mut rows.iter().flat_map(|r| [1e3 * r.p50, 1e3 * r.p95]));
    let mut chart = ChartBuilder::on(&upper)
        .caption("Time of a search", ("sans-serif", 20))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(60)
        .build_cartesian_2d(
            sizes.clone().log_scale(),
            (0.7 * quickest..1.4 * slowest).log_scale(),
        )?;
    chart
        .configure_mesh()
        .x_desc("prints in the gallery")
        .x_label_formatter(&|prints| format!("{prints:.0}"))
        .y_desc("milliseconds")
        .y_label_formatter(&|ms| format!("{ms:.0}"))
        .draw()?;
    for (name, colour) in [("p50", BLUE), ("p95", RED)] {
        let of = |r: &Row| 1e3 * if name == "p50" { r.p50 } else { r.p95 };
        let points = || rows.iter().map(|r| (r.size, of(r)));
        chart
            .draw_series(LineSeries::new(points(), &colour))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], colour));
        chart.draw_series(points().map(|p| Circle::new(p, 3, colour.filled())))?;
    }
    chart.configure_series_labels().border_style(BLACK).draw()?;
    let worst = ends(&mut rows.iter().map(|r| 100.0 * r.kept)).0;
    let mut chart = ChartBuilder::on(&lower)
        .caption(
            "Hits of the exhaustive search that are kept",
            ("sans-serif", 20),
        )
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(60)
        .build_cartesian_2d(sizes.log_scale(), (worst - 1.0).min(98.0)..100.2)?;
    chart
        .configure_mesh()
        .x_desc("prints in the gallery")
        .x_label_formatter(&|prints| format!("{prints:.0}"))
        .y_desc("per cent")
        .draw()?;
    let points = || rows.iter().map(|r| (r.size, 100.0 * r.kept));
    chart.draw_series(LineSeries::new(points(), &BLUE))?;
    chart.draw_series(points().map(|p| Circle::new(p, 3, BLUE.filled())))?;
    root.present()?;
    Ok(())
}
