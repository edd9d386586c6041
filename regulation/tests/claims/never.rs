//! What must never happen, under random sequences of events.
//!
//! The sequences are half guided (an event that fits) and half wild (any event), so that deep
//! states are reached; the last test proves that they are. What the machine says is judged by the
//! history of accepted events alone, never by the machine's own state.

use super::catalogue::*;
use super::walk::*;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use regulation::encounter::*;
use regulation::{Edition, QuestionId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

static EDITION: LazyLock<Edition> = LazyLock::new(edition);
static CATALOGUE: LazyLock<Vec<Event>> = LazyLock::new(catalogue);
static BY_KIND: LazyLock<Vec<Vec<Event>>> = LazyLock::new(|| {
    let mut kinds: BTreeMap<&str, Vec<Event>> = BTreeMap::new();
    for event in CATALOGUE.iter() {
        kinds.entry(kind(event)).or_default().push(event.clone());
    }
    kinds.into_values().collect()
});

/// One step of a random walk: how to choose, which, and how much later (in milliseconds).
type Step = (u8, prop::sample::Index, prop::sample::Index, i64);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let later = prop_oneof![
        4 => Just(0_i64),
        4 => 1..60_000_i64,
        2 => Just(599_999_i64),
        2 => Just(600_000_i64),
        1 => -60_000..0_i64,
    ];
    prop::collection::vec(
        (
            0..10_u8,
            any::<prop::sample::Index>(),
            any::<prop::sample::Index>(),
            later,
        ),
        1..80,
    )
}

/// The event that a step chooses in `state`. Kinds are gone through from a random one in a random
/// stride, so that the rare kinds come up as often as the common ones; guided steps take the first
/// that fits, and mostly leave outcome and close for later.
fn choose(state: &Encounter, at: Timestamp, step: &Step) -> Event {
    let (mode, which, form, _) = step;
    let kinds: &[Vec<Event>] = &BY_KIND;
    if *mode == 9 && state.stage > Stage::GroundExplained && which.index(3) == 0 {
        return form.get(&valid_outcomes()).clone();
    }
    let stride = [1, 3, 7, 11, 13, 17][form.index(6)];
    for n in 0..kinds.len() {
        let forms = &kinds[(which.index(kinds.len()) + n * stride) % kinds.len()];
        let ends = matches!(forms[0], Event::OutcomeRecorded { .. } | Event::Closed);
        let opens = state.stage == Stage::NotOpen && matches!(forms[0], Event::Opened { .. });
        let fits = |event: &&Event| {
            let event = (*event).clone();
            opens || transition(&EDITION, state, &Recorded { at, event }).is_ok()
        };
        let pool: Vec<_> = match mode {
            0 | 1 => forms.iter().collect(),
            2..=8 if ends => continue,
            // A document settles who it is, and most of what follows with it.
            2..=7 if matches!(forms[0], Event::IdentifiedByDocument { .. }) => continue,
            _ => forms.iter().filter(fits).collect(),
        };
        if !pool.is_empty() {
            return (*form.get(&pool)).clone();
        }
    }
    which.get(&CATALOGUE).clone()
}

/// One event tried, with the state before and what became of it.
struct Tried {
    before: Encounter,
    recorded: Recorded,
    result: Result<Encounter, Refusal>,
    /// Accepted events up to here, this one left out.
    history: usize,
}

struct Run {
    tried: Vec<Tried>,
    accepted: Vec<Recorded>,
    last: Encounter,
}

fn run(steps: &[Step]) -> Run {
    let mut state = Encounter::default();
    let mut at = Timestamp(1_800_000_000_000);
    let (mut tried, mut accepted) = (Vec::new(), Vec::new());
    for step in steps {
        at = Timestamp(at.0 + step.3);
        let recorded = Recorded {
            at,
            event: choose(&state, at, step),
        };
        let before = state.clone();
        let result = transition(&EDITION, &state, &recorded);
        assert_eq!(
            state, before,
            "a refused or accepted transition leaves its input alone"
        );
        let history = accepted.len();
        if let Ok(next) = &result {
            state = next.clone();
            accepted.push(recorded.clone());
        }
        tried.push(Tried {
            before,
            recorded,
            result,
            history,
        });
    }
    Run {
        tried,
        accepted,
        last: state,
    }
}

