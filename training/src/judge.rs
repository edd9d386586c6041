//! Whether an encounter was as the Regulation asks: a pure function over what was recorded.

use crate::scenario::{Asked, Scenario, case_is};
use regulation::Edition;
use regulation::edition::CaseFits;
use regulation::encounter::{
    AnswerKind, Basis, Confirmation, DocumentKind, Encounter, Event, Explanation, Person,
    QuestionState, QuestionStatus, Recorded, ServiceId, Stage, record,
};
use regulation::identity::{Likeness, compare_names};

/// For each of `scenario.asked`, in its order, whether it is met by `events`, those of one encounter in the
/// order of their numbers. `shown`: what the person's document says.
#[must_use]
pub fn judge(
    edition: &Edition,
    scenario: &Scenario,
    shown: &Person,
    events: &[Recorded],
) -> Vec<bool> {
    let after = events.iter().fold(Encounter::default(), |state, recorded| {
        record(edition, &state, recorded)
    });
    let play = Play {
        edition,
        scenario,
        shown,
        events,
        after,
    };
    scenario.asked.iter().map(|asked| play.met(asked)).collect()
}

struct Play<'a> {
    edition: &'a Edition,
    scenario: &'a Scenario,
    shown: &'a Person,
    events: &'a [Recorded],
    after: Encounter,
}

