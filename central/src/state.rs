//! What the handlers work with.

use crate::archive::{Archive, Assessor, Captures, Opener, Replica};
use crate::ca::Keys;
use crate::config::Config;
use crate::desk::Desks;
use crate::devices::WrongCodes;
use crate::officers::Door;
use crate::search::Search;
use crate::store::{Store, StoreError};
use protocol::SessionId;
use regulation::Edition;
use std::sync::Arc;
use tokio::sync::{Notify, Semaphore, broadcast, watch};

/// The running server's parts.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) keys: Arc<Keys>,
    pub(crate) edition: Arc<Edition>,
    pub(crate) search: Arc<Search>,
    pub(crate) opener: Arc<Opener>,
    pub(crate) assessor: Assessor,
    pub(crate) replica: Replica,
    pub(crate) captures: Arc<Captures>,
    pub(crate) archive: Archive,
    pub(crate) door: Door,
    pub(crate) wrong_codes: WrongCodes,
    /// Argon2 takes memory: no more than two at once.
    pub(crate) hashing: Semaphore,
    /// Questions may be waiting.
    pub(crate) wake: Arc<Notify>,
    /// A session's inbox has changed, or the session has ended; `None`: look again, all of you.
    pub(crate) changed: broadcast::Sender<Option<SessionId>>,
    pub(crate) desks: Desks,
    pub(crate) stop: watch::Receiver<bool>,
}

impl App {
    /// Takes up what another program has stored beside this one.
    pub(crate) fn look_around(&self) -> Result<(), StoreError> {
        if let Err(error) = self.replica.catch_up(&*self.store) {
            tracing::error!(%error, "the replica is behind; nothing new is called safe");
        }
        self.assess()?;
        self.wake.notify_one();
        // Sessions may have ended, or answers come.
        self.changed.send(None).ok();
        Ok(())
    }

    /// Looks again into what was assessed before there were reports.
    pub(crate) fn assess_again(&self) {
        if let Err(error) = self.assessor.run_again(&|| *self.stop.borrow()) {
            tracing::error!(%error, "reports lack what was assessed before");
        }
    }

    /// Takes from the replica the files that a restored database has not.
    pub(crate) fn relearn_captures(&self) {
        let stop = || *self.stop.borrow();
        let (store, now) = (&*self.store, self.config.clock.now());
        let relearned = self.captures.relearn(store, &self.opener, now, &stop);
        if let Err(error) = relearned {
            tracing::error!(%error, "captures cannot be taken from the replica");
        }
    }

    /// Something of these sessions has changed that the boards of their units may show.
    pub(crate) fn boards_changed(&self, sessions: impl IntoIterator<Item = SessionId>) {
        for session in sessions {
            match self.unit_of(session) {
                Ok(Some(unit)) => self.desks.wake(Some(unit)),
                // Of a session that is not known nothing is shown.
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(%error, "a session's unit cannot be read");
                    self.desks.wake(None);
                }
            }
        }
    }

    fn unit_of(&self, session: SessionId) -> Result<Option<String>, StoreError> {
        let Some(session) = self.store.session(session)? else {
            return Ok(None);
        };
        let officer = self.store.officer(session.officer)?;
        Ok(officer.map(|officer| officer.unit))
    }

    /// Looks into what was stored, and starts what follows from it.
    pub(crate) fn assess(&self) -> Result<(), StoreError> {
        let assessed = self.assessor.run()?;
        if assessed.questions {
            self.wake.notify_one();
        }
        self.boards_changed(assessed.shown);
        for session in assessed.ended.into_iter().chain(assessed.told) {
            // Nobody may be listening.
            self.changed.send(Some(session)).ok();
        }
        Ok(())
    }
}
