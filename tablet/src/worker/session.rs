//! Log-in, the shift's journal read back, and the end of the shift.

use super::{Inner, Update, Worker};
use crate::link::LinkError;
use crate::pages::{Delivery, EncounterEntry, LoginProblem, Notice, SessionState};
use crate::vault::{Delivery as Delivered, JournalEntry, OpenSession, ResumeError, VaultError};
use protocol::{ErrorCode, FactKind, SessionEvent};
use regulation::EncounterId;
use regulation::encounter::{Encounter, record};
use std::sync::Arc;
use std::time::Instant;
use zeroize::Zeroizing;

/// A session, new or gone on with, or why there is none.
pub(super) enum LoginOutcome {
    Started(Arc<OpenSession>),
    Resumed(Arc<OpenSession>),
    Failed(LoginProblem),
}

impl Worker {
    /// Whether a shift is open on this tablet, for the log-in page.
    pub(super) fn look_at_shift(&mut self) {
        self.state.shift_open = self
            .parts
            .vault
            .open_sessions()
            .is_ok_and(|sessions| !sessions.is_empty());
    }

    /// The open shift of this officer first (it needs no connection), then central, and the roster when
    /// central cannot be reached.
    pub(super) fn login(&mut self, login: String, password: Zeroizing<String>) {
        let asked = self.state.screen == crate::pages::Screen::Login;
        if !asked || self.session.is_some() || self.state.login_busy || self.state.lost {
            return;
        }
        self.state.login_busy = true;
        self.state.login_problem = None;
        let (vault, link, inner) = (
            self.parts.vault.clone(),
            self.link.clone(),
            self.inner.clone(),
        );
        tokio::spawn(async move {
            let outcome = log_in(vault, link, login, password).await;
            // The worker ends before its tasks only at shutdown.
            let _ = inner.send(Inner::LoginDone(outcome));
        });
    }

    pub(super) fn login_done(&mut self, outcome: LoginOutcome) {
        self.state.login_busy = false;
        let lock = self.lock.take_due();
        if self.state.lost {
            // The order came while the password was being checked.
            return;
        }
        let (session, new) = match outcome {
            LoginOutcome::Started(session) => (session, true),
            LoginOutcome::Resumed(session) => (session, false),
            LoginOutcome::Failed(problem) => {
                self.state.login_problem = Some(problem);
                return;
            }
        };
        if new && self.held {
            return self.begun_over_another(session);
        }
        self.held = true;
        self.state.session = Some(SessionState {
            id: session.id,
            name: session.officer.name.clone(),
            rank: session.officer.rank.clone(),
            unit: session.officer.unit.clone(),
            role: session.officer.role,
        });
        self.state.training = session.training;
        self.state.custody.kit = session.kit.clone();
        self.session = Some(session.clone());
        self.touched();
        if new {
            self.session_gone = false;
            // A full disk shows itself as a notice on the page that follows.
            let _ = self.record_session(SessionEvent::Started);
        } else if let Err(error) = self.read_back(&session) {
            tracing::error!(%error, "the shift's journal cannot be read back");
            self.state.notice = Some(Notice::StorageFault);
        }
        if let Some(link) = &self.link {
            link.attach(session);
        }
        self.choose_pin_or_go_on();
        if lock {
            self.lock_screen();
        }
    }

    /// Somebody has logged in over a shift that this process has held, and ended it so. The new one is
    /// begun and left again: it opens, by its password, in a process that holds nothing of the first.
    fn begun_over_another(&mut self, session: Arc<OpenSession>) {
        self.session = Some(session);
        let _ = self.record_session(SessionEvent::Started);
        self.forget_lock();
        self.leave_session();
        self.hand_over();
    }

    /// Whoever draws the pages starts the program anew: memory holds more than was let go here.
    fn hand_over(&mut self) {
        self.held = false;
        let _ = self.updates.send(Update::HandOver);
    }

    /// The state of the shift out of its own journal and inbox.
    fn read_back(&mut self, session: &OpenSession) -> Result<(), VaultError> {
        for entry in self.parts.vault.journal(session)? {
            self.replay(&entry);
        }
        if !self.parts.vault.damaged_rows().is_empty() {
            self.state.notice = Some(Notice::JournalDamaged);
        }
        for message in self.parts.vault.messages(session)? {
            self.message(message, false);
        }
        Ok(())
    }

