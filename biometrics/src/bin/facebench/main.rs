//! Measures faces.
//!
//! ```text
//! facebench detect           YuNet on rendered faces: time and found, by the input's size
//! facebench pose             estimated by rendered angles
//! facebench guide            sharpness, light and guidance by blur, light and distance
//! facebench embed            cosines of rendered faces: one head, two heads; which is nearest; time
//! facebench scan [FACES]     time of a search, of a million faces unless told
//! facebench synth DIR [N]    writes rendered faces as PNG
//! facebench fixtures DIR     writes the pictures of `tests/fixtures/faces`
//! ```
//!
//! Models are read from `assets/models` and `target/models` (`scripts/models`), from the
//! repository's root.

#![forbid(unsafe_code)]

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use biometrics::face::synth::{Light, Person, Scene, encode_png, thresholds};
use biometrics::face::{
    DIMENSIONS, Detector, Embedder, Embedding, Gallery, LEAST_SCORE, RgbImage, guide,
};

type Failure = Box<dyn Error>;

const DETECTOR: &str = "assets/models/face_detection_yunet_2023mar.onnx";
const EMBEDDER: &str = "target/models/face_recognition_sface_2021dec.onnx";
const USAGE: &str =
    "usage: facebench detect | pose | guide | embed | scan [FACES] | synth DIR [N] | fixtures DIR";

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
            let _ = writeln!(std::io::stderr().lock(), "facebench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result<String, Failure> {
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["detect"] => detect(),
        ["pose"] => pose(),
        ["guide"] => guidance(),
        ["embed"] => embed(),
        ["scan"] => scan(1_000_000),
        ["scan", faces] => scan(faces.parse()?),
        ["fixtures", folder] => fixtures(folder),
        ["synth", folder] => pictures(folder, 12),
        ["synth", folder, count] => pictures(folder, count.parse()?),
        _ => Err(USAGE.into()),
    }
}

fn detector() -> Result<Detector, Failure> {
    Ok(Detector::new(&read(DETECTOR)?)?)
}

fn read(path: &str) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|e| format!("{path}: {e}; run scripts/models").into())
}

/// The middle one of several times.
fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn detect() -> Result<String, Failure> {
    let model = read(DETECTOR)?;
    let mut text = String::from("input    found  points' error (of the eyes' distance)  ms\n");
    let distances = [450.0, 600.0, 900.0, 1400.0, 2000.0];
    let mut scenes = Vec::new();
    for id in 1..=8 {
        for distance in distances {
            scenes.push(Scene::of(Person {
                distance,
                yaw: (id as f32 - 4.5) * 5.0,
                ..Person::new(id)
            }));
        }
    }
    let rendered: Vec<RgbImage> = scenes.iter().map(Scene::render).collect();
    for longest in [160, 224, 320, 480, 640] {
        let side = NonZeroUsize::new(longest).ok_or(USAGE)?;
        let detector = Detector::with_longest(&model, side, 1)?;
        let mut found = vec![0; distances.len()];
        let (mut errors, mut times) = (Vec::new(), Vec::new());
        for (i, (scene, picture)) in scenes.iter().zip(&rendered).enumerate() {
            let begun = Instant::now();
            let faces = detector.detect(&picture.view())?;
            times.push(begun.elapsed());
            let (Some(face), Some(truth)) = (faces.first(), scene.points(0)) else {
                continue;
            };
            found[i % distances.len()] += 1;
            let eyes = truth.right_eye.distance(truth.left_eye);
            let all = face.points.to_array().into_iter().zip(truth.to_array());
            errors.push(all.map(|(a, b)| a.distance(b)).sum::<f32>() / 5.0 / eyes);
        }
        let error = errors.iter().sum::<f32>() / errors.len().max(1) as f32;
        let time = median(times).as_secs_f64() * 1e3;
        writeln!(text, "{longest:5}  {found:?}  {error:.3}  {time:.1}")?;
    }
    text.push_str("found: of 8 each, at 450, 600, 900, 1400 and 2000 mm (480 by 640 pixels)");
    Ok(text)
}

fn pose() -> Result<String, Failure> {
    let detector = detector()?;
    let mut text = String::new();
    type Turn = fn(&mut Person, f32);
    let turns: [(&str, Turn); 3] = [
        ("yaw", |p, a| p.yaw = a),
        ("pitch", |p, a| p.pitch = a),
        ("roll", |p, a| p.roll = a),
    ];
    for (name, turn) in turns {
        for step in -8..=8 {
            let angle = step as f32 * 5.0;
            let mut told = Vec::new();
            for id in 1..=8 {
                let mut person = Person::new(id);
                turn(&mut person, angle);
                let picture = Scene::of(person).render();
                let faces = detector.detect(&picture.view())?;
                if let Some((_, m)) = guide(&picture.view(), &faces, &thresholds()).nearest {
                    told.push(match name {
                        "yaw" => m.pose.yaw,
                        "pitch" => m.pose.pitch,
                        _ => m.pose.roll,
                    });
                }
            }
            let mean = told.iter().sum::<f32>() / told.len().max(1) as f32;
            let spread = told.iter().map(|v| (v - mean).abs()).fold(0.0, f32::max);
            let count = told.len();
            writeln!(
                text,
                "{name:5} {angle:5} -> {mean:6.1} ± {spread:4.1} ({count} of 8)"
            )?;
        }
    }
    Ok(text)
}

