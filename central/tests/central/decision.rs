//! The open-set decision: what a match is worth in a gallery of this size, by the policy in force.

use crate::lookup::ask;
use crate::support::*;
use biometrics::finger::{self, Gallery, Prepared, Template, compare, decode_png, extract};
use central::config::{ConfigError, PolicyError};
use central::{Central, Config, NewPerson, Policy, StartError};
use protocol::{AnswerResult, Candidate, FoundBy, Fpir, GallerySearched};
use std::path::Path;

/// Seed of the finger that is enrolled, and touches of it.
const FINGER: u64 = 77;
const TOUCH: u64 = 5;

/// People without a finger of their own, and person 1 with one.
fn people(count: u64) -> impl Iterator<Item = NewPerson> {
    (10..10 + count - 1)
        .map(person)
        .chain([person_with_finger(1, FINGER)])
}

fn probe() -> Template {
    extract(&decode_png(&print(FINGER, TOUCH), 500).unwrap()).unwrap()
}

/// A policy in whose tail the probe's match with person 1 has a false match rate of one in a
/// million, whatever scores the engine gives: what is claimed here is the decision.
fn one_in_a_million(config: &mut Config) {
    let enrolled = Gallery::new();
    let (_, template) = person_with_finger(1, FINGER).prints.remove(0);
    enrolled.add(1, &template);
    let score = enrolled.search(&probe(), 1)[0].score.0;
    config.policy.tail_origin = Some(0.0);
    config.policy.tail_decade = Some(score / 6.0);
}

async fn answered(change: impl FnOnce(&mut Config), count: u64, finger: u64) -> AnswerResult {
    let world = World::with(change).await;
    let mut tablet = world.on_duty("a").await;
    world.admin().import(&registers(), people(count)).unwrap();
    world.central().gallery_ready().await;
    ask(&world, &mut tablet, by_finger(print(finger, TOUCH)))
        .await
        .result
}

/// A million over `prints`, but for rounding of scores to 32 bits.
fn about(fpir: Fpir, prints: u64) {
    let expected = 1_000_000 / prints;
    let off = fpir.one_in.get().abs_diff(expected);
    assert!(off * 50 < expected, "{fpir:?} for {expected}");
}

#[tokio::test]
async fn an_enrolled_finger_is_named_with_the_gallerys_size_and_the_chance_of_an_accident() {
    let change = |config: &mut Config| {
        one_in_a_million(config);
        config.policy.identify_fpir = 1e-3;
    };
    let result = answered(change, 31, FINGER).await;
    let AnswerResult::Found { person: found, by } = result else {
        panic!("{:?}", result.kind())
    };
    assert_eq!(found.name, person(1).name);
    let FoundBy::Fingerprint { fpir, gallery } = by else {
        panic!("{by:?}")
    };
    let (prints, people) = (31, 31);
    assert_eq!(gallery, GallerySearched { prints, people });
    about(fpir, prints);
}

#[tokio::test]
async fn the_same_match_is_worth_less_in_a_larger_gallery() {
    let change = |config: &mut Config| {
        one_in_a_million(config);
        config.policy.identify_fpir = 1e-3;
    };
    let result = answered(change, 600, FINGER).await;
    let AnswerResult::Found {
        by: FoundBy::Fingerprint { fpir, .. },
        ..
    } = result
    else {
        panic!("{:?}", result.kind())
    };
    about(fpir, 600);
    let result = answered(change, 2_000, FINGER).await;
    let AnswerResult::Possible { candidates, .. } = result else {
        panic!("one in 500 is more than one in 1000: {:?}", result.kind())
    };
    about(candidates[0].fpir, 2_000);
}

