//! Every kind of event in a few concrete forms, some of them wrong, and the lists that must be
//! complete.

use super::walk::*;
use regulation::encounter::*;

/// Questions that the catalogue knows.
pub const QUESTIONS: [u128; 5] = [1, 2, 3, 4, 5];

pub const REASONS: [&str; 7] = [
    "no_usable_fingers",
    "injury",
    "scanner_fault",
    "quality",
    "no_match",
    "refusal",
    "other",
];
pub const CASES: [&str; 4] = [
    "cannot_identify",
    "wanted_or_missing",
    "resisted",
    "caught_offending",
];
pub const ANSWERS: [AnswerKind; 9] = [
    FOUND,
    WANTED,
    MISSING,
    AnswerKind::Possible,
    AnswerKind::NotFound,
    AnswerKind::Incomplete,
    AnswerKind::Unusable,
    AnswerKind::Expired,
    AnswerKind::NotOffered,
];

pub fn valid_outcomes() -> Vec<Event> {
    let other = Outcome::TakenOnOtherGround {
        article: "1".into(),
        by_order_of: "A".into(),
    };
    let mut all = vec![released(), protocol(), outcome(other)];
    all.extend(CASES.map(station));
    all
}

pub fn catalogue() -> Vec<Event> {
    let long = "a".repeat(501);
    let mut blank = person();
    blank.name.surname.clear();
    blank.name.given.clear();
    let mut all = vec![
        opened(),
        Event::Opened {
            place: Place {
                text: String::new(),
                source: PlaceSource::Chosen,
            },
            citizen_language: Language::Russian,
        },
        introduced(),
        Event::Introduced {
            service_id: ServiceId::AskedForAndShown,
        },
        Event::ServiceIdShown,
        ground("suspicion", "fakt"),
        ground("witness", "boshqa fakt"),
        ground("none", "fakt"),
        ground("other_lawful", ""),
        ground("other_lawful", &long),
        explained(),
        Event::Explained {
            how: Explanation::ServiceInformationLeftOut,
        },
        not_yet(),
        Event::Explained {
            how: Explanation::NotPossibleYet { why: String::new() },
        },
        document(),
        stated(),
        Event::DocumentStated {
            said: DocumentData {
                document: DocumentKind::Other,
                number: None,
                pinfl: None,
                sex: None,
                expiry: None,
            },
        },
        Event::FingersUnavailable {
            fingers: vec![Finger::RightIndex, Finger::RightIndex],
            why: FingerLack::Injured,
        },
        Event::FingersUnavailable {
            fingers: Finger::ALL.to_vec(),
            why: FingerLack::Missing,
        },
        Event::PersonEntered { person: person() },
        Event::PersonEntered { person: blank },
        attempt(),
        impossible("none"),
        unidentifiable(Unidentified::NotFound),
        unidentifiable(Unidentified::WaitedTooLong),
        unidentifiable(Unidentified::NoMeansLeft),
        station("none"),
        outcome(Outcome::ProtocolOnTheSpot {
            number: String::new(),
        }),
        Event::Closed,
    ];
    all.extend(REASONS.map(impossible));
    all.extend(valid_outcomes());
    for n in QUESTIONS {
        all.extend([FINGER, Basis::Face, ID_CARD, Basis::Pinfl].map(|basis| asked(n, basis)));
        all.extend(ANSWERS.map(|kind| answer(n, kind)));
        // As often as a record or candidates.
        all.extend([AnswerKind::NotFound; 3].map(|kind| answer(n, kind)));
        all.extend([withdrawn(n), revealed(n), confirmed(n), disputed(n)]);
        all.extend([looked_at(n, 0), looked_at(n, 1), none_of_these(n)]);
        all.extend([chosen(n, 0, true), chosen(n, 1, false)]);
        // Nobody ever looks at the third.
        all.extend([chosen(n, 2, true), chosen(n, 2, false)]);
    }
    all
}

/// Name of the kind, as it stands on the wire. A new kind does not compile until it is named here.
pub fn kind(event: &Event) -> &'static str {
    match event {
        Event::Opened { .. } => "opened",
        Event::Introduced { .. } => "introduced",
        Event::ServiceIdShown => "service_id_shown",
        Event::GroundStated { .. } => "ground_stated",
        Event::Explained { .. } => "explained",
        Event::IdentifiedByDocument { .. } => "identified_by_document",
        Event::DocumentStated { .. } => "document_stated",
        Event::Asked { .. } => "asked",
        Event::FingerprintAttempted { .. } => "fingerprint_attempted",
        Event::FingersUnavailable { .. } => "fingers_unavailable",
        Event::FingerprintImpossible { .. } => "fingerprint_impossible",
        Event::QuestionWithdrawn { .. } => "question_withdrawn",
        Event::AnswerArrived { .. } => "answer_arrived",
        Event::Revealed { .. } => "revealed",
        Event::IdentityConfirmed { .. } => "identity_confirmed",
        Event::IdentityDisputed { .. } => "identity_disputed",
        Event::CandidateRevealed { .. } => "candidate_revealed",
        Event::CandidateConfirmed { .. } => "candidate_confirmed",
        Event::NoneOfThese { .. } => "none_of_these",
        Event::PersonEntered { .. } => "person_entered",
        Event::Unidentifiable { .. } => "unidentifiable",
        Event::OutcomeRecorded { .. } => "outcome_recorded",
        Event::Closed => "closed",
    }
}

pub const KINDS: usize = 23;

