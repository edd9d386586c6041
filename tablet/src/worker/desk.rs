//! The duty desk: what it is told, and what it decides (§20, §21).

use super::Worker;
use crate::link::LinkError;
use crate::pages::{
    Decided, DeskAnswer, DeskFigures, DeskIncident, DeskPhoto, DeskState, DeskTablet, QueryProblem,
    Screen,
};
use protocol::{AlertKind, DeskBoard, DeskEvent, DeskRight, ErrorCode};
use regulation::{CustodyId, FaultId, PauseId};

impl Worker {
    /// Whether the officer's role has a desk: it is home then.
    pub(super) fn has_desk(&self) -> bool {
        self.session
            .as_ref()
            .is_some_and(|session| session.officer.role.has_desk())
    }

    /// Whether the officer's role sees and decides this at a desk.
    pub(super) fn may(&self, right: DeskRight) -> bool {
        let session = self.state.session.as_ref();
        session.is_some_and(|session| session.role.may(right))
    }

    pub(super) fn board(&mut self, board: DeskBoard) {
        if !self.has_desk() {
            return;
        }
        let desk = self.state.desk.get_or_insert_with(DeskState::default);
        // What was decided here and is listed no more has arrived.
        desk.decided
            .retain(|decided| board.alerts.iter().any(|alert| decided.is_of(&alert.kind)));
        let before = desk.board.replace(board);
        self.call_to_board(before.as_ref());
        self.cover_settled_answer();
        self.look_at_open_incident(before.as_ref());
    }

    pub(super) fn decide_pause(&mut self, pause: PauseId, granted: bool) {
        let event = DeskEvent::PauseDecided { pause, granted };
        self.decide_listed(event, Decided::Pause(pause));
    }

    pub(super) fn open_fault(&mut self, fault: FaultId) {
        if let Some(desk) = self.state.desk.as_mut() {
            desk.fault = Some(fault);
            desk.text_problem = false;
            self.state.screen = Screen::DeskFault;
        }
    }

    /// `text`: the administrator's name, or how the fault was closed.
    pub(super) fn decide_fault(&mut self, text: &str, close: bool) {
        let Some(fault) = self.state.desk.as_ref().and_then(|desk| desk.fault) else {
            return;
        };
        let Some(text) = self.filled_at_desk(text) else {
            return;
        };
        let open =
            self.listed(|kind| matches!(kind, AlertKind::Fault { fault: id, .. } if *id == fault));
        let (event, decided) = if close {
            (
                DeskEvent::FaultClosed { fault, how: text },
                Decided::Closed(fault),
            )
        } else {
            (
                DeskEvent::FaultAssigned {
                    fault,
                    administrator: text,
                },
                Decided::Assigned(fault),
            )
        };
        if !open || self.is_decided(decided) || self.decide(event, decided) {
            self.go_to_desk();
        }
    }

    pub(super) fn open_tablets(&mut self, conflict: Option<CustodyId>) {
        if !self.may(DeskRight::Custody) {
            return;
        }
        let desk = self.state.desk.get_or_insert_with(DeskState::default);
        desk.conflict = conflict;
        desk.text_problem = false;
        self.state.screen = Screen::DeskCustody;
    }

    pub(super) fn settle_custody(&mut self, how: &str) {
        let Some(custody) = self.state.desk.as_ref().and_then(|desk| desk.conflict) else {
            return;
        };
        let Some(how) = self.filled_at_desk(how) else {
            return;
        };
        let event = DeskEvent::CustodySettled { custody, how };
        if self.decide_listed(event, Decided::Custody(custody)) {
            self.go_to_desk();
        }
    }

    /// The text, if there is one and it is not too long; otherwise the page says so.
    pub(super) fn filled_at_desk(&mut self, text: &str) -> Option<String> {
        let typed = self.typed_text(text);
        if let Some(desk) = self.state.desk.as_mut().filter(|_| typed.is_none()) {
            desk.text_problem = true;
        }
        typed
    }

    /// A text of the desk, without blanks around it; `None`: there is none, or it is too long.
    pub(super) fn typed_text(&self, text: &str) -> Option<String> {
        let text = text.trim();
        let fits = !text.is_empty() && self.parts.edition.limits.hold(text);
        fits.then(|| text.to_owned())
    }

    pub(super) fn go_to_desk(&mut self) {
        if let Some(desk) = self.state.desk.as_mut() {
            desk.fault = None;
            desk.conflict = None;
            desk.means = None;
            desk.incident = DeskIncident::default();
            desk.answer = DeskAnswer::default();
            desk.figures = DeskFigures::default();
            desk.tablet = DeskTablet::default();
            desk.photo = DeskPhoto::default();
        }
        self.state.screen = Screen::Desk;
    }

    pub(super) fn decide(&mut self, event: DeskEvent, decided: Decided) -> bool {
        let recorded = self.record_desk(event).is_ok();
        if let Some(desk) = self.state.desk.as_mut().filter(|_| recorded) {
            desk.decided.push(decided);
        }
        recorded
    }

    /// Decides what the board lists; whether nothing is left to decide: it is recorded now, or was, or the
    /// board lists it no more.
    pub(super) fn decide_listed(&mut self, event: DeskEvent, decided: Decided) -> bool {
        let listed = self.listed(|kind| decided.is_of(kind));
        !listed || self.is_decided(decided) || self.decide(event, decided)
    }

    pub(super) fn is_decided(&self, decided: Decided) -> bool {
        let desk = self.state.desk.as_ref();
        desk.is_some_and(|desk| desk.decided.contains(&decided))
    }

    pub(super) fn listed(&self, is: impl Fn(&AlertKind) -> bool) -> bool {
        let board = self
            .state
            .desk
            .as_ref()
            .and_then(|desk| desk.board.as_ref());
        board.is_some_and(|board| board.alerts.iter().any(|alert| is(&alert.kind)))
    }
}

/// What a desk is told of a question that central did not answer.
pub(super) fn problem_of(error: &LinkError) -> QueryProblem {
    match error {
        LinkError::Central(error) => match error.code {
            ErrorCode::NotAllowed => QueryProblem::NotAllowed,
            ErrorCode::NotFound => QueryProblem::Gone,
            _ => QueryProblem::Refused,
        },
        LinkError::Network | LinkError::CentralDown | LinkError::Timeout => {
            QueryProblem::NoConnection
        }
        _ => QueryProblem::Refused,
    }
}
