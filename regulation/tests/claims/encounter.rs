//! The procedure by example, paragraph by paragraph.

use super::walk::*;
use regulation::Timestamp;
use regulation::encounter::*;

// §1

#[test]
fn p01_nothing_happens_before_the_encounter_is_open_and_it_opens_once_at_a_place() {
    Walk::new()
        .no(introduced(), Refusal::NotOpen)
        .no(released(), Refusal::NotOpen)
        .no(asked(1, FINGER), Refusal::NotOpen)
        .no(
            Event::Opened {
                place: Place {
                    text: " ".into(),
                    source: PlaceSource::Position,
                },
                citizen_language: Language::Russian,
            },
            Refusal::PlaceMissing,
        )
        .ok(opened())
        .stage(Stage::Opened)
        .no(opened(), Refusal::AlreadyOpen);
    let walk = Walk::new().ok(opened());
    assert_eq!(walk.state.opened_at, Some(walk.at));
    assert_eq!(walk.state.place, Some(place()));
    assert_eq!(walk.state.citizen_language, Some(Language::UzbekLatin));
}

// §12: introduction

#[test]
fn p12_the_officer_introduces_themselves_once_before_ground_and_explanation() {
    let walk = Walk::new()
        .ok(opened())
        .no(ground("suspicion", "fakt"), Refusal::NotIntroduced)
        .no(explained(), Refusal::NotIntroduced)
        .no(Event::ServiceIdShown, Refusal::NotIntroduced)
        .ok(introduced())
        .stage(Stage::Introduced)
        .no(introduced(), Refusal::AlreadyIntroduced);
    assert_eq!(walk.state.service_id, Some(ServiceId::NotAskedFor));
    let walk = walk.ok(Event::ServiceIdShown);
    assert_eq!(walk.state.service_id, Some(ServiceId::AskedForAndShown));
}

#[test]
fn p12_where_nobody_can_be_spoken_to_no_introduction_has_to_be_invented() {
    let walk = Walk::new()
        .all([opened(), not_yet()])
        .stage(Stage::Opened)
        .no(asked(1, FINGER), Refusal::GroundMissing)
        .ok(ground("other_lawful", "fakt"))
        .stage(Stage::GroundExplained)
        .ok(asked(1, FINGER))
        .no(explained(), Refusal::NotIntroduced)
        .all([
            answer(1, FOUND),
            confirmed(1),
            released(),
            not_yet(),
            Event::Closed,
        ]);
    walk.flagged(&[
        Flag::ExplanationDelayed,
        Flag::ExplanationNeverGiven,
        Flag::OutcomeBeforeProcedure,
    ]);
}

#[test]
fn p12_introduction_made_good_later_leaves_no_such_flag() {
    Walk::new()
        .all([
            opened(),
            not_yet(),
            ground("other_lawful", "fakt"),
            asked(1, FINGER),
        ])
        .all([introduced(), explained()])
        .stage(Stage::Pending)
        .all([released(), Event::Closed])
        .flagged(&[Flag::ExplanationDelayed]);
}

#[test]
fn p12_an_encounter_ended_before_any_identification_needs_no_introduction() {
    Walk::new()
        .all([opened(), released(), Event::Closed])
        .flagged(&[]);
}

// §8: ground and explanation

#[test]
fn p08_a_ground_of_the_edition_with_its_fact_comes_before_the_explanation() {
    Walk::new()
        .all([opened(), introduced()])
        .no(explained(), Refusal::GroundMissing)
        .no(ground("curiosity", "fakt"), Refusal::GroundUnknown)
        .no(ground("witness", "  "), Refusal::FactMissing)
        .ok(ground("witness", " fakt "))
        .stage(Stage::GroundStated)
        .no(asked(1, FINGER), Refusal::ExplanationMissing)
        .ok(explained())
        .stage(Stage::GroundExplained)
        .ok(asked(1, FINGER));
    let walk = Walk::new().all([opened(), introduced(), ground("witness", " fakt ")]);
    assert_eq!(
        walk.state.ground,
        Some(Ground {
            id: "witness".into(),
            fact: "fakt".into()
        })
    );
}

#[test]
fn p08_no_means_of_identification_before_the_explanation() {
    let before = Walk::new().all([opened(), introduced(), ground("suspicion", "fakt")]);
    assert_eq!(
        before.state.may_capture_fingerprint(),
        Err(Refusal::ExplanationMissing)
    );
    assert_eq!(
        before.state.may_capture_face(),
        Err(Refusal::ExplanationMissing)
    );
    let missing = Refusal::ExplanationMissing;
    before
        .no(document(), missing)
        .no(asked(1, FINGER), missing)
        .no(asked(1, Basis::Face), missing)
        .no(asked(1, ID_CARD), missing)
        .no(asked(1, Basis::Pinfl), missing)
        .no(attempt(), missing)
        .no(impossible("injury"), missing)
        .no(unidentifiable(Unidentified::NotFound), missing);
    assert_eq!(Walk::explained().state.may_capture_fingerprint(), Ok(()));
}

#[test]
fn p08_what_may_be_captured_is_said_with_the_step_that_is_missing() {
    let capture = |walk: Walk| walk.state.may_capture_fingerprint();
    let opened_only = || Walk::new().ok(opened());
    assert_eq!(capture(Walk::new()), Err(Refusal::NotOpen));
    assert_eq!(capture(opened_only()), Err(Refusal::NotIntroduced));
    assert_eq!(
        capture(opened_only().ok(introduced())),
        Err(Refusal::GroundMissing)
    );
    assert_eq!(
        capture(opened_only().ok(not_yet())),
        Err(Refusal::GroundMissing)
    );
    let ended = Walk::explained().ok(released());
    assert_eq!(
        ended.state.may_capture_face(),
        Err(Refusal::OutcomeAlreadyRecorded)
    );
    assert_eq!(capture(ended), Err(Refusal::OutcomeAlreadyRecorded));
}

