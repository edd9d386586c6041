//! What the worker knows and the pages are made from.

use super::bodycam::{BodycamState, DeskWord};
use super::custody::CustodyState;
use super::document::{DocumentForm, DocumentProblem, DocumentReview};
use super::help::HelpState;
use super::incident::IncidentState;
use super::pin::PinProblem;
use crate::device::Settings;
use protocol::{Answer, CaptureId, CaptureOf, Role, SessionId};
use regulation::encounter::{Confirmation, Encounter, Finger, Language, Refusal, Stage};
use regulation::{Edition, EncounterId, QuestionId, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The tablet's state, whole. Owned by the worker; a page is a pure function of it.
#[derive(Clone)]
pub struct State {
    pub edition: Arc<Edition>,
    /// The officer's language; the citizen's is in the encounter.
    pub language: Language,
    pub settings: Settings,
    /// The screen has the colours of the night: by choice, or by the time of day.
    pub night: bool,
    pub now: Timestamp,
    pub connection: Connection,
    pub queue: Queue,
    /// Percent; `None` without a battery.
    pub battery: Option<u8>,
    /// Invented people: the pages show it loudly.
    pub training: bool,
    pub enrolled: bool,
    /// Central has reported this tablet lost: it is locked, and nobody logs in.
    pub lost: bool,
    pub session: Option<SessionState>,
    pub login_busy: bool,
    pub login_problem: Option<LoginProblem>,
    /// A shift is open on this tablet, and may be opened again with no connection.
    pub shift_open: bool,
    /// Core dumps or swap may hold what is in memory: the operating system did not refuse them.
    pub unprotected: bool,
    pub pin: PinState,
    pub lock: LockState,
    pub notice: Option<Notice>,
    pub screen: Screen,
    /// The desk's last word, until the officer has read it.
    pub word: Option<DeskWord>,
    pub bodycam: BodycamState,
    pub incident: IncidentState,
    pub custody: CustodyState,
    /// This shift's encounters, oldest first.
    pub encounters: Vec<EncounterEntry>,
    pub current: Option<EncounterId>,
    /// An encounter that has begun (its id and time stand) and has no event yet.
    pub draft: Option<(EncounterId, Timestamp)>,
    /// Spoken to the citizen of the encounter that is open: what its record says, until another is chosen.
    pub citizen_language: Language,
    /// Places of this shift, the latest first, offered instead of typing.
    pub places: Vec<String>,
    pub finger: Finger,
    pub capture: CaptureState,
    pub document_form: DocumentForm,
    /// The zone that the camera has read and no page has given back yet; how many it has read.
    pub document_read: (String, u32),
    pub document_problem: Option<DocumentProblem>,
    pub document_review: Option<DocumentReview>,
    /// §28: the document's page corrects what was recorded of the person.
    pub correcting: bool,
    /// The question whose answer the answer page shows, chosen when the page is entered.
    pub shown_question: Option<QuestionId>,
    /// Of several candidates, the one that is shown, from 0.
    pub candidate: usize,
    /// The officer's finger rests on the covered answer.
    pub revealed: bool,
    pub refusal: Option<Refusal>,
    /// The duty desk, once it was heard of.
    pub desk: Option<super::DeskState>,
    /// What was typed on a page when the tablet was locked, in the page's own order of fields.
    pub typed: Option<(Stamp, Vec<String>)>,
    /// A photo is being taken.
    pub photo: Option<super::PhotoState>,
    /// The Regulation's text lies over the page.
    pub law: Option<super::LawState>,
    /// Words for the person fill the screen.
    pub say: Option<super::SayState>,
    /// A face is before the camera.
    pub face: Option<super::FaceState>,
    /// The citizen's receipt that is shown, or could not be made.
    pub receipt: Option<super::ReceiptState>,
    /// Photos of this shift that no event names yet, oldest first.
    pub unnamed: Vec<(CaptureId, CaptureOf)>,
    /// The page of the tablet and of help.
    pub help: HelpState,
}

/// The PIN page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PinState {
    pub again: bool,
    pub busy: bool,
    pub problem: Option<PinProblem>,
}

/// The locked page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LockState {
    pub busy: bool,
    pub tries_left: Option<u32>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("State(..)")
    }
}

/// What a command or an update is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    pub session: Option<SessionId>,
    pub encounter: Option<EncounterId>,
    /// The page that was tapped: a tap already under way when the page changes is stale.
    pub screen: Screen,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Screen {
    #[default]
    Login,
    Pin,
    Locked,
    TakeOver,
    Receive,
    Home,
    Bodycam,
    Tablet,
    HandIn,
    /// The tablet and help.
    Help,
    Introduce,
    Ground,
    Method,
    Document,
    Finger,
    NoFingerprint,
    Face,
    Pending,
    Answer,
    Outcome,
    Closed,
    Receipt,
    Incident,
    Reports,
    Desk,
    DeskFault,
    DeskMeans,
    DeskCustody,
    DeskIncident,
    DeskAnswer,
    DeskFigures,
    DeskTablet,
    DeskPhoto,
}

