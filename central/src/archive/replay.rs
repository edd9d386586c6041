//! An encounter from its envelopes: opened in order, run through the procedure's machine.

use super::Opener;
use super::custody::STEP_BYTES;
use crate::store::{
    ArchiveFlag, CustodyFact, CustodyStep, Decision, DutyStand, Place, QuestionStand,
    QuestionState, ReportsStand, Served, Session, Store, StoreError, StoredEnvelope,
};
use protocol::{CaptureRef, DeviceId, Fact, FactKind, Probe, Question, SessionEvent, SessionId};
use regulation::encounter::{
    Basis, Encounter, Event, QuestionStatus, Recorded, record, transition,
};
use regulation::{Edition, EncounterId, OfficerId, Timestamp};
use std::collections::HashMap;

/// Envelopes of an encounter that are replayed, and bytes of them. Each time one arrives all are opened
/// again, so there is an end to it; an encounter of a day's work has some hundred.
const EVENTS: usize = 2048;
const BYTES: usize = 256 * 1024 * 1024;
/// Envelopes read at once: as many as the largest of them leave room for.
const PAGE: usize = 16;

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
    /// Session of the first envelope, and when it arrived.
    pub(super) first: Option<(SessionId, Timestamp)>,
    /// Number of the last envelope that was replayed, where there are more.
    pub(super) cut: Option<u64>,
    pub(super) state: Encounter,
    pub(super) events: Vec<(u64, Recorded)>,
    pub(super) flags: Vec<(Place, ArchiveFlag)>,
    pub(super) questions: Vec<QuestionStand>,
    pub(super) session_ends: Vec<(Place, SessionId)>,
    pub(super) served: Vec<Served>,
    pub(super) officers: Vec<OfficerId>,
    pub(super) captures: Vec<(u64, CaptureRef)>,
    pub(super) training: bool,
    pub(super) unopened: usize,
    /// A fact outside encounters that the session's shift is made of.
    pub(super) of_shift: bool,
    pub(super) duty: Option<DutyStand>,
    pub(super) reports: Option<ReportsStand>,
    pub(super) custody: Option<CustodyFact>,
    pub(super) steps: Vec<CustodyStep>,
    pub(super) decision: Option<Decision>,
}

/// A question as it was asked, before the end of the encounter is known.
struct Asked {
    stand: QuestionStand,
    fits: bool,
}

/// A replay on its way.
#[derive(Default)]
struct Run {
    replay: Replay,
    asked: Vec<Asked>,
    sessions: HashMap<SessionId, Option<Session>>,
}

impl Run {
    fn end(self) -> Replay {
        let Self {
            mut replay, asked, ..
        } = self;
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
        replay
    }
}

/// Hands over all envelopes of the device that name the encounter, in the order of their numbers, a
/// few at a time, until `each` has enough of them.
pub(super) fn each_envelope(
    store: &dyn Store,
    encounter: EncounterId,
    device: DeviceId,
    mut each: impl FnMut(&StoredEnvelope) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let mut after = 0;
    loop {
        let page = store.encounter_envelopes(encounter, device, after, PAGE)?;
        for stored in &page {
            after = stored.envelope.seq;
            if !each(stored)? {
                return Ok(());
            }
        }
        if page.len() < PAGE {
            return Ok(());
        }
    }
}

