//! A session's shift, with its bodycam and its incident reports, from the session's facts outside
//! encounters.

use super::replay::{Replayer, is_sound};
use crate::store::{DutyStand, ReportStand, ReportsStand, StoreError};
use protocol::{DeskEvent, DeviceId, FactKind, HeldRecording, SessionEvent, SessionId};
use regulation::bodycam::{Duty, Event, Span, record};
use regulation::incident::{self, Incident, Incidents};
use regulation::{Edition, IncidentId, Timestamp};
use std::collections::BTreeMap;

/// Envelopes of a session that are replayed, and bytes of them; a long shift has some hundred.
const EVENTS: usize = 2048;
const BYTES: usize = 16 * 1024 * 1024;
/// Envelopes read at once.
const PAGE: usize = 16;
/// Longest time of recordings that a desk links to an incident at once.
const LINKED_MS: u64 = 48 * 60 * 60 * 1000;

/// A shift as far as it was replayed.
#[derive(Debug, Default)]
pub(super) struct Shift {
    /// If a fact of the bodycam is in it.
    pub(super) duty: Option<DutyStand>,
    /// If a fact of an incident is in it.
    pub(super) reports: Option<ReportsStand>,
    /// Number of the last envelope that was replayed, where there are more.
    pub(super) cut: Option<u64>,
}

/// A shift on its way.
#[derive(Default)]
struct Run {
    bodycam: bool,
    duty: Duty,
    ended_at: Option<Timestamp>,
    heard: Vec<(u64, regulation::PauseId, bool)>,
    /// Envelopes with which a bodycam was held, and with which it was on.
    held_seqs: Vec<u64>,
    on_seqs: Vec<u64>,
    known_at: Timestamp,
    incident: bool,
    incidents: Incidents,
    /// Of an incident: the report's envelope, and the newest batch that brought a supplement.
    arrived: BTreeMap<IncidentId, (u64, Option<u64>)>,
    out_of_order: Vec<u64>,
}

impl Run {
    fn bodycam(&mut self, edition: &Edition, seq: u64, recorded: &regulation::bodycam::Recorded) {
        self.bodycam = true;
        if let Event::PauseDecided { pause, granted } = recorded.event {
            self.heard.push((seq, pause, granted));
        }
        self.duty = record(edition, &self.duty, recorded);
        // One step begins one time of each at most.
        self.held_seqs.resize(self.duty.held.len(), seq);
        self.on_seqs.resize(self.duty.on.len(), seq);
    }

    fn incident(&mut self, edition: &Edition, seq: u64, batch: u64, recorded: &incident::Recorded) {
        self.incident = true;
        let Ok(next) = incident::transition(edition, &self.incidents, recorded) else {
            self.out_of_order.push(seq);
            self.incidents = incident::record(edition, &self.incidents, recorded);
            return;
        };
        self.incidents = next;
        match &recorded.event {
            incident::Event::Reported { incident, .. } => {
                self.arrived.insert(*incident, (seq, None));
            }
            incident::Event::Supplemented { incident, .. } => {
                if let Some((_, newest)) = self.arrived.get_mut(incident) {
                    *newest = (*newest).max(Some(batch));
                }
            }
        }
    }

    fn end(mut self, edition: &Edition, session: SessionId, cut: Option<u64>) -> Shift {
        let reports = self.incident.then(|| ReportsStand {
            session,
            reports: std::mem::take(&mut self.incidents.reported)
                .into_iter()
                .filter_map(|incident| {
                    let (seq, supplemented) = *self.arrived.get(&incident.id)?;
                    Some(ReportStand {
                        seq,
                        held: recordings(edition, &self.duty.held, &incident),
                        incident,
                        supplemented,
                    })
                })
                .collect(),
            out_of_order: std::mem::take(&mut self.out_of_order),
        });
        let held = self.duty.held.last().filter(|span| span.to.is_none());
        let held = held.map(|span| (span.camera.clone(), span.from));
        let private = self.duty.other_means.iter();
        let private = private.filter(|m| edition.is_private(&m.device, m.owner));
        let duty = self.bodycam.then_some(DutyStand {
            session,
            private: private.filter_map(|means| means.id).collect(),
            held_seqs: self.held_seqs,
            on_seqs: self.on_seqs,
            known_at: self.known_at,
            tolerance_ms: edition.limits.dock_minutes.saturating_mul(60_000),
            duty: self.duty,
            ended_at: self.ended_at,
            heard: self.heard,
            held,
        });
        Shift { duty, reports, cut }
    }
}