fn guidance() -> Result<String, Failure> {
    let detector = detector()?;
    let mut text = String::new();
    let mut show = |name: String, change: &dyn Fn(&mut Scene)| -> Result<(), Failure> {
        for id in [1, 2, 4, 7, 10] {
            let mut scene = Scene::of(Person {
                distance: 480.0,
                ..Person::new(id)
            });
            change(&mut scene);
            let picture = scene.render();
            let faces = detector.detect(&picture.view())?;
            let guided = guide(&picture.view(), &faces, &thresholds());
            write!(text, "{name:16} {id:2} {:?}", guided.guidance)?;
            if let Some((_, m)) = guided.nearest {
                write!(
                    text,
                    " eyes {:.0} luma {:.0} blown {:.2} even {:.2} sharp {:.4}",
                    m.interocular, m.light.luma, m.light.blown, m.light.evenness, m.light.sharpness
                )?;
            }
            text.push('\n');
        }
        Ok(())
    };
    for blur in [0.0, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0] {
        show(format!("blur {blur}"), &|s| s.blur = blur)?;
    }
    for distance in [250.0, 300.0, 350.0, 400.0, 480.0, 600.0, 700.0, 900.0] {
        show(format!("distance {distance}"), &|s| {
            s.people.iter_mut().for_each(|p| p.distance = distance);
        })?;
    }
    for exposure in [0.08, 0.15, 0.25, 0.5, 2.0, 4.0, 8.0] {
        show(format!("exposure {exposure}"), &|s| {
            s.light.exposure = exposure
        })?;
    }
    for azimuth in [-85.0, -60.0, -40.0, 0.0, 40.0, 60.0, 85.0] {
        show(format!("lamp from {azimuth}"), &|s| {
            s.light = Light {
                azimuth,
                key: 1.2,
                ambient: 0.08,
                ..s.light
            };
        })?;
    }
    Ok(text)
}

fn embed() -> Result<String, Failure> {
    const HEADS: u64 = 40;
    let detector = detector()?;
    let begun = Instant::now();
    let embedder = Embedder::new(&read(EMBEDDER)?, 1)?;
    let load = begun.elapsed();
    let mut all: Vec<(u64, Embedding)> = Vec::new();
    let mut times = Vec::new();
    for id in 1..=HEADS {
        for take in 0..4 {
            let take = take as f32;
            let person = Person {
                yaw: 5.0 * take - 8.0,
                pitch: 3.0 * take - 4.0,
                roll: 4.0 - 3.0 * take,
                distance: 430.0 + 60.0 * take,
                ..Person::new(id)
            };
            let mut scene = Scene::of(person);
            scene.seed = id * 10 + take as u64;
            scene.light.azimuth = 25.0 - 17.0 * take;
            scene.light.exposure = 0.8 + 0.12 * take;
            let picture = scene.render();
            let faces = detector.detect(&picture.view())?;
            if let Some(face) = faces.first() {
                let begun = Instant::now();
                all.push((id, embedder.embed(&picture.view(), &face.points)?));
                times.push(begun.elapsed());
            }
        }
    }
    let (mut same, mut other) = (Vec::new(), Vec::new());
    for (i, (a, x)) in all.iter().enumerate() {
        for (b, y) in all.iter().take(i) {
            let list = if a == b { &mut same } else { &mut other };
            list.push(x.cosine(y));
        }
    }
    let first = all.iter().enumerate().filter(|(i, (id, face))| {
        let others = all.iter().enumerate().filter(|(j, _)| j != i);
        let best = others.max_by(|a, b| face.cosine(&a.1.1).total_cmp(&face.cosine(&b.1.1)));
        best.is_some_and(|(_, (own, _))| own == id)
    });
    let mut text = format!(
        "{} of {} faces found, {} with a picture of their own head nearest; load {:.0} ms, embedding {:.1} ms\n",
        all.len(),
        HEADS * 4,
        first.count(),
        load.as_secs_f64() * 1e3,
        median(times).as_secs_f64() * 1e3
    );
    for (name, list) in [("one head", &mut same), ("two heads", &mut other)] {
        list.sort_by(f32::total_cmp);
        let at = |part: f64| list[((list.len() - 1) as f64 * part) as usize];
        writeln!(
            text,
            "{name:9} {:6} pairs: least {:.3}, 5 % {:.3}, median {:.3}, 95 % {:.3}, 99 % {:.3}, most {:.3}; {:.2} % reach {LEAST_SCORE}",
            list.len(),
            at(0.0),
            at(0.05),
            at(0.5),
            at(0.95),
            at(0.99),
            at(1.0),
            100.0 * list.iter().filter(|v| **v >= LEAST_SCORE).count() as f64 / list.len() as f64,
        )?;
    }
    Ok(text)
}

