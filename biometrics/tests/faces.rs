//! Detection, embeddings and the gallery: against other implementations, over hostile input, and
//! on rendered heads.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use biometrics::face::synth::{Person, Scene, encode_png};
use biometrics::face::{
    Candidate, DIMENSIONS, Detector, Embedder, Embedding, Face, FalseMatch, Gallery, LEAST_SCORE,
    Likeness, MAX_MODEL, MAX_PIXELS, MAX_SIDE, ModelError, PictureError, Point, Points, Pose,
    RgbImage, RgbView, Thresholds, align, crop, false_match_rate, guide,
};
use proptest::prelude::*;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn yunet() -> Vec<u8> {
    std::fs::read(root().join("assets/models/face_detection_yunet_2023mar.onnx")).unwrap()
}

fn detector() -> Detector {
    Detector::new(&yunet()).unwrap()
}

fn sface() -> Vec<u8> {
    let path = root().join("target/models/face_recognition_sface_2021dec.onnx");
    std::fs::read(path).expect("SFace is not there: run scripts/models, which fetches it")
}

fn embedder() -> Embedder {
    Embedder::new(&sface(), 1).unwrap()
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/faces")
}

fn fixture(name: &str) -> RgbImage {
    let file = std::fs::File::open(fixtures().join(format!("{name}.png"))).unwrap();
    let mut reader = png::Decoder::new(std::io::BufReader::new(file))
        .read_info()
        .unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut pixels).unwrap();
    assert_eq!(frame.color_type, png::ColorType::Rgb);
    RgbImage::new(frame.width, frame.height, pixels).unwrap()
}

/// A line of `reference.txt`: what it is of, the picture's name, the numbers.
fn reference() -> Vec<(String, String, Vec<f32>)> {
    let text = std::fs::read_to_string(fixtures().join("reference.txt")).unwrap();
    text.lines()
        .map(|line| {
            let mut words = line.split(' ');
            let mut word = || words.next().unwrap().to_owned();
            let (kind, name) = (word(), word());
            (kind, name, words.map(|w| w.parse().unwrap()).collect())
        })
        .collect()
}

fn points_of(numbers: &[f32]) -> Points {
    let at = |i: usize| Point {
        x: numbers[4 + 2 * i],
        y: numbers[5 + 2 * i],
    };
    Points {
        right_eye: at(0),
        left_eye: at(1),
        nose: at(2),
        right_mouth: at(3),
        left_mouth: at(4),
    }
}

/// Scores and `0.5 * betainc(18, 0.5, 1 - score**2)` of scipy.
const CAPS: [(f32, f64); 7] = [
    (0.0, 0.5),
    (0.2, 1.143_126e-1),
    (0.363, 1.254_699e-2),
    (0.5, 6.956_962e-4),
    (0.6, 3.422_825e-5),
    (0.7, 5.008_401e-7),
    (0.8, 8.392_277e-10),
];

/// Uniform numbers from -1 to 1, the same each time.
fn numbers(seed: u64) -> impl FnMut() -> f32 {
    let mut state = seed;
    move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }
}

fn embeddings(seed: u64, count: usize) -> Vec<Embedding> {
    let mut number = numbers(seed);
    (0..count)
        .map(|_| Embedding::new(std::array::from_fn(|_| number())).unwrap())
        .collect()
}

#[test]
fn detection_equals_opencv() {
    let detector = detector();
    for name in ["ahead", "aside", "leaning", "two"] {
        let picture = fixture(name);
        let found = detector.detect_once(&picture.view()).unwrap();
        let wanted: Vec<Vec<f32>> = reference()
            .into_iter()
            .filter(|(kind, of, _)| kind == "face" && of == name)
            .map(|(_, _, numbers)| numbers)
            .collect();
        assert_eq!(found.len(), wanted.len(), "{name}");
        for (face, numbers) in found.iter().zip(wanted) {
            let mut own = vec![face.x, face.y, face.width, face.height];
            own.extend(face.points.to_array().iter().flat_map(|p| [p.x, p.y]));
            for (a, b) in own.iter().zip(&numbers) {
                assert!((a - b).abs() < 0.02, "{name}: {a} is not {b}");
            }
            assert!((face.score - numbers[14]).abs() < 1e-4, "{name}");
        }
    }
}

