//! Guidance on rendered heads of known pose, distance and light, and when the picture is taken.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::time::Duration;

use biometrics::face::synth::{Light, Person, Scene, thresholds};
use biometrics::face::{
    Detector, Edge, Guidance, Guided, Pose, Shutter, Side, Steady, crop, guide,
};

const HEADS: [u64; 4] = [1, 3, 10, 15];

fn detector() -> Detector {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let model = root.join("assets/models/face_detection_yunet_2023mar.onnx");
    Detector::new(&std::fs::read(model).unwrap()).unwrap()
}

/// At arm's length, in a picture of 360 by 480.
fn scene(person: Person) -> Scene {
    let mut scene = Scene::of(person);
    (scene.width, scene.height) = (360, 480);
    scene
}

fn near(id: u64) -> Person {
    Person {
        distance: 400.0,
        ..Person::new(id)
    }
}

fn judged(detector: &Detector, scene: &Scene) -> Guided {
    let picture = scene.render();
    let faces = detector.detect(&picture.view()).unwrap();
    guide(&picture.view(), &faces, &thresholds())
}

/// What is said of every head after a change to its scene.
fn all_say(name: &str, wanted: Guidance, change: impl Fn(&mut Scene)) {
    let detector = detector();
    for id in HEADS {
        let mut scene = scene(near(id));
        change(&mut scene);
        let guided = judged(&detector, &scene);
        assert_eq!(
            guided.guidance, wanted,
            "{name}, head {id}: {:?}",
            guided.nearest
        );
    }
}

fn each(scene: &mut Scene, change: impl Fn(&mut Person)) {
    scene.people.iter_mut().for_each(change);
}

#[test]
fn face_that_is_near_ahead_sharp_and_lit_is_to_hold() {
    all_say("as it is", Guidance::Hold, |_| {});
    all_say("a little turned", Guidance::Hold, |s| {
        each(s, |p| (p.yaw, p.roll, p.pitch) = (4.0, -3.0, 3.0));
    });
    all_say("dimmer", Guidance::Hold, |s| s.light.exposure = 0.5);
    all_say("lamp a little aside", Guidance::Hold, |s| {
        s.light.azimuth = -30.0
    });
}

#[test]
fn nobody_in_the_picture() {
    all_say("empty", Guidance::NoFace, |s| s.people.clear());
}

#[test]
fn distance_is_told() {
    all_say("far", Guidance::TooFar, |s| each(s, |p| p.distance = 800.0));
    all_say("near", Guidance::TooNear, |s| {
        each(s, |p| p.distance = 230.0)
    });
}

#[test]
fn place_in_the_picture_is_told() {
    let off = |x, y| move |s: &mut Scene| each(s, |p| (p.aside, p.up) = (x, y));
    all_say("left", Guidance::OffCentre(Edge::Left), off(-110.0, 0.0));
    all_say("right", Guidance::OffCentre(Edge::Right), off(110.0, 0.0));
    all_say("up", Guidance::OffCentre(Edge::Top), off(0.0, 120.0));
    all_say("down", Guidance::OffCentre(Edge::Bottom), off(0.0, -90.0));
}

#[test]
fn turned_head_is_told() {
    let turned = |yaw, pitch, roll| {
        move |s: &mut Scene| each(s, |p| (p.yaw, p.pitch, p.roll) = (yaw, pitch, roll))
    };
    all_say(
        "to its left",
        Guidance::TurnedAside(Side::Left),
        turned(24.0, 0.0, 0.0),
    );
    all_say(
        "to its right",
        Guidance::TurnedAside(Side::Right),
        turned(-24.0, 0.0, 0.0),
    );
    all_say(
        "to its right shoulder",
        Guidance::HeadTilted(Side::Right),
        turned(0.0, 0.0, 17.0),
    );
    all_say(
        "to its left shoulder",
        Guidance::HeadTilted(Side::Left),
        turned(0.0, 0.0, -17.0),
    );
    all_say("down", Guidance::LooksDown, turned(0.0, 33.0, 0.0));
    all_say("up", Guidance::LooksUp, turned(0.0, -36.0, 0.0));
}

#[test]
fn light_is_told() {
    all_say("dark", Guidance::TooDark, |s| s.light.exposure = 0.1);
    all_say("bright", Guidance::TooBright, |s| s.light.exposure = 5.0);
    for azimuth in [-85.0, 85.0] {
        all_say("from one side", Guidance::UnevenLight, |s| {
            s.light = Light {
                azimuth,
                key: 1.4,
                ambient: 0.08,
                ..s.light
            };
        });
    }
}