#[test]
fn p08_service_information_may_be_left_out() {
    let left_out = Event::Explained {
        how: Explanation::ServiceInformationLeftOut,
    };
    Walk::new()
        .all([
            opened(),
            introduced(),
            ground("suspicion", "fakt"),
            left_out,
            asked(1, FINGER),
        ])
        .flagged(&[]);
}

#[test]
fn p08_another_ground_or_fact_wants_its_own_explanation() {
    for other in [ground("witness", "fakt"), ground("suspicion", "boshqa")] {
        Walk::explained()
            .ok(other.clone())
            .stage(Stage::GroundStated)
            .no(asked(1, FINGER), Refusal::ExplanationMissing)
            .flagged(&[]);
        Walk::explained()
            .ok(attempt())
            .ok(other)
            .stage(Stage::Identifying)
            .flagged(&[Flag::GroundChanged])
            .no(asked(1, FINGER), Refusal::ExplanationMissing)
            .ok(released())
            .no(Event::Closed, Refusal::ExplanationOwed)
            .all([explained(), Event::Closed]);
    }
}

#[test]
fn p08_the_same_ground_said_again_changes_nothing() {
    let walk = Walk::explained().all([asked(1, FINGER), ground("suspicion", " fakt ")]);
    assert!(walk.state.explanation.is_some());
    walk.flagged(&[]).stage(Stage::Pending);
}

#[test]
fn p08_a_first_ground_stated_after_the_outcome_is_no_change_but_another_one_is() {
    Walk::new()
        .all([
            opened(),
            introduced(),
            released(),
            ground("suspicion", "fakt"),
        ])
        .stage(Stage::Outcome)
        .flagged(&[])
        .ok(ground("witness", "fakt"))
        .flagged(&[Flag::GroundChanged]);
}

#[test]
fn p08_not_possible_yet_opens_the_way_is_asked_again_and_flagged() {
    let walk = Walk::new()
        .all([
            opened(),
            introduced(),
            ground("suspicion", "fakt"),
            not_yet(),
        ])
        .flagged(&[Flag::ExplanationDelayed])
        .stage(Stage::GroundExplained)
        .all([asked(1, FINGER), released()]);
    assert!(walk.state.explanation_owed());
    let good = walk
        .no(Event::Closed, Refusal::ExplanationOwed)
        .ok(explained());
    assert!(!good.state.explanation_owed());
    good.ok(Event::Closed).flagged(&[Flag::ExplanationDelayed]);
    Walk::new()
        .all([
            opened(),
            introduced(),
            ground("suspicion", "fakt"),
            not_yet(),
            asked(1, FINGER),
        ])
        .all([not_yet(), released(), Event::Closed])
        .flagged(&[Flag::ExplanationDelayed, Flag::ExplanationNeverGiven]);
}

#[test]
fn p08_saying_not_possible_twice_at_once_is_not_asking_again_later() {
    let walk = Walk::new().all([opened(), introduced(), ground("suspicion", "fakt")]);
    let walk = walk.all([not_yet(), not_yet()]);
    assert!(walk.state.explanation_owed());
    let walk = walk.all([attempt(), not_yet()]);
    assert!(!walk.state.explanation_owed());
}

#[test]
fn p08_not_possible_yet_stays_true_of_another_ground() {
    let walk = Walk::new()
        .all([
            opened(),
            introduced(),
            ground("suspicion", "fakt"),
            not_yet(),
        ])
        .ok(ground("witness", "fakt"))
        .stage(Stage::GroundExplained)
        .ok(asked(1, FINGER));
    assert!(walk.state.explanation_owed());
}

#[test]
fn p08_not_possible_yet_says_why() {
    Walk::new()
        .all([opened(), introduced(), ground("suspicion", "fakt")])
        .no(
            Event::Explained {
                how: Explanation::NotPossibleYet { why: "".into() },
            },
            Refusal::WhyMissing,
        );
}

#[test]
fn p08_an_explanation_is_not_owed_where_nobody_was_to_be_identified() {
    let walk = Walk::new().all([opened(), introduced(), ground("suspicion", "fakt")]);
    assert!(!walk.state.explanation_owed());
    walk.all([released(), Event::Closed]);
}

#[test]
fn p08_every_means_counts_as_the_beginning_of_identification() {
    for means in [
        document(),
        asked(1, FINGER),
        attempt(),
        impossible("injury"),
    ] {
        let walk = Walk::explained().all([means, ground("witness", "fakt")]);
        assert!(walk.state.explanation_owed());
        walk.flagged(&[Flag::GroundChanged]);
    }
}

#[test]
fn p08_an_identity_document_alone_is_a_complete_lawful_encounter() {
    let walk = Walk::explained()
        .ok(document())
        .stage(Stage::Answered)
        .all([released(), Event::Closed])
        .stage(Stage::Closed)
        .flagged(&[]);
    assert_eq!(walk.state.by_document, Some(DocumentKind::IdCard));
    assert_eq!(walk.state.person, Some(person()));
    assert_eq!(walk.state.closed_at, Some(walk.at));
    assert!(walk.state.questions.is_empty());
}

#[test]
fn p08_a_document_may_turn_up_after_the_fingerprint_was_asked() {
    let walk = Walk::explained()
        .all([asked(1, FINGER), document()])
        .stage(Stage::Answered);
    walk.ok(withdrawn(1)).stage(Stage::Answered);
    Walk::explained()
        .all([asked(1, FINGER), document(), asked(2, ID_CARD)])
        .stage(Stage::Pending)
        .all([answer(2, FOUND)])
        .stage(Stage::Answered);
}

// §12: the ladder

