//! §31: one tablet of the unit at the desk: reported lost, found again, unlocked.

use super::State;
use super::desk::QueryProblem;
use super::desk_custody::{UnitTablet, tablet};
use protocol::{DeviceId, TabletOrder};

/// The tablet whose page is open at the desk.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeskTablet {
    pub device: Option<DeviceId>,
    /// Central is being asked to do this.
    pub asking: Option<TabletOrder>,
    /// Central has done this; what it means for the tablet comes with the board.
    pub done: Option<TabletOrder>,
    pub problem: Option<QueryProblem>,
}

#[derive(Clone, PartialEq, Eq)]
pub struct DeskTabletView {
    /// `None`: it is none of the unit any more.
    pub tablet: Option<UnitTablet>,
    /// It is this one, on which the desk works.
    pub own: bool,
    pub asking: Option<TabletOrder>,
    pub done: Option<TabletOrder>,
    pub problem: Option<QueryProblem>,
}

super::hidden_debug!(DeskTabletView);

pub(super) fn view(state: &State) -> DeskTabletView {
    let desk = state.desk.as_ref();
    let open = desk.map(|desk| desk.tablet).unwrap_or_default();
    let board = desk.and_then(|desk| desk.board.as_ref());
    let row = board.and_then(|board| {
        let mut rows = board.tablets.iter();
        rows.find(|row| Some(row.device) == open.device)
    });
    let session = state.session.as_ref().map(|session| session.id);
    DeskTabletView {
        tablet: row.map(|row| tablet(state, row)),
        own: board.is_some_and(|board| {
            let mut sessions = board.on_duty.iter();
            sessions.any(|row| Some(row.session) == session && Some(row.device) == open.device)
        }),
        asking: open.asking,
        done: open.done,
        problem: open.problem,
    }
}
