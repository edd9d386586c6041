//! A session's shift with a bodycam, from the session's facts outside encounters.

use super::replay::{Replayer, is_sound};
use crate::store::{DutyStand, StoreError};
use protocol::{DeskEvent, DeviceId, FactKind, SessionEvent, SessionId};
use regulation::bodycam::{Duty, Event, record};

/// Envelopes of a session that are replayed, and bytes of them; a long shift has some hundred.
const EVENTS: usize = 2048;
const BYTES: usize = 16 * 1024 * 1024;
/// Envelopes read at once.
const PAGE: usize = 16;

impl Replayer<'_> {
    /// The shift, if a fact of the bodycam is in it; and the number of the last envelope that was
    /// replayed, where there are more.
    pub(super) fn shift(
        &self,
        session: SessionId,
        device: DeviceId,
    ) -> Result<(Option<DutyStand>, Option<u64>), StoreError> {
        let known = self.store.session(session)?;
        let mut stand = DutyStand {
            session,
            duty: Duty::default(),
            ended_at: None,
            heard: Vec::new(),
        };
        let (mut any, mut events, mut bytes, mut through) = (false, 0, 0, 0);
        loop {
            let page = self
                .store
                .session_envelopes(session, device, through, PAGE)?;
            for stored in &page {
                events += 1;
                bytes += stored.envelope.ciphertext.len();
                if events > EVENTS || bytes > BYTES {
                    return Ok((any.then_some(stand), Some(through)));
                }
                through = stored.envelope.seq;
                // What does not open, or is not this session's, was flagged by itself.
                let Ok(fact) = self.opener.open(&stored.envelope) else {
                    continue;
                };
                if !is_sound(&self.fact_flags(&fact, device, known.as_ref())) {
                    continue;
                }
                match fact.kind {
                    FactKind::Bodycam { recorded } => {
                        any = true;
                        if let Event::PauseDecided { pause, granted } = recorded.event {
                            stand.heard.push((through, pause, granted));
                        }
                        stand.duty = record(self.edition, &stand.duty, &recorded);
                    }
                    FactKind::Session {
                        event: SessionEvent::Ended,
                    } => stand.ended_at = Some(fact.at),
                    _ => {}
                }
            }
            if page.len() < PAGE {
                return Ok((any.then_some(stand), None));
            }
        }
    }

    /// Whether the decision lacks the text that it needs, or has one that is too long.
    pub(super) fn incomplete(&self, event: &DeskEvent) -> bool {
        let text = match event {
            DeskEvent::PauseDecided { .. } => return false,
            DeskEvent::FaultAssigned { administrator, .. } => administrator,
            DeskEvent::FaultClosed { how, .. }
            | DeskEvent::IncidentClosed { how, .. }
            | DeskEvent::CustodySettled { how, .. } => how,
            DeskEvent::IncidentAsked { text, .. } => text,
            DeskEvent::IncidentReceived { .. }
            | DeskEvent::IncidentClassified { .. }
            | DeskEvent::IncidentLinked { .. } => return false,
        };
        text.trim().is_empty() || !self.edition.limits.hold(text)
    }
}