#[tokio::test]
async fn by_a_tiny_identify_fpir_the_same_probe_is_possible_and_nobody_is_named() {
    let change = |config: &mut Config| {
        one_in_a_million(config);
        config.policy.identify_fpir = 1e-9;
    };
    let result = answered(change, 31, FINGER).await;
    let AnswerResult::Possible {
        candidates,
        gallery,
    } = result
    else {
        panic!("{:?}", result.kind())
    };
    let Candidate { person: best, fpir } = &candidates[0];
    assert_eq!(best.name, person(1).name);
    about(*fpir, 31);
    assert_eq!(gallery.prints, 31);
}

#[tokio::test]
async fn by_a_tiny_verify_fpir_the_same_probe_is_not_found() {
    let change = |config: &mut Config| {
        one_in_a_million(config);
        (config.policy.identify_fpir, config.policy.verify_fpir) = (1e-6, 1e-6);
    };
    let result = answered(change, 31, FINGER).await;
    assert!(
        matches!(result, AnswerResult::NotFound { .. }),
        "{:?}",
        result.kind()
    );
}

#[tokio::test]
async fn a_probe_that_not_even_itself_could_be_found_by_is_unusable_and_never_not_found() {
    // The same probe and match; now the score that the policy asks for lies above what the probe
    // reaches with itself.
    let change = |config: &mut Config| {
        one_in_a_million(config);
        let itself = Prepared::new(&probe());
        let most = compare(&itself, &itself).0;
        let decades = most / config.policy.tail_decade.unwrap();
        let fpir = 31.0 * 10f64.powf(-f64::from(decades) - 0.5);
        (config.policy.identify_fpir, config.policy.verify_fpir) = (fpir, fpir);
    };
    let result = answered(change, 31, FINGER).await;
    assert!(
        matches!(result, AnswerResult::Unusable),
        "{:?}",
        result.kind()
    );
}

#[tokio::test]
async fn a_stranger_is_not_found_among_so_many() {
    let result = answered(|_| (), 31, 78).await;
    let AnswerResult::NotFound { gallery } = result else {
        panic!("{:?}", result.kind())
    };
    let (prints, people) = (31, 31);
    assert_eq!(gallery, Some(GallerySearched { prints, people }));
}

#[tokio::test]
async fn two_people_with_the_same_finger_are_possible_and_neither_is_named() {
    // One candidate shown at most: the other must be seen all the same.
    for shown in [1, 8] {
        let world = World::with(|config| {
            one_in_a_million(config);
            config.policy.identify_fpir = 1e-3;
            config.policy.candidates = shown;
        })
        .await;
        let mut tablet = world.on_duty("a").await;
        let both = people(31).chain([person_with_finger(2, FINGER)]);
        world.admin().import(&registers(), both).unwrap();
        world.central().gallery_ready().await;
        let answer = ask(&world, &mut tablet, by_finger(print(FINGER, TOUCH))).await;
        let AnswerResult::Possible { candidates, .. } = answer.result else {
            panic!("{shown}: {:?}", answer.result.kind())
        };
        for n in [1, 2] {
            let named = candidates.iter().any(|c| c.person.name == person(n).name);
            assert!(named, "{shown}: person {n}");
        }
    }
}

#[tokio::test]
async fn whoever_reads_the_archive_sees_what_the_match_was_worth() {
    let world = World::with(one_in_a_million).await;
    let mut tablet = world.on_duty("a").await;
    world.admin().import(&registers(), people(31)).unwrap();
    world.central().gallery_ready().await;
    let answer = ask(&world, &mut tablet, by_finger(print(FINGER, TOUCH))).await;
    let archived = world.admin().archive().encounter(answer.encounter);
    let answers = archived.unwrap().unwrap().answers;
    assert_eq!(answers, std::slice::from_ref(&answer));
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_central"))
        .args(["show-encounter", "--data"])
        .arg(&world.config.data_dir)
        .arg(answer.encounter.to_string())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let AnswerResult::Found {
        by: FoundBy::Fingerprint { fpir, .. },
        ..
    } = answer.result
    else {
        panic!("{:?}", answer.result.kind())
    };
    let worth = format!(
        "among 31 prints of 31 people, by accident in 1 search of {} at most",
        fpir.one_in
    );
    assert!(said.contains(&worth), "{said}");
    assert!(!said.contains("Namunayev"), "codes and ids alone: {said}");
}