/// §22: recordings of the bodycams that the officer held from a while before the incident up to its
/// report.
fn recordings(edition: &Edition, cameras: &[Span], incident: &Incident) -> Vec<HeldRecording> {
    let before = edition.limits.incident_before_minutes;
    let before = i64::try_from(before.saturating_mul(60_000)).unwrap_or(i64::MAX);
    let first = Timestamp(incident.report.happened_at.0.saturating_sub(before));
    let held = cameras.iter().filter_map(|span| {
        let from = first.max(span.from);
        let to = span.to.map_or(incident.at, |to| to.min(incident.at));
        (from <= to).then(|| HeldRecording {
            camera: span.camera.clone(),
            from,
            to,
        })
    });
    held.collect()
}

impl Replayer<'_> {
    /// The session's shift, from its first envelope on.
    pub(super) fn shift(&self, session: SessionId, device: DeviceId) -> Result<Shift, StoreError> {
        let known = self.store.session(session)?;
        let mut run = Run::default();
        let (mut events, mut bytes, mut through) = (0, 0, 0);
        loop {
            let page = self
                .store
                .session_envelopes(session, device, through, PAGE)?;
            for stored in &page {
                events += 1;
                bytes += stored.envelope.ciphertext.len();
                if events > EVENTS || bytes > BYTES {
                    return Ok(run.end(self.edition, session, Some(through)));
                }
                through = stored.envelope.seq;
                // What does not open, or is not this session's, was flagged by itself.
                let Ok(fact) = self.opener.open(&stored.envelope) else {
                    continue;
                };
                if !is_sound(&self.fact_flags(&fact, device, known.as_ref())) {
                    continue;
                }
                run.known_at = run.known_at.max(fact.at);
                match fact.kind {
                    FactKind::Bodycam { recorded } => run.bodycam(self.edition, through, &recorded),
                    FactKind::Incident { recorded } => {
                        run.incident(self.edition, through, stored.batch, &recorded);
                    }
                    FactKind::Session {
                        event: SessionEvent::Ended,
                    } => run.ended_at = Some(fact.at),
                    _ => {}
                }
            }
            if page.len() < PAGE {
                return Ok(run.end(self.edition, session, None));
            }
        }
    }

    /// Whether the decision lacks what it needs: its text, or has one that is too long; a kind of
    /// offence; times in their order, and not too far apart.
    pub(super) fn incomplete(&self, event: &DeskEvent) -> bool {
        let text = match event {
            DeskEvent::PauseDecided { .. }
            | DeskEvent::IncidentReceived { .. }
            | DeskEvent::FoundSeen { .. }
            | DeskEvent::ResistanceSeen { .. }
            | DeskEvent::AnswerSettled { how: None, .. } => return false,
            DeskEvent::IncidentClassified { class, .. } => {
                return self.edition.offence_class(class).is_none();
            }
            DeskEvent::IncidentLinked { from, to, .. } => {
                return from > to || to.millis_since(*from) > LINKED_MS;
            }
            DeskEvent::FaultAssigned { administrator, .. } => administrator,
            DeskEvent::FaultClosed { how, .. }
            | DeskEvent::IncidentClosed { how, .. }
            | DeskEvent::CustodySettled { how, .. }
            | DeskEvent::AnswerSettled { how: Some(how), .. } => how,
            DeskEvent::MeansHandedOver { carrier, .. } => carrier,
            DeskEvent::MeansDeleted { confirmed_by, .. } => confirmed_by,
            DeskEvent::IncidentAsked { text, .. } => text,
        };
        text.trim().is_empty() || !self.edition.limits.hold(text)
    }
}
