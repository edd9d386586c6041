//! Runs the look-ups. The queue is the store's: what a restart interrupts is taken up again.

use super::{LookedUp, Search};
use crate::archive::Opener;
use crate::audit::{AuditEntry, AuditEvent};
use crate::config::Clock;
use crate::store::{AnswerPlace, QuestionRow, QuestionState, Store, StoreError};
use protocol::{
    Answer, AnswerResult, Fact, FactKind, Probe, Question, Register, SessionId, limits,
};
use regulation::QuestionId;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, broadcast, mpsc, watch};

/// Questions read from the store at once.
const PAGE: usize = 64;
/// Wait before the store is tried again after it failed.
const RETRY: Duration = Duration::from_secs(2);

/// What the worker works with.
#[derive(Clone, Debug)]
pub struct Lookups {
    pub store: Arc<dyn Store>,
    pub search: Arc<Search>,
    pub opener: Arc<Opener>,
    pub clock: Clock,
    /// Says that questions may be waiting.
    pub wake: Arc<Notify>,
    /// Says whose inbox has changed.
    pub changed: broadcast::Sender<Option<SessionId>>,
    /// Says that desks' boards may show something new.
    pub boards: broadcast::Sender<Option<String>>,
    pub at_once: usize,
    pub gallery_wait: Duration,
}

impl Lookups {
    /// Runs until `stop` says so; look-ups that run are finished first.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut running: HashSet<QuestionId> = HashSet::new();
        let (done_tx, mut done) = mpsc::unbounded_channel::<QuestionId>();
        let mut tasks = tokio::task::JoinSet::new();
        loop {
            let mut failed = false;
            while running.len() < self.at_once.max(1) {
                let Ok(page) = self.next(&running).await else {
                    failed = true;
                    break;
                };
                let Some(row) = page else { break };
                let id = row.stand.id;
                running.insert(id);
                let (me, done, mut stop) = (self.clone(), done_tx.clone(), stop.clone());
                tasks.spawn(async move {
                    if !me.look_up(row).await {
                        // It is still queued, and stays counted as running until it is time.
                        let stopped = stop.wait_for(|stop| *stop);
                        tokio::time::timeout(RETRY, stopped).await.ok();
                    }
                    // The loop may have ended; then nobody waits for this.
                    done.send(id).ok();
                });
            }
            let retry = async {
                if failed {
                    tokio::time::sleep(RETRY).await;
                } else {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                () = self.wake.notified() => {}
                Some(id) = done.recv() => {
                    running.remove(&id);
                }
                () = retry => {}
                _ = stop.wait_for(|stop| *stop) => break,
            }
            while tasks.try_join_next().is_some() {}
        }
        while tasks.join_next().await.is_some() {}
    }

    async fn next(&self, running: &HashSet<QuestionId>) -> Result<Option<QuestionRow>, StoreError> {
        let store = self.store.clone();
        let page = tokio::task::spawn_blocking(move || store.queued(PAGE)).await;
        let page = page.unwrap_or(Err(StoreError::Fault(-1)))?;
        Ok(page
            .into_iter()
            .find(|row| !running.contains(&row.stand.id)))
    }

    /// Whether the question needs no further look-up.
    async fn look_up(&self, row: QuestionRow) -> bool {
        let mut loaded = self.search.loaded();
        let waited = loaded.wait_for(|loaded| *loaded);
        // After the wait the search itself says "incomplete".
        tokio::time::timeout(self.gallery_wait, waited).await.ok();
        let me = self.clone();
        let id = row.stand.id;
        let outcome = tokio::task::spawn_blocking(move || me.answer(&row)).await;
        match outcome {
            Ok(Ok((place, grave))) => {
                // Nobody may be listening.
                if let AnswerPlace::Inbox(session) = place {
                    self.changed.send(Some(session)).ok();
                }
                if grave || place == AnswerPlace::Duty {
                    self.boards.send(None).ok();
                }
                true
            }
            Ok(Err(error)) => {
                tracing::error!(question = %id, %error, "the answer cannot be stored; trying again");
                false
            }
            Err(_) => {
                tracing::error!(question = %id, "the look-up broke off; trying again");
                false
            }
        }
    }

