//! One event: the Regulation's word on it, then the vault, then the state.

use super::Worker;
use crate::pages::{Delivery, EncounterEntry, Notice};
use crate::vault::VaultError;
use protocol::{DeskEvent, Fact, FactKind, Question, SessionEvent, Urgency};
use regulation::encounter::{Encounter, Event, MACHINE_VERSION, Recorded, transition};
use regulation::{EncounterId, Timestamp};

/// The event was not recorded; the state says why to the officer.
pub(super) struct NotRecorded;

impl Worker {
    /// Records `event` now. See [`Worker::record_at`].
    pub(super) fn record(
        &mut self,
        encounter: EncounterId,
        event: Event,
    ) -> Result<(), NotRecorded> {
        self.record_at(encounter, self.parts.clock.now(), event, None)
    }

    /// Asks the machine, writes the fact to the vault, and only then changes the state: what the
    /// screen shows is on the disk.
    pub(super) fn record_at(
        &mut self,
        id: EncounterId,
        at: Timestamp,
        event: Event,
        question: Option<Question>,
    ) -> Result<(), NotRecorded> {
        let fresh = Encounter::default();
        let before = self
            .state
            .encounters
            .iter()
            .find(|e| e.id == id)
            .map_or(&fresh, |entry| &entry.encounter);
        let recorded = Recorded { at, event };
        let next = transition(&self.parts.edition, before, &recorded).map_err(|refusal| {
            self.state.refusal = Some(refusal);
            NotRecorded
        })?;
        // A withdrawal travels with its question: taken back in time, nothing is looked up.
        let urgent =
            question.is_some() || matches!(recorded.event, Event::QuestionWithdrawn { .. });
        let urgency = if urgent {
            Urgency::Question
        } else {
            Urgency::Ordinary
        };
        self.append(
            Some(id),
            urgency,
            FactKind::Encounter { recorded, question },
        )?;
        match self.state.entry_mut(id) {
            Some(entry) => {
                entry.encounter = next;
                entry.delivery.waiting += 1;
            }
            None => self.state.encounters.push(EncounterEntry {
                id,
                encounter: next,
                answers: Vec::new(),
                attention: false,
                delivery: Delivery {
                    waiting: 1,
                    ..Delivery::default()
                },
            }),
        }
        Ok(())
    }

    pub(super) fn record_session(&mut self, event: SessionEvent) -> Result<(), NotRecorded> {
        self.append(None, Urgency::Ordinary, FactKind::Session { event })
    }

    pub(super) fn record_desk(&mut self, event: DeskEvent) -> Result<(), NotRecorded> {
        self.append(None, Urgency::Alert, FactKind::Desk { event })
    }

    pub(super) fn append(
        &mut self,
        encounter: Option<EncounterId>,
        urgency: Urgency,
        kind: FactKind,
    ) -> Result<(), NotRecorded> {
        let Some(session) = &self.session else {
            return Err(NotRecorded);
        };
        let fact = Fact {
            edition: self.parts.edition.id.clone(),
            machine: MACHINE_VERSION,
            officer: session.officer.id,
            at: self.parts.clock.now(),
            uptime_ms: self.parts.clock.uptime_ms(),
            training: session.training,
            kind,
        };
        match self.parts.vault.append(session, encounter, urgency, &fact) {
            Ok(_) => {
                self.look_at_queue();
                if matches!(
                    self.state.notice,
                    Some(Notice::StorageFull | Notice::StorageFault)
                ) {
                    self.state.notice = None;
                }
                Ok(())
            }
            Err(error) => {
                tracing::error!(%error, "nothing was recorded");
                self.state.notice = Some(match error {
                    VaultError::Full => Notice::StorageFull,
                    _ => Notice::StorageFault,
                });
                Err(NotRecorded)
            }
        }
    }
}