fn scan(faces: usize) -> Result<String, Failure> {
    let mut state = 1u64;
    let mut number = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    };
    let mut face = || Embedding::new(std::array::from_fn(|_| number())).ok_or("no direction");
    let gallery = Gallery::new();
    let probe = face()?;
    let begun = Instant::now();
    let mut id = 0;
    while (id as usize) < faces {
        let end = (id + 65_536).min(faces as u64);
        let part = (id..end)
            .map(|i| Ok((i, face()?)))
            .collect::<Result<Vec<_>, Failure>>()?;
        gallery.add_all(&part);
        id = end;
    }
    let filled = begun.elapsed();
    gallery.add(u64::MAX, &probe);
    let mut text = format!(
        "{} faces of {DIMENSIONS} numbers, {:.1} MB, made and added in {:.1} s\n",
        gallery.len(),
        gallery.bytes() as f64 / 1e6,
        filled.as_secs_f64()
    );
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let mut gallery = gallery;
    for threads in [1, cores] {
        gallery = gallery.with_threads(threads);
        let mut times = Vec::new();
        for _ in 0..21 {
            let begun = Instant::now();
            let found = gallery.search(&probe, 10, LEAST_SCORE);
            times.push(begun.elapsed());
            if found.first().map(|c| c.id) != Some(u64::MAX) {
                return Err("the face itself was not found".into());
            }
        }
        let (most, middle) = (
            times.iter().max().copied().unwrap_or_default(),
            median(times),
        );
        writeln!(
            text,
            "{threads} threads: median {:.1} ms, most {:.1} ms",
            middle.as_secs_f64() * 1e3,
            most.as_secs_f64() * 1e3
        )?;
    }
    Ok(text)
}

fn pictures(folder: &str, count: u64) -> Result<String, Failure> {
    std::fs::create_dir_all(folder)?;
    let folder = std::path::Path::new(folder);
    let mut text = String::new();
    for id in 1..=count {
        let begun = Instant::now();
        let mut scene = Scene::of(Person::new(id));
        scene.noise = 0.0;
        let picture = scene.render();
        let ms = begun.elapsed().as_secs_f64() * 1e3;
        writeln!(text, "{id} in {ms:.0} ms")?;
        std::fs::write(
            folder.join(format!("{id}.png")),
            encode_png(&picture.view()),
        )?;
    }
    for (i, (yaw, pitch, roll)) in [
        (30.0, 0.0, 0.0),
        (-30.0, 0.0, 0.0),
        (0.0, 25.0, 0.0),
        (0.0, -25.0, 0.0),
        (0.0, 0.0, 20.0),
        (20.0, 10.0, -15.0),
    ]
    .into_iter()
    .enumerate()
    {
        let person = Person {
            yaw,
            pitch,
            roll,
            distance: 480.0,
            ..Person::new(2 + i as u64)
        };
        let picture = Scene::of(person).render();
        std::fs::write(
            folder.join(format!("turned{i}.png")),
            encode_png(&picture.view()),
        )?;
    }
    Ok(text)
}

/// Four scenes that the network sees without any scaling, so that other implementations can be asked
/// the same.
fn fixtures(folder: &str) -> Result<String, Failure> {
    std::fs::create_dir_all(folder)?;
    let near = |id| Person {
        distance: 520.0,
        ..Person::new(id)
    };
    let scenes = [
        ("ahead", vec![near(3)]),
        (
            "aside",
            vec![Person {
                yaw: 15.0,
                ..near(10)
            }],
        ),
        (
            "leaning",
            vec![Person {
                roll: -12.0,
                pitch: 8.0,
                ..near(17)
            }],
        ),
        (
            "two",
            vec![
                Person {
                    aside: -75.0,
                    ..near(8)
                },
                Person {
                    aside: 190.0,
                    distance: 900.0,
                    ..near(15)
                },
            ],
        ),
    ];
    for (name, people) in scenes {
        let mut scene = Scene::of(Person::new(1));
        (scene.width, scene.height, scene.noise) = (256, 320, 0.0);
        scene.people = people;
        let file = std::path::Path::new(folder).join(format!("{name}.png"));
        std::fs::write(file, encode_png(&scene.render().view()))?;
    }
    Ok(format!("four pictures in {folder}"))
}