    /// Where the answer went, and whether it names somebody wanted or missing.
    fn answer(&self, row: &QuestionRow) -> Result<(AnswerPlace, bool), StoreError> {
        let stand = &row.stand;
        let expired = |now| now > stand.expires_at || stand.arrived_at > stand.expires_at;
        let LookedUp { result, person } = if expired(self.clock.now()) {
            AnswerResult::Expired.into()
        } else {
            match self.question(row)? {
                // It was there when the question was queued: the archive is not whole.
                None => AnswerResult::Incomplete.into(),
                Some((question, fact_officer)) => {
                    let entry = AuditEntry::new(self.clock.now(), AuditEvent::LookedUp)
                        .device(stand.place.device)
                        .session(stand.session)
                        .officer(fact_officer)
                        .subject(stand.id);
                    // No look without its entry: if it cannot be written, nothing is looked up.
                    self.store.audit(&entry)?;
                    self.probe(&question.probe, &self.earlier(row, &question.probe)?)
                }
            }
        };
        let now = self.clock.now();
        let answer = Answer {
            question: stand.id,
            encounter: stand.encounter,
            answered_at: now,
            took_ms: now.millis_since(stand.arrived_at),
            result,
        };
        let names = |register| answer.result.names(register);
        let grave = names(Register::Wanted) || names(Register::Missing);
        Ok((self.store.answer(&answer, person)?, grave))
    }

    fn probe(&self, probe: &Probe, earlier: &[Probe]) -> LookedUp {
        self.search
            .answer_with(probe, earlier)
            .unwrap_or_else(|error| {
                tracing::error!(%error, "a register did not answer");
                AnswerResult::Incomplete.into()
            })
    }

    /// The prints that a question names to be searched together with its own: answered ones of its
    /// own encounter and session, each of another finger. Others are left out: a search is never of
    /// two people's prints, and with fewer prints it is a weaker one, not a wrong one.
    fn earlier(&self, row: &QuestionRow, probe: &Probe) -> Result<Vec<Probe>, StoreError> {
        let Probe::Fingerprint { finger, with, .. } = probe else {
            return Ok(Vec::new());
        };
        let (mut fingers, mut prints) = (vec![*finger], Vec::new());
        for id in with.iter().take(limits::PRINTS_TOGETHER) {
            let Some(other) = self.store.question(*id)? else {
                continue;
            };
            let same = other.stand.encounter == row.stand.encounter
                && other.stand.session == row.stand.session
                && other.stand.state == QuestionState::Answered;
            let question = if same { self.question(&other)? } else { None };
            match question.map(|(question, _)| question.probe) {
                Some(probe @ Probe::Fingerprint { finger, .. }) if !fingers.contains(&finger) => {
                    fingers.push(finger);
                    prints.push(probe);
                }
                _ => tracing::warn!(question = %row.stand.id, "an earlier print is left out"),
            }
        }
        Ok(prints)
    }

    /// The question, from its sealed envelope: the picture lies nowhere in clear.
    fn question(
        &self,
        row: &QuestionRow,
    ) -> Result<Option<(Question, regulation::OfficerId)>, StoreError> {
        let place = row.stand.place;
        let Some(stored) = self.store.envelope(place.device, place.seq)? else {
            return Ok(None);
        };
        let Ok(Fact {
            officer,
            kind:
                FactKind::Encounter {
                    question: Some(question),
                    ..
                },
            ..
        }) = self.opener.open(&stored.envelope)
        else {
            return Ok(None);
        };
        Ok((question.id == row.stand.id).then_some((question, officer)))
    }
}
