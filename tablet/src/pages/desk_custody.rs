//! §16: the unit's tablets at the duty desk: who has each, since when, from whom; and what stands
//! against each other in a tablet's custody is settled.

use super::desk::{AlertRow, rows, short};
use super::{State, clock_text, day_and_time};
use protocol::{DeskRight, DeviceId, TabletHolder, TabletRow, TabletStanding};
use regulation::custody::{Level, Party};

#[derive(Clone, PartialEq, Eq)]
pub struct DeskCustodyView {
    pub tablets: Vec<UnitTablet>,
    /// What is to be settled, if that is what the page was opened for.
    pub conflict: Option<AlertRow>,
    pub text_problem: bool,
    /// Characters that a remark may have.
    pub text_chars: usize,
    /// §31: the role reports tablets lost and found, and unlocks them.
    pub orders: bool,
}

#[derive(Clone, PartialEq, Eq)]
pub struct UnitTablet {
    /// The beginning of its number.
    pub tablet: String,
    pub state: TabletState,
    /// Rank and name of who has it, or of who has handed it in.
    pub who: String,
    /// The place or the person on the other side.
    pub party: String,
    pub since: String,
    /// §13; `None`: not known.
    pub level: Option<Level>,
    pub damage: String,
    /// §31: photos of its condition.
    pub photos: usize,
    /// Empty: not heard since central was started.
    pub heard: String,
    pub device: DeviceId,
    /// §31, and since when.
    pub standing: TabletStanding,
    pub standing_since: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TabletState {
    OnDuty,
    /// With an officer whose shift is over.
    Held,
    HandedIn,
    /// Of a newer central.
    Unknown,
}

super::hidden_debug!(DeskCustodyView, UnitTablet);

pub(super) fn view(state: &State) -> DeskCustodyView {
    let desk = state.desk.as_ref();
    let board = desk.and_then(|desk| desk.board.as_ref());
    let open = desk.and_then(|desk| desk.conflict).map(|id| id.to_string());
    DeskCustodyView {
        tablets: board
            .map(|board| board.tablets.iter().map(|row| tablet(state, row)).collect())
            .unwrap_or_default(),
        conflict: rows(state)
            .into_iter()
            .find(|row| Some(&row.id) == open.as_ref()),
        text_problem: desk.is_some_and(|desk| desk.text_problem),
        text_chars: state.edition.limits.text_chars,
        orders: state
            .session
            .as_ref()
            .is_some_and(|session| session.role.may(DeskRight::Tablets)),
    }
}

pub(super) fn tablet(state: &State, row: &TabletRow) -> UnitTablet {
    let mut view = UnitTablet {
        tablet: short(row.device),
        state: TabletState::Unknown,
        who: String::new(),
        party: String::new(),
        since: String::new(),
        level: row.readiness,
        damage: row.damage.clone().unwrap_or_default(),
        photos: row.photos.len(),
        heard: row
            .heard_at
            .map(|at| clock_text(state, at))
            .unwrap_or_default(),
        device: row.device,
        standing: row.standing,
        standing_since: match row.standing {
            TabletStanding::Lost { since }
            | TabletStanding::KeysDestroyed { since }
            | TabletStanding::Wiped { since } => day_and_time(state, since),
            TabletStanding::Good | TabletStanding::Locked | TabletStanding::Unknown => {
                String::new()
            }
        },
    };
    let (shown, name, rank, other, since) = match &row.holder {
        TabletHolder::Officer {
            name,
            rank,
            since,
            from,
            on_duty: true,
        } => (TabletState::OnDuty, name, rank, from, since),
        TabletHolder::Officer {
            name,
            rank,
            since,
            from,
            on_duty: false,
        } => (TabletState::Held, name, rank, from, since),
        TabletHolder::Party {
            party,
            since,
            name,
            rank,
        } => (TabletState::HandedIn, name, rank, party, since),
        TabletHolder::Unknown => return view,
    };
    view.state = shown;
    view.who = format!("{rank} {name}");
    view.since = clock_text(state, *since);
    view.party = match other {
        Party::Place { place } => place.clone(),
        Party::Confirmed { name, .. } | Party::Named { name } => name.clone(),
    };
    view
}