#[test]
fn p12_the_face_needs_a_recorded_reason_of_the_edition() {
    let walk = Walk::explained()
        .no(asked(1, Basis::Face), Refusal::FaceWithoutReason)
        .no(impossible("because"), Refusal::ReasonUnknown);
    assert_eq!(
        walk.state.may_capture_face(),
        Err(Refusal::FaceWithoutReason)
    );
    let walk = walk
        .ok(impossible("injury"))
        .stage(Stage::Identifying)
        .flagged(&[]);
    assert_eq!(walk.state.may_capture_face(), Ok(()));
    assert_eq!(walk.state.no_fingerprint.as_deref(), Some("injury"));
    walk.ok(asked(1, Basis::Face))
        .stage(Stage::Pending)
        .ok(asked(2, FINGER));
}

#[test]
fn p12_a_refusal_is_a_reason_of_its_own_marked_for_review() {
    Walk::explained()
        .ok(impossible("refusal"))
        .flagged(&[Flag::ReasonForReview])
        .ok(asked(1, Basis::Face));
}

#[test]
fn p12_quality_is_a_reason_after_the_attempts_of_the_edition_and_flagged_before() {
    let walk = Walk::explained()
        .all([attempt(), attempt(), attempt()])
        .stage(Stage::Identifying);
    assert_eq!(walk.state.failed_attempts, 3);
    walk.ok(impossible("quality"))
        .flagged(&[Flag::ReasonDoesNotFit])
        .ok(asked(1, Basis::Face));
    Walk::explained()
        .all([
            attempt(),
            attempt(),
            attempt(),
            attempt(),
            impossible("quality"),
        ])
        .flagged(&[]);
    // A print that central could not use is a failed attempt as well; a found one is not.
    let three = || Walk::explained().all([attempt(), attempt(), attempt(), asked(1, FINGER)]);
    three()
        .all([answer(1, AnswerKind::Unusable), impossible("quality")])
        .flagged(&[]);
    three()
        .all([answer(1, AnswerKind::NotFound), impossible("quality")])
        .flagged(&[Flag::ReasonDoesNotFit]);
}

#[test]
fn p12_no_match_fits_only_an_answer_that_established_nobody() {
    let after = |events: &[Event]| {
        let walk = Walk::explained().ok(asked(1, FINGER));
        let walk = events
            .iter()
            .cloned()
            .fold(walk, Walk::ok)
            .ok(impossible("no_match"));
        walk.flags().contains(&Flag::ReasonDoesNotFit)
    };
    assert!(!after(&[answer(1, AnswerKind::NotFound)]));
    assert!(!after(&[answer(1, AnswerKind::Possible)]));
    assert!(!after(&[answer(1, AnswerKind::Possible), disputed(1)]));
    assert!(!after(&[answer(1, FOUND), disputed(1)]));
    assert!(after(&[]));
    assert!(after(&[withdrawn(1)]));
    assert!(after(&[answer(1, FOUND)]));
    assert!(after(&[answer(1, AnswerKind::Possible), confirmed(1)]));
    assert!(after(&[answer(1, AnswerKind::Incomplete)]));
    assert!(after(&[answer(1, AnswerKind::Expired)]));
    assert!(after(&[answer(1, AnswerKind::Unusable)]));
    Walk::explained()
        .all([
            asked(1, ID_CARD),
            answer(1, AnswerKind::NotFound),
            impossible("no_match"),
        ])
        .flagged(&[Flag::ReasonDoesNotFit]);
}

#[test]
fn p12_another_reason_says_which() {
    let other = |note: Option<&str>| Event::FingerprintImpossible {
        reason: "other".into(),
        note: note.map(Into::into),
    };
    Walk::explained().ok(other(Some("eslatma"))).flagged(&[]);
    Walk::explained()
        .ok(other(None))
        .flagged(&[Flag::ReasonDoesNotFit]);
    Walk::explained()
        .ok(other(Some(" ")))
        .flagged(&[Flag::ReasonDoesNotFit]);
}

#[test]
fn p12_a_failed_attempt_names_the_scanners_fault() {
    let attempted = Event::FingerprintAttempted {
        finger: Finger::LeftThumb,
        fault: String::new(),
    };
    Walk::explained().no(attempted, Refusal::ReasonUnknown);
}

// §5: questions and answers

#[test]
fn p05_an_answer_belongs_to_a_question_of_this_encounter_and_is_given_once() {
    Walk::explained()
        .ok(asked(1, FINGER))
        .no(asked(1, FINGER), Refusal::QuestionRepeated)
        .no(answer(2, FOUND), Refusal::QuestionUnknown)
        .no(revealed(2), Refusal::QuestionUnknown)
        .no(confirmed(2), Refusal::QuestionUnknown)
        .no(disputed(2), Refusal::QuestionUnknown)
        .no(withdrawn(2), Refusal::QuestionUnknown)
        .no(revealed(1), Refusal::QuestionNotAnswered)
        .no(confirmed(1), Refusal::QuestionNotAnswered)
        .ok(answer(1, FOUND))
        .no(answer(1, AnswerKind::NotFound), Refusal::QuestionAnswered)
        .no(withdrawn(1), Refusal::QuestionAnswered)
        .ok(revealed(1));
}

#[test]
fn p05_the_state_keeps_what_was_asked_answered_and_revealed() {
    let walk = Walk::explained();
    let asked_at = walk.at;
    let walk = walk.ok(asked(1, FINGER)).wait(5);
    assert_eq!(walk.state.waiting().count(), 1);
    let walk = walk.all([answer(1, WANTED), revealed(1), confirmed(1)]);
    assert_eq!(walk.state.waiting().count(), 0);
    assert_eq!(
        walk.state.question(q(1)),
        Some(&QuestionState {
            id: q(1),
            basis: FINGER,
            asked_at,
            stated: None,
            status: QuestionStatus::Answered { answer: WANTED },
            confirmation: Confirmation::Confirmed,
            late: false,
            revealed: true,
            looked_at: Vec::new(),
            chosen: None,
        })
    );
    assert_eq!(walk.state.question(q(2)), None);
}