#[test]
fn embedding_equals_opencv_and_onnxruntime() {
    let embedder = embedder();
    let lines = reference();
    let mut compared = 0;
    for group in lines.chunks(3) {
        let [(face, name, numbers), others @ ..] = group else {
            panic!("three lines a face");
        };
        assert_eq!(face, "face");
        let picture = fixture(name);
        let own = embedder
            .embed(&picture.view(), &points_of(numbers))
            .unwrap();
        for (kind, _, numbers) in others {
            let other = Embedding::new(numbers.as_slice().try_into().unwrap()).unwrap();
            let worst = own
                .values()
                .iter()
                .zip(other.values())
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f32::max);
            // Grey values halfway are rounded up or down by the last bit of a place, and OpenCV
            // places samples to a 32nd of a pixel.
            let most = if kind == "numpy" { 2e-4 } else { 5e-4 };
            assert!(worst < most, "{kind} {name}: {worst}");
            assert!(own.cosine(&other) > 1.0 - 1e-5, "{kind} {name}");
            compared += 1;
        }
    }
    assert_eq!(compared, 10);
}

#[test]
fn cosines_between_faces_equal_those_of_others() {
    let embedder = embedder();
    let lines = reference();
    let own: Vec<Embedding> = lines
        .iter()
        .filter(|(kind, ..)| kind == "face")
        .map(|(_, name, n)| {
            let picture = fixture(name);
            embedder.embed(&picture.view(), &points_of(n)).unwrap()
        })
        .collect();
    for (kind, most) in [("numpy", 1e-4), ("opencv", 3e-4)] {
        let other: Vec<Embedding> = lines
            .iter()
            .filter(|(of, ..)| of == kind)
            .map(|(.., n)| Embedding::new(n.as_slice().try_into().unwrap()).unwrap())
            .collect();
        for i in 0..own.len() {
            for j in 0..i {
                let (a, b) = (own[i].cosine(&own[j]), other[i].cosine(&other[j]));
                assert!((a - b).abs() < most, "{kind} {i} {j}: {a} is not {b}");
            }
        }
    }
}

#[test]
fn what_is_not_the_model_is_refused() {
    let good = yunet();
    assert!(matches!(
        Detector::new(b"no model"),
        Err(ModelError::Another(_))
    ));
    assert!(matches!(
        Detector::new(&vec![0; MAX_MODEL + 1]),
        Err(ModelError::TooLong(_))
    ));
    assert!(matches!(
        Embedder::new(&good, 1),
        Err(ModelError::Another(_))
    ));
    assert!(matches!(
        Embedder::new(&[], 1),
        Err(ModelError::Unreadable(_) | ModelError::Another(_))
    ));
    let mut cut = good.clone();
    cut.truncate(good.len() / 2);
    assert!(Detector::new(&cut).is_err());
    assert!(Detector::new(&sface()).is_err());
}

#[test]
fn damaged_model_is_an_error_or_another_answer_but_no_panic() {
    let good = yunet();
    let picture = Scene::of(Person::new(1)).render();
    let mut number = numbers(7);
    for _ in 0..60 {
        let mut bytes = good.clone();
        // The beginning and the end hold the graph, the middle mostly weights.
        let place = ((number() + 1.0) / 2.0 * (bytes.len() - 1) as f32) as usize;
        bytes[place] ^= 1 << ((number() + 1.0) * 3.9) as u8;
        if let Ok(detector) = Detector::new(&bytes) {
            let _ = detector.detect_once(&picture.view());
        }
    }
}

#[test]
fn picture_outside_the_limits_is_refused() {
    let size = |width, height| Err(PictureError::Size { width, height });
    assert_eq!(RgbView::new(0, 4, &[]), size(0, 4));
    assert_eq!(RgbView::new(16_384, 1, &[0; 3 * 16_384]), size(16_384, 1));
    assert_eq!(RgbView::new(1, MAX_SIDE + 1, &[]), size(1, MAX_SIDE + 1));
    assert_eq!(
        RgbView::new(u32::MAX, u32::MAX, &[]),
        size(u32::MAX, u32::MAX)
    );
    assert!(u64::from(MAX_SIDE) * u64::from(MAX_SIDE) > MAX_PIXELS);
    assert_eq!(
        RgbView::new(MAX_SIDE, MAX_SIDE, &[]),
        size(MAX_SIDE, MAX_SIDE)
    );
    assert_eq!(
        RgbImage::new(2, 2, vec![0; 11]),
        Err(PictureError::Length {
            width: 2,
            height: 2,
            len: 11
        })
    );
    assert!(RgbView::new(1, 1, &[1, 2, 3]).is_ok());
}