// What the history says, told apart from the machine.

fn has(history: &[Recorded], test: impl Fn(&Event) -> bool) -> bool {
    history.iter().any(|r| test(&r.event))
}

/// The explanation that counts: the last one, unless the ground was changed after it; that none is
/// possible yet outlives a change.
fn explanation(history: &[Recorded]) -> Option<&Explanation> {
    let mut ground: Option<(&str, &str)> = None;
    let mut said: Option<&Explanation> = None;
    for r in history {
        match &r.event {
            Event::GroundStated { ground: id, fact } => {
                let stated = Some((id.as_str(), fact.trim()));
                if ground != stated && !matches!(said, Some(Explanation::NotPossibleYet { .. })) {
                    said = None;
                }
                ground = stated;
            }
            Event::Explained { how } => said = Some(how),
            _ => {}
        }
    }
    said
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Told {
    Waiting,
    Withdrawn,
    Answer(AnswerKind),
}

#[derive(Clone, Copy, Debug)]
struct Question {
    id: QuestionId,
    basis: Basis,
    at: Timestamp,
    told: Told,
    /// The last word of a person on it.
    confirmed: Option<bool>,
    /// The candidate that a person chose is wanted or missing.
    grave: bool,
}

fn questions(history: &[Recorded]) -> Vec<Question> {
    let mut all: Vec<Question> = Vec::new();
    for r in history {
        let mut change = |id: &QuestionId, f: &dyn Fn(&mut Question)| {
            all.iter_mut().filter(|q| q.id == *id).for_each(f);
        };
        match &r.event {
            Event::Asked { question, basis } => all.push(Question {
                id: *question,
                basis: *basis,
                at: r.at,
                told: Told::Waiting,
                confirmed: None,
                grave: false,
            }),
            Event::QuestionWithdrawn { question } => {
                change(question, &|q| q.told = Told::Withdrawn);
            }
            Event::AnswerArrived { question, answer } => {
                change(question, &|q| q.told = Told::Answer(*answer));
            }
            Event::IdentityConfirmed { question } => {
                change(question, &|q| q.confirmed = Some(true))
            }
            Event::IdentityDisputed { question } => {
                change(question, &|q| q.confirmed = Some(false))
            }
            Event::NoneOfThese { question } => change(question, &|q| {
                q.confirmed = Some(false);
                q.grave = false;
            }),
            Event::CandidateConfirmed {
                question,
                candidate,
            } => change(question, &|q| {
                q.confirmed = Some(true);
                q.grave = candidate.wanted || candidate.missing;
            }),
            _ => {}
        }
    }
    all
}

fn stands(q: &Question) -> bool {
    matches!(
        q.told,
        Told::Answer(AnswerKind::Found { .. } | AnswerKind::Possible)
    ) && q.confirmed != Some(false)
}

fn biometric(q: &Question) -> bool {
    matches!(q.basis, Basis::Fingerprint { .. } | Basis::Face)
}

fn in_part(q: &Question) -> bool {
    matches!(
        q.told,
        Told::Answer(AnswerKind::Incomplete | AnswerKind::Expired)
    )
}

fn same_means(a: &Question, b: &Question) -> bool {
    std::mem::discriminant(&a.basis) == std::mem::discriminant(&b.basis)
}

fn made_good(all: &[Question], i: usize) -> bool {
    all[i + 1..].iter().any(|later| {
        same_means(later, &all[i]) && matches!(later.told, Told::Answer(_)) && !in_part(later)
    })
}

fn by_document(history: &[Recorded]) -> bool {
    has(history, |e| matches!(e, Event::IdentifiedByDocument { .. }))
}

fn config() -> Config {
    Config {
        cases: 256,
        failure_persistence: None,
        ..Config::default()
    }
}

proptest! {
    #![proptest_config(config())]

    /// No look-up outside an open encounter, nor before ground, fact and explanation.
    #[test]
    fn no_look_up_starts_outside_the_procedure(steps in steps()) {
        let run = run(&steps);
        for t in run.tried.iter().filter(|t| t.result.is_ok()) {
            let history = &run.accepted[..t.history];
            let identifies = matches!(
                t.recorded.event,
                Event::Asked { .. }
                    | Event::IdentifiedByDocument { .. }
                    | Event::FingerprintAttempted { .. }
                    | Event::FingerprintImpossible { .. }
                    | Event::Unidentifiable { .. }
            );
            if !identifies {
                continue;
            }
            assert!(has(history, |e| matches!(e, Event::Opened { .. })));
            assert!(!has(history, |e| matches!(e, Event::Closed)));
            assert!(!has(history, |e| matches!(e, Event::OutcomeRecorded { .. })));
            assert!(has(history, |e| matches!(
                e,
                Event::GroundStated { fact, .. } if !fact.trim().is_empty()
            )));
            match explanation(history) {
                None => panic!("no explanation"),
                Some(Explanation::NotPossibleYet { why }) => {
                    assert!(!why.trim().is_empty());
                    assert!(t.before.flags.contains(&Flag::ExplanationDelayed));
                }
                Some(_) => {
                    assert!(has(history, |e| matches!(e, Event::Introduced { .. })));
                }
            }
        }
    }

    /// No face without a recorded reason.
    #[test]
    fn no_face_is_asked_without_a_recorded_reason(steps in steps()) {
        let run = run(&steps);
        for t in run.tried.iter().filter(|t| t.result.is_ok()) {
            if matches!(t.recorded.event, Event::Asked { basis: Basis::Face, .. }) {
                assert!(has(&run.accepted[..t.history], |e| matches!(
                    e,
                    Event::FingerprintImpossible { reason, .. } if REASONS.contains(&reason.as_str())
                )));
            }
        }
    }

    /// An answer of one encounter is never used in another, nor twice, nor once withdrawn.
    #[test]
    fn an_answer_is_used_only_for_its_waiting_question(steps in steps()) {
        let run = run(&steps);
        for t in &run.tried {
            let (Event::AnswerArrived { question, .. }
            | Event::Revealed { question }
            | Event::IdentityConfirmed { question }
            | Event::IdentityDisputed { question }
            | Event::CandidateRevealed { question, .. }
            | Event::CandidateConfirmed { question, .. }
            | Event::NoneOfThese { question }
            | Event::QuestionWithdrawn { question }) = &t.recorded.event
            else {
                continue;
            };
            let all = questions(&run.accepted[..t.history]);
            let asked = all.iter().find(|q| q.id == *question);
            match asked {
                None => assert!(t.result.is_err()),
                Some(q) if t.result.is_ok() => {
                    let waits = matches!(
                        t.recorded.event,
                        Event::AnswerArrived { .. } | Event::QuestionWithdrawn { .. }
                    );
                    assert_eq!(waits, q.told == Told::Waiting);
                    if !waits {
                        assert!(matches!(q.told, Told::Answer(_)));
                    }
                }
                Some(_) => {}
            }
        }
    }

    /// Pending, incomplete, expired and unusable are never "not found", nor "cannot identify"
    /// before the limit.
    #[test]
    fn an_outage_is_never_cannot_identify_before_the_limit(steps in steps()) {
        let run = run(&steps);
        let limit = EDITION.limits.pending_limit_ms();
        for t in run.tried.iter().filter(|t| t.result.is_ok()) {
            let Event::Unidentifiable { why } = t.recorded.event else { continue };
            let history = &run.accepted[..t.history];
            let all = questions(history);
            assert!(!by_document(history));
            assert!(!all.iter().any(stands));
            let over = |q: &Question| t.recorded.at.millis_since(q.at) >= limit;
            for (i, q) in all.iter().enumerate() {
                match why {
                    Unidentified::NotFound => {
                        assert!(q.told != Told::Waiting);
                        assert!(!in_part(q) || made_good(&all, i));
                    }
                    Unidentified::WaitedTooLong => {
                        let cut = q.told == Told::Waiting || (in_part(q) && !made_good(&all, i));
                        assert!(!cut || over(q));
                    }
                    Unidentified::NoMeansLeft => {
                        assert!(q.told != Told::Waiting);
                        let cut = q.told == Told::Withdrawn || in_part(q);
                        assert!(!cut || made_good(&all, i) || over(q));
                    }
                }
            }
            match why {
                Unidentified::NotFound => assert!(all.iter().any(|q| biometric(q)
                    && (q.told == Told::Answer(AnswerKind::NotFound) || q.confirmed == Some(false)))),
                Unidentified::WaitedTooLong => assert!(all.iter().enumerate().any(|(i, q)|
                    q.told == Told::Waiting || (in_part(q) && !made_good(&all, i)))),
                Unidentified::NoMeansLeft => assert!(has(history, |e| matches!(
                    e,
                    Event::FingerprintImpossible { .. }
                ))),
            }
        }
    }

    /// A candidate is an identity only when a person says so; a case that does not fit is flagged.
    #[test]
    fn an_unflagged_outcome_rests_on_what_the_encounter_shows(steps in steps()) {
        let run = run(&steps);
        for t in &run.tried {
            let (Event::OutcomeRecorded { outcome }, Ok(after)) = (&t.recorded.event, &t.result)
            else {
                continue;
            };
            let history = &run.accepted[..t.history];
            let all = questions(history);
            let unflagged = |flag: Flag| !after.flags.contains(&flag);
            let confirmed = |q: &Question| stands(q) && q.confirmed == Some(true);
            match outcome {
                Outcome::TakenToStation { case }
                    if case == "cannot_identify" && unflagged(Flag::CaseDoesNotFit) =>
                {
                        let said = history
                            .iter()
                            .rposition(|r| matches!(r.event, Event::Unidentifiable { .. }));
                        let asked =
                            history.iter().rposition(|r| matches!(r.event, Event::Asked { .. }));
                        assert!(said.is_some() && said > asked);
                        assert!(!all.iter().any(stands) && !by_document(history));
                }
                Outcome::TakenToStation { case }
                    if case == "wanted_or_missing"
                        && unflagged(Flag::CaseDoesNotFit)
                        && unflagged(Flag::IdentityNotConfirmed) =>
                {
                        assert!(all.iter().any(|q| confirmed(q)
                            && (q.grave || matches!(q.told,
                                Told::Answer(AnswerKind::Found { wanted, missing })
                                if wanted || missing))));
                }
                Outcome::ProtocolOnTheSpot { .. }
                    if unflagged(Flag::IdentityNotConfirmed) && all.iter().any(stands) =>
                {
                        assert!(by_document(history) || all.iter().any(confirmed));
                }
                _ => {}
            }
            let taken = matches!(outcome, Outcome::TakenToStation { .. });
            let document = |q: &Question| matches!(q.basis, Basis::Document { .. }) && stands(q);
            if taken && unflagged(Flag::TakenThoughDocumentsPresent) {
                assert!(!by_document(history) && !all.iter().any(document));
            }
            if *outcome != Outcome::Released && unflagged(Flag::OutcomeBeforeProcedure) {
                assert!(has(history, |e| matches!(e, Event::Introduced { .. })));
                assert!(has(history, |e| matches!(e, Event::GroundStated { .. })));
                assert!(explanation(history).is_some());
            }
        }
    }

    /// Central is total, loses nothing, and agrees with the tablet.
    #[test]
    fn record_never_loses_and_agrees_with_transition(steps in steps()) {
        let run = run(&steps);
        let mut central = Encounter::default();
        for t in &run.tried {
            let after = record(&EDITION, &t.before, &t.recorded);
            match &t.result {
                Ok(next) => assert_eq!(&after, next),
                Err(refusal) => {
                    let mut flagged = t.before.clone();
                    let flag = Flag::OutOfOrder { refusal: *refusal };
                    if !flagged.flags.contains(&flag) {
                        flagged.flags.push(flag);
                    }
                    assert_eq!(&after, &flagged);
                }
            }
            let before = central.clone();
            central = record(&EDITION, &central, &t.recorded);
            assert!(central.flags.starts_with(&before.flags), "flags only grow");
            assert!(central.questions.len() >= before.questions.len());
            assert!(central.stage >= Stage::Opened || before.stage == Stage::NotOpen);
        }
        central.flags.retain(|f| !matches!(f, Flag::OutOfOrder { .. }));
        assert_eq!(&central, &run.last);
        let unique: std::collections::HashSet<_> = central.flags.iter().collect();
        assert_eq!(unique.len(), central.flags.len(), "no flag twice");
    }

    /// The same events make the same encounter, also through the wire.
    #[test]
    fn replay_is_deterministic(steps in steps()) {
        let run = run(&steps);
        let wire = serde_json::to_string(&run.accepted).unwrap();
        let read: Vec<Recorded> = serde_json::from_str(&wire).unwrap();
        assert_eq!(&read, &run.accepted);
        let again = read
            .iter()
            .try_fold(Encounter::default(), |state, r| transition(&EDITION, &state, r));
        assert_eq!(again, Ok(run.last.clone()));
        let kept: Encounter =
            serde_json::from_str(&serde_json::to_string(&run.last).unwrap()).unwrap();
        assert_eq!(kept, run.last);
    }

    /// After the close nothing changes but late answers, and the look at them.
    #[test]
    fn closed_is_final_except_for_late_answers(steps in steps()) {
        let run = run(&steps);
        for t in run.tried.iter().filter(|t| t.before.stage == Stage::Closed) {
            let Ok(after) = &t.result else { continue };
            let (Event::AnswerArrived { question, .. }
            | Event::Revealed { question }
            | Event::CandidateRevealed { question, .. }) = &t.recorded.event
            else {
                return Err(TestCaseError::fail(kind(&t.recorded.event)));
            };
            assert!(after.question(*question).unwrap().late);
            assert!(after.flags.contains(&Flag::LateAnswer));
            let same = Encounter {
                questions: t.before.questions.clone(),
                flags: t.before.flags.clone(),
                ..after.clone()
            };
            assert_eq!(&same, &t.before);
        }
    }

    /// What happened can always be recorded, and every encounter can be closed.
    #[test]
    fn a_true_record_is_never_impossible(steps in steps()) {
        let run = run(&steps);
        for t in run.tried.iter().filter(|t| !matches!(t.before.stage, Stage::NotOpen | Stage::Closed)) {
            let at = t.recorded.at;
            for event in valid_outcomes() {
                let ended = transition(&EDITION, &t.before, &Recorded { at, event });
                let mut ended = ended.map_err(|r| TestCaseError::fail(r.to_string()))?;
                for _ in 0..2 {
                    if ended.explanation_owed() {
                        let again = Recorded { at, event: not_yet() };
                        ended = transition(&EDITION, &ended, &again).unwrap();
                    }
                }
                let closed = transition(&EDITION, &ended, &Recorded { at, event: Event::Closed });
                assert_eq!(closed.unwrap().stage, Stage::Closed);
            }
            for (event, allowed) in [
                (disputed(0), false),
                (Event::PersonEntered { person: person() }, true),
                (not_yet(), true),
            ] {
                let result = transition(&EDITION, &t.before, &Recorded { at, event });
                assert_eq!(result.is_ok(), allowed);
            }
        }
    }

    /// Every refusal and flag that ever comes up names its paragraph.
    #[test]
    fn every_refusal_and_flag_that_comes_up_names_a_paragraph(steps in steps()) {
        let run = run(&steps);
        for refusal in run.tried.iter().filter_map(|t| t.result.as_ref().err()) {
            assert_eq!(refusal.paragraph(), Paragraph(paragraph(*refusal)));
        }
        for flag in &run.last.flags {
            assert_eq!(flag.paragraph(), Paragraph(flag_paragraph(*flag)));
        }
    }

    /// No event, however odd its texts and times, makes central stumble.
    #[test]
    fn record_takes_any_text_and_any_time(
        steps in steps(),
        text in any::<String>(),
        at in any::<i64>(),
    ) {
        let state = run(&steps).last;
        let mut somebody = person();
        somebody.name.surname.clone_from(&text);
        somebody.name.patronymic = Some(text.clone());
        for event in [
            ground(&text, &text),
            impossible(&text),
            station(&text),
            Event::PersonEntered { person: somebody },
            Event::FingerprintAttempted { finger: Finger::LeftLittle, fault: text.clone() },
            Event::Unidentifiable { why: Unidentified::WaitedTooLong },
        ] {
            let after = record(&EDITION, &state, &Recorded { at: Timestamp(at), event });
            assert!(after.stage >= state.stage || state.ground.is_some() || after.stage == Stage::GroundStated);
        }
    }
}

/// The walks above reach every stage, event, refusal and flag, and the events that the claims are
/// about, so that no claim holds for want of a case.
#[test]
fn the_random_walks_reach_every_stage_event_refusal_and_flag() {
    let mut runner = TestRunner::deterministic();
    let (mut stages, mut kinds, mut refusals, mut flags) = (
        BTreeSet::new(),
        BTreeSet::new(),
        BTreeSet::new(),
        Vec::new(),
    );
    let mut whys = [0_u32; 3];
    let (mut faces, mut late, mut unflagged, mut delayed) = (0, 0, 0, 0);
    for _ in 0..1024 {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        let run = run(&steps);
        for t in &run.tried {
            stages.insert(t.before.stage);
            match &t.result {
                Err(refusal) => {
                    refusals.insert(format!("{refusal:?}"));
                }
                Ok(after) => {
                    stages.insert(after.stage);
                    kinds.insert(kind(&t.recorded.event));
                    match t.recorded.event {
                        Event::Unidentifiable { why } => whys[why as usize] += 1,
                        Event::Asked {
                            basis: Basis::Face, ..
                        } => faces += 1,
                        Event::Asked { .. }
                            if matches!(
                                t.before.explanation,
                                Some(Explanation::NotPossibleYet { .. })
                            ) =>
                        {
                            delayed += 1;
                        }
                        Event::Revealed { .. } if t.before.stage == Stage::Closed => late += 1,
                        Event::OutcomeRecorded { .. } if after.flags.is_empty() => unflagged += 1,
                        _ => {}
                    }
                }
            }
        }
        flags.extend(run.last.flags);
    }
    assert_eq!(stages.into_iter().collect::<Vec<_>>(), STAGES);
    assert_eq!(kinds.len(), KINDS, "{kinds:?}");
    for refusal in REFUSALS {
        assert!(refusals.contains(&format!("{refusal:?}")), "{refusal:?}");
    }
    for flag in FLAGS {
        assert!(flags.contains(&flag), "{flag:?}");
    }
    assert!(whys.iter().all(|n| *n >= 5), "{whys:?}");
    for n in [faces, late, unflagged, delayed] {
        assert!(n >= 5, "{faces} {late} {unflagged} {delayed}");
    }
}