#[test]
fn p05_a_withdrawn_question_uses_no_answer_that_comes_all_the_same() {
    let walk = Walk::explained()
        .all([asked(1, FINGER), withdrawn(1)])
        .stage(Stage::Identifying)
        .no(answer(1, WANTED), Refusal::QuestionWithdrawn)
        .no(withdrawn(1), Refusal::QuestionWithdrawn)
        .no(revealed(1), Refusal::QuestionNotAnswered);
    let came = Recorded {
        at: walk.at,
        event: answer(1, WANTED),
    };
    let central = record(&walk.edition, &walk.state, &came);
    assert_eq!(central.question(q(1)), walk.state.question(q(1)));
    let refusal = Refusal::QuestionWithdrawn;
    assert_eq!(central.flags, [Flag::OutOfOrder { refusal }]);
}

#[test]
fn p05_the_stage_follows_the_questions() {
    Walk::explained()
        .all([asked(1, FINGER), asked(2, ID_CARD)])
        .stage(Stage::Pending)
        .ok(withdrawn(2))
        .stage(Stage::Pending)
        .ok(answer(1, AnswerKind::Incomplete))
        .stage(Stage::Answered);
}

#[test]
fn p05_only_a_record_or_candidates_can_be_confirmed_or_disputed() {
    for kind in [
        AnswerKind::NotFound,
        AnswerKind::Incomplete,
        AnswerKind::Unusable,
        AnswerKind::Expired,
        AnswerKind::NotOffered,
    ] {
        Walk::explained()
            .all([asked(1, FINGER), answer(1, kind)])
            .no(confirmed(1), Refusal::NothingToConfirm)
            .no(looked_at(1, 0), Refusal::NothingToConfirm)
            .no(none_of_these(1), Refusal::NothingToConfirm)
            .no(disputed(1), Refusal::NothingToConfirm);
    }
    for kind in [FOUND, AnswerKind::Possible] {
        Walk::explained()
            .all([asked(1, FINGER), answer(1, kind), confirmed(1)])
            .flagged(&[]);
    }
}

#[test]
fn p05_a_disputed_identification_is_possible_and_not_identified() {
    let walk = Walk::explained()
        .all([asked(1, FINGER), answer(1, WANTED), disputed(1)])
        .flagged(&[Flag::IdentityDisputed]);
    assert_eq!(
        walk.state.question(q(1)).unwrap().confirmation,
        Confirmation::Disputed
    );
    // It names nobody: "cannot identify" is open, and "wanted" no longer fits.
    let walk = walk.ok(station("wanted_or_missing"));
    assert!(walk.flags().contains(&Flag::CaseDoesNotFit));
    // The dispute stays on record when the identity is confirmed after all.
    Walk::explained()
        .all([
            asked(1, FINGER),
            answer(1, WANTED),
            disputed(1),
            confirmed(1),
        ])
        .ok(station("wanted_or_missing"))
        .flagged(&[Flag::IdentityDisputed]);
}

#[test]
fn p05_after_the_close_only_a_late_answer_arrives_and_is_looked_at() {
    let walk = Walk::explained()
        .all([
            asked(1, FINGER),
            asked(2, ID_CARD),
            answer(2, FOUND),
            released(),
            Event::Closed,
        ])
        .no(Event::Closed, Refusal::AlreadyClosed)
        .no(opened(), Refusal::AlreadyOpen)
        .no(
            Event::PersonEntered { person: person() },
            Refusal::AlreadyClosed,
        )
        .no(asked(3, FINGER), Refusal::AlreadyClosed)
        .no(withdrawn(1), Refusal::AlreadyClosed)
        .no(released(), Refusal::AlreadyClosed)
        .no(answer(3, FOUND), Refusal::QuestionUnknown)
        .no(revealed(1), Refusal::QuestionNotAnswered)
        .no(revealed(2), Refusal::AlreadyClosed)
        .ok(answer(1, WANTED))
        .stage(Stage::Closed)
        .flagged(&[Flag::LateAnswer])
        .no(confirmed(1), Refusal::AlreadyClosed)
        .ok(revealed(1));
    let question = walk.state.question(q(1)).unwrap();
    assert!(question.late && question.revealed);
    assert!(!walk.state.question(q(2)).unwrap().late);
    assert_eq!(
        walk.state.may_capture_fingerprint(),
        Err(Refusal::AlreadyClosed)
    );
}

#[test]
fn p05_an_answer_between_outcome_and_close_is_not_late_and_leaves_the_outcome() {
    let walk = Walk::explained()
        .all([asked(1, FINGER), released(), answer(1, FOUND)])
        .stage(Stage::Outcome)
        .flagged(&[]);
    assert!(!walk.state.question(q(1)).unwrap().late);
    walk.all([revealed(1), confirmed(1)])
        .no(asked(2, FINGER), Refusal::OutcomeAlreadyRecorded);
}

// §28: typed data

#[test]
fn p28_typed_data_can_be_corrected_until_the_close_and_the_last_entry_counts() {
    let mut other = person();
    other.name.given = "Boshqa".into();
    let walk = Walk::explained()
        .all([
            document(),
            released(),
            Event::PersonEntered {
                person: other.clone(),
            },
        ])
        .stage(Stage::Outcome)
        .flagged(&[]);
    assert_eq!(walk.state.person, Some(other));
}