#[test]
fn what_is_asked_first_hides_the_rest() {
    all_say("far and dim", Guidance::TooFar, |s| {
        each(s, |p| p.distance = 800.0);
        s.light.exposure = 0.15;
    });
    all_say("aside and turned", Guidance::OffCentre(Edge::Right), |s| {
        each(s, |p| (p.aside, p.yaw) = (110.0, -24.0));
    });
    all_say("turned and dim", Guidance::TurnedAside(Side::Left), |s| {
        each(s, |p| p.yaw = 26.0);
        s.light.exposure = 0.15;
    });
    all_say("dark and blurred", Guidance::TooDark, |s| {
        s.light.exposure = 0.1;
        s.blur = 1.5;
    });
}

#[test]
fn blur_is_told() {
    all_say("moved", Guidance::Blurred, |s| s.blur = 3.5);
}

#[test]
fn sharpness_falls_with_every_bit_of_blur() {
    let detector = detector();
    for id in HEADS {
        let mut before = f32::MAX;
        for blur in [0.0, 1.0, 2.0, 3.0] {
            let mut scene = scene(near(id));
            scene.blur = blur;
            let sharpness = judged(&detector, &scene).nearest.unwrap().1.light.sharpness;
            assert!(sharpness < before, "head {id}, {blur}: {sharpness}");
            before = sharpness;
        }
    }
}

#[test]
fn somebody_about_as_near_is_a_rival_and_somebody_behind_is_not() {
    let detector = detector();
    let beside = |aside, distance| {
        let mut scene = scene(near(1));
        (scene.width, scene.focal) = (720, 480.0 / 720.0);
        scene.people.push(Person {
            aside,
            distance,
            ..Person::new(9)
        });
        scene
    };
    let said = |scene: &Scene| judged(&detector, scene).guidance;
    assert_eq!(said(&beside(190.0, 460.0)), Guidance::Several);
    assert_eq!(said(&beside(210.0, 800.0)), Guidance::Hold);
}

#[test]
fn nearest_face_is_taken_and_the_other_cut_away() {
    let detector = detector();
    let mut scene = scene(near(1));
    (scene.width, scene.focal) = (720, 480.0 / 720.0);
    scene.people.insert(
        0,
        Person {
            aside: 330.0,
            distance: 800.0,
            ..Person::new(9)
        },
    );
    let picture = scene.render();
    let faces = detector.detect(&picture.view()).unwrap();
    assert_eq!(faces.len(), 2);
    let guided = guide(&picture.view(), &faces, &thresholds());
    let (nearest, measures) = guided.nearest.unwrap();
    let truth = scene.points(1).unwrap();
    assert!(nearest.points.nose.distance(truth.nose) < 12.0);
    assert!(measures.rival > 0.3 && measures.rival < 0.75);
    let portrait = crop(&picture.view(), &nearest);
    let shape = portrait.width() as f32 / portrait.height() as f32;
    assert!((shape - 0.75).abs() < 0.01, "{shape}");
    let inside = detector.detect(&portrait.view()).unwrap();
    assert_eq!(inside.len(), 1, "the other person is in the portrait");
    // The token picture: eyes a quarter of the width apart, in the middle, at 0.45 of the height.
    let eyes = inside[0].interocular() / portrait.width() as f32;
    assert!((eyes - 0.25).abs() < 0.03, "{eyes}");
    let middle = (inside[0].points.right_eye.x + inside[0].points.left_eye.x) / 2.0;
    assert!(
        (middle / portrait.width() as f32 - 0.5).abs() < 0.06,
        "{middle}"
    );
    let line = inside[0].points.right_eye.y / portrait.height() as f32;
    assert!((line - 0.45).abs() < 0.04, "{line}");
}

#[test]
fn pose_of_true_points_is_the_pose_that_was_rendered() {
    // Rendered heads are no mean face, and the fit knows no perspective: what the points of a head
    // that looks ahead give is taken off the pitch.
    for id in HEADS {
        let far = |yaw, pitch, roll| {
            let person = Person {
                yaw,
                pitch,
                roll,
                distance: 1500.0,
                ..Person::new(id)
            };
            Pose::of(&scene(person).points(0).unwrap())
        };
        let ahead = far(0.0, 0.0, 0.0);
        assert!(ahead.yaw.abs() < 0.1 && ahead.roll.abs() < 0.1);
        for angle in [-25.0f32, -10.0, 10.0, 25.0] {
            assert!(
                (far(angle, 0.0, 0.0).yaw - angle).abs() < 0.35 * angle.abs(),
                "yaw {angle}"
            );
            assert!(
                (far(0.0, 0.0, angle).roll - angle).abs() < 0.5,
                "roll {angle}"
            );
            let pitch = far(0.0, angle, 0.0).pitch - ahead.pitch;
            assert!(
                (pitch - angle).abs() < 0.5 * angle.abs(),
                "pitch {angle}: {pitch}"
            );
        }
    }
}

