//! §22: an incident report at the duty desk.

use super::{Inner, Worker};
use crate::link::LinkError;
use crate::pages::{Decided, DeskIncident, DeskIncidentProblem, Screen, incident_of};
use protocol::{DeskBoard, DeskEvent, DeskRight, IncidentView};
use regulation::bodycam::Serial;
use regulation::{IncidentId, Timestamp};

use super::command::DeskIncidentCommand;

impl Worker {
    pub(super) fn desk_incident(&mut self, command: DeskIncidentCommand) {
        if let DeskIncidentCommand::Open(id) = command {
            return self.open_incident(id);
        }
        let Some((desk, id)) = self.open_desk_incident() else {
            return;
        };
        desk.problem = None;
        let event = match command {
            DeskIncidentCommand::Open(_) => return,
            DeskIncidentCommand::Receive => DeskEvent::IncidentReceived { incident: id },
            DeskIncidentCommand::Classify { class } => {
                if self.parts.edition.offence_class(&class).is_none() {
                    return;
                }
                let incident = id;
                DeskEvent::IncidentClassified { incident, class }
            }
            DeskIncidentCommand::Ask { text } => match self.filled(text) {
                Some(text) => DeskEvent::IncidentAsked { incident: id, text },
                None => return,
            },
            DeskIncidentCommand::Link { camera, minutes } => {
                match self.recording(id, &camera, minutes) {
                    Some(event) => event,
                    None => return,
                }
            }
            DeskIncidentCommand::Close { how } => match self.filled(how) {
                Some(how) => DeskEvent::IncidentClosed { incident: id, how },
                None => return,
            },
        };
        if self.is_sent(&event) || self.record_desk(event.clone()).is_err() {
            return;
        }
        let closed = matches!(event, DeskEvent::IncidentClosed { .. });
        if let Some(desk) = self.state.desk.as_mut() {
            desk.incident.sent.push(event);
            desk.incident.done += 1;
            if closed {
                desk.decided.push(Decided::Incident(id));
            }
        }
        if closed {
            self.go_to_desk();
        }
    }

    fn open_incident(&mut self, id: IncidentId) {
        if !self.may(DeskRight::Incidents) {
            return;
        }
        let Some(desk) = self.state.desk.as_mut() else {
            return;
        };
        desk.incident = DeskIncident {
            id: Some(id),
            ..DeskIncident::default()
        };
        self.state.screen = Screen::DeskIncident;
        self.ask_for_incident();
    }

    /// Asks central for what is open; what comes for another is dropped.
    pub(super) fn ask_for_incident(&mut self) {
        let (Some(link), Some(session)) = (self.link.clone(), self.session.clone()) else {
            return;
        };
        let Some((desk, id)) = self.open_desk_incident() else {
            return;
        };
        desk.asking = true;
        let inner = self.inner.clone();
        tokio::spawn(async move {
            let result = link.incident(&session, id).await.map(Box::new);
            // The worker ends before its tasks only at shutdown.
            let _ = inner.send(Inner::Incident { id, result });
        });
    }

    pub(super) fn incident_told(
        &mut self,
        id: IncidentId,
        result: Result<Box<IncidentView>, LinkError>,
    ) {
        let Some((desk, open)) = self.open_desk_incident() else {
            return;
        };
        if open != id {
            return;
        }
        desk.asking = false;
        match result {
            Ok(view) => {
                desk.failed = false;
                // What central has by now is not on its way any more.
                desk.sent
                    .retain(|sent| !view.history.iter().any(|step| step.event == *sent));
                desk.view = Some(view);
            }
            Err(error) => {
                tracing::info!(%error, "central does not show the incident");
                desk.failed = true;
            }
        }
    }

    /// A new board: central is asked again if what is open has gone on, or something decided here is
    /// to arrive. Every look at it is in central's audit journal: none without need.
    pub(super) fn look_at_open_incident(&mut self, before: Option<&DeskBoard>) {
        let Some(desk) = self.state.desk.as_ref() else {
            return;
        };
        let (open, now) = (&desk.incident, desk.board.as_ref());
        let Some(id) = open.id else {
            return;
        };
        let alert = |board| incident_of(board, id).map(|(alert, _)| alert);
        let gone_on = before.and_then(alert) != now.and_then(alert);
        if gone_on || open.failed || !open.sent.is_empty() {
            self.ask_for_incident();
        }
    }

    /// Everything is at central: what was decided here on the open incident is in its history by now,
    /// whether or not the board says anything new for it.
    pub(super) fn look_at_sent_decisions(&mut self) {
        let Some(desk) = self.state.desk.as_ref() else {
            return;
        };
        let open = &desk.incident;
        if self.state.queue.waiting == 0 && !open.sent.is_empty() && !open.asking {
            self.ask_for_incident();
        }
    }

    fn open_desk_incident(&mut self) -> Option<(&mut DeskIncident, IncidentId)> {
        if self.state.screen != Screen::DeskIncident {
            return None;
        }
        let desk = &mut self.state.desk.as_mut()?.incident;
        let id = desk.id?;
        Some((desk, id))
    }

    fn is_sent(&self, event: &DeskEvent) -> bool {
        let desk = self.state.desk.as_ref();
        desk.is_some_and(|desk| desk.incident.sent.contains(event))
    }

    fn filled(&mut self, text: String) -> Option<String> {
        match self.typed_text(&text) {
            Some(text) => Some(text),
            None => self.problem(DeskIncidentProblem::Text),
        }
    }

    fn problem<T>(&mut self, problem: DeskIncidentProblem) -> Option<T> {
        if let Some((desk, _)) = self.open_desk_incident() {
            desk.problem = Some(problem);
        }
        None
    }

    /// A bodycam's recording from so many minutes before it happened until so many after its report.
    fn recording(&mut self, id: IncidentId, camera: &str, minutes: u16) -> Option<DeskEvent> {
        let Ok(camera) = camera.parse::<Serial>() else {
            return self.problem(DeskIncidentProblem::Serial);
        };
        let (happened_at, reported_at) = self.times_of(id)?;
        let margin = i64::from(minutes) * 60_000;
        Some(DeskEvent::IncidentLinked {
            incident: id,
            camera,
            from: Timestamp(happened_at.0.saturating_sub(margin)),
            to: Timestamp(reported_at.0.saturating_add(margin)),
        })
    }

    fn times_of(&self, id: IncidentId) -> Option<(Timestamp, Timestamp)> {
        let desk = self.state.desk.as_ref()?;
        if let Some(view) = &desk.incident.view {
            return Some((view.incident.report.happened_at, view.incident.at));
        }
        let (alert, report) = incident_of(desk.board.as_ref()?, id)?;
        Some((report.happened_at, alert.at))
    }
}
