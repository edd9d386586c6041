//! §22: incident reports. A tap, the machine's word on it, the vault, the state.

use super::Worker;
use super::command::IncidentCommand;
use super::record::NotRecorded;
use crate::pages::{DeskWord, ReportForm, Screen};
use protocol::{FactKind, Urgency};
use regulation::incident::{Event, Recorded, Refusal, Report, record, transition};
use regulation::{EncounterId, IncidentId, Timestamp};

impl Worker {
    pub(super) fn incident(&mut self, command: IncidentCommand) {
        match command {
            IncidentCommand::Write => {
                // A report written in an encounter, open or just closed, grows out of it.
                let open = self.state.open_entry().map(|entry| entry.id);
                self.write_report(self.state.current.or(open));
            }
            IncidentCommand::Report(form) => {
                if self.report(form).is_ok() {
                    self.state.incident.done += 1;
                }
            }
            IncidentCommand::OpenList => self.open_report(None),
            IncidentCommand::Open(id) => self.open_report(Some(id)),
            IncidentCommand::Supplement { text } => {
                if self.supplement(text).is_ok() {
                    self.state.incident.done += 1;
                }
            }
        }
    }

    fn write_report(&mut self, from: Option<EncounterId>) {
        self.stop_capture();
        self.state.incident.from = from;
        // Photos of a report that was given up are on record, and are none of this one's.
        self.state.incident.draft = None;
        self.state.screen = Screen::Incident;
    }

    fn open_report(&mut self, id: Option<IncidentId>) {
        self.stop_capture();
        self.state.incident.open = id;
        self.state.screen = Screen::Reports;
    }

    /// Back to what the report was written from.
    pub(super) fn leave_report(&mut self) {
        match self.state.current {
            Some(id) => self.open_encounter(id),
            None => self.go_home(),
        }
    }

    fn report(&mut self, form: ReportForm) -> Result<(), NotRecorded> {
        if self.state.screen != Screen::Incident {
            return Err(NotRecorded);
        }
        let from = self.state.incident.from;
        let entry = from.and_then(|id| self.state.encounters.iter().find(|e| e.id == id));
        let began = entry.and_then(|entry| entry.encounter.opened_at);
        let now = self.parts.clock.now();
        let happened_at = match (form.ago, began) {
            (None, Some(began)) => began.min(now),
            (None, None) => now,
            (Some(minutes), _) => Timestamp(now.0 - i64::from(minutes) * 60_000),
        };
        let draft = self.state.incident.draft;
        let incident = draft.unwrap_or_else(|| IncidentId(uuid::Uuid::new_v4()));
        let report = Report {
            to: form.to(),
            kind: form.kind,
            happened_at,
            place: form.place.trim().to_owned(),
            encounter: entry.map(|entry| entry.id),
            people: entry.map(|e| e.known_people()).unwrap_or_default(),
            text: form.text.trim().to_owned(),
            photos: self.photos(),
        };
        self.record_incident(Event::Reported { incident, report })?;
        self.open_report(Some(incident));
        Ok(())
    }

    fn supplement(&mut self, text: String) -> Result<(), NotRecorded> {
        let Some(incident) = self.state.incident.open else {
            return Err(NotRecorded);
        };
        let text = text.trim().to_owned();
        let photos = self.photos();
        self.record_incident(Event::Supplemented {
            incident,
            text,
            photos,
        })
    }

    /// Asks the machine, writes the fact to the vault, and only then changes the state.
    fn record_incident(&mut self, event: Event) -> Result<(), NotRecorded> {
        let recorded = Recorded {
            at: self.parts.clock.now(),
            event,
        };
        let incidents = &self.state.incident.incidents;
        let next = match transition(&self.parts.edition, incidents, &recorded) {
            Ok(next) => next,
            Err(refusal) => return self.refuse_report(refusal),
        };
        let event = recorded.event.clone();
        // The duty unit waits for it.
        self.append(None, Urgency::Alert, FactKind::Incident { recorded })?;
        self.state.incident.incidents = next;
        self.incident_photos_named(&event);
        Ok(())
    }

    fn refuse_report<T>(&mut self, refusal: Refusal) -> Result<T, NotRecorded> {
        self.state.incident.refusal = Some(refusal);
        Err(NotRecorded)
    }

    pub(super) fn replay_incident(&mut self, recorded: &Recorded) {
        let edition = self.parts.edition.clone();
        let incidents = &mut self.state.incident.incidents;
        *incidents = record(&edition, incidents, recorded);
        self.incident_photos_named(&recorded.event);
    }

    /// Photos that the event names belong to no form any more.
    fn incident_photos_named(&mut self, event: &Event) {
        match event {
            Event::Reported { report, .. } => {
                self.state.photos_named(&report.photos);
                self.state.incident.draft = None;
            }
            Event::Supplemented { photos, .. } => self.state.photos_named(photos),
        }
    }

    /// `new`: not read back from the vault.
    pub(super) fn incident_received(&mut self, id: IncidentId, new: bool) {
        self.state.incident.desk.entry(id).or_default().received = true;
        self.desk_word(DeskWord::IncidentReceived, new);
    }

    pub(super) fn incident_asked(
        &mut self,
        id: IncidentId,
        at: Timestamp,
        text: String,
        new: bool,
    ) {
        let says = self.state.incident.desk.entry(id).or_default();
        says.asked.push((at, text));
        self.desk_word(DeskWord::IncidentAsked, new);
    }

    pub(super) fn incident_closed(&mut self, id: IncidentId, new: bool) {
        self.state.incident.desk.entry(id).or_default().closed = true;
        self.desk_word(DeskWord::IncidentClosed, new);
    }
}
