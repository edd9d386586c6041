//! An encounter from its envelopes: opened in order, run through the procedure's machine.

use super::Opener;
use crate::store::{
    ArchiveFlag, Place, QuestionStand, QuestionState, Session, Store, StoreError, StoredEnvelope,
};
use protocol::{CaptureRef, DeviceId, Fact, FactKind, Probe, Question, SessionEvent, SessionId};
use regulation::encounter::{
    Basis, Encounter, Event, QuestionStatus, Recorded, record, transition,
};
use regulation::{Edition, EncounterId, OfficerId};
use std::collections::HashMap;

/// Replays envelopes; holds what is the same for all of them.
pub(super) struct Replayer<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) opener: &'a Opener,
    pub(super) edition: &'a Edition,
    pub(super) training: bool,
}

/// What a replay gave.
#[derive(Debug, Default)]
pub(super) struct Replay {
    pub(super) state: Encounter,
    pub(super) events: Vec<(u64, Recorded)>,
    pub(super) flags: Vec<(Place, ArchiveFlag)>,
    pub(super) questions: Vec<QuestionStand>,
    pub(super) session_ends: Vec<(Place, SessionId)>,
    pub(super) officers: Vec<OfficerId>,
    pub(super) captures: Vec<(u64, CaptureRef)>,
    pub(super) training: bool,
    pub(super) unopened: usize,
}

/// A question as it was asked, before the end of the encounter is known.
struct Asked {
    stand: QuestionStand,
    fits: bool,
}

impl Replayer<'_> {
    /// `envelopes` of one device in the order of their numbers; those of `encounter` move its
    /// machine.
    pub(super) fn replay(
        &self,
        encounter: Option<EncounterId>,
        envelopes: &[StoredEnvelope],
    ) -> Result<Replay, StoreError> {
        let mut replay = Replay::default();
        let mut asked: Vec<Asked> = Vec::new();
        let mut sessions: HashMap<SessionId, Option<Session>> = HashMap::new();
        for stored in envelopes {
            let place = stored.place();
            let fact = match self.opener.open(&stored.envelope) {
                Ok(fact) => fact,
                Err(fault) => {
                    replay.unopened += 1;
                    replay.flags.push((place, fault.into()));
                    continue;
                }
            };
            let id = stored.envelope.session;
            let session = match sessions.get(&id) {
                Some(known) => known.clone(),
                None => sessions
                    .entry(id)
                    .or_insert(self.store.session(id)?)
                    .clone(),
            };
            let flags = self.fact_flags(&fact, place.device, session.as_ref());
            let sound = flags.iter().all(|f| *f == ArchiveFlag::EditionUnknown);
            replay
                .flags
                .extend(flags.into_iter().map(|flag| (place, flag)));
            if !replay.officers.contains(&fact.officer) {
                replay.officers.push(fact.officer);
            }
            replay.training |= fact.training;
            match fact.kind {
                FactKind::Session {
                    event: SessionEvent::Started,
                } => {}
                FactKind::Session {
                    event: SessionEvent::Ended,
                } => {
                    replay.session_ends.push((place, id));
                }
                // No event of the machine: its bytes come by themselves.
                FactKind::Capture { capture } if encounter.is_some() => {
                    replay.captures.push((place.seq, capture));
                }
                FactKind::Capture { .. } => {
                    replay.flags.push((place, ArchiveFlag::EncounterMissing));
                }
                FactKind::Encounter { recorded, question } => match encounter {
                    None => replay.flags.push((place, ArchiveFlag::EncounterMissing)),
                    Some(encounter) => {
                        self.step(
                            &mut replay,
                            &mut asked,
                            stored,
                            encounter,
                            recorded,
                            question,
                            sound,
                        );
                    }
                },
            }
        }
        for mut asked in asked {
            let withdrawn = replay
                .state
                .question(asked.stand.id)
                .is_some_and(|q| q.status == QuestionStatus::Withdrawn);
            asked.stand.state = match (asked.fits, withdrawn) {
                (false, _) => QuestionState::Held,
                (true, true) => QuestionState::Withdrawn,
                (true, false) => QuestionState::Queued,
            };
            replay.questions.push(asked.stand);
        }
        Ok(replay)
    }

    #[allow(clippy::too_many_arguments)]
    fn step(
        &self,
        replay: &mut Replay,
        asked: &mut Vec<Asked>,
        stored: &StoredEnvelope,
        encounter: EncounterId,
        recorded: Recorded,
        question: Option<Question>,
        sound: bool,
    ) {
        let place = stored.place();
        let allowed = transition(self.edition, &replay.state, &recorded).is_ok();
        replay.state = record(self.edition, &replay.state, &recorded);
        let matches = match (&recorded.event, &question) {
            (
                Event::Asked {
                    question: id,
                    basis,
                },
                Some(question),
            ) => question.id == *id && rests_on(&question.probe, basis),
            (Event::Asked { .. }, None) | (_, Some(_)) => false,
            (_, None) => true,
        };
        if !matches {
            replay.flags.push((place, ArchiveFlag::QuestionMismatch));
        }
        if let (Event::Asked { .. }, Some(question)) = (&recorded.event, question) {
            asked.push(Asked {
                fits: allowed && matches && sound,
                stand: QuestionStand {
                    id: question.id,
                    place,
                    session: stored.envelope.session,
                    encounter,
                    arrived_at: stored.arrived_at,
                    expires_at: question.expires_at,
                    state: QuestionState::Held,
                },
            });
        }
        replay.events.push((place.seq, recorded));
    }

    fn fact_flags(
        &self,
        fact: &Fact,
        device: DeviceId,
        session: Option<&Session>,
    ) -> Vec<ArchiveFlag> {
        let mut flags = Vec::new();
        if fact.edition != self.edition.id {
            flags.push(ArchiveFlag::EditionUnknown);
        }
        if fact.training != self.training {
            flags.push(ArchiveFlag::TrainingMismatch);
        }
        match session {
            Some(session) if session.device == device => {
                if session.officer != fact.officer {
                    flags.push(ArchiveFlag::OfficerMismatch);
                }
            }
            _ => flags.push(ArchiveFlag::SessionUnknown),
        }
        flags
    }
}

fn rests_on(probe: &Probe, basis: &Basis) -> bool {
    match (probe, basis) {
        (Probe::Fingerprint { finger, .. }, Basis::Fingerprint { finger: said, .. }) => {
            finger == said
        }
        (Probe::Document { document, .. }, Basis::Document { document: said }) => document == said,
        (Probe::Pinfl { .. }, Basis::Pinfl) => true,
        _ => false,
    }
}