#[derive(Clone, PartialEq, Eq)]
pub struct SessionState {
    pub id: SessionId,
    pub name: String,
    pub rank: String,
    pub unit: String,
    pub role: Role,
}

impl std::fmt::Debug for SessionState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionState(..)")
    }
}

/// One encounter of this shift with the answers that came for it.
#[derive(Clone)]
pub struct EncounterEntry {
    pub id: EncounterId,
    pub encounter: Encounter,
    pub answers: Vec<Answer>,
    /// A late answer that the officer has not looked at.
    pub attention: bool,
    pub delivery: Delivery,
}

impl std::fmt::Debug for EncounterEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EncounterEntry(..)")
    }
}

/// Where the events of an encounter are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// On this tablet alone.
    pub waiting: u64,
    /// On central's disk.
    pub stored: u64,
    /// On central's disk and in its replica.
    pub safe: u64,
    pub stuck: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    Connecting,
    Online,
    NoNetwork,
    CentralDown,
    /// Central knows this tablet no longer, or has revoked it.
    Refused,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    pub waiting: u64,
    pub sent: u64,
    /// What does not go on by itself: why, and how many.
    pub stuck: Vec<(Stuck, u64)>,
    /// Seconds for which the oldest waiting event has waited.
    pub oldest_s: Option<u64>,
    /// Captures that are not safe at central, and bytes of them that are still to be sent.
    pub captures: u64,
    pub capture_bytes: u64,
    /// Seconds since the oldest stuck event was recorded.
    pub oldest_stuck_s: Option<u64>,
}

impl Queue {
    /// Events that central has not: they wait, or do not go on by themselves.
    #[must_use]
    pub fn unsent(&self) -> u64 {
        self.waiting + self.stuck_total()
    }