    fn replay(&mut self, entry: &JournalEntry) {
        if let FactKind::Bodycam { recorded } = &entry.fact.kind {
            return self.replay_bodycam(recorded);
        }
        if let FactKind::Incident { recorded } = &entry.fact.kind {
            return self.replay_incident(recorded);
        }
        if let FactKind::Custody { recorded } = &entry.fact.kind {
            return self.replay_custody(entry.fact.officer, recorded);
        }
        if let FactKind::Capture { capture, of } = &entry.fact.kind {
            if let Some(of) = of {
                self.state.add_photo(capture.id, *of);
            }
            return;
        }
        let (Some(id), FactKind::Encounter { recorded, .. }) = (entry.encounter, &entry.fact.kind)
        else {
            return;
        };
        if self.state.entry_mut(id).is_none() {
            self.state.encounters.push(EncounterEntry {
                id,
                encounter: Encounter::default(),
                answers: Vec::new(),
                attention: false,
                delivery: Delivery::default(),
            });
        }
        let edition = self.parts.edition.clone();
        if let Some(known) = self.state.entry_mut(id) {
            known.encounter = record(&edition, &known.encounter, recorded);
            count(&mut known.delivery, &entry.delivery);
            known.attention = calls_attention(&known.encounter);
            if let Some(place) = &known.encounter.place {
                let place = place.text.clone();
                self.remember_place(&place);
            }
        }
    }

    /// Straight back to the encounter that is not closed, where it was.
    pub(super) fn go_on_where_it_was(&mut self) {
        if let Some(id) = self.state.open_entry().map(|e| e.id) {
            self.open_encounter(id);
        } else if self.begins_with_bodycam() && !self.state.custody.is_held() {
            self.go_to_take_over();
        } else if self.begins_with_bodycam() {
            self.go_to_receive();
        }
    }

    /// Where the events of this shift's encounters are by now.
    ///
    /// Reads the whole shift's journal: the longer that takes, the more rarely it is done, or an answer
    /// would wait behind a long queue's receipts.
    pub(super) fn look_at_deliveries(&mut self) {
        const SHARE: u32 = 20;
        let begun = Instant::now();
        self.count_deliveries();
        self.deliveries_due = false;
        let now = Instant::now();
        self.deliveries_next = now + (now - begun) * SHARE;
    }

    fn count_deliveries(&mut self) {
        let Some(session) = self.session.clone() else {
            return;
        };
        let Ok(deliveries) = self.parts.vault.deliveries(session.id) else {
            return;
        };
        let mut counts: std::collections::HashMap<EncounterId, Delivery> = Default::default();
        for (encounter, delivered) in &deliveries {
            if let Some(id) = encounter {
                count(counts.entry(*id).or_default(), delivered);
            }
        }
        for entry in &mut self.state.encounters {
            entry.delivery = counts.get(&entry.id).copied().unwrap_or_default();
        }
    }

    /// The shift ends: recorded, keys destroyed, nothing of it on the screen.
    pub(super) fn end_shift(&mut self) {
        if let Some(id) = self.state.open_entry().map(|e| e.id) {
            // An encounter that is not closed is gone on with first.
            self.open_encounter(id);
            return;
        }
        // On the page of the hand-in both were seen to, or left as they are.
        let at_hand_in = self.state.screen == crate::pages::Screen::HandIn;
        if !at_hand_in && (self.bodycam_is_owed() || self.tablet_is_owed()) {
            return;
        }
        self.finish_shift();
    }

    pub(super) fn finish_shift(&mut self) {
        // On a full disk the end cannot be recorded; the keys are destroyed all the same, and
        // central ends the session at the next log-in.
        let _ = self.record_session(SessionEvent::Ended);
        let Some(session) = self.session.clone() else {
            return;
        };
        self.leave_session();
        self.destroy(session.id);
    }

