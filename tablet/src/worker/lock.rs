//! The PIN of the shift, the lock, and the way back to the page where the officer was.

use super::session::LoginOutcome;
use super::{Inner, Worker};
use crate::device::Suspension;
use crate::pages::{
    CaptureState, DeskWord, DocumentForm, LockState, LoginProblem, Notice, PinProblem, PinState,
    Screen, Stamp, State,
};
use crate::vault::{LockedSession, OpenSession, Pin, PinError, UnlockError, VaultError};
use protocol::{SessionId, from_cbor, to_cbor};
use regulation::custody::Party;
use regulation::encounter::{Finger, Language, Stage};
use regulation::{EncounterId, IncidentId, QuestionId, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use zeroize::{Zeroize as _, Zeroizing};

/// When the tablet locks itself, and what opens it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockPolicy {
    /// So long nobody touched it. A running capture is no idleness.
    pub idle: Duration,
    /// The same for a desk, whose officer looks at it and listens without touching it; who is checked
    /// stands covered on it.
    pub idle_at_desk: Duration,
    /// A PIN is chosen for each shift; without one the lock asks for the password.
    pub pin: bool,
}

impl Default for LockPolicy {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(3 * 60),
            idle_at_desk: Duration::from_secs(30 * 60),
            pin: true,
        }
    }
}

/// A sleep shorter than this is none: clocks are read one after the other.
const SLEPT_MS: u64 = 1000;

/// What the lock has to do with, between two log-ins.
#[derive(Default)]
pub(super) struct Lock {
    /// The shift under its PIN; away while the vault tries one.
    pub(super) locked: Option<LockedSession>,
    /// The PIN as typed the first time.
    first: Option<Zeroizing<String>>,
    /// Where the officer was and what was typed, sealed under the shift's key.
    kept: Option<(SessionId, Vec<u8>)>,
    /// What is typed on the page that is shown, in the page's own order of fields.
    typed: Option<(Stamp, Vec<String>)>,
    /// Uptime of the last touch.
    touched: Duration,
    slept_ms: u64,
    /// The tablet is to lock itself as soon as what is being opened is open.
    due: bool,
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.forget_typed();
    }
}

impl Lock {
    /// Whether a lock was asked for while a password or PIN was being tried.
    pub(super) fn take_due(&mut self) -> bool {
        std::mem::take(&mut self.due)
    }

    fn forget_typed(&mut self) {
        if let Some((_, fields)) = &mut self.typed {
            fields.zeroize();
        }
        self.typed = None;
    }
}

/// Where the officer was.
#[derive(Serialize, Deserialize)]
struct Place {
    screen: Screen,
    current: Option<EncounterId>,
    draft: Option<(EncounterId, Timestamp)>,
    citizen_language: Language,
    finger: Finger,
    shown_question: Option<QuestionId>,
    document_form: DocumentForm,
    reviewing: bool,
    correcting: bool,
    word: Option<DeskWord>,
    person: Option<Party>,
    early: bool,
    /// The report that is written, the one that is open, and what the first grows out of.
    report_draft: Option<IncidentId>,
    report_open: Option<IncidentId>,
    report_from: Option<EncounterId>,
    typed: Vec<String>,
}

impl Worker {
    /// Nobody touches the screen when a capture ends either.
    pub(super) fn touched(&mut self) {
        self.lock.touched = self.uptime();
    }

    /// How long until the tablet locks itself.
    pub(super) fn until_idle(&self) -> Option<Duration> {
        self.session.as_ref()?;
        let policy = &self.parts.lock;
        let idle = if self.has_desk() {
            policy.idle_at_desk
        } else {
            policy.idle
        };
        let due = self.lock.touched + idle;
        Some(due.saturating_sub(self.uptime()))
    }

    pub(super) fn uptime(&self) -> Duration {
        Duration::from_millis(self.parts.clock.uptime_ms())
    }