    /// Events that do not go on by themselves.
    #[must_use]
    pub fn stuck_total(&self) -> u64 {
        self.stuck.iter().map(|(_, count)| count).sum()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stuck {
    RefusedForGood,
    CredentialsDead,
    TooLarge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginProblem {
    WrongCredentials,
    NoConnection,
    CentralDown,
    Throttled {
        seconds: u64,
    },
    OfficerInactive,
    /// Too many wrong passwords at central; the duty unit unlocks.
    OfficerLocked,
    /// With no connection: not this password, or nobody on this tablet's roster. Which, is not said.
    NotOnRoster,
    DeviceRevoked,
    /// Reported lost: locked, and being wiped.
    TabletLost,
    LeaseOver,
    NotEnrolled,
    /// Too many wrong passwords on this tablet; the desk unlocks it, or central lets the officer in.
    Locked,
    Storage,
    /// Too many wrong PINs: the password opens the shift.
    PinGone,
}

/// Something about the tablet itself that the officer must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The disk is full: nothing was recorded by the last tap.
    StorageFull,
    /// The vault cannot be written.
    StorageFault,
    /// The vault was damaged, is kept aside, and a new one was begun.
    VaultQuarantined,
    /// A part of this shift's readable journal is damaged; what was sealed for central is whole.
    JournalDamaged,
    /// Central has ended this shift on this tablet (another log-in, an end of lease).
    SessionEnded,
}

#[derive(Clone, Debug, PartialEq)]
pub enum CaptureState {
    Idle,
    /// The scanner waits for a finger, or reads it.
    Running {
        quality: Option<biometrics::finger::Quality>,
    },
    /// There is a print, but its quality is low: send it or take it again.
    Weak {
        quality: u8,
    },
    Fault(crate::device::ScannerFault),
}

impl State {
    #[must_use]
    pub fn new(edition: Arc<Edition>, now: Timestamp) -> Self {
        Self {
            edition,
            language: Language::UzbekCyrillic,
            settings: Settings::default(),
            night: false,
            now,
            connection: Connection::Connecting,
            queue: Queue::default(),
            battery: None,
            training: false,
            enrolled: false,
            lost: false,
            session: None,
            login_busy: false,
            login_problem: None,
            shift_open: false,
            unprotected: false,
            pin: PinState::default(),
            lock: LockState::default(),
            notice: None,
            screen: Screen::Login,
            word: None,
            bodycam: BodycamState::default(),
            incident: IncidentState::default(),
            custody: CustodyState::default(),
            encounters: Vec::new(),
            current: None,
            draft: None,
            citizen_language: Language::UzbekCyrillic,
            places: Vec::new(),
            finger: Finger::RightIndex,
            capture: CaptureState::Idle,
            document_form: DocumentForm::default(),
            document_read: Default::default(),
            document_problem: None,
            document_review: None,
            correcting: false,
            shown_question: None,
            candidate: 0,
            revealed: false,
            refusal: None,
            desk: None,
            typed: None,
            photo: None,
            law: None,
            say: None,
            face: None,
            receipt: None,
            unnamed: Vec::new(),
            help: HelpState::default(),
        }
    }

    #[must_use]
    pub fn stamp(&self) -> Stamp {
        Stamp {
            session: self.session.as_ref().map(|s| s.id),
            encounter: self.current.or(self.draft.map(|(id, _)| id)),
            screen: self.screen,
        }
    }

    /// Rank and name of who is logged in; empty: nobody.
    #[must_use]
    pub fn officer(&self) -> String {
        self.session
            .as_ref()
            .map(|s| format!("{} {}", s.rank, s.name))
            .unwrap_or_default()
    }

    /// Whether this officer takes a tablet over and wears a bodycam: a desk's tablet stays where it is.
    #[must_use]
    pub fn on_patrol(&self) -> bool {
        self.session
            .as_ref()
            .is_some_and(|s| s.role == Role::Patrol)
    }

    #[must_use]
    pub fn current_entry(&self) -> Option<&EncounterEntry> {
        let id = self.current?;
        self.encounters.iter().find(|e| e.id == id)
    }

    /// The encounter that is begun and not closed; there is one at most.
    #[must_use]
    pub fn open_entry(&self) -> Option<&EncounterEntry> {
        let open =
            |e: &&EncounterEntry| !matches!(e.encounter.stage, Stage::NotOpen | Stage::Closed);
        self.encounters.iter().rev().find(open)
    }

    pub fn entry_mut(&mut self, id: EncounterId) -> Option<&mut EncounterEntry> {
        self.encounters.iter_mut().find(|e| e.id == id)
    }
}

impl EncounterEntry {
    #[must_use]
    pub fn answer(&self, question: QuestionId) -> Option<&Answer> {
        self.answers.iter().find(|a| a.question == question)
    }

    /// §8: the ground is stated and explained, so that a receipt can name it.
    #[must_use]
    pub fn has_receipt(&self) -> bool {
        let encounter = &self.encounter;
        let stated = encounter.ground.is_some() && encounter.explanation.is_some();
        stated && encounter.opened_at.is_some() && encounter.place.is_some()
    }

    /// The answer to show next: the first that nobody has looked at, else the last. Of a closed
    /// encounter only late ones can be looked at.
    #[must_use]
    pub fn next_answer(&self) -> Option<&Answer> {
        let closed = self.encounter.stage == Stage::Closed;
        let shown = |answer: &&Answer, unseen: bool| {
            self.encounter
                .question(answer.question)
                .is_some_and(|q| (q.late || !closed) && !(unseen && q.revealed))
        };
        let unseen = self.answers.iter().find(|a| shown(a, true));
        unseen.or_else(|| self.answers.iter().rev().find(|a| shown(a, false)))
    }

    /// Questions whose answer names one person whom the officer has looked at and nobody disputes.
    #[must_use]
    pub fn known_people(&self) -> Vec<QuestionId> {
        let known = |answer: &&Answer| {
            let result = &answer.result;
            let one = !result.is_to_be_compared() && !result.people().is_empty();
            let question = self.encounter.question(answer.question);
            question.is_some_and(|q| match q.confirmation {
                Confirmation::Open => one && q.revealed,
                Confirmation::Confirmed => q.revealed,
                Confirmation::Disputed | Confirmation::NoneOfThese => false,
            })
        };
        let answers = self.answers.iter().filter(known);
        answers.map(|answer| answer.question).collect()
    }

    /// How many people a report out of it names: those of these questions whom central's answer found and
    /// nobody disputes, or whom the officer confirmed; and whom a document named.
    #[must_use]
    pub fn named_people(&self, questions: &[QuestionId]) -> usize {
        let named = |id: &&QuestionId| {
            let of = self.encounter.question(**id).map(|q| q.confirmation);
            match self.answer(**id).map(|answer| &answer.result) {
                Some(protocol::AnswerResult::Found { .. }) => of != Some(Confirmation::Disputed),
                Some(
                    protocol::AnswerResult::Possible { .. }
                    | protocol::AnswerResult::Resembling { .. },
                ) => of == Some(Confirmation::Confirmed),
                _ => false,
            }
        };
        questions.iter().filter(named).count() + usize::from(self.encounter.by_document.is_some())
    }

    /// An answer that nobody has looked at.
    #[must_use]
    pub fn has_unseen_answer(&self) -> bool {
        let next = self
            .next_answer()
            .and_then(|a| self.encounter.question(a.question));
        next.is_some_and(|q| !q.revealed)
    }
}
