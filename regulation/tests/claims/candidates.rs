//! §5, §9, §12: candidates that a person compares, one at a time.

use super::walk::*;
use regulation::encounter::*;

fn faces_compared() -> Walk {
    Walk::explained().all([
        impossible("injury"),
        asked(1, Basis::Face),
        answer(1, AnswerKind::Possible),
    ])
}

#[test]
fn p05_a_candidate_is_confirmed_only_once_looked_at() {
    let walk = faces_compared()
        .no(chosen(1, 1, false), Refusal::CandidateNotSeen)
        .all([looked_at(1, 0), looked_at(1, 1), looked_at(1, 0)])
        .no(chosen(1, 2, false), Refusal::CandidateNotSeen)
        .ok(chosen(1, 1, false))
        .flagged(&[]);
    let question = walk.state.question(q(1)).unwrap();
    assert!(question.revealed);
    assert_eq!(question.looked_at, [0, 1]);
    assert_eq!(question.confirmation, Confirmation::Confirmed);
    assert_eq!(question.chosen.map(|c| c.place), Some(1));
    // The one record found is no list of candidates.
    Walk::explained()
        .all([asked(1, FINGER), answer(1, FOUND)])
        .no(looked_at(1, 0), Refusal::NothingToConfirm)
        .no(none_of_these(1), Refusal::NothingToConfirm);
}

#[test]
fn p09_a_confirmed_candidate_who_is_wanted_fits_the_case_and_one_who_is_not_does_not() {
    let taken = |wanted| {
        faces_compared()
            .all([looked_at(1, 0), chosen(1, 0, wanted)])
            .ok(station("wanted_or_missing"))
    };
    taken(true).flagged(&[]);
    taken(false).flagged(&[Flag::CaseDoesNotFit]);
    // Of candidates that nobody has confirmed none is wanted.
    faces_compared()
        .all([looked_at(1, 0), station("wanted_or_missing")])
        .flagged(&[Flag::CaseDoesNotFit]);
}

#[test]
fn p09_none_of_the_candidates_is_nobody_found_and_no_dispute() {
    let walk = faces_compared()
        .no(
            unidentifiable(Unidentified::NotFound),
            Refusal::AnswerIsThere,
        )
        .all([looked_at(1, 0), chosen(1, 0, true), none_of_these(1)]);
    assert_eq!(walk.state.question(q(1)).unwrap().chosen, None);
    walk.all([
        unidentifiable(Unidentified::NotFound),
        station("cannot_identify"),
    ])
    .flagged(&[]);
}

#[test]
fn p09_where_central_has_no_search_by_face_no_means_is_left() {
    Walk::explained()
        .all([
            impossible("injury"),
            asked(1, Basis::Face),
            answer(1, AnswerKind::NotOffered),
        ])
        .no(
            unidentifiable(Unidentified::NotFound),
            Refusal::MeansAreLeft,
        )
        .ok(unidentifiable(Unidentified::NoMeansLeft));
}