impl Play<'_> {
    fn met(&self, asked: &Asked) -> bool {
        match asked {
            Asked::Introduced => self.introduced(),
            Asked::CardShown => self.after.service_id == Some(ServiceId::AskedForAndShown),
            Asked::SpokenTo => self.after.citizen_language == Some(self.scenario.speaks),
            Asked::Ground { of } => {
                let ground = self.after.ground.as_ref();
                ground.is_some_and(|ground| of.contains(&ground.id))
            }
            Asked::Explained => self.explained(),
            Asked::ExplanationMadeGood => self.made_good(),
            Asked::FingerprintFirst => self.fingerprint_first(),
            Asked::NoticeStands => self.notice_stands(),
            Asked::Reason { of } => {
                let mut reasons = self.reasons().peekable();
                reasons.peek().is_some() && reasons.all(|(_, reason)| of.contains(reason))
            }
            Asked::FingersNoted => self.fingers_noted(),
            Asked::FaceAfterReason => {
                let reason = self.reasons().next();
                let face = self.place(|e| asks(e, |b| matches!(b, Basis::Face)));
                matches!((reason, face), (Some((reason, _)), Some(face)) if reason < face)
            }
            Asked::CandidatesCompared => self.compared(),
            Asked::DocumentAlone => {
                self.after.by_document.is_some() && self.after.questions.is_empty()
            }
            Asked::PersonAsShown => self.after.person.as_ref().is_some_and(|p| self.same(p)),
            Asked::LookedAt => {
                let mut found = self.found().peekable();
                found.peek().is_some() && found.all(|q| q.revealed)
            }
            Asked::Confirmed => self.stands(Confirmation::Confirmed),
            Asked::Disputed => {
                self.stands(Confirmation::Disputed) && !self.stands(Confirmation::Confirmed)
            }
            Asked::Ending { of } => {
                let outcome = self.after.outcome.as_ref();
                outcome.is_some_and(|outcome| of.iter().any(|ending| ending.is(outcome)))
            }
            Asked::RefusalIsNotResistance => !self.taken_as(CaseFits::Resisted),
            Asked::OutageIsNoReason => {
                let given_up = |e: &Event| matches!(e, Event::Unidentifiable { .. });
                self.place(given_up).is_none() && !self.taken_as(CaseFits::CannotIdentify)
            }
            Asked::NothingToReview { but } => self
                .after
                .flags
                .iter()
                .all(|flag| but.iter().any(|code| code == flag.code())),
            Asked::Closed => self.after.stage == Stage::Closed,
        }
    }

    fn place(&self, wanted: impl Fn(&Event) -> bool) -> Option<usize> {
        self.events.iter().position(|r| wanted(&r.event))
    }

    /// Where the first step to establish identity stands.
    fn began(&self) -> Option<usize> {
        self.place(|event| {
            matches!(
                event,
                Event::IdentifiedByDocument { .. }
                    | Event::DocumentStated { .. }
                    | Event::Asked { .. }
                    | Event::FingerprintAttempted { .. }
                    | Event::FingersUnavailable { .. }
                    | Event::FingerprintImpossible { .. }
            )
        })
    }

    fn introduced(&self) -> bool {
        let introduced = self.place(|e| matches!(e, Event::Introduced { .. }));
        let ground = self.place(|e| matches!(e, Event::GroundStated { .. }));
        match (introduced, ground) {
            (Some(introduced), Some(ground)) => {
                // Where no speaking was possible it comes when it is.
                let not_yet = |e: &Event| not_yet(e);
                introduced < ground || self.place(not_yet).is_some_and(|first| first < introduced)
            }
            (introduced, _) => introduced.is_some(),
        }
    }

    fn explained(&self) -> bool {
        let stands = matches!(
            self.after.explanation,
            Some(Explanation::Full | Explanation::ServiceInformationLeftOut)
        );
        match (self.place(given), self.began()) {
            (Some(explained), Some(began)) => stands && explained < began,
            (Some(_), None) => stands,
            (None, _) => false,
        }
    }

    fn made_good(&self) -> bool {
        let first = self.place(not_yet);
        let given = self.events.iter().rposition(|r| given(&r.event));
        matches!((first, given), (Some(first), Some(given)) if first < given)
            && matches!(
                self.after.explanation,
                Some(Explanation::Full | Explanation::ServiceInformationLeftOut)
            )
    }

    fn fingerprint_first(&self) -> bool {
        let print = self.place(|e| {
            matches!(e, Event::FingerprintAttempted { .. })
                || asks(e, |b| matches!(b, Basis::Fingerprint { .. }))
        });
        let face = self.place(|e| asks(e, |b| matches!(b, Basis::Face)));
        print.is_some_and(|print| face.is_none_or(|face| print < face))
    }

    fn notice_stands(&self) -> bool {
        let biometric =
            |q: &&QuestionState| !matches!(q.basis, Basis::Document { .. } | Basis::Pinfl);
        let mut asked = self.after.questions.iter().filter(biometric).peekable();
        asked.peek().is_some() && asked.all(|q| q.status != QuestionStatus::Withdrawn)
    }

    fn reasons(&self) -> impl Iterator<Item = (usize, &String)> {
        let events = self.events.iter().enumerate();
        events.filter_map(|(n, recorded)| match &recorded.event {
            Event::FingerprintImpossible { reason, .. } => Some((n, reason)),
            _ => None,
        })
    }

    fn fingers_noted(&self) -> bool {
        let lacking = &self.after.unavailable;
        let lacks = |finger| lacking.iter().any(|lack| lack.finger == finger);
        let noted = self.place(|e| matches!(e, Event::FingersUnavailable { .. }));
        let asked_for = self.events.iter().any(|recorded| match &recorded.event {
            Event::FingerprintAttempted { finger, .. } => lacks(*finger),
            Event::Asked {
                basis: Basis::Fingerprint { finger, .. },
                ..
            } => lacks(*finger),
            _ => false,
        });
        let before = self.reasons().next().map(|(reason, _)| reason);
        !lacking.is_empty()
            && !asked_for
            && noted.is_some_and(|noted| before.is_none_or(|reason| noted < reason))
    }

    fn answered(&self, kind: fn(AnswerKind) -> bool) -> impl Iterator<Item = &QuestionState> {
        let answers = move |q: &&QuestionState| match q.status {
            QuestionStatus::Answered { answer } => kind(answer),
            QuestionStatus::Waiting | QuestionStatus::Withdrawn => false,
        };
        self.after.questions.iter().filter(answers)
    }

    fn found(&self) -> impl Iterator<Item = &QuestionState> {
        self.answered(|kind| matches!(kind, AnswerKind::Found { .. }))
    }

    /// Where central has no search by faces there is nobody to compare.
    fn compared(&self) -> bool {
        self.answered(|kind| kind == AnswerKind::Possible)
            .all(|q| q.confirmation != Confirmation::Open && !q.looked_at.is_empty())
    }

    fn stands(&self, confirmation: Confirmation) -> bool {
        let questions = &self.after.questions;
        questions.iter().any(|q| q.confirmation == confirmation)
    }

    fn taken_as(&self, fits: CaseFits) -> bool {
        let outcome = self.after.outcome.as_ref();
        outcome.is_some_and(|outcome| case_is(self.edition, outcome, fits))
    }

    /// §28: the same name, in either script, and the same date of birth.
    fn same(&self, person: &Person) -> bool {
        let likeness = compare_names(&person.name, &self.shown.name, DocumentKind::IdCard);
        let alike = |part: Option<Likeness>| part == Some(Likeness::Same);
        let patronymic = match (&person.name.patronymic, &self.shown.name.patronymic) {
            (None, None) => true,
            _ => alike(likeness.patronymic),
        };
        alike(likeness.surname)
            && alike(likeness.given)
            && patronymic
            && person.birth_date == self.shown.birth_date
    }
}

fn asks(event: &Event, basis: impl Fn(&Basis) -> bool) -> bool {
    matches!(event, Event::Asked { basis: by, .. } if basis(by))
}

fn given(event: &Event) -> bool {
    matches!(
        event,
        Event::Explained {
            how: Explanation::Full | Explanation::ServiceInformationLeftOut
        }
    )
}

fn not_yet(event: &Event) -> bool {
    matches!(
        event,
        Event::Explained {
            how: Explanation::NotPossibleYet { .. }
        }
    )
}
