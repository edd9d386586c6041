//! §31: tablets of the unit, reported lost or found and unlocked from the desk. Asked of central while
//! somebody waits, and never by the outbox: an order that waits there would be taken for one that was
//! heard, while the tablet is in a stranger's hands.

use super::command::DeskTabletCommand;
use super::desk::problem_of;
use super::{Inner, Worker};
use crate::link::LinkError;
use crate::pages::{DeskTablet, QueryProblem, Screen};
use protocol::{DeskRight, TabletOrder, TabletOrdered, TabletRequest};

impl Worker {
    pub(super) fn desk_tablet(&mut self, command: DeskTabletCommand) {
        match command {
            DeskTabletCommand::Open(device) => {
                if !self.may(DeskRight::Tablets) {
                    return;
                }
                if let Some(desk) = self.state.desk.as_mut() {
                    desk.tablet = DeskTablet {
                        device: Some(device),
                        ..DeskTablet::default()
                    };
                    self.state.screen = Screen::DeskTablet;
                }
            }
            DeskTabletCommand::Order(order) => self.order_tablet(order),
        }
    }

    fn order_tablet(&mut self, order: TabletOrder) {
        let (link, session) = (self.link.clone(), self.session.clone());
        let Some(open) = self.open_tablet() else {
            return;
        };
        let Some(device) = open.device.filter(|_| open.asking.is_none()) else {
            return;
        };
        open.done = None;
        open.problem = None;
        let (Some(link), Some(session)) = (link, session) else {
            open.problem = Some(QueryProblem::NoConnection);
            return;
        };
        open.asking = Some(order);
        let inner = self.inner.clone();
        let request = TabletRequest { device, order };
        tokio::spawn(async move {
            let result = link.order_tablet(&session, request).await;
            // The worker ends before its tasks only at shutdown.
            let _ = inner.send(Inner::TabletOrdered { request, result });
        });
    }

    pub(super) fn tablet_ordered(
        &mut self,
        request: TabletRequest,
        result: Result<TabletOrdered, LinkError>,
    ) {
        let done = match &result {
            Ok(ordered) => {
                // What the row says until the next board comes.
                let board = self
                    .state
                    .desk
                    .as_mut()
                    .and_then(|desk| desk.board.as_mut());
                let mut rows = board.into_iter().flat_map(|board| &mut board.tablets);
                if let Some(row) = rows.find(|row| row.device == ordered.device) {
                    row.standing = ordered.standing;
                }
                true
            }
            Err(error) => {
                tracing::info!(%error, "central did not take the order about a tablet");
                false
            }
        };
        let Some(open) = self.open_tablet() else {
            return;
        };
        if open.device != Some(request.device) || open.asking != Some(request.order) {
            return;
        }
        open.asking = None;
        open.done = done.then_some(request.order);
        open.problem = result.err().map(|error| problem_of(&error));
    }

    fn open_tablet(&mut self) -> Option<&mut DeskTablet> {
        if self.state.screen != Screen::DeskTablet {
            return None;
        }
        Some(&mut self.state.desk.as_mut()?.tablet)
    }
}