#[test]
fn pictures_of_extreme_shapes_hold_no_face() {
    let detector = detector();
    for (width, height) in [
        (1, 1),
        (1, MAX_SIDE),
        (MAX_SIDE, 1),
        (3, 7),
        (33, 31),
        (5000, 40),
    ] {
        let picture = RgbImage::new(width, height, vec![128; (width * height * 3) as usize]);
        let faces = detector.detect(&picture.unwrap().view()).unwrap();
        assert!(faces.is_empty(), "{width}x{height}: {}", faces.len());
    }
}

#[test]
fn face_is_found_at_any_size_of_picture() {
    let detector = detector();
    let mut eyes = Vec::new();
    for side in [160, 320, 640, 1280] {
        let mut scene = Scene::of(Person::new(5));
        (scene.width, scene.height) = (side, side * 3 / 4);
        let faces = detector.detect(&scene.render().view()).unwrap();
        assert_eq!(faces.len(), 1, "{side}");
        eyes.push(faces[0].interocular() / side as f32);
    }
    let least = eyes.iter().copied().fold(f32::MAX, f32::min);
    let most = eyes.iter().copied().fold(0.0, f32::max);
    assert!(most / least < 1.12, "{eyes:?}");
}

#[test]
fn renderings_of_one_head_are_nearer_than_those_of_two() {
    const HEADS: u64 = 12;
    let (detector, embedder) = (detector(), embedder());
    let mut all = Vec::new();
    for id in 1..=HEADS {
        for take in [0.0f32, 1.0] {
            let mut scene = Scene::of(Person {
                yaw: 8.0 * take - 4.0,
                pitch: 4.0 - 6.0 * take,
                distance: 440.0 + 120.0 * take,
                ..Person::new(id)
            });
            (scene.width, scene.height) = (360, 480);
            scene.light.azimuth = 20.0 - 30.0 * take;
            let picture = scene.render();
            let faces = detector.detect(&picture.view()).unwrap();
            all.push((
                id,
                embedder.embed(&picture.view(), &faces[0].points).unwrap(),
            ));
        }
    }
    for (i, (id, face)) in all.iter().enumerate() {
        let best = all
            .iter()
            .enumerate()
            .filter(|(j, _)| *j != i)
            .max_by(|a, b| face.cosine(&a.1.1).total_cmp(&face.cosine(&b.1.1)))
            .unwrap();
        assert_eq!(best.1.0, *id);
    }
}

#[test]
fn scene_is_rendered_the_same_each_time_and_another_head_is_another_picture() {
    let scene = |id| {
        let mut scene = Scene::of(Person::new(id));
        (scene.width, scene.height, scene.seed) = (120, 160, 1);
        scene.render()
    };
    assert_eq!(scene(4), scene(4));
    let (a, b) = (scene(4), scene(5));
    let differ = a.view().pixels().iter().zip(b.view().pixels());
    assert!(differ.filter(|(a, b)| a.abs_diff(**b) > 8).count() > 500);
    assert_eq!(&encode_png(&a.view())[1..4], b"PNG");
}

#[test]
fn search_finds_what_comparing_everything_finds() {
    let faces = embeddings(3, 10_000);
    let gallery = Gallery::new().with_threads(2);
    // Two faces an identity.
    let enrolled: Vec<(u64, Embedding)> = (0u64..).map(|i| i / 2).zip(faces.clone()).collect();
    gallery.add_all(&enrolled);
    assert_eq!(gallery.len(), 10_000);
    assert!(gallery.bytes() < 10_000 * 160, "{}", gallery.bytes());
    for probe in embeddings(4, 20).iter().chain(&faces[..5]) {
        let mut exact: Vec<(u64, f32)> = Vec::new();
        for (id, face) in &enrolled {
            let score = probe.cosine(face);
            match exact.iter_mut().find(|(own, _)| own == id) {
                Some((_, best)) => *best = best.max(score),
                None => exact.push((*id, score)),
            }
        }
        exact.sort_by(|a, b| b.1.total_cmp(&a.1));
        let found = gallery.search(probe, 5, -1.0);
        assert_eq!(found.len(), 5);
        for (candidate, (_, score)) in found.iter().zip(&exact) {
            // What stands at a rank may be another by the rounding alone.
            assert!((candidate.score - score).abs() < 0.005);
            let own = exact.iter().find(|(id, _)| *id == candidate.id).unwrap();
            assert!((candidate.score - own.1).abs() < 0.005);
            assert_eq!(candidate.meaning, FalseMatch::at(candidate.score, 10_000));
        }
        let single = Gallery::new().with_threads(1);
        let reversed: Vec<_> = enrolled.iter().rev().copied().collect();
        single.add_all(&reversed);
        assert_eq!(single.search(probe, 5, -1.0), found);
    }
}

