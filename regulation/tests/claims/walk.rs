//! One encounter, event by event, as the tablet (strict) sees it.

use regulation::encounter::*;
use regulation::identity::{BirthDate, DocumentNumber, PersonName, Pinfl, Sex};
use regulation::{Date, Edition, QuestionId, Timestamp};
use uuid::Uuid;

pub const LIMIT: i64 = 600;

pub fn edition() -> Edition {
    Edition::shipped().unwrap()
}

pub fn q(n: u128) -> QuestionId {
    QuestionId(Uuid::from_u128(n))
}

pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub fn person() -> Person {
    Person {
        name: PersonName::new("Namunayev", "Namuna", Some("Namuna oʻgʻli")).unwrap(),
        birth_date: BirthDate(day("1990-01-01")),
    }
}

pub fn place() -> Place {
    Place {
        text: "Namuna koʻchasi, 1".into(),
        source: PlaceSource::Typed,
    }
}

pub const FOUND: AnswerKind = AnswerKind::Found {
    wanted: false,
    missing: false,
};
pub const WANTED: AnswerKind = AnswerKind::Found {
    wanted: true,
    missing: false,
};
pub const MISSING: AnswerKind = AnswerKind::Found {
    wanted: false,
    missing: true,
};
pub const FINGER: Basis = Basis::Fingerprint {
    finger: Finger::RightIndex,
    quality: 70,
};
pub const ID_CARD: Basis = Basis::Document {
    document: DocumentKind::IdCard,
};

pub fn opened() -> Event {
    Event::Opened {
        place: place(),
        citizen_language: Language::UzbekLatin,
    }
}
pub fn introduced() -> Event {
    Event::Introduced {
        service_id: ServiceId::NotAskedFor,
    }
}
pub fn ground(id: &str, fact: &str) -> Event {
    Event::GroundStated {
        ground: id.into(),
        fact: fact.into(),
    }
}
pub fn explained() -> Event {
    Event::Explained {
        how: Explanation::Full,
    }
}
pub fn not_yet() -> Event {
    Event::Explained {
        how: Explanation::NotPossibleYet {
            why: "hushsiz".into(),
        },
    }
}
pub fn document() -> Event {
    Event::IdentifiedByDocument {
        document: DocumentKind::IdCard,
        number: None,
        person: person(),
    }
}
pub fn stated() -> Event {
    Event::DocumentStated {
        said: DocumentData {
            document: DocumentKind::IdCard,
            number: Some(DocumentNumber("AA1234567".into())),
            pinfl: Some(Pinfl("30101900000011".into())),
            sex: Some(Sex::Male),
            expiry: Some(day("2034-01-01")),
        },
    }
}
pub fn asked(n: u128, basis: Basis) -> Event {
    Event::Asked {
        question: q(n),
        basis,
    }
}
pub fn attempt() -> Event {
    Event::FingerprintAttempted {
        finger: Finger::RightIndex,
        fault: "timeout".into(),
    }
}
pub fn impossible(reason: &str) -> Event {
    Event::FingerprintImpossible {
        reason: reason.into(),
        note: None,
    }
}
pub fn withdrawn(n: u128) -> Event {
    Event::QuestionWithdrawn { question: q(n) }
}
pub fn answer(n: u128, answer: AnswerKind) -> Event {
    Event::AnswerArrived {
        question: q(n),
        answer,
    }
}
pub fn revealed(n: u128) -> Event {
    Event::Revealed { question: q(n) }
}
pub fn confirmed(n: u128) -> Event {
    Event::IdentityConfirmed { question: q(n) }
}
pub fn disputed(n: u128) -> Event {
    Event::IdentityDisputed { question: q(n) }
}
pub fn looked_at(n: u128, candidate: u8) -> Event {
    Event::CandidateRevealed {
        question: q(n),
        candidate,
    }
}
pub fn chosen(n: u128, place: u8, wanted: bool) -> Event {
    Event::CandidateConfirmed {
        question: q(n),
        candidate: Chosen {
            place,
            wanted,
            missing: false,
        },
    }
}
pub fn none_of_these(n: u128) -> Event {
    Event::NoneOfThese { question: q(n) }
}
pub fn unidentifiable(why: Unidentified) -> Event {
    Event::Unidentifiable { why }
}
pub fn outcome(outcome: Outcome) -> Event {
    Event::OutcomeRecorded { outcome }
}
pub fn station(case: &str) -> Event {
    outcome(Outcome::TakenToStation { case: case.into() })
}
pub fn protocol() -> Event {
    outcome(Outcome::ProtocolOnTheSpot {
        number: "AB 12".into(),
    })
}
pub fn released() -> Event {
    outcome(Outcome::Released)
}

pub struct Walk {
    pub edition: Edition,
    pub state: Encounter,
    pub at: Timestamp,
}

impl Walk {
    pub fn new() -> Self {
        Self {
            edition: edition(),
            state: Encounter::default(),
            at: Timestamp(1_800_000_000_000),
        }
    }

    /// Opened, introduced, ground, explained.
    pub fn explained() -> Self {
        Self::new().all([
            opened(),
            introduced(),
            ground("suspicion", "fakt"),
            explained(),
        ])
    }

    pub fn wait(mut self, seconds: i64) -> Self {
        self.at = Timestamp(self.at.0 + seconds * 1000);
        self
    }

    pub fn try_event(&self, event: Event) -> Result<Encounter, Refusal> {
        transition(&self.edition, &self.state, &Recorded { at: self.at, event })
    }

    /// The event is accepted.
    pub fn ok(mut self, event: Event) -> Self {
        self.state = self
            .try_event(event.clone())
            .unwrap_or_else(|r| panic!("{event:?}: {r}"));
        self
    }

    pub fn all<const N: usize>(self, events: [Event; N]) -> Self {
        events.into_iter().fold(self, Self::ok)
    }

    /// The event is refused so.
    pub fn no(self, event: Event, refusal: Refusal) -> Self {
        assert_eq!(
            self.try_event(event.clone()).err(),
            Some(refusal),
            "{event:?}"
        );
        self
    }

    pub fn stage(self, stage: Stage) -> Self {
        assert_eq!(self.state.stage, stage);
        self
    }

    pub fn flags(&self) -> &[Flag] {
        &self.state.flags
    }

    pub fn flagged(self, flags: &[Flag]) -> Self {
        assert_eq!(self.state.flags, flags);
        self
    }
}