fn loaded(dir: &Path, policy: &str) -> Result<Config, ConfigError> {
    std::fs::write(dir.join("central.toml"), format!("[policy]\n{policy}\n")).unwrap();
    Config::load(dir, "127.0.0.1:0".parse().unwrap())
}

#[test]
fn settings_of_the_decision_out_of_range_are_refused_where_they_are_read() {
    let dir = tempfile::tempdir().unwrap();
    for (text, expected) in [
        ("identify_fpir = 0.0", PolicyError::FpirOutOfRange),
        ("identify_fpir = -0.1", PolicyError::FpirOutOfRange),
        ("identify_fpir = nan", PolicyError::FpirOutOfRange),
        ("identify_fpir = 1e-13", PolicyError::FpirOutOfRange),
        ("verify_fpir = 1.0", PolicyError::FpirOutOfRange),
        ("verify_fpir = inf", PolicyError::FpirOutOfRange),
        (
            "identify_fpir = 0.02\nverify_fpir = 0.01",
            PolicyError::IdentifyAboveVerify,
        ),
        ("identify_fpir = 0.4", PolicyError::IdentifyAboveVerify),
        ("tail_origin = inf", PolicyError::TailOrigin),
        ("tail_origin = nan", PolicyError::TailOrigin),
        ("tail_decade = 0.0", PolicyError::TailDecade),
        ("tail_decade = -14.0", PolicyError::TailDecade),
        ("tail_decade = nan", PolicyError::TailDecade),
        ("tail_decade = inf", PolicyError::TailDecade),
    ] {
        match loaded(dir.path(), text) {
            Err(ConfigError::Policy { source, .. }) => assert_eq!(source, expected, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    let error = loaded(dir.path(), "identify_fpir = 0.0")
        .unwrap_err()
        .to_string();
    let says = ["central.toml", "[policy]", "identify_fpir"].map(|part| error.contains(part));
    assert_eq!(says, [true; 3], "{error}");
}

#[test]
fn settings_of_the_decision_in_range_are_taken_and_absent_ones_are_the_engines() {
    let dir = tempfile::tempdir().unwrap();
    let engine = finger::Policy::default();
    let absent = loaded(dir.path(), "").unwrap().policy.decision().unwrap();
    assert_eq!(absent, engine);
    let text = "identify_fpir = 1e-6\nverify_fpir = 1e-6\ntail_origin = -3.5\ntail_decade = 20";
    let set = loaded(dir.path(), text).unwrap().policy.decision().unwrap();
    assert_eq!((set.identify_fpir, set.verify_fpir), (1e-6, 1e-6));
    assert_eq!((set.tail.origin, set.tail.decade), (-3.5, 20.0));
    assert_eq!(set.tail.measured_to, engine.tail.measured_to);
}

#[test]
fn what_the_settings_allow_the_engine_honours() {
    let at = |identify_fpir: f64| {
        let policy = Policy {
            identify_fpir,
            verify_fpir: 0.5,
            ..Policy::default()
        };
        policy.decision().unwrap().identify_at(1)
    };
    assert!(at(1e-12) > at(2e-12), "the lowest is not raised");
    assert!(at(0.5) < at(0.49), "the highest is not lowered");
}

#[tokio::test]
async fn central_does_not_start_with_a_policy_that_makes_no_decision() {
    let world = World::stopped(|config| config.policy.identify_fpir = 0.9);
    let started = Central::start(world.config.clone()).await;
    assert!(
        matches!(
            started.map(|_| ()),
            Err(StartError::Policy(PolicyError::FpirOutOfRange))
        ),
        "central started"
    );
}
