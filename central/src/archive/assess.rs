//! Looks into what has been stored. It runs after storing, and again after a restart for whatever
//! was stored and not looked into: storing never waits for it and never fails by it.

use super::Opener;
use super::replay::{Replay, Replayer};
use crate::audit::{AuditEntry, AuditEvent};
use crate::config::Clock;
use crate::store::{
    ArchiveFlag, Assessment, CustodyFact, EncounterFigures, Place, QuestionState, Store,
    StoreError, Summary,
};
use protocol::{DeviceId, SessionId};
use regulation::encounter::Encounter;
use regulation::{Edition, EncounterId};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Envelopes taken up at once.
const PAGE: usize = 256;

/// Opens, replays and flags.
#[derive(Debug)]
pub struct Assessor {
    pub(super) store: Arc<dyn Store>,
    opener: Arc<Opener>,
    edition: Arc<Edition>,
    training: bool,
    pub(super) clock: Clock,
    pub(super) turn: Turn,
}

/// One assessment at a time: an encounter is replayed from all of its envelopes, and an older replay
/// must not be written over a newer one. With a file, in every process that knows it.
#[derive(Debug)]
pub(super) struct Turn(Mutex<Option<PathBuf>>);

impl Turn {
    pub(super) fn take(
        &self,
    ) -> Result<(MutexGuard<'_, Option<PathBuf>>, Option<File>), StoreError> {
        let path = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(shared) = &*path else {
            return Ok((path, None));
        };
        let held = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(shared)
            .and_then(|file| file.lock().map(|()| file));
        match held {
            Ok(file) => Ok((path, Some(file))),
            Err(error) => {
                tracing::error!(%error, "the turn to assess cannot be taken");
                Err(StoreError::Fault(-1))
            }
        }
    }
}

/// What an assessment changed.
#[derive(Debug, Default)]
pub struct Assessed {
    /// Questions may be waiting to be looked up.
    pub questions: bool,
    /// Sessions whose end has arrived.
    pub ended: Vec<SessionId>,
    /// Sessions that have a message of a desk's decision.
    pub told: Vec<SessionId>,
    /// Sessions that a desk's board may show something new of.
    pub shown: BTreeSet<SessionId>,
}

