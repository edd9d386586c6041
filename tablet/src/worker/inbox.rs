//! Answers: to the encounter that asked, and to no other.

use super::Worker;
use super::session::calls_attention;
use crate::pages::{CaptureState, DeskWord, Screen};
use protocol::{Answer, Message, MessageBody};
use regulation::encounter::{Event, QuestionStatus};

impl Worker {
    /// `new`: not read back from the vault.
    pub(super) fn message(&mut self, message: Message, new: bool) {
        if self.session.as_ref().map(|s| s.id) != Some(message.session) {
            tracing::debug!("a message of another session dropped");
            return;
        }
        self.take(message.body, new);
    }

    /// What the desk has said is told until it is read. `new`: not read back from the vault.
    pub(super) fn desk_word(&mut self, word: DeskWord, new: bool) {
        if new {
            self.state.word = Some(word);
        }
    }

    fn take(&mut self, body: MessageBody, new: bool) {
        match body {
            MessageBody::Answer { answer } => take(self, answer),
            MessageBody::OfficerChanged { officer } => {
                if let Some(session) = &mut self.state.session {
                    session.name.clone_from(&officer.name);
                    session.rank.clone_from(&officer.rank);
                    session.unit.clone_from(&officer.unit);
                    session.role = officer.role;
                }
            }
            MessageBody::PauseDecided { pause, granted } => self.pause_decided(pause, granted),
            MessageBody::FaultAssigned {
                fault,
                administrator,
            } => self.fault_assigned(fault, administrator, new),
            MessageBody::FaultClosed { fault } => self.fault_closed(fault, new),
            MessageBody::IncidentReceived { incident } => self.incident_received(incident, new),
            MessageBody::IncidentAsked { incident, at, text } => {
                self.incident_asked(incident, at, text, new);
            }
            MessageBody::IncidentClosed { incident } => self.incident_closed(incident, new),
            MessageBody::MeansHandedOver { .. } => self.desk_word(DeskWord::MeansHandedOver, new),
            MessageBody::MeansDeleted { .. } => self.desk_word(DeskWord::MeansDeleted, new),
            MessageBody::Unknown => tracing::info!("a message of an unknown kind is kept"),
        }
    }
}

/// The vault has the message already; this makes it part of the record and of the page. Called for
/// a message again after a restart: what is recorded stays recorded once.
fn take(worker: &mut Worker, answer: Box<Answer>) {
    let (id, question) = (answer.encounter, answer.question);
    let status = worker
        .state
        .entry_mut(id)
        .and_then(|entry| entry.encounter.question(question).map(|q| q.status));
    match status {
        Some(QuestionStatus::Waiting) => {
            let event = Event::AnswerArrived {
                question,
                answer: answer.result.kind(),
            };
            if worker.record(id, event).is_err() {
                // A full disk. The message is in the vault; its arrival is recorded when there is
                // room again.
                worker.unrecorded.push(MessageBody::Answer { answer });
                return;
            }
        }
        Some(QuestionStatus::Answered { .. }) => {}
        Some(QuestionStatus::Withdrawn) => {
            tracing::info!("an answer to a withdrawn question is kept, and not shown");
            return;
        }
        None => {
            tracing::warn!("an answer to no question of this shift is kept, and not shown");
            return;
        }
    }
    let Some(entry) = worker.state.entry_mut(id) else {
        return;
    };
    if entry.answer(question).is_none() {
        entry.answers.push(*answer);
    }
    entry.attention = calls_attention(&entry.encounter);
    if worker.state.current == Some(id) {
        worker.show_answer_if_awaited();
    }
}

impl Worker {
    /// An answer comes to the page at once, unless the officer's hands are at something else: a
    /// running capture, a document being typed. Then it comes when that is done.
    pub(super) fn show_answer_if_awaited(&mut self) {
        let busy = matches!(self.state.capture, CaptureState::Running { .. });
        match self.state.screen {
            Screen::Pending | Screen::Method | Screen::NoFingerprint | Screen::Outcome => {}
            Screen::Finger if !busy => {}
            _ => return,
        }
        let unseen = self
            .state
            .current_entry()
            .is_some_and(|entry| entry.has_unseen_answer());
        if unseen {
            self.go_to_answer();
        }
    }

    /// The page with the answer that is to be looked at next, covered.
    pub(super) fn go_to_answer(&mut self) {
        let next = self
            .state
            .current_entry()
            .and_then(|entry| entry.next_answer());
        if let Some(question) = next.map(|answer| answer.question) {
            self.state.shown_question = Some(question);
            self.state.candidate = 0;
            self.state.revealed = false;
            self.state.screen = Screen::Answer;
        }
    }

    /// Messages whose arrival could not be recorded on a full disk: tried again.
    pub(super) fn record_unrecorded(&mut self) {
        for body in std::mem::take(&mut self.unrecorded) {
            self.take(body, false);
        }
    }
}