#[test]
fn pose_of_found_points_follows_the_pose_that_was_rendered() {
    let detector = detector();
    let angles = [-24.0f32, -12.0, 0.0, 12.0, 24.0];
    let mean = |turn: fn(&mut Person, f32), angle: f32, read: fn(&Pose) -> f32| {
        let poses = HEADS.map(|id| {
            let mut scene = scene(near(id));
            each(&mut scene, |p| turn(p, angle));
            read(&judged(&detector, &scene).nearest.unwrap().1.pose)
        });
        poses.iter().sum::<f32>() / poses.len() as f32
    };
    let yaws = angles.map(|a| mean(|p, a| p.yaw = a, a, |p| p.yaw));
    let rolls = angles.map(|a| mean(|p, a| p.roll = a, a, |p| p.roll));
    let pitches = angles.map(|a| mean(|p, a| p.pitch = a, a, |p| p.pitch));
    for (name, told) in [("yaw", yaws), ("roll", rolls), ("pitch", pitches)] {
        assert!(told.windows(2).all(|w| w[0] < w[1]), "{name}: {told:?}");
    }
    for ((angle, yaw), roll) in angles.iter().zip(yaws).zip(rolls) {
        assert!((yaw - angle).abs() < 10.0, "yaw {angle}: {yaw}");
        assert!((roll - angle).abs() < 6.0, "roll {angle}: {roll}");
    }
}

fn ms(at: u64) -> Duration {
    Duration::from_millis(at)
}

#[test]
fn picture_is_taken_after_holding_long_enough_and_once() {
    let mut steady = Steady::new(ms(600), ms(400));
    let hold = Guidance::Hold;
    assert_eq!(steady.see(hold, ms(5000)), Shutter::Wait(0.0));
    assert_eq!(steady.see(hold, ms(5300)), Shutter::Wait(0.5));
    assert_eq!(steady.see(hold, ms(5600)), Shutter::Take);
    assert_eq!(steady.see(hold, ms(5900)), Shutter::Wait(1.0));
    assert_eq!(steady.see(Guidance::Blurred, ms(6000)), Shutter::Wait(0.0));
    assert_eq!(steady.see(hold, ms(6100)), Shutter::Wait(0.0));
    assert_eq!(steady.see(hold, ms(6400)), Shutter::Wait(0.5));
    assert_eq!(steady.see(hold, ms(6800)), Shutter::Take);
    steady.reset();
    assert_eq!(steady.see(hold, ms(6900)), Shutter::Wait(0.0));
}

#[test]
fn anything_else_a_gap_or_a_clock_that_goes_back_begins_anew() {
    let others = [
        Guidance::NoFace,
        Guidance::Several,
        Guidance::TooFar,
        Guidance::TooNear,
        Guidance::OffCentre(Edge::Top),
        Guidance::TurnedAside(Side::Left),
        Guidance::HeadTilted(Side::Right),
        Guidance::LooksUp,
        Guidance::LooksDown,
        Guidance::TooDark,
        Guidance::TooBright,
        Guidance::UnevenLight,
        Guidance::Blurred,
    ];
    let hold = Guidance::Hold;
    for other in others {
        let mut steady = Steady::new(ms(600), ms(400));
        steady.see(hold, ms(0));
        steady.see(hold, ms(400));
        assert_eq!(steady.see(other, ms(500)), Shutter::Wait(0.0));
        assert_eq!(steady.see(hold, ms(700)), Shutter::Wait(0.0));
    }
    let mut steady = Steady::new(ms(600), ms(400));
    steady.see(hold, ms(0));
    assert_eq!(steady.see(hold, ms(700)), Shutter::Wait(0.0), "a gap");
    assert_eq!(steady.see(hold, ms(1000)), Shutter::Wait(0.5));
    assert_eq!(
        steady.see(hold, ms(900)),
        Shutter::Wait(0.0),
        "time went back"
    );
    let mut at_once = Steady::new(ms(0), ms(400));
    assert_eq!(
        at_once.see(hold, ms(10)),
        Shutter::Wait(0.0),
        "one frame alone"
    );
    assert_eq!(at_once.see(hold, ms(20)), Shutter::Take);
}