impl Assessor {
    /// An assessor of what `store` holds, under the edition in force.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        opener: Arc<Opener>,
        edition: Arc<Edition>,
        training: bool,
        clock: Clock,
    ) -> Self {
        Self {
            store,
            opener,
            edition,
            training,
            clock,
            turn: Turn(Mutex::new(None)),
        }
    }

    /// … that takes turns with those of other programs on central's data in `dir`.
    #[must_use]
    pub fn beside_others(self, dir: &Path) -> Self {
        Self {
            turn: Turn(Mutex::new(Some(dir.join("assess.lock")))),
            ..self
        }
    }

    /// Assesses everything that waits for it.
    ///
    /// # Errors
    /// The store cannot be read or written; what was not assessed still waits.
    pub fn run(&self) -> Result<Assessed, StoreError> {
        let mut done = Assessed::default();
        loop {
            // A page at a time, so that nobody waits for all that another has brought.
            let _turn = self.turn.take()?;
            let places = self.store.unassessed(PAGE)?;
            if places.is_empty() {
                return Ok(done);
            }
            // Numbers of one encounter may lie on both sides of a page: the whole of it is read.
            let mut encounters: BTreeMap<EncounterId, Vec<Place>> = BTreeMap::new();
            let mut alone = Alone::default();
            for place in places {
                let Some(stored) = self.store.envelope(place.device, place.seq)? else {
                    return Err(StoreError::Unreadable("envelope"));
                };
                match stored.envelope.encounter {
                    Some(encounter) => encounters.entry(encounter).or_default().push(place),
                    None => {
                        let replay = self.replayer().alone(&stored)?;
                        alone.push(stored.envelope.session, place, replay);
                    }
                }
            }
            self.alone(alone, &mut done)?;
            for (encounter, places) in encounters {
                self.encounter(encounter, places, &mut done)?;
            }
        }
    }

    /// The encounter as its machine made it, and the session that began it; `None` if nothing of it is
    /// stored.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(crate) fn encounter_state(
        &self,
        encounter: EncounterId,
    ) -> Result<Option<(SessionId, Encounter)>, StoreError> {
        let Some(device) = self.store.encounter_device(encounter)? else {
            return Ok(None);
        };
        let replay = self.replayer().encounter(encounter, device)?;
        Ok(replay.first.map(|(session, _)| (session, replay.state)))
    }

    pub(super) fn replayer(&self) -> Replayer<'_> {
        Replayer {
            store: &*self.store,
            opener: &self.opener,
            edition: &self.edition,
            training: self.training,
        }
    }

    /// Envelopes outside any encounter. A decision comes after what it is on, and decisions come in
    /// the order in which they arrived: the first counts.
    fn alone(&self, alone: Alone, done: &mut Assessed) -> Result<(), StoreError> {
        for ((session, device), (places, mut replay)) in alone.shifts {
            let shift = self.replayer().shift(session, device)?;
            replay.duty = shift.duty;
            replay.reports = shift.reports;
            for place in &places {
                if shift.cut.is_some_and(|cut| place.seq > cut) {
                    replay.flags.push((*place, ArchiveFlag::SessionTooLong));
                }
            }
            done.shown.insert(session);
            self.finish(places, replay, None, done)?;
        }
        for (device, (facts, mut replay)) in alone.custodies {
            let places = facts.iter().map(|fact| fact.place).collect();
            done.shown.extend(facts.iter().map(|fact| fact.session));
            replay.steps = self.replayer().custody(device, facts)?;
            self.finish(places, replay, None, done)?;
        }
        for (session, place, replay) in alone.others {
            done.shown.insert(session);
            self.finish(vec![place], replay, None, done)?;
        }
        Ok(())
    }

    fn encounter(
        &self,
        encounter: EncounterId,
        places: Vec<Place>,
        done: &mut Assessed,
    ) -> Result<(), StoreError> {
        let Some(owner) = self.store.encounter_device(encounter)? else {
            return Ok(());
        };
        let mut replay = self.replayer().encounter(encounter, owner)?;
        for place in &places {
            if place.device != owner {
                let flag = ArchiveFlag::EncounterOfOtherDevice;
                replay.flags.push((*place, flag));
            } else if replay.cut.is_some_and(|cut| place.seq > cut) {
                replay.flags.push((*place, ArchiveFlag::EncounterTooLong));
            }
        }
        let summary = replay.first.map(|(session, at)| Summary {
            encounter,
            device: owner,
            session,
            stage: replay.state.stage,
            flags: replay.state.flags.clone(),
            at,
        });
        let figures = replay.figures(&self.edition, encounter);
        if let Some(figures) = &figures
            && (figures.closed_at.is_some() || figures.resisted.is_some())
        {
            done.shown.insert(figures.session);
        }
        self.finish(places, replay, summary.zip(figures), done)
    }

    fn finish(
        &self,
        places: Vec<Place>,
        mut replay: Replay,
        encounter: Option<(Summary, EncounterFigures)>,
        done: &mut Assessed,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        // Ending a session twice is ending it once, so this may be repeated after a restart.
        for (place, session) in &replay.session_ends {
            if self.store.end_session(*session, place.device, now)? {
                done.ended.push(*session);
            }
        }
        self.hold_of_lost(&mut replay)?;
        for stand in &replay.questions {
            done.questions |= stand.state == QuestionState::Queued;
            if stand.state == QuestionState::Held && places.contains(&stand.place) {
                let entry = AuditEntry::new(now, AuditEvent::NotLookedUp)
                    .device(stand.place.device)
                    .session(stand.session)
                    .subject(stand.id);
                self.store.audit(&entry)?;
            }
        }
        let (summary, figures) = encounter.unzip();
        let told = self.store.assess(&Assessment {
            at: now,
            assessed: places,
            flags: replay.flags,
            questions: replay.questions,
            summary,
            duty: replay.duty,
            reports: replay.reports,
            custody: replay.steps,
            decision: replay.decision,
            figures,
            served: replay.served,
            again: None,
        })?;
        done.told.extend(told);
        Ok(())
    }
}

/// Envelopes of a page that name no encounter.
#[derive(Default)]
struct Alone {
    /// Those that a session's shift is made of: it is replayed once for all of them.
    shifts: BTreeMap<(SessionId, DeviceId), (Vec<Place>, Replay)>,
    /// Steps of a tablet's custody: what follows the first is made anew once for all of them.
    custodies: BTreeMap<DeviceId, (Vec<CustodyFact>, Replay)>,
    others: Vec<(SessionId, Place, Replay)>,
}

impl Alone {
    fn push(&mut self, session: SessionId, place: Place, mut replay: Replay) {
        if let Some(fact) = replay.custody.take() {
            let (facts, of_all) = self.custodies.entry(place.device).or_default();
            facts.push(fact);
            of_all.flags.extend(replay.flags);
            return;
        }
        if !replay.of_shift {
            self.others.push((session, place, replay));
            return;
        }
        let (places, of_all) = self.shifts.entry((session, place.device)).or_default();
        places.push(place);
        of_all.flags.extend(replay.flags);
        of_all.session_ends.extend(replay.session_ends);
        of_all.served.extend(replay.served);
    }
}

impl Assessor {
    /// What a lost tablet had left to ask is archived and not looked up: nobody is there to be told.
    /// What was taken up before goes on, to the duty desk.
    fn hold_of_lost(&self, replay: &mut Replay) -> Result<(), StoreError> {
        for stand in &mut replay.questions {
            if stand.state == QuestionState::Queued
                && self
                    .store
                    .device(stand.place.device)?
                    .is_some_and(|device| device.lost_at.is_some())
            {
                stand.state = QuestionState::Held;
            }
        }
        Ok(())
    }
}