#[test]
fn rounding_moves_a_cosine_by_no_more_than_is_said() {
    let faces = embeddings(11, 3000);
    let gallery = Gallery::new();
    gallery.add_all(&(0u64..).zip(faces.clone()).collect::<Vec<_>>());
    let (mut worst, mut square, mut count) = (0.0f32, 0.0f32, 0);
    for probe in &faces[..20] {
        for Candidate { id, score, .. } in gallery.search(probe, 1000, -1.0) {
            let off = (score - probe.cosine(&faces[id as usize])).abs();
            worst = worst.max(off);
            square += off * off;
            count += 1;
        }
    }
    assert_eq!(count, 20_000);
    assert!(worst < 0.01, "{worst}");
    assert!((square / count as f32).sqrt() < 0.0015, "{square}");
}

#[test]
fn removed_faces_are_found_no_more_and_the_rest_still_are() {
    let faces = embeddings(5, 9000);
    let gallery = Gallery::new().with_threads(2);
    for part in (0u64..).zip(faces.clone()).collect::<Vec<_>>().chunks(700) {
        gallery.add_all(part);
    }
    gallery.add(3, &faces[8000]);
    assert_eq!(gallery.remove(3), 2);
    assert_eq!(gallery.remove(3), 0);
    for id in 0..8000u64 {
        if id != 3 {
            assert_eq!(gallery.remove(id), 1);
        }
    }
    assert_eq!(gallery.len(), 1000);
    for id in [3usize, 100, 7999] {
        assert!(gallery.search(&faces[id], 1, 0.9).is_empty());
    }
    for id in [8000u64, 8500, 8999] {
        let found = gallery.search(&faces[id as usize], 3, 0.9);
        assert_eq!(found.iter().map(|c| c.id).collect::<Vec<_>>(), [id]);
        assert!(found[0].score > 0.99);
    }
    assert_eq!(format!("{gallery:?}"), "Gallery(1000 faces)");
}

#[test]
fn searching_goes_on_while_faces_come_and_go() {
    let faces = embeddings(6, 3000);
    let gallery = Gallery::new().with_threads(1);
    gallery.add(u64::MAX, &faces[0]);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let searcher = scope.spawn(|| {
            let mut searches = 0;
            while !done.load(Ordering::Relaxed) || searches == 0 {
                let found = gallery.search(&faces[0], 1, 0.5);
                assert_eq!(found[0].id, u64::MAX);
                searches += 1;
            }
            searches
        });
        for round in 0..10u64 {
            for (i, face) in faces.iter().enumerate().skip(1).step_by(100) {
                gallery.add(round * 10_000 + i as u64, face);
            }
            assert_eq!(gallery.remove(round * 10_000 + 1), 1);
        }
        done.store(true, Ordering::Relaxed);
        assert!(searcher.join().unwrap() > 0);
    });
    assert_eq!(gallery.len(), 1 + 10 * 29);
}

#[test]
fn limits_of_a_search_hold() {
    let faces = embeddings(8, 1500);
    let gallery = Gallery::new();
    assert!(gallery.search(&faces[0], 10, -1.0).is_empty() && gallery.is_empty());
    gallery.add_all(&(0u64..).zip(faces.clone()).collect::<Vec<_>>());
    assert!(gallery.search(&faces[0], 0, -1.0).is_empty());
    assert_eq!(gallery.search(&faces[0], usize::MAX, -1.0).len(), 1000);
    assert!(gallery.search(&faces[0], 10, f32::NAN).is_empty());
    let none = [0.0; DIMENSIONS];
    assert!(Embedding::new(none).is_none());
    let mut odd = none;
    odd[5] = f32::NAN;
    assert!(Embedding::new(odd).is_none());
    odd[5] = f32::INFINITY;
    assert!(Embedding::new(odd).is_none());
    assert_eq!(format!("{:?}", faces[0]), "Embedding");
}