#[test]
fn p28_a_person_has_a_name_perhaps_of_one_part() {
    let named = |surname: &str, given: &str| {
        let mut person = person();
        person.name.surname = surname.into();
        person.name.given = given.into();
        person
    };
    let entered = |person| Event::PersonEntered { person };
    Walk::explained()
        .no(entered(named(" ", "")), Refusal::PersonIncomplete)
        .ok(entered(named("Namunayev", "")))
        .ok(entered(named("", "Namuna")));
    let by = |number: &str| Event::IdentifiedByDocument {
        document: DocumentKind::Other,
        number: Some(regulation::identity::DocumentNumber(number.into())),
        person: person(),
    };
    Walk::explained()
        .no(by(" "), Refusal::PersonIncomplete)
        .ok(by("X 1"));
    let blank = Event::IdentifiedByDocument {
        document: DocumentKind::Other,
        number: None,
        person: named("", ""),
    };
    Walk::explained().no(blank, Refusal::PersonIncomplete);
}

#[test]
fn p01_every_typed_text_has_the_length_of_the_edition_and_no_more() {
    let longest = "я".repeat(500);
    let longer = "я".repeat(501);
    let name = |field: usize, text: &str| {
        let mut person = person();
        match field {
            0 => person.name.surname = text.into(),
            1 => person.name.given = text.into(),
            _ => person.name.patronymic = Some(text.into()),
        }
        person
    };
    type Typed = Box<dyn Fn(&str) -> Event>;
    let typed: Vec<Typed> = vec![
        Box::new(|t| ground("suspicion", t)),
        Box::new(|t| Event::Explained {
            how: Explanation::NotPossibleYet { why: t.into() },
        }),
        Box::new(|t| Event::IdentifiedByDocument {
            document: DocumentKind::Other,
            number: Some(regulation::identity::DocumentNumber(t.into())),
            person: person(),
        }),
        Box::new(move |t| Event::PersonEntered { person: name(0, t) }),
        Box::new(move |t| Event::PersonEntered { person: name(1, t) }),
        Box::new(move |t| Event::PersonEntered { person: name(2, t) }),
        Box::new(|t| Event::FingerprintAttempted {
            finger: Finger::LeftRing,
            fault: t.into(),
        }),
        Box::new(|t| Event::FingerprintImpossible {
            reason: "other".into(),
            note: Some(t.into()),
        }),
        Box::new(|t| outcome(Outcome::ProtocolOnTheSpot { number: t.into() })),
        Box::new(|t| {
            outcome(Outcome::TakenOnOtherGround {
                article: t.into(),
                by_order_of: "A".into(),
            })
        }),
        Box::new(|t| {
            outcome(Outcome::TakenOnOtherGround {
                article: "1".into(),
                by_order_of: t.into(),
            })
        }),
    ];
    for event in typed {
        Walk::explained()
            .no(event(&longer), Refusal::TextTooLong)
            .ok(event(&longest));
    }
    let open = |t: &str| Event::Opened {
        place: Place {
            text: t.into(),
            source: PlaceSource::Typed,
        },
        citizen_language: Language::English,
    };
    Walk::new()
        .no(open(&longer), Refusal::TextTooLong)
        .ok(open(&longest));
}

// §9: cannot identify

const NOT_FOUND: Unidentified = Unidentified::NotFound;
const WAITED: Unidentified = Unidentified::WaitedTooLong;
const NO_MEANS: Unidentified = Unidentified::NoMeansLeft;

#[test]
fn p09_not_found_is_said_by_a_whole_gallery_and_by_nothing_else() {
    Walk::explained().no(unidentifiable(NOT_FOUND), Refusal::MeansAreLeft);
    for kind in [
        AnswerKind::Incomplete,
        AnswerKind::Unusable,
        AnswerKind::Expired,
    ] {
        Walk::explained()
            .all([asked(1, FINGER), answer(1, kind)])
            .wait(LIMIT * 100)
            .no(unidentifiable(NOT_FOUND), Refusal::MeansAreLeft);
    }
    Walk::explained()
        .ok(asked(1, FINGER))
        .wait(LIMIT * 100)
        .no(unidentifiable(NOT_FOUND), Refusal::StillWaiting)
        .ok(withdrawn(1))
        .no(unidentifiable(NOT_FOUND), Refusal::MeansAreLeft);
    let walk = Walk::explained()
        .all([
            asked(1, FINGER),
            answer(1, AnswerKind::NotFound),
            unidentifiable(NOT_FOUND),
        ])
        .stage(Stage::Unidentifiable);
    assert_eq!(walk.state.unidentified, Some(NOT_FOUND));
}

#[test]
fn p09_a_mistyped_number_that_is_not_found_is_not_cannot_identify() {
    for basis in [ID_CARD, Basis::Pinfl] {
        Walk::explained()
            .all([asked(1, basis), answer(1, AnswerKind::NotFound)])
            .no(unidentifiable(NOT_FOUND), Refusal::MeansAreLeft);
    }
}

#[test]
fn p09_a_part_that_did_not_answer_is_made_good_by_asking_the_same_means_again() {
    for part in [AnswerKind::Incomplete, AnswerKind::Expired] {
        let walk = Walk::explained().all([
            asked(1, FINGER),
            answer(1, AnswerKind::NotFound),
            impossible("no_match"),
            asked(2, Basis::Face),
            answer(2, part),
        ]);
        walk.no(unidentifiable(NOT_FOUND), Refusal::MeansAreLeft)
            .ok(asked(3, FINGER))
            .ok(answer(3, AnswerKind::NotFound))
            .no(unidentifiable(NOT_FOUND), Refusal::MeansAreLeft)
            .ok(asked(4, Basis::Face))
            .no(unidentifiable(NOT_FOUND), Refusal::StillWaiting)
            .ok(answer(4, AnswerKind::NotFound))
            .ok(unidentifiable(NOT_FOUND));
    }
    // A later question without an answer makes nothing good.
    Walk::explained()
        .all([asked(1, FINGER), answer(1, AnswerKind::Incomplete)])
        .all([asked(2, FINGER), withdrawn(2)])
        .all([impossible("injury"), asked(3, Basis::Face)])
        .ok(answer(3, AnswerKind::NotFound))
        .no(unidentifiable(NOT_FOUND), Refusal::MeansAreLeft);
    // An earlier full answer does not make a later part good.
    Walk::explained()
        .all([asked(1, FINGER), answer(1, AnswerKind::NotFound)])
        .all([asked(2, FINGER), answer(2, AnswerKind::Incomplete)])
        .no(unidentifiable(NOT_FOUND), Refusal::MeansAreLeft);
}