impl Replayer<'_> {
    /// An envelope outside any encounter.
    pub(super) fn alone(&self, stored: &StoredEnvelope) -> Result<Replay, StoreError> {
        let mut run = Run::default();
        self.take(&mut run, None, stored)?;
        Ok(run.end())
    }

    /// The envelopes of the device that name the encounter, from the first on.
    pub(super) fn encounter(
        &self,
        encounter: EncounterId,
        device: DeviceId,
    ) -> Result<Replay, StoreError> {
        let mut run = Run::default();
        let (mut events, mut bytes, mut through) = (0, 0, 0);
        let mut cut = None;
        each_envelope(self.store, encounter, device, |stored| {
            events += 1;
            bytes += stored.envelope.ciphertext.len();
            if events > EVENTS || bytes > BYTES {
                cut = Some(through);
                return Ok(false);
            }
            through = stored.envelope.seq;
            let first = (stored.envelope.session, stored.arrived_at);
            run.replay.first.get_or_insert(first);
            self.take(&mut run, Some(encounter), stored)?;
            Ok(true)
        })?;
        run.replay.cut = cut;
        Ok(run.end())
    }

    /// The next envelope; one of `encounter` moves its machine.
    fn take(
        &self,
        run: &mut Run,
        encounter: Option<EncounterId>,
        stored: &StoredEnvelope,
    ) -> Result<(), StoreError> {
        let Run {
            replay,
            asked,
            sessions,
        } = run;
        let place = stored.place();
        let fact = match self.opener.open(&stored.envelope) {
            Ok(fact) => fact,
            Err(fault) => {
                replay.unopened += 1;
                replay.flags.push((place, fault.into()));
                return Ok(());
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
        let sound = is_sound(&flags);
        replay
            .flags
            .extend(flags.into_iter().map(|flag| (place, flag)));
        if !replay.officers.contains(&fact.officer) {
            replay.officers.push(fact.officer);
        }
        replay.training |= fact.training;
        if let FactKind::Session { event } = fact.kind
            && sound
            && encounter.is_none()
        {
            replay.served.push(Served {
                session: id,
                event,
                at: fact.at,
            });
        }
        match fact.kind {
            FactKind::Session {
                event: SessionEvent::Started,
            } => {}
            FactKind::Session {
                event: SessionEvent::Ended,
            } => {
                replay.session_ends.push((place, id));
                replay.of_shift = sound && encounter.is_none();
            }
            FactKind::Bodycam { .. }
            | FactKind::Custody { .. }
            | FactKind::Incident { .. }
            | FactKind::Desk { .. }
                if encounter.is_some() =>
            {
                replay.flags.push((place, ArchiveFlag::EncounterNamed));
            }
            FactKind::Bodycam { .. } | FactKind::Incident { .. } => replay.of_shift = sound,
            FactKind::Custody { recorded } => {
                let bytes =
                    serde_json::to_vec(&recorded.event).map_or(usize::MAX, |json| json.len());
                if bytes > STEP_BYTES {
                    replay.flags.push((place, ArchiveFlag::CustodyTooLong));
                } else {
                    replay.custody = sound.then_some(CustodyFact {
                        place,
                        session: id,
                        officer: fact.officer,
                        recorded,
                    });
                }
            }
            FactKind::Desk { event } => match self.incomplete(&event) {
                true => replay.flags.push((place, ArchiveFlag::DecisionIncomplete)),
                false => {
                    replay.decision = sound.then_some(Decision {
                        place,
                        session: id,
                        officer: fact.officer,
                        at: fact.at,
                        event,
                    });
                }
            },
            // No event of the machine: its bytes come by themselves.
            FactKind::Capture { capture, .. } if encounter.is_some() => {
                replay.captures.push((place.seq, capture));
            }
            // Of a tablet's custody, or of an incident: it is looked for when they are read.
            FactKind::Capture { of: Some(_), .. } => {}
            FactKind::Capture { of: None, .. } => {
                replay.flags.push((place, ArchiveFlag::EncounterMissing));
            }
            FactKind::Encounter { recorded, question } => match encounter {
                None => replay.flags.push((place, ArchiveFlag::EncounterMissing)),
                Some(encounter) => {
                    self.step(replay, asked, stored, encounter, recorded, question, sound);
                }
            },
        }
        Ok(())
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
                    asked_at: recorded.at.min(stored.arrived_at),
                    arrived_at: stored.arrived_at,
                    expires_at: question.expires_at,
                    state: QuestionState::Held,
                },
            });
        }
        replay.events.push((place.seq, recorded));
    }

    pub(super) fn fact_flags(
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

/// Whether a fact with these flags counts: it is its session's, its officer's, and of this central's
/// kind.
pub(super) fn is_sound(flags: &[ArchiveFlag]) -> bool {
    flags.iter().all(|f| *f == ArchiveFlag::EditionUnknown)
}

fn rests_on(probe: &Probe, basis: &Basis) -> bool {
    match (probe, basis) {
        (Probe::Fingerprint { finger, .. }, Basis::Fingerprint { finger: said, .. }) => {
            finger == said
        }
        (Probe::Document { document, .. }, Basis::Document { document: said }) => document == said,
        (Probe::Pinfl { .. }, Basis::Pinfl) | (Probe::Face { .. }, Basis::Face) => true,
        _ => false,
    }
}
