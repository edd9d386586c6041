//! Measures the reader on drawn documents: `cargo run -p mrz --features synth --bin mrzbench -- [DOCUMENTS
//! [WIDTH [SEED [0|1|2]]]]`, so many of each difficulty (or of the one), half of them ID cards and half passports.
//!
//! A document is held before the camera for up to five frames, until two are read alike. Told are: the share
//! of documents that was read, after how many frames, single frames read, frames and documents read WRONG,
//! time a frame, and why the rest was not read. All are drawings; no real document was at hand.

use mrz::synth::{Difficulty, Document, Font, Kind, Random, Shot, photograph};
use mrz::{Pixels, Steady, View};
use regulation::Date;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::{Duration, Instant};

const FRAMES: usize = 5;
const THREADS: usize = 2;

#[derive(Default)]
struct Tally {
    documents: usize,
    read: usize,
    wrong: usize,
    frames_until: usize,
    frames: usize,
    frames_read: usize,
    frames_wrong: usize,
    times: Vec<Duration>,
    hints: BTreeMap<String, usize>,
    /// What was read for what, where.
    confused: BTreeMap<String, usize>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.documents += other.documents;
        self.read += other.read;
        self.wrong += other.wrong;
        self.frames_until += other.frames_until;
        self.frames += other.frames;
        self.frames_read += other.frames_read;
        self.frames_wrong += other.frames_wrong;
        self.times.extend(other.times);
        for (hint, count) in other.hints {
            *self.hints.entry(hint).or_default() += count;
        }
        for (pair, count) in other.confused {
            *self.confused.entry(pair).or_default() += count;
        }
    }
}

fn measure(
    kind: Kind,
    difficulty: Difficulty,
    documents: usize,
    width: usize,
    seed: u64,
    today: Date,
) -> Tally {
    let font = Font::new();
    let mut random = Random::new(seed);
    let mut tally = Tally::default();
    let height = width * 9 / 16;
    for _ in 0..documents {
        let document = Document::invented(kind, &mut random);
        let held = Shot::random(&document, difficulty, (width, height), &mut random);
        let mut steady = Steady::default();
        tally.documents += 1;
        for frame in 1..=FRAMES {
            let pixels = photograph(&document, &held.jitter(&mut random), &font, &mut random);
            let begun = Instant::now();
            let read = mrz::read(
                &View {
                    width,
                    height,
                    pixels: Pixels::Grey(&pixels),
                },
                today,
            );
            tally.times.push(begun.elapsed());
            tally.frames += 1;
            match read {
                Ok(read) => {
                    tally.frames_read += 1;
                    tally.frames_wrong += usize::from(*read.text != document.zone);
                    let both = read.text.chars().zip(document.zone.chars());
                    for (place, (read, there)) in both.enumerate().filter(|(_, (a, b))| a != b) {
                        let pair = format!("{there} as {read} at {place}");
                        *tally.confused.entry(pair).or_default() += 1;
                    }
                    if let Some(text) = steady.offer(read) {
                        tally.read += 1;
                        tally.frames_until += frame;
                        tally.wrong += usize::from(*text != document.zone);
                        break;
                    }
                }
                Err(hint) => *tally.hints.entry(format!("{hint:?}")).or_default() += 1,
            }
        }
    }
    tally
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |or: u32| -> Result<u32, std::num::ParseIntError> {
        arguments.next().map_or(Ok(or), |text| text.parse())
    };
    let (documents, width, seed) = (number(200)? as usize, number(1280)? as usize, number(1)?);
    let only = number(9)? as usize;
    let today = Date::new(2026, 1, 15)?;
    let mut out = std::io::stdout();
    let all = [Difficulty::Easy, Difficulty::Ordinary, Difficulty::Hard];
    let chosen = |n: usize| only >= all.len() || n == only;
    for (_, difficulty) in all.into_iter().enumerate().filter(|(n, _)| chosen(*n)) {
        for kind in [Kind::IdCard, Kind::Passport] {
            let mut tally = Tally::default();
            std::thread::scope(|scope| {
                let parts: Vec<_> = (0..THREADS)
                    .map(|n| {
                        let seed = u64::from(seed) * 1000 + n as u64;
                        let part = documents / 2 / THREADS;
                        scope.spawn(move || measure(kind, difficulty, part, width, seed, today))
                    })
                    .collect();
                for part in parts {
                    tally.add(part.join().unwrap_or_default());
                }
            });
            tally.times.sort();
            let time = |share: usize| {
                let at = tally.times.len() * share / 100;
                tally.times.get(at).copied().unwrap_or_default()
            };
            let share = |of: usize, all: usize| of as f64 * 100.0 / all.max(1) as f64;
            writeln!(
                out,
                "{difficulty:?} {kind:?}: {} documents, read {:.1} %, after {:.1} frames; \
                 frames read {:.1} % of {}; WRONG: {} frames, {} documents; a frame {:.0} ms, 95 % in \
                 {:.0} ms; not read: {:?} {:?}",
                tally.documents,
                share(tally.read, tally.documents),
                tally.frames_until as f64 / tally.read.max(1) as f64,
                share(tally.frames_read, tally.frames),
                tally.frames,
                tally.frames_wrong,
                tally.wrong,
                time(50).as_secs_f64() * 1000.0,
                time(95).as_secs_f64() * 1000.0,
                tally.hints,
                tally.confused,
            )?;
        }
    }
    Ok(())
}