    /// Before anything else is looked at: a tablet that was left alone, or that slept, is locked.
    pub(super) fn look_at_lock(&mut self) {
        if matches!(self.state.capture, CaptureState::Running { .. }) {
            self.touched();
        }
        let slept = self.parts.clock.slept_ms();
        let woke = slept.saturating_sub(self.lock.slept_ms) >= SLEPT_MS;
        self.lock.slept_ms = slept;
        if woke || self.until_idle().is_some_and(|left| left.is_zero()) {
            self.lock_screen();
        }
    }

    pub(super) fn suspension(&mut self, suspension: Suspension) {
        if suspension == Suspension::Coming {
            self.lock_screen();
        }
    }

    /// What was typed on the page so far. Kept in memory, and across the lock sealed.
    pub(super) fn typed(&mut self, fields: Vec<String>) {
        self.lock.forget_typed();
        self.lock.typed = Some((self.state.stamp(), fields));
    }

    /// What was typed belongs to its page: it goes with it.
    pub(super) fn forget_what_was_typed_elsewhere(&mut self) {
        let stamp = self.state.stamp();
        if self.lock.typed.as_ref().is_some_and(|(at, _)| *at != stamp) {
            self.lock.forget_typed();
        }
        if self
            .state
            .typed
            .as_ref()
            .is_some_and(|(at, _)| *at != stamp)
        {
            self.state.typed = None;
        }
    }

    /// Takes everything of the shift out of memory, but for what the PIN or the password opens.
    pub(super) fn lock_screen(&mut self) {
        let Some(session) = self.session.clone() else {
            // What is on its way was asked for before the lock.
            self.lock.due = self.state.login_busy || self.state.lock.busy;
            return;
        };
        self.lock.first = None;
        // On the page of the PIN the place from before is still to be given back.
        let kept = self.lock.kept.as_ref().map(|(id, _)| *id);
        if self.state.screen != Screen::Pin || kept != Some(session.id) {
            match self.place(&session) {
                Ok(sealed) => self.lock.kept = Some((session.id, sealed)),
                Err(error) => tracing::error!(%error, "the place was not kept across the lock"),
            }
        }
        if let Some(locked) = &mut self.lock.locked {
            locked.keep_lease(&session);
        }
        let gone = self.session_gone;
        drop(session);
        self.leave_session();
        self.session_gone = gone;
        if self.lock.locked.is_some() {
            self.state.screen = Screen::Locked;
        }
        tracing::info!("locked");
    }

    fn place(&mut self, session: &OpenSession) -> Result<Vec<u8>, VaultError> {
        let stamp = self.state.stamp();
        let typed = match self.lock.typed.take() {
            Some((at, fields)) if at == stamp => fields,
            // Given back by an earlier unlock, and not touched since.
            _ => match self.state.typed.take() {
                Some((at, fields)) if at == stamp => fields,
                _ => Vec::new(),
            },
        };
        // The page has it, if it is to stay.
        self.forget_zone();
        let mut place = Place {
            screen: self.state.screen,
            current: self.state.current,
            draft: self.state.draft,
            citizen_language: self.state.citizen_language,
            finger: self.state.finger,
            shown_question: self.state.shown_question,
            document_form: std::mem::take(&mut self.state.document_form),
            reviewing: self.state.document_review.is_some(),
            correcting: self.state.correcting,
            word: self.state.word,
            person: self.state.custody.person.clone(),
            early: self.state.custody.early,
            report_draft: self.state.incident.draft,
            report_open: self.state.incident.open,
            report_from: self.state.incident.from,
            typed,
        };
        let plain = Zeroizing::new(to_cbor(&place)?);
        place.typed.zeroize();
        session.seal_kept(&plain)
    }

