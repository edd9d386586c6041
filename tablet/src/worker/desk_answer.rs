//! Answers whose session had ended, and people found in sessions that are open, at the desk.

use super::command::DeskAnswerCommand;
use super::desk::problem_of;
use super::{Inner, Worker};
use crate::link::LinkError;
use crate::pages::{Decided, DeskAnswer, QueryProblem, Screen};
use protocol::{DeskEvent, DeskRight, LateAnswer};
use regulation::{EncounterId, QuestionId};

impl Worker {
    /// The desk knows of somebody wanted or missing.
    pub(super) fn see_found(&mut self, question: QuestionId) {
        self.decide_listed(DeskEvent::FoundSeen { question }, Decided::Found(question));
    }

    /// §9: the desk knows of the resistance.
    pub(super) fn see_resistance(&mut self, encounter: EncounterId) {
        let event = DeskEvent::ResistanceSeen { encounter };
        self.decide_listed(event, Decided::Resistance(encounter));
    }

    pub(super) fn desk_answer(&mut self, command: DeskAnswerCommand) {
        match command {
            DeskAnswerCommand::Open(question) => {
                if !self.may(DeskRight::Encounters) {
                    return;
                }
                if let Some(desk) = self.state.desk.as_mut() {
                    desk.answer = DeskAnswer {
                        id: Some(question),
                        ..DeskAnswer::default()
                    };
                    desk.text_problem = false;
                    self.state.screen = Screen::DeskAnswer;
                }
            }
            DeskAnswerCommand::Reveal(true) => self.look_at_answer(),
            DeskAnswerCommand::Reveal(false) => self.cover_answer(),
            DeskAnswerCommand::Settle { how } => self.settle_answer(&how),
        }
    }

    /// A finger rests on it: central is asked, and keeps that somebody looks.
    fn look_at_answer(&mut self) {
        let (link, session) = (self.link.clone(), self.session.clone());
        let Some(open) = self.open_answer() else {
            return;
        };
        let Some(question) = open.id.filter(|_| !open.held) else {
            return;
        };
        open.held = true;
        open.hold += 1;
        open.problem = None;
        let hold = open.hold;
        let (Some(link), Some(session)) = (link, session) else {
            open.problem = Some(QueryProblem::NoConnection);
            return;
        };
        let inner = self.inner.clone();
        tokio::spawn(async move {
            let result = link.late_answer(&session, question).await.map(Box::new);
            // The worker ends before its tasks only at shutdown.
            let _ = inner.send(Inner::LateAnswer { hold, result });
        });
    }

    pub(super) fn cover_answer(&mut self) {
        if let Some(open) = self.open_answer() {
            open.held = false;
            open.shown = None;
        }
    }

    /// Somebody else has dealt with it while it was held: the finger's leaving is not heard any more.
    pub(super) fn cover_settled_answer(&mut self) {
        let Some(question) = self.open_answer().and_then(|open| open.id) else {
            return;
        };
        let open = Decided::Answer(question);
        if !self.listed(|kind| open.is_of(kind)) {
            self.cover_answer();
        }
    }

    /// What comes after the finger has left is not kept.
    pub(super) fn late_answer_told(
        &mut self,
        hold: u64,
        result: Result<Box<LateAnswer>, LinkError>,
    ) {
        let Some(open) = self.open_answer() else {
            return;
        };
        if open.hold != hold {
            return;
        }
        match result {
            Ok(answer) if open.held && Some(answer.answer.question) == open.id => {
                open.shown = Some(answer);
            }
            Ok(_) => {}
            Err(error) => {
                tracing::info!(%error, "central does not show the answer");
                open.problem = Some(problem_of(&error));
            }
        }
    }

    /// `how`: in words; empty: it was passed on.
    fn settle_answer(&mut self, how: &str) {
        let Some(question) = self.open_answer().and_then(|open| open.id) else {
            return;
        };
        let how = match how.trim() {
            "" => None,
            _ => match self.filled_at_desk(how) {
                Some(how) => Some(how),
                None => return,
            },
        };
        let event = DeskEvent::AnswerSettled { question, how };
        if self.decide_listed(event, Decided::Answer(question)) {
            self.go_to_desk();
        }
    }

    fn open_answer(&mut self) -> Option<&mut DeskAnswer> {
        if self.state.screen != Screen::DeskAnswer {
            return None;
        }
        Some(&mut self.state.desk.as_mut()?.answer)
    }
}