    /// This session has ended, at central (another log-in, an officer who may serve no more, a new
    /// password) or by the end of its lease here. What is begun is finished and sent; nothing new is begun.
    pub(super) fn session_has_gone(&mut self) {
        tracing::warn!("this session has ended");
        self.session_gone = true;
        self.state.notice = Some(Notice::SessionEnded);
        if let Some(link) = &self.link {
            link.detach();
        }
        if self.state.open_entry().is_none() {
            self.end_gone_session();
        }
    }

    /// Nothing was heard from central for the whole lease: the officer may be none any more.
    pub(super) fn look_at_lease(&mut self) {
        if !self.state.enrolled || self.state.lost {
            return;
        }
        let uptime = self.uptime();
        if uptime < self.lease_due {
            return;
        }
        self.lease_due = uptime + super::IDLE_TICK;
        let vault = &self.parts.vault;
        vault.destroy_owed();
        let session = self.session.as_ref().filter(|_| !self.session_gone);
        // With nobody logged in the roster's lease runs, and that of a locked shift.
        let over = match session {
            Some(session) => vault.lease_is_over(session),
            None => vault.note_time().map(|()| false),
        };
        match over {
            Ok(true) => self.session_has_gone(),
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "the lease cannot be looked at"),
        }
    }

    pub(super) fn end_gone_session(&mut self) {
        if let Some(id) = self.session.as_ref().map(|s| s.id) {
            self.leave_session();
            self.destroy(id);
        }
    }

    /// Central has reported this tablet lost; the vault can be read no more. Nothing of the shift stays
    /// in memory or on the screen, and nobody logs in.
    pub(super) fn tablet_lost(&mut self) {
        tracing::warn!("this tablet is reported lost");
        let known = std::mem::replace(&mut self.state.lost, true);
        self.state.notice = None;
        self.forget_lock();
        self.leave_session();
        // Said again at every start until the wiping is done: the program is replaced but once.
        if !known {
            self.hand_over();
        }
    }

    /// It has wiped itself: a tablet like one that was never enrolled.
    pub(super) fn tablet_wiped(&mut self) {
        if let Some(link) = self.link.take() {
            link.stop();
        }
        self.state.lost = false;
        self.state.enrolled = false;
        self.forget_lock();
        self.leave_session();
    }

    fn destroy(&mut self, session: protocol::SessionId) {
        self.forget_lock();
        if let Err(error) = self.parts.vault.end_session(session) {
            tracing::error!(%error, "the shift's keys were not destroyed");
            self.state.notice = Some(Notice::StorageFault);
        }
        self.look_at_shift();
        self.hand_over();
    }

    /// Back to log-in; the state keeps nothing of the session.
    pub(super) fn leave_session(&mut self) {
        self.stop_capture();
        if let Some(link) = &self.link {
            link.detach();
        }
        self.session = None;
        self.session_gone = false;
        self.checked = None;
        self.checks.forget();
        self.confirming += 1;
        self.unrecorded.clear();
        self.state = super::lock::without_session(&self.state);
        // What the screen shows is personal: it goes as well.
        self.shown = None;
        self.look_at_shift();
    }
}

/// A late answer that nobody has looked at.
pub(super) fn calls_attention(encounter: &Encounter) -> bool {
    encounter.questions.iter().any(|q| q.late && !q.revealed)
}

fn count(delivery: &mut Delivery, delivered: &Delivered) {
    match delivered {
        Delivered::Waiting => delivery.waiting += 1,
        Delivered::Stored => delivery.stored += 1,
        Delivered::Safe => delivery.safe += 1,
        Delivered::Stuck(_) => delivery.stuck += 1,
    }
}