    /// Nothing of the shift opens any more but by its password, if at all.
    pub(super) fn forget_pin(&mut self) {
        self.lock.locked = None;
        self.lock.first = None;
        if let Err(error) = self.parts.vault.forget_pin() {
            tracing::error!(%error, "the PIN's entry was not destroyed");
        }
    }

    /// The shift has ended: nothing of it is kept for coming back.
    pub(super) fn forget_lock(&mut self) {
        self.forget_pin();
        self.lock.kept = None;
        self.lock.forget_typed();
    }

    /// After the log-in: the PIN if one is to be chosen, else to work.
    pub(super) fn choose_pin_or_go_on(&mut self) {
        if self.parts.lock.pin && self.lock.locked.is_none() {
            self.state.pin = PinState::default();
            self.state.screen = Screen::Pin;
        } else {
            self.go_on();
        }
    }

    fn go_on(&mut self) {
        self.go_home();
        let id = self.session.as_ref().map(|s| s.id);
        match self.lock.kept.take() {
            Some((of, sealed)) if Some(of) == id => self.go_back_to(&sealed),
            _ => self.go_on_where_it_was(),
        }
    }

    /// To the page where the officer was. What the machine no longer allows there it still refuses.
    fn go_back_to(&mut self, sealed: &[u8]) {
        let opened = self.session.as_ref().map(|s| s.open_kept(sealed));
        let Some(Ok(plain)) = opened else {
            return self.go_on_where_it_was();
        };
        let Ok(place) = from_cbor::<Place>(&plain) else {
            return self.go_on_where_it_was();
        };
        if matches!(place.screen, Screen::Login | Screen::Pin | Screen::Locked) {
            return self.go_on_where_it_was();
        }
        if let Some(id) = place.current {
            if self.state.entry_mut(id).is_none() {
                return self.go_on_where_it_was();
            }
            self.open_encounter(id);
        }
        self.state.draft = place.draft;
        self.state.citizen_language = place.citizen_language;
        self.state.finger = place.finger;
        let entry = self.state.current_entry();
        let closed = entry.is_some_and(|e| e.encounter.stage == Stage::Closed);
        // What was open at a desk is asked of the next board, and of central.
        self.state.screen = match place.screen {
            Screen::DeskFault
            | Screen::DeskMeans
            | Screen::DeskAnswer
            | Screen::DeskFigures
            | Screen::DeskTablet
            | Screen::DeskPhoto => Screen::Desk,
            // The camera is opened by hand again.
            Screen::Face => Screen::Method,
            // A receipt is made again by hand.
            Screen::Receipt if closed => Screen::Closed,
            Screen::Receipt => Screen::Outcome,
            screen => screen,
        };
        self.state.word = self.state.word.or(place.word);
        self.state.custody.person = place.person;
        self.state.custody.early = place.early;
        self.state.incident.draft = place.report_draft;
        self.state.incident.open = place.report_open;
        self.state.incident.from = place.report_from;
        self.state.shown_question = place.shown_question;
        self.state.correcting = place.correcting;
        if place.reviewing {
            self.review_document(place.document_form);
        } else {
            self.state.document_form = place.document_form;
        }
        if !place.typed.is_empty() {
            self.state.typed = Some((self.state.stamp(), place.typed));
        }
        self.show_answer_if_awaited();
    }

    /// A PIN as typed: the first time, then again.
    pub(super) fn choose_pin(&mut self, digits: Zeroizing<String>) {
        if self.state.screen != Screen::Pin || self.state.pin.busy {
            return;
        }
        self.state.pin.problem = None;
        let pin = match Pin::new(&digits) {
            Ok(pin) => pin,
            Err(error) => {
                self.lock.first = None;
                self.state.pin = PinState {
                    problem: Some(match error {
                        PinError::Trivial => PinProblem::Trivial,
                        PinError::Length | PinError::NotDigits => PinProblem::Length,
                    }),
                    ..PinState::default()
                };
                return;
            }
        };
        match self.lock.first.take() {
            None => {
                self.lock.first = Some(digits);
                self.state.pin.again = true;
            }
            Some(first) if pin.is(&first) => self.wrap_under(pin),
            Some(_) => {
                self.state.pin = PinState {
                    problem: Some(PinProblem::Differs),
                    ..PinState::default()
                };
            }
        }
    }