#[test]
fn p09_an_answer_that_names_somebody_stands_in_the_way_until_disputed() {
    for kind in [FOUND, AnswerKind::Possible] {
        for why in [NOT_FOUND, WAITED, NO_MEANS] {
            Walk::explained()
                .all([asked(1, FINGER), answer(1, kind), impossible("injury")])
                .wait(LIMIT)
                .no(unidentifiable(why), Refusal::AnswerIsThere);
        }
        Walk::explained()
            .all([asked(1, FINGER), answer(1, kind), disputed(1)])
            .ok(unidentifiable(NOT_FOUND));
        Walk::explained()
            .all([asked(1, FINGER), answer(1, kind), disputed(1), confirmed(1)])
            .no(unidentifiable(NOT_FOUND), Refusal::AnswerIsThere);
    }
    Walk::explained()
        .ok(document())
        .no(unidentifiable(NO_MEANS), Refusal::AnswerIsThere);
}

#[test]
fn p09_an_outage_becomes_cannot_identify_at_the_waiting_limit_and_not_before() {
    Walk::explained()
        .wait(LIMIT)
        .no(unidentifiable(WAITED), Refusal::StillWaiting);
    let walk = Walk::explained()
        .ok(asked(1, FINGER))
        .wait(LIMIT - 1)
        .no(unidentifiable(WAITED), Refusal::StillWaiting)
        .ok(asked(2, ID_CARD))
        .wait(1)
        .no(unidentifiable(WAITED), Refusal::StillWaiting)
        .wait(LIMIT - 1)
        .ok(unidentifiable(WAITED));
    assert_eq!(walk.state.unidentified, Some(WAITED));
    // A clock that ran backwards has not waited.
    let mut back = Walk::explained().ok(asked(1, FINGER));
    back.at = Timestamp(0);
    back.no(unidentifiable(WAITED), Refusal::StillWaiting);
}

#[test]
fn p09_waiting_for_the_part_that_did_not_answer_counts_as_waiting() {
    for part in [AnswerKind::Incomplete, AnswerKind::Expired] {
        let walk = || Walk::explained().all([asked(1, FINGER), answer(1, part)]);
        walk()
            .wait(LIMIT - 1)
            .no(unidentifiable(WAITED), Refusal::StillWaiting)
            .wait(1)
            .ok(unidentifiable(WAITED));
        walk()
            .all([asked(2, FINGER), answer(2, AnswerKind::NotFound)])
            .wait(LIMIT)
            .no(unidentifiable(WAITED), Refusal::StillWaiting);
        // Both the part and what waits have their time.
        walk()
            .wait(1)
            .ok(asked(2, FINGER))
            .wait(LIMIT - 1)
            .no(unidentifiable(WAITED), Refusal::StillWaiting);
    }
    for kind in [AnswerKind::NotFound, AnswerKind::Unusable] {
        Walk::explained()
            .all([asked(1, FINGER), answer(1, kind)])
            .wait(LIMIT)
            .no(unidentifiable(WAITED), Refusal::StillWaiting);
    }
}

#[test]
fn p09_no_means_left_needs_the_reason_and_is_no_way_round_the_waiting_limit() {
    Walk::explained()
        .no(unidentifiable(NO_MEANS), Refusal::MeansAreLeft)
        .ok(impossible("injury"))
        .ok(unidentifiable(NO_MEANS))
        .stage(Stage::Unidentifiable);
    let cut: [&[Event]; 4] = [
        &[],
        &[withdrawn(1)],
        &[answer(1, AnswerKind::Incomplete)],
        &[answer(1, AnswerKind::Expired)],
    ];
    for (i, events) in cut.into_iter().enumerate() {
        let walk = Walk::explained().all([asked(1, FINGER), impossible("scanner_fault")]);
        let walk = events
            .iter()
            .cloned()
            .fold(walk, Walk::ok)
            .wait(LIMIT - 1)
            .no(unidentifiable(NO_MEANS), Refusal::StillWaiting)
            .wait(1);
        if i == 0 {
            walk.no(unidentifiable(NO_MEANS), Refusal::StillWaiting);
        } else {
            walk.ok(unidentifiable(NO_MEANS));
        }
    }
    // Asked again and answered in full, the question taken back is made good.
    Walk::explained()
        .all([asked(1, FINGER), withdrawn(1), asked(2, FINGER)])
        .all([answer(2, AnswerKind::Unusable), impossible("injury")])
        .ok(unidentifiable(NO_MEANS));
}

#[test]
fn p09_a_new_question_or_answer_or_document_ends_cannot_identify() {
    let nobody = || {
        Walk::explained().all([
            asked(1, FINGER),
            answer(1, AnswerKind::NotFound),
            impossible("no_match"),
            unidentifiable(NOT_FOUND),
        ])
    };
    let walk = nobody().ok(asked(2, Basis::Face)).stage(Stage::Pending);
    assert_eq!(walk.state.unidentified, None);
    let walk = nobody().ok(document()).stage(Stage::Answered);
    assert_eq!(walk.state.unidentified, None);
    let waited = || {
        Walk::explained()
            .ok(asked(1, FINGER))
            .wait(LIMIT)
            .ok(unidentifiable(WAITED))
    };
    for kind in [FOUND, AnswerKind::Possible] {
        let walk = waited().ok(answer(1, kind)).stage(Stage::Answered);
        assert_eq!(walk.state.unidentified, None);
        // What the outcome rested on stays on record.
        let walk = waited().all([station("cannot_identify"), answer(1, kind)]);
        assert_eq!(walk.state.unidentified, Some(WAITED));
        let walk = walk.flagged(&[]).ok(station("cannot_identify"));
        walk.flagged(&[Flag::CaseDoesNotFit]);
    }
    waited()
        .ok(answer(1, AnswerKind::NotFound))
        .stage(Stage::Unidentifiable);
    waited().ok(withdrawn(1)).stage(Stage::Unidentifiable);
}

