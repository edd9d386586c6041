//! No personal data in a log: `Debug` of everything that holds some leaves it out.

use super::walk::*;
use regulation::encounter::*;
use regulation::identity::{DocumentNumber, Mrz, Pinfl};

const SECRETS: [&str; 5] = ["Namuna", "1990", "1234567", "30101900000011", "fakt"];

fn hides(value: &dyn std::fmt::Debug) -> String {
    let shown = format!("{value:?} {value:#?}");
    for secret in SECRETS {
        assert!(
            !shown.to_lowercase().contains(&secret.to_lowercase()),
            "{shown}"
        );
    }
    format!("{value:?}")
}

#[test]
fn personal_types_show_their_name_and_nothing_else() {
    assert_eq!(hides(&person().name), "PersonName(..)");
    assert_eq!(hides(&person().birth_date), "BirthDate(..)");
    assert_eq!(hides(&person()), "Person(..)");
    assert_eq!(hides(&place()), "Place(..)");
    assert_eq!(
        hides(&DocumentNumber("AA1234567".into())),
        "DocumentNumber(..)"
    );
    assert_eq!(hides(&Pinfl("30101900000011".into())), "Pinfl(..)");
    let mrz = Mrz::parse(super::identity::TD1, day("2026-01-01")).unwrap();
    assert_eq!(hides(&mrz), "Mrz { document: IdCard, .. }");
    let ground = Ground {
        id: "witness".into(),
        fact: "fakt".into(),
    };
    assert_eq!(hides(&ground), r#"Ground { id: "witness", fact: .. }"#);
}

#[test]
fn events_show_what_happened_without_a_typed_text() {
    let by_document = Event::IdentifiedByDocument {
        document: DocumentKind::Passport,
        number: Some(DocumentNumber("AA1234567".into())),
        person: person(),
    };
    let noted = Event::FingerprintImpossible {
        reason: "other".into(),
        note: Some("fakt".into()),
    };
    let none = Event::FingerprintImpossible {
        reason: "injury".into(),
        note: None,
    };
    let because = Event::Explained {
        how: Explanation::NotPossibleYet { why: "fakt".into() },
    };
    let left_out = Event::Explained {
        how: Explanation::ServiceInformationLeftOut,
    };
    let other = outcome(Outcome::TakenOnOtherGround {
        article: "fakt".into(),
        by_order_of: "Namunayev".into(),
    });
    let numbered = outcome(Outcome::ProtocolOnTheSpot {
        number: "1234567".into(),
    });
    let id = "00000000-0000-0000-0000-000000000001";
    for (event, shown) in [
        (opened(), "Opened { place: Place(..), citizen_language: UzbekLatin }".to_owned()),
        (introduced(), "Introduced { service_id: NotAskedFor }".into()),
        (Event::ServiceIdShown, "ServiceIdShown".into()),
        (ground("witness", "fakt"), r#"GroundStated { ground: "witness", fact: .. }"#.into()),
        (ground("Namunayev", "fakt"), "GroundStated { ground: .., fact: .. }".into()),
        (ground("so long a text that it is no id", ""), "GroundStated { ground: .., fact: .. }".into()),
        (explained(), "Explained { how: Full }".into()),
        (left_out, "Explained { how: ServiceInformationLeftOut }".into()),
        (because, "Explained { how: NotPossibleYet { why: .. } }".into()),
        (
            by_document,
            "IdentifiedByDocument { document: Passport, number: Some(DocumentNumber(..)), person: Person(..) }".into(),
        ),
        (stated(), "DocumentStated { said: DocumentData(..) }".into()),
        (
            Event::FingersUnavailable {
                fingers: vec![Finger::LeftRing],
                why: FingerLack::Missing,
            },
            "FingersUnavailable { fingers: [LeftRing], why: Missing }".into(),
        ),
        (asked(1, Basis::Pinfl), format!("Asked {{ question: QuestionId({id}), basis: Pinfl }}")),
        (attempt(), r#"FingerprintAttempted { finger: RightIndex, fault: "timeout" }"#.into()),
        (noted, r#"FingerprintImpossible { reason: "other", note: Some(..) }"#.into()),
        (none, r#"FingerprintImpossible { reason: "injury", note: None }"#.into()),
        (withdrawn(1), format!("QuestionWithdrawn {{ question: QuestionId({id}) }}")),
        (
            answer(1, AnswerKind::NotFound),
            format!("AnswerArrived {{ question: QuestionId({id}), answer: NotFound }}"),
        ),
        (revealed(1), format!("Revealed {{ question: QuestionId({id}) }}")),
        (confirmed(1), format!("IdentityConfirmed {{ question: QuestionId({id}) }}")),
        (disputed(1), format!("IdentityDisputed {{ question: QuestionId({id}) }}")),
        (
            looked_at(1, 2),
            format!("CandidateRevealed {{ question: QuestionId({id}), candidate: 2 }}"),
        ),
        (
            chosen(1, 2, true),
            format!(
                "CandidateConfirmed {{ question: QuestionId({id}), candidate: Chosen {{ place: 2, wanted: true, missing: false }} }}"
            ),
        ),
        (none_of_these(1), format!("NoneOfThese {{ question: QuestionId({id}) }}")),
        (Event::PersonEntered { person: person() }, "PersonEntered { person: Person(..) }".into()),
        (unidentifiable(Unidentified::NotFound), "Unidentifiable { why: NotFound }".into()),
        (released(), "OutcomeRecorded { outcome: Released }".into()),
        (
            station("resisted"),
            r#"OutcomeRecorded { outcome: TakenToStation { case: "resisted" } }"#.into(),
        ),
        (numbered, "OutcomeRecorded { outcome: ProtocolOnTheSpot { number: .. } }".into()),
        (
            other,
            "OutcomeRecorded { outcome: TakenOnOtherGround { article: .., by_order_of: .. } }".into(),
        ),
        (Event::Closed, "Closed".into()),
    ] {
        assert_eq!(hides(&event), shown);
    }
}

#[test]
fn an_id_is_shown_up_to_its_longest_form_and_no_further() {
    let shown = |text: &str| hides(&ground(text, ""));
    let (longest, longer) = ("a".repeat(32), "a".repeat(33));
    assert!(shown(&longest).contains(&longest));
    assert!(!shown(&longer).contains(&longest));
}

#[test]
fn an_encounter_shows_no_personal_data() {
    let walk = Walk::new()
        .all([opened(), introduced(), ground("witness", "fakt"), not_yet()])
        .all([document(), released()]);
    assert!(!hides(&walk.state).contains("hushsiz"));
    hides(&Recorded {
        at: walk.at,
        event: document(),
    });
}