pub const STAGES: [Stage; 11] = [
    Stage::NotOpen,
    Stage::Opened,
    Stage::Introduced,
    Stage::GroundStated,
    Stage::GroundExplained,
    Stage::Identifying,
    Stage::Pending,
    Stage::Answered,
    Stage::Unidentifiable,
    Stage::Outcome,
    Stage::Closed,
];

/// The paragraph that each refusal rests on. A new refusal does not compile until it stands here.
pub fn paragraph(refusal: Refusal) -> u8 {
    match refusal {
        Refusal::NotOpen
        | Refusal::AlreadyOpen
        | Refusal::AlreadyClosed
        | Refusal::PlaceMissing
        | Refusal::TextTooLong => 1,
        Refusal::NotIntroduced
        | Refusal::AlreadyIntroduced
        | Refusal::ReasonUnknown
        | Refusal::FaceWithoutReason => 12,
        Refusal::GroundMissing
        | Refusal::GroundUnknown
        | Refusal::FactMissing
        | Refusal::ExplanationMissing
        | Refusal::ExplanationOwed
        | Refusal::WhyMissing => 8,
        Refusal::QuestionRepeated
        | Refusal::QuestionUnknown
        | Refusal::QuestionWithdrawn
        | Refusal::QuestionNotAnswered
        | Refusal::QuestionAnswered
        | Refusal::NothingToConfirm
        | Refusal::CandidateNotSeen => 5,
        Refusal::StillWaiting
        | Refusal::AnswerIsThere
        | Refusal::MeansAreLeft
        | Refusal::CaseUnknown
        | Refusal::OutcomeAlreadyRecorded
        | Refusal::OutcomeIncomplete
        | Refusal::OutcomeMissing => 9,
        Refusal::PersonIncomplete => 28,
    }
}

pub const REFUSALS: [Refusal; 30] = [
    Refusal::NotOpen,
    Refusal::AlreadyOpen,
    Refusal::AlreadyClosed,
    Refusal::PlaceMissing,
    Refusal::TextTooLong,
    Refusal::NotIntroduced,
    Refusal::AlreadyIntroduced,
    Refusal::ReasonUnknown,
    Refusal::FaceWithoutReason,
    Refusal::GroundMissing,
    Refusal::GroundUnknown,
    Refusal::FactMissing,
    Refusal::ExplanationMissing,
    Refusal::ExplanationOwed,
    Refusal::WhyMissing,
    Refusal::QuestionRepeated,
    Refusal::QuestionUnknown,
    Refusal::QuestionWithdrawn,
    Refusal::QuestionNotAnswered,
    Refusal::QuestionAnswered,
    Refusal::NothingToConfirm,
    Refusal::CandidateNotSeen,
    Refusal::StillWaiting,
    Refusal::AnswerIsThere,
    Refusal::MeansAreLeft,
    Refusal::CaseUnknown,
    Refusal::OutcomeAlreadyRecorded,
    Refusal::OutcomeIncomplete,
    Refusal::OutcomeMissing,
    Refusal::PersonIncomplete,
];

pub fn flag_paragraph(flag: Flag) -> u8 {
    match flag {
        Flag::ExplanationDelayed
        | Flag::ExplanationNeverGiven
        | Flag::GroundChanged
        | Flag::OutcomeBeforeProcedure => 8,
        Flag::ReasonForReview | Flag::ReasonDoesNotFit => 12,
        Flag::CaseDoesNotFit
        | Flag::TakenThoughDocumentsPresent
        | Flag::RefusalIsNotResistance
        | Flag::OutcomeCorrected => 9,
        Flag::IdentityNotConfirmed | Flag::IdentityDisputed | Flag::LateAnswer => 5,
        Flag::OutOfOrder { refusal } => paragraph(refusal),
    }
}

/// All but `OutOfOrder`.
pub const FLAGS: [Flag; 13] = [
    Flag::ExplanationDelayed,
    Flag::ExplanationNeverGiven,
    Flag::GroundChanged,
    Flag::OutcomeBeforeProcedure,
    Flag::ReasonForReview,
    Flag::ReasonDoesNotFit,
    Flag::CaseDoesNotFit,
    Flag::TakenThoughDocumentsPresent,
    Flag::RefusalIsNotResistance,
    Flag::OutcomeCorrected,
    Flag::IdentityNotConfirmed,
    Flag::IdentityDisputed,
    Flag::LateAnswer,
];

#[test]
fn every_refusal_and_every_flag_names_its_paragraph() {
    for refusal in REFUSALS {
        assert_eq!(refusal.paragraph(), Paragraph(paragraph(refusal)));
        assert!(!refusal.to_string().is_empty());
        let flag = Flag::OutOfOrder { refusal };
        assert_eq!(flag.paragraph(), refusal.paragraph());
    }
    for flag in FLAGS {
        assert_eq!(flag.paragraph(), Paragraph(flag_paragraph(flag)));
    }
    assert_eq!(Paragraph(12).to_string(), "§12");
}

#[test]
fn every_ground_reason_and_case_of_the_catalogue_is_of_the_edition() {
    let edition = edition();
    let ids: Vec<_> = edition
        .no_fingerprint_reasons
        .iter()
        .map(|r| r.id.as_str())
        .collect();
    assert_eq!(ids, REASONS);
    let ids: Vec<_> = edition
        .station_cases
        .iter()
        .map(|c| c.id.as_str())
        .collect();
    assert_eq!(ids, CASES);
}