// §9: outcomes

#[test]
fn p09_any_outcome_can_be_recorded_as_soon_as_the_encounter_is_open_and_is_flagged() {
    Walk::new()
        .all([opened(), station("resisted")])
        .flagged(&[Flag::OutcomeBeforeProcedure]);
    Walk::new()
        .all([opened(), protocol()])
        .flagged(&[Flag::OutcomeBeforeProcedure]);
    let other = outcome(Outcome::TakenOnOtherGround {
        article: "1-modda".into(),
        by_order_of: "navbatchi".into(),
    });
    Walk::new()
        .all([opened(), other.clone()])
        .flagged(&[Flag::OutcomeBeforeProcedure]);
    Walk::explained()
        .ok(other)
        .stage(Stage::Outcome)
        .flagged(&[]);
    Walk::new()
        .all([opened(), introduced(), protocol()])
        .flagged(&[Flag::OutcomeBeforeProcedure]);
    Walk::new()
        .all([
            opened(),
            introduced(),
            ground("witness", "fakt"),
            protocol(),
        ])
        .flagged(&[Flag::OutcomeBeforeProcedure]);
    Walk::new()
        .all([opened(), not_yet(), ground("witness", "fakt"), protocol()])
        .flagged(&[Flag::ExplanationDelayed, Flag::OutcomeBeforeProcedure]);
}

#[test]
fn p09_an_outcome_is_complete() {
    let other = |article: &str, by: &str| {
        outcome(Outcome::TakenOnOtherGround {
            article: article.into(),
            by_order_of: by.into(),
        })
    };
    Walk::explained()
        .no(Event::Closed, Refusal::OutcomeMissing)
        .no(station("no_such"), Refusal::CaseUnknown)
        .no(
            outcome(Outcome::ProtocolOnTheSpot { number: " ".into() }),
            Refusal::OutcomeIncomplete,
        )
        .no(other("", "A"), Refusal::OutcomeIncomplete)
        .no(other("1", ""), Refusal::OutcomeIncomplete);
}

#[test]
fn p09_a_corrected_outcome_is_flagged_and_the_same_one_again_is_not() {
    let walk = Walk::explained().all([released(), released()]).flagged(&[]);
    let walk = walk.ok(protocol()).flagged(&[Flag::OutcomeCorrected]);
    assert_eq!(
        walk.state.outcome,
        Some(Outcome::ProtocolOnTheSpot {
            number: "AB 12".into()
        })
    );
}

#[test]
fn p09_cannot_identify_fits_when_the_tablets_means_were_tried() {
    Walk::explained()
        .ok(station("cannot_identify"))
        .flagged(&[Flag::CaseDoesNotFit]);
    let finger = || Walk::explained().all([asked(1, FINGER), answer(1, AnswerKind::NotFound)]);
    finger()
        .all([unidentifiable(NOT_FOUND), station("cannot_identify")])
        .flagged(&[Flag::CaseDoesNotFit]);
    finger()
        .all([impossible("no_match"), asked(2, Basis::Face), withdrawn(2)])
        .all([unidentifiable(NOT_FOUND), station("cannot_identify")])
        .flagged(&[Flag::CaseDoesNotFit]);
    finger()
        .all([
            impossible("no_match"),
            asked(2, Basis::Face),
            answer(2, AnswerKind::NotFound),
        ])
        .all([unidentifiable(NOT_FOUND), station("cannot_identify")])
        .flagged(&[]);
    Walk::explained()
        .ok(asked(1, FINGER))
        .wait(LIMIT)
        .all([unidentifiable(WAITED), station("cannot_identify")])
        .flagged(&[]);
    Walk::explained()
        .all([
            impossible("injury"),
            unidentifiable(NO_MEANS),
            station("cannot_identify"),
        ])
        .flagged(&[Flag::CaseDoesNotFit]);
    // A number that was looked up in vain is no try of the tablet's scanner or camera.
    let number = || Walk::explained().ok(asked(1, Basis::Pinfl)).wait(LIMIT);
    number()
        .all([unidentifiable(WAITED), station("cannot_identify")])
        .flagged(&[Flag::CaseDoesNotFit]);
    number()
        .all([asked(2, FINGER), withdrawn(2)])
        .all([unidentifiable(WAITED), station("cannot_identify")])
        .flagged(&[Flag::CaseDoesNotFit]);
}

#[test]
fn p09_wanted_or_missing_rests_on_a_confirmed_record() {
    let with = |events: &[Event]| {
        let walk = events.iter().cloned().fold(Walk::explained(), Walk::ok);
        walk.ok(station("wanted_or_missing")).state.flags
    };
    let (unfit, open) = ([Flag::CaseDoesNotFit], [Flag::IdentityNotConfirmed]);
    assert_eq!(with(&[]), unfit);
    assert_eq!(with(&[asked(1, FINGER)]), unfit);
    assert_eq!(
        with(&[asked(1, FINGER), answer(1, FOUND), confirmed(1)]),
        unfit
    );
    assert_eq!(
        with(&[
            asked(1, FINGER),
            answer(1, AnswerKind::Possible),
            confirmed(1)
        ]),
        unfit
    );
    for hit in [WANTED, MISSING] {
        assert_eq!(with(&[asked(1, FINGER), answer(1, hit)]), open);
        assert_eq!(with(&[asked(1, FINGER), answer(1, hit), confirmed(1)]), []);
        let again = [
            asked(1, FINGER),
            answer(1, hit),
            asked(2, FINGER),
            answer(2, hit),
        ];
        assert_eq!(with(&again), open);
        let again: Vec<_> = again.into_iter().chain([confirmed(2)]).collect();
        assert_eq!(with(&again), []);
    }
}

