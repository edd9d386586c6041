//! What a report counts of what was assessed; and looking again into what was assessed before there
//! were reports.

use super::Assessor;
use super::replay::{Replay, Replayer};
use crate::store::{Again, Assessment, EncounterFigures, Served, StoreError};
use protocol::SessionId;
use protocol::report::outcome_kind;
use regulation::edition::CaseFits;
use regulation::encounter::{Event, Outcome};
use regulation::{Edition, EncounterId, Timestamp};

/// Encounters and sessions looked into at once; who assesses what is new waits as long.
const PAGE: usize = 16;
/// Envelopes of a session that are looked at, as many as its shift is made of; one that has more ends
/// when central heard of it.
const EVENTS: usize = 2048;
/// Envelopes read at once.
const ENVELOPES: usize = 16;

impl Replay {
    /// The encounter as a report counts it; `None` if no envelope of it has come.
    pub(super) fn figures(
        &self,
        edition: &Edition,
        encounter: EncounterId,
    ) -> Option<EncounterFigures> {
        let (session, arrived_at) = self.first?;
        let state = &self.state;
        let revealed = state.questions.iter().filter(|question| question.revealed);
        Some(EncounterFigures {
            encounter,
            session,
            // A clock that is ahead moves nothing out of a report's period.
            began_at: state.opened_at.unwrap_or(arrived_at).min(arrived_at),
            closed_at: state.closed_at,
            ground: state.ground.as_ref().map(|ground| ground.id.clone()),
            outcome: state.outcome.as_ref().map(outcome_kind),
            revealed: u32::try_from(revealed.count()).unwrap_or(u32::MAX),
            place: state.place.as_ref().map(|place| place.text.clone()),
            resisted: self.resisted(edition, arrived_at),
        })
    }

    /// §9: the case of resistance that the encounter stands on, and when it was recorded last.
    fn resisted(&self, edition: &Edition, arrived_at: Timestamp) -> Option<(String, Timestamp)> {
        let Some(Outcome::TakenToStation { case }) = &self.state.outcome else {
            return None;
        };
        let known = edition.station_case(case)?;
        if known.fits != CaseFits::Resisted {
            return None;
        }
        let recorded = |event: &Event| matches!(event, Event::OutcomeRecorded { .. });
        let last = self.events.iter().rev().find(|(_, r)| recorded(&r.event));
        let at = last.map_or(arrived_at, |(_, recorded)| recorded.at);
        Some((case.clone(), at))
    }
}

impl Assessor {
    /// Looks again into what was assessed when less was asked of it, until `stop`. What a report
    /// counts is kept, and the shift; questions and decisions stay as they are.
    ///
    /// # Errors
    /// The store cannot be read or written; what was not looked into still waits.
    pub fn run_again(&self, stop: &dyn Fn() -> bool) -> Result<(), StoreError> {
        loop {
            let _turn = self.turn.take()?;
            let page = self.store.again(PAGE)?;
            if page.is_empty() {
                return Ok(());
            }
            for again in page {
                if stop() {
                    return Ok(());
                }
                let replayer = self.replayer();
                let mut assessment = Assessment {
                    at: self.clock.now(),
                    ..Assessment::default()
                };
                match again {
                    Again::Encounter(encounter) => {
                        assessment.figures = self.figures(&replayer, encounter)?;
                    }
                    Again::Session(session) => {
                        assessment.served = self.served(&replayer, session)?;
                        if let Some(known) = self.store.session(session)? {
                            assessment.duty = replayer.shift(session, known.device)?.duty;
                        }
                    }
                }
                assessment.again = Some(again);
                self.store.assess(&assessment)?;
            }
        }
    }

    fn figures(
        &self,
        replayer: &Replayer<'_>,
        encounter: EncounterId,
    ) -> Result<Option<EncounterFigures>, StoreError> {
        let Some(owner) = self.store.encounter_device(encounter)? else {
            return Ok(None);
        };
        let replay = replayer.encounter(encounter, owner)?;
        Ok(replay.figures(replayer.edition, encounter))
    }

    fn served(
        &self,
        replayer: &Replayer<'_>,
        session: SessionId,
    ) -> Result<Vec<Served>, StoreError> {
        let mut served = Vec::new();
        let Some(known) = self.store.session(session)? else {
            return Ok(served);
        };
        let (mut after, mut events) = (0, 0);
        loop {
            let page = self
                .store
                .session_envelopes(session, known.device, after, ENVELOPES)?;
            for stored in &page {
                after = stored.envelope.seq;
                served.extend(replayer.alone(stored)?.served);
            }
            events += page.len();
            if page.len() < ENVELOPES || events >= EVENTS {
                return Ok(served);
            }
        }
    }
}