    fn wrap_under(&mut self, pin: Pin) {
        let Some(session) = self.session.clone() else {
            return;
        };
        self.state.pin.busy = true;
        let (vault, inner) = (self.parts.vault.clone(), self.inner.clone());
        // Argon2id takes a tenth of a second; the loop goes on meanwhile.
        tokio::task::spawn_blocking(move || {
            let result = vault.lock_session(&session, &pin);
            drop(session);
            let _ = inner.send(Inner::PinChosen(result));
        });
    }

    pub(super) fn pin_chosen(&mut self, result: Result<LockedSession, VaultError>) {
        let current = self.session.as_ref().map(|s| s.id);
        match result {
            Ok(locked) if Some(locked.id()) == current => self.lock.locked = Some(locked),
            // Locked or ended meanwhile.
            Ok(_) => return self.forget_pin(),
            Err(error) => {
                tracing::error!(%error, "no PIN: the lock will ask for the password");
                self.state.notice = Some(Notice::StorageFault);
            }
        }
        if self.state.screen == Screen::Pin {
            self.state.pin = PinState::default();
            self.go_on();
        }
    }

    pub(super) fn unlock(&mut self, pin: Zeroizing<String>) {
        if self.state.screen != Screen::Locked {
            return;
        }
        let Some(mut locked) = self.lock.locked.take() else {
            return;
        };
        self.state.lock.busy = true;
        let (vault, inner) = (self.parts.vault.clone(), self.inner.clone());
        tokio::task::spawn_blocking(move || {
            let result = vault.unlock(&mut locked, &pin);
            let _ = inner.send(Inner::Unlocked { locked, result });
        });
    }

    pub(super) fn unlocked(
        &mut self,
        locked: LockedSession,
        result: Result<Arc<OpenSession>, UnlockError>,
    ) {
        self.state.lock = LockState::default();
        if result.is_err() {
            self.lock.due = false;
        }
        let problem = match result {
            Ok(session) => {
                self.lock.locked = Some(locked);
                let gone = self.session_gone;
                self.login_done(LoginOutcome::Resumed(session));
                self.session_gone = gone;
                return;
            }
            Err(UnlockError::WrongPin { tries_left }) => {
                self.lock.locked = Some(locked);
                self.state.lock.tries_left = Some(tries_left);
                return;
            }
            Err(UnlockError::PinGone) => Some(LoginProblem::PinGone),
            Err(UnlockError::Ended) => None,
            Err(UnlockError::LeaseOver) => Some(LoginProblem::LeaseOver),
            Err(UnlockError::Vault(error)) => {
                tracing::error!(%error, "the PIN could not be tried");
                Some(LoginProblem::Storage)
            }
        };
        self.ask_password(problem);
    }

    /// From the locked page to the password, which opens the shift as after a start anew.
    pub(super) fn ask_password(&mut self, problem: Option<LoginProblem>) {
        if self.state.screen != Screen::Locked || self.state.lock.busy {
            return;
        }
        self.forget_pin();
        self.state.screen = Screen::Login;
        self.state.login_problem = problem;
        self.look_at_shift();
    }
}

/// The state without the session: what belongs to the tablet stays.
pub(super) fn without_session(of: &State) -> State {
    let mut state = State::new(of.edition.clone(), of.now);
    state.language = of.language;
    state.settings = of.settings;
    state.night = of.night;
    state.connection = of.connection;
    state.queue = of.queue.clone();
    state.enrolled = of.enrolled;
    state.lost = of.lost;
    state.unprotected = of.unprotected;
    state.notice = of.notice;
    state
}