#[test]
fn false_match_rate_is_the_cap_of_a_sphere() {
    for (score, rate) in CAPS {
        let own = false_match_rate(score);
        assert!(
            (own / rate - 1.0).abs() < 1e-3,
            "{score}: {own} is not {rate}"
        );
    }
    // Never less than what LFW's accuracy allows.
    assert!(false_match_rate(LEAST_SCORE) >= 0.012);
    assert!((false_match_rate(-0.5) - (1.0 - false_match_rate(0.5))).abs() < 1e-12);
    assert_eq!(false_match_rate(f32::NAN), 1.0);
    assert_eq!(false_match_rate(7.0), false_match_rate(1.0));
}

#[test]
fn the_larger_the_gallery_the_less_a_score_says() {
    let mut before = LEAST_SCORE;
    for size in [100, 5_000, 1_000_000, 20_000_000] {
        let score = FalseMatch::score_for(1.0, size);
        assert!(score > before, "{size}: {score}");
        assert!(score < 1.0);
        let there = FalseMatch::at(score, size);
        assert!(there.alike <= 1.0 && there.alike > 0.98, "{there:?}");
        assert!((there.alike / there.expected - 100.0).abs() < 1e-6);
        assert_eq!(there.gallery, size);
        before = score;
    }
    assert_eq!(FalseMatch::score_for(10.0, 0), LEAST_SCORE);
    assert_eq!(FalseMatch::score_for(f64::NAN, 5), 1.0);
    let said = |score, size| FalseMatch::at(score, size).likeness();
    assert_eq!(said(LEAST_SCORE, 5_000), Likeness::Common);
    assert_eq!(said(0.65, 5_000), Likeness::Some);
    assert_eq!(said(0.75, 5_000), Likeness::Few);
    assert_eq!(said(0.85, 5_000), Likeness::Rare);
    assert_eq!(said(0.75, 20_000_000), Likeness::Common);
    // Never more strangers than there are faces.
    assert_eq!(FalseMatch::at(0.0, 50).alike, 50.0);
}

fn any_point() -> impl Strategy<Value = Point> {
    let number = prop_oneof![-300.0f32..300.0, any::<f32>()];
    (number.clone(), number).prop_map(|(x, y)| Point { x, y })
}

fn any_face() -> impl Strategy<Value = Face> {
    let number = || prop_oneof![-200.0f32..200.0, any::<f32>()];
    let points = [
        any_point(),
        any_point(),
        any_point(),
        any_point(),
        any_point(),
    ];
    ([number(), number(), number(), number()], points).prop_map(|([x, y, width, height], p)| Face {
        x,
        y,
        width,
        height,
        points: Points {
            right_eye: p[0],
            left_eye: p[1],
            nose: p[2],
            right_mouth: p[3],
            left_mouth: p[4],
        },
        score: 0.8,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Points from anywhere, numbers that are none among them.
    #[test]
    fn no_face_whatever_makes_guidance_panic(
        faces in prop::collection::vec(any_face(), 0..4),
        width in 1u32..80,
        height in 1u32..80,
        fill in any::<u8>(),
    ) {
        let picture = RgbImage::new(width, height, vec![fill; (width * height * 3) as usize]).unwrap();
        let view = picture.view();
        let guided = guide(&view, &faces, &Thresholds::default());
        prop_assert_eq!(guided.nearest.is_none(), faces.is_empty());
        for face in &faces {
            let pose = Pose::of(&face.points);
            prop_assert!(pose.yaw.is_finite() && pose.pitch.is_finite() && pose.roll.is_finite());
            let portrait = crop(&view, face);
            prop_assert!(portrait.width() <= width && portrait.height() <= height);
            prop_assert_eq!(align(&view, &face.points).width(), 112);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn random_pictures_never_make_the_detector_panic(
        width in 1u32..200,
        height in 1u32..200,
        seed in any::<u64>(),
        coarse in 1u32..40,
    ) {
        let mut number = numbers(seed);
        let blocks: Vec<u8> = (0..40_000).map(|_| (number() * 127.0 + 128.0) as u8).collect();
        let pixels = (0..width * height * 3)
            .map(|i| {
                let (x, y) = (i / 3 % width / coarse, i / 3 / width / coarse);
                blocks[((y * 200 + x) * 3 + i % 3) as usize % blocks.len()]
            })
            .collect();
        let picture = RgbImage::new(width, height, pixels).unwrap();
        let faces = DETECTOR.with(|d| d.detect(&picture.view())).unwrap();
        for face in &faces {
            prop_assert!(face.score >= 0.7 && face.score <= 1.0 && face.size().is_finite());
        }
        let _ = guide(&picture.view(), &faces, &Thresholds::default());
    }
}

thread_local! {
    static DETECTOR: Detector = detector();
}
