//! Prints of several fingers of one person, searched as one.

use crate::support::*;
use biometrics::finger::synth::{Finger as Skin, Impression};
use biometrics::finger::{Gallery, decode_png, extract};
use central::{Config, NewPerson};
use protocol::{AnswerResult, FoundBy, Probe};
use regulation::encounter::Finger;
use regulation::{EncounterId, QuestionId};

const INDEX: u64 = 77;
const THUMB: u64 = 79;
const TOUCH: u64 = 5;

/// Person 1 with two fingers, and others without one.
fn people() -> Vec<NewPerson> {
    let thumb = Skin::from_seed(THUMB).impression(&Impression::ordinary(1));
    let mut both = person_with_finger(1, INDEX);
    both.prints
        .push((Finger::RightThumb, extract(&thumb).unwrap()));
    (10..40).map(person).chain([both]).collect()
}

/// A policy by which neither print alone names anybody, whatever scores the engine gives.
fn too_strict_for_one(config: &mut Config) {
    let alone = |seed| {
        let gallery = Gallery::new();
        let enrolled = Skin::from_seed(seed).impression(&Impression::ordinary(1));
        gallery.add(1, &extract(&enrolled).unwrap());
        let probe = decode_png(&print(seed, TOUCH), 500).unwrap();
        gallery.search(&extract(&probe).unwrap(), 1)[0].score.0
    };
    let (low, high) = (
        alone(INDEX).min(alone(THUMB)),
        alone(INDEX).max(alone(THUMB)),
    );
    // The better one is by accident once in a million; both together far more rarely.
    assert!(low > high / 2.0, "{low} {high}");
    config.policy.tail_origin = Some(0.0);
    config.policy.tail_decade = Some(high / 6.0);
    config.policy.identify_fpir = 1e-6;
}

fn by(finger: Finger, seed: u64, with: &[QuestionId]) -> Probe {
    Probe::Fingerprint {
        finger,
        ppi: 500,
        png: print(seed, TOUCH),
        with: with.to_vec(),
    }
}

struct Asking {
    world: World,
    tablet: Tablet,
    answers: u64,
}

impl Asking {
    async fn new() -> Self {
        let world = World::with(too_strict_for_one).await;
        let tablet = world.on_duty("a").await;
        world.admin().import(&registers(), people()).unwrap();
        world.central().gallery_ready().await;
        Self {
            world,
            tablet,
            answers: 0,
        }
    }

    async fn opened(&mut self) -> EncounterId {
        let encounter = new_encounter();
        let envelopes = self.tablet.opened(&self.world, encounter);
        self.tablet.send(&self.world, envelopes).await.unwrap();
        encounter
    }

    async fn ask(&mut self, encounter: EncounterId, probe: Probe) -> (QuestionId, AnswerResult) {
        let (id, envelope) = self.tablet.ask(&self.world, encounter, probe);
        self.tablet.send(&self.world, vec![envelope]).await.unwrap();
        let answer = self.tablet.answer(&self.world, self.answers).await;
        assert_eq!(answer.question, id);
        self.answers += 1;
        (id, answer.result)
    }
}

fn possible(result: &AnswerResult) -> bool {
    matches!(result, AnswerResult::Possible { .. })
}

#[tokio::test]
async fn two_fingers_name_whom_neither_names_alone() {
    let mut asking = Asking::new().await;
    let encounter = asking.opened().await;
    let (first, alone) = asking
        .ask(encounter, by(Finger::RightIndex, INDEX, &[]))
        .await;
    assert!(possible(&alone), "{:?}", alone.kind());
    let (_, thumb) = asking
        .ask(encounter, by(Finger::RightThumb, THUMB, &[]))
        .await;
    assert!(possible(&thumb), "{:?}", thumb.kind());
    let (_, both) = asking
        .ask(encounter, by(Finger::RightThumb, THUMB, &[first]))
        .await;
    let AnswerResult::Found {
        person: found,
        by: FoundBy::Fingerprint { fpir, gallery },
    } = both
    else {
        panic!("{:?}", both.kind())
    };
    assert_eq!(found.name, person(1).name);
    assert_eq!(gallery.people, 31);
    assert!(fpir.one_in.get() > 1_000_000, "{fpir:?}");
}

#[tokio::test]
async fn prints_of_another_encounter_of_the_same_finger_or_unknown_are_left_out() {
    let mut asking = Asking::new().await;
    let other = asking.opened().await;
    let (elsewhere, _) = asking.ask(other, by(Finger::RightIndex, INDEX, &[])).await;
    let encounter = asking.opened().await;
    let (same, _) = asking
        .ask(encounter, by(Finger::RightThumb, THUMB, &[]))
        .await;
    let unknown = QuestionId(uuid::Uuid::new_v4());
    for with in [elsewhere, same, unknown] {
        let (_, result) = asking
            .ask(encounter, by(Finger::RightThumb, THUMB, &[with]))
            .await;
        assert!(possible(&result), "{:?}", result.kind());
    }
}

#[tokio::test]
async fn a_finger_that_is_not_enrolled_makes_no_candidate_disappear() {
    let mut asking = Asking::new().await;
    let encounter = asking.opened().await;
    let (first, alone) = asking
        .ask(encounter, by(Finger::RightIndex, INDEX, &[]))
        .await;
    assert!(possible(&alone), "{:?}", alone.kind());
    let (_, both) = asking
        .ask(encounter, by(Finger::LeftIndex, 4_711, &[first]))
        .await;
    let AnswerResult::Possible { candidates, .. } = both else {
        panic!("{:?}", both.kind())
    };
    assert_eq!(candidates[0].person.name, person(1).name);
}