async fn log_in(
    vault: crate::vault::Vault,
    link: Option<crate::link::Link>,
    login: String,
    password: Zeroizing<String>,
) -> LoginOutcome {
    let local = {
        let (vault, login, password) = (vault.clone(), login.clone(), password.clone());
        // Argon2id takes a tenth of a second; the loop goes on meanwhile.
        tokio::task::spawn_blocking(move || vault.resume_session(&login, &password)).await
    };
    let mut problem = LoginProblem::NoConnection;
    match local {
        Ok(Ok(session)) => return LoginOutcome::Resumed(session),
        // The password may have been changed at central since: central decides.
        Ok(Err(ResumeError::NoSession | ResumeError::NoRoster | ResumeError::RosterUsed))
        | Err(_) => {}
        Ok(Err(ResumeError::WrongPassword)) => problem = LoginProblem::WrongCredentials,
        Ok(Err(ResumeError::LeaseOver)) => problem = LoginProblem::LeaseOver,
        Ok(Err(ResumeError::Locked)) => problem = LoginProblem::Locked,
        Ok(Err(ResumeError::Throttled { retry_after_ms })) => {
            return LoginOutcome::Failed(LoginProblem::Throttled {
                seconds: retry_after_ms.div_ceil(1000),
            });
        }
        Ok(Err(ResumeError::Vault(error))) => {
            tracing::error!(%error, "no session can be opened");
            return LoginOutcome::Failed(LoginProblem::Storage);
        }
    }
    let Some(link) = link else {
        return LoginOutcome::Failed(LoginProblem::NotEnrolled);
    };
    match link.login(&login, &password).await {
        Ok(grant) => {
            let begun =
                tokio::task::spawn_blocking(move || vault.begin_session(&grant, &login, &password));
            match begun.await {
                Ok(Ok(session)) => LoginOutcome::Started(session),
                Ok(Err(error)) => {
                    tracing::error!(%error, "no session can be begun");
                    LoginOutcome::Failed(LoginProblem::Storage)
                }
                Err(_) => LoginOutcome::Failed(LoginProblem::Storage),
            }
        }
        // A shift of this officer is open here, and did not open: that stands.
        Err(error) if problem != LoginProblem::NoConnection || !unreachable(&error) => {
            LoginOutcome::Failed(login_problem(&error, problem))
        }
        Err(error) => by_roster(vault, login, password, login_problem(&error, problem)).await,
    }
}

/// Central did not say anything of this log-in.
pub(super) fn unreachable(error: &LinkError) -> bool {
    match error {
        LinkError::Network | LinkError::CentralDown | LinkError::Timeout | LinkError::Tls => true,
        LinkError::Central(refused) => refused.code == ErrorCode::Unavailable,
        _ => false,
    }
}

/// `offline`: what stands if the roster is of no help.
async fn by_roster(
    vault: crate::vault::Vault,
    login: String,
    password: Zeroizing<String>,
    offline: LoginProblem,
) -> LoginOutcome {
    let begun = tokio::task::spawn_blocking(move || vault.begin_from_roster(&login, &password));
    LoginOutcome::Failed(match begun.await {
        Ok(Ok(session)) => return LoginOutcome::Started(session),
        Ok(Err(ResumeError::WrongPassword)) => LoginProblem::NotOnRoster,
        Ok(Err(ResumeError::LeaseOver)) => LoginProblem::LeaseOver,
        Ok(Err(ResumeError::Locked)) => LoginProblem::Locked,
        Ok(Err(ResumeError::NoRoster | ResumeError::RosterUsed | ResumeError::NoSession)) => {
            offline
        }
        Ok(Err(ResumeError::Throttled { retry_after_ms })) => LoginProblem::Throttled {
            seconds: retry_after_ms.div_ceil(1000),
        },
        Ok(Err(ResumeError::Vault(error))) => {
            tracing::error!(%error, "no session can be begun by the roster");
            LoginProblem::Storage
        }
        Err(_) => LoginProblem::Storage,
    })
}

/// `local`: what stands if central cannot be asked.
fn login_problem(error: &LinkError, local: LoginProblem) -> LoginProblem {
    match error {
        LinkError::Central(refused) => match refused.code {
            ErrorCode::BadCredentials => LoginProblem::WrongCredentials,
            ErrorCode::Throttled => LoginProblem::Throttled {
                seconds: refused.retry_after_s.unwrap_or(1),
            },
            ErrorCode::OfficerInactive => LoginProblem::OfficerInactive,
            ErrorCode::OfficerLocked => LoginProblem::OfficerLocked,
            ErrorCode::DeviceLost => LoginProblem::TabletLost,
            ErrorCode::DeviceRevoked | ErrorCode::DeviceUnknown => LoginProblem::DeviceRevoked,
            _ => LoginProblem::CentralDown,
        },
        LinkError::Network | LinkError::Timeout => local,
        _ => match local {
            LoginProblem::NoConnection => LoginProblem::CentralDown,
            other => other,
        },
    }
}