#[test]
fn p09_all_four_cases_are_about_a_citizen_without_documents() {
    for case in [
        "cannot_identify",
        "wanted_or_missing",
        "resisted",
        "caught_offending",
    ] {
        let flag = Flag::TakenThoughDocumentsPresent;
        assert!(
            Walk::explained()
                .all([document(), station(case)])
                .flags()
                .contains(&flag)
        );
        let looked_up = || Walk::explained().all([asked(1, ID_CARD), answer(1, WANTED)]);
        assert!(looked_up().ok(station(case)).flags().contains(&flag));
        assert!(
            !looked_up()
                .all([disputed(1), station(case)])
                .flags()
                .contains(&flag)
        );
        let by_finger = Walk::explained().all([asked(1, FINGER), answer(1, WANTED), station(case)]);
        assert!(!by_finger.flags().contains(&flag));
        assert!(!Walk::explained().ok(station(case)).flags().contains(&flag));
    }
}

#[test]
fn p09_a_refusal_is_not_resistance() {
    Walk::explained()
        .all([impossible("refusal"), station("resisted")])
        .flagged(&[Flag::ReasonForReview, Flag::RefusalIsNotResistance]);
    Walk::explained()
        .all([impossible("injury"), station("resisted")])
        .flagged(&[]);
    Walk::explained()
        .all([impossible("refusal"), station("caught_offending")])
        .flagged(&[Flag::ReasonForReview]);
}

#[test]
fn p09_caught_offending_does_not_fit_beside_a_protocol_on_the_spot() {
    Walk::explained()
        .ok(station("caught_offending"))
        .flagged(&[]);
    Walk::explained()
        .all([protocol(), station("caught_offending")])
        .flagged(&[Flag::OutcomeCorrected, Flag::CaseDoesNotFit]);
    Walk::explained()
        .all([released(), station("caught_offending")])
        .flagged(&[Flag::OutcomeCorrected]);
}

#[test]
fn p09_a_protocol_rests_on_a_document_or_a_confirmed_record() {
    let with = |events: &[Event]| {
        events
            .iter()
            .cloned()
            .fold(Walk::explained(), Walk::ok)
            .ok(protocol())
            .state
            .flags
    };
    assert_eq!(with(&[]), []);
    assert_eq!(
        with(&[asked(1, FINGER), answer(1, AnswerKind::NotFound)]),
        []
    );
    assert_eq!(
        with(&[asked(1, FINGER), answer(1, FOUND)]),
        [Flag::IdentityNotConfirmed]
    );
    assert_eq!(
        with(&[asked(1, FINGER), answer(1, FOUND), confirmed(1)]),
        []
    );
    assert_eq!(with(&[asked(1, FINGER), answer(1, FOUND), document()]), []);
    assert_eq!(
        with(&[asked(1, FINGER), answer(1, FOUND), disputed(1)]),
        [Flag::IdentityDisputed]
    );
}

#[test]
fn p09_release_is_never_flagged() {
    Walk::explained()
        .all([asked(1, FINGER), answer(1, WANTED), released()])
        .flagged(&[]);
    Walk::new().all([opened(), released()]).flagged(&[]);
}

// central

#[test]
fn central_never_refuses_and_flags_what_does_not_fit_once() {
    let (edition, at) = (edition(), Timestamp(0));
    let recorded = |event| Recorded { at, event };
    let state = Encounter::default();
    let refusal = Refusal::NotOpen;
    let once = record(&edition, &state, &recorded(Event::Closed));
    assert_eq!(once.flags, [Flag::OutOfOrder { refusal }]);
    let twice = record(&edition, &once, &recorded(introduced()));
    assert_eq!(twice, once);
    let open = record(&edition, &twice, &recorded(opened()));
    assert_eq!(open.stage, Stage::Opened);
    assert_eq!(open.flags, once.flags);
}

// §8, §28: what a document says

#[test]
fn p28_what_a_document_says_belongs_to_the_question_that_asks_by_it() {
    let said = |walk: &Walk, n| walk.state.question(q(n)).unwrap().stated.clone();
    let walk = Walk::new()
        .all([opened(), introduced()])
        .no(stated(), Refusal::GroundMissing);
    drop(walk);
    let walk = Walk::explained()
        .ok(stated())
        // Asked by a print meanwhile: the document's is not its.
        .ok(asked(1, FINGER))
        .ok(asked(2, ID_CARD))
        .ok(asked(3, ID_CARD));
    assert_eq!(said(&walk, 1), None);
    let Event::DocumentStated { said: document } = stated() else {
        unreachable!()
    };
    assert_eq!(said(&walk, 2), Some(document));
    assert_eq!(said(&walk, 3), None);
    assert_eq!(walk.state.stated, None);
    let nothing = Event::DocumentStated {
        said: DocumentData {
            document: DocumentKind::Other,
            number: None,
            pinfl: None,
            sex: None,
            expiry: None,
        },
    };
    walk.no(nothing, Refusal::PersonIncomplete);
}

#[test]
fn p28_what_was_entered_is_corrected_until_the_close_and_raises_no_flag() {
    let mut corrected = person();
    corrected.name.surname = "Sinovov".into();
    let entered = |person| Event::PersonEntered { person };
    let walk = Walk::explained()
        .ok(entered(person()))
        .ok(asked(1, ID_CARD))
        .ok(answer(1, FOUND))
        .ok(entered(corrected.clone()));
    assert_eq!(walk.state.person, Some(corrected.clone()));
    let walk = walk.ok(released()).ok(entered(person())).flagged(&[]);
    walk.ok(Event::Closed)
        .no(entered(corrected), Refusal::AlreadyClosed);
}
